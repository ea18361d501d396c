# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# ttp pcap --join: captures of Linux's TCP, or two recordings, that became one.  Sourced by run.
# joins/*.pcap are of tests/vm/join.sh: cut behind 96 bytes, and on a router the ACK of
# the handshake and a data segment were lost.

frames() { python3 "$here/frames.py" "$@"; }

# as_joined NAME CAPTURE...: its ladder is that of the two captures
as_joined()
{
	name=$1
	shift
	"$TTP" pcap --join "$@" -o joined 2>err && "$TTP" ladder -F -r joined 2>>err | sed 1,2d >drawn
	check "$name" diff -u want drawn
	check 'and nothing is said' [ ! -s err ]
}

# left_out HOW TEXT: a line says so, and something is drawn all the same
left_out()
{
	frames "$1" "$here/joins/client.pcap" client.pcap
	ends "captures with $1" 0 "$2" "$TTP" pcap --join client.pcap "$here/joins/server.pcap" -o joined
	check 'in one line' [ "$(wc -l <err)" = 1 ]
	check 'the others are there' "$TTP" ladder -r joined
}

test_joins()
{
	if ! command -v python3 >/dev/null; then
		skip 'ttp pcap --join' 'no python3'
		return
	fi
	client=$here/joins/client.pcap server=$here/joins/server.pcap
	"$TTP" pcap --join "$client" "$server" -o joined
	drawing 'two captures' "$here/joins/ladder.txt" -F -r joined
	sed 1,2d drawn >want
	as_joined 'the other one first' "$server" "$client"
	frames later:3.25 "$server" late.pcap
	as_joined 'a clock that is 3.25 s ahead' "$client" late.pcap
	frames later:86400 "$client" late.pcap
	as_joined 'a clock that is a day ahead' "$server" late.pcap
	for how in raw ipv4 sll sll2 null vlan pcapng ttp; do
		frames $how "$client" client.pcap
		frames $how "$server" server.pcap
		as_joined "captures of $how" server.pcap client.pcap
	done
	frames six "$client" client.pcap
	frames six "$server" server.pcap
	"$TTP" pcap --join client.pcap server.pcap | "$TTP" ladder -j -F -r - >drawn
	check 'of IPv6' grep -q '"fd00::a00:202"' drawn
	grep '"flags"' drawn >got
	"$TTP" pcap --join "$client" "$server" | "$TTP" ladder -j -F -r - | grep '"flags"' >flags
	check 'with all segments' sh -c '[ -s got ] && diff flags got'
	join_alone
	join_recordings
	join_bad
	join_fuzz
}

join_alone()
{
	for end in client server; do
		"$TTP" pcap --join "$here/joins/$end.pcap" -o joined 2>err
		check "the $end's alone: only it is there" [ "$(grep -v '"event":"recording"' joined |
			grep -o '"sport":[0-9]*' | sort -u | wc -l)" = 1 ]
	done
	grep -q '"sport":5001' joined || not_ok "the server's is the server's" "$(head -n 2 joined)"
	ends 'and its states' 0 'LAST_ACK' "$TTP" ladder -r joined
	for viewer in 'report -o page' 'plot' 'pcap' 'monitor'; do
		if [ "$viewer" = 'report -o page' ] && [ ! -e /usr/share/nodejs/d3 ]; then
			skip 'ttp report reads it' 'no D3: scripts/setup report'
			continue
		fi
		# shellcheck disable=SC2016,SC2086
		check "ttp ${viewer%% *} reads it" sh -c '"$0" "$@" -r joined >out' "$TTP" $viewer
	done
	"$TTP" pcap --join "$client" "$server" port 5001 >got
	check 'a filter' cmp got - <<-EOF
		$("$TTP" pcap --join "$client" "$server")
	EOF
	ends 'that matches nothing' 1 'no such segment' "$TTP" pcap --join "$client" "$server" port 1
}

# one_end NAME SECONDS: what this end says in loss.jsonl, as another machine would: with a clock
# that is so much later, and without a name of a namespace
one_end()
{
	python3 -c 'import json, sys
for line in open(sys.argv[1]):
	ev = json.loads(line)
	if ev.pop("ns", sys.argv[2]) == sys.argv[2]:
		ev["netns"] = 1
		ev["time_ns"] += int(sys.argv[3]) * 10**9
		print(json.dumps(ev))' "$here/ladder/loss.jsonl" "$1" "$2" >"$1.jsonl"
}

join_recordings()
{
	"$TTP" ladder -F -r "$here/ladder/loss.jsonl" | sed 1,2d >want
	for seconds in 0 1000; do
		one_end client $((1000 - seconds))
		one_end server $seconds
		as_joined "two recordings, one clock $seconds s later" client.jsonl server.jsonl
		as_joined 'the other one first' server.jsonl client.jsonl
	done
	check 'each end has its name' [ "$(grep -o '"ns":"[a-z]*"' joined | sort -u | xargs)" = 'ns:client ns:server' ]
	check 'with a first line' [ "$(grep -c '"event":"recording"' joined)" = 1 ]
	"$TTP" pcap --join client.jsonl server.jsonl -o joined port 1 && ! grep -q segment joined
	check 'a filter' [ $? = 0 ]
	ends 'a recording and a capture' 2 'two recordings, or' "$TTP" pcap --join client.jsonl "$server"
	ends 'a recording alone' 2 'two recordings, or' "$TTP" pcap --join client.jsonl
	grep recording client.jsonl >none.jsonl
	ends 'of other connections' 1 'no segment is in both' "$TTP" pcap --join none.jsonl server.jsonl
}

join_bad()
{
	left_out fragment 'IP fragments'
	left_out cut 'cut within their headers'
	left_out doff 'broken'
	left_out length 'broken'
	head -c 1000 "$server" >cut.pcap
	ends 'a file that is cut' 0 'it ends too early' "$TTP" pcap --join "$client" cut.pcap -o joined
	head -c 24 "$server" >empty.pcap
	ends 'an empty capture' 1 'no segment' "$TTP" pcap --join "$client" empty.pcap -o joined
	sed 's/$//' "$here/mistakes" >text
	ends 'no capture' 1 'text: unknown file format' "$TTP" pcap --join "$client" text -o joined
	frames other "$server" other.pcap
	ends 'captures of other connections' 1 'no connection is in both' \
		"$TTP" pcap --join "$client" other.pcap -o none
	check 'then nothing is written' [ ! -e none ]
	cp "$client" copy.pcap
	ends 'what is read is not written to' 1 'write to another file' \
		"$TTP" pcap --join copy.pcap "$server" -o copy.pcap
	check 'it is as it was' cmp copy.pcap "$client"
	ends 'a full disk' 1 'No space left' sh -c "'$TTP' pcap --join '$client' '$server' >/dev/full"
	python3 -c 'import struct, sys
sys.stdout.buffer.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 96, 105))' >wlan.pcap
	ends 'a link type that is not known' 1 'is a capture of IEEE802_11, not of' \
		"$TTP" pcap --join "$client" wlan.pcap
}

# lengths that lie, numbers that cannot be: no crash
join_fuzz()
{
	frames fuzz:150 "$client" broken.
	i=0
	while [ -e broken.$i ]; do
		"$TTP" pcap --join broken.$i "$server" -o joined 2>err
		if [ $? -gt 1 ] || [ "$(wc -l <err)" -gt 4 ]; then
			not_ok "broken capture $i" "$(cat err)"
		elif [ $((i % 8)) = 0 ] && [ -s joined ]; then
			"$TTP" ladder -r joined >drawn 2>err || not_ok "drawn: $i" "$(cat err)"
		fi
		i=$((i + 1))
	done
	check 'broken captures' [ $i = 150 ]
}
