// SPDX-License-Identifier: GPL-2.0
/*
 * What a run says: the answers to a lab's questions, as userspace/lab/facts.c, whose top
 * explains the words, finds them in a recording.  tests/page holds the two together.
 * Next: lab.js.
 */
"use strict";
/* exported factOf, isRight */

const SSTHRESH_INFINITE = 0x7fffffff;
const VALUES = ["cwnd", "ssthresh", "snd_wnd", "rcv_wnd", "srtt_us", "rto_us", "in_flight"];

/* The answer that @words ask for, as text, or null: the run does not say it. */
function factOf(all, words)
{
	const events = all.filter(ev => (ev.event === "state" || ev.event === "segment") && ev.dport);
	const [what, host, name, nth] = words;
	const flagsOf = ev => (ev.flags || "").split(",");
	const isOut = ev => ev.event === "segment" && ev.direction === "out";
	const sent = (from, kind) => events.filter(ev => isOut(ev) && ev.ns === from && kind(ev));
	const text = value => value === undefined || value === null ? null : String(value);

	const same = (a, b) => ["seq", "seg_len", "flags", "ack", "opt_tsval"].every(key => a[key] === b[key]);

	/* Did an end that is watched get it?  As often as it was sent, or not. */
	function isLost(out)
	{
		const like = events.map((ev, i) => [ev, i]).filter(([ev]) => ev.event === "segment" && same(ev, out));
		const departed = like.filter(([ev, i]) => ev.ns === out.ns && isOut(ev) && i <= events.indexOf(out));
		const arrived = like.filter(([ev]) => ev.ns !== out.ns && !isOut(ev));

		return departed.length > arrived.length;
	}

	const KINDS = {
		any: () => true,
		data: ev => ev.seg_len > 0,
		ack: ev => !ev.seg_len && ev.flags === "ACK",
		again: ev => Boolean(ev.retransmission),
		sack: ev => Boolean(ev.opt_sack),
		zero: ev => !ev.seg_wnd && !flagsOf(ev).some(flag => flag === "SYN" || flag === "RST"),
		probe: ev => ev.purpose === "zero window probe",
		rto: ev => ev.purpose === "RTO",
		fast: ev => ev.purpose === "fast retransmit",
		lost: isLost,
	};
	const kindOf = which => KINDS[which] ||
		(ev => which.toUpperCase().split(",").every(flag => flagsOf(ev).includes(flag)));

	/* The ISN of one end, by its ports */
	function isnOf(sport, dport)
	{
		const syn = events.find(ev => isOut(ev) && flagsOf(ev).includes("SYN") &&
			ev.sport === sport && ev.dport === dport);

		return syn ? syn.seq : null;
	}

	const relative = (number, isn) => isn === null ? null : (number - isn) >>> 0;

	const OF_SEGMENT = {
		seq: ev => ev.seq, ack: ev => ev.ack, len: ev => ev.seg_len, win: ev => ev.seg_wnd,
		flags: ev => ev.flags,
		ms: ev => Math.floor((ev.time_ns - events.find(e => e.event === "segment").time_ns) / 1e6),
		rseq: ev => relative(ev.seq, isnOf(ev.sport, ev.dport)),
		rack: ev => relative(ev.ack, isnOf(ev.dport, ev.sport)),
	};

	for (const value of VALUES)
		OF_SEGMENT[value] = ev => ev[value] === SSTHRESH_INFINITE ? null : ev[value];

	/* Of data that was sent twice each byte counts once. */
	function bytes()
	{
		const data = sent(host, KINDS.data).map(ev =>
			relative(ev.seq + ev.seg_len - 1, isnOf(ev.sport, ev.dport)));

		return Math.max(0, ...data);
	}

	/* The first change to a state, at this host or at any, and the one that follows it */
	const entered = (state, at) => events.find(ev => ev.event === "state" && ev.state === state &&
		(!at || ev.ns === at));

	function following(first)
	{
		return first && events.slice(events.indexOf(first) + 1).find(ev => ev.event === "state" &&
			ev.ns === first.ns && ev.id === first.id);
	}

	function stays()
	{
		const from = entered(name, host), to = following(from);

		return to ? Math.floor((to.time_ns - from.time_ns) / 1e6) : null;
	}

	/* A value of the TCB, as the events of the host have it */
	function ofTcb()
	{
		const list = events.filter(ev => ev.ns === host && ev[name] !== undefined &&
			ev[name] !== SSTHRESH_INFINITE).map(ev => ev[name]);

		return what === "last" ? list[list.length - 1] : list.reduce((a, b) => Math[what](a, b), list[0]);
	}

	const FACTS = {
		isn: () => (sent(host, kindOf("syn"))[0] || {}).seq,
		bytes,
		count: () => sent(host, kindOf(name)).length,
		has: () => sent(host, kindOf(name)).length ? "yes" : "no",
		drops: () => events.filter(ev => ev.event === "segment" && ev.ns === host && ev.drop).length,
		refused: () => events.filter(ev => ev.event === "segment" && ev.ns === host && (ev.drop || ev.answer)).length,
		state: () => (events.filter(ev => ev.event === "state" && ev.ns === host).pop() || {}).state,
		first: () => (events.find(ev => isOut(ev) && kindOf(host)(ev)) || {}).ns,
		who: () => (entered(host) || {}).ns,
		entered: () => entered(name, host) ? "yes" : "no",
		cause: () => (entered(name, host) || {}).cause,
		after: () => (following(entered(name, host)) || {}).state,
		stays, max: ofTcb, min: ofTcb, last: ofTcb,
	};

	if (FACTS[what])
		return text(FACTS[what]());

	const segment = OF_SEGMENT[what] && sent(host, kindOf(name))[Number(nth || 1) - 1];

	return segment ? text(OF_SEGMENT[what](segment)) : null;
}

/* Is the answer what the run says?  Units and the case of words do not count. */
function isRight(kind, answer, fact)
{
	const number = text => (/^([-+]?[\d.]*\d[\d.]*)([a-z].*)?$/i.exec(text.replace(/[, ]/g, "")) || [])[1];
	const is = Number(number(answer)), should = Number(number(fact));
	const part = Number(kind.slice("number~".length) || 0) / 100;

	if (!kind.startsWith("number"))
		return answer.trim().toUpperCase() === fact.toUpperCase();
	return is >= should * (1 - part) && is <= should * (1 + part);
}
