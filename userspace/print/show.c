// SPDX-License-Identifier: GPL-2.0
/*
 * ttp show: the sockets, in the columns of ss(8).  Called by main().  Next:
 * dump.c.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/options.h"
#include "base/table.h"
#include "print/dump.h"
#include "print/print.h"
#include "read/event.h"

static const char help_text[] =
"usage: ttp show [OPTION]... [FILTER]...\n"
"List the sockets of the network namespace: all but listeners, unless options or\n"
"filter say otherwise.\n"
"\n"
"  -n, --netns NAME  of this namespace; several may be given\n"
"  -a, --all         listeners too\n"
"  -l, --listening   listeners only\n"
"  -o, --timers      the timer that expires next, and retransmissions\n"
"  -e, --extended    the connection's number, owner, inode\n"
"  -i, --info        congestion control, windows, round-trip times, sequence\n"
"                    variables, counts\n"
"  -j, --json        everything, as a JSON array\n"
"  -H, --no-header   no first line\n"
"  -h, --help        this\n"
"\n"
"filters, all of which must hold:\n"
"  state NAME        such as established, time-wait, or a group: all, listening,\n"
"                    connected (not listen), synchronized (nor syn-sent, syn-rcvd),\n"
"                    ending\n"
"  exclude NAME      not this state or group\n"
"  sport PORT, dport PORT, src ADDR, dst ADDR\n";

#define BIT(state)	(1u << (state))
#define ALL		0xfffu
#define CONNECTED	(ALL & ~BIT(TTP_STATE_LISTEN))
#define SYNCHRONIZED	(CONNECTED & ~(BIT(TTP_STATE_SYN_SENT) | \
				       BIT(TTP_STATE_SYN_RCVD) | \
				       BIT(TTP_STATE_CLOSED)))
#define ENDING		(SYNCHRONIZED & ~BIT(TTP_STATE_ESTABLISHED))

struct show {
	struct dump dump;
	unsigned int states;	/* BIT(TTP_STATE_*) to show */
	bool state_given;	/* by a filter: the next one adds to it */
	unsigned long sport;	/* 0: any */
	unsigned long dport;
	struct address src;	/* len 0: any */
	struct address dst;
	bool timers;
	bool extended;
	bool info;
	bool no_header;
};

static bool matches(const struct dump *dump, const struct event *ev)
{
	const struct show *show = (const struct show *)dump;

	if (ev->state.now < 32 && !(show->states & BIT(ev->state.now)))
		return false;
	if (show->sport && ev->who.sport != show->sport)
		return false;
	if (show->dport && ev->who.dport != show->dport)
		return false;
	if (show->src.len && memcmp(&show->src, &ev->who.saddr, sizeof(show->src)))
		return false;
	return !show->dst.len ||
	       !memcmp(&show->dst, &ev->who.daddr, sizeof(show->dst));
}

/* Append to @line when the kernel sent @attr. */
static void add(char *line, size_t size, const struct event *ev,
		unsigned int attr, const char *fmt, ...)
{
	size_t used = strlen(line);
	va_list args;

	if (!event_has(ev, attr) || used + 2 >= size)
		return;
	if (used)
		line[used++] = ' ';
	va_start(args, fmt);
	vsnprintf(line + used, size - used, fmt, args);
	va_end(args);
}

static void timer_text(const struct event *ev, char *line, size_t size)
{
	line[0] = '\0';
	if (ev->timer.kind == TTP_TIMER_NONE)
		return;
	add(line, size, ev, TTP_A_TIMER, "timer:(%s,%u.%03us,%u)",
	    event_word(FIELD_TIMER, ev->timer.kind), ev->timer.ms / 1000,
	    ev->timer.ms % 1000, ev->loss.retransmits);
}

static void extended_text(const struct event *ev, char *line, size_t size)
{
	line[0] = '\0';
	add(line, size, ev, TTP_A_ID, "id:%" PRIu64, ev->who.id);
	add(line, size, ev, TTP_A_UID, "uid:%u", ev->who.uid);
	add(line, size, ev, TTP_A_INODE, "ino:%u", ev->who.inode);
}

static void info_listener(const struct event *ev, char *line, size_t size)
{
	add(line, size, ev, TTP_A_RQUEUE, "accept-queue:%u", ev->queue.receive);
	add(line, size, ev, TTP_A_WQUEUE, "backlog:%u", ev->queue.send);
	add(line, size, ev, TTP_A_SYNQ, "handshakes:%u", ev->queue.handshakes);
}

/* Sequence numbers count from the initial one, as in the ladder. */
static void info_text(const struct event *ev, char *line, size_t size)
{
	static const char *const opts[] = { "ts", "sack", "wscale", "ecn" };

	line[0] = '\0';
	if (ev->state.now == TTP_STATE_LISTEN) {
		info_listener(ev, line, size);
		return;
	}
	add(line, size, ev, TTP_A_CONGESTION, "%s", ev->cong.name);
	add(line, size, ev, TTP_A_CONGESTION_INFO, "%s:(%s)", ev->cong.name, ev->cong.info);
	add(line, size, ev, TTP_A_PACING_RATE, "pacing:%.0fbps", 8.0 * ev->cong.pacing_rate);
	if (strcmp(ev->loss.arq, "selective-repeat"))
		add(line, size, ev, TTP_A_ARQ, "%s", ev->loss.arq);
	for (unsigned int i = 0; i < ARRAY_SIZE(opts); i++)
		if (ev->options >> i & 1)
			add(line, size, ev, TTP_A_OPTIONS, "%s", opts[i]);
	add(line, size, ev, TTP_A_SND_WSCALE, "wscale:%u,%u", ev->snd.wscale,
	    ev->rcv.wscale);
	add(line, size, ev, TTP_A_MSS, "mss:%u", ev->snd.mss);
	add(line, size, ev, TTP_A_CWND, "cwnd:%u", ev->cong.cwnd);
	add(line, size, ev, TTP_A_SSTHRESH, "ssthresh:%u", ev->cong.ssthresh);
	add(line, size, ev, TTP_A_SRTT_US, "srtt:%.3fms", ev->rtt.srtt_us / 1e3);
	add(line, size, ev, TTP_A_RTTVAR_US, "rttvar:%.3fms",
	    ev->rtt.rttvar_us / 1e3);
	add(line, size, ev, TTP_A_RTO_US, "rto:%.0fms", ev->rtt.rto_us / 1e3);
	if (ev->loss.backoff)
		add(line, size, ev, TTP_A_BACKOFF, "backoff:%u", ev->loss.backoff);
	add(line, size, ev, TTP_A_SND_UNA, "snd.una:%u", ev->snd.una - ev->snd.iss);
	add(line, size, ev, TTP_A_SND_NXT, "snd.nxt:%u", ev->snd.nxt - ev->snd.iss);
	add(line, size, ev, TTP_A_SND_WND, "snd.wnd:%u", ev->snd.wnd);
	if (event_has(ev, TTP_A_IRS))
		add(line, size, ev, TTP_A_RCV_NXT, "rcv.nxt:%u",
		    ev->rcv.nxt - ev->rcv.irs);
	add(line, size, ev, TTP_A_RCV_WND, "rcv.wnd:%u", ev->rcv.wnd);
	add(line, size, ev, TTP_A_IN_FLIGHT, "in-flight:%u", ev->cong.in_flight);
	if (ev->queue.out_of_order)
		add(line, size, ev, TTP_A_OFO_QUEUE, "out-of-order:%u",
		    ev->queue.out_of_order);
	add(line, size, ev, TTP_A_BYTES_SENT, "sent:%" PRIu64, ev->total.bytes_sent);
	add(line, size, ev, TTP_A_BYTES_ACKED, "acked:%" PRIu64,
	    ev->total.bytes_acked);
	add(line, size, ev, TTP_A_BYTES_RECEIVED, "received:%" PRIu64,
	    ev->total.bytes_received);
	add(line, size, ev, TTP_A_SEGS_OUT, "segs:%u out,%u in", ev->total.segs_out,
	    ev->total.segs_in);
	add(line, size, ev, TTP_A_TOTAL_RETRANS, "retransmitted:%u",
	    ev->loss.total);
}

static void row(struct dump *dump, const struct event *ev)
{
	const struct show *show = (const struct show *)dump;
	char local[64], peer[64], recvq[16], sendq[16];
	char timer[80], extended[80], info[1024];

	snprintf(recvq, sizeof(recvq), "%u", ev->queue.receive);
	snprintf(sendq, sizeof(sendq), "%u", ev->queue.send);
	timer_text(ev, timer, sizeof(timer));
	extended_text(ev, extended, sizeof(extended));
	table_row(dump->table, dump_ns(dump, ev->ns),
		  event_word(FIELD_STATE, ev->state.now), recvq, sendq,
		  event_endpoint(&ev->who.saddr, ev->who.sport, local),
		  event_endpoint(&ev->who.daddr, ev->who.dport, peer),
		  show->timers ? timer : "", show->extended ? extended : "",
		  NULL);
	if (!show->info)
		return;
	info_text(ev, info, sizeof(info));
	table_note(dump->table, info);
}

/* Return: the states that WORD stands for, 0 when it stands for none. */
static unsigned int states_of(const char *word)
{
	char name[32];
	int value;

	snprintf(name, sizeof(name), "%s", word);
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	value = event_word_value(FIELD_STATE, name);
	if (value >= 0)
		return BIT(value);
	if (!strcmp(name, "all"))
		return ALL;
	if (!strcmp(name, "listening"))
		return BIT(TTP_STATE_LISTEN);
	if (!strcmp(name, "connected"))
		return CONNECTED;
	if (!strcmp(name, "synchronized"))
		return SYNCHRONIZED;
	if (!strcmp(name, "ending"))
		return ENDING;
	return 0;
}

static int parse_filter(struct show *show, char **word)
{
	const char *key = word[0], *value = word[1];
	struct address *addr = &show->src;
	unsigned int states;

	if (!value)
		return usage("'%s' wants a value (ttp show --help)", key);
	if (!strcmp(key, "state") || !strcmp(key, "exclude")) {
		states = states_of(value);
		if (!states)
			return usage("no state '%s': names are such as established and time-wait",
				     value);
		if (key[0] == 'e')
			show->states &= ~states;
		else if (!show->state_given)
			show->states = states;
		else
			show->states |= states;
		if (key[0] == 's')
			show->state_given = true;
		return TTP_OK;
	}
	if (!strcmp(key, "sport") || !strcmp(key, "dport")) {
		if (value[0] == ':')
			value++;
		if (parse_number(value, 65535, key[0] == 's' ? &show->sport :
							       &show->dport))
			return usage("no port '%s'", value);
		return TTP_OK;
	}
	if (!strcmp(key, "dst"))
		addr = &show->dst;
	else if (strcmp(key, "src"))
		return usage("no filter '%s' (ttp show --help)", key);
	addr->len = strchr(value, ':') ? 16 : 4;
	if (inet_pton(addr->len == 16 ? AF_INET6 : AF_INET, value,
		      addr->bytes) != 1)
		return usage("no address '%s'", value);
	return TTP_OK;
}

static int option_states(const struct opt *opt, const char *text)
{
	*(unsigned int *)opt->to = opt->letter == 'a' ? ALL : BIT(TTP_STATE_LISTEN);
	return 0;
}

int show_main(int argc, char **argv)
{
	struct show show = {
		.dump.row = row, .dump.wanted = matches, .states = CONNECTED,
	};
	struct dump *dump = &show.dump;
	const struct opt opts[] = {
		OPT_NETNS(&dump->ns),
		OPT('a', "all", false, option_states, &show.states),
		OPT('l', "listening", false, option_states, &show.states),
		OPT_SET('o', "timers", &show.timers),
		OPT_SET('e', "extended", &show.extended),
		OPT_SET('i', "info", &show.info),
		OPT_SET('j', "json", &dump->json),
		OPT_SET('H', "no-header", &show.no_header),
		{ 0 }
	};
	int status = options_parse(argc, argv, opts, help_text);

	if (status >= 0)
		return status;
	for (; optind < argc; optind += 2) {
		status = parse_filter(&show, &argv[optind]);
		if (status)
			return status;
	}
	dump->table = table_new("llrrllll");
	if (!show.no_header)
		table_row(dump->table, dump_ns(dump, "Netns"), "State", "Recv-Q",
			  "Send-Q", "Local Address:Port", "Peer Address:Port", "",
			  "", NULL);
	return dump_run(dump, TTP_CMD_SOCK_GET);
}
