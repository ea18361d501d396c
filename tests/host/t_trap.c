// SPDX-License-Identifier: GPL-2.0
/*
 * t_trap.c - tests that catch a trap, which a WebAssembly program cannot.
 */
#include <setjmp.h>
#include <signal.h>

#include "build.h"
#include "queue.h"

static sigjmp_buf back;

static void trapped(int sig)
{
	siglongjmp(back, 1);
}

/* Does ttp_fsm_set_state() object? */
static bool warns(u8 from, u8 to, u8 kind)
{
	struct ttp_conn conn = { .state = from };
	struct sigaction sa = { .sa_handler = trapped }, ill, trap;
	bool caught = true;

	sigaction(SIGILL, &sa, &ill);
	sigaction(SIGTRAP, &sa, &trap);
	if (!sigsetjmp(back, 1)) {
		ttp_fsm_set_state(&conn, to, kind, "test", NULL);
		caught = false;
	}
	sigaction(SIGILL, &ill, NULL);
	sigaction(SIGTRAP, &trap, NULL);
	return caught;
}

static void every_transition_that_is_not_in_the_table_warns(void)
{
	u32 from, to, kind;
	int i;

	for (from = 1; from < TTP_ST_MAX; from++)
		for (to = 1; to < TTP_ST_MAX; to++)
			for (kind = 0; kind <= TTP_BY_KERNEL; kind++) {
				i = ttp_fsm_find(from, to);
				CHECK_EQ(warns(from, to, kind),
					 i < 0 || !(ttp_transitions[i].by & BIT(kind)));
			}
}

static const struct test tests[] = {
	TEST(every_transition_that_is_not_in_the_table_warns),
	{ }
};

const struct suite suite_trap = { "trap", tests };
