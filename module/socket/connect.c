// SPDX-License-Identifier: GPL-2.0
/*
 * connect.c - active OPEN (RFC 9293 3.10.1), and making a socket new again: connect()
 * with an address, and with AF_UNSPEC.
 *
 * Called by inet_stream_connect() through struct proto.
 *
 * Context: process, socket lock held.
 *
 * Next: ipv4.c for the route, port.c for the port, core/user.c for the OPEN.
 */
#include <linux/bpf-cgroup.h>
#include <net/route.h>

#include "ttp.h"

/* Everything of the TCB that an active OPEN needs, and the OPEN. */
static void open_active(struct sock *sk, u32 iss)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_tcb *tcb = &tsk->tcb;
	const struct dst_entry *dst = __sk_dst_get(sk);

	WRITE_ONCE(sk->sk_err, 0);	/* of the connection before */
	tcb->conn.id = ttp_net_new_id();
	tcb->sport = ntohs(tsk->ep.key.lport);
	tcb->dport = ntohs(tsk->ep.key.rport);
	tcb->mss_route = ttp_ipv4_mss(dst);
	tcb->opt.ts_off = ttp_isn_ts_offset(&tsk->ep.key);
	tcb->opt.rcv_wscale = ttp_sock_wscale(sk);
	ttp_user_connect(tcb, iss ?: ttp_isn(&tsk->ep.key), ttp_now());
	ttp_xmit_push(sk);
}

static void forget_name(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	ttp_demux_remove(&ttp_sk(sk)->ep);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		ttp_port_release(&ttp_sk(sk)->ep);
		inet->inet_num = 0;
		inet->inet_sport = 0;
	}
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_rcv_saddr = 0;
		inet->inet_saddr = 0;
	}
	inet->inet_dport = 0;
	inet->inet_daddr = 0;
}

/**
 * ttp_connect_pre - may this address be connected to? (struct proto's pre_connect)
 * @sk: in CLOSED
 * @uaddr: a struct sockaddr_in; a program of the cgroup may put another address there
 * @len: its length
 *
 * Called only when such programs are attached somewhere.
 *
 * Context: process, socket lock held. Return: 0, -EINVAL, -EPERM, or what the
 * program says.
 */
int ttp_connect_pre(struct sock *sk, struct sockaddr *uaddr, int len)
{
	if (len < sizeof(struct sockaddr_in))
		return -EINVAL;
	return BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr);
}

/**
 * ttp_connect - active OPEN (struct proto's connect)
 * @sk: in CLOSED
 * @uaddr: a struct sockaddr_in
 * @len: its length
 *
 * Context: process, socket lock held. Return: 0, or what Linux's TCP says:
 * -EINVAL, -EAFNOSUPPORT, -ENETUNREACH, -EADDRNOTAVAIL, ...
 */
int ttp_connect(struct sock *sk, struct sockaddr *uaddr, int len)
{
	const struct sockaddr_in *addr = (struct sockaddr_in *)uaddr;
	__be16 sport = inet_sk(sk)->inet_sport;
	struct rtable *rt;
	u32 iss = 0;
	int err;

	if (len < sizeof(*addr))
		return -EINVAL;
	if (addr->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	rt = ttp_ipv4_connect(sk, addr);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	err = ttp_port_connect(sk, &iss);
	if (err)
		ip_rt_put(rt);
	else
		err = ttp_ipv4_connect_ports(sk, rt, sport);
	if (err) {
		forget_name(sk);
		return err;
	}
	open_active(sk, iss);
	return 0;
}

/**
 * ttp_connect_disconnect - make a socket as good as new (struct proto's disconnect)
 * @sk: any state
 * @flags: not used
 *
 * Context: process, socket lock held. Return: 0.
 */
int ttp_connect_disconnect(struct sock *sk, int flags)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_tcb *tcb = &tsk->tcb;

	if (tcb->conn.state == TTP_LISTEN) {
		ttp_listen_stop(sk);
		/* who stands on it in the chain of its port would follow it to the next */
		synchronize_rcu();
	} else if (tcb->conn.state != TTP_CLOSED) {
		ttp_verdict_abort(sk, TTP_BY_USER, "ABORT", ECONNRESET);
	}
	ttp_clock_stop(sk);
	ttp_txq_purge(sk);
	ttp_rxq_purge(sk);
	__skb_queue_purge(&sk->sk_receive_queue);
	tsk->stamp_ids = false;
	kfree(tsk->saved_syn);
	tsk->saved_syn = NULL;
	forget_name(sk);

	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	sk->sk_err_soft = 0;
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	ttp_sock_reset_tcb(sk);
	sk_dst_reset(sk);
	ttp_ipv4_forget(sk);
	sk_error_report(sk);
	return 0;
}
