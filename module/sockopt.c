// SPDX-License-Identifier: GPL-2.0
/*
 * sockopt.c - options and ioctls.
 *
 * The level is SOL_TTP; TCP's level is taken as well, for programs that know
 * no better, with TCP's numbers and structs.
 */
#include <asm/ioctls.h>
#include <linux/sockios.h>
#include <linux/tcp.h>

#include "ttp.h"

static bool own_level(int level)
{
	return level == SOL_TTP || level == SOL_TCP;
}

static int set_maxseg(struct sock *sk, int val)
{
	/* 0 is "as it was"; the limits are TCP's */
	if (val && (val < 88 || val > 32767))
		return -EINVAL;
	ttp_sk(sk)->tcb.mss_user = val;
	return 0;
}

/* At most what a program can take, and what it says is the octets there are. */
static int put(char __user *val, int __user *len, const void *data, int size)
{
	int n;

	if (get_user(n, len))
		return -EFAULT;
	if (n < 0)
		return -EINVAL;
	n = min(n, size);
	if (put_user(n, len) || copy_to_user(val, data, n))
		return -EFAULT;
	return 0;
}

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

static void fill_info(struct sock *sk, struct tcp_info *info)
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

/* MUST-27.  The limits are TCP's: 9 hours, half an hour, 127. */
static int set_keep(struct sock *sk, int name, int val)
{
	struct ttp_keep *keep = &ttp_sk(sk)->tcb.keep;

	if (val < 1 || val > (name == TTP_KEEPCNT ? 127 : 32767))
		return -EINVAL;
	if (name == TTP_KEEPIDLE)
		keep->idle_s = val;
	else if (name == TTP_KEEPINTVL)
		keep->intvl_s = val;
	else
		keep->cnt = val;
	ttp_sock_keepalive(sk, keep->on);
	return 0;
}

static int set(struct sock *sk, int name, int val)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	switch (name) {
	case TTP_NODELAY:
		tcb->nodelay = val;
		if (val)
			ttp_xmit_push(sk);	/* MUST-17 */
		return 0;
	case TTP_CORK:
		tcb->snd.cork = val;
		if (!val)
			ttp_xmit_push(sk);
		return 0;
	case TTP_MAXSEG:
		return set_maxseg(sk, val);
	case TTP_KEEPIDLE:
	case TTP_KEEPINTVL:
	case TTP_KEEPCNT:
		return set_keep(sk, name, val);
	case TTP_USER_TIMEOUT:
		if (val < 0)
			return -EINVAL;
		tcb->user_timeout_ms = val;
		ttp_timer_user(tcb, ttp_now());
		ttp_clock_update(sk);
		return 0;
	}
	return -ENOPROTOOPT;
}

static int set_congestion(struct sock *sk, sockptr_t optval, unsigned int len)
{
	char name[TTP_CONG_NAME_MAX];
	long n;

	if (len < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval, min_t(unsigned int, len, sizeof(name) - 1));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	return ttp_cong_sock_set(sk, name);
}

/**
 * ttp_sockopt_set - setsockopt() (struct proto's setsockopt)
 * @sk: the socket
 * @level: SOL_TTP, SOL_TCP, or IP's
 * @name: TTP_*
 * @optval: the value
 * @len: its length
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT; for TTP_CONGESTION also -ENOENT, -EPERM,
 * -EBUSY.
 */
int ttp_sockopt_set(struct sock *sk, int level, int name, sockptr_t optval, unsigned int len)
{
	int val, err;

	if (!own_level(level))
		return level == SOL_IP ? ip_setsockopt(sk, level, name, optval, len) :
					 -ENOPROTOOPT;
	if (name == TTP_CONGESTION)
		return set_congestion(sk, optval, len);
	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;

	lock_sock(sk);
	err = set(sk, name, val);
	release_sock(sk);
	return err;
}

/**
 * ttp_sockopt_get - getsockopt() (struct proto's getsockopt)
 * @sk: the socket
 * @level: SOL_TTP, SOL_TCP, or IP's
 * @name: TTP_*
 * @optval: where the value goes
 * @optlen: its length, cut to what there is
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT.
 */
int ttp_sockopt_get(struct sock *sk, int level, int name, char __user *optval,
		    int __user *optlen)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	char cong[TTP_CONG_NAME_MAX];
	struct tcp_info info;
	int val;

	if (!own_level(level))
		return level == SOL_IP ? ip_getsockopt(sk, level, name, optval, optlen) :
					 -ENOPROTOOPT;
	switch (name) {
	case TTP_NODELAY:
		val = tcb->nodelay;
		break;
	case TTP_CORK:
		val = tcb->snd.cork;
		break;
	case TTP_KEEPIDLE:
		val = tcb->keep.idle_s;
		break;
	case TTP_KEEPINTVL:
		val = tcb->keep.intvl_s;
		break;
	case TTP_KEEPCNT:
		val = tcb->keep.cnt;
		break;
	case TTP_USER_TIMEOUT:
		val = tcb->user_timeout_ms;
		break;
	case TTP_MAXSEG:
		val = tcb->snd.mss;
		if (tcb->mss_user && ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN)))
			val = tcb->mss_user;
		break;
	case TTP_INFO:
		lock_sock(sk);
		fill_info(sk, &info);
		release_sock(sk);
		return put(optval, optlen, &info, sizeof(info));
	case TTP_CONGESTION:
		lock_sock(sk);
		strscpy_pad(cong, tcb->cong.ops->name, sizeof(cong));
		release_sock(sk);
		return put(optval, optlen, cong, sizeof(cong));
	default:
		return -ENOPROTOOPT;
	}
	return put(optval, optlen, &val, sizeof(val));
}

/**
 * ttp_sockopt_ioctl - ioctl() (struct proto's ioctl)
 * @sk: the socket
 * @cmd: SIOCINQ (FIONREAD), SIOCOUTQ (TIOCOUTQ), SIOCOUTQNSD, SIOCATMARK
 * @arg: where an int goes
 *
 * Return: 0, -EINVAL in LISTEN, -ENOIOCTLCMD, -EFAULT.
 */
int ttp_sockopt_ioctl(struct sock *sk, int cmd, unsigned long arg)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u8 state;
	int n = 0;

	lock_sock(sk);
	state = tcb->conn.state;
	switch (cmd) {
	case SIOCINQ:
		n = ttp_stream_before_mark(sk);
		break;
	case SIOCATMARK:
		n = ttp_urgent_at_mark(tcb, tcb->rcv.read);
		break;
	case SIOCOUTQ:
		if (!ttp_fsm_in(state, BIT(TTP_CLOSED) | BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD)) &&
		    seq_lt(tcb->snd.una, tcb->snd.end))
			n = tcb->snd.end - tcb->snd.una;
		break;
	case SIOCOUTQNSD:
		if (seq_lt(tcb->snd.nxt, tcb->snd.end) && state != TTP_SYN_SENT)
			n = tcb->snd.end - tcb->snd.nxt;
		break;
	default:
		n = -ENOIOCTLCMD;
	}
	release_sock(sk);
	if (n == -ENOIOCTLCMD)
		return n;
	if (state == TTP_LISTEN && cmd != SIOCATMARK)
		return -EINVAL;
	return put_user(n, (int __user *)arg);
}
