// SPDX-License-Identifier: GPL-2.0
/*
 * Explicit congestion notification (RFC 3168): routers mark, nothing is lost,
 * and the sender slows down all the same.
 */
#include "wire.h"

#define ECE	64
#define CWR	128
#define ECT0	2
#define CE	3

#define AMOUNT (1 << 18)

static atomic_int syn_flags, synack_flags, capable, bare, marks, echoes, reduced;

/* what each end says; data of A is marked while marks lasts */
static enum verdict router(const struct seg *s)
{
	int flags = seg_flags(s), mark = seg_ds(s) & CE;

	if (flags & SYN) {
		*(flags & ACK ? &synack_flags : &syn_flags) = flags;
		return PASS;
	}
	if (s->from == A && s->text && mark == ECT0)
		capable++;
	else if (s->from == A && s->text)
		bare++;
	if (s->from == A && s->text && flags & CWR)
		reduced++;
	if (s->from == B && flags & ECE)
		echoes++;
	if (s->from == A && s->text && marks && mark == ECT0) {
		marks--;
		seg_set_ds(s, seg_ds(s) | CE);
	}
	return PASS;
}

static struct pair connected_with(int client, int server)
{
	wire_up();
	wire_filter(router);
	wire_host(A);
	knob("ecn", client);
	wire_host(B);
	knob("ecn", server);
	wire_host(A);
	return connected();
}

/* RFC 3168 6.1.1 */
TEST(who_asks_for_ECN_and_who_grants_it)
{
	struct pair p = connected_with(1, 2);

	EQ(syn_flags & (ECE | CWR), ECE | CWR);
	EQ(synack_flags & (ECE | CWR), ECE);
	transfer(&p, AMOUNT);
	EXPECT(capable > 0);
	/* a retransmission, which a slow machine makes, must not say so (6.1.5) */
	EXPECT(bare <= (int)tcp_info_of(p.c).tcpi_total_retrans);
}

TEST(ECN_is_not_asked_for_unless_wanted)
{
	struct pair p = connected_with(2, 2);

	EQ(syn_flags & (ECE | CWR), 0);
	transfer(&p, AMOUNT);
	EQ(capable, 0);
}

TEST(ECN_is_not_granted_when_off)
{
	struct pair p = connected_with(1, 0);

	EQ(syn_flags & (ECE | CWR), ECE | CWR);
	EQ(synack_flags & (ECE | CWR), 0);
	transfer(&p, AMOUNT);
	EQ(capable, 0);
}

/* RFC 3168 6.1.2, 6.1.3: said until it is heard, and once in a window */
TEST_SECONDS(a_mark_halves_the_window_and_nothing_is_sent_again, 10)
{
	struct pair p = connected_with(1, 2);
	struct tcp_info i;

	marks = 1;
	transfer(&p, AMOUNT);
	EXPECT(echoes > 0);
	EQ(reduced, 1);
	i = tcp_info_of(p.c);
	if (is_ttp())		/* another congestion control may have none */
		EXPECT(i.tcpi_snd_ssthresh < 0x7fff);
	EXPECT(!time_is_exact() || i.tcpi_total_retrans == 0);
}

TEST_SECONDS(a_path_that_marks_everything_delivers_everything, 30)
{
	struct pair p = connected_with(1, 2);

	marks = 1 << 20;
	transfer(&p, AMOUNT);
	EXPECT(reduced > 0);
}
