// SPDX-License-Identifier: GPL-2.0
/*
 * What a hand does in the page, and what is to be seen then: tests/tool/browser.py runs this in
 * the page, and prints the list that it gives.
 */
(async () => {
	const wrong = [], byId = id => document.getElementById(id);
	const wait = ms => new Promise(done => setTimeout(done, ms));
	const until = async (what, is) => {
		for (let i = 0; i < 4000; i++) {
			await wait(25);
			if (is())
				return true;
		}
		wrong.push(`${what} did not come`);
		return false;
	};
	const check = (what, is) => { if (!is) wrong.push(what); };
	const states = () => [...document.querySelectorAll("#states [data-side]")].map(e => e.dataset.state).join(" ");
	const call = name => document.querySelector(`[data-call="${name}"]`);
	const press = element => element.click();
	const set = (element, value) => {
		element.value = value;
		element.dispatchEvent(new Event("change"));
		element.dispatchEvent(new Event("input"));
	};

	await until("the page", () => window.ttpPlay);
	const { run, shown, toEnd } = window.ttpPlay;

	/* each scenario that ships can be played, says nothing, and draws something */
	for (const option of [...byId("scenario").options].filter(o => o.value)) {
		location.hash = option.value;
		await until(option.value, () => byId("scenario").value === option.value && run.events.length > 3 &&
			run.next() < 0 && byId("ladder").querySelector("svg"));
		check(`${option.value}: ${byId("play-said").textContent}`, !byId("play-said").textContent);
		check(`${option.value}: no title`, option.textContent !== option.value);
	}

	/* from nothing: listen, connect, send, the last ACK is lost, close at both ends */
	press(byId("anew"));
	await until("a new scenario", () => run.lines.length < 3 && !run.wrong);
	set(byId("text"), "");
	byId("text").value = "A isn 12010\nB isn 5000\n";
	press(byId("text-play"));
	check("there are no buttons before anything has happened", call("B listen").offsetParent);
	press(call("B listen"));
	press(call("A connect"));
	press(byId("to-end"));
	await until("ESTABLISHED", () => states() === "ESTABLISHED ESTABLISHED");
	check("the SYN has not the ISN that was set", run.events.find(e => e.flags === "SYN").seq === 12010);
	call("A send").querySelector("input").value = 300;
	call("A send").requestSubmit();
	press(byId("to-end"));
	await until("the data", () => run.events.some(e => e.direction === "in" && e.seg_len === 300));

	byId("fault-part").open = true;
	byId("fault-part").querySelector("[name=which]").value = "last_ack";
	byId("fault-part").querySelector("form").requestSubmit();
	await until("the fault", () => byId("faults-set").children.length === 1);
	press(call("A close"));
	press(byId("step"));
	press(call("B close"));
	press(byId("to-end"));
	await until("the fault's hit", () => run.events.some(e => e.fault === "dropped"));
	check("LAST_ACK has not sent its FIN again",
	      run.events.some(e => e.state === "LAST_ACK" && e.retransmission && e.flags.includes("FIN")));
	check("TIME_WAIT was not told to begin anew",
	      run.events.some(e => (e.answer || "").includes("2 MSL anew")));
	check("both are not CLOSED at the end", states() === "CLOSED CLOSED");

	/* a call that cannot be is said, and changes nothing */
	const lines = run.text();

	press(call("B read"));
	call("B read").requestSubmit();
	check("a wrong call is not said", byId("play-said").textContent);
	check("a wrong call stays in the scenario", run.text() === lines);

	/* back and forth gives the same picture */
	const slider = byId("slider"), pictures = [];
	const picture = () => byId("machine").innerHTML + byId("states").innerHTML + byId("time").textContent +
		byId("ends-a").innerHTML + byId("ends-b").innerHTML + byId("wire").innerHTML;

	for (let at = 0; at <= Number(slider.max); at++) {
		set(slider, at);
		pictures.push(picture());
	}
	for (let at = Number(slider.max); at >= 0; at--) {
		set(slider, at);
		check(`event ${at} looks different when one comes back`, picture() === pictures[at]);
	}
	check("the slider moves nothing", new Set(pictures).size > pictures.length / 2);

	/* the lines that decided: the change to TIME_WAIT */
	const wait2 = window.ttpPage.view.conn.points.findIndex(p => p.ev.event === "state" && p.ev.state === "TIME_WAIT");

	set(slider, wait2 + 1);
	await until("the lines", () => byId("lines").textContent.includes("fin_acked") ||
		byId("lines").textContent.includes("step8_fin"));
	check("no file of the core is named", byId("lines").textContent.includes("module/core/arrives.c"));

	/* what is done in the past makes another future */
	set(slider, 6);
	const count = shown.count, at = shown.at;

	press(call("A abort"));
	await until("the abort", () => run.events.some(e => e.cause === "ABORT"));
	check("the abort is not when it was pressed",
	      run.events.some(e => e.cause === "ABORT" && Math.abs(e.time_ns / 1000 - 1e6 - at) < 1));
	check("what came later is still there", !run.events.some(e => e.time_ns / 1000 - 1e6 > at + 60e6) && count > 0);

	/* settings count from the beginning; the wire changes at the time that is shown */
	byId("settings").open = true;
	set(document.querySelector('[data-key="A mss"]'), 500);
	await until("the MSS", () => run.events.some(e => e.flags === "SYN" && e.opt_mss === 500));
	set(document.querySelector('[data-key="A delay"]'), 77);
	check("the delay is not in the scenario", /\bA delay 77\b/.test(run.text()));

	/* time runs, and stops */
	byId("speed").value = "100";
	byId("speed").dispatchEvent(new Event("change"));
	const began = run.now;

	press(byId("run"));
	await until("time", () => run.now > began || run.next() < 0);
	press(byId("run"));

	/* a link holds the whole scenario */
	const text = run.text();

	press(byId("link"));
	check("the link is not in the address", location.hash.startsWith("#s="));
	check("the link is not the scenario", decodeURIComponent(location.hash.slice(3)) === text);

	/* a recording laid beside the same run does not differ; another does */
	toEnd();
	const recorded = run.events.map(e => JSON.stringify(e)).join("\n");

	window.ttpBeside.open(recorded, run.events);
	check("the same differs", !document.querySelector("#beside .other"));
	window.ttpBeside.open(recorded.replace(/"seg_len":0/, '"seg_len":1'), run.events);
	check("another does not differ", document.querySelector("#beside .other"));
	window.ttpBeside.open("{ no", run.events);
	check("a file that is no recording is not named", byId("beside-said").textContent);

	/* flows: more of them, one with an impossible number, and a run that ends by itself */
	const { state } = window.ttpFlows;

	press(byId("flows-more"));
	check("there are not three flows", byId("flows-table").tBodies[0].rows.length === 3);
	byId("flows-line").elements.rate.value = -5;
	press(byId("flows-run"));
	check("a rate of -5 is taken", !state.runs);
	byId("flows-line").elements.rate.value = 8;
	byId("flows-speed").value = "20";
	byId("flows-speed").dispatchEvent(new Event("change"));
	press(byId("flows-run"));
	await until("three flows", () => state.rows.length === 3 && state.rows.every(rows => rows.length > 40));
	press(byId("flows-run"));
	check("the flows do not stop", !state.runs);
	const got = state.rows.map(rows => rows[rows.length - 1].received);

	check(`the flows got ${got}`, got.every(bytes => bytes > 10000));
	check("there are no plots", byId("flows-plots").querySelectorAll("svg").length === 4);

	/* 10,000 events are moved through without a stall */
	location.hash = `s=${encodeURIComponent("0 B listen\n0 A connect\n10 A send 8000000")}`;
	await until("many events", () => run.events.length > 10000 && run.next() < 0);
	let worst = 0;

	for (let i = 0; i < 40; i++) {
		const from = performance.now();

		set(slider, Math.floor((i * 7919) % Number(slider.max)));
		await wait(0);
		worst = Math.max(worst, performance.now() - from);
	}
	window.ttpWorst = worst;
	check(`${run.events.length} events: a move took ${Math.round(worst)} ms`, worst < 20000);
	return wrong;
})()
