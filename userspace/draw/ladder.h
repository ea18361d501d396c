/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the sequence diagram is made.  ladder.c has the options and calls the
 * steps; each step is a file and works on struct conn:
 *
 *	conn.c    events -> connections, with two sides each
 *	pair.c    segments sent + segments arrived -> struct segment
 *	rows.c    each side's events in its order -> rows from top to bottom,
 *	          long runs of data folded
 *	draw.c    rows -> lines, on canvas.c; or ladder_json.c: rows -> JSON
 *
 * Next: conn.c.
 */
#ifndef TTP_LADDER_H
#define TTP_LADDER_H

#include <stdio.h>

#include "read/event.h"

#define LEFT	0	/* the end that does the active OPEN */
#define RIGHT	1

/* One segment, as sent, as arrived, or both. */
struct segment {
	const struct event *out;	/* NULL: nobody saw it leave */
	const struct event *in;		/* its first piece; NULL: not arrived */
	int from;			/* LEFT or RIGHT */
	bool lost;			/* the far end should have seen it */
	bool partly;			/* lost in part: arrived_len came */
	bool duplicate;			/* arrived once more than it was sent */
	uint32_t arrived_len;
	unsigned int pieces;		/* it arrived in */
	struct segment *with;		/* the next one with the same @in */
	struct point *at[2];		/* rows.c: its point at each side */
};

/* What describes it: as sent, if that was seen. */
static inline const struct event *segment_event(const struct segment *seg)
{
	return seg->out ? seg->out : seg->in;
}

struct change {
	uint8_t state;
	const struct event *ev;		/* NULL: seen only by its effect */
};

#define CHANGES_MAX 4

enum point_kind { POINT_SEND, POINT_ARRIVE, POINT_STATE };

/* What happened at one side at one moment. */
struct point {
	enum point_kind kind;
	int64_t time_ns;
	struct segment *seg;
	struct change change[CHANGES_MAX];
	int changes;
	bool taken;			/* rows.c: it is in a row */
};

struct side {
	struct address addr;
	uint16_t port;
	uint64_t id;
	const char *ns;
	bool seen;			/* its namespace was watched */
	bool has_isn;
	uint32_t isn;
	bool has_wscale;
	uint8_t wscale;
	uint8_t first_state;		/* 0: unknown */
	uint8_t last_state;
	struct point **points;
	size_t n_points;
	size_t next;
};

enum row_kind {
	ROW_SEGMENT,	/* sent and arrived */
	ROW_LOST,	/* sent, never arrived */
	ROW_DEPART,	/* sent, arrives in a later row */
	ROW_ARRIVE,	/* the later row, or nobody saw it leave */
	ROW_STATE,	/* no segment */
	ROW_FOLD,	/* many of them */
};

struct row {
	enum row_kind kind;
	struct segment *seg;
	const struct point *at[2];	/* what happened at each side */
	struct {			/* ROW_FOLD, by sender */
		unsigned int segs;
		unsigned int acks;
		uint64_t bytes;
	} fold[2];
};

struct conn {
	struct side side[2];
	struct {
		const struct event *ev;
		int side;
		struct segment *seg;	/* sent or first arrived with it */
		struct segment *more;	/* of which it is a later piece */
	} *events;
	size_t n_events;
	struct segment *segs;
	size_t n_segs;
	struct row *rows;
	size_t n_rows;
	int64_t start_ns;
};

struct conns {
	struct conn **conn;
	size_t count;
	const struct event **listeners;	/* their events, for the start */
	size_t n_listeners;
	int namespaces;			/* that were watched, 0 unknown */
};

struct look {
	int width;
	bool ascii;
	bool color;
	bool absolute;
	bool fold;
	bool crossing;
};

/* ladder.c */
int ladder_main(int argc, char **argv);

/* conn.c */
void conn_collect(struct conns *conns, const struct event *events, size_t n);
void conn_free(struct conns *conns);
uint32_t conn_seq(const struct conn *conn, int side, uint32_t seq);

/* pair.c */
void pair_segments(struct conn *conn);

/* rows.c */
void rows_build(struct conn *conn, const struct conns *conns, bool crossing);
void rows_fold(struct conn *conn, bool crossing);

/* draw.c */
void draw_conn(const struct conn *conn, const struct look *look);

/* ladder_json.c */
struct json_object *ladder_json(const struct conn *conn);

/* canvas.c: one line of characters, some of them drawn */
enum glyph {
	G_BAR = 0x80, G_FOLD, G_LINE, G_DOTS, G_RIGHT, G_LEFT, G_LOST,
	G_TEE_RIGHT, G_TEE_LEFT, G_SECTION, G_ARROW, G_LAST
};

enum color {
	C_PLAIN, C_DIM, C_BOLD, C_RED, C_GREEN, C_YELLOW, C_MAGENTA, C_CYAN
};

#define CANVAS_MAX 200

struct canvas {
	int width;
	bool ascii;
	bool color;
	uint8_t glyph[CANVAS_MAX];
	uint8_t paint[CANVAS_MAX];
};

void canvas_clear(struct canvas *c);
void canvas_put(struct canvas *c, int col, int glyph, enum color color);
void canvas_fill(struct canvas *c, int from, int to, int glyph,
		 enum color color);
void canvas_text(struct canvas *c, int col, const char *text,
		 enum color color);
void canvas_print(const struct canvas *c, FILE *out);

#endif
