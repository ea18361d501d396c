# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What can be seen of a connection: state changes as events at both ends,
# /proc/net/ttp, and the tool's tables.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# One connection from A to B, 64 KiB; A closes first.
connection()
{
	two_hosts
	carry 64
	wait_for 5 is 1 sockets A TIME_WAIT
}

# event_states HOST: the states that its connections went through, by the
# monitor's JSON lines in $work/events; the listener is not among them
event_states()
{
	grep -e '"event": *"state"' "$work/events" | grep -e "\"ns\": *\"$nspre$1\"" |
		awk '!/"state": *"LISTEN"/ && !(/"from": *"LISTEN"/ && /"state": *"CLOSED"/)' |
		sed 's/.*"state": *"\([A-Z_0-9]*\)".*/\1/' | tr '\n' ' '
}

# monitor [HOSTS]: of A and B, once HOSTS has made them
monitor()
{
	needs_tool
	"${1:-two_hosts}"
	"$tool" monitor -j -N "${nspre}A" -N "${nspre}B" --ready "$work/ready" \
		>"$work/events" 2>"$work/monitor.err" </dev/null &
	monitor=$!
	echo $monitor >>"$work/pids"
	wait_for 5 test -e "$work/ready"
}

# monitored_connection [KIB]: from ready until all is closed
monitored_connection()
{
	monitor
	in_ A sysctl -qw net.ttp.msl_ms=200
	carry "${1:-64}"
	wait_for 5 is 0 sockets A
	wait_for 5 is 0 sockets B
	wait_for 5 grep -qe '"from": *"TIME_WAIT"' "$work/events"
	kill -INT "$monitor"
	wait "$monitor" || :
	cat "$work/events"
}

expect_states()
{
	local came
	came=$(event_states "$1")
	[ "$came" = "$2 " ] || fail "host $1: expected the states $2, came $came"
}

both_ends_tell_their_states()
{
	monitored_connection
	expect_states A "SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED"
	expect_states B "SYN_RCVD ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED"
}

segments_are_told_at_both_ends()
{
	local out in
	monitored_connection
	out=$(grep -e '"event": *"segment"' "$work/events" | grep -e "\"ns\": *\"${nspre}A\"" | grep -ce '"direction": *"out"')
	in=$(grep -e '"event": *"segment"' "$work/events" | grep -e "\"ns\": *\"${nspre}B\"" | grep -ce '"direction": *"in"')
	[ "$((out < in ? out : in))" -ge 5 ] ||
		fail "expected at least 5 segments out of A and into B, came $out and $in"
}

events_have_causes()
{
	monitored_connection
	grep -e '"event": *"state"' "$work/events" | grep -v '"cause": *"..*"' >"$work/without" &&
		fail "expected a cause in each event, came $(head -n 1 "$work/without")"
	return 0
}

# What a segment does comes after its arrival, and before anything else is sent.
causes_come_before_effects()
{
	monitored_connection 1
	awk '
	function value(name) {
		return match($0, "\"" name "\": *[^,}]*") ? substr($0, RSTART, RLENGTH) : ""
	}
	{ host = value("ns"); time = value("time_ns"); sub(/.*: */, "", time) }
	time + 0 < last[host] { print "earlier than the line before: " $0 }
	{ last[host] = time + 0 }
	/"event": *"segment"/ { came[host] = /"direction": *"in"/ ? value("seq") value("flags") : "" }
	/"cause_kind": *"segment"/ && came[host] != value("seq") value("flags") { print "without its arrival: " $0 }
	/"cause_kind": *"segment"/ { effects++ }
	END { if (effects != 7) print effects " effects, expected 7" }' "$work/events" >"$work/wrong"
	[ ! -s "$work/wrong" ] || fail "expected causes first, came $(head -n 1 "$work/wrong")"
}

# Each side's times in a ladder, from top to bottom
ladder_times_go_forward()
{
	needs_tool
	monitored_connection 1
	"$tool" ladder -A -r "$work/events" >"$work/ladder"
	cat "$work/ladder"
	cut -c1-9 "$work/ladder" | grep -oE -- '-?[0-9]+\.[0-9]{3}' >"$work/left"
	grep -oE -- ' -?[0-9]+\.[0-9]{3}$' "$work/ladder" >"$work/right"
	if [ "$(wc -l <"$work/left")" -le 7 ] || [ "$(wc -l <"$work/right")" -le 7 ]; then
		fail "expected times at both sides, came $(cat "$work/ladder")"
	fi
	awk 'FNR > 1 && $1 < last { exit 1 } { last = $1 + 0 }' "$work/left" "$work/right" ||
		fail "expected times that go forward, came $(paste "$work/left" "$work/right")"
}

# said HOST PATTERN: an event of this host has it
said() { grep -e "\"ns\": *\"$nspre$1\"" "$work/events" | grep -qe "$2"; }

# wait_until_said HOST ATTRIBUTE WORDS
wait_until_said() { wait_for 10 said "$1" "\"$2\": *\"$3\""; }

# A SYN that a listener has no room for: whose it was, is told, too.
a_SYN_that_a_listener_drops_is_told()
{
	monitor
	in_ B sysctl -qw net.ttp.syncookies=0 net.ttp.max_syn_backlog=0
	start listener B "$tool" listen 5000
	wait_for 5 is 1 sockets B LISTEN
	start sender A "$tool" connect -i /dev/null 10.0.0.2 5000
	wait_until_said B drop ListenDrops
	said B '"daddr": *"10\.0\.0\.1".*"drop"' ||
		fail "expected 10.0.0.1's SYN, came $(grep '"drop"' "$work/events")"
	in_ B sysctl -qw net.ttp.syncookies=1
	finish "$started" sender
}

# A reader that is slow to begin
zero_windows_are_told()
{
	monitor
	# shellcheck disable=SC2016 # for the inner shell
	start listener B sh -c '"$0" listen 5000 | { until [ -e "$1" ]; do sleep 0.1; done; cat >/dev/null; }' \
		"$tool" "$work/go"
	wait_for 5 is 1 sockets B LISTEN
	head -c 4000000 /dev/zero >"$work/zeros"
	start sender A "$tool" connect -i "$work/zeros" 10.0.0.2 5000
	wait_until_said A purpose 'zero window probe'
	wait_until_said B answer 'zero window probe: ACK'
	: >"$work/go"
	wait_until_said B purpose 'window update'
	finish "$started" sender
}

# The last ACK of a connection is lost, and A is in TIME_WAIT.
a_FIN_that_comes_again_is_told()
{
	monitor
	mkfifo "$work/input"
	start listener B "$tool" listen -v -i "$work/input" 5000
	exec 8<>"$work/input"
	wait_for 5 grep -q ^listening "$work/listener.err"
	start sender A "$tool" connect -i /dev/null 10.0.0.2 5000 8>&-
	wait_for 5 is 1 sockets A FIN_WAIT_2
	netem_at A toB loss 100%
	exec 8>&-
	wait_for 5 is 1 sockets A TIME_WAIT
	wait_until_said B purpose 'RTO'
	wait_until_said A answer 'FIN again: ACK, 2 MSL anew'
	in_ A tc qdisc del dev toB root
	finish "$started" sender
	! grep -q '"drop"' "$work/events" || fail "expected that nothing was dropped, came $(grep -m 1 '"drop"' "$work/events")"
}

lossy_hosts()
{
	three_hosts
	netem_at R toB delay 2ms loss 5%
}

recovery_is_told()
{
	monitor lossy_hosts
	carry 1024
	wait_until_said A purpose 'fast retransmit'
	wait_until_said B purpose 'duplicate ACK'
	! grep '"retransmission": *true' "$work/events" | grep -v '"purpose"' >"$work/without" ||
		fail "expected a reason for each retransmission, came $(head -n 1 "$work/without")"
	"$tool" ladder -A -F -r "$work/events" >"$work/ladder"
	grep -q '(fast retransmit)' "$work/ladder" || fail "expected '(fast retransmit)' in the ladder"
}

# numbers_of HOST GROUP: of its events, in their order
numbers_of()
{
	grep -e "\"event\": *\"$2\"" "$work/events" | grep -e "\"ns\": *\"$nspre$1\"" |
		sed 's/.*"event_seq": *\([0-9]*\).*/\1/' | sort -n
}

# Two connections, of which one port is asked for: the kernel numbers only its events, from 0
# on, so the others were not sent.
a_port_is_filtered_in_the_kernel()
{
	local group
	needs_tool
	two_hosts
	"$tool" monitor -j state segment -N "${nspre}A" -N "${nspre}B" --ready "$work/ready" \
		"port 5001 or port 7" >"$work/events" 2>"$work/monitor.err" </dev/null &
	monitor=$!
	echo $monitor >>"$work/pids"
	wait_for 5 test -e "$work/ready"
	start listener B "$tool" listen 5000
	wait_for 5 is 1 sockets B LISTEN
	start other A "$tool" connect -i /dev/null 10.0.0.2 5000
	finish "$started" other
	carry 16
	kill -INT "$monitor"
	wait "$monitor" || :
	! grep 'port": *5000' "$work/events" || fail "expected nothing of port 5000"
	for group in state segment; do
		numbers_of B $group >"$work/numbers"
		[ "$(wc -l <"$work/numbers")" -gt 4 ] || fail "expected events of $group, came $(cat "$work/numbers")"
		seq 0 $(($(wc -l <"$work/numbers") - 1)) | diff - "$work/numbers" ||
			fail "expected numbers of $group from 0 on without a gap, came $(cat "$work/numbers")"
	done
}

proc_sockets_names_states()
{
	connection
	in_ A cat /proc/net/ttp/sockets
	in_ A head -n 1 /proc/net/ttp/sockets | grep -qE '^ *state +local(:port)? +remote(:port)? +recv-q +send-q' ||
		fail "expected the columns state local remote recv-q send-q, came $(in_ A head -n 1 /proc/net/ttp/sockets)"
	in_ A grep -qE '^ *TIME_WAIT +10\.0\.0\.1:[0-9]+ +10\.0\.0\.2:5001 ' /proc/net/ttp/sockets ||
		fail "expected TIME_WAIT 10.0.0.1:PORT 10.0.0.2:5001, came $(in_ A sed 1d /proc/net/ttp/sockets)"
	[ "$(sockets B)" = 0 ] || fail "expected nothing at B, came $(in_ B sed 1d /proc/net/ttp/sockets)"
}

proc_stats_counts()
{
	connection
	in_ A cat /proc/net/ttp/stats
	[ "$(counter A ActiveOpens)" = 1 ] || fail "ActiveOpens of A: expected 1, came $(counter A ActiveOpens)"
	[ "$(counter B PassiveOpens)" = 1 ] || fail "PassiveOpens of B: expected 1, came $(counter B PassiveOpens)"
	[ "$(counter A InCsumErrors)" = 0 ] || fail "InCsumErrors of A: expected 0, came $(counter A InCsumErrors)"
	[ "$(counter A OutSegs)" -ge 5 ] || fail "OutSegs of A: expected 5 or more, came $(counter A OutSegs)"
	[ "$(counter B InSegs)" = $(($(counter A OutSegs) + $(counter A RetransSegs))) ] ||
		fail "InSegs of B: expected what A has sent, $(counter A OutSegs) and $(counter A RetransSegs) again, came $(counter B InSegs)"
}

proc_protocols_has_ours()
{
	local name names=(TTP TTP-DATAGRAM)
	[ ! -e /proc/net/if_inet6 ] || names+=(TTPv6 TTPv6-DATAGRAM)
	for name in "${names[@]}"; do
		grep -q "^$name " /proc/net/protocols ||
			fail "expected a line $name, came $(cat /proc/net/protocols)"
	done
}

tool_shows_the_same_as_proc()
{
	needs_tool
	connection
	"$tool" show -an -N "${nspre}A" | tee "$work/show"
	grep -q '10\.0\.0\.2:5001' "$work/show" || fail "expected a line with 10.0.0.2:5001, came $(cat "$work/show")"
	[ "$("$tool" show -aH -N "${nspre}A" | wc -l)" = "$(sockets A)" ] ||
		fail "expected as many lines as /proc has sockets, $(sockets A)"
}

# What /proc says of each socket, from what ttp show -j says: keys are in lines of their own.
rows_of_show()
{
	awk '
		function value(name) { return name in of ? of[name] : "-" }
		/^    "/ { gsub(/[":]/, "", $1); gsub(/[",]/, "", $2); of[$1] = $2 }
		/^  }/ {
			print value("state"), value("saddr") ":" value("sport"), value("daddr") ":" value("dport"),
				value("rqueue"), value("wqueue"), value("timer") == "none" ? "-" : value("timer"),
				value("timer_ms"), value("retransmits"), value("cwnd"), value("ssthresh"),
				value("srtt_us"), value("rto_us"), value("snd_wnd"), value("rcv_wnd"),
				value("uid"), value("inode"), value("id")
			delete of
		}'
}

centiseconds() { awk '{ print int($1 * 100) }' /proc/uptime; }

# 10,000 sockets of connections and the listeners: line by line, each field of /proc
ten_thousand_sockets_are_the_same_in_both()
{
	local began proc show word
	needs_tool
	host A
	start holder A "$here/bin/holder" many 5000
	wait_for 60 grep -q ready "$work/holder"
	began=$(centiseconds)
	in_ A cat /proc/net/ttp/sockets >"$work/proc"
	proc=$(($(centiseconds) - began)) began=$(centiseconds)
	in_ A "$tool" show -aj >"$work/json"
	show=$(($(centiseconds) - began))
	sed 1d "$work/proc" | tr -s ' ' | sort >"$work/proc.rows"
	rows_of_show <"$work/json" | sort >"$work/show.rows"
	[ "$(wc -l <"$work/proc.rows")" -ge 10000 ] ||
		fail "expected 10,000 lines, came $(wc -l <"$work/proc.rows")"
	is "$(wc -l <"$work/proc.rows")" wc -l <"$work/show.rows"
	diff "$work/proc.rows" "$work/show.rows" >"$work/diff" ||
		fail "expected the same, came $(grep -m 2 '^[-<]' "$work/diff"; grep -m 3 '^[+>]' "$work/diff")"
	for word in LISTEN ESTABLISHED FIN_WAIT_2 CLOSE_WAIT; do
		grep -q "^$word" "$work/proc.rows" || fail "expected sockets in $word"
	done
	note "$(wc -l <"$work/proc.rows") in $((proc * 10)) ms by /proc, in $((show * 10)) ms by ttp show -aj"
}

tool_counts_the_same_as_proc()
{
	local name value
	needs_tool
	connection
	"$tool" stats -asz -N "${nspre}A" | tee "$work/stats"
	while read -r name value; do
		grep -qE "^$name +$value( |$)" "$work/stats" ||
			fail "expected $name $value, came $(grep -w "$name" "$work/stats")"
	done < <(in_ A cat /proc/net/ttp/stats)
}

tool_has_the_transitions_of_proc()
{
	needs_tool
	connection
	"$tool" -n "${nspre}A" states | tee "$work/states"
	[ "$(grep -cE '[A-Z_0-9]+ +[A-Z_0-9]+ ' "$work/states")" -ge "$(in_ A sed 1d /proc/net/ttp/states | wc -l)" ] ||
		fail "expected as many transitions as /proc has: $(in_ A sed 1d /proc/net/ttp/states | wc -l)"
	grep -E 'FIN_WAIT_2 +TIME_WAIT' "$work/states" | grep -qw 1 ||
		fail "expected FIN_WAIT_2 to TIME_WAIT once, came $(grep -E 'FIN_WAIT_2 +TIME_WAIT' "$work/states")"
}

# the columns of /proc/net/ttp/history that are named, of A's connections
history()
{
	# shellcheck disable=SC2016 # for awk
	in_ A awk -v names="$*" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(names, name); next }
		{ for (i = 1; i <= n; i++) printf "%s%s", $at[name[i]], i < n ? " " : "\n" }' /proc/net/ttp/history
}

has_ended() { [ "$(history to | tail -n 1)" = TIME_WAIT ]; }

history_of_what_is_gone()
{
	needs_tool
	connection
	[ -z "$(history id)" ] || fail "expected none unless asked for, came: $(history id from to)"
	in_ A sysctl -qw net.ttp.history=2
	for _ in 1 2 3; do carry 64; done
	wait_for 5 has_ended
	history id remote from to by | tee "$work/history"
	[ "$(history id | uniq | wc -l)" = 2 ] || fail "expected two connections, came $(history id | uniq | wc -l)"
	[ "$(history from to by | head -n 5 | tr '\n' ,)" = "CLOSED SYN_SENT user,SYN_SENT ESTABLISHED segment,ESTABLISHED FIN_WAIT_1 user,FIN_WAIT_1 FIN_WAIT_2 segment,FIN_WAIT_2 TIME_WAIT segment," ] ||
		fail "expected an active close, came: $(history from to by)"
	history time-s | sort -nc || fail "expected times in order, came: $(history time-s)"
	in_ A sysctl -qw net.ttp.history=0
	carry 64
	[ "$(history id | uniq | wc -l)" = 2 ] || fail "expected nothing more, came $(history id | uniq | wc -l)"
}

observers_while_connections_come_and_go()
{
	local i
	needs_tool
	monitor
	for i in 1 2; do
		# shellcheck disable=SC2016 # for the inner shell
		start "observer$i" A sh -c \
			'while :; do cat /proc/net/ttp/sockets; "$0" show -a; done >/dev/null' "$tool"
	done
	TTP_TEST_HERE=1 in_ A "$here/bin/many" thousand | tee "$work/many"
	grep -q '^ok' "$work/many" || fail "expected the connections to work, came $(grep '^not ok' "$work/many")"
	! grep . "$work/observer1.err" "$work/observer2.err" || fail "expected no error of an observer"
}

# Who knows the numbers can inject text into another user's connection.
sequence_numbers_are_for_the_administrator()
{
	local as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	needs_tool
	host A
	start holder A "$here/bin/holder"
	wait_for 10 grep -q ready "$work/holder"
	in_ A "$tool" show -i >"$work/root"
	grep -q snd.nxt "$work/root" || fail "expected root to see SND.NXT, came $(cat "$work/root")"
	in_ A "${as[@]}" "$tool" show -i >"$work/other" || fail "expected anyone to see sockets"
	grep -q ESTABLISHED "$work/other" || fail "expected anyone to see states, came $(cat "$work/other")"
	! grep -E 'snd.(una|nxt)|rcv.nxt' "$work/other" || fail "expected no sequence numbers for nobody"
	! in_ A "${as[@]}" "$tool" monitor -c 1 2>"$work/refused" || fail "expected monitor to be refused"
	grep -q 'no permission' "$work/refused" || fail "expected 'no permission', came $(cat "$work/refused")"
}

# A listener in one namespace, and a transfer in another: its events are numbered, of which hardly any
# was made before the listener asked for them.
nobody_listens_elsewhere()
{
	local receiver first
	monitor two_hosts
	host C
	start receiver C "$here/bin/bulk" listen 127.0.0.1 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	in_ C "$here/bin/bulk" send 127.0.0.1 5001 16384
	finish "$receiver" receiver
	start elsewhere C "$tool" monitor -j --ready "$work/ready.C" segment
	wait_for 5 test -e "$work/ready.C"
	! in_ C "$tool" connect -w 5 127.0.0.1 7 2>/dev/null || fail "expected that nobody is there"
	wait_for 5 grep -q event_seq "$work/elsewhere"
	first=$(sed -n 's/.*"event_seq": *\([0-9]*\).*/\1/p' "$work/elsewhere" | head -n 1)
	[ "$first" -lt 300 ] || fail "expected that no events are made for nobody, came number $first"
	note "the first has number $first"
}

it events.both_ends_tell_their_states_in_order 60 both_ends_tell_their_states
it events.segments_are_told_at_both_ends 60 segments_are_told_at_both_ends
it events.have_causes 60 events_have_causes
it events.causes_come_before_effects 60 causes_come_before_effects
it events.ladder_times_go_forward 60 ladder_times_go_forward
it events.zero_windows_are_told 60 zero_windows_are_told
it events.a_FIN_that_comes_again_is_told 60 a_FIN_that_comes_again_is_told
it events.a_SYN_that_a_listener_drops_is_told 60 a_SYN_that_a_listener_drops_is_told
it events.recovery_is_told 60 recovery_is_told
it events.a_port_is_filtered_in_the_kernel 60 a_port_is_filtered_in_the_kernel
it events.are_not_made_where_nobody_listens 60 nobody_listens_elsewhere
it events.proc_sockets_names_states 60 proc_sockets_names_states
it events.proc_stats_counts 60 proc_stats_counts
it events.proc_protocols_has_ours 10 proc_protocols_has_ours
it events.tool_shows_the_same_as_proc 60 tool_shows_the_same_as_proc
given q ||
	it events.ten_thousand_sockets_are_the_same_in_both 120 ten_thousand_sockets_are_the_same_in_both
it events.tool_counts_the_same_as_proc 60 tool_counts_the_same_as_proc
it events.tool_has_the_transitions_of_proc 60 tool_has_the_transitions_of_proc
it events.history_of_what_is_gone 60 history_of_what_is_gone
it events.observers_while_connections_come_and_go 120 observers_while_connections_come_and_go
it events.sequence_numbers_are_for_the_administrator 60 sequence_numbers_are_for_the_administrator
