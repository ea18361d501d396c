/* SPDX-License-Identifier: GPL-2.0 */
/*
 * explore.h - many schedules of few short connections.
 *
 * A schedule is a connection, a mix of options, and what happens to which
 * segments.  Each is run without a story; one that fails is run again with it.
 */
#ifndef _TTP_EXPLORE_H
#define _TTP_EXPLORE_H

#include "sim.h"

/* bits of a mix */
#define MIX_SACK	BIT(0)
#define MIX_TS		BIT(1)
#define MIX_BIG		BIT(2)	/* packets of several segments, window scale */
#define MIX_ECN		BIT(3)
#define MIX_NODELAY	BIT(4)
#define MIXES		32

/**
 * struct schedule - one run
 * @which: the connection, below explore_connections()
 * @mix: MIX_*
 * @plan: what happens to which segment
 * @nplan: entries of @plan
 * @iss: of both ends; 0: the usual
 */
struct schedule {
	u32 which;
	u32 mix;
	struct sim_plan plan[SIM_PLAN];
	u32 nplan;
	u32 iss[2];
};

/* What a connection is like when nothing happens to it. */
struct calm {
	u32 sent;
	u64 done_us;
	struct {
		u8 from;
		u32 off, len;
	} seqs[SIM_SEQS];
};

extern bool explore_full;	/* take minutes, not seconds */
extern u64 explore_runs, explore_segments;

u32 explore_connections(void);
const char *explore_name(u32 which);
/* Return: false when the test has failed. */
bool explore_calm(u32 which, u32 mix, struct calm *calm);
bool explore_run(const struct schedule *c, const struct calm *calm);

#endif
