/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hystart.h - HyStart++ (RFC 9406), a part for algorithms with slow start.
 */
#ifndef _TTP_CONG_HYSTART_H
#define _TTP_CONG_HYSTART_H

#include "core/cong.h"

/**
 * struct ttp_hystart - what it keeps of a connection; zero at first
 * @window_end: windowEnd, as octets delivered
 * @last_min_rtt: lastRoundMinRTT, microseconds; 0 unknown, for infinity
 * @min_rtt: currentRoundMinRTT; 0 unknown
 * @baseline: cssBaselineMinRtt
 * @samples: rttSampleCount
 * @css_rounds: rounds of conservative slow start; 0 in standard slow start
 * @credit: octets that did not count yet in conservative slow start
 */
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
