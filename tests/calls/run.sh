#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs random sequences of socket calls over TCP and over TTP as root, in the test VM,
# and compares:
#
#	run.sh [-s FIRST LAST] [-4 | -6] [-l] [PATTERN...]
#
#	-s FIRST LAST	the sequences of these seeds (1 150)
#	-4, -6		by IPv4 or by IPv6 only (by both, IPv6 with the first fifty)
#	-l		list the names, run nothing
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
test_options 46l "$@"

# the first seed of each test
firsts() { seq "$first" "$size" "$last"; }
to() { echo $(($1 + size - 1 < last ? $1 + size - 1 : last)); }
# name SEED [-6]
name() { echo "calls${2:+:v6}.seeds_$1_$(to "$1")"; }

# each FUNCTION: of each test, as FUNCTION SEED [-6]
each()
{
	local seed
	for seed in $(given 6 || firsts); do "$1" "$seed"; done
	for seed in $(given 4 || firsts | { if given 6; then cat; else head -n 1; fi; }); do "$1" "$seed" -6; done
}

if given l; then
	each name
	exit 0
fi

table=$folder/../../docs/differences.md
options=(-k "$table")
jobs=1
[ -n "${TTP_TEST_EXACT:-}" ] || { options+=(-i); jobs=8; }

# What it prints goes into a file, so that it stays together
one() { "$folder/bin/calls" "${options[@]}" ${2:+"$2"} -b "$size" "$1" "$(to "$1")" >"$out/$1${2:-}" 2>&1; }

start_one()
{
	selected "$(name "$@")" || return 0
	fewer_jobs "$jobs"
	one "$@" &
}

out=$work.out
mkdir "$out"
begin_tests tun
each start_one
wait
for path in $(find "$out" -type f | sort -V); do results_of calls <"$path"; done
mkdir -p "${TTP_OUT:-/out}"
grep -rhoE '^# line [0-9]+' "$out" | sort -u >"${TTP_OUT:-/out}/met"
end_tests
