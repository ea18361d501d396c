// SPDX-License-Identifier: GPL-2.0
/*
 * build.c - connections in any state, and one segment at a time.
 */
#include "build.h"

struct ttp_config cfg;
u64 now;
u32 iss, irs;
struct oracle *build_oracle;

static struct ttp_tcb *the_tcb;
static struct ttp_request *the_req;
static struct ttp_timewait *the_tw;

static const struct ttp_config defaults = {
	PORT_CONFIG,
	.max_syn_backlog = 128,
	.max_orphans = 1024,
	.moderate_rcvbuf = 1,
};

/**
 * build_reset - forget the connection of the test before
 * @our_iss: for the next one
 * @peer_iss: the other end's
 */
void build_reset(u32 our_iss, u32 peer_iss)
{
	if (the_tcb)
		port_tcb_free(the_tcb);
	if (the_req)
		port_request_free(the_req);
	if (the_tw)
		port_timewait_free(the_tw);
	the_tcb = NULL;
	the_req = NULL;
	the_tw = NULL;
	cfg = defaults;
	/* not small, and about to pass 2^32 microseconds */
	now = 0xfff00000;
	iss = our_iss;
	irs = peer_iss;
	test_forget();
}

struct ttp_tcb *closed_with(u32 rcvbuf)
{
	if (the_tcb)
		port_tcb_free(the_tcb);
	the_tcb = port_tcb(&cfg, rcvbuf);
	the_tcb->route.advmss = BUILD_MSS;
	ttp_flow_need(the_tcb, now, true);	/* tests look into it; sim.c's have none at first */
	return the_tcb;
}

struct ttp_tcb *closed_(void)
{
	return closed_with(BUILD_WND);
}

/* Tell the story: one segment */
static void tell(const struct ttp_tcb *tcb, const char *how, const struct ttp_seg *seg)
{
	test_story("%10llu %s %s%s%s%s%s seq %u ack %u len %u wnd %u sack %u  %s",
		   (unsigned long long)now, how,
		   seg->flags & TTP_SYN ? "S" : "", seg->flags & TTP_FIN ? "F" : "",
		   seg->flags & TTP_RST ? "R" : "", seg->flags & TTP_PSH ? "P" : "",
		   seg->flags & TTP_ACK ? "A" : "", seg->seq, seg->ack, seg->len,
		   seg->wnd, seg->nsack, ttp_fsm_name(tcb->conn.state));
}

/* Asks the oracle of a segment that is about to go, or of each that a packet will
 * be cut into.
 */
static void judge(struct ttp_tcb *tcb, const struct ttp_seg *seg, const struct ttp_out *out)
{
	u32 off = 0, mss = tcb ? tcb->snd.mss : seg->len;
	struct ttp_seg part = *seg;
	struct oracle_sent x = {
		.seg = &part, .tcb = tcb, .state = tcb ? tcb->conn.state : TTP_SYN_RCVD,
		.now = now, .probe = out && out->probe, .packet = seg->len,
	};

	if (!build_oracle)
		return;
	do {
		part.seq = seg->seq + off;
		part.len = min(seg->len - off, mss);
		part.flags = seg->flags;
		off += part.len;
		if (off < seg->len)
			part.flags &= ~(TTP_FIN | TTP_PSH);
		oracle_sent(build_oracle, &x);
	} while (off < seg->len);
}

static void judge_arrival(struct ttp_tcb *tcb, const struct ttp_seg *seg,
			  const struct ttp_verdict *v)
{
	if (!build_oracle)
		return;
	oracle_arrived(build_oracle, seg, tcb, v, now);
	if (v->todo & (TTP_DO_RESET | TTP_DO_REPLY))
		judge(tcb, &v->reply, NULL);
}

void arrive(struct ttp_tcb *tcb, struct ttp_seg seg, struct ttp_verdict *v)
{
	static u8 text[0x10000];
	struct ttp_seg told = seg;
	u32 first = tcb->conn.state == TTP_SYN_SENT ? seg.seq : tcb->conn.irs;
	u32 place = seg.seq + !!(seg.flags & TTP_SYN) - first - 1;

	port_fill(text, place, seg.len);
	if (!port_attach(&seg, text))
		return;
	ttp_arrives(tcb, &seg, now, v);
	port_detach(&seg, v);
	judge_arrival(tcb, &told, v);
	tell(tcb, "<-", &told);
}

struct ttp_tcb *early_child(u32 len, const struct ttp_cookie *cookie, struct ttp_verdict *v)
{
	static u8 text[0x1000];
	struct ttp_request *req = request();
	struct ttp_tcb *tcb = closed_();
	struct ttp_seg seg = {
		.seq = irs, .flags = TTP_SYN, .len = min_t(u32, len, sizeof(text)),
		.wnd = BUILD_WND, .mss = BUILD_MSS,
	};

	ttp_verdict_init(v);
	ttp_passive_promote(req, tcb, now);
	port_fill(text, 0, seg.len);
	if (!port_attach(&seg, text))
		return tcb;
	ttp_fastopen_child(tcb, &seg, cookie, now, v);
	port_detach(&seg, v);
	return tcb;
}

struct ttp_seg from_peer(const struct ttp_tcb *tcb, u8 flags, u32 len)
{
	return (struct ttp_seg){
		.sport = 7,
		.dport = 50000,
		.seq = tcb->rcv.nxt,
		.ack = tcb->snd.nxt,
		.flags = flags,
		.len = len,
		.wnd = BUILD_WND,
		.has_ts = tcb->opt.ts_ok,
		.tsval = tcb->opt.ts_recent,
		.tsecr = 0,
	};
}

bool send_one(struct ttp_tcb *tcb, struct ttp_out *out)
{
	if (!ttp_send_next(tcb, now, out))
		return false;
	judge(tcb, &out->seg, out);
	ttp_send_done(tcb, out, now);
	tell(tcb, "->", &out->seg);
	return true;
}

u32 send_all(struct ttp_tcb *tcb)
{
	struct ttp_out out;
	u32 n = 0;

	while (n < 1000 && send_one(tcb, &out))
		n++;
	return n;
}

enum ttp_tm expire(struct ttp_tcb *tcb, struct ttp_verdict *v)
{
	enum ttp_tm which = TTP_TM_MAX;
	u64 at = ttp_timer_next(tcb, &which);

	if (at) {
		now = max(now, at);
		ttp_expire_timers(tcb, now, v);
	}
	return which;
}

struct ttp_tcb *syn_sent(void)
{
	struct ttp_tcb *tcb = closed_();

	ttp_user_connect(tcb, iss, now);
	send_all(tcb);
	return tcb;
}

struct ttp_tcb *syn_rcvd(void)
{
	struct ttp_tcb *tcb = syn_sent();
	struct ttp_verdict v;

	arrive(tcb, (struct ttp_seg){
		.seq = irs,
		.flags = TTP_SYN,
		.wnd = BUILD_WND,
		.mss = BUILD_MSS,
	}, &v);
	send_all(tcb);
	return tcb;
}

struct ttp_tcb *established(void)
{
	struct ttp_tcb *tcb = syn_sent();
	struct ttp_verdict v;

	now += 10000;
	arrive(tcb, (struct ttp_seg){
		.seq = irs,
		.ack = iss + 1,
		.flags = TTP_SYN | TTP_ACK,
		.wnd = BUILD_WND,
		.mss = BUILD_MSS,
		.sack_permitted = cfg.sack,
	}, &v);
	send_all(tcb);
	return tcb;
}

struct ttp_tcb *no_probes(struct ttp_tcb *tcb)
{
	tcb->opt.sack_ok = false;
	ttp_timer_set(tcb, TTP_TM_PROBE, 0);
	return tcb;
}

struct ttp_tcb *fin_wait_1(void)
{
	struct ttp_tcb *tcb = established();

	ttp_user_shutdown(tcb, now);
	send_all(tcb);
	return tcb;
}

struct ttp_tcb *fin_wait_2(void)
{
	struct ttp_tcb *tcb = fin_wait_1();
	struct ttp_verdict v;

	arrive(tcb, from_peer(tcb, TTP_ACK, 0), &v);
	return tcb;
}

static void peer_fin(struct ttp_tcb *tcb)
{
	struct ttp_seg seg = from_peer(tcb, TTP_FIN | TTP_ACK, 0);
	struct ttp_verdict v;

	seg.ack = tcb->snd.una;
	arrive(tcb, seg, &v);
	send_all(tcb);
}

struct ttp_tcb *close_wait(void)
{
	struct ttp_tcb *tcb = established();

	peer_fin(tcb);
	return tcb;
}

struct ttp_tcb *closing(void)
{
	struct ttp_tcb *tcb = fin_wait_1();

	peer_fin(tcb);
	return tcb;
}

struct ttp_tcb *last_ack(void)
{
	struct ttp_tcb *tcb = close_wait();

	ttp_user_shutdown(tcb, now);
	send_all(tcb);
	return tcb;
}

struct ttp_request *request(void)
{
	struct ttp_seg syn = {
		.sport = 7, .dport = 50000,
		.seq = irs, .flags = TTP_SYN, .wnd = BUILD_WND, .mss = BUILD_MSS,
	};
	struct ttp_verdict v = { 0 };
	struct ttp_seg synack;

	the_req = port_request();
	the_req->conn.iss = iss;
	the_req->route.advmss = BUILD_MSS;
	the_req->rcv_wnd = BUILD_WND;
	ttp_passive_open(the_req, &syn, &cfg);
	the_req->sent_us = now;
	ttp_verdict_init(&v);
	judge_arrival(NULL, &syn, &v);
	ttp_passive_synack(the_req, now, &synack);
	judge(NULL, &synack, NULL);
	return the_req;
}

struct ttp_timewait *time_wait(void)
{
	struct ttp_tcb *tcb = fin_wait_2();

	peer_fin(tcb);
	the_tw = port_timewait();
	ttp_timewait_init(the_tw, tcb);
	return the_tw;
}

bool sums_right(struct ttp_tcb *tcb)
{
	u32 sacked = 0, lost = 0, resent = 0, len;
	struct ttp_txrec *rec;

	for (rec = ttp_scoreboard_first(tcb); rec; rec = ttp_scoreboard_next(tcb, rec)) {
		len = rec->end - rec->seq;
		sacked += rec->flags & TTP_TX_SACKED ? len : 0;
		lost += rec->flags & TTP_TX_LOST ? len : 0;
		resent += rec->flags & TTP_TX_RESENT ? len : 0;
		if (rec->flags & TTP_TX_SACKED && rec->flags & TTP_TX_LOST)
			return false;
		if (rec->flags & TTP_TX_RESENT && !(rec->flags & TTP_TX_LOST))
			return false;
	}
	return (!tcb->opt.sack_ok || tcb->sacked == sacked) &&
	       tcb->lost == lost && tcb->resent == resent;
}
