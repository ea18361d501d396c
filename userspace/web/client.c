// SPDX-License-Identifier: GPL-2.0
/*
 * How long a client may take.  libmicrohttpd ends a connection on which nothing comes for
 * some seconds; one that sends a byte now and then would keep its place for ever, and when
 * all places are taken so, nobody else gets in.  So a whole request has a time, and its
 * answer, and both have less when no place is left.  A page that is fed the events has no
 * end: of those there are fewer than places.  Called by http.c and web.c.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "base/base.h"
#include "web/web.h"

#define REQUEST_S	10
#define REQUEST_FULL_S	1
#define ANSWER_S	60
#define ANSWER_FULL_S	10

struct client {
	struct client *next;
	int fd;
	enum client_step step;
	uint64_t since;		/* it is at this step */
	bool ended;
};

static struct client *clients;
static int count;

/* Context: a connection begins, with its socket.  Return: NULL without memory. */
struct client *client_new(int fd)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct client){ .next = clients, .fd = fd, .since = now_ns() };
	clients = c;
	count++;
	return c;
}

/* Context: the connection is closed; its socket is not yet. */
void client_end(struct client *c)
{
	struct client **at = &clients;

	if (!c)
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	count--;
	free(c);
}

/* Context: its request is whole, or its answer has been sent. */
void client_step(struct client *c, enum client_step step)
{
	if (!c)
		return;
	c->step = step;
	c->since = now_ns();
}

static bool is_late(const struct client *c, uint64_t now)
{
	bool full = count >= CLIENTS_MAX;
	uint64_t most_s = 0;

	if (c->step == CLIENT_ASKS)
		most_s = full ? REQUEST_FULL_S : REQUEST_S;
	if (c->step == CLIENT_IS_ANSWERED)
		most_s = full ? ANSWER_FULL_S : ANSWER_S;
	return most_s && now - c->since > most_s * 1000000000;
}

/* Ends those that take too long; libmicrohttpd then closes them. */
void client_look(void)
{
	uint64_t now = now_ns();

	for (struct client *c = clients; c; c = c->next) {
		if (c->ended || !is_late(c, now))
			continue;
		c->ended = true;
		shutdown(c->fd, SHUT_RDWR);
	}
}
