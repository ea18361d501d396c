/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces: the list that the options name, and how to enter one.
 */
#ifndef TTP_NETNS_H
#define TTP_NETNS_H

#include <stddef.h>

#define NETNS_MAX 16

struct netns_list {
	const char *name[NETNS_MAX];
	int count;		/* 0: only the one that we are in */
};

/* Given before the command: ttp -n NAME COMMAND. */
extern struct netns_list netns_before_command;

/* How many namespaces to visit. */
static inline int netns_count(const struct netns_list *list)
{
	return list->count ? list->count : 1;
}

/* Return: the name of the @i-th one, NULL for the one that we are in. */
static inline const char *netns_name(const struct netns_list *list, int i)
{
	return list->count ? list->name[i] : NULL;
}

int netns_add(struct netns_list *list, const char *name);
int netns_path(const char *name, char *path, size_t size);
int netns_enter(const char *name);
int netns_visit(const char *name, int *back_fd);
int netns_return(int back_fd);

#endif
