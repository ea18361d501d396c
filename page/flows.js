// SPDX-License-Identifier: GPL-2.0
/*
 * Many flows over one bottleneck: which algorithm each has, the line that they share, and what
 * becomes of their windows, their throughput and the queue.
 */
"use strict";
(function () {

const { say, digits, make, byId } = window.ttpPage;
const ALGORITHMS = ["reno", "cubic", "bbr", "tahoe", "vegas", "dctcp", "aimd", "fixed"];
const ARQ = ["selective-repeat", "go-back-n", "stop-and-wait"];
const MSS = 1448;
const FLOWS_MAX = 8;
const SPAN = 60;		/* seconds that the plots show at most */
/* Flows differ by colour and by the form of the line. */
const COLORS = ["a", "b", "c", "d"], DASHES = [null, "7 4"];

const line = [["rate", 10, 0.1, 1000], ["buffer", 50, 1, 10000], ["loss", 0, 0, 100],
	      ["mark", 0, 0, 10000], ["seed", 1, 1, 1000000]];
const state = { engine: null, flows: [], rows: [], now: 0, runs: false, last: 0, speed: 5 };

function inputOf(name, value, least, most)
{
	return make("input", { type: "number", name, value, min: least, max: most, step: "any", required: "" });
}

function style(i)
{
	return { color: COLORS[i % 4], dash: DASHES[Math.floor(i / 4) % 2] };
}

function rowOf(algorithm, delay, start)
{
	const row = make("tr", {});
	const list = make("select", { "aria-label": say("f_algorithm") },
			  ...ALGORITHMS.map(name => make("option", { value: name }, name)));
	const gone = make("button", { type: "button" }, say("f_less"));

	list.value = algorithm;
	gone.addEventListener("click", () => { row.remove(); number(); });
	row.append(make("td", { class: "n" }), make("td", {}, list),
		   make("td", {}, inputOf("delay", delay, 0.1, 2000)),
		   make("td", {}, inputOf("start", start, 0, 50)), make("td", { class: "sum" }), make("td", {}, gone));
	return row;
}

function bodyOf()
{
	return byId("flows-table").tBodies[0];
}

/* Each flow's number, with its line before it */
function number()
{
	[...bodyOf().rows].forEach((row, i) => {
		const { color, dash } = style(i);

		row.cells[0].replaceChildren();
		d3.select(row.cells[0]).append("svg").attr("width", 52).attr("height", 16).append("path")
			.attr("class", `${color}-line`).attr("stroke-width", 2.5).attr("stroke-dasharray", dash).attr("d", "M2,8h34");
		row.cells[0].append(String(i + 1));
	});
	byId("flows-more").disabled = bodyOf().rows.length >= FLOWS_MAX;
}

function asked()
{
	const form = byId("flows-line");
	const values = Object.fromEntries(line.map(([name]) => [name, Number(form.elements[name].value)]));

	return { ...values, arq: Math.max(ARQ.indexOf(form.elements.arq.value), 0) };
}

function begin()
{
	const valid = [...byId("flows-part").querySelectorAll("input")].every(input => input.reportValidity());

	if (!valid)
		return false;
	state.flows = [...bodyOf().rows].map(row => ({
		algorithm: row.querySelector("select").value,
		delay: Number(row.querySelector("[name=delay]").value),
		start: Number(row.querySelector("[name=start]").value),
	}));
	state.rows = state.flows.map(() => []);
	state.now = 0;
	return state.flows.length && state.engine.flowsBegin(asked(), state.flows);
}

function goOn(until)
{
	for (const [flow, us, cwnd, ssthresh, inFlight, srtt, received, drops, marks, queue] of
	     state.engine.flowsUntil(until * 1e6)) {
		const rows = state.rows[flow], before = rows[Math.max(rows.length - 10, 0)];
		const t = us / 1e6;
		const rate = before && t > before.t ? (received - before.received) * 8 / (t - before.t) / 1e6 : 0;

		rows.push({ t, cwnd: cwnd / MSS, ssthresh: ssthresh / MSS, inFlight: inFlight / MSS,
			    srtt: srtt / 1000, received, drops, marks, queue, rate });
	}
	state.now = until;
}

/* Jain's index of what the flows got in the last half second: 1 is fair */
function fairness()
{
	const rates = state.rows.filter(rows => rows.length).map(rows => rows[rows.length - 1].rate);
	const sum = d3.sum(rates), squares = d3.sum(rates, rate => rate * rate);

	return squares ? sum * sum / (rates.length * squares) : 0;
}

const PLOT = { height: 190, left: 56, right: 12, top: 10, bottom: 20 };

function plot(title, series, from)
{
	const width = Math.max(byId("flows-plots").clientWidth, 300);
	const x = d3.scaleLinear().domain([from, Math.max(from + 5, state.now)]).range([PLOT.left, width - PLOT.right]);
	const most = d3.max(series, ({ points }) => d3.max(points, p => p[1])) || 1;
	const y = d3.scaleLinear().domain([0, most]).nice().range([PLOT.height - PLOT.bottom, PLOT.top]);
	let svg;

	byId("flows-plots").append(make("h3", { class: "hint" }, say(title)));
	svg = d3.select("#flows-plots").append("svg").attr("width", width).attr("height", PLOT.height)
		.attr("role", "img").attr("aria-label", say(title));
	svg.append("path").attr("class", "grid").attr("d", y.ticks(4).map(v =>
		`M${PLOT.left},${y(v)}H${width - PLOT.right}`).join(""));
	for (const v of y.ticks(4))
		svg.append("text").attr("class", "dim").attr("text-anchor", "end").attr("x", PLOT.left - 6)
			.attr("y", y(v) + 4).text(digits(v));
	for (const v of x.ticks(width < 500 ? 4 : 9))
		svg.append("text").attr("class", "dim").attr("text-anchor", "middle").attr("x", x(v))
			.attr("y", PLOT.height - 5).text(digits(v));
	series.forEach(({ points }, i) => {
		const { color, dash } = style(i);

		svg.append("path").attr("class", `${color}-line`).attr("stroke-width", 1.8).attr("stroke-dasharray", dash)
			.attr("d", d3.line().x(p => x(p[0])).y(p => y(p[1]))(points.filter(p => p[0] >= from)));
	});
}

function draw()
{
	const from = Math.max(0, state.now - SPAN);
	const of = key => state.rows.map(rows => ({ points: rows.map(row => [row.t, row[key]]) }));

	byId("flows-plots").replaceChildren();
	plot("f_cwnd", of("cwnd"), from);
	plot("f_rate", of("rate"), from);
	plot("f_queue", of("queue").slice(0, 1), from);
	plot("f_srtt", of("srtt"), from);
	[...bodyOf().rows].forEach((row, i) => {
		const last = state.rows[i] && state.rows[i][state.rows[i].length - 1];

		row.cells[4].textContent = last ? say("f_sum", digits(Math.round(last.rate * 100) / 100), digits(last.drops),
						      digits(last.marks)) : "";
	});
	byId("flows-time").textContent = say("f_time", digits(Math.round(state.now * 10) / 10), digits(Math.round(fairness() * 1000) / 1000));
}

function stop()
{
	state.runs = false;
	byId("flows-run").textContent = say("f_run");
}

function tick(time)
{
	const began = performance.now();

	if (!state.runs)
		return;
	goOn(Math.min(SPAN, state.now + Math.min(time - state.last, 200) / 1000 * state.speed));
	state.last = time;
	draw();
	if (state.now >= SPAN)
		stop();
	else
		setTimeout(() => requestAnimationFrame(tick), Math.min(200, performance.now() - began));
}

function put()
{
	byId("flows-line").append(...line.map(([name, value, least, most]) =>
		make("label", {}, `${say(`f_${name}`)} `, inputOf(name, value, least, most))),
		make("label", {}, `${say("o_arq")} `, make("select", { name: "arq" }, ...ARQ.map(name => make("option", { value: name }, name)))));
	byId("flows-line").addEventListener("submit", event => event.preventDefault());
	byId("flows-table").tHead.append(make("tr", {}, make("th"), ...["f_algorithm", "f_delay", "f_start", "f_got"].map(key =>
		make("th", { scope: "col" }, say(key))), make("th")));
	bodyOf().append(rowOf("reno", 20, 0), rowOf("cubic", 20, 2));
	number();
	byId("flows-more").addEventListener("click", () => { bodyOf().append(rowOf("reno", 20, 0)); number(); });
	byId("flows-speed").append(...[1, 5, 20].map(speed => make("option", { value: speed }, `× ${speed}`)));
	byId("flows-speed").value = "5";
	byId("flows-speed").addEventListener("change", event => { state.speed = Number(event.target.value); });
	byId("flows-run").addEventListener("click", () => {
		if (state.runs) {
			stop();
		} else if (begin()) {
			state.runs = true;
			state.last = performance.now();
			byId("flows-run").textContent = say("f_stop");
			requestAnimationFrame(tick);
		}
	});
}

/* All at once, for who does not want to wait */
function runTo(seconds)
{
	if (begin()) {
		goOn(seconds);
		draw();
	}
	return state.rows;
}

put();
window.ttpFlows = { state, runTo };
})();
