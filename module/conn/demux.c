// SPDX-License-Identifier: GPL-2.0
/*
 * demux.c - demultiplexing: which connection does a segment belong to?
 *
 * The connection table of a network namespace holds, by 4-tuple, sockets, requests and
 * connections in TIME_WAIT.  One replaces another there in a single step, so a segment
 * always finds one of them.  Listeners have only a local address and port: they are in a
 * table beside it.
 *
 * The same 4-tuple may be there for several devices (SO_BINDTODEVICE) or VRFs.  A packet
 * has two device numbers: dif is the device that it came by, or the VRF of that device;
 * sdif is 0, or the device if dif is its VRF.
 *
 * Called by whatever receives a segment, or changes what is in the tables.
 * Context: any, unless a function says otherwise.
 *
 * Next: port.c, which gives a connection its 4-tuple; local.c for the addresses of this host.
 */
#include <linux/jhash.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/sock_reuseport.h>

#include "ttp.h"

/* Take a reference of what was found under RCU.  Return: false if it is being freed. */
bool ttp_demux_get(struct ttp_ep *ep)
{
	if (ep->kind == TTP_KIND_SOCK)
		return refcount_inc_not_zero(&ttp_ep_sock(ep)->sk_refcnt);
	return refcount_inc_not_zero(&ttp_ep_mini(ep)->ref);
}

/* Give a reference back. */
void ttp_demux_put(struct ttp_ep *ep)
{
	if (ep->kind == TTP_KIND_SOCK)
		sock_put(ttp_ep_sock(ep));
	else
		ttp_mini_put(ttp_ep_mini(ep));
}

/* What is looked for in the table. */
struct lookup {
	const struct ttp_key *key;
	int dif;
	int sdif;
	bool l3mdev_accept;	/* what is bound to no device takes segments of all VRFs */
};

/* The device that it is bound to, or 0 */
int ttp_demux_dev(const struct ttp_ep *ep)
{
	if (ep->kind == TTP_KIND_SOCK)
		return READ_ONCE(ttp_ep_sock((struct ttp_ep *)ep)->sk_bound_dev_if);
	return ttp_ep_mini(ep)->path.oif;
}

/* Compare 4-tuples without calling memcmp(): this runs for each segment. */
static __always_inline bool same_key(const struct ttp_key *a, const struct ttp_key *b)
{
	if (a->lport != b->lport || a->rport != b->rport || a->family != b->family)
		return false;
	if (a->family == AF_INET)
		return a->remote.v4 == b->remote.v4 && a->local.v4 == b->local.v4;
	return ipv6_addr_equal(&a->remote.v6, &b->remote.v6) &&
	       ipv6_addr_equal(&a->local.v6, &b->local.v6);
}

static __always_inline bool matches(const struct ttp_ep *ep, const struct lookup *l)
{
	return same_key(&ep->key, l->key) &&
	       inet_bound_dev_eq(l->l3mdev_accept, ttp_demux_dev(ep), l->dif, l->sdif);
}

/* struct rhashtable_params' functions: the 4-tuple is hashed, devices are not */

static __always_inline u32 hash_key(const struct ttp_key *key, u32 seed)
{
	u32 ports = (__force u32)key->lport << 16 | (__force u32)key->rport;

	if (key->family != AF_INET)
		return jhash2((const u32 *)key, sizeof(*key) / sizeof(u32), seed);
	return jhash_3words((__force u32)key->local.v4, (__force u32)key->remote.v4, ports, seed);
}

static __always_inline u32 hash_lookup(const void *data, u32 len, u32 seed)
{
	return hash_key(((const struct lookup *)data)->key, seed);
}

static u32 hash_ep(const void *data, u32 len, u32 seed)
{
	return hash_key(&((const struct ttp_ep *)data)->key, seed);
}

static __always_inline int differ(struct rhashtable_compare_arg *arg, const void *ep)
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

static struct lookup lookup(struct ttp_net *tn, const struct ttp_key *key, int dif, int sdif)
{
	return (struct lookup){
		.key = key,
		.dif = dif,
		.sdif = sdif,
		.l3mdev_accept = READ_ONCE(tn->l3mdev_accept),
	};
}

/* What has @ep's 4-tuple and would get the same segments. */
static struct lookup lookup_same(const struct ttp_ep *ep)
{
	int dif = ttp_demux_dev(ep), sdif = l3mdev_master_ifindex_by_index(ep->tn->net, dif);

	return lookup(ep->tn, &ep->key, dif, sdif);
}

/* Take a reference, if @ep was not removed or replaced since it was found.  A socket may have
 * another 4-tuple by now.
 */
static __always_inline bool get_found(struct ttp_ep *ep, const struct lookup *l)
{
	if (!ttp_demux_get(ep))
		return false;
	if (READ_ONCE(ep->hashed) && (ep->kind != TTP_KIND_SOCK || matches(ep, l)))
		return true;
	ttp_demux_put(ep);
	return false;
}

/**
 * ttp_demux_find - look a connection up by its 4-tuple
 * @tn: network namespace
 * @key: the 4-tuple
 * @dif: ttp_ip_iif() of the packet
 * @sdif: ttp_ip_sdif() of the packet
 *
 * Context: under RCU, as while a packet arrives.
 * Return: an end point with a reference taken, or %NULL.
 */
struct ttp_ep *ttp_demux_find(struct ttp_net *tn, const struct ttp_key *key, int dif, int sdif)
{
	struct lookup l = lookup(tn, key, dif, sdif);
	struct ttp_ep *ep;

	/* until what is found is still in the table: it may be replaced meanwhile */
	while ((ep = rhashtable_lookup(&tn->conns, &l, params)) != NULL) {
		if (get_found(ep, &l))
			break;
		cpu_relax();
	}
	return ep;
}

/**
 * ttp_demux_find_sock - the same, where only a socket is of use
 * @tn: as for ttp_demux_find()
 * @key: likewise
 * @dif: likewise
 * @sdif: likewise
 *
 * Context: under RCU. Return: a socket's, with a reference taken; %NULL if there is none, or it is
 * being replaced just now.
 */
struct ttp_ep *ttp_demux_find_sock(struct ttp_net *tn, const struct ttp_key *key, int dif, int sdif)
{
	struct lookup l = lookup(tn, key, dif, sdif);
	struct ttp_ep *ep = rhashtable_lookup(&tn->conns, &l, params);

	return ep && ep->kind == TTP_KIND_SOCK && get_found(ep, &l) ? ep : NULL;
}

/**
 * ttp_demux_find_same - look up what has the same 4-tuple as an end point
 * @ep: with key and net set
 *
 * Return: an end point with a reference taken, or %NULL.
 */
struct ttp_ep *ttp_demux_find_same(const struct ttp_ep *ep)
{
	struct lookup l = lookup_same(ep);
	struct ttp_ep *found;

	rcu_read_lock();
	found = ttp_demux_find(ep->tn, l.key, l.dif, l.sdif);
	rcu_read_unlock();
	return found;
}

static struct hlist_head *listen_slot(struct ttp_net *tn, __be16 port,
				      const struct ttp_local *local)
{
	return &tn->listeners[ttp_local_slot(tn->net, port, local)];
}

/* How well a listener fits: 0 not at all; a device counts more than the family.  @to is the
 * segment's address, or with its any what listens at all of them.  An IPv4-mapped address stands
 * for IPv4, and is none of an IPv6 packet: a socket of AF_INET would get it.
 */
static int listen_score(const struct sock *sk, const struct lookup *l, const struct ttp_local *to)
{
	int dev = READ_ONCE(sk->sk_bound_dev_if);
	struct ttp_local local;

	if (inet_sk(sk)->inet_sport != l->key->lport ||
	    !inet_bound_dev_eq(l->l3mdev_accept, dev, l->dif, l->sdif))
		return 0;
	ttp_local_of_sock(sk, &local);
	/* of both there may be some in one slot */
	if (local.any != to->any || (to->v4 && l->key->family != AF_INET) ||
	    !ttp_local_meet(&local, to))
		return 0;
	return 1 + (dev ? 4 : 0) + (sk->sk_family == l->key->family ? 2 : 0);
}

/* SO_REUSEPORT: the listener of a group that takes @key's connection.  It is the same for
 * all its segments.
 */
static struct sock *of_group(struct sock *sk, const struct ttp_key *key, struct sk_buff *skb)
{
	struct sock *chosen = NULL;

	/* setsockopt() may change this bit: either value is right */
	if (sk && data_race(!!sk->sk_reuseport))
		chosen = reuseport_select_sock(sk, ttp_isn_hash(key), skb,
					       ttp_wire_hdrlen(skb->data, skb->len));
	return IS_ERR_OR_NULL(chosen) ? sk : chosen;
}

/* A bound address counts more than all else: the best of those that listen at the segment's, or
 * else at all.
 */
static struct sock *best_listener(struct ttp_net *tn, const struct lookup *l, struct sk_buff *skb)
{
	struct ttp_listener *one;
	struct sock *best = NULL;
	struct ttp_local to;
	int score, high = 0;

	ttp_local_of_key(l->key, &to);
	for (; !best; to.any = true) {
		hlist_for_each_entry_rcu(one, listen_slot(tn, l->key->lport, &to), place.node) {
			score = listen_score((struct sock *)one->of, l, &to);
			if (score > high) {
				high = score;
				best = (struct sock *)one->of;
			}
		}
		if (to.any)
			break;
	}
	return of_group(best, l->key, skb);
}

/**
 * ttp_demux_listener - find the listener for a segment that belongs to no connection
 * @tn: network namespace
 * @key: the segment's 4-tuple
 * @skb: the segment, skb->data at its header
 *
 * In a group that shares the port by SO_REUSEPORT a hash of the 4-tuple chooses, or a
 * program attached by SO_ATTACH_REUSEPORT_EBPF.
 *
 * Context: under RCU. Return: a socket with a reference taken, or %NULL.
 */
struct sock *ttp_demux_listener(struct ttp_net *tn, const struct ttp_key *key, struct sk_buff *skb)
{
	struct lookup l = lookup(tn, key, ttp_ip_iif(skb), ttp_ip_sdif(skb));
	struct sock *sk;

	/* one that was closed just now is not taken: others may listen, too */
	while ((sk = best_listener(tn, &l, skb)) != NULL) {
		if (refcount_inc_not_zero(&sk->sk_refcnt))
			break;
		cpu_relax();
	}
	return sk;
}

/* SO_REUSEPORT: join the group of the same address, port and device, or begin one. */
static int join_group(struct sock *sk, struct hlist_head *slot)
{
	struct ttp_local local, its;
	struct ttp_listener *l;
	struct sock *other;

	if (!sk->sk_reuseport)
		return 0;
	ttp_local_of_sock(sk, &local);
	hlist_for_each_entry(l, slot, place.node) {
		other = (struct sock *)l->of;
		ttp_local_of_sock(other, &its);
		if (inet_sk(other)->inet_sport == inet_sk(sk)->inet_sport &&
		    ttp_local_same(&local, &its) && other->sk_family == sk->sk_family &&
		    READ_ONCE(other->sk_bound_dev_if) == sk->sk_bound_dev_if &&
		    /* as in of_group() */
		    data_race(!!other->sk_reuseport) && uid_eq(other->sk_uid, sk->sk_uid))
			return reuseport_add_sock(sk, other, local.any);
	}
	return reuseport_alloc(sk, local.any);
}

/* @ep is in a table.  Sockets there are "inuse" in sockstat, as TCP's are, be they listeners,
 * orphans or children that nobody has accepted.
 */
static void entered(struct ttp_ep *ep)
{
	struct sock *sk = ttp_ep_sock(ep);

	if (ep->kind != TTP_KIND_SOCK)
		return;
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, 1);
	ttp_idle_remove(sk);
}

static void left(struct ttp_ep *ep)
{
	struct sock *sk = ttp_ep_sock(ep);

	if (ep->kind != TTP_KIND_SOCK)
		return;
	sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	if (!sock_flag(sk, SOCK_DEAD))
		ttp_idle_add(sk);
}

/* From now on segments find this listener, which is bound to a port.
 * Return: 0, or -ENOMEM if its SO_REUSEPORT group cannot grow.
 */
int ttp_demux_listen(struct sock *sk)
{
	struct ttp_listener *l = ttp_sk(sk)->listener;
	struct ttp_net *tn = ttp_sk_net(sk);
	struct ttp_local local;
	struct hlist_head *slot;
	int err;

	ttp_local_of_sock(sk, &local);
	slot = listen_slot(tn, inet_sk(sk)->inet_sport, &local);
	spin_lock_bh(&tn->listen_lock);
	err = join_group(sk, slot);
	if (!err) {
		WRITE_ONCE(l->place.number, ++tn->last_listener);
		hlist_add_head_rcu(&l->place.node, slot);
	}
	spin_unlock_bh(&tn->listen_lock);
	if (!err)
		entered(&ttp_sk(sk)->ep);
	return err;
}

/* From now on no segment finds it. */
void ttp_demux_unlisten(struct sock *sk)
{
	struct ttp_net *tn = ttp_sk_net(sk);

	spin_lock_bh(&tn->listen_lock);
	hlist_del_init_rcu(&ttp_sk(sk)->listener->place.node);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	spin_unlock_bh(&tn->listen_lock);
	left(&ttp_sk(sk)->ep);
}

/**
 * ttp_demux_insert - enter a connection into the table
 * @ep: with key, net and conn set
 *
 * Return: 0, -EADDRNOTAVAIL when the 4-tuple is taken, -ENOMEM.
 */
int ttp_demux_insert(struct ttp_ep *ep)
{
	struct lookup l = lookup_same(ep);
	int err;

	WRITE_ONCE(ep->hashed, true);	/* before it can be found */
	/* a bucket's lock is a bit of its pointer: who waits for it touches what its owner reads */
	err = data_race(rhashtable_lookup_insert_key(&ep->tn->conns, &l, &ep->node, params));
	if (!err) {
		entered(ep);
		return 0;
	}
	WRITE_ONCE(ep->hashed, false);
	return err == -EEXIST ? -EADDRNOTAVAIL : -ENOMEM;
}

/* Take a connection out of the table, if it is there; whatever guards @ep is held. */
void ttp_demux_remove(struct ttp_ep *ep)
{
	if (!ep->hashed)
		return;
	/* If this fails, segments will find @ep after it is freed.  data_race(): as above. */
	WARN_ON_ONCE(data_race(rhashtable_remove_fast(&ep->tn->conns, &ep->node, params)));
	/* after that: a reader that sees false looks again, and must not find @ep again */
	WRITE_ONCE(ep->hashed, false);
	left(ep);
}

/**
 * ttp_demux_replace - let one end point take another's place in the table
 * @old: in the table, unless another CPU has removed or replaced it
 * @new: with the same 4-tuple
 *
 * Context: what guards @old is held. Return: true if @new is in the table now.
 */
bool ttp_demux_replace(struct ttp_ep *old, struct ttp_ep *new)
{
	if (!old->hashed)
		return false;
	WRITE_ONCE(new->hashed, true);
	/* data_race(): as above */
	if (data_race(rhashtable_replace_fast(&old->tn->conns, &old->node, &new->node, params))) {
		WRITE_ONCE(new->hashed, false);
		return false;
	}
	WRITE_ONCE(old->hashed, false);
	left(old);
	entered(new);
	return true;
}

/* A network namespace begins.  Return: 0 or a negative errno. */
int ttp_demux_init(struct ttp_net *tn)
{
	int err;

	spin_lock_init(&tn->listen_lock);
	ttp_port_init(tn);
	tn->listeners = kvcalloc(TTP_BOUND_SLOTS, sizeof(*tn->listeners), GFP_KERNEL_ACCOUNT);
	if (!tn->listeners)
		return -ENOMEM;
	err = ttp_idle_init(tn);
	if (err)
		goto free_listeners;
	err = rhashtable_init(&tn->conns, &params);
	if (!err)
		return 0;
	ttp_idle_exit(tn);
free_listeners:
	kvfree(tn->listeners);
	return err;
}

/* A network namespace ends; its tables are empty.  Context: process. */
void ttp_demux_exit(struct ttp_net *tn)
{
	rhashtable_destroy(&tn->conns);
	ttp_idle_exit(tn);
	kvfree(tn->listeners);
	xa_destroy(&tn->ports);	/* nodes without a port may be left, when there was no memory */
}
