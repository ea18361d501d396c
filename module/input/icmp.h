/* SPDX-License-Identifier: GPL-2.0 */
/*
 * icmp.h - what icmp.c and icmp6.c share.
 *
 * Next: icmp.c.
 */
#ifndef _TTP_INPUT_ICMP_H
#define _TTP_INPUT_ICMP_H

#include "ttp.h"

/* What a message says */
struct ttp_message {
	struct sk_buff *skb;	/* skb->data is at the IP header of the segment that it is about */
	u32 hdrlen;		/* of headers before ours */
	u32 seq;		/* of that segment */
	u32 info;		/* MTU of the next hop */
	int err;		/* errno; 0: it is ignored */
	bool ends_request;	/* it is an error for a handshake at a listener */
	bool redirect;
	bool too_big;
};

bool ttp_icmp_take(const struct ttp_message *m, const struct ttp_key *key);

#endif
