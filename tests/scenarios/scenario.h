/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scenario.h - plays a scenario of the page (page/scenario.c explains the lines) with the
 * kernel: hosts A and B are network namespaces, and their users are this program.
 *
 *	scenario.c	the lines, and when they are carried out
 *	calls.c		the users' sockets
 *	forge.c		segments of an attacker
 *
 * What is wrong ends the program with a line on standard error.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#define HOSTS		2
#define PORT		7	/* of listeners that say no other */
#define CONNECTIONS	16	/* of a host */
#define SENT_MAX	(1 << 20)

/* A connection that its user has not closed, perhaps a dead one. */
struct connection {
	int fd;			/* -1: closed */
	uint16_t port, peer_port;
	uint32_t to_write;	/* bytes of send() that the send buffer has not taken yet */
	bool then_shut, then_close;	/* when all is written */
	bool ended;		/* no data will come any more */
	bool broken;		/* it has failed, and nothing can be written */
};

struct host {
	const char *netns;
	int ns;			/* its namespace's descriptor */
	const char *device;
	const char *address;
	uint32_t isn;
	bool one_isn;		/* it is known where its connection begins */
	unsigned int mss, rcvbuf, sndbuf, port;
	double delay_ms, rate_mbit;
	bool line_changed;
	bool nodelay, keepalive, reads;
	char cc[16];
	int listener;
	struct connection connection[CONNECTIONS];
	int n;			/* so many have been there */
};

extern struct host hosts[HOSTS];

/* scenario.c */
void wrong(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void enter(const struct host *h);
uint64_t number(const char *word, uint64_t least, uint64_t most);

/* calls.c */
bool call(struct host *h, char **words, int n);
void serve(struct host *h);
int wanted(const struct host *h, struct pollfd *fds);

/* forge.c */
void forge(struct host *to, char **words, int n);
void flood(struct host *to, char **words, int n);

#endif
