// SPDX-License-Identifier: GPL-2.0
/*
 * af_ttp.c - socket(): the two ways to open a TTP socket.
 *
 *	socket(PF_TTP, SOCK_STREAM, TTPPROTO_IP)	or TTPPROTO_IPV6
 *	socket(AF_INET, SOCK_STREAM, IPPROTO_TTP)	or AF_INET6
 *
 * and for datagrams the same with SOCK_DGRAM and IPPROTO_TTP_DATAGRAM (datagram/socket.c).
 *
 * Both make an inet_sock with the same struct proto and operations; for IPv6 there is one more
 * of each (af_ttp6.c). Where TTP needs nothing of its own, the operations are inet's.
 *
 * Called by main.c, and by the kernel for each system call on a socket.
 * Context: process.
 *
 * Next: connect.c for the active OPEN, listen.c for the passive OPEN, stream.c for SEND
 * and RECEIVE, close.c for CLOSE; conn/sock.c for what a new socket has; af_ttp6.c for IPv6;
 * datagram/datagram.h, then datagram/socket.c for datagrams.
 */
#include <linux/bpf-cgroup.h>
#include <linux/module.h>
#include <net/inet_common.h>
#include <net/protocol.h>

#include "datagram/datagram.h"

int ttp_family __read_mostly = AF_TTP;
module_param_named(family, ttp_family, int, 0444);
MODULE_PARM_DESC(family, "number of the protocol family PF_TTP (default 22)");

static int init(struct sock *sk)
{
	sk->sk_write_space = ttp_stream_write_space;
	set_bit(SOCK_SUPPORT_ZC, &sk->sk_socket->flags);	/* io_uring's SEND_ZC */
	return ttp_sock_init(sk);
}

static int recvmsg(TTP_RECVMSG_ARGUMENTS)
{
	int n = ttp_stream_recvmsg(sk, msg, len, flags);

	ttp_say_addr_len();
	return n;
}

struct proto ttp_prot = {
	.name = "TTP",
	.owner = THIS_MODULE,
	.init = init,
	.destroy = ttp_sock_uninit,
	.unhash = ttp_idle_remove,	/* of a socket that was refused while it was being made */
	.close = ttp_close,
	.pre_connect = ttp_ip_connect_pre,
	.connect = ttp_connect,
	.disconnect = ttp_connect_disconnect,
	.diag_destroy = ttp_destroy_sock,
	.shutdown = ttp_close_shutdown,
	.accept = ttp_accept,
	.get_port = ttp_port_bind,
	.put_port = ttp_port_put,
	.setsockopt = ttp_sockopt_set,
	.getsockopt = ttp_sockopt_get,
	.keepalive = ttp_sockopt_keepalive,
	.ioctl = ttp_sockopt_ioctl,
	.sendmsg = ttp_stream_sendmsg,
	.recvmsg = recvmsg,
	.backlog_rcv = ttp_verdict_segment,
	.release_cb = ttp_verdict_release_cb,
	.stream_memory_free = ttp_stream_memory_free,
	.enter_memory_pressure = ttp_memory_enter_pressure,
	.leave_memory_pressure = ttp_memory_leave_pressure,
	.memory_pressure = &ttp_memory.pressure,
	.memory_allocated = &ttp_memory.allocated,
	.per_cpu_fw_alloc = &ttp_memory_reserve,
	.sockets_allocated = &ttp_memory.sockets,
	.sysctl_mem = ttp_memory.limits,
	.max_header = TTP_HEADROOM,
	.obj_size = sizeof(struct ttp_sock),
	.no_autobind = true,
};

static const struct proto_ops ops = {
	.family = PF_INET,
	.owner = THIS_MODULE,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = inet_accept,
	.getname = inet_getname,
	.poll = ttp_stream_poll,
	.ioctl = inet_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = ttp_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
	.mmap = sock_no_mmap,
	.set_rcvlowat = ttp_memory_rcvlowat,
	.splice_read = ttp_stream_splice_read,
	TTP_NO_SENDPAGE
};

static struct inet_protosw protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_TTP,
	.prot = &ttp_prot,
	.ops = &ops,
};

static const struct inet_protosw *protosw_of(int type, bool v6)
{
	if (type == SOCK_DGRAM)
		return v6 ? &ttp_datagram_protosw6 : &ttp_datagram_protosw;
	return v6 ? &ttp_protosw6 : &protosw;
}

/* What inet_create() does for socket(AF_INET, ...). */
static void init_inet(struct socket *sock, struct sock *sk, int protocol)
{
	struct inet_sock *inet = inet_sk(sk);

	sock_init_data(sock, sk);
	sk->sk_destruct = inet_sock_destruct;
	sk->sk_protocol = protocol;
	sk->sk_backlog_rcv = sk->sk_prot->backlog_rcv;
	sk->sk_txrehash = READ_ONCE(sock_net(sk)->core.sysctl_txrehash);
	if (READ_ONCE(sock_net(sk)->ipv4.sysctl_ip_no_pmtu_disc))
		inet->pmtudisc = IP_PMTUDISC_DONT;
	else
		inet->pmtudisc = IP_PMTUDISC_WANT;
	inet->uc_ttl = -1;
	ttp_inet_assign(sk, MC_LOOP, mc_loop, 1);
	inet->mc_ttl = 1;
	ttp_inet_assign(sk, MC_ALL, mc_all, 1);
}

/* socket(PF_TTP, ...) */
static int create(struct net *net, struct socket *sock, int protocol, int kern)
{
	bool v6 = protocol == TTPPROTO_IPV6;
	const struct inet_protosw *as = protosw_of(sock->type, v6);
	struct sock *sk;
	int err;

	if (sock->type != as->type)
		return -ESOCKTNOSUPPORT;
	if (protocol != TTPPROTO_IP && protocol != as->protocol && !v6)
		return -EPROTONOSUPPORT;
	if (v6 && !ipv6_mod_enabled())
		return -EAFNOSUPPORT;
	sock->state = SS_UNCONNECTED;
	sock->ops = as->ops;
	sk = sk_alloc(net, v6 ? PF_INET6 : PF_INET, GFP_KERNEL, as->prot, kern);
	if (!sk)
		return -ENOMEM;
	init_inet(sock, sk, as->protocol);
	if (v6 && ipv6_mod_enabled())
		ttp_ipv6_init_sock(sk);
	err = as->prot->init(sk);
	if (!err && !kern)
		err = BPF_CGROUP_RUN_PROG_INET_SOCK(sk);
	if (err) {
		sk_common_release(sk);
		sock->sk = NULL;
	}
	return err;
}

static struct net_proto_family pf_ttp = {
	.create = create,
	.owner = THIS_MODULE,
};

/**
 * ttp_af_init - register the protocol family and the protocol
 *
 * Context: process. Return: 0, -EINVAL for a wrong module parameter, or the errno of
 * the registration that failed.
 */
int ttp_af_init(void)
{
	int err;

	if (ttp_family <= AF_UNSPEC || ttp_family >= AF_MAX) {
		pr_err("family=%d is no protocol family: choose 1 to %d\n", ttp_family, AF_MAX - 1);
		return -EINVAL;
	}
	/* The kernel grants the first number even under memory pressure. It takes one
	 * array for all namespaces: that of the initial one.
	 */
	ttp_prot.sysctl_rmem = ttp_net(&init_net)->rmem;
	ttp_prot.sysctl_wmem = ttp_net(&init_net)->wmem;
	err = proto_register(&ttp_prot, 1);
	if (err)
		return err;
	err = ttp_af6_register(&ops);
	if (err)
		goto unregister_proto;
	pf_ttp.family = ttp_family;
	err = sock_register(&pf_ttp);
	if (err) {
		pr_err("family=%d is taken (%d): choose one that nothing uses\n", ttp_family, err);
		goto unregister_v6;
	}
	/* Last, because they cannot fail: no socket may exist when init fails. */
	inet_register_protosw(&protosw);
	inet_register_protosw(&ttp_datagram_protosw);
	ttp_af6_open();
	return 0;

unregister_v6:
	ttp_af6_unregister();
unregister_proto:
	proto_unregister(&ttp_prot);
	return err;
}

/* Unregister all; no socket is left. */
void ttp_af_exit(void)
{
	ttp_af6_close();
	inet_unregister_protosw(&ttp_datagram_protosw);
	inet_unregister_protosw(&protosw);
	sock_unregister(ttp_family);
	ttp_af6_unregister();
	proto_unregister(&ttp_prot);
}
