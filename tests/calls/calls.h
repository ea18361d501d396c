/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzzer of socket calls: the same calls over Linux's TCP and over TTP.
 *
 *	gen.c		makes a sequence of steps from a seed, before anything is run
 *	kinds.c		what the arguments of a step may be, and how they are printed
 *	run.c		runs a sequence in a process and a network namespace of its own
 *	plain.c data.c opts.c watch.c hold.c uring.c	the calls
 *	known.c		the differences that docs/differences.md lists
 *	shrink.c	makes a sequence shorter as long as the difference stays
 *	calls.c		the program
 */
#ifndef _TTP_TESTS_CALLS_H
#define _TTP_TESTS_CALLS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/tcp.h>
#include <linux/ttp.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define SLOTS		6	/* sockets, by small numbers that no result changes */
#define MAX_STEPS	64
#define MAX_ARGS	5
#define MAX_FIELDS	(SLOTS * 5 + 4)
#define SETTLE_MS	300	/* longer than ACKs are delayed, and MSG_MORE waits */
#define BLOCK_MS	1000	/* how long a call blocks: longer than two steps */

/* ---- a sequence ---- */

struct step {
	uint8_t call;		/* of calls[] */
	bool behind;		/* in a thread; the next step is run meanwhile */
	int arg[MAX_ARGS];
};

struct sequence {
	uint64_t seed;
	int n;
	struct step step[MAX_STEPS];
};

/* What an argument is: how it is chosen, and printed */
enum kind {
	NOTHING, SLOT, FREE, ADDR, LEN, SEND_FLAGS, RECV_FLAGS, PARTS, CONTROL, BUFFER,
	HOW, BACKLOG, SOCK_FLAGS, SET_OPT, GET_OPT, OPT_LEN, VALUE, IOCTL, SWITCH,
	EVENTS, SPLICE_FLAGS, KINDS,
};

struct outcome;

struct call {
	const char *name;
	int weight;		/* how often it is chosen */
	bool blocks;		/* may wait: worth a thread */
	bool asks;		/* changes nothing, so a difference there ends no comparison */
	void (*run)(const struct step *s, struct outcome *o);
	enum kind kind[MAX_ARGS];
};

extern const struct call calls[];
int calls_count(void);
int call_find(const char *name);

uint32_t pick(uint32_t n);		/* 0 .. n - 1 */
void generate(struct sequence *q, uint64_t seed, int steps);
int kind_pick(enum kind kind, const bool *used);
int kind_tell(enum kind kind, int value, char *to, size_t room);
void step_tell(const struct step *s, char *to, size_t room, bool slots);

struct option {
	const char *name;
	int level, number;
};

extern const struct option options[];
int options_count(void);
int option_level(const struct option *opt);

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	char more[128];
};

union address address(int addr);	/* an argument of kind ADDR */
socklen_t address_len(void);		/* of the sequence's family */
socklen_t asked_len(int opt_len);	/* 16 is a whole address, any other is what it is */

/* ---- what came of it ---- */

struct field {
	char what[24];		/* "result", "s1 state" */
	char value[104];
};

struct outcome {
	int n;
	struct field field[MAX_FIELDS];
};

struct results {
	int done;		/* steps */
	char end[64];		/* how it ended, if not by itself */
	struct outcome step[MAX_STEPS];
};

void say(struct outcome *o, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void returned(struct outcome *o, long ret);		/* the result, or the errno's name */
void returned_with(struct outcome *o, long ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *error_name(int err);

/* ---- within the process that runs a sequence ---- */

extern bool over_ttp;
extern bool over_v6;			/* everywhere: sockets are of AF_INET6 */
extern int slot[SLOTS];			/* file descriptors, -1: none */
extern uint64_t running_seed;
extern char *far_away;			/* memory that cannot be read or written */

void put_slot(int n, int fd);
void timeouts(int fd);
void addresses_come(void);		/* those of lo that address() knows */
void observe(struct outcome *o);
void run_both(const struct sequence *q, struct results *tcp, struct results *ttp);
struct results *results_new(void);
void content(char *buf, size_t len, int salt);
uint32_t sum(const void *buf, size_t len);
const char *events_name(int events);
void watch_init(void);

/* the calls */
void run_socket(const struct step *s, struct outcome *o);
void run_bind(const struct step *s, struct outcome *o);
void run_listen(const struct step *s, struct outcome *o);
void run_connect(const struct step *s, struct outcome *o);
void run_disconnect(const struct step *s, struct outcome *o);
void run_accept(const struct step *s, struct outcome *o);
void run_shutdown(const struct step *s, struct outcome *o);
void run_close(const struct step *s, struct outcome *o);
void run_abort(const struct step *s, struct outcome *o);
void run_dup(const struct step *s, struct outcome *o);
void run_getsockname(const struct step *s, struct outcome *o);
void run_getpeername(const struct step *s, struct outcome *o);
void run_nonblock(const struct step *s, struct outcome *o);
void run_async(const struct step *s, struct outcome *o);
void run_send(const struct step *s, struct outcome *o);
void run_sendto(const struct step *s, struct outcome *o);
void run_sendmsg(const struct step *s, struct outcome *o);
void run_write(const struct step *s, struct outcome *o);
void run_writev(const struct step *s, struct outcome *o);
void run_sendfile(const struct step *s, struct outcome *o);
void run_splice_in(const struct step *s, struct outcome *o);
void run_splice_out(const struct step *s, struct outcome *o);
void run_recv(const struct step *s, struct outcome *o);
void run_recvfrom(const struct step *s, struct outcome *o);
void run_recvmsg(const struct step *s, struct outcome *o);
void run_read(const struct step *s, struct outcome *o);
void run_readv(const struct step *s, struct outcome *o);
void run_setsockopt(const struct step *s, struct outcome *o);
void run_getsockopt(const struct step *s, struct outcome *o);
void run_ioctl(const struct step *s, struct outcome *o);
void run_poll(const struct step *s, struct outcome *o);
void run_epoll_add(const struct step *s, struct outcome *o);
void run_epoll_wait(const struct step *s, struct outcome *o);
void run_fork(const struct step *s, struct outcome *o);
void run_end_child(const struct step *s, struct outcome *o);
void run_pass(const struct step *s, struct outcome *o);
void run_take(const struct step *s, struct outcome *o);
void run_address_goes(const struct step *s, struct outcome *o);
void run_address_comes(const struct step *s, struct outcome *o);
void run_uring_accept(const struct step *s, struct outcome *o);
void run_uring_connect(const struct step *s, struct outcome *o);
void run_uring_send(const struct step *s, struct outcome *o);
void run_uring_recv(const struct step *s, struct outcome *o);
void run_uring_poll(const struct step *s, struct outcome *o);
void run_uring_shutdown(const struct step *s, struct outcome *o);

/* ---- differences ---- */

struct difference {
	int step;		/* -1: none */
	char call[128];		/* with its arguments, and the state before it */
	char what[24];
	char tcp[104], ttp[104];
};

bool known_read(const char *path);
int known_row(const struct difference *d);	/* -1: not listed */
void known_used(int row);
void known_met(void);				/* says which were used */

void compare(const struct sequence *q, const struct results *tcp, const struct results *ttp,
	     struct difference *d, int *listed);
bool same_kind(const struct difference *a, const struct difference *b);
void shrink(struct sequence *q, struct difference *d);
void print_both(const struct sequence *q);

#endif
