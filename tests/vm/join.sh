# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# ttp pcap --join: captures of Linux's TCP, one at each end, become a recording that
# says what has happened.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# tcpdump_at HOST FILE: a capture of TCP there, of headers only
tcpdump_at()
{
	start "dump$1" "$1" tcpdump -Z root --immediate-mode -s 96 -i toR -U -w "$2" tcp
	wait_for 10 grep -q 'listening on' "$work/dump$1.err"
	dumps[$1]=$started
}

# all_is_written HOST: tcpdump, when it is asked, says that it has read all that came
all_is_written()
{
	kill -USR1 "${dumps[$1]}"
	[[ $(tail -n 1 "$work/dump$1.err") =~ ^tcpdump:\ ([0-9]+)\ packets?\ captured,\ ([0-9]+)\  ]] &&
		[ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
}

# end_dumps TO: when the connection has ended, there last, and nothing is under way
end_dumps()
{
	local end
	wait_for 30 is 0 eval "in_ $1 ss -Htan | wc -l"
	wait_for 5 in_ R sh -c "tc -s qdisc show dev to$1 | grep -q 'backlog 0b 0p'"
	for end in A B; do wait_for 5 all_is_written $end; done
	kill -INT "${dumps[@]}"
	wait "${dumps[@]}" || :
}

# retransmitted HOST: by Linux's own counter
retransmitted() { in_ "$1" nstat -asz TcpRetransSegs | awk '/Retrans/ { print $2 }'; }

# dropped HOST: on the way there, by the router
dropped() { in_ R tc -s qdisc show dev "to$1" | sed -n 's/.*dropped \([0-9]*\).*/\1/p'; }

# tcp_between FROM TO ADDRESS: 96 KiB, of which some is lost, over Linux's TCP
tcp_between()
{
	local receiver
	start receiver "$2" env TTP_TEST_PROTO=tcp "$here/bin/bulk" listen "$3" 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	start sender "$1" env TTP_TEST_PROTO=tcp "$here/bin/bulk" send "$3" 5001 96
	finish "$started" sender
	finish "$receiver" receiver
}

# states END: those that it enters, in their order
states()
{
	grep '"event":"state"' "$work/joined" | grep "\"ns\":\"$1\"" |
		sed 's/.*"from":"\([A-Z0-9_]*\)","state":"\([A-Z0-9_]*\)".*/\1>\2/' | xargs
}

active='CLOSED>SYN_SENT SYN_SENT>ESTABLISHED ESTABLISHED>FIN_WAIT_1 FIN_WAIT_1>FIN_WAIT_2 FIN_WAIT_2>TIME_WAIT'
passive='LISTEN>SYN_RCVD SYN_RCVD>ESTABLISHED ESTABLISHED>CLOSE_WAIT CLOSE_WAIT>LAST_ACK LAST_ACK>CLOSED'

# two_captures_are_joined FROM TO ADDRESS: whoever opens, and through losses
two_captures_are_joined()
{
	local from=$1 to=$2 lost again
	declare -A dumps
	needs_tool
	three_hosts
	# so that only TCP is lost
	in_ R sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	in_ A ping -c 1 10.0.2.2 >/dev/null
	in_ R tc qdisc add dev "to$to" root netem delay 2ms loss 15%
	tcpdump_at A "$work/A.pcap"
	tcpdump_at B "$work/B.pcap"
	tcp_between "$@"
	end_dumps "$to"
	lost=$(dropped "$to")
	again=$(retransmitted "$from")
	[ "$lost" -gt 0 ] || fail "expected losses, came none"
	# whichever is given first
	"$tool" pcap --join "$work/B.pcap" "$work/A.pcap" -o "$work/joined"
	"$tool" pcap --join "$work/A.pcap" "$work/B.pcap" -o "$work/same"
	[ "$(wc -l <"$work/joined")" = "$(wc -l <"$work/same")" ] || fail "expected the same either way"
	[ "$(states "$from")" = "$active" ] || fail "expected $from: $active, came $(states "$from")"
	[ "$(states "$to")" = "$passive" ] || fail "expected $to: $passive, came $(states "$to")"
	"$tool" ladder -F -r "$work/joined" >"$work/ladder"
	head -n 12 "$work/ladder"
	tail -n 12 "$work/ladder"
	grep -q "▶ .*, $again retransmitted, $lost lost" "$work/ladder" ||
		fail "expected $again retransmitted, $lost lost, came $(grep '▶.*lost$' "$work/ladder")"
	note "$lost lost, $again retransmitted"
}

A_to_B() { two_captures_are_joined A B 10.0.2.2; }
B_to_A() { two_captures_are_joined B A 10.0.1.1; }

it join.captures_of_TCP_with_losses 60 A_to_B
it join.whoever_connects 60 B_to_A
