// SPDX-License-Identifier: GPL-2.0
/*
 * passive.c - the three-way handshake, as the passive side sees it: LISTEN, and SYN_RCVD of a
 * passive OPEN (RFC 9293 3.5, 3.10.7.2-4).
 *
 *	SYN		ttp_passive_listen(), ttp_passive_open(): LISTEN to SYN_RCVD
 *	SYN,ACK		ttp_passive_synack()
 *	ACK		ttp_passive_arrives(), ttp_passive_promote(), and then ttp_arrives():
 *			SYN_RCVD to ESTABLISHED
 *
 * Until the ACK has come a connection is a struct ttp_request, which is small; so a SYN flood
 * costs little memory, and SYN cookies cost none.  SYN_RCVD of a simultaneous open,
 * which has a TCB from the beginning, is in arrives.c.
 *
 * Called by conn/request.c, mini.c and child.c, in softirq, with the request's lock if there
 * is one.
 * Next: arrives.c, which the ACK goes on to; user.c for the active side; fastopen.c for data on
 * the SYN.
 */
#include "core.h"

/**
 * ttp_passive_listen - a segment arrives for a connection in LISTEN
 * @seg: the segment
 * @v: filled in; when neither todo nor drop is set, the segment is a SYN that
 *	asks for ttp_passive_open()
 *
 * Source: RFC 9293 3.10.7.2.
 */
void ttp_passive_listen(const struct ttp_seg *seg, struct ttp_verdict *v)
{
	ttp_verdict_init(v);
	/* First, check for a RST */
	if (seg->flags & TTP_RST) {
		v->drop = TTP_MIB_RST_IGNORED;
		return;
	}
	/* Second, check for an ACK */
	if (seg->flags & TTP_ACK) {
		v->drop = TTP_MIB_BAD_ACK;
		ttp_verdict_rst(v, seg, "ACK in LISTEN: RST");
		return;
	}
	/* Third, check for a SYN.  With a FIN it is dropped, as by Linux's TCP: it would end a
	 * connection that has not begun.
	 */
	if (!(seg->flags & TTP_SYN) || (seg->flags & TTP_FIN))
		v->drop = TTP_MIB_LISTEN_DROPS;
}

static void begin(struct ttp_request *req, const char *what, const struct ttp_seg *seg)
{
	req->conn.kind = TTP_KIND_REQUEST;
	req->conn.state = TTP_LISTEN;
	ttp_fsm_set_state(&req->conn, TTP_SYN_RCVD, TTP_BY_SEGMENT, what, seg);
	ttp_count(&req->conn, TTP_MIB_PASSIVE_OPENS);
}

/**
 * ttp_passive_open - LISTEN to SYN_RCVD
 * @req: zeroed; conn.id, conn.iss, arq, cong_flags, route, rcv_wnd, opt.rcv_wscale and
 *	opt.ts_off set by the caller
 * @seg: the SYN
 * @cfg: which options we take
 */
void ttp_passive_open(struct ttp_request *req, const struct ttp_seg *seg,
		      const struct ttp_config *cfg)
{
	ttp_passive_offer(req, seg, cfg);
	begin(req, "SYN", seg);
}

/**
 * ttp_passive_offer - what a SYN offers and we take
 * @req: as for ttp_passive_open(), which does this first; still in no state
 * @seg: the SYN
 * @cfg: which options we take
 */
void ttp_passive_offer(struct ttp_request *req, const struct ttp_seg *seg,
		       const struct ttp_config *cfg)
{
	struct ttp_options *opt = &req->opt;

	req->cfg = cfg;
	req->conn.irs = seg->seq;
	opt->sack_ok = READ_ONCE(cfg->sack) && ttp_arq_sack(req->arq);
	opt->ts_ok = READ_ONCE(cfg->timestamps);
	opt->wscale_ok = READ_ONCE(cfg->window_scaling);
	opt->ecn_ok = ttp_ecn_offered(seg, cfg, req->route.ecn ||
				      req->cong_flags & TTP_CONG_NEEDS_ECN);
	ttp_arrives_options(opt, seg, req->route.mss_default);
}

/* SYN cookies (RFC 4987 3.6), against a SYN flood: a listener whose queue is full keeps
 * nothing.  The sequence number of its SYN,ACK says who asked and for which MSS (isn.c), and
 * the low bits of its timestamp say which options.  The ACK returns both.
 */
#define COOKIE_WSCALE	0x0f	/* the peer's shift; 15 for no option */
#define COOKIE_SACK	0x10
#define COOKIE_ECN	0x20
#define COOKIE_BITS	0x3f

/* ascending; the first is also for a SYN without MSS option */
static const u16 cookie_mss[] = { TTP_MSS_DEFAULT, 1024, 1220, 1300, 1400, 1440, 1460, 8960 };

/**
 * ttp_passive_cookie_mss - which of the eight segment sizes that a cookie can say
 * @mss: of the SYN
 *
 * Return: 0 to 7, the largest that is not above @mss, if there is one.
 */
u8 ttp_passive_cookie_mss(u16 mss)
{
	u8 i = ARRAY_SIZE(cookie_mss) - 1;

	while (i && cookie_mss[i] > mss)
		i--;
	return i;
}

/**
 * ttp_passive_cookie - put the options into a cookie's SYN,ACK
 * @opt: what ttp_passive_offer() took
 * @synack: its timestamp never runs ahead of the clock
 */
void ttp_passive_cookie(const struct ttp_options *opt, struct ttp_seg *synack)
{
	u32 ts = synack->tsval & ~COOKIE_BITS;

	if (!opt->ts_ok) {
		/* nothing would return them */
		synack->has_wscale = false;
		synack->sack_permitted = false;
		synack->flags &= ~TTP_ECE;
		return;
	}
	ts |= opt->wscale_ok ? opt->snd_wscale : COOKIE_WSCALE;
	ts |= opt->sack_ok ? COOKIE_SACK : 0;
	ts |= opt->ecn_ok ? COOKIE_ECN : 0;
	if (seq_gt(ts, synack->tsval))
		ts -= COOKIE_BITS + 1;
	synack->tsval = ts;
}

/**
 * ttp_passive_cookie_open - make the request of a cookie that has come back
 * @req: zeroed; conn.id, route, rcv_wnd, opt.rcv_wscale and opt.ts_off set
 * @seg: the ACK, whose cookie was found to be ours
 * @mss: of ttp_passive_cookie_mss()
 * @cfg: the network namespace's
 */
void ttp_passive_cookie_open(struct ttp_request *req, const struct ttp_seg *seg, u8 mss,
			     const struct ttp_config *cfg)
{
	struct ttp_options *opt = &req->opt;
	u32 bits = seg->has_ts ? seg->tsecr & COOKIE_BITS : COOKIE_WSCALE;

	req->cfg = cfg;
	req->conn.iss = seg->ack - 1;
	req->conn.irs = seg->seq - 1;
	opt->mss = cookie_mss[mss % ARRAY_SIZE(cookie_mss)];
	opt->ts_ok = seg->has_ts;
	opt->ts_recent = seg->tsval;
	opt->sack_ok = bits & COOKIE_SACK;
	opt->ecn_ok = bits & COOKIE_ECN;
	opt->wscale_ok = (bits & COOKIE_WSCALE) != COOKIE_WSCALE;
	opt->snd_wscale = opt->wscale_ok ? bits & COOKIE_WSCALE : 0;
	if (!opt->wscale_ok)
		opt->rcv_wscale = 0;
	req->defer = 0;	/* nothing bounds requests of cookies that wait for data */
	begin(req, "ACK of a cookie", seg);
}

/**
 * ttp_passive_synack - make the SYN,ACK of a request
 * @req: the request
 * @now: microseconds
 * @out: filled in, but for the ports
 */
void ttp_passive_synack(const struct ttp_request *req, u64 now, struct ttp_seg *out)
{
	*out = (struct ttp_seg){
		.seq = req->conn.iss,
		.ack = req->conn.irs + 1,
		.flags = TTP_SYN | TTP_ACK | (req->opt.ecn_ok ? TTP_ECE : 0),
		.wnd = min_t(u32, req->rcv_wnd, 0xffff),	/* never scaled on a SYN */
		.mss = req->route.advmss,	/* MUST-14, SHLD-5, SHLD-5v6, MAY-3 */
		.has_wscale = req->opt.wscale_ok,
		.wscale = req->opt.rcv_wscale,
		.sack_permitted = req->opt.sack_ok,
		.has_ts = req->opt.ts_ok,
		.tsval = ttp_rtt_tsval(&req->opt, now),
		.tsecr = req->opt.ts_recent,
	};
}

static bool limited(struct ttp_request *req, const struct ttp_seg *seg, u64 now)
{
	if (!ttp_answer_limited(req->cfg, seg, now, &req->answer_us))
		return false;
	ttp_count(&req->conn, TTP_MIB_ACK_SKIPPED_SYN_RCVD);
	return true;
}

static void reply_ack(struct ttp_request *req, const struct ttp_seg *seg, const char *answer,
		      u64 now, struct ttp_verdict *v)
{
	if (limited(req, seg, now))
		return;
	ttp_verdict_ack(v, seg, answer, &req->opt, now);
	if (v->reply.why == TTP_WHY_CHALLENGE_ACK)
		ttp_count(&req->conn, TTP_MIB_CHALLENGE_ACK);
	v->reply.seq = req->conn.iss + 1;
	v->reply.ack = req->conn.irs + 1;
	v->reply.wnd = req->rcv_wnd >> req->opt.rcv_wscale;
}

/**
 * ttp_passive_wait - an ACK has come that could end the handshake, but must not yet
 * @req: a later ACK will end it, and gives no sample of the round trip
 */
void ttp_passive_wait(struct ttp_request *req)
{
	req->acked = true;
	req->sent_us = 0;
}

/* The SYN came again: the SYN,ACK was lost, or is late. */
static bool syn_again(struct ttp_request *req, const struct ttp_seg *seg, u64 now,
		      struct ttp_verdict *v)
{
	if ((seg->flags & (TTP_SYN | TTP_ACK | TTP_RST | TTP_FIN)) != TTP_SYN ||
	    seg->seq != req->conn.irs)
		return false;
	v->drop = TTP_MIB_OUT_OF_WINDOW;
	if (limited(req, seg, now))
		return true;
	ttp_syn_again(&req->opt, seg);
	v->todo = TTP_DO_REPLY;
	v->answer = "SYN again: SYN,ACK";
	req->sent_us = 0;
	ttp_passive_synack(req, now, &v->reply);
	return true;
}

/* First, check sequence number; PAWS before (RFC 7323 5.3).  As in arrives.c: a segment
 * that ends the handshake must not be refused there.
 */
static bool step1_sequence(struct ttp_request *req, const struct ttp_seg *seg, u64 now,
			   struct ttp_verdict *v)
{
	if (ttp_paws_old(&req->opt, seg))
		v->drop = TTP_MIB_PAWS;
	else if (!ttp_acceptable(seg, req->conn.irs + 1, req->rcv_wnd))
		v->drop = TTP_MIB_OUT_OF_WINDOW;
	else
		return true;
	if (!(seg->flags & TTP_RST))
		reply_ack(req, seg, ttp_answer_to(seg, req->conn.irs + 1, v->drop), now, v);
	return false;
}

/* Second, check the RST bit (and RFC 5961 3): back to LISTEN, for a request is always from
 * there (MUST-11).  Fourth, check the SYN bit: a passive OPEN would return to LISTEN, but
 * RFC 5961 4 has any SYN answered by a challenge ACK, so that a blind attack does nothing.
 */
static bool step2_rst_4_syn(struct ttp_request *req, const struct ttp_seg *seg, u64 now,
			    struct ttp_verdict *v)
{
	if (!(seg->flags & (TTP_RST | TTP_SYN)))
		return true;
	if (seg->flags & TTP_RST && seg->seq == req->conn.irs + 1) {
		ttp_fsm_set_state(&req->conn, TTP_LISTEN, TTP_BY_SEGMENT, "RST", seg);
		v->todo |= TTP_DO_REFUSE;
		return false;
	}
	v->drop = seg->flags & TTP_RST ? TTP_MIB_RST_IGNORED : TTP_MIB_SYN_CHALLENGE;
	reply_ack(req, seg, "challenge ACK", now, v);
	return false;
}

/* Fifth, check the ACK field */
static bool step5_ack(struct ttp_request *req, const struct ttp_seg *seg, struct ttp_verdict *v)
{
	if (!(seg->flags & TTP_ACK)) {
		v->drop = TTP_MIB_NO_ACK;
		return false;
	}
	if (seg->ack == req->conn.iss + 1)
		return true;
	v->drop = TTP_MIB_BAD_ACK;
	ttp_verdict_rst(v, seg, "unacceptable ACK: RST");
	return false;
}

/**
 * ttp_passive_arrives - a segment arrives for a request
 * @req: the request
 * @seg: the segment
 * @now: microseconds
 * @v: filled in.  After %TTP_DO_PROMOTE the caller makes a TCB by
 *	ttp_passive_promote() and hands it the same segment.
 *
 * Source: RFC 9293 3.10.7.4 for SYN_RCVD after a passive OPEN.
 */
void ttp_passive_arrives(struct ttp_request *req, struct ttp_seg *seg, u64 now,
			 struct ttp_verdict *v)
{
	ttp_verdict_init(v);
	if (syn_again(req, seg, now, v) || !step1_sequence(req, seg, now, v) ||
	    !step2_rst_4_syn(req, seg, now, v) || !step5_ack(req, seg, v))
		return;
	/* TTP_DEFER_ACCEPT: the user is not woken before there is data */
	if (ttp_seg_end(seg) == req->conn.irs + 1 && req->retransmits < req->defer) {
		ttp_passive_wait(req);
		v->drop = TTP_MIB_DEFER_ACCEPT_DROP;
		return;
	}
	v->todo = TTP_DO_PROMOTE;
}

/**
 * ttp_passive_promote - a request becomes a TCB
 * @req: the request, for which ttp_passive_arrives() said %TTP_DO_PROMOTE
 * @tcb: after ttp_user_init(); snd.burst and buffers are the caller's
 * @now: microseconds
 *
 * The TCB is in SYN_RCVD.  The segment that ends the handshake is then handed to ttp_arrives(),
 * which goes to ESTABLISHED and takes its data.
 */
void ttp_passive_promote(const struct ttp_request *req, struct ttp_tcb *tcb, u64 now)
{
	tcb->conn = req->conn;
	tcb->conn.kind = TTP_KIND_SOCK;
	tcb->opt = req->opt;
	tcb->route = req->route;
	tcb->asked.arq = req->arq;

	tcb->snd.una = req->conn.iss;
	tcb->snd.nxt = req->conn.iss + 1;
	tcb->snd.end = tcb->snd.nxt;
	ttp_recovery_init(tcb);
	tcb->rcv.wnd = req->rcv_wnd;
	tcb->syn_us = req->sent_us;
	tcb->retransmits = req->acked ? 0 : req->retransmits;
	tcb->last_rcvd_us = now;
	ttp_arrives_begin(tcb, now);
	ttp_autotune_begin(tcb);
}
