// SPDX-License-Identifier: GPL-2.0
/*
 * ttp ladder: the sequence diagram.  This file has the options and collects
 * the events; ladder.h says which files do the rest.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/table.h"
#include "draw/ladder.h"
#include "read/feed.h"

static const char help_text[] =
"usage: ttp ladder [OPTION]... [-- COMMAND [ARG]...]\n"
"       ttp ladder [OPTION]... -r RECORDING\n"
"Draw a connection's sequence diagram: the segments between both ends, each end's\n"
"states, and what caused them.  COMMAND is run once nothing can be missed any\n"
"more.  The drawing comes when all connections seen are CLOSED, after COMMAND\n"
"(see --after), or on Ctrl-C.\n"
"\n"
"  -n, --netns NAME     watch this namespace; give both ends'\n"
"  -r, --read FILE      draw what ttp monitor -j or -o wrote; - is standard input\n"
"  -s, --save FILE      also write a recording\n"
"  -c, --conn N         draw the Nth connection (default 1)\n"
"  -p, --port PORT      of those with this port at either end\n"
"  -a, --all            draw every connection\n"
"  -F, --no-fold        each segment, also in long runs of data\n"
"      --fold           not each (the default)\n"
"  -X, --crossing       two lines for text and ACKs, too, that cross on their way\n"
"  -S, --absolute       sequence numbers as on the wire\n"
"  -w, --width COLUMNS  80 to 200 (default: the terminal's, at most 132, or 110)\n"
"  -A, --ascii          draw with ASCII only; the default outside UTF-8 locales\n"
"  -U, --utf8           draw with UTF-8 whatever the locale\n"
"      --color WHEN     auto, always or never\n"
"      --after SECONDS  wait so long after COMMAND for CLOSED (default 1)\n"
"      --ready FILE     make FILE once nothing can be missed any more\n"
"  -j, --json           rows as JSON\n"
"  -h, --help           this\n";

struct ladder {
	struct feed_opts feed;
	struct look look;
	unsigned long conn;	/* from 1 */
	unsigned long port;	/* 0: any */
	bool all;
	bool json;
	const char *save_name;
	FILE *save;
	struct event *events;
	size_t count;
	uint64_t lost;
	bool overrun;
};

static int on_event(const struct event *ev, void *arg)
{
	struct ladder *l = arg;
	struct json_object *obj;

	if (!(l->count & (l->count - 1)))
		l->events = xrealloc(l->events, l->count ? 2 * l->count : 1,
				     sizeof(*l->events));
	l->events[l->count++] = *ev;
	if (event_has(ev, TTP_A_LOST_EVENTS))
		l->lost += ev->lost_events;
	if (ev->kind == EVENT_LOST)
		l->overrun = true;
	if (l->save) {
		obj = event_to_json(ev);
		fprintf(l->save, "%s\n", json_object_to_json_string_ext(obj,
						JSON_C_TO_STRING_PLAIN));
		json_object_put(obj);
	}
	return 0;
}

static bool wanted(const struct ladder *l, const struct conn *conn)
{
	return !l->port || conn->side[LEFT].port == l->port ||
	       conn->side[RIGHT].port == l->port;
}

static void one(struct ladder *l, const struct conns *conns,
		struct conn *conn, struct json_object *list)
{
	pair_segments(conn);
	rows_build(conn, conns, l->look.crossing);
	if (l->look.fold)
		rows_fold(conn, l->look.crossing);
	if (l->json)
		json_object_array_add(list, ladder_json(conn));
	else
		draw_conn(conn, &l->look);
}

static int draw(struct ladder *l)
{
	struct json_object *list = json_object_new_array();
	unsigned long number = 0, drawn = 0;
	struct conns conns;

	conn_collect(&conns, l->events, l->count);
	for (size_t i = 0; i < conns.count; i++) {
		if (!wanted(l, conns.conn[i]))
			continue;
		if (!l->all && ++number != l->conn)
			continue;
		if (drawn++ && !l->json)
			putchar('\n');
		one(l, &conns, conns.conn[i], list);
	}
	if (l->json)
		print_json(json_object_get(list));
	json_object_put(list);
	number = conns.count;
	conn_free(&conns);
	fflush(stdout);
	if (l->lost || l->overrun)
		fprintf(stderr, "ttp: %" PRIu64 "%s events were lost: some arrows may be wrong\n",
			l->lost, l->overrun ? " or more" : "");
	if (!number)
		return fail("no connection was seen");
	if (!drawn)
		return fail("no such connection among the %lu seen", number);
	if (drawn < number && !l->json)
		fprintf(stderr, "ttp: %lu of %lu connections drawn; see --all, --conn, --port\n",
			drawn, number);
	return TTP_OK;
}

static int terminal_width(void)
{
	struct winsize ws;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) ||
	    !ws.ws_col)
		return 110;
	if (ws.ws_col > 132)
		return 132;
	return ws.ws_col < 80 ? 80 : ws.ws_col;
}

static int run(struct ladder *l)
{
	int status, drawing;

	if (!l->look.width)
		l->look.width = terminal_width();
	if (l->save_name) {
		l->save = fopen(l->save_name, "we");
		if (!l->save)
			return fail("%s: %s", l->save_name, strerror(errno));
	}
	status = feed_run(&l->feed, on_event, l);
	if (l->save && fclose(l->save) && !status)
		status = fail("%s: %s", l->save_name, strerror(errno));
	/* a command that failed may be what one wants to see */
	drawing = l->count ? draw(l) : TTP_OK;
	free(l->events);
	if (!l->count && !status)
		status = fail("no connection was seen");
	return status ? status : drawing;
}

static int parse_color(struct ladder *l, const char *word)
{
	if (!strcmp(word, "always"))
		l->look.color = true;
	else if (!strcmp(word, "never"))
		l->look.color = false;
	else if (strcmp(word, "auto"))
		return usage("--color wants auto, always or never, not '%s'",
			     word);
	return TTP_OK;
}

static int parse_width(struct ladder *l, const char *word)
{
	unsigned long width;

	if (parse_number(word, CANVAS_MAX, &width) || width < 80)
		return usage("-w wants 80 to %d, not '%s'", CANVAS_MAX, word);
	l->look.width = width;
	return TTP_OK;
}

static int parse_rest(struct ladder *l, int argc, char **argv)
{
	bool dashes = optind > 1 && !strcmp(argv[optind - 1], "--");

	if (optind < argc && !dashes)
		return usage("COMMAND comes after '--'");
	if (optind < argc)
		l->feed.command = argv + optind;
	if (l->feed.recording && (l->feed.command || l->feed.ns.count))
		return usage("-r goes without -n and without COMMAND");
	return TTP_OK;
}

enum { AFTER = 256, READY, COLOR, FOLD };

static const struct option longs[] = {
	{ "netns", 1, NULL, 'n' }, { "read", 1, NULL, 'r' },
	{ "save", 1, NULL, 's' }, { "conn", 1, NULL, 'c' },
	{ "port", 1, NULL, 'p' }, { "all", 0, NULL, 'a' },
	{ "no-fold", 0, NULL, 'F' }, { "fold", 0, NULL, FOLD },
	{ "crossing", 0, NULL, 'X' }, { "absolute", 0, NULL, 'S' },
	{ "width", 1, NULL, 'w' },
	{ "ascii", 0, NULL, 'A' }, { "utf8", 0, NULL, 'U' },
	{ "color", 1, NULL, COLOR }, { "after", 1, NULL, AFTER },
	{ "ready", 1, NULL, READY }, { "json", 0, NULL, 'j' },
	{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 }
};

/* Return: as main(), or -1 to go on. */
static int option(struct ladder *l, int c)
{
	switch (c) {
	case 'n':
		return netns_add(&l->feed.ns, optarg) ? TTP_USAGE : -1;
	case 'r':
		l->feed.recording = optarg;
		break;
	case 's':
		l->save_name = optarg;
		break;
	case 'c':
		if (parse_number(optarg, UINT32_MAX, &l->conn) || !l->conn)
			return usage("-c wants a number from 1, not '%s'",
				     optarg);
		break;
	case 'p':
		if (parse_number(optarg, 65535, &l->port))
			return usage("-p wants a port, not '%s'", optarg);
		break;
	case 'a':
		l->all = true;
		break;
	case 'F':
	case FOLD:
		l->look.fold = c == FOLD;
		break;
	case 'X':
		l->look.crossing = true;
		break;
	case 'S':
		l->look.absolute = true;
		break;
	case 'w':
		return parse_width(l, optarg) ? TTP_USAGE : -1;
	case 'A':
	case 'U':
		l->look.ascii = c == 'A';
		break;
	case COLOR:
		return parse_color(l, optarg) ? TTP_USAGE : -1;
	case AFTER:
		if (parse_seconds(optarg, &l->feed.after_s))
			return usage("--after wants seconds, not '%s'", optarg);
		break;
	case READY:
		l->feed.ready = optarg;
		break;
	case 'j':
		l->json = true;
		break;
	case 'h':
		return help(help_text);
	default:
		return TTP_USAGE;
	}
	return -1;
}

int ladder_main(int argc, char **argv)
{
	struct ladder l = {
		.feed.groups = FEED_STATE | FEED_SEGMENT,
		.feed.after_s = 1,
		.feed.until_closed = true,
		.look.fold = true,
		.look.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
		.look.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
		.conn = 1,
	};
	int c, status;

	/* '+': the command's options are its own */
	while ((c = getopt_long(argc, argv, "+n:r:s:c:p:aFXSw:AUjh", longs,
				NULL)) != -1) {
		status = option(&l, c);
		if (status >= 0)
			return status;
	}
	if (parse_rest(&l, argc, argv))
		return TTP_USAGE;
	return run(&l);
}
