// SPDX-License-Identifier: GPL-2.0
/*
 * fault_netlink.c - faults on purpose, as requests of the netlink family: set one, delete,
 * list.
 *
 * Called by netlink.c's family.  Context: process.
 *
 * Next: fault.c, which has them.
 */
#include <net/genetlink.h>

#include "ttp.h"
#include "see/netlink.h"

static struct netlink_range_validation delay_range = {
	.min = 1,
	.max = TTP_FAULT_DELAY_MAX,
};

const struct nla_policy ttp_fault_add_policy[TTP_A_FAULT_MAX + 1] = {
	[TTP_A_FAULT_NUMBER] = NLA_POLICY_MIN(NLA_U32, 1),
	[TTP_A_FAULT_DIRECTION] = NLA_POLICY_MAX(NLA_U8, TTP_DIRECTION_IN),
	[TTP_A_FAULT_FLAGS] = { .type = NLA_U8 },
	[TTP_A_FAULT_NOT_FLAGS] = { .type = NLA_U8 },
	[TTP_A_FAULT_DATA] = NLA_POLICY_MAX(NLA_U8, 1),
	[TTP_A_FAULT_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[TTP_A_FAULT_SEQ_FIRST] = { .type = NLA_U32 },
	[TTP_A_FAULT_SEQ_LAST] = { .type = NLA_U32 },
	[TTP_A_FAULT_OPTIONS] = { .type = NLA_U32 },
	[TTP_A_FAULT_STATES] = NLA_POLICY_RANGE(NLA_U16, 1, BIT(TTP_STATE_CLOSING + 1) - 1),
	[TTP_A_FAULT_NTH] = NLA_POLICY_MIN(NLA_U32, 1),
	[TTP_A_FAULT_COUNT] = NLA_POLICY_MIN(NLA_U32, 1),
	[TTP_A_FAULT_ACTION] = NLA_POLICY_RANGE(NLA_U8, TTP_FAULT_ACTION_DROP,
						TTP_FAULT_ACTION_SET),
	[TTP_A_FAULT_DELAY_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &delay_range),
	[TTP_A_FAULT_FIELD] = NLA_POLICY_MAX(NLA_U8, TTP_FAULT_FIELD_DPORT),
	[TTP_A_FAULT_VALUE] = { .type = NLA_U32 },
};

const struct nla_policy ttp_fault_del_policy[TTP_A_FAULT_MAX + 1] = {
	[TTP_A_FAULT_NUMBER] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* Return: the attribute's number, or @none if it is not there. */
static u32 get_u32(const struct nlattr *attr, u32 none)
{
	return attr ? nla_get_u32(attr) : none;
}

static u16 get_u16(const struct nlattr *attr, u16 none)
{
	return attr ? nla_get_u16(attr) : none;
}

static u8 get_u8(const struct nlattr *attr, u8 none)
{
	return attr ? nla_get_u8(attr) : none;
}

/* What is to be done, and what the action's own attributes say.  Return: 0 or -EINVAL. */
static int get_act(struct genl_info *info, struct ttp_fault_act *act)
{
	struct nlattr **a = info->attrs;

	if (GENL_REQ_ATTR_CHECK(info, TTP_A_FAULT_ACTION))
		return -EINVAL;
	act->action = nla_get_u8(a[TTP_A_FAULT_ACTION]);
	if (act->action == TTP_FAULT_ACTION_DELAY) {
		if (GENL_REQ_ATTR_CHECK(info, TTP_A_FAULT_DELAY_MS))
			return -EINVAL;
		act->value = nla_get_u32(a[TTP_A_FAULT_DELAY_MS]);
	}
	if (act->action == TTP_FAULT_ACTION_SET) {
		if (GENL_REQ_ATTR_CHECK(info, TTP_A_FAULT_FIELD) ||
		    GENL_REQ_ATTR_CHECK(info, TTP_A_FAULT_VALUE))
			return -EINVAL;
		act->field = nla_get_u8(a[TTP_A_FAULT_FIELD]);
		act->value = nla_get_u32(a[TTP_A_FAULT_VALUE]);
	}
	return 0;
}

/* Set one. */
int ttp_fault_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	struct ttp_fault f = {};

	if (GENL_REQ_ATTR_CHECK(info, TTP_A_FAULT_DIRECTION) || get_act(info, &f.act))
		return -EINVAL;
	f.number = get_u32(a[TTP_A_FAULT_NUMBER], 0);
	f.direction = nla_get_u8(a[TTP_A_FAULT_DIRECTION]);
	f.flags = get_u8(a[TTP_A_FAULT_FLAGS], 0);
	f.not_flags = get_u8(a[TTP_A_FAULT_NOT_FLAGS], 0);
	f.data = get_u8(a[TTP_A_FAULT_DATA], TTP_FAULT_ANY);
	f.port = get_u16(a[TTP_A_FAULT_PORT], 0);
	f.states = get_u16(a[TTP_A_FAULT_STATES], 0);
	f.options = get_u32(a[TTP_A_FAULT_OPTIONS], 0);
	f.has_range = a[TTP_A_FAULT_SEQ_FIRST] || a[TTP_A_FAULT_SEQ_LAST];
	f.seq_first = get_u32(a[TTP_A_FAULT_SEQ_FIRST], 0);
	f.seq_last = get_u32(a[TTP_A_FAULT_SEQ_LAST], U32_MAX);
	f.nth = get_u32(a[TTP_A_FAULT_NTH], 1);
	f.count = get_u32(a[TTP_A_FAULT_COUNT], 0);
	return ttp_fault_add(ttp_net(genl_info_net(info)), &f);
}

/* Delete one, or all. */
int ttp_fault_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *number = info->attrs[TTP_A_FAULT_NUMBER];

	return ttp_fault_del(ttp_net(genl_info_net(info)), get_u32(number, 0));
}

static int put_match(struct sk_buff *msg, const struct ttp_fault *f)
{
	return (f->flags && nla_put_u8(msg, TTP_A_FAULT_FLAGS, f->flags)) ||
	       (f->not_flags && nla_put_u8(msg, TTP_A_FAULT_NOT_FLAGS, f->not_flags)) ||
	       (f->data != TTP_FAULT_ANY && nla_put_u8(msg, TTP_A_FAULT_DATA, f->data)) ||
	       (f->port && nla_put_u16(msg, TTP_A_FAULT_PORT, f->port)) ||
	       (f->has_range && (nla_put_u32(msg, TTP_A_FAULT_SEQ_FIRST, f->seq_first) ||
				 nla_put_u32(msg, TTP_A_FAULT_SEQ_LAST, f->seq_last))) ||
	       (f->options && nla_put_u32(msg, TTP_A_FAULT_OPTIONS, f->options)) ||
	       (f->states && nla_put_u16(msg, TTP_A_FAULT_STATES, f->states)) ||
	       (f->nth > 1 && nla_put_u32(msg, TTP_A_FAULT_NTH, f->nth)) ||
	       (f->count && nla_put_u32(msg, TTP_A_FAULT_COUNT, f->count));
}

static int put_act(struct sk_buff *msg, const struct ttp_fault_act *act)
{
	if (nla_put_u8(msg, TTP_A_FAULT_ACTION, act->action))
		return -EMSGSIZE;
	if (act->action == TTP_FAULT_ACTION_DELAY)
		return nla_put_u32(msg, TTP_A_FAULT_DELAY_MS, act->value);
	if (act->action == TTP_FAULT_ACTION_SET)
		return nla_put_u8(msg, TTP_A_FAULT_FIELD, act->field) ||
		       nla_put_u32(msg, TTP_A_FAULT_VALUE, act->value);
	return 0;
}

struct fault_dump {
	struct sk_buff *msg;
	struct netlink_callback *cb;
};

static int put_fault(const struct ttp_fault *f, void *data)
{
	struct fault_dump *d = data;
	void *head = ttp_netlink_begin(d->msg, d->cb, TTP_CMD_FAULT_GET);
	bool full = !head || nla_put_u32(d->msg, TTP_A_FAULT_NUMBER, f->number) ||
		    nla_put_u8(d->msg, TTP_A_FAULT_DIRECTION, f->direction) ||
		    put_match(d->msg, f) ||
		    put_act(d->msg, &f->act) ||
		    nla_put_u32(d->msg, TTP_A_FAULT_SEEN, f->seen) ||
		    nla_put_u32(d->msg, TTP_A_FAULT_HITS, f->hits);

	if (!full)
		d->cb->args[0] = f->number;
	return ttp_netlink_end(d->msg, head, full);
}

/* All of the namespace. */
int ttp_fault_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct fault_dump d = { msg, cb };

	ttp_fault_walk(ttp_net(sock_net(cb->skb->sk)), cb->args[0], put_fault, &d);
	return msg->len;
}
