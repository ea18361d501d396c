// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of IPv6 and of IPv4 as they are, see six.h.
 */
#include "six.h"

struct sockaddr_in6 addr6(const char *ip, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	EQ(inet_pton(AF_INET6, ip, &a.sin6_addr), 1);
	return a;
}

int bind6(int fd, const char *ip, int port)
{
	struct sockaddr_in6 a = addr6(ip, port);

	return bind(fd, (struct sockaddr *)&a, sizeof(a));
}

int connect6(int fd, const char *ip, int port)
{
	struct sockaddr_in6 a = addr6(ip, port);

	return connect(fd, (struct sockaddr *)&a, sizeof(a));
}

int bind4(int fd, const char *ip, int port)
{
	struct sockaddr_in a = addr(ip, port);

	return bind(fd, (struct sockaddr *)&a, sizeof(a));
}

int connect4(int fd, const char *ip, int port)
{
	struct sockaddr_in a = addr(ip, port);

	return connect(fd, (struct sockaddr *)&a, sizeof(a));
}

const char *name_of(int fd, bool peer)
{
	static char text[64];
	struct sockaddr_in6 a;
	socklen_t len = sizeof(a);

	OK((peer ? getpeername : getsockname)(fd, (struct sockaddr *)&a, &len));
	EQ(len, sizeof(a));
	EQ(a.sin6_family, AF_INET6);
	inet_ntop(AF_INET6, &a.sin6_addr, text, sizeof(text));
	return text;
}

void address6(const char *device, const char *ip, int prefix)
{
	struct sockaddr_in6 a = addr6(ip, 0);

	add_address6(device, &a.sin6_addr, prefix);
}

void link_local(const char *ip)
{
	address6("wire0", ip, 64);
}
