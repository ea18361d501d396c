// SPDX-License-Identifier: GPL-2.0
/*
 * snapshot.c - a copy of a connection's values at one moment, for /proc/net/ttp/sockets
 * and for netlink.
 *
 * The connection is not locked, so values may be of moments a few instructions apart.  They
 * are copied once, so that everything is computed from the same values.
 *
 * Called by procfs.c, sock_netlink.c and changes.c. Context: RCU.
 *
 * Next: procfs.c, sock_netlink.c.
 */
#include "ttp.h"

static u32 ms_until(u64 deadline)
{
	u64 now = ttp_now();

	return deadline > now ? div_u64(deadline - now, 1000) : 0;
}

static u32 ms_of(const struct timer_list *timer)
{
	long left = (long)(READ_ONCE(timer->expires) - jiffies);

	return timer_pending(timer) && left > 0 ? jiffies_to_msecs(left) : 0;
}

static void of_listener(struct sock *sk, struct ttp_snapshot *snap)
{
	/* pairs with listen(): the state may be of before or after it */
	const struct ttp_listener *l = smp_load_acquire(&ttp_sk(sk)->listener);

	snap->rqueue = READ_ONCE(sk->sk_ack_backlog);
	snap->wqueue = READ_ONCE(sk->sk_max_ack_backlog);
	snap->synq = l ? READ_ONCE(l->nrequests) : 0;
}

static void of_tcb(struct ttp_sock *tsk, struct ttp_snapshot *snap)
{
	/* pairs with ttp_flow_begin() */
	const struct ttp_flow *flow = smp_load_acquire(&tsk->tcb.flow);
	const struct ttp_tcb *tcb = &snap->copy;
	u64 next;

	/* not locked: a value that changes now is copied before or after that */
	data_race(memcpy(&snap->copy, &tsk->tcb, sizeof(snap->copy)));
	snap->copy.cong_ops = READ_ONCE(tsk->tcb.cong_ops);	/* its functions are called */
	snap->copy.flow = flow ? &snap->flow : NULL;
	if (flow)	/* not locked either */
		data_race(memcpy(&snap->flow, flow, sizeof(snap->flow)));
	next = ttp_timer_next(tcb, &snap->timer);
	snap->tcb = tcb;
	snap->pacing_rate = ttp_sk_pacing_rate(&tsk->inet.sk, tcb);
	snap->retransmits = tcb->retransmits;
	snap->rqueue = ttp_sock_unread((struct sock *)tsk);
	/* 0 after the ACK of our FIN, and before our SYN */
	snap->wqueue = max_t(s32, tcb->snd.end - tcb->snd.una - ttp_tcb_syn_out(tcb), 0);
	snap->ofo = READ_ONCE(tsk->ofo_bytes);
	snap->snd_nxt = tcb->snd.nxt;
	snap->rcv_nxt = tcb->rcv.nxt;
	if (next)
		snap->timer_ms = max(ms_until(next), 1U);
}

/* In no table: what it is bound to. */
static void of_idle(const struct sock *sk, struct ttp_snapshot *snap)
{
	ttp_sk_bound(sk, &snap->key);
}

static void of_sock(struct sock *sk, struct ttp_snapshot *snap)
{
	snap->uid = sock_i_uid(sk);
	snap->inode = sock_i_ino(sk);
	if (snap->conn.state == TTP_CLOSED && !READ_ONCE(ttp_sk(sk)->ep.hashed))
		of_idle(sk, snap);
	if (snap->conn.state == TTP_LISTEN)
		of_listener(sk, snap);
	else
		of_tcb(ttp_sk(sk), snap);
}

static void of_request(struct ttp_req *req, struct ttp_snapshot *snap)
{
	snap->retransmits = READ_ONCE(req->req.retransmits);
	snap->timer_ms = ms_of(&req->mini.timer);
	snap->uid = sock_i_uid(req->mini.path.sk);
	snap->snd_nxt = req->req.conn.iss + 1;
	snap->rcv_nxt = req->req.conn.irs + 1;
}

static void of_timewait(struct ttp_tw *tw, struct ttp_snapshot *snap)
{
	snap->timer_ms = ms_of(&tw->mini.timer);
	snap->uid = tw->uid;
	snap->snd_nxt = tw->tw.snd_nxt;
	snap->rcv_nxt = tw->tw.rcv_nxt;
}

/* Copy what there is of @ep, of ttp_walk_next(); @snap is filled in, but for @copy, which only
 * @tcb points to, and @flow.
 */
void ttp_snapshot_ep(struct ttp_ep *ep, struct ttp_snapshot *snap)
{
	/* @copy and @flow, the largest parts, are of_tcb()'s */
	memset(snap, 0, offsetof(struct ttp_snapshot, copy));
	memset_after(snap, 0, flow);
	/* not locked: it may leave the table now, and get another 4-tuple */
	data_race(memcpy(&snap->key, &ep->key, sizeof(snap->key)));
	/* not locked either */
	data_race(memcpy(&snap->conn, ep->conn, sizeof(snap->conn)));
	snap->conn.kind = ep->kind;
	switch ((enum ttp_kind)ep->kind) {
	case TTP_KIND_SOCK:
		of_sock(ttp_ep_sock(ep), snap);
		break;
	case TTP_KIND_REQUEST:
		of_request(ttp_ep_req(ep), snap);
		break;
	case TTP_KIND_TIMEWAIT:
		of_timewait(ttp_ep_tw(ep), snap);
		break;
	case TTP_KIND_NONE:
		break;
	}
}

/* The timers as values of netlink's enum ttp_timer */
const u8 ttp_snapshot_timers[TTP_TM_MAX] = {
	[TTP_TM_RTX] = TTP_TIMER_RETRANSMISSION,
	[TTP_TM_PERSIST] = TTP_TIMER_PERSIST,
	[TTP_TM_DELACK] = TTP_TIMER_DELAYED_ACK,
	[TTP_TM_FIN_WAIT_2] = TTP_TIMER_FIN_WAIT_2,
	[TTP_TM_REORDER] = TTP_TIMER_REORDERING,
	[TTP_TM_PROBE] = TTP_TIMER_LOSS_PROBE,
	[TTP_TM_KEEPALIVE] = TTP_TIMER_KEEPALIVE,
	[TTP_TM_RETRY] = TTP_TIMER_RETRANSMISSION,
	[TTP_TM_PACE] = TTP_TIMER_PACING,
	[TTP_TM_USER] = TTP_TIMER_USER_TIMEOUT,
};

/* The timer that runs, as a value of netlink's enum ttp_timer. */
enum ttp_timer ttp_snapshot_timer(const struct ttp_snapshot *snap)
{
	if (!snap->timer_ms)
		return TTP_TIMER_NONE;
	if (snap->conn.kind == TTP_KIND_TIMEWAIT)
		return TTP_TIMER_TIME_WAIT;
	if (snap->conn.kind == TTP_KIND_REQUEST)
		return TTP_TIMER_RETRANSMISSION;
	return ttp_snapshot_timers[snap->timer];
}
