// SPDX-License-Identifier: GPL-2.0
/*
 * Runs ./static with two arguments and one variable by the function that is
 * named: all that exec.c of libttp-run.so wraps.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define IS(name)	(!strcmp(how, name))

static char *args[] = { "static", "one", "two", NULL };

static int wait_for(int err, const pid_t *pid)
{
	int status;

	if (err || waitpid(*pid, &status, 0) != *pid)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	pid_t pid;

	setenv("GIVEN", "yes", 1);
	if (IS("execve"))
		execve("./static", args, environ);
	else if (IS("execv"))
		execv("./static", args);
	else if (IS("execvp"))
		execvp("static", args);
	else if (IS("execvpe"))
		execvpe("static", args, environ);
	else if (IS("execl"))
		execl("./static", "static", "one", "two", NULL);
	else if (IS("execlp"))
		execlp("static", "static", "one", "two", NULL);
	else if (IS("execle"))
		execle("./static", "static", "one", "two", NULL, environ);
	else if (IS("execveat"))
		execveat(open(".", O_PATH | O_CLOEXEC), "static", args, environ, 0);
	else if (IS("fexecve"))
		fexecve(open("static", O_PATH | O_CLOEXEC), args, environ);
	else if (IS("posix_spawn"))
		return wait_for(posix_spawn(&pid, "./static", NULL, NULL, args, environ), &pid);
	else if (IS("posix_spawnp"))
		return wait_for(posix_spawnp(&pid, "static", NULL, NULL, args, environ), &pid);
	else if (IS("system"))
		return system("./static one two");
	return 2;
}
