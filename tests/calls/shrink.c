// SPDX-License-Identifier: GPL-2.0
/*
 * Compares what a sequence came to over both protocols, and makes it shorter as long
 * as the first difference stays of the same kind.
 */
#include "calls.h"

/* The state before the step of the socket that it is about, over TCP */
static const char *state_before(const struct sequence *q, const struct results *r, int step)
{
	const struct step *s = &q->step[step];
	char name[24];
	int i;

	snprintf(name, sizeof(name), "s%d state", s->arg[0]);
	for (i = 0; step > 0 && calls[s->call].kind[0] == SLOT && i < r->step[step - 1].n; i++)
		if (!strcmp(r->step[step - 1].field[i].what, name))
			return r->step[step - 1].field[i].value;
	return "-";
}

/* "s1 state" is the state of the step's own socket, or of another */
static void name_field(const struct step *s, const char *what, char *to, size_t room)
{
	if (what[0] != 's' || what[2] != ' ')
		snprintf(to, room, "%s", what);
	else
		snprintf(to, room, "%s %s", calls[s->call].kind[0] == SLOT &&
			 what[1] - '0' == s->arg[0] ? "own" : "other", what + 3);
}

/* A difference in the outcomes of step @i.  Return: false if it is listed. */
static bool note(const struct sequence *q, const struct results *tcp, int i,
		 const struct field *a, const struct field *b, struct difference *d, int *listed)
{
	struct difference found = { .step = i };
	size_t n;
	int row;

	step_tell(&q->step[i], found.call, sizeof(found.call), false);
	n = strlen(found.call);
	snprintf(found.call + n, sizeof(found.call) - n, "%s in %s",
		 q->step[i].behind ? " behind" : "", state_before(q, tcp, i));
	name_field(&q->step[i], a ? a->what : b->what, found.what, sizeof(found.what));
	snprintf(found.tcp, sizeof(found.tcp), "%s", a ? a->value : "-");
	snprintf(found.ttp, sizeof(found.ttp), "%s", b ? b->value : "-");
	row = known_row(&found);
	if (row >= 0) {
		known_used(row);
		++*listed;
		return false;
	}
	*d = found;
	return true;
}

/*
 * The first difference that is not listed.  One that is listed ends the comparison if
 * what comes later may follow from it.
 */
void compare(const struct sequence *q, const struct results *tcp, const struct results *ttp,
	     struct difference *d, int *listed)
{
	int i, j;

	d->step = -1;
	for (i = 0; i < q->n; i++) {
		const struct outcome *a = &tcp->step[i], *b = &ttp->step[i];
		bool goes_on = true;

		for (j = 0; j < a->n || j < b->n; j++) {
			const struct field *x = j < a->n ? &a->field[j] : NULL;
			const struct field *y = j < b->n ? &b->field[j] : NULL;

			if (x && y && !strcmp(x->what, y->what) && !strcmp(x->value, y->value))
				continue;
			if (note(q, tcp, i, x, y, d, listed))
				return;
			goes_on &= calls[q->step[i].call].asks;
			if (!x || !y || strcmp(x->what, y->what))
				goes_on = false;
			if (!goes_on)
				return;
		}
	}
	if (!strcmp(tcp->end, ttp->end))
		return;
	d->step = q->n - 1;
	snprintf(d->call, sizeof(d->call), "the end");
	snprintf(d->what, sizeof(d->what), "end");
	snprintf(d->tcp, sizeof(d->tcp), "%s", tcp->end);
	snprintf(d->ttp, sizeof(d->ttp), "%s", ttp->end);
}

bool same_kind(const struct difference *a, const struct difference *b)
{
	return (a->step < 0) == (b->step < 0) && !strcmp(a->call, b->call) &&
	       !strcmp(a->what, b->what) && !strcmp(a->tcp, b->tcp) && !strcmp(a->ttp, b->ttp);
}

/* The same without @n steps from @from on */
static struct sequence without(const struct sequence *q, int from, int n)
{
	struct sequence less = *q;

	memmove(&less.step[from], &less.step[from + n],
		(q->n - from - n) * sizeof(less.step[0]));
	less.n -= n;
	return less;
}

static bool still(const struct sequence *q, const struct difference *want)
{
	static struct results *tcp, *ttp;
	struct difference d;
	int listed = 0;

	if (!tcp) {
		tcp = results_new();
		ttp = results_new();
	}
	run_both(q, tcp, ttp);
	compare(q, tcp, ttp, &d, &listed);
	return same_kind(&d, want);
}

void shrink(struct sequence *q, struct difference *d)
{
	int size, from;
	struct sequence less;

	if (d->step + 2 < q->n) {
		less = without(q, d->step + 2, q->n - d->step - 2);
		if (still(&less, d))
			*q = less;
	}
	for (size = q->n / 2; size; size /= 2) {
		for (from = 0; from + size <= q->n;) {
			less = without(q, from, size);
			if (still(&less, d))
				*q = less;
			else
				from += size;
		}
	}
	for (from = 0; from < q->n; from++) {
		less = *q;
		less.step[from].behind = false;
		if (q->step[from].behind && still(&less, d))
			*q = less;
	}
}

static const char *value_of(const struct outcome *o, int j)
{
	return j < o->n ? o->field[j].value : "-";
}

/* Each step with what it returned, and what else differs there */
void print_both(const struct sequence *q)
{
	struct results *tcp = results_new(), *ttp = results_new();
	char text[128];
	int i, j;

	run_both(q, tcp, ttp);
	for (i = 0; i < q->n; i++) {
		const struct outcome *a = &tcp->step[i], *b = &ttp->step[i];

		step_tell(&q->step[i], text, sizeof(text), true);
		printf("#   %s = %s | %s\n", text, value_of(a, 0), value_of(b, 0));
		for (j = 1; j < a->n || j < b->n; j++)
			if (strcmp(value_of(a, j), value_of(b, j)))
				printf("#       %s: %s | %s\n",
				       j < a->n ? a->field[j].what : b->field[j].what,
				       value_of(a, j), value_of(b, j));
	}
	munmap(tcp, sizeof(*tcp));
	munmap(ttp, sizeof(*ttp));
}
