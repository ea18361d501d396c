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

static FILE *file;
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

static void read_all(void)
{
	uint64_t netns, value;
	char name[64];

	while (fscanf(file, "%" SCNu64 " %63s %" SCNu64, &netns, name, &value) == 3) {
		struct counters *c = &find(netns, true)->counters;

		if (c->count == COUNTERS_MAX)
			continue;
		strcpy(c->entry[c->count].name, name);
		c->entry[c->count++].value = value;
	}
}

/* In a folder that all may write to: no link, and nobody else's file. */
static bool is_ours(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
	       st.st_uid == geteuid();
}

/* Open and lock it until history_save(), or the end.  Return: exit status. */
int history_open(void)
{
	static char name[64];
	int fd;

	file_name = getenv("TTP_STATS_HISTORY");
	if (!file_name || !*file_name) {
		snprintf(name, sizeof(name), "/tmp/.ttp-stats.u%u", geteuid());
		file_name = name;
	}
	fd = open(file_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail("%s: %s: -s does without a history", file_name, strerror(errno));
	if (!is_ours(fd)) {
		close(fd);
		return fail("%s is not a file of yours alone: remove it, or name another in TTP_STATS_HISTORY",
			    file_name);
	}
	flock(fd, LOCK_EX);
	file = fdopen(fd, "r+");
	if (!file)
		return fail("%s: %s", file_name, strerror(errno));
	read_all();
	return TTP_OK;
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

/* Return: exit status. */
int history_save(void)
{
	int err = 0;

	rewind(file);
	if (ftruncate(fileno(file), 0))
		err = errno;
	for (size_t i = 0; i < n_pasts; i++)
		for (size_t k = 0; k < pasts[i].counters.count; k++)
			fprintf(file, "%" PRIu64 " %s %" PRIu64 "\n", pasts[i].netns,
				pasts[i].counters.entry[k].name,
				pasts[i].counters.entry[k].value);
	if (fclose(file) && !err)
		err = errno;
	return err ? fail("%s: %s", file_name, strerror(err)) : TTP_OK;
}
