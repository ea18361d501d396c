// SPDX-License-Identifier: GPL-2.0
/*
 * A recording of a real kernel beside the run in this page: what each end sent, received and
 * did, in its order, with the numbers counted from the ISNs.  Rows that differ are marked.
 */
"use strict";
(function () {

const { say, digits, make, byId, has } = window.ttpPage;

/* An event in words that do not depend on when, or from which ISN on. */
function wordsOf(event, isn)
{
	const mine = isn.get(`${event.saddr}:${event.sport}`), other = isn.get(`${event.daddr}:${event.dport}`);
	const sender = event.direction === "out" ? [mine, other] : [other, mine];
	const from = (number, base) => base === undefined ? number : (number - base) >>> 0;

	if (event.event === "state")
		return `${event.from} → ${event.state} (${event.cause})`;
	return [event.direction === "out" ? "→" : "←", event.flags, `seq=${from(event.seq, sender[0])}`,
		has(event, "ACK") ? `ack=${from(event.ack, sender[1])}` : "",
		event.seg_len ? `len=${event.seg_len}` : "", event.purpose || "", event.drop || "",
		event.fault || ""].filter(Boolean).join(" ");
}

/* The words of each end, in the order in which the ends first did something */
function ends(events)
{
	const isn = new Map(), list = new Map();

	for (const event of events)
		if (event.event === "segment" && event.direction === "out" && has(event, "SYN"))
			isn.set(`${event.saddr}:${event.sport}`, event.seq);
	for (const event of events) {
		const key = `${event.saddr}:${event.sport}`;

		if ((event.event !== "state" && event.event !== "segment") || !event.dport)
			continue;
		if (!list.has(key))
			list.set(key, []);
		list.get(key).push(wordsOf(event, isn));
	}
	return [...list.entries()];
}

function table(here, there)
{
	const rows = [];
	let other = 0;

	for (let i = 0; i < Math.max(here.length, there.length); i++) {
		const same = here[i] === there[i];

		other += !same;
		rows.push(make("tr", same ? {} : { class: "other" }, make("td", {}, here[i] || ""),
			       make("td", {}, there[i] || "")));
	}
	return { other, element: make("table", {}, ...rows) };
}

function open(text, events)
{
	const lines = text.split("\n").filter(Boolean), recorded = [], box = byId("beside");
	let other = 0, all = 0;

	try {
		lines.forEach(line => recorded.push(JSON.parse(line)));
	} catch (error) {
		byId("beside-part").hidden = false;
		byId("beside-said").textContent = say("p_bad_recording", digits(recorded.length + 1));
		box.replaceChildren();
		return;
	}
	const here = ends(events), there = ends(recorded);

	box.replaceChildren();
	for (let i = 0; i < Math.max(here.length, there.length); i++) {
		const [name, mine] = here[i] || ["–", []], [their, theirs] = there[i] || ["–", []];
		const compared = table(mine, theirs);

		other += compared.other;
		all += Math.max(mine.length, theirs.length);
		box.append(make("h3", {}, say("p_beside_ends", name, their)), compared.element);
	}
	byId("beside-part").hidden = false;
	byId("beside-said").textContent = say("p_beside_said", digits(all), digits(other));
	byId("beside-part").scrollIntoView();
}

window.ttpBeside = { open };
})();
