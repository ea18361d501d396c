// SPDX-License-Identifier: GPL-2.0
/*
 * mini.c - a request and a connection in TIME_WAIT, as far as they are alike: each is a small
 * structure with a lock, a timer, and references, and has no socket.
 *
 * A reference is held by the table or the listener's list, by a timer that runs, and by who works
 * with it.
 *
 * Called by input/recv.c for their segments, by demux.c, request.c, child.c and timewait.c, by
 * socket/destroy.c, and by main.c for their caches.
 *
 * Context: any, unless a function says otherwise.
 *
 * Next: request.c, timewait.c.
 */
#include "see/trace.h"
#include "ttp.h"

struct kmem_cache *ttp_mini_requests __ro_after_init;
struct kmem_cache *ttp_mini_timewaits __ro_after_init;

/* Before the first of them.  Return: 0, or -ENOMEM. */
int ttp_mini_init(void)
{
	ttp_mini_requests = kmem_cache_create("ttp_request", sizeof(struct ttp_req), 0,
					      SLAB_ACCOUNT, NULL);
	ttp_mini_timewaits = kmem_cache_create("ttp_timewait", sizeof(struct ttp_tw), 0,
					       SLAB_ACCOUNT, NULL);
	if (ttp_mini_requests && ttp_mini_timewaits)
		return 0;
	ttp_mini_exit();
	return -ENOMEM;
}

/* None is left, nor one that RCU has not freed yet. */
void ttp_mini_exit(void)
{
	kmem_cache_destroy(ttp_mini_requests);
	kmem_cache_destroy(ttp_mini_timewaits);
}

static void free_rcu(struct rcu_head *head)
{
	struct ttp_mini *mini = container_of(head, struct ttp_mini, rcu);

	if (mini->ep.kind == TTP_KIND_REQUEST) {
		kfree(ttp_ep_req(&mini->ep)->saved_syn);
		kmem_cache_free(ttp_mini_requests, ttp_ep_req(&mini->ep));
	} else {
		kmem_cache_free(ttp_mini_timewaits, ttp_ep_tw(&mini->ep));
	}
}

/**
 * ttp_mini_put - give a reference back
 * @mini: a request, or a connection in TIME_WAIT
 */
void ttp_mini_put(struct ttp_mini *mini)
{
	if (!refcount_dec_and_test(&mini->ref))
		return;
	if (mini->path.sk)
		sock_put(mini->path.sk);
	call_rcu(&mini->rcu, free_rcu);
}

/**
 * ttp_mini_kill - no segment and no timer finds it any more
 * @mini: its lock and a reference held
 *
 * The timer may still be running on another CPU when this returns, until a
 * grace period has passed.
 */
void ttp_mini_kill(struct ttp_mini *mini)
{
	if (mini->ep.dead)
		return;
	mini->ep.dead = true;
	ttp_demux_remove(&mini->ep);
	if (timer_delete(&mini->timer))
		ttp_mini_put(mini);
	if (mini->ep.kind == TTP_KIND_REQUEST)
		ttp_request_unlink(ttp_ep_req(&mini->ep));
	else
		ttp_timewait_forget(ttp_ep_tw(&mini->ep));
}

/**
 * ttp_mini_end - it ends from outside, or its time is over
 * @mini: a reference is held
 * @kind: enum ttp_by
 * @what: the cause in words
 *
 * Return: false when it had ended before: a request perhaps by becoming a connection.
 */
bool ttp_mini_end(struct ttp_mini *mini, u8 kind, const char *what)
{
	bool alive;

	spin_lock_bh(&mini->lock);
	alive = !mini->ep.dead;
	if (alive)
		ttp_fsm_set_state(mini->ep.conn, TTP_CLOSED, kind, what, NULL);
	ttp_mini_kill(mini);
	spin_unlock_bh(&mini->lock);
	return alive;
}

/**
 * ttp_mini_passes - do filters and policies let a segment pass?
 * @mini: the listener's count; in TIME_WAIT there is nobody who could have any
 * @skb: freed if the answer is false
 */
bool ttp_mini_passes(struct ttp_mini *mini, struct sk_buff *skb)
{
	if (mini->path.sk)
		return ttp_ip_filter(mini->path.sk, skb);
	if (ttp_ip_policy_ok(NULL, skb))
		return true;
	ttp_trace_drop(mini->ep.tn->net, skb, SKB_DROP_REASON_XFRM_POLICY);
	return false;
}

/**
 * ttp_mini_rcv - a segment arrives for what has no socket
 * @mini: a reference is held
 * @skb: has passed ttp_mini_passes(); consumed if the answer is true
 * @re: filled in when a SYN has ended TIME_WAIT
 *
 * Context: softirq. Return: false when it is over, and the 4-tuple must be looked up again.
 */
bool ttp_mini_rcv(struct ttp_mini *mini, struct sk_buff *skb, struct ttp_reopen *re)
{
	struct ttp_req *req = mini->ep.kind == TTP_KIND_REQUEST ? ttp_ep_req(&mini->ep) : NULL;
	struct ttp_tw *tw = ttp_ep_tw(&mini->ep);	/* if it is no request */
	struct ttp_verdict v __uninitialized;
	struct ttp_seg seg __uninitialized;
	enum ttp_mib drop = TTP_MIB_BAD_OPTIONS;
	struct net *net = mini->ep.tn->net;
	bool mine = false, taken = false;
	u64 time_ns;

	spin_lock(&mini->lock);
	if (mini->ep.dead)
		goto out;
	mine = true;
	if (!ttp_ip_parse(net, skb, &seg))
		goto out;
	trace_segment_in(&mini->ep, &seg);
	time_ns = ktime_get_ns();
	if (req)
		ttp_passive_arrives(&req->req, &seg, ttp_us(time_ns), &v);
	else
		ttp_timewait_arrives(&tw->tw, &seg, ttp_us(time_ns), &v);
	if (v.todo & TTP_DO_PROMOTE) {
		drop = ttp_child_promote(req, skb);
		taken = drop == TTP_MIB_NONE;
		goto out;
	}
	if (v.todo & TTP_DO_REOPEN) {
		*re = (struct ttp_reopen){ ttp_timewait_iss(&tw->tw), time_ns };
		ttp_mini_kill(mini);
		mine = false;
		goto out;
	}
	drop = v.drop;
	ttp_mib_inc(mini->ep.tn, drop);
	ttp_netlink_arrived(&mini->ep, &seg, time_ns, drop, v.answer);
	if (v.todo & (TTP_DO_REPLY | TTP_DO_RESET))	/* a SYN,ACK is sent again */
		ttp_xmit_ep(&mini->ep, &v.reply, v.reply.flags & TTP_SYN, &mini->path, NULL);
	if (v.todo & TTP_DO_REFUSE)
		ttp_mini_kill(mini);
	if (v.todo & TTP_DO_RESTART)
		ttp_timewait_restart(tw);
out:
	spin_unlock(&mini->lock);
	if (mine && !taken)
		ttp_trace_done(net, skb, drop);
	return mine;
}
