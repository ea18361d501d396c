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
	local ko
	ko=$(dirname "${TTP_KO:-/}")/ttp_$1.ko
	[ -e "$ko" ] || skip "no $ko"
	grep -q "^$1 " /proc/net/ttp/congestion || insmod "$ko" ||
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

by_fixed() { carried_by fixed; }
by_aimd() { carried_by aimd; }
by_tahoe() { carried_by tahoe; }
by_cubic() { carried_by cubic; }
by_vegas() { carried_by vegas; }
by_bbr() { carried_by bbr; }
by_dctcp() { carried_by dctcp; }

it congestion.fixed_carries_text_and_goes 90 by_fixed
it congestion.aimd_carries_text_and_goes 90 by_aimd
it congestion.tahoe_carries_text_and_goes 90 by_tahoe
it congestion.cubic_carries_text_and_goes 90 by_cubic
it congestion.vegas_carries_text_and_goes 90 by_vegas
it congestion.bbr_carries_text_and_goes 90 by_bbr
it congestion.dctcp_carries_text_and_goes 90 by_dctcp
it congestion.what_experiments_is_for_root 30 only_for_root
