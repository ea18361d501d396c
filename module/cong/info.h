/* SPDX-License-Identifier: GPL-2.0 */
/*
 * info.h - what an algorithm tells of itself (TTP_CC_INFO, ttp show -i): Linux's structures, which
 * the kernel has in linux/inet_diag.h.  Without a kernel, here are as many as the algorithms
 * of cong/ fill.
 *
 * Next: ttp_cong.h.
 */
#ifndef _TTP_CONG_INFO_H
#define _TTP_CONG_INFO_H

#ifdef __KERNEL__
#include <linux/inet_diag.h>
#else
#include "core/shim.h"

union tcp_cc_info {
	struct tcpvegas_info {
		u32 tcpv_enabled, tcpv_rttcnt, tcpv_rtt, tcpv_minrtt;
	} vegas;
	struct tcp_dctcp_info {
		u16 dctcp_enabled, dctcp_ce_state;
		u32 dctcp_alpha, dctcp_ab_ecn, dctcp_ab_tot;
	} dctcp;
	struct tcp_bbr_info {
		u32 bbr_bw_lo, bbr_bw_hi, bbr_min_rtt, bbr_pacing_gain, bbr_cwnd_gain;
	} bbr;
};
#endif

#endif
