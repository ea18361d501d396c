/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ttp: what the tool's files share.  Prototypes are grouped by the file that
 * defines them; the event itself is in event.h.
 */
#ifndef TTP_TOOL_H
#define TTP_TOOL_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct event;
struct json_object;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __printf(f, a)	__attribute__((format(printf, f, a)))

/* exit status; documented in ttp(8) */
enum {
	TTP_OK = 0,
	TTP_FAILED = 1,	/* at run time */
	TTP_USAGE = 2,	/* the command line makes no sense */
	TTP_CANNOT_RUN = 126,	/* ttp run: as env(1) has it */
	TTP_NOT_FOUND = 127,
};

/* ttp.c */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
};

int fail(const char *fmt, ...) __printf(1, 2);
int usage(const char *fmt, ...) __printf(1, 2);
int help(const char *text);
void *xrealloc(void *old, size_t count, size_t size);
const char *intern(const char *name);
uint64_t now_ns(void);
int parse_seconds(const char *text, double *seconds);
int parse_number(const char *text, unsigned long max, unsigned long *value);

/* one function per subcommand, in the file of its name */
int listen_main(int argc, char **argv);
int connect_main(int argc, char **argv);
int show_main(int argc, char **argv);
int monitor_main(int argc, char **argv);
int ladder_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int states_main(int argc, char **argv);
int congestion_main(int argc, char **argv);
int run_main(int argc, char **argv);

/* netns.c */
#define NETNS_MAX 16

struct netns_list {
	const char *name[NETNS_MAX];	/* none: where we are */
	int count;
};

int netns_add(struct netns_list *list, const char *name);
int netns_enter(const char *name);
int netns_visit(const char *name, int *back_fd);
int netns_return(int back_fd);

struct pipe_opts {
	int in;
	int out;
	bool no_shutdown;	/* our direction ends after the peer's */
	bool reset;		/* end with RST */
	bool keep_out;		/* leave @out open: more will follow */
	double hold_s;		/* between the end of input and the FIN */
	double idle_s;		/* give up after so long without data; 0 never */
};

struct pipe_result {
	uint64_t sent;
	uint64_t received;
	double seconds;
};

/* door.c */
struct door {
	bool inet;		/* AF_INET with IPPROTO_TTP, not PF_TTP */
	int family;		/* number of PF_TTP */
};

/* What the two ends, `ttp listen` and `ttp connect`, have in common. */
struct end_opts {
	struct pipe_opts pipe;
	struct door door;
	const char *netns;
	const char *input;
	const char *output;
	bool verbose;
};

#define END_SHORTS	"n:i:o:w:Nvh"

enum { END_HOLD = 256, END_RESET, END_INET, END_FAMILY };

#define END_LONGS \
	{ "netns", 1, NULL, 'n' }, { "input", 1, NULL, 'i' }, \
	{ "output", 1, NULL, 'o' }, { "wait", 1, NULL, 'w' }, \
	{ "hold", 1, NULL, END_HOLD }, { "no-shutdown", 0, NULL, 'N' }, \
	{ "reset", 0, NULL, END_RESET }, { "inet", 0, NULL, END_INET }, \
	{ "family", 1, NULL, END_FAMILY }, { "verbose", 0, NULL, 'v' }, \
	{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 }

#define END_HELP \
"  -n, --netns NAME     in this network namespace\n" \
"  -i, --input FILE     send FILE\n" \
"  -o, --output FILE    write to FILE what comes\n" \
"  -w, --wait SECONDS   give up when connecting takes longer, or nothing moves so long\n" \
"      --hold SECONDS   at the end of the input wait so long before the FIN\n" \
"  -N, --no-shutdown    no FIN at the end of the input; close after the peer's FIN\n" \
"      --reset          end with RST: close with SO_LINGER 0\n" \
"      --inet           open socket(AF_INET, SOCK_STREAM, IPPROTO_TTP)\n" \
"      --family NUMBER  open socket(NUMBER, ...); PF_TTP, 22, is the default\n" \
"  -v, --verbose        say on standard error what happens\n" \
"  -h, --help           this\n"

int door_option(struct end_opts *o, int c, const char *help_text);
int door_socket(const struct door *door, int family);
struct addrinfo;
int door_resolve(const char *host, const char *port, bool passive,
		 struct addrinfo **result);
struct sockaddr_storage;
void door_print_address(const struct sockaddr_storage *ss, char *buf,
			size_t size);
int door_open_files(struct end_opts *o);

/* pipe.c */
int pipe_run(int sock, const struct pipe_opts *opts, struct pipe_result *res);
void pipe_report(const struct pipe_result *res);

/* program.c: of ttp run */
int program_find(const char *name, char path[PATH_MAX]);
int program_check(const char *name, const char *path);

/* print.c */
struct table;

struct table *table_new(const char *align);
void table_row(struct table *t, ...);	/* strings, then NULL */
void table_note(struct table *t, const char *text);
void table_print(struct table *t, FILE *out);
void table_free(struct table *t);
void print_json(struct json_object *obj);
const char *group_digits(uint64_t n, char buf[32]);

/* feed.c: events from namespaces or from a recording */
#define FEED_STATE	1
#define FEED_SEGMENT	2

struct feed_opts {
	struct netns_list ns;
	unsigned int groups;	/* FEED_* */
	const char *recording;	/* read this file and no namespace */
	const char *ready;	/* file to make once subscribed */
	char **command;		/* run it once subscribed, end after it */
	double after_s;		/* so long after it, at most */
	bool until_closed;	/* end when each connection seen is CLOSED */
};

/* Return: nonzero to end the feed. */
typedef int (*feed_fn)(const struct event *ev, void *arg);

int feed_run(const struct feed_opts *opts, feed_fn fn, void *arg);

#endif
