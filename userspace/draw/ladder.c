// SPDX-License-Identifier: GPL-2.0
/*
 * ttp ladder: the sequence diagram.  This file has the options and collects
 * the events; ladder.h says which files do the rest.
 */
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/options.h"
#include "base/table.h"
#include "capture/payload.h"
#include "draw/ladder.h"
#include "read/feed.h"

#define CAPTURE_MAX	(64 << 20)	/* bytes, in memory */

struct ladder {
	struct feed_opts feed;
	struct look look;
	struct conns conns;
	unsigned long width;	/* 0: the terminal's */
	bool all;
	bool subscribed;	/* or a recording has begun */
	bool json;
	bool svg;
	bool mermaid;
	bool pick;
	bool bytes;
	const char *capture_name;
	struct svg_page *page;
	const char *out_name;	/* NULL: standard output */
	FILE *out;
	const char *save_name;
	FILE *save;
	int save_status;
	struct feed_lost lost;
};

/* What could not be saved can be drawn all the same. */
static void save(struct ladder *l, const struct event *ev)
{
	event_print_json(ev, l->save);
	if (ferror(l->save))
		l->save_status = written(l->save, l->save_name);
}

static int on_event(const struct event *ev, void *arg)
{
	struct ladder *l = arg;

	conn_add(&l->conns, ev);
	feed_count_lost(&l->lost, ev);
	if (ev->kind == EVENT_RECORDING) {
		l->subscribed = true;
		l->look.wall_ns = ev->wall_ns ? (int64_t)(ev->wall_ns - ev->time_ns) : 0;
	}
	if (ev->kind == EVENT_RECORDING && !l->feed.recording && !l->feed.command)
		fputs("ttp: watching; the drawing comes when the connections are closed, or on Ctrl-C\n",
		      stderr);
	if (l->save && !l->save_status)
		save(l, ev);
	return 0;
}

static void one(struct ladder *l, struct conn *conn, struct json_object *list)
{
	conn_settle(&l->conns, conn, true);
	if (l->json)
		json_object_array_add(list, ladder_json(conn, &l->look));
	else if (l->svg)
		ladder_svg_add(l->page, conn);
	else if (l->mermaid)
		ladder_mermaid(conn, &l->look);
	else
		draw_conn(conn, &l->look);
}

static bool is_text(const struct ladder *l)
{
	return !l->json && !l->svg && !l->mermaid;
}

/* Return: TTP_FAILED after saying why nothing is to be drawn. */
static int check_any(const struct conns *conns)
{
	for (size_t i = 0; i < conns->count; i++)
		if (conns->conn[i]->drawn)
			return TTP_OK;
	return conns->count ? fail("no such connection among the %zu seen", conns->count) :
			      fail("no connection was seen");
}

static int draw(struct ladder *l)
{
	struct json_object *list;
	unsigned long number = l->conns.count, drawn = 0;
	int status;

	if (check_any(&l->conns)) {
		feed_report_lost(&l->lost, ": some connections may be missing");
		return TTP_FAILED;
	}
	/* what COMMAND has printed stays where it is */
	if (l->out && feed_picture_begin(l->out, l->out_name))
		return TTP_FAILED;
	list = json_object_new_array();
	if (l->svg)
		l->page = ladder_svg_begin(&l->look);
	for (size_t i = 0; i < number; i++) {
		if (!l->conns.conn[i]->drawn)
			continue;
		if (drawn++ && is_text(l))
			putchar('\n');
		one(l, l->conns.conn[i], list);
	}
	if (l->json)
		print_json(json_object_get(list));
	json_object_put(list);
	if (l->svg)
		ladder_svg_end(l->page, stdout);
	status = written(stdout, l->out_name ? l->out_name : "standard output");
	feed_report_lost(&l->lost, ": some arrows may be wrong");
	if (l->look.payload)
		payload_say_missing(l->look.payload, l->capture_name);
	if (drawn < number && (is_text(l) || l->out))
		fprintf(stderr, "ttp: %lu of %lu connections drawn; see --all, --conn, --port\n",
			drawn, number);
	return status;
}

static int pick(struct ladder *l)
{
	int status = ladder_pick(&l->conns, &l->look, l->width);

	feed_report_lost(&l->lost, ": some arrows may be wrong");
	return status;
}

static int default_width(const struct ladder *l)
{
	struct winsize ws;

	if (l->svg)
		return 130;
	if (l->out || !isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) ||
	    !ws.ws_col)
		return 110;
	if (ws.ws_col > 132)
		return 132;
	return ws.ws_col < 80 ? 80 : ws.ws_col;
}

/* The capture that goes with a recording.  Return: exit status. */
static int read_capture(struct ladder *l)
{
	l->look.payload = payload_read(l->capture_name);
	if (l->look.payload && payload_is_empty(l->look.payload))
		return fail("%s: no segment of TCP or TTP in it", l->capture_name);
	return l->look.payload ? TTP_OK : TTP_FAILED;
}

/* Captures, too, into memory, which another process writes and we read.  Return: exit status. */
static int feed_with_capture(struct ladder *l)
{
	int fd = memfd_create("ttp-ladder", MFD_CLOEXEC), status, captured;
	struct sniff *sniff;
	char name[32];

	l->capture_name = "the capture";
	if (fd < 0)
		return fail("%s: %s", l->capture_name, strerror(errno));
	sniff = sniff_start(&l->feed.ns, fd, l->capture_name, CAPTURE_MAX);
	if (!sniff) {
		close(fd);
		return TTP_FAILED;
	}
	status = feed_run(&l->feed, on_event, l);
	captured = sniff_stop(sniff);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (!captured)
		l->look.payload = payload_read(name);
	close(fd);
	return status ? status : captured;
}

static int feed(struct ladder *l)
{
	int status = TTP_OK;

	if (l->bytes && !l->feed.recording)
		return feed_with_capture(l);
	if (l->bytes)
		status = read_capture(l);
	return status ? status : feed_run(&l->feed, on_event, l);
}

static int run(struct ladder *l)
{
	int status, drawing = TTP_OK;

	l->conns.look = &l->look;
	l->feed.capture = l->capture_name;
	if (l->all || l->pick)
		l->conns.wanted = 0;
	if (l->out_name) {
		l->out = feed_picture(&l->feed, l->out_name);
		if (!l->out)
			return TTP_FAILED;
		l->look.color = false;
	}
	l->look.width = l->width ? l->width : (unsigned long)default_width(l);
	if (l->save_name) {
		if (l->out && is_file(fileno(l->out), l->save_name))
			return fail("%s is the drawing: -s wants another file", l->save_name);
		l->save = feed_output(&l->feed, l->save_name);
		if (!l->save)
			return TTP_FAILED;
	}
	status = feed(l);
	if (l->save && !l->save_status)
		l->save_status = written(l->save, l->save_name);
	if (l->save && fclose(l->save) && !l->save_status)
		l->save_status = fail("%s: %s", l->save_name, strerror(errno));
	/* a command that failed may be what one wants to see, but no bad recording */
	if (!status || (l->subscribed && !l->feed.recording))
		drawing = l->pick ? pick(l) : draw(l);
	conn_free(&l->conns);
	payload_free(l->look.payload);
	if (!status)
		status = l->save_status;
	return status ? status : drawing;
}

static int option_color(const struct opt *opt, const char *text)
{
	bool *color = opt->to;

	if (!strcmp(text, "always"))
		*color = true;
	else if (!strcmp(text, "never"))
		*color = false;
	else if (strcmp(text, "auto"))
		return -1;
	return 0;
}

static int parse_rest(struct ladder *l, int argc, char **argv)
{
	if (optind < argc && !options_ended_by_dashes(argv))
		return usage("COMMAND comes after '--'");
	if (optind < argc)
		l->feed.command = argv + optind;
	if (l->save_name && !strcmp(l->save_name, "-"))
		return usage("-s wants a file: ttp monitor -j prints a recording");
	if (l->json + l->svg + l->mermaid > 1)
		return usage("one of -j, --svg and --mermaid");
	if (l->pick && (!is_text(l) || l->out_name || l->all))
		return usage("--pick goes without -a, -o, -j, --svg and --mermaid");
	if (l->pick && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return usage("--pick wants a terminal for input and output");
	if (l->mermaid && l->all)
		return usage("--mermaid draws one connection: -c N says which");
	if (l->out_name && !strcmp(l->out_name, "-"))
		l->out_name = NULL;
	if (l->out_name && l->save_name && !strcmp(l->out_name, l->save_name))
		return usage("-o and -s want two files");
	if (l->bytes && l->feed.recording && !l->capture_name)
		return usage("-x with -r wants --capture FILE, which ttp record --capture writes");
	if (l->capture_name && (!l->bytes || !l->feed.recording))
		return usage(l->bytes ? "--capture goes with -r: without it -x captures by itself" :
					"--capture goes with -x");
	if (l->capture_name && !strcmp(l->capture_name, "-"))
		return usage("--capture wants a file");
	if (l->feed.recording && (l->feed.command || l->feed.ns.count))
		return usage("-r goes without -n and without COMMAND");
	return TTP_OK;
}

int ladder_main(int argc, char **argv)
{
	struct ladder l = {
		.feed.groups = FEED_STATE | FEED_SEGMENT,
		.feed.after_s = 1,
		.feed.until_closed = true,
		.look.fold = true,
		.look.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
		.look.color = isatty(STDOUT_FILENO) && !no_color(),
		.conns.wanted = CONNS_FIRST,
	};
	const struct opt opts[] = {
		OPT_NETNS(&l.feed.ns),
		OPT_WORD('r', "read", "FILE", &l.feed.recording,
			 "draw what ttp record wrote; - is standard input"),
		OPT_WORD('s', "save", "FILE", &l.save_name, "also write a recording"),
		OPT_NUMBER('c', "conn", "N", &l.conns.wanted, 1, UINT32_MAX,
			   "draw the Nth connection (default: the first that begins there)"),
		OPT_PORT('p', "port", &l.conns.port, "of those with this port at either end"),
		OPT_SET('a', "all", &l.all, "draw every connection"),
		OPT_SET(0, "pick", &l.pick, "list the connections, to pick one and look at its ladder"),
		OPT_CLEAR('F', "no-fold", &l.look.fold, "each segment, also in long runs of data"),
		OPT_SET(0, "fold", &l.look.fold, "not each (the default)"),
		OPT_SET('X', "crossing", &l.look.crossing,
			"two lines for data and ACKs, too, that cross on their way"),
		OPT_SET('x', "payload", &l.bytes, "the first bytes of data below each arrow, as text and hex"),
		OPT_WORD(0, "capture", "FILE", &l.capture_name,
			 "with -r and -x: the bytes are in this capture"),
		OPT_SET('S', "absolute", &l.look.absolute, "sequence numbers as on the wire"),
		OPT_NUMBER('w', "width", "COLUMNS", &l.width, 80, CANVAS_MAX,
			   "80 to 200 (default: the terminal's, at most 132, or 110; with --svg 130, at least 110)",
			   .wants = "80 to 200"),
		OPT_SET('A', "ascii", &l.look.ascii,
			"draw with ASCII only; the default outside UTF-8 locales"),
		OPT_CLEAR('U', "utf8", &l.look.ascii, "draw with UTF-8 whatever the locale"),
		OPT(0, "color", "auto|always|never", option_color, &l.look.color,
		    "draw with colors: auto is on a terminal (default)",
		    .wants = "auto, always or never"),
		OPT_SECONDS(0, "after", &l.feed.after_s,
			    "wait so long after COMMAND for CLOSED (default 1)"),
		OPT_WORD(0, "ready", "FILE", &l.feed.ready,
			 "make FILE once nothing can be missed any more"),
		OPT_SET('j', "json", &l.json, "rows as JSON"),
		OPT_SET(0, "svg", &l.svg, "a picture, as SVG"),
		OPT_SET(0, "mermaid", &l.mermaid, "a Mermaid sequenceDiagram"),
		OPT_WORD('o', "output", "FILE", &l.out_name, "draw into FILE, without colors"),
		OPT_END
	};
	const struct command command = {
		.name = "ladder",
		.synopsis = "[OPTION]... [-- COMMAND [ARG]...]\n"
			    "[OPTION]... -r RECORDING",
		.about = "Draw a connection's sequence diagram: the segments between both ends, each "
			 "end's states, and what caused them.  COMMAND is run once nothing can be "
			 "missed any more.  The drawing comes when all connections seen are CLOSED, "
			 "after COMMAND (see --after), or on Ctrl-C.",
		.opts = opts,
	};
	int status = options_before_command(argc, argv, &command);

	_Static_assert(CANVAS_MAX == 200, "what -w is said to want");
	if (status >= 0)
		return status;
	if (parse_rest(&l, argc, argv))
		return TTP_USAGE;
	return run(&l);
}
