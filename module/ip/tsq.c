// SPDX-License-Identifier: GPL-2.0
/*
 * tsq.c - small queues: a socket has no more in the queues of this host than its device
 * sends in about a millisecond.
 *
 * Otherwise it would fill the queueing discipline with a whole window: other sockets would
 * wait behind it, and what is lost there is lost by the host's own doing.  A packet is in
 * those queues until it is freed, which its destructor tells.  A socket that had to stop
 * goes on from there, by a tasklet: the destructor may run inside of anything.
 *
 * Linux's "TCP small queues".
 *
 * Called by xmit.c and offload.c. Context: socket lock held, unless a function says otherwise.
 *
 * Next: conn/verdict.c, which goes on.
 */
#include <linux/interrupt.h>

#include "ttp.h"

/* Never more than this, even if the pacing rate says so; TCP's default. */
#define LIMIT_MAX	(1024 * 1024)

enum {
	STOPPED,	/* there is something to send, but too much is in the queues */
	QUEUED,		/* the tasklet is to send it */
};

struct queue {
	struct tasklet_struct tasklet;
	struct list_head socks;		/* ttp_sock.tsq_node */
};

static DEFINE_PER_CPU(struct queue, queues);

static void (*send_more)(struct sock *sk);

/* Has the socket so much in the queues that its next packet must wait?  It goes on by itself. */
bool ttp_tsq_full(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	u32 queued = refcount_read(&sk->sk_wmem_alloc);
	u64 limit;

	/* one packet may always go, and one more of what nothing is in flight of */
	if (queued <= 1 || tsk->tcb.snd.una == tsk->tcb.snd.nxt)
		return false;
	limit = READ_ONCE(sk->sk_pacing_rate) >> READ_ONCE(sk->sk_pacing_shift);
	limit = max_t(u64, limit, 2 * tsk->tsq_truesize);
	/* pairs with sch_fq, as in xmit.c's pacing() */
	if (smp_load_acquire(&sk->sk_pacing_status) == SK_PACING_NONE)
		limit = min_t(u64, limit, LIMIT_MAX);
	if (queued <= limit)
		return false;
	set_bit(STOPPED, &sk->sk_tsq_flags);
	/* a destructor that did not see the flag has made room by now */
	smp_mb__after_atomic();
	return refcount_read(&sk->sk_wmem_alloc) > limit;
}

/* The packet leaves the host's queues.  Context: any. */
static void wfree(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;
	struct ttp_sock *tsk = ttp_sk(sk);
	struct queue *q;
	unsigned long flags;
	bool idle;

	/* one byte of the packet's is kept as the reference of what follows */
	WARN_ON(refcount_sub_and_test(skb->truesize - 1, &sk->sk_wmem_alloc));
	smp_mb__after_atomic();		/* pairs with that of ttp_tsq_full() */
	if (!test_bit(STOPPED, &sk->sk_tsq_flags) || test_and_set_bit(QUEUED, &sk->sk_tsq_flags)) {
		sk_free(sk);
		return;
	}
	clear_bit(STOPPED, &sk->sk_tsq_flags);
	local_irq_save(flags);
	q = this_cpu_ptr(&queues);
	idle = list_empty(&q->socks);
	list_add(&tsk->tsq_node, &q->socks);
	if (idle)
		tasklet_schedule(&q->tasklet);
	local_irq_restore(flags);
}

/* Is the packet one of a socket that counts what it has in the queues? */
bool ttp_tsq_owns(const struct sk_buff *skb)
{
	return skb->destructor == wfree;
}

/* @skb is about to go to IP: it counts until it is freed. */
void ttp_tsq_add(struct sock *sk, struct sk_buff *skb)
{
	skb->sk = sk;	/* it is new, and nobody's */
	skb->destructor = wfree;
	skb_set_hash_from_sk(skb, sk);
	refcount_add(skb->truesize, &sk->sk_wmem_alloc);
	if (skb->data_len)	/* not an ACK's: it says nothing of what waits */
		ttp_sk(sk)->tsq_truesize = skb->truesize;
}

static void run_tasklet(struct tasklet_struct *t)
{
	struct queue *q = from_tasklet(q, t, tasklet);
	struct ttp_sock *tsk, *next;
	LIST_HEAD(socks);
	struct sock *sk;

	local_irq_disable();
	list_splice_init(&q->socks, &socks);
	local_irq_enable();
	list_for_each_entry_safe(tsk, next, &socks, tsq_node) {
		sk = (struct sock *)tsk;
		list_del(&tsk->tsq_node);
		smp_mb__before_atomic();	/* wfree() may add it again from here on */
		clear_bit(QUEUED, &sk->sk_tsq_flags);
		send_more(sk);
		sk_free(sk);
	}
}

/* @go_on: lets a socket send what may be sent, in softirq; it may be gone but for its memory */
void ttp_tsq_init(void (*go_on)(struct sock *sk))
{
	int cpu;

	send_more = go_on;
	for_each_possible_cpu(cpu) {
		struct queue *q = per_cpu_ptr(&queues, cpu);

		INIT_LIST_HEAD(&q->socks);
		tasklet_setup(&q->tasklet, run_tasklet);
	}
}

/* No socket and no packet of one is left. */
void ttp_tsq_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&queues, cpu)->tasklet);
}
