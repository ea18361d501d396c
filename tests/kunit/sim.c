// SPDX-License-Identifier: GPL-2.0
/*
 * sim.c - the run: channel, ends, programs.  See sim.h.
 */
#include "sim.h"

#define START_US	0xfffff000ULL
#define MONTH_US		(24ULL * 3600 * 1000000 * 30)
#define STEPS		2000000

static struct sim *the_sim;

static const struct ttp_config defaults = {
	.syn_retries = 6,
	.synack_retries = 5,
	.retries1 = 3,
	.retries2 = 15,
	.orphan_retries = 8,
	.fin_timeout = 60,
	.msl_ms = 30000,
	.delack_ms = 40,
	.rto_min_ms = 200,
	.challenge_ack_ms = 500,
	.window_scaling = 1,
	.sack = 1,
	.timestamps = 1,
};

static void end_free(struct sim_end *e)
{
	if (e->tcb)
		port_tcb_free(e->tcb);
	if (e->req)
		port_request_free(e->req);
	if (e->tw)
		port_timewait_free(e->tw);
	e->tcb = NULL;
	e->req = NULL;
	e->tw = NULL;
}

void sim_free(void)
{
	if (!the_sim)
		return;
	end_free(&the_sim->end[0]);
	end_free(&the_sim->end[1]);
	port_free(the_sim);
	the_sim = NULL;
}

struct sim *sim_new(void)
{
	if (the_sim) {
		end_free(&the_sim->end[0]);
		end_free(&the_sim->end[1]);
		memset(the_sim, 0, sizeof(*the_sim));
	} else {
		the_sim = port_alloc(sizeof(*the_sim));
	}
	if (the_sim) {
		the_sim->cfg = defaults;
		the_sim->seed = 1;
		the_sim->iss[0] = 0xfffff800;
		the_sim->iss[1] = 0x7ffffff0;
	}
	test_forget();
	return the_sim;
}

/* xorshift64*: the same on every machine */
static u32 chance(struct sim *s, u32 of)
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
static void tell(const struct sim *s, const char *arrow, const struct ttp_seg *g)
{
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
	test_story("%9llu     %11s %s %s %-11s",
		   (unsigned long long)div_u64(s->now - s->start, 1000), state_of(&s->end[0]), other(s, e) ? what : "", other(s, e) ? "" : what,
		   state_of(&s->end[1]));
}

static const struct sim_plan *planned(const struct sim *s)
{
	u32 i;

	for (i = 0; i < s->nplan; i++)
		if (s->plan[i].nth == s->sent)
			return &s->plan[i];
	return NULL;
}

static void put(struct sim *s, struct sim_end *from, const struct ttp_seg *seg,
		const u8 *text, u64 delay)
{
	struct sim_packet *p;
	u32 i;

	for (i = 0; i < SIM_PACKETS; i++) {
		p = &s->packet[i];
		if (p->at)
			continue;
		p->at = s->now + delay;
		p->nth = ++s->nth;
		p->to = other(s, from);
		p->hdrlen = ttp_wire_write(seg, p->hdr);
		p->len = seg->len;
		if (seg->len)
			memcpy(p->text, text, seg->len);
		return;
	}
	/* a queue that is full loses what comes */
}

/* One segment enters the channel. */
static void channel(struct sim *s, struct sim_end *from, const struct ttp_seg *seg,
		    const u8 *text)
{
	u64 delay = s->delay_us ?: 5000;
	const struct sim_plan *plan;
	const char *to = other(s, from) ? "-->" : "<--";

	s->sent++;
	plan = planned(s);
	sim_check_sent(s, from, seg);
	if ((s->dead_after && s->sent > s->dead_after) || chance(s, 1000) < s->loss ||
	    (plan && plan->fate == LOSE)) {
		tell(s, other(s, from) ? "--X" : "X--", seg);
		return;
	}
	tell(s, to, seg);
	if (chance(s, 1000) < s->reorder)
		delay += chance(s, 4 * (s->delay_us ?: 5000));
	if (plan && plan->fate == DELAY)
		delay += 60000;
	if (plan && plan->fate == LONG_DELAY)
		delay += 3000000;
	if (plan && plan->fate == EARLY)
		delay = 1;
	put(s, from, seg, text, delay);
	if (chance(s, 1000) < s->dup || (plan && plan->fate == TWICE))
		put(s, from, seg, text, delay + chance(s, 20000));
}

/* A packet of several segments is cut as the device would cut it. */
static void transmit(struct sim *s, struct sim_end *from, const struct ttp_seg *seg,
		     const struct ttp_txrec *rec)
{
	static u8 text[0x10000];
	struct ttp_seg part = *seg;
	u32 mss = from->tcb ? from->tcb->snd.mss : SIM_TEXT, off = 0;

	if (rec)
		port_copy(from->tcb, rec, text);
	do {
		part.seq = seg->seq + off;
		part.len = min(seg->len - off, mss);
		part.flags = seg->flags;
		if (off + part.len < seg->len)
			part.flags &= ~(TTP_FIN | TTP_PSH);
		channel(s, from, &part, text + off);
		off += part.len;
	} while (off < seg->len);
}

/* RESET and REPLY: the plumbing knows the ports */
static void reply(struct sim *s, struct sim_end *e, struct ttp_verdict *v)
{
	v->reply.sport = e == &s->end[0] ? 50000 : 7;
	v->reply.dport = e == &s->end[0] ? 7 : 50000;
	channel(s, e, &v->reply, NULL);
}

/* Sees what may be sent until there is nothing. */
void sim_push(struct sim *s, struct sim_end *e)
{
	struct ttp_out out;
	u32 n = 0;

	while (ttp_send_next(e->tcb, s->now, &out)) {
		if (++n > 1000) {
			s->broken = "ttp_send_next() never says no";
			return;
		}
		if (chance(s, 1000) < s->fail) {
			sim_event(s, e, "no memory");
			ttp_send_failed(e->tcb, s->now);
			return;
		}
		transmit(s, e, &out.seg, out.rec);
		ttp_send_done(e->tcb, &out, s->now);
	}
}

/* What was received outlives the connection, until it is read. */
static void read_rest(struct sim_end *e)
{
	if (e->tcb && !e->closed)
		e->read += port_read(e->tcb, ~0U >> 1);
}

static void gone(struct sim *s, struct sim_end *e, int err)
{
	read_rest(e);
	e->err = err;
	e->closed_at = s->now;
	end_free(e);
	e->is = GONE;
}

/* A verdict is carried out in the order of its bits. */
void sim_carry_out(struct sim *s, struct sim_end *e, struct ttp_verdict *v)
{
	if (v->todo & (TTP_DO_RESET | TTP_DO_REPLY))
		reply(s, e, v);
	if (v->todo & TTP_DO_CONNECTED)
		e->connected = true;
	if (v->todo & TTP_DO_SEND)
		sim_push(s, e);
	if (v->todo & TTP_DO_TIME_WAIT) {
		e->eof = true;
		e->tw = port_timewait();
		ttp_timewait_init(e->tw, e->tcb);
		read_rest(e);
		port_tcb_free(e->tcb);
		e->tcb = NULL;
		e->is = TIMEWAIT;
		e->was_time_wait = true;
		e->at = s->now + 2000ULL * s->cfg.msl_ms;
	}
	if (v->todo & TTP_DO_CLOSED)
		gone(s, e, v->err);
}

static struct ttp_tcb *tcb_new(struct sim *s, struct sim_end *e)
{
	struct ttp_tcb *tcb = port_tcb(&s->cfg, e->app.rcvbuf ?: 16384);

	tcb->sport = e == &s->end[0] ? 50000 : 7;
	tcb->dport = e == &s->end[0] ? 7 : 50000;
	tcb->mss_route = s->mtu_text ?: 1000;
	tcb->nodelay = e->app.nodelay;
	tcb->opt.rcv_wscale = s->wscale;
	tcb->opt.ts_off = s->iss[0] + 77;
	tcb->snd.burst = s->burst;
	e->tcb = tcb;
	e->is = TCB;
	return tcb;
}

static void promote(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_request *req = e->req;
	struct ttp_verdict v;

	e->req = NULL;
	ttp_passive_promote(req, tcb_new(s, e), s->now);
	port_request_free(req);
	ttp_arrives(e->tcb, seg, s->now, &v);
	port_detach(seg, &v);
	if (e->tcb->conn.state == TTP_SYN_RCVD)
		s->broken = "the segment that completed the handshake did not";
	sim_carry_out(s, e, &v);
}

static void send_synack(struct sim *s, struct sim_end *e)
{
	struct ttp_seg synack;

	ttp_passive_synack(e->req, s->now, &synack);
	channel(s, e, &synack, NULL);
	e->at = s->now + ttp_timer_synack_us(e->req);
}

static void to_listener(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_verdict v;

	ttp_passive_listen(seg, &v);
	if (v.todo & TTP_DO_RESET)
		reply(s, e, &v);
	if (v.todo || v.drop != TTP_MIB_NONE)
		return;
	e->req = port_request();
	e->is = REQUEST;
	e->req->conn.iss = s->iss[1];
	e->req->mss_route = s->mtu_text ?: 1000;
	e->req->rcv_wnd = min(e->app.rcvbuf ?: 16384, 65535U);
	e->req->opt.rcv_wscale = s->wscale;
	e->req->opt.ts_off = 0xfffff000;
	ttp_passive_open(e->req, seg, &s->cfg);
	send_synack(s, e);
}

static void to_request(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_verdict v;

	ttp_passive_arrives(e->req, seg, s->now, &v);
	if (v.todo & (TTP_DO_RESET | TTP_DO_REPLY))
		reply(s, e, &v);
	if (v.todo & TTP_DO_REFUSE) {
		port_request_free(e->req);
		e->req = NULL;
		e->is = LISTENER;
	}
	if (v.todo & TTP_DO_PROMOTE)
		promote(s, e, seg);
}

static void to_time_wait(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_verdict v;

	ttp_timewait_arrives(e->tw, seg, s->now, &v);
	if (v.todo & TTP_DO_REPLY)
		reply(s, e, &v);
	if (v.todo & TTP_DO_RESTART)
		e->at = s->now + 2000ULL * s->cfg.msl_ms;
	if (v.todo & TTP_DO_REOPEN)
		s->broken = "TIME_WAIT ended by an old segment";
}

static void deliver(struct sim *s, struct sim_packet *p)
{
	struct sim_end *e = &s->end[p->to];
	u32 total = p->hdrlen + p->len;
	int hdrlen = ttp_wire_hdrlen(p->hdr, total);
	struct ttp_verdict v;
	struct ttp_seg seg;

	p->at = 0;
	if (hdrlen != p->hdrlen || ttp_wire_parse(p->hdr, hdrlen, total, &seg)) {
		s->broken = "the header that was written could not be read";
		return;
	}
	if (!port_attach(&seg, p->text))
		return;
	switch (e->is) {
	case LISTENER:
		to_listener(s, e, &seg);
		break;
	case REQUEST:
		to_request(s, e, &seg);
		return;		/* promote() detaches, others have no text */
	case TCB:
		ttp_arrives(e->tcb, &seg, s->now, &v);
		port_detach(&seg, &v);
		tell(s, p->to ? "..>" : "<..", &seg);
		sim_carry_out(s, e, &v);
		return;
	case TIMEWAIT:
		to_time_wait(s, e, &seg);
		break;
	case NOBODY:
	case GONE:
		ttp_arrives_closed(&seg, &v);
		if (v.todo & TTP_DO_RESET)
			reply(s, e, &v);
		break;
	}
	ttp_verdict_init(&v);
	port_detach(&seg, &v);
}

static void timer(struct sim *s, struct sim_end *e)
{
	struct ttp_verdict v;

	if (e->is == TCB) {
		ttp_timer_expired(e->tcb, s->now, &v);
		sim_event(s, e, "timer");
		sim_carry_out(s, e, &v);
	} else if (e->is == REQUEST) {
		if (e->req->retransmits++ < s->cfg.synack_retries) {
			send_synack(s, e);
			return;
		}
		ttp_fsm_set_state(&e->req->conn, TTP_CLOSED, TTP_BY_TIMER, "timeout", NULL);
		gone(s, e, ETIMEDOUT);
	} else if (e->is == TIMEWAIT) {
		ttp_fsm_set_state(&e->tw->conn, TTP_CLOSED, TTP_BY_TIMER, "2 MSL", NULL);
		gone(s, e, 0);
	}
}

static u64 timer_at(const struct sim_end *e)
{
	switch (e->is) {
	case TCB:
		return ttp_timer_next(e->tcb, NULL);
	case REQUEST:
	case TIMEWAIT:
		return e->at;
	case NOBODY:
	case LISTENER:
	case GONE:
		break;
	}
	return 0;
}

static void start(struct sim *s)
{
	u32 i;

	s->start = START_US;
	s->now = s->start;
	for (i = 0; i < 2; i++) {
		s->end[i].is = LISTENER;
		if (i == 0 || s->simultaneous) {
			ttp_user_connect(tcb_new(s, &s->end[i]), s->iss[i], s->now);
			sim_push(s, &s->end[i]);
		}
	}
}

/* The event that comes next happens.  Return: false when there is none. */
static bool step(struct sim *s)
{
	struct sim_packet *p, *first = NULL;
	struct sim_end *e;
	u64 at = ~0ULL, t;
	u32 i;

	for (p = s->packet; p < s->packet + SIM_PACKETS; p++)
		if (p->at && (p->at < at || (p->at == at && p->nth < first->nth))) {
			at = p->at;
			first = p;
		}
	for (i = 0; i < 2; i++) {
		t = timer_at(&s->end[i]);
		at = t ? min(at, t) : at;
		t = sim_app_at(s, &s->end[i]);
		at = t ? min(at, t) : at;
	}
	if (at == ~0ULL)
		return false;
	s->now = max(s->now, at);
	if (first && first->at == at)
		deliver(s, first);
	for (i = 0; i < 2; i++) {
		e = &s->end[i];
		t = timer_at(e);
		if (t && t <= s->now)
			timer(s, e);
		sim_app(s, e);
	}
	return true;
}

const char *sim_run(struct sim *s)
{
	u64 limit = s->limit_us ?: MONTH_US;
	u32 n;

	start(s);
	for (n = 0; n < STEPS && !s->broken && !sim_both_closed(s); n++) {
		if (!step(s)) {
			if (!s->limit_us)
				s->broken = "deadlock: nothing will ever happen again";
			break;
		}
		if (!s->broken)
			sim_check(s);
		if (s->now - s->start > limit)
			break;
	}
	if (!s->broken && !s->limit_us && !sim_both_closed(s))
		s->broken = "both ends should have closed by now";
	return s->broken;
}
