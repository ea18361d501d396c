/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - what differs between kernel versions, and nothing else.
 *
 * Force-included ahead of every file of the module, so that no other file has
 * a version branch.  Written for Debian 12's 6.1.
 */
#ifndef _TTP_COMPAT_H
#define _TTP_COMPAT_H

#define pr_fmt(fmt) "ttp: " fmt

#include <linux/version.h>

/* the user is not done with the last segment; until 6.5 sendfile() had its own word */
#if KERNEL_VERSION(6, 5, 0) > LINUX_VERSION_CODE
#define MSG_MORE_COMES (MSG_MORE | MSG_SENDPAGE_NOTLAST)
#else
#define MSG_MORE_COMES MSG_MORE
#endif

#endif
