// SPDX-License-Identifier: GPL-2.0
/*
 * The hosts of a lab: network namespaces with links between them, the commands that run there,
 * and the recording of what they do.  All of it is gone at the end.
 *
 * One of them may be a namespace of another machine (--machine).  Then the link to it is the cable
 * between the two, and the recording is joined of both machines' (ttp pcap --join).
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
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "base/netns.h"
#include "lab/lab.h"

#define WAIT_S	30	/* for what a lab waits for */

#define LAB_HOSTS	6
#define ADDRESS		64	/* bytes of a host's address, with text_by_ipv6()'s to spare */

#define CABLE		"lan"	/* the device that leads to the other machine, and there to this one */

struct host {
	char name[16];
	const char *on;		/* command before those of its machine; "": this one */
	char device[24];	/* what the cable is called here; "": it has none */
	bool has_etc;		/* /etc/netns/NAME was there before */
	pid_t background[16];	/* each leads a process group */
	int backgrounds;
};

static struct {
	struct host host[LAB_HOSTS];
	int count, links;
	pid_t recorder, other;	/* that of the other machine */
	char recording[LAB_FILE];
	const char *machine;	/* "B=COMMAND" */
} hosts;

/* --machine B=COMMAND.  Return: exit status. */
int hosts_machine(const char *text)
{
	if (!strchr(text, '=') || strchr(text, '=') == text)
		return usage("--machine wants HOST=COMMAND, not '%s'", text);
	hosts.machine = text;
	return TTP_OK;
}

/* The command by which things are done on this host's machine */
static const char *machine_of(const char *host)
{
	size_t len = strlen(host);

	if (!hosts.machine || strncmp(hosts.machine, host, len) || hosts.machine[len] != '=')
		return "";
	return hosts.machine + len + 1;
}

static struct host *find(const char *name)
{
	for (int i = 0; i < hosts.count; i++)
		if (!strcmp(hosts.host[i].name, name))
			return &hosts.host[i];
	return NULL;
}

/*
 * Ctrl-C ends what runs in the foreground, and not what runs beside.
 * Return: as fork().
 */
static pid_t new_process(bool beside)
{
	sigset_t before;
	pid_t pid;

	fflush(stdout);
	lab_hold_signals(&before);	/* here it is caught, and there it would be lost */
	pid = fork();
	if (beside && pid >= 0)
		setpgid(pid, pid);
	if (!pid)
		lab_default_signals();
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static void child(const char *name, const char *command, bool quiet)
{
	const struct host *host = find(name);
	char there[LAB_LINE];
	int null;

	signal(SIGPIPE, SIG_DFL);
	if (!*host->on && netns_enter(name))
		_exit(126);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, 0);
	if (quiet) {
		dup2(null, 1);
		dup2(null, 2);
	}
	/* the programs of labs are in the same folder there */
	snprintf(there, sizeof(there), "exec %s ip netns exec %s env PATH=\"$PATH\" sh -c \"$0\"", host->on, name);
	execl("/bin/sh", "sh", "-c", *host->on ? there : command, command, NULL);
	_exit(127);
}

/* Return: the process, which leads a group of its own if it runs beside the lab; -1. */
static pid_t begin(const char *host, const char *command, bool quiet, bool beside)
{
	pid_t pid = new_process(beside);

	if (!pid)
		child(host, command, quiet);
	if (pid < 0)
		fail("%s", strerror(errno));
	return pid;
}

static int status_of(pid_t pid)
{
	sigset_t child, before;
	int status;
	pid_t ended;

	/* what comes between the look and the wait ends the wait */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	lab_hold_signals(&before);
	sigprocmask(SIG_BLOCK, &child, NULL);
	while (!(ended = waitpid(pid, &status, WNOHANG))) {
		/* Ctrl-C is also for the process, by the terminal; what else ends the lab is not */
		if (lab_interrupted && lab_interrupted != SIGINT)
			kill(pid, SIGTERM);
		sigsuspend(&before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (ended < 0)
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
	int out, found;
	pid_t pid;
	FILE *in;

	if (!find(name))
		return fail("the lab has no host %s", name), -1;
	out = memfd_create("answer", MFD_CLOEXEC);	/* not a pipe: a read of it would miss a signal */
	if (out < 0)
		return fail("%s", strerror(errno)), -1;
	pid = new_process(false);
	if (!pid) {
		dup2(out, 1);
		child(name, command, false);
	}
	if (pid > 0)
		status_of(pid);
	lseek(out, 0, SEEK_SET);
	in = fdopen(out, "r");
	found = fscanf(in, "%63s", answer);
	fclose(in);
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

/* @command with the host's name behind it.  Return: its exit status. */
static int on_host(const struct host *host, const char *command)
{
	char text[LAB_LINE];

	snprintf(text, sizeof(text), "%s%s", command, host->name);
	return hosts_run(host->name, text, true);
}

/* "hosts A B": each is a network namespace, and sees each segment. */
int hosts_make(char **words, int n)
{
	for (int i = 0; i < n; i++) {
		struct host *host = &hosts.host[hosts.count];

		if (hosts.count == LAB_HOSTS || strlen(words[i]) >= sizeof(host->name))
			return fail("a lab has at most %d hosts, with short names", LAB_HOSTS);
		if (shell("%s ip netns add %s", machine_of(words[i]), words[i]))
			return fail("ttp lab makes its hosts anew: ip netns del %s, if it is of no use",
				    words[i]);
		*host = (struct host){ .on = machine_of(words[i]) };
		strcpy(host->name, words[i]);
		hosts.count++;
		host->has_etc = !on_host(host, "test -e /etc/netns/");
		if (hosts_run(words[i], "ip link set lo up; sysctl -qw net.ttp.offload=0 net.ttp.comp_sack_nr=0", false))
			return fail("the module is not loaded? ttp doctor says what is missing");
	}
	return TTP_OK;
}

/* An end of the cable between two machines becomes this host's device.  Return: exit status. */
static int plug_in(struct host *host, const char *peer)
{
	if (shell("%s ip link set %s down", host->on, CABLE) ||
	    shell("%s ip link set %s netns %s name to-%s", host->on, CABLE, host->name, peer))
		return TTP_FAILED;
	snprintf(host->device, sizeof(host->device), "to-%s", peer);
	return TTP_OK;
}

static int make_cable(const char *a, const char *b)
{
	if (!strcmp(find(a)->on, find(b)->on))
		return shell("ip link add to-%s netns %s type veth peer to-%s netns %s", b, a, a, b);
	return plug_in(find(a), b) || plug_in(find(b), a) ? TTP_FAILED : TTP_OK;
}

static void put_address(const struct lab *lab, int link, int host, char address[ADDRESS])
{
	snprintf(address, ADDRESS, "10.0.%d.%d", link, host);
	if (lab->ipv6)
		text_by_ipv6(address, ADDRESS);
}

/* "link A B netem's words": the Nth link has the addresses 10.0.N.1 and 10.0.N.2. */
int hosts_link(const struct lab *lab, char **words, int n)
{
	char netem[LAB_LINE] = "", address[ADDRESS];
	int link = hosts.links++;

	if (n < 2 || !find(words[0]) || !find(words[1]))
		return fail("link wants two hosts");
	for (int i = 2; i < n; i++) {
		size_t len = strlen(netem);

		snprintf(netem + len, sizeof(netem) - len, " %s", words[i]);
	}
	if (make_cable(words[0], words[1]))
		return TTP_FAILED;
	for (int i = 0; i < 2; i++) {
		const char *on = machine_of(words[i]);

		put_address(lab, link, i + 1, address);
		if (shell("%s ip -n %s addr add %s%s dev to-%s", on, words[i], address,
			  lab->ipv6 ? "/64 nodad" : "/24", words[!i]) ||
		    shell("%s ip -n %s link set to-%s up", on, words[i], words[!i]))
			return TTP_FAILED;
	}
	/* both know each other before anything can be lost */
	put_address(lab, link, 2, address);
	if (shell("%s ip netns exec %s ping -c 1 -W 5 %s >/dev/null", machine_of(words[0]), words[0], address))
		return TTP_FAILED;
	for (int i = 0; i < 2 && *netem; i++)
		if (shell("%s tc -n %s qdisc add dev to-%s root netem%s", machine_of(words[i]), words[i],
			  words[!i], netem))
			return TTP_FAILED;
	return TTP_OK;
}

/* The host that is on another machine, or NULL */
static const struct host *other_host(void)
{
	for (int i = 0; i < hosts.count; i++)
		if (*hosts.host[i].on)
			return &hosts.host[i];
	return NULL;
}

#define THERE	"/run/ttp-lab"	/* files of the other machine, where nobody but root has any */

static int record_there(const struct host *host)
{
	char command[LAB_LINE];

	shell("%s rm -f " THERE ".ready", host->on);
	snprintf(command, sizeof(command), "echo $$ >" THERE ".pid; exec ttp -n %s record --ready " THERE ".ready "
		 THERE ".jsonl", host->name);
	hosts.other = begin(host->name, command, true, true);
	if (hosts.other < 0)
		return TTP_FAILED;
	return hosts_wait(host->name, "test -e " THERE ".ready");
}

/* Return: exit status of what recorded there. */
static int end_there(const struct host *host)
{
	pid_t pid = hosts.other;

	hosts.other = 0;
	hosts_run(host->name, "kill -INT $(cat " THERE ".pid)", true);
	return status_of(pid);
}

/* Both machines' recordings become one.  Return: exit status. */
static int join_there(const struct host *host)
{
	if (end_there(host))
		return fail("no connection was seen on the other machine, or its recording is not whole");
	if (shell("%s cat " THERE ".jsonl >" THERE ".there.jsonl", host->on) ||
	    shell("mv '%s' " THERE ".here.jsonl", hosts.recording))
		return TTP_FAILED;
	return shell("ttp pcap --join " THERE ".here.jsonl " THERE ".there.jsonl -o '%s'", hosts.recording);
}

/* Until what records has made its file.  Return: exit status. */
static int wait_for_recorder(const char *ready, const char *file)
{
	for (int i = 0; i < WAIT_S * 20 && access(ready, F_OK); i++) {
		if (lab_interrupted)
			return LAB_ENDED;
		if (waitpid(hosts.recorder, NULL, WNOHANG) == hosts.recorder) {
			hosts.recorder = 0;
			return fail("the recording does not begin: ttp record %s says why", file);
		}
		pause_ms(50);
	}
	return access(ready, F_OK) ? fail("the recording does not begin") : (unlink(ready), TTP_OK);
}

/* Begins to record all hosts.  Return: exit status. */
int hosts_record(const struct lab *lab)
{
	char *file = hosts.recording, ready[LAB_FILE], *args[2 * LAB_HOSTS + 8] = { "ttp" };
	int n = 1;

	if (other_host() && record_there(other_host()))
		return TTP_FAILED;
	lab_file(lab, lab->recordings, ".jsonl", file);
	lab_file(lab, lab->recordings, ".ready", ready);
	unlink(ready);
	for (int i = 0; i < hosts.count; i++) {
		if (*hosts.host[i].on)
			continue;
		args[n++] = "-n";
		args[n++] = hosts.host[i].name;
	}
	args[n++] = "record";
	args[n++] = "--ready";
	args[n++] = ready;
	args[n++] = file;
	args[n] = NULL;
	hosts.recorder = new_process(true);
	if (!hosts.recorder) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, 2);
		execv("/proc/self/exe", args);
		_exit(127);
	}
	if (hosts.recorder < 0) {	/* no process to be ended: kill(-1) would be all of them */
		hosts.recorder = 0;
		return fail("fork: %s", strerror(errno));
	}
	return wait_for_recorder(ready, file);
}

/* Return: exit status of what records here. */
static int end_here(void)
{
	pid_t pid = hosts.recorder;

	hosts.recorder = 0;
	kill(pid, SIGINT);
	return status_of(pid);
}

/* Ends the recording.  Return: exit status. */
int hosts_stop(void)
{
	if (!hosts.recorder)
		return fail("nothing is recorded");
	if (end_here())
		return fail("no connection was seen, or the recording is not whole");
	return hosts.other ? join_there(other_host()) : TTP_OK;
}

/* The commands end, and the hosts are gone. */
void hosts_end(void)
{
	sigset_t before;

	/* what ended the lab is not for the commands that take the hosts down, nor is a second one */
	lab_hold_signals(&before);
	lab_interrupted = 0;
	if (hosts.recorder)	/* the lab was left: it is recorded anew next time */
		end_here();
	if (hosts.other > 0)
		end_there(other_host());
	for (int i = 0; i < hosts.count; i++) {
		struct host *host = &hosts.host[i];

		for (int k = 0; k < host->backgrounds; k++) {
			kill(-host->background[k], SIGKILL);
			status_of(host->background[k]);
		}
		if (!host->has_etc)
			on_host(host, "rm -rf /etc/netns/");
		if (*host->device)
			shell("%s ip -n %s link set %s down", host->on, host->name, host->device);
		if (*host->device)
			shell("%s ip -n %s link set %s netns 1 name " CABLE, host->on, host->name, host->device);
		shell("%s ip netns del %s", host->on, host->name);
	}
	hosts.count = 0;
	hosts.links = 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
}
