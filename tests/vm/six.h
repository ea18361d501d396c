/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests that are about IPv6: its addresses and IPv4's as they are, whatever sock.h makes of
 * those of IPv4.
 */
#ifndef SIX_H
#define SIX_H

#include "sock.h"

struct sockaddr_in6 addr6(const char *ip, int port);
int bind6(int fd, const char *ip, int port);
int connect6(int fd, const char *ip, int port);
int bind4(int fd, const char *ip, int port);
int connect4(int fd, const char *ip, int port);
const char *name_of(int fd, bool peer);	/* its address, of IPv6 */
void address6(const char *device, const char *ip, int prefix);	/* the device has this one, too */
void link_local(const char *ip);	/* wire0 has this one, too */

#define IS(fd, peer, ip)						\
	do {								\
		HERE("address " ip);					\
		if (strcmp(name_of(fd, peer), ip))			\
			fail("expected " ip ", came %s", name_of(fd, peer)); \
	} while (0)

#endif
