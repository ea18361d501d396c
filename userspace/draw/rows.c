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
 * Called by ladder.c, after pair.c.  Next: draw.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/ladder.h"

/* A call and the segment that it sends make one row. */
#define CALL_NS		(200 * 1000000LL)

#define FOLD_HEAD	4
#define FOLD_TAIL	2
#define FOLD_MIN	8

#define PENDING_MAX	8

struct builder {
	struct conn *conn;
	int s;
	struct side *side;
	uint8_t state;			/* as known so far */
	struct point *arrived;		/* where the last arrival may change the state, */
	const struct event *arrival;	/* and its event */
	struct {
		const struct event *ev;
		size_t index;		/* where its point would be */
	} pending[PENDING_MAX];
	int n_pending;
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
	if (seg)
		seg->at[b->s] = point;
	side->points = grow(side->points, side->n_points, sizeof(*side->points));
	memmove(side->points + index + 1, side->points + index,
		(side->n_points - index) * sizeof(*side->points));
	side->points[index] = point;
	side->n_points++;
	for (int i = 0; i < b->n_pending; i++)
		if (b->pending[i].index > index)
			b->pending[i].index++;
	return point;
}

static void add_change(struct point *point, uint8_t state,
		       const struct event *ev)
{
	if (point->changes == CHANGES_MAX)
		return;
	point->change[point->changes].state = state;
	point->change[point->changes++].ev = ev;
}

static void drop_pending(struct builder *b, int i)
{
	b->n_pending--;
	memmove(b->pending + i, b->pending + i + 1,
		(b->n_pending - i) * sizeof(b->pending[0]));
}

/* The oldest pending change becomes a row of its own. */
static void flush_pending(struct builder *b)
{
	const struct event *ev = b->pending[0].ev;
	size_t index = b->pending[0].index;
	struct point *point;

	drop_pending(b, 0);
	point = add_point(b, index, POINT_STATE, NULL, ev->time_ns);
	add_change(point, ev->state.now, ev);
}

/* The last arrival's, which came before it.  What was inferred from that, is said now. */
static void add_effect(struct builder *b, const struct event *ev)
{
	struct point *point = b->arrived;

	if (point->changes && !point->change[point->changes - 1].ev)
		point->changes--;
	if (point == b->side->points[0] && !point->changes)
		b->side->first_state = ev->state.from;
	add_change(point, ev->state.now, ev);
	b->state = ev->state.now;
}

/* The event of a change has the segment that was its cause, all but the options. */
static bool is_effect(const struct event *change, const struct event *seg)
{
	return change->state.cause_kind == TTP_CAUSE_KIND_SEGMENT &&
	       event_has(change, TTP_A_SEQ) && change->seg.flags == seg->seg.flags &&
	       change->seg.seq == seg->seg.seq && change->seg.ack == seg->seg.ack &&
	       change->seg.len == seg->seg.len && change->seg.wnd == seg->seg.wnd;
}

static void on_state(struct builder *b, const struct event *ev)
{
	if (b->arrived && is_effect(ev, b->arrival)) {
		add_effect(b, ev);
		return;
	}
	if (!b->side->first_state && !b->state)
		b->side->first_state = ev->state.from;
	if (ev->state.now == b->state)	/* its effect was seen before it */
		return;
	b->state = ev->state.now;
	if (b->n_pending == PENDING_MAX)
		flush_pending(b);
	b->pending[b->n_pending].ev = ev;
	b->pending[b->n_pending++].index = b->side->n_points;
}

static bool caused_by(const struct event *change, const struct event *seg)
{
	if (change->state.cause_kind != TTP_CAUSE_KIND_SEGMENT)
		return false;
	return !event_has(change, TTP_A_SEQ) ||
	       (change->seg.seq == seg->seg.seq && change->seg.flags == seg->seg.flags);
}

/* Did this call or timer send this segment? */
static bool sent_by(const struct event *change, const struct event *seg)
{
	return change->state.cause_kind != TTP_CAUSE_KIND_SEGMENT &&
	       seg->seg.flags & (SEG_SYN | SEG_FIN | SEG_RST) &&
	       seg->time_ns - change->time_ns < CALL_NS;
}

/* The state that a segment's event shows, when no event said that it changed. */
static void infer_change(struct builder *b, struct point *point,
			 const struct event *ev)
{
	if (!event_has(ev, TTP_A_STATE) || ev->state.now == b->state ||
	    ev->state.now == TTP_STATE_LISTEN || ev->state.now == TTP_STATE_CLOSED)
		return;
	if (b->state || ev->seg.flags & SEG_SYN)
		add_change(point, ev->state.now, NULL);
	else
		b->side->first_state = ev->state.now;
	b->state = ev->state.now;
}

/*
 * An arrival has the time at which its processing began, so its effects follow.
 * In older recordings it has the time of its end: there it is put where its first
 * effect is.
 */
static void on_arrival(struct builder *b, size_t i)
{
	const struct event *ev = b->conn->events[i].ev;
	struct segment *seg = b->conn->events[i].seg;
	struct point *point = NULL;
	size_t index = b->side->n_points;
	uint64_t time_ns = ev->time_ns;

	for (int k = b->n_pending; k-- > 0;) {
		if (!caused_by(b->pending[k].ev, ev))
			continue;
		index = b->pending[k].index;
		if (b->pending[k].ev->time_ns < time_ns)
			time_ns = b->pending[k].ev->time_ns;
	}
	for (; seg; seg = seg->with)
		point = add_point(b, index++, POINT_ARRIVE, seg, time_ns);
	if (!point && b->conn->events[i].more)
		point = b->conn->events[i].more->at[b->s];
	if (!point)
		return;
	b->arrived = point;
	b->arrival = ev;
	for (int k = 0; k < b->n_pending;) {
		const struct event *change = b->pending[k].ev;

		if (caused_by(change, ev)) {
			drop_pending(b, k);
			add_change(point, change->state.now, change);
		} else {
			k++;
		}
	}
	infer_change(b, point, ev);
}

static void on_departure(struct builder *b, size_t i)
{
	const struct event *ev = b->conn->events[i].ev;
	struct point *point;

	/* calls that sent nothing come first */
	for (int k = 0; k < b->n_pending;) {
		const struct event *change = b->pending[k].ev;

		if (change->state.cause_kind != TTP_CAUSE_KIND_SEGMENT &&
		    !sent_by(change, ev)) {
			struct point *own = add_point(b, b->pending[k].index,
						      POINT_STATE, NULL,
						      change->time_ns);
			add_change(own, change->state.now, change);
			drop_pending(b, k);
		} else {
			k++;
		}
	}
	point = add_point(b, b->side->n_points, POINT_SEND,
			  b->conn->events[i].seg, ev->time_ns);
	for (int k = 0; k < b->n_pending;) {
		const struct event *change = b->pending[k].ev;

		if (sent_by(change, ev)) {
			drop_pending(b, k);
			add_change(point, change->state.now, change);
		} else {
			k++;
		}
	}
	infer_change(b, point, ev);
}

static void build_points(struct conn *conn, int s)
{
	struct builder b = { .conn = conn, .s = s, .side = &conn->side[s] };

	for (size_t i = 0; i < conn->n_events; i++) {
		const struct event *ev = conn->events[i].ev;

		if (conn->events[i].side != s)
			continue;
		if (ev->kind == EVENT_STATE)
			on_state(&b, ev);
		else if (ev->seg.direction == TTP_DIRECTION_IN)
			on_arrival(&b, i);
		else
			on_departure(&b, i);
	}
	while (b.n_pending)
		flush_pending(&b);
	if (b.state)
		b.side->last_state = b.state;
}

/* The listen() that made this side what it is. */
static void add_listener(struct conn *conn, int s, const struct conns *conns)
{
	struct builder b = { .conn = conn, .s = s, .side = &conn->side[s] };
	const struct event *found = NULL;

	for (size_t i = 0; i < conns->n_listeners; i++) {
		const struct event *ev = conns->listeners[i];

		if (ev->who.sport == b.side->port && ev->ns == b.side->ns &&
		    (int64_t)ev->time_ns <= conn->start_ns)
			found = ev;
	}
	if (!found || b.side->first_state != TTP_STATE_LISTEN)
		return;
	b.side->first_state = found->state.from;
	add_change(add_point(&b, 0, POINT_STATE, NULL, found->time_ns),
		   found->state.now, found);
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

static struct point *head(struct side *side)
{
	while (side->next < side->n_points && side->points[side->next]->taken)
		side->next++;
	return side->next < side->n_points ? side->points[side->next] : NULL;
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
static bool is_data(const struct segment *seg)
{
	const struct event *ev = segment_event(seg);

	return !(ev->seg.flags & ~(SEG_ACK | SEG_PSH)) && !has_changes(seg);
}

/* And all went well. */
static bool is_plain(const struct segment *seg)
{
	const struct event *ev = segment_event(seg);

	if (!is_data(seg) || seg->lost || seg->partly || seg->duplicate ||
	    ev->seg.opt.sack.count || event_has(ev, TTP_A_RETRANSMISSION))
		return false;
	return !seg->in || !(event_has(seg->in, TTP_A_DROP) || event_has(seg->in, TTP_A_ANSWER));
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

void rows_build(struct conn *conn, const struct conns *conns, bool crossing)
{
	struct point *l, *r;

	build_points(conn, LEFT);
	build_points(conn, RIGHT);
	add_listener(conn, RIGHT, conns);
	add_listener(conn, LEFT, conns);
	for (;;) {
		l = head(&conn->side[LEFT]);
		r = head(&conn->side[RIGHT]);
		if (!l && !r)
			break;
		emit_next(conn, l, r, crossing);
	}
}

/* Without --crossing a half row is a segment that was overtaken: it stays. */
static bool is_foldable(const struct row *row, bool crossing)
{
	bool half = row->kind == ROW_DEPART || row->kind == ROW_ARRIVE;

	return (row->kind == ROW_SEGMENT || (crossing && half)) &&
	       is_plain(row->seg);
}

static void count_row(struct row *fold, const struct row *row)
{
	const struct event *ev = segment_event(row->seg);
	int from = row->seg->from;

	if (row->kind == ROW_ARRIVE)	/* counted where it left */
		return;
	if (ev->seg.len)
		fold->fold[from].segs++;
	else
		fold->fold[from].acks++;
	fold->fold[from].bytes += ev->seg.len;
}

/*
 * In a run of rows from @from to @end: does the row stay when the run is
 * folded?  The first and the last do, but no half whose other half does not.
 */
static bool is_kept(const struct conn *conn, size_t from, size_t end, size_t i)
{
	const struct row *row = &conn->rows[i];

	if (i >= from + FOLD_HEAD && i < end - FOLD_TAIL)
		return false;
	if (row->kind == ROW_SEGMENT)
		return true;
	for (size_t k = from + FOLD_HEAD; k < end - FOLD_TAIL; k++)
		if (conn->rows[k].seg == row->seg)
			return false;
	return true;
}

static size_t fold_run(struct conn *conn, size_t to, size_t from, size_t end)
{
	struct row fold = { .kind = ROW_FOLD };
	struct row tail[FOLD_TAIL];
	int n_tail = 0;

	fold.at[LEFT] = conn->rows[from + FOLD_HEAD].at[LEFT];
	fold.at[RIGHT] = conn->rows[from + FOLD_HEAD].at[RIGHT];
	for (size_t i = end - FOLD_TAIL; i < end; i++) {
		if (is_kept(conn, from, end, i))
			tail[n_tail++] = conn->rows[i];
		else
			count_row(&fold, &conn->rows[i]);
	}
	for (size_t i = from + FOLD_HEAD; i < end - FOLD_TAIL; i++)
		count_row(&fold, &conn->rows[i]);
	for (size_t i = from; i < from + FOLD_HEAD; i++) {
		if (is_kept(conn, from, end, i))
			conn->rows[to++] = conn->rows[i];
		else
			count_row(&fold, &conn->rows[i]);
	}
	conn->rows[to++] = fold;
	for (int i = 0; i < n_tail; i++)
		conn->rows[to++] = tail[i];
	return to;
}

/* Long runs of plain segments become one row, but for their ends. */
void rows_fold(struct conn *conn, bool crossing)
{
	size_t to = 0, from = 0;

	while (from < conn->n_rows) {
		size_t end = from;

		while (end < conn->n_rows &&
		       is_foldable(&conn->rows[end], crossing))
			end++;
		if (end - from >= FOLD_HEAD + FOLD_TAIL + FOLD_MIN) {
			to = fold_run(conn, to, from, end);
			from = end;
		}
		/* what is no run, and the row that ended it */
		while (from <= end && from < conn->n_rows)
			conn->rows[to++] = conn->rows[from++];
	}
	conn->n_rows = to;
}
