// SPDX-License-Identifier: GPL-2.0
/*
 * schedules.c - libFuzzer: two honest ends on a channel that does what the input
 * says.  Two bytes choose one of the short connections of tests/host/explore.c
 * and its options, two more both ISS, then three bytes are one event: to which
 * segment, what, and for how many more.  All rules of the oracle hold, and all
 * data arrives.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "count.h"
#include "explore.h"

#define EVENTS	4	/* more may exhaust the retries of a SYN */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

void test_story(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void test_forget(void)
{
}

void test_failed(const char *file, int line, const char *what)
{
	printf("broken: %s\n", what);
	fflush(stdout);
	abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct schedule c = { 0 };
	u32 i;

	if (size < 7)
		return 0;
	c.which = data[0] % explore_connections();
	c.mix = data[1] % MIXES;
	c.iss[0] = data[2] & 1 ? -(data[2] * 16U) : 0x7fffffff - data[2] * 16U;
	c.iss[1] = data[3] & 1 ? -(data[3] * 16U) : 0x7fffffff - data[3] * 16U;
	for (i = 4; i + 3 <= size && c.nplan < EVENTS; i += 3)
		c.plan[c.nplan++] = (struct sim_plan){
			1 + data[i] % 48, data[i + 1] % (MARK + 1), 1 + data[i + 2] % 32,
		};
	explore_run(&c, NULL);
	segments_played = explore_segments;
	return 0;
}
