// SPDX-License-Identifier: GPL-2.0
/*
 * observe.c - what the core reports (core/queue.h), kept for the tests.
 */
#include "queue.h"

u64 host_counts[TTP_MIB_MAX];
struct host_step host_history[HOST_HISTORY];
u32 host_nhistory;

void ttp_observe_state(struct ttp_conn *conn, u8 from, const struct ttp_cause *cause)
{
	host_history[host_nhistory++ % HOST_HISTORY] = (struct host_step){
		.from = from, .to = conn->state, .what = cause->what,
	};
}

void ttp_count(struct ttp_conn *conn, enum ttp_mib mib)
{
	WARN_ON_ONCE(mib >= TTP_MIB_MAX);
	host_counts[mib]++;
}
