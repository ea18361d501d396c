// SPDX-License-Identifier: GPL-2.0
/*
 * filter_netlink.c - filters of events, as a request of the netlink family: which groups and
 * ports a listener wants.
 *
 * Called by netlink.c's family.  Context: process.
 *
 * Next: watchers.c, which has them.
 */
#include <net/genetlink.h>

#include "ttp.h"
#include "see/netlink.h"

#define GROUPS (TTP_EVENT_GROUP_STATE | TTP_EVENT_GROUP_SEGMENT | TTP_EVENT_GROUP_CONG | \
		TTP_EVENT_GROUP_TIMER | TTP_EVENT_GROUP_DATAGRAM)

/* The bits of a request are the groups' places. */
static_assert(BIT(TTP_GROUP_STATE) == TTP_EVENT_GROUP_STATE);
static_assert(BIT(TTP_GROUP_DATAGRAM) == TTP_EVENT_GROUP_DATAGRAM);

static const struct nla_policy ports_policy[TTP_A_PORTS_MAX + 1] = {
	[TTP_A_PORTS_FIRST] = { .type = NLA_U16 },
	[TTP_A_PORTS_LAST] = { .type = NLA_U16 },
};

const struct nla_policy ttp_filter_set_policy[TTP_A_MAX + 1] = {
	[TTP_A_GROUPS] = NLA_POLICY_MASK(NLA_U32, GROUPS),
	[TTP_A_PORTS] = NLA_POLICY_NESTED(ports_policy),
};

static int get_ports(const struct nlattr *nest, struct ttp_watcher *w, struct genl_info *info)
{
	struct nlattr *tb[TTP_A_PORTS_MAX + 1];
	struct ttp_ports *ports;
	int err = nla_parse_nested(tb, TTP_A_PORTS_MAX, nest, ports_policy, info->extack);

	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, nest, tb, TTP_A_PORTS_FIRST))
		return -EINVAL;
	if (w->nports == ARRAY_SIZE(w->ports)) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "too many ranges of ports");
		return -EINVAL;
	}
	ports = &w->ports[w->nports++];
	ports->first = nla_get_u16(tb[TTP_A_PORTS_FIRST]);
	ports->last = tb[TTP_A_PORTS_LAST] ? nla_get_u16(tb[TTP_A_PORTS_LAST]) : ports->first;
	return 0;
}

/* Set one, for the socket that asks. */
int ttp_filter_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *groups = info->attrs[TTP_A_GROUPS];
	struct ttp_watcher *w;
	struct nlattr *attr;
	int rem, err = 0;

	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->groups = groups ? nla_get_u32(groups) : 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		if (!err && nla_type(attr) == TTP_A_PORTS)
			err = get_ports(attr, w, info);
	ttp_netlink_flush(genl_info_net(info));
	if (!err)
		err = ttp_watchers_set(NETLINK_CB(skb).sk, info->snd_portid, w);
	kfree(w);
	return err;
}
