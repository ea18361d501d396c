// SPDX-License-Identifier: GPL-2.0
/* What ttp web refuses is said on its page; the browser's console has it, too. */
/* What a set of values may not be is refused, and said on the page. */
async function refused()
{
	const form = document.querySelector('form[data-ask="fault"]');
	const boxes = [...form.querySelectorAll('input[value="syn"]')];

	form.querySelector("summary").click();
	boxes.forEach(box => box.click());
	press("fault", { action: "set", field: "win", set_to: 7 });
	await until("the refusal", () => text("said").includes("both 'syn' and not 'syn'"));
	boxes.forEach(box => box.click());
	press("fault", { action: "delay", delay_ms: 5 });
	await until("another fault", () => lineIn("faults", "delay 5ms 1"));
	is(`said: ${text("said")}`, !text("said"));
	lineIn("faults", "delay").querySelector("button").click();
	await until("no other fault", () => !document.querySelector("#faults li"));
}

(async () => {
	await until("what is there", () => document.querySelector('form[data-ask="fault"]'));
	await refused();
	return wrong;
})()
