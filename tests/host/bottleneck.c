// SPDX-License-Identifier: GPL-2.0
/*
 * bottleneck.c - see bottleneck.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bottleneck.h"
#include "port.h"

#define START_US	1000000ULL	/* the TCBs' clock, when bn->now is 0 */
#define AHEAD		(1 << 16)	/* bytes written and not sent */
#define CHUNK		4	/* segments */

static const struct ttp_config defaults = {
	PORT_CONFIG,
	.ecn = 2,
};

/* A segment arrives at a flow's receiver or sender, or leaves the line. */
enum what { AT_RECEIVER, AT_SENDER, OFF_LINE };

struct packet {
	struct ttp_seg seg;
	u8 text[];
};

struct bn_event {
	u64 at;
	u32 nth;		/* of two at once the first that was made */
	enum what what;
	struct bn_flow *flow;
	struct packet *packet;
};

static u32 chance(struct bottleneck *bn, u32 of)
{
	bn->seed ^= bn->seed >> 12;
	bn->seed ^= bn->seed << 25;
	bn->seed ^= bn->seed >> 27;
	return of ? (u32)((bn->seed * 2685821657736338717ULL) >> 32) % of : 0;
}

/* ---- events: a heap ---- */

static bool before(const struct bn_event *a, const struct bn_event *b)
{
	return a->at < b->at || (a->at == b->at && (s32)(a->nth - b->nth) < 0);
}

static void at(struct bottleneck *bn, u64 when, enum what what, struct bn_flow *f,
	       struct packet *p)
{
	struct bn_event e = { when, bn->nth++, what, f, p };
	u32 i = bn->nevent++;

	if (bn->nevent > bn->room) {
		bn->room = bn->room ? 2 * bn->room : 1024;
		bn->events = realloc(bn->events, bn->room * sizeof(e));
		if (!bn->events)
			abort();
	}
	for (; i && before(&e, &bn->events[(i - 1) / 2]); i = (i - 1) / 2)
		bn->events[i] = bn->events[(i - 1) / 2];
	bn->events[i] = e;
}

static struct bn_event next_event(struct bottleneck *bn)
{
	struct bn_event first = bn->events[0], last = bn->events[--bn->nevent];
	u32 i = 0, child;

	while ((child = 2 * i + 1) < bn->nevent) {
		if (child + 1 < bn->nevent && before(&bn->events[child + 1], &bn->events[child]))
			child++;
		if (!before(&bn->events[child], &last))
			break;
		bn->events[i] = bn->events[child];
		i = child;
	}
	bn->events[i] = last;
	return first;
}

/* ---- the line ---- */

static u64 line_us(const struct bottleneck *bn, const struct ttp_seg *seg)
{
	return max((seg->len + BN_HEADER) * 8000000ULL / bn->rate, 1ULL);
}

static void set_queue(struct bottleneck *bn, u32 queue)
{
	u64 since = max(bn->queue_since, bn->from_us);

	if (bn->now > since)
		bn->queue_us += bn->queue * (bn->now - since);
	bn->queue_since = bn->now;
	bn->queue = queue;
	if (bn->now >= bn->from_us)
		bn->queue_max = max(bn->queue_max, queue);
}

static struct packet *packet(const struct ttp_seg *seg)
{
	struct packet *p = port_alloc(sizeof(*p) + seg->len);

	p->seg = *seg;
	return p;
}

/* From the sender: into the queue, if there is room. */
static void to_line(struct bottleneck *bn, struct bn_flow *f, struct packet *p)
{
	bool counts = bn->now >= bn->from_us;

	if (bn->queue >= bn->buffer || (bn->loss && chance(bn, 1000000) < bn->loss)) {
		f->drops += counts;
		port_free(p);
		return;
	}
	if (bn->mark && p->seg.ect && bn->queue >= bn->mark) {
		p->seg.ce = true;
		f->marks += counts;
	}
	set_queue(bn, bn->queue + 1);
	bn->line_free = max(bn->line_free, bn->now) + line_us(bn, &p->seg);
	at(bn, bn->line_free, OFF_LINE, f, p);
}

/* From the receiver.  A little chance keeps flows from marching in step, which
 * would let one of them find the queue full always and another never (Floyd and
 * Jacobson, "On traffic phase effects in packet-switched gateways", 1992).
 */
static void to_sender(struct bottleneck *bn, struct bn_flow *f, const struct ttp_seg *seg)
{
	struct ttp_seg full = { .len = bn->mss };
	u64 when = bn->now + f->delay_us;

	if (bn->nflow > 1)
		when += chance(bn, line_us(bn, &full));
	f->last_ack = max(f->last_ack, when);
	at(bn, f->last_ack, AT_SENDER, f, packet(seg));
}

/* ---- the ends ---- */

static u64 clock_of(const struct bottleneck *bn)
{
	return START_US + bn->now;
}

static void push(struct bottleneck *bn, struct bn_flow *f, struct ttp_tcb *tcb)
{
	struct ttp_out out;
	struct packet *p;

	while (tcb == f->snd && tcb->conn.state == TTP_ESTABLISHED &&
	       tcb->snd.end - tcb->snd.nxt < AHEAD)
		port_write(tcb, CHUNK * bn->mss);
	while (ttp_send_next(tcb, clock_of(bn), &out)) {
		if (tcb == f->snd) {
			p = packet(&out.seg);
			if (out.rec)
				port_copy(tcb, out.rec, p->text);
			to_line(bn, f, p);
		} else {
			to_sender(bn, f, &out.seg);
		}
		ttp_send_done(tcb, &out, clock_of(bn));
		while (tcb == f->snd && out.rec && tcb->snd.end - tcb->snd.nxt < AHEAD)
			port_write(tcb, CHUNK * bn->mss);
	}
}

static u32 rcvbuf(const struct bottleneck *bn, const struct bn_flow *f)
{
	u64 need = bn->rate / 8 * 2 * f->delay_us / 1000000 + bn->buffer * (u64)bn->mss;

	return clamp(4 * need, 1ULL << 18, 1ULL << 26);
}

static struct ttp_tcb *new_tcb(struct bottleneck *bn, struct bn_flow *f, bool sender)
{
	struct ttp_tcb *tcb = port_tcb(&bn->cfg, sender ? 65536 : rcvbuf(bn, f));

	tcb->route.advmss = bn->mss + 12;		/* and a timestamp */
	tcb->opt.rcv_wscale = 11;
	tcb->cong_ops = f->algorithm;
	return tcb;
}

static void begin(struct bottleneck *bn, struct bn_flow *f)
{
	f->snd = new_tcb(bn, f, true);
	ttp_user_connect(f->snd, chance(bn, ~0U), clock_of(bn));
	push(bn, f, f->snd);
}

static void arrives(struct bottleneck *bn, struct bn_flow *f, struct ttp_tcb *tcb,
		    struct packet *p)
{
	struct ttp_seg seg = p->seg;
	struct ttp_verdict v;
	u32 n;

	port_attach(&seg, p->text);
	ttp_arrives(tcb, &seg, clock_of(bn), &v);
	port_detach(&seg, &v);
	if (v.todo & (TTP_DO_RESET | TTP_DO_CLOSED))
		bn->wrong = "a connection was reset";
	if (v.todo & TTP_DO_REPLY && tcb == f->rcv)
		to_sender(bn, f, &v.reply);
	if (tcb == f->rcv) {
		n = port_read(tcb, ~0U >> 1);
		if (n == ~0U)
			bn->wrong = "a wrong byte was received";
		else if (bn->now >= bn->from_us)
			f->received += n;
		if (n)
			ttp_user_read(tcb);
	}
	if (!bn->wrong)
		push(bn, f, tcb);
}

static void to_listener(struct bottleneck *bn, struct bn_flow *f, struct ttp_seg *seg)
{
	struct ttp_verdict v;
	struct ttp_seg synack;

	ttp_passive_listen(seg, &v);
	if (v.todo || v.drop != TTP_MIB_NONE)
		return;
	f->req = port_request();
	f->req->conn.iss = chance(bn, ~0U);
	f->req->route.advmss = bn->mss + 12;
	f->req->rcv_wnd = 65535;
	f->req->cong_flags = f->algorithm->flags;
	f->req->arq = bn->arq;
	f->req->opt.rcv_wscale = 11;
	ttp_passive_open(f->req, seg, &bn->cfg);
	ttp_passive_synack(f->req, clock_of(bn), &synack);
	to_sender(bn, f, &synack);
}

static void to_request(struct bottleneck *bn, struct bn_flow *f, struct packet *p)
{
	struct ttp_verdict v;

	ttp_passive_arrives(f->req, &p->seg, clock_of(bn), &v);
	if (v.todo & TTP_DO_REPLY)
		to_sender(bn, f, &v.reply);
	if (!(v.todo & TTP_DO_PROMOTE))
		return;
	f->rcv = new_tcb(bn, f, false);
	ttp_passive_promote(f->req, f->rcv, clock_of(bn));
	port_request_free(f->req);
	f->req = NULL;
	arrives(bn, f, f->rcv, p);
}

static void happen(struct bottleneck *bn, const struct bn_event *e)
{
	struct bn_flow *f = e->flow;

	switch (e->what) {
	case OFF_LINE:
		set_queue(bn, bn->queue - 1);
		at(bn, bn->now + f->delay_us, AT_RECEIVER, f, e->packet);
		return;
	case AT_RECEIVER:
		if (f->rcv)
			arrives(bn, f, f->rcv, e->packet);
		else if (f->req)
			to_request(bn, f, e->packet);
		else
			to_listener(bn, f, &e->packet->seg);
		break;
	case AT_SENDER:
		arrives(bn, f, f->snd, e->packet);
		break;
	}
	port_free(e->packet);
}

/* ---- the run ---- */

static u64 timer_at(const struct ttp_tcb *tcb)
{
	u64 when = tcb ? ttp_timer_next(tcb, NULL) : 0;

	return when ? when - min(when, START_US) : ~0ULL;
}

static void expire(struct bottleneck *bn, struct bn_flow *f, struct ttp_tcb *tcb)
{
	struct ttp_verdict v;

	ttp_expire_timers(tcb, clock_of(bn), &v);
	if (v.todo & TTP_DO_CLOSED)
		bn->wrong = "a connection timed out";
	else
		push(bn, f, tcb);
}

/* Whatever comes next, until @until.  Return: false when it has come. */
static bool step(struct bottleneck *bn, u64 until)
{
	u64 next = min(until, bn->row_at);
	struct ttp_tcb *tcb = NULL;
	struct bn_flow *f, *whose = NULL;
	struct bn_event e;

	for (f = bn->flows; f < bn->flows + bn->nflow; f++) {
		if (!f->snd && f->start_us < next) {
			next = f->start_us;
			whose = f;
			tcb = NULL;
		}
		if (timer_at(f->snd) < next) {
			next = timer_at(f->snd);
			whose = f;
			tcb = f->snd;
		}
		if (timer_at(f->rcv) < next) {
			next = timer_at(f->rcv);
			whose = f;
			tcb = f->rcv;
		}
	}
	if (bn->nevent && bn->events[0].at <= next) {
		e = next_event(bn);
		bn->now = max(bn->now, e.at);
		happen(bn, &e);
		return true;
	}
	bn->now = max(bn->now, next);
	if (tcb) {
		expire(bn, whose, tcb);
	} else if (whose) {
		begin(bn, whose);
	} else if (next == bn->row_at) {
		for (f = bn->flows; bn->row && f < bn->flows + bn->nflow; f++)
			if (f->snd)
				bn->row(bn, f);
		bn->row_at += bn->interval_us;
	} else {
		return false;
	}
	return true;
}

void bn_begin(struct bottleneck *bn)
{
	bn->row_at = bn->row ? bn->interval_us : ~0ULL;
	bn->cfg = defaults;
	bn->cfg.ecn = bn->mark ? 1 : 2;
	bn->cfg.arq = bn->arq;
	bn->seed = bn->seed * 2 + 1;
}

const char *bn_until(struct bottleneck *bn, u64 until)
{
	while (!bn->wrong && step(bn, min(until, bn->duration_us)))
		;
	set_queue(bn, bn->queue);
	return bn->wrong;
}

const char *bn_run(struct bottleneck *bn)
{
	bn_begin(bn);
	return bn_until(bn, bn->duration_us);
}

void bn_free(struct bottleneck *bn)
{
	struct bn_flow *f;

	while (bn->nevent)
		port_free(bn->events[--bn->nevent].packet);
	free(bn->events);
	for (f = bn->flows; f < bn->flows + bn->nflow; f++) {
		if (f->snd)
			port_tcb_free(f->snd);
		if (f->rcv)
			port_tcb_free(f->rcv);
		if (f->req)
			port_request_free(f->req);
	}
	memset(bn, 0, sizeof(*bn));
}

/* ---- what it came to ---- */

u64 bn_throughput(const struct bottleneck *bn, const struct bn_flow *f)
{
	return f->received * 8 * 1000000 / max(bn->duration_us - bn->from_us, 1ULL);
}

u32 bn_utilisation(const struct bottleneck *bn)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < bn->nflow; i++)
		sum += bn_throughput(bn, &bn->flows[i]);
	return sum * (bn->mss + BN_HEADER) / bn->mss * 1000 / bn->rate;
}

u32 bn_fairness(const struct bottleneck *bn)
{
	double sum = 0, squares = 0, x;
	u32 i;

	for (i = 0; i < bn->nflow; i++) {
		x = bn_throughput(bn, &bn->flows[i]);
		sum += x;
		squares += x * x;
	}
	return squares ? 1000 * sum * sum / (bn->nflow * squares) + 0.5 : 0;
}

u32 bn_drops(const struct bottleneck *bn)
{
	u32 i, sum = 0;

	for (i = 0; i < bn->nflow; i++)
		sum += bn->flows[i].drops;
	return sum;
}

double bn_mean_queue(const struct bottleneck *bn)
{
	return (double)bn->queue_us / max(bn->duration_us - bn->from_us, 1ULL);
}
