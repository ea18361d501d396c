# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What shows connections while they live: ttp top, ttp states --follow; and ttp doctor
# where all is well.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

top_has_connections_and_rates()
{
	local every=1	# seconds; where time is exact, both ends are looked at at once
	[ "${TTP_TEST_EXACT:-0}" = 0 ] || every=0.1
	needs_tool
	two_hosts
	start listener B "$tool" listen -v --no-shutdown -o /dev/null 5001
	wait_for 5 grep -q ^listening "$work/listener.err"
	start sender A "$tool" connect -i /dev/zero 10.0.0.2 5001
	wait_for 5 is 1 sockets A ESTABLISHED
	"$tool" -n "${nspre}A" -n "${nspre}B" top -b -n 3 -d $every >"$work/top"
	cat "$work/top"
	[ "$(grep -c ' 2 sockets, 2 ESTABLISHED; out ' "$work/top")" = 3 ] || fail "expected three frames"
	# the last one: A sends as much as B receives, more or less
	tail -n 2 "$work/top" | awk -v a="${nspre}A" '
		function bits(text) { return text * (text ~ /k$/ ? 1e3 : text ~ /M$/ ? 1e6 : text ~ /G$/ ? 1e9 : 1) }
		$1 == a { out = bits($5) } $1 != a { come = bits($6) }
		END { exit !(out > 1e4 && come > out / 2 && come < out * 2) }' ||
		fail "expected rates at both ends"
	[ "$(in_ A "$tool" top -b -n 1 state time-wait | grep -c ESTABLISHED)" = 0 ] ||
		fail "expected a filter to leave it out"
	in_ A "$tool" top -j -n 2 -d $every | tail -n 1 | grep -q '"out_bps":[1-9]' || fail "expected a rate in JSON"
}

# as whom show is for
top_needs_no_root()
{
	needs_tool
	command -v setpriv >/dev/null || skip "no setpriv here"
	two_hosts
	in_ A setpriv --reuid 65534 --regid 65534 --clear-groups "$tool" top -b -n 1 >"$work/top"
	grep -q ' 0 sockets; out 0 bit/s' "$work/top" || fail "expected none, came $(cat "$work/top")"
}

both_ends_move_in_the_machine()
{
	needs_tool
	two_hosts
	start follow A "$tool" states --follow -N "${nspre}A" -N "${nspre}B"
	follow=$started
	wait_for 5 not is 0 members A
	wait_for 5 not is 0 members B
	carry 1
	wait_for 5 grep -q 'A: FIN_WAIT_2 -> TIME_WAIT' "$work/follow"
	wait_for 5 grep -q 'B: LAST_ACK -> CLOSED' "$work/follow"
	kill -INT "$follow"
	wait "$follow" || :
	grep -q '\[A ESTABLISHED B\]' "$work/follow" || fail "expected both in ESTABLISHED"
	grep -q '\[A TIME_WAIT    ' "$work/follow" || fail "expected A in TIME_WAIT"
	grep -q '\[  LISTEN      B\]' "$work/follow" || fail "expected B in LISTEN"
}

all_is_well_here()
{
	needs_tool
	host A
	in_ A "$tool" doctor >"$work/doctor" || fail "expected nothing wrong, came $(grep WRONG "$work/doctor")"
	cat "$work/doctor"
	grep -q '^ok *netlink *module and tool speak the same' "$work/doctor" || fail "expected the module's answer"
	ip -n "${nspre}A" link set lo down
	! in_ A "$tool" doctor >"$work/doctor" || fail "expected that lo is down"
	grep -q '^WRONG *netns *lo is down' "$work/doctor" || fail "expected to hear of lo, came $(cat "$work/doctor")"
}

it live.top_has_connections_and_rates 60 top_has_connections_and_rates
it live.top_needs_no_root 30 top_needs_no_root
it live.both_ends_move_in_the_machine 60 both_ends_move_in_the_machine
it live.all_is_well_here 30 all_is_well_here
