// SPDX-License-Identifier: GPL-2.0
/*
 * oracle_ack.c - the rules for what a segment says of the other's data, and for
 * options and RST: ACK, window, SACK, timestamps, ECN.  Each is true of a
 * segment that breaks it.  For the sender's own data see oracle_rules.c.
 */
#include "oracle.h"
#include "port.h"

static bool of(const struct oracle_sent *x, u8 flags)
{
	return x->seg->flags & flags;
}

/* with an ACK field that means something, and not a RST */
static bool acks(const struct oracle_sent *x)
{
	return of(x, TTP_ACK) && !of(x, TTP_RST);
}

static bool no_ack(const struct oracle *o, const struct oracle_sent *x)
{
	return !of(x, TTP_ACK | TTP_RST) && (!of(x, TTP_SYN) || x->state != TTP_SYN_SENT);
}

static bool ack_taken_back(const struct oracle *o, const struct oracle_sent *x)
{
	return acks(x) && o->has_promised && seq_lt(x->seg->ack, o->acked);
}

static bool ack_ahead(const struct oracle *o, const struct oracle_sent *x)
{
	return acks(x) && (!o->syn_rcvd || seq_gt(x->seg->ack, o->cont));
}

static bool ack_behind(const struct oracle *o, const struct oracle_sent *x)
{
	return acks(x) && o->syn_rcvd && seq_lt(x->seg->ack, o->cont);
}

static u32 unit(const struct oracle *o)
{
	return o->wscale_ok ? 1U << o->our_syn.wscale : 1;
}

static u32 right_edge(const struct oracle *o, const struct ttp_seg *seg)
{
	return seg->ack + (seg->flags & TTP_SYN ? seg->wnd : seg->wnd * unit(o));
}

static bool shrinks(const struct oracle *o, const struct oracle_sent *x)
{
	return acks(x) && o->has_promised && seq_lt(right_edge(o, x->seg), o->promised);
}

static bool silly_window(const struct oracle *o, const struct oracle_sent *x)
{
	u32 right = right_edge(o, x->seg);
	/* rounded up, and once more for a segment that there was no memory for */
	u32 round = o->lenient ? 2 * unit(o) : unit(o);

	if (!acks(x) || !x->tcb || !o->has_promised || of(x, TTP_SYN))
		return false;
	return seq_geq(right, o->promised + round + o->fin_rcvd) &&
	       right - o->promised < min(x->tcb->rcv.mss, ttp_rxq_size(x->tcb) / 2);
}

/* A window that is scaled is rounded up with each ACK, as Linux does it. */
static bool above_buffer(const struct oracle *o, const struct oracle_sent *x)
{
	return acks(x) && x->tcb && PORT_EXACT && !(o->wscale_ok && o->our_syn.wscale) &&
	       seq_gt(right_edge(o, x->seg),
		      x->tcb->rcv.read + ttp_rxq_size(x->tcb) + o->fin_rcvd);
}

static bool ack_loop(const struct oracle *o, const struct oracle_sent *x)
{
	return x->pure && x->tcb && !o->lenient && o->answering && !ttp_seg_len(&o->last) &&
	       !(o->last.flags & (TTP_SYN | TTP_RST)) && o->last.seq == o->cont &&
	       o->answered_us[0] && x->now - o->answered_us[0] < 500000;
}

/* SACK, RFC 2018 and 2883 */
static bool contains(u32 left, u32 right, struct ttp_sack b)
{
	return seq_leq(left, b.left) && seq_geq(right, b.right);
}

/* The first block is of what came twice? */
static bool dsack(const struct ttp_seg *seg)
{
	const struct ttp_sack *b = seg->sack;

	return seg->nsack && (seq_leq(b[0].right, seg->ack) ||
			      (seg->nsack > 1 && contains(b[1].left, b[1].right, b[0])));
}

static bool sack_not_agreed(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->nsack && (!o->sack_ok || !acks(x) || of(x, TTP_SYN));
}

static bool sack_too_many(const struct oracle *o, const struct oracle_sent *x)
{
	return ttp_wire_size(x->seg) > TTP_HDR_MAX || x->seg->nsack > TTP_SACK_MAX;
}

static bool sack_not_received(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_seg *seg = x->seg;
	u32 i, j;

	for (i = dsack(seg); o->got_all && i < seg->nsack; i++) {
		if (seq_geq(seg->sack[i].left, seg->sack[i].right))
			return true;
		for (j = 0; j < o->ngot; j++)
			if (contains(o->got[j].left, o->got[j].right, seg->sack[i]))
				break;
		if (j == o->ngot)
			return true;
	}
	return false;
}

static bool sack_below_ack(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_seg *seg = x->seg;
	u32 i;

	for (i = dsack(seg); i < seg->nsack; i++)
		if (seq_leq(seg->sack[i].left, seg->ack))
			return true;
	return false;
}

static bool sack_overlaps(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_seg *seg = x->seg;
	u32 i, j;

	for (i = dsack(seg); i < seg->nsack; i++)
		for (j = i + 1; j < seg->nsack; j++)
			if (seq_leq(seg->sack[i].left, seg->sack[j].right) &&
			    seq_leq(seg->sack[j].left, seg->sack[i].right))
				return true;
	return false;
}

static bool sack_not_newest(const struct oracle *o, const struct oracle_sent *x)
{
	struct ttp_sack newest = { o->newest.left, o->newest.right };
	u32 i = dsack(x->seg);

	return x->pure && o->ooo && o->sack_ok && i < x->seg->nsack &&
	       !contains(x->seg->sack[i].left, x->seg->sack[i].right, newest);
}

static bool sack_missing(const struct oracle *o, const struct oracle_sent *x)
{
	return x->pure && x->tcb && o->sack_ok && o->ngot && !o->got_many &&
	       x->seg->seq == o->nxt && x->seg->nsack == dsack(x->seg);
}

static bool dsack_came_once(const struct oracle *o, const struct oracle_sent *x)
{
	return dsack(x->seg) && !contains(o->twice.left, o->twice.right, x->seg->sack[0]);
}

/* options, RFC 7323 */
static bool offers_late(const struct oracle *o, const struct oracle_sent *x)
{
	return !of(x, TTP_SYN) &&
	       (x->seg->mss || x->seg->has_wscale || x->seg->sack_permitted);
}

static bool offers_unasked(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_seg *seg = x->seg, *peer = &o->peer_syn;

	return of(x, TTP_SYN) && of(x, TTP_ACK) && o->syn_rcvd &&
	       ((seg->has_wscale && !peer->has_wscale) || (seg->has_ts && !peer->has_ts) ||
		(seg->sack_permitted && !peer->sack_permitted));
}

static bool wscale_too_large(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->has_wscale && x->seg->wscale > TTP_WSCALE_MAX;
}

static bool no_timestamp(const struct oracle *o, const struct oracle_sent *x)
{
	return o->ts_ok && !of(x, TTP_SYN | TTP_RST) && !x->seg->has_ts &&
	       x->state != TTP_CLOSED;
}

static bool timestamp_not_agreed(const struct oracle *o, const struct oracle_sent *x)
{
	return !o->ts_ok && !of(x, TTP_SYN) && x->seg->has_ts;
}

static bool timestamp_back(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->has_ts && o->tsval_known && seq_lt(x->seg->tsval, o->tsval);
}

static bool echo_of_nothing(const struct oracle *o, const struct oracle_sent *x)
{
	u32 i;

	if (!x->seg->has_ts || !of(x, TTP_ACK))
		return x->seg->has_ts && x->seg->tsecr;
	for (i = 0; i < ORACLE_STAMPS && i < o->nstamp; i++)
		if (o->stamp[i] == x->seg->tsecr)
			return false;
	return o->nstamp <= ORACLE_STAMPS;
}

static bool echo_back(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->has_ts && of(x, TTP_ACK) && o->tsecr_known &&
	       seq_lt(x->seg->tsecr, o->tsecr);
}

/* RST, RFC 9293 3.5.2 */
static bool rst_for_rst(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_RST) && o->answering && o->last.flags & TTP_RST;
}

static bool rst_elsewhere(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_seg *seg = x->seg, *last = &o->last;

	if (!of(x, TTP_RST) || (o->syn_sent && seg->seq == o->nxt))
		return false;
	if (!o->answering)
		return true;
	if (last->flags & TTP_ACK)
		return seg->seq != last->ack;
	return seg->seq || !of(x, TTP_ACK) || seg->ack != ttp_seg_end(last);
}

static bool rst_with_text(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_RST) && (x->seg->len || of(x, TTP_FIN | TTP_SYN));
}

/* ECN, RFC 3168 */
static bool ect_not_agreed(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->ect && !o->ecn_ok;
}

static bool ect_not_new(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->ect && !x->fresh;
}

static bool cwr_not_new(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_CWR) && !of(x, TTP_SYN) && (!x->fresh || !o->ecn_ok);
}

static bool ece_unasked(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_ECE) && !of(x, TTP_SYN) && (!o->ecn_ok || !o->marked);
}

static bool ece_missing(const struct oracle *o, const struct oracle_sent *x)
{
	return acks(x) && !of(x, TTP_SYN) && x->tcb && o->echo != !!of(x, TTP_ECE);
}

const struct oracle_rule oracle_ack_rules[] = {
	RULE("an ACK on all but the first SYN (9293 3.10.7.4)", no_ack),
	RULE("no ACK is taken back (9293 3.4)", ack_taken_back),
	RULE("no ACK of what did not come (9293 3.4)", ack_ahead),
	RULE("SEG.ACK is RCV.NXT (9293 3.10.7.4)", ack_behind),
	RULE("the window does not shrink (9293 3.8.6, SHLD-14)", shrinks),
	RULE("no silly window (9293 3.8.6.2.2, MUST-39)", silly_window),
	RULE("no window above the buffer (9293 3.8.6)", above_buffer),
	RULE("ACKs do not answer ACKs for ever (5961 7)", ack_loop),
	RULE("no SACK that was not agreed on (2018 2)", sack_not_agreed),
	RULE("no more options than fit (9293 3.1)", sack_too_many),
	RULE("SACK names nothing below the ACK (2018 4, 2883 4)", sack_below_ack),
	RULE("SACK names only what was received (2018 4)", sack_not_received),
	RULE("SACK blocks are apart (2018 3)", sack_overlaps),
	RULE("the first SACK block has the newest (2018 4)", sack_not_newest),
	RULE("SACK while something is missing (2018 4)", sack_missing),
	HONEST("D-SACK names what came twice (2883 4)", dsack_came_once),
	RULE("MSS, window scale, SACK-permitted on a SYN only (7323 2.1)", offers_late),
	RULE("a SYN,ACK has no option that the SYN has not (7323 1.3)", offers_unasked),
	RULE("no window scale above 14 (7323 2.3)", wscale_too_large),
	RULE("timestamps on everything once agreed on (7323 3.2)", no_timestamp),
	RULE("no timestamps that were not agreed on (7323 3.2)", timestamp_not_agreed),
	RULE("timestamps do not go back (7323 5.4)", timestamp_back),
	RULE("TSecr was sent by the peer, 0 without ACK (7323 3.2)", echo_of_nothing),
	HONEST("TSecr does not go back (7323 4.3)", echo_back),
	RULE("no RST answers a RST (9293 3.5.2)", rst_for_rst),
	RULE("a RST has the number that the peer takes (9293 3.5.2)", rst_elsewhere),
	RULE("a RST has no data, SYN or FIN (9293 3.5.2)", rst_with_text),
	RULE("no ECT that was not agreed on (3168 6.1.1)", ect_not_agreed),
	RULE("ECT on new data only (3168 6.1.4, 6.1.5)", ect_not_new),
	RULE("CWR on new data only (3168 6.1.2)", cwr_not_new),
	RULE("ECE for marks only (3168 6.1.3)", ece_unasked),
	HONEST("ECE from a mark to its CWR (3168 6.1.3)", ece_missing),
	{ }
};
