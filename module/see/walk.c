// SPDX-License-Identifier: GPL-2.0
/*
 * walk.c - a look at every listener and connection of a namespace, for /proc and
 * netlink.
 *
 * A dump is read in many parts.  Between two of them the walk keeps its place
 * without a lock, so that each part costs no more than what it shows.  What comes
 * or goes meanwhile may be shown or not; all else is shown once.
 *
 * Listeners of a slot are sorted by number, the youngest first: the number of the
 * last one is the place.  The rhashtable of connections has an iterator.  When the
 * table is resized between two parts, the iterator begins anew: then connections
 * come twice, and @rewinds says so.
 *
 * Context: process.
 *
 * Next: snapshot.c for what is said of each.
 */
#include "ttp.h"

/**
 * ttp_walk_begin - begin a walk
 * @net: network namespace
 * @w: the walk; lasts until ttp_walk_end(), and the namespace as long
 */
void ttp_walk_begin(struct net *net, struct ttp_walk *w)
{
	w->tn = ttp_net(net);
	w->slot = 0;
	w->before = U64_MAX;
	w->listener = NULL;
	w->rewinds = 0;
	rhashtable_walk_enter(&w->tn->conns, &w->iter);
}

/**
 * ttp_walk_end - end a walk
 * @w: the walk
 */
void ttp_walk_end(struct ttp_walk *w)
{
	rhashtable_walk_exit(&w->iter);
}

static struct hlist_node *first(const struct ttp_walk *w)
{
	return rcu_dereference(hlist_first_rcu(&w->tn->listeners[w->slot]));
}

/* The next listener that has not come yet, at @node or behind it. */
static struct ttp_ep *listener(struct ttp_walk *w, struct hlist_node *node)
{
	while (w->slot < TTP_LISTEN_SLOTS) {
		for (; node; node = rcu_dereference(hlist_next_rcu(node))) {
			w->listener = hlist_entry(node, struct ttp_sock, listen_node);
			w->id = READ_ONCE(w->listener->tcb.conn.id);
			if (w->id < w->before)
				return &w->listener->ep;
		}
		w->before = U64_MAX;
		if (++w->slot < TTP_LISTEN_SLOTS)
			node = first(w);
	}
	w->listener = NULL;
	return NULL;
}

/* @ep, unless it is an error: then the table was resized */
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
 * @w: the walk
 *
 * RCU is held from here to ttp_walk_stop().
 *
 * Return: the end point at which the walk has stopped, or where that has gone the
 * next one, valid until the walk stops again; %NULL at the end.
 */
struct ttp_ep *ttp_walk_start(struct ttp_walk *w) __acquires(RCU)
{
	struct ttp_ep *ep = NULL;

	if (rhashtable_walk_start_check(&w->iter))
		w->rewinds++;
	if (w->slot < TTP_LISTEN_SLOTS)
		ep = listener(w, first(w));
	return ep ?: connection(w, rhashtable_walk_peek(&w->iter));
}

/**
 * ttp_walk_next - the next one: first the listeners, then the connections
 * @w: the walk, started
 *
 * Return: as ttp_walk_start().
 */
struct ttp_ep *ttp_walk_next(struct ttp_walk *w)
{
	struct ttp_ep *ep;

	if (!w->listener)
		return connection(w, rhashtable_walk_next(&w->iter));
	w->before = w->id;
	ep = listener(w, rcu_dereference(hlist_next_rcu(&w->listener->listen_node)));
	return ep ?: connection(w, rhashtable_walk_peek(&w->iter));
}

/**
 * ttp_walk_stop - let go of RCU; the walk may be started again
 * @w: the walk, started
 */
void ttp_walk_stop(struct ttp_walk *w) __releases(RCU)
{
	rhashtable_walk_stop(&w->iter);
}
