/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network device whose other end is this process, and headers and checksums for
 * what it writes there.
 */
#ifndef TUN_H
#define TUN_H

#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>

/* in this thread's namespace, with this address of a /24; the fd, nonblocking */
int tun_up(const char *ip, int queue);
/* it is in a VRF, "red", from now on, and has lost its addresses of IPv6 */
void tun_to_vrf(void);

/* the Internet checksum: sum up parts of even length, then fold */
uint32_t sum_add(const void *data, size_t len, uint32_t sum);
uint16_t sum_fold(uint32_t sum);
/* of the segment in a packet of so many bytes, of IPv4 or IPv6; 0 if its own is right */
uint16_t sum_segment(const struct iphdr *ip, int len);
void sum_ip(struct iphdr *ip);	/* puts its own there */

void ip_header(struct iphdr *ip, int protocol, int len, const char *from, const char *to);
/* IPv6's, of a test's addresses; len is with the header's 40 bytes */
void ip6_header(uint8_t *ip, int protocol, int len, const char *from, const char *to);
/* That of the family under test, which has ip_len() bytes */
void family_header(void *ip, int protocol, int len, const char *from, const char *to);
/* an ICMPv6 message of so many bytes behind its header gets its checksum */
void sum_icmpv6(uint8_t *ip, int len);
/* What ICMPv6 has for a type and code of ICMP's */
void to_icmpv6(int *type, int *code);

/* DS field and ECN, IPv6's traffic class */
uint8_t ip_ds(const struct iphdr *ip);
void ip_set_ds(struct iphdr *ip, uint8_t ds);	/* and sum_ip() */

/* A packet by hand: options and data of the segment are in rest. */
struct handmade {
	struct iphdr ip;
	struct tcphdr th;
	uint8_t rest[100];
};

/* The IP header and all checksums, for so many bytes of rest.  Return: its length. */
int finish(struct handmade *p, const char *from, const char *to, int rest);

/* A SYN without options into the device */
void send_syn(int tun, const char *from, int port, const char *to, int to_port);

#endif
