// SPDX-License-Identifier: GPL-2.0
/*
 * t_user.c - the user's calls in every state (RFC 9293 3.10.1-6).
 */
#include "build.h"

static struct ttp_verdict v;

static struct ttp_tcb *(*const builders[])(void) = {
	closed_, syn_sent, syn_rcvd, established, fin_wait_1, fin_wait_2,
	close_wait, closing, last_ack,
};

/* 3.10.4, state by state: what CLOSE leads to, and whether a FIN is sent */
static void close_in_every_state(void)
{
	static const struct {
		u8 to;
		bool fin, gone;
	} want[ARRAY_SIZE(builders)] = {
		{ TTP_CLOSED, false, false },
		{ TTP_CLOSED, false, true },
		{ TTP_FIN_WAIT_1, false, false },	/* when the SYN is acked */
		{ TTP_FIN_WAIT_1, true, false },
		{ TTP_FIN_WAIT_1, false, false },
		{ TTP_FIN_WAIT_2, false, false },
		{ TTP_LAST_ACK, true, false },
		{ TTP_CLOSING, false, false },
		{ TTP_LAST_ACK, false, false },
	};
	struct ttp_tcb *tcb;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(builders); i++) {
		tcb = builders[i]();
		ttp_user_close(tcb, false, now, &v);
		CHECK_EQ(tcb->conn.state, want[i].to);
		CHECK_EQ(!!(v.todo & TTP_DO_CLOSED), want[i].gone);
		CHECK_EQ(send_all(tcb), want[i].fin);
		CHECK_EQ(!!tcb->deadline[TTP_TM_FIN_WAIT_2],
			 want[i].to == TTP_FIN_WAIT_2);
	}
}

/* 3.10.5: a RST where the peer knows of the connection and waits for us */
static void abort_in_every_state(void)
{
	struct ttp_tcb *tcb;
	bool rst;
	u32 i;
	u8 was;

	for (i = 1; i < ARRAY_SIZE(builders); i++) {
		tcb = builders[i]();
		was = tcb->conn.state;
		ttp_verdict_init(&v);
		ttp_user_abort(tcb, TTP_BY_USER, "ABORT", ECONNABORTED, now, &v);
		CHECK_EQ(tcb->conn.state, TTP_CLOSED);
		CHECK(v.todo & TTP_DO_CLOSED);
		CHECK_EQ(v.err, ECONNABORTED);
		rst = ttp_fsm_in(was, BIT(TTP_SYN_RCVD) | BIT(TTP_ESTABLISHED) |
				 BIT(TTP_FIN_WAIT_1) | BIT(TTP_FIN_WAIT_2) |
				 BIT(TTP_CLOSE_WAIT));
		CHECK_EQ(!!(v.todo & TTP_DO_RESET), rst);
		if (rst) {
			CHECK_EQ(v.reply.seq, tcb->snd.nxt);
			CHECK(v.reply.flags & TTP_RST);
		}
		CHECK_EQ(send_all(tcb), 0);
		CHECK_EQ(ttp_timer_next(tcb, NULL), 0);
	}
}

/* SHLD-3: "data was lost", says a RST, to a peer whose data is thrown away */
static void close_with_data_unread_resets(void)
{
	struct ttp_tcb *tcb = established();

	ttp_user_close(tcb, true, now, &v);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK(v.todo & TTP_DO_RESET);

	tcb = close_wait();
	ttp_user_close(tcb, true, now, &v);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK(v.todo & TTP_DO_RESET);

	/* our FIN may be lost, and nobody is there to send it again */
	tcb = last_ack();
	ttp_user_close(tcb, true, now, &v);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK(v.todo & TTP_DO_RESET);
}

/* 3.10.5 wants none once all is sent, but a peer would wait for what is not */
static void abort_with_data_unsent_resets_in_the_last_states_too(void)
{
	struct ttp_tcb *tcb = close_wait();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.wnd = 0;
	arrive(tcb, seg, &v);
	port_write(tcb, 100);
	ttp_user_shutdown(tcb, now);
	CHECK_EQ(tcb->conn.state, TTP_LAST_ACK);
	send_all(tcb);
	ttp_verdict_init(&v);
	ttp_user_abort(tcb, TTP_BY_USER, "ABORT", 0, now, &v);
	CHECK(v.todo & TTP_DO_RESET);
}

/* 3.6.1, SHLD-3, MAY-1 */
static void data_that_comes_after_close_is_answered_by_a_rst(void)
{
	struct ttp_tcb *tcb = established();

	ttp_user_close(tcb, false, now, &v);
	send_all(tcb);
	arrive(tcb, from_peer(tcb, TTP_ACK, 100), &v);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK(v.todo & TTP_DO_RESET);
	CHECK_EQ(v.reply.seq, tcb->snd.nxt);
}

static void a_fin_that_comes_after_close_is_welcome(void)
{
	struct ttp_tcb *tcb = established();

	ttp_user_close(tcb, false, now, &v);
	send_all(tcb);
	arrive(tcb, from_peer(tcb, TTP_ACK | TTP_FIN, 0), &v);
	CHECK_EQ(tcb->conn.state, TTP_TIME_WAIT);
	CHECK(v.todo & TTP_DO_TIME_WAIT);
}

/* 3.10.2 and 3.10.3 */
static void send_and_receive_are_refused_where_they_make_no_sense(void)
{
	static const struct {
		int send, receive;
	} want[ARRAY_SIZE(builders)] = {
		{ -EPIPE, -ENOTCONN }, { 0, 1 }, { 0, 1 }, { 0, 1 }, { -EPIPE, 1 },
		{ -EPIPE, 1 }, { 0, 0 }, { -EPIPE, 0 }, { -EPIPE, 0 },
	};
	struct ttp_tcb *tcb;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(builders); i++) {
		tcb = builders[i]();
		CHECK_EQ(ttp_user_send(tcb), want[i].send);
		CHECK_EQ(ttp_user_receive(tcb), want[i].receive);
	}
	tcb = closed_();
	ttp_user_listen(tcb);
	CHECK_EQ(ttp_user_send(tcb), -EPIPE);
	CHECK_EQ(ttp_user_receive(tcb), -ENOTCONN);
}

/* 3.10.4: "queue this until all preceding SENDs have been segmentized" */
static void a_fin_follows_all_data_that_was_written(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;
	u32 n = 0, last = 0;

	tcb->snd.wnd = 2500;
	port_write(tcb, 4000);
	ttp_user_shutdown(tcb, now);
	CHECK_EQ(tcb->conn.state, TTP_FIN_WAIT_1);
	CHECK_EQ(ttp_user_send(tcb), -EPIPE);
	while (send_one(tcb, &out)) {
		CHECK(!(out.seg.flags & TTP_FIN));
		n += out.seg.len;
	}
	CHECK(n <= 2500);
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	while (send_one(tcb, &out)) {
		n += out.seg.len;
		last = out.seg.flags;
	}
	CHECK_EQ(n, 4000);
	CHECK(last & TTP_FIN);
}

static void shutdown_twice_is_once(void)
{
	struct ttp_tcb *tcb = established();
	u32 nxt;

	ttp_user_shutdown(tcb, now);
	CHECK_EQ(send_all(tcb), 1);
	nxt = tcb->snd.nxt;
	ttp_user_shutdown(tcb, now);
	ttp_user_close(tcb, false, now, &v);
	CHECK_EQ(send_all(tcb), 0);
	CHECK_EQ(tcb->snd.nxt, nxt);
}

/* An orphan in FIN_WAIT_2 waits for fin_timeout, not for ever. */
static void close_bounds_fin_wait_2(void)
{
	struct ttp_tcb *tcb = fin_wait_2();
	u64 then = now;

	CHECK_EQ(ttp_timer_next(tcb, NULL), 0);
	ttp_user_close(tcb, false, now, &v);
	CHECK_EQ(expire(tcb, &v), TTP_TM_FIN_WAIT_2);
	CHECK_EQ(now - then, cfg.fin_timeout * 1000000ULL);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK_EQ(v.err, 0);
}

/* 3.10.4 for SYN_RCVD: the SYN,ACK is sent again until it is acknowledged, and
 * the FIN goes after it
 */
static void the_user_may_bound_fin_wait_2_otherwise(void)
{
	struct ttp_tcb *tcb = fin_wait_2();
	struct ttp_verdict v;

	tcb->asked.linger2_s = 3;
	ttp_user_close(tcb, false, now, &v);
	CHECK_EQ(tcb->deadline[TTP_TM_FIN_WAIT_2], now + 3000000);
	tcb = fin_wait_2();
	tcb->asked.linger2_s = -1;
	ttp_user_close(tcb, false, now, &v);
	CHECK_EQ(v.todo & ~TTP_DO_SEND, TTP_DO_RESET | TTP_DO_CLOSED);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
}

/* TTP_DEFER_ACCEPT: until SYN,ACKs have been sent again so often */
static void a_request_may_wait_for_data(void)
{
	struct ttp_request *req = request();
	struct ttp_seg ack = {
		.seq = irs + 1, .ack = iss + 1, .flags = TTP_ACK, .wnd = BUILD_WND,
	}, text = ack;
	struct ttp_verdict v;

	req->defer = 2;
	ttp_passive_arrives(req, &ack, now, &v);
	CHECK_EQ(v.drop, TTP_MIB_DEFER_ACCEPT_DROP);
	CHECK_EQ(v.todo, 0);
	CHECK(req->acked);
	text.len = 1;
	ttp_passive_arrives(req, &text, now, &v);
	CHECK_EQ(v.todo, TTP_DO_PROMOTE);
	req->retransmits = 2;
	ttp_passive_arrives(req, &ack, now, &v);
	CHECK_EQ(v.todo, TTP_DO_PROMOTE);
}

static void quickack_sends_the_ack_that_waits(void)
{
	struct ttp_tcb *tcb = established();

	tcb->deadline[TTP_TM_DELACK] = now + 1000;
	CHECK(!ttp_user_quickack(tcb, 0));
	CHECK_EQ(tcb->rcv.quick, 0);
	CHECK(ttp_user_quickack(tcb, 1));
	CHECK(tcb->pending & TTP_PEND_ACK && tcb->rcv.quick);
	/* once: those that follow may wait again */
	CHECK(ttp_user_quickack(tcb, 2));
	CHECK_EQ(tcb->rcv.quick, 0);
	/* as with TCP, 2 is true where no ACK waits */
	tcb->deadline[TTP_TM_DELACK] = 0;
	CHECK(!ttp_user_quickack(tcb, 2));
	CHECK(tcb->rcv.quick);
}

static void the_window_is_clamped(void)
{
	struct ttp_tcb *tcb = established();

	tcb->asked.window_clamp = 1200;
	CHECK_EQ(ttp_autotune_window(tcb), 1200);
}

static void after_close_in_syn_rcvd_the_syn_is_still_sent_again(void)
{
	struct ttp_tcb *tcb = syn_rcvd();
	struct ttp_out out;

	ttp_user_close(tcb, false, now, &v);
	CHECK_EQ(tcb->conn.state, TTP_FIN_WAIT_1);
	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN | TTP_ACK);
	/* the peer's SYN,ACK: it knows of our SYN */
	arrive(tcb, (struct ttp_seg){
		.seq = irs, .ack = iss + 1, .flags = TTP_SYN | TTP_ACK, .wnd = BUILD_WND,
	}, &v);
	CHECK_EQ(tcb->conn.state, TTP_FIN_WAIT_1);
	CHECK_EQ(tcb->snd.wnd, BUILD_WND);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_FIN);
	CHECK_EQ(out.seg.seq, iss + 1);
}

static const struct test tests[] = {
	TEST(close_in_every_state),
	TEST(abort_in_every_state),
	TEST(close_with_data_unread_resets),
	TEST(abort_with_data_unsent_resets_in_the_last_states_too),
	TEST(data_that_comes_after_close_is_answered_by_a_rst),
	TEST(a_fin_that_comes_after_close_is_welcome),
	TEST(send_and_receive_are_refused_where_they_make_no_sense),
	TEST(a_fin_follows_all_data_that_was_written),
	TEST(shutdown_twice_is_once),
	TEST(close_bounds_fin_wait_2),
	TEST(the_user_may_bound_fin_wait_2_otherwise),
	TEST(a_request_may_wait_for_data),
	TEST(quickack_sends_the_ack_that_waits),
	TEST(the_window_is_clamped),
	TEST(after_close_in_syn_rcvd_the_syn_is_still_sent_again),
	{ }
};

const struct suite suite_user = { "user", tests };
