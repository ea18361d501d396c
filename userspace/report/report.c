// SPDX-License-Identifier: GPL-2.0
/*
 * ttp report: a recording as one page that needs no network and no server.  This
 * file has the options and collects the events.  Called by main().  Next: page.c.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/options.h"
#include "read/feed.h"
#include "report/report.h"

/* More of them make a page that a telephone cannot scroll. */
#define EVENTS_MAX	100000

struct report {
	struct feed_opts feed;
	struct page page;
	const char *output;
	unsigned long port;
	unsigned long max;
	struct feed_lost lost;
	FILE *events;
};

/* In a script element "<" may begin the end of it, so there is none. */
static void put_json(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("\\u003c", out);
		else
			putc(*text, out);
	}
}

static int on_event(const struct event *ev, void *arg)
{
	struct report *r = arg;
	struct json_object *obj;

	feed_count_lost(&r->lost, ev);
	if (ev->kind != EVENT_STATE && ev->kind != EVENT_SEGMENT)
		return 0;
	if (r->port && ev->who.sport != r->port && ev->who.dport != r->port)
		return 0;
	if (r->page.total++ >= r->max)
		return 0;
	obj = event_to_json(ev);
	fputs(r->page.shown++ ? ",\n" : "\n", r->events);
	put_json(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN), r->events);
	json_object_put(obj);
	return 0;
}

static int write_page(struct report *r, const char *library)
{
	FILE *out = stdout;
	int status;

	if (r->output && strcmp(r->output, "-"))
		out = feed_output(&r->feed, r->output);
	else
		r->output = "standard output";
	if (!out)
		return TTP_FAILED;
	page_write(&r->page, library, out);
	status = written(out, r->output);
	if (out != stdout && fclose(out) && !status)
		status = fail("%s: %s", r->output, strerror(errno));
	return status;
}

static int report(struct report *r, const char *library, char **events)
{
	size_t size;
	int status;

	r->events = open_memstream(events, &size);
	if (!r->events)
		return fail("out of memory");
	status = feed_run(&r->feed, on_event, r);
	if (fclose(r->events))
		return fail("out of memory");
	if (status)
		return status;
	if (!r->page.total)
		return fail(r->port ? "no event of this port was seen" : "no event was seen");
	r->page.events = *events;
	r->page.lost = r->lost.count + r->lost.more;
	if (r->page.shown < r->page.total)
		fprintf(stderr, "ttp: the page has the first %lu of %lu events; see --max, --port\n",
			r->page.shown, r->page.total);
	feed_report_lost(&r->lost, ": the page lacks them");
	return write_page(r, library);
}

/* To a const char *. */
int option_lang(const struct opt *opt, const char *text)
{
	if (strcmp(text, "en") && strcmp(text, "ko"))
		return -1;
	*(const char **)opt->to = text;
	return 0;
}

int report_main(int argc, char **argv)
{
	struct report r = {
		.feed.groups = FEED_STATE | FEED_SEGMENT,
		.page.lang = "en",
		.max = 20000,
	};
	const struct opt opts[] = {
		OPT_WORD('r', "read", "FILE", &r.feed.recording,
			 "the recording; - is standard input"),
		OPT_WORD('o', "output", "FILE", &r.output,
			 "write the page to FILE, not to standard output"),
		OPT('l', "lang", "en|ko", option_lang, &r.page.lang,
		    "in English (default) or in Korean", .wants = "en or ko"),
		OPT_PORT('p', "port", &r.port, "only connections with this port at either end"),
		OPT_NUMBER('m', "max", "EVENTS", &r.max, 1, EVENTS_MAX,
			   "only the first so many events (20000)", .wants = "1 to 100000"),
		OPT_END
	};
	const struct command command = {
		.name = "report",
		.synopsis = "-r RECORDING [OPTION]... [-o FILE]",
		.about = "Make a page for a browser of a recording: the ladder, the states of both "
			 "ends, plots, counters and questions.  It needs neither network nor server.",
		.opts = opts,
	};
	char *library, *events = NULL;
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (options_no_more(argc, argv, &command))
		return TTP_USAGE;
	if (!r.feed.recording)
		return usage("report wants -r RECORDING, which ttp monitor -o writes");
	library = page_library();
	if (!library)
		return TTP_FAILED;
	status = report(&r, library, &events);
	free(library);
	free(events);
	return status;
}
