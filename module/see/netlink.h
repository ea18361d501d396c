/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink.h - what the files of the netlink family share.
 */
#ifndef _TTP_SEE_NETLINK_H
#define _TTP_SEE_NETLINK_H

#include <net/genetlink.h>

#include "ttp.h"

/* netlink.c */
extern struct genl_family ttp_netlink_family;

/* sock_netlink.c */
extern const struct nla_policy ttp_sock_get_policy[TTP_A_MAX + 1];
extern const struct nla_policy ttp_sock_destroy_policy[TTP_A_MAX + 1];
extern int (*ttp_sock_destroy_id)(struct net *net, u64 id);
int ttp_sock_get_doit(struct sk_buff *skb, struct genl_info *info);
int ttp_sock_dump_start(struct netlink_callback *cb);
int ttp_sock_dumpit(struct sk_buff *msg, struct netlink_callback *cb);
int ttp_sock_dump_done(struct netlink_callback *cb);
int ttp_sock_destroy_doit(struct sk_buff *skb, struct genl_info *info);

/* fault_netlink.c */
extern const struct nla_policy ttp_fault_add_policy[TTP_A_FAULT_MAX + 1];
extern const struct nla_policy ttp_fault_del_policy[TTP_A_FAULT_MAX + 1];
int ttp_fault_add_doit(struct sk_buff *skb, struct genl_info *info);
int ttp_fault_del_doit(struct sk_buff *skb, struct genl_info *info);
int ttp_fault_dumpit(struct sk_buff *msg, struct netlink_callback *cb);

/* Each put_...() returns non-zero when the message is full. */
static inline int put_u64(struct sk_buff *msg, int type, u64 value)
{
	return nla_put_u64_64bit(msg, type, value, TTP_A_PAD);
}

static inline int put_tuple(struct sk_buff *msg, const struct net *net,
			    const struct ttp_key *key, const struct ttp_conn *conn)
{
	return put_u64(msg, TTP_A_ID, conn->id) ||
	       put_u64(msg, TTP_A_NETNS, net->net_cookie) ||
	       nla_put_u8(msg, TTP_A_FAMILY, AF_INET) ||
	       nla_put(msg, TTP_A_SADDR, sizeof(__be32), &key->local.v4) ||
	       nla_put(msg, TTP_A_DADDR, sizeof(__be32), &key->remote.v4) ||
	       nla_put_u16(msg, TTP_A_SPORT, ntohs(key->lport)) ||
	       nla_put_u16(msg, TTP_A_DPORT, ntohs(key->rport)) ||
	       nla_put_u8(msg, TTP_A_STATE, conn->state);
}

static inline bool irs_known(u8 state)
{
	return !ttp_fsm_in(state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN) | BIT(TTP_SYN_SENT));
}

static inline int put_initial(struct sk_buff *msg, const struct ttp_conn *conn)
{
	if (!conn->iss)
		return 0;
	if (nla_put_u32(msg, TTP_A_ISS, conn->iss))
		return -EMSGSIZE;
	/* in CLOSED it is still known, if it ever was */
	if (!irs_known(conn->state) && !conn->irs)
		return 0;
	return nla_put_u32(msg, TTP_A_IRS, conn->irs);
}

static inline int put_windows(struct sk_buff *msg, const struct ttp_tcb *tcb)
{
	return nla_put_u32(msg, TTP_A_SND_WND, tcb->snd.wnd) ||
	       nla_put_u32(msg, TTP_A_RCV_WND, tcb->rcv.wnd) ||
	       nla_put_u32(msg, TTP_A_CWND, tcb->cong.cwnd) ||
	       nla_put_u32(msg, TTP_A_SSTHRESH, tcb->cong.ssthresh);
}

#endif
