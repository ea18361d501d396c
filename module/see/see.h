/* SPDX-License-Identifier: GPL-2.0 */
/*
 * see.h - what there is to see: who tells of it, and who asks.
 *
 * ttp.h includes it, for it needs what ttp.h has.
 *
 * Next: observe.c.
 */
#ifndef _TTP_SEE_H
#define _TTP_SEE_H

/* observe.c also answers ttp_observe_state() and ttp_count() of core/queue.h */

/* watchers.c */
void ttp_netlink_look(struct ttp_net *tn);

/* To which groups does somebody listen?  Asked for each segment, so it is looked up once in a
 * jiffy, or if nobody was there in a second: whoever has joined one and may miss nothing makes a
 * request (%TTP_CMD_MIB_GET).
 * Return: a bit for each enum ttp_group.
 */
static inline u32 ttp_netlink_watched(struct ttp_net *tn)
{
	if (unlikely(time_before(READ_ONCE(tn->watched_at), jiffies)))
		ttp_netlink_look(tn);
	return READ_ONCE(tn->watched);
}

void ttp_netlink_net_init(struct net *net);
void ttp_netlink_net_exit(struct net *net);
void ttp_netlink_flush(struct net *net);

/* events.c */
void ttp_netlink_state(struct ttp_ep *ep, u8 from, const struct ttp_cause *cause);
void ttp_netlink_sent(struct ttp_ep *ep, const struct ttp_seg *seg, bool retransmission,
		      const struct ttp_fault_act *fault);
void ttp_netlink_fault(struct ttp_ep *ep, const struct ttp_seg *seg,
		       const struct ttp_fault_act *act);
void ttp_netlink_tell_arrived(struct ttp_ep *ep, const struct ttp_seg *seg, u64 time_ns,
			      enum ttp_mib drop, const char *answer);

/* The same, if somebody listens */
static inline void ttp_netlink_arrived(struct ttp_ep *ep, const struct ttp_seg *seg, u64 time_ns,
				       enum ttp_mib drop, const char *answer)
{
	if (unlikely(ttp_netlink_watched(ep->tn) & BIT(TTP_GROUP_SEGMENT)))
		ttp_netlink_tell_arrived(ep, seg, time_ns, drop, answer);
}

/* changes.c */
static inline u32 ttp_changes_watched(const struct sock *sk)
{
	return ttp_netlink_watched(ttp_sk_net(sk)) &
	       (BIT(TTP_GROUP_CONG) | BIT(TTP_GROUP_TIMER) | BIT(TTP_GROUP_TRACE));
}

void ttp_changes_tell(struct sock *sk, u32 watched);
void ttp_changes_fired(struct sock *sk, u64 now);

/* fault.c; fault.h has the rest */

/* Has the namespace faults?  Asked for each segment. */
static inline bool ttp_fault_any(const struct ttp_net *tn)
{
	return unlikely(READ_ONCE(tn->faults.n));
}

/* Does it hold packets back?  Asked for each segment, too. */
static inline bool ttp_fault_holds(const struct ttp_net *tn)
{
	return unlikely(READ_ONCE(tn->faults.held.n));
}

/* Has it either?  Asked for each segment that arrives. */
static inline bool ttp_fault_on(const struct ttp_net *tn)
{
	return ttp_fault_any(tn) || ttp_fault_holds(tn);
}

/* trace.c */
void ttp_trace_done(struct net *net, struct sk_buff *skb, enum ttp_mib drop);
void ttp_trace_drop(struct net *net, struct sk_buff *skb, enum skb_drop_reason reason);
void ttp_trace_fault(struct net *net, struct sk_buff *skb);

/* walk.c */

/* A walk over every listener and connection of a namespace */
struct ttp_walk {
	struct ttp_net *tn;	/* the namespace */
	/* the slot that it is in: of sockets in no table, then of listeners; beyond the last one:
	 * past them
	 */
	unsigned int slot;
	u64 before;	/* of this slot, those with a smaller number are still to come */
	struct ttp_place *last;	/* what came last, while the walk is in a slot; else NULL */
	u64 number;	/* its number */
	struct rhashtable_iter iter;	/* after the listeners, the connection table */
	u32 rewinds;	/* how often connections have begun to come again */
	u32 passed;	/* end points, in all */
};

void ttp_walk_begin(struct net *net, struct ttp_walk *w);
void ttp_walk_idle_too(struct ttp_walk *w);
struct ttp_ep *ttp_walk_start(struct ttp_walk *w) __acquires(RCU);
struct ttp_ep *ttp_walk_next(struct ttp_walk *w);
void ttp_walk_stop(struct ttp_walk *w) __releases(RCU);
struct ttp_ep *ttp_walk_find(struct net *net, bool (*meant)(struct ttp_ep *ep, void *arg),
			     void *arg);
void ttp_walk_end(struct ttp_walk *w);

/* snapshot.c */

/* An end point at one moment.  Taken without its lock: each value is right, but not all
 * need be of the same moment.
 */
struct ttp_snapshot {
	struct ttp_key key;
	struct ttp_conn conn;
	const struct ttp_tcb *tcb;	/* the copy; NULL for a small kind */
	struct ttp_tcb copy;
	struct ttp_flow flow;	/* the same, if there is one */
	unsigned long pacing_rate;
	enum ttp_tm timer;
	u32 timer_ms;			/* 0: none runs */
	u32 rqueue;
	u32 wqueue;
	u32 ofo;
	u32 synq;
	u8 retransmits;
	kuid_t uid;
	u32 inode;
	u32 snd_nxt;
	u32 rcv_nxt;
};

void ttp_snapshot_ep(struct ttp_ep *ep, struct ttp_snapshot *snap);
extern const u8 ttp_snapshot_timers[TTP_TM_MAX];
enum ttp_timer ttp_snapshot_timer(const struct ttp_snapshot *snap);

/* info.c */
struct tcp_info;
void ttp_info(struct sock *sk, struct tcp_info *info);
u8 ttp_info_options(const struct ttp_options *opt);

/* procfs.c */
int ttp_procfs_init(struct net *net);
void ttp_procfs_put_ends(struct seq_file *seq, const struct ttp_key *key);
void ttp_procfs_exit(struct net *net);

/* netlink.c */
int ttp_netlink_init(int (*destroy)(struct net *net, u64 id));
void ttp_netlink_exit(void);

#endif
