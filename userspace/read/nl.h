/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's netlink family: requests, dumps and subscriptions.
 */
#ifndef TTP_NL_H
#define TTP_NL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/netns.h"

struct nlmsghdr;
struct nl;
typedef int (*nl_fn)(const struct nlmsghdr *nlh, void *arg);

/* What is asked for in a dump. */
struct nl_dump {
	uint8_t cmd;
	uint16_t flag;		/* an attribute that is a flag; 0: none */
	const uint32_t *parts;	/* of sockets: TTP_PART_*; NULL: all */
};

/* What the kernel says of the family. */
struct nl_family {
	uint32_t version;
	uint64_t ops;		/* a bit for each request that it has: TTP_CMD_* */
};

#define NL_PORTS_MAX	8	/* ranges, that the kernel takes */

/* A filter of events: groups, and ports of either end. */
struct nl_filter {
	uint32_t groups;	/* TTP_EVENT_GROUP_* */
	unsigned int n;		/* of @ports; 0: any */
	const struct nl_ports {
		uint16_t first;
		uint16_t last;
	} *ports;
};

struct nl *nl_open(const char *ns);
bool nl_family(struct nl_family *family);
int nl_dump_each(const struct netns_list *ns, const char **reading,
		 const struct nl_dump *dump, nl_fn fn, void *arg);
int nl_get(struct nl *nl, uint8_t cmd, nl_fn fn, void *arg);
int nl_do(struct nl *nl, uint8_t cmd,
	  void (*put)(struct nlmsghdr *nlh, const void *arg), const void *arg);
int nl_sock(struct nl *nl, uint64_t id, nl_fn fn, void *arg);
int nl_destroy(struct nl *nl, uint64_t id);
int nl_filter(struct nl *nl, const struct nl_filter *filter, nl_fn fn, void *arg);
int nl_subscribe(struct nl *nl, const char *group);
void nl_flush(struct nl *nl);
int nl_fd(const struct nl *nl);
int nl_receive(struct nl *nl, nl_fn fn, void *arg, bool *overrun);
void nl_close(struct nl *nl);

#endif
