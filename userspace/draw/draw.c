// SPDX-License-Identifier: GPL-2.0
/*
 * Rows -> lines: time, states, bar, arrow, bar, states, time.
 *
 *	0.000  SYN_SENT ├── SYN seq=12010 ──▶│ SYN_RCVD  0.031
 *
 * The times at the left are the left side's, those at the right the right's:
 * the difference is how long the network took.  What does not fit beside an
 * arrow goes on below it.
 *
 * Called by ladder.c, after fold.c.  What a row says is in words.h, for
 * ladder_svg.c and mermaid.c, too.  Next: canvas.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "capture/payload.h"
#include "draw/ladder.h"
#include "draw/words.h"

#define TIME_WIDTH	9
#define CELL_WIDTH	17
#define TEXT_SHOWN	40	/* of a segment's data, escaped */
#define LEFT_BAR	(TIME_WIDTH + 1 + CELL_WIDTH + 1)

static void __printf(3, 4) add_word(struct words *words, bool optional,
				    const char *fmt, ...)
{
	va_list args;

	if (words->count == WORDS_MAX)
		return;
	words->optional[words->count] = optional;
	va_start(args, fmt);
	vsnprintf(words->word[words->count++], sizeof(words->word[0]), fmt,
		  args);
	va_end(args);
}

static void add_line(struct cell *cell, const char *text, enum color color)
{
	if (cell->count == LINES_MAX)
		return;
	snprintf(cell->line[cell->count].text, sizeof(cell->line[0].text),
		 "%s", text);
	cell->line[cell->count++].color = color;
}

/* Fill lines of at most @width with @text, broken between words. */
static void add_wrapped(struct cell *cell, const char *text, size_t width,
			enum color color)
{
	char line[CANVAS_MAX] = "";

	while (*text) {
		size_t len = strcspn(text, " ");
		size_t used = strlen(line);

		if (len > width)
			len = width;
		if (used && used + 1 + len > width) {
			add_line(cell, line, color);
			used = 0;
		}
		snprintf(line + used, sizeof(line) - used, "%s%.*s",
			 used ? " " : "", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	if (line[0])
		add_line(cell, line, color);
}

static enum color state_color(uint8_t state)
{
	return state == TTP_STATE_ESTABLISHED ? C_GREEN : C_BOLD;
}

static void change_lines(struct cell *cell, const struct change *change,
			 bool ascii)
{
	const struct brief *ev = change->ev;
	char cause[128];

	add_line(cell, event_word(FIELD_STATE, change->state),
		 state_color(change->state));
	if (!ev)
		return;
	if (ascii)
		snprintf(cause, sizeof(cause), "%s %s", ev->state.cause, ev->state.section);
	else
		snprintf(cause, sizeof(cause), "%s %c%s", ev->state.cause,
			 ev->state.section[0] ? TEXT_SECTION : ' ', ev->state.section);
	add_wrapped(cell, cause, CELL_WIDTH, C_DIM);
}

/* One and the same segment may lead through several states. */
void point_lines(struct cell *cell, const struct point *point, bool ascii)
{
	const struct brief *in;
	char text[64];

	cell->count = 0;
	if (!point)
		return;
	for (int i = 0; i < point->changes; i++)
		change_lines(cell, &point->change[i], ascii);
	if (point->kind != POINT_ARRIVE)
		return;
	in = point->seg->in;
	if (event_has(in, TTP_A_DROP)) {
		snprintf(text, sizeof(text), "dropped: %s", in->seg.drop);
		add_wrapped(cell, text, CELL_WIDTH, C_RED);
	}
	if (event_has(in, TTP_A_ANSWER)) {
		snprintf(text, sizeof(text), "answered: %s", in->seg.answer);
		add_wrapped(cell, text, CELL_WIDTH, C_DIM);
	}
	if (event_has(in, TTP_A_FAULT)) {
		snprintf(text, sizeof(text), "fault: %s", in->seg.fault);
		add_wrapped(cell, text, CELL_WIDTH, C_RED);
	}
}

/* The window as the peer reads it: scaled unless in a SYN. */
static uint32_t window_of(const struct conn *conn, const struct segment *seg,
			  const struct brief *ev)
{
	if (!(ev->seg.flags & SEG_SYN) && conn->side[LEFT].has_wscale &&
	    conn->side[RIGHT].has_wscale)
		return (uint32_t)ev->seg.wnd << conn->side[seg->from].wscale;
	return ev->seg.wnd;
}

/* A sequence number of @side's, as it is shown. */
static uint32_t shown_seq(const struct pen *pen, int side, uint32_t seq, bool absolute)
{
	return absolute ? seq : conn_seq(pen->conn, side, seq);
}

static bool is_absolute(const struct pen *pen, const struct brief *ev)
{
	return pen->look->absolute || ev->seg.flags & SEG_SYN;
}

static void option_words(struct words *words, const struct pen *pen,
			 const struct segment *seg, const struct brief *ev)
{
	bool absolute = is_absolute(pen, ev);

	if (event_has(ev, TTP_A_OPT_MSS))
		add_word(words, false, "mss=%u", ev->seg.opt.mss);
	if (event_has(ev, TTP_A_OPT_SACK_PERMITTED))
		add_word(words, false, "sackOK");
	if (event_has(ev, TTP_A_OPT_WSCALE))
		add_word(words, false, "wscale=%u", ev->seg.opt.wscale);
	if (event_has(ev, TTP_A_OPT_TSVAL) && ev->seg.flags & SEG_SYN)
		add_word(words, false, "ts");
	for (int i = 0; i < ev->seg.opt.sack.count; i++) {
		uint32_t left = ev->seg.opt.sack.block[i].left;
		uint32_t right = ev->seg.opt.sack.block[i].right;

		add_word(words, false, "sack=%u-%u",
			 shown_seq(pen, !seg->from, left, absolute),
			 shown_seq(pen, !seg->from, right, absolute));
	}
}

/* The half that arrives has been described where it left: just enough. */
void half_words(struct words *words, const struct pen *pen, const struct segment *seg)
{
	const struct brief *ev = seg->in;
	bool absolute = is_absolute(pen, ev);
	char flags[40];

	memset(words, 0, sizeof(*words));
	add_word(words, false, "%s", event_flags(ev->seg.flags, flags));
	if (seg->out->seg.len || ev->seg.flags & (SEG_SYN | SEG_FIN | SEG_RST))
		add_word(words, false, "seq=%u",
			 shown_seq(pen, seg->from, ev->seg.seq, absolute));
	else
		add_word(words, false, "ack=%u",
			 shown_seq(pen, !seg->from, ev->seg.ack, absolute));
	if (seg->out->seg.len)
		add_word(words, false, "len=%u", seg->out->seg.len);
}

static void begin_line(struct words *words)
{
	if (words->count < WORDS_MAX)
		words->begins[words->count] = true;
}

static void hex_word(struct words *words, const uint8_t *data, size_t len, bool more)
{
	char text[48] = "";

	for (size_t i = 0; i < len; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%02x", i ? " " : "",
			 data[i]);
	add_word(words, false, "%s%s", text, more ? " .." : "");
}

/* Between the bars of a narrow terminal, without quotes and dots */
static size_t text_room(const struct pen *pen)
{
	int bars = pen->look->width >= 100 ? 2 * LEFT_BAR + 1 : 2 * LEFT_BAR - TIME_WIDTH;

	return pen->look->width - bars - 11;
}

/* The first bytes of the data, as text and in hexadecimal, below all else. */
static void byte_words(struct words *words, const struct pen *pen, const struct segment *seg)
{
	uint32_t len = segment_event(seg)->seg.len;
	struct payload_found found;
	uint8_t data[TEXT_SHOWN];
	char text[TEXT_SHOWN];
	size_t n, half = BYTES_SHOWN / 2, room = text_room(pen);

	if (!pen->look->payload || !len)
		return;
	begin_line(words);
	if (!bytes_find(pen->conn, pen->look, seg, &found, data, sizeof(data)) || !found.n_data) {
		add_word(words, false, "not captured");
		return;
	}
	n = payload_text(data, found.n_data, text, room < sizeof(text) ? room : sizeof(text));
	add_word(words, false, "\"%s\"%s", text, n < len ? ".." : "");
	begin_line(words);
	n = found.n_data < BYTES_SHOWN ? found.n_data : BYTES_SHOWN;
	hex_word(words, data, n < half ? n : half, n <= half && n < len);
	if (n > half)
		hex_word(words, data + half, n - half, n < len);
}

void segment_words(struct words *words, const struct pen *pen, const struct segment *seg)
{
	const struct brief *ev = segment_event(seg);
	bool absolute = is_absolute(pen, ev);
	uint32_t win = window_of(pen->conn, seg, ev);
	char flags[40];

	memset(words, 0, sizeof(*words));
	add_word(words, false, "%s", event_flags(ev->seg.flags, flags));
	add_word(words, false, "seq=%u",
		 shown_seq(pen, seg->from, ev->seg.seq, absolute));
	if (ev->seg.flags & SEG_ACK)
		add_word(words, false, "ack=%u",
			 shown_seq(pen, !seg->from, ev->seg.ack, absolute));
	if (ev->seg.len)
		add_word(words, false, "len=%u", ev->seg.len);
	if (event_has(ev, TTP_A_SEGS))
		add_word(words, false, "in %u segments", ev->seg.segs);
	if (ev->seg.flags & SEG_URG)
		add_word(words, false, "up=%u", ev->seg.up);
	if (event_has(ev, TTP_A_RETRANSMISSION))
		add_word(words, false, "retransmission");
	if (event_has(ev, TTP_A_PURPOSE))
		add_word(words, false, event_has(ev, TTP_A_RETRANSMISSION) ? "(%s)" : "%s",
			 event_word(FIELD_PURPOSE, ev->seg.purpose));
	if (seg->duplicate)
		add_word(words, false, "duplicate");
	if (seg->lost)
		add_word(words, false, "lost");
	if (event_has(ev, TTP_A_FAULT) && ev == seg->out)
		add_word(words, false, "fault: %s", ev->seg.fault);
	if (!(ev->seg.flags & SEG_RST))
		add_word(words, win != 0, "win=%u", win);
	if (seg->partly)
		add_word(words, false, "only %u bytes arrived",
			 seg->arrived_len);
	else if (seg->pieces > 1)
		add_word(words, true, "in %u pieces", seg->pieces);
	if (ev->seg.flags & SEG_SYN)
		words->below = words->count;
	option_words(words, pen, seg, ev);
	byte_words(words, pen, seg);
}

enum color segment_color(const struct segment *seg)
{
	const struct brief *ev = segment_event(seg);

	if (seg->lost || seg->partly || ev->seg.flags & SEG_RST)
		return C_RED;
	if (event_has(ev, TTP_A_RETRANSMISSION) || seg->duplicate)
		return C_YELLOW;
	if (ev->seg.flags & SEG_SYN)
		return C_CYAN;
	return ev->seg.flags & SEG_FIN ? C_MAGENTA : C_PLAIN;
}

/* Words that fit into @width in the first line, the others below it. */
void break_words(const struct words *words, struct cell *cell, size_t width, enum color color)
{
	char line[CANVAS_MAX] = "";

	cell->count = 0;
	for (int i = 0; i < words->count; i++) {
		size_t used = strlen(line);
		size_t len = strlen(words->word[i]);

		if (used && (used + 1 + len > width ||
			     (i && (i == words->below || words->begins[i])))) {
			if (words->optional[i])
				continue;
			add_line(cell, line, color);
			used = 0;
		}
		snprintf(line + used, sizeof(line) - used, "%s%s",
			 used ? " " : "", words->word[i]);
	}
	add_line(cell, line, color);
}

/*
 * The arrow in its four forms; the label is at the end where the segment
 * was sent, or for a second half, where it arrives.
 */
static void draw_arrow(struct pen *pen, enum row_kind kind, int from,
		       const char *label, enum color color)
{
	struct canvas *c = &pen->canvas;
	int first = LEFT_BAR + 1, last = pen->right_bar - 1;
	int len = strlen(label);
	bool at_left = (from == LEFT) != (kind == ROW_ARRIVE);
	int text = at_left ? first + 3 : last - 2 - len;
	int gone = first + (last - first) * (from == LEFT ? 3 : 1) / 4;

	canvas_fill(c, first, last + 1, G_LINE, color);
	if (kind == ROW_DEPART || kind == ROW_ARRIVE) {
		/* dots on the far side of the label, then nothing */
		int far = at_left ? text + len + 1 : text - 8;

		if (at_left)
			canvas_fill(c, far, last + 1, ' ', color);
		else
			canvas_fill(c, first, text, ' ', color);
		for (int col = far; col < far + 7; col++)
			if (col > first && col < last)
				canvas_put(c, col, G_DOTS, color);
	}
	if (kind == ROW_LOST && from == LEFT) {
		if (gone < text + len + 2)
			gone = text + len + 2;
		canvas_fill(c, gone, last + 1, ' ', color);
		canvas_put(c, gone, G_LOST, color);
	} else if (kind == ROW_LOST) {
		if (gone > text - 3)
			gone = text - 3;
		canvas_fill(c, first, gone, ' ', color);
		canvas_put(c, gone, G_LOST, color);
	}
	if (kind != ROW_ARRIVE)
		canvas_put(c, from == LEFT ? LEFT_BAR : pen->right_bar,
			   from == LEFT ? G_TEE_RIGHT : G_TEE_LEFT, C_PLAIN);
	if (kind == ROW_SEGMENT || kind == ROW_ARRIVE || kind == ROW_FOLD)
		canvas_put(c, from == LEFT ? last : first,
			   from == LEFT ? G_RIGHT : G_LEFT, color);
	if (!len)
		return;
	canvas_fill(c, text - 1, text + len + 1, ' ', color);
	canvas_text(c, text, label, color);
}

static void draw_cell(struct pen *pen, int side, const struct cell *cell,
		      int line)
{
	int col = pen->right_bar + 2;

	if (line >= cell->count)
		return;
	if (side == LEFT)
		col = LEFT_BAR - 1 - (int)strlen(cell->line[line].text);
	canvas_text(&pen->canvas, col, cell->line[line].text,
		    cell->line[line].color);
}

static void draw_time(struct pen *pen, int side, const struct point *point)
{
	char text[32];

	if (!point || (side == RIGHT && !pen->right_times))
		return;
	snprintf(text, sizeof(text), "%*.3f", TIME_WIDTH,
		 point->time_ns / 1e6);
	canvas_text(&pen->canvas, side == LEFT ? 0 : pen->look->width - (int)strlen(text),
		    text, C_DIM);
}

static void draw_bars(struct pen *pen, int glyph)
{
	canvas_clear(&pen->canvas);
	canvas_put(&pen->canvas, LEFT_BAR, glyph, C_PLAIN);
	canvas_put(&pen->canvas, pen->right_bar, glyph, C_PLAIN);
}

static int max3(int a, int b, int c)
{
	if (b > a)
		a = b;
	return c > a ? c : a;
}

/* What did not fit beside the arrow. */
static void draw_below(struct pen *pen, int from, const struct cell *cell, int line)
{
	const char *text = cell->line[line].text;
	int col = from == LEFT ? LEFT_BAR + 4 : pen->right_bar - 3 - (int)strlen(text);

	canvas_text(&pen->canvas, col, text, cell->line[line].color);
}

static void draw_row(struct pen *pen, const struct row *row)
{
	int inner = pen->right_bar - LEFT_BAR - 1;
	struct cell cell[2], below = { 0 };
	struct words words;
	int lines;

	point_lines(&cell[LEFT], row->at[LEFT], pen->look->ascii);
	point_lines(&cell[RIGHT], row->at[RIGHT], pen->look->ascii);
	if (row->seg) {
		if (row->kind == ROW_ARRIVE && row->seg->out)
			half_words(&words, pen, row->seg);
		else
			segment_words(&words, pen, row->seg);
		break_words(&words, &below, inner - 7, segment_color(row->seg));
	}
	lines = max3(cell[LEFT].count, cell[RIGHT].count, below.count);
	for (int i = 0; i < lines; i++) {
		draw_bars(pen, G_BAR);
		if (i == 0) {
			draw_time(pen, LEFT, row->at[LEFT]);
			draw_time(pen, RIGHT, row->at[RIGHT]);
		}
		if (i == 0 && row->seg)
			draw_arrow(pen, row->kind, row->seg->from,
				   below.line[0].text, below.line[0].color);
		else if (i < below.count)
			draw_below(pen, row->seg->from, &below, i);
		draw_cell(pen, LEFT, &cell[LEFT], i);
		draw_cell(pen, RIGHT, &cell[RIGHT], i);
		canvas_print(&pen->canvas, stdout);
	}
}

void fold_words(struct words *words, const struct row *row, int from)
{
	char number[32];

	memset(words, 0, sizeof(*words));
	if (row->fold[from].segs) {
		add_word(words, false, "%s segments,", group_digits(row->fold[from].segs, number));
		add_word(words, false, "%s bytes%s", group_digits(row->fold[from].bytes, number),
			 row->fold[from].acks ? "," : "");
	}
	if (row->fold[from].acks)
		add_word(words, false, "%s ACKs", group_digits(row->fold[from].acks, number));
}

static void draw_fold_of(struct pen *pen, const struct row *row, int from, bool first)
{
	int inner = pen->right_bar - LEFT_BAR - 1;
	struct cell cell;
	struct words words;

	fold_words(&words, row, from);
	break_words(&words, &cell, inner - 7, C_DIM);
	for (int i = 0; i < cell.count; i++) {
		draw_bars(pen, G_FOLD);
		if (i)
			draw_below(pen, from, &cell, i);
		else
			draw_arrow(pen, ROW_FOLD, from, cell.line[0].text, C_DIM);
		canvas_put(&pen->canvas, LEFT_BAR, G_FOLD, C_PLAIN);
		canvas_put(&pen->canvas, pen->right_bar, G_FOLD, C_PLAIN);
		if (first && !i) {
			draw_time(pen, LEFT, row->at[LEFT]);
			draw_time(pen, RIGHT, row->at[RIGHT]);
		}
		canvas_print(&pen->canvas, stdout);
	}
}

static void draw_fold(struct pen *pen, const struct row *row)
{
	bool first = true;

	for (int from = LEFT; from <= RIGHT; from++) {
		if (!row->fold[from].segs && !row->fold[from].acks)
			continue;
		draw_fold_of(pen, row, from, first);
		first = false;
	}
}

/* Where a title begins that is centered above its bar */
static int title_column(const struct pen *pen, int bar, const char *text)
{
	int len = text_width(text), col = bar - len / 2;

	if (col + len > pen->look->width)
		col = pen->look->width - len;
	return col < 0 ? 0 : col;
}

/* Of both sides, in a line, or if they are too wide for that, in two; the last is not printed. */
static void draw_two_titles(struct pen *pen, const char *left, const char *right, enum color color)
{
	int from = title_column(pen, LEFT_BAR, left);
	int right_from = title_column(pen, pen->right_bar, right);

	canvas_clear(&pen->canvas);
	canvas_text(&pen->canvas, from, left, color);
	if (*right && from + text_width(left) + 1 >= right_from) {
		canvas_print(&pen->canvas, stdout);
		canvas_clear(&pen->canvas);
	}
	canvas_text(&pen->canvas, right_from, right, color);
}

static const char *side_title(const struct pen *pen, const struct side *side,
			      char buf[NAME_SIZE])
{
	if (side->ns)
		return printable(side->ns, pen->look->ascii, buf);
	return side->has_points ? "" : "peer";
}

static void draw_titles(struct pen *pen)
{
	const struct side *l = &pen->conn->side[LEFT];
	const struct side *r = &pen->conn->side[RIGHT];
	char text[2][64], name[2][NAME_SIZE];
	struct cell cell = { .count = 1 };

	draw_two_titles(pen, side_title(pen, l, name[LEFT]), side_title(pen, r, name[RIGHT]), C_BOLD);
	canvas_text(&pen->canvas, TIME_WIDTH - 2, "ms", C_DIM);
	if (pen->right_times)
		canvas_text(&pen->canvas, pen->look->width - 2, "ms", C_DIM);
	canvas_print(&pen->canvas, stdout);
	draw_two_titles(pen, event_endpoint(&l->addr, l->port, text[LEFT]),
			event_endpoint(&r->addr, r->port, text[RIGHT]), C_PLAIN);
	canvas_print(&pen->canvas, stdout);
	draw_bars(pen, G_BAR);
	for (int s = LEFT; s <= RIGHT; s++) {
		uint8_t state = pen->conn->side[s].first_state;

		if (!state)
			continue;
		strcpy(cell.line[0].text, event_word(FIELD_STATE, state));
		cell.line[0].color = state_color(state);
		draw_cell(pen, s, &cell, 0);
	}
	canvas_print(&pen->canvas, stdout);
}

/* What went over the wire in each direction. */
static void draw_totals(struct pen *pen)
{
	for (int from = LEFT; from <= RIGHT; from++) {
		const struct total *total = &pen->conn->total[from];
		struct words words = { 0 };
		struct cell cell;
		char number[32];

		add_word(&words, false, "%s bytes in", group_digits(total->bytes, number));
		add_word(&words, false, "%s segments,", group_digits(total->sent, number));
		add_word(&words, false, "%s retransmitted,", group_digits(total->again, number));
		add_word(&words, false, "%s lost", group_digits(total->lost, number));
		break_words(&words, &cell, pen->look->width - LEFT_BAR - 2, C_PLAIN);
		for (int i = 0; i < cell.count; i++) {
			canvas_clear(&pen->canvas);
			if (!i)
				canvas_put(&pen->canvas, LEFT_BAR,
					   from == LEFT ? G_RIGHT : G_LEFT, C_PLAIN);
			canvas_text(&pen->canvas, LEFT_BAR + 2, cell.line[i].text, C_PLAIN);
			canvas_print(&pen->canvas, stdout);
		}
	}
}

void draw_conn(const struct conn *conn, const struct look *look)
{
	struct pen pen = {
		.conn = conn,
		.look = look,
		.canvas.width = look->width,
		.canvas.ascii = look->ascii,
		.canvas.color = look->color,
		.right_times = look->width >= 100,
	};

	pen.right_bar = look->width - 1 - LEFT_BAR;
	if (!pen.right_times)
		pen.right_bar += TIME_WIDTH + 1;

	draw_titles(&pen);
	for (size_t i = 0; i < conn->n_rows && !ferror(stdout); i++) {
		if (conn->rows[i].kind == ROW_FOLD)
			draw_fold(&pen, &conn->rows[i]);
		else
			draw_row(&pen, &conn->rows[i]);
	}
	draw_totals(&pen);
}
