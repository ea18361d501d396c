// SPDX-License-Identifier: GPL-2.0
/*
 * calls.c - the users: what their programs do when they have the CPU, and the calls of a scenario.
 * It does what module/socket does in a kernel.
 *
 * A host's users are simple: each has one connection, reads at once (unless "reading off"),
 * and all calls are for the newest connection that its user has not closed.
 *
 * Called by ends.c and scenario.c.
 */
#include "play.h"
#include "queue.h"

/* So much one record of the send buffer may have: whole segments. */
static u32 record_max(const struct ttp_tcb *tcb)
{
	u32 max = ttp_send_half_window(tcb, PLAY_BURST);

	return max(tcb->snd.mss, max - max % tcb->snd.mss);
}

/* What send() was given goes into the send buffer as far as there is room. */
static bool write_more(struct play_end *e)
{
	struct ttp_tcb *tcb = e->tcb;
	u32 used = tcb->snd.end - tcb->snd.una, room;

	if (!e->to_write || ttp_user_send(tcb) ||
	    tcb->conn.state == TTP_SYN_SENT || tcb->conn.state == TTP_SYN_RCVD)
		return false;
	room = play_host(e)->sndbuf > used ? play_host(e)->sndbuf - used : 0;
	if (!room)
		return false;
	room = min(room, e->to_write);
	e->to_write -= room;
	ttp_send_idle(tcb, play.now);
	host_write(tcb, room, record_max(tcb));
	return true;
}

static void close_now(struct play_end *e)
{
	struct ttp_verdict v;
	bool unread = port_read(e->tcb, 1);

	e->user = false;
	e->then_close = false;
	ttp_user_close(e->tcb, unread, play.now, &v);
	play_carry_out(e, &v);
}

static u32 read_some(struct play_end *e, u32 max)
{
	u32 n = port_read(e->tcb, max);

	if (n && ttp_user_read(e->tcb))
		play_push(e);
	return n;
}

/**
 * play_program - the user's program gets the CPU: it writes what it has to, and reads
 * @e: the end
 */
void play_program(struct play_end *e)
{
	e->wakes = false;
	if (e->is != TCB || !e->user)
		return;
	if (play_host(e)->reads)
		read_some(e, U32_MAX >> 1);
	if (write_more(e))
		play_push(e);
	if (e->is != TCB || e->to_write)
		return;
	if (e->then_shut) {
		e->then_shut = false;
		ttp_user_shutdown(e->tcb, play.now);
		play_push(e);
	}
	if (e->then_close)
		close_now(e);
}

/* ---- the user's calls: each returns NULL, or what is wrong ---- */

static const char *call_listen(u8 host, char **words, u32 n)
{
	struct play_end *e;
	u64 port = PLAY_PORT;

	if (n > 1 || (n && !play_number(words[0], 1, 65535, &port)))
		return "listen [PORT]";
	if (play_find_listener(host, port))
		return "EADDRINUSE: this port has a listener";
	e = play_new_end(host);
	if (!e)
		return "too many connections";
	e->is = LISTENER;
	e->port = port;
	e->listener.id = ++play.ids;
	e->listener.kind = TTP_KIND_SOCK;
	e->listener.state = TTP_CLOSED;
	e->conn = &e->listener;
	ttp_fsm_set_state(e->conn, TTP_LISTEN, TTP_BY_USER, "passive OPEN", NULL);
	return NULL;
}

static const char *call_connect(u8 host, char **words, u32 n)
{
	struct play_host *h = &play.host[host];
	struct play_end *e;
	u64 port = PLAY_PORT;
	u32 follows = 0;

	if (n > 1 || (n && !play_number(words[0], 1, 65535, &port)))
		return "connect [PORT]";
	e = play_find(host, h->port, !host, port);
	/* the user asks for this port, and so needs no net.ttp.tw_reuse (conn/timewait.c) */
	if (e && e->is == TIME_WAIT && ttp_timewait_may_connect(e->tw, true, play.now)) {
		follows = ttp_timewait_iss(e->tw);
		ttp_fsm_set_state(e->conn, TTP_CLOSED, TTP_BY_KERNEL, "connect() takes the 4-tuple",
				  NULL);
		play_forget(e);
	} else if (e) {
		return "EADDRNOTAVAIL: this host has a connection with these addresses and ports";
	}
	e = play_new_end(host);
	if (!e)
		return "too many connections";
	e->port = h->port;
	e->peer = !host;
	e->peer_port = port;
	play_new_tcb(e)->conn.id = ++play.ids;
	e->tcb->opt.ts_off = 0;
	ttp_user_connect(e->tcb, play_isn(h, follows), play.now);
	play_push(e);
	return NULL;
}

#define NO_CONNECTION	"this host's user has no connection"

static const char *call_send(u8 host, char **words, u32 n)
{
	struct play_end *e = play_current(host);
	u64 bytes;

	if (n != 1 || !play_number(words[0], 1, 1 << 30, &bytes))
		return "send BYTES";
	if (!e)
		return NO_CONNECTION;
	if (ttp_user_send(e->tcb) || e->then_shut || e->then_close)
		return "EPIPE: this end has closed";
	e->to_write += bytes;
	play_program(e);
	return NULL;
}

static const char *call_read(u8 host, char **words, u32 n)
{
	struct play_end *e = play_current(host);
	u64 bytes;

	if (n != 1 || !play_number(words[0], 1, 1 << 30, &bytes))
		return "read BYTES";
	if (!e)
		return NO_CONNECTION;
	read_some(e, bytes);
	return NULL;
}

static const char *call_reading(u8 host, char **words, u32 n)
{
	struct play_end *e = play_current(host);

	if (n != 1 || (strcmp(words[0], "on") && strcmp(words[0], "off")))
		return "reading on|off";
	play.host[host].reads = !strcmp(words[0], "on");
	if (e)
		play_program(e);
	return NULL;
}

static const char *call_shutdown(u8 host, char **words, u32 n)
{
	struct play_end *e = play_current(host);

	if (!e)
		return NO_CONNECTION;
	e->then_shut = true;
	play_program(e);
	return NULL;
}

/* Its handshakes end with it; nobody is told. */
static void close_listener(struct play_end *listener)
{
	struct play_end *e;

	for (e = play.end; e < play.end + play.nend; e++) {
		if (e->is != REQUEST || e->host != listener->host || e->port != listener->port)
			continue;
		ttp_fsm_set_state(e->conn, TTP_CLOSED, TTP_BY_USER, "listener closed", NULL);
		play_forget(e);
	}
	ttp_fsm_set_state(listener->conn, TTP_CLOSED, TTP_BY_USER, "CLOSE", NULL);
	play_forget(listener);
}

static const char *call_close(u8 host, char **words, u32 n)
{
	struct play_end *e = play_current(host);
	bool had = play.host[host].has_socket;

	play.host[host].has_socket = false;
	if (e) {
		e->then_close = true;
		play_program(e);
		return NULL;
	}
	/* its connection is over, or in TIME_WAIT, which needs no user */
	if (had)
		return NULL;
	for (e = play.end; e < play.end + play.nend; e++) {
		if (e->is != LISTENER || e->host != host)
			continue;
		close_listener(e);
		return NULL;
	}
	return NO_CONNECTION;
}

static const char *call_abort(u8 host, char **words, u32 n)
{
	struct play_end *e = play_current(host);
	struct ttp_verdict v;

	if (!e)
		return NO_CONNECTION;
	e->user = false;
	ttp_verdict_init(&v);
	ttp_user_abort(e->tcb, TTP_BY_USER, "ABORT", 0, play.now, &v);
	play_carry_out(e, &v);
	return NULL;
}

static const struct {
	const char *name;
	const char *(*call)(u8 host, char **words, u32 n);
} calls[] = {
	{ "listen", call_listen }, { "connect", call_connect }, { "send", call_send },
	{ "read", call_read }, { "reading", call_reading }, { "shutdown", call_shutdown },
	{ "close", call_close }, { "abort", call_abort },
};

/**
 * play_call - the user of a host calls
 * @host: which
 * @words: the call's name, and what it is given
 * @n: how many words
 * @known: filled in: is there such a call?
 *
 * Return: NULL, or what is wrong with it.
 */
const char *play_call(u8 host, char **words, u32 n, bool *known)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		*known = !strcmp(words[0], calls[i].name);
		if (*known)
			return calls[i].call(host, words + 1, n - 1);
	}
	return NULL;
}
