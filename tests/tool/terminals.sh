# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
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
	many | sed 's/"client"/"학생"/' >many
	terminal 'pick: moves, draws, goes back' 12x110 "$TTP" ladder --pick -r many <<-EOF
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
	terminal 'pick: search' 12x110 "$TTP" ladder --pick -r many <<-EOF
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
	terminal 'pick: another size' 12x110 "$TTP" ladder --pick -r many <<-EOF
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
	terminal 'pick: one is drawn at once' 12x110 "$TTP" ladder --pick -p 49155 -r many <<-EOF
		see SYN_SENT
		key q
		end 0
	EOF
	terminal 'pick: none' 12x110 "$TTP" ladder --pick -p 9 -r many <<-EOF
		see no such connection
		end 1
	EOF
	terminal 'pick: a terminal that ncurses does not know' 12x110 \
		sh -c 'TERM=nonesuch exec "$0" ladder --pick -r many' "$TTP" <<-EOF
		see TERM=nonesuch is no terminal
		end 1
	EOF
}
