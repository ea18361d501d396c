/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ports: numbers and the names of services.
 */
#ifndef TTP_PORT_H
#define TTP_PORT_H

/* What a port is, for messages. */
#define PORT_WANTS	"a number from 1 to 65535, or a service's name such as http"

int port_parse(const char *text, unsigned long *port);
const char *port_name(const char *ns, unsigned long port);

#endif
