// SPDX-License-Identifier: GPL-2.0
/*
 * The hosts of a lab: network namespaces with links between them, the commands that run there,
 * and the recording of what they do.  All of it is gone at the end.
 *
 * Called by play.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/netns.h"
#include "lab/lab.h"

#define WAIT_S	30	/* for what a lab waits for */

#define LAB_HOSTS	6

struct host {
	char name[16];
	pid_t background[16];	/* each leads a process group */
	int backgrounds;
};

static struct {
	struct host host[LAB_HOSTS];
	int count, links;
	pid_t recorder;
} hosts;

static struct host *find(const char *name)
{
	for (int i = 0; i < hosts.count; i++)
		if (!strcmp(hosts.host[i].name, name))
			return &hosts.host[i];
	return NULL;
}

static void child(const char *host, const char *command, bool quiet, bool beside)
{
	int null;

	/* Ctrl-C ends what runs in the foreground, and not what runs beside */
	if (beside)
		setpgid(0, 0);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	if (netns_enter(host))
		_exit(126);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, 0);
	if (quiet) {
		dup2(null, 1);
		dup2(null, 2);
	}
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

/* Return: the process, which leads a group of its own if it runs beside the lab; -1. */
static pid_t begin(const char *host, const char *command, bool quiet, bool beside)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		child(host, command, quiet, beside);
	if (pid < 0)
		fail("%s", strerror(errno));
	else if (beside)
		setpgid(pid, pid);
	return pid;
}

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return TTP_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/*
 * Runs a command of the shell on a host; one that ends with & goes on beside the lab.
 * Return: its exit status.
 */
int hosts_run(const char *name, const char *command, bool quiet)
{
	struct host *host = find(name);
	size_t len = strlen(command);
	char text[LAB_LINE];
	pid_t pid;

	if (!host)
		return fail("the lab has no host %s", name);
	if (!len || len >= sizeof(text))
		return fail("no command, or too long a one");
	strcpy(text, command);
	while (len && text[len - 1] == ' ')
		text[--len] = '\0';
	if (!len || text[len - 1] != '&')
		return (pid = begin(name, text, quiet, false)) < 0 ? TTP_FAILED : status_of(pid);
	text[len - 1] = '\0';
	if (host->backgrounds == (int)ARRAY_SIZE(host->background))
		return fail("too many commands run on %s", name);
	pid = begin(name, text, quiet, true);
	if (pid < 0)
		return TTP_FAILED;
	host->background[host->backgrounds++] = pid;
	return TTP_OK;
}

/*
 * What a command of the shell prints on a host: its first word.
 * Return: 0; -1: it has printed none.
 */
int hosts_output(const char *name, const char *command, char answer[FACT_SIZE])
{
	int ends[2], found;
	pid_t pid;
	FILE *in;

	if (!find(name))
		return fail("the lab has no host %s", name), -1;
	if (pipe2(ends, O_CLOEXEC))
		return fail("%s", strerror(errno)), -1;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(ends[1], 1);
		child(name, command, false, false);
	}
	close(ends[1]);
	in = fdopen(ends[0], "r");
	found = fscanf(in, "%63s", answer);
	while (getc(in) != EOF)
		;
	fclose(in);
	if (pid > 0)
		status_of(pid);
	return found == 1 ? 0 : -1;
}

static void pause_ms(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* Until a command says yes.  Return: exit status. */
int hosts_wait(const char *host, const char *command)
{
	for (int i = 0; i < WAIT_S * 20 && !lab_interrupted; i++) {
		if (!hosts_run(host, command, true))
			return TTP_OK;
		pause_ms(50);
	}
	if (lab_interrupted)
		return LAB_ENDED;
	return fail("on %s this has not come in %d s: %s", host, WAIT_S, command);
}

/* A command in the namespace that we are in. */
static int __printf(1, 2) shell(const char *fmt, ...)
{
	char text[LAB_LINE];
	va_list args;
	int status;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	fflush(stdout);
	status = system(text);
	return status ? fail("this failed: %s", text) : TTP_OK;
}

/* "hosts A B": each is a network namespace, and sees each segment. */
int hosts_make(char **words, int n)
{
	for (int i = 0; i < n; i++) {
		struct host *host = &hosts.host[hosts.count];

		if (hosts.count == LAB_HOSTS || strlen(words[i]) >= sizeof(host->name))
			return fail("a lab has at most %d hosts, with short names", LAB_HOSTS);
		if (shell("ip netns add %s", words[i]))
			return fail("ttp lab makes its hosts anew: ip netns del %s, if it is of no use",
				    words[i]);
		*host = (struct host){ .backgrounds = 0 };
		strcpy(host->name, words[i]);
		hosts.count++;
		if (hosts_run(words[i], "ip link set lo up; sysctl -qw net.ttp.offload=0", false))
			return fail("the module is not loaded? ttp doctor says what is missing");
	}
	return TTP_OK;
}

/* "link A B netem's words": the Nth link has the addresses 10.0.N.1 and 10.0.N.2. */
int hosts_link(char **words, int n)
{
	char netem[LAB_LINE] = "";
	int link = hosts.links++;

	if (n < 2 || !find(words[0]) || !find(words[1]))
		return fail("link wants two hosts");
	for (int i = 2; i < n; i++) {
		size_t len = strlen(netem);

		snprintf(netem + len, sizeof(netem) - len, " %s", words[i]);
	}
	if (shell("ip link add to-%s netns %s type veth peer to-%s netns %s", words[1], words[0],
		  words[0], words[1]))
		return TTP_FAILED;
	for (int i = 0; i < 2; i++)
		if (shell("ip -n %s addr add 10.0.%d.%d/24 dev to-%s && ip -n %s link set to-%s up",
			  words[i], link, i + 1, words[!i], words[i], words[!i]))
			return TTP_FAILED;
	/* both know each other before anything can be lost */
	if (shell("ip netns exec %s ping -c 1 -W 5 10.0.%d.2 >/dev/null", words[0], link))
		return TTP_FAILED;
	for (int i = 0; i < 2 && *netem; i++)
		if (shell("tc -n %s qdisc add dev to-%s root netem%s", words[i], words[!i], netem))
			return TTP_FAILED;
	return TTP_OK;
}

/* Begins to record all hosts.  Return: exit status. */
int hosts_record(const struct lab *lab)
{
	char file[LAB_FILE], ready[LAB_FILE], *args[2 * LAB_HOSTS + 8] = { "ttp" };
	int n = 1;

	lab_file(lab, lab->recordings, ".jsonl", file);
	lab_file(lab, lab->recordings, ".ready", ready);
	unlink(ready);
	for (int i = 0; i < hosts.count; i++) {
		args[n++] = "-n";
		args[n++] = hosts.host[i].name;
	}
	args[n++] = "record";
	args[n++] = "--ready";
	args[n++] = ready;
	args[n++] = file;
	args[n] = NULL;
	fflush(stdout);
	hosts.recorder = fork();
	if (!hosts.recorder) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		setpgid(0, 0);
		dup2(null, 2);
		execv("/proc/self/exe", args);
		_exit(127);
	}
	for (int i = 0; i < WAIT_S * 20 && access(ready, F_OK); i++)
		pause_ms(50);
	return access(ready, F_OK) ? fail("the recording does not begin") : (unlink(ready), TTP_OK);
}

/* Ends the recording.  Return: exit status. */
int hosts_stop(void)
{
	pid_t pid = hosts.recorder;

	hosts.recorder = 0;
	if (!pid)
		return fail("nothing is recorded");
	kill(pid, SIGINT);
	return status_of(pid) ? fail("the recording is not whole") : TTP_OK;
}

/* The commands end, and the hosts are gone. */
void hosts_end(void)
{
	if (hosts.recorder)
		hosts_stop();
	for (int i = 0; i < hosts.count; i++) {
		struct host *host = &hosts.host[i];

		for (int k = 0; k < host->backgrounds; k++) {
			kill(-host->background[k], SIGKILL);
			status_of(host->background[k]);
		}
		shell("ip netns del %s", host->name);
	}
	hosts.count = 0;
	hosts.links = 0;
}
