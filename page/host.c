// SPDX-License-Identifier: GPL-2.0
/*
 * host.c - a host: which connection a segment is for, what the core's verdict asks for, timers,
 * and the calls of the user.  It does what module/conn, module/input and module/socket do in a
 * kernel, and is as short as that allows.
 *
 * A host's users are simple: each has one connection, reads at once (unless "reading off"),
 * and all calls are for the newest connection that its user has not closed.
 *
 * Called by play.c and scenario.c.  Next: wire.c for what is sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "queue.h"

/* ---- the ends ---- */

static struct play_end *new_end(u8 host)
{
	struct play_end *e = play.end;

	while (e < play.end + play.nend && e->is != FREE)
		e++;
	if (e == play.end + PLAY_ENDS)
		return NULL;
	if (e == play.end + play.nend)
		play.nend++;
	*e = (struct play_end){ .host = host, .order = ++play.order };
	return e;
}

/* The end is gone. */
void play_forget(struct play_end *e)
{
	if (e->tcb)
		port_tcb_free(e->tcb);
	if (e->req)
		port_request_free(e->req);
	if (e->tw)
		port_timewait_free(e->tw);
	*e = (struct play_end){
		.host = e->host, .port = e->port, .peer = e->peer, .peer_port = e->peer_port,
	};
}

static struct play_end *find(u8 host, u16 port, u8 peer, u16 peer_port)
{
	struct play_end *e;

	for (e = play.end; e < play.end + play.nend; e++)
		if (e->is != FREE && e->is != LISTENER && e->host == host && e->port == port &&
		    e->peer == peer && e->peer_port == peer_port)
			return e;
	return NULL;
}

static struct play_end *find_listener(u8 host, u16 port)
{
	struct play_end *e;

	for (e = play.end; e < play.end + play.nend; e++)
		if (e->is == LISTENER && e->host == host && e->port == port)
			return e;
	return NULL;
}

/* The connection that the user's calls are for. */
static struct play_end *current(u8 host)
{
	struct play_end *e, *newest = NULL;

	for (e = play.end; e < play.end + play.nend; e++)
		if (e->is == TCB && e->host == host && e->user &&
		    (!newest || e->order > newest->order))
			newest = e;
	return newest;
}

/* The newest end of a host, whoever still has it; what is forged is for this one. */
const struct play_end *play_newest(u8 host)
{
	struct play_end *e, *newest = NULL;

	for (e = play.end; e < play.end + play.nend; e++)
		if (e->is != FREE && e->is != LISTENER && e->host == host &&
		    (!newest || e->order > newest->order))
			newest = e;
	return newest;
}

/* Where a connection begins: as net.ttp.isn says, else by chance. */
static u32 isn(struct play_host *h, u32 follows)
{
	if (h->isn_next < h->nisn)
		return h->isn[h->isn_next++];
	return follows ?: play_chance(U32_MAX) + 1;
}

/* The least shift by which the receive buffer fits into the header's 16 bits; a kernel counts
 * twice what its user has asked for (SO_RCVBUF), for what packets weigh beyond their data.
 */
static u8 wscale(const struct play_host *h)
{
	u8 shift = 0;

	while (2 * h->rcvbuf >> shift > 0xffff && shift < TTP_WSCALE_MAX)
		shift++;
	return shift;
}

static struct ttp_tcb *new_tcb(struct play_end *e)
{
	struct play_host *h = play_host(e);
	struct ttp_tcb *tcb = port_tcb(&h->cfg, h->rcvbuf);

	tcb->sport = e->port;
	tcb->dport = e->peer_port;
	tcb->mss_route = h->mss;
	tcb->snd.burst = PLAY_BURST;
	tcb->nodelay = h->nodelay;
	tcb->keep.on = h->keepalive;
	tcb->opt.rcv_wscale = wscale(h);
	tcb->cong.ops = h->cong;
	e->tcb = tcb;
	e->conn = &tcb->conn;
	e->is = TCB;
	e->user = true;
	h->has_socket = true;
	return tcb;
}

/* ---- sending ---- */

/* Send what the core has chosen, one segment after the other: a record is data of many.  Each
 * takes a microsecond: the core finds out by their times which of two was sent first.
 */
static void send_pieces(struct play_end *e, struct ttp_out *out)
{
	static u8 data[PLAY_RECORD];
	struct ttp_seg piece;
	u32 off = 0;

	if (out->rec && out->seg.len <= PLAY_RECORD)
		port_copy(e->tcb, out->rec, data);
	do {
		ttp_send_piece(e->tcb, &out->seg, off, &piece);
		if (!off)
			ttp_send_done(e->tcb, out, play.now);
		play_send(e, e->conn, &piece, data + off, out->retransmission);
		off += piece.len;
		play.now += off < out->seg.len;
	} while (off < out->seg.len);
}

static void push(struct play_end *e)
{
	struct ttp_out out;

	while (ttp_send_next(e->tcb, play.now, &out)) {
		send_pieces(e, &out);
		play.now += ttp_txq_unsent(e->tcb) || e->tcb->lost != e->tcb->resent;
	}
}

/* A request's answer with a SYN is its SYN,ACK once more. */
static void reply(struct play_end *e, struct ttp_verdict *v)
{
	v->reply.sport = e->port;
	v->reply.dport = e->peer_port;
	play_send(e, e->conn, &v->reply, NULL, e->is == REQUEST && v->reply.flags & TTP_SYN);
}

/* ---- the user ---- */

static void carry_out(struct play_end *e, struct ttp_verdict *v);

/* So much one record of the send buffer may have: whole segments. */
static u32 record_max(const struct ttp_tcb *tcb)
{
	u32 max = ttp_send_half_window(tcb, PLAY_BURST);

	return max(tcb->snd.mss, max - max % tcb->snd.mss);
}

/* What send() was given goes into the send buffer as far as there is room. */
static bool write_more(struct play_end *e)
{
	struct ttp_tcb *tcb = e->tcb;
	u32 used = tcb->snd.end - tcb->snd.una, room;

	if (!e->to_write || ttp_user_send(tcb) ||
	    tcb->conn.state == TTP_SYN_SENT || tcb->conn.state == TTP_SYN_RCVD)
		return false;
	room = play_host(e)->sndbuf > used ? play_host(e)->sndbuf - used : 0;
	if (!room)
		return false;
	room = min(room, e->to_write);
	e->to_write -= room;
	ttp_send_idle(tcb, play.now);
	host_write(tcb, room, record_max(tcb));
	return true;
}

static void close_now(struct play_end *e)
{
	struct ttp_verdict v;
	bool unread = port_read(e->tcb, 1);

	e->user = false;
	e->then_close = false;
	ttp_user_close(e->tcb, unread, play.now, &v);
	carry_out(e, &v);
}

static u32 read_some(struct play_end *e, u32 max)
{
	u32 n = port_read(e->tcb, max);

	if (n && ttp_user_read(e->tcb))
		push(e);
	return n;
}

/**
 * play_program - the user's program gets the CPU: it writes what it has to, and reads
 * @e: the end
 */
void play_program(struct play_end *e)
{
	e->wakes = false;
	if (e->is != TCB || !e->user)
		return;
	if (play_host(e)->reads)
		read_some(e, U32_MAX >> 1);
	if (write_more(e))
		push(e);
	if (e->is != TCB || e->to_write)
		return;
	if (e->then_shut) {
		e->then_shut = false;
		ttp_user_shutdown(e->tcb, play.now);
		push(e);
	}
	if (e->then_close)
		close_now(e);
}

/* ---- what the core asks for ---- */

static void to_time_wait(struct play_end *e)
{
	e->tw = port_timewait();
	ttp_timewait_init(e->tw, e->tcb);
	port_tcb_free(e->tcb);
	e->tcb = NULL;
	e->conn = &e->tw->conn;
	e->is = TIME_WAIT;
	e->at = play.now + 2000ULL * e->tw->cfg->msl_ms;
}

/* A verdict is carried out in the order of its bits; @e may be gone after it. */
static void carry_out(struct play_end *e, struct ttp_verdict *v)
{
	if (v->todo & (TTP_DO_RESET | TTP_DO_REPLY))
		reply(e, v);
	if (v->todo & TTP_DO_CONNECTED)
		ttp_timer_keepalive(e->tcb, play.now);
	if (v->todo & TTP_DO_SEND)
		push(e);
	if (v->todo & TTP_DO_TIME_WAIT)
		to_time_wait(e);
	if (v->todo & TTP_DO_CLOSED)
		play_forget(e);
	else
		e->wakes = e->is == TCB;
}

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
	req->mss_route = h->mss;
	req->rcv_wnd = min(h->rcvbuf, 65535U);
	req->opt.rcv_wscale = wscale(h);
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
	struct ttp_tcb *tcb = new_tcb(e);

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
	e->at = play.now + ttp_timer_synack_us(e->req);
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
	e->req->conn.iss = isn(h, follows);
	ttp_passive_open(e->req, seg, &h->cfg);
}

/* @e is a free end with the right numbers, for whom nobody is but a listener, or nobody. */
static void to_nobody(struct play_end *e, u32 follows, struct ttp_seg *seg, struct ttp_verdict *v)
{
	struct play_end *listener = find_listener(e->host, e->port);

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
	struct play_end *e = new_end(p->to);

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
			reply(e, v);
		if (v->todo & TTP_DO_RESET)
			reply(e, v);
		if (v->todo & TTP_DO_REFUSE)
			play_forget(e);
		else if (!e->at)
			send_synack(e);
		break;
	case TIME_WAIT:
		if (v->todo & TTP_DO_REPLY)
			reply(e, v);
		if (v->todo & TTP_DO_RESTART)
			e->at = play.now + 2000ULL * e->tw->cfg->msl_ms;
		break;
	case TCB:
		carry_out(e, v);
		break;
	default:
		if (v->todo & TTP_DO_COOKIE)
			send_cookie(e, seg);
		else if (v->todo & TTP_DO_RESET)
			reply(e, v);
	}
}

/* A packet arrives that was not damaged. */
static void segment(struct play_packet *p, struct ttp_seg *seg, const char *fault)
{
	struct play_end *e = find(p->to, seg->dport, p->from, seg->sport);
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
	struct play_end *e = find(p->to, seg->dport, p->from, seg->sport) ?: stranger(p, seg);

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
	e = find(p->to, seg.dport, p->from, seg.sport);
	conn = e ? e->conn : &none;
	/* what a fault has held back has no other (module/input/recv.c) */
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
		carry_out(e, &v);
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

/* ---- the user's calls: each returns NULL, or what is wrong ---- */

static const char *call_listen(u8 host, char **words, u32 n)
{
	struct play_end *e;
	u64 port = PLAY_PORT;

	if (n > 1 || (n && !play_number(words[0], 1, 65535, &port)))
		return "listen [PORT]";
	if (find_listener(host, port))
		return "EADDRINUSE: this port has a listener";
	e = new_end(host);
	if (!e)
		return "too many connections";
	e->is = LISTENER;
	e->port = port;
	e->listener.id = ++play.ids;
	e->listener.kind = TTP_KIND_SOCK;
	e->listener.state = TTP_CLOSED;
	e->conn = &e->listener;
	ttp_fsm_set_state(e->conn, TTP_LISTEN, TTP_BY_USER, "passive OPEN", NULL);
	return NULL;
}

static const char *call_connect(u8 host, char **words, u32 n)
{
	struct play_host *h = &play.host[host];
	struct play_end *e;
	u64 port = PLAY_PORT;
	u32 follows = 0;

	if (n > 1 || (n && !play_number(words[0], 1, 65535, &port)))
		return "connect [PORT]";
	e = find(host, h->port, !host, port);
	/* the user asks for this port, and so needs no net.ttp.tw_reuse (conn/timewait.c) */
	if (e && e->is == TIME_WAIT && ttp_timewait_may_connect(e->tw, true, play.now)) {
		follows = ttp_timewait_iss(e->tw);
		ttp_fsm_set_state(e->conn, TTP_CLOSED, TTP_BY_KERNEL, "connect() takes the name", NULL);
		play_forget(e);
	} else if (e) {
		return "EADDRNOTAVAIL: this host has a connection with these addresses and ports";
	}
	e = new_end(host);
	if (!e)
		return "too many connections";
	e->port = h->port;
	e->peer = !host;
	e->peer_port = port;
	new_tcb(e)->conn.id = ++play.ids;
	e->tcb->opt.ts_off = 0;
	ttp_user_connect(e->tcb, isn(h, follows), play.now);
	push(e);
	return NULL;
}

#define NO_CONNECTION	"this host's user has no connection"

static const char *call_send(u8 host, char **words, u32 n)
{
	struct play_end *e = current(host);
	u64 bytes;

	if (n != 1 || !play_number(words[0], 1, 1 << 30, &bytes))
		return "send BYTES";
	if (!e)
		return NO_CONNECTION;
	if (ttp_user_send(e->tcb) || e->then_shut || e->then_close)
		return "EPIPE: this end has closed";
	e->to_write += bytes;
	play_program(e);
	return NULL;
}

static const char *call_read(u8 host, char **words, u32 n)
{
	struct play_end *e = current(host);
	u64 bytes;

	if (n != 1 || !play_number(words[0], 1, 1 << 30, &bytes))
		return "read BYTES";
	if (!e)
		return NO_CONNECTION;
	read_some(e, bytes);
	return NULL;
}

static const char *call_reading(u8 host, char **words, u32 n)
{
	struct play_end *e = current(host);

	if (n != 1 || (strcmp(words[0], "on") && strcmp(words[0], "off")))
		return "reading on|off";
	play.host[host].reads = !strcmp(words[0], "on");
	if (e)
		play_program(e);
	return NULL;
}

static const char *call_shutdown(u8 host, char **words, u32 n)
{
	struct play_end *e = current(host);

	if (!e)
		return NO_CONNECTION;
	e->then_shut = true;
	play_program(e);
	return NULL;
}

/* Its handshakes end with it; nobody is told. */
static void close_listener(struct play_end *listener)
{
	struct play_end *e;

	for (e = play.end; e < play.end + play.nend; e++) {
		if (e->is != REQUEST || e->host != listener->host || e->port != listener->port)
			continue;
		ttp_fsm_set_state(e->conn, TTP_CLOSED, TTP_BY_USER, "listener closed", NULL);
		play_forget(e);
	}
	ttp_fsm_set_state(listener->conn, TTP_CLOSED, TTP_BY_USER, "CLOSE", NULL);
	play_forget(listener);
}

static const char *call_close(u8 host, char **words, u32 n)
{
	struct play_end *e = current(host);
	bool had = play.host[host].has_socket;

	play.host[host].has_socket = false;
	if (e) {
		e->then_close = true;
		play_program(e);
		return NULL;
	}
	/* its connection is over, or in TIME_WAIT, which needs no user */
	if (had)
		return NULL;
	for (e = play.end; e < play.end + play.nend; e++) {
		if (e->is != LISTENER || e->host != host)
			continue;
		close_listener(e);
		return NULL;
	}
	return NO_CONNECTION;
}

static const char *call_abort(u8 host, char **words, u32 n)
{
	struct play_end *e = current(host);
	struct ttp_verdict v;

	if (!e)
		return NO_CONNECTION;
	e->user = false;
	ttp_verdict_init(&v);
	ttp_user_abort(e->tcb, TTP_BY_USER, "ABORT", 0, play.now, &v);
	carry_out(e, &v);
	return NULL;
}

static const struct {
	const char *name;
	const char *(*call)(u8 host, char **words, u32 n);
} calls[] = {
	{ "listen", call_listen }, { "connect", call_connect }, { "send", call_send },
	{ "read", call_read }, { "reading", call_reading }, { "shutdown", call_shutdown },
	{ "close", call_close }, { "abort", call_abort },
};

/**
 * play_call - the user of a host calls
 * @host: which
 * @words: the call's name, and what it is given
 * @n: how many words
 * @known: filled in: is there such a call?
 *
 * Return: NULL, or what is wrong with it.
 */
const char *play_call(u8 host, char **words, u32 n, bool *known)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		*known = !strcmp(words[0], calls[i].name);
		if (*known)
			return calls[i].call(host, words + 1, n - 1);
	}
	return NULL;
}
