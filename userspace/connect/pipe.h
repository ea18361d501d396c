/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Data both ways between two files and a connection.
 */
#ifndef TTP_PIPE_H
#define TTP_PIPE_H

#include <stdbool.h>
#include <stdint.h>

struct pipe_opts {
	int in;
	int out;
	bool no_shutdown;	/* our direction ends after the peer's */
	bool reset;		/* end with RST */
	bool keep_out;		/* leave @out open: more will follow */
	double hold_s;		/* between the end of input and the FIN */
	double idle_s;		/* give up after so long without data; 0 never */
};

struct pipe_result {
	uint64_t sent;
	uint64_t received;
	double seconds;
};

int pipe_run(int sock, const struct pipe_opts *opts, struct pipe_result *res);
void pipe_report(const struct pipe_result *res);

#endif
