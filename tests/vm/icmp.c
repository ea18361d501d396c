// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors reach the program as TCP has them: hard ones end a connect,
 * none ends an established connection, and one that quotes a sequence number
 * outside the window is not believed.
 */
#include "wire.h"

static atomic_int code, answered, forged;

static enum verdict unreachable(const struct seg *s)
{
	if (s->from != A)
		return PASS;
	if (forged)
		s->th->seq = htonl(ntohl(s->th->seq) + 0x40000000);
	wire_icmp(s, code);
	answered++;
	return DROP;
}

static void connect_meets(int icmp_code, int error)
{
	int fd;

	wire_up();
	code = icmp_code;
	wire_filter(unreachable);
	fd = sock();
	ERR(connect_to(fd, ip_b, 7), error);
	EXPECT(state_is(fd, "CLOSED"));
}

/* MUST-54; SHLD-26 for a handshake */
TEST(connect_meets_port_unreachable)
{
	connect_meets(ICMP_PORT_UNREACH, ECONNREFUSED);
}

TEST(connect_meets_protocol_unreachable)
{
	connect_meets(ICMP_PROT_UNREACH, ENOPROTOOPT);
}

TEST(connect_meets_administratively_prohibited)
{
	connect_meets(ICMP_PKT_FILTERED, EHOSTUNREACH);
}

TEST(connect_meets_host_unreachable)
{
	connect_meets(ICMP_HOST_UNREACH, EHOSTUNREACH);
}

TEST(connect_meets_net_unreachable)
{
	connect_meets(ICMP_NET_UNREACH, ENETUNREACH);
}

TEST_SECONDS(forged_ICMP_does_not_end_a_connect, 15)
{
	int fd, i;

	wire_up();
	wire_host(B);
	i = listener(ip_b, 0, 1);
	code = ICMP_PORT_UNREACH;
	forged = 1;
	wire_filter(unreachable);
	wire_host(A);
	fd = sock();
	nonblock(fd);
	ERR(connect_to(fd, ip_b, port_of(i)), EINPROGRESS);
	WAIT(answered, 1000);
	STAYS(!poll_for(fd, POLLOUT, 0), 100);
	wire_filter(NULL);
	WAIT(poll_for(fd, POLLOUT, 0) == POLLOUT, 5000);
	EQ(so_error(fd), 0);
}

/* the deviation from SHLD-26 */
TEST_SECONDS(ICMP_does_not_end_an_established_connection, 15)
{
	struct pair p;

	wire_up();
	p = connected();
	code = ICMP_PORT_UNREACH;
	wire_filter(unreachable);
	send_text(p.c, "persists");
	WAIT(answered, 1000);
	STAYS(state_is(p.c, "ESTABLISHED"), 50);
	wire_filter(NULL);
	recv_text(p.s, "persists");
}

/* SHLD-25 */
TEST_SECONDS(ICMP_is_the_reason_given_when_retries_end, 30)
{
	struct pair p;
	char c;

	wire_up();
	knob("retries2", 2);
	p = connected();
	code = ICMP_HOST_UNREACH;
	wire_filter(unreachable);
	send_text(p.c, "persists");
	ERR(recv(p.c, &c, 1, 0), EHOSTUNREACH);
}
