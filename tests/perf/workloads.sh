# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the rows of bench.sh do: each function gets the row's name first, runs the
# workload over $proto from A to B, and notes what came of it.  Sourced, never run.
# shellcheck disable=SC2154 # bench.sh and tests/vm/lib.sh set them

port=2000
bulk_ms=300	# that bulk is measured, after as long a start

# serve HOST SIZE [alone]: sets $server
serve()
{
	port=$((port + 1))
	# ip becomes the server: it is what is ended
	ip netns exec "$nspre$1" "$speed" serve "$proto" 0.0.0.0 $port "${@:2}" 2>"$work/server" &
	server=$!
	pause 0.1	# SYNs would be refused before
}

# end_server PID...: without a word of the shell's
end_server()
{
	kill "$@"
	wait "$@" 2>/dev/null
}

# measure ROW UNIT SIZE ADDRESS WORKLOAD ARGUMENT...: from A; the server is at B, or at A for
# the loopback device
measure()
{
	local row=$1 unit=$2 size=$3 addr=$4 host=B
	[ "$addr" != 127.0.0.1 ] || host=A
	serve $host "$size" ${alone:+alone}
	note "$row" "$unit" "$(in_ A "$speed" "$5" "$proto" "$addr" "$port" "${@:6}")"
	end_server "$server"
}

address_of() { [ "$1" = loopback ] && echo 127.0.0.1 || echo "${b_address:-10.0.0.2}"; }

# device_is DEVICE MTU OFFLOADS
device_is()
{
	local end ends=(A:toB B:toA)
	[ "$1" != loopback ] || ends=(A:lo)
	for end in "${ends[@]}"; do
		ip -n "$nspre${end%:*}" link set "${end#*:}" mtu "$2"
		[ "$3" = on ] || no_offload "${end%:*}" "${end#*:}" 2>/dev/null
	done
}

# bulk ROW DEVICE MTU OFFLOADS FLOWS
bulk()
{
	device_is "$2" "$3" "$4"
	measure "$1" Mbit/s 0 "$(address_of "$2")" bulk "$5" "$bulk_ms"
}

# bulk_with ROW ALGORITHM
bulk_with()
{
	local whose=ipv4.tcp
	[ "$proto" = tcp ] || whose=ttp.
	[ "$proto" = ttp ] || whose+=_
	if in_ A sysctl -qw "net.${whose}congestion_control=$2"; then
		bulk "$1" veth 1500 on 1
	else
		note "$1" Mbit/s ''
	fi
}

rr() { measure "$1" us "$3" "$(address_of "$2")" rr "$3" 3000; }

# rr, while each segment is watched: by the monitor, or by tcpdump
rr_watched()
{
	local watcher=("$tool" monitor segment)
	[ "$proto" = ttp ] || watcher=(tcpdump -ni lo -w /dev/null)
	# not in_, whose shell would be what is killed: the watcher would slow down all rows after
	ip netns exec "${nspre}A" "${watcher[@]}" >/dev/null 2>&1 &
	local pid=$!
	pause 0.5
	rr "$@"
	kill "$pid"
	wait "$pid" 2>/dev/null
}

crr() { alone=yes measure "$1" us 1 "$(address_of "$2")" crr 2000; }

# line DELAY-THERE DELAY-BACK [OPTION OF netem...]: the router's, in ms
line()
{
	netem_at R toB limit 10000 delay "$1ms" "${@:3}"
	netem_at R toA limit 10000 delay "$2ms"
}

# loss ROW: what is lost is another packet each time, so it takes its time
loss()
{
	line 10 10 loss 1%
	measure "$1" Mbit/s 0 10.0.2.2 bulk 1 20000
}

# fairness ROW: a flow beside one of TCP's, which begin together, behind a queue of one
# bandwidth-delay product
fairness()
{
	local servers=() ports=() mine theirs
	in_ R tc qdisc add dev toB root handle 1: tbf rate 10mbit burst 4000 limit 1000000
	in_ R tc qdisc add dev toB parent 1:1 handle 2: pfifo limit 33
	netem_at R toA limit 10000 delay 40ms
	proto=tcp serve B 0
	servers=("$server") ports=("$port")
	serve B 0
	servers+=("$server") ports+=("$port")
	ip netns exec "${nspre}A" "$speed" bulk tcp 10.0.2.2 "${ports[0]}" 1 30000 >"$work/theirs" &
	theirs=$!
	mine=$(in_ A "$speed" bulk "$proto" 10.0.2.2 "${ports[1]}" 1 30000)
	wait "$theirs"
	theirs=$(<"$work/theirs")
	end_server "${servers[@]}"
	note "$1, throughput" Mbit/s "$mine"
	note "$1, Jain's index" fair "$(jain "$mine" "$theirs")"
}

jain() { awk -v a="$1" -v b="$2" 'BEGIN { if (a + b) printf "%.3f", (a + b) * (a + b) / 2 / (a * a + b * b) }'; }

# neighbours ROW NEW: connections of protocol NEW are opened while 64 flows of $proto run
neighbours()
{
	local flows crowd rate slowest
	serve B 0
	flows=$server
	ip netns exec "${nspre}A" "$speed" bulk "$proto" 10.0.0.2 "$port" 64 30000 >"$work/crowd" &
	crowd=$!
	pause 0.2
	proto=$2 serve B 0 alone
	read -r rate slowest < <(in_ A "$speed" connects "$2" 10.0.0.2 "$port" 500)
	end_server "$crowd" "$flows" "$server"
	note "$1, in a second" 1/s "$rate"
	note "$1, the slowest" ms "$slowest"
}

# half_of_the_ports ROW: connect(), when a server has connections from every other port
half_of_the_ports()
{
	in_ A sysctl -qw net.ipv4.ip_local_port_range='32768 60999' net.ttp.local_port_range='32768 60999' \
		net.core.somaxconn=65535
	note "$1" us "$(in_ A "$speed" ports "$proto" 127.0.0.1 3000 14116 500)"
}

# A listener with room for 65536 requests, the peers that its answers go to: $server
flooded()
{
	local whose=ipv4.tcp_
	[ "$proto" = tcp ] || whose=ttp.
	in_ B sysctl -qw net.core.somaxconn=65535 "net.${whose}syncookies=$1" ${2:+"net.${whose}max_syn_backlog=$2"}
	ip -n "${nspre}B" route add default via 10.0.0.1	# A throws them away
	serve B 0
}

# half_open ROW COUNT
half_open()
{
	local before
	flooded 0 65536
	before=$(in_objects)
	in_ A "$syns" "$proto" 10.0.0.2 "$port" "$2" >/dev/null
	memory_of "$1" B SYN_RCVD syn-recv "$before"
	end_server "$server"
}

# syn_flood ROW COOKIES: what one of 20,000 takes
syn_flood()
{
	flooded "$2"
	note "$1" us "$(in_ A "$syns" "$proto" 10.0.0.2 "$port" 20000)"
	end_server "$server"
}

# Bytes in objects of the kernel's, once what RCU and the caches hold back is free: when it is
# the same twice but for 5 bytes for each of 10,000.
in_objects()
{
	local before=0 now i cache
	for ((i = 0; i < 10; i++)); do
		echo 3 >/proc/sys/vm/drop_caches
		pause 1
		for cache in /sys/kernel/slab/*; do
			[ -L "$cache" ] || echo 1 >"$cache/shrink" 2>/dev/null
		done
		now=$(awk 'NR > 2 { sum += $2 * $4 } END { printf "%d", sum }' /proc/slabinfo)
		[ $((now - before)) -gt 50000 ] || [ $((before - now)) -gt 50000 ] || break
		before=$now
	done
	echo "$now"
}

# memory_of ROW HOST STATE STATE-OF-ss BEFORE: of each socket there that is in this state
memory_of()
{
	local grown count
	grown=$(($(in_objects) - $5))
	count=$(sockets "$2" "$([ "$proto" = tcp ] && echo "$4" || echo "$3")")
	note "$1" bytes "$([ "$count" -lt 5000 ] || echo $((grown / count)))"
}

now_us() { local t=${EPOCHREALTIME/./}; echo "$t"; }

# in_ms COMMAND...: how long it takes, at A
in_ms()
{
	local start
	start=$(now_us)
	in_ A "$@" >/dev/null
	echo $((($(now_us) - start) / 1000))
}

# go_on: what waits in hold does its next step
go_on()
{
	echo >&8
	read -r _ <&9
}

# held ROW COUNT: connections, whose both ends are here: what each takes, how long they are
# listed, what others cost beside them
held()
{
	local row=${1%,*} count=$2 hold before files=/proc/net/tcp by=(ss -Htan)
	[ "$proto" = tcp ] || { files=/proc/net/ttp/sockets; by=("$tool" show -Hna); }
	in_ A sysctl -qw net.core.somaxconn=65535 net.ipv4.tcp_max_tw_buckets=262144
	rm -f "$work/in" "$work/said"
	mkfifo "$work/in" "$work/said"
	ip netns exec "${nspre}A" "$speed" hold "$proto" 127.0.0.1 4000 "$count" <"$work/in" >"$work/said" &
	hold=$!
	exec 8>"$work/in" 9<"$work/said"
	read -r _ <&9
	before=$(in_objects)
	go_on
	[ "$count" != 10000 ] ||
		note "memory, both ends of an idle connection" bytes $((($(in_objects) - before) / count))
	note "$row, list in /proc" ms "$(in_ms cat "$files")"
	note "$row, list by ss and ttp show" ms "$(in_ms "${by[@]}")"
	if given a; then
		rr "$row, a byte and its answer" loopback 1
		crr "$row, connect, ask, close" loopback
	fi
	go_on
	[ "$count" != 10000 ] || memory_of "memory, a TIME_WAIT" A TIME_WAIT time-wait "$before"
	end_server "$hold"
	exec 8>&- 9<&-
}
