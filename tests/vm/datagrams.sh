# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Datagrams with the tool: between two hosts, in lists and events, and of a program for
# UDP.  tests/vm/datagram.c has what a program sees.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ttp listen -u on host B, port 7000; its words are in $work/listener
datagram_listener()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	start listener B ttp listen -u -v -a "$(at 10.0.0.2)" "$@" 7000
	wait_for 5 grep -q ^listening "$work/listener.err"
}

# An address of 10.0.0.0/24 as the tool prints it
shown() { if by_v6; then echo "[fd00::a00:${1##*.}]"; else echo "$1"; fi; }

# how many datagrams host $1 has counted as $2
datagrams() { counter "$1" "$2"; }

each_line_is_a_datagram()
{
	datagram_listener
	printf 'one\ntwo\nlast' >"$work/text"
	in_ A ttp connect -u -v -i "$work/text" "$(at 10.0.0.2)" 7000 2>"$work/sender"
	grep -q '^datagrams: 3 sent, 0 received' "$work/sender" || fail "expected 3 datagrams, came: $(cat "$work/sender")"
	wait_for 5 is 3 datagrams B InDatagrams
	is 3 datagrams A OutDatagrams || fail "expected 3 sent, came $(datagrams A OutDatagrams)"
	[ "$(ttp show -uHn -N "${nspre}B" | awk '{ print $1, $4 }')" = "ESTAB $(shown 10.0.0.2):7000" ] ||
		fail "expected a connected socket, came: $(ttp show -un -N "${nspre}B")"
	wait_for 5 cmp -s "$work/listener" "$work/text"
}

answers_come_back()
{
	echo answer >"$work/answer"
	datagram_listener -i "$work/answer"
	echo question >"$work/question"
	start sender A ttp connect -u --hold 100 -i "$work/question" "$(at 10.0.0.2)" 7000
	wait_for 10 grep -qx answer "$work/sender"
}

# nothing tells it that the other end is gone; before the first datagram it waits
silence_ends_it()
{
	datagram_listener -w 1
	sleep 3
	in_ A ttp connect -u "$(at 10.0.0.2)" 7000 <<<late
	finish "$started" listener
	grep -q '^datagrams: 0 sent, 1 received' "$work/listener.err" || fail "came: $(cat "$work/listener.err")"
}

nobody_is_there()
{
	local status=0
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	in_ A ttp connect -u --hold 20 "$(at 10.0.0.2)" 7001 <<<hello 2>"$work/error" || status=$?
	# shellcheck disable=SC2015 # fail does not return
	[ "$status" = 1 ] && grep -q 'receive: Connection refused' "$work/error" ||
		fail "expected a refusal and 1, came $status: $(cat "$work/error")"
	is 1 datagrams B NoPorts || fail "expected one that nobody waited for, came $(datagrams B NoPorts)"
}

a_recording_tells_of_datagrams()
{
	datagram_listener -k
	ttp -n "${nspre}A" -n "${nspre}B" record "$work/recording" -- bash -c "
		ip netns exec ${nspre}A ttp connect -u $(at 10.0.0.2) 7000 <<<hello
		ip netns exec ${nspre}A ttp connect -u --hold 20 $(at 10.0.0.2) 7001 <<<nobody || :" 2>"$work/record" ||
		fail "expected a recording, came: $(cat "$work/record")"
	ttp monitor -t abs -r "$work/recording" datagram | awk '{ $1 = ""; gsub(/:[0-9]{5}/, ""); print }' >"$work/lines"
	# shellcheck disable=SC2015 # fail does not return
	[ "$(grep -cF "A $(shown 10.0.0.1) -> $(shown 10.0.0.2):700" "$work/lines")" = 2 ] &&
		grep -qF "B $(shown 10.0.0.2):7000 <- $(shown 10.0.0.1) datagram len 6" "$work/lines" &&
		grep -qF "B $(shown 10.0.0.2):7001 <- $(shown 10.0.0.1) datagram len 7 dropped: NoPorts" "$work/lines" ||
		fail "expected two sent, one received, one dropped, came: $(cat "$work/lines")"
	[ "$(ttp monitor -r "$work/recording" segment | wc -l)" = 0 ] || fail "expected no segment"
}

program_for_UDP()
{
	datagram_listener
	in_ A ttp run -u -d -- bash -c "echo from bash >/dev/udp/$(at 10.0.0.2)/7000" 2>"$work/debug"
	grep -q "made TTP's" "$work/debug" || fail "expected -d to tell of the socket, came: $(cat "$work/debug")"
	wait_for 5 grep -qx "from bash" "$work/listener"
	in_ A ttp run -d -- bash -c "echo from bash >/dev/udp/$(at 10.0.0.2)/7000" 2>"$work/debug" || :
	grep -q "left alone: not a stream" "$work/debug" || fail "expected UDP without -u, came: $(cat "$work/debug")"
}

wireshark_reads_it_as_UDP()
{
	local dump
	datagram_listener
	start dump A tcpdump -Z root --immediate-mode -i toB -U -w "$work/datagrams.pcap" ip proto 254
	dump=$started
	wait_for 10 grep -q 'listening on' "$work/dump.err"
	in_ A ttp connect -u 10.0.0.2 7000 <<<hello
	wait_for 5 is 1 datagrams B InDatagrams
	kill -INT "$dump"
	wait "$dump" || :
	cp "$work/datagrams.pcap" "${TTP_OUT:-/out}/datagrams.pcap"
	[ "$(tcpdump -nr "$work/datagrams.pcap" 2>/dev/null | wc -l)" = 1 ] || fail "expected one packet"
}

for TTP_TEST_FAMILY in 4 6; do
	export TTP_TEST_FAMILY
	it datagrams.each_line_of_the_input_is_one 30 each_line_is_a_datagram
	it datagrams.answers_come_back 30 answers_come_back
	it datagrams.nobody_there_is_a_refusal 30 nobody_is_there
	it datagrams.a_recording_tells_of_each 30 a_recording_tells_of_datagrams
	it datagrams.a_program_for_UDP_runs_over_them 30 program_for_UDP
done
unset TTP_TEST_FAMILY
it datagrams.silence_ends_it 30 silence_ends_it
it datagrams.a_capture_is_written 30 wireshark_reads_it_as_UDP
