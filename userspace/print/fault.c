// SPDX-License-Identifier: GPL-2.0
/*
 * ttp fault: faults on purpose, which the module does to the segments that they name.
 * Called by main().  Next: fault_words.c.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "base/base.h"
#include "base/options.h"
#include "base/table.h"
#include "print/fault.h"
#include "print/print.h"
#include "read/event.h"
#include "read/nl.h"

struct faults {
	struct netns_list ns;
	const char *reading_ns;
	bool json;
	struct table *table;
	struct json_object *list;
};

/* ---- set and delete ---- */

static void put_fault(struct nlmsghdr *nlh, const void *arg)
{
	const struct fault *f = arg;

	if (f->number)
		mnl_attr_put_u32(nlh, TTP_A_FAULT_NUMBER, f->number);
	mnl_attr_put_u8(nlh, TTP_A_FAULT_DIRECTION, f->direction);
	mnl_attr_put_u8(nlh, TTP_A_FAULT_FLAGS, f->flags);
	mnl_attr_put_u8(nlh, TTP_A_FAULT_NOT_FLAGS, f->not_flags);
	if (f->data >= 0)
		mnl_attr_put_u8(nlh, TTP_A_FAULT_DATA, f->data);
	if (f->port)
		mnl_attr_put_u16(nlh, TTP_A_FAULT_PORT, f->port);
	if (f->has_range) {
		mnl_attr_put_u32(nlh, TTP_A_FAULT_SEQ_FIRST, f->seq_first);
		mnl_attr_put_u32(nlh, TTP_A_FAULT_SEQ_LAST, f->seq_last);
	}
	mnl_attr_put_u32(nlh, TTP_A_FAULT_OPTIONS, f->options);
	if (f->states)
		mnl_attr_put_u16(nlh, TTP_A_FAULT_STATES, f->states);
	mnl_attr_put_u32(nlh, TTP_A_FAULT_NTH, f->nth);
	if (f->count)
		mnl_attr_put_u32(nlh, TTP_A_FAULT_COUNT, f->count);
	mnl_attr_put_u8(nlh, TTP_A_FAULT_ACTION, f->action);
	if (f->action == TTP_FAULT_ACTION_DELAY)
		mnl_attr_put_u32(nlh, TTP_A_FAULT_DELAY_MS, f->delay_ms);
	if (f->action == TTP_FAULT_ACTION_SET) {
		mnl_attr_put_u8(nlh, TTP_A_FAULT_FIELD, f->field);
		mnl_attr_put_u32(nlh, TTP_A_FAULT_VALUE, f->value);
	}
}

static void put_number(struct nlmsghdr *nlh, const void *arg)
{
	const struct fault *f = arg;

	if (f->number)
		mnl_attr_put_u32(nlh, TTP_A_FAULT_NUMBER, f->number);
}

static int refused(const struct fault *f)
{
	switch (errno) {
	case EEXIST:
		return fail("fault %u is there already (ttp fault del %u)", f->number, f->number);
	case ENOENT:
		return fail("no fault %u (ttp fault lists them)", f->number);
	case ENOSPC:
		return fail("there are as many faults as there may be (ttp fault flush)");
	case EPERM:
		return fail("faults: no permission: run it with sudo");
	case EOPNOTSUPP:
		return fail("this ttp module knows no faults: is it older than the tool?");
	}
	return fail("faults: %s", strerror(errno));
}

/* In each of the namespaces */
static int request(const struct faults *all, uint8_t cmd, const struct fault *f)
{
	int status = TTP_OK;

	for (int i = 0; i < netns_count(&all->ns) && !status; i++) {
		struct nl *nl = nl_open(netns_name(&all->ns, i));

		if (!nl)
			return TTP_FAILED;
		if (nl_do(nl, cmd, cmd == TTP_CMD_FAULT_ADD ? put_fault : put_number, f))
			status = refused(f);
		nl_close(nl);
	}
	return status;
}

/* ---- list ---- */

static uint64_t number_of(const struct nlattr *attr)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case 1:
		return mnl_attr_get_u8(attr);
	case 2:
		return mnl_attr_get_u16(attr);
	case 4:
		return mnl_attr_get_u32(attr);
	}
	return 0;
}

static void get_attr(struct fault *f, const struct nlattr *attr)
{
	uint64_t value = number_of(attr);

	switch (mnl_attr_get_type(attr)) {
	case TTP_A_FAULT_NUMBER:
		f->number = value;
		break;
	case TTP_A_FAULT_DIRECTION:
		f->direction = value;
		break;
	case TTP_A_FAULT_FLAGS:
		f->flags = value;
		break;
	case TTP_A_FAULT_NOT_FLAGS:
		f->not_flags = value;
		break;
	case TTP_A_FAULT_DATA:
		f->data = value;
		break;
	case TTP_A_FAULT_PORT:
		f->port = value;
		break;
	case TTP_A_FAULT_SEQ_FIRST:
		f->seq_first = value;
		f->has_range = true;
		break;
	case TTP_A_FAULT_SEQ_LAST:
		f->seq_last = value;
		break;
	case TTP_A_FAULT_OPTIONS:
		f->options = value;
		break;
	case TTP_A_FAULT_STATES:
		f->states = value;
		break;
	case TTP_A_FAULT_NTH:
		f->nth = value;
		break;
	case TTP_A_FAULT_COUNT:
		f->count = value;
		break;
	case TTP_A_FAULT_ACTION:
		f->action = value;
		break;
	case TTP_A_FAULT_DELAY_MS:
		f->delay_ms = value;
		break;
	case TTP_A_FAULT_FIELD:
		f->field = value;
		break;
	case TTP_A_FAULT_VALUE:
		f->value = value;
		break;
	case TTP_A_FAULT_SEEN:
		f->seen = value;
		break;
	case TTP_A_FAULT_HITS:
		f->hits = value;
		break;
	}
}

static void add_json(struct faults *all, const struct fault *f)
{
	struct json_object *obj = json_object_new_object();
	char text[FAULT_TEXT];

	if (all->reading_ns)
		json_object_object_add(obj, "ns", json_object_new_string(all->reading_ns));
	json_object_object_add(obj, "number", json_object_new_int64(f->number));
	json_object_object_add(obj, "direction", json_object_new_string(
		event_word(FIELD_DIRECTION, f->direction)));
	json_object_object_add(obj, "match", json_object_new_string(fault_match_text(f, text)));
	json_object_object_add(obj, "action", json_object_new_string(fault_action_text(f, text)));
	json_object_object_add(obj, "seen", json_object_new_int64(f->seen));
	json_object_object_add(obj, "hits", json_object_new_int64(f->hits));
	json_object_array_add(all->list, obj);
}

static int on_fault(const struct nlmsghdr *nlh, void *arg)
{
	char match[FAULT_TEXT], action[FAULT_TEXT], number[32], seen[32], hits[32];
	char ns[NAME_SIZE] = "";
	struct fault f = { .data = -1, .nth = 1 };
	struct faults *all = arg;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		get_attr(&f, attr);
	if (all->json) {
		add_json(all, &f);
		return 0;
	}
	snprintf(number, sizeof(number), "%u", f.number);
	snprintf(seen, sizeof(seen), "%u", f.seen);
	snprintf(hits, sizeof(hits), "%u", f.hits);
	table_row(all->table,
		  all->ns.count > 1 ? printable(all->reading_ns, false, ns) : "",
		  number, event_word(FIELD_DIRECTION, f.direction), fault_match_text(&f, match),
		  fault_action_text(&f, action), seen, hits, NULL);
	return 0;
}

static int list(struct faults *all)
{
	int status;

	all->list = json_object_new_array();
	all->table = table_new("lrlllrr");
	table_row(all->table, all->ns.count > 1 ? "Netns" : "", "Fault", "Way", "Which", "Action",
		  "Seen", "Hits", NULL);
	status = nl_dump_each(&all->ns, &all->reading_ns, &(struct nl_dump){ .cmd = TTP_CMD_FAULT_GET },
			      on_fault, all);
	if (!status && all->json)
		print_json(json_object_get(all->list));
	else if (!status)
		table_print(all->table, stdout);
	json_object_put(all->list);
	table_free(all->table);
	return status;
}

/* Adds each to the JSON array @to.  Return: exit status. */
int fault_list_json(const struct netns_list *ns, struct json_object *to)
{
	struct faults all = { .ns = *ns, .json = true, .list = to };

	return nl_dump_each(&all.ns, &all.reading_ns, &(struct nl_dump){ .cmd = TTP_CMD_FAULT_GET },
			    on_fault, &all);
}

/* ---- the command ---- */

static int delete(const struct faults *all, int argc, char **argv)
{
	struct fault f = { 0 };
	unsigned long number;

	if (argc != 1)
		return usage("fault del wants the number of one fault (ttp fault lists them)");
	if (parse_number(argv[0], UINT32_MAX, &number) || !number)
		return usage("fault del wants a number from 1, not '%s'", argv[0]);
	f.number = number;
	return request(all, TTP_CMD_FAULT_DEL, &f);
}

static int run(struct faults *all, int argc, char **argv)
{
	const char *verb = argc ? argv[0] : "list";
	struct fault f = { 0 };
	int status;

	if (!strcmp(verb, "add")) {
		status = fault_parse(&f, argc - 1, argv + 1);
		return status ? status : request(all, TTP_CMD_FAULT_ADD, &f);
	}
	if (!strcmp(verb, "del"))
		return delete(all, argc - 1, argv + 1);
	if (strcmp(verb, "flush") && strcmp(verb, "list"))
		return usage("fault wants add, list, del or flush, not '%s'", verb);
	if (argc > 1)
		return usage("fault %s wants no '%s' (ttp fault --help)", verb, argv[1]);
	return strcmp(verb, "list") ? request(all, TTP_CMD_FAULT_DEL, &f) : list(all);
}

int fault_main(int argc, char **argv)
{
	struct faults all = { 0 };
	const struct opt opts[] = {
		OPT_NETNS(&all.ns),
		OPT_SET('j', "json", &all.json, "list them as a JSON array"),
		OPT_END
	};
	const struct command command = {
		.name = "fault",
		.synopsis = "[OPTION]... [list]\n"
			    "[OPTION]... add out|in [WHICH]... ACTION [COUNT]\n"
			    "[OPTION]... del NUMBER\n"
			    "[OPTION]... flush",
		.about = "Faults on purpose: what a lossy path does by chance is done to the "
			 "segments of this network namespace that are named, by number.",
		.opts = opts,
		.words = fault_words,
		.more = "WHICH, of which all must be true of a segment:\n"
			"  [not] FLAG    syn fin rst psh ack urg ece cwr; or several: syn,ack\n"
			"  [not] data\n"
			"  port PORT     one of its ports\n"
			"  seq A-B       a sequence number from A to B, from the sender's ISN\n"
			"  option NAME   mss wscale sackok sack ts fastopen\n"
			"  state STATE   of the connection here; several may be given\n"
			"  nth N         from the Nth on of those that match\n"
			"  number N      which fault it is to be\n"
			"ACTION:\n"
			"  drop          it is lost\n"
			"  delay TIME    it goes on later: 200ms or 2s, up to 60s\n"
			"  duplicate     it goes on twice\n"
			"  corrupt       a bit of it is inverted: its checksum is wrong\n"
			"  reorder       it goes behind the next one, or after a second\n"
			"  set FIELD N   seq ack flags win up sport dport: has another value,\n"
			"                and the checksum is right\n"
			"COUNT: how many; else all, but with nth one\n",
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	return run(&all, argc - optind, argv + optind);
}
