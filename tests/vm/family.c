// SPDX-License-Identifier: GPL-2.0
/*
 * Both ways to open a socket lead to one protocol: PF_TTP, and AF_INET with
 * IPPROTO_TTP.  There is no oracle for this: TCP has one way.
 */
#include "wire.h"

static int inet_socket(void)
{
	if (!is_ttp())
		skip("TCP has one way to open a socket");
	return OK(socket(AF_INET, SOCK_STREAM, IPPROTO_TTP));
}

static int pf_socket(void)
{
	if (!is_ttp())
		skip("TCP has one way to open a socket");
	return OK(socket(AF_TTP, SOCK_STREAM, TTPPROTO_IP));
}

static void talk(int l, int c)
{
	int s;

	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 1));
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	send_text(c, "knock");
	recv_text(s, "knock");
	send_text(s, "come in");
	recv_text(c, "come in");
	OK(close(c));
	recv_eof(s);
}

TEST(PF_TTP_talks_to_AF_INET)
{
	int c = pf_socket();

	talk(inet_socket(), c);
}

TEST(AF_INET_talks_to_PF_TTP)
{
	talk(pf_socket(), inet_socket());
}

TEST(both_ways_to_open_share_the_ports)
{
	int fd = pf_socket();

	OK(bind_to(fd, ip_a, 0));
	ERR(bind_to(inet_socket(), ip_a, port_of(fd)), EADDRINUSE);
}

TEST(both_name_protocol_253_and_addresses_of_AF_INET)
{
	int fds[2] = { pf_socket(), inet_socket() }, i, value;
	socklen_t len;

	for (i = 0; i < 2; i++) {
		len = sizeof(value);
		OK(getsockopt(fds[i], SOL_SOCKET, SO_PROTOCOL, &value, &len));
		EQ(value, IPPROTO_TTP);
		EQ(address_of(fds[i]).sin_family, AF_INET);
	}
}

TEST(both_take_the_option_levels_of_TTP_and_TCP)
{
	int fds[2] = { pf_socket(), inet_socket() }, i, value;
	socklen_t len = sizeof(value);

	for (i = 0; i < 2; i++) {
		OK(set_int(fds[i], SOL_TTP, TTP_NODELAY, 1));
		OK(getsockopt(fds[i], IPPROTO_TCP, TCP_NODELAY, &value, &len));
		EQ(value, 1);
	}
}

TEST(an_accepted_socket_is_of_its_listeners_family)
{
	int l = inet_socket(), c = pf_socket(), value;
	socklen_t len = sizeof(value);

	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 1));
	OK(connect_to(c, ip_b, port_of(l)));
	c = OK(accept(l, NULL, NULL));
	OK(getsockopt(c, SOL_SOCKET, SO_PROTOCOL, &value, &len));
	EQ(value, IPPROTO_TTP);
	OK(getsockopt(c, SOL_SOCKET, SO_DOMAIN, &value, &len));
	EQ(value, AF_INET);
}

TEST(the_socket_list_is_empty_in_a_new_namespace)
{
	if (!is_ttp())
		skip("TTP's list");
	EQ(count_sockets(0, 0, NULL), 0);
	listener(ip_b, 0, 1);
	EQ(count_sockets(0, 0, "LISTEN"), 1);
}
