// SPDX-License-Identifier: GPL-2.0
/*
 * t_seq.c - arithmetic modulo 2^32 (RFC 9293 3.4).
 */
#include "check.h"

static const u32 places[] = {
	0, 1, 2, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
};

static void the_next_number_is_greater_everywhere(void)
{
	u32 i, a;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		a = places[i];
		CHECK(seq_lt(a, a + 1) && seq_leq(a, a + 1));
		CHECK(seq_gt(a + 1, a) && seq_geq(a + 1, a));
		CHECK(!seq_lt(a + 1, a) && !seq_leq(a + 1, a));
		CHECK(!seq_gt(a, a + 1) && !seq_geq(a, a + 1));
	}
}

static void a_number_equals_itself_everywhere(void)
{
	u32 i, a;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		a = places[i];
		CHECK(seq_leq(a, a) && seq_geq(a, a));
		CHECK(!seq_lt(a, a) && !seq_gt(a, a));
	}
}

static void order_holds_up_to_half_the_space(void)
{
	u32 i, a;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		a = places[i];
		CHECK(seq_lt(a, a + 0x7fffffff));
		CHECK(seq_gt(a + 0x7fffffff, a));
		CHECK(seq_gt(a, a + 0x80000001));
	}
}

static void max_and_min_follow_the_order_across_the_wrap(void)
{
	CHECK_EQ(seq_max(0xffffffff, 0), 0);
	CHECK_EQ(seq_min(0xffffffff, 0), 0xffffffff);
	CHECK_EQ(seq_max(0x7fffffff, 0x80000000), 0x80000000);
	CHECK_EQ(seq_min(0xfffffff0, 0x10), 0xfffffff0);
}

static const struct test tests[] = {
	TEST(the_next_number_is_greater_everywhere),
	TEST(a_number_equals_itself_everywhere),
	TEST(order_holds_up_to_half_the_space),
	TEST(max_and_min_follow_the_order_across_the_wrap),
	{ }
};

const struct suite suite_seq = { "seq", tests };
