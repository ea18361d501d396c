# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# What a ladder must be whatever it shows.  Sourced by run.

# words ARGUMENT...: of a drawing, but for times and what narrow ones leave out
words()
{
	"$TTP" ladder "$@" 2>err | sed 's/§//g; s/in [0-9]* pieces//' |
		tr -s ' ' '\n' | grep -e '^[0-9A-Za-z]' | grep -vxE '[0-9]+\.[0-9]{3}|ms|win=.*' | sort
}

# no line is wider, and nothing that a wide drawing has is cut
is_whole()
{
	words -U -w 200 "$@" >want
	[ -s want ] || return
	for how in '-U -w 80' '-A -w 80' '-U -w 100' '-A -w 200'; do
		# shellcheck disable=SC2086
		words $how "$@" >got
		diff -u want got || return
		# shellcheck disable=SC2086
		[ "$("$TTP" ladder $how "$@" 2>err | wc -L)" -le "${how##* }" ] || return
	done
}

test_narrow()
{
	for f in "$here"/ladder/*.jsonl; do
		check "at 80 columns $(basename "$f" .jsonl) is whole" is_whole -S -r "$f"
		check 'with crossings, too' is_whole -X -r "$f"
	done
	for end in 1 2; do
		printf 's/"10.99.0.%s"/"2001:db8:1111:2222:3333:4444:5555:666%s"/g\n' $end $end
	done >lengthen
	sed -f lengthen "$here/ladder/walk.jsonl" >six.jsonl
	check 'long addresses are whole' is_whole -r six.jsonl
	"$TTP" ladder -U -w 80 -r six.jsonl >drawn 2>err
	check 'at 80 columns one below the other' sh -c 'sed -n 2p drawn | grep -q "6661\]:49152$" &&
		sed -n 3p drawn | grep -q "6662\]:7000$"'
	bulk 20000 | sed '2,$s/"seg_len":1448/"seg_len":60448/' >bulk.jsonl
	check 'large numbers are whole' is_whole -r bulk.jsonl
	grep -q 1,208,960,000 want || not_ok 'and large' "$(cat want)"
	sed 's/"time_ns":1001/"time_ns":3600001/' "$here/ladder/walk.jsonl" >late
	"$TTP" ladder -w 100 -r late >drawn 2>err
	check 'times after an hour are whole' grep -q ' 3599001\.[0-9]\{3\}$' drawn
}

# same COMMAND...: it draws what is in the file want
same()
{
	"$@" >got 2>err || return
	diff -u want got
}

# Rows that are made while events come are those that are made of all at once.
test_streaming()
{
	build_in_pieces
	bulk 800 >bulk.jsonl
	for how in '' -F -X '-X -F' -j; do
		for f in "$here"/ladder/*.jsonl bulk.jsonl; do
			# shellcheck disable=SC2086
			"$TTP" ladder $how -r "$f" >want 2>err
			# shellcheck disable=SC2086
			check "in pieces: ladder $how of $(basename "$f" .jsonl)" \
				same ./in-pieces ladder $how -r "$f"
		done
	done
	"$TTP" ladder -r bulk.jsonl >want 2>err
	shuf --random-source="$here/ladder/walk.jsonl" bulk.jsonl >shuffled
	check 'in pieces: in disorder' same ./in-pieces ladder -r shuffled
	# a pipe cannot be read twice
	# shellcheck disable=SC2002
	check 'in pieces: through a pipe' same sh -c 'cat shuffled | ./in-pieces ladder -r -'
	sed 's/49152/49153/g' bulk.jsonl | cat bulk.jsonl - >both
	check 'in pieces: the first of two' same ./in-pieces ladder -r both
	bulk 100000 >bulk.jsonl
	# without sanitizers, which need more
	build_clone
	# shellcheck disable=SC2016
	check '300,000 segments in little memory' sh -c \
		'ulimit -v 150000; exec clone/userspace/ttp ladder -r bulk.jsonl'
	check '250,000 events in each viewer' "$here/million" 250000 clone/userspace/ttp
}

# times_of ARGUMENT...: does no time go back?
times_of()
{
	"$TTP" ladder -j -F "$@" >json 2>err || return
	python3 "$here/times" "$strict" <json
}

test_times()
{
	if ! command -v python3 >/dev/null; then
		skip 'times go on' 'no python3'
		return
	fi
	bulk 100 >bulk.jsonl
	for f in "$here"/ladder/*.jsonl bulk.jsonl; do
		ladder=$(basename "$f" .jsonl)
		strict=
		check "times of $ladder: what is sent, and what arrives" times_of -r "$f"
		strict=crossing
		check "times of $ladder with crossings" times_of -X -r "$f"
	done
	ends 'one line for both ends: some go back' 1 'left 20.126' times_of -r "$here/ladder/window.jsonl"
	strict=
}

# named LEFT RIGHT: a recording of namespaces of these names
named()
{
	sed "s/\"client\"/\"$1\"/; s/\"server\"/\"$2\"/" "$here/ladder/walk.jsonl"
}

test_names()
{
	named 학생 '서버 컴퓨터' >names
	"$TTP" ladder -r names >drawn 2>err
	check 'names are not only ASCII' grep -qx '       ms  *학생  *서버 컴퓨터  *ms' drawn
	sed -n 1p drawn | wc -L >got
	check 'and as wide as they look' [ "$(cat got)" = 110 ]
	sed 's/학생/client/' names | "$TTP" ladder -r - | sed -n 1p | wc -L >got
	check 'all of them' [ "$(cat got)" = 110 ]
	LC_ALL=C "$TTP" ladder -r names >drawn 2>err
	check 'in the C locale they are not' grep -q '^ *ms  *?????? ' drawn
	"$TTP" ladder -A -r names | LC_ALL=C grep '[^ -~]' >got
	check 'nor with -A' [ ! -s got ]
	LC_ALL=C "$TTP" ladder -j -r names >drawn 2>err
	check 'in JSON they are' grep -qF '"ns": "서버 컴퓨터"' drawn
	long=$(printf '%0255d' 7)
	named "$long" short | "$TTP" ladder -j -r - >drawn 2>err
	check 'a name of 255 bytes is whole' grep -q "\"$long\"" drawn
	long=$(printf '%060d' 7)
	named "$long" "x$long" | "$TTP" ladder -w 80 -r - >drawn 2>err
	check 'long names have two lines' [ "$(sed 2q drawn | grep -c "$long")" = 2 ]
	named 'a\\u009bb' 'c\\u202ed' | "$TTP" ladder -r - >drawn 2>err
	check 'no control character is printed' grep -q ' a?b  *c?d ' drawn
	named 'a\\u001bb' "$(printf 'c\377d')" | "$TTP" ladder -j -r - >drawn 2>err
	check 'nor what is no character' grep -q '"a?b"' drawn
	check 'anywhere' grep -q '"c?d"' drawn
}
