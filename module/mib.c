// SPDX-License-Identifier: GPL-2.0
/*
 * mib.c - counters of a network namespace, one set for each CPU.
 *
 * core/mib.h lists what is counted, and why.
 *
 * Called by every other file. Context: any.
 *
 * Next: see/procfs.c and see/netlink.c, which show them.
 */
#include "ttp.h"

const char *const ttp_mib_names[TTP_MIB_MAX] = {
#define NAME(id, name)	\
	[TTP_MIB_##id] = name,
	TTP_MIB_LIST(NAME)
#undef NAME
};

/* A counter: the sum over all CPUs. */
u64 ttp_mib_get(const struct ttp_net *tn, enum ttp_mib mib)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tn->mib, cpu)->mibs[mib]);
	return sum;
}

/* How often the transition in that row of ttp_transitions[] was taken. */
u64 ttp_mib_taken(const struct ttp_net *tn, unsigned int transition)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tn->taken, cpu)->mibs[transition]);
	return sum;
}
