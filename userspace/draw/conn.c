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
	return side->port == port && side->addr.len == addr->len &&
	       !memcmp(side->addr.bytes, addr->bytes, addr->len);
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

static struct conn *add_conn(struct conns *conns, const struct event *ev)
{
	struct conn *conn = xrealloc(NULL, 1, sizeof(*conn));

	memset(conn, 0, sizeof(*conn));
	conn->side[LEFT].addr = ev->who.saddr;
	conn->side[LEFT].port = ev->who.sport;
	conn->side[RIGHT].addr = ev->who.daddr;
	conn->side[RIGHT].port = ev->who.dport;
	conn->start_ns = ev->time_ns;
	conns->conn = xrealloc(conns->conn, conns->count + 1,
			       sizeof(*conns->conn));
	conns->conn[conns->count++] = conn;
	return conn;
}

/* The latest connection between these endpoints, or a new one. */
static struct conn *find_conn(struct conns *conns, const struct event *ev,
			      int *side)
{
	for (size_t i = conns->count; i-- > 0;) {
		*side = side_of(conns->conn[i], ev);
		if (*side >= 0 && is_next(conns->conn[i], *side, ev))
			break;
		if (*side >= 0)
			return conns->conn[i];
	}
	*side = LEFT;
	return add_conn(conns, ev);
}

static void add_event(struct conn *conn, const struct event *ev, int s)
{
	struct side *side = &conn->side[s];

	conn->events = grow(conn->events, conn->n_events, sizeof(*conn->events));
	conn->events[conn->n_events].ev = ev;
	conn->events[conn->n_events].side = s;
	conn->events[conn->n_events].seg = NULL;
	conn->events[conn->n_events++].more = NULL;
	side->seen = true;
	if (ev->ns)
		side->ns = ev->ns;
	if (ev->kind == EVENT_STATE) {
		side->id = ev->who.id;
		side->last_state = ev->state.now;
	}
}

/* The side that sends the first SYN goes left. */
static int first_sender(const struct conn *conn)
{
	for (size_t i = 0; i < conn->n_events; i++) {
		const struct event *ev = conn->events[i].ev;
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

static void set_isn(struct side *side, uint32_t isn)
{
	if (side->has_isn)
		return;
	side->has_isn = true;
	side->isn = isn;
}

/* From the SYNs; without them from ISS and IRS in the events. */
static void find_isns(struct conn *conn)
{
	for (size_t i = 0; i < conn->n_events; i++) {
		const struct event *ev = conn->events[i].ev;
		int s = conn->events[i].side;
		struct side *sender;

		if (ev->kind != EVENT_SEGMENT || !(ev->seg.flags & SEG_SYN))
			continue;
		if (ev->seg.direction == TTP_DIRECTION_IN)
			s = !s;
		sender = &conn->side[s];
		set_isn(sender, ev->seg.seq);
		if (event_has(ev, TTP_A_OPT_WSCALE)) {
			sender->has_wscale = true;
			sender->wscale = ev->seg.opt.wscale > 14 ? 14 :
							       ev->seg.opt.wscale;
		}
	}
	for (size_t i = 0; i < conn->n_events; i++) {
		const struct event *ev = conn->events[i].ev;
		int s = conn->events[i].side;

		if (event_has(ev, TTP_A_ISS))
			set_isn(&conn->side[s], ev->snd.iss);
		if (event_has(ev, TTP_A_IRS))
			set_isn(&conn->side[!s], ev->rcv.irs);
	}
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

void conn_collect(struct conns *conns, const struct event *events, size_t n)
{
	memset(conns, 0, sizeof(*conns));
	conns->listeners = xrealloc(NULL, n, sizeof(*conns->listeners));
	for (size_t i = 0; i < n; i++) {
		const struct event *ev = &events[i];
		struct conn *conn;
		int side;

		if (ev->kind == EVENT_RECORDING)
			conns->namespaces = ev->namespaces;
		if (ev->kind != EVENT_STATE && ev->kind != EVENT_SEGMENT)
			continue;
		if (!ev->who.dport) {
			if (ev->state.now == TTP_STATE_LISTEN)
				conns->listeners[conns->n_listeners++] = ev;
			continue;
		}
		conn = find_conn(conns, ev, &side);
		add_event(conn, ev, side);
	}
	for (size_t i = 0; i < conns->count; i++) {
		struct conn *conn = conns->conn[i];

		if (first_sender(conn) == RIGHT)
			swap_sides(conn);
		find_isns(conn);
		find_watched(conn, conns);
	}
}

static void free_side(struct side *side)
{
	for (size_t i = 0; i < side->n_points; i++)
		free(side->points[i]);
	free(side->points);
}

void conn_free(struct conns *conns)
{
	for (size_t i = 0; i < conns->count; i++) {
		struct conn *conn = conns->conn[i];

		free_side(&conn->side[LEFT]);
		free_side(&conn->side[RIGHT]);
		free(conn->events);
		free(conn->segs);
		free(conn->rows);
		free(conn);
	}
	free(conns->conn);
	free(conns->listeners);
}

/* A sequence number of @side's, counted from its initial one. */
uint32_t conn_seq(const struct conn *conn, int side, uint32_t seq)
{
	return conn->side[side].has_isn ? seq - conn->side[side].isn : seq;
}
