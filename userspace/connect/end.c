// SPDX-License-Identifier: GPL-2.0
/*
 * What the two ends of a connection have in common: the files that are sent and
 * written, and the connection's life.  Called by listen.c and connect.c.  Next:
 * pipe.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/ttp.h>

#include "base/base.h"
#include "base/netns.h"
#include "connect/connect.h"

/* The numbers of other families: a connection of theirs would not be TTP's. */
int option_family(const struct opt *opt, const char *text)
{
	unsigned long *family = opt->to;

	/* up to AF_MAX of the kernels that we know */
	if (parse_number(text, 46, family))
		return usage("--family wants the number that the module was loaded with as family=, not '%s'",
			     text);
	if (*family == AF_INET || *family == AF_INET6 || *family == AF_UNIX)
		return usage("--family %s is not TTP's family, which is %d unless the module was loaded with family=; --inet opens AF_INET's with IPPROTO_TTP",
			     text, PF_TTP);
	return 0;
}

/* netcat's -N, which once was ours for the contrary. */
int option_shutdown(const struct opt *opt, const char *text)
{
	fputs("ttp: -N: the FIN at the end of the input is the default; --no-shutdown leaves it out\n",
	      stderr);
	return 0;
}

int option_ipv4(const struct opt *opt, const char *text)
{
	return 0;
}

static bool is_folder(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISDIR(st.st_mode);
}

/* "-" means standard input and output, as does no option. */
static int open_files(struct end_opts *o)
{
	o->pipe.in = STDIN_FILENO;
	o->pipe.out = STDOUT_FILENO;
	if (o->input && strcmp(o->input, "-")) {
		o->pipe.in = open(o->input, O_RDONLY | O_CLOEXEC);
		if (o->pipe.in < 0)
			return fail("%s: %s", o->input, strerror(errno));
		if (is_folder(o->pipe.in))
			return fail("%s is a folder: -i wants a file to send", o->input);
	}
	if (o->output && strcmp(o->output, "-")) {
		if (is_file(o->pipe.in, o->output))
			return fail("%s is the file that is sent: write to another one", o->output);
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
