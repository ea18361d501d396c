// SPDX-License-Identifier: GPL-2.0
/*
 * The doors to the protocol: socket(PF_TTP, ...) and socket(AF_INET, ...,
 * IPPROTO_TTP), and what else `ttp listen` and `ttp connect` both need before
 * there is a connection: addresses and files.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ttp.h>

#include "base/base.h"
#include "connect/connect.h"

/* Return: a socket, or -1 after saying why not. */
int door_socket(const struct door *door, int family)
{
	int fd;

	if (door->inet)
		fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TTP);
	else
		fd = socket(door->family, SOCK_STREAM | SOCK_CLOEXEC,
			    family == AF_INET6 ? TTPPROTO_IPV6 : TTPPROTO_IP);
	if (fd >= 0)
		return fd;
	if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ||
	    errno == ESOCKTNOSUPPORT)
		fail("the ttp module is not loaded: insmod ttp.ko, or make load");
	else
		fail("socket: %s", strerror(errno));
	return -1;
}

int door_resolve(const char *host, const char *port, bool passive,
		 struct addrinfo **result)
{
	/* getaddrinfo() doesn't know TTP; TCP's answer differs in no way */
	struct addrinfo hints = {
		.ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
		.ai_flags = passive ? AI_PASSIVE : 0,
	};
	int err = getaddrinfo(host, port, &hints, result);

	if (err == EAI_SYSTEM)
		return fail("%s port %s: %s", host ? host : "*", port,
			    strerror(errno));
	if (err == EAI_SERVICE)
		return usage("no port '%s': a number from 1 to 65535 or a service's name",
			     port);
	if (err)
		return fail("%s: %s", host ? host : "*", gai_strerror(err));
	return TTP_OK;
}

void door_print_address(const struct sockaddr_storage *ss, char *buf,
			size_t size)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo((const struct sockaddr *)ss, sizeof(*ss), host,
			sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV)) {
		snprintf(buf, size, "?");
		return;
	}
	if (ss->ss_family == AF_INET6)
		snprintf(buf, size, "[%.200s]:%.20s", host, port);
	else
		snprintf(buf, size, "%.200s:%.20s", host, port);
}

/* "-" stands for standard input and output, as does nothing. */
int door_open_files(struct end_opts *o)
{
	o->pipe.in = STDIN_FILENO;
	o->pipe.out = STDOUT_FILENO;
	if (o->input && strcmp(o->input, "-")) {
		o->pipe.in = open(o->input, O_RDONLY | O_CLOEXEC);
		if (o->pipe.in < 0)
			return fail("%s: %s", o->input, strerror(errno));
	}
	if (o->output && strcmp(o->output, "-")) {
		o->pipe.out = open(o->output, O_WRONLY | O_CREAT | O_TRUNC |
				   O_CLOEXEC, 0666);
		if (o->pipe.out < 0)
			return fail("%s: %s", o->output, strerror(errno));
	}
	return TTP_OK;
}

/* Return: as main(), or -1 to go on. */
int door_option(struct end_opts *o, int c, const char *help_text)
{
	unsigned long number;

	switch (c) {
	case 'n':
		o->netns = optarg;
		break;
	case 'i':
		o->input = optarg;
		break;
	case 'o':
		o->output = optarg;
		break;
	case 'w':
		if (parse_seconds(optarg, &o->pipe.idle_s))
			return usage("-w wants seconds, not '%s'", optarg);
		break;
	case END_HOLD:
		if (parse_seconds(optarg, &o->pipe.hold_s))
			return usage("--hold wants seconds, not '%s'", optarg);
		break;
	case 'N':
		o->pipe.no_shutdown = true;
		break;
	case END_RESET:
		o->pipe.reset = true;
		break;
	case END_INET:
		o->door.inet = true;
		break;
	case END_FAMILY:
		/* AF_MAX of the kernels that we know */
		if (parse_number(optarg, 46, &number))
			return usage("--family wants a number, not '%s'",
				     optarg);
		o->door.family = number;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'h':
		return help(help_text);
	default:
		return TTP_USAGE;
	}
	return -1;
}
