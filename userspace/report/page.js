// SPDX-License-Identifier: GPL-2.0
/*
 * The page of ttp report: what it knows of the connections (addEvent), and how it
 * draws that (render).  Events come one by one, in the order of their times, so that
 * a page that is fed live can call ttpPage.add() for each.
 *
 * Text from a recording goes into the page as text only: by textContent and
 * setAttribute, never as markup.
 */
"use strict";
(function () {

/* ---- words ---- */

/* ttp report chooses the language; a page that has both takes the reader's. */
function wordsOf(all)
{
	const root = document.documentElement, asked = new URLSearchParams(location.search).get("lang");

	if (!all.en)
		return all;
	root.lang = (asked || navigator.language).startsWith("ko") ? "ko" : "en";
	return all[root.lang];
}

const strings = wordsOf(JSON.parse(document.getElementById("strings").textContent));

/* The string @key, with %1 and so on replaced. */
function say(key, ...values)
{
	const text = key in strings ? strings[key] : key;

	return text.replace(/%(\d)/g, (all, n) => String(values[n - 1]));
}

const number = new Intl.NumberFormat(document.documentElement.lang);

function digits(n)
{
	return number.format(n);
}

/* An element with attributes and children; a string among them is text. */
function make(name, attributes, ...children)
{
	const element = document.createElement(name);

	for (const key in attributes || {})
		element.setAttribute(key, attributes[key]);
	element.append(...children);
	return element;
}

/*
 * Makes elements in @list for @items, each [key, ...] drawn by @draw, but only those whose key is
 * new: what stays is still under the pointer that presses it, and keeps the focus.
 */
function showItems(list, items, draw)
{
	const old = new Map([...list.children].map(element => [element.dataset.key, element]));
	const now = items.map(item => old.get(item[0]) || draw(...item));
	const stays = new Set(now);

	for (const element of old.values())
		if (!stays.has(element))
			element.remove();
	now.forEach((element, i) => {
		element.dataset.key = items[i][0];
		if (list.children[i] !== element)
			list.insertBefore(element, list.children[i] || null);
	});
	return now;
}

function byId(id)
{
	return document.getElementById(id);
}

/* ---- what is known: connections, segments, states ---- */

const SLACK_NS = 1e6;	/* events on two CPUs may be in the wrong order by so much */
const GSO_MAX = 65536;
const NAMES = ["A", "B"];

const conns = [];
const byTuple = new Map();

function has(seg, flag)
{
	return (seg.flags || "").split(",").includes(flag);
}

/* a - b of sequence numbers, which wrap */
function minus(a, b)
{
	return (a - b) | 0;
}

function newSide(addr, port)
{
	return { addr, port, ns: null, seen: false, isn: null, wscale: 0, state: "CLOSED", id: null,
		 groups: new Map(), data: [], points: [] };
}

function newConn(ev)
{
	const conn = {
		start: ev.time_ns, first: false,
		side: [newSide(ev.saddr, ev.sport), newSide(ev.daddr, ev.dport)],
		points: [], segments: [],
	};

	conns.push(conn);
	return conn;
}

/* The same endpoints again, after both were done with each other? */
function isNext(conn, s, ev)
{
	const over = side => !side.id || side.state === "CLOSED" || side.state === "TIME_WAIT";

	return ev.event === "state" && conn.side[s].id && conn.side[s].id !== ev.id &&
		(ev.from === "CLOSED" || ev.from === "LISTEN") && conn.side.every(over);
}

/* Return: [connection, side], or null for an event of no connection, as a listener's. */
function findConn(ev)
{
	const mine = `${ev.saddr} ${ev.sport}`, other = `${ev.daddr} ${ev.dport}`;
	const key = mine < other ? `${mine} ${other}` : `${other} ${mine}`;
	let conn = byTuple.get(key), s = 0;

	if (!ev.dport)
		return null;
	if (conn) {
		s = conn.side[0].addr === ev.saddr && conn.side[0].port === ev.sport ? 0 : 1;
		if (isNext(conn, s, ev))
			conn = null;
	}
	if (!conn) {
		s = 0;
		conn = newConn(ev);
		byTuple.set(key, conn);
	}
	return [conn, s];
}

/* The end that sends the first SYN is A.  Points have a side, too. */
function chooseFirst(conn, ev, s)
{
	let first;

	if (conn.first)
		return s;
	if (ev.event === "state" && ev.state === "SYN_SENT")
		first = s;
	else if (ev.event === "segment" && has(ev, "SYN"))
		first = (ev.direction === "out") !== has(ev, "ACK") ? s : 1 - s;
	else
		return s;
	conn.first = true;
	if (first === 0)
		return s;
	conn.side.reverse();
	for (const point of conn.points)
		point.side = 1 - point.side;
	for (const seg of conn.segments)
		seg.from = 1 - seg.from;
	return 1 - s;
}

function noteNumbers(conn, ev, s)
{
	const sender = conn.side[ev.direction === "in" ? 1 - s : s];

	if (ev.event === "segment" && has(ev, "SYN")) {
		sender.isn = ev.seq;
		sender.wscale = Math.min(ev.opt_wscale || 0, 14);
	}
	if (ev.iss !== undefined && conn.side[s].isn === null)
		conn.side[s].isn = ev.iss;
	if (ev.irs !== undefined && conn.side[1 - s].isn === null)
		conn.side[1 - s].isn = ev.irs;
}

function unpair(seg)
{
	if (seg.in && seg.out)
		seg.in.seg = null;
	seg.in = null;
	seg.arrived = 0;
}

/*
 * Which arrival belongs to which departure, of those that are equal?  In their order;
 * when fewer arrived, each takes the latest departure before it, as in ttp ladder.
 */
function pairEqual(group)
{
	const before = (o, i) => group.outs[o].out.ev.time_ns <= group.ins[i].ev.time_ns + SLACK_NS;
	const { outs, ins } = group;

	outs.forEach(unpair);
	ins.forEach(point => { point.seg = null; });
	if (ins.length > outs.length) {
		for (let o = 0, i = 0; i < ins.length && o < outs.length; i++)
			if (before(o, i))
				join(outs[o++], ins[i], ins[i].ev.seg_len);
		return;
	}
	for (let i = ins.length - 1, o = outs.length; i >= 0; i--) {
		while (o > 0 && !before(o - 1, i))
			o--;
		if (!o)
			return;
		join(outs[--o], ins[i], ins[i].ev.seg_len);
	}
}

function join(seg, point, len)
{
	seg.arrived += len;
	if (!seg.in) {
		seg.in = point;
		point.seg = seg;
	} else if (!point.seg) {
		point.seg = seg;
		point.piece = true;
	}
}

/* The flags that only one piece of a packet of many segments has. */
function without(ev)
{
	return ev.flags.split(",").filter(f => !["PSH", "FIN", "CWR"].includes(f)).join();
}

/* The latest packet, sent before it, that has the byte @seq and whose bytes are not all there. */
function covering(sender, point, seq)
{
	for (let i = sender.data.length - 1, n = 0; i >= 0 && n < 4096; i--, n++) {
		const seg = sender.data[i], ev = seg.out.ev, offset = minus(seq, ev.seq);

		if (offset >= 0 && offset < ev.seg_len && offset < GSO_MAX &&
		    seg.arrived < ev.seg_len && ev.time_ns <= point.ev.time_ns + SLACK_NS &&
		    without(ev) === without(point.ev))
			return seg;
	}
	return null;
}

/* A packet that left as one and arrives in pieces, or the opposite. */
function pairRange(sender, point)
{
	let seq = point.ev.seq, left = point.ev.seg_len;

	while (left > 0) {
		const seg = covering(sender, point, seq);
		let len;

		if (!seg)
			return;
		len = Math.min(left, minus(seg.out.ev.seq + seg.out.ev.seg_len, seq));
		join(seg, point, len);
		seq = (seq + len) >>> 0;
		left -= len;
	}
}

function groupOf(sender, ev)
{
	const key = [ev.seq, ev.seg_len, ev.flags, has(ev, "ACK") ? ev.ack : 0, ev.opt_tsval || 0].join();

	if (!sender.groups.has(key))
		sender.groups.set(key, { outs: [], ins: [] });
	return sender.groups.get(key);
}

function newSegment(conn, from)
{
	const seg = { from, out: null, in: null, arrived: 0 };

	conn.segments.push(seg);
	return seg;
}

function addSegment(conn, point)
{
	const sent = point.ev.direction === "out";
	const from = sent ? point.side : 1 - point.side;
	const sender = conn.side[from], group = groupOf(sender, point.ev);

	if (sent) {
		point.seg = newSegment(conn, from);
		point.seg.out = point;
		group.outs.push(point.seg);
		if (point.ev.seg_len)
			sender.data.push(point.seg);
		if (group.ins.length)
			pairEqual(group);
		return;
	}
	if (group.outs.length) {
		group.ins.push(point);
		pairEqual(group);
	} else if (point.ev.seg_len) {
		pairRange(sender, point);
	}
	if (!group.outs.length && !point.seg)
		group.ins.push(point);
}

/*
 * What is found only when its partner does not come; called before each drawing.  Should
 * it come later, all that was found so is found anew.
 */
function settle(conn)
{
	conn.segments = conn.segments.filter(seg => seg.out);
	for (const point of conn.points) {
		if (point.ev.event !== "segment" || point.ev.direction === "out" ||
		    (point.seg && point.seg.out))
			continue;
		point.seg = newSegment(conn, 1 - point.side);
		point.seg.in = point;
	}
}

function addEvent(ev)
{
	const found = ev.event === "state" || ev.event === "segment" ? findConn(ev) : null;
	let conn, s, point;

	if (!found)
		return null;
	[conn, s] = found;
	s = chooseFirst(conn, ev, s);
	point = { ev, side: s, seg: null, index: conn.points.length };
	conn.points.push(point);
	conn.side[s].seen = true;
	conn.side[s].ns = ev.ns || conn.side[s].ns;
	noteNumbers(conn, ev, s);
	if (ev.event === "state") {
		conn.side[s].state = ev.state;
		conn.side[s].id = ev.id;
	} else {
		addSegment(conn, point);
	}
	return conn;
}

function ms(conn, point)
{
	return (point.ev.time_ns - conn.start) / 1e6;
}

function isLost(conn, seg)
{
	return Boolean(seg.out && conn.side[1 - seg.from].seen && !isSilentReset(conn, seg) &&
		       (!seg.in || seg.arrived < seg.out.ev.seg_len));
}

/* A RST that comes to an end which is CLOSED already makes no event. */
function isSilentReset(conn, seg)
{
	return !seg.in && has(seg.out.ev, "RST") && conn.side[1 - seg.from].state === "CLOSED";
}

function isTwice(conn, seg)
{
	return !seg.out && conn.side[seg.from].seen;
}

function eventOf(seg)
{
	return (seg.out || seg.in).ev;
}

function relative(conn, s, seq)
{
	return conn.side[s].isn === null ? seq : (seq - conn.side[s].isn) >>> 0;
}

function isAgain(ev)
{
	return Boolean(ev.retransmission);
}

/* The states of both ends after the first @count points. */
function statesAt(conn, count)
{
	const states = [null, null], last = [null, null];

	for (let i = 0; i < conn.points.length; i++) {
		const { ev, side } = conn.points[i];

		if (i >= count) {
			if (states[side] === null)
				states[side] = ev.event === "state" ? ev.from : ev.state;
			continue;
		}
		if (ev.event === "state") {
			states[side] = ev.state;
			last[side] = ev;
		} else if (states[side] === null) {
			states[side] = ev.state;
		}
	}
	return { states, last };
}

/* ---- what is shown ---- */

/* What else is to be done when another place is shown */
const hooks = { moved() {} };
const view = { conn: null, at: 0, picked: null, pointed: null, plotSide: 0, open: new Set() };

/* Is it a page that is fed, and is what happens to be shown? */
const live = JSON.parse(byId("live") ? byId("live").textContent : "null");

function follow(yes)
{
	byId("follow").checked = yes;
}

function nameOf(s)
{
	return NAMES[s];
}

function colorOf(s)
{
	return s ? "b" : "a";
}

/* ---- the ladder ---- */

const STEP = 18;
const PRINT_MAX = 600;
const ladder = { width: 0, left: 0, right: 0, svg: null };

function label(conn, seg)
{
	const ev = eventOf(seg), parts = [ev.flags || "-"];
	const seq = has(ev, "SYN") ? ev.seq : relative(conn, seg.from, ev.seq);

	parts.push(`seq=${seq}`);
	if (has(ev, "ACK"))
		parts.push(`ack=${has(ev, "SYN") ? ev.ack : relative(conn, 1 - seg.from, ev.ack)}`);
	if (ev.seg_len)
		parts.push(`len=${ev.seg_len}`);
	if (ev.segs > 1)
		parts.push(`(${ev.segs})`);
	return parts.join(" ");
}

/* The wide word first: what is cut in a narrow ladder is the end. */
function fitted(text, width)
{
	const most = Math.floor(width / (ladder.width < 560 ? 6.7 : 7.4));

	return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function yOf(point)
{
	return 26 + point.index * STEP;
}

function placeLadder()
{
	const width = Math.max(byId("ladder").clientWidth - 2, 300);
	const margin = width < 560 ? 104 : 150;

	ladder.width = width;
	ladder.left = margin;
	ladder.right = width - margin;
}

function xOf(s)
{
	return s ? ladder.right : ladder.left;
}

function lineOf(conn, seg)
{
	const y = yOf(seg.out || seg.in);
	let from = xOf(seg.from), to = xOf(1 - seg.from), end = y;

	if (seg.out && seg.in)
		end = yOf(seg.in);
	else if (!seg.out)
		from += (to - from) * (isTwice(conn, seg) ? 0.5 : 0);
	else if (isLost(conn, seg))
		to = from + (to - from) * 0.6;
	return { x1: from, y1: y, x2: to, y2: end };
}

/* The points and arrows from @low to @high of the drawing. */
function visible(conn, low, high)
{
	const first = Math.max(0, Math.floor((low - 26) / STEP) - 2);
	const last = Math.min(conn.points.length, Math.ceil((high - 26) / STEP) + 2);
	const segments = conn.segments.filter(seg => {
		const a = (seg.out || seg.in).index, b = (seg.in || seg.out).index;

		return Math.min(a, b) < last && Math.max(a, b) >= first;
	});

	return { points: conn.points.slice(first, last), segments };
}

function drawArrows(svg, conn, segments)
{
	const groups = svg.selectAll("g.seg").data(segments).enter().append("g")
		.attr("class", seg => `seg${(seg.out || seg.in).index >= view.at ? " later" : ""}` +
			`${seg === view.picked ? " picked" : ""}`)
		.attr("tabindex", 0).attr("role", "button")
		.attr("aria-label", seg => `${nameOf(seg.from)}: ${label(conn, seg)}`)
		.on("mouseenter", point).on("focus", point).on("mouseleave", () => point(null))
		.on("click", pick)
		.on("keydown", seg => { if (d3.event.key === "Enter") pick(seg); });

	groups.each(function (seg) {
		const at = lineOf(conn, seg), group = d3.select(this);
		const lost = isLost(conn, seg), lineTo = () => group.append("line")
			.attr("x1", at.x1).attr("y1", at.y1).attr("x2", at.x2).attr("y2", at.y2);

		lineTo().attr("class", "hit");
		lineTo().attr("class", `arrow ${colorOf(seg.from)}-line${isAgain(eventOf(seg)) ? " again" : ""}`)
			.attr("marker-end", lost ? null : `url(#head-${colorOf(seg.from)})`);
		if (lost)
			group.append("text").attr("class", "lost").attr("x", at.x2).attr("y", at.y2 + 5)
				.attr("text-anchor", "middle").text("✕");
		if (lost && seg.out.ev.fault)
			group.append("text").attr("class", "dim").attr("y", at.y2 + 4)
				.attr("x", seg.from ? ladder.left - 7 : ladder.right + 7)
				.attr("text-anchor", seg.from ? "end" : "start")
				.text(`✕ ${say("on_purpose")}`);
		group.append("text").attr("x", seg.from ? ladder.right - 8 : ladder.left + 8)
			.attr("text-anchor", seg.from ? "end" : "start").attr("y", at.y1 - 4)
			.text(fitted(label(conn, seg), (ladder.right - ladder.left) * 0.95));
	});
}

function drawMargins(svg, conn, points)
{
	const text = (point, key) => point.ev.event === "state" ? point.ev.state :
		ms(conn, point).toFixed(3);

	svg.selectAll("text.margin").data(points).enter().append("text")
		.attr("class", p => p.ev.event === "state" ? `${colorOf(p.side)}-fill` : "dim")
		.attr("x", p => p.side ? ladder.right + 7 : ladder.left - 7)
		.attr("y", p => yOf(p) + 4)
		.attr("text-anchor", p => p.side ? "start" : "end")
		.attr("font-weight", p => p.ev.event === "state" ? 700 : 400)
		.text(text)
		.append("title").text(p => p.ev.event === "state" ? change(p) : "");
	svg.selectAll("circle.point").data(points.filter(p => p.ev.event === "state")).enter()
		.append("circle").attr("class", p => `${colorOf(p.side)}-fill`)
		.attr("cx", p => xOf(p.side)).attr("cy", yOf).attr("r", 4);
}

function drawHeads(svg)
{
	const defs = svg.append("defs");

	for (const c of ["a", "b"])
		defs.append("marker").attr("id", `head-${c}`).attr("viewBox", "0 0 10 10").attr("refX", 10)
			.attr("refY", 5).attr("markerWidth", 9).attr("markerHeight", 9)
			.attr("markerUnits", "userSpaceOnUse").attr("orient", "auto")
			.append("path").attr("d", "M0,1L10,5L0,9z").attr("class", `${c}-fill`);
}

function drawLadder(all)
{
	const box = byId("ladder"), conn = view.conn;
	const count = all ? Math.min(conn.points.length, PRINT_MAX) : conn.points.length;
	const height = 40 + count * STEP;
	const seen = all ? visible(conn, 0, height) :
		visible(conn, box.scrollTop, box.scrollTop + box.clientHeight);
	let svg;

	placeLadder();
	d3.select(box).selectAll("svg").remove();
	svg = d3.select(box).append("svg").attr("width", ladder.width).attr("height", height)
		.attr("role", "group");
	drawHeads(svg);
	if (view.at)
		svg.append("rect").attr("class", "here").attr("x", 0).attr("width", ladder.width)
			.attr("y", yOf({ index: view.at - 1 }) - STEP / 2).attr("height", STEP);
	for (const s of [0, 1]) {
		svg.append("line").attr("class", `bar ${colorOf(s)}-line`).attr("x1", xOf(s))
			.attr("x2", xOf(s)).attr("y1", 18).attr("y2", height);
		svg.append("text").attr("class", `${colorOf(s)}-fill`).attr("x", xOf(s)).attr("y", 13)
			.attr("text-anchor", "middle").attr("font-weight", 700).text(nameOf(s));
	}
	drawMargins(svg, conn, seen.points);
	drawArrows(svg, conn, seen.segments);
}

function scrollToPoint(index)
{
	const box = byId("ladder"), y = yOf({ index });

	if (y < box.scrollTop + 40 || y > box.scrollTop + box.clientHeight - 40)
		box.scrollTop = y - box.clientHeight / 2;
}

/* ---- the segment that is pointed at ---- */

function rows(list)
{
	const table = make("table");

	for (const [name, value] of list)
		if (value !== undefined && value !== null)
			table.append(make("tr", {}, make("th", { scope: "row" }, name),
					  make("td", {}, String(value))));
	return table;
}

function seqText(conn, s, seq)
{
	return conn.side[s].isn === null ? String(seq) : say("relative", seq, relative(conn, s, seq));
}

function windowText(conn, seg, ev)
{
	const scale = has(ev, "SYN") ? 0 : conn.side[seg.from].wscale;

	return scale ? say("scaled", ev.seg_wnd, digits(ev.seg_wnd * 2 ** scale)) : ev.seg_wnd;
}

function headerRows(conn, seg)
{
	const ev = eventOf(seg), out = seg.from === (seg.out || seg.in).side;
	const when = point => point ? say("at_ms", ms(conn, point).toFixed(3)) : undefined;

	return [
		[say("f_from"), nameOf(seg.from)],
		[say("f_sent"), when(seg.out) || say("f_unknown")],
		[say("f_arrived"), isLost(conn, seg) ? say("f_lost") : when(seg.in) || say("f_unknown")],
		[say("f_sport"), out ? ev.sport : ev.dport],
		[say("f_dport"), out ? ev.dport : ev.sport],
		[say("f_seq"), seqText(conn, seg.from, ev.seq)],
		[say("f_ack"), has(ev, "ACK") ? seqText(conn, 1 - seg.from, ev.ack) : undefined],
		[say("f_flags"), ev.flags],
		[say("f_wnd"), windowText(conn, seg, ev)],
		[say("f_up"), has(ev, "URG") ? ev.seg_up : undefined],
		[say("f_mss"), ev.opt_mss],
		[say("f_wscale"), ev.opt_wscale],
		[say("f_sackok"), ev.opt_sack_permitted ? "✓" : undefined],
		[say("f_ts"), ev.opt_tsval === undefined ? undefined : `${ev.opt_tsval} ${ev.opt_tsecr || 0}`],
		[say("f_sack"), (ev.opt_sack || []).map(([l, r]) =>
			`${relative(conn, 1 - seg.from, l)}-${relative(conn, 1 - seg.from, r)}`).join(" ") || undefined],
		[say("f_len"), say("bytes", digits(ev.seg_len || 0))],
		[say("f_segs"), ev.segs],
	];
}

/* RFC 9293's names; sequence numbers from the ISN. */
const TCB = [
	["SND.UNA", "snd_una", 0], ["SND.NXT", "snd_nxt", 0], ["SND.WND", "snd_wnd"],
	["RCV.NXT", "rcv_nxt", 1], ["RCV.WND", "rcv_wnd"], ["cwnd", "cwnd"], ["ssthresh", "ssthresh"],
	["SRTT (µs)", "srtt_us"], ["RTO (µs)", "rto_us"],
];
const INFINITE = 0x7fffffff;

function tcbRows(conn, point)
{
	const ev = point.ev, list = [[say("state"), ev.state]];

	for (const [name, key, other] of TCB) {
		if (ev[key] === undefined)
			continue;
		if (other !== undefined)
			list.push([name, seqText(conn, other ? 1 - point.side : point.side, ev[key])]);
		else
			list.push([name, ev[key] >= INFINITE ? "∞" : digits(ev[key])]);
	}
	return list;
}

const PURPOSES = {
	"RTO": "RFC 6298 §5.4", "fast retransmit": "RFC 5681 §3.2", "tail loss probe": "RFC 8985 §7",
	"zero window probe": "RFC 9293 §3.8.6.1", "keepalive": "RFC 9293 §3.8.4",
	"duplicate ACK": "RFC 5681 §4.2", "window update": "RFC 9293 §3.8.6.2",
	"challenge ACK": "RFC 5961", "MTU probe": "RFC 4821",
};
const ARRIVES = { CLOSED: "3.10.7.1", LISTEN: "3.10.7.2", SYN_SENT: "3.10.7.3" };

function change(point)
{
	const ev = point.ev;

	return say("r_change", nameOf(point.side), ev.from, ev.state,
		   say(`c_${ev.cause_kind}`, ev.cause || ""), ev.section || "3.10");
}

/* The change of state that the arrival @point made: it is told just before it. */
function changeBy(conn, point)
{
	for (let i = point.index - 1; i >= 0 && i > point.index - 8; i--) {
		const other = conn.points[i];

		if (other.side !== point.side)
			continue;
		return other.ev.event === "state" && other.ev.cause_kind === "segment" &&
			other.ev.seq === point.ev.seq && other.ev.flags === point.ev.flags ? other : null;
	}
	return null;
}

function rules(conn, seg)
{
	const list = [];

	if (seg.out) {
		list.push(say("r_out", seg.out.ev.state || "?"));
		if (seg.out.ev.fault)
			list.push(say("r_fault", nameOf(seg.out.side), seg.out.ev.fault));
		if (seg.out.ev.purpose)
			list.push(say("r_purpose", seg.out.ev.purpose, PURPOSES[seg.out.ev.purpose] || "RFC 9293"));
	}
	if (seg.in) {
		const by = changeBy(conn, seg.in), state = by ? by.ev.from : seg.in.ev.state || "?";

		list.push(`${nameOf(seg.in.side)}: ${say("r_in", state, ARRIVES[state] || "3.10.7.4")}`);
		if (by)
			list.push(change(by));
		if (seg.in.ev.fault)
			list.push(say("r_fault", nameOf(seg.in.side), seg.in.ev.fault));
		if (seg.in.ev.drop)
			list.push(say("r_drop", seg.in.ev.drop));
		if (seg.in.ev.answer)
			list.push(say("r_answer", seg.in.ev.answer));
	}
	return list;
}

/* As hexdump -C has it, or with half as much in a line of a narrow page. */
function hexdump(hex)
{
	const count = byId("detail").clientWidth < 440 ? 8 : 16, lines = [];

	for (let i = 0; i < hex.length; i += 2 * count) {
		const bytes = hex.slice(i, i + 2 * count).match(/../g) || [];
		const text = bytes.map(b => parseInt(b, 16)).map(c =>
			c > 31 && c < 127 ? String.fromCharCode(c) : ".").join("");

		lines.push(`${(i / 2).toString(16).padStart(4, "0")}  ${bytes.join(" ").padEnd(3 * count - 1)}  ${text}`);
	}
	return lines.join("\n");
}

function drawDetail()
{
	const box = byId("detail"), conn = view.conn, seg = view.pointed || view.picked;
	const fields = make("div", { class: "fields" });
	const part = (title, ...children) => fields.append(make("div", {}, make("h3", {}, title), ...children));

	box.replaceChildren();
	if (!seg) {
		box.append(make("p", { class: "hint" }, say("detail_none")));
		return;
	}
	part(say("header"), rows(headerRows(conn, seg)));
	for (const point of [seg.out, seg.in])
		if (point)
			part(say("tcb", nameOf(point.side)), rows(tcbRows(conn, point)));
	part(say("rule"), ...rules(conn, seg).map(text => make("p", {}, text)));
	box.append(fields);
	if (seg === view.picked)
		box.append(...bytesOf(eventOf(seg)));
}

/* What a capture has of a segment: the header of its packet, and its data */
function bytesOf(ev)
{
	const isHex = text => typeof text === "string" && /^([0-9a-f]{2})+$/.test(text);
	const dump = (title, hex) => [make("h3", {}, title), make("pre", { tabindex: 0 }, hexdump(hex))];
	const list = [];

	if (isHex(ev.header_bytes))
		list.push(...dump(say("header_bytes", ev.header_bytes.length / 2), ev.header_bytes));
	if (ev.packet_len !== undefined)
		list.push(make("p", { class: "hint" },
			say("in_packet", digits(ev.packet_len), digits(ev.packet_offset))));
	if (isHex(ev.bytes))
		list.push(...dump(ev.bytes.length / 2 < ev.seg_len ?
			say("first_bytes", digits(ev.bytes.length / 2), digits(ev.seg_len)) :
			say("has_bytes"), ev.bytes));
	else if (ev.seg_len || !list.length)
		list.push(make("p", { class: "hint" }, say(list.length ? "no_data_bytes" : "no_bytes")));
	return list;
}

function point(seg)
{
	view.pointed = seg;
	drawDetail();
}

function pick(seg)
{
	follow(false);
	view.picked = seg;
	moveTo((seg.out || seg.in).index + 1);
}

/* ---- the state machine ---- */

const PLACES = {
	CLOSED: [250, 24], LISTEN: [250, 94], SYN_RCVD: [90, 170], SYN_SENT: [410, 170],
	ESTABLISHED: [250, 230], FIN_WAIT_1: [90, 300], CLOSE_WAIT: [410, 300],
	FIN_WAIT_2: [90, 390], CLOSING: [250, 360], LAST_ACK: [410, 390], TIME_WAIT: [250, 450],
	END: [410, 450],	/* CLOSED again: the figure has it twice, too */
};
const BOX = { w: 108, h: 30 };
/* from, to, what is written beside, and how far the middle is bent aside */
const WAYS = [
	["CLOSED", "LISTEN", "passive OPEN", 0], ["CLOSED", "SYN_SENT", "active OPEN", -24],
	["LISTEN", "SYN_RCVD", "SYN", 0], ["SYN_SENT", "SYN_RCVD", "SYN", 0],
	["SYN_RCVD", "ESTABLISHED", "ACK of SYN", 0], ["SYN_SENT", "ESTABLISHED", "SYN,ACK", 0],
	["LISTEN", "SYN_SENT", "SEND", 0],
	["SYN_RCVD", "FIN_WAIT_1", "CLOSE", 0], ["ESTABLISHED", "FIN_WAIT_1", "CLOSE", 0],
	["ESTABLISHED", "CLOSE_WAIT", "FIN", 0], ["FIN_WAIT_1", "FIN_WAIT_2", "ACK of FIN", 0],
	["FIN_WAIT_1", "CLOSING", "FIN", 0], ["FIN_WAIT_1", "TIME_WAIT", "", 0],
	["FIN_WAIT_2", "TIME_WAIT", "FIN", 0], ["CLOSING", "TIME_WAIT", "ACK of FIN", 0],
	["CLOSE_WAIT", "LAST_ACK", "CLOSE", 0],
	["LAST_ACK", "END", "ACK of FIN", 0], ["TIME_WAIT", "END", "2 MSL", 0],
];

/* Where the line from the middle of a box to (x, y) leaves the box. */
function edge(center, x, y)
{
	const dx = x - center[0], dy = y - center[1];
	const scale = Math.min(BOX.w / 2 / Math.abs(dx || 1e-9), BOX.h / 2 / Math.abs(dy || 1e-9));

	return [center[0] + dx * scale, center[1] + dy * scale];
}

function wayOf([from, to, , bend])
{
	const a = PLACES[from], b = PLACES[to], len = Math.hypot(b[0] - a[0], b[1] - a[1]);
	const mid = [(a[0] + b[0]) / 2 - (b[1] - a[1]) / len * bend,
		     (a[1] + b[1]) / 2 + (b[0] - a[0]) / len * bend];
	const p = edge(a, ...mid), q = edge(b, ...mid);

	return { path: `M${p}Q${mid} ${q}`,
		 label: [(p[0] + q[0] + 2 * mid[0]) / 4, (p[1] + q[1] + 2 * mid[1]) / 4] };
}

function drawMachine()
{
	const svg = d3.select("#machine").append("svg").attr("viewBox", "20 4 460 468")
		.attr("width", "100%").attr("role", "img").attr("aria-label", say("machine"));

	svg.append("defs").append("marker").attr("id", "tip").attr("viewBox", "0 0 10 10")
		.attr("refX", 10).attr("refY", 5).attr("markerWidth", 9).attr("markerHeight", 9)
		.attr("markerUnits", "userSpaceOnUse").attr("orient", "auto")
		.append("path").attr("d", "M0,1L10,5L0,9z").attr("fill", "context-stroke");
	for (const way of WAYS) {
		const at = wayOf(way);

		svg.append("path").attr("class", "way").attr("d", at.path).attr("marker-end", "url(#tip)")
			.attr("data-way", `${way[0]} ${way[1]}`);
		svg.append("text").attr("class", "dim halo").attr("x", at.label[0]).attr("y", at.label[1] - 3)
			.attr("font-size", 10).attr("text-anchor", "middle").text(way[2]);
	}
	for (const name in PLACES) {
		const [x, y] = PLACES[name];

		svg.append("rect").attr("class", "box").attr("data-state", name).attr("x", x - BOX.w / 2)
			.attr("y", y - BOX.h / 2).attr("width", BOX.w).attr("height", BOX.h).attr("rx", 5);
		svg.append("text").attr("x", x).attr("y", y + 4).attr("text-anchor", "middle")
			.attr("font-size", 12).text(name === "END" ? "CLOSED" : name);
	}
	for (const s of [0, 1]) {
		const token = svg.append("g").attr("class", "token").attr("id", `token-${colorOf(s)}`);

		if (s)
			token.append("rect").attr("class", "b-fill").attr("x", -9).attr("y", -9)
				.attr("width", 18).attr("height", 18);
		else
			token.append("circle").attr("class", "a-fill").attr("r", 10);
		token.append("text").attr("text-anchor", "middle").attr("y", 4).text(nameOf(s));
	}
}

/* Which box a state is drawn in. */
function boxOf(state, last)
{
	return state === "CLOSED" && last ? "END" : state;
}

function showStates()
{
	const conn = view.conn, { states, last } = statesAt(conn, view.at);
	const boxes = states.map((state, s) => boxOf(state, last[s]));
	const line = byId("states");

	d3.selectAll(".way").attr("class", function () {
		const way = this.getAttribute("data-way");
		const at = s => last[s] && way === `${last[s].from} ${boxes[s]}`;

		return `way${at(0) ? " last-a" : ""}${at(1) ? " last-b" : ""}`;
	});
	d3.selectAll(".box").attr("class", function () {
		return `box${boxes.includes(this.getAttribute("data-state")) ? " on" : ""}`;
	});
	line.replaceChildren();
	for (const s of [0, 1]) {
		const state = states[s], place = PLACES[boxes[s]];

		d3.select(`#token-${colorOf(s)}`).attr("display", place ? null : "none")
			.style("transform", place ?
				`translate(${place[0] + (s ? 1 : -1) * (BOX.w / 2 - 1)}px,${place[1] - BOX.h / 2}px)` : null);
		line.append(make("span", { class: `side-${colorOf(s)}`, "data-side": nameOf(s),
					   "data-state": state || "" },
				 `${s ? "■" : "●"} ${say("states_now", nameOf(s), state || say("unseen"))}`), " ");
	}
	for (const ev of last)
		if (ev)
			line.append(make("div", { class: "hint" }, change({ ev, side: last.indexOf(ev) })));
}

/* ---- plots ---- */

const MARGIN = { left: 64, right: 12, top: 22, bottom: 20 };

function plotData(conn, s)
{
	const out = { sent: [], again: [], acked: [], cwnd: [], ssthresh: [], in_flight: [],
		      snd_wnd: [], rcv_wnd: [], rtt: [], srtt: [], rto: [] };
	const waiting = [];

	for (const point of conn.points) {
		const ev = point.ev, t = ms(conn, point);

		if (ev.event !== "segment" || point.side !== s)
			continue;
		if (ev.direction === "out" && ev.seg_len) {
			const end = relative(conn, s, (ev.seq + ev.seg_len) >>> 0);

			out[isAgain(ev) ? "again" : "sent"].push([t, end]);
			waiting.push({ end, t, again: isAgain(ev) });
		}
		if (ev.direction === "in" && has(ev, "ACK"))
			acknowledge(conn, s, ev, t, out, waiting);
		for (const key of ["cwnd", "ssthresh", "snd_wnd", "rcv_wnd"])
			if (ev[key] !== undefined && ev[key] < INFINITE)
				out[key].push([t, ev[key]]);
		if (ev.in_flight !== undefined)
			out.in_flight.push([t, ev.in_flight]);
		else if (ev.snd_nxt !== undefined && ev.snd_una !== undefined)
			out.in_flight.push([t, minus(ev.snd_nxt, ev.snd_una)]);
		for (const [key, name] of [["srtt", "srtt_us"], ["rto", "rto_us"]])
			if (ev[name] !== undefined)
				out[key].push([t, ev[name] / 1000]);
	}
	return out;
}

/* Karn: what was sent twice says nothing of the round-trip time. */
function acknowledge(conn, s, ev, t, out, waiting)
{
	const ack = relative(conn, s, ev.ack);
	let newest = null;

	if (ack > 0xf0000000)
		return;
	out.acked.push([t, ack]);
	while (waiting.length && waiting[0].end <= ack)
		newest = waiting.shift();
	if (newest && !newest.again && newest.end === ack && !waiting.some(w => w.again))
		out.rtt.push([t, t - newest.t]);
}

const PLOTS = [
	["plot_seq", [["sent", "a", "dots"], ["again", "b", "crosses"], ["acked", "c", "steps"]]],
	["plot_cwnd", [["cwnd", "a", "steps"], ["ssthresh", "b", "steps", "7 4"], ["in_flight", "c", "steps", "2 2"]]],
	["plot_wnd", [["snd_wnd", "a", "steps"], ["rcv_wnd", "b", "steps", "7 4"]]],
	["plot_rtt", [["rtt", "a", "dots"], ["srtt", "c", "steps"], ["rto", "b", "steps", "7 4"]]],
];

function drawSeries(svg, data, x, y, [, color, how, dash])
{
	if (how === "steps") {
		svg.append("path").attr("class", `${color}-line`).attr("stroke-width", 1.8)
			.attr("stroke-dasharray", dash || null)
			.attr("d", d3.line().x(d => x(d[0])).y(d => y(d[1])).curve(d3.curveStepAfter)(data));
		return;
	}
	svg.append("path").attr("class", `${color}-line`).attr("stroke-width", how === "dots" ? 4 : 2)
		.attr("stroke-linecap", "round")
		.attr("d", data.map(([t, v]) => how === "dots" ? `M${x(t)},${y(v)}h0` :
			`M${x(t) - 4},${y(v) - 4}l8,8m0,-8l-8,8`).join(""));
}

/* In words, with a piece of the line before each, in as many rows as it takes. */
function drawLegend(svg, series, width)
{
	let at = MARGIN.left, y = 9;

	for (const one of series) {
		const group = svg.append("g");
		let wide;

		drawSeries(group, one[2] === "steps" ? [[0, 0], [22, 0]] : [[10, 0]], v => v, v => v, one);
		group.append("text").attr("x", 27).attr("y", 4).text(say(one[0]));
		wide = 27 + group.select("text").node().getBBox().width;
		if (at > MARGIN.left && at + wide > width) {
			at = MARGIN.left;
			y += 15;
		}
		group.attr("transform", `translate(${at},${y})`);
		at += wide + 13;
	}
	return y - 9;
}

/* A legend of several rows is above the plot. */
function raiseLegend(svg, more, width, height)
{
	if (!more)
		return;
	svg.attr("height", height + more).attr("viewBox", `0 ${-more} ${width} ${height + more}`);
	svg.selectAll("g").attr("transform", function () {
		const [x, y] = this.getAttribute("transform").match(/[\d.]+/g);

		return `translate(${x},${y - more})`;
	});
}

function drawPlot([title, series], data, x, width)
{
	const height = 170, box = byId("plots");
	const there = series.filter(([key]) => data[key].length);
	const most = d3.max(there, ([key]) => d3.max(data[key], d => d[1])) || 1;
	const y = d3.scaleLinear().domain([0, most]).nice().range([height - MARGIN.bottom, MARGIN.top]);
	let svg;

	box.append(make("h3", { class: "hint" }, say(title)));
	if (!there.length) {
		box.append(make("p", { class: "hint" }, say("no_data")));
		return;
	}
	svg = d3.select(box).append("svg").attr("width", width).attr("height", height)
		.attr("role", "img").attr("aria-label", say(title));
	svg.append("path").attr("class", "grid").attr("d", y.ticks(4).map(v =>
		`M${MARGIN.left},${y(v)}H${width - MARGIN.right}`).join(""));
	for (const v of y.ticks(4))
		svg.append("text").attr("class", "dim").attr("text-anchor", "end")
			.attr("x", MARGIN.left - 6).attr("y", y(v) + 4).text(digits(v));
	for (const v of x.ticks(width < 500 ? 4 : 9))
		svg.append("text").attr("class", "dim").attr("text-anchor", "middle")
			.attr("x", x(v)).attr("y", height - 5).text(v ? digits(v) : say("at_ms", 0));
	for (const one of there)
		drawSeries(svg, data[one[0]], x, y, one);
	raiseLegend(svg, drawLegend(svg, there, width), width, height);
	svg.append("line").attr("class", "cursor").attr("y1", MARGIN.top).attr("y2", height - MARGIN.bottom);
	svg.on("click", function () { moveToTime(x.invert(d3.mouse(this)[0])); });
}

let timeScale = null;

/* Without the wait at the end, which is nothing but TIME_WAIT's two MSL. */
function lastSegment(conn)
{
	for (let i = conn.points.length - 1; i >= 0; i--)
		if (conn.points[i].ev.event === "segment")
			return ms(conn, conn.points[i]);
	return 1;
}

function drawPlots()
{
	const conn = view.conn, width = Math.max(byId("plots").clientWidth, 300);
	const data = plotData(conn, view.plotSide);

	byId("plots").replaceChildren();
	timeScale = d3.scaleLinear().domain([0, lastSegment(conn) || 1])
		.range([MARGIN.left, width - MARGIN.right]);
	for (const plot of PLOTS)
		drawPlot(plot, data, timeScale, width);
	showCursor();
}

function showCursor()
{
	const conn = view.conn, point = conn.points[Math.max(view.at - 1, 0)];
	const x = timeScale(Math.min(ms(conn, point), timeScale.domain()[1]));

	d3.selectAll(".cursor").attr("x1", x).attr("x2", x);
}

function moveToTime(t)
{
	let at = 0;

	while (at < view.conn.points.length && ms(view.conn, view.conn.points[at]) <= t)
		at++;
	moveTo(at);
}

/* ---- counters ---- */

function count(conn, s)
{
	const sum = { sent: 0, arrived: 0, bytes: 0, again: 0, lost: 0, twice: 0, dropped: 0, dup: 0,
		      changes: 0 };
	const drops = new Map();

	for (const seg of conn.segments) {
		if (seg.from !== s)
			continue;
		sum.lost += isLost(conn, seg);
		sum.twice += isTwice(conn, seg);
	}
	for (const { ev, side } of conn.points) {
		if (side !== s)
			continue;
		if (ev.event === "state") {
			sum.changes++;
		} else if (ev.direction === "out") {
			sum.sent += ev.segs || 1;
			sum.bytes += ev.seg_len || 0;
			sum.again += isAgain(ev);
			sum.dup += ev.purpose === "duplicate ACK";
		} else {
			sum.arrived += ev.segs || 1;
			sum.dropped += Boolean(ev.drop);
			if (ev.drop)
				drops.set(ev.drop, (drops.get(ev.drop) || 0) + 1);
		}
	}
	return { sum, drops };
}

function drawCounters()
{
	const both = [0, 1].map(s => count(view.conn, s)), table = make("table");
	const names = new Set(both.flatMap(({ drops }) => [...drops.keys()]));
	const row = (title, ...cells) => table.append(make("tr", {}, make("th", { scope: "row" }, title),
		...cells.map(n => make("td", { class: "n" }, digits(n)))));

	table.append(make("tr", {}, make("td"), ...[0, 1].map(s =>
		make("th", { scope: "col", class: `side-${colorOf(s)}` }, nameOf(s)))));
	for (const key in both[0].sum)
		row(say(`c_${key}`), both[0].sum[key], both[1].sum[key]);
	for (const name of names)
		row(name, ...both.map(({ drops }) => drops.get(name) || 0));
	byId("counters").replaceChildren(table);
}

/* ---- questions, made of the recording ---- */

function findSegment(conn, from, fits)
{
	return conn.segments.find(seg => seg.from === from && seg.out && fits(seg.out.ev, seg));
}

function askIsn(conn)
{
	const answer = findSegment(conn, 1, ev => has(ev, "SYN") && has(ev, "ACK"));

	if (!answer || conn.side[0].isn === null || conn.side[1].isn === null)
		return null;
	return { ask: say("q_isn"), seg: answer,
		 tell: say("a_isn", conn.side[0].isn, conn.side[1].isn, answer.out.ev.ack) };
}

function askFin(conn, s)
{
	const fin = findSegment(conn, s, ev => has(ev, "FIN"));
	let seq, ack;

	if (!fin)
		return null;
	seq = (fin.out.ev.seq + fin.out.ev.seg_len) >>> 0;
	ack = findSegment(conn, 1 - s, ev => has(ev, "ACK") && minus(ev.ack, seq) > 0);
	return { ask: say("q_fin", nameOf(s)), seg: ack || fin,
		 tell: ack ? say("a_fin", seq, relative(conn, s, seq), ack.out.ev.flags, nameOf(1 - s),
				 relative(conn, s, ack.out.ev.ack), ms(conn, ack.out).toFixed(3)) :
			say("a_fin_none") };
}

function askCloser(conn)
{
	const point = conn.points.find(p => p.ev.event === "state" && p.ev.state === "FIN_WAIT_1");
	let wait, end;

	if (!point)
		return null;
	const mine = p => p.side === point.side && p.ev.event === "state";

	wait = conn.points.find(p => mine(p) && p.ev.state === "TIME_WAIT");
	end = conn.points.find(p => mine(p) && p.ev.from === "TIME_WAIT");
	return { ask: say("q_closer"), point,
		 tell: say(wait ? "a_closer" : "a_closer_none", nameOf(point.side), "FIN_WAIT_1",
			   ms(conn, point).toFixed(3),
			   wait && end ? say("tw_long", (ms(conn, end) - ms(conn, wait)).toFixed(1)) : say("tw_open")) };
}

function askData(conn)
{
	const most = [0, 1].map(s => d3.max(conn.side[s].data, seg =>
		relative(conn, s, (seg.out.ev.seq + seg.out.ev.seg_len - 1) >>> 0)) || 0);
	const s = most[1] > most[0] ? 1 : 0;

	if (!most[s] || conn.side[s].isn === null)
		return null;
	return { ask: say("q_data", nameOf(s)), tell: say("a_data", digits(most[s]), most[s]) };
}

function askRtt(conn)
{
	const syn = findSegment(conn, 0, ev => has(ev, "SYN"));
	const answer = findSegment(conn, 1, (ev, seg) => has(ev, "SYN") && has(ev, "ACK") && seg.in);

	if (!syn || !answer)
		return null;
	return { ask: say("q_rtt"), seg: answer,
		 tell: say("a_rtt", (ms(conn, answer.in) - ms(conn, syn.out)).toFixed(3),
			   ms(conn, syn.out).toFixed(3), ms(conn, answer.in).toFixed(3)) };
}

function askLost(conn)
{
	const lost = conn.segments.filter(seg => isLost(conn, seg));
	let first, again;

	if (!lost.length)
		return { ask: say("q_lost"), tell: say("a_lost_none") };
	first = lost[0];
	again = findSegment(conn, first.from, (ev, seg) => seg.out.index > first.out.index && isAgain(ev) &&
		minus(first.out.ev.seq, ev.seq) >= 0 &&
		minus(first.out.ev.seq, ev.seq) < Math.max(ev.seg_len, 1));
	return { ask: say("q_lost"), seg: again || first,
		 tell: say("a_lost", digits(lost.length), label(conn, first), ms(conn, first.out).toFixed(3),
			   again ? say("a_lost_again", nameOf(again.from), ms(conn, again.out).toFixed(3),
				       again.out.ev.purpose || say("plain_again")) : say("a_lost_not")) };
}

function askCwnd(conn)
{
	const s = conn.side[1].data.length > conn.side[0].data.length ? 1 : 0;
	const data = plotData(conn, s);

	if (!data.cwnd.length)
		return null;
	return { ask: say("q_cwnd", nameOf(s)),
		 tell: say("a_cwnd", digits(d3.max(data.cwnd, d => d[1])),
			   data.ssthresh.length ? digits(data.ssthresh[data.ssthresh.length - 1][1]) : "∞") };
}

function placeOf(question)
{
	return question.seg ? question.seg.out || question.seg.in : question.point;
}

function drawQuestion(key, question)
{
	const line = make("li", {}), answer = make("span", { class: "answer" }, question.tell, " ");
	const open = make("button", { type: "button" });
	const show = yes => {
		answer.hidden = !yes;
		open.setAttribute("aria-expanded", String(yes));
		open.textContent = say(yes ? "hide" : "answer");
	};
	show(view.open.has(question.ask));
	open.addEventListener("click", () => {
		if (!view.open.delete(question.ask))
			view.open.add(question.ask);
		show(view.open.has(question.ask));
	});
	if (placeOf(question)) {
		const go = make("button", { type: "button" }, say("show_it"));

		go.addEventListener("click", () => {
			view.picked = line.question.seg || view.picked;
			moveTo(placeOf(line.question).index + 1);
			byId("bar").scrollIntoView();
		});
		answer.append(go);
	}
	line.append(question.ask, " ", open, answer);
	return line;
}

function drawQuestions()
{
	const conn = view.conn;
	const all = [askIsn(conn), askRtt(conn), askData(conn), askLost(conn), askCwnd(conn),
		     askFin(conn, 0), askFin(conn, 1), askCloser(conn)].filter(Boolean);
	const lines = showItems(byId("questions"), all.map(question =>
		[question.ask + Boolean(placeOf(question)), question]), drawQuestion);

	lines.forEach((line, i) => {
		line.question = all[i];
		line.querySelector(".answer").firstChild.textContent = all[i].tell;
	});
}

/* ---- together ---- */

function moveTo(at)
{
	view.at = Math.max(0, Math.min(at, view.conn.points.length));
	scrollToPoint(Math.max(view.at - 1, 0));
	showPlace();
}

function showPlace()
{
	byId("slider").value = view.at;
	byId("now").textContent = `${say("event_of", view.at, view.conn.points.length)}  ` +
		(view.at ? say("at_ms", ms(view.conn, view.conn.points[view.at - 1]).toFixed(3)) : "");
	drawLadder(false);
	showStates();
	showCursor();
	drawDetail();
	hooks.moved();
}

function endText(conn, s)
{
	const side = conn.side[s], addr = side.addr.includes(":") ? `[${side.addr}]` : side.addr;

	return `${s ? "■" : "●"} ${nameOf(s)} = ${addr}:${side.port}` +
		(side.seen ? side.ns && side.ns !== nameOf(s) ? ` (${side.ns})` : "" : ` (${say("unseen")})`);
}

/* All of a connection anew: when it is chosen, and when events have come. */
function render()
{
	const conn = view.conn;

	settle(conn);
	byId("slider").max = conn.points.length;
	byId("ends").replaceChildren(...[0, 1].map(s =>
		make("span", { class: `side-${colorOf(s)}` }, endText(conn, s))));
	showItems(byId("plot-side"), [0, 1].map(s => [`${s} ${nameOf(s)}`, s, nameOf(s)]), drawOption);
	byId("plot-side").value = view.plotSide;
	drawPlots();
	drawCounters();
	drawQuestions();
}

function choose(conn)
{
	view.conn = conn;
	view.picked = null;
	view.pointed = null;
	view.open.clear();
	byId("questions").replaceChildren();
	view.plotSide = conn.side[1].data.length > conn.side[0].data.length ? 1 : 0;
	view.at = 0;
	byId("ladder").scrollTop = 0;
	render();
	moveTo(0);
}

function drawOption(key, value, text)
{
	return make("option", { value }, text);
}

function drawChoice()
{
	const name = (conn, i) => `${i + 1}: ${conn.side.map(side => `${side.addr}:${side.port}`).join(" – ")}`;

	byId("choice").hidden = conns.length < 2;
	showItems(byId("conn"), conns.map((conn, i) => [name(conn, i), i, name(conn, i)]), drawOption);
	byId("conn").value = Math.max(conns.indexOf(view.conn), 0);
}

function putWords()
{
	if (live)
		document.querySelector("h1").dataset.text = "title_live";
	for (const element of document.querySelectorAll("[data-text]"))
		element.textContent = say(element.dataset.text);
	for (const element of document.querySelectorAll("[data-label]"))
		element.setAttribute("aria-label", say(element.dataset.label));
	document.title = document.querySelector("h1").textContent;
}

function notice(about)
{
	const parts = [];

	if (about.shown < about.total)
		parts.push(say("bound", digits(about.shown), digits(about.total)));
	if (about.lost)
		parts.push(say(live ? "missing_live" : "missing", digits(about.lost)));
	if (!conns.length)
		parts.push(say(live ? "nothing_yet" : "nothing"));
	byId("notice-print").textContent = conns.some(conn => conn.points.length > PRINT_MAX) ?
		say("bound_print", digits(PRINT_MAX)) : "";
	byId("notice").textContent = parts.join(" ");
}

/* Once there is something to look at */
function listen()
{
	let waits = false;
	const soon = work => () => {
		if (waits || !view.conn)
			return;
		waits = true;
		requestAnimationFrame(() => { waits = false; work(); });
	};
	const on = (id, event, act) => byId(id).addEventListener(event, () => {
		follow(false);
		if (view.conn)
			act();
	});

	on("slider", "input", () => moveTo(Number(byId("slider").value)));
	on("back", "click", () => moveTo(view.at - 1));
	on("next", "click", () => moveTo(view.at + 1));
	on("conn", "change", () => choose(conns[Number(byId("conn").value)]));
	byId("plot-side").addEventListener("change", event => {
		view.plotSide = Number(event.target.value);
		drawPlots();
	});
	byId("ladder").addEventListener("scroll", soon(() => drawLadder(false)));
	window.addEventListener("resize", soon(() => { drawPlots(); drawLadder(false); }));
	window.addEventListener("beforeprint", () => { if (view.conn) drawLadder(true); });
	window.addEventListener("afterprint", () => { if (view.conn) drawLadder(false); });
}

/* ---- ttp web: events that come, and buttons ---- */

const LIVE_MAX = 20000;		/* events that the page keeps */
const NOW_MS = 500;		/* so often at most it is asked how things are */
const feed = { events: 0, missed: 0, newest: null, waits: false, cost: 0, forms: new Map(),
	       sysctls: new Map(), asks: false };

/* The oldest connections go; if there is only this one, it begins anew. */
function forgetOld()
{
	const count = () => conns.reduce((sum, conn) => sum + conn.points.length, 0);

	while (conns.length && count() > LIVE_MAX) {
		const old = conns.length > 1 && conns[0] === view.conn ? conns[1] : conns[0];

		conns.splice(conns.indexOf(old), 1);
		for (const [key, conn] of byTuple)
			if (conn === old)
				byTuple.delete(key);
		if (view.conn === old)
			view.conn = null;
		if (feed.newest === old)
			feed.newest = null;
	}
}

function refresh()
{
	const began = performance.now();

	feed.waits = false;
	forgetOld();
	document.body.classList.toggle("empty", !conns.length);
	drawChoice();
	notice({ lost: feed.missed });
	byId("live-state").textContent = say("live_on", digits(feed.events));
	if (byId("follow").checked && feed.newest && feed.newest !== view.conn)
		choose(feed.newest);
	else if (!view.conn && conns.length)
		choose(conns[0]);
	else if (view.conn)
		render();
	drawChoice();
	if (view.conn && byId("follow").checked)
		moveTo(view.conn.points.length);
	else if (view.conn)
		showPlace();
	feed.cost = performance.now() - began;
}

/* Drawing takes a fifth of the time at most. */
function refreshSoon()
{
	if (feed.waits)
		return;
	feed.waits = true;
	setTimeout(refresh, Math.max(100, 4 * feed.cost));
}

/* ---- a lab that is played beside (ttp web --lab) ---- */

/* What it prints, and a line for it: Enter alone goes on. */
function putLab()
{
	const input = make("input", { type: "text", autocomplete: "off", spellcheck: "false", maxlength: 48,
				      "aria-label": say("lab_line") });
	const form = make("form", { "data-ask": "lab" }, input, make("button", { type: "submit" }, say("lab_enter")));

	form.addEventListener("submit", event => {
		event.preventDefault();
		post("lab", { line: input.value });
		input.value = "";
	});
	document.body.classList.add("lab", "wide");
	byId("control-part").before(make("section", { id: "live-lab", class: "beside" },
		make("h2", {}, say("lab")), make("pre", { id: "lab-log", role: "log" }), form));
}

function tellLab(text)
{
	const log = byId("lab-log");

	log.append(text);
	log.scrollTop = log.scrollHeight;
}

function onEvent(text)
{
	const ev = JSON.parse(text), conn = addEvent(ev);

	if (ev.event === "lab") {
		tellLab(ev.text);
		return;
	}
	feed.events++;
	feed.missed += (ev.lost_events || 0) + (ev.event === "lost" ? 1 : 0);
	feed.newest = conn || feed.newest;
	refreshSoon();
	lookSoon();
}

function feedEvents()
{
	const source = new EventSource("events");

	source.addEventListener("message", event => onEvent(event.data));
	source.addEventListener("missed", event => {
		feed.missed += Number(event.data);
		refreshSoon();
	});
	source.addEventListener("open", refreshSoon);
	source.addEventListener("error", () => {
		byId("live-state").textContent =
			say(source.readyState === EventSource.CLOSED ? "live_end" : "live_off");
	});
}

/* Posts what the table allows; what is wrong is said. */
async function post(path, values)
{
	let said = "";

	try {
		const answer = await fetch(path, {
			method: "POST", headers: { "Content-Type": "application/json" },
			body: JSON.stringify(values),
		});

		if (!answer.ok)
			said = await answer.text();
	} catch (error) {
		said = say("live_off");
	}
	byId("said").textContent = said.trim();
	lookSoon();
}

/* Values that only one choice of another one wants, and those that are seldom given */
const ONLY_FOR = { delay_ms: ["action", "delay"], field: ["action", "set"], set_to: ["action", "set"] };
const SELDOM = ["flags", "not_flags", "data", "port", "seq_first", "seq_last"];

/* What one choice of @take is called: "ack" is another thing for each. */
function nameOfChoice(take, name)
{
	const key = [`is_${take.name}_${name}`, `is_${name}`].find(key => key in strings);

	return key ? say(key) : name;
}

function nameOfTake(path, take)
{
	const own = `in_${path}_${take.name}`;

	return say(own in strings ? own : `in_${take.name}`);
}

/* What is chosen, or what can be typed, for one value of the table */
function makeInput(take)
{
	const list = take.choices || take.namespaces;
	let input;

	if (take.set) {
		input = make("fieldset", {}, make("legend", {}, say(`in_${take.name}`)),
			...take.set.map(name => make("label", {},
				make("input", { type: "checkbox", value: name }), name.toUpperCase())));
	} else if (list) {
		input = make("select", {}, ...list.map((name, i) => make("option",
			{ value: take.choices ? name : i },
			take.namespaces ? name || say("here") : nameOfChoice(take, name))));
	} else if (take.max !== undefined) {
		input = make("input", { type: "number", min: take.min, max: take.max, value: take.usual,
					required: "" });
	} else {
		input = make("input", { type: "text", value: "127.0.0.1", required: "" });
	}
	input.name = take.name;
	return input;
}

function valueOf(take, input)
{
	if (take.set)
		return [...input.querySelectorAll("input:checked")].map(box => box.value);
	if (input.disabled && take.max !== undefined)
		return take.usual;
	return take.max !== undefined || take.namespaces ? Number(input.value) : input.value;
}

/* Shows what the choices that are made want. */
function showWanted(takes, inputs)
{
	takes.forEach((take, i) => {
		const [name, choice] = ONLY_FOR[take.name] || [];
		const by = takes.findIndex(other => other.name === name);

		if (by < 0)
			return;
		inputs[i].disabled = inputs[by].value !== choice;
		inputs[i].parentNode.hidden = inputs[i].disabled;
	});
}

/* What is seldom given is shown when it is asked for, or when it is wrong. */
function makeMore(children)
{
	const more = make("details", { class: "more" }, make("summary", {}, say("more_matches")),
		make("div", {}, ...children));

	more.addEventListener("invalid", () => { more.open = true; }, true);
	return children.length ? [more] : [];
}

/* A form for one line of the table; @fixed: values that are given otherwise */
function makeForm(path, button, fixed)
{
	const takes = live[path].filter(take => !fixed || !(take.name in fixed));
	const inputs = takes.map(makeInput);
	const labels = takes.map((take, i) => take.set ? inputs[i] :
		make("label", {}, nameOfTake(path, take), inputs[i]));
	const seldom = (label, i) => SELDOM.includes(takes[i].name) && path === "fault";
	const form = make("form", { "data-ask": path },
		...labels.filter((label, i) => !seldom(label, i)),
		make("button", { type: "submit" }, button), ...makeMore(labels.filter(seldom)));

	form.addEventListener("submit", event => {
		const values = {};

		event.preventDefault();
		takes.forEach((take, i) => { values[take.name] = valueOf(take, inputs[i]); });
		for (const name in fixed)
			values[name] = fixed[name]();
		post(path, values);
	});
	form.addEventListener("change", () => showWanted(takes, inputs));
	showWanted(takes, inputs);
	feed.forms.set(path, Object.fromEntries(takes.map((take, i) => [take.name, inputs[i]])));
	return form;
}

function makeSysctls()
{
	const names = Object.keys(live).filter(path => path.startsWith("sysctl/"));
	const where = makeInput(live[names[0]][0]);
	const forms = names.map(path => {
		const form = makeForm(path, say("do_sysctl"), { where: () => Number(where.value) });

		form.querySelector("label").firstChild.textContent = path.slice("sysctl/".length);
		return form;
	});

	feed.sysctlWhere = where;
	where.addEventListener("change", () => look());
	return make("details", {}, make("summary", {}, say("sysctls")),
		make("label", {}, say("in_where"), where),
		make("div", { class: "sysctls" }, ...forms));
}

function putControls()
{
	const part = (title, ...children) => make("div", {}, make("h3", {}, title), ...children);

	byId("control-part").hidden = false;
	document.body.classList.add("empty");
	byId("other-lang").href = document.documentElement.lang === "ko" ? "?lang=en" : "?lang=ko";
	byId("other-lang").textContent = say("other_lang");
	byId("other-lang").lang = document.documentElement.lang === "ko" ? "en" : "ko";
	byId("follow").addEventListener("change", refreshSoon);
	byId("live-state").textContent = say("live_on", 0);
	if (!live.listen)
		return;
	if (live.lab)
		putLab();
	byId("controls").append(
		part(say("connections"), makeForm("listen", say("do_listen")),
		     makeForm("connect", say("do_connect")), make("ul", { id: "jobs" })),
		part(say("faults"), makeForm("fault", say("do_fault")), make("ul", { id: "faults" })),
		makeSysctls());
	feed.forms.get("listen").where.value = live.listen[0].namespaces.length - 1;
	look();
}

/* ---- how things are ---- */

function drawLine(key, text, button, act)
{
	const press = make("button", { type: "button" }, button);

	press.addEventListener("click", act);
	return make("li", {}, make("span", {}), act ? press : "");
}

/* @lines: key, text, what the button says and does; the text may change */
function showLines(id, lines)
{
	showItems(byId(id), lines, drawLine).forEach((line, i) => { line.firstChild.textContent = lines[i][1]; });
}

function nameOfSpace(now, where)
{
	return now.namespaces[where] && now.namespaces[where].name || say("here");
}

const STOPPED = 128 + 15;	/* by SIGTERM, which the button sends */

function jobText(now, job)
{
	const what = job.connects ? say("job_connect", nameOfSpace(now, job.where), job.port, digits(job.bytes)) :
		say("job_listen", nameOfSpace(now, job.where), job.port);

	if (job.runs)
		return what;
	if (job.status === STOPPED)
		return `${what}: ${say("job_stopped")}`;
	return `${what}: ${job.status ? job.says || say("job_failed", job.status) : say("job_done")}`;
}

function showNow(now)
{
	const space = now.namespaces[Number(feed.sysctlWhere.value)];
	const to = feed.forms.get("connect").to;

	showLines("jobs", now.jobs.sort((a, b) => a.job - b.job).map(job =>
		[`${job.job} ${job.runs}`, jobText(now, job), say("do_stop"),
		 job.runs ? () => post("stop", { job: job.job }) : null]));
	showLines("faults", now.namespaces.flatMap(({ name, faults }, where) => faults.map(fault =>
		[`${where} ${fault.number}`,
		 say("fault_line", name || say("here"), fault.number,
		     [fault.direction, fault.match, fault.action].filter(Boolean).join(" "), digits(fault.hits),
		     digits(fault.seen)),
		 say("do_unfault"), () => post("unfault", { where, number: fault.number })])));
	for (const name in space ? space.sysctls : {}) {
		/* what is typed or chosen stays until the kernel has another value */
		const is = `${feed.sysctlWhere.value} ${space.sysctls[name]}`;

		if (feed.sysctls.get(name) !== is)
			feed.forms.get(`sysctl/${name}`).value.value = space.sysctls[name];
		feed.sysctls.set(name, is);
	}
	if (!feed.knowsAddress) {
		const last = now.namespaces[now.namespaces.length - 1];

		feed.knowsAddress = true;
		if (now.namespaces.length > 1 && last.addresses.length)
			to.value = last.addresses[0];
	}
}

async function look()
{
	if (feed.looks) {
		lookSoon();
		return;
	}
	feed.looks = true;
	try {
		const answer = await fetch("now");

		if (answer.ok)
			showNow(await answer.json());
	} catch (error) {
		byId("live-state").textContent = say("live_off");
	}
	feed.looks = false;
}

function lookSoon()
{
	if (feed.asks || !live.listen)
		return;
	feed.asks = true;
	setTimeout(() => { feed.asks = false; look(); }, NOW_MS);
}

/* ---- the beginning ---- */

/* Forget all connections. */
function clear()
{
	conns.length = 0;
	byTuple.clear();
	view.conn = null;
}

window.ttpPage = { conns, view, hooks, say, digits, make, byId, relative, has, clear, add: addEvent,
		   choose, render, moveTo, drawChoice, putWords };

function load()
{
	JSON.parse(byId("events").textContent).forEach(addEvent);
	putWords();
	drawMachine();
	drawChoice();
	if (!byId("play"))
		notice(JSON.parse(byId("about").textContent));
	if (live) {
		putControls();
		feedEvents();
	}
	if (conns.length)
		choose(conns[0]);
	if (conns.length || live || byId("play"))
		listen();
}

load();
})();
