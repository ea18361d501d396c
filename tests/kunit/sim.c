// SPDX-License-Identifier: GPL-2.0
/*
 * sim.c - the run: channel, ends, programs.  See sim.h.
 */
#include "sim.h"

#define START_US	0xfffff000ULL
#define MONTH_US		(24ULL * 3600 * 1000000 * 30)
#define STEPS		2000000
#define REST		1000

static struct sim *the_sim;

static const struct ttp_config defaults = {
	PORT_CONFIG,
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
		memset(the_sim, 0, offsetof(struct sim, packet));
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

/* A packet of several segments is cut as the device would cut it. */
static void transmit(struct sim *s, struct sim_end *from, const struct ttp_out *out)
{
	static u8 text[0x10000];
	const struct ttp_seg *seg = &out->seg;
	struct ttp_seg part = *seg;
	u32 mss = from->tcb ? from->tcb->snd.mss : SIM_TEXT, off = 0;

	if (out->rec)
		port_copy(from->tcb, out->rec, text);
	do {
		part.seq = seg->seq + off;
		part.len = min(seg->len - off, mss);
		part.flags = seg->flags;
		if (off + part.len < seg->len)
			part.flags &= ~(TTP_FIN | TTP_PSH);
		sim_channel(s, from, &part, text + off, out);
		off += part.len;
	} while (off < seg->len);
}

/* RESET and REPLY */
static void reply(struct sim *s, struct sim_end *e, struct ttp_verdict *v)
{
	sim_channel(s, e, &v->reply, NULL, NULL);
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
		if (sim_chance(s, 1000) < s->fail) {
			sim_event(s, e, "no memory");
			ttp_send_failed(e->tcb, s->now);
			return;
		}
		transmit(s, e, &out);
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
	if (v->todo & TTP_DO_CONNECTED) {
		e->connected = true;
		ttp_timer_keepalive(e->tcb, s->now);
	}
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

	tcb->route.advmss = s->mtu_text ?: 1000;
	tcb->asked.nodelay = e->app.nodelay;
	tcb->opt.rcv_wscale = s->wscale;
	tcb->opt.ts_off = s->iss[0] + 77;
	tcb->snd.burst = s->burst;
	if (e->app.keepalive)
		tcb->asked.keep = (struct ttp_keep){ true, 2, 1, 9, 0 };
	e->tcb = tcb;
	e->is = TCB;
	return tcb;
}

static void promote(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_request *req = e->req;
	struct ttp_seg came = *seg;
	struct ttp_verdict v;

	e->req = NULL;
	ttp_passive_promote(req, tcb_new(s, e), s->now);
	port_request_free(req);
	ttp_arrives(e->tcb, seg, s->now, &v);
	port_detach(seg, &v);
	sim_check_arrived(s, e, &came, &v);
	if (e->tcb->conn.state == TTP_SYN_RCVD)
		s->broken = "the segment that completed the handshake did not";
	sim_carry_out(s, e, &v);
}

static void send_synack(struct sim *s, struct sim_end *e)
{
	struct ttp_seg synack;

	ttp_passive_synack(e->req, s->now, &synack);
	sim_channel(s, e, &synack, NULL, NULL);
	e->at = s->now + ttp_timer_synack_us(e->req->retransmits);
}

static void to_listener(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_verdict v;

	ttp_passive_listen(seg, &v);
	sim_check_arrived(s, e, seg, &v);
	if (v.todo & TTP_DO_RESET)
		reply(s, e, &v);
	if (v.todo || v.drop != TTP_MIB_NONE)
		return;
	e->req = port_request();
	e->is = REQUEST;
	e->req->conn.iss = s->iss[1];
	e->req->route.advmss = s->mtu_text ?: 1000;
	e->req->rcv_wnd = min(e->app.rcvbuf ?: 16384, 65535U);
	e->req->opt.rcv_wscale = s->wscale;
	e->req->opt.ts_off = 0xfffff000;
	e->req->arq = s->cfg.arq;
	ttp_passive_open(e->req, seg, &s->cfg);
	send_synack(s, e);
}

static void to_request(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_verdict v;

	ttp_passive_arrives(e->req, seg, s->now, &v);
	if (!(v.todo & TTP_DO_PROMOTE))
		sim_check_arrived(s, e, seg, &v);
	if (v.todo & (TTP_DO_RESET | TTP_DO_REPLY))
		reply(s, e, &v);
	if (v.todo & TTP_DO_REFUSE) {
		port_request_free(e->req);
		e->req = NULL;
		e->is = LISTENER;
	}
	if (v.todo & TTP_DO_PROMOTE)
		promote(s, e, seg);
	else
		port_detach(seg, &v);
}

static void to_time_wait(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_verdict v;

	ttp_timewait_arrives(e->tw, seg, s->now, &v);
	sim_check_arrived(s, e, seg, &v);
	if (v.todo & TTP_DO_REPLY)
		reply(s, e, &v);
	if (v.todo & TTP_DO_RESTART)
		e->at = s->now + 2000ULL * s->cfg.msl_ms;
	if (v.todo & TTP_DO_REOPEN)
		s->broken = "TIME_WAIT ended by an old segment";
}

/* An end that has a TCB: its data is what it was before the core trimmed it. */
static void to_tcb(struct sim *s, struct sim_end *e, struct ttp_seg *seg)
{
	struct ttp_seg came = *seg;
	struct ttp_verdict v;

	ttp_arrives(e->tcb, seg, s->now, &v);
	port_detach(seg, &v);
	sim_check_arrived(s, e, &came, &v);
	sim_tell(s, e != s->end ? "..>" : "<..", seg);
	sim_carry_out(s, e, &v);
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
	seg.ce = p->ce;
	if (!port_attach(&seg, p->text))
		return;
	switch (e->is) {
	case LISTENER:
		to_listener(s, e, &seg);
		break;
	case REQUEST:
		to_request(s, e, &seg);
		return;
	case TCB:
		to_tcb(s, e, &seg);
		return;
	case TIMEWAIT:
		to_time_wait(s, e, &seg);
		break;
	case NOBODY:
	case GONE:
		ttp_arrives_closed(&seg, &v);
		sim_check_arrived(s, e, &seg, &v);
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
		ttp_expire_timers(e->tcb, s->now, &v);
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
		oracle_init(&s->end[i].oracle, &s->cfg);
		s->end[i].oracle.lenient = s->fail;
		s->end[i].oracle.full_text = true;
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

	for (p = s->packet; p < s->packet + s->npacket; p++)
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
	s->end[0].oracle.answering = false;
	s->end[1].oracle.answering = false;
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
		sim_check(s);
		if (s->now - s->start > limit)
			break;
	}
	if (!s->broken && !s->limit_us && !sim_both_closed(s))
		s->broken = "both ends should have closed by now";
	/* what is still on its way must not wake the dead */
	for (n = 0; n < REST && !s->broken && sim_both_closed(s) && step(s); n++)
		sim_check(s);
	if (n == REST)
		s->broken = "two ends that are closed answer each other for ever";
	return s->broken;
}
