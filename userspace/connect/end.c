// SPDX-License-Identifier: GPL-2.0
/*
 * What the two ends of a connection, `ttp listen` and `ttp connect`, have in
 * common before there is a connection: options, and the files that are sent
 * and written.  Next: pipe.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "connect/connect.h"

/* "-" means standard input and output, as does no option. */
int end_open_files(struct end_opts *o)
{
	o->pipe.in = STDIN_FILENO;
	o->pipe.out = STDOUT_FILENO;
	if (o->input && strcmp(o->input, "-")) {
		o->pipe.in = open(o->input, O_RDONLY | O_CLOEXEC);
		if (o->pipe.in < 0)
			return fail("%s: %s", o->input, strerror(errno));
	}
	if (o->output && strcmp(o->output, "-")) {
		o->pipe.out = open(o->output, O_WRONLY | O_CREAT | O_TRUNC |
				   O_CLOEXEC, 0666);
		if (o->pipe.out < 0)
			return fail("%s: %s", o->output, strerror(errno));
	}
	return TTP_OK;
}

/* Return: as main(), or -1 to go on. */
int end_option(struct end_opts *o, int c, const char *help_text)
{
	unsigned long number;

	switch (c) {
	case 'n':
		o->netns = optarg;
		break;
	case 'i':
		o->input = optarg;
		break;
	case 'o':
		o->output = optarg;
		break;
	case 'w':
		if (parse_seconds(optarg, &o->pipe.idle_s))
			return usage("-w wants seconds, not '%s'", optarg);
		break;
	case END_HOLD:
		if (parse_seconds(optarg, &o->pipe.hold_s))
			return usage("--hold wants seconds, not '%s'", optarg);
		break;
	case 'N':
		o->pipe.no_shutdown = true;
		break;
	case END_RESET:
		o->pipe.reset = true;
		break;
	case END_INET:
		o->way.inet = true;
		break;
	case END_FAMILY:
		/* AF_MAX of the kernels that we know */
		if (parse_number(optarg, 46, &number))
			return usage("--family wants a number, not '%s'",
				     optarg);
		o->way.family = number;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'h':
		return help(help_text);
	default:
		return TTP_USAGE;
	}
	return -1;
}
