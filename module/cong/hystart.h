/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hystart.h - HyStart++ (RFC 9406), for algorithms with slow start.
 *
 * Next: hystart.c.
 */
#ifndef _TTP_CONG_HYSTART_H
#define _TTP_CONG_HYSTART_H

#include "core/cong.h"

/* What HyStart++ keeps of a connection; zero at first */
struct ttp_hystart {
	u64 window_end;
	u32 last_min_rtt;
	u32 min_rtt;
	u32 baseline;
	u32 credit;
	u16 samples;
	u16 css_rounds;
};

u32 ttp_hystart_slow_start(struct ttp_cong *cong, struct ttp_hystart *h,
			   const struct ttp_ack_sample *s);

#endif
