#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the tests of this folder as root, in the test VM:
#
#	run.sh [-q] [-1 | -2] [-l] [PATTERN...]
#
#	-q		without the long ones
#	-1		without those that say more where there are several CPUs
#	-2		only those, and others that meet races there
#	-l		list the names, run nothing
#	PATTERN		those whose name contains one of them; !PATTERN: those whose
#			name does not
#
# Prints a line for each test and at the end "N passed, N failed", or with ", N skipped".
# The environment may say: TTP_KO, the module; TTP_TEST_PROTO=tcp, to ask the
# kernel's own TCP, the oracle; TTP_TEST_FAMILY=6, IPv6; TTP_TEST_SLOW, which multiplies time limits;
# TTP_OUT, where the capture goes (/out); TTP_TEST_EXACT=1, time is a count of
# instructions here (scripts/vm --icount says so): a time can be compared.
set -u
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

programs=(no_ipv6 connect close errors icmp open states timewait backlog bind reuseport readiness
	urgent io opts header tcpopts info stamps dump by_id datagram datagram_lists datagram_wire watch filter cgroup routes window policy loss ecn arq algorithms memory many family fastopen zerocopy stress races)

# Those that IPv6 has, too, but for the tests that know addresses of IPv4, or its header
programs6=(ipv6 headers6 datagram6 connect close errors icmp open states timewait backlog bind reuseport readiness
	urgent io opts tcpopts info stamps datagram datagram_lists datagram_wire cgroup routes policy loss ecn arq many fastopen zerocopy stress races)
of_ipv4=(an_ISN_is_of_the_port a_connection_keeps_its_address a_SYN_to_a_broadcast
	a_SYN_from_an_address an_ephemeral_port_does ephemeral_ports_of_one_destination
	connect_binds_the_source so_it_has_beside IP_PKTOPTIONS source_quench
	a_disconnect_forgets_who a_broadcast_goes members_of_a_group
	IP_MTU_DISCOVER_says a_bound_device_has a_mark_has_the_path IP_TOS_may IP_CHECKSUM_says)

# Threads and programs that get into each other's way, on as many CPUs as there
# are, and much data: one CPU that counts its time takes minutes for it.
several=(stress. races. algorithms.come_and_go hosts.16_MiB hosts.TCP_uses memory.when_memory many.two_hundred
	watch.filters_and_faults events.observers unload.while_programs)
# What one CPU shows, and several show in another order.
also=(connect.a_mebibyte backlog. reuseport. many. memory.what_was_taken memory.orphans
	namespaces. unload.)

test_options q12l "$@"
! given 1 || patterns+=("${several[@]/#/!}" '!stress:v6.' '!races:v6.')
! given 2 || patterns+=("${several[@]}" "${also[@]}")

# program NAME [LABEL]
program()
{
	results_of "$1" < <(TTP_TEST_LABEL=${2:-} "$here/bin/$1" ${patterns[@]+"${patterns[@]}"} ||
		echo "# $1: exit status $?")
}

# The programs by each way to open a socket, and with different ones at the two ends.
each_way_to_open()
{
	local name
	for name in connect close io opts cgroup datagram datagram_lists datagram_wire; do
		TTP_TEST_PROTO=inet program $name inet
	done
	TTP_TEST_PROTO=ttp TTP_TEST_PEER=inet program connect ttp-to-inet
	TTP_TEST_PROTO=inet TTP_TEST_PEER=ttp program connect inet-to-ttp
}

# The programs by IPv6, by both ways to open a socket.
each_by_ipv6()
{
	local name
	local patterns=(${patterns[@]+"${patterns[@]}"} "${of_ipv4[@]/#/!}")
	for name in "${programs6[@]}"; do
		TTP_TEST_FAMILY=6 program "$name" v6
	done
	[ "$proto" != tcp ] || return 0
	for name in connect close opts datagram6 datagram datagram_lists datagram_wire; do
		TTP_TEST_FAMILY=6 TTP_TEST_PROTO=inet program $name inet6
	done
}

# Each test is called below as ever, but only its name is printed.
if given l; then
	program() { TTP_TEST_LABEL=${2:-} "$here/bin/$1" -l; }
	it() { if by_v6; then echo "${1/./:v6.}"; else echo "$1"; fi; }
	begin_tests() { :; }
	end_tests() { :; }
fi

begin_tests tun veth sch_netem xfrm_user vrf
for name in "${programs[@]}"; do program "$name"; done
[ "$proto" = tcp ] || each_way_to_open
each_by_ipv6
. "$here/hosts.sh"
. "$here/policy.sh"
. "$here/vrf.sh"
. "$here/netem.sh"
. "$here/namespaces.sh"
if [ "$proto" != tcp ]; then
	. "$here/congestion.sh"
	. "$here/bpf.sh"
	. "$here/events.sh"
	. "$here/tracepoints.sh"
	. "$here/fault.sh"
	. "$here/isn.sh"
	. "$here/changes.sh"
	. "$here/web.sh"
	. "$here/capture.sh"
	. "$here/join.sh"
	. "$here/payload.sh"
	. "$here/live.sh"
	. "$here/datagrams.sh"
	. "$here/tool.sh"
	. "$here/guest.sh"
	. "$here/nat.sh"
	. "$here/unload.sh"
fi
end_tests
