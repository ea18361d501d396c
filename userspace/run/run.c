// SPDX-License-Identifier: GPL-2.0
/*
 * ttp run: a program for TCP, unmodified, over TTP.
 *
 * The dynamic linker loads preload.c into the program.  For programs that it
 * does not link, or that have more rights than who runs them, it does not, and
 * prints no message: program.c refuses those, so that none uses TCP unnoticed; of
 * those that the program runs in its turn exec.c says so.
 *
 * Called by main().  Next: program.c, preload.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "base/netns.h"
#include "base/options.h"
#include "connect/connect.h"
#include "run/preload.h"
#include "run/run.h"

#ifndef TTP_LIBDIR
#define TTP_LIBDIR	"/usr/local/lib/ttp"
#endif

/* Beside the tool in a build tree, below the same PREFIX when installed. */
static int find_library(char path[PATH_MAX])
{
	static const char *const places[] = { PRELOAD_LIBRARY, "../lib/ttp/" PRELOAD_LIBRARY };
	char name[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (beside_tool(places[i], name) && realpath(name, path))
			return TTP_OK;
	strcpy(path, TTP_LIBDIR "/" PRELOAD_LIBRARY);
	if (!access(path, R_OK))
		return TTP_OK;
	return fail("%s: %s: make install puts it there", path,
		    strerror(errno));
}

/* Is @path one of the names in @list, which blanks or colons separate? */
static bool is_listed(const char *list, const char *path)
{
	size_t len = strlen(path);

	for (const char *p = list; (p = strstr(p, path)); p++)
		if ((p == list || strchr(": ", p[-1])) &&
		    strchr(": ", p[len]))
			return true;
	return false;
}

/* Behind what is there, so that other libraries see what the program asked. */
static int set_preload(const char *path)
{
	const char *old = getenv("LD_PRELOAD");
	char *list;

	if (strpbrk(path, ": "))
		return fail("%s: LD_PRELOAD cannot have a blank or a colon in a name: move it",
			    path);
	if (!old || !*old)
		return setenv("LD_PRELOAD", path, 1);
	if (is_listed(old, path))
		return TTP_OK;
	if (asprintf(&list, "%s:%s", old, path) < 0)
		return fail("out of memory");
	setenv("LD_PRELOAD", list, 1);
	free(list);
	return TTP_OK;
}

/* Say it once here, not at each socket() of the program. */
static int check_module(void)
{
	struct socket_way way = { .inet = true };
	int fd = socket_open(&way, AF_INET);

	if (fd < 0)
		return TTP_FAILED;
	close(fd);
	return TTP_OK;
}

struct opts {
	const char *ns;
	bool debug;
	bool datagrams;
};

static int run(const struct opts *o, char **command)
{
	char library[PATH_MAX], path[PATH_MAX];
	int status;

	status = program_find(command[0], path);
	if (!status)
		status = program_check(command[0], path);
	if (!status)
		status = find_library(library);
	if (!status && o->ns)
		status = netns_enter(o->ns);
	if (!status)
		status = check_module();
	if (!status)
		status = set_preload(library);
	if (status)
		return status;
	if (o->debug)
		setenv(PRELOAD_DEBUG, "1", 1);
	if (o->datagrams)
		setenv(PRELOAD_DATAGRAMS, "1", 1);
	fflush(stdout);
	signal(SIGPIPE, SIG_DFL);
	execv(path, command);
	fail("%s: %s", path, strerror(errno));
	return TTP_CANNOT_RUN;
}

int run_main(int argc, char **argv)
{
	struct opts o = { 0 };
	const struct opt opts[] = {
		OPT_ONE_NETNS('N', &o.ns),
		OPT_SET('u', "datagrams", &o.datagrams, "where it asks for UDP, too"),
		OPT_SET('d', "debug", &o.debug, "say on standard error what becomes of each socket"),
		OPT_END
	};
	const struct command run_command = {
		.name = "run",
		.synopsis = "[OPTION]... -- COMMAND [ARG]...",
		.about = "Run COMMAND, and what it runs, with TTP where they ask for TCP: a "
			 "stream socket of AF_INET or AF_INET6 becomes TTP's.  Datagrams "
			 "(without -u), other families and the C library's own questions to the DNS stay "
			 "what they are.",
		.opts = opts,
		.more = "Exit status: COMMAND's; 127 if it was not found, 126 if it cannot be run so:\n"
			"a static program, one of Go's, one that is setuid, setgid or has file\n"
			"capabilities.  What COMMAND runs in its turn is run in any case, and a line says\n"
			"which it cannot reach.\n",
		.words = "COMMAND",
	};
	int status = options_before_command(argc, argv, &run_command);

	if (status >= 0)
		return status;
	if (optind == argc)
		return usage("run wants a COMMAND (ttp run --help)");
	return run(&o, argv + optind);
}
