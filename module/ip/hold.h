/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hold.h - faults on purpose, done to a packet: what ip/xmit.c and input/faulty.c ask of hold.c.
 *
 * Next: hold.c.
 */
#ifndef _TTP_HOLD_H
#define _TTP_HOLD_H

/* A fault on purpose that is to be done to a packet, and what it needs */
struct ttp_hold {
	struct ttp_fault_act act;
	struct ttp_path path;	/* how it goes from here, if it is sent; without a socket */
	union {
		struct held *held;	/* of "delay" and "reorder": where the packet is kept */
		struct sk_buff *copy;	/* of "duplicate" */
	};
};

/* What is to be done to a segment that is sent: with no fault, nothing.  A packet of many segments
 * was made before there was a fault.
 */
static inline void ttp_hold_find(const struct ttp_ep *ep, const struct ttp_seg *seg,
				 struct ttp_hold *hold)
{
	if (!ttp_fault_any(ep->tn) || seg->segs > 1 ||
	    !ttp_fault_find(ep->tn->net, TTP_DIRECTION_OUT, seg, ep->conn, &hold->act))
		hold->act.action = 0;
}

void ttp_hold_ready_out(const struct ttp_ep *ep, struct sock *sk, const struct ttp_path *path,
			struct sk_buff *skb, const struct ttp_seg *seg, struct ttp_hold *hold);
void ttp_hold_ready_in(const struct ttp_ep *ep, struct sk_buff *skb, const struct ttp_seg *seg,
		       struct ttp_hold *hold);
bool ttp_hold_out(const struct ttp_ep *ep, struct sk_buff *skb, const struct ttp_hold *hold);
bool ttp_hold_in(struct net *net, struct sk_buff *skb, const struct ttp_hold *hold);
void ttp_hold_release(struct net *net, enum ttp_direction direction, const struct ttp_key *key);
void ttp_hold_init_net(struct net *net);
void ttp_hold_exit_net(struct net *net);
void ttp_hold_init(void (*arrived)(struct net *net, struct sk_buff *skb));

#endif
