# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Much data through a router that loses, reorders, repeats and corrupts.
# Offloads are off: netem takes a whole GSO packet for one.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# netem DEVICE-ARGUMENTS...: on both of the router's devices
netem()
{
	netem_at R toA limit 10000 "$@"
	netem_at R toB limit 10000 "$@"
}

clean_router() { three_hosts; carry 4096; }

lossy_router()
{
	three_hosts
	netem delay 2ms 1ms loss 5% duplicate 2% reorder 10% 50%
	carry "$1"
}

lossy_2() { lossy_router 2048; }
lossy_64() { lossy_router 65536; }

corrupting_router()
{
	three_hosts
	netem delay 2ms corrupt 2%
	carry 2048
	[ "$proto" != tcp ] || return 0
	[ $(($(counter A InCsumErrors) + $(counter B InCsumErrors))) -gt 0 ] ||
		fail "expected the counter InCsumErrors to rise, came 0 at both ends"
}

slow_router()
{
	three_hosts
	netem delay 50ms rate 8mbit
	carry 1024
}

it netem.4_MiB_through_a_router 90 clean_router
it netem.1_MiB_through_8_Mbit_and_100_ms 90 slow_router
it netem.2_MiB_through_corruption_are_equal_and_counted 120 corrupting_router
it netem.2_MiB_through_loss_reordering_and_duplication 120 lossy_2
given q ||
	it netem.64_MiB_through_loss_reordering_and_duplication 300 lossy_64
