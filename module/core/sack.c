// SPDX-License-Identifier: GPL-2.0
/*
 * sack.c - selective acknowledgment (SACK, RFC 2018), the receiver's half: what is said of data
 * that came out of order, or twice (D-SACK, RFC 2883), and which of such ACKs may wait.
 *
 * Called by arrives.c, when data comes; and by send.c, which writes the blocks.
 * Next: scoreboard.c, the sender's half.
 */
#include "core.h"

/* D-SACK (RFC 2883): data that came before is reported, once. */
void ttp_sack_duplicate(struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	if (!seg->len || !tcb->flow)
		return;
	tcb->flow->dsack.left = seg->seq;
	tcb->flow->dsack.right = seq_min(seg->seq + seg->len, tcb->rcv.nxt);
}

/* Data came out of order and was kept for reassembly (SHLD-31).  It joins the blocks
 * that it touches, and the block that it is in is reported first (RFC 2018 4).
 */
static void remember_block(struct ttp_tcb *tcb, struct ttp_sack block)
{
	struct ttp_sack *sack = tcb->flow->sack;
	struct ttp_sack old[TTP_SACK_MAX];
	u32 i, n = 1;

	memcpy(old, sack, sizeof(old));
	for (i = 0; i < tcb->rcv.nsack; i++) {
		if (seq_gt(old[i].left, block.right) || seq_lt(old[i].right, block.left)) {
			if (n < TTP_SACK_MAX)
				sack[n++] = old[i];
			continue;
		}
		block.left = seq_min(block.left, old[i].left);
		block.right = seq_max(block.right, old[i].right);
	}
	sack[0] = block;
	tcb->rcv.nsack = n;
}

/* D-SACK of data above a gap (RFC 2883 4), as far as its blocks are remembered. */
static void note_early_duplicate(struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	struct ttp_sack *sack = tcb->flow->sack;
	u32 i;

	/* one that was not sent yet would now come before a block that it is no part of */
	tcb->flow->dsack = (struct ttp_sack){ 0 };
	for (i = 0; i < tcb->rcv.nsack; i++) {
		if (seq_lt(seg->seq, sack[i].left) || seq_gt(seg->seq + seg->len, sack[i].right))
			continue;
		tcb->flow->dsack = (struct ttp_sack){ seg->seq, seg->seq + seg->len };
	}
}

/* Data came above a gap, and is kept. */
void ttp_sack_early(struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	note_early_duplicate(tcb, seg);
	remember_block(tcb, (struct ttp_sack){ seg->seq, seg->seq + seg->len });
}

/* RCV.NXT has moved: blocks that it has passed are reported no more, and the gap is another one. */
void ttp_sack_forget(struct ttp_tcb *tcb)
{
	struct ttp_sack *sack = tcb->flow->sack;
	u32 i, n = 0;

	for (i = 0; i < tcb->rcv.nsack; i++)
		if (seq_gt(sack[i].right, tcb->rcv.nxt))
			sack[n++] = sack[i];
	tcb->rcv.nsack = n;
	tcb->rcv.dupacks = 0;
	tcb->rcv.held = 0;	/* for an ACK is sent now */
}

/* Is there a D-SACK that was not sent yet? */
bool ttp_sack_dsack(const struct ttp_tcb *tcb)
{
	return tcb->flow && tcb->opt.sack_ok && tcb->flow->dsack.left != tcb->flow->dsack.right;
}

/* SACK blocks: first what came twice (D-SACK, RFC 2883 4), then what is out of order. */
void ttp_sack_fill(struct ttp_tcb *tcb, struct ttp_seg *seg)
{
	u32 i, max = tcb->opt.ts_ok ? TTP_SACK_MAX - 1 : TTP_SACK_MAX;

	if (!tcb->opt.sack_ok)
		return;
	if (ttp_sack_dsack(tcb)) {
		seg->sack[seg->nsack++] = tcb->flow->dsack;
		ttp_count(&tcb->conn, TTP_MIB_DSACKS_SENT);
	}
	for (i = 0; i < tcb->rcv.nsack && seg->nsack < max; i++)
		seg->sack[seg->nsack++] = tcb->flow->sack[i];
}

#define DUPACKS_AT_ONCE	3	/* they make the peer retransmit (RFC 5681 3.2) */
#define BLOCKS_SAFE	2	/* ACKs get lost: of more blocks, some would be reported once */
#define HOLD_LEAST_US	100U

static bool may_wait(struct ttp_tcb *tcb)
{
	if (tcb->rcv.quick) {
		tcb->rcv.quick--;
		return false;
	}
	if (!tcb->opt.sack_ok || !tcb->flow || tcb->route.quickack || ttp_sack_dsack(tcb) ||
	    tcb->rcv.held >= READ_ONCE(tcb->cfg->comp_sack_nr) ||
	    (tcb->rcv.held && tcb->rcv.nsack > BLOCKS_SAFE))
		return false;
	if (tcb->rcv.dupacks == DUPACKS_AT_ONCE)
		return true;
	tcb->rcv.dupacks++;
	return false;
}

/* SACK compression: many ACKs of data behind a gap may become one, for the last says all by its
 * blocks.  Those that follow the first three of a gap wait for a twentieth of a round trip; but not
 * one that says what came twice.  Deviation, and Linux's; comp_sack_nr undoes it.
 *
 * Return: false when the ACK is to be sent now.
 */
bool ttp_sack_hold(struct ttp_tcb *tcb, u64 now)
{
	u32 most_us = READ_ONCE(tcb->cfg->comp_sack_delay_ns) / 1000;

	if (!may_wait(tcb))
		return false;
	tcb->rcv.held++;
	if (tcb->deadline[TTP_TM_DELACK]) {
		ttp_count(&tcb->conn, TTP_MIB_ACKS_COMPRESSED);
		return true;
	}
	tcb->why_ack = TTP_WHY_DUPLICATE_ACK;
	ttp_timer_set(tcb, TTP_TM_DELACK, now + clamp(tcb->srtt_us / 20, HOLD_LEAST_US, most_us));
	return true;
}
