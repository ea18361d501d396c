// SPDX-License-Identifier: GPL-2.0
/*
 * ttp congestion: the congestion control algorithms that are loaded.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/table.h"
#include "print/print.h"
#include "read/event.h"
#include "read/nl.h"

static const char help_text[] =
"usage: ttp congestion [OPTION]...\n"
"Print each congestion control algorithm that is loaded, who may choose it, and\n"
"whether new sockets of this network namespace have it.\n"
"\n"
"  -n, --netns NAME  in this namespace; several may be given\n"
"  -j, --json        as a JSON array\n"
"  -h, --help        this\n"
"\n"
"Choose one by sysctl net.ttp.congestion_control=NAME, or for a socket by\n"
"TTP_CONGESTION.  Who may: all, or net-admin, which is who has CAP_NET_ADMIN; ttp(7)\n"
"says more.\n";

struct congestion {
	struct netns_list ns;
	bool json;
	const char *reading_ns;
	struct table *table;
	struct json_object *list;
};

static int on_algorithm(const struct nlmsghdr *nlh, void *arg)
{
	struct congestion *c = arg;
	struct event ev;

	if (event_from_netlink(&ev, nlh)) {
		errno = EBADMSG;
		return -1;
	}
	ev.ns = c->reading_ns;
	if (c->json)
		json_object_array_add(c->list, event_to_json(&ev));
	else
		table_row(c->table, c->ns.count > 1 ? ev.ns : "", ev.cong.name,
			  event_has(&ev, TTP_A_RESTRICTED) ? "net-admin" : "all",
			  event_has(&ev, TTP_A_DEFAULT) ? "default" : "", NULL);
	return 0;
}

static int run(struct congestion *c)
{
	int status;

	c->table = table_new("llll");
	c->list = json_object_new_array();
	table_row(c->table, c->ns.count > 1 ? "Netns" : "", "Name", "For", "Use", NULL);
	status = nl_dump_each(&c->ns, &c->reading_ns, TTP_CMD_CONGESTION_GET,
			      on_algorithm, c);
	if (!status && c->json)
		print_json(json_object_get(c->list));
	else if (!status)
		table_print(c->table, stdout);
	json_object_put(c->list);
	table_free(c->table);
	return status;
}

int congestion_main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "netns", 1, NULL, 'n' }, { "json", 0, NULL, 'j' },
		{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 }
	};
	struct congestion congestion = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "n:jh", longs, NULL)) != -1) {
		switch (c) {
		case 'n':
			if (netns_add(&congestion.ns, optarg))
				return TTP_USAGE;
			break;
		case 'j':
			congestion.json = true;
			break;
		case 'h':
			return help(help_text);
		default:
			return TTP_USAGE;
		}
	}
	if (optind < argc)
		return usage("congestion wants no '%s' (ttp congestion --help)",
			     argv[optind]);
	return run(&congestion);
}
