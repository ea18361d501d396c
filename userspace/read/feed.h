/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events one after the other, from namespaces or from a recording.
 */
#ifndef TTP_FEED_H
#define TTP_FEED_H

#include "base/netns.h"
#include "read/event.h"
#include "read/nl.h"

#define FEED_STATE	1
#define FEED_SEGMENT	2
#define FEED_CONG	4
#define FEED_TIMER	8
#define FEED_DATAGRAM	16

struct feed_opts {
	struct netns_list ns;
	unsigned int groups;	/* FEED_* */
	unsigned int n_ports;	/* of these ports only, as far as the kernel can; 0: of all */
	struct nl_ports ports[NL_PORTS_MAX];
	const char *recording;	/* read this file and no namespace */
	const char *capture;	/* is read beside it; NULL: none is */
	const char *ready;	/* file to make once subscribed */
	char **command;		/* run it once subscribed, end after it */
	double after_s;		/* so long after it, at most */
	bool until_closed;	/* end when each connection seen is CLOSED */
	/* Called when all that has come so far was given out; nonzero ends the feed. */
	int (*pause)(void *arg);
};

/* Return: nonzero to end the feed. */
typedef int (*feed_fn)(const struct event *ev, void *arg);

/* How many events are missing. */
struct feed_lost {
	uint64_t count;
	bool more;		/* by an unknown number */
};

/* recording.c */
int recording_run(const char *name, feed_fn fn, void *arg);

/* feed.c */
FILE *feed_output(const struct feed_opts *opts, const char *name);
FILE *feed_picture(const struct feed_opts *opts, const char *name);
int feed_picture_begin(FILE *out, const char *name);
void feed_count_lost(struct feed_lost *lost, const struct event *ev);
void feed_report_lost(const struct feed_lost *lost, const char *what_follows);
unsigned int feed_group(enum event_kind kind);
int feed_run(const struct feed_opts *opts, feed_fn fn, void *arg);

#endif
