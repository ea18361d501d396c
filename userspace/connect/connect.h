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
	int family;		/* number of PF_TTP */
};

int socket_open(const struct socket_way *way, int family);

/* address.c */
int address_resolve(const char *host, const char *port, bool passive,
		    struct addrinfo **result);
void address_text(const struct sockaddr_storage *ss, char *buf, size_t size);

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

int end_option(struct end_opts *o, int c, const char *help_text);
int end_open_files(struct end_opts *o);

#endif
