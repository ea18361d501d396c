// SPDX-License-Identifier: GPL-2.0
/*
 * libttp-run.so, which `ttp run` has the dynamic linker load into a program:
 * the stream sockets that it opens for TCP are TTP's; if asked, so are those for UDP.
 *
 * socket() is wrapped here, and setsockopt() for one option; in exec.c what runs
 * another program.  Addresses, options and readiness are TCP's, and level IPPROTO_TCP
 * is understood.  The C library's own sockets, such as those that ask the DNS, don't
 * come by here.
 *
 * Context: whatever thread, signal handler or child of fork() calls socket(),
 * so nothing is allocated and nothing locked.  Next: exec.c.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/ttp.h>

#include "run/preload.h"

typedef int (*socket_fn)(int domain, int type, int protocol);

static socket_fn next_socket;
static bool debug;
static bool datagrams;
static struct stat first;	/* standard error when the program began */

static void __attribute__((constructor)) begin(void)
{
	const char *value = getenv(PRELOAD_DEBUG);

	next_socket = (socket_fn)dlsym(RTLD_NEXT, "socket");
	debug = value && *value;
	value = getenv(PRELOAD_DATAGRAMS);
	datagrams = value && *value;
	if (fstat(STDERR_FILENO, &first))
		memset(&first, 0, sizeof(first));
}

static const char *domain_name(int domain)
{
	switch (domain) {
	case AF_INET:
		return "AF_INET";
	case AF_INET6:
		return "AF_INET6";
	case AF_UNIX:
		return "AF_UNIX";
	case AF_NETLINK:
		return "AF_NETLINK";
	default:
		return NULL;
	}
}

static const char *type_name(int type)
{
	switch (type) {
	case SOCK_STREAM:
		return "SOCK_STREAM";
	case SOCK_DGRAM:
		return "SOCK_DGRAM";
	case SOCK_RAW:
		return "SOCK_RAW";
	default:
		return NULL;
	}
}

static const char *word(const char *name, int number, char buf[16])
{
	if (name)
		return name;
	snprintf(buf, 16, "%d", number);
	return buf;
}

/* A daemon has closed standard error, and 2 may be anything by now. */
bool preload_stderr(void)
{
	struct stat now;

	return !fstat(STDERR_FILENO, &now) && now.st_ino == first.st_ino &&
	       now.st_dev == first.st_dev;
}

/* One line on standard error that begins with the program and its process. */
void preload_say(const char *fmt, ...)
{
	char line[2 * PATH_MAX];
	int err = errno, len;
	va_list args;

	len = snprintf(line, sizeof(line), "ttp run: %.32s[%d]: ",
		       program_invocation_short_name, (int)getpid());
	va_start(args, fmt);
	vsnprintf(line + len, sizeof(line) - len - 1, fmt, args);
	va_end(args);
	len = strlen(line);
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		len = 0;	/* nobody reads it */
	errno = err;
}

static void say(int domain, int type, int protocol, const char *what)
{
	char number[2][16];

	if (preload_stderr())
		preload_say("socket(%s, %s, %d): %s",
			    word(domain_name(domain), domain, number[0]),
			    word(type_name(type), type, number[1]), protocol, what);
}

/* Return: why this socket is not changed, NULL if it is to be TTP's. */
static const char *left_alone(int domain, int type, int protocol)
{
	if (domain != AF_INET && domain != AF_INET6)
		return "left alone: not of the Internet";
	if (type == SOCK_DGRAM && datagrams)
		return !protocol || protocol == IPPROTO_UDP ? NULL : "left alone: not UDP";
	if (type != SOCK_STREAM)
		return "left alone: not a stream";
	if (protocol == IPPROTO_TTP)
		return "left alone: TTP already";
	/* who asks for Multipath TCP takes TCP as well */
	if (protocol && protocol != IPPROTO_TCP && protocol != IPPROTO_MPTCP)
		return "left alone: not TCP";
	return NULL;
}

WRAPPER int socket(int domain, int type, int protocol)
{
	int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
	const char *why = left_alone(domain, kind, protocol);
	int fd;

	/* another library's constructor may be earlier than ours */
	if (!next_socket)
		begin();
	if (!next_socket) {
		errno = EPROTONOSUPPORT;
		return -1;
	}
	if (why) {
		if (debug)
			say(domain, kind, protocol, why);
		return next_socket(domain, type, protocol);
	}
	fd = next_socket(domain, type, kind == SOCK_DGRAM ? IPPROTO_TTP_DATAGRAM : IPPROTO_TTP);
	if (debug)
		say(domain, kind, protocol, fd < 0 ?
		    "could not be made TTP's: is the module loaded?" :
		    "made TTP's");
	return fd;
}

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif

/* SO_ZEROCOPY, which kernels before 6.7 refuse for protocols that they do not know */
WRAPPER int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	static int (*next)(int fd, int level, int name, const void *value, socklen_t len);
	int ret;

	if (!next)
		next = dlsym(RTLD_NEXT, "setsockopt");
	if (!next) {
		errno = ENOPROTOOPT;
		return -1;
	}
	ret = next(fd, level, name, value, len);
	if (!ret || errno != EOPNOTSUPP || level != SOL_SOCKET || name != SO_ZEROCOPY)
		return ret;
	ret = next(fd, SOL_TTP, TTP_ZEROCOPY, value, len);
	if (ret)
		errno = EOPNOTSUPP;
	return ret;
}
