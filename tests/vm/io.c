// SPDX-License-Identifier: GPL-2.0
/*
 * The send and receive family: flags, vectors, queue sizes, time limits,
 * signals.
 */
#include <linux/sockios.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "wire.h"

TEST(MSG_PEEK_leaves_the_data)
{
	struct pair p = connected();
	char buf[8];

	send_text(p.c, "peek");
	EQ(recv(p.s, buf, 2, MSG_PEEK | MSG_WAITALL), 2);
	EXPECT(!memcmp(buf, "pe", 2));
	EQ(recv(p.s, buf, 4, MSG_PEEK | MSG_WAITALL), 4);
	recv_text(p.s, "peek");
	ERR(recv(p.s, buf, 1, MSG_PEEK | MSG_DONTWAIT), EAGAIN);
}

TEST(MSG_PEEK_sees_the_end_of_file)
{
	struct pair p = connected();
	char c;

	OK(close(p.c));
	EQ(recv(p.s, &c, 1, MSG_PEEK), 0);
	EQ(recv(p.s, &c, 1, 0), 0);
}

static void *send_slowly(void *arg)
{
	int *fds = arg, i;

	for (i = 0; i < fds[2]; i++) {
		WAIT(asleep(fds[1]), 2000);
		send_bytes(fds[0], 100, i * 100);
	}
	return NULL;
}

TEST(MSG_WAITALL_waits_for_all)
{
	struct pair p = connected();
	int fds[] = { p.c, my_tid(), 5 };
	pthread_t t = spawn(send_slowly, fds);
	char buf[500];

	EQ(recv(p.s, buf, 500, MSG_WAITALL), 500);
	verify(buf, 500, 0);
	join(t);
}

/* where a page is missing: the second part has no place */
TEST(MSG_WAITALL_returns_what_it_could_place)
{
	struct pair p = connected();
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fds[] = { p.c, my_tid(), 2 };
	pthread_t t;

	EXPECT(page != MAP_FAILED);
	OK(munmap(page + 4096, 4096));
	t = spawn(send_slowly, fds);
	EQ(recv(p.s, page + 4096 - 100, 500, MSG_WAITALL), 100);
	verify(page + 4096 - 100, 100, 0);
	join(t);
}

TEST(a_call_that_does_not_wait_is_not_interrupted)
{
	int l = listener("127.0.0.1", 4000, 8);
	struct pair p = connected();
	char c;

	EQ(with_a_signal_pending(SYS_recvfrom, p.s, (long)&c, 1, MSG_DONTWAIT), -EAGAIN);
	nonblock(l);
	EQ(with_a_signal_pending(SYS_accept4, l, 0, 0, 0), -EAGAIN);
}

TEST(MSG_WAITALL_ends_at_the_end_of_file)
{
	struct pair p = connected();
	char buf[100];

	send_text(p.c, "short");
	OK(close(p.c));
	EQ(recv(p.s, buf, 100, MSG_WAITALL), 5);
	EQ(recv(p.s, buf, 100, MSG_WAITALL), 0);
}

TEST(recv_without_flags_returns_what_there_is)
{
	struct pair p = connected();
	char buf[100];

	send_text(p.c, "short");
	EQ(recv(p.s, buf, 100, 0), 5);
}

TEST(MSG_TRUNC_discards_data)
{
	struct pair p = connected();
	char buf[4] = "....";

	send_text(p.c, "garbage, then wheat");
	WAIT(({ int n = 0; ioctl(p.s, FIONREAD, &n); n == 19; }), 2000);
	EQ(recv(p.s, buf, 14, MSG_TRUNC), 14);
	EXPECT(!memcmp(buf, "....", 4));
	recv_text(p.s, "wheat");
}

TEST(recv_of_nothing_gives_nothing)
{
	struct pair p = connected();
	char c;

	send_text(p.c, "x");
	WAIT(poll_for(p.s, POLLIN, 0), 2000);
	EQ(recv(p.s, &c, 0, 0), 0);
	recv_text(p.s, "x");
	EQ(send(p.c, &c, 0, 0), 0);
}

TEST(vectors_are_gathered_and_scattered)
{
	char a[3] = "", b[5] = "", c[4] = "";
	struct iovec out[] = { { "one", 3 }, { "", 0 }, { "two", 3 },
			       { "three", 5 } };
	struct iovec in[] = { { a, 2 }, { b, 4 }, { c, 3 } };
	struct msghdr send_hdr = { .msg_iov = out, .msg_iovlen = 4 };
	struct msghdr recv_hdr = { .msg_iov = in, .msg_iovlen = 3 };
	struct pair p = connected();

	EQ(sendmsg(p.c, &send_hdr, 0), 11);
	EQ(recvmsg(p.s, &recv_hdr, MSG_WAITALL), 9);
	EXPECT(!memcmp(a, "on", 2) && !memcmp(b, "etwo", 4) &&
	       !memcmp(c, "thr", 3));
	EQ(readv(p.s, in, 1), 2);
	EXPECT(!memcmp(a, "ee", 2));
	EQ(writev(p.s, out, 4), 11);
	recv_text(p.c, "onetwothree");
}

TEST(recvmsg_says_nothing_of_an_address_or_of_controls)
{
	char buf[8], control[64];
	struct sockaddr_in from;
	struct iovec v = { buf, 8 };
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &v, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct pair p = connected();

	send_text(p.c, "x");
	EQ(recvmsg(p.s, &m, 0), 1);
	EQ(m.msg_namelen, 0);
	EQ(m.msg_controllen, 0);
	EQ(m.msg_flags, 0);
}

TEST(read_and_write_are_recv_and_send)
{
	struct pair p = connected();
	char buf[8];

	EQ(write(p.c, "write", 5), 5);
	EQ(read(p.s, buf, 8), 5);
	OK(close(p.c));
	EQ(read(p.s, buf, 8), 0);
}

TEST(sendfile_sends_a_file)
{
	struct pair p = connected();
	int f = OK(memfd_create("file", 0));
	char buf[20000];
	off_t at = 1000;

	fill(buf, sizeof(buf), 0);
	EQ(write(f, buf, sizeof(buf)), sizeof(buf));
	EQ(sendfile(p.c, f, &at, 15000), 15000);
	recv_bytes(p.s, 15000, 1000);
}

static atomic_int short_segs;

static enum verdict count_short(const struct seg *s)
{
	short_segs += s->from == A && s->text && s->text < 1000;
	return PASS;
}

static void *recv_file(void *arg)
{
	recv_bytes(*(int *)arg, 60000, 0);
	return NULL;
}

static void *send_a_million(void *arg)
{
	send_bytes(*(int *)arg, 1000000, 0);
	OK(shutdown(*(int *)arg, SHUT_WR));
	return NULL;
}

TEST(splice_moves_data_into_a_pipe)
{
	struct pair p = connected();
	char buf[8] = "";
	int ends[2];

	OK(pipe(ends));
	send_text(p.c, "splice");
	EQ(splice(p.s, NULL, ends[1], NULL, 6, 0), 6);
	EQ(read(ends[0], buf, 8), 6);
	EXPECT(!strcmp(buf, "splice"));
}

TEST(splice_moves_a_pipe_into_the_stream)
{
	struct pair p = connected();
	int ends[2];

	OK(pipe(ends));
	EQ(write(ends[1], "from a pipe", 11), 11);
	EQ(splice(ends[0], NULL, p.c, NULL, 100, 0), 11);
	recv_text(p.s, "from a pipe");
}

static void *splice_all(void *arg)
{
	int *fds = arg, n;

	do {
		n = OK(splice(fds[0], NULL, fds[1], NULL, 1 << 20, SPLICE_F_MOVE));
	} while (n);
	OK(close(fds[1]));
	return NULL;
}

/* data that comes as it likes, a pipe that is full now and then */
TEST_SECONDS(splice_moves_all_that_comes, 10)
{
	struct pair p = connected();
	char buf[5000];
	size_t n, at = 0;
	int ends[2], *fds;
	pthread_t t, u;

	OK(pipe(ends));
	fds = (int[]) { p.s, ends[1] };
	t = spawn(splice_all, fds);
	u = spawn(send_a_million, &p.c);
	while ((n = OK(read(ends[0], buf, sizeof(buf))))) {
		verify(buf, n, at);
		at += n;
	}
	EQ(at, 1000000);
	join(t);
	join(u);
}

TEST(splice_waits_or_does_not)
{
	struct pair p = connected();
	int ends[2], fds[] = { p.c, my_tid(), 5 };
	pthread_t t;

	OK(pipe(ends));
	ERR(splice(p.l, NULL, ends[1], NULL, 6, 0), ENOTCONN);
	t = spawn(send_slowly, fds);
	EQ(splice(p.s, NULL, ends[1], NULL, 100, 0), 100);
	recv_bytes(p.s, 400, 100);
	join(t);
	nonblock(p.s);
	ERR(splice(p.s, NULL, ends[1], NULL, 6, 0), EAGAIN);
	OK(close(p.c));
	WAIT(poll_for(p.s, POLLIN, 0), 2000);
	EQ(splice(p.s, NULL, ends[1], NULL, 6, 0), 0);
}

TEST(splice_does_not_wait_for_SO_RCVLOWAT)
{
	struct pair p = connected();
	int ends[2];

	OK(pipe(ends));
	OK(set_int(p.s, SOL_SOCKET, SO_RCVLOWAT, 100));
	send_text(p.c, "short");
	/* who waits for the first byte would be woken by the 100th */
	WAIT(({ int n = 0; ioctl(p.s, FIONREAD, &n); n == 5; }), 2000);
	EQ(splice(p.s, NULL, ends[1], NULL, 1000, 0), 5);
}

/* Each page but the last comes with MSG_SENDPAGE_NOTLAST, later MSG_MORE. */
TEST_SECONDS(sendfile_fills_its_segments, 10)
{
	int f = OK(memfd_create("file", 0));
	static char file[60000];	/* less than a pipe takes at once */
	struct pair p;
	pthread_t t;

	fill(file, sizeof(file), 0);
	EQ(write(f, file, sizeof(file)), sizeof(file));
	wire_up();
	wire_filter(count_short);
	p = connected();
	/* or Nagle's algorithm would fill them */
	OK(set_int(p.c, tcp_level(), TTP_NODELAY, 1));
	t = spawn(recv_file, &p.s);
	EQ(sendfile(p.c, f, &(off_t) { 0 }, sizeof(file)), sizeof(file));
	join(t);
	/* where the buffer was full, and the last */
	EXPECT(short_segs <= 6);
}

TEST(FIONREAD_says_what_may_be_read)
{
	struct pair p = connected();
	int n = -1;

	OK(ioctl(p.s, FIONREAD, &n));
	EQ(n, 0);
	send_bytes(p.c, 3000, 0);
	WAIT(({ OK(ioctl(p.s, SIOCINQ, &n)); n == 3000; }), 2000);
	recv_bytes(p.s, 1000, 0);
	OK(ioctl(p.s, FIONREAD, &n));
	EQ(n, 2000);
	ERR(ioctl(p.l, FIONREAD, &n), EINVAL);
}

static enum verdict swallow(const struct seg *s)
{
	return DROP;
}

/* the peer goes, with data unread */
static void reset_by(struct pair *p)
{
	send_text(p->c, "x");
	WAIT(poll_for(p->s, POLLIN, 0), 2000);
	OK(close(p->s));
	WAIT(state_is(p->c, "CLOSED"), 2000);
}

TEST(no_byte_is_read_only_where_there_is_one)
{
	struct pair p = connected();
	char c;

	ERR(recv(sock(), &c, 0, 0), ENOTCONN);
	ERR(recv(p.s, &c, 0, MSG_DONTWAIT), EAGAIN);
	send_text(p.c, "x");
	EQ(recv(p.s, &c, 0, 0), 0);	/* it waits */
	recv_text(p.s, "x");
	OK(shutdown(p.c, SHUT_WR));
	EQ(recv(p.s, &c, 0, 0), 0);
	p = connected();
	reset_by(&p);
	ERR(recv(p.c, &c, 0, 0), ECONNRESET);
	EQ(recv(p.c, &c, 0, 0), 0);
}

static int outq(int fd)
{
	int n;

	OK(ioctl(fd, SIOCOUTQ, &n));
	return n;
}

TEST(SIOCOUTQ_counts_the_FIN_and_what_was_lost)
{
	struct pair p = connected();
	int n;

	fill_window(p.c);
	n = outq(p.c);
	OK(shutdown(p.c, SHUT_WR));
	EQ(outq(p.c), n + 1);
	OK(close(p.s));
	WAIT(state_is(p.c, "CLOSED"), 2000);
	EXPECT(outq(p.c) > 0);
	p = connected();
	OK(shutdown(p.c, SHUT_WR));
	WAIT(outq(p.c) == 0, 2000);
}

TEST(SIOCOUTQ_says_what_is_not_acknowledged)
{
	struct pair p;
	int n;

	wire_up();
	p = connected();
	send_bytes(p.c, 3000, 0);
	WAIT(({ OK(ioctl(p.c, SIOCOUTQ, &n)); n == 0; }), 2000);
	wire_filter(swallow);
	send_bytes(p.c, 3000, 3000);
	OK(ioctl(p.c, SIOCOUTQ, &n));
	EQ(n, 3000);
	ERR(ioctl(p.l, SIOCOUTQ, &n), EINVAL);
}

TEST(unknown_ioctl_gives_ENOTTY)
{
	ERR(ioctl(sock(), 0x1234, NULL), ENOTTY);
}

TEST(SO_RCVTIMEO_limits_recv_and_accept)
{
	struct pair p = connected();
	int64_t start;
	char c;

	OK(set_timeout(p.s, SO_RCVTIMEO, 100));
	OK(set_timeout(p.l, SO_RCVTIMEO, 100));
	start = now_ms();
	ERR(recv(p.s, &c, 1, 0), EAGAIN);
	EXPECT(now_ms() - start >= 90);
	ERR(accept(p.l, NULL, NULL), EAGAIN);
}

TEST(SO_SNDTIMEO_limits_send)
{
	struct pair p = connected();
	int64_t start;

	OK(set_timeout(p.c, SO_SNDTIMEO, 100));
	fill_window(p.c);
	start = now_ms();
	ERR(send(p.c, "x", 1, MSG_NOSIGNAL), EAGAIN);
	EXPECT(now_ms() - start >= 90);
}

static void no_op(int sig)
{
}

static void *interrupt(void *arg)
{
	pid_t *tid = arg;

	WAIT(asleep(*tid), 2000);
	kill(*tid, SIGUSR1);
	return NULL;
}

/* Without SA_RESTART; the signal comes when this thread sleeps. */
static void interrupt_me(int flags)
{
	struct sigaction a = { .sa_handler = no_op, .sa_flags = flags };
	static pid_t tid;

	tid = my_tid();
	sigaction(SIGUSR1, &a, NULL);
	spawn(interrupt, &tid);
}

TEST(a_signal_interrupts_recv)
{
	struct pair p = connected();
	char c;

	interrupt_me(0);
	ERR(recv(p.c, &c, 1, 0), EINTR);
	send_text(p.s, "after");
	recv_text(p.c, "after");
}

TEST(a_signal_interrupts_accept)
{
	int l = listener(ip_b, 0, 1);

	interrupt_me(0);
	ERR(accept(l, NULL, NULL), EINTR);
}

TEST(a_signal_interrupts_send)
{
	struct pair p = connected();

	fill_window(p.c);
	interrupt_me(0);
	ERR(send(p.c, "x", 1, MSG_NOSIGNAL), EINTR);
}

TEST(a_signal_interrupts_connect_which_goes_on)
{
	int fd, l, port;

	wire_up();
	wire_host(B);
	l = listener(ip_b, 0, 1);
	port = port_of(l);
	wire_host(A);
	wire_filter(swallow);
	fd = sock();
	interrupt_me(0);
	ERR(connect_to(fd, ip_b, port), EINTR);
	nonblock(fd);
	ERR(connect_to(fd, ip_b, port), EALREADY);
	wire_filter(NULL);
	WAIT(poll_for(fd, POLLOUT, 0) == POLLOUT, 3000);
	EQ(so_error(fd), 0);
}

static void *interrupt_then_send(void *arg)
{
	int *fds = arg;

	WAIT(asleep(fds[1]), 2000);
	kill(fds[1], SIGUSR1);
	WAIT(asleep(fds[1]), 2000);
	send_text(fds[0], "x");
	return NULL;
}

TEST(SA_RESTART_restarts_recv)
{
	struct sigaction a = { .sa_handler = no_op, .sa_flags = SA_RESTART };
	struct pair p = connected();
	int fds[2] = { p.s, my_tid() };
	pthread_t t;

	sigaction(SIGUSR1, &a, NULL);
	t = spawn(interrupt_then_send, fds);
	recv_text(p.c, "x");
	join(t);
}

TEST(a_bad_buffer_gives_EFAULT)
{
	struct pair p = connected();
	void *bad = (void *)16;

	ERR(send(p.c, bad, 100, MSG_NOSIGNAL), EFAULT);
	send_text(p.c, "fine");
	WAIT(poll_for(p.s, POLLIN, 0), 2000);
	ERR(recv(p.s, bad, 4, 0), EFAULT);
	recv_text(p.s, "fine");
}

TEST(sendto_with_an_address_ignores_it_when_connected)
{
	struct sockaddr_in a = addr("192.0.2.1", 9);
	struct pair p = connected();
	char buf[4];

	a = addr("192.0.2.1", 9);
	if (sendto(p.c, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&a,
		   sizeof(a)) < 0)
		EQ(errno, EISCONN);
	else
		EQ(recv(p.s, buf, 1, 0), 1);
}

TEST(sendmmsg_and_recvmmsg_work)
{
	char a[4] = "", b[4] = "";
	struct iovec out[2] = { { "abc", 3 }, { "def", 3 } };
	struct iovec in[2] = { { a, 3 }, { b, 3 } };
	struct mmsghdr o[2] = {
		{ .msg_hdr = { .msg_iov = &out[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &out[1], .msg_iovlen = 1 } },
	};
	struct mmsghdr i[2] = {
		{ .msg_hdr = { .msg_iov = &in[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &in[1], .msg_iovlen = 1 } },
	};
	struct pair p = connected();

	EQ(sendmmsg(p.c, o, 2, 0), 2);
	EQ(recvmmsg(p.s, i, 2, MSG_WAITALL, NULL), 2);
	EXPECT(!strcmp(a, "abc") && !strcmp(b, "def"));
}

TEST(MSG_MORE_holds_data_back)
{
	struct pair p;
	int n;

	wire_up();
	p = connected();
	EQ(send(p.c, "ab", 2, MSG_MORE), 2);
	STAYS(!poll_for(p.s, POLLIN, 0), 50);
	EQ(send(p.c, "cd", 2, 0), 2);
	WAIT(({ OK(ioctl(p.s, FIONREAD, &n)); n == 4; }), 2000);
	EQ(wire_data(A), 1);
}

TEST(MSG_ZEROCOPY_is_ignored_without_SO_ZEROCOPY)
{
	struct pair p = connected();
	char c;

	EQ(send(p.c, "abc", 3, 0x4000000 /* MSG_ZEROCOPY */), 3);
	recv_text(p.s, "abc");
	ERR(recv(p.c, &c, 1, MSG_ERRQUEUE), EAGAIN);
}

TEST(recvmmsg_does_not_wait_for_all)
{
	char a[4] = "", b[4] = "";
	struct iovec in[2] = { { a, 3 }, { b, 3 } };
	struct mmsghdr i[2] = {
		{ .msg_hdr = { .msg_iov = &in[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &in[1], .msg_iovlen = 1 } },
	};
	struct pair p = connected();

	send_text(p.c, "abc");
	EQ(recvmmsg(p.s, i, 2, MSG_WAITFORONE, NULL), 1);
	EXPECT(!strcmp(a, "abc"));
	ERR(recvmmsg(p.s, i, 2, MSG_DONTWAIT, NULL), EAGAIN);
}

static atomic_int ios;

static void count_io(int sig)
{
	ios++;
}

/* poll(), and SIGIO: nobody is told of less */
TEST(SO_RCVLOWAT_wakes_when_there_is_so_much)
{
	struct pair p = connected();

	signal(SIGIO, count_io);
	OK(fcntl(p.s, F_SETOWN, getpid()));
	OK(fcntl(p.s, F_SETFL, O_ASYNC));
	OK(set_int(p.s, SOL_SOCKET, SO_RCVLOWAT, 10));
	send_text(p.c, "123456789");
	STAYS(!poll_for(p.s, POLLIN, 0) && !ios, 50);
	send_text(p.c, "0");
	WAIT(poll_for(p.s, POLLIN, 0) == POLLIN && ios, 2000);
	recv_text(p.s, "1234567890");
}

static void *send_after_a_while(void *arg)
{
	int *fds = arg;

	WAIT(asleep(fds[1]), 2000);
	send_text(fds[0], "12345");
	pause_ms(20);
	send_text(fds[0], "67890");
	return NULL;
}

TEST(SO_RCVLOWAT_holds_recv_back)
{
	struct pair p = connected();
	int fds[2] = { p.c, my_tid() };
	pthread_t t = spawn(send_after_a_while, fds);
	char buf[100];

	OK(set_int(p.s, SOL_SOCKET, SO_RCVLOWAT, 10));
	EQ(recv(p.s, buf, sizeof(buf), 0), 10);
	join(t);
}

TEST(SO_RCVLOWAT_does_not_keep_the_end_back)
{
	struct pair p = connected();

	OK(set_int(p.s, SOL_SOCKET, SO_RCVLOWAT, 10));
	send_text(p.c, "123");
	OK(close(p.c));
	WAIT(poll_for(p.s, POLLIN, 0) & POLLIN, 2000);
	recv_text(p.s, "123");
	recv_eof(p.s);
}
