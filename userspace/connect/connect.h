/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `ttp listen` and `ttp connect`, and what they have in common.
 */
#ifndef TTP_CONNECT_H
#define TTP_CONNECT_H

#include <stdbool.h>
#include <stddef.h>

#include "connect/pipe.h"

int listen_main(int argc, char **argv);
int connect_main(int argc, char **argv);

struct addrinfo;
struct sockaddr_storage;

/* socket.c */
struct socket_way {
	bool inet;		/* AF_INET with IPPROTO_TTP, not PF_TTP */
	unsigned long family;	/* number of PF_TTP */
};

int socket_open(const struct socket_way *way, int family);

/* address.c */
int address_resolve(const char *host, const char *port, bool passive,
		    struct addrinfo **result);
void address_say_listening(int fd);
void address_say_connected(int fd, const char *arrow, const struct sockaddr_storage *peer);

/* end.c */

/* What the two ends, `ttp listen` and `ttp connect`, have in common. */
struct end_opts {
	struct pipe_opts pipe;
	struct socket_way way;
	const char *netns;
	const char *input;
	const char *output;
	bool verbose;
};

/* The end of the table of options. @o: struct end_opts * */
#define END_OPTS(o) \
	OPT_WORD('n', "netns", &(o)->netns), \
	OPT_WORD('i', "input", &(o)->input), \
	OPT_WORD('o', "output", &(o)->output), \
	OPT_SECONDS('w', "wait", &(o)->pipe.idle_s), \
	OPT_SECONDS(0, "hold", &(o)->pipe.hold_s), \
	OPT_SET('N', "no-shutdown", &(o)->pipe.no_shutdown), \
	OPT_SET(0, "reset", &(o)->pipe.reset), \
	OPT_SET(0, "inet", &(o)->way.inet), \
	/* up to AF_MAX of the kernels that we know */ \
	OPT_NUMBER(0, "family", &(o)->way.family, "a number", 0, 46), \
	OPT_SET('v', "verbose", &(o)->verbose), \
	{ 0 }

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

int end_prepare(struct end_opts *o);
int end_carry(struct end_opts *o, int fd);

#endif
