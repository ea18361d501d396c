/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `ttp run` and the library that it preloads agree upon.
 */
#ifndef TTP_PRELOAD_H
#define TTP_PRELOAD_H

#define PRELOAD_LIBRARY	"libttp-run.so"

/* in the environment, not empty: say what becomes of each socket */
#define PRELOAD_DEBUG	"TTP_RUN_DEBUG"

#endif
