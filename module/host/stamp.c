// SPDX-License-Identifier: GPL-2.0
/*
 * stamp.c - SO_TIMESTAMP and SO_TIMESTAMPING: when text left and when it came.
 *
 * As with TCP the last octet of a write stands for all of it, and of what one
 * read takes the packet that came last.  A packet of the send queue that holds
 * such an octet says so; what IP gets is a copy, which is told when it is sent.
 *
 * Context: socket lock held.
 */
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "ttp.h"

/**
 * ttp_stamp_flags - what is to be told of the text that is about to be written
 * @sk: the socket
 * @msg: may ask for more, or less, by SO_TIMESTAMPING as control message
 * @flags: SOF_TIMESTAMPING_*
 *
 * Deviation: what SOF_TIMESTAMPING_OPT_ID counts begins with the first write
 * after it was set, for sockets other than TCP's are not told of the setting.
 *
 * Return: 0, or -EINVAL for a control message that makes no sense.
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

/**
 * ttp_stamp_write - text was written
 * @sk: the youngest packet of its send queue holds the last octet
 * @flags: of ttp_stamp_flags()
 */
void ttp_stamp_write(struct sock *sk, u32 flags)
{
	struct sk_buff *skb = ttp_sk(sk)->txq_tail;
	struct ttp_cb *cb;

	if (!skb || !(flags & SOF_TIMESTAMPING_TX_RECORD_MASK))
		return;
	cb = ttp_cb(skb);
	sock_tx_timestamp(sk, flags, &skb_shinfo(skb)->tx_flags);
	cb->stamp = cb->rec.end - 1;
	cb->stamp_ack = flags & SOF_TIMESTAMPING_TX_ACK;
	skb_shinfo(skb)->tskey = cb->stamp - ttp_sk(sk)->stamp_base;
}

static void copy(struct sk_buff *to, const struct sk_buff *from)
{
	skb_shinfo(to)->tx_flags |= skb_shinfo(from)->tx_flags & SKBTX_ANY_TSTAMP;
	skb_shinfo(to)->tskey = skb_shinfo(from)->tskey;
}

/**
 * ttp_stamp_split - a packet of the send queue was cut in two
 * @skb: the first part
 * @rest: the second
 */
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

/**
 * ttp_stamp_mergeable - may two packets of the send queue become one?
 * @skb: the first, sent
 * @next: the second, sent
 *
 * Return: false when one of them holds a byte whose fate is to be told.
 */
bool ttp_stamp_mergeable(const struct sk_buff *skb, const struct sk_buff *next)
{
	return !((skb_shinfo(skb)->tx_flags | skb_shinfo(next)->tx_flags) & SKBTX_ANY_TSTAMP) &&
	       !ttp_cb(skb)->stamp_ack && !ttp_cb(next)->stamp_ack;
}

/**
 * ttp_stamp_send - data is sent for the first time
 * @skb: what IP gets
 * @text: the packet of the send queue
 * @seg: what of it is in @skb
 */
void ttp_stamp_send(struct sk_buff *skb, const struct sk_buff *text,
		    const struct ttp_seg *seg)
{
	if (skb_shinfo(text)->tx_flags & SKBTX_ANY_TSTAMP &&
	    ttp_cb(text)->stamp - seg->seq < seg->len)
		copy(skb, text);
}

/**
 * ttp_stamp_acked - a packet of the send queue was acknowledged
 * @sk: the socket
 * @skb: about to go
 */
void ttp_stamp_acked(struct sock *sk, struct sk_buff *skb)
{
	if (ttp_cb(skb)->stamp_ack)
		__skb_tstamp_tx(skb, NULL, NULL, sk, SCM_TSTAMP_ACK);
}

/**
 * ttp_stamp_coalesce - a packet's text becomes part of an earlier one
 * @to: the earlier
 * @skb: about to go
 */
void ttp_stamp_coalesce(struct sk_buff *to, struct sk_buff *skb)
{
	if (!skb->tstamp)
		return;
	to->tstamp = skb->tstamp;
	skb_hwtstamps(to)->hwtstamp = skb_hwtstamps(skb)->hwtstamp;
}

/* SO_TIMESTAMP or SO_TIMESTAMPNS, each of an older and a newer kind. */
static void put_time(struct msghdr *msg, const struct sock *sk, struct timespec64 t)
{
	struct __kernel_timespec ns = { .tv_sec = t.tv_sec, .tv_nsec = t.tv_nsec };
	struct __kernel_old_timespec old_ns = { .tv_sec = t.tv_sec, .tv_nsec = t.tv_nsec };
	struct __kernel_sock_timeval us = { .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
	struct __kernel_old_timeval old_us = {
		.tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000,
	};
	bool fresh = sock_flag(sk, SOCK_TSTAMP_NEW);

	if (sock_flag(sk, SOCK_RCVTSTAMPNS) && fresh)
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof(ns), &ns);
	else if (sock_flag(sk, SOCK_RCVTSTAMPNS))
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_OLD, sizeof(old_ns), &old_ns);
	else if (fresh)
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_NEW, sizeof(us), &us);
	else
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_OLD, sizeof(old_us), &old_us);
}

/**
 * ttp_stamp_put - say when text came, to who wants to know
 * @sk: the socket
 * @msg: takes control messages
 * @at: when the kernel got the packet; 0: nobody had asked by then
 * @hw: when the device did, or 0
 */
void ttp_stamp_put(const struct sock *sk, struct msghdr *msg, ktime_t at, ktime_t hw)
{
	struct scm_timestamping_internal tss = { 0 };
	u32 flags = READ_ONCE(sk->sk_tsflags);

	if (at && sock_flag(sk, SOCK_RCVTSTAMP))
		put_time(msg, sk, ktime_to_timespec64(at));
	if (at && flags & SOF_TIMESTAMPING_SOFTWARE)
		tss.ts[0] = ktime_to_timespec64(at);
	else
		at = 0;
	if (hw && flags & SOF_TIMESTAMPING_RAW_HARDWARE)
		tss.ts[2] = ktime_to_timespec64(hw);
	else
		hw = 0;
	if (!at && !hw)
		return;
	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg_scm_timestamping64(msg, &tss);
	else
		put_cmsg_scm_timestamping(msg, &tss);
}
