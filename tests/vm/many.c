// SPDX-License-Identifier: GPL-2.0
/*
 * Many connections: one after the other, and all at once.
 */
#include "wire.h"

#define IN_TURN	1000
#define AT_ONCE	200

static void *echo_server(void *arg)
{
	int l = *(int *)arg, i, s;
	char buf[100];
	ssize_t n;

	for (i = 0; i < IN_TURN; i++) {
		s = OK(accept(l, NULL, NULL));
		n = OK(recv(s, buf, sizeof(buf), MSG_WAITALL));
		EQ(send(s, buf, n, MSG_NOSIGNAL), n);
		recv_eof(s);
		OK(close(s));
	}
	return NULL;
}

TEST_SECONDS(a_thousand_connections_in_turn, 30)
{
	int l = listener(ip_b, 0, 16), i, c, port = port_of(l);
	pthread_t t = spawn(echo_server, &l);

	/* a kernel with KASAN takes more than a minute for all of them */
	if (is_ttp())
		knob("msl_ms", 240000);
	for (i = 0; i < IN_TURN; i++) {
		c = sock();
		OK(connect_to(c, ip_b, port));
		send_bytes(c, 100, i * 100);
		recv_bytes(c, 100, i * 100);
		OK(close(c));
	}
	join(t);
	WAIT(count_sockets(port, 0, "TIME_WAIT") == 0, 2000);
	WAIT(count_sockets(0, 0, "LAST_ACK") == 0, 2000);
	EQ(count_sockets(0, 0, "ESTABLISHED"), 0);
	EQ(count_sockets(0, 0, "CLOSE_WAIT"), 0);
	EXPECT(count_sockets(0, port, "TIME_WAIT") > 900);
}

/* Which client is it, by its port? */
static int index_of(const int *clients, int s)
{
	int i, port = peer_port_of(s);

	for (i = 0; i < AT_ONCE; i++)
		if (port_of(clients[i]) == port)
			return i;
	fail("no such client");
}

TEST_SECONDS(two_hundred_connections_at_once, 30)
{
	int c[AT_ONCE], s[AT_ONCE] = { 0 }, i, n, l, port;

	l = listener(ip_b, 0, AT_ONCE + 10);
	port = port_of(l);
	for (i = 0; i < AT_ONCE; i++) {
		c[i] = sock();
		nonblock(c[i]);
		if (connect_to(c[i], ip_b, port) && errno != EINPROGRESS)
			fail("connect: %s", strerror(errno));
	}
	for (i = 0; i < AT_ONCE; i++) {
		n = OK(accept(l, NULL, NULL));
		s[index_of(c, n)] = n;
	}
	for (i = 0; i < AT_ONCE; i++) {
		OK(fcntl(c[i], F_SETFL, 0));
		EXPECT(s[i]);
	}
	EQ(count_sockets(0, 0, "ESTABLISHED"), 2 * AT_ONCE);
	for (i = 0; i < AT_ONCE; i++) {
		send_bytes(c[i], 3000, i * 10000);
		send_bytes(s[i], 3000, i * 20000);
	}
	for (i = AT_ONCE - 1; i >= 0; i--) {
		recv_bytes(s[i], 3000, i * 10000);
		recv_bytes(c[i], 3000, i * 20000);
		OK(close(i % 2 ? c[i] : s[i]));
	}
	for (i = 0; i < AT_ONCE; i++) {
		recv_eof(i % 2 ? s[i] : c[i]);
		OK(close(i % 2 ? s[i] : c[i]));
	}
	WAIT(count_sockets(0, 0, "TIME_WAIT") == AT_ONCE, 5000);
}
