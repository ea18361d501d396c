// SPDX-License-Identifier: GPL-2.0
/*
 * LD_PRELOAD: a TTP socket is a TCP socket, and one for datagrams UDP's.  With it the tool's
 * input and output loop runs on a host without the module.
 *
 * With FULL in the environment no datagram is sent without waiting for room.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/ttp.h>

int socket(int domain, int type, int protocol)
{
	int (*next)(int domain, int type, int protocol);

	next = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	if (domain == PF_TTP) {
		domain = protocol == TTPPROTO_IPV6 ? AF_INET6 : AF_INET;
		protocol = 0;
	} else if (protocol == IPPROTO_TTP) {
		protocol = IPPROTO_TCP;
	}
	return next(domain, type, protocol);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	ssize_t (*next)(int fd, const void *data, size_t len, int flags);

	next = (ssize_t (*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");
	if (getenv("FULL") && fcntl(fd, F_GETFL) & O_NONBLOCK) {
		errno = EAGAIN;
		return -1;
	}
	return next(fd, data, len, flags);
}
