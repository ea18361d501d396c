// SPDX-License-Identifier: GPL-2.0
/*
 * net.c - the ground that all of the module stands on: what TTP keeps for each
 * network namespace, and numbers for connections.
 *
 * Called by everything. Context: any.
 *
 * Next: main.c, which makes a namespace's part and takes it down.
 */
#include <net/netns/generic.h>

#include "ttp.h"

unsigned int ttp_net_id __read_mostly;

/**
 * ttp_net - the part of a network namespace that is TTP's
 * @net: the namespace
 *
 * Context: any. Return: never %NULL between init and exit of the module.
 */
struct ttp_net *ttp_net(const struct net *net)
{
	return net_generic(net, ttp_net_id);
}

/**
 * ttp_net_new_id - a number for a new connection
 *
 * Context: any. Return: a number never given before since the module was loaded.
 */
u64 ttp_net_new_id(void)
{
	static atomic64_t last = ATOMIC64_INIT(0);

	return atomic64_inc_return(&last);
}
