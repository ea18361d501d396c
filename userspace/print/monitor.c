// SPDX-License-Identifier: GPL-2.0
/*
 * ttp monitor: what happens, one line each, as it happens.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/base.h"
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
	uint64_t lost;
	bool overrun;		/* and lost is too small by an unknown number */
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
	struct json_object *obj;

	if (event_has(ev, TTP_A_LOST_EVENTS))
		m->lost += ev->lost_events;
	if (ev->kind == EVENT_LOST)
		m->overrun = true;
	if (m->json) {
		obj = event_to_json(ev);
		fprintf(m->out, "%s\n",
			json_object_to_json_string_ext(obj,
						       JSON_C_TO_STRING_PLAIN));
		json_object_put(obj);
	} else if (ev->kind != EVENT_RECORDING) {
		print_event(m, ev);
	}
	if (ev->kind == EVENT_STATE || ev->kind == EVENT_SEGMENT)
		m->printed++;
	fflush(m->out);
	/* who reads us has gone: so can we */
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
	if (m->lost || m->overrun)
		fprintf(stderr, "ttp: %" PRIu64 "%s events were lost\n",
			m->lost, m->overrun ? " or more" : "");
	if (output && fclose(m->out) && !status)
		status = fail("%s: %s", output, strerror(errno));
	return status;
}

static int parse_time(struct monitor *m, const char *word)
{
	if (!strcmp(word, "abs"))
		m->time = TIME_ABS;
	else if (!strcmp(word, "rel"))
		m->time = TIME_REL;
	else if (!strcmp(word, "delta"))
		m->time = TIME_DELTA;
	else
		return usage("-t wants abs, rel or delta, not '%s'", word);
	return TTP_OK;
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
	bool dashes = optind > 1 && !strcmp(argv[optind - 1], "--");

	if (!dashes && optind < argc && strcmp(argv[optind], "--")) {
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

enum { AFTER = 256, READY };

static const struct option longs[] = {
	{ "netns", 1, NULL, 'n' }, { "time", 1, NULL, 't' },
	{ "count", 1, NULL, 'c' }, { "until-closed", 0, NULL, 'u' },
	{ "after", 1, NULL, AFTER }, { "output", 1, NULL, 'o' },
	{ "json", 0, NULL, 'j' }, { "ready", 1, NULL, READY },
	{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 }
};

int monitor_main(int argc, char **argv)
{
	struct monitor m = {
		.feed.groups = FEED_STATE | FEED_SEGMENT,
		.feed.after_s = 0.5,
		.time = TIME_REL,
	};
	const char *output = NULL;
	int c;

	/* '+': the command's options are its own */
	while ((c = getopt_long(argc, argv, "+n:t:c:uo:jh", longs,
				NULL)) != -1) {
		switch (c) {
		case 'n':
			if (netns_add(&m.feed.ns, optarg))
				return TTP_USAGE;
			break;
		case 't':
			if (parse_time(&m, optarg))
				return TTP_USAGE;
			break;
		case 'c':
			if (parse_number(optarg, LONG_MAX, &m.count))
				return usage("-c wants a number, not '%s'",
					     optarg);
			break;
		case 'u':
			m.feed.until_closed = true;
			break;
		case AFTER:
			if (parse_seconds(optarg, &m.feed.after_s))
				return usage("--after wants seconds, not '%s'",
					     optarg);
			break;
		case 'o':
			output = optarg;
			break;
		case 'j':
			m.json = true;
			break;
		case READY:
			m.feed.ready = optarg;
			break;
		case 'h':
			return help(help_text);
		default:
			return TTP_USAGE;
		}
	}
	if (parse_rest(&m, argc, argv))
		return TTP_USAGE;
	if (m.feed.until_closed && !(m.feed.groups & FEED_STATE))
		return usage("-u needs the state changes: state or all");
	return run(&m, output);
}
