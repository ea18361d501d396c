# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Node's HTTP server, which listens to both families by one socket, and its client.  Sourced by
# run.sh.

node_http()
{
	local server
	command -v node >/dev/null || skip "no node here (scripts/vm --with)"
	serve http node -e '
const http = require("http"), fs = require("fs");
process.on("SIGTERM", () => process.exit(0));
http.createServer((q, r) => fs.createReadStream(process.argv[1] + q.url).on("error", () => {
	r.statusCode = 404;
	r.end();
}).pipe(r)).listen(8000);' "$files"
	server=$started
	listening 8000
	client page node -e '
require("http").get(process.argv[1], a => a.pipe(process.stdout));' "http://$B_url:8000/1M"
	same "$dir/page" "$files/1M"
	client curl curl -gsS "http://$B_url:8000/1M"
	same "$dir/curl" "$files/1M"
	stop "$server"
}

both node.an_HTTP_server_and_its_client 90 node_http
