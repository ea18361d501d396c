#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs Debian's programs, unmodified, in the test VM: over TCP, then over TTP by
# `ttp run`, between two network namespaces.  A test has passed when the program
# did the same both times - exit statuses, checksums, what it printed - and the
# counters prove which protocol carried it.
#
#	run.sh [-l] [PATTERN...]
#
#	-l		list the names of IPv4's, run nothing
#	PATTERN		those whose name contains one of them; !PATTERN: those whose
#			name does not: :v6. is in each name of IPv6's
#
# Prints a line for each test, the counts of each family, and at the end "N passed, N failed", or with ", N skipped".
set -u
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

programs=(iperf3 nginx sshd rsync python redis socat netcat node java ynl mininet)

test_options l "$@"
if given l; then
	grep -ho '^both [^ ]*' "$folder"/*.sh | cut -d' ' -f2
	exit 0
fi

# Each connection's end has been seen, so nothing holds the module.
unload()
{
	local name
	wait_for 10 rmmod ttp
	for name in /proc/net/ttp /proc/sys/net/ttp; do
		[ ! -e $name ] || fail "expected no $name any more"
	done
}

begin_tests veth
make_files
for TTP_TEST_FAMILY in 4 6; do
	export TTP_TEST_FAMILY
	for name in "${programs[@]}"; do
		# netlink's client speaks of both; Mininet makes hosts of IPv4
		[[ "$name $TTP_TEST_FAMILY" != @(ynl|mininet)" 6" ]] || continue
		[ -r "$folder/$name.sh" ] || { result "not ok - $name: no $folder/$name.sh"; continue; }
		# shellcheck disable=SC1090
		. "$folder/$name.sh"
	done
done
unset TTP_TEST_FAMILY
patterns=()
it programs.the_module_can_be_unloaded 120 unload
end_tests
