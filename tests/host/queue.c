// SPDX-License-Identifier: GPL-2.0
/*
 * queue.c - core/queue.h and tests/kunit/port.h with lists and arrays.
 *
 * Sent data is a list of records whose bytes are a function of their place;
 * received data is a ring with one mark for each byte.  Every record is an
 * allocation of its own, so that ASan sees a use after it was acknowledged.
 * What the core reports goes to observe.c.  The page (page/) has these queues, too.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "queue.h"
#include "cong/ttp_cong.h"

#define RECORD	6000U		/* bytes of one, when writes are put together */

struct node {
	struct ttp_txrec rec;
	struct node *prev, *next;
	struct node *older, *younger;	/* in a struct order, if it is in one */
	struct order *in;
};

/* Records in the order in which they were sent. */
struct order {
	struct node *first, *last;
};

struct host_tcb {
	struct ttp_tcb tcb;
	struct node *first, *last, *unsent;
	struct order sent, lost;
	bool disordered;	/* the receiver took back what it had SACKed */
	u32 rcvbuf;
	u32 size;		/* of the ring: a power of 2, some times rcvbuf */
	u32 held;		/* bytes in the ring */
	u32 passed;		/* so many of them were read, or left out */
	u8 *ring, *have;
};

/* A ring that is free again: to allocate and poison one takes longer than most
 * of the connections that the fuzzers make.
 */
static struct {
	u32 size;
	u8 *ring, *have;
} spare[2];

struct host_work host_work;
int host_split_fails, host_flow_fails, host_rxq_fails;
u32 host_lowat = 1;
bool host_any_data;

static struct host_tcb *host(const struct ttp_tcb *tcb)
{
	return container_of(tcb, struct host_tcb, tcb);
}

static struct node *node(struct ttp_txrec *rec)
{
	return container_of(rec, struct node, rec);
}

void *port_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		abort();
	return p;
}

void port_free(void *p)
{
	free(p);
}

static void take_ring(struct host_tcb *h)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(spare); i++) {
		if (spare[i].size != h->size)
			continue;
		h->ring = spare[i].ring;
		h->have = spare[i].have;
		spare[i].size = 0;
		return;
	}
	h->ring = port_alloc(h->size);
	h->have = port_alloc(h->size);
}

static void give_ring(struct host_tcb *h)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(spare); i++) {
		if (spare[i].size)
			continue;
		spare[i].size = h->size;
		spare[i].ring = h->ring;
		spare[i].have = h->have;
		if (h->held)
			memset(h->have, 0, h->size);
		return;
	}
	free(h->ring);
	free(h->have);
}

struct ttp_tcb *port_tcb(const struct ttp_config *config, u32 rcvbuf)
{
	struct host_tcb *h = port_alloc(sizeof(*h));

	h->rcvbuf = rcvbuf;
	for (h->size = 1; h->size < 3 * rcvbuf; h->size *= 2)
		;
	take_ring(h);
	ttp_user_init(&h->tcb, config);
	return &h->tcb;
}

struct ttp_flow *ttp_flow_alloc(bool must)
{
	if (!must && host_flow_fails > 0 && !--host_flow_fails)
		return NULL;
	return port_alloc(sizeof(struct ttp_flow));
}

void port_tcb_free(struct ttp_tcb *tcb)
{
	struct host_tcb *h = host(tcb);
	struct node *n;

	free(tcb->flow);

	while ((n = h->first)) {
		h->first = n->next;
		free(n);
	}
	give_ring(h);
	free(h);
}

struct ttp_request *port_request(void)
{
	return port_alloc(sizeof(struct ttp_request));
}

void port_request_free(struct ttp_request *req)
{
	free(req);
}

struct ttp_timewait *port_timewait(void)
{
	return port_alloc(sizeof(struct ttp_timewait));
}

void port_timewait_free(struct ttp_timewait *tw)
{
	free(tw);
}

const struct ttp_cong_ops *port_cong(const char *name)
{
	struct ttp_cong_host *h;

	if (!strcmp(name, ttp_reno.name))
		return &ttp_reno;
	for (h = ttp_cong_host; h; h = h->next)
		if (!strcmp(name, h->ops->name))
			return h->ops;
	return NULL;
}

static void link_after(struct host_tcb *h, struct node *at, struct node *n)
{
	n->prev = at;
	n->next = at ? at->next : h->first;
	*(at ? &at->next : &h->first) = n;
	*(n->next ? &n->next->prev : &h->last) = n;
}

static struct node *append(struct host_tcb *h)
{
	struct node *n = port_alloc(sizeof(*n));

	ttp_flow_need(&h->tcb, h->tcb.last_rcvd_us, true);
	n->rec.seq = h->tcb.snd.end;
	n->rec.end = h->tcb.snd.end;
	link_after(h, h->last, n);
	if (!h->unsent)
		h->unsent = n;
	return n;
}

bool port_write(struct ttp_tcb *tcb, u32 bytes)
{
	struct host_tcb *h = host(tcb);
	struct node *n = h->last;

	/* as in the kernel: what was not sent yet grows, up to a limit */
	if (n && !(n->rec.flags & TTP_TX_SENT)) {
		n->rec.flags |= TTP_TX_PUSH;	/* a record that is full may be short */
		if (n->rec.end - n->rec.seq + bytes <= RECORD) {
			n->rec.flags = tcb->snd.more ? 0 : TTP_TX_PUSH;
			n->rec.end += bytes;
			tcb->snd.end += bytes;
			return true;
		}
	}
	n = append(h);
	n->rec.end += bytes;
	n->rec.flags = tcb->snd.more ? 0 : TTP_TX_PUSH;
	tcb->snd.end += bytes;
	return true;
}

void host_write(struct ttp_tcb *tcb, u32 bytes, u32 most)
{
	struct host_tcb *h = host(tcb);
	struct node *n = h->last;
	u32 len;

	for (; bytes; bytes -= len) {
		if (!n || n->rec.flags & TTP_TX_SENT || n->rec.end - n->rec.seq >= most)
			n = append(h);
		len = min(bytes, most - (n->rec.end - n->rec.seq));
		n->rec.end += len;
		n->rec.flags = len == bytes ? TTP_TX_PUSH : 0;
		tcb->snd.end += len;
	}
}

void port_copy(const struct ttp_tcb *tcb, const struct ttp_txrec *rec, u8 *to)
{
	u32 seq;

	for (seq = rec->seq; seq != rec->end; seq++)
		*to++ = port_byte(seq - tcb->conn.iss - 1);
}

bool port_attach(struct ttp_seg *seg, const u8 *text)
{
	seg->pkt = (void *)text;
	seg->off = 0;
	return true;
}

void port_detach(struct ttp_seg *seg, const struct ttp_verdict *v)
{
	seg->pkt = NULL;
}

/* An urgent byte may be left out by the core: forget it as if it was read. */
static void catch_up(struct host_tcb *h)
{
	u32 first = h->tcb.conn.irs + 1;

	for (; seq_lt(first + h->passed, h->tcb.rcv.read); h->passed++) {
		h->held -= h->have[(first + h->passed) % h->size];
		h->have[(first + h->passed) % h->size] = 0;
	}
}

u32 port_read(struct ttp_tcb *tcb, u32 max)
{
	struct host_tcb *h = host(tcb);
	u32 n;

	catch_up(h);
	for (n = 0; n < max && h->have[tcb->rcv.read % h->size]; n++) {
		u32 seq = tcb->rcv.read++;

		if (!host_any_data && h->ring[seq % h->size] != port_byte(seq - tcb->conn.irs - 1))
			return ~0U;
	}
	catch_up(h);
	return n;
}

/* The core looks at a record. */
static struct ttp_txrec *look(struct node *n)
{
	host_work.looks++;
	return n ? &n->rec : NULL;
}

struct ttp_txrec *ttp_txq_first(struct ttp_tcb *tcb)
{
	return look(host(tcb)->first);
}

struct ttp_txrec *ttp_txq_next(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	return look(node(rec)->next);
}

/* In the kernel this is a tree: it counts as one look. */
struct ttp_txrec *ttp_txq_find(struct ttp_tcb *tcb, u32 seq)
{
	struct node *n = host(tcb)->first;

	while (n && !(seq_leq(n->rec.seq, seq) && seq_lt(seq, n->rec.end)))
		n = n->next;
	return look(n);
}

struct ttp_txrec *ttp_txq_unsent(struct ttp_tcb *tcb)
{
	return look(host(tcb)->unsent);
}

/* @n goes behind @at, or to the front. */
static void enter(struct order *order, struct node *at, struct node *n)
{
	n->in = order;
	n->older = at;
	n->younger = at ? at->younger : order->first;
	*(at ? &at->younger : &order->first) = n;
	*(n->younger ? &n->younger->older : &order->last) = n;
}

static void leave(struct node *n)
{
	if (!n->in)
		return;
	*(n->older ? &n->older->younger : &n->in->first) = n->younger;
	*(n->younger ? &n->younger->older : &n->in->last) = n->older;
	n->in = NULL;
}

static void drop(struct host_tcb *h, struct node *n)
{
	leave(n);
	*(n->prev ? &n->prev->next : &h->first) = n->next;
	*(n->next ? &n->next->prev : &h->last) = n->prev;
	if (h->unsent == n)
		h->unsent = n->next;
	host_work.changes++;
	free(n);
}

void ttp_txq_sent(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	struct host_tcb *h = host(tcb);

	if (h->unsent == node(rec))
		h->unsent = h->unsent->next;
	leave(node(rec));
	enter(&h->sent, h->sent.last, node(rec));
	host_work.changes++;
}

struct ttp_txrec *ttp_txq_oldest(struct ttp_tcb *tcb)
{
	return look(host(tcb)->sent.first);
}

void ttp_txq_pass(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	struct host_tcb *h = host(tcb);

	WARN_ON_ONCE(h->sent.first != node(rec));
	leave(node(rec));
	enter(&h->lost, h->lost.last, node(rec));
	host_work.changes++;
}

void ttp_txq_recall(struct ttp_tcb *tcb)
{
	struct host_tcb *h = host(tcb);
	struct node *n;

	while ((n = h->lost.last) != NULL) {
		leave(n);
		enter(&h->sent, NULL, n);
	}
}

void ttp_txq_sacked(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	leave(node(rec));
	host_work.changes++;
}

void ttp_txq_unsacked(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	struct host_tcb *h = host(tcb);

	WARN_ON_ONCE(node(rec)->in);
	h->disordered = true;
	enter(&h->lost, h->lost.last, node(rec));
	host_work.changes++;
}

const char *host_order_wrong(struct ttp_tcb *tcb)
{
	struct host_tcb *h = host(tcb);
	struct node *n;

	for (n = h->first; n; n = n->next) {
		if (!(n->rec.flags & TTP_TX_SENT) || n->rec.flags & TTP_TX_SACKED) {
			if (n->in)
				return "a record that is not in flight has a place in the order sent";
		} else if (!n->in) {
			return "a record in flight has no place in the order sent";
		}
		if (n->in == &h->lost &&
		    (n->rec.flags & (TTP_TX_LOST | TTP_TX_RESENT)) != TTP_TX_LOST)
			return "a record was passed over and is not lost";
	}
	for (n = h->sent.first; n && n->younger && !h->disordered; n = n->younger)
		if (n->rec.sent_us > n->younger->rec.sent_us)
			return "records are not in the order in which they were sent";
	return NULL;
}

int ttp_txq_split(struct ttp_tcb *tcb, struct ttp_txrec *rec, u32 seq)
{
	struct node *n;

	/* a cut at or beyond an edge would make an empty record */
	if (WARN_ON_ONCE(seq_leq(seq, rec->seq) || seq_geq(seq, rec->end)))
		return -EINVAL;
	if (host_split_fails > 0 && !--host_split_fails)
		return -ENOMEM;
	n = port_alloc(sizeof(*n));
	n->rec = *rec;
	n->rec.seq = seq;
	rec->end = seq;
	rec->flags &= ~TTP_TX_PUSH;
	link_after(host(tcb), node(rec), n);
	if (node(rec)->in)
		enter(node(rec)->in, node(rec), n);
	host_work.changes++;
	host_work.allocs++;
	return 0;
}

bool ttp_txq_merge(struct ttp_tcb *tcb, struct ttp_txrec *rec)
{
	struct ttp_txrec *next = &node(rec)->next->rec;

	WARN_ON_ONCE(!(rec->flags & next->flags & TTP_TX_SACKED) || rec->end != next->seq);
	if (next->end - rec->seq > 0xffff)
		return false;
	rec->end = next->end;
	rec->flags |= next->flags;
	drop(host(tcb), node(next));
	return true;
}

void ttp_txq_acked(struct ttp_tcb *tcb, u32 una)
{
	struct host_tcb *h = host(tcb);
	struct node *n;

	while ((n = h->first) && seq_leq(n->rec.end, una))
		drop(h, n);
	if (n && seq_lt(n->rec.seq, una))
		n->rec.seq = una;
}

/* In order, and nothing waits out of order: no byte needs to be looked at. */
static void add_in_order(struct host_tcb *h, u32 seq, const u8 *text, u32 len)
{
	u32 at = seq & (h->size - 1), n = min(len, h->size - at);

	memcpy(h->ring + at, text, n);
	memcpy(h->ring, text + n, len - n);
	memset(h->have + at, 1, n);
	memset(h->have, 1, len - n);
	h->held += len;
}

void ttp_rxq_add(struct ttp_tcb *tcb, const struct ttp_seg *seg,
		 struct ttp_rx_result *res)
{
	struct host_tcb *h = host(tcb);
	const u8 *text = (u8 *)seg->pkt + seg->off;
	u32 i, nxt = tcb->rcv.nxt, at, mask = h->size - 1;

	WARN_ON_ONCE(seq_lt(seg->seq, nxt));
	*res = (struct ttp_rx_result){ .nxt = nxt, .truesize = 2 * seg->len };
	if ((host_rxq_fails > 0 && !--host_rxq_fails) ||
	    seg->seq + seg->len - tcb->rcv.read > h->size ||
	    h->held + seg->len > 2 * h->rcvbuf)
		return;
	res->taken = true;
	if (seg->seq == nxt && h->held == nxt - tcb->rcv.read) {
		add_in_order(h, nxt, text, seg->len);
		res->nxt += seg->len;
		return;
	}
	for (i = 0; i < seg->len; i++) {
		at = (seg->seq + i) & mask;
		h->held += !h->have[at];
		h->have[at] = 1;
		h->ring[at] = text[i];
	}
	while (h->have[res->nxt & mask] && res->nxt - tcb->rcv.read < h->size)
		res->nxt++;
}

u8 ttp_rxq_byte(struct ttp_tcb *tcb, u32 seq)
{
	struct host_tcb *h = host(tcb);

	WARN_ON_ONCE(!h->have[seq % h->size]);
	return h->ring[seq % h->size];
}

u32 ttp_rxq_space(struct ttp_tcb *tcb)
{
	struct host_tcb *h = host(tcb);
	u32 used = h->held ? tcb->rcv.nxt - tcb->rcv.read : 0;

	return used < h->rcvbuf ? h->rcvbuf - used : 0;
}

u32 ttp_rxq_size(struct ttp_tcb *tcb)
{
	return host(tcb)->rcvbuf;
}

u32 ttp_rxq_lowat(struct ttp_tcb *tcb)
{
	return host_lowat;
}
