// SPDX-License-Identifier: GPL-2.0
/*
 * walk.c - a walk over every listener and connection of a namespace, for /proc and
 * netlink.
 *
 * A dump is read in many parts.  Between two parts the walk keeps its place without a
 * lock, so that each part costs no more than what it shows.  What is added or removed
 * meanwhile may be shown or not; everything else is shown once.
 *
 * Listeners of a slot are sorted by number, the latest first: the place is the number of
 * the last one.  So are the sockets that are in no table, which come first, if they are
 * asked for.  Connections are in a rhashtable, which has an iterator.  When the table is
 * resized between two parts, the iterator begins again: then connections are shown twice,
 * and @rewinds counts that.
 *
 * Called by procfs.c and sock_netlink.c, and by whoever ends connections. Context: process.
 *
 * Next: snapshot.c for what is read from each.
 */
#include "ttp.h"

#define SLOTS	(TTP_IDLE_SLOTS + TTP_BOUND_SLOTS)

/* Begin a walk; it lasts until ttp_walk_end(), and the namespace must last as long. */
void ttp_walk_begin(struct net *net, struct ttp_walk *w)
{
	w->tn = ttp_net(net);
	w->slot = TTP_IDLE_SLOTS;
	w->before = U64_MAX;
	w->last = NULL;
	w->rewinds = 0;
	w->passed = 0;
	rhashtable_walk_enter(&w->tn->conns, &w->iter);
}

/* A walk that has just begun is to show the sockets that are in no table, too. */
void ttp_walk_idle_too(struct ttp_walk *w)
{
	w->slot = 0;
}

/* End a walk, which is stopped. */
void ttp_walk_end(struct ttp_walk *w)
{
	rhashtable_walk_exit(&w->iter);
}

static struct hlist_node *first(const struct ttp_walk *w)
{
	struct hlist_head *slot = w->slot < TTP_IDLE_SLOTS ?
				  &w->tn->idle[w->slot].socks :
				  &w->tn->listeners[w->slot - TTP_IDLE_SLOTS];

	return rcu_dereference(hlist_first_rcu(slot));
}

static struct ttp_ep *ep_of(const struct ttp_walk *w)
{
	if (w->slot < TTP_IDLE_SLOTS)
		return &container_of(w->last, struct ttp_sock, idle)->ep;
	return &container_of(w->last, struct ttp_listener, place)->of->ep;
}

/* The next socket in a slot that was not shown yet, at @node or after it. */
static struct ttp_ep *in_slots(struct ttp_walk *w, struct hlist_node *node)
{
	while (w->slot < SLOTS) {
		for (; node; node = rcu_dereference(hlist_next_rcu(node))) {
			w->last = hlist_entry(node, struct ttp_place, node);
			w->number = READ_ONCE(w->last->number);
			if (w->number < w->before)
				return ep_of(w);
		}
		w->before = U64_MAX;
		if (++w->slot < SLOTS)
			node = first(w);
	}
	w->last = NULL;
	return NULL;
}

/* The next connection from @ep on; an error there means that the table was resized. */
static struct ttp_ep *connection(struct ttp_walk *w, struct ttp_ep *ep)
{
	while (IS_ERR(ep)) {
		w->rewinds++;
		ep = rhashtable_walk_next(&w->iter);
	}
	return ep;
}

/**
 * ttp_walk_start - go on with a walk
 * @w: the walk, begun or stopped
 *
 * RCU is held from here to ttp_walk_stop().
 *
 * Return: the end point at which the walk was stopped, or the next one if that is gone;
 * valid until the walk is stopped again; %NULL at the end.
 */
struct ttp_ep *ttp_walk_start(struct ttp_walk *w) __acquires(RCU)
{
	struct ttp_ep *ep = NULL;

	if (rhashtable_walk_start_check(&w->iter))
		w->rewinds++;
	if (w->slot < SLOTS)
		ep = in_slots(w, first(w));
	return ep ?: connection(w, rhashtable_walk_peek(&w->iter));
}

/* Release RCU; the walk may be started again. */
void ttp_walk_stop(struct ttp_walk *w) __releases(RCU)
{
	rhashtable_walk_stop(&w->iter);
}

/* Sockets in no table, then listeners, then connections. */
static struct ttp_ep *next(struct ttp_walk *w)
{
	struct ttp_ep *ep;

	if (!w->last)
		return connection(w, rhashtable_walk_next(&w->iter));
	w->before = w->number;
	ep = in_slots(w, rcu_dereference(hlist_next_rcu(&w->last->node)));
	return ep ?: connection(w, rhashtable_walk_peek(&w->iter));
}

#define AT_ONCE	1000	/* end points passed before another task may run */

/**
 * ttp_walk_next - the next end point of a walk that was started
 * @w: the walk
 *
 * Context: process; RCU may be let go for a moment, and what was returned before is
 * not valid any more.
 * Return: as ttp_walk_start().
 */
struct ttp_ep *ttp_walk_next(struct ttp_walk *w)
{
	struct ttp_ep *ep = next(w);

	if (++w->passed % AT_ONCE)
		return ep;
	ttp_walk_stop(w);
	cond_resched();
	return ttp_walk_start(w);
}

/**
 * ttp_walk_find - the first end point that is meant
 * @net: network namespace
 * @meant: is it this one?  Called under RCU; it takes a reference if one is to outlast that.
 * @arg: what @meant is called with
 *
 * Context: process.
 * Return: the end point, or %NULL.
 */
struct ttp_ep *ttp_walk_find(struct net *net, bool (*meant)(struct ttp_ep *ep, void *arg),
			     void *arg)
{
	struct ttp_walk walk;
	struct ttp_ep *ep;

	ttp_walk_begin(net, &walk);
	ep = ttp_walk_start(&walk);
	while (ep && !meant(ep, arg))
		ep = ttp_walk_next(&walk);
	ttp_walk_stop(&walk);
	ttp_walk_end(&walk);
	return ep;
}
