/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the counters were at the last call, as nstat(8) keeps it.
 */
#ifndef TTP_HISTORY_H
#define TTP_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define COUNTERS_MAX 256

struct counters {
	size_t count;
	struct {
		char name[64];
		uint64_t value;
	} entry[COUNTERS_MAX];
};

int history_open(void);
void history_find(uint64_t netns, struct counters *counters);
void history_set(uint64_t netns, const struct counters *counters);
int history_save(void);

#endif
