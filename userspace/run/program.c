// SPDX-License-Identifier: GPL-2.0
/*
 * A program's file: where it is, and whether the dynamic linker would preload
 * a library of ours into it.  See ld.so(8), "Secure-execution mode".  Called by
 * run.c.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/base.h"
#include "run/run.h"

#define SCRIPTS_MAX	5	/* of which one is the next one's interpreter */

static int cannot_run(const char *name, const char *path, const char *why)
{
	if (!strcmp(name, path))
		fail("%s %s", path, why);
	else
		fail("%s: %s %s", name, path, why);
	return TTP_CANNOT_RUN;
}

/* @err: the error to report, which is ENOENT only if there is no other. */
static bool is_program(const char *path, int *err)
{
	struct stat st;
	int now = 0;

	if (stat(path, &st) || access(path, X_OK))
		now = errno;
	else if (!S_ISREG(st.st_mode))
		now = EACCES;
	if (now && now != ENOENT && now != ENOTDIR)
		*err = now;
	return !now;
}

/* As execvp() would.  Return: TTP_OK with @path set, or an exit status. */
int program_find(const char *name, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH"), *end;
	int err = ENOENT;

	if (strchr(name, '/')) {
		if (snprintf(path, PATH_MAX, "%s", name) < PATH_MAX &&
		    is_program(path, &err))
			return TTP_OK;
		fail("%s: %s", name, strerror(err));
		return err == ENOENT ? TTP_NOT_FOUND : TTP_CANNOT_RUN;
	}
	for (dirs = dirs ? dirs : "/bin:/usr/bin"; *name; dirs = end + 1) {
		end = strchrnul(dirs, ':');
		if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)(end - dirs),
			     dirs, end > dirs ? "/" : "./", name) < PATH_MAX &&
		    is_program(path, &err))
			return TTP_OK;
		if (!*end)
			break;
	}
	if (err != ENOENT) {
		fail("%s: %s", name, strerror(err));
		return TTP_CANNOT_RUN;
	}
	fail("no program '%s' in PATH", name);
	return TTP_NOT_FOUND;
}

/* Return: why the kernel would run it with rights that we don't have, or NULL. */
static const char *more_rights(int fd)
{
	struct statvfs vfs;
	struct stat st;

	if (fstat(fd, &st) || fstatvfs(fd, &vfs) || vfs.f_flag & ST_NOSUID ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return NULL;
	if (st.st_mode & S_ISUID && st.st_uid != getuid())
		return "is setuid: nothing can be preloaded into it";
	if ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	    st.st_gid != getgid())
		return "is setgid: nothing can be preloaded into it";
	if (getuid() && fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return "has file capabilities: nothing can be preloaded into it";
	return NULL;
}

/* The dynamic linker that @fd asks for.  Return: as check_elf(). */
static const char *find_interpreter(int fd, char interp[PATH_MAX])
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;

	if (pread(fd, &eh, sizeof(eh), 0) != sizeof(eh) ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG))
		return "is neither a program nor a script that begins with #!";
	if (eh.e_ident[EI_CLASS] != ELFCLASS64)
		return "is not a 64-bit program: the library that is preloaded is";
	for (int i = 0; i < eh.e_phnum; i++) {
		if (pread(fd, &ph, sizeof(ph), eh.e_phoff +
			  (off_t)i * eh.e_phentsize) != sizeof(ph))
			break;
		if (ph.p_type != PT_INTERP)
			continue;
		if (ph.p_filesz >= PATH_MAX ||
		    pread(fd, interp, ph.p_filesz, ph.p_offset) !=
		    (ssize_t)ph.p_filesz)
			break;
		interp[ph.p_filesz] = '\0';
		return NULL;
	}
	return "is a static program: nothing can be preloaded into it";
}

/* Return: why a library of ours is not loaded into @fd, or NULL. */
static const char *check_elf(int fd)
{
	char interp[PATH_MAX], ours[PATH_MAX];
	const char *why = find_interpreter(fd, interp);
	int self;

	if (why)
		return why;
	self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (self >= 0) {
		if (!find_interpreter(self, ours) && strcmp(interp, ours))
			why = "is for another C library than the library that is preloaded";
		close(self);
	}
	return why ? why : more_rights(fd);
}

/* Return: whether @fd is a script; @path is its interpreter then. */
static bool is_script(int fd, char path[PATH_MAX])
{
	char line[PATH_MAX], *name;
	ssize_t len = pread(fd, line, sizeof(line) - 1, 0);

	if (len < 2 || memcmp(line, "#!", 2))
		return false;
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	name = line + 2 + strspn(line + 2, " \t");
	name[strcspn(name, " \t")] = '\0';
	strcpy(path, name);
	return true;
}

/*
 * Of a script it is the interpreter that counts.
 *
 * Return: TTP_OK, or an exit status after saying why @path won't do.
 */
int program_check(const char *name, const char *path)
{
	char file[PATH_MAX];
	const char *why;
	int fd;

	strcpy(file, path);
	for (int i = 0; i < SCRIPTS_MAX; i++) {
		fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			break;
		if (!is_script(fd, file)) {
			why = check_elf(fd);
			close(fd);
			return why ? cannot_run(name, file, why) : TTP_OK;
		}
		close(fd);
	}
	fail("%s: %s: %s", name, file, fd < 0 ? strerror(errno) :
	     "too many scripts that run scripts");
	return TTP_CANNOT_RUN;
}
