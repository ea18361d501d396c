// SPDX-License-Identifier: GPL-2.0
/*
 * autotune.c - how large the buffers and the receive window should be: dynamic right-sizing.
 *
 * The receive buffer must hold twice what the peer sends in a round trip, so that a loss
 * does not stop the peer.  The receiver measures the round trip by timestamps, or by the
 * time in which a window is filled; what comes in one round trip is what the user reads
 * in it.  Meanwhile the receive window opens segment by segment, as long as a whole window
 * of such segments would fit in the buffer.
 *
 * Source: Fisk and Feng, "Dynamic right-sizing in TCP", 2001; RFC 7323 4.
 * Called by arrives.c, passive.c, send.c, user.c, and by host/memory.c, which makes the buffers
 * as large as it says.
 * Next: send.c, ttp_send_window(), for the window that is advertised.
 */
#include "core.h"

#define INITIAL_SEGS	10	/* RFC 6928: what may come before we answer */
#define WINDOW_MAX	0x40000000U	/* RFC 7323 2.3 */
#define RTT_MAX_US	(U32_MAX / 16)

/* The time of a window is at least a round trip, and more if the sender had nothing to send: only
 * the least is taken.  Times by timestamps are smoothed.
 */
static void sample(struct ttp_autotune *tune, u32 rtt_us, bool by_window)
{
	u32 rtt8_us = clamp(rtt_us, 1U, RTT_MAX_US) * 8;

	if (!tune->rtt8_us || rtt8_us < tune->rtt8_us)
		tune->rtt8_us = rtt8_us;
	else if (!by_window)
		tune->rtt8_us += rtt8_us / 8 - tune->rtt8_us / 8;
}

/* How long does it take until all data that an ACK allows has come? */
static void time_window(struct ttp_tcb *tcb, u64 now)
{
	struct ttp_autotune *tune = &tcb->flow->tune;

	if (tune->window_us) {
		if (seq_lt(tcb->rcv.nxt, tune->window_end))
			return;
		sample(tune, min_t(u64, now - tune->window_us, RTT_MAX_US), true);
	}
	tune->window_end = tcb->rcv.nxt + tcb->rcv.wnd;
	tune->window_us = now;
}

/* The timestamp that comes back is that of an ACK of ours.  Only the first data with it was sent at
 * once, and only if it is a full segment.
 */
static void time_echo(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now)
{
	u32 ms = ttp_rtt_tsval(&tcb->opt, now) - seg->tsecr;

	if (!seg->tsecr || seg->tsecr == tcb->flow->tune.tsecr)
		return;
	tcb->flow->tune.tsecr = seg->tsecr;
	if (seg->len < tcb->rcv.mss || ms > RTT_MAX_US / 1000)
		return;
	sample(&tcb->flow->tune, max(ms, 1U) * 1000, false);
}

/* May the window open?  Yes, if a whole window of segments with the truesize and length of this one
 * fits in the buffer, which has two bytes of memory for each byte of data.
 */
static void open_window(struct ttp_tcb *tcb, u32 len, u32 truesize)
{
	u32 size = min(ttp_rxq_size(tcb), ttp_rxq_space(tcb));
	u32 *limit = &tcb->rcv.ssthresh;

	if (*limit >= size || (u64)*limit * truesize > 2ULL * size * len)
		return;
	*limit += min(size - *limit, 2 * max(len, tcb->rcv.mss));
}

/* Data came in order: @seg has what is new of it, in @truesize bytes of memory.  With
 * @under_pressure memory is short everywhere, and the window closes to a few segments.
 */
void ttp_autotune_data(struct ttp_tcb *tcb, const struct ttp_seg *seg, u32 truesize,
		       bool under_pressure, u64 now)
{
	struct ttp_autotune *tune = &tcb->flow->tune;

	if (!tune->read_us) {
		tune->read_us = now;
		tune->read_seq = tcb->rcv.read;
		tune->read = max(min(tcb->rcv.wnd, INITIAL_SEGS * tcb->rcv.mss), 1U);
	}
	if (tcb->opt.ts_ok && seg->has_ts)
		time_echo(tcb, seg, now);
	else
		time_window(tcb, now);
	if (under_pressure)
		tcb->rcv.ssthresh = min(tcb->rcv.ssthresh, 4 * tcb->rcv.mss);
	else
		open_window(tcb, seg->len, truesize);
}

/**
 * ttp_autotune_read - how large should the window be that the buffer allows?
 * @tcb: the user has read; rcv.read is moved
 * @now: microseconds
 *
 * Twice what was read in the last round trip, so that one loss in it does not
 * stop the peer, and more if more was read than in the one before: in slow start
 * the peer will send twice as much in the next, and twice that by the time that
 * our ACK has told it so.
 *
 * Return: bytes of data; 0: as it is.
 */
u32 ttp_autotune_read(struct ttp_tcb *tcb, u64 now)
{
	struct ttp_autotune *tune = &tcb->flow->tune;
	u32 read = tcb->rcv.read - tune->read_seq;
	u64 want = 0;

	if (!tune->rtt8_us || now - tune->read_us < tune->rtt8_us / 8)
		return 0;
	if (read > tune->read) {
		want = 2ULL * read + 16 * tcb->rcv.mss;
		want += 2 * div_u64(want * (read - tune->read), tune->read);
		tune->read = read;
	}
	tune->read_seq = tcb->rcv.read;
	tune->read_us = now;
	return min_t(u64, want, WINDOW_MAX);
}

/**
 * ttp_autotune_overrun - the receive buffer is full, though the window is not
 * @tcb: packets whose truesize is much more than their data have filled it
 *
 * The window is two segments until packets have more data.  What was advertised stays
 * advertised: see ttp_send_window().
 */
void ttp_autotune_overrun(struct ttp_tcb *tcb)
{
	tcb->rcv.ssthresh = min(tcb->rcv.ssthresh, 2 * tcb->rcv.mss);
	tcb->rcv.quick = 0;
}

/* A connection begins: how much may come before we answer? */
void ttp_autotune_begin(struct ttp_tcb *tcb)
{
	u32 first = (u32)tcb->route.init_rwnd * tcb->route.advmss;

	if (first)
		tcb->rcv.ssthresh = min(first, tcb->rcv.ssthresh);
}

static u32 largest(const struct ttp_tcb *tcb)
{
	u32 window = min(tcb->rcv.ssthresh, 0xffffU << tcb->opt.rcv_wscale);

	return min_not_zero(window, tcb->asked.window_clamp ?: tcb->route.window);
}

/* The receive window that we would like to advertise: what the buffer takes, and
 * TTP_WINDOW_CLAMP allows.
 */
u32 ttp_autotune_window(struct ttp_tcb *tcb)
{
	return min(ttp_rxq_space(tcb), largest(tcb));
}

/* Silly window syndrome (RFC 9293 3.8.6.2.2, MUST-39): the least number of bytes by which the
 * receive window must open before the peer is told.  A segment; or half of the largest window, for
 * segments may be longer than that is.
 */
u32 ttp_autotune_min_update(struct ttp_tcb *tcb)
{
	return min(tcb->rcv.mss, min(ttp_rxq_size(tcb), largest(tcb)) / 2);
}

/**
 * ttp_autotune_send - how much data should the send buffer hold?
 * @tcb: the user waits for room in it
 *
 * As much as is in flight, and as much again for the user to write meanwhile.
 *
 * Return: bytes; 0: as it is, because the congestion window is full, and a larger
 * buffer would only make the queue longer.
 */
u32 ttp_autotune_send(const struct ttp_tcb *tcb)
{
	u32 cwnd = ttp_flow_cwnd(tcb), segs = max(cwnd / tcb->snd.mss, INITIAL_SEGS);

	if (ttp_send_in_flight(tcb) >= cwnd)
		return 0;
	/* the peer's MSS, for ours may be shorter until its window is known to be larger */
	return 2 * min_t(u64, (u64)segs * max_t(u32, tcb->opt.mss, tcb->snd.mss), WINDOW_MAX);
}
