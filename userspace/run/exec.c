// SPDX-License-Identifier: GPL-2.0
/*
 * Part of libttp-run.so: what the program runs in its turn is looked at, so that
 * none uses TCP unnoticed.  It is run in any case.
 *
 * Each function of the C library is wrapped, as it does not call the others by
 * their names.  Its own children, as of system(), don't come by here: they are
 * the shell, which does.
 *
 * Context: mostly a child of fork() or vfork(), so nothing is allocated and
 * nothing locked.  Next: elf.c.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/preload.h"
#include "run/run.h"

static struct {
	int (*execve)(const char *path, char *const argv[], char *const envp[]);
	int (*execvpe)(const char *file, char *const argv[], char *const envp[]);
	int (*execveat)(int dir, const char *path, char *const argv[],
			char *const envp[], int flags);
	int (*fexecve)(int fd, char *const argv[], char *const envp[]);
	int (*spawn)(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		     const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);
	int (*spawnp)(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		      const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);
} next;

static void __attribute__((constructor)) begin(void)
{
	*(void **)&next.execve = dlsym(RTLD_NEXT, "execve");
	*(void **)&next.execvpe = dlsym(RTLD_NEXT, "execvpe");
	*(void **)&next.execveat = dlsym(RTLD_NEXT, "execveat");
	*(void **)&next.fexecve = dlsym(RTLD_NEXT, "fexecve");
	*(void **)&next.spawn = dlsym(RTLD_NEXT, "posix_spawn");
	*(void **)&next.spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
}

/* another library's constructor may be earlier than ours */
static void ready(void)
{
	if (!next.execve)
		begin();
}

/* 2 will be the new program's standard error, unless it is a connection. */
static bool is_stderr(void)
{
	struct stat st;

	return !fstat(STDERR_FILENO, &st) && !S_ISSOCK(st.st_mode);
}

static void look(const char *path)
{
	const char *why = NULL;
	char file[PATH_MAX];
	int err = errno;

	if (snprintf(file, sizeof(file), "%s", path) < (int)sizeof(file) &&
	    !elf_check(file, &why) && why)
		preload_say("%s %s", file, why);
	errno = err;
}

/* As execvp() looks for it. */
static void look_in_path(const char *file)
{
	char path[PATH_MAX];

	if (!elf_find(file, path))
		look(path);
}

/* An empty @path is the file @dir itself. */
static void look_below(int dir, const char *path)
{
	char name[PATH_MAX], file[PATH_MAX];
	ssize_t len;

	if (dir == AT_FDCWD || *path == '/') {
		look(path);
		return;
	}
	if (snprintf(name, sizeof(name), "/proc/self/fd/%d%s%s", dir, *path ? "/" : "", path) >=
	    (int)sizeof(name))
		return;
	len = *path ? -1 : readlink(name, file, sizeof(file) - 1);
	if (len > 0)
		file[len] = '\0';
	look(len > 0 ? file : name);
}

WRAPPER int execve(const char *path, char *const argv[], char *const envp[])
{
	ready();
	if (is_stderr())
		look(path);
	return next.execve(path, argv, envp);
}

WRAPPER int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

WRAPPER int execvpe(const char *file, char *const argv[], char *const envp[])
{
	ready();
	if (is_stderr())
		look_in_path(file);
	return next.execvpe(file, argv, envp);
}

WRAPPER int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

WRAPPER int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	ready();
	if (is_stderr())
		look_below(dir, path);
	return next.execveat(dir, path, argv, envp, flags);
}

WRAPPER int fexecve(int fd, char *const argv[], char *const envp[])
{
	ready();
	if (is_stderr())
		look_below(fd, "");
	return next.fexecve(fd, argv, envp);
}

/* The number of arguments from @arg on, without the NULL at the end. */
static size_t count(const char *arg, va_list *args)
{
	size_t n = 0;

	for (; arg; arg = va_arg(*args, const char *))
		n++;
	return n;
}

/* The same into @argv, with the NULL. */
static void collect(const char *arg, va_list *args, char *argv[])
{
	for (; (*argv = (char *)arg); argv++)
		arg = va_arg(*args, const char *);
}

/* Sets argv, on the stack, and leaves @args behind the NULL. */
#define ARGV(arg, args) \
	va_start(args, arg); \
	char *argv[count(arg, &args) + 1]; \
	va_end(args); \
	va_start(args, arg); \
	collect(arg, &args, argv)

WRAPPER int execl(const char *path, const char *arg, ...)
{
	va_list args;

	ARGV(arg, args);
	va_end(args);
	return execv(path, argv);
}

WRAPPER int execlp(const char *file, const char *arg, ...)
{
	va_list args;

	ARGV(arg, args);
	va_end(args);
	return execvp(file, argv);
}

WRAPPER int execle(const char *path, const char *arg, ...)
{
	char *const *envp;
	va_list args;

	ARGV(arg, args);
	envp = va_arg(args, char *const *);
	va_end(args);
	return execve(path, argv, envp);
}

/* The child's standard error may be another one: here it is the parent's that counts. */
WRAPPER int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	ready();
	if (preload_stderr())
		look(path);
	return next.spawn(pid, path, actions, attr, argv, envp);
}

WRAPPER int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			 const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	ready();
	if (preload_stderr())
		look_in_path(file);
	return next.spawnp(pid, file, actions, attr, argv, envp);
}
