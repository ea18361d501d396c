#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Measures TTP's speed and memory, and beside it TCP's, in the test VM under -icount
# (tests/perf/bench on the host; bench.py makes the table of it).
#
#	bench.sh [-q] [-a] [-2 | -p] [-l] [PATTERN...]
#
#	-q		once, not three times
#	-a		those of `make bench-all`, too
#	-2		only those for a VM with two CPUs, without -icount, 15 times
#	-p		only those of programs, for a VM that has them (scripts/vm --programs)
#	-l		list the names, run nothing
#	PATTERN		the rows whose name contains one of them (all)
#
# /out/bench/rows gets a line for each row, protocol and repetition: row, unit,
# protocol, value, with tabs between.  So does the standard output.  The exit status says
# whether each row has a value.
set -u
# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
# shellcheck source=workloads.sh
. "$(dirname "$0")/workloads.sh"
# shellcheck source=programs.sh
. "$(dirname "$0")/programs.sh"

speed=$(dirname "$0")/bin/speed
syns=$(dirname "$0")/bin/syns
out=${TTP_OUT:-/out}/bench
protocols='tcp ttp'
others='sctp dccp'	# of the kernel's, those that are here
hosts=two_hosts
missing=0
test_options qa2pl "$@"
repeat=3
! given 2 || repeat=15	# there time is what the machine has for us
! given q || repeat=1

# note ROW UNIT VALUE
note()
{
	if [ -n "$3" ]; then
		printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$proto" "$3" | tee -a "$out/rows"
	else
		echo "not measured over $proto: $1"
		missing=$((missing + 1))
	fi
}

# row NAME COMMAND...: with each protocol in turn, between $hosts
row()
{
	local name=$1 i
	shift
	selected "$name" || return 0
	! given l || { echo "$name"; return; }
	for ((i = 0; i < repeat; i++)); do
		for proto in $protocols; do
			$hosts
			"$1" "$name" "${@:2}"
			clear_up
		done
	done
}

has_protocol() { grep -qi "^$1 " /proc/net/protocols; }

flows() { [ "$1" = 1 ] && echo "1 flow" || echo "$1 flows"; }

# bulks DEVICE MTU OFFLOADS FLOWS...
bulks()
{
	local n without=''
	[ "$3" = on ] || without=' without offloads,'
	for n in "${@:4}"; do
		row "bulk on $1, MTU $2,$without $(flows "$n")" bulk "$1" "$2" "$3" "$n"
	done
}

bulks_of_bench()
{
	bulks veth 1500 on 1 8 64
	bulks veth 1500 off 1 8
	bulks veth 9000 on 1
	bulks loopback 65535 on 1
}

bulks_of_all()
{
	local device mtu offloads
	for device in veth loopback; do
		for mtu in 1500 9000 65535; do
			for offloads in on off; do
				bulks "$device" "$mtu" "$offloads" 1 8 64
			done
		done
	done
}

rows_of_bench()
{
	if given a; then bulks_of_all; else bulks_of_bench; fi
	row "request, a byte and its answer, veth" rr veth 1
	row "request, a byte and its answer, loopback" rr loopback 1
	row "request, a byte and its answer, loopback, watched" rr_watched loopback 1
	row "request, 4 KiB and as much, veth" rr veth 4096
	row "new connections, a byte and its answer each" crr veth
	row "new connections, half of the ports used" half_of_the_ports
	hosts=three_hosts row "1 % loss and 20 ms, cubic" loss
	hosts=three_hosts row "beside a TCP flow" fairness
	row "new TCP connections beside 64 flows" neighbours tcp
	row "new TTP connections beside 64 flows" neighbours ttp
	row "memory, a half-open request" half_open 10000
	row "10,000 connections, memory and list" held 10000
}

rows_of_all()
{
	local cc n
	for cc in cubic reno bbr; do
		row "algorithm, $cc, veth, 1 flow" bulk_with $cc
	done
	for n in 0 1; do
		row "SYN flood, cookies $([ $n = 0 ] && echo off || echo on), a SYN" syn_flood $n
	done
	row "100 connections, list" held 100
	row "1,000 connections, list" held 1000
	row "100,000 connections, list" held 100000
	protocols="tcp ttp $others" row "others, a byte and its answer" rr veth 1
	protocols="tcp ttp $others" row "others, a connection, a byte and its answer" crr veth
	# what is larger than a packet, and how much has come, a DCCP socket does not say
	protocols="tcp ttp ${others/dccp/}" row "others, 4 KiB and as much" rr veth 4096
	protocols="tcp ttp ${others/dccp/}" row "others, bulk, 1 flow" bulk veth 1500 on 1
}

rows_of_two_CPUs()
{
	bulk_ms=1000	# by the clock of the machine, which others use
	for n in 1 8; do
		row "two CPUs, bulk on veth, MTU 1500, $(flows $n)" bulk veth 1500 on $n
	done
}

rows()
{
	if given 2; then
		rows_of_two_CPUs
	elif given p; then
		rows_of_programs
	else
		rows_of_bench
		! given a || rows_of_all
	fi
}

if given l; then
	rows
	exit
fi
mkdir -p "$out"
: >"$out/rows"
begin_tests veth
insmod "$(dirname "$TTP_KO")/ttp_cubic.ko"
sysctl -qw net.ttp.congestion_control=cubic net.ipv4.tcp_congestion_control=cubic || exit
if given a; then
	modprobe -a tcp_bbr
	insmod "$(dirname "$TTP_KO")/ttp_bbr.ko"
	for proto in $others; do
		modprobe -q "$proto" && modprobe -qa "${proto}_ipv4"
		has_protocol "$proto" && continue
		echo "skipped: this kernel has no $proto"
		others=${others/$proto/}
	done
fi
! given p || make_files
rows
[ "$missing" = 0 ]
