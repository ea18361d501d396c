/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network device whose other end is this process, and checksums for what
 * it writes there.
 */
#ifndef TUN_H
#define TUN_H

#include <stddef.h>
#include <stdint.h>

/* in this thread's namespace, with this address of a /24; the fd, nonblocking */
int tun_up(const char *ip, int queue);

/* the Internet checksum: sum up parts of even length, then fold */
uint32_t sum_add(const void *data, size_t len, uint32_t sum);
uint16_t sum_fold(uint32_t sum);

#endif
