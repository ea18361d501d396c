#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Measures congestion control and ARQ in the test VM, TTP's beside TCP's where Linux
# has the same (`make bench-cc` on the host; cc.py makes tables and pictures of it).
#
#	cc.sh [-q] [ALGORITHM...]
#
#	-q	a fifth of the time for each
#
# A --- R --- B: R has a token bucket to B of 20 Mbit/s before a queue of one
# bandwidth-delay product; the delay is on the way back.  No offloads.
# /out/cc gets a file of samples for each flow, and index: a line for each run.
set -u
# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

out=${TTP_OUT:-/out}/cc
ko=${TTP_KO:-$(dirname "$0")/../../module/ttp.ko}
ms=15000 arq_ms=10000 mbit=20
test_options q "$@"
! given q || { ms=3000; arq_ms=1500; }
algorithms=("${patterns[@]}")
flow=$(realpath -e "$(dirname "$0")/bin/flow") || exit
mkdir -p "$out"
: >"$out/index"

[ -e /proc/net/ttp ] || insmod "$ko" || exit 1
for one in "$(dirname "$ko")"/ttp_*.ko; do insmod "$one" 2>/dev/null; done
names=$(sed 1d /proc/net/ttp/congestion | cut -d' ' -f1 | grep -v template)
sysctl -qw net.ttp.allowed_congestion_control="${names//$'\n'/ }"
for one in $(sysctl -n net.ipv4.tcp_available_congestion_control) vegas bbr dctcp; do
	modprobe "tcp_$one" 2>/dev/null
done
tcps=$(sysctl -n net.ipv4.tcp_available_congestion_control)
sysctl -qw net.ipv4.tcp_allowed_congestion_control="$tcps"

# queue PACKETS [ecn]: what waits before the line; marks above a third if asked
queue()
{
	in_ R tc qdisc del dev toB root 2>/dev/null
	in_ R tc qdisc add dev toB root handle 1: tbf rate ${mbit}mbit burst 4000 limit 1000000
	if [ "${2:-}" = ecn ]; then
		in_ R tc qdisc add dev toB parent 1:1 handle 2: red limit $(($1 * 1514)) \
			min $(($1 * 500)) max $(($1 * 501)) avpkt 1500 burst $(($1 / 3 + 1)) \
			bandwidth ${mbit}mbit probability 1 ecn
	else
		in_ R tc qdisc add dev toB parent 1:1 handle 2: pfifo limit "$1"
	fi
}

# delays MS [MS2]: on the way back; the second for those who talk to port 5002
delays()
{
	in_ R tc qdisc del dev toA root 2>/dev/null
	in_ R tc qdisc add dev toA root handle 1: prio bands 3 \
		priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
	in_ R tc qdisc add dev toA parent 1:1 handle 10: netem limit 10000 delay "$1ms"
	in_ R tc qdisc add dev toA parent 1:2 handle 20: netem limit 10000 delay "${2:-$1}ms"
	in_ R tc filter add dev toA parent 1: protocol ip u32 match u16 5002 0xffff at 20 flowid 1:2
}

# one_drop: every 9000th packet of A is lost, whatever the queue does: after 5.5 s and
# 11 s.  Less would do in a longer run, but tc counts to 10000.
one_drop()
{
	local after=$((ms * 9 / 10))
	in_ R tc qdisc add dev toA clsact
	in_ R tc filter add dev toA ingress protocol ip u32 match u32 0 0 \
		action gact ok random determ drop $((after < 9000 ? after : 9000))
}

# run LABEL PROTO CC ARQ MS PORT...: a flow to each of the ports
run()
{
	local label=$1 proto=$2 cc=$3 arq=$4 ms=$5 i=0 port pids=() drops
	shift 5
	for port; do
		i=$((i + 1))
		ip netns exec "${nspre}A" "$flow" send "$proto" 10.0.2.2 "$port" "$ms" 50 "$cc" "$arq" \
			>"$out/$label.$proto.$cc.$arq.$i" &
		pids+=($!)
	done
	wait "${pids[@]}"
	drops=$(in_ R tc -s qdisc show dev toB | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p' | tail -n 1)
	echo "$label $proto $cc $arq $mbit $# ${drops:-0}" | tee -a "$out/index"
}

sinks()
{
	local port
	for port in 5001 5002; do
		start "sink$port" B "$flow" sink "$1" 10.0.2.2 $port
		disown "$started"	# no word when it is ended
	done
	sleep 0.3
}

# bench PROTO CC
bench()
{
	local ecn='' bdp=67	# packets in 40 ms
	[ "$2" != dctcp ] || ecn=ecn
	three_hosts
	if [ -n "$ecn" ]; then
		for one in A B; do in_ $one sysctl -qw net.ipv4.tcp_ecn=1 net.ttp.ecn=1; done
		[ "$1" = ttp ] || in_ B sysctl -qw net.ipv4.tcp_congestion_control=dctcp
		[ "$1" = tcp ] || in_ B sysctl -qw net.ttp.congestion_control=dctcp
	fi
	for one in A B; do
		in_ $one sysctl -qw net.ipv4.tcp_no_metrics_save=1
	done
	sinks "$1"
	queue $bdp $ecn
	delays 40
	one_drop
	run one "$1" "$2" - $ms 5001
	in_ R tc qdisc del dev toA clsact
	queue $bdp $ecn
	run two "$1" "$2" - $((2 * ms)) 5001 5001
	queue $bdp $ecn
	run eight "$1" "$2" - $((2 * ms)) 5001 5001 5001 5001 5001 5001 5001 5001
	delays 10 100
	queue $bdp $ecn
	run rtts "$1" "$2" - $((2 * ms)) 5001 5002
	clear_up
	rm -f "$work/hosts"
}

# bench_arq SCHEME LOSS RTT: bare line, no queue to speak of, loss on the way there
bench_arq()
{
	three_hosts
	netem_at R toB limit 10000 rate ${mbit}mbit loss "$2%"
	delays "$3"
	for one in A B; do in_ $one sysctl -qw net.ttp.arq="$1"; done
	# a window that fills the path, and no more: go-back-N sends all of it again
	echo $(($3 * mbit * 1000 / 8 / 1514 + 5)) >/sys/module/ttp_fixed/parameters/window
	sinks ttp
	run "arq-$2-$3" ttp fixed "$1" $arq_ms 5001
	clear_up
	rm -f "$work/hosts"
}

selected=${#algorithms[@]}
[ "$selected" != 0 ] || mapfile -t algorithms <<<"$names"
for cc in "${algorithms[@]}"; do
	[[ " $names " == *"$cc"* ]] && bench ttp "$cc"
	[[ " $tcps " == *" $cc "* ]] && bench tcp "$cc"
done
[ "$selected" != 0 ] || for scheme in stop-and-wait go-back-n selective-repeat; do
	for loss in 0 1 5; do
		for rtt in 1 20 100; do bench_arq $scheme $loss $rtt; done
	done
done
exit 0
