// SPDX-License-Identifier: GPL-2.0
/*
 * ttp top: live connections and their rates, in a terminal or, with -b, as text.
 * The kernel is asked for all sockets again and again; a rate is what was added to
 * a counter since the last time.  Called by main().  Next: dump.c, filter.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/options.h"
#include "base/screen.h"
#include "base/table.h"
#include "print/dump.h"
#include "print/filter.h"
#include "print/print.h"
#include "read/event.h"

struct entry {
	struct event ev;
	bool has_rates;		/* it was there the last time */
	double out, in;		/* bits a second */
	double again;		/* segments retransmitted, a second */
};

struct list {
	struct entry *entry;
	size_t n;
	uint64_t time_ns;
};

struct top {
	struct dump dump;	/* its row() must find the rest */
	struct filter_states states;
	const struct filter *filter;
	double interval_s;
	unsigned long count;	/* frames; 0: no end */
	bool batch;
	int key;		/* of sort_keys[] */
	struct list now, last;
	size_t first;		/* line of the table that is at the top */
};

static const struct {
	char letter;
	const char *name;
} sort_keys[] = {
	{ 'o', "out" }, { 'i', "in" }, { 't', "total" }, { 'r', "rtt" }, { 'x', "retrans" },
	{ 's', "state" }, { 'p', "port" },
};

static bool matches(const struct dump *dump, const struct event *ev)
{
	const struct top *top = (const struct top *)dump;

	return (ev->state.now >= 32 || top->states.shown & STATE_BIT(ev->state.now)) &&
	       filter_matches(top->filter, ev);
}

static void row(struct dump *dump, const struct event *ev)
{
	struct list *now = &((struct top *)dump)->now;

	now->entry = grow(now->entry, now->n, sizeof(*now->entry));
	now->entry[now->n++] = (struct entry){ .ev = *ev };
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* By what a connection is the same one as before. */
static int compare_names(const void *a, const void *b)
{
	const struct event *x = &((const struct entry *)a)->ev, *y = &((const struct entry *)b)->ev;
	int d = compare((uintptr_t)x->ns, (uintptr_t)y->ns);

	if (!d)
		d = compare(x->who.id, y->who.id);
	if (!d)
		d = compare((uint64_t)x->who.sport << 16 | x->who.dport,
			    (uint64_t)y->who.sport << 16 | y->who.dport);
	if (!d)
		d = memcmp(&x->who.saddr, &y->who.saddr, sizeof(x->who.saddr));
	if (!d)
		d = memcmp(&x->who.daddr, &y->who.daddr, sizeof(x->who.daddr));
	return d;
}

/* Counters may begin anew: in TIME_WAIT there are none. */
static double rate(uint64_t now, uint64_t last, double seconds)
{
	return now > last && seconds > 0 ? (now - last) / seconds : 0;
}

static void set_rates(struct top *top)
{
	double seconds = (top->now.time_ns - top->last.time_ns) / 1e9;

	if (top->now.n)
		qsort(top->now.entry, top->now.n, sizeof(*top->now.entry), compare_names);
	for (size_t i = 0; i < top->now.n && top->last.n; i++) {
		struct entry *e = &top->now.entry[i];
		const struct entry *old = bsearch(e, top->last.entry, top->last.n, sizeof(*old),
						  compare_names);

		if (!old)
			continue;
		e->has_rates = event_has(&e->ev, TTP_A_BYTES_SENT);
		e->out = 8 * rate(e->ev.total.bytes_sent, old->ev.total.bytes_sent, seconds);
		e->in = 8 * rate(e->ev.total.bytes_received, old->ev.total.bytes_received, seconds);
		e->again = rate(e->ev.loss.total, old->ev.loss.total, seconds);
	}
}

/* Return: exit status. */
static int ask(struct top *top)
{
	static const uint32_t parts = TTP_PART_TCB;
	struct list last = top->last;

	top->last = top->now;
	top->now = last;
	top->now.n = 0;
	top->now.time_ns = now_ns();
	top->dump.quiet = true;
	top->dump.parts = &parts;
	top->dump.flag = top->states.shown & STATE_BIT(TTP_STATE_CLOSED) ? TTP_A_UNCONNECTED : 0;
	top->dump.table = table_new("l");
	if (dump_run(&top->dump, TTP_CMD_SOCK_GET))
		return TTP_FAILED;
	set_rates(top);
	return TTP_OK;
}

static int compare_doubles(double a, double b)
{
	return a > b ? -1 : a < b;
}

static uint64_t total(const struct event *ev)
{
	return ev->total.bytes_sent + ev->total.bytes_received;
}

/* The greatest first, but states and ports. */
static int compare_entries(const void *a, const void *b, void *arg)
{
	const struct entry *x = *(const struct entry *const *)a;
	const struct entry *y = *(const struct entry *const *)b;
	int d = 0;

	switch (sort_keys[*(int *)arg].letter) {
	case 'o': d = compare_doubles(x->out, y->out); break;
	case 'i': d = compare_doubles(x->in, y->in); break;
	case 't': d = -compare(total(&x->ev), total(&y->ev)); break;
	case 'r': d = -compare(x->ev.rtt.srtt_us, y->ev.rtt.srtt_us); break;
	case 'x': d = -compare(x->ev.loss.total, y->ev.loss.total); break;
	case 's':
		d = strcmp(event_word(FIELD_STATE, x->ev.state.now),
			   event_word(FIELD_STATE, y->ev.state.now));
		break;
	case 'p': d = compare(x->ev.who.sport, y->ev.who.sport); break;
	}
	return d ? d : compare_names(x, y);
}

static struct entry **sorted(struct top *top)
{
	struct entry **list = xrealloc(NULL, top->now.n, sizeof(*list));

	for (size_t i = 0; i < top->now.n; i++)
		list[i] = &top->now.entry[i];
	qsort_r(list, top->now.n, sizeof(*list), compare_entries, &top->key);
	return list;
}

/* 1234567 -> 1.23M */
static const char *short_number(double n, char buf[16])
{
	static const char units[] = " kMGTP";
	int unit = 0;

	for (; n >= 999.5 && units[unit + 1]; unit++)
		n /= 1000;
	if (!unit)
		snprintf(buf, 16, "%.0f", n);
	else
		snprintf(buf, 16, "%.*f%c", n < 9.995 ? 2 : n < 99.95 ? 1 : 0, n, units[unit]);
	return buf;
}

static void add_row(struct top *top, const struct entry *e)
{
	char local[64], peer[64], out[16] = "-", in[16] = "-", rtt[24] = "", cwnd[16] = "";
	char flight[16] = "", again[16] = "", sum[16] = "";
	const struct event *ev = &e->ev;

	if (e->has_rates) {
		short_number(e->out, out);
		short_number(e->in, in);
	}
	if (event_has(ev, TTP_A_SRTT_US) && ev->rtt.srtt_us)
		snprintf(rtt, sizeof(rtt), "%.3f", ev->rtt.srtt_us / 1e3);
	if (event_has(ev, TTP_A_CWND))
		short_number(ev->cong.cwnd, cwnd);
	if (event_has(ev, TTP_A_IN_FLIGHT))
		short_number(ev->cong.in_flight, flight);
	if (event_has(ev, TTP_A_TOTAL_RETRANS))
		snprintf(again, sizeof(again), "%u", ev->loss.total);
	if (event_has(ev, TTP_A_BYTES_SENT))
		short_number(total(ev), sum);
	table_row(top->dump.table, dump_ns(&top->dump, ev->ns), event_word(FIELD_STATE, ev->state.now),
		  event_endpoint(&ev->who.saddr, ev->who.sport, local),
		  event_endpoint(&ev->who.daddr, ev->who.dport, peer),
		  out, in, sum, rtt, cwnd, flight, again, NULL);
}

static void print_summary(const struct top *top, FILE *out)
{
	unsigned int states[32] = { 0 };
	char time_text[16], buf[2][16];
	double sum_out = 0, sum_in = 0;
	time_t now = time(NULL);

	strftime(time_text, sizeof(time_text), "%H:%M:%S", localtime(&now));
	for (size_t i = 0; i < top->now.n; i++) {
		states[top->now.entry[i].ev.state.now % 32]++;
		sum_out += top->now.entry[i].out;
		sum_in += top->now.entry[i].in;
	}
	fprintf(out, "%s  %zu sockets", time_text, top->now.n);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (states[i])
			fprintf(out, ", %u %s", states[i], event_word(FIELD_STATE, i));
	fprintf(out, "; out %s bit/s, in %s bit/s\n", short_number(sum_out, buf[0]),
		short_number(sum_in, buf[1]));
}

/* A line about all, and the table. */
static void print_frame(struct top *top, FILE *out)
{
	struct entry **list = sorted(top);

	print_summary(top, out);
	top->dump.table = table_new("llllrrrrrrr");
	table_row(top->dump.table, dump_ns(&top->dump, "Netns"), "State", "Local Address:Port",
		  "Peer Address:Port", "Out", "In", "Bytes", "RTT", "Cwnd", "In flight", "Again",
		  NULL);
	for (size_t i = 0; i < top->now.n; i++)
		add_row(top, list[i]);
	table_print(top->dump.table, out);
	table_free(top->dump.table);
	free(list);
}

/* A line for each frame. */
static void print_frame_json(struct top *top)
{
	struct json_object *frame = json_object_new_object(), *array = json_object_new_array();
	struct entry **list = sorted(top);

	for (size_t i = 0; i < top->now.n; i++) {
		struct json_object *obj = event_to_json(&list[i]->ev);

		if (list[i]->has_rates) {
			json_object_object_add(obj, "out_bps", json_object_new_uint64(list[i]->out));
			json_object_object_add(obj, "in_bps", json_object_new_uint64(list[i]->in));
			json_object_object_add(obj, "retransmitted_ps",
					       json_object_new_double(list[i]->again));
		}
		json_object_array_add(array, obj);
	}
	json_object_object_add(frame, "time_ns", json_object_new_uint64(top->now.time_ns));
	json_object_object_add(frame, "sockets", array);
	puts(json_object_to_json_string_ext(frame, JSON_C_TO_STRING_PLAIN));
	json_object_put(frame);
	free(list);
}

static int run_batch(struct top *top)
{
	struct timespec interval = {
		.tv_sec = top->interval_s, .tv_nsec = (top->interval_s - (time_t)top->interval_s) * 1e9,
	};

	for (unsigned long i = 0; !top->count || i < top->count; i++) {
		if (i)
			nanosleep(&interval, NULL);
		if (ask(top))
			return TTP_FAILED;
		if (top->dump.json) {
			print_frame_json(top);
		} else {
			if (i)
				putchar('\n');
			print_frame(top, stdout);
		}
		if (fflush(stdout) || ferror(stdout))
			return written(stdout, "standard output");
	}
	return TTP_OK;
}

/* The first two lines stay; the others move. */
static void show_frame(struct top *top)
{
	size_t size, number = 0, rows = screen_rows(), first = top->first;
	char *text, *line, *rest;
	char keys[160];
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(fail("out of memory"));
	print_frame(top, out);
	fclose(out);
	rest = text;
	for (size_t y = 0; y + 1 < rows;) {
		line = strsep(&rest, "\n");
		if (line && number++ >= 2 && first) {
			first--;
			continue;
		}
		screen_line(y++, line ? line : "", number == 1 ? SCREEN_BOLD : number == 2 && line ?
			    SCREEN_REVERSE : SCREEN_PLAIN);
	}
	snprintf(keys, sizeof(keys), "q end  sorted by %s; o out  i in  t bytes  r RTT  x again  "
		 "s state  p port  j k move", sort_keys[top->key].name);
	screen_line(rows - 1, keys, SCREEN_BOLD);
	free(text);
}

static void on_key(struct top *top, int key)
{
	for (size_t i = 0; i < ARRAY_SIZE(sort_keys); i++)
		if (key == sort_keys[i].letter)
			top->key = i;
	if ((key == 'k' || key == SCREEN_UP) && top->first)
		top->first--;
	if (key == 'j' || key == SCREEN_DOWN)
		top->first++;
	if (top->first >= top->now.n)
		top->first = top->now.n ? top->now.n - 1 : 0;
}

static int run_screen(struct top *top)
{
	int status = ask(top), key = SCREEN_NOTHING;
	uint64_t next = now_ns() + top->interval_s * 1e9;

	if (status || screen_begin())
		return TTP_FAILED;
	while (!status) {
		uint64_t now = now_ns();

		if (now >= next) {
			next = now + top->interval_s * 1e9;
			status = ask(top);
		}
		show_frame(top);
		key = screen_key(next > now ? (next - now) / 1000000 + 1 : 0);
		if (screen_is_quit(key))
			break;
		on_key(top, key);
	}
	screen_end();
	/* once more, where it can be read */
	return status ? ask(top) : TTP_OK;
}

static int option_sort(const struct opt *opt, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(sort_keys); i++) {
		if (strcmp(sort_keys[i].name, text))
			continue;
		*(int *)opt->to = i;
		return 0;
	}
	return -1;
}

int top_main(int argc, char **argv)
{
	struct top top = {
		.dump.row = row, .dump.wanted = matches, .states.shown = STATES_CONNECTED,
		.interval_s = 1,
	};
	const struct opt opts[] = {
		OPT_NETNS(&top.dump.ns),
		OPT_SECONDS('d', "delay", &top.interval_s, "between two frames (default 1)"),
		OPT('s', "sort", "out|in|total|rtt|retrans|state|port", option_sort, &top.key,
		    "by what (default out); keys in the terminal change it"),
		OPT_SET('b', "batch", &top.batch, "as text, frame after frame, for pipes"),
		OPT_NUMBER('n', "count", "N", &top.count, 1, UINT32_MAX,
			   "with -b or -j, end after so many frames"),
		OPT_SET('j', "json", &top.dump.json, "as JSON, a line for each frame"),
		OPT_END
	};
	const struct command command = {
		.name = "top",
		.synopsis = "[OPTION]... [FILTER]",
		.about = "Show the connections of the network namespace and their rates, again and "
			 "again: bits a second out and in, RTT in ms, congestion window and bytes in "
			 "flight, segments retransmitted.",
		.opts = opts,
		.more = "FILTER is that of ttp show:\n"
			"  state NAME, exclude NAME see ttp show --help\n" FILTER_HELP,
		.words = "state exclude " STATE_WORDS " " FILTER_WORDS,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (top.interval_s < 0.01)
		return usage("-d wants 0.01 s or more");
	if (filter_parse("top", argv + optind, argc - optind, &top.states, &top.filter))
		return TTP_USAGE;
	if (top.count && !top.batch && !top.dump.json)
		return usage("-n counts frames of -b or -j");
	if (!top.batch && !top.dump.json && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return usage("top wants a terminal for input and output, or -b");
	status = top.batch || top.dump.json ? run_batch(&top) : run_screen(&top);
	free(top.now.entry);
	free(top.last.entry);
	return status;
}
