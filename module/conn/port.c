// SPDX-License-Identifier: GPL-2.0
/*
 * port.c - local ports: bind(), and the choice of one by connect().
 *
 * A port belongs to those who bound it, to the children of a listener, and to
 * the TIME_WAITs of either.  TTP's ports are apart from TCP's and UDP's; those of
 * net.ipv4.ip_local_reserved_ports are chosen for neither.
 */
#include <net/addrconf.h>
#include <net/l3mdev.h>

#include "ttp.h"

/* A port in use */
struct ttp_port {
	struct hlist_node node;	/* in ttp_net.ports */
	u16 num;	/* its number, host byte order */
	bool bound;	/* someone asked for it by bind(), so connect() must not choose it */
	struct hlist_head owners;	/* end points, linked by ttp_ep.port_node */
};

/**
 * ttp_port_init - a network namespace begins
 * @tn: its ports
 */
void ttp_port_init(struct ttp_net *tn)
{
	spin_lock_init(&tn->port_lock);
	get_random_bytes(tn->port_next, sizeof(tn->port_next));
}

static struct hlist_head *slot(struct ttp_net *tn, u16 num)
{
	return &tn->ports[num % TTP_PORT_SLOTS];
}

static struct ttp_port *find(struct ttp_net *tn, u16 num)
{
	struct ttp_port *port;

	hlist_for_each_entry(port, slot(tn, num), node)
		if (port->num == num)
			return port;
	return NULL;
}

static struct ttp_port *create(struct ttp_net *tn, u16 num, bool bound)
{
	struct ttp_port *port = kzalloc(sizeof(*port), GFP_ATOMIC);

	if (!port)
		return NULL;
	port->num = num;
	port->bound = bound;
	hlist_add_head(&port->node, slot(tn, num));
	return port;
}

static void join(struct ttp_port *port, struct ttp_ep *ep)
{
	ep->port = port;
	hlist_add_head(&ep->port_node, &port->owners);
}

static void leave(struct ttp_ep *ep)
{
	struct ttp_port *port = ep->port;

	if (!port)
		return;
	hlist_del_init(&ep->port_node);
	ep->port = NULL;
	if (hlist_empty(&port->owners)) {
		hlist_del(&port->node);
		kfree(port);
	}
}

/* The next ones are about another socket, which is not locked: setsockopt() or
 * connect() may change it at this moment, and either value is a right answer.
 */
static bool listens(struct ttp_ep *ep)
{
	return READ_ONCE(ep->conn->state) == TTP_LISTEN;
}

static bool reuses(struct ttp_ep *ep)
{
	if (ep->kind == TTP_KIND_TIMEWAIT)
		return container_of(ep, struct ttp_tw, ep)->reuse;
	/* a bit: before setsockopt(), or after it */
	return data_race(!!ttp_ep_sock(ep)->sk_reuse);
}

static __be32 local_addr(struct ttp_ep *ep)
{
	if (ep->kind == TTP_KIND_TIMEWAIT)
		return ep->key.local.v4;
	return READ_ONCE(inet_sk(ttp_ep_sock(ep))->inet_rcv_saddr);
}

static int local_dev(struct ttp_ep *ep)
{
	if (ep->kind == TTP_KIND_TIMEWAIT)
		return container_of(ep, struct ttp_tw, ep)->path.oif;
	return READ_ONCE(ttp_ep_sock(ep)->sk_bound_dev_if);
}

/* Of different VRFs: each has ports of its own, unless one may listen in all. */
static bool apart(struct ttp_ep *ep, const struct sock *sk)
{
	struct net *net = sock_net(sk);

	return !READ_ONCE(ttp_net(net)->l3mdev_accept) &&
	       l3mdev_master_ifindex_by_index(net, local_dev(ep)) !=
	       l3mdev_master_ifindex_by_index(net, sk->sk_bound_dev_if);
}

/* Both have SO_REUSEPORT, and the same owner: none can steal from another. */
static bool shares(struct ttp_ep *ep, const struct sock *sk)
{
	const struct sock *other;

	if (!sk->sk_reuseport)
		return false;
	if (ep->kind == TTP_KIND_TIMEWAIT)
		return container_of(ep, struct ttp_tw, ep)->reuseport;
	other = ttp_ep_sock(ep);
	/* a bit, too */
	return data_race(!!other->sk_reuseport) && uid_eq(other->sk_uid, sk->sk_uid);
}

/* Two sockets may not share a port.  Linux's rule for TCP: they may on
 * different addresses or interfaces, or when both have SO_REUSEADDR and
 * neither listens, or by SO_REUSEPORT.  So one may listen beside those that are
 * connecting (MUST-42), and none takes a listener's place (MUST-41) that does
 * not let it.
 */
static bool conflicts(struct ttp_port *port, struct sock *sk)
{
	__be32 addr = inet_sk(sk)->inet_rcv_saddr, other;
	struct ttp_ep *ep;
	int dev;

	hlist_for_each_entry(ep, &port->owners, port_node) {
		if (ep == &ttp_sk(sk)->ep)
			continue;
		dev = local_dev(ep);
		if (sk->sk_bound_dev_if && dev && sk->sk_bound_dev_if != dev)
			continue;
		if (apart(ep, sk))
			continue;
		other = local_addr(ep);
		if (addr && other && addr != other)
			continue;
		if (sk->sk_reuse && reuses(ep) && !listens(ep))
			continue;
		if (shares(ep, sk))
			continue;
		return true;
	}
	return false;
}

/* Try to bind @sk to port @num; the lock is held. */
static int take(struct ttp_net *tn, struct sock *sk, u16 num)
{
	struct ttp_port *port = find(tn, num);

	if (port && conflicts(port, sk))
		return -EADDRINUSE;
	if (!port)
		port = create(tn, num, true);
	if (!port)
		return -ENOMEM;
	port->bound = true;
	join(port, &ttp_sk(sk)->ep);
	inet_sk(sk)->inet_num = num;
	return 0;
}

static u32 range(const struct ttp_net *tn, u32 *first)
{
	u32 low = clamp(READ_ONCE(tn->port_range[0]), 1, 65535);
	u32 high = clamp(READ_ONCE(tn->port_range[1]), (int)low, 65535);

	*first = low;
	return high - low + 1;
}

/* The lock is not held for all of the search, which may be long. */
static int bind_any(struct ttp_net *tn, struct sock *sk)
{
	u32 first, n = range(tn, &first), start = get_random_u32() % n, i;	/* RFC 6056 3.3.1 */
	int err = -EADDRINUSE;
	u16 num;

	for (i = 0; i < n && err == -EADDRINUSE; i++) {
		num = first + (start + i) % n;
		if (inet_is_local_reserved_port(sock_net(sk), num))
			continue;
		spin_lock_bh(&tn->port_lock);
		if (!find(tn, num))
			err = take(tn, sk, num);
		spin_unlock_bh(&tn->port_lock);
		cond_resched();
	}
	return err;
}

/**
 * ttp_port_bind - bind a socket to a port
 * @sk: inet_rcv_saddr and sk_bound_dev_if are set
 * @num: the port, host byte order; 0 for any
 *
 * For a socket that is bound already (listen() asks so) it says whether the
 * port may be kept.
 *
 * Context: socket lock held. Return: 0, -EADDRINUSE, -ENOMEM.
 */
int ttp_port_bind(struct sock *sk, unsigned short num)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));
	struct ttp_ep *ep = &ttp_sk(sk)->ep;
	int err;

	if (!ep->port && !num)
		return bind_any(tn, sk);
	spin_lock_bh(&tn->port_lock);
	if (ep->port)
		err = conflicts(ep->port, sk) ? -EADDRINUSE : 0;
	else
		err = take(tn, sk, num);
	spin_unlock_bh(&tn->port_lock);
	return err;
}

/**
 * ttp_port_put - a bind was not to be after all (struct proto's put_port)
 * @sk: bound
 */
void ttp_port_put(struct sock *sk)
{
	ttp_port_release(&ttp_sk(sk)->ep);
	inet_sk(sk)->inet_num = 0;
	inet_sk(sk)->inet_sport = 0;
}

/* Take a port if it and the 4-tuple are free, for all that connect() needs.
 * Return: 0, -EADDRINUSE when someone is bound to it, -EADDRNOTAVAIL when the
 * 4-tuple is taken, -ENOMEM.
 */
static int try_port(struct ttp_net *tn, struct ttp_ep *ep, u16 num)
{
	struct ttp_port *port;
	int err = -EADDRINUSE;

	spin_lock_bh(&tn->port_lock);
	port = find(tn, num);
	if (port && port->bound)
		goto out;
	ep->key.lport = htons(num);
	err = ttp_demux_insert(ep);
	if (err)
		goto out;
	if (!port)
		port = create(tn, num, false);
	if (!port) {
		ttp_demux_remove(ep);
		err = -ENOMEM;
		goto out;
	}
	join(port, ep);
out:
	spin_unlock_bh(&tn->port_lock);
	return err;
}

/* Take the 4-tuple, if need be from a connection in TIME_WAIT: that is one step, in
 * which nobody else can come between.
 */
static int take_tuple(struct ttp_ep *ep, int taken, bool asked, u32 *iss)
{
	if (taken != -EADDRNOTAVAIL)
		return taken;
	*iss = ttp_timewait_reuse(ep, asked);
	return *iss ? 0 : taken;
}

/**
 * ttp_port_connect - give a connection its 4-tuple: a port, and a place in the table
 * @sk: ep.key is filled in but for the port of an unbound socket
 * @iss: set when it was that of a connection in TIME_WAIT: where to begin; else 0
 *
 * Many connections may share a port as long as they go to different places.  Where
 * the search begins says nothing of other destinations or namespaces: their hash and
 * the counter that it selects are others.  Counters grow by a random amount, for
 * those destinations that share one.
 *
 * Context: socket lock held. Return: 0, -EADDRNOTAVAIL, -ENOMEM.
 * Source: RFC 6056 3.3.4, algorithm 4.
 */
int ttp_port_connect(struct sock *sk, u32 *iss)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));
	struct inet_sock *inet = inet_sk(sk);
	struct ttp_ep *ep = &ttp_sk(sk)->ep;
	u32 i, first, n, start;
	u16 *next, num;
	u64 hash;
	int err;

	*iss = 0;
	if (inet->inet_num)
		return take_tuple(ep, ttp_demux_insert(ep), true, iss);

	n = range(tn, &first);
	hash = ttp_isn_port_hash(sock_net(sk), &ep->key);
	next = &tn->port_next[(hash >> 32) % TTP_PORT_COUNTERS];
	start = ((u32)hash + READ_ONCE(*next)) % n;
	for (i = 0; i < n; i++, cond_resched()) {
		num = first + (start + i) % n;
		if (inet_is_local_reserved_port(sock_net(sk), num))
			continue;
		err = take_tuple(ep, try_port(tn, ep, num), false, iss);
		if (err == -ENOMEM)
			return err;
		if (err)
			continue;
		inet->inet_num = num;
		inet->inet_sport = htons(num);
		WRITE_ONCE(*next, READ_ONCE(*next) + i + 1 + get_random_u32() % TTP_PORT_STEP);
		return 0;
	}
	ep->key.lport = 0;
	return -EADDRNOTAVAIL;
}

/**
 * ttp_port_share - hold the port that another end point holds
 * @ep: holds none
 * @from: holds one, or none any more
 *
 * Context: any; whatever guards both is held.
 */
void ttp_port_share(struct ttp_ep *ep, const struct ttp_ep *from)
{
	struct ttp_net *tn = ttp_net(from->net);

	spin_lock_bh(&tn->port_lock);
	if (from->port)
		join(from->port, ep);
	spin_unlock_bh(&tn->port_lock);
}

/**
 * ttp_port_release - let go of a port
 * @ep: holds one or not
 */
void ttp_port_release(struct ttp_ep *ep)
{
	struct ttp_net *tn = ttp_net(ep->net);

	spin_lock_bh(&tn->port_lock);
	leave(ep);
	spin_unlock_bh(&tn->port_lock);
}
