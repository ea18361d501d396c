// SPDX-License-Identifier: GPL-2.0
/*
 * ttp record: what happens, to a file that each viewer reads with -r.
 * Called by main().  Next: read/feed.c.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/options.h"
#include "capture/capture.h"
#include "capture/payload.h"
#include "read/feed.h"

struct record {
	struct feed_opts feed;
	const char *name;
	const char *capture_name;	/* NULL: only what TTP says is recorded */
	FILE *out;
	uint64_t events;
	struct feed_lost lost;
};

static int on_event(const struct event *ev, void *arg)
{
	struct record *r = arg;

	feed_count_lost(&r->lost, ev);
	if (ev->kind == EVENT_RECORDING && !r->feed.command)
		fprintf(stderr, "ttp: recording until %s\n", r->feed.until_closed ?
			"the connections are closed, or Ctrl-C" : "Ctrl-C");
	if (ev->kind == EVENT_STATE || ev->kind == EVENT_SEGMENT || ev->kind == EVENT_DATAGRAM)
		r->events++;
	event_print_json(ev, r->out);
	return ferror(r->out);
}

/* The same time's packets go to a capture.  Return: exit status. */
static int feed_with_capture(struct record *r)
{
	struct sniff *sniff;
	int status, captured;
	FILE *out;

	if (is_file(fileno(r->out), r->capture_name))
		return fail("%s is the recording: --capture wants a file of its own", r->capture_name);
	out = feed_output(&r->feed, r->capture_name);
	if (!out)
		return TTP_FAILED;
	sniff = sniff_start(&r->feed.ns, fileno(out), r->capture_name, 0);
	if (!sniff) {
		fclose(out);
		return TTP_FAILED;
	}
	status = feed_run(&r->feed, on_event, r);
	captured = sniff_stop(sniff);
	if (fclose(out) && !captured)
		captured = fail("%s: %s", r->capture_name, strerror(errno));
	return status ? status : captured;
}

static int run(struct record *r)
{
	int status, written_status;

	r->out = feed_output(&r->feed, r->name);
	if (!r->out)
		return TTP_FAILED;
	status = r->capture_name ? feed_with_capture(r) : feed_run(&r->feed, on_event, r);
	written_status = written(r->out, r->name);
	if (fclose(r->out) && !written_status)
		written_status = fail("%s: %s", r->name, strerror(errno));
	feed_report_lost(&r->lost, ": the recording lacks them");
	if (!status && !written_status && !r->events)
		status = fail("no connection was seen");
	return status ? status : written_status;
}

/* @words: what is neither an option nor COMMAND. */
static int take_words(struct record *r, char **words, int n)
{
	if (!n)
		return usage("record wants a FILE to write to%s",
			     r->feed.command ? ", before '--'" : "");
	if (n > 1)
		return usage("record wants one FILE, not '%s' too; COMMAND comes after '--'", words[1]);
	if (!strcmp(words[0], "-"))
		return usage("record wants a file: ttp monitor -j prints a recording");
	r->name = words[0];
	if (r->capture_name && (!strcmp(r->capture_name, "-") || !strcmp(r->capture_name, r->name)))
		return usage("--capture wants a file of its own, not '%s'", r->capture_name);
	r->feed.until_closed |= r->feed.command != NULL;
	return TTP_OK;
}

int record_main(int argc, char **argv)
{
	struct record r = {
		.feed.groups = FEED_STATE | FEED_SEGMENT | FEED_DATAGRAM,
		.feed.after_s = 1,
	};
	const struct opt opts[] = {
		OPT_NETNS(&r.feed.ns),
		OPT_SET('u', "until-closed", &r.feed.until_closed,
			"end when each connection seen is CLOSED"),
		OPT_WORD(0, "capture", "FILE", &r.capture_name,
			 "also capture the segments, for --capture of ttp ladder and report"),
		OPT_SECONDS(0, "after", &r.feed.after_s,
			    "wait so long after COMMAND for CLOSED (default 1)"),
		OPT_WORD(0, "ready", "FILE", &r.feed.ready,
			 "make FILE once nothing can be missed any more"),
		OPT_NOT('r', "what is recorded is read by the viewers: ttp monitor, ladder, pcap, plot, report"),
		OPT_NOT('o', "the file is named without it: ttp record FILE"),
		OPT_END
	};
	const struct command command = {
		.name = "record",
		.synopsis = "[OPTION]... FILE [-- COMMAND [ARG]...]",
		.about = "Write state changes, segments and datagrams to FILE, for -r of ttp monitor, ladder, "
			 "pcap, plot and report.  COMMAND is run once nothing can be missed any more; the recording "
			 "ends when all connections seen are CLOSED, after COMMAND (see --after), or "
			 "on Ctrl-C, and with COMMAND's exit status.",
		.opts = opts,
	};
	int end = 1, status;

	while (end < argc && strcmp(argv[end], "--"))
		end++;
	status = options_parse(end, argv, &command);
	if (status >= 0)
		return status;
	if (end + 1 < argc)
		r.feed.command = argv + end + 1;
	if (take_words(&r, argv + optind, end - optind))
		return TTP_USAGE;
	return run(&r);
}
