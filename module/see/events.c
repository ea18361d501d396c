// SPDX-License-Identifier: GPL-2.0
/*
 * events.c - events of the netlink family: a segment, a transition.
 *
 * An event is made where something happens, often in softirq, and only when somebody
 * listens.  An event without memory is lost; the next message says how many were lost.
 *
 * Called by observe.c, and by whatever sends or receives a segment.  Context: any.
 *
 * Next: watchers.c for whom they are sent to; changes.c for the events of congestion control and
 * of timers; info.c for TTP_INFO.
 */
#include <net/genetlink.h>

#include "ttp.h"
#include "see/fault.h"
#include "see/netlink.h"

/* ---- segments ---- */

/* What happened, beside the segment itself */
struct happening {
	u8 direction;
	u64 time_ns;	/* 0: now */
	bool retransmission;
	const char *drop, *answer;	/* or NULL */
	const struct ttp_fault_act *fault;
};

static void fill_variables(struct ttp_segment *s, const struct ttp_tcb *tcb)
{
	s->snd_una = tcb->snd.una;
	s->snd_nxt = tcb->snd.nxt;
	s->snd_wnd = tcb->snd.wnd;
	s->rcv_nxt = tcb->rcv.nxt;
	s->rcv_wnd = tcb->rcv.wnd;
	s->cwnd = ttp_flow_cwnd(tcb);
	s->ssthresh = ttp_flow_ssthresh(tcb);
	s->in_flight = ttp_send_in_flight(tcb);
	s->srtt_us = tcb->srtt_us;
	s->rto_us = ttp_rtt_rto(tcb);
	s->has |= TTP_SEGMENT_HAS_VARIABLES;
}

static void fill_connection(struct ttp_segment *s, const struct ttp_ep *ep)
{
	const struct ttp_conn *conn = ep->conn;

	s->id = conn->id;
	s->family = ep->key.family;
	memcpy(s->saddr, &ep->key.local, sizeof(s->saddr));
	memcpy(s->daddr, &ep->key.remote, sizeof(s->daddr));
	s->sport = ntohs(ep->key.lport);
	s->dport = ntohs(ep->key.rport);
	s->state = conn->state;
	s->iss = conn->iss;
	s->irs = conn->irs;
	if (!conn->iss)
		return;
	s->has |= TTP_SEGMENT_HAS_ISS;
	if (ttp_netlink_irs_known(conn))
		s->has |= TTP_SEGMENT_HAS_IRS;
}

static void fill_segment(struct ttp_segment *s, const struct ttp_seg *seg)
{
	s->flags = seg->flags;
	s->seq = seg->seq;
	s->ack = seg->ack;
	s->len = seg->len;
	s->wnd = seg->wnd;
	s->segs = seg->segs;
	s->tsval = seg->tsval;
	s->tsecr = seg->tsecr;
	if (seg->has_ts)
		s->has |= TTP_SEGMENT_HAS_TIMESTAMPS;
}

static int put_fault(struct sk_buff *msg, const struct ttp_fault_act *act)
{
	char buf[TTP_FAULT_WORDS];

	return act->action && nla_put_string(msg, TTP_A_FAULT, ttp_fault_words(act, buf));
}

/* What few segments have. */
static int put_rare(struct sk_buff *msg, const struct ttp_seg *seg, const struct happening *h)
{
	return (seg->flags & TTP_URG && nla_put_u16(msg, TTP_A_SEG_UP, seg->up)) ||
	       (seg->mss && nla_put_u16(msg, TTP_A_OPT_MSS, seg->mss)) ||
	       (seg->has_wscale && nla_put_u8(msg, TTP_A_OPT_WSCALE, seg->wscale)) ||
	       (seg->sack_permitted && nla_put_flag(msg, TTP_A_OPT_SACK_PERMITTED)) ||
	       (seg->nsack && nla_put(msg, TTP_A_OPT_SACK,
				      seg->nsack * sizeof(seg->sack[0]), seg->sack)) ||
	       (h->retransmission && nla_put_flag(msg, TTP_A_RETRANSMISSION)) ||
	       (h->direction == TTP_DIRECTION_OUT && seg->why &&
		nla_put_u8(msg, TTP_A_PURPOSE, seg->why)) ||
	       (h->drop && nla_put_string(msg, TTP_A_DROP, h->drop)) ||
	       (h->answer && nla_put_string(msg, TTP_A_ANSWER, h->answer)) ||
	       put_fault(msg, h->fault);
}

/* One segment's event */
struct segment_event {
	struct ttp_segment s;
	const struct ttp_seg *seg;
	const struct happening *h;
};

static int put_segment_event(struct sk_buff *msg, const void *event)
{
	const struct segment_event *e = event;

	return nla_put(msg, TTP_A_SEGMENT, sizeof(e->s), &e->s) || put_rare(msg, e->seg, e->h);
}

static void segment_event(struct ttp_ep *ep, const struct ttp_seg *seg, const struct happening *h)
{
	struct segment_event e = {
		.s.direction = h->direction, .s.time_ns = h->time_ns ?: ktime_get_ns(),
		.seg = seg, .h = h,
	};

	fill_connection(&e.s, ep);
	fill_segment(&e.s, seg);
	if (ep->kind == TTP_KIND_SOCK)
		fill_variables(&e.s, ttp_tcb_of(ep->conn));
	ttp_watchers_event(ep->tn->net, TTP_GROUP_SEGMENT, &ep->key, put_segment_event, &e);
}

/**
 * ttp_netlink_sent - event: a segment is sent; somebody listens
 * @ep: the connection; or a 4-tuple that has no connection
 * @seg: the segment
 * @retransmission: it was sent before
 * @fault: what was done to it on purpose
 *
 * Context: any; what guards the connection is held.
 */
void ttp_netlink_sent(struct ttp_ep *ep, const struct ttp_seg *seg, bool retransmission,
		      const struct ttp_fault_act *fault)
{
	const struct happening h = {
		.direction = TTP_DIRECTION_OUT, .retransmission = retransmission, .fault = fault,
	};

	segment_event(ep, seg, &h);
}

/**
 * ttp_netlink_tell_arrived - event: a segment has arrived; somebody listens
 * @ep: the connection; or a 4-tuple that has no connection
 * @seg: the segment
 * @time_ns: when its processing began, under what guards the connection: before what it does
 *	to the connection, which may have made events already; 0: it has done nothing yet
 * @drop: counter of the rule that dropped it, or %TTP_MIB_NONE
 * @answer: struct ttp_verdict's; what is answered is not said to be dropped; or %NULL
 *
 * Context: any; what guards the connection is held.
 */
void ttp_netlink_tell_arrived(struct ttp_ep *ep, const struct ttp_seg *seg, u64 time_ns,
			      enum ttp_mib drop, const char *answer)
{
	const struct happening h = {
		.direction = TTP_DIRECTION_IN, .time_ns = time_ns, .answer = answer,
		.drop = !answer && drop != TTP_MIB_NONE ? ttp_mib_names[drop] : NULL,
		.fault = &seg->fault,
	};

	segment_event(ep, seg, &h);
}

/**
 * ttp_netlink_fault - event: a segment does not arrive, for a fault on purpose
 * @ep: its 4-tuple, and what is known of the connection; of kind %TTP_KIND_NONE
 * @seg: the segment
 * @act: what was done to it
 *
 * Context: softirq, no locks.
 */
void ttp_netlink_fault(struct ttp_ep *ep, const struct ttp_seg *seg,
		       const struct ttp_fault_act *act)
{
	struct ttp_seg with = *seg;

	with.fault = *act;
	ttp_netlink_arrived(ep, &with, 0, TTP_MIB_NONE, NULL);
}

/* ---- transitions ---- */

static int put_segment(struct sk_buff *msg, const struct ttp_seg *seg)
{
	return nla_put_u8(msg, TTP_A_FLAGS, seg->flags) ||
	       nla_put_u32(msg, TTP_A_SEQ, seg->seq) ||
	       (seg->flags & TTP_ACK && nla_put_u32(msg, TTP_A_ACK, seg->ack)) ||
	       nla_put_u16(msg, TTP_A_SEG_WND, seg->wnd) ||
	       nla_put_u32(msg, TTP_A_SEG_LEN, seg->len) ||
	       (seg->segs > 1 && nla_put_u16(msg, TTP_A_SEGS, seg->segs));
}

/* One transition */
struct state_event {
	const struct ttp_ep *ep;
	u8 from;
	const struct ttp_cause *cause;
	u64 time_ns;
};

static int put_state(struct sk_buff *msg, const void *event)
{
	const struct state_event *e = event;
	const struct ttp_cause *cause = e->cause;
	const struct ttp_conn *conn = e->ep->conn;
	const char *section = ttp_fsm_section(e->from, conn->state, cause->kind);

	return put_u64(msg, TTP_A_TIME_NS, e->time_ns) ||
	       ttp_netlink_put_tuple(msg, e->ep->tn->net, &e->ep->key, conn) ||
	       ttp_netlink_put_initial(msg, conn) ||
	       nla_put_u8(msg, TTP_A_FROM, e->from) ||
	       nla_put_u8(msg, TTP_A_CAUSE_KIND, cause->kind) ||
	       nla_put_string(msg, TTP_A_CAUSE, cause->what) ||
	       (section && nla_put_string(msg, TTP_A_SECTION, section)) ||
	       (cause->seg && put_segment(msg, cause->seg));
}

/**
 * ttp_netlink_state - event: a transition; somebody listens; it goes behind the events before it
 * @ep: the connection; ep->conn->state is the new state
 * @from: the state before
 * @cause: why
 *
 * Context: any; what guards the connection is held.
 */
void ttp_netlink_state(struct ttp_ep *ep, u8 from, const struct ttp_cause *cause)
{
	const struct state_event e = {
		.ep = ep, .from = from, .cause = cause, .time_ns = ktime_get_ns(),
	};

	ttp_watchers_now(ep->tn->net, TTP_GROUP_STATE, &ep->key, put_state, &e);
}
