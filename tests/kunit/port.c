// SPDX-License-Identifier: GPL-2.0
/*
 * port.c - port.h in the kernel: the TCB of a real socket, with txq.c and rxq.c
 * as its queues.
 *
 * The sockets are in no table and have no timer, so that what happens to their
 * TCBs is the tests' doing alone.  Each is locked from beginning to end.
 */
#include <linux/highmem.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "port.h"
#include "ttp.h"

#define RECORD	6000U		/* bytes of one, when writes are put together */

void *port_alloc(size_t size)
{
	return kvzalloc(size, GFP_KERNEL);
}

void port_free(void *p)
{
	kvfree(p);
}

#define MANY	8	/* MAX_LOCKDEP_SUBCLASSES */

/* Sockets that are locked at one time.  Lockdep is to know that they are not one, and no
 * other lock may be taken below the last of them: a socket is closed when none is locked.
 */
static struct socket *freed[MANY];
static unsigned int locked, nfreed;

struct ttp_tcb *port_tcb(const struct ttp_config *config, u32 rcvbuf)
{
	struct socket *sock;
	struct sock *sk;

	if (WARN_ON(sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TTP, &sock)))
		return NULL;
	sk = sock->sk;
	WARN_ON(locked + nfreed >= MANY);
	lock_sock_nested(sk, nfreed + locked++);
	/* half of it is for what packets take beyond their data (rxq.c) */
	WRITE_ONCE(sk->sk_rcvbuf, 2 * rcvbuf);
	/* port_write() does not ask whether there is room */
	WRITE_ONCE(sk->sk_sndbuf, 16 << 20);
	sk->sk_userlocks |= SOCK_RCVBUF_LOCK | SOCK_SNDBUF_LOCK;
	ttp_user_init(&ttp_sk(sk)->tcb, config);
	ttp_sk(sk)->tcb.snd.burst = 0;	/* the tests say how much goes at once */
	return &ttp_sk(sk)->tcb;
}

void port_tcb_free(struct ttp_tcb *tcb)
{
	struct sock *sk = ttp_sock_of(tcb);

	ttp_txq_purge(sk);
	ttp_rxq_purge(sk);
	skb_queue_purge(&sk->sk_receive_queue);
	/* as if nothing had ever happened to it */
	ttp_memory_flow_free(tcb->flow);
	memset(tcb, 0, sizeof(*tcb));
	ttp_user_init(tcb, &ttp_net(sock_net(sk))->cfg);
	inet_sk_set_state(sk, TCP_CLOSE);
	release_sock(sk);
	freed[nfreed++] = sk->sk_socket;
	if (--locked)
		return;
	while (nfreed)
		sock_release(freed[--nfreed]);
}

struct ttp_request *port_request(void)
{
	struct ttp_req *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return NULL;
	r->mini.ep.tn = ttp_net(&init_net);
	r->mini.ep.conn = &r->req.conn;
	return &r->req;
}

void port_request_free(struct ttp_request *req)
{
	kfree(container_of(req, struct ttp_req, req));
}

struct ttp_timewait *port_timewait(void)
{
	struct ttp_tw *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;
	t->mini.ep.tn = ttp_net(&init_net);
	t->mini.ep.conn = &t->tw.conn;
	return &t->tw;
}

void port_timewait_free(struct ttp_timewait *tw)
{
	kfree(container_of(tw, struct ttp_tw, tw));
}

/* A page with data, at the end of @skb. */
static bool add_page(struct sock *sk, struct sk_buff *skb, u32 place, u32 n)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *p;
	u32 i;

	if (!page)
		return false;
	p = page_address(page);
	for (i = 0; i < n; i++)
		p[i] = port_byte(place + i);
	skb_fill_page_desc(skb, skb_shinfo(skb)->nr_frags, page, 0, n);
	skb->len += n;
	skb->data_len += n;
	skb->truesize += n;
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);
	return true;
}

bool port_write(struct ttp_tcb *tcb, u32 bytes)
{
	struct sock *sk = ttp_sock_of(tcb);
	struct sk_buff *skb = bytes < RECORD ? ttp_txq_tail(sk, RECORD - bytes + 1) : NULL;
	u32 place = tcb->snd.end - tcb->conn.iss - 1, n;

	if (skb && skb_shinfo(skb)->nr_frags + bytes / PAGE_SIZE + 1 > MAX_SKB_FRAGS)
		skb = NULL;
	if (!skb)
		skb = ttp_txq_alloc(sk, GFP_KERNEL);
	if (!skb || !ttp_flow_need(tcb, tcb->last_rcvd_us, false))
		return false;
	for (; bytes; bytes -= n, place += n) {
		n = min_t(u32, bytes, PAGE_SIZE);
		if (!add_page(sk, skb, place, n))
			return false;
	}
	ttp_txq_append(sk, skb);
	if (!tcb->snd.more)
		ttp_cb(skb)->rec.flags |= TTP_TX_PUSH;	/* as stream.c, after each write */
	return true;
}

void port_copy(const struct ttp_tcb *tcb, const struct ttp_txrec *rec, u8 *to)
{
	struct sk_buff *skb = ttp_txq_skb((struct ttp_txrec *)rec);

	WARN_ON(skb->len != rec->end - rec->seq);
	WARN_ON(skb_copy_bits(skb, 0, to, skb->len));
}

bool port_attach(struct ttp_seg *seg, const u8 *text)
{
	struct sk_buff *skb = alloc_skb(seg->len, GFP_KERNEL);

	if (!skb)
		return false;
	skb_put_data(skb, text, seg->len);
	seg->pkt = skb;
	seg->off = 0;
	return true;
}

void port_detach(struct ttp_seg *seg, const struct ttp_verdict *v)
{
	if (!(v->todo & TTP_DO_TAKEN))
		kfree_skb(seg->pkt);
	seg->pkt = NULL;
}

static bool right(struct sk_buff *skb, u32 off, u32 place, u32 n)
{
	u8 byte;
	u32 i;

	for (i = 0; i < n; i++)
		if (skb_copy_bits(skb, off + i, &byte, 1) || byte != port_byte(place + i))
			return false;
	return true;
}

u32 port_read(struct ttp_tcb *tcb, u32 max)
{
	struct sock *sk = ttp_sock_of(tcb);
	struct sk_buff *skb;
	u32 n, got = 0;

	while (got < max && (skb = skb_peek(&sk->sk_receive_queue)) != NULL) {
		if (seq_gt(ttp_cb(skb)->seq, tcb->rcv.read) ||
		    ttp_cb(skb)->end - ttp_cb(skb)->seq != skb->len)
			return ~0U;
		n = min(ttp_cb(skb)->end - tcb->rcv.read, max - got);
		if (!right(skb, tcb->rcv.read - ttp_cb(skb)->seq,
			   tcb->rcv.read - tcb->conn.irs - 1, n))
			return ~0U;
		tcb->rcv.read += n;
		got += n;
		if (tcb->rcv.read == ttp_cb(skb)->end)
			sk_eat_skb(sk, skb);
	}
	return got;
}

struct wanted {
	const char *name;
	const struct ttp_cong_ops *ops;
};

static int is_wanted(const struct ttp_cong_ops *ops, bool allowed, void *data)
{
	struct wanted *w = data;

	if (strcmp(ops->name, w->name))
		return 0;
	w->ops = ops;
	return 1;
}

bool port_cong_missing;

const struct ttp_cong_ops *port_cong(const char *name)
{
	struct wanted w = { .name = name };

	ttp_cong_walk(is_wanted, &w);
	port_cong_missing |= !w.ops;
	return w.ops;
}
