/* SPDX-License-Identifier: GPL-2.0 */
/*
 * net.h - what belongs to one network namespace, and not to one of its connections.
 *
 * ttp.h has the order in which the locks nest.
 *
 * Next: net.c, which makes and ends it.
 */
#ifndef _TTP_NET_H
#define _TTP_NET_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/timer.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/snmp.h>

#include "core/core.h"
#include "see/fault.h"
#include "see/watchers.h"

#define TTP_BOUND_SLOTS		4096	/* of listeners, and of datagram sockets */
#define TTP_IDLE_SLOTS		256
#define TTP_PORT_COUNTERS	1024	/* of RFC 6056's algorithm 4 */

union ttp_addr {
	__be32 v4;
	struct in6_addr v6;
};

#define TTP_FASTOPEN_KEY_LEN	16	/* bytes */

/* The keys with which a server makes Fast Open cookies */
struct ttp_fastopen_keys {
	struct rcu_head rcu;
	int n;	/* how many there are; new cookies are made with the first */
	u8 bytes[2][TTP_FASTOPEN_KEY_LEN];
};

/* What a server has told a client */
struct ttp_fastopen_peer {
	union ttp_addr local;
	union ttp_addr remote;
	u16 mss;	/* most data of a segment that it takes */
	struct ttp_cookie cookie;
};

struct ttp_fastopen_peers {
	spinlock_t lock;	/* guards slot */
	struct ttp_fastopen_peer slot[256];
};

struct ttp_counters {
	unsigned long mibs[TTP_MIB_MAX];
};

/* One for each row of ttp_transitions[]; sized so that fsm.c may grow. */
#define TTP_TRANSITIONS_MAX	40

struct ttp_taken {
	unsigned long mibs[TTP_TRANSITIONS_MAX];
};

/* Some of the sockets that neither listen nor are connected; which, their place in memory says */
struct ttp_idle {
	spinlock_t lock;	/* guards changes; readers are under RCU */
	struct hlist_head socks;	/* sorted: the latest first */
	u64 last;	/* number of the latest */
};

/* A port in use */
struct ttp_port {
	u16 num;	/* its number, host byte order */
	bool bound;	/* it was bound by bind(), so connect() must not choose it */
	/* end points, linked by ttp_ep.port_node, or datagram sockets (datagram/table.c) */
	struct hlist_head owners;
};

/* Datagram sockets that have a port */
struct ttp_datagrams {
	struct xarray ports;	/* who has which; its lock guards changes of all of this */
	struct hlist_head *slots;	/* as ttp_net.listeners; the latest first */
};

#define TTP_ISN_LAB_MAX	16

enum ttp_isn_mode {
	TTP_ISN_RFC6528,
	TTP_ISN_CLOCK,
	TTP_ISN_FIXED,
};

/* Lab mode: net.ttp.isn */
struct ttp_isn_lab {
	spinlock_t lock;	/* guards all of it */
	u8 mode;	/* enum ttp_isn_mode; read without the lock */
	u8 n;	/* numbers in isn */
	u8 next;	/* the first that was not used */
	u32 isn[TTP_ISN_LAB_MAX];	/* of the next connections */
};

/* Everything that belongs to one network namespace */
struct ttp_net {
	struct net *net;	/* the namespace */
	struct ttp_config cfg;	/* sysctls */
	struct ttp_isn_lab isn_lab;
	int port_range[2];	/* ephemeral ports: the first, the last */
	int rmem[3];	/* least, default and largest receive buffer */
	int wmem[3];	/* the same for sending */
	u32 l3mdev_accept;	/* a listener bound to no device takes segments of all VRFs */
	u32 fwmark_accept;	/* a child has the mark of its SYN, if its listener has none */
	struct rhashtable conns;	/* connection table */
	/* TTP_BOUND_SLOTS of them, by port and address (ttp_local_slot()), under RCU */
	struct hlist_head *listeners;
	spinlock_t listen_lock;	/* guards changes of listeners */
	u64 last_listener;	/* number of the latest; guarded by listen_lock */
	struct ttp_idle *idle;	/* TTP_IDLE_SLOTS of them */
	struct xarray ports;	/* those in use: struct ttp_port by number; has a lock of its own */
	/* ephemeral ports: where connect() begins to search, each for some destinations */
	u16 port_next[TTP_PORT_COUNTERS];
	struct ttp_datagrams datagrams;
	struct ttp_counters __percpu *mib;	/* counters */
	struct ttp_taken __percpu *taken;	/* how often each transition was taken */
	struct ttp_fastopen_keys __rcu *fastopen_keys;
	struct ttp_fastopen_peers *peers;	/* cookies of servers */
	u64 fastopen_paused;	/* when Fast Open was given up for a while, jiffies */
	u32 fastopen_pauses;	/* how often */
	struct list_head history;	/* struct ttp_history, the oldest first; under RCU */
	spinlock_t history_lock;	/* guards it, and what is in it */
	u32 nhistory;	/* how many */
	u64 last_history;	/* number of the latest */
	unsigned long watched_at;	/* when watched was looked up, in jiffies */
	u32 watched;	/* of ttp_netlink_watched(), which writes both, under watched_lock */
	spinlock_t watched_lock;
	struct ttp_watcher everybody;	/* who has joined the groups */
	unsigned long deaf[TTP_GROUP_TRACE];	/* when nobody was there, in jiffies */
	unsigned long heard;	/* when somebody was told of an event */
	struct list_head watchers;	/* it, and who has filters; under RCU */
	spinlock_t watchers_lock;	/* guards changes of watchers */
	atomic_t orphans;	/* sockets without a user */
	atomic_t timewaits;	/* connections in TIME_WAIT */
	/* congestion control of new sockets; its module is held */
	const struct ttp_cong_ops *cong;
	struct sock *ctl;	/* the control socket: sends what belongs to no socket */
	struct ttp_faults faults;
	struct proc_dir_entry *proc;	/* /proc/net/ttp */
	struct ctl_table_header *sysctl;	/* /proc/sys/net/ttp */
	struct ctl_table *sysctl_table;
};

extern unsigned int ttp_net_id;

/* The part of a network namespace that is TTP's; never NULL between init and exit. */
static inline struct ttp_net *ttp_net(const struct net *net)
{
	return net_generic(net, ttp_net_id);
}

/* The same where RCU is held, as it is while a packet arrives */
static inline struct ttp_net *ttp_net_rcu(const struct net *net)
{
	return rcu_dereference(net->gen)->ptr[ttp_net_id];
}

/* Count one; %TTP_MIB_NONE is not counted. */
static inline void ttp_mib_inc(struct ttp_net *tn, enum ttp_mib mib)
{
	if (mib < TTP_MIB_MAX)
		SNMP_INC_STATS(tn->mib, mib);
}

/* Count @n. */
static inline void ttp_mib_add(struct ttp_net *tn, enum ttp_mib mib, unsigned long n)
{
	SNMP_ADD_STATS(tn->mib, mib, n);
}

#endif
