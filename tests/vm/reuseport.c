// SPDX-License-Identifier: GPL-2.0
/*
 * SO_REUSEPORT: listeners that share a port, and each connection goes to one.
 */
#include <linux/filter.h>
#include <sys/wait.h>
#include "wire.h"

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif

static int sharing(void)
{
	int fd = sock_peer();

	OK(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
	return fd;
}

static int sharer(int port)
{
	int fd = sharing();

	OK(bind_to(fd, ip_b, port));
	OK(listen(fd, 100));
	return fd;
}

static int accept_all(int l)
{
	int n = 0;

	while (poll_for(l, POLLIN, 0)) {
		OK(accept(l, NULL, NULL));
		n++;
	}
	return n;
}

TEST(connections_are_spread_over_the_group)
{
	int l[4], i, n, sum = 0, port;

	l[0] = sharer(0);
	port = port_of(l[0]);
	for (i = 1; i < 4; i++)
		l[i] = sharer(port);
	for (i = 0; i < 80; i++)
		OK(connect_to(sock(), ip_b, port));
	WAIT(waiting(l[0]) + waiting(l[1]) + waiting(l[2]) + waiting(l[3]) == 80, 2000);
	for (i = 0; i < 4; i++) {
		n = accept_all(l[i]);
		EXPECT(n >= 4);
		sum += n;
	}
	EQ(sum, 80);
}

/* A group has room for 128, and grows */
TEST(a_group_may_be_large)
{
	int l[150], i, sum = 0, port;

	l[0] = sharer(0);
	port = port_of(l[0]);
	for (i = 1; i < 150; i++)
		l[i] = sharer(port);
	for (i = 0; i < 100; i++)
		OK(connect_to(sock(), ip_b, port));
	for (i = 0; sum < 100; i = (i + 1) % 150)	/* the last ones may be under way */
		sum += accept_all(l[i]);
	EQ(sum, 100);
}

static enum verdict hold_acks_of_a(const struct seg *s)
{
	return s->from == A && !(seg_flags(s) & SYN) ? HOLD : PASS;
}

/* Who sent it has left the group before it comes back, and who gets it has sent none. */
TEST(a_SYN_cookie_is_good_for_the_whole_group)
{
	int first, l;

	wire_up();
	wire_host(B);
	knob("syncookies", 2);
	first = sharer(0);
	wire_host(A);
	wire_filter(hold_acks_of_a);
	OK(connect_to(sock(), ip_b, port_of(first)));
	WAIT(wire_held(A) == 1, 2000);
	wire_host(B);
	l = sharer(port_of(first));
	OK(close(first));
	pause_ms(30);	/* more than the tick in which it began */
	wire_filter(NULL);
	wire_release();
	WAIT(poll_for(l, POLLIN, 0), 2000);
	OK(accept(l, NULL, NULL));
}

TEST(who_leaves_the_group_gets_none)
{
	int a = sharer(0), b = sharer(port_of(a)), i;

	OK(close(a));
	for (i = 0; i < 10; i++)
		OK(connect_to(sock(), ip_b, port_of(b)));
	WAIT(waiting(b) == 10, 2000);
	EQ(accept_all(b), 10);
}

TEST(who_listens_anew_is_of_the_group_again)
{
	int a = sharer(4253), b = sharer(4253), i, n;

	OK(shutdown(a, SHUT_RD));
	OK(listen(a, 100));
	for (i = 0; i < 40; i++)
		OK(connect_to(sock(), ip_b, port_of(b)));
	WAIT(waiting(a) + waiting(b) == 40, 2000);
	n = accept_all(a);
	EXPECT(n >= 2);
	EQ(n + accept_all(b), 40);
}

TEST(all_must_have_asked_for_it)
{
	int a = sharer(0);
	int plain = listener(ip_b, 0, 1);

	ERR(bind_to(sock_peer(), ip_b, port_of(a)), EADDRINUSE);
	ERR(bind_to(sharing(), ip_b, port_of(plain)), EADDRINUSE);
	/* and SO_REUSEADDR does not do it */
	plain = sock_peer();
	OK(set_int(plain, SOL_SOCKET, SO_REUSEADDR, 1));
	ERR(bind_to(plain, ip_b, port_of(a)), EADDRINUSE);
}

/* Nobody takes a part of someone else's connections. */
TEST(the_owner_must_be_the_same)
{
	int port = port_of(sharer(0)), status;
	pid_t child = fork();

	if (!child) {
		int fd;

		if (setuid(65534))
			_exit(1);
		fd = sharing();
		_exit(bind_to(fd, ip_b, port) == -1 && errno == EADDRINUSE ? 0 : 2);
	}
	OK(waitpid(child, &status, 0));
	EQ(status, 0);
}

TEST(a_better_address_wins_over_the_group)
{
	int any = sharing(), other = sharing(), exact, i;

	OK(bind_to(any, "0.0.0.0", 0));
	OK(listen(any, 100));
	OK(bind_to(other, "0.0.0.0", port_of(any)));
	OK(listen(other, 100));
	exact = sharer(port_of(any));
	for (i = 0; i < 10; i++)
		OK(connect_to(sock(), ip_b, port_of(any)));
	WAIT(waiting(exact) == 10, 2000);
	EQ(accept_all(exact), 10);
}

TEST(a_program_may_choose)
{
	struct sock_filter first[] = { BPF_STMT(BPF_RET | BPF_K, 1) };
	struct sock_fprog prog = { .len = 1, .filter = first };
	int a = sharer(0), b = sharer(port_of(a)), i;

	OK(setsockopt(a, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog)));
	for (i = 0; i < 10; i++)
		OK(connect_to(sock(), ip_b, port_of(a)));
	WAIT(waiting(b) == 10, 2000);
	EQ(accept_all(b), 10);
	EQ(accept_all(a), 0);
}

/* The usual order of calls: the first of the group brings the program with it. */
TEST(a_program_may_be_attached_before_listen)
{
	struct sock_filter second[] = { BPF_STMT(BPF_RET | BPF_K, 1) };
	struct sock_fprog prog = { .len = 1, .filter = second };
	int a = sharing(), b, i;

	OK(bind_to(a, ip_b, 0));
	OK(setsockopt(a, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog)));
	OK(listen(a, 100));
	b = sharer(port_of(a));
	for (i = 0; i < 10; i++)
		OK(connect_to(sock(), ip_b, port_of(a)));
	WAIT(waiting(b) == 10, 2000);
}

static atomic_int refuse_acks;

static enum verdict lose_acks(const struct seg *s)
{
	return s->from == A && refuse_acks && !(seg_flags(s) & SYN) ? DROP : PASS;
}

/* The handshake stays with the listener that began it, whoever comes meanwhile. */
TEST(a_handshake_ends_where_it_began)
{
	int a, b, i, fd;

	wire_up();
	wire_filter(lose_acks);
	refuse_acks = 1;
	wire_host(B);
	a = sharer(0);
	wire_host(A);
	for (i = 0; i < 8; i++) {
		fd = sock();
		OK(connect_to(fd, ip_b, port_of(a)));
	}
	wire_host(B);
	b = sharer(port_of(a));
	refuse_acks = 0;
	WAIT(waiting(a) == 8, 4000);
	EQ(accept_all(a), 8);
	EQ(accept_all(b), 0);
}
