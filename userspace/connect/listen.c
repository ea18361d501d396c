// SPDX-License-Identifier: GPL-2.0
/*
 * ttp listen: the passive opener.
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
#include "base/netns.h"
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
	struct sockaddr_storage local = { 0 };
	socklen_t len = sizeof(local);
	struct addrinfo *ai;
	char name[256];
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
	if (o->end.verbose) {
		getsockname(fd, (struct sockaddr *)&local, &len);
		address_text(&local, name, sizeof(name));
		fprintf(stderr, "listening: %s\n", name);
	}
out:
	freeaddrinfo(ai);
	return fd;
}

static int accept_one(int listener, bool verbose)
{
	struct sockaddr_storage local = { 0 }, peer = { 0 };
	socklen_t len;
	char from[256], to[256];
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
	if (verbose) {
		len = sizeof(local);
		getsockname(fd, (struct sockaddr *)&local, &len);
		address_text(&peer, from, sizeof(from));
		address_text(&local, to, sizeof(to));
		fprintf(stderr, "connected: %s <- %s\n", to, from);
	}
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
	struct pipe_result res;
	int listener, fd, status;

	if (o->end.netns && netns_enter(o->end.netns))
		return TTP_FAILED;
	if (end_open_files(&o->end))
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
		status = pipe_run(fd, &o->end.pipe, &res);
		close(fd);
		if (o->end.verbose)
			pipe_report(&res);
		rewind_input(o);
	} while (o->keep);
	return status;
}

int listen_main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "address", 1, NULL, 'a' }, { "keep", 0, NULL, 'k' },
		{ "backlog", 1, NULL, 'b' }, END_LONGS
	};
	struct opts o = { .end.way.family = PF_TTP, .backlog = 16 };
	int c, status;

	while ((c = getopt_long(argc, argv, "a:kb:" END_SHORTS, longs,
				NULL)) != -1) {
		if (c == 'a') {
			o.address = optarg;
		} else if (c == 'k') {
			o.keep = true;
			o.end.pipe.keep_out = true;
		} else if (c == 'b') {
			if (parse_number(optarg, 65535, &o.backlog))
				return usage("-b wants a number, not '%s'",
					     optarg);
		} else {
			status = end_option(&o.end, c, help_text);
			if (status >= 0)
				return status;
		}
	}
	if (argc - optind != 1)
		return usage("listen wants one PORT (ttp listen --help)");
	return run(&o, argv[optind]);
}
