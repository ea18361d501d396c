# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# Pictures: are they true, whole, and read by others?  Sourced by run.

# like_json ARGUMENT...: the picture of a ladder has the rows that are in the JSON
like_json()
{
	"$TTP" ladder --svg -o picture.svg "$@" 2>err && "$TTP" ladder -j -o rows.json "$@" 2>>err &&
		python3 "$here/pictures.py" ladder picture.svg rows.json
}

test_ladder_svg()
{
	if ! command -v python3 >/dev/null; then
		skip 'ladders as SVG' 'no python3'
		return
	fi
	bulk 800 >bulk.jsonl
	for f in "$here"/ladder/*.jsonl bulk.jsonl; do
		check "SVG of $(basename "$f" .jsonl)" like_json -r "$f"
		check 'with crossings, each segment' like_json -X -F -r "$f"
		check 'as narrow as can be' like_json -w 80 -S -r "$f"
	done
	# the longest addresses, and two lines of words at an arrow, beside those of the next one
	sed 's/"10.99.0.\([12]\)"/"2001:db8:aaaa:bbbb:cccc:dddd:eeee:ff0\1"/g
		s/"seq":/"opt_sack":[[3051891989,3071612070],[3466120933,3892839229]],&/' "$here/ladder/walk.jsonl" >wide
	for width in 80 100 116 200; do
		check "SVG of many words, $width columns" like_json -X -F -w $width -r wide
	done
	sed 's/49152/49153/g' bulk.jsonl | cat bulk.jsonl - >both
	check 'SVG of two' like_json -a -r both
	named 'a\&<b>\\"c' '학생\\uffff' >names
	check 'SVG of names that XML does not have' like_json -r names
	check 'they are there' grep -qF '>a&amp;&lt;b&gt;&quot;c</text>' picture.svg
	check 'SVG has no id, no link and no script' sh -c \
		"! grep -E ' id=|href|url\\(|<script' picture.svg"
	bulk 20000 >bulk.jsonl
	"$TTP" ladder --svg -r bulk.jsonl >picture.svg 2>err
	check 'a long one is not large' [ "$(wc -c <picture.svg)" -lt 30000 ]
	cp bulk.jsonl copy
	ends 'ladder -o does not empty what it reads' 1 'is the recording that is read' \
		"$TTP" ladder -r copy -o copy
	ends 'ladder -o: a full disk' 1 'write to /dev/full' "$TTP" ladder --svg -r copy -o /dev/full
	"$TTP" ladder --color always -r "$here/ladder/walk.jsonl" -o drawn 2>err
	check 'ladder -o has what the terminal has' diff -u "$here/ladder/walk.txt" drawn
	"$TTP" ladder --mermaid -r "$here/ladder/walk.jsonl" -o drawn 2>err
	check 'ladder -o has no rest of what was there' grep -q '^sequenceDiagram' drawn
	check 'nor at its end' sh -c '! grep -q "[│─]" drawn'
	cp drawn before
	echo nonsense >broken
	ends 'ladder -o of a bad recording' 1 'broken' "$TTP" ladder -r broken -o drawn
	ends 'ladder -o of one without a connection' 1 'no connection was seen' \
		"$TTP" ladder -r /dev/null -o drawn
	ends 'ladder -o of none of its connections' 1 'no such connection among the 1' \
		"$TTP" ladder -c 2 -r "$here/ladder/walk.jsonl" -o drawn
	ends 'plot -o of one without a connection' 1 'no connection was seen' \
		"$TTP" plot -j -r /dev/null -o drawn
	ends 'monitor -o of none' 1 'nosuch: No such file' "$TTP" monitor -r nosuch -o drawn
	ends 'ladder -s of none' 1 'nosuch: No such file' "$TTP" ladder -r nosuch -s drawn
	check 'what the file had is still there' cmp before drawn
}

test_mermaid()
{
	f=$here/ladder/loss
	"$TTP" ladder --mermaid -r "$f.jsonl" >drawn 2>err
	check 'Mermaid has a line for each segment' [ "$(grep -c '^    [LR]-[->x)]*[LR]: ' drawn)" = \
		"$(grep -c '[├┤]' "$f.txt")" ]
	check 'what is lost ends in a cross' [ "$(grep -c '^    L-xR: PSH,ACK seq=1449 .* lost' drawn)" = 1 ]
	check 'states are notes' grep -qx '    Note right of R: SYN_RCVD<br/>SYN §3.10.7.2' drawn
	named 'a;b#c<d' server | "$TTP" ladder --mermaid -r - >drawn 2>err
	check 'Mermaid is escaped' grep -qF ' L as a#59;b#35;c#60;d<br/>' drawn
	bulk 800 | "$TTP" ladder --mermaid -r - >drawn 2>err
	check 'long runs are folded there, too' grep -qx '    R-->>L: 398 ACKs' drawn
}

# with_variables: a bulk transfer whose client says what TTP's events say, and that has losses
with_variables()
{
	bulk "$1" | awk '
	/"saddr":"10.99.0.1"/ && /"event":"segment"/ {
		n++
		sub(/}$/, sprintf(",\"cwnd\":%d,\"ssthresh\":%d,\"in_flight\":%d," \
			"\"snd_una\":%.0f,\"snd_nxt\":%.0f,\"snd_wnd\":%d,\"srtt_us\":%d," \
			"\"rto_us\":%d}", 14480 + n % 97 * 700, n < 200 ? 2147483647 : 30000 + n,
			n % 53 * 1448, 12011 + n, 12011 + n + n % 61 * 1000, 64256 + n * 3,
			20000 + n % 13 * 77, 220000 + n % 7 * 1000))
		if (n % 150 == 0 && /"direction":"out"/)
			sub(/"direction":"out"/, "&,\"retransmission\":true")
	}
	n % 200 == 1 && /"direction":"in"/ && /"seg_len":1448/ { next }
	{ print }'
}

# true_plot FILE ARGUMENT...
true_plot()
{
	file=$1
	shift
	"$TTP" plot -r "$file" -o plot.svg "$@" 2>err && "$TTP" plot -j -r "$file" "$@" >points.json &&
		python3 "$here/pictures.py" plot plot.svg points.json "$file" 10.99.0.1
}

test_plot()
{
	if ! command -v python3 >/dev/null; then
		skip 'plots' 'no python3'
		return
	fi
	with_variables 800 >vary.jsonl
	check 'plot: as it was recorded' true_plot vary.jsonl
	check 'of this end' true_plot vary.jsonl -e left
	check 'of some' true_plot vary.jsonl cwnd rtt
	check 'plots what was asked for' [ "$(grep -c '<g data-panel' plot.svg)" = 2 ]
	sed '1a{"event":"state","ns":"client","time_ns":996000000,"id":9,"netns":1010,"family":"inet","saddr":"10.99.0.1","sport":5,"daddr":"10.99.0.2","dport":6,"from":"TIME_WAIT","state":"CLOSED","cause_kind":"timer","cause":"2 MSL","section":"3.10.8"}' \
		"$here/ladder/walk.jsonl" >after.jsonl
	"$TTP" plot -r "$here/ladder/walk.jsonl" >alone.svg
	"$TTP" plot -r after.jsonl >after.svg
	check 'plot of the first that begins' cmp alone.svg after.svg
	"$TTP" ladder -r "$here/ladder/walk.jsonl" >alone
	"$TTP" ladder -r after.jsonl >after 2>/dev/null
	check 'ladder of the first that begins' cmp alone after
	ends 'plot of one without' 1 'no such connection' "$TTP" plot -c 1 -r after.jsonl
	for f in loss walk gso; do
		check "plot of $f" true_plot "$here/ladder/$f.jsonl" -e left
	done
	"$TTP" plot -j -r "$here/ladder/loss.jsonl" >points.json
	check 'plot: what was lost' python3 -c 'import json
assert json.load(open("points.json"))["lost"]["points"] == [[0.108, 1449.0]]'
	check 'plot: a round-trip time' python3 -c 'import json
assert [0.176, 0.07] in [[t, round(v, 6)] for t, v in json.load(open("points.json"))["RTT"]["points"]]'
	with_variables 6000 >long.jsonl
	"$TTP" plot -r long.jsonl >plot.svg 2>err
	check 'a long plot is not large' [ "$(wc -c <plot.svg)" -lt 600000 ]
	check 'and has all there is' grep -q 'data-series="data" data-count="6000"' plot.svg
	ends 'plot: what the recording does not have' 1 'has nothing for cwnd' \
		"$TTP" plot -r "$here/ladder/loss.jsonl" cwnd
	ends 'plot: no connection' 1 'no connection was seen' "$TTP" plot -r /dev/null
	# shellcheck disable=SC2016 # for the inner shell
	ends 'plot: not into what it reads' 1 'is the recording that is read' sh -c \
		'cp vary.jsonl copy.svg && exec "$0" plot -r copy.svg -o copy.svg' "$TTP"
	if command -v rsvg-convert >/dev/null; then
		"$TTP" plot -r vary.jsonl -o plot.png 2>err
		check 'plot as PNG' [ "$(head -c 4 plot.png | tail -c 3)" = PNG ]
	else
		skip 'plot as PNG' 'no rsvg-convert'
	fi
	ends 'PNG without librsvg' 1 'PNG needs rsvg-convert' \
		env PATH=/nowhere "$TTP" plot -r vary.jsonl -o plot.png
}
