// SPDX-License-Identifier: GPL-2.0
/*
 * ttp states: the state machine of RFC 9293 3.3.2 as the module has it, each
 * way with how often it was taken.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/table.h"
#include "print/print.h"
#include "read/event.h"
#include "read/nl.h"

static const char help_text[] =
"usage: ttp states [OPTION]...\n"
"Print each legal transition: from, to, cause, RFC 9293 section, and how often it\n"
"was taken in this network namespace.\n"
"\n"
"  -n, --netns NAME  in this namespace; several may be given\n"
"  -z, --nonzero     only those that were taken\n"
"      --dot         as a graph for Graphviz: ttp states --dot | dot -Tsvg;\n"
"                    of one namespace, and without -j\n"
"  -j, --json        as a JSON array\n"
"  -h, --help        this\n";

struct states {
	struct netns_list ns;
	bool nonzero;
	bool dot;
	bool json;
	const char *reading_ns;
	struct table *table;
	struct json_object *list;
};

/* A way that was taken is drawn bold, so that a lab's path stands out. */
static void print_edge(const struct event *ev)
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

static int on_transition(const struct nlmsghdr *nlh, void *arg)
{
	struct states *states = arg;
	struct event ev;
	char count[32];

	if (event_from_netlink(&ev, nlh)) {
		errno = EBADMSG;
		return -1;
	}
	ev.ns = states->reading_ns;
	if (states->nonzero && !ev.state.count)
		return 0;
	if (states->dot) {
		print_edge(&ev);
	} else if (states->json) {
		json_object_array_add(states->list, event_to_json(&ev));
	} else {
		snprintf(count, sizeof(count), "%" PRIu64, ev.state.count);
		table_row(states->table, states->ns.count > 1 ? ev.ns : "",
			  event_word(FIELD_STATE, ev.state.from),
			  event_word(FIELD_STATE, ev.state.now),
			  event_word(FIELD_CAUSE_KIND, ev.state.cause_kind),
			  ev.state.cause, ev.state.section, count, NULL);
	}
	return 0;
}

static int run(struct states *states)
{
	int status;

	states->table = table_new("llllllr");
	states->list = json_object_new_array();
	table_row(states->table, states->ns.count > 1 ? "Netns" : "", "From",
		  "To", "Kind", "Cause", "RFC 9293", "Taken", NULL);
	if (states->dot)
		puts("digraph ttp {\n\tnode [shape=box, style=rounded];");
	status = nl_dump_each(&states->ns, &states->reading_ns, TTP_CMD_STATES_GET,
			      on_transition, states);
	if (states->dot)
		puts("}");
	else if (!status && states->json)
		print_json(json_object_get(states->list));
	else if (!status)
		table_print(states->table, stdout);
	json_object_put(states->list);
	table_free(states->table);
	return status;
}

int states_main(int argc, char **argv)
{
	enum { DOT = 256 };
	static const struct option longs[] = {
		{ "netns", 1, NULL, 'n' }, { "nonzero", 0, NULL, 'z' },
		{ "dot", 0, NULL, DOT }, { "json", 0, NULL, 'j' },
		{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 }
	};
	struct states states = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "n:zjh", longs, NULL)) != -1) {
		switch (c) {
		case 'n':
			if (netns_add(&states.ns, optarg))
				return TTP_USAGE;
			break;
		case 'z':
			states.nonzero = true;
			break;
		case DOT:
			states.dot = true;
			break;
		case 'j':
			states.json = true;
			break;
		case 'h':
			return help(help_text);
		default:
			return TTP_USAGE;
		}
	}
	if (optind < argc)
		return usage("states wants no '%s' (ttp states --help)",
			     argv[optind]);
	if (states.dot && (states.json || states.ns.count > 1))
		return usage("--dot goes with one namespace and without --json");
	return run(&states);
}
