# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Python's http.server, urllib and asyncio, and its call for a socket of TTP.
# Sourced by run.sh.

python_http()
{
	local server
	serve http python3 -m http.server -b "$any" -d "$files" 8000
	server=$started
	listening 8000
	client curl curl -gsS "http://$B_url:8000/1M"
	same "$dir/curl" "$files/1M"
	client urllib python3 -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' "http://$B_url:8000/16M"
	same "$dir/urllib" "$files/16M"
	client missing python3 -c 'import sys, urllib.request
urllib.request.urlopen(sys.argv[1])' "http://$B_url:8000/none"
	client refused python3 -c 'import sys, urllib.request
urllib.request.urlopen(sys.argv[1])' "http://$B_url:8001/"
	outcome "$(tail -n 1 "$dir/missing.err"), $(tail -n 1 "$dir/refused.err")"
	stop "$server"
}

python_asyncio()
{
	local server
	serve echo python3 "$folder/echo.py" server
	server=$started
	listening 7000
	client echo python3 "$folder/echo.py" client "$B"
	prints "$dir/echo"
	stop "$server"
}

# python_socket FAMILY PROTOCOL: an echo by sockets that Python itself opens so
python_socket()
{
	# shellcheck disable=SC2016
	in_ A python3 -c '
import socket, sys, threading
way = int(sys.argv[1]), socket.SOCK_STREAM, int(sys.argv[2])
here = "::1" if way[0] == socket.AF_INET6 else "127.0.0.1"
server = socket.socket(*way)
server.bind((here, 5001))
server.listen()
client = socket.socket(*way)
client.connect((here, 5001))
conn, peer = server.accept()
client.sendall(b"a line")
assert conn.recv(100) == b"a line" and peer == client.getsockname()
' "$@"
}

# ttp(7), "Ways to open a socket"
python_opens_sockets()
{
	command -v python3 >/dev/null || skip "no python3 here"
	two_hosts
	python_socket "$(by_v6 && echo 10 || echo 2)" 253
	is 1 counter A ActiveOpens || fail "expected a connection over TTP, came $(counter A ActiveOpens)"
	! python_socket 22 0 2>"$work/error" || fail "expected an error, came none: ttp(7) can say so"
	grep -q 'bad family' "$work/error" || fail "expected 'bad family', came $(cat "$work/error")"
}

it python.socket_of_the_family_and_253 60 python_opens_sockets
both python.http_server_curl_urllib 90 python_http
both python.asyncio_echo_of_20_clients 90 python_asyncio
