// SPDX-License-Identifier: GPL-2.0
/*
 * ttp monitor: state changes and segments, one line each, as they happen.
 * Called by main().  Next: read/feed.c.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/base.h"
#include "base/options.h"
#include "print/filter.h"
#include "print/print.h"
#include "read/feed.h"

enum time_format { TIME_ABS, TIME_REL, TIME_DELTA, TIME_WALL };

#define ALL	(FEED_STATE | FEED_SEGMENT | FEED_DATAGRAM)

struct monitor {
	struct feed_opts feed;
	enum time_format time;
	unsigned long count;	/* 0: no limit */
	unsigned long printed;
	bool json;
	FILE *out;
	const char *out_name;
	int status;		/* if it has to end before the feed does */
	uint64_t first_ns;
	uint64_t last_ns;
	struct feed_lost lost;
	int namespaces;		/* that a recording is of */
	int64_t wall_ns;	/* the wall clock less the clock of the events */
	const struct filter *filter;
};

/* Of a line; the longest has two addresses of IPv6, four blocks of SACK and a reason. */
#define LINE_MAX_SIZE	1024

/* Each put_...() returns where the 0 behind it is: printf() would take most of the time.
 * This one inline, because the length of a constant @name is known then.
 */
static inline __attribute__((always_inline)) char *put_value(char *to, const char *name, uint64_t value)
{
	return put_decimal(stpcpy(to, name), value);
}

static char *put_options(char *to, const struct event *ev)
{
	if (event_has(ev, TTP_A_OPT_MSS))
		to = put_value(to, " mss ", ev->seg.opt.mss);
	if (event_has(ev, TTP_A_OPT_WSCALE))
		to = put_value(to, " wscale ", ev->seg.opt.wscale);
	if (event_has(ev, TTP_A_OPT_SACK_PERMITTED))
		to = stpcpy(to, " sackOK");
	if (event_has(ev, TTP_A_OPT_TSVAL)) {
		to = put_value(to, " ts ", ev->seg.opt.tsval);
		to = put_value(to, " ", ev->seg.opt.tsecr);
	}
	for (int i = 0; i < ev->seg.opt.sack.count; i++) {
		to = put_value(to, " sack ", ev->seg.opt.sack.block[i].left);
		to = put_value(to, "-", ev->seg.opt.sack.block[i].right);
	}
	return to;
}

/* Most segments have the flags of the one before. */
static char *put_flags(char *to, uint8_t flags)
{
	static uint8_t known;
	static char text[40];

	if (flags != known || !text[0])
		event_flags(flags, text);
	known = flags;
	return stpcpy(to, text);
}

static char *put_segment(char *to, const struct event *ev)
{
	to = put_flags(to, ev->seg.flags);
	to = put_value(to, " seq ", ev->seg.seq);
	if (ev->seg.flags & SEG_ACK)
		to = put_value(to, " ack ", ev->seg.ack);
	to = put_value(to, " win ", ev->seg.wnd);
	to = put_value(to, " len ", ev->seg.len);
	if (event_has(ev, TTP_A_SEGS))
		to = stpcpy(put_value(to, " in ", ev->seg.segs), " segments");
	if (ev->seg.flags & SEG_URG)
		to = put_value(to, " up ", ev->seg.up);
	to = put_options(to, ev);
	if (event_has(ev, TTP_A_RETRANSMISSION))
		to = stpcpy(to, " retransmission");
	if (event_has(ev, TTP_A_PURPOSE))
		to += sprintf(to, event_has(ev, TTP_A_RETRANSMISSION) ? " (%s)" : " %s",
			      event_word(FIELD_PURPOSE, ev->seg.purpose));
	if (event_has(ev, TTP_A_DROP))
		to = stpcpy(stpcpy(to, " dropped: "), ev->seg.drop);
	if (event_has(ev, TTP_A_ANSWER))
		to = stpcpy(stpcpy(to, " answered: "), ev->seg.answer);
	if (event_has(ev, TTP_A_FAULT))
		to = stpcpy(stpcpy(to, " fault: "), ev->seg.fault);
	return to;
}

/* As tcpdump has it: the time of the day here. */
static char *put_wall(char *to, uint64_t ns)
{
	time_t seconds = ns / 1000000000;
	struct tm tm;

	localtime_r(&seconds, &tm);
	to += strftime(to, 16, "%H:%M:%S", &tm);
	return to + sprintf(to, ".%06u ", (unsigned int)(ns % 1000000000 / 1000));
}

/* Seconds with six digits, as %12.6f has them */
static char *put_seconds(char *to, int64_t ns)
{
	uint64_t us = ((ns < 0 ? -ns : ns) + 500) / 1000;
	char digits[2 * DECIMAL_SIZE], *end;
	long len;

	end = put_decimal(stpcpy(digits, ns < 0 ? "-" : ""), us / 1000000);
	/* of seven digits, of which the point takes the first */
	len = put_decimal(end, 1000000 + us % 1000000) - digits;
	*end = '.';
	for (; len < 12; len++)
		*to++ = ' ';
	return stpcpy(stpcpy(to, digits), " ");
}

static char *put_time(char *to, struct monitor *m, const struct event *ev)
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
	if (m->time == TIME_WALL)
		return put_wall(to, ev->time_ns + m->wall_ns);
	return put_seconds(to, (int64_t)ev->time_ns - (int64_t)since);
}

static char *put_name(char *to, const char *name)
{
	char buf[NAME_SIZE];
	int pad = 8 - text_width(printable(name, false, buf));

	return to + sprintf(to, "%s%*s ", buf, pad > 0 ? pad : 0, "");
}

static char *put_state(char *to, const struct event *ev)
{
	return to + sprintf(to, "%s -> %s: %s %s, RFC 9293 %s",
			    event_word(FIELD_STATE, ev->state.from),
			    event_word(FIELD_STATE, ev->state.now),
			    event_word(FIELD_CAUSE_KIND, ev->state.cause_kind),
			    ev->state.cause, ev->state.section);
}

/* The same two ends as before, nearly always, in one direction or the other. */
static char *put_end(char *to, const struct address *addr, unsigned int port)
{
	static struct {
		struct address addr;
		unsigned int port;
		size_t len;
		char text[64];
	} known[2];
	static unsigned int oldest;

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].len && known[i].port == port &&
		    !memcmp(&known[i].addr, addr, sizeof(*addr)))
			return mempcpy(to, known[i].text, known[i].len + 1) - 1;
	oldest = !oldest;
	known[oldest].addr = *addr;
	known[oldest].port = port;
	known[oldest].len = strlen(event_endpoint(addr, port, known[oldest].text));
	return stpcpy(to, known[oldest].text);
}

/* Bytes, as the segments' lengths are. */
static char *put_cong(char *to, const struct event *ev)
{
	to = put_value(to, "cwnd ", ev->cong.cwnd);
	to = stpcpy(to, " ssthresh ");
	to = ev->cong.ssthresh < SSTHRESH_INFINITE ? put_decimal(to, ev->cong.ssthresh) :
						     stpcpy(to, "infinite");
	to = put_value(to, " in flight ", ev->cong.in_flight);
	if (event_has(ev, TTP_A_PACING_RATE))
		to = stpcpy(put_value(to, " pacing ", ev->cong.pacing_rate), "/s");
	to = stpcpy(stpcpy(to, " "), event_word(FIELD_RECOVERY, ev->cong.recovery));
	return stpcpy(stpcpy(to, ": "), event_word(FIELD_CONG_REASON, ev->cong.reason));
}

static char *put_timer(char *to, const struct event *ev)
{
	to += sprintf(to, "%s timer %s", event_word(FIELD_TIMER, ev->timer.kind),
		      event_word(FIELD_TIMER_CHANGE, ev->timer.change));
	if (event_has(ev, TTP_A_TIMER_US))
		to += sprintf(to, ", due in %.3f ms", ev->timer.us / 1e3);
	return to;
}

static char *put_datagram(char *to, const struct event *ev)
{
	to = put_value(to, "datagram len ", ev->seg.len);
	if (event_has(ev, TTP_A_DROP))
		to = stpcpy(stpcpy(to, " dropped: "), ev->seg.drop);
	return to;
}

static char *put_what(char *to, const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_STATE:
		return put_state(to, ev);
	case EVENT_CONG:
		return put_cong(to, ev);
	case EVENT_TIMER:
		return put_timer(to, ev);
	case EVENT_DATAGRAM:
		return put_datagram(to, ev);
	default:
		return put_segment(to, ev);
	}
}

static void print_event(struct monitor *m, const struct event *ev)
{
	char line[LINE_MAX_SIZE], *to = put_time(line, m, ev);

	if ((m->feed.ns.count > 1 || m->namespaces > 1) && ev->ns)
		to = put_name(to, ev->ns);
	if (ev->kind == EVENT_LOST) {
		to = stpcpy(to, "events were lost here");
	} else {
		to = put_end(to, &ev->who.saddr, ev->who.sport);
		to = stpcpy(to, ev->kind != EVENT_SEGMENT && ev->kind != EVENT_DATAGRAM ? " -- " :
			    ev->seg.direction == TTP_DIRECTION_OUT ? " -> " : " <- ");
		to = put_end(to, &ev->who.daddr, ev->who.dport);
		*to++ = ' ';
		to = put_what(to, ev);
	}
	*to++ = '\n';
	fwrite_unlocked(line, 1, to - line, m->out);
}

/* End when it cannot be written, or nobody reads it any more. */
static int show_what_came(void *arg)
{
	struct monitor *m = arg;

	if (!fflush(m->out) && !ferror(m->out))
		return 0;
	m->status = written(m->out, m->out_name);
	return 1;
}

static int on_event(const struct event *ev, void *arg)
{
	unsigned int group = feed_group(ev->kind);
	struct monitor *m = arg;

	if (ev->kind == EVENT_RECORDING && m->feed.recording)
		m->namespaces = ev->namespaces;
	if (ev->wall_ns)
		m->wall_ns = ev->wall_ns - ev->time_ns;
	feed_count_lost(&m->lost, ev);
	if (group && (!(m->feed.groups & group) || !filter_matches(m->filter, ev)))
		return 0;
	if (m->time == TIME_WALL && !m->wall_ns && ev->kind != EVENT_RECORDING) {
		m->status = fail("the recording does not say the time of the day: use -t abs or -t rel");
		return 1;
	}
	if (m->json)
		event_print_json(ev, m->out);
	else if (ev->kind != EVENT_RECORDING)
		print_event(m, ev);
	if (group)
		m->printed++;
	/* who is at a recording's end may wait for more of it: what was read is shown */
	if ((m->feed.recording || ferror(m->out)) && show_what_came(m))
		return 1;
	return m->count && m->printed >= m->count;
}

static int run(struct monitor *m, const char *output)
{
	int status;

	m->out = stdout;
	if (output && !strcmp(output, "-")) {
		m->json = true;
		output = NULL;
	}
	m->out_name = output ? output : "standard output";
	if (output) {
		m->json = true;
		m->out = feed_output(&m->feed, output);
		if (!m->out)
			return TTP_FAILED;
	}
	m->feed.pause = show_what_came;
	status = feed_run(&m->feed, on_event, m);
	if (!m->status)
		show_what_came(m);
	feed_report_lost(&m->lost, "");
	if (m->status)
		status = m->status;
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
	else if (!strcmp(text, "wall"))
		*time = TIME_WALL;
	else
		return -1;
	return 0;
}

/* Return: FEED_*, or 0 when @word is none of them. */
static unsigned int groups_of(const char *word)
{
	if (!strcmp(word, "state"))
		return FEED_STATE;
	if (!strcmp(word, "segment"))
		return FEED_SEGMENT;
	if (!strcmp(word, "cong"))
		return FEED_CONG;
	if (!strcmp(word, "timer"))
		return FEED_TIMER;
	if (!strcmp(word, "datagram"))
		return FEED_DATAGRAM;
	return strcmp(word, "all") ? 0 : ALL;
}

/* What is no option: what is printed, then a filter. */
static int parse_words(struct monitor *m, char **words, int n)
{
	unsigned int groups = 0;

	for (; n && groups_of(words[0]); words++, n--)
		groups |= groups_of(words[0]);
	if (groups)
		m->feed.groups = groups;
	return filter_parse("monitor", words, n, NULL, &m->filter);
}

/* Where "--" is, behind which there is a command. */
static int find_dashes(int argc, char **argv)
{
	int i = 1;

	while (i < argc && strcmp(argv[i], "--"))
		i++;
	return i;
}

/* Return: TTP_USAGE after saying which options do not go together. */
static int check(const struct monitor *m)
{
	if (m->feed.until_closed && !(m->feed.groups & FEED_STATE))
		return usage("-u needs the state changes: state or all");
	if (m->feed.recording && (m->feed.command || m->feed.ns.count))
		return usage("-r goes without a namespace and without COMMAND");
	return TTP_OK;
}

int monitor_main(int argc, char **argv)
{
	struct monitor m = {
		.feed.groups = ALL,
		.feed.after_s = 0.5,
		.time = TIME_REL,
	};
	const char *output = NULL;
	const struct opt opts[] = {
		OPT_NETNS(&m.feed.ns),
		OPT('t', "time", "abs|rel|delta|wall", option_time, &m.time,
		    "abs, since boot; rel, since the first event (the default); delta, since the "
		    "line before; wall, the time of the day",
		    .wants = "abs, rel, delta or wall"),
		OPT_NUMBER('c', "count", "N", &m.count, 1, LONG_MAX, "end after N events",
			   .wants = "a number from 1"),
		OPT_SET('u', "until-closed", &m.feed.until_closed,
			"end when each connection seen is CLOSED"),
		OPT_SECONDS(0, "after", &m.feed.after_s,
			    "so long after COMMAND ended, at most (default 0.5)"),
		OPT_WORD('r', "read", "FILE", &m.feed.recording,
			 "print what was recorded in FILE; - is standard input"),
		OPT_WORD('o', "output", "FILE", &output,
			 "write a recording for -r and for ttp ladder -r to FILE, print nothing"),
		OPT_SET('j', "json", &m.json, "print the recording: one JSON object in each line"),
		OPT_WORD(0, "ready", "FILE", &m.feed.ready,
			 "make FILE once nothing can be missed any more"),
		OPT_NOT('p', "a port is a filter: ttp monitor port 80"),
		OPT_NOT('i', "it watches all interfaces, of the namespace -N NAME"),
		OPT_NOT('w', "a recording is written by -o FILE"),
		OPT_END
	};
	const struct command command = {
		.name = "monitor",
		.synopsis = "[OPTION]... [GROUP]... [FILTER] [-- COMMAND [ARG]...]\n"
			    "[OPTION]... [GROUP]... [FILTER] -r RECORDING",
		.about = "Print the events of each GROUP until interrupted: state changes (state), segments "
			 "(segment), datagrams (datagram), these three (all, the default), changes of the "
			 "congestion window (cong), of timers (timer).  "
			 "COMMAND is run once nothing can be missed any more; the monitor ends soon "
			 "after it and with its exit status.",
		.opts = opts,
		.more = "FILTER, in one argument or several:\n" FILTER_HELP,
		.words = "state segment datagram cong timer all " FILTER_WORDS,
	};
	int end = find_dashes(argc, argv);
	int status = options_parse(end, argv, &command);

	if (status >= 0)
		return status;
	if (end + 1 < argc)
		m.feed.command = argv + end + 1;
	if (parse_words(&m, argv + optind, end - optind) || check(&m))
		return TTP_USAGE;
	m.feed.n_ports = filter_ports(m.filter, m.feed.ports);
	return run(&m, output);
}
