// SPDX-License-Identifier: GPL-2.0
/*
 * A series of values over time in bounded memory.  When it is full, each of a few
 * hundred stretches of time keeps its first, least, greatest and last value, so
 * that the drawing is the same and each point is one that was measured.
 *
 * Called by plot.c.  Next: plot_svg.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/plot.h"

#define STRETCHES	(SERIES_MAX / 8)

static int compare(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

void series_sort(struct series *s)
{
	if (!s->sorted && s->n)
		qsort(s->at, s->n, sizeof(*s->at), compare);
	s->sorted = true;
}

/* Those from @from to @end become at most four; ranges become one. */
static size_t shorten(struct series *s, size_t to, size_t from, size_t end)
{
	struct sample *at = s->at;
	size_t least = from, greatest = from;

	for (size_t i = from; i < end; i++) {
		if (at[i].value < at[least].value)
			least = i;
		if (at[i].to > at[greatest].to)
			greatest = i;
	}
	if (at[from].to != at[from].value) {
		at[to] = at[from];
		at[to].value = at[least].value;
		at[to].to = at[greatest].to;
		return to + 1;
	}
	for (size_t i = from; i < end; i++)
		if (i == from || i == least || i == greatest || i == end - 1)
			at[to++] = at[i];
	return to;
}

static void reduce(struct series *s)
{
	int64_t width;
	size_t to = 0, from = 0;

	series_sort(s);
	width = (s->at[s->n - 1].ns - s->at[0].ns) / STRETCHES + 1;
	while (from < s->n) {
		int64_t stretch = (s->at[from].ns - s->at[0].ns) / width;
		size_t end = from;

		while (end < s->n && (s->at[end].ns - s->at[0].ns) / width == stretch)
			end++;
		to = shorten(s, to, from, end);
		from = end;
	}
	s->n = to;
}

/* @to is @value but for a range. */
void series_add(struct series *s, int64_t ns, double value, double to)
{
	if (s->n == SERIES_MAX)
		reduce(s);
	s->at = grow(s->at, s->n, sizeof(*s->at));
	s->sorted = !s->n || (s->sorted && s->at[s->n - 1].ns <= ns);
	s->at[s->n++] = (struct sample){ ns, value, to };
	s->count++;
}

void series_free(struct series *s)
{
	free(s->at);
}

/* By 2, then by 5: 1, 2, 10, 20, 100 and so on. */
static void lengthen(struct rate *r)
{
	int by = r->bigger++ & 1 ? 5 : 2;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i += by) {
		uint64_t sum = 0;

		for (size_t k = i; k < i + by && k < r->n; k++)
			sum += r->bytes[k];
		r->bytes[n++] = sum;
	}
	memset(r->bytes + n, 0, (RATE_MAX - n) * sizeof(r->bytes[0]));
	r->n = n;
	r->step_ns *= by;
}

void rate_add(struct rate *r, int64_t ns, uint64_t bytes)
{
	if (ns < 0)
		return;
	if (!r->step_ns)
		r->step_ns = 10000;
	while (ns / r->step_ns >= RATE_MAX)
		lengthen(r);
	if ((size_t)(ns / r->step_ns) >= r->n)
		r->n = ns / r->step_ns + 1;
	r->bytes[ns / r->step_ns] += bytes;
}

/* In bits a second, from the beginning of each step. */
void rate_series(struct rate *r, struct series *s)
{
	while (r->n > RATE_SHOWN)
		lengthen(r);
	for (size_t i = 0; i < r->n; i++) {
		double bits = r->bytes[i] * 8e9 / r->step_ns;

		series_add(s, i * r->step_ns, bits, bits);
	}
	if (r->n)
		series_add(s, r->n * r->step_ns, 0, 0);
}
