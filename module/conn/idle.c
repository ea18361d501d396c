// SPDX-License-Identifier: GPL-2.0
/*
 * idle.c - sockets that neither listen nor have a connection: they are in no table of
 * demux.c, and kept here to be seen (ttp show).
 *
 * Called by sock.c and demux.c. Context: any, unless a function says otherwise.
 *
 * Next: see/walk.c, which goes through them.
 */
#include <linux/hash.h>

#include "ttp.h"

/* A network namespace begins.  Context: process. Return: 0 or -ENOMEM. */
int ttp_idle_init(struct ttp_net *tn)
{
	int i;

	tn->idle = kvcalloc(TTP_IDLE_SLOTS, sizeof(*tn->idle), GFP_KERNEL);
	if (!tn->idle)
		return -ENOMEM;
	for (i = 0; i < TTP_IDLE_SLOTS; i++)
		spin_lock_init(&tn->idle[i].lock);
	return 0;
}

/* A network namespace ends, and no socket is left in it. */
void ttp_idle_exit(struct ttp_net *tn)
{
	kvfree(tn->idle);
}

static struct ttp_idle *slot_of(struct sock *sk)
{
	return &ttp_sk_net(sk)->idle[hash_ptr(sk, ilog2(TTP_IDLE_SLOTS))];
}

/**
 * ttp_idle_add - a socket is in neither table: new, or its connection is over
 * @sk: not to be freed before ttp_idle_remove(); already idle: nothing happens
 *
 * Context: any; whoever changes the socket's state holds its lock.
 */
void ttp_idle_add(struct sock *sk)
{
	struct ttp_idle *idle = slot_of(sk);

	spin_lock_bh(&idle->lock);
	if (hlist_unhashed(&ttp_sk(sk)->idle.node)) {
		WRITE_ONCE(ttp_sk(sk)->idle.number, ++idle->last);
		hlist_add_head_rcu(&ttp_sk(sk)->idle.node, &idle->socks);
	}
	spin_unlock_bh(&idle->lock);
}

/**
 * ttp_idle_remove - a socket enters a table, or ends
 * @sk: idle or not
 *
 * Context: as of ttp_idle_add().
 */
void ttp_idle_remove(struct sock *sk)
{
	struct ttp_idle *idle = slot_of(sk);

	spin_lock_bh(&idle->lock);
	hlist_del_init_rcu(&ttp_sk(sk)->idle.node);
	spin_unlock_bh(&idle->lock);
}
