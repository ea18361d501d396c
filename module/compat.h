/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - what differs between kernel versions.
 *
 * The compiler includes it before every file of the module (-include), so that no other
 * file asks for the version.  Written for Debian 12's 6.1.
 *
 * Next: ttp.h.
 */
#ifndef _TTP_COMPAT_H
#define _TTP_COMPAT_H

#define pr_fmt(fmt) "ttp: " fmt

#include <linux/version.h>

/* the user will write more; until 6.5 sendfile() had a flag of its own for that */
#if KERNEL_VERSION(6, 5, 0) > LINUX_VERSION_CODE
#define MSG_MORE_COMES (MSG_MORE | MSG_SENDPAGE_NOTLAST)
#else
#define MSG_MORE_COMES MSG_MORE
#endif

/* TP_fast_assign(): since 6.10 the macro knows the source */
#if KERNEL_VERSION(6, 10, 0) > LINUX_VERSION_CODE
#define ttp_assign_str(dst, src) __assign_str(dst, src)
#else
#define ttp_assign_str(dst, src) __assign_str(dst)
#endif

/* what is always filled in before it is used, and too large to be zeroed for each segment
 * (CONFIG_INIT_STACK_ALL_ZERO)
 */
#include <linux/compiler.h>
#ifndef __uninitialized
#define __uninitialized __attribute__((__uninitialized__))
#endif

#endif
