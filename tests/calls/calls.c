// SPDX-License-Identifier: GPL-2.0
/*
 * Runs random sequences of socket calls over TCP and over TTP, and compares:
 *
 *	calls [OPTION]... FIRST LAST	the sequences of these seeds
 *
 *	-n STEPS	of each sequence (20)
 *	-b SEEDS	of each test, a line (100)
 *	-k FILE		has the differences that are known (docs/differences.md)
 *	-i		a difference is no failure: for a machine where time is real
 *	-p		print what each step came to
 *	-6		by IPv6
 *
 * A difference that comes again is made short, and printed: TCP's answer | TTP's.
 * The last line is "N passed, N failed".
 */
#include "calls.h"

#define MAX_KINDS 500

static int steps = 20, batch = 100;
static bool printing, ignoring;
static struct difference kinds[MAX_KINDS];
static int kinds_count, noises;

/* The same but for arguments: one of them is enough to look at. */
static bool alike(const struct difference *a, const struct difference *b)
{
	size_t name = strcspn(a->call, " ");
	const char *in = strstr(a->call, " in ") ?: "", *other = strstr(b->call, " in ") ?: "";

	return !strncmp(a->call, b->call, name) && !strcmp(in, other) &&
	       !strcmp(a->what, b->what) && !strcmp(a->tcp, b->tcp) && !strcmp(a->ttp, b->ttp);
}

static bool seen(const struct difference *d)
{
	int i;

	for (i = 0; i < kinds_count; i++)
		if (alike(&kinds[i], d))
			return true;
	if (kinds_count < MAX_KINDS)
		kinds[kinds_count++] = *d;
	return false;
}

static void misused(void)
{
	fprintf(stderr, "usage: calls [-ip6] [-n STEPS] [-b SEEDS] [-k FILE] FIRST LAST\n");
	exit(2);
}

static void options_read(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "n:b:k:ip6")) != -1) {
		if (opt == 'n')
			steps = atoi(optarg);
		else if (opt == 'b')
			batch = atoi(optarg);
		else if (opt == 'k' && known_read(optarg))
			continue;
		else if (opt == 'i')
			ignoring = true;
		else if (opt == 'p')
			printing = true;
		else if (opt == '6')
			over_v6 = true;
		else
			misused();
	}
	if (argc - optind != 2)
		misused();
}

static void print_all(const struct sequence *q, const struct results *r, const char *proto)
{
	char text[128];
	int i, j;

	for (i = 0; i < q->n; i++) {
		step_tell(&q->step[i], text, sizeof(text), true);
		printf("%s %d %s", proto, i, text);
		for (j = 0; j < r->step[i].n; j++)
			printf("; %s %s", r->step[i].field[j].what, r->step[i].field[j].value);
		putchar('\n');
	}
	printf("%s end %s\n", proto, r->end);
}

/* How many differences this seed shows that are not listed: 0 or 1 */
static int try(uint64_t seed, int *listed)
{
	static struct results *tcp, *ttp;
	struct difference d, again;
	struct sequence q;
	int ignored = 0;

	if (!tcp) {
		tcp = results_new();
		ttp = results_new();
	}
	generate(&q, seed, steps);
	run_both(&q, tcp, ttp);
	if (printing) {
		print_all(&q, tcp, "tcp");
		print_all(&q, ttp, "ttp");
	}
	compare(&q, tcp, ttp, &d, listed);
	if (d.step < 0 || (ignoring && strcmp(d.what, "end")))
		return 0;
	run_both(&q, tcp, ttp);
	compare(&q, tcp, ttp, &again, &ignored);
	if (!same_kind(&d, &again)) {
		noises++;
		return 0;
	}
	if (seen(&d))
		return 1;
	printf("# seed %llu step %d: %s: %s: `%s` `%s`\n", (unsigned long long)seed, d.step, d.call,
	       d.what, d.tcp, d.ttp);
	shrink(&q, &d);
	print_both(&q);
	fflush(stdout);
	return 1;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0, listed, wrong, n;
	uint64_t seed, last, first;

	options_read(argc, argv);
	seed = strtoull(argv[optind], NULL, 0);
	last = strtoull(argv[optind + 1], NULL, 0);
	while (seed <= last) {
		first = seed;
		listed = 0;
		wrong = 0;
		for (n = 0; n < batch && seed <= last; n++)
			wrong += try(seed++, &listed);
		printf("%sok - calls%s.seeds_%llu_%llu", wrong ? "not " : "", over_v6 ? ":v6" : "",
		       (unsigned long long)first, (unsigned long long)seed - 1);
		if (wrong)
			printf(": %d differences that are not listed\n", wrong);
		else
			printf(" (%d differences, all listed)\n", listed);
		fflush(stdout);
		passed += !wrong;
		failed += !!wrong;
	}
	if (noises)
		printf("# %d differences did not come again\n", noises);
	known_met();
	printf("%d passed, %d failed\n", passed, failed);
	return failed > 0;
}
