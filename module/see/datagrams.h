/* SPDX-License-Identifier: GPL-2.0 */
/*
 * datagrams.h - what there is to see of datagrams.
 *
 * Next: datagrams.c.
 */
#ifndef _TTP_SEE_DATAGRAMS_H
#define _TTP_SEE_DATAGRAMS_H

#include <linux/netlink.h>
#include <linux/seq_file_net.h>

#include "ttp.h"

/* Where a reader of the list of sockets is */
struct ttp_datagrams_place {
	u32 slot;
	u64 before;	/* number of the last one that was shown */
	u64 id;	/* of the one that comes next, while the list is read */
};

/* A reader of /proc/net/ttp/datagrams */
struct ttp_datagrams_reader {
	struct seq_net_private net;	/* first, for the kernel's functions */
	struct ttp_datagrams_place place;
	loff_t pos;	/* the line at which it is */
};

/* What happened to a datagram */
struct ttp_datagram_event {
	u64 id;	/* of the socket, or 0 */
	u8 direction;
	u32 len;	/* bytes of data */
	enum ttp_mib drop;	/* why it was dropped, or TTP_MIB_NONE */
};

extern const struct seq_operations ttp_datagrams_seq_ops;
int ttp_datagrams_dump(struct sk_buff *msg, struct netlink_callback *cb);
void ttp_datagrams_sent(const struct sock *sk, const struct ttp_key *key, u32 len);
void ttp_datagrams_tell(struct net *net, const struct ttp_key *key,
			const struct ttp_datagram_event *what);

#endif
