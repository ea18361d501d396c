// SPDX-License-Identifier: GPL-2.0
/*
 * cong.c - between the core and a congestion control algorithm: its hooks are called from
 * here only, and what is done when it leaves one out is here.
 *
 * Called by flow.c, recovery.c, ecn.c and send.c, and by cong/ and host/memory.c.
 * Next: cong/reno.c for an algorithm, cong/registry.c for how it is found, cwv.c for a window that
 * was not used.
 */
#include "cong.h"

/* The initial window: ten segments, unless the route says another number, @segs (RFC 6928 2). */
u32 ttp_cong_window(u32 mss, u32 segs)
{
	if (segs)
		return min_t(u64, (u64)segs * mss, TTP_CWND_MAX);
	return min(10 * mss, max(2 * mss, 14600U));
}

/**
 * ttp_cong_initial_window - the initial window: cwnd of a new connection
 * @cong: mss and init_segs are set
 *
 * Return: bytes.
 */
u32 ttp_cong_initial_window(const struct ttp_cong *cong)
{
	return ttp_cong_window(cong->mss, cong->init_segs);
}

/* Whatever an algorithm says, one segment may be sent, and sums do not overflow. */
static void bound(struct ttp_cong *cong)
{
	cong->cwnd = clamp(cong->cwnd, cong->mss, TTP_CWND_MAX);
	cong->ssthresh = clamp(cong->ssthresh, cong->mss, (u32)TTP_SSTHRESH_INFINITE);
}

static void start(struct ttp_cong *cong)
{
	memset(cong->priv, 0, sizeof(cong->priv));
	cong->pacing_rate = 0;
	cong->started = true;
	if (cong->ops->init)
		cong->ops->init(cong);
	bound(cong);
}

/* A connection begins, with the initial window. */
void ttp_cong_begin(struct ttp_cong *cong, u32 mss, u32 init_segs)
{
	ttp_cong_end(cong);
	cong->mss = mss;
	cong->init_segs = init_segs;
	cong->cwnd = ttp_cong_initial_window(cong);
	cong->ssthresh = TTP_SSTHRESH_INFINITE;
	cong->why = TTP_CONG_WHY_BEGIN;
	start(cong);
}

/**
 * ttp_cong_end - the algorithm sees no more of the connection
 * @cong: begun or not
 */
void ttp_cong_end(struct ttp_cong *cong)
{
	if (cong->started && cong->ops->release)
		cong->ops->release(cong);
	cong->started = false;
}

/**
 * ttp_cong_change - go on with another algorithm
 * @cong: begun or not; its windows stay what they are
 * @ops: the algorithm
 */
void ttp_cong_change(struct ttp_cong *cong, const struct ttp_cong_ops *ops)
{
	bool started = cong->started;

	ttp_cong_end(cong);
	cong->ops = ops;
	cong->why = TTP_CONG_WHY_ALGORITHM;
	if (started)
		start(cong);
}

/* The segment size has changed.  Where it is smaller now, cwnd holds no more segments than before
 * (RFC 5681 3.1), so that there is no burst; where it is larger, cwnd stays what it is in bytes.
 */
void ttp_cong_set_mss(struct ttp_cong *cong, u32 mss)
{
	if (mss != cong->mss && !cong->why)
		cong->why = TTP_CONG_WHY_MSS;
	if (mss < cong->mss)
		cong->cwnd = div_u64((u64)cong->cwnd * mss, cong->mss);
	cong->mss = mss;
	cong->cwnd = max(cong->cwnd, mss);
}

/* An ACK has delivered something: cwnd may grow. */
void ttp_cong_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	const struct ttp_cong_ops *ops = cong->ops;

	if (!cong->why)	/* else the ACK has done more than that */
		cong->why = TTP_CONG_WHY_ACK;
	if (ops->sample)
		ops->sample(cong, s);
	/* nor does cwnd grow for an ACK with ECE (RFC 3168 6.1.2) */
	if ((!s->recovery && !s->ece) || ops->flags & TTP_CONG_OWN_RECOVERY)
		ops->acked(cong, s);
	bound(cong);
}

/* Data was lost, once for a window of it.  @flight is FlightSize (RFC 5681 2), here and below. */
void ttp_cong_loss(struct ttp_cong *cong, u32 flight)
{
	cong->why = TTP_CONG_WHY_LOSS;
	cong->ops->loss(cong, flight);
	bound(cong);
}

/* The retransmission timer has expired (RFC 5681 3.1): cwnd falls to one segment.  With @first,
 * not again for the same segment, ssthresh is set.
 */
void ttp_cong_timeout(struct ttp_cong *cong, u32 flight, bool first)
{
	cong->why = TTP_CONG_WHY_TIMEOUT;
	if (cong->ops->timeout) {
		cong->ops->timeout(cong, flight, first);
	} else {
		if (first)
			cong->ops->loss(cong, flight);
		cong->cwnd = cong->mss;
	}
	bound(cong);
}

/* ECN: routers have marked data. */
void ttp_cong_ecn(struct ttp_cong *cong, u32 flight)
{
	cong->why = TTP_CONG_WHY_ECN;
	if (cong->ops->ecn)
		cong->ops->ecn(cong, flight);
	else
		cong->ops->loss(cong, flight);
	bound(cong);
}

/* Fast recovery ends: cwnd is ssthresh again (RFC 6582 3.2 (3), the second choice, which is
 * PRR's too, RFC 6937 3).
 */
void ttp_cong_recovered(struct ttp_cong *cong)
{
	bool own = cong->ops->flags & TTP_CONG_OWN_RECOVERY;

	if (cong->ops->recovered) {
		cong->ops->recovered(cong);
	} else if (!own && cong->ssthresh != TTP_SSTHRESH_INFINITE) {
		/* the algorithm may have been another when it began, which set no ssthresh */
		cong->cwnd = cong->ssthresh;
	}
	bound(cong);
}

/* Nothing was lost after all: the windows are what they were, or larger. */
void ttp_cong_undo(struct ttp_cong *cong, u32 cwnd, u32 ssthresh)
{
	cong->why = TTP_CONG_WHY_UNDO;
	if (cong->ops->undo) {
		cong->ops->undo(cong, cwnd, ssthresh);
	} else {
		cong->cwnd = max(cong->cwnd, cwnd);
		cong->ssthresh = max(cong->ssthresh, ssthresh);
	}
	bound(cong);
}

/* Restart after idle time (RFC 5681 4.1): nothing was sent for longer than a timeout, so no ACK
 * would pace a burst.  With @restart cwnd is the initial window at most.
 */
void ttp_cong_idle(struct ttp_cong *cong, bool restart)
{
	if (restart)
		cong->why = TTP_CONG_WHY_IDLE;
	if (cong->ops->idle)
		cong->ops->idle(cong, restart);
	else if (restart)
		cong->cwnd = min(cong->cwnd, ttp_cong_initial_window(cong));
	bound(cong);
}
