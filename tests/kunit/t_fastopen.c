// SPDX-License-Identifier: GPL-2.0
/*
 * t_fastopen.c - TCP Fast Open (RFC 7413): what the core does with data on a SYN.
 */
#include "build.h"

static struct ttp_verdict v;
static struct ttp_out out;

static struct ttp_cookie eight(void)
{
	struct ttp_cookie cookie = { .len = 8, .val = "cookie!" };

	return cookie;
}

/* In SYN_SENT, with @len bytes written and nothing sent yet */
static struct ttp_tcb *opening(const struct ttp_cookie *cookie, u32 len)
{
	struct ttp_tcb *tcb = closed_();

	ttp_user_connect(tcb, iss, now);
	ttp_fastopen_connect(tcb, cookie, BUILD_MSS);
	if (len && !port_write(tcb, len))
		return NULL;
	return tcb;
}

static void syn_ack(struct ttp_tcb *tcb, u32 ack, const struct ttp_cookie *cookie)
{
	struct ttp_seg seg = {
		.seq = irs, .ack = iss + 1 + ack, .flags = TTP_SYN | TTP_ACK,
		.wnd = BUILD_WND, .mss = BUILD_MSS,
	};

	if (cookie) {
		seg.has_cookie = true;
		seg.cookie = *cookie;
	}
	arrive(tcb, seg, &v);
}

/* The peer's SYN crosses ours. */
static void peer_syn(struct ttp_tcb *tcb)
{
	struct ttp_seg seg = {
		.seq = irs, .flags = TTP_SYN, .wnd = BUILD_WND, .mss = BUILD_MSS,
		.sack_permitted = true,
	};

	arrive(tcb, seg, &v);
}

static void without_a_cookie_the_SYN_asks_and_has_no_data(void)
{
	struct ttp_cookie none = { 0 }, some = eight();
	struct ttp_tcb *tcb = opening(&none, 100);

	CHECK_EQ(ttp_fastopen_room(tcb), 0);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.has_cookie);
	CHECK_EQ(out.seg.cookie.len, 0);
	CHECK_EQ(out.seg.len, 0);
	CHECK_EQ(tcb->fastopen.fail, TTP_FASTOPEN_NO_COOKIE_YET);
	syn_ack(tcb, 0, &some);
	CHECK(v.todo & TTP_DO_COOKIE);
	CHECK_EQ(tcb->flow->cookie.len, 8);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 100);
}

/* 40 bytes are left for options, whatever they are */
static void the_SYN_has_what_fits_in_a_segment(void)
{
	struct ttp_cookie some = eight();
	struct ttp_tcb *tcb = opening(&some, 3000);

	CHECK_EQ(ttp_fastopen_room(tcb), BUILD_MSS - 40);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN);
	CHECK_EQ(out.seg.len, BUILD_MSS - 40);
	CHECK_EQ(out.seg.cookie.len, 8);
	CHECK(!send_one(tcb, &out));
	syn_ack(tcb, BUILD_MSS - 40, NULL);
	CHECK(tcb->fastopen.acked);
	CHECK_EQ(tcb->snd.una, iss + 1 + BUILD_MSS - 40);
}

static void what_the_SYN_ACK_leaves_out_is_sent_again(void)
{
	struct ttp_cookie some = eight();
	struct ttp_tcb *tcb = opening(&some, 100);

	send_all(tcb);
	syn_ack(tcb, 0, NULL);
	CHECK(!tcb->fastopen.acked);
	CHECK_EQ(tcb->fastopen.fail, TTP_FASTOPEN_DATA_NOT_ACKED);
	CHECK(send_one(tcb, &out));
	CHECK(out.retransmission);
	CHECK_EQ(out.seg.len, 100);
	CHECK_EQ(tcb->flow->cong.ssthresh, TTP_SSTHRESH_INFINITE);
	CHECK(sums_right(tcb));
}

/* the first part of it may be taken, and the rest not */
static void a_part_may_be_acknowledged(void)
{
	struct ttp_cookie some = eight();
	struct ttp_tcb *tcb = opening(&some, 100);

	send_all(tcb);
	syn_ack(tcb, 40, NULL);
	CHECK(!tcb->fastopen.acked);
	CHECK_EQ(tcb->snd.una, iss + 41);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.seq, iss + 41);
	CHECK_EQ(out.seg.len, 60);
	CHECK(sums_right(tcb));
}

/* .. and the rest SACKed, if the SYNs have crossed: it is not lost, too, though the peer lies */
static void what_is_SACKed_is_not_lost(void)
{
	struct ttp_cookie some = eight();
	struct ttp_tcb *tcb = opening(&some, 100);
	struct ttp_seg part = {
		.seq = irs + 1, .ack = iss, .flags = TTP_ACK, .wnd = BUILD_WND,
		.nsack = 1, .sack = { { iss + 1, iss + 101 } },
	};

	send_all(tcb);
	peer_syn(tcb);
	ttp_user_close(tcb, false, now, &v);
	arrive(tcb, part, &v);
	part.ack = iss + 41;
	part.nsack = 0;
	arrive(tcb, part, &v);
	CHECK_EQ(tcb->conn.state, TTP_FIN_WAIT_1);
	CHECK_EQ(tcb->sacked, 60);
	CHECK_EQ(tcb->lost, 0);
	CHECK(sums_right(tcb));
}

/* .. or all of it, and not the SYN: there is no record before it to be merged with */
static void data_is_SACKed_before_the_SYN_is_acknowledged(void)
{
	struct ttp_cookie some = eight();
	struct ttp_tcb *tcb = opening(&some, 100);
	struct ttp_seg all = {
		.seq = irs + 1, .ack = iss, .flags = TTP_ACK, .wnd = BUILD_WND,
		.nsack = 1, .sack = { { iss + 1, iss + 101 } },
	};

	send_all(tcb);
	port_write(tcb, 100);
	peer_syn(tcb);
	ttp_user_close(tcb, false, now, &v);
	CHECK_EQ(tcb->conn.state, TTP_FIN_WAIT_1);
	arrive(tcb, all, &v);
	CHECK_EQ(tcb->snd.una, iss);
	CHECK_EQ(tcb->sacked, 100);
	CHECK(sums_right(tcb));
}

/* with the SYN in flight, what is measured begins with the SYN all the same */
static void the_delivery_rate_counts_from_the_SYN(void)
{
	struct ttp_cookie some = eight();
	struct ttp_tcb *tcb = opening(&some, 960);

	send_all(tcb);
	now += 20000;
	syn_ack(tcb, 960, NULL);
	CHECK(tcb->flow->rate.best >= 40000 && tcb->flow->rate.best <= 50000);
}

static void the_SYN_again_is_ordinary(void)
{
	struct ttp_cookie some = eight();
	struct ttp_tcb *tcb = opening(&some, 100);

	CHECK(send_one(tcb, &out));
	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN);
	CHECK(!out.seg.has_cookie);
	CHECK_EQ(out.seg.len, 0);
	syn_ack(tcb, 0, NULL);
	CHECK_EQ(tcb->fastopen.fail, TTP_FASTOPEN_SYN_AGAIN);
}

static struct ttp_tcb *child(u32 len)
{
	struct ttp_cookie none = { 0 };

	return early_child(len, &none, &v);
}

static void a_child_has_the_data_before_the_handshake_ends(void)
{
	struct ttp_tcb *tcb = child(100);

	CHECK_EQ(tcb->conn.state, TTP_SYN_RCVD);
	CHECK(v.todo & TTP_DO_READ);
	CHECK(tcb->fastopen.acked);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN | TTP_ACK);
	CHECK_EQ(out.seg.ack, irs + 101);
	CHECK_EQ(port_read(tcb, 200), 100);
	CHECK(port_write(tcb, 50));
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 50);
	CHECK_EQ(out.seg.seq, iss + 1);
	arrive(tcb, (struct ttp_seg){ .seq = irs + 101, .ack = iss + 1, .flags = TTP_ACK,
				      .wnd = BUILD_WND }, &v);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK(v.todo & TTP_DO_CONNECTED);
}

/* The peer sends its SYN again and again, and no ACK */
static void a_SYN_that_comes_again_gives_a_child_no_more_time(void)
{
	struct ttp_seg syn = {
		.seq = irs, .flags = TTP_SYN, .wnd = BUILD_WND, .mss = BUILD_MSS,
	};
	struct ttp_tcb *tcb = child(100);
	u64 at;

	CHECK_EQ(send_all(tcb), 1);
	at = tcb->deadline[TTP_TM_RTX];
	now += 700000;
	CHECK(now < at);
	arrive(tcb, syn, &v);
	CHECK_EQ(send_all(tcb), 1);
	CHECK_EQ(tcb->deadline[TTP_TM_RTX], at);
}

static void a_child_is_given_up_after_its_listeners_tries(void)
{
	struct ttp_tcb *tcb = child(100);
	u32 i;

	tcb->asked.syn_retries = 2;
	send_all(tcb);
	for (i = 0; tcb->conn.state != TTP_CLOSED && i < 10; i++) {
		expire(tcb, &v);
		send_all(tcb);
	}
	CHECK_EQ(i, 3);
}

/* its SYN,ACK acknowledges what was taken */
static void a_child_takes_no_more_than_its_window(void)
{
	struct ttp_tcb *tcb = child(4096);

	CHECK(tcb->rcv.nxt - irs - 1 <= BUILD_WND);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.ack, tcb->rcv.nxt);
}

static const struct test tests[] = {
	TEST(without_a_cookie_the_SYN_asks_and_has_no_data),
	TEST(the_SYN_has_what_fits_in_a_segment),
	TEST(what_the_SYN_ACK_leaves_out_is_sent_again),
	TEST(a_part_may_be_acknowledged),
	TEST(what_is_SACKed_is_not_lost),
	TEST(data_is_SACKed_before_the_SYN_is_acknowledged),
	TEST(the_delivery_rate_counts_from_the_SYN),
	TEST(the_SYN_again_is_ordinary),
	TEST(a_child_has_the_data_before_the_handshake_ends),
	TEST(a_SYN_that_comes_again_gives_a_child_no_more_time),
	TEST(a_child_is_given_up_after_its_listeners_tries),
	TEST(a_child_takes_no_more_than_its_window),
	{ }
};

const struct suite suite_fastopen = { "fastopen", tests };
