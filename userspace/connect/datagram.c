// SPDX-License-Identifier: GPL-2.0
/*
 * -u: datagrams instead of a connection.  Each line of the input is one, so that they can be
 * counted and told apart; what comes is written as it is.
 *
 * Nothing tells one end that the other has ended.  `ttp connect` ends at the end of its input,
 * or when --hold is over; `ttp listen` when nothing has moved for -w seconds.
 *
 * Called by listen.c and connect.c.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "connect/connect.h"

#define DATAGRAM_MAX	65507	/* what IPv4 can carry; IPv6 20 bytes more */

struct lines {
	char buf[DATAGRAM_MAX];
	size_t used;
	bool eof;
};

struct carry {
	struct end_opts *o;
	int sock;
	bool connected;		/* who sends to us is known, and nobody else is heard */
	bool keep;		/* take datagrams from everybody */
	struct lines in;
	struct pipe_result res;
	unsigned long n_sent, n_received;
	uint64_t moved_ns;	/* when something moved */
	uint64_t end_ns;	/* when the input has ended */
};

/* A datagram that is too long for the path, or an error that came for one before, ends it. */
static int send_datagram(struct carry *c, const char *data, size_t len)
{
	ssize_t n;

	do
		n = send(c->sock, data, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail("send: %s", strerror(errno));
	c->res.sent += n;
	c->n_sent++;
	c->moved_ns = now_ns();
	return TTP_OK;
}

/* Whole lines; at the end, and when the buffer is full, what there is. */
static int send_lines(struct carry *c)
{
	struct lines *in = &c->in;
	size_t start = 0;
	char *end;
	int status;

	while (start < in->used) {
		end = memchr(in->buf + start, '\n', in->used - start);
		if (!end && !in->eof && (start || in->used < sizeof(in->buf)))
			break;
		end = end ? end + 1 : in->buf + in->used;
		status = send_datagram(c, in->buf + start, end - (in->buf + start));
		if (status)
			return status;
		start = end - in->buf;
	}
	in->used -= start;
	memmove(in->buf, in->buf + start, in->used);
	return TTP_OK;
}

static int read_input(struct carry *c)
{
	struct lines *in = &c->in;
	ssize_t n = read(c->o->pipe.in, in->buf + in->used, sizeof(in->buf) - in->used);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TTP_OK;
	if (n < 0)
		return fail("read: %s", strerror(errno));
	in->used += n;
	if (!n) {
		in->eof = true;
		c->end_ns = now_ns();
	}
	return send_lines(c);
}

static int write_all(const struct carry *c, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(c->o->pipe.out, data, len);

		/* who else has it may have made it non-blocking */
		if (n < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ .fd = c->o->pipe.out, .events = POLLOUT }, 1, -1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return fail("write: %s", strerror(errno));
		data += n;
		len -= n;
	}
	return TTP_OK;
}

static int receive(struct carry *c)
{
	static char buf[DATAGRAM_MAX + 20];
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);
	ssize_t n = recvfrom(c->sock, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&peer, &len);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TTP_OK;
	if (n < 0)
		return fail("receive: %s", strerror(errno));
	if (!c->connected && !c->keep) {
		if (connect(c->sock, (struct sockaddr *)&peer, len))
			return fail("connect: %s", strerror(errno));
		c->connected = true;
		if (c->o->verbose)
			address_say_connected(c->sock, "<-", &peer);
	}
	c->res.received += n;
	c->n_received++;
	c->moved_ns = now_ns();
	return write_all(c, buf, n);
}

static double since(uint64_t ns)
{
	return (now_ns() - ns) / 1e9;
}

/* Return: seconds that are left until it ends, -1: it need not end. */
static double left(const struct carry *c, bool listens)
{
	bool counts = c->o->pipe.idle_s > 0 && (!listens || c->n_received);
	double idle = counts ? c->o->pipe.idle_s - since(c->moved_ns) : -1;
	double hold = !listens && c->in.eof ? c->o->pipe.hold_s - since(c->end_ns) : -1;

	if (counts && idle < 0)
		idle = 0;
	if (!listens && c->in.eof && hold < 0)
		hold = 0;
	return idle < 0 || (hold >= 0 && hold < idle) ? hold : idle;
}

static int loop(struct carry *c, bool listens)
{
	int status = TTP_OK;
	double s;

	while (!status && (s = left(c, listens)) != 0) {
		struct pollfd pfd[2] = {
			{ .fd = c->connected && !c->in.eof ? c->o->pipe.in : -1, .events = POLLIN },
			{ .fd = c->sock, .events = POLLIN },
		};

		if (poll(pfd, 2, s < 0 ? -1 : s * 1000 + 1) < 0 && errno != EINTR)
			return fail("poll: %s", strerror(errno));
		if (pfd[1].revents)
			status = receive(c);
		if (!status && pfd[0].revents)
			status = read_input(c);
	}
	return status;
}

/*
 * Carry datagrams over @fd, and close it.  @listens: it is bound and waits for the first one;
 * else it is connected.  @keep: it takes them from everybody, and sends none.
 * Return: exit status.
 */
int datagram_carry(struct end_opts *o, int fd, bool listens, bool keep)
{
	static struct carry c;
	uint64_t start = now_ns();
	int status;

	c = (struct carry){ .o = o, .sock = fd, .connected = !listens, .keep = keep,
			    .moved_ns = start };
	status = loop(&c, listens);
	close(fd);
	c.res.seconds = since(start);
	if (!status && close(o->pipe.out))	/* a full disk may show only here */
		status = fail("write: %s", strerror(errno));
	if (o->verbose) {
		fprintf(stderr, "datagrams: %lu sent, %lu received\n", c.n_sent, c.n_received);
		pipe_report(&c.res);
	}
	return status;
}
