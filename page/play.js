// SPDX-License-Identifier: GPL-2.0
/*
 * Two hosts and the wire between them: the user's calls, the clock, the settings, faults, the
 * scenario, and the lines of the core that decided.  The rest of the page is that of
 * ttp report (userspace/report/page.js), which draws what happens.  Next: engine.js.
 */
"use strict";
(function () {

const { conns, view, hooks, say, digits, make, byId, has } = window.ttpPage;
const parts = JSON.parse(byId("play").textContent);
const HOSTS = ["A", "B"];

let run = null;
/* What is shown: behind so many events, at this time (µs) */
const shown = { count: 0, at: 0, end: true };
const clock = { runs: false, last: 0, speed: 1 };

/* ---- drawing ---- */

const drawing = { waits: false, cost: 0, lines: 0 };

/* All that the page of ttp report shows; a fifth of the time at most. */
function redraw()
{
	const began = performance.now(), { end, count } = shown;

	drawing.waits = false;
	document.body.classList.toggle("empty", !conns.length);
	window.ttpPage.drawChoice();
	if (!view.conn && conns.length)
		window.ttpPage.choose(conns[0]);
	else if (view.conn)
		window.ttpPage.render();
	if (view.conn)
		window.ttpPage.moveTo(end ? view.conn.points.length : placeOf(count));
	drawing.cost = performance.now() - began;
	showNow();
}

function redrawSoon()
{
	if (drawing.waits)
		return;
	drawing.waits = true;
	setTimeout(redraw, clock.runs ? Math.max(60, 4 * drawing.cost) : 0);
}

/* So many points of the connection that is shown are among the first @count events. */
function placeOf(count)
{
	const { points } = view.conn;
	let at = points.length;

	while (at && points[at - 1].ev.n >= count)
		at--;
	return at;
}

/* The page has moved to another place: by its slider, by a click, or by redraw(). */
hooks.moved = function () {
	const { points } = view.conn;

	if (!run)
		return;
	shown.end = view.at === points.length;
	if (shown.end) {
		shown.count = run.events.length;
		shown.at = run.now;
	} else {
		shown.count = view.at ? points[view.at - 1].ev.n + 1 : 0;
		shown.at = view.at ? timeOf(points[view.at - 1].ev) : 0;
	}
	showNow();
	linesSoon();
};

function timeOf(event)
{
	return event.time_ns / 1000 - START_US;
}

/* ---- how things are: both hosts, the wire, the clock ---- */

const TIMES = new Intl.NumberFormat(document.documentElement.lang,
				    { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function ms(us)
{
	return TIMES.format(us / 1000);
}

/* Where an end is, in words; the states' names are the RFC's. */
function endText(end)
{
	const name = end.dport ? `${end.sport} – ${end.daddr}:${end.dport}` : String(end.sport);
	const text = [make("b", {}, end.state), ` ${name}`];

	if (end.wqueue !== undefined && (end.wqueue || end.to_write))
		text.push(` ${say("p_unacked", digits(end.wqueue + end.to_write))}`);
	if (end.rqueue)
		text.push(` ${say("p_unread", digits(end.rqueue))}`);
	return text;
}

function timerText(name, left)
{
	return say("p_timer", say(`t_${name}`), ms(left));
}

function showHost(host, now)
{
	const box = byId(`ends-${HOSTS[host].toLowerCase()}`);
	const ends = now.ends.filter(end => end.ns === HOSTS[host]);
	const lines = ends.slice(0, 6).flatMap(end => [
		make("span", { class: "end" }, ...endText(end)),
		...Object.entries(end.timers).filter(([, at]) => at - START_US < 4e9).map(([name, at]) =>
			make("span", { class: "timer" }, timerText(name, Math.max(0, at - now.now)))),
	]);

	if (ends.length > 6)
		lines.push(make("span", { class: "end" }, say("p_more", digits(ends.length - 6))));
	if (!ends.length)
		lines.push(make("span", { class: "end" }, make("b", {}, "CLOSED")));
	box.replaceChildren(...lines);
}

const WIRE = { w: 560, h: 170, left: 26, right: 534 };
const LABELS = 8;	/* with more packets on the wire they would hide each other */

function packetLabel(packet)
{
	const end = conns.flatMap(conn => conn.side).find(side => side.ns === HOSTS[packet.from]);
	const seq = end && end.isn !== null && !has(packet, "SYN") ? (packet.seq - end.isn) >>> 0 : packet.seq;

	return `${packet.flags} seq=${seq}${packet.seg_len ? ` len=${packet.seg_len}` : ""}`;
}

function drawWire(now)
{
	let drawn;

	d3.select("#wire").selectAll("svg").remove();
	drawn = d3.select("#wire").append("svg").attr("viewBox", `0 0 ${WIRE.w} ${WIRE.h}`);
	for (const from of [0, 1]) {
		const y = from ? 120 : 60, ends = from ? [WIRE.right, WIRE.left] : [WIRE.left, WIRE.right];
		const queue = now.hosts[from].queue;

		drawn.append("line").attr("class", `${from ? "b" : "a"}-line`).attr("x1", ends[0]).attr("x2", ends[1])
			.attr("y1", y).attr("y2", y).attr("stroke-width", 1.5);
		drawn.append("text").attr("x", from ? WIRE.right : WIRE.left).attr("y", y + (from ? 34 : -36))
			.attr("text-anchor", from ? "end" : "start").attr("class", "dim")
			.text(`${HOSTS[from]} → ${HOSTS[1 - from]}${queue ? `  ${say("p_queue", digits(queue))}` : ""}`);
	}
	const few = now.packets.length <= LABELS;

	now.packets.filter(p => p.from < 2).forEach((packet, i) => {
		const part = Math.min(1, Math.max(0, (now.now - packet.sent) / Math.max(1, packet.at - packet.sent)));
		const y = packet.from ? 120 : 60, up = packet.from ? 1 : -1;
		const x = packet.from ? WIRE.right - part * (WIRE.right - WIRE.left) :
			WIRE.left + part * (WIRE.right - WIRE.left);
		const group = drawn.append("g").attr("class", "packet");

		group.append("rect").attr("class", packet.from ? "b-fill" : "a-fill").attr("x", x - 9)
			.attr("y", y - 7).attr("width", 18).attr("height", 14).attr("rx", packet.from ? 0 : 6);
		if (few)
			group.append("text").attr("x", Math.min(Math.max(x, 70), WIRE.w - 70)).attr("text-anchor", "middle")
				.attr("y", y + up * (i % 2 ? 24 : 13) + (up > 0 ? 6 : 0)).text(packetLabel(packet));
	});
}

function showFaults(now)
{
	const list = byId("faults-set");

	list.replaceChildren(...now.hosts.flatMap((host, h) => host.faults.map(fault => {
		const press = make("button", { type: "button" }, say("do_unfault"));

		press.addEventListener("click", () => act(h, `unfault ${fault.number}`));
		return make("li", {}, make("span", {}, `${HOSTS[h]}: ${fault.words}`),
			    make("span", {}, say("p_hits", digits(fault.hits))), press);
	})));
}

function showNow()
{
	const now = run.lookAt(shown.count, shown.at);

	showHost(0, now);
	showHost(1, now);
	drawWire(now);
	showFaults(now);
	byId("time").textContent = say("p_time", ms(now.now - START_US), digits(shown.count), digits(run.events.length));
	if (document.activeElement !== byId("text"))
		byId("text").value = run.text();
	showSettings();
}

/* What the scenario says of "A mss" and the like, up to the time that is shown */
function settingOf(key)
{
	const [name, ...words] = key.split(" "), rest = words.join(" ");
	let value = null;

	for (const line of run.lines) {
		const [, at, text] = /^\s*([\d.]+)?\s*(.*)$/.exec(line);
		const found = [`${name} ${rest} `, `wire ${rest} `].find(start => text.startsWith(start));

		if (found && (at === undefined || at * 1000 <= shown.at))
			value = text.slice(found.length).replace(/#.*/, "").trim();
	}
	return value;
}

function showSettings()
{
	if (!byId("settings").open)
		return;
	for (const input of document.querySelectorAll("#settings [data-key]"))
		if (input !== document.activeElement)
			input.value = settingOf(input.dataset.key) || input.dataset.usual;
}

/* ---- the run ---- */

function tell(wrong)
{
	byId("play-said").textContent = wrong ? say("p_wrong", wrong.line, wrong.text) : "";
}

function feed(events)
{
	events.forEach(window.ttpPage.add);
	if (events.length)
		redrawSoon();
}

/* All events anew: the past has changed. */
function rebuild()
{
	window.ttpPage.clear();
	feed(run.events);
	shown.end = true;
	shown.count = run.events.length;
	shown.at = run.now;
	redraw();
}

function play(text)
{
	stop();
	window.ttpLab.played(run, text);
	run.begin(text);
	tell(run.wrong);
	rebuild();
}

/* The users' calls and faults are at the time that is shown. */
function act(host, words)
{
	const changed = run.add(`${HOSTS[host]} ${words}`, Math.round(shown.at));

	tell(run.wrong);
	if (run.wrong && run.wrong.line === run.lines.length) {
		run.undo();
		rebuild();
		return;
	}
	if (changed)
		rebuild();
	else
		feed(run.events.slice(shown.count));
	shown.end = true;
	redraw();
}

/* What is set counts from the beginning: the same run, had it been so. */
function setup(key, words)
{
	const now = run.now;
	const lines = run.lines.filter(line => !line.startsWith(`${key} `) && line !== key);

	lines.splice(lines.findIndex(line => !line.startsWith("#")), 0, `${key} ${words}`);
	run.begin(lines.join("\n"));
	run.goOn(now);
	tell(run.wrong);
	rebuild();
}

function goTo(at)
{
	feed(run.goOn(at));
	shown.end = true;
	shown.count = run.events.length;
	shown.at = run.now;
	tell(run.wrong);
}

/* The next event, or as many as there are at its time */
function step()
{
	const next = run.next();

	if (!shown.end && view.conn) {
		window.ttpPage.moveTo(view.at + 1);
	} else if (next >= 0) {
		goTo(next);
		redraw();
	}
}

const IDLE_US = 300e6;	/* "to the end" waits no longer for what comes next */

function toEnd()
{
	let next;

	while ((next = run.next()) >= 0 && next <= run.now + IDLE_US && next < 3600e6)
		goTo(next);
	redraw();
}

function stop()
{
	clock.runs = false;
	byId("run").textContent = "▶";
	byId("run").setAttribute("aria-label", say("p_run"));
}

function tick(time)
{
	const past = Math.min(time - clock.last, 200) * 1000 * clock.speed;

	if (!clock.runs)
		return;
	clock.last = time;
	if (!shown.end) {
		playAgain(past);
	} else if (run.next() < 0) {
		stop();
	} else {
		goTo(run.now + past);
		showNow();
	}
	requestAnimationFrame(tick);
}

/* What has happened already is shown once more, as fast as it happened. */
function playAgain(past)
{
	const { points } = view.conn;
	let at = view.at;

	shown.at += past;
	while (at < points.length && timeOf(points[at].ev) <= shown.at)
		at++;
	if (at !== view.at) {
		const when = shown.at;

		window.ttpPage.moveTo(at);
		shown.at = shown.end ? run.now : when;
	} else {
		showNow();
	}
}

function start()
{
	clock.runs = true;
	clock.last = performance.now();
	byId("run").textContent = "⏸";
	byId("run").setAttribute("aria-label", say("p_pause"));
	requestAnimationFrame(tick);
}

/* ---- the lines that decided ---- */

const FUNCTION = /^[a-z_][\w\s*]*?\b(\w+)\([^;]*$/;
const REPEATS = 3;
/* They decide nothing: they look up what a transition is called. */
const LOOKUPS = ["ttp_fsm_find", "ttp_fsm_section"];

const open = text => text.split("(").length - text.split(")").length;

/* The function that a line is in, and the whole condition, of which it is the last line */
function placeIn(source, line)
{
	let name = "", at = line - 1, text = (source[at] || "").replace(/\/\*.*?\*\//g, "").trim();

	while (at > 0 && at > line - 8 && !/\bif \(|WARN_ON/.test(text))
		text = `${source[--at].trim()} ${text}`;
	for (let top = at; top >= 0 && !name; top--)
		name = (FUNCTION.exec(source[top]) || [])[1] || "";
	text = text.slice(Math.max(text.search(/\bif \(|WARN_ON/), 0));
	for (let end = 1; end <= text.length; end++)
		if (text[end - 1] === ")" && !open(text.slice(0, end)))
			return { name, text: text.slice(0, end) };
	return { name, text };
}

function drawSteps(steps)
{
	const times = new Map(), list = [];
	let last = "";

	for (const [file, line, yes] of steps) {
		const source = (parts.sources[file] || "").split("\n"), key = `${file}:${line}:${yes}`;
		const { name, text } = placeIn(source, line);

		times.set(key, (times.get(key) || 0) + 1);
		if (times.get(key) > REPEATS || LOOKUPS.includes(name))
			continue;
		if (`${file} ${name}` !== last)
			list.push(make("div", { class: "file" }, `${name}()  module/${file}`));
		last = `${file} ${name}`;
		list.push(make("pre", { class: yes ? "yes" : "no" },
			       `${String(line).padStart(4)}  ${text}   ${say(yes ? "p_yes" : "p_no")}`));
	}
	return list;
}

function drawLines()
{
	const point = view.conn && view.at ? view.conn.points[view.at - 1] : null;
	const box = byId("lines");

	if (!point || point.ev.n === undefined || clock.runs) {
		box.replaceChildren(make("p", { class: "hint" }, say("p_lines_none")));
		return;
	}
	box.replaceChildren(...drawSteps(run.stepsTo(point.ev.n)));
	box.scrollTop = box.scrollHeight;
}

function linesSoon()
{
	clearTimeout(drawing.lines);
	drawing.lines = setTimeout(drawLines, 150);
}

/* ---- buttons ---- */

function button(text, press, key)
{
	const element = make("button", key ? { type: "button", accesskey: key } : { type: "button" }, text);

	element.addEventListener("click", press);
	return element;
}

/* A call with a number */
function form(host, call, value, text)
{
	const input = make("input", { type: "number", min: 1, max: 100000000, value, "aria-label": say("p_bytes") });
	const element = make("form", {}, make("button", { type: "submit" }, text), input);

	element.dataset.call = `${HOSTS[host]} ${call}`;
	element.addEventListener("submit", event => {
		event.preventDefault();
		act(host, `${call} ${input.value}`);
	});
	return element;
}

const CALLS = [["listen", "l"], ["connect", "c"], ["shutdown", "s"], ["close", "x"], ["abort", "a"]];

function putHost(host)
{
	const name = HOSTS[host], box = byId(`host-${name.toLowerCase()}`);
	const reading = make("input", { type: "checkbox", checked: "" });

	reading.addEventListener("change", () => act(host, `reading ${reading.checked ? "on" : "off"}`));
	box.append(make("h3", { class: `side-${name.toLowerCase()}` }, `${host ? "■" : "●"} ${say("p_host", name)}`));
	for (const [call, key] of CALLS) {
		const element = button(say(`p_${call}`), () => act(host, call), host ? key.toUpperCase() : key);

		element.dataset.call = `${name} ${call}`;
		box.append(element, " ");
	}
	box.append(form(host, "send", 1000, say("p_send")), form(host, "read", 1000, say("p_read")),
		   make("label", {}, reading, ` ${say("p_reading")}`),
		   make("p", { class: "ends", id: `ends-${name.toLowerCase()}`, "aria-live": "off" }));
}

/* ---- settings ---- */

const CONGESTION = ["reno", "cubic", "bbr", "tahoe", "vegas", "dctcp", "aimd", "fixed"];
const ARQ = ["selective-repeat", "go-back-n", "stop-and-wait"];
/* key, kind (choices, a switch, a number), its usual value; "set": a sysctl of net.ttp */
const SETTINGS = [
	["isn", "number", ""], ["port", "number", ""], ["mss", "number", 1460], ["rcvbuf", "number", 65535],
	["sndbuf", "number", 65536], ["cc", CONGESTION, "reno"], ["arq", ARQ, "selective-repeat"],
	["nodelay", ["off", "on"], "off"], ["keepalive", ["off", "on"], "off"],
	["set sack", ["1", "0"], "1"], ["set timestamps", ["1", "0"], "1"],
	["set window_scaling", ["1", "0"], "1"], ["set ecn", ["2", "1", "0"], "2"],
	["set delack_ms", "number", 40], ["set ack_every_second", ["0", "1"], "0"],
	["set msl_ms", "number", 30000], ["set rto_min_ms", "number", 200],
	["set keepalive_time", "number", 7200], ["set max_syn_backlog", "number", 512],
	["set syncookies", ["1", "0", "2"], "1"],
];
const LINE = [["delay", 10], ["rate", 0], ["queue", 0], ["loss", 0], ["mark", 0]];

function choice(kind, value)
{
	return Array.isArray(kind) ?
		make("select", {}, ...kind.map(one => make("option", { value: one }, one))) :
		make("input", { type: "number", min: 0, step: "any", value });
}

function settingRow([key, kind, value])
{
	const inputs = HOSTS.map(name => {
		const input = choice(kind, value);

		input.setAttribute("aria-label", `${name} ${key}`);
		input.dataset.key = `${name} ${key}`;
		input.dataset.usual = value;
		input.addEventListener("change", () => {
			if (input.value !== "")
				setup(`${name} ${key}`, input.value);
		});
		return make("td", {}, input);
	});

	return make("tr", {}, make("th", { scope: "row" }, make("span", { class: "mono" }, key.replace("set ", "")),
				   ` ${say(`o_${key.replace("set ", "")}`)}`), ...inputs);
}

/* The wire changes while it runs. */
function lineRow([key, value])
{
	const inputs = HOSTS.map((name, host) => {
		const input = choice("number", value);

		input.setAttribute("aria-label", `${name} ${key}`);
		input.dataset.key = `${name} ${key}`;
		input.dataset.usual = value;
		input.addEventListener("change", () => act(host, `${key} ${input.value}`));
		return make("td", {}, input);
	});

	return make("tr", {}, make("th", { scope: "row" }, make("span", { class: "mono" }, key), ` ${say(`o_${key}`)}`),
		    ...inputs);
}

function putSettings()
{
	const head = () => make("tr", {}, make("th"), ...HOSTS.map(name => make("th", { scope: "col" }, name)));

	byId("settings").addEventListener("toggle", showSettings);
	byId("settings").lastElementChild.append(
		make("p", { class: "hint" }, say("p_settings_hint")),
		make("table", { class: "numbers" }, head(), ...SETTINGS.map(settingRow)),
		make("p", { class: "hint" }, say("p_line_hint")),
		make("table", { class: "numbers" }, head(), ...LINE.map(lineRow)));
}

/* ---- faults ---- */

const WHICH = {
	syn: "syn not ack", syn_ack: "syn ack", data: "data", ack: "ack not data not syn not fin",
	fin: "fin", last_ack: "state TIME_WAIT", rst: "rst", any: "",
};
const ACTIONS = ["drop", "delay", "duplicate", "corrupt", "reorder"];

function putFaults()
{
	const select = (name, list, text) => make("select", { name }, ...list.map(one => make("option", { value: one }, text(one))));
	const box = byId("fault-part").lastElementChild;
	const element = make("form", {},
		make("label", {}, `${say("p_by")} `, select("host", ["0", "1"], one => HOSTS[one])),
		make("label", {}, `${say("in_way")} `, select("way", ["out", "in"], one => say(`is_${one}`))),
		make("label", {}, `${say("in_which")} `, select("which", Object.keys(WHICH), one => say(`is_${one}`))),
		make("label", {}, `${say("in_nth")} `, make("input", { name: "nth", type: "number", min: 1, max: 100000, value: 1 })),
		make("label", {}, `${say("in_action")} `, select("action", ACTIONS, one => say(`is_${one}`))),
		make("label", {}, `${say("p_delay_ms")} `, make("input", { name: "ms", type: "number", min: 1, max: 60000, value: 200 })),
		make("label", {}, `${say("in_count")} `, make("input", { name: "count", type: "number", min: 0, max: 100000, value: 1 })),
		make("button", { type: "submit" }, say("do_fault")));

	element.addEventListener("submit", event => {
		const at = name => element.elements[name].value;
		const words = ["fault", at("way"), WHICH[at("which")], `nth ${at("nth")}`, at("action"),
			       at("action") === "delay" ? `${at("ms")}ms` : "", at("count")];

		event.preventDefault();
		act(Number(at("host")), words.filter(Boolean).join(" "));
	});
	box.append(make("p", { class: "hint" }, say("p_faults_hint")), element, make("ul", { id: "faults-set" }));
}

/* ---- scenarios, links, files ---- */

function titleOf(name)
{
	return say(`s_${name}`) !== `s_${name}` ? say(`s_${name}`) : name;
}

function putScenarios()
{
	byId("scenario").replaceChildren(make("option", { value: "" }, say("p_own")),
		...Object.keys(parts.scenarios).map(name => make("option", { value: name }, titleOf(name))));
	byId("scenario").addEventListener("change", event => {
		if (event.target.value)
			location.hash = event.target.value;
	});
}

/* The address' fragment is the scenario: the name of one, its text, or a lab, which has one. */
function fromAddress()
{
	const hash = location.hash.slice(1);
	let text = "0 B listen\n0 A connect";

	if (hash.startsWith("lab="))
		text = window.ttpLab.open(hash.slice(4)) || text;
	else if (hash === "s=")
		window.ttpLab.open("");

	byId("scenario").value = hash in parts.scenarios ? hash : "";
	try {
		if (hash in parts.scenarios)
			text = parts.scenarios[hash];
		else if (hash.startsWith("s="))
			text = decodeURIComponent(hash.slice(2));
	} catch (error) {
		byId("play-said").textContent = say("p_bad_link");
	}
	play(text);
	toEnd();
	if (view.conn)
		window.ttpPage.moveTo(0);
}

function download(name, text)
{
	const link = make("a", { download: name, href: URL.createObjectURL(new Blob([text], { type: "text/plain" })) });

	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function recording()
{
	const first = { event: "recording", namespaces: 2, time_ns: START_US * 1000 };
	const plain = ({ n, ...event }) => JSON.stringify(event);

	return [JSON.stringify(first), ...run.events.map(plain)].join("\n") + "\n";
}

async function openFile(event)
{
	const file = event.target.files[0], text = file ? await file.text() : "";

	event.target.value = "";
	if (!text)
		return;
	if (text.startsWith("{"))
		window.ttpBeside.open(text, run.events);
	else
		play(text);
}

/* ---- together ---- */

function putClock()
{
	byId("speed").append(...[0.001, 0.01, 0.1, 1, 10, 100].map(speed =>
		make("option", { value: speed }, `× ${speed}`)));
	byId("speed").value = "0.1";
	clock.speed = 0.1;
	byId("speed").addEventListener("change", event => { clock.speed = Number(event.target.value); });
	byId("run").addEventListener("click", () => clock.runs ? stop() : start());
	byId("step").addEventListener("click", () => { stop(); step(); });
	byId("to-start").addEventListener("click", () => {
		stop();
		if (view.conn)
			window.ttpPage.moveTo(0);
	});
	byId("to-end").addEventListener("click", () => { stop(); toEnd(); });
}

/* Keys, where nothing is typed: space, and an event on or back */
function onKey(event)
{
	const typing = /^(INPUT|TEXTAREA|SELECT|BUTTON|SUMMARY)$/.test(event.target.tagName);

	if (typing || event.ctrlKey || event.altKey || event.metaKey)
		return;
	if (event.key === " ")
		clock.runs ? stop() : start();
	else if (event.key === "ArrowRight")
		step();
	else if (event.key === "ArrowLeft" && view.conn)
		window.ttpPage.moveTo(view.at - 1);
	else
		return;
	event.preventDefault();
}

function putTexts()
{
	byId("anew").addEventListener("click", () => {
		if (location.hash === "#s=")
			fromAddress();
		else
			location.hash = "s=";
	});
	byId("text-play").addEventListener("click", () => {
		byId("scenario").value = "";
		play(byId("text").value);
	});
	byId("link").addEventListener("click", () => {
		history.replaceState(null, "", `#s=${encodeURIComponent(run.text())}`);
		byId("scenario").value = "";
	});
	byId("save").addEventListener("click", () => download("scenario.txt", run.text()));
	byId("save-recording").addEventListener("click", () => download("recording.jsonl", recording()));
	byId("open").addEventListener("change", openFile);
	window.addEventListener("hashchange", fromAddress);
	document.addEventListener("keydown", onKey);
}

function putLanguage()
{
	const other = document.documentElement.lang === "ko" ? "en" : "ko", link = byId("other-language");

	link.href = `?lang=${other}`;
	link.lang = other;
	link.textContent = say("other_lang");
	link.addEventListener("click", () => { link.href = `?lang=${other}${location.hash}`; });
}

async function begin()
{
	const bytes = Uint8Array.from(atob(parts.core), c => c.charCodeAt(0));

	document.querySelector("h1").dataset.text = "p_page";
	window.ttpPage.putWords();
	putHost(0);
	putHost(1);
	putClock();
	putSettings();
	putFaults();
	putScenarios();
	putLanguage();
	run = newRun(await newEngine(bytes), await newEngine(bytes));
	window.ttpFlows.state.engine = await newEngine(bytes);
	putTexts();
	fromAddress();
	window.ttpPlay = { run, shown, act, play, step, toEnd, goTo };
}

/* What must not happen is said, so that it can be told to us. */
function broken(error)
{
	stop();
	byId("play-said").textContent = say("p_broken", error && error.message || String(error));
}

window.addEventListener("error", event => broken(event.error));
window.addEventListener("unhandledrejection", event => broken(event.reason));
begin();
})();
