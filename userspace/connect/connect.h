/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `ttp listen` and `ttp connect`, and what they have in common.
 */
#ifndef TTP_CONNECT_H
#define TTP_CONNECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/options.h"
#include "connect/pipe.h"

int listen_main(int argc, char **argv);
int connect_main(int argc, char **argv);

struct addrinfo;
struct sockaddr_storage;

/* socket.c */
struct socket_way {
	bool inet;		/* AF_INET or AF_INET6 with TTP's protocol number, not PF_TTP */
	bool datagrams;		/* SOCK_DGRAM */
	bool six;		/* IPv6 where no address says which */
	unsigned long family;	/* number of PF_TTP */
};

int socket_open(const struct socket_way *way, int family);

/* address.c */
int address_resolve(const char *host, const char *port, int flags, bool six,
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
	bool numeric;
	bool verbose;
};

/*
 * The end of the table of options.  @o: struct end_opts *; @wait: what -w does.  Letters that
 * netcat has, too, mean what they mean there, or say what to give instead.
 */
#define END_OPTS(o, wait) \
	OPT_ONE_NETNS(0, &(o)->netns), \
	OPT_WORD('i', "input", "FILE", &(o)->input, "send FILE"), \
	OPT_WORD('o', "output", "FILE", &(o)->output, "write to FILE what comes"), \
	OPT_SECONDS('w', "wait", &(o)->pipe.idle_s, wait), \
	OPT_SET('n', "numeric", &(o)->numeric, "no names of hosts and services"), \
	OPT_SECONDS(0, "hold", &(o)->pipe.hold_s, \
		    "at the end of the input wait so long before the FIN"), \
	OPT_SET(0, "no-shutdown", &(o)->pipe.no_shutdown, \
		"no FIN at the end of the input; close after the peer's FIN"), \
	OPT(0, "reset", NULL, option_set, &(o)->pipe.reset, \
	    "end with RST: close with SO_LINGER 0"), \
	OPT_SET('6', "ipv6", &(o)->way.six, "IPv6, where an address is a name or none"), \
	OPT_SET(0, "inet", &(o)->way.inet, "open a socket of AF_INET or AF_INET6 with TTP's protocol number"), \
	OPT(0, "family", "NUMBER", option_family, &(o)->way.family, \
	    "open socket(NUMBER, ...); PF_TTP, 22, is the default"), \
	OPT_SET('v', "verbose", &(o)->verbose, "say on standard error what happens"), \
	OPT('N', NULL, NULL, option_shutdown, NULL, NULL), \
	OPT('4', NULL, NULL, option_ipv4, NULL, NULL), \
	OPT_SET('u', "datagrams", &(o)->way.datagrams, "datagrams: each line of the input is one"), \
	OPT_NOT('U', "TTP has no local sockets"), \
	OPT_NOT('z', "end at once: </dev/null >/dev/null"), \
	OPT_END

int option_family(const struct opt *opt, const char *text);
int option_shutdown(const struct opt *opt, const char *text);
int option_ipv4(const struct opt *opt, const char *text);
int end_prepare(struct end_opts *o);
int end_carry(struct end_opts *o, int fd);

/* datagram.c */
int datagram_carry(struct end_opts *o, int fd, bool listens, bool keep);

#endif
