# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What an administrator's rules see of a handshake: netfilter and routing rules for
# users, marks and foreign addresses.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

number=253
[ "$proto" != tcp ] || number=6

# listen HOST [NAME=VALUE...]: bulk, with this environment
listen()
{
	local host=$1
	shift
	start receiver "$host" env "$@" "$here/bin/bulk" listen 0.0.0.0 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
}

# send_to ADDRESS [NAME=VALUE...]: and it arrives
send_to()
{
	start sender A env "${@:2}" "$here/bin/bulk" send "$1" 5001 16
	finish "$started" sender
	finish "$receiver" receiver
}

# rules HOST HOOK RULE: one chain; what it counts says counted HOST
rules()
{
	command -v nft >/dev/null || skip "no nft here"
	in_ "$1" nft -f - <<-END
		table ip t {
			chain c {
				type $2;
				$3
			}
		}
	END
}

counted() { in_ "$1" nft list chain ip t c | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }

syn_ack="ip protocol $number @th,104,8 18"

# As a user without privileges; the program must be where that one may read it.
as_user()
{
	command -v setpriv >/dev/null || skip "no setpriv here"
	cp "$here/bin/bulk" /tmp/bulk
	start receiver B setpriv --reuid 1000 /tmp/bulk listen 0.0.0.0 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
}

SYN_ACK_has_an_owner()
{
	two_hosts
	rules B "filter hook output priority 0" "$syn_ack meta skuid 1000 counter"
	as_user
	send_to 10.0.0.2
	is 1 counted B || fail "expected one SYN,ACK of user 1000, came $(counted B)"
}

# The main table knows no route to 10.9.9.9, that of user 1000 does.
routes_of_a_user()
{
	two_hosts
	ip -n "${nspre}A" addr add 10.9.9.9/32 dev lo
	ip -n "${nspre}A" route add 10.0.0.2/32 dev toB src 10.9.9.9
	ip -n "${nspre}B" rule add uidrange 1000-1000 lookup 100
	ip -n "${nspre}B" route add 10.9.9.9/32 via 10.0.0.1 table 100
	as_user
	send_to 10.0.0.2
}

# once [NAME=VALUE...]: a handshake with a listener of this environment
once() { listen B "$@"; send_to 10.0.0.2; }

# What comes to host B has mark 5, and what answers for no socket goes with it.
mark_what_comes()
{
	in_ B sysctl -qw net.ipv4.fwmark_reflect=1
	in_ B nft add table ip u
	in_ B nft "add chain ip u c { type filter hook prerouting priority 0; }"
	in_ B nft add rule ip u c meta mark set 5
}

# SYN,ACKs are of their listener's socket.
marks()
{
	local name=net.ttp.fwmark_accept
	[ "$proto" != tcp ] || name=net.ipv4.tcp_fwmark_accept
	two_hosts
	rules B "filter hook output priority 0" "$syn_ack meta mark 7 counter; $syn_ack meta mark 0 counter; $syn_ack meta mark 5 counter"
	mark_what_comes
	once BULK_MARK=7
	once
	in_ B sysctl -qw $name=1
	once
	[ "$(counted B | tr '\n' ' ')" = "1 1 1 " ] ||
		fail "expected SYN,ACKs with the listener's mark, none, the SYN's, came $(counted B)"
}

# A RST is of no socket: it goes with the mark of what it answers.
mark_of_a_reset()
{
	two_hosts
	rules B "filter hook output priority 0" "ip protocol $number @th,104,8 20 meta mark 5 counter"
	mark_what_comes
	! in_ A "$here/bin/bulk" send 10.0.0.2 5001 1 2>/dev/null || fail "expected no listener"
	is 1 counted B || fail "expected one RST with mark 5, came $(counted B)"
}

# What is sent to any address is taken in, as by TPROXY; B has none of those.
transparent()
{
	two_hosts
	ip -n "${nspre}A" route add 198.51.100.0/24 via 10.0.0.2
	rules B "filter hook prerouting priority -150" "ip daddr 198.51.100.0/24 meta mark set 1 counter"
	ip -n "${nspre}B" rule add fwmark 1 lookup 100
	ip -n "${nspre}B" route add local default dev lo table 100
	listen B BULK_TRANSPARENT=1
	send_to 198.51.100.5
}

# lookups: how many routes out to host A were looked up, by the kernel's trace
lookups() { grep -c "fib_table_lookup: .* proto $number 10.0.0.2/.* -> 10.0.0.1/" "$trace/trace"; }

# SYN,ACKs are dropped on their way out, so that there is nothing else to send.
one_lookup()
{
	local name=net.ttp.syncookies
	[ "$proto" != tcp ] || name=net.ipv4.tcp_syncookies
	trace=/sys/kernel/tracing
	[ -d $trace/events/net ] || skip "no tracepoints in this kernel"
	two_hosts
	rules B "filter hook output priority 0" "$syn_ack counter drop"
	in_ B sysctl -qw "$name=$1"
	listen B
	echo >$trace/trace
	trap 'echo 0 >$trace/events/fib/fib_table_lookup/enable' EXIT
	echo 1 >$trace/events/fib/fib_table_lookup/enable
	start sender A "$here/bin/bulk" send 10.0.0.2 5001 1
	wait_for 5 not is 0 counted B
	end_processes
	wait_for 5 is 0 sockets B
	echo 0 >$trace/events/fib/fib_table_lookup/enable
	is "$(counted B)" lookups ||
		fail "expected a lookup for each of $(counted B) SYN,ACKs, came $(lookups)"
}

lookup_of_a_request() { one_lookup 1; }
lookup_of_a_cookie() { one_lookup 2; }

it policy.SYN_ACKs_have_the_owner_of_their_listener 60 SYN_ACK_has_an_owner
it policy.SYN_ACKs_take_the_routes_of_their_listeners_user 60 routes_of_a_user
it policy.SYN_ACKs_have_the_listeners_mark_or_if_asked_the_SYNs 90 marks
it policy.a_RST_has_the_mark_of_what_it_answers 60 mark_of_a_reset
it policy.a_transparent_listener_answers_for_foreign_addresses 60 transparent
it policy.a_SYN_costs_one_route_lookup 60 lookup_of_a_request
it policy.a_cookie_costs_one_route_lookup 60 lookup_of_a_cookie

available_arq()
{
	local name names
	two_hosts
	names=$(in_ A sysctl -n net.ttp.available_arq)
	[ "$names" = "selective-repeat go-back-n stop-and-wait" ] || fail "expected three names, came $names"
	for name in $names; do
		in_ A sysctl -qw net.ttp.arq="$name"
		[ "$(in_ A sysctl -n net.ttp.arq)" = "$name" ] || fail "expected $name to be taken"
	done
	! in_ A sysctl -w net.ttp.arq=gobackn 2>"$work/error" || fail "expected gobackn to be refused"
	grep -q 'Invalid argument' "$work/error" || fail "expected EINVAL, came: $(cat "$work/error")"
}

it policy.available_arq_has_what_arq_takes 10 available_arq
