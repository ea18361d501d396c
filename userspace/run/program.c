// SPDX-License-Identifier: GPL-2.0
/*
 * A program's file: where it is, and whether TTP can take its sockets.  Called
 * by run.c.  Next: elf.c.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/base.h"
#include "run/run.h"

static int cannot_run(const char *name, const char *path, const char *why)
{
	if (!strcmp(name, path))
		fail("%s %s", path, why);
	else
		fail("%s: %s %s", name, path, why);
	return TTP_CANNOT_RUN;
}

/* Return: TTP_OK with @path set, or an exit status. */
int program_find(const char *name, char path[PATH_MAX])
{
	int err = elf_find(name, path);

	if (!err)
		return TTP_OK;
	if (err == ENOENT && !strchr(name, '/'))
		fail("no program '%s' in PATH", name);
	else
		fail("%s: %s", name, strerror(err));
	return err == ENOENT ? TTP_NOT_FOUND : TTP_CANNOT_RUN;
}

/* Return: TTP_OK, or an exit status after saying why @path won't do. */
int program_check(const char *name, const char *path)
{
	const char *why = NULL;
	char file[PATH_MAX];
	int err;

	strcpy(file, path);
	err = elf_check(file, &why);
	if (err == ENOEXEC)
		why = "is neither a program nor a script that begins with #!";
	if (why)
		return cannot_run(name, file, why);
	if (!err)
		return TTP_OK;
	fail("%s: %s: %s", name, file, err == ELOOP ? "too many scripts that run scripts" :
	     strerror(err));
	return TTP_CANNOT_RUN;
}
