/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink.h - what the files of the netlink family share.
 *
 * Next: netlink.c.
 */
#ifndef _TTP_SEE_NETLINK_H
#define _TTP_SEE_NETLINK_H

#include <net/genetlink.h>

#include "ttp.h"

/* In CLOSED it is still known, if it ever was. */
static inline bool ttp_netlink_irs_known(const struct ttp_conn *conn)
{
	return conn->irs ||
	       !ttp_fsm_in(conn->state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN) | BIT(TTP_SYN_SENT));
}

/* Each put_...() returns non-zero when the message is full. */
static inline int put_u64(struct sk_buff *msg, int type, u64 value)
{
	return nla_put_u64_64bit(msg, type, value, TTP_A_PAD);
}

extern struct genl_family ttp_netlink_family;

/* One of a dump's messages.  Return: its head, or %NULL when there is no room for it. */
static inline void *ttp_netlink_begin(struct sk_buff *msg, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &ttp_netlink_family, NLM_F_MULTI, cmd);
}

/* It ends; with @full it is taken back, and @head may be %NULL.  Return: 0, or -EMSGSIZE. */
static inline int ttp_netlink_end(struct sk_buff *msg, void *head, bool full)
{
	if (full)
		genlmsg_cancel(msg, head);
	else
		genlmsg_end(msg, head);
	return full ? -EMSGSIZE : 0;
}

/* netlink.c */
int ttp_netlink_put_tuple(struct sk_buff *msg, const struct net *net,
			  const struct ttp_key *key, const struct ttp_conn *conn);
int ttp_netlink_put_initial(struct sk_buff *msg, const struct ttp_conn *conn);

/* sock_netlink.c */
extern const struct nla_policy ttp_sock_get_policy[TTP_A_MAX + 1];
extern const struct nla_policy ttp_sock_destroy_policy[TTP_A_MAX + 1];
extern int (*ttp_sock_destroy_id)(struct net *net, u64 id);
int ttp_sock_get_doit(struct sk_buff *skb, struct genl_info *info);
int ttp_sock_dump_start(struct netlink_callback *cb);
int ttp_sock_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int ttp_sock_dump_done(struct netlink_callback *cb);
int ttp_sock_destroy_doit(struct sk_buff *skb, struct genl_info *info);

/* watchers.c */
void ttp_netlink_listen(struct net *net);
/* Return: non-zero when the message is full. */
typedef int ttp_netlink_put_fn(struct sk_buff *msg, const void *event);
void ttp_watchers_event(struct net *net, enum ttp_group group, const struct ttp_key *key,
			ttp_netlink_put_fn *put, const void *event);
void ttp_watchers_now(struct net *net, enum ttp_group group, const struct ttp_key *key,
		      ttp_netlink_put_fn *put, const void *event);
void ttp_watchers_lost(struct net *net, enum ttp_group group, const struct ttp_key *key);
int ttp_watchers_set(struct sock *sk, u32 portid, const struct ttp_watcher *what);
int ttp_watchers_init(void);
void ttp_watchers_exit(void);

/* filter_netlink.c */
extern const struct nla_policy ttp_filter_set_policy[TTP_A_MAX + 1];
int ttp_filter_set_doit(struct sk_buff *skb, struct genl_info *info);

/* fault_netlink.c */
extern const struct nla_policy ttp_fault_add_policy[TTP_A_FAULT_MAX + 1];
extern const struct nla_policy ttp_fault_del_policy[TTP_A_FAULT_MAX + 1];
int ttp_fault_add_doit(struct sk_buff *skb, struct genl_info *info);
int ttp_fault_del_doit(struct sk_buff *skb, struct genl_info *info);
int ttp_fault_dumpit(struct sk_buff *msg, struct netlink_callback *cb);

#endif
