// SPDX-License-Identifier: GPL-2.0
/*
 * Floods and what they cost, see flood.h.
 */
#include "flood.h"

#define BUDGET		100000000LL	/* instructions; then a flood is long enough */
#define NAMES		400	/* counters */

struct counters {
	int n;
	struct {
		char name[128];
		long value;
	} of[NAMES];
};

static struct counters at_begin, at_flood;
static long slab_begin, mem_begin, free_begin;

/* ---- what the kernel says ---- */

static void keep(struct counters *c, const char *name, long value)
{
	if (c->n == NAMES)
		fail("more than %d counters", NAMES);
	snprintf(c->of[c->n].name, sizeof(c->of[0].name), "%s", name);
	c->of[c->n++].value = value;
}

/* Two lines for each group: names and values. */
static void read_pairs(struct counters *c, const char *path, const char *group)
{
	static char names[8192], values[8192];
	char *n, *v, *rest_n, *rest_v;
	FILE *f = fopen(path, "r");

	if (!f)
		fail("no %s", path);
	while (fgets(names, sizeof(names), f) && fgets(values, sizeof(values), f)) {
		if (strncmp(names, group, strlen(group)))
			continue;
		n = strtok_r(names, " \n", &rest_n);
		v = strtok_r(values, " \n", &rest_v);
		while ((n = strtok_r(NULL, " \n", &rest_n)) && (v = strtok_r(NULL, " \n", &rest_v)))
			keep(c, n, atol(v));
	}
	fclose(f);
}

static void read_counters(struct counters *c)
{
	char line[256], name[128];
	long value;
	FILE *f;

	c->n = 0;
	read_pairs(c, "/proc/thread-self/net/snmp", "Icmp:");
	if (!is_ttp()) {
		read_pairs(c, "/proc/thread-self/net/snmp", "Tcp:");
		read_pairs(c, "/proc/thread-self/net/netstat", "TcpExt:");
		return;
	}
	f = fopen("/proc/thread-self/net/ttp/stats", "r");
	if (!f)
		fail("no /proc/net/ttp/stats");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%127s %ld", name, &value) == 2)
			keep(c, name, value);
	fclose(f);
}

static long value_of(const struct counters *c, const char *name)
{
	int i;

	for (i = 0; i < c->n; i++)
		if (!strcmp(c->of[i].name, name))
			return c->of[i].value;
	fail("no counter \"%s\"", name);
}

/* Bytes that are charged to the protocol's sockets. */
static long socket_bytes(void)
{
	FILE *f = fopen(is_ttp() ? "/proc/thread-self/net/ttp/sockstat" :
			"/proc/thread-self/net/sockstat", "r");
	char line[256];
	long pages = -1;

	if (!f)
		fail("no sockstat");
	while (pages < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, is_ttp() ? "TTP:" : "TCP:", 4))
			sscanf(strstr(line, " mem "), " mem %ld", &pages);
	fclose(f);
	return pages * 4096;
}

static long free_kib(void)
{
	return number_after("/proc/meminfo", "MemFree:");
}

/* Transmitted and dropped, the device's 9th column after its name and the 11th. */
static long sent_by_kernel(void)
{
	char line[512], *at;
	long n[16] = { 0 }, total = -1;
	FILE *f = fopen("/proc/thread-self/net/dev", "r");
	int i;

	if (!f)
		fail("no /proc/net/dev");
	while (total < 0 && fgets(line, sizeof(line), f)) {
		at = strstr(line, "wire0:");
		if (!at)
			continue;
		at += 6;
		for (i = 0; i < 16; i++)
			n[i] = strtol(at, &at, 10);
		total = n[9] + n[11];
	}
	fclose(f);
	return total;
}

/* ---- packets ---- */

struct cost {
	int n;
	double mean;
	long most;
};

/* Sends up to n packets; longer than the budget it does not go on. */
static struct cost cost_of(int n)
{
	int64_t start = now_ns(), before = start, now = start;
	struct cost c = { 0 };

	while (c.n < n && now - start < BUDGET) {
		send_one(c.n++);
		now = now_ns();
		if (now - before > c.most)
			c.most = now - before;
		before = now;
	}
	c.mean = (double)(now - start) / c.n;
	return c;
}

/* The same packets with a wrong checksum of the IP header: IP drops them first thing. */
static double baseline(void)
{
	int i, n = added_count < 2000 ? added_count : 2000;
	struct cost c;

	for (i = 0; i < n; i++)
		added[i].packet[10] ^= 1;
	cost_of(n);
	c = cost_of(n);
	for (i = 0; i < n; i++)
		added[i].packet[10] ^= 1;
	return c.mean;
}

void repeat(int flags, uint32_t seq, uint32_t ack, int len)
{
	int i;

	for (i = 0; i < FLOOD; i++)
		add(flags, .seq = seq, .ack = ack, .len = len);
}

/* ---- rows ---- */

void flood_begin(void)
{
	memset(added, 0, sizeof(added));	/* touch each page now, so that none is new memory later */
	knob("invalid_ratelimit", 500);
	knob_of_ttp("rto_min_ms", 200);
	pause_ms(300);
	read_counters(&at_begin);
	slab_begin = slab_bytes();
	mem_begin = socket_bytes();
	free_begin = free_kib();
}

static void write_row(const struct cost *c, double base, double answers)
{
	const char *path = getenv("ATTACK_OUT");
	FILE *f = path ? fopen(path, "a") : stdout;
	struct counters now;
	int i;

	if (!f)
		fail("cannot write %s", path);
	/* what RCU frees later has been freed */
	drain();
	pause_ms(100);
	fprintf(f, "%s %s %d %.0f %.0f %ld %.2f %ld %ld %ld\n", strchr(test_name(), '.') + 1,
		is_ttp() ? "ttp" : "tcp", c->n, c->mean - base, base, (long)(c->most - base),
		answers, (slab_bytes() - slab_begin) / 1024,
		(socket_bytes() - mem_begin) / 1024, free_begin - free_kib());
	read_counters(&now);
	fprintf(f, "#");
	for (i = 0; i < now.n; i++)
		if (now.of[i].value != at_flood.of[i].value)
			fprintf(f, " %s %ld", now.of[i].name, now.of[i].value - at_flood.of[i].value);
	fprintf(f, "\n");
	fflush(f);
	if (path)
		fclose(f);
}

void flood(const char *ttp_counter, const char *tcp_counter, int percent)
{
	const char *name = is_ttp() ? ttp_counter : tcp_counter;
	double base = baseline();
	struct counters now;
	struct cost c;
	long sent, grown;

	drain();
	read_counters(&at_flood);
	sent = sent_by_kernel();
	c = cost_of(added_count);
	read_counters(&now);
	grown = value_of(&now, name) - value_of(&at_flood, name);
	if (grown < c.n * percent / 100 || !grown)
		fail("%s grew by %ld for %d packets", name, grown, c.n);
	drain();
	write_row(&c, base, (double)(sent_by_kernel() - sent) / c.n);
	added_count = 0;
}

static int64_t spin(int millions)
{
	int64_t start = now_ns();
	long i;

	for (i = 0; i < millions * 500000L; i++)
		__asm__ volatile("");	/* the loop is two or three instructions */
	return now_ns() - start;
}

void idle(int millions)
{
	static int64_t alone;
	long sent;
	struct cost c = { 0 };

	if (!alone) {
		alone = spin(millions);
		return;
	}
	read_counters(&at_flood);
	drain();
	sent = sent_by_kernel();
	c.mean = spin(millions) - alone;
	drain();
	c.n = sent_by_kernel() - sent;
	if (c.n <= 0)
		fail("no timer sent anything");
	c.mean /= c.n;
	write_row(&c, 0, 1);
}
