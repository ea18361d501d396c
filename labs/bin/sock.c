// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the socket interface, one after the other, on one socket of TTP: each word is a
 * call.  It prints what each returns, and ends at the first that fails.
 *
 *	sock socket bind 7000 listen accept read write hello shutdown close sleep 10
 *
 *	datagram is socket() of type SOCK_DGRAM; socket6 and datagram6 are of AF_INET6;
 *	bind [ADDRESS:]PORT, connect ADDRESS:PORT, write WORD, sleep SECONDS and await FILE (until
 *	it is there) have a second word;
 *	an ADDRESS of IPv6 is in brackets; after accept, read, write, shutdown and close are
 *	about the socket that it returned.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IPPROTO_TTP		253
#define IPPROTO_TTP_DATAGRAM	254

static int family = AF_INET;

/* "10.0.0.2:7000" or "[fd00::2]:7000", or "7000" for all addresses.
 * Return: its length; 0: it is none, and bind() and connect() will say so.
 */
static socklen_t address(const char *word, struct sockaddr_storage *to)
{
	struct sockaddr_in *four = (struct sockaddr_in *)to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
	const char *colon = strrchr(word, ':');
	in_port_t port = htons(atoi(colon ? colon + 1 : word));
	char host[INET6_ADDRSTRLEN + 1] = "";
	void *addr;

	memset(to, 0, sizeof(*to));
	to->ss_family = family;
	if (colon)
		sscanf(word, family == AF_INET ? "%46[^:]" : "[%46[^]]", host);
	addr = family == AF_INET ? (void *)&four->sin_addr : &six->sin6_addr;
	if (colon && inet_pton(family, host, addr) != 1)
		return 0;
	if (family == AF_INET) {
		four->sin_port = port;
		return sizeof(*four);
	}
	six->sin6_port = port;
	return sizeof(*six);
}

static int is(const char *call, const char *name)
{
	return !strcmp(call, name);
}

/* Does a call, about the socket *@s.  Return: as the call does. */
static int do_call(const char *call, const char *word, int *s)
{
	struct sockaddr_storage to;
	socklen_t len;
	char data[1000];

	if (call[strlen(call) - 1] == '6')
		family = AF_INET6;
	len = address(word, &to);
	if (is(call, "socket") || is(call, "socket6"))
		return *s = socket(family, SOCK_STREAM, IPPROTO_TTP);
	if (is(call, "datagram") || is(call, "datagram6"))
		return *s = socket(family, SOCK_DGRAM, IPPROTO_TTP_DATAGRAM);
	if (is(call, "bind"))
		return bind(*s, (struct sockaddr *)&to, len);
	if (is(call, "listen"))
		return listen(*s, 16);
	if (is(call, "accept"))
		return *s = accept(*s, NULL, NULL);
	if (is(call, "connect"))
		return connect(*s, (struct sockaddr *)&to, len);
	if (is(call, "read"))
		return read(*s, data, sizeof(data));
	if (is(call, "write"))
		return write(*s, word, strlen(word));
	if (is(call, "shutdown"))
		return shutdown(*s, SHUT_WR);
	if (is(call, "close"))
		return close(*s);
	if (is(call, "sleep"))
		return sleep(atoi(word));
	if (is(call, "await")) {
		while (access(word, F_OK))
			usleep(50000);
		return 0;
	}
	errno = ENOSYS;
	return -1;
}

int main(int argc, char **argv)
{
	int s = -1, value;

	setlinebuf(stdout);
	for (int i = 1; i < argc; i++) {
		const char *call = argv[i], *word = "";

		if (i + 1 < argc && (is(call, "bind") || is(call, "connect") || is(call, "write") ||
				     is(call, "sleep") || is(call, "await")))
			word = argv[++i];
		value = do_call(call, word, &s);
		printf("%s(%s) = %d%s%s\n", call, word, value, value < 0 ? " " : "",
		       value < 0 ? strerrorname_np(errno) : "");
		if (value < 0)
			return 1;
	}
	return 0;
}
