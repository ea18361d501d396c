// SPDX-License-Identifier: GPL-2.0
/*
 * template.c - a congestion control algorithm to copy.
 *
 * What it does as it stands: one segment more for each round trip, half as much
 * after a loss.  docs/congestion-control.md says how to make another of it, try it
 * without a kernel, and load it.
 */
#include "ttp_cong.h"

/* What it keeps of each connection; zero when the connection begins. */
struct template {
	u32 credit;		/* octets acknowledged since cwnd last grew */
};

/* An ACK of text has come, and nothing is being mended: how much more may be out? */
static void template_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct template *t = ttp_cong_priv(cong);

	if (!s->cwnd_limited)	/* what was not used need not grow */
		return;
	ttp_reno_avoid(cong, &t->credit, s->acked, cong->cwnd);
}

/* Text was lost: how much less? */
static void template_loss(struct ttp_cong *cong, u32 flight)
{
	cong->ssthresh = max(flight / 2, 2 * cong->mss);
	cong->cwnd = cong->ssthresh;
}

static const struct ttp_cong_ops template = {
	.name = "template",
	.flags = TTP_CONG_RESTRICTED,	/* who chooses it must be root */
	.owner = THIS_MODULE,
	.acked = template_acked,
	.loss = template_loss,
};

MODULE_DESCRIPTION("TTP congestion control: template");
module_ttp_cong(template, template);
