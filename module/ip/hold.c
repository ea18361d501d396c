// SPDX-License-Identifier: GPL-2.0
/*
 * hold.c - faults on purpose, done to a packet: it is lost, damaged, changed, duplicated, or
 * held back for some time or until the next one has gone.
 *
 * A packet that is held belongs to no socket any more, as one on its way through a network
 * does: no socket, no device and no conntrack entry waits for it.  A timer sends it, with a
 * route of its own and without the user's IP options, or hands it on as if it came now.
 * How many a namespace holds is bounded (ttp_fault_room()), and for how long.
 *
 * A namespace that ends frees what it holds, after its devices and before its tables
 * (conns_exit()); so does the module.  Nothing is held from then on.
 *
 * Called by xmit.c and input/faulty.c. Context: any.
 * Locks: ttp_faults.lock guards the list; a packet goes without it.
 *
 * Next: see/fault.c, which says what is to be done to which segment.
 */
#include <linux/netfilter.h>
#include <linux/netdevice.h>
#include <net/inet_ecn.h>

#include "ttp.h"

#define REORDER_MS	1000	/* at most: there may be no next one */

struct held {
	struct list_head list;	/* in ttp_held.list */
	struct sk_buff *skb;
	u32 bytes;	/* of memory that it was counted with */
	ktime_t due;	/* when it goes */
	bool until_next;	/* it goes behind the next one of its connection, too */
	u8 direction;	/* enum ttp_direction */
	struct ttp_key key;	/* 4-tuple */
	struct ttp_path path;	/* of one that is sent: how */
	int ifindex;	/* of one that arrives: where */
};

static void (*deliver)(struct net *net, struct sk_buff *skb) __read_mostly;

/* ---- go on ---- */

static void send(struct net *net, struct sk_buff *skb, const struct ttp_key *key,
		 const struct ttp_path *path)
{
	struct dst_entry *dst = ttp_ip_route(net, key, path);

	if (IS_ERR(dst)) {
		ttp_mib_inc(ttp_net(net), TTP_MIB_OUT_ERRORS);
		kfree_skb(skb);
		return;
	}
	skb->mark = path->mark;
	skb->priority = path->priority;
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	ttp_ip_out(net, ttp_net(net)->ctl, skb, key, path);
}

/* The device may be gone. */
static void arrive(struct net *net, struct sk_buff *skb, int ifindex)
{
	rcu_read_lock();
	skb->dev = dev_get_by_index_rcu(net, ifindex);
	if (skb->dev)
		deliver(net, skb);
	else
		ttp_trace_drop(net, skb, SKB_DROP_REASON_NOT_SPECIFIED);
	rcu_read_unlock();
}

/* They are in no list any more, and softirqs are off. */
static void go(struct net *net, struct list_head *all)
{
	struct held *h, *next;

	list_for_each_entry_safe(h, next, all, list) {
		if (h->direction == TTP_DIRECTION_OUT)
			send(net, h->skb, &h->key, &h->path);
		else
			arrive(net, h->skb, h->ifindex);
		kfree(h);
	}
}

/* The lock is held. */
static void arm(struct ttp_held *held)
{
	struct held *first = list_first_entry_or_null(&held->list, struct held, list);

	if (first)
		hrtimer_start(&held->timer, first->due, HRTIMER_MODE_ABS_SOFT);
}

/* Take a packet out of the list; the lock is held. */
static void take_out(struct ttp_held *held, struct held *h, struct list_head *to)
{
	list_move_tail(&h->list, to);
	WRITE_ONCE(held->n, held->n - 1);
	held->bytes -= h->bytes;
}

/* They are in no list any more, and are lost. */
static void forget(struct list_head *all)
{
	struct held *h, *next;

	list_for_each_entry_safe(h, next, all, list) {
		kfree_skb(h->skb);
		kfree(h);
	}
}

static enum hrtimer_restart fire(struct hrtimer *timer)
{
	struct ttp_held *held = container_of(timer, struct ttp_held, timer);
	struct ttp_faults *all = container_of(held, struct ttp_faults, held);
	ktime_t now = ktime_get();
	struct held *h, *next;
	LIST_HEAD(due);

	spin_lock(&all->lock);
	list_for_each_entry_safe(h, next, &held->list, list) {
		if (ktime_after(h->due, now))
			break;
		take_out(held, h, &due);
	}
	arm(held);
	spin_unlock(&all->lock);
	go(held->net, &due);
	return HRTIMER_NORESTART;
}

/**
 * ttp_hold_release - a segment has gone: what was to come behind it goes now
 * @net: network namespace
 * @direction: of the segment
 * @key: its 4-tuple
 *
 * Context: any; the lock of the connection may be held if @direction is out.
 */
void ttp_hold_release(struct net *net, enum ttp_direction direction, const struct ttp_key *key)
{
	struct ttp_faults *all = &ttp_net(net)->faults;
	struct held *h, *next;
	LIST_HEAD(due);

	local_bh_disable();
	spin_lock(&all->lock);
	list_for_each_entry_safe(h, next, &all->held.list, list)
		if (h->until_next && h->direction == direction &&
		    !memcmp(&h->key, key, sizeof(*key)))
			take_out(&all->held, h, &due);
	spin_unlock(&all->lock);
	go(net, &due);
	local_bh_enable();
}

/* ---- get ready ----
 *
 * What a fault needs is got before anything says that it is done.  Without memory it is not
 * done, the segment passes, and this is what is counted (FaultNoMemory).
 */

/* Take the room for a packet that will be held: a place, and its memory. */
static bool reserve(struct ttp_faults *all, u32 bytes)
{
	bool ok;

	spin_lock_bh(&all->lock);
	ok = ttp_fault_room(all);
	if (ok) {
		WRITE_ONCE(all->held.n, all->held.n + 1);
		all->held.bytes += bytes;
	}
	spin_unlock_bh(&all->lock);
	return ok;
}

/* Get what it takes to hold @skb.
 * @what: all but the packet itself, and when it goes
 * Return: what is lacking, or %TTP_MIB_NONE.
 */
static enum ttp_mib ready_to_hold(struct net *net, struct sk_buff *skb, const struct held *what,
				  struct ttp_hold *hold)
{
	/* a user's pages (MSG_ZEROCOPY) are not held */
	if (skb_orphan_frags_rx(skb, GFP_ATOMIC))
		return TTP_MIB_FAULT_NO_MEMORY;
	hold->held = kmemdup(what, sizeof(*what), GFP_ATOMIC);
	if (!hold->held)
		return TTP_MIB_FAULT_NO_MEMORY;
	hold->held->bytes = skb->truesize;
	if (reserve(&ttp_net(net)->faults, skb->truesize))
		return TTP_MIB_NONE;
	kfree(hold->held);
	return TTP_MIB_FAULT_NO_ROOM;
}

/* Invert its last bit: of the data, or without data of the header.  Neither is one of the
 * ports, and a retransmission does not share it any more.
 * @skb: its checksum is complete, and will be verified
 * Return: false without memory.
 */
static bool damage(struct sk_buff *skb)
{
	if (!skb_ensure_writable(skb, skb->len))
		skb->data[skb->len - 1] ^= 1;
	else if (!skb_ensure_writable(skb, TTP_HDR_LEN))	/* no memory: of the checksum */
		skb->data[17] ^= 1;
	else
		return false;
	return true;
}

static enum ttp_mib ready_out(const struct ttp_ep *ep, struct sk_buff *skb, struct ttp_hold *hold)
{
	const struct held what = {
		.direction = TTP_DIRECTION_OUT, .key = ep->key, .path = hold->path,
	};
	bool ok = true;

	switch ((enum ttp_fault_action)hold->act.action) {
	case TTP_FAULT_ACTION_DELAY:
	case TTP_FAULT_ACTION_REORDER:
		return ready_to_hold(ep->tn->net, skb, &what, hold);
	case TTP_FAULT_ACTION_DUPLICATE:
		hold->copy = pskb_copy(skb, GFP_ATOMIC);
		ok = hold->copy;
		break;
	case TTP_FAULT_ACTION_CORRUPT:
		ok = damage(skb);
		break;
	case TTP_FAULT_ACTION_DROP:
	case TTP_FAULT_ACTION_SET:
		break;
	}
	return ok ? TTP_MIB_NONE : TTP_MIB_FAULT_NO_MEMORY;
}

/* How a packet of @sk, or of no socket by @path, goes on its own */
static struct ttp_path path_of(const struct ttp_ep *ep, struct sock *sk,
			       const struct ttp_path *path, const struct ttp_seg *seg)
{
	struct ttp_path own = sk ? ttp_ip_path(sk, ep->key.family) : *path;

	own.sk = NULL;	/* of which who holds the packet has no reference */
	if (seg->ect)
		own.tos |= INET_ECN_ECT_0;
	return own;
}

/**
 * ttp_hold_ready_out - get what a fault needs, for a packet that is sent
 * @ep: the connection; or a 4-tuple that has no connection
 * @sk: whose packet it is; or %NULL
 * @path: how one of no socket is sent
 * @skb: one segment; skb->data is at our header; its checksum is made here
 * @seg: what is in the header
 * @hold: of ttp_hold_find(): its act is what is to be done.  Without memory or room it becomes
 *	none.  Its path is filled in.
 *
 * Context: any; the lock that guards the connection is held.
 */
void ttp_hold_ready_out(const struct ttp_ep *ep, struct sock *sk, const struct ttp_path *path,
			struct sk_buff *skb, const struct ttp_seg *seg, struct ttp_hold *hold)
{
	if (hold->act.action == TTP_FAULT_ACTION_SET)
		ttp_fault_rewrite(skb->data, &hold->act, ep->conn->iss, ep->conn->irs);
	ttp_ip_checksum(skb, &ep->key, true);
	hold->path = path_of(ep, sk, path, seg);
	ttp_fault_done(ep->tn->net, &hold->act, ready_out(ep, skb, hold));
}

/* Nobody needs to sum up what came from this host; but a change must be found. */
static bool sum_now(struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return false;
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum_valid = 0;
	return true;
}

static bool rewrite_in(struct sk_buff *skb, const struct ttp_key *key, const struct ttp_seg *seg,
		       const struct ttp_conn *conn, const struct ttp_fault_act *act)
{
	if (skb_ensure_writable(skb, TTP_HDR_LEN))
		return false;
	ttp_fault_rewrite(skb->data, act, seg->flags & TTP_SYN ? seg->seq : conn->irs, conn->iss);
	skb->csum_valid = 0;
	ttp_ip_checksum(skb, key, true);
	skb_orphan(skb);	/* it may be another connection's now */
	return true;
}

static enum ttp_mib ready_in(const struct ttp_ep *ep, struct sk_buff *skb,
			     const struct ttp_seg *seg, struct ttp_hold *hold)
{
	const struct held what = {
		.direction = TTP_DIRECTION_IN, .key = ep->key, .ifindex = skb->dev->ifindex,
	};
	bool ok = true;

	switch ((enum ttp_fault_action)hold->act.action) {
	case TTP_FAULT_ACTION_DELAY:
	case TTP_FAULT_ACTION_REORDER:
		if (skb_dst_force(skb))
			return ready_to_hold(ep->tn->net, skb, &what, hold);
		ok = false;
		break;
	case TTP_FAULT_ACTION_DUPLICATE:
		hold->copy = skb_copy(skb, GFP_ATOMIC);	/* with IP's header before it */
		ok = hold->copy;
		break;
	case TTP_FAULT_ACTION_CORRUPT:
		ok = sum_now(skb) && damage(skb);
		break;
	case TTP_FAULT_ACTION_SET:
		ok = rewrite_in(skb, &ep->key, seg, ep->conn, &hold->act);
		break;
	case TTP_FAULT_ACTION_DROP:
		break;
	}
	return ok ? TTP_MIB_NONE : TTP_MIB_FAULT_NO_MEMORY;
}

/**
 * ttp_hold_ready_in - get what a fault needs, for a packet that arrives
 * @ep: its 4-tuple, and what is known of its connection
 * @skb: skb->data is at our header, all of which is linear
 * @seg: one segment: what is in the header
 * @hold: its act is what is to be done.  Without memory or room it becomes none.
 *
 * What changes the packet is done here.
 *
 * Context: softirq under RCU.
 */
void ttp_hold_ready_in(const struct ttp_ep *ep, struct sk_buff *skb, const struct ttp_seg *seg,
		       struct ttp_hold *hold)
{
	ttp_fault_done(ep->tn->net, &hold->act, ready_in(ep, skb, seg, hold));
}

/* ---- do it ---- */

/* Put @h in its place; the lock is held. */
static void insert(struct ttp_held *held, struct held *h)
{
	struct held *before;

	list_for_each_entry_reverse(before, &held->list, list)
		if (!ktime_after(before->due, h->due))
			break;
	list_add(&h->list, &before->list);
	arm(held);
}

/* Hold a packet, which leaves its owners.  It is lost when the namespace has ended. */
static void hold_it(struct net *net, struct sk_buff *skb, const struct ttp_hold *hold)
{
	struct ttp_faults *all = &ttp_net(net)->faults;
	struct held *h = hold->held;
	LIST_HEAD(lost);

	skb_orphan(skb);
	h->skb = skb;
	h->until_next = hold->act.action == TTP_FAULT_ACTION_REORDER;
	h->due = ktime_add_ms(ktime_get(), h->until_next ? REORDER_MS : hold->act.value);
	spin_lock_bh(&all->lock);
	INIT_LIST_HEAD(&h->list);
	if (all->held.ended)
		take_out(&all->held, h, &lost);
	else
		insert(&all->held, h);
	spin_unlock_bh(&all->lock);
	forget(&lost);
}

/**
 * ttp_hold_out - do to a packet that is sent what a fault asks for
 * @ep: as for ttp_hold_ready_out()
 * @skb: likewise; it may have an owner and a route by now
 * @hold: of ttp_hold_ready_out()
 *
 * Context: any; the lock that guards the connection is held.
 * Return: true, and the packet is consumed; else it is to be sent.
 */
bool ttp_hold_out(const struct ttp_ep *ep, struct sk_buff *skb, const struct ttp_hold *hold)
{
	switch ((enum ttp_fault_action)hold->act.action) {
	case TTP_FAULT_ACTION_DROP:
		kfree_skb(skb);
		return true;
	case TTP_FAULT_ACTION_DELAY:
	case TTP_FAULT_ACTION_REORDER:
		hold_it(ep->tn->net, skb, hold);
		return true;
	case TTP_FAULT_ACTION_DUPLICATE:
		send(ep->tn->net, hold->copy, &ep->key, &hold->path);
		return false;
	case TTP_FAULT_ACTION_CORRUPT:
	case TTP_FAULT_ACTION_SET:
		return false;
	}
	return false;
}

/**
 * ttp_hold_in - do to a packet that arrives what a fault asks for
 * @net: network namespace
 * @skb: as for ttp_hold_ready_in()
 * @hold: of ttp_hold_ready_in()
 *
 * Context: softirq under RCU.
 * Return: true, and the packet is consumed; else it is to be processed.
 */
bool ttp_hold_in(struct net *net, struct sk_buff *skb, const struct ttp_hold *hold)
{
	switch ((enum ttp_fault_action)hold->act.action) {
	case TTP_FAULT_ACTION_DROP:
		ttp_trace_fault(net, skb);
		return true;
	case TTP_FAULT_ACTION_DELAY:
	case TTP_FAULT_ACTION_REORDER:
		nf_reset_ct(skb);
		ttp_ip_set_fault(skb, &hold->act);
		skb->dev = NULL;	/* it may be gone by then */
		hold_it(net, skb, hold);
		return true;
	case TTP_FAULT_ACTION_DUPLICATE:
		/* that @skb came before is said of @skb */
		deliver(net, hold->copy);
		ttp_ip_set_fault(skb, &hold->act);
		return false;
	case TTP_FAULT_ACTION_SET:
		ttp_ip_set_fault(skb, &hold->act);
		return false;
	case TTP_FAULT_ACTION_CORRUPT:
		return false;
	}
	return false;
}

/* A network namespace begins. */
void ttp_hold_init_net(struct net *net)
{
	struct ttp_held *held = &ttp_net(net)->faults.held;

	INIT_LIST_HEAD(&held->list);
	held->net = net;
	hrtimer_setup(&held->timer, fire, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
}

/* A network namespace ends: what is held is lost.  Context: process. */
void ttp_hold_exit_net(struct net *net)
{
	struct ttp_faults *all = &ttp_net(net)->faults;
	struct held *h, *next;
	LIST_HEAD(lost);

	spin_lock_bh(&all->lock);
	all->held.ended = true;
	list_for_each_entry_safe(h, next, &all->held.list, list)
		take_out(&all->held, h, &lost);
	spin_unlock_bh(&all->lock);
	hrtimer_cancel(&all->held.timer);	/* nobody arms it again: the list stays empty */
	forget(&lost);
}

/* @arrived: takes a packet that was held when it arrived; under RCU, with softirqs off */
void ttp_hold_init(void (*arrived)(struct net *net, struct sk_buff *skb))
{
	deliver = arrived;
}
