# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The tracepoints ttp:*, read from /sys/kernel/tracing, by trace-cmd and by bpftrace; and those
# of the kernel that TTP fires: sock:inet_sock_set_state, skb:kfree_skb.  Sourced by run.sh,
# after events.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tracing=/sys/kernel/tracing

# traced EVENT...: from now on, in a buffer of this test's own
traced()
{
	local event
	[ -d "$tracing/events/net" ] || skip "no tracepoints in this kernel"
	buffer=$tracing/instances/$nspre
	remove_buffer	# of a test that was killed
	mkdir "$buffer"
	trap remove_buffer EXIT
	echo 8192 >"$buffer/buffer_size_kb"
	for event; do echo 1 >"$buffer/events/${event/://}/enable"; done
}

remove_buffer()
{
	[ -d "$buffer" ] || return 0
	echo 0 >"$buffer/events/enable"
	rmdir "$buffer"
}

# The events so far, in $work/trace, as lines of EVENT: FIELD=VALUE ...; the buffer ends.
end_trace()
{
	echo 0 >"$buffer/tracing_on"
	# a line begins with task, CPU, flags and time
	sed -n 's/^.*[0-9]\.[0-9]*: \([a-z_]*: .*\)/\1/p' "$buffer/trace" >"$work/trace"
	remove_buffer
	[ -s "$work/trace" ] || fail "expected events, came none"
}

# values FIELD WORD...: of the events whose lines have all of these words, in their order
values()
{
	local field=$1 word
	shift
	cp "$work/trace" "$work/some"
	for word; do
		grep -e "$word" "$work/some" >"$work/fewer" || :
		mv "$work/fewer" "$work/some"
	done
	sed -n "s/.* $field=\([^ ]*\).*/\1/p" "$work/some" | tr '\n' ' '
}

# traced_connection EVENT...: from the first SYN to the end of TIME_WAIT
traced_connection()
{
	host_pair
	traced "$@"
	one_connection
	end_trace
}

host_pair()
{
	two_hosts
	in_ A sysctl -qw net.ttp.msl_ms=200
}

# one_connection [KIB]
one_connection()
{
	carry "${1:-64}"
	wait_for 5 is 0 sockets A
	wait_for 5 is 0 sockets B
}

# expect_words WHAT WORDS EXPECTED
expect_words() { [ "$2" = "$3 " ] || fail "$1: expected $3, came $2"; }

states_are_traced()
{
	traced_connection ttp:state
	expect_words "host A" "$(values state '^state: ' 'dport=5001 ' saddr=10.0.0.1 family=AF_INET)" \
		"SYN_SENT ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 TIME_WAIT CLOSED"
	expect_words "host B" "$(values state '^state: ' 'sport=5001 ' daddr=10.0.0.1)" \
		"SYN_RCVD ESTABLISHED CLOSE_WAIT LAST_ACK CLOSED"
	expect_words "causes of A" "$(values cause_kind 'dport=5001 ')" \
		"user segment user segment segment timer"
	grep -q 'from=FIN_WAIT_2 state=TIME_WAIT cause_kind=segment cause=FIN$' "$work/trace" ||
		fail "expected a cause, came $(grep TIME_WAIT "$work/trace" | head -n 1)"
}

# What goes out comes in, and each effect follows its cause.
segments_are_traced()
{
	host_pair
	no_offload A toB
	no_offload B toA
	traced ttp:segment_in ttp:segment_out ttp:state
	one_connection
	end_trace
	expect_words "numbers at B" "$(values seq '^segment_in: ' 'sport=5001 ')" \
		"$(values seq '^segment_out: ' 'dport=5001 ' | sed 's/ $//')"
	expect_words "flags of the handshake" "$(values flags flags= | cut -d' ' -f 1-5) " \
		"SYN SYN SYN|ACK SYN|ACK ACK"
	awk '
	/^segment_in: / { came++ }
	/cause_kind=segment/ && !came { print }
	/^segment_out: / { came = 0 }' "$work/trace" >"$work/wrong"
	[ ! -s "$work/wrong" ] || fail "expected its segment before each state, came $(head -n 1 "$work/wrong")"
	grep -q '^segment_in: .* state=ESTABLISHED flags=.* snd_una=[1-9].* cwnd=[1-9]' "$work/trace" ||
		fail "expected the TCB's variables, came $(grep -m 1 '^segment_in: .*ESTABLISHED' "$work/trace")"
}

recovery_is_traced()
{
	local receiver
	lossy_hosts
	traced ttp:retransmit ttp:segment_out ttp:cong
	start receiver B "$here/bin/bulk" listen 10.0.2.2 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	start sender A "$here/bin/bulk" send 10.0.2.2 5001 1024
	finish "$started" sender
	finish "$receiver" receiver
	end_trace
	expect_words "retransmissions" "$(values seq '^retransmit: ')" \
		"$(values seq '^segment_out: ' retransmission=1 | sed 's/ $//')"
	grep -q '^retransmit: .*purpose=fast retransmit' "$work/trace" ||
		fail "expected a fast retransmit, came $(grep -m 1 '^retransmit' "$work/trace")"
	grep -q '^cong: .*why=begin phase=open cwnd=[1-9]' "$work/trace" ||
		fail "expected the initial window, came $(grep -m 1 '^cong' "$work/trace")"
	grep -q '^cong: .*why=loss phase=recovery' "$work/trace" || fail "expected a recovery, came none"
	grep -qE '^cong: .*why=(recovered|undo) phase=open' "$work/trace" ||
		fail "expected the end of a recovery, came none"
	# each is one of a change
	awk '/^cong: .*dport=5001 / { sub(/.*phase=/, ""); sub(/ mss=.*/, "")
		if ($0 == last) print; last = $0 }' "$work/trace" >"$work/again"
	[ ! -s "$work/again" ] || fail "expected only changes, came twice $(head -n 1 "$work/again")"
}

# rename HOST DEVICE NAME
rename()
{
	ip -n "$nspre$1" link set "$2" down
	ip -n "$nspre$1" link set "$2" name "$3" up
}

# own EVENT: those of packets that a device named own* has had last, as the kernel frees those of all
# namespaces
own()
{
	awk -v event="$1:" '
	{ match($0, /skbaddr=[^ ]*/); packet = substr($0, RSTART, RLENGTH) }
	/^net(_dev_queue|if_receive_skb): / { own[packet] = /dev=own/ }
	$1 == event && own[packet]' "$work/trace"
}

# A SYN for a port where nobody listens; and a whole connection, of which nothing is dropped.
drops_are_traced()
{
	needs_tool
	host_pair
	rename A toB own0
	rename B toA own1
	traced ttp:drop skb:kfree_skb net:net_dev_queue net:netif_receive_skb
	one_connection
	in_ A "$tool" connect -i /dev/null 10.0.0.2 5002 2>/dev/null &&
		fail "expected that nobody listens"
	end_trace
	own drop >"$work/dropped"
	grep -q '^drop: .*saddr=10.0.0.2 daddr=10.0.0.1 .*sport=5002 .*flags=SYN .*drop=NoSocket reason=NO_SOCKET' \
		"$work/dropped" || fail "expected drop=NoSocket, came $(grep -m 1 '^drop: ' "$work/trace")"
	[ "$(wc -l <"$work/dropped")" = 1 ] || fail "expected one drop, came $(cat "$work/dropped")"
	own kfree_skb | grep ' protocol=2048 ' >"$work/freed" || :
	if ! grep -q 'reason: NO_SOCKET' "$work/freed" || [ "$(wc -l <"$work/freed")" != 1 ]; then
		fail "expected one kfree_skb, for NO_SOCKET, came $(cat "$work/freed")"
	fi
}

# A datagram of 100 bytes, that nobody waits for: it has ports and a length, but no numbers.
a_datagram_is_traced()
{
	local drop='drop=NoPorts reason=NO_SOCKET'
	needs_tool
	two_hosts
	traced ttp:drop
	printf '%0100d' 0 >"$work/zeros"
	in_ A "$tool" connect -u --hold 20 -i "$work/zeros" "$(at 10.0.0.2)" 7001 2>/dev/null &&
		fail "expected that nobody waits for it"
	end_trace
	grep -q "^drop: .* sport=7001 dport=[0-9]* flags= seq=0 ack=0 seg_wnd=0 seg_len=100 segs=[01] $drop" "$work/trace" ||
		fail "expected a datagram with $drop, came $(grep -m 1 '^drop: ' "$work/trace")"
}

a_fault_is_traced()
{
	needs_tool
	host_pair
	in_ B "$tool" fault add in fin drop 1
	traced ttp:drop
	one_connection
	end_trace
	# a slow machine may also retransmit what has arrived
	[ "${TTP_TEST_EXACT:-0}" = 0 ] ||
		expect_words "drops" "$(values drop '^drop: ' 'sport=5001 ')" fault
	grep -q '^drop: .*saddr=10.0.0.2 .*flags=FIN.* drop=fault reason=NOT_SPECIFIED' "$work/trace" ||
		fail "expected a FIN at B, came $(grep -m 1 '^drop: ' "$work/trace")"
}

# Some packets are damaged on the cable: half of them in the segment's header, others before it.
reasons_are_given()
{
	host_pair
	no_offload A toB
	no_offload B toA
	in_ A tc qdisc add dev toB root netem corrupt 20%
	traced ttp:drop skb:kfree_skb
	one_connection 256
	end_trace
	grep -q '^drop: .*drop=InCsumErrors reason=TCP_CSUM' "$work/trace" ||
		fail "expected drop=InCsumErrors, came $(grep -m 1 '^drop: ' "$work/trace")"
	grep -q '^kfree_skb: .*reason: TCP_CSUM' "$work/trace" ||
		fail "expected kfree_skb for TCP_CSUM, came none"
}

a_datagram_has_its_reason()
{
	needs_tool
	host_pair
	no_offload A toB
	in_ A tc qdisc add dev toB root netem corrupt 50%
	start listener B "$tool" listen -u -k -v -a 10.0.0.2 7000
	wait_for 5 grep -q ^listening "$work/listener.err"
	yes "$(printf '%0200d' 0)" | head -n 50 >"$work/lines"
	traced ttp:drop
	in_ A "$tool" connect -u --hold 20 -i "$work/lines" 10.0.0.2 7000
	wait_for 5 not is 0 counter B DatagramCsumErrors
	end_trace
	grep -q '^drop: .*drop=DatagramCsumErrors reason=UDP_CSUM' "$work/trace" ||
		fail "expected drop=DatagramCsumErrors reason=UDP_CSUM, came $(grep -m 1 '^drop: ' "$work/trace")"
}

inet_sock_set_state_fires()
{
	traced_connection sock:inet_sock_set_state
	expect_words "host A" "$(values newstate '^inet_sock_set_state: ' 'dport=5001 ')" \
		"TCP_SYN_SENT TCP_ESTABLISHED TCP_FIN_WAIT1 TCP_FIN_WAIT2 TCP_CLOSE"
}

by_trace_cmd()
{
	command -v trace-cmd >/dev/null || skip "no trace-cmd here"
	host_pair
	(cd "$work" && exec trace-cmd record -q -e ttp:state -e ttp:segment_out -o trace.dat) \
		>"$work/record" 2>&1 </dev/null &
	recorder=$!
	echo $recorder >>"$work/pids"
	wait_for 20 grep -q 1 "$tracing/events/ttp/segment_out/enable"
	one_connection
	kill -INT $recorder
	wait $recorder || fail "trace-cmd: $(tail -n 1 "$work/record")"
	trace-cmd report -i "$work/trace.dat" >"$work/report"
	grep -qE ' state: +id=[0-9]+ family=AF_INET saddr=10\.0\.0\.1 daddr=10\.0\.0\.2 saddrv6=::ffff:10\.0\.0\.1 daddrv6=::ffff:10\.0\.0\.2 sport=[0-9]+ dport=5001 from=FIN_WAIT_2 state=TIME_WAIT cause_kind=segment cause=FIN' \
		"$work/report" || fail "expected A's TIME_WAIT, came $(grep -m 1 TIME_WAIT "$work/report")"
	grep -qE ' segment_out: .*flags=SYN\|ACK ' "$work/report" ||
		fail "expected a SYN,ACK, came $(grep -m 1 segment_out "$work/report")"
}

by_bpftrace()
{
	command -v bpftrace >/dev/null || skip "no bpftrace here: scripts/vm --with bpftrace"
	host_pair
	bpftrace -e '
		BEGIN { printf("begin\n"); }
		tracepoint:ttp:state { printf("%s %d %s\n", ntop(args->saddr), args->state, str(args->cause)); }
		tracepoint:ttp:segment_out { @bytes[args->dport] = sum(args->seg_len); }' \
		>"$work/bpftrace" 2>"$work/bpftrace.err" </dev/null &
	bpftrace=$!
	echo $bpftrace >>"$work/pids"
	wait_for 60 grep -q '^begin' "$work/bpftrace"
	one_connection
	kill -INT $bpftrace
	wait $bpftrace || fail "bpftrace: $(tail -n 1 "$work/bpftrace.err")"
	grep -q '^10\.0\.0\.1 6 FIN$' "$work/bpftrace" ||
		fail "expected A's TIME_WAIT, came $(cat "$work/bpftrace" "$work/bpftrace.err")"
	grep -q '^@bytes\[5001\]: 65536$' "$work/bpftrace" ||
		fail "expected 65536 bytes, came $(grep @bytes "$work/bpftrace")"
}

it tracepoints.states_are_traced 60 states_are_traced
it tracepoints.segments_are_traced 60 segments_are_traced
it tracepoints.recovery_is_traced 60 recovery_is_traced
it tracepoints.drops_are_traced 60 drops_are_traced
it tracepoints.a_datagram_has_its_reason 60 a_datagram_has_its_reason
for TTP_TEST_FAMILY in 4 6; do
	export TTP_TEST_FAMILY
	it tracepoints.a_datagram_is_traced 60 a_datagram_is_traced
done
unset TTP_TEST_FAMILY
it tracepoints.a_fault_is_traced 60 a_fault_is_traced
it tracepoints.reasons_are_given 60 reasons_are_given
it tracepoints.inet_sock_set_state_fires 60 inet_sock_set_state_fires
it tracepoints.by_trace_cmd 120 by_trace_cmd
it tracepoints.by_bpftrace 180 by_bpftrace
