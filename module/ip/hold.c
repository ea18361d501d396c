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
 * Called by xmit.c and input/recv.c. Context: any.
 * Locks: ttp_faults.lock guards the list; a packet goes without it.
 *
 * Next: see/fault.c, which says what is to be done to which segment.
 */
#include <linux/netfilter.h>
#include <linux/netdevice.h>

#include "ttp.h"

#define REORDER_MS	1000	/* at most: there may be no next one */

struct held {
	struct list_head list;	/* in ttp_held.list */
	struct sk_buff *skb;
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
	struct rtable *rt = ttp_ipv4_route(net, key, path, NULL);

	if (IS_ERR(rt)) {
		ttp_mib_inc(net, TTP_MIB_OUT_ERRORS);
		kfree_skb(skb);
		return;
	}
	skb->mark = path->mark;
	skb->priority = path->priority;
	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	ttp_ipv4_put_header(net, skb, key, path);
	ip_local_out(net, ttp_net(net)->ctl, skb);
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
	held->bytes -= h->skb->truesize;
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

/* ---- hold ---- */

/* Put @h in its place; the lock is held. */
static void insert(struct ttp_held *held, struct held *h)
{
	struct held *before;

	list_for_each_entry_reverse(before, &held->list, list)
		if (!ktime_after(before->due, h->due))
			break;
	list_add(&h->list, &before->list);
	WRITE_ONCE(held->n, held->n + 1);
	held->bytes += h->skb->truesize;
	arm(held);
}

/* Hold a packet, which leaves its owners.
 * Return: false if it cannot be held, and then goes on at once.
 */
static bool hold(struct net *net, const struct held *what, const struct ttp_fault_act *act)
{
	struct ttp_faults *all = &ttp_net(net)->faults;
	struct held *h;
	bool ok;

	skb_orphan(what->skb);
	/* a user's pages (MSG_ZEROCOPY) are not held */
	if (skb_orphan_frags_rx(what->skb, GFP_ATOMIC))
		return false;
	h = kmemdup(what, sizeof(*h), GFP_ATOMIC);
	if (!h) {
		ttp_mib_inc(net, TTP_MIB_FAULT_NO_ROOM);
		return false;
	}
	h->until_next = act->action == TTP_FAULT_ACTION_REORDER;
	h->due = ktime_add_ms(ktime_get(), h->until_next ? REORDER_MS : act->value);
	spin_lock_bh(&all->lock);
	ok = ttp_fault_room(all);
	if (ok)
		insert(&all->held, h);
	spin_unlock_bh(&all->lock);
	if (!ok)
		kfree(h);
	return ok;
}

/* Invert its last bit: of the data, or without data of the header.  Neither is one of the
 * ports, and a retransmission does not share it any more.
 * @skb: its checksum is complete, and will be verified
 */
static void damage(struct sk_buff *skb)
{
	if (!skb_ensure_writable(skb, skb->len))
		skb->data[skb->len - 1] ^= 1;
	else if (!skb_ensure_writable(skb, TTP_HDR_LEN))	/* no memory: of the checksum */
		skb->data[17] ^= 1;
}

/**
 * ttp_hold_out - do to a packet that is sent what a fault asks for
 * @net: network namespace
 * @key: its 4-tuple
 * @path: how it is sent, if it is sent from here; without a socket
 * @skb: one segment; skb->data is at our header; the checksum is complete
 * @act: what is to be done; if it is "set", it was done before the checksum was made
 *
 * Context: any; the lock that guards the connection is held.
 * Return: true, and the packet is consumed; else it is to be sent.
 */
bool ttp_hold_out(struct net *net, const struct ttp_key *key, const struct ttp_path *path,
		  struct sk_buff *skb, const struct ttp_fault_act *act)
{
	struct held what = {
		.skb = skb, .direction = TTP_DIRECTION_OUT, .key = *key, .path = *path,
	};
	struct sk_buff *copy;

	switch ((enum ttp_fault_action)act->action) {
	case TTP_FAULT_ACTION_DROP:
		kfree_skb(skb);
		return true;
	case TTP_FAULT_ACTION_DELAY:
	case TTP_FAULT_ACTION_REORDER:
		return hold(net, &what, act);
	case TTP_FAULT_ACTION_DUPLICATE:
		copy = pskb_copy(skb, GFP_ATOMIC);
		if (copy)
			send(net, copy, key, path);
		return false;
	case TTP_FAULT_ACTION_CORRUPT:
		damage(skb);
		return false;
	case TTP_FAULT_ACTION_SET:
		return false;
	}
	return false;
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

static void rewrite_in(struct sk_buff *skb, const struct ttp_key *key, const struct ttp_seg *seg,
		       const struct ttp_conn *conn, const struct ttp_fault_act *act)
{
	if (skb_ensure_writable(skb, TTP_HDR_LEN))
		return;
	ttp_fault_rewrite(skb->data, act, seg->flags & TTP_SYN ? seg->seq : conn->irs, conn->iss);
	skb->csum_valid = 0;
	ttp_ipv4_checksum(skb, key, true);
	skb_orphan(skb);	/* it may be another connection's now */
	ttp_ipv4_set_fault(skb, act);
}

static bool hold_in(struct net *net, const struct ttp_key *key, struct sk_buff *skb,
		    const struct ttp_fault_act *act)
{
	struct net_device *dev = skb->dev;
	struct held what = {
		.skb = skb, .direction = TTP_DIRECTION_IN, .key = *key, .ifindex = dev->ifindex,
	};

	if (!skb_dst_force(skb))
		return false;
	nf_reset_ct(skb);
	ttp_ipv4_set_fault(skb, act);
	skb->dev = NULL;	/* it may be gone by then */
	if (hold(net, &what, act))
		return true;
	skb->dev = dev;
	return false;
}

/* A copy arrives; that @skb came before is said of @skb. */
static void duplicate_in(struct net *net, struct sk_buff *skb, const struct ttp_fault_act *act)
{
	struct sk_buff *copy = skb_copy(skb, GFP_ATOMIC);	/* with IP's header before it */

	if (!copy)
		return;
	deliver(net, copy);
	ttp_ipv4_set_fault(skb, act);
}

/**
 * ttp_hold_in - do to a packet that arrives what a fault asks for
 * @net: network namespace
 * @key: its 4-tuple
 * @conn: what is known of its connection
 * @skb: skb->data is at our header, all of which is linear
 * @seg: one segment: what is in the header
 * @act: what is to be done
 *
 * Context: softirq under RCU.
 * Return: true, and the packet is consumed; else it is to be processed.
 */
bool ttp_hold_in(struct net *net, const struct ttp_key *key, const struct ttp_conn *conn,
		 struct sk_buff *skb, const struct ttp_seg *seg, const struct ttp_fault_act *act)
{
	switch ((enum ttp_fault_action)act->action) {
	case TTP_FAULT_ACTION_DROP:
		ttp_trace_fault(net, skb);
		return true;
	case TTP_FAULT_ACTION_DELAY:
	case TTP_FAULT_ACTION_REORDER:
		return hold_in(net, key, skb, act);
	case TTP_FAULT_ACTION_DUPLICATE:
		duplicate_in(net, skb, act);
		return false;
	case TTP_FAULT_ACTION_CORRUPT:
		if (sum_now(skb))
			damage(skb);
		return false;
	case TTP_FAULT_ACTION_SET:
		rewrite_in(skb, key, seg, conn, act);
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
	hrtimer_init(&held->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_SOFT);
	held->timer.function = fire;
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
	list_for_each_entry_safe(h, next, &lost, list) {
		kfree_skb(h->skb);
		kfree(h);
	}
}

/* @arrived: takes a packet that was held when it arrived; under RCU, with softirqs off */
void ttp_hold_init(void (*arrived)(struct net *net, struct sk_buff *skb))
{
	deliver = arrived;
}
