// SPDX-License-Identifier: GPL-2.0
/*
 * info.c - TTP_INFO: what TCP_INFO says of TCP, as far as it applies.
 *
 * Context: socket lock held.
 */
#include <linux/tcp.h>

#include "ttp.h"

static u32 us_since(u64 then, u64 now)
{
	return then ? div_u64(now - then, 1000) : 0;
}

static void fill_options(const struct ttp_tcb *tcb, struct tcp_info *info)
{
	if (tcb->opt.ts_ok)
		info->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (tcb->opt.sack_ok)
		info->tcpi_options |= TCPI_OPT_SACK;
	if (tcb->opt.ecn_ok)
		info->tcpi_options |= TCPI_OPT_ECN;
	if (tcb->opt.wscale_ok) {
		info->tcpi_options |= TCPI_OPT_WSCALE;
		info->tcpi_snd_wscale = tcb->opt.snd_wscale;
		info->tcpi_rcv_wscale = tcb->opt.rcv_wscale;
	}
}

/**
 * ttp_info - describe a connection or a listener
 * @sk: any state
 * @info: filled in whole
 */
void ttp_info(struct sock *sk, struct tcp_info *info)
{
	static const u8 ca[] = {
		[TTP_CA_OPEN] = TCP_CA_Open,
		[TTP_CA_RECOVERY] = TCP_CA_Recovery,
		[TTP_CA_LOSS] = TCP_CA_Loss,
	};
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	const struct dst_entry *dst = __sk_dst_get(sk);
	u32 mss = tcb->snd.mss;
	u64 now = ttp_now();

	memset(info, 0, sizeof(*info));
	info->tcpi_state = tcb->conn.state;
	if (tcb->conn.state == TTP_LISTEN) {
		info->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		info->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	fill_options(tcb, info);
	info->tcpi_ca_state = ca[tcb->ca];
	info->tcpi_retransmits = tcb->retransmits;
	info->tcpi_probes = tcb->probes;
	info->tcpi_backoff = tcb->backoff;
	info->tcpi_rto = ttp_rtt_rto(tcb);
	info->tcpi_ato = tcb->cfg->delack_ms * 1000;
	info->tcpi_snd_mss = mss;
	info->tcpi_rcv_mss = tcb->rcv.mss;
	info->tcpi_advmss = tcb->mss_route;
	info->tcpi_pmtu = dst ? dst_mtu(dst) : 0;
	info->tcpi_unacked = DIV_ROUND_UP(tcb->snd.nxt - tcb->snd.una, mss);
	info->tcpi_sacked = DIV_ROUND_UP(tcb->sacked, mss);
	info->tcpi_lost = DIV_ROUND_UP(tcb->lost, mss);
	info->tcpi_retrans = DIV_ROUND_UP(tcb->resent, mss);
	info->tcpi_last_data_sent = us_since(tcb->last_sent_us, now);
	info->tcpi_last_data_recv = us_since(tcb->last_rcvd_us, now);
	info->tcpi_last_ack_recv = info->tcpi_last_data_recv;
	info->tcpi_rtt = tcb->srtt_us;
	info->tcpi_rttvar = tcb->rttvar_us;
	info->tcpi_snd_ssthresh = tcb->cong.ssthresh / mss;
	info->tcpi_snd_cwnd = tcb->cong.cwnd / mss;
	info->tcpi_rcv_space = tcb->tune.read;
	info->tcpi_rcv_ssthresh = tcb->rcv.ssthresh;
	info->tcpi_rcv_rtt = tcb->tune.rtt8_us / 8;
	info->tcpi_total_retrans = tcb->total_retrans;
	info->tcpi_bytes_acked = tcb->bytes_acked;
	info->tcpi_bytes_received = tcb->bytes_received;
	info->tcpi_bytes_sent = tcb->bytes_sent;
	info->tcpi_segs_out = tcb->segs_out;
	info->tcpi_segs_in = tcb->segs_in;
	info->tcpi_notsent_bytes = tcb->snd.end - seq_min(tcb->snd.nxt, tcb->snd.end);
	info->tcpi_snd_wnd = tcb->snd.wnd;
}
