// SPDX-License-Identifier: GPL-2.0
/*
 * Events of several namespaces come through several sockets.  They are held
 * for a moment and given out in the order of their times; events of equal
 * time stay in the order in which they came, but that a segment's arrival goes
 * before what it did to its connection.
 *
 * Those of one source are nearly in order.  So the place of the next one is near that of
 * the last one: a source that is read after another is merged with it in one walk.
 * Called by feed.c.
 */
#include <stdlib.h>

#include "base/base.h"
#include "read/order.h"

struct node {
	struct node *prev;
	struct node *next;
	int source;
	struct event ev;
};

struct order {
	struct node head;	/* a ring: head.next is the earliest */
	struct node *spare;	/* were given out, and are used again */
	struct node *last[];	/* which a source has added; the head when it was given out */
};

struct order *order_new(int sources)
{
	struct order *o = xrealloc(NULL, 1, sizeof(*o) + sources * sizeof(o->last[0]));

	o->head.prev = &o->head;
	o->head.next = &o->head;
	o->spare = NULL;
	for (int i = 0; i < sources; i++)
		o->last[i] = &o->head;
	return o;
}

static bool is_arrival(const struct event *ev)
{
	return ev->kind == EVENT_SEGMENT && ev->seg.direction == TTP_DIRECTION_IN;
}

/*
 * The kernel tells of an arrival after its effects, with the time at which its
 * processing began.  Where the clock is coarse, that is the time of the effects.
 * Return: after which node it goes; @after is the last one of that time.
 */
static struct node *before_effects(const struct order *o, struct node *after,
				   const struct event *ev)
{
	struct node *node = after;

	for (; node != &o->head && node->ev.time_ns == ev->time_ns; node = node->prev) {
		if (node->ev.who.id != ev->who.id || node->ev.who.netns != ev->who.netns)
			continue;
		if (is_arrival(&node->ev))
			break;
		after = node->prev;
	}
	return after;
}

static bool is_later(const struct order *o, const struct node *node, uint64_t time_ns)
{
	return node != &o->head && node->ev.time_ns > time_ns;
}

/* Return: the last node that is not later; nearly always that of the end. */
static struct node *find(const struct order *o, int source, uint64_t time_ns)
{
	struct node *node = o->head.prev;

	if (!is_later(o, node, time_ns))
		return node;
	node = o->last[source];
	while (is_later(o, node, time_ns))
		node = node->prev;
	while (!is_later(o, node->next, time_ns))
		node = node->next;
	return node;
}

/* @source: of which there are as many as order_new() was told */
void order_add(struct order *o, int source, const struct event *ev)
{
	struct node *after = find(o, source, ev->time_ns);
	struct node *node = o->spare;

	if (node)
		o->spare = node->next;
	else
		node = xrealloc(NULL, 1, sizeof(*node));
	node->ev = *ev;
	node->source = source;
	if (is_arrival(ev))
		after = before_effects(o, after, ev);
	node->prev = after;
	node->next = after->next;
	after->next->prev = node;
	after->next = node;
	o->last[source] = node;
}

/*
 * Return: the earliest, if there is one and it was received before that; valid until
 * the next order_add().
 */
const struct event *order_take(struct order *o, uint64_t received_before)
{
	struct node *node = o->head.next;

	if (node == &o->head || node->ev.received_ns >= received_before)
		return NULL;
	node->prev->next = node->next;
	node->next->prev = node->prev;
	if (o->last[node->source] == node)
		o->last[node->source] = &o->head;
	node->next = o->spare;
	o->spare = node;
	return &node->ev;
}

bool order_is_empty(const struct order *o)
{
	return o->head.next == &o->head;
}

void order_free(struct order *o)
{
	struct node *node;

	while (order_take(o, UINT64_MAX))
		;
	while ((node = o->spare)) {
		o->spare = node->next;
		free(node);
	}
	free(o);
}
