// SPDX-License-Identifier: GPL-2.0
/*
 * flows.c - many flows over one bottleneck, for the page: tests/host/bottleneck.c, a part after
 * the other.  What tests/host/cong prints as CSV at the end, the page draws as it happens.
 *
 * Called by flows.js.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bottleneck.h"
#include "export.h"
#include "port.h"

#define ROWS_MAX	(1 << 20)	/* bytes that one call of flows_until() may say */

static struct bottleneck bn;
static char name[32], rows[ROWS_MAX];
static size_t len;

/* flow, time (us), cwnd, ssthresh, in flight, SRTT (us), bytes received, drops, marks, queue */
static void row(struct bottleneck *b, struct bn_flow *f)
{
	const struct ttp_tcb *tcb = f->snd;
	int n = snprintf(rows + len, ROWS_MAX - len, "%d %llu %u %u %u %u %llu %u %u %u\n",
			 (int)(f - b->flows), (unsigned long long)b->now, ttp_flow_cwnd(tcb),
			 ttp_flow_ssthresh(tcb), ttp_send_in_flight(tcb), tcb->srtt_us,
			 (unsigned long long)f->received, f->drops, f->marks, b->queue);

	if (n > 0 && len + n < ROWS_MAX)
		len += n;
}

/* Where an algorithm's name is to be put */
EXPORT(char *, flows_name, void)
{
	return name;
}

EXPORT(void, flows_begin, u32 rate_kbit, u32 buffer, u32 mark, u32 loss_ppm, u32 seed, u32 arq)
{
	bn_free(&bn);
	bn = (struct bottleneck){
		.rate = max(rate_kbit, 8U) * 1000ULL, .buffer = buffer, .mark = mark,
		.loss = loss_ppm, .arq = min_t(u32, arq, TTP_ARQ_MAX - 1), .mss = 1448,
		.seed = seed, .duration_us = 3600000000ULL, .interval_us = 50000, .row = row,
	};
}

/* One more flow; @name has its algorithm.  Return: false: there is none, or no room. */
EXPORT(u32, flows_add, double delay_us, double start_us)
{
	const struct ttp_cong_ops *algorithm = port_cong(name);

	if (!algorithm || bn.nflow == BN_FLOWS)
		return false;
	bn.flows[bn.nflow++] = (struct bn_flow){
		.algorithm = algorithm, .delay_us = delay_us, .start_us = start_us,
	};
	return true;
}

/* All flows are there. */
EXPORT(void, flows_go, void)
{
	bn_begin(&bn);
}

/* Go on until @us.  Return: what has happened, a row of each flow for each 50 ms. */
EXPORT(const char *, flows_until, double us)
{
	len = 0;
	rows[0] = '\0';
	bn_until(&bn, us);
	return rows;
}
