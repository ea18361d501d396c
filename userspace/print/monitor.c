// SPDX-License-Identifier: GPL-2.0
/*
 * ttp monitor: state changes and segments, one line each, as they happen.
 * Called by main().  Next: ../read/feed.c.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/options.h"
#include "print/print.h"
#include "read/feed.h"

static const char help_text[] =
"usage: ttp monitor [OPTION]... [state|segment|all] [-- COMMAND [ARG]...]\n"
"Print state changes, segments or both (the default) until interrupted.  COMMAND\n"
"is run once nothing can be missed any more; the monitor ends soon after it and\n"
"with its exit status.\n"
"\n"
"  -n, --netns NAME     in this namespace; several may be given\n"
"  -t, --time HOW       abs, since boot; rel, since the first event (the default);\n"
"                       delta, since the line before\n"
"  -c, --count N        end after N events\n"
"  -u, --until-closed   end when each connection seen is CLOSED\n"
"      --after SECONDS  so long after COMMAND ended, at most (default 0.5)\n"
"  -o, --output FILE    write a recording for ttp ladder -r to FILE, print nothing\n"
"  -j, --json           print the recording: one JSON object in each line\n"
"      --ready FILE     make FILE once nothing can be missed any more\n"
"  -h, --help           this\n";

enum time_format { TIME_ABS, TIME_REL, TIME_DELTA };

struct monitor {
	struct feed_opts feed;
	enum time_format time;
	unsigned long count;	/* 0: no limit */
	unsigned long printed;
	bool json;
	FILE *out;
	uint64_t first_ns;
	uint64_t last_ns;
	struct feed_lost lost;
};

static void print_options(const struct event *ev, FILE *out)
{
	if (event_has(ev, TTP_A_OPT_MSS))
		fprintf(out, " mss %u", ev->seg.opt.mss);
	if (event_has(ev, TTP_A_OPT_WSCALE))
		fprintf(out, " wscale %u", ev->seg.opt.wscale);
	if (event_has(ev, TTP_A_OPT_SACK_PERMITTED))
		fputs(" sackOK", out);
	if (event_has(ev, TTP_A_OPT_TSVAL))
		fprintf(out, " ts %u %u", ev->seg.opt.tsval, ev->seg.opt.tsecr);
	for (int i = 0; i < ev->seg.opt.sack.count; i++)
		fprintf(out, " sack %u-%u", ev->seg.opt.sack.block[i].left,
			ev->seg.opt.sack.block[i].right);
}

static void print_segment(const struct event *ev, FILE *out)
{
	char flags[40];

	fprintf(out, "%s seq %u", event_flags(ev->seg.flags, flags), ev->seg.seq);
	if (ev->seg.flags & SEG_ACK)
		fprintf(out, " ack %u", ev->seg.ack);
	fprintf(out, " win %u len %u", ev->seg.wnd, ev->seg.len);
	if (ev->seg.flags & SEG_URG)
		fprintf(out, " up %u", ev->seg.up);
	print_options(ev, out);
	if (event_has(ev, TTP_A_RETRANSMISSION))
		fputs(" retransmission", out);
	if (event_has(ev, TTP_A_DROP))
		fprintf(out, " dropped: %s", ev->seg.drop);
}

static void print_time(struct monitor *m, const struct event *ev)
{
	uint64_t since = 0;

	if (!m->first_ns)
		m->first_ns = ev->time_ns;
	if (!m->last_ns)
		m->last_ns = ev->time_ns;
	if (m->time == TIME_REL)
		since = m->first_ns;
	if (m->time == TIME_DELTA)
		since = m->last_ns;
	if (m->last_ns < ev->time_ns)
		m->last_ns = ev->time_ns;
	fprintf(m->out, "%12.6f ",
		((int64_t)ev->time_ns - (int64_t)since) / 1e9);
}

static void print_event(struct monitor *m, const struct event *ev)
{
	char local[64], peer[64];

	print_time(m, ev);
	if (m->feed.ns.count > 1 && ev->ns)
		fprintf(m->out, "%-8s ", ev->ns);
	if (ev->kind == EVENT_LOST) {
		fputs("events were lost here\n", m->out);
		return;
	}
	fprintf(m->out, "%s %s %s ",
		event_endpoint(&ev->who.saddr, ev->who.sport, local),
		ev->kind == EVENT_STATE ? "--" :
		ev->seg.direction == TTP_DIRECTION_OUT ? "->" : "<-",
		event_endpoint(&ev->who.daddr, ev->who.dport, peer));
	if (ev->kind == EVENT_STATE)
		fprintf(m->out, "%s -> %s: %s %s, RFC 9293 %s",
			event_word(FIELD_STATE, ev->state.from),
			event_word(FIELD_STATE, ev->state.now),
			event_word(FIELD_CAUSE_KIND, ev->state.cause_kind),
			ev->state.cause, ev->state.section);
	else
		print_segment(ev, m->out);
	fputc('\n', m->out);
}

static int on_event(const struct event *ev, void *arg)
{
	struct monitor *m = arg;

	feed_count_lost(&m->lost, ev);
	if (m->json)
		event_print_json(ev, m->out);
	else if (ev->kind != EVENT_RECORDING)
		print_event(m, ev);
	if (ev->kind == EVENT_STATE || ev->kind == EVENT_SEGMENT)
		m->printed++;
	fflush(m->out);
	/* end when nobody reads the output any more */
	return ferror(m->out) || (m->count && m->printed >= m->count);
}

static int run(struct monitor *m, const char *output)
{
	int status;

	m->out = stdout;
	if (output) {
		m->json = true;
		m->out = fopen(output, "we");
		if (!m->out)
			return fail("%s: %s", output, strerror(errno));
	}
	status = feed_run(&m->feed, on_event, m);
	feed_report_lost(&m->lost, "");
	if (output && fclose(m->out) && !status)
		status = fail("%s: %s", output, strerror(errno));
	return status;
}

static int option_time(const struct opt *opt, const char *text)
{
	enum time_format *time = opt->to;

	if (!strcmp(text, "abs"))
		*time = TIME_ABS;
	else if (!strcmp(text, "rel"))
		*time = TIME_REL;
	else if (!strcmp(text, "delta"))
		*time = TIME_DELTA;
	else
		return -1;
	return 0;
}

static int parse_groups(struct monitor *m, const char *word)
{
	if (!strcmp(word, "state"))
		m->feed.groups = FEED_STATE;
	else if (!strcmp(word, "segment"))
		m->feed.groups = FEED_SEGMENT;
	else if (!strcmp(word, "all"))
		m->feed.groups = FEED_STATE | FEED_SEGMENT;
	else
		return usage("monitor what? state, segment or all, not '%s'",
			     word);
	return TTP_OK;
}

/* What follows the options: at most one word, then -- and the command. */
static int parse_rest(struct monitor *m, int argc, char **argv)
{
	if (!options_ended_by_dashes(argv) && optind < argc && strcmp(argv[optind], "--")) {
		if (parse_groups(m, argv[optind++]))
			return TTP_USAGE;
		if (optind < argc && strcmp(argv[optind], "--"))
			return usage("COMMAND comes after '--'");
	}
	if (optind < argc && !strcmp(argv[optind], "--"))
		optind++;
	if (optind < argc)
		m->feed.command = argv + optind;
	return TTP_OK;
}

int monitor_main(int argc, char **argv)
{
	struct monitor m = {
		.feed.groups = FEED_STATE | FEED_SEGMENT,
		.feed.after_s = 0.5,
		.time = TIME_REL,
	};
	const char *output = NULL;
	const struct opt opts[] = {
		OPT_NETNS(&m.feed.ns),
		OPT('t', "time", true, option_time, &m.time,
		    .wants = "abs, rel or delta"),
		OPT_NUMBER('c', "count", &m.count, "a number", 0, LONG_MAX),
		OPT_SET('u', "until-closed", &m.feed.until_closed),
		OPT_SECONDS(0, "after", &m.feed.after_s),
		OPT_WORD('o', "output", &output),
		OPT_SET('j', "json", &m.json),
		OPT_WORD(0, "ready", &m.feed.ready),
		{ 0 }
	};
	int status = options_before_command(argc, argv, opts, help_text);

	if (status >= 0)
		return status;
	if (parse_rest(&m, argc, argv))
		return TTP_USAGE;
	if (m.feed.until_closed && !(m.feed.groups & FEED_STATE))
		return usage("-u needs the state changes: state or all");
	return run(&m, output);
}
