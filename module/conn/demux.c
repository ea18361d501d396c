// SPDX-License-Identifier: GPL-2.0
/*
 * demux.c - which connection does a segment belong to?
 *
 * One table for each network namespace holds everything that has a name of
 * four values: sockets, requests, TIME_WAITs.  One takes another's place there
 * in a single step, so a segment always finds one of them.  Listeners, which
 * have a name of two, are in a small table beside it.
 *
 * The same 4-tuple may be there for several devices (SO_BINDTODEVICE) or VRFs; a
 * segment's devices are dif, the one that it came by or the VRF of that, and sdif,
 * which is 0 unless dif is a VRF: the one that it came by.
 *
 * Next: port.c for how a name is come by.
 */
#include <linux/jhash.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/sock_reuseport.h>

#include "ttp.h"

static struct ttp_req *req_of(struct ttp_ep *ep)
{
	return container_of(ep, struct ttp_req, ep);
}

static struct ttp_tw *tw_of(struct ttp_ep *ep)
{
	return container_of(ep, struct ttp_tw, ep);
}

/**
 * ttp_demux_get - take a reference, if it is not too late
 * @ep: found under RCU
 */
bool ttp_demux_get(struct ttp_ep *ep)
{
	switch ((enum ttp_kind)ep->kind) {
	case TTP_KIND_SOCK:
		return refcount_inc_not_zero(&ttp_ep_sock(ep)->sk_refcnt);
	case TTP_KIND_REQUEST:
		return refcount_inc_not_zero(&req_of(ep)->ref);
	case TTP_KIND_TIMEWAIT:
		return refcount_inc_not_zero(&tw_of(ep)->ref);
	case TTP_KIND_NONE:
		break;
	}
	return false;
}

/**
 * ttp_demux_put - give a reference back
 * @ep: what ttp_demux_find() found
 */
void ttp_demux_put(struct ttp_ep *ep)
{
	switch ((enum ttp_kind)ep->kind) {
	case TTP_KIND_SOCK:
		sock_put(ttp_ep_sock(ep));
		break;
	case TTP_KIND_REQUEST:
		ttp_request_put(req_of(ep));
		break;
	case TTP_KIND_TIMEWAIT:
		ttp_timewait_put(tw_of(ep));
		break;
	case TTP_KIND_NONE:
		break;
	}
}

/* What is looked for in the table. */
struct lookup {
	const struct ttp_key *key;
	int dif;
	int sdif;
	bool l3mdev_accept;	/* what is bound to no device is of all VRFs */
};

static int bound_dev(const struct ttp_ep *ep)
{
	switch ((enum ttp_kind)ep->kind) {
	case TTP_KIND_SOCK:
		return READ_ONCE(ttp_ep_sock((struct ttp_ep *)ep)->sk_bound_dev_if);
	case TTP_KIND_REQUEST:
		return container_of(ep, const struct ttp_req, ep)->path.oif;
	case TTP_KIND_TIMEWAIT:
		return container_of(ep, const struct ttp_tw, ep)->path.oif;
	case TTP_KIND_NONE:
		break;
	}
	return 0;
}

/* Without a call: it is asked for each segment. */
static bool same_key(const struct ttp_key *a, const struct ttp_key *b)
{
	return a->lport == b->lport && a->rport == b->rport && a->family == b->family &&
	       ipv6_addr_equal(&a->remote.v6, &b->remote.v6) &&
	       ipv6_addr_equal(&a->local.v6, &b->local.v6);
}

static bool matches(const struct ttp_ep *ep, const struct lookup *l)
{
	return same_key(&ep->key, l->key) &&
	       inet_bound_dev_eq(l->l3mdev_accept, bound_dev(ep), l->dif, l->sdif);
}

/* struct rhashtable_params' functions: devices do not count for the hash */

static u32 hash_key(const struct ttp_key *key, u32 seed)
{
	u32 ports = (__force u32)key->lport << 16 | (__force u32)key->rport;

	if (key->family != AF_INET)
		return jhash2((const u32 *)key, sizeof(*key) / sizeof(u32), seed);
	return jhash_3words((__force u32)key->local.v4, (__force u32)key->remote.v4, ports, seed);
}

static u32 hash_lookup(const void *data, u32 len, u32 seed)
{
	return hash_key(((const struct lookup *)data)->key, seed);
}

static u32 hash_ep(const void *data, u32 len, u32 seed)
{
	return hash_key(&((const struct ttp_ep *)data)->key, seed);
}

static int differ(struct rhashtable_compare_arg *arg, const void *ep)
{
	return !matches(ep, arg->key);
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct ttp_ep, node),
	.hashfn = hash_lookup,
	.obj_hashfn = hash_ep,
	.obj_cmpfn = differ,
	.automatic_shrinking = true,
};

static struct lookup lookup(struct net *net, const struct ttp_key *key, int dif, int sdif)
{
	return (struct lookup){
		.key = key,
		.dif = dif,
		.sdif = sdif,
		.l3mdev_accept = READ_ONCE(ttp_net(net)->l3mdev_accept),
	};
}

/* For what has @ep's 4-tuple, and would get the same segments. */
static struct lookup lookup_same(const struct ttp_ep *ep)
{
	int dif = bound_dev(ep);

	return lookup(ep->net, &ep->key, dif, l3mdev_master_ifindex_by_index(ep->net, dif));
}

/* A reference, if @ep was not removed or replaced since it was found. */
static bool get_found(struct ttp_ep *ep, const struct lookup *l)
{
	if (!ttp_demux_get(ep))
		return false;
	if (READ_ONCE(ep->hashed) && matches(ep, l))
		return true;
	ttp_demux_put(ep);
	return false;
}

/* Until what is found is still there: another may have taken its place. */
static struct ttp_ep *find(struct net *net, const struct lookup *l)
{
	struct ttp_ep *ep;

	rcu_read_lock();
	while ((ep = rhashtable_lookup(&ttp_net(net)->conns, l, params)) != NULL) {
		if (get_found(ep, l))
			break;
		cpu_relax();
	}
	rcu_read_unlock();
	return ep;
}

/**
 * ttp_demux_find - look a connection up by its name
 * @net: network namespace
 * @key: the name
 * @dif: inet_iif() of the packet
 * @sdif: inet_sdif() of the packet
 *
 * Context: any. Return: an end point with a reference taken, or %NULL.
 */
struct ttp_ep *ttp_demux_find(struct net *net, const struct ttp_key *key, int dif, int sdif)
{
	struct lookup l = lookup(net, key, dif, sdif);

	return find(net, &l);
}

/**
 * ttp_demux_find_same - look up what keeps an end point out of the table
 * @ep: with key and net set
 *
 * Context: any. Return: an end point with a reference taken, or %NULL.
 */
struct ttp_ep *ttp_demux_find_same(const struct ttp_ep *ep)
{
	struct lookup l = lookup_same(ep);

	return find(ep->net, &l);
}

static struct hlist_head *listen_slot(struct ttp_net *tn, __be16 port)
{
	return &tn->listeners[ntohs(port) % TTP_LISTEN_SLOTS];
}

/* How well a listener fits: 0 not at all, an address counts for most. */
static int listen_score(const struct sock *sk, const struct lookup *l)
{
	int dev = READ_ONCE(sk->sk_bound_dev_if);
	const struct inet_sock *inet = inet_sk(sk);
	int score = 1;

	if (inet->inet_sport != l->key->lport ||
	    !inet_bound_dev_eq(l->l3mdev_accept, dev, l->dif, l->sdif))
		return 0;
	if (inet->inet_rcv_saddr) {
		if (inet->inet_rcv_saddr != l->key->local.v4)
			return 0;
		score += 4;
	}
	if (dev)
		score += 2;
	return score;
}

/* The one of a group that takes @key's connection: the same for all its segments. */
static struct sock *of_group(struct sock *sk, const struct ttp_key *key, struct sk_buff *skb)
{
	struct sock *chosen = NULL;

	/* a bit that setsockopt() may change: before it did, or after it */
	if (sk && data_race(!!sk->sk_reuseport))
		chosen = reuseport_select_sock(sk, ttp_isn_hash(key), skb,
					       ttp_wire_hdrlen(skb->data, skb->len));
	return IS_ERR_OR_NULL(chosen) ? sk : chosen;
}

static struct sock *best_listener(struct net *net, const struct lookup *l, struct sk_buff *skb)
{
	struct sock *best = NULL;
	struct ttp_sock *tsk;
	int score, high = 0;

	hlist_for_each_entry_rcu(tsk, listen_slot(ttp_net(net), l->key->lport), listen_node) {
		score = listen_score((struct sock *)tsk, l);
		if (score > high) {
			high = score;
			best = (struct sock *)tsk;
		}
	}
	return of_group(best, l->key, skb);
}

/**
 * ttp_demux_listener - find who listens
 * @net: network namespace
 * @key: the connection that is asked for
 * @skb: by this segment, skb->data at its header
 *
 * Of a group that shares the port by SO_REUSEPORT a hash of the name chooses, or
 * a program attached by SO_ATTACH_REUSEPORT_EBPF.
 *
 * Context: any. Return: a socket with a reference taken, or %NULL.
 */
struct sock *ttp_demux_listener(struct net *net, const struct ttp_key *key,
				struct sk_buff *skb)
{
	struct lookup l = lookup(net, key, inet_iif(skb), inet_sdif(skb));
	struct sock *sk;

	rcu_read_lock();
	/* until it is not one that has just been closed: others may listen, too */
	while ((sk = best_listener(net, &l, skb)) != NULL) {
		if (refcount_inc_not_zero(&sk->sk_refcnt))
			break;
		cpu_relax();
	}
	rcu_read_unlock();
	return sk;
}

/* Join those who listen on the very same, or begin a group. */
static int join_group(struct sock *sk, struct hlist_head *slot)
{
	__be32 addr = inet_sk(sk)->inet_rcv_saddr;
	struct ttp_sock *tsk;
	struct sock *other;

	if (!sk->sk_reuseport)
		return 0;
	hlist_for_each_entry(tsk, slot, listen_node) {
		other = (struct sock *)tsk;
		if (inet_sk(other)->inet_sport == inet_sk(sk)->inet_sport &&
		    inet_sk(other)->inet_rcv_saddr == addr &&
		    READ_ONCE(other->sk_bound_dev_if) == sk->sk_bound_dev_if &&
		    /* a bit, too */
		    data_race(!!other->sk_reuseport) && uid_eq(other->sk_uid, sk->sk_uid))
			return reuseport_add_sock(sk, other, !addr);
	}
	return reuseport_alloc(sk, !addr);
}

/* Into the chain of a slot, which is sorted for walk.c: the youngest first. */
static void add_sorted(struct ttp_sock *tsk, struct hlist_head *slot)
{
	struct ttp_sock *other, *last = NULL;

	hlist_for_each_entry(other, slot, listen_node) {
		if (other->tcb.conn.id < tsk->tcb.conn.id) {
			hlist_add_before_rcu(&tsk->listen_node, &other->listen_node);
			return;
		}
		last = other;
	}
	if (last)
		hlist_add_behind_rcu(&tsk->listen_node, &last->listen_node);
	else
		hlist_add_head_rcu(&tsk->listen_node, slot);
}

/**
 * ttp_demux_listen - let segments find a listener
 * @sk: bound to a port
 *
 * Return: 0, or -ENOMEM for want of room in its group.
 */
int ttp_demux_listen(struct sock *sk)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));
	struct hlist_head *slot = listen_slot(tn, inet_sk(sk)->inet_sport);
	int err;

	spin_lock_bh(&tn->listen_lock);
	err = join_group(sk, slot);
	if (!err)
		add_sorted(ttp_sk(sk), slot);
	spin_unlock_bh(&tn->listen_lock);
	if (!err)
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	return err;
}

/**
 * ttp_demux_unlisten - and no more
 * @sk: after ttp_demux_listen()
 */
void ttp_demux_unlisten(struct sock *sk)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));

	spin_lock_bh(&tn->listen_lock);
	hlist_del_init_rcu(&ttp_sk(sk)->listen_node);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	spin_unlock_bh(&tn->listen_lock);
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
}

/**
 * ttp_demux_insert - enter a connection into the table
 * @ep: with key, net and conn set
 *
 * Context: any. Return: 0, -EADDRNOTAVAIL when the name is taken, -ENOMEM.
 */
int ttp_demux_insert(struct ttp_ep *ep)
{
	struct lookup l = lookup_same(ep);
	int err;

	WRITE_ONCE(ep->hashed, true);	/* before anyone finds it */
	err = rhashtable_lookup_insert_key(&ttp_net(ep->net)->conns, &l, &ep->node, params);
	if (!err)
		return 0;
	WRITE_ONCE(ep->hashed, false);
	return err == -EEXIST ? -EADDRNOTAVAIL : -ENOMEM;
}

/**
 * ttp_demux_remove - take a connection out of the table
 * @ep: in it or not
 *
 * Context: whatever guards @ep is held.
 */
void ttp_demux_remove(struct ttp_ep *ep)
{
	if (!ep->hashed)
		return;
	/* what cannot be found now would be found when it is freed */
	WARN_ON_ONCE(rhashtable_remove_fast(&ttp_net(ep->net)->conns, &ep->node, params));
	/* only now: who finds it so looks again, and finds it no more */
	WRITE_ONCE(ep->hashed, false);
}

/**
 * ttp_demux_replace - let one end point take another's place
 * @old: in the table, unless another CPU was faster
 * @new: of the same name
 *
 * Context: what guards @old is held. Return: true if @new is in the table now.
 */
bool ttp_demux_replace(struct ttp_ep *old, struct ttp_ep *new)
{
	if (!old->hashed)
		return false;
	WRITE_ONCE(new->hashed, true);
	if (rhashtable_replace_fast(&ttp_net(old->net)->conns, &old->node,
				    &new->node, params)) {
		WRITE_ONCE(new->hashed, false);
		return false;
	}
	WRITE_ONCE(old->hashed, false);
	return true;
}

/**
 * ttp_demux_init - a network namespace begins
 * @tn: its tables
 */
int ttp_demux_init(struct ttp_net *tn)
{
	spin_lock_init(&tn->listen_lock);
	ttp_port_init(tn);
	return rhashtable_init(&tn->conns, &params);
}

/**
 * ttp_demux_exit - a network namespace ends
 * @tn: its tables, which are empty
 *
 * Context: process.
 */
void ttp_demux_exit(struct ttp_net *tn)
{
	rhashtable_destroy(&tn->conns);
}
