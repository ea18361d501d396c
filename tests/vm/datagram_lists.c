// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams: the lists of their sockets, in /proc and by netlink, also while sockets come and go.
 */
#include <sys/resource.h>
#include "dgram.h"
#include "netlink.h"
#include "sock.h"
#include "threads.h"

/* ---- lists ---- */

static int lines_with(const char *path, const char *words)
{
	FILE *f = fopen(path, "r");
	char line[512];
	int n = 0;

	if (!f)
		fail("no %s", path);
	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, words);
	fclose(f);
	return n;
}

#define LIST	"/proc/thread-self/net/ttp/datagrams"

static int rows, row_port;
static uint32_t row_state;

static void take_row(const struct nlmsghdr *nlh)
{
	uint16_t port;
	uint8_t state;

	rows++;
	copy(nlh, TTP_A_SPORT, &port, sizeof(port));
	copy(nlh, TTP_A_STATE, &state, sizeof(state));
	find(nlh, TTP_A_SKMEMINFO);
	if (port == row_port)
		row_state = state;
}

TEST(lists_have_every_socket_with_a_port)
{
	int fds[600], i;

	if (!is_ttp())
		skip("TTP's lists");
	for (i = 0; i < 600; i++)
		fds[i] = bound(HERE_IP, 5000 + i);
	OK(connect_to(fds[7], HERE_IP, 6000));
	dgram();
	row_port = 5007;
	EXPECT(dump_of(TTP_CMD_DATAGRAM_GET, NULL, 0, take_row));
	EQ(rows, 600);
	EQ(row_state, TTP_STATE_ESTABLISHED);
	EQ(lines_with(LIST, is_v6() ? "[::1]:5" : "127.0.0.1:5"), 600);
	EQ(lines_with(LIST, is_v6() ? "CONNECTED    [::1]:5007" : "CONNECTED    127.0.0.1:5007"), 1);
	for (i = 0; i < 600; i++)
		close(fds[i]);
	EQ(lines_with(LIST, is_v6() ? "[::1]:5" : "127.0.0.1:5"), 0);
}

#define OF_ONE_SLOT	250	/* ports: those of the table's slots are 256 apart */

/* How long it takes to find the end of the list, from its beginning. */
static int64_t time_to_the_end(void)
{
	int fd = OK(open(LIST, O_RDONLY));
	int64_t begin = now_us();
	char c;

	EQ(pread(fd, &c, 1, 1 << 30), 0);
	close(fd);
	return now_us() - begin;
}

/* Whoever may open sockets could keep a CPU busy for minutes: nobody else runs meanwhile. */
TEST_SECONDS(twice_as_many_sockets_take_twice_as_long_to_list, 60)
{
	struct rlimit room = { 10000, 10000 };
	int64_t half = 0;
	int i, fd;

	if (!is_ttp())
		skip("TTP's list");
	if (!time_is_exact())
		skip("time is not exact here");
	OK(setrlimit(RLIMIT_NOFILE, &room));
	for (i = 0; i < 3000; i++) {
		if (i == 1500)
			half = time_to_the_end();
		fd = dgram();
		OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
		OK(bind_to(fd, HERE_IP, 1000 + 256 * (i % OF_ONE_SLOT)));
	}
	EQ(lines_with(LIST, "UNCONNECTED"), 3000);
	if (time_to_the_end() > half * 9 / 4)
		fail("1500 sockets took %d us, 3000 took %d us", (int)half,
		     (int)time_to_the_end());
}

/* ---- races ---- */

static void *come_and_go(void *arg)
{
	struct sockaddr_in none = { .sin_family = AF_UNSPEC };

	while (!stop) {
		int fd = dgram();

		set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		set_int(fd, SOL_SOCKET, SO_REUSEPORT, (long)arg & 1);
		bind_to(fd, HERE_IP, 6000);
		connect_to(fd, HERE_IP, 7000);
		send_to(fd, "x", HERE_IP, 6000);
		connect(fd, (void *)&none, sizeof(none));
		close(fd);
	}
	return NULL;
}

TEST_SECONDS(sockets_come_and_go_while_datagrams_arrive, 30)
{
	pthread_t t[4];
	int a = dgram(), last = bound(HERE_IP, 6001), i;
	long n;

	for (n = 0; n < 4; n++)
		t[n] = spawn(come_and_go, (void *)n);
	for (i = 0; i < 5000; i++)
		send_to(a, "y", HERE_IP, 6000);
	stop = true;
	for (n = 0; n < 4; n++)
		join(t[n]);
	/* the queue of what comes by lo is of the whole host, and may be full: the next test's, too */
	WAIT(send_to(a, "z", HERE_IP, 6001) == 1 && poll_for(last, POLLIN, 100) == POLLIN, 10000);
	if (is_ttp())
		EQ(lines_with(LIST, ":6000"), 0);
}
