// SPDX-License-Identifier: GPL-2.0
/*
 * clock.c - a timer of a socket holds one reference, also when it is set anew while it fires.
 */
#include <kunit/test.h>
#include <linux/completion.h>

#include "ttp.h"

static DECLARE_COMPLETION(fired);

static void pace(struct sock *sk, u64 us)
{
	ttp_timer_set(&ttp_sk(sk)->tcb, TTP_TM_PACE, ttp_now() + us);
	ttp_clock_update(sk);
}

/* As when another CPU sets a deadline before this one gets the lock, which then finds an earlier
 * one.
 */
static void set_twice(struct timer_list *t)
{
	struct sock *sk = timer_container_of(sk, t, sk_timer);

	pace(sk, 20 * USEC_PER_SEC);
	pace(sk, 10 * USEC_PER_SEC);
	sock_put(sk);
	complete(&fired);
}

static void a_timer_that_fires_may_be_set_twice(struct kunit *test)
{
	struct socket *sock = NULL;
	struct sock *sk;

	KUNIT_ASSERT_EQ(test, 0, sock_create_kern(&init_net, AF_INET, SOCK_STREAM,
						  IPPROTO_TTP, &sock));
	sk = sock->sk;
	lock_sock(sk);
	ttp_sk(sk)->tcb.conn.state = TTP_ESTABLISHED;
	sk->sk_timer.function = set_twice;
	reinit_completion(&fired);
	pace(sk, 1);
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&fired, 10 * HZ));
	local_bh_disable();
	ttp_clock_stop(sk);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, 1, refcount_read(&sk->sk_refcnt));
	ttp_sk(sk)->tcb.conn.state = TTP_CLOSED;
	release_sock(sk);
	sock_release(sock);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_timer_that_fires_may_be_set_twice),
	{}
};

struct kunit_suite kunit_clock = {	/* kunit.c registers it */
	.name = "ttp_clock",
	.test_cases = cases,
};
