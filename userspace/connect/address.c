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
#include "base/port.h"
#include "connect/connect.h"

/*
 * @host: NULL for any; @port: NULL for none; @flags: AI_*, of which
 * AI_NUMERICHOST also forbids the names of services; @six: look names up for IPv6, as what
 * is written with colons is.
 * Return: TTP_OK with @result for freeaddrinfo(); else an exit status after saying
 * what is wrong.
 */
int address_resolve(const char *host, const char *port, int flags, bool six,
		    struct addrinfo **result)
{
	/* getaddrinfo() doesn't know TTP; its answer for TCP is the same */
	struct addrinfo hints = {
		.ai_family = six || (host && strchr(host, ':')) ? AF_INET6 : AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
		.ai_flags = flags,
	};
	char digits[24] = "0";
	unsigned long number;
	int err;

	/* getaddrinfo() takes 70000 for 4464 */
	if (port && (port_parse(port, &number) ||
		     (flags & AI_NUMERICHOST && port[strspn(port, "0123456789")])))
		return usage("no port '%s': " PORT_WANTS, port);
	if (port)
		snprintf(digits, sizeof(digits), "%lu", number);
	if (host && !*host)
		return usage("an empty HOST: give an address or a name");
	err = getaddrinfo(host, digits, &hints, result);
	if (err == EAI_SYSTEM)
		return fail("%s port %s: %s", host ? host : "*", digits,
			    strerror(errno));
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
