/* SPDX-License-Identifier: GPL-2.0 */
/*
 * core.h - the functions of the protocol, grouped by the file that holds them.
 *
 * A segment arrives, the user calls, a timer expires, what may be sent: each takes the
 * TCB, its arguments and the time, and says in a verdict what the caller is to do.
 *
 * For all of core:
 *	@tcb is the connection, @seg the segment, @rec a record of the send queue
 *	@now is the time in microseconds of one monotonic clock; so are names in _us
 *	@v is the verdict, to which bits are added; "filled in" says that it is set anew
 *	sizes are in bytes, and a window is never scaled but on the wire
 *	context: whatever guards the TCB is held (in the kernel the socket's lock), nothing
 *	sleeps, softirq or process; but ttp_user_close() and ttp_user_shutdown() are for
 *	processes, and may sleep
 * Functions that are called from outside of core have kernel-doc.  A section number without an
 * RFC is one of RFC 9293.
 *
 * Next: tcb.h for the state of a connection, queue.h for what the core asks of its host; then
 * wire.c, fsm.c, user.c, arrives.c, in this order.
 */
#ifndef _TTP_CORE_CORE_H
#define _TTP_CORE_CORE_H

#include "queue.h"
#include "tcb.h"

/* fsm.c */
enum ttp_by {
	TTP_BY_USER,
	TTP_BY_SEGMENT,
	TTP_BY_TIMER,
	TTP_BY_ICMP,
	TTP_BY_KERNEL,
};

/* Why a connection changes its state. */
struct ttp_cause {
	u8 kind;			/* enum ttp_by */
	const char *what;		/* the event in words, such as "CLOSE" or "ACK of FIN" */
	const struct ttp_seg *seg;	/* the segment, or NULL */
	int row;			/* in ttp_transitions; -1: an illegal one */
};

/* One arrow of the state machine (RFC 9293 figure 5). */
struct ttp_transition {
	u8 from;		/* state before */
	u8 to;			/* state after */
	u8 usual;		/* enum ttp_by: of the usual event */
	u8 by;			/* bit mask of enum ttp_by: what may take it */
	const char *what;	/* the usual event in words */
	const char *section;	/* where RFC 9293 says so */
};

extern const struct ttp_transition ttp_transitions[];
extern const unsigned int ttp_ntransitions;

int ttp_fsm_find(u8 from, u8 to);
const char *ttp_fsm_name(u8 state);
const char *ttp_fsm_section(u8 from, u8 to, u8 kind);
void ttp_fsm_set_state(struct ttp_conn *conn, u8 to, u8 kind, const char *what,
		       const struct ttp_seg *seg);

/* True when @state is one of the states in @mask, a sum of BIT(TTP_*). */
static inline bool ttp_fsm_in(u8 state, u32 mask)
{
	return BIT(state) & mask;
}

/* States in which both SYNs are acknowledged. */
#define TTP_SYNCHRONIZED						\
	(BIT(TTP_ESTABLISHED) | BIT(TTP_FIN_WAIT_1) |			\
	 BIT(TTP_FIN_WAIT_2) | BIT(TTP_CLOSE_WAIT) | BIT(TTP_CLOSING) |	\
	 BIT(TTP_LAST_ACK) | BIT(TTP_TIME_WAIT))

/* States in which the peer may still send data. */
#define TTP_MAY_RECEIVE							\
	(BIT(TTP_ESTABLISHED) | BIT(TTP_FIN_WAIT_1) | BIT(TTP_FIN_WAIT_2))

/* Was an answer sent less than invalid_ratelimit ago?  If not, one is sent now. */
static inline bool ttp_limited(const struct ttp_config *cfg, u64 now, u64 *again_us)
{
	if (now < *again_us)
		return true;
	*again_us = now + READ_ONCE(cfg->invalid_ratelimit) * 1000ULL;
	return false;
}

/* Challenge ACKs are limited (RFC 5961 7), and with them all ACKs that answer a segment without
 * data, or a SYN: otherwise two ends could answer each other for ever.  Each connection has
 * a limit of its own (@again_us), so that a blind attack learns nothing of others.
 */
static inline bool ttp_answer_limited(const struct ttp_config *cfg, const struct ttp_seg *seg,
				      u64 now, u64 *again_us)
{
	return (!ttp_seg_len(seg) || seg->flags & TTP_SYN) && ttp_limited(cfg, now, again_us);
}

/* Is a segment acceptable (RFC 9293 3.4)?  An empty one at the window's right edge
 * is, too: its sender has filled the window, and a segment of it was lost.
 */
static inline bool ttp_acceptable(const struct ttp_seg *seg, u32 nxt, u32 wnd)
{
	if (!ttp_seg_len(seg))
		return seq_leq(nxt, seg->seq) && seq_leq(seg->seq, nxt + wnd);
	return seq_lt(seg->seq, nxt + wnd) && seq_gt(ttp_seg_end(seg), nxt);
}

/* PAWS, protection against wrapped sequence numbers (RFC 7323 5): a timestamp older than
 * TS.Recent is that of an old duplicate.  0 is none: some send it in their SYN, whatever is next.
 */
static inline bool ttp_paws_old(const struct ttp_options *opt, const struct ttp_seg *seg)
{
	return opt->ts_ok && opt->ts_recent && seg->has_ts && !(seg->flags & TTP_RST) &&
	       seq_lt(seg->tsval, opt->ts_recent);
}

/* A SYN came again: what answers it echoes its timestamp (RFC 7323 4.3). */
static inline void ttp_syn_again(struct ttp_options *opt, const struct ttp_seg *syn)
{
	if (opt->ts_ok && syn->has_ts && !ttp_paws_old(opt, syn))
		opt->ts_recent = syn->tsval;
}

/* fastopen.c: fastopen.h has the others */
/* A child of Fast Open in SYN_RCVD: data comes and goes already. */
static inline bool ttp_fastopen_early(const struct ttp_tcb *tcb)
{
	return tcb->fastopen.child && ttp_tcb_syn_out(tcb);
}

/* arrives.c */
void ttp_arrives(struct ttp_tcb *tcb, struct ttp_seg *seg, u64 now, struct ttp_verdict *v);
void ttp_arrives_closed(const struct ttp_seg *seg, struct ttp_verdict *v);
void ttp_arrives_begin(struct ttp_tcb *tcb, u64 now);
void ttp_arrives_options(struct ttp_options *opt, const struct ttp_seg *seg, u16 mss_default);

/* answer.c */
const char *ttp_answer_to(const struct ttp_seg *seg, u32 nxt, enum ttp_mib drop);
const char *ttp_answer_to_known(const struct ttp_tcb *tcb, const struct ttp_seg *seg);

/* passive.c */
void ttp_passive_listen(const struct ttp_seg *seg, struct ttp_verdict *v);
void ttp_passive_open(struct ttp_request *req, const struct ttp_seg *seg,
		      const struct ttp_config *cfg);
void ttp_passive_offer(struct ttp_request *req, const struct ttp_seg *seg,
		       const struct ttp_config *cfg);
u8 ttp_passive_cookie_mss(u16 mss);
void ttp_passive_cookie(const struct ttp_options *opt, struct ttp_seg *synack);
void ttp_passive_cookie_open(struct ttp_request *req, const struct ttp_seg *seg, u8 mss,
			     const struct ttp_config *cfg);
void ttp_passive_synack(const struct ttp_request *req, u64 now, struct ttp_seg *out);
void ttp_passive_wait(struct ttp_request *req);
void ttp_passive_arrives(struct ttp_request *req, struct ttp_seg *seg, u64 now,
			 struct ttp_verdict *v);
void ttp_passive_promote(const struct ttp_request *req, struct ttp_tcb *tcb, u64 now);

/* timewait.c */
void ttp_timewait_init(struct ttp_timewait *tw, struct ttp_tcb *tcb);
u32 ttp_timewait_iss(const struct ttp_timewait *tw);
bool ttp_timewait_may_connect(const struct ttp_timewait *tw, bool asked, u64 now);
void ttp_timewait_arrives(struct ttp_timewait *tw, const struct ttp_seg *seg, u64 now,
			  struct ttp_verdict *v);

/* flow.c */
void ttp_flow_start(struct ttp_tcb *tcb, u64 now);
void ttp_flow_begin(struct ttp_tcb *tcb, struct ttp_flow *flow, u64 now);
bool ttp_flow_need(struct ttp_tcb *tcb, u64 now, bool must);
void ttp_flow_change_cong(struct ttp_tcb *tcb, const struct ttp_cong_ops *ops);
u32 ttp_flow_cwnd(const struct ttp_tcb *tcb);

/* The slow start threshold, bytes */
static inline u32 ttp_flow_ssthresh(const struct ttp_tcb *tcb)
{
	return tcb->flow ? tcb->flow->cong.ssthresh : TTP_SSTHRESH_INFINITE;
}

/* user.c */
#define TTP_QUICK_ACKS	16	/* without delay at the start, when the peer's window is small */
void ttp_user_init(struct ttp_tcb *tcb, const struct ttp_config *cfg);
void ttp_user_listen(struct ttp_tcb *tcb);
void ttp_user_connect(struct ttp_tcb *tcb, u32 iss, u64 now);
int ttp_user_send(const struct ttp_tcb *tcb);
int ttp_user_receive(const struct ttp_tcb *tcb);
bool ttp_user_read(struct ttp_tcb *tcb);
void ttp_user_shutdown(struct ttp_tcb *tcb, u64 now);
void ttp_user_linger(struct ttp_tcb *tcb, u64 now);
void ttp_user_close(struct ttp_tcb *tcb, bool unread, u64 now, struct ttp_verdict *v);
bool ttp_user_fin_wait_2(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v);
bool ttp_user_quickack(struct ttp_tcb *tcb, int val);
void ttp_user_abort(struct ttp_tcb *tcb, u8 kind, const char *what, int err, u64 now,
		    struct ttp_verdict *v);

/* ack.c */
bool ttp_ack_acceptable(const struct ttp_tcb *tcb, const struct ttp_seg *seg);
void ttp_ack_arrives(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now,
		     struct ttp_verdict *v);
void ttp_ack_window(struct ttp_tcb *tcb, const struct ttp_seg *seg, bool force);
bool ttp_ack_fin_acked(const struct ttp_tcb *tcb);

/* send.c */

/* One segment that is to be sent. */
struct ttp_out {
	struct ttp_seg seg;	/* its header; the caller adds the data of rec */
	struct ttp_txrec *rec;	/* the data, or NULL */
	bool retransmission;	/* it was sent before */
	bool probe;		/* it is a tail loss probe */
};

bool ttp_send_waits(const struct ttp_tcb *tcb);
void ttp_send_idle(struct ttp_tcb *tcb, u64 now);
bool ttp_send_next(struct ttp_tcb *tcb, u64 now, struct ttp_out *out);
void ttp_send_piece(const struct ttp_tcb *tcb, const struct ttp_seg *all, u32 off,
		    struct ttp_seg *seg);
void ttp_send_done(struct ttp_tcb *tcb, struct ttp_out *out, u64 now);
void ttp_send_failed(struct ttp_tcb *tcb, u64 now);
void ttp_send_mss(struct ttp_tcb *tcb, u32 mtu_data);
u64 ttp_send_left_us(const struct ttp_tcb *tcb, u64 now);
u32 ttp_send_half_window(const struct ttp_tcb *tcb, u32 bytes);
u32 ttp_send_window(struct ttp_tcb *tcb);
void ttp_send_rst(const struct ttp_tcb *tcb, u64 now, struct ttp_seg *rst);

/* Is there data that was never sent? */
static inline bool ttp_send_unsent_data(const struct ttp_tcb *tcb)
{
	return seq_lt(tcb->snd.nxt, tcb->snd.end);
}

/* Data or a FIN? */
static inline bool ttp_send_unsent(const struct ttp_tcb *tcb)
{
	return ttp_send_unsent_data(tcb) ||
	       (tcb->snd.fin_queued && !(tcb->flow->fin.flags & TTP_TX_SENT));
}

/* How much more the congestion window lets be sent: cwnd less pipe. */
static inline u32 ttp_send_cwnd_room(const struct ttp_tcb *tcb)
{
	u32 in_flight = ttp_send_in_flight(tcb), cwnd = tcb->flow->cong.cwnd;

	if (!in_flight)
		return max(cwnd, tcb->snd.mss);
	return cwnd > in_flight ? cwnd - in_flight : 0;
}

/* cwv.c */
void ttp_cwv_sent(struct ttp_tcb *tcb);
bool ttp_cwv_limited(const struct ttp_tcb *tcb);

/* autotune.c */
void ttp_autotune_data(struct ttp_tcb *tcb, const struct ttp_seg *seg, u32 truesize,
		       bool under_pressure, u64 now);
u32 ttp_autotune_read(struct ttp_tcb *tcb, u64 now);
void ttp_autotune_overrun(struct ttp_tcb *tcb);
void ttp_autotune_begin(struct ttp_tcb *tcb);
u32 ttp_autotune_window(struct ttp_tcb *tcb);
u32 ttp_autotune_min_update(struct ttp_tcb *tcb);
u32 ttp_autotune_send(const struct ttp_tcb *tcb);

/* rtt.c */
#define TTP_RTO_INITIAL_US	1000000	/* RFC 6298 2.1: before the first sample */
#define TTP_RTO_AFTER_SYN_US	3000000	/* 5.7, when the SYN's was lost */

void ttp_rtt_sample(struct ttp_tcb *tcb, u32 rtt_us, u64 now);
void ttp_rtt_least(struct ttp_rack *rack, u32 rtt_us, u64 now, const struct ttp_config *cfg);
u32 ttp_rtt_rto(const struct ttp_tcb *tcb);
u32 ttp_rtt_tsval(const struct ttp_options *opt, u64 now);

/* Answer @seg by an ACK where there is no TCB: the caller adds its numbers and its window.  It has
 * no option that is for a SYN only (MUST-65).
 */
static inline void ttp_verdict_ack(struct ttp_verdict *v, const struct ttp_seg *seg,
				   const char *answer, const struct ttp_options *opt, u64 now)
{
	v->todo |= TTP_DO_REPLY;
	v->answer = answer;
	v->reply = (struct ttp_seg){
		.flags = TTP_ACK,
		.has_ts = opt->ts_ok,
		.tsval = ttp_rtt_tsval(opt, now),
		.tsecr = opt->ts_recent,
	};
	if (seg->flags & (TTP_SYN | TTP_RST))
		v->reply.why = TTP_WHY_CHALLENGE_ACK;
	else if (seg->len)
		v->reply.why = TTP_WHY_DUPLICATE_ACK;
}

/* mtu.c: mtu.h has the others */

/* Is @seg, of data that was not sent before, the probe? */
static inline bool ttp_mtu_is_probe(const struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	const struct ttp_flow *flow = tcb->flow;

	return flow && flow->mtu.probe && seg->len == flow->mtu.probe && seg->seq == flow->mtu.seq;
}

/* scoreboard.c */
struct ttp_txrec *ttp_scoreboard_first(struct ttp_tcb *tcb);
struct ttp_txrec *ttp_scoreboard_next(struct ttp_tcb *tcb, struct ttp_txrec *rec);
struct ttp_txrec *ttp_scoreboard_find(struct ttp_tcb *tcb, u32 seq);
void ttp_scoreboard_mark(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 set, u32 clear);
void ttp_scoreboard_acked(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 ack);
void ttp_scoreboard_lost(struct ttp_tcb *tcb, struct ttp_txrec *rec);

/* recovery.c */

/* DupThresh, segments (RFC 5681 3.2, RFC 6675 2, RFC 8985 6.2) */
static inline u32 ttp_dup_thresh(const struct ttp_tcb *tcb)
{
	return READ_ONCE(tcb->cfg->reordering);
}

/* What an ACK reports. */
struct ttp_ack_report {
	/* of the records that it is about, the one sent last (rate.c); with sent_us 0: none */
	struct ttp_txrec newest;
	struct ttp_ack_sample s;	/* what the congestion control sees of it */
	bool dupack;			/* it is a duplicate ACK */
	bool dsack;			/* it says that something came twice */
	bool says_nothing;	/* neither ACK nor window nor SACK is new, and it has no data */
};

void ttp_recovery_init(struct ttp_tcb *tcb);
void ttp_recovery_una(struct ttp_tcb *tcb);
bool ttp_recovery_sack(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now,
		       struct ttp_ack_report *report);
void ttp_recovery_ack(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_ack_report *report,
		      u64 now);
void ttp_recovery_timeout(struct ttp_tcb *tcb, u64 now);
void ttp_recovery_too_big(struct ttp_tcb *tcb);
void ttp_recovery_not_taken(struct ttp_tcb *tcb);
void ttp_recovery_late(struct ttp_tcb *tcb, u64 now);

/* sack.c */
void ttp_sack_duplicate(struct ttp_tcb *tcb, const struct ttp_seg *seg);
void ttp_sack_early(struct ttp_tcb *tcb, const struct ttp_seg *seg);
void ttp_sack_forget(struct ttp_tcb *tcb);
bool ttp_sack_dsack(const struct ttp_tcb *tcb);
void ttp_sack_fill(struct ttp_tcb *tcb, struct ttp_seg *seg);
bool ttp_sack_hold(struct ttp_tcb *tcb, u64 now);

/* arq.c */
#define TTP_ARQ_NAME_MAX	24	/* with the byte that ends it */

extern const char *const ttp_arq_names[TTP_ARQ_MAX];
int ttp_arq_find(const char *name);
bool ttp_arq_sack(u8 arq);
bool ttp_arq_keeps(const struct ttp_tcb *tcb, const struct ttp_seg *seg);
bool ttp_arq_acks_each(const struct ttp_tcb *tcb);
bool ttp_arq_acks_second(const struct ttp_tcb *tcb);
u32 ttp_arq_room(const struct ttp_tcb *tcb, u32 room);
bool ttp_arq_dupack_delivers(const struct ttp_tcb *tcb);
bool ttp_arq_lost(struct ttp_tcb *tcb);
bool ttp_arq_lost_again(struct ttp_tcb *tcb, u32 acked);

/* rate.c */
void ttp_rate_sent(struct ttp_tcb *tcb, struct ttp_txrec *rec, u64 now);
void ttp_rate_delivered(struct ttp_tcb *tcb, const struct ttp_txrec *rec, struct ttp_txrec *newest);
void ttp_rate_sample(struct ttp_tcb *tcb, struct ttp_ack_report *report);
void ttp_rate_app_limited(struct ttp_tcb *tcb);
u64 ttp_rate_pacing(const struct ttp_tcb *tcb);

/* rack.c */
void ttp_rack_init(struct ttp_rack *rack, u32 una);
void ttp_rack_delivered(struct ttp_tcb *tcb, const struct ttp_txrec *rec, const struct ttp_seg *seg,
			u64 now);
void ttp_rack_dsack(struct ttp_tcb *tcb);
void ttp_rack_recovered(struct ttp_tcb *tcb);
void ttp_rack_detect(struct ttp_tcb *tcb, u64 now);
bool ttp_rack_may_arrive(const struct ttp_tcb *tcb, const struct ttp_txrec *rec, u64 now);
void ttp_rack_arm_probe(struct ttp_tcb *tcb, u64 now);
void ttp_rack_probe_sent(struct ttp_tcb *tcb, bool resent);
bool ttp_rack_probe_acked(struct ttp_tcb *tcb, const struct ttp_seg *seg,
			  const struct ttp_ack_report *report);

/* stats.c */
void ttp_stats_busy(struct ttp_tcb *tcb, u64 now);

/* ecn.c */
bool ttp_ecn_offered(const struct ttp_seg *seg, const struct ttp_config *cfg, bool wanted);
void ttp_ecn_answered(struct ttp_tcb *tcb, const struct ttp_seg *seg);
bool ttp_ecn_data(struct ttp_tcb *tcb, const struct ttp_seg *seg);
void ttp_ecn_ack(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_ack_sample *s);
bool ttp_ecn_has_reduced(const struct ttp_tcb *tcb);
void ttp_ecn_reduced(struct ttp_tcb *tcb);
void ttp_ecn_undo(struct ttp_tcb *tcb);
void ttp_ecn_mark(const struct ttp_tcb *tcb, struct ttp_seg *seg);

/* urgent.c */
void ttp_urgent_send(struct ttp_tcb *tcb);
void ttp_urgent_mark(const struct ttp_tcb *tcb, struct ttp_seg *seg);
void ttp_urgent_acked(struct ttp_tcb *tcb);
void ttp_urgent_arrives(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_verdict *v);
void ttp_urgent_received(struct ttp_tcb *tcb);

/* Is the byte at @seq, where the reader is or peeks, the urgent one? */
static inline bool ttp_urgent_at_mark(const struct ttp_tcb *tcb, u32 seq)
{
	return tcb->rcv.urg && seq == tcb->rcv.up - 1;
}

/* How much of @len bytes may be read in one go from @seq on, which is not at the mark: a read ends
 * there, so that SIOCATMARK can say where it is (MUST-33).
 */
static inline u32 ttp_urgent_before_mark(const struct ttp_tcb *tcb, u32 seq, u32 len)
{
	u32 mark = tcb->rcv.up - 1;

	return tcb->rcv.urg && seq_gt(mark, seq) ? min(len, mark - seq) : len;
}

/* rcv.read has moved, perhaps beyond the mark. */
static inline void ttp_urgent_read(struct ttp_tcb *tcb)
{
	if (tcb->rcv.urg && seq_geq(tcb->rcv.read, tcb->rcv.up))
		tcb->rcv.urg = TTP_URG_NONE;
}

/* timer.c */
#define TTP_PERSIST_MAX_US	120000000ULL	/* longest time between two zero-window probes */

u64 ttp_timer_next(const struct ttp_tcb *tcb, enum ttp_tm *which);
void ttp_timer_rearm(struct ttp_tcb *tcb, u64 now);
void ttp_timer_user(struct ttp_tcb *tcb, u64 now);
void ttp_timer_keepalive(struct ttp_tcb *tcb, u64 now);
void ttp_timer_persist(struct ttp_tcb *tcb, u64 now);
u32 ttp_timer_synack_us(u8 retransmits);

/* expire.c */
bool ttp_expire_probe_first(const struct ttp_tcb *tcb, u64 rtx);
void ttp_expire_timers(struct ttp_tcb *tcb, u64 now, struct ttp_verdict *v);

#endif
