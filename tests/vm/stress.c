// SPDX-License-Identifier: GPL-2.0
/*
 * Several threads on the same sockets at once, with observers that read the
 * socket list all the while.  What is asked: no crash, no hang, no leak, and
 * bytes in order where one thread alone reads and one alone writes.
 */
#include "threads.h"

#define SECONDS	5

static void *asker(void *arg)
{
	struct tcp_info i;
	socklen_t len;
	int fd = *(int *)arg;

	while (!stop) {
		len = sizeof(i);
		getsockopt(fd, tcp_level(), TTP_INFO, &i, &len);
		poll_for(fd, POLLIN | POLLOUT, 0);
		so_error(fd);
	}
	return NULL;
}

static void *one_writer(void *arg)
{
	int fd = *(int *)arg;
	uint64_t at = 0;

	while (!stop || at < 10000) {
		send_bytes(fd, 5000, at);
		at += 5000;
	}
	OK(shutdown(fd, SHUT_WR));
	return NULL;
}

static void *one_reader(void *arg)
{
	int fd = *(int *)arg;
	char buf[4096];
	uint64_t at = 0;
	ssize_t n;

	while ((n = OK(recv(fd, buf, sizeof(buf), 0)))) {
		verify(buf, n, at);
		at += n;
	}
	EXPECT(at > 5000);
	return NULL;
}

TEST_SECONDS(both_ways_at_once_with_observers, 30)
{
	struct pair p = connected();
	pthread_t t[7];

	t[0] = spawn(one_writer, &p.c);
	t[1] = spawn(one_writer, &p.s);
	t[2] = spawn(one_reader, &p.c);
	t[3] = spawn(one_reader, &p.s);
	t[4] = spawn(observer, NULL);
	t[5] = spawn(asker, &p.c);
	t[6] = spawn(asker, &p.s);
	run_for(SECONDS * 1000, 0);
	join_all(t, 7);
}

static void *any_writer(void *arg)
{
	char buf[700] = "";

	while (!stop && send(*(int *)arg, buf, sizeof(buf), MSG_NOSIGNAL) > 0)
		rounds++;
	return NULL;
}

static void *any_reader(void *arg)
{
	char buf[900];

	while (recv(*(int *)arg, buf, sizeof(buf), 0) > 0)
		;
	return NULL;
}

TEST_SECONDS(many_threads_write_and_read_one_socket, 30)
{
	struct pair p = connected();
	pthread_t t[8];
	int i;

	for (i = 0; i < 4; i++) {
		t[i] = spawn(any_writer, &p.c);
		t[i + 4] = spawn(any_reader, &p.s);
	}
	run_for(SECONDS * 1000, 10);
	join_all(t, 4);
	OK(shutdown(p.c, SHUT_WR));
	join_all(t + 4, 4);
}

/* the ends of a connection are used and closed by four threads */
static void *cut_off(void *arg)
{
	shutdown(*(int *)arg, SHUT_RDWR);
	return NULL;
}

TEST_SECONDS(a_socket_in_use_may_be_shut_down_at_any_time, 30)
{
	int64_t end = now_ms() + SECONDS * 1000;
	pthread_t t[5];
	struct pair p;
	int n;

	for (n = 0; n < 3 || now_ms() < end; n++) {
		p = connected();
		t[0] = spawn(any_writer, &p.c);
		t[1] = spawn(any_writer, &p.s);
		t[2] = spawn(any_reader, &p.c);
		t[3] = spawn(any_reader, &p.s);
		t[4] = spawn(cut_off, n % 2 ? &p.c : &p.s);
		join_all(t, 5);
		if (n % 3 == 0)
			OK(linger(p.c, 0));
		OK(close(p.c));
		OK(close(p.s));
		OK(close(p.l));
	}
	WAIT(count_sockets(0, 0, "ESTABLISHED") == 0, 3000);
}

static int shared_port;

static void *connector(void *unused)
{
	char c = 'x';
	int fd, n = 0;

	while (!stop) {
		fd = sock();
		if (!connect_to(fd, ip_b, shared_port)) {
			send(fd, &c, 1, MSG_NOSIGNAL);
			rounds++;
		}
		/* mostly reset, or TIME_WAIT would take all the ports */
		if (n++ % 8)
			linger(fd, 0);
		close(fd);
	}
	return unused;
}

static void *acceptor(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };
	char c;
	int fd;

	while (!stop) {
		if (poll(&p, 1, 100) < 1)
			continue;
		fd = accept(p.fd, NULL, NULL);
		if (fd < 0)
			continue;
		recv(fd, &c, 1, 0);
		close(fd);
	}
	return NULL;
}

TEST_SECONDS(threads_connect_and_accept_at_one_listener, 30)
{
	int l = listener(ip_b, 0, 64), i;
	pthread_t t[7];

	shared_port = port_of(l);
	nonblock(l);
	for (i = 0; i < 3; i++)
		t[i] = spawn(connector, NULL);
	for (; i < 6; i++)
		t[i] = spawn(acceptor, &l);
	t[i] = spawn(observer, NULL);
	run_for(SECONDS * 1000, 10);
	join_all(t, 7);
	OK(close(l));
	WAIT(count_sockets(0, 0, "ESTABLISHED") == 0, 5000);
	WAIT(count_sockets(0, 0, "SYN_RCVD") == 0, 8000);
}

static void *opens_and_closes_listener(void *unused)
{
	int fd;

	while (!stop) {
		fd = sock();
		OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
		if (!bind_to(fd, ip_b, 40000) && !listen(fd, 4)) {
			rounds++;
			pause_ms(1);
		}
		close(fd);
	}
	return unused;
}

TEST_SECONDS(listeners_come_and_go_while_clients_connect, 30)
{
	pthread_t t[5];

	shared_port = 40000;
	t[0] = spawn(opens_and_closes_listener, NULL);
	t[1] = spawn(opens_and_closes_listener, NULL);
	t[2] = spawn(connector, NULL);
	t[3] = spawn(connector, NULL);
	t[4] = spawn(observer, NULL);
	run_for(SECONDS * 1000, 10);
	join_all(t, 5);
	WAIT(count_sockets(0, 0, "LISTEN") == 0, 1000);
	WAIT(count_sockets(0, 0, "SYN_RCVD") == 0, 8000);
}

static void *resetter(void *arg)
{
	while (!stop) {
		OK(disconnect(*(int *)arg));
		rounds++;
	}
	return NULL;
}

static void *questioner(void *arg)
{
	char answer[256];
	socklen_t len;
	int name;

	while (!stop)
		for (name = 0; name < 64; name++) {
			len = sizeof(answer);
			getsockopt(*(int *)arg, tcp_level(), name, answer, &len);
		}
	return NULL;
}

TEST_SECONDS(a_socket_may_be_reset_while_its_options_are_asked_for, 30)
{
	int fd = sock();
	pthread_t t[3];

	t[0] = spawn(resetter, &fd);
	t[1] = spawn(questioner, &fd);
	t[2] = spawn(questioner, &fd);
	run_for(2000, 100);
	join_all(t, 3);
}

static void *listens_again_and_again(void *arg)
{
	int fd = *(int *)arg;

	while (!stop) {
		OK(listen(fd, 4));
		pause_ms(1);
		OK(shutdown(fd, SHUT_RD));
		rounds++;
	}
	return NULL;
}

TEST_SECONDS(a_listener_is_reset_while_clients_connect, 30)
{
	int l = sock_peer();
	pthread_t t[4];

	OK(bind_to(l, ip_b, 40000));
	shared_port = 40000;
	t[0] = spawn(listens_again_and_again, &l);
	t[1] = spawn(connector, NULL);
	t[2] = spawn(connector, NULL);
	t[3] = spawn(observer, NULL);
	run_for(SECONDS * 1000, 10);
	join_all(t, 4);
	OK(close(l));
	WAIT(count_sockets(0, 0, "SYN_RCVD") == 0, 8000);
}
