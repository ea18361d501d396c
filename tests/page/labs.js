// SPDX-License-Identifier: GPL-2.0
/*
 * What a student does with the labs of the page, and what is to be seen then: each lab is
 * opened, its parts are played, each question is answered wrongly and then right.
 */
(async () => {
	const wrong = [], byId = id => document.getElementById(id);
	const wait = ms => new Promise(done => setTimeout(done, ms));
	const until = async (what, is) => {
		for (let i = 0; i < 4000; i++) {
			await wait(25);
			if (is())
				return;
		}
		wrong.push(`${what} did not come`);
	};
	const check = (what, is) => { if (!is) wrong.push(what); };
	const said = form => form.querySelector(".said").textContent;
	const answer = (form, text) => {
		const input = form.querySelector("input, select");

		input.value = text;
		form.requestSubmit();
	};
	const first = JSON.parse(byId("strings").textContent)[document.documentElement.lang].l_first;
	const textOf = (lab, id) => lab.texts[document.documentElement.lang][id];

	await until("the page", () => window.ttpPlay);
	check("the lab of the address is not open", byId("lab").value === "06-handshake");

	const names = [...byId("lab").options].map(option => option.value).filter(Boolean);

	check(`there are ${names.length} labs`, names.length >= 7);
	for (const name of names) {
		byId("lab").value = name;
		byId("lab").dispatchEvent(new Event("change"));
		await until(name, () => location.hash === `#lab=${name}` && byId("lab-sum"));

		const { state } = window.ttpLab, { lab } = state;
		const boxes = [...document.querySelectorAll("#lab-part .part")];

		check(`${name}: the lab has no title`, byId("lab-text").textContent.includes(textOf(lab, "title")));
		for (const [i, part] of lab.parts.entries()) {
			const forms = [...boxes[i].querySelectorAll("form")];
			const play = [...boxes[i].querySelectorAll("button[type=button]")].find(b => !b.closest("form"));

			/* the first is played already */
			if (i && forms.length) {
				answer(forms[0], "1");
				check(`${name}: a question is taken before its part was played`,
				      said(forms[0]) === first && forms[0].className !== "right");
			}
			if (play)
				play.click();
			await wait(0);
			for (const [k, { ask, kind, fact }] of part.items.filter(item => item.ask).entries()) {
				const right = factOf(window.ttpPlay.run.events, fact), form = forms[k];
				const other = kind.startsWith("number") ? String(2 * Number(right) + 1) :
					kind.includes("|") ? kind.split("|").find(word => word !== right) : "LISTEN";

				check(`${name} ${ask}: it is another question`, form.dataset.ask === ask);
				answer(form, other);
				check(`${name} ${ask}: the wrong ${other} gets no hint`,
				      said(form).endsWith(textOf(lab, `${ask}.hint`)) && form.className !== "right");
				/* a choice is chosen, a word may be written as one likes */
				answer(form, kind.includes("|") ? right : ` ${right.toLowerCase()}`);
				check(`${name} ${ask}: the right ${right} is not taken`,
				      said(form).endsWith(textOf(lab, `${ask}.right`)) && form.className === "right");
			}
		}
		check(`${name}: no first attempt was right, but ${state.right}`, state.right === 0 && state.asked > 0);
	}

	/* what is right is what the run did: without the fault B sends one FIN */
	location.hash = "lab=09-time-wait";
	await until("time-wait", () => byId("lab").value === "09-time-wait" && window.ttpPlay.run.events.length > 20);
	const { run } = window.ttpPlay, fins = document.querySelector('[data-ask="fins"]');

	byId("text").value = run.text().replace(/^A fault.*\n/m, "");
	answer(fins, "2");
	check("the lost last ACK does not make two FINs", fins.className === "right");
	byId("text-play").click();
	answer(fins, "2");
	check("another run has changed the answer of a part", fins.className === "right");
	document.querySelector("#lab-part .part button[type=button]").click();
	run.lines = run.lines.filter(line => !line.startsWith("A fault"));
	run.begin(run.text());
	window.ttpPlay.toEnd();
	answer(fins, "1");
	check("the same run without the fault has not one FIN", fins.className === "right");

	/* and no lab */
	byId("lab").value = "";
	byId("lab").dispatchEvent(new Event("change"));
	await until("no lab", () => !document.body.classList.contains("lab") && !byId("lab-text").children.length);
	return wrong;
})()
