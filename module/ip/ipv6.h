/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ipv6.h - the functions of ipv6.c: with CONFIG_IPV6=n nobody calls them.
 *
 * Next: ipv6.c.
 */
#ifndef _TTP_IPV6_H
#define _TTP_IPV6_H

void ttp_ipv6_set_key(struct ttp_key *key, const struct in6_addr *local, __be16 lport,
		      const struct in6_addr *remote, __be16 rport);
u32 ttp_ipv6_cookie(const struct dst_entry *dst);
void ttp_ipv6_remember(struct sock *sk, const struct sk_buff *skb);
struct dst_entry *ttp_ipv6_dst(struct sock *sk);
u32 ttp_ipv6_options_len(struct sock *sk);
void ttp_ipv6_map(struct sock *sk);
struct dst_entry *ttp_ipv6_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int len);
int ttp_ipv6_connect_ports(struct sock *sk, struct dst_entry *dst);
void ttp_ipv6_child_init(struct sock *sk);
int ttp_ipv6_child(struct sock *sk, struct ttp_req *req, const struct sk_buff *skb);
void ttp_ipv6_request_path(struct sock *lsk, const struct sk_buff *skb, struct ttp_path *path);
void ttp_ipv6_answer_path(struct net *net, const struct sk_buff *skb, struct ttp_path *path);
struct dst_entry *ttp_ipv6_route(struct net *net, const struct ttp_key *key,
				 const struct ttp_path *path);
int ttp_ipv6_out(struct net *net, struct sock *sk, struct sk_buff *skb,
		 const struct ttp_key *key, const struct ttp_path *path);
int ttp_ipv6_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn);
void ttp_ipv6_ops(struct proto_ops *ops6, const struct proto_ops *ops);
void ttp_ipv6_init_sock(struct sock *sk);

#endif
