// SPDX-License-Identifier: GPL-2.0
/*
 * The differences that docs/differences.md lists: rows of four columns, below the
 * heading "Socket calls".
 */
#include <fnmatch.h>
#include "calls.h"

#define MAX_ROWS 200

static struct row {
	int line, used;
	char *call, *what, *tcp, *ttp;	/* patterns */
} rows[MAX_ROWS];

static int rows_count;

/* The text of a cell; `quotes` around it go. */
static char *cell(char **rest)
{
	char *text = strsep(rest, "|"), *end;

	if (!text)
		return NULL;
	text += strspn(text, " `\n");
	for (end = text + strlen(text); end > text && strchr(" `\n", end[-1]); end--)
		;
	*end = 0;
	return text;
}

static void read_row(char *text, int line)
{
	struct row row = { .line = line };
	char *rest = text + 1, *both, *second;

	row.call = cell(&rest);
	row.what = cell(&rest);
	both = cell(&rest);
	if (!both || !strncmp(row.call, "call", 4) || !strncmp(row.call, "---", 3))
		return;
	second = strstr(both, "` `");
	if (!second || rows_count == MAX_ROWS) {
		fprintf(stderr, "calls: line %d: two answers in the third column, TCP's first\n",
			line);
		exit(2);
	}
	*second = 0;
	row.tcp = both;
	row.ttp = second + 3;
	rows[rows_count++] = row;
}

bool known_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	bool ours = false;
	int number = 0;

	if (!file)
		return false;
	while (getline(&line, &room, file) > 0) {
		number++;
		if (!strncmp(line, "## ", 3))
			ours = !strncmp(line, "## Socket calls", 15);
		if (ours && line[0] == '|')
			read_row(strdup(line), number);
	}
	free(line);
	fclose(file);
	return true;
}

/* "one or another" */
static bool matches(const char *patterns, const char *text)
{
	char *copy = strdup(patterns), *at = copy, *end;
	bool found = false;

	while (at && !found) {
		end = strstr(at, " or ");
		if (end)
			*end = 0;
		found = !fnmatch(at, text, 0);
		at = end ? end + 4 : NULL;
	}
	free(copy);
	return found;
}

int known_row(const struct difference *d)
{
	int i;

	for (i = 0; i < rows_count; i++)
		if (matches(rows[i].call, d->call) && matches(rows[i].what, d->what) &&
		    matches(rows[i].tcp, d->tcp) && matches(rows[i].ttp, d->ttp))
			return i;
	return -1;
}

void known_used(int row)
{
	rows[row].used++;
}

void known_met(void)
{
	int i;

	for (i = 0; i < rows_count; i++)
		if (rows[i].used)
			printf("# line %d: %d differences\n", rows[i].line, rows[i].used);
}
