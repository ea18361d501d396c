// SPDX-License-Identifier: GPL-2.0
/*
 * t_fsm.c - the table of legal transitions against RFC 9293 figure 5.
 */
#include "check.h"

/* Figure 5's arrows, with those that its notes and 3.10 add: RST, ABORT and
 * timeouts from everywhere.
 */
static const char *const arrows[] = {
	"CLOSED LISTEN", "CLOSED SYN_SENT",
	"LISTEN SYN_RCVD", "LISTEN CLOSED",
	"SYN_SENT SYN_RCVD", "SYN_SENT ESTABLISHED", "SYN_SENT CLOSED",
	"SYN_RCVD ESTABLISHED", "SYN_RCVD FIN_WAIT_1", "SYN_RCVD LISTEN",
	"SYN_RCVD CLOSED",
	"ESTABLISHED FIN_WAIT_1", "ESTABLISHED CLOSE_WAIT", "ESTABLISHED CLOSED",
	"FIN_WAIT_1 FIN_WAIT_2", "FIN_WAIT_1 CLOSING", "FIN_WAIT_1 CLOSED",
	"FIN_WAIT_2 TIME_WAIT", "FIN_WAIT_2 CLOSED",
	"CLOSE_WAIT LAST_ACK", "CLOSE_WAIT CLOSED",
	"CLOSING TIME_WAIT", "CLOSING CLOSED",
	"LAST_ACK CLOSED",
	"TIME_WAIT CLOSED",
};

static bool is_arrow(const char *from, const char *to)
{
	size_t n = strlen(from);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(arrows); i++)
		if (!strncmp(arrows[i], from, n) && arrows[i][n] == ' ' &&
		    !strcmp(arrows[i] + n + 1, to))
			return true;
	return false;
}

static void the_table_has_the_arrows_of_figure_5_and_no_other(void)
{
	u8 from, to;

	for (from = 1; from < TTP_ST_MAX; from++)
		for (to = 1; to < TTP_ST_MAX; to++)
			CHECK_EQ(ttp_fsm_find(from, to) >= 0,
				 is_arrow(ttp_fsm_name(from), ttp_fsm_name(to)));
}

static void each_arrow_is_in_the_table_once_and_says_where_it_is_from(void)
{
	u32 i;

	CHECK_EQ(ttp_ntransitions, ARRAY_SIZE(arrows));
	for (i = 0; i < ttp_ntransitions; i++) {
		CHECK_EQ(ttp_fsm_find(ttp_transitions[i].from, ttp_transitions[i].to), i);
		CHECK(ttp_transitions[i].by);
		CHECK(*ttp_transitions[i].what);
		CHECK(!strncmp(ttp_transitions[i].section, "3.10", 4));
	}
}

static void the_states_have_the_rfcs_names(void)
{
	CHECK(!strcmp(ttp_fsm_name(TTP_ESTABLISHED), "ESTABLISHED"));
	CHECK(!strcmp(ttp_fsm_name(TTP_CLOSING), "CLOSING"));
	CHECK(!strcmp(ttp_fsm_name(0), "?"));
	CHECK(!strcmp(ttp_fsm_name(TTP_ST_MAX), "?"));
	CHECK(!strcmp(ttp_fsm_name(255), "?"));
}

static const struct test tests[] = {
	TEST(the_table_has_the_arrows_of_figure_5_and_no_other),
	TEST(each_arrow_is_in_the_table_once_and_says_where_it_is_from),
	TEST(the_states_have_the_rfcs_names),
	{ }
};

const struct suite suite_fsm = { "fsm", tests };
