// SPDX-License-Identifier: GPL-2.0
/*
 * ttp: the tool of the Teaching Transport Protocol.
 *
 * This file is the table of subcommands and the few helpers that all of them
 * use.  Each subcommand is a file; read the one that you are curious about,
 * then event.h.
 */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ttp.h"

static const struct command commands[] = {
	{ "listen",  listen_main,  "wait for a connection and carry stdin and stdout over it" },
	{ "connect", connect_main, "make a connection and carry stdin and stdout over it" },
	{ "run",     run_main,     "run a program for TCP over TTP" },
	{ "show",    show_main,    "list sockets, handshakes and TIME_WAIT" },
	{ "monitor", monitor_main, "print state changes and segments as they happen" },
	{ "ladder",  ladder_main,  "draw a connection's sequence diagram" },
	{ "stats",   stats_main,   "print the counters (MIB)" },
	{ "congestion", congestion_main, "list the congestion control algorithms" },
	{ "states",  states_main,  "print the state machine and how often each way was taken" },
};

/* One line on stderr that says what went wrong and, if we know, what to do. */
int fail(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("ttp: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return TTP_FAILED;
}

int usage(const char *fmt, ...)
{
	va_list args;

	fputs("ttp: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return TTP_USAGE;
}

int help(const char *text)
{
	fputs(text, stdout);
	return TTP_OK;
}

void *xrealloc(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count ? count : 1, size);

	if (!p)
		exit(fail("out of memory"));
	return p;
}

/* The one copy of NAME, so that names can be kept and compared as pointers. */
const char *intern(const char *name)
{
	static char **names;
	static size_t count;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return names[i];
	names = xrealloc(names, count + 1, sizeof(*names));
	names[count] = strdup(name);
	if (!names[count])
		exit(fail("out of memory"));
	return names[count++];
}

/* The clock of the events' time_ns. */
uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

int parse_seconds(const char *text, double *seconds)
{
	char *end;

	*seconds = strtod(text, &end);
	if (end == text || *end || !isfinite(*seconds) || *seconds < 0 ||
	    *seconds > 1e6)
		return -1;
	return 0;
}

int parse_number(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || *value > max)
		return -1;
	return 0;
}

static int top_help(FILE *out)
{
	fputs("usage: ttp COMMAND [OPTION]...\n"
	      "\n"
	      "commands:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name,
			commands[i].summary);
	fputs("\n"
	      "ttp COMMAND --help  describes the command's options; ttp(8) has examples.\n"
	      "ttp --version       says which ttp this is.\n"
	      "exit status: 0 done, 1 failed, 2 wrong usage.\n", out);
	return out == stdout ? TTP_OK : TTP_USAGE;
}

static int run(int argc, char **argv)
{
	const char *name = argv[1];
	static char title[32];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(name, commands[i].name))
			continue;
		/* getopt_long() begins its messages with this */
		snprintf(title, sizeof(title), "ttp %s", name);
		argv[1] = title;
		return commands[i].run(argc - 1, argv + 1);
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h") ||
	    !strcmp(name, "help"))
		return top_help(stdout);
	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		puts("ttp " TTP_VERSION);
		return TTP_OK;
	}
	return usage("no command '%s' (ttp --help lists them)", name);
}

int main(int argc, char **argv)
{
	int status;

	setlocale(LC_CTYPE, "");
	/* a closed pipe is an error of write(), not the end of the process */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2)
		return top_help(stderr);
	status = run(argc, argv);
	if (fflush(stdout) && errno != EPIPE && !status)
		status = fail("write to standard output: %s", strerror(errno));
	return status;
}
