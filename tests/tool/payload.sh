# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# The bytes of segments, from captures: ttp ladder -x, ttp report --capture.  That they are
# those which were sent is in tests/vm/payload.sh.  Sourced by run.

# has_payload RECORDING CAPTURE [LEN]: each segment's bytes, or the first LEN of them
has_payload()
{
	name="bytes of $1 in $2"
	"$TTP" ladder -F -j -x -r "$1.jsonl" --capture "$2.pcap" >json 2>err
	check "$name" python3 "$here/payload.py" check json "${3:-256}"
}

report_spares_capture()
{
	echo 'window.d3 = null' >d3.js
	! TTP_D3=d3.js "$TTP" report -r talk.jsonl --capture copy.pcap -o ./copy.pcap 2>wrong &&
		grep -q 'is the capture that is read' wrong
}

test_payload()
{
	if ! command -v python3 >/dev/null; then
		skip 'bytes of segments' 'no python3'
		return
	fi
	mkdir -p payload
	cd payload || return
	python3 "$here/payload.py" make .
	for c in talk big other both older many; do
		has_payload talk $c
		has_payload big $c
	done
	has_payload talk cut 20
	"$TTP" ladder -x -w 80 -U -r talk.jsonl --capture talk.pcap >drawn 2>err
	check 'drawn: the text' grep -qF '"\0\x01\x02\x03\x04"..' drawn
	check 'and the bytes' grep -qF '00 01 02 03 04 05' drawn
	check 'not wider' [ "$(wc -L <drawn)" -le 80 ]
	check 'without a complaint' [ ! -s err ]
	"$TTP" ladder -x --svg -r talk.jsonl --capture talk.pcap >drawn 2>err
	check 'in a picture' grep -q '00 01 02 03' drawn
	"$TTP" ladder -x --mermaid -r talk.jsonl --capture talk.pcap >drawn 2>err
	check 'and in Mermaid' grep -q '00 01 02 03' drawn
	ends 'what is not in the capture' 0 'lacks.pcap lacks 2 of 5 segments with data' \
		"$TTP" ladder -x -r talk.jsonl --capture lacks.pcap
	check 'is said beside the arrow' [ "$(grep -c 'not captured' out)" = 2 ]
	ends 'a capture without data' 0 'lacks 5 of 5' "$TTP" ladder -x -r talk.jsonl --capture nodata.pcap
	ends 'one that is cut' 0 'only the beginning of 5 segments' \
		"$TTP" ladder -x -r talk.jsonl --capture cut.pcap
	ends 'lengths that lie' 0 'left out 4 packets' "$TTP" ladder -x -r talk.jsonl --capture length.pcap
	cp talk.pcap copy.pcap
	ends 'ladder -o is not the capture that is read' 1 'is the capture that is read' \
		"$TTP" ladder -x -r talk.jsonl --capture copy.pcap -o ./copy.pcap
	ends 'nor is -s' 1 'is the capture that is read' \
		"$TTP" ladder -x -r talk.jsonl --capture copy.pcap -s ./copy.pcap
	check 'report -o is not it either' report_spares_capture
	check 'it is as it was' cmp talk.pcap copy.pcap
	payload_bad
	payload_fuzz
	payload_page
	cd ..
}

payload_bad()
{
	ends 'a capture that is none' 1 'text: unknown file format' \
		sh -c "echo text >text; '$TTP' ladder -x -r talk.jsonl --capture text"
	head -c 24 talk.pcap >empty.pcap
	ends 'an empty one' 1 'no segment of TCP or TTP' "$TTP" ladder -x -r talk.jsonl --capture empty.pcap
	ends 'of a page, too' 1 'no segment of TCP or TTP' "$TTP" report -r talk.jsonl --capture empty.pcap
	head -c 300 talk.pcap >half.pcap
	ends 'one that ends too early' 0 'half.pcap ends too early' \
		"$TTP" ladder -x -r talk.jsonl --capture half.pcap
	ends 'ladder: -r without --capture' 2 'wants --capture' "$TTP" ladder -x -r talk.jsonl
	ends 'no record into the same file' 2 'a file of its own' "$TTP" record --capture a a
}

# lengths that lie, numbers that cannot be: no crash, a few lines
payload_fuzz()
{
	python3 "$here/frames.py" fuzz:100 "$here/joins/client.pcap" broken.
	"$TTP" pcap --join "$here/joins/client.pcap" "$here/joins/server.pcap" -o joined
	i=0
	while [ -e broken.$i ]; do
		"$TTP" ladder -x -F -r joined --capture broken.$i >drawn 2>err
		if [ $? -gt 1 ] || [ "$(wc -l <err)" -gt 4 ]; then
			not_ok "broken capture $i" "$(cat err)"
		fi
		i=$((i + 1))
	done
	check 'broken captures' [ $i = 100 ]
}

payload_page()
{
	echo 'window.d3 = null' >d3.js
	for c in talk big both; do
		TTP_D3=d3.js "$TTP" report -r talk.jsonl --capture $c.pcap -o page.html 2>err
		check "a page with the bytes of $c" python3 "$here/payload.py" page page.html
	done
	TTP_D3=d3.js "$TTP" report -r big.jsonl --capture talk.pcap -o page.html 2>err
	check 'a page of one large packet' python3 "$here/payload.py" page page.html
	ends 'a page: what is not in the capture' 0 'lacks 2 of 5 segments' \
		env TTP_D3=d3.js "$TTP" report -r talk.jsonl --capture lacks.pcap -o page.html
	if [ -e /usr/share/nodejs/d3/dist/d3.min.js ]; then
		payload_in_a_browser
	else
		skip 'bytes in a browser' 'no D3: scripts/setup report'
	fi
}

# What a click on an arrow shows
payload_in_a_browser()
{
	"$TTP" report -r talk.jsonl --capture big.pcap -o page.html
	python3 "$here/browser.py" run page.html "$(cat <<-'END'
		(() => {
			const wrong = [], detail = document.getElementById("detail");
			const arrow = [...document.querySelectorAll("g.seg")].find(one =>
				one.getAttribute("aria-label").includes("seq=101 "));
			const is = (what, text) => {
				if (!detail.textContent.includes(text))
					wrong.push(`no ${what} in ${detail.textContent}`);
			};
			arrow.dispatchEvent(new MouseEvent("click"));
			is("header", "45 00 02 1c");
			is("place", "with 500 bytes of data: it begins at byte 100");
			is("data", "0000  64 65 66 67");
			is("text", "defghijklmno");
			return wrong;
		})()
		END
	)" >said 2>&1
	case $? in
	0) ok 'bytes in a browser' ;;
	77) skip 'bytes in a browser' 'no chromium: scripts/setup browser' ;;
	*) not_ok 'bytes in a browser' "$(head -n 9 said)" ;;
	esac
}
