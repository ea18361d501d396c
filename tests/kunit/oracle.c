// SPDX-License-Identifier: GPL-2.0
/*
 * oracle.c - the books of one end: see oracle.h.  The rules are in
 * oracle_rules.c and oracle_ack.c.
 */
#include "build.h"
#include "oracle.h"
#include "port.h"

#define ACK_MAX_US	500000ULL

void oracle_init(struct oracle *o, const struct ttp_config *config)
{
	memset(o, 0, sizeof(*o));
	o->cfg = config;
	o->honest = true;
	o->got_all = true;
	o->biggest = TTP_MSS_DEFAULT;
}

static void broken(struct oracle *o, const char *what)
{
	if (!o->broken)
		o->broken = what;
}

/* Both SYNs are known, or one: what was agreed on? */
static void agree(struct oracle *o)
{
	const struct ttp_seg *our = &o->our_syn, *peer = &o->peer_syn;
	u8 both = TTP_ECE | TTP_CWR, said = TTP_SYN | TTP_ACK | TTP_ECE;

	if (!o->syn_sent || !o->syn_rcvd)
		return;
	o->sack_ok = our->sack_permitted && peer->sack_permitted;
	o->ts_ok = our->has_ts && peer->has_ts;
	o->wscale_ok = our->has_wscale && peer->has_wscale;
	o->ecn_ok = (o->ecn_asked && (peer->flags & (said | TTP_CWR)) == said) ||
		    ((peer->flags & (both | TTP_ACK)) == both &&
		     (our->flags & (said | TTP_CWR)) == said);
}

static void learn_syn(struct oracle *o, const struct ttp_seg *seg)
{
	o->syn_rcvd = true;
	o->peer_syn = *seg;
	o->irs = seg->seq;
	o->cont = seg->seq + 1;
	o->acked = seg->seq;
	agree(o);
}

static void learn_ack(struct oracle *o, const struct ttp_seg *seg,
		      const struct ttp_tcb *tcb, u64 now)
{
	u32 wnd = seg->wnd, edge;

	if (!(seg->flags & TTP_SYN) && o->wscale_ok)
		wnd <<= o->peer_syn.wscale;
	if (seq_gt(seg->ack, o->una)) {
		o->una = seg->ack;
		o->dupacks = 0;
		/* RFC 6298 5.3: the timer runs anew, from here */
		if (tcb && tcb->ca == TTP_CA_OPEN && !tcb->sacked)
			o->rtx = (struct oracle_rtx){
				.seq = seg->ack,
				.at = now,
				.on = o->una != o->nxt,
			};
	} else if (seg->ack == o->una) {
		o->dupacks += !seg->len;
	} else {
		return;
	}
	edge = seg->ack + wnd;
	if (!o->right_known || seq_gt(edge, o->right)) {
		o->right = edge;
		o->probe_gap = 0;
		o->probe_at = 0;
	}
	o->right_known = true;
}

/* A span joins those that it touches. */
static void add_span(struct oracle *o, struct oracle_span span)
{
	struct oracle_span *s;
	u32 i, n = 0;

	for (i = 0; i < o->ngot; i++) {
		s = &o->got[i];
		if (seq_gt(s->left, span.right) || seq_lt(s->right, span.left)) {
			o->got[n++] = *s;
			continue;
		}
		span.left = seq_min(span.left, s->left);
		span.right = seq_max(span.right, s->right);
	}
	if (seq_leq(span.left, o->cont)) {
		o->cont = seq_max(o->cont, span.right);
		o->ngot = n;
		return;
	}
	if (n == ORACLE_SPANS)
		o->got_all = false;
	else
		o->got[n++] = span;
	o->ngot = n;
	o->got_many |= n > TTP_SACK_MAX;
}

static void learn_text(struct oracle *o, const struct ttp_seg *seg, u32 seq,
		       const struct ttp_tcb *tcb, u64 now)
{
	u32 cont = o->cont, end = seq + seg->len;
	bool gap = o->ngot && !o->got_many;

	if (o->has_promised)
		end = seq_min(end, o->promised);
	if (tcb->rcv.fin_seen && seq_leq(seq, tcb->rcv.fin))
		end = seq_min(end, tcb->rcv.fin);
	if (!seq_lt(seq_max(seq, cont), end))
		return;
	/* not the whole block that it is in: a receiver need not remember more
	 * blocks than it can report
	 */
	o->newest = (struct oracle_span){ seq_max(seq, cont), end };
	add_span(o, o->newest);
	o->biggest = max(o->biggest, seg->len);
	o->ooo = o->cont == cont;
	o->owed_now |= o->ooo ? !o->sack_ok || o->of_gap < 3 : gap;
	if (!o->owed_us)
		o->owed_us = now;
}

static void learn_stamp(struct oracle *o, const struct ttp_seg *seg)
{
	u32 *last = &o->stamp[(o->nstamp - 1) % ORACLE_STAMPS];

	if (seg->has_ts && (!o->nstamp || *last != seg->tsval))
		o->stamp[o->nstamp++ % ORACLE_STAMPS] = seg->tsval;
}

/* As long as we have not closed, its ACK may wait for our FIN. */
static void learn_fin(struct oracle *o, struct ttp_tcb *tcb, u64 now)
{
	/* beyond, when the peer had sent data after the FIN before it */
	if (!tcb || !tcb->rcv.fin_seen || o->fin_rcvd || seq_lt(o->cont, tcb->rcv.fin) ||
	    !ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSE_WAIT) | BIT(TTP_CLOSING) |
			BIT(TTP_LAST_ACK) | BIT(TTP_TIME_WAIT)))
		return;
	o->fin_rcvd = true;
	o->ngot = 0;
	o->cont++;
	o->owed_now |= !ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSE_WAIT) | BIT(TTP_LAST_ACK));
	if (!o->owed_us)
		o->owed_us = now;
}

/**
 * oracle_arrived - a segment has arrived, and the core has said what it thinks
 * @o: the books
 * @seg: as it came in, not as the core trimmed it
 * @tcb: or %NULL
 * @v: what the core decided
 * @now: microseconds
 */
void oracle_arrived(struct oracle *o, const struct ttp_seg *seg, struct ttp_tcb *tcb,
		    const struct ttp_verdict *v, u64 now)
{
	bool taken = v->drop == TTP_MIB_NONE || v->drop == TTP_MIB_RCVQ_DROP ||
		     v->drop == TTP_MIB_OFO_DROP;
	bool looked_at = seg->len && v->drop != TTP_MIB_PAWS;
	u32 i, seq = seg->seq + !!(seg->flags & TTP_SYN);

	o->last = *seg;
	o->answering = true;
	o->rtx.heard = true;
	learn_stamp(o, seg);
	if (looked_at && o->syn_rcvd && seq_lt(seq, o->cont))
		o->twice = (struct oracle_span){ seq, seq_min(seq + seg->len, o->cont) };
	for (i = 0; looked_at && i < o->ngot; i++)
		if (seq_leq(o->got[i].left, seq) && seq_leq(seq + seg->len, o->got[i].right))
			o->twice = (struct oracle_span){ seq, seq + seg->len };
	/* a RST is never answered, and a SYN is only now and then */
	if (v->drop == TTP_MIB_DUP_TEXT && !(seg->flags & (TTP_RST | TTP_SYN)))
		o->owed_now = true;
	if (!taken || seg->flags & TTP_RST)
		return;
	if (seg->flags & TTP_SYN && !o->syn_rcvd)
		learn_syn(o, seg);
	if (seg->flags & TTP_ACK && o->syn_sent)
		learn_ack(o, seg, tcb, now);
	if (v->todo & TTP_DO_TAKEN && o->ecn_ok) {
		o->echo &= !(seg->flags & TTP_CWR);
		o->echo |= seg->ce;
		o->marked |= seg->ce;
		o->owed_now |= seg->ce;
	}
	if (tcb && v->todo & TTP_DO_TAKEN)
		learn_text(o, seg, seq, tcb, now);
	learn_fin(o, tcb, now);
	if (!PORT_EXACT && tcb && ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED)) {
		/* what was dropped again is not known here */
		o->cont = tcb->rcv.nxt;
		o->got_all = false;
		o->got_many = true;
	}
}

static u32 our_window(const struct oracle *o, const struct ttp_seg *seg)
{
	u32 wnd = seg->wnd;

	if (!(seg->flags & TTP_SYN) && o->wscale_ok)
		wnd <<= o->our_syn.wscale;
	return seg->ack + wnd;
}

static void book_syn(struct oracle *o, const struct ttp_seg *seg)
{
	u8 both = TTP_ECE | TTP_CWR;

	if (!o->syn_sent) {
		o->iss = seg->seq;
		o->nxt = seg->seq;
		o->una = seg->seq;
		o->small = seg->seq;
	}
	o->syn_sent = true;
	o->our_syn = *seg;
	o->ecn_asked |= (seg->flags & (both | TTP_ACK)) == both;
	agree(o);
}

/* The ACK, window and timestamps of a segment sent are on record. */
static void book_ack(struct oracle *o, const struct oracle_sent *x)
{
	u32 right = our_window(o, x->seg);

	if (!(x->seg->flags & TTP_ACK))
		return;
	if (!o->has_promised || seq_gt(right, o->promised))
		o->promised = right;
	if (!o->has_promised || o->acked != x->seg->ack)
		o->of_gap = 0;
	o->of_gap += x->seg->nsack > 0;
	o->has_promised = true;
	o->acked = x->seg->ack;
	o->owed_us = 0;
	o->owed_now = false;
	o->ooo = false;
	if (x->seg->has_ts) {
		o->tsecr = x->seg->tsecr;
		o->tsecr_known = true;
	}
	if (x->pure && o->answering && !ttp_seg_len(&o->last) && o->last.seq == o->cont) {
		o->answered_us[0] = o->answered_us[1];
		o->answered_us[1] = x->now;
	}
}

/* Is what is sent again sent because of RTX, not of what was heard nor because it
 * is late (RACK)?  RTX has just been set anew, from now on.
 */
static bool by_timer(const struct oracle_sent *x)
{
	const struct ttp_tcb *tcb = x->tcb;

	if (!tcb || x->seg->flags & TTP_SYN)
		return true;
	return tcb->ca == TTP_CA_LOSS && tcb->retransmits &&
	       tcb->deadline[TTP_TM_RTX] == x->now + ttp_rtt_rto(tcb);
}

/* How often is the same sent in vain? */
static void book_again(struct oracle *o, const struct oracle_sent *x)
{
	struct oracle_rtx *r = &o->rtx;
	u32 seq = x->seg->seq;

	if (x->probe) {
		/* the timer runs anew, from here */
		r->at = x->now;
		r->gap = 0;
	} else if (x->again && (o->answering || o->narrowed || !by_timer(x))) {
		r->on = false;	/* the timer may run for long */
	} else if (x->again && r->on && r->seq == seq && !r->heard) {
		r->gap = x->now - r->at;
		r->at = x->now;
		r->count++;
		r->out = ttp_seg_len(x->seg);
	} else if (x->again || o->una == o->nxt) {
		*r = (struct oracle_rtx){ .seq = seq, .at = x->now, .on = true };
	} else {
		r->out += ttp_seg_len(x->seg);
	}
}

static void book_sent(struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_seg *seg = x->seg;
	u32 end = ttp_seg_end(seg);

	if (seg->flags & TTP_SYN)
		book_syn(o, seg);
	o->resent |= x->again;
	if (ttp_seg_len(seg)) {
		book_again(o, x);
	} else if (x->tcb && seg->seq == x->tcb->snd.una - 1) {
		o->probe_gap = o->probe_at ? x->now - o->probe_at : 0;
		o->probe_at = x->now;
	}
	if (ttp_seg_len(seg) && seq_gt(end, o->nxt))
		o->nxt = end;
	if (seg->flags & TTP_FIN) {
		o->fin = x->end;
		o->fin_sent = true;
	}
	if (x->fresh && x->tcb && seg->len < x->tcb->snd.mss)
		o->small = x->end;
	if (seg->has_ts) {
		o->tsval = seg->tsval;
		o->tsval_known = true;
	}
	book_ack(o, x);
}

static void judge(struct oracle *o, const struct oracle_sent *x,
		  const struct oracle_rule *rule)
{
	for (; rule->name; rule++)
		if ((o->honest || !rule->honest) && rule->broken(o, x))
			broken(o, rule->name);
}

/**
 * oracle_sent - a segment is about to go: may it?
 * @o: the books; broken names the first rule that was
 * @x: the segment
 */
void oracle_sent(struct oracle *o, struct oracle_sent *x)
{
	const struct ttp_seg *seg = x->seg;

	x->end = seg->seq + !!(seg->flags & TTP_SYN) + seg->len;
	x->fresh = seg->len && (!o->syn_sent || seq_gt(x->end, o->nxt));
	x->again = ttp_seg_len(seg) && o->syn_sent && seq_leq(ttp_seg_end(seg), o->nxt);
	x->pure = !ttp_seg_len(seg) && !(seg->flags & TTP_RST);
	if (x->tcb && x->tcb->snd.mss != o->mss) {
		/* the path's MTU has changed: all starts anew */
		o->mss_changed |= o->mss && o->syn_rcvd && o->una != o->iss;
		o->mss = x->tcb->snd.mss;
		memset(&o->rtx, 0, sizeof(o->rtx));
		o->narrowed = true;
		o->small = o->una;
	}
	o->judged++;
	judge(o, x, oracle_rules);
	judge(o, x, oracle_ack_rules);
	if (!(seg->flags & TTP_RST))
		book_sent(o, x);
}

/**
 * oracle_settled - all that followed from one event is done
 * @o: the books
 * @tcb: or %NULL
 * @now: microseconds
 */
void oracle_settled(struct oracle *o, struct ttp_tcb *tcb, u64 now)
{
	o->answering = false;
	o->narrowed = false;
	if (!tcb || o->lenient || !ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED) ||
	    tcb->conn.state == TTP_TIME_WAIT)
		return;
	if (o->owed_now)
		broken(o, "data out of order (with SACK, three times), or twice, and a FIN after ours, are ACKed at once (5681 4.2)");
	/* what was only just not enough for an ACK may become one short of two */
	if (seq_gt(o->cont, o->acked) && o->cont - o->acked >= 2 * o->biggest &&
	    (ttp_arq_acks_second(tcb) || tcb->rcv.read == tcb->rcv.nxt))
		broken(o, "an ACK for every second full segment, at once or when it is read (9293 3.8.6.3, SHLD-19)");
	if (o->owed_us && now - o->owed_us > ACK_MAX_US)
		broken(o, "an ACK is not delayed by more than 500 ms (9293 3.8.6.3, MUST-40)");
}

/**
 * oracle_tcb - the invariants of a TCB
 * @tcb: between two events, when all that may be sent was sent
 */
const char *oracle_tcb(struct ttp_tcb *tcb)
{
	bool fin = tcb->snd.fin_queued && tcb->flow->fin.flags & TTP_TX_SENT;
	bool waiting = ttp_txq_unsent(tcb) || (tcb->snd.fin_queued && !fin);
	bool synchronized = ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED);
	const u64 *deadline = tcb->deadline;

	if (!tcb->conn.state || tcb->conn.state >= TTP_ST_MAX ||
	    tcb->conn.state == TTP_CLOSED || tcb->conn.state == TTP_TIME_WAIT)
		return "a TCB in a state that has none";
	if (!sums_right(tcb))
		return "the scoreboard's sums are wrong";
	if (seq_gt(tcb->snd.una, tcb->snd.nxt) || seq_gt(tcb->snd.nxt, tcb->snd.end + fin))
		return "SND.UNA =< SND.NXT =< end does not hold";
	if (tcb->snd.una != tcb->snd.nxt && !deadline[TTP_TM_RTX])
		return "something is outstanding and RTX does not run";
	if (tcb->snd.una == tcb->snd.nxt && waiting && synchronized &&
	    !deadline[TTP_TM_RTX] && !deadline[TTP_TM_PERSIST] && !deadline[TTP_TM_RETRY])
		return "something waits to be sent and no timer runs";
	if (synchronized && tcb->rcv.nxt != tcb->rcv.wup && !deadline[TTP_TM_DELACK])
		return "an ACK is owed and no timer runs";
	if (seq_gt(tcb->rcv.read, tcb->rcv.nxt))
		return "more was read than was received";
	if (tcb->rcv.nsack > TTP_SACK_MAX || !tcb->snd.mss)
		return "a number that cannot be";
	return NULL;
}
