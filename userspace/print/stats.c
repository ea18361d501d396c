// SPDX-License-Identifier: GPL-2.0
/*
 * ttp stats: the counters of a network namespace, as nstat(8) prints TCP's, with
 * its letters.  Called by main().  Next: history.c, read/nl.c.
 */
#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <json-c/json.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "base/base.h"
#include "base/options.h"
#include "base/table.h"
#include "print/history.h"
#include "print/print.h"
#include "read/event.h"
#include "read/nl.h"

struct stats {
	struct netns_list ns;
	char **names;
	int n_names;
	bool *found;		/* which of @names is a counter's */
	bool absolute;
	bool zeros;
	bool json;
	bool reset;
	bool no_output;
	bool no_update;
	bool no_history;	/* neither compare with it nor keep it */
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

static bool wanted(struct stats *stats, const char *name, uint64_t value)
{
	bool zeros = stats->zeros;
	bool match = !stats->n_names;

	for (int i = 0; i < stats->n_names; i++) {
		if (fnmatch(stats->names[i], name, FNM_CASEFOLD))
			continue;
		match = true;
		stats->found[i] = true;
		if (!strpbrk(stats->names[i], "*?["))
			zeros = true;
	}
	return match && (value || zeros);
}

/* A name that no counter has is a mistake, and no zero. */
static int check_names(const struct stats *stats)
{
	int status = TTP_OK;

	for (int i = 0; i < stats->n_names; i++)
		if (!stats->found[i])
			status = fail("no counter '%s': ttp stats -az lists them; a namespace is -N NAME",
				      stats->names[i]);
	return status;
}

static void print_counters(struct stats *stats, const char *ns,
			   const struct counters *now,
			   const struct counters *before,
			   struct json_object *list)
{
	struct json_object *obj = json_object_new_object();
	struct table *table = table_new("lr");
	char name[NAME_SIZE];

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
		printf("# %s\n", printable(ns, false, name));
	if (!stats->json)
		table_print(table, stdout);
	table_free(table);
	json_object_array_add(list, obj);
}

/* The number of the namespace in the history. */
static uint64_t netns_number(const char *name)
{
	char path[512];
	struct stat st = { 0 };

	netns_path(name, path, sizeof(path));
	stat(path, &st);
	return st.st_ino;
}

/* What was added since the last call, unless all is wanted. */
static void since_last(const struct stats *stats, const char *ns, struct counters *now)
{
	const struct counters all = *now;

	if (stats->no_history)
		return;
	if (!stats->absolute && !stats->reset)
		history_find(netns_number(ns), now);
	history_set(netns_number(ns), &all);
}

static int once(struct stats *stats, struct nl **nl, int n, bool compare,
		bool print)
{
	struct json_object *list = json_object_new_array();
	int status = TTP_OK;

	for (int i = 0; i < n && !status; i++) {
		static struct counters now;
		const char *ns = netns_name(&stats->ns, i);

		now.count = 0;
		status = nl_get(nl[i], TTP_CMD_MIB_GET, on_mib, &now);
		if (status)
			break;
		if (!stats->interval_s)
			since_last(stats, ns, &now);
		if (print)
			print_counters(stats, ns, &now,
				       compare ? &stats->before[i] : NULL,
				       list);
		stats->before[i] = now;
	}
	if (!status && print && stats->json)
		print_json(json_object_get(list));
	json_object_put(list);
	return status;
}

static void pause_for(double seconds)
{
	struct timespec left = { .tv_sec = seconds };

	left.tv_nsec = (seconds - left.tv_sec) * 1e9;
	nanosleep(&left, NULL);
}

static int repeat(struct stats *stats, struct nl **nl, int n)
{
	int status = once(stats, nl, n, false, false);

	while (!status) {
		pause_for(stats->interval_s);
		status = once(stats, nl, n, true, true);
		if (!status)
			status = check_names(stats);
		if (!status && !stats->json)
			putchar('\n');
		if (fflush(stdout) || ferror(stdout))
			break;
	}
	return status;
}

/* With the history, but for -s -a, which needs none. */
static int run_once(struct stats *stats, struct nl **nl, int n)
{
	int status;

	stats->no_history = stats->no_update && stats->absolute;
	if (!stats->no_history && history_open())
		return TTP_FAILED;
	status = once(stats, nl, n, false, !stats->no_output);
	/* a name that was misspelled is not to use up what was added */
	if (!status && !stats->no_output)
		status = check_names(stats);
	/* nor is output that cannot be written */
	if (!status && !stats->no_output)
		status = written(stdout, "standard output");
	if (!status && !stats->no_update && !stats->no_history)
		status = history_save();
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
		status = stats->interval_s ? repeat(stats, nl, n) : run_once(stats, nl, n);
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
		OPT_SET('a', "absolute", &stats.absolute, "since the module was loaded"),
		OPT_SET('z', "zeros", &stats.zeros, "counters that are zero, too"),
		OPT_SET('r', "reset", &stats.reset,
			"forget the last call: all there is, and from now on what is added"),
		OPT_SET('s', "noupdate", &stats.no_update, "do not change the history"),
		OPT_SET('n', "noout", &stats.no_output, "print nothing, only save the counters"),
		OPT('t', "interval", "SECONDS", option_interval, &stats.interval_s,
		    "print what was added in that time (0.01 or more), again and again",
		    .wants = "seconds, 0.01 or more"),
		OPT_SET('j', "json", &stats.json, "as a JSON array, an object for each namespace"),
		OPT_END
	};
	const struct command command = {
		.name = "stats",
		.synopsis = "[OPTION]... [NAME]...",
		.about = "Print what was added to the counters since the last call, as nstat(8) does. "
			 "A NAME may have the shell's wildcards; a counter that is named without is "
			 "printed even when zero.",
		.opts = opts,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (stats.interval_s && (stats.absolute || stats.reset || stats.no_update || stats.no_output))
		return usage("-t has no history: it cannot be given together with -a, -r, -s or -n");
	stats.names = argv + optind;
	stats.n_names = argc - optind;
	stats.found = xrealloc(NULL, stats.n_names, sizeof(*stats.found));
	memset(stats.found, 0, stats.n_names * sizeof(*stats.found));
	return run(&stats);
}
