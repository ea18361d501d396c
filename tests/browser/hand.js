// SPDX-License-Identifier: GPL-2.0
/*
 * What a hand and an eye need on the page of ttp web.  It stands before live.js and
 * refused.js, which tests/tool/browser.py runs in the page; what they return, a list of
 * lines, is what is wrong.
 */
const wrong = [];
const WAIT_S = 90;	/* a busy machine is slow */

function is(what, good)
{
	if (!good)
		wrong.push(what);
	return good;
}

/* Waits until @find gives something.  Return: that, or nothing after a line in wrong. */
async function until(what, find)
{
	let found;

	for (let i = 0; i < 10 * WAIT_S; i++) {
		found = find();
		if (found)
			return found;
		await new Promise(done => setTimeout(done, 100));
	}
	wrong.push(`${what}: it did not come; said: "${text("said")}", states: "${text("states")}"`);
	return null;
}

function text(id)
{
	return document.getElementById(id).textContent;
}

/* Fills the form for @path with @values and presses its button. */
function press(path, values)
{
	const form = document.querySelector(`form[data-ask="${path}"]`);

	for (const name in values) {
		const input = form.querySelector(`[name="${name}"]`);

		input.value = values[name];
		input.dispatchEvent(new Event("change", { bubbles: true }));
		is(`${path}: ${name} is not shown`, input.offsetParent);
		is(`${path}: no ${values[name]} for ${name}`, input.value === String(values[name]));
	}
	form.querySelector('button[type="submit"]').click();
}

/* The line in the list @id that has @words */
function lineIn(id, words)
{
	return [...document.querySelectorAll(`#${id} li`)].find(line => line.textContent.includes(words));
}

/* The arrows of @from, A or B, whose label has @words */
function arrows(from, words)
{
	return [...document.querySelectorAll("#ladder g.seg")].filter(arrow =>
		arrow.getAttribute("aria-label").startsWith(`${from}:`) &&
		arrow.getAttribute("aria-label").includes(words));
}

function click(arrow)
{
	arrow.dispatchEvent(new MouseEvent("click", { bubbles: true }));
	return text("detail");
}

/* At which line of the drawing an arrow begins */
function lineOf(arrow)
{
	return Number(arrow.querySelector("line").getAttribute("y1"));
}
