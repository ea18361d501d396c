// SPDX-License-Identifier: GPL-2.0
/*
 * scenario.c - the lines of a scenario, and when they are carried out; see scenario.h.
 *
 *	scenario FILE NETNS_A NETNS_B MS
 *
 * What has no time is set first, then time begins.  After MS milliseconds it says "done", and
 * waits to be killed: its sockets stay as they are until nobody records any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scenario.h"

#define WORDS	24
#define LINES	4096
#define NEVER	INT64_MAX

struct host hosts[HOSTS];

static struct line {
	int64_t at_ns;		/* -1: before time begins */
	char *words;
	int number;
} lines[LINES];
static int nlines;
static const char *file;
static const struct line *now_line;

void wrong(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, now_line ? now_line->number : 0);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* From here on this program is on host @h. */
void enter(const struct host *h)
{
	if (setns(h->ns, CLONE_NEWNET))
		wrong("setns: %m");
}

uint64_t number(const char *word, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t n = strtoull(word, &end, 10);

	if (*word < '0' || *word > '9' || *end || n < least || n > most)
		wrong("%s is no number from %llu to %llu", word, (unsigned long long)least,
		      (unsigned long long)most);
	return n;
}

/* ---- what is set ---- */

static void run(const struct host *h, char *const argv[])
{
	int status;
	pid_t pid;

	enter(h);
	pid = fork();
	if (!pid) {
		execvp(argv[0], argv);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		wrong("%s %s: it has failed", argv[0], argv[1]);
}

static void set_sysctl(const struct host *h, const char *name, const char *value)
{
	char path[128];
	int fd;

	enter(h);
	snprintf(path, sizeof(path), "/proc/sys/net/ttp/%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		wrong("net.ttp.%s = %s: %m", name, value);
	close(fd);
}

static void set_isn(struct host *h, char **words, int n)
{
	char list[256] = "";
	int i;

	for (i = 0; i < n; i++) {
		number(words[i], 1, UINT32_MAX);
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s ", words[i]);
	}
	set_sysctl(h, "isn", list);
	h->isn = number(words[0], 1, UINT32_MAX);
	h->one_isn = n == 1;
}

static void set_mss(struct host *h, const char *word)
{
	char mtu[16];

	snprintf(mtu, sizeof(mtu), "%u", (unsigned int)number(word, 48, 9000) + 40);
	run(h, (char *[]){ "ip", "link", "set", (char *)h->device, "mtu", mtu, NULL });
}

static void faults(struct host *h, char *what, char **words, int n)
{
	char *argv[WORDS + 4] = { "ttp", "fault", what };

	memcpy(argv + 3, words, n * sizeof(*words));
	run(h, argv);
}

/* netem's packets have a link's header, which the page's have not. */
static void set_line(struct host *h)
{
	char delay[32], rate[32];

	snprintf(delay, sizeof(delay), "%.0fus", h->delay_ms * 1000);
	snprintf(rate, sizeof(rate), "%.0fkbit", h->rate_mbit * 1000);
	run(h, (char *[]){ "tc", "qdisc", "replace", "dev", (char *)h->device, "root", "netem",
			   "limit", "10000", "delay", delay, h->rate_mbit ? "rate" : NULL, rate,
			   "-14", NULL });
	h->line_changed = false;
}

/* Return: false: it is nothing of a line */
static bool line_number(struct host *h, char **words, int n)
{
	double *to = !strcmp(words[0], "delay") ? &h->delay_ms :
		     !strcmp(words[0], "rate") ? &h->rate_mbit : NULL;

	if (!to || n != 2)
		return false;
	*to = strtod(words[1], NULL);
	h->line_changed = true;
	return true;
}

static unsigned int *number_of(struct host *h, const char *name)
{
	return !strcmp(name, "port") ? &h->port : !strcmp(name, "rcvbuf") ? &h->rcvbuf :
	       !strcmp(name, "sndbuf") ? &h->sndbuf : NULL;
}

static bool *switch_of(struct host *h, const char *name)
{
	return !strcmp(name, "nodelay") ? &h->nodelay :
	       !strcmp(name, "keepalive") ? &h->keepalive : NULL;
}

/* What has one word, or two.  Return: false: it is none of these */
static bool set_one(struct host *h, char **words, int n)
{
	if (n != 2)
		return false;
	if (number_of(h, words[0]))
		*number_of(h, words[0]) = number(words[1], 1, 1 << 24);
	else if (switch_of(h, words[0]))
		*switch_of(h, words[0]) = !strcmp(words[1], "on");
	else if (!strcmp(words[0], "mss"))
		set_mss(h, words[1]);
	else if (!strcmp(words[0], "cc"))
		snprintf(h->cc, sizeof(h->cc), "%s", words[1]);
	else if (!strcmp(words[0], "arq"))
		set_sysctl(h, "arq", words[1]);
	else if (!strcmp(words[0], "unfault"))
		faults(h, "del", words + 1, 1);
	else
		return line_number(h, words, n);
	return true;
}

/* ---- lines ---- */

static void of_host(struct host *h, char **words, int n)
{
	if (!strcmp(words[0], "set") && n == 3)
		set_sysctl(h, words[1], words[2]);
	else if (!strcmp(words[0], "isn") && n > 1)
		set_isn(h, words + 1, n - 1);
	else if (!strcmp(words[0], "fault"))
		faults(h, "add", words + 1, n - 1);
	else if (!strcmp(words[0], "forge"))
		forge(h, words + 1, n - 1);
	else if (!strcmp(words[0], "flood"))
		flood(h, words + 1, n - 1);
	else if (!set_one(h, words, n) && !call(h, words, n))
		wrong("%s: a kernel cannot play this", words[0]);
}

static void of_wire(char **words, int n)
{
	if (!line_number(&hosts[0], words, n) || !line_number(&hosts[1], words, n))
		wrong("wire %s: a kernel cannot play this", words[0]);
}

static void carry_out(const struct line *line)
{
	char *words[WORDS], *word, *save, *copy = strdup(line->words);
	struct host *h;
	int n = 0;

	now_line = line;
	for (word = strtok_r(copy, " \t", &save); word && n < WORDS;
	     word = strtok_r(NULL, " \t", &save))
		words[n++] = word;
	if (n < 2)
		wrong("a line is: [MS] A|B|wire WORD...");
	if (!strcmp(words[0], "wire"))
		of_wire(words + 1, n - 1);
	else
		of_host(&hosts[*words[0] == 'B'], words + 1, n - 1);
	for (h = hosts; line->at_ns >= 0 && h < hosts + HOSTS; h++)
		if (h->line_changed)
			set_line(h);
	free(copy);
}

/* Behind all that are for the same time, or earlier */
static void insert(struct line line)
{
	int i = nlines++;

	if (nlines == LINES)
		wrong("too many lines");
	for (; i && lines[i - 1].at_ns > line.at_ns; i--)
		lines[i] = lines[i - 1];
	lines[i] = line;
}

static void read_lines(void)
{
	FILE *in = fopen(file, "r");
	char buf[512], *text, *end;
	int n;

	if (!in)
		wrong("%m");
	for (n = 1; fgets(buf, sizeof(buf), in); n++) {
		struct line line = { .at_ns = -1, .number = n };

		buf[strcspn(buf, "#\r\n")] = '\0';
		text = buf + strspn(buf, " \t");
		if (*text >= '0' && *text <= '9') {
			line.at_ns = strtod(text, &end) * 1e6;
			text = end;
		}
		line.words = strdup(text + strspn(text, " \t"));
		if (*line.words)
			insert(line);
	}
	fclose(in);
}

/* ---- the run ---- */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Until something happens to a socket, or it is @until. */
static void wait_for(int64_t until)
{
	struct pollfd fds[HOSTS * (CONNECTIONS + 1)];
	int64_t ns = until - now_ns();
	struct timespec t = { ns / 1000000000, ns % 1000000000 };
	int n = wanted(&hosts[0], fds);

	n += wanted(&hosts[1], fds + n);
	if (ns > 0 && ppoll(fds, n, &t, NULL) < 0)
		wrong("poll: %m");
}

static void play(int64_t ns)
{
	int64_t began = now_ns(), at;
	int i = 0;

	while (i < nlines || now_ns() < began + ns) {
		at = i < nlines ? began + lines[i].at_ns : NEVER;
		if (now_ns() >= at) {
			carry_out(&lines[i++]);
			continue;
		}
		wait_for(at < began + ns ? at : began + ns);
		serve(&hosts[0]);
		serve(&hosts[1]);
	}
}

static void host(struct host *h, const char *netns, bool b)
{
	char path[256];

	*h = (struct host){
		.netns = netns, .device = b ? "toA" : "toB", .address = b ? "10.0.0.2" : "10.0.0.1",
		.rcvbuf = 65535, .sndbuf = 65536, .port = b ? PORT : 50000, .delay_ms = 10,
		.reads = true, .cc = "reno", .listener = -1,
	};
	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	h->ns = open(path, O_RDONLY | O_CLOEXEC);
	if (h->ns < 0)
		wrong("%s: %m", path);
	set_sysctl(h, "offload", "0");	/* each packet is one segment, and each is seen */
	set_sysctl(h, "comp_sack_nr", "0");	/* so is each ACK */
}

int main(int argc, char **argv)
{
	int i, now = 0;

	file = argc > 1 ? argv[1] : "scenario";
	if (argc != 5)
		wrong("scenario FILE NETNS_A NETNS_B MS");
	prctl(PR_SET_TIMERSLACK, 1);
	for (i = 0; i < HOSTS; i++)
		host(&hosts[i], argv[2 + i], i);
	read_lines();
	for (; now < nlines && lines[now].at_ns < 0; now++)
		carry_out(&lines[now]);
	for (i = 0; i < HOSTS; i++)
		set_line(&hosts[i]);
	memmove(lines, lines + now, (nlines - now) * sizeof(*lines));
	nlines -= now;
	play(number(argv[4], 0, 3600000) * 1000000LL);
	puts("done");
	fflush(stdout);
	pause();
	return 0;
}
