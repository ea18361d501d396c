// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the tool itself, by /proc/self/exe: once, to its end, or as a job, which is a
 * listener or a connection.  All of them end when ttp web does.  Called by act.c and web.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "read/event.h"
#include "web/web.h"

#define ONCE_MS		10000		/* so long may what is run once take */

/* In the child: nothing of ours is open there but @in, @out and @err. */
void job_become(const char *const argv[], int in, int out, int err)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(err, STDERR_FILENO) < 0 || close_range(3, ~0U, 0))
		_exit(TTP_FAILED);
	execv("/proc/self/exe", (char *const *)argv);
	_exit(TTP_FAILED);
}

static int temporary(void)
{
	return memfd_create("ttp-web", MFD_CLOEXEC);
}

/*
 * For standard error: a file that does not grow, of which only the beginning is asked for.
 * What is beyond its end cannot be written.
 */
static int temporary_bounded(void)
{
	int fd = memfd_create("ttp-web", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || (!ftruncate(fd, STDERR_MAX) &&
		       !fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)))
		return fd;
	close(fd);
	return -1;
}

static int nothing(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/*
 * Return: the first line in @fd, which a command has written as its standard error, without
 * the tool's name; to be freed.
 */
static char *said_in(int fd)
{
	char text[SAYS_MAX], *line = text;
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	if (!strncmp(line, "ttp: ", 5))
		line += 5;
	line[strcspn(line, "\n")] = '\0';
	event_clean_string(line);
	line = strdup(line);
	if (!line)
		exit(fail("out of memory"));
	return line;
}

static int wait_for(pid_t pid)
{
	int fd = pidfd_open(pid, 0), status;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (fd < 0 || poll(&pfd, 1, ONCE_MS) != 1)
		kill(pid, SIGKILL);
	if (fd >= 0)
		close(fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return TTP_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/*
 * Runs `ttp` with @argv and waits for its end.
 * Return: its exit status; @says: its line on standard error, to be freed.
 */
int job_once(const char *const argv[], char **says)
{
	int null = nothing(), says_fd = temporary_bounded();
	int status = TTP_FAILED;
	pid_t pid = null < 0 || says_fd < 0 ? -1 : fork();

	if (!pid)
		job_become(argv, null, null, says_fd);
	if (pid > 0)
		status = wait_for(pid);
	*says = said_in(says_fd);
	close(null);
	close(says_fd);
	return status;
}

static struct job *free_job(struct web *web)
{
	struct job *oldest = NULL;

	for (int i = 0; i < JOBS_MAX; i++)
		if (!web->job[i].pid && (!oldest || web->job[i].number < oldest->number))
			oldest = &web->job[i];
	return oldest;
}

/*
 * Starts `ttp` with @argv and, as its standard input, so many @bytes of zeros, which take
 * no memory.
 * Return: the job, of which the caller sets what it is; NULL: there are as many as may be
 * (errno EAGAIN), or it did not work.
 */
struct job *job_start(struct web *web, const char *const argv[], off_t bytes)
{
	struct job *job = free_job(web);
	int null, input, says_fd;
	pid_t pid;

	if (!job) {
		errno = EAGAIN;
		return NULL;
	}
	null = nothing();
	input = temporary();
	says_fd = temporary_bounded();
	pid = null < 0 || input < 0 || says_fd < 0 || ftruncate(input, bytes) ? -1 : fork();
	if (!pid)
		job_become(argv, input, null, says_fd);
	close(null);
	close(input);
	if (pid < 0) {
		close(says_fd);
		errno = ENOMEM;
		return NULL;
	}
	*job = (struct job){ .number = ++web->jobs, .pid = pid, .says_fd = says_fd };
	return job;
}

static void ended(struct job *job, int status)
{
	char *says = said_in(job->says_fd);

	close(job->says_fd);
	job->pid = 0;
	job->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	snprintf(job->says, sizeof(job->says), "%s", says);
	free(says);
}

/* Which of the jobs have ended? */
void job_look(struct web *web)
{
	int status;

	for (int i = 0; i < JOBS_MAX; i++)
		if (web->job[i].pid && waitpid(web->job[i].pid, &status, WNOHANG) > 0)
			ended(&web->job[i], status);
}

void job_stop(struct job *job)
{
	kill(job->pid, SIGTERM);
}

/* Context: at the end of ttp web. */
void job_stop_all(struct web *web)
{
	int status;

	for (int i = 0; i < JOBS_MAX; i++) {
		if (!web->job[i].pid)
			continue;
		kill(web->job[i].pid, SIGKILL);
		if (waitpid(web->job[i].pid, &status, 0) > 0)
			ended(&web->job[i], status);
	}
}
