/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ttp web: the page of ttp report, live, with buttons.
 *
 *	web.c		the options, the address with its token, the loop
 *	http.c		who may ask: Host, token, path, method, Origin, size; libmicrohttpd
 *	ask.c		the table of all that may be asked, and what is in a request
 *	act.c		what each of them does
 *	client.c	how long a browser may take
 *	job.c		runs the tool itself: once, or as a connection that goes on
 *	lab.c		the lab that is played on the page
 *	stream.c	the events, kept and sent to whoever looks
 *
 * It runs in one thread: what it waits for is in one poll().
 */
#ifndef TTP_WEB_H
#define TTP_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "base/netns.h"

#define TOKEN_BYTES	16
#define TOKEN_SIZE	(2 * TOKEN_BYTES + 1)
#define BODY_MAX	1024		/* of a request */
#define CLIENTS_MAX	32		/* connections of browsers */
#define STREAMS_MAX	8		/* of these, that are sent the events */
#define JOBS_MAX	8		/* listeners and connections started here */
#define TAKES_MAX	16		/* values in a request */
#define SAYS_MAX	200		/* what a job has said at its end */
#define STDERR_MAX	4096		/* of a job */

struct json_object;
struct MHD_Connection;
struct MHD_Response;

/* A job: ttp listen or ttp connect */
struct job {
	unsigned long number;	/* 0: none */
	bool connects;
	long where;
	long port;
	long bytes;
	pid_t pid;		/* 0 when it has ended */
	int status;
	int says_fd;
	char says[SAYS_MAX];
};

struct web {
	struct netns_list ns;
	const char *recording;	/* it is shown, and nothing is started */
	const char *lab;	/* is played on the page */
	const char *lang;
	const char *address;	/* that we listen on */
	unsigned long port;
	char *d3;		/* its source */
	char token[TOKEN_SIZE];
	struct job job[JOBS_MAX];
	unsigned long jobs;	/* started so far */
};

/* ---- ask.c: what may be asked ---- */

#define LINE_MAX_BYTES	144	/* 48 letters of Korean */

enum take_kind {
	TAKE_END,
	TAKE_NUMBER,		/* from min to max */
	TAKE_CHOICE,		/* one of some words: its index */
	TAKE_SET,		/* a list of some words, each once: a bit for each */
	TAKE_NETNS,		/* a namespace by its index */
	TAKE_ADDRESS,		/* IPv4, in digits */
	TAKE_LINE,		/* what somebody types */
};

struct take {
	const char *name;
	enum take_kind kind;
	long min;
	long max;
	long usual;		/* a number that the page begins with */
	const char *const *choices;
};

/* What a request has for each struct take, in their order. */
struct given {
	long value[TAKES_MAX];
	char text[TAKES_MAX][LINE_MAX_BYTES + 1];	/* of an address, or a line */
};

struct answer {
	char *text;		/* to be freed; NULL: none */
	const char *type;	/* NULL: text/plain */
	const char *allow;	/* the method that would do */
	char *policy;		/* of a page: Content-Security-Policy, to be freed */
	struct MHD_Response *stream;	/* instead of a text */
};

struct ask;

/*
 * What is done for a request whose values are in their ranges.
 * Return: an HTTP status, with one line in @answer unless it is 200.
 */
#define ACT(name)	int name(struct web *web, const struct ask *ask, \
				 const struct given *given, struct answer *answer)

struct ask {
	const char *method;
	const char *path;	/* behind the token */
	ACT((*act));
	struct take takes[TAKES_MAX];
	bool live;		/* not for a recording */
};

extern const struct ask asks[];

const struct ask *ask_find(const char *path, const char *method, const char **known);
int ask_read_body(const struct web *web, const struct ask *ask, const char *body,
		  struct given *given, struct answer *answer);
void ask_read_query(const struct ask *ask, const char *(*value)(void *arg, const char *name),
		    void *arg, struct given *given);
char *ask_table_json(const struct web *web);
int answer_line(struct answer *answer, int status, const char *fmt, ...) __printf(3, 4);

/* ---- act.c ---- */

extern const char *const act_langs[], *const act_ways[], *const act_which[], *const act_actions[];
extern const char *const act_flags[], *const act_data[], *const act_fields[];
ACT(act_page);
ACT(act_events);
ACT(act_now);
ACT(act_listen);
ACT(act_connect);
ACT(act_stop);
ACT(act_fault);
ACT(act_unfault);
ACT(act_sysctl);

/* ---- lab.c ---- */

ACT(act_lab);
int lab_start(const struct web *web, const char *name);
int lab_fd(void);
void lab_look(void);
void lab_end(void);

/* ---- job.c ---- */

void job_become(const char *const argv[], int in, int out, int err);
int job_once(const char *const argv[], char **says);
struct job *job_start(struct web *web, const char *const argv[], off_t bytes);
void job_look(struct web *web);
void job_stop(struct job *job);
void job_stop_all(struct web *web);

/* ---- stream.c ---- */

void stream_keep(unsigned long max);
void stream_add(const char *json, size_t len);
struct MHD_Response *stream_new(struct MHD_Connection *connection, const char *last_id);
bool stream_full(void);
void stream_wake(void);
void stream_beat(void);
void stream_forget(void);

/* ---- client.c ---- */

enum client_step {
	CLIENT_ASKS,		/* its request is not whole; or it has none */
	CLIENT_IS_ANSWERED,
	CLIENT_LOOKS,		/* it is sent the events */
};

struct client *client_new(int fd);
void client_end(struct client *c);
void client_step(struct client *c, enum client_step step);
void client_look(void);

/* ---- http.c ---- */

int http_load(void);
int http_start(struct web *web, int listener);
int http_fd(void);
int http_timeout(int most_ms);
void http_run(void);
void http_stop(void);

/* ---- web.c ---- */

int web_main(int argc, char **argv);

#endif
