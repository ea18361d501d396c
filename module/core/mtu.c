// SPDX-License-Identifier: GPL-2.0
/*
 * mtu.c - packetization layer path MTU discovery (RFC 4821): which size of segments does the
 * path take, where no ICMP message says so?
 *
 * A probe is a segment of data that is larger than the others.  If it arrives, segments may be
 * as large from then on; if it is lost and what follows it is not, they may not.  A binary
 * search begins with sizes from base_mss to what the route's MTU allows, either with the
 * connection (mtu_probing 2), or once a black hole was found (1): all of R1 retransmissions
 * were lost.  So it is in Linux, and it is found out anew after probe_interval.
 *
 * Called by flow.c, send.c, ack.c, recovery.c and expire.c.
 * Next: ip/xmit.c, which carries out what ICMP messages say (RFC 1191).
 */
#include "core.h"

#define CWND_MIN	11	/* segments: a smaller window has no room to lose a probe */

/* The largest size to be tried, as the MSS option counts: options are part of it. */
static u32 high(const struct ttp_tcb *tcb)
{
	u32 most = min_t(u32, tcb->opt.mss, tcb->snd.mss_path);

	most = min_not_zero(most, (u32)tcb->asked.mss_user);
	return min_not_zero(most, (u32)tcb->flow->mtu.high);
}

static void search(struct ttp_tcb *tcb, u32 low, u64 now)
{
	tcb->flow->mtu = (struct ttp_mtu){ .on = true, .low = low, .since_us = now };
	ttp_send_mss(tcb, tcb->snd.mss_path);
}

/* A connection begins; opt.mss is known. */
void ttp_mtu_begin(struct ttp_tcb *tcb, u64 now)
{
	if (READ_ONCE(tcb->cfg->mtu_probing) == 2)
		search(tcb, READ_ONCE(tcb->cfg->base_mss), now);
}

/* Black hole detection (RFC 2923 2.1, RFC 4821 7.7): R1 retransmissions were lost, so large
 * segments may vanish where ICMP messages do, too; that a short one was lost says nothing
 * about these.
 * Return: true if they are smaller now.
 */
bool ttp_mtu_black_hole(struct ttp_tcb *tcb, u64 now)
{
	/* a size that most paths take, where no ICMP message says which (RFC 4821 7.2) */
	u32 mss = tcb->snd.mss, base = READ_ONCE(tcb->cfg->base_mss);
	u32 to = mss > base ? base : TTP_MSS_DEFAULT;
	struct ttp_txrec *oldest = ttp_scoreboard_first(tcb);

	to = max(to, READ_ONCE(tcb->cfg->mtu_probe_floor));
	if (!READ_ONCE(tcb->cfg->mtu_probing) || mss <= to ||
	    !oldest || oldest->end - oldest->seq <= to)
		return false;
	search(tcb, to, now);
	ttp_count(&tcb->conn, TTP_MIB_BLACK_HOLES);
	return true;
}

/* After probe_interval larger segments are tried again: the path may have changed. */
static void search_again(struct ttp_tcb *tcb, u64 now)
{
	struct ttp_mtu *mtu = &tcb->flow->mtu;

	if (now - mtu->since_us < READ_ONCE(tcb->cfg->probe_interval) * 1000000ULL)
		return;
	mtu->since_us = now;
	mtu->high = 0;
	mtu->on = READ_ONCE(tcb->cfg->mtu_probing) == 2;
	ttp_send_mss(tcb, tcb->snd.mss_path);
}

/**
 * ttp_mtu_probe - is the next segment to be a probe?
 * @tcb: new data may be sent
 * @rec: the oldest that was not sent
 * @now: microseconds
 *
 * Only where its loss is seen soon, and costs little: nothing else is missing, and enough
 * data follows.  Return: its size in bytes of data, or 0.
 */
u32 ttp_mtu_probe(struct ttp_tcb *tcb, const struct ttp_txrec *rec, u64 now)
{
	struct ttp_mtu *mtu = &tcb->flow->mtu;
	u32 mss = tcb->snd.mss, size, all, most;

	if (!mtu->on)
		return 0;
	search_again(tcb, now);
	most = high(tcb);
	size = (most + mtu->low) / 2;
	if (!mtu->on || mtu->probe || most < mtu->low + READ_ONCE(tcb->cfg->probe_threshold) ||
	    tcb->ca != TTP_CA_OPEN || tcb->sacked || tcb->rcv.nsack || tcb->snd.urgent ||
	    tcb->flow->cong.cwnd < CWND_MIN * mss)
		return 0;
	size -= tcb->opt.ts_ok ? TTP_TS_LEN : 0;
	all = size + (ttp_dup_thresh(tcb) + 1) * mss;
	if (size <= mss || rec->end - rec->seq < size || tcb->snd.end - tcb->snd.nxt < all ||
	    ttp_arq_room(tcb, ttp_tcb_usable(tcb)) < all ||
	    ttp_send_in_flight(tcb) + 2 * mss > tcb->flow->cong.cwnd)
		return 0;
	return size;
}

/* @rec is sent as a probe. */
void ttp_mtu_sent(struct ttp_tcb *tcb, const struct ttp_txrec *rec)
{
	tcb->flow->mtu.probe = rec->end - rec->seq;
	tcb->flow->mtu.seq = rec->seq;
}

/* An ACK has come: has the probe arrived? */
void ttp_mtu_acked(struct ttp_tcb *tcb)
{
	struct ttp_mtu *mtu = &tcb->flow->mtu;
	u32 size = mtu->probe;

	if (!size || seq_lt(tcb->snd.una, mtu->seq + size))
		return;
	mtu->probe = 0;
	mtu->low = size + (tcb->opt.ts_ok ? TTP_TS_LEN : 0);
	ttp_send_mss(tcb, tcb->snd.mss_path);
	ttp_count(&tcb->conn, TTP_MIB_PROBE_SUCCESS);
}

/* Something is lost.  Return: true when it is the probe and nothing else, which is no sign of
 * congestion: it was too large.
 */
bool ttp_mtu_lost(struct ttp_tcb *tcb)
{
	struct ttp_mtu *mtu = &tcb->flow->mtu;
	u32 size = mtu->probe;

	if (!size || tcb->snd.una != mtu->seq || (tcb->opt.sack_ok && tcb->lost != size))
		return false;
	mtu->probe = 0;
	mtu->high = size - 1 + (tcb->opt.ts_ok ? TTP_TS_LEN : 0);
	ttp_count(&tcb->conn, TTP_MIB_PROBE_FAIL);
	return true;
}
