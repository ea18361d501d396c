# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Python's http.server, urllib and asyncio.  Sourced by run.sh.

python_http()
{
	local server
	serve http python3 -m http.server -d "$files" 8000
	server=$started
	listening 8000
	client curl curl -sS http://10.0.0.2:8000/1M
	same "$dir/curl" "$files/1M"
	client urllib python3 -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen("http://10.0.0.2:8000/16M").read())'
	same "$dir/urllib" "$files/16M"
	client missing python3 -c 'import urllib.request
urllib.request.urlopen("http://10.0.0.2:8000/none")'
	client refused python3 -c 'import urllib.request
urllib.request.urlopen("http://10.0.0.2:8001/")'
	outcome "$(tail -n 1 "$dir/missing.err"), $(tail -n 1 "$dir/refused.err")"
	stop "$server"
}

python_asyncio()
{
	local server
	serve echo python3 "$folder/echo.py" server
	server=$started
	listening 7000
	client echo python3 "$folder/echo.py" client 10.0.0.2
	prints "$dir/echo"
	stop "$server"
}

both python.http_server_curl_urllib 90 python_http
both python.asyncio_echo_of_20_clients 90 python_asyncio
