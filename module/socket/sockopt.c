// SPDX-License-Identifier: GPL-2.0
/*
 * sockopt.c - setsockopt(), getsockopt() and ioctl().
 *
 * The level is SOL_TTP.  TCP's level works too, with TCP's numbers and structs, for
 * programs that were written for TCP.
 *
 * Called through struct proto. Context: process; the socket lock is taken here, unless a
 * function says otherwise.
 *
 * Next: see/info.c for TTP_INFO, cong/registry.c for TTP_CONGESTION, core/arq.c for
 * TTP_ARQ; sysctl.c for what holds for a whole namespace.
 */
#include <linux/inet_diag.h>
#include <asm/ioctls.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/ipv6.h>

#include "ttp.h"

static bool own_level(int level)
{
	return level == SOL_TTP || level == SOL_TCP;
}

/* ---- setsockopt() ---- */

static int set_maxseg(struct sock *sk, int val)
{
	/* 0 means no limit of the user's; the others are TCP's limits */
	if (val && (val < TTP_MSS_MIN || val > 32767))
		return -EINVAL;
	WRITE_ONCE(ttp_sk(sk)->tcb.asked.mss_user, val);
	return 0;
}

/* One of keepalive's times (MUST-27).  The limit is TCP's, 9 hours. */
static int set_keep(struct sock *sk, u16 *seconds, int val)
{
	if (val < 1 || val > 32767)
		return -EINVAL;
	*seconds = val;
	ttp_sockopt_keepalive(sk, ttp_sk(sk)->tcb.asked.keep.on);
	return 0;
}

#define LINGER2_MAX_S	120	/* TCP's */

/* Seconds until a SYN,ACK was retransmitted so often, and the next one is due. */
static int defer_seconds(u8 retransmits)
{
	u64 us = 0;
	u8 i;

	for (i = 0; i < retransmits; i++)
		us += ttp_timer_synack_us(i);
	return div_u64(us, 1000000);
}

/* TTP_DEFER_ACCEPT keeps seconds as the number of retransmissions that take so long. */
static u8 defer_of(int seconds)
{
	u8 n = 0;

	while (n < 255 && defer_seconds(n) < seconds)
		n++;
	return n;
}

static int set_clamp(struct sock *sk, int val)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	if (!val && tcb->conn.state != TTP_CLOSED)
		return -EINVAL;
	WRITE_ONCE(tcb->asked.window_clamp, val ? max_t(int, val, SOCK_MIN_RCVBUF / 2) : 0);
	return 0;
}

/* TTP_NODELAY (MUST-17): what waits goes now, a cork or not; the cork stays (tcp(7)). */
static int set_nodelay(struct sock *sk, int val)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	bool cork = tcb->asked.cork;

	tcb->asked.nodelay = val;
	if (!val)
		return 0;
	tcb->asked.cork = false;
	tcb->snd.more = false;
	ttp_xmit_push(sk);
	tcb->asked.cork = cork;
	return 0;
}

static bool possible(int name, int val)
{
	switch (name) {
	case TTP_KEEPCNT:
	case TTP_SYNCNT:
		return val >= 1 && val <= 127;
	case TTP_SAVE_SYN:
		return val >= 0 && val <= 2;
	case TTP_INQ:
	case TTP_ZEROCOPY:
		return val >= 0 && val <= 1;
	case TTP_USER_TIMEOUT:
		return val >= 0;
	}
	return true;
}

static int set(struct sock *sk, int name, int val)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_tcb *tcb = &tsk->tcb;

	if (!possible(name, val))
		return -EINVAL;
	switch (name) {
	case TTP_NODELAY:
		return set_nodelay(sk, val);
	case TTP_CORK:
		tcb->asked.cork = val;
		if (!val) {
			tcb->snd.more = false;	/* MSG_MORE's, too */
			ttp_xmit_push(sk);
		}
		return 0;
	case TTP_MAXSEG:
		return set_maxseg(sk, val);
	case TTP_KEEPIDLE:
		return set_keep(sk, &tcb->asked.keep.idle_s, val);
	case TTP_KEEPINTVL:
		return set_keep(sk, &tcb->asked.keep.intvl_s, val);
	case TTP_KEEPCNT:
		tcb->asked.keep.cnt = val;
		return 0;
	case TTP_SYNCNT:
		WRITE_ONCE(tcb->asked.syn_retries, val);
		return 0;
	case TTP_LINGER2:
		tcb->asked.linger2_s = clamp(val, -1, LINGER2_MAX_S);
		return 0;
	case TTP_DEFER_ACCEPT:
		WRITE_ONCE(tsk->defer, defer_of(val));
		return 0;
	case TTP_WINDOW_CLAMP:
		return set_clamp(sk, val);
	case TTP_QUICKACK:
		if (ttp_user_quickack(tcb, val))
			ttp_xmit_push(sk);
		return 0;
	case TTP_USER_TIMEOUT:
		tcb->asked.user_timeout_ms = val;
		ttp_timer_user(tcb, ttp_now());
		ttp_verdict_clock(sk);
		return 0;
	case TTP_FASTOPEN:
	case TTP_FASTOPEN_CONNECT:
	case TTP_FASTOPEN_NO_COOKIE:
		return ttp_fastopen_set(sk, name, val);
	case TTP_TIMESTAMP:
		return -EPERM;	/* as TCP without TCP_REPAIR */
	case TTP_NOTSENT_LOWAT:
		WRITE_ONCE(tsk->notsent_lowat, val);
		sk->sk_write_space(sk);
		return 0;
	case TTP_SAVE_SYN:
		WRITE_ONCE(tsk->save_syn, val);
		return 0;
	case TTP_INQ:
		tsk->inq = val;
		return 0;
	case TTP_ZEROCOPY:	/* the kernel sets SO_ZEROCOPY for TCP and UDP only */
		sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
		return 0;
	}
	return -ENOPROTOOPT;
}

/* Copy a name; its length or a zero ends it.  Return: 0, -EINVAL, -EFAULT. */
static int copy_name(char *name, size_t room, sockptr_t optval, unsigned int len)
{
	long n;

	if (len < 1)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval, min_t(size_t, len, room - 1));
	if (n < 0)
		return -EFAULT;
	name[n] = 0;
	return 0;
}

static int set_congestion(struct sock *sk, sockptr_t optval, unsigned int len)
{
	char name[TTP_CONG_NAME_MAX];

	return copy_name(name, sizeof(name), optval, len) ?: ttp_cong_sock_set(sk, name);
}

/* TTP_ARQ: the options of the SYN depend on it, so it must be set before. */
static int set_arq(struct sock *sk, sockptr_t optval, unsigned int len)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	char name[TTP_ARQ_NAME_MAX];
	int arq = copy_name(name, sizeof(name), optval, len);

	if (!arq)
		arq = ttp_arq_find(name);
	if (arq < 0)
		return arq;
	lock_sock(sk);
	if (ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN)))
		WRITE_ONCE(tcb->asked.arq, arq);
	else
		arq = -EISCONN;
	release_sock(sk);
	return min(arq, 0);
}

/* Options of both IPs; what goes into each packet leaves less room for data in a segment
 * (MUST-16).
 */
static int set_ip(struct sock *sk, int level, int name, sockptr_t optval, unsigned int len)
{
	int err = -ENOPROTOOPT;

	/* a stream has one peer: what the kernel answers for TCP */
	if (level == SOL_IP && (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP))
		return -EPROTO;
	if (level == SOL_IP)
		err = ip_setsockopt(sk, level, name, optval, len);
#if IS_ENABLED(CONFIG_IPV6)
	else if (level == SOL_IPV6 && sk->sk_family == AF_INET6 &&
		 (name == IPV6_ADD_MEMBERSHIP || name == IPV6_DROP_MEMBERSHIP))
		err = len < sizeof(struct ipv6_mreq) ? -EINVAL : -EPROTO;
	else if (level == SOL_IPV6 && sk->sk_family == AF_INET6)
		err = ipv6_setsockopt(sk, level, name, optval, len);
#endif
	if (err || (level == SOL_IP && name != IP_OPTIONS))
		return err;
	lock_sock(sk);
	if (ttp_fsm_in(ttp_sk(sk)->tcb.conn.state, TTP_SYNCHRONIZED))
		ttp_ip_sync_mss(sk);
	release_sock(sk);
	return 0;
}

static int get_ip(struct sock *sk, int level, int name, char __user *val, int __user *len)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (level != SOL_IP && sk->sk_family == AF_INET6)
		return ipv6_getsockopt(sk, level, name, val, len);
#endif
	return ip_getsockopt(sk, level, name, val, len);
}

/**
 * ttp_sockopt_set - setsockopt() (struct proto's setsockopt)
 * @sk: the socket
 * @level: SOL_TTP, SOL_TCP, or one of IP's
 * @name: TTP_*
 * @optval: the value
 * @len: its length
 *
 * Return: 0, or the errno that TCP gives: -ENOPROTOOPT, -EINVAL, -EFAULT;
 * -EPERM for TTP_TIMESTAMP; -EOPNOTSUPP for TTP_FASTOPEN_CONNECT where net.ttp.fastopen
 * forbids it; for TTP_CONGESTION what ttp_cong_sock_set() returns; for TTP_ARQ -ENOENT, and
 * -EISCONN after the SYN.
 */
int ttp_sockopt_set(struct sock *sk, int level, int name, sockptr_t optval, unsigned int len)
{
	int val, err;

	if (!own_level(level))
		return set_ip(sk, level, name, optval, len);
	if (name == TTP_CONGESTION)
		return set_congestion(sk, optval, len);
	if (name == TTP_ARQ)
		return set_arq(sk, optval, len);
	if (name == TTP_ULP)
		return len ? -ENOENT : -EINVAL;
	if (name == TTP_FASTOPEN_KEY)
		return ttp_fastopen_set_key(sk, optval, len);
	if (len < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;

	lock_sock(sk);
	err = set(sk, name, val);
	release_sock(sk);
	return err;
}

/* ---- getsockopt() ---- */

/* Copy @data to the user, no more than @room bytes; *@len becomes what was copied. */
static int put(char __user *val, int __user *len, int room, const void *data, int size)
{
	int n = min(room, size);

	if (put_user(n, len) || copy_to_user(val, data, n))
		return -EFAULT;
	return 0;
}

/* TTP_SAVED_SYN can be read once, and as a whole: too small a buffer gets the length. */
static int get_saved_syn(struct sock *sk, char __user *val, int __user *len, int room)
{
	struct ttp_saved_syn **saved = &ttp_sk(sk)->saved_syn;

	if (!*saved)
		return put_user(0, len);
	if (put_user((*saved)->len, len))
		return -EFAULT;
	if (room < (*saved)->len)
		return -EINVAL;
	if (copy_to_user(val, (*saved)->data, (*saved)->len))
		return -EFAULT;
	kfree(*saved);
	*saved = NULL;
	return 0;
}

static int get_maxseg(const struct ttp_tcb *tcb)
{
	if (tcb->asked.mss_user && ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN)))
		return tcb->asked.mss_user;
	return tcb->snd.mss;
}

static u32 get_clamp(struct ttp_tcb *tcb)
{
	if (!tcb->asked.window_clamp && ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED))
		return ttp_rxq_size(tcb);
	return tcb->asked.window_clamp;
}

/* Return: an int, at least -1; or -ENOPROTOOPT. */
static s64 get(struct sock *sk, int name)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_tcb *tcb = &tsk->tcb;

	switch (name) {
	case TTP_NODELAY:
		return tcb->asked.nodelay;
	case TTP_CORK:
		return tcb->asked.cork;
	case TTP_MAXSEG:
		return get_maxseg(tcb);
	case TTP_KEEPIDLE:
		return tcb->asked.keep.idle_s;
	case TTP_KEEPINTVL:
		return tcb->asked.keep.intvl_s;
	case TTP_KEEPCNT:
		return tcb->asked.keep.cnt;
	case TTP_SYNCNT:
		return tcb->asked.syn_retries ?: READ_ONCE(tcb->cfg->syn_retries);
	case TTP_LINGER2:
		return tcb->asked.linger2_s ?: (int)READ_ONCE(tcb->cfg->fin_timeout);
	case TTP_DEFER_ACCEPT:
		return defer_seconds(tsk->defer);
	case TTP_WINDOW_CLAMP:
		return get_clamp(tcb);
	case TTP_QUICKACK:
		return !tcb->rcv.pingpong;
	case TTP_USER_TIMEOUT:
		return tcb->asked.user_timeout_ms;
	case TTP_FASTOPEN:
		return tsk->fastopen;
	case TTP_FASTOPEN_CONNECT:
		return tsk->fastopen_connect;
	case TTP_FASTOPEN_NO_COOKIE:
		return tsk->fastopen_no_cookie;
	case TTP_TIMESTAMP:
		return ttp_rtt_tsval(&tcb->opt, ttp_now());
	case TTP_NOTSENT_LOWAT:
		return tsk->notsent_lowat;
	case TTP_SAVE_SYN:
		return tsk->save_syn;
	case TTP_INQ:
		return tsk->inq;
	case TTP_ZEROCOPY:
		return sock_flag(sk, SOCK_ZEROCOPY);
	}
	return -ENOPROTOOPT;
}

/**
 * ttp_sockopt_get - getsockopt() (struct proto's getsockopt)
 * @sk: the socket
 * @level: SOL_TTP, SOL_TCP, or one of IP's
 * @name: TTP_*
 * @optval: where the value goes
 * @optlen: room there; becomes the length of the value
 *
 * Return: 0, -ENOPROTOOPT, -EINVAL, -EFAULT; for another level -EOPNOTSUPP, by IPv6
 * -ENOPROTOOPT.
 */
int ttp_sockopt_get(struct sock *sk, int level, int name, char __user *optval, int __user *optlen)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	char text[TTP_ARQ_NAME_MAX] = "";
	u8 keys[2 * TTP_FASTOPEN_KEY_LEN];
	union tcp_cc_info cc;
	struct tcp_info info;
	int room, val, err;
	s64 number;

	if (!own_level(level))
		return get_ip(sk, level, name, optval, optlen);
	if (get_user(room, optlen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	switch (name) {
	case TTP_INFO:
		lock_sock(sk);
		ttp_info(sk, &info);
		release_sock(sk);
		return put(optval, optlen, room, &info, sizeof(info));
	case TTP_SAVED_SYN:
		lock_sock(sk);
		err = get_saved_syn(sk, optval, optlen, room);
		release_sock(sk);
		return err;
	case TTP_CONGESTION:
		lock_sock(sk);
		strscpy(text, tcb->cong_ops->name, TTP_CONG_NAME_MAX);
		release_sock(sk);
		return put(optval, optlen, room, text, TTP_CONG_NAME_MAX);
	case TTP_FASTOPEN_KEY:	/* the namespace's is its administrator's secret */
		val = rcu_access_pointer(ttp_sk(sk)->fastopen_keys) ?
		      ttp_fastopen_get_keys(sock_net(sk), sk, keys) : 0;
		return put(optval, optlen, room, keys, val * TTP_FASTOPEN_KEY_LEN);
	case TTP_ULP:
		return put_user(0, optlen);
	case TTP_CC_INFO:
		lock_sock(sk);
		val = tcb->flow && tcb->cong_ops->info ?
		      tcb->cong_ops->info(&tcb->flow->cong, &cc) : 0;
		release_sock(sk);
		return put(optval, optlen, room, &cc, val);
	case TTP_ARQ:
		strscpy(text, ttp_arq_names[READ_ONCE(ttp_sk(sk)->tcb.asked.arq)], sizeof(text));
		return put(optval, optlen, room, text, sizeof(text));
	}
	lock_sock(sk);
	number = get(sk, name);
	release_sock(sk);
	val = number;
	return number == -ENOPROTOOPT ? number : put(optval, optlen, room, &val, sizeof(val));
}

/* How much was written from @seq on, and the FIN; in CLOSED, what was lost.  Nothing during the
 * handshake.
 */
static u32 to_send(const struct ttp_tcb *tcb, u32 seq)
{
	u32 end = tcb->snd.end + tcb->snd.fin_queued;

	if (ttp_fsm_in(tcb->conn.state, BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD)) ||
	    ttp_tcb_syn_out(tcb) || seq_geq(seq, end))
		return 0;
	return end - seq;
}

/**
 * ttp_sockopt_ioctl - ioctl() (struct proto's ioctl)
 * @sk: the socket
 * @cmd: SIOCINQ (FIONREAD), SIOCOUTQ (TIOCOUTQ), SIOCOUTQNSD, SIOCATMARK
 * @arg: where an int goes
 *
 * Return: 0, -EINVAL in LISTEN, -ENOIOCTLCMD, -EFAULT.
 */
int ttp_sockopt_ioctl(struct sock *sk, int cmd, ttp_ioctl_arg arg)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	int n;

	lock_sock(sk);
	switch (cmd) {
	case SIOCINQ:
		n = ttp_rxq_before_mark(sk);
		break;
	case SIOCATMARK:
		n = ttp_urgent_at_mark(tcb, tcb->rcv.read);
		break;
	case SIOCOUTQ:
		n = to_send(tcb, tcb->snd.una);
		break;
	case SIOCOUTQNSD:
		n = to_send(tcb, tcb->snd.nxt);
		break;
	default:
		n = -ENOIOCTLCMD;
	}
	if (n >= 0 && tcb->conn.state == TTP_LISTEN && cmd != SIOCATMARK)
		n = -EINVAL;
	release_sock(sk);
	return n < 0 ? n : ttp_ioctl_answer(arg, n);
}

/* SO_KEEPALIVE (struct proto's keepalive; RFC 9293 3.8.4, MUST-24).  The socket lock is
 * held.
 */
void ttp_sockopt_keepalive(struct sock *sk, int on)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	tcb->asked.keep.on = on;
	ttp_timer_keepalive(tcb, ttp_now());
	ttp_verdict_clock(sk);
}
