// SPDX-License-Identifier: GPL-2.0
/*
 * ttp pcap --join of two recordings, each made at one end, by a clock of its own: they become
 * one.  What both say of the segments tells how far the clocks are apart, as for captures.
 *
 * Called by join.c.  Next: talk.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "capture/join.h"
#include "print/filter.h"
#include "read/feed.h"

struct clocks {
	const struct join_opts *opts;
	struct talks *talks;
	int reading;			/* which recording */
	const char *ns[CAPTURES];	/* what its end is called, if it has no name */
	int namespaces;
	uint64_t wall_ns;
	uint64_t last_netns;		/* the highest number in the first */
	uint64_t later_ns[CAPTURES];	/* what its times get */
	FILE *out;
};

static int learn(const struct event *ev, void *arg)
{
	struct clocks *c = arg;
	bool sent = ev->seg.direction == TTP_DIRECTION_OUT;
	struct frame frame = {
		.time_ns = ev->time_ns,
		.origin = sent ? ORIGIN_HERE : ORIGIN_ELSEWHERE,
		.from = sent ? ev->who.saddr : ev->who.daddr,
		.to = sent ? ev->who.daddr : ev->who.saddr,
		.from_port = sent ? ev->who.sport : ev->who.dport,
		.to_port = sent ? ev->who.dport : ev->who.sport,
		.ev = *ev,
	};

	if (ev->kind == EVENT_RECORDING)
		c->namespaces += ev->namespaces;
	if (ev->kind == EVENT_RECORDING && !c->reading)
		c->wall_ns = ev->wall_ns;
	if (!c->reading && ev->who.netns > c->last_netns)
		c->last_netns = ev->who.netns;
	if (ev->kind == EVENT_SEGMENT && ev->who.sport && ev->who.dport)
		talks_learn(c->talks, c->reading, &frame);
	return 0;
}

/* Recordings may be in any order, so each is written as it is, behind the other. */
static int write_event(const struct event *from, void *arg)
{
	struct clocks *c = arg;
	struct event ev = *from;

	ev.time_ns += c->later_ns[c->reading];
	if (ev.kind == EVENT_RECORDING) {
		if (c->reading)
			return 0;
		ev.namespaces = c->namespaces;
		ev.wall_ns = c->wall_ns;
	} else {
		if (!ev.ns)
			ev.ns = c->ns[c->reading];
		if (c->reading)
			ev.who.netns += c->last_netns;	/* each machine counts its own */
		if (!filter_matches(c->opts->filter, &ev))
			return 0;
	}
	event_print_json(&ev, c->out);
	return ferror(c->out);
}

static int each(struct clocks *c, feed_fn fn)
{
	int status = TTP_OK;

	for (c->reading = 0; c->reading < CAPTURES && !status; c->reading++)
		status = recording_run(c->opts->name[c->reading], fn, c);
	return status;
}

/* The clock that is behind is put forward, so that no time is below zero. */
static int set_clocks(struct clocks *c)
{
	int64_t offset, drift;

	talks_decide(c->talks);
	if (!talks_clocks(c->talks, &offset, &drift))
		return fail("no segment is in both recordings: nothing says how far their clocks are apart");
	if (drift > 0)
		fprintf(stderr, "ttp: one clock is faster: times are wrong by %.3f ms or more\n", drift / 2e6);
	c->later_ns[offset < 0] = offset < 0 ? -offset : offset;
	return TTP_OK;
}

/* Return: exit status. */
int clocks_join(const struct join_opts *opts, const char *const ns[CAPTURES])
{
	const char *name = opts->output ? opts->output : "standard output";
	struct clocks c = { .opts = opts, .ns = { ns[0], ns[1] }, .talks = talks_new(CAPTURES) };
	struct feed_opts feed = { 0 };
	int status = each(&c, learn), written_status;

	if (!status)
		status = set_clocks(&c);
	talks_free(c.talks);
	if (status)
		return status;
	c.out = opts->output ? feed_output(&feed, opts->output) : stdout;
	if (!c.out)
		return TTP_FAILED;
	status = each(&c, write_event);
	written_status = written(c.out, name);
	if (opts->output && fclose(c.out) && !written_status)
		written_status = fail("%s: %s", name, strerror(errno));
	return status ? status : written_status;
}
