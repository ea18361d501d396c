// SPDX-License-Identifier: GPL-2.0
/*
 * fixed.c - no congestion control: the window is what the administrator
 * says, whatever happens in the network.
 *
 * So TCP was until 1986, when the receive window was the only limit and throughput
 * between LBL and Berkeley fell from 32 kbit/s to 40 bit/s (Jacobson, "Congestion
 * avoidance and control", 1988, 1).  A window above the path's
 * bandwidth x round trip + buffer makes the queue overflow for ever; a smaller one leaves
 * the path idle.
 *
 * Use it only in a network of your own.
 *
 * Called by core/cong.c, through struct ttp_cong_ops.
 *
 * Next: aimd.c.
 */
#include "ttp_cong.h"

static unsigned int window = 20;
module_param(window, uint, 0644);
MODULE_PARM_DESC(window, "congestion window in segments");

struct fixed {};

static void set(struct ttp_cong *cong)
{
	cong->cwnd = min_t(u64, (u64)READ_ONCE(window) * cong->mss, TTP_CWND_MAX);
}

static void fixed_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	set(cong);
}

static void fixed_loss(struct ttp_cong *cong, u32 flight)
{
	set(cong);
}

static void fixed_timeout(struct ttp_cong *cong, u32 flight, bool first)
{
	set(cong);
}

static void fixed_idle(struct ttp_cong *cong, bool restart)
{
	set(cong);
}

static const struct ttp_cong_ops fixed = {
	.name = "fixed",
	.flags = TTP_CONG_RESTRICTED | TTP_CONG_OWN_RECOVERY,
	.owner = THIS_MODULE,
	.init = set,
	.acked = fixed_acked,
	.loss = fixed_loss,
	.timeout = fixed_timeout,
	.idle = fixed_idle,
};

MODULE_DESCRIPTION("TTP congestion control: none, a window of fixed size");
module_ttp_cong(fixed, fixed);
