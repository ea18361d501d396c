// SPDX-License-Identifier: GPL-2.0
/*
 * explore.c - the connections, and how one schedule is run and judged: no rule
 * of the oracle broken, all data in order, both ends in CLOSED, no error, in
 * good time and with few segments.  See explore.h; the schedules are made in
 * t_explore.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "explore.h"

bool explore_full;
u64 explore_runs, explore_segments;

static const struct {
	const char *name;
	bool simultaneous;
	u32 mtu_text;
	struct sim_app app[2];
} connections[] = {
	{ "open and close", false, 0,
	  { { .close = WHEN_SENT }, { .close = AT_END } } },
	{ "the client sends", false, 0,
	  { { .write = 2500, .close = WHEN_SENT }, { .close = AT_END } } },
	{ "the server sends", false, 0,
	  { { .close = AT_END }, { .write = 2500, .close = WHEN_SENT } } },
	{ "both at once", false, 0,
	  { { .write = 1200, .close = HALF_WHEN_SENT },
	    { .write = 2200, .close = HALF_WHEN_SENT } } },
	{ "the client half-closes", false, 0,
	  { { .write = 1500, .close = HALF_WHEN_SENT }, { .write = 2500, .close = AT_END } } },
	{ "the server half-closes", false, 0,
	  { { .write = 2500, .close = AT_END }, { .write = 1500, .close = HALF_WHEN_SENT } } },
	{ "simultaneous close", false, 0,
	  { { .close_us = 30000 }, { .close_us = 30000 } } },
	{ "simultaneous open", true, 0,
	  { { .write = 1500, .close = HALF_WHEN_SENT },
	    { .write = 500, .close = HALF_WHEN_SENT } } },
	{ "simultaneous open and close", true, 0,
	  { { .close_us = 30000 }, { .close_us = 30000 } } },
	{ "close in SYN_RCVD", true, 0,
	  { { .write = 100, .close_us = 5100 }, { .close = AT_END } } },
	{ "tiny window", false, 0,
	  { { .write = 1500, .close = WHEN_SENT },
	    { .rcvbuf = 400, .close = AT_END } } },
	{ "slow reader", false, 0,
	  { { .write = 4000, .close = WHEN_SENT },
	    { .rcvbuf = 1500, .read_us = 30000, .read_max = 900, .close = AT_END } } },
	{ "window shut, then opened", false, 0,
	  { { .write = 3000, .close = HALF_WHEN_SENT },
	    { .rcvbuf = 2000, .read_from_us = 1500000, .close = AT_END } } },
	{ "window shut before the FIN", false, 0,
	  { { .write = 2000, .close = HALF_WHEN_SENT },
	    { .rcvbuf = 2000, .read_from_us = 900000, .close = AT_END } } },
	{ "small writes", false, 0,
	  { { .write = 400, .chunk = 60, .sndbuf = 90, .close = HALF_WHEN_SENT },
	    { .write = 300, .chunk = 70, .sndbuf = 100, .close = AT_END } } },
	{ "keepalive", false, 0,
	  { { .write = 100, .close_us = 4500000, .keepalive = true },
	    { .close = AT_END, .keepalive = true } } },
	{ "the path narrows", false, 0,
	  { { .write = 3000, .chunk = 700, .mss_to = 300, .close = WHEN_SENT },
	    { .close = AT_END } } },
	{ "small segments", false, 100,
	  { { .write = 700, .close = HALF_WHEN_SENT }, { .write = 150, .close = AT_END } } },
};

u32 explore_connections(void)
{
	return ARRAY_SIZE(connections);
}

const char *explore_name(u32 which)
{
	return connections[which].name;
}

static struct sim *build(const struct schedule *c)
{
	struct sim *s = sim_new();
	u32 i;

	s->cfg.sack = !!(c->mix & MIX_SACK);
	s->cfg.timestamps = !!(c->mix & MIX_TS);
	s->cfg.ecn = !!(c->mix & MIX_ECN);
	s->burst = c->mix & MIX_BIG ? 4000 : 0;
	s->wscale = c->mix & MIX_BIG ? 3 : 0;
	s->cfg.window_scaling = s->wscale;
	s->mtu_text = connections[c->which].mtu_text;
	s->simultaneous = connections[c->which].simultaneous;
	/* so that no old FIN meets an end that has forgotten it */
	s->cfg.msl_ms = 600000;
	s->cfg.fin_timeout = 600;
	for (i = 0; i < 2; i++) {
		s->end[i].app = connections[c->which].app[i];
		s->end[i].app.nodelay = c->mix & MIX_NODELAY;
		s->iss[i] = c->iss[i] ?: s->iss[i];
	}
	memcpy(s->plan, c->plan, sizeof(s->plan));
	s->nplan = c->nplan;
	return s;
}

static const char *incomplete(const struct sim *s)
{
	if (s->end[0].err || s->end[1].err)
		return "an end was told of an error";
	if (s->end[0].read != s->end[1].app.write || s->end[1].read != s->end[0].app.write)
		return "not all text was read";
	return NULL;
}

/* Each thing that happens costs at most a few timeouts, each twice the last, and
 * what was sent in vain; what is held comes after 50 s.
 */
static const char *excess(const struct sim *s, const struct calm *calm)
{
	u64 us = calm->done_us + 1000000;
	u32 sent = calm->sent + 8, i;

	for (i = 0; i < s->nplan; i++) {
		us += 3000000ULL << min(i, 4U);
		sent += 16;
		if (s->plan[i].fate == HOLD)
			us += 50000000;
	}
	if (s->done_us > us)
		return "it took too long to come to TIME_WAIT or CLOSED";
	return s->sent > sent ? "too many segments were sent" : NULL;
}

static void describe(const struct schedule *c, const struct sim *s)
{
	static const char *const fates[] = {
		[LOSE] = "is lost", [TWICE] = "comes twice", [DELAY] = "is late",
		[LONG_DELAY] = "is very late", [EARLY] = "is early",
		[HOLD] = "is held for more:", [ECHO] = "comes again after more:",
		[MARK] = "is marked",
	};
	u32 i;

	for (i = 0; i < c->nplan; i++)
		test_story("segment %u %s %u", c->plan[i].nth, fates[c->plan[i].fate],
			   c->plan[i].more);
	test_story("\"%s\", mix %u, ISS %u and %u", explore_name(c->which), c->mix,
		   s->iss[0], s->iss[1]);
	test_story("read %u and %u, errors %d and %d, %u segments, done after %llu us",
		   s->end[0].read, s->end[1].read, s->end[0].err, s->end[1].err, s->sent,
		   (unsigned long long)s->done_us);
}

static const char *judge(struct sim *s, const struct calm *calm)
{
	const char *broken = sim_run(s);

	explore_runs++;
	explore_segments += s->sent;
	return broken ?: incomplete(s) ?: calm ? excess(s, calm) : NULL;
}

bool explore_run(const struct schedule *c, const struct calm *calm)
{
	struct sim *s = build(c);
	const char *broken;

	s->quiet = true;
	broken = judge(s, calm);
	if (!broken)
		return true;
	s = build(c);
	broken = judge(s, calm) ?: "it fails only without a story";
	describe(c, s);
	test_failed(__FILE__, __LINE__, broken);
	return false;
}

bool explore_calm(u32 which, u32 mix, struct calm *calm)
{
	struct schedule c = { .which = which, .mix = mix };
	struct sim *s;

	if (!explore_run(&c, NULL))
		return false;
	s = build(&c);
	s->quiet = true;
	sim_run(s);
	calm->sent = s->sent;
	calm->done_us = s->done_us;
	memcpy(calm->seqs, s->seqs, sizeof(calm->seqs));
	return true;
}
