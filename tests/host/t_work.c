// SPDX-License-Identifier: GPL-2.0
/*
 * t_work.c - what a hostile peer's segments cost the core, counted in records that it
 * looks at (queue.h, struct host_work).
 *
 * To change a record is work that the connection has to do anyway, once for each
 * time that it is sent, and costs a few looks.  What is bounded is the rest: looks at
 * records that stay as they are.
 */
#include "build.h"
#include "queue.h"

#define RECORDS	2000U
#define FEW	24	/* looks that a segment may cost, whatever is in flight */

static struct ttp_verdict v;

/* A flight of so many records, one for each segment. */
static struct ttp_tcb *in_flight(void)
{
	struct ttp_tcb *tcb = established();
	u32 i;

	ttp_rtt_sample(tcb, 20000, now);
	tcb->opt.snd_wscale = 8;
	tcb->snd.wnd = RECORDS * BUILD_MSS;
	tcb->flow->cong.cwnd = RECORDS * BUILD_MSS;
	for (i = 0; i < RECORDS; i++)
		port_write(tcb, BUILD_MSS);
	while (send_all(tcb))
		;
	now += 20000;
	return tcb;
}

/* An ACK of nothing new, with SACK of the segments [@from, @to) and [@from2, @to2). */
static struct ttp_seg sack(struct ttp_tcb *tcb, u32 from, u32 to, u32 from2, u32 to2)
{
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 0);
	u32 base = iss + 1;

	seg.ack = tcb->snd.una;
	seg.wnd = 0xffff;
	seg.nsack = to2 > from2 ? 2 : 1;
	seg.sack[0] = (struct ttp_sack){ base + from * BUILD_MSS, base + to * BUILD_MSS };
	seg.sack[1] = (struct ttp_sack){ base + from2 * BUILD_MSS, base + to2 * BUILD_MSS };
	return seg;
}

/* How many records were looked at that did not change, while @seg was processed? */
static u64 cost(struct ttp_tcb *tcb, struct ttp_seg seg)
{
	struct host_work was = host_work;
	u64 looks, paid;

	arrive(tcb, seg, &v);
	looks = host_work.looks - was.looks;
	paid = HOST_LOOKS * (host_work.changes - was.changes);
	return looks > paid ? looks - paid : 0;
}

static void an_ACK_that_repeats_its_blocks_costs_nothing(void)
{
	struct ttp_tcb *tcb = in_flight();
	u32 i;

	arrive(tcb, sack(tcb, 1, RECORDS, 0, 0), &v);
	for (i = 0; i < 10; i++)
		CHECK(cost(tcb, sack(tcb, 1, RECORDS, 0, 0)) <= FEW);
}

static void a_block_that_grows_costs_what_is_new_in_it(void)
{
	struct ttp_tcb *tcb = in_flight();
	u32 i;

	for (i = 2; i <= RECORDS; i++)
		CHECK(cost(tcb, sack(tcb, 1, i, 0, 0)) <= FEW);
	CHECK_EQ(tcb->sacked, (RECORDS - 1) * BUILD_MSS);
}

/* Each ACK has what the one before did not: what they cover is in a few records then. */
static void blocks_that_take_turns_cost_little(void)
{
	struct ttp_tcb *tcb = in_flight();
	u32 i, few = FEW + 2 * RECORDS * BUILD_MSS / 65000;

	for (i = 1; i < RECORDS; i += 2)	/* the worst case: one by one */
		CHECK(cost(tcb, sack(tcb, i, i + 1, 0, 0)) <= FEW);
	for (i = 2; i < RECORDS; i += 2)
		CHECK(cost(tcb, sack(tcb, i, i + 1, 0, 0)) <= FEW);
	for (i = 0; i < 10; i++) {
		CHECK(cost(tcb, sack(tcb, 1, RECORDS, 0, 0)) <= few);
		CHECK(cost(tcb, sack(tcb, RECORDS - 1, RECORDS, 0, 0)) <= few);
	}
	CHECK(sums_right(tcb));
}

/* RFC 2883: the first block says what came twice, again and again */
static void a_flood_of_D_SACKs_costs_nothing(void)
{
	struct ttp_tcb *tcb = in_flight();
	u32 i;

	arrive(tcb, sack(tcb, 1, RECORDS, 0, 0), &v);
	for (i = 1; i < RECORDS - 1; i++)
		CHECK(cost(tcb, sack(tcb, i, i + 1, 1, RECORDS)) <= FEW);
}

/* RFC 8985 6.2, step 5: on a path that reorders, all wait for the timer */
static void what_may_only_be_late_is_not_walked_over(void)
{
	struct ttp_tcb *tcb = in_flight();
	u32 i;

	tcb->flow->rack.reordered = true;
	for (i = RECORDS; i > RECORDS / 2; i--)
		CHECK(cost(tcb, sack(tcb, i - 1, RECORDS, 0, 0)) <= FEW);
	CHECK_EQ(tcb->lost, 0);
	CHECK_EQ(expire(tcb, &v), TTP_TM_REORDER);
	CHECK_EQ(tcb->lost, RECORDS / 2 * BUILD_MSS);
	CHECK(sums_right(tcb));
}

/* What is believed lost and waits for the congestion window is not looked at again. */
static void what_is_lost_already_is_not_walked_over(void)
{
	struct ttp_tcb *tcb = in_flight();
	u32 i;

	arrive(tcb, sack(tcb, RECORDS / 2, RECORDS / 2 + 4, 0, 0), &v);
	CHECK_EQ(tcb->lost, RECORDS / 2 * BUILD_MSS);
	for (i = RECORDS / 2 + 5; i <= RECORDS; i++)
		CHECK(cost(tcb, sack(tcb, RECORDS / 2, i, 0, 0)) <= FEW);
}

/* RFC 3522: what is taken back can be found lost again, in the old order */
static void what_was_found_lost_in_error_keeps_its_place(void)
{
	struct ttp_tcb *tcb = in_flight();
	struct ttp_seg seg;

	tcb->opt.ts_ok = true;
	arrive(tcb, sack(tcb, 9, 13, 0, 0), &v);
	CHECK_EQ(tcb->lost, 9 * BUILD_MSS);
	now += 1000;
	seg = sack(tcb, 9, 13, 0, 0);
	seg.ack += BUILD_MSS;
	seg.has_ts = true;
	seg.tsval = tcb->opt.ts_recent;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now) - 10;
	tcb->flow->cong.cwnd = 0;	/* nothing is sent again meanwhile */
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK_EQ(tcb->lost, 0);
	now += 100000;
	arrive(tcb, sack(tcb, 9, 14, 0, 0), &v);
	CHECK_EQ(expire(tcb, &v), TTP_TM_REORDER);	/* the path reorders, it seems */
	CHECK_EQ(tcb->lost, 8 * BUILD_MSS);
	CHECK(sums_right(tcb));
}

/* Numbers compare by their difference: a place without a block is none at 2^31. */
static void a_block_that_begins_at_half_of_the_numbers_is_new(void)
{
	struct ttp_tcb *tcb;

	build_reset(0x80000000 - 1 - BUILD_MSS, 7);
	tcb = in_flight();
	arrive(tcb, sack(tcb, 1, 3, 0, 0), &v);
	CHECK_EQ(tcb->sacked, 2 * BUILD_MSS);
}

/* What could not be cut comes again, and is marked then. */
static void a_block_without_memory_to_cut_is_not_forgotten(void)
{
	struct ttp_tcb *tcb = established();

	tcb->snd.burst = 8 * BUILD_MSS;
	tcb->snd.wnd = 60000;
	port_write(tcb, 8 * BUILD_MSS);
	send_all(tcb);
	now += 20000;
	host_split_fails = 1;
	arrive(tcb, sack(tcb, 2, 4, 0, 0), &v);
	CHECK_EQ(tcb->sacked, 0);
	arrive(tcb, sack(tcb, 2, 4, 0, 0), &v);
	CHECK_EQ(tcb->sacked, 2 * BUILD_MSS);
}

/* RFC 2018 8: what the receiver took back can be found lost again after an undo. */
static void what_was_SACKed_and_taken_back_has_its_place(void)
{
	struct ttp_tcb *tcb = in_flight();
	struct ttp_seg seg;
	u64 sent = now;

	tcb->opt.ts_ok = true;
	arrive(tcb, sack(tcb, 1, 4, 0, 0), &v);
	seg = sack(tcb, 0, 0, 0, 0);
	seg.nsack = 0;
	seg.ack += BUILD_MSS;	/* and not more: the peer has discarded the rest */
	arrive(tcb, seg, &v);
	CHECK(tcb->sacked);
	while (expire(tcb, &v) != TTP_TM_RTX)
		;
	CHECK_EQ(tcb->sacked, 0);
	seg = sack(tcb, 0, 0, 0, 0);
	seg.nsack = 0;
	seg.ack += BUILD_MSS;
	seg.has_ts = true;
	seg.tsval = tcb->opt.ts_recent;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, sent);
	tcb->flow->cong.cwnd = 0;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->lost, 0);
	now += 1000000;
	arrive(tcb, sack(tcb, 9, 19, 0, 0), &v);
	CHECK(tcb->deadline[TTP_TM_REORDER]);
	now = tcb->deadline[TTP_TM_REORDER];
	ttp_recovery_late(tcb, now);
	CHECK_EQ(tcb->lost, 7 * BUILD_MSS);
	CHECK(sums_right(tcb));
}

/* A large window and a small MSS: what goes at once is one record. */
static void a_small_MSS_does_not_make_many_records(void)
{
	struct ttp_tcb *tcb = established();
	u64 changes;

	tcb->snd.mss = 36;
	tcb->snd.burst = 65000;
	tcb->snd.wnd = 1 << 20;
	tcb->flow->cong.cwnd = 1 << 20;
	port_write(tcb, 900000);
	changes = host_work.changes;
	send_all(tcb);
	CHECK_EQ(tcb->snd.nxt - tcb->snd.una, 900000);
	CHECK(host_work.changes - changes <= 2 * (900000 / 65000 + 2));
}

/* All below the last segment is lost at once, and goes again as the window lets it. */
static void what_is_sent_again_costs_what_is_sent(void)
{
	struct ttp_tcb *tcb = in_flight();
	struct host_work was;
	u64 looks, paid;
	u32 i;

	for (i = 2; i < RECORDS; i += 2) {
		was = host_work;
		arrive(tcb, sack(tcb, RECORDS - i, RECORDS - i + 1, 0, 0), &v);
		while (send_all(tcb))
			;
		looks = host_work.looks - was.looks;
		paid = HOST_LOOKS * (host_work.changes - was.changes);
		CHECK(looks <= paid + FEW);
	}
}

static const struct test tests[] = {
	TEST(an_ACK_that_repeats_its_blocks_costs_nothing),
	TEST(a_block_that_grows_costs_what_is_new_in_it),
	TEST(blocks_that_take_turns_cost_little),
	TEST(a_flood_of_D_SACKs_costs_nothing),
	TEST(what_may_only_be_late_is_not_walked_over),
	TEST(what_is_lost_already_is_not_walked_over),
	TEST(what_was_found_lost_in_error_keeps_its_place),
	TEST(a_block_that_begins_at_half_of_the_numbers_is_new),
	TEST(a_block_without_memory_to_cut_is_not_forgotten),
	TEST(what_was_SACKed_and_taken_back_has_its_place),
	TEST(a_small_MSS_does_not_make_many_records),
	TEST(what_is_sent_again_costs_what_is_sent),
	{}
};

const struct suite suite_work = { "work", tests };
