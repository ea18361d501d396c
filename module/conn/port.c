// SPDX-License-Identifier: GPL-2.0
/*
 * port.c - local ports: bind() to a given one, and the choice of an ephemeral port by
 * bind() and connect().
 *
 * A port is held by those who bound it, by the children of a listener, and by both kinds
 * in TIME_WAIT.  TTP's ports have nothing to do with TCP's and UDP's; those of
 * net.ipv4.ip_local_reserved_ports are never chosen.
 *
 * Called by inet_bind() through struct proto, connect.c, listen.c, whatever makes or ends an end
 * point, and datagram/table.c. Context: any, unless a function says otherwise.
 *
 * Next: isn.c for the hash that makes the choice unpredictable.
 */
#include <net/l3mdev.h>

#include "ttp.h"

/* A network namespace begins. */
void ttp_port_init(struct ttp_net *tn)
{
	xa_init_flags(&tn->ports, XA_FLAGS_LOCK_BH | XA_FLAGS_ACCOUNT);
	xa_init_flags(&tn->datagrams.ports, XA_FLAGS_LOCK_BH | XA_FLAGS_ACCOUNT);
	get_random_bytes(tn->port_next, sizeof(tn->port_next));
}

/**
 * ttp_port_get - look a port up, or begin to keep it
 * @ports: of a namespace, locked
 * @num: its number, host byte order
 *
 * Return: the port, to be given to ttp_port_tidy() if it gets no owner; %NULL without memory.
 */
struct ttp_port *ttp_port_get(struct xarray *ports, u16 num)
{
	struct ttp_port *port = xa_load(ports, num);

	if (port)
		return port;
	port = kzalloc(sizeof(*port), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!port)
		return NULL;
	port->num = num;
	if (!xa_is_err(__xa_store(ports, num, port, GFP_ATOMIC)))
		return port;
	kfree(port);
	return NULL;
}

/* Keep it no longer if nobody holds it.  The same context. */
void ttp_port_tidy(struct xarray *ports, struct ttp_port *port)
{
	if (!hlist_empty(&port->owners))
		return;
	__xa_erase(ports, port->num);
	kfree(port);
}

static void join(struct ttp_port *port, struct ttp_ep *ep)
{
	ep->port = port;
	hlist_add_head(&ep->port_node, &port->owners);
}

/* The next functions read another socket without its lock.  setsockopt() or connect() may
 * change it at this moment: either value is right.
 */
static bool reuses(struct ttp_ep *ep)
{
	if (ep->kind == TTP_KIND_TIMEWAIT)
		return ttp_ep_tw(ep)->reuse;
	/* a bit has no READ_ONCE() */
	return data_race(!!ttp_ep_sock(ep)->sk_reuse);
}

static void local_of(struct ttp_ep *ep, struct ttp_local *local)
{
	if (ep->kind == TTP_KIND_TIMEWAIT)
		ttp_local_of_key(&ep->key, local);
	else
		ttp_local_of_sock(ttp_ep_sock(ep), local);
}

/* In different VRFs, each of which has ports of its own, unless l3mdev_accept is set. */
static bool apart(struct ttp_ep *ep, const struct sock *sk)
{
	struct net *net = sock_net(sk);

	return !READ_ONCE(ttp_net(net)->l3mdev_accept) &&
	       l3mdev_master_ifindex_by_index(net, ttp_demux_dev(ep)) !=
	       l3mdev_master_ifindex_by_index(net, sk->sk_bound_dev_if);
}

/* Both have SO_REUSEPORT and the same owner: no user can steal another's port. */
static bool shares(struct ttp_ep *ep, const struct sock *sk)
{
	const struct sock *other;

	if (!sk->sk_reuseport)
		return false;
	if (ep->kind == TTP_KIND_TIMEWAIT)
		return ttp_ep_tw(ep)->reuseport;
	other = ttp_ep_sock(ep);
	/* as in reuses() */
	return data_race(!!other->sk_reuseport) && uid_eq(other->sk_uid, sk->sk_uid);
}

/* May @sk not have this port?  As with Linux's TCP, two sockets may share a port on
 * different addresses, of either family, or interfaces, or when both have SO_REUSEADDR and
 * neither listens, or by SO_REUSEPORT.  So a socket may listen on a port from which others
 * connect (MUST-42), and none can take a listener's port unless that allows it (MUST-41).
 * With @any, the user has asked for no port in particular: then options share none.
 */
static bool conflicts(struct ttp_port *port, struct sock *sk, bool any)
{
	struct ttp_local local, other;
	struct ttp_ep *ep;
	int dev;

	ttp_local_of_sock(sk, &local);
	hlist_for_each_entry(ep, &port->owners, port_node) {
		if (ep == &ttp_sk(sk)->ep)
			continue;
		/* what is quickly asked first: a server's port has many owners */
		if (!any && sk->sk_reuse && reuses(ep) && READ_ONCE(ep->conn->state) != TTP_LISTEN)
			continue;
		if (!any && shares(ep, sk))
			continue;
		dev = ttp_demux_dev(ep);
		if (sk->sk_bound_dev_if && dev && sk->sk_bound_dev_if != dev)
			continue;
		local_of(ep, &other);
		if (!ttp_local_meet(&local, &other) || apart(ep, sk))
			continue;
		return true;
	}
	return false;
}

/* Bind @sk to port @num if nobody else has it; ports are locked. */
static int take(struct ttp_net *tn, struct sock *sk, u16 num, bool any)
{
	struct ttp_port *port = ttp_port_get(&tn->ports, num);

	if (!port)
		return -ENOMEM;
	if (conflicts(port, sk, any))	/* not a new one: it has no owners */
		return -EADDRINUSE;
	port->bound = true;
	join(port, &ttp_sk(sk)->ep);
	WRITE_ONCE(inet_sk(sk)->inet_num, num);
	return 0;
}

/* The ephemeral ports of a socket: how many there are, and the first.  IP_LOCAL_PORT_RANGE counts
 * as far as it is within the namespace's.
 */
u32 ttp_port_range(const struct sock *sk, u32 *first)
{
	const struct ttp_net *tn = ttp_net(sock_net(sk));
	u32 low = clamp(READ_ONCE(tn->port_range[0]), 1, 65535);
	u32 high = clamp(READ_ONCE(tn->port_range[1]), (int)low, 65535);
	u32 own = ttp_own_port_range(sk);

	if ((own & 0xffff) >= low && (own & 0xffff) <= high)
		low = own & 0xffff;
	if (own >> 16 >= low && own >> 16 <= high)
		high = own >> 16;
	*first = low;
	return high - low + 1;
}

/* Bind to an ephemeral port (RFC 6056 3.3.1).  The lock is taken for each port anew, because
 * the search may be long.
 */
static int bind_any(struct ttp_net *tn, struct sock *sk)
{
	u32 first, n = ttp_port_range(sk, &first), start = get_random_u32() % n, i;
	int err = -EADDRINUSE;
	u16 num;

	for (i = 0; i < n && err == -EADDRINUSE; i++) {
		num = first + (start + i) % n;
		if (inet_is_local_reserved_port(sock_net(sk), num))
			continue;
		xa_lock_bh(&tn->ports);
		err = take(tn, sk, num, true);
		xa_unlock_bh(&tn->ports);
		cond_resched();
	}
	return err;
}

/**
 * ttp_port_bind - bind a socket to a port
 * @sk: its address and sk_bound_dev_if are set; socket lock held
 * @num: the port, host byte order; 0: choose an ephemeral port
 *
 * listen() calls it for a socket that is bound already: may it keep its port?
 *
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int ttp_port_bind(struct sock *sk, unsigned short num)
{
	struct ttp_net *tn = ttp_sk_net(sk);
	struct ttp_ep *ep = &ttp_sk(sk)->ep;
	int err;

	if (!ep->port && !num)
		return bind_any(tn, sk);
	xa_lock_bh(&tn->ports);
	if (ep->port)
		err = conflicts(ep->port, sk, false) ? -EADDRINUSE : 0;
	else
		err = take(tn, sk, num, false);
	xa_unlock_bh(&tn->ports);
	return err;
}

/* Take a bind() back: a later step of it has failed (struct proto's put_port), or LISTEN ends. */
void ttp_port_put(struct sock *sk)
{
	ttp_port_release(&ttp_sk(sk)->ep);
	WRITE_ONCE(inet_sk(sk)->inet_num, 0);
	inet_sk(sk)->inet_sport = 0;
}

/* Take an ephemeral port for connect(), if nobody is bound to it and the 4-tuple is free.
 * Return: 0, -EADDRINUSE when somebody is bound to it, -EADDRNOTAVAIL when the 4-tuple is
 * taken, -ENOMEM.
 */
static int try_port(struct ttp_net *tn, struct ttp_ep *ep, u16 num)
{
	struct ttp_port *port;
	int err = -ENOMEM;

	xa_lock_bh(&tn->ports);
	port = ttp_port_get(&tn->ports, num);
	if (!port)
		goto out;
	ep->key.lport = htons(num);
	err = port->bound ? -EADDRINUSE : ttp_demux_insert(ep);
	if (!err)
		join(port, ep);
	ttp_port_tidy(&tn->ports, port);
out:
	xa_unlock_bh(&tn->ports);
	return err;
}

/* If the 4-tuple is @taken by a connection in TIME_WAIT that may be reused, take it: in
 * one step, so nobody else can get it in between.
 */
static int take_tuple(struct ttp_ep *ep, int taken, bool asked, u32 *iss)
{
	if (taken != -EADDRNOTAVAIL)
		return taken;
	*iss = ttp_timewait_reuse(ep, asked);
	return *iss ? 0 : taken;
}

/**
 * ttp_port_connect - active OPEN: choose an ephemeral port, enter the 4-tuple into the
 * connection table
 * @sk: socket lock held; ep.key is filled in but for the port of an unbound socket
 * @iss: the initial sequence number to use, if the 4-tuple was in TIME_WAIT; else 0
 *
 * Connections to different destinations may share a port.  The search begins at a hash
 * of the destination and namespace, plus a counter that this hash selects: so nobody
 * learns from the port of one destination what the port of another will be.  A counter
 * grows by a random amount, for destinations that share it.
 *
 * Return: 0, -EADDRNOTAVAIL, -ENOMEM. Source: RFC 6056 3.3.4, algorithm 4.
 */
int ttp_port_connect(struct sock *sk, u32 *iss)
{
	struct ttp_net *tn = ttp_sk_net(sk);
	struct inet_sock *inet = inet_sk(sk);
	struct ttp_ep *ep = &ttp_sk(sk)->ep;
	u32 i, first, n, start;
	u16 *next, num;
	u64 hash;
	int err;

	*iss = 0;
	if (inet->inet_num)
		return take_tuple(ep, ttp_demux_insert(ep), true, iss);

	n = ttp_port_range(sk, &first);
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
		WRITE_ONCE(inet->inet_num, num);
		inet->inet_sport = htons(num);
		WRITE_ONCE(*next, READ_ONCE(*next) + i + 1 + get_random_u32() % TTP_PORT_STEP);
		return 0;
	}
	ep->key.lport = 0;
	return -EADDRNOTAVAIL;
}

/**
 * ttp_port_share - let an end point hold the port that another one holds
 * @ep: holds none
 * @from: holds one, or none any more
 *
 * Context: whatever guards both is held.
 */
void ttp_port_share(struct ttp_ep *ep, struct ttp_ep *from)
{
	struct ttp_net *tn = from->tn;

	xa_lock_bh(&tn->ports);
	ep->port = from->port;
	if (ep->port)	/* behind a listener: bind() sees the conflict with it at once */
		hlist_add_behind(&ep->port_node, &from->port_node);
	xa_unlock_bh(&tn->ports);
}

void ttp_port_release(struct ttp_ep *ep)
{
	struct ttp_net *tn = ep->tn;
	struct ttp_port *port;

	xa_lock_bh(&tn->ports);
	port = ep->port;
	ep->port = NULL;
	hlist_del_init(&ep->port_node);
	if (port)
		ttp_port_tidy(&tn->ports, port);
	xa_unlock_bh(&tn->ports);
}
