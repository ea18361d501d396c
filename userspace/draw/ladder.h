/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the sequence diagram is made.  ladder.c has the options and calls the
 * steps; each step is a file and works on struct conn:
 *
 *	conn.c    events -> connections, with two sides each
 *	pair.c    segments sent + segments arrived -> struct segment
 *	rows.c    each side's events in its order -> rows from top to bottom
 *	fold.c    long runs of data -> one row
 *	draw.c    rows -> lines, on canvas.c; or ladder_json.c: rows -> JSON;
 *		  or ladder_svg.c: rows -> SVG; or mermaid.c; pick.c shows many in a
 *		  terminal
 *	bytes.c   what a capture has of a segment, with -x
 *	keep.c    what of all this is still needed
 *
 * A connection may have any number of events, so the first four steps are
 * done again and again while events come: each time, what is older than the
 * last SETTLE_EVENTS of them has become rows, and rows that are folded are
 * freed.
 *
 * Next: conn.c.
 */
#ifndef TTP_LADDER_H
#define TTP_LADDER_H

#include <limits.h>
#include <stdio.h>

#include "read/event.h"

#define LEFT	0	/* the end that does the active OPEN */
#define RIGHT	1

/*
 * A segment that has not arrived when so many more events of its connection
 * are there was lost.
 */
#ifndef SETTLE_EVENTS	/* tests/tool makes it small */
#define SETTLE_EVENTS	32768
#endif

/* What a ladder keeps of an event; the names are those of struct event. */
struct brief {
	unsigned int refs;
	enum event_kind kind;
	uint64_t index;			/* of the events of its connection */
	uint64_t has[2];
	uint64_t time_ns;
	struct {
		uint8_t now;
		uint8_t from;
		uint8_t cause_kind;
		const char *cause;	/* interned, as all strings here */
		const char *section;
	} state;
	struct {
		uint8_t direction;
		uint8_t flags;
		uint16_t wnd;
		uint32_t seq;
		uint32_t ack;
		uint32_t len;
		uint16_t up;
		uint16_t segs;
		struct {
			uint16_t mss;
			uint8_t wscale;
			uint32_t tsval;
			struct sack_list sack;
		} opt;
		const char *drop;
		const char *answer;
		const char *fault;
		uint8_t purpose;
	} seg;
};

/* One segment, as sent, as arrived, or both. */
struct segment {
	struct brief *out;		/* NULL: nobody saw it leave */
	struct brief *in;		/* its first piece; NULL: not arrived */
	unsigned int refs;
	int from;			/* LEFT or RIGHT */
	bool settled;			/* pair.c: what follows is not going to change */
	bool waits;			/* pair.c: for what has arrived too late to settle */
	bool folded;			/* fold.c: a row of it was */
	bool lost;			/* the far end should have seen it */
	bool partly;			/* lost in part: arrived_len came */
	bool duplicate;			/* arrived once more than it was sent */
	uint32_t arrived_len;
	unsigned int pieces;		/* it arrived in */
	struct segment *with;		/* the next one with the same @in */
	struct point *at[2];		/* rows.c: its point at each side */
};

/* What describes it: as sent, if that was seen. */
static inline const struct brief *segment_event(const struct segment *seg)
{
	return seg->out ? seg->out : seg->in;
}

/* How many of the wire's segments it is: its packet may have been cut behind us. */
static inline unsigned int segment_count(const struct brief *ev)
{
	return ev->seg.segs ? ev->seg.segs : 1;
}

struct change {
	uint8_t state;
	struct brief *ev;		/* NULL: seen only by its effect */
};

#define CHANGES_MAX 4

enum point_kind { POINT_SEND, POINT_ARRIVE, POINT_STATE };

/* What happened at one side at one moment. */
struct point {
	enum point_kind kind;
	int64_t time_ns;
	struct segment *seg;		/* which frees it; NULL: who takes it does */
	struct change *change;
	int changes;
	bool taken;			/* rows.c: it is in a row */
};

#define PENDING_MAX	8

/* Changes of state for which rows.c looks for a segment. */
struct pending {
	struct brief *ev;
	size_t index;			/* where its point would be */
};

struct side {
	struct address addr;
	uint16_t port;
	uint64_t id;
	const char *ns;
	bool seen;			/* its namespace was watched */
	bool has_isn;
	uint32_t isn;
	bool has_stated_isn;		/* ISS or IRS in an event */
	uint32_t stated_isn;
	bool has_wscale;
	uint8_t wscale;
	uint8_t first_state;		/* 0: unknown */
	uint8_t last_state;
	bool has_points;
	struct point **points;		/* not yet in rows, but for some */
	size_t n_points;
	size_t next;
	uint8_t state;			/* rows.c: as known so far */
	struct pending pending[PENDING_MAX];
	int n_pending;
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
	struct point *at[2];		/* what happened at each side */
	struct {			/* ROW_FOLD, by sender */
		unsigned int segs;
		unsigned int acks;
		uint64_t bytes;
	} fold[2];
};

/* An event that has not been settled. */
struct entry {
	struct brief *ev;
	int side;
	struct segment *seg;		/* sent or first arrived with it */
	struct segment *more;		/* of which it is a later piece */
};

struct total {
	unsigned int sent;
	unsigned int again;
	unsigned int lost;
	uint64_t bytes;
};

struct conn {
	struct conn *next;		/* an older one, in its bucket */
	struct side side[2];
	bool drawn;			/* else only counted */
	bool begun;			/* some of it is settled */
	struct entry *events;
	size_t n_events;
	size_t settle_at;		/* so many */
	uint64_t count;			/* of all its events so far */
	struct segment **open;		/* sent before them, not settled */
	size_t n_open;
	struct row *rows;
	size_t n_rows;
	size_t run;			/* fold.c: from this row on plain ones */
	struct total total[2];		/* by sender */
	int64_t start_ns;
};

struct listener {
	uint16_t port;
	const char *ns;
	struct brief *ev;
};

#define CONN_BUCKETS	4096

#define CONNS_FIRST	ULONG_MAX	/* the first that begins in the recording */

struct conns {
	const struct look *look;
	unsigned long wanted;		/* draw this one, from 1; 0: all; or CONNS_FIRST */
	unsigned long port;		/* of those with this port, if not 0 */
	unsigned long candidates;
	struct conn *bucket[CONN_BUCKETS];	/* by their ends */
	struct conn **conn;
	size_t count;
	struct listener *listeners;
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
	struct payload *payload;	/* where the bytes of segments are; NULL: not shown */
	int64_t wall_ns;		/* the wall clock less the clock of the events */
};

/* ladder.c */
int ladder_main(int argc, char **argv);

/* conn.c */
struct conn *conn_add(struct conns *conns, const struct event *ev);
void conn_settle(struct conns *conns, struct conn *conn, bool end);
void conn_free(struct conns *conns);
uint32_t conn_seq(const struct conn *conn, int side, uint32_t seq);

/* pair.c */
size_t pair_segments(struct conn *conn, bool end);

/* rows.c */
void rows_place(struct conn *conn, const struct conns *conns, size_t settled);
void rows_build(struct conn *conn, bool crossing, bool end);

/* fold.c */
bool is_data(const struct segment *seg);
void fold_rows(struct conn *conn, bool crossing, bool end);

/* keep.c */
struct brief *brief_new(const struct event *ev);
struct brief *brief_get(struct brief *ev);
void brief_put(struct brief *ev);
struct segment *segment_new(int from);
void segment_put(struct segment *seg);
void point_put(struct point *point);

/* draw.c */
void draw_conn(const struct conn *conn, const struct look *look);

/* ladder_json.c */
struct json_object *ladder_json(const struct conn *conn, const struct look *look);

/* ladder_svg.c */
struct svg_page *ladder_svg_begin(const struct look *look);
void ladder_svg_add(struct svg_page *p, const struct conn *conn);
void ladder_svg_end(struct svg_page *p, FILE *out);

/* bytes.c */
#define BYTES_SHOWN	12	/* of a segment, in hexadecimal */

struct payload_found;

bool bytes_find(const struct conn *conn, const struct look *look, const struct segment *seg,
		struct payload_found *found, uint8_t *data, uint32_t most);

/* pick.c */
int ladder_pick(struct conns *conns, const struct look *look, unsigned long width);

/* mermaid.c */
void ladder_mermaid(const struct conn *conn, const struct look *look);

/* canvas.c: one line of characters, some of them drawn */
enum glyph {
	G_BAR = 0x110000,	/* all below are characters */
	G_FOLD, G_LINE, G_DOTS, G_RIGHT, G_LEFT, G_LOST,
	G_TEE_RIGHT, G_TEE_LEFT, G_SECTION, G_ARROW, G_LAST
};

enum color {
	C_PLAIN, C_DIM, C_BOLD, C_RED, C_GREEN, C_YELLOW, C_MAGENTA, C_CYAN
};

#define CANVAS_MAX 200
#define TEXT_SECTION 1	/* in a text: G_SECTION */

struct canvas {
	int width;
	bool ascii;
	bool color;
	uint32_t glyph[CANVAS_MAX];	/* 0: the right half of a wide character */
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
