/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A netlink dump as a table or as a JSON array: what show, states and
 * congestion have in common.
 */
#ifndef TTP_DUMP_H
#define TTP_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/netns.h"
#include "base/table.h"

struct event;
struct json_object;

struct dump {
	struct netns_list ns;
	bool json;
	bool quiet;		/* call @row for each, but print no table or list */
	struct table *table;	/* its first column is the namespace */
	uint16_t flag;		/* attribute of the request; 0: none */
	const uint32_t *parts;	/* of sockets: TTP_PART_*; NULL: all */
	const char *reading_ns;
	struct json_object *list;
	/* Print an event, in general by table_row(). */
	void (*row)(struct dump *dump, const struct event *ev);
	/* Adds what a row has beyond the event to its JSON; NULL: nothing. */
	void (*more)(struct dump *dump, const struct event *ev, struct json_object *obj);
	/* Which ones to print; NULL: all. */
	bool (*wanted)(const struct dump *dump, const struct event *ev);
};

const char *dump_ns(const struct dump *dump, const char *text);
int dump_run(struct dump *dump, uint8_t cmd);

#endif
