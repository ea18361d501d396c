// SPDX-License-Identifier: GPL-2.0
/*
 * The labs of make lab that need no kernel: the same texts and questions (labs/NAME/en, ko,
 * lab), with a scenario for each recording (labs/NAME/1.txt and so on).  What is asked is
 * what the run that is shown did (facts.js), so a run that was changed has other answers.
 *
 * Called by play.js: open() and played().
 */
"use strict";
(function () {

const { say, make, byId } = window.ttpPage;
const labs = JSON.parse(byId("labs").textContent);
const lang = document.documentElement.lang;

/* The lab that is open, and which of its parts the run is of */
const open = { lab: null, part: null, asked: 0, right: 0 };

/* Paragraphs; what is indented keeps its columns. */
function paragraphs(text)
{
	return text.split("\n\n").flatMap(block => {
		const lines = block.split("\n");
		const flow = lines.filter(line => !line.startsWith("  "));
		const table = lines.filter(line => line.startsWith("  "));

		return [flow.length ? make("p", {}, flow.join(" ")) : "",
			table.length ? make("pre", {}, table.join("\n")) : ""];
	});
}

function textOf(id)
{
	return open.lab.texts[lang][id];
}

function button(key, press, type)
{
	const element = make("button", { type: type || "button" }, say(key));

	element.addEventListener("click", press);
	return element;
}

/* ---- questions ---- */

function showSum()
{
	byId("lab-sum").textContent = say("l_sum", open.right, open.asked);
}

/* One of some words is chosen; all else is typed. */
function inputFor(kind)
{
	const label = { "aria-label": say("l_answer") };

	return kind.includes("|") ?
		make("select", label, ...["", ...kind.split("|")].map(word => make("option", { value: word }, word))) :
		make("input", { type: "text", autocomplete: "off", spellcheck: "false", ...label });
}

/* The first answer counts; a wrong one gets the hint, and may ask for the right one. */
function question(part, { ask, kind, fact })
{
	const said = make("p", { class: "said", role: "status" }), input = inputFor(kind);
	const give = button("l_give", () => end(say("l_is", answer())));
	const form = make("form", { "data-ask": ask }, ...paragraphs(textOf(ask)), input, " ",
			  make("button", { type: "submit" }, say("l_check")), " ",
			  button("l_hint", () => { said.textContent = textOf(`${ask}.hint`); }), " ", give, said);
	let tries = 0;

	function answer()
	{
		const events = part === open.part ? window.ttpPlay.run.events : part.events;

		return events ? factOf(events, fact) : null;
	}

	function end(how)
	{
		said.textContent = answer() === null ? say("l_first") : `${how} ${textOf(`${ask}.right`)}`;
	}

	function check(event)
	{
		const fact = answer(), right = fact !== null && isRight(kind, input.value, fact);

		event.preventDefault();
		form.className = right ? "right" : "";
		if (fact === null) {
			end();
			return;
		}
		give.hidden = right;
		if (!tries++) {
			open.asked++;
			open.right += right;
			showSum();
		}
		if (right)
			end(say("l_right"));
		else
			said.textContent = `${say("l_wrong")} ${textOf(`${ask}.hint`)}`;
	}

	give.hidden = true;
	form.addEventListener("submit", check);
	return form;
}

/* ---- parts ---- */

function runPart(part)
{
	const { play, toEnd } = window.ttpPlay;

	play(part.scenario);
	toEnd();
}

/* What is told, what happens, a button that lets it happen, what is asked */
function drawPart(part)
{
	const steps = part.items.filter(item => item.step), asks = part.items.filter(item => item.ask);
	const box = make("div", { class: "part" });

	for (const { text } of part.items.filter(item => item.text))
		box.append(...paragraphs(textOf(text)));
	if (steps.length)
		box.append(make("ol", {}, ...steps.map(({ step }) =>
			make("li", {}, textOf(step).replace(/\n/g, " ")))));
	if (part.scenario)
		box.append(make("details", {}, make("summary", {}, say("l_scenario")),
				make("pre", {}, part.scenario.replace(/^#.*\n/, ""))),
			   make("p", {}, button("l_run", () => runPart(part))));
	box.append(...asks.map(item => question(part, item)));
	return box;
}

function draw(name)
{
	byId("lab-text").replaceChildren(make("h2", {}, textOf("title")),
		make("p", { class: "hint" }, say("l_same", name.replace(/^\d+-/, ""))),
		...open.lab.parts.map(drawPart), make("p", { id: "lab-sum", role: "status" }));
	byId("lab-part").scrollTop = 0;
	showSum();
}

/* ---- for play.js ---- */

/* Show a lab.  Return: what its first part plays, or undefined: there is no such lab. */
function openLab(name)
{
	const lab = labs[name];

	open.part = null;
	byId("lab").value = lab ? name : "";
	document.body.classList.toggle("lab", Boolean(lab));
	byId("lab-text").replaceChildren();
	if (!lab)
		return undefined;
	open.lab = { texts: lab.texts, parts: lab.parts.map(part => ({ events: null, ...part })) };
	open.asked = open.right = 0;
	draw(name);
	return open.lab.parts.find(part => part.scenario).scenario;
}

/* Another run begins: what the one before did is kept for its questions. */
function played(run, text)
{
	if (open.part)
		open.part.events = run.events;
	open.part = open.lab && open.lab.parts.find(part => part.scenario === text);
}

byId("lab").append(make("option", { value: "" }, say("l_none")), ...Object.keys(labs).map(name =>
	make("option", { value: name }, `${Number(name.split("-")[0])}. ${labs[name].texts[lang].title}`)));
byId("lab").addEventListener("change", event => {
	location.hash = event.target.value ? `lab=${event.target.value}` : "s=";
});
window.ttpLab = { open: openLab, played, state: open };
})();
