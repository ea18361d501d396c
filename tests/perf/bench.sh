#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Measures TTP's speed and memory, and beside it TCP's, in the test VM under -icount
# (`make bench` on the host; bench.py makes the table of it).
#
#	bench.sh [-q] [PATTERN...]
#
#	-q		once, not three times
#	PATTERN		the rows whose name contains one of them (all)
#
# /out/bench/rows gets a line for each row, protocol and repetition: row, unit,
# protocol, value.
set -u
# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

speed=$(dirname "$0")/bin/speed
out=${TTP_OUT:-/out}/bench
test_options q "$@"
repeat=3
! given q || repeat=1
mkdir -p "$out"
: >"$out/rows"
port=2000

# serve HOST SIZE [alone]: sets $server
serve()
{
	port=$((port + 1))
	in_ "$1" "$speed" serve "$proto" 0.0.0.0 $port "${@:2}" 2>"$work/server" &
	server=$!
	until_listening
}

until_listening()
{
	# SYNs would be refused before
	pause 0.1
}

# note ROW UNIT VALUE
note() { [ -z "$3" ] || echo "$1 $2 $proto $3" | tee -a "$out/rows"; }

# measure ROW UNIT SIZE ADDRESS WORKLOAD ARGUMENT...: from A; the server is at B, or at A for
# the loopback device
measure()
{
	local row=$1 unit=$2 size=$3 addr=$4 host=B
	[ "$addr" != 127.0.0.1 ] || host=A
	serve $host "$size" ${alone:+alone}
	note "$row" "$unit" "$(in_ A "$speed" "$5" "$proto" "$addr" "$port" "${@:6}")"
	kill "$server"
	wait "$server" 2>/dev/null
}

mtu() { ip -n "${nspre}A" link set toB mtu "$1"; ip -n "${nspre}B" link set toA mtu "$1"; }

bulk_offload() { measure "$1" Mbit/s 0 10.0.0.2 bulk "$2" 300; }
bulk_none() { no_offload A toB; no_offload B toA; bulk_offload "$@"; }
bulk_9000() { mtu 9000; bulk_offload "$@"; }
bulk_loopback() { measure "$1" Mbit/s 0 127.0.0.1 bulk "$2" 300; }
rr() { measure "$1" us "$3" "$2" rr "$3" 3000; }
crr() { alone=yes measure "$1" us 1 10.0.0.2 crr 2000; }

# Bytes in objects of the kernel's, once what RCU holds back is free.
in_objects()
{
	echo 3 >/proc/sys/vm/drop_caches
	pause 1
	for cache in /sys/kernel/slab/*; do
		[ -L "$cache" ] || echo 1 >"$cache/shrink" 2>/dev/null
	done
	awk 'NR > 2 { sum += $2 * $4 } END { printf "%d", sum }' /proc/slabinfo
}

# pairs of connections that are held: what each takes, and how long they are listed
held()
{
	local row=$1 count=$2 before after start files=/proc/net/tcp
	rm -f "$work/in" "$work/said"
	mkfifo "$work/in" "$work/said"
	in_ A "$speed" hold "$proto" 127.0.0.1 4000 "$count" <"$work/in" >"$work/said" &
	server=$!
	exec 8>"$work/in" 9<"$work/said"
	read -r _ <&9
	before=$(in_objects)
	echo >&8
	read -r _ <&9
	after=$(in_objects)
	note memory_of_an_idle_pair bytes $(((after - before) / count))
	[ "$proto" = tcp ] || files=/proc/net/ttp/sockets
	start=$(now_us)
	in_ A cat "$files" >/dev/null
	note "list_$((2 * count))_in_/proc" ms $((($(now_us) - start) / 1000))
	start=$(now_us)
	if [ "$proto" = tcp ]; then in_ A ss -Htan; else in_ A "$tool" show -Hna; fi >/dev/null
	note "list_$((2 * count))_by_the_tool" ms $((($(now_us) - start) / 1000))
	kill "$server"
	exec 8>&- 9<&-
	wait "$server" 2>/dev/null
}

now_us() { local t=${EPOCHREALTIME/./}; echo "$t"; }

# row NAME COMMAND...: with each protocol in turn
row()
{
	local name=$1 i
	shift
	selected "$name" || return 0
	for ((i = 0; i < repeat; i++)); do
		for proto in tcp ttp; do
			two_hosts
			"$1" "$name" "${@:2}"
			clear_up
		done
	done
}

begin_tests veth
for host in 1 8 64; do row bulk_1500_$host bulk_offload $host; done
for host in 1 8; do row bulk_1500_no_offload_$host bulk_none $host; done
row bulk_9000_1 bulk_9000 1
row bulk_loopback_1 bulk_loopback 1
row request_1_byte rr 10.0.0.2 1
row request_1_byte_loopback rr 127.0.0.1 1
row request_4_KiB rr 10.0.0.2 4096
row connect_request_close crr
row held held 10000
