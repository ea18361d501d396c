#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the conformance tests as root, in the test VM, several programs at once,
# by IPv4 and by IPv6:
#
#	run.sh [-q] [-l] [PATTERN...]
#
#	-q		by IPv6 only the programs in which IP matters
#	-l		list the names, run nothing
#	PATTERN		those whose name contains one of them; !PATTERN: those whose
#			name does not: :v6. is in each name of IPv6's
#
# Prints a line for each test, the counts of each family, and at the end "N passed,
# N failed", or with ", N skipped".
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

test_options ql "$@"
of_v6=("${programs[@]}")
! given q || of_v6=(attacks_segments icmp ip listen options route)

# each FUNCTION: it is called for each program, as NAME [LABEL]
each()
{
	local name
	for name in "${programs[@]}"; do "$1" "$name"; done
	export TTP_TEST_FAMILY=6 TTP_TEST_LABEL=v6
	for name in "${of_v6[@]}"; do "$1" "$name" :v6; done
	unset TTP_TEST_FAMILY TTP_TEST_LABEL
}

list() { "$folder/bin/$1" -l; }
if given l; then
	each list
	exit 0
fi

# its lines into a file, so that they stay together
one()
{
	"$folder/bin/$1" ${patterns[@]+"${patterns[@]}"} >"$out/$1${2:-}" ||
		echo "# $1${2:-}: exit status $?" >>"$out/$1${2:-}"
}

start_one()
{
	fewer_jobs "${TTP_TEST_JOBS:-8}"
	one "$@" &
}

count() { results_of "$1${2:-}" <"$out/$1${2:-}"; }

out=$work.out
mkdir "$out"
begin_tests tun
each start_one
wait
each count
end_tests
