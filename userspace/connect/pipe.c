// SPDX-License-Identifier: GPL-2.0
/*
 * Carries bytes both ways at once: a file or standard input into the
 * connection, and the connection into a file or standard output.
 *
 * The end of the input becomes a FIN (shutdown), after which the other
 * direction goes on: a half-close.  All is over when both directions have
 * ended.  No descriptor but the socket is made non-blocking, because standard
 * input may be shared with the shell; so we read only after poll() said so and
 * write to pipes no more than they take without blocking.
 *
 * Called by end.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "connect/pipe.h"

#define PROGRESS_NS	(200 * 1000000ULL)

struct flow {
	char buf[65536];
	size_t start;
	size_t end;		/* start == end: empty */
	bool eof;		/* the source has ended */
	bool done;		/* and all of it was passed on */
};

struct pipe {
	int sock;
	int out;
	const struct pipe_opts *opts;
	struct pipe_result *res;
	struct flow up;		/* input -> connection */
	struct flow down;	/* connection -> output */
	size_t write_max;
	uint64_t start_ns;
	uint64_t data_ns;	/* when data last moved */
	uint64_t hold_ns;	/* since when we hold, 0 if we don't */
	uint64_t progress_ns;
	bool progress;
	bool finished;
};

static bool is_empty(const struct flow *flow)
{
	return flow->start == flow->end;
}

static void fill(struct flow *flow, size_t n)
{
	flow->start = 0;
	flow->end = n;
}

static int read_input(struct pipe *p)
{
	ssize_t n = read(p->opts->in, p->up.buf, sizeof(p->up.buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TTP_OK;
	if (n < 0)
		return fail("read: %s", strerror(errno));
	if (!n)
		p->up.eof = true;
	fill(&p->up, n);
	return TTP_OK;
}

static int send_up(struct pipe *p)
{
	struct flow *up = &p->up;
	ssize_t n = send(p->sock, up->buf + up->start, up->end - up->start,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TTP_OK;
	if (n < 0)
		return fail("send: %s", strerror(errno));
	up->start += n;
	p->res->sent += n;
	p->data_ns = now_ns();
	return TTP_OK;
}

static int receive(struct pipe *p)
{
	ssize_t n = recv(p->sock, p->down.buf, sizeof(p->down.buf),
			 MSG_DONTWAIT);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TTP_OK;
	if (n < 0)
		return fail("receive: %s", strerror(errno));
	if (!n)
		p->down.eof = true;
	fill(&p->down, n);
	p->res->received += n;
	p->data_ns = now_ns();
	return TTP_OK;
}

static int write_output(struct pipe *p)
{
	struct flow *down = &p->down;
	size_t len = down->end - down->start;
	ssize_t n;

	if (len > p->write_max)
		len = p->write_max;
	n = write(p->out, down->buf + down->start, len);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TTP_OK;
	if (n < 0)
		return fail("write: %s", strerror(errno));
	down->start += n;
	return TTP_OK;
}

/*
 * The peer's end is the end of our output, so that who reads it can answer
 * while our own direction is still open.
 */
static int end_down(struct pipe *p)
{
	if (p->down.done || !p->down.eof || !is_empty(&p->down))
		return TTP_OK;
	p->down.done = true;
	if (p->opts->keep_out)
		return TTP_OK;
	/* a full disk may show only here */
	if (close(p->out))
		return fail("write: %s", strerror(errno));
	p->out = -1;
	return TTP_OK;
}

/*
 * Our direction has no more data: hold the connection if asked to, then send
 * FIN.  With no_shutdown the FIN is close()'s and comes after the peer's; the
 * hold then starts at the peer's end, which is when CLOSE_WAIT can be seen.
 */
static int end_up(struct pipe *p)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	if (p->up.done || !p->up.eof || !is_empty(&p->up))
		return TTP_OK;
	if (p->opts->no_shutdown && !p->down.done)
		return TTP_OK;
	if (!p->hold_ns)
		p->hold_ns = now_ns();
	if (now_ns() - p->hold_ns < p->opts->hold_s * 1e9)
		return TTP_OK;
	p->up.done = true;
	if (p->opts->reset) {
		p->finished = true;
		if (setsockopt(p->sock, SOL_SOCKET, SO_LINGER, &linger,
			       sizeof(linger)))
			return fail("SO_LINGER: %s", strerror(errno));
		return TTP_OK;
	}
	if (!p->opts->no_shutdown && shutdown(p->sock, SHUT_WR) &&
	    errno != ENOTCONN)
		return fail("shutdown: %s", strerror(errno));
	return TTP_OK;
}

/*
 * A reset while neither direction moves, in a hold, shows as POLLERR only.
 * POLLHUP without an error, once both FINs are out, would spin: look away.
 */
static int check_error(struct pipe *p, struct pollfd *pfd, bool *look_away)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (!(pfd->revents & (POLLERR | POLLHUP)) || pfd->events)
		return TTP_OK;
	if (!getsockopt(p->sock, SOL_SOCKET, SO_ERROR, &err, &len) && err)
		return fail("connection: %s", strerror(err));
	*look_away = true;
	return TTP_OK;
}

static int timeout_ms(const struct pipe *p)
{
	uint64_t now = now_ns();
	double left = 3600;

	if (p->hold_ns && !p->up.done)
		left = p->opts->hold_s - (now - p->hold_ns) / 1e9;
	if (p->opts->idle_s > 0 &&
	    p->opts->idle_s - (now - p->data_ns) / 1e9 < left)
		left = p->opts->idle_s - (now - p->data_ns) / 1e9;
	if (p->progress && left > 0.2)
		left = 0.2;
	return left < 0 ? 0 : left * 1000 + 1;
}

/* A job in the background is not to write over what another shows. */
static bool in_foreground(void)
{
	return tcgetpgrp(STDERR_FILENO) == getpgrp();
}

static void show_progress(struct pipe *p)
{
	uint64_t now = now_ns();
	double seconds = (now - p->start_ns) / 1e9;
	char sent[32], received[32];

	if (!p->progress || now - p->progress_ns < PROGRESS_NS || !in_foreground())
		return;
	p->progress_ns = now;
	fprintf(stderr, "\rsent %s bytes, received %s, %.1f MiB/s \033[K",
		group_digits(p->res->sent, sent),
		group_digits(p->res->received, received),
		(p->res->sent + p->res->received) / 1048576.0 / seconds);
}

enum { IN, SOCK, OUT };

static void want(const struct pipe *p, struct pollfd pfd[3], bool look_away)
{
	pfd[IN].fd = !p->up.eof && is_empty(&p->up) ? p->opts->in : -1;
	pfd[IN].events = POLLIN;
	pfd[OUT].fd = !is_empty(&p->down) ? p->out : -1;
	pfd[OUT].events = POLLOUT;
	pfd[SOCK].fd = look_away ? -1 : p->sock;
	pfd[SOCK].events = 0;
	if (!is_empty(&p->up))
		pfd[SOCK].events |= POLLOUT;
	if (!p->down.eof && is_empty(&p->down))
		pfd[SOCK].events |= POLLIN;
	if (pfd[SOCK].events)
		pfd[SOCK].fd = p->sock;
}

static int serve(struct pipe *p, struct pollfd pfd[3], bool *look_away)
{
	int status = check_error(p, &pfd[SOCK], look_away);

	if (!status && pfd[IN].revents)
		status = read_input(p);
	/* an error must reach recv() or send(), whichever we wait for */
	if (!status && pfd[SOCK].events & POLLIN &&
	    pfd[SOCK].revents & (POLLIN | POLLERR | POLLHUP))
		status = receive(p);
	if (!status && !is_empty(&p->up) && pfd[SOCK].events & POLLOUT &&
	    pfd[SOCK].revents & (POLLOUT | POLLERR | POLLHUP))
		status = send_up(p);
	if (!status && pfd[OUT].revents)
		status = write_output(p);
	return status;
}

static int loop(struct pipe *p)
{
	bool look_away = false;

	while (!p->finished && !(p->up.done && p->down.done)) {
		struct pollfd pfd[3];
		int status;

		want(p, pfd, look_away);
		if (poll(pfd, 3, timeout_ms(p)) < 0) {
			if (errno != EINTR)
				return fail("poll: %s", strerror(errno));
			continue;
		}
		status = serve(p, pfd, &look_away);
		if (!status)
			status = end_down(p);
		if (!status)
			status = end_up(p);
		if (status)
			return status;
		if (p->opts->idle_s > 0 &&
		    now_ns() - p->data_ns > p->opts->idle_s * 1e9)
			return fail("nothing moved for %g s", p->opts->idle_s);
		show_progress(p);
	}
	return TTP_OK;
}

static void start(struct pipe *p, int sock, const struct pipe_opts *opts,
		  struct pipe_result *res)
{
	struct stat st;

	memset(p, 0, sizeof(*p));
	memset(res, 0, sizeof(*res));
	p->sock = sock;
	p->out = opts->out;
	p->opts = opts;
	p->res = res;
	p->start_ns = now_ns();
	p->data_ns = p->start_ns;
	p->progress_ns = p->start_ns;
	p->progress = isatty(STDERR_FILENO) && !isatty(opts->in) &&
		      !isatty(opts->out);
	p->write_max = PIPE_BUF;
	if (!fstat(opts->out, &st) && S_ISREG(st.st_mode))
		p->write_max = sizeof(p->down.buf);
}

/*
 * Return: exit status, after saying what went wrong.  The caller closes the
 * socket, which then sends what has to be sent.
 */
int pipe_run(int sock, const struct pipe_opts *opts, struct pipe_result *res)
{
	static struct pipe p;	/* 128 KiB: not for the stack */
	int status;

	start(&p, sock, opts, res);
	status = loop(&p);
	res->seconds = (now_ns() - p.start_ns) / 1e9;
	if (p.progress && p.progress_ns != p.start_ns && in_foreground())
		fputs("\r\033[K", stderr);
	return status;
}

void pipe_report(const struct pipe_result *res)
{
	char sent[32], received[32];

	fprintf(stderr, "sent %s bytes, received %s bytes in %.3f s\n",
		group_digits(res->sent, sent),
		group_digits(res->received, received), res->seconds);
}
