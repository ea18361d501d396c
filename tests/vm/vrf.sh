# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Virtual routing and forwarding: host B has devices in VRFs, each a network of its
# own, where the same addresses may stand for others.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# in_vrf VRF TABLE DEVICE: of host B
in_vrf()
{
	ip -n "${nspre}B" link add "$1" type vrf table "$2"
	ip -n "${nspre}B" link set "$1" up
	ip -n "${nspre}B" link set "$3" master "$1"
	# the device has lost what it had of IPv6
	! by_v6 || ip -n "${nspre}B" addr replace fd00::10.0.0.2/120 dev "$3" nodad
}

# hears NAME [NAME=VALUE...]: B listens, with this environment
hears()
{
	start "$1" B env "${@:2}" "$here/bin/bulk" listen 0.0.0.0 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/$1"
}

# tells NAME HOST [NAME=VALUE...]: and it arrives
tells()
{
	start "$1" "$2" env "${@:3}" "$here/bin/bulk" send 10.0.0.2 5001 64
	finish "$started" "$1"
}

refused()
{
	! in_ A "$here/bin/bulk" send 10.0.0.2 5001 1 2>"$work/error" ||
		fail "expected ECONNREFUSED, came success"
	grep -q ECONNREFUSED "$work/error" || fail "expected ECONNREFUSED, came $(cat "$work/error")"
}

vrf_host()
{
	two_hosts
	in_vrf red 10 toA
}

unbound()
{
	local name=net.ttp.l3mdev_accept
	[ "$proto" != tcp ] || name=net.ipv4.tcp_l3mdev_accept
	vrf_host
	hears receiver
	refused
	in_ B sysctl -qw $name=1
	tells sender A
	finish "$receiver" receiver
}

# The VRF's device hears it, another one does not.
bound_to_device()
{
	vrf_host
	ip -n "${nspre}B" link add other type dummy
	hears other BULK_DEVICE=other
	refused
	hears receiver BULK_DEVICE=toA
	tells sender A
	finish "$receiver" receiver
}

# Both sockets listen on the same port, and the best one hears.
beside_unbound()
{
	local main
	vrf_host
	hears main
	main=$receiver
	hears receiver BULK_DEVICE=red
	tells sender A
	finish "$receiver" receiver
	kill -0 "$main" || fail "expected that the unbound listener waits still"
}

# A and C have the same address, and connect from the same port to the same.
same_names()
{
	local red blue first
	vrf_host
	host C
	cable C 10.0.0.1 B 10.0.0.2
	ip -n "${nspre}B" addr flush dev toC
	in_vrf blue 20 toC
	ip -n "${nspre}B" addr add 10.0.0.2/24 dev toC
	hears red BULK_DEVICE=red
	red=$receiver
	hears blue BULK_DEVICE=blue
	blue=$receiver
	# the first one cannot end before the second one has
	kill -STOP "$red"
	start first A env BULK_PORT=40000 "$here/bin/bulk" send 10.0.0.2 5001 8192
	first=$started
	wait_for 5 not is 0 sockets B ESTABLISHED
	start second C env BULK_PORT=40000 "$here/bin/bulk" send 10.0.0.2 5001 64
	finish "$started" second
	kill -CONT "$red"
	finish "$first" first
	finish "$red" red
	finish "$blue" blue
	grep -q "^8388608 bytes" "$work/red" || fail "red got $(cat "$work/red")"
	grep -q "^65536 bytes" "$work/blue" || fail "blue got $(cat "$work/blue")"
}

# A host in a VRF connects out of it.
active()
{
	vrf_host
	start receiver A "$here/bin/bulk" listen 10.0.0.1 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	in_ B env BULK_DEVICE=red "$here/bin/bulk" send 10.0.0.1 5001 64
	finish "$receiver" receiver
}

for TTP_TEST_FAMILY in 4 6; do
	export TTP_TEST_FAMILY
	it vrf.an_unbound_listener_hears_a_VRF_if_l3mdev_accept_says_so 60 unbound
	it vrf.a_listener_bound_to_a_device_of_the_VRF_hears_that 60 bound_to_device
	it vrf.a_VRFs_ports_are_its_own 60 beside_unbound
	it vrf.the_same_4_tuple_in_two_VRFs_is_two_connections 60 same_names
	it vrf.a_socket_bound_to_the_VRF_connects 60 active
done
unset TTP_TEST_FAMILY
