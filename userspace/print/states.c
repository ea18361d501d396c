// SPDX-License-Identifier: GPL-2.0
/*
 * ttp states: the state machine of RFC 9293 3.3.2 as the module has it, each
 * transition with how often it was taken.  Called by main().  Next: dump.c.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/options.h"
#include "base/table.h"
#include "print/dump.h"
#include "print/follow.h"
#include "print/print.h"
#include "read/event.h"

struct states {
	struct dump dump;
	bool nonzero;
	bool dot;
	bool follow;
	unsigned long port;
	struct feed_opts feed;
};

/* A transition that was taken is drawn bold. */
static void print_edge(struct dump *dump, const struct event *ev)
{
	char label[160];
	char *to = label;

	snprintf(label, sizeof(label), "%s\n%s", ev->state.cause, ev->state.section);
	for (char *c = label; *c; c++)
		if (*c == '"' || *c == '\\')
			*c = '\'';
	printf("\t%s -> %s [label=\"", event_word(FIELD_STATE, ev->state.from),
	       event_word(FIELD_STATE, ev->state.now));
	for (; *to; to++)
		fputs(*to == '\n' ? "\\n" : (char[]){ *to, '\0' }, stdout);
	if (ev->state.count)
		printf("\\n%" PRIu64 " times\", style=bold, penwidth=2];\n",
		       ev->state.count);
	else
		puts("\", color=gray50, fontcolor=gray50];");
}

static bool wanted(const struct dump *dump, const struct event *ev)
{
	const struct states *states = (const struct states *)dump;

	return ev->state.count || !states->nonzero;
}

static void row(struct dump *dump, const struct event *ev)
{
	char count[32];

	snprintf(count, sizeof(count), "%" PRIu64, ev->state.count);
	table_row(dump->table, dump_ns(dump, ev->ns),
		  event_word(FIELD_STATE, ev->state.from),
		  event_word(FIELD_STATE, ev->state.now),
		  event_word(FIELD_CAUSE_KIND, ev->state.cause_kind),
		  ev->state.cause, ev->state.section, count, NULL);
}

static int run_dot(struct dump *dump)
{
	int status;

	dump->row = print_edge;
	puts("digraph ttp {\n\tnode [shape=box, style=rounded];");
	status = dump_run(dump, TTP_CMD_STATES_GET);
	puts("}");
	return status;
}

static void recorded_row(void *arg, const struct event *ev)
{
	struct dump *dump = arg;

	if (dump->json)
		json_object_array_add(dump->list, event_to_json(ev));
	else
		dump->row(dump, ev);
}

/* What was taken in a recording. */
static int run_recording(struct states *states)
{
	struct dump *dump = &states->dump;
	int status;

	if (states->dot) {
		dump->row = print_edge;
		puts("digraph ttp {\n\tnode [shape=box, style=rounded];");
	}
	dump->list = json_object_new_array();
	status = follow_count(states->feed.recording, recorded_row, dump);
	if (!status && dump->json)
		print_json(json_object_get(dump->list));
	else if (!status && !states->dot)
		table_print(dump->table, stdout);
	if (states->dot)
		puts("}");
	json_object_put(dump->list);
	table_free(dump->table);
	return status;
}

/* Return: TTP_USAGE after saying what does not make sense. */
static int check(struct states *states)
{
	struct dump *dump = &states->dump;

	if (states->dot && (dump->json || dump->ns.count > 1))
		return usage("--dot goes with one namespace and without --json");
	if (states->feed.recording && dump->ns.count)
		return usage("-r goes without -n");
	if (states->follow && (states->dot || dump->json || states->nonzero))
		return usage("--follow goes without -j, -z and --dot");
	if (states->port && !states->follow)
		return usage("-p goes with --follow");
	return TTP_OK;
}

int states_main(int argc, char **argv)
{
	struct states states = { .dump.row = row, .dump.wanted = wanted };
	struct dump *dump = &states.dump;
	const struct opt opts[] = {
		OPT_NETNS(&dump->ns),
		OPT_SET('z', "nonzero", &states.nonzero, "only those that were taken"),
		OPT_SET(0, "dot", &states.dot,
			"as a graph for Graphviz: ttp states --dot | dot -Tsvg; of one namespace, "
			"and without -j"),
		OPT_SET('f', "follow", &states.follow,
			"the machine with both ends' place in it, drawn anew at each change"),
		OPT_PORT('p', "port", &states.port,
			 "with --follow, only connections with this port at either end"),
		OPT_WORD('r', "read", "FILE", &states.feed.recording,
			 "those taken in a recording; - is standard input"),
		OPT_SET('j', "json", &dump->json, "as a JSON array"),
		OPT_END
	};
	const struct command command = {
		.name = "states",
		.synopsis = "[OPTION]...",
		.about = "Print each legal transition: from, to, cause, RFC 9293 section, and how "
			 "often it was taken in this network namespace, or in a recording.",
		.opts = opts,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (options_no_more(argc, argv, &command))
		return TTP_USAGE;
	if (check(&states))
		return TTP_USAGE;
	if (states.follow) {
		states.feed.ns = dump->ns;
		return follow_run(&states.feed, states.port);
	}
	dump->table = table_new("llllllr");
	if (states.dot && states.feed.recording)
		return run_recording(&states);
	if (states.dot)
		return run_dot(dump);
	table_row(dump->table, dump_ns(dump, "Netns"), "From", "To", "Kind", "Cause",
		  "RFC 9293", "Taken", NULL);
	if (states.feed.recording)
		return run_recording(&states);
	return dump_run(dump, TTP_CMD_STATES_GET);
}
