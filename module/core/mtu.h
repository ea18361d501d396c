/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mtu.h - packetization layer path MTU discovery (RFC 4821): what a flow has of it, and the
 * functions of mtu.c.
 *
 * Next: mtu.c.
 */
#ifndef _TTP_CORE_MTU_H
#define _TTP_CORE_MTU_H

#include "shim.h"

struct ttp_tcb;
struct ttp_txrec;

/* Packetization layer path MTU discovery; sizes as the MSS option counts them. */
struct ttp_mtu {
	bool on;	/* low counts, and larger sizes are tried */
	u16 low;	/* this size passes */
	u16 high;	/* larger ones do not; 0: not known */
	u16 probe;	/* bytes of data of the probe that is out; 0: there is none */
	u32 seq;	/* where they begin */
	u64 since_us;	/* when the search began */
};

void ttp_mtu_begin(struct ttp_tcb *tcb, u64 now);
bool ttp_mtu_black_hole(struct ttp_tcb *tcb, u64 now);
u32 ttp_mtu_probe(struct ttp_tcb *tcb, const struct ttp_txrec *rec, u64 now);
void ttp_mtu_sent(struct ttp_tcb *tcb, const struct ttp_txrec *rec);
void ttp_mtu_acked(struct ttp_tcb *tcb);
bool ttp_mtu_lost(struct ttp_tcb *tcb);

#endif
