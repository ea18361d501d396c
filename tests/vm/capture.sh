# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Leaves a capture of a connection in $TTP_OUT (/out); on the host, check-pcap
# asks Wireshark's TCP dissector what it thinks of it.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Ends with a FIN in the capture: byte 13 behind an IP header of 20
fins() { tcpdump -nr "$work/ttp.pcap" 'ip[33] & 1 != 0' 2>/dev/null | cut -d' ' -f 3 | sort -u | wc -l; }

capture_a_connection()
{
	local receiver dump
	two_hosts
	no_offload A toB
	no_offload B toA
	mkdir -p "${TTP_OUT:-/out}"
	start dump A tcpdump -Z root --immediate-mode -i toB -U -w "$work/ttp.pcap" ip proto 253
	dump=$started
	wait_for 10 grep -q 'listening on' "$work/dump.err"
	start receiver B "$here/bin/bulk" listen 10.0.0.2 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	start sender A "$here/bin/bulk" send 10.0.0.2 5001 256
	finish "$started" sender
	finish "$receiver" receiver
	wait_for 10 is 2 fins
	wait_for 5 is 0 sockets B
	kill -INT "$dump"
	wait "$dump" || :
	cp "$work/ttp.pcap" "${TTP_OUT:-/out}/ttp.pcap"
	tcpdump -nr "$work/ttp.pcap" 2>/dev/null | wc -l >"$work/count"
	[ "$(cat "$work/count")" -gt 100 ] ||
		fail "expected more than 100 segments in the capture, came $(cat "$work/count")"
	note "$(cat "$work/count") segments"
}

it capture.of_a_connection_is_written 60 capture_a_connection
