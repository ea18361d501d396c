// SPDX-License-Identifier: GPL-2.0
/*
 * ends.c - the ends of connections: which there are, what is sent for them, and what the core's
 * verdict asks for.  It does what module/conn does in a kernel.
 *
 * Called by host.c and calls.c.  Next: wire.c for what is sent.
 */
#include "play.h"
#include "queue.h"

/* Return: an end of nothing yet; NULL: there are too many. */
struct play_end *play_new_end(u8 host)
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

/* Return: the connection with this 4-tuple, or NULL. */
struct play_end *play_find(u8 host, u16 port, u8 peer, u16 peer_port)
{
	struct play_end *e;

	for (e = play.end; e < play.end + play.nend; e++)
		if (e->is != FREE && e->is != LISTENER && e->host == host && e->port == port &&
		    e->peer == peer && e->peer_port == peer_port)
			return e;
	return NULL;
}

struct play_end *play_find_listener(u8 host, u16 port)
{
	struct play_end *e;

	for (e = play.end; e < play.end + play.nend; e++)
		if (e->is == LISTENER && e->host == host && e->port == port)
			return e;
	return NULL;
}

/* The connection that the user's calls are for. */
struct play_end *play_current(u8 host)
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
u32 play_isn(struct play_host *h, u32 follows)
{
	if (h->isn_next < h->nisn)
		return h->isn[h->isn_next++];
	return follows ?: play_chance(U32_MAX) + 1;
}

/* The least shift by which the receive buffer fits into the header's 16 bits; a kernel counts
 * twice what its user has asked for (SO_RCVBUF), for what packets weigh beyond their data.
 */
u8 play_wscale(const struct play_host *h)
{
	u8 shift = 0;

	while (2 * h->rcvbuf >> shift > 0xffff && shift < TTP_WSCALE_MAX)
		shift++;
	return shift;
}

struct ttp_tcb *play_new_tcb(struct play_end *e)
{
	struct play_host *h = play_host(e);
	struct ttp_tcb *tcb = port_tcb(&h->cfg, h->rcvbuf);

	tcb->route.advmss = h->mss;
	tcb->snd.burst = PLAY_BURST;
	tcb->asked.nodelay = h->nodelay;
	tcb->asked.keep.on = h->keepalive;
	tcb->opt.rcv_wscale = play_wscale(h);
	tcb->cong_ops = h->cong;
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

void play_push(struct play_end *e)
{
	struct ttp_out out;

	while (ttp_send_next(e->tcb, play.now, &out)) {
		send_pieces(e, &out);
		play.now += ttp_txq_unsent(e->tcb) || e->tcb->lost != e->tcb->resent;
	}
}

/* A request's answer with a SYN is its SYN,ACK once more. */
void play_reply(struct play_end *e, struct ttp_verdict *v)
{
	play_send(e, e->conn, &v->reply, NULL, e->is == REQUEST && v->reply.flags & TTP_SYN);
}

/* ---- what the core asks for ---- */

static u32 timewaits(u8 host)
{
	const struct play_end *e;
	u32 n = 0;

	for (e = play.end; e < play.end + play.nend; e++)
		n += e->is == TIME_WAIT && e->host == host;
	return n;
}

static void to_time_wait(struct play_end *e)
{
	if (timewaits(e->host) >= play_host(e)->cfg.max_tw_buckets) {
		ttp_fsm_set_state(e->conn, TTP_CLOSED, TTP_BY_KERNEL, "too many TIME_WAIT", NULL);
		play_forget(e);
		return;
	}
	e->tw = port_timewait();
	ttp_timewait_init(e->tw, e->tcb);
	port_tcb_free(e->tcb);
	e->tcb = NULL;
	e->conn = &e->tw->conn;
	e->is = TIME_WAIT;
	e->at = play.now + 2000ULL * e->tw->cfg->msl_ms;
}

/* A verdict is carried out in the order of its bits; @e may be gone after it. */
void play_carry_out(struct play_end *e, struct ttp_verdict *v)
{
	if (v->todo & (TTP_DO_RESET | TTP_DO_REPLY))
		play_reply(e, v);
	if (v->todo & TTP_DO_CONNECTED)
		ttp_timer_keepalive(e->tcb, play.now);
	if (v->todo & TTP_DO_SEND)
		play_push(e);
	if (v->todo & TTP_DO_TIME_WAIT)
		to_time_wait(e);
	if (v->todo & TTP_DO_CLOSED)
		play_forget(e);
	else
		e->wakes = e->is == TCB;
}
