// SPDX-License-Identifier: GPL-2.0
/*
 * net.c - what TTP keeps for each network namespace, and the numbers of connections.
 *
 * Called by every other file. Context: any.
 *
 * Next: main.c, which sets a namespace's part up and takes it down.
 */
#include <net/netns/generic.h>

#include "ttp.h"

unsigned int ttp_net_id __read_mostly;

/* The part of a network namespace that is TTP's; never NULL between init and exit. */
struct ttp_net *ttp_net(const struct net *net)
{
	return net_generic(net, ttp_net_id);
}

/* A number for a new connection, never given before since the module was loaded. */
u64 ttp_net_new_id(void)
{
	static atomic64_t last = ATOMIC64_INIT(0);

	return atomic64_inc_return(&last);
}
