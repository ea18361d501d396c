// SPDX-License-Identifier: GPL-2.0
/*
 * mib.c - counters of a network namespace, one set for each CPU.
 *
 * What is counted, and why, is listed in core/mib.h.
 */
#include <net/snmp.h>

#include "ttp.h"

const char *const ttp_mib_names[TTP_MIB_MAX] = {
#define NAME(id, name)	\
	[TTP_MIB_##id] = name,
	TTP_MIB_LIST(NAME)
#undef NAME
};

/**
 * ttp_mib_inc - count
 * @net: network namespace
 * @mib: what; %TTP_MIB_NONE is not counted
 *
 * Context: any.
 */
void ttp_mib_inc(struct net *net, enum ttp_mib mib)
{
	if (mib < TTP_MIB_MAX)
		SNMP_INC_STATS(ttp_net(net)->mib, mib);
}

/**
 * ttp_mib_add - count more than one
 * @net: network namespace
 * @mib: what
 * @n: how many
 *
 * Context: any.
 */
void ttp_mib_add(struct net *net, enum ttp_mib mib, unsigned long n)
{
	SNMP_ADD_STATS(ttp_net(net)->mib, mib, n);
}

/**
 * ttp_mib_get - read a counter
 * @tn: network namespace
 * @mib: which
 *
 * Return: the sum over all CPUs.
 */
u64 ttp_mib_get(const struct ttp_net *tn, enum ttp_mib mib)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tn->mib, cpu)->mibs[mib]);
	return sum;
}

/**
 * ttp_mib_taken - how often was a transition taken?
 * @tn: network namespace
 * @transition: index in ttp_transitions[]
 *
 * Return: the sum over all CPUs.
 */
u64 ttp_mib_taken(const struct ttp_net *tn, unsigned int transition)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tn->taken, cpu)->mibs[transition]);
	return sum;
}
