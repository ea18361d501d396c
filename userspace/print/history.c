// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of the last `ttp stats`, so that the next one can say what was
 * added.  A file of the user's own, in which each line is a namespace's number, a
 * counter and its value; $TTP_STATS_HISTORY names another.
 *
 * Numbers of namespaces are used again, and counters begin at zero when the module
 * is loaded: so what is more than it is now comes from another life, and is
 * forgotten.  Called by stats.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "print/history.h"

struct past {
	uint64_t netns;
	struct counters counters;
};

#define HEAD	"#ttp-stats 1\n"

static int lock = -1;		/* the file, locked */
static const char *file_name;
static struct past *pasts;
static size_t n_pasts;

static struct past *find(uint64_t netns, bool make)
{
	for (size_t i = 0; i < n_pasts; i++)
		if (pasts[i].netns == netns)
			return &pasts[i];
	if (!make)
		return NULL;
	pasts = xrealloc(pasts, n_pasts + 1, sizeof(*pasts));
	memset(&pasts[n_pasts], 0, sizeof(*pasts));
	pasts[n_pasts].netns = netns;
	return &pasts[n_pasts++];
}

/* Return: false when it is something else, which is not to be lost. */
static bool read_all(FILE *f)
{
	uint64_t netns, value;
	char name[64], head[sizeof(HEAD)];
	int n;

	if (!fgets(head, sizeof(head), f))
		return true;	/* it is new */
	if (strcmp(head, HEAD))
		return false;
	while ((n = fscanf(f, "%" SCNu64 " %63s %" SCNu64, &netns, name, &value)) == 3) {
		struct counters *c = &find(netns, true)->counters;

		if (c->count == COUNTERS_MAX)
			continue;
		strcpy(c->entry[c->count].name, name);
		c->entry[c->count++].value = value;
	}
	return n == EOF;
}

/* In a folder that all may write to: no link, and nobody else's file. */
static bool is_ours(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       st.st_uid == geteuid();
}

static const char *find_name(void)
{
	static char name[64];
	const char *given = getenv("TTP_STATS_HISTORY");

	if (given && *given)
		return given;
	snprintf(name, sizeof(name), "/tmp/.ttp-stats.u%u", geteuid());
	return name;
}

/* Open and lock it; again if another call has put a new one in its place meanwhile. */
static int open_locked(void)
{
	struct stat mine, there;

	do {
		if (lock >= 0)
			close(lock);
		lock = open(file_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (lock < 0)
			return fail("%s: %s: -s -a goes without a history", file_name,
				    strerror(errno));
		if (!is_ours(lock))
			return fail("%s is not a file of yours alone: remove it, or name another in TTP_STATS_HISTORY",
				    file_name);
		flock(lock, LOCK_EX);
	} while (fstat(lock, &mine) || lstat(file_name, &there) || mine.st_ino != there.st_ino);
	return TTP_OK;
}

/* Read it, and keep it locked until the end.  Return: exit status. */
int history_open(void)
{
	bool ok;
	FILE *f;

	file_name = find_name();
	if (open_locked())
		return TTP_FAILED;
	f = fdopen(dup(lock), "r");
	if (!f)
		return fail("%s: %s", file_name, strerror(errno));
	ok = read_all(f);
	fclose(f);
	return ok ? TTP_OK : fail("%s is no history of ttp stats, or is broken: remove it", file_name);
}

/* Each of @counters less what it was: what was added since the last call. */
void history_find(uint64_t netns, struct counters *counters)
{
	const struct past *past = find(netns, false);
	uint64_t was[COUNTERS_MAX] = { 0 };

	for (size_t i = 0; past && i < counters->count; i++) {
		for (size_t k = 0; k < past->counters.count; k++)
			if (!strcmp(counters->entry[i].name, past->counters.entry[k].name))
				was[i] = past->counters.entry[k].value;
		if (was[i] > counters->entry[i].value)
			return;
	}
	for (size_t i = 0; i < counters->count; i++)
		counters->entry[i].value -= was[i];
}

/* What the next call is to compare with. */
void history_set(uint64_t netns, const struct counters *counters)
{
	find(netns, true)->counters = *counters;
}

/* A new file takes the place of the old one when it is whole.  Return: exit status. */
int history_save(void)
{
	char name[4096];
	bool ok;
	FILE *f;
	int fd;

	snprintf(name, sizeof(name), "%s.new", file_name);
	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return fail("%s: %s", name, strerror(errno));
	fputs(HEAD, f);
	for (size_t i = 0; i < n_pasts; i++)
		for (size_t k = 0; k < pasts[i].counters.count; k++)
			fprintf(f, "%" PRIu64 " %s %" PRIu64 "\n", pasts[i].netns,
				pasts[i].counters.entry[k].name,
				pasts[i].counters.entry[k].value);
	ok = !ferror(f);
	if (fclose(f) || !ok || rename(name, file_name)) {
		int err = errno;

		unlink(name);
		return fail("%s: %s", file_name, strerror(err));
	}
	return TTP_OK;
}
