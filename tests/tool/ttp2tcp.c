// SPDX-License-Identifier: GPL-2.0
/*
 * LD_PRELOAD: a TTP socket is a TCP socket.  With it the tool's input and
 * output loop runs on a host without the module.
 */
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/ttp.h>

int socket(int domain, int type, int protocol)
{
	int (*next)(int domain, int type, int protocol);

	next = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
	if (domain == PF_TTP) {
		domain = protocol == TTPPROTO_IPV6 ? AF_INET6 : AF_INET;
		protocol = IPPROTO_TCP;
	} else if (protocol == IPPROTO_TTP) {
		protocol = IPPROTO_TCP;
	}
	return next(domain, type, protocol);
}
