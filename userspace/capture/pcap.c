// SPDX-License-Identifier: GPL-2.0
/*
 * ttp pcap: a recording as a capture, for Wireshark and its like, with comments that
 * say what a capture cannot: states, causes, why a segment was sent or dropped.
 *
 * A recording of both ends has each segment twice, as it left and as it arrived.  The
 * capture has it once, as it left; what nobody was seen to send is there as it
 * arrived.  A comment may be of an event long after its packet, so packets go to a
 * file without a name first.
 *
 * With --join the way back: join.c.
 *
 * Called by main().  Next: packet.c, remark.c, pcapng.c.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/options.h"
#include "capture/capture.h"
#include "capture/join.h"
#include "print/filter.h"
#include "read/feed.h"

struct pcap {
	struct feed_opts feed;
	const struct filter *filter;
	const char *output;		/* NULL: standard output */
	const char *ns;			/* as seen in this namespace only */
	bool ttp;			/* as protocol 253 */
	const char *join;		/* a capture that becomes a recording */
	struct remarks remarks;
	FILE *spool;
	uint64_t count;			/* of packets */
	int64_t wall_ns;		/* the wall clock less the clock of the events */
	const char **interface;		/* names of namespaces, interned; NULL has none */
	uint32_t n_interfaces;
	unsigned int versions;		/* of IP, that packets have: a bit for each */
	struct feed_lost lost;
};

static uint32_t interface_of(struct pcap *p, const char *ns)
{
	uint32_t i;

	for (i = 0; i < p->n_interfaces; i++)
		if (p->interface[i] == ns)
			return i;
	p->interface = grow(p->interface, i, sizeof(*p->interface));
	p->interface[p->n_interfaces++] = ns;
	return i;
}

static uint64_t add_packet(struct pcap *p, const struct event *ev)
{
	uint8_t data[PACKET_MAX];
	struct pcapng_packet packet = {
		.time_ns = ev->time_ns + p->wall_ns,
		.interface = interface_of(p, ev->ns),
		.captured = packet_build(ev, p->ttp ? PROTO_TTP : PROTO_TCP, data),
		.inbound = ev->seg.direction == TTP_DIRECTION_IN,
	};

	p->versions |= 1U << (data[0] >> 4);
	packet.length = ev->seg.len > UINT32_MAX - PACKET_MAX ? UINT32_MAX :
			packet.captured + ev->seg.len;
	fwrite(&packet, sizeof(packet), 1, p->spool);
	fwrite(data, packet.captured, 1, p->spool);
	return p->count++;
}

/*
 * What is special about a segment, in the words of ttp monitor.  How many segments a
 * packet carries is said once, by its @first event.
 */
static void describe(struct pcap *p, const struct event *ev, uint64_t packet, bool first)
{
	const char *purpose = event_word(FIELD_PURPOSE, ev->seg.purpose);
	bool again = event_has(ev, TTP_A_RETRANSMISSION);
	char text[128];

	if (again || event_has(ev, TTP_A_PURPOSE)) {
		if (!event_has(ev, TTP_A_PURPOSE))
			snprintf(text, sizeof(text), "retransmission");
		else
			snprintf(text, sizeof(text), again ? "retransmission (%s)" : "%s", purpose);
		remark_add(&p->remarks, packet, ev, text);
	}
	if (event_has(ev, TTP_A_SEGS) && first) {
		snprintf(text, sizeof(text), "%u segments in a packet", ev->seg.segs);
		remark_add(&p->remarks, packet, ev, text);
	}
	if (event_has(ev, TTP_A_DROP)) {
		snprintf(text, sizeof(text), "dropped: %s", ev->seg.drop);
		remark_add(&p->remarks, packet, ev, text);
	}
	if (event_has(ev, TTP_A_ANSWER)) {
		snprintf(text, sizeof(text), "answered: %s", ev->seg.answer);
		remark_add(&p->remarks, packet, ev, text);
	}
}

static void on_segment(struct pcap *p, const struct event *ev)
{
	const struct end *peer = remark_peer(&p->remarks, ev);
	uint64_t packet = NO_PACKET;
	bool first;

	if (ev->seg.direction == TTP_DIRECTION_OUT) {
		packet = add_packet(p, ev);
		remark_sent(&p->remarks, ev, packet);
		describe(p, ev, packet, true);
		return;
	}
	if (peer->seen)
		packet = remark_find(peer, ev);
	first = packet == NO_PACKET;
	if (first) {
		packet = add_packet(p, ev);
		if (peer->seen)
			remark_add(&p->remarks, packet, ev, "arrived, but nobody was seen to send it");
	}
	remark_arrived(&p->remarks, ev, packet);
	describe(p, ev, packet, first);
}

static int on_event(const struct event *ev, void *arg)
{
	struct pcap *p = arg;

	feed_count_lost(&p->lost, ev);
	if (ev->kind == EVENT_RECORDING) {
		p->remarks.named |= ev->namespaces > 1;
		if (ev->wall_ns)
			p->wall_ns = ev->wall_ns - ev->time_ns;
	}
	if (ev->kind != EVENT_STATE && ev->kind != EVENT_SEGMENT)
		return 0;
	if ((p->ns && (!ev->ns || strcmp(ev->ns, p->ns))) || !filter_matches(p->filter, ev))
		return 0;
	if (ev->kind == EVENT_STATE)
		remark_state(&p->remarks, ev);
	else
		on_segment(p, ev);
	return ferror(p->spool);
}

static int copy_packet(struct pcap *p, FILE *out, uint64_t number, size_t *next)
{
	const struct remark *remark = p->remarks.remark + *next;
	uint8_t data[PACKET_MAX];
	struct pcapng_packet packet;
	size_t n = 0;

	if (fread(&packet, sizeof(packet), 1, p->spool) != 1 ||
	    fread(data, packet.captured, 1, p->spool) != 1)
		return fail("a file in " P_tmpdir ": %s", strerror(errno));
	while (*next + n < p->remarks.count && remark[n].packet == number)
		n++;
	pcapng_packet(out, &packet, data, remark, n);
	*next += n;
	return TTP_OK;
}

static int write_all(struct pcap *p, FILE *out)
{
	int status = TTP_OK;
	char text[80];
	size_t next = 0;

	snprintf(text, sizeof(text), "%" PRIu64 "%s events are missing", p->lost.count,
		 p->lost.more ? " or more" : "");
	pcapng_begin(out, p->lost.count || p->lost.more ? text : NULL);
	for (uint32_t i = 0; i < p->n_interfaces; i++)
		pcapng_interface(out, p->interface[i], p->versions);
	rewind(p->spool);
	for (uint64_t i = 0; i < p->count && !status && !ferror(out); i++)
		status = copy_packet(p, out, i, &next);
	return status;
}

static int write_capture(struct pcap *p)
{
	FILE *out = p->output ? feed_output(&p->feed, p->output) : stdout;
	int status, written_status;

	if (!out)
		return TTP_FAILED;
	status = write_all(p, out);
	written_status = written(out, p->output ? p->output : "standard output");
	if (p->output && fclose(out) && !written_status)
		written_status = fail("%s: %s", p->output, strerror(errno));
	feed_report_lost(&p->lost, ": their segments are missing");
	return status ? status : written_status;
}

static int run(struct pcap *p)
{
	int status;

	p->spool = tmpfile();
	if (!p->spool)
		return fail("a file in " P_tmpdir ": %s", strerror(errno));
	status = feed_run(&p->feed, on_event, p);
	if (!status && (fflush(p->spool) || ferror(p->spool)))
		status = fail("a file in " P_tmpdir ": %s", strerror(errno));
	if (!status && !p->count)
		status = fail("%s: no such segment in it", p->feed.recording);
	remark_settle(&p->remarks);
	if (!status)
		status = write_capture(p);
	remark_free(&p->remarks);
	free(p->interface);
	fclose(p->spool);
	return status;
}

/* @words: the second capture and a filter, or nothing. */
static int join(struct pcap *p, char **words, int n)
{
	struct join_opts opts = { .name = { p->join, n ? words[0] : NULL }, .output = p->output };

	if (p->feed.recording || p->ns || p->ttp)
		return usage("--join goes without -r, -N and -T");
	if (n && filter_parse("pcap", words + 1, n - 1, NULL, &opts.filter))
		return TTP_USAGE;
	return join_run(&opts);
}

/* Return: TTP_USAGE after saying what does not make sense. */
static int check(const struct pcap *p)
{
	if (!p->feed.recording)
		return usage("pcap wants -r RECORDING (ttp pcap --help)");
	if (!p->output && isatty(STDOUT_FILENO))
		return usage("a capture is nothing for a terminal: -o FILE, or a pipe to tshark -r -");
	return TTP_OK;
}

int pcap_main(int argc, char **argv)
{
	struct pcap p = { .feed.groups = FEED_STATE | FEED_SEGMENT };
	const struct opt opts[] = {
		OPT_WORD('r', "read", "FILE", &p.feed.recording,
			 "the recording; - is standard input"),
		OPT_WORD('o', "output", "FILE", &p.output,
			 "write the capture to FILE; without, to standard output"),
		OPT('N', "netns", "NETNS", option_one_netns, &p.ns,
		    "as seen in this network namespace of the recording, and not at both ends",
		    .wants = NETNS_WANTS),
		OPT_SET('T', "ttp", &p.ttp, "as IP protocol 253, as on the wire, and not as TCP"),
		OPT_WORD(0, "join", "FILE", &p.join,
			 "the other way: of two captures of TCP, one of each end, or of one alone, "
			 "make a recording; of two recordings of two machines make one"),
		OPT_NOT('w', "the capture is written by -o FILE"),
		OPT_NOT('p', "a port is a filter: ttp pcap -r FILE port 80"),
		OPT_END
	};
	const struct command command = {
		.name = "pcap",
		.synopsis = "[OPTION]... -r RECORDING [-o FILE] [FILTER]\n"
			    "--join CAPTURE [CAPTURE [FILTER]] [-o FILE]\n"
			    "--join RECORDING RECORDING [FILTER] [-o FILE]",
		.about = "Write a recording as a capture (pcapng) for Wireshark, with what it says "
			 "of states and causes as comments.  A segment of which both ends are "
			 "recorded is there once, as it left.",
		.opts = opts,
		.more = "FILTER, in one argument or several:\n" FILTER_HELP,
		.words = FILTER_WORDS,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (p.output && !strcmp(p.output, "-"))
		p.output = NULL;
	if (p.join)
		return join(&p, argv + optind, argc - optind);
	if (filter_parse("pcap", argv + optind, argc - optind, NULL, &p.filter) || check(&p))
		return TTP_USAGE;
	return run(&p);
}
