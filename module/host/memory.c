// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c - how much memory TTP may take: for all sockets together, and for the send
 * buffer and receive buffer of each.
 *
 * Every packet in a queue is charged to its socket (sk_rmem_schedule(),
 * sk_wmem_schedule()), and in pages to &ttp_memory, which net.ttp.mem limits:
 *
 *	below the first		no limit
 *	above the second	under pressure, until it is below the first: buffers do not
 *				grow, receive windows shrink to a few segments
 *	above the third		nothing is granted but what a connection needs to go on
 *
 * Autotuning: a socket's buffers begin with the second number of net.ttp.rmem and wmem and
 * grow up to the third, as core/autotune.c computes, unless the user has set them
 * (SO_RCVBUF, SO_SNDBUF).
 *
 * Called by core/flow.c, socket/, rxq.c, txq.c, conn/sock.c, conn/verdict.c, ip/xmit.c, and the
 * kernel through struct proto.
 * Context: socket lock held, unless a function says otherwise.
 *
 * Next: core/autotune.c for the sizes, clock.c for time.
 */
#include <linux/log2.h>
#include <linux/percpu_counter.h>

#include TTP_PROTO_MEMORY_H

#include "ttp.h"

/* truesize of a packet without data */
#define SEGMENT_OVERHEAD	SKB_TRUESIZE(TTP_HEADROOM)

struct flow {
	struct ttp_flow flow;
	struct rcu_head rcu;
};

static struct kmem_cache *flows;

struct ttp_memory ttp_memory;
DEFINE_PER_CPU(int, ttp_memory_reserve);

/* Before the first socket.  The limits are TCP's: pressure begins when a sixteenth of low
 * memory is in use.  Return: 0 or -ENOMEM.
 */
int ttp_memory_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 16, 128UL);
	int err;

	ttp_memory.limits[0] = limit / 4 * 3;
	ttp_memory.limits[1] = limit;
	ttp_memory.limits[2] = ttp_memory.limits[0] * 2;
	flows = kmem_cache_create("ttp_flow", sizeof(struct flow), 0,
				  SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT, NULL);
	if (!flows)
		return -ENOMEM;
	err = percpu_counter_init(&ttp_memory.sockets, 0, GFP_KERNEL);
	if (err)
		kmem_cache_destroy(flows);
	return err;
}

/* After the last socket. */
void ttp_memory_exit(void)
{
	WARN_ON_ONCE(ttp_memory_pages());
	percpu_counter_destroy(&ttp_memory.sockets);
	kmem_cache_destroy(flows);
}

/* What a connection has when data goes (core/flow.c)
 *
 * It goes with the socket, which readers without locks (see/snapshot.c) have found under RCU.
 */

/* core/queue.h's; @must only in process context */
struct ttp_flow *ttp_flow_alloc(bool must)
{
	gfp_t gfp = must ? GFP_NOIO | __GFP_NOFAIL : GFP_ATOMIC | __GFP_NOWARN;
	struct flow *f = kmem_cache_zalloc(flows, gfp);

	return f ? &f->flow : NULL;
}

/* The user writes.  Return: false without memory. */
bool ttp_memory_flow(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	struct flow *f;

	if (tcb->flow)
		return true;
	f = kmem_cache_zalloc(flows, sk->sk_allocation);
	if (f)
		ttp_flow_begin(tcb, &f->flow, ttp_now());
	return f;
}

static void free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(flows, container_of(rcu, struct flow, rcu));
}

/* A connection has ended, and its socket may be used for another.  Context: process. */
void ttp_memory_flow_end(struct ttp_tcb *tcb)
{
	struct ttp_flow *flow = tcb->flow;

	if (!flow)
		return;
	ttp_cong_end(&flow->cong);
	WRITE_ONCE(tcb->flow, NULL);
	call_rcu(&container_of(flow, struct flow, flow)->rcu, free_rcu);
}

/* A socket is freed, after the last reader.  @flow: may be %NULL. */
void ttp_memory_flow_free(struct ttp_flow *flow)
{
	if (flow)
		kmem_cache_free(flows, container_of(flow, struct flow, flow));
}

/* Pages that all sockets have, with what each CPU has in reserve.  Context: any. */
long ttp_memory_pages(void)
{
	long pages = atomic_long_read(&ttp_memory.allocated);
	int cpu;

	for_each_possible_cpu(cpu)
		pages += READ_ONCE(per_cpu(ttp_memory_reserve, cpu));
	return pages;
}

/* Pressure begins: the memory of @sk passed net.ttp.mem's second number.  Context: any. */
void ttp_memory_enter_pressure(struct sock *sk)
{
	if (!READ_ONCE(ttp_memory.pressure) && !cmpxchg(&ttp_memory.pressure, 0, jiffies ?: 1))
		ttp_mib_inc(ttp_net(sock_net(sk)), TTP_MIB_MEMORY_PRESSURES);
}

/* Pressure ends: less than net.ttp.mem's first number is in use.  Context: any. */
void ttp_memory_leave_pressure(struct sock *sk)
{
	unsigned long since;

	if (!READ_ONCE(ttp_memory.pressure))
		return;
	since = xchg(&ttp_memory.pressure, 0);
	if (since)
		ttp_mib_add(ttp_net(sock_net(sk)), TTP_MIB_MEMORY_PRESSURE_MS,
			    jiffies_to_msecs(jiffies - since));
}

/**
 * ttp_memory_force - charge memory whatever the limits are
 * @sk: the socket; a packet of it is about to be charged
 * @bytes: truesize of the packet
 *
 * Like sk_forced_mem_schedule(), which only TCP may call.  It counts, for net.ttp.mem and for
 * the socket's memory cgroup.  The kernel refuses no charge to a stream whose send buffer this
 * fills, so that is the size of the buffer for a moment.
 */
void ttp_memory_force(struct sock *sk, u32 bytes)
{
	int missing = (int)bytes - sk->sk_forward_alloc, size = sk->sk_sndbuf;
	u8 locks = sk->sk_userlocks;

	if (missing <= 0)
		return;
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;	/* else the kernel makes it smaller */
	WRITE_ONCE(sk->sk_sndbuf, min(size, sk->sk_wmem_queued + missing));
	__sk_mem_schedule(sk, missing, SK_MEM_SEND);
	WRITE_ONCE(sk->sk_sndbuf, size);
	sk->sk_userlocks = locks;
}

/**
 * ttp_memory_write - how much memory does the send buffer get?
 * @sk: the socket
 * @bytes: wanted
 *
 * Up to the first number of the initial namespace's net.ttp.wmem is granted even if there is no
 * memory, so that every connection goes on.  Another namespace's user could set it to any.
 *
 * Return: bytes granted, which may now be charged; or 0.
 */
u32 ttp_memory_write(struct sock *sk, u32 bytes)
{
	int left;

	if (sk_wmem_schedule(sk, bytes))
		return bytes;
	left = sk_get_wmem0(sk, sk->sk_prot) - sk->sk_wmem_queued;
	if (left <= 0)
		return 0;
	bytes = min_t(u32, bytes, left);
	ttp_memory_force(sk, bytes);
	return bytes;
}

/* May a buffer grow? */
static bool plenty(const struct sock *sk)
{
	return !sk_under_memory_pressure(sk) && sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 0);
}

/* Autotuning of the receive buffer, after the user has read. */
void ttp_memory_read(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 mss = tcb->rcv.mss, segs, truesize;
	/* data is read soon after it came: the time need not be asked for again */
	u32 window = ttp_autotune_read(tcb, tcb->last_rcvd_us);
	u64 size;

	if (!window || sk->sk_userlocks & SOCK_RCVBUF_LOCK ||
	    !READ_ONCE(tcb->cfg->moderate_rcvbuf) || sk_under_memory_pressure(sk))
		return;
	/* the window is half of the buffer: truesize is more than the data (rxq.c) */
	segs = DIV_ROUND_UP(window, mss);
	truesize = max(mss + (u32)SEGMENT_OVERHEAD, 2 * mss);
	size = min_t(u64, (u64)segs * truesize, READ_ONCE(ttp_sk_net(sk)->rmem[2]));
	if (size > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, size);
}

/* The truesize of packets has filled the receive buffer before their data has filled the
 * window: enlarge the buffer if it may grow, else reduce the window.
 */
void ttp_memory_overrun(struct sock *sk)
{
	int limit = READ_ONCE(ttp_sk_net(sk)->rmem[2]);
	int used = atomic_read(&sk->sk_rmem_alloc);

	if (sk->sk_rcvbuf < limit && !(sk->sk_userlocks & SOCK_RCVBUF_LOCK) && plenty(sk))
		WRITE_ONCE(sk->sk_rcvbuf, max(sk->sk_rcvbuf, min(used, limit)));
	if (used > sk->sk_rcvbuf || sk_under_memory_pressure(sk))
		ttp_autotune_overrun(&ttp_sk(sk)->tcb);
}

/* Autotuning of the send buffer, after data was acknowledged. */
void ttp_memory_written(struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 bytes, truesize;
	u64 size;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK || !plenty(sk))
		return;
	bytes = ttp_autotune_send(tcb);
	truesize = roundup_pow_of_two(tcb->snd.mss + SEGMENT_OVERHEAD);
	size = min_t(u64, (u64)DIV_ROUND_UP(bytes, tcb->snd.mss) * truesize,
		     READ_ONCE(ttp_sk_net(sk)->wmem[2]));
	if (size > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, size);
}

/* Data was acknowledged, or less is unsent (TTP_NOTSENT_LOWAT).  Only who waits for that is to be
 * woken, and needs a larger buffer.
 */
void ttp_memory_wake_writer(struct sock *sk)
{
	smp_mb();	/* pairs with poll(), which sets the bit and looks for room once more */
	if (!ttp_sk_no_room(sk))
		return;
	ttp_memory_written(sk);
	sk->sk_write_space(sk);
}

/**
 * ttp_memory_rcvlowat - SO_RCVLOWAT (struct proto_ops' set_rcvlowat)
 * @sk: the socket
 * @val: bytes that wake a reader; the receive buffer must have room for them
 *
 * Return: 0.
 */
int ttp_memory_rcvlowat(struct sock *sk, int val)
{
	int limit = sk->sk_rcvbuf;

	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		limit = max(limit, READ_ONCE(ttp_sk_net(sk)->rmem[2]));
	val = min(val, limit / 2);
	WRITE_ONCE(sk->sk_rcvlowat, val ?: 1);
	if (ttp_sk(sk)->tcb.conn.state != TTP_LISTEN && ttp_sock_unread(sk) >= val)
		sk->sk_data_ready(sk);
	if (2 * val > sk->sk_rcvbuf) {
		WRITE_ONCE(sk->sk_rcvbuf, 2 * val);
		ttp_sk(sk)->tcb.rcv.ssthresh = max_t(u32, ttp_sk(sk)->tcb.rcv.ssthresh, val);
	}
	return 0;
}

/**
 * ttp_memory_orphan_ok - may this socket become, or stay, an orphan?
 * @sk: closed by its user, while the connection goes on
 *
 * Return: false when there are too many, or memory is full; the log says which.
 */
bool ttp_memory_orphan_ok(struct sock *sk)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));

	if (atomic_read(&tn->orphans) > READ_ONCE(tn->cfg.max_orphans)) {
		net_warn_ratelimited("too many orphans, see net.ttp.max_orphans\n");
		return false;
	}
	if (sk->sk_wmem_queued > SOCK_MIN_SNDBUF &&
	    sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 2)) {
		net_warn_ratelimited("out of memory, see net.ttp.mem\n");
		return false;
	}
	return true;
}
