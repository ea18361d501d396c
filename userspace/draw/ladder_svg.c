// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a ladder as SVG, for a page of notes.  It has the order of the
 * terminal's ladder, with as many pixels between rows as their words need, and not
 * time: between two segments may be a microsecond or a minute.  What the terminal
 * draws in two halves is one arrow here, from the row where it leaves to that where
 * it arrives.
 *
 * Each row is a <g> whose data-* attributes say what `ttp ladder -j` says.
 * Called by ladder.c.  Next: svg.c.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/svg.h"
#include "draw/words.h"

#define CHAR	7.25	/* pixels, of a monospace font of 12 */
#define LINE	14
#define SLANT	14	/* so much lower is the arrow's head */
#define MARGIN	10
#define CELL	(29 * CHAR)	/* times and states beside a lifeline */
#define LEAST_COLUMNS	110	/* IPv6's two addresses are beside each other, each word fits */
#define NAME_MAX_SHOWN	40	/* bytes of a namespace's name */

static const char style[] =
	".ttp path,.ttp line{fill:none;stroke:#000;stroke-width:1.3}\n"
	".ttp .bar{stroke:#555}\n"
	".ttp .cut{stroke-dasharray:2 4}\n"
	".ttp polygon,.ttp circle{fill:#000;stroke:none}\n"
	".ttp .state,.ttp .name{font-weight:bold}\n"
	".ttp .dim{fill:#444}\n"
	".ttp .r{text-anchor:end}\n"
	".ttp .m{text-anchor:middle}\n"
	".ttp .syn{stroke:#0072b2;stroke-width:2.2}\n"
	".ttp .fin{stroke:#a04a80;stroke-width:2.2}\n"
	".ttp .again{stroke:#b06f00;stroke-dasharray:9 4}\n"
	".ttp .bad{stroke:#d55e00;stroke-width:2}\n"
	".ttp .fold{stroke:#555;stroke-dasharray:2 4}\n";

static const char dark[] =
	".ttp path,.ttp line{stroke:#ddd}\n"
	".ttp .bar,.ttp .fold{stroke:#aaa}\n"
	".ttp polygon,.ttp circle{fill:#ddd}\n"
	".ttp .dim{fill:#bbb}\n"
	".ttp .syn{stroke:#56b4e9}\n"
	".ttp .fin{stroke:#e39ac4}\n"
	".ttp .again{stroke:#e69f00}\n"
	".ttp .bad{stroke:#ff7f3f}\n";

static const char *const classes[] = {
	[C_PLAIN] = "plain", [C_DIM] = "fold", [C_BOLD] = "plain", [C_RED] = "bad",
	[C_GREEN] = "plain", [C_YELLOW] = "again", [C_MAGENTA] = "fin", [C_CYAN] = "syn",
};

/* Arrows are below all text, so that it can be read where they cross it. */
struct svg_page {
	struct pen pen;
	FILE *lines, *texts;
	char *lines_text, *texts_text;
	size_t lines_len, texts_len;
	double y;
	double bar[2];		/* x of the lifelines */
	double width;
	double bar_from;	/* y up to which they are drawn */
	bool folded;		/* from there on they are */
	double *leaves;		/* y where each row's arrow begins */
};

static double max(double a, double b)
{
	return a > b ? a : b;
}

static void text(struct svg_page *p, double x, double y, const char *class, const char *s)
{
	fprintf(p->texts, "<text class=\"%s\" x=\"%.0f\" y=\"%.0f\">", class, x, y);
	svg_escape(s, p->texts);
	fputs("</text>\n", p->texts);
}

static double outwards(int side, double x)
{
	return side == LEFT ? -x : x;
}

static void bars_to(struct svg_page *p, double y, bool folded)
{
	if (y > p->bar_from)
		for (int s = LEFT; s <= RIGHT; s++)
			fprintf(p->lines, "<line class=\"bar%s\" x1=\"%.0f\" y1=\"%.0f\" "
				"x2=\"%.0f\" y2=\"%.0f\"/>\n", p->folded ? " cut" : "",
				p->bar[s], p->bar_from, p->bar[s], y);
	p->bar_from = y;
	p->folded = folded;
}

/* Words along an arrow, at the end where it leaves: the first line above it. */
static void label(struct svg_page *p, const struct cell *cell, int from, double y, double angle)
{
	double x = p->bar[from] - outwards(from, 12);

	for (int i = 0; i < cell->count; i++) {
		double line_y = i ? y + LINE * i : y - 5;

		fprintf(p->texts, "<text class=\"halo%s\" x=\"%.0f\" y=\"%.0f\"",
			from == RIGHT ? " r" : "", x, line_y);
		if (angle)
			fprintf(p->texts, " transform=\"rotate(%.2f %.0f %.0f)\"", angle,
				p->bar[from], y);
		fputc('>', p->texts);
		svg_escape(cell->line[i].text, p->texts);
		fputs("</text>\n", p->texts);
	}
}

struct place {
	double x, y;
};

static void head(struct svg_page *p, struct place a, struct place b)
{
	double len = hypot(b.x - a.x, b.y - a.y), dx = (b.x - a.x) / len, dy = (b.y - a.y) / len;
	double x = b.x - 10 * dx, y = b.y - 10 * dy;

	fprintf(p->lines, "<polygon points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>\n", b.x, b.y,
		x - 4 * dy, y + 4 * dx, x + 4 * dy, y - 4 * dx);
}

static void cross(struct svg_page *p, struct place at)
{
	fprintf(p->lines, "<path class=\"bad\" d=\"M%.1f %.1fl12 12m0 -12l-12 12\"/>\n", at.x - 6,
		at.y - 6);
}

static void line(struct svg_page *p, const char *class, struct place a, struct place b)
{
	fprintf(p->lines, "<line class=\"%s\" x1=\"%.0f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
		class, a.x, a.y, b.x, b.y);
}

/* Where the arrow would be after @part of its way. */
static struct place on_way(const struct svg_page *p, int from, double y0, double y1, double part)
{
	return (struct place){ p->bar[from] + (p->bar[!from] - p->bar[from]) * part,
			       y0 + (y1 - y0) * part };
}

static double angle_of(const struct svg_page *p, int from, double y0, double y1)
{
	double angle = atan2(y1 - y0, p->bar[RIGHT] - p->bar[LEFT]) * 180 / M_PI;

	return from == LEFT ? angle : -angle;
}

/* From @y0 at the sender's lifeline to @y1 at the other. */
static void arrow(struct svg_page *p, const struct row *row, double y0, double y1)
{
	const struct segment *seg = row->seg;
	const char *class = classes[segment_color(seg)];
	bool appears = row->kind == ROW_ARRIVE && !seg->out;
	struct place a = on_way(p, seg->from, y0, y1, appears ? 0.25 : 0);
	struct place b = on_way(p, seg->from, y0, y1, row->kind == ROW_LOST ? 0.6 : 1);

	line(p, class, a, b);
	if (row->kind == ROW_LOST)
		cross(p, b);
	else
		head(p, a, b);
}

static void make_label(struct svg_page *p, const struct segment *seg, struct cell *cell)
{
	struct words words;

	segment_words(&words, &p->pen, seg);
	break_words(&words, cell, (p->bar[RIGHT] - p->bar[LEFT] - 24) / CHAR, C_PLAIN);
}

static void side_lines(struct svg_page *p, int s, double y, const struct point *point,
		       const struct cell *cell)
{
	double x = p->bar[s] + outwards(s, 10);
	char ms[32];

	if (!point)
		return;
	for (int i = 0; i < cell->count; i++) {
		bool state = cell->line[i].color == C_GREEN || cell->line[i].color == C_BOLD;
		char class[16];

		snprintf(class, sizeof(class), "%s%s", state ? "state" : "dim",
			 s == LEFT ? " r" : "");
		text(p, x, y + 4 + LINE * i, class, cell->line[i].text);
		if (state && !i)
			fprintf(p->texts, "<circle cx=\"%.0f\" cy=\"%.0f\" r=\"3.5\"/>\n",
				p->bar[s], y);
	}
	snprintf(ms, sizeof(ms), "%.3f", point->time_ns / 1e6);
	text(p, s == LEFT ? 10 * CHAR : p->width - MARGIN, y + 4, "dim r", ms);
}

static void data_time(struct svg_page *p, const char *side, const struct point *point)
{
	if (!point)
		return;
	fprintf(p->texts, " data-%s-ms=\"%.6f\"", side, point->time_ns / 1e6);
	if (point->changes) {
		fprintf(p->texts, " data-%s-states=\"", side);
		for (int i = 0; i < point->changes; i++)
			fprintf(p->texts, "%s%s", i ? " " : "",
				event_word(FIELD_STATE, point->change[i].state));
		fputc('"', p->texts);
	}
}

/* What the row is, as ladder_json.c says it. */
static void begin_row(struct svg_page *p, const struct row *row)
{
	static const char *const kinds[] = {
		[ROW_SEGMENT] = "segment", [ROW_LOST] = "lost",
		[ROW_DEPART] = "departure", [ROW_ARRIVE] = "arrival",
		[ROW_STATE] = "state", [ROW_FOLD] = "fold",
	};

	fprintf(p->texts, "<g data-row=\"%s\"", kinds[row->kind]);
	data_time(p, "left", row->at[LEFT]);
	data_time(p, "right", row->at[RIGHT]);
	if (row->seg && row->kind != ROW_FOLD) {
		const struct brief *ev = segment_event(row->seg);
		char flags[40];

		fprintf(p->texts, " data-from=\"%s\" data-flags=\"%s\" data-seq=\"%u\" "
			"data-len=\"%u\"", row->seg->from == LEFT ? "left" : "right", event_flags(ev->seg.flags, flags),
			conn_seq(p->pen.conn, row->seg->from, ev->seg.seq), ev->seg.len);
		if (ev->seg.flags & SEG_ACK)
			fprintf(p->texts, " data-ack=\"%u\"",
				conn_seq(p->pen.conn, !row->seg->from, ev->seg.ack));
	}
	fputs(">\n", p->texts);
}

/* Where did the arrow begin that ends in row @i?  A half row is near the other one. */
static double departure(const struct svg_page *p, size_t i, double y)
{
	const struct row *rows = p->pen.conn->rows;

	for (size_t k = i; k-- > 0;)
		if (rows[k].kind == ROW_DEPART && rows[k].seg == rows[i].seg)
			return p->leaves[k];
	return y;
}

/* The words of one that crosses others are level, where it leaves. */
static void draw_segment(struct svg_page *p, const struct row *row, const struct cell *words,
			 const double y[2])
{
	int from = row->seg->from;
	bool half = row->kind == ROW_ARRIVE && row->seg->out;
	bool level = half || row->kind == ROW_DEPART;

	if (row->kind != ROW_DEPART)
		arrow(p, row, y[from], y[!from]);
	if (half)
		return;
	label(p, words, from, y[from], level ? 0 : angle_of(p, from, y[from], y[!from]));
	/* a line below the arrow ends lower, where the next arrow's words may begin */
	p->y = max(p->y, y[from] + LINE * (words->count - 1) + (words->count > 1 ? 4 : 0));
}

static void draw_row(struct svg_page *p, size_t i)
{
	const struct row *row = &p->pen.conn->rows[i];
	double y[2] = { p->y + 8, p->y + 8 };
	struct cell cell[2], words = { 0 };

	if (row->seg) {
		int from = row->seg->from;

		make_label(p, row->seg, &words);
		y[from] = p->y + 20;
		y[!from] = y[from] + (row->kind == ROW_DEPART ? 0 : SLANT);
		p->leaves[i] = y[from];
		if (row->kind == ROW_ARRIVE && row->seg->out)
			y[from] = departure(p, i, y[from]);
	}
	bars_to(p, p->y, false);
	begin_row(p, row);
	if (row->seg)
		draw_segment(p, row, &words, y);
	for (int s = LEFT; s <= RIGHT; s++) {
		point_lines(&cell[s], row->at[s], false);
		side_lines(p, s, y[s], row->at[s], &cell[s]);
		if (row->at[s])
			p->y = max(p->y, y[s] + LINE * (cell[s].count ? cell[s].count - 1 : 0));
	}
	fputs("</g>\n", p->texts);
	p->y = max(p->y, row->kind == ROW_STATE || !row->seg ? 0 : max(y[LEFT], y[RIGHT])) + 8;
}

static void draw_fold(struct svg_page *p, const struct row *row)
{
	bool first = true;

	begin_row(p, row);
	for (int from = LEFT; from <= RIGHT; from++) {
		struct words words;
		struct cell cell, none = { 0 };
		struct place a = { p->bar[from], p->y + 20 }, b = { p->bar[!from], p->y + 20 };

		if (!row->fold[from].segs && !row->fold[from].acks)
			continue;
		bars_to(p, p->y, true);
		fold_words(&words, row, from);
		break_words(&words, &cell, (p->bar[RIGHT] - p->bar[LEFT] - 24) / CHAR, C_PLAIN);
		label(p, &cell, from, a.y, 0);
		line(p, "fold", a, b);
		head(p, a, b);
		if (first)
			for (int s = LEFT; s <= RIGHT; s++)
				side_lines(p, s, a.y, row->at[s], &none);
		p->y += 28 + LINE * (cell.count - 1);
		first = false;
	}
	fputs("</g>\n", p->texts);
}

/* A name may have 255 bytes; at a character's end something is left out. */
static void draw_name(struct svg_page *p, int s, double y, const char *name)
{
	char shown[NAME_MAX_SHOWN + 8];
	size_t len = strlen(name);

	if (len > NAME_MAX_SHOWN)
		for (len = NAME_MAX_SHOWN; (name[len] & 0xc0) == 0x80;)
			len--;
	snprintf(shown, sizeof(shown), "%.*s%s", (int)len, name, name[len] ? "…" : "");
	text(p, p->bar[s], y, "name m", shown);
}

static void draw_titles(struct svg_page *p)
{
	const struct side *sides = p->pen.conn->side;
	char buf[64];

	text(p, 10 * CHAR, p->y + 12, "dim r", "ms");
	text(p, p->width - MARGIN, p->y + 12, "dim r", "ms");
	for (int s = LEFT; s <= RIGHT; s++) {
		draw_name(p, s, p->y + 12, sides[s].ns ? sides[s].ns :
			  sides[s].has_points ? "" : "peer");
		text(p, p->bar[s], p->y + 27, "m",
		     event_endpoint(&sides[s].addr, sides[s].port, buf));
		if (sides[s].first_state)
			text(p, p->bar[s] + outwards(s, 10), p->y + 46, s == LEFT ? "state r" : "state",
			     event_word(FIELD_STATE, sides[s].first_state));
	}
	p->bar_from = p->y + 34;
	p->y += 52;
}

/* What went over the wire from this end. */
static void total_line(const struct conn *conn, int from, char *buf, size_t size)
{
	const struct total *total = &conn->total[from];
	char bytes[32], sent[32], again[32], lost[32];

	snprintf(buf, size, "%s bytes in %s segments, %s retransmitted, %s lost",
		 group_digits(total->bytes, bytes), group_digits(total->sent, sent),
		 group_digits(total->again, again), group_digits(total->lost, lost));
}

static void draw_totals(struct svg_page *p)
{
	char words[160], sum[200];

	for (int from = LEFT; from <= RIGHT; from++) {
		total_line(p->pen.conn, from, words, sizeof(words));
		snprintf(sum, sizeof(sum), from == LEFT ? "→ %s" : "← %s", words);
		text(p, p->bar[LEFT], p->y + 16, "", sum);
		p->y += LINE + 2;
	}
}

/*
 * Starts a picture; ladders are put below each other.
 * Return: for ladder_svg_add() and ladder_svg_end().
 */
struct svg_page *ladder_svg_begin(const struct look *look)
{
	struct svg_page *p = xrealloc(NULL, 1, sizeof(*p));

	memset(p, 0, sizeof(*p));
	p->pen.look = look;
	p->lines = svg_buffer(&p->lines_text, &p->lines_len);
	p->texts = svg_buffer(&p->texts_text, &p->texts_len);
	p->width = max(look->width, LEAST_COLUMNS) * CHAR;
	p->bar[LEFT] = CELL;
	p->bar[RIGHT] = p->width - CELL;
	p->y = MARGIN;
	return p;
}

static void title_conn(struct svg_page *p)
{
	const struct conn *conn = p->pen.conn;
	char from[64], to[64], words[160];

	fputs("<g class=\"ladder\" role=\"group\">\n<title>", p->texts);
	event_endpoint(&conn->side[LEFT].addr, conn->side[LEFT].port, from);
	event_endpoint(&conn->side[RIGHT].addr, conn->side[RIGHT].port, to);
	fprintf(p->texts, "Sequence diagram of %s and %s</title>\n<desc>", from, to);
	total_line(conn, LEFT, words, sizeof(words));
	fprintf(p->texts, "From left to right %s; ", words);
	total_line(conn, RIGHT, words, sizeof(words));
	fprintf(p->texts, "from right to left %s.</desc>\n", words);
}

void ladder_svg_add(struct svg_page *p, const struct conn *conn)
{
	if (p->y > MARGIN)
		p->y += 2 * LINE;
	p->pen.conn = conn;
	p->leaves = xrealloc(NULL, conn->n_rows, sizeof(*p->leaves));
	title_conn(p);
	draw_titles(p);
	for (size_t i = 0; i < conn->n_rows; i++) {
		if (conn->rows[i].kind == ROW_FOLD)
			draw_fold(p, &conn->rows[i]);
		else
			draw_row(p, i);
	}
	bars_to(p, p->y + 6, false);
	draw_totals(p);
	fputs("</g>\n", p->texts);
	free(p->leaves);
}

void ladder_svg_end(struct svg_page *p, FILE *out)
{
	svg_begin(out, p->width, p->y + MARGIN, style, dark);
	svg_title(out, "TCP sequence diagram, drawn by ttp ladder");
	fputs("<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n<g aria-hidden=\"true\">\n", out);
	svg_append(out, p->lines, &p->lines_text, &p->lines_len);
	fputs("</g>\n", out);
	svg_append(out, p->texts, &p->texts_text, &p->texts_len);
	svg_end(out);
	free(p);
}
