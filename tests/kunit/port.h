/* SPDX-License-Identifier: GPL-2.0 */
/*
 * port.h - what the tests need beside the core itself: memory, TCBs with their
 * queues, and data to fill them with.
 *
 * In the kernel (port.c) a TCB is that of a real socket and its data is in
 * sk_buffs; on the host (tests/host/queue.c) it is in lists and arrays.
 *
 * All data is a function of its place in the stream, so that the reader can
 * tell a wrong byte wherever it comes from.
 */
#ifndef _TTP_PORT_H
#define _TTP_PORT_H

#include "core/core.h"

/* what tests set of struct ttp_config, as core/config.h has it */
#define PORT_CONFIG							\
	.reordering = 3,						\
	.base_mss = 1024,						\
	.mtu_probe_floor = 48,						\
	.probe_threshold = 8,						\
	.probe_interval = 600,						\
	.min_snd_mss = 48,						\
	.slow_start_after_idle = 1,					\
	.notsent_lowat = TTP_CONFIG_MAX,				\
	.syn_retries = 6,						\
	.synack_retries = 5,						\
	.retries1 = 3,							\
	.retries2 = 15,							\
	.orphan_retries = 8,						\
	.fin_timeout = 60,						\
	.msl_ms = 30000,						\
	.delack_ms = 40,						\
	.comp_sack_nr = 44,						\
	.comp_sack_delay_ns = 1000000,					\
	.rto_min_ms = 200,						\
	.min_rtt_wlen = 300,						\
	.invalid_ratelimit = 500,					\
	.window_scaling = 1,						\
	.sack = 1,							\
	.timestamps = 1

static inline u8 port_byte(u32 place)
{
	return place * 131 + (place >> 8) * 7 + (place >> 16);
}

/* Does the receive queue count data only?  The kernel's counts their truesize,
 * and may throw away what came out of order.
 */
#ifdef __KERNEL__
#define PORT_EXACT	false
#define port_unchecked
#else	/* unchecked: the fuzzers would spend a tenth of their time on it */
#define PORT_EXACT	true
#define port_unchecked __attribute__((no_sanitize("address")))
#endif

/* @n bytes from @place on. */
static inline port_unchecked void port_fill(u8 *to, u32 place, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		to[i] = port_byte(place + i);
}

/* Zeroed memory.  NULL in the kernel only. */
void *port_alloc(size_t size);
void port_free(void *p);

/* A TCB in CLOSED after ttp_user_init(), with empty queues. */
struct ttp_tcb *port_tcb(const struct ttp_config *cfg, u32 rcvbuf);
void port_tcb_free(struct ttp_tcb *tcb);
struct ttp_request *port_request(void);
void port_request_free(struct ttp_request *req);
struct ttp_timewait *port_timewait(void);
void port_timewait_free(struct ttp_timewait *tw);

/* Writes data: a record of its own at SND.END.  False: no memory. */
bool port_write(struct ttp_tcb *tcb, u32 bytes);
/* Copies out what a segment to be sent carries. */
void port_copy(const struct ttp_tcb *tcb, const struct ttp_txrec *rec, u8 *to);
/* Gives a segment that is to arrive its data, and takes it back after. */
bool port_attach(struct ttp_seg *seg, const u8 *text);
void port_detach(struct ttp_seg *seg, const struct ttp_verdict *v);
/* The user takes up to @max bytes out of the receive buffer; moves RCV.READ.
 * Return: how many; ~0 when one was not what it should be.
 */
u32 port_read(struct ttp_tcb *tcb, u32 max);

/* A congestion control algorithm by its name, or NULL. */
const struct ttp_cong_ops *port_cong(const char *name);
extern bool port_cong_missing;	/* in the kernel: port_cong() has returned NULL */

#endif
