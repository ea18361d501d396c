// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - runs the suites of tests/kunit, and those that only the host has,
 * and prints TAP.
 *
 *	check [-v] [--full] [NAME]...	only tests whose suite or name contains a NAME; a NAME
 *					with a dot is SUITE.TEST, in full
 */
#ifndef __wasi__
#include <signal.h>
#endif
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "build.h"
#include "check.h"
#include "explore.h"
#include "queue.h"

#define LINES	400	/* of the story, the last ones */

extern const struct suite suite_host, suite_work, suite_explore, suite_bottleneck, suite_trap;

#define SUITE(x) &suite_##x,
static const struct suite *const suites[] = {
	SUITES(SUITE) &suite_host, &suite_work, &suite_explore, &suite_bottleneck,
#ifndef __wasi__
	&suite_trap,
#endif
};

static char story[LINES][128];
static u32 nstory;
static bool failed;
static bool verbose;

void test_story(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(story[nstory++ % LINES], sizeof(story[0]), fmt, ap);
	va_end(ap);
}

void test_forget(void)
{
	nstory = 0;
}

static void tell(void)
{
	u32 i;

	for (i = nstory > LINES ? nstory - LINES : 0; i < nstory; i++)
		printf("#    %s\n", story[i % LINES]);
}

void test_failed(const char *file, int line, const char *what)
{
	failed = true;
	printf("# %s:%d: %s\n", file, line, what);
	tell();
	test_forget();
}

void test_values(const char *file, int line, const char *a, u64 va,
		 const char *b, u64 vb)
{
	char what[300];

	snprintf(what, sizeof(what), "%s is %llu (0x%llx), %s is %llu (0x%llx)",
		 a, (unsigned long long)va, (unsigned long long)va,
		 b, (unsigned long long)vb, (unsigned long long)vb);
	test_failed(file, line, what);
}

/* WARN_ON_ONCE() of core/shim.h traps: what led to it is worth knowing. */
#ifndef __wasi__
static void trapped(int sig)
{
	printf("# signal %d: a broken invariant (WARN_ON_ONCE)\n", sig);
	tell();
	fflush(stdout);
	_exit(1);
}
#endif

static bool selected(const char *suite, const char *name, char **only)
{
	size_t len = strlen(suite);

	if (!*only)
		return true;
	for (; *only; only++) {
		if (strchr(*only, '.')) {
			if (!strncmp(*only, suite, len) && (*only)[len] == '.' &&
			    !strcmp(*only + len + 1, name))
				return true;
		} else if (strstr(suite, *only) || strstr(name, *only)) {
			return true;
		}
	}
	return false;
}

int main(int argc, char **argv)
{
	u32 passed = 0, broken = 0, n = 0, nonly = 0, i;
	char **only = argv + 1;
	const struct test *t;

	for (i = 1; i < (u32)argc; i++) {
		if (!strcmp(argv[i], "-v"))
			verbose = true;
		else if (!strcmp(argv[i], "--full"))
			explore_full = true;
		else
			only[nonly++] = argv[i];
	}
	only[nonly] = NULL;
#ifndef __wasi__
	signal(SIGILL, trapped);
	signal(SIGTRAP, trapped);
#endif
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < ARRAY_SIZE(suites); i++)
		for (t = suites[i]->tests; t->run; t++) {
			if (!selected(suites[i]->name, t->name, only))
				continue;
			failed = false;
			build_reset(0xfffffff0, 0xffffff00);
			t->run();
			if (verbose && !failed)
				tell();
			printf("%sok %u - %s: %s\n", failed ? "not " : "", ++n,
			       suites[i]->name, t->name);
			*(failed ? &broken : &passed) += 1;
		}
	build_reset(0, 0);
	sim_free();
	printf("1..%u\n", n);
	printf("%u passed, %u failed\n", passed, broken);
	return broken || !passed;
}
