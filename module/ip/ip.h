/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ip.h - what goes to IP, and what is asked of it: of whichever a connection uses (family.c), of
 * both (common.c), or of one of them.
 *
 * ttp.h includes it, for it needs what ttp.h has.
 *
 * Next: family.c.
 */
#ifndef _TTP_IP_H
#define _TTP_IP_H

static inline bool ttp_is_v6(u16 family)
{
	return IS_ENABLED(CONFIG_IPV6) && family == AF_INET6;
}

static inline bool ttp_ip_is_v6(const struct sk_buff *skb)
{
	return IS_ENABLED(CONFIG_IPV6) && skb->protocol == htons(ETH_P_IPV6);
}

/* family.c, which calls the same of ipv4.c or ipv6.c where the name says nothing else */
void ttp_ip_key(const struct sk_buff *skb, struct ttp_key *key);
u64 ttp_ip_hosts_hash(const struct ttp_key *key, const siphash_key_t *secret);
bool ttp_ip_loopback(const struct ttp_key *key);
int ttp_ip_iif(const struct sk_buff *skb);
int ttp_ip_sdif(const struct sk_buff *skb);
bool ttp_ip_to_us(const struct sk_buff *skb);
bool ttp_ip_answerable(const struct sk_buff *skb);
bool ttp_ip_policy_ok(struct sock *sk, struct sk_buff *skb);
bool ttp_ip_to_one(const struct dst_entry *dst);
struct dst_entry *ttp_ip_dst(struct sock *sk);
bool ttp_ip_obsolete(const struct sock *sk, struct dst_entry *dst);
bool ttp_ip_obeys_mtu(const struct sock *sk);
u32 ttp_ip_options_len(struct sock *sk);
struct dst_entry *ttp_ip_route(struct net *net, const struct ttp_key *key,
			       const struct ttp_path *path);
int ttp_ip_connect_pre(struct sock *sk, struct sockaddr_unsized *uaddr, int len);
struct dst_entry *ttp_ip_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int len);
int ttp_ip_connect_ports(struct sock *sk, struct dst_entry *dst, __be16 sport);
int ttp_ip_out(struct net *net, struct sock *sk, struct sk_buff *skb,
	       const struct ttp_key *key, const struct ttp_path *path);
int ttp_ip_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn);

/* common.c */
void ttp_ip_set_fault(struct sk_buff *skb, const struct ttp_fault_act *act);
bool ttp_ip_parse(struct net *net, struct sk_buff *skb, struct ttp_seg *seg);
bool ttp_ip_hops_ok(struct sock *sk, u8 left, bool v6);
bool ttp_ip_filter(struct sock *sk, struct sk_buff *skb);
void ttp_ip_remember(struct sock *sk, const struct sk_buff *skb, const struct ttp_seg *seg);
void ttp_ip_forget(struct sock *sk);
struct ttp_metrics ttp_ip_metrics(const struct dst_entry *dst);
void ttp_ip_sync_mss(struct sock *sk);
struct ttp_path ttp_ip_path(struct sock *sk, u16 family);
struct ttp_path ttp_ip_request_path(struct sock *lsk, const struct sk_buff *skb);
struct ttp_path ttp_ip_answer_path(struct net *net, struct sock *lsk, struct sk_buff *skb);
void ttp_ip_checksum(struct sk_buff *skb, const struct ttp_key *key, bool whole);
void ttp_ip_child_init(struct sock *sk);
void ttp_ip_destruct(struct sock *sk);
int ttp_ip_child(struct sock *sk, struct ttp_req *req, const struct sk_buff *skb);

/* ipv4.c */
void ttp_ipv4_set_key(struct ttp_key *key, __be32 local, __be16 lport, __be32 remote, __be16 rport);
u64 ttp_ipv4_hash(const struct ttp_key *key, const siphash_key_t *secret);
struct dst_entry *ttp_ipv4_dst(struct sock *sk);
u32 ttp_ipv4_options_len(struct sock *sk);
void ttp_ipv4_answer_path(struct net *net, const struct sk_buff *skb, struct ttp_path *path);
struct dst_entry *ttp_ipv4_route(struct net *net, const struct ttp_key *key,
				 const struct ttp_path *path, struct flowi *flow);
struct dst_entry *ttp_ipv4_connect(struct sock *sk, const struct sockaddr_unsized *uaddr, int len);
int ttp_ipv4_connect_ports(struct sock *sk, struct dst_entry *dst, __be16 sport);
int ttp_ipv4_child(struct sock *sk, struct ttp_req *req, const struct sk_buff *skb);
int ttp_ipv4_out(struct net *net, struct sock *sk, struct sk_buff *skb,
		 const struct ttp_key *key, const struct ttp_path *path);
int ttp_ipv4_xmit(struct sock *sk, struct sk_buff *skb, u8 ecn);

/* xmit.c */
void ttp_xmit_push(struct sock *sk);
void ttp_xmit_mtu(struct sock *sk, u32 mtu);
void ttp_xmit_reset(struct sock *sk, struct ttp_seg *seg);
void ttp_xmit_ep(struct ttp_ep *ep, struct ttp_seg *seg, bool retransmission,
		 const struct ttp_path *path, struct dst_entry *dst);
void ttp_xmit_answer(struct net *net, struct sock *lsk, struct sk_buff *skb, struct ttp_seg *reply);

/* offload.c */
static inline bool ttp_offload_on(const struct ttp_net *tn)
{
	return READ_ONCE(tn->cfg.offload) && !ttp_fault_any(tn);
}

void ttp_offload_route(struct sock *sk, struct dst_entry *dst);
u32 ttp_offload_burst(const struct sock *sk);
void ttp_offload_mark(struct sock *sk, struct sk_buff *skb, const struct ttp_seg *seg, u32 mss);
int ttp_offload_init(void);
void ttp_offload_exit(void);

/* tsq.c */
bool ttp_tsq_full(struct sock *sk);
bool ttp_tsq_owns(const struct sk_buff *skb);
void ttp_tsq_add(struct sock *sk, struct sk_buff *skb);
void ttp_tsq_init(void (*go_on)(struct sock *sk));
void ttp_tsq_exit(void);

#include "ip/hold.h"
#include "ip/ipv6.h"

#endif
