// SPDX-License-Identifier: GPL-2.0
/*
 * close.c - CLOSE and ABORT (RFC 9293 3.10.4-5): close(), and half-close by shutdown().
 *
 * A socket that its user has closed lives on as an orphan until the protocol is done
 * with it.
 *
 * Called by inet_release() and inet_shutdown() through struct proto.
 *
 * Context: process.
 *
 * Next: core/user.c for what each state does, verdict.c for how it is done.
 */
#include "ttp.h"

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
	bool unread = ttp_sock_unread(sk);
	struct ttp_verdict v;

	__skb_queue_purge(&sk->sk_receive_queue);
	if (tcb->conn.state == TTP_CLOSED)
		return;
	if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) {
		ttp_mib_inc(sock_net(sk), TTP_MIB_ABORT_ON_LINGER);
		ttp_verdict_abort(sk, TTP_BY_USER, "ABORT", 0);
		return;
	}
	ttp_user_close(tcb, unread, ttp_now(), &v);
	atomic_inc(&ttp_net(sock_net(sk))->orphans);
	ttp_verdict_carry_out(sk, &v);
	wait_for_close(sk, timeout);
}

/**
 * ttp_close - the user has closed the socket (struct proto's close)
 * @sk: not to be used by the caller any more
 * @timeout: jiffies to wait for the FIN to be acknowledged (SO_LINGER)
 *
 * Context: process.
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
	release_sock(sk);	/* the backlog may end it, too */
	sock_put(sk);
}

/**
 * ttp_close_shutdown - the user sends no more (struct proto's shutdown)
 * @sk: any state
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
