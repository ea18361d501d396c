// SPDX-License-Identifier: GPL-2.0
/*
 * net.c - the numbers of connections, and where a network namespace keeps what is TTP's.
 *
 * Called by every other file. Context: any.
 *
 * Next: main.c, which sets a namespace's part up and takes it down.
 */
#include "ttp.h"

unsigned int ttp_net_id __read_mostly;

/* A number for a new connection, never given before since the module was loaded. */
u64 ttp_net_new_id(void)
{
	static atomic64_t last = ATOMIC64_INIT(0);

	return atomic64_inc_return(&last);
}
