// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel says of its sockets: TTP_INFO, /proc/net/ttp/sockets with
 * its columns found by name, or /proc/net/tcp and tcp6 for the oracle, and counters.
 */
#include <linux/perf_event.h>
#include <linux/sock_diag.h>
#include <sched.h>
#include <sys/syscall.h>
#include "sock.h"

static const char *const state_names[] = {
	[TCP_ESTABLISHED] = "ESTABLISHED",
	[TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RCVD",
	[TCP_FIN_WAIT1] = "FIN_WAIT_1",
	[TCP_FIN_WAIT2] = "FIN_WAIT_2",
	[TCP_TIME_WAIT] = "TIME_WAIT",
	[TCP_CLOSE] = "CLOSED",
	[TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_LAST_ACK] = "LAST_ACK",
	[TCP_LISTEN] = "LISTEN",
	[TCP_CLOSING] = "CLOSING",
	[TCP_CLOSING + 1] = "SYN_RCVD",	/* NEW_SYN_RECV, not accepted */
};

#define STATES	(sizeof(state_names) / sizeof(state_names[0]))

static const char *state_name(unsigned int number)
{
	return number && number < STATES ? state_names[number] : "?";
}

struct tcp_info tcp_info_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, tcp_level(), TTP_INFO, &info, &len));
	return info;
}

bool state_is(int fd, const char *name)
{
	return !strcmp(state_name(tcp_info_of(fd).tcpi_state), name);
}

int waiting(int listener)
{
	return tcp_info_of(listener).tcpi_unacked;
}

long drops_of(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len));
	return info[SK_MEMINFO_DROPS];
}

/* A word of the line: the column'th, from 0; NULL if there are fewer. */
static char *word(char *line, int column)
{
	char *save = NULL, *w = strtok_r(line, " \t\n", &save);

	while (w && column--)
		w = strtok_r(NULL, " \t\n", &save);
	return w;
}

/* "local" and "local:port" are the same column. */
static int column_of(const char *header, const char *name)
{
	char line[1024], *w;
	int i;

	for (i = 0; ; i++) {
		snprintf(line, sizeof(line), "%s", header);
		w = word(line, i);
		if (!w)
			return -1;
		if (!strncmp(w, name, strlen(name)) &&
		    (!w[strlen(name)] || w[strlen(name)] == ':'))
			return i;
	}
}

static const char *field(const char *header, const char *line, const char *name)
{
	static __thread char copy[4][1024];
	static __thread unsigned int turn;
	char *c = copy[turn++ % 4];
	int column = column_of(header, name);
	char *w;

	if (column < 0)
		fail("no column \"%s\" in: %s", name, header);
	snprintf(c, sizeof(copy[0]), "%s", line);
	w = word(c, column);
	return w ? w : "";
}

static int port_after_colon(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon ? atoi(colon + 1) : 0;
}

static bool line_matches(int local, int remote, const char *state,
			 int local_seen, int remote_seen, const char *seen)
{
	return (!local || local == local_seen) &&
	       (!remote || remote == remote_seen) &&
	       (!state || !strcmp(state, seen));
}

static int count_tcp(int local, int remote, const char *state)
{
	FILE *f = fopen(is_v6() ? "/proc/thread-self/net/tcp6" : "/proc/thread-self/net/tcp", "r");
	unsigned int l, r, st;
	char line[512];
	int n = 0;

	if (!f)
		fail("no /proc/net/tcp");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " %*d: %*x:%x %*x:%x %x", &l, &r, &st) == 3 &&
		    line_matches(local, remote, state, l, r, state_name(st)))
			n++;
	fclose(f);
	return n;
}

static FILE *open_table(const char *name, char *header, size_t len)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/thread-self/net/ttp/%s", name);
	f = fopen(path, "r");
	if (!f)
		fail("no %s: %s", path, strerror(errno));
	if (!fgets(header, len, f))
		fail("%s is empty", path);
	return f;
}

static int count_ttp(int local, int remote, const char *state)
{
	char header[1024], line[1024];
	FILE *f = open_table("sockets", header, sizeof(header));
	int n = 0;

	while (fgets(line, sizeof(line), f))
		if (line_matches(local, remote, state,
				 port_after_colon(field(header, line, "local")),
				 port_after_colon(field(header, line, "remote")),
				 field(header, line, "state")))
			n++;
	fclose(f);
	return n;
}

int count_sockets(int local_port, int remote_port, const char *state)
{
	return is_ttp() ? count_ttp(local_port, remote_port, state) :
			  count_tcp(local_port, remote_port, state);
}

long counter(const char *name)
{
	char line[256], found[128];
	long value, result = -1;
	FILE *f;

	f = fopen("/proc/thread-self/net/ttp/stats", "r");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%127s %ld", found, &value) == 2 &&
		    !strcasecmp(found, name))
			result = value;
	fclose(f);
	return result;
}

long transitions(const char *from, const char *to)
{
	char header[1024], line[1024];
	FILE *f = open_table("states", header, sizeof(header));
	long total = -1;

	while (fgets(line, sizeof(line), f)) {
		if (strcasecmp(field(header, line, "from"), from) ||
		    strcasecmp(field(header, line, "to"), to))
			continue;
		if (total < 0)
			total = 0;
		total += atol(field(header, line, "count"));
	}
	fclose(f);
	return total;
}

long number_after(const char *path, const char *words)
{
	char line[512], *at;
	long value = -1;
	FILE *f = fopen(path, "r");

	if (!f)
		fail("no %s", path);
	while (value < 0 && fgets(line, sizeof(line), f)) {
		at = strstr(line, words);
		if (at)
			value = atol(at + strlen(words));
	}
	fclose(f);
	return value;
}

long slab_bytes(void)
{
	long active, size, total = 0;
	FILE *f = fopen("/proc/slabinfo", "r");
	char line[512];

	if (!f)
		fail("no /proc/slabinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %ld %*d %ld", &active, &size) == 2)
			total += active * size;
	fclose(f);
	return total;
}

bool is_local6(const struct in6_addr *address)
{
	FILE *f = fopen("/proc/thread-self/net/ipv6_route", "r");
	char line[256], want[33], to[33];
	unsigned int bits, flags, i;
	bool found = false;

	for (i = 0; i < 16; i++)
		sprintf(want + 2 * i, "%02x", address->s6_addr[i]);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%32s %x %*s %*s %*s %*s %*s %*s %x", to, &bits, &flags) == 3 &&
			!strcmp(to, want) && bits == 128 && flags & 0x80000000;	/* RTF_LOCAL */
	fclose(f);
	return found;
}

void first_cpu_only(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
}

int probe(const char *function, pid_t tid, int cpu)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .kprobe_func = (uintptr_t)function };
	FILE *f = fopen("/sys/bus/event_source/devices/kprobe/type", "r");

	if (!f || fscanf(f, "%u", &attr.type) != 1)
		skip("this kernel has no kprobes");
	fclose(f);
	return OK(syscall(SYS_perf_event_open, &attr, tid, cpu, -1, 0));
}

long probe_count(int probe)
{
	long long n;

	EQ(read(probe, &n, sizeof(n)), sizeof(n));
	return n;
}
