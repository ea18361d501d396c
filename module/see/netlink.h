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

/* fault_netlink.c */
extern const struct nla_policy ttp_fault_add_policy[TTP_A_FAULT_MAX + 1];
extern const struct nla_policy ttp_fault_del_policy[TTP_A_FAULT_MAX + 1];
int ttp_fault_add_doit(struct sk_buff *skb, struct genl_info *info);
int ttp_fault_del_doit(struct sk_buff *skb, struct genl_info *info);
int ttp_fault_dumpit(struct sk_buff *msg, struct netlink_callback *cb);

#endif
