// SPDX-License-Identifier: GPL-2.0
/*
 * Ports by number and by the names in services(5), which are TCP's: TTP has no
 * services of its own.  Called by whoever reads or prints a port.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/netns.h"
#include "base/port.h"

/* Return: 0, or -1 when @text is neither a port from 1 to 65535 nor a service. */
int port_parse(const char *text, unsigned long *port)
{
	struct servent *service;

	if (text[0] && text[strspn(text, "0123456789")] == '\0')
		return parse_number(text, 65535, port) || !*port ? -1 : 0;
	service = getservbyname(text, "tcp");
	if (!service)
		return -1;
	*port = ntohs(service->s_port);
	return 0;
}

/* Of namespace @ns; NULL: of the one that we are in. */
static void read_range(const char *ns, unsigned long *first, unsigned long *last)
{
	int back;
	FILE *f;

	*first = 49152;
	*last = 65535;
	if (ns && netns_visit(ns, &back))
		return;
	f = fopen("/proc/sys/net/ttp/local_port_range", "re");
	if (f && fscanf(f, "%lu %lu", first, last) != 2)
		*last = 0;
	if (f)
		fclose(f);
	if (ns)
		netns_return(back);
}

/* The kernel gives these ports to who asks for none: their names would mislead. */
static bool is_ephemeral(const char *ns, unsigned long port)
{
	static unsigned long first, last;
	static const char *read_of = "";	/* of none */

	if (ns != read_of) {
		read_of = ns;
		read_range(ns, &first, &last);
	}
	return port >= first && port <= last;
}

/*
 * @ns: the namespace that has it, of those in a netns_list; NULL: the one that we are in
 * Return: the service's name, NULL when it has none; valid until the next call.
 */
const char *port_name(const char *ns, unsigned long port)
{
	struct servent *service;

	if (!port || is_ephemeral(ns, port))
		return NULL;
	service = getservbyport(htons(port), "tcp");
	return service ? service->s_name : NULL;
}
