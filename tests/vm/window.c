// SPDX-License-Identifier: GPL-2.0
/*
 * The window: a slow reader shuts it, the writer waits, it opens again; also
 * when the segment that opens it is lost.
 */
#include "wire.h"

#define AMOUNT (1 << 20)

static atomic_int zero_windows, lose_updates, writer_tid, done;

static enum verdict watch(const struct seg *s)
{
	if (s->from != B || seg_flags(s) & SYN)
		return PASS;
	if (!s->th->window)
		zero_windows++;
	else if (lose_updates) {
		lose_updates--;
		return DROP;
	}
	return PASS;
}

/* A reader with little room, on the wire. */
static struct pair narrow(void)
{
	wire_up();
	wire_filter(watch);
	return connected_buffers(0, 8192);
}

static void *writer(void *arg)
{
	int fd = *(int *)arg;

	writer_tid = my_tid();
	send_bytes(fd, AMOUNT, 0);
	OK(shutdown(fd, SHUT_WR));
	done = 1;
	return NULL;
}

/* MAY-8 */
TEST_SECONDS(a_slow_reader_shuts_the_window_and_the_writer_waits, 20)
{
	struct pair p = narrow();
	pthread_t t;

	OK(set_int(p.c, SOL_SOCKET, SO_SNDBUF, 16384));
	t = spawn(writer, &p.c);
	WAIT(zero_windows, 5000);
	WAIT(writer_tid && asleep(writer_tid), 2000);
	STAYS(asleep(writer_tid) && !done, 200);
	recv_bytes(p.s, AMOUNT, 0);
	recv_eof(p.s);
	join(t);
}

/* MUST-36, MUST-37 */
TEST_SECONDS(a_shut_window_is_probed, 20)
{
	struct pair p = narrow();
	int n;

	fill_window(p.c);
	WAIT(zero_windows, 5000);
	n = wire_count(A, ACK);
	WAIT(wire_count(A, ACK) >= n + 2, 8000);
	EXPECT(state_is(p.c, "ESTABLISHED"));
}

TEST_SECONDS(a_lost_window_update_is_made_up_for_by_a_probe, 20)
{
	struct pair p = narrow();
	size_t sent = fill_window(p.c);
	char buf[1024];
	uint64_t at = 0;
	ssize_t n;

	WAIT(zero_windows, 5000);
	lose_updates = 1;
	while (at < sent) {
		n = OK(recv(p.s, buf, sizeof(buf), 0));
		verify(buf, n, at);
		at += n;
	}
	EQ(lose_updates, 0);
}

/* MUST-39 */
TEST_SECONDS(reading_a_byte_at_a_time_makes_no_silly_windows, 20)
{
	struct pair p = narrow();
	size_t sent = fill_window(p.c), i;
	int segments;
	char c;

	WAIT(zero_windows, 5000);
	segments = wire_data(A);
	for (i = 0; i < 3000; i++) {
		EQ(recv(p.s, &c, 1, 0), 1);
		verify(&c, 1, i);
	}
	/* a segment for each byte would be 3000 */
	EXPECT(wire_data(A) - segments < 100);
	recv_bytes(p.s, sent - i, i);
}

TEST(a_large_buffer_lets_more_than_64_KiB_be_on_the_way)
{
	struct pair p;
	int i;

	/* window scaling: the announced window passes 65535 */
	wire_up();
	p = connected_buffers(1 << 20, 1 << 20);
	EXPECT(fill_window(p.c) > 200000);
	for (i = 0; i < 100; i++)
		recv_bytes(p.s, 2000, i * 2000);
}
