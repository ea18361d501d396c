// SPDX-License-Identifier: GPL-2.0
/*
 * bbr.c - BBR, version 1: a model of the path in place of losses (Cardwell et
 * al., "BBR: congestion-based congestion control", ACM Queue 14(5), 2016;
 * draft-cardwell-iccrg-bbr-congestion-control-00, whose names and sections these
 * are).
 *
 *	BtlBw	bottleneck bandwidth: the largest delivery rate in 10 round trips
 *	RTprop	propagation delay: the least round trip time in 10 seconds
 *	pacing_rate = pacing_gain * BtlBw
 *	cwnd	    = cwnd_gain * BtlBw * RTprop
 *
 *	Startup		both gains 2 / ln 2, until BtlBw grew by less than a
 *			quarter three round trips in a row
 *	Drain		pacing_gain ln 2 / 2, until no more than BtlBw * RTprop
 *			is in flight: the queue of Startup is empty
 *	ProbeBW		eight phases of RTprop: pacing_gain 5/4 to find more bandwidth,
 *			3/4 to empty the queue that this made, six times 1; cwnd_gain 2
 *	ProbeRTT	RTprop was not measured for 10 s: cwnd is 4 segments for 200 ms
 *
 * BBR does not reduce its rate after a loss.  For one round trip it sends what is
 * delivered (packet conservation), then it follows the model again.
 *
 * For each ACK, bbr_acked() goes through the steps that the draft's 4.1.2 calls
 * BBRUpdateOnACK().
 *
 * Called by core/cong.c, through struct ttp_cong_ops.
 *
 * Next: core/rate.c, which measures the delivery rate.
 */
#include "info.h"

#include "ttp_cong.h"

#define UNIT		256U		/* of gains */
#define HIGH_GAIN	(UNIT * 2885 / 1000 + 1)	/* 2 / ln 2 */
#define DRAIN_GAIN	(UNIT * 1000 / 2885)
#define CWND_GAIN	(UNIT * 2)
#define BTLBW_ROUNDS	10		/* BtlBwFilterLen */
#define RTPROP_US	10000000U	/* RTpropFilterLen */
#define PROBE_RTT_US	200000U		/* ProbeRTTDuration */
#define MIN_SEGS	4U		/* BBRMinPipeCwnd */
#define PACING_MARGIN	1U		/* percent below BtlBw, as in Linux: no queue builds up */

static const u16 gains[] = {
	UNIT * 5 / 4, UNIT * 3 / 4, UNIT, UNIT, UNIT, UNIT, UNIT, UNIT
};

enum mode { STARTUP, DRAIN, PROBE_BW, PROBE_RTT };

/* A sample of the windowed maximum: the best, the best after it, the best after that. */
struct best {
	u64 bw;
	u32 round;
};

struct bbr {
	struct best best[3];	/* bytes per second */
	u64 round_end;		/* next_round_delivered */
	u64 total;		/* bytes delivered */
	u64 full_bw;
	u64 stamp_us;		/* cycle_stamp; in ProbeRTT probe_rtt_done_stamp */
	u64 rtprop_stamp_us;
	u32 rtprop_us;		/* 0 unknown */
	u32 round;		/* round_count */
	u32 prior_cwnd;		/* before recovery or PROBE_RTT; 0: neither has begun */
	u8 mode;		/* enum mode */
	u8 phase;		/* cycle_index */
	u8 full_count;		/* full_bw_count */
	bool filled : 1;	/* filled_pipe */
	bool round_start : 1;
	bool conserve : 1;	/* packet_conservation */
	bool idle : 1;		/* idle_restart */
	bool round_done : 1;	/* probe_rtt_round_done */
};

/* 4.1.1.3: windowed maximum.  The filter keeps three samples, so that the next best is known
 * when the best is too old.
 */
static void update_btlbw(struct bbr *bbr, const struct ttp_ack_sample *s)
{
	struct best *b = bbr->best, new = { s->rate, bbr->round };

	/* unknown, or application-limited: slow because there was too little data to send */
	if (!s->rate || (s->rate_limited_by_app && s->rate < b[0].bw))
		return;
	if (s->rate >= b[0].bw || new.round - b[2].round > BTLBW_ROUNDS) {
		b[0] = new;
		b[1] = new;
		b[2] = new;
	} else if (s->rate >= b[1].bw) {
		b[1] = new;
		b[2] = new;
	} else if (s->rate >= b[2].bw) {
		b[2] = new;
	}
	if (new.round - b[0].round > BTLBW_ROUNDS) {
		b[0] = b[1];
		b[1] = b[2];
		b[2] = new;
	} else if (b[1].round == b[0].round && new.round - b[0].round > BTLBW_ROUNDS / 4) {
		b[1] = new;
		b[2] = new;
	} else if (b[2].round == b[1].round && new.round - b[0].round > BTLBW_ROUNDS / 2) {
		b[2] = new;
	}
}

/* 4.1.1.2: a round trip has passed.  ProbeRTT's do not count: so little is in flight that
 * they would only make BtlBw too old.
 */
static void update_round(struct bbr *bbr, const struct ttp_ack_sample *s)
{
	bbr->total = s->total;
	bbr->round_start = s->prior_total >= bbr->round_end;
	if (!bbr->round_start)
		return;
	bbr->round_end = s->total;
	bbr->round += bbr->mode != PROBE_RTT;
	bbr->conserve = false;
}

/* packets_in_flight: bytes, after this ACK */
static u32 in_flight_now(const struct ttp_ack_sample *s)
{
	u32 gone = s->delivered + s->lost;

	return s->in_flight > gone ? s->in_flight - gone : 0;
}

/* 4.2.3.2: BBRInflight(gain), bytes */
static u32 inflight(const struct ttp_cong *cong, const struct bbr *bbr, u32 gain)
{
	u64 bdp;

	if (!bbr->rtprop_us || !bbr->best[0].bw)
		return ttp_cong_initial_window(cong);
	bdp = div_u64(bbr->best[0].bw * bbr->rtprop_us, 1000000);
	return min_t(u64, (bdp * gain / UNIT) + 3 * cong->mss, TTP_CWND_MAX);
}

static u32 pacing_gain(const struct bbr *bbr)
{
	switch ((enum mode)bbr->mode) {
	case STARTUP:
		return HIGH_GAIN;
	case DRAIN:
		return DRAIN_GAIN;
	case PROBE_BW:
		return bbr->idle ? UNIT : gains[bbr->phase % ARRAY_SIZE(gains)];
	case PROBE_RTT:
		break;
	}
	return UNIT;
}

static void enter_probe_bw(struct bbr *bbr, u64 now)
{
	bbr->mode = PROBE_BW;
	bbr->stamp_us = now;
	/* a random phase, but not 3/4; the clock's last digits are random enough */
	bbr->phase = ((u32)now % 7 + 2) % 8;
}

/* 4.3.4.3: BBRCheckCyclePhase */
static void check_phase(struct ttp_cong *cong, struct bbr *bbr, const struct ttp_ack_sample *s)
{
	bool full = s->now_us - bbr->stamp_us > bbr->rtprop_us;
	u32 gain = gains[bbr->phase];

	if (gain > UNIT)
		full = full && (s->lost || s->in_flight >= inflight(cong, bbr, gain));
	else if (gain < UNIT)
		full = full || s->in_flight <= inflight(cong, bbr, UNIT);
	if (!full)
		return;
	bbr->stamp_us = s->now_us;
	bbr->phase = (bbr->phase + 1) % ARRAY_SIZE(gains);
}

/* 4.3.2.2: BBRCheckFullPipe.  ProbeRTT's rates are low on purpose (4.3.5). */
static void check_full(struct bbr *bbr, const struct ttp_ack_sample *s)
{
	if (bbr->filled || !bbr->round_start || s->rate_limited_by_app || bbr->mode == PROBE_RTT)
		return;
	if (bbr->best[0].bw >= bbr->full_bw + bbr->full_bw / 4) {
		bbr->full_bw = bbr->best[0].bw;
		bbr->full_count = 0;
	} else if (++bbr->full_count >= 3) {
		bbr->filled = true;
	}
}

/* 4.3.5: BBRCheckProbeRTT, with 4.1.1.4: RTprop */
static void check_rtprop(struct ttp_cong *cong, struct bbr *bbr, const struct ttp_ack_sample *s)
{
	bool old = bbr->rtprop_us && s->now_us > bbr->rtprop_stamp_us + RTPROP_US;

	if (s->rtt_us && (!bbr->rtprop_us || s->rtt_us <= bbr->rtprop_us || old)) {
		bbr->rtprop_us = s->rtt_us;
		bbr->rtprop_stamp_us = s->now_us;
	}
	if (bbr->mode != PROBE_RTT) {
		if (!old || bbr->idle)
			return;
		bbr->prior_cwnd = max(bbr->prior_cwnd, cong->cwnd);
		bbr->mode = PROBE_RTT;
		bbr->stamp_us = 0;
	}
	if (!bbr->stamp_us) {
		if (in_flight_now(s) > MIN_SEGS * cong->mss)
			return;
		bbr->stamp_us = s->now_us + PROBE_RTT_US;
		bbr->round_done = false;
		bbr->round_end = s->total;
		return;
	}
	bbr->round_done |= bbr->round_start;
	if (!bbr->round_done || s->now_us <= bbr->stamp_us)
		return;
	bbr->rtprop_stamp_us = s->now_us;
	cong->cwnd = max(cong->cwnd, bbr->prior_cwnd);
	if (!s->recovery)
		bbr->prior_cwnd = 0;
	bbr->mode = STARTUP;
	bbr->full_count = 0;
	if (bbr->filled)
		enter_probe_bw(bbr, s->now_us);
}

/* 4.2.1: pacing.  Before BtlBw is known, the rate is that of the initial window. */
static void set_pacing_rate(struct ttp_cong *cong, struct bbr *bbr)
{
	u64 rate = bbr->best[0].bw;

	if (!rate && bbr->rtprop_us)
		rate = div_u64(cong->cwnd * 1000000ULL, bbr->rtprop_us);
	rate = div_u64(rate * pacing_gain(bbr) * (100 - PACING_MARGIN), UNIT * 100);
	if (bbr->filled || rate > cong->pacing_rate)
		cong->pacing_rate = rate;
}

/* 4.2.3: BBRSetCwnd */
static void set_cwnd(struct ttp_cong *cong, struct bbr *bbr, const struct ttp_ack_sample *s)
{
	u32 target = inflight(cong, bbr, bbr->filled ? CWND_GAIN : HIGH_GAIN);

	if (s->lost)
		cong->cwnd = max_t(s32, cong->cwnd - s->lost, cong->mss);
	if (bbr->conserve)
		cong->cwnd = max(cong->cwnd, in_flight_now(s) + s->delivered);
	else if (bbr->filled)
		cong->cwnd = min(cong->cwnd + s->delivered, target);
	else if (cong->cwnd < target || s->total < ttp_cong_initial_window(cong))
		cong->cwnd += s->delivered;
	if (!bbr->conserve)
		cong->cwnd = max(cong->cwnd, MIN_SEGS * cong->mss);
	if (bbr->mode == PROBE_RTT)
		cong->cwnd = min(cong->cwnd, MIN_SEGS * cong->mss);
}

static void bbr_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct bbr *bbr = ttp_cong_priv(cong);

	update_round(bbr, s);
	update_btlbw(bbr, s);
	if (bbr->mode == PROBE_BW)
		check_phase(cong, bbr, s);
	check_full(bbr, s);
	if (bbr->mode == STARTUP && bbr->filled)
		bbr->mode = DRAIN;
	if (bbr->mode == DRAIN && in_flight_now(s) <= inflight(cong, bbr, UNIT))
		enter_probe_bw(bbr, s->now_us);
	check_rtprop(cong, bbr, s);
	bbr->idle = false;
	set_pacing_rate(cong, bbr);
	set_cwnd(cong, bbr, s);
}

/* 4.2.3.4: packet conservation for a round trip.  cwnd is one segment here; set_cwnd() makes
 * it what is in flight and what was delivered, at this ACK or the next.
 */
static void bbr_loss(struct ttp_cong *cong, u32 flight)
{
	struct bbr *bbr = ttp_cong_priv(cong);

	bbr->prior_cwnd = max(bbr->prior_cwnd, cong->cwnd);
	bbr->conserve = true;
	bbr->round_end = bbr->total;
	cong->cwnd = cong->mss;
}

static void bbr_recovered(struct ttp_cong *cong)
{
	struct bbr *bbr = ttp_cong_priv(cong);

	bbr->conserve = false;
	cong->cwnd = max(cong->cwnd, bbr->prior_cwnd);
	if (bbr->mode != PROBE_RTT)
		bbr->prior_cwnd = 0;
}

static void bbr_undo(struct ttp_cong *cong, u32 cwnd, u32 ssthresh)
{
	bbr_recovered(cong);
	cong->cwnd = max(cong->cwnd, cwnd);
}

static void bbr_timeout(struct ttp_cong *cong, u32 flight, bool first)
{
	struct bbr *bbr = ttp_cong_priv(cong);

	if (first)
		bbr->prior_cwnd = max(bbr->prior_cwnd, cong->cwnd);
	bbr->conserve = false;
	cong->cwnd = cong->mss;
}

/* Version 1 ignores ECN. */
static void bbr_ecn(struct ttp_cong *cong, u32 flight)
{
}

/* After idle time cwnd is kept: pacing prevents a burst. */
static void bbr_idle(struct ttp_cong *cong, bool restart)
{
	struct bbr *bbr = ttp_cong_priv(cong);

	bbr->idle = true;
	set_pacing_rate(cong, bbr);
}

static u32 bbr_info(const struct ttp_cong *cong, union tcp_cc_info *info)
{
	const struct bbr *bbr = (const void *)cong->priv;

	info->bbr = (struct tcp_bbr_info){
		.bbr_bw_lo = (u32)bbr->best[0].bw,
		.bbr_bw_hi = bbr->best[0].bw >> 32,
		.bbr_min_rtt = bbr->rtprop_us,
		.bbr_pacing_gain = pacing_gain(bbr),
		.bbr_cwnd_gain = bbr->filled ? CWND_GAIN : HIGH_GAIN,
	};
	return sizeof(info->bbr);
}

static const struct ttp_cong_ops bbr = {
	.name = "bbr",
	.flags = TTP_CONG_RESTRICTED | TTP_CONG_OWN_RECOVERY,
	.owner = THIS_MODULE,
	.acked = bbr_acked,
	.loss = bbr_loss,
	.recovered = bbr_recovered,
	.undo = bbr_undo,
	.timeout = bbr_timeout,
	.ecn = bbr_ecn,
	.idle = bbr_idle,
	.info = bbr_info,
};

MODULE_DESCRIPTION("TTP congestion control: BBR");
module_ttp_cong(bbr, bbr);
