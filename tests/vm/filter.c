// SPDX-License-Identifier: GPL-2.0
/*
 * BPF programs on sockets, and what a socket is bound to.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <sys/syscall.h>
#include "wire.h"

/* Loads the byte at @at of the segment; what has @value there is dropped. */
#define DROP_IF(at, value)							\
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (at)),				\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1),			\
	BPF_STMT(BPF_RET | BPF_K, 0),						\
	BPF_STMT(BPF_RET | BPF_K, 0xffffffff)

static int attach(int fd, struct sock_filter *code, int len)
{
	struct sock_fprog prog = { .len = len, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

static int lock(int fd, int on)
{
	return set_int(fd, SOL_SOCKET, SO_LOCK_FILTER, on);
}

static int detach(int fd)
{
	return set_int(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

/* what it drops is as good as lost, and comes when the filter is gone */
TEST(SO_ATTACH_FILTER_drops_segments)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct pair p = connected();

	OK(attach(p.s, all, 1));
	EQ(drops_of(p.s), 0);
	send_text(p.c, "lost");
	STAYS(!poll_for(p.s, POLLIN, 0), 100);
	EXPECT(drops_of(p.s) > 0);
	OK(detach(p.s));
	recv_text(p.s, "lost");
	ERR(detach(p.s), ENOENT);
}

/* flags are at 13, a SYN's are 2 */
TEST(a_filter_of_a_listener_may_drop_SYNs)
{
	struct sock_filter no_syn[] = { DROP_IF(13, 2) };
	int l = listener(ip_b, 0, 1), c = sock();

	OK(attach(l, no_syn, 4));
	nonblock(c);
	ERR(connect_to(c, ip_b, port_of(l)), EINPROGRESS);
	STAYS(!poll_for(c, POLLOUT, 0), 100);
	OK(detach(l));
	WAIT(poll_for(c, POLLOUT, 0) == POLLOUT, 3000);
}

/* it may count them */
TEST(a_cookies_ACK_passes_the_filter_once)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, 0xffffffff) };
	int i, fd, l = listener(ip_b, 0, 4);
	long calls[2];

	OK(attach(l, all, 1));
	fd = probe("sk_filter_trim_cap", -1, 0);
	for (i = 0; i < 2; i++) {
		knob("syncookies", i ? 2 : 0);
		calls[i] = -probe_count(fd);
		OK(connect_to(sock(), ip_b, port_of(l)));
		OK(accept(l, NULL, NULL));
		calls[i] += probe_count(fd);
	}
	EQ(calls[1], calls[0]);
}

TEST(a_child_has_the_filter_of_its_listener)
{
	struct sock_filter no_text[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 60, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	char buf[100] = { 0 };
	struct pair p;
	int l = listener(ip_b, 0, 1);

	OK(attach(l, no_text, 4));
	p.c = sock();
	OK(connect_to(p.c, ip_b, port_of(l)));
	p.s = OK(accept(l, NULL, NULL));
	EQ(send(p.c, buf, 100, 0), 100);
	STAYS(!poll_for(p.s, POLLIN, 0), 50);
	OK(detach(p.s));
	EQ(recv(p.s, buf, 100, MSG_WAITALL), 100);
}

TEST(a_locked_filter_stays)
{
	struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0xffffffff) };
	struct pair p = connected();

	OK(attach(p.s, none, 1));
	OK(lock(p.s, 1));
	ERR(detach(p.s), EPERM);
	ERR(attach(p.s, none, 1), EPERM);
	ERR(lock(p.s, 0), EPERM);
	send_text(p.c, "passes");
	recv_text(p.s, "passes");
}

/* the header is kept, whatever is cut off */
TEST(a_filter_may_cut_data_off)
{
	struct sock_filter cut[] = { BPF_STMT(BPF_RET | BPF_K, 1) };
	struct pair p = connected();

	OK(attach(p.s, cut, 1));
	EQ(send(p.c, "x", 1, 0), 1);
	STAYS(!poll_for(p.s, POLLIN, 0), 50);
	OK(detach(p.s));
	recv_text(p.s, "x");
}

TEST(SO_ATTACH_BPF_takes_a_program)
{
	struct bpf_insn drop[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = 2,
		.insns = (uintptr_t)drop,
		.license = (uintptr_t)"GPL",
	};
	struct pair p = connected();
	int prog = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	if (prog < 0 && errno == ENOSYS)
		skip("this kernel loads no BPF programs");
	OK(prog);
	OK(setsockopt(p.s, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)));
	send_text(p.c, "lost");
	STAYS(!poll_for(p.s, POLLIN, 0), 50);
	OK(detach(p.s));
	recv_text(p.s, "lost");
}

TEST(SO_BINDTODEVICE_says_which_device_a_listener_hears)
{
	int l, c;

	wire_up();
	wire_host(B);
	l = sock_peer();
	OK(setsockopt(l, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	OK(bind_to(l, "0.0.0.0", 4253));
	OK(listen(l, 1));
	wire_host(A);
	ERR(connect_to(sock(), ip_b, 4253), ECONNREFUSED);
	wire_host(B);
	c = sock();
	OK(connect_to(c, "127.0.0.1", 4253));
	OK(accept(l, NULL, NULL));
}

/* as those that a filter drops */
TEST(SO_MEMINFO_counts_the_segments_that_the_protocol_drops)
{
	struct pair p;
	int c, l;

	wire_up();
	p = connected();
	wire_impair(&(struct impair){ .duplicate = 100 });
	send_text(p.c, "twice");
	recv_text(p.s, "twice");
	WAIT(drops_of(p.s) > 0, 1000);
	EQ(drops_of(p.c), 0);

	wire_host(A);
	l = listener(ip_a, 0, 0);
	OK(connect_to(sock(), ip_a, port_of(l)));	/* one may wait */
	WAIT(waiting(l) == 1, 1000);
	EQ(drops_of(l), 0);
	c = sock();
	nonblock(c);
	ERR(connect_to(c, ip_a, port_of(l)), EINPROGRESS);
	WAIT(drops_of(l) > 0, 1000);
}
