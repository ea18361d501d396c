/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shim.h - the few names that the protocol core needs from its surroundings.
 *
 * Everything in core/ includes this and nothing else from outside, so the same
 * files compile into the kernel module and into the host's tests and fuzzers.
 *
 * Next: queue.h for the functions that it needs, core.h for those that it has.
 */
#ifndef _TTP_CORE_SHIM_H
#define _TTP_CORE_SHIM_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
typedef int32_t s32;

#define U32_MAX			0xffffffffU
#define BIT(n)			(1UL << (n))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define max_t(t, a, b)		max((t)(a), (t)(b))
#define min_not_zero(a, b)	((a) && (b) ? min(a, b) : (a) ?: (b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define swap(a, b)		do { __typeof__(a) __t = (a); (a) = (b); (b) = __t; } while (0)
#define DIV_ROUND_UP(a, b)	(((a) + (b) - 1) / (b))
#define div_u64(a, b)		((u64)(a) / (u32)(b))
#define div64_u64(a, b)		((u64)(a) / (u64)(b))
#define READ_ONCE(x)		(x)
#define smp_store_release(p, v)	(*(p) = (v))	/* there is one thread */
#define WRITE_ONCE(x, val)	((x) = (val))

/* A broken invariant ends a host test at once. */
#define WARN_ON_ONCE(c)		({ bool __c = (c); if (__c) __builtin_trap(); __c; })
#endif

#endif
