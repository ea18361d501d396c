// SPDX-License-Identifier: GPL-2.0
/*
 * ttp states --follow: the machine of RFC 9293 figure 5, and in it both ends of the
 * connection that changed last.
 *
 * Live it is drawn again with each change, until Ctrl-C.  A recording is gone through
 * by keys.  What is no terminal gets one drawing after the other.
 *
 * Called by states.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/screen.h"
#include "print/follow.h"
#include "read/event.h"

/* @ is a place: its state, with A and B beside it if they are there. */
static const char *const diagram[] = {
	"                        [@CLOSED        ]",
	"           passive OPEN |               | active OPEN",
	"        [@LISTEN        ]                [@SYN_SENT      ]",
	"                SYN |  .------- SYN -------'    | SYN,ACK",
	"        [@SYN_RCVD      ]-- ACK of SYN ->[@ESTABLISHED   ]",
	"              CLOSE |  .------ CLOSE ------'    '---- FIN ----.",
	"        [@FIN_WAIT_1    ]                               [@CLOSE_WAIT    ]",
	" ACK of FIN |         | FIN                                     | CLOSE",
	"[@FIN_WAIT_2    ]   [@CLOSING       ]                   [@LAST_ACK      ]",
	"            | FIN           | ACK of FIN                        | ACK of FIN",
	"            '---->[@TIME_WAIT     ]-------- 2 MSL ------->  (CLOSED)",
};

#define PAIRS_MAX	10000	/* should it have missed that they are CLOSED */

enum { A, B };			/* A does the active OPEN */

struct end {
	struct address addr;
	uint16_t port;
	const char *ns;
	uint8_t state;		/* 0: unknown */
	bool seen;		/* it has told of itself */
};

struct pair {
	struct end end[2];
};

/* What is drawn: kept for each step of a recording. */
struct step {
	struct event ev;
	struct pair pair;
	int mover;		/* A or B */
};

struct follow {
	unsigned long port;
	struct pair *pair;
	size_t n_pairs;
	struct step *step;	/* of a recording */
	size_t n_steps;
	uint64_t start_ns;	/* of the first change */
	bool terminal;
	bool keep;		/* all steps, for keys */
};

static bool is_end(const struct end *end, const struct address *addr, uint16_t port)
{
	return end->port == port && same_address(&end->addr, addr);
}

static struct pair *find_pair(struct follow *f, const struct event *ev, int *mover)
{
	for (size_t i = f->n_pairs; i-- > 0;)
		for (*mover = A; *mover <= B; ++*mover)
			if (is_end(&f->pair[i].end[*mover], &ev->who.saddr, ev->who.sport) &&
			    is_end(&f->pair[i].end[!*mover], &ev->who.daddr, ev->who.dport))
				return &f->pair[i];
	return NULL;
}

static void forget_pair(struct follow *f, struct pair *pair)
{
	f->n_pairs--;
	memmove(pair, pair + 1, (f->pair + f->n_pairs - pair) * sizeof(*pair));
}

/* Nothing more comes of the connection; the 4-tuple's next one has ends of its own. */
static bool is_over(const struct pair *pair)
{
	for (int e = A; e <= B; e++)
		if (pair->end[e].seen && pair->end[e].state != TTP_STATE_CLOSED)
			return false;
	return true;
}

static struct pair *new_pair(struct follow *f, const struct event *ev, int mover)
{
	struct pair *pair;

	if (f->n_pairs == PAIRS_MAX)
		forget_pair(f, f->pair);
	f->pair = grow(f->pair, f->n_pairs, sizeof(*f->pair));
	pair = &f->pair[f->n_pairs++];
	memset(pair, 0, sizeof(*pair));
	pair->end[mover].addr = ev->who.saddr;
	pair->end[mover].port = ev->who.sport;
	pair->end[!mover].addr = ev->who.daddr;
	pair->end[!mover].port = ev->who.dport;
	return pair;
}

/* A listener is the other end of connections to its port: it waits there. */
static void wait_at_listener(const struct follow *f, struct pair *pair)
{
	for (size_t i = 0; i < f->n_pairs; i++) {
		const struct end *listener = &f->pair[i].end[B];

		if (f->pair[i].end[A].port || listener->state != TTP_STATE_LISTEN)
			continue;
		if (listener->port == pair->end[B].port && !pair->end[B].state)
			pair->end[B].state = TTP_STATE_LISTEN;
	}
}

static void put_place(char *line, size_t size, const struct pair *pair, const char **text,
		      bool color)
{
	static const char *const colors[] = { "", "1;36", "1;35", "1;33" };
	char name[16];
	size_t used = strlen(line), len = strcspn(*text + 2, "]");
	int here = 0;

	snprintf(name, sizeof(name), "%.*s", (int)len, *text + 2);
	name[strcspn(name, " ")] = '\0';
	for (int e = A; e <= B; e++)
		if (pair->end[e].state && !strcmp(event_word(FIELD_STATE, pair->end[e].state), name))
			here |= 1 << e;
	snprintf(line + used, size - used, "%s%s%s[%c %-11s %c]%s", color && here ? "\033[" : "",
		 color ? colors[here] : "", color && here ? "m" : "", here & 1 ? 'A' : ' ', name,
		 here & 2 ? 'B' : ' ', color && here ? "\033[0m" : "");
	*text += 2 + len + 1;
}

static void print_diagram(const struct pair *pair, bool color, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(diagram); i++) {
		char line[256] = "";

		for (const char *text = diagram[i]; *text;) {
			size_t used = strlen(line);

			if (text[0] == '[' && text[1] == '@') {
				put_place(line, sizeof(line), pair, &text, color);
				continue;
			}
			line[used] = *text++;
			line[used + 1] = '\0';
		}
		fprintf(out, "%s\n", line);
	}
}

static void print_end(const struct pair *pair, int e, FILE *out)
{
	const struct end *end = &pair->end[e];
	char text[64], name[NAME_SIZE];

	fprintf(out, "%c  ", 'A' + e);
	if (!end->port) {
		fputs("-\n", out);
		return;
	}
	if (end->ns)
		fprintf(out, "%s ", printable(end->ns, false, name));
	fprintf(out, "%s  %s\n", event_endpoint(&end->addr, end->port, text),
		end->state ? event_word(FIELD_STATE, end->state) : "?");
}

/* The ends, the machine, and what has changed. */
static void print_step(const struct follow *f, const struct step *step, bool color, FILE *out)
{
	const struct event *ev = &step->ev;

	print_end(&step->pair, A, out);
	print_end(&step->pair, B, out);
	fputc('\n', out);
	print_diagram(&step->pair, color, out);
	fprintf(out, "\n%.3f ms  %c: %s -> %s", (int64_t)(ev->time_ns - f->start_ns) / 1e6,
		'A' + step->mover, event_word(FIELD_STATE, ev->state.from),
		event_word(FIELD_STATE, ev->state.now));
	if (event_has(ev, TTP_A_CAUSE))
		fprintf(out, "  %s", ev->state.cause);
	if (event_has(ev, TTP_A_SECTION))
		fprintf(out, "  RFC 9293 %s", ev->state.section);
	fputc('\n', out);
}

static void show(struct follow *f, const struct step *step)
{
	if (f->keep) {
		f->step = grow(f->step, f->n_steps, sizeof(*f->step));
		f->step[f->n_steps++] = *step;
		return;
	}
	if (f->terminal)
		fputs("\033[H\033[J", stdout);
	else if (f->n_steps)
		putchar('\n');
	f->n_steps++;
	print_step(f, step, f->terminal && !no_color(), stdout);
	fflush(stdout);
}

static int on_event(const struct event *ev, void *arg)
{
	struct follow *f = arg;
	struct step step = { .ev = *ev };
	struct pair *pair;

	if (ev->kind == EVENT_RECORDING && f->terminal && !f->keep)
		fputs("\033[H\033[Jttp: watching; Ctrl-C ends it\n", stdout);
	fflush(stdout);
	if (ev->kind != EVENT_STATE ||
	    (f->port && ev->who.sport != f->port && ev->who.dport != f->port))
		return 0;
	if (!f->start_ns)
		f->start_ns = ev->time_ns;
	pair = find_pair(f, ev, &step.mover);
	if (!pair) {
		step.mover = ev->state.now == TTP_STATE_SYN_SENT ? A : B;
		pair = new_pair(f, ev, step.mover);
		wait_at_listener(f, pair);
	}
	pair->end[step.mover].state = ev->state.now;
	pair->end[step.mover].seen = true;
	if (ev->ns)
		pair->end[step.mover].ns = ev->ns;
	step.pair = *pair;
	if (is_over(pair))
		forget_pair(f, pair);
	show(f, &step);
	return ferror(stdout);
}

static void draw_screen(const struct follow *f, size_t at)
{
	char *text, *rest, *line, keys[80];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(fail("out of memory"));
	print_step(f, &f->step[at], true, out);
	fclose(out);
	rest = text;
	for (int y = 0; y + 1 < screen_rows(); y++) {
		line = strsep(&rest, "\n");
		screen_line(y, line ? line : "", SCREEN_PLAIN);
	}
	snprintf(keys, sizeof(keys), "%zu of %zu  space, -> next  b, <- back  g G first, last  q end",
		 at + 1, f->n_steps);
	screen_line(screen_rows() - 1, keys, SCREEN_BOLD);
	free(text);
}

/* Return: exit status. */
static int go_through(const struct follow *f)
{
	int status = screen_begin(), key = 0;
	size_t at = 0;

	while (!status && !screen_is_quit(key)) {
		draw_screen(f, at);
		key = screen_key(-1);
		switch (key) {
		case ' ': case 'j': case SCREEN_RIGHT: case SCREEN_DOWN:
			at += at + 1 < f->n_steps;
			break;
		case 'b': case 'k': case SCREEN_LEFT: case SCREEN_UP:
			at -= at > 0;
			break;
		case 'g': case SCREEN_HOME:
			at = 0;
			break;
		case 'G': case SCREEN_END:
			at = f->n_steps - 1;
			break;
		}
	}
	screen_end();
	return status;
}

/*
 * @port: only connections with it at either end; 0: all
 * Return: exit status.
 */
int follow_run(struct feed_opts *feed, unsigned long port)
{
	struct follow f = { .port = port, .terminal = isatty(STDOUT_FILENO) };
	int status;

	feed->groups = FEED_STATE;
	f.keep = feed->recording && f.terminal && isatty(STDIN_FILENO);
	status = feed_run(feed, on_event, &f);
	if (!status && !f.n_steps)
		status = fail("no change of state was seen");
	else if (!status && f.keep)
		status = go_through(&f);
	free(f.pair);
	free(f.step);
	return status;
}

struct counts {
	struct event *ev;
	size_t n;
};

static int count(const struct event *ev, void *arg)
{
	struct counts *c = arg;
	size_t i;

	if (ev->kind != EVENT_STATE)
		return 0;
	for (i = 0; i < c->n; i++)
		if (c->ev[i].state.from == ev->state.from && c->ev[i].state.now == ev->state.now &&
		    c->ev[i].state.cause_kind == ev->state.cause_kind &&
		    !strcmp(c->ev[i].state.cause, ev->state.cause))
			break;
	if (i == c->n) {
		c->ev = grow(c->ev, c->n, sizeof(*c->ev));
		c->ev[c->n++] = *ev;
	}
	c->ev[i].state.count++;
	return 0;
}

/*
 * Calls @row for each transition that a recording has, in the order in which they were
 * first taken, with how often.
 * Return: exit status.
 */
int follow_count(const char *recording, void (*row)(void *arg, const struct event *ev), void *arg)
{
	const struct feed_opts feed = { .groups = FEED_STATE, .recording = recording };
	struct counts c = { 0 };
	int status = feed_run(&feed, count, &c);

	if (!status && !c.n)
		status = fail("%s: no change of state in it", recording);
	for (size_t i = 0; i < c.n && !status; i++) {
		struct event ev = { .kind = EVENT_TRANSITION, .state = c.ev[i].state };

		event_set(&ev, TTP_A_FROM);
		event_set(&ev, TTP_A_STATE);
		event_set(&ev, TTP_A_CAUSE_KIND);
		event_set(&ev, TTP_A_CAUSE);
		if (event_has(&c.ev[i], TTP_A_SECTION))
			event_set(&ev, TTP_A_SECTION);
		event_set(&ev, TTP_A_COUNT);
		row(arg, &ev);
	}
	free(c.ev);
	return status;
}
