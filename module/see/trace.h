/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trace.h - tracepoints, for trace-cmd, bpftrace and /sys/kernel/tracing/events/ttp.
 *
 *	state		a transition
 *	segment_in	a segment arrives: before what it does to the connection
 *	segment_out	a segment goes to IP
 *	retransmit	the same, of one that was sent before
 *	cong		the congestion window, the threshold or the phase of recovery is another
 *	drop		a packet that arrived is dropped, by a rule or for want of room
 *
 * Fields have the names of netlink's attributes (netlink/ttp.yaml), and their meaning.  While
 * nobody listens, each costs an instruction that does nothing.
 *
 * Next: trace.c for what drops a packet; observe.c and netlink.c, which see the same.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ttp

#if !defined(_TTP_SEE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TTP_SEE_TRACE_H

#include <linux/tracepoint.h>

#include "ttp.h"

/* name by name, so that the numbers of the enums reach those who print an event elsewhere */
#define TTP_TRACE_STATES(X)						\
	X(ESTABLISHED) X(SYN_SENT) X(SYN_RCVD) X(FIN_WAIT_1) X(FIN_WAIT_2) X(TIME_WAIT)	\
	X(CLOSED) X(CLOSE_WAIT) X(LAST_ACK) X(LISTEN)

#define TTP_TRACE_STATE_ENUM(name) TRACE_DEFINE_ENUM(TTP_##name);
TTP_TRACE_STATES(TTP_TRACE_STATE_ENUM)
TRACE_DEFINE_ENUM(TTP_CLOSING);

#define TTP_TRACE_STATE(name) { TTP_##name, #name },
#define ttp_trace_state_name(state)					\
	__print_symbolic(state, TTP_TRACE_STATES(TTP_TRACE_STATE) { TTP_CLOSING, "CLOSING" })

TRACE_DEFINE_ENUM(TTP_BY_USER);
TRACE_DEFINE_ENUM(TTP_BY_SEGMENT);
TRACE_DEFINE_ENUM(TTP_BY_TIMER);
TRACE_DEFINE_ENUM(TTP_BY_ICMP);
TRACE_DEFINE_ENUM(TTP_BY_KERNEL);

#define ttp_trace_kind_name(kind)					\
	__print_symbolic(kind, { TTP_BY_USER, "user" }, { TTP_BY_SEGMENT, "segment" },	\
			 { TTP_BY_TIMER, "timer" }, { TTP_BY_ICMP, "ICMP" },		\
			 { TTP_BY_KERNEL, "kernel" })

TRACE_DEFINE_ENUM(TTP_WHY_NONE);
TRACE_DEFINE_ENUM(TTP_WHY_RTO);
TRACE_DEFINE_ENUM(TTP_WHY_FAST_RETRANSMIT);
TRACE_DEFINE_ENUM(TTP_WHY_LOSS_PROBE);
TRACE_DEFINE_ENUM(TTP_WHY_ZERO_WINDOW_PROBE);
TRACE_DEFINE_ENUM(TTP_WHY_KEEPALIVE);
TRACE_DEFINE_ENUM(TTP_WHY_DUPLICATE_ACK);
TRACE_DEFINE_ENUM(TTP_WHY_WINDOW_UPDATE);
TRACE_DEFINE_ENUM(TTP_WHY_CHALLENGE_ACK);
TRACE_DEFINE_ENUM(TTP_WHY_MTU_PROBE);

#define ttp_trace_why_name(why)						\
	__print_symbolic(why, { TTP_WHY_NONE, "-" }, { TTP_WHY_RTO, "RTO" },		\
			 { TTP_WHY_FAST_RETRANSMIT, "fast retransmit" },		\
			 { TTP_WHY_LOSS_PROBE, "loss probe" },				\
			 { TTP_WHY_ZERO_WINDOW_PROBE, "zero window probe" },		\
			 { TTP_WHY_KEEPALIVE, "keepalive" },				\
			 { TTP_WHY_DUPLICATE_ACK, "duplicate ACK" },			\
			 { TTP_WHY_WINDOW_UPDATE, "window update" },			\
			 { TTP_WHY_CHALLENGE_ACK, "challenge ACK" },			\
			 { TTP_WHY_MTU_PROBE, "MTU probe" })

TRACE_DEFINE_ENUM(TTP_CA_OPEN);
TRACE_DEFINE_ENUM(TTP_CA_RECOVERY);
TRACE_DEFINE_ENUM(TTP_CA_LOSS);

#define ttp_trace_phase_name(phase)					\
	__print_symbolic(phase, { TTP_CA_OPEN, "open" }, { TTP_CA_RECOVERY, "recovery" },	\
			 { TTP_CA_LOSS, "loss" })

TRACE_DEFINE_ENUM(TTP_CONG_WHY_NONE);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_BEGIN);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_ACK);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_LOSS);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_PRR);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_RECOVERED);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_TIMEOUT);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_PROBE);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_ECN);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_UNDO);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_IDLE);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_MSS);
TRACE_DEFINE_ENUM(TTP_CONG_WHY_ALGORITHM);

/* The words of ttp monitor. */
#define ttp_trace_cong_why_name(why)					\
	__print_symbolic(why, { TTP_CONG_WHY_NONE, "-" }, { TTP_CONG_WHY_BEGIN, "begin" },	\
			 { TTP_CONG_WHY_ACK, "ACK" }, { TTP_CONG_WHY_LOSS, "loss" },		\
			 { TTP_CONG_WHY_PRR, "PRR" }, { TTP_CONG_WHY_RECOVERED, "recovered" },	\
			 { TTP_CONG_WHY_TIMEOUT, "RTO" },					\
			 { TTP_CONG_WHY_PROBE, "tail loss probe" },				\
			 { TTP_CONG_WHY_ECN, "ECN" }, { TTP_CONG_WHY_UNDO, "undo" },		\
			 { TTP_CONG_WHY_IDLE, "idle" }, { TTP_CONG_WHY_MSS, "MSS" },		\
			 { TTP_CONG_WHY_ALGORITHM, "algorithm" })

#define ttp_trace_flag_names(flags)					\
	__print_flags(flags, "|", { TTP_SYN, "SYN" }, { TTP_FIN, "FIN" }, { TTP_RST, "RST" },	\
		      { TTP_PSH, "PSH" }, { TTP_ACK, "ACK" }, { TTP_URG, "URG" },		\
		      { TTP_ECE, "ECE" }, { TTP_CWR, "CWR" })

#define ttp_trace_family_name(family)					\
	__print_symbolic(family, { AF_INET, "AF_INET" }, { AF_INET6, "AF_INET6" })

/* The reasons that trace.c gives; skb:kfree_skb has the same name. */
#define TTP_TRACE_REASONS(X)						\
	X(NO_SOCKET) X(PKT_TOO_SMALL) X(TCP_CSUM) X(SOCKET_FILTER) X(OTHERHOST)	\
	X(XFRM_POLICY) X(PROTO_MEM) X(SOCKET_BACKLOG) X(TCP_FLAGS) X(TCP_OLD_DATA)	\
	X(TCP_RFC7323_PAWS) X(TCP_INVALID_SEQUENCE) X(TCP_RESET) X(TCP_INVALID_SYN) \
	X(NOMEM) X(UDP_CSUM) X(SOCKET_RCVBUFF)

#define TTP_TRACE_REASON_ENUM(name) TRACE_DEFINE_ENUM(SKB_DROP_REASON_##name);
TTP_TRACE_REASONS(TTP_TRACE_REASON_ENUM)
TRACE_DEFINE_ENUM(SKB_DROP_REASON_NOT_SPECIFIED);

#define TTP_TRACE_REASON(name) { SKB_DROP_REASON_##name, #name },
#define ttp_trace_reason_name(reason)					\
	__print_symbolic(reason, TTP_TRACE_REASONS(TTP_TRACE_REASON)	\
			 { SKB_DROP_REASON_NOT_SPECIFIED, "NOT_SPECIFIED" })

/* What each event begins with: whose it is.  Addresses as bytes, as the kernel's own events of
 * TCP have them: those of IPv4 as IPv4-mapped ones, too.  Ports in host order.
 */
#define TTP_TRACE_TUPLE							\
	__field(u64, id)						\
	__field(u64, netns)						\
	__field(u16, family)						\
	__field(u16, sport)						\
	__field(u16, dport)						\
	__field(u8, state)						\
	__array(u8, saddr, 4)						\
	__array(u8, daddr, 4)						\
	__array(u8, saddr_v6, 16)					\
	__array(u8, daddr_v6, 16)

#define TTP_TRACE_SET_TUPLE(ep) do {					\
	__entry->id = (ep)->conn->id;					\
	__entry->netns = (ep)->tn->net->net_cookie;				\
	__entry->family = (ep)->key.family;				\
	__entry->sport = ntohs((ep)->key.lport);			\
	__entry->dport = ntohs((ep)->key.rport);			\
	__entry->state = (ep)->conn->state;				\
	ttp_trace_addr(__entry->saddr, __entry->saddr_v6, (ep)->key.family,	\
		       &(ep)->key.local);				\
	ttp_trace_addr(__entry->daddr, __entry->daddr_v6, (ep)->key.family,	\
		       &(ep)->key.remote);				\
} while (0)

#define TTP_TRACE_TUPLE_FORMAT						\
	"id=%llu family=%s saddr=%pI4 daddr=%pI4 saddrv6=%pI6c daddrv6=%pI6c sport=%hu dport=%hu"
#define TTP_TRACE_TUPLE_VALUES						\
	__entry->id, ttp_trace_family_name(__entry->family), __entry->saddr, __entry->daddr,	\
	__entry->saddr_v6, __entry->daddr_v6, __entry->sport, __entry->dport

/* The TCB's variables; all 0 of what has no TCB: a request, TIME_WAIT, nobody. */
#define TTP_TRACE_VARIABLES						\
	__field(u32, snd_una)						\
	__field(u32, snd_nxt)						\
	__field(u32, snd_wnd)						\
	__field(u32, rcv_nxt)						\
	__field(u32, rcv_wnd)						\
	__field(u32, cwnd)						\
	__field(u32, ssthresh)

#define TTP_TRACE_SET_VARIABLES(ep) do {				\
	const struct ttp_tcb *tcb = (ep)->kind == TTP_KIND_SOCK ?	\
				    ttp_tcb_of((ep)->conn) : NULL;	\
									\
	__entry->snd_una = tcb ? tcb->snd.una : 0;			\
	__entry->snd_nxt = tcb ? tcb->snd.nxt : 0;			\
	__entry->snd_wnd = tcb ? tcb->snd.wnd : 0;			\
	__entry->rcv_nxt = tcb ? tcb->rcv.nxt : 0;			\
	__entry->rcv_wnd = tcb ? tcb->rcv.wnd : 0;			\
	__entry->cwnd = tcb ? ttp_flow_cwnd(tcb) : 0;			\
	__entry->ssthresh = tcb ? ttp_flow_ssthresh(tcb) : 0;		\
} while (0)

#define TTP_TRACE_VARIABLES_FORMAT					\
	"snd_una=%u snd_nxt=%u snd_wnd=%u rcv_nxt=%u rcv_wnd=%u cwnd=%u ssthresh=%u"
#define TTP_TRACE_VARIABLES_VALUES					\
	__entry->snd_una, __entry->snd_nxt, __entry->snd_wnd, __entry->rcv_nxt,		\
	__entry->rcv_wnd, __entry->cwnd, __entry->ssthresh

/* A header, without options */
#define TTP_TRACE_SEGMENT						\
	__field(u8, flags)						\
	__field(u16, seg_wnd)						\
	__field(u16, segs)						\
	__field(u32, seq)						\
	__field(u32, ack)						\
	__field(u32, seg_len)

#define TTP_TRACE_SET_SEGMENT(seg) do {					\
	__entry->flags = (seg)->flags;					\
	__entry->seg_wnd = (seg)->wnd;					\
	__entry->segs = ttp_seg_count(seg);				\
	__entry->seq = (seg)->seq;					\
	__entry->ack = (seg)->flags & TTP_ACK ? (seg)->ack : 0;		\
	__entry->seg_len = (seg)->len;					\
} while (0)

#define TTP_TRACE_SEGMENT_FORMAT					\
	"flags=%s seq=%u ack=%u seg_wnd=%hu seg_len=%u segs=%hu"
#define TTP_TRACE_SEGMENT_VALUES					\
	ttp_trace_flag_names(__entry->flags), __entry->seq, __entry->ack, __entry->seg_wnd,	\
	__entry->seg_len, __entry->segs

/* @ep: the connection, in its new state; @from: the state before; @cause: why */
TRACE_EVENT(state,
	TP_PROTO(const struct ttp_ep *ep, u8 from, const struct ttp_cause *cause),
	TP_ARGS(ep, from, cause),
	TP_STRUCT__entry(
		TTP_TRACE_TUPLE
		__field(u8, from)
		__field(u8, cause_kind)
		__string(cause, cause->what)
	),
	TP_fast_assign(
		TTP_TRACE_SET_TUPLE(ep);
		__entry->from = from;
		__entry->cause_kind = cause->kind;
		ttp_assign_str(cause, cause->what);
	),
	TP_printk(TTP_TRACE_TUPLE_FORMAT " from=%s state=%s cause_kind=%s cause=%s",
		  TTP_TRACE_TUPLE_VALUES, ttp_trace_state_name(__entry->from),
		  ttp_trace_state_name(__entry->state), ttp_trace_kind_name(__entry->cause_kind),
		  __get_str(cause))
);

/* @ep: what the segment is for, or a 4-tuple that has no connection; @seg: the segment */
TRACE_EVENT(segment_in,
	TP_PROTO(const struct ttp_ep *ep, const struct ttp_seg *seg),
	TP_ARGS(ep, seg),
	TP_STRUCT__entry(
		TTP_TRACE_TUPLE
		TTP_TRACE_SEGMENT
		TTP_TRACE_VARIABLES
	),
	TP_fast_assign(
		TTP_TRACE_SET_TUPLE(ep);
		TTP_TRACE_SET_SEGMENT(seg);
		TTP_TRACE_SET_VARIABLES(ep);
	),
	TP_printk(TTP_TRACE_TUPLE_FORMAT " state=%s " TTP_TRACE_SEGMENT_FORMAT " "
		  TTP_TRACE_VARIABLES_FORMAT,
		  TTP_TRACE_TUPLE_VALUES, ttp_trace_state_name(__entry->state),
		  TTP_TRACE_SEGMENT_VALUES, TTP_TRACE_VARIABLES_VALUES)
);

/* The same of one that is sent; @retransmission: it was sent before */
DECLARE_EVENT_CLASS(ttp_sent,
	TP_PROTO(const struct ttp_ep *ep, const struct ttp_seg *seg, bool retransmission),
	TP_ARGS(ep, seg, retransmission),
	TP_STRUCT__entry(
		TTP_TRACE_TUPLE
		TTP_TRACE_SEGMENT
		TTP_TRACE_VARIABLES
		__field(u8, purpose)
		__field(bool, retransmission)
	),
	TP_fast_assign(
		TTP_TRACE_SET_TUPLE(ep);
		TTP_TRACE_SET_SEGMENT(seg);
		TTP_TRACE_SET_VARIABLES(ep);
		__entry->purpose = seg->why;
		__entry->retransmission = retransmission;
	),
	TP_printk(TTP_TRACE_TUPLE_FORMAT " state=%s " TTP_TRACE_SEGMENT_FORMAT " "
		  TTP_TRACE_VARIABLES_FORMAT " retransmission=%d purpose=%s",
		  TTP_TRACE_TUPLE_VALUES, ttp_trace_state_name(__entry->state),
		  TTP_TRACE_SEGMENT_VALUES, TTP_TRACE_VARIABLES_VALUES,
		  __entry->retransmission, ttp_trace_why_name(__entry->purpose))
);

DEFINE_EVENT(ttp_sent, segment_out,
	TP_PROTO(const struct ttp_ep *ep, const struct ttp_seg *seg, bool retransmission),
	TP_ARGS(ep, seg, retransmission)
);

DEFINE_EVENT(ttp_sent, retransmit,
	TP_PROTO(const struct ttp_ep *ep, const struct ttp_seg *seg, bool retransmission),
	TP_ARGS(ep, seg, retransmission)
);

/* @ep: the connection; @why: in words */
TRACE_EVENT(cong,
	TP_PROTO(const struct ttp_ep *ep, u8 why),
	TP_ARGS(ep, why),
	TP_STRUCT__entry(
		TTP_TRACE_TUPLE
		__field(u8, phase)
		__field(u8, why)
		__field(u32, cwnd)
		__field(u32, ssthresh)
		__field(u32, mss)
		__field(u32, in_flight)
		__field(u64, pacing_rate)
		__string(congestion, ttp_tcb_of(ep->conn)->cong_ops->name)
	),
	TP_fast_assign(
		const struct ttp_tcb *tcb = ttp_tcb_of(ep->conn);

		TTP_TRACE_SET_TUPLE(ep);
		__entry->phase = tcb->ca;
		__entry->cwnd = tcb->flow->cong.cwnd;
		__entry->ssthresh = tcb->flow->cong.ssthresh;
		__entry->mss = tcb->flow->cong.mss;
		__entry->in_flight = ttp_send_in_flight(tcb);
		__entry->pacing_rate = tcb->flow->cong.pacing_rate;
		ttp_assign_str(congestion, tcb->cong_ops->name);
		__entry->why = why;
	),
	TP_printk(TTP_TRACE_TUPLE_FORMAT " congestion=%s why=%s phase=%s cwnd=%u ssthresh=%u "
		  "mss=%u in_flight=%u pacing_rate=%llu",
		  TTP_TRACE_TUPLE_VALUES, __get_str(congestion),
		  ttp_trace_cong_why_name(__entry->why), ttp_trace_phase_name(__entry->phase),
		  __entry->cwnd, __entry->ssthresh, __entry->mss,
		  __entry->in_flight, __entry->pacing_rate)
);

/* @ep: the packet's 4-tuple as seen from here; @skb: the packet; @seg: its header, or all 0 if
 * it is cut off; @drop: the counter's name, or "-"; @reason: skb:kfree_skb's
 */
TRACE_EVENT(drop,
	TP_PROTO(const struct ttp_ep *ep, const struct sk_buff *skb, const struct ttp_seg *seg,
		 const char *drop, enum skb_drop_reason reason),
	TP_ARGS(ep, skb, seg, drop, reason),
	TP_STRUCT__entry(
		TTP_TRACE_TUPLE
		TTP_TRACE_SEGMENT
		__field(const void *, skbaddr)
		__field(u32, reason)
		__string(drop, drop)
	),
	TP_fast_assign(
		TTP_TRACE_SET_TUPLE(ep);
		TTP_TRACE_SET_SEGMENT(seg);
		__entry->skbaddr = skb;
		__entry->reason = reason;
		ttp_assign_str(drop, drop);
	),
	TP_printk("family=%s saddr=%pI4 daddr=%pI4 saddrv6=%pI6c daddrv6=%pI6c sport=%hu dport=%hu "
		  TTP_TRACE_SEGMENT_FORMAT " drop=%s reason=%s skbaddr=%p",
		  ttp_trace_family_name(__entry->family), __entry->saddr, __entry->daddr,
		  __entry->saddr_v6, __entry->daddr_v6,
		  __entry->sport, __entry->dport, TTP_TRACE_SEGMENT_VALUES, __get_str(drop),
		  ttp_trace_reason_name(__entry->reason), __entry->skbaddr)
);

#endif

/* outside of the guard: each reading makes other code of the events above */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH see
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
