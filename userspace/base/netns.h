/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces: the list that the options name, and how to enter one.
 */
#ifndef TTP_NETNS_H
#define TTP_NETNS_H

#define NETNS_MAX 16

struct netns_list {
	const char *name[NETNS_MAX];	/* none: where we are */
	int count;
};

int netns_add(struct netns_list *list, const char *name);
int netns_enter(const char *name);
int netns_visit(const char *name, int *back_fd);
int netns_return(int back_fd);

#endif
