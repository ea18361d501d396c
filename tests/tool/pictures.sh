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
