// SPDX-License-Identifier: GPL-2.0
/*
 * fault.c - faults on purpose: what a lossy path does by chance is done to the segments that
 * an administrator names, by number.  So a run can be had twice.
 *
 * A fault has a direction, what must be true of a segment, and an action.  Each counts the
 * segments that match, acts from its nth one on, and ends after "count" of them.  Faults are
 * asked in the order of their numbers; each sees every segment, but only the first whose turn
 * it is acts.
 *
 * A segment that is sent meets its faults when TCB, counters and events have it as sent; one
 * that arrives, before its checksum is verified.  Sequence numbers count from the sender's
 * ISN, so that a fault for bytes 1 to 1000 means the same in each connection.
 *
 * While a network namespace has faults, each packet is one segment there (ttp_offload_on()).
 * Without one, a segment pays for reading a number that is 0.
 *
 * Called by netlink.c (context: process), ip/xmit.c and input/recv.c (context: any).
 * Locks: ttp_faults.lock guards everything.
 *
 * Next: ip/xmit.c and input/recv.c, which do it.
 */
#include "ttp.h"

#define FAULTS_MAX	64

/* Options that a fault may ask for, as bits by their kind; Fast Open's is 34 */
enum {
	BIT_MSS = BIT(2),
	BIT_WSCALE = BIT(3),
	BIT_SACK_PERMITTED = BIT(4),
	BIT_SACK = BIT(5),
	BIT_TS = BIT(8),
	BIT_FASTOPEN = BIT(31),
};

static u32 options_of(const struct ttp_seg *seg)
{
	return (seg->mss ? BIT_MSS : 0) | (seg->has_wscale ? BIT_WSCALE : 0) |
	       (seg->sack_permitted ? BIT_SACK_PERMITTED : 0) | (seg->nsack ? BIT_SACK : 0) |
	       (seg->has_ts ? BIT_TS : 0) | (seg->has_cookie ? BIT_FASTOPEN : 0);
}

/* Has the segment a sequence number that the fault is for?  One without data has one, too.
 * @isn: the sender's
 */
static bool has_number(const struct ttp_fault *f, const struct ttp_seg *seg, u32 isn)
{
	u32 first = seg->seq - isn, last = first + max_t(u32, ttp_seg_len(seg), 1) - 1;

	return first <= f->seq_last && last >= f->seq_first;
}

/**
 * ttp_fault_matches - is the segment one that the fault is for?
 * @f: the fault; its nth and count are not looked at
 * @direction: of the segment
 * @seg: the segment
 * @conn: what is known of its connection: the state and both ISNs
 *
 * Return: true if all that the fault asks for is so.
 */
bool ttp_fault_matches(const struct ttp_fault *f, enum ttp_direction direction,
		       const struct ttp_seg *seg, const struct ttp_conn *conn)
{
	u32 isn = direction == TTP_DIRECTION_OUT ? conn->iss : conn->irs;

	if (f->direction != direction || ~seg->flags & f->flags || seg->flags & f->not_flags)
		return false;
	if (f->data != TTP_FAULT_ANY && f->data != !!seg->len)
		return false;
	if (f->port && f->port != seg->sport && f->port != seg->dport)
		return false;
	if (~options_of(seg) & f->options)
		return false;
	if (f->states && !(f->states & BIT(conn->state)))
		return false;
	return !f->has_range || has_number(f, seg, seg->flags & TTP_SYN ? seg->seq : isn);
}

/* It matches: is it the fault's turn? */
static bool is_turn(struct ttp_fault *f)
{
	f->seen++;
	return f->seen >= f->nth && (!f->count || f->hits < f->count);
}

/**
 * ttp_fault_find - what is to be done to a segment?
 * @tn: the namespace; it has faults
 * @direction: of the segment
 * @seg: the segment
 * @conn: its connection, or one in CLOSED
 * @act: filled in, if something is
 *
 * Return: true if something is.
 */
bool ttp_fault_find(struct ttp_net *tn, enum ttp_direction direction, const struct ttp_seg *seg,
		    const struct ttp_conn *conn, struct ttp_fault_act *act)
{
	struct ttp_fault *f;
	bool found = false;

	spin_lock_bh(&tn->faults.lock);
	list_for_each_entry(f, &tn->faults.list, list) {
		if (!ttp_fault_matches(f, direction, seg, conn) || !is_turn(f) || found)
			continue;
		f->hits++;
		*act = f->act;
		found = true;
	}
	spin_unlock_bh(&tn->faults.lock);
	return found;
}

/* What was done, for people. */
const char *ttp_fault_words(const struct ttp_fault_act *act)
{
	switch (act->action) {
	case TTP_FAULT_ACTION_DROP:
		return "dropped";
	}
	return "?";
}

/* Where a fault belongs that has this number, or the least that is free for 0.
 * Return: the one that it goes before, or the list's head; %NULL: the number is taken.
 */
static struct list_head *place(struct ttp_faults *all, u32 *number)
{
	u32 free = 1;
	struct ttp_fault *f;

	list_for_each_entry(f, &all->list, list) {
		if (f->number == *number)
			return NULL;
		if (*number ? f->number > *number : f->number != free)
			break;
		free++;
	}
	*number = *number ?: free;
	return &f->list;
}

/**
 * ttp_fault_add - set a fault
 * @tn: the namespace
 * @what: as asked for; it is copied
 *
 * Return: 0, -EEXIST, -ENOSPC or -ENOMEM.
 */
int ttp_fault_add(struct ttp_net *tn, const struct ttp_fault *what)
{
	struct ttp_fault *f = kmemdup(what, sizeof(*f), GFP_KERNEL);
	struct list_head *before;
	int err = 0;

	if (!f)
		return -ENOMEM;
	spin_lock_bh(&tn->faults.lock);
	before = place(&tn->faults, &f->number);
	if (!before)
		err = -EEXIST;
	else if (tn->faults.n == FAULTS_MAX)
		err = -ENOSPC;
	if (!err) {
		list_add_tail(&f->list, before);
		WRITE_ONCE(tn->faults.n, tn->faults.n + 1);
	}
	spin_unlock_bh(&tn->faults.lock);
	if (err)
		kfree(f);
	return err;
}

/* Delete the fault with this number, or all for 0.  Return: 0, or -ENOENT. */
int ttp_fault_del(struct ttp_net *tn, u32 number)
{
	struct ttp_fault *f, *next;
	int err = number ? -ENOENT : 0;

	spin_lock_bh(&tn->faults.lock);
	list_for_each_entry_safe(f, next, &tn->faults.list, list) {
		if (number && f->number != number)
			continue;
		list_del(&f->list);
		kfree(f);
		WRITE_ONCE(tn->faults.n, tn->faults.n - 1);
		err = 0;
	}
	spin_unlock_bh(&tn->faults.lock);
	return err;
}

/**
 * ttp_fault_walk - look at each fault, in the order of their numbers
 * @tn: the namespace
 * @after: begin with the one behind this number
 * @each: called under the lock; non-zero ends the walk
 * @data: for @each
 */
void ttp_fault_walk(struct ttp_net *tn, u32 after,
		    int (*each)(const struct ttp_fault *f, void *data), void *data)
{
	const struct ttp_fault *f;

	spin_lock_bh(&tn->faults.lock);
	list_for_each_entry(f, &tn->faults.list, list)
		if (f->number > after && each(f, data))
			break;
	spin_unlock_bh(&tn->faults.lock);
}

/* A network namespace begins. */
void ttp_fault_init(struct ttp_net *tn)
{
	spin_lock_init(&tn->faults.lock);
	INIT_LIST_HEAD(&tn->faults.list);
}

/* A network namespace ends. */
void ttp_fault_exit(struct ttp_net *tn)
{
	ttp_fault_del(tn, 0);
}
