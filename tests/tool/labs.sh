# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# ttp lab without a module: what a recording says, the list, and whether each lab is whole.
# Sourced by run.

# says FACT ANSWER [RECORDING]
says()
{
	check "a recording says: $1 is $2" [ "$("$TTP" lab --fact "$1" -r "${3:-$here/ladder/walk.jsonl}" 2>&1)" = "$2" ]
}

# texts LAB LANG: each text that the lab wants is there, and no other
texts()
{
	awk '$1 == "say" || $1 == "step" || $1 == "look" { print $2 } $1 == "ask" { print $2; print $2 ".hint"; print $2 ".right" }' \
		"$1/lab" >want
	echo title >>want
	sed -n 's/^@//p' "$1/$2" | sort >got
	sort want | diff - got
}

# no line of a text is wider than a terminal of 80 columns
narrow()
{
	python3 - "$1" <<'END'
import sys
import unicodedata
for number, line in enumerate(open(sys.argv[1], encoding="utf-8"), 1):
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip("\n"))
    if width > 80:
        sys.exit(f"{sys.argv[1]}:{number}: {width} columns")
END
}

list()
{
	lang=$1 title=$2
	set -- "$labs"/[0-9]*
	TTP_LABS=$labs TTP_LAB_STATE=$PWD/state "$TTP" lab --lang "$lang" >listed &&
		[ "$(wc -l <listed)" = $# ] && grep -q "$title" listed
}

# a lab ends where a program is missing, before it makes anything
needs()
{
	mkdir -p own/1-own && printf 'needs cat no-such-program\nsay title\n' >own/1-own/lab && printf '@title\nOwn\n' >own/1-own/en
	TTP_LABS=$PWD/own TTP_LAB_STATE=$PWD/state "$TTP" lab --lang en --auto right own >said 2>wrong
	[ $? = 1 ] && grep -q 'this lab needs no-such-program' wrong
}

# records ASSIGNMENT...: a lab that only records cannot
records()
{
	mkdir -p own/3-own && echo record >own/3-own/lab && printf '@title\nOwn\n' >own/3-own/en
	! env "$@" TTP_LABS="$PWD/own" TTP_LAB_STATE="$PWD/state" "$TTP" lab --lang en --auto right 3-own >said 2>wrong
}

# each tool that makes hosts is missed by its name
needs_tools()
{
	mkdir -p own/1-own some && printf 'hosts A\n' >own/1-own/lab && printf '@title\nOwn\n' >own/1-own/en
	rm -f some/*
	for tool in ip:iproute2 sysctl:procps ping:iputils-ping; do
		env PATH="$PWD/some" TTP_LABS="$PWD/own" TTP_LAB_STATE="$PWD/state" "$TTP" lab --lang en --auto right own >said 2>wrong
		[ $? = 1 ] && grep -q "labs need ${tool%:*}: apt install ${tool#*:}\$" wrong || return
		ln -s /bin/true "some/${tool%:*}"
	done
}

# SIGTERM comes in the instant before the lab waits for its third command, which takes long
ended_in_time()
{
	mkdir -p instant/1-late instant/bin && printf 'hosts late%s\nrun late%s exec sleep 1234\n' $$ $$ >instant/1-late/lab &&
		printf '@title\nOwn\n' >instant/1-late/en && ln -sf /bin/true instant/bin/sysctl &&
		ln -sf /bin/true instant/bin/ping
	timeout -k 5 60 env LATE=3 LD_PRELOAD="$tmp/silent.so" TTP_LABS="$PWD/instant" TTP_LAB_STATE="$PWD/state" \
		"$TTP" lab --lang en --auto right late >said 2>wrong &&
		grep -q '^Stopped' said && ! ip netns list | grep -q "^late$$"
}

# empty is as not set, as the XDG's own words are
state_folder()
{
	env TTP_LABS="$labs" TTP_LAB_STATE= XDG_STATE_HOME= HOME="$PWD/home" "$TTP" lab --lang en >listed && [ -d home/.local/state/ttp/labs ]
}

# this tool is found by its commands, wherever it is
needs_itself()
{
	mkdir -p own/1-own && printf 'needs ttp\nsay title\n' >own/1-own/lab && printf '@title\nOwn\n' >own/1-own/en
	env PATH=/usr/bin:/bin TTP_LABS="$PWD/own" TTP_LAB_STATE="$PWD/state" "$TTP" lab --lang en --auto right own >said
}

# answered KIND FACT ANSWER: a student's answer to a question about walk.jsonl is right
answered()
{
	mkdir -p own/2-own state
	printf 'record\nstop\nask q %s = %s\n' "$1" "$2" >own/2-own/lab
	printf '@title\nOwn\n@q\nQ\n@q.hint\nH\n@q.right\nR\n' >own/2-own/en
	cp "$here/ladder/walk.jsonl" state/2-own.jsonl
	echo 2 0 0 >state/2-own.place	# all but the question was done
	echo "$3" | TTP_LABS=$PWD/own TTP_LAB_STATE=$PWD/state "$TTP" lab --lang en 2-own >said 2>&1
	grep -q '1 of 1' said
}

answers()
{
	for answer in 12011 12,011 '12 011' '12011 %' 12011번 12011㎳ '12011 bytes ' 12011.0; do
		answered number 'ack server syn,ack' "$answer" || { echo "$answer"; return 1; }
	done
	for answer in SYN,ACK 'syn, ack' ' SYN,ACK	'; do
		answered 'SYN,ACK|ACK' 'flags server syn,ack' "$answer" || { echo "$answer"; return 1; }
	done
	for answer in 12010 '12011 or 12012' x12011 12011.2.3; do
		! answered number 'ack server syn,ack' "$answer" || { echo "$answer"; return 1; }
	done
	! answered 'SYN,ACK|ACK' 'flags server syn,ack' SYN && ! answered 'SYN,ACK|ACK' 'flags server syn,ack' SYN,ACKS
}

# filled SHEET ANSWER...: with these answers, in their order
filled()
{
	sheet=$1
	shift
	for answer; do
		sed -i "0,/):\$/s//): $answer /" "$sheet"
	done
}

quiz_right()
{
	"$TTP" quiz -r "$here/ladder/walk.jsonl" >sheet && filled sheet SYN 0 established 6 7 8 8 '2 MSL' &&
		"$TTP" quiz -r "$here/ladder/walk.jsonl" --check sheet >said && grep -qx '8 of 8 right.' said
}

# wrong answers, and one that was left out: each gets a word
quiz_wrong()
{
	"$TTP" quiz -r "$here/ladder/walk.jsonl" >sheet && filled sheet SYN 1 established 6 7 7 8
	"$TTP" quiz --lang en -r "$here/ladder/walk.jsonl" --check sheet >said
	[ $? = 1 ] && grep -q '^\[6\] no: the next byte' said && grep -q '^\[8\] no: ' said &&
		grep -qx '5 of 8 right.' said
}

# one right answer, three times, is one
quiz_again()
{
	printf '[1]: 0\n[1]: 0\n[1]: 0\n' >sheet
	"$TTP" quiz -b 3 --lang en -r "$here/ladder/walk.jsonl" --check sheet >said
	grep -qx '1 of 3 right.' said
}

# a host's name of wide letters takes as many columns
quiz_columns()
{
	sed 's/"client"/"학생"/' "$here/ladder/walk.jsonl" >wide
	"$TTP" quiz -r wide | grep -q '^학생     ' && "$TTP" quiz -r wide | grep -q '^server   '
}

# the ends of a recording that does not name two namespaces are told by address and port
quiz_ends()
{
	"$TTP" quiz -r "$1" >got
	sed -i 's/^10.99.0.1:49152 /client   /; s/^10.99.0.2:7000  /server   /' got
	"$TTP" quiz -r "$here/ladder/walk.jsonl" | diff - got
}

quiz_order()
{
	"$TTP" quiz -S -r "$here/ladder/walk.jsonl" >sheet
	"$TTP" quiz -S -s 2 -r "$here/ladder/walk.jsonl" | cmp -s sheet - && return 1
	"$TTP" quiz -S -r "$here/ladder/walk.jsonl" --check sheet >said && return 1
	# each row's letters, in the order of the rows of a sheet without blanks
	"$TTP" quiz -b 1 -r "$here/ladder/walk.jsonl" | grep '^[a-z]' >want
	python3 - <<'END'
rows = {line[4:].rstrip("\n"): line[:2] for line in open("sheet") if line[2:4] == "  "}
blank = [line.rstrip("\n") for line in open("want")]
order = [next((rows[key] for key in rows if key == line), None) for line in blank]
left = [letters for key, letters in rows.items() if letters not in order]
order = [letters or left.pop() for letters in order]
text = open("sheet").read().replace("order:", "order: " + " ".join(order))
open("sheet", "w").write(text)
END
	"$TTP" quiz -S -r "$here/ladder/walk.jsonl" --check sheet >said && grep -q '^22 of 22 right' said
}

# one word for one thing: what the glossary has is used, and what it has not chosen is not
glossary()
{
	(cd "$here/../.." && python3 - <<'END'
import glob
import re
import sys
files = [name for pattern in ("labs/*/ko", "page/ko.json", "userspace/report/ko.json", "docs/*.ko.md",
                              "README.ko.md", "exercises/*.toml", "userspace/lab/*.c") for name in glob.glob(pattern)]
texts = {name: open(name, encoding="utf-8").read() for name in files}
everything = "".join(texts.values())
rows = re.findall(r"^\| (.*) \| (.*) \|$", open("docs/glossary.md", encoding="utf-8").read(), re.M)
words = [re.sub(r"\([^)]*\)$", "", word) for english, korean in rows if english != "English"
         for word in korean.split(", ")]
wrong = [f"nobody uses {word}" for word in words if word not in everything]
for name, text in texts.items():
    wrong += [f"{name}: {word}" for word in re.findall("윈도우|검사합|시간 초과|사다리|탐색|재전송 시간|체크썸|쓰레드", text)]
if len(words) < 100 or wrong:
    sys.exit("\n".join(wrong) or "where is the glossary?")
END
	)
}

test_labs()
{
	labs=$here/../../labs
	says 'isn client' 12010
	says 'isn server' 5000
	says 'ack server syn,ack' 12011
	says 'rack server syn,ack' 1
	says 'rseq client fin' 7
	says 'flags client any 2' ACK
	says 'count client data' 1
	says 'count client lost' 1 "$here/ladder/loss.jsonl"
	says 'count server lost' 0
	says 'bytes server' 12
	says 'who TIME_WAIT' client
	says 'entered server TIME_WAIT' no
	says 'after client FIN_WAIT_1' FIN_WAIT_2
	says 'stays client TIME_WAIT' 1000
	says 'cause server CLOSE_WAIT' FIN
	says 'state server' CLOSED
	says 'sport client syn' "$("$TTP" lab --fact 'dport server syn,ack' -r "$here/ladder/walk.jsonl")"
	says 'transit client syn' 0.0
	says 'response client' 0
	says 'rate client' 1142
	sed 's/"ns":"[a-z]*",//' "$here/ladder/walk.jsonl" >unnamed
	sed 's/"ns":"[a-z]*",/"ns":"one",/' "$here/ladder/walk.jsonl" >one-name
	grep -v '"ns":"server"' "$here/ladder/walk.jsonl" >one-end
	for recording in unnamed one-name; do
		says 'first syn' 10.99.0.1:49152 $recording
		says 'who LAST_ACK' 10.99.0.2:7000 $recording
		says 'rack 10.99.0.2:7000 syn,ack' 1 $recording
		says 'rseq 10.99.0.1:49152 fin' 7 $recording
		says 'count 10.99.0.1:49152 lost' 0 $recording
		says 'transit 10.99.0.1:49152 syn' 0.0 $recording
		says 'rate 10.99.0.1:49152' 1142 $recording
		says 'stays 10.99.0.1:49152 TIME_WAIT' 1000 $recording
		check "a quiz: two ends in one namespace: $recording" quiz_ends $recording
	done
	says 'rack client fin' 13 one-end
	for words in 'count client syn,akc' 'count nobody syn' 'drops nobody' 'entered nobody CLOSED' 'entered client CLOSD' \
		'has client nosuch' 'nosuch client syn' 'seq client syn 0' 'first nosuch' 'isn'; do
		ends "no fact: $words" 1 'does not say' "$TTP" lab --fact "$words" -r "$here/ladder/walk.jsonl"
	done
	for lab in "$labs"/[0-9]*; do
		for lang in en ko; do
			check "$(basename "$lab"): its texts are whole, $lang" texts "$lab" "$lang"
			check "$(basename "$lab"): its texts are at most 80 columns wide, $lang" narrow "$lab/$lang"
		done
	done
	check 'Korean: the words of the glossary' glossary
	check 'a quiz: right answers' quiz_right
	check 'a quiz: wrong answers' quiz_wrong
	check 'a quiz: the same answer again counts once' quiz_again
	check 'a quiz: columns' quiz_columns
	check 'a quiz: rows in order' quiz_order
	ends 'a quiz: a sheet that cannot be read' 1 'Is a directory' \
		"$TTP" quiz -r "$here/ladder/walk.jsonl" --check .
	if [ "$(id -u)" = 0 ]; then
		check 'a lab says which program is missing' needs
		check 'a lab says which tool is missing' needs_tools
		check 'a lab that cannot record ends' records
		check 'it says how to see why' grep -q 'does not begin: ttp record .*3-own.jsonl says why' wrong
		check 'without another process, too' records ALONE=yes LD_PRELOAD="$tmp/silent.so"
		check 'which ends none' grep -q 'fork: Resource temporarily unavailable' wrong
		check 'a lab finds the tool that plays it' needs_itself
		if unshare -n true 2>/dev/null; then
			check 'a signal just before a lab waits for a command ends it' ended_in_time
		else
			skip 'a signal just before a lab waits' 'no network namespaces here'
		fi
		check 'a lab takes an answer with a unit, with blanks' answers
	else
		skip 'labs that are played' 'only root can play them'
	fi
	check 'a lab keeps what was done at home' state_folder
	check "ttp lab lists the labs" list en 'Three-way handshake'
	check "ttp lab lists the labs in Korean" list ko '3-way 핸드셰이크'
}
