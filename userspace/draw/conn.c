// SPDX-License-Identifier: GPL-2.0
/*
 * Events -> connections.  A connection is found by its 4-tuple.  The local
 * address says which end an event comes from, so both ends may be in the same
 * namespace.  The connection's number (id) only tells it from an earlier one
 * with the same 4-tuple.
 *
 * Called by ladder.c.  Next: pair.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/ladder.h"

static bool is_endpoint(const struct side *side, const struct address *addr,
			uint16_t port)
{
	return side->port == port && same_address(&side->addr, addr);
}

/* Return: the side that the event comes from, -1 for another connection's. */
static int side_of(const struct conn *conn, const struct event *ev)
{
	for (int s = LEFT; s <= RIGHT; s++)
		if (is_endpoint(&conn->side[s], &ev->who.saddr, ev->who.sport) &&
		    is_endpoint(&conn->side[!s], &ev->who.daddr, ev->who.dport))
			return s;
	return -1;
}

static bool is_over(const struct side *side)
{
	return !side->id || side->last_state == TTP_STATE_CLOSED ||
	       side->last_state == TTP_STATE_TIME_WAIT;
}

/* The same endpoints again, after both ends were done with each other? */
static bool is_next(const struct conn *conn, int side, const struct event *ev)
{
	return ev->kind == EVENT_STATE && conn->side[side].id &&
	       conn->side[side].id != ev->who.id &&
	       (ev->state.from == TTP_STATE_CLOSED || ev->state.from == TTP_STATE_LISTEN) &&
	       is_over(&conn->side[LEFT]) && is_over(&conn->side[RIGHT]);
}

/* @ev: its first.  The end of an older one's TIME_WAIT is no connection to look at first. */
static bool is_wanted(struct conns *conns, const struct conn *conn, const struct event *ev)
{
	if (conns->wanted == CONNS_FIRST && ev->kind == EVENT_STATE && ev->state.now == TTP_STATE_CLOSED)
		return false;
	if (conns->port && conn->side[LEFT].port != conns->port &&
	    conn->side[RIGHT].port != conns->port)
		return false;
	conns->candidates++;
	return !conns->wanted || conns->candidates == (conns->wanted == CONNS_FIRST ? 1 : conns->wanted);
}

static struct conn *add_conn(struct conns *conns, struct conn **bucket, const struct event *ev)
{
	struct conn *conn = xrealloc(NULL, 1, sizeof(*conn));

	memset(conn, 0, sizeof(*conn));
	conn->next = *bucket;
	*bucket = conn;
	conn->side[LEFT].addr = ev->who.saddr;
	conn->side[LEFT].port = ev->who.sport;
	conn->side[RIGHT].addr = ev->who.daddr;
	conn->side[RIGHT].port = ev->who.dport;
	conn->start_ns = ev->time_ns;
	conn->settle_at = 2 * SETTLE_EVENTS;
	conn->drawn = is_wanted(conns, conn, ev);
	conns->conn = grow(conns->conn, conns->count, sizeof(*conns->conn));
	conns->conn[conns->count++] = conn;
	return conn;
}

/* The latest connection between these endpoints, or a new one. */
static struct conn *find_conn(struct conns *conns, const struct event *ev,
			      int *side)
{
	uint32_t hash = event_ends_hash(&ev->who.saddr, ev->who.sport, &ev->who.daddr, ev->who.dport);
	struct conn **bucket = &conns->bucket[hash % CONN_BUCKETS];

	for (struct conn *conn = *bucket; conn; conn = conn->next) {
		*side = side_of(conn, ev);
		if (*side >= 0 && is_next(conn, *side, ev))
			break;
		if (*side >= 0)
			return conn;
	}
	*side = LEFT;
	return add_conn(conns, bucket, ev);
}

static void set_isn(struct side *side, uint32_t isn)
{
	if (side->has_isn)
		return;
	side->has_isn = true;
	side->isn = isn;
}

static void set_stated_isn(struct side *side, uint32_t isn)
{
	if (side->has_stated_isn)
		return;
	side->has_stated_isn = true;
	side->stated_isn = isn;
}

/* From the SYNs; without them from ISS and IRS in the events. */
static void note_isns(struct conn *conn, const struct event *ev, int s)
{
	struct side *sender;

	if (event_has(ev, TTP_A_ISS))
		set_stated_isn(&conn->side[s], ev->snd.iss);
	if (event_has(ev, TTP_A_IRS))
		set_stated_isn(&conn->side[!s], ev->rcv.irs);
	if (ev->kind != EVENT_SEGMENT || !(ev->seg.flags & SEG_SYN))
		return;
	sender = &conn->side[ev->seg.direction == TTP_DIRECTION_IN ? !s : s];
	set_isn(sender, ev->seg.seq);
	if (event_has(ev, TTP_A_OPT_WSCALE)) {
		sender->has_wscale = true;
		sender->wscale = ev->seg.opt.wscale > 14 ? 14 : ev->seg.opt.wscale;
	}
}

static void add_event(struct conn *conn, const struct event *ev, int s)
{
	struct side *side = &conn->side[s];
	struct entry *entry;

	side->seen = true;
	if (ev->ns)
		side->ns = ev->ns;
	if (ev->kind == EVENT_STATE) {
		side->id = ev->who.id;
		side->last_state = ev->state.now;
	}
	if (!conn->drawn)
		return;
	note_isns(conn, ev, s);
	conn->events = grow(conn->events, conn->n_events, sizeof(*conn->events));
	entry = &conn->events[conn->n_events++];
	memset(entry, 0, sizeof(*entry));
	entry->ev = brief_new(ev);
	entry->ev->index = conn->count++;
	entry->side = s;
}

/* The side that sends the first SYN goes left. */
static int first_sender(const struct conn *conn)
{
	for (size_t i = 0; i < conn->n_events; i++) {
		const struct brief *ev = conn->events[i].ev;
		int side = conn->events[i].side;

		if (ev->kind == EVENT_STATE && ev->state.now == TTP_STATE_SYN_SENT)
			return side;
		if (ev->kind == EVENT_SEGMENT && ev->seg.flags & SEG_SYN) {
			bool sent = ev->seg.direction == TTP_DIRECTION_OUT;
			bool answer = ev->seg.flags & SEG_ACK;

			return sent != answer ? side : !side;
		}
	}
	return LEFT;
}

static void swap_sides(struct conn *conn)
{
	struct side side = conn->side[LEFT];

	conn->side[LEFT] = conn->side[RIGHT];
	conn->side[RIGHT] = side;
	for (size_t i = 0; i < conn->n_events; i++)
		conn->events[i].side ^= 1;
}

/*
 * An end without any event, although its namespace was watched: every segment to
 * it was lost.  Two watched namespaces are taken for the two ends.
 */
static void find_watched(struct conn *conn, const struct conns *conns)
{
	bool local = !memcmp(&conn->side[LEFT].addr, &conn->side[RIGHT].addr,
			     sizeof(struct address));

	if (conns->namespaces > 1 || local) {
		conn->side[LEFT].seen = true;
		conn->side[RIGHT].seen = true;
	}
}

/* What is known only after some events. */
static void begin(struct conn *conn, const struct conns *conns)
{
	if (conn->begun)
		return;
	if (first_sender(conn) == RIGHT)
		swap_sides(conn);
	for (int s = LEFT; s <= RIGHT; s++)
		if (conn->side[s].has_stated_isn)
			set_isn(&conn->side[s], conn->side[s].stated_isn);
	find_watched(conn, conns);
}

static void forget(struct conn *conn, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct entry *entry = &conn->events[i];
		struct segment *seg = entry->seg;

		/* who has it: the event with which it left, or if there is none, arrived */
		if (seg && (seg->out == entry->ev || !seg->out) && !seg->waits)
			segment_put(seg);
		brief_put(entry->ev);
	}
	conn->n_events -= count;
	if (!conn->n_events)
		return;
	memmove(conn->events, conn->events + count, conn->n_events * sizeof(*conn->events));
}

/* Makes rows of all that is old enough, or of everything at the @end. */
void conn_settle(struct conns *conns, struct conn *conn, bool end)
{
	size_t settled;

	begin(conn, conns);
	settled = pair_segments(conn, end);
	rows_place(conn, conns, settled);
	forget(conn, settled);
	conn->begun = true;
	rows_build(conn, conns->look->crossing, end);
	if (conns->look->fold)
		fold_rows(conn, conns->look->crossing, end);
	conn->settle_at = conn->n_events + 2 * SETTLE_EVENTS;
}

static void add_listener(struct conns *conns, const struct event *ev)
{
	struct listener *listener;

	if (ev->state.now != TTP_STATE_LISTEN)
		return;
	conns->listeners = grow(conns->listeners, conns->n_listeners,
				sizeof(*conns->listeners));
	listener = &conns->listeners[conns->n_listeners++];
	listener->port = ev->who.sport;
	listener->ns = ev->ns;
	listener->ev = brief_new(ev);
}

/*
 * Takes the next event; they come in the order of their times.
 * Return: the connection that it is of, or NULL.
 */
struct conn *conn_add(struct conns *conns, const struct event *ev)
{
	struct conn *conn;
	int side;

	if (ev->kind == EVENT_RECORDING)
		conns->namespaces = ev->namespaces;
	if (ev->kind != EVENT_STATE && ev->kind != EVENT_SEGMENT)
		return NULL;
	if (!ev->who.dport) {
		add_listener(conns, ev);
		return NULL;
	}
	conn = find_conn(conns, ev, &side);
	add_event(conn, ev, side);
	if (conn->n_events >= conn->settle_at && conn->drawn)
		conn_settle(conns, conn, false);
	return conn;
}

static void free_side(struct side *side)
{
	for (size_t i = 0; i < side->n_points; i++)
		if (!side->points[i]->taken)
			point_put(side->points[i]);
	for (int i = 0; i < side->n_pending; i++)
		brief_put(side->pending[i].ev);
	free(side->points);
}

static void free_conn(struct conn *conn)
{
	forget(conn, conn->n_events);
	for (size_t i = 0; i < conn->n_open; i++)
		segment_put(conn->open[i]);
	free_side(&conn->side[LEFT]);
	free_side(&conn->side[RIGHT]);
	for (size_t i = 0; i < conn->n_rows; i++) {
		point_put(conn->rows[i].at[LEFT]);
		point_put(conn->rows[i].at[RIGHT]);
	}
	free(conn->open);
	free(conn->events);
	free(conn->rows);
	free(conn);
}

void conn_free(struct conns *conns)
{
	for (size_t i = 0; i < conns->count; i++)
		free_conn(conns->conn[i]);
	for (size_t i = 0; i < conns->n_listeners; i++)
		brief_put(conns->listeners[i].ev);
	free(conns->conn);
	free(conns->listeners);
}

/* A sequence number of @side's, counted from its initial one. */
uint32_t conn_seq(const struct conn *conn, int side, uint32_t seq)
{
	return conn->side[side].has_isn ? seq - conn->side[side].isn : seq;
}
