// SPDX-License-Identifier: GPL-2.0
/*
 * Captures TTP's packets in namespaces while something is recorded there.  A process of its
 * own writes them to one file; it ends when its pipe is closed, also when this process dies.
 * Called by record.c and ../draw.  Next: payload.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "base/base.h"
#include "capture/payload.h"

/*
 * The kernel puts packets one behind the other into blocks of this buffer; a block is ours when
 * it is full, or after two times BLOCK_MS at most.  In pcap's immediate mode each packet, however
 * short, would take the room of the longest: a burst of more than some dozens would be lost.
 */
#define BUFFER_BYTES	(16 << 20)
#define BLOCK_MS	20
#define LAST_MS		(4 * BLOCK_MS)	/* then the last block is ours, too */
#define BATCH		1024		/* packets of a namespace before the next one's turn */
#define FILTER		"ip proto 253 or ip6 proto 253"

struct sniff {
	pid_t pid;
	int pipe;		/* closed when it is to end */
	const char *name;
	pcap_t *pcap[NETNS_MAX];
	int count;
	pcap_dumper_t *dumper;
	uint64_t most;		/* bytes of the file; 0: any number */
	uint64_t written;
	bool full;
	int error;		/* errno of the first write that failed; 0: none */
};

static int cannot(const struct sniff *s, const char *ns, const char *why)
{
	return fail("%s: capturing%s%s: %s", s->name, ns ? " in " : "", ns ? ns : "", why);
}

/* All devices of the namespace that we are in */
static int open_here(struct sniff *s, const char *ns)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_create("any", error);
	struct bpf_program filter;
	int status;

	if (!pcap)
		return cannot(s, ns, error);
	s->pcap[s->count++] = pcap;
	pcap_set_timeout(pcap, BLOCK_MS);
	pcap_set_buffer_size(pcap, BUFFER_BYTES);
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	status = pcap_activate(pcap);
	if (status == PCAP_ERROR_PERM_DENIED)
		return cannot(s, ns, "no permission: run it with sudo");
	if (status < 0)
		return cannot(s, ns, pcap_geterr(pcap));
	if (pcap_compile(pcap, &filter, FILTER, 1, PCAP_NETMASK_UNKNOWN))
		return cannot(s, ns, pcap_geterr(pcap));
	status = pcap_setfilter(pcap, &filter);
	pcap_freecode(&filter);
	if (status || pcap_setnonblock(pcap, 1, error))
		return cannot(s, ns, status ? pcap_geterr(pcap) : error);
	return TTP_OK;
}

static int open_in(struct sniff *s, const char *ns)
{
	int back, status;

	if (!ns)
		return open_here(s, NULL);
	if (netns_visit(ns, &back))
		return TTP_FAILED;
	status = open_here(s, ns);
	return netns_return(back) || status ? TTP_FAILED : TTP_OK;
}

static int open_all(struct sniff *s, const struct netns_list *ns, int fd)
{
	FILE *out;

	for (int i = 0; i < netns_count(ns); i++)
		if (open_in(s, netns_name(ns, i)))
			return TTP_FAILED;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	s->dumper = out ? pcap_dump_fopen(s->pcap[0], out) : NULL;
	return s->dumper ? TTP_OK : cannot(s, NULL, strerror(errno));
}

/* ---- the process that captures ---- */

static void on_packet(u_char *arg, const struct pcap_pkthdr *header, const u_char *data)
{
	struct sniff *s = (struct sniff *)arg;

	s->written += 16 + header->caplen;
	if (s->most && s->written > s->most)
		s->full = true;
	else
		pcap_dump((u_char *)s->dumper, header, data);
	if (ferror(pcap_dump_file(s->dumper)) && !s->error)
		s->error = errno;
}

static int read_some(struct sniff *s, int i)
{
	return pcap_dispatch(s->pcap[i], BATCH, on_packet, (u_char *)s);
}

/* No more than a buffer holds: others may come faster than they are read. */
static void read_rest(struct sniff *s)
{
	poll(NULL, 0, LAST_MS);
	for (int i = 0; i < s->count; i++) {
		uint64_t most = s->written + BUFFER_BYTES;

		while (s->written < most && read_some(s, i) > 0)
			;
	}
}

static int say_lacks(struct sniff *s)
{
	struct pcap_stat stat;
	unsigned int lost = 0;

	for (int i = 0; i < s->count; i++)
		if (!pcap_stats(s->pcap[i], &stat))
			lost += stat.ps_drop;
	if (lost)
		fprintf(stderr, "ttp: %s lacks %u packets: this machine was too slow\n", s->name,
			lost);
	if (s->full)
		fprintf(stderr, "ttp: %s has %llu MiB: what came then is not captured\n", s->name,
			(unsigned long long)s->most >> 20);
	if (pcap_dump_flush(s->dumper) && !s->error)
		s->error = errno;
	return s->error ? fail("%s: %s", s->name, strerror(s->error)) : TTP_OK;
}

static int capture(struct sniff *s, int pipe)
{
	struct pollfd pfd[NETNS_MAX + 1] = { { .fd = pipe } };

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	for (int i = 0; i < s->count; i++)
		pfd[i + 1] = (struct pollfd){ .fd = pcap_get_selectable_fd(s->pcap[i]),
					      .events = POLLIN };
	do {
		if (poll(pfd, s->count + 1, -1) < 0 && errno != EINTR)
			break;
		for (int i = 0; i < s->count; i++)
			read_some(s, i);
	} while (!pfd[0].revents && !s->error);
	read_rest(s);
	return say_lacks(s);
}

/* ---- the process that records ---- */

static void close_all(struct sniff *s)
{
	if (s->dumper)
		pcap_dump_close(s->dumper);
	for (int i = 0; i < s->count; i++)
		pcap_close(s->pcap[i]);
	s->dumper = NULL;
	s->count = 0;
}

static int start(struct sniff *s)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC))
		return fail("pipe: %s", strerror(errno));
	pcap_dump_flush(s->dumper);	/* not once more by the other process */
	fflush(NULL);
	s->pid = fork();
	if (!s->pid) {
		close(fd[1]);
		_exit(capture(s, fd[0]));
	}
	close(fd[0]);
	s->pipe = fd[1];
	return s->pid < 0 ? fail("fork: %s", strerror(errno)) : TTP_OK;
}

/*
 * Captures from now on.  @fd: the file, which stays the caller's, @name: what it is called;
 * it gets no more than @most bytes, but if that is 0.
 * Return: NULL after saying why not.
 */
struct sniff *sniff_start(const struct netns_list *ns, int fd, const char *name, uint64_t most)
{
	struct sniff *s = xrealloc(NULL, 1, sizeof(*s));
	int status;

	*s = (struct sniff){ .name = name, .most = most, .pipe = -1 };
	status = open_all(s, ns, fd);
	if (!status)
		status = start(s);
	close_all(s);
	if (!status)
		return s;
	if (s->pipe >= 0)
		close(s->pipe);
	free(s);
	return NULL;
}

/* All that has come until now is in the file.  Return: exit status. */
int sniff_stop(struct sniff *s)
{
	int status;
	pid_t pid;

	close(s->pipe);
	while ((pid = waitpid(s->pid, &status, 0)) < 0 && errno == EINTR)
		;
	free(s);
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : TTP_FAILED;
}
