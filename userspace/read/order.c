// SPDX-License-Identifier: GPL-2.0
/*
 * Events of several namespaces come through several sockets.  They are held
 * for a moment and given out in the order of their times; events of equal
 * time stay in the order in which they came.  Called by feed.c.
 */
#include <stdlib.h>

#include "base/base.h"
#include "read/order.h"

struct node {
	struct node *prev;
	struct node *next;
	struct event ev;
};

struct order {
	struct node head;	/* a ring: head.next is the earliest */
};

struct order *order_new(void)
{
	struct order *o = xrealloc(NULL, 1, sizeof(*o));

	o->head.prev = &o->head;
	o->head.next = &o->head;
	return o;
}

/* From the end: nearly always the new event is the latest. */
void order_add(struct order *o, const struct event *ev)
{
	struct node *node = xrealloc(NULL, 1, sizeof(*node));
	struct node *after = o->head.prev;

	node->ev = *ev;
	while (after != &o->head && after->ev.time_ns > ev->time_ns)
		after = after->prev;
	node->prev = after;
	node->next = after->next;
	after->next->prev = node;
	after->next = node;
}

/* Return: whether the earliest was there and was received before that. */
bool order_take(struct order *o, uint64_t received_before, struct event *ev)
{
	struct node *node = o->head.next;

	if (node == &o->head || node->ev.received_ns >= received_before)
		return false;
	*ev = node->ev;
	node->prev->next = node->next;
	node->next->prev = node->prev;
	free(node);
	return true;
}

bool order_is_empty(const struct order *o)
{
	return o->head.next == &o->head;
}

void order_free(struct order *o)
{
	struct event ev;

	while (order_take(o, UINT64_MAX, &ev))
		;
	free(o);
}
