/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - what differs between kernel versions.
 *
 * The compiler includes it before every file of the module (-include), so that no other
 * file asks for the version.  Kbuild looks what the headers have: TTP_HAS_*.  Written for
 * Debian 12's 6.1; README.md says which other kernels work.
 *
 * Next: ttp.h.
 */
#ifndef _TTP_COMPAT_H
#define _TTP_COMPAT_H

#define pr_fmt(fmt) "ttp: " fmt

#include <linux/types.h>
#include <linux/version.h>

struct sock;

/* the user will write more; until 6.5 sendfile() had a flag of its own for that */
#if KERNEL_VERSION(6, 5, 0) > LINUX_VERSION_CODE
#define MSG_MORE_COMES (MSG_MORE | MSG_SENDPAGE_NOTLAST)
#else
#define MSG_MORE_COMES MSG_MORE
#endif

/* TP_fast_assign(): since 6.10 the macro knows the source */
#if KERNEL_VERSION(6, 10, 0) > LINUX_VERSION_CODE
#define ttp_assign_str(dst, src) __assign_str(dst, src)
#else
#define ttp_assign_str(dst, src) __assign_str(dst)
#endif

/* headers that have moved; in "", for gcc has a macro "linux" */
#ifdef TTP_HAS_LINUX_UNALIGNED_H
#define TTP_UNALIGNED_H "linux/unaligned.h"
#else
#define TTP_UNALIGNED_H "asm/unaligned.h"
#endif
#ifdef TTP_HAS_GSO_H
#define TTP_GSO_H "net/gso.h"
#else
#define TTP_GSO_H "linux/netdevice.h"
#endif
#ifdef TTP_HAS_PROTO_MEMORY_H
#define TTP_PROTO_MEMORY_H "net/proto_memory.h"
#else
#define TTP_PROTO_MEMORY_H "net/sock.h"
#endif
#ifdef TTP_HAS_SKBUFF_REF_H
#define TTP_SKBUFF_REF_H "linux/skbuff_ref.h"
#else
#define TTP_SKBUFF_REF_H "linux/skbuff.h"
#endif

/* struct proto's accept: since 6.10 one structure has all arguments but the socket */
#ifdef TTP_HAS_ACCEPT_ARG
#define ttp_accept ttp_listen_accept
#else
struct proto_accept_arg {
	int flags;
	int err;
};

struct sock *ttp_listen_accept(struct sock *sk, struct proto_accept_arg *arg);

static inline struct sock *ttp_accept(struct sock *sk, int flags, int *err, bool kern)
{
	struct proto_accept_arg arg = { .flags = flags };
	struct sock *child = ttp_listen_accept(sk, &arg);

	*err = arg.err;
	return child;
}
#endif

/* struct proto's ioctl: since 6.5 its caller gives the number to the user */
#ifdef TTP_HAS_IOCTL_KARG
#define ttp_ioctl_arg int *
#define ttp_ioctl_answer(arg, n) (*(arg) = (n), 0)
#else
#define ttp_ioctl_arg unsigned long
#define ttp_ioctl_answer(arg, n) put_user(n, (int __user *)(arg))
#endif

/* struct proto's recvmsg: from some kernel after 6.12 on it says in the message how long the
 * sender's address is, and nowhere else
 */
#ifdef TTP_HAS_RECV_ADDR_LEN
#define TTP_RECVMSG_ARGUMENTS \
	struct sock *sk, struct msghdr *msg, size_t len, int flags, int *addr_len
#define ttp_say_addr_len() (*addr_len = msg->msg_namelen)
#define ttp_recv_error(sk, msg, len) inet_recv_error(sk, msg, len, &(msg)->msg_namelen)
#define ttp_recv_error6(sk, msg, len) ipv6_recv_error(sk, msg, len, &(msg)->msg_namelen)
#else
#define TTP_RECVMSG_ARGUMENTS struct sock *sk, struct msghdr *msg, size_t len, int flags
#define ttp_say_addr_len() ((void)0)
#define ttp_recv_error(sk, msg, len) inet_recv_error(sk, msg, len)
#define ttp_recv_error6(sk, msg, len) ipv6_recv_error(sk, msg, len)
#endif

/* IP_LOCAL_PORT_RANGE: the last port << 16 | the first; 0: none */
#if defined(TTP_HAS_PORT_RANGE_WORD)
#define ttp_own_port_range(sk) READ_ONCE(inet_sk(sk)->local_port_range)
#elif defined(TTP_HAS_PORT_RANGE_STRUCT)
#define ttp_own_port_range(sk) \
	(inet_sk(sk)->local_port_range.hi << 16 | inet_sk(sk)->local_port_range.lo)
#else
#define ttp_own_port_range(sk) 0
#endif

/* a kernel without IPv6 does not declare these; what they are to register need not exist */
#if !IS_ENABLED(CONFIG_IPV6)
#define inet6_add_protocol(protocol, number) 0
#define inet6_del_protocol(protocol, number) ((void)0)
#define inet6_register_protosw(protosw) 0
#define inet6_unregister_protosw(protosw) ((void)0)
#endif

/* an address of any length has a type of its own after 6.12 */
#ifndef TTP_HAS_SOCKADDR_UNSIZED
#define sockaddr_unsized sockaddr
#endif

/* members of structures that not every kernel has */
#ifdef TTP_HAS_SENDPAGE
#define TTP_NO_SENDPAGE .sendpage = sock_no_sendpage,
#else
#define TTP_NO_SENDPAGE
#endif
#ifdef TTP_HAS_PINFO_OFFSET
#define ttp_set_pinfo_offset(prot, offset) ((prot)->ipv6_pinfo_offset = (offset))
#else
#define ttp_set_pinfo_offset(prot, offset)	/* it is the last member of the socket */
#endif
#ifdef TTP_HAS_FL_LIST_OF_INET
#define ttp_ipv6_fl_list(sk) (inet_sk(sk)->ipv6_fl_list)
#else
#define ttp_ipv6_fl_list(sk) (inet6_sk(sk)->ipv6_fl_list)
#endif

/* Flags of IP that setsockopt() sets: bits of a word since 6.6 and 6.7, before it each a member
 * of the socket.  Who has no lock reads one or the other: either value is right.
 */
#ifdef TTP_HAS_INET_FLAGS
#define ttp_inet_flag(sk, flag, member) inet_test_bit(flag, sk)
#define ttp_inet_assign(sk, flag, member, value) inet_assign_bit(flag, sk, value)
#define ttp_inet_cmsg_flags(sk) inet_cmsg_flags(inet_sk(sk))
#else
#define ttp_inet_cmsg_flags(sk) (inet_sk(sk)->cmsg_flags)
/* see above */
#define ttp_inet_flag(sk, flag, member) data_race(!!inet_sk(sk)->member)
#define ttp_inet_assign(sk, flag, member, value) (inet_sk(sk)->member = (value))
#endif
#ifdef TTP_HAS_INET6_FLAGS
#define ttp_inet6_flag(sk, flag, member) inet_test_bit(flag, sk)
#define ttp_inet6_assign(sk, flag, member, value) inet_assign_bit(flag, sk, value)
#else
/* see above */
#define ttp_inet6_flag(sk, flag, member) data_race(!!inet6_sk(sk)->member)
#define ttp_inet6_assign(sk, flag, member, value) (inet6_sk(sk)->member = (value))
#endif

/* the DS field of a socket's route, and of a datagram's */
#ifndef TTP_HAS_RT_CONN_FLAGS
#define RT_CONN_FLAGS(sk) ip_sock_rt_tos(sk)
#endif
#ifndef TTP_HAS_RTTOS
#define get_rttos(ipc, inet) ((ipc)->tos & INET_DSCP_MASK)
#endif

/* who a socket belongs to */
#ifndef TTP_HAS_SOCK_I_UID
#define sock_i_uid(sk) sk_uid(sk)
#endif

/* a datagram's timestamps: after 6.12 what sendmsg() says of them comes as a whole */
#ifdef TTP_HAS_TX_TIMESTAMP_FLAGS
#define ttp_setup_tx_timestamp(skb, cookie) skb_setup_tx_timestamp(skb, (cookie)->tsflags)
#else
#define ttp_setup_tx_timestamp(skb, cookie) skb_setup_tx_timestamp(skb, cookie)
#endif

/* what SO_TIMESTAMPING hands over */
#ifdef TTP_HAS_KTIME_STAMPS
#define ttp_stamp_time(time) (time)
#else
#define ttp_stamp_time(time) ktime_to_timespec64(time)
#endif

/* data that is sent without being copied: after 6.12 it may be a device's */
#ifdef TTP_HAS_ZEROCOPY_DEVMEM
#define ttp_zerocopy_realloc(sk, len, uarg) msg_zerocopy_realloc(sk, len, uarg, false)
#define ttp_zerocopy_iter_stream(sk, skb, msg, len, uarg) \
	skb_zerocopy_iter_stream(sk, skb, msg, len, uarg, NULL)
#else
#define ttp_zerocopy_realloc(sk, len, uarg) msg_zerocopy_realloc(sk, len, uarg)
#define ttp_zerocopy_iter_stream(sk, skb, msg, len, uarg) \
	skb_zerocopy_iter_stream(sk, skb, msg, len, uarg)
#endif

/* timers: names that are newer than 6.12 */
#ifndef TTP_HAS_HRTIMER_SETUP
#define hrtimer_setup(timer, called, clock, mode) \
	(hrtimer_init(timer, clock, mode), (void)((timer)->function = (called)))
#endif
#ifndef TTP_HAS_TIMER_CONTAINER_OF
#define timer_container_of(var, timer, member) from_timer(var, timer, member)
#endif

/* BPF programs of the cgroup see connect(); since 6.7 they may set the address' length */
#ifdef TTP_HAS_CONNECT_LEN
#define ttp_bpf_connect4(sk, addr, len) BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, addr, &(len))
#define ttp_bpf_connect6(sk, addr, len) BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, addr, &(len))
#else
#define ttp_bpf_connect4(sk, addr, len) BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, addr)
#define ttp_bpf_connect6(sk, addr, len) BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, addr)
#endif

/* sysctls: handlers get a constant table since 6.11, which has no empty end since 6.6 */
#ifdef TTP_HAS_CONST_CTL_TABLE
#define TTP_CTL_TABLE const struct ctl_table
#else
#define TTP_CTL_TABLE struct ctl_table
#endif
#ifndef TTP_HAS_SYSCTL_SZ
#define register_net_sysctl_sz(net, path, table, n) register_net_sysctl(net, path, table)
#endif

/* the attributes of a dump's request */
#ifdef TTP_HAS_GENL_INFO_DUMP
#define ttp_genl_dump_attrs(cb) (genl_info_dump(cb)->attrs)
#else
#define ttp_genl_dump_attrs(cb) (genl_dumpit_info(cb)->attrs)
#endif

/* what is always filled in before it is used, and too large to be zeroed for each segment
 * (CONFIG_INIT_STACK_ALL_ZERO)
 */
#include <linux/compiler.h>
#ifndef __uninitialized
#define __uninitialized __attribute__((__uninitialized__))
#endif

#endif
