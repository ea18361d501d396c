// SPDX-License-Identifier: GPL-2.0
/*
 * What the two ends of a connection have in common: the files that are sent and
 * written, and the connection's life.  Called by listen.c and connect.c.  Next:
 * pipe.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/netns.h"
#include "connect/connect.h"

/* "-" means standard input and output, as does no option. */
static int open_files(struct end_opts *o)
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

/* Enter the namespace and open the files. */
int end_prepare(struct end_opts *o)
{
	if (o->netns && netns_enter(o->netns))
		return TTP_FAILED;
	return open_files(o) ? TTP_FAILED : TTP_OK;
}

/* Carry data over the connection @fd, and close it. */
int end_carry(struct end_opts *o, int fd)
{
	struct pipe_result res;
	int status = pipe_run(fd, &o->pipe, &res);

	close(fd);
	if (o->verbose)
		pipe_report(&res);
	return status;
}
