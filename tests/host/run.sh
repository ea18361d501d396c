#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs what the Makefile built, one after the other, and adds up:
#
#	run.sh BUILD "COMPILERS" "FUZZERS" SECONDS MAKE
#
# The last line is `N passed, N failed` or with `, N skipped`.
set -u
. "$(dirname "$0")/../../scripts/lib.sh"

no_options "$@"
[ $# = 5 ] || misused "it needs five arguments, here are $#: make check gives them"
build=$1 compilers=$2 fuzzers=$3 seconds=$4 make=$5

for cc in $compilers; do
	echo "# the core's tests, built with $cc, ASan and UBSan"
	log=$build/check-$cc.log
	"$build/check-$cc" >"$log" 2>&1
	status=$?
	grep -v '^ok' "$log"
	add_up "$(tail -n 1 "$log")" || result "not ok - check-$cc ended early, with status $status; see $log"
done
[ -n "$compilers" ] || result "not ok - neither gcc nor clang is there"

can_fuzz()
{
	echo 'int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size) { return 0; }' |
		clang -fsanitize=fuzzer -x c -o "$build/can-fuzz" - 2>/dev/null
}

for fuzzer in $fuzzers; do
	if ! can_fuzz; then
		result "skip - fuzz $fuzzer: no clang with libFuzzer here"
		continue
	fi
	if ! "$make" -s "$build/$fuzzer" >"$build/$fuzzer.log" 2>&1; then
		result "not ok - fuzz $fuzzer does not build: $(head -n 1 "$build/$fuzzer.log")"
		continue
	fi
	echo "# fuzz $fuzzer for $seconds seconds"
	../fuzz/run "$build" --unpack "$fuzzer"
	if "$build/$fuzzer" -max_total_time="$seconds" -seed=1 -max_len=256 -entropic=0 \
		-artifact_prefix="$build/$fuzzer-" "$build/corpus-$fuzzer" \
		>"$build/$fuzzer.log" 2>&1; then
		result "ok - fuzz $fuzzer: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$build/$fuzzer.log")"
	else
		tail -n 40 "$build/$fuzzer.log"
		result "not ok - fuzz $fuzzer"
	fi
done

verdict
