// SPDX-License-Identifier: GPL-2.0
/*
 * What the ladder keeps of events, for as long as somebody has a reference.
 * A segment frees its points, too: each may ask whether the other is in a row.
 * Called by the other files here.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/ladder.h"

/* Return: with one reference. */
struct brief *brief_new(const struct event *ev)
{
	struct brief *brief = xrealloc(NULL, 1, sizeof(*brief));

	memset(brief, 0, sizeof(*brief));
	brief->refs = 1;
	brief->kind = ev->kind;
	memcpy(brief->has, ev->has, sizeof(brief->has));
	brief->time_ns = ev->time_ns;
	brief->state.now = ev->state.now;
	brief->state.from = ev->state.from;
	brief->state.cause_kind = ev->state.cause_kind;
	brief->state.cause = intern(ev->state.cause);
	brief->state.section = intern(ev->state.section);
	brief->seg.direction = ev->seg.direction;
	brief->seg.flags = ev->seg.flags;
	brief->seg.wnd = ev->seg.wnd;
	brief->seg.seq = ev->seg.seq;
	brief->seg.ack = ev->seg.ack;
	brief->seg.len = ev->seg.len;
	brief->seg.up = ev->seg.up;
	brief->seg.segs = ev->seg.segs;
	brief->seg.opt.mss = ev->seg.opt.mss;
	brief->seg.opt.wscale = ev->seg.opt.wscale;
	brief->seg.opt.tsval = ev->seg.opt.tsval;
	brief->seg.opt.sack = ev->seg.opt.sack;
	brief->seg.drop = intern(ev->seg.drop);
	brief->seg.answer = intern(ev->seg.answer);
	brief->seg.fault = intern(ev->seg.fault);
	brief->seg.purpose = ev->seg.purpose;
	return brief;
}

struct brief *brief_get(struct brief *ev)
{
	ev->refs++;
	return ev;
}

void brief_put(struct brief *ev)
{
	if (ev && !--ev->refs)
		free(ev);
}

/* Return: with one reference. */
struct segment *segment_new(int from)
{
	struct segment *seg = xrealloc(NULL, 1, sizeof(*seg));

	memset(seg, 0, sizeof(*seg));
	seg->refs = 1;
	seg->from = from;
	return seg;
}

static void free_point(struct point *point)
{
	if (!point)
		return;
	for (int i = 0; i < point->changes; i++)
		brief_put(point->change[i].ev);
	free(point->change);
	free(point);
}

/* Each of its points has a reference, too. */
void segment_put(struct segment *seg)
{
	if (--seg->refs)
		return;
	free_point(seg->at[LEFT]);
	free_point(seg->at[RIGHT]);
	brief_put(seg->out);
	brief_put(seg->in);
	free(seg);
}

/* It is in no row any more. */
void point_put(struct point *point)
{
	if (point && point->seg)
		segment_put(point->seg);
	else
		free_point(point);
}
