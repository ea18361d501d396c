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
	is 1 counter A RetransSegs || fail "expected one retransmission, came $(counter A RetransSegs)"
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

# a_run ARQ: 40 segments, of which two are lost
a_run()
{
	rm -f "$work/ready"
	monitor
	in_ A sysctl -qw net.ttp.arq="$1" net.ttp.msl_ms=100
	fault A add out data seq 7000 drop 1
	fault A add out data nth 12 drop
	carry 56
	wait_for 5 is 0 sockets A
	kill -INT "$monitor"
	wait "$monitor" || :
	what_A_sent >"$work/run"
	[ "$(grep -c dropped "$work/run")" = 2 ] || fail "expected two dropped, came $(cat "$work/run")"
	clear_up
}

the_same_run_twice()
{
	local arq
	for arq in stop-and-wait go-back-n selective-repeat; do
		a_run $arq
		mv "$work/run" "$work/first"
		a_run $arq
		diff "$work/first" "$work/run" || fail "expected the same run with $arq, came another"
	done
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
	fault A list >"$work/list"
	cat "$work/list"
	grep -qE '^ *1 +in +rst +drop +0 +0' "$work/list" || fail "expected fault 1, came $(cat "$work/list")"
	grep -qE '^ *7 +out +syn ack not data port 80 seq 1-5 option mss state SYN_RCVD nth 2 +drop 3 ' "$work/list" ||
		fail "expected fault 7, came $(cat "$work/list")"
	is 1 eval 'fault B list | wc -l' || fail "expected none in B, came $(fault B list)"
	! fault A add in number 7 drop 2>"$work/error" || fail "expected that 7 is taken"
	! fault A del 3 2>"$work/error" || fail "expected that there is no 3"
	fault A del 1
	for ((i = 0; i < 63; i++)); do fault A add in drop; done
	! fault A add in drop 2>"$work/error" || fail "expected that 64 are enough"
	ip netns del "${nspre}A"
	ip netns add "${nspre}A"
	is 1 eval 'fault A list | wc -l' || fail "expected none, came $(fault A list)"
}

it fault.what_is_dropped_is_retransmitted 60 what_is_dropped_is_retransmitted
it fault.one_segment_of_many_is_dropped 60 one_segment_of_many_is_dropped
it fault.a_SYN_that_is_dropped_comes_again 60 a_SYN_that_is_dropped_comes_again
it fault.the_last_ACK_is_dropped 60 the_last_ACK_is_dropped
it fault.the_same_run_twice 120 the_same_run_twice
it fault.faults_are_for_the_administrator 30 faults_are_for_the_administrator
it fault.faults_end_with_their_namespace 60 faults_end_with_their_namespace
