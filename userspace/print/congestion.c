// SPDX-License-Identifier: GPL-2.0
/*
 * ttp congestion: the congestion control algorithms that are loaded.  Called by
 * main().  Next: dump.c.
 */
#include <stddef.h>

#include "base/base.h"
#include "base/options.h"
#include "base/table.h"
#include "print/dump.h"
#include "print/print.h"
#include "read/event.h"

static void row(struct dump *dump, const struct event *ev)
{
	table_row(dump->table, dump_ns(dump, ev->ns), ev->cong.name,
		  event_has(ev, TTP_A_RESTRICTED) ? "net-admin" : "all",
		  event_has(ev, TTP_A_DEFAULT) ? "default" : "", NULL);
}

int congestion_main(int argc, char **argv)
{
	struct dump dump = { .row = row };
	const struct opt opts[] = {
		OPT_NETNS(&dump.ns),
		OPT_SET('j', "json", &dump.json, "as a JSON array"),
		OPT_END
	};
	const struct command congestion = {
		.name = "congestion",
		.synopsis = "[OPTION]...",
		.about = "Print each congestion control algorithm that is loaded, who may choose it, "
			 "and whether new sockets of this network namespace have it.",
		.opts = opts,
		.more = "Choose one by sysctl net.ttp.congestion_control=NAME, or for a socket by\n"
			"TTP_CONGESTION.  Who may: all, or net-admin, which is who has CAP_NET_ADMIN;\n"
			"ttp(7) says more.\n",
	};
	int status = options_parse(argc, argv, &congestion);

	if (status >= 0)
		return status;
	if (options_no_more(argc, argv, &congestion))
		return TTP_USAGE;
	dump.table = table_new("llll");
	table_row(dump.table, dump_ns(&dump, "Netns"), "Name", "For", "Use", NULL);
	return dump_run(&dump, TTP_CMD_CONGESTION_GET);
}
