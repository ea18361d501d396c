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
# Prints a line for each test and at the end "N passed, N failed", or with ", N skipped".
# The environment may say: TTP_KO, the module; TTP_TEST_PROTO=tcp, to ask the
# kernel's own TCP, the oracle; TTP_TEST_SLOW, which multiplies time limits;
# TTP_TEST_JOBS, how many programs run at once (8).
set -u
folder=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../vm/lib.sh
. "$folder/../vm/lib.sh"

# the slow ones first, so that the others fill the gaps
programs=(retransmit keepalive)
for path in "$folder"/bin/*; do
	name=${path##*/}
	[[ $name == *.o || " ${programs[*]} " == *" $name "* ]] || programs+=("$name")
done

test_options l "$@"
if given l; then
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
		fewer_jobs "${TTP_TEST_JOBS:-8}"
		one "$name" &
	done
	wait
}

out=$work.out
mkdir "$out"
begin_tests tun
all_at_once
for name in "${programs[@]}"; do results_of "$name" <"$out/$name"; done
end_tests
