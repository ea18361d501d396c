// SPDX-License-Identifier: GPL-2.0
/*
 * Threads until stop, see threads.h.
 */
#include "threads.h"

atomic_bool stop;
atomic_long rounds;

void *observer(void *unused)
{
	char buf[16384];
	int fd;

	while (!stop) {
		fd = OK(open(is_ttp() ? "/proc/thread-self/net/ttp/sockets" :
			     "/proc/thread-self/net/tcp", O_RDONLY));
		while (read(fd, buf, sizeof(buf)) > 0)
			;
		close(fd);
	}
	return unused;
}

void run_for(int ms, int least)
{
	int64_t end = now_ms() + ms;

	WAIT(now_ms() >= end && rounds >= least, ms + 7000);
	stop = true;
}

void join_all(const pthread_t *t, int n)
{
	int i;

	for (i = 0; i < n; i++)
		join(t[i]);
}
