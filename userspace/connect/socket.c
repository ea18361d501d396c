// SPDX-License-Identifier: GPL-2.0
/*
 * The two ways to open a socket of TTP's: socket(PF_TTP, ...) and
 * socket(AF_INET, ...), or AF_INET6, with its protocol number.  Called by listen.c, connect.c and, to ask
 * whether the module is there, by ../run/run.c.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/ttp.h>

#include "base/base.h"
#include "connect/connect.h"

/* Return: a socket, or -1 after saying why not. */
int socket_open(const struct socket_way *way, int family)
{
	int type = (way->datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, fd;

	if (way->inet)
		fd = socket(family, type, way->datagrams ? IPPROTO_TTP_DATAGRAM : IPPROTO_TTP);
	else
		fd = socket(way->family, type,
			    family == AF_INET6 ? TTPPROTO_IPV6 : TTPPROTO_IP);
	if (fd >= 0)
		return fd;
	if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ||
	    errno == ESOCKTNOSUPPORT)
		fail("%sthe ttp module is not loaded: modprobe ttp, or make load in its sources",
		     family == AF_INET6 ? "this kernel has no IPv6, or " : "");
	else
		fail("socket: %s", strerror(errno));
	return -1;
}
