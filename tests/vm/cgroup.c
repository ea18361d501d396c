// SPDX-License-Identifier: GPL-2.0
/*
 * What the BPF programs of a cgroup may forbid and change, for both ways to open
 * a socket.
 */
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "bpf.h"

static char root[64], folder[96];
static int group = -1;

static void move_to(const char *where)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", where);
	fd = OK(open(path, O_WRONLY));
	OK(write(fd, "0", 1));
	close(fd);
}

static void leave(void)
{
	move_to(root);
}

static void remove_group(void)
{
	leave();
	rmdir(folder);
}

/* This process is in a cgroup of its own from here on. */
static void enter(void)
{
	snprintf(root, sizeof(root), "/tmp/cgroup.%d", getpid());
	snprintf(folder, sizeof(folder), "%s/test.%d", root, getpid());
	OK(unshare(CLONE_NEWNS));
	OK(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	OK(mkdir(root, 0700));
	OK(mount("none", root, "cgroup2", 0, NULL));
	OK(mkdir(folder, 0700));
	group = OK(open(folder, O_RDONLY | O_DIRECTORY));
	move_to(folder);
	at_end(remove_group);
}

static void attach(int type, int where, const struct bpf_insn *code, unsigned int len)
{
	union bpf_attr attr = {
		.target_fd = group,
		.attach_bpf_fd = bpf_load(type, where, 0, code, len),
		.attach_type = where,
	};

	OK(bpf(BPF_PROG_ATTACH, &attr));
}

static void detach(int where)
{
	union bpf_attr attr = { .target_fd = group, .attach_type = where };

	OK(bpf(BPF_PROG_DETACH, &attr));
}

/* A program that answers 0: no. */
static void forbid(int type, int where)
{
	struct bpf_insn no[] = { MOV(0, 0), EXIT() };

	attach(type, where, no, LENGTH(no));
}

/* A program that puts another address where a system call has one. */
static void rewrite(int where, const char *ip, int port)
{
	struct sockaddr_in a = addr(ip, 0);
	struct bpf_insn code[2 * 4 + 4];
	socklen_t unused;
	union address k = to_kernel(&a, &unused);
	int i, n = 0, words = is_v6() ? 4 : 1;

	for (i = 0; i < words; i++) {
		code[n++] = (struct bpf_insn)MOV(2, is_v6() ? k.v6.sin6_addr.s6_addr32[i] :
							      k.v4.sin_addr.s_addr);
		code[n++] = (struct bpf_insn)
			STORE(1, is_v6() ? offsetof(struct bpf_sock_addr, user_ip6[i]) :
					   offsetof(struct bpf_sock_addr, user_ip4), 2);
	}
	code[n++] = (struct bpf_insn)MOV(2, htons(port));
	code[n++] = (struct bpf_insn)STORE(1, offsetof(struct bpf_sock_addr, user_port), 2);
	code[n++] = (struct bpf_insn)MOV(0, 1);
	code[n++] = (struct bpf_insn)EXIT();
	attach(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, where, code, n);
}

/* The hooks have the family in their names. */
#define HOOK(name) (is_v6() ? BPF_CGROUP_INET6_##name : BPF_CGROUP_INET4_##name)

TEST(sock_create_may_forbid_a_socket)
{
	int family = is_v6() ? AF_INET6 : AF_INET;

	enter();
	forbid(BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE);
	ERR(is_ttp() ? socket(AF_TTP, SOCK_STREAM, is_v6() ? TTPPROTO_IPV6 : TTPPROTO_IP) :
		       socket(family, SOCK_STREAM, 0), EPERM);
	if (is_ttp())
		ERR(socket(family, SOCK_STREAM, IPPROTO_TTP), EPERM);
	detach(BPF_CGROUP_INET_SOCK_CREATE);
	sock();
}

/* Queueing disciplines and devices of many queues tell flows apart by it: they find no ports in
 * protocol 253.
 */
TEST(packets_of_a_connection_have_a_hash)
{
	struct bpf_insn hash[] = {
		LOAD(0, 1, offsetof(struct __sk_buff, hash)),
		SKIP_IF_ZERO(0, 1),
		MOV(0, 1),
		EXIT(),
	};
	struct pair p;

	enter();
	p = connected();
	attach(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, hash, LENGTH(hash));
	send_text(p.c, "hello");
	recv_text(p.s, "hello");
	detach(BPF_CGROUP_INET_EGRESS);
}

TEST(connect4_may_forbid_a_connection)
{
	int l = listener(ip_b, 4253, 1), c;

	enter();
	c = sock();
	forbid(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, HOOK(CONNECT));
	ERR(connect_to(c, ip_b, 4253), EPERM);
	EXPECT(!poll_for(l, POLLIN, 0));
	detach(HOOK(CONNECT));
	OK(connect_to(c, ip_b, 4253));
}

TEST(connect4_may_send_a_connection_elsewhere)
{
	int l = listener("127.0.0.3", 4000, 1), c;

	enter();
	c = sock();
	rewrite(HOOK(CONNECT), "127.0.0.3", 4000);
	OK(connect_to(c, "127.0.0.9", 9));
	EQ(peer_port_of(c), 4000);
	EQ(ntohl(peer_address_of(c).sin_addr.s_addr), 0x7f000003);
	OK(accept(l, NULL, NULL));
}

TEST(connect_with_too_short_an_address_does_not_reach_connect4)
{
	struct sockaddr_in a = addr(ip_b, 4253);
	socklen_t len;
	union address k = to_kernel(&a, &len);
	int c;

	enter();
	c = sock();
	rewrite(HOOK(CONNECT), ip_b, 4000);
	/* of IPv6 the scope may be left out */
	ERR(connect(c, &k.any, len - (is_v6() ? 5 : 1)), EINVAL);
}

TEST(bind4_may_forbid_and_change_an_address)
{
	struct sockaddr_in a;
	int fd;

	enter();
	fd = sock();
	forbid(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, HOOK(BIND));
	ERR(bind_to(fd, ip_b, 4000), EPERM);
	detach(HOOK(BIND));
	rewrite(HOOK(BIND), "127.0.0.3", 4001);
	OK(bind_to(fd, ip_b, 4000));
	a = address_of(fd);
	EQ(ntohl(a.sin_addr.s_addr), 0x7f000003);
	EQ(ntohs(a.sin_port), 4001);
}

TEST(post_bind4_may_forbid_and_the_port_is_free_again)
{
	int fd;

	enter();
	fd = sock();
	forbid(BPF_PROG_TYPE_CGROUP_SOCK, HOOK(POST_BIND));
	ERR(bind_to(fd, ip_b, 4000), EPERM);
	detach(HOOK(POST_BIND));
	OK(bind_to(sock(), ip_b, 4000));
	OK(bind_to(fd, ip_b, 4001));
}

TEST(getsockname4_and_getpeername4_may_change_what_is_said)
{
	struct pair p;

	enter();
	p = connected();
	rewrite(HOOK(GETSOCKNAME), ip_b, 7);
	rewrite(HOOK(GETPEERNAME), ip_b, 8);
	EQ(port_of(p.c), 7);
	EQ(peer_port_of(p.c), 8);
	EQ(port_of(p.s), 7);
}

TEST(setsockopt_and_getsockopt_may_be_forbidden)
{
	int fd;

	enter();
	fd = sock();
	forbid(BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT);
	ERR(set_int(fd, tcp_level(), TTP_NODELAY, 1), EPERM);
	detach(BPF_CGROUP_SETSOCKOPT);
	OK(set_int(fd, tcp_level(), TTP_NODELAY, 1));
	forbid(BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT);
	ERR(getsockopt(fd, tcp_level(), TTP_NODELAY, &(int){ 0 }, &(socklen_t){ 4 }), EPERM);
	detach(BPF_CGROUP_GETSOCKOPT);
	EQ(get_int(fd, tcp_level(), TTP_NODELAY), 1);
}

/* what it drops is sent again */
TEST(egress_may_drop_segments)
{
	struct pair p;

	enter();
	p = connected();
	forbid(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS);
	send_text(p.c, "late");
	STAYS(!poll_for(p.s, POLLIN, 0), 100);
	detach(BPF_CGROUP_INET_EGRESS);
	recv_text(p.s, "late");
}

TEST(ingress_may_drop_segments)
{
	struct pair p;

	enter();
	p = connected();
	forbid(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS);
	send_text(p.c, "late");
	STAYS(!poll_for(p.s, POLLIN, 0), 100);
	detach(BPF_CGROUP_INET_INGRESS);
	recv_text(p.s, "late");
}

/* whoever accepts it */
TEST(an_accepted_socket_is_in_the_cgroup_of_its_listener)
{
	struct pair p;

	enter();
	p.l = listener(ip_b, 4253, 1);
	leave();
	p.c = sock();
	OK(connect_to(p.c, ip_b, 4253));
	p.s = OK(accept(p.l, NULL, NULL));
	forbid(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS);
	send_text(p.s, "late");
	STAYS(!poll_for(p.c, POLLIN, 0), 100);
	detach(BPF_CGROUP_INET_EGRESS);
	recv_text(p.c, "late");
}
