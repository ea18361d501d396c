// SPDX-License-Identifier: GPL-2.0
/*
 * Carries much data and compares checksums at both ends, or begins many connections:
 *
 *	bulk listen IP PORT		prints "listening", then what came
 *	bulk send IP PORT KIB		sends so much, prints what was sent
 *
 *	bulk syns IP PORT N		begins N connections, prints "begun", and waits
 *
 * The first two print "N bytes, checksum X, in T ms".  The receiver returns its
 * checksum at the end; the sender's exit status is 1 if that is another.
 *
 * The environment may say of the socket: BULK_DEVICE, what it is bound to;
 * BULK_MARK, its SO_MARK; BULK_TRANSPARENT, that it is; BULK_RATE, its SO_MAX_PACING_RATE;
 * BULK_PORT, the sender's port.
 */
#include <fcntl.h>
#include <netinet/ip.h>
#include <sys/resource.h>
#include "sock.h"

static char buf[65536];

static uint64_t checksum(uint64_t sum, const char *data, size_t len)
{
	uint64_t word;

	for (; len >= 8; data += 8, len -= 8) {
		memcpy(&word, data, 8);
		sum = (sum ^ word) * 0x100000001b3ull;
		sum ^= sum >> 31;
	}
	while (len--)
		sum = (sum ^ (uint8_t)*data++) * 0x100000001b3ull;
	return sum;
}

static void report(uint64_t bytes, uint64_t sum, int64_t start)
{
	printf("%llu bytes, checksum %016llx, in %lld ms\n",
	       (unsigned long long)bytes, (unsigned long long)sum,
	       (long long)(now_ms() - start));
	fflush(stdout);
}

static void set_options(int fd)
{
	const char *device = getenv("BULK_DEVICE"), *mark = getenv("BULK_MARK");
	const char *rate = getenv("BULK_RATE");

	if (device)
		OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)));
	if (mark)
		OK(set_int(fd, SOL_SOCKET, SO_MARK, atoi(mark)));
	if (rate)
		OK(set_int(fd, SOL_SOCKET, SO_MAX_PACING_RATE, atoi(rate)));
	if (getenv("BULK_TRANSPARENT"))
		OK(set_int(fd, SOL_IP, IP_TRANSPARENT, 1));
}

static void receive(const char *ip, int port)
{
	uint64_t bytes = 0, sum = 1;
	int l = sock_peer(), s;
	int64_t start;
	ssize_t n;

	set_options(l);
	OK(bind_to(l, ip, port));
	OK(listen(l, 4));
	puts("listening");
	fflush(stdout);
	s = OK(accept(l, NULL, NULL));
	start = now_ms();
	while ((n = OK(recv(s, buf, sizeof(buf), MSG_WAITALL)))) {
		sum = checksum(sum, buf, n);
		bytes += n;
	}
	EQ(send(s, &sum, sizeof(sum), MSG_NOSIGNAL), sizeof(sum));
	OK(close(s));
	report(bytes, sum, start);
}

static void fill_random(uint64_t *state)
{
	size_t i;

	for (i = 0; i < sizeof(buf); i += 8) {
		*state ^= *state << 13;
		*state ^= *state >> 7;
		*state ^= *state << 17;
		memcpy(buf + i, state, 8);
	}
}

static void send_all(const char *data, size_t len, int fd)
{
	ssize_t n;

	while (len) {
		n = OK(send(fd, data, len, MSG_NOSIGNAL));
		data += n;
		len -= n;
	}
}

static int transmit(const char *ip, int port, long kib)
{
	uint64_t sum = 1, theirs = 0, state = 88172645463325252ull, left;
	int64_t start;
	int fd = sock();
	size_t n;

	set_options(fd);
	if (getenv("BULK_PORT")) {
		OK(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
		OK(bind_to(fd, "0.0.0.0", atoi(getenv("BULK_PORT"))));
	}
	OK(connect_to(fd, ip, port));
	start = now_ms();
	for (left = kib * 1024; left; left -= n) {
		n = left < sizeof(buf) ? left : sizeof(buf);
		fill_random(&state);
		sum = checksum(sum, buf, n);
		send_all(buf, n, fd);
	}
	OK(shutdown(fd, SHUT_WR));
	EQ(recv(fd, &theirs, sizeof(theirs), MSG_WAITALL), sizeof(theirs));
	report(kib * 1024, sum, start);
	if (theirs == sum)
		return 0;
	fprintf(stderr, "expected checksum %016llx, the receiver had %016llx\n",
		(unsigned long long)sum, (unsigned long long)theirs);
	return 1;
}

static void begin(const char *ip, int port, int n)
{
	OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){ n + 100, n + 100 }));
	while (n--) {
		int fd = sock();

		OK(fcntl(fd, F_SETFL, O_NONBLOCK));
		ERR(connect_to(fd, ip, port), EINPROGRESS);
	}
	puts("begun");
	fflush(stdout);
	pause();
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "listen")) {
		receive(argv[2], atoi(argv[3]));
		return 0;
	}
	if (argc == 5 && !strcmp(argv[1], "send"))
		return transmit(argv[2], atoi(argv[3]), atol(argv[4]));
	if (argc == 5 && !strcmp(argv[1], "syns")) {
		begin(argv[2], atoi(argv[3]), atoi(argv[4]));
		return 0;
	}
	fprintf(stderr, "usage: bulk listen IP PORT | bulk send IP PORT KIB | bulk syns IP PORT N\n");
	return 2;
}
