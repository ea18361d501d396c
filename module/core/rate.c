// SPDX-License-Identifier: GPL-2.0
/*
 * rate.c - the delivery rate: how fast the path delivers what was sent
 * (draft-cheng-iccrg-delivery-rate-estimation).
 *
 *	rate = bytes delivered / max(time in which they were sent,
 *				     time in which they were acknowledged)
 *
 * Each record remembers how much was delivered when it was sent.
 *
 * Called by send.c, ack.c and recovery.c.
 * Next: cong.h, whose algorithms see the rate; cong/bbr.c needs it.
 */
#include "core.h"

/* A record was sent: it remembers what is known now. */
void ttp_rate_sent(struct ttp_tcb *tcb, struct ttp_txrec *rec, u64 now)
{
	struct ttp_rate *rate = &tcb->flow->rate;

	/* or it is the first data, with or behind a SYN that is in flight (fastopen.c) */
	if (!ttp_send_in_flight(tcb) || !rate->delivered_us) {
		rate->first_us = now;
		rate->delivered_us = now;
	}
	rec->first_us = rate->first_us;
	rec->delivered_us = rate->delivered_us;
	rec->delivered = rate->delivered;
	rec->flags &= ~TTP_TX_APP_LIMITED;
	if (rate->app_limited_until)
		rec->flags |= TTP_TX_APP_LIMITED;
}

/* The peer has @rec, newly acknowledged or newly SACKed.  Of the records that an ACK is about,
 * the one that was sent last makes the sample.
 */
void ttp_rate_delivered(struct ttp_tcb *tcb, const struct ttp_txrec *rec, struct ttp_txrec *newest)
{
	if (newest->sent_us && (rec->sent_us < newest->sent_us ||
				(rec->sent_us == newest->sent_us &&
				 (s32)(rec->delivered - newest->delivered) < 0)))
		return;
	*newest = *rec;
	tcb->flow->rate.first_us = rec->sent_us;
}

/* An ACK was processed, and report->s.delivered is set: fill in its rate. */
void ttp_rate_sample(struct ttp_tcb *tcb, struct ttp_ack_report *report)
{
	const struct ttp_txrec *newest = &report->newest;
	struct ttp_ack_sample *s = &report->s;
	struct ttp_rate *rate = &tcb->flow->rate;
	u64 took;

	rate->delivered += s->delivered;
	if (s->delivered)
		rate->delivered_us = s->now_us;
	if (rate->app_limited_until && rate->delivered > rate->app_limited_until)
		rate->app_limited_until = 0;
	s->total = rate->delivered;
	if (!newest->sent_us)
		return;
	s->prior_total = rate->delivered - ((u32)rate->delivered - newest->delivered);
	s->rate_limited_by_app = newest->flags & TTP_TX_APP_LIMITED;
	took = max(newest->sent_us - newest->first_us, s->now_us - newest->delivered_us);
	/* a time shorter than any round trip: ACKs came in a burst */
	if (took && took >= tcb->flow->rack.min_rtt_us)
		s->rate = div64_u64((rate->delivered - s->prior_total) * 1000000, took);
	if (s->rate && (!s->rate_limited_by_app || s->rate >= rate->best)) {
		rate->best = s->rate;
		rate->best_app_limited = s->rate_limited_by_app;
	}
}

/* The user has written nothing more, though more may be sent. */
void ttp_rate_app_limited(struct ttp_tcb *tcb)
{
	struct ttp_rate *rate = &tcb->flow->rate;

	rate->app_limited_until = max(rate->delivered + ttp_send_in_flight(tcb), 1ULL);
}

/**
 * ttp_rate_pacing - a rate for whoever paces below us, where the algorithm has none
 * @tcb: any state
 *
 * A window in a round trip, and more of it: twice that while the window doubles, or the pace
 * would hold it back.
 *
 * Return: bytes per second; 0: no round trip was measured.
 */
u64 ttp_rate_pacing(const struct ttp_tcb *tcb)
{
	u32 cwnd = ttp_flow_cwnd(tcb);
	bool slow = cwnd < ttp_flow_ssthresh(tcb) / 2;
	u32 percent = READ_ONCE(*(slow ? &tcb->cfg->pacing_ss_ratio : &tcb->cfg->pacing_ca_ratio));
	u32 window = max(cwnd, ttp_send_flight_size(tcb));

	if (!tcb->srtt_us)
		return 0;
	return div_u64((u64)window * percent * (1000000 / 100), tcb->srtt_us);
}
