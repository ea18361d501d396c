// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's curves as panels on one time axis.  Each <g data-panel> says which
 * rectangle of pixels is which range of values, so that a program can read the
 * values back.  Colors are those of Okabe and Ito, which the color-blind can tell;
 * dashes and marks tell the curves, too, on paper.
 *
 * Called by plot.c.  Next: svg.c.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/plot.h"
#include "draw/svg.h"

#define WIDTH	960
#define LEFT_X	86
#define RIGHT_X	(WIDTH - 24)
#define TOP	64		/* title and subtitle */
#define HEIGHT	170
#define GAP	52		/* a panel's title and legend are in it */
#define CHAR	7.25

enum shape { STEPS, DOTS, BARS, CROSSES };

struct curve {
	enum series_id id;
	enum shape shape;
	const char *class;
};

#define CURVES_MAX 5

static const struct panel {
	const char *title;
	const char *unit;
	double factor;		/* from the series' unit to this one */
	bool log;
	int n;
	struct curve curve[CURVES_MAX];
} panels[P_LAST] = {
	[P_CWND] = { "Congestion window", "B", 1, false, 3, {
		{ S_IN_FLIGHT, STEPS, "grey" }, { S_SSTHRESH, STEPS, "red dash" },
		{ S_CWND, STEPS, "blue" } } },
	[P_WINDOW] = { "Flow control", "B", 1, false, 2, {
		{ S_UNACKED, STEPS, "grey" }, { S_WINDOW, STEPS, "green" } } },
	[P_RTT] = { "Round-trip time", "s", 1e-3, true, 3, {
		{ S_RTT, DOTS, "dots" }, { S_SRTT, STEPS, "blue" }, { S_RTO, STEPS, "red dash" } } },
	[P_THROUGHPUT] = { "Throughput", "bit/s", 1, false, 2, {
		{ S_SENT_RATE, STEPS, "orange dash" }, { S_ACKED_RATE, STEPS, "green" } } },
	[P_SEQUENCE] = { "Sequence numbers", "B", 1, false, 5, {
		{ S_EDGE, STEPS, "blue dash" }, { S_ACKED, STEPS, "green" }, { S_DATA, BARS, "black" },
		{ S_AGAIN, BARS, "again" }, { S_LOST, CROSSES, "lost" } } },
};

static const char style[] =
	".ttp .title{font-weight:bold}\n"
	".ttp .r{text-anchor:end}\n"
	".ttp .m{text-anchor:middle}\n"
	".ttp path,.ttp line{fill:none;stroke:#000;stroke-width:1.5}\n"
	".ttp .grid{stroke:#ddd;stroke-width:1}\n"
	".ttp .frame{stroke:#666;stroke-width:1}\n"
	".ttp .black{stroke:#000;stroke-width:2}\n"
	".ttp .grey{stroke:#777;stroke-width:1}\n"
	".ttp .blue{stroke:#0072b2}\n"
	".ttp .green{stroke:#009e73;stroke-width:2}\n"
	".ttp .orange{stroke:#e69f00;stroke-width:2}\n"
	".ttp .red{stroke:#d55e00;stroke-width:2}\n"
	".ttp .dash{stroke-dasharray:6 3}\n"
	".ttp .dots{stroke:#000;stroke-width:3;stroke-linecap:round}\n"
	".ttp .again{stroke:#e69f00;stroke-width:4}\n"
	".ttp .lost{stroke:#d55e00;stroke-width:1.5}\n";

static const char dark[] =
	".ttp path,.ttp line,.ttp .black,.ttp .dots{stroke:#eee}\n"
	".ttp .grid{stroke:#333}\n"
	".ttp .frame,.ttp .grey{stroke:#999}\n"
	".ttp .blue{stroke:#56b4e9}\n"
	".ttp .green{stroke:#2fc79b}\n"
	".ttp .orange,.ttp .again{stroke:#e69f00}\n"
	".ttp .red,.ttp .lost{stroke:#ff7f3f}\n";

/* A range of values, and where it is in the picture. */
struct axis {
	double v0, v1;
	double p0, p1;
	bool log;
};

static double place(const struct axis *a, double v)
{
	double part;

	if (a->log)
		part = (log10(v > a->v0 ? v : a->v0) - log10(a->v0)) / (log10(a->v1) - log10(a->v0));
	else
		part = (v - a->v0) / (a->v1 - a->v0);
	if (part > 1)		/* what is far above the others */
		part = 1;
	return a->p0 + (a->p1 - a->p0) * part;
}

/* 1, 2 or 5 times a power of ten, so that there are at most about @count. */
static double nice_step(double span, int count)
{
	double power = pow(10, floor(log10(span / count))), over = span / count / power;

	return power * (over <= 1 ? 1 : over <= 2 ? 2 : over <= 5 ? 5 : 10);
}

/* 64000 B -> 64 kB */
static void value_text(double v, const char *unit, char *buf, size_t size)
{
	static const struct {
		double of;
		const char *prefix;
	} prefixes[] = {
		{ 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" }, { 1e-3, "m" }, { 1e-6, "µ" },
	};
	size_t i = 0;

	if (!v) {
		snprintf(buf, size, "0");
		return;
	}
	while (i < ARRAY_SIZE(prefixes) - 1 && fabs(v) < prefixes[i].of * 0.9999999)
		i++;
	snprintf(buf, size, "%.6g %s%s", v / prefixes[i].of, prefixes[i].prefix, unit);
}

static void text(FILE *out, double x, double y, const char *class, const char *s)
{
	fprintf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
	svg_escape(s, out);
	fputs("</text>\n", out);
}

static void line(FILE *out, const char *class, double x1, double y1, double x2, double y2)
{
	fprintf(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class,
		x1, y1, x2, y2);
}

static void steps(FILE *out, const struct series *s, const struct axis *t, const struct axis *v,
		  double factor)
{
	for (size_t i = 0; i < s->n; i++) {
		double x = place(t, s->at[i].ns / 1e9), y = place(v, s->at[i].value * factor);

		if (i)
			fprintf(out, "H%.1fV%.1f", x, y);
		else
			fprintf(out, "M%.1f %.1f", x, y);
	}
}

static void marks(FILE *out, const struct series *s, enum shape shape, const struct axis *t,
		  const struct axis *v, double factor)
{
	for (size_t i = 0; i < s->n; i++) {
		double x = place(t, s->at[i].ns / 1e9), y = place(v, s->at[i].value * factor);

		if (shape == DOTS)
			fprintf(out, "M%.1f %.1fh0", x, y);
		else if (shape == BARS)
			fprintf(out, "M%.1f %.1fV%.1f", x, y, place(v, s->at[i].to * factor) - 0.5);
		else
			fprintf(out, "M%.1f %.1fl8 8m0 -8l-8 8", x - 4, y - 4);
	}
}

static void draw_curve(FILE *out, const struct curve *curve, const struct series *s,
		       const struct axis *t, const struct axis *v, double factor)
{
	if (!s->n)
		return;
	fprintf(out, "<path class=\"%s\" data-series=\"%s\" data-count=\"%llu\" d=\"", curve->class,
		series_names[curve->id], (unsigned long long)s->count);
	if (curve->shape == STEPS)
		steps(out, s, t, v, factor);
	else
		marks(out, s, curve->shape, t, v, factor);
	fputs("\"/>\n", out);
}

static double draw_key(FILE *out, const struct curve *curve, double x, double y)
{
	const char *name = series_names[curve->id];

	x -= strlen(name) * CHAR;
	text(out, x, y, "key", name);
	x -= 30;
	if (curve->shape == CROSSES)
		fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1fl8 8m0 -8l-8 8\"/>\n", curve->class,
			x + 8, y - 8);
	else if (curve->shape == DOTS)
		fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1fh0m7 2h0m7 -3h0\"/>\n", curve->class,
			x + 5, y - 4);
	else if (curve->shape == BARS)
		line(out, curve->class, x + 12, y - 9, x + 12, y + 1);
	else
		line(out, curve->class, x, y - 4, x + 24, y - 4);
	return x - 16;
}

bool panel_has(const struct curves *curves, int panel)
{
	for (int i = 0; i < panels[panel].n; i++)
		if (curves->series[panels[panel].curve[i].id].n)
			return true;
	return false;
}

static void widen(struct axis *v, const struct series *s, double factor)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->at[i].to * factor > v->v1)
			v->v1 = s->at[i].to * factor;
		if (s->at[i].value > 0 && s->at[i].value * factor < v->v0)
			v->v0 = s->at[i].value * factor;
	}
}

/* From zero, or over whole powers of ten.  The window's edge may be far above. */
static void set_range(struct axis *v, const struct panel *panel, const struct curves *curves)
{
	v->v0 = HUGE_VAL;
	v->v1 = 0;
	v->log = panel->log;
	for (int i = 0; i < panel->n; i++)
		if (panel->curve[i].id != S_EDGE)
			widen(v, &curves->series[panel->curve[i].id], panel->factor);
	if (v->v1 <= 0)
		v->v0 = v->v1 = 1;
	if (v->log) {
		v->v0 = pow(10, floor(log10(v->v0)));
		v->v1 = pow(10, ceil(log10(v->v1) + 1e-9));
		return;
	}
	v->v0 = 0;
	v->v1 *= 1.08;
}

static void draw_values(FILE *out, const struct axis *v, const char *unit)
{
	double step = v->log ? 10 : nice_step(v->v1 - v->v0, 4);
	double at = v->v0;

	for (int i = 0; at <= v->v1 * 1.0001; i++, at = v->log ? at * 10 : i * step) {
		char label[40];

		value_text(at, unit, label, sizeof(label));
		line(out, "grid", LEFT_X, place(v, at), RIGHT_X, place(v, at));
		text(out, LEFT_X - 6, place(v, at) + 4, "r", label);
	}
}

static void draw_times(FILE *out, const struct axis *t, double y0, double y1, bool labels)
{
	double step = nice_step(t->v1 - t->v0, 10);
	double first = ceil(t->v0 / step);

	for (int i = 0; (first + i) * step <= t->v1; i++) {
		double at = (first + i) * step;
		char label[40];

		line(out, "grid", place(t, at), y0, place(t, at), y1);
		if (!labels)
			continue;
		value_text(at, "s", label, sizeof(label));
		text(out, place(t, at), y1 + 16, "m", label);
	}
}

/* Retransmissions and losses, along the lower edge. */
static void draw_rug(FILE *out, const struct curves *curves, const struct axis *t, double y)
{
	const struct series *again = &curves->series[S_AGAIN], *lost = &curves->series[S_LOST];

	if (again->n) {
		fputs("<path class=\"again\" data-marks=\"retransmitted\" d=\"", out);
		for (size_t i = 0; i < again->n; i++)
			fprintf(out, "M%.1f %.1fv-8", place(t, again->at[i].ns / 1e9), y);
		fputs("\"/>\n", out);
	}
	if (lost->n) {
		fputs("<path class=\"lost\" data-marks=\"lost\" d=\"", out);
		for (size_t i = 0; i < lost->n; i++)
			fprintf(out, "M%.1f %.1fl6 6m0 -6l-6 6", place(t, lost->at[i].ns / 1e9) - 3,
				y - 18);
		fputs("\"/>\n", out);
	}
}

static void draw_legend(FILE *out, const struct panel *panel, const struct curves *curves,
			bool rug, double y)
{
	static const struct curve rugs[] = { { S_LOST, CROSSES, "lost" }, { S_AGAIN, BARS, "again" } };
	double x = RIGHT_X;

	for (size_t i = 0; rug && i < ARRAY_SIZE(rugs); i++)
		if (curves->series[rugs[i].id].n)
			x = draw_key(out, &rugs[i], x, y);
	for (int i = panel->n - 1; i >= 0; i--)
		if (curves->series[panel->curve[i].id].n)
			x = draw_key(out, &panel->curve[i], x, y);
}

static void draw_panel(FILE *out, const struct curves *curves, int id, const struct axis *t,
		       double y, bool last)
{
	const struct panel *panel = &panels[id];
	struct axis v = { .p0 = y + HEIGHT, .p1 = y };
	bool rug = id != P_SEQUENCE;

	set_range(&v, panel, curves);
	fprintf(out, "<g data-panel=\"%s\" data-unit=\"%s\" data-factor=\"%g\" data-log=\"%d\" "
		"data-t=\"%.9g %.9g\" data-x=\"%d %d\" data-v=\"%.9g %.9g\" data-y=\"%.1f %.1f\">\n",
		panel_names[id], panel->unit, panel->factor, v.log, t->v0, t->v1, LEFT_X, RIGHT_X,
		v.v0, v.v1, v.p0, v.p1);
	svg_title(out, panel->title);
	draw_times(out, t, y, y + HEIGHT, last);
	draw_values(out, &v, panel->unit);
	fprintf(out, "<path class=\"frame\" d=\"M%d %.1fV%.1fH%d\"/>\n", LEFT_X, y, y + HEIGHT, RIGHT_X);
	text(out, LEFT_X, y - 8, "title", panel->title);
	draw_legend(out, panel, curves, rug, y - 8);
	for (int i = 0; i < panel->n; i++)
		draw_curve(out, &panel->curve[i], &curves->series[panel->curve[i].id], t, &v,
			   panel->factor);
	if (rug)
		draw_rug(out, curves, t, y + HEIGHT);
	fputs("</g>\n", out);
}

static void set_times(struct axis *t, const struct curves *curves)
{
	t->v0 = 0;
	t->v1 = 0;
	for (int id = 0; id < S_LAST; id++)
		for (size_t i = 0; i < curves->series[id].n; i++)
			if (curves->series[id].at[i].ns / 1e9 > t->v1)
				t->v1 = curves->series[id].at[i].ns / 1e9;
	if (t->v1 <= 0)
		t->v1 = 1e-3;
}

static void draw_titles(FILE *out, const struct conn *conn, int side)
{
	const struct side *from = &conn->side[side], *to = &conn->side[!side];
	char a[64], b[64], number[3][32], words[400];

	event_endpoint(&from->addr, from->port, a);
	event_endpoint(&to->addr, to->port, b);
	snprintf(words, sizeof(words), "%s to %s", a, b);
	svg_title(out, words);
	text(out, LEFT_X, 18, "title", words);
	snprintf(words, sizeof(words), "%s bytes in %s segments, %s retransmitted",
		 group_digits(conn->total[side].bytes, number[0]),
		 group_digits(conn->total[side].sent, number[1]),
		 group_digits(conn->total[side].again, number[2]));
	text(out, RIGHT_X, 18, "r", words);
	fprintf(out, "<desc>%s.</desc>\n", words);
}

/*
 * The curves of the end at @side, in the panels that are @wanted; all that have any,
 * if none is.
 */
void plot_svg(struct curves *curves, const struct conn *conn, int side, const bool *wanted,
	      FILE *out)
{
	struct axis t = { .p0 = LEFT_X, .p1 = RIGHT_X };
	int n = 0, list[P_LAST];
	bool all = true;

	for (int i = 0; i < P_LAST; i++)
		all = all && !wanted[i];
	for (int i = 0; i < P_LAST; i++)
		if ((all || wanted[i]) && panel_has(curves, i))
			list[n++] = i;
	set_times(&t, curves);
	svg_begin(out, WIDTH, TOP + n * (HEIGHT + GAP) - 10, style, dark);
	fputs("<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n", out);
	draw_titles(out, conn, side);
	for (int i = 0; i < n; i++)
		draw_panel(out, curves, list[i], &t, TOP - 8 + i * (HEIGHT + GAP), i == n - 1);
	svg_end(out);
}
