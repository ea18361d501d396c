// SPDX-License-Identifier: GPL-2.0
/*
 * t_timer.c - which timer runs when, and that every one of them ends (RFC 9293
 * 3.8.3, 3.8.6.1, 3.10.8).
 */
#include "build.h"

static struct ttp_verdict v;

static void rtx_runs_exactly_while_something_is_outstanding(void)
{
	struct ttp_tcb *tcb = established();

	CHECK_EQ(ttp_timer_next(tcb, NULL), 0);
	port_write(tcb, 100);
	send_all(tcb);
	CHECK_EQ(tcb->deadline[TTP_TM_RTX], now + ttp_rtt_rto(tcb));
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK_EQ(ttp_timer_next(tcb, NULL), 0);
}

/* RFC 6298 5.3: an ACK of something new starts it again */
static void an_ack_of_something_new_starts_rtx_again(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;
	u64 at;

	port_write(tcb, 2000);
	send_all(tcb);
	at = tcb->deadline[TTP_TM_RTX];
	now += 1000;
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.ack = tcb->snd.una;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->deadline[TTP_TM_RTX], at);
	seg.ack += 1000;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->deadline[TTP_TM_RTX], now + ttp_rtt_rto(tcb));
}

/* Expires and sends until the connection is given up.  Return: how often. */
static u32 until_given_up(struct ttp_tcb *tcb)
{
	u32 n = 0;

	while (tcb->conn.state != TTP_CLOSED && n < 1000) {
		if (expire(tcb, &v) == TTP_TM_MAX)
			return ~0U;
		if (tcb->conn.state == TTP_CLOSED)
			break;
		n += send_all(tcb);
	}
	return n;
}

/* RFC 5681 3.1, as RFC 6298's second of a first RTO has changed it */
static void a_syn_lost_twice_leaves_a_window_of_one_segment(void)
{
	struct ttp_verdict v;
	struct ttp_tcb *tcb;
	u32 lost;

	for (lost = 1; lost <= 2; lost++) {
		u32 i;

		tcb = syn_sent();
		for (i = 0; i < lost; i++) {
			CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
			send_all(tcb);
		}
		arrive(tcb, (struct ttp_seg){ .seq = irs, .ack = iss + 1, .wnd = 8000, .mss = 1000,
					      .flags = TTP_SYN | TTP_ACK }, &v);
		CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
		CHECK_EQ(tcb->flow->cong.cwnd, lost == 1 ? 10000 : 1000);
	}
}

/* MUST-22: R2 for a SYN as for data */
static void a_syn_is_given_up_after_syn_retries(void)
{
	struct ttp_tcb *tcb = syn_sent();
	u64 then = now;

	CHECK_EQ(until_given_up(tcb), cfg.syn_retries);
	CHECK_EQ(v.err, ETIMEDOUT);
	CHECK_EQ(now - then, 127000000);	/* 1 + 2 + 4 ... + 64 seconds */
}

/* MUST-20: R2 */
static void data_is_given_up_after_retries2(void)
{
	struct ttp_tcb *tcb = no_probes(established());
	u64 then = now;

	port_write(tcb, 100);
	send_all(tcb);
	CHECK_EQ(until_given_up(tcb), cfg.retries2);
	CHECK_EQ(v.err, ETIMEDOUT);
	CHECK(now - then > 100000000);		/* SHLD-11: at least 100 seconds */
	CHECK(now - then < 30ULL * 60 * 1000000);
}

/* MUST-20, SHLD-10: R1 */
static void after_retries1_ip_is_told(void)
{
	struct ttp_tcb *tcb = no_probes(established());
	u32 i;

	port_write(tcb, 100);
	send_all(tcb);
	for (i = 0; i <= cfg.retries1; i++) {
		while (expire(tcb, &v) != TTP_TM_RTX)
			tcb->pending = 0;
		CHECK_EQ(!!(v.todo & TTP_DO_ADVISE), i == cfg.retries1);
		send_all(tcb);
	}
}

/* SHLD-10: also while there is no connection yet, whose router may be gone */
static void after_a_second_SYN_ip_is_told(void)
{
	struct ttp_tcb *tcb = syn_sent();
	u32 i;

	for (i = 0; i < 3; i++) {
		CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
		CHECK_EQ(!!(v.todo & TTP_DO_ADVISE), i > 0);
		send_all(tcb);
	}
}

static void a_short_segment_that_vanishes_says_nothing_of_large_ones(void)
{
	struct ttp_tcb *tcb = no_probes(established());
	u32 i;

	cfg.mtu_probing = 1;
	tcb->opt.mss = 1460;
	ttp_send_mss(tcb, 1460);
	port_write(tcb, 1);
	send_all(tcb);
	for (i = 0; i <= cfg.retries1 + 2; i++) {
		while (expire(tcb, &v) != TTP_TM_RTX)
			tcb->pending = 0;
		send_all(tcb);
		CHECK_EQ(tcb->snd.mss, 1460);
	}
}

/* RFC 2923 2.1, RFC 4821 7.7 */
static void large_segments_that_vanish_become_smaller(void)
{
	struct ttp_tcb *tcb = no_probes(established());
	struct ttp_out out;
	u32 i;

	cfg.mtu_probing = 1;
	tcb->opt.mss = 1460;
	ttp_send_mss(tcb, 1460);
	tcb->snd.wnd = 60000;
	port_write(tcb, 1460);
	send_all(tcb);
	for (i = 0; i <= cfg.retries1 + 2; i++) {
		while (expire(tcb, &v) != TTP_TM_RTX)
			tcb->pending = 0;
		CHECK(send_one(tcb, &out));
		CHECK_EQ(out.seg.len, i < cfg.retries1 ? 1460 : i == cfg.retries1 ? 1024 :
			 TTP_MSS_DEFAULT);
	}
	/* RFC 1191 6.3 */
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	send_all(tcb);
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	now += 600000000;
	tcb->snd.wnd = 60000;
	port_write(tcb, 3000);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 1460);
}

static void small_segments_are_left_alone(void)
{
	struct ttp_tcb *tcb = established();

	cfg.mtu_probing = 1;
	ttp_send_mss(tcb, TTP_MSS_DEFAULT);
	CHECK(!ttp_mtu_black_hole(tcb, now));
	cfg.mtu_probing = 0;
	ttp_send_mss(tcb, 1000);
	CHECK(!ttp_mtu_black_hole(tcb, now));
}

static void shut_window(struct ttp_tcb *tcb)
{
	struct ttp_seg shut = from_peer(tcb, TTP_ACK, 0);

	shut.ack = tcb->snd.una;
	shut.wnd = 0;
	arrive(tcb, shut, &v);
}

/* As tcp(7) has it, what waits behind a shut window waits, too, whether the
 * peer answers or not.
 */
static void a_user_timeout_counts_behind_a_shut_window(void)
{
	bool answers, sent;
	u32 i;

	for (i = 0; i < 4; i++) {
		struct ttp_tcb *tcb = established();
		u64 start;

		answers = i & 1;
		sent = i & 2;		/* before the window was shut */
		tcb->asked.user_timeout_ms = 5000;
		if (sent) {
			port_write(tcb, 100);
			send_all(tcb);
			shut_window(tcb);
		} else {
			shut_window(tcb);
			port_write(tcb, 100);
			send_all(tcb);
		}
		start = now;
		while (tcb->conn.state == TTP_ESTABLISHED && now - start < 1000000000ULL) {
			expire(tcb, &v);
			send_all(tcb);
			if (answers && tcb->conn.state == TTP_ESTABLISHED)
				shut_window(tcb);
		}
		CHECK_EQ(tcb->conn.state, TTP_CLOSED);
		CHECK_EQ(v.err, ETIMEDOUT);
		CHECK_EQ(now - start, 5000000);
	}
}

/* an open window ends the wait: the next one has the whole time again */
static void a_user_timeout_begins_anew_with_a_window(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg open;

	tcb->asked.user_timeout_ms = 5000;
	shut_window(tcb);
	port_write(tcb, 100);
	send_all(tcb);
	CHECK_EQ(tcb->deadline[TTP_TM_USER], now + 5000000);
	now += 3000000;
	open = from_peer(tcb, TTP_ACK, 0);
	open.ack = tcb->snd.una;
	arrive(tcb, open, &v);
	send_all(tcb);
	CHECK_EQ(tcb->deadline[TTP_TM_USER], now + 5000000);
	open.ack = tcb->snd.nxt;
	arrive(tcb, open, &v);
	CHECK_EQ(tcb->deadline[TTP_TM_USER], 0);
}

/* RTX waits for a whole RTO however short the user's time is */
static void a_user_timeout_does_not_hurry_retransmissions(void)
{
	struct ttp_tcb *tcb = established();

	tcb->asked.user_timeout_ms = 50;
	port_write(tcb, 100);
	send_all(tcb);
	CHECK(tcb->deadline[TTP_TM_RTX] >= now + cfg.rto_min_ms * 1000ULL);
	CHECK_EQ(tcb->deadline[TTP_TM_USER], now + 50000);
}

/* MUST-23: three minutes, for who asks for them */
static void a_syn_is_tried_for_three_minutes_with_seven_retries(void)
{
	struct ttp_tcb *tcb = syn_sent();
	u64 then = now;

	cfg.syn_retries = 7;
	CHECK_EQ(until_given_up(tcb), 7);
	CHECK(now - then >= 180000000);
}

static void a_fin_is_given_up_too(void)
{
	struct ttp_tcb *tcb = no_probes(fin_wait_1());

	CHECK_EQ(until_given_up(tcb), cfg.retries2);
	tcb = no_probes(last_ack());
	ttp_user_close(tcb, false, now, &v);
	CHECK_EQ(until_given_up(tcb), cfg.orphan_retries);
	tcb = no_probes(closing());
	CHECK_EQ(until_given_up(tcb), cfg.retries2);
}

static void a_syn_ack_is_given_up_too(void)
{
	struct ttp_tcb *tcb = syn_rcvd();

	CHECK_EQ(until_given_up(tcb), cfg.synack_retries);
	CHECK_EQ(v.err, ETIMEDOUT);
}

/* There is no window before the SYN is acknowledged: it is not one that is shut. */
static void a_syn_ack_is_given_up_even_after_shutdown(void)
{
	struct ttp_tcb *tcb = syn_rcvd();

	ttp_user_shutdown(tcb, now);
	CHECK_EQ(tcb->conn.state, TTP_FIN_WAIT_1);
	CHECK_EQ(until_given_up(tcb), cfg.synack_retries);
	CHECK_EQ(v.err, ETIMEDOUT);
}

static void a_requests_timeouts_double(void)
{
	u32 i;

	for (i = 0; i < 255; i++)
		CHECK_EQ(ttp_timer_synack_us(i), 1000000U << min(i, 6U));
}

static struct ttp_tcb *shut(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.wnd = 0;
	arrive(tcb, seg, &v);
	port_write(tcb, 3000);
	send_all(tcb);
	return tcb;
}

/* 3.8.6.1, MUST-36, SHLD-29, SHLD-30 */
static void a_window_that_is_shut_is_probed_ever_more_rarely(void)
{
	struct ttp_tcb *tcb = shut();
	struct ttp_out out;
	u64 rto = ttp_rtt_rto(tcb), last;
	u32 i;

	for (i = 0; i < 12; i++) {
		last = now;
		CHECK_EQ(expire(tcb, &v), TTP_TM_PERSIST);
		CHECK(send_one(tcb, &out));
		CHECK_EQ(out.seg.seq, tcb->snd.una - 1);
		CHECK_EQ(out.seg.len, 0);
		CHECK(!send_one(tcb, &out));
		CHECK_EQ(now - last, min_t(u64, rto << i, 120000000));
	}
}

/* MUST-37: "the sending TCP peer MUST allow the connection to stay open" */
static void probes_that_are_answered_go_on_for_ever(void)
{
	struct ttp_tcb *tcb = shut();
	struct ttp_seg seg;
	u32 i;

	for (i = 0; i < 500; i++) {
		CHECK_EQ(expire(tcb, &v), TTP_TM_PERSIST);
		CHECK_EQ(send_all(tcb), 1);
		seg = from_peer(tcb, TTP_ACK, 0);
		seg.wnd = 0;
		arrive(tcb, seg, &v);
		CHECK_EQ(send_all(tcb), 0);
		CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	}
	seg.wnd = BUILD_WND;
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 3);
	CHECK(tcb->deadline[TTP_TM_RTX] - now < 1000000);
}

static void probes_without_an_answer_end(void)
{
	struct ttp_tcb *tcb = shut();

	CHECK_EQ(until_given_up(tcb), cfg.retries2);
	CHECK_EQ(v.err, ETIMEDOUT);
}

static void an_orphans_probes_end_even_if_answered(void)
{
	struct ttp_tcb *tcb = shut();
	struct ttp_seg seg;
	u32 i;

	ttp_user_close(tcb, false, now, &v);
	for (i = 0; i < 100 && tcb->conn.state != TTP_CLOSED; i++) {
		expire(tcb, &v);
		if (tcb->conn.state == TTP_CLOSED)
			break;
		send_all(tcb);
		seg = from_peer(tcb, TTP_ACK, 0);
		seg.wnd = 0;
		arrive(tcb, seg, &v);
	}
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK_EQ(i, cfg.orphan_retries);
}

/* SO_LINGER: an orphan only when nobody waits any more */
static void who_lingers_has_no_orphan(void)
{
	struct ttp_tcb *tcb = shut();
	struct ttp_seg seg;
	u32 i;

	ttp_user_linger(tcb, now);
	for (i = 0; i < 2 * cfg.orphan_retries; i++) {
		expire(tcb, &v);
		send_all(tcb);
		seg = from_peer(tcb, TTP_ACK, 0);
		seg.wnd = 0;
		arrive(tcb, seg, &v);
	}
	CHECK_EQ(tcb->conn.state, TTP_FIN_WAIT_1);
	ttp_user_close(tcb, false, now, &v);
	CHECK_EQ(tcb->conn.state, TTP_FIN_WAIT_1);
	expire(tcb, &v);
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
}

/* opened by a byte, and shut again before that is used */
static void blink(struct ttp_tcb *tcb)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);

	seg.wnd = 1;
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 0);
	seg.wnd = 0;
	arrive(tcb, seg, &v);
	CHECK_EQ(send_all(tcb), 0);
}

static void an_orphan_ends_though_its_window_opens_too_little(void)
{
	struct ttp_tcb *tcb = shut();
	u64 then = now;
	u32 i;

	ttp_user_close(tcb, false, now, &v);
	for (i = 0; i < 1000 && tcb->conn.state != TTP_CLOSED; i++) {
		blink(tcb);
		if (tcb->deadline[TTP_TM_PERSIST] > now + 150000) {
			now += 150000;
			continue;
		}
		expire(tcb, &v);
		send_all(tcb);
	}
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK(now - then < 200000000);
}

static void a_user_timeout_does_not_wait_for_a_window_that_opens_too_little(void)
{
	struct ttp_tcb *tcb = established();
	u64 at;

	tcb->asked.user_timeout_ms = 5000;
	shut_window(tcb);
	port_write(tcb, 3000);
	send_all(tcb);
	at = tcb->deadline[TTP_TM_USER];
	CHECK_EQ(at, now + 5000000);
	now += 150000;
	blink(tcb);
	CHECK_EQ(tcb->deadline[TTP_TM_USER], at);
}

/* SHLD-17, MUST-35: data that is outstanding when the window shuts is the RTX
 * timer's, which sends it as a probe (MAY-7)
 */
static void a_peer_that_shut_its_window_on_data_in_flight_is_alive(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;
	u32 i, una = tcb->snd.una;

	port_write(tcb, 1000);
	send_all(tcb);
	for (i = 0; i < 100; i++) {
		seg = from_peer(tcb, TTP_ACK, 0);
		seg.ack = una;
		seg.wnd = 0;
		arrive(tcb, seg, &v);
		CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
		CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
		CHECK_EQ(send_all(tcb), 1);
		now += 2000;		/* its answer is late, as is our clock */
	}
	CHECK_EQ(until_given_up(tcb) <= 2, true);
}

static void nothing_expires_early_and_nothing_twice(void)
{
	struct ttp_tcb *tcb = established();
	u64 at;

	port_write(tcb, 100);
	send_all(tcb);
	at = ttp_timer_next(tcb, NULL);
	ttp_expire_timers(tcb, at - 1, &v);
	CHECK_EQ(v.todo, 0);
	ttp_expire_timers(tcb, at, &v);
	CHECK_EQ(v.todo, TTP_DO_SEND);
	ttp_expire_timers(tcb, at, &v);
	CHECK_EQ(v.todo, 0);
}

static void a_connection_that_is_gone_has_no_timer(void)
{
	struct ttp_tcb *tcb = fin_wait_1();

	ttp_verdict_init(&v);
	ttp_user_abort(tcb, TTP_BY_KERNEL, "exit", 0, now, &v);
	CHECK_EQ(ttp_timer_next(tcb, NULL), 0);
	ttp_expire_timers(tcb, now + 1000000000, &v);
	CHECK_EQ(v.todo, 0);
}

/* RFC 9293 3.8.3, RFC 5482: the user's own limit instead of R2 (MUST-21) */
static void a_user_timeout_ends_what_is_not_acknowledged(void)
{
	struct ttp_tcb *tcb = established();
	u64 start = now;

	tcb->asked.user_timeout_ms = 3000;
	port_write(tcb, 100);
	send_all(tcb);
	while (tcb->conn.state == TTP_ESTABLISHED && now - start < 1000000000ULL) {
		expire(tcb, &v);
		send_all(tcb);
	}
	CHECK_EQ(tcb->conn.state, TTP_CLOSED);
	CHECK_EQ(v.err, ETIMEDOUT);
	CHECK_EQ(now - start, 3000000);
}

/* As with Linux's TCP it replaces orphan_retries, too: for a shorter time, or a longer */
static void a_user_timeout_ends_an_orphan(void)
{
	struct ttp_tcb *tcb;
	u64 then;
	u32 ms;

	for (ms = 2000; ms <= 2000000; ms *= 1000) {
		tcb = established();
		then = now;
		tcb->asked.user_timeout_ms = ms;
		port_write(tcb, 100);
		send_all(tcb);
		ttp_user_close(tcb, false, now, &v);
		send_all(tcb);
		until_given_up(tcb);
		CHECK_EQ(now - then, ms * 1000ULL);
	}
}

static void corked_data_waits_for_a_full_segment_or_the_timer(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	tcb->asked.cork = true;
	port_write(tcb, 100);
	CHECK(!send_one(tcb, &out));
	port_write(tcb, BUILD_MSS);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, tcb->snd.mss);
	CHECK(!send_one(tcb, &out));
	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	CHECK(!send_one(tcb, &out));
	CHECK_EQ(expire(tcb, &v), TTP_TM_PERSIST);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 100);
}

/* MUST-37: what probed a window that was shut does not count against the peer that opens it */
static void a_window_that_opens_again_begins_to_count(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);
	u32 i;

	cfg.mtu_probing = 1;
	cfg.base_mss = 500;
	port_write(tcb, 1000);
	send_all(tcb);
	for (i = 0; i < 20; i++) {
		seg.wnd = 0;
		arrive(tcb, seg, &v);
		CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
		CHECK_EQ(send_all(tcb), 1);
		now += 2000;
	}
	seg.wnd = BUILD_WND;
	arrive(tcb, seg, &v);
	send_all(tcb);
	CHECK_EQ(expire(tcb, &v), TTP_TM_RTX);
	CHECK_EQ(tcb->conn.state, TTP_ESTABLISHED);
	CHECK_EQ(tcb->snd.mss, BUILD_MSS);
	CHECK(until_given_up(tcb) >= cfg.retries2 - 2);
}

/* The user writes little and wants to add to it, while the peer sends @wnd again and again.
 * Return: microseconds until it is sent.
 */
static u64 sent_after(struct ttp_tcb *tcb, u32 bytes, u32 wnd)
{
	struct ttp_seg seg;
	u64 from = now;
	u32 i;

	for (i = 0; i < 1000; i++) {
		seg = from_peer(tcb, TTP_ACK, 0);
		seg.ack = tcb->snd.una;
		seg.wnd = wnd;
		arrive(tcb, seg, &v);
		if (!i)
			port_write(tcb, bytes);
		ttp_expire_timers(tcb, now, &v);
		if (send_all(tcb) && tcb->snd.nxt != tcb->snd.una)
			break;
		now += 10000;
	}
	return now - from;
}

/* MUST-60: and so it is for a window of which less than half is open (3.8.6.2.1) */
static void corked_data_does_not_wait_for_the_peer_to_fall_silent(void)
{
	struct ttp_tcb *tcb = established();
	u32 rto = ttp_rtt_rto(tcb);

	tcb->asked.cork = true;
	CHECK(sent_after(tcb, 100, BUILD_WND) <= rto + 20000);
	build_reset(iss, irs);
	tcb = established();
	CHECK(sent_after(tcb, 1000, 300) <= rto + 20000);
}

static const struct test tests[] = {
	TEST(rtx_runs_exactly_while_something_is_outstanding),
	TEST(an_ack_of_something_new_starts_rtx_again),
	TEST(a_syn_lost_twice_leaves_a_window_of_one_segment),
	TEST(a_syn_is_given_up_after_syn_retries),
	TEST(data_is_given_up_after_retries2),
	TEST(after_retries1_ip_is_told),
	TEST(after_a_second_SYN_ip_is_told),
	TEST(a_user_timeout_counts_behind_a_shut_window),
	TEST(a_user_timeout_begins_anew_with_a_window),
	TEST(a_user_timeout_does_not_hurry_retransmissions),
	TEST(a_short_segment_that_vanishes_says_nothing_of_large_ones),
	TEST(large_segments_that_vanish_become_smaller),
	TEST(small_segments_are_left_alone),
	TEST(a_syn_is_tried_for_three_minutes_with_seven_retries),
	TEST(a_fin_is_given_up_too),
	TEST(a_syn_ack_is_given_up_too),
	TEST(a_syn_ack_is_given_up_even_after_shutdown),
	TEST(a_requests_timeouts_double),
	TEST(a_window_that_is_shut_is_probed_ever_more_rarely),
	TEST(probes_that_are_answered_go_on_for_ever),
	TEST(probes_without_an_answer_end),
	TEST(an_orphans_probes_end_even_if_answered),
	TEST(who_lingers_has_no_orphan),
	TEST(an_orphan_ends_though_its_window_opens_too_little),
	TEST(a_user_timeout_does_not_wait_for_a_window_that_opens_too_little),
	TEST(a_peer_that_shut_its_window_on_data_in_flight_is_alive),
	TEST(nothing_expires_early_and_nothing_twice),
	TEST(a_connection_that_is_gone_has_no_timer),
	TEST(a_user_timeout_ends_what_is_not_acknowledged),
	TEST(a_user_timeout_ends_an_orphan),
	TEST(corked_data_waits_for_a_full_segment_or_the_timer),
	TEST(a_window_that_opens_again_begins_to_count),
	TEST(corked_data_does_not_wait_for_the_peer_to_fall_silent),
	{ }
};

const struct suite suite_timer = { "timer", tests };
