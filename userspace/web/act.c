// SPDX-License-Identifier: GPL-2.0
/*
 * What is done for each line of the table in ask.c.  The values are in their ranges
 * already.  Called by http.c.  Next: job.c, stream.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/base.h"
#include "print/fault.h"
#include "report/report.h"
#include "web/web.h"

#define WORDS_MAX	64
#define ADDRESSES_MAX	8
#define SYSCTL_DIR	"/proc/sys/net/ttp/"

const char *const act_langs[] = { "en", "ko", NULL };
const char *const act_ways[] = { "out", "in", NULL };
const char *const act_flags[] = { "syn", "fin", "rst", "psh", "ack", "urg", "ece", "cwr", NULL };
const char *const act_data[] = { "either", "with", "without", NULL };
const char *const act_actions[] = {
	"drop", "delay", "duplicate", "corrupt", "reorder", "set", NULL
};
const char *const act_fields[] = { "seq", "ack", "flags", "win", "up", "sport", "dport", NULL };

/* Each of act_which in the words of `ttp fault add`. */
static const char *const which_words[][8] = {
	{ "syn", "not", "ack" },
	{ "syn,ack" },
	{ "data" },
	{ "ack", "not", "syn", "not", "fin", "not", "data" },
	{ "fin" },
	{ "state", "TIME_WAIT" },
	{ "rst" },
	{ },
};

const char *const act_which[] = {
	"syn", "syn_ack", "data", "ack", "fin", "last_ack", "rst", "any", NULL
};

/* ---- words for the tool ---- */

struct words {
	const char *word[WORDS_MAX];
	int count;
	char text[8][24];
	int texts;
};

static void add(struct words *w, const char *word)
{
	w->word[w->count++] = word;
}

static void add_text(struct words *w, const char *fmt, ...) __printf(2, 3);

static void add_text(struct words *w, const char *fmt, ...)
{
	char *text = w->text[w->texts++];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(w->text[0]), fmt, args);
	va_end(args);
	add(w, text);
}

static void add_number(struct words *w, long number)
{
	add_text(w, "%ld", number);
}

/* ttp -n NAME COMMAND */
static void begin(struct words *w, const struct web *web, long where, const char *command)
{
	const char *name = netns_name(&web->ns, where);

	*w = (struct words){ 0 };
	add(w, "ttp");
	if (name) {
		add(w, "-n");
		add(w, name);
	}
	add(w, command);
}

static int run(const struct words *w, struct answer *answer)
{
	char *says;
	int status = job_once(w->word, &says);

	if (!status)
		status = 200;
	else if (status == TTP_USAGE && says[0])
		status = answer_line(answer, 400, "%s", says);
	else if (says[0])
		status = answer_line(answer, 409, "%s", says);
	else
		status = answer_line(answer, 500, "ttp %s failed", w->word[1]);
	free(says);
	return status;
}

/* ---- the page and its events ---- */

ACT(act_page)
{
	char *table = ask_table_json(web);
	struct page page = {
		.lang = given->value[0] < 0 ? web->lang : act_langs[given->value[0]],
		.events = "",
		.live = table,
	};
	size_t size;
	FILE *out = open_memstream(&answer->text, &size);
	int status = page_write(&page, web->d3, out);

	free(table);
	if (fclose(out) || status)
		return answer_line(answer, 500, "out of memory");
	answer->type = "text/html; charset=utf-8";
	answer->policy = page_policy(&page, web->d3);
	return 200;
}

/* http.c has made the stream already. */
ACT(act_events)
{
	return 200;
}

/* ---- how things are now ---- */

/* NULL if it is none that a connection may have without a device */
static const void *address_of(const struct sockaddr *a)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)a;

	if (a && a->sa_family == AF_INET)
		return &((const struct sockaddr_in *)a)->sin_addr;
	if (!a || a->sa_family != AF_INET6 || IN6_IS_ADDR_LINKLOCAL(&sin6->sin6_addr))
		return NULL;
	return &sin6->sin6_addr;
}

/* IPv4's first, as the kernel lists them */
static void put_addresses(struct json_object *list)
{
	struct ifaddrs *all, *one;
	char text[INET6_ADDRSTRLEN];
	int count = 0;

	if (getifaddrs(&all))
		return;
	for (one = all; one && count < ADDRESSES_MAX; one = one->ifa_next) {
		const void *address = address_of(one->ifa_addr);

		if (!address || one->ifa_flags & IFF_LOOPBACK)
			continue;
		inet_ntop(one->ifa_addr->sa_family, address, text, sizeof(text));
		json_object_array_add(list, json_object_new_string(text));
		count++;
	}
	freeifaddrs(all);
}

static void put_sysctls(struct json_object *obj)
{
	char name[80], text[80];
	ssize_t len;
	int fd;

	for (const struct ask *ask = asks; ask->path; ask++) {
		if (ask->act != act_sysctl)
			continue;
		snprintf(name, sizeof(name), SYSCTL_DIR "%s", ask->path + strlen("sysctl/"));
		fd = open(name, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		len = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[len > 0 ? len : 0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		json_object_object_add(obj, ask->path + strlen("sysctl/"),
				       json_object_new_string(text));
	}
}

static struct json_object *namespace_json(const struct web *web, long where)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *addresses = json_object_new_array();
	struct json_object *sysctls = json_object_new_object();
	struct json_object *faults = json_object_new_array();
	const char *name = netns_name(&web->ns, where);
	struct netns_list ns = { .name = { name }, .count = name != NULL };
	int back = -1;

	if (name)
		json_object_object_add(obj, "name", json_object_new_string(name));
	if (!name || !netns_visit(name, &back)) {
		put_addresses(addresses);
		put_sysctls(sysctls);
		if (name)
			netns_return(back);
	}
	json_object_object_add(obj, "addresses", addresses);
	json_object_object_add(obj, "sysctls", sysctls);
	fault_list_json(&ns, faults);
	json_object_object_add(obj, "faults", faults);
	return obj;
}

static struct json_object *job_json(const struct job *job)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "job", json_object_new_int64(job->number));
	json_object_object_add(obj, "connects", json_object_new_boolean(job->connects));
	json_object_object_add(obj, "where", json_object_new_int64(job->where));
	json_object_object_add(obj, "port", json_object_new_int64(job->port));
	json_object_object_add(obj, "bytes", json_object_new_int64(job->bytes));
	json_object_object_add(obj, "runs", json_object_new_boolean(job->pid != 0));
	json_object_object_add(obj, "status", json_object_new_int(job->status));
	json_object_object_add(obj, "says", json_object_new_string(job->says));
	return obj;
}

ACT(act_now)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *spaces = json_object_new_array();
	struct json_object *jobs = json_object_new_array();

	json_object_object_add(obj, "recording", json_object_new_boolean(!!web->recording));
	for (int i = 0; i < netns_count(&web->ns) && !web->recording; i++)
		json_object_array_add(spaces, namespace_json(web, i));
	for (int i = 0; i < JOBS_MAX; i++)
		if (web->job[i].number)
			json_object_array_add(jobs, job_json(&web->job[i]));
	json_object_object_add(obj, "namespaces", spaces);
	json_object_object_add(obj, "jobs", jobs);
	answer->text = strdup(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN));
	answer->type = "application/json";
	json_object_put(obj);
	return answer->text ? 200 : 500;
}

/* ---- connections ---- */

static int started(struct job *job, const struct job *what, struct answer *answer)
{
	if (!job && errno == EAGAIN)
		return answer_line(answer, 409, "%d of them run already: stop one first", JOBS_MAX);
	if (!job)
		return answer_line(answer, 500, "it could not be started");
	job->connects = what->connects;
	job->where = what->where;
	job->port = what->port;
	job->bytes = what->bytes;
	return answer_line(answer, 200, "%lu", job->number);
}

/* It closes each connection after the peer has.  With IPv6 it takes those of IPv4, too. */
ACT(act_listen)
{
	const struct job what = { .where = given->value[0], .port = given->value[1] };
	struct words w;

	begin(&w, web, what.where, "listen");
	add(&w, "-k");
	add(&w, "--no-shutdown");
	if (!access("/proc/net/if_inet6", F_OK))
		add(&w, "-6");
	add_number(&w, what.port);
	return started(job_start(web, w.word, 0), &what, answer);
}

ACT(act_connect)
{
	const struct job what = {
		.connects = true, .where = given->value[0], .port = given->value[2],
		.bytes = given->value[3],
	};
	struct words w;

	begin(&w, web, what.where, "connect");
	add(&w, "-n");
	add(&w, "--hold");
	add_number(&w, given->value[4]);
	add(&w, given->text[1]);
	add_number(&w, what.port);
	return started(job_start(web, w.word, what.bytes), &what, answer);
}

ACT(act_stop)
{
	for (int i = 0; i < JOBS_MAX; i++) {
		if (!web->job[i].pid || web->job[i].number != (unsigned long)given->value[0])
			continue;
		job_stop(&web->job[i]);
		return 200;
	}
	return answer_line(answer, 409, "job %ld does not run", given->value[0]);
}

/* ---- faults and sysctls ---- */

/* The values of a fault, in the order of the table */
enum {
	FAULT_WHERE, FAULT_WAY, FAULT_WHICH, FAULT_FLAGS, FAULT_NOT_FLAGS, FAULT_DATA, FAULT_PORT,
	FAULT_SEQ_FIRST, FAULT_SEQ_LAST, FAULT_NTH, FAULT_ACTION, FAULT_DELAY_MS, FAULT_FIELD,
	FAULT_SET_TO, FAULT_COUNT,
};

static void add_flags(struct words *w, const char *before, long set)
{
	for (int i = 0; act_flags[i]; i++) {
		if (!(set >> i & 1))
			continue;
		if (before)
			add(w, before);
		add(w, act_flags[i]);
	}
}

/* Which segments, without the direction */
static void add_match(struct words *w, const struct given *given)
{
	const char *const *which = which_words[given->value[FAULT_WHICH]];
	long first = given->value[FAULT_SEQ_FIRST], last = given->value[FAULT_SEQ_LAST];

	for (size_t i = 0; i < ARRAY_SIZE(which_words[0]) && which[i]; i++)
		add(w, which[i]);
	add_flags(w, NULL, given->value[FAULT_FLAGS]);
	add_flags(w, "not", given->value[FAULT_NOT_FLAGS]);
	if (!strcmp(act_data[given->value[FAULT_DATA]], "without"))
		add(w, "not");
	if (given->value[FAULT_DATA])
		add(w, "data");
	if (given->value[FAULT_PORT]) {
		add(w, "port");
		add_number(w, given->value[FAULT_PORT]);
	}
	if (first || last != UINT32_MAX) {
		add(w, "seq");
		add_text(w, "%ld-%ld", first, last);
	}
	add(w, "nth");
	add_number(w, given->value[FAULT_NTH]);
}

/* The action, with what is its own */
static void add_action(struct words *w, const struct given *given)
{
	const char *action = act_actions[given->value[FAULT_ACTION]];

	add(w, action);
	if (!strcmp(action, "delay"))
		add_text(w, "%ldms", given->value[FAULT_DELAY_MS]);
	if (!strcmp(action, "set")) {
		add(w, act_fields[given->value[FAULT_FIELD]]);
		add_number(w, given->value[FAULT_SET_TO]);
	}
}

/* What the values together may not be, ttp fault says. */
ACT(act_fault)
{
	struct words w;

	begin(&w, web, given->value[FAULT_WHERE], "fault");
	add(&w, "add");
	add(&w, act_ways[given->value[FAULT_WAY]]);
	add_match(&w, given);
	add_action(&w, given);
	add_number(&w, given->value[FAULT_COUNT]);
	return run(&w, answer);
}

/* 0 is all of them. */
ACT(act_unfault)
{
	struct words w;

	begin(&w, web, given->value[0], "fault");
	add(&w, given->value[1] ? "del" : "flush");
	if (given->value[1])
		add_number(&w, given->value[1]);
	return run(&w, answer);
}

/* Return: 0 or errno. */
static int write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err;
}

ACT(act_sysctl)
{
	const char *space = netns_name(&web->ns, given->value[0]);
	const struct take *take = &ask->takes[1];
	char name[80], number[24];
	int back = -1, err;

	snprintf(name, sizeof(name), SYSCTL_DIR "%s", ask->path + strlen("sysctl/"));
	snprintf(number, sizeof(number), "%ld", given->value[1]);
	if (space && netns_visit(space, &back))
		return answer_line(answer, 409, "there is no namespace %s any more", space);
	err = write_file(name, take->kind == TAKE_CHOICE ? take->choices[given->value[1]] : number);
	if (space)
		netns_return(back);
	if (err)
		return answer_line(answer, 409, "net.ttp.%s: %s", ask->path + strlen("sysctl/"),
				   strerror(err));
	return 200;
}
