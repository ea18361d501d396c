// SPDX-License-Identifier: GPL-2.0
/*
 * ttp: the tool of the Teaching Transport Protocol.
 *
 * This file has main() and the table of subcommands.  Each subcommand is a
 * file of its own name; the Makefile's header says what is in which folder.
 *
 * Next: print/congestion.c, the shortest subcommand, then read/event.h.
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "connect/connect.h"
#include "draw/ladder.h"
#include "print/print.h"
#include "run/run.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
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

	if (standard_streams())
		return TTP_FAILED;
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
