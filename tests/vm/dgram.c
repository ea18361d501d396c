// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets of datagrams, see dgram.h.
 */
#include "dgram.h"
#include "sock.h"

int dgram(void)
{
	return dgram_of(is_v6() ? AF_INET6 : AF_INET);
}

int dgram_of(int family)
{
	const char *way = getenv("TTP_TEST_PROTO") ?: "ttp";

	if (!is_ttp())
		return OK(socket(family, SOCK_DGRAM, 0));
	if (!strcmp(way, "inet"))
		return OK(socket(family, SOCK_DGRAM, IPPROTO_TTP_DATAGRAM));
	return OK(socket(AF_TTP, SOCK_DGRAM, family == AF_INET6 ? TTPPROTO_IPV6 : TTPPROTO_IP));
}

int bound(const char *ip, int port)
{
	int fd = dgram();

	OK(bind_to(fd, ip, port));
	return fd;
}

int send_to(int fd, const char *text, const char *ip, int port)
{
	struct sockaddr_in a = addr(ip, port);
	socklen_t len;
	union address to = to_kernel(&a, &len);

	return sendto(fd, text, strlen(text), 0, &to.any, len);
}

void get(int fd, const char *text)
{
	char buf[256] = "";

	EQ(recv(fd, buf, sizeof(buf) - 1, 0), (long)strlen(text));
	if (strcmp(buf, text))
		fail("expected '%s', came '%s'", text, buf);
}

bool nothing(int fd)
{
	char c;

	return recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}
