// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the socket interface, one after the other, on one socket of TTP: each word is a
 * call.  It prints what each returns, and ends at the first that fails.
 *
 *	sock socket bind 7000 listen accept read write hello shutdown close sleep 10
 *
 *	datagram is socket() of type SOCK_DGRAM;
 *	bind [ADDRESS:]PORT, connect ADDRESS:PORT, write WORD, sleep SECONDS have a second word;
 *	after accept, read, write, shutdown and close are about the socket that it returned.
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

/* "10.0.0.2:7000", or "7000" for all addresses */
static struct sockaddr_in address(const char *word)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const char *colon = strchr(word, ':');
	char host[16] = "0.0.0.0";

	if (colon)
		snprintf(host, sizeof(host), "%.*s", (int)(colon - word), word);
	inet_pton(AF_INET, host, &to.sin_addr);
	to.sin_port = htons(atoi(colon ? colon + 1 : word));
	return to;
}

static int is(const char *call, const char *name)
{
	return !strcmp(call, name);
}

/* Does a call, about the socket *@s.  Return: as the call does. */
static int do_call(const char *call, const char *word, int *s)
{
	struct sockaddr_in to = address(word);
	char data[1000];

	if (is(call, "socket"))
		return *s = socket(AF_INET, SOCK_STREAM, IPPROTO_TTP);
	if (is(call, "datagram"))
		return *s = socket(AF_INET, SOCK_DGRAM, IPPROTO_TTP_DATAGRAM);
	if (is(call, "bind"))
		return bind(*s, (struct sockaddr *)&to, sizeof(to));
	if (is(call, "listen"))
		return listen(*s, 16);
	if (is(call, "accept"))
		return *s = accept(*s, NULL, NULL);
	if (is(call, "connect"))
		return connect(*s, (struct sockaddr *)&to, sizeof(to));
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
				     is(call, "sleep")))
			word = argv[++i];
		value = do_call(call, word, &s);
		printf("%s(%s) = %d%s%s\n", call, word, value, value < 0 ? " " : "",
		       value < 0 ? strerrorname_np(errno) : "");
		if (value < 0)
			return 1;
	}
	return 0;
}
