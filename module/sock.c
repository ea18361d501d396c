// SPDX-License-Identifier: GPL-2.0
/*
 * sock.c - a socket's life: made, connected, closed, gone; and how a verdict
 * of the core is carried out on it.
 *
 * A socket that its user has closed lives on as an orphan until the protocol
 * is done with it.  ttp_sock_done() ends the connection, destroy() the socket.
 *
 * Context: process with the socket lock, or softirq with bh_lock_sock() while
 * no process has it, unless a function says otherwise.
 *
 * Next: stream.c for its data, listen.c for how children are made.
 */
#include <linux/bpf-cgroup.h>
#include <net/inet_common.h>
#include <net/xfrm.h>

#include "ttp.h"

/**
 * ttp_sock_wscale - the shift that lets 16 bits announce the largest window
 * @sk: about to send a SYN, or a listener about to answer one
 *
 * Return: 0 to 14. Source: RFC 7323 2.3.
 */
u8 ttp_sock_wscale(const struct sock *sk)
{
	u32 space = max_t(u32, READ_ONCE(ttp_net(sock_net(sk))->rmem[2]),
			  READ_ONCE(sk->sk_rcvbuf));
	u8 scale = 0;

	/* of a listener, which is not locked: setsockopt() may change it just now */
	if (data_race(!!(sk->sk_userlocks & SOCK_RCVBUF_LOCK)))
		space = READ_ONCE(sk->sk_rcvbuf);
	while (space > 0xffff && scale < TTP_WSCALE_MAX) {
		space >>= 1;
		scale++;
	}
	return scale;
}

static void init_tcb(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	ttp_user_init(tcb, &ttp_net(sock_net(sk))->cfg);
	tcb->snd.burst = TTP_PACKET_MAX;
}

/* A TCB in CLOSED, with what the user had set. */
static void reset_tcb(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 user_timeout_ms = tcb->user_timeout_ms;
	struct ttp_asked asked = tcb->asked;
	struct ttp_keep keep = tcb->keep;
	bool nodelay = tcb->nodelay, cork = tcb->snd.cork;
	const struct ttp_cong_ops *cong = tcb->cong.ops;
	u16 mss_user = tcb->mss_user;

	ttp_cong_end(&tcb->cong);
	memset(tcb->cong.priv, 0, sizeof(tcb->cong.priv));
	memset_after(tcb, 0, cong);
	init_tcb(sk);
	tcb->cong.ops = cong;
	tcb->nodelay = nodelay;
	tcb->snd.cork = cork;
	tcb->mss_user = mss_user;
	tcb->asked = asked;
	tcb->user_timeout_ms = user_timeout_ms;
	tcb->keep = keep;
	tcb->keep.probes = 0;
}

static void init_fields(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);

	tsk->ep.net = sock_net(sk);
	tsk->ep.conn = &tsk->tcb.conn;
	tsk->ep.kind = TTP_KIND_SOCK;
	tsk->ep.hashed = false;
	tsk->ep.port = NULL;
	INIT_HLIST_NODE(&tsk->ep.port_node);
	INIT_HLIST_NODE(&tsk->listen_node);
	INIT_LIST_HEAD(&tsk->accept_node);
	tsk->ofo = RB_ROOT;
	tsk->ofo_bytes = 0;
	tsk->collapse_after = 0;
	sk->tcp_rtx_queue = RB_ROOT;
	tsk->txq_tail = NULL;
	tsk->txq_unsent = NULL;
	INIT_LIST_HEAD(&tsk->txq_sent);
	INIT_LIST_HEAD(&tsk->txq_lost);
	tsk->timer_deferred = false;
	tsk->gone = false;
	tsk->icmp_mtu = 0;
	tsk->stamp_ids = false;
	tsk->saved_syn = NULL;
	ttp_listen_init(tsk);
	ttp_clock_init(sk);
}

/**
 * ttp_sock_init - a new socket (struct proto's init)
 * @sk: zeroed but for what struct sock and inet_sock have
 */
int ttp_sock_init(struct sock *sk)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));

	init_tcb(sk);
	ttp_cong_sock_init(sk);
	init_fields(sk);
	sock_set_flag(sk, SOCK_RCU_FREE);
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sk->sk_write_space = ttp_stream_write_space;
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(tn->wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(tn->rmem[1]));
	sk_sockets_allocated_inc(sk);
	return 0;
}

/**
 * ttp_sock_uninit - take ttp_sock_init() back (struct proto's destroy)
 * @sk: a socket that was refused while it was being made
 */
void ttp_sock_uninit(struct sock *sk)
{
	ttp_cong_sock_exit(sk);
	sk_sockets_allocated_dec(sk);
}

/**
 * ttp_sock_child_init - a socket cloned from a listener, before anyone sees it
 * @sk: what sk_clone_lock() returned
 */
void ttp_sock_child_init(struct sock *sk)
{
	reset_tcb(sk);
	ttp_cong_sock_child(sk);
	init_fields(sk);
	sk->sk_shutdown = 0;
	sk->sk_max_ack_backlog = 0;
	sk->sk_ack_backlog = 0;
	sk->sk_err = 0;
	sk->sk_err_soft = 0;
	atomic_set(&inet_sk(sk)->inet_id, get_random_u16());
	inet_sk(sk)->mc_list = NULL;
	RCU_INIT_POINTER(inet_sk(sk)->inet_opt, NULL);
	memset(&inet_sk(sk)->cork.fl, 0, sizeof(inet_sk(sk)->cork.fl));
}

/* The socket is out of every table and nobody will use it: free what it holds. */
static void destroy(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);

	if (tsk->gone)
		return;
	tsk->gone = true;
	WARN_ON_ONCE(tsk->tcb.conn.state != TTP_CLOSED);
	ttp_clock_stop(sk);
	ttp_cong_sock_exit(sk);
	ttp_demux_remove(&tsk->ep);
	ttp_port_release(&tsk->ep);
	ttp_txq_purge(sk);
	ttp_rxq_purge(sk);
	kfree(tsk->saved_syn);
	if (tsk->tcb.orphan)
		atomic_dec(&ttp_net(sock_net(sk))->orphans);
	sk_sockets_allocated_dec(sk);
	sk_stream_kill_queues(sk);
	xfrm_sk_free_policy(sk);
	sock_put(sk);
}

/**
 * ttp_sock_done - the connection is over; its user may still hold the socket
 * @sk: the TCB is in CLOSED
 * @err: positive errno for the user, who is to know an abort from a close
 *	(RFC 9293 3.6, MUST-12), or 0
 */
void ttp_sock_done(struct sock *sk, int err)
{
	struct ttp_sock *tsk = ttp_sk(sk);

	ttp_clock_stop(sk);
	ttp_demux_remove(&tsk->ep);
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		ttp_port_release(&tsk->ep);
	ttp_txq_purge(sk);
	if (err)
		WRITE_ONCE(sk->sk_err, err);
	smp_wmb();	/* the reason before the state: see ttp_stream_poll() */
	inet_sk_set_state(sk, TTP_CLOSED);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (err)
		sk_error_report(sk);
	if (sock_flag(sk, SOCK_DEAD))
		destroy(sk);
	else
		sk->sk_state_change(sk);
}

/* The peer's FIN was taken: there is an end to read, and no error (MUST-12). */
static void end_of_text(struct sock *sk)
{
	if (sk->sk_shutdown & RCV_SHUTDOWN && sock_flag(sk, SOCK_DONE))
		return;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	if (sk->sk_shutdown == SHUTDOWN_MASK)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
}

/* Text was acknowledged.  Only who waits for room needs a larger buffer. */
static void new_space(struct sock *sk)
{
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		ttp_memory_written(sk);
	sk->sk_write_space(sk);
}

static bool fin_taken(const struct ttp_tcb *tcb)
{
	return tcb->rcv.fin_seen && seq_gt(tcb->rcv.nxt, tcb->rcv.fin);
}

/**
 * ttp_sock_carry_out - do what a verdict says
 * @sk: the connection's socket; may be gone afterwards but for the caller's
 *	reference
 * @v: of ttp_arrives(), ttp_timer_expired(), ttp_user_close() ...
 */
void ttp_sock_carry_out(struct sock *sk, const struct ttp_verdict *v)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	if (v->drop != TTP_MIB_NONE)
		ttp_mib_inc(sock_net(sk), v->drop);
	if (v->todo & (TTP_DO_RESET | TTP_DO_REPLY))
		ttp_xmit_reset(sk, &v->reply);
	if (v->todo & TTP_DO_CONNECTED) {
		ttp_ipv4_sync_mss(sk);
		ttp_memory_written(sk);
		ttp_timer_keepalive(tcb, ttp_now());
		sk->sk_state_change(sk);
		if (sk->sk_socket)
			sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	}
	if (v->todo & TTP_DO_ADVISE)
		dst_negative_advice(sk);
	if (v->todo & TTP_DO_URGENT)
		sk_send_sigurg(sk);
	if (v->todo & TTP_DO_READ) {
		if (fin_taken(tcb))
			end_of_text(sk);
		if (!sock_flag(sk, SOCK_DEAD) &&
		    (ttp_stream_readable(sk) || sk->sk_shutdown & RCV_SHUTDOWN))
			sk->sk_data_ready(sk);
	}
	if (v->todo & TTP_DO_SEND)
		ttp_xmit_push(sk);
	if (v->todo & TTP_DO_WRITE && !sock_flag(sk, SOCK_DEAD))
		new_space(sk);
	if (v->todo & TTP_DO_TIME_WAIT)
		ttp_timewait_enter(sk);
	else if (v->todo & TTP_DO_CLOSED)
		ttp_sock_done(sk, v->err == ETIMEDOUT && sk->sk_err_soft ?
				  sk->sk_err_soft : v->err);
	else
		ttp_clock_update(sk);
}

/**
 * ttp_sock_abort - end a connection at once
 * @sk: any state; a RST is sent if the peer knows of it
 * @kind: enum ttp_by
 * @what: the cause in words
 * @err: positive errno for the user, or 0
 */
void ttp_sock_abort(struct sock *sk, u8 kind, const char *what, int err)
{
	struct ttp_verdict v;

	ttp_verdict_init(&v);
	ttp_user_abort(&ttp_sk(sk)->tcb, kind, what, err, &v);
	ttp_sock_carry_out(sk, &v);
}

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
 * ttp_sock_pre_connect - may this address be connected to? (struct proto's pre_connect)
 * @sk: in CLOSED
 * @uaddr: a struct sockaddr_in; a program of the cgroup may put another address there
 * @len: its length
 *
 * Called only when such programs are attached somewhere.
 *
 * Context: process, socket lock held. Return: 0, -EINVAL, -EPERM, or what the
 * program says.
 */
int ttp_sock_pre_connect(struct sock *sk, struct sockaddr *uaddr, int len)
{
	if (len < sizeof(struct sockaddr_in))
		return -EINVAL;
	return BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr);
}

/**
 * ttp_sock_connect - active OPEN (struct proto's connect)
 * @sk: in CLOSED
 * @uaddr: a struct sockaddr_in
 * @len: its length
 *
 * Context: process, socket lock held. Return: 0, or what Linux's TCP says:
 * -EINVAL, -EAFNOSUPPORT, -ENETUNREACH, -EADDRNOTAVAIL, ...
 */
int ttp_sock_connect(struct sock *sk, struct sockaddr *uaddr, int len)
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
 * ttp_sock_disconnect - make a socket as good as new (struct proto's disconnect)
 * @sk: any state
 * @flags: not used
 *
 * Context: process, socket lock held. Return: 0.
 */
int ttp_sock_disconnect(struct sock *sk, int flags)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_tcb *tcb = &tsk->tcb;

	if (tcb->conn.state == TTP_LISTEN) {
		ttp_listen_stop(sk);
		/* who stands on it in the chain of its port would follow it to the next */
		synchronize_rcu();
	} else if (tcb->conn.state != TTP_CLOSED) {
		ttp_sock_abort(sk, TTP_BY_USER, "ABORT", ECONNRESET);
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
	reset_tcb(sk);
	sk_dst_reset(sk);
	ttp_ipv4_forget(sk);
	sk_error_report(sk);
	return 0;
}

/**
 * ttp_sock_shutdown - the user sends no more (struct proto's shutdown)
 * @sk: any state
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN
 */
void ttp_sock_shutdown(struct sock *sk, int how)
{
	if (how & RCV_SHUTDOWN)
		ttp_sk(sk)->tcb.rcv_closed = true;
	if (!(how & SEND_SHUTDOWN))
		return;
	ttp_user_shutdown(&ttp_sk(sk)->tcb, ttp_now());
	ttp_xmit_push(sk);
}

/**
 * ttp_sock_keepalive - SO_KEEPALIVE (struct proto's keepalive)
 * @sk: any state
 * @on: or off
 *
 * Source: RFC 9293 3.8.4, MUST-24.
 */
void ttp_sock_keepalive(struct sock *sk, int on)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	tcb->keep.on = on;
	ttp_timer_keepalive(tcb, ttp_now());
	ttp_clock_update(sk);
}

static void wait_for_close(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	do {
		if (sk_wait_event(sk, &timeout,
				  !ttp_fsm_in(ttp_sk(sk)->tcb.conn.state,
					      BIT(TTP_FIN_WAIT_1) | BIT(TTP_CLOSING) |
					      BIT(TTP_LAST_ACK)), &wait))
			break;
	} while (!signal_pending(current) && timeout);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/* CLOSE, or ABORT when the user wants it so or left text unread. */
static void close_connection(struct sock *sk, long timeout)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	bool unread = ttp_stream_unread(sk);
	struct ttp_verdict v;

	__skb_queue_purge(&sk->sk_receive_queue);
	if (tcb->conn.state == TTP_CLOSED)
		return;
	if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_ABORT_ON_LINGER);
		ttp_sock_abort(sk, TTP_BY_USER, "ABORT", 0);
		return;
	}
	ttp_user_close(tcb, unread, ttp_now(), &v);
	atomic_inc(&ttp_net(sock_net(sk))->orphans);
	ttp_sock_carry_out(sk, &v);
	wait_for_close(sk, timeout);
}

/**
 * ttp_sock_limit_orphan - end a socket without a user if there is no place for it
 * @sk: not in CLOSED
 *
 * Return: true when it was ended.
 */
bool ttp_sock_limit_orphan(struct sock *sk)
{
	if (ttp_memory_orphan_ok(sk))
		return false;
	ttp_mib_inc(sock_net(sk), TTP_MIB_ABORT_ON_MEMORY);
	ttp_sock_abort(sk, TTP_BY_KERNEL, "too many orphans", 0);
	return true;
}

/**
 * ttp_sock_close - the user has closed the socket (struct proto's close)
 * @sk: not to be used by the caller any more
 * @timeout: jiffies to wait for the FIN to be acknowledged (SO_LINGER)
 *
 * Context: process.
 */
void ttp_sock_close(struct sock *sk, long timeout)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (tcb->conn.state == TTP_LISTEN)
		ttp_listen_stop(sk);
	else
		close_connection(sk, timeout);

	sock_hold(sk);
	local_bh_disable();
	sock_orphan(sk);
	if (tcb->conn.state == TTP_CLOSED)
		destroy(sk);
	else
		ttp_sock_limit_orphan(sk);
	local_bh_enable();
	release_sock(sk);	/* the backlog may end it, too */
	sock_put(sk);
}

/**
 * ttp_sock_discard - end a child that nobody accepted
 * @sk: locked by bh_lock_sock(), of no socket
 */
void ttp_sock_discard(struct sock *sk)
{
	sock_orphan(sk);
	if (ttp_sk(sk)->tcb.conn.state == TTP_CLOSED)
		destroy(sk);
	else
		ttp_sock_abort(sk, TTP_BY_USER, "listener closed", 0);
}

/**
 * ttp_sock_release_cb - the user lets go of the lock (struct proto's release_cb)
 * @sk: what had to wait for that is done now
 *
 * Context: softirqs disabled, socket lock still held.
 */
void ttp_sock_release_cb(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	u32 mtu = xchg(&tsk->icmp_mtu, 0);

	if (mtu)
		ttp_xmit_mtu(sk, mtu);
	if (tsk->timer_deferred) {
		tsk->timer_deferred = false;
		ttp_clock_deferred(sk);
	}
}
