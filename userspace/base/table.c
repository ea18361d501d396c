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
	char *cell[COLUMNS_MAX];
	char *note;		/* a line of its own, below */
};

struct table {
	char align[COLUMNS_MAX + 1];	/* 'l' or 'r' per column */
	size_t columns;
	struct row *rows;
	size_t count;
};

static char *copy(const char *s)
{
	char *p = strdup(s);

	if (!p)
		exit(fail("out of memory"));
	return p;
}

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
	const char *cell;
	struct row *row;
	va_list args;

	t->rows = xrealloc(t->rows, t->count + 1, sizeof(*t->rows));
	row = &t->rows[t->count++];
	memset(row, 0, sizeof(*row));
	va_start(args, t);
	for (size_t i = 0; i < t->columns; i++) {
		cell = va_arg(args, const char *);
		if (!cell)
			break;
		row->cell[i] = copy(cell);
	}
	va_end(args);
}

void table_note(struct table *t, const char *text)
{
	if (t->count && !t->rows[t->count - 1].note)
		t->rows[t->count - 1].note = copy(text);
}

static void print_row(const struct table *t, const struct row *row,
		      const int *width, FILE *out)
{
	bool first = true;
	size_t last = 0;

	for (size_t c = 0; c < t->columns; c++)
		if (row->cell[c] && row->cell[c][0])
			last = c;
	for (size_t c = 0; c <= last; c++) {
		const char *cell = row->cell[c] ? row->cell[c] : "";
		int w = width[c];

		if (!w)		/* nothing in any row */
			continue;
		if (!first)
			fputs("  ", out);
		first = false;
		w -= text_width(cell);
		if (t->align[c] == 'l')
			fprintf(out, "%s%*s", cell, c == last ? 0 : w, "");
		else
			fprintf(out, "%*s%s", w, "", cell);
	}
	fputc('\n', out);
	if (row->note)
		fprintf(out, "    %s\n", row->note);
}

void table_print(struct table *t, FILE *out)
{
	int width[COLUMNS_MAX] = { 0 };

	for (size_t r = 0; r < t->count; r++)
		for (size_t c = 0; c < t->columns; c++)
			if (t->rows[r].cell[c] && text_width(t->rows[r].cell[c]) > width[c])
				width[c] = text_width(t->rows[r].cell[c]);
	for (size_t r = 0; r < t->count; r++)
		print_row(t, &t->rows[r], width, out);
}

void table_free(struct table *t)
{
	for (size_t r = 0; r < t->count; r++) {
		for (size_t c = 0; c < t->columns; c++)
			free(t->rows[r].cell[c]);
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
