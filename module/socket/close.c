// SPDX-License-Identifier: GPL-2.0
/*
 * close.c - CLOSE and ABORT (RFC 9293 3.10.4-5): close(), and half-close by shutdown().
 *
 * An orphan is a socket that its user has closed while the protocol has something to do:
 * it lives on until that is done.
 *
 * Called by inet_release() and inet_shutdown() through struct proto.
 *
 * Context: process.
 *
 * Next: core/user.c for what each state does, conn/verdict.c for how it is done; destroy.c for
 * ABORT by the administrator.
 */
#include "ttp.h"

static void wait_for_close(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

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

/* CLOSE; ABORT if SO_LINGER is on with 0 seconds, or if the user left data unread. */
static void close_connection(struct sock *sk, long timeout)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	bool unread = ttp_sock_unread(sk);
	struct ttp_verdict v;

	__skb_queue_purge(&sk->sk_receive_queue);
	if (tcb->conn.state == TTP_CLOSED)
		return;
	if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_ABORT_ON_LINGER);
		ttp_verdict_abort(sk, TTP_BY_USER, "ABORT", 0);
		return;
	}
	if (timeout && !unread && tcb->conn.state != TTP_SYN_SENT) {
		ttp_user_linger(tcb, ttp_now());
		ttp_xmit_push(sk);
		wait_for_close(sk, timeout);
		if (tcb->conn.state == TTP_CLOSED)
			return;
	}
	ttp_user_close(tcb, unread, ttp_now(), &v);
	atomic_inc(&ttp_sk_net(sk)->orphans);
	ttp_verdict_carry_out(sk, &v);
}

/**
 * ttp_close - CLOSE (struct proto's close)
 * @sk: not to be used by the caller any more; an orphan if the connection goes on
 * @timeout: jiffies to wait for the FIN to be acknowledged (SO_LINGER)
 */
void ttp_close(struct sock *sk, long timeout)
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
		ttp_sock_destroy(sk);
	else
		ttp_verdict_limit_orphan(sk);
	local_bh_enable();
	release_sock(sk);	/* a segment in the backlog may end it, too */
	sock_put(sk);
}

/**
 * ttp_close_shutdown - half-close: the user sends no more (struct proto's shutdown)
 * @sk: socket lock held; any state
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN
 */
void ttp_close_shutdown(struct sock *sk, int how)
{
	if (how & RCV_SHUTDOWN)
		ttp_sk(sk)->tcb.rcv_closed = true;
	if (!(how & SEND_SHUTDOWN))
		return;
	ttp_user_shutdown(&ttp_sk(sk)->tcb, ttp_now());
	ttp_xmit_push(sk);
}
