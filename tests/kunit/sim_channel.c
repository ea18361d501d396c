// SPDX-License-Identifier: GPL-2.0
/*
 * sim_channel.c - what lies between the ends: it loses, delays, holds back,
 * doubles and marks, by plan and by chance; and the story.  See sim.h.
 */
#include "sim.h"

#define HELD_US		50000000ULL	/* at most, and less than 2 MSL */

/* xorshift64*: the same on every machine */
u32 sim_chance(struct sim *s, u32 of)
{
	s->seed ^= s->seed >> 12;
	s->seed ^= s->seed << 25;
	s->seed ^= s->seed >> 27;
	return (u32)((s->seed * 2685821657736338717ULL) >> 32) % of;
}

static u32 other(const struct sim *s, const struct sim_end *e)
{
	return e == &s->end[0];
}

static const char *state_of(const struct sim_end *e)
{
	switch (e->is) {
	case LISTENER:
		return "LISTEN";
	case REQUEST:
		return ttp_fsm_name(e->req->conn.state);
	case TCB:
		return ttp_fsm_name(e->tcb->conn.state);
	case TIMEWAIT:
		return "TIME_WAIT";
	case NOBODY:
	case GONE:
		break;
	}
	return "CLOSED";
}

/* One line of the ladder. */
void sim_tell(const struct sim *s, const char *arrow, const struct ttp_seg *g)
{
	if (s->quiet)
		return;
	test_story("%9llu.%03llu %11s %s%s%s%s%s%s %s %-11s seq +%u ack +%u len %u wnd %u%s",
		   (unsigned long long)div_u64(s->now - s->start, 1000),
		   (unsigned long long)(s->now - s->start -
					div_u64(s->now - s->start, 1000) * 1000),
		   state_of(&s->end[0]), arrow, g->flags & TTP_SYN ? "S" : "",
		   g->flags & TTP_FIN ? "F" : "", g->flags & TTP_RST ? "R" : "",
		   g->flags & TTP_PSH ? "P" : "", g->flags & TTP_ACK ? "A" : "",
		   arrow, state_of(&s->end[1]), g->seq - s->iss[arrow[0] == '<'],
		   g->ack - s->iss[arrow[0] != '<'], g->len, g->wnd,
		   g->nsack ? " sack" : "");
}

void sim_event(const struct sim *s, const struct sim_end *e, const char *what)
{
	if (s->quiet)
		return;
	test_story("%9llu     %11s %s %s %-11s",
		   (unsigned long long)div_u64(s->now - s->start, 1000),
		   state_of(&s->end[0]), other(s, e) ? what : "",
		   other(s, e) ? "" : what, state_of(&s->end[1]));
}

static const struct sim_plan *planned(const struct sim *s)
{
	u32 i;

	for (i = 0; i < s->nplan; i++)
		if (s->plan[i].nth == s->sent)
			return &s->plan[i];
	return NULL;
}

/* A router marks the packet. */
static void mark(struct sim *s, u32 nth)
{
	u32 i;

	for (i = 0; i < s->npacket; i++)
		if (s->packet[i].at && s->packet[i].nth == nth)
			s->packet[i].ce = true;
}

static struct sim_packet *free_packet(struct sim *s)
{
	u32 i;

	for (i = 0; i < s->npacket; i++)
		if (!s->packet[i].at)
			return &s->packet[i];
	return i < SIM_PACKETS ? &s->packet[s->npacket++] : NULL;
}

static void put(struct sim *s, struct sim_end *from, const struct ttp_seg *seg,
		const u8 *text, u64 delay, u32 more)
{
	struct sim_packet *p = free_packet(s);

	if (!p)
		return;		/* a queue that is full loses what comes */
	p->at = s->now + delay;
	p->nth = ++s->nth;
	p->after = more ? s->sent + more : 0;
	p->ce = false;
	p->to = other(s, from);
	p->hdrlen = ttp_wire_write(seg, p->hdr);
	p->len = seg->len;
	if (seg->len)
		memcpy(p->text, text, seg->len);
}

/* Another was sent: whose turn is it of those that are held? */
static void let_go(struct sim *s)
{
	struct sim_packet *p;

	for (p = s->packet; p < s->packet + s->npacket; p++)
		if (p->at && p->after && p->after <= s->sent) {
			p->at = s->now + 1;
			p->after = 0;
		}
}

static void note_seq(struct sim *s, struct sim_end *from, const struct ttp_seg *seg)
{
	if (s->sent > SIM_SEQS)
		return;
	s->seqs[s->sent - 1].from = from != &s->end[0];
	s->seqs[s->sent - 1].off = seg->seq - s->iss[from != &s->end[0]];
	s->seqs[s->sent - 1].len = ttp_seg_len(seg);
}

/* Carries out what is planned.  Return: the delay. */
static u64 planned_delay(struct sim *s, struct sim_end *from, const struct ttp_seg *seg,
			 const u8 *text, const struct sim_plan *plan, u64 delay)
{
	switch (plan->fate) {
	case DELAY:
		return delay + 60000;
	case LONG_DELAY:
		return delay + 3000000;
	case EARLY:
		return 1;
	case TWICE:
		put(s, from, seg, text, delay + sim_chance(s, 20000), 0);
		break;
	case ECHO:
		put(s, from, seg, text, HELD_US, plan->more);
		break;
	case HOLD:
		return HELD_US;
	case LOSE:
	case MARK:
		break;
	}
	return delay;
}

/* One segment enters the channel. */
void sim_channel(struct sim *s, struct sim_end *from, const struct ttp_seg *seg,
		 const u8 *text, const struct ttp_out *out)
{
	u64 delay = s->delay_us ?: 5000;
	const struct sim_plan *plan;
	const char *to = other(s, from) ? "-->" : "<--";
	u32 nth;

	s->sent++;
	plan = planned(s);
	sim_check_sent(s, from, seg, text, out);
	note_seq(s, from, seg);
	let_go(s);
	if ((s->dead_after && s->sent > s->dead_after) || sim_chance(s, 1000) < s->loss ||
	    (plan && plan->fate == LOSE)) {
		sim_tell(s, other(s, from) ? "--X" : "X--", seg);
		return;
	}
	sim_tell(s, to, seg);
	if (sim_chance(s, 1000) < s->reorder)
		delay += sim_chance(s, 4 * (s->delay_us ?: 5000));
	if (plan)
		delay = planned_delay(s, from, seg, text, plan, delay);
	put(s, from, seg, text, delay, plan && plan->fate == HOLD ? plan->more : 0);
	nth = s->nth;
	if (sim_chance(s, 1000) < s->dup)
		put(s, from, seg, text, delay + sim_chance(s, 20000), 0);
	if (plan && plan->fate == MARK && seg->ect)
		mark(s, nth);
}
