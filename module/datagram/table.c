// SPDX-License-Identifier: GPL-2.0
/*
 * table.c - which socket has which port, and which one a datagram is for.
 *
 * A datagram is not for a connection, so two sockets may have the same port only where a
 * datagram tells them apart (address, device), or by SO_REUSEADDR and SO_REUSEPORT as with
 * UDP.  Of several sockets that a datagram fits, the one that says most about it gets it:
 * its address before any address, and then whoever is connected to its sender.
 *
 * Called through struct proto and by main.c (process), and by receive.c (softirq under RCU).
 *
 * Next: receive.c.
 */
#include <net/addrconf.h>
#include <net/sock_reuseport.h>

#include "datagram/datagram.h"

/* A network namespace begins.  Return: 0 or -ENOMEM. */
int ttp_datagram_net_init(struct ttp_net *tn)
{
	tn->datagrams.slots = kvcalloc(TTP_BOUND_SLOTS, sizeof(*tn->datagrams.slots),
				       GFP_KERNEL_ACCOUNT);
	return tn->datagrams.slots ? 0 : -ENOMEM;
}

/* A network namespace ends, and no socket is left in it. */
void ttp_datagram_net_exit(struct ttp_net *tn)
{
	kvfree(tn->datagrams.slots);
	xa_destroy(&tn->datagrams.ports);	/* as in ttp_demux_exit() */
}

static struct hlist_head *slot(struct net *net, __be16 port, const struct ttp_local *local)
{
	return &ttp_net(net)->datagrams.slots[ttp_local_slot(net, port, local)];
}

/* Where sockets are that were bound to @key's port, and its address or with @any to none; others
 * are there, too.  One that was bound to none stays where it is when connect() gives it an address.
 */
struct hlist_head *ttp_datagram_slot(struct net *net, const struct ttp_key *key, bool any)
{
	struct ttp_local local;

	ttp_local_of_key(key, &local);
	local.any |= any;
	return slot(net, key->lport, &local);
}

/* ---- bind() ---- */

/* These bits of another socket are read without its lock: setsockopt() may change them at this
 * moment, and either value is right.
 */
static bool reuses(const struct sock *sk)
{
	/* see above */
	return data_race(!!sk->sk_reuse);
}

static bool reuses_port(const struct sock *sk)
{
	/* see above */
	return data_race(!!sk->sk_reuseport);
}

/* Both have SO_REUSEPORT and the same owner. */
static bool share(const struct sock *sk, const struct sock *other)
{
	return sk->sk_reuseport && reuses_port(other) && uid_eq(sk->sk_uid, other->sk_uid);
}

/* Is there a socket that keeps @sk from having @port?  With @any, the user has asked for no port in
 * particular, and options share none.  *@mate: one with which @sk shares it by SO_REUSEPORT, or
 * %NULL.  Ports are locked.
 */
static bool conflicts(struct sock *sk, struct ttp_port *port, bool any, struct sock **mate)
{
	struct ttp_datagram_sock *other;
	struct ttp_local local, theirs;
	struct sock *sk2;
	int dev;

	*mate = NULL;
	ttp_local_of_sock(sk, &local);
	hlist_for_each_entry(other, &port->owners, owner) {
		sk2 = &other->inet.sk;
		dev = READ_ONCE(sk2->sk_bound_dev_if);
		ttp_local_of_sock(sk2, &theirs);
		if (!ttp_local_meet(&local, &theirs) ||
		    (sk->sk_bound_dev_if && dev && sk->sk_bound_dev_if != dev))
			continue;
		if (any || !((sk->sk_reuse && reuses(sk2)) || share(sk, sk2)))
			return true;
		if (share(sk, sk2) && sk->sk_bound_dev_if == dev && ttp_local_same(&local, &theirs))
			*mate = sk2;
	}
	return false;
}

static bool any_address(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return ipv6_addr_any(&sk->sk_v6_rcv_saddr);
#endif
	return !inet_sk(sk)->inet_rcv_saddr;
}

/* It has the port: datagrams find it. */
static void enter(struct sock *sk, struct ttp_port *port)
{
	struct ttp_datagram_sock *dsk = ttp_datagram_sk(sk);
	struct net *net = sock_net(sk);
	struct ttp_local local;

	WRITE_ONCE(inet_sk(sk)->inet_num, port->num);
	dsk->port = port;
	hlist_add_head(&dsk->owner, &port->owners);
	WRITE_ONCE(dsk->id, ttp_net_new_id());
	smp_wmb();	/* before its place in a slot: see/datagrams.c */
	ttp_local_of_sock(sk, &local);
	hlist_add_head_rcu(&dsk->node, slot(net, htons(port->num), &local));
	sock_prot_inuse_add(net, sk->sk_prot, 1);
}

/* Return: 0, -EADDRINUSE, -ENOMEM. */
static int take(struct sock *sk, u16 num, bool any)
{
	struct xarray *ports = &ttp_net(sock_net(sk))->datagrams.ports;
	struct ttp_port *port;
	struct sock *mate;
	int err = -ENOMEM;

	xa_lock_bh(ports);
	port = ttp_port_get(ports, num);
	if (!port)
		goto out;
	err = conflicts(sk, port, any, &mate) ? -EADDRINUSE : 0;
	if (!err && sk->sk_reuseport)
		err = mate ? reuseport_add_sock(sk, mate, any_address(sk)) :
			     reuseport_alloc(sk, any_address(sk));
	if (!err)
		enter(sk, port);
	ttp_port_tidy(ports, port);
out:
	xa_unlock_bh(ports);
	return err;
}

/**
 * ttp_datagram_bind - bind a socket to a port (struct proto's get_port)
 * @sk: inet_rcv_saddr and sk_bound_dev_if are set; socket lock held
 * @num: the port, host byte order; 0: choose an ephemeral port (RFC 6056 3.3.1)
 *
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int ttp_datagram_bind(struct sock *sk, unsigned short num)
{
	u32 first, n, start, i;
	int err = -EADDRINUSE;

	if (num)
		return take(sk, num, false);
	n = ttp_port_range(sk, &first);
	start = get_random_u32() % n;
	for (i = 0; i < n && err == -EADDRINUSE; i++, cond_resched()) {
		num = first + (start + i) % n;
		if (!inet_is_local_reserved_port(sock_net(sk), num))
			err = take(sk, num, true);
	}
	return err;
}

/* Give the port up (struct proto's unhash and put_port). */
void ttp_datagram_unhash(struct sock *sk)
{
	struct xarray *ports = &ttp_net(sock_net(sk))->datagrams.ports;
	struct ttp_datagram_sock *dsk = ttp_datagram_sk(sk);

	xa_lock_bh(ports);
	if (rcu_access_pointer(sk->sk_reuseport_cb))
		reuseport_detach_sock(sk);
	if (dsk->port) {
		hlist_del_init_rcu(&dsk->node);
		hlist_del(&dsk->owner);
		ttp_port_tidy(ports, dsk->port);
		dsk->port = NULL;
		WRITE_ONCE(inet_sk(sk)->inet_num, 0);
		inet_sk(sk)->inet_sport = 0;
		sock_prot_inuse_add(sock_net(sk), sk->sk_prot, -1);
	}
	xa_unlock_bh(ports);
}

/* ---- which one is it for? ---- */

/* How well a socket fits, without its lock; -1: not at all. */
static int score(struct sock *sk, const struct sk_buff *skb, const struct ttp_key *key)
{
	__be16 rport = READ_ONCE(inet_sk(sk)->inet_dport);
	int dev = READ_ONCE(sk->sk_bound_dev_if), ends;

	if (READ_ONCE(inet_sk(sk)->inet_num) != ntohs(key->lport) ||
	    (rport && rport != key->rport) ||
	    !inet_bound_dev_eq(READ_ONCE(ttp_net(sock_net(sk))->l3mdev_accept), dev,
			       ttp_ip_iif(skb), ttp_ip_sdif(skb)))
		return -1;
	ends = ttp_datagram_is_v6(sk) ? ttp_datagram6_score(sk, key) : ttp_datagram4_score(sk, key);
	if (ends < 0)
		return -1;
	return 8 * ends + (dev ? 4 : 0) + (sk->sk_family == key->family ? 2 : 0) +
	       (READ_ONCE(sk->sk_incoming_cpu) == raw_smp_processor_id());
}

/**
 * ttp_datagram_find - the socket that a datagram to this host is for
 * @skb: the datagram, or an ICMP message about one that was sent from here
 * @key: its two ends
 * @icmp: it is a message
 *
 * Context: under RCU.
 * Return: the socket, valid under RCU; or %NULL.
 */
struct sock *ttp_datagram_find(struct sk_buff *skb, const struct ttp_key *key, bool icmp)
{
	struct net *net = dev_net(skb->dev);
	struct sock *found = NULL, *chosen;
	struct ttp_datagram_sock *dsk;
	int any, best = -1, points;

	for (any = false; any <= true; any++) {
		hlist_for_each_entry_rcu(dsk, ttp_datagram_slot(net, key, any), node) {
			points = score(&dsk->inet.sk, skb, key);
			if (points <= best)
				continue;
			best = points;
			found = &dsk->inet.sk;
		}
	}
	/* a connected socket is meant, and no other of its group */
	if (!found || !reuses_port(found) || READ_ONCE(found->sk_state) == TCP_ESTABLISHED)
		return found;
	/* a BPF program chooses for datagrams only */
	chosen = reuseport_select_sock(found, ttp_isn_hash(key), icmp ? NULL : skb,
				       sizeof(struct udphdr));
	/* one of the group may be bound to another device, or connected */
	return IS_ERR_OR_NULL(chosen) || score(chosen, skb, key) < 0 ? found : chosen;
}

/* Is a broadcast or multicast datagram also for this socket?  Context: under RCU. */
bool ttp_datagram_is_for(struct sock *sk, const struct sk_buff *skb, const struct ttp_key *key)
{
	return score(sk, skb, key) >= 0 &&
	       (ttp_ip_is_v6(skb) ? ttp_datagram6_member(sk, skb) : ttp_datagram4_member(sk, skb));
}
