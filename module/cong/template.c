// SPDX-License-Identifier: GPL-2.0
/*
 * template.c - a congestion control algorithm to copy.
 *
 * It adds a segment in each round trip and halves the window after a loss.
 * docs/congestion-control.md says how to make another of it, try it without a kernel, and
 * load it.
 *
 * Called by core/cong.c, through struct ttp_cong_ops.
 *
 * Next: fixed.c, the simplest; core/cong.h for all hooks; ttp_cong.h for what it includes; bpf.c
 * for one that is a BPF program.
 */
#include "ttp_cong.h"

/* What it keeps of each connection; zero when the connection begins. */
struct template {
	u32 credit;		/* bytes acknowledged since cwnd last grew */
};

/* Data was acknowledged, and no loss recovery is going on: how much may cwnd grow? */
static void template_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	struct template *t = ttp_cong_priv(cong);

	if (!s->cwnd_limited)	/* a window that was not used does not grow */
		return;
	ttp_reno_avoid(cong, &t->credit, s->acked, cong->cwnd);
}

/* Data was lost: how much must cwnd shrink? */
static void template_loss(struct ttp_cong *cong, u32 flight)
{
	cong->ssthresh = max(flight / 2, 2 * cong->mss);
	cong->cwnd = cong->ssthresh;
}

static const struct ttp_cong_ops template = {
	.name = "template",
	.flags = TTP_CONG_RESTRICTED,	/* only root may choose it */
	.owner = THIS_MODULE,
	.acked = template_acked,
	.loss = template_loss,
};

MODULE_DESCRIPTION("TTP congestion control: template");
module_ttp_cong(template, template);
