# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Two hosts on a real (veth) cable, with and without offloads.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# transfer KIB [PROTO]: from A to B at port 5001
transfer()
{
	local receiver name=${2:-$proto}
	start "receiver-$name" B env TTP_TEST_PROTO="$name" "$here/bin/bulk" listen 10.0.0.2 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver-$name"
	start "sender-$name" A env TTP_TEST_PROTO="$name" "$here/bin/bulk" send 10.0.0.2 5001 "$1"
	finish "$started" "sender-$name"
	finish "$receiver" "receiver-$name"
	note "$(cat "$work/sender-$name")"
}

with_offloads() { two_hosts; transfer 16384; }

without_offloads()
{
	two_hosts
	no_offload A toB
	no_offload B toA
	transfer 16384
}

# packets that have come to B, and segments that A has sent
packets() { in_ B cat /sys/class/net/toA/statistics/rx_packets; }

segments()
{
	if [ "$proto" = tcp ]; then
		# shellcheck disable=SC2016 # for awk
		in_ A awk '/^Tcp:/ && $2 + 0 { print $12 }' /proc/net/snmp
	else
		counter A OutSegs
	fi
}

# Ten times the segments of a packet are ...
each() { echo $(($(segments) * 10 / $(packets))); }
came_alone() { [ "$(each)" -le 10 ] || fail "expected a segment in a packet, came $(each) in ten"; }
came_together() { [ "$(each)" -ge 50 ] || fail "expected many segments in a packet, came $(each) in ten"; }

many_segments_in_a_packet()
{
	two_hosts
	transfer 8192
	came_together
}

one_segment_in_a_packet()
{
	two_hosts
	in_ A sysctl -qw net.ttp.offload=0
	transfer 8192
	came_alone
}

device_forbids()
{
	two_hosts
	ip -n "${nspre}A" link set toB gso_max_segs 1
	transfer 8192
	came_alone
}

# cut just before the device that can not do it, as what a card gets would be
cut_by_the_kernel()
{
	two_hosts
	in_ A ethtool -K toB tx off tso off gso off tx-sctp-segmentation off >/dev/null
	transfer 8192
	came_alone
}

cut_by_the_queue()
{
	two_hosts
	# what is larger than the burst is cut
	in_ A tc qdisc add dev toB root tbf rate 100mbit burst 2k latency 50ms
	transfer 8192
	came_alone
}

has_joined() { grep '"direction":"in"' "$work/monitor" | grep -q '"segs":[1-9]'; }

joined()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	no_offload A toB
	in_ B ethtool -K toA gro on
	# so that they are joined on a slow machine, too
	in_ B sh -c 'echo 500000 >/sys/class/net/toA/gro_flush_timeout; echo 10 >/sys/class/net/toA/napi_defer_hard_irqs'
	start monitor B ttp monitor -j --ready "$work/ready" segment
	wait_for 5 test -e "$work/ready"
	transfer 4096
	kill "$started" 2>/dev/null || :
	wait_for 5 has_joined ||
		fail "expected segments that GRO has joined"
	came_alone
}

# inner HOST N TYPE...: a device within the cable, with the address fd00::10.1.0.N
inner()
{
	if ! ip -n "$nspre$1" link add inner "${@:3}" 2>"$work/inner"; then
		! grep -q 'Unknown device type' "$work/inner" || skip "no device of ${*:3}"
		fail "$(cat "$work/inner")"
	fi
	ip -n "$nspre$1" link set inner up
	ip -n "$nspre$1" addr add "fd00::10.1.0.$2/120" dev inner nodad
}

# What IP hands over whole is cut where the packet has its outer headers already.
cut_within()
{
	local dropped
	two_hosts
	in_ A ethtool -K toB tso off tx-sctp-segmentation off txvlan off >/dev/null
	case $1 in
	vlan)
		inner A 1 link toB type vlan id 5
		inner B 2 link toA type vlan id 5
		;;
	sit)
		inner A 1 type sit local 10.0.0.1 remote 10.0.0.2
		inner B 2 type sit local 10.0.0.2 remote 10.0.0.1
		;;
	vxlan)
		inner A 1 type vxlan id 5 local 10.0.0.1 remote 10.0.0.2 dstport 4789
		inner B 2 type vxlan id 5 local 10.0.0.2 remote 10.0.0.1 dstport 4789
		;;
	esac
	to_B=10.1.0.2
	carry 1024
	dropped=$(in_ A cat /sys/class/net/toB/statistics/tx_dropped)
	[ "$dropped" = 0 ] || fail "expected no packet to be dropped before the device, came $dropped"
}

# backlog: bytes in A's queue
backlog() { in_ A tc -s -j qdisc show dev toB | grep -o '"backlog":[0-9]*' | cut -d: -f2 | sort -n | tail -n 1; }

# what is sent waits in the socket, not in the queue of the device
small_queue()
{
	local most=0 now sender receiver
	two_hosts
	in_ A tc qdisc add dev toB root tbf rate 1mbit burst 20k limit 100mb
	start receiver B "$here/bin/bulk" listen 10.0.0.2 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	start sender A "$here/bin/bulk" send 10.0.0.2 5001 1024
	sender=$started
	until gone "$sender"; do
		now=$(backlog)
		[ "${now:-0}" -le "$most" ] || most=$now
		pause 0.05
	done
	finish "$receiver" receiver
	note "at most $most bytes in the queue"
	[ "$most" -gt 0 ] || fail "expected something to be in the queue"
	[ "$most" -le 262144 ] || fail "expected at most 256 KiB in the queue, came $most"
}

small_MTU()
{
	two_hosts
	ip -n "${nspre}B" link set toA mtu "$1"
	ip -n "${nspre}A" link set toB mtu "$1"
	transfer 1024
}

# What is sent has not come in by a device, says netfilter.
no_input_device()
{
	local counted
	command -v nft >/dev/null || skip "no nft here"
	two_hosts
	in_ A nft -f - <<-END
		table ip t {
			chain out {
				type filter hook postrouting priority 0;
				meta iif != 0 counter accept
				meta skuid 0 counter
			}
		}
	END
	netem_at A toB loss 2% # some are sent again
	transfer 4096
	mapfile -t counted < <(in_ A nft list chain ip t out | sed -n 's/.*counter packets \([0-9]*\).*/\1/p')
	[ "${counted[0]}" = 0 ] || fail "expected no packet with an input device, came ${counted[0]}"
	[ "${counted[1]}" -gt 0 ] || fail "expected packets of their socket's user, came none"
}

expect_error()
{
	! in_ A "$here/bin/bulk" send "$1" 5001 64 2>"$work/error" ||
		fail "expected $2, came success"
	grep -q "$2" "$work/error" || fail "expected $2, came $(cat "$work/error")"
}

silent_neighbour() { two_hosts; expect_error 10.0.0.77 EHOSTUNREACH; }
no_listener() { two_hosts; expect_error 10.0.0.2 ECONNREFUSED; }

no_route()
{
	two_hosts
	expect_error 192.0.2.1 ENETUNREACH
	ip -n "${nspre}A" route add unreachable 192.0.2.0/24
	expect_error 192.0.2.1 EHOSTUNREACH
	ip -n "${nspre}A" route replace prohibit 192.0.2.0/24
	expect_error 192.0.2.1 EACCES
}

cable_pulled()
{
	local receiver
	two_hosts
	start receiver B "$here/bin/bulk" listen 10.0.0.2 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	in_ B tc qdisc add dev toA root tbf rate 16mbit burst 20k latency 50ms
	in_ A tc qdisc add dev toB root tbf rate 16mbit burst 20k latency 50ms
	start sender A "$here/bin/bulk" send 10.0.0.2 5001 4096
	sender=$started
	wait_for 5 is 1 sockets B "$established"
	ip -n "${nspre}B" link set toA down
	pause 1
	ip -n "${nspre}B" link set toA up
	finish "$sender" sender
	finish "$receiver" receiver
}

beside_TCP()
{
	local tcp
	two_hosts
	(transfer 4096 tcp) &
	tcp=$!
	transfer 4096
	wait $tcp
}

established=ESTABLISHED
[ "$proto" != tcp ] || established=established

it hosts.16_MiB_with_offloads 60 with_offloads
it hosts.16_MiB_without_offloads 60 without_offloads
it hosts.a_packet_carries_many_segments 60 many_segments_in_a_packet
[ "$proto" = tcp ] || it hosts.without_offload_a_packet_is_a_segment 60 one_segment_in_a_packet
it hosts.a_device_may_forbid_packets_of_many_segments 60 device_forbids
it hosts.a_packet_of_many_segments_is_cut_before_the_device 60 cut_by_the_kernel
it hosts.a_packet_of_many_segments_is_cut_by_a_queue 60 cut_by_the_queue
[ "$proto" = tcp ] || it hosts.segments_are_joined_behind_the_device 60 joined
it hosts.a_queue_holds_little_of_one_socket 60 small_queue
it hosts.1_MiB_over_an_MTU_of_600 60 small_MTU 600
it hosts.silent_neighbour_gives_EHOSTUNREACH 60 silent_neighbour
it hosts.port_without_listener_gives_ECONNREFUSED 60 no_listener
it hosts.routes_give_ENETUNREACH_EHOSTUNREACH_EACCES 60 no_route
it hosts.transfer_survives_a_cable_pulled_for_a_second 90 cable_pulled
[ "$proto" = tcp ] || it hosts.TCP_uses_the_same_port_at_the_same_time 60 beside_TCP
it hosts.what_is_sent_has_no_input_device 60 no_input_device

TTP_TEST_FAMILY=6 it hosts.16_MiB_with_offloads 60 with_offloads
TTP_TEST_FAMILY=6 it hosts.16_MiB_without_offloads 60 without_offloads
TTP_TEST_FAMILY=6 it hosts.a_packet_carries_many_segments 60 many_segments_in_a_packet
[ "$proto" = tcp ] || TTP_TEST_FAMILY=6 it hosts.without_offload_a_packet_is_a_segment 60 one_segment_in_a_packet
TTP_TEST_FAMILY=6 it hosts.a_packet_of_many_segments_is_cut_before_the_device 60 cut_by_the_kernel
TTP_TEST_FAMILY=6 it hosts.a_packet_of_many_segments_is_cut_by_a_queue 60 cut_by_the_queue
[ "$proto" = tcp ] || TTP_TEST_FAMILY=6 it hosts.segments_are_joined_behind_the_device 60 joined
TTP_TEST_FAMILY=6 it hosts.in_a_VLAN_a_packet_of_many_segments_is_cut 60 cut_within vlan
TTP_TEST_FAMILY=6 it hosts.in_IPv4_a_packet_of_many_segments_is_cut 60 cut_within sit
TTP_TEST_FAMILY=6 it hosts.in_a_VXLAN_a_packet_of_many_segments_is_cut 60 cut_within vxlan
TTP_TEST_FAMILY=6 it hosts.1_MiB_over_an_MTU_of_1280 60 small_MTU 1280
TTP_TEST_FAMILY=6 it hosts.port_without_listener_gives_ECONNREFUSED 60 no_listener
[ "$proto" = tcp ] || TTP_TEST_FAMILY=6 it hosts.TCP_uses_the_same_port_at_the_same_time 60 beside_TCP
