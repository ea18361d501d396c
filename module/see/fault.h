/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault.h - what a fault on purpose is.
 *
 * Next: fault.c.
 */
#ifndef _TTP_SEE_FAULT_H
#define _TTP_SEE_FAULT_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "core/core.h"
#include "uapi/linux/ttp_netlink.h"

struct net;
struct ttp_net;

#define TTP_FAULT_ANY	0xff
#define TTP_FAULT_WORDS	40	/* bytes for what ttp_fault_words() says */
#define TTP_FAULT_DELAY_MAX	60000	/* milliseconds */

/* A fault on purpose: which segments it is for, and what is done to them */
struct ttp_fault {
	struct list_head list;	/* in ttp_faults.list */
	u32 number;	/* which one it is, from 1 */
	u8 direction;	/* enum ttp_direction */
	u8 flags;	/* control bits that are set */
	u8 not_flags;	/* control bits that are not */
	u8 data;	/* 1: with data, 0: without, or TTP_FAULT_ANY */
	u16 port;	/* one of both ports, or 0 */
	u16 states;	/* of the connection, as bits; 0: any */
	u32 options;	/* kinds of options, as bits */
	bool has_range;	/* it is for some sequence numbers only: */
	u32 seq_first;	/* the first one, from the sender's ISN */
	u32 seq_last;	/* the last one */
	u32 nth;	/* it begins with this one of those that match, from 1 */
	u32 count;	/* it ends after so many; 0: never */
	struct ttp_fault_act act;	/* what is done */
	u32 seen;	/* how many matched */
	u32 hits;	/* to how many it was done */
};

/* Packets that are held back (ip/hold.c) */
struct ttp_held {
	struct list_head list;	/* sorted by when they go */
	u32 n;	/* how many; read without the lock */
	u32 bytes;	/* their memory */
	bool ended;	/* the namespace ends: no more of them */
	struct hrtimer timer;	/* fires when the first one goes */
	struct net *net;	/* the namespace */
};

struct ttp_faults {
	spinlock_t lock;	/* guards all of it */
	struct list_head list;	/* sorted by number */
	u32 n;	/* how many; read without the lock */
	struct ttp_held held;
};

bool ttp_fault_matches(const struct ttp_fault *f, enum ttp_direction direction,
		       const struct ttp_seg *seg, const struct ttp_conn *conn);
bool ttp_fault_find(struct net *net, enum ttp_direction direction, const struct ttp_seg *seg,
		    const struct ttp_conn *conn, struct ttp_fault_act *act);
void ttp_fault_done(struct net *net, struct ttp_fault_act *act, enum ttp_mib lack);
bool ttp_fault_room(const struct ttp_faults *all);
const char *ttp_fault_words(const struct ttp_fault_act *act, char *buf);
void ttp_fault_rewrite(u8 *hdr, const struct ttp_fault_act *act, u32 isn, u32 peer_isn);
int ttp_fault_add(struct ttp_net *tn, const struct ttp_fault *what);
int ttp_fault_del(struct ttp_net *tn, u32 number);
void ttp_fault_walk(struct ttp_net *tn, u32 after,
		    int (*each)(const struct ttp_fault *f, void *data), void *data);
void ttp_fault_init(struct ttp_net *tn);
void ttp_fault_exit(struct ttp_net *tn);

#endif
