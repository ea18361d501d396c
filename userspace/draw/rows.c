// SPDX-License-Identifier: GPL-2.0
/*
 * Paired segments and state changes -> the rows of the ladder.
 *
 * Each side has its points (sent, arrived, changed) in the order of its own
 * time, and that order goes from top to bottom.  A segment gets one row if both
 * its points fit there; segments that cross in the network, as in a
 * simultaneous close, get a row where they leave and one where they arrive.
 *
 * Data and acknowledgments cross all the time once a window is in flight, so
 * they have one row, in the order in which they left, unless --crossing asks
 * for two; but not when they overtake each other or cross a change of state.
 *
 * Called by conn.c, after pair.c.  Next: fold.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/ladder.h"

/* A call and the segment that it sends make one row. */
#define CALL_NS		(200 * 1000000LL)

struct builder {
	struct conn *conn;
	int s;
	struct side *side;
	struct point *arrived;		/* where the last arrival may change the state, */
	const struct brief *arrival;	/* and its event */
};

static struct point *add_point(struct builder *b, size_t index,
			       enum point_kind kind, struct segment *seg,
			       uint64_t time_ns)
{
	struct point *point = xrealloc(NULL, 1, sizeof(*point));
	struct side *side = b->side;

	memset(point, 0, sizeof(*point));
	point->kind = kind;
	point->seg = seg;
	point->time_ns = (int64_t)time_ns - b->conn->start_ns;
	if (seg) {
		seg->at[b->s] = point;
		seg->refs++;
	}
	side->has_points = true;
	side->points = grow(side->points, side->n_points, sizeof(*side->points));
	memmove(side->points + index + 1, side->points + index,
		(side->n_points - index) * sizeof(*side->points));
	side->points[index] = point;
	side->n_points++;
	for (int i = 0; i < b->side->n_pending; i++)
		if (b->side->pending[i].index > index)
			b->side->pending[i].index++;
	return point;
}

static void add_change(struct point *point, uint8_t state, struct brief *ev)
{
	if (point->changes == CHANGES_MAX)
		return;
	point->change = grow(point->change, point->changes, sizeof(*point->change));
	point->change[point->changes].state = state;
	point->change[point->changes++].ev = ev ? brief_get(ev) : NULL;
}

/* With it goes the reference to its event. */
static void drop_pending(struct builder *b, int i)
{
	struct pending *pending = b->side->pending;

	brief_put(pending[i].ev);
	b->side->n_pending--;
	memmove(pending + i, pending + i + 1, (b->side->n_pending - i) * sizeof(*pending));
}

/* The i-th pending change becomes a row of its own. */
static void flush_pending(struct builder *b, int i)
{
	struct brief *ev = b->side->pending[i].ev;
	struct point *point = add_point(b, b->side->pending[i].index, POINT_STATE, NULL,
					ev->time_ns);

	add_change(point, ev->state.now, ev);
	drop_pending(b, i);
}

/* The last arrival's, which came before it.  What was inferred from that, is said now. */
static void add_effect(struct builder *b, struct brief *ev)
{
	struct point *point = b->arrived;

	if (point->changes && !point->change[point->changes - 1].ev)
		point->changes--;
	if (point == b->side->points[0] && !point->changes && !b->conn->begun)
		b->side->first_state = ev->state.from;
	add_change(point, ev->state.now, ev);
	b->side->state = ev->state.now;
}

/* The event of a change has the segment that was its cause, all but the options. */
static bool is_effect(const struct brief *change, const struct brief *seg)
{
	return change->state.cause_kind == TTP_CAUSE_KIND_SEGMENT &&
	       event_has(change, TTP_A_SEQ) && change->seg.flags == seg->seg.flags &&
	       change->seg.seq == seg->seg.seq && change->seg.ack == seg->seg.ack &&
	       change->seg.len == seg->seg.len && change->seg.wnd == seg->seg.wnd;
}

static void on_state(struct builder *b, struct brief *ev)
{
	struct side *side = b->side;

	if (b->arrived && is_effect(ev, b->arrival)) {
		add_effect(b, ev);
		return;
	}
	if (!side->first_state && !side->state)
		side->first_state = ev->state.from;
	if (ev->state.now == side->state)	/* its effect was seen before it */
		return;
	side->state = ev->state.now;
	if (side->n_pending == PENDING_MAX)
		flush_pending(b, 0);
	side->pending[side->n_pending].ev = brief_get(ev);
	side->pending[side->n_pending++].index = side->n_points;
}

static bool caused_by(const struct brief *change, const struct brief *seg)
{
	if (change->state.cause_kind != TTP_CAUSE_KIND_SEGMENT)
		return false;
	return !event_has(change, TTP_A_SEQ) ||
	       (change->seg.seq == seg->seg.seq && change->seg.flags == seg->seg.flags);
}

/* Did this call or timer send this segment? */
static bool sent_by(const struct brief *change, const struct brief *seg)
{
	return change->state.cause_kind != TTP_CAUSE_KIND_SEGMENT &&
	       seg->seg.flags & (SEG_SYN | SEG_FIN | SEG_RST) &&
	       seg->time_ns - change->time_ns < CALL_NS;
}

/* The state that a segment's event shows, when no event said that it changed. */
static void infer_change(struct builder *b, struct point *point,
			 const struct brief *ev)
{
	if (!event_has(ev, TTP_A_STATE) || ev->state.now == b->side->state ||
	    ev->state.now == TTP_STATE_LISTEN || ev->state.now == TTP_STATE_CLOSED)
		return;
	if (b->side->state || ev->seg.flags & SEG_SYN)
		add_change(point, ev->state.now, NULL);
	else
		b->side->first_state = ev->state.now;
	b->side->state = ev->state.now;
}

/*
 * An arrival has the time at which its processing began, so its effects follow.
 * In older recordings it has the time of its end: there it is put where its first
 * effect is.
 */
static void on_arrival(struct builder *b, size_t i)
{
	const struct brief *ev = b->conn->events[i].ev;
	struct segment *seg = b->conn->events[i].seg;
	struct point *point = NULL;
	size_t index = b->side->n_points;
	uint64_t time_ns = ev->time_ns;

	for (int k = b->side->n_pending; k-- > 0;) {
		if (!caused_by(b->side->pending[k].ev, ev))
			continue;
		index = b->side->pending[k].index;
		if (b->side->pending[k].ev->time_ns < time_ns)
			time_ns = b->side->pending[k].ev->time_ns;
	}
	for (; seg; seg = seg->with)
		point = add_point(b, index++, POINT_ARRIVE, seg, time_ns);
	if (!point && b->conn->events[i].more)
		point = b->conn->events[i].more->at[b->s];
	if (!point)
		return;
	b->arrived = point;
	b->arrival = ev;
	for (int k = 0; k < b->side->n_pending;) {
		struct brief *change = b->side->pending[k].ev;

		if (caused_by(change, ev)) {
			add_change(point, change->state.now, change);
			drop_pending(b, k);
		} else {
			k++;
		}
	}
	infer_change(b, point, ev);
}

static void on_departure(struct builder *b, size_t i)
{
	const struct brief *ev = b->conn->events[i].ev;
	struct point *point;

	/* calls that sent nothing come first */
	for (int k = 0; k < b->side->n_pending;) {
		const struct brief *change = b->side->pending[k].ev;

		if (change->state.cause_kind != TTP_CAUSE_KIND_SEGMENT &&
		    !sent_by(change, ev))
			flush_pending(b, k);
		else
			k++;
	}
	point = add_point(b, b->side->n_points, POINT_SEND,
			  b->conn->events[i].seg, ev->time_ns);
	for (int k = 0; k < b->side->n_pending;) {
		struct brief *change = b->side->pending[k].ev;

		if (sent_by(change, ev)) {
			add_change(point, change->state.now, change);
			drop_pending(b, k);
		} else {
			k++;
		}
	}
	infer_change(b, point, ev);
}

static void place(struct conn *conn, int s, size_t settled)
{
	struct builder b = { .conn = conn, .s = s, .side = &conn->side[s] };

	/* for what has long been waiting nothing will come */
	while (settled && b.side->n_pending &&
	       b.side->pending[0].ev->index + SETTLE_EVENTS < conn->events[0].ev->index)
		flush_pending(&b, 0);
	for (size_t i = 0; i < settled; i++) {
		struct brief *ev = conn->events[i].ev;

		if (conn->events[i].side != s)
			continue;
		if (ev->kind == EVENT_STATE)
			on_state(&b, ev);
		else if (ev->seg.direction == TTP_DIRECTION_IN)
			on_arrival(&b, i);
		else
			on_departure(&b, i);
	}
}

/* The listen() that made this side what it is. */
static void add_listener(struct conn *conn, int s, const struct conns *conns)
{
	struct builder b = { .conn = conn, .s = s, .side = &conn->side[s] };
	struct brief *found = NULL;

	for (size_t i = 0; i < conns->n_listeners; i++) {
		const struct listener *listener = &conns->listeners[i];

		if (listener->port == b.side->port && listener->ns == b.side->ns &&
		    (int64_t)listener->ev->time_ns <= conn->start_ns)
			found = listener->ev;
	}
	if (!found || b.side->first_state != TTP_STATE_LISTEN)
		return;
	b.side->first_state = found->state.from;
	add_change(add_point(&b, 0, POINT_STATE, NULL, found->time_ns),
		   found->state.now, found);
}

/* The points of the first @settled events, behind those that are there. */
void rows_place(struct conn *conn, const struct conns *conns, size_t settled)
{
	for (int s = RIGHT; s >= LEFT; s--) {
		place(conn, s, settled);
		if (!conn->begun)
			add_listener(conn, s, conns);
	}
}

static struct row *add_row(struct conn *conn, enum row_kind kind)
{
	struct row *row;

	conn->rows = grow(conn->rows, conn->n_rows, sizeof(*conn->rows));
	row = &conn->rows[conn->n_rows++];
	memset(row, 0, sizeof(*row));
	row->kind = kind;
	return row;
}

static void take(struct row *row, int s, struct point *point)
{
	point->taken = true;
	row->at[s] = point;
	if (point->seg)
		row->seg = point->seg;
}

/* From here on a point may still be put before another. */
static size_t firm(const struct side *side)
{
	size_t end = side->n_points;

	for (int i = 0; i < side->n_pending; i++)
		if (side->pending[i].index < end)
			end = side->pending[i].index;
	return end;
}

static struct point *head(struct side *side)
{
	size_t end = firm(side);

	while (side->next < end && side->points[side->next]->taken)
		side->next++;
	return side->next < end ? side->points[side->next] : NULL;
}

/* Can the point be drawn before anything else of the other side? */
static bool is_free(const struct point *point, int s)
{
	const struct point *other;

	if (!point)
		return false;
	if (point->kind == POINT_STATE)
		return true;
	other = point->seg->at[!s];
	return !other || (point->kind == POINT_ARRIVE && other->taken);
}

static void emit_free(struct conn *conn, int s, struct point *point)
{
	const struct segment *seg = point->seg;
	enum row_kind kind = ROW_SEGMENT;

	if (point->kind == POINT_STATE)
		kind = ROW_STATE;
	else if (point->kind == POINT_SEND && seg->lost)
		kind = ROW_LOST;
	else if (point->kind == POINT_ARRIVE &&
		 (seg->out || seg->duplicate))
		kind = ROW_ARRIVE;
	take(add_row(conn, kind), s, point);
}

static bool has_changes(const struct segment *seg)
{
	return (seg->at[LEFT] && seg->at[LEFT]->changes) ||
	       (seg->at[RIGHT] && seg->at[RIGHT]->changes);
}

/* Data and acknowledgments of data, and no state changed. */
bool is_data(const struct segment *seg)
{
	const struct brief *ev = segment_event(seg);

	return !(ev->seg.flags & ~(SEG_ACK | SEG_PSH)) && !has_changes(seg);
}

/* May the arrival be drawn above all that precedes it at its side? */
static bool may_jump(const struct side *side, const struct point *arrival)
{
	for (size_t i = side->next; side->points[i] != arrival; i++) {
		const struct point *point = side->points[i];

		if (!point->taken && (point->kind != POINT_SEND ||
				      !is_data(point->seg)))
			return false;
	}
	return true;
}

/* Both heads wait for something further down: draw one departure now. */
static void emit_crossing(struct conn *conn, int s, struct point *point,
			  bool crossing)
{
	struct point *other = point->seg->at[!s];
	struct row *row;

	if (point->kind == POINT_SEND && !other->taken && !crossing &&
	    is_data(point->seg) && may_jump(&conn->side[!s], other)) {
		row = add_row(conn, ROW_SEGMENT);
		take(row, !s, other);
	} else if (point->kind == POINT_SEND) {
		row = add_row(conn, ROW_DEPART);
	} else {
		row = add_row(conn, ROW_ARRIVE);
	}
	take(row, s, point);
}

static void emit_next(struct conn *conn, struct point *l, struct point *r,
		      bool crossing)
{
	int s;

	if (l && r && l->seg && l->seg == r->seg) {
		struct row *row = add_row(conn, ROW_SEGMENT);

		take(row, LEFT, l);
		take(row, RIGHT, r);
		return;
	}
	if (is_free(l, LEFT) || is_free(r, RIGHT)) {
		s = is_free(l, LEFT) ? LEFT : RIGHT;
		if (is_free(l, LEFT) && is_free(r, RIGHT) &&
		    r->time_ns < l->time_ns)
			s = RIGHT;
		emit_free(conn, s, s == LEFT ? l : r);
		return;
	}
	/* a departure if there is one, and the earlier one if there are two */
	s = l ? LEFT : RIGHT;
	if (l && r && (l->kind != POINT_SEND ||
		       (r->kind == POINT_SEND && r->time_ns < l->time_ns)))
		s = RIGHT;
	emit_crossing(conn, s, s == LEFT ? l : r, crossing);
}

static bool is_settled(const struct point *point)
{
	return !point->seg || point->seg->settled;
}

/* Is the arrival in the queue of its side, and all before it known? */
static bool is_near(const struct side *side, const struct point *arrival)
{
	size_t end = firm(side);

	for (size_t i = side->next; i < end; i++) {
		if (side->points[i] == arrival)
			return true;
		if (!is_settled(side->points[i]))
			return false;
	}
	return false;
}

/* When is the next point of the side, if it is not there yet? */
static int64_t earliest(const struct conn *conn, int s, int64_t until_ns)
{
	const struct side *side = &conn->side[s];

	for (int i = 0; i < side->n_pending; i++) {
		int64_t ns = (int64_t)side->pending[i].ev->time_ns - conn->start_ns;

		if (ns < until_ns)
			until_ns = ns;
	}
	return until_ns;
}

/*
 * Would the next row be the same if the events were known that come from
 * @until_ns on?
 */
static bool is_certain(const struct conn *conn, const struct point *l, const struct point *r,
		       int64_t until_ns)
{
	const struct point *both[2] = { l, r };

	if ((l && !is_settled(l)) || (r && !is_settled(r)))
		return false;
	for (int s = LEFT; s <= RIGHT; s++)
		if (is_free(both[s], s))
			return both[!s] || both[s]->time_ns < earliest(conn, !s, until_ns);
	if (!l || !r)
		return false;
	for (int s = LEFT; s <= RIGHT; s++)
		if (both[s]->kind == POINT_SEND && both[s]->seg->at[!s] &&
		    !both[s]->seg->at[!s]->taken &&
		    !is_near(&conn->side[!s], both[s]->seg->at[!s]))
			return false;
	return true;
}

/* What is in rows leaves the queue. */
static void shorten(struct side *side)
{
	size_t n = 0;

	for (int k = 0; k < side->n_pending; k++) {
		size_t before = 0;

		for (size_t i = 0; i < side->pending[k].index; i++)
			before += side->points[i]->taken;
		side->pending[k].index -= before;
	}
	for (size_t i = 0; i < side->n_points; i++)
		if (!side->points[i]->taken)
			side->points[n++] = side->points[i];
	side->n_points = n;
	side->next = 0;
}

static void finish(struct conn *conn)
{
	for (int s = LEFT; s <= RIGHT; s++) {
		struct builder b = { .conn = conn, .s = s, .side = &conn->side[s] };

		while (b.side->n_pending)
			flush_pending(&b, 0);
		if (b.side->state)
			b.side->last_state = b.side->state;
	}
}

/* Rows of the points that are there: at the @end all, else those that are certain. */
void rows_build(struct conn *conn, bool crossing, bool end)
{
	int64_t until_ns = INT64_MAX;
	struct point *l, *r;

	if (end)
		finish(conn);
	else if (conn->n_events)
		until_ns = (int64_t)conn->events[0].ev->time_ns - conn->start_ns;
	for (;;) {
		l = head(&conn->side[LEFT]);
		r = head(&conn->side[RIGHT]);
		if ((!l && !r) || (!end && !is_certain(conn, l, r, until_ns)))
			break;
		emit_next(conn, l, r, crossing);
	}
	shorten(&conn->side[LEFT]);
	shorten(&conn->side[RIGHT]);
}
