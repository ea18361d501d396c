/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a row of the ladder says, whatever it is drawn with: words beside an
 * arrow, and short lines beside a lifeline.  draw.c makes them, for the other
 * pictures, too.
 */
#ifndef TTP_WORDS_H
#define TTP_WORDS_H

#include "draw/ladder.h"

#define LINES_MAX	16
#define WORDS_MAX	24

/* A few short lines: what is beside a bar, or below an arrow. */
struct cell {
	int count;
	struct {
		char text[CANVAS_MAX];
		enum color color;
	} line[LINES_MAX];
};

struct words {
	int count;
	char word[WORDS_MAX][48];
	bool optional[WORDS_MAX];	/* left out rather than put below */
	int below;			/* from this one on, below; 0: none */
	bool begins[WORDS_MAX];		/* a line of its own */
};

struct pen {
	const struct conn *conn;
	const struct look *look;
	struct canvas canvas;
	int right_bar;
	bool right_times;	/* there is room for them */
};

/* draw.c */
void point_lines(struct cell *cell, const struct point *point, bool ascii);
void half_words(struct words *words, const struct pen *pen, const struct segment *seg);
void segment_words(struct words *words, const struct pen *pen, const struct segment *seg);
enum color segment_color(const struct segment *seg);
void fold_words(struct words *words, const struct row *row, int from);
void break_words(const struct words *words, struct cell *cell, size_t width, enum color color);

#endif
