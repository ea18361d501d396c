#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs iperf3 and curl over TTP through a router that loses 2 %, in the test VM, and leaves in
# /out/seen what TTP's own eyes saw of it and what a capture at each end has: for
# check-seen, which compares the two.
#
#	seen.sh		by scripts/vm --programs --icount --out build tests/programs/seen.sh
#
# Prints a line for each and at the end "N passed, N failed", or with ", N skipped".
set -u
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

no_arguments "$@"
patterns=()

# capture HOST DEVICE PORT: in the background
capture()
{
	start "capture$1" "$1" tcpdump -Z root --immediate-mode -B 16384 -s 120 -i "$2" -U -w "$out/$1.pcap" \
		ip proto 253
	captures+=("$started")
	wait_for 10 grep -q 'listening on' "$work/capture$1.err"
}

# Each segment that the host has counted is in its capture.
all_captured()
{
	local n=0 name
	for name in InSegs OutSegs RetransSegs; do n=$((n + $(counter "$1" $name))); done
	[ "$(tcpdump -nr "$out/$1.pcap" 2>/dev/null | wc -l)" = $n ]
}

# seen NAME SERVER-COMMAND PORT CLIENT-COMMAND: between the two all is recorded
seen()
{
	local host captures=()
	out=/out/seen/$1
	mkdir -p "$out"
	three_hosts
	for host in A B; do in_ $host sysctl -qw net.ttp.offload=0; done
	netem_at R toA limit 10000 delay 5ms loss 2%
	netem_at R toB limit 10000 delay 5ms loss 2%
	capture A toR
	capture B toR
	start server B ttp run -- bash -c "$2"
	listening "$3"
	ttp -n "${nspre}A" -n "${nspre}B" record "$out/talk.jsonl" -- \
		ip netns exec "${nspre}A" ttp run -- bash -c "$4" >"$work/client" 2>"$work/client.err" ||
		fail "expected exit status 0, came $? of $4: $(tail -n 3 "$work/client.err")"
	for host in A B; do wait_for 10 all_captured $host; done
	kill -INT "${captures[@]}"
	wait "${captures[@]}"
	! grep -q '^[1-9].* dropped by kernel' "$work"/capture[AB].err ||
		fail "expected all in the capture, came: $(grep dropped "$work"/capture[AB].err)"
	for host in A B; do echo "${nspre}$host" >"$out/$host.name"; done
}

iperf3_is_seen()
{
	seen iperf3 'iperf3 -s -1 -p 5201' 5201 'iperf3 -c 10.0.2.2 -p 5201 -n 3M -N'
}

curl_is_seen()
{
	head -c 300000 /dev/urandom >"$files/page"
	seen curl "cd $files && exec python3 -m http.server -b 10.0.2.2 8000" 8000 \
		"curl -sS -o $work.page http://10.0.2.2:8000/page"
	cmp "$files/page" "$work.page" || fail "expected the file as it was"
}

begin_tests veth sch_netem
it seen.iperf3 90 iperf3_is_seen
it seen.curl 90 curl_is_seen
end_tests
