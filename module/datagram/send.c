// SPDX-License-Identifier: GPL-2.0
/*
 * send.c - a datagram is sent: by IPv4 or by IPv6?
 *
 * Where it goes, and how, ip/datagram4.c and ip/datagram6.c find out: they put UDP's header and
 * IP's before the data and hand it to IP.
 *
 * Called by send(), sendto(), sendmsg(), through struct proto.  Context: process, no locks.
 *
 * Next: ip/datagram4.c, then receive.c.
 */
#include "datagram/datagram.h"

/**
 * ttp_datagram_sendmsg - send a datagram (struct proto's sendmsg)
 * @sk: it has a port: inet_sendmsg() has seen to that
 * @msg: data, and where it goes unless the socket is connected
 * @len: bytes of data, up to 65507, by IPv6 65527
 *
 * Return: @len, or a negative errno, as with UDP: -EDESTADDRREQ, -EMSGSIZE, -EACCES for a
 * broadcast without SO_BROADCAST, -EAGAIN, -EOPNOTSUPP for MSG_MORE, and over IPv4 for MSG_OOB
 * and with IP_OPTIONS.
 */
int ttp_datagram_sendmsg(struct sock *sk, struct msghdr *msg, size_t len)
{
	struct net *net = sock_net(sk);
	int err;

	if (msg->msg_flags & MSG_MORE)
		return -EOPNOTSUPP;
	err = ttp_datagram_is_v6(sk) ? ttp_datagram6_send(sk, msg, len) :
				       ttp_datagram4_send(sk, msg, len);
	if (!err)
		ttp_mib_inc(ttp_net(net), TTP_MIB_OUT_DATAGRAMS);
	else if (err > 0)
		ttp_mib_inc(ttp_net(net), TTP_MIB_DATAGRAM_SNDBUF_ERRORS);
	return err < 0 ? err : len;
}
