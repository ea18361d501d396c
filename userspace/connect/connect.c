// SPDX-License-Identifier: GPL-2.0
/*
 * ttp connect: active OPEN, then data both ways.  Called by main().  Next:
 * socket.c, end.c; datagram.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ttp.h>

#include "base/base.h"
#include "base/options.h"
#include "base/port.h"
#include "connect/connect.h"

struct opts {
	struct end_opts end;
	const char *source;
	const char *source_port;
	const char *congestion;
	struct addrinfo *local;		/* of the two; NULL: any */
};

/* @host: where to, whose family an address of this host must have */
static int find_source(struct opts *o, const char *host)
{
	if (!o->source && !o->source_port)
		return TTP_OK;
	return address_resolve(o->source, o->source_port,
			       AI_PASSIVE | (o->end.numeric ? AI_NUMERICHOST : 0),
			       o->end.way.six || strchr(host, ':'), &o->local);
}

static int bind_source(int fd, const struct opts *o)
{
	int on = 1;

	if (!o->local)
		return TTP_OK;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, o->local->ai_addr, o->local->ai_addrlen))
		return fail("bind %s port %s: %s", o->source ? o->source : "*",
			    o->source_port ? o->source_port : "0", strerror(errno));
	return TTP_OK;
}

static int set_congestion(int fd, const struct opts *o)
{
	if (o->congestion && setsockopt(fd, SOL_TTP, TTP_CONGESTION, o->congestion,
					strlen(o->congestion)))
		return fail("congestion control %s: %s%s", o->congestion,
			    errno == ENOENT ? "it is not loaded: ttp congestion lists those that are" :
					      strerror(errno),
			    errno == EPERM ? ": only a user with CAP_NET_ADMIN may choose it" : "");
	return TTP_OK;
}

/* Return: 0 or an errno. */
static int finish_connect(int fd, double wait_s)
{
	uint64_t end = now_ns() + wait_s * 1e9;
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int ret, err = 0;

	do {
		uint64_t now = now_ns();
		int ms = -1;

		if (wait_s > 0)
			ms = now < end ? (end - now) / 1000000 + 1 : 0;
		ret = poll(&pfd, 1, ms);
	} while (ret < 0 && errno == EINTR);
	if (!ret)
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return errno;
	return err;
}

static int connect_one(const struct opts *o, const struct addrinfo *ai,
		       int *err)
{
	int fd = socket_open(&o->end.way, ai->ai_family);
	int flags;

	*err = 0;
	if (fd < 0)
		return -1;
	if (bind_source(fd, o) || set_congestion(fd, o)) {
		close(fd);
		return -1;
	}
	flags = fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	if (connect(fd, ai->ai_addr, ai->ai_addrlen))
		*err = errno == EINPROGRESS || errno == EINTR ?
		       finish_connect(fd, o->end.pipe.idle_s) : errno;
	if (*err) {
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, flags);	/* what is sent waits for room, as with ttp listen */
	return fd;
}

static int connect_any(const struct opts *o, const char *host,
		       const char *port, int *status)
{
	struct addrinfo *list;
	int fd = -1, err = 0;

	*status = address_resolve(host, port, o->end.numeric ? AI_NUMERICHOST : 0,
				  o->end.way.six, &list);
	if (*status)
		return -1;
	for (struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next) {
		fd = connect_one(o, ai, &err);
		if (fd < 0 && !err)	/* it has said why */
			break;
	}
	freeaddrinfo(list);
	if (fd < 0)
		*status = err ? fail("connect to %s port %s: %s", host, port,
				     strerror(err)) : TTP_FAILED;
	return fd;
}

static void say_connected(int fd)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);

	getpeername(fd, (struct sockaddr *)&peer, &len);
	address_say_connected(fd, "->", &peer);
}

static int run(struct opts *o, const char *host, const char *port)
{
	int fd, status;

	if (end_prepare(&o->end))
		return TTP_FAILED;
	status = find_source(o, host);
	if (status)
		return status;
	fd = connect_any(o, host, port, &status);
	if (fd < 0)
		return status;
	if (o->end.verbose)
		say_connected(fd);
	return o->end.way.datagrams ? datagram_carry(&o->end, fd, false, false) :
				      end_carry(&o->end, fd);
}

int connect_main(int argc, char **argv)
{
	struct opts o = { .end.way.family = PF_TTP };
	const struct opt opts[] = {
		OPT_WORD('s', "source", "ADDR", &o.source, "from this local address"),
		OPT_WORD('p', "port", "PORT", &o.source_port, "from this local port"),
		OPT_WORD('C', "congestion", "ALGORITHM", &o.congestion,
			 "with this congestion control"),
		OPT_NOT('l', "ttp listen waits for a connection"),
		OPT_NOT('k', "ttp listen -k takes one connection after the other"),
		END_OPTS(&o.end, "give up when connecting takes longer, or nothing moves so long")
	};
	const struct command command = {
		.name = "connect",
		.synopsis = "[OPTION]... HOST PORT",
		.about = "Connect to HOST, send standard input, and write what comes to standard "
			 "output.",
		.opts = opts,
		.words = "HOST PORT",
		.no_option = "a port is " PORT_WANTS,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (argc - optind < 2)
		return usage("connect wants HOST and PORT (ttp connect --help)");
	if (argc - optind > 2)
		return usage("connect wants HOST and PORT, not %d words: a namespace is ttp -n NAME connect",
			     argc - optind);
	return run(&o, argv[optind], argv[optind + 1]);
}
