#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs tests/conformance and the scripts of segments.c over TTP and over Linux's
# TCP, in the test VM, and leaves the segments of each test in /out/traces/ttp
# and /out/traces/tcp, for differ to compare:
#
#	trace.sh [PATTERN...]
#
# The environment may say: TTP_OUT, another folder than /out; TTP_TEST_JOBS, how
# many programs run at once (8).
set -u
folder=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../../scripts/lib.sh
. "$folder/../../scripts/lib.sh"
no_options "$@"
out=${TTP_OUT:-/out}/traces
patterns=("$@")

# run_one PROGRAM PATTERN...: failures are tests/conformance/run.sh's to report
run_one()
{
	fewer_jobs "${TTP_TEST_JOBS:-8}"
	"$@" >>"$out/$TTP_TEST_PROTO.log" 2>&1 &
}

run_all()
{
	local program name
	export TTP_TEST_PROTO=$1 TTP_TEST_TRACE=$out/$1 TTP_TEST_SLOW=${TTP_TEST_SLOW:-4}
	mkdir -p "$TTP_TEST_TRACE"
	if [ ${#patterns[@]} -gt 0 ]; then
		for program in "$folder"/../conformance/bin/* "$folder/bin/segments"; do
			run_one "$program" "${patterns[@]}"
		done
		wait
		return
	fi
	for name in retransmit keepalive; do
		run_one "$folder/../conformance/bin/$name"
	done
	for name in $("$folder/bin/segments" -l | sed 's/_[0-9]*$/_/' | sort -u); do
		# digits, or established_ would be established_ts_, too
		run_one "$folder/bin/segments" "$name"{1..9}
	done
	for program in "$folder"/../conformance/bin/*; do
		case ${program##*/} in
		retransmit | keepalive) ;;
		*) run_one "$program" ;;
		esac
	done
	wait
}

modprobe -qa tun 2>/dev/null	# where it is a module
[ -e /proc/net/ttp ] || insmod "${TTP_KO:-$folder/../../module/ttp.ko}" || exit
for proto in ttp tcp; do
	run_all $proto
	echo "$proto: $(grep -l '^end$' "$out/$proto"/* | wc -l) traces"
done
