// SPDX-License-Identifier: GPL-2.0
/*
 * Options (RFC 9293 3.1, 3.2, 3.7.1; RFC 7323 2; RFC 2018 2): parsed wherever
 * they stand, negotiated on SYNs only, and whatever their lengths say.
 */
#include "peer.h"

/* A SYN with these options: is it answered? */
#define SYN_WITH(...)							\
	({								\
		static const uint8_t o_[] = { __VA_ARGS__ };		\
		inject(SYN, .seq = 0, .options = o_, .optlen = sizeof(o_)); \
		RCV_NXT = 1;						\
	})
#define TEXT_WITH(...)							\
	({								\
		static const uint8_t o_[] = { __VA_ARGS__ };		\
		inject(ACK, .len = 10, .options = o_, .optlen = sizeof(o_)); \
	})

/* our first segment of a lot of data is this long */
static void segments_are(int len)
{
	acknowledge();
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	send_bytes(conn.fd, 3000, 0);
	expect(ACK, .len = len);
}

#define DEFAULT_MSS	(is_v6() ? 1220 : 536)

/* MUST-15: without an MSS option segments have at most 536 bytes, 1220 by IPv6 */
TEST(without_MSS_option_536_is_assumed)
{
	listening();
	send_syn();
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	segments_are(DEFAULT_MSS);
}

/* MUST-15: in the other direction, too */
TEST(without_MSS_option_in_the_SYN_ACK_536_is_assumed)
{
	syn_sent();
	inject(SYN | ACK, .seq = 0, .ack = 1);
	RCV_NXT = 1;
	expect(ACK);
	send_bytes(conn.fd, 3000, 0);
	expect(ACK, .len = DEFAULT_MSS);
}

/* MUST-14, SHLD-5: our SYN says what we can receive: the MTU less 40 */
TEST(our_MSS_is_the_MTU_less_40)
{
	syn_sent();
	EQ(last.mss, 1460);
}

/* MUST-14: so does our SYN,ACK */
TEST(our_SYN_ACK_has_an_MSS)
{
	listening();
	send_syn();
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .mss = 1460);
}

/* RFC 9293 3.7.1: an MSS larger than our MTU does not enlarge our segments */
TEST(an_MSS_larger_than_the_MTU_is_not_used)
{
	listening();
	send_syn(.mss = 9000);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	segments_are(1460);
}

/* MUST-16: a small one is obeyed */
TEST(a_small_MSS_is_obeyed)
{
	listening();
	send_syn(.mss = 200);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	segments_are(200);
}

/* RFC 9293 3.7.1: one of next to nothing does not make us send headers only */
TEST(a_tiny_MSS_does_no_harm)
{
	listening();
	send_syn(.mss = 1);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	acknowledge();
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	send_bytes(conn.fd, 300, 0);
	expect(ACK, .len = 48);
}

/* RFC 9293 3.7.1: an MSS of 0 is none */
TEST(an_MSS_of_0_does_no_harm)
{
	listening();
	SYN_WITH(2, 4, 0, 0);
	expect(SYN | ACK, .seq = 0);
	segments_are(DEFAULT_MSS);
}

/* RFC 9293 3.2: MSS is for SYNs: elsewhere it changes nothing */
TEST(an_MSS_on_another_segment_is_ignored)
{
	established();
	TEXT_WITH(2, 4, 0, 200);
	RCV_NXT += 10;
	expect(ACK);
	send_bytes(conn.fd, 1460, 0);
	expect(ACK, .len = 1460);
}

/* MUST-4, MUST-64: an option behind NOPs is found, aligned or not */
TEST(an_option_behind_NOPs_is_found)
{
	listening();
	SYN_WITH(1, 1, 1, 2, 4, 0, 200, 1);
	expect(SYN | ACK, .seq = 0);
	segments_are(200);
}

/* MUST-4: behind EOL nothing is looked at */
TEST(behind_EOL_there_are_no_options)
{
	listening();
	SYN_WITH(0, 2, 4, 0, 200, 0, 0, 0);
	expect(SYN | ACK, .seq = 0);
	segments_are(DEFAULT_MSS);
}

/* MUST-6: an unknown option is skipped by its length */
TEST(an_unknown_option_is_skipped)
{
	listening();
	SYN_WITH(200, 6, 2, 4, 0, 100, 2, 4, 0, 200);
	expect(SYN | ACK, .seq = 0);
	segments_are(200);
}

/* MUST-5, MUST-6: on any segment */
TEST(an_unknown_option_on_data_is_skipped)
{
	established();
	TEXT_WITH(254, 4, 0x12, 0x34, 77, 2, 1, 1);
	RCV_NXT += 10;
	expect(ACK);
	recv_bytes(conn.fd, 10, 0);
}

/* RFC 9293 3.2: the last one that fits is found, too */
TEST(options_may_fill_the_header)
{
	listening();
	SYN_WITH(99, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 0, 200);
	expect(SYN | ACK, .seq = 0);
	segments_are(200);
}

/* A lie about a length does no harm: what comes next still works */
#define LENGTH_DOES_NO_HARM(name, ...)					\
	TEST(name##_on_a_SYN_does_no_harm)				\
	{								\
		listening();						\
		SYN_WITH(__VA_ARGS__);					\
		forget();						\
		inject(SYN, .seq = 0, .mss = 200, .sport = PEER_PORT + 1); \
		RCV_NXT = 1;						\
		expect(SYN | ACK, .seq = 0);				\
	}								\
	TEST(name##_on_text_does_no_harm)				\
	{								\
		established();						\
		TEXT_WITH(__VA_ARGS__);					\
		forget();						\
		inject(ACK, .len = 10);					\
		RCV_NXT += 10;						\
		expect(ACK);						\
		recv_bytes(conn.fd, 10, 0);				\
		EQ(errno_of_reading(), EAGAIN);				\
	}

/* MUST-7: "illegal option length": zero */
LENGTH_DOES_NO_HARM(option_length_0, 200, 0, 1, 1)
/* MUST-7: likewise one */
LENGTH_DOES_NO_HARM(option_length_1, 200, 1, 1, 1)
/* MUST-7: likewise beyond the header */
LENGTH_DOES_NO_HARM(option_length_beyond_the_header, 200, 9, 1, 1)
/* MUST-7: likewise the largest */
LENGTH_DOES_NO_HARM(option_length_255, 200, 255, 1, 1)
/* MUST-7: likewise without any length */
LENGTH_DOES_NO_HARM(an_option_without_a_length, 1, 1, 1, 200)
/* MUST-7: likewise an MSS that is cut off */
LENGTH_DOES_NO_HARM(an_MSS_that_is_cut_off, 1, 1, 2, 4)
/* MUST-7: likewise an MSS of another length */
LENGTH_DOES_NO_HARM(an_MSS_of_length_3, 2, 3, 5, 1)
/* MUST-7: likewise */
LENGTH_DOES_NO_HARM(an_MSS_of_length_8, 2, 8, 5, 1, 0, 0, 0, 0)
/* MUST-7: likewise timestamps */
LENGTH_DOES_NO_HARM(timestamps_of_length_6, 8, 6, 0, 0, 0, 9, 1, 1)
/* MUST-7: likewise a window scale */
LENGTH_DOES_NO_HARM(a_window_scale_of_length_2, 3, 2, 1, 1)
/* MUST-7: likewise SACK-permitted */
LENGTH_DOES_NO_HARM(SACK_permitted_of_length_3, 4, 3, 0, 1)
/* MUST-7: likewise SACK with half a block */
LENGTH_DOES_NO_HARM(SACK_with_half_a_block, 5, 6, 0, 0, 0, 1, 1, 1)

/* MUST-7: data does not complete an option that the header cuts off */
TEST(an_option_does_not_reach_into_the_data)
{
	static const uint8_t mss[] = { 1, 1, 2, 4 };

	listening();
	inject(SYN, .seq = 0, .options = mss, .optlen = 4, .len = 2);
	RCV_NXT = 1;
	if (next_segment(50)) {
		SND_NXT = 1;
		segments_are(DEFAULT_MSS);
	} else {
		expect_state("LISTEN");
	}
}

/* RFC 7323 2.2: our SYN offers to scale */
TEST(our_SYN_offers_window_scaling)
{
	syn_sent();
	EXPECT(last.wscale >= 0 && last.wscale <= 14);
}

/* RFC 7323 2.2: a SYN,ACK scales only if the SYN does */
TEST(a_SYN_ACK_does_not_offer_what_the_SYN_did_not)
{
	listening();
	send_syn(.mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .wscale = -1, .sack_ok = false, .ts = false);
}

/* RFC 7323 2.2, 3.2, RFC 2018 2: each is agreed upon by itself */
TEST(a_SYN_ACK_agrees_to_what_the_SYN_offers)
{
	listening();
	send_syn(.mss = 1460, .wscale = 3, .sack_ok = true, .ts = true);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .sack_ok = true, .ts = true, .tsecr = conn.tsval);
	EXPECT(last.wscale >= 0);
}

/* RFC 2018 2: SACK alone */
TEST(SACK_is_agreed_upon_alone)
{
	listening();
	send_syn(.mss = 1460, .sack_ok = true);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .sack_ok = true, .ts = false, .wscale = -1);
}

/* RFC 7323 2.2: scaling alone */
TEST(window_scaling_is_agreed_upon_alone)
{
	listening();
	send_syn(.mss = 1460, .wscale = 0);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .sack_ok = false, .ts = false);
	EXPECT(last.wscale >= 0);
}

/* RFC 7323 2.2: an administrator may forbid them */
TEST(a_plain_SYN_offers_nothing)
{
	plain();
	syn_sent();
	EQ(last.wscale, -1);
	EQ(last.sack_ok, 0);
	EQ(last.ts, 0);
	EXPECT(last.mss > 0);
}

/* RFC 7323 2.2: nor does a plain end agree */
TEST(a_plain_SYN_ACK_agrees_to_nothing)
{
	plain();
	listening();
	send_syn(.mss = 1460, .wscale = 3, .sack_ok = true, .ts = true);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0, .sack_ok = false, .ts = false, .wscale = -1);
}

/* RFC 7323 2.2: what the SYN offered and the SYN,ACK did not is off */
TEST(after_a_plain_SYN_ACK_nothing_is_used)
{
	established_active();
	say(10);
	expect(ACK, .ts = false, .nsack = 0);
	inject(ACK, .seq = RCV_NXT + 10, .len = 10);
	expect(ACK, .ts = false, .nsack = 0);
}

/* RFC 7323 2.2: the windows that the peer sends are scaled */
TEST(the_peers_window_is_scaled)
{
	int i;

	peer_up();
	conn.wnd = 20;			/* on the SYN as it is: 20 bytes */
	established_with(.wscale = 8);	/* on the ACK times 256: 5120 */
	send_bytes(conn.fd, 10000, 0);
	for (i = 0; i < 3; i++)
		expect(ACK, .len = 1460);
	forget();
	EXPECT(SND_NXT <= 1 + 5120);
}

/* RFC 7323 2.2: but not that of a SYN itself */
TEST(the_window_of_a_SYN_is_not_scaled)
{
	syn_sent();
	inject(SYN | ACK, .seq = 0, .ack = 1, .mss = 536, .wscale = 7, .wnd = 1072);
	RCV_NXT = 1;
	expect(ACK);
	send_bytes(conn.fd, 5000, 0);
	expect(ACK, .len = 536);
	expect(ACK, .len = 536);
	expect_nothing();
}

/* RFC 7323 2.3: a shift above 14 counts as 14 */
TEST(a_shift_of_15_counts_as_14)
{
	peer_up();
	conn.wnd = 1;
	established_with(.wscale = 15);
	send_bytes(conn.fd, 30000, 0);
	while (next_segment(50)) {
		SND_NXT = last.seq + last.len;
		acknowledge();
	}
	EXPECT(SND_NXT > 15000);
}

/* RFC 7323 2.2: an offer to scale means nothing after the SYN */
TEST(a_window_scale_on_another_segment_is_ignored)
{
	peer_up();
	conn.wnd = 3000;
	established_with();
	TEXT_WITH(3, 3, 7, 1);
	RCV_NXT += 10;
	expect(ACK);
	send_bytes(conn.fd, 10000, 0);
	expect(ACK, .len = 1460);
	expect(ACK, .len = 1460);
	expect_nothing();
}

/* RFC 7323 2.2: our own windows are scaled when that was agreed */
TEST(our_window_is_scaled)
{
	peer_up();
	established_with(.wscale = 0);
	say(10);
	expect(ACK);
	EXPECT(RCV_WND > 20000 && RCV_WND < 1 << 30);
}

/* RFC 2018 2: SACK-permitted after the SYN means nothing */
TEST(SACK_permitted_on_another_segment_is_ignored)
{
	established();
	TEXT_WITH(4, 2, 1, 1);
	RCV_NXT += 10;
	expect(ACK);
	inject(ACK, .seq = RCV_NXT + 10, .len = 10);
	expect(ACK, .nsack = 0);
}
