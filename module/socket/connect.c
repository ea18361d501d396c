// SPDX-License-Identifier: GPL-2.0
/*
 * connect.c - active OPEN (RFC 9293 3.10.1): connect() with an address. With AF_UNSPEC
 * connect() makes a socket as good as new.
 *
 * Called by inet_stream_connect() through struct proto.
 *
 * Context: process, socket lock held.
 *
 * Next: conn/port.c for the ephemeral port, ip/ipv4.c for the route, core/user.c for
 * the OPEN.
 */
#include <linux/bpf-cgroup.h>
#include <net/route.h>

#include "ttp.h"

/* Active OPEN: fill in what the TCB needs, then send the SYN. */
static void open_active(struct sock *sk, u32 iss)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_tcb *tcb = &tsk->tcb;
	const struct dst_entry *dst = __sk_dst_get(sk);

	WRITE_ONCE(sk->sk_err, 0);	/* of the connection before */
	tcb->conn.id = ttp_net_new_id();
	tcb->sport = ntohs(tsk->ep.key.lport);
	tcb->dport = ntohs(tsk->ep.key.rport);
	tcb->mss_route = ttp_ipv4_advmss(dst);
	tcb->route = ttp_ipv4_metrics(dst);
	ttp_cong_sock_route(sk, dst);
	tcb->opt.ts_off = ttp_isn_ts_offset(&tsk->ep.key);
	tcb->opt.rcv_wscale = ttp_sock_wscale(sk);
	ttp_user_connect(tcb, iss ?: ttp_isn(&tsk->ep.key), ttp_now());
	ttp_xmit_push(sk);
}

static void forget_tuple(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	ttp_demux_remove(&ttp_sk(sk)->ep);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		ttp_port_release(&ttp_sk(sk)->ep);
		inet->inet_num = 0;
	}
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_rcv_saddr = 0;
		inet->inet_saddr = 0;
	}
	inet->inet_dport = 0;
	inet->inet_daddr = 0;
}

/**
 * ttp_connect_pre - let BPF programs of the cgroup see connect()'s address
 * @sk: in CLOSED
 * @uaddr: a struct sockaddr_in; a program may write another address there
 * @len: its length
 *
 * struct proto's pre_connect: called only when such a program is attached somewhere.
 *
 * Return: 0, -EINVAL, -EPERM, or what the program says.
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
 * Return: 0, or as Linux's TCP: -EINVAL, -EAFNOSUPPORT, -ENETUNREACH,
 * -EADDRNOTAVAIL, ...
 */
int ttp_connect(struct sock *sk, struct sockaddr *uaddr, int len)
{
	const struct sockaddr_in *addr = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt;
	__be16 sport;
	u32 iss = 0;
	int err;

	if (len < sizeof(*addr))
		return -EINVAL;
	if (addr->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	/* the port of a connection that is over is not ours any more */
	sport = inet->inet_num ? inet->inet_sport : 0;
	inet->inet_sport = sport;
	rt = ttp_ipv4_connect(sk, addr);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	err = ttp_port_connect(sk, &iss);
	if (err)
		ip_rt_put(rt);
	else
		err = ttp_ipv4_connect_ports(sk, rt, sport);
	if (err) {
		forget_tuple(sk);
		return err;
	}
	open_active(sk, iss);
	return 0;
}

/**
 * ttp_connect_disconnect - make a socket as good as new (struct proto's disconnect)
 * @sk: any state; a connection is aborted
 * @flags: not used
 *
 * Return: 0.
 */
int ttp_connect_disconnect(struct sock *sk, int flags)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_tcb *tcb = &tsk->tcb;

	if (tcb->conn.state == TTP_LISTEN) {
		ttp_listen_stop(sk);
		/* a reader in the chain of this port must not follow it to the next port's */
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
	forget_tuple(sk);

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
