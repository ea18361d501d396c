// SPDX-License-Identifier: GPL-2.0
/*
 * Columns as wide as their widest cell, and JSON.  Called by what prints lists.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/table.h"

#define COLUMNS_MAX 12

struct row {
	char *cells;		/* one behind the other, each with its 0 */
	char *note;		/* lines of their own, below */
	unsigned int count;	/* of cells */
	uint16_t width[COLUMNS_MAX];
};

struct table {
	char align[COLUMNS_MAX + 1];	/* 'l' or 'r' per column */
	size_t columns;
	int width[COLUMNS_MAX];		/* of the widest cell */
	struct row *rows;
	size_t count;
};

struct table *table_new(const char *align)
{
	struct table *t = xrealloc(NULL, 1, sizeof(*t));

	memset(t, 0, sizeof(*t));
	snprintf(t->align, sizeof(t->align), "%s", align);
	t->columns = strlen(t->align);
	return t;
}

void table_row(struct table *t, ...)
{
	const char *cell[COLUMNS_MAX];
	size_t len[COLUMNS_MAX], size = 0;
	struct row *row;
	va_list args;
	char *to;

	t->rows = grow(t->rows, t->count, sizeof(*t->rows));
	row = &t->rows[t->count++];
	row->note = NULL;
	va_start(args, t);
	for (row->count = 0; row->count < t->columns; row->count++) {
		cell[row->count] = va_arg(args, const char *);
		if (!cell[row->count])
			break;
		len[row->count] = strlen(cell[row->count]) + 1;
		size += len[row->count];
	}
	va_end(args);
	to = row->cells = xrealloc(NULL, size, 1);
	for (unsigned int c = 0; c < row->count; c++) {
		to = mempcpy(to, cell[c], len[c]);
		row->width[c] = text_width(cell[c]);
		if (row->width[c] > t->width[c])
			t->width[c] = row->width[c];
	}
}

/* Below the last row; after what was noted there before. */
void table_note(struct table *t, const char *text)
{
	struct row *row = &t->rows[t->count - 1];
	char *note;

	if (!t->count || !*text)
		return;
	if (asprintf(&note, "%s%s%s", row->note ?: "", row->note ? "\n    " : "", text) < 0)
		exit(fail("out of memory"));
	free(row->note);
	row->note = note;
}

static void pad(int width, FILE *out)
{
	for (; width > 0; width--)
		putc_unlocked(' ', out);
}

static void print_row(const struct table *t, const struct row *row, FILE *out)
{
	const char *cell = row->cells;
	unsigned int last = row->count;
	bool first = true;

	while (last > 1 && !row->width[last - 1])
		last--;
	for (unsigned int c = 0; c < last; c++, cell = strchr(cell, '\0') + 1) {
		int space = t->width[c] - row->width[c];

		if (!t->width[c])	/* nothing in any row */
			continue;
		pad(first ? 0 : 2, out);
		first = false;
		if (t->align[c] == 'r')
			pad(space, out);
		fputs_unlocked(cell, out);
		if (t->align[c] == 'l' && c < last - 1)
			pad(space, out);
	}
	putc_unlocked('\n', out);
	if (row->note)
		fprintf(out, "    %s\n", row->note);
}

void table_print(struct table *t, FILE *out)
{
	for (size_t r = 0; r < t->count; r++)
		print_row(t, &t->rows[r], out);
}

void table_free(struct table *t)
{
	for (size_t r = 0; r < t->count; r++) {
		free(t->rows[r].cells);
		free(t->rows[r].note);
	}
	free(t->rows);
	free(t);
}

/* Context: takes the reference on @obj. */
void print_json(struct json_object *obj)
{
	puts(json_object_to_json_string_ext(obj,
					    JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}
