/* SPDX-License-Identifier: GPL-2.0 */
/*
 * queue.h - what the core calls outside of core: the queues of data, counters, and whoever
 * observes states.
 *
 * In the kernel module these functions are in host/txq.c, host/rxq.c, host/memory.c, mib.c and
 * see/observe.c, and work with sk_buffs; for tests/host they are in its queue.c, and work with
 * arrays.  The linker chooses.
 *
 * Next: host/txq.c.
 */
#ifndef _TTP_CORE_QUEUE_H
#define _TTP_CORE_QUEUE_H

#include "tcb.h"

struct ttp_cause;

/* What became of data that arrived. */
struct ttp_rx_result {
	bool taken;		/* queued, in order or not: the packet is gone */
	u32 nxt;		/* in order up to here: the new RCV.NXT */
	u32 truesize;		/* bytes of memory that the packet takes */
	bool under_pressure;	/* memory is short for everyone */
};

/* The retransmission queue and, after it, data that was never sent, in the order of
 * sequence numbers.  NULL at the end.
 */
struct ttp_txrec *ttp_txq_first(struct ttp_tcb *tcb);
struct ttp_txrec *ttp_txq_next(struct ttp_tcb *tcb, struct ttp_txrec *rec);
/* The record that holds byte @seq. */
struct ttp_txrec *ttp_txq_find(struct ttp_tcb *tcb, u32 seq);
/* The oldest data never sent. */
struct ttp_txrec *ttp_txq_unsent(struct ttp_tcb *tcb);
/* Make @rec end at @seq; the rest becomes a record of its own.  Return: 0 or -ENOMEM. */
int ttp_txq_split(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 seq);
/* The record after @rec becomes a part of it; both are SACKed.  False: there is no room. */
bool ttp_txq_merge(struct ttp_tcb *tcb, struct ttp_txrec *rec);
/* Free all data before @una. */
void ttp_txq_acked(struct ttp_tcb *tcb, u32 una);

/* The records in flight in the order in which they were sent (RFC 8985 6.2), without
 * those that are SACKed.
 */

/* @rec was sent, for the first time or again: it is the last in this order. */
void ttp_txq_sent(struct ttp_tcb *tcb, struct ttp_txrec *rec);
/* The first in this order, or NULL. */
struct ttp_txrec *ttp_txq_oldest(struct ttp_tcb *tcb);
/* @rec, the first, is lost: it has no place in the order until it is sent again. */
void ttp_txq_pass(struct ttp_tcb *tcb, struct ttp_txrec *rec);
/* Nothing was lost: those that were passed have their places again. */
void ttp_txq_recall(struct ttp_tcb *tcb);
/* @rec was SACKed. */
void ttp_txq_sacked(struct ttp_tcb *tcb, struct ttp_txrec *rec);
/* @rec is SACKed no more, and counts as lost: as after ttp_txq_pass(). */
void ttp_txq_unsacked(struct ttp_tcb *tcb, struct ttp_txrec *rec);

/* Take @seg's data, which is within the window and not before RCV.NXT. */
void ttp_rxq_add(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_rx_result *res);
/* Byte @seq of the data in order, which nobody has read yet. */
u8 ttp_rxq_byte(struct ttp_tcb *tcb, u32 seq);
/* Bytes of data that the receive buffer still takes, and takes in all. */
u32 ttp_rxq_space(struct ttp_tcb *tcb);
u32 ttp_rxq_size(struct ttp_tcb *tcb);
/* Bytes that wake the reader (SO_RCVLOWAT). */
u32 ttp_rxq_lowat(struct ttp_tcb *tcb);

/* Memory for tcb->flow, zeroed, which goes with the TCB.  NULL: there is none, and never so
 * with @must, which may sleep.
 */
struct ttp_flow *ttp_flow_alloc(bool must);

/* @conn went from @from to @conn->state. */
void ttp_observe_state(struct ttp_conn *conn, u8 from, const struct ttp_cause *cause);
void ttp_count(struct ttp_conn *conn, enum ttp_mib mib);

#endif
