// SPDX-License-Identifier: GPL-2.0
/*
 * offload.c - GRO leaves alone what must stay as it is.
 */
#include <kunit/test.h>
#include <net/gro.h>
#include <net/protocol.h>

#include "ttp.h"

#define DATA	100	/* bytes */

/* A packet with data, its checksum left to a device, as GRO gets it behind IP's header. */
static struct sk_buff *packet(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(sizeof(struct iphdr) + TTP_HDR_LEN + DATA, GFP_KERNEL);
	struct ttp_seg seg = { .flags = TTP_ACK };

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, sizeof(struct iphdr) + TTP_HDR_LEN + DATA);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct iphdr));
	ttp_wire_write(&seg, skb_transport_header(skb));
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->dev = init_net.loopback_dev;
	return skb;
}

/* Does GRO keep @skb, for the next one to join? */
static bool kept(struct sk_buff *skb)
{
	const struct net_offload *ops;
	LIST_HEAD(held);

	memset(NAPI_GRO_CB(skb), 0, sizeof(struct napi_gro_cb));
	NAPI_GRO_CB(skb)->data_offset = sizeof(struct iphdr);
	rcu_read_lock();
	ops = rcu_dereference(inet_offloads[IPPROTO_TTP]);
	ops->callbacks.gro_receive(&held, skb);
	rcu_read_unlock();
	return !NAPI_GRO_CB(skb)->flush;
}

/* The fragments of a clone are those of a packet in its sender's queue. */
static void a_clone_is_not_joined(struct kunit *test)
{
	struct sk_buff *skb = packet(test), *clone;

	KUNIT_EXPECT_TRUE(test, kept(skb));
	clone = skb_clone(skb, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, clone);
	KUNIT_EXPECT_FALSE(test, kept(clone));
	kfree_skb(clone);
	KUNIT_EXPECT_TRUE(test, kept(skb));
	kfree_skb(skb);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_clone_is_not_joined),
	{}
};

struct kunit_suite kunit_offload = {	/* kunit.c registers it */
	.name = "ttp_offload",
	.test_cases = cases,
};
