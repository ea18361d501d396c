// SPDX-License-Identifier: GPL-2.0
/*
 * t_host.c - tests that need what only the host has: a trap that can be caught,
 * memory that fails when told, the history of all transitions.
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

static void each_transition_is_observed_with_its_cause(void)
{
	u32 n;

	last_ack();
	n = host_nhistory;
	CHECK(n >= 4);
	CHECK(!strcmp(host_history[(n - 4) % HOST_HISTORY].what, "active OPEN"));
	CHECK(!strcmp(host_history[(n - 3) % HOST_HISTORY].what, "SYN,ACK"));
	CHECK(!strcmp(host_history[(n - 2) % HOST_HISTORY].what, "FIN"));
	CHECK_EQ(host_history[(n - 1) % HOST_HISTORY].from, TTP_CLOSE_WAIT);
	CHECK_EQ(host_history[(n - 1) % HOST_HISTORY].to, TTP_LAST_ACK);
}

/* A split that fails must leave text, sums and timers whole. */
static void a_split_without_memory_only_delays(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_verdict v;

	port_write(tcb, 3 * BUILD_MSS);
	host_split_fails = 1;
	CHECK_EQ(send_all(tcb), 0);
	CHECK(tcb->deadline[TTP_TM_PERSIST] || tcb->deadline[TTP_TM_RTX]);
	expire(tcb, &v);
	CHECK_EQ(send_all(tcb), 3);
	CHECK(sums_right(tcb));
}

static const struct test tests[] = {
	TEST(every_transition_that_is_not_in_the_table_warns),
	TEST(each_transition_is_observed_with_its_cause),
	TEST(a_split_without_memory_only_delays),
	{ }
};

const struct suite suite_host = { "host", tests };
