// SPDX-License-Identifier: GPL-2.0
/*
 * local.c - to which addresses of this host does an end point belong?
 *
 * A socket of AF_INET6 that is bound to no address takes what comes by IPv4, too, unless the
 * user has set IPV6_V6ONLY (RFC 3493 3.7, 5.3): so sockets of different families may want the
 * same port of the same address.  Here an address of IPv4 is an IPv4-mapped one.
 *
 * Called by port.c, demux.c and datagram/table.c. Context: any; a socket's lock need not be held.
 *
 * Next: port.c.
 */
#include <linux/jhash.h>
#include <net/ipv6.h>
#include <net/netns/hash.h>

#include "ttp.h"

/* Those of a 4-tuple */
void ttp_local_of_key(const struct ttp_key *key, struct ttp_local *local)
{
	if (key->family == AF_INET)
		ipv6_addr_set_v4mapped(key->local.v4, &local->addr);
	else
		local->addr = key->local.v6;
	local->v4 = ipv6_addr_v4mapped(&local->addr);
	local->v6 = !local->v4;
	local->any = local->v4 ? !local->addr.s6_addr32[3] : ipv6_addr_any(&local->addr);
}

/* Those of a socket */
void ttp_local_of_sock(const struct sock *sk, struct ttp_local *local)
{
	struct ttp_key key;

	ttp_sk_bound(sk, &key);
	ttp_local_of_key(&key, local);
	if (local->any && local->v6)
		/* not locked: setsockopt() may change this bit, either value is right */
		local->v4 = !data_race(!!ipv6_only_sock(sk));
}

/* May the same segment be for both? */
bool ttp_local_meet(const struct ttp_local *a, const struct ttp_local *b)
{
	return ((a->v4 && b->v4) || (a->v6 && b->v6)) &&
	       (a->any || b->any || ipv6_addr_equal(&a->addr, &b->addr));
}

/* Are the same segments for both? */
bool ttp_local_same(const struct ttp_local *a, const struct ttp_local *b)
{
	return a->v4 == b->v4 && a->v6 == b->v6 && ipv6_addr_equal(&a->addr, &b->addr);
}

/**
 * ttp_local_slot - where what is bound to a port is, among others
 * @net: its namespace
 * @port: network byte order
 * @local: the address; those bound to any have a slot for each port
 *
 * The namespace has a secret number: nobody can choose addresses and ports that share a slot, to
 * make each packet for one of them pass all the others.  The port is hashed with it first: a sum
 * of both would let a change of the port undo one of the address.  Each address has its own slot,
 * because a user may bind thousands of 127.0.0.0/8 to the same port.
 *
 * Return: a number below %TTP_BOUND_SLOTS.
 */
u32 ttp_local_slot(const struct net *net, __be16 port, const struct ttp_local *local)
{
	static const struct in6_addr any;
	const struct in6_addr *addr = local->any ? &any : &local->addr;

	return jhash2((const u32 *)addr, sizeof(*addr) / sizeof(u32),
		      jhash_1word((__force u32)port, net_hash_mix(net))) % TTP_BOUND_SLOTS;
}
