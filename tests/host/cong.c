// SPDX-License-Identifier: GPL-2.0
/*
 * cong.c - try a congestion control algorithm without a kernel: flows share a
 * bottleneck, and what becomes of them is printed as CSV.  `cong --help` says how,
 * docs/congestion-control.md more.
 */
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bottleneck.h"
#include "check.h"
#include "port.h"
#include "cong/ttp_cong.h"

static const char help[] =
"Try a congestion control algorithm on flows that share a bottleneck.\n"
"\n"
"	cong [OPTION]...\n"
"\n"
"	--algorithm NAME,...	of the first flow, the second ... (reno)\n"
"	--set NAME.PARAM=VALUE	a parameter of an algorithm: fixed.window=40\n"
"	--list			the algorithms and their parameters\n"
"	--flows N		so many (one for each name)\n"
"	--rate RATE		of the bottleneck: 800kbit, 10mbit, 1gbit (10mbit)\n"
"	--delay TIME,...	one way, of each flow: 500us, 20ms, 1s (20ms)\n"
"	--buffer PACKETS	that its queue takes (50)\n"
"	--mark PACKETS		in the queue, from which on it marks (ECN)\n"
"	--loss PERCENT		of what is sent, before the queue (0)\n"
"	--arq SCHEME		selective-repeat, go-back-n, stop-and-wait\n"
"	--stagger TIME		between the beginnings of two flows (0s)\n"
"	--duration TIME		of the run (30s)\n"
"	--from TIME		what is summed up begins here (0s)\n"
"	--interval TIME		between two lines of a flow (100ms)\n"
"	--mss BYTES		of data in a segment (1448)\n"
"	--seed N		of all chance (1)\n"
"	--summary		the sums at the end only\n"
"\n"
"Windows, queue and in_flight are segments; throughput is of data, mbit/s.\n"
"Lines that begin with # are the sums.\n";

static struct bottleneck bn = {
	.rate = 10000000,
	.buffer = 50,
	.mss = 1448,
	.seed = 1,
	.duration_us = 30000000,
	.interval_us = 100000,
};

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("cong: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs(" (try --help)\n", stderr);
	exit(2);
}

/* A number and one of the units, which end with an empty one. */
static u64 number(const char *what, const char *text, const char *const *units,
		  const double *values, double least, double most)
{
	double n;
	char *end;
	u32 i;

	n = strtod(text, &end);
	for (i = 0; units[i] && strcmp(units[i], end); i++)
		;
	if (end == text || !units[i] || !(n * values[i] >= least && n * values[i] <= most))
		die("%s cannot be %s", what, text);
	return llround(n * values[i]);
}

static u64 rate(const char *text)
{
	static const char * const units[] = { "kbit", "mbit", "gbit", "bit", NULL };
	static const double values[] = { 1e3, 1e6, 1e9, 1 };

	return number("a rate", text, units, values, 1000, 1e11);
}

static u64 duration(const char *text)
{
	static const char * const units[] = { "s", "ms", "us", NULL };
	static const double values[] = { 1e6, 1e3, 1 };

	return number("a time", text, units, values, 0, 1e10);
}

static u32 count(const char *what, const char *text, u32 least, u32 most)
{
	static const char * const units[] = { "", NULL };
	static const double values[] = { 1 };

	return number(what, text, units, values, least, most);
}

static u32 loss(const char *text)
{
	static const char * const units[] = { "%", "", NULL };
	static const double values[] = { 1e4, 1e4 };

	return number("a loss", text, units, values, 0, 1e6);
}

/* "a,b": a list for the flows, begun anew when it is used up.  Return: its length. */
static u32 each(char *list, void (*one)(struct bn_flow *f, const char *text))
{
	char *texts[BN_FLOWS], *text = strtok(list, ",");
	u32 n = 0, i;

	for (; text && n < BN_FLOWS; text = strtok(NULL, ","))
		texts[n++] = text;
	if (!n || text)
		die("from 1 to %u for a list", BN_FLOWS);
	for (i = 0; i < BN_FLOWS; i++)
		one(&bn.flows[i], texts[i % n]);
	return n;
}

static void one_algorithm(struct bn_flow *f, const char *text)
{
	f->algorithm = port_cong(text);
	if (!f->algorithm)
		die("no algorithm %s; --list says which", text);
}

static void one_delay(struct bn_flow *f, const char *text)
{
	f->delay_us = max(duration(text), 1ULL);
}

/* module/cong/NAME.c is of algorithm NAME. */
static bool is_of(const struct ttp_cong_host_param *p, const char *name, size_t len)
{
	const char *file = strrchr(p->file, '/');

	file = file ? file + 1 : p->file;
	return !strncmp(file, name, len) && !strcmp(file + len, ".c");
}

static void set(const char *text)
{
	const char *dot = strchr(text, '.'), *is = strchr(text, '=');
	struct ttp_cong_host_param *p;

	if (!dot || !is || dot > is)
		die("--set wants NAME.PARAM=VALUE");
	for (p = ttp_cong_host_params; p; p = p->next)
		if (is_of(p, text, dot - text) && strlen(p->name) == (size_t)(is - dot - 1) &&
		    !strncmp(p->name, dot + 1, is - dot - 1))
			break;
	if (!p)
		die("no parameter %.*s; --list says which", (int)(is - text), text);
	if (p->size == sizeof(bool))
		*(bool *)p->value = count("a switch", is + 1, 0, 1);
	else
		*(u32 *)p->value = count("a parameter", is + 1, 0, 1000000000);
}

static void list_params(const char *name)
{
	struct ttp_cong_host_param *p;

	printf("%s", name);
	for (p = ttp_cong_host_params; p; p = p->next)
		if (is_of(p, name, strlen(name)))
			printf(" %s=%u", p->name, p->size == sizeof(bool) ? *(bool *)p->value :
								       *(u32 *)p->value);
	puts("");
}

static void list(void)
{
	struct ttp_cong_host *h;

	list_params("reno");
	for (h = ttp_cong_host; h; h = h->next)
		list_params(h->ops->name);
}

static void row(struct bottleneck *b, struct bn_flow *f)
{
	const struct ttp_tcb *tcb = f->snd;
	double mss = b->mss;
	char ssthresh[20] = "inf";
	u64 got = f->rcv ? f->rcv->bytes_received : 0;

	if (ttp_flow_ssthresh(tcb) < TTP_SSTHRESH_INFINITE)
		snprintf(ssthresh, sizeof(ssthresh), "%.1f", ttp_flow_ssthresh(tcb) / mss);
	printf("%.3f,%d,%s,%.1f,%s,%.1f,%.3f,%.3f,%.3f,%u,%u,%u,%u\n", b->now / 1e6,
	       (int)(f - b->flows), f->algorithm->name, ttp_flow_cwnd(tcb) / mss, ssthresh,
	       ttp_send_in_flight(tcb) / mss, tcb->srtt_us / 1e3,
	       (got - f->seen) * 8.0 / b->interval_us, (tcb->flow ? tcb->flow->cong.pacing_rate : 0) * 8 / 1e6,
	       b->queue, f->drops, f->marks, tcb->total_retrans);
	f->seen = got;
}

static void sums(void)
{
	struct bn_flow *f;

	for (f = bn.flows; f < bn.flows + bn.nflow; f++)
		printf("# flow %d %s: %.3f mbit/s, %u dropped, %u marked, %u resent\n",
		       (int)(f - bn.flows), f->algorithm->name, bn_throughput(&bn, f) / 1e6,
		       f->drops, f->marks, f->snd ? f->snd->total_retrans : 0);
	printf("# utilisation %.1f %%, fairness %.3f, queue %.1f on average, %u at most\n",
	       bn_utilisation(&bn) / 10.0, bn_fairness(&bn) / 1000.0, bn_mean_queue(&bn),
	       bn.queue_max);
}

/* Nothing here tests: what the core's neighbours want to tell is not told. */
void test_story(const char *fmt, ...)
{
}

int main(int argc, char **argv)
{
	enum { ALGORITHM, SET, LIST, FLOWS, RATE, DELAY, BUFFER, MARK, LOSS, ARQ, STAGGER, DURATION,
	       FROM, INTERVAL, MSS, SEED, SUMMARY, HELP };
	static const struct option options[] = {
		{ "algorithm", 1, NULL, ALGORITHM }, { "set", 1, NULL, SET },
		{ "list", 0, NULL, LIST }, { "flows", 1, NULL, FLOWS },
		{ "rate", 1, NULL, RATE }, { "delay", 1, NULL, DELAY },
		{ "buffer", 1, NULL, BUFFER }, { "mark", 1, NULL, MARK },
		{ "loss", 1, NULL, LOSS }, { "arq", 1, NULL, ARQ },
		{ "stagger", 1, NULL, STAGGER }, { "duration", 1, NULL, DURATION },
		{ "from", 1, NULL, FROM }, { "interval", 1, NULL, INTERVAL },
		{ "mss", 1, NULL, MSS }, { "seed", 1, NULL, SEED },
		{ "summary", 0, NULL, SUMMARY }, { "help", 0, NULL, HELP }, { }
	};
	u32 names = 1, flows = 0, i;
	bool summary = false;
	u64 stagger = 0;
	int o;

	for (i = 0; i < BN_FLOWS; i++)
		bn.flows[i] = (struct bn_flow){ .algorithm = &ttp_reno, .delay_us = 20000 };
	while ((o = getopt_long(argc, argv, "", options, NULL)) >= 0)
		switch (o) {
		case ALGORITHM:
			names = each(optarg, one_algorithm);
			break;
		case SET:
			set(optarg);
			break;
		case LIST:
			list();
			return 0;
		case FLOWS:
			flows = count("flows", optarg, 1, BN_FLOWS);
			break;
		case RATE:
			bn.rate = rate(optarg);
			break;
		case DELAY:
			each(optarg, one_delay);
			break;
		case BUFFER:
			bn.buffer = count("a buffer", optarg, 1, 1000000);
			break;
		case MARK:
			bn.mark = count("a mark", optarg, 1, 1000000);
			break;
		case LOSS:
			bn.loss = loss(optarg);
			break;
		case ARQ:
			o = ttp_arq_find(optarg);
			if (o < 0)
				die("no scheme %s", optarg);
			bn.arq = o;
			break;
		case STAGGER:
			stagger = duration(optarg);
			break;
		case DURATION:
			bn.duration_us = duration(optarg);
			break;
		case FROM:
			bn.from_us = duration(optarg);
			break;
		case INTERVAL:
			bn.interval_us = max(duration(optarg), 1ULL);
			break;
		case MSS:
			bn.mss = count("an mss", optarg, 100, 9000);
			break;
		case SEED:
			bn.seed = count("a seed", optarg, 0, 1000000000);
			break;
		case SUMMARY:
			summary = true;
			break;
		case HELP:
			fputs(help, stdout);
			return 0;
		default:
			return 2;	/* getopt has said why */
		}
	if (optind < argc)
		die("what is %s?", argv[optind]);
	if (bn.from_us >= bn.duration_us)
		die("there is no time from --from to --duration");
	bn.nflow = flows ?: names;
	for (i = 0; i < bn.nflow; i++)
		bn.flows[i].start_us = i * stagger;
	if (!summary) {
		bn.row = row;
		puts("time,flow,algorithm,cwnd,ssthresh,in_flight,srtt_ms,throughput,"
		     "pacing_rate,queue,drops,marks,resent");
	}
	if (bn_run(&bn)) {
		fprintf(stderr, "cong: %s\n", bn.wrong);
		return 1;
	}
	sums();
	bn_free(&bn);
	return 0;
}
