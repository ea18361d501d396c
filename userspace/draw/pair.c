// SPDX-License-Identifier: GPL-2.0
/*
 * Which arrival belongs to which departure?  Called by conn.c.
 * Next: rows.c.
 *
 * First those that are equal in sequence numbers, flags and length.  Equal
 * ones (retransmissions, duplicate ACKs) are paired in order; when fewer
 * arrived than were sent, each arrival takes the latest departure before it,
 * since a retransmission waits longer than the network takes.
 *
 * Then by covered range: a GSO packet of up to 64 KiB is one departure and
 * many arrivals, and GRO does the opposite.
 *
 * All this is done for the events that are there, again whenever there are many
 * more.  What it says of the last SETTLE_EVENTS of them is forgotten: it may
 * be another thing once later events are there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/ladder.h"

/* Times of events on two CPUs may be in the wrong order by so much. */
#define SLACK_NS	1000000

/* PSH and FIN go with the last piece of a GSO packet, CWR with the first. */
#define PIECE_FLAGS	(SEG_PSH | SEG_FIN | SEG_CWR)

struct arrival {
	struct brief *ev;
	size_t index;		/* in conn->events */
	bool paired;
};

struct join {
	struct segment *seg;
	size_t index;		/* of the arrival in conn->events */
	uint32_t len;
};

struct pairing {
	struct conn *conn;
	int from;		/* the sender's side */
	uint32_t base;		/* its initial sequence number */
	struct segment **outs;
	size_t n_outs;
	struct segment **data;	/* those with data */
	size_t n_data;
	struct arrival *ins;
	size_t n_ins;
	struct join *joins;	/* of both senders */
	size_t n_joins;
};

static int compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/* Counted from @base, the sender's initial number, so that none wraps. */
static int compare_segments(const struct brief *a, const struct brief *b,
			    uint32_t base)
{
	int d = compare_u32(a->seg.seq - base, b->seg.seq - base);

	if (!d)
		d = compare_u32(a->seg.len, b->seg.len);
	if (!d)
		d = compare_u32(a->seg.flags, b->seg.flags);
	if (!d && a->seg.flags & SEG_ACK)
		d = compare_u32(a->seg.ack, b->seg.ack);
	if (!d)
		d = compare_u32(a->seg.opt.tsval, b->seg.opt.tsval);
	return d;
}

static int compare_times(const struct brief *a, const struct brief *b)
{
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static int compare_outs(const void *a, const void *b, void *base)
{
	const struct brief *x = (*(struct segment *const *)a)->out;
	const struct brief *y = (*(struct segment *const *)b)->out;
	int d = compare_segments(x, y, *(uint32_t *)base);

	return d ? d : compare_times(x, y);
}

static int compare_ins(const void *a, const void *b, void *base)
{
	const struct brief *x = ((const struct arrival *)a)->ev;
	const struct brief *y = ((const struct arrival *)b)->ev;
	int d = compare_segments(x, y, *(uint32_t *)base);

	return d ? d : compare_times(x, y);
}

static bool is_before(const struct brief *out, const struct brief *in)
{
	return out->time_ns <= in->time_ns + SLACK_NS;
}

static void join(struct pairing *p, struct segment *seg, struct arrival *in,
		 uint32_t len)
{
	struct segment **link = &p->conn->events[in->index].seg;
	struct join *join;

	p->joins = grow(p->joins, p->n_joins, sizeof(*p->joins));
	join = &p->joins[p->n_joins++];
	join->seg = seg;
	join->index = in->index;
	join->len = len;
	seg->arrived_len += len;
	seg->pieces++;
	in->paired = true;
	if (seg->in) {
		p->conn->events[in->index].more = seg;
		return;
	}
	seg->in = brief_get(in->ev);
	while (*link)
		link = &(*link)->with;
	*link = seg;
}

static void pair_equal(struct pairing *p, struct segment **outs, size_t n_outs,
		       struct arrival *ins, size_t n_ins)
{
	size_t o = n_outs, k;

	if (n_ins > n_outs) {
		for (o = 0, k = 0; k < n_ins && o < n_outs; k++)
			if (is_before(outs[o]->out, ins[k].ev))
				join(p, outs[o++], &ins[k],
				     ins[k].ev->seg.len);
		return;
	}
	for (k = n_ins; k-- > 0;) {
		while (o > 0 && !is_before(outs[o - 1]->out, ins[k].ev))
			o--;
		if (!o)
			return;
		o--;
		join(p, outs[o], &ins[k], ins[k].ev->seg.len);
	}
}

/* Both arrays are sorted alike: walk through groups of equals. */
static void pair_exact(struct pairing *p)
{
	size_t o = 0, i = 0;

	while (o < p->n_outs && i < p->n_ins) {
		int d = compare_segments(p->outs[o]->out, p->ins[i].ev,
					 p->base);
		size_t o_end = o + 1, i_end = i + 1;

		if (d < 0) {
			o++;
			continue;
		}
		if (d > 0) {
			i++;
			continue;
		}
		while (o_end < p->n_outs &&
		       !compare_segments(p->outs[o]->out, p->outs[o_end]->out,
					 p->base))
			o_end++;
		while (i_end < p->n_ins &&
		       !compare_segments(p->ins[i].ev, p->ins[i_end].ev,
					 p->base))
			i_end++;
		pair_equal(p, p->outs + o, o_end - o, p->ins + i, i_end - i);
		o = o_end;
		i = i_end;
	}
}

/*
 * Return: the latest departure before @in that covers @seq with a byte not
 * yet arrived; NULL when there is none.  @data is sorted by sequence number, as a
 * circle: behind 4 GiB from the initial one they begin anew.
 */
static struct segment *covering(struct pairing *p, const struct brief *in,
				uint32_t seq)
{
	struct segment *best = NULL;
	size_t low = 0, high = p->n_data;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (p->data[mid]->out->seg.seq - p->base <= seq - p->base)
			low = mid + 1;
		else
			high = mid;
	}
	for (size_t n = p->n_data; n-- > 0;) {
		struct segment *seg = p->data[(low + n) % p->n_data];
		uint32_t offset = seq - seg->out->seg.seq;

		if (offset > 65536)
			break;
		if (offset >= seg->out->seg.len ||
		    seg->arrived_len >= seg->out->seg.len ||
		    !is_before(seg->out, in) ||
		    (seg->out->seg.flags ^ in->seg.flags) & ~PIECE_FLAGS)
			continue;
		if (!best || compare_times(seg->out, best->out) > 0)
			best = seg;
	}
	return best;
}

static void pair_ranges(struct pairing *p)
{
	p->n_data = 0;
	for (size_t o = 0; o < p->n_outs; o++)
		if (p->outs[o]->out->seg.len)
			p->data[p->n_data++] = p->outs[o];
	for (size_t i = 0; i < p->n_ins; i++) {
		struct arrival *in = &p->ins[i];
		uint32_t seq = in->ev->seg.seq;
		uint32_t left = in->ev->seg.len;

		if (in->paired)
			continue;
		while (left) {
			struct segment *seg = covering(p, in->ev, seq);
			uint32_t len;

			if (!seg)
				break;
			len = seg->out->seg.seq + seg->out->seg.len - seq;
			if (len > left)
				len = left;
			join(p, seg, in, len);
			seq += len;
			left -= len;
		}
	}
}

static void add_out(struct pairing *p, struct segment *seg)
{
	seg->waits = false;
	p->outs[p->n_outs++] = seg;
}

static void collect(struct pairing *p)
{
	struct conn *conn = p->conn;

	for (size_t i = 0; i < conn->n_open; i++)
		if (conn->open[i]->from == p->from)
			add_out(p, conn->open[i]);
	for (size_t i = 0; i < conn->n_events; i++) {
		struct entry *entry = &conn->events[i];
		bool sent = entry->ev->seg.direction == TTP_DIRECTION_OUT;

		if (entry->ev->kind != EVENT_SEGMENT || (entry->side == p->from) != sent)
			continue;
		if (sent) {
			if (!entry->seg) {
				entry->seg = segment_new(p->from);
				entry->seg->out = brief_get(entry->ev);
			}
			add_out(p, entry->seg);
		} else {
			p->ins[p->n_ins].ev = entry->ev;
			p->ins[p->n_ins].paired = false;
			p->ins[p->n_ins++].index = i;
		}
	}
}

/* A RST that comes to an end which is CLOSED already makes no event. */
static bool is_silent_rst(const struct conn *conn, const struct segment *seg)
{
	return !seg->in && seg->out->seg.flags & SEG_RST &&
	       conn->side[!seg->from].last_state == TTP_STATE_CLOSED;
}

static int later_out_first(const void *a, const void *b)
{
	const struct join *x = a, *y = b;
	uint64_t i = x->seg->out->index, j = y->seg->out->index;

	return i > j ? -1 : i < j;
}

/*
 * How many of the events are old enough.  A segment may seem to have arrived
 * before it was sent (SLACK_NS): then both events are, or none.
 */
static size_t count_settled(struct pairing *p)
{
	struct conn *conn = p->conn;
	uint64_t first = conn->events[0].ev->index;
	struct join *turned = NULL;
	size_t n = 0, settled;

	settled = conn->n_events > SETTLE_EVENTS ? conn->n_events - SETTLE_EVENTS : 0;
	for (size_t i = 0; i < p->n_joins; i++) {
		if (p->joins[i].seg->out->index < first + p->joins[i].index)
			continue;
		turned = grow(turned, n, sizeof(*turned));
		turned[n++] = p->joins[i];
	}
	if (n)
		qsort(turned, n, sizeof(*turned), later_out_first);
	for (size_t i = 0; i < n; i++)
		if (turned[i].index < settled && first + settled <= turned[i].seg->out->index)
			settled = turned[i].index;
	free(turned);
	return settled;
}

static void undo_join(struct conn *conn, const struct join *join)
{
	struct entry *entry = &conn->events[join->index];
	struct segment *seg = join->seg;

	entry->seg = NULL;
	entry->more = NULL;
	seg->waits = true;
	seg->pieces--;
	seg->arrived_len -= join->len;
	if (seg->in == entry->ev) {
		brief_put(seg->in);
		seg->in = NULL;
		seg->with = NULL;
	}
}

static void add_to_total(struct total *total, const struct segment *seg)
{
	if (seg->duplicate)
		return;
	total->sent += segment_count(segment_event(seg));
	total->bytes += segment_event(seg)->seg.len;
	if (seg->out && event_has(seg->out, TTP_A_RETRANSMISSION))
		total->again += segment_count(seg->out);
	total->lost += seg->lost || seg->partly;
}

/* What found no partner was lost, or came twice, or the far end is unknown. */
static void conclude_out(struct conn *conn, struct segment *seg)
{
	if (conn->side[!seg->from].seen && !is_silent_rst(conn, seg)) {
		seg->lost = !seg->in;
		seg->partly = seg->in && seg->arrived_len < seg->out->seg.len;
	}
	seg->settled = true;
	add_to_total(&conn->total[seg->from], seg);
}

static void conclude_in(struct conn *conn, struct entry *entry)
{
	struct segment *seg = segment_new(!entry->side);

	seg->in = brief_get(entry->ev);
	seg->arrived_len = seg->in->seg.len;
	seg->pieces = 1;
	seg->duplicate = conn->side[seg->from].seen;
	seg->settled = true;
	entry->seg = seg;
	add_to_total(&conn->total[seg->from], seg);
}

static void conclude_open(struct conn *conn)
{
	size_t n = 0;

	for (size_t i = 0; i < conn->n_open; i++) {
		struct segment *seg = conn->open[i];

		if (seg->waits) {
			conn->open[n++] = seg;
			continue;
		}
		conclude_out(conn, seg);
		segment_put(seg);	/* its point has another reference */
	}
	conn->n_open = n;
}

static void conclude(struct conn *conn, size_t settled)
{
	conclude_open(conn);
	for (size_t i = 0; i < settled; i++) {
		struct entry *entry = &conn->events[i];
		struct segment *seg = entry->seg;

		if (entry->ev->kind != EVENT_SEGMENT)
			continue;
		if (!seg && !entry->more) {
			conclude_in(conn, entry);
		} else if (seg && seg->out == entry->ev && !seg->waits) {
			conclude_out(conn, seg);
		} else if (seg && seg->out == entry->ev) {
			conn->open = grow(conn->open, conn->n_open, sizeof(*conn->open));
			conn->open[conn->n_open++] = seg;
		}
	}
}

static void pair_from(struct pairing *p)
{
	p->base = p->conn->side[p->from].isn;
	p->n_outs = 0;
	p->n_ins = 0;
	collect(p);
	qsort_r(p->outs, p->n_outs, sizeof(*p->outs), compare_outs, &p->base);
	qsort_r(p->ins, p->n_ins, sizeof(*p->ins), compare_ins, &p->base);
	pair_exact(p);
	pair_ranges(p);
}

/*
 * Return: the segments of so many of @conn->events are settled: at the @end of
 * all events all of them, else none younger than SETTLE_EVENTS.
 */
size_t pair_segments(struct conn *conn, bool end)
{
	struct pairing p = { .conn = conn };
	size_t n = conn->n_events + conn->n_open, settled = conn->n_events;

	if (!n)
		return 0;
	p.outs = xrealloc(NULL, n, sizeof(*p.outs));
	p.data = xrealloc(NULL, n, sizeof(*p.data));
	p.ins = xrealloc(NULL, n, sizeof(*p.ins));
	for (p.from = LEFT; p.from <= RIGHT; p.from++)
		pair_from(&p);
	if (!end)
		settled = count_settled(&p);
	for (size_t i = 0; i < p.n_joins; i++)
		if (p.joins[i].index >= settled)
			undo_join(conn, &p.joins[i]);
	conclude(conn, settled);
	free(p.outs);
	free(p.data);
	free(p.ins);
	free(p.joins);
	return settled;
}
