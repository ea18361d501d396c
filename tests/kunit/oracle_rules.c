// SPDX-License-Identifier: GPL-2.0
/*
 * oracle_rules.c - the rules for what a segment says of its sender's own data:
 * sequence numbers, SYN and FIN, sizes, windows, when and how often.  Each is
 * true of a segment that breaks it.  For ACKs and options see oracle_ack.c.
 */
#include "oracle.h"
#include "port.h"

#define SLACK_US	2000		/* a tick of the timestamps, and rounding */
#define RTO_MAX_US	120000000ULL
#define RTO_SYN_US	1000000ULL

static bool of(const struct oracle_sent *x, u8 flags)
{
	return x->seg->flags & flags;
}

static bool synchronized(const struct oracle *o, const struct oracle_sent *x)
{
	return o->syn_sent && o->syn_rcvd && o->una != o->iss &&
	       ttp_fsm_in(x->state, TTP_SYNCHRONIZED);
}

static bool syn_again(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_SYN) && synchronized(o, x);
}

static bool syn_moved(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_SYN) && o->syn_sent && x->seg->seq != o->iss;
}

static bool syn_with_fin_or_rst(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_SYN) && of(x, TTP_FIN | TTP_RST);
}

static bool before_the_syn(const struct oracle *o, const struct oracle_sent *x)
{
	return !o->syn_sent && !of(x, TTP_SYN | TTP_RST);
}

static bool too_early(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->len && (!o->syn_rcvd || o->una == o->iss);
}

static bool outside(const struct oracle *o, const struct oracle_sent *x)
{
	u32 una = x->tcb ? x->tcb->snd.una : o->una;

	if (of(x, TTP_RST | TTP_SYN) || !o->syn_sent)
		return false;
	return seq_lt(x->seg->seq, una - 1) || seq_gt(x->seg->seq, o->nxt);
}

static bool acknowledged_before(const struct oracle *o, const struct oracle_sent *x)
{
	u32 una = x->tcb ? x->tcb->snd.una : o->una;

	return !of(x, TTP_SYN) && ttp_seg_len(x->seg) && seq_lt(x->seg->seq, una);
}

static bool beyond_window(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->len && (!o->right_known || seq_gt(x->end, o->right));
}

static bool fin_beyond_window(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_FIN) && !o->fin_sent && seq_geq(x->end, o->right);
}

static bool fin_moved(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_FIN) && !of(x, TTP_RST) && o->fin_sent && x->end != o->fin;
}

static bool after_fin(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->len && o->fin_sent && seq_gt(x->end, o->fin);
}

static bool fin_not_asked_for(const struct oracle *o, const struct oracle_sent *x)
{
	return of(x, TTP_FIN) && !of(x, TTP_RST) && (!x->tcb || !x->tcb->snd.fin_queued);
}

/* less what options take (RFC 9293 3.7.1, RFC 6691); who says next to nothing
 * gets 36 bytes and timestamps all the same
 */
static bool above_mss(const struct oracle *o, const struct oracle_sent *x)
{
	u32 mss = max_t(u32, o->peer_syn.mss ?: TTP_MSS_DEFAULT, 48);

	return x->seg->len &&
	       x->seg->len + ttp_wire_size(x->seg) - TTP_HDR_LEN > mss;
}

/* New data may be cut by the device, up to what it was said to take. */
static bool above_path(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_tcb *tcb = x->tcb;

	if (!x->packet)
		return false;
	return !tcb || x->packet > (x->fresh && !x->probe ? max(tcb->snd.burst, tcb->snd.mss) :
							    tcb->snd.mss);
}

static bool other_bytes(const struct oracle *o, const struct oracle_sent *x)
{
	u32 place = x->seg->seq - o->iss - 1, i;

	if (!o->full_text || !x->text)
		return false;
	for (i = 0; i < x->seg->len; i++)
		if (x->text[i] != port_byte(place + i))
			return true;
	return false;
}

static bool no_push(const struct oracle *o, const struct oracle_sent *x)
{
	return x->fresh && x->tcb && !o->more && x->end == x->tcb->snd.end && !of(x, TTP_PSH);
}

/* RFC 5681 3.1, 3.2: cwnd bounds all but the first of a recovery and a probe */
static bool above_cwnd(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_tcb *tcb = x->tcb;
	u32 flight, more;

	if (!tcb || !x->seg->len || x->probe)
		return false;
	flight = ttp_send_in_flight(tcb);
	if (x->fresh)
		more = x->end - tcb->snd.nxt;
	else
		more = x->seg->len;
	if (!x->fresh && tcb->resend_now)
		return false;
	return flight && flight + more > max(ttp_flow_cwnd(tcb), tcb->snd.mss);
}

/* Without looking at cwnd: slow start from ten segments is the fastest that it
 * may ever grow, and each duplicate ACK lets one more out.
 */
static bool above_slow_start(const struct oracle *o, const struct oracle_sent *x)
{
	u32 mss = max_t(u32, o->peer_syn.mss ?: TTP_MSS_DEFAULT, 48);
	u32 first = min(10 * mss, max(2 * mss, 14600U));
	u32 gone = x->tcb ? x->tcb->sacked + x->tcb->lost : 0;

	return x->fresh && !x->probe && !o->resent &&
	       x->end - o->una > first + gone + (o->una - o->iss) + (o->dupacks + 1) * mss;
}

/* RFC 5681 3.1: the loss window is one segment */
static bool above_loss_window(const struct oracle *o, const struct oracle_sent *x)
{
	return x->seg->len && x->tcb && !x->probe && o->rtx.count && !o->rtx.heard &&
	       o->rtx.seq != x->seg->seq &&
	       o->rtx.out + x->seg->len > x->tcb->snd.mss;
}

/* Minshall's variant.  What ends a packet of the user's data that is not the
 * last may be short, as writes are put together only up to a limit.
 */
static bool against_nagle(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_tcb *tcb = x->tcb;

	return x->fresh && tcb && x->seg->len < tcb->snd.mss && !x->probe &&
	       x->end == tcb->snd.end && !tcb->asked.nodelay && !tcb->snd.fin_queued &&
	       !tcb->snd.force &&
	       seq_gt(o->small, o->una);
}

static bool silly(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_tcb *tcb = x->tcb;

	return PORT_EXACT && x->fresh && tcb && x->seg->len < tcb->snd.mss && !x->probe &&
	       !o->mss_changed && !o->lenient && !of(x, TTP_PSH) &&
	       x->end != tcb->snd.end && !tcb->snd.force &&
	       x->seg->len < tcb->snd.max_wnd / 2;
}

/* Sent again by timer: so long since the last time */
static u64 timer_gap(const struct oracle *o, const struct oracle_sent *x)
{
	if (o->lenient || o->answering || !x->again || x->probe || !o->rtx.on || o->rtx.heard ||
	    o->rtx.seq != x->seg->seq)
		return 0;
	return x->now - o->rtx.at + 1;
}

static bool too_soon(const struct oracle *o, const struct oracle_sent *x)
{
	u64 gap = timer_gap(o, x);
	u64 least = of(x, TTP_SYN) ? RTO_SYN_US : o->cfg->rto_min_ms * 1000ULL;

	return gap && gap < least;
}

static bool not_doubled(const struct oracle *o, const struct oracle_sent *x)
{
	u64 gap = timer_gap(o, x);

	if (o->late)
		return false;
	return gap && o->rtx.gap &&
	       gap + SLACK_US < min(2 * o->rtx.gap, RTO_MAX_US);
}

static bool too_often(const struct oracle *o, const struct oracle_sent *x)
{
	const struct ttp_tcb *tcb = x->tcb;
	u32 limit = o->cfg->retries2;

	if (!timer_gap(o, x) || (tcb && tcb->asked.user_timeout_ms))
		return false;
	if (of(x, TTP_SYN))
		limit = of(x, TTP_ACK) ? o->cfg->synack_retries : o->cfg->syn_retries;
	else if (tcb && tcb->orphan)
		/* what probed a window of zero before the user went was no try in vain */
		limit = o->cfg->orphan_retries + (tcb->snd.wnd ? 0 : o->cfg->retries2);
	return o->rtx.count >= limit;
}

static bool is_probe(const struct oracle_sent *x)
{
	return x->pure && x->tcb && x->seg->seq == x->tcb->snd.una - 1;
}

static bool probe_too_soon(const struct oracle *o, const struct oracle_sent *x)
{
	return is_probe(x) && !x->tcb->asked.keep.on && o->probe_at &&
	       x->now - o->probe_at < o->cfg->rto_min_ms * 1000ULL;
}

static bool probe_not_later(const struct oracle *o, const struct oracle_sent *x)
{
	return is_probe(x) && !x->tcb->asked.keep.on && !o->lenient && !o->late && o->probe_gap &&
	       x->now - o->probe_at + SLACK_US < min(2 * o->probe_gap, RTO_MAX_US);
}

const struct oracle_rule oracle_rules[] = {
	RULE("no SYN in a synchronized state (9293 3.10.7.4)", syn_again),
	RULE("the SYN stays where it is (9293 3.4.1)", syn_moved),
	RULE("no FIN or RST beside a SYN (9293 3.5)", syn_with_fin_or_rst),
	RULE("nothing is sent before the SYN (9293 3.5)", before_the_syn),
	RULE("no data before the SYN is acknowledged (9293 3.10.2)", too_early),
	RULE("SEG.SEQ is within SND.UNA-1 .. SND.NXT (9293 3.4)", outside),
	RULE("nothing acknowledged is sent again (9293 3.10.7.4)", acknowledged_before),
	RULE("no data beyond the window (9293 3.8.6)", beyond_window),
	RULE("no FIN beyond the window (9293 3.8.6)", fin_beyond_window),
	RULE("the FIN stays where it is (9293 3.6)", fin_moved),
	RULE("no data after the FIN (9293 3.6)", after_fin),
	RULE("no FIN before CLOSE (9293 3.10.4)", fin_not_asked_for),
	RULE("no data longer than the peer's MSS less options (9293 3.7.1, MUST-16)", above_mss),
	RULE("no data longer than the path takes (9293 3.7.2)", above_path),
	RULE("what is sent again is what was sent (9293 3.4)", other_bytes),
	RULE("PSH with the last that is buffered (9293 3.9.1.2, MUST-61)", no_push),
	RULE("no more in flight than cwnd (5681 3.1)", above_cwnd),
	RULE("no faster than slow start from ten segments (5681 3.1, 6928)", above_slow_start),
	RULE("one segment after a timeout (5681 3.1)", above_loss_window),
	RULE("no short segment while one is out (9293 3.7.4, SHLD-7)", against_nagle),
	RULE("no silly segment (9293 3.8.6.2.1, MUST-38)", silly),
	RULE("no RTO below its minimum (6298 2)", too_soon),
	RULE("RTO doubles (6298 5.5, MUST-19)", not_doubled),
	RULE("no more retransmissions than R2 (9293 3.8.3, MUST-20)", too_often),
	RULE("no window probe before the RTO (9293 3.8.6.1, SHLD-29)", probe_too_soon),
	RULE("window probes become rarer (9293 3.8.6.1, SHLD-30)", probe_not_later),
	{ }
};
