// SPDX-License-Identifier: GPL-2.0
/*
 * netlink.c - the generic netlink family "ttp", as netlink/ttp.yaml specifies it: dumps of
 * sockets, counters, the state machine and the congestion control algorithms.
 *
 * Called by the kernel for requests.  Context: process.
 *
 * Next: events.c; sock_netlink.c, fault_netlink.c and filter_netlink.c for requests about sockets,
 * faults and filters; info.c for TTP_INFO.
 */
#include <net/genetlink.h>

#include "ttp.h"
#include "see/datagrams.h"
#include "see/netlink.h"

/* The core and netlink use the same numbers. */
static_assert((int)TTP_ESTABLISHED == (int)TTP_STATE_ESTABLISHED);
static_assert((int)TTP_CLOSING == (int)TTP_STATE_CLOSING);
static_assert((int)TTP_BY_USER == (int)TTP_CAUSE_KIND_USER);
static_assert((int)TTP_BY_KERNEL == (int)TTP_CAUSE_KIND_KERNEL);
static_assert((int)TTP_WHY_RTO == (int)TTP_PURPOSE_RTO);
static_assert((int)TTP_WHY_MTU_PROBE == (int)TTP_PURPOSE_MTU_PROBE);

/**
 * ttp_netlink_put_tuple - which connection, and its state
 * @msg: the message
 * @net: the namespace
 * @key: the 4-tuple
 * @conn: the connection
 *
 * Context: what guards the connection is held.
 * Return: non-zero when the message is full.
 */
int ttp_netlink_put_tuple(struct sk_buff *msg, const struct net *net,
			  const struct ttp_key *key, const struct ttp_conn *conn)
{
	return put_u64(msg, TTP_A_ID, conn->id) ||
	       put_u64(msg, TTP_A_NETNS, net->net_cookie) ||
	       nla_put_u8(msg, TTP_A_FAMILY, key->family) ||
	       nla_put(msg, TTP_A_SADDR, ttp_addr_len(key->family), &key->local) ||
	       nla_put(msg, TTP_A_DADDR, ttp_addr_len(key->family), &key->remote) ||
	       nla_put_u16(msg, TTP_A_SPORT, ntohs(key->lport)) ||
	       nla_put_u16(msg, TTP_A_DPORT, ntohs(key->rport)) ||
	       nla_put_u8(msg, TTP_A_STATE, conn->state);
}

/**
 * ttp_netlink_put_initial - the initial sequence numbers, as far as they are known
 * @msg: the message
 * @conn: the connection
 *
 * Context: what guards the connection is held.
 * Return: non-zero when the message is full.
 */
int ttp_netlink_put_initial(struct sk_buff *msg, const struct ttp_conn *conn)
{
	if (!conn->iss)
		return 0;
	return nla_put_u32(msg, TTP_A_ISS, conn->iss) ||
	       (ttp_netlink_irs_known(conn) && nla_put_u32(msg, TTP_A_IRS, conn->irs));
}

/* ---- dumps ---- */

static int put_counter(struct sk_buff *msg, const char *name, u64 value)
{
	struct nlattr *nest = nla_nest_start(msg, TTP_A_MIB);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_string(msg, TTP_A_MIB_NAME, name) ||
	    nla_put_u64_64bit(msg, TTP_A_MIB_VALUE, value, TTP_A_MIB_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int get_mib(struct sk_buff *skb, struct genl_info *info)
{
	struct net *net = genl_info_net(info);
	struct sk_buff *msg;
	unsigned int i;
	void *head;

	ttp_netlink_listen(net);
	ttp_netlink_flush(net);
	msg = genlmsg_new(TTP_MIB_MAX * 64, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	head = genlmsg_put_reply(msg, info, &ttp_netlink_family, 0, TTP_CMD_MIB_GET);
	if (!head || put_u64(msg, TTP_A_NETNS, net->net_cookie))
		goto full;
	for (i = 0; i < TTP_MIB_MAX; i++)
		if (put_counter(msg, ttp_mib_names[i], ttp_mib_get(ttp_net(net), i)))
			goto full;
	genlmsg_end(msg, head);
	return genlmsg_reply(msg, info);
full:
	nlmsg_free(msg);
	return -EMSGSIZE;
}

static int put_transition(struct sk_buff *msg, struct netlink_callback *cb, unsigned int i)
{
	const struct ttp_transition *t = &ttp_transitions[i];
	u64 count = ttp_mib_taken(ttp_net(sock_net(cb->skb->sk)), i);
	void *head = ttp_netlink_begin(msg, cb, TTP_CMD_STATES_GET);
	bool full = !head || nla_put_u8(msg, TTP_A_FROM, t->from) ||
		    nla_put_u8(msg, TTP_A_STATE, t->to) ||
		    nla_put_u8(msg, TTP_A_CAUSE_KIND, t->usual) ||
		    nla_put_string(msg, TTP_A_CAUSE, t->what) ||
		    nla_put_string(msg, TTP_A_SECTION, t->section) ||
		    put_u64(msg, TTP_A_COUNT, count);

	return ttp_netlink_end(msg, head, full);
}

static int dump_states(struct sk_buff *msg, struct netlink_callback *cb)
{
	unsigned long i;

	for (i = cb->args[0]; i < ttp_ntransitions; i++)
		if (put_transition(msg, cb, i))
			break;
	cb->args[0] = i;
	return msg->len;
}

struct cong_dump {
	struct sk_buff *msg;
	struct netlink_callback *cb;
	unsigned long i, skip;
};

static int put_congestion(const struct ttp_cong_ops *ops, bool allowed, void *data)
{
	struct cong_dump *d = data;
	const struct ttp_net *tn = ttp_net(sock_net(d->cb->skb->sk));
	void *head;
	bool full;

	if (d->i < d->skip) {
		d->i++;
		return 0;
	}
	head = ttp_netlink_begin(d->msg, d->cb, TTP_CMD_CONGESTION_GET);
	full = !head || nla_put_string(d->msg, TTP_A_CONGESTION, ops->name) ||
	       (!allowed && nla_put_flag(d->msg, TTP_A_RESTRICTED)) ||
	       (READ_ONCE(tn->cong) == ops && nla_put_flag(d->msg, TTP_A_DEFAULT));
	d->i += !full;
	return ttp_netlink_end(d->msg, head, full);
}

static int dump_congestion(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct cong_dump d = { .msg = msg, .cb = cb, .skip = cb->args[0] };

	ttp_cong_walk(put_congestion, &d);
	cb->args[0] = d.i;
	return msg->len;
}

/* ---- the family ---- */

static const struct genl_ops big_ops[] = {
	{
		.cmd = TTP_CMD_SOCK_GET,
		.policy = ttp_sock_get_policy,
		.maxattr = TTP_A_MAX,
		.doit = ttp_sock_get_doit,
		.start = ttp_sock_dump_start,
		.dumpit = ttp_sock_dumpit,
		.done = ttp_sock_dump_done,
	},
	{
		.cmd = TTP_CMD_SOCK_DESTROY,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ttp_sock_destroy_policy,
		.maxattr = TTP_A_MAX,
		.doit = ttp_sock_destroy_doit,
	},
	{
		.cmd = TTP_CMD_FAULT_ADD,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ttp_fault_add_policy,
		.maxattr = TTP_A_FAULT_MAX,
		.doit = ttp_fault_add_doit,
	},
	{
		.cmd = TTP_CMD_FAULT_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ttp_fault_del_policy,
		.maxattr = TTP_A_FAULT_MAX,
		.doit = ttp_fault_del_doit,
	},
	{
		.cmd = TTP_CMD_FILTER_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = ttp_filter_set_policy,
		.maxattr = TTP_A_MAX,
		.doit = ttp_filter_set_doit,
	},
};

static const struct genl_small_ops ops[] = {
	{ .cmd = TTP_CMD_MIB_GET, .doit = get_mib },
	{ .cmd = TTP_CMD_STATES_GET, .dumpit = dump_states },
	{ .cmd = TTP_CMD_CONGESTION_GET, .dumpit = dump_congestion },
	{ .cmd = TTP_CMD_FAULT_GET, .dumpit = ttp_fault_dumpit },
	{ .cmd = TTP_CMD_DATAGRAM_GET, .dumpit = ttp_datagrams_dump },
};

static const struct genl_multicast_group groups[] = {
	[TTP_GROUP_STATE] = { .name = TTP_MCGRP_STATE, .flags = GENL_MCAST_CAP_NET_ADMIN },
	[TTP_GROUP_SEGMENT] = { .name = TTP_MCGRP_SEGMENT, .flags = GENL_MCAST_CAP_NET_ADMIN },
	[TTP_GROUP_CONG] = { .name = TTP_MCGRP_CONG, .flags = GENL_MCAST_CAP_NET_ADMIN },
	[TTP_GROUP_TIMER] = { .name = TTP_MCGRP_TIMER, .flags = GENL_MCAST_CAP_NET_ADMIN },
	[TTP_GROUP_DATAGRAM] = { .name = TTP_MCGRP_DATAGRAM, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family ttp_netlink_family __ro_after_init = {
	.name = TTP_FAMILY_NAME,
	.version = TTP_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,	/* no other family's request waits for one of ours */
	.module = THIS_MODULE,
	.ops = big_ops,
	.n_ops = ARRAY_SIZE(big_ops),
	.small_ops = ops,
	.n_small_ops = ARRAY_SIZE(ops),
	.resv_start_op = TTP_CMD_CONGESTION_GET + 1,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

/**
 * ttp_netlink_init - register the family
 * @destroy_id: what %TTP_CMD_SOCK_DESTROY calls: ttp_destroy()
 *
 * Return: 0 or a negative errno.
 */
int __init ttp_netlink_init(int (*destroy_id)(struct net *net, u64 id))
{
	int err = ttp_watchers_init();

	if (err)
		return err;
	ttp_sock_destroy_id = destroy_id;
	err = genl_register_family(&ttp_netlink_family);
	if (err)
		ttp_watchers_exit();
	return err;
}

void ttp_netlink_exit(void)
{
	genl_unregister_family(&ttp_netlink_family);
	ttp_watchers_exit();
}
