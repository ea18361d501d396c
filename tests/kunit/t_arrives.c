// SPDX-License-Identifier: GPL-2.0
/*
 * t_arrives.c - runs the table of table.c (RFC 9293 3.10.7), and what needs
 * more than one segment: order, windows, timestamps, challenge ACKs.
 */
#include "build.h"
#include "table.h"

#define TEXT	100U

static const char *const kind_names[] = {
#define X(k) [K_##k] = #k,
	KINDS(X)
#undef X
};

static const char *const state_names[NSTATES] = {
	"CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD (passive)", "SYN_RCVD",
	"ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING",
	"LAST_ACK", "TIME_WAIT",
};

/* The numbers that segments are made from. */
struct numbers {
	u32 nxt, wnd;		/* RCV.NXT, RCV.WND */
	u32 una, good;		/* SND.UNA, SND.NXT */
	u32 plain;		/* ack of our SYN, not of our FIN */
	u32 max_wnd;
};

struct shape {
	u8 flags;
	u32 seq, ack, len;
};

static struct shape shape_of(enum kind kind, const struct numbers *n)
{
	u32 nxt = n->nxt, wnd = n->wnd, good = n->good, plain = n->plain;

	switch (kind) {
	case K_NO_FLAGS: return (struct shape){ 0, nxt, 0, 0 };
	case K_ACK_ALL: return (struct shape){ TTP_ACK, nxt, good, 0 };
	case K_ACK_OLD: return (struct shape){ TTP_ACK, nxt, n->una, 0 };
	case K_ACK_TOO_OLD:
		return (struct shape){ TTP_ACK, nxt, n->una - n->max_wnd - 1, 0 };
	case K_ACK_TOO_NEW: return (struct shape){ TTP_ACK, nxt, good + 1, 0 };
	case K_ACK_BELOW: return (struct shape){ TTP_ACK, nxt - 1, good, 0 };
	case K_ACK_BEYOND: return (struct shape){ TTP_ACK, nxt + wnd + 1, good, 0 };
	case K_SYN: return (struct shape){ TTP_SYN, irs, 0, 0 };
	case K_SYN_ECN:
		return (struct shape){ TTP_SYN | TTP_ECE | TTP_CWR, irs, 0, 0 };
	case K_SYN_AT_NXT: return (struct shape){ TTP_SYN, nxt, 0, 0 };
	case K_SYN_ABOVE: return (struct shape){ TTP_SYN, nxt + 1000, 0, 0 };
	case K_SYN_FAR: return (struct shape){ TTP_SYN, nxt + wnd + 1, 0, 0 };
	case K_SYN_TEXT: return (struct shape){ TTP_SYN, irs, 0, TEXT };
	case K_SYN_FIN: return (struct shape){ TTP_SYN | TTP_FIN, irs, 0, TEXT };
	case K_SYN_ACK: return (struct shape){ TTP_SYN | TTP_ACK, irs, good, 0 };
	case K_SYN_ACK_BAD: return (struct shape){ TTP_SYN | TTP_ACK, irs, iss, 0 };
	case K_SYN_ACK_TEXT:
		return (struct shape){ TTP_SYN | TTP_ACK, irs, good, TEXT };
	case K_SYN_ACK_FIN:
		return (struct shape){ TTP_SYN | TTP_ACK | TTP_FIN, irs, good, TEXT };
	case K_RESET: return (struct shape){ TTP_RST, nxt, 0, 0 };
	case K_RESET_ACK: return (struct shape){ TTP_RST | TTP_ACK, nxt, good, 0 };
	case K_RESET_BAD_ACK:
		return (struct shape){ TTP_RST | TTP_ACK, nxt, good + 1, 0 };
	case K_RESET_IN_WINDOW: return (struct shape){ TTP_RST, nxt + 1, 0, 0 };
	case K_RESET_OUTSIDE: return (struct shape){ TTP_RST, nxt + wnd + 1, 0, 0 };
	case K_RESET_BELOW: return (struct shape){ TTP_RST, nxt - 1, 0, 0 };
	case K_RESET_ACROSS: return (struct shape){ TTP_RST, nxt - 10, 0, TEXT };
	case K_TEXT: return (struct shape){ TTP_ACK, nxt, plain, TEXT };
	case K_TEXT_NO_ACK: return (struct shape){ TTP_PSH, nxt, 0, TEXT };
	case K_TEXT_BAD_ACK: return (struct shape){ TTP_ACK, nxt, good + 1, TEXT };
	case K_TEXT_GAP: return (struct shape){ TTP_ACK, nxt + 50, plain, TEXT };
	case K_TEXT_OVERLAP: return (struct shape){ TTP_ACK, nxt - 50, plain, TEXT };
	case K_TEXT_BELOW: return (struct shape){ TTP_ACK, nxt - TEXT, plain, TEXT };
	case K_TEXT_BEYOND: return (struct shape){ TTP_ACK, nxt + wnd, plain, TEXT };
	case K_TEXT_EDGE: return (struct shape){ TTP_ACK, nxt + wnd - 50, plain, TEXT };
	case K_FIN: return (struct shape){ TTP_FIN | TTP_ACK, nxt, plain, 0 };
	case K_FIN_ACK_ALL: return (struct shape){ TTP_FIN | TTP_ACK, nxt, good, 0 };
	case K_FIN_NO_ACK: return (struct shape){ TTP_FIN, nxt, 0, 0 };
	case K_FIN_AGAIN: return (struct shape){ TTP_FIN | TTP_ACK, nxt - 1, plain, 0 };
	case K_FIN_GAP: return (struct shape){ TTP_FIN | TTP_ACK, nxt + 50, plain, 0 };
	case K_FIN_BEYOND: return (struct shape){ TTP_FIN | TTP_ACK, nxt + wnd, plain, 0 };
	case K_FIN_TEXT: return (struct shape){ TTP_FIN | TTP_ACK, nxt, plain, TEXT };
	case K_FIN_TEXT_GAP:
		return (struct shape){ TTP_FIN | TTP_ACK, nxt + 50, plain, TEXT };
	case NKINDS: break;
	}
	return (struct shape){ 0 };
}

/* What became of a segment, in the table's terms. */
struct result {
	u8 state;
	u8 answer;
	u32 todo;
	enum ttp_mib drop;
	int err;
	bool named;		/* it is said what the segment was, and what is sent */
	bool right_numbers;	/* of the answer */
};

static void see_reply(const struct ttp_verdict *v, const struct ttp_seg *seg,
		      struct result *r)
{
	const struct ttp_seg *a = &v->reply;

	if (v->todo & TTP_DO_RESET) {
		r->answer = RST;
		r->right_numbers = seg->flags & TTP_ACK ?
			a->seq == seg->ack && a->flags == TTP_RST :
			a->seq == 0 && a->ack == ttp_seg_end(seg) &&
			a->flags == (TTP_RST | TTP_ACK);
	} else if (v->todo & TTP_DO_REPLY) {
		bool syn = a->flags & TTP_SYN;

		r->answer = syn ? SYNACK : ACK;
		r->right_numbers = a->flags & TTP_ACK && a->ack == irs + 1;
	}
}

#define NOT_SENDING	(TTP_DO_SEND | TTP_DO_WRITE | TTP_DO_RESET | TTP_DO_REPLY)

static void see_verdict(const struct ttp_verdict *v, u8 state, struct result *r)
{
	r->state = state;
	r->todo |= v->todo & ~NOT_SENDING;
	if (v->drop != TTP_MIB_NONE)
		r->drop = v->drop;
	r->named |= v->answer != NULL;
	r->err = v->err;
}

static void run_tcb(struct ttp_tcb *tcb, struct ttp_seg seg, struct result *r)
{
	struct ttp_verdict v;
	struct ttp_out out;

	arrive(tcb, seg, &v);
	see_verdict(&v, tcb->conn.state, r);
	see_reply(&v, &seg, r);
	if (v.todo & TTP_DO_CLOSED || !(v.todo & TTP_DO_SEND) || !send_one(tcb, &out))
		return;
	r->answer = out.seg.flags & TTP_SYN ? SYNACK : ACK;
	r->right_numbers = out.seg.seq == (r->answer == SYNACK ? iss : tcb->snd.nxt) &&
			   out.seg.ack == tcb->rcv.nxt;
	if (send_one(tcb, &out))
		r->right_numbers = false;	/* one answer is enough */
}

static void run_passive(struct ttp_seg seg, struct result *r)
{
	struct ttp_request *req = request();
	struct ttp_verdict v;
	struct ttp_tcb *tcb;

	ttp_passive_arrives(req, &seg, now, &v);
	see_verdict(&v, req->conn.state, r);
	see_reply(&v, &seg, r);
	if (!(v.todo & TTP_DO_PROMOTE))
		return;
	r->todo &= ~TTP_DO_PROMOTE;
	tcb = closed_();
	ttp_passive_promote(req, tcb, now);
	run_tcb(tcb, seg, r);
	/* it was promoted because this very segment ends SYN_RCVD */
	if (tcb->conn.state == TTP_SYN_RCVD)
		r->right_numbers = false;
}

static void run_listen(struct ttp_seg seg, struct result *r)
{
	struct ttp_verdict v;
	struct ttp_seg synack;
	struct ttp_request *req;

	ttp_passive_listen(&seg, &v);
	see_verdict(&v, TTP_LISTEN, r);
	see_reply(&v, &seg, r);
	if (v.todo || v.drop != TTP_MIB_NONE)
		return;
	irs = seg.seq;
	req = request();
	ttp_passive_synack(req, now, &synack);
	r->state = req->conn.state;
	r->answer = SYNACK;
	r->right_numbers = synack.seq == iss && synack.ack == irs + 1 &&
			   synack.flags == (TTP_SYN | TTP_ACK);
}

static void run_time_wait(struct ttp_timewait *tw, struct ttp_seg seg, struct result *r)
{
	struct ttp_verdict v;

	ttp_timewait_arrives(tw, &seg, now, &v);
	see_verdict(&v, tw->conn.state, r);
	see_reply(&v, &seg, r);
	if (v.todo & TTP_DO_REPLY)
		r->right_numbers = v.reply.seq == tw->snd_nxt && v.reply.ack == tw->rcv_nxt &&
				   v.reply.flags == TTP_ACK;
}

static struct ttp_tcb *build(u32 state)
{
	switch (state) {
	case SYN_SENT: return syn_sent();
	case SYN_RCVD: return syn_rcvd();
	case ESTABLISHED: return established();
	case FIN_WAIT_1: return fin_wait_1();
	case FIN_WAIT_2: return fin_wait_2();
	case CLOSE_WAIT: return close_wait();
	case CLOSING: return closing();
	case LAST_ACK: return last_ack();
	}
	return closed_();
}

static void run_segment(u32 state, enum kind kind, struct result *r)
{
	struct ttp_timewait *tw = state == TIME_WAIT ? time_wait() : NULL;
	struct ttp_tcb *tcb = tw ? NULL : build(state);
	struct numbers n = {
		.nxt = irs + 1, .wnd = BUILD_WND, .una = iss, .good = iss + 1,
		.plain = iss + 1, .max_wnd = BUILD_WND,
	};
	struct shape s;
	struct ttp_seg seg;

	if (tw) {
		n.nxt = tw->rcv_nxt;
		n.wnd = tw->rcv_wnd;
		n.una = tw->snd_nxt;
		n.good = tw->snd_nxt;
		n.plain = tw->snd_nxt;
	} else if (state & ~(CLOSED_ | LISTEN | SYN_SENT | PASSIVE)) {
		n.nxt = tcb->rcv.nxt;
		n.wnd = tcb->rcv.wnd - (tcb->rcv.nxt - tcb->rcv.wup);
		n.una = tcb->snd.una;
		n.good = tcb->snd.nxt;
		n.max_wnd = tcb->snd.max_wnd;
	}
	s = shape_of(kind, &n);
	seg = (struct ttp_seg){
		.sport = 7, .dport = 50000, .seq = s.seq, .ack = s.ack,
		.len = s.len, .flags = s.flags, .wnd = BUILD_WND,
		.mss = s.flags & TTP_SYN ? BUILD_MSS : 0,
	};
	if (tw)
		run_time_wait(tw, seg, r);
	else if (state == LISTEN)
		run_listen(seg, r);
	else if (state == PASSIVE)
		run_passive(seg, r);
	else
		run_tcb(tcb, seg, r);
}

static const struct row *find_row(u32 state, enum kind kind, u32 *found)
{
	const struct row *row = NULL;
	u32 i;

	*found = 0;
	for (i = 0; i < nrows; i++)
		if (table[i].kind == kind && table[i].states & state) {
			row = &table[i];
			++*found;
		}
	return row;
}

static u8 state_before(u32 state)
{
	switch (state) {
	case LISTEN: return TTP_LISTEN;
	case SYN_SENT: return TTP_SYN_SENT;
	case PASSIVE:
	case SYN_RCVD: return TTP_SYN_RCVD;
	case ESTABLISHED: return TTP_ESTABLISHED;
	case FIN_WAIT_1: return TTP_FIN_WAIT_1;
	case FIN_WAIT_2: return TTP_FIN_WAIT_2;
	case CLOSE_WAIT: return TTP_CLOSE_WAIT;
	case CLOSING: return TTP_CLOSING;
	case LAST_ACK: return TTP_LAST_ACK;
	case TIME_WAIT: return TTP_TIME_WAIT;
	}
	return TTP_CLOSED;
}

static void every_pair_of_state_and_segment_is_in_one_row(void)
{
	u32 s, k, found;

	for (s = 0; s < NSTATES; s++)
		for (k = 0; k < NKINDS; k++) {
			find_row(BIT(s), k, &found);
			test_forget();
			test_story("%s in %s", kind_names[k], state_names[s]);
			CHECK_EQ(found, 1);
		}
}

static void run_cell(u32 s, enum kind k, u32 our_iss, u32 peer_iss)
{
	static const char *const answers[] = { "nothing", "ACK", "SYN,ACK", "RST" };
	struct result r = { .drop = TTP_MIB_NONE, .right_numbers = true };
	const struct row *row;
	u32 found;
	u8 to;

	row = find_row(BIT(s), k, &found);
	if (!row)
		return;
	build_reset(our_iss, peer_iss);
	run_segment(BIT(s), k, &r);
	to = row->to ?: state_before(BIT(s));
	test_story("%s in %s: wanted %s, %s; got %s, %s (ISS %u, IRS %u)",
		   kind_names[k], state_names[s], ttp_fsm_name(to), answers[row->answer],
		   ttp_fsm_name(r.state), answers[r.answer], our_iss, peer_iss);
	CHECK_EQ(r.state, to);
	CHECK_EQ(r.answer, row->answer);
	CHECK_EQ(r.todo, row->todo);
	CHECK_EQ(r.drop, row->drop);
	CHECK_EQ(r.err, row->err);
	CHECK_EQ(r.named, row->drop != TTP_MIB_NONE && row->answer != NOTHING);
	CHECK(r.right_numbers);
}

static void run_table(u32 our_iss, u32 peer_iss)
{
	u32 s, k;

	for (s = 0; s < NSTATES; s++)
		for (k = 0; k < NKINDS; k++)
			run_cell(s, k, our_iss, peer_iss);
}

/* MUST-11: a RST in SYN_RCVD leads to LISTEN after a passive OPEN, else to
 * CLOSED; MAY-12: an ACK of what is older than a window is challenged
 */
static void every_segment_does_in_every_state_what_the_rfc_says(void)
{
	run_table(10000, 20000);
}

static void the_same_with_sequence_numbers_about_to_wrap(void)
{
	run_table(0xffffffff, 0xffffffff);
	run_table(0xfffffffe, 0xffffffe0);
	run_table(0xfffff000, 0xffffffff);
}

static void the_same_halfway_around(void)
{
	run_table(0x7fffffff, 0x7fffffff);
	run_table(0x80000000, 0x7ffffff0);
	run_table(0x90000000, 0);
}

/* RFC 6191 (SHLD-4): a SYN whose sequence number says nothing, and whose timestamp
 * is newer, opens a connection in TIME_WAIT anew (MAY-2)
 */
static void a_newer_timestamp_reopens_time_wait(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_seg seg = { .flags = TTP_SYN, .seq = tw->rcv_nxt - 1000, .has_ts = true };
	struct ttp_verdict v;
	u32 age;

	tw->opt.ts_ok = true;
	tw->opt.ts_recent = 1;
	for (age = 0; age < 3; age++) {
		seg.tsval = tw->opt.ts_recent - 1 + age;
		ttp_timewait_arrives(tw, &seg, now, &v);
		CHECK_EQ(!!(v.todo & TTP_DO_REOPEN), age == 2);
	}
}

/* It may be sent twice, and the second be late; what came in between need not have set TS.Recent
 * (remember_ts()).  After more than 2 GiB its sequence number is above RCV.NXT.
 */
static void its_own_SYN_does_not_reopen_time_wait(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_seg seg = { .flags = TTP_SYN, .seq = tw->conn.irs, .has_ts = true, .tsval = 2 };
	struct ttp_verdict v;

	tw->opt.ts_ok = true;
	tw->opt.ts_recent = 1;
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK_EQ(v.todo, TTP_DO_REPLY);
	tw->opt.ts_ok = false;
	seg.has_ts = false;
	tw->rcv_nxt = tw->conn.irs + 0x90000000;
	now += 1000000;			/* challenge ACKs are limited */
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK_EQ(v.todo, TTP_DO_REPLY);
	seg.seq++;
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK_EQ(v.todo, TTP_DO_REOPEN);
}

/* 3.10.7.4, 3.6.1: "acknowledge it, and restart the 2 MSL timeout" */
static void a_FIN_again_in_time_wait_is_acknowledged_and_2_MSL_begin_anew(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_seg seg = { .flags = TTP_FIN | TTP_ACK, .seq = tw->rcv_nxt - 1, .ack = tw->snd_nxt };
	struct ttp_verdict v;

	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK(v.todo & TTP_DO_REPLY);
	CHECK_EQ(v.reply.ack, tw->rcv_nxt);
	CHECK_EQ(v.reply.seq, tw->snd_nxt);
	CHECK(v.todo & TTP_DO_RESTART);
}

/* RFC 1337 3: TIME-WAIT assassination */
static void a_RST_does_not_end_time_wait(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_seg seg = { .flags = TTP_RST, .seq = tw->rcv_nxt };
	struct ttp_verdict v;

	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK_EQ(v.todo, 0);
	CHECK_EQ(tw->conn.state, TTP_TIME_WAIT);
}

/* 3.6.1 (MAY-2): only a SYN above all that was used is no old duplicate */
static void only_a_SYN_above_RCV_NXT_reopens_time_wait(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_seg seg = { .flags = TTP_SYN };
	struct ttp_verdict v;
	s32 off;

	for (off = -1; off <= 1; off++) {
		seg.seq = tw->rcv_nxt + off;
		test_story("a SYN at RCV.NXT %+d", off);
		ttp_timewait_arrives(tw, &seg, now, &v);
		CHECK_EQ(!!(v.todo & TTP_DO_REOPEN), off > 0);
	}
	tw->conn.state = TTP_TIME_WAIT;
	seg.flags |= TTP_ACK;
	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK(!(v.todo & TTP_DO_REOPEN));
}

/* Two ends in TIME_WAIT would answer each other for ever. */
static void an_empty_ACK_in_time_wait_is_not_answered(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_seg seg = { .flags = TTP_ACK, .seq = tw->rcv_nxt, .ack = tw->snd_nxt };
	struct ttp_verdict v;

	ttp_timewait_arrives(tw, &seg, now, &v);
	CHECK_EQ(v.todo, 0);
}

static bool answered(struct ttp_request *req, struct ttp_timewait *tw, struct ttp_seg seg)
{
	struct ttp_verdict v;

	if (req)
		ttp_passive_arrives(req, &seg, now, &v);
	else
		ttp_timewait_arrives(tw, &seg, now, &v);
	return v.todo & TTP_DO_REPLY;
}

/* RFC 5961 7: one for all that has no data, until its time is over */
static void check_limit(struct ttp_request *req, struct ttp_timewait *tw, struct ttp_seg syn,
			struct ttp_seg data)
{
	CHECK(answered(req, tw, syn));
	CHECK(!answered(req, tw, syn));
	CHECK(answered(req, tw, data));
	CHECK(answered(req, tw, data));
	now += cfg.invalid_ratelimit * 1000 - 1;
	CHECK(!answered(req, tw, syn));
	now++;
	CHECK(answered(req, tw, syn));
	cfg.invalid_ratelimit = 0;
	now += 1000000;
	CHECK(answered(req, tw, syn));
	CHECK(answered(req, tw, syn));
}

static void answers_of_a_request_are_limited(void)
{
	struct ttp_request *req = request();
	struct ttp_seg syn = { .flags = TTP_SYN, .seq = req->conn.irs };
	struct ttp_seg ack = { .flags = TTP_ACK, .seq = req->conn.irs - 9 };
	struct ttp_seg data = { .flags = TTP_ACK, .seq = req->conn.irs - 9, .len = 5 };

	ack.ack = req->conn.iss + 1;
	data.ack = ack.ack;
	check_limit(req, NULL, syn, data);
	/* the same for both */
	cfg.invalid_ratelimit = 500;
	CHECK(answered(req, NULL, ack));
	CHECK(!answered(req, NULL, syn));
	CHECK(!answered(req, NULL, ack));
}

static void answers_in_time_wait_are_limited(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_seg syn = { .flags = TTP_SYN, .seq = tw->rcv_nxt - 9 };
	struct ttp_seg data = { .flags = TTP_ACK, .seq = tw->rcv_nxt - 9, .len = 5 };
	struct ttp_seg fin = { .flags = TTP_ACK | TTP_FIN, .seq = tw->rcv_nxt - 1 };

	data.ack = tw->snd_nxt;
	fin.ack = tw->snd_nxt;
	check_limit(NULL, tw, syn, data);
	cfg.invalid_ratelimit = 500;
	CHECK(answered(NULL, tw, syn));
	CHECK(answered(NULL, tw, fin));
	CHECK(answered(NULL, tw, fin));
}

/* RFC 4987 3.6 */
static void a_cookie_brings_the_options_back(void)
{
	struct ttp_options opt = {
		.ts_ok = true, .sack_ok = true, .ecn_ok = true, .wscale_ok = true, .snd_wscale = 9,
	};
	struct ttp_seg synack, ack = { .flags = TTP_ACK, .seq = 101, .ack = 501, .has_ts = true };
	struct ttp_request *req = request();
	u32 ts, i;

	for (i = 0; i < 200; i++) {
		ts = 0xffffff80 + i;
		synack = (struct ttp_seg){ .has_ts = true, .tsval = ts };
		ttp_passive_cookie(&opt, &synack);
		CHECK(seq_leq(synack.tsval, ts));	/* never ahead of the clock */
		CHECK(ts - synack.tsval < 128);
		ack.tsecr = synack.tsval;
		memset(&req->opt, 0, sizeof(req->opt));
		req->defer = 5;
		ttp_passive_cookie_open(req, &ack, ttp_passive_cookie_mss(1400), &cfg);
		CHECK(req->opt.ts_ok && req->opt.sack_ok && req->opt.ecn_ok && req->opt.wscale_ok);
		CHECK_EQ(req->opt.snd_wscale, 9);
		CHECK_EQ(req->opt.mss, 1400);
	}
	CHECK_EQ(req->conn.irs, 100);
	CHECK_EQ(req->conn.iss, 500);
	CHECK_EQ(req->conn.state, TTP_SYN_RCVD);
	CHECK_EQ(req->defer, 0);	/* no more of them than accept() has room for */
}

static void a_cookie_without_timestamps_offers_nothing(void)
{
	struct ttp_options opt = { .sack_ok = true, .wscale_ok = true };
	struct ttp_seg synack = {
		.flags = TTP_SYN | TTP_ACK | TTP_ECE, .sack_permitted = true, .has_wscale = true,
	};

	ttp_passive_cookie(&opt, &synack);
	CHECK(!synack.sack_permitted && !synack.has_wscale);
	CHECK(!(synack.flags & TTP_ECE));
}

static void a_cookie_knows_a_few_segment_sizes(void)
{
	struct ttp_request *req = request();
	struct ttp_seg ack = { .flags = TTP_ACK };
	u32 mss;

	for (mss = 1; mss < 10000; mss += 7) {
		ttp_passive_cookie_open(req, &ack, ttp_passive_cookie_mss(mss), &cfg);
		CHECK(req->opt.mss <= mss || req->opt.mss == TTP_MSS_DEFAULT);
		CHECK(ttp_passive_cookie_mss(mss) < 8);
	}
}

static const struct test tests[] = {
	TEST(every_pair_of_state_and_segment_is_in_one_row),
	TEST(every_segment_does_in_every_state_what_the_rfc_says),
	TEST(the_same_with_sequence_numbers_about_to_wrap),
	TEST(the_same_halfway_around),
	TEST(a_newer_timestamp_reopens_time_wait),
	TEST(its_own_SYN_does_not_reopen_time_wait),
	TEST(a_FIN_again_in_time_wait_is_acknowledged_and_2_MSL_begin_anew),
	TEST(a_RST_does_not_end_time_wait),
	TEST(only_a_SYN_above_RCV_NXT_reopens_time_wait),
	TEST(an_empty_ACK_in_time_wait_is_not_answered),
	TEST(answers_of_a_request_are_limited),
	TEST(answers_in_time_wait_are_limited),
	TEST(a_cookie_brings_the_options_back),
	TEST(a_cookie_without_timestamps_offers_nothing),
	TEST(a_cookie_knows_a_few_segment_sizes),
	{ }
};

const struct suite suite_arrives = { "arrives", tests };
