// SPDX-License-Identifier: GPL-2.0
/*
 * events.c - events of the netlink family: messages of them, a segment, a transition.
 *
 * An event is made where something happens, often in softirq, and only when somebody
 * listens.  An event without memory is lost; the next message says how many were lost.
 *
 * Called by observe.c, and by whatever sends or receives a segment.  Context: any.
 *
 * Next: changes.c for the events of congestion control and of timers; info.c for TTP_INFO.
 */
#include <net/genetlink.h>

#include "ttp.h"
#include "see/fault.h"
#include "see/netlink.h"
#include "see/trace.h"

/**
 * ttp_netlink_look - look up who listens, for ttp_netlink_watched()
 * @tn: the namespace
 *
 * Context: any.
 */
void ttp_netlink_look(struct ttp_net *tn)
{
	u32 group, watched = trace_cong_enabled() ? BIT(TTP_GROUP_TRACE) : 0;

	spin_lock_bh(&tn->watched_lock);
	for (group = TTP_GROUP_STATE; group <= TTP_GROUP_TIMER; group++)
		if (genl_has_listeners(&ttp_netlink_family, tn->net, group))
			watched |= BIT(group);
	WRITE_ONCE(tn->watched, watched);
	WRITE_ONCE(tn->watched_at, jiffies);
	spin_unlock_bh(&tn->watched_lock);
}

static bool wanted(struct net *net, enum ttp_group group)
{
	return ttp_netlink_watched(ttp_net(net)) & BIT(group);
}

/* How many of the group's were lost before this message.  Return: non-zero when it is full. */
static int put_lost(struct sk_buff *msg, struct ttp_net *tn, enum ttp_group group)
{
	u32 lost = atomic_xchg(&tn->lost_events[group], 0);

	if (!lost || !nla_put_u32(msg, TTP_A_LOST_EVENTS, lost))
		return 0;
	atomic_add(lost, &tn->lost_events[group]);
	return -EMSGSIZE;
}

static void multicast(struct net *net, struct sk_buff *msg, void *head, enum ttp_group group)
{
	genlmsg_end(msg, head);
	genlmsg_multicast_netns(&ttp_netlink_family, net, msg, 0, group, GFP_ATOMIC);
}

/* ---- messages of several events ----
 *
 * A segment's event costs most by its message: to allocate it, to wake up the reader, to switch
 * to it and back, which is more than the segment itself costs.  So the events of some
 * milliseconds go into one, each in one structure.  That is cheap enough that a ring shared
 * with the reader by mmap() would save only a copy of 150 bytes.
 */

#define BATCH_BYTES	SKB_WITH_OVERHEAD(16384)	/* some hundred events */
#define BATCH_MS	5

static const struct {
	enum ttp_group group;
	u8 cmd;
} batched[TTP_BATCH_MAX] = {
	[TTP_BATCH_SEGMENT] = { TTP_GROUP_SEGMENT, TTP_CMD_SEGMENT_NTF },
	[TTP_BATCH_CONG] = { TTP_GROUP_CONG, TTP_CMD_CONG_NTF },
	[TTP_BATCH_TIMER] = { TTP_GROUP_TIMER, TTP_CMD_TIMER_NTF },
};

/* @b is locked. */
static void batch_send(struct ttp_batch *b)
{
	struct sk_buff *msg = b->msg;

	b->msg = NULL;
	if (msg)
		multicast(b->tn->net, msg, b->head, batched[b - b->tn->batches].group);
}

/* @b is locked and empty.  Return: whether there is memory. */
static bool batch_begin(struct ttp_batch *b)
{
	struct sk_buff *msg = nlmsg_new(BATCH_BYTES - NLMSG_HDRLEN, GFP_ATOMIC | __GFP_NOWARN);

	if (!msg)
		return false;
	b->head = genlmsg_put(msg, 0, 0, &ttp_netlink_family, 0,
			      batched[b - b->tn->batches].cmd);
	if (!b->head || put_u64(msg, TTP_A_NETNS, b->tn->net->net_cookie) ||
	    put_lost(msg, b->tn, batched[b - b->tn->batches].group)) {
		nlmsg_free(msg);
		return false;
	}
	b->msg = msg;
	mod_timer(&b->timer, jiffies + msecs_to_jiffies(BATCH_MS));
	return true;
}

/* Return: false when the message is full, and is as before. */
static bool put_event(struct sk_buff *msg, ttp_netlink_put_fn *put, const void *event)
{
	struct nlattr *nest = nla_nest_start(msg, TTP_A_EVENT);

	if (!nest)
		return false;
	if (put(msg, event)) {
		nla_nest_cancel(msg, nest);
		return false;
	}
	nla_nest_end(msg, nest);
	return true;
}

/**
 * ttp_netlink_event - an event that goes into a message with others
 * @net: the namespace
 * @which: whose message
 * @put: puts the attributes of the event into a message
 * @event: what @put is called with
 *
 * Context: any but hardirq.
 */
void ttp_netlink_event(struct net *net, enum ttp_batched which, ttp_netlink_put_fn *put,
		       const void *event)
{
	struct ttp_batch *b = &ttp_net(net)->batches[which];
	bool done;

	spin_lock_bh(&b->lock);
	done = b->msg && put_event(b->msg, put, event);
	if (!done) {
		batch_send(b);
		done = batch_begin(b) && put_event(b->msg, put, event);
	}
	if (!done)
		atomic_inc(&b->tn->lost_events[batched[which].group]);
	spin_unlock_bh(&b->lock);
}

static void flush(struct ttp_batch *b)
{
	spin_lock_bh(&b->lock);
	batch_send(b);
	spin_unlock_bh(&b->lock);
}

/**
 * ttp_netlink_flush - send the events that wait for others
 * @net: the namespace that they are of
 *
 * Context: any but hardirq.
 */
void ttp_netlink_flush(struct net *net)
{
	unsigned int i;

	for (i = 0; i < TTP_BATCH_MAX; i++)
		flush(&ttp_net(net)->batches[i]);
}

static void batch_expired(struct timer_list *t)
{
	struct ttp_batch *b = from_timer(b, t, timer);

	flush(b);
}

/**
 * ttp_netlink_net_init - a network namespace begins
 * @net: the namespace
 */
void ttp_netlink_net_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	struct ttp_batch *b;

	tn->net = net;
	spin_lock_init(&tn->watched_lock);
	tn->watched_at = jiffies - 1;
	for (b = tn->batches; b < tn->batches + TTP_BATCH_MAX; b++) {
		b->tn = tn;
		spin_lock_init(&b->lock);
		timer_setup(&b->timer, batch_expired, 0);
	}
}

/**
 * ttp_netlink_net_exit - a network namespace ends: nothing makes events any more
 * @net: the namespace
 *
 * Context: process.
 */
void ttp_netlink_net_exit(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	struct ttp_batch *b;

	for (b = tn->batches; b < tn->batches + TTP_BATCH_MAX; b++) {
		del_timer_sync(&b->timer);
		nlmsg_free(b->msg);
	}
}

/* ---- segments ---- */

/* What happened, beside the segment itself */
struct happening {
	u8 direction;
	u64 time_ns;	/* 0: now */
	bool retransmission;
	const char *drop, *answer, *fault;	/* or NULL */
};

static void fill_variables(struct ttp_segment *s, const struct ttp_tcb *tcb)
{
	s->snd_una = tcb->snd.una;
	s->snd_nxt = tcb->snd.nxt;
	s->snd_wnd = tcb->snd.wnd;
	s->rcv_nxt = tcb->rcv.nxt;
	s->rcv_wnd = tcb->rcv.wnd;
	s->cwnd = tcb->cong.cwnd;
	s->ssthresh = tcb->cong.ssthresh;
	s->in_flight = ttp_send_in_flight(tcb);
	s->srtt_us = tcb->srtt_us;
	s->rto_us = ttp_rtt_rto(tcb);
	s->has |= TTP_SEGMENT_HAS_VARIABLES;
}

static void fill_connection(struct ttp_segment *s, const struct ttp_ep *ep)
{
	const struct ttp_conn *conn = ep->conn;

	s->id = conn->id;
	s->family = AF_INET;
	memcpy(s->saddr, &ep->key.local.v4, sizeof(__be32));
	memcpy(s->daddr, &ep->key.remote.v4, sizeof(__be32));
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
	       (h->fault && nla_put_string(msg, TTP_A_FAULT, h->fault));
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

static void segment_event(struct ttp_ep *ep, const struct ttp_seg *seg,
			  const struct happening *h)
{
	struct segment_event e = {
		.s.direction = h->direction, .s.time_ns = h->time_ns ?: ktime_get_ns(),
		.seg = seg, .h = h,
	};

	fill_connection(&e.s, ep);
	fill_segment(&e.s, seg);
	if (ep->kind == TTP_KIND_SOCK)
		fill_variables(&e.s, ttp_tcb_of(ep->conn));
	ttp_netlink_event(ep->net, TTP_BATCH_SEGMENT, put_segment_event, &e);
}

/**
 * ttp_netlink_sent - event: a segment is sent; also the tracepoints of it
 * @ep: the connection; or a 4-tuple that has no connection
 * @seg: the segment
 * @retransmission: it was sent before
 * @fault: what was done to it on purpose, or %NULL
 *
 * Context: any; what guards the connection is held.
 */
void ttp_netlink_sent(struct ttp_ep *ep, const struct ttp_seg *seg, bool retransmission,
		      const char *fault)
{
	const struct happening h = {
		.direction = TTP_DIRECTION_OUT, .retransmission = retransmission, .fault = fault,
	};

	trace_segment_out(ep, seg, retransmission);
	if (retransmission)
		trace_retransmit(ep, seg, retransmission);
	if (wanted(ep->net, TTP_GROUP_SEGMENT))
		segment_event(ep, seg, &h);
}

/**
 * ttp_netlink_arrived - event: a segment has arrived
 * @ep: the connection; or a 4-tuple that has no connection
 * @seg: the segment
 * @time_ns: when its processing began, under what guards the connection: before what it does
 *	to the connection, which may have made events already; 0: it has done nothing yet
 * @drop: counter of the rule that dropped it, or %TTP_MIB_NONE
 * @answer: struct ttp_verdict's; what is answered is not said to be dropped; or %NULL
 *
 * Context: any; what guards the connection is held.
 */
void ttp_netlink_arrived(struct ttp_ep *ep, const struct ttp_seg *seg, u64 time_ns,
			 enum ttp_mib drop, const char *answer)
{
	struct happening h = {
		.direction = TTP_DIRECTION_IN, .time_ns = time_ns, .answer = answer,
		.drop = !answer && drop != TTP_MIB_NONE ? ttp_mib_names[drop] : NULL,
	};
	char buf[TTP_FAULT_WORDS];

	if (!wanted(ep->net, TTP_GROUP_SEGMENT))
		return;
	if (seg->fault.action)
		h.fault = ttp_fault_words(&seg->fault, buf);
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

static int put_state(struct sk_buff *msg, const struct ttp_ep *ep, u8 from,
		     const struct ttp_cause *cause)
{
	const char *section = ttp_fsm_section(from, ep->conn->state, cause->kind);

	return put_u64(msg, TTP_A_TIME_NS, ktime_get_ns()) ||
	       ttp_netlink_put_tuple(msg, ep->net, &ep->key, ep->conn) ||
	       ttp_netlink_put_initial(msg, ep->conn) ||
	       nla_put_u8(msg, TTP_A_FROM, from) ||
	       nla_put_u8(msg, TTP_A_CAUSE_KIND, cause->kind) ||
	       nla_put_string(msg, TTP_A_CAUSE, cause->what) ||
	       (section && nla_put_string(msg, TTP_A_SECTION, section)) ||
	       (cause->seg && put_segment(msg, cause->seg)) ||
	       put_lost(msg, ttp_net(ep->net), TTP_GROUP_STATE);
}

/**
 * ttp_netlink_state - event: a transition; it goes behind the events before it
 * @ep: the connection; ep->conn->state is the new state
 * @from: the state before
 * @cause: why
 *
 * Context: any; what guards the connection is held.
 */
void ttp_netlink_state(struct ttp_ep *ep, u8 from, const struct ttp_cause *cause)
{
	struct sk_buff *msg;
	void *head = NULL;

	if (!wanted(ep->net, TTP_GROUP_STATE))
		return;
	ttp_netlink_flush(ep->net);
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);
	if (msg)
		head = genlmsg_put(msg, 0, 0, &ttp_netlink_family, 0, TTP_CMD_STATE_NTF);
	if (head && !put_state(msg, ep, from, cause)) {
		multicast(ep->net, msg, head, TTP_GROUP_STATE);
		return;
	}
	atomic_inc(&ttp_net(ep->net)->lost_events[TTP_GROUP_STATE]);
	nlmsg_free(msg);
}
