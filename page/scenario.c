// SPDX-License-Identifier: GPL-2.0
/*
 * scenario.c - a scenario: what is set, what the users do, and when.  One line each:
 *
 *	[MS] A|B|wire WORD...		# a comment
 *
 * MS is the time in milliseconds, such as 20.5; without one the line is for the beginning.
 * The users' calls are in host.c.  What can be set, of one host:
 *
 *	set NAME VALUE		a sysctl of net.ttp (ttp(7))
 *	isn NUMBER...		where its next connections begin (net.ttp.isn)
 *	port NUMBER		of its connect(); 50000
 *	mss BYTES		data of a segment that fits; 1460
 *	rcvbuf BYTES, sndbuf BYTES
 *	cc NAME, arq NAME	congestion control; automatic repeat request
 *	nodelay on|off, keepalive on|off
 *	fault ...		as ttp fault add (ttp-fault(8))
 *	unfault N		the Nth of them ends
 *	forge FLAGS [seq N] [ack N] [len N] [wnd N] [port N]
 *				somebody sends it a segment in its peer's name; the numbers
 *				count from the two ISNs
 *	flood N			somebody sends it N SYNs from addresses that do not exist
 *
 * and of the line that a host sends over, or of both with "wire":
 *
 *	delay MS, rate MBIT, queue PACKETS, mark PACKETS, loss PERCENT
 *
 * "wire seed N" begins chance anew; "wire end" ends the run.
 *
 * Next: play.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "port.h"

#define WORDS	24
#define PRINTABLE " -.,_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NO_LINE	1	/* what is forged comes from elsewhere, us later */

static const char *set_sysctl(struct play_host *h, char **words, u32 n)
{
#define ROW(field, name, value, least, most)	\
	{ name, offsetof(struct ttp_config, field), least, most },
	static const struct {
		const char *name;
		size_t at;
		u32 least, most;
	} rows[] = { TTP_CONFIG_LIST(ROW) };
#undef ROW
	u64 value;
	u32 i;

	if (n != 2)
		return "set NAME VALUE";
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(words[0], rows[i].name))
			continue;
		if (!play_number(words[1], rows[i].least, rows[i].most, &value))
			return "set: the value is out of range";
		*(u32 *)((char *)&h->cfg + rows[i].at) = value;
		return NULL;
	}
	return "set: there is no such sysctl of net.ttp";
}

static const char *set_isn(struct play_host *h, char **words, u32 n)
{
	u64 isn;
	u32 i;

	if (!n || n > PLAY_ISNS)
		return "isn NUMBER...";
	for (i = 0; i < n; i++) {
		if (!play_number(words[i], 1, U32_MAX, &isn))
			return "isn NUMBER...";
		h->isn[i] = isn;
	}
	h->nisn = n;
	h->isn_next = 0;
	return NULL;
}

static const char *set_cc(struct play_host *h, char **words, u32 n)
{
	const struct ttp_cong_ops *ops = n == 1 ? port_cong(words[0]) : NULL;

	if (!ops)
		return "cc: there is no such congestion control";
	h->cong = ops;
	return NULL;
}

static const char *set_arq(struct play_host *h, char **words, u32 n)
{
	int arq = n == 1 ? ttp_arq_find(words[0]) : -1;

	if (arq < 0)
		return "arq selective-repeat|go-back-n|stop-and-wait";
	h->cfg.arq = arq;
	return NULL;
}

static const char *unfault(struct play_host *h, char **words, u32 n)
{
	u64 i;

	if (n != 1 || !play_number(words[0], 1, PLAY_FAULTS, &i) || !h->fault[i - 1].used)
		return "unfault N: there is no such fault";
	h->fault[i - 1].used = false;
	return NULL;
}

static const struct {
	const char *name;
	const char *(*set)(struct play_host *h, char **words, u32 n);
} settings[] = {
	{ "set", set_sysctl }, { "isn", set_isn }, { "cc", set_cc }, { "arq", set_arq },
	{ "fault", play_fault_add }, { "unfault", unfault },
};

/* What is one number of a host: where it is kept, and times what. */
static const struct {
	const char *name;
	size_t at;
	u32 each, least, most;	/* @least and @most are of what is kept */
} numbers[] = {
#define HOST(name, least, most)	{ #name, offsetof(struct play_host, name), 1, least, most }
#define LINE(name, field, each, most)	\
	{ name, offsetof(struct play_host, line.field), each, 0, most }
	HOST(port, 1, 65535), HOST(mss, 48, PLAY_DATA), HOST(rcvbuf, 256, 1 << 24),
	HOST(sndbuf, 256, 1 << 24),
	LINE("delay", delay_us, 1000, 60000000), LINE("rate", rate_kbit, 1000, 10000000),
	LINE("queue", queue, 1, PLAY_PACKETS), LINE("mark", mark, 1, PLAY_PACKETS),
	LINE("loss", loss_ppm, 10000, 1000000),
#undef HOST
#undef LINE
};

/* A decimal number times @each.  Return: false: it is none, or out of range. */
static bool fraction(const char *word, u32 each, u32 least, u32 most, u32 *n)
{
	char *end;
	double value = strtod(word, &end) * each;

	if (end == word || *end || !(value >= least && value <= most) ||
	    strspn(word, "0123456789.") != strlen(word))
		return false;
	*n = value + 0.5;
	return true;
}

static const char *set_number(struct play_host *h, char **words, u32 n, bool *known)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		*known = !strcmp(words[0], numbers[i].name);
		if (!*known)
			continue;
		return n == 2 && fraction(words[1], numbers[i].each, numbers[i].least,
					  numbers[i].most, (u32 *)((char *)h + numbers[i].at)) ?
			NULL : "the number is missing, or out of range";
	}
	return NULL;
}

static const char *set_switch(struct play_host *h, char **words, u32 n, bool *known)
{
	bool *to = !strcmp(words[0], "nodelay") ? &h->nodelay :
		   !strcmp(words[0], "keepalive") ? &h->keepalive : NULL;

	*known = to;
	if (!to)
		return NULL;
	if (n != 2 || (strcmp(words[1], "on") && strcmp(words[1], "off")))
		return "on or off?";
	*to = !strcmp(words[1], "on");
	return NULL;
}

/* ---- an attacker ---- */

static const char *forge_option(struct ttp_seg *seg, const struct play_end *e, const char *name,
				const char *word)
{
	u64 value;

	if (!play_number(word, 0, U32_MAX, &value))
		return "forge: a number is missing";
	if (!strcmp(name, "seq"))
		seg->seq = e->conn->irs + value;
	else if (!strcmp(name, "ack"))
		seg->ack = e->conn->iss + value;
	else if (!strcmp(name, "len") && value <= PLAY_DATA)
		seg->len = value;
	else if (!strcmp(name, "wnd") && value <= 65535)
		seg->wnd = value;
	else if (!strcmp(name, "port") && value <= 65535)
		seg->sport = value;
	else
		return "forge FLAGS [seq N] [ack N] [len N] [wnd N] [port N]";
	return NULL;
}

static const char *forge(u8 host, char **words, u32 n)
{
	static const u8 data[PLAY_DATA];
	const struct play_end *e = play_newest(host);
	const char *wrong = NULL;
	struct ttp_seg seg = { .wnd = 65535 };
	u32 i;

	if (!e)
		return "forge: this host has no connection";
	if (!n || !(n & 1) || !play_flags(words[0], &seg.flags))
		return "forge FLAGS [seq N] [ack N] [len N] [wnd N] [port N]";
	seg.sport = e->peer_port;
	seg.dport = e->port;
	seg.seq = e->conn->irs;
	seg.ack = e->conn->iss;
	for (i = 1; i < n && !wrong; i += 2)
		wrong = forge_option(&seg, e, words[i], words[i + 1]);
	if (!wrong)
		play_put(e->peer, host, &seg, data, NO_LINE);
	return wrong;
}

static const char *flood(u8 host, char **words, u32 n)
{
	struct ttp_seg seg = { .flags = TTP_SYN, .wnd = 65535, .mss = 1460, .dport = PLAY_PORT };
	u64 count;
	u32 i;

	if (n != 1 || !play_number(words[0], 1, 1000, &count))
		return "flood N, 1 to 1000";
	for (i = 0; i < count; i++) {
		seg.sport = 1024 + play_chance(60000);
		seg.seq = play_chance(U32_MAX);
		play_put(PLAY_HOSTS + play_chance(200), host, &seg, NULL, NO_LINE);
	}
	return NULL;
}

/* ---- lines ---- */

static const char *one_host(u8 host, char **words, u32 n, bool *known)
{
	struct play_host *h = &play.host[host];
	const char *wrong;
	u32 i;

	*known = true;
	for (i = 0; i < ARRAY_SIZE(settings); i++)
		if (!strcmp(words[0], settings[i].name))
			return settings[i].set(h, words + 1, n - 1);
	if (!strcmp(words[0], "forge"))
		return forge(host, words + 1, n - 1);
	if (!strcmp(words[0], "flood"))
		return flood(host, words + 1, n - 1);
	wrong = set_number(h, words, n, known);
	if (!*known)
		wrong = set_switch(h, words, n, known);
	if (!*known)
		wrong = play_call(host, words, n, known);
	return wrong;
}

static const char *the_wire(char **words, u32 n)
{
	const char *wrong;
	bool known;
	u64 seed;

	if (!strcmp(words[0], "end") && n == 1) {
		play.ended = true;
		return NULL;
	}
	if (!strcmp(words[0], "seed")) {
		if (n != 2 || !play_number(words[1], 1, U32_MAX, &seed))
			return "seed NUMBER";
		play.seed = seed;
		return NULL;
	}
	wrong = set_number(&play.host[0], words, n, &known);
	if (!known)
		return "the wire has delay, rate, queue, mark, loss, seed and end";
	return wrong ?: set_number(&play.host[1], words, n, &known);
}

static u32 split(char *text, char **words)
{
	u32 n = 0;
	char *word;

	for (word = strtok(text, " \t\r"); word && n < WORDS; word = strtok(NULL, " \t\r"))
		words[n++] = word;
	return n;
}

/* Carry out one line.  Return: NULL, or what is wrong. */
static const char *carry_out(const char *text)
{
	static char copy[PLAY_LINE];
	const char *wrong;
	char *words[WORDS];
	bool known;
	u32 n;

	strcpy(copy, text);
	n = split(copy, words);
	if (n >= 2 && !strcmp(words[0], "wire"))
		return the_wire(words + 1, n - 1);
	if (n < 2 || (strcmp(words[0], "A") && strcmp(words[0], "B")))
		return "a line is: [MS] A|B|wire WORD...";
	wrong = one_host(*words[0] - 'A', words + 1, n - 1, &known);
	return known ? wrong : "there is no such word; scenario.c has all";
}

/* The next line's turn has come.  What is wrong with it is kept, and the run goes on. */
void play_input(void)
{
	const struct play_input *in = &play.input[play.next_input++];
	const char *wrong = carry_out(in->words);

	if (wrong && !play.wrong)
		play_wrong(in->line, wrong);
}

void play_wrong(u32 line, const char *wrong)
{
	play.wrong = wrong;
	play.wrong_line = line;
}

bool play_number(const char *word, u64 least, u64 most, u64 *n)
{
	char *end;

	*n = strtoull(word, &end, 10);
	return *word >= '0' && *word <= '9' && !*end && strlen(word) < 19 && *n >= least && *n <= most;
}

/* Put it behind all that are for the same time, or earlier. */
static bool insert(u64 at, u32 line, const char *words)
{
	u32 i = play.ninput;

	if (i == PLAY_INPUTS || strlen(words) >= PLAY_LINE)
		return false;
	for (; i > play.next_input && play.input[i - 1].at > at; i--)
		play.input[i] = play.input[i - 1];
	play.input[i] = (struct play_input){ at, line, strdup(words) };
	play.ninput++;
	return true;
}

/**
 * play_add_line - one more line of the scenario
 * @text: the line, without its end; it is changed
 * @line: its number
 *
 * Return: false: it is wrong, and play_wrong() was called.
 */
bool play_add_line(char *text, u32 line)
{
	u64 at = PLAY_START_US;
	char *end;
	u32 ms_us;

	text[strcspn(text, "#\r\n")] = '\0';
	if (strspn(text, "\t" PRINTABLE) != strlen(text)) {
		play_wrong(line, "a line has letters, numbers, and , . - only");
		return false;
	}
	text += strspn(text, " \t");
	if (*text >= '0' && *text <= '9') {
		end = text + strcspn(text, " \t");
		if (*end)
			*end++ = '\0';
		if (!fraction(text, 1000, 0, PLAY_LONGEST * 1000U, &ms_us)) {
			play_wrong(line, "the time is in milliseconds, an hour at most");
			return false;
		}
		at += ms_us;
		text = end + strspn(end, " \t");
	}
	if (!*text)
		return true;
	if (insert(max(at, play.now), line, text))
		return true;
	play_wrong(line, "too long: the line, or the scenario");
	return false;
}

/**
 * play_read - begin a run: read a scenario
 * @text: its lines; it is changed
 *
 * Return: false if a line is wrong (play.wrong).
 */
bool play_read(char *text)
{
	u32 line = 1;
	char *next;

	play_reset();
	for (; *text; text = next, line++) {
		next = text + strcspn(text, "\n");
		if (*next)
			*next++ = '\0';
		if (!play_add_line(text, line))
			return false;
	}
	return true;
}
