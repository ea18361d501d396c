// SPDX-License-Identifier: GPL-2.0
/* A student plays the lab of the handshake on the live page: two steps, seven questions. */
const log = () => text("lab-log");
const count = word => log().split(word).length - 1;

function enter(line)
{
	const form = document.querySelector('form[data-ask="lab"]');

	form.querySelector("input").value = line;
	form.requestSubmit();
}

/* Enter runs what the lab says, and nothing else is run. */
async function step(host, line)
{
	await until(`the step of ${host}`, () => log().trimEnd().endsWith(`${host}$`));
	enter(line);
}

async function answer(n, line)
{
	await until(`question ${n}`, () => count("답: ") === n);
	enter(line);
}

(async () => {
	await until("the lab", () => document.getElementById("lab-log"));
	await step("B", "touch /tmp/own-command");
	await step("A", "");
	await answer(1, "2");
	await until("the hint", () => log().includes("순서도에서 왼쪽에서"));
	enter("1");
	for (const [i, line] of ["5000", "12011", "5001", "ack", "A", "established"].entries())
		await answer(i + 2, line);
	await until("the sum", () => log().includes("질문 7개 가운데 6개"));
	is(`right answers: ${count("맞습니다.")}`, count("맞습니다.") === 7);
	is("the connection is not drawn", await until("the ladder", () =>
		ttpPage.conns.some(conn => conn.side[0].ns === "A" && conn.side[1].port === 7000)));
	is(`the ends: ${text("ends")}`, /10\.0\.0\.1.*10\.0\.0\.2/s.test(text("ends")));
	is("letters are broken", !log().includes("\ufffd"));
	return wrong;
})()
