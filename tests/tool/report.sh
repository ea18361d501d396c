# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# Pages of ttp report: what is in them, and what a browser makes of them.  Sourced by run.

# has_events PAGE RECORDING [COUNT]: the page has its events, or the first COUNT of them
has_events()
{
	"$TTP" monitor -j -r "$2" | grep -v '"event":"\(recording\|lost\)"' |
		head -n "${3:--0}" >want
	sed -n '/id="events">\[/,/\]<\/script>/p' "$1" | sed '1d; s/,$//; s/\]<\/script>$//' |
		sed 's/\\u003c/</g' >got
	[ -s got ] && diff -u want got
}

# loads_nothing PAGE: no address in it, and no element that would load something
loads_nothing()
{
	! grep -nE 'https?:|[^a-z]src=|url\([^#]|@import|<(iframe|object|embed|base)|href="[^d]' "$1"
}

# has_policy PAGE: its policy has the hashes of what is in it, and allows nothing else
has_policy()
{
	python3 "$here/policy.py" "$1"
}

in_a_browser()
{
	name="in a browser: $(basename "$1" .jsonl)"
	"$TTP" report -r "$1" -o page.html 2>err || { not_ok "$name" "$(cat err)"; return; }
	"$TTP" ladder -a -j -F -r "$1" >json 2>err
	python3 "$here/browser.py" check page.html json >said 2>&1
	case $? in
	0) ok "$name" ;;
	77) skip "$name" 'no chromium: scripts/setup browser' ;;
	*) not_ok "$name" "$(head -n 9 said)" ;;
	esac
}

test_report()
{
	# the page without the library is what is ours
	echo 'window.d3 = null' >d3.js
	TTP_D3=$tmp/d3.js
	export TTP_D3
	for f in "$here"/ladder/*.jsonl; do
		n=$(basename "$f" .jsonl)
		check "report of $n" "$TTP" report -r "$f" -o page.html
		check 'has the events' has_events page.html "$f"
		check 'loads nothing' loads_nothing page.html
	done
	check 'its policy' has_policy page.html
	f=$here/ladder/walk.jsonl
	"$TTP" report -r "$f" >page.html
	check 'through a pipe' sh -c "'$TTP' report -r - <'$f' | diff page.html -"
	check 'in Korean' sh -c "'$TTP' report -l ko -r '$f' | grep -q '<html lang=\"ko\">'"
	check 'both languages say the same' python3 "$here/languages.py" "$top/userspace/report"
	ends 'the first events' 0 "the first 9 of $(grep -c '"event":"s' "$f") events" \
		"$TTP" report -m 9 -r "$f" -o page.html
	check 'are in it' has_events page.html "$f" 9
	ends 'of another port' 1 'no event of this port' "$TTP" report -p 9 -r "$f"
	cp "$f" copy
	ends 'not over the recording' 1 'is the recording that is read' \
		"$TTP" report -r copy -o copy
	sed 's/"cause":"connect"/"cause":"<\/script><script>alert(1)<!--"/' "$f" >bad
	"$TTP" report -r bad -o page.html
	check 'no markup of a recording' sh -c '! grep -q "alert(1)<!--\|<script>alert" page.html'
	check 'but its text' has_events page.html bad
	bulk 100000 >bulk.jsonl
	build_clone
	# shellcheck disable=SC2016
	check '300,000 events in little memory' sh -c \
		'ulimit -v 150000; exec clone/userspace/ttp report -r bulk.jsonl -o page.html'
	check 'and a small page' [ "$(wc -c <page.html)" -lt 20000000 ]
	unset TTP_D3
	if [ ! -e /usr/share/nodejs/d3/dist/d3.min.js ]; then
		skip 'in a browser' 'no D3: scripts/setup report'
		return
	fi
	for n in walk loss gso refused; do
		in_a_browser "$here/ladder/$n.jsonl"
	done
}
