/* SPDX-License-Identifier: GPL-2.0 */
/*
 * BPF programs of a few instructions, loaded by the system call itself.
 */
#ifndef BPF_H
#define BPF_H

#include <linux/bpf.h>
#include <linux/filter.h>
#include <sys/syscall.h>
#include "sock.h"

#define INSN(c, d, s, o, i)	\
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV(reg, value)		INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, value)
#define MOV_REG(to, from)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define ADD(reg, value)		INSN(BPF_ALU64 | BPF_ADD | BPF_K, reg, 0, 0, value)
#define LOAD(to, from, at)	INSN(BPF_LDX | BPF_MEM | BPF_W, to, from, at, 0)
#define STORE(to, at, from)	INSN(BPF_STX | BPF_MEM | BPF_W, to, from, at, 0)
#define STORE_VALUE(to, at, v)	INSN(BPF_ST | BPF_MEM | BPF_W, to, 0, at, v)
#define SKIP_IF_ZERO(reg, n)	INSN(BPF_JMP | BPF_JEQ | BPF_K, reg, 0, n, 0)
#define SKIP_UNLESS(reg, v, n)	INSN(BPF_JMP | BPF_JNE | BPF_K, reg, 0, n, v)
#define ATOMIC_ADD(to, from)	INSN(BPF_STX | BPF_ATOMIC | BPF_DW, to, from, 0, BPF_ADD)
#define MAP(reg, fd)		INSN(BPF_LD | BPF_IMM | BPF_DW, reg, BPF_PSEUDO_MAP_FD, 0, fd), \
				INSN(0, 0, 0, 0, 0)
#define CALL(helper)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define EXIT()			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

#define LENGTH(array)		(sizeof(array) / sizeof((array)[0]))

static inline int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* @attach: enum bpf_attach_type; @btf_id: the function of a BPF_LSM_MAC, or 0 */
static inline int bpf_load(int type, int attach, unsigned int btf_id,
			   const struct bpf_insn *code, unsigned int len)
{
	static char log[4096];
	union bpf_attr attr = {
		.prog_type = type,
		.expected_attach_type = attach,
		.attach_btf_id = btf_id,
		.insn_cnt = len,
		.insns = (uintptr_t)code,
		.license = (uintptr_t)"GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0 && errno == ENOSYS)
		skip("this kernel loads no BPF programs");
	if (fd < 0)
		fail("the program was not loaded: %s %s", strerror(errno), log);
	return fd;
}

#endif
