// SPDX-License-Identifier: GPL-2.0
/*
 * ttp plot: windows, round-trip times, throughput and sequence numbers of one
 * connection over time, as one of its ends has them.  This file has the options and
 * takes the values out of the events; which segments were lost the ladder's steps
 * find out (pair.c).
 *
 * Next: series.c.
 */
#include <errno.h>
#include <getopt.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/options.h"
#include "base/table.h"
#include "draw/plot.h"
#include "read/feed.h"

const char *const series_names[S_LAST] = {
	[S_CWND] = "cwnd", [S_SSTHRESH] = "ssthresh", [S_IN_FLIGHT] = "in flight",
	[S_WINDOW] = "advertised window", [S_UNACKED] = "not acknowledged",
	[S_RTT] = "RTT", [S_SRTT] = "SRTT", [S_RTO] = "RTO",
	[S_SENT_RATE] = "sent", [S_ACKED_RATE] = "acknowledged",
	[S_DATA] = "data", [S_AGAIN] = "retransmitted", [S_LOST] = "lost",
	[S_ACKED] = "ACK", [S_EDGE] = "window's edge",
};

const char *const panel_names[P_LAST] = {
	[P_CWND] = "cwnd", [P_WINDOW] = "window", [P_RTT] = "rtt",
	[P_THROUGHPUT] = "throughput", [P_SEQUENCE] = "sequence",
};

struct plot {
	struct feed_opts feed;
	struct look look;
	struct conns conns;
	struct curves curves[2];	/* of the two ends, as they come */
	struct address addr[2];
	uint16_t port[2];
	struct conn *conn;
	bool wanted[P_LAST];
	bool json;
	const char *end;
	const char *out_name;
	FILE *out;
	struct feed_lost lost;
};

/* Counted from ISS: 64 bits, so that none wraps. */
static uint64_t seq_of(struct curves *c, uint32_t wire)
{
	if (!c->has_base) {
		c->has_base = true;
		c->seq_wire = wire;
	}
	return c->seq + (int32_t)(wire - c->seq_wire);
}

static void set_seq(struct curves *c, uint64_t seq, uint32_t wire)
{
	c->seq = seq;
	c->seq_wire = wire;
}

static void add(struct curves *c, enum series_id id, int64_t ns, double value)
{
	series_add(&c->series[id], ns, value, value);
}

/* Karn: what was sent again, and what follows it, is not timed. */
static void forget_timed(struct curves *c, uint64_t seq)
{
	while (c->n_timed && c->timed[(c->first + c->n_timed - 1) % TIMED_MAX].end > seq)
		c->n_timed--;
}

static void time_it(struct curves *c, uint64_t end, int64_t ns)
{
	size_t at = (c->first + c->n_timed) % TIMED_MAX;

	if (c->n_timed == TIMED_MAX)
		return;
	c->timed[at].end = end;
	c->timed[at].ns = ns;
	c->n_timed++;
}

static void sent(struct curves *c, const struct event *ev, int64_t ns)
{
	uint64_t seq = seq_of(c, ev->seg.seq), end = seq + ev->seg.len;
	bool again = event_has(ev, TTP_A_RETRANSMISSION);

	if (again)
		forget_timed(c, seq);
	else if (ev->seg.len || ev->seg.flags & (SEG_SYN | SEG_FIN))
		time_it(c, end + !!(ev->seg.flags & (SEG_SYN | SEG_FIN)), ns);
	if (!again)
		set_seq(c, end, ev->seg.seq + ev->seg.len);
	if (!ev->seg.len)
		return;
	series_add(&c->series[again ? S_AGAIN : S_DATA], ns, seq, end);
	rate_add(&c->rate[0], ns, ev->seg.len);
	c->data += ev->seg.len;
}

static void measure_rtt(struct curves *c, int64_t ns)
{
	int64_t since = -1;

	while (c->n_timed && c->timed[c->first].end <= c->acked) {
		since = c->timed[c->first].ns;
		c->first = (c->first + 1) % TIMED_MAX;
		c->n_timed--;
	}
	if (since >= 0)
		add(c, S_RTT, ns, (ns - since) / 1e6);
}

static uint32_t scaled_window(const struct conn *conn, const struct event *ev)
{
	const struct side *sides = conn->side;
	int from = sides[LEFT].port == ev->who.dport &&
		   !memcmp(&sides[LEFT].addr, &ev->who.daddr, sizeof(ev->who.daddr)) ? LEFT : RIGHT;

	if (ev->seg.flags & SEG_SYN || !sides[LEFT].has_wscale || !sides[RIGHT].has_wscale)
		return ev->seg.wnd;
	return (uint32_t)ev->seg.wnd << sides[from].wscale;
}

static void arrived(struct curves *c, const struct conn *conn, const struct event *ev, int64_t ns)
{
	uint32_t window = scaled_window(conn, ev);
	uint64_t ack;

	if (!(ev->seg.flags & SEG_ACK) || event_has(ev, TTP_A_DROP) || !c->has_base)
		return;
	ack = seq_of(c, ev->seg.ack);
	if (ack > c->acked && ack < c->acked + (1ULL << 31)) {
		rate_add(&c->rate[1], ns, ack - c->acked);
		c->acked = ack;
		measure_rtt(c, ns);
	}
	add(c, S_ACKED, ns, c->acked);
	if (!(ev->seg.flags & SEG_RST))
		add(c, S_EDGE, ns, ack + window);
}

/* The connection's variables, after the segment. */
static void variables(struct curves *c, const struct event *ev, int64_t ns)
{
	if (event_has(ev, TTP_A_CWND))
		add(c, S_CWND, ns, ev->cong.cwnd);
	if (event_has(ev, TTP_A_SSTHRESH) && ev->cong.ssthresh < SSTHRESH_INFINITE)
		add(c, S_SSTHRESH, ns, ev->cong.ssthresh);
	if (event_has(ev, TTP_A_IN_FLIGHT))
		add(c, S_IN_FLIGHT, ns, ev->cong.in_flight);
	if (event_has(ev, TTP_A_SND_WND))
		add(c, S_WINDOW, ns, ev->snd.wnd);
	if (event_has(ev, TTP_A_SND_NXT) && event_has(ev, TTP_A_SND_UNA))
		add(c, S_UNACKED, ns, ev->snd.nxt - ev->snd.una);
	if (event_has(ev, TTP_A_SRTT_US) && ev->rtt.srtt_us)
		add(c, S_SRTT, ns, ev->rtt.srtt_us / 1e3);
	if (event_has(ev, TTP_A_RTO_US))
		add(c, S_RTO, ns, ev->rtt.rto_us / 1e3);
}

/* Whose event is it?  Return: the index of the end. */
static int end_of(struct plot *p, const struct address *addr, uint16_t port)
{
	for (int i = 0; i < 2; i++) {
		if (!p->curves[i].used) {
			p->curves[i].used = true;
			p->addr[i] = *addr;
			p->port[i] = port;
		}
		if (p->port[i] == port && !memcmp(&p->addr[i], addr, sizeof(*addr)))
			return i;
	}
	return 0;
}

static int on_event(const struct event *ev, void *arg)
{
	struct plot *p = arg;
	struct conn *conn = conn_add(&p->conns, ev);
	struct curves *c;
	int64_t ns;

	feed_count_lost(&p->lost, ev);
	if (!conn || !conn->drawn || ev->kind != EVENT_SEGMENT)
		return 0;
	p->conn = conn;
	ns = (int64_t)ev->time_ns - conn->start_ns;
	c = &p->curves[end_of(p, &ev->who.saddr, ev->who.sport)];
	if (event_has(ev, TTP_A_ISS) && !c->has_base)
		seq_of(c, ev->snd.iss);
	if (ev->seg.direction == TTP_DIRECTION_OUT)
		sent(c, ev, ns);
	else
		arrived(c, conn, ev, ns);
	variables(c, ev, ns);
	return 0;
}

/* Rows of what was lost are never folded. */
static void add_lost(struct curves *c, const struct conn *conn, int side)
{
	for (size_t i = 0; i < conn->n_rows; i++) {
		const struct segment *seg = conn->rows[i].seg;
		bool is_lost = seg && conn->rows[i].kind != ROW_FOLD && seg->out &&
			       seg->from == side && (seg->lost || seg->partly) &&
			       conn->rows[i].at[side];
		double seq;

		if (!is_lost || !seg->out->seg.len)
			continue;
		seq = conn_seq(conn, side, seg->out->seg.seq);
		add(c, S_LOST, (int64_t)seg->out->time_ns - conn->start_ns, seq);
	}
}

static struct json_object *points(const struct series *s)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < s->n; i++) {
		struct json_object *one = json_object_new_array();

		json_object_array_add(one, json_object_new_double(s->at[i].ns / 1e6));
		json_object_array_add(one, json_object_new_double(s->at[i].value));
		if (s->at[i].to != s->at[i].value)
			json_object_array_add(one, json_object_new_double(s->at[i].to));
		json_object_array_add(list, one);
	}
	return list;
}

static void plot_json(const struct curves *c)
{
	struct json_object *obj = json_object_new_object();

	for (int id = 0; id < S_LAST; id++) {
		struct json_object *one;

		if (!c->series[id].n)
			continue;
		one = json_object_new_object();
		json_object_object_add(one, "count", json_object_new_int64(c->series[id].count));
		json_object_object_add(one, "points", points(&c->series[id]));
		json_object_object_add(obj, series_names[id], one);
	}
	print_json(obj);
}

static bool ends_in(const char *name, const char *end)
{
	size_t len = name ? strlen(name) : 0;

	return len > strlen(end) && !strcmp(name + len - strlen(end), end);
}

/* librsvg's own program: the library would bring thirty others into the tool. */
static int make_png(const struct plot *p, FILE *svg)
{
	char *argv[] = { "rsvg-convert", "--format=png", "--zoom=2", NULL };
	posix_spawn_file_actions_t files;
	int error, status = -1;
	pid_t pid;

	if (fflush(svg) || lseek(fileno(svg), 0, SEEK_SET) < 0)
		return fail("PNG: %s", strerror(errno));
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fileno(svg), STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, fileno(p->out), STDOUT_FILENO);
	error = posix_spawnp(&pid, argv[0], &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (error == ENOENT)
		return fail("PNG needs rsvg-convert (Debian: librsvg2-bin)");
	if (error)
		return fail("rsvg-convert: %s", strerror(error));
	if (waitpid(pid, &status, 0) < 0 || status)
		return fail("rsvg-convert could not write %s", p->out_name);
	return TTP_OK;
}

static int draw(struct plot *p, int end, int side)
{
	FILE *svg = ends_in(p->out_name, ".png") ? tmpfile() : stdout;
	int status;

	if (!svg)
		return fail("a file in " P_tmpdir ": %s", strerror(errno));
	if (p->out && feed_picture_begin(p->out, p->out_name))
		return TTP_FAILED;
	for (int id = 0; id < S_LAST; id++)
		series_sort(&p->curves[end].series[id]);
	if (p->json)
		plot_json(&p->curves[end]);
	else
		plot_svg(&p->curves[end], p->conn, side, p->wanted, svg);
	if (svg == stdout)
		return written(stdout, p->out_name ? p->out_name : "standard output");
	status = make_png(p, svg);
	fclose(svg);
	return status;
}

/* Which of the ends?  Who has sent more data, if nothing is said. */
static int choose_end(const struct plot *p, int *side)
{
	const struct side *left = &p->conn->side[LEFT];
	int left_end = p->curves[0].used && p->port[0] == left->port &&
		       !memcmp(&p->addr[0], &left->addr, sizeof(left->addr)) ? 0 : 1;
	int end = p->curves[1].data > p->curves[0].data;

	if (p->end)
		end = !strcmp(p->end, "left") ? left_end : !left_end;
	*side = end == left_end ? LEFT : RIGHT;
	return end;
}

static int finish(struct plot *p)
{
	int side, end;

	if (!p->conns.count)
		return fail("no connection was seen");
	if (!p->conn)
		return fail("no such connection among the %zu seen", p->conns.count);
	conn_settle(&p->conns, p->conn, true);
	end = choose_end(p, &side);
	if (!p->curves[end].used)
		return fail("the recording has no segments of the end at the %s", p->end);
	add_lost(&p->curves[end], p->conn, side);
	for (int k = 0; k < 2; k++)
		rate_series(&p->curves[end].rate[k], &p->curves[end].series[S_SENT_RATE + k]);
	for (int panel = 0; panel < P_LAST; panel++)
		if (p->wanted[panel] && !panel_has(&p->curves[end], panel))
			return fail("the recording has nothing for %s", panel_names[panel]);
	return draw(p, end, side);
}

static int run(struct plot *p)
{
	int status;

	p->conns.look = &p->look;
	if (p->out_name) {
		p->out = feed_picture(&p->feed, p->out_name);
		if (!p->out)
			return TTP_FAILED;
	}
	status = feed_run(&p->feed, on_event, p);
	if (!status)
		status = finish(p);
	feed_report_lost(&p->lost, ": the curves have gaps");
	conn_free(&p->conns);
	for (int i = 0; i < 2; i++)
		for (int id = 0; id < S_LAST; id++)
			series_free(&p->curves[i].series[id]);
	return status;
}

static int option_end(const struct opt *opt, const char *text)
{
	*(const char **)opt->to = text;
	return strcmp(text, "left") && strcmp(text, "right") ? -1 : 0;
}

static int parse_words(struct plot *p, int argc, char **argv)
{
	for (; optind < argc; optind++) {
		int i = 0;

		while (i < P_LAST && strcmp(argv[optind], panel_names[i]))
			i++;
		if (i == P_LAST)
			return usage("no plot of '%s': cwnd, window, rtt, throughput or sequence",
				     argv[optind]);
		p->wanted[i] = true;
	}
	if (!p->feed.recording)
		return usage("plot wants -r RECORDING (ttp record makes one)");
	if (p->out_name && !ends_in(p->out_name, ".svg") && !ends_in(p->out_name, ".png") && !p->json)
		return usage("-o wants a name that ends in .svg or .png, not '%s'", p->out_name);
	return TTP_OK;
}

int plot_main(int argc, char **argv)
{
	static struct plot p = {
		.look.fold = true,
		.conns.wanted = CONNS_FIRST,
	};
	const struct opt opts[] = {
		OPT_WORD('r', "read", "FILE", &p.feed.recording,
			 "plot what ttp record wrote; - is standard input"),
		OPT_WORD('o', "output", "FILE", &p.out_name,
			 "into FILE.svg or FILE.png; without it SVG to standard output"),
		OPT_NUMBER('c', "conn", "N", &p.conns.wanted, 1, UINT32_MAX,
			   "plot the Nth connection (default: the first that begins there)"),
		OPT_PORT('p', "port", &p.conns.port, "of those with this port at either end"),
		OPT('e', "end", "left|right", option_end, &p.end,
		    "of this end of the ladder (default: who sends more)",
		    .wants = "left or right"),
		OPT_SET('j', "json", &p.json, "the points as JSON"),
		OPT_END
	};
	const struct command command = {
		.name = "plot",
		.synopsis = "-r RECORDING [OPTION]... [WHAT]...",
		.about = "Plot a connection over time: WHAT is cwnd (with ssthresh and what is in "
			 "flight), window (the advertised one), rtt (and RTO), throughput, sequence "
			 "(data, ACKs and the window's edge); all of them, if none is named.",
		.opts = opts,
		.words = "cwnd window rtt throughput sequence",
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (parse_words(&p, argc, argv))
		return TTP_USAGE;
	return run(&p);
}
