// SPDX-License-Identifier: GPL-2.0
/*
 * The options that TCP has: what is set is what one gets, and what it does.
 */
#include <linux/sockios.h>
#include "wire.h"

#ifndef TCP_CM_INQ
#define TCP_CM_INQ TCP_INQ
#endif

static int get(int fd, int name)
{
	return get_int(fd, tcp_level(), name);
}

static int set(int fd, int name, int value)
{
	return set_int(fd, tcp_level(), name, value);
}

static void kept(int fd, int name, int value)
{
	OK(set(fd, name, value));
	EQ(get(fd, name), value);
}

TEST(SYNCNT_is_kept_within_limits)
{
	int fd = sock();

	EQ(get(fd, TTP_SYNCNT), knob_get("syn_retries"));
	kept(fd, TTP_SYNCNT, 1);
	kept(fd, TTP_SYNCNT, 127);
	ERR(set(fd, TTP_SYNCNT, 0), EINVAL);
	ERR(set(fd, TTP_SYNCNT, 128), EINVAL);
}

static enum verdict swallow(const struct seg *s)
{
	return DROP;
}

TEST_SECONDS(SYNCNT_limits_how_often_a_SYN_is_sent, 8)
{
	int fd;

	wire_up();
	wire_filter(swallow);
	wire_host(A);
	if (!is_ttp())
		knob_try("syn_linear_timeouts", 0);
	fd = sock();
	kept(fd, TTP_SYNCNT, 1);
	ERR(connect_to(fd, ip_b, 7), ETIMEDOUT);
	EQ(wire_count(A, SYN), 2);
}

TEST(LINGER2_is_kept_within_limits)
{
	int fd = sock();

	EQ(get(fd, TTP_LINGER2), knob_get("fin_timeout"));
	kept(fd, TTP_LINGER2, 3);
	kept(fd, TTP_LINGER2, -1);
	OK(set(fd, TTP_LINGER2, -5));
	EQ(get(fd, TTP_LINGER2), -1);
	OK(set(fd, TTP_LINGER2, 5000));
	EQ(get(fd, TTP_LINGER2), 120);
	OK(set(fd, TTP_LINGER2, 0));
	EQ(get(fd, TTP_LINGER2), knob_get("fin_timeout"));
}

TEST_SECONDS(LINGER2_bounds_FIN_WAIT_2, 8)
{
	struct pair p = connected();
	int port = port_of(p.c);

	OK(set(p.c, TTP_LINGER2, 1));
	OK(close(p.c));
	recv_eof(p.s);
	WAIT(count_sockets(port, 0, NULL) == 0, 3000);
	EQ(send(p.s, "x", 1, MSG_NOSIGNAL), 1);
	gets_error(p.s, EPIPE);
}

TEST(LINGER2_below_0_resets_instead_of_FIN_WAIT_2)
{
	struct pair p = connected();
	int port = port_of(p.c);
	char c;

	OK(set(p.c, TTP_LINGER2, -1));
	OK(close(p.c));
	EQ(count_sockets(port, 0, "FIN_WAIT_2"), 0);
	WAIT(poll_for(p.s, POLLIN | POLLERR, 0) & POLLERR, 2000);
	if (recv(p.s, &c, 1, 0) < 0)
		EXPECT(errno == ECONNRESET || errno == EPIPE);
}

TEST(LINGER2_below_0_ends_a_FIN_WAIT_2_that_is_on)
{
	struct pair p = connected();
	int port = port_of(p.c);

	OK(set(p.c, TTP_LINGER2, -1));
	OK(shutdown(p.c, SHUT_WR));
	recv_eof(p.s);
	WAIT(state_is(p.c, "FIN_WAIT_2"), 2000);
	OK(close(p.c));
	EQ(count_sockets(port, 0, "FIN_WAIT_2"), 0);
	WAIT(poll_for(p.s, POLLERR, 0) & POLLERR, 2000);
}

TEST(DEFER_ACCEPT_is_kept_in_steps)
{
	int fd = sock();

	EQ(get(fd, TTP_DEFER_ACCEPT), 0);
	kept(fd, TTP_DEFER_ACCEPT, 1);
	OK(set(fd, TTP_DEFER_ACCEPT, 2));
	EQ(get(fd, TTP_DEFER_ACCEPT), 3);
	OK(set(fd, TTP_DEFER_ACCEPT, 10));
	EQ(get(fd, TTP_DEFER_ACCEPT), 15);
	kept(fd, TTP_DEFER_ACCEPT, 0);
	OK(set(fd, TTP_DEFER_ACCEPT, -1));
	EQ(get(fd, TTP_DEFER_ACCEPT), 0);
}

/* @l listens, and a client connects that sends nothing for @ms. */
static void waits_for_data(int l, int ms)
{
	int c = sock(), s;

	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 5));
	OK(connect_to(c, ip_b, port_of(l)));
	STAYS(!poll_for(l, POLLIN, 0), ms);
	send_text(c, "GET /");
	WAIT(poll_for(l, POLLIN, 0), 2000);
	s = OK(accept(l, NULL, NULL));
	recv_text(s, "GET /");
}

TEST(DEFER_ACCEPT_waits_for_data)
{
	int l = sock_peer();

	OK(set(l, TTP_DEFER_ACCEPT, 5));
	waits_for_data(l, 100);
}

TEST_SECONDS(DEFER_ACCEPT_ends_when_its_time_is_over, 8)
{
	int l = sock_peer(), c = sock(), s;
	int64_t start = now_ms();

	OK(set(l, TTP_DEFER_ACCEPT, 1));
	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 5));
	OK(connect_to(c, ip_b, port_of(l)));
	WAIT(poll_for(l, POLLIN, 0), 5000);
	EXPECT(now_ms() - start > 500);
	s = OK(accept(l, NULL, NULL));
	send_text(s, "220 hello");
	recv_text(c, "220 hello");
}

/* In silence: the handshake has ended, so no limit of SYN,ACKs counts. */
TEST_SECONDS(DEFER_ACCEPT_may_be_longer_than_a_SYN_ACK_is_sent_again, 10)
{
	int l = sock_peer();

	OK(set(l, TTP_SYNCNT, 1));
	OK(set(l, TTP_DEFER_ACCEPT, 15));
	waits_for_data(l, 5000);
}

static atomic_int widest;

static enum verdict note_window(const struct seg *s)
{
	int window = ntohs(s->th->window);

	/* a newer TCP forgets the clamp when it sees how heavy packets are */
	if (s->from == B && (is_ttp() || seg_flags(s) & SYN) && window > widest)
		widest = window;
	return PASS;
}

TEST(WINDOW_CLAMP_bounds_the_window)
{
	int l, c, s;

	wire_up();
	wire_filter(note_window);
	wire_host(B);
	knob("window_scaling", 0);
	l = sock_peer();
	kept(l, TTP_WINDOW_CLAMP, 5000);
	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 1));
	wire_host(A);
	knob("window_scaling", 0);
	c = sock();
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	send_bytes(c, 20000, 0);
	recv_bytes(s, 20000, 0);
	EXPECT(widest > 2000 && widest <= 5000);
}

TEST(WINDOW_CLAMP_has_a_least_value_and_stays_when_connected)
{
	struct pair p = connected();
	int fd = sock();

	EQ(get(fd, TTP_WINDOW_CLAMP), 0);
	OK(set(fd, TTP_WINDOW_CLAMP, 1));
	EXPECT(get(fd, TTP_WINDOW_CLAMP) > 1000 && get(fd, TTP_WINDOW_CLAMP) < 2304);
	kept(fd, TTP_WINDOW_CLAMP, 0);
	EXPECT(get(p.c, TTP_WINDOW_CLAMP) > 10000);
	ERR(set(p.c, TTP_WINDOW_CLAMP, 0), EINVAL);
}

TEST(QUICKACK_may_be_switched)
{
	struct pair p = connected();

	kept(p.c, TTP_QUICKACK, 1);
	kept(p.c, TTP_QUICKACK, 0);
	kept(p.c, TTP_QUICKACK, 1);
}

TEST(QUICKACK_sends_the_ACK_that_waits)
{
	struct pair p;
	int64_t start;
	int n;

	wire_up();
	p = connected();
	OK(set(p.s, TTP_QUICKACK, 0));
	start = now_ms();
	send_text(p.c, "z");
	recv_text(p.s, "z");
	n = wire_count(B, ACK);
	pause_ms(10);
	if (wire_count(B, ACK) != n && now_ms() - start >= 40)
		skip("on a slow machine it does not wait");
	EQ(wire_count(B, ACK), n);
	OK(set(p.s, TTP_QUICKACK, 1));
	WAIT(wire_count(B, ACK) == n + 1, 15);
}

TEST(CONGESTION_is_a_name)
{
	char name[20] = "................";
	socklen_t len = 16;
	int fd = sock();

	OK(setsockopt(fd, tcp_level(), TTP_CONGESTION, "reno", 4));
	OK(getsockopt(fd, tcp_level(), TTP_CONGESTION, name, &len));
	EQ(len, 16);
	EXPECT(!strcmp(name, "reno"));
	OK(setsockopt(fd, tcp_level(), TTP_CONGESTION, "reno\0more", 10));
	ERR(setsockopt(fd, tcp_level(), TTP_CONGESTION, "no such algorithm", 16), ENOENT);
	ERR(setsockopt(fd, tcp_level(), TTP_CONGESTION, "", 0), EINVAL);
	ERR(setsockopt(fd, tcp_level(), TTP_CONGESTION, (void *)16, 4), EFAULT);
	memset(name, '.', sizeof(name));
	len = 2;
	OK(getsockopt(fd, tcp_level(), TTP_CONGESTION, name, &len));
	EQ(len, 2);
	EXPECT(!memcmp(name, "re.", 3));
}

TEST(CC_INFO_of_reno_is_empty)
{
	char info[64];
	socklen_t len = sizeof(info);
	int fd = sock();

	OK(setsockopt(fd, tcp_level(), TTP_CONGESTION, "reno", 4));
	OK(getsockopt(fd, tcp_level(), TTP_CC_INFO, info, &len));
	EQ(len, 0);
}

TEST(TIMESTAMP_is_a_clock_that_cannot_be_set)
{
	struct pair p = connected();
	int before = get(p.c, TTP_TIMESTAMP);

	pause_ms(20);
	EXPECT(get(p.c, TTP_TIMESTAMP) - before >= 20);
	EXPECT(get(p.c, TTP_TIMESTAMP) - before < 5000);
	ERR(set(p.c, TTP_TIMESTAMP, 1), EPERM);
}

TEST(NOTSENT_LOWAT_is_kept)
{
	kept(sock(), TTP_NOTSENT_LOWAT, 16384);
	kept(sock(), TTP_NOTSENT_LOWAT, 0);
}

static atomic_int hold_text;

static enum verdict hold_acks(const struct seg *s)
{
	return s->from == B && hold_text ? HOLD : PASS;
}

/* Little more than that waits to be sent, however large the buffer is. */
TEST(NOTSENT_LOWAT_stops_a_writer)
{
	int waiting;
	struct pair p;
	size_t n;

	wire_up();
	p = connected();
	OK(set(p.c, TTP_NOTSENT_LOWAT, 30000));
	/* much more than that would fit */
	OK(set_int(p.c, SOL_SOCKET, SO_SNDBUF, 200000));
	wire_filter(hold_acks);
	hold_text = 1;
	n = fill_window(p.c);
	OK(ioctl(p.c, SIOCOUTQNSD, &waiting));
	EXPECT(waiting >= 30000 && waiting < 30000 + 70000);
	EQ(poll_for(p.c, POLLOUT, 0), 0);
	hold_text = 0;
	wire_release();
	recv_bytes(p.s, n, 0);
	WAIT(poll_for(p.c, POLLOUT, 0) == POLLOUT, 2000);
}

/* The same for all who have not set it */
TEST(notsent_lowat_stops_a_writer)
{
	int waiting;
	struct pair p;

	wire_up();
	knob("notsent_lowat", 30000);
	p = connected();
	OK(set_int(p.c, SOL_SOCKET, SO_SNDBUF, 200000));
	wire_filter(hold_acks);
	hold_text = 1;
	fill_window(p.c);
	OK(ioctl(p.c, SIOCOUTQNSD, &waiting));
	EXPECT(waiting >= 30000 && waiting < 30000 + 70000);
	EQ(get(p.c, TTP_NOTSENT_LOWAT), 0);
	OK(set(p.c, TTP_NOTSENT_LOWAT, 150000));
	EQ(poll_for(p.c, POLLOUT, 0), POLLOUT);
}

static int inq_of(int fd, int want)
{
	char buf[100], control[CMSG_SPACE(sizeof(int))];
	struct iovec v = { buf, want };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	int n;

	EQ(recvmsg(fd, &m, 0), want);
	c = CMSG_FIRSTHDR(&m);
	if (!c)
		return -1;
	EQ(c->cmsg_level, IPPROTO_TCP);
	EQ(c->cmsg_type, TCP_CM_INQ);
	memcpy(&n, CMSG_DATA(c), sizeof(n));
	return n;
}

TEST(INQ_says_what_is_left_to_read)
{
	struct pair p = connected();
	int n;

	ERR(set(p.s, TTP_INQ, 2), EINVAL);
	kept(p.s, TTP_INQ, 1);
	send_bytes(p.c, 10, 0);
	WAIT(({ OK(ioctl(p.s, FIONREAD, &n)); n == 10; }), 2000);
	EQ(inq_of(p.s, 3), 7);
	EQ(inq_of(p.s, 7), 0);
	send_text(p.c, "z");
	OK(close(p.c));
	WAIT(poll_for(p.s, POLLRDHUP, 0), 2000);
	/* there is an end to read */
	EQ(inq_of(p.s, 1), 1);
	OK(set(p.s, TTP_INQ, 0));
}

TEST(options_are_inherited_by_children)
{
	int l = sock_peer(), c = sock(), s;

	kept(l, TTP_SYNCNT, 9);
	kept(l, TTP_LINGER2, 9);
	kept(l, TTP_NOTSENT_LOWAT, 9000);
	kept(l, TTP_USER_TIMEOUT, 90000);
	kept(l, TTP_KEEPIDLE, 99);
	kept(l, TTP_INQ, 1);
	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 1));
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	EQ(get(s, TTP_SYNCNT), 9);
	EQ(get(s, TTP_LINGER2), 9);
	EQ(get(s, TTP_NOTSENT_LOWAT), 9000);
	EQ(get(s, TTP_USER_TIMEOUT), 90000);
	EQ(get(s, TTP_KEEPIDLE), 99);
	EQ(get(s, TTP_INQ), 1);
}

TEST(options_outlive_a_disconnect)
{
	struct pair p = connected();

	kept(p.c, TTP_SYNCNT, 9);
	kept(p.c, TTP_LINGER2, 9);
	kept(p.c, TTP_NOTSENT_LOWAT, 9000);
	OK(disconnect(p.c));
	EQ(get(p.c, TTP_SYNCNT), 9);
	EQ(get(p.c, TTP_LINGER2), 9);
	EQ(get(p.c, TTP_NOTSENT_LOWAT), 9000);
}

static int saved_syn(int fd, uint8_t *to, int room)
{
	socklen_t len = room;

	OK(getsockopt(fd, tcp_level(), TTP_SAVED_SYN, to, &len));
	return len;
}

TEST(SAVED_SYN_has_the_headers_of_the_SYN)
{
	uint8_t syn[200];
	socklen_t len = 10;
	struct pair p;
	int l, i;

	wire_up();
	wire_host(B);
	l = sock_peer();
	ERR(set(l, TTP_SAVE_SYN, 3), EINVAL);
	kept(l, TTP_SAVE_SYN, 2);
	kept(l, TTP_SAVE_SYN, 1);
	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 2));
	wire_host(A);
	for (i = 0; i < 2; i++) {
		p.c = sock();
		OK(connect_to(p.c, ip_b, port_of(l)));
	}
	p.s = OK(accept(l, NULL, NULL));
	ERR(getsockopt(p.s, tcp_level(), TTP_SAVED_SYN, syn, &len), EINVAL);
	EQ(len, ip_len() + 40);
	EQ(saved_syn(p.s, syn, sizeof(syn)), ip_len() + 40);
	EQ(syn[0], is_v6() ? 0x60 : 0x45);
	EQ(syn[ip_len() + 2] << 8 | syn[ip_len() + 3], port_of(l));
	EQ(syn[ip_len() + 13], SYN);
	EQ(saved_syn(p.s, syn, sizeof(syn)), 0);
	EQ(saved_syn(p.c, syn, sizeof(syn)), 0);
	/* the other's goes unread */
	OK(close(l));
}

/* Never a silent success of what is not there. */
TEST(what_TTP_does_not_have_is_no_option)
{
	static const int names[] = {
		TCP_MD5SIG, TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ,
		TCP_THIN_LINEAR_TIMEOUTS, TCP_THIN_DUPACK, TCP_TX_DELAY, TCP_ZEROCOPY_RECEIVE,
	};
	int fd = sock(), value = 0;
	socklen_t len;
	size_t i;

	if (!is_ttp())
		skip("TCP has them");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = sizeof(value);
		ERR(set(fd, names[i], 0), ENOPROTOOPT);
		ERR(getsockopt(fd, tcp_level(), names[i], &value, &len), ENOPROTOOPT);
	}
}

TEST(a_stream_joins_no_group)
{
	struct ip_mreqn group = { .imr_multiaddr.s_addr = htonl(0xe0000105) };
	struct ipv6_mreq group6 = { .ipv6mr_multiaddr.s6_addr = { 0xff, 2, [15] = 5 } };
	int fd = sock();

	ERR(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)), EPROTO);
	ERR(setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof(group)), EPROTO);
	if (!is_v6())
		return;
	ERR(setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group6, sizeof(group6)), EPROTO);
	ERR(setsockopt(fd, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &group6, sizeof(group6)), EPROTO);
	ERR(setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &group6, 4), EINVAL);
}

TEST(TCP_numbers_work_at_level_6)
{
	static const int names[] = {
		TCP_NODELAY, TCP_MAXSEG, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL,
		TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT,
		TCP_WINDOW_CLAMP, TCP_QUICKACK, TCP_USER_TIMEOUT, TCP_FASTOPEN,
		TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_NO_COOKIE, TCP_TIMESTAMP, TCP_NOTSENT_LOWAT, TCP_INQ,
	};
	int fd = sock(), value, other;
	socklen_t len;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = sizeof(value);
		OK(getsockopt(fd, IPPROTO_TCP, names[i], &value, &len));
		other = get(fd, names[i]);
		EXPECT(names[i] == TCP_TIMESTAMP || value == other);
	}
}
