/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machine with both ends' place in it, and the transitions of a recording.
 */
#ifndef TTP_FOLLOW_H
#define TTP_FOLLOW_H

#include <stdbool.h>

#include "read/feed.h"

int follow_run(struct feed_opts *feed, unsigned long port);
int follow_count(const char *recording, void (*row)(void *arg, const struct event *ev), void *arg);

#endif
