# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2016
#
# What takes the whole terminal: ttp ladder --pick, ttp top, ttp states --follow.
# Sourced by run.

# terminal NAME SIZE COMMAND...: does as standard input says
terminal()
{
	name=$1 size=$2
	shift 2
	if python3 "$here/terminal.py" "$size" "$@" >out 2>err; then
		ok "$name"
	else
		not_ok "$name" "$(cat out err)"
	fi
}

# many: a recording of connections from the ports 49152 to 49176, in order
many()
{
	i=0
	while [ $i -lt 25 ]; do
		sed "s/49152/$((49152 + i))/g" "$here/ladder/walk.jsonl"
		i=$((i + 1))
	done
}

test_pick()
{
	if ! command -v python3 >/dev/null; then
		skip 'ttp ladder --pick' 'no python3'
		return
	fi
	many | sed 's/"client"/"학생"/' >recorded
	terminal 'pick: moves, draws, goes back' 12x110 "$TTP" ladder --pick -r recorded <<-EOF
		see Segments
		see 1  0.000  학생 10.99.0.1:49152  server 10.99.0.2:7000        11     18  CLOSED  CLOSED
		see q end
		no 49162
		key j
		key <down>
		key k
		key <enter>
		see SYN_SENT
		see 10.99.0.1:49153
		no FIN_WAIT_1
		key G
		see 12 octets
		no SYN_SENT
		key g
		see SYN_SENT
		key q
		see Segments
		key G
		see 49176
		no 49153
		key q
		end 0
	EOF
	terminal 'pick: search' 12x110 "$TTP" ladder --pick -r recorded <<-EOF
		see 49152
		key /
		see /_
		key 491x
		key <erase>
		key 70
		see /49170_
		key <enter>
		see 49170
		key <enter>
		see 10.99.0.1:49170
		key /fin_wait
		key <enter>
		see FIN_WAIT_1
		key n
		see FIN_WAIT_2
		key /nothing
		key <enter>
		see /nothing: not found
		key <escape>
		see Segments
		key /학생
		key <enter>
		see 49171
		key <interrupt>
		end 0
	EOF
	terminal 'pick: another size' 12x110 "$TTP" ladder --pick -r recorded <<-EOF
		see 49152
		size 30x100
		line 1 Start  From                  To                     Segments  Bytes  States at last
		see 49176
		key <enter>
		see SYN_SENT
		size 60x130
		see 12 octets in 5 segments
		size 5x20
		see q back
		key q
		key q
		end 0
	EOF
	terminal 'pick: one is drawn at once' 12x110 "$TTP" ladder --pick -p 49155 -r recorded <<-EOF
		see SYN_SENT
		key q
		end 0
	EOF
	terminal 'pick: none' 12x110 "$TTP" ladder --pick -p 9 -r recorded <<-EOF
		see no such connection
		end 1
	EOF
	terminal 'pick: a terminal that ncurses does not know' 12x110 \
		sh -c 'TERM=nonesuch exec "$0" ladder --pick -r recorded' "$TTP" <<-EOF
		see TERM=nonesuch is no terminal
		end 1
	EOF
}

# connections COUNT COMMAND...: the tool with a module that has so many
connections()
{
	n=$1
	shift
	$limit env SOCKETS="$n" LD_PRELOAD="$tmp/silent.so" "$TTP" "$@"
}

test_top()
{
	connections 3 top -b -n 3 -d 0.05 >got 2>err
	check 'top -b: so many frames' [ "$(grep -c ' 3 sockets, 3 ESTABLISHED; out ' got)" = 3 ]
	check 'no rates at first' [ "$(grep -c 'ESTABLISHED  *10.0.0.1:5000[1-3] .* - .* - ' got)" = 3 ]
	tail -n 3 got | awk '{ print $2 }' | cut -d: -f2 >order
	check 'the greatest first' [ "$(xargs <order)" = '50003 50002 50001' ]
	connections 3 top -b -n 2 -d 0.05 --sort rtt | tail -n 3 | awk '{ print $2 }' | cut -d: -f2 >order
	check 'or by another column' [ "$(xargs <order)" = '50001 50002 50003' ]
	check 'a filter' [ "$(connections 3 top -b -n 1 sport 50002 | grep -c ESTABLISHED)" = 2 ]
	check 'none' [ "$(connections 3 top -b -n 1 state time-wait | grep -c ESTAB)" = 0 ]
	connections 3 top -j -n 2 -d 0.5 >got 2>err
	if command -v python3 >/dev/null; then
		check 'top -j: a rate is what was added in that time' python3 -c 'import json, sys
first, second = map(json.loads, sys.stdin)
for s in second["sockets"]:
    bits = 8000 * (s["sport"] - 50000) / ((second["time_ns"] - first["time_ns"]) / 1e9)
    assert abs(s["out_bps"] - bits) < bits / 100 and s["in_bps"] == 0, (s, bits)' <got
	else
		skip 'ttp top in a terminal' 'no python3'
		return
	fi
	ends 'top: a pipe that is closed is no failure' 0 '' sh -c \
		'SOCKETS=9 LD_PRELOAD="$1" "$0" top -b -d 0.01 | head -n 1' "$TTP" "$tmp/silent.so"
	terminal 'top in a terminal' 10x120 env SOCKETS=30 LD_PRELOAD="$tmp/silent.so" \
		"$TTP" top -d 0.2 <<-EOF
		see 30 sockets, 30 ESTABLISHED
		see sorted by out
		see 10.0.0.1:50030
		no 10.0.0.1:50001
		see k  
		key r
		see sorted by rtt
		see 10.0.0.1:50001
		no 10.0.0.1:50030
		key j
		no 10.0.0.1:50001
		key k
		see 10.0.0.1:50001
		size 40x120
		see 10.0.0.1:50030
		key q
		end 0
	EOF
}

test_states()
{
	f=$here/ladder/walk.jsonl
	"$TTP" states -r "$f" >got 2>err
	check 'states -r: what was taken' [ "$(sed 1d got | awk '{ print $1 ">" $2, $NF }' | xargs)" = \
		"$(grep '"event":"state"' "$f" | sed 's/.*"from":"\([^"]*\)".*/\1/' >from
		grep '"event":"state"' "$f" | sed 's/.*"state":"\([^"]*\)".*/\1 1/' | paste -d'>' from - | xargs)" ]
	ends 'states -r --dot' 0 'SYN_SENT -> ESTABLISHED' "$TTP" states -r "$f" --dot
	"$TTP" states -r "$f" -j >json
	check 'states -r -j' [ "$(grep -c '"count": *1' json)" = "$(sed 1d got | wc -l)" ]
	"$TTP" states -f -r "$f" >got 2>err
	check 'follow: a drawing for each change' [ "$(grep -c '\[A' got)$(grep -c 'B\]' got)" = 1112 ]
	check 'both are where they are' sh -c 'tail -n 17 got | grep -q "\[A CLOSED      B\]"'
	check 'and were' sh -c 'grep -A 9 "^A .*FIN_WAIT_1" got | head -n 10 | grep -q "B\]-- \|FIN_WAIT_1"'
	ends 'of another port nothing' 1 'no change of state was seen' "$TTP" states -f -p 9 -r "$f"
	command -v python3 >/dev/null || return
	terminal 'follow: keys' 24x80 "$TTP" states --follow -r "$f" <<-EOF
		see 1 of 12
		see [  LISTEN      B]
		key j
		see [A SYN_SENT     ]
		see 2 of 12
		key G
		see 12 of 12
		see [A CLOSED      B]
		see TIME_WAIT -> CLOSED  2 MSL
		key b
		key k
		see [A TIME_WAIT    ]
		see [  LAST_ACK    B]
		key q
		end 0
	EOF
	terminal 'follow: live' 24x80 env LD_PRELOAD="$tmp/silent.so" "$TTP" states --follow <<-EOF
		see watching
		key <interrupt>
		see no change of state
		end 1
	EOF
}
