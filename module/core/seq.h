/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seq.h - arithmetic modulo 2^32 on sequence numbers (RFC 9293 3.4).
 *
 * Two numbers compare right as long as they are less than 2^31 apart, which
 * the window rules guarantee for every pair that the protocol compares.
 *
 * Next: shim.h.
 */
#ifndef _TTP_CORE_SEQ_H
#define _TTP_CORE_SEQ_H

#include "shim.h"

/* a < b */
static inline bool seq_lt(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

/* a =< b */
static inline bool seq_leq(u32 a, u32 b)
{
	return (s32)(a - b) <= 0;
}

/* a > b */
static inline bool seq_gt(u32 a, u32 b)
{
	return (s32)(a - b) > 0;
}

/* a >= b */
static inline bool seq_geq(u32 a, u32 b)
{
	return (s32)(a - b) >= 0;
}

static inline u32 seq_max(u32 a, u32 b)
{
	return seq_gt(a, b) ? a : b;
}

static inline u32 seq_min(u32 a, u32 b)
{
	return seq_lt(a, b) ? a : b;
}

#endif
