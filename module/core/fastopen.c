// SPDX-License-Identifier: GPL-2.0
/*
 * fastopen.c - TCP Fast Open (RFC 7413): data on the SYN, which the user of the other end gets
 * before the three-way handshake is over.
 *
 *	client		SYN, cookie, data	ttp_fastopen_connect(), ttp_fastopen_syn()
 *	server		SYN,ACK of the data	ttp_fastopen_child(): a TCB in SYN_RCVD at once
 *	client		ACK			ttp_fastopen_synack()
 *
 * A cookie proves that the client gets what is sent to its address.  A client without one asks
 * for it, by an empty option, and sends no data on that SYN.  Whatever goes wrong, the
 * handshake goes on as if there were no Fast Open, and the data is sent after it (4.2.1).
 *
 * Called by send.c, arrives.c and expire.c; by socket/fastopen.c and conn/fastopen.c.
 * Next: conn/fastopen.c, which makes, checks and remembers cookies.
 */
#include "core.h"

#define OPTIONS_MAX	(TTP_HDR_MAX - TTP_HDR_LEN)

/**
 * ttp_fastopen_connect - the SYN of this active OPEN takes part in Fast Open
 * @tcb: after ttp_user_connect(), with a flow, and nothing was sent
 * @cookie: what the server gave us before; empty: ask for one; %NULL: it needs none
 * @mss: most data of a segment that the server takes and the path carries
 */
void ttp_fastopen_connect(struct ttp_tcb *tcb, const struct ttp_cookie *cookie, u16 mss)
{
	struct ttp_fastopen *fo = &tcb->fastopen;

	fo->asked = true;
	fo->without = !cookie;
	if (cookie)
		tcb->flow->cookie = *cookie;
	if (!tcb->flow->cookie.len && !fo->without)
		fo->fail = TTP_FASTOPEN_NO_COOKIE_YET;
	tcb->opt.mss = mss;
	ttp_send_mss(tcb, mss);
}

/**
 * ttp_fastopen_room - how much data the SYN can carry
 * @tcb: in SYN_SENT
 *
 * Return: bytes; there is room for all options.
 */
u32 ttp_fastopen_room(const struct ttp_tcb *tcb)
{
	const struct ttp_fastopen *fo = &tcb->fastopen;

	if (!fo->asked || !(tcb->flow->cookie.len || fo->without) || tcb->opt.mss <= OPTIONS_MAX)
		return 0;
	return min(tcb->opt.mss - OPTIONS_MAX, tcb->snd.mss);
}

/* The first SYN of the client: its cookie, and the data that waits.  A SYN that is sent again
 * has neither (4.1.3: a middlebox may drop them).
 */
void ttp_fastopen_syn(struct ttp_tcb *tcb, struct ttp_out *out)
{
	struct ttp_txrec *rec = ttp_txq_unsent(tcb);
	u32 room = ttp_fastopen_room(tcb);

	if (!tcb->fastopen.asked)
		return;
	out->seg.has_cookie = !tcb->fastopen.without;
	out->seg.cookie = tcb->flow->cookie;
	if (!rec || !room)
		return;
	if (rec->end - rec->seq > room && ttp_txq_split(tcb, rec, rec->seq + room))
		return;
	out->rec = rec;
	out->seg.len = rec->end - rec->seq;
	tcb->fastopen.data = true;
}

/* Data of the SYN, or a part of it, that the SYN,ACK does not acknowledge is sent again at once. */
static void data_refused(struct ttp_tcb *tcb)
{
	tcb->fastopen.fail = tcb->total_retrans ? TTP_FASTOPEN_SYN_AGAIN :
						  TTP_FASTOPEN_DATA_NOT_ACKED;
	ttp_count(&tcb->conn, TTP_MIB_FASTOPEN_ACTIVE_FAIL);
	ttp_recovery_not_taken(tcb);
}

/* The client's handshake has ended: was the data taken, and is there a cookie for the next? */
void ttp_fastopen_synack(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_verdict *v)
{
	struct ttp_fastopen *fo = &tcb->fastopen;

	if (!fo->asked)
		return;
	tcb->flow->cookie.len = 0;
	if (seg->flags & TTP_SYN && seg->has_cookie && seg->cookie.len)
		tcb->flow->cookie = seg->cookie;
	v->todo |= TTP_DO_COOKIE;
	if (!fo->data)
		return;
	if (ttp_scoreboard_first(tcb)) {
		data_refused(tcb);
		return;
	}
	fo->acked = true;
	ttp_count(&tcb->conn, TTP_MIB_FASTOPEN_ACTIVE);
}

/* The third timeout in a row, or the last one: a middlebox may drop all of a connection that
 * began with Fast Open.
 */
void ttp_fastopen_timeout(const struct ttp_tcb *tcb, bool last, struct ttp_verdict *v)
{
	if (!tcb->fastopen.asked)
		return;
	if (tcb->retransmits == 2 || (tcb->retransmits < 2 && last))
		v->todo |= TTP_DO_NO_FASTOPEN;
}

/**
 * ttp_fastopen_child - a SYN that a server may believe: its connection begins at once
 * @tcb: after ttp_passive_promote()
 * @seg: the SYN; its data is taken, as far as there is room
 * @cookie: for the SYN,ACK, in place of one that is getting old; empty: none
 * @now: microseconds
 * @v: filled in
 */
void ttp_fastopen_child(struct ttp_tcb *tcb, struct ttp_seg *seg,
			const struct ttp_cookie *cookie, u64 now, struct ttp_verdict *v)
{
	struct ttp_rx_result res;

	ttp_verdict_init(v);
	tcb->fastopen.child = true;
	if (ttp_flow_need(tcb, now, false))
		tcb->flow->cookie = *cookie;
	tcb->snd.nxt = tcb->conn.iss;
	tcb->pending = TTP_PEND_SYN;
	tcb->last_data_us = now;
	ttp_ack_window(tcb, seg, true);
	v->todo |= TTP_DO_SEND;
	seg->flags &= ~TTP_SYN;
	seg->seq++;
	seg->len = min(seg->len, tcb->rcv.wnd);
	if (!seg->len || !tcb->flow)
		return;		/* without memory the client sends it again, too */
	ttp_rxq_add(tcb, seg, &res);
	if (!res.taken)
		return;		/* the client sends it again */
	tcb->fastopen.acked = true;
	tcb->rcv.nxt = res.nxt;
	tcb->bytes_received += seg->len;
	tcb->data_segs_in++;
	tcb->data_us = now;
	v->todo |= TTP_DO_TAKEN | TTP_DO_READ;
}

/* The SYN of an early child came again: its SYN,ACK was lost, or is late. */
bool ttp_fastopen_again(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now,
			struct ttp_verdict *v)
{
	if (seg->seq != tcb->conn.irs ||
	    (seg->flags & (TTP_SYN | TTP_ACK | TTP_RST | TTP_FIN)) != TTP_SYN)
		return false;
	v->drop = TTP_MIB_OUT_OF_WINDOW;
	if (ttp_limited(tcb->cfg, now, &tcb->challenge_us)) {
		ttp_count(&tcb->conn, TTP_MIB_ACK_SKIPPED_SYN_RCVD);
		return true;
	}
	ttp_syn_again(&tcb->opt, seg);
	tcb->pending |= TTP_PEND_SYN;
	tcb->why_resent = TTP_WHY_NONE;
	v->answer = "SYN again: SYN,ACK";
	v->todo |= TTP_DO_SEND;
	return true;
}
