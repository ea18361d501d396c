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

# fault [NAME VALUE]...: the body of a fault in A; what is not named is as the page has it
fault()
{
	local name body=
	local -A value=([where]=0 [way]='"out"' [which]='"any"' [flags]='[]' [not_flags]='[]'
		[data]='"either"' [port]=0 [seq_first]=0 [seq_last]=4294967295 [nth]=1
		[action]='"drop"' [delay_ms]=200 [field]='"seq"' [set_to]=0 [count]=1)
	while [ $# -gt 0 ]; do value[$1]=$2; shift 2; done
	for name in "${!value[@]}"; do body+=",\"$name\":${value[$name]}"; done
	echo "{${body#,}}"
}

web_drops_the_last_ACK()
{
	serves
	streams
	posts sysctl/msl_ms '{"where":0,"value":500}'
	is 500 in_ A sysctl -n net.ttp.msl_ms || fail "expected msl_ms 500, came $(in_ A sysctl -n net.ttp.msl_ms)"
	posts fault "$(fault which '"last_ack"')"
	posts listen '{"where":1,"port":5000}'
	wait_for 5 is 1 sockets B LISTEN
	posts connect '{"where":0,"to":"'"$(at 10.0.0.2)"'","port":5000,"bytes":5000,"hold":0}'
	comes '"state":"TIME_WAIT"' '"direction":"out"' '"fault":"dropped"'
	comes '"state":"LAST_ACK"' '"direction":"out"' 'FIN' '"retransmission":true'
	comes '"answer":"FIN again: ACK, 2 MSL anew"'
	comes '"from":"TIME_WAIT"' '"state":"CLOSED"' '"cause":"2 MSL"'
	now_has '"seen":2,"hits":1' || fail "expected a hit, came $(request GET now '')"
	posts unfault '{"where":0,"number":1}'
	[ "$(in_ A "$tool" fault list | wc -l)" = 1 ] || fail "expected no fault, came $(in_ A "$tool" fault list)"
}

# listener PORT: the process of this job
listener() { grep -lz "^$1$" /proc/[0-9]*/cmdline 2>/dev/null | sed 's/[^0-9]//g'; }

# bounded PID: its standard error takes no more than a page
bounded()
{
	[ "$(stat -L -c %s "/proc/$1/fd/2")" = 4096 ] || return
	! head -c 5000 /dev/zero 2>/dev/null >>"/proc/$1/fd/2" || return
	[ "$(stat -L -c %s "/proc/$1/fd/2")" = 4096 ]
}

web_starts_so_many_and_stops_them()
{
	local port
	serves
	for port in {5001..5008}; do posts listen '{"where":1,"port":'"$port"'}'; done
	wait_for 5 is 8 sockets B LISTEN
	request POST listen '{"where":1,"port":5009}' >"$work/answer"
	grep -q '^HTTP/1.1 409' "$work/answer" || fail "expected 409, came $(cat "$work/answer")"
	bounded "$(listener 5004)" || fail "expected a bound for what a job says"
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

# sets MATCH ACTION [NAME VALUE]...: this fault is listed
sets()
{
	local match=$1 action=$2
	shift 2
	posts fault "$(fault "$@")"
	now_has '"match":"'"$match"'","action":"'"$action"'"' ||
		fail "expected '$match' '$action', came $(request GET now '' | grep -o '"faults":.*')"
	posts unfault '{"where":0,"number":0}'
}

# will_not TEXT [NAME VALUE]...: 400, and why
will_not()
{
	local text=$1
	shift
	request POST fault "$(fault "$@")" >"$work/answer"
	{ grep -q '^HTTP/1.1 400' "$work/answer" && grep -qF "$text" "$work/answer"; } ||
		fail "expected 400 and '$text', came $(sed 's/Content-Sec.*//' "$work/answer")"
}

web_sets_each_action()
{
	serves
	sets '' 'drop 1' which '"any"'
	sets 'fin' 'delay 60000ms 3' which '"fin"' action '"delay"' delay_ms 60000 count 3
	sets 'data nth 5' 'duplicate 1' which '"data"' nth 5 action '"duplicate"'
	sets 'psh ack not syn not fin data port 5000' 'corrupt 1' flags '["psh","ack"]' \
		not_flags '["syn","fin"]' data '"with"' port 5000 action '"corrupt"'
	sets 'not data seq 1-10000' 'reorder 2' data '"without"' seq_first 1 seq_last 10000 \
		action '"reorder"' count 2
	sets 'seq 0-0' 'set win 65535 1' seq_last 0 action '"set"' field '"win"' set_to 65535
	sets 'seq 5-4294967295' 'set flags fin,ack 1' seq_first 5 action '"set"' field '"flags"' set_to 17
	will_not "seq wants a number or FIRST-LAST, not '9-1'" seq_first 9 seq_last 1
	will_not "both 'syn' and not 'syn'" flags '["syn"]' not_flags '["syn"]'
	will_not 'both data and not data' which '"data"' data '"without"'
	will_not 'win wants a number up to 65535' action '"set"' field '"win"' set_to 65536
	# and what it does: the second segment with data comes late
	streams
	posts fault "$(fault which '"data"' nth 2 action '"delay"' delay_ms 300)"
	posts listen '{"where":1,"port":5000}'
	wait_for 5 is 1 sockets B LISTEN
	posts connect '{"where":0,"to":"10.0.0.2","port":5000,"bytes":5000,"hold":0}'
	comes '"direction":"out"' '"fault":"delayed 300 ms"'
	wait_for 5 now_has '"seen":[0-9]*,"hits":1'
}

it web.drops_the_last_ACK 60 web_drops_the_last_ACK
TTP_TEST_FAMILY=6 it web.drops_the_last_ACK 60 web_drops_the_last_ACK
it web.sets_each_action 60 web_sets_each_action
it web.starts_so_many_and_stops_them 60 web_starts_so_many_and_stops_them
