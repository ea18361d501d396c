/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cong.h - what a congestion control algorithm sees of a connection.
 *
 * An algorithm works on struct ttp_cong and never on a socket, so it can be
 * tested by calling it.
 */
#ifndef _TTP_CORE_CONG_H
#define _TTP_CORE_CONG_H

#include "shim.h"

#define TTP_CONG_NAME		"reno"	/* the one that there is */
#define TTP_CONG_NAME_MAX	16	/* TCP's, with the octet that ends it */

/**
 * struct ttp_cong - the algorithm's view of a connection
 * @cwnd: congestion window, octets
 * @ssthresh: slow start threshold, octets
 * @mss: text of one segment, octets
 * @acked: octets acknowledged since cwnd last grew (congestion avoidance)
 */
struct ttp_cong {
	u32 cwnd;
	u32 ssthresh;
	u32 mss;
	u32 acked;
};

#define TTP_SSTHRESH_INFINITE	0x7fffffff

void ttp_cong_init(struct ttp_cong *cong, u32 mss);
void ttp_cong_set_mss(struct ttp_cong *cong, u32 mss);
void ttp_cong_idle(struct ttp_cong *cong);
void ttp_cong_acked(struct ttp_cong *cong, u32 acked);
void ttp_cong_loss(struct ttp_cong *cong, u32 in_flight);
void ttp_cong_timeout(struct ttp_cong *cong, u32 in_flight, bool first);
void ttp_cong_undo(struct ttp_cong *cong, u32 cwnd, u32 ssthresh);
void ttp_cong_recovered(struct ttp_cong *cong, u32 in_flight);

#endif
