// SPDX-License-Identifier: GPL-2.0
/*
 * demux.c - a lookup that loses a race: what it finds is about to go, which another
 * CPU does at the same time (here a timer), and must be looked up again.
 */
#include <kunit/test.h>

#include "ttp.h"

#define PORT	htons(4253)

/* What the other CPU has still to do. */
struct race {
	struct timer_list timer;
	struct ttp_tw gone;	/* its last reference was given back */
	struct ttp_tw next;	/* takes its place */
	struct sock *listener;	/* likewise gone, but for the list */
};

static struct race race;

static void key(struct ttp_key *key)
{
	ttp_ipv4_set_key(key, htonl(0xc0000201), PORT, htonl(0xc0000202), PORT);
}

static void time_wait(struct ttp_tw *tw, int references)
{
	tw->mini.ep.tn = ttp_net(&init_net);
	tw->mini.ep.conn = &tw->tw.conn;
	tw->mini.ep.kind = TTP_KIND_TIMEWAIT;
	refcount_set(&tw->mini.ref, references);
	key(&tw->mini.ep.key);
}

static void replaced(struct timer_list *t)
{
	ttp_demux_replace(&race.gone.mini.ep, &race.next.mini.ep);
}

/* as of a connection whose socket goes when TIME_WAIT begins: nobody would be answered
 * by a RST
 */
static void a_connection_that_is_replaced_is_found(struct kunit *test)
{
	struct ttp_ep *found;
	struct ttp_key k;

	key(&k);
	time_wait(&race.gone, 0);
	time_wait(&race.next, 1);
	KUNIT_ASSERT_EQ(test, 0, ttp_demux_insert(&race.gone.mini.ep));
	timer_setup(&race.timer, replaced, 0);
	mod_timer(&race.timer, jiffies + 2);
	rcu_read_lock();
	found = ttp_demux_find(ttp_net(&init_net), &k, 0, 0);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, found, &race.next.mini.ep);
	del_timer_sync(&race.timer);
	ttp_demux_remove(&race.gone.mini.ep);
	ttp_demux_remove(&race.next.mini.ep);
	synchronize_rcu();
}

static struct sock *listener(struct kunit *test, __be32 addr)
{
	struct ttp_listener *l = kzalloc(sizeof(*l), GFP_KERNEL);
	struct socket *sock = NULL;

	KUNIT_ASSERT_NOT_NULL(test, l);
	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, AF_INET, SOCK_STREAM,
						  IPPROTO_TTP, &sock));
	l->of = ttp_sk(sock->sk);
	ttp_sk(sock->sk)->listener = l;	/* the socket frees it */
	inet_sk(sock->sk)->inet_rcv_saddr = addr;
	inet_sk(sock->sk)->inet_sport = PORT;
	KUNIT_ASSERT_EQ(test, 0, ttp_demux_listen(sock->sk));
	return sock->sk;
}

static void closed(struct timer_list *t)
{
	ttp_demux_unlisten(race.listener);
}

/* as of the best of two listeners */
static void a_listener_that_is_closed_leaves_another(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(128, GFP_KERNEL);
	struct sock *other, *found;
	struct ttp_key k;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_zero(skb, TTP_HDR_LEN);
	key(&k);
	race.listener = listener(test, k.local.v4);
	other = listener(test, 0);
	refcount_set(&race.listener->sk_refcnt, 0);
	timer_setup(&race.timer, closed, 0);
	mod_timer(&race.timer, jiffies + 2);
	rcu_read_lock();
	found = ttp_demux_listener(ttp_net(&init_net), &k, skb);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, found, other);
	if (found)
		sock_put(found);
	while (timer_pending(&race.timer))
		cpu_relax();
	del_timer_sync(&race.timer);
	refcount_set(&race.listener->sk_refcnt, 1);
	ttp_demux_unlisten(other);
	sock_release(other->sk_socket);
	sock_release(race.listener->sk_socket);
	kfree_skb(skb);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_connection_that_is_replaced_is_found),
	KUNIT_CASE(a_listener_that_is_closed_leaves_another),
	{}
};

struct kunit_suite kunit_demux = {	/* kunit.c registers it */
	.name = "ttp_demux",
	.test_cases = cases,
};
