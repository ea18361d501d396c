// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data: MSG_OOB, SO_OOBINLINE, SIOCATMARK, SIGURG, POLLPRI.
 */
#include <linux/sockios.h>
#include <sys/syscall.h>
#include "wire.h"

static int at_mark(int fd)
{
	int yes;

	OK(ioctl(fd, SIOCATMARK, &yes));
	return yes;
}

static int readable(int fd)
{
	int n;

	OK(ioctl(fd, FIONREAD, &n));
	return n;
}

static void send_urgent(int fd, const char *text)
{
	EQ(send(fd, text, strlen(text), MSG_OOB), (long)strlen(text));
}

static int urgent_byte(int fd)
{
	char c;

	EQ(recv(fd, &c, 1, MSG_OOB), 1);
	return c;
}

static void wait_urgent(int fd)
{
	WAIT(poll_for(fd, POLLPRI, 0) == POLLPRI, 2000);
}

/* a pair with "abc", the urgent "X" and "def" received */
static struct pair marked(bool inl)
{
	struct pair p = connected();

	if (inl)
		OK(set_int(p.s, SOL_SOCKET, SO_OOBINLINE, 1));
	send_text(p.c, "abc");
	send_urgent(p.c, "X");
	send_text(p.c, "def");
	wait_urgent(p.s);
	return p;
}

/* MUST-30 */
TEST(urgent_byte_is_read_apart_from_the_stream)
{
	struct pair p = marked(false);
	char buf[10];

	EQ(urgent_byte(p.s), 'X');
	EQ(recv(p.s, buf, sizeof(buf), 0), 3);
	WAIT(poll_for(p.s, POLLIN, 0) == POLLIN, 2000);
	recv_text(p.s, "def");
}

/* However the write was cut, its last byte is sent with the mark. */
TEST(urgent_byte_of_a_long_write_is_told)
{
	static char buf[40000];
	struct pair p = connected_buffers(0, 200000);
	int i;

	for (i = 0; i < 4; i++) {
		EQ(send(p.c, buf, sizeof(buf), MSG_OOB), sizeof(buf));
		EQ(poll_till(p.s, POLLPRI), POLLPRI);
		WAIT(readable(p.s) == sizeof(buf) - 1, 2000);
		EQ(recv(p.s, buf, sizeof(buf), MSG_WAITALL), sizeof(buf) - 1);
		EQ(urgent_byte(p.s), 0);
	}
}

TEST(urgent_byte_is_read_once)
{
	struct pair p = marked(false);
	char c;

	EQ(urgent_byte(p.s), 'X');
	ERR(recv(p.s, &c, 1, MSG_OOB), EINVAL);
}

TEST(MSG_PEEK_leaves_the_urgent_byte)
{
	struct pair p = marked(false);
	char c;

	EQ(recv(p.s, &c, 1, MSG_OOB | MSG_PEEK), 1);
	EQ(urgent_byte(p.s), 'X');
}

/* MUST-33 */
TEST(a_read_stops_at_the_mark)
{
	struct pair p = marked(false);
	char buf[10];

	EQ(at_mark(p.s), 0);
	EQ(readable(p.s), 3);
	EQ(recv(p.s, buf, sizeof(buf), 0), 3);
	EQ(at_mark(p.s), 1);
	WAIT(poll_for(p.s, POLLIN, 0) == POLLIN, 2000);
	recv_text(p.s, "def");
	EQ(at_mark(p.s), 0);
}

TEST(who_passes_the_mark_has_lost_the_byte)
{
	struct pair p = marked(false);
	char c;

	recv_text(p.s, "abc");
	recv_text(p.s, "def");
	ERR(recv(p.s, &c, 1, MSG_OOB), EINVAL);
	EQ(poll_for(p.s, POLLPRI, 0), 0);
}

/* The reader came to the mark before the byte was announced: its handler may want it. */
TEST(who_is_at_the_mark_is_interrupted)
{
	struct pair p = connected();
	char buf[4];

	send_urgent(p.c, "X");
	send_text(p.c, "def");
	wait_urgent(p.s);
	EQ(with_a_signal_pending(SYS_recvfrom, p.s, (long)buf, 4, MSG_DONTWAIT), -EAGAIN);
	EQ(with_a_signal_pending(SYS_recvfrom, p.s, (long)buf, 4, 0), -512 /* ERESTARTSYS */);
	EXPECT(at_mark(p.s));
	EQ(urgent_byte(p.s), 'X');
	recv_text(p.s, "def");
}

TEST(OOBINLINE_leaves_it_in_the_stream_behind_the_mark)
{
	struct pair p = marked(true);
	char c;

	ERR(recv(p.s, &c, 1, MSG_OOB), EINVAL);
	recv_text(p.s, "abc");
	EQ(at_mark(p.s), 1);
	recv_text(p.s, "Xdef");
}

TEST(peeking_stops_at_the_mark_too)
{
	struct pair p = marked(false);
	char buf[10];

	EQ(recv(p.s, buf, sizeof(buf), MSG_PEEK), 3);
	recv_text(p.s, "abc");
	EQ(recv(p.s, buf, 3, MSG_PEEK), 3);
	EXPECT(!memcmp(buf, "def", 3));
	recv_text(p.s, "def");
}

TEST(a_byte_at_the_mark_alone_is_not_readable)
{
	struct pair p = connected();
	char c;

	send_urgent(p.c, "X");
	wait_urgent(p.s);
	EQ(poll_for(p.s, POLLIN, 0), 0);
	ERR(recv(p.s, &c, 1, MSG_DONTWAIT), EAGAIN);
	send_text(p.c, "a");
	recv_text(p.s, "a");
}

TEST(of_several_urgent_bytes_the_last_counts)
{
	struct pair p = connected();

	send_urgent(p.c, "one");
	wait_urgent(p.s);
	recv_text(p.s, "on");
	EQ(urgent_byte(p.s), 'e');
	send_urgent(p.c, "two");
	WAIT(poll_for(p.s, POLLPRI, 0) == POLLPRI, 2000);
	EQ(urgent_byte(p.s), 'o');
	recv_text(p.s, "tw");
}

/* the mark moves on while nobody reads: the first byte is data then */
TEST(a_mark_that_was_overtaken_is_data)
{
	struct pair p = connected();

	send_text(p.c, "a");
	send_urgent(p.c, "b");
	wait_urgent(p.s);
	send_text(p.c, "c");
	send_urgent(p.c, "d");
	WAIT(readable(p.s) == 3, 2000);
	recv_text(p.s, "abc");
	EQ(urgent_byte(p.s), 'd');
}

TEST(MSG_OOB_of_a_listener_gives_ENOTCONN)
{
	char c;

	ERR(recv(listener(ip_b, 0, 1), &c, 1, MSG_OOB), ENOTCONN);
}

TEST(MSG_OOB_without_urgent_data_gives_EINVAL)
{
	struct pair p = connected();
	char c;

	ERR(recv(p.s, &c, 1, MSG_OOB), EINVAL);
	send_text(p.c, "a");
	recv_text(p.s, "a");
	ERR(recv(p.s, &c, 1, MSG_OOB), EINVAL);
}

static enum verdict hold_text(const struct seg *s)
{
	return s->from == A && s->text ? DROP : PASS;
}

/* full window: the pointer travels ahead of the byte */
TEST_SECONDS(urgency_is_told_ahead_of_the_data_when_the_window_is_shut, 10)
{
	struct pair p;
	char c;

	wire_up();
	p = connected_buffers(8192, 8192);
	fill_window(p.c);	/* leaves less than the pointer's 64 KiB to be sent */
	wire_filter(hold_text);
	OK(set_int(p.c, SOL_SOCKET, SO_SNDBUF, 1 << 20));
	send_urgent(p.c, "X");
	WAIT(recv(p.s, &c, 1, MSG_OOB) == -1 && errno == EAGAIN, 5000);
}

static atomic_int signals;

static void on_urg(int sig)
{
	signals++;
}

/* MUST-32 */
TEST(SIGURG_comes_once_for_each_urgent_byte)
{
	struct pair p = connected();

	signal(SIGURG, on_urg);
	OK(fcntl(p.s, F_SETOWN, getpid()));
	send_text(p.c, "abc");
	recv_text(p.s, "abc");
	EQ(signals, 0);
	send_urgent(p.c, "X");
	WAIT(signals == 1, 2000);
	send_urgent(p.c, "Y");
	WAIT(signals == 2, 2000);
}

static atomic_int with_urg;

static enum verdict count_urg(const struct seg *s)
{
	if (s->from == A && s->text && s->th->urg &&
	    ntohs(s->th->urg_ptr) == s->text)
		with_urg++;
	return PASS;
}

/* MUST-62 */
TEST(the_pointer_points_to_the_byte_after_the_urgent_one)
{
	struct pair p;

	wire_up();
	wire_filter(count_urg);
	wire_host(B);
	p.l = listener(ip_b, 0, 1);
	wire_host(A);
	p.c = sock();
	OK(connect_to(p.c, ip_b, port_of(p.l)));
	p.s = OK(accept(p.l, NULL, NULL));
	send_urgent(p.c, "XYZ");
	wait_urgent(p.s);
	EQ(with_urg, 1);
	EQ(urgent_byte(p.s), 'Z');
}

TEST(select_reports_an_urgent_byte_as_an_exception)
{
	struct timeval tv = { 2, 0 };
	struct pair p = connected();
	fd_set ex;

	send_urgent(p.c, "X");
	FD_ZERO(&ex);
	FD_SET(p.s, &ex);
	EQ(select(p.s + 1, NULL, NULL, &ex, &tv), 1);
}

TEST(MSG_OOB_after_the_end_gives_nothing_when_it_was_announced_only)
{
	struct pair p = marked(false);

	EQ(urgent_byte(p.s), 'X');
	OK(shutdown(p.c, SHUT_WR));
	recv_text(p.s, "abc");
	recv_text(p.s, "def");
	recv_eof(p.s);
}
