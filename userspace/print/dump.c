// SPDX-License-Identifier: GPL-2.0
/*
 * A netlink dump of one or several namespaces, printed as a table or as a JSON
 * array.  Called by show.c, states.c and congestion.c.  Next: read/nl.c.
 */
#include <errno.h>
#include <stdio.h>

#include <json-c/json.h>

#include "base/base.h"
#include "print/dump.h"
#include "read/event.h"
#include "read/nl.h"

static int on_message(const struct nlmsghdr *nlh, void *arg)
{
	struct dump *dump = arg;
	struct event ev;

	if (event_from_netlink(&ev, nlh)) {
		errno = EBADMSG;
		return -1;
	}
	ev.ns = dump->reading_ns;
	if (dump->wanted && !dump->wanted(dump, &ev))
		return 0;
	if (!dump->json || dump->quiet) {
		dump->row(dump, &ev);
		return 0;
	}
	json_object_array_add(dump->list, event_to_json(&ev));
	if (dump->more)
		dump->more(dump, &ev, json_object_array_get_idx(
			   dump->list, json_object_array_length(dump->list) - 1));
	return 0;
}

/* The first column's @text: nothing, so that it is left out, of one namespace.  Valid until
 * the next call.
 */
const char *dump_ns(const struct dump *dump, const char *text)
{
	static char name[NAME_SIZE];

	return dump->ns.count > 1 ? printable(text, false, name) : "";
}

/*
 * Print what the module answers to @cmd.
 * Return: exit status.
 * Context: frees the table, which the caller has made and given its heading.
 */
int dump_run(struct dump *dump, uint8_t cmd)
{
	const struct nl_dump ask = {
		cmd, dump->flag, dump->json && !dump->quiet ? NULL : dump->parts,
	};
	int status;

	dump->list = json_object_new_array();
	status = nl_dump_each(&dump->ns, &dump->reading_ns, &ask, on_message, dump);
	if (!status && !dump->quiet && dump->json)
		print_json(json_object_get(dump->list));
	else if (!status && !dump->quiet)
		table_print(dump->table, stdout);
	json_object_put(dump->list);
	table_free(dump->table);
	return status;
}
