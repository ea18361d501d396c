// SPDX-License-Identifier: GPL-2.0
/*
 * history.c - the last connections of a namespace, with their transitions, also after they
 * are gone: net.ttp.history of them, none by default.
 *
 * Called by observe.c for each transition, in any context, and by procfs.c (process).
 *
 * Next: procfs.c, which shows them.
 */
#include <linux/rculist.h>

#include "ttp.h"
#include "see/history.h"

/* The newest are at the end.  The lock is held. */
static struct ttp_history *find(struct ttp_net *tn, u64 id)
{
	struct ttp_history *h;

	list_for_each_entry_reverse(h, &tn->history, list)
		if (h->id == id)
			return h;
	return NULL;
}

static void drop(struct ttp_net *tn, struct ttp_history *h)
{
	list_del_rcu(&h->list);
	tn->nhistory--;
	kfree_rcu(h, rcu);
}

static struct ttp_history *create(struct ttp_net *tn, u64 id, u32 limit)
{
	struct ttp_history *h;

	while (tn->nhistory >= limit)
		drop(tn, list_first_entry(&tn->history, struct ttp_history, list));
	h = kzalloc(sizeof(*h), GFP_ATOMIC);
	if (!h)
		return NULL;
	h->number = ++tn->last_history;
	h->id = id;
	list_add_tail_rcu(&h->list, &tn->history);
	tn->nhistory++;
	return h;
}

/**
 * ttp_history_note - a transition was taken
 * @tn: the namespace
 * @ep: what took it; ep->conn->state is the new state
 * @from: the state before
 * @cause: why; its text must be constant
 *
 * Without memory it is not noted.  Context: any but hard interrupts; what guards the end point
 * is held.
 */
void ttp_history_note(struct ttp_net *tn, struct ttp_ep *ep, u8 from, const struct ttp_cause *cause)
{
	u32 limit = READ_ONCE(tn->cfg.history);
	struct ttp_history *h;

	if (!limit || !ep->conn->id)
		return;
	spin_lock_bh(&tn->history_lock);
	h = find(tn, ep->conn->id) ?: create(tn, ep->conn->id, limit);
	if (h && h->nsteps < TTP_HISTORY_STEPS) {
		h->key = ep->key;
		h->steps[h->nsteps++] = (struct ttp_step){
			.time_ns = ktime_get_ns(),
			.what = cause->what,
			.from = from,
			.to = ep->conn->state,
			.kind = cause->kind,
		};
	}
	spin_unlock_bh(&tn->history_lock);
}

/* A copy of @from, which is found under RCU, while it may grow.  Context: process. */
void ttp_history_copy(struct ttp_net *tn, const struct ttp_history *from, struct ttp_history *to)
{
	spin_lock_bh(&tn->history_lock);
	*to = *from;
	spin_unlock_bh(&tn->history_lock);
}

/* A network namespace begins. */
void ttp_history_init(struct ttp_net *tn)
{
	INIT_LIST_HEAD(&tn->history);
	spin_lock_init(&tn->history_lock);
}

/* It ends: nothing is noted any more, and nobody reads. */
void ttp_history_exit(struct ttp_net *tn)
{
	struct ttp_history *h, *next;

	list_for_each_entry_safe(h, next, &tn->history, list)
		drop(tn, h);
}
