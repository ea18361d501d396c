/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which sockets or events to print: the filter language of ss(8).
 */
#ifndef TTP_FILTER_H
#define TTP_FILTER_H

#include <stdbool.h>

#include <linux/ttp_netlink.h>

#include "read/nl.h"

struct event;
struct filter;

#define FILTER_HELP \
"  sport PORT, dport PORT   the local, the peer's port, :80 or :http, :80-90 for\n" \
"                           a range; before PORT may stand = != < > <= >=\n" \
"  src ADDR, dst ADDR       the local, the peer's address, ADDR[/PREFIX][:PORT];\n" \
"                           before ADDR may stand = or !=\n" \
"  port PORT, host ADDR     either end's, as in tcpdump\n" \
"  not ..., ... and ..., ... or ..., (...)\n" \
"                           what has nothing between it has \"and\"\n"

#define STATE_WORDS	"established syn-sent syn-rcvd fin-wait-1 fin-wait-2 time-wait closed "	\
			"close-wait last-ack listening closing all connected synchronized ending "	\
			"bucket big unconnected"
#define FILTER_WORDS	"sport dport port src dst host and or not"

/* Which states to show: one bit for each. */
#define STATE_BIT(state)	(1u << (state))
#define STATES_ALL		0xffeu
#define STATES_CONNECTED	(STATES_ALL & ~STATE_BIT(TTP_STATE_LISTEN) & \
				 ~STATE_BIT(TTP_STATE_CLOSED))

struct filter_states {
	unsigned int shown;	/* STATE_BIT(TTP_STATE_*) */
	bool given;		/* by the filter: the next one adds to it */
};

int filter_parse(const char *command, char **words, int n, struct filter_states *states,
		 const struct filter **filter);
unsigned int filter_ports(const struct filter *f, struct nl_ports ports[NL_PORTS_MAX]);
bool filter_matches(const struct filter *filter, const struct event *ev);

#endif
