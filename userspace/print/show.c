// SPDX-License-Identifier: GPL-2.0
/*
 * ttp show: the sockets, in the columns of ss(8) and with its letters.  Called by
 * main().  Next: dump.c, filter.c.
 */
#include <getopt.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>
#include <linux/sock_diag.h>

#include "base/base.h"
#include "base/options.h"
#include "base/port.h"
#include "base/table.h"
#include "print/dump.h"
#include "print/filter.h"
#include "print/lab.h"
#include "print/print.h"
#include "print/queues.h"
#include "print/users.h"
#include "read/event.h"
#include "read/nl.h"

#define NOT_TTP	"ttp show lists TTP's sockets; ss(8) lists the others"

struct victim {
	const char *ns;
	uint64_t id;
};

struct show {
	struct dump dump;
	struct filter_states states;
	const struct filter *filter;
	bool timers;
	bool extended;
	bool memory;
	bool processes;
	bool info;
	bool queues;
	bool failed;			/* one that was asked for was not read */
	bool numeric;
	bool resolve;
	bool no_header;
	bool one_line;
	bool summary;
	bool kill;
	bool datagrams;
	bool four, six;			/* of one family only */
	uint32_t parts;			/* of each socket, that are asked for */
	struct victim *victims;		/* those that are shown, with kill */
	size_t n_victims;
	unsigned int count[32];		/* sockets by state: for the summary */
};

static bool matches(const struct dump *dump, const struct event *ev)
{
	const struct show *show = (const struct show *)dump;

	if ((show->four && ev->who.saddr.len == 16) || (show->six && ev->who.saddr.len == 4))
		return false;
	if (show->datagrams)
		return filter_matches(show->filter, ev);
	return (ev->state.now >= 32 || show->states.shown & STATE_BIT(ev->state.now)) &&
	       filter_matches(show->filter, ev);
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

/* As in ss(8). */
static void memory_text(const struct event *ev, char *line, size_t size)
{
	const uint32_t *m = ev->memory.meminfo;

	line[0] = '\0';
	add(line, size, ev, TTP_A_SKMEMINFO,
	    "skmem:(r%u,rb%u,t%u,tb%u,f%u,w%u,o%u,bl%u,d%u)", m[SK_MEMINFO_RMEM_ALLOC],
	    m[SK_MEMINFO_RCVBUF], m[SK_MEMINFO_WMEM_ALLOC], m[SK_MEMINFO_SNDBUF],
	    m[SK_MEMINFO_FWD_ALLOC], m[SK_MEMINFO_WMEM_QUEUED], m[SK_MEMINFO_OPTMEM],
	    m[SK_MEMINFO_BACKLOG], m[SK_MEMINFO_DROPS]);
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
	if (ev->cong.ssthresh < SSTHRESH_INFINITE)
		add(line, size, ev, TTP_A_SSTHRESH, "ssthresh:%u", ev->cong.ssthresh);
	else
		add(line, size, ev, TTP_A_SSTHRESH, "ssthresh:inf");
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

/* In the place of the address and of the port their names, as ss has it. */
static const char *endpoint(const struct show *show, const char *ns, const struct address *addr,
			    unsigned int port, char *text, size_t size)
{
	const char *service = show->numeric ? NULL : port_name(ns, port);
	char host[NI_MAXHOST], number[64];
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	static const uint8_t any[16];

	event_endpoint(addr, port, number);
	memcpy(text, number, strlen(number) + 1);
	if (show->resolve && addr->len && memcmp(addr->bytes, any, addr->len)) {
		memcpy(&sin.sin_addr, addr->bytes, 4);
		memcpy(&sin6.sin6_addr, addr->bytes, 16);
		if (!(addr->len == 4 ?
		      getnameinfo((struct sockaddr *)&sin, sizeof(sin), host, sizeof(host), NULL,
				  0, NI_NAMEREQD) :
		      getnameinfo((struct sockaddr *)&sin6, sizeof(sin6), host, sizeof(host), NULL,
				  0, NI_NAMEREQD))) {
			event_clean_string(host);
			snprintf(text, size, "%s%s", host, strrchr(number, ':'));
		}
	}
	if (service)
		snprintf(strrchr(text, ':'), size - (strrchr(text, ':') - text), ":%s", service);
	return text;
}

/* What is below the line, or with -O at its end. */
static void below_text(const struct show *show, const struct event *ev, char *line, size_t size)
{
	size_t used;

	line[0] = '\0';
	if (show->memory)
		memory_text(ev, line, size);
	used = strlen(line);
	if (!show->info)
		return;
	if (used)
		line[used++] = ' ';
	info_text(ev, line + used, size - used);
}

/* Lines of timers and queues, in a buffer that is used again. */
static const char *queues_of(struct show *show, const struct event *ev)
{
	static char text[32768];

	if (queues_read(ev)) {
		show->failed = true;
		return "";
	}
	queues_text(text, sizeof(text));
	return text;
}

static void more(struct dump *dump, const struct event *ev, struct json_object *obj)
{
	struct show *show = (struct show *)dump;

	if (queues_read(ev))
		show->failed = true;
	else
		queues_json(obj);
}

/* A datagram socket has no state of RFC 9293: ss's words. */
static const char *state_text(const struct show *show, const struct event *ev)
{
	if (!show->datagrams)
		return event_word(FIELD_STATE, ev->state.now);
	return ev->state.now == TTP_STATE_ESTABLISHED ? "ESTAB" : "UNCONN";
}

static void row(struct dump *dump, const struct event *ev)
{
	struct show *show = (struct show *)dump;
	char local[NI_MAXHOST + 64], peer[NI_MAXHOST + 64];
	char recvq[DECIMAL_SIZE], sendq[DECIMAL_SIZE];
	char timer[80] = "", extended[80] = "", users[1024], info[1200];

	users[0] = '\0';
	if (show->kill && ev->who.id) {
		show->victims = grow(show->victims, show->n_victims, sizeof(*show->victims));
		show->victims[show->n_victims++] = (struct victim){ ev->ns, ev->who.id };
	}
	if (show->summary) {
		show->count[ev->state.now % 32]++;
		return;
	}
	put_decimal(recvq, show->datagrams ? ev->memory.meminfo[SK_MEMINFO_RMEM_ALLOC] :
					     ev->queue.receive);
	put_decimal(sendq, show->datagrams ? ev->memory.meminfo[SK_MEMINFO_WMEM_ALLOC] :
					     ev->queue.send);
	if (show->timers)
		timer_text(ev, timer, sizeof(timer));
	if (show->extended)
		extended_text(ev, extended, sizeof(extended));
	if (show->processes)
		users_text(ev->who.inode, users, sizeof(users));
	below_text(show, ev, info, sizeof(info));
	table_row(dump->table, dump_ns(dump, ev->ns),
		  state_text(show, ev), recvq, sendq,
		  endpoint(show, ev->ns, &ev->who.saddr, ev->who.sport, local, sizeof(local)),
		  endpoint(show, ev->ns, &ev->who.daddr, ev->who.dport, peer, sizeof(peer)),
		  users, timer, extended, show->one_line ? info : "", NULL);
	if (info[0] && !show->one_line)
		table_note(dump->table, info);
	if (show->queues)
		table_note(dump->table, queues_of(show, ev));
}

/* Return: exit status. */
static int kill_all(const struct show *show)
{
	const char *ns = NULL;
	struct nl *nl = NULL;
	int status = TTP_OK;

	for (size_t i = 0; i < show->n_victims; i++) {
		if (nl && ns != show->victims[i].ns) {
			nl_close(nl);
			nl = NULL;
		}
		ns = show->victims[i].ns;
		if (!nl)
			nl = nl_open(ns);
		if (!nl)
			return TTP_FAILED;
		status |= nl_destroy(nl, show->victims[i].id);
	}
	if (nl)
		nl_close(nl);
	return status;
}

/* How many are in which state: all of them, listeners too. */
static int print_summary(struct show *show)
{
	struct json_object *states = json_object_new_object();
	unsigned int total = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(show->count); i++) {
		total += show->count[i];
		if (show->count[i])
			json_object_object_add(states, event_word(FIELD_STATE, i),
					       json_object_new_int(show->count[i]));
	}
	if (show->dump.json) {
		print_json(states);
		return TTP_OK;
	}
	printf("Total: %u\n", total);
	json_object_object_foreach(states, state, count)
		printf("  %-12s %d\n", state, json_object_get_int(count));
	json_object_put(states);
	return TTP_OK;
}

static int option_states(const struct opt *opt, const char *text)
{
	struct filter_states *states = opt->to;

	states->shown = opt->letter == 'l' ? STATE_BIT(TTP_STATE_LISTEN) :
			opt->letter == 'B' ? STATE_BIT(TTP_STATE_CLOSED) :
			STATES_CONNECTED | STATE_BIT(TTP_STATE_LISTEN);
	return 0;
}

/* ss's choice among protocols and families: there is one here. */
static int option_ours(const struct opt *opt, const char *text)
{
	return 0;
}

/* What of each socket the kernel is to send, and where it goes */
static void ask_for(struct show *show)
{
	struct dump *dump = &show->dump;

	dump->quiet = show->summary;
	dump->flag = !show->datagrams && show->states.shown & STATE_BIT(TTP_STATE_CLOSED) ?
		     TTP_A_UNCONNECTED : 0;
	dump->more = show->queues ? more : NULL;
	show->parts = (show->info || show->queues ? TTP_PART_TCB : 0) | (show->memory ? TTP_PART_MEMORY : 0);
	dump->parts = show->datagrams ? NULL : &show->parts;
	dump->table = table_new("llrrllllll");
	if (!show->no_header)
		table_row(dump->table, dump_ns(dump, "Netns"), "State", "Recv-Q",
			  "Send-Q", "Local Address:Port", "Peer Address:Port",
			  show->processes ? "Process" : "", "", "", "", NULL);
}

/* Return: exit status. */
static int run(struct show *show)
{
	int status;

	if (show->processes)
		users_read();
	ask_for(show);
	status = dump_run(&show->dump, show->datagrams ? TTP_CMD_DATAGRAM_GET : TTP_CMD_SOCK_GET);
	queues_end();
	if (!status && show->failed)
		status = TTP_FAILED;
	if (!status && show->summary)
		status = print_summary(show);
	if (!status && !show->dump.json && !show->no_header)
		lab_warn(&show->dump.ns);
	return status || !show->kill ? status : kill_all(show);
}

int show_main(int argc, char **argv)
{
	struct show show = {
		.dump.row = row, .dump.wanted = matches, .states.shown = STATES_CONNECTED,
	};
	struct dump *dump = &show.dump;
	const struct opt opts[] = {
		OPT_NETNS(&dump->ns),
		OPT('a', "all", NULL, option_states, &show.states, "listeners too"),
		OPT('l', "listening", NULL, option_states, &show.states, "listeners only"),
		OPT('B', "bound-inactive", NULL, option_states, &show.states,
		    "only sockets that neither are connected nor listen"),
		OPT_SET('n', "numeric", &show.numeric, "no names of services"),
		OPT_SET('r', "resolve", &show.resolve, "names of hosts"),
		OPT_SET('o', "options", &show.timers,
			"the timer that expires next, and retransmissions"),
		OPT_SET('e', "extended", &show.extended,
			"the connection's number, owner, inode"),
		OPT_SET('p', "processes", &show.processes, "which processes have it open"),
		OPT_SET('m', "memory", &show.memory, "what memory it takes"),
		OPT_SET('i', "info", &show.info,
			"congestion control, windows, round-trip times, sequence variables, counts"),
		OPT_SET('q', "queues", &show.queues,
			"every timer that runs, and what the queues hold: what of it is sent, lost, "
			"SACKed, out of order"),
		OPT_SET('u', "datagrams", &show.datagrams, "datagram sockets that have a port, instead"),
		OPT_SET('s', "summary", &show.summary, "how many are in each state"),
		OPT_SET('K', "kill", &show.kill,
			"end each that is shown, as by ABORT (RFC 9293 3.10.5): its program gets "
			"ECONNABORTED"),
		OPT_SET('O', "oneline", &show.one_line, "-m and -i in the same line"),
		OPT_SET('H', "no-header", &show.no_header, "no first line"),
		OPT_SET('j', "json", &dump->json, "everything, as a JSON array"),
		OPT('t', "tcp", NULL, option_ours, NULL, NULL),
		OPT_SET('4', "ipv4", &show.four, "only what uses IPv4"),
		OPT_SET('6', "ipv6", &show.six, "only what uses IPv6"),
		OPT_NOT('x', NOT_TTP), OPT_NOT('w', NOT_TTP),
		OPT_NOT('d', NOT_TTP), OPT_NOT('S', NOT_TTP), OPT_NOT('0', NOT_TTP),
		OPT_NOT('M', NOT_TTP),
		OPT_NOT('f', "all that is shown is TTP's: -4 and -6 say over which IP"),
		OPT_NOT('A', "all that is shown is TTP's"),
		OPT_NOT('F', "a filter stands on the command line"),
		OPT_END
	};
	const struct command command = {
		.name = "show",
		.synopsis = "[OPTION]... [FILTER]",
		.about = "List the sockets of the network namespace, with the letters and filters of "
			 "ss(8): all but listeners, unless options or filter say otherwise.",
		.opts = opts,
		.more = "FILTER, in one argument or several:\n"
			"  state NAME, exclude NAME such as established, time-wait, or a group: all,\n"
			"                           listening, connected (not listen), synchronized\n"
			"                           (nor syn-sent, syn-rcvd), ending, bucket, big;\n"
			"                           they stand outside \"or\", \"not\" and parentheses\n"
			FILTER_HELP,
		.words = "state exclude " STATE_WORDS " " FILTER_WORDS,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (show.datagrams && (show.kill || show.queues || show.info || show.timers))
		return usage("-u lists datagram sockets, which have no connection: -K, -q, -i and -o are for connections");
	if (show.kill && (dump->json || show.summary))
		return usage("-K ends what is listed: it cannot be given together with -j or -s");
	if (show.summary)
		show.states.shown = STATES_CONNECTED | STATE_BIT(TTP_STATE_LISTEN);
	if (filter_parse("show", argv + optind, argc - optind, &show.states, &show.filter))
		return TTP_USAGE;
	return run(&show);
}
