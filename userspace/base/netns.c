// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces by name, as ip-netns(8) keeps them, or by path.  Called by
 * options.c for -N, and by whatever opens sockets in one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/netns.h"

#define NETNS_DIR "/var/run/netns"

struct netns_list netns_before_command;

/* Return: TTP_OK, -1 for an empty name, TTP_USAGE after saying that there are too many. */
int netns_add(struct netns_list *list, const char *name)
{
	if (!*name)
		return -1;
	if (list->count == NETNS_MAX)
		return usage("at most %d namespaces", NETNS_MAX);
	list->name[list->count++] = name;
	return TTP_OK;
}

/* The message names the namespaces that there are: usually it is a typo. */
static int no_such(const char *name)
{
	char names[512] = "";
	struct dirent *de;
	DIR *dir;

	if (strchr(name, '/'))
		return fail("network namespace '%s': %s", name, strerror(ENOENT));
	dir = opendir(NETNS_DIR);
	while (dir && (de = readdir(dir))) {
		size_t used = strlen(names);

		if (de->d_name[0] == '.')
			continue;
		snprintf(names + used, sizeof(names) - used, "%s%s",
			 used ? ", " : "", de->d_name);
	}
	if (dir)
		closedir(dir);
	if (!names[0])
		return fail("no network namespace '%s', nor any other: ip netns add %s",
			    name, name);
	return fail("no network namespace '%s'; there are: %s", name, names);
}

/* The file of namespace @name; NULL: of the one that we are in.  Return: exit status. */
int netns_path(const char *name, char *path, size_t size)
{
	int len;

	if (!name)
		name = "/proc/self/ns/net";
	len = snprintf(path, size, "%s%s", strchr(name, '/') ? "" : NETNS_DIR "/", name);
	return len < (int)size ? TTP_OK : fail("the namespace's name is too long");
}

/* Context: changes the calling thread's namespace for good. */
int netns_enter(const char *name)
{
	char path[512];
	int fd, err;

	if (netns_path(name, path, sizeof(path)))
		return TTP_FAILED;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return no_such(name);
	if (fd < 0)
		return fail("network namespace '%s': %s", name,
			    strerror(errno));
	err = setns(fd, CLONE_NEWNET) ? errno : 0;
	close(fd);
	if (err == EPERM)
		return fail("entering network namespace '%s' needs root: run it with sudo",
			    name);
	if (err == EINVAL)
		return fail("'%s' is not a network namespace", name);
	if (err)
		return fail("entering network namespace '%s': %s", name,
			    strerror(err));
	return TTP_OK;
}

/* Enter NAME, and let netns_return(@back_fd) lead back. */
int netns_visit(const char *name, int *back_fd)
{
	int status;

	*back_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (*back_fd < 0)
		return fail("/proc/self/ns/net: %s", strerror(errno));
	status = netns_enter(name);
	if (status)
		close(*back_fd);
	return status;
}

int netns_return(int back_fd)
{
	int status = TTP_OK;

	if (setns(back_fd, CLONE_NEWNET))
		status = fail("returning to the first network namespace: %s",
			      strerror(errno));
	close(back_fd);
	return status;
}
