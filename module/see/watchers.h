/* SPDX-License-Identifier: GPL-2.0 */
/*
 * watchers.h - who is told of events.
 *
 * Next: watchers.c.
 */
#ifndef _TTP_SEE_WATCHERS_H
#define _TTP_SEE_WATCHERS_H

#include <linux/list.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <net/net_namespace.h>

struct sock;

/* The groups of netlink's listeners, by their place in the family */
enum ttp_group {
	TTP_GROUP_STATE,
	TTP_GROUP_SEGMENT,
	TTP_GROUP_CONG,
	TTP_GROUP_TIMER,
	TTP_GROUP_DATAGRAM,
	TTP_GROUP_TRACE,	/* no group: the tracepoint cong */
};

/* Events of one group for one watcher, which are to be sent in one message */
struct ttp_batch {
	struct ttp_watcher *watcher;	/* it is one of its batches */
	spinlock_t lock;	/* guards all of it */
	struct sk_buff *msg;	/* NULL: there are none */
	void *head;	/* of the message */
	u64 number;	/* of the next event */
	u32 lost;	/* events that could not be sent, and were not told of */
	struct timer_list timer;	/* when it is sent, full or not */
};

#define TTP_FILTERS_MAX	16	/* of a namespace */
#define TTP_PORTS_MAX	8	/* ranges of a filter */

/* Who is told of events: all who have joined a group, or a listener that has set a filter */
struct ttp_watcher {
	struct list_head list;	/* in ttp_net.watchers */
	struct net *net;
	struct sock *sk;	/* the listener's, held; NULL: who has joined */
	u32 portid;	/* of that socket */
	u32 groups;	/* of enum ttp_group, as bits */
	u32 nports;	/* how many ports; 0: any */
	struct ttp_ports {
		u16 first;
		u16 last;
	} ports[TTP_PORTS_MAX];	/* of either end */
	struct ttp_batch batches[TTP_GROUP_TRACE];	/* by enum ttp_group */
};

#endif
