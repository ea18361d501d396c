// SPDX-License-Identifier: GPL-2.0
/*
 * ttp: the tool of the Teaching Transport Protocol.
 *
 * This file has main() and the table of subcommands.  Each subcommand is a
 * file of its own name; the Makefile's header says what is in which folder.
 *
 * Next: print/congestion.c, the shortest subcommand, then read/event.h.
 */
#include <ctype.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/netns.h"
#include "base/options.h"
#include "capture/capture.h"
#include "connect/connect.h"
#include "draw/ladder.h"
#include "draw/plot.h"
#include "lab/lab.h"
#include "print/print.h"
#include "report/report.h"
#include "run/run.h"
#include "web/web.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "listen",  listen_main,  "wait for a connection and carry stdin and stdout over it" },
	{ "connect", connect_main, "make a connection and carry stdin and stdout over it" },
	{ "run",     run_main,     "run a program for TCP over TTP" },
	{ "show",    show_main,    "list sockets, handshakes and TIME_WAIT" },
	{ "top",     top_main,     "watch connections and their rates" },
	{ "monitor", monitor_main, "print state changes and segments as they happen" },
	{ "ladder",  ladder_main,  "draw a connection's sequence diagram" },
	{ "plot",    plot_main,    "plot windows, RTT, throughput and sequence numbers over time" },
	{ "record",  record_main,  "write state changes and segments to a file" },
	{ "pcap",    pcap_main,    "write a recording as a capture for Wireshark" },
	{ "report",  report_main,  "make a page for a browser of a recording" },
	{ "web",     web_main,     "serve that page live, with buttons, to a browser" },
	{ "stats",   stats_main,   "print what was added to the counters (MIB)" },
	{ "congestion", congestion_main, "list the congestion control algorithms" },
	{ "fault",   fault_main,   "lose, delay or change segments on purpose, by number" },
	{ "states",  states_main,  "print the state machine and how often each transition was taken" },
	{ "lab",     lab_main,     "play a lesson on real connections that checks itself" },
	{ "quiz",    quiz_main,    "make a sheet with blanks of a recording, and check it" },
	{ "doctor",  doctor_main,  "say what keeps TTP from working here, and what to do" },
};

static int top_help(FILE *out)
{
	fputs("usage: ttp [-n NETNS]... COMMAND [OPTION]...\n"
	      "\n"
	      "  -n, --netns NETNS  in this network namespace; several may be given to what\n"
	      "                     prints of several\n"
	      "\n"
	      "commands, which may be shortened:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name,
			commands[i].summary);
	fputs("\n"
	      "ttp help COMMAND    describes the command's options; ttp-COMMAND(8) is its manual,\n"
	      "                    and ttp(8) has examples.\n"
	      "ttp --version       says which ttp this is.\n"
	      "exit status: 0 done, 1 failed, 2 wrong usage.\n", out);
	return out == stdout ? TTP_OK : TTP_USAGE;
}

/* For ttp.bash. */
static int list_commands(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		puts(commands[i].name);
	return TTP_OK;
}

/* The first that begins so, as ip(8) has it.  Return: -1 for none. */
static int find_command(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; len && i < ARRAY_SIZE(commands); i++)
		if (!strncmp(name, commands[i].name, len))
			return i;
	return -1;
}

static int no_command(const char *name)
{
	return usage("no command '%s' (ttp --help lists them)", name);
}

static int run(int argc, char **argv)
{
	int i = find_command(argv[0]);

	if (i >= 0)
		return commands[i].run(argc, argv);
	if (!strcmp(argv[0], "help")) {
		char *help[] = { argv[1], "--help", NULL };

		if (argc < 2)
			return top_help(stdout);
		i = find_command(argv[1]);
		return i >= 0 ? commands[i].run(2, help) : no_command(argv[1]);
	}
	return no_command(argv[0]);
}

/* Options before the command.  Return: as main(), or -1 to go on. */
static int global_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "netns", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ "list-commands", no_argument, NULL, 'L' },
		{ 0 }
	};
	int c, status;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:n:N:hV", longs, NULL)) != -1) {
		switch (c) {
		case 'n':
			status = netns_add(&netns_before_command, optarg);
			if (status < 0)
				return usage("-n wants " NETNS_WANTS);
			if (status)
				return status;
			break;
		case 'h':
			return top_help(stdout);
		case 'V':
			puts("ttp " TTP_VERSION);
			return TTP_OK;
		case 'L':
			return list_commands();
		case 'N':
			return usage("before the command the namespace is -n %s", optarg);
		case ':':
			return usage("-%c wants " NETNS_WANTS, optopt);
		default:
			if (optopt && isascii(optopt))
				return usage("no option '-%c' before the command: its own come after it (ttp --help)",
					     optopt);
			return usage("no option '%s' before the command: its own come after it (ttp --help)",
				     argv[optopt ? optind : optind - 1]);
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	int status;

	if (standard_streams())
		return TTP_FAILED;
	setlocale(LC_CTYPE, "");
	/* a closed pipe is an error of write(), not the end of the process */
	signal(SIGPIPE, SIG_IGN);
	/* whoever started us may not wait for his processes; we do */
	signal(SIGCHLD, SIG_DFL);
	if (argc < 2)
		return top_help(stderr);
	status = global_options(argc, argv);
	if (status < 0 && optind == argc)
		status = top_help(stderr);
	argc -= optind;
	argv += optind;
	optind = 0;	/* the command's options begin anew */
	if (status < 0)
		status = run(argc, argv);
	return status ? status : written(stdout, "standard output");
}
