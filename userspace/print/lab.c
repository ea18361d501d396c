// SPDX-License-Identifier: GPL-2.0
/*
 * Lab mode is told loudly: initial sequence numbers that can be guessed (net.ttp.isn).
 * Called by show.c.
 */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "print/lab.h"

#define ISN	"/proc/sys/net/ttp/isn"

/* net.ttp.isn of a namespace.  Return: NULL in one where it is the default, or not there. */
static const char *isn_of(const char *ns, char *text, int size)
{
	FILE *file;
	int back;

	text[0] = '\0';
	if (ns && netns_visit(ns, &back))
		return NULL;
	file = fopen(ISN, "re");
	if (file) {
		if (!fgets(text, size, file))
			text[0] = '\0';
		fclose(file);
	}
	if (ns && netns_return(back))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text[0] && strcmp(text, "rfc6528") ? text : NULL;
}

/* A line for each of the namespaces that is in lab mode */
void lab_warn(const struct netns_list *list)
{
	for (int i = 0; i < netns_count(list); i++) {
		const char *ns = netns_name(list, i);
		char text[256], name[NAME_SIZE];
		const char *isn = isn_of(ns, text, sizeof(text));

		if (!isn)
			continue;
		if (list->count > 1)
			printf("%s: ", printable(ns, false, name));
		printf("lab mode: ISN is %s (net.ttp.isn: %s)\n",
		       strcmp(isn, "clock") ? "fixed" : "predictable", isn);
	}
}
