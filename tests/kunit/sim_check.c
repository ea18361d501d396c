// SPDX-License-Identifier: GPL-2.0
/*
 * sim_check.c - what must hold of every segment sent and after every event: asks
 * the oracle of each end.
 */
#include "sim.h"

bool sim_both_closed(const struct sim *s)
{
	/* a listener that never accepted, or was left alone, is as good */
	return s->end[0].is == GONE &&
	       (s->end[1].is == GONE || s->end[1].is == LISTENER);
}

static void broken(struct sim *s, const char *what)
{
	if (!s->broken)
		s->broken = what;
}

static u8 state_of(const struct sim_end *e)
{
	switch (e->is) {
	case LISTENER:
		return TTP_LISTEN;
	case REQUEST:
		return TTP_SYN_RCVD;
	case TCB:
		return e->tcb->conn.state;
	case TIMEWAIT:
		return TTP_TIME_WAIT;
	case NOBODY:
	case GONE:
		break;
	}
	return TTP_CLOSED;
}

/* @e is about to send: may it? */
void sim_check_sent(struct sim *s, struct sim_end *e, const struct ttp_seg *seg,
		    const u8 *text, const struct ttp_out *out)
{
	struct oracle_sent x = {
		.seg = seg, .tcb = e->tcb, .state = state_of(e), .text = text,
		.now = s->now, .probe = out && out->probe,
		.packet = out ? out->seg.len : 0,
	};

	oracle_sent(&e->oracle, &x);
	if (e->oracle.broken)
		broken(s, e->oracle.broken);
}

void sim_check_arrived(struct sim *s, struct sim_end *e, const struct ttp_seg *seg,
		       const struct ttp_verdict *v)
{
	oracle_arrived(&e->oracle, seg, e->tcb, v, s->now);
}

/* All that followed from one event is done. */
void sim_check(struct sim *s)
{
	struct sim_end *e;
	const char *what;

	for (e = s->end; e < s->end + 2; e++) {
		oracle_settled(&e->oracle, e->tcb, s->now);
		what = e->is == TCB ? oracle_tcb(e->tcb) : NULL;
		what = what ?: e->oracle.broken;
		if (what)
			broken(s, what);
	}
	if (!s->done_us && (s->end[0].is == TIMEWAIT || s->end[0].is == GONE) &&
	    (s->end[1].is == TIMEWAIT || s->end[1].is == GONE))
		s->done_us = s->now - s->start;
}
