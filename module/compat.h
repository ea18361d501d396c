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

#include <linux/socket.h>

/* until 6.5 sendfile() said so of all pages but the last; since, by MSG_MORE */
#ifndef MSG_SENDPAGE_NOTLAST
#define MSG_SENDPAGE_NOTLAST 0
#endif

#endif
