# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Congestion control as modules: each is loaded, carries text through a router that
# loses some, and goes again.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# algorithm NAME: its module is here from now on
algorithm()
{
	[ -n "${TTP_KO:-}" ] || skip "the module's file is not known (set TTP_KO)"
	grep -q "^$1 " /proc/net/ttp/congestion || insmod "$(dirname "$TTP_KO")/ttp_$1.ko" ||
		fail "expected ttp_$1.ko to be loaded, it was not"
}

carried_by()
{
	three_hosts
	netem delay 2ms loss 1%
	algorithm "$1"
	# or none but the first namespace may have it
	sysctl -qw net.ttp.allowed_congestion_control="reno $1"
	in_ A sysctl -qw net.ttp.congestion_control="$1"
	in_ B sysctl -qw net.ttp.congestion_control="$1"
	carry 1024
	! rmmod "ttp_$1" 2>/dev/null || fail "expected rmmod to be refused, it was not"
	# orphans may hold it for a moment
	in_ A sysctl -qw net.ttp.congestion_control=reno
	in_ B sysctl -qw net.ttp.congestion_control=reno
	wait_for 15 rmmod "ttp_$1"
	! grep "^$1 " /proc/net/ttp/congestion || fail "expected $1 to be gone"
}

only_for_root()
{
	two_hosts
	algorithm tahoe
	algorithm cubic
	in_ A cat /proc/net/ttp/congestion >"$work/list"
	grep -q '^tahoe *net-admin' "$work/list" || fail "expected tahoe to be root's, came $(cat "$work/list")"
	grep -q '^cubic *all' "$work/list" || fail "expected cubic to be everyone's, came $(cat "$work/list")"
	rmmod ttp_tahoe
	rmmod ttp_cubic
}

the_tool_lists_the_same()
{
	needs_tool
	two_hosts
	algorithm tahoe
	in_ A sed '1d; s/-$//' /proc/net/ttp/congestion | tr -s ' ' | sed 's/ $//' >"$work/proc"
	"$tool" congestion -N "${nspre}A" | sed 1d | tr -s ' ' | sed 's/ $//' >"$work/tool"
	diff "$work/proc" "$work/tool" || fail "expected the tool's list to be that of /proc/net/ttp/congestion"
	"$tool" congestion -j -N "${nspre}A" | tr -d ' \n' >"$work/json"
	grep -q '"congestion":"tahoe","restricted":true' "$work/json" ||
		fail "expected tahoe to be restricted, came $(cat "$work/json")"
	rmmod ttp_tahoe
}

what_it_says_is_shown()
{
	needs_tool
	two_hosts
	algorithm bbr
	start server B "$tool" listen 5001
	wait_for 5 in_ B grep -q LISTEN /proc/net/ttp/sockets
	head -c 100000 /dev/zero >"$work/zero"
	start client A "$tool" connect -C bbr --hold 1000 -i "$work/zero" 10.0.0.2 5001
	# shellcheck disable=SC2016
	wait_for 10 sh -c '"$0" show -i -N "$1" | grep " bbr:(bw:[0-9]*bps,mrtt:[0-9.]*ms,pacing_gain:[0-9.]*,cwnd_gain:[0-9.]*)  *pacing:[1-9][0-9]*bps"' \
		"$tool" "${nspre}A"
	"$tool" show -j -N "${nspre}A" | grep -q '"congestion_info": *"bw:' ||
		fail "expected congestion_info in JSON, came $("$tool" show -j -N "${nspre}A")"
	end_processes
	wait_for 15 rmmod ttp_bbr
}

# ip-route(8), congctl: TCP must have one of that name, too
a_route_chooses()
{
	needs_tool
	two_hosts
	algorithm cubic
	ip -n "${nspre}A" route replace 10.0.0.2 dev toB congctl cubic
	start server B "$tool" listen 5001
	wait_for 5 in_ B grep -q LISTEN /proc/net/ttp/sockets
	start client A "$tool" connect --hold 1000 10.0.0.2 5001
	# shellcheck disable=SC2016
	wait_for 10 sh -c '"$0" show -i -N "$1" | grep " cubic"' "$tool" "${nspre}A"
	# shellcheck disable=SC2016
	not sh -c '"$0" show -i -N "$1" | grep " cubic"' "$tool" "${nspre}B" ||
		fail "expected the other end to have its own algorithm"
	end_processes
	wait_for 15 rmmod ttp_cubic
}

# fq counts the packets that it has let wait for their time.
fq_paces()
{
	local fq
	two_hosts
	in_ A tc qdisc add dev toB root fq
	BULK_RATE=2000000 carry 1024
	fq=$(in_ A tc -s qdisc show dev toB)
	grep -q 'throttled [1-9]' <<<"$fq" || fail "expected fq to let packets wait, came $fq"
}

by_fixed() { carried_by fixed; }
by_aimd() { carried_by aimd; }
by_tahoe() { carried_by tahoe; }
by_cubic() { carried_by cubic; }
by_vegas() { carried_by vegas; }
by_bbr() { carried_by bbr; }
by_dctcp() { carried_by dctcp; }

it congestion.fixed_carries_data_and_goes 90 by_fixed
it congestion.aimd_carries_data_and_goes 90 by_aimd
it congestion.tahoe_carries_data_and_goes 90 by_tahoe
it congestion.cubic_carries_data_and_goes 90 by_cubic
it congestion.vegas_carries_data_and_goes 90 by_vegas
it congestion.bbr_carries_data_and_goes 90 by_bbr
it congestion.dctcp_carries_data_and_goes 90 by_dctcp
it congestion.what_experiments_is_for_root 30 only_for_root
it congestion.the_tool_lists_the_same 30 the_tool_lists_the_same
it congestion.what_an_algorithm_says_of_itself_is_shown 60 what_it_says_is_shown
it congestion.a_route_chooses_an_algorithm 60 a_route_chooses
it congestion.fq_paces 60 fq_paces
