// SPDX-License-Identifier: GPL-2.0
/*
 * ttp listen: passive OPEN, then data both ways.  Called by main().  Next:
 * socket.c, end.c.
 */
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ttp.h>

#include "base/base.h"
#include "base/options.h"
#include "connect/connect.h"

static const char help_text[] =
"usage: ttp listen [OPTION]... PORT\n"
"Wait for a connection to PORT, send it standard input, and write what comes to\n"
"standard output.\n"
"\n"
"  -a, --address ADDR   on this local address only\n"
"  -k, --keep           take one connection after the other; -i FILE goes to each\n"
"  -b, --backlog N      so many may wait to be accepted (default 16)\n"
END_HELP;

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

	*status = address_resolve(o->address, port, true, &ai);
	if (*status)
		return -1;
	*status = TTP_FAILED;
	fd = socket_open(&o->end.way, ai->ai_family);
	if (fd < 0)
		goto out;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, o->backlog)) {
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
		OPT_WORD('a', "address", &o.address),
		OPT_SET('k', "keep", &o.keep),
		OPT_NUMBER('b', "backlog", &o.backlog, "a number", 0, 65535),
		END_OPTS(&o.end)
	};
	int status = options_parse(argc, argv, opts, help_text);

	if (status >= 0)
		return status;
	if (argc - optind != 1)
		return usage("listen wants one PORT (ttp listen --help)");
	o.end.pipe.keep_out = o.keep;
	return run(&o, argv[optind]);
}
