// SPDX-License-Identifier: GPL-2.0
/*
 * What decides which segments of a listener may leave and come: XFRM policies of
 * the socket, programs of its cgroup, IP_MINTTL.  Each holds for the handshake, too.
 */
#include <linux/bpf.h>
#include <linux/xfrm.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "wire.h"

/* host B listens, host A connects and waits: the connecting socket */
static int connecting(int l)
{
	int c;

	wire_host(A);
	c = sock();
	nonblock(c);
	ERR(connect_to(c, ip_b, port_of(l)), EINPROGRESS);
	return c;
}

static int listener_on_b(void)
{
	wire_up();
	wire_host(B);
	return listener("0.0.0.0", 4253, 8);
}

/* no SYN,ACK answers the SYN */
#define NO_ANSWER()							\
	do {								\
		WAIT(wire_count(A, SYN), 3000);				\
		STAYS(!wire_count(B, 0), 200);				\
	} while (0)
#define CONNECTS(c)	WAIT(poll_for(c, POLLOUT, 0) == POLLOUT, 3000)

/* 0xff: none; of the socket, for what it sends */
static int xfrm_policy(int fd, int action)
{
	struct xfrm_userpolicy_info info = {
		.sel.family = is_v6() ? AF_INET6 : AF_INET,
		.lft = {
			.soft_byte_limit = XFRM_INF, .hard_byte_limit = XFRM_INF,
			.soft_packet_limit = XFRM_INF, .hard_packet_limit = XFRM_INF,
		},
		.action = action,
		.dir = XFRM_POLICY_OUT,
	};

	if (action == 0xff)
		return setsockopt(fd, ip_level(), ip_option(IP_XFRM_POLICY), NULL, 0);
	return setsockopt(fd, ip_level(), ip_option(IP_XFRM_POLICY), &info, sizeof(info));
}

TEST(SYN_ACKs_obey_the_XFRM_policy_of_the_listener)
{
	int l = listener_on_b(), c;

	OK(xfrm_policy(l, XFRM_POLICY_BLOCK));
	c = connecting(l);
	NO_ANSWER();
	OK(xfrm_policy(l, 0xff));
	CONNECTS(c);
}

static enum verdict SYNs_become_ACKs(const struct seg *s)
{
	if (s->from == A && seg_flags(s) == SYN) {
		((uint8_t *)s->th)[13] = ACK;
		wire_resum(s);
	}
	return PASS;
}

/* an ACK that is for no connection */
TEST(a_RST_obeys_the_XFRM_policy_of_the_listener)
{
	int l = listener_on_b();

	if (is_v6() && !is_ttp())
		skip("Linux 6.1's TCP does not ask it by IPv6");
	OK(xfrm_policy(l, XFRM_POLICY_BLOCK));
	wire_filter(SYNs_become_ACKs);
	connecting(l);
	NO_ANSWER();
	OK(xfrm_policy(l, 0xff));
	WAIT(wire_count(B, RST), 3000);
}

TEST(a_child_has_the_XFRM_policy_of_its_listener)
{
	int l = listener_on_b(), c, s;

	c = connecting(l);
	CONNECTS(c);
	wire_host(B);
	s = OK(accept(l, NULL, NULL));
	OK(xfrm_policy(s, XFRM_POLICY_BLOCK));
	send_text(s, "stays here");
	STAYS(!wire_data(B), 100);
	OK(xfrm_policy(s, 0xff));
	WAIT(poll_for(c, POLLIN, 0), 3000);
	recv_text(c, "stays here");
}

/* cgroups: this process is in the one that it made last */

static int group = -1;

static void join_group(void)
{
	char path[64] = "/tmp/ttp-cgroup-XXXXXX";
	int fd;

	/* the mount goes with this process; the group stays, and is made once */
	EXPECT(mkdtemp(path));
	OK(unshare(CLONE_NEWNS));
	OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	OK(mount("none", path, "cgroup2", 0, NULL));
	strcat(path, "/ttp-test");
	mkdir(path, 0755);
	group = OK(open(path, O_RDONLY | O_DIRECTORY));
	fd = OK(openat(group, "cgroup.procs", O_WRONLY));
	EQ(write(fd, "0", 1), 1);
	close(fd);
}

/* What leaves from sockets of the group is dropped. */
static void drop_egress(bool on)
{
	static int prog = -1;
	struct bpf_insn drop[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_CGROUP_SKB,
		.expected_attach_type = BPF_CGROUP_INET_EGRESS,
		.insn_cnt = 2,
		.insns = (uintptr_t)drop,
		.license = (uintptr_t)"GPL",
	};
	union bpf_attr attach = {
		.target_fd = group,
		.attach_type = BPF_CGROUP_INET_EGRESS,
	};

	if (prog < 0)
		prog = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	if (prog < 0 && errno == ENOSYS)
		skip("this kernel loads no BPF programs");
	OK(prog);
	attach.attach_bpf_fd = prog;
	if (!on)
		OK(syscall(SYS_bpf, BPF_PROG_DETACH, &attach, sizeof(attach)));
	else
		OK(syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)));
}

TEST(SYN_ACKs_pass_the_programs_of_the_listeners_cgroup)
{
	int l, c;

	wire_up();
	c = sock();
	nonblock(c);
	wire_host(B);
	join_group();
	l = listener("0.0.0.0", 4253, 8);
	drop_egress(true);
	ERR(connect_to(c, ip_b, port_of(l)), EINPROGRESS);
	NO_ANSWER();
	drop_egress(false);
	CONNECTS(c);
}

TEST(a_child_is_in_the_cgroup_of_its_listener)
{
	int l, c, s;

	wire_up();
	c = sock();
	wire_host(B);
	join_group();
	l = listener("0.0.0.0", 4253, 8);
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	drop_egress(true);
	send_text(s, "stays here");
	STAYS(!wire_data(B), 100);
	drop_egress(false);
	recv_text(c, "stays here");
}

/* IP_MINTTL (RFC 5082) */

static void min_ttl(int fd, int ttl)
{
	OK(set_int(fd, ip_level(), ip_option(IP_MINTTL), ttl));
}

static void ttl(int fd, int ttl)
{
	OK(set_int(fd, ip_level(), ip_option(IP_TTL), ttl));
}

TEST(IP_MINTTL_of_a_listener_drops_SYNs)
{
	int l = listener_on_b(), c;

	min_ttl(l, 255);
	c = connecting(l);
	NO_ANSWER();
	wire_host(B);
	if (is_ttp())
		EXPECT(counter("MinTTLDrop") > 0);
	ttl(c, 255);
	CONNECTS(c);
}

static void set_ttl(const struct seg *s, int ttl)
{
	s->packet[is_v6() ? 7 : 8] = ttl;
	wire_resum(s);
}

/* as if it had passed many routers */
static enum verdict ACKs_come_from_far(const struct seg *s)
{
	if (s->from == A && seg_flags(s) & ACK) {
		set_ttl(s, 64);
	}
	return PASS;
}

/* nor does the ACK that ends the handshake come through, data or not */
TEST(IP_MINTTL_of_a_listener_holds_for_its_handshakes)
{
	int l = listener_on_b(), c, s;

	if (!is_ttp())
		skip("Linux 6.1's TCP does not check it");
	min_ttl(l, 255);
	wire_host(A);
	c = sock();
	ttl(c, 255);
	wire_filter(ACKs_come_from_far);
	OK(connect_to(c, ip_b, port_of(l)));
	send_text(c, "from far");
	WAIT(wire_data(A), 3000);
	STAYS(!poll_for(l, POLLIN, 0), 100);
	wire_filter(NULL);
	s = OK(accept(l, NULL, NULL));
	recv_text(s, "from far");
}

static enum verdict SYN_from_far_is_unreachable(const struct seg *s)
{
	if (s->from != A)
		return PASS;
	set_ttl(s, 10);
	wire_icmp(s, ICMP_HOST_UNREACH);
	return DROP;
}

/* as by TCP: the packet that the ICMP message is about went too far */
TEST(IP_MINTTL_drops_ICMP_errors)
{
	int c, l;

	if (is_v6())
		skip("IPV6_MINHOPCOUNT is about the message itself, as with TCP");
	l = listener_on_b();
	wire_host(A);
	c = sock();
	nonblock(c);
	min_ttl(c, 64);
	wire_filter(SYN_from_far_is_unreachable);
	ERR(connect_to(c, ip_b, port_of(l)), EINPROGRESS);
	WAIT(wire_count(A, SYN), 3000);
	STAYS(!poll_for(c, POLLOUT, 0), 100);
	wire_filter(NULL);
	CONNECTS(c);
}
