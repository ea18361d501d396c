// SPDX-License-Identifier: GPL-2.0
/*
 * host.c - a host: which connection a segment is for, SYN cookies, and timers.  It does what
 * module/input, and module/conn for requests and TIME_WAIT, do in a kernel.
 *
 * Called by play.c.  Next: ends.c for what the core's verdict asks for.
 */
#include <stdio.h>

#include "play.h"
#include "queue.h"

/* ---- SYN cookies ---- */

/* As module/conn/isn.c does, with a hash that nobody needs to fear: nobody attacks a page. */
static u32 cookie(const struct play_end *e, u32 irs, u8 mss)
{
	u64 x = ((u64)e->peer << 48 | (u64)e->peer_port << 32 | irs) * 0x9e3779b97f4a7c15ULL;

	return ((u32)(x >> 32) & ~7U) | mss;
}

static void new_request(struct play_end *e, struct ttp_request *req)
{
	struct play_host *h = play_host(e);

	e->req = req;
	e->conn = &req->conn;
	e->is = REQUEST;
	req->conn.id = ++play.ids;
	req->route.advmss = h->mss;
	req->rcv_wnd = min(h->rcvbuf, 65535U);
	req->opt.rcv_wscale = play_wscale(h);
	req->arq = h->cfg.arq;
}

static void send_cookie(struct play_end *e, const struct ttp_seg *seg)
{
	struct ttp_request req = { .conn.state = TTP_LISTEN };
	struct ttp_seg synack;

	new_request(e, &req);
	ttp_passive_offer(&req, seg, &play_host(e)->cfg);
	req.conn.iss = cookie(e, seg->seq, ttp_passive_cookie_mss(req.opt.mss));
	ttp_passive_synack(&req, play.now, &synack);
	ttp_passive_cookie(&req.opt, &synack);
	play_host(e)->cookies++;
	play_send(e, &req.conn, &synack, NULL, false);
	e->req = NULL;
	e->conn = NULL;
	e->is = FREE;
}

static void promote(struct play_end *e, struct ttp_seg *seg, struct ttp_verdict *v);

/* Is this the ACK of a cookie?  Then it makes a request, which is complete at once. */
static bool take_cookie(struct play_end *e, struct ttp_seg *seg, struct ttp_verdict *v)
{
	u32 iss = seg->ack - 1;

	if (!play_host(e)->cookies || !(seg->flags & TTP_ACK) ||
	    seg->flags & (TTP_SYN | TTP_RST) || cookie(e, seg->seq - 1, iss & 7) != iss)
		return false;
	new_request(e, port_request());
	ttp_passive_cookie_open(e->req, seg, iss & 7, &play_host(e)->cfg);
	promote(e, seg, v);
	return true;
}

/* ---- what arrives ---- */

static void promote(struct play_end *e, struct ttp_seg *seg, struct ttp_verdict *v)
{
	struct ttp_request *req = e->req;
	struct ttp_tcb *tcb = play_new_tcb(e);

	e->req = NULL;
	ttp_passive_promote(req, tcb, play.now);
	port_request_free(req);
	ttp_arrives(tcb, seg, play.now, v);
}

static u32 requests(const struct play_end *listener)
{
	const struct play_end *e;
	u32 n = 0;

	for (e = play.end; e < play.end + play.nend; e++)
		n += e->is == REQUEST && e->host == listener->host && e->port == listener->port;
	return n;
}

static void send_synack(struct play_end *e)
{
	struct ttp_seg synack;

	ttp_passive_synack(e->req, play.now, &synack);
	synack.why = e->req->retransmits ? TTP_WHY_RTO : TTP_WHY_NONE;
	e->req->sent_us = e->req->retransmits ? 0 : play.now;
	e->at = play.now + ttp_timer_synack_us(e->req->retransmits);
	play_send(e, e->conn, &synack, NULL, e->req->retransmits);
}

/* A SYN for a listener, which has room, or sends a cookie, or drops it. */
static void to_syn(struct play_end *e, const struct play_end *listener, u32 follows,
		   const struct ttp_seg *seg, struct ttp_verdict *v)
{
	struct play_host *h = play_host(e);

	if (h->cfg.syncookies == 2 ||
	    (requests(listener) >= h->cfg.max_syn_backlog && h->cfg.syncookies)) {
		v->todo |= TTP_DO_COOKIE;
		return;
	}
	if (requests(listener) >= h->cfg.max_syn_backlog) {
		v->drop = TTP_MIB_LISTEN_DROPS;
		return;
	}
	new_request(e, port_request());
	e->req->conn.iss = play_isn(h, follows);
	ttp_passive_open(e->req, seg, &h->cfg);
}

/* @e is a free end with the right numbers, for whom nobody is but a listener, or nobody. */
static void to_nobody(struct play_end *e, u32 follows, struct ttp_seg *seg, struct ttp_verdict *v)
{
	struct play_end *listener = play_find_listener(e->host, e->port);

	if (!listener) {
		ttp_arrives_closed(seg, v);
		if (v->drop == TTP_MIB_NONE)
			v->drop = TTP_MIB_NO_SOCKET;
		return;
	}
	if (take_cookie(e, seg, v))
		return;
	ttp_passive_listen(seg, v);
	if (!v->todo && v->drop == TTP_MIB_NONE)
		to_syn(e, listener, follows, seg, v);
}

/* An end for what comes to nobody: it has the numbers, and is forgotten if nothing comes of it. */
static struct play_end *stranger(const struct play_packet *p, const struct ttp_seg *seg)
{
	struct play_end *e = play_new_end(p->to);

	if (!e)
		return NULL;
	e->port = seg->dport;
	e->peer = p->from;
	e->peer_port = seg->sport;
	return e;
}

static void to_end(struct play_end *e, struct ttp_seg *seg, struct ttp_verdict *v)
{
	u32 follows;

	switch (e->is) {
	case REQUEST:
		ttp_passive_arrives(e->req, seg, play.now, v);
		if (v->todo & TTP_DO_PROMOTE)
			promote(e, seg, v);
		return;
	case TCB:
		ttp_arrives(e->tcb, seg, play.now, v);
		return;
	case TIME_WAIT:
		ttp_timewait_arrives(e->tw, seg, play.now, v);
		if (!(v->todo & TTP_DO_REOPEN))
			return;
		follows = ttp_timewait_iss(e->tw);
		play_forget(e);
		e->order = ++play.order;
		ttp_verdict_init(v);
		to_nobody(e, follows, seg, v);
		return;
	default:
		to_nobody(e, 0, seg, v);
	}
}

static void after(struct play_end *e, struct ttp_seg *seg, struct ttp_verdict *v)
{
	switch (e->is) {
	case REQUEST:
		if (v->todo & TTP_DO_REPLY)
			play_reply(e, v);
		if (v->todo & TTP_DO_RESET)
			play_reply(e, v);
		if (v->todo & TTP_DO_REFUSE)
			play_forget(e);
		else if (!e->at)
			send_synack(e);
		break;
	case TIME_WAIT:
		if (v->todo & TTP_DO_REPLY)
			play_reply(e, v);
		if (v->todo & TTP_DO_RESTART)
			e->at = play.now + 2000ULL * e->tw->cfg->msl_ms;
		break;
	case TCB:
		play_carry_out(e, v);
		break;
	default:
		if (v->todo & TTP_DO_COOKIE)
			send_cookie(e, seg);
		else if (v->todo & TTP_DO_RESET)
			play_reply(e, v);
	}
}

/* A packet arrives that was not damaged. */
static void segment(struct play_packet *p, struct ttp_seg *seg, const char *fault)
{
	struct play_end *e = play_find(p->to, seg->dport, p->from, seg->sport);
	struct ttp_seg came = *seg;
	struct ttp_verdict v;

	if (!e)
		e = stranger(p, seg);
	if (!e)
		return;
	ttp_verdict_init(&v);
	port_attach(seg, p->data);
	to_end(e, seg, &v);
	port_detach(seg, &v);
	tell_segment(e, e->conn, false, &came, false, fault, &v);
	after(e, &came, &v);
}

/* What a fault has held back until this one had come follows. */
static void release(const struct play_packet *p)
{
	struct play_packet *q;

	for (q = play.packet; q < play.packet + play.npacket; q++) {
		if (!q->at || !q->until_next || q->to != p->to || q->from != p->from ||
		    memcmp(q->hdr, p->hdr, 2 * sizeof(u16)))
			continue;
		q->until_next = false;
		q->at = p->at;
		q->nth = 0;
	}
}

/* It goes on: to its connection, if its checksum is right. */
static void take(struct play_packet *p, struct ttp_seg *seg, const char *fault)
{
	if (p->corrupt)
		play.host[p->to].count[TTP_MIB_IN_CSUM_ERRORS]++;
	else
		segment(p, seg, fault);
	release(p);
}

/* The same packet comes later. */
static void hold_back(const struct play_packet *p, const struct ttp_seg *seg,
		      const struct play_fault *f, const char *fault)
{
	struct play_packet *again = play_put(p->from, p->to, seg, p->data, 1);

	if (!again)
		return;
	again->until_next = f->action == PLAY_REORDER;
	again->at = play.now + (again->until_next ? PLAY_REORDER_US : f->delay_ms * 1000ULL);
	again->ce = p->ce;
	again->corrupt = p->corrupt;
	again->passed = true;
	snprintf(again->fault, PLAY_WORDS, "%s", fault);
}

/* It is lost, or damaged: who would have got it tells it. */
static void tell_lost(struct play_packet *p, const struct ttp_seg *seg, const char *fault)
{
	struct play_end *e = play_find(p->to, seg->dport, p->from, seg->sport) ?: stranger(p, seg);

	if (e)
		tell_segment(e, e->conn, false, seg, false, fault, NULL);
}

/* A fault of the receiver (module/ip/hold.c). */
static void with_fault(struct play_packet *p, struct ttp_seg *seg, const struct ttp_conn *conn,
		       const struct play_fault *f)
{
	char buf[PLAY_WORDS];
	const char *words = play_fault_words(f, buf);
	struct ttp_seg copy = *seg;

	switch (f->action) {
	case PLAY_DELAY:
	case PLAY_REORDER:
		hold_back(p, seg, f, words);
		return;
	case PLAY_DROP:
		tell_lost(p, seg, words);
		return;
	case PLAY_CORRUPT:
		tell_lost(p, seg, words);
		p->corrupt = true;
		break;
	case PLAY_DUPLICATE:
		take(p, &copy, NULL);
		break;
	case PLAY_SET:
		play_fault_set(f, seg->flags & TTP_SYN ? seg->seq : conn->irs, conn->iss, seg);
		break;
	}
	take(p, seg, words);
}

/**
 * play_arrives - a packet arrives
 * @p: the packet; the caller frees it
 */
void play_arrives(struct play_packet *p)
{
	static const struct ttp_conn none = { .state = TTP_CLOSED };
	u32 total = p->hdrlen + p->len;
	const struct ttp_conn *conn;
	struct play_fault *f = NULL;
	struct play_end *e;
	struct ttp_seg seg;

	if (ttp_wire_hdrlen(p->hdr, total) != p->hdrlen ||
	    ttp_wire_parse(p->hdr, p->hdrlen, total, &seg)) {
		play.host[p->to].count[TTP_MIB_IN_ERRS]++;
		return;
	}
	seg.ce = p->ce;
	e = play_find(p->to, seg.dport, p->from, seg.sport);
	conn = e ? e->conn : &none;
	/* what a fault has held back has no other (module/input/faulty.c) */
	if (!p->passed)
		f = play_fault_find(&play.host[p->to], false, &seg, conn);
	if (f)
		with_fault(p, &seg, conn, f);
	else
		take(p, &seg, p->passed ? p->fault : NULL);
}

/* ---- timers ---- */

/* Return: when something happens by itself, microseconds; 0: never. */
u64 play_end_at(const struct play_end *e)
{
	switch (e->is) {
	case TCB:
		return ttp_timer_next(e->tcb, NULL);
	case REQUEST:
	case TIME_WAIT:
		return e->at;
	default:
		return 0;
	}
}

void play_timer(struct play_end *e)
{
	struct ttp_verdict v;

	if (e->is == TCB) {
		ttp_expire_timers(e->tcb, play.now, &v);
		play_carry_out(e, &v);
	} else if (e->is == REQUEST && e->req->retransmits < e->req->cfg->synack_retries) {
		e->req->retransmits++;
		send_synack(e);
	} else if (e->is == REQUEST) {
		ttp_fsm_set_state(e->conn, TTP_CLOSED, TTP_BY_TIMER, "SYN,ACK timeout", NULL);
		play_forget(e);
	} else if (e->is == TIME_WAIT) {
		ttp_fsm_set_state(e->conn, TTP_CLOSED, TTP_BY_TIMER, "2 MSL", NULL);
		play_forget(e);
	}
}
