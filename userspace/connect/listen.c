// SPDX-License-Identifier: GPL-2.0
/*
 * ttp listen: passive OPEN, then data both ways.  Called by main().  Next:
 * socket.c, end.c; datagram.c.
 */
#include <errno.h>
#include <netdb.h>
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
	const char *address;
	unsigned long backlog;
	bool keep;
};

static int listen_on(const struct opts *o, const char *port, int *status)
{
	struct addrinfo *ai;
	int fd, on = 1;

	*status = address_resolve(o->address, port,
				  AI_PASSIVE | (o->end.numeric ? AI_NUMERICHOST : 0),
				  o->end.way.six, &ai);
	if (*status)
		return -1;
	*status = TTP_FAILED;
	fd = socket_open(&o->end.way, ai->ai_family);
	if (fd < 0)
		goto out;
	/* of datagrams it would let others take the port */
	if (!o->end.way.datagrams)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) ||
	    (!o->end.way.datagrams && listen(fd, o->backlog))) {
		fail("listen on %s port %s: %s%s",
		     o->address ? o->address : "*", port, strerror(errno),
		     errno == EACCES ? ": ports below 1024 need root" : "");
		close(fd);
		fd = -1;
		goto out;
	}
	if (o->end.verbose)
		address_say_listening(fd);
out:
	freeaddrinfo(ai);
	return fd;
}

static int accept_one(int listener, bool verbose)
{
	struct sockaddr_storage peer = { 0 };
	socklen_t len;
	int fd;

	do {
		len = sizeof(peer);
		fd = accept4(listener, (struct sockaddr *)&peer, &len,
			     SOCK_CLOEXEC);
		/* a connection that died while it waited is no reason to end */
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0) {
		fail("accept: %s", strerror(errno));
		return -1;
	}
	if (verbose)
		address_say_connected(fd, "<-", &peer);
	return fd;
}

/* The next connection gets the input from its start, if it has one. */
static void rewind_input(const struct opts *o)
{
	if (o->end.pipe.in != STDIN_FILENO)
		lseek(o->end.pipe.in, 0, SEEK_SET);
}

static int run(struct opts *o, const char *port)
{
	int listener, fd, status;

	if (end_prepare(&o->end))
		return TTP_FAILED;
	listener = listen_on(o, port, &status);
	if (listener < 0)
		return status;
	if (o->end.way.datagrams)
		return datagram_carry(&o->end, listener, true, o->keep);
	do {
		fd = accept_one(listener, o->end.verbose);
		if (fd < 0)
			return TTP_FAILED;
		if (!o->keep)
			close(listener);
		status = end_carry(&o->end, fd);
		rewind_input(o);
	} while (o->keep);
	return status;
}

int listen_main(int argc, char **argv)
{
	struct opts o = { .end.way.family = PF_TTP, .backlog = 16 };
	const struct opt opts[] = {
		OPT_WORD('a', "address", "ADDR", &o.address, "on this local address only"),
		OPT_SET('k', "keep", &o.keep,
			"take one connection after the other; -i FILE goes to each"),
		OPT_NUMBER('b', "backlog", "N", &o.backlog, 0, 65535,
			   "so many may wait to be accepted (default 16)",
			   .wants = "a number up to 65535"),
		OPT_NOT('l', "ttp listen is enough"),
		OPT_NOT('p', "ttp listen PORT, without -p"),
		OPT_NOT('s', "the local address is -a ADDR"),
		END_OPTS(&o.end, "give up when nothing moves so long")
	};
	const struct command command = {
		.name = "listen",
		.synopsis = "[OPTION]... PORT",
		.about = "Wait for a connection to PORT, send it standard input, and write what "
			 "comes to standard output.",
		.opts = opts,
		.words = "PORT",
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (argc == optind)
		return usage("listen wants a PORT: " PORT_WANTS);
	if (argc - optind != 1)
		return usage("listen wants one PORT, not %d words: a local address is -a ADDR, a namespace ttp -n NAME listen",
			     argc - optind);
	o.end.pipe.keep_out = o.keep;
	return run(&o, argv[optind]);
}
