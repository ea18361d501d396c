# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# ttp web of a recording: who may ask what, and its page in a browser.  What it does to
# connections is in tests/vm/web.sh.  Sourced by run.

preload=	# silent.so: a module that is silent

# serve OPTION...: starts it; sets $address and $server
serve()
{
	rm -f address
	env LD_PRELOAD="$preload" "$TTP" web -p 0 "$@" >address 2>err &
	server=$!
	until [ -s address ] || ! kill -0 "$server" 2>/dev/null; do sleep 0.05; done
	address=$(cat address)
}

# ends_by SIGNAL: at once, with success, and its processes with it
ends_by()
{
	children=$(cat "/proc/$server/task/$server/children")
	kill -"$1" "$server"
	wait "$server" || return
	for child in $children; do
		! kill -0 "$child" 2>/dev/null || return
	done
}

# A page on another port, which even knows the token, can neither read what comes from here
# nor have anything done.
page_elsewhere()
{
	cat <<-END
	(async () => {
		const wrong = [], at = "$address", json = { "Content-Type": "application/json" };
		const wait = ms => new Promise(done => setTimeout(done, ms));
		const read = async (path, options) => {
			try {
				const answer = await fetch(at + path, options);
				wrong.push("read " + path + ": " + answer.status);
			} catch (error) { /* as it should be */ }
		};
		await read("");
		await read("now");
		await read("stop", { method: "POST", body: '{"job":1}' });
		await read("stop", { method: "POST", body: '{"job":1}', headers: json });
		const source = new EventSource(at + "events");
		source.onmessage = source.onopen = () => wrong.push("events");
		const frame = document.createElement("iframe");
		frame.src = at;
		document.body.append(frame);
		const opened = window.open(at);
		await wait(2000);
		if (frame.contentDocument)
			wrong.push("a frame that can be read");
		try {
			if (opened && opened.document.title)
				wrong.push("a window that can be read");
		} catch (error) { /* as it should be */ }
		return wrong;
	})()
	END
}

# A server of an empty page; prints its port.
serve_elsewhere()
{
	mkdir -p elsewhere
	echo '<!DOCTYPE html><title>elsewhere</title>' >elsewhere/index.html
	exec python3 -c 'import functools, http.server as h
class Quiet(h.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass
server = h.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="elsewhere"))
print(server.server_port, flush=True)
server.serve_forever()'
}

test_page_elsewhere()
{
	serve_elsewhere >elsewhere.port 2>/dev/null &
	elsewhere=$!
	until [ -s elsewhere.port ] || ! kill -0 "$elsewhere" 2>/dev/null; do sleep 0.05; done
	python3 "$here/browser.py" visit "http://127.0.0.1:$(cat elsewhere.port)/" "$(page_elsewhere)" >said 2>&1
	case $? in
	0) ok 'a page elsewhere in a browser gets nothing' ;;
	77) skip 'a page elsewhere in a browser' 'no chromium: scripts/setup browser' ;;
	*) not_ok 'a page elsewhere in a browser' "$(head -n 9 said)" ;;
	esac
	kill $elsewhere
}

# What the page of walk.jsonl shows
page_of_recording()
{
	cat <<-'END'
	(async () => {
		const wrong = [], is = (what, good) => { if (!good) wrong.push(what); };
		const wait = ms => new Promise(done => setTimeout(done, ms));
		const text = id => document.getElementById(id).textContent;
		for (let i = 0; i < 900 && !text("states").includes("A: CLOSED"); i++)
			await wait(100);
		is("one connection, not " + ttpPage.conns.length, ttpPage.conns.length === 1);
		is("states: " + text("states"), /A: CLOSED.*B: CLOSED/s.test(text("states")));
		is("said: " + text("live-state"), /^Live: [0-9]+ events/.test(text("live-state")));
		is("plots", document.querySelectorAll("#plots svg").length > 0);
		is("no buttons for a recording", !document.querySelector("form"));
		document.getElementById("back").click();
		is("no longer follows", !document.getElementById("follow").checked);
		is("one event back: " + text("now"), text("now").startsWith("32 / 33"));
		const kept = ["#conn option", "#plot-side option", "#questions button"].map(s => document.querySelector(s));
		ttpPage.drawChoice();
		ttpPage.render();
		is("what says the same is made anew", kept.every(element => element.isConnected));
		return wrong;
	})()
	END
}

# What is typed and chosen on the live page stays while things move: the server's answers are made here.
page_under_traffic()
{
	cat <<-'END'
	(async () => {
		const wrong = [], is = (what, good) => { if (!good) wrong.push(what); };
		const wait = ms => new Promise(done => setTimeout(done, ms));
		const form = path => document.querySelector(`form[data-ask="${path}"]`);
		let asked = 0, msl = "1000";
		window.fetch = async path => ({ ok: true, json: async () => ({
			jobs: [{ job: 1, runs: true, where: 0, port: 5000 }],
			namespaces: [{ addresses: [], sysctls: { msl_ms: msl }, faults: [
				{ number: 1, direction: "in", match: "", action: "drop", hits: asked, seen: asked += path === "now" }] }],
		}) });
		const again = async () => {
			const from = asked;
			form("listen").requestSubmit();
			for (let i = 0; i < 1800 && asked < from + 1; i++)
				await wait(50);
			await wait(50);
		};
		for (let i = 0; i < 1800 && !form("listen"); i++)
			await wait(50);
		await again();
		const stop = document.querySelector("#jobs button"), input = form("sysctl/msl_ms").elements.value;
		const text = document.getElementById("faults").textContent;
		is("the kernel's value, not " + input.value, input.value === "1000");
		input.value = "77";
		stop.focus();
		await again();
		is("a typed value is set back to " + input.value, input.value === "77");
		is("the focus is lost", document.activeElement === stop);
		is("the fault's numbers stay", document.getElementById("faults").textContent !== text);
		msl = "30";
		await again();
		is("another value of the kernel's is not shown: " + input.value, input.value === "30");
		return wrong;
	})()
	END
}

# in_browser NAME SCRIPT
in_browser()
{
	python3 "$here/browser.py" run "$address" "$2" >said 2>&1
	case $? in
	0) ok "$1" ;;
	77) skip "$1" 'no chromium: scripts/setup browser' ;;
	*) not_ok "$1" "$(head -n 9 said)" ;;
	esac
}

test_web_in_a_browser()
{
	name='web in a browser'
	if [ ! -e /usr/share/nodejs/d3/dist/d3.min.js ]; then
		skip "$name" 'no D3: scripts/setup report'
		return
	fi
	serve -r "$here/ladder/walk.jsonl"
	in_browser "$name" "$(page_of_recording)"
	test_page_elsewhere
	check 'it ends by SIGTERM' ends_by TERM
	preload=$tmp/silent.so
	serve -l en
	in_browser 'web in a browser: what is typed stays' "$(page_under_traffic)"
	check 'it ends by SIGTERM' ends_by TERM
	preload=
}

test_web()
{
	if ! /sbin/ldconfig -p | grep -q 'libmicrohttpd\.so\.12'; then
		skip 'web' 'no libmicrohttpd: scripts/setup build'
		return
	fi
	echo 'window.d3 = null' >d3.js
	TTP_D3=$tmp/d3.js
	export TTP_D3
	f=$here/ladder/walk.jsonl
	"$TTP" monitor -j -r "$f" >events
	serve -l en -r "$f"
	python3 "$here/web.py" "$address" events >answers 2>&1
	while read -r word rest; do
		case $word in
		ok) ok "web: $rest" ;;
		*) not_ok "web: $word $rest" ;;
		esac
	done <answers
	ends 'a port that is taken' 1 '--port takes another' \
		"$TTP" web -p "$(sed 's/.*1:\([0-9]*\).*/\1/' address)" -r "$f"
	check 'it ends by SIGINT' ends_by INT
	serve -m 5 -r "$f"
	timeout 60 python3 -c 'import itertools, sys, urllib.request
for line in itertools.islice(urllib.request.urlopen(sys.argv[1]), 20):
    print(line.decode(), end="")' "${address}events" >got
	check 'the last five events' [ "$(grep -c '^data: {' got)" = 5 ]
	check 'and how many are missed' grep -q -A 1 '^event: missed' got
	check 'it ends by SIGTERM' ends_by TERM
	serve --listen 0:0::ffff:127.0.0.1 -r "$f"
	if [ -s address ]; then
		timeout 60 python3 -c 'import re, sys, urllib.request as r
ours = re.search("//([^/]*)/", sys.argv[1])[1]
for host in ours, re.sub(".*]", "[::ffff:7f00:1]", ours):
    r.urlopen(r.Request(sys.argv[1], headers={"Host": host}))' "$address" >got 2>&1
		check 'an address that others write otherwise' [ $? = 0 ]
		check 'it ends by SIGTERM' ends_by TERM
	else
		skip 'an address that others write otherwise' "$(cat err)"
	fi
	ends 'of nothing' 1 'line 1: not a JSON object' "$TTP" web -p 0 -r /etc/passwd
	ends 'a lab without hosts' 2 '-n A -n B' "$TTP" web -p 0 --lab handshake
	ends 'no such lab' 1 "no lab 'nosuch'" "$TTP" -n nosuch web -p 0 --lab nosuch
	unset TTP_D3
	test_web_in_a_browser
}
