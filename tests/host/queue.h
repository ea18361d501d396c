/* SPDX-License-Identifier: GPL-2.0 */
/*
 * queue.h - what the host's version of core/queue.h lets the tests see and do.
 */
#ifndef _TTP_HOST_QUEUE_H
#define _TTP_HOST_QUEUE_H

#include "core/core.h"
#include "port.h"

#define HOST_HISTORY	64

struct host_step {
	u8 from, to;
	const char *what;
};

/* What the core has asked of core/queue.h. */
struct host_work {
	u64 looks;	/* at one record each */
	u64 changes;	/* records sent, SACKed, found lost, acknowledged, cut, put together */
	u64 allocs;	/* records made by cutting */
};

/* looks that a change may cost */
#define HOST_LOOKS	4

extern struct host_work host_work;
extern u64 host_counts[TTP_MIB_MAX];
extern struct host_step host_history[HOST_HISTORY];
extern u32 host_nhistory;
/* when it is 1 the next split fails for lack of memory, when 2 the one after */
extern int host_split_fails;
extern int host_flow_fails;	/* the so many-th flow that is asked for gets no memory */
extern int host_rxq_fails;	/* likewise data that arrives, which is refused */
extern u32 host_lowat;	/* SO_RCVLOWAT, of all */
extern bool host_any_data;	/* what is read need not be what was sent */

/* One write(), as module/socket/stream.c has it: what was not sent yet grows, up to @most
 * bytes, and only the last has PUSH.
 */
void host_write(struct ttp_tcb *tcb, u32 bytes, u32 most);

/* Are the records in flight in the order in which they were sent (core/queue.h)?
 * Return: what is wrong, or NULL.
 */
const char *host_order_wrong(struct ttp_tcb *tcb);

#endif
