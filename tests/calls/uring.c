// SPDX-License-Identifier: GPL-2.0
/*
 * The same by io_uring, without a library: one operation, and a time limit for it.
 */
#include <linux/io_uring.h>
#include <linux/time_types.h>
#include <sys/syscall.h>
#include "calls.h"

struct ring {
	int fd;
	struct io_uring_params p;
	char *sq, *cq;
	struct io_uring_sqe *sqe;
};

static __thread char memory[65536];

static uint32_t *at(char *ring, uint32_t offset)
{
	return (uint32_t *)(ring + offset);
}

static bool ring_open(struct ring *r)
{
	memset(r, 0, sizeof(*r));
	r->fd = syscall(SYS_io_uring_setup, 4, &r->p);
	if (r->fd < 0)
		return false;
	r->sq = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd,
		     IORING_OFF_SQ_RING);
	r->cq = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd,
		     IORING_OFF_CQ_RING);
	r->sqe = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd,
		      IORING_OFF_SQES);
	return r->sq != MAP_FAILED && r->cq != MAP_FAILED && r->sqe != MAP_FAILED;
}

static void ring_close(struct ring *r)
{
	munmap(r->sq, 4096);
	munmap(r->cq, 4096);
	munmap(r->sqe, 4096);
	close(r->fd);
}

/* Its result: what the call would return, or an errno below 0 */
static long submit(const struct io_uring_sqe *operation)
{
	struct __kernel_timespec limit = { .tv_nsec = BLOCK_MS * 500000l };
	long result = -EOPNOTSUPP;
	struct ring r;
	uint32_t i, head;

	if (!ring_open(&r))
		return -EOPNOTSUPP;
	r.sqe[0] = *operation;
	r.sqe[0].flags |= IOSQE_IO_LINK;
	r.sqe[0].user_data = 1;
	r.sqe[1] = (struct io_uring_sqe){
		.opcode = IORING_OP_LINK_TIMEOUT, .addr = (uintptr_t)&limit, .len = 1,
	};
	for (i = 0; i < 2; i++)
		at(r.sq, r.p.sq_off.array)[i] = i;
	__atomic_store_n(at(r.sq, r.p.sq_off.tail), 2, __ATOMIC_RELEASE);
	syscall(SYS_io_uring_enter, r.fd, 2, 2, IORING_ENTER_GETEVENTS, NULL, 0);
	head = *at(r.cq, r.p.cq_off.head);
	for (; head != __atomic_load_n(at(r.cq, r.p.cq_off.tail), __ATOMIC_ACQUIRE); head++) {
		struct io_uring_cqe *c = (struct io_uring_cqe *)(r.cq + r.p.cq_off.cqes) +
					 (head & *at(r.cq, r.p.cq_off.ring_mask));

		if (c->user_data == 1)
			result = c->res;
	}
	ring_close(&r);
	return result;
}

static long finish(struct outcome *o, long result)
{
	if (result < 0) {
		errno = -result;
		returned(o, -1);
	}
	return result;
}

void run_uring_accept(const struct step *s, struct outcome *o)
{
	long fd = finish(o, submit(&(struct io_uring_sqe){
		.opcode = IORING_OP_ACCEPT, .fd = slot[s->arg[0]] }));

	if (fd < 0)
		return;
	returned(o, 0);
	timeouts(fd);
	put_slot(s->arg[1], fd);
}

void run_uring_connect(const struct step *s, struct outcome *o)
{
	union address a = address(s->arg[1]);
	long ret = finish(o, submit(&(struct io_uring_sqe){
		.opcode = IORING_OP_CONNECT, .fd = slot[s->arg[0]], .addr = (uintptr_t)&a,
		.off = address_len() }));

	if (!ret)
		returned(o, ret);
}

void run_uring_send(const struct step *s, struct outcome *o)
{
	long ret;

	content(memory, s->arg[1], s->arg[0]);
	ret = finish(o, submit(&(struct io_uring_sqe){
		.opcode = IORING_OP_SEND, .fd = slot[s->arg[0]], .addr = (uintptr_t)memory,
		.len = s->arg[1], .msg_flags = s->arg[2] }));
	if (ret >= 0)
		returned(o, ret);
}

void run_uring_recv(const struct step *s, struct outcome *o)
{
	long ret = finish(o, submit(&(struct io_uring_sqe){
		.opcode = IORING_OP_RECV, .fd = slot[s->arg[0]], .addr = (uintptr_t)memory,
		.len = s->arg[1], .msg_flags = s->arg[2] }));

	if (ret >= 0)
		returned_with(o, ret, "sum %08x", s->arg[2] & MSG_TRUNC ? 0 : sum(memory, ret));
}

void run_uring_poll(const struct step *s, struct outcome *o)
{
	long ret = finish(o, submit(&(struct io_uring_sqe){
		.opcode = IORING_OP_POLL_ADD, .fd = slot[s->arg[0]],
		.poll32_events = s->arg[1] }));

	if (ret >= 0)
		returned_with(o, 0, "%s", events_name(ret));
}

void run_uring_shutdown(const struct step *s, struct outcome *o)
{
	long ret = finish(o, submit(&(struct io_uring_sqe){
		.opcode = IORING_OP_SHUTDOWN, .fd = slot[s->arg[0]], .len = s->arg[1] }));

	if (!ret)
		returned(o, ret);
}
