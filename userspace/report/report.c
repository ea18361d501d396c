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
#include "capture/payload.h"
#include "read/feed.h"
#include "report/report.h"

/* More of them make a page that a telephone cannot scroll. */
#define EVENTS_MAX	100000

/* Of a segment, of its data, and of all of them: a page is to be opened on a telephone. */
#define DATA_MAX	2048
#define ALL_BYTES_MAX	(8 << 20)
#define SENDERS_MAX	1024

/* An end that was seen to send: its segments have their bytes where they leave. */
struct sender {
	struct address addr;
	uint16_t port;
};

struct report {
	struct feed_opts feed;
	struct page page;
	const char *output;
	unsigned long port;
	unsigned long max;
	struct feed_lost lost;
	FILE *events;
	const char *capture_name;
	struct payload *payload;	/* the capture that goes with it; NULL: none */
	int64_t wall_ns;		/* the wall clock less the clock of the events */
	struct sender sender[SENDERS_MAX];
	int n_senders;
	size_t bytes;			/* put so far */
	unsigned long without;		/* segments for which there was no room */
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

/* ---- bytes ---- */

static bool is_sender(const struct report *r, const struct address *addr, uint16_t port)
{
	for (int i = 0; i < r->n_senders; i++)
		if (r->sender[i].port == port && same_address(&r->sender[i].addr, addr))
			return true;
	return false;
}

static bool wants_bytes(struct report *r, const struct event *ev)
{
	const struct address *from = &ev->who.saddr;

	if (!r->payload || ev->kind != EVENT_SEGMENT)
		return false;
	if (ev->seg.direction == TTP_DIRECTION_IN)
		return !is_sender(r, &ev->who.daddr, ev->who.dport);
	if (!is_sender(r, from, ev->who.sport) && r->n_senders < SENDERS_MAX)
		r->sender[r->n_senders++] = (struct sender){ *from, ev->who.sport };
	return true;
}

static struct payload_key key_of(const struct report *r, const struct event *ev)
{
	bool out = ev->seg.direction == TTP_DIRECTION_OUT;

	return (struct payload_key){
		.from = out ? ev->who.saddr : ev->who.daddr,
		.to = out ? ev->who.daddr : ev->who.saddr,
		.from_port = out ? ev->who.sport : ev->who.dport,
		.to_port = out ? ev->who.dport : ev->who.sport,
		.seq = ev->seg.seq, .len = ev->seg.len, .flags = ev->seg.flags,
		.wall_ns = r->wall_ns ? ev->time_ns + r->wall_ns : 0,
	};
}

static struct json_object *hex(const uint8_t *data, size_t len)
{
	char text[2 * DATA_MAX + 1];

	for (size_t i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", data[i]);
	return json_object_new_string_len(text, 2 * len);
}

/* What the capture has of a segment: header, data, where in a packet of many they begin */
static void put_bytes(struct report *r, const struct event *ev, struct json_object *obj)
{
	const struct payload_key key = key_of(r, ev);
	struct payload_found found;
	uint8_t data[DATA_MAX];

	if (r->bytes >= ALL_BYTES_MAX) {
		r->without++;
		return;
	}
	if (!payload_find(r->payload, &key, &found, data, sizeof(data)))
		return;
	r->bytes += found.n_header + found.n_data;
	json_object_object_add(obj, "header_bytes", hex(found.header, found.n_header));
	json_object_object_add(obj, "bytes", hex(data, found.n_data));
	if (found.packet_len == ev->seg.len && !found.offset)
		return;
	json_object_object_add(obj, "packet_len", json_object_new_int64(found.packet_len));
	json_object_object_add(obj, "packet_offset", json_object_new_int64(found.offset));
}

/* Return: exit status. */
static int read_capture(struct report *r)
{
	if (!r->capture_name)
		return TTP_OK;
	r->payload = payload_read(r->capture_name);
	if (r->payload && payload_is_empty(r->payload))
		return fail("%s: no segment of TCP or TTP in it", r->capture_name);
	return r->payload ? TTP_OK : TTP_FAILED;
}

static void say_bytes(const struct report *r)
{
	if (!r->payload)
		return;
	payload_say_missing(r->payload, r->capture_name);
	if (r->without)
		fprintf(stderr, "ttp: the page has the bytes of the first %d MiB: %lu segments are without\n",
			ALL_BYTES_MAX >> 20, r->without);
}

/* ---- events ---- */

static int on_event(const struct event *ev, void *arg)
{
	struct report *r = arg;
	struct json_object *obj;

	if (ev->kind == EVENT_RECORDING)
		r->wall_ns = ev->wall_ns ? (int64_t)(ev->wall_ns - ev->time_ns) : 0;
	feed_count_lost(&r->lost, ev);
	if (ev->kind != EVENT_STATE && ev->kind != EVENT_SEGMENT)
		return 0;
	if (r->port && ev->who.sport != r->port && ev->who.dport != r->port)
		return 0;
	if (r->page.total++ >= r->max)
		return 0;
	obj = event_to_json(ev);
	if (wants_bytes(r, ev))
		put_bytes(r, ev, obj);
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
	status = read_capture(r);
	if (!status)
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
	say_bytes(r);
	return write_page(r, library);
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
		OPT_WORD(0, "capture", "FILE", &r.capture_name,
			 "with the bytes of the segments, which this capture has"),
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
	if (r.capture_name && !strcmp(r.capture_name, "-"))
		return usage("--capture wants a file");
	if (!r.feed.recording)
		return usage("report wants -r RECORDING, which ttp record writes");
	r.feed.capture = r.capture_name;
	library = page_library();
	if (!library)
		return TTP_FAILED;
	status = report(&r, library, &events);
	payload_free(r.payload);
	free(library);
	free(events);
	return status;
}
