/* SPDX-License-Identifier: GPL-2.0 */
/*
 * where.h - is included before each file of the core (-include): every "if" there says which
 * line it is in, and whether its condition is true.  So the sources need no marks, and what
 * the page shows cannot drift from them.  The kernel does the same for
 * CONFIG_PROFILE_ALL_BRANCHES.
 */
#ifndef _TTP_PLAY_WHERE_H
#define _TTP_PLAY_WHERE_H

#include <stdbool.h>

bool where_if(const char *file, int line, bool taken);

#define if(...)	if (where_if(__FILE__, __LINE__, !!(__VA_ARGS__)))

#endif
