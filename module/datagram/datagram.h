/* SPDX-License-Identifier: GPL-2.0 */
/*
 * datagram.h - SOCK_DGRAM: datagrams with UDP's header (RFC 768), on IP protocol 254, over IPv4
 * and IPv6.
 *
 * No connection, no sequence number, no retransmission: what is lost stays lost, and what
 * arrives in another order is read in that order.  The ports have nothing to do with those of
 * connections.
 *
 * Locks: that of ttp_datagrams.ports guards changes; readers are under RCU.  The socket's lock is
 * taken for the system calls that change the socket, not for recv(), and for send() over
 * IPv6 only.
 *
 * Next: socket.c, then table.c, send.c and receive.c; ip/datagram4.c and ip/datagram6.c for all
 * that is about IP; see/datagrams.c for what there is to see.
 */
#ifndef _TTP_DATAGRAM_H
#define _TTP_DATAGRAM_H

#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/protocol.h>

#include "ttp.h"

struct ttp_datagram_sock {
	struct inet_sock inet;	/* first, for the kernel's functions */
	struct hlist_node node;	/* in ttp_datagrams.slots, under RCU */
	u64 id;	/* of ttp_net_new_id(), since it has a port; sorted by it, the latest first */
	struct ttp_port *port;	/* the port, or NULL */
	struct hlist_node owner;	/* in ttp_port.owners */
};

struct ttp6_datagram_sock {
	struct ttp_datagram_sock datagram;
	struct ipv6_pinfo inet6;	/* last: inet6_create() looks for it there */
};

static inline bool ttp_datagram_is_v6(const struct sock *sk)
{
	return IS_ENABLED(CONFIG_IPV6) && sk->sk_family == AF_INET6;
}

static inline struct ttp_datagram_sock *ttp_datagram_sk(const struct sock *sk)
{
	return (struct ttp_datagram_sock *)sk;
}

/* socket.c */
extern struct inet_protosw ttp_datagram_protosw, ttp_datagram_protosw6;
int ttp_datagram_init(void);
void ttp_datagram_exit(void);

/* table.c */
int ttp_datagram_net_init(struct ttp_net *tn);
void ttp_datagram_net_exit(struct ttp_net *tn);
int ttp_datagram_bind(struct sock *sk, unsigned short num);
void ttp_datagram_unhash(struct sock *sk);
struct sock *ttp_datagram_find(struct sk_buff *skb, const struct ttp_key *key, bool icmp);
bool ttp_datagram_is_for(struct sock *sk, const struct sk_buff *skb, const struct ttp_key *key);
struct hlist_head *ttp_datagram_slot(struct net *net, const struct ttp_key *key, bool any);

/* ip/datagram4.c, and the same of ip/datagram6.c; with CONFIG_IPV6=n nobody calls those */
int ttp_datagram4_send(struct sock *sk, struct msghdr *msg, size_t len);
int ttp_datagram4_score(const struct sock *sk, const struct ttp_key *key);
bool ttp_datagram4_to_many(const struct sk_buff *skb);
bool ttp_datagram4_member(struct sock *sk, const struct sk_buff *skb);
void ttp_datagram4_note(struct sk_buff *skb);
void ttp_datagram4_tell(struct sock *sk, struct msghdr *msg, struct sk_buff *skb, int off);
int ttp_datagram6_send(struct sock *sk, struct msghdr *msg, size_t len);
int ttp_datagram6_score(const struct sock *sk, const struct ttp_key *key);
bool ttp_datagram6_to_many(const struct sk_buff *skb);
bool ttp_datagram6_member(struct sock *sk, const struct sk_buff *skb);
void ttp_datagram6_tell(struct sock *sk, struct msghdr *msg, struct sk_buff *skb, int off);

/* send.c */
int ttp_datagram_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);

/* receive.c */
int ttp_datagram_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
int ttp_datagram_receive_init(void);
void ttp_datagram_receive_exit(void);

#endif
