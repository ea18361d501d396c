/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets of datagrams: of TTP by either way to open one, or the kernel's UDP; of IPv6 with
 * TTP_TEST_FAMILY=6, as sock.h.
 */
#ifndef DGRAM_H
#define DGRAM_H

#include <stdbool.h>

#define HERE_IP	"127.0.0.1"

int dgram(void);
int dgram_of(int family);
int bound(const char *ip, int port);
int send_to(int fd, const char *text, const char *ip, int port);	/* as sendto() */
void get(int fd, const char *text);	/* the next datagram has this data */
bool nothing(int fd);			/* nothing has come */

#endif
