// SPDX-License-Identifier: GPL-2.0
/*
 * For the tools that the shell tests use: sock.c and proc.c without the
 * runner.  A failure is a line on standard error and exit status 1.
 */
#include <stdarg.h>
#include "sock.h"

static const char *what = "start";

void here(const char *file, int line, const char *doing)
{
	what = doing;
}

void fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: %s: ", program_invocation_short_name, what);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void skip(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(2);
}
