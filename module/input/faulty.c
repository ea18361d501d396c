// SPDX-License-Identifier: GPL-2.0
/*
 * faulty.c - faults on purpose, done to what arrives: segments are dropped, delayed,
 * duplicated, changed before anything else sees them.
 *
 * Called by recv.c, for each packet while there is a fault. Context: softirq under RCU.
 *
 * Next: see/fault.c for which fault is done to which segment, ip/hold.c for those that keep
 * a packet.
 */
#include TTP_GSO_H

#include "ttp.h"

/* What faults ask of the connection that a segment is for; without its lock, so all need not
 * be of the same moment.
 */
static void connection_of(struct net *net, struct sk_buff *skb, const struct ttp_key *key,
			  struct ttp_conn *conn)
{
	struct ttp_ep *ep = ttp_demux_find(ttp_net_rcu(net), key, ttp_ip_iif(skb),
					   ttp_ip_sdif(skb));

	*conn = (struct ttp_conn){ .state = TTP_CLOSED, .kind = TTP_KIND_NONE };
	if (!ep)
		return;
	conn->id = READ_ONCE(ep->conn->id);
	conn->state = READ_ONCE(ep->conn->state);
	conn->iss = READ_ONCE(ep->conn->iss);
	conn->irs = READ_ONCE(ep->conn->irs);
	ttp_demux_put(ep);
}

/* A segment arrives, and behind it what a fault lets come behind the next one. */
static void take_and_release(struct net *net, const struct ttp_key *key, struct sk_buff *skb)
{
	ttp_recv_take(net, skb);
	if (ttp_fault_holds(ttp_net(net)))
		ttp_hold_release(net, TTP_DIRECTION_IN, key);
}

/* Faults on purpose: @skb is one segment.  One that cannot be read has none. */
static void take_segment(struct net *net, struct sk_buff *skb)
{
	struct ttp_conn conn;
	struct ttp_ep ep = { .tn = ttp_net(net), .conn = &conn };
	struct ttp_hold hold;
	struct ttp_seg seg;
	int len = -1;

	if (pskb_may_pull(skb, TTP_HDR_LEN))
		len = ttp_wire_hdrlen(skb->data, skb->len);
	if (len < 0 || !pskb_may_pull(skb, len) || ttp_wire_parse(skb->data, len, skb->len, &seg)) {
		ttp_recv_take(net, skb);
		return;
	}
	ttp_ip_key(skb, &ep.key);
	connection_of(net, skb, &ep.key, &conn);
	hold.act.action = 0;
	if (ttp_fault_any(ttp_net(net)) &&
	    ttp_fault_find(net, TTP_DIRECTION_IN, &seg, &conn, &hold.act))
		ttp_hold_ready_in(&ep, skb, &seg, &hold);
	/* what arrives all the same says so then */
	if (hold.act.action == TTP_FAULT_ACTION_DROP || hold.act.action == TTP_FAULT_ACTION_CORRUPT)
		ttp_netlink_fault(&ep, &seg, &hold.act);
	if (!hold.act.action || !ttp_hold_in(net, skb, &hold))
		take_and_release(net, &ep.key, skb);
}

/* A packet of many segments, from a device that hands it on whole: cut it, as UDP does.  Without
 * memory it is lost.
 */
static struct sk_buff *cut(struct net *net, struct sk_buff *skb)
{
	struct sk_buff *segs;

	__skb_push(skb, -skb_mac_offset(skb));
	segs = __skb_gso_segment(skb, NETIF_F_SG, false);
	if (IS_ERR_OR_NULL(segs)) {
		ttp_mib_inc(ttp_net(net), TTP_MIB_FAULT_NO_MEMORY);
		ttp_trace_done(net, skb, TTP_MIB_FAULT_NO_MEMORY);
		return NULL;
	}
	consume_skb(skb);
	return segs;
}

/**
 * ttp_faulty_take - take a packet from IP, to each of whose segments a fault may be done
 * @net: network namespace
 * @skb: skb->data is at our header; consumed
 *
 * Context: softirq under RCU.
 */
void ttp_faulty_take(struct net *net, struct sk_buff *skb)
{
	struct sk_buff *next;

	if (!skb_is_gso(skb)) {
		take_segment(net, skb);
		return;
	}
	skb_list_walk_safe(cut(net, skb), skb, next) {
		skb_mark_not_on_list(skb);
		__skb_pull(skb, skb_transport_offset(skb));
		take_segment(net, skb);
	}
}
