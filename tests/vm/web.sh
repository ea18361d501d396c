# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# ttp web as its page uses it: connections, faults and sysctls by POST, and what happens by
# the stream of events.  Who may ask is in tests/tool/web.py.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

web_port=8253

# serves: ttp web of A and B; sets $web_path, which has the token
serves()
{
	needs_tool
	two_hosts
	echo 'window.d3 = null' >"$work/d3.js"
	TTP_D3=$work/d3.js "$tool" -n "${nspre}A" -n "${nspre}B" web -p "$web_port" >"$work/web" 2>"$work/web.err" &
	web=$!
	echo "$web" >>"$work/pids"
	wait_for 10 eval "[ -s '$work/web' ] || gone $web"
	! grep -q libmicrohttpd "$work/web.err" || skip "no libmicrohttpd here"
	[ -s "$work/web" ] || fail "expected an address, came $(cat "$work/web.err")"
	web_path=$(sed "s/^http:..127.0.0.1:$web_port//" "$work/web")
}

# request METHOD PATH [BODY]
request()
{
	exec 7<>"/dev/tcp/127.0.0.1/$web_port"
	printf '%s %s%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nOrigin: http://127.0.0.1:%s\r\n' \
		"$1" "$web_path" "$2" "$web_port" "$web_port" >&7
	printf 'Content-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
		"${#3}" "${3:-}" >&7
	cat <&7
	exec 7>&-
}

# posts PATH BODY: it is done
posts()
{
	request POST "$1" "$2" >"$work/answer"
	grep -q '^HTTP/1.1 200' "$work/answer" || fail "$1: expected 200, came $(sed 's/Content-Sec.*//' "$work/answer")"
}

# streams: what happens is in $work/stream from now on
streams()
{
	request GET events '' >"$work/stream" 2>&1 &
	echo $! >>"$work/pids"
	wait_for 5 grep -q retry "$work/stream"
}

# comes PATTERN...: an event comes that has all of them
comes()
{
	local pattern found="cat '$work/stream'"
	for pattern; do found+=" | grep -e '$pattern'"; done
	wait_for 10 eval "$found"
}

# now_has PATTERN: how things are
now_has() { request GET now '' | grep -qe "$1"; }

web_drops_the_last_ACK()
{
	serves
	streams
	posts sysctl/msl_ms '{"where":0,"value":500}'
	is 500 in_ A sysctl -n net.ttp.msl_ms || fail "expected msl_ms 500, came $(in_ A sysctl -n net.ttp.msl_ms)"
	posts fault '{"where":0,"way":"out","which":"last_ack","nth":1,"action":"drop","count":1}'
	posts listen '{"where":1,"port":5000}'
	wait_for 5 is 1 sockets B LISTEN
	posts connect '{"where":0,"to":"10.0.0.2","port":5000,"bytes":5000,"hold":0}'
	comes '"state":"TIME_WAIT"' '"direction":"out"' '"fault":"dropped"'
	comes '"state":"LAST_ACK"' '"direction":"out"' 'FIN' '"retransmission":true'
	comes '"answer":"FIN again: ACK, 2 MSL anew"'
	comes '"from":"TIME_WAIT"' '"state":"CLOSED"' '"cause":"2 MSL"'
	now_has '"seen":2,"hits":1' || fail "expected a hit, came $(request GET now '')"
	posts unfault '{"where":0,"number":1}'
	[ "$(in_ A "$tool" fault list | wc -l)" = 1 ] || fail "expected no fault, came $(in_ A "$tool" fault list)"
}

web_starts_so_many_and_stops_them()
{
	local port
	serves
	for port in {5001..5008}; do posts listen '{"where":1,"port":'"$port"'}'; done
	wait_for 5 is 8 sockets B LISTEN
	request POST listen '{"where":1,"port":5009}' >"$work/answer"
	grep -q '^HTTP/1.1 409' "$work/answer" || fail "expected 409, came $(cat "$work/answer")"
	posts stop '{"job":3}'
	wait_for 5 is 7 sockets B LISTEN
	wait_for 5 now_has '"job":3,.*"port":5003,.*"runs":false'
	# one that cannot work says why
	posts connect '{"where":0,"to":"10.0.0.2","port":5999,"bytes":1,"hold":0}'
	wait_for 5 now_has '"says":"connect to 10.0.0.2 port 5999: Connection refused"'
	request POST unfault '{"where":0,"number":9}' >"$work/answer"
	grep -q '^no fault 9' "$work/answer" || fail "expected why, came $(cat "$work/answer")"
	kill -INT "$web"
	finish "$web" web
	is 0 sockets B || fail "expected that all have ended, came $(sockets B)"
}

it web.drops_the_last_ACK 60 web_drops_the_last_ACK
it web.starts_so_many_and_stops_them 60 web_starts_so_many_and_stops_them
