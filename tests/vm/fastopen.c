// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open (RFC 7413) as programs use it: MSG_FASTOPEN, TTP_FASTOPEN and the other
 * options, both ends on this machine.  tests/conformance/fastopen.c looks at the segments.
 */
#include "sock.h"

enum { CLIENT = 1, SERVER = 2, ALL_LISTENERS = 0x400 };

#define PORT	4000

static int server(int most)
{
	int fd = listener("127.0.0.1", PORT, 8);

	if (most)
		OK(set_int(fd, tcp_level(), TTP_FASTOPEN, most));
	return fd;
}

static long open_with(int fd, const void *text, size_t len)
{
	struct sockaddr_in a = addr("127.0.0.1", PORT);
	socklen_t size;
	union address to = to_kernel(&a, &size);

	return sendto(fd, text, len, MSG_FASTOPEN, &to.any, size);
}

static bool data_was_on_the_SYN(int fd)
{
	return tcp_info_of(fd).tcpi_options & TCPI_OPT_SYN_DATA;
}

/* A connection that begins with five bytes: the program's end */
static int hello(int l)
{
	int fd = sock(), s;

	EQ(open_with(fd, "hello", 5), 5);
	s = OK(accept(l, NULL, NULL));
	recv_text(s, "hello");
	OK(close(s));
	return fd;
}

/* A server of which this host has a cookie */
static int server_with_cookie(void)
{
	int l;

	knob("fastopen", CLIENT | SERVER);
	l = server(5);
	hello(l);
	return l;
}

TEST(the_second_connection_has_data_on_its_SYN)
{
	int l;

	knob("fastopen", CLIENT | SERVER);
	l = server(5);
	EXPECT(!data_was_on_the_SYN(hello(l)));
	EXPECT(data_was_on_the_SYN(hello(l)));
	if (is_ttp()) {
		EQ(counter("FastOpenCookieReqd"), 1);
		EQ(counter("FastOpenPassive"), 1);
		EQ(counter("FastOpenActive"), 1);
	}
}

TEST(a_server_without_it_gets_the_data_all_the_same)
{
	int l;

	knob("fastopen", CLIENT | SERVER);
	l = server(0);
	hello(l);
	EXPECT(!data_was_on_the_SYN(hello(l)));
}

TEST(FASTOPEN_0_ends_it)
{
	int l;

	l = server_with_cookie();
	OK(set_int(l, tcp_level(), TTP_FASTOPEN, 0));
	EXPECT(!data_was_on_the_SYN(hello(l)));
}

TEST(a_sysctl_makes_it_a_matter_of_all_listeners)
{
	int l;

	knob("fastopen", CLIENT | SERVER | ALL_LISTENERS);
	l = server(0);
	EQ(get_int(l, tcp_level(), TTP_FASTOPEN), 8);
	hello(l);
	EXPECT(data_was_on_the_SYN(hello(l)));
}

TEST(much_data_arrives_whole)
{
	static char text[300000];
	int l, fd = sock(), s;

	l = server_with_cookie();
	nonblock(fd);
	fill(text, sizeof(text), 0);
	size_t n = OK(open_with(fd, text, sizeof(text)));

	EXPECT(n > 500 && n < sizeof(text));
	s = OK(accept(l, NULL, NULL));
	recv_bytes(s, n, 0);
	send_bytes(s, 10, 0);
	recv_bytes(fd, 10, 0);
	EXPECT(data_was_on_the_SYN(fd));
}

TEST(a_blocking_call_writes_all)
{
	static char text[30000];
	int l, fd = sock(), s;

	l = server_with_cookie();
	fill(text, sizeof(text), 0);
	EQ(open_with(fd, text, sizeof(text)), sizeof(text));
	s = OK(accept(l, NULL, NULL));
	recv_bytes(s, sizeof(text), 0);
}

TEST(without_a_cookie_a_call_that_does_not_wait_sends_nothing)
{
	int fd = sock();

	knob("fastopen", CLIENT | SERVER);
	server(5);
	nonblock(fd);
	ERR(open_with(fd, "hello", 5), EINPROGRESS);
	EQ(poll_till(fd, POLLOUT), POLLOUT);
	EQ(get_int(fd, tcp_level(), TTP_FASTOPEN_CONNECT), 0);
}

TEST(nobody_listens)
{
	int fd = sock();

	knob("fastopen", CLIENT);
	ERR(open_with(fd, "hello", 5), ECONNREFUSED);
}

TEST(a_connected_socket_is_not_opened_again)
{
	struct pair p = connected();

	knob("fastopen", CLIENT);
	ERR(open_with(p.c, "hello", 5), EISCONN);
}

TEST(a_client_may_be_forbidden_it)
{
	int fd = sock();

	knob("fastopen", SERVER);
	ERR(open_with(fd, "hello", 5), EOPNOTSUPP);
	ERR(set_int(fd, tcp_level(), TTP_FASTOPEN_CONNECT, 1), EOPNOTSUPP);
}

TEST(FASTOPEN_CONNECT_waits_for_the_first_write)
{
	int l, fd = sock(), s;

	l = server_with_cookie();
	OK(set_int(fd, tcp_level(), TTP_FASTOPEN_CONNECT, 1));
	EQ(get_int(fd, tcp_level(), TTP_FASTOPEN_CONNECT), 1);
	OK(connect_to(fd, "127.0.0.1", PORT));
	EXPECT(state_is(fd, "SYN_SENT"));
	EQ(waiting(l), 0);
	EQ(poll_for(fd, POLLOUT, 0), POLLOUT);
	nonblock(fd);
	ERR(connect_to(fd, "127.0.0.1", PORT), EISCONN);
	EQ(send(fd, "hello", 5, 0), 5);
	s = OK(accept(l, NULL, NULL));
	recv_text(s, "hello");
	EXPECT(data_was_on_the_SYN(fd));
	send_text(fd, "again");
	recv_text(s, "again");
}

TEST(FASTOPEN_CONNECT_without_a_cookie_connects_at_once)
{
	int l, fd = sock();

	knob("fastopen", CLIENT | SERVER);
	l = server(5);
	OK(set_int(fd, tcp_level(), TTP_FASTOPEN_CONNECT, 1));
	OK(connect_to(fd, "127.0.0.1", PORT));
	EXPECT(state_is(fd, "ESTABLISHED"));
	OK(close(OK(accept(l, NULL, NULL))));
	OK(close(fd));
	/* and has one now */
	EXPECT(data_was_on_the_SYN(hello(l)));
}

TEST(a_socket_that_never_wrote_can_be_closed)
{
	int l, fd = sock();

	l = server_with_cookie();
	OK(set_int(fd, tcp_level(), TTP_FASTOPEN_CONNECT, 1));
	OK(connect_to(fd, "127.0.0.1", PORT));
	OK(close(fd));
	EQ(waiting(l), 0);
}

TEST(options_are_checked)
{
	struct pair p = connected();
	int fd = sock();

	knob("fastopen", CLIENT | SERVER);
	OK(set_int(fd, tcp_level(), TTP_FASTOPEN, 5));
	EQ(get_int(fd, tcp_level(), TTP_FASTOPEN), 5);
	ERR(set_int(fd, tcp_level(), TTP_FASTOPEN, -1), EINVAL);
	ERR(set_int(p.c, tcp_level(), TTP_FASTOPEN, 5), EINVAL);
	ERR(set_int(fd, tcp_level(), TTP_FASTOPEN_CONNECT, 2), EINVAL);
	ERR(set_int(p.c, tcp_level(), TTP_FASTOPEN_CONNECT, 1), EINVAL);
	ERR(set_int(p.l, tcp_level(), TTP_FASTOPEN_CONNECT, 1), EINVAL);
	ERR(set_int(fd, tcp_level(), TTP_FASTOPEN_NO_COOKIE, 2), EINVAL);
	ERR(set_int(p.c, tcp_level(), TTP_FASTOPEN_NO_COOKIE, 1), EINVAL);
	OK(set_int(p.l, tcp_level(), TTP_FASTOPEN_NO_COOKIE, 1));
	EQ(get_int(p.l, tcp_level(), TTP_FASTOPEN_NO_COOKIE), 1);
}

/* net.core.somaxconn bounds it */
TEST(FASTOPEN_has_a_limit)
{
	int fd = sock();

	OK(set_int(fd, tcp_level(), TTP_FASTOPEN, 1000000));
	EQ(get_int(fd, tcp_level(), TTP_FASTOPEN), 4096);
}

TEST(a_key_is_of_the_socket_or_of_the_namespace)
{
	char key[32] = "0123456789abcdefthe other key...", got[40] = "";
	socklen_t len = sizeof(got);
	int fd = sock();

	ERR(setsockopt(fd, tcp_level(), TTP_FASTOPEN_KEY, key, 15), EINVAL);
	ERR(setsockopt(fd, tcp_level(), TTP_FASTOPEN_KEY, key, 20), EINVAL);
	OK(setsockopt(fd, tcp_level(), TTP_FASTOPEN_KEY, key, 32));
	OK(getsockopt(fd, tcp_level(), TTP_FASTOPEN_KEY, got, &len));
	EQ(len, 32);
	EXPECT(!memcmp(key, got, 32));
	OK(setsockopt(fd, tcp_level(), TTP_FASTOPEN_KEY, key, 16));
	len = sizeof(got);
	OK(getsockopt(fd, tcp_level(), TTP_FASTOPEN_KEY, got, &len));
	EQ(len, 16);
}

/* Who has it can make cookies for any address. */
TEST(the_namespaces_key_is_no_sockets_to_read)
{
	socklen_t len = 32;
	char got[32];
	int fd = sock();

	knob("fastopen", CLIENT | SERVER);
	OK(set_int(fd, tcp_level(), TTP_FASTOPEN, 5));	/* now there is one */
	OK(getsockopt(fd, tcp_level(), TTP_FASTOPEN_KEY, got, &len));
	EQ(len, 0);
}

static const char *key_file(void)
{
	return is_ttp() ? "/proc/sys/net/ttp/fastopen_key" :
			  "/proc/sys/net/ipv4/tcp_fastopen_key";
}

static void write_key(const char *key, int err)
{
	int fd = OK(open(key_file(), O_WRONLY));

	if (err)
		ERR(write(fd, key, strlen(key)), err);
	else
		EQ(write(fd, key, strlen(key)), strlen(key));
	OK(close(fd));
}

TEST(the_namespaces_key_can_be_read_and_set)
{
	const char *two = "00010203-04050607-08090a0b-0c0d0e0f,10111213-14151617-18191a1b-1c1d1e1f\n";
	char got[100] = "";
	int l, fd;

	knob("fastopen", CLIENT | SERVER);
	write_key(two, 0);
	fd = OK(open(key_file(), O_RDONLY));
	OK(read(fd, got, sizeof(got) - 1));
	EXPECT(!strcmp(got, two));
	write_key("00010203-04050607", EINVAL);
	write_key("nonsense", EINVAL);
	/* after a change to a key that is not one of the two a cookie counts no more */
	l = server(5);
	hello(l);
	EXPECT(data_was_on_the_SYN(hello(l)));
	write_key("1-2-3-4", 0);
	EXPECT(!data_was_on_the_SYN(hello(l)));
	EXPECT(data_was_on_the_SYN(hello(l)));
}

/* 3.6.1: what was not read was lost */
TEST(close_with_SYN_data_unread_resets)
{
	int l, fd = sock(), s;
	char c;

	l = server_with_cookie();
	EQ(open_with(fd, "hello", 5), 5);
	s = OK(accept(l, NULL, NULL));
	OK(close(s));
	ERR(recv(fd, &c, 1, 0), ECONNRESET);
}

/* both ends are told */
TEST(the_server_sees_that_data_was_on_the_SYN)
{
	int l, fd = sock(), s;

	l = server_with_cookie();
	EQ(open_with(fd, "hello", 5), 5);
	s = OK(accept(l, NULL, NULL));
	EXPECT(data_was_on_the_SYN(s));
}

/* another thread makes the socket as good as new while one waits for the handshake */
static void *opens(void *arg)
{
	struct sockaddr_in a = addr("10.255.255.1", PORT);
	socklen_t size;
	union address to = to_kernel(&a, &size);

	sendto(*(int *)arg, "hello", 5, MSG_FASTOPEN | MSG_NOSIGNAL, &to.any, size);
	return NULL;
}

TEST(a_disconnect_forgets_who_was_opening)
{
	int fd = sock();
	pthread_t t;

	EQ(system("ip link add v0 type veth peer name v1 && ip addr add 10.255.255.2/24 dev v0 && "
		  "ip link set v0 up && ip link set v1 up"), 0);
	server_with_cookie();
	t = spawn(opens, &fd);
	WAIT(state_is(fd, "SYN_SENT"), 2000);
	OK(disconnect(fd));
	EQ(open_with(fd, "hello", 5), 5);
	OK(close(fd));
	join(t);
}
