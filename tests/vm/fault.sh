# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Faults on purpose: what each does to a connection, and that the same ones by number
# give the same run twice.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=events.sh # for monitor and what is said
[ "$(type -t monitor)" = function ] || . "$here/events.sh"

# fault HOST WORD...: ttp fault there
fault() { in_ "$1" "$tool" fault "${@:2}"; }

# fault_hits HOST NUMBER: how often it acted
fault_hits() { fault "$1" list | awk -v n="$2" '$1 == n { print $NF }'; }

what_is_dropped_is_retransmitted()
{
	needs_tool
	two_hosts
	fault A add out data nth 3 drop 2
	carry 64
	is 2 fault_hits A 1 || fail "expected 2 hits, came $(fault A list)"
	[ "$(counter A RetransSegs)" -ge 2 ] ||
		fail "expected 2 retransmissions, came $(counter A RetransSegs)"
}

# "the third one" is one, and so is the first.
the_first_one_is_one()
{
	needs_tool
	two_hosts
	fault A add out data nth 1 drop
	carry 64
	is 1 fault_hits A 1 || fail "expected one hit, came $(fault A list)"
}

# A sends packets of many segments, which the cable hands on whole.
one_segment_of_many_is_dropped()
{
	needs_tool
	two_hosts
	fault B add in data nth 20 drop
	carry 256
	is 1 fault_hits B 1 || fail "expected one hit, came $(fault B list)"
	[ "$(counter A RetransSegs)" -ge 1 ] || fail "expected a retransmission, came none"
	[ "$(counter B InErrs)" = 0 ] || fail "expected no error, came $(counter B InErrs)"
}

a_SYN_that_is_dropped_comes_again()
{
	needs_tool
	two_hosts
	fault B add in syn drop 1
	carry 1
	[ "$(counter A RetransSegs)" -ge 1 ] || fail "expected a retransmission, came $(counter A RetransSegs)"
	is 1 counter B PassiveOpens || fail "expected one passive open, came $(counter B PassiveOpens)"
}

# B is in LAST_ACK and sends its FIN again; A's TIME_WAIT begins anew.
the_last_ACK_is_dropped()
{
	monitor
	fault A add out state TIME_WAIT drop 1
	mkfifo "$work/input"
	start listener B "$tool" listen -v -i "$work/input" 5000
	exec 8<>"$work/input"
	wait_for 5 grep -q ^listening "$work/listener.err"
	start sender A "$tool" connect -i /dev/null 10.0.0.2 5000 8>&-
	wait_for 5 is 1 sockets A FIN_WAIT_2
	exec 8>&-
	finish "$started" sender
	wait_until_said A fault dropped
	wait_until_said A answer 'FIN again: ACK, 2 MSL anew'
	wait_for 5 is 0 sockets B
	kill -INT "$monitor"
	wait "$monitor" || :
	"$tool" ladder -r "$work/events" >"$work/ladder"
	cat "$work/ladder"
	grep -q 'ACK.*lost fault: dropped' "$work/ladder" || fail "expected it in the ladder"
	grep -q 'retransmission' "$work/ladder" || fail "expected B's FIN twice"
}

# what_A_sent: each of its segments by flags, place and length; and what was done to it
what_A_sent()
{
	grep -e '"event": *"segment"' "$work/events" | grep -e "\"ns\": *\"${nspre}A\"" |
		grep -e '"direction": *"out"' | grep -e '"seg_len": *[1-9]' |
		awk 'function value(name) {
				if (!match($0, "\"" name "\": *[^,}]*")) return "-"
				return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) }
			{ print value("seq") - value("iss"), value("seg_len"), value("retransmission"), value("fault") }'
}

# a_run ARQ: 40 segments, and something of all that a path may do to them
a_run()
{
	rm -f "$work/ready"
	monitor
	in_ A sysctl -qw net.ttp.arq="$1" net.ttp.msl_ms=100
	in_ B sysctl -qw net.ttp.comp_sack_nr=0	# it waits for a part of a millisecond, more or less
	fault A add out data seq 7000 drop 1
	fault A add out data nth 12 drop
	fault A add out data nth 16 duplicate
	fault A add out data nth 20 corrupt
	fault A add out data nth 24 reorder
	fault A add out data nth 28 delay 700ms
	fault B add in data nth 32 set flags psh
	carry 56
	wait_for 5 is 0 sockets A
	kill -INT "$monitor"
	wait "$monitor" || :
	what_A_sent >"$work/run"
	[ "$(grep -c dropped "$work/run")" = 2 ] || fail "expected two dropped, came $(cat "$work/run")"
	grep -q 'delayed 700 ms' "$work/run" || fail "expected one delayed, came $(cat "$work/run")"
	clear_up
}

# Is time the guest's own, and its kernel quick?  TTP_TEST_SLOW is 4 unless the kernel debugs.
is_exact() { [ "${TTP_TEST_EXACT:-0}" = 1 ] && [ "$TTP_TEST_SLOW" -le 4 ]; }

# A tick of the kernel's timers may fall into the half millisecond in which it all happens, and
# what a timer sends then shifts the faults: now and then a run is another.
the_same_run_twice()
{
	local arq try
	for arq in stop-and-wait go-back-n selective-repeat; do
		a_run $arq
		for try in 1 2 3; do
			mv "$work/run" "$work/before"
			a_run $arq
			is_exact || break
			! diff "$work/before" "$work/run" || break
			[ "$try" -lt 3 ] || fail "expected the same run with $arq, came another each time"
		done
	done
	is_exact || skip "a slow machine retransmits at other times"
}

# events_of HOST out|in: its segments, a line each: time in us, SEQ from the ISN, length, fault
events_of()
{
	grep -e '"event": *"segment"' "$work/events" | grep -e "\"ns\": *\"${nspre}$1\"" |
		grep -e "\"direction\": *\"$2\"" |
		awk -v isn="$([ "$2" = out ] && echo iss || echo irs)" '
			function value(name) {
				if (!match($0, "\"" name "\": *[^,}]*")) return "-"
				return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) }
			{ gsub(/": /, "\":"); print int(value("time_ns") / 1000), value("seq") - value(isn), value("seg_len"), value("fault") }'
}

# end_monitor: all events are there
end_monitor()
{
	wait_for 10 is 0 sockets B
	kill -INT "$monitor"
	wait "$monitor" || :
}

one_with() { grep -m 1 -e "$1" "$2" || fail "expected '$1', came $(cat "$2")"; }

# syn_at HOST out|in: when its SYN left or came, by the events
syn_at() { events_of "$1" "$2" | head -n 1 | cut -d' ' -f1; }

# late MS FROM TO: it took so long, in us; exactly where time is the guest's own
late()
{
	local us=$(($3 - $2)) more=$((20000 * TTP_TEST_SLOW))
	! is_exact || more=1000
	if [ $us -lt $(($1 * 1000)) ] || [ $us -gt $(($1 * 1000 + more)) ]; then
		fail "expected $1 ms, came $us us"
	fi
}

# What leaves late, and what is handed on late
what_is_delayed_comes_late()
{
	monitor
	fault A add out syn delay 200ms 1
	fault A add in syn,ack delay 150ms 1
	carry 1
	end_monitor
	late 200 "$(syn_at A out)" "$(syn_at B in)"
	late 150 "$(syn_at B out)" "$(syn_at A in)"
	! is_exact || is 0 counter A RetransSegs || fail "expected no retransmission, came $(counter A RetransSegs)"
	is 2 counter A FaultDelay || fail "expected two counted, came $(counter A FaultDelay)"
	"$tool" ladder -r "$work/events" >"$work/ladder"
	cat "$work/ladder"
	grep -q 'fault: delayed 200 ms' "$work/ladder" || fail "expected the first one in the ladder"
	[ "$(grep -c 'fault: delayed' "$work/ladder")" = 2 ] || fail "expected the second one in the ladder"
}

what_is_corrupt_is_not_taken()
{
	monitor
	fault A add out data nth 3 corrupt
	fault B add in data nth 20 corrupt
	fault B add out syn corrupt 1
	carry 64
	end_monitor
	is 2 counter B InCsumErrors || fail "expected two wrong checksums at B, came $(counter B InCsumErrors)"
	is 1 counter A InCsumErrors || fail "expected one wrong checksum at A, came $(counter A InCsumErrors)"
	[ "$(counter A RetransSegs)" -ge 2 ] || fail "expected them again, came $(counter A RetransSegs)"
	is 1 counter A FaultCorrupt || fail "expected it counted, came $(counter A FaultCorrupt)"
	said A '"fault": *"corrupted"' || fail "expected that A says what was done"
	said B '"fault": *"corrupted"' || fail "expected that B says what was done"
}

# The receiver has each byte once: carry() compares checksums of the data.
what_is_duplicated_comes_twice()
{
	monitor
	fault A add out data nth 3 duplicate
	fault B add in data nth 20 duplicate
	fault B add out syn duplicate 1
	carry 64
	end_monitor
	is 1 fault_hits A 1 || fail "expected one hit, came $(fault A list)"
	is 1 fault_hits B 1 || fail "expected one hit, came $(fault B list)"
	is 1 fault_hits B 2 || fail "expected one hit, came $(fault B list)"
	[ "$(counter B InSegs)" = $(($(counter A OutSegs) + $(counter A RetransSegs) + 2)) ] ||
		fail "expected two more than A sent, $(counter A OutSegs), came $(counter B InSegs)"
	is 0 counter B InErrs || fail "expected no error, came $(counter B InErrs)"
	[ "$(counter B DupText)" -ge 2 ] || fail "expected data twice, came $(counter B DupText)"
	events_of B in | grep duplicated || fail "expected that B says what was done"
	"$tool" ladder -A -F -r "$work/events" >"$work/ladder"
	grep -q 'fault: duplicated' "$work/ladder" || fail "expected it in the ladder"
}

# before SEQ FILE: SEQ of the segment with data that came before it
before() { awk -v s="$1" '$3 && $2 == s { print last; exit } $3 { last = $2 }' "$2"; }

# SEQ of the two that the faults took, and of what came before each
what_is_reordered_comes_behind_the_next()
{
	local seq
	monitor
	fault A add out data nth 4 reorder
	fault B add in data nth 20 reorder
	carry 64
	end_monitor
	events_of A out >"$work/out"
	events_of B in >"$work/in"
	seq=$(one_with reordered "$work/out" | cut -d' ' -f2)
	[ "$(before "$seq" "$work/in")" -gt "$seq" ] || fail "expected SEQ $seq behind the next one, came $(cat "$work/in")"
	seq=$(one_with reordered "$work/in" | cut -d' ' -f2)
	[ "$(before "$seq" "$work/in")" -gt "$seq" ] || fail "expected SEQ $seq behind the next one, came $(cat "$work/in")"
	[ "$(counter B OFOQueue)" -ge 2 ] || fail "expected data out of order, came $(counter B OFOQueue)"
}

# A SYN has no next one: it comes after a second, or its retransmission brings it along.
what_has_no_next_one_comes_all_the_same()
{
	needs_tool
	two_hosts
	fault B add in syn reorder 1
	carry 1
	is 1 counter B FaultReorder || fail "expected one, came $(counter B FaultReorder)"
	is 1 counter B PassiveOpens || fail "expected one passive open, came $(counter B PassiveOpens)"
}

# B takes what was set, and its checksum is right.
a_field_is_set()
{
	monitor
	fault A add out syn not ack set win 1000
	fault B add in data nth 3 set flags psh
	fault B add in data nth 9 set seq 1
	fault B add in data nth 12 set dport 7
	carry 64
	end_monitor
	said A '"fault": *"win set to 1000"' || fail "expected that A says what was done"
	grep -e "\"ns\": *\"${nspre}B\"" "$work/events" | grep -qe '"seg_wnd": *1000,' ||
		fail "expected that a window of 1000 arrived"
	events_of B in | grep -q 'flags set to 8' || fail "expected that B says what was done, came $(events_of B in)"
	events_of B in | grep -q ' 1 [0-9]* "seq set to 1"' || fail "expected SEQ 1 at B, came $(events_of B in)"
	is 1 counter B NoAck || fail "expected one without ACK, came $(counter B NoAck)"
	is 1 counter B OutRsts || fail "expected a RST for port 7, came $(counter B OutRsts)"
	is 0 counter B InCsumErrors || fail "expected no wrong checksum, came $(counter B InCsumErrors)"
	is 3 counter B FaultSet || fail "expected three, came $(counter B FaultSet)"
}

held() { in_ "$1" sed -n 's/.* held \([0-9]*\).*/\1/p' /proc/net/ttp/sockstat; }

# Of 1,100 SYNs 1,024 are held, at A or at B; the others go on, and get a RST, as do
# retransmissions.
what_is_held_is_bounded()
{
	local host
	needs_tool
	for host in "A out" "B in"; do
		two_hosts
		# shellcheck disable=SC2086 # two words
		fault ${host% *} add ${host#* } syn delay 60s
		start sender A "$here/bin/bulk" syns 10.0.0.2 5000 1100
		wait_for 20 grep -q begun "$work/sender"
		wait_for 20 is 1024 held "${host% *}"
		wait_for 5 not is 0 counter B OutRsts
		[ "$(counter "${host% *}" FaultNoRoom)" -ge 76 ] ||
			fail "expected 76 not held, came $(counter "${host% *}" FaultNoRoom)"
		is 1024 fault_hits "${host% *}" 1 || fail "expected 1,024 hits, came $(fault "${host% *}" list)"
		clear_up
	done
}

# Packets that are held when their namespace ends are lost with it, at once.
what_is_held_ends_with_the_namespace()
{
	needs_tool
	two_hosts
	fault A add out syn delay 60s 1
	fault B add in syn delay 60s 1
	start sender A "$here/bin/bulk" syns 10.0.0.2 5000 3
	wait_for 5 is 1 held A
	wait_for 5 is 1 held B
	fault A flush
	fault B flush
	is 1 held A || fail "expected that flush leaves it, came $(held A)"
	clear_up
}

faults_are_for_the_administrator()
{
	local words as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	needs_tool
	command -v setpriv >/dev/null || skip "no setpriv here"
	host A
	for words in "add out syn drop" "flush" "del 1"; do
		# shellcheck disable=SC2086
		! in_ A "${as[@]}" "$tool" fault $words 2>"$work/error" || fail "expected no permission for $words"
		grep -q 'no permission' "$work/error" || fail "expected why, came $(cat "$work/error")"
	done
	in_ A "${as[@]}" "$tool" fault list >"$work/list"
	is 1 wc -l <"$work/list" || fail "expected none, came $(cat "$work/list")"
}

faults_end_with_their_namespace()
{
	needs_tool
	host A
	host B
	fault A add out number 7 syn,ack not data port 80 seq 1-5 option mss state SYN_RCVD nth 2 drop 3
	fault A add in rst drop
	fault A add out delay 2s
	fault A add out nth 2 set flags syn,ack
	fault A add out set win 0 4
	fault A list >"$work/list"
	cat "$work/list"
	grep -qE '^ *1 +in +rst +drop +0 +0' "$work/list" || fail "expected fault 1, came $(cat "$work/list")"
	grep -qE '^ *7 +out +syn ack not data port 80 seq 1-5 option mss state SYN_RCVD nth 2 +drop 3 ' "$work/list" ||
		fail "expected fault 7, came $(cat "$work/list")"
	grep -qE '^ *2 +out +delay 2000ms +0 +0' "$work/list" || fail "expected fault 2, came $(cat "$work/list")"
	grep -qE '^ *3 +out +nth 2 +set flags syn,ack 1 +0 +0' "$work/list" || fail "expected fault 3, came $(cat "$work/list")"
	grep -qE '^ *4 +out +set win 0 4 +0 +0' "$work/list" || fail "expected fault 4, came $(cat "$work/list")"
	is 1 eval 'fault B list | wc -l' || fail "expected none in B, came $(fault B list)"
	! fault A add in number 7 drop 2>"$work/error" || fail "expected that 7 is taken"
	! fault A del 5 2>"$work/error" || fail "expected that there is no 5"
	fault A del 1
	for ((i = 0; i < 60; i++)); do fault A add in drop; done
	! fault A add in drop 2>"$work/error" || fail "expected that 64 are enough"
	ip netns del "${nspre}A"
	ip netns add "${nspre}A"
	is 1 eval 'fault A list | wc -l' || fail "expected none, came $(fault A list)"
}

it fault.what_is_dropped_is_retransmitted 60 what_is_dropped_is_retransmitted
it fault.the_first_one_is_one 60 the_first_one_is_one
it fault.one_segment_of_many_is_dropped 60 one_segment_of_many_is_dropped
it fault.a_SYN_that_is_dropped_comes_again 60 a_SYN_that_is_dropped_comes_again
it fault.the_last_ACK_is_dropped 60 the_last_ACK_is_dropped
it fault.the_same_run_twice 120 the_same_run_twice
it fault.what_is_delayed_comes_late 60 what_is_delayed_comes_late
it fault.what_is_corrupt_is_not_taken 60 what_is_corrupt_is_not_taken
it fault.what_is_duplicated_comes_twice 60 what_is_duplicated_comes_twice
it fault.what_is_reordered_comes_behind_the_next 60 what_is_reordered_comes_behind_the_next
it fault.what_has_no_next_one_comes_all_the_same 60 what_has_no_next_one_comes_all_the_same
it fault.a_field_is_set 60 a_field_is_set
it fault.what_is_held_is_bounded 90 what_is_held_is_bounded
it fault.what_is_held_ends_with_the_namespace 60 what_is_held_ends_with_the_namespace
it fault.faults_are_for_the_administrator 30 faults_are_for_the_administrator
it fault.faults_end_with_their_namespace 60 faults_end_with_their_namespace
