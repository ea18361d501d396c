// SPDX-License-Identifier: GPL-2.0
/*
 * ttp pcap --join: one capture, or two of both ends, become a recording; so do two recordings
 * (clocks.c).
 *
 * The captures are read twice.  First talk.c learns which connections there are,
 * which end each capture was made at, and how far the clocks are apart.  Then
 * their frames come in the order of their corrected times, and infer.c makes
 * events of them.  What is kept of a frame in between is 24 bytes.
 *
 * Called by pcap.c.  Next: frame.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pcap/pcap.h>

#include "base/base.h"
#include "capture/join.h"
#include "print/filter.h"
#include "read/feed.h"

/* Later times are no times: an interval must fit into 64 bits. */
#define SECONDS_MAX	UINT32_MAX

struct capture {
	const char *name;
	const char *ns;			/* what its end is called */
	pcap_t *pcap;
	int link_type;
	uint64_t count[FRAME_KINDS];
	char cut[PCAP_ERRBUF_SIZE];	/* why it ends before its end, if it does */
	struct frame frame;		/* the next one, */
	bool ready;			/* if there is one */
};

struct join {
	const struct join_opts *opts;
	int n;				/* captures */
	struct capture capture[CAPTURES];
	struct talks *talks;
	int64_t offset;			/* of the second one's clock */
	uint64_t start_ns;
	FILE *out;
	uint64_t segments;
};

/* Return: TTP_OK, or TTP_FAILED after saying why it cannot be read. */
static int open_capture(struct capture *c)
{
	c->pcap = frame_open(c->name);
	if (!c->pcap)
		return TTP_FAILED;
	c->link_type = pcap_datalink(c->pcap);
	memset(c->count, 0, sizeof(c->count));
	return TTP_OK;
}

static void close_capture(struct capture *c)
{
	if (c->pcap)
		pcap_close(c->pcap);
	c->pcap = NULL;
}

static bool is_self(const struct frame *frame)
{
	return frame->from_port == frame->to_port && same_address(&frame->from, &frame->to);
}

/* Makes the next segment ready. */
static void next_segment(struct capture *c)
{
	struct pcap_pkthdr *header;
	const uint8_t *data;
	int status;

	c->ready = false;
	while (!c->ready && (status = pcap_next_ex(c->pcap, &header, &data)) == 1) {
		enum frame_kind kind = frame_read(&c->frame, c->link_type, data, header->caplen,
						  header->len);
		bool timed = header->ts.tv_sec >= 0 && header->ts.tv_sec <= SECONDS_MAX &&
			     header->ts.tv_usec >= 0 && header->ts.tv_usec < 1000000000;

		if (kind == FRAME_SEGMENT && !timed)
			kind = FRAME_BROKEN;
		if (kind == FRAME_SEGMENT && is_self(&c->frame))
			kind = FRAME_OTHER;
		c->count[kind]++;
		c->ready = kind == FRAME_SEGMENT;
		if (c->ready)
			c->frame.time_ns = header->ts.tv_sec * 1000000000ULL + header->ts.tv_usec;
	}
	if (!c->ready && status == PCAP_ERROR)
		snprintf(c->cut, sizeof(c->cut), "%s", pcap_geterr(c->pcap));
}

static int learn(struct join *j, int i)
{
	struct capture *c = &j->capture[i];
	int status = open_capture(c);

	if (!status)
		for (next_segment(c); c->ready; next_segment(c))
			talks_learn(j->talks, i, &c->frame);
	close_capture(c);
	if (!status && !c->count[FRAME_SEGMENT])
		return fail("%s: no segment of TCP or TTP in it%s%s", c->name, *c->cut ? ": " : "",
			    c->cut);
	return status;
}

/* In one line, if there is anything. */
static void say_left_out(const struct capture *c)
{
	static const struct {
		enum frame_kind kind;
		const char *what;
	} kinds[] = {
		{ FRAME_FRAGMENT, "IP fragments" },
		{ FRAME_CUT, "cut within their headers" },
		{ FRAME_BROKEN, "broken" },
	};
	const char *between = ": left out ";
	bool any = *c->cut;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		any |= c->count[kinds[i].kind] > 0;
	if (!any)
		return;
	fprintf(stderr, "ttp: %s", c->name);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!c->count[kinds[i].kind])
			continue;
		fprintf(stderr, "%s%" PRIu64 " packets: %s", between, c->count[kinds[i].kind],
			kinds[i].what);
		between = ", ";
	}
	fprintf(stderr, "%s%s\n", *c->cut ? "; it ends too early: " : "", c->cut);
}

/* What has to be known before the recording is believed. */
static int say_learned(struct join *j)
{
	size_t left_out, guessed, count = talks_count(j->talks, &left_out, &guessed);
	int64_t drift;
	bool known;

	for (int i = 0; i < j->n; i++)
		say_left_out(&j->capture[i]);
	if (left_out == count)
		return fail("no connection is in both captures");
	known = talks_clocks(j->talks, &j->offset, &drift);
	if (left_out)
		fprintf(stderr, "ttp: %zu of %zu connections are in one of the captures only: left out\n",
			left_out, count);
	if (guessed)
		fprintf(stderr, "ttp: of %zu connections nothing says which end is whose: %s\n",
			guessed, j->n == CAPTURES ? "taken in the order given" :
			"the capture is taken for that of who begins");
	if (j->n == CAPTURES && !known)
		fputs("ttp: nothing says how far the clocks are apart: taken for equal\n", stderr);
	if (drift > 0)
		fprintf(stderr, "ttp: one clock is faster: times are wrong by %.3f ms or more\n",
			drift / 2e6);
	return TTP_OK;
}

static void write_event(const struct event *ev, void *arg)
{
	struct join *j = arg;

	if (!filter_matches(j->opts->filter, ev))
		return;
	j->segments += ev->kind == EVENT_SEGMENT;
	event_print_json(ev, j->out);
}

static void take_segment(struct join *j, int i)
{
	struct frame *frame = &j->capture[i].frame;
	struct talk *talk;
	int from, end;

	talk = talks_find(j->talks, i, frame, &from);
	if (talk->left_out)
		return;
	end = talk->local ^ i;
	frame->time_ns -= j->start_ns + (i ? j->offset : 0);
	frame->ev.ns = j->capture[i].ns;
	infer_segment(talk, end, from == end, frame, write_event, j);
}

static int64_t corrected(const struct join *j, int i)
{
	return j->capture[i].frame.time_ns - (i ? j->offset : 0);
}

static bool is_sent(struct join *j, int i)
{
	int from;
	const struct talk *talk = talks_find(j->talks, i, &j->capture[i].frame, &from);

	return from == (talk->local ^ i);
}

/* Return: the capture whose next segment is next, -1 if there is none. */
static int next_capture(struct join *j)
{
	if (!j->capture[0].ready || !j->capture[1].ready)
		return j->capture[0].ready ? 0 : j->capture[1].ready ? 1 : -1;
	if (corrected(j, 0) != corrected(j, 1))
		return corrected(j, 1) < corrected(j, 0);
	return !is_sent(j, 0);
}

static int write_recording(struct join *j)
{
	struct event ev = { .kind = EVENT_RECORDING, .namespaces = j->n, .wall_ns = j->start_ns };
	int i, status = TTP_OK;

	event_set(&ev, TTP_A_TIME_NS);
	event_print_json(&ev, j->out);
	for (i = 0; i < j->n && !status; i++) {
		status = open_capture(&j->capture[i]);
		if (!status)
			next_segment(&j->capture[i]);
	}
	while (!status && !ferror(j->out) && (i = next_capture(j)) >= 0) {
		take_segment(j, i);
		next_segment(&j->capture[i]);
	}
	for (i = 0; i < j->n; i++)
		close_capture(&j->capture[i]);
	return status;
}

/* "here/client.pcap" -> "client" */
static const char *short_name(const char *path, char name[NAME_SIZE])
{
	static const char *const suffixes[] = { ".pcapng", ".pcap", ".cap", ".jsonl" };
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	size_t len = strlen(base);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t suffix = strlen(suffixes[i]);

		if (len <= suffix || strcmp(base + len - suffix, suffixes[i]))
			continue;
		len -= suffix;
		break;
	}
	snprintf(name, NAME_SIZE, "%.*s", (int)len, base);
	clean_name(name);
	return intern(name);
}

static void name_ends(struct join *j)
{
	char name[NAME_SIZE];

	for (int i = 0; i < j->n; i++)
		j->capture[i].ns = short_name(j->capture[i].name, name);
	if (j->n < CAPTURES || j->capture[0].ns != j->capture[1].ns)
		return;
	for (int i = 0; i < j->n; i++) {
		snprintf(name, sizeof(name), "%s", j->capture[i].name);
		clean_name(name);
		j->capture[i].ns = intern(name);
	}
}

/* A recording begins as JSON does, and no capture. */
static bool is_recording(const char *name)
{
	FILE *in = fopen(name, "re");
	int first = in ? getc(in) : EOF;

	if (in)
		fclose(in);
	return first == '{';
}

static bool is_same(const struct stat *a, const char *name)
{
	struct stat b;

	return name && !stat(name, &b) && S_ISREG(b.st_mode) && a->st_dev == b.st_dev &&
	       a->st_ino == b.st_ino;
}

/* Return: TTP_OK, or after saying why it makes no sense: usage error or failure. */
static int check_files(const struct join *j)
{
	for (int i = 0; i < j->n; i++) {
		const char *name = j->capture[i].name;
		struct stat st;

		if (!strcmp(name, "-"))
			return usage("a capture is read twice: a file, not standard input");
		if (stat(name, &st))
			return fail("%s: %s", name, strerror(errno));
		if (!S_ISREG(st.st_mode))
			return fail("%s is no file: a capture is read twice", name);
		if (is_same(&st, j->opts->output))
			return fail("%s is a capture that is read: write to another file", name);
		if (!i && is_same(&st, j->capture[1].name))
			return usage("--join wants two captures, not one of them twice");
	}
	return TTP_OK;
}

static int write_out(struct join *j)
{
	const char *name = j->opts->output ? j->opts->output : "standard output";
	struct feed_opts feed = { 0 };
	int status, written_status;

	j->out = j->opts->output ? feed_output(&feed, j->opts->output) : stdout;
	if (!j->out)
		return TTP_FAILED;
	talks_rewind(j->talks);
	status = write_recording(j);
	written_status = written(j->out, name);
	if (j->opts->output && fclose(j->out) && !written_status)
		written_status = fail("%s: %s", name, strerror(errno));
	if (!status && !written_status && !j->segments)
		status = fail("no such segment in the captures");
	return status ? status : written_status;
}

/* Return: exit status. */
int join_run(const struct join_opts *opts)
{
	struct join j = { .opts = opts, .n = opts->name[1] ? CAPTURES : 1 };
	int status, recordings = 0;

	for (int i = 0; i < j.n; i++)
		j.capture[i].name = opts->name[i];
	status = check_files(&j);
	if (status)
		return status;
	name_ends(&j);
	for (int i = 0; i < j.n; i++)
		recordings += is_recording(opts->name[i]);
	if (recordings == CAPTURES)
		return clocks_join(opts, (const char *[]){ j.capture[0].ns, j.capture[1].ns });
	if (recordings)
		return usage("--join wants two recordings, or captures");
	j.talks = talks_new(j.n);
	for (int i = 0; i < j.n && !status; i++)
		status = learn(&j, i);
	if (!status) {
		talks_decide(j.talks);
		status = say_learned(&j);
	}
	if (!status) {
		j.start_ns = talks_start(j.talks, j.offset);
		status = write_out(&j);
	}
	talks_free(j.talks);
	return status;
}
