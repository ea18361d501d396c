// SPDX-License-Identifier: GPL-2.0
/*
 * stamp.c - SO_TIMESTAMP and SO_TIMESTAMPING: when data was sent and when it arrived.
 *
 * As with TCP, the timestamp of a write is that of its last byte, and the timestamp of a
 * read is that of the packet that came last.  A packet of the send queue notes the byte
 * that a timestamp is asked for.  IP gets a copy of the packet, and reports when it is sent.
 *
 * Called by socket/stream.c, txq.c, rxq.c and ip/xmit.c. Context: socket lock held.
 *
 * Next: see/observe.c for what else can be seen of a connection.
 */
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "ttp.h"

/**
 * ttp_stamp_flags - which timestamps does a write ask for?
 * @sk: the socket
 * @msg: SO_TIMESTAMPING as control message may ask for more, or less
 * @flags: SOF_TIMESTAMPING_*
 *
 * Deviation: SOF_TIMESTAMPING_OPT_ID counts from the first write after it was set; only
 * TCP's sockets are told when it is set.
 *
 * Return: 0, or -EINVAL for a malformed control message.
 */
int ttp_stamp_flags(struct sock *sk, struct msghdr *msg, u32 *flags)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct sockcm_cookie cookie;
	bool ids;

	sockcm_init(&cookie, sk);
	if (msg->msg_controllen && sock_cmsg_send(sk, msg, &cookie))
		return -EINVAL;
	*flags = cookie.tsflags;
	ids = READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID;
	if (ids && !tsk->stamp_ids)
		tsk->stamp_base = tsk->tcb.snd.end;
	tsk->stamp_ids = ids;
	return 0;
}

/* Data was written: note its last byte, which is in the last packet of the send queue. */
void ttp_stamp_write(struct sock *sk, u32 flags)
{
	struct sk_buff *skb = skb_rb_last(&sk->tcp_rtx_queue);
	struct ttp_cb *cb;

	if (!skb || !(flags & SOF_TIMESTAMPING_TX_RECORD_MASK))
		return;
	cb = ttp_cb(skb);
	__sock_tx_timestamp(flags, &skb_shinfo(skb)->tx_flags);
	cb->stamp = cb->rec.end - 1;
	cb->stamp_ack = flags & SOF_TIMESTAMPING_TX_ACK;
	skb_shinfo(skb)->tskey = cb->stamp - ttp_sk(sk)->stamp_base;
}

static void copy(struct sk_buff *to, const struct sk_buff *from)
{
	skb_shinfo(to)->tx_flags |= skb_shinfo(from)->tx_flags & SKBTX_ANY_TSTAMP;
	skb_shinfo(to)->tskey = skb_shinfo(from)->tskey;
}

/* A packet of the send queue was split into @skb and @rest. */
void ttp_stamp_split(struct sk_buff *skb, struct sk_buff *rest)
{
	struct ttp_cb *cb = ttp_cb(skb);

	if (seq_lt(cb->stamp, ttp_cb(rest)->rec.seq))
		return;
	copy(rest, skb);
	ttp_cb(rest)->stamp = cb->stamp;
	ttp_cb(rest)->stamp_ack = cb->stamp_ack;
	skb_shinfo(skb)->tx_flags &= ~SKBTX_ANY_TSTAMP;
	cb->stamp_ack = false;
}

/* May two packets of the send queue, both sent, become one?  Not if a timestamp of a byte
 * in one of them is asked for.
 */
bool ttp_stamp_mergeable(const struct sk_buff *skb, const struct sk_buff *next)
{
	return !((skb_shinfo(skb)->tx_flags | skb_shinfo(next)->tx_flags) & SKBTX_ANY_TSTAMP) &&
	       !ttp_cb(skb)->stamp_ack && !ttp_cb(next)->stamp_ack;
}

/**
 * ttp_stamp_send - data is sent for the first time
 * @skb: what IP gets
 * @data: the packet of the send queue
 * @seg: what of it is in @skb
 */
void ttp_stamp_send(struct sk_buff *skb, const struct sk_buff *data, const struct ttp_seg *seg)
{
	u32 seq = seg->seq + !!(seg->flags & TTP_SYN);

	if (skb_shinfo(data)->tx_flags & SKBTX_ANY_TSTAMP && ttp_cb(data)->stamp - seq < seg->len)
		copy(skb, data);
}

/* Of @skb, a packet of the send queue, all before @una was acknowledged. */
void ttp_stamp_acked(struct sock *sk, struct sk_buff *skb, u32 una)
{
	struct list_head order = skb->tcp_tsorted_anchor;

	if (!ttp_cb(skb)->stamp_ack || seq_geq(ttp_cb(skb)->stamp, una))
		return;
	ttp_cb(skb)->stamp_ack = false;
	/* a clone would take it for a route */
	skb->tcp_tsorted_anchor = (struct list_head){};
	__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
	skb->tcp_tsorted_anchor = order;
}

/* The data of @skb becomes part of @to, an earlier packet of the receive queue. */
void ttp_stamp_coalesce(struct sk_buff *to, struct sk_buff *skb)
{
	if (!skb->tstamp)
		return;
	to->tstamp = skb->tstamp;
	skb_hwtstamps(to)->hwtstamp = skb_hwtstamps(skb)->hwtstamp;
}

/* SO_TIMESTAMP or SO_TIMESTAMPNS, each in the old or new format.  A timeval has the layout of a
 * timespec, with microseconds.
 */
static void put_time(struct msghdr *msg, const struct sock *sk, struct timespec64 t)
{
	bool ns = sock_flag(sk, SOCK_RCVTSTAMPNS);
	long fraction = ns ? t.tv_nsec : t.tv_nsec / 1000;
	struct __kernel_timespec new = { .tv_sec = t.tv_sec, .tv_nsec = fraction };
	struct __kernel_old_timespec old = { .tv_sec = t.tv_sec, .tv_nsec = fraction };

	BUILD_BUG_ON(sizeof_field(struct __kernel_old_timeval, tv_usec) != sizeof(fraction));
	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg(msg, SOL_SOCKET, ns ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMP_NEW,
			 sizeof(new), &new);
	else
		put_cmsg(msg, SOL_SOCKET, ns ? SO_TIMESTAMPNS_OLD : SO_TIMESTAMP_OLD,
			 sizeof(old), &old);
}

/**
 * ttp_stamp_put - give the user the timestamps of a read
 * @sk: the socket
 * @msg: takes control messages
 * @at: when the kernel got the packet; 0: timestamps were off then
 * @hw: when the device got it, or 0
 */
void ttp_stamp_put(const struct sock *sk, struct msghdr *msg, ktime_t at, ktime_t hw)
{
	struct scm_timestamping_internal tss = { 0 };
	u32 flags = READ_ONCE(sk->sk_tsflags);

	if (at && sock_flag(sk, SOCK_RCVTSTAMP))
		put_time(msg, sk, ktime_to_timespec64(at));
	if (!(flags & SOF_TIMESTAMPING_SOFTWARE))
		at = 0;
	if (!(flags & SOF_TIMESTAMPING_RAW_HARDWARE))
		hw = 0;
	if (!at && !hw)
		return;
	tss.ts[0] = ttp_stamp_time(at);
	tss.ts[2] = ttp_stamp_time(hw);
	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg_scm_timestamping64(msg, &tss);
	else
		put_cmsg_scm_timestamping(msg, &tss);
}
