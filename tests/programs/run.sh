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
#	-l		list the names, run nothing
#	PATTERN		those whose name contains one of them
#
# Prints a line for each test and at the end "N passed, N failed, N skipped".
set -u
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

programs=(iperf3 nginx sshd rsync python redis socat netcat)

while [ $# -gt 0 ]; do
	case $1 in
	-l) grep -ho '^both [^ ]*' "$folder"/*.sh | cut -d' ' -f2; exit 0 ;;
	-h | --help) usage; exit 0 ;;
	-*) misused "no such option: $1" ;;
	*) patterns+=("$1") ;;
	esac
	shift
done

# Each connection's end has been seen, so nothing holds the module.
unload()
{
	local name
	wait_for 10 rmmod ttp
	for name in /proc/net/ttp /proc/sys/net/ttp; do
		[ ! -e $name ] || fail "expected no $name any more"
	done
}

trap 'clear_up; rm -rf "$work" "$files"' EXIT
trap 'exit 130' INT TERM
echo "ttp tests begin $$" >/dev/kmsg
modprobe -qa veth
load
make_files
for name in "${programs[@]}"; do
	# shellcheck disable=SC1090
	. "$folder/$name.sh"
done
patterns=()
it programs.the_module_can_be_unloaded 120 unload
it kernel.says_nothing_of_errors 10 kernel_is_content
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
