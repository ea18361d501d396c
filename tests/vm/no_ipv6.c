// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel whose IPv6 is switched off as a whole (ipv6.disable=1, tests/run without6) or for a
 * device (disable_ipv6): what TTP says of it is what TCP and UDP say, and IPv4 goes on.
 */
#include "six.h"
#include "threads.h"

static int error_of(int fd)
{
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* 0 where there is IPv6, else EAFNOSUPPORT */
TEST(a_socket_of_IPv6_is_refused_as_the_kernels_own)
{
	int want = error_of(socket(AF_INET6, SOCK_STREAM, 0));

	EQ(error_of(socket(AF_INET6, SOCK_DGRAM, 0)), want);
	if (!is_ttp())
		return;
	EQ(error_of(socket(AF_INET6, SOCK_STREAM, IPPROTO_TTP)), want);
	EQ(error_of(socket(AF_INET6, SOCK_DGRAM, IPPROTO_TTP_DATAGRAM)), want);
	EQ(error_of(socket(AF_TTP, SOCK_STREAM, TTPPROTO_IPV6)), want);
	EQ(error_of(socket(AF_TTP, SOCK_DGRAM, TTPPROTO_IPV6)), want);
	EQ(error_of(socket(AF_TTP, SOCK_STREAM, TTPPROTO_IP)), 0);
}

static int stream6(void)
{
	int fd = !is_ttp() ? socket(AF_INET6, SOCK_STREAM, 0) :
			     socket(AF_TTP, SOCK_STREAM, TTPPROTO_IPV6);

	if (fd < 0 && errno == EAFNOSUPPORT)
		skip("no IPv6 in this kernel");
	return OK(fd);
}

static void disable(const char *device, const char *value)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", device);
	fd = OK(open(path, O_WRONLY));
	EQ(write(fd, value, 1), 1);
	close(fd);
}

TEST(a_device_without_IPv6_has_no_addresses_of_it_and_IPv4_goes_on)
{
	int l = stream6(), c;

	disable("lo", "1");
	ERR(bind6(l, "::1", 5000), EADDRNOTAVAIL);
	OK(bind6(l, "::", 5000));
	OK(listen(l, 8));
	ERR(connect6(stream6(), "::1", 5000), EADDRNOTAVAIL);
	c = stream6();
	OK(connect6(c, "::ffff:127.0.0.1", 5000));
	OK(accept(l, NULL, NULL));
	c = sock();
	OK(connect4(c, "127.0.0.1", 5000));
	OK(accept(l, NULL, NULL));
	disable("lo", "0");
	OK(connect6(stream6(), "::1", 5000));
	OK(accept(l, NULL, NULL));
}
