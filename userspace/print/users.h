/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processes have a socket open.
 */
#ifndef TTP_USERS_H
#define TTP_USERS_H

#include <stddef.h>
#include <stdint.h>

void users_read(void);
void users_text(uint32_t inode, char *text, size_t size);

#endif
