# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The module comes and goes: refused while sockets exist, free of everything
# after.  Sourced by run.sh; leaves the module loaded.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

needs_module()
{
	[ -n "${TTP_KO:-}" ] || skip "the module's file is not known (set TTP_KO)"
	[ -e /sys/module/ttp/refcnt ] || skip "ttp is not a module here"
}

unloaded() { [ ! -e /sys/module/ttp ]; }
unload() { rmmod ttp 2>"$work/rmmod"; }

# Orphans of former tests may take their time; so may RCU.
idle() { wait_for 50 is 0 cat /sys/module/ttp/refcnt; }

reload()
{
	unloaded || { idle; unload; }
	insmod "$TTP_KO" "$@"
}

refused_while_a_socket_exists()
{
	needs_module
	host A
	start holder A "$here/bin/holder"
	wait_for 10 grep -q ready "$work/holder"
	! unload || { insmod "$TTP_KO"; fail "expected rmmod to be refused, it was not"; }
	grep -qi 'in use' "$work/rmmod" || fail "expected 'in use', came $(cat "$work/rmmod")"
	[ "$(sockets A TIME_WAIT)" -gt 0 ] || fail "expected the sockets to live on"
}

ten_cycles()
{
	local i
	needs_module
	idle
	for i in 1 2 3 4 5 6 7 8 9 10; do
		unload || fail "cycle $i: rmmod: $(cat "$work/rmmod")"
		unloaded || fail "cycle $i: expected the module to be gone"
		[ ! -e /proc/net/ttp ] || fail "cycle $i: expected /proc/net/ttp to be gone"
		insmod "$TTP_KO" || fail "cycle $i: insmod failed"
		"$here/bin/connect" connect.data_goes_both >"$work/connect" ||
			fail "cycle $i: $(grep '^not ok' "$work/connect")"
		idle
	done
}

# The namespace stays, and in it TIME_WAIT and orphans without any program.
under_TIME_WAIT_and_orphans()
{
	local i
	needs_module
	for i in 1 2 3; do
		host A
		in_ A sysctl -qw net.ttp.orphan_retries=1
		in_ A sysctl -qw net.ttp.fin_timeout=1 2>/dev/null ||
			in_ A sysctl -qw net.ttp.fin_timeout=1
		start holder A "$here/bin/holder"
		wait_for 10 grep -q ready "$work/holder"
		kill -KILL "$started"
		wait "$started" 2>/dev/null || :
		[ "$(sockets A TIME_WAIT)" -gt 0 ] || fail "round $i: expected TIME_WAIT, came $(in_ A cat /proc/net/ttp/sockets)"
		# an orphan is a socket: it may hold the module until it has ended
		wait_for 15 unload || fail "round $i: $(cat "$work/rmmod")"
		insmod "$TTP_KO"
		ip netns del "${nspre}A"
		: >"$work/hosts"
	done
}

# The end of TIME_WAIT is told while the module goes, if the tool is here.
under_TIME_WAIT_at_once()
{
	local receiver
	needs_module
	idle
	host A
	if [ -n "$tool" ]; then
		start monitor A "$tool" monitor -j --ready "$work/ready"
		wait_for 5 test -e "$work/ready"
	fi
	start receiver A "$here/bin/bulk" listen 127.0.0.1 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	in_ A "$here/bin/bulk" send 127.0.0.1 5001 64
	finish "$receiver" receiver
	wait_for 5 is 1 sockets A
	[ "$(sockets A TIME_WAIT)" = 1 ] || fail "expected one in TIME_WAIT, came $(in_ A sed 1d /proc/net/ttp/sockets)"
	wait_for 3 unload || fail "rmmod: $(cat "$work/rmmod")"
	insmod "$TTP_KO"
	[ -z "$tool" ] || wait_for 5 grep -q '"from": *"TIME_WAIT"' "$work/monitor"
	[ "$(sockets A)" = 0 ] || fail "expected an empty list after insmod, came $(in_ A cat /proc/net/ttp/sockets)"
}

# What faults hold back for a minute, on its way out and in, holds neither the module
# nor anything behind it.
under_segments_that_are_held()
{
	local i
	needs_module
	[ -n "$tool" ] || skip "no tool ttp here"
	for i in 1 2 3; do
		host A
		in_ A "$tool" fault add out syn delay 60s 1
		in_ A "$tool" fault add in syn delay 60s 1
		in_ A "$tool" fault add in syn reorder
		start syns A "$here/bin/bulk" syns 127.0.0.1 5000 3
		wait_for 10 grep -q 'held 3' "/proc/$started/net/ttp/sockstat"
		kill -KILL "$started"
		wait "$started" 2>/dev/null || :
		wait_for 15 unload || fail "round $i: $(cat "$work/rmmod")"
		insmod "$TTP_KO"
		ip netns del "${nspre}A"
		: >"$work/hosts"
	done
}

while_programs_try_to_connect()
{
	local i loop
	needs_module
	host A
	# shellcheck disable=SC2016 # for the inner shell
	start loop A bash -c 'while :; do "$0/bin/connect" connect.data_goes_both; done' "$here"
	loop=$started
	for i in 1 2 3 4 5 6 7 8 9 10; do
		unload && insmod "$TTP_KO"
		pause 0.2
	done
	kill -KILL "$loop"
	unloaded && insmod "$TTP_KO"
	"$here/bin/connect" connect.data_goes_both >"$work/connect" || fail "$(grep '^not ok' "$work/connect")"
}

another_family_number()
{
	needs_module
	reload family=13
	[ "$(cat /sys/module/ttp/parameters/family 2>/dev/null || echo 13)" = 13 ] ||
		fail "expected family 13, came $(cat /sys/module/ttp/parameters/family)"
	TTP_TEST_PROTO=inet "$here/bin/connect" connect.data_goes_both >"$work/connect" ||
		fail "$(grep '^not ok' "$work/connect")"
	reload
	"$here/bin/connect" connect.data_goes_both >"$work/connect" || fail "$(grep '^not ok' "$work/connect")"
}

# A number in use (AF_INET), two out of range: refused, and said why.
bad_family_number()
{
	local number
	needs_module
	unloaded || { idle; unload; }
	for number in 2 0 1000; do
		mark_log
		! insmod "$TTP_KO" family=$number 2>"$work/insmod" ||
			{ reload; fail "family=$number: expected insmod to be refused, it was not"; }
		unloaded || fail "family=$number: expected the module to be gone"
		log_since | grep -i ttp | grep -qi "famil" ||
			{ insmod "$TTP_KO"; fail "family=$number: expected a message with the reason, came $(log_since)"; }
	done
	insmod "$TTP_KO"
}

loaded_in_the_end() { needs_module; loaded || insmod "$TTP_KO"; }

it unload.refused_while_a_socket_exists 60 refused_while_a_socket_exists
it unload.ten_cycles 300 ten_cycles
it unload.under_TIME_WAIT_at_once 120 under_TIME_WAIT_at_once
it unload.under_TIME_WAIT_and_orphans 120 under_TIME_WAIT_and_orphans
it unload.under_segments_that_are_held 60 under_segments_that_are_held
it unload.while_programs_try_to_connect 60 while_programs_try_to_connect
it unload.another_family_number_serves 60 another_family_number
it unload.bad_family_number_is_refused_and_said_why 60 bad_family_number
it unload.leaves_the_module_loaded 20 loaded_in_the_end
