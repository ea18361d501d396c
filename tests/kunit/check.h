/* SPDX-License-Identifier: GPL-2.0 */
/*
 * check.h - tests that run twice: in a kernel under KUnit (kunit.c) and on the
 * host under ASan and UBSan (tests/host).
 *
 * A test is a function without arguments whose name is the property that it
 * proves; the first CHECK() that does not hold ends it.  test_story() says
 * what led to a failure: what is told is kept until the next test begins, and
 * printed only if this one fails.
 */
#ifndef _TTP_CHECK_H
#define _TTP_CHECK_H

#include "core/core.h"

struct test {
	const char *name;
	void (*run)(void);
};

/**
 * struct suite - the tests of one file
 * @name: what they are about
 * @tests: ends with an empty one
 */
struct suite {
	const char *name;
	const struct test *tests;
};

#define TEST(f)	{ .name = #f, .run = f }

/* one for each file t_*.c */
#define SUITES(X)							\
	X(seq) X(wire) X(rtt) X(fsm) X(arrives) X(answer)	\
	X(receive) X(acks) X(user) X(keepalive)			\
	X(send) X(why) X(loss) X(rack) X(timer) X(pacing)	\
	X(channel) X(losses) X(ecn)				\
	X(autotune) X(urgent) X(arq) X(fastopen) X(mtu) X(cong)	\
	X(cong_model)

#define SUITE(x) extern const struct suite suite_##x;
SUITES(SUITE)
#undef SUITE

/* What the two worlds answer differently; test_failed() also tells the story. */
void test_failed(const char *file, int line, const char *what);
void test_values(const char *file, int line, const char *a, u64 va,
		 const char *b, u64 vb);
__attribute__((format(printf, 1, 2))) void test_story(const char *fmt, ...);
void test_forget(void);

#define CHECK(c) do {							\
	if (!(c)) {							\
		test_failed(__FILE__, __LINE__, #c);			\
		return;							\
	}								\
} while (0)

#define CHECK_EQ(a, b) do {						\
	u64 __a = (a), __b = (b);					\
									\
	if (__a != __b) {						\
		test_values(__FILE__, __LINE__, #a, __a, #b, __b);	\
		return;							\
	}								\
} while (0)

#endif
