/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TTP's sockets by netlink: a request, the attributes of what comes, a whole dump, and
 * one socket in it.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/ttp_netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int netlink_open(int *family);

/* @attr: one attribute, or none if @len is 0 */
void ask(int fd, int family, int cmd, int flags, const void *attr, int len);

/* an attribute of a message; who says find() or copy() expects it */
const struct nlattr *has(const struct nlmsghdr *nlh, int type);
const struct nlattr *find(const struct nlmsghdr *nlh, int type);
void copy(const struct nlmsghdr *nlh, int type, void *to, size_t len);

/* The dump of sockets, with this attribute if it has a length.
 * Return: it is of one piece
 */
bool dump(const void *attr, int attr_len, void (*row)(const struct nlmsghdr *nlh));
/* the same of another command */
bool dump_of(int cmd, const void *attr, int attr_len, void (*row)(const struct nlmsghdr *nlh));

/* asks for sockets that are in no table too */
extern const struct nlattr unconnected;

/* How often a dump has it, with those in no table or without; what it says is in found. */
int times(int fd, bool all);
int state_of_port(int port);	/* 0: there is none */

extern struct found {
	int times;
	int state;
	uint16_t port;
	uint32_t uid;
	uint64_t id;
} found;

#endif
