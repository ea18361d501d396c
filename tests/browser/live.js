// SPDX-License-Identifier: GPL-2.0
/* The last ACK is dropped by the page's buttons, and what follows is looked for on it. */
async function listen()
{
	press("listen", { where: 1, port: 5000 });
	await until("the listener", () => lineIn("jobs", "5000"));
}

async function dropTheLastAck()
{
	press("sysctl/msl_ms", { value: 1500 });
	press("fault", { which: "last_ack", action: "drop", count: 1 });
	await until("the fault", () => lineIn("faults", "TIME_WAIT"));
}

async function connect()
{
	await until("the address of the server", () =>
		document.querySelector('form[data-ask="connect"] [name="to"]').value === "10.0.0.2");
	press("connect", { port: 5000, bytes: 1000 });
	await until("TIME_WAIT", () => /A: TIME_WAIT/.test(text("states")));
	await until("the end of both", () => /A: CLOSED.*B: CLOSED/s.test(text("states")));
}

/* LAST_ACK sends its FIN again, and TIME_WAIT begins anew. */
function lookAtTheLadder()
{
	const fins = arrows("B", "FIN"), acks = arrows("A", "ACK").filter(arrow =>
		fins.length && lineOf(arrow) > lineOf(fins[0]));
	const lost = acks.filter(arrow => arrow.querySelector(".lost"));
	const conn = ttpPage.conns[ttpPage.conns.length - 1];
	const closed = conn.points.find(({ ev, side }) => side === 0 && ev.state === "CLOSED");
	const second = conn.points.filter(({ ev, side }) => side === 0 && ev.direction === "in" &&
					  (ev.flags || "").includes("FIN"))[1];

	if (!is(`B sends its FIN ${fins.length} times`, fins.length === 2) ||
	    !is(`A answers ${acks.length} times`, acks.length === 2))
		return;
	is("the first ACK is not the one that is lost", lost.length === 1 && lost[0] === acks[0]);
	is("not on purpose", acks[0].textContent.includes("on purpose"));
	is("the second FIN is not dashed", fins[1].querySelector(".again"));
	is("the first FIN is dashed", !fins[0].querySelector(".again"));
	is(`the second FIN: ${text("detail")}`,
	   /sent in LAST_ACK.*FIN again: ACK, 2 MSL anew/s.test(click(fins[1])));
	is("TIME_WAIT is not 2 MSL longer", closed && second &&
	   closed.ev.time_ns - second.ev.time_ns >= 2 * 1500e6);
	is(`both ends where it was clicked: ${text("states")}`,
	   /A: TIME_WAIT.*B: LAST_ACK/s.test(text("states")));
}

/* Back and forth by the buttons beside the slider, which stops to follow. */
function moveTheSlider()
{
	const slider = document.getElementById("slider");
	const place = () => document.querySelector("#token-a").style.transform;
	const before = place();

	slider.value = 1;
	slider.dispatchEvent(new Event("input"));
	is(`at the beginning: ${text("states")}`, /A: SYN_SENT/.test(text("states")));
	is("A has not moved", place() !== before);
	document.getElementById("back").click();
	is(`before it: ${text("states")}`, /A: CLOSED/.test(text("states")));
	is("it follows still", !document.getElementById("follow").checked);
}

async function removeAll()
{
	const fault = await until("one hit", () => lineIn("faults", "done to 1 of"));

	if (fault)
		fault.querySelector("button").click();
	await until("no fault", () => !document.querySelector("#faults li"));
	lineIn("jobs", "listens").querySelector("button").click();
	await until("the listener's end", () => {
		const line = lineIn("jobs", "listens");

		return line && !line.querySelector("button");
	});
}

(async () => {
	document.querySelectorAll("#controls > details").forEach(part => { part.open = true; });
	await until("what is there", () => document.querySelector('form[data-ask="listen"]'));
	await listen();
	await dropTheLastAck();
	await connect();
	if (!wrong.length)
		lookAtTheLadder();
	if (!wrong.length)
		moveTheSlider();
	await removeAll();
	return wrong;
})()
