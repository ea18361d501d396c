// SPDX-License-Identifier: GPL-2.0
/* t_urgent.c - urgent data (RFC 9293 3.8.5, RFC 6093). */
#include "build.h"

static struct ttp_verdict v;

static struct ttp_seg urgent_from_peer(const struct ttp_tcb *tcb, u32 len, u16 up)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK | TTP_URG, len);

	seg.up = up;
	return seg;
}

/* MUST-62, MUST-30; RFC 6093 3.1, 5 */
static void the_pointer_points_behind_the_urgent_byte(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	port_write(tcb, 10);
	ttp_urgent_send(tcb);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_URG);
	CHECK_EQ(out.seg.up, 10);
}

/* MUST-31 */
static void data_of_any_length_may_be_urgent(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg;
	struct ttp_out out;
	u32 i;

	for (i = 0; i < 15; i++)
		port_write(tcb, 6000);
	ttp_urgent_send(tcb);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_URG);
	CHECK_EQ(out.seg.up, 0xffff);
	/* until SND.UP is acknowledged, and no longer */
	tcb->snd.wnd = 200000;
	tcb->flow->cong.cwnd = 200000;
	send_all(tcb);
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.ack = tcb->snd.end - 1;
	arrive(tcb, seg, &v);
	CHECK(tcb->snd.urgent);
	seg.ack = tcb->snd.end;
	arrive(tcb, seg, &v);
	CHECK(!tcb->snd.urgent);
	port_write(tcb, 10);
	CHECK(send_one(tcb, &out));
	CHECK(!(out.seg.flags & TTP_URG));
}

static void urgent_data_does_not_wait_for_more(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_out out;

	port_write(tcb, 10);
	CHECK(send_one(tcb, &out));
	port_write(tcb, 10);
	CHECK(!send_one(tcb, &out));
	ttp_urgent_send(tcb);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.len, 10);
}

static void a_shut_window_does_not_hold_the_pointer_back(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg shut = from_peer(tcb, TTP_ACK, 0);
	struct ttp_out out;

	shut.wnd = 0;
	arrive(tcb, shut, &v);
	port_write(tcb, 10);
	ttp_urgent_send(tcb);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_URG);
	CHECK_EQ(out.seg.len, 0);
	CHECK_EQ(out.seg.seq + out.seg.up, tcb->snd.end);
}

/* A window that is full, but was not zero, and a pointer that is lost: it comes with each probe, in
 * a segment that the peer accepts
 */
static void a_pointer_goes_out_with_each_zero_window_probe(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg full = from_peer(tcb, TTP_ACK, 0);
	struct ttp_out out;
	u32 i;

	full.wnd = 10;
	arrive(tcb, full, &v);
	port_write(tcb, 10);
	send_all(tcb);
	CHECK_EQ(tcb->snd.nxt, tcb->snd.una + 10);
	port_write(tcb, 10);
	ttp_urgent_send(tcb);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_URG);
	CHECK_EQ(out.seg.seq, tcb->snd.nxt);
	CHECK_EQ(send_all(tcb), 0);
	full = from_peer(tcb, TTP_ACK, 0);
	full.wnd = 0;
	arrive(tcb, full, &v);
	send_all(tcb);
	for (i = 0; i < 3; i++) {
		CHECK_EQ(expire(tcb, &v), TTP_TM_PERSIST);
		CHECK(send_one(tcb, &out));
		CHECK_EQ(out.seg.seq, tcb->snd.una - 1);
		CHECK(send_one(tcb, &out));
		CHECK_EQ(out.seg.seq, tcb->snd.nxt);
		CHECK(out.seg.flags & TTP_URG);
		CHECK_EQ(out.seg.seq + out.seg.up, tcb->snd.up);
		CHECK_EQ(send_all(tcb), 0);
	}
}

/* MUST-32 */
static void the_user_is_told_when_the_pointer_comes_and_when_it_moves_on(void)
{
	struct ttp_tcb *tcb = established();

	arrive(tcb, urgent_from_peer(tcb, 10, 50), &v);
	CHECK(v.todo & TTP_DO_URGENT);
	CHECK_EQ(tcb->rcv.urg, TTP_URG_COMING);
	/* the same again, and an older one */
	arrive(tcb, urgent_from_peer(tcb, 10, 40), &v);
	CHECK(!(v.todo & TTP_DO_URGENT));
	arrive(tcb, urgent_from_peer(tcb, 0, 5), &v);
	CHECK(!(v.todo & TTP_DO_URGENT));
	arrive(tcb, urgent_from_peer(tcb, 0, 31), &v);
	CHECK(v.todo & TTP_DO_URGENT);
}

static void the_byte_is_here_when_the_data_before_it_is(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg first = urgent_from_peer(tcb, 10, 20), second = first;

	second.seq += 10;
	second.up = 10;
	arrive(tcb, second, &v);
	CHECK_EQ(tcb->rcv.urg, TTP_URG_COMING);
	arrive(tcb, first, &v);
	CHECK_EQ(tcb->rcv.urg, TTP_URG_HERE);
	CHECK_EQ(tcb->rcv.urg_byte, port_byte(19));
	CHECK_EQ(port_read(tcb, 100), 20);
	ttp_urgent_read(tcb);
	CHECK_EQ(tcb->rcv.urg, TTP_URG_NONE);
}

/* MUST-33 */
static void a_read_goes_up_to_the_mark(void)
{
	struct ttp_tcb *tcb = established();
	u32 read = tcb->rcv.read;

	CHECK_EQ(ttp_urgent_before_mark(tcb, read, 100), 100);
	arrive(tcb, urgent_from_peer(tcb, 30, 20), &v);
	CHECK_EQ(ttp_urgent_before_mark(tcb, read, 100), 19);
	CHECK_EQ(ttp_urgent_before_mark(tcb, read, 5), 5);
	CHECK(!ttp_urgent_at_mark(tcb, read));
	CHECK(ttp_urgent_at_mark(tcb, read + 19));
	CHECK_EQ(ttp_urgent_before_mark(tcb, read + 20, 100), 100);
}

/* SEG.UP counts from SEG.SEQ, whatever part of the segment is new */
static void a_pointer_stays_where_it_is_when_old_data_is_cut_off(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = urgent_from_peer(tcb, 30, 20);

	arrive(tcb, from_peer(tcb, TTP_ACK, 15), &v);
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->rcv.urg, TTP_URG_HERE);
	CHECK_EQ(tcb->rcv.up, seg.seq + 20);
	/* all of it old */
	ttp_urgent_read(tcb);
	tcb->rcv.urg = TTP_URG_NONE;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->rcv.urg, TTP_URG_NONE);
	CHECK(!(v.todo & TTP_DO_URGENT));
}

static void a_mark_that_moves_on_takes_its_byte_along(void)
{
	struct ttp_tcb *tcb = established();
	u32 read = tcb->rcv.read;

	arrive(tcb, urgent_from_peer(tcb, 1, 1), &v);
	CHECK(ttp_urgent_at_mark(tcb, read));
	arrive(tcb, from_peer(tcb, TTP_ACK, 5), &v);
	arrive(tcb, urgent_from_peer(tcb, 1, 1), &v);
	CHECK_EQ(tcb->rcv.urg, TTP_URG_HERE);
	/* nobody has read up to the old mark, or all before it was read: it is skipped */
	CHECK_EQ(tcb->rcv.read, read + 1);
}

static void with_the_byte_in_line_a_mark_that_moves_on_leaves_it(void)
{
	struct ttp_tcb *tcb = established();
	u32 read = tcb->rcv.read;

	tcb->rcv.urg_inline = true;
	arrive(tcb, urgent_from_peer(tcb, 1, 1), &v);
	arrive(tcb, urgent_from_peer(tcb, 1, 1), &v);
	CHECK_EQ(tcb->rcv.read, read);
}

/* 3.10.7.4, sixth */
static void after_the_peers_fin_nothing_is_urgent(void)
{
	struct ttp_tcb *tcb = close_wait();

	arrive(tcb, urgent_from_peer(tcb, 0, 20), &v);
	CHECK(!(v.todo & TTP_DO_URGENT));
	CHECK_EQ(tcb->rcv.urg, TTP_URG_NONE);
}

/* some stacks mean the urgent byte itself; the pointer 0 then means the first */
static void a_pointer_to_nowhere_is_ignored(void)
{
	struct ttp_tcb *tcb = established();

	arrive(tcb, urgent_from_peer(tcb, 10, 0), &v);
	CHECK(!(v.todo & TTP_DO_URGENT));
	CHECK_EQ(tcb->rcv.urg, TTP_URG_NONE);
}

static const struct test tests[] = {
	TEST(the_pointer_points_behind_the_urgent_byte),
	TEST(data_of_any_length_may_be_urgent),
	TEST(urgent_data_does_not_wait_for_more),
	TEST(a_shut_window_does_not_hold_the_pointer_back),
	TEST(a_pointer_goes_out_with_each_zero_window_probe),
	TEST(the_user_is_told_when_the_pointer_comes_and_when_it_moves_on),
	TEST(the_byte_is_here_when_the_data_before_it_is),
	TEST(a_read_goes_up_to_the_mark),
	TEST(a_pointer_stays_where_it_is_when_old_data_is_cut_off),
	TEST(a_mark_that_moves_on_takes_its_byte_along),
	TEST(with_the_byte_in_line_a_mark_that_moves_on_leaves_it),
	TEST(after_the_peers_fin_nothing_is_urgent),
	TEST(a_pointer_to_nowhere_is_ignored),
	{ }
};

const struct suite suite_urgent = { "urgent", tests };
