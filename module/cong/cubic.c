// SPDX-License-Identifier: GPL-2.0
/*
 * cubic.c - CUBIC (RFC 9438): the window is a function of the time since the
 * last loss, not of the round trip time, so long paths are filled as fast as short.
 *
 *	W_cubic(t) = C * (t - K)^3 + W_max
 *	K = cbrt((W_max - cwnd_epoch) / C)
 *
 * t is the seconds since congestion avoidance began, W_max the window at the last
 * loss, C = 0.4, windows in segments.  First the window rises steeply towards W_max
 * (concave), then it stays near W_max, then it rises faster and faster (convex).
 *
 *	ACK	cwnd += (target - cwnd) / cwnd for each segment, target =
 *		W_cubic(t + RTT), from cwnd up to 1.5 * cwnd
 *	or	W_est, the window that Reno would have, if it is larger ("Reno-friendly")
 *	loss	W_max = cwnd; if it was less than the last time, W_max =
 *		cwnd * (1 + beta) / 2 ("fast convergence")
 *		ssthresh = cwnd = in flight * beta, beta = 0.7
 *
 * Here windows are bytes, and t and K count 1/1024 s.  A comment with only a number names
 * the section of RFC 9438.
 *
 * Called by core/cong.c, through struct ttp_cong_ops.
 *
 * Next: vegas.c, which needs no loss.
 */
#include "ttp_cong.h"
#include "hystart.h"

#define SECOND		1024U
#define D_MAX		262144U		/* its cube, times C * mss, fits 64 bits */
#define W_SHIFT		10		/* fractional bits of w_est */

static bool hystart = true;	/* 4.10: SHOULD */
module_param(hystart, bool, 0644);
MODULE_PARM_DESC(hystart, "HyStart++ (RFC 9406) in slow start, or plain slow start");

/* What a spurious loss restores (4.9). */
struct epoch {
	u64 start_us;		/* epoch_start; 0 before congestion avoidance */
	u64 w_est;		/* W_est */
	u32 w_max;		/* W_max; 0 none yet, or after a timeout */
	u32 k;			/* K */
	u32 cwnd_prior;		/* cwnd_prior: cwnd at the last loss */
};

struct cubic {
	struct epoch epoch;
	struct epoch before;
	u64 last_us;		/* when the last ACK came */
	u64 credit;		/* growth of less than a byte, times cwnd */
	u32 srtt_us;
	bool idle;		/* the connection was idle since then */
	struct ttp_hystart hystart;
};

static u32 cube_root(u64 x)
{
	u64 root = 0, bit;

	for (bit = 1 << 20; bit; bit >>= 1)
		if ((root | bit) * (root | bit) * (root | bit) <= x)
			root |= bit;
	return root;
}

static u32 to_time(u64 us)
{
	return min_t(u64, div_u64(us * SECOND, 1000000), 1U << 30);
}

/* 4.2: Figure 1 */
static u32 w_cubic(const struct ttp_cong *cong, const struct epoch *e, u32 t)
{
	u64 d = min(t < e->k ? e->k - t : t - e->k, D_MAX);
	u64 w = (div_u64((d * d * d >> 10) * 2 * cong->mss, 5)) >> 20;

	w = min_t(u64, w, TTP_CWND_MAX);
	if (t < e->k)
		return e->w_max > w ? e->w_max - w : 0;
	return min_t(u64, e->w_max + w, TTP_CWND_MAX);
}

/* Congestion avoidance begins (4.2: Figure 2; 4.8 after a timeout; 4.10). */
static void begin(struct ttp_cong *cong, struct epoch *e, u64 now_us)
{
	u64 below;

	e->start_us = now_us;
	e->w_est = (u64)cong->cwnd << W_SHIFT;
	e->k = 0;
	if (e->w_max <= cong->cwnd) {
		e->w_max = cong->cwnd;
		return;
	}
	below = (u64)(e->w_max - cong->cwnd) * 5 / 2;
	e->k = cube_root(div_u64(below << 30, cong->mss));
}

/* 4.3: Figure 4.  alpha_cubic = 3 * (1 - beta) / (1 + beta) = 9 / 17 until W_est is
 * where the last loss was, then 1
 */
static u32 reno_friendly(struct ttp_cong *cong, struct epoch *e, u32 acked)
{
	u64 grown = (u64)acked * cong->mss << W_SHIFT;
	bool there = e->w_est >> W_SHIFT >= e->cwnd_prior;

	e->w_est += there ? div_u64(grown, cong->cwnd) : div64_u64(9 * grown, 17ULL * cong->cwnd);
	return min_t(u64, e->w_est >> W_SHIFT, TTP_CWND_MAX);
}

static void avoid(struct ttp_cong *cong, struct cubic *cubic, u32 acked)
{
	struct epoch *e = &cubic->epoch;
	u64 us = cubic->last_us - e->start_us;
	u32 w_est = reno_friendly(cong, e, acked), target, grown;

	if (w_cubic(cong, e, to_time(us)) < w_est) {
		cong->cwnd = max(cong->cwnd, w_est);
		return;
	}
	/* 4.4, 4.5 */
	target = w_cubic(cong, e, to_time(us + cubic->srtt_us));
	target = clamp(target, cong->cwnd, cong->cwnd + cong->cwnd / 2);
	cubic->credit += (u64)(target - cong->cwnd) * acked;
	grown = min_t(u64, div_u64(cubic->credit, cong->cwnd), target - cong->cwnd);
	cubic->credit -= min(cubic->credit, (u64)grown * cong->cwnd);
	cong->cwnd += grown;
}

static void cubic_sample(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct cubic *cubic = ttp_cong_priv(cong);

	if (!cubic->srtt_us)
		cubic->srtt_us = s->rtt_us;
	else if (s->rtt_us)
		cubic->srtt_us += (s32)(s->rtt_us - cubic->srtt_us) / 8;
}

static void cubic_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct cubic *cubic = ttp_cong_priv(cong);
	u64 passed = s->now_us - cubic->last_us;
	bool slow = cong->cwnd < cong->ssthresh;
	u32 left = s->acked;

	cubic->last_us = s->now_us;
	/* 5.8: time does not count while the window is not used */
	if (cubic->epoch.start_us && (slow || cubic->idle || !s->cwnd_limited))
		cubic->epoch.start_us += passed;
	cubic->idle = false;
	if (!s->cwnd_limited)
		return;
	if (slow)
		left = READ_ONCE(hystart) ? ttp_hystart_slow_start(cong, &cubic->hystart, s) :
					    ttp_reno_slow_start(cong, left);
	if (cong->cwnd < cong->ssthresh || !left)
		return;
	if (!cubic->epoch.start_us)
		begin(cong, &cubic->epoch, s->now_us);
	avoid(cong, cubic, left);
}

/* 4.6, 4.7.  As Linux: from cwnd, not from FlightSize, which 4.6 allows where cwnd grows only
 * as far as it is used.
 */
static void cubic_loss(struct ttp_cong *cong, u32 flight)
{
	struct cubic *cubic = ttp_cong_priv(cong);
	struct epoch *e = &cubic->epoch;

	cubic->before = *e;
	e->w_max = cong->cwnd < e->w_max ? div_u64((u64)cong->cwnd * 17, 20) : cong->cwnd;
	e->cwnd_prior = cong->cwnd;
	e->start_us = 0;
	cubic->credit = 0;
	cong->ssthresh = max_t(u32, div_u64((u64)cong->cwnd * 7, 10), 2 * cong->mss);
	cong->cwnd = cong->ssthresh;
}

/* 4.8: the next epoch begins at the window that it has then, with K = 0 */
static void cubic_timeout(struct ttp_cong *cong, u32 flight, bool first)
{
	struct cubic *cubic = ttp_cong_priv(cong);

	if (first)
		cubic_loss(cong, flight);
	cubic->epoch.w_max = 0;
	cubic->epoch.start_us = 0;
	cong->cwnd = cong->mss;
}

/* 4.9 */
static void cubic_undo(struct ttp_cong *cong, u32 cwnd, u32 ssthresh)
{
	struct cubic *cubic = ttp_cong_priv(cong);

	cong->cwnd = max(cong->cwnd, cwnd);
	cong->ssthresh = max(cong->ssthresh, ssthresh);
	cubic->epoch = cubic->before;
}

static void cubic_idle(struct ttp_cong *cong, bool restart)
{
	struct cubic *cubic = ttp_cong_priv(cong);

	if (restart)
		cong->cwnd = min(cong->cwnd, ttp_cong_initial_window(cong));
	cubic->idle = true;
}

static const struct ttp_cong_ops cubic = {
	.name = "cubic",
	.owner = THIS_MODULE,
	.sample = cubic_sample,
	.acked = cubic_acked,
	.loss = cubic_loss,
	.timeout = cubic_timeout,
	.undo = cubic_undo,
	.idle = cubic_idle,
};

MODULE_DESCRIPTION("TTP congestion control: CUBIC");
module_ttp_cong(cubic, cubic);
