#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# TTP and Linux's TCP talk to each other, in the test VM, through a router with
# scripts/ttp-tcp-bridge.  Each test runs in both roles: ttp_to_tcp is that TTP
# connects, tcp_to_ttp that TCP does; and by IPv4 and by IPv6.
#
#	run.sh [-q] [-l] [PATTERN...]
#
#	-q		without the long ones
#	-l		list the names, run nothing
#	PATTERN		those whose name contains one of them; !PATTERN: those whose
#			name does not: :v6. is in each name of IPv6's
#
# Prints a line for each test, the counts of each family, and at the end "N passed, N failed", or with ", N skipped".
# The environment may say: TTP_KO, the module; TTP_TEST_SLOW, which multiplies
# time limits; BULK_MIB, the size of the large transfers (1024; by IPv6 an eighth of it).
set -u
folder=$(cd "$(dirname "$0")" && pwd)
unset TTP_TEST_PROTO
# shellcheck source=../vm/lib.sh
. "$folder/../vm/lib.sh"

role='' failures=0
bridge=$folder/../../scripts/ttp-tcp-bridge

test_options ql "$@"

# A, which speaks TTP - R - B, which speaks TCP.  They are there for the next
# tests too, out of clear_up's sight, until one has changed() them; sysctls and
# netem are undone.
plain()
{
	if [ -e "$work.up" ]; then
		undo
		return
	fi
	rm -f "$work.netem" "$work.knobs"
	three_hosts
	"$bridge" -n "${nspre}R" add toA toB
	mv "$work/hosts" "$work.up"
}

undo()
{
	local host setting
	[ ! -e "$work.netem" ] || in_ R tc qdisc del dev toA root
	[ ! -e "$work.netem" ] || in_ R tc qdisc del dev toB root
	while read -r host setting; do
		in_ "$host" sysctl -qw "$setting"
	done < <(tac "$work.knobs" 2>/dev/null)
	rm -f "$work.netem" "$work.knobs"
}

# hosts of this test's own
fresh()
{
	if [ -e "$work.up" ]; then
		changed
		clear_up
	fi
	plain
	changed
}

# The hosts go away at the end of this test.
changed() { [ ! -e "$work.up" ] || mv "$work.up" "$work/hosts"; }

# netem ARGUMENTS...: on both of the router's devices
netem()
{
	touch "$work.netem"
	netem_at R toA limit 10000 "$@"
	netem_at R toB limit 10000 "$@"
}

# Sysctls of TTP, of TCP.
ttp_knob() { knob A "net.ttp.$1"; }
tcp_knob() { knob B "net.ipv4.tcp_$1"; }

knob()
{
	echo "$1 ${2%=*}=$(in_ "$1" sysctl -n "${2%=*}")" >>"$work.knobs"
	in_ "$1" sysctl -qw "$2"
}

# The counter $1 of TCP's has moved.
tcp_counter() { in_ B nstat -asz "$1" | awk -v name="$1" '$1 == name { print $2 }'; }
moved() { [ "$1" -gt 0 ] || fail "expected the counter $2 to rise, came $1"; }

# Who connects to whom.  Sets client, server, their protocols and the address.
roles()
{
	case $1 in
	ttp_to_tcp) client=A client_proto=ttp server=B server_proto=tcp address=10.0.2.2 ;;
	tcp_to_ttp) client=B client_proto=tcp server=A server_proto=ttp address=10.0.1.1 ;;
	esac
}

# talk ROLE "STEP..." "STEP...": what the client does, what the server does
talk()
{
	local listening client server client_proto server_proto address steps
	roles "$1"
	read -ra steps <<<"$3"
	start server "$server" env TTP_TEST_PROTO="$server_proto" \
		"$folder/bin/talk" listen "$address" 5001 "${steps[@]}"
	listening=$started
	wait_for 5 grep -q listening "$work/server"
	read -ra steps <<<"$2"
	start client "$client" env TTP_TEST_PROTO="$client_proto" \
		"$folder/bin/talk" connect "$address" 5001 "${steps[@]}"
	finish "$started" client
	finish "$listening" server
}

# The same, with the steps of TTP's end before those of TCP's.
ttp_and_tcp()
{
	case $1 in
	ttp_to_tcp) talk "$1" "$2" "$3" ;;
	tcp_to_ttp) talk "$1" "$3" "$2" ;;
	esac
}

# connection: each way in turn, both ways at once; with data on its SYN

request_and_answer()
{
	plain
	talk "$role" "send=100 recv=30000 eof close" "recv=100 send=30000 close"
}

both_at_once()
{
	plain
	talk "$role" "both=1000000 shut eof" "both=1000000 shut eof"
}

# The first asks for a cookie, the second has it.
fast_open()
{
	fresh
	ttp_knob fastopen=3
	tcp_knob fastopen=3
	talk "$role" "fast=100 recv=100 options=ts,sack,wscale" "qlen=5 recv=100 send=100"
	talk "$role" "fast=100 recv=100 options=ts,sack,wscale,syn_data" "qlen=5 recv=100 send=100"
}

with_offloads()
{
	local end
	plain
	changed
	for end in A:toR R:toA R:toB B:toR; do
		in_ "${end%:*}" ethtool -K "${end#*:}" tx on tso on gso on >/dev/null
	done
	talk "$role" "both=1000000 shut eof" "both=1000000 shut eof"
}

many_in_a_row()
{
	local n
	plain
	for n in 1 2 3 4 5 6 7 8; do
		talk "$role" "send=$n recv=$n close" "recv=$n send=$n close"
	done
}

# options

# option NAME TTP TCP: by sysctl at each end; agreed on only where both are on
option()
{
	local agreed=ts,sack,wscale
	plain
	ttp_knob "${1/wscale/window_scaling}=$2"
	tcp_knob "${1/wscale/window_scaling}=$3"
	case $1 in
	timestamps) name=ts ;;
	*) name=$1 ;;
	esac
	[ "$2$3" = 11 ] || agreed=$(tr , '\n' <<<$agreed | grep -vx "$name" | paste -sd ,)
	talk "$role" "options=$agreed both=100000 shut eof" "options=$agreed both=100000 shut eof"
}

option_timestamps_10() { option timestamps 1 0; }
option_timestamps_01() { option timestamps 0 1; }
option_sack_10() { option sack 1 0; }
option_sack_01() { option sack 0 1; }
option_wscale_10() { option wscale 1 0; }
option_wscale_01() { option wscale 0 1; }

no_options()
{
	plain
	ttp_knob timestamps=0
	ttp_knob sack=0
	ttp_knob window_scaling=0
	netem delay 2ms loss 2%
	talk "$role" "options=none both=200000 shut eof" "options=none both=200000 shut eof"
}

ecn()
{
	fresh
	ttp_knob ecn=1
	tcp_knob ecn=1
	netem delay 2ms loss 5% ecn
	talk "$role" "options=ts,sack,wscale,ecn both=1000000 shut eof" \
		"options=ts,sack,wscale,ecn both=1000000 shut eof"
	moved "$(counter A InCEPkts)" InCEPkts
	moved "$(counter A ECNReductions)" ECNReductions
	moved "$(tcp_counter TcpExtTCPDeliveredCE)" TcpExtTCPDeliveredCE
}

ecn_refused()
{
	plain
	ttp_knob ecn=1
	tcp_knob ecn=0
	talk "$role" "options=ts,sack,wscale both=1000 shut eof" "options=ts,sack,wscale both=1000 shut eof"
}

# a handshake whose SYN or SYN,ACK is lost
lost_handshake()
{
	plain
	netem loss 100%
	(pause 1.5; netem delay 1ms) &
	talk "$role" "options=ts,sack,wscale both=10000 shut eof" "options=ts,sack,wscale both=10000 shut eof"
}

cookies()
{
	plain
	ttp_knob syncookies=2
	tcp_knob syncookies=2
	talk "$role" "options=ts,sack,wscale both=100000 shut eof" "options=ts,sack,wscale both=100000 shut eof"
}

# loss, reordering, duplicates, delay

# weather LOSS DELAY KIB
weather()
{
	local bytes=$(($3 * 1024))
	plain
	if [ "$2" = 0 ]; then	# where there is nothing to be overtaken
		netem loss "$1%" duplicate 1%
	else
		netem delay "$2ms" "$(($2 / 10))ms" loss "$1%" duplicate 1% reorder 5% 50%
	fi
	talk "$role" "both=$bytes shut eof" "both=$bytes shut eof"
}

weather_0_0() { weather 0 0 1024; }
weather_0_10() { weather 0 10 1024; }
weather_0_100() { weather 0 100 512; }
weather_1_0() { weather 1 0 1024; }
weather_1_10() { weather 1 10 1024; }
weather_1_100() { weather 1 100 256; }
weather_10_0() { weather 10 0 512; }
weather_10_10() { weather 10 10 128; }
weather_10_100() { weather 10 100 64; }

corruption()
{
	plain
	netem delay 2ms corrupt 2%
	talk "$role" "both=200000 shut eof" "both=200000 shut eof"
}

# windows

sleeping_ttp()
{
	fresh
	ttp_and_tcp "$role" "rcvbuf=16384 sleep=2500 recv=300000 eof" "send=300000 shut eof"
	moved "$(tcp_counter TcpExtTCPWinProbe)" TcpExtTCPWinProbe
}

sleeping_tcp()
{
	fresh
	ttp_and_tcp "$role" "send=300000 shut eof" "rcvbuf=16384 sleep=2500 recv=300000 eof"
	moved "$(counter A WinProbe)" WinProbe
}

# the update that opens the window is lost, too
sleeping_in_loss()
{
	plain
	netem delay 2ms loss 10%
	talk "$role" "rcvbuf=16384 sleep=1000 recv=50000 sleep=1000 recv=50000 eof" "send=100000 shut eof"
}

small_reads()
{
	local reads
	plain
	reads=$(yes recv=100 | head -n 60 | paste -sd ' ')
	talk "$role" "rcvbuf=4096 $reads eof" "send=6000 shut eof"
}

# every way to close

half_close_ttp() { plain; ttp_and_tcp "$role" "send=1000 shut recv=100000 eof" "recv=1000 eof sleep=200 send=100000 close"; }
half_close_tcp() { plain; ttp_and_tcp "$role" "recv=1000 eof sleep=200 send=100000 close" "send=1000 shut recv=100000 eof"; }
abort_ttp() { plain; ttp_and_tcp "$role" "recv=10 abort" "send=10 reset"; }
abort_tcp() { plain; ttp_and_tcp "$role" "send=10 reset" "recv=10 abort"; }
unread_ttp() { plain; ttp_and_tcp "$role" "peek=1000 close" "send=1000 reset"; }
unread_tcp() { plain; ttp_and_tcp "$role" "send=1000 reset" "peek=1000 close"; }
gone_ttp() { plain; ttp_and_tcp "$role" "recv=10 close" "send=10 eof broken"; }
gone_tcp() { plain; ttp_and_tcp "$role" "send=10 eof broken" "recv=10 close"; }

simultaneous_close()
{
	local try
	fresh
	netem delay 400ms
	# the server has all when its answer leaves, the client 400 ms later;
	# a busy machine may let even that pass
	for try in 1 2 3; do
		talk "$role" "both=10 shut eof" "both=10 sleep=400 shut eof"
		! is 0 simultaneous_closes || continue
		[ $try = 1 ] || note "try $try"
		return
	done
	fail "expected a way through CLOSING, came none"
}

simultaneous_closes() { in_ A sed -nE 's/^FIN_WAIT_1 +CLOSING +([0-9]+) .*/\1/p' /proc/net/ttp/states; }

refused()
{
	local client server client_proto server_proto address
	plain
	roles "$role"
	! in_ "$client" env TTP_TEST_PROTO="$client_proto" "$folder/bin/talk" connect "$address" 5001 2>"$work/error" ||
		fail "expected ECONNREFUSED, came success"
	grep -q ECONNREFUSED "$work/error" || fail "expected ECONNREFUSED, came $(cat "$work/error")"
}

all_gone()
{
	fresh
	talk "$role" "both=1000 shut eof" "both=1000 shut eof"
	wait_for 5 is 0 sockets A ESTABLISHED
	wait_for 5 is 0 sockets A LAST_ACK
	wait_for 5 is 0 tcp_sockets
}

tcp_sockets() { in_ B ss -Htn state connected exclude time-wait | wc -l; }

# urgent data

urgent_ttp() { plain; ttp_and_tcp "$role" "send=100 urgent=xyZ send=100 close" "oob=Z recv=100 text=xy mark=1 recv=100 eof"; }
urgent_tcp() { plain; ttp_and_tcp "$role" "oob=Z recv=100 text=xy mark=1 recv=100 eof" "send=100 urgent=xyZ send=100 close"; }

# the path

path_mtu()
{
	fresh
	if by_v6; then	# where none is below 1280
		in_ R ip route replace fd00::10.0.1.0/120 dev toA mtu lock 1400
		in_ R ip route replace fd00::10.0.2.0/120 dev toB mtu lock 1300
	else
		in_ R ip route replace 10.0.1.0/24 dev toA mtu lock 900
		in_ R ip route replace 10.0.2.0/24 dev toB mtu lock 800
	fi
	talk "$role" "both=50000 shut eof" "both=50000 shut eof"
}

no_route()
{
	local client server client_proto server_proto address
	local error=EHOSTUNREACH
	fresh
	roles "$role"
	if by_v6; then
		in_ R ip route add unreachable fd00::10.9.0.0/120
		error=ENETUNREACH	# Linux says "no route" by ICMPv6
	else
		in_ R ip route add unreachable 10.9.0.0/24
	fi
	! in_ "$client" env TTP_TEST_PROTO="$client_proto" "$folder/bin/talk" connect 10.9.0.1 5001 2>"$work/error" ||
		fail "expected $error, came success"
	grep -q $error "$work/error" || fail "expected $error, came $(cat "$work/error")"
}

# keepalives are answered by the other one's stack
keepalive()
{
	fresh
	talk "$role" "keepalive sleep=3500 both=10 shut eof" "keepalive sleep=3500 both=10 shut eof"
	moved "$(counter A KeepAlive)" KeepAlive
	moved "$(tcp_counter TcpExtTCPKeepAlive)" TcpExtTCPKeepAlive
}

# the bridge itself

bridge_shows_and_ends()
{
	fresh
	talk ttp_to_tcp "both=10 shut eof" "both=10 shut eof"
	"$bridge" -n "${nspre}R" show >"$work/show"
	grep -Eq '^toA: TTP to TCP [1-9][0-9]*, TCP to TTP [1-9][0-9]* packets$' "$work/show" ||
		fail "expected packets both ways, came $(cat "$work/show")"
	! "$bridge" -n "${nspre}R" add toA 2>"$work/twice" || fail "expected an error, came success"
	is 1 wc -l <"$work/twice" || fail "expected one line, came $(cat "$work/twice")"
	in_ R tc filter add dev toA ingress pref 7 protocol ip u32 match u32 0 0 action ok
	"$bridge" -n "${nspre}R" del toA
	is "" "$bridge" -n "${nspre}R" show || fail "expected no bridge any more"
	[ -n "$(in_ R tc filter show dev toA ingress)" ] || fail "expected another's filter to be left"
	! "$bridge" -n "${nspre}R" del toA 2>/dev/null || fail "expected an error, came success"
}

# much data

# carry FROM PROTO TO PROTO ADDRESS MIB: equal checksums, into $figure
carry()
{
	local receiver
	start receiver "$3" env TTP_TEST_PROTO="$4" "$here/bin/bulk" listen "$5" 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	start sender "$1" env TTP_TEST_PROTO="$2" "$here/bin/bulk" send "$5" 5001 $(($6 * 1024))
	finish "$started" sender
	finish "$receiver" receiver
	[ "$(sed 's/, in.*//' "$work/sender")" = "$(sed '1d; s/, in.*//' "$work/receiver")" ] ||
		fail "expected $(cat "$work/sender"), came $(sed 1d "$work/receiver")"
	figure=$(awk '{ printf "%s %.1f MB/s", $4, $1 / $6 / 1000 }' "$work/sender")
	note "$figure"
	echo "$2 to $4: $6 MiB, $figure" >>"$figures"
}

# large FROM PROTO TO PROTO ADDRESS: through 1 % of loss, both with Reno
large()
{
	changed
	clear_up
	three_hosts
	in_ A sysctl -qw net.ipv4.tcp_congestion_control=reno
	in_ B sysctl -qw net.ipv4.tcp_congestion_control=reno
	[ "$2" = "$4" ] || "$bridge" -n "${nspre}R" add toA toB
	netem loss 1%
	carry "$@" "$mib"
}

large_ttp_to_tcp() { large A ttp B tcp 10.0.2.2; }
large_tcp_to_ttp() { large B tcp A ttp 10.0.1.1; }
large_ttp_to_ttp() { large A ttp B ttp 10.0.2.2; }
large_tcp_to_tcp() { large A tcp B tcp 10.0.2.2; }

# real programs

page() { awk 'BEGIN { for (i = 0; i < 20000; i++) print "line", i }'; }

# busybox's web server over TCP, asked by ttp connect
web_server_of_TCP()
{
	fresh
	busybox httpd --help 2>&1 | grep -q Usage || skip "no busybox httpd here"
	mkdir -p "$work.www"
	page >"$work.www/page"
	start httpd B busybox httpd -f -p 80 -h "$work.www"
	printf 'GET /page HTTP/1.0\r\n\r\n' >"$work.www/request"
	wait_for 10 is 1 listeners
	in_ A ttp connect -i "$work.www/request" -o "$work.www/answer" "$(at 10.0.2.2)" 80
	sed '1,/^\r$/d' "$work.www/answer" | cmp - "$work.www/page"
	rm -r "$work.www"
}

listeners() { in_ B ss -Htln | wc -l; }

# ttp listen, asked by busybox's wget over TCP
web_client_of_TCP()
{
	fresh
	mkdir -p "$work.www"
	page >"$work.www/page"
	{ printf 'HTTP/1.0 200 OK\r\n\r\n'; cat "$work.www/page"; } >"$work.www/answer"
	start listen A ttp listen -a "$(at 10.0.1.1)" -i "$work.www/answer" -o "$work.www/request" 80
	wait_for 10 is 1 sockets A LISTEN
	in_ B busybox wget -q -O "$work.www/got" "http://$(in_url 10.0.1.1)/page"
	cmp "$work.www/got" "$work.www/page"
	rm -r "$work.www"
}

# needs PROGRAM...
needs()
{
	local name
	for name in "$@"; do
		command -v "$name" >/dev/null || skip "no $name here"
	done
}

curl_over_TTP()
{
	needs curl
	fresh
	mkdir -p "$work.www"
	page >"$work.www/page"
	start httpd B busybox httpd -f -p 80 -h "$work.www"
	wait_for 10 is 1 listeners
	in_ A ttp run curl -gfsS -o "$work.www/got" "http://$(in_url 10.0.2.2)/page"
	cmp "$work.www/got" "$work.www/page"
	rm -r "$work.www"
}

web_server_over_TTP()
{
	needs curl python3
	fresh
	mkdir -p "$work.www"
	page >"$work.www/page"
	start httpd A ttp run python3 -m http.server --bind "$(at 10.0.1.1)" --directory "$work.www" 80
	wait_for 30 is 1 sockets A LISTEN
	in_ B curl -gfsS -o "$work.www/got" "http://$(in_url 10.0.1.1)/page"
	cmp "$work.www/got" "$work.www/page"
	rm -r "$work.www"
}

# Kernels before 6.7 refuse it.
zerocopy_under_ttp_run()
{
	needs python3
	plain
	is 1 in_ A ttp run python3 -c "
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, 60, 1)
print(s.getsockopt(socket.SOL_SOCKET, 60))" ||
		fail "expected SO_ZEROCOPY to be 1, it is not"
}

# both NAME SECONDS FUNCTION: in both roles
both()
{
	for role in ttp_to_tcp tcp_to_ttp; do
		test_ "$1.$role" "$2" "$3"
	done
}

# long: the same, but not with -q
long() { given q || both "$@"; }

test_()
{
	if given l; then
		echo "interop$(! by_v6 || echo :v6).$1"
	else
		it "interop.$1" $(($2 * TTP_TEST_SLOW)) "$3"
		[ "$failed" = "$failures" ] || { changed; clear_up; }
		failures=$failed
	fi
}

all_tests()
{
	long request_and_answer 15 request_and_answer
	both both_directions_at_once 15 both_at_once
	long offloaded_segments_and_checksums 15 with_offloads
	both TCP_Fast_Open 15 fast_open
	long eight_in_a_row 15 many_in_a_row
	long timestamps_off_at_TCP 15 option_timestamps_10
	long timestamps_off_at_TTP 15 option_timestamps_01
	long SACK_off_at_TCP 15 option_sack_10
	long SACK_off_at_TTP 15 option_sack_01
	long window_scaling_off_at_TCP 15 option_wscale_10
	long window_scaling_off_at_TTP 15 option_wscale_01
	long no_options_in_loss 15 no_options
	long ECN_marks_reduce_both_senders 30 ecn
	long ECN_refused_by_TCP 15 ecn_refused
	long handshake_in_loss 15 lost_handshake
	long SYN_cookies 15 cookies
	long loss_0_delay_0 30 weather_0_0
	long loss_0_delay_10 30 weather_0_10
	long loss_0_delay_100 30 weather_0_100
	long loss_1_delay_0 30 weather_1_0
	long loss_1_delay_10 30 weather_1_10
	long loss_1_delay_100 60 weather_1_100
	long loss_10_delay_0 60 weather_10_0
	both loss_10_delay_10 60 weather_10_10
	long loss_10_delay_100 90 weather_10_100
	long corruption 30 corruption
	long TTP_reads_late 15 sleeping_ttp
	long TCP_reads_late 15 sleeping_tcp
	long reads_late_in_loss 30 sleeping_in_loss
	long small_reads 15 small_reads
	long half_close_by_TTP 15 half_close_ttp
	long half_close_by_TCP 15 half_close_tcp
	both TTP_aborts 15 abort_ttp
	both TCP_aborts 15 abort_tcp
	long TTP_closes_with_unread_data 15 unread_ttp
	long TCP_closes_with_unread_data 15 unread_tcp
	long TTP_closes_while_TCP_writes 15 gone_ttp
	long TCP_closes_while_TTP_writes 15 gone_tcp
	both simultaneous_close 15 simultaneous_close
	long refused 15 refused
	long nothing_is_left_at_either_end 15 all_gone
	both urgent_data_of_TTP 15 urgent_ttp
	both urgent_data_of_TCP 15 urgent_tcp
	long path_MTU 15 path_mtu
	long unreachable 15 no_route
	long keepalives_are_answered 15 keepalive
	test_ the_bridge_shows_what_it_did_and_ends 15 bridge_shows_and_ends
	test_ ttp_connect_asks_a_web_server 15 web_server_of_TCP
	test_ wget_asks_ttp_listen 15 web_client_of_TCP
	test_ curl_over_TTP 30 curl_over_TTP
	test_ web_server_over_TTP 30 web_server_over_TTP
	test_ SO_ZEROCOPY_of_a_program_for_TCP 30 zerocopy_under_ttp_run
	! given q || return 0
	test_ "${mib}_MiB.ttp_to_tcp" 600 large_ttp_to_tcp
	test_ "${mib}_MiB.tcp_to_ttp" 600 large_tcp_to_ttp
	test_ "${mib}_MiB.ttp_to_ttp" 600 large_ttp_to_ttp
	test_ "${mib}_MiB.tcp_to_tcp" 600 large_tcp_to_tcp
}

both_families()
{
	mib=${BULK_MIB:-1024}
	all_tests
	changed
	clear_up
	export TTP_TEST_FAMILY=6
	mib=$((mib / 8))
	all_tests
	unset TTP_TEST_FAMILY
}

if given l; then
	both_families
	exit 0
fi

figures=$work.figures
: >"$figures"
trap 'changed; clear_up; rm -rf "$work" "$work".*' EXIT
begin_tests veth sch_netem cls_u32 act_pedit act_csum sch_ingress
both_families
sed 's/^/# throughput at 1 % loss: /' "$figures"
end_tests
