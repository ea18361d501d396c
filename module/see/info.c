// SPDX-License-Identifier: GPL-2.0
/*
 * info.c - TTP_INFO: struct tcp_info, as TCP_INFO fills it in, as far as it applies.
 *
 * Called by socket/sockopt.c and sock_netlink.c. Context: process, socket lock held.
 *
 * Next: core/stats.c and core/rate.c for what is measured.
 */
#include <linux/tcp.h>

#include "ttp.h"

static u32 ms_since(u64 then, u64 now)
{
	return then ? div_u64(now - then, 1000) : 0;
}

/* The options that both ends have agreed on, as bits of tcpi_options */
u8 ttp_info_options(const struct ttp_options *opt)
{
	return (opt->ts_ok ? TCPI_OPT_TIMESTAMPS : 0) | (opt->sack_ok ? TCPI_OPT_SACK : 0) |
	       (opt->wscale_ok ? TCPI_OPT_WSCALE : 0) | (opt->ecn_ok ? TCPI_OPT_ECN : 0);
}

static void fill_options(const struct ttp_tcb *tcb, struct tcp_info *info)
{
	info->tcpi_options = ttp_info_options(&tcb->opt);
	if (tcb->fastopen.acked)
		info->tcpi_options |= TCPI_OPT_SYN_DATA;
	info->tcpi_fastopen_client_fail = tcb->fastopen.fail;
	if (tcb->opt.wscale_ok) {
		info->tcpi_snd_wscale = tcb->opt.snd_wscale;
		info->tcpi_rcv_wscale = tcb->opt.rcv_wscale;
	}
}

/* The time since the last change of stats->busy counts, too. */
static void fill_busy(const struct ttp_stats *stats, struct tcp_info *info, u64 now)
{
	u64 us[TTP_BUSY_MAX];

	memcpy(us, stats->busy_us, sizeof(us));
	us[stats->busy] += now - stats->since_us;
	info->tcpi_busy_time = us[TTP_BUSY] + us[TTP_BUSY_RWND] + us[TTP_BUSY_SNDBUF];
	info->tcpi_rwnd_limited = us[TTP_BUSY_RWND];
	info->tcpi_sndbuf_limited = us[TTP_BUSY_SNDBUF];
}

/* What is known once data goes. */
static void fill_flow(const struct ttp_tcb *tcb, struct tcp_info *info, u64 now)
{
	const struct ttp_flow *flow = tcb->flow;
	const struct ttp_stats *stats = &flow->stats;

	fill_busy(stats, info, now);
	info->tcpi_delivery_rate = flow->rate.best;
	info->tcpi_delivery_rate_app_limited = flow->rate.best_app_limited;
	info->tcpi_min_rtt = flow->rack.min_rtt_us ?: U32_MAX;	/* as TCP says "none yet" */
	info->tcpi_reordering = max(ttp_dup_thresh(tcb), flow->rack.overtaken);
	info->tcpi_rcv_space = flow->tune.read;
	info->tcpi_rcv_rtt = flow->tune.rtt8_us / 8;
	info->tcpi_data_segs_out = stats->data_segs_out;
	info->tcpi_delivered_ce = stats->segs_ce;
	info->tcpi_bytes_retrans = stats->bytes_resent;
	info->tcpi_dsack_dups = stats->dsacks;
	info->tcpi_reord_seen = stats->reordered;
	info->tcpi_rcv_ooopack = stats->segs_early;
}

/* An unlimited rate has all bits set, however many that are. */
static u64 rate_of(unsigned long rate)
{
	return rate == ~0UL ? ~0ULL : rate;
}

static u8 ca_state(const struct ttp_tcb *tcb)
{
	switch ((enum ttp_ca)tcb->ca) {
	case TTP_CA_RECOVERY:
		return TCP_CA_Recovery;
	case TTP_CA_LOSS:
		return TCP_CA_Loss;
	case TTP_CA_OPEN:
		break;
	}
	if (seq_lt(tcb->snd.una, tcb->ecn_recover))
		return TCP_CA_CWR;
	return tcb->sacked || tcb->dupacks ? TCP_CA_Disorder : TCP_CA_Open;
}

/* Describe a socket in any state; @info is filled in as a whole. */
void ttp_info(struct sock *sk, struct tcp_info *info)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	const struct dst_entry *dst = __sk_dst_get(sk);
	u32 mss = tcb->snd.mss, ssthresh = ttp_flow_ssthresh(tcb);
	u64 now = ttp_now();

	memset(info, 0, sizeof(*info));
	info->tcpi_state = tcb->conn.state;
	info->tcpi_pacing_rate = rate_of(ttp_sk_pacing_rate(sk, tcb));
	info->tcpi_max_pacing_rate = rate_of(READ_ONCE(sk->sk_max_pacing_rate));
	info->tcpi_reordering = ttp_dup_thresh(tcb);
	info->tcpi_snd_cwnd = ttp_flow_cwnd(tcb) / mss;
	if (tcb->conn.state == TTP_LISTEN) {
		info->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		info->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	fill_options(tcb, info);
	info->tcpi_min_rtt = tcb->srtt_us ?: U32_MAX;	/* the handshake's, until data goes */
	info->tcpi_data_segs_in = tcb->data_segs_in;
	info->tcpi_delivered = tcb->segs_delivered;
	if (tcb->flow)
		fill_flow(tcb, info, now);
	info->tcpi_ca_state = ca_state(tcb);
	info->tcpi_retransmits = tcb->retransmits;
	info->tcpi_probes = tcb->probes;
	info->tcpi_backoff = tcb->backoff;
	info->tcpi_rto = ttp_rtt_rto(tcb);
	info->tcpi_ato = READ_ONCE(tcb->cfg->delack_ms) * 1000;
	info->tcpi_snd_mss = mss;
	info->tcpi_rcv_mss = tcb->rcv.mss;
	info->tcpi_advmss = min_not_zero(tcb->route.advmss, tcb->asked.mss_user);
	info->tcpi_pmtu = dst ? dst_mtu(dst) : 0;
	info->tcpi_unacked = DIV_ROUND_UP(tcb->snd.nxt - tcb->snd.una, mss);
	info->tcpi_sacked = DIV_ROUND_UP(tcb->sacked, mss);
	info->tcpi_lost = DIV_ROUND_UP(tcb->lost, mss);
	info->tcpi_retrans = DIV_ROUND_UP(tcb->resent, mss);
	info->tcpi_last_data_sent = ms_since(tcb->last_data_us, now);
	info->tcpi_last_data_recv = ms_since(tcb->data_us, now);
	info->tcpi_last_ack_recv = ms_since(tcb->ack_us, now);
	info->tcpi_rtt = tcb->srtt_us;
	info->tcpi_rttvar = tcb->rttvar_us;
	info->tcpi_snd_ssthresh = ssthresh == TTP_SSTHRESH_INFINITE ? INT_MAX : ssthresh / mss;
	info->tcpi_rcv_ssthresh = tcb->rcv.ssthresh;
	info->tcpi_total_retrans = tcb->total_retrans;
	info->tcpi_bytes_acked = tcb->bytes_acked;
	info->tcpi_bytes_received = tcb->bytes_received;
	info->tcpi_bytes_sent = tcb->bytes_sent;
	info->tcpi_segs_out = tcb->segs_out;
	info->tcpi_segs_in = tcb->segs_in;
	info->tcpi_notsent_bytes = tcb->snd.end - seq_min(tcb->snd.nxt, tcb->snd.end);
	info->tcpi_snd_wnd = tcb->snd.wnd;
}
