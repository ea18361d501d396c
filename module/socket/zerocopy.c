// SPDX-License-Identifier: GPL-2.0
/*
 * zerocopy.c - MSG_ZEROCOPY: what a program writes is sent from its own pages, and the
 * program is told when it may change them.
 *
 * Called by stream.c. Context: process, socket lock held.
 *
 * Next: host/txq.c, where such packets are neither joined nor written into again.
 */
#include "ttp.h"

/**
 * ttp_zerocopy_begin - is a write to be sent from the program's own pages?
 * @sk: socket lock held
 * @msg: its flags say so: MSG_ZEROCOPY on a socket with TTP_ZEROCOPY, or io_uring's SEND_ZC
 * @len: bytes to be written
 * @uarg: filled in with what tells the program when its pages are free, and whether they
 *	were copied all the same, referenced; or %NULL
 *
 * Return: 1 to use its pages, 0 to copy, -ENOBUFS.
 */
int ttp_zerocopy_begin(struct sock *sk, struct msghdr *msg, size_t len, struct ubuf_info **uarg)
{
	struct sk_buff *last = skb_rb_last(&sk->tcp_rtx_queue);
	bool gathers = sk->sk_route_caps & NETIF_F_SG;

	*uarg = msg->msg_ubuf;
	if (*uarg) {
		net_zcopy_get(*uarg);
		return gathers;
	}
	if (!(msg->msg_flags & MSG_ZEROCOPY) || !len || !sock_flag(sk, SOCK_ZEROCOPY))
		return 0;
	/* one notice for both, if they are acknowledged together */
	if (last && ttp_cb(last)->rec.flags & TTP_TX_SENT)
		last = NULL;
	*uarg = ttp_zerocopy_realloc(sk, len, last ? skb_zcopy(last) : NULL);
	if (!*uarg)
		return -ENOBUFS;
	if (!gathers)
		uarg_to_msgzc(*uarg)->zerocopy = 0;
	return gathers;
}

/**
 * ttp_zerocopy_write - let a packet of the send queue have the program's own pages
 * @sk: socket lock held
 * @skb: the packet
 * @msg: says where they are
 * @len: at most so many bytes
 * @uarg: of ttp_zerocopy_begin()
 *
 * Return: bytes, 0 when @skb takes no more parts, -EFAULT, -ENOMEM.
 */
int ttp_zerocopy_write(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 len,
		       struct ubuf_info *uarg)
{
	int n;

	len = ttp_memory_write(sk, len);
	if (!len)
		return -ENOMEM;
	n = ttp_zerocopy_iter_stream(sk, skb, msg, len, uarg);
	return n == -EMSGSIZE ? 0 : n;
}
