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
passed=0 failed=0 skipped=0

for cc in $compilers; do
	echo "# the core's tests, built with $cc, ASan and UBSan"
	log=$build/check-$cc.log
	"$build/check-$cc" >"$log" 2>&1
	status=$?
	grep -v '^ok' "$log"
	last=$(tail -n 1 "$log")
	if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
	else
		echo "not ok - check-$cc ended early, with status $status; see $log"
		failed=$((failed + 1))
	fi
done
if [ -z "$compilers" ]; then
	echo "not ok - neither gcc nor clang is there"
	failed=1
fi

for fuzzer in $fuzzers; do
	if ! "$make" -s "$build/$fuzzer" >"$build/$fuzzer.log" 2>&1; then
		echo "ok - fuzz $fuzzer # SKIP no clang with libFuzzer here"
		skipped=$((skipped + 1))
		continue
	fi
	echo "# fuzz $fuzzer for $seconds seconds"
	../fuzz/run "$build" --unpack "$fuzzer"
	if "$build/$fuzzer" -max_total_time="$seconds" -seed=1 -max_len=256 -entropic=0 \
		-artifact_prefix="$build/$fuzzer-" "$build/corpus-$fuzzer" \
		>"$build/$fuzzer.log" 2>&1; then
		echo "ok - fuzz $fuzzer: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$build/$fuzzer.log")"
		passed=$((passed + 1))
	else
		tail -n 40 "$build/$fuzzer.log"
		echo "not ok - fuzz $fuzzer"
		failed=$((failed + 1))
	fi
done

echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
