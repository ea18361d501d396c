// SPDX-License-Identifier: GPL-2.0
/*
 * changes.c - events of what changes within a connection: its congestion window, which is also
 * the tracepoint ttp:cong, and its timers.
 *
 * Both change in many places of the core, several times for a segment, and what lasts is
 * told: what is, is compared with what was told last, when a segment or a call has been
 * dealt with and the kernel's timer is set.  That needs a memory (struct ttp_told), which a
 * socket gets when somebody listens.  The core notes why the windows change
 * (enum ttp_cong_why).
 *
 * Called by ip/xmit.c and conn/, where the clock is set.
 * Context: socket lock held.
 *
 * Next: info.c for TTP_INFO.
 */
#include "ttp.h"
#include "see/netlink.h"
#include "see/trace.h"

/* The core and netlink use the same numbers. */
static_assert((int)TTP_CONG_WHY_BEGIN == (int)TTP_CONG_REASON_BEGIN);
static_assert((int)TTP_CONG_WHY_ALGORITHM == (int)TTP_CONG_REASON_ALGORITHM);
static_assert((int)TTP_CA_OPEN == (int)TTP_RECOVERY_OPEN);
static_assert((int)TTP_CA_LOSS == (int)TTP_RECOVERY_LOSS);

static int put_head(struct sk_buff *msg, const struct sock *sk)
{
	const struct ttp_ep *ep = &ttp_sk(sk)->ep;

	return nla_put_u64_64bit(msg, TTP_A_TIME_NS, ktime_get_ns(), TTP_A_PAD) ||
	       ttp_netlink_put_tuple(msg, ep->tn->net, &ep->key, ep->conn);
}

/* What was told of @sk, all 0 at first.  Return: %NULL without memory. */
static struct ttp_told *told_of(struct sock *sk, enum ttp_group group)
{
	struct ttp_sock *tsk = ttp_sk(sk);

	if (!tsk->told)
		tsk->told = kzalloc(sizeof(*tsk->told), GFP_ATOMIC | __GFP_NOWARN);
	if (!tsk->told)
		ttp_watchers_lost(sock_net(sk), group, &tsk->ep.key);
	return tsk->told;
}

/* ---- congestion control ---- */

static int put_cong(struct sk_buff *msg, const void *event)
{
	const struct sock *sk = event;
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	unsigned long rate = ttp_sk_pacing_rate(sk, tcb);

	return put_head(msg, sk) ||
	       nla_put_u8(msg, TTP_A_CONG_REASON, tcb->flow->cong.why) ||
	       nla_put_u8(msg, TTP_A_RECOVERY, tcb->ca) ||
	       nla_put_u32(msg, TTP_A_CWND, tcb->flow->cong.cwnd) ||
	       nla_put_u32(msg, TTP_A_SSTHRESH, tcb->flow->cong.ssthresh) ||
	       nla_put_u32(msg, TTP_A_IN_FLIGHT, ttp_send_in_flight(tcb)) ||
	       (rate != ~0UL && nla_put_u64_64bit(msg, TTP_A_PACING_RATE, rate, TTP_A_PAD));
}

static void tell_cong(struct sock *sk, u32 watched)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	const struct ttp_cong *cong;
	struct ttp_told *told;

	if (!tcb->flow || !tcb->flow->cong.started)
		return;
	cong = &tcb->flow->cong;
	told = told_of(sk, TTP_GROUP_CONG);
	if (!told || (told->cwnd == cong->cwnd && told->ssthresh == cong->ssthresh &&
		      told->pacing_rate == cong->pacing_rate && told->ca == tcb->ca))
		return;
	told->cwnd = cong->cwnd;
	told->ssthresh = cong->ssthresh;
	told->pacing_rate = cong->pacing_rate;
	told->ca = tcb->ca;
	trace_cong(&ttp_sk(sk)->ep, cong->why);
	if (watched & BIT(TTP_GROUP_CONG))
		ttp_watchers_event(sock_net(sk), TTP_GROUP_CONG, &ttp_sk(sk)->ep.key, put_cong, sk);
}

/* ---- timers ---- */

struct timer_event {
	const struct sock *sk;
	enum ttp_tm timer;
	enum ttp_timer_change change;
	u64 us;		/* until it is due */
};

static int put_timer(struct sk_buff *msg, const void *event)
{
	const struct timer_event *e = event;

	return put_head(msg, e->sk) ||
	       nla_put_u8(msg, TTP_A_TIMER, ttp_snapshot_timers[e->timer]) ||
	       nla_put_u8(msg, TTP_A_TIMER_CHANGE, e->change) ||
	       (e->change == TTP_TIMER_CHANGE_ARMED &&
		nla_put_u64_64bit(msg, TTP_A_TIMER_US, e->us, TTP_A_PAD));
}

static void timer_event(struct sock *sk, u32 i, enum ttp_timer_change change, u64 us)
{
	const struct timer_event e = { .sk = sk, .timer = i, .change = change, .us = us };

	ttp_watchers_event(sock_net(sk), TTP_GROUP_TIMER, &ttp_sk(sk)->ep.key, put_timer, &e);
}

static void tell_timers(struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	struct ttp_told *told = told_of(sk, TTP_GROUP_TIMER);
	u64 at, now = ttp_now();
	u32 i;

	for (i = 0; told && i < TTP_TM_MAX; i++) {
		at = tcb->deadline[i];
		if (at == told->deadline[i])
			continue;
		told->deadline[i] = at;
		if (at)
			timer_event(sk, i, TTP_TIMER_CHANGE_ARMED, at > now ? at - now : 0);
		else
			timer_event(sk, i, TTP_TIMER_CHANGE_STOPPED, 0);
	}
}

/**
 * ttp_changes_fired - event: deadlines have passed
 * @sk: the socket; what is due is done after this
 * @now: what is due by then
 */
void ttp_changes_fired(struct sock *sk, u64 now)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	struct ttp_told *told;
	u64 at;
	u32 i;

	if (!(ttp_changes_watched(sk) & BIT(TTP_GROUP_TIMER)))
		return;
	told = told_of(sk, TTP_GROUP_TIMER);
	for (i = 0; told && i < TTP_TM_MAX; i++) {
		at = tcb->deadline[i];
		/* the tail loss probe goes first, and the other is armed anew */
		if (!at || at > now || (i == TTP_TM_RTX && ttp_expire_probe_first(tcb, at)))
			continue;
		told->deadline[i] = 0;
		timer_event(sk, i, TTP_TIMER_CHANGE_FIRED, 0);
	}
}

/**
 * ttp_changes_tell - events: what has changed since the last ones
 * @sk: the socket
 * @watched: of ttp_changes_watched(), or some of them: only these groups are told
 */
void ttp_changes_tell(struct sock *sk, u32 watched)
{
	if (watched & (BIT(TTP_GROUP_CONG) | BIT(TTP_GROUP_TRACE)))
		tell_cong(sk, watched);
	if (watched & BIT(TTP_GROUP_TIMER))
		tell_timers(sk);
	if (ttp_sk(sk)->tcb.flow)
		ttp_sk(sk)->tcb.flow->cong.why = TTP_CONG_WHY_NONE;
}
