// SPDX-License-Identifier: GPL-2.0
/*
 * A program's file: where it is; whether the dynamic linker would preload a
 * library of ours into it, and its system calls go through that library.  See ld.so(8), "Secure-execution
 * mode".  Called by program.c, and in libttp-run.so by exec.c.
 *
 * Context: a child of vfork() too, so nothing is allocated and nothing locked.
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

#include "run/run.h"

#define SCRIPTS_MAX	5	/* of which one is the next one's interpreter */

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

/* As execvp() would.  Return: 0 with @path set, or an errno. */
int elf_find(const char *name, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH"), *end;
	int err = ENOENT;

	if (strchr(name, '/')) {
		if (snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && is_program(path, &err))
			return 0;
		return err;
	}
	for (dirs = dirs ? dirs : "/bin:/usr/bin"; *name; dirs = end + 1) {
		end = strchrnul(dirs, ':');
		if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)(end - dirs), dirs,
			     end > dirs ? "/" : "./", name) < PATH_MAX && is_program(path, &err))
			return 0;
		if (!*end)
			break;
	}
	return err;
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

static bool read_at(int fd, void *to, size_t len, off_t at)
{
	return pread(fd, to, len, at) == (ssize_t)len;
}

/* Return: why there is no interpreter, or NULL with @interp set. */
static const char *find_interpreter(int fd, const Elf64_Ehdr *eh, char interp[PATH_MAX])
{
	Elf64_Phdr ph;

	if (eh->e_ident[EI_CLASS] != ELFCLASS64)
		return "is not a 64-bit program: the library that is preloaded is";
	for (int i = 0; i < eh->e_phnum; i++) {
		if (!read_at(fd, &ph, sizeof(ph), eh->e_phoff + (off_t)i * eh->e_phentsize))
			break;
		if (ph.p_type != PT_INTERP)
			continue;
		if (ph.p_filesz >= PATH_MAX || !read_at(fd, interp, ph.p_filesz, ph.p_offset))
			break;
		interp[ph.p_filesz] = '\0';
		return NULL;
	}
	return "is a static program: nothing can be preloaded into it";
}

/* Go's compiler leaves these sections, stripped or not; gccgo's programs have none. */
static bool is_go(int fd, const Elf64_Ehdr *eh)
{
	char name[sizeof(".note.go.buildid")];
	Elf64_Shdr names, sh;

	if (!read_at(fd, &names, sizeof(names),
		     eh->e_shoff + (off_t)eh->e_shstrndx * eh->e_shentsize))
		return false;
	for (int i = 0; i < eh->e_shnum; i++) {
		if (!read_at(fd, &sh, sizeof(sh), eh->e_shoff + (off_t)i * eh->e_shentsize))
			break;
		memset(name, 0, sizeof(name));
		if (pread(fd, name, sizeof(name), names.sh_offset + sh.sh_name) > 0 &&
		    (!memcmp(name, ".note.go.buildid", sizeof(".note.go.buildid")) ||
		     !memcmp(name, ".go.buildinfo", sizeof(".go.buildinfo"))))
			return true;
	}
	return false;
}

static bool is_elf(int fd, Elf64_Ehdr *eh)
{
	return read_at(fd, eh, sizeof(*eh), 0) && !memcmp(eh->e_ident, ELFMAG, SELFMAG);
}

/* The dynamic linker is another one than that of the program that runs here. */
static bool is_foreign(const char *interp)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char ours[PATH_MAX];
	Elf64_Ehdr eh;
	bool foreign;

	if (fd < 0)
		return false;
	foreign = is_elf(fd, &eh) && !find_interpreter(fd, &eh, ours) && strcmp(interp, ours);
	close(fd);
	return foreign;
}

static const char *check(int fd, const Elf64_Ehdr *eh)
{
	char interp[PATH_MAX];
	const char *why = find_interpreter(fd, eh, interp);

	if (why)
		return why;
	if (is_go(fd, eh))
		return "is a Go program: it calls the kernel itself, not the library that is preloaded";
	if (is_foreign(interp))
		return "is for another C library than the library that is preloaded";
	return more_rights(fd);
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
 * Of a script it is the interpreter that counts: @file becomes that.
 *
 * Return: 0, with @why NULL or the reason why TTP cannot take the program's
 * sockets; or the errno of opening it, ENOEXEC if it is neither a program nor a
 * script, ELOOP if it takes too many scripts.
 */
int elf_check(char file[PATH_MAX], const char **why)
{
	struct stat st;
	Elf64_Ehdr eh;
	int fd, err;

	for (int i = 0; i < SCRIPTS_MAX; i++) {
		/* a FIFO would wait for a writer */
		fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			return errno;
		if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
			close(fd);
			return EACCES;
		}
		if (is_script(fd, file)) {
			close(fd);
			continue;
		}
		err = is_elf(fd, &eh) ? 0 : ENOEXEC;
		if (!err)
			*why = check(fd, &eh);
		close(fd);
		return err;
	}
	return ELOOP;
}
