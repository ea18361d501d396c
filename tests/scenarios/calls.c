// SPDX-License-Identifier: GPL-2.0
/*
 * calls.c - the users of both hosts, who are as simple as the page's (page/host.c): each
 * reads at once, unless "reading off", and all calls are for the newest connection that its
 * user has not closed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/ttp.h>

#include "scenario.h"

static void set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		wrong("setsockopt: %m");
}

static int new_socket(const struct host *h, uint16_t port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd;

	enter(h);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TTP);
	if (fd < 0)
		wrong("socket: %m");
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set(fd, SOL_SOCKET, SO_RCVBUF, h->rcvbuf);
	set(fd, SOL_SOCKET, SO_SNDBUF, h->sndbuf);
	set(fd, SOL_SOCKET, SO_KEEPALIVE, h->keepalive);
	set(fd, IPPROTO_TTP, TTP_NODELAY, h->nodelay);
	if (setsockopt(fd, IPPROTO_TTP, TTP_CONGESTION, h->cc, strlen(h->cc)))
		wrong("congestion control %s: %m", h->cc);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)))
		wrong("bind: %m");
	return fd;
}

static struct connection *new_connection(struct host *h, int fd, uint16_t port, uint16_t peer_port)
{
	struct connection *c = &h->connection[h->n++];

	if (h->n > CONNECTIONS)
		wrong("too many connections");
	*c = (struct connection){ .fd = fd, .port = port, .peer_port = peer_port };
	return c;
}

/* The newest connection that its user has not closed, or NULL */
static struct connection *current(struct host *h)
{
	int i;

	for (i = h->n - 1; i >= 0; i--)
		if (h->connection[i].fd >= 0 && !h->connection[i].then_close)
			return &h->connection[i];
	return NULL;
}

/* ---- what a user does by himself ---- */

static void read_all(struct connection *c)
{
	static char buf[1 << 16];
	ssize_t n;

	do
		n = recv(c->fd, buf, sizeof(buf), 0);
	while (n > 0);
	c->ended = !n || errno != EAGAIN;
	c->broken |= n < 0 && errno != EAGAIN && errno != ENOTCONN;
}

static void write_more(struct connection *c)
{
	static const char text[SENT_MAX];
	ssize_t n;

	while (c->to_write && !c->broken) {
		n = send(c->fd, text, c->to_write, MSG_NOSIGNAL);
		if (n > 0)
			c->to_write -= n;
		else if (errno == EAGAIN || errno == ENOTCONN)
			return;
		else
			c->broken = true;
	}
}

static void program(struct host *h, struct connection *c)
{
	if (h->reads && !c->ended)
		read_all(c);
	write_more(c);
	if (c->to_write && !c->broken)
		return;
	if (c->then_shut)
		shutdown(c->fd, SHUT_WR);
	c->then_shut = false;
	if (!c->then_close)
		return;
	close(c->fd);
	c->fd = -1;
}

static void take(struct host *h)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(h->listener, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		new_connection(h, fd, PORT, ntohs(peer.sin_port));
	else if (errno != EAGAIN)
		wrong("accept: %m");
}

/* Something has happened, perhaps to a socket of this host. */
void serve(struct host *h)
{
	int i;

	if (h->listener >= 0)
		take(h);
	for (i = 0; i < h->n; i++)
		if (h->connection[i].fd >= 0)
			program(h, &h->connection[i]);
}

/* What this host's user waits for.  Return: how many there are */
int wanted(const struct host *h, struct pollfd *fds)
{
	const struct connection *c;
	int n = 0, i;

	if (h->listener >= 0)
		fds[n++] = (struct pollfd){ .fd = h->listener, .events = POLLIN };
	for (i = 0; i < h->n; i++) {
		c = &h->connection[i];
		/* who waits for nothing would be told of the end again and again */
		if (c->fd < 0 || c->broken || (c->ended && !c->to_write))
			continue;
		fds[n] = (struct pollfd){ .fd = c->fd };
		if (h->reads && !c->ended)
			fds[n].events |= POLLIN;
		if (c->to_write)
			fds[n].events |= POLLOUT;
		n += !!fds[n].events;
	}
	return n;
}

/* ---- the calls ---- */

static void call_listen(struct host *h, uint16_t port)
{
	if (port != PORT || h->listener >= 0)
		wrong("one listener, at port %d", PORT);
	h->listener = new_socket(h, port);
	if (listen(h->listener, 128))
		wrong("listen: %m");
}

static void call_connect(struct host *h, uint16_t port)
{
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = new_socket(h, h->port);

	inet_pton(AF_INET, hosts[h == hosts].address, &peer.sin_addr);
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)) && errno != EINPROGRESS)
		wrong("connect: %m");
	new_connection(h, fd, h->port, port);
}

static void read_some(struct connection *c, uint32_t bytes)
{
	static char buf[SENT_MAX];

	if (recv(c->fd, buf, bytes, 0) < 0 && errno != EAGAIN)
		wrong("read: %m");
}

static void call_close(struct host *h, struct connection *c)
{
	if (c) {
		c->then_close = true;
		program(h, c);
		return;
	}
	if (h->listener < 0)
		wrong("close: this host's user has no connection");
	close(h->listener);
	h->listener = -1;
}

static void call_abort(struct connection *c)
{
	struct linger at_once = { .l_onoff = 1 };

	if (setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		wrong("SO_LINGER: %m");
	close(c->fd);
	c->fd = -1;
}

/* A call for a connection.  Return: false: there is none such */
static bool of_connection(struct host *h, struct connection *c, const char *name, const char *word)
{
	if (!strcmp(name, "send") && word) {
		c->to_write += number(word, 1, SENT_MAX);
		program(h, c);
	} else if (!strcmp(name, "read") && word) {
		read_some(c, number(word, 1, SENT_MAX));
	} else if (!strcmp(name, "shutdown")) {
		c->then_shut = true;
		program(h, c);
	} else if (!strcmp(name, "abort")) {
		call_abort(c);
	} else {
		return false;
	}
	return true;
}

/**
 * call - the user of a host calls
 * @h: the host
 * @words: the call's name, and what it is given
 * @n: how many words
 *
 * Return: false: there is no such call
 */
bool call(struct host *h, char **words, int n)
{
	const char *word = n > 1 ? words[1] : NULL;
	struct connection *c = current(h);

	if (!strcmp(words[0], "listen")) {
		call_listen(h, word ? number(word, 1, 65535) : PORT);
	} else if (!strcmp(words[0], "connect")) {
		call_connect(h, word ? number(word, 1, 65535) : PORT);
	} else if (!strcmp(words[0], "close")) {
		call_close(h, c);
	} else if (!strcmp(words[0], "reading") && word) {
		h->reads = !strcmp(word, "on");
		serve(h);
	} else {
		return c && of_connection(h, c, words[0], word);
	}
	return true;
}
