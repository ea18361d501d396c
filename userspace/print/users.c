// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes have a socket open, by its inode, from /proc/PID/fd: what ss(8)
 * calls users.  Only of processes that we may look into: all of them for root.
 * Called by show.c.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "print/users.h"
#include "read/event.h"

/* One of users_text(), with what may end the list: comm is at most 63 bytes. */
#define ENTRY_MAX	128

struct user {
	uint32_t inode;
	int pid;
	int fd;
	const char *name;	/* of the program */
};

static struct user *users;
static size_t n_users;

/* The name may hold anything but a NUL: also what would end the line. */
static const char *program_name(int pid)
{
	char path[64], name[64] = "?";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(name, sizeof(name), f))
		name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	event_clean_string(name);
	return intern(name);
}

static void read_process(int pid)
{
	const char *name = NULL;
	char path[64], link[64];
	struct dirent *de;
	unsigned int inode;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && (de = readdir(dir))) {
		len = readlinkat(dirfd(dir), de->d_name, link, sizeof(link) - 1);
		link[len > 0 ? len : 0] = '\0';
		if (sscanf(link, "socket:[%u]", &inode) != 1)
			continue;
		if (!name)
			name = program_name(pid);
		users = grow(users, n_users, sizeof(*users));
		users[n_users++] = (struct user){ inode, pid, atoi(de->d_name), name };
	}
	if (dir)
		closedir(dir);
}

static int compare(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

/* Look at all processes, once: users_text() then tells. */
void users_read(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *de;

	while (dir && (de = readdir(dir)))
		if (isdigit((unsigned char)de->d_name[0]))
			read_process(atoi(de->d_name));
	if (dir)
		closedir(dir);
	qsort(users, n_users, sizeof(*users), compare);
}

/* users:(("NAME",pid=PID,fd=FD),...), or nothing.  @size: ENTRY_MAX at least. */
void users_text(uint32_t inode, char *text, size_t size)
{
	size_t low = 0, high = n_users, used = 0;

	text[0] = '\0';
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (users[mid].inode < inode)
			low = mid + 1;
		else
			high = mid;
	}
	for (; inode && low < n_users && users[low].inode == inode; low++) {
		if (used + ENTRY_MAX > size) {
			strcpy(text + used, ",...)");
			return;
		}
		used += snprintf(text + used, size - used, "%s(\"%s\",pid=%d,fd=%d)",
				 used ? "," : "users:(", users[low].name, users[low].pid,
				 users[low].fd);
	}
	if (used)
		strcpy(text + used, ")");
}
