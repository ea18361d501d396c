// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a sequence from a seed.  It begins with one of some openings, which lead to
 * the states where most calls have something to do; the rest is chance.
 *
 * Read next: kinds.c.
 */
#include "calls.h"

#define S SLOT

const struct call calls[] = {
	/* name weight blocks asks run arguments */
	{ "socket", 3, false, false, run_socket, { FREE, SOCK_FLAGS } },
	{ "bind", 5, false, false, run_bind, { S, ADDR } },
	{ "listen", 4, false, false, run_listen, { S, BACKLOG } },
	{ "connect", 7, true, false, run_connect, { S, ADDR } },
	{ "disconnect", 2, false, false, run_disconnect, { S } },
	{ "accept", 6, true, false, run_accept, { S, FREE, SOCK_FLAGS } },
	{ "shutdown", 6, false, false, run_shutdown, { S, HOW } },
	{ "close", 4, false, false, run_close, { S } },
	{ "abort", 2, false, false, run_abort, { S } },
	{ "dup", 1, false, false, run_dup, { S, FREE } },
	{ "getsockname", 2, false, true, run_getsockname, { S, OPT_LEN } },
	{ "getpeername", 2, false, true, run_getpeername, { S, OPT_LEN } },
	{ "nonblock", 2, false, false, run_nonblock, { S, SWITCH } },
	{ "async", 1, false, false, run_async, { S, SWITCH } },
	{ "send", 14, true, false, run_send, { S, LEN, SEND_FLAGS, BUFFER } },
	{ "sendto", 3, true, false, run_sendto, { S, LEN, SEND_FLAGS, ADDR, OPT_LEN } },
	{ "sendmsg", 4, true, false, run_sendmsg, { S, LEN, SEND_FLAGS, PARTS, CONTROL } },
	{ "write", 2, true, false, run_write, { S, LEN, BUFFER } },
	{ "writev", 2, true, false, run_writev, { S, LEN, PARTS } },
	{ "sendfile", 2, true, false, run_sendfile, { S, LEN } },
	{ "splice_in", 2, true, false, run_splice_in, { S, LEN, SPLICE_FLAGS } },
	{ "splice_out", 3, true, false, run_splice_out, { S, LEN, SPLICE_FLAGS } },
	{ "recv", 14, true, false, run_recv, { S, LEN, RECV_FLAGS, BUFFER } },
	{ "recvfrom", 2, true, false, run_recvfrom, { S, LEN, RECV_FLAGS, OPT_LEN } },
	{ "recvmsg", 5, true, false, run_recvmsg, { S, LEN, RECV_FLAGS, PARTS, CONTROL } },
	{ "read", 2, true, false, run_read, { S, LEN, BUFFER } },
	{ "readv", 2, true, false, run_readv, { S, LEN, PARTS } },
	{ "setsockopt", 12, false, false, run_setsockopt, { S, SET_OPT, VALUE, OPT_LEN } },
	{ "getsockopt", 8, false, true, run_getsockopt, { S, GET_OPT, OPT_LEN } },
	{ "ioctl", 3, false, true, run_ioctl, { S, IOCTL } },
	{ "poll", 2, true, true, run_poll, { S, EVENTS } },
	{ "epoll_add", 3, false, false, run_epoll_add, { S, EVENTS, SWITCH } },
	{ "epoll_wait", 4, false, true, run_epoll_wait, { SWITCH } },
	{ "fork", 1, false, false, run_fork, { NOTHING } },
	{ "end_child", 1, false, false, run_end_child, { NOTHING } },
	{ "pass", 1, false, false, run_pass, { S } },
	{ "take", 1, false, false, run_take, { FREE } },
	{ "address_goes", 1, false, false, run_address_goes, { NOTHING } },
	{ "address_comes", 1, false, false, run_address_comes, { NOTHING } },
	{ "uring_accept", 1, true, false, run_uring_accept, { S, FREE } },
	{ "uring_connect", 1, true, false, run_uring_connect, { S, ADDR } },
	{ "uring_send", 2, true, false, run_uring_send, { S, LEN, SEND_FLAGS } },
	{ "uring_recv", 2, true, false, run_uring_recv, { S, LEN, RECV_FLAGS } },
	{ "uring_poll", 1, true, true, run_uring_poll, { S, EVENTS } },
	{ "uring_shutdown", 1, false, false, run_uring_shutdown, { S, HOW } },
};

int calls_count(void)
{
	return ARRAY_SIZE(calls);
}

int call_find(const char *name)
{
	int i;

	for (i = 0; i < calls_count(); i++)
		if (!strcmp(calls[i].name, name))
			return i;
	fprintf(stderr, "calls: no such call: %s\n", name);
	exit(2);
}

static uint64_t state;

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint32_t pick(uint32_t n)
{
	return (next() >> 32) % n;
}

/* What is probably open.  Nothing is known of results here. */
static bool used[SLOTS];

static void guess(const struct step *s)
{
	const struct call *c = &calls[s->call];
	int i;

	for (i = 0; i < MAX_ARGS; i++)
		if (c->kind[i] == FREE)
			used[s->arg[i]] = true;
	if (c->run == run_close || c->run == run_abort || c->run == run_pass)
		used[s->arg[0]] = false;
}

static void add(struct sequence *q, const char *name, int a, int b, int c)
{
	struct step *s;

	if (q->n == MAX_STEPS)
		return;
	s = &q->step[q->n++];
	*s = (struct step){ .call = call_find(name), .arg = { a, b, c } };
	guess(s);
}

/* ADDR is an address (0: any, 1, 2, 3: of the loopback network, 4: one that may go),
 * and a port from 1000 on.
 */
static void opening(struct sequence *q)
{
	int how = pick(10), addr = 1 + pick(2) * 3;

	if (how == 9)
		return;
	add(q, "socket", 0, 0, 0);
	add(q, "bind", 0, addr, 0);
	if (!pick(6))
		add(q, "setsockopt", 0, pick(options_count()), 1);
	if (how == 8) {		/* a socket that is its own peer */
		add(q, "connect", 0, addr, 0);
		return;
	}
	add(q, "listen", 0, pick(3), 0);
	add(q, "socket", 1, 0, 0);
	if (how == 7)		/* no connection yet */
		return;
	if (!pick(4))
		add(q, "nonblock", 1, 1, 0);
	add(q, "connect", 1, addr, 0);
	if (how == 6)		/* nobody accepts */
		return;
	add(q, "accept", 0, 2, 0);
	if (how >= 4)
		add(q, "close", 0, 0, 0);
	if (how == 3 || how == 5)
		add(q, "shutdown", 1 + pick(2), 1, 0);
	if (how >= 2)
		add(q, "send", 1 + pick(2), 10, pick(4) ? 0 : MSG_OOB);
}

static int choose_call(void)
{
	int all = 0, i;

	for (i = 0; i < calls_count(); i++)
		all += calls[i].weight;
	all = pick(all);
	for (i = 0; all >= calls[i].weight; i++)
		all -= calls[i].weight;
	return i;
}

static void any(struct sequence *q)
{
	struct step *s = &q->step[q->n++];
	const struct call *c;
	int i;

	*s = (struct step){ .call = choose_call() };
	c = &calls[s->call];
	for (i = 0; i < MAX_ARGS; i++)
		s->arg[i] = kind_pick(c->kind[i], used);
	s->behind = c->blocks && !pick(5);
	guess(s);
}

void generate(struct sequence *q, uint64_t seed, int steps)
{
	state = seed * 0x2545f4914f6cdd1d;
	memset(q, 0, sizeof(*q));
	memset(used, 0, sizeof(used));
	q->seed = seed;
	opening(q);
	while (q->n < steps && q->n < MAX_STEPS)
		any(q);
}

/* In words; without the numbers of slots if differences are to be sorted by it. */
void step_tell(const struct step *s, char *to, size_t room, bool slots)
{
	const struct call *c = &calls[s->call];
	size_t n = snprintf(to, room, "%s%s", c->name, s->behind && slots ? " &" : "");
	int i;

	for (i = 0; i < MAX_ARGS && c->kind[i] && n < room; i++) {
		if (!slots && (c->kind[i] == SLOT || c->kind[i] == FREE))
			continue;
		n += snprintf(to + n, room - n, " ");
		if (n < room)
			n += kind_tell(c->kind[i], s->arg[i], to + n, room - n);
	}
}
