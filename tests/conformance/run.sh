#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the conformance tests as root, in the test VM, several programs at once:
#
#	run.sh [-l] [PATTERN...]
#
#	-l		list the names, run nothing
#	PATTERN		those whose name contains one of them
#
# Prints a line for each test and at the end "N passed, N failed, N skipped".
# The environment may say: TTP_KO, the module; TTP_TEST_PROTO=tcp, to ask the
# kernel's own TCP, the oracle; TTP_TEST_SLOW, which multiplies time limits;
# TTP_TEST_JOBS, how many programs run at once (8).
set -u
folder=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../vm/lib.sh
. "$folder/../vm/lib.sh"

list=
# the slow ones first, so that the others fill the gaps
programs=(retransmit keepalive)
for path in "$folder"/bin/*; do
	name=${path##*/}
	[[ $name == *.o || " ${programs[*]} " == *" $name "* ]] || programs+=("$name")
done

while [ $# -gt 0 ]; do
	case $1 in
	-l) list=1 ;;
	-h | --help) usage; exit 0 ;;
	-*) misused "no such option: $1" ;;
	*) patterns+=("$1") ;;
	esac
	shift
done

if [ -n "$list" ]; then
	for name in "${programs[@]}"; do "$folder/bin/$name" -l; done
	exit 0
fi

# one NAME: its lines into a file, so that they stay together
one()
{
	"$folder/bin/$1" ${patterns[@]+"${patterns[@]}"} >"$out/$1" || echo "# $1: exit status $?" >>"$out/$1"
}

all_at_once()
{
	local name
	for name in "${programs[@]}"; do
		while [ "$(jobs -rp | wc -l)" -ge "${TTP_TEST_JOBS:-8}" ]; do wait -n; done
		one "$name" &
	done
	wait
}

count() { cat "$out"/* | grep -c "^$1 - "; }

out=$(mktemp -d)
trap 'clear_up; rm -rf "$work" "$out"' EXIT
trap 'exit 130' INT TERM
echo "ttp tests begin $$" >/dev/kmsg
modprobe -qa tun 2>/dev/null	# where it is a module
load
all_at_once
for name in "${programs[@]}"; do
	grep -vE '^[0-9]+ passed, ' "$out/$name"
	grep -qE '^[0-9]+ passed, ' "$out/$name" && continue
	echo "not ok - $name: died without a result" | tee -a "$out/$name"
done
passed=$(count ok) failed=$(count "not ok") skipped=$(count skip)
patterns=()
it kernel.says_nothing_of_errors 10 kernel_is_content
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
