/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcb.h - the Transmission Control Block, TCB (RFC 9293 3.3.1), which is the state of a
 * connection, with struct ttp_flow once data goes, and two smaller structures:
 * struct ttp_request for a handshake that a listener holds, struct ttp_timewait for TIME_WAIT.
 *
 * Names are the RFC's: SND.UNA is tcb->snd.una.  The send sequence space and the receive
 * sequence space each have a sliding window: SND.WND bytes from SND.UNA on may be sent,
 * RCV.WND bytes from RCV.NXT on may be received.
 *
 * Next: wire.h for a segment, seq.h for sequence numbers, core.h for what is called with them.
 */
#ifndef _TTP_CORE_TCB_H
#define _TTP_CORE_TCB_H

#include "cong.h"
#include "config.h"
#include "mib.h"
#include "mtu.h"
#include "seq.h"
#include "wire.h"

/* RFC 9293 3.3.2, with the numbers of Linux's TCP_ESTABLISHED .. TCP_CLOSING */
enum ttp_st {
	TTP_ESTABLISHED = 1,
	TTP_SYN_SENT,
	TTP_SYN_RCVD,
	TTP_FIN_WAIT_1,
	TTP_FIN_WAIT_2,
	TTP_TIME_WAIT,
	TTP_CLOSED,
	TTP_CLOSE_WAIT,
	TTP_LAST_ACK,
	TTP_LISTEN,
	TTP_CLOSING,
	TTP_ST_MAX
};

/* What a connection is kept in. */
enum ttp_kind {
	TTP_KIND_NONE,		/* nothing: the segment is for nobody */
	TTP_KIND_SOCK,		/* struct ttp_tcb */
	TTP_KIND_REQUEST,	/* struct ttp_request */
	TTP_KIND_TIMEWAIT,	/* struct ttp_timewait */
};

/* What all three kinds share. */
struct ttp_conn {
	/* the connection's number, unique, kept from the first SYN to the end of TIME_WAIT */
	u64 id;
	u32 iss;	/* initial send sequence number */
	u32 irs;	/* initial receive sequence number, valid from SYN_RCVD or ESTABLISHED on */
	u8 state;	/* enum ttp_st; written by ttp_fsm_set_state() only */
	u8 kind;	/* enum ttp_kind */
};

/* What the two SYNs agreed on. */
struct ttp_options {
	u16 mss;	/* the peer's MSS option, or its default */
	u8 snd_wscale;	/* of the windows that the peer sends */
	u8 rcv_wscale;	/* of the windows that we send */
	bool wscale_ok;
	bool sack_ok;
	bool ts_ok;
	bool ecn_ok;
	u32 ts_off;	/* our timestamps' offset (RFC 7323 5.4) */
	u32 ts_recent;	/* TS.Recent */
};

/* Timers, each a deadline in struct ttp_tcb; 0 when off. */
enum ttp_tm {
	TTP_TM_RTX,		/* RFC 6298: oldest segment unacknowledged */
	TTP_TM_PERSIST,		/* RFC 9293 3.8.6.1: probe a zero window */
	TTP_TM_DELACK,		/* RFC 9293 3.8.6.3: delayed ACK */
	TTP_TM_FIN_WAIT_2,	/* orphan whose peer never closes */
	TTP_TM_REORDER,		/* RFC 8985 6.3: what is late counts as lost from now on */
	TTP_TM_PROBE,		/* RFC 8985 7: the end of a flight may be lost */
	TTP_TM_KEEPALIVE,	/* RFC 9293 3.8.4: is the peer still there? */
	TTP_TM_RETRY,		/* there was no memory to send */
	TTP_TM_PACE,		/* data may be sent again (cong.pacing_rate) */
	TTP_TM_USER,		/* RFC 9293 3.10.8: user timeout */
	TTP_TM_MAX
};

/* What is to be sent besides data: bits of tcb->pending. */
#define TTP_PEND_SYN	BIT(0)	/* SYN, or SYN,ACK in SYN_RCVD */
#define TTP_PEND_ACK	BIT(1)	/* an ACK with no data, at once */
#define TTP_PEND_PROBE	BIT(2)	/* zero-window probe */
#define TTP_PEND_TLP	BIT(3)	/* tail loss probe */
#define TTP_PEND_KEEPALIVE BIT(4) /* keepalive probe */

/* A record of the retransmission queue, and of what was not sent yet: what is known of some
 * bytes that the user has written.  In the kernel it is in skb->cb; the FIN's is in the flow.
 */
struct ttp_txrec {
	u32 seq;	/* its first byte */
	u32 end;	/* the byte after its last */
	u32 flags;	/* TTP_TX_* */
	u32 delivered;	/* bytes delivered when it was sent last, modulo 2^32 (rate.c) */
	u64 sent_us;	/* when it was sent last */
	u64 first_us;	/* when the first byte was sent of what was then in flight */
	u64 delivered_us;	/* when something was delivered last before it was sent */
};

#define TTP_TX_SENT	BIT(0)	/* sent at least once */
#define TTP_TX_SACKED	BIT(1)	/* the peer has it, says SACK */
#define TTP_TX_LOST	BIT(2)	/* believed lost */
#define TTP_TX_RESENT	BIT(3)	/* retransmitted since it was believed lost */
#define TTP_TX_EVER_RESENT BIT(4) /* Karn: gives no RTT sample */
#define TTP_TX_PUSH	BIT(5)	/* ends a write of the user */
#define TTP_TX_APP_LIMITED BIT(6) /* sent when there was no more to send (rate.c) */
#define TTP_TX_EOR	BIT(7)	/* ends a record of the user (MSG_EOR): no segment goes on */

/* Automatic repeat request: how lost data is retransmitted (arq.c); TTP_ARQ */
enum ttp_arq {
	TTP_ARQ_SELECTIVE_REPEAT,
	TTP_ARQ_GO_BACK_N,
	TTP_ARQ_STOP_AND_WAIT,
	TTP_ARQ_MAX
};

/* The peer's urgent byte. */
enum ttp_urg {
	TTP_URG_NONE,	/* there is none, or the reader has passed it */
	TTP_URG_COMING,	/* announced, not received yet */
	TTP_URG_HERE,	/* received, in rcv.urg_byte */
	TTP_URG_READ,	/* by MSG_OOB; the mark is still ahead of the reader */
};

/* The phase of loss recovery; recovery.c opens with what each of them is. */
enum ttp_ca {
	TTP_CA_OPEN,		/* nothing is missing */
	TTP_CA_RECOVERY,	/* fast recovery (RFC 6582, 6675) */
	TTP_CA_LOSS,		/* after the retransmission timer (RFC 6298 5) */
};

/* Keepalive (RFC 9293 3.8.4). */
struct ttp_keep {
	bool on;	/* SO_KEEPALIVE; off unless asked for (MUST-25) */
	u16 idle_s;	/* seconds of silence before the first probe */
	u16 intvl_s;	/* seconds between probes */
	u8 cnt;		/* probes without an answer before the connection is given up */
	u8 probes;	/* probes that are not answered */
};

/* What the user asked for, of this connection and the next. */
struct ttp_asked {
	u8 syn_retries;		/* TTP_SYNCNT; 0: the sysctl's */
	u8 arq;			/* TTP_ARQ, enum ttp_arq; set in CLOSED and LISTEN only */
	bool nodelay;		/* MUST-17: Nagle's algorithm is off */
	bool cork;		/* TTP_CORK: the user will write more, until it is switched off */
	s16 linger2_s;		/* TTP_LINGER2: as fin_timeout; 0: the sysctl's; -1: no time */
	u16 mss_user;		/* TTP_MAXSEG, 0 when not set */
	u32 window_clamp;	/* TTP_WINDOW_CLAMP: largest window to offer; 0: any */
	u32 user_timeout_ms;	/* user timeout (3.8.3); 0: R2 */
	struct ttp_keep keep;
};

/* What the route of a connection says (ip-route(8)); 0: nothing. */
struct ttp_metrics {
	u32 rto_min_us;	/* the least RTO */
	u32 window;	/* largest window to offer, bytes */
	u16 mss;	/* what fits in one segment that we send; 0: as in one that we receive */
	u16 advmss;	/* what we receive in one segment, which our MSS option says */
	u16 mss_default;	/* what a peer takes that has said nothing; 0: 536 */
	u16 init_cwnd;	/* the initial congestion window, segments */
	u16 init_rwnd;	/* the first window to offer, segments */
	bool ecn;	/* ask for ECN, and agree to it */
	bool quickack;	/* delay no ACK */
};

/* RACK-TLP: the time of sending says which data is lost (RFC 8985). */
struct ttp_rack {
	u64 xmit_us;	/* RACK.xmit_ts: the latest time of sending of what is delivered; or 0 */
	u32 end;		/* RACK.end_seq: its end, if two were sent at the same time */
	u32 rtt_us;		/* RACK.rtt: its round trip */
	u32 min_rtt_us;	/* the least round trip seen in the last min_rtt_wlen seconds (rtt.c) */
	u32 newer_min_us;	/* the least since half_us; 0 none yet */
	u32 older_min_us;	/* the least of the half before; 0 unknown */
	u64 half_us;		/* when this half of the window began */
	u32 fack;		/* RACK.fack: the highest byte delivered */
	bool reordered;		/* data that was sent once was delivered out of order */
	u32 overtaken;		/* the most segments by which data was */
	u8 mult;		/* RACK.reo_wnd_mult: quarters of the least round trip to wait */
	u8 persist;		/* RACK.reo_wnd_persist: recoveries until mult is 1 again */
	u32 dsack_end;		/* a D-SACK of what was sent up to here was counted already */
	u32 tlp_end;		/* TLP.end_seq, valid with tlp_out */
	bool tlp_out;		/* a tail loss probe is out */
	bool tlp_resent;	/* and it was a retransmission */
	u32 tlp_flight;		/* FlightSize when it was sent */
};

/* Undo: what the windows were before a loss that may be none (RFC 3522). */
struct ttp_undo {
	bool on;	/* there is something to undo */
	bool reduced;	/* the algorithm has reduced the window */
	u32 cwnd;	/* what it was */
	u32 ssthresh;	/* what it was */
	u32 tsval;	/* timestamp of the first retransmission */
	u32 ecn_recover;	/* what it was */
	bool ecn_cwr;	/* what it was */
};

/* PRR, proportional rate reduction (RFC 6937). */
struct ttp_prr {
	u32 delivered;	/* bytes delivered since recovery began */
	u32 out;	/* bytes sent since */
	u32 flight;	/* bytes in flight when it began: RecoverFS */
};

/* Delivery rate (rate.c). */
struct ttp_rate {
	u64 delivered;		/* bytes that the peer has */
	u64 delivered_us;	/* since when */
	u64 first_us;		/* when the first was sent of what a sample covers */
	u64 app_limited_until;	/* until so many are delivered, samples are app limited; or 0 */
	u64 best;		/* the last useful rate, for TTP_INFO; bytes per second */
	bool best_app_limited;	/* best says what the user wrote, not what the path takes */
};

/* Dynamic right-sizing: how large should the receive buffer be? */
struct ttp_autotune {
	u32 rtt8_us;	/* the round trip as the receiver sees it, eight times; 0 unknown */
	u32 tsecr;	/* the last timestamp that came back */
	u64 window_us;	/* since when a window is timed; 0 not yet */
	u32 window_end;	/* its end */
	u32 read;	/* bytes that the user read in a round trip */
	u32 read_seq;	/* what was not read when this one began */
	u64 read_us;	/* when it began; 0 not yet */
};

/* How much of the congestion window was used, in the window of data before "end" */
struct ttp_used {
	u32 end;
	u32 most;	/* in flight, bytes */
	bool full;	/* there was no room for another segment */
};

/* What a sender does, or waits for. */
enum ttp_busy {
	TTP_BUSY_NOT,		/* nothing to send, all acknowledged */
	TTP_BUSY,		/* sends, as the congestion window and Nagle let it */
	TTP_BUSY_RWND,		/* waits for the peer's window */
	TTP_BUSY_SNDBUF,	/* the user would write more if there were room */
	TTP_BUSY_MAX
};

/* For TTP_INFO and nothing else (stats.c). */
struct ttp_stats {
	u64 since_us;		/* since when busy is what it is */
	u64 busy_us[TTP_BUSY_MAX];	/* how long each has been, until since_us */
	u64 bytes_resent;	/* bytes sent again */
	u32 data_segs_out;	/* segments with data, sent */
	u32 segs_ce;		/* those whose ACK had ECE */
	u32 segs_early;		/* came out of order */
	u32 dsacks;		/* D-SACKs received */
	u32 reordered;		/* how often data was seen to be delivered out of order */
	u8 busy;		/* enum ttp_busy */
};

/* What a connection has once data or a FIN goes, in either direction (flow.c): where it is now, how
 * fast, and what is missing.  One that is only kept open does without it.
 */
struct ttp_flow {
	struct ttp_cong cong;
	struct ttp_rate rate;
	struct ttp_rack rack;
	struct ttp_txrec fin;	/* valid with snd.fin_queued; fin.seq == snd.end */
	struct ttp_prr prr;
	struct ttp_undo undo;
	struct ttp_sack sack_seen[TTP_SACK_MAX];	/* blocks of the last ACK, sorted */
	struct ttp_sack sack[TTP_SACK_MAX];	/* received out of order, rcv.nsack; newest first */
	struct ttp_sack dsack;	/* received twice; none if empty */
	struct ttp_autotune tune;
	struct ttp_mtu mtu;

	struct ttp_used used;
	bool ip_paces;		/* pacing is done by the queueing discipline */
	u64 paced_us;		/* pacing: no data before then (cong.pacing_rate) */
	u64 pace_max;		/* pacing: the user's limit, bytes per second; 0: none */

	/* Fast Open: what our SYN or SYN,ACK carries; then, what the peer's SYN,ACK has brought */
	struct ttp_cookie cookie;
	struct ttp_stats stats;
};

/* The Transmission Control Block: the state of one connection.  Guarded by the caller: in the
 * kernel by the socket's lock.
 */
struct ttp_tcb {
	/* never NULL once set, because some read them without locks: what resets a TCB
	 * clears all that follows these two
	 */
	const struct ttp_config *cfg;
	const struct ttp_cong_ops *cong_ops;	/* congestion control algorithm */

	struct ttp_flow *flow;	/* NULL: no data and no FIN was sent or has come */
	struct ttp_conn conn;
	bool orphan;		/* no user left: a timeout bounds FIN_WAIT_2 */
	bool rcv_closed;	/* by CLOSE or SHUT_RD: nobody will read */
	u8 pending;		/* TTP_PEND_* */
	u8 why_ack;		/* enum ttp_why: of TTP_PEND_ACK */
	u8 why_resent;		/* enum ttp_why: of what is lost; of a SYN that is sent again */
	struct ttp_asked asked;
	struct ttp_metrics route;
	struct ttp_options opt;
	u64 deadline[TTP_TM_MAX];	/* to be set by ttp_timer_set(), but to 0 */
	u64 due_us;		/* no deadline is earlier; U64_MAX: there is none; 0: not known */

	/* Send Sequence Space (RFC 9293 figure 3) */
	struct {
		u32 una;		/* SND.UNA */
		u32 nxt;		/* SND.NXT */
		u32 end;		/* the byte after the last one written */
		u32 wnd;		/* SND.WND */
		u32 wl1;		/* SND.WL1 */
		u32 wl2;		/* SND.WL2 */
		u32 max_wnd;		/* largest SND.WND seen */
		u32 mss;		/* Eff.snd.MSS: most data of one segment (3.7.1) */
		u32 mss_path;		/* what the path's MTU leaves, as IP knows it */
		u32 burst;		/* most data of one packet handed to IP, if more than mss */
		u32 small;		/* end of the last short segment sent (Nagle) */
		u32 up;			/* SND.UP, valid with urgent */
		bool full;		/* so much is in this host's queues that data waits */
		bool urgent;		/* data before SND.UP is not acknowledged */
		bool fin_queued;	/* CLOSE or SHUTDOWN was called */
		bool more;		/* MSG_MORE: the user will write more soon */
		bool no_room;		/* a writer waits for room in the buffer */
		bool force;		/* send what there is, however little */
		bool syn_lost;		/* our SYN, more than once (RFC 5681 3.1) */
	} snd;

	/* Receive Sequence Space (figure 4) */
	struct {
		u32 nxt;		/* RCV.NXT */
		u32 wnd;		/* RCV.WND, as advertised */
		u32 read;		/* the first byte that the user has not read */
		u32 wup;		/* RCV.NXT when RCV.WND was last advertised */
		u32 mss;		/* largest data seen, for delayed ACKs */
		u32 ssthresh;		/* no larger window is advertised yet (autotune.c) */
		u8 quick;		/* ACKs to be sent without delay */
		u8 shorts;		/* short segments since the last ACK, up to 2 */
		bool pingpong;		/* the user answers, and ACKs go with the answers */
		u32 fin;		/* the sequence number of the peer's FIN */
		bool fin_seen;
		u32 up;			/* RCV.UP, valid with urg */
		u8 urg;			/* enum ttp_urg */
		u8 urg_byte;
		bool urg_inline;	/* SO_OOBINLINE: it stays in the stream */
		u8 nsack;		/* blocks in flow->sack */
		u8 dupacks;		/* sent for this gap without delay; arrives.c counts to 3 */
		u8 held;		/* that wait for DELACK (SACK compression) */
	} rcv;

	/* round trip time (rtt.c) */
	u32 srtt_us;
	u32 rttvar_us;
	u32 rto_us;
	u8 backoff;
	u8 retransmits;		/* timeouts of what is now outstanding */
	u8 probes;		/* zero-window probes that are not answered */
	u64 stuck_us;		/* since when nothing was acknowledged */

	/* loss recovery (recovery.c); the three sums in bytes (scoreboard.c) */
	u8 ca;			/* enum ttp_ca */
	bool resend_now;	/* one retransmission need not wait for cwnd */
	u32 dupacks;
	u32 recover;		/* SND.NXT when recovery began */
	u32 sacked;
	u32 lost;
	u32 resent;
	u32 resend_from;	/* what is lost before this was retransmitted */

	/* explicit congestion notification (ecn.c) */
	bool ecn_echo;		/* data came marked: send ECE */
	bool ecn_cwr;		/* the window was reduced: send CWR */
	u32 ecn_recover;	/* SND.NXT + 1 when it was reduced */

	struct ttp_fastopen fastopen;

	u64 challenge_us;	/* when a challenge ACK may be sent again */

	/* for TTP_INFO and ttp show */
	u32 segs_in;
	u32 segs_out;
	u32 total_retrans;
	u32 data_segs_in;	/* segments with data */
	u32 segs_delivered;	/* segments that the peer has, with the SYN */
	u64 bytes_sent;
	u64 bytes_acked;
	u64 bytes_received;
	u64 last_sent_us;
	u64 syn_us;		/* our SYN; 0 when more than one was sent */
	u64 last_rcvd_us;
	u64 last_data_us;	/* sent, for the first time or again */
	u64 data_us;		/* when data came last (note_answer() and after_pause() ask) */
	u64 ack_us;		/* when an ACK did */
};

/* A passive open, until its three-way handshake ends. */
struct ttp_request {
	const struct ttp_config *cfg;	/* its network namespace's */
	struct ttp_conn conn;	/* state SYN_RCVD */
	struct ttp_options opt;	/* what the SYN offered and we take */
	struct ttp_metrics route;
	u32 rcv_wnd;		/* the window in our SYN,ACK */
	u32 cong_flags;		/* TTP_CONG_* of the listener's algorithm */
	u8 retransmits;		/* SYN,ACKs sent again */
	u8 defer;		/* TTP_DEFER_ACCEPT: SYN,ACKs before an ACK without data ends it */
	bool acked;		/* an ACK has come that could not end it */
	u8 arq;			/* the listener's */
	u64 sent_us;	/* when the SYN,ACK was sent; 0 when more than one was, or a cookie */
	u64 answer_us;		/* when a challenge ACK may be sent again */
};

/* A connection in TIME_WAIT. */
struct ttp_timewait {
	const struct ttp_config *cfg;	/* its network namespace's */
	struct ttp_conn conn;	/* state TIME_WAIT */
	struct ttp_options opt;	/* for timestamps (RFC 6191, RFC 1337) */
	u32 snd_nxt;		/* our next sequence number, after our FIN */
	u32 rcv_nxt;		/* after the peer's FIN */
	u32 rcv_wnd;		/* last window advertised */
	u64 last_sent_us;	/* when anything was sent last */
	u64 answer_us;		/* when a challenge ACK may be sent again */
};

/* What a verdict tells the caller to do, in this order. */
enum {
	TTP_DO_TAKEN = BIT(0),	/* the data was queued; the packet is no longer the caller's */
	TTP_DO_RESET = BIT(1),		/* send the RST in ttp_verdict.reply */
	TTP_DO_REPLY = BIT(2),		/* send the ACK or SYN,ACK in ttp_verdict.reply */
	TTP_DO_COOKIE = BIT(15),	/* keep flow->cookie, and opt.mss, for this peer */
	TTP_DO_NO_FASTOPEN = BIT(16),	/* no Fast Open for a while: a black hole (RFC 7413) */
	TTP_DO_NOTE_RST = BIT(17),	/* a child of Fast Open was reset by its peer */
	TTP_DO_CONNECTED = BIT(3),	/* ESTABLISHED was reached: wake who waits in connect() */
	TTP_DO_ADVISE = BIT(14),	/* tell IP that its route may be bad */
	TTP_DO_URGENT = BIT(13),	/* tell the user that urgent data is coming */
	TTP_DO_READ = BIT(4),		/* there is data to read, or its end */
	TTP_DO_WRITE = BIT(5),		/* there is room to write */
	TTP_DO_FIN_ACKED = BIT(18),	/* our FIN is acknowledged: wake who lingers in close() */
	TTP_DO_SEND = BIT(6),		/* call ttp_send_next() */
	TTP_DO_TIME_WAIT = BIT(7),	/* replace the connection by a struct ttp_timewait */
	TTP_DO_CLOSED = BIT(8),	/* the connection is gone; ttp_verdict.err is for its user */
	TTP_DO_REFUSE = BIT(9),		/* the request is gone: free it */
	TTP_DO_PROMOTE = BIT(10),	/* the request is complete: make a socket of it */
	TTP_DO_REOPEN = BIT(11),	/* TIME_WAIT ends, and the segment goes to the listener */
	TTP_DO_RESTART = BIT(12),	/* TIME_WAIT begins anew */
};

/* What the core decided, for the caller to carry out. */
struct ttp_verdict {
	u32 todo;		/* TTP_DO_* bits */
	int err;		/* positive errno for the user, with TTP_DO_CLOSED */
	enum ttp_mib drop;	/* counter of the rule that dropped the segment, or TTP_MIB_NONE */
	/* "what it was: what is sent", of a segment that was not taken but answered; or NULL */
	const char *answer;
	struct ttp_seg reply;	/* with TTP_DO_RESET or TTP_DO_REPLY */
};

static inline void ttp_verdict_init(struct ttp_verdict *v)
{
	v->todo = 0;
	v->err = 0;
	v->drop = TTP_MIB_NONE;
	v->answer = NULL;
}

/* Answer an ACK of what was never sent: <SEQ=SEG.ACK><CTL=RST> (RFC 9293 3.10.7.1). */
static inline void ttp_verdict_rst(struct ttp_verdict *v, const struct ttp_seg *seg,
				   const char *answer)
{
	v->todo |= TTP_DO_RESET;
	v->answer = answer;
	v->reply = (struct ttp_seg){ .seq = seg->ack, .flags = TTP_RST };
}

static inline struct ttp_tcb *ttp_tcb_of(struct ttp_conn *conn)
{
	return container_of(conn, struct ttp_tcb, conn);
}

/* The receive window: what is left of the advertised window. */
static inline u32 ttp_tcb_rcv_window(const struct ttp_tcb *tcb)
{
	u32 right = tcb->rcv.wup + tcb->rcv.wnd;

	return seq_gt(right, tcb->rcv.nxt) ? right - tcb->rcv.nxt : 0;
}

/* Has more than one full segment come since the last ACK (RFC 9293 3.8.6.3)? */
static inline bool ttp_tcb_two_segments(const struct ttp_tcb *tcb)
{
	return tcb->rcv.nxt - tcb->rcv.wup > tcb->rcv.mss;
}

/* The usable window (RFC 9293 3.8.6.2.1): what the peer's window still takes. */
static inline u32 ttp_tcb_usable(const struct ttp_tcb *tcb)
{
	u32 right = tcb->snd.una + tcb->snd.wnd;

	return seq_gt(right, tcb->snd.nxt) ? right - tcb->snd.nxt : 0;
}

/* "pipe" (RFC 6675 4): bytes in the network, as far as we know; see recovery.c. */
static inline u32 ttp_send_in_flight(const struct ttp_tcb *tcb)
{
	s32 pipe = tcb->snd.nxt - tcb->snd.una - tcb->sacked - tcb->lost + tcb->resent;

	/* without SACK, tcb->sacked is an estimate and may be too high */
	return max(pipe, 0);
}

/* Is our SYN not acknowledged?  SND.UNA is ISS again after 4 GiB. */
static inline bool ttp_tcb_syn_out(const struct ttp_tcb *tcb)
{
	return tcb->snd.una == tcb->conn.iss && !tcb->bytes_acked;
}

/* FlightSize (RFC 5681 2): bytes sent and not acknowledged.  Unlike in "pipe", what is
 * SACKed or lost counts.
 */
static inline u32 ttp_send_flight_size(const struct ttp_tcb *tcb)
{
	return tcb->snd.nxt - tcb->snd.una;
}

/* Start a timer, or start it again: it expires at @at; 0 stops it. */
static inline void ttp_timer_set(struct ttp_tcb *tcb, enum ttp_tm which, u64 at)
{
	tcb->deadline[which] = at;
	if (at && at < tcb->due_us)
		tcb->due_us = at;
}

#endif
