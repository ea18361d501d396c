// SPDX-License-Identifier: GPL-2.0
/*
 * What a connection that is opened here obeys: rules for marks and users, XFRM
 * policies of the socket, IP_TRANSPARENT.
 */
#include <linux/xfrm.h>
#include <sched.h>
#include "wire.h"

#ifndef IP_XFRM_POLICY
#define IP_XFRM_POLICY 17
#endif

/* A rule that comes before all others, that for local addresses included. */
static void rule(const char *selector)
{
	char command[200];

	const char *ip = is_v6() ? "ip -6" : "ip";

	snprintf(command, sizeof(command), "%s rule add %s prohibit pref 1 && "
		 "%s rule del pref 0 && %s rule add lookup local pref 2", ip, selector, ip, ip);
	EQ(system(command), 0);
}

static int open_and_listen(void)
{
	return port_of(listener(ip_b, 0, 8));
}

TEST_SECONDS(connect_takes_the_routes_of_its_mark, 15)
{
	int port = open_and_listen(), c = sock();

	rule("fwmark 7");
	OK(set_int(c, SOL_SOCKET, SO_MARK, 7));
	ERR(connect_to(c, ip_b, port), EACCES);
	OK(set_int(c, SOL_SOCKET, SO_MARK, 8));
	OK(connect_to(c, ip_b, port));
}

TEST_SECONDS(connect_takes_the_routes_of_its_user, 15)
{
	int port = open_and_listen(), c;

	rule("uidrange 1000-1000");
	OK(seteuid(1000));
	c = sock();
	OK(seteuid(0));
	ERR(connect_to(c, ip_b, port), EACCES);
	OK(connect_to(sock(), ip_b, port));
}

static atomic_bool foreign;

static enum verdict note_foreign(const struct seg *s)
{
	const uint32_t *source = (const uint32_t *)(s->packet + (is_v6() ? 20 : 12));

	if (*source == addr("10.7.7.7", 0).sin_addr.s_addr && seg_flags(s) == SYN)
		foreign = true;
	return PASS;
}

TEST(IP_TRANSPARENT_connects_from_a_foreign_address)
{
	int c;

	wire_up();
	wire_filter(note_foreign);
	c = sock();
	ERR(bind_to(c, "10.7.7.7", 0), EADDRNOTAVAIL);
	OK(set_int(c, ip_level(), ip_option(IP_TRANSPARENT), 1));
	OK(bind_to(c, "10.7.7.7", 0));
	nonblock(c);
	ERR(connect_to(c, ip_b, 4253), EINPROGRESS);
	WAIT(foreign, 3000);
}

/* Forbid what goes one way. */
static void block(int fd, int dir)
{
	struct xfrm_userpolicy_info info = {
		.sel.family = is_v6() ? AF_INET6 : AF_INET,
		.lft = {
			.soft_byte_limit = XFRM_INF, .hard_byte_limit = XFRM_INF,
			.soft_packet_limit = XFRM_INF, .hard_packet_limit = XFRM_INF,
		},
		.action = XFRM_POLICY_BLOCK,
		.dir = dir,
	};

	OK(setsockopt(fd, ip_level(), ip_option(IP_XFRM_POLICY), &info, sizeof(info)));
}

static void allow(int fd)
{
	OK(setsockopt(fd, ip_level(), ip_option(IP_XFRM_POLICY), NULL, 0));
}

TEST(connect_obeys_the_XFRM_policy_of_its_socket)
{
	int port, c;

	wire_up();
	wire_host(B);
	port = open_and_listen();
	wire_host(A);
	c = sock();
	block(c, XFRM_POLICY_OUT);
	ERR(connect_to(c, ip_b, port), EPERM);
	EQ(wire_count(A, SYN), 0);
	allow(c);
	OK(connect_to(c, ip_b, port));
}

/* what it drops is sent again */
TEST(segments_that_come_obey_the_XFRM_policy_of_the_socket)
{
	struct pair p;

	wire_up();
	p = connected();
	block(p.s, XFRM_POLICY_IN);
	send_text(p.c, "late");
	STAYS(!poll_for(p.s, POLLIN, 0), 100);
	allow(p.s);
	recv_text(p.s, "late");
}

/* Early demux: the socket knows by which route its segments come. */
static void early_demux(const char *on)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_early_demux", "w");

	EXPECT(f && fputs(on, f) > 0 && !fclose(f));
}

static long lookups_of(int segments, const char *early)
{
	struct pair p;
	int fd, i;

	first_cpu_only();
	wire_up();
	early_demux(early);
	wire_host(B);
	early_demux(early);
	wire_host(A);
	p = connected();
	fd = probe(is_v6() ? "ip6_route_input" : "ip_route_input_noref", -1, 0);
	for (i = 0; i < segments; i += 2) {
		send_text(p.c, "ping");
		recv_text(p.s, "ping");
		send_text(p.s, "pong");
		recv_text(p.c, "pong");
	}
	return probe_count(fd);
}

TEST(segments_of_a_connection_need_no_route_lookup)
{
	long lookups = lookups_of(100, "1");

	if (lookups > 10)
		fail("%ld route lookups for 100 segments", lookups);
}

TEST(without_ip_early_demux_each_segment_needs_a_route_lookup)
{
	long lookups = lookups_of(100, "0");

	if (lookups < 100)
		fail("%ld route lookups for 100 segments", lookups);
}
