// SPDX-License-Identifier: GPL-2.0
/*
 * watchers.c - who is told of events, and how: all who have joined a group of the netlink
 * family, and each listener that has set a filter.
 *
 * A filter is looked at where the event is made.  A BPF program at the netlink socket could not
 * do it: a message has the events of some milliseconds, of many connections, and BPF can only
 * drop the whole.  So who filters is no member of a group, but has messages of its own, which
 * are sent to its socket, and numbers of its own: they count what passes its filter, so that a
 * gap is a loss here, too.
 *
 * Called by events.c, changes.c and datagrams.c, and by netlink.c and filter_netlink.c.
 * Context: any but hardirq, unless a function says otherwise.
 * Locks: ttp_net.watchers_lock guards changes of the list of watchers, which is read under RCU;
 * ttp_batch.lock what one of them is to get.
 *
 * Next: events.c for what there is to tell.
 */
#include <linux/netlink.h>
#include <net/genetlink.h>

#include "ttp.h"
#include "see/netlink.h"
#include "see/trace.h"

/* ---- who ---- */

static bool has(const struct ttp_watcher *w, u16 port)
{
	u32 i;

	for (i = 0; i < w->nports; i++)
		if (port >= w->ports[i].first && port <= w->ports[i].last)
			return true;
	return false;
}

static bool wants(const struct ttp_watcher *w, enum ttp_group group, const struct ttp_key *key)
{
	return READ_ONCE(w->groups) & BIT(group) &&
	       (!w->nports || has(w, ntohs(key->lport)) || has(w, ntohs(key->rport)));
}

/* Was it in the last @j jiffies? */
static bool just(unsigned long when, unsigned long j)
{
	return time_in_range(jiffies, when, when + j);
}

/**
 * ttp_netlink_look - look up who listens, for ttp_netlink_watched()
 * @tn: the namespace
 *
 * Context: any.
 */
void ttp_netlink_look(struct ttp_net *tn)
{
	u32 group, joined = 0, watched = trace_cong_enabled() ? BIT(TTP_GROUP_TRACE) : 0;
	const struct ttp_watcher *w;

	spin_lock_bh(&tn->watched_lock);
	for (group = TTP_GROUP_STATE; group < TTP_GROUP_TRACE; group++)
		if (!just(READ_ONCE(tn->deaf[group]), HZ) &&
		    genl_has_listeners(&ttp_netlink_family, tn->net, group))
			joined |= BIT(group);
	WRITE_ONCE(tn->everybody.groups, joined);
	rcu_read_lock();
	list_for_each_entry_rcu(w, &tn->watchers, list)
		watched |= w->groups;
	rcu_read_unlock();
	WRITE_ONCE(tn->watched, watched);
	WRITE_ONCE(tn->watched_at, jiffies);
	spin_unlock_bh(&tn->watched_lock);
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

static const u8 commands[TTP_GROUP_TRACE] = {
	[TTP_GROUP_STATE] = TTP_CMD_STATE_NTF,
	[TTP_GROUP_SEGMENT] = TTP_CMD_SEGMENT_NTF,
	[TTP_GROUP_CONG] = TTP_CMD_CONG_NTF,
	[TTP_GROUP_TIMER] = TTP_CMD_TIMER_NTF,
	[TTP_GROUP_DATAGRAM] = TTP_CMD_DATAGRAM_NTF,
};

static enum ttp_group group_of(const struct ttp_batch *b)
{
	return b - b->watcher->batches;
}

/* Not by its portid, which may be anybody's as soon as the socket is closed.  As netlink does, give
 * memory back that the message does not need, for all of it is charged to the reader; and tell
 * the reader by ENOBUFS if there is no room (also with NETLINK_NO_ENOBUFS, which is not seen here).
 */
static void put_into(struct sock *sk, struct sk_buff *msg)
{
	int spare = skb_tailroom(msg), err;

	if (2 * spare >= msg->truesize)	/* if that fails, it takes more */
		pskb_expand_head(msg, 0, -spare, GFP_ATOMIC | __GFP_NOWARN);
	err = sock_queue_rcv_skb(sk, msg);
	if (!err)
		return;
	nlmsg_free(msg);
	if (err == -EPERM)	/* the reader's SO_ATTACH_FILTER */
		return;
	WRITE_ONCE(sk->sk_err, ENOBUFS);
	sk_error_report(sk);
}

/* @b is locked.  What cannot be put into the listener's socket is a gap in its numbers.
 * genl_has_listeners() means those of all namespaces: if they are all in others, no more events
 * are made here for a second, or until somebody makes a request.  -ESRCH says so, but it also
 * says that the one listener's socket is full, if only of another group: it is believed when
 * nobody here has heard of anything for a while.
 */
static void send(struct ttp_batch *b, struct sk_buff *msg, void *head)
{
	const struct ttp_watcher *w = b->watcher;
	struct ttp_net *tn = ttp_net(w->net);
	enum ttp_group group = group_of(b);
	int err;

	b->lost = 0;
	genlmsg_end(msg, head);
	if (w->sk) {
		put_into(w->sk, msg);
		return;
	}
	err = genlmsg_multicast_netns(&ttp_netlink_family, w->net, msg, 0, group, GFP_ATOMIC);
	if (!err)
		WRITE_ONCE(tn->heard, jiffies);
	else if (err == -ESRCH && !just(READ_ONCE(tn->heard), 10 * HZ))
		WRITE_ONCE(tn->deaf[group], jiffies);
}

static void not_deaf(struct ttp_net *tn)
{
	u32 group;

	for (group = 0; group < TTP_GROUP_TRACE; group++)
		WRITE_ONCE(tn->deaf[group], jiffies - 2 * HZ);
}

/**
 * ttp_netlink_listen - somebody in a namespace may have joined a group
 * @net: it is not deaf any more
 *
 * Context: process.
 */
void ttp_netlink_listen(struct net *net)
{
	not_deaf(ttp_net(net));
	ttp_netlink_look(ttp_net(net));
}

/* @b is locked. */
static void batch_send(struct ttp_batch *b)
{
	struct sk_buff *msg = b->msg;

	b->msg = NULL;
	if (msg)
		send(b, msg, b->head);
}

/* Which event it is, or the first of several, and how many were lost before it. */
static int put_number(struct sk_buff *msg, const struct ttp_batch *b)
{
	return put_u64(msg, TTP_A_EVENT_SEQ, b->number) ||
	       (b->lost && nla_put_u32(msg, TTP_A_LOST_EVENTS, b->lost));
}

/* @b is locked and empty.  Return: whether there is memory. */
static bool batch_begin(struct ttp_batch *b)
{
	struct sk_buff *msg = nlmsg_new(BATCH_BYTES - NLMSG_HDRLEN, GFP_ATOMIC | __GFP_NOWARN);

	if (!msg)
		return false;
	b->head = genlmsg_put(msg, 0, 0, &ttp_netlink_family, 0, commands[group_of(b)]);
	if (!b->head || put_u64(msg, TTP_A_NETNS, b->watcher->net->net_cookie) ||
	    put_number(msg, b)) {
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

static void batch_add(struct ttp_batch *b, ttp_netlink_put_fn *put, const void *event)
{
	bool done;

	spin_lock_bh(&b->lock);
	done = b->msg && put_event(b->msg, put, event);
	if (!done) {
		batch_send(b);
		done = batch_begin(b) && put_event(b->msg, put, event);
	}
	b->lost += !done;
	b->number++;
	spin_unlock_bh(&b->lock);
}

/**
 * ttp_watchers_event - an event that goes into a message with others
 * @net: the namespace
 * @group: to which it belongs
 * @key: of the connection
 * @put: puts the attributes of the event into a message
 * @event: what @put is called with
 */
void ttp_watchers_event(struct net *net, enum ttp_group group, const struct ttp_key *key,
			ttp_netlink_put_fn *put, const void *event)
{
	struct ttp_watcher *w;

	rcu_read_lock();
	list_for_each_entry_rcu(w, &ttp_net(net)->watchers, list)
		if (wants(w, group, key))
			batch_add(&w->batches[group], put, event);
	rcu_read_unlock();
}

/**
 * ttp_watchers_lost - an event cannot be told for want of memory
 * @net: the namespace
 * @group: to which it belongs
 * @key: of the connection
 */
void ttp_watchers_lost(struct net *net, enum ttp_group group, const struct ttp_key *key)
{
	struct ttp_watcher *w;

	rcu_read_lock();
	list_for_each_entry_rcu(w, &ttp_net(net)->watchers, list) {
		if (!wants(w, group, key))
			continue;
		spin_lock_bh(&w->batches[group].lock);
		batch_send(&w->batches[group]);	/* its events have consecutive numbers */
		w->batches[group].lost++;
		w->batches[group].number++;
		spin_unlock_bh(&w->batches[group].lock);
	}
	rcu_read_unlock();
}

static void flush(struct ttp_watcher *w)
{
	struct ttp_batch *b;

	for (b = w->batches; b < w->batches + ARRAY_SIZE(w->batches); b++) {
		spin_lock_bh(&b->lock);
		batch_send(b);
		spin_unlock_bh(&b->lock);
	}
}

/**
 * ttp_netlink_flush - send the events that wait for others
 * @net: the namespace that they are of
 */
void ttp_netlink_flush(struct net *net)
{
	struct ttp_watcher *w;

	rcu_read_lock();
	list_for_each_entry_rcu(w, &ttp_net(net)->watchers, list)
		flush(w);
	rcu_read_unlock();
}

static void batch_expired(struct timer_list *t)
{
	struct ttp_batch *b = timer_container_of(b, t, timer);

	spin_lock_bh(&b->lock);
	batch_send(b);
	spin_unlock_bh(&b->lock);
}

/* ---- messages of one ---- */

static void send_one(struct ttp_batch *b, ttp_netlink_put_fn *put, const void *event)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC);
	void *head = NULL;

	spin_lock_bh(&b->lock);
	if (msg)
		head = genlmsg_put(msg, 0, 0, &ttp_netlink_family, 0, commands[group_of(b)]);
	if (head && !put(msg, event) && !put_number(msg, b)) {
		send(b, msg, head);
	} else {
		b->lost++;
		nlmsg_free(msg);
	}
	b->number++;
	spin_unlock_bh(&b->lock);
}

/**
 * ttp_watchers_now - an event that is told at once, behind all events before it
 * @net: the namespace
 * @group: to which it belongs
 * @key: of the connection
 * @put: puts the attributes of the event into a message
 * @event: what @put is called with
 */
void ttp_watchers_now(struct net *net, enum ttp_group group, const struct ttp_key *key,
		      ttp_netlink_put_fn *put, const void *event)
{
	struct ttp_watcher *w;

	rcu_read_lock();
	list_for_each_entry_rcu(w, &ttp_net(net)->watchers, list) {
		if (!wants(w, group, key))
			continue;
		flush(w);
		send_one(&w->batches[group], put, event);
	}
	rcu_read_unlock();
}

/* ---- filters ---- */

static void init(struct ttp_watcher *w, struct net *net)
{
	struct ttp_batch *b;

	w->net = net;
	for (b = w->batches; b < w->batches + ARRAY_SIZE(w->batches); b++) {
		b->watcher = w;
		spin_lock_init(&b->lock);
		timer_setup(&b->timer, batch_expired, 0);
	}
}

/* Nobody finds it any more, and nobody has it.  What everybody gets is a part of the namespace. */
static void end(struct ttp_watcher *w)
{
	struct ttp_batch *b;

	for (b = w->batches; b < w->batches + ARRAY_SIZE(w->batches); b++) {
		timer_delete_sync(&b->timer);
		nlmsg_free(b->msg);
	}
	if (w->sk) {
		sock_put(w->sk);
		kfree(w);
	}
}

/* Put @w, or nothing, in the place of what a socket has set before, which is *@old then.  @closed:
 * of a socket that is closed; another one may have its portid already.
 */
static int replace(struct ttp_net *tn, u32 portid, struct ttp_watcher *w, struct ttp_watcher **old,
		   bool closed)
{
	struct ttp_watcher *i;
	u32 n = 0;
	int err = 0;

	*old = NULL;
	spin_lock(&tn->watchers_lock);
	list_for_each_entry(i, &tn->watchers, list) {
		n += !!i->sk;
		if (i->sk && i->portid == portid && (!closed || sock_flag(i->sk, SOCK_DEAD)))
			*old = i;
	}
	if (w && !*old && n == TTP_FILTERS_MAX)
		err = -ENOSPC;
	if (*old)
		list_del_rcu(&(*old)->list);
	if (w && !err)
		list_add_tail_rcu(&w->list, &tn->watchers);
	spin_unlock(&tn->watchers_lock);
	return err;
}

static void forget(struct ttp_watcher *old)
{
	if (!old)
		return;
	synchronize_rcu();
	end(old);
}

/**
 * ttp_watchers_set - a listener sets a filter, in place of the one that it has
 * @sk: its socket
 * @portid: of that socket
 * @what: groups and ports; with no group it has no filter any more
 *
 * Context: process.
 * Return: 0, -ENOMEM; -ENOSPC: %TTP_FILTERS_MAX others have one.
 */
int ttp_watchers_set(struct sock *sk, u32 portid, const struct ttp_watcher *what)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));
	struct ttp_watcher *w = NULL, *old;
	int err;

	if (what->groups) {
		w = kmemdup(what, sizeof(*w), GFP_KERNEL_ACCOUNT);
		if (!w)
			return -ENOMEM;
		init(w, sock_net(sk));
		w->portid = portid;
		w->sk = sk;
		sock_hold(sk);
	}
	err = replace(tn, portid, w, &old, false);
	if (err)
		end(w);
	forget(old);
	ttp_netlink_look(tn);
	return err;
}

/* A socket is closed, of any kind of netlink: its filter goes with it. */
static int released(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct netlink_notify *n = data;
	struct ttp_watcher *old;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC || !n->portid)
		return NOTIFY_DONE;
	replace(ttp_net(n->net), n->portid, NULL, &old, true);
	forget(old);
	return NOTIFY_DONE;
}

static struct notifier_block notifier = {
	.notifier_call = released,
};

/**
 * ttp_netlink_net_init - a network namespace begins
 * @net: the namespace
 */
void ttp_netlink_net_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);

	tn->net = net;
	spin_lock_init(&tn->watched_lock);
	spin_lock_init(&tn->watchers_lock);
	tn->watched_at = jiffies - 1;
	not_deaf(tn);
	tn->heard = jiffies - 20 * HZ;
	INIT_LIST_HEAD(&tn->watchers);
	init(&tn->everybody, net);
	list_add_rcu(&tn->everybody.list, &tn->watchers);
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
	struct ttp_watcher *w, *next;

	list_for_each_entry_safe(w, next, &tn->watchers, list)
		end(w);
}

/* Return: 0 or a negative errno. */
int __init ttp_watchers_init(void)
{
	return netlink_register_notifier(&notifier);
}

void ttp_watchers_exit(void)
{
	netlink_unregister_notifier(&notifier);
}
