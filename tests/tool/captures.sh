# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# ttp pcap: what tshark and capinfos say of a recording that became a capture.
# Sourced by run.

# decoded FILE: a line for each packet, its fields as they are on the wire
decoded()
{
	tshark -r "$1" -o tcp.relative_sequence_numbers:FALSE -o ip.check_checksum:TRUE \
		-o tcp.check_checksum:TRUE -T fields -E 'separator=|' \
		-E 'aggregator=;' -e frame.number -e frame.interface_name -e frame.time_epoch \
		-e ip.proto -e ip.src -e tcp.srcport -e ip.dst -e tcp.dstport -e tcp.flags \
		-e tcp.seq -e tcp.ack -e tcp.len -e tcp.window_size_value -e tcp.options \
		-e ip.checksum.status -e tcp.checksum.status -e tcp.analysis.retransmission \
		-e frame.comment 2>/dev/null
}

# captured NAME OPTION...: a recording of tests/tool/ladder, against tests/tool/captures
captured()
{
	of=$1
	shift
	"$TTP" pcap "$@" -o capture 2>err && decoded capture >got
	if [ -n "$update" ]; then
		cp got "$here/captures/$of"
	fi
	check "capture of $of" diff -u "$here/captures/$of" got
}

# good FILE: of what decoded printed: checksums are good, but that of data, which is not
# there, is not checked
good()
{
	awk -F'|' '$15 != 1 || $16 != ($12 ? 2 : 1) || $3 < last { exit 1 } { last = $3 }' "$1"
}

# what each segment that left is, from the recording: source port, seq, length
left()
{
	sed -n 's/.*"sport":\([0-9]*\),.*"direction":"out".*"seq":\([0-9]*\),.*"seg_len":\([0-9]*\).*/\1|\2|\3/p' "$1"
}

test_captures()
{
	if ! command -v tshark >/dev/null; then
		skip 'ttp pcap' 'no tshark'
		return
	fi
	for of in walk loss refused packets gso; do
		causes_first 1 <"$here/ladder/$of.jsonl" >"$of"
		captured "$of" -r "$of"
		check 'checksums are good, times in order' good got
		left "$of" >want
		cut -d'|' -f6,10,12 got >segments
		check 'each segment that left is there, in their order' diff want segments
	done
	captured walk.server -N server -r walk
	check 'the namespace given before the command' "$TTP" -n server pcap -r walk -o again
	check 'the same' cmp capture again
	captured oneside -r "$here/ladder/oneside.jsonl"
	captured walk.253 --ttp -r walk
	check 'as protocol 253 it decodes, too' [ "$(tshark -r capture -d ip.proto==253,tcp -Y tcp \
		2>/dev/null | wc -l)" = "$(wc -l <got)" ]
	# as root a newer Wireshark runs no script
	home=$(mktemp -d)
	install -D "$top/userspace/ttp.lua" "$home/.local/lib/wireshark/plugins/ttp.lua"
	chmod -R a+rX "$home"
	nobody=
	[ "$(id -u)" != 0 ] || nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
	# shellcheck disable=SC2086 # words
	check 'with the plugin without being told' [ "$(HOME=$home $nobody \
		tshark -r - -Y 'ip.proto == 253 && tcp' <capture 2>err | wc -l)" = "$(wc -l <got)" ]
	# 254, and a UDP header
	echo '0000 45 00 00 1c 00 00 40 00 40 fe 00 00 0a 63 00 01 0a 63 00 02 c0 00 1b 58 00 08 00 00' \
		>datagram
	text2pcap -q -l 101 datagram capture 2>err
	# shellcheck disable=SC2086
	check '254 is UDP' [ "$(HOME=$home $nobody tshark -r - -Y 'udp.dstport == 7000' <capture 2>err |
		wc -l)" = 1 ]
	rm -r "$home"
	"$TTP" pcap -r walk -o want
	"$TTP" pcap -r - <walk >got 2>err
	check 'from standard input to standard output' cmp want got
	# a pipe cannot be read twice
	# shellcheck disable=SC2002
	cat walk | "$TTP" pcap -r - -o - >got 2>err
	check 'from a pipe' cmp want got
	sed 's/49152/49153/g' walk | cat walk - >two
	"$TTP" pcap -r two port 49153 -o capture
	check 'capinfos: what a filter leaves' [ "$(capinfos -cTMr capture 2>/dev/null | cut -f 2)" = \
		"$(left walk | wc -l)" ]
	check 'capinfos: in the order of time' sh -c \
		'capinfos -o capture 2>&1 | grep -q "Strict time order: *True"'
	ends 'no such namespace' 1 'no such segment' "$TTP" pcap -N nowhere -r walk -o none
	ends 'no such port' 1 'no such segment' "$TTP" pcap -r walk -o none port 9
	check 'then nothing is written' [ ! -e none ]
	cp walk copy
	ends 'what is read is not written to' 1 'is the recording that is read' \
		"$TTP" pcap -r copy -o copy
	ends 'a folder' 1 'Is a directory' "$TTP" pcap -r walk -o .
	ends 'a full disk' 1 'No space left' sh -c "'$TTP' pcap -r walk >/dev/full"
	captures_of_others
}

# recordings that the module does not make, or not yet
captures_of_others()
{
	echo '{"event":"recording","time_ns":0,"namespaces":2,"wall_ns":1700000000000000000}' |
		cat - walk >walled
	"$TTP" pcap -r walled -o capture
	check 'the time of the day' grep -q '^1|client|1700000001\.' <<-EOF
		$(decoded capture)
	EOF
	sed 's/10\.99\.0\./fd00::/g; s/"0\.0\.0\.0"/"::"/g; s/"inet"/"inet6"/' walk >six
	"$TTP" pcap -r six -o capture
	check 'IPv6' [ "$(tshark -r capture -o tcp.check_checksum:TRUE \
		-Y 'ipv6.src == fd00::1 && tcp && !(tcp.checksum.status == 0)' 2>/dev/null | wc -l)" = \
		"$(left walk | grep -c ^49152)" ]
	sed 's/"seg_len":12}/"seg_len":100000}/; s/"seg_len":12,/"seg_len":100000,/' walk >large
	"$TTP" pcap -r large -o capture
	check 'more than an IP header can say' [ "$(tshark -r capture -T fields -e tcp.len 2>/dev/null |
		grep -cx 100000)" = 1 ]
	sed 's/"opt_mss"/"opt_sack":[[1,2],[3,4],[5,6],[7,8]],"opt_tsval":1,"opt_tsecr":2,"opt_mss"/' \
		walk >many
	"$TTP" pcap -r many -o capture
	decoded capture >got
	check 'more options than there is room for' good got
	sed '/"direction":"out"/{/"sport":7000/d}' walk >forged
	"$TTP" pcap -r forged -o capture
	check 'what nobody was seen to send' [ "$(tshark -r capture -T fields -e frame.comment \
		2>/dev/null | grep -c 'nobody was seen to send it')" -gt 2 ]
	sed '2a{"event":"lost","time_ns":998000001}' walk >lossy
	ends 'events are missing' 0 'events were lost' "$TTP" pcap -r lossy -o capture
	check 'the file says so' sh -c 'capinfos capture 2>&1 | grep -q "events are missing"'
	i=0
	while [ $i -lt 40 ]; do
		i=$((i + 1))
		sed "${i}d" walk >without
		"$TTP" pcap -r without -o capture 2>err || not_ok "without line $i" "$(cat err)"
		sed -n "${i}p" walk >alone
		"$TTP" pcap -r alone -o capture >out 2>err
		[ $? -gt 1 ] && not_ok "line $i alone" "$(cat err)"
	done
	ok 'captures of recordings with holes'
	bulk 100000 >bulk.jsonl
	build_clone
	# shellcheck disable=SC2016
	check '150,000 segments in little memory' sh -c \
		'ulimit -v 150000; exec clone/userspace/ttp pcap -r bulk.jsonl -o capture'
	check 'all of them' [ "$(capinfos -cTMr capture 2>/dev/null | cut -f 2)" -gt 150000 ]
}
