// SPDX-License-Identifier: GPL-2.0
/*
 * stream.c - SEND and RECEIVE (RFC 9293 3.10.2-3), and poll().
 *
 * Called through struct proto and proto_ops.
 *
 * Context: process, unless a function says otherwise; the socket lock is taken here.
 *
 * Next: host/txq.c for the send buffer, host/rxq.c for the receive buffer, core/send.c
 * for what may be sent; zerocopy.c for MSG_ZEROCOPY; sockopt.c for options.
 */
#include <linux/tcp.h>
#include <net/inet_common.h>

#include "ttp.h"

/**
 * ttp_stream_memory_free - TTP_NOTSENT_LOWAT: may more be written while this much is
 * not sent (struct proto's stream_memory_free)?
 * @sk: the socket
 * @wake: log2 of how much less it must be to wake a writer
 *
 * Context: any.
 */
bool ttp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 limit = READ_ONCE(ttp_sk(sk)->notsent_lowat) ?: READ_ONCE(tcb->cfg->notsent_lowat);
	u32 end = READ_ONCE(tcb->snd.end), nxt = READ_ONCE(tcb->snd.nxt);

	return seq_geq(nxt, end) || (u64)(end - nxt) << wake < limit;
}

/* There is room in the send buffer: wake writers (struct sock's sk_write_space).
 * Context: any.
 */
void ttp_stream_write_space(struct sock *sk)
{
	struct socket *sock = sk->sk_socket;
	struct socket_wq *wq;

	if (!sk_stream_is_writeable(sk) || !sock)
		return;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

/* ---- SEND ---- */

/* Bytes that one packet of the send queue may hold: whole segments, up to 64 KiB. */
static u32 packet_max(const struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 mss = tcb->snd.mss, max = ttp_send_half_window(tcb, TTP_PACKET_MAX);

	return max(mss, max - max % mss);
}

/* Copy from @msg into pages of the socket; @skb gets a part of one more page.
 * Return: bytes copied, 0 when @skb takes no more parts, -EFAULT, -ENOMEM.
 */
static int copy_in(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 len)
{
	struct page_frag *pfrag = sk_page_frag(sk);
	int i = skb_shinfo(skb)->nr_frags;
	bool merge;
	int err;

	if (!sk_page_frag_refill(sk, pfrag))
		return -ENOMEM;
	merge = skb_can_coalesce(skb, i, pfrag->page, pfrag->offset);
	if (!merge && i >= MAX_SKB_FRAGS)
		return 0;
	len = ttp_memory_write(sk, min_t(u32, len, pfrag->size - pfrag->offset));
	if (!len)
		return -ENOMEM;
	err = skb_copy_to_page_nocache(sk, &msg->msg_iter, skb, pfrag->page, pfrag->offset, len);
	if (err)
		return err;
	if (merge) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[i - 1], len);
	} else {
		skb_fill_page_desc(skb, i, pfrag->page, pfrag->offset, len);
		get_page(pfrag->page);
	}
	pfrag->offset += len;
	return len;
}

/* Data of @msg goes into @skb, up to @max bytes there; copied, unless @uarg says otherwise. */
static int put_in(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 max,
		  struct ubuf_info *uarg)
{
	u32 len = min_t(size_t, msg_data_left(msg), max - skb->len);

	return uarg ? ttp_zerocopy_write(sk, skb, msg, len, uarg) : copy_in(sk, skb, msg, len);
}

/* The last byte written ends a record of the user (TTP_TX_EOR), or what is not to wait for
 * more: PUSH (3.9.1.2, TTP_TX_PUSH).
 */
static void mark_end(struct sock *sk, u32 flag)
{
	struct sk_buff *last = skb_rb_last(&sk->tcp_rtx_queue);

	if (last)
		ttp_cb(last)->rec.flags |= flag;
}

/**
 * ttp_stream_write - put some of a message into the send queue
 * @sk: socket lock held
 * @msg: the data
 * @uarg: of MSG_ZEROCOPY; %NULL: it is copied
 *
 * PUSH does not end a packet: the next write goes into the same one (SHLD-27), unless one has
 * pages of the program.
 *
 * Return: bytes, -EAGAIN to wait for memory, -EFAULT.
 */
int ttp_stream_write(struct sock *sk, struct msghdr *msg, struct ubuf_info *uarg)
{
	u32 max = packet_max(sk);
	struct sk_buff *skb = ttp_txq_tail(sk, max);
	bool fresh;
	int n = 0;

	if (skb && skb_zcopy(skb) == uarg)
		n = put_in(sk, skb, msg, max, uarg);
	fresh = !n;
	if (fresh) {
		if (!sk_stream_memory_free(sk) || !ttp_memory_flow(sk))
			return -EAGAIN;
		skb = ttp_txq_alloc(sk, sk->sk_allocation);
		if (!skb)
			return -EAGAIN;
		n = put_in(sk, skb, msg, max, uarg);
	}
	if (n <= 0) {
		if (fresh)
			ttp_txq_cancel(sk, skb);
		return n == -EFAULT ? n : -EAGAIN;
	}
	ttp_txq_append(sk, skb);
	ttp_cb(skb)->rec.flags &= ~TTP_TX_PUSH;	/* of the write before */
	if (!msg_data_left(msg) && !ttp_sk(sk)->tcb.snd.more)
		mark_end(sk, TTP_TX_PUSH);
	return n;
}

/* May data be sent now?  Waits for the end of the handshake. */
static int may_send(struct sock *sk, long *timeo)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	int err;

	/* the handshake goes on, and no data may go before its end */
	if (ttp_fsm_in(tcb->conn.state, BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD)) &&
	    !tcb->fastopen.child) {
		err = sk_stream_wait_connect(sk, timeo);
		if (err)
			return err;
	}
	sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	/* getsockopt(SO_ERROR) clears sk_err without the lock */
	if (READ_ONCE(sk->sk_err) || sk->sk_shutdown & SEND_SHUTDOWN)
		return -EPIPE;
	return ttp_user_send(tcb);
}

static int wait_for_memory(struct sock *sk, long *timeo)
{
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	mark_end(sk, TTP_TX_PUSH);
	ttp_xmit_push(sk);
	return sk_stream_wait_memory(sk, timeo);
}

/* So much is not sent yet that it is sent before more is written. */
static bool enough_to_send(const struct ttp_tcb *tcb)
{
	return tcb->snd.end - tcb->snd.nxt > max(tcb->snd.max_wnd / 2, tcb->snd.mss);
}

/**
 * ttp_stream_sendmsg - SEND (struct proto's sendmsg)
 * @sk: the socket
 * @msg: the data; an address in it is ignored, as by TCP, but with MSG_FASTOPEN
 * @len: its length
 *
 * Return: bytes queued; or the errno that TCP gives.
 */
int ttp_stream_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	int flags = msg->msg_flags, copied = 0, n, err, zerocopy;
	struct ubuf_info *uarg = NULL;
	u32 stamps = 0;
	long timeo;

	lock_sock(sk);
	zerocopy = ttp_zerocopy_begin(sk, msg, len, &uarg);
	err = min(zerocopy, 0);
	if (err)
		goto out;
	if (unlikely(flags & MSG_FASTOPEN || ttp_inet_flag(sk, DEFER_CONNECT, defer_connect))) {
		err = ttp_fastopen_sendmsg(sk, msg);
		if (!err || err == -EINPROGRESS)
			copied = ttp_sk(sk)->syn_copied;
		if (err)
			goto out;
	}
	timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	err = may_send(sk, &timeo) ?: ttp_stamp_flags(sk, msg, &stamps);
	if (err)
		goto out;
	tcb->snd.more = flags & MSG_MORE_COMES;
	while (msg_data_left(msg)) {
		n = ttp_stream_write(sk, msg, zerocopy ? uarg : NULL);
		if (n == -EAGAIN) {
			err = wait_for_memory(sk, &timeo) ?: may_send(sk, &timeo);
		} else if (n < 0) {
			err = n;
		} else {
			copied += n;
			/* the end waits for its marks: urgent, a timestamp, a record */
			if (msg_data_left(msg) && !(flags & MSG_OOB) && enough_to_send(tcb))
				ttp_xmit_push(sk);
		}
		if (err)
			break;
	}
	if (copied && err)
		mark_end(sk, TTP_TX_PUSH);
	else if (copied && flags & MSG_EOR)
		mark_end(sk, TTP_TX_EOR);
	if (copied && flags & MSG_OOB)
		ttp_urgent_send(tcb);
	if (copied && stamps)
		ttp_stamp_write(sk, stamps);
	if (copied)
		ttp_xmit_push(sk);
out:
	if (copied) {
		net_zcopy_put(uarg);
		err = copied;
	} else {
		net_zcopy_put_abort(uarg, true);
		if (err)
			err = sk_stream_error(sk, flags, err);
	}
	/* edge-triggered epoll must see an event when room comes */
	if (err == -EAGAIN && sk_stream_is_writeable(sk))
		sk->sk_write_space(sk);
	release_sock(sk);
	return err;
}

/* ---- RECEIVE ---- */

/* One call of recvmsg() or splice() */
struct reader {
	struct msghdr *msg;	/* where the data goes */
	struct pipe_inode_info *pipe;	/* or a pipe that takes its pages */
	u32 seq;	/* the next byte; not rcv.read when MSG_PEEK is set */
	u32 copied;	/* bytes so far */
	u32 urg_skipped;	/* urgent bytes left out (RFC 9293 3.8.5, see core/urgent.c) */
	ktime_t at;	/* when the packet that was read last came */
	ktime_t hw_at;	/* the same by the device's clock */
	int flags;	/* MSG_* */
};

/* How many of @n bytes the reader takes: up to the urgent mark, or beyond it. */
static u32 up_to_mark(struct sock *sk, struct reader *r, u32 n)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	if (!ttp_urgent_at_mark(tcb, r->seq))
		return ttp_urgent_before_mark(tcb, r->seq, n);
	if (sock_flag(sk, SOCK_URGINLINE))
		return n;
	r->seq++;
	r->urg_skipped++;
	return n - 1;
}

/* Copy @n bytes of a packet to the user.  Return: how many, or a negative errno. */
static int hand_out(struct sock *sk, struct sk_buff *skb, struct reader *r, u32 n)
{
	u32 off = r->seq - ttp_cb(skb)->seq;

	if (r->pipe)	/* 0: no memory for a page */
		return skb_splice_bits(skb, sk, off, r->pipe, n, 0) ?: -ENOMEM;
	if (!(r->flags & MSG_TRUNC) && skb_copy_datagram_msg(skb, off, r->msg, n))
		return -EFAULT;
	r->at = skb->tstamp;
	r->hw_at = skb_hwtstamps(skb)->hwtstamp;
	return n;
}

/* Copy out what can be read, at most @len bytes.  With MSG_PEEK it stays in the queue.
 * Return: 0, or a negative errno when no more could be copied.
 */
static int copy_out(struct sock *sk, struct reader *r, size_t len)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	bool peek = r->flags & MSG_PEEK;
	struct sk_buff *skb, *next;
	int n = 0;

	skb_queue_walk_safe(&sk->sk_receive_queue, skb, next) {
		/* a read ends at the urgent mark, if it has read something */
		if (r->copied == len || (r->copied && ttp_urgent_at_mark(tcb, r->seq)))
			break;
		if (seq_lt(r->seq, ttp_cb(skb)->end)) {
			n = ttp_cb(skb)->end - r->seq;
			n = up_to_mark(sk, r, n);
			n = min_t(size_t, n, len - r->copied);
			if (n)
				n = hand_out(sk, skb, r, n);
			if (n < 0)
				break;
			r->seq += n;
			r->copied += n;
		}
		if (!peek)
			WRITE_ONCE(tcb->rcv.read, r->seq);	/* for poll() */
		/* all of it was read now, or before from a packet that overlaps it */
		if (!peek && seq_geq(r->seq, ttp_cb(skb)->end))
			sk_eat_skb(sk, skb);
		else if (seq_lt(r->seq, ttp_cb(skb)->end))
			break;	/* a pipe is full, or enough was read */
	}
	if (!peek)
		ttp_urgent_read(tcb);
	return min(n, 0);
}

/* The receive queue is empty.  Return: 1 to wait, 0 at the end, or a negative errno. */
static int nothing_to_read(struct sock *sk)
{
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (READ_ONCE(sk->sk_err))
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	return ttp_user_receive(&ttp_sk(sk)->tcb);
}

/* The user read @copied bytes: send a window update, if that is due. */
static void after_read(struct sock *sk, int copied, int flags)
{
	if (copied <= 0 || flags & MSG_PEEK)
		return;
	ttp_memory_read(sk);
	if (ttp_user_read(&ttp_sk(sk)->tcb))
		ttp_xmit_push(sk);
}

static int receive(struct sock *sk, struct reader *r, size_t len)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	size_t target = r->pipe ? 1 : sock_rcvlowat(sk, r->flags & MSG_WAITALL, len);
	long timeo = sock_rcvtimeo(sk, r->flags & MSG_DONTWAIT);
	u32 had;
	int n;

	if (tcb->conn.state == TTP_LISTEN)
		return -ENOTCONN;
	r->seq = tcb->rcv.read;
	do {
		/* another process may have read while the lock was released */
		if (!(r->flags & MSG_PEEK) || r->seq - r->copied - r->urg_skipped != tcb->rcv.read)
			r->seq = tcb->rcv.read;
		had = r->copied;
		/* before it passes the mark, the handler of SIGURG asks for the byte */
		if (!had && ttp_urgent_at_mark(tcb, r->seq) && signal_pending(current))
			return timeo ? sock_intr_errno(timeo) : -EAGAIN;
		n = copy_out(sk, r, len);
		after_read(sk, r->copied - had, r->flags);
		if (n < 0)
			return r->copied ?: n;
		n = r->copied - had;
		if (!len && ttp_sock_unread(sk))
			break;
		if (r->copied && ttp_urgent_at_mark(tcb, r->seq))
			break;
		/* softirq adds to the backlog while we have the lock */
		if (r->copied >= target && (r->copied == len || !READ_ONCE(sk->sk_backlog.tail)))
			break;
		if (sk_flush_backlog(sk)) {	/* which may have had more data */
			if (n || r->copied < target)
				continue;
			break;
		}
		/* an error is for the next call if this one returns data */
		if (r->copied && (READ_ONCE(sk->sk_err) || sk->sk_shutdown & RCV_SHUTDOWN))
			break;
		n = nothing_to_read(sk);
		if (n <= 0)
			return r->copied ?: n;
		if (!timeo)
			return r->copied ?: -EAGAIN;
		if (signal_pending(current))
			return r->copied ?: sock_intr_errno(timeo);
		n = sk_wait_data(sk, &timeo, skb_peek_tail(&sk->sk_receive_queue));
		if (n < 0)
			return r->copied ?: n;	/* disconnected meanwhile */
	} while (r->copied < len);
	return r->copied;
}

/* MSG_OOB: the urgent byte.  Never waits, even if the socket may. */
static int receive_urgent(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	if (tcb->conn.state == TTP_LISTEN)
		return -ENOTCONN;
	if (sock_flag(sk, SOCK_URGINLINE) || !tcb->rcv.urg || tcb->rcv.urg == TTP_URG_READ)
		return -EINVAL;
	if (tcb->conn.state == TTP_CLOSED && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (tcb->rcv.urg == TTP_URG_COMING)
		return sk->sk_shutdown & RCV_SHUTDOWN ? 0 : -EAGAIN;
	if (!(flags & MSG_PEEK))
		tcb->rcv.urg = TTP_URG_READ;
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &tcb->rcv.urg_byte, 1))
		return -EFAULT;
	return 1;
}

/* TTP_INQ: bytes left to read.  The end counts as one, so that it will be read, too. */
static void put_inq(struct sock *sk, struct msghdr *msg)
{
	msg->msg_inq = ttp_sock_unread(sk) ?: sock_flag(sk, SOCK_DONE);
	if (ttp_sk(sk)->inq)
		put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(msg->msg_inq), &msg->msg_inq);
}

/**
 * ttp_stream_recvmsg - RECEIVE (struct proto's recvmsg)
 * @sk: the socket
 * @msg: where the data goes
 * @len: room for it, bytes
 * @flags: MSG_*
 *
 * Return: bytes, 0 at the end; or the errno that TCP gives.
 */
int ttp_stream_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct reader r = { .msg = msg, .flags = flags };
	int ret;

	if (unlikely(flags & MSG_ERRQUEUE))
		return ttp_recv_error(sk, msg, len);
	lock_sock(sk);
	if (flags & MSG_OOB)
		ret = receive_urgent(sk, msg, len, flags);
	else
		ret = receive(sk, &r, len);
	if (ret > 0 && (r.at || r.hw_at))
		ttp_stamp_put(sk, msg, r.at, r.hw_at);
	if (ret >= 0 && !(flags & MSG_OOB) && (ttp_sk(sk)->inq || msg->msg_get_inq))
		put_inq(sk, msg);
	release_sock(sk);
	return ret;
}

/**
 * ttp_stream_splice_read - RECEIVE into a pipe (struct proto_ops' splice_read)
 * @sock: the socket
 * @pos: not used: a socket has no position
 * @pipe: takes the pages of the data; locked
 * @len: at most so many bytes
 * @flags: SPLICE_F_*, not used: like TCP, O_NONBLOCK counts
 *
 * Return: bytes, 0 at the end; or the errno of recvmsg(), or -EAGAIN when the pipe is
 * full.
 */
ssize_t ttp_stream_splice_read(struct socket *sock, loff_t *pos,
			       struct pipe_inode_info *pipe, size_t len, unsigned int flags)
{
	struct reader r = { .pipe = pipe };
	struct sock *sk = sock->sk;
	ssize_t ret;

	if (sock->file->f_flags & O_NONBLOCK)
		r.flags = MSG_DONTWAIT;
	lock_sock(sk);
	ret = receive(sk, &r, min_t(size_t, len, INT_MAX));
	release_sock(sk);
	return ret;
}

/* ---- poll() ---- */

static __poll_t poll_write(struct sock *sk)
{
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN || sk_stream_is_writeable(sk))
		return EPOLLOUT | EPOLLWRNORM;
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	/* Room may have come before the bit was set: look again. */
	smp_mb__after_atomic();
	return sk_stream_is_writeable(sk) ? EPOLLOUT | EPOLLWRNORM : 0;
}

/* What can be done without waiting (struct proto_ops' poll); without the socket lock. */
__poll_t ttp_stream_poll(struct file *file, struct socket *sock, poll_table *wait)
{
	struct sock *sk = sock->sk;
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	__poll_t mask = 0;
	u8 shutdown, state;

	sock_poll_wait(file, sock, wait);
	/* pairs with inet_sk_set_state(): what a state implies was done before it */
	state = smp_load_acquire(&sk->sk_state);
	if (state == TTP_LISTEN)
		return READ_ONCE(sk->sk_ack_backlog) ? EPOLLIN | EPOLLRDNORM : 0;

	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TTP_CLOSED)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state == TTP_SYN_SENT && ttp_inet_flag(sk, DEFER_CONNECT, defer_connect))
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (!ttp_fsm_in(state, BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD)) ||
	    (state == TTP_SYN_RCVD && READ_ONCE(tcb->fastopen.child))) {
		if (ttp_rxq_readable(sk))
			mask |= EPOLLIN | EPOLLRDNORM;
		if (READ_ONCE(tcb->rcv.urg) == TTP_URG_HERE)
			mask |= EPOLLPRI;
		mask |= poll_write(sk);
	}
	/* pairs with ttp_sock_done(): a reader that sees CLOSED sees the error, too */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) || !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}
