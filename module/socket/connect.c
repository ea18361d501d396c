// SPDX-License-Identifier: GPL-2.0
/*
 * connect.c - active OPEN (RFC 9293 3.10.1): connect() with an address. With AF_UNSPEC
 * connect() makes a socket as good as new.
 *
 * Called by inet_stream_connect() through struct proto.
 *
 * Context: process, socket lock held.
 *
 * Next: conn/port.c for the ephemeral port, ip/family.c for the route, core/user.c for
 * the OPEN; fastopen.c for data with connect().
 */
#include "ttp.h"

/* Active OPEN: fill in what the TCB needs, then send the SYN. */
static void open_active(struct sock *sk, u32 iss)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_tcb *tcb = &tsk->tcb;
	const struct dst_entry *dst = __sk_dst_get(sk);

	WRITE_ONCE(sk->sk_err, 0);	/* of the connection before */
	tcb->conn.id = ttp_net_new_id();
	ttp_sk_set_hash(sk);
	tcb->route = ttp_ip_metrics(dst);
	ttp_cong_sock_route(sk, dst);
	tcb->opt.ts_off = ttp_isn_ts_offset(&tsk->ep.key);
	tcb->opt.rcv_wscale = ttp_sock_wscale(sk);
	ttp_user_connect(tcb, ttp_isn(sock_net(sk), &tsk->ep.key, iss), ttp_now());
	if (ttp_fastopen_open(sk)) {
		ttp_inet_assign(sk, DEFER_CONNECT, defer_connect, 1);
		tcb->pending = 0;
		return;
	}
	ttp_xmit_push(sk);
}

static void forget_tuple(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);

	ttp_demux_remove(&ttp_sk(sk)->ep);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		ttp_port_release(&ttp_sk(sk)->ep);
		WRITE_ONCE(inet->inet_num, 0);	/* which lists read without the lock */
	}
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		inet_reset_saddr(sk);
	inet->inet_dport = 0;
	inet->inet_daddr = 0;
	ttp_sk(sk)->ep.key.family = sk->sk_family;
}

/**
 * ttp_connect - active OPEN (struct proto's connect)
 * @sk: in CLOSED
 * @uaddr: a struct sockaddr_in, or sockaddr_in6 for a socket of that family
 * @len: its length
 *
 * Return: 0, or as Linux's TCP: -EINVAL, -EAFNOSUPPORT, -ENETUNREACH,
 * -EADDRNOTAVAIL, ...
 */
int ttp_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int len)
{
	struct inet_sock *inet = inet_sk(sk);
	struct dst_entry *dst;
	__be16 sport;
	u32 iss = 0;
	int err;

	/* the port of a connection that is over is not ours any more */
	sport = inet->inet_num ? inet->inet_sport : 0;
	inet->inet_sport = sport;
	dst = ttp_ip_connect(sk, uaddr, len);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	err = ttp_port_connect(sk, &iss);
	if (err)
		dst_release(dst);
	else
		err = ttp_ip_connect_ports(sk, dst, sport);
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
	ttp_inet_assign(sk, DEFER_CONNECT, defer_connect, 0);
	tsk->syn_msg = NULL;	/* of a writer that sleeps; it will find the socket closed */
	tsk->syn_copied = 0;
	kfree(tsk->saved_syn);
	tsk->saved_syn = NULL;
	forget_tuple(sk);

	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	sk->sk_err_soft = 0;
	tsk->icmp_mtu = 0;	/* of the path that it had */
	if (sk->sk_frag.page) {
		put_page(sk->sk_frag.page);
		sk->sk_frag.page = NULL;
		sk->sk_frag.offset = 0;
	}
	ttp_memory_flow_end(tcb);
	ttp_sock_reset_tcb(sk);
	sk_dst_reset(sk);
	ttp_ip_forget(sk);
	sk_error_report(sk);
	return 0;
}
