// SPDX-License-Identifier: GPL-2.0
/*
 * mini.c - what a request and a connection in TIME_WAIT have in common: each is a small structure
 * with a lock, a timer, and references, and has no socket.
 *
 * A reference is held by the table or the listener's list, by a timer that runs, and by who works
 * with it.
 *
 * Called by request.c and timewait.c, demux.c, and whatever ends them from outside.
 * Context: any.
 *
 * Next: request.c, timewait.c.
 */
#include "ttp.h"

static void free_rcu(struct rcu_head *head)
{
	struct ttp_mini *mini = container_of(head, struct ttp_mini, rcu);

	if (mini->ep.kind == TTP_KIND_REQUEST)
		kfree(ttp_ep_req(&mini->ep)->saved_syn);
	kfree(mini);	/* whichever cache it is of */
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
	if (mini->dead)
		return;
	mini->dead = true;
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
	alive = !mini->dead;
	if (alive)
		ttp_fsm_set_state(mini->ep.conn, TTP_CLOSED, kind, what, NULL);
	ttp_mini_kill(mini);
	spin_unlock_bh(&mini->lock);
	return alive;
}
