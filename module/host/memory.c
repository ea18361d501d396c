// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c - how much memory TTP takes: for all sockets together, and for each.
 *
 * Every packet in a queue is charged to its socket (sk_rmem_schedule(),
 * sk_wmem_schedule()), and in pages to &ttp_memory, which net.ttp.mem limits:
 *
 *	below the first		all is well
 *	above the second	pressure, until it is below the first: buffers do not
 *				grow, windows close to a few segments
 *	above the third		no more, but what keeps a connection going
 *
 * A socket's buffers begin with the second number of net.ttp.rmem and wmem and
 * grow to the third as core/autotune.c finds useful, unless the user has set
 * them (SO_RCVBUF, SO_SNDBUF).
 *
 * Context: socket lock held, unless a function says otherwise.
 */
#include <linux/log2.h>
#include <linux/percpu_counter.h>

#include "ttp.h"

/* A segment's header, however large, and what follows the octets of a packet. */
#define SEGMENT_OVERHEAD	SKB_TRUESIZE(TTP_HEADROOM)

struct ttp_memory ttp_memory;
DEFINE_PER_CPU(int, ttp_memory_reserve);

/**
 * ttp_memory_init - before the first socket
 *
 * The limits are TCP's: pressure at a sixteenth of low memory.
 *
 * Return: 0 or -ENOMEM.
 */
int ttp_memory_init(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 16, 128UL);

	ttp_memory.limits[0] = limit / 4 * 3;
	ttp_memory.limits[1] = limit;
	ttp_memory.limits[2] = ttp_memory.limits[0] * 2;
	return percpu_counter_init(&ttp_memory.sockets, 0, GFP_KERNEL);
}

/**
 * ttp_memory_exit - after the last socket
 */
void ttp_memory_exit(void)
{
	WARN_ON_ONCE(ttp_memory_pages());
	percpu_counter_destroy(&ttp_memory.sockets);
}

/**
 * ttp_memory_pages - how much do all sockets have?
 *
 * Context: any. Return: pages, with those that each CPU has in reserve or owes.
 */
long ttp_memory_pages(void)
{
	long pages = atomic_long_read(&ttp_memory.allocated);
	int cpu;

	for_each_possible_cpu(cpu)
		pages += READ_ONCE(per_cpu(ttp_memory_reserve, cpu));
	return pages;
}

/**
 * ttp_memory_enter_pressure - net.ttp.mem's second number was passed
 * @sk: by the memory of this socket
 *
 * Context: any.
 */
void ttp_memory_enter_pressure(struct sock *sk)
{
	if (!READ_ONCE(ttp_memory.pressure) && !cmpxchg(&ttp_memory.pressure, 0, jiffies ?: 1))
		ttp_mib_inc(sock_net(sk), TTP_MIB_MEMORY_PRESSURES);
}

/**
 * ttp_memory_leave_pressure - less than its first is in use
 * @sk: whose memory was it last?
 *
 * Context: any.
 */
void ttp_memory_leave_pressure(struct sock *sk)
{
	unsigned long since;

	if (!READ_ONCE(ttp_memory.pressure))
		return;
	since = xchg(&ttp_memory.pressure, 0);
	if (since)
		ttp_mib_add(sock_net(sk), TTP_MIB_MEMORY_PRESSURE_MS,
			    jiffies_to_msecs(jiffies - since));
}

/**
 * ttp_memory_force - charge for what must be, whatever the limit says
 * @sk: the socket; a packet of it is about to be charged
 * @octets: truesize of the packet
 *
 * Like sk_forced_mem_schedule(), which is TCP's own.  A memory cgroup cannot be
 * charged from here: its socket owes the octets instead, and pays when it is
 * next granted some.
 */
void ttp_memory_force(struct sock *sk, u32 octets)
{
	int missing = (int)octets - sk->sk_forward_alloc, pages;

	if (missing <= 0 || (mem_cgroup_sockets_enabled && sk->sk_memcg))
		return;
	pages = sk_mem_pages(missing);
	sk_forward_alloc_add(sk, pages << PAGE_SHIFT);
	this_cpu_add(ttp_memory_reserve, pages);
}

/**
 * ttp_memory_write - how much may the user write?
 * @sk: the socket
 * @octets: so much is wanted
 *
 * Who has next to nothing queued gets the first of net.ttp.wmem, however short
 * memory is.
 *
 * Return: octets granted, which may now be charged; or 0.
 */
u32 ttp_memory_write(struct sock *sk, u32 octets)
{
	int left;

	if (sk_wmem_schedule(sk, octets))
		return octets;
	left = READ_ONCE(ttp_net(sock_net(sk))->wmem[0]) - sk->sk_wmem_queued;
	if (left <= 0)
		return 0;
	octets = min_t(u32, octets, left);
	ttp_memory_force(sk, octets);
	return octets;
}

/* May a buffer grow? */
static bool plenty(const struct sock *sk)
{
	return !sk_under_memory_pressure(sk) &&
	       sk_memory_allocated(sk) < sk_prot_mem_limits(sk, 0);
}

/**
 * ttp_memory_read - the user has read: should the receive buffer be larger?
 * @sk: connected
 */
void ttp_memory_read(struct sock *sk)
{
	const struct ttp_net *tn = ttp_net(sock_net(sk));
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 mss = tcb->rcv.mss, segs, weight;
	u32 window = ttp_autotune_read(tcb, ttp_now());
	u64 size;

	if (!window || sk->sk_userlocks & SOCK_RCVBUF_LOCK ||
	    !READ_ONCE(tn->cfg.moderate_rcvbuf) || sk_under_memory_pressure(sk))
		return;
	/* half of the buffer is for what packets weigh beyond their text */
	segs = DIV_ROUND_UP(window, mss);
	weight = max(mss + (u32)SEGMENT_OVERHEAD, 2 * mss);
	size = min_t(u64, (u64)segs * weight, READ_ONCE(tn->rmem[2]));
	if (size > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, size);
}

/**
 * ttp_memory_overrun - packets have filled the receive buffer before the text
 * has filled the window
 * @sk: connected
 *
 * A buffer that may grow does; the window closes if that does not help.
 */
void ttp_memory_overrun(struct sock *sk)
{
	int limit = READ_ONCE(ttp_net(sock_net(sk))->rmem[2]);
	int used = atomic_read(&sk->sk_rmem_alloc);

	if (sk->sk_rcvbuf < limit && !(sk->sk_userlocks & SOCK_RCVBUF_LOCK) && plenty(sk))
		WRITE_ONCE(sk->sk_rcvbuf, max(sk->sk_rcvbuf, min(used, limit)));
	if (used > sk->sk_rcvbuf || sk_under_memory_pressure(sk))
		ttp_autotune_overrun(&ttp_sk(sk)->tcb);
}

/**
 * ttp_memory_written - text was acknowledged: should the send buffer be larger?
 * @sk: connected
 */
void ttp_memory_written(struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 octets, weight;
	u64 size;

	if (sk->sk_userlocks & SOCK_SNDBUF_LOCK || !plenty(sk))
		return;
	octets = ttp_autotune_send(tcb);
	weight = roundup_pow_of_two(tcb->snd.mss + SEGMENT_OVERHEAD);
	size = min_t(u64, (u64)DIV_ROUND_UP(octets, tcb->snd.mss) * weight,
		     READ_ONCE(ttp_net(sock_net(sk))->wmem[2]));
	if (size > sk->sk_sndbuf)
		WRITE_ONCE(sk->sk_sndbuf, size);
}

/**
 * ttp_memory_rcvlowat - SO_RCVLOWAT (struct proto_ops' set_rcvlowat)
 * @sk: the socket
 * @val: octets that are to wake a reader
 *
 * Who waits for so much must have room for it.
 *
 * Return: 0.
 */
int ttp_memory_rcvlowat(struct sock *sk, int val)
{
	int limit = sk->sk_rcvbuf;

	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		limit = max(limit, READ_ONCE(ttp_net(sock_net(sk))->rmem[2]));
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
 * ttp_memory_orphan_ok - may this socket live on without a user?
 * @sk: closed by its user, in a state in which it has something to do
 *
 * Too many would eat the memory of those that have a user.
 *
 * Return: false when it must go, and the log says why.
 */
bool ttp_memory_orphan_ok(struct sock *sk)
{
	struct ttp_net *tn = ttp_net(sock_net(sk));

	if (atomic_read(&tn->orphans) > READ_ONCE(tn->cfg.max_orphans)) {
		net_warn_ratelimited("ttp: too many orphans, see net.ttp.max_orphans\n");
		return false;
	}
	if (sk->sk_wmem_queued > SOCK_MIN_SNDBUF &&
	    sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 2)) {
		net_warn_ratelimited("ttp: out of memory, see net.ttp.mem\n");
		return false;
	}
	return true;
}
