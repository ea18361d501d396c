# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A network namespace goes away while its sockets live on.  The cable's other
# end vanishes when the kernel has taken the namespace down.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

has_device() { in_ "$1" ip link show dev "$2" >/dev/null 2>&1; }

# A holder's sockets live in host A; A can reach B by the cable.
hold()
{
	two_hosts
	start holder A "$here/bin/holder" 10.0.0.77 10.0.0.1
	wait_for 10 grep -q ready "$work/holder"
	note "$(cat "$work/holder")"
}

delete_host()
{
	ip netns del "$nspre$1"
	sed -i "/^$nspre$1$/d" "$work/hosts"
}

each_state_is_held()
{
	local state
	hold
	for state in LISTEN SYN_SENT SYN_RCVD ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT TIME_WAIT; do
		grep -q "$state [1-9]" "$work/holder" ||
			fail "expected a socket in $state, came $(cat "$work/holder")"
	done
}

deleted_with_its_program()
{
	hold
	delete_host A
	# the program still holds it
	has_device B toA || fail "expected the cable to be there while a program is, it is gone"
	end_processes
	wait_for 20 not has_device B toA
}

deleted_after_its_program()
{
	hold
	end_processes
	delete_host A
	wait_for 20 not has_device B toA
}

peer_of_a_deleted_one_lives_on()
{
	two_hosts
	start receiver B "$here/bin/bulk" listen 10.0.0.2 5001
	wait_for 5 grep -q listening "$work/receiver"
	start sender A "$here/bin/bulk" send 10.0.0.2 5001 10000000
	wait_for 10 is 1 sockets B "$([ "$proto" = tcp ] && echo established || echo ESTABLISHED)"
	kill -KILL "$started"
	delete_host A
	wait_for 20 not has_device B toA
	# the FIN may or may not have come before the end
	! grep . "$work/receiver.err" || fail "expected no error at the receiver"
}

ten_in_a_row()
{
	local round
	for round in 1 2 3 4 5 6 7 8 9 10; do
		host N
		start holder N "$here/bin/holder"
		wait_for 10 grep -q ready "$work/holder"
		echo "round $round: $(cat "$work/holder")"
		delete_host N
		kill "$started"
		wait "$started" 2>/dev/null || :
		: >"$work/holder"
	done
}

no_more_than() { [ "$(cat /sys/module/ttp/refcnt)" -le "$1" ]; }

# Not 0: orphans of former tests may still be trying.
references=$(cat /sys/module/ttp/refcnt 2>/dev/null || echo 0)

nothing_is_left()
{
	[ "$proto" != tcp ] || skip "the module's reference count"
	[ -e /sys/module/ttp/refcnt ] || skip "ttp is not a module here"
	wait_for 20 no_more_than "$references"
}

it namespaces.holder_has_sockets_in_each_state 60 each_state_is_held
it namespaces.deleted_while_a_program_has_sockets 60 deleted_with_its_program
it namespaces.deleted_with_orphans_handshakes_and_TIME_WAIT 60 deleted_after_its_program
it namespaces.deleted_amid_a_transfer_leaves_the_peer_alone 60 peer_of_a_deleted_one_lives_on
it namespaces.ten_deleted_in_a_row 120 ten_in_a_row
it namespaces.nothing_is_left_afterwards 60 nothing_is_left
