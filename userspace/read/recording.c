// SPDX-License-Identifier: GPL-2.0
/*
 * A recording: one event in each line, as event_json.c reads it.
 *
 * Lines may be in any order, since recordings may be joined with cat(1), but
 * nearly always they are in that of their times.  So the file is read twice:
 * first only to see whether they are, then event by event; only if they are
 * not, a list says where each line begins, and is sorted.  Called by feed.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "read/event.h"
#include "read/feed.h"

struct place {
	uint64_t time_ns;
	off_t at;
	size_t number;		/* of the line, from 1 */
};

struct recording {
	FILE *in;
	const char *name;
	off_t start;
	struct place here;	/* of the line last read */
	off_t next;		/* where the file goes on */
	char *line;
	size_t size;
	size_t len;		/* of @line: it may hold a NUL */
};

/*
 * A line without any is put first: event_from_json() says what is bad.  Keys
 * that were written with escapes are not found; nobody writes such.
 */
static uint64_t time_of(const char *line)
{
	static const char key[] = "\"time_ns\"";
	const char *at = line;

	while ((at = strstr(at, key))) {
		bool quoted = at > line && at[-1] == '\\';

		at += sizeof(key) - 1;
		at += strspn(at, " \t");
		if (*at != ':' || quoted)
			continue;
		return strtoull(at + 1, NULL, 10);
	}
	return 0;
}

/* Return: whether there is another line that is not empty. */
static bool next_line(struct recording *r)
{
	ssize_t len;

	while ((len = getline(&r->line, &r->size, r->in)) >= 0) {
		r->len = len;
		r->here.at = r->next;
		r->here.number++;
		r->next += len;
		if (r->line[strspn(r->line, " \t\r\n")] != '\0')
			return true;
	}
	return false;
}

static int go_to(struct recording *r, off_t at)
{
	if (r->next == at)
		return TTP_OK;
	r->next = at;
	return fseeko(r->in, at, SEEK_SET) ? fail("%s: %s", r->name, strerror(errno)) : TTP_OK;
}

static int go_to_start(struct recording *r)
{
	r->here.number = 0;
	return go_to(r, r->start);
}

static bool is_cut(const struct recording *r)
{
	return !r->len || r->line[r->len - 1] != '\n';
}

static bool is_in_order(struct recording *r)
{
	uint64_t last = 0;

	while (next_line(r)) {
		uint64_t now = time_of(r->line);

		if (now < last && !(is_cut(r) && !now))
			return false;
		last = now;
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static struct place *sort(struct recording *r, size_t *count)
{
	struct place *places = NULL;

	*count = 0;
	while (next_line(r)) {
		places = grow(places, *count, sizeof(*places));
		places[*count] = r->here;
		places[(*count)++].time_ns = time_of(r->line);
	}
	if (*count)
		qsort(places, *count, sizeof(*places), compare);
	return places;
}

/*
 * The line last read.  Whoever was killed while he wrote a recording has left
 * half a line.
 * Return: 1 to go on, else 0, with the exit status in @status.
 */
static int give(struct recording *r, feed_fn fn, void *arg, int *status)
{
	struct event ev;
	const char *error;
	int ret = event_from_json(&ev, r->line, &error);

	if (!ret && ev.time_ns > INT64_MAX) {	/* times are subtracted from each other */
		error = "\"time_ns\" has a bad value";
		ret = -1;
	}
	if (!ret)
		return !fn(&ev, arg);
	if (ret == EVENT_CUT && is_cut(r)) {
		fprintf(stderr, "ttp: %s, line %zu: the last line is cut: ignored\n",
			r->name, r->here.number);
		return 1;
	}
	*status = fail("%s, line %zu: %s; to draw the others: sed %zud %s | ttp ladder -r -",
		       r->name, r->here.number, error, r->here.number, r->name);
	return 0;
}

static int give_sorted(struct recording *r, feed_fn fn, void *arg)
{
	int status = go_to_start(r);
	struct place *places;
	size_t count;

	if (status)
		return status;
	places = sort(r, &count);
	for (size_t i = 0; i < count && !status; i++) {
		status = go_to(r, places[i].at);
		if (status || !next_line(r))
			break;
		r->here.number = places[i].number;
		if (!give(r, fn, arg, &status))
			break;
	}
	free(places);
	return status;
}

static int give_all(struct recording *r, feed_fn fn, void *arg)
{
	int status;

	if (!is_in_order(r))
		return give_sorted(r, fn, arg);
	status = go_to_start(r);
	while (!status && next_line(r))
		if (!give(r, fn, arg, &status))
			break;
	return status;
}

/* Of what cannot be read twice, such as a pipe, into a file without a name. */
static int copy(struct recording *r)
{
	FILE *to = tmpfile();
	char buf[65536];
	size_t len;

	while (to && (len = fread(buf, 1, sizeof(buf), r->in)) > 0)
		if (fwrite(buf, 1, len, to) < len)
			break;
	if (!to || fflush(to) || ferror(to))
		return fail("a copy of %s in " P_tmpdir ": %s", r->name, strerror(errno));
	if (ferror(r->in))
		return fail("%s: %s", r->name, strerror(errno));
	if (r->in != stdin)
		fclose(r->in);
	r->in = to;
	rewind(to);
	return TTP_OK;
}

/*
 * Calls @fn for each event in the recording, in the order of their times.
 * @name is a file's, or "-" for standard input.
 * Return: exit status.
 */
int recording_run(const char *name, feed_fn fn, void *arg)
{
	struct recording r = { .name = name };
	int status = TTP_OK;

	r.in = strcmp(name, "-") ? fopen(name, "re") : stdin;
	if (!r.in)
		return fail("%s: %s", name, strerror(errno));
	r.start = ftello(r.in);
	if (r.start < 0) {
		r.start = 0;
		status = copy(&r);
	}
	r.next = r.start;
	if (!status)
		status = give_all(&r, fn, arg);
	if (!status && ferror(r.in))
		status = fail("%s: %s", name, strerror(errno));
	free(r.line);
	if (r.in != stdin)
		fclose(r.in);
	return status;
}
