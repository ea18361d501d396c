# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Lab mode, net.ttp.isn: where connections begin.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=fault.sh # for monitor, one_with and what its events say
[ "$(type -t one_with)" = function ] || . "$here/fault.sh"

isn() { in_ "$1" cat /proc/sys/net/ttp/isn; }

# set_isn HOST VALUE
# shellcheck disable=SC2016 # for the inner shell
set_isn() { in_ "$1" bash -c 'printf "%s\n" "$1" >/proc/sys/net/ttp/isn' bash "$2"; }

# The numbers of the lecture: client 12010, server 5000
the_numbers_of_the_lecture()
{
	monitor
	in_ A sysctl -qw net.ttp.isn=12010
	in_ B sysctl -qw net.ttp.isn=5000
	carry 1
	end_monitor
	"$tool" ladder -A -S -r "$work/events" >"$work/ladder"
	cat "$work/ladder"
	one_with ' SYN seq=12010' "$work/ladder"
	one_with ' SYN,ACK seq=5000 ack=12011' "$work/ladder"
	one_with ' ACK seq=12011 ack=5001' "$work/ladder"
	is rfc6528 isn A || fail "expected the default again, came $(isn A)"
	is rfc6528 isn B || fail "expected the default again, came $(isn B)"
}

# iss HOST: of its connections, in their order
iss()
{
	grep -e "\"ns\": *\"$nspre$1\"" "$work/events" | grep -e '"direction": *"out"' | grep -e '"flags": *"[^"]*SYN' |
		sed 's/.*"seq": *\([0-9]*\).*/\1/' | uniq
}

# Both ends are in one namespace: connect() takes the first, the listener the second.
a_list_is_taken_in_order()
{
	needs_tool
	host A
	to_B=127.0.0.1
	set_isn A "4294967295 5000 7"
	"$tool" monitor -j -N "${nspre}A" --ready "$work/ready" >"$work/events" 2>/dev/null </dev/null &
	echo $! >>"$work/pids"
	wait_for 5 test -e "$work/ready"
	start listener A "$here/bin/bulk" listen $to_B 5001
	wait_for 5 grep -q listening "$work/listener"
	is "4294967295 5000 7" isn A || fail "expected that listen() takes none, came $(isn A)"
	start sender A "$here/bin/bulk" send $to_B 5001 64
	finish "$started" sender
	is 7 isn A || fail "expected that 7 is left, came $(isn A)"
	wait_for 5 is 2 eval 'iss A | wc -l'
	[ "$(iss A | tr '\n' ' ')" = "4294967295 5000 " ] || fail "expected both, came $(iss A)"
}

# A connection that follows one in TIME_WAIT: by the list, and it works all the same.
a_number_counts_more_than_TIME_WAIT()
{
	monitor
	for _ in 1 2; do
		set_isn A 12010
		set_isn B 5000
		BULK_PORT=40000 carry 1
		wait_for 5 is 0 sockets B
		pause 1
	done
	is 1 counter A TWRecycled || fail "expected that TIME_WAIT was ended, came $(counter A TWRecycled)"
	wait_for 5 is 2 syns_of A 12010
	wait_for 5 is 2 syns_of B 5000
}

syns_of()
{
	grep -e "\"ns\": *\"$nspre$1\"" "$work/events" | grep -e '"direction": *"out"' |
		grep -e '"flags": *"[^"]*SYN' | grep -ce "\"seq\": *$2,"
}

# Two connections, to other ports: the second ISN is as much later as the second SYN was.
a_clock_can_be_guessed()
{
	local first second us more=$((20000 * TTP_TEST_SLOW))
	! is_exact || more=20000
	monitor
	set_isn A clock
	is clock isn A || fail "expected clock, came $(isn A)"
	carry 1
	pause 1
	carry 1
	end_monitor
	iss A >"$work/iss"
	first=$(sed -n 1p "$work/iss")
	second=$(sed -n 2p "$work/iss")
	syn_times >"$work/times"
	us=$(awk 'NR == 1 { t = $1 } NR == 2 { printf "%d", ($1 - t) / 1000 }' "$work/times")
	second=$((((second - first) & 0xffffffff) * 4))
	[ $((second > us ? second - us : us - second)) -lt "$more" ] ||
		fail "expected a number every 4 us, $us us, came $second us"
}

# of the first ones
syn_times()
{
	grep -e "\"ns\": *\"${nspre}A\"" "$work/events" | grep -e '"direction": *"out"' | grep -v '"retransmission": *true' |
		grep -e '"flags": *"[^"]*SYN' | sed 's/.*"time_ns": *\([0-9]*\).*/\1/'
}

wrong_values_are_refused()
{
	local value
	host A
	set_isn A "1 2"
	for value in x 0 -1 +1 0x10 4294967296 "1 2 x" "clock 5" "12010,5000" "$(seq -s ' ' 17)" \
		"$(printf '%300s' 1)"; do
		! set_isn A "$value" 2>"$work/error" || fail "expected that '$value' is refused"
		grep -q 'Invalid argument' "$work/error" || fail "expected EINVAL, came $(cat "$work/error")"
		is "1 2" isn A || fail "expected the numbers before '$value', came $(isn A)"
	done
	set_isn A "$(seq -s ' ' 16)"
	is "$(seq -s ' ' 16)" isn A || fail "expected 16, came $(isn A)"
	set_isn A ""
	is rfc6528 isn A || fail "expected the default, came $(isn A)"
}

# log_has_isn HOST NUMBERS WORDS: the log says so when they are set, unless it was told much just before
log_has_isn() { set_isn "$1" "$2" && log_since | grep -q "$3"; }

it_is_told_loudly()
{
	needs_tool
	host A
	host B
	in_ A "$tool" show >"$work/show"
	! grep -q 'lab mode' "$work/show" || fail "expected no lab mode, came $(cat "$work/show")"
	mark_log
	wait_for 10 log_has_isn A "12010 5000" 'lab mode: the next 2 ISNs are fixed'
	in_ A "$tool" show >"$work/show"
	one_with '^lab mode: ISN is fixed (net.ttp.isn: 12010 5000)$' "$work/show"
	in_ A "$tool" show -s >"$work/show"
	one_with '^lab mode: ISN is fixed' "$work/show"
	"$tool" show -N "${nspre}A" -N "${nspre}B" >"$work/show"
	one_with "^${nspre}A: lab mode: ISN is fixed" "$work/show"
	in_ A "$tool" show -j >"$work/show"
	! grep -q 'lab mode' "$work/show" || fail "expected JSON, came $(cat "$work/show")"
	set_isn A clock
	in_ A "$tool" show >"$work/show"
	one_with '^lab mode: ISN is predictable (net.ttp.isn: clock)$' "$work/show"
	is rfc6528 isn B || fail "expected the default in B, came $(isn B)"
}

# Who knows them can inject data.
only_the_administrator_reads_the_numbers()
{
	local what
	command -v setpriv >/dev/null || skip "no setpriv here"
	host A
	set_isn A '12010 5000'
	is '12010 5000' isn A || fail "expected both numbers, came $(isn A)"
	what=$(in_ A setpriv --reuid 65534 --clear-groups cat /proc/sys/net/ttp/isn)
	[ "$what" = fixed ] || fail "expected 'fixed' for nobody, came $what"
}

it isn.the_numbers_of_the_lecture 60 the_numbers_of_the_lecture
it isn.a_list_is_taken_in_order 60 a_list_is_taken_in_order
it isn.a_number_counts_more_than_TIME_WAIT 60 a_number_counts_more_than_TIME_WAIT
it isn.a_clock_can_be_guessed 60 a_clock_can_be_guessed
it isn.only_the_administrator_reads_the_numbers 30 only_the_administrator_reads_the_numbers
it isn.wrong_values_are_refused 60 wrong_values_are_refused
it isn.it_is_told_loudly 60 it_is_told_loudly
