// SPDX-License-Identifier: GPL-2.0
/*
 * netlink.c - the generic netlink family "ttp", as netlink/ttp.yaml specifies it: dumps of
 * sockets, counters, the state machine and the congestion control algorithms; and events.
 *
 * An event is made where something happens, often in softirq, and only when somebody
 * listens.  An event without memory is lost; the next one says how many were lost.
 *
 * Called by observe.c, and by whatever sends or receives a segment (events, context: any);
 * by the kernel for requests (context: process).
 *
 * Next: fault_netlink.c for the requests that are about faults; info.c for TTP_INFO.
 */
#include <net/genetlink.h>

#include "ttp.h"
#include "see/netlink.h"

enum {
	GROUP_STATE,
	GROUP_SEGMENT,
};

/* The core and netlink use the same numbers. */
static_assert((int)TTP_ESTABLISHED == (int)TTP_STATE_ESTABLISHED);
static_assert((int)TTP_CLOSING == (int)TTP_STATE_CLOSING);
static_assert((int)TTP_BY_USER == (int)TTP_CAUSE_KIND_USER);
static_assert((int)TTP_BY_KERNEL == (int)TTP_CAUSE_KIND_KERNEL);
static_assert((int)TTP_WHY_RTO == (int)TTP_PURPOSE_RTO);
static_assert((int)TTP_WHY_MTU_PROBE == (int)TTP_PURPOSE_MTU_PROBE);

/* ---- dumps ---- */

static int put_counter(struct sk_buff *msg, const char *name, u64 value)
{
	struct nlattr *nest = nla_nest_start(msg, TTP_A_MIB);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_string(msg, TTP_A_MIB_NAME, name) ||
	    nla_put_u64_64bit(msg, TTP_A_MIB_VALUE, value, TTP_A_MIB_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int get_mib(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct sk_buff *msg;
	unsigned int i;
	void *head;

	msg = genlmsg_new(TTP_MIB_MAX * 64, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	head = genlmsg_put_reply(msg, info, &ttp_netlink_family, 0, TTP_CMD_MIB_GET);
	if (!head || put_u64(msg, TTP_A_NETNS, net->net_cookie))
		goto full;
	for (i = 0; i < TTP_MIB_MAX; i++)
		if (put_counter(msg, ttp_mib_names[i], ttp_mib_get(ttp_net(net), i)))
			goto full;
	genlmsg_end(msg, head);
	return genlmsg_reply(msg, info);
full:
	nlmsg_free(msg);
	return -EMSGSIZE;
}

static int put_transition(struct sk_buff *msg, struct netlink_callback *cb, unsigned int i)
{
	const struct ttp_transition *t = &ttp_transitions[i];
	u64 count = ttp_mib_taken(ttp_net(sock_net(cb->skb->sk)), i);
	void *head;

	head = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &ttp_netlink_family, NLM_F_MULTI, TTP_CMD_STATES_GET);
	if (!head)
		return -EMSGSIZE;
	if (nla_put_u8(msg, TTP_A_FROM, t->from) ||
	    nla_put_u8(msg, TTP_A_STATE, t->to) ||
	    nla_put_u8(msg, TTP_A_CAUSE_KIND, t->usual) ||
	    nla_put_string(msg, TTP_A_CAUSE, t->what) ||
	    nla_put_string(msg, TTP_A_SECTION, t->section) ||
	    put_u64(msg, TTP_A_COUNT, count)) {
		genlmsg_cancel(msg, head);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, head);
	return 0;
}

static int dump_states(struct sk_buff *msg, struct netlink_callback *cb)
{
	unsigned long i;

	for (i = cb->args[0]; i < ttp_ntransitions; i++)
		if (put_transition(msg, cb, i))
			break;
	cb->args[0] = i;
	return msg->len;
}

struct cong_dump {
	struct sk_buff *msg;
	struct netlink_callback *cb;
	unsigned long i, skip;
};

static int put_congestion(const struct ttp_cong_ops *ops, bool allowed, void *data)
{
	struct cong_dump *d = data;
	const struct ttp_net *tn = ttp_net(sock_net(d->cb->skb->sk));
	void *head;

	if (d->i++ < d->skip)
		return 0;
	head = genlmsg_put(d->msg, NETLINK_CB(d->cb->skb).portid, d->cb->nlh->nlmsg_seq,
			   &ttp_netlink_family, NLM_F_MULTI, TTP_CMD_CONGESTION_GET);
	if (!head)
		goto full;
	if (nla_put_string(d->msg, TTP_A_CONGESTION, ops->name) ||
	    (!allowed && nla_put_flag(d->msg, TTP_A_RESTRICTED)) ||
	    (READ_ONCE(tn->cong) == ops && nla_put_flag(d->msg, TTP_A_DEFAULT))) {
		genlmsg_cancel(d->msg, head);
		goto full;
	}
	genlmsg_end(d->msg, head);
	return 0;
full:
	d->i--;
	return -EMSGSIZE;
}

static int dump_congestion(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct cong_dump d = { .msg = msg, .cb = cb, .skip = cb->args[0] };

	ttp_cong_walk(put_congestion, &d);
	cb->args[0] = d.i;
	return msg->len;
}

/* ---- events ---- */

static int put_variables(struct sk_buff *msg, const struct ttp_tcb *tcb)
{
	return nla_put_u32(msg, TTP_A_SND_UNA, tcb->snd.una) ||
	       nla_put_u32(msg, TTP_A_SND_NXT, tcb->snd.nxt) ||
	       nla_put_u32(msg, TTP_A_RCV_NXT, tcb->rcv.nxt) ||
	       nla_put_u32(msg, TTP_A_IN_FLIGHT, ttp_send_in_flight(tcb)) ||
	       nla_put_u32(msg, TTP_A_SRTT_US, tcb->srtt_us) ||
	       nla_put_u32(msg, TTP_A_RTO_US, ttp_rtt_rto(tcb)) ||
	       put_windows(msg, tcb);
}

static bool wanted(struct net *net, unsigned int group)
{
	return genl_has_listeners(&ttp_netlink_family, net, group);
}

/* Does anybody want events of segments?  Context: any. */
bool ttp_netlink_segments(struct net *net)
{
	return wanted(net, GROUP_SEGMENT);
}

static struct sk_buff *event_begin(const struct ttp_ep *ep, u8 cmd, u64 time_ns, void **head)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);

	if (!msg)
		return NULL;
	*head = genlmsg_put(msg, 0, 0, &ttp_netlink_family, 0, cmd);
	if (!*head || put_u64(msg, TTP_A_TIME_NS, time_ns) ||
	    put_tuple(msg, ep->net, &ep->key, ep->conn) ||
	    put_initial(msg, ep->conn)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static void event_lost(struct ttp_net *tn, struct sk_buff *msg)
{
	atomic_inc(&tn->lost_events);
	nlmsg_free(msg);
}

static void event_send(struct net *net, struct sk_buff *msg, void *head, unsigned int group)
{
	struct ttp_net *tn = ttp_net(net);
	u32 lost = atomic_xchg(&tn->lost_events, 0);

	if (lost && nla_put_u32(msg, TTP_A_LOST_EVENTS, lost)) {
		atomic_add(lost, &tn->lost_events);
		event_lost(tn, msg);
		return;
	}
	genlmsg_end(msg, head);
	genlmsg_multicast_netns(&ttp_netlink_family, net, msg, 0, group, GFP_ATOMIC);
}

static int put_segment(struct sk_buff *msg, const struct ttp_seg *seg)
{
	return nla_put_u8(msg, TTP_A_FLAGS, seg->flags) ||
	       nla_put_u32(msg, TTP_A_SEQ, seg->seq) ||
	       (seg->flags & TTP_ACK && nla_put_u32(msg, TTP_A_ACK, seg->ack)) ||
	       nla_put_u16(msg, TTP_A_SEG_WND, seg->wnd) ||
	       nla_put_u32(msg, TTP_A_SEG_LEN, seg->len) ||
	       (seg->segs > 1 && nla_put_u16(msg, TTP_A_SEGS, seg->segs));
}

static int put_options(struct sk_buff *msg, const struct ttp_seg *seg)
{
	return (seg->flags & TTP_URG && nla_put_u16(msg, TTP_A_SEG_UP, seg->up)) ||
	       (seg->mss && nla_put_u16(msg, TTP_A_OPT_MSS, seg->mss)) ||
	       (seg->has_wscale && nla_put_u8(msg, TTP_A_OPT_WSCALE, seg->wscale)) ||
	       (seg->sack_permitted && nla_put_flag(msg, TTP_A_OPT_SACK_PERMITTED)) ||
	       (seg->has_ts && (nla_put_u32(msg, TTP_A_OPT_TSVAL, seg->tsval) ||
				nla_put_u32(msg, TTP_A_OPT_TSECR, seg->tsecr))) ||
	       (seg->nsack && nla_put(msg, TTP_A_OPT_SACK,
				      seg->nsack * sizeof(seg->sack[0]), seg->sack));
}

/**
 * ttp_netlink_state - event: a transition
 * @ep: the connection; ep->conn->state is the new state
 * @from: the state before
 * @cause: why
 */
void ttp_netlink_state(struct ttp_ep *ep, u8 from, const struct ttp_cause *cause)
{
	const char *section;
	struct sk_buff *msg;
	void *head;

	if (!wanted(ep->net, GROUP_STATE))
		return;
	section = ttp_fsm_section(from, ep->conn->state, cause->kind);
	msg = event_begin(ep, TTP_CMD_STATE_NTF, ktime_get_ns(), &head);
	if (!msg || nla_put_u8(msg, TTP_A_FROM, from) ||
	    nla_put_u8(msg, TTP_A_CAUSE_KIND, cause->kind) ||
	    nla_put_string(msg, TTP_A_CAUSE, cause->what) ||
	    (section && nla_put_string(msg, TTP_A_SECTION, section)) ||
	    (cause->seg && put_segment(msg, cause->seg))) {
		event_lost(ttp_net(ep->net), msg);
		return;
	}
	event_send(ep->net, msg, head, GROUP_STATE);
}

/* What the events of both directions say.  Return: the message, or %NULL, and it is lost. */
static struct sk_buff *segment_begin(const struct ttp_ep *ep, const struct ttp_seg *seg,
				     u8 direction, u64 time_ns, void **head)
{
	struct sk_buff *msg = event_begin(ep, TTP_CMD_SEGMENT_NTF, time_ns, head);

	if (msg && !nla_put_u8(msg, TTP_A_DIRECTION, direction) &&
	    !put_segment(msg, seg) && !put_options(msg, seg) &&
	    !(ep->kind == TTP_KIND_SOCK && put_variables(msg, ttp_tcb_of(ep->conn))))
		return msg;
	event_lost(ttp_net(ep->net), msg);
	return NULL;
}

/**
 * ttp_netlink_sent - event: a segment is sent
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
	struct sk_buff *msg;
	void *head;

	if (!wanted(ep->net, GROUP_SEGMENT))
		return;
	msg = segment_begin(ep, seg, TTP_DIRECTION_OUT, ktime_get_ns(), &head);
	if (!msg)
		return;
	if ((retransmission && nla_put_flag(msg, TTP_A_RETRANSMISSION)) ||
	    (seg->why && nla_put_u8(msg, TTP_A_PURPOSE, seg->why)) ||
	    (fault && nla_put_string(msg, TTP_A_FAULT, fault)))
		event_lost(ttp_net(ep->net), msg);
	else
		event_send(ep->net, msg, head, GROUP_SEGMENT);
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
	struct sk_buff *msg;
	void *head;

	if (!wanted(ep->net, GROUP_SEGMENT))
		return;
	msg = segment_begin(ep, seg, TTP_DIRECTION_IN, time_ns ?: ktime_get_ns(), &head);
	if (!msg)
		return;
	if ((answer && nla_put_string(msg, TTP_A_ANSWER, answer)) ||
	    (!answer && drop != TTP_MIB_NONE &&
	     nla_put_string(msg, TTP_A_DROP, ttp_mib_names[drop])))
		event_lost(ttp_net(ep->net), msg);
	else
		event_send(ep->net, msg, head, GROUP_SEGMENT);
}

/**
 * ttp_netlink_fault - event: a segment would have arrived, but for a fault on purpose
 * @ep: its 4-tuple, and what is known of the connection; of kind %TTP_KIND_NONE
 * @seg: the segment
 * @fault: what was done to it
 *
 * Context: softirq, no locks.
 */
void ttp_netlink_fault(struct ttp_ep *ep, const struct ttp_seg *seg, const char *fault)
{
	struct sk_buff *msg;
	void *head;

	if (!wanted(ep->net, GROUP_SEGMENT))
		return;
	msg = segment_begin(ep, seg, TTP_DIRECTION_IN, ktime_get_ns(), &head);
	if (!msg)
		return;
	if (nla_put_string(msg, TTP_A_FAULT, fault))
		event_lost(ttp_net(ep->net), msg);
	else
		event_send(ep->net, msg, head, GROUP_SEGMENT);
}

/* ---- the family ---- */

static const struct genl_ops big_ops[] = {
	{
		.cmd = TTP_CMD_SOCK_GET,
		.policy = ttp_sock_get_policy,
		.maxattr = TTP_A_MAX,
		.doit = ttp_sock_get_doit,
		.start = ttp_sock_dump_start,
		.dumpit = ttp_sock_dumpit,
		.done = ttp_sock_dump_done,
	},
	{
		.cmd = TTP_CMD_SOCK_DESTROY,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ttp_sock_destroy_policy,
		.maxattr = TTP_A_MAX,
		.doit = ttp_sock_destroy_doit,
	},
	{
		.cmd = TTP_CMD_FAULT_ADD,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ttp_fault_add_policy,
		.maxattr = TTP_A_FAULT_MAX,
		.doit = ttp_fault_add_doit,
	},
	{
		.cmd = TTP_CMD_FAULT_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ttp_fault_del_policy,
		.maxattr = TTP_A_FAULT_MAX,
		.doit = ttp_fault_del_doit,
	},
};

static const struct genl_small_ops ops[] = {
	{ .cmd = TTP_CMD_MIB_GET, .doit = get_mib },
	{ .cmd = TTP_CMD_STATES_GET, .dumpit = dump_states },
	{ .cmd = TTP_CMD_CONGESTION_GET, .dumpit = dump_congestion },
	{ .cmd = TTP_CMD_FAULT_GET, .dumpit = ttp_fault_dumpit },
};

static const struct genl_multicast_group groups[] = {
	[GROUP_STATE] = { .name = TTP_MCGRP_STATE, .flags = GENL_MCAST_CAP_NET_ADMIN },
	[GROUP_SEGMENT] = { .name = TTP_MCGRP_SEGMENT, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family ttp_netlink_family __ro_after_init = {
	.name = TTP_FAMILY_NAME,
	.version = TTP_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,	/* who waits for a socket holds up no other family */
	.module = THIS_MODULE,
	.ops = big_ops,
	.n_ops = ARRAY_SIZE(big_ops),
	.small_ops = ops,
	.n_small_ops = ARRAY_SIZE(ops),
	.resv_start_op = TTP_CMD_CONGESTION_GET + 1,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/**
 * ttp_netlink_init - register the family
 * @destroy_id: what %TTP_CMD_SOCK_DESTROY calls: ttp_verdict_destroy()
 *
 * Return: 0 or a negative errno.
 */
int __init ttp_netlink_init(int (*destroy_id)(struct net *net, u64 id))
{
	ttp_sock_destroy_id = destroy_id;
	return genl_register_family(&ttp_netlink_family);
}

void ttp_netlink_exit(void)
{
	genl_unregister_family(&ttp_netlink_family);
}
