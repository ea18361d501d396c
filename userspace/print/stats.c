// SPDX-License-Identifier: GPL-2.0
/*
 * ttp stats: the counters of a network namespace, as nstat(8) prints TCP's.
 * Called by main().  Next: ../read/nl.c.
 */
#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "base/base.h"
#include "base/options.h"
#include "base/table.h"
#include "print/print.h"
#include "read/event.h"
#include "read/nl.h"

static const char help_text[] =
"usage: ttp stats [OPTION]... [NAME]...\n"
"Print the counters that are not zero.  A NAME may have the shell's wildcards; a\n"
"counter that is named without is printed even when zero.\n"
"\n"
"  -n, --netns NAME        of this namespace; several may be given\n"
"  -a, --all               zeros too\n"
"  -t, --interval SECONDS  print what was added in that time (0.01 or more), again\n"
"                          and again\n"
"  -j, --json              as a JSON array, an object for each namespace\n"
"  -h, --help              this\n";

#define COUNTERS_MAX 256

struct counters {
	size_t count;
	struct {
		char name[64];
		uint64_t value;
	} entry[COUNTERS_MAX];
};

struct stats {
	struct netns_list ns;
	char **names;
	int n_names;
	bool zeros;
	bool json;
	double interval_s;
	struct counters before[NETNS_MAX];
};

static int on_mib(const struct nlmsghdr *nlh, void *arg)
{
	struct counters *counters = arg;
	const struct nlattr *nest, *attr;

	mnl_attr_for_each(nest, nlh, sizeof(struct genlmsghdr)) {
		const struct nlattr *name = NULL, *value = NULL;

		if (mnl_attr_get_type(nest) != TTP_A_MIB)
			continue;
		mnl_attr_for_each_nested(attr, nest) {
			if (mnl_attr_get_type(attr) == TTP_A_MIB_NAME &&
			    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
				name = attr;
			if (mnl_attr_get_type(attr) == TTP_A_MIB_VALUE &&
			    mnl_attr_validate(attr, MNL_TYPE_U64) >= 0)
				value = attr;
		}
		if (!name || !value || counters->count == COUNTERS_MAX)
			continue;
		snprintf(counters->entry[counters->count].name,
			 sizeof(counters->entry[0].name), "%s",
			 mnl_attr_get_str(name));
		event_clean_string(counters->entry[counters->count].name);
		counters->entry[counters->count++].value =
			mnl_attr_get_u64(value);
	}
	return 0;
}

static bool wanted(const struct stats *stats, const char *name, uint64_t value)
{
	bool zeros = stats->zeros;
	bool match = !stats->n_names;

	for (int i = 0; i < stats->n_names; i++) {
		if (fnmatch(stats->names[i], name, FNM_CASEFOLD))
			continue;
		match = true;
		if (!strpbrk(stats->names[i], "*?["))
			zeros = true;
	}
	return match && (value || zeros);
}

static void print_counters(const struct stats *stats, const char *ns,
			   const struct counters *now,
			   const struct counters *before,
			   struct json_object *list)
{
	struct json_object *obj = json_object_new_object();
	struct table *table = table_new("lr");

	if (ns)
		json_object_object_add(obj, "ns", json_object_new_string(ns));
	for (size_t i = 0; i < now->count; i++) {
		uint64_t value = now->entry[i].value;
		char text[32];

		if (before && i < before->count)
			value -= before->entry[i].value;
		if (!wanted(stats, now->entry[i].name, value))
			continue;
		snprintf(text, sizeof(text), "%" PRIu64, value);
		table_row(table, now->entry[i].name, text, NULL);
		json_object_object_add(obj, now->entry[i].name,
				       json_object_new_uint64(value));
	}
	if (!stats->json && stats->ns.count > 1)
		printf("# %s\n", ns);
	if (!stats->json)
		table_print(table, stdout);
	table_free(table);
	json_object_array_add(list, obj);
}

static int once(struct stats *stats, struct nl **nl, int n, bool compare,
		bool print)
{
	struct json_object *list = json_object_new_array();
	int status = TTP_OK;

	for (int i = 0; i < n && !status; i++) {
		static struct counters now;

		now.count = 0;
		status = nl_get(nl[i], TTP_CMD_MIB_GET, on_mib, &now);
		if (!status && print)
			print_counters(stats, netns_name(&stats->ns, i), &now,
				       compare ? &stats->before[i] : NULL,
				       list);
		stats->before[i] = now;
	}
	if (!status && print && stats->json)
		print_json(json_object_get(list));
	json_object_put(list);
	return status;
}

static int run(struct stats *stats)
{
	int n = netns_count(&stats->ns);
	struct nl *nl[NETNS_MAX];
	int opened, status = TTP_OK;

	for (opened = 0; opened < n; opened++) {
		nl[opened] = nl_open(netns_name(&stats->ns, opened));
		if (!nl[opened]) {
			status = TTP_FAILED;
			break;
		}
	}
	if (!status)
		status = once(stats, nl, n, false, !stats->interval_s);
	while (!status && stats->interval_s) {
		usleep(stats->interval_s * 1e6);
		status = once(stats, nl, n, true, true);
		if (!status && !stats->json)
			putchar('\n');
		fflush(stdout);
	}
	while (opened--)
		nl_close(nl[opened]);
	return status;
}

static int option_interval(const struct opt *opt, const char *text)
{
	double *seconds = opt->to;

	return parse_seconds(text, seconds) || *seconds < 0.01 ? -1 : 0;
}

int stats_main(int argc, char **argv)
{
	static struct stats stats;
	const struct opt opts[] = {
		OPT_NETNS(&stats.ns),
		OPT_SET('a', "all", &stats.zeros),
		OPT('t', "interval", true, option_interval, &stats.interval_s,
		    .wants = "seconds, 0.01 or more"),
		OPT_SET('j', "json", &stats.json),
		{ 0 }
	};
	int status = options_parse(argc, argv, opts, help_text);

	if (status >= 0)
		return status;
	stats.names = argv + optind;
	stats.n_names = argc - optind;
	return run(&stats);
}
