// SPDX-License-Identifier: GPL-2.0
/*
 * sim_check.c - what must hold of every segment sent and after every event.
 */
#include "build.h"
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

/* 3.8.6: "a TCP receiver SHOULD NOT shrink the window" */
static void check_window(struct sim *s, struct sim_end *e, const struct ttp_seg *seg)
{
	u32 wnd = seg->wnd, right;

	if (!(seg->flags & TTP_ACK) || seg->flags & TTP_RST)
		return;
	if (!(seg->flags & TTP_SYN) && e->tcb)
		wnd <<= e->tcb->opt.rcv_wscale;
	else if (!(seg->flags & TTP_SYN) && e->tw)
		wnd <<= e->tw->opt.rcv_wscale;
	right = seg->ack + wnd;
	if (e->is == TCB && e->has_promised && seq_lt(right, e->promised))
		broken(s, "the window shrank");
	if (e->is == TCB && e->has_promised && seq_lt(seg->ack, e->acked))
		broken(s, "an acknowledgement was taken back");
	if (!e->has_promised || seq_gt(right, e->promised))
		e->promised = right;
	e->acked = seg->ack;
	e->has_promised = true;
}

static void check_text(struct sim *s, struct sim_end *e, const struct ttp_seg *seg)
{
	const struct sim_end *peer = &s->end[e == &s->end[0]];
	u32 end = seg->seq + seg->len;

	if (seg->flags & TTP_FIN) {
		if (e->has_fin && e->fin != end)
			broken(s, "the FIN moved");
		e->fin = end;
		e->has_fin = true;
	}
	if (!seg->len)
		return;
	if (!e->tcb || seg->len > e->tcb->snd.mss)
		broken(s, "a segment is longer than the MSS");
	if (peer->has_promised && seq_gt(end, peer->promised))
		broken(s, "text was sent beyond any window advertised");
	if (e->has_fin && seq_gt(end, e->fin))
		broken(s, "text was sent after the FIN");
	if (e->tcb && e->tcb->snd.una == e->tcb->conn.iss)
		broken(s, "text was sent before the SYN was acknowledged");
}

void sim_check_sent(struct sim *s, struct sim_end *e, const struct ttp_seg *seg)
{
	bool synchronized = e->tcb && e->tcb->snd.una != e->tcb->conn.iss;

	if (seg->flags & TTP_SYN && synchronized)
		broken(s, "a SYN in a synchronized state");
	if (e->tcb && e->tcb->conn.state != TTP_SYN_SENT &&
	    !(seg->flags & (TTP_ACK | TTP_RST)))
		broken(s, "no ACK after SYN_SENT");
	check_window(s, e, seg);
	check_text(s, e, seg);
}

static void check_tcb(struct sim *s, struct ttp_tcb *tcb)
{
	bool fin = tcb->snd.fin_queued && tcb->snd.fin.flags & TTP_TX_SENT;
	bool waiting = ttp_txq_unsent(tcb) || (tcb->snd.fin_queued && !fin);

	if (tcb->conn.state == TTP_CLOSED || tcb->conn.state == TTP_TIME_WAIT)
		broken(s, "a TCB in a state that has none");
	if (!sums_right(tcb))
		broken(s, "the scoreboard's sums are wrong");
	if (seq_gt(tcb->snd.una, tcb->snd.nxt) ||
	    seq_gt(tcb->snd.nxt, tcb->snd.end + fin))
		broken(s, "SND.UNA =< SND.NXT =< end does not hold");
	if (tcb->snd.una != tcb->snd.nxt && !tcb->deadline[TTP_TM_RTX])
		broken(s, "something is outstanding and RTX does not run");
	if (tcb->snd.una == tcb->snd.nxt && waiting && !tcb->deadline[TTP_TM_RTX] &&
	    !tcb->deadline[TTP_TM_PERSIST] && !tcb->deadline[TTP_TM_RETRY])
		broken(s, "something waits to be sent and no timer runs");
	if (seq_gt(tcb->rcv.read, tcb->rcv.nxt))
		broken(s, "more was read than was received");
}

void sim_check(struct sim *s)
{
	u32 i;

	for (i = 0; i < 2; i++)
		if (s->end[i].is == TCB)
			check_tcb(s, s->end[i].tcb);
}
