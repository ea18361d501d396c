/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bottleneck.h - flows that share a line and the queue before it, in virtual time.
 *
 * Each flow is two TCBs: all that is sent, lost, resent and paced is the core's
 * doing, as in a kernel.  Only data passes the line; ACKs come back past it.
 */
#ifndef _TTP_BOTTLENECK_H
#define _TTP_BOTTLENECK_H

#include "core/core.h"

#define BN_FLOWS	64
#define BN_HEADER	40	/* bytes of IP and transport header on the line */

/**
 * struct bn_flow - one flow, and how it does
 * @algorithm: of both ends
 * @delay_us: one way, besides the queue
 * @start_us: when it begins
 * @snd: writes for ever; %NULL before it begins
 * @rcv: reads at once; %NULL before the handshake ended
 * @req: until then
 * @received: bytes, since bn.from_us
 * @drops: packets that found the queue full or were lost, since then
 * @marks: packets that were marked, since then
 * @last_ack: no ACK overtakes another
 * @seen: of received, for the row that was printed last
 */
struct bn_flow {
	const struct ttp_cong_ops *algorithm;
	u64 delay_us;
	u64 start_us;
	struct ttp_tcb *snd, *rcv;
	struct ttp_request *req;
	u64 received;
	u32 drops;
	u32 marks;
	u64 last_ack;
	u64 seen;
};

/**
 * struct bottleneck - one run: set all that is above now, then bn_run()
 * @rate: of the line, bit/s
 * @buffer: packets that the queue takes
 * @mark: with so many packets in the queue, or more, what comes is marked; 0 never
 * @loss: of a million packets so many are lost before the queue
 * @arq: enum ttp_arq, of all
 * @mss: bytes of data in a segment
 * @seed: of all chance
 * @duration_us: of the run
 * @from_us: what is counted begins here
 * @interval_us: between two calls of @row
 * @row: called for each flow that has begun, unless %NULL
 * @flows: the first @nflow are used
 * @now: since the run began
 * @queue: packets in it, the one on the line too
 * @queue_us: sum of @queue times microseconds
 * @queue_max: most that there were
 * @wrong: what must not happen, or %NULL
 */
struct bottleneck {
	u64 rate;
	u32 buffer;
	u32 mark;
	u32 loss;
	u8 arq;
	u32 mss;
	u64 seed;
	u64 duration_us;
	u64 from_us;
	u64 interval_us;
	void (*row)(struct bottleneck *bn, struct bn_flow *f);
	struct bn_flow flows[BN_FLOWS];
	u32 nflow;
	u64 now;
	u32 queue;
	u64 queue_us;
	u32 queue_max;
	const char *wrong;

	/* bottleneck.c's own */
	struct ttp_config cfg;
	u64 line_free, queue_since, row_at;
	struct bn_event *events;
	u32 nevent, room, nth;
};

/* All of it, or a part after the other.  Return: NULL, or what went wrong. */
const char *bn_run(struct bottleneck *bn);
void bn_begin(struct bottleneck *bn);
const char *bn_until(struct bottleneck *bn, u64 until);
void bn_free(struct bottleneck *bn);

/* Of the counted time: bit/s; per mille of the line; Jain's index, per mille; packets. */
u64 bn_throughput(const struct bottleneck *bn, const struct bn_flow *f);
u32 bn_utilisation(const struct bottleneck *bn);
u32 bn_fairness(const struct bottleneck *bn);
u32 bn_drops(const struct bottleneck *bn);
double bn_mean_queue(const struct bottleneck *bn);

#endif
