// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses and ports: from the words of the command line, and into words for
 * -v.  Called by listen.c and connect.c.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/base.h"
#include "connect/connect.h"

int address_resolve(const char *host, const char *port, bool passive,
		    struct addrinfo **result)
{
	/* getaddrinfo() doesn't know TTP; its answer for TCP is the same */
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

static void address_text(const struct sockaddr_storage *ss, char *buf, size_t size)
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

static void local_text(int fd, char *buf, size_t size)
{
	struct sockaddr_storage local = { 0 };
	socklen_t len = sizeof(local);

	getsockname(fd, (struct sockaddr *)&local, &len);
	address_text(&local, buf, size);
}

void address_say_listening(int fd)
{
	char local[256];

	local_text(fd, local, sizeof(local));
	fprintf(stderr, "listening: %s\n", local);
}

void address_say_connected(int fd, const char *arrow, const struct sockaddr_storage *peer)
{
	char local[256], remote[256];

	local_text(fd, local, sizeof(local));
	address_text(peer, remote, sizeof(remote));
	fprintf(stderr, "connected: %s %s %s\n", local, arrow, remote);
}
