# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A router that translates addresses, and rules of firewalls: what netfilter
# can do with protocol 253, and what scripts/ttp-tcp-bridge adds.  ttp(7), NOTES,
# says the same in words.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The clients C 10.0.1.1 and D 10.0.2.1 - R - S 10.0.3.2, which sees R's 10.0.3.9
# only.  Checksums are in the packets, as on a wire.
behind_one_address()
{
	local end
	needs_tool
	command -v nft >/dev/null || skip "no nft here"
	for end in C D R S; do host $end; done
	cable C 10.0.1.1 R 10.0.1.9
	cable D 10.0.2.1 R 10.0.2.9
	cable R 10.0.3.9 S 10.0.3.2
	for end in C:toR D:toR S:toR R:toC R:toD R:toS; do
		no_offload "${end%:*}" "${end#*:}"
	done
	in_ R sysctl -qw net.ipv4.ip_forward=1
	ip -n "${nspre}C" route add default via 10.0.1.9
	ip -n "${nspre}D" route add default via 10.0.2.9
	nft_rules R "chain c { type nat hook postrouting priority 100; oifname toS snat to 10.0.3.9; }"
	seq 1 20000 >"$work/page"
}

# nft_rules HOST CHAIN [FAMILY]: in table t
nft_rules()
{
	in_ "$1" nft -f - <<<"table ${3:-ip} t {"$'\n'"$2"$'\n'"}"
}

bridge() { "$here/../../scripts/ttp-tcp-bridge" -n "${nspre}R" add "$@"; }

# Both clients from one port, at the same time: each gets the page.
both_clients()
{
	local client
	for client in C D; do
		start $client $client "$tool" connect -p 5000 -w 20 --hold 1 -i "$work/request" \
			-o "$work/$client.got" 10.0.3.2 80
		eval "$client=$started"
	done
	finish "$C" C
	finish "$D" D
	for client in C D; do
		sed '1,/^\r$/d' "$work/$client.got" | cmp - "$work/page"
	done
}

clients_of_TCP()
{
	behind_one_address
	busybox httpd --help 2>&1 | grep -q Usage || skip "no busybox httpd here"
	bridge toC toS
	bridge toD toS
	mkdir "$work/www"
	cp "$work/page" "$work/www"
	printf 'GET /page HTTP/1.0\r\n\r\n' >"$work/request"
	start httpd S busybox httpd -f -p 80 -h "$work/www"
	wait_for 5 in_ S grep -q ':0050 ' /proc/net/tcp /proc/net/tcp6
	both_clients
	rm -r "$work/www"
}

clients_of_TTP()
{
	behind_one_address
	bridge toC
	bridge toD
	bridge toS
	{ printf 'an answer\r\n\r\n'; cat "$work/page"; } >"$work/answer"
	echo question >"$work/request"
	start server S "$tool" listen -v -k -i "$work/answer" 80
	wait_for 5 grep -q ^listening "$work/server.err"
	both_clients
	is 2 peers || fail "expected two peers with one address, came: $(cat "$work/server.err")"
}

peers() { grep -o '<- 10\.0\.3\.9:[0-9]*' "$work/server.err" | sort -u | wc -l; }

# a TTP host and a TCP host, and an ICMPv6 error that comes from behind the bridge
bridge_of_IPv6()
{
	three_hosts
	bridge toA toB
	carry 1024 tcp
	ip -n "${nspre}R" link set toB mtu 1300
	carry 256 tcp
	expect_error "$to_B" ECONNREFUSED
}

# netfilter changes the address, and not the checksum that the address is part of
no_bridge()
{
	behind_one_address
	start server S "$tool" listen -v 80
	wait_for 5 grep -q ^listening "$work/server.err"
	! in_ C "$tool" connect -w 3 10.0.3.2 80 2>/dev/null </dev/null ||
		fail "expected that nothing comes through, came a connection: ttp(7) can say so"
	[ "$(counter S InCsumErrors)" -gt 0 ] || fail "expected wrong checksums, came none"
}

# counts NAME: packets of the rule with this comment, in B
counts() { in_ B nft list ruleset | sed -n "s/.*packets \([0-9]*\).*comment \"$1\".*/\1/p"; }

# wants NAME no|some: the rule has seen so many packets
wants()
{
	local n
	n=$(counts "$1")
	[ "$2:$((n > 0))" = no:0 ] || [ "$2:$((n > 0))" = some:1 ] ||
		fail "expected $2 packets with $1, came $n: $(in_ B nft list ruleset)"
}

# once_to PORT: from A to B
once_to() { in_ A "$tool" connect -w 5 "$(at 10.0.0.2)" "$1" </dev/null 2>"$work/error"; }

# listens PORT: at B
listens()
{
	start "listener$1" B "$tool" listen -6 -v -k "$1"
	wait_for 5 grep -q ^listening "$work/listener$1.err"
}

ports_in_rules()
{
	local number="ip protocol"
	! by_v6 || number="ip6 nexthdr"
	needs_tool
	command -v nft >/dev/null || skip "no nft here"
	two_hosts
	nft_rules B "chain c { type filter hook input priority 0;
		$number 253 th dport 5001 counter comment \"dport\"
		$number 253 th dport 5002 counter comment \"other\"
		$number 253 @th,104,8 & 0x12 == 0x02 counter comment \"syn\"
		$number 253 th dport 5003 drop; }" inet
	listens 5001
	listens 5003
	once_to 5001
	wants dport some
	wants other no
	is 1 counts syn || fail "expected one SYN, came $(counts syn)"
	! once_to 5003 || fail "expected that port 5003 is shut, came a connection"
}

# Without ports there is one entry for two addresses, whoever began.
states_in_rules()
{
	needs_tool
	command -v nft >/dev/null || skip "no nft here"
	two_hosts
	nft_rules B "chain c { type filter hook input priority 0; policy accept;
		ip protocol 253 ct state new counter comment \"new\"
		ip protocol 253 ct state established counter comment \"established\"
		ip protocol 253 ct state invalid counter comment \"invalid\"
		ip protocol 253 ct state new th dport 5002 drop; }"
	listens 5001
	listens 5002
	! once_to 5002 || fail "expected that port 5002 is shut to who is new, came a connection"
	wants new some
	wants established no
	once_to 5001
	wants established some
	wants invalid no
	once_to 5002 || fail "expected that no packet is new now, came: $(cat "$work/error")"
}

# What B asks for lets in whatever comes from there; ICMP errors are told from others.
# nft's reject sends none: it expects another checksum, with 253 in the pseudo-header, where a
# packet has one already.
answers_only()
{
	needs_tool
	command -v nft >/dev/null || skip "no nft here"
	two_hosts
	nft_rules B "chain c { type filter hook input priority 0; policy drop;
		ip protocol icmp ct state related counter accept comment \"related\"
		ct state established accept; }"
	nft_rules A "chain c { type filter hook input priority 0; ip protocol 253 th dport 5009 reject; }"
	listens 5001
	start listenerA A "$tool" listen -v -k 5003
	wait_for 5 grep -q ^listening "$work/listenerA.err"
	! once_to 5001 || fail "expected that who was not asked is dropped, came a connection"
	wait_for 40 in_ B "$tool" connect -w 5 10.0.0.1 5003
	in_ B sysctl -qw net.ttp.offload=0
	once_to 5001 || fail "expected that the addresses are known now, came: $(cat "$work/error")"
	! in_ B "$tool" connect -w 2 10.0.0.1 5009 2>/dev/null || fail "expected that it is rejected"
	wants related no
	in_ A sysctl -qw net.ipv4.ip_forward=1
	ip -n "${nspre}A" route add unreachable 10.9.9.0/24
	ip -n "${nspre}B" route add 10.9.9.0/24 via 10.0.0.1
	! in_ B "$tool" connect -w 5 10.9.9.1 5001 2>/dev/null || fail "expected that nobody is there"
	wants related some
}

it nat.two_clients_behind_one_address_reach_TCP 40 clients_of_TCP
it nat.bridges_on_both_sides_reach_TTP 40 clients_of_TTP
TTP_TEST_FAMILY=6 it nat.a_bridge_takes_IPv6_too 40 bridge_of_IPv6
it nat.translates_no_checksum_of_253 30 no_bridge
it nat.rules_see_ports_and_flags 30 ports_in_rules
TTP_TEST_FAMILY=6 it nat.rules_see_ports_and_flags 30 ports_in_rules
it nat.states_are_of_addresses_not_ports 40 states_in_rules
it nat.answers_let_in_what_was_not_asked_for 60 answers_only
