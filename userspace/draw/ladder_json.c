// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a ladder as JSON, for programs that draw them in another form.
 * Called by ladder.c with -j.
 */
#include <string.h>

#include <json-c/json.h>

#include "capture/payload.h"
#include "draw/ladder.h"

#define BYTES_JSON	256	/* of a segment */

static void add(struct json_object *obj, const char *key,
		struct json_object *val)
{
	json_object_object_add(obj, key, val);
}

static struct json_object *side_json(const struct side *side)
{
	struct json_object *obj = json_object_new_object();
	char buf[48];

	if (side->ns)
		add(obj, "ns", json_object_new_string(side->ns));
	add(obj, "addr",
	    json_object_new_string(event_address(&side->addr, buf)));
	add(obj, "port", json_object_new_int(side->port));
	if (side->has_isn)
		add(obj, "isn", json_object_new_int64(side->isn));
	if (side->first_state)
		add(obj, "first_state",
		    json_object_new_string(event_word(FIELD_STATE,
						      side->first_state)));
	if (side->last_state)
		add(obj, "last_state",
		    json_object_new_string(event_word(FIELD_STATE,
						      side->last_state)));
	return obj;
}

static struct json_object *point_json(const struct point *point)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();

	add(obj, "ms", json_object_new_double(point->time_ns / 1e6));
	for (int i = 0; i < point->changes; i++) {
		const struct brief *ev = point->change[i].ev;
		struct json_object *change = json_object_new_object();

		add(change, "state", json_object_new_string(
			event_word(FIELD_STATE, point->change[i].state)));
		if (ev) {
			add(change, "cause_kind", json_object_new_string(
				event_word(FIELD_CAUSE_KIND, ev->state.cause_kind)));
			add(change, "cause",
			    json_object_new_string(ev->state.cause));
			add(change, "section",
			    json_object_new_string(ev->state.section));
		}
		json_object_array_add(list, change);
	}
	add(obj, "changes", list);
	return obj;
}

static void add_segment(struct json_object *obj, const struct conn *conn,
			const struct segment *seg)
{
	const struct brief *ev = segment_event(seg);
	char flags[40];

	add(obj, "from", json_object_new_string(seg->from == LEFT ? "left" :
								    "right"));
	add(obj, "flags",
	    json_object_new_string(event_flags(ev->seg.flags, flags)));
	add(obj, "seq", json_object_new_int64(conn_seq(conn, seg->from,
						       ev->seg.seq)));
	if (ev->seg.flags & SEG_ACK)
		add(obj, "ack", json_object_new_int64(
			conn_seq(conn, !seg->from, ev->seg.ack)));
	add(obj, "len", json_object_new_int64(ev->seg.len));
	add(obj, "lost", json_object_new_boolean(seg->lost || seg->partly));
	add(obj, "duplicate", json_object_new_boolean(seg->duplicate));
	add(obj, "retransmission", json_object_new_boolean(
		event_has(ev, TTP_A_RETRANSMISSION)));
}

/* In hexadecimal, the first bytes of the data that the capture has; or nothing. */
static void add_bytes(struct json_object *obj, const struct conn *conn, const struct look *look,
		      const struct segment *seg)
{
	char text[2 * BYTES_JSON + 1] = "";
	struct payload_found found;
	uint8_t data[BYTES_JSON];

	if (!look->payload || !segment_event(seg)->seg.len ||
	    !bytes_find(conn, look, seg, &found, data, sizeof(data)))
		return;
	for (uint32_t i = 0; i < found.n_data; i++)
		sprintf(text + 2 * i, "%02x", data[i]);
	add(obj, "bytes", json_object_new_string(text));
}

static void add_fold(struct json_object *obj, const struct row *row)
{
	static const char *const names[] = { "left", "right" };

	for (int s = LEFT; s <= RIGHT; s++) {
		struct json_object *sum = json_object_new_object();

		add(sum, "segments", json_object_new_int64(row->fold[s].segs));
		add(sum, "bytes", json_object_new_uint64(row->fold[s].bytes));
		add(sum, "acks", json_object_new_int64(row->fold[s].acks));
		add(obj, names[s], sum);
	}
}

static struct json_object *row_json(const struct conn *conn, const struct look *look,
				    const struct row *row)
{
	static const char *const kinds[] = {
		[ROW_SEGMENT] = "segment", [ROW_LOST] = "lost",
		[ROW_DEPART] = "departure", [ROW_ARRIVE] = "arrival",
		[ROW_STATE] = "state", [ROW_FOLD] = "fold",
	};
	struct json_object *obj = json_object_new_object();

	add(obj, "kind", json_object_new_string(kinds[row->kind]));
	if (row->kind == ROW_FOLD) {
		add_fold(obj, row);
		return obj;
	}
	if (row->seg)
		add_segment(obj, conn, row->seg);
	if (row->seg && !(row->kind == ROW_ARRIVE && row->seg->out))
		add_bytes(obj, conn, look, row->seg);
	if (row->at[LEFT])
		add(obj, "left", point_json(row->at[LEFT]));
	if (row->at[RIGHT])
		add(obj, "right", point_json(row->at[RIGHT]));
	return obj;
}

/* Sequence numbers are counted from the initial ones ("isn"). */
struct json_object *ladder_json(const struct conn *conn, const struct look *look)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *rows = json_object_new_array();

	add(obj, "left", side_json(&conn->side[LEFT]));
	add(obj, "right", side_json(&conn->side[RIGHT]));
	for (size_t i = 0; i < conn->n_rows; i++)
		json_object_array_add(rows, row_json(conn, look, &conn->rows[i]));
	add(obj, "rows", rows);
	return obj;
}
