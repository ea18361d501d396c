// SPDX-License-Identifier: GPL-2.0
/*
 * kunit.c - the suites of check.h as KUnit suites, one parameter for each test.
 */
#include <kunit/test.h>
#include <linux/vmalloc.h>

#include "build.h"
#include "check.h"
#include "port.h"
#include "sim.h"
#include "ttp.h"

#define LINES	60	/* of the story, the last ones */

static char story[LINES][128];
static u32 nstory;
static struct kunit *running;

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

void test_failed(const char *file, int line, const char *what)
{
	u32 i;

	/* ttp.ko is loaded before the modules of the algorithms can be */
	if (__is_defined(MODULE) && port_cong_missing) {
		kunit_mark_skipped(running, "the module of its algorithm is not loaded");
		return;
	}
	for (i = nstory > LINES ? nstory - LINES : 0; i < nstory; i++)
		kunit_info(running, "   %s\n", story[i % LINES]);
	test_forget();
	KUNIT_FAIL(running, "%s:%d: %s", file, line, what);
}

void test_values(const char *file, int line, const char *a, u64 va,
		 const char *b, u64 vb)
{
	char what[200];

	snprintf(what, sizeof(what), "%s is %llu, %s is %llu", a, va, b, vb);
	test_failed(file, line, what);
}

static const void *next(const struct suite *suite, const void *prev, char *desc)
{
	const struct test *t = prev ? (const struct test *)prev + 1 : suite->tests;

	if (!t->run)
		return NULL;
	strscpy(desc, t->name, KUNIT_PARAM_DESC_SIZE);
	return t;
}

static void run(struct kunit *test)
{
	const struct test *t = test->param_value;

	running = test;
	port_cong_missing = false;
	build_reset(0xfffffff0, 0xffffff00);
	t->run();
	build_reset(0, 0);
	sim_free();
	cond_resched();
}

#define SUITE(x)							\
static const void *next_##x(const void *prev, char *desc)		\
{									\
	return next(&suite_##x, prev, desc);				\
}									\
static struct kunit_case cases_##x[] = {				\
	KUNIT_CASE_PARAM(run, next_##x),				\
	{ }								\
};									\
static struct kunit_suite kunit_##x = {					\
	.name = "ttp_" #x,						\
	.test_cases = cases_##x,					\
};

SUITES(SUITE)

extern struct kunit_suite kunit_clock;	/* clock.c */
extern struct kunit_suite kunit_demux;	/* demux.c */
extern struct kunit_suite kunit_offload;	/* offload.c */

#ifdef MODULE
/* KUnit would run a module's suites before its init function, which they need. */
#define POINTER(x)	&kunit_##x,

static struct kunit_suite *all[] = { SUITES(POINTER) &kunit_clock, &kunit_demux,
				    &kunit_offload };

void ttp_kunit_init(void)
{
	__kunit_test_suites_init(all, ARRAY_SIZE(all));
}

void ttp_kunit_exit(void)
{
	__kunit_test_suites_exit(all, ARRAY_SIZE(all));
}
#else
#define REGISTER(x)	kunit_test_suite(kunit_##x);

SUITES(REGISTER)
REGISTER(clock)
REGISTER(demux)
REGISTER(offload)
#endif

MODULE_LICENSE("GPL");
