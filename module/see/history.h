/* SPDX-License-Identifier: GPL-2.0 */
/*
 * history.h - what is remembered of a connection.
 *
 * Next: history.c.
 */
#ifndef _TTP_SEE_HISTORY_H
#define _TTP_SEE_HISTORY_H

#include "ttp.h"

#define TTP_HISTORY_STEPS	12	/* a connection takes fewer */

/* A transition that was taken */
struct ttp_step {
	u64 time_ns;	/* when, as ktime_get_ns() has it */
	const char *what;	/* struct ttp_cause's */
	u8 from;	/* enum ttp_st */
	u8 to;
	u8 kind;	/* enum ttp_by */
};

/* A connection that is, or was */
struct ttp_history {
	struct list_head list;	/* in ttp_net.history */
	struct rcu_head rcu;
	u64 number;	/* each has a larger one than those before it */
	u64 id;	/* struct ttp_conn's */
	struct ttp_key key;	/* its 4-tuple when the last step was taken */
	u32 nsteps;
	struct ttp_step steps[TTP_HISTORY_STEPS];
};

void ttp_history_note(struct ttp_net *tn, struct ttp_ep *ep, u8 from,
		      const struct ttp_cause *cause);
void ttp_history_copy(struct ttp_net *tn, const struct ttp_history *from, struct ttp_history *to);
void ttp_history_init(struct ttp_net *tn);
void ttp_history_exit(struct ttp_net *tn);

#endif
