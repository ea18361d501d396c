// SPDX-License-Identifier: GPL-2.0
/*
 * The core, compiled for a browser (page.c), and a run of it: a scenario's lines, what happened,
 * and when it is now.  Back is a run from the beginning, or from a copy of the memory that was
 * made on the way.  Next: play.js.
 */
"use strict";
/* exported newEngine, newRun, START_US */

/* Instances of the core do not share anything. */
async function newEngine(bytes)
{
	/* the C library could write to files, but nothing here does */
	const nothing = () => 8;
	const wasi = { fd_close: nothing, fd_seek: nothing, fd_write: nothing };
	const { instance } = await WebAssembly.instantiate(bytes, { wasi_snapshot_preview1: wasi });
	const core = instance.exports;
	const decoder = new TextDecoder(), encoder = new TextEncoder();

	core._initialize();

	function string(at)
	{
		const memory = new Uint8Array(core.memory.buffer);

		return decoder.decode(memory.subarray(at, memory.indexOf(0, at)));
	}

	function put(text)
	{
		const data = encoder.encode(text).subarray(0, core.text_max());

		new Uint8Array(core.memory.buffer).set([...data, 0], core.text());
	}

	return {
		/* Play the text from the beginning.  Return: the line that is wrong, or 0. */
		begin(text, wanted = -1) { put(text); return core.begin(wanted); },
		/* Return: is the line right? */
		add(text, line) { put(text); return Boolean(core.add(line)); },
		/* Until a time (µs), or a number of events.  Return: how many there are. */
		run: (until, events) => core.run(until, events),
		now: () => core.now(),
		next: () => core.next(),
		wrong: () => core.wrong_line() ? { line: core.wrong_line(), text: string(core.wrong()) } : null,
		/* The events since the last call */
		take()
		{
			const text = string(core.told());

			core.forget();
			return text.split("\n").filter(Boolean).map(line => JSON.parse(line));
		},
		look()
		{
			const now = JSON.parse(string(core.look()));

			core.forget();
			return now;
		},
		/* The "if"s that led to the event that begin() was told: [file, line, outcome] */
		steps()
		{
			const list = [];

			for (let i = 0, file; (file = string(core.step_file(i))); i++)
				list.push([file, Math.abs(core.step_line()), core.step_line() > 0]);
			return list;
		},
		/* Flows over a bottleneck (flows.js).  Return: false: an algorithm is not known. */
		flowsBegin({ rate, buffer, mark, loss, seed, arq }, flows)
		{
			core.flows_begin(rate * 1000, buffer, mark, loss * 10000, seed, arq);
			for (const flow of flows) {
				new Uint8Array(core.memory.buffer)
					.set([...encoder.encode(flow.algorithm.slice(0, 20)), 0], core.flows_name());
				if (!core.flows_add(flow.delay * 1000, flow.start * 1e6))
					return false;
			}
			core.flows_go();
			return true;
		},
		/* Until @us.  Return: a list of numbers for each flow and 50 ms. */
		flowsUntil: us => string(core.flows_until(us)).split("\n").filter(Boolean)
			.map(row => row.split(" ").map(Number)),
		copy: () => new Uint8Array(core.memory.buffer).slice(),
		restore(copy)
		{
			const more = copy.length - core.memory.buffer.byteLength;
			let memory = null;

			if (more > 0)
				core.memory.grow(Math.ceil(more / 65536));
			memory = new Uint8Array(core.memory.buffer);
			memory.set(copy);
			memory.fill(0, copy.length);
		},
	};
}

const START_US = 1e6;	/* when a run begins (play.h) */
const EVENTS_MAX = 100000;	/* of a run */
const COPIES = 24;		/* of the memory, at most */

/* A run.  @played is the engine that goes on; @seen one that looks at what was. */
function newRun(played, seen)
{
	const run = {
		lines: [], events: [], now: 0, wrong: null,
		copies: [], apart: 256,
	};

	function take()
	{
		for (const event of played.take()) {
			if (event.event === "recording")
				continue;
			event.n = run.events.length;
			run.events.push(event);
		}
	}

	/* Copies lie so many events apart; when there are too many, every second one goes. */
	function copy()
	{
		const last = run.copies.length ? run.copies[run.copies.length - 1].events : 0;

		if (run.events.length - last < run.apart)
			return;
		run.copies.push({ events: run.events.length, now: played.now(), memory: played.copy() });
		if (run.copies.length > COPIES) {
			run.copies = run.copies.filter((one, i) => i % 2);
			run.apart *= 2;
		}
	}

	run.text = () => run.lines.join("\n") + "\n";

	/* Play these lines from the beginning, up to now = 0. */
	run.begin = function (text) {
		run.lines = text.replace(/\n+$/, "").split("\n");
		run.events = [];
		run.copies = [];
		run.now = 0;
		played.begin(run.text());
		run.wrong = played.wrong();
		run.goOn(0);
	};

	/* Go on until @until (µs).  Return: the events that are new. */
	run.goOn = function (until, most = EVENTS_MAX) {
		const before = run.events.length;
		let count;

		do {
			count = played.run(until, Math.min(run.events.length + run.apart, most, EVENTS_MAX));
			take();
			copy();
		} while (played.next() >= 0 && played.next() <= until && count < Math.min(most, EVENTS_MAX));
		run.now = played.now();
		run.wrong = run.wrong || played.wrong();
		return run.events.slice(before);
	};

	run.next = () => run.events.length < EVENTS_MAX ? played.next() : -1;

	/* The engine that looks stands just behind the first @count events. */
	function lookBehind(count, now)
	{
		const from = run.copies.filter(one => one.events <= count).pop();

		if (from)
			seen.restore(from.memory);
		else
			seen.begin(run.text());
		seen.run(3600e6, count);
		/* the next event is later, but time has gone on */
		if (run.events[count].time_ns / 1000 - START_US > now)
			seen.run(now, count + 1);
		seen.take();
	}

	/* How things were behind the first @count events, and no later than @now. */
	run.lookAt = function (count, now) {
		if (count >= run.events.length)
			return played.look();
		lookBehind(count, now);
		return seen.look();
	};

	/* The lines of the core that led to event @n. */
	run.stepsTo = function (n) {
		seen.begin(run.text(), n);
		seen.run(3600e6, n + 1);
		return seen.steps();
	};

	/*
	 * Another line, at the time @at (µs): what came after it did not happen.  Return: true if
	 * the past has changed, so that all events are to be shown anew.
	 */
	run.add = function (words, at) {
		const past = at < run.now;

		if (past)
			run.lines = run.lines.filter(line => !(parseFloat(line) * 1000 > at + 0.5));
		run.lines.push(`${at / 1000} ${words}`);
		if (!past) {
			played.add(run.lines[run.lines.length - 1], run.lines.length);
			run.wrong = played.wrong();
			run.goOn(at);
			return false;
		}
		run.begin(run.text());
		run.goOn(at);
		return true;
	};
	/* The line that was added last is wrong: without it. */
	run.undo = function () {
		const now = run.now;

		run.lines.pop();
		run.begin(run.text());
		run.goOn(now);
	};
	return run;
}
