// SPDX-License-Identifier: GPL-2.0
/* t_ecn.c - explicit congestion notification (RFC 3168 6.1). */
#include "build.h"

static struct ttp_verdict v;

static struct ttp_tcb *agreed(void)
{
	struct ttp_tcb *tcb = established();

	tcb->opt.ecn_ok = true;
	tcb->snd.wnd = 60000;
	return tcb;
}

/* SHLD-8.  6.1.1 */
static void a_syn_asks_only_when_told_to_and_only_once(void)
{
	struct ttp_tcb *tcb;
	struct ttp_out out;

	tcb = closed_();
	cfg.ecn = 1;
	ttp_user_connect(tcb, 1000, now);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN | TTP_ECE | TTP_CWR);
	expire(tcb, &v);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN);
	tcb = closed_();
	cfg.ecn = 2;
	ttp_user_connect(tcb, 1000, now);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN);
}

static void a_syn_ack_answers_only_who_asked(void)
{
	struct ttp_seg syn = { .flags = TTP_SYN | TTP_ECE | TTP_CWR };

	cfg.ecn = 2;
	CHECK(ttp_ecn_offered(&syn, &cfg, 0));
	cfg.ecn = 0;
	CHECK(!ttp_ecn_offered(&syn, &cfg, 0));
	cfg.ecn = 1;
	syn.flags = TTP_SYN | TTP_ECE;
	CHECK(!ttp_ecn_offered(&syn, &cfg, 0));
}

/* RFC 8257: an algorithm that lives on marks asks for them, whatever net.ttp.ecn is */
static void an_algorithm_that_needs_ecn_has_it(void)
{
	struct ttp_seg syn = { .flags = TTP_SYN | TTP_ECE | TTP_CWR };
	struct ttp_tcb *tcb = closed_();
	struct ttp_request *req;
	struct ttp_out out;

	cfg.ecn = 0;
	build_oracle = NULL;	/* which knows cfg.ecn only */
	tcb->cong_ops = port_cong("dctcp");
	CHECK(tcb->cong_ops);
	ttp_user_connect(tcb, 1000, now);
	CHECK(send_one(tcb, &out));
	CHECK_EQ(out.seg.flags, TTP_SYN | TTP_ECE | TTP_CWR);

	req = port_request();
	CHECK(req);
	req->cong_flags = tcb->cong_ops->flags;
	ttp_passive_offer(req, &syn, &cfg);
	syn.flags = req->opt.ecn_ok;
	port_request_free(req);
	CHECK(syn.flags);
}

/* 6.1.1: a SYN,ACK that reflects both bits comes from someone who knows nothing */
static void ece_alone_on_a_syn_ack_says_yes(void)
{
	struct ttp_tcb *tcb = established();
	struct ttp_seg seg = { .flags = TTP_SYN | TTP_ACK | TTP_ECE };

	tcb->opt.ecn_ok = true;
	ttp_ecn_answered(tcb, &seg);
	CHECK(tcb->opt.ecn_ok);
	seg.flags |= TTP_CWR;
	ttp_ecn_answered(tcb, &seg);
	CHECK(!tcb->opt.ecn_ok);
}

/* SHLD-8.  6.1.3 */
static void a_mark_is_echoed_until_cwr_comes(void)
{
	struct ttp_tcb *tcb = agreed();
	struct ttp_seg seg = from_peer(tcb, TTP_ACK, 100);
	struct ttp_out out;

	seg.ce = true;
	arrive(tcb, seg, &v);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_ECE);
	arrive(tcb, from_peer(tcb, TTP_ACK, 100), &v);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_ECE);
	tcb->rcv.quick = 0;
	arrive(tcb, from_peer(tcb, TTP_ACK | TTP_CWR, 100), &v);
	CHECK(send_one(tcb, &out));	/* at once: it may be all that the peer may send */
	CHECK(!(out.seg.flags & TTP_ECE));
}

/* 6.1.2: "at most once every window of data", also if some of it was lost */
static void a_loss_in_the_window_of_a_mark_reduces_it_no_further(void)
{
	const struct ttp_cong_ops *cubic = port_cong("cubic");
	struct ttp_tcb *tcb = agreed();
	struct ttp_seg seg;
	u32 ssthresh;

	CHECK(cubic);
	ttp_flow_change_cong(tcb, cubic);
	port_write(tcb, 10 * BUILD_MSS);
	send_all(tcb);
	now += 10000;
	seg = from_peer(tcb, TTP_ACK | TTP_ECE, 0);
	seg.wnd = 60000;
	seg.ack = iss + 1 + BUILD_MSS;
	arrive(tcb, seg, &v);
	ssthresh = tcb->flow->cong.ssthresh;
	CHECK(ssthresh < 10 * BUILD_MSS);
	seg.nsack = 1;
	seg.sack[0] = (struct ttp_sack){ seg.ack + BUILD_MSS, tcb->snd.nxt };
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK_EQ(tcb->flow->cong.ssthresh, ssthresh);
	/* the next window's loss does */
	send_all(tcb);
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.wnd = 60000;
	now += 10000;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	port_write(tcb, 6 * BUILD_MSS);
	send_all(tcb);
	now += 10000;
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.wnd = 60000;
	seg.ack = tcb->snd.una;
	seg.nsack = 1;
	seg.sack[0] = (struct ttp_sack){ seg.ack + BUILD_MSS, tcb->snd.nxt };
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_RECOVERY);
	CHECK(tcb->flow->cong.ssthresh < ssthresh);
}

/* SHLD-8.  6.1.2: halve, once for a window, and say so on the next new data */
static void an_echo_halves_the_window_once_and_cwr_says_so(void)
{
	struct ttp_tcb *tcb = agreed();
	struct ttp_seg seg;
	struct ttp_out out;

	port_write(tcb, 10 * BUILD_MSS);
	send_all(tcb);
	seg = from_peer(tcb, TTP_ACK | TTP_ECE, 0);
	seg.wnd = 60000;
	seg.ack = iss + 1 + BUILD_MSS;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	CHECK_EQ(tcb->lost, 0);
	seg.ack += BUILD_MSS;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	/* all of it: what says CWR has not even been sent */
	seg.ack = tcb->snd.nxt;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, 5 * BUILD_MSS);
	port_write(tcb, 2 * BUILD_MSS);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_CWR);
	CHECK(send_one(tcb, &out));
	CHECK(!(out.seg.flags & TTP_CWR));
	/* that it arrived, and that another was marked */
	seg.ack = tcb->snd.nxt;
	arrive(tcb, seg, &v);
	CHECK(tcb->flow->cong.ssthresh < 5 * BUILD_MSS);
}

/* 6.1.2: a timeout is an answer to marks, too; and no ACK with ECE opens the window */
static void a_timeout_answers_marks_that_are_echoed_after_it(void)
{
	struct ttp_tcb *tcb = agreed();
	struct ttp_seg seg;
	struct ttp_out out;
	u32 ssthresh;

	port_write(tcb, 10 * BUILD_MSS);
	send_all(tcb);
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
	send_all(tcb);
	ssthresh = tcb->flow->cong.ssthresh;
	seg = from_peer(tcb, TTP_ACK | TTP_ECE, 0);
	seg.wnd = 60000;
	seg.ack = tcb->snd.nxt;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK_EQ(tcb->flow->cong.ssthresh, ssthresh);
	CHECK_EQ(tcb->flow->cong.cwnd, BUILD_MSS);
	port_write(tcb, 10);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_CWR);
}

/* 6.1.4, 6.1.5 */
static void only_new_data_may_be_marked(void)
{
	struct ttp_tcb *tcb = agreed();
	struct ttp_out out;

	port_write(tcb, 10);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.ect);
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
	CHECK(send_one(tcb, &out));
	CHECK(out.retransmission);
	CHECK(!out.seg.ect);
	arrive(tcb, from_peer(tcb, TTP_ACK, 10), &v);
	CHECK(send_one(tcb, &out));
	CHECK(!out.seg.ect);
}

/* 6.1.2: a reduction that is taken back answers no mark, and nothing says CWR */
static void what_was_no_loss_answers_no_mark(void)
{
	struct ttp_tcb *tcb = agreed();
	struct ttp_seg seg;
	struct ttp_out out;

	tcb->opt.ts_ok = true;
	ttp_send_mss(tcb, BUILD_MSS + TTP_TS_LEN);
	port_write(tcb, 4 * BUILD_MSS);
	send_all(tcb);
	seg = from_peer(tcb, TTP_ACK, 0);
	seg.wnd = 60000;
	seg.has_ts = true;
	seg.tsval = tcb->opt.ts_recent;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now);
	while (expire(tcb, &v) != TTP_TM_RTX)
		tcb->pending &= ~TTP_PEND_TLP;
	send_all(tcb);
	seg.ack = iss + 1 + 2 * BUILD_MSS;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK(tcb->flow->cong.cwnd > 5 * BUILD_MSS);
	port_write(tcb, BUILD_MSS);
	CHECK(send_one(tcb, &out));
	CHECK(!(out.seg.flags & TTP_CWR));
	seg.flags |= TTP_ECE;
	seg.ack += BUILD_MSS;
	arrive(tcb, seg, &v);
	CHECK(tcb->flow->cong.ssthresh <= 5 * BUILD_MSS);
}

/* ... but what a mark has reduced stays reduced, once, though a loss in its window was none */
static void a_mark_is_not_undone(bool timeout)
{
	struct ttp_tcb *tcb = agreed();
	struct ttp_seg seg;
	struct ttp_out out;
	u32 ssthresh, mss;

	tcb->opt.ts_ok = true;
	ttp_send_mss(tcb, BUILD_MSS + TTP_TS_LEN);
	mss = tcb->snd.mss;
	port_write(tcb, 10 * mss);
	send_all(tcb);
	seg = from_peer(tcb, TTP_ACK | TTP_ECE, 0);
	seg.wnd = 60000;
	seg.ack = iss + 1 + mss;
	seg.has_ts = true;
	seg.tsval = tcb->opt.ts_recent;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now);
	arrive(tcb, seg, &v);
	ssthresh = tcb->flow->cong.ssthresh;
	now += 10000;
	seg.flags &= ~TTP_ECE;
	if (timeout) {
		while (expire(tcb, &v) != TTP_TM_RTX)
			tcb->pending &= ~TTP_PEND_TLP;
	} else {
		seg.nsack = 1;
		seg.sack[0] = (struct ttp_sack){ seg.ack + mss, seg.ack + 4 * mss };
		arrive(tcb, seg, &v);
	}
	CHECK_EQ(tcb->ca, timeout ? TTP_CA_LOSS : TTP_CA_RECOVERY);
	send_all(tcb);
	now += 10000;
	seg.nsack = 0;
	seg.ack += 4 * mss;	/* the original has come */
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->ca, TTP_CA_OPEN);
	CHECK(tcb->flow->cong.cwnd >= ssthresh);
	seg.flags |= TTP_ECE;
	seg.ack += mss;
	arrive(tcb, seg, &v);
	CHECK_EQ(tcb->flow->cong.ssthresh, ssthresh);
	port_write(tcb, mss);
	CHECK(send_one(tcb, &out));
	CHECK(out.seg.flags & TTP_CWR);
}

static void what_a_mark_has_reduced_is_not_undone(void)
{
	a_mark_is_not_undone(false);
}

static void nor_is_it_when_a_timeout_was_none(void)
{
	a_mark_is_not_undone(true);
}

static const struct test tests[] = {
	TEST(a_syn_asks_only_when_told_to_and_only_once),
	TEST(a_syn_ack_answers_only_who_asked),
	TEST(an_algorithm_that_needs_ecn_has_it),
	TEST(ece_alone_on_a_syn_ack_says_yes),
	TEST(a_mark_is_echoed_until_cwr_comes),
	TEST(an_echo_halves_the_window_once_and_cwr_says_so),
	TEST(a_loss_in_the_window_of_a_mark_reduces_it_no_further),
	TEST(a_timeout_answers_marks_that_are_echoed_after_it),
	TEST(only_new_data_may_be_marked),
	TEST(what_was_no_loss_answers_no_mark),
	TEST(what_a_mark_has_reduced_is_not_undone),
	TEST(nor_is_it_when_a_timeout_was_none),
	{ }
};

const struct suite suite_ecn = { "ecn", tests };
