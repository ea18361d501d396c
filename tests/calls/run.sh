#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs random sequences of socket calls over TCP and over TTP as root, in the test VM,
# and compares:
#
#	run.sh [-l] [-s FIRST LAST] [PATTERN...]
#
#	-l		list the names, run nothing
#	-s FIRST LAST	the sequences of these seeds (1 150)
#	PATTERN		those tests whose name contains one of them
#
# Prints a line for each fifty seeds and at the end "N passed, N failed".  A difference
# that docs/differences.md does not list fails, with the shortest sequence that shows it:
# TCP's answer | TTP's.  It must come twice, and only where time is a count of
# instructions (scripts/vm --icount) does it count; elsewhere the sequences are only run,
# several at once, for what the kernel says of them.
# The environment may say: TTP_KO, the module; TTP_OUT, where the lines of
# docs/differences.md go that were met (/out).
set -u
folder=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../vm/lib.sh
. "$folder/../vm/lib.sh"

first=1 last=150 size=50
if [ "${1:-}" = -s ]; then
	[ $# -gt 2 ] || misused "-s needs the first seed and the last one"
	first=$2 last=$3
	shift 3
fi
test_options l "$@"

# the first seed of each test
firsts() { seq "$first" "$size" "$last"; }
to() { echo $(($1 + size - 1 < last ? $1 + size - 1 : last)); }
name() { echo "calls.seeds_$1_$(to "$1")"; }

if given l; then
	for seed in $(firsts); do name "$seed"; done
	exit 0
fi

table=$folder/../../docs/differences.md
options=(-k "$table")
jobs=1
[ -n "${TTP_TEST_EXACT:-}" ] || { options+=(-i); jobs=8; }

# What it prints goes into a file, so that it stays together
one() { "$folder/bin/calls" "${options[@]}" -b "$size" "$1" "$(to "$1")" >"$out/$1" 2>&1; }

out=$work.out
mkdir "$out"
begin_tests tun
for seed in $(firsts); do
	selected "$(name "$seed")" || continue
	fewer_jobs "$jobs"
	one "$seed" &
done
wait
for path in $(find "$out" -type f | sort -V); do results_of calls <"$path"; done
mkdir -p "${TTP_OUT:-/out}"
grep -rhoE '^# line [0-9]+' "$out" | sort -u >"${TTP_OUT:-/out}/met"
end_tests
