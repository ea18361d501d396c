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
 * Called by fault_netlink.c (context: process), ip/hold.c and input/faulty.c (context: any).
 * Locks: ttp_faults.lock guards everything.
 *
 * Next: ip/hold.c and input/faulty.c, which do it.
 */
#include "ttp.h"

#define FAULTS_MAX	64
#define HELD_MAX	1024
#define HELD_BYTES	(4 * 1024 * 1024)

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

/* May one more packet be held back?  The lock is held. */
bool ttp_fault_room(const struct ttp_faults *all)
{
	return !all->held.ended && all->held.n < HELD_MAX && all->held.bytes < HELD_BYTES;
}

static bool can_be_done(const struct ttp_faults *all, u8 action)
{
	return (action != TTP_FAULT_ACTION_DELAY && action != TTP_FAULT_ACTION_REORDER) ||
	       ttp_fault_room(all);
}

/* Find the fault whose turn it is; the lock is held. */
static struct ttp_fault *find(struct ttp_faults *all, enum ttp_direction direction,
			      const struct ttp_seg *seg, const struct ttp_conn *conn)
{
	struct ttp_fault *f, *found = NULL;

	list_for_each_entry(f, &all->list, list)
		if (ttp_fault_matches(f, direction, seg, conn) && is_turn(f) && !found)
			found = f;
	return found;
}

/* How often a fault acted is one less, if it is there still. */
static void not_done(struct ttp_faults *all, u32 number)
{
	struct ttp_fault *f;

	spin_lock_bh(&all->lock);
	list_for_each_entry(f, &all->list, list)
		if (f->number == number && f->hits)
			f->hits--;
	spin_unlock_bh(&all->lock);
}

/**
 * ttp_fault_done - count what was found by ttp_fault_find(), as done or as not
 * @net: the namespace
 * @act: it; without @lack it is done from now on, else it becomes none
 * @lack: the counter of what was lacking for it, or %TTP_MIB_NONE
 */
void ttp_fault_done(struct net *net, struct ttp_fault_act *act, enum ttp_mib lack)
{
	if (lack == TTP_MIB_NONE) {
		ttp_mib_inc(ttp_net(net), TTP_MIB_FAULT_DROP + act->action - TTP_FAULT_ACTION_DROP);
		return;
	}
	ttp_mib_inc(ttp_net(net), lack);
	not_done(&ttp_net(net)->faults, act->number);
	act->action = 0;
}

/**
 * ttp_fault_find - what is to be done to a segment?
 * @net: the namespace; it has faults
 * @direction: of the segment
 * @seg: the segment
 * @conn: its connection, or one in CLOSED
 * @act: filled in, if something is
 *
 * What was found has had its turn; ttp_fault_done() is to say whether it is done.
 *
 * Return: true if something is.
 */
bool ttp_fault_find(struct net *net, enum ttp_direction direction, const struct ttp_seg *seg,
		    const struct ttp_conn *conn, struct ttp_fault_act *act)
{
	struct ttp_faults *all = &ttp_net(net)->faults;
	struct ttp_fault *f;
	bool can = false;

	spin_lock_bh(&all->lock);
	f = find(all, direction, seg, conn);
	if (f && can_be_done(all, f->act.action)) {
		f->hits++;
		*act = f->act;
		act->number = f->number;
		can = true;
	}
	spin_unlock_bh(&all->lock);
	if (f && !can)
		ttp_mib_inc(ttp_net(net), TTP_MIB_FAULT_NO_ROOM);
	return can;
}

/* The fields that can be set: their names, where they begin, and how many bytes they have */
static const struct {
	const char *name;
	u8 at;
	u8 len;
} fields[] = {
	[TTP_FAULT_FIELD_SEQ] = { "seq", 4, 4 },
	[TTP_FAULT_FIELD_ACK] = { "ack", 8, 4 },
	[TTP_FAULT_FIELD_FLAGS] = { "flags", 13, 1 },
	[TTP_FAULT_FIELD_WIN] = { "win", 14, 2 },
	[TTP_FAULT_FIELD_UP] = { "up", 18, 2 },
	[TTP_FAULT_FIELD_SPORT] = { "sport", 0, 2 },
	[TTP_FAULT_FIELD_DPORT] = { "dport", 2, 2 },
};

/**
 * ttp_fault_words - what was done, for people
 * @act: it
 * @buf: room for %TTP_FAULT_WORDS bytes, which the words may be in
 *
 * Return: the words.
 */
const char *ttp_fault_words(const struct ttp_fault_act *act, char *buf)
{
	switch ((enum ttp_fault_action)act->action) {
	case TTP_FAULT_ACTION_DROP:
		return "dropped";
	case TTP_FAULT_ACTION_DELAY:
		snprintf(buf, TTP_FAULT_WORDS, "delayed %u ms", act->value);
		return buf;
	case TTP_FAULT_ACTION_DUPLICATE:
		return "duplicated";
	case TTP_FAULT_ACTION_CORRUPT:
		return "corrupted";
	case TTP_FAULT_ACTION_REORDER:
		return "reordered";
	case TTP_FAULT_ACTION_SET:
		snprintf(buf, TTP_FAULT_WORDS, "%s set to %u", fields[act->field].name,
			 act->value);
		return buf;
	}
	return "?";
}

/**
 * ttp_fault_rewrite - set the field of a header that a fault names
 * @hdr: the header; its checksum is to be computed behind this
 * @act: what is done
 * @isn: the sender's
 * @peer_isn: the receiver's
 */
void ttp_fault_rewrite(u8 *hdr, const struct ttp_fault_act *act, u32 isn, u32 peer_isn)
{
	u32 value = act->value;
	int i;

	if (act->field == TTP_FAULT_FIELD_SEQ)
		value += isn;
	if (act->field == TTP_FAULT_FIELD_ACK)
		value += peer_isn;
	for (i = fields[act->field].len - 1; i >= 0; i--, value >>= 8)
		hdr[fields[act->field].at + i] = value;
	hdr[16] = 0;
	hdr[17] = 0;
}

/* Has the field that is to be set room for the value? */
static bool has_room(const struct ttp_fault_act *act)
{
	return act->action != TTP_FAULT_ACTION_SET ||
	       (u64)act->value >> (8 * fields[act->field].len) == 0;
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
 * Return: 0, -EEXIST, -ENOSPC, -ENOMEM; -ERANGE: a field to set cannot have the value.
 */
int ttp_fault_add(struct ttp_net *tn, const struct ttp_fault *what)
{
	struct list_head *before;
	struct ttp_fault *f;
	int err = 0;

	if (!has_room(&what->act))
		return -ERANGE;
	f = kmemdup(what, sizeof(*f), GFP_KERNEL);
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
