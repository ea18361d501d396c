// SPDX-License-Identifier: GPL-2.0
/*
 * SO_TIMESTAMP, SO_TIMESTAMPING and the error queue.
 */
#include <time.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/ip_icmp.h>
#include "wire.h"

static void set(int fd, int level, int name, int value)
{
	OK(set_int(fd, level, name, value));
}

/* recvmsg() with control messages.  Return: the bytes. */
static int receive(int fd, struct msghdr *m, int flags)
{
	static char buf[2000], control[500];
	static struct iovec v;

	v = (struct iovec) { buf, sizeof(buf) };
	*m = (struct msghdr) {
		.msg_iov = &v, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	return recvmsg(fd, m, flags);
}

static void *control_of(struct msghdr *m, int level, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return CMSG_DATA(c);
	return NULL;
}

static void is_recent(const struct timespec *t)
{
	struct timespec now;

	EXPECT(t);
	clock_gettime(CLOCK_REALTIME, &now);
	EXPECT(t->tv_sec <= now.tv_sec && t->tv_sec >= now.tv_sec - 5);
}

/* A thread of the kernel's throws the switch: what comes before has no stamp. */
static void *stamp_of(const struct pair *p, int type)
{
	struct msghdr m;
	void *stamp;

	WAIT((send_text(p->c, "now"), OK(receive(p->s, &m, 0)),
	      (stamp = control_of(&m, SOL_SOCKET, type))), 2000);
	return stamp;
}

TEST(SO_TIMESTAMP_says_when_data_came)
{
	struct pair p = connected();
	struct timeval *t;

	set(p.s, SOL_SOCKET, SO_TIMESTAMP, 1);
	t = stamp_of(&p, SO_TIMESTAMP);
	is_recent(&(struct timespec) { .tv_sec = t->tv_sec });
}

TEST(SO_TIMESTAMPNS_is_the_same_in_nanoseconds)
{
	struct pair p = connected();

	set(p.s, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	is_recent(stamp_of(&p, SO_TIMESTAMPNS));
}

TEST(SO_TIMESTAMPING_says_when_data_came)
{
	struct pair p = connected();
	struct msghdr m;

	set(p.s, SOL_SOCKET, SO_TIMESTAMPING,
	    SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
	is_recent(stamp_of(&p, SO_TIMESTAMPING));
	set(p.s, SOL_SOCKET, SO_TIMESTAMPING, 0);
	send_text(p.c, "now");
	EQ(receive(p.s, &m, 0), 3);
	EQ(m.msg_controllen, 0);
}

static struct sock_extended_err *error_of(struct msghdr *m)
{
	return is_v6() ? control_of(m, IPPROTO_IPV6, IPV6_RECVERR) :
			 control_of(m, IPPROTO_IP, IP_RECVERR);
}

/* What was told of the last byte of a write, by kind: SCM_TSTAMP_*. */
static void collect(int fd, int want, int64_t keys[4])
{
	struct sock_extended_err *e;
	struct msghdr m;

	memset(keys, -1, 4 * sizeof(keys[0]));
	while (want--) {
		EQ(poll_till(fd, POLLERR), POLLERR);
		EXPECT(receive(fd, &m, MSG_ERRQUEUE) >= 0);
		EXPECT(m.msg_flags & MSG_ERRQUEUE);
		is_recent(control_of(&m, SOL_SOCKET, SO_TIMESTAMPING));
		e = error_of(&m);
		EXPECT(e);
		EQ(e->ee_errno, ENOMSG);
		EQ(e->ee_origin, SO_EE_ORIGIN_TIMESTAMPING);
		EXPECT(e->ee_info < 4);
		keys[e->ee_info] = e->ee_data;
	}
	ERR(receive(fd, &m, MSG_ERRQUEUE), EAGAIN);
}

#define TX_ALL (SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE |	\
		SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE |		\
		SOF_TIMESTAMPING_OPT_ID)

TEST(SO_TIMESTAMPING_says_when_data_left_and_was_acknowledged)
{
	struct pair p = connected();
	int64_t keys[4];

	set(p.c, SOL_SOCKET, SO_TIMESTAMPING, TX_ALL | SOF_TIMESTAMPING_OPT_TSONLY);
	send_text(p.c, "0123456789");
	collect(p.c, 3, keys);
	EQ(keys[SCM_TSTAMP_SCHED], 9);
	EQ(keys[SCM_TSTAMP_SND], 9);
	EQ(keys[SCM_TSTAMP_ACK], 9);
	send_text(p.c, "01234");
	collect(p.c, 3, keys);
	EQ(keys[SCM_TSTAMP_SND], 14);
}

/* The last byte counts, wherever the data was cut. */
TEST(a_long_write_is_stamped_at_its_end)
{
	static char buf[5000];
	struct pair p;
	int64_t keys[4];

	wire_up();
	p = connected();
	set(p.c, SOL_SOCKET, SO_TIMESTAMPING, TX_ALL | SOF_TIMESTAMPING_OPT_TSONLY);
	EQ(send(p.c, buf, sizeof(buf), 0), sizeof(buf));
	collect(p.c, 3, keys);
	EQ(keys[SCM_TSTAMP_SCHED], 4999);
	EQ(keys[SCM_TSTAMP_SND], 4999);
	EQ(keys[SCM_TSTAMP_ACK], 4999);
}

/* What is sent before all of it is written is not the last byte. */
TEST(long_writes_are_stamped_when_they_leave)
{
	static char buf[40000];
	struct pair p = connected();
	int64_t keys[4];
	int i;

	set(p.c, SOL_SOCKET, SO_TIMESTAMPING, TX_ALL | SOF_TIMESTAMPING_OPT_TSONLY);
	for (i = 1; i <= 4; i++) {
		EQ(send(p.c, buf, sizeof(buf), 0), sizeof(buf));
		EQ(recv(p.s, buf, sizeof(buf), MSG_WAITALL), sizeof(buf));
		collect(p.c, 3, keys);
		EQ(keys[SCM_TSTAMP_SCHED], i * sizeof(buf) - 1);
		EQ(keys[SCM_TSTAMP_SND], i * sizeof(buf) - 1);
	}
}

/* A byte, and be told when it is acknowledged. */
static void send_stamped(int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(uint32_t))];
		struct cmsghdr c;
	} u = { .c = {
		.cmsg_level = SOL_SOCKET, .cmsg_type = SO_TIMESTAMPING,
		.cmsg_len = CMSG_LEN(sizeof(uint32_t)),
	} };
	struct iovec v = { "x", 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1,
		.msg_control = &u, .msg_controllen = sizeof(u),
	};

	set(fd, SOL_SOCKET, SO_TIMESTAMPING, SOF_TIMESTAMPING_SOFTWARE |
	    SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY);
	*(uint32_t *)CMSG_DATA(&u.c) = SOF_TIMESTAMPING_TX_ACK;
	EQ(sendmsg(fd, &m, 0), 1);
	u.c.cmsg_type = 9999;
	ERR(sendmsg(fd, &m, 0), EINVAL);
}

TEST(a_write_may_ask_for_itself)
{
	struct pair p = connected();
	int64_t keys[4];

	send_stamped(p.c);
	collect(p.c, 1, keys);
	EQ(keys[SCM_TSTAMP_ACK], 0);
	send_text(p.c, "y");
	collect(p.c, 0, keys);
}

static uint32_t first_seq;

static enum verdict lose_all_but_the_first(const struct seg *s)
{
	if (s->from != A || !s->text)
		return PASS;
	first_seq = first_seq ?: ntohl(s->th->seq);
	return ntohl(s->th->seq) == first_seq ? PASS : DROP;
}

/* written behind it, sent in the same packet, and lost */
TEST(a_byte_is_acknowledged_before_what_follows_it)
{
	static char buf[5000];
	struct pair p;
	int64_t keys[4];

	wire_up();
	p = connected();
	wire_filter(lose_all_but_the_first);
	set(p.c, tcp_level(), TTP_CORK, 1);
	send_stamped(p.c);
	EQ(send(p.c, buf, sizeof(buf), 0), sizeof(buf));
	set(p.c, tcp_level(), TTP_CORK, 0);
	collect(p.c, 1, keys);
	EQ(keys[SCM_TSTAMP_ACK], 0);
}

TEST(an_empty_error_queue_gives_EAGAIN)
{
	struct pair p = connected();
	char c;

	ERR(recv(p.c, &c, 1, MSG_ERRQUEUE), EAGAIN);
	ERR(recv(sock(), &c, 1, MSG_ERRQUEUE), EAGAIN);
}

static enum verdict unreachable(const struct seg *s)
{
	if (!(seg_flags(s) & SYN))
		return PASS;
	wire_icmp(s, ICMP_HOST_UNREACH);
	return DROP;
}

TEST(IP_RECVERR_tells_the_ICMP_message_about_a_SYN)
{
	struct sock_extended_err *e;
	struct sockaddr_in *offender;
	struct msghdr m;
	int fd;

	wire_up();
	wire_filter(unreachable);
	wire_host(A);
	fd = sock();
	if (is_v6())
		set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	else
		set(fd, IPPROTO_IP, IP_RECVERR, 1);
	nonblock(fd);
	ERR(connect_to(fd, ip_b, 7), EINPROGRESS);
	WAIT(poll_for(fd, POLLERR, 0) & POLLERR, 2000);
	WAIT(receive(fd, &m, MSG_ERRQUEUE) >= 0, 1000);
	e = error_of(&m);
	EXPECT(e);
	EQ(e->ee_errno, EHOSTUNREACH);
	EQ(e->ee_origin, is_v6() ? SO_EE_ORIGIN_ICMP6 : SO_EE_ORIGIN_ICMP);
	EQ(e->ee_type, is_v6() ? 1 : ICMP_DEST_UNREACH);
	EQ(e->ee_code, is_v6() ? 3 : ICMP_HOST_UNREACH);
	offender = (struct sockaddr_in *)SO_EE_OFFENDER(e);
	EQ(offender->sin_family, is_v6() ? AF_INET6 : AF_INET);
	WAIT(state_is(fd, "CLOSED"), 1000);	/* the message is queued first */
}
