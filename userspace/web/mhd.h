/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libmicrohttpd, loaded when it is needed: with it comes a library for TLS, which takes
 * longer to start than most other commands of the tool run.
 */
#ifndef TTP_WEB_MHD_H
#define TTP_WEB_MHD_H

#include <microhttpd.h>

#define MHD_FUNCTIONS(X)			\
	X(start_daemon)				\
	X(stop_daemon)				\
	X(run)					\
	X(get_timeout)				\
	X(get_daemon_info)			\
	X(get_connection_info)			\
	X(lookup_connection_value)		\
	X(create_response_from_buffer)		\
	X(create_response_from_callback)	\
	X(add_response_header)			\
	X(queue_response)			\
	X(destroy_response)			\
	X(suspend_connection)			\
	X(resume_connection)

#define MHD_MEMBER(name)	__typeof__(&MHD_##name) name;

struct mhd {
	MHD_FUNCTIONS(MHD_MEMBER)
};

extern struct mhd mhd;

#endif
