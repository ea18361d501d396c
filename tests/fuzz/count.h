/* SPDX-License-Identifier: GPL-2.0 */
/*
 * count.h - how many segments the inputs of a fuzzer played: an input is a
 * sequence of them.  Said at the end, beside libFuzzer's own statistics.
 */
#include <stdio.h>

static unsigned long long segments_played;

static void __attribute__((destructor)) say_segments(void)
{
	fprintf(stderr, "stat::segments_played: %llu\n", segments_played);
}
