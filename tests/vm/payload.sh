# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The bytes of segments: what is captured beside a recording, or by ttp ladder -x, is what the
# programs sent.  Captures that are broken are in tests/tool/payload.sh.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# talks: writes $work/talk, by which A sends $work/data to B
talks()
{
	needs_tool
	two_hosts
	cat >"$work/talk" <<-EOF
		ttp -n ${nspre}B listen --no-shutdown -v 5001 </dev/null >$work/received 2>$work/listener &
		until grep -qs ^listening $work/listener; do sleep 0.05; done
		ttp -n ${nspre}A connect -i $work/data 10.0.0.2 5001
		wait
	EOF
}

# The data of the segments from A, put together by their sequence numbers
put_together()
{
	tr -d ' \n' <"$1" | sed 's/{"kind"/\n&/g' |
		sed -n 's/.*"from":"left".*"seq":\([0-9]*\),.*"bytes":"\([0-9a-f]*\)".*/\1 \2/p' |
		sort -n -u -k 1,1 | sed 's/.* //; s/../\\x&/g' | tr -d '\n' | xargs -0 printf '%b'
}

ladder_shows_the_payload()
{
	local escapes='"\x1b[31mred\0\n\x80\"\\"'
	printf '\e[31mred\0\n\200"\134' >"$work/data"
	talks
	ttp -n "${nspre}A" -n "${nspre}B" ladder -A -x -- sh "$work/talk" >"$work/ladder" 2>"$work/error" ||
		fail "expected a ladder, came $(cat "$work/error")"
	grep -qF "$escapes" "$work/ladder" || fail "expected $escapes, came $(cat "$work/ladder")"
	grep -qF '1b 5b 33 31 6d 72 65 64 00 0a 80 22 ..' "$work/ladder" ||
		fail "expected its bytes, came $(cat "$work/ladder")"
	! LC_ALL=C grep -q '[^ -~]' "$work/ladder" || fail "expected no byte that controls a terminal"
	[ ! -s "$work/error" ] || fail "expected no complaint, came $(cat "$work/error")"
}

# Segments that were lost are in the capture of the end that sent them.
record_captures_both_ends()
{
	local count i
	seq 100000 100999 >"$work/data"	# 7000 bytes, no two pieces the same
	talks
	no_offload A toB
	in_ A "$tool" fault add out data nth 3 drop 1
	ttp -n "${nspre}A" -n "${nspre}B" record --capture "$work/pcap" "$work/recording" -- sh "$work/talk" \
		>/dev/null 2>"$work/error" || fail "expected a recording, came $(cat "$work/error")"
	[ ! -s "$work/error" ] || fail "expected no complaint, came $(cat "$work/error")"
	cmp "$work/data" "$work/received" || fail "expected the data as they were"
	ttp ladder -F -x -j --capture "$work/pcap" -r "$work/recording" >"$work/json" ||
		fail "expected rows"
	# of each segment the first 256 bytes
	put_together "$work/json" >"$work/got"
	count=$(wc -c <"$work/got")
	[ "$count" = $((5 * 256)) ] || fail "expected the bytes of five segments, came $count"
	for i in 0 1 2 3; do
		[ "$(dd if="$work/data" bs=1448 skip=$i count=1 2>/dev/null | head -c 256)" = \
		  "$(dd if="$work/got" bs=256 skip=$i count=1 2>/dev/null)" ] ||
			fail "expected what was sent, in segment $i"
	done
	[ "$(ttp pcap --join "$work/pcap" | grep -c '"event":"segment"')" -gt 10 ] ||
		fail "expected that the capture is one for others, too"
}

# One packet of many segments has them all.
payload_of_large_packets_is_found()
{
	seq 100000 107142 | head -c 50000 >"$work/data"
	talks
	ttp -n "${nspre}A" -n "${nspre}B" record --capture "$work/pcap" "$work/recording" -- sh "$work/talk" \
		>/dev/null 2>"$work/error" || fail "expected a recording, came $(cat "$work/error")"
	grep -q '"segs":' "$work/recording" || fail "expected packets of many segments"
	ttp ladder -F -x --capture "$work/pcap" -r "$work/recording" >"$work/ladder" 2>"$work/error" ||
		fail "expected a ladder"
	[ ! -s "$work/error" ] || fail "expected no complaint, came $(cat "$work/error")"
	not grep -q 'not captured' "$work/ladder" || fail "expected all, came $(cat "$work/ladder")"
}

# There is room again before the end, so that the last write succeeds.
full_disk_is_told()
{
	head -c 500000 /dev/zero >"$work/data"
	talks
	mkdir "$work/disk"
	mount -t tmpfs -o size=32k none "$work/disk"
	trap 'umount "$work/disk" 2>/dev/null || :' EXIT
	head -c 24000 /dev/zero >"$work/disk/other"
	echo "rm '$work/disk/other'" >>"$work/talk"
	no_offload A toB	# a capture of many segments
	# shellcheck disable=SC2015 # fail does not return
	ttp -n "${nspre}A" -n "${nspre}B" record --capture "$work/disk/pcap" "$work/recording" -- sh "$work/talk" \
		>/dev/null 2>"$work/error" && fail "expected a failure" || :
	umount "$work/disk" && rmdir "$work/disk"
	grep -q 'disk/pcap: No space left on device' "$work/error" || fail "expected no space, came $(cat "$work/error")"
}

it payload.ladder_shows_it 60 ladder_shows_the_payload
it payload.record_captures_both_ends 60 record_captures_both_ends
it payload.of_large_packets 60 payload_of_large_packets_is_found
it payload.a_disk_that_was_full_meanwhile_is_told 60 full_disk_is_told
