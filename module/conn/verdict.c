// SPDX-License-Identifier: GPL-2.0
/*
 * verdict.c - what happens to a connection: a segment arrives, a timer fires, the
 * connection is aborted.  The core says what is to be done, in a struct ttp_verdict,
 * and it is done here.
 *
 * Called by input/ and child.c for segments, by the kernel's timers, by socket/ and others for
 * ABORT, and by release_sock() for what had to wait while a process had the lock.
 *
 * Context: process with the socket lock, or softirq with bh_lock_sock() while no
 * process has it, unless a function says otherwise.
 *
 * Next: core/arrives.c for what a segment means, ip/xmit.c for what is sent.
 */
#include "see/trace.h"
#include "ttp.h"

/* The peer's FIN was taken: there is an end to read, and no error (MUST-12). */
static void end_of_data(struct sock *sk)
{
	if (sk->sk_shutdown & RCV_SHUTDOWN && sock_flag(sk, SOCK_DONE))
		return;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	sk_wake_async(sk, SOCK_WAKE_WAITD, sk->sk_shutdown == SHUTDOWN_MASK ? POLL_HUP : POLL_IN);
}

static bool fin_taken(const struct ttp_tcb *tcb)
{
	return tcb->rcv.fin_seen && seq_gt(tcb->rcv.nxt, tcb->rcv.fin);
}

/**
 * ttp_verdict_clock - deadlines may have changed: set the timers, and tell it
 * @sk: the socket
 */
void ttp_verdict_clock(struct sock *sk)
{
	ttp_clock_update(sk);
	if (unlikely(ttp_changes_watched(sk)))
		ttp_changes_tell(sk, ttp_changes_watched(sk));
}

/**
 * ttp_verdict_carry_out - do what a verdict says
 * @sk: the connection's socket; may be gone afterwards but for the caller's
 *	reference
 * @v: of ttp_arrives(), ttp_expire_timers(), ttp_user_close() ...; the ports of its reply are
 *	filled in
 */
void ttp_verdict_carry_out(struct sock *sk, struct ttp_verdict *v)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	if (v->drop != TTP_MIB_NONE)
		ttp_mib_inc(ttp_sk_net(sk), v->drop);
	if (v->todo & (TTP_DO_RESET | TTP_DO_REPLY))
		ttp_xmit_reset(sk, &v->reply);
	if (v->todo & TTP_DO_COOKIE)
		ttp_fastopen_remember(sk);
	if (v->todo & TTP_DO_NO_FASTOPEN)
		ttp_fastopen_pause(sk);
	if (ttp_sk(sk)->early_of && (!ttp_fastopen_early(tcb) || v->todo & TTP_DO_CLOSED))
		ttp_fastopen_over(sk, v->todo & TTP_DO_NOTE_RST);
	if (v->todo & TTP_DO_CONNECTED) {
		ttp_ip_sync_mss(sk);
		ttp_memory_written(sk);
		if (tcb->asked.keep.on)
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
			end_of_data(sk);
		if (!sock_flag(sk, SOCK_DEAD) &&
		    (ttp_rxq_readable(sk) || sk->sk_shutdown & RCV_SHUTDOWN))
			sk->sk_data_ready(sk);
	}
	if (v->todo & TTP_DO_FIN_ACKED && !sock_flag(sk, SOCK_DEAD))
		sk->sk_state_change(sk);
	if (v->todo & TTP_DO_SEND)
		ttp_xmit_push(sk);
	if (v->todo & TTP_DO_WRITE && !sock_flag(sk, SOCK_DEAD))
		ttp_memory_wake_writer(sk);
	if (v->todo & TTP_DO_TIME_WAIT)
		ttp_timewait_enter(sk);
	else if (v->todo & TTP_DO_CLOSED)
		ttp_sock_done(sk, v->err == ETIMEDOUT ? READ_ONCE(sk->sk_err_soft) ?: ETIMEDOUT :
							v->err);
	else if (!(v->todo & TTP_DO_SEND))	/* or ttp_xmit_push() has done it */
		ttp_verdict_clock(sk);
}

/**
 * ttp_verdict_abort - end a connection at once
 * @sk: any state; a RST is sent if the peer knows of it
 * @kind: enum ttp_by
 * @what: the cause in words
 * @err: positive errno for the user, or 0
 */
void ttp_verdict_abort(struct sock *sk, u8 kind, const char *what, int err)
{
	struct ttp_verdict v __uninitialized;

	ttp_verdict_init(&v);
	ttp_user_abort(&ttp_sk(sk)->tcb, kind, what, err, ttp_now(), &v);
	ttp_verdict_carry_out(sk, &v);
}

/**
 * ttp_verdict_limit_orphan - end a socket without a user if there is no place for it
 * @sk: not in CLOSED
 *
 * Return: true when it was ended.
 */
bool ttp_verdict_limit_orphan(struct sock *sk)
{
	if (ttp_memory_orphan_ok(sk))
		return false;
	ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_ABORT_ON_MEMORY);
	ttp_verdict_abort(sk, TTP_BY_KERNEL, "too many orphans", 0);
	return true;
}

/**
 * ttp_verdict_discard - end a child that nobody accepted
 * @sk: locked by bh_lock_sock(), of no socket
 */
void ttp_verdict_discard(struct sock *sk)
{
	sock_orphan(sk);
	if (ttp_sk(sk)->tcb.conn.state == TTP_CLOSED)
		ttp_sock_destroy(sk);
	else
		ttp_verdict_abort(sk, TTP_BY_USER, "listener closed", 0);
}

/* ---- what happens ---- */

/**
 * ttp_verdict_refused - event: a segment arrived for a socket that is no end of its connection
 * @sk: a listener; or a socket that has been an end, and may have another 4-tuple by now, or none
 * @skb: the packet, which says whose the segment is
 * @seg: the segment
 * @drop: counter of the rule that dropped it
 * @answer: struct ttp_verdict's, or %NULL
 *
 * Context: softirq or process.
 */
void ttp_verdict_refused(struct sock *sk, const struct sk_buff *skb, const struct ttp_seg *seg,
			 enum ttp_mib drop, const char *answer)
{
	const struct ttp_conn *of = &ttp_sk(sk)->tcb.conn;	/* of a listener: not locked */
	struct ttp_conn conn = {
		.id = READ_ONCE(of->id), .state = READ_ONCE(of->state),
		.iss = READ_ONCE(of->iss), .irs = READ_ONCE(of->irs),
	};
	struct ttp_ep ep = { .tn = ttp_sk_net(sk), .conn = &conn, .kind = TTP_KIND_NONE };

	if (!(ttp_netlink_watched(ttp_sk_net(sk)) & BIT(TTP_GROUP_SEGMENT)))
		return;
	ttp_ip_key(skb, &ep.key);
	ttp_netlink_tell_arrived(&ep, seg, 0, drop, answer);
}

/* A segment was dropped, or there is nothing more to do with it. */
static void done_with(struct sock *sk, struct sk_buff *skb, enum ttp_mib drop)
{
	if (drop != TTP_MIB_NONE)
		atomic_inc(&sk->sk_drops);	/* of which SO_MEMINFO tells */
	ttp_trace_done(sock_net(sk), skb, drop);
}

/* @told: the tracepoint has told already that it arrives */
static void segment(struct sock *sk, struct sk_buff *skb, bool told)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_seg seg __uninitialized, was __uninitialized;
	struct ttp_verdict v __uninitialized;
	bool taken, watched;
	u64 time_ns;

	/* LISTEN: this was meant for what the socket was before */
	if (tsk->tcb.conn.state == TTP_LISTEN) {
		ttp_trace_drop(sock_net(sk), skb, SKB_DROP_REASON_NOT_SPECIFIED);
		return;
	}
	if (!ttp_ip_parse(sock_net(sk), skb, &seg)) {
		done_with(sk, skb, TTP_MIB_BAD_OPTIONS);
		return;
	}
	if (!told)
		trace_segment_in(&tsk->ep, &seg);
	/* It came before the connection ended, and waited in the backlog: no RST, for
	 * what has ended may be in TIME_WAIT.
	 */
	if (tsk->tcb.conn.state == TTP_CLOSED) {
		ttp_arrives_closed(&seg, &v);
		ttp_mib_inc(ttp_sk_net(sk), v.drop);
		ttp_verdict_refused(sk, skb, &seg, v.drop, NULL);
		done_with(sk, skb, v.drop);
		return;
	}
	ttp_ip_remember(sk, skb, &seg);
	watched = ttp_netlink_watched(ttp_sk_net(sk)) & BIT(TTP_GROUP_SEGMENT);
	if (watched)
		was = seg;	/* it will be trimmed */
	tsk->tcb.rcv.urg_inline = sock_flag(sk, SOCK_URGINLINE);
	time_ns = ktime_get_ns();
	ttp_arrives(&tsk->tcb, &seg, ttp_us(time_ns), &v);
	if (unlikely(READ_ONCE(sk->sk_err_soft)) && tsk->tcb.ack_us == ttp_us(time_ns))
		WRITE_ONCE(sk->sk_err_soft, 0);	/* whatever it was, it is over */
	sk_mem_reclaim(sk);	/* what its ACK has freed, and its data did not take */
	taken = v.todo & TTP_DO_TAKEN;
	if (watched)
		ttp_netlink_tell_arrived(&tsk->ep, &was, time_ns, v.drop, v.answer);
	if (v.todo) {
		ttp_verdict_carry_out(sk, &v);
	} else {	/* nor has a deadline changed, but for the one that SACK blocks set */
		ttp_mib_inc(ttp_sk_net(sk), v.drop);
		if (tsk->tcb.deadline[TTP_TM_REORDER])
			ttp_verdict_clock(sk);
	}
	if (!taken)
		done_with(sk, skb, v.drop);
}

/**
 * ttp_verdict_segment - a segment arrives for a socket (struct proto's backlog_rcv)
 * @sk: socket lock held, by this softirq or by the process whose backlog it is
 * @skb: consumed
 *
 * Return: 0.
 */
int ttp_verdict_segment(struct sock *sk, struct sk_buff *skb)
{
	segment(sk, skb, false);
	return 0;
}

/**
 * ttp_verdict_first - the segment that has made a child of a request
 * @sk: the child, its lock held
 * @skb: consumed; the request has told that it arrives
 */
void ttp_verdict_first(struct sock *sk, struct sk_buff *skb)
{
	segment(sk, skb, true);
}

static void run(struct sock *sk)
{
	struct ttp_verdict v __uninitialized;
	u64 now = ttp_now();

	if (ttp_sk(sk)->tcb.conn.state == TTP_CLOSED)
		return;
	if (ttp_sk(sk)->tcb.orphan && ttp_verdict_limit_orphan(sk))
		return;
	ttp_changes_fired(sk, now);
	ttp_expire_timers(&ttp_sk(sk)->tcb, now, &v);
	ttp_verdict_carry_out(sk, &v);
}

/**
 * ttp_verdict_timer_fired - a deadline of the core has passed, or pacing lets data go again
 * @t: &sock.sk_timer
 *
 * Context: softirq; the timer's reference of the socket goes, or that of host/clock.c's.
 */
void ttp_verdict_timer_fired(struct timer_list *t)
{
	struct sock *sk = timer_container_of(sk, t, sk_timer);

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk))
		ttp_sk(sk)->timer_deferred = true;
	else
		run(sk);
	bh_unlock_sock(sk);
	sock_put(sk);
}

static void push(struct sock *sk)
{
	if (!ttp_fsm_in(ttp_sk(sk)->tcb.conn.state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN)))
		ttp_xmit_push(sk);
}

/**
 * ttp_verdict_go_on - there is room in this host's queues again
 * @sk: had to stop sending; perhaps it is gone but for its memory
 *
 * Context: softirq, without a lock.
 */
void ttp_verdict_go_on(struct sock *sk)
{
	bh_lock_sock(sk);
	if (sock_owned_by_user(sk))
		ttp_sk(sk)->send_deferred = true;
	else
		push(sk);
	bh_unlock_sock(sk);
}

/* What the administrator has asked for while the lock was held */
static void abort_now(struct sock *sk)
{
	int err = ttp_sk(sk)->abort_deferred;

	ttp_sk(sk)->abort_deferred = 0;
	if (!ttp_fsm_in(ttp_sk(sk)->tcb.conn.state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN)))
		ttp_verdict_abort(sk, TTP_BY_USER, "destroyed", err);
}

/**
 * ttp_verdict_release_cb - the user lets go of the lock (struct proto's release_cb)
 * @sk: what had to wait for that is done now
 *
 * Context: softirqs disabled, socket lock still held.
 */
void ttp_verdict_release_cb(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	u32 mtu = tsk->icmp_mtu;

	if (mtu) {
		tsk->icmp_mtu = 0;
		ttp_xmit_mtu(sk, mtu);
	}
	if (tsk->send_deferred) {
		tsk->send_deferred = false;
		push(sk);
	}
	if (tsk->timer_deferred) {
		tsk->timer_deferred = false;
		run(sk);
	}
	if (tsk->abort_deferred)
		abort_now(sk);
}
