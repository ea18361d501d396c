// SPDX-License-Identifier: GPL-2.0
/*
 * socket.c - SOCK_DGRAM: what a program calls.
 *
 *	socket(PF_TTP, SOCK_DGRAM, TTPPROTO_IP or TTPPROTO_IPV6)
 *	socket(AF_INET or AF_INET6, SOCK_DGRAM, IPPROTO_TTP_DATAGRAM)
 *
 * Where a socket needs nothing of its own, the operations are inet's, and UDP's where the
 * kernel has them for others: connect(), which sends nothing but only notes the peer,
 * disconnect, poll().  What a socket holds is bounded by its buffers (SO_RCVBUF, SO_SNDBUF), and
 * not by net.ttp.mem: that would need a lock of the socket for each datagram.
 *
 * Called by main.c, socket/af_ttp.c, and by the kernel for each system call on a socket.
 * Context: process.
 *
 * Next: table.c for bind(), send.c, receive.c.
 */
#include <linux/sockios.h>
#include <asm/ioctls.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>
#include <net/udp.h>

#include "datagram/datagram.h"

static int init(struct sock *sk)
{
	sock_set_flag(sk, SOCK_RCU_FREE);	/* the table's readers have no reference */
	return 0;
}

static void close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

/* SIOCINQ: the length of the next datagram; SIOCOUTQ: what the network has not taken yet. */
static int ioctl(struct sock *sk, int cmd, ttp_ioctl_arg arg)
{
	struct sk_buff *skb;
	int n = 0;

	switch (cmd) {
	case SIOCOUTQ:
		n = sk_wmem_alloc_get(sk);
		break;
	case SIOCINQ:
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		if (skb)
			n = skb->len;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	return ttp_ioctl_answer(arg, n);
}

/* __udp_disconnect() leaves an IPv6 peer, by which IPv4's datagrams are judged here, too. */
static void forget_peer(struct sock *sk, int flags)
{
	__udp_disconnect(sk, flags);
#if IS_ENABLED(CONFIG_IPV6)
	if (!ttp_datagram_is_v6(sk))
		return;
	/* ttp_datagram6_score() may see a part of it, as with connect() */
	data_race(sk->sk_v6_daddr = in6addr_any);
#endif
}

/* connect() with AF_UNSPEC: of any peer */
static int disconnect(struct sock *sk, int flags)
{
	lock_sock(sk);
	forget_peer(sk, flags);
	release_sock(sk);
	return 0;
}

/* Something, such as ss -K, wants to be rid of it. */
static int abort_socket(struct sock *sk, int err)
{
	lock_sock(sk);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_err = err;
		sk_error_report(sk);
		forget_peer(sk, 0);
	}
	release_sock(sk);
	return 0;
}

static int recvmsg(TTP_RECVMSG_ARGUMENTS)
{
	int n = ttp_datagram_recvmsg(sk, msg, len, flags);

	ttp_say_addr_len();
	return n;
}

static struct proto prot = {
	.name = "TTP-DATAGRAM",
	.owner = THIS_MODULE,
	.init = init,
	.close = close,
	.connect = ip4_datagram_connect,
	.disconnect = disconnect,
	.diag_destroy = abort_socket,
	.release_cb = ip4_datagram_release_cb,
	.get_port = ttp_datagram_bind,
	.put_port = ttp_datagram_unhash,
	.unhash = ttp_datagram_unhash,
	.setsockopt = ip_setsockopt,
	.getsockopt = ip_getsockopt,
	.ioctl = ioctl,
	.sendmsg = ttp_datagram_sendmsg,
	.recvmsg = recvmsg,
	.obj_size = sizeof(struct ttp_datagram_sock),
};

static const struct proto_ops ops = {
	.family = PF_INET,
	.owner = THIS_MODULE,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = inet_getname,
	.poll = datagram_poll,
	.ioctl = inet_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = sock_no_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
	.mmap = sock_no_mmap,
	TTP_NO_SENDPAGE
	.set_peek_off = sk_set_peek_off,
};

struct inet_protosw ttp_datagram_protosw = {
	.type = SOCK_DGRAM,
	.protocol = IPPROTO_TTP_DATAGRAM,
	.prot = &prot,
	.ops = &ops,
};

/* These two are what IPv4's are, but for what register6() writes there. */
static struct proto prot6;
static struct proto_ops ops6 __ro_after_init;

struct inet_protosw ttp_datagram_protosw6 = {
	.type = SOCK_DGRAM,
	.protocol = IPPROTO_TTP_DATAGRAM,
	.prot = &prot6,
	.ops = &ops6,
};

/* IPv6 may be there and switched off (ipv6.disable=1). */
static int register6(void)
{
	if (!ipv6_mod_enabled())
		return 0;
	prot6 = prot;
	strscpy(prot6.name, "TTPv6-DATAGRAM", sizeof(prot6.name));
	prot6.connect = ip6_datagram_connect;
	prot6.release_cb = ip6_datagram_release_cb;
	prot6.setsockopt = ipv6_setsockopt;
	prot6.getsockopt = ipv6_getsockopt;
	prot6.obj_size = sizeof(struct ttp6_datagram_sock);
	ttp_set_pinfo_offset(&prot6, offsetof(struct ttp6_datagram_sock, inet6));
	ttp_ipv6_ops(&ops6, &ops);
	return proto_register(&prot6, 1);
}

static void unregister6(void)
{
	if (ipv6_mod_enabled())
		proto_unregister(&prot6);
}

/**
 * ttp_datagram_init - register the protocol; ttp_af_init() lets users in
 *
 * Context: process, before ttp_af_init().
 * Return: 0, or the errno of the registration that failed.
 */
int __init ttp_datagram_init(void)
{
	int err = proto_register(&prot, 1);

	if (err)
		return err;
	err = register6();
	if (err)
		goto unregister;
	err = ttp_datagram_receive_init();
	if (err)
		goto unregister_v6;
	return 0;

unregister_v6:
	unregister6();
unregister:
	proto_unregister(&prot);
	return err;
}

/* Unregister it; no socket is left. */
void ttp_datagram_exit(void)
{
	ttp_datagram_receive_exit();
	unregister6();
	proto_unregister(&prot);
}
