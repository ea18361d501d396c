// SPDX-License-Identifier: GPL-2.0
/*
 * Opens a socket of each kind that `ttp run` decides about and prints a line
 * for each: what came of it and its flags.  With an argument: what is said
 * when standard error has become another file goes to none.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void try(const char *name, int domain, int type, int protocol)
{
	int fd;

	errno = 0;
	fd = socket(domain, type, protocol);
	printf("%s: %s%s%s\n", name, fd < 0 ? strerrorname_np(errno) : "open",
	       fd >= 0 && fcntl(fd, F_GETFL) & O_NONBLOCK ? " nonblock" : "",
	       fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC ? " cloexec" : "");
	close(fd);
}

static int other_stderr(const char *name)
{
	struct stat st;
	int fd;

	close(STDERR_FILENO);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd != STDERR_FILENO || socket(AF_INET, SOCK_STREAM, 0) < 0 ||
	    fstat(fd, &st))
		return 2;
	return st.st_size != 0;
}

int main(int argc, char **argv)
{
	const int both = SOCK_NONBLOCK | SOCK_CLOEXEC;

	if (argc > 1)
		return other_stderr(argv[1]);
	try("stream", AF_INET, SOCK_STREAM, 0);
	try("stream of TCP", AF_INET, SOCK_STREAM, IPPROTO_TCP);
	try("stream with flags", AF_INET, SOCK_STREAM | both, IPPROTO_TCP);
	try("stream with one", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	try("stream of Multipath TCP", AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	try("stream of IPv6", AF_INET6, SOCK_STREAM | both, 0);
	try("datagram", AF_INET, SOCK_DGRAM | both, 0);
	try("local stream", AF_UNIX, SOCK_STREAM | both, 0);
	return 0;
}
