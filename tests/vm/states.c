// SPDX-License-Identifier: GPL-2.0
/*
 * The states of closing (RFC 9293 3.6) as a user sees them: each is stopped
 * by holding a segment on the wire, and looked at on both hosts.
 */
#include "wire.h"

static enum verdict hold_fin(const struct seg *s)
{
	return seg_flags(s) & FIN ? HOLD : PASS;
}

static enum verdict hold_all(const struct seg *s)
{
	return HOLD;
}

static int count_on(int host, int local, int remote, const char *state)
{
	int n;

	wire_host(host);
	n = count_sockets(local, remote, state);
	wire_host(A);
	return n;
}

TEST(each_state_of_a_four_way_close_is_passed_through)
{
	struct pair p;
	int c, s;

	wire_up();
	p = connected();
	c = port_of(p.c);
	s = port_of(p.s);
	wire_filter(hold_fin);
	OK(close(p.c));
	WAIT(wire_held(A), 1000);
	EQ(count_on(A, c, s, "FIN_WAIT_1"), 1);
	wire_filter(NULL);
	wire_release();
	WAIT(count_on(A, c, s, "FIN_WAIT_2") == 1, 2000);
	EQ(count_on(B, s, c, "CLOSE_WAIT"), 1);
	wire_filter(hold_all);
	OK(close(p.s));
	EQ(count_on(B, s, c, "LAST_ACK"), 1);
	WAIT(wire_held(B), 1000);
	wire_filter(NULL);
	wire_release();
	WAIT(count_on(A, c, s, "TIME_WAIT") == 1, 2000);
	WAIT(!count_on(B, s, c, NULL), 2000);
}

static struct pair closing(int *c, int *s)
{
	struct pair p;

	wire_up();
	p = connected();
	*c = port_of(p.c);
	*s = port_of(p.s);
	wire_filter(hold_fin);
	OK(close(p.c));
	OK(close(p.s));
	WAIT(wire_held(A) && wire_held(B), 1000);
	EQ(count_on(A, *c, *s, "FIN_WAIT_1"), 1);
	EQ(count_on(B, *s, *c, "FIN_WAIT_1"), 1);
	wire_filter(hold_all);
	wire_release();
	WAIT(count_on(A, *c, *s, "CLOSING") == 1, 2000);
	WAIT(count_on(B, *s, *c, "CLOSING") == 1, 2000);
	return p;
}

TEST_SECONDS(FINs_that_cross_lead_both_through_CLOSING_to_TIME_WAIT, 10)
{
	int c, s;

	closing(&c, &s);
	wire_filter(NULL);
	wire_release();
	WAIT(count_on(A, c, s, "TIME_WAIT") == 1, 5000);
	WAIT(count_on(B, s, c, "TIME_WAIT") == 1, 5000);
	if (!is_ttp())
		return;
	EQ(transitions("FIN_WAIT_1", "CLOSING"), 1);
	EQ(transitions("CLOSING", "TIME_WAIT"), 1);
}

TEST_SECONDS(lost_ACK_in_CLOSING_is_made_up_for, 15)
{
	int c, s;

	closing(&c, &s);
	/* what is held is never released: the FINs are sent again */
	wire_filter(NULL);
	WAIT(count_on(A, c, s, "TIME_WAIT") == 1, 10000);
	WAIT(count_on(B, s, c, "TIME_WAIT") == 1, 10000);
}

TEST(CLOSE_WAIT_stays_for_a_program_that_forgets_to_close)
{
	struct pair p = connected();
	int port = port_of(p.c);

	OK(close(p.c));
	WAIT(count_sockets(0, port, "CLOSE_WAIT") == 1, 2000);
	STAYS(count_sockets(0, port, "CLOSE_WAIT") == 1, 300);
	OK(close(p.s));
	WAIT(count_sockets(0, port, NULL) == 0, 2000);
}

static void fin_timeout_of_a_second(void)
{
	if (!knob_try("fin_timeout", 1))
		knob("fin_timeout", 1);
}

TEST_SECONDS(FIN_WAIT_2_of_an_orphan_ends_after_fin_timeout, 15)
{
	struct pair p;
	int c, s;
	char byte;

	wire_up();
	fin_timeout_of_a_second();
	p = connected();
	c = port_of(p.c);
	s = port_of(p.s);
	OK(close(p.c));
	WAIT(count_on(A, c, s, "FIN_WAIT_2") == 1, 2000);
	WAIT(count_on(A, c, s, NULL) == 0, 8000);
	/* the peer finds out when it writes */
	recv_eof(p.s);
	EXPECT(state_is(p.s, "CLOSE_WAIT"));
	send_text(p.s, "late");
	WAIT(poll_for(p.s, POLLIN, 0) & POLLERR, 2000);
	EQ(so_error(p.s), EPIPE);
	EQ(recv(p.s, &byte, 1, 0), 0);
}

TEST(FIN_WAIT_2_with_an_owner_is_not_timed)
{
	struct pair p;

	wire_up();
	fin_timeout_of_a_second();
	p = connected();
	OK(shutdown(p.c, SHUT_WR));
	WAIT(state_is(p.c, "FIN_WAIT_2"), 2000);
	STAYS(state_is(p.c, "FIN_WAIT_2"), 2500);
	send_text(p.s, "slow answer");
	recv_text(p.c, "slow answer");
}

TEST(data_for_an_orphan_is_answered_by_reset)
{
	struct pair p;

	wire_up();
	p = connected();
	OK(close(p.c));
	WAIT(poll_for(p.s, POLLIN, 0), 2000);
	send_text(p.s, "to nobody");
	WAIT(poll_for(p.s, POLLIN, 0) & POLLERR, 2000);
	EXPECT(wire_count(A, RST) >= 1);
}

static enum verdict lose_fin_once(const struct seg *s)
{
	static int lost[2];

	return seg_flags(s) & FIN && !lost[s->from]++ ? DROP : PASS;
}

TEST_SECONDS(lost_FINs_are_sent_again, 15)
{
	struct pair p;
	int c, s;

	wire_up();
	p = connected();
	c = port_of(p.c);
	s = port_of(p.s);
	wire_filter(lose_fin_once);
	send_text(p.c, "text");
	OK(close(p.c));
	recv_text(p.s, "text");
	recv_eof(p.s);
	OK(close(p.s));
	WAIT(count_on(A, c, s, "TIME_WAIT") == 1, 10000);
	WAIT(count_on(B, s, c, NULL) == 0, 5000);
	EXPECT(wire_count(A, FIN) >= 2 && wire_count(B, FIN) >= 2);
}

TEST(legal_transitions_are_counted_per_namespace)
{
	struct pair p;

	if (!is_ttp())
		skip("TCP does not count transitions");
	EQ(transitions("ESTABLISHED", "FIN_WAIT_1"), 0);
	EQ(transitions("LISTEN", "ESTABLISHED"), -1);
	p = connected();
	OK(close(p.c));
	recv_eof(p.s);
	OK(close(p.s));
	WAIT(transitions("LAST_ACK", "CLOSED") == 1, 2000);
	EQ(count_sockets(0, 0, "TIME_WAIT"), 1);
	EQ(transitions("CLOSED", "SYN_SENT"), 1);
	EQ(transitions("SYN_SENT", "ESTABLISHED"), 1);
	EQ(transitions("SYN_RCVD", "ESTABLISHED"), 1);
	EQ(transitions("ESTABLISHED", "FIN_WAIT_1"), 1);
	EQ(transitions("ESTABLISHED", "CLOSE_WAIT"), 1);
	EQ(transitions("CLOSE_WAIT", "LAST_ACK"), 1);
}

/* of the namespace that this thread is in */
static long inuse(void)
{
	return is_ttp() ? number_after("/proc/thread-self/net/ttp/sockstat", "TTP: inuse ") :
			  number_after("/proc/thread-self/net/sockstat", "TCP: inuse ");
}

/* As TCP counts: what is in a table, but for TIME_WAIT. */
TEST(sockstat_counts_listeners_and_connections)
{
	struct pair p;
	int c;

	EQ(inuse(), 0);
	EQ(bind_to(sock(), "127.0.0.1", 0), 0);
	EQ(inuse(), 0);
	p = connected();
	EQ(inuse(), 3);
	c = sock();
	OK(connect_to(c, ip_b, port_of(p.l)));
	WAIT(inuse() == 5, 1000);	/* nobody has accepted it */
	close_hard(c);
	WAIT(inuse() == 3, 1000);
	OK(shutdown(p.c, SHUT_WR));
	recv_eof(p.s);
	EQ(inuse(), 3);
	OK(close(p.s));
	recv_eof(p.c);
	WAIT(inuse() == 1, 2000);
	EQ(count_sockets(0, 0, "TIME_WAIT"), 1);
	OK(close(p.c));
	OK(close(p.l));
	EQ(inuse(), 0);
}
