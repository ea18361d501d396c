// SPDX-License-Identifier: GPL-2.0
/*
 * The calls that make, name and end sockets.
 */
#include "calls.h"

void put_slot(int n, int fd)
{
	if (slot[n] >= 0)
		close(slot[n]);
	slot[n] = fd;
}

/* So that no call blocks for ever. */
void timeouts(int fd)
{
	struct timeval t = { BLOCK_MS / 1000, BLOCK_MS % 1000 * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

/* 8 is no flag: what else socket() knows is asked for then. */
void run_socket(const struct step *s, struct outcome *o)
{
	int fd = socket(over_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | s->arg[1], over_ttp ? IPPROTO_TTP : IPPROTO_TCP);

	returned(o, fd < 0 ? fd : 0);
	if (fd < 0)
		return;
	timeouts(fd);
	put_slot(s->arg[0], fd);
}

void run_bind(const struct step *s, struct outcome *o)
{
	union address a = address(s->arg[1]);

	returned(o, bind(slot[s->arg[0]], &a.any, address_len()));
}

void run_listen(const struct step *s, struct outcome *o)
{
	returned(o, listen(slot[s->arg[0]], s->arg[1]));
}

void run_connect(const struct step *s, struct outcome *o)
{
	union address a = address(s->arg[1]);

	returned(o, connect(slot[s->arg[0]], &a.any, address_len()));
}

void run_disconnect(const struct step *s, struct outcome *o)
{
	struct sockaddr a = { .sa_family = AF_UNSPEC };

	returned(o, connect(slot[s->arg[0]], &a, sizeof(a)));
}

/* A port that the kernel chose is one of many. */
static void address_tell(const union address *a, socklen_t len, char *to, size_t room)
{
	bool v6 = a->any.sa_family == AF_INET6;
	char host[INET6_ADDRSTRLEN];
	int port = ntohs(a->v4.sin_port);

	if (len < address_len())
		snprintf(to, room, "len %d", (int)len);
	else
		snprintf(to, room, "%s:%s len %d",
			 inet_ntop(a->any.sa_family, v6 ? (void *)&a->v6.sin6_addr : &a->v4.sin_addr,
				   host, sizeof(host)), !port ? "0" : port == 1000 ? "1000" : port == 1001 ? "1001" :
			 port == 1002 ? "1002" : "some", (int)len);
}

void run_accept(const struct step *s, struct outcome *o)
{
	union address a = { 0 };
	socklen_t len = address_len();
	char text[90] = "";
	int fd = accept4(slot[s->arg[0]], &a.any, &len, s->arg[2]);

	if (fd < 0) {
		returned(o, fd);
		return;
	}
	address_tell(&a, len, text, sizeof(text));
	returned_with(o, 0, "%s", text);
	timeouts(fd);
	put_slot(s->arg[1], fd);
}

void run_shutdown(const struct step *s, struct outcome *o)
{
	returned(o, shutdown(slot[s->arg[0]], s->arg[1]));
}

void run_close(const struct step *s, struct outcome *o)
{
	int fd = slot[s->arg[0]];

	slot[s->arg[0]] = -1;
	returned(o, close(fd));
}

/* close() that sends a RST */
void run_abort(const struct step *s, struct outcome *o)
{
	struct linger l = { .l_onoff = 1 };

	setsockopt(slot[s->arg[0]], SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	run_close(s, o);
}

void run_dup(const struct step *s, struct outcome *o)
{
	int fd = dup(slot[s->arg[0]]);

	returned(o, fd < 0 ? fd : 0);
	if (fd >= 0)
		put_slot(s->arg[1], fd);
}

static void ask_name(const struct step *s, struct outcome *o,
		     int (*ask)(int fd, struct sockaddr *a, socklen_t *len))
{
	union address a = { 0 };
	socklen_t room = asked_len(s->arg[1]), len = room;
	char text[70] = "";
	int ret = ask(slot[s->arg[0]], &a.any, &len);

	if (!ret)
		address_tell(&a, room < address_len() ? 0 : len, text, sizeof(text));
	returned_with(o, ret, "%s len %d", text, (int)len);
}

static int name_of(int fd, struct sockaddr *a, socklen_t *len)
{
	return getsockname(fd, a, len);
}

static int peer_of(int fd, struct sockaddr *a, socklen_t *len)
{
	return getpeername(fd, a, len);
}

void run_getsockname(const struct step *s, struct outcome *o)
{
	ask_name(s, o, name_of);
}

void run_getpeername(const struct step *s, struct outcome *o)
{
	ask_name(s, o, peer_of);
}

static void set_flag(const struct step *s, struct outcome *o, int flag)
{
	int flags = fcntl(slot[s->arg[0]], F_GETFL);

	if (flags >= 0)
		flags = fcntl(slot[s->arg[0]], F_SETFL, s->arg[1] ? flags | flag : flags & ~flag);
	returned(o, flags);
}

void run_nonblock(const struct step *s, struct outcome *o)
{
	set_flag(s, o, O_NONBLOCK);
}

/* SIGIO and SIGURG for what happens */
void run_async(const struct step *s, struct outcome *o)
{
	fcntl(slot[s->arg[0]], F_SETOWN, s->arg[1] ? getpid() : 0);
	set_flag(s, o, O_ASYNC);
}
