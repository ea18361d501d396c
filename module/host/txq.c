// SPDX-License-Identifier: GPL-2.0
/*
 * txq.c - the send buffer, which is the retransmission queue, too: data written and not
 * acknowledged.  These are core/queue.h's ttp_txq_*, with sk_buffs.
 *
 * A packet holds up to 64 KiB of data in page fragments, and has room for headers: when all
 * of it is sent for the first time, IP gets its clone.  Later, or for a part of it, xmit.c
 * builds a packet that shares the fragments.  While there is a clone, which may be for as long
 * as a receiver on this host does not read it, the fragments must stay as they are.  The packets
 * are in sk->tcp_rtx_queue by sequence number.
 *
 * Packets that were sent are also in a list, in the order in which they were sent last:
 * txq_sent; or txq_lost if RACK has found them lost.  The list's links are in a union with
 * skb->_skb_refdst and destructor, which are NULL for a packet in no list.
 *
 * Called by socket/stream.c for what is written, ip/xmit.c, and the core.
 * Context: socket lock held.
 *
 * Next: rxq.c for the receive buffer, stamp.c for SO_TIMESTAMPING.
 */
#include TTP_SKBUFF_REF_H

#include "ttp.h"

/* The packet of a record; not of the FIN's, which is in the flow. */
struct sk_buff *ttp_txq_skb(struct ttp_txrec *rec)
{
	struct ttp_cb *cb = container_of(rec, struct ttp_cb, rec);

	return container_of((void *)cb, struct sk_buff, cb);
}

static struct ttp_txrec *rec_of(struct sk_buff *skb)
{
	return skb ? &ttp_cb(skb)->rec : NULL;
}

static bool earlier(struct rb_node *a, const struct rb_node *b)
{
	return seq_lt(ttp_cb(rb_to_skb(a))->rec.seq, ttp_cb(rb_to_skb(b))->rec.seq);
}

/* A packet without data, not charged. */
static struct sk_buff *alloc(gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb_fclone(TTP_HEADROOM, gfp);

	if (!skb)
		return NULL;
	skb_reserve(skb, TTP_HEADROOM);
	__skb_header_release(skb);	/* the clone's header may be changed on its way */
	skb->ip_summed = CHECKSUM_PARTIAL;	/* no checksum when data is copied */
	return skb;
}

/* The kernel has the memory back when the segment that has freed it was processed: its data may
 * take of it (conn/verdict.c).
 */
static void uncharge(struct sock *sk, u32 bytes)
{
	sk_wmem_queued_add(sk, -(int)bytes);
	sk_forward_alloc_add(sk, bytes);
}

static bool in_order(const struct sk_buff *skb)
{
	return skb->tcp_tsorted_anchor.next;
}

static void leave_order(struct sk_buff *skb)
{
	if (!in_order(skb))
		return;
	__list_del_entry(&skb->tcp_tsorted_anchor);
	skb->tcp_tsorted_anchor = (struct list_head){};
}

static void drop(struct sock *sk, struct sk_buff *skb)
{
	leave_order(skb);
	rb_erase(&skb->rbnode, &sk->tcp_rtx_queue);
	uncharge(sk, skb->truesize);
	consume_skb(skb);
}

struct ttp_txrec *ttp_txq_first(struct ttp_tcb *tcb)
{
	return rec_of(skb_rb_first(&ttp_sock_of(tcb)->tcp_rtx_queue));
}

struct ttp_txrec *ttp_txq_next(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	return rec_of(skb_rb_next(ttp_txq_skb(rec)));
}

struct ttp_txrec *ttp_txq_find(struct ttp_tcb *tcb, u32 seq)
{
	struct rb_node *p = ttp_sock_of(tcb)->tcp_rtx_queue.rb_node;
	struct ttp_txrec *rec;

	while (p) {
		rec = rec_of(rb_to_skb(p));
		if (seq_lt(seq, rec->seq))
			p = p->rb_left;
		else if (seq_geq(seq, rec->end))
			p = p->rb_right;
		else
			return rec;
	}
	return NULL;
}

struct ttp_txrec *ttp_txq_unsent(struct ttp_tcb *tcb)
{
	return rec_of(ttp_sk_of(tcb)->txq_unsent);
}

void ttp_txq_sent(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	struct ttp_sock *tsk = ttp_sk_of(tcb);
	struct sk_buff *skb = ttp_txq_skb(rec);

	if (skb == tsk->txq_unsent)
		tsk->txq_unsent = skb_rb_next(skb);
	leave_order(skb);
	list_add_tail(&skb->tcp_tsorted_anchor, &tsk->txq_sent);
}

struct ttp_txrec *ttp_txq_oldest(struct ttp_tcb *tcb)
{
	return rec_of(list_first_entry_or_null(&ttp_sk_of(tcb)->txq_sent, struct sk_buff,
					       tcp_tsorted_anchor));
}

void ttp_txq_pass(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	list_move_tail(&ttp_txq_skb(rec)->tcp_tsorted_anchor, &ttp_sk_of(tcb)->txq_lost);
}

void ttp_txq_recall(struct ttp_tcb *tcb)
{
	struct ttp_sock *tsk = ttp_sk_of(tcb);

	list_splice_init(&tsk->txq_lost, &tsk->txq_sent);
}

void ttp_txq_sacked(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	leave_order(ttp_txq_skb(rec));
}

void ttp_txq_unsacked(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	list_add_tail(&ttp_txq_skb(rec)->tcp_tsorted_anchor, &ttp_sk_of(tcb)->txq_lost);
}

/* A peer with a small MSS, or its SACK blocks, can have the queue split into packets whose
 * truesize is many times their data.  The oldest may always be split, so that something
 * can be sent.
 */
static bool too_many_pieces(const struct sock *sk, struct sk_buff *skb)
{
	s64 limit = READ_ONCE(sk->sk_sndbuf) + 2LL * SKB_TRUESIZE(0x10000);

	return sk->sk_wmem_queued / 2 > limit && skb != skb_rb_first(&sk->tcp_rtx_queue);
}

/* Make @skb independent of a clone; it is charged as before.  Return: false without memory. */
static bool own(struct sk_buff *skb)
{
	u32 truesize = skb->truesize;

	if (skb_unclone(skb, GFP_ATOMIC))
		return false;
	skb->truesize = truesize;
	return true;
}

int ttp_txq_split(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 seq)
{
	struct sock *sk = ttp_sock_of(tcb);
	struct sk_buff *skb = ttp_txq_skb(rec), *rest;
	u32 len = rec->end - seq;

	if (too_many_pieces(sk, skb)) {
		ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_WQUEUE_TOO_BIG);
		return -ENOMEM;
	}
	if (!own(skb))
		return -ENOMEM;
	rest = alloc(GFP_ATOMIC);
	if (!rest)
		return -ENOMEM;
	ttp_memory_force(sk, rest->truesize);
	sk_wmem_queued_add(sk, rest->truesize);
	sk_mem_charge(sk, rest->truesize);
	skb_split(skb, rest, ttp_cb_acked(skb) + seq - rec->seq);
	skb->truesize -= len;
	rest->truesize += len;

	ttp_cb(rest)->rec = *rec;
	ttp_cb(rest)->rec.seq = seq;
	rec->end = seq;
	rec->flags &= ~(TTP_TX_PUSH | TTP_TX_EOR);
	ttp_stamp_split(skb, rest);
	rb_add(&rest->rbnode, &sk->tcp_rtx_queue, earlier);
	if (in_order(skb))
		list_add(&rest->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor);
	return 0;
}

/* Move all fragments of @from to the end of @to.  Return: false if they are too many. */
static bool move_frags(struct sk_buff *to, struct sk_buff *from)
{
	struct skb_shared_info *sh = skb_shinfo(from);
	skb_frag_t *frag = sh->frags;
	u32 n = skb_shinfo(to)->nr_frags, joins;

	joins = n && skb_can_coalesce(to, n, skb_frag_page(frag), skb_frag_off(frag));
	if (n + sh->nr_frags - joins > MAX_SKB_FRAGS)
		return false;
	if (joins) {
		skb_frag_size_add(&skb_shinfo(to)->frags[n - 1], skb_frag_size(frag));
		put_page(skb_frag_page(frag));
		frag++;
	}
	memcpy(&skb_shinfo(to)->frags[n], frag, (sh->nr_frags - joins) * sizeof(*frag));
	skb_shinfo(to)->nr_frags = n + sh->nr_frags - joins;
	sh->nr_frags = 0;
	return true;
}

bool ttp_txq_merge(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	struct sk_buff *skb = ttp_txq_skb(rec), *next = skb_rb_next(skb);
	u32 len = next->len;

	if (skb->len + len > 0xffff || !ttp_stamp_mergeable(skb, next) ||
	    skb_zcopy(skb) || skb_zcopy(next) || skb_cloned(skb) || skb_cloned(next) ||
	    ttp_cb_acked(next) || !move_frags(skb, next))
		return false;
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	next->len -= len;
	next->data_len -= len;
	next->truesize -= len;
	rec->end = rec_of(next)->end;
	rec->flags |= rec_of(next)->flags;
	drop(ttp_sock_of(tcb), next);
	return true;
}

/* Free the first bytes of @skb, which are acknowledged.  A clone needs them: then it is done
 * when more is acknowledged, or all.
 */
static void free_acked(struct sock *sk, struct sk_buff *skb)
{
	struct skb_shared_info *sh = skb_shinfo(skb);
	u32 len = ttp_cb_acked(skb), i, size, left = len, kept = 0;

	if (skb_cloned(skb))
		return;
	for (i = 0; i < sh->nr_frags; i++) {
		size = skb_frag_size(&sh->frags[i]);
		if (size <= left) {
			skb_frag_unref(skb, i);
			left -= size;
			continue;
		}
		sh->frags[kept] = sh->frags[i];
		skb_frag_off_add(&sh->frags[kept], left);
		skb_frag_size_sub(&sh->frags[kept], left);
		left = 0;
		kept++;
	}
	sh->nr_frags = kept;
	skb->data_len -= len;
	skb->len -= len;
	skb->truesize -= len;
	uncharge(sk, len);
}

void ttp_txq_acked(struct ttp_tcb *tcb, u32 una)
{
	struct sock *sk = ttp_sock_of(tcb);
	struct ttp_txrec *rec;
	struct sk_buff *skb;

	while ((skb = skb_rb_first(&sk->tcp_rtx_queue)) != NULL) {
		rec = rec_of(skb);
		if (seq_geq(rec->seq, una))
			break;
		if (seq_gt(rec->end, una)) {
			rec->seq = una;
			ttp_stamp_acked(sk, skb, una);
			free_acked(sk, skb);
			break;
		}
		ttp_stamp_acked(sk, skb, una);
		drop(sk, skb);
	}
}

/**
 * ttp_txq_alloc - a packet to write data into
 * @sk: charged for it
 * @gfp: how to allocate
 *
 * Return: the packet, for ttp_txq_append() or ttp_txq_cancel(); or %NULL.
 */
struct sk_buff *ttp_txq_alloc(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb = alloc(gfp);

	if (!skb)
		return NULL;
	if (!sk->sk_wmem_queued) {
		ttp_memory_force(sk, skb->truesize);	/* every connection goes on */
	} else if (ttp_memory_write(sk, skb->truesize) < skb->truesize) {
		consume_skb(skb);
		return NULL;
	}
	sk_wmem_queued_add(sk, skb->truesize);
	sk_mem_charge(sk, skb->truesize);
	return skb;
}

/* Free a packet of ttp_txq_alloc() that is not in the queue. */
void ttp_txq_cancel(struct sock *sk, struct sk_buff *skb)
{
	uncharge(sk, skb->truesize);
	sk_mem_reclaim(sk);
	consume_skb(skb);
}

/* The last packet, if it was not sent and has room below @max bytes; else NULL. */
struct sk_buff *ttp_txq_tail(struct sock *sk, u32 max)
{
	struct sk_buff *skb = skb_rb_last(&sk->tcp_rtx_queue);

	if (!skb || ttp_cb(skb)->rec.flags & (TTP_TX_SENT | TTP_TX_EOR) || skb->len >= max)
		return NULL;
	return skb;
}

/* Data was written into @skb: ttp_txq_tail(), or a new one of ttp_txq_alloc(). */
void ttp_txq_append(struct sock *sk, struct sk_buff *skb)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_txrec *rec = rec_of(skb);

	if (skb != skb_rb_last(&sk->tcp_rtx_queue)) {
		*rec = (struct ttp_txrec){ .seq = tsk->tcb.snd.end };
		rb_add(&skb->rbnode, &sk->tcp_rtx_queue, earlier);
		if (!tsk->txq_unsent)
			tsk->txq_unsent = skb;
	}
	rec->end = rec->seq + skb->len;
	tsk->tcb.snd.end = rec->end;
}

/* Free all packets: the connection is over. */
void ttp_txq_purge(struct sock *sk)
{
	struct sk_buff *skb;

	ttp_sk(sk)->txq_unsent = NULL;
	while ((skb = skb_rb_first(&sk->tcp_rtx_queue)) != NULL)
		drop(sk, skb);
	sk_mem_reclaim(sk);	/* the user may keep the socket */
}
