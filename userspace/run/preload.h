/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `ttp run` and the library that it preloads agree upon; and what the
 * files of the library share.
 */
#ifndef TTP_PRELOAD_H
#define TTP_PRELOAD_H

#include <stdbool.h>

#define PRELOAD_LIBRARY	"libttp-run.so"

/* in the environment, not empty: datagrams, too, are TTP's */
#define PRELOAD_DATAGRAMS	"TTP_RUN_DATAGRAMS"

/* in the environment, not empty: say what becomes of each socket */
#define PRELOAD_DEBUG	"TTP_RUN_DEBUG"

/* what the library has for programs, where all else of it is hidden */
#define WRAPPER	__attribute__((visibility("default")))

/* preload.c */
bool preload_stderr(void);
void preload_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
