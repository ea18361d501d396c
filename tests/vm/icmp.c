// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors reach the program as TCP has them: hard ones end a connect,
 * none ends an established connection, and one that quotes a sequence number
 * outside the window is not believed.
 */
#include "wire.h"

static atomic_int type = ICMP_DEST_UNREACH, code, answered, forged;

static enum verdict unreachable(const struct seg *s)
{
	if (s->from != A)
		return PASS;
	if (forged)
		s->th->seq = htonl(ntohl(s->th->seq) + 0x40000000);
	wire_icmp_of(s, type, code);
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

static enum verdict only_port_7_unreachable(const struct seg *s)
{
	if (ntohs(s->th->dest) == 7)
		wire_icmp(s, ICMP_PORT_UNREACH);
	return DROP;
}

/* MUST-54: to the connection that it is about */
TEST(an_ICMP_error_is_for_one_connection)
{
	int a, b;

	wire_up();
	wire_filter(only_port_7_unreachable);
	a = sock();
	b = sock();
	nonblock(b);
	ERR(connect_to(b, ip_b, 8), EINPROGRESS);
	ERR(connect_to(a, ip_b, 7), ECONNREFUSED);
	EXPECT(state_is(b, "SYN_SENT"));
	EQ(so_error(b), 0);
}

TEST(connect_meets_protocol_unreachable)
{
	connect_meets(ICMP_PROT_UNREACH, is_v6() ? EPROTO : ENOPROTOOPT);
}

TEST(connect_meets_administratively_prohibited)
{
	connect_meets(ICMP_PKT_FILTERED, is_v6() ? EACCES : EHOSTUNREACH);
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

/* MUST-56; SHLD-25: who asks for it gets to know the reason */
TEST_SECONDS(soft_errors_do_not_end_an_established_connection, 20)
{
	static const struct {
		int type, code, error, error6;
	} soft[] = {
		{ ICMP_DEST_UNREACH, ICMP_NET_UNREACH, ENETUNREACH, ENETUNREACH },
		{ ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, EHOSTUNREACH, EHOSTUNREACH },
		{ ICMP_DEST_UNREACH, ICMP_SR_FAILED, EOPNOTSUPP, EACCES },	/* IPv6: policy */
		{ ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, EHOSTUNREACH, EHOSTUNREACH },
		{ ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0, EHOSTUNREACH },	/* IPv4 keeps it */
		{ ICMP_PARAMETERPROB, 0, EPROTO, EPROTO },
	};
	struct pair p;
	size_t i;

	wire_up();
	p = connected();
	for (i = 0; i < sizeof(soft) / sizeof(soft[0]); i++) {
		type = soft[i].type;
		code = soft[i].code;
		answered = 0;
		wire_filter(unreachable);
		send_text(p.c, "persists");
		WAIT(answered, 1000);
		STAYS(state_is(p.c, "ESTABLISHED"), 20);
		EQ(so_error(p.c), is_v6() ? soft[i].error6 : soft[i].error);
		wire_filter(NULL);
		recv_text(p.s, "persists");
		WAIT(!tcp_info_of(p.c).tcpi_unacked, 1000);	/* an ACK ends what is kept */
	}
}

static enum verdict quench(const struct seg *s)
{
	if (s->from == A && s->text) {
		wire_icmp_of(s, ICMP_SOURCE_QUENCH, 0);
		answered++;
	}
	return PASS;
}

static int cwnd(int fd)
{
	return tcp_info_of(fd).tcpi_snd_cwnd;
}

/* MUST-55 */
TEST(source_quench_does_nothing)
{
	struct pair p;
	int before;

	wire_up();
	p = connected();
	before = cwnd(p.c);
	wire_filter(quench);
	send_bytes(p.c, 10000, 0);
	recv_bytes(p.s, 10000, 0);
	WAIT(answered >= 5, 1000);
	STAYS(cwnd(p.c) >= before, 20);
	EQ(so_error(p.c), 0);
	EXPECT(state_is(p.c, "ESTABLISHED"));
}

static int recverr(int fd, int on)
{
	return is_v6() ? set_int(fd, IPPROTO_IPV6, IPV6_RECVERR, on) :
			 set_int(fd, IPPROTO_IP, IP_RECVERR, on);
}

/* MUST-47: an error is reported at once; SHLD-20: to who wants it so */
TEST_SECONDS(IP_RECVERR_reports_soft_errors, 15)
{
	struct pair p;

	wire_up();
	p = connected();
	code = ICMP_HOST_UNREACH;
	wire_filter(unreachable);
	send_text(p.c, "persists");
	WAIT(answered, 1000);
	STAYS(!(poll_for(p.c, POLLIN, 0) & POLLERR), 20);
	OK(recverr(p.c, 1));
	WAIT(poll_for(p.c, POLLIN, 0) & POLLERR, 5000);
	OK(recverr(p.c, 0));
	EQ(so_error(p.c), EHOSTUNREACH);
	EXPECT(state_is(p.c, "ESTABLISHED"));
	answered = 0;
	WAIT(answered, 5000);
	STAYS(!(poll_for(p.c, POLLIN, 0) & POLLERR), 20);
	wire_filter(NULL);
	recv_text(p.s, "persists");
}

/* A sends, is told that B cannot be reached, and gives up soon */
static struct pair unreachable_pair(void)
{
	struct pair p;

	wire_up();
	knob("retries2", 2);
	p = connected();
	code = ICMP_HOST_UNREACH;
	wire_filter(unreachable);
	send_text(p.c, "persists");
	return p;
}

/* SHLD-25 */
TEST_SECONDS(ICMP_is_the_reason_given_when_retries_end, 30)
{
	struct pair p = unreachable_pair();
	char c;

	ERR(recv(p.c, &c, 1, 0), EHOSTUNREACH);
}

static enum verdict swallow(const struct seg *s)
{
	return DROP;
}

/* not what an ACK has come after */
TEST_SECONDS(ICMP_of_long_ago_is_no_reason, 30)
{
	struct pair p = unreachable_pair();
	char c;

	WAIT(answered, 1000);
	wire_filter(NULL);
	recv_text(p.s, "persists");
	WAIT(!tcp_info_of(p.c).tcpi_unacked, 5000);
	wire_filter(swallow);
	send_text(p.c, "is anybody there");
	ERR(recv(p.c, &c, 1, 0), ETIMEDOUT);
}

/* A retransmission that cannot be sent, either */
TEST_SECONDS(a_route_that_is_gone_is_the_reason_given_when_retries_end, 30)
{
	struct pair p;
	char c;

	wire_up();
	knob("retries2", 2);
	p = connected();
	wire_filter(swallow);
	send_text(p.c, "is anybody there");
	WAIT(wire_data(A), 1000);
	wire_host(A);
	EQ(system(is_v6() ? "ip -6 route add prohibit fd00::10.0.0.2" :
			    "ip route add prohibit 10.0.0.2"), 0);
	ERR(recv(p.c, &c, 1, 0), EACCES);
}
