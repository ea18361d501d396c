// SPDX-License-Identifier: GPL-2.0
/*
 * cong_reno.c - slow start, congestion avoidance, fast recovery's window
 * (RFC 5681; RFC 9293 MUST-19).  When a loss has happened is decided in
 * core/loss.c.
 *
 * Compiles on the host too: it knows nothing but struct ttp_cong.
 */
#include "core/cong.h"

#define CWND_MAX	0x40000000U

/* RFC 6928 2: ten segments */
static u32 initial_window(u32 mss)
{
	return min(10 * mss, max(2 * mss, 14600U));
}

/**
 * ttp_cong_init - the window of a new connection
 * @cong: filled in
 * @mss: octets in a segment
 */
void ttp_cong_init(struct ttp_cong *cong, u32 mss)
{
	cong->mss = mss;
	cong->cwnd = initial_window(mss);
	cong->ssthresh = TTP_SSTHRESH_INFINITE;
	cong->acked = 0;
}

/**
 * ttp_cong_idle - nothing was sent for longer than a timeout
 * @cong: cwnd is that of a new connection at most
 *
 * No ACK will pace a burst now.  Source: RFC 5681 4.1.
 */
void ttp_cong_idle(struct ttp_cong *cong)
{
	cong->cwnd = min(cong->cwnd, initial_window(cong->mss));
	cong->acked = 0;
}

/**
 * ttp_cong_set_mss - the segment size has changed
 * @cong: its windows stay what they are in octets
 * @mss: octets in a segment
 */
void ttp_cong_set_mss(struct ttp_cong *cong, u32 mss)
{
	cong->mss = mss;
	cong->cwnd = max(cong->cwnd, mss);
}

/**
 * ttp_cong_acked - octets were acknowledged, outside of fast recovery
 * @cong: cwnd grows
 * @acked: how many
 *
 * Source: RFC 5681 3.1 with RFC 3465 (byte counting, L = 2 in slow start).
 */
void ttp_cong_acked(struct ttp_cong *cong, u32 acked)
{
	u32 room;

	if (cong->cwnd < cong->ssthresh) {
		room = min(acked, cong->ssthresh - cong->cwnd);
		cong->cwnd = min(cong->cwnd + room, CWND_MAX);
		acked -= room;
	}
	cong->acked += acked;
	if (cong->acked >= cong->cwnd) {
		cong->acked -= cong->cwnd;
		cong->cwnd = min(cong->cwnd + cong->mss, CWND_MAX);
	}
}

/**
 * ttp_cong_loss - fast recovery begins
 * @cong: windows are halved
 * @in_flight: octets then in the network
 *
 * Source: RFC 5681 3.2, equation (4).
 */
void ttp_cong_loss(struct ttp_cong *cong, u32 in_flight)
{
	cong->ssthresh = max(in_flight / 2, 2 * cong->mss);
	cong->cwnd = cong->ssthresh;
	cong->acked = 0;
}

/**
 * ttp_cong_timeout - the retransmission timer has expired
 * @cong: cwnd falls to one segment
 * @in_flight: octets then in the network
 * @first: not again for the same segment: ssthresh is set
 *
 * Source: RFC 5681 3.1.
 */
void ttp_cong_timeout(struct ttp_cong *cong, u32 in_flight, bool first)
{
	if (first)
		cong->ssthresh = max(in_flight / 2, 2 * cong->mss);
	cong->cwnd = cong->mss;
	cong->acked = 0;
}

/**
 * ttp_cong_recovered - fast recovery ends
 * @cong: cwnd is ssthresh again
 * @in_flight: octets now in the network
 *
 * Source: RFC 6582 3.2 (3), which avoids a burst.
 */
void ttp_cong_recovered(struct ttp_cong *cong, u32 in_flight)
{
	cong->cwnd = min(cong->ssthresh, max(in_flight, cong->mss) + cong->mss);
	cong->cwnd = max(cong->cwnd, min(cong->ssthresh, 2 * cong->mss));
}

/**
 * ttp_cong_undo - nothing was lost after all
 * @cong: its windows are what they were, or larger
 * @cwnd: what it was
 * @ssthresh: what it was
 */
void ttp_cong_undo(struct ttp_cong *cong, u32 cwnd, u32 ssthresh)
{
	cong->cwnd = max(cong->cwnd, cwnd);
	cong->ssthresh = max(cong->ssthresh, ssthresh);
}
