// SPDX-License-Identifier: GPL-2.0
/*
 * The ways to end a connection, or a half of it: shutdown(), close() with
 * data that nobody read, SO_LINGER, and what writing afterwards gives.
 */
#include <sys/wait.h>
#include "wire.h"

TEST(after_shutdown_of_writing_data_still_comes_the_other_way)
{
	struct pair p = connected();

	send_text(p.c, "request");
	OK(shutdown(p.c, SHUT_WR));
	recv_text(p.s, "request");
	recv_eof(p.s);
	send_bytes(p.s, 100000, 0);
	recv_bytes(p.c, 100000, 0);
	OK(close(p.s));
	recv_eof(p.c);
}

TEST(half_closed_ends_are_in_FIN_WAIT_2_and_CLOSE_WAIT)
{
	struct pair p = connected();

	OK(shutdown(p.c, SHUT_WR));
	WAIT(state_is(p.c, "FIN_WAIT_2"), 2000);
	WAIT(state_is(p.s, "CLOSE_WAIT"), 2000);
}

TEST(writing_after_shutdown_of_writing_gives_EPIPE)
{
	struct pair p = connected();

	OK(shutdown(p.c, SHUT_WR));
	ERR(send(p.c, "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(reading_after_shutdown_of_reading_gives_end_of_file)
{
	struct pair p = connected();

	OK(shutdown(p.c, SHUT_RD));
	recv_eof(p.c);
	EXPECT(state_is(p.c, "ESTABLISHED"));
	send_text(p.c, "still writes");
	recv_text(p.s, "still writes");
}

TEST(shutdown_of_reading_leaves_what_had_arrived)
{
	struct pair p = connected();

	send_text(p.s, "here already");
	WAIT(poll_for(p.c, POLLIN, 0), 2000);
	OK(shutdown(p.c, SHUT_RD));
	recv_text(p.c, "here already");
	recv_eof(p.c);
}

static atomic_int reader_tid;

static void *blocked_reader(void *arg)
{
	reader_tid = my_tid();
	recv_eof(*(int *)arg);
	return NULL;
}

TEST(shutdown_of_reading_wakes_a_reader)
{
	struct pair p = connected();
	pthread_t t = spawn(blocked_reader, &p.c);

	WAIT(reader_tid && asleep(reader_tid), 2000);
	OK(shutdown(p.c, SHUT_RD));
	join(t);
}

TEST(shutdown_both_ways_sends_FIN)
{
	struct pair p = connected();

	OK(shutdown(p.c, SHUT_RDWR));
	recv_eof(p.s);
	recv_eof(p.c);
	ERR(send(p.c, "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(data_after_shutdown_both_ways_is_answered_by_reset)
{
	struct pair p = connected();

	OK(shutdown(p.s, SHUT_RDWR));
	recv_eof(p.c);
	WAIT(state_is(p.s, "FIN_WAIT_2"), 2000);
	/* or the writer would fill a window that nobody opens again */
	send_text(p.c, "to nobody");
	WAIT(poll_for(p.c, POLLIN, 0) & POLLERR, 2000);
	EQ(so_error(p.c), EPIPE);
	EXPECT(state_is(p.s, "CLOSED"));
}

TEST(shutdown_of_an_unknown_kind_gives_EINVAL)
{
	struct pair p = connected();

	ERR(shutdown(p.c, 3), EINVAL);
	ERR(shutdown(p.c, -1), EINVAL);
}

TEST(shutdown_of_an_unconnected_socket_gives_ENOTCONN)
{
	int fd = sock();

	ERR(shutdown(fd, SHUT_RD), ENOTCONN);
	ERR(shutdown(fd, SHUT_WR), ENOTCONN);
	ERR(shutdown(fd, SHUT_RDWR), ENOTCONN);
}

TEST(shutdown_of_reading_ends_a_listener)
{
	int l = listener(ip_b, 0, 1), port = port_of(l);

	OK(shutdown(l, SHUT_RD));
	EQ(count_sockets(port, 0, "LISTEN"), 0);
	ERR(accept(l, NULL, NULL), EINVAL);
	ERR(connect_to(sock(), ip_b, port), ECONNREFUSED);
	/* it may listen again, on a new port if it had not asked for one */
	OK(listen(l, 1));
	OK(connect_to(sock(), ip_b, port_of(l)));
}

TEST(shutdown_of_writing_does_nothing_to_a_listener)
{
	int l = listener(ip_b, 0, 1);

	OK(shutdown(l, SHUT_WR));
	OK(connect_to(sock(), ip_b, port_of(l)));
	OK(accept(l, NULL, NULL));
}

static void *blocked_accept(void *arg)
{
	reader_tid = my_tid();
	ERR(accept(*(int *)arg, NULL, NULL), EINVAL);
	return NULL;
}

TEST(shutdown_of_a_listener_wakes_accept)
{
	int l = listener(ip_b, 0, 1);
	pthread_t t = spawn(blocked_accept, &l);

	WAIT(reader_tid && asleep(reader_tid), 2000);
	OK(shutdown(l, SHUT_RD));
	join(t);
}

/* SHLD-3 */
TEST(close_with_unread_data_resets)
{
	struct pair p = connected();
	char c;

	send_text(p.c, "never read");
	WAIT(poll_for(p.s, POLLIN, 0), 2000);
	OK(close(p.s));
	WAIT(poll_for(p.c, POLLIN, 0) & POLLERR, 2000);
	ERR(recv(p.c, &c, 1, 0), ECONNRESET);
	EQ(recv(p.c, &c, 1, 0), 0);
	EQ(count_sockets(0, port_of(p.c), NULL), 0);
}

/* SHLD-3, MAY-1 */
TEST(data_for_a_closed_socket_is_answered_by_reset)
{
	struct pair p = connected();

	OK(close(p.s));
	WAIT(poll_for(p.c, POLLIN, 0), 2000);
	send_text(p.c, "to nobody");
	WAIT(poll_for(p.c, POLLIN, 0) & POLLERR, 2000);
	/* after the peer's FIN: a reader sees the end, a writer a broken pipe */
	recv_eof(p.c);
	EQ(so_error(p.c), EPIPE);
	ERR(send(p.c, "x", 1, MSG_NOSIGNAL), EPIPE);
}

/* MUST-12: an abort is told from a close */
TEST(linger_of_zero_resets_at_close)
{
	struct pair p = connected();
	int port = port_of(p.c);
	char c;

	close_hard(p.c);
	WAIT(poll_for(p.s, POLLIN, 0) & POLLERR, 2000);
	ERR(recv(p.s, &c, 1, 0), ECONNRESET);
	EQ(count_sockets(port, 0, NULL), 0);
}

TEST(reset_is_seen_as_POLLHUP_and_SO_ERROR)
{
	struct pair p = connected();

	close_hard(p.c);
	WAIT(poll_for(p.s, POLLIN, 0) & POLLERR, 2000);
	EQ(poll_for(p.s, POLLIN | POLLOUT | POLLRDHUP, 0),
	   POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP);
	EQ(so_error(p.s), ECONNRESET);
	EQ(so_error(p.s), 0);
	EXPECT(state_is(p.s, "CLOSED"));
}

TEST(write_after_reset_gives_ECONNRESET_then_EPIPE)
{
	struct pair p = connected();

	close_hard(p.c);
	WAIT(poll_for(p.s, POLLIN, 0) & POLLERR, 2000);
	ERR(send(p.s, "x", 1, MSG_NOSIGNAL), ECONNRESET);
	ERR(send(p.s, "x", 1, MSG_NOSIGNAL), EPIPE);
}

static atomic_int pipes;

static void count_pipe(int sig)
{
	pipes++;
}

TEST(EPIPE_comes_with_SIGPIPE_unless_MSG_NOSIGNAL)
{
	struct pair p = connected();

	signal(SIGPIPE, count_pipe);
	OK(shutdown(p.c, SHUT_WR));
	ERR(send(p.c, "x", 1, MSG_NOSIGNAL), EPIPE);
	EQ(pipes, 0);
	ERR(send(p.c, "x", 1, 0), EPIPE);
	EQ(pipes, 1);
	ERR(write(p.c, "x", 1), EPIPE);
	EQ(pipes, 2);
}

static void *blocked_until_reset(void *arg)
{
	char c;

	reader_tid = my_tid();
	ERR(recv(*(int *)arg, &c, 1, 0), ECONNRESET);
	return NULL;
}

TEST(reset_wakes_a_reader)
{
	struct pair p = connected();
	pthread_t t = spawn(blocked_until_reset, &p.s);

	WAIT(reader_tid && asleep(reader_tid), 2000);
	close_hard(p.c);
	join(t);
}

TEST(data_before_a_reset_may_still_be_read)
{
	struct pair p = connected();
	char buf[10];

	send_text(p.c, "data");
	WAIT(poll_for(p.s, POLLIN, 0), 2000);
	close_hard(p.c);
	WAIT(poll_for(p.s, POLLIN, 0) & POLLERR, 2000);
	EQ(recv(p.s, buf, 10, 0), 4);
	ERR(recv(p.s, buf, 10, 0), ECONNRESET);
}

static enum verdict hold_acks(const struct seg *s)
{
	return s->from == B ? HOLD : PASS;
}

static void *blocked_close(void *arg)
{
	reader_tid = my_tid();
	OK(close(*(int *)arg));
	return NULL;
}

TEST(linger_waits_until_all_is_acknowledged)
{
	struct pair p;
	pthread_t t;
	int port;

	wire_up();
	p = connected();
	port = port_of(p.c);
	OK(linger(p.c, 60));
	wire_filter(hold_acks);
	send_text(p.c, "text");
	t = spawn(blocked_close, &p.c);
	WAIT(reader_tid && asleep(reader_tid), 2000);
	EQ(count_sockets(port, 0, "FIN_WAIT_1"), 1);
	wire_filter(NULL);
	wire_release();
	join(t);
	EQ(count_sockets(port, 0, "FIN_WAIT_1"), 0);
	recv_text(p.s, "text");
	recv_eof(p.s);
}

TEST(last_reference_closes)
{
	struct pair p = connected();
	int other = OK(dup(p.c));

	OK(close(p.c));
	EXPECT(state_is(other, "ESTABLISHED"));
	OK(close(other));
	recv_eof(p.s);
}

TEST(end_of_the_process_closes)
{
	struct pair p = connected();
	pid_t pid = fork();

	if (!pid)
		pause();
	OK(close(p.c));
	EXPECT(state_is(p.s, "ESTABLISHED"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	recv_eof(p.s);
}

TEST(unconnected_sockets_give_ENOTCONN)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	int fd = sock();
	char c;

	ERR(recv(fd, &c, 1, 0), ENOTCONN);
	ERR(getpeername(fd, (struct sockaddr *)&a, &len), ENOTCONN);
	ERR(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
	OK(bind_to(fd, ip_b, 0));
	OK(listen(fd, 1));
	ERR(recv(fd, &c, 1, 0), ENOTCONN);
	ERR(getpeername(fd, (struct sockaddr *)&a, &len), ENOTCONN);
	ERR(send(fd, "x", 1, MSG_NOSIGNAL), EPIPE);
}

TEST(close_before_connect_is_quiet)
{
	int fd = sock();

	OK(bind_to(fd, ip_b, 0));
	OK(close(fd));
	EQ(count_sockets(0, 0, "LISTEN"), 0);
}
