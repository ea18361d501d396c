// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a ladder as a Mermaid sequenceDiagram, for notes in Markdown.  States
 * are notes; what is lost ends in a cross.  Mermaid has no arrows that cross: what
 * arrives in a later row has an open arrow where it leaves, and a note where it
 * arrives.
 *
 * Called by ladder.c.
 */
#include <stdio.h>
#include <string.h>

#include "draw/words.h"

static const char *const names[] = { [LEFT] = "L", [RIGHT] = "R" };

/* Some characters mean something to Mermaid, or to the HTML that it makes. */
static void escape(const char *text)
{
	for (; *text; text++) {
		if (*text == TEXT_SECTION)
			fputs("§", stdout);
		else if (strchr("#;<>&\"%{}[]", *text))
			printf("#%d;", *text);
		else
			putchar(*text);
	}
}

static void participant(const struct conn *conn, int s)
{
	const struct side *side = &conn->side[s];
	char buf[64];

	printf("    participant %s as ", names[s]);
	escape(side->ns ? side->ns : side->has_points ? "" : "peer");
	fputs(side->ns || !side->has_points ? "<br/>" : "", stdout);
	escape(event_endpoint(&side->addr, side->port, buf));
	putchar('\n');
}

static void note(int s, const struct cell *cell)
{
	if (!cell->count)
		return;
	printf("    Note %s of %s: ", s == LEFT ? "left" : "right", names[s]);
	for (int i = 0; i < cell->count; i++) {
		fputs(i ? "<br/>" : "", stdout);
		escape(cell->line[i].text);
	}
	putchar('\n');
}

static void arrow(int from, const char *arrow, const struct words *words)
{
	printf("    %s%s%s: ", names[from], arrow, names[!from]);
	for (int i = 0; i < words->count; i++) {
		if (i)
			fputs(i == words->below ? "<br/>" : " ", stdout);
		escape(words->word[i]);
	}
	putchar('\n');
}

static void segment(const struct pen *pen, const struct row *row)
{
	static const char *const arrows[] = {
		[ROW_SEGMENT] = "->>", [ROW_LOST] = "-x", [ROW_DEPART] = "-)",
		[ROW_ARRIVE] = "-->>",
	};
	struct words words;

	if (row->kind == ROW_ARRIVE && row->seg->out)
		half_words(&words, pen, row->seg);
	else
		segment_words(&words, pen, row->seg);
	if (row->kind == ROW_ARRIVE && row->seg->out) {
		printf("    Note over %s: arrives: ", names[!row->seg->from]);
		for (int i = 0; i < words.count; i++) {
			fputs(i ? " " : "", stdout);
			escape(words.word[i]);
		}
		putchar('\n');
	} else {
		arrow(row->seg->from, arrows[row->kind], &words);
	}
}

static void fold(const struct row *row)
{
	for (int from = LEFT; from <= RIGHT; from++) {
		struct words words;

		fold_words(&words, row, from);
		if (words.count)
			arrow(from, "-->>", &words);
	}
}

static void draw_row(const struct pen *pen, const struct row *row)
{
	struct cell cell;

	if (row->kind == ROW_FOLD) {
		fold(row);
		return;
	}
	if (row->seg)
		segment(pen, row);
	for (int s = LEFT; s <= RIGHT; s++) {
		point_lines(&cell, row->at[s], false);
		note(s, &cell);
	}
}

void ladder_mermaid(const struct conn *conn, const struct look *look)
{
	struct pen pen = { .conn = conn, .look = look };

	puts("sequenceDiagram");
	for (int s = LEFT; s <= RIGHT; s++)
		participant(conn, s);
	for (int s = LEFT; s <= RIGHT; s++) {
		struct cell cell = { .count = 1 };

		if (!conn->side[s].first_state)
			continue;
		strcpy(cell.line[0].text, event_word(FIELD_STATE, conn->side[s].first_state));
		note(s, &cell);
	}
	for (size_t i = 0; i < conn->n_rows; i++)
		draw_row(&pen, &conn->rows[i]);
}
