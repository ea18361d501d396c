/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every file of the tool uses: exit status, messages, memory, time, and
 * numbers that are read and printed.
 */
#ifndef TTP_BASE_H
#define TTP_BASE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __printf(f, a)	__attribute__((format(printf, f, a)))

/* exit status; documented in ttp(8) */
enum {
	TTP_OK = 0,
	TTP_FAILED = 1,	/* at run time */
	TTP_USAGE = 2,	/* the command line makes no sense */
	TTP_CANNOT_RUN = 126,	/* ttp run: as env(1) has it */
	TTP_NOT_FOUND = 127,
};

/* base.c */
int standard_streams(void);
bool beside_tool(const char *name, char path[PATH_MAX]);
bool no_color(void);
bool is_file(int fd, const char *name);
int fail(const char *fmt, ...) __printf(1, 2);
int written(FILE *out, const char *name);
int usage(const char *fmt, ...) __printf(1, 2);
void *xrealloc(void *old, size_t count, size_t size) __attribute__((returns_nonnull));
void *grow(void *old, size_t count, size_t size);
const char *intern(const char *name);
uint64_t now_ns(void);
uint64_t wall_ns(void);
int parse_seconds(const char *text, double *seconds);
int parse_number(const char *text, unsigned long max, unsigned long *value);
const char *group_digits(uint64_t n, char buf[32]);
#define DECIMAL_SIZE	24	/* of 64 bits, with the 0 behind them, and a multiple of 8 */
char *put_decimal(char *to, uint64_t n);

/* names.c */
#define NAME_SIZE	256	/* of a file, with the 0 behind it */
void clean_name(char *name);
const char *printable(const char *name, bool ascii, char buf[NAME_SIZE]);
int text_width(const char *text);

#endif
