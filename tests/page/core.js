// SPDX-License-Identifier: GPL-2.0
/*
 * The page's engine without a page (page/engine.js):
 *
 *	node core.js play CORE.wasm SCENARIO	prints the recording, as build/play does
 *	node core.js back CORE.wasm SCENARIO	prints what is wrong after going back and forth
 *	node core.js flows CORE.wasm		prints what tests/host/cong prints of 20 s of cubic beside reno,
 *						but for what it computes of that
 *	node core.js labs CORE.wasm PAGE	plays what the labs in PAGE play, and prints for each question
 *						LAB/N.txt, its words, its kind and the answer, with tabs
 *	node core.js words PAGE_DIR REPORT_DIR	prints words that a page has in one language only, or
 *						asks for and does not have
 */
"use strict";
const fs = require("fs");
const path = require("path");

const [what, ...args] = process.argv.slice(2);
const here = path.join(__dirname, "../../page");
const engine = fs.readFileSync(path.join(here, "engine.js"), "utf8");
const { newEngine, newRun } = new Function(`${engine}; return { newEngine, newRun };`)();
const facts = fs.readFileSync(path.join(here, "facts.js"), "utf8");
const { factOf, isRight } = new Function(`${facts}; return { factOf, isRight };`)();
const START_NS = 1e9;
const ALL = 3600e6;

async function load()
{
	const bytes = fs.readFileSync(args[0]);

	return newRun(await newEngine(bytes), await newEngine(bytes));
}

async function play()
{
	const run = await load();

	run.begin(fs.readFileSync(args[1], "utf8"));
	run.goOn(ALL);
	console.log(JSON.stringify({ event: "recording", namespaces: 2, time_ns: START_NS }));
	for (const { n, ...event } of run.events)
		console.log(JSON.stringify(event));
}

/* How things were behind each event, whether asked on the way or when it is long past. */
async function back()
{
	const run = await load(), text = fs.readFileSync(args[1], "utf8"), looks = [];
	const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
	let at = 0;

	run.begin(text);
	while (run.next() >= 0 && run.next() < ALL) {
		run.goOn(run.next());
		looks.push([run.events.length, run.now, run.lookAt(run.events.length)]);
	}
	for (let i = looks.length - 2; i >= 0; i -= 1 + (i >> 3)) {
		const [count, now, look] = looks[i], again = run.lookAt(count, now);

		if (count < looks[i + 1][0] && !same(look.ends, again.ends))
			console.log(`behind event ${count} the ends are not what they were`);
	}
	for (let n = 0; n < run.events.length; n += 7)
		if (run.events[n].event === "state" && !run.stepsTo(n).length && run.events[n].cause_kind === "segment")
			console.log(`event ${n} has no lines that decided`);
	/* another line in the past: what came before it stays, and what came after is made anew */
	at = run.events[Math.floor(run.events.length / 2)].time_ns / 1000 - 1e6;
	const before = run.events.filter(event => event.time_ns / 1000 - 1e6 < at).map(event => JSON.stringify(event));

	run.add("A abort", Math.round(at));
	if (!same(before, run.events.slice(0, before.length).map(event => JSON.stringify(event))))
		console.log("a line that was added has changed what came before it");
	if (run.now !== Math.round(at))
		console.log(`after a line was added at ${at} it is ${run.now}`);
}

/* In segments, rounded as by printf(): of two tenths that are as near, to the even one */
function segments(bytes)
{
	const tenths = bytes * 10 / 1448, less = Math.floor(tenths);
	const rounded = tenths - less === 0.5 && less % 2 === 0 ? less : Math.round(tenths);

	return (rounded / 10).toFixed(1);
}

async function flows()
{
	const engine = await newEngine(fs.readFileSync(args[0]));
	const names = ["cubic", "reno"];
	const line = { rate: 20, buffer: 50, mark: 0, loss: 0.1, seed: 1, arq: 0 };

	engine.flowsBegin(line, names.map(algorithm => ({ algorithm, delay: 20, start: 0 })));
	for (let at = 0; at < 20e6; at += 70e3)
		for (const [flow, us, cwnd, ssthresh, inFlight, , , drops, marks, queue] of
		     engine.flowsUntil(Math.min(at + 70e3, 20e6)))
			console.log([(us / 1e6).toFixed(3), flow, names[flow], segments(cwnd),
				     ssthresh >= 0x7fffffff ? "inf" : segments(ssthresh),
				     segments(inFlight), queue, drops, marks].join(","));
}

/* What is not right: twice as much, or another word */
function wrongAnswer(kind, answer)
{
	return kind.startsWith("number") ? String(2 * Number(answer) + 1) :
		kind.split("|").find(word => word !== answer) || "";
}

async function labs()
{
	const html = fs.readFileSync(args[1], "utf8");
	const all = JSON.parse(/<script type="application\/json" id="labs">(.*)<\/script>/.exec(html)[1]);
	const run = await load();

	for (const [name, { parts, texts }] of Object.entries(all)) {
		let number = 0;

		for (const { scenario, items } of parts.filter(part => part.scenario)) {
			number++;
			run.begin(scenario);
			run.goOn(ALL);
			if (run.wrong)
				console.log(`${name}/${number}.txt\tline ${run.wrong.line}: ${run.wrong.text}`);
			for (const { ask, kind, fact } of items.filter(item => item.ask)) {
				const answer = factOf(run.events, fact);

				console.log([`${name}/${number}.txt`, fact.join(" "), kind, answer].join("\t"));
				if (answer === null || !isRight(kind, answer, answer) ||
				    isRight(kind, wrongAnswer(kind, answer), answer))
					console.log(`${name}/${number}.txt\t${ask} takes a wrong answer, or not the right one`);
			}
		}
		for (const item of parts.flatMap(part => part.items))
			for (const key of item.ask ? [item.ask, `${item.ask}.hint`, `${item.ask}.right`] : [item.text || item.step])
				if (!texts.en[key] || !texts.ko[key])
					console.log(`${name}\tno text @${key}`);
	}
}

function words()
{
	const [page, report] = args;
	const read = (dir, lang) => JSON.parse(fs.readFileSync(path.join(dir, `${lang}.json`), "utf8"));
	const all = lang => ({ ...read(report, lang), ...read(page, lang) });
	const en = all("en"), ko = all("ko");
	const scripts = ["play", "beside", "flows", "lab"].map(name => path.join(page, `${name}.js`))
		.filter(name => fs.existsSync(name)).map(name => fs.readFileSync(name, "utf8")).join("\n");
	const html = fs.readdirSync(page).filter(name => name.endsWith(".html"))
		.map(name => fs.readFileSync(path.join(page, name), "utf8")).join("\n");
	const asked = [...scripts.matchAll(/say\("(\w+)"/g), ...html.matchAll(/data-(?:text|label)="(\w+)"/g)];

	for (const key of new Set([...Object.keys(en), ...Object.keys(ko)]))
		if (!(key in en) || !(key in ko))
			console.log(`only in one language: ${key}`);
	for (const [, key] of asked)
		if (!(key in en))
			console.log(`there is no word for ${key}`);
	for (const name of fs.readdirSync(path.join(page, "scenarios")))
		if (!(`s_${name.slice(0, -4)}` in en))
			console.log(`the scenario ${name} has no title`);
}

Promise.resolve({ play, back, flows, labs, words }[what]()).catch(error => {
	console.log(error.stack);
	process.exitCode = 1;
});
