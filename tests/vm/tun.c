// SPDX-License-Identifier: GPL-2.0
/*
 * A tun device and the Internet checksum, see tun.h.
 */
#include <linux/if_tun.h>
#include <net/if.h>
#include "sock.h"
#include "tun.h"

static void set_address(int fd, struct ifreq *r, int request, const char *ip)
{
	struct sockaddr_in a = addr(ip, 0);

	memcpy(&r->ifr_addr, &a, sizeof(a));
	OK(ioctl(fd, request, r));
}

int tun_up(const char *ip, int queue)
{
	int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), fd;
	struct ifreq r = { .ifr_name = "wire0" };

	r.ifr_flags = IFF_TUN | IFF_NO_PI;
	if (tun < 0 || ioctl(tun, TUNSETIFF, &r))
		skip("no tun device could be made");
	fd = OK(socket(AF_INET, SOCK_DGRAM, 0));
	set_address(fd, &r, SIOCSIFADDR, ip);
	set_address(fd, &r, SIOCSIFNETMASK, "255.255.255.0");
	r.ifr_qlen = queue;
	OK(ioctl(fd, SIOCSIFTXQLEN, &r));
	r.ifr_flags = IFF_UP;
	OK(ioctl(fd, SIOCSIFFLAGS, &r));
	strcpy(r.ifr_name, "lo");
	OK(ioctl(fd, SIOCSIFFLAGS, &r));
	close(fd);
	return tun;
}

uint32_t sum_add(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}
