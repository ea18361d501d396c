// SPDX-License-Identifier: GPL-2.0
/*
 * Long runs of plain segments -> one row, but for their ends.  A run may go on
 * with rows that are not there yet: its middle is folded already, so that its
 * segments can be freed.
 *
 * Called by conn.c, after rows.c.  Next: draw.c.
 */
#include <string.h>

#include "draw/ladder.h"

#define FOLD_HEAD	4
#define FOLD_TAIL	2
#define FOLD_MIN	8

/* So many rows of a run that goes on are kept. */
#define OPEN_RUN	256

/* Data or acknowledgments, and all went well. */
static bool is_plain(const struct segment *seg)
{
	const struct brief *ev = segment_event(seg);

	if (!is_data(seg) || seg->lost || seg->partly || seg->duplicate ||
	    ev->seg.opt.sack.count || event_has(ev, TTP_A_RETRANSMISSION) ||
	    event_has(ev, TTP_A_FAULT))
		return false;
	return !seg->in || !(event_has(seg->in, TTP_A_DROP) || event_has(seg->in, TTP_A_ANSWER) ||
			    event_has(seg->in, TTP_A_FAULT));
}

/* Without --crossing a half row is a segment that was overtaken: it stays. */
static bool is_foldable(const struct row *row, bool crossing)
{
	bool half = row->kind == ROW_DEPART || row->kind == ROW_ARRIVE;

	if (row->kind == ROW_FOLD)	/* of the middle of this run */
		return true;
	return (row->kind == ROW_SEGMENT || (crossing && half)) &&
	       is_plain(row->seg);
}

static void add_fold(struct row *fold, const struct row *row)
{
	for (int from = LEFT; from <= RIGHT; from++) {
		fold->fold[from].segs += row->fold[from].segs;
		fold->fold[from].acks += row->fold[from].acks;
		fold->fold[from].bytes += row->fold[from].bytes;
	}
}

static void count_row(struct row *fold, const struct row *row)
{
	const struct brief *ev = segment_event(row->seg);
	int from = row->seg->from;

	if (row->kind == ROW_ARRIVE)	/* counted where it left */
		return;
	if (ev->seg.len)
		fold->fold[from].segs += segment_count(ev);
	else
		fold->fold[from].acks++;
	fold->fold[from].bytes += ev->seg.len;
}

/* Counts the row; but for the points that @fold has taken over, it is freed. */
static void fold_row(struct row *fold, const struct row *row)
{
	if (row->kind == ROW_FOLD)
		add_fold(fold, row);
	else
		count_row(fold, row);
	for (int s = LEFT; s <= RIGHT; s++)
		if (row->at[s] != fold->at[s])
			point_put(row->at[s]);
}

/*
 * The rows from @from to @end, of which those behind @from become one.  Halves
 * of segments whose other half is among them are left out, too.
 * Return: where the rows end that are left.
 */
static size_t fold_middle(struct conn *conn, size_t from, size_t end)
{
	struct row *rows = conn->rows;
	struct row fold = {
		.kind = ROW_FOLD,
		.at = { rows[from].at[LEFT], rows[from].at[RIGHT] },
	};

	for (size_t i = from; i < end; i++)
		if (rows[i].seg)
			rows[i].seg->folded = true;
	for (size_t i = from; i < end; i++)
		fold_row(&fold, &rows[i]);
	rows[from] = fold;
	return from + 1;
}

/* Leaves out halves of which the other half is folded; @fold counts them. */
static size_t drop_halves(struct conn *conn, struct row *fold, size_t to, size_t from,
			  size_t end)
{
	for (size_t i = from; i < end; i++) {
		if (conn->rows[i].seg && conn->rows[i].seg->folded)
			fold_row(fold, &conn->rows[i]);
		else
			conn->rows[to++] = conn->rows[i];
	}
	return to;
}

/* Return: where the next row is to be put. */
static size_t fold_run(struct conn *conn, size_t to, size_t from, size_t end)
{
	struct row fold;

	fold_middle(conn, from + FOLD_HEAD, end - FOLD_TAIL);
	fold = conn->rows[from + FOLD_HEAD];
	to = drop_halves(conn, &fold, to, from, from + FOLD_HEAD);
	conn->rows[to] = fold;
	return drop_halves(conn, &conn->rows[to], to + 1, end - FOLD_TAIL, end);
}

static void move_rows(struct conn *conn, size_t to, size_t from)
{
	if (from == to)
		return;
	memmove(conn->rows + to, conn->rows + from, (conn->n_rows - from) * sizeof(*conn->rows));
	conn->n_rows -= from - to;
}

/* Folds the runs that have ended, and of one that may go on the middle. */
void fold_rows(struct conn *conn, bool crossing, bool end)
{
	size_t to = conn->run, from = conn->run;

	while (from < conn->n_rows) {
		size_t last = from;

		while (last < conn->n_rows && is_foldable(&conn->rows[last], crossing))
			last++;
		if (last == conn->n_rows && !end)
			break;
		if (last - from >= FOLD_HEAD + FOLD_TAIL + FOLD_MIN) {
			to = fold_run(conn, to, from, last);
			from = last;
		}
		/* what is no run, and the row that ended it */
		while (from <= last && from < conn->n_rows)
			conn->rows[to++] = conn->rows[from++];
	}
	move_rows(conn, to, from);
	conn->run = to;
	if (conn->n_rows - to > 2 * OPEN_RUN)
		move_rows(conn, fold_middle(conn, to + FOLD_HEAD, conn->n_rows - OPEN_RUN),
			  conn->n_rows - OPEN_RUN);
}
