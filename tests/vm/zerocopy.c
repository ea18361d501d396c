// SPDX-License-Identifier: GPL-2.0
/*
 * MSG_ZEROCOPY, and io_uring's SEND_ZC: the kernel sends the program's own pages, and says
 * when it needs them no more.
 */
#include <time.h>
#include <linux/errqueue.h>
#include <linux/io_uring.h>
#include <linux/sockios.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "wire.h"

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif
#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif

/* Linux 6.1 refuses SO_ZEROCOPY of protocols that it does not know. */
static int set_zerocopy(int fd, int value)
{
	return is_ttp() ? set_int(fd, tcp_level(), TTP_ZEROCOPY, value) :
			  set_int(fd, SOL_SOCKET, SO_ZEROCOPY, value);
}

/* The first notice: of which calls, and were their pages copied? */
static struct sock_extended_err notice(int fd)
{
	char control[200];
	struct msghdr msg = { .msg_control = control, .msg_controllen = sizeof(control) };
	struct sock_extended_err err;

	EXPECT(poll_till(fd, 0) & POLLERR);
	OK(recvmsg(fd, &msg, MSG_ERRQUEUE));
	memcpy(&err, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(err));
	EQ(err.ee_errno, 0);
	EQ(err.ee_origin, SO_EE_ORIGIN_ZEROCOPY);
	return err;
}

TEST(a_notice_comes_when_the_data_is_acknowledged)
{
	static char text[10000];
	struct pair p = connected();
	struct sock_extended_err err;

	OK(set_zerocopy(p.c, 1));
	fill(text, sizeof(text), 0);
	EQ(send(p.c, text, sizeof(text), MSG_ZEROCOPY), sizeof(text));
	recv_bytes(p.s, sizeof(text), 0);
	err = notice(p.c);
	EQ(err.ee_info, 0);
	EQ(err.ee_data, 0);
	/* loopback copies, or the reader would hold the pages */
	EQ(err.ee_code, SO_EE_CODE_ZEROCOPY_COPIED);
}

TEST(notices_are_numbered)
{
	static char text[3000];
	struct pair p = connected();
	struct sock_extended_err err;
	unsigned int next = 0;
	int i;

	OK(set_zerocopy(p.c, 1));
	fill(text, sizeof(text), 0);
	for (i = 0; i < 3; i++)
		EQ(send(p.c, text + i * 1000, 1000, MSG_ZEROCOPY), 1000);
	recv_bytes(p.s, sizeof(text), 0);
	while (next < 3) {
		err = notice(p.c);
		EQ(err.ee_info, next);
		next = err.ee_data + 1;
	}
	EQ(next, 3);
}

/* what is changed before the packet leaves is what arrives: nothing was copied */
TEST(the_pages_are_the_programs)
{
	static char text[4096] __attribute__((aligned(4096)));
	struct pair p = connected();
	char got, command[80];

	snprintf(command, sizeof(command), "tc qdisc add dev lo root netem delay %dms",
		 12 * test_slowness());
	if (system(command))
		skip("no netem here");
	OK(set_zerocopy(p.c, 1));
	memset(text, 'a', sizeof(text));
	EQ(send(p.c, text, sizeof(text), MSG_ZEROCOPY), sizeof(text));
	memset(text, 'b', sizeof(text));
	EQ(recv(p.s, &got, 1, 0), 1);
	EQ(got, 'b');
	EQ(notice(p.c).ee_info, 0);
}

static bool all_sent(int fd)
{
	int n;

	OK(ioctl(fd, SIOCOUTQNSD, &n));
	return !n;
}

/* One notice is for several calls only as long as nothing of them was sent. */
TEST(a_notice_does_not_wait_for_what_is_written_later)
{
	static char text[300000];
	struct pair p = connected();
	struct sock_extended_err err;
	char command[80];

	snprintf(command, sizeof(command), "tc qdisc add dev lo root netem delay %dms",
		 12 * test_slowness());
	if (system(command))
		skip("no netem here");
	OK(set_int(p.s, SOL_SOCKET, SO_RCVBUF, 4096));
	OK(set_zerocopy(p.c, 1));
	EQ(send(p.c, text, 1000, MSG_ZEROCOPY), 1000);
	WAIT(all_sent(p.c), 2000);
	nonblock(p.c);
	/* more than the peer's window takes */
	while (send(p.c, text, sizeof(text), MSG_ZEROCOPY) > 0)
		;
	err = notice(p.c);
	EQ(err.ee_info, 0);
	EQ(err.ee_data, 0);
}

TEST(copied_and_shared_data_keep_their_order)
{
	static char text[60000];
	struct pair p = connected();
	int i;

	OK(set_zerocopy(p.c, 1));
	fill(text, sizeof(text), 0);
	for (i = 0; i < 60; i++)
		EQ(send(p.c, text + 1000 * i, 1000, i & 1 ? MSG_ZEROCOPY : 0), 1000);
	recv_bytes(p.s, sizeof(text), 0);
}

static void *send_all_of_it(void *arg)
{
	static char text[1 << 20];
	size_t done = 0;
	int fd = *(int *)arg;

	fill(text, sizeof(text), 0);
	while (done < sizeof(text))
		done += OK(send(fd, text + done, sizeof(text) - done, MSG_ZEROCOPY));
	OK(shutdown(fd, SHUT_WR));
	WAIT(tcp_info_of(fd).tcpi_unacked == 0, 10000);
	return NULL;
}

TEST_SECONDS(a_mebibyte_through_loss_is_whole, 40)
{
	struct pair p;
	pthread_t t;

	wire_up();
	p = connected();
	OK(set_zerocopy(p.c, 1));
	wire_impair(&(struct impair){ .loss = 3, .delay_low = 0, .delay_high = 2 });
	t = spawn(send_all_of_it, &p.c);
	recv_bytes(p.s, 1 << 20, 0);
	recv_eof(p.s);
	join(t);
	EQ(notice(p.c).ee_info, 0);
}

/* the notices of what will never be acknowledged come all the same */
TEST(a_RST_gives_the_pages_back)
{
	static char text[100000];
	struct pair p = connected();

	OK(set_zerocopy(p.c, 1));
	nonblock(p.c);
	OK(send(p.c, text, sizeof(text), MSG_ZEROCOPY));
	close_hard(p.s);
	WAIT(so_error(p.c) || state_is(p.c, "CLOSED"), 1000);
	EQ(notice(p.c).ee_info, 0);
}

TEST(bad_addresses_are_refused_and_nothing_is_lost)
{
	struct pair p = connected();

	OK(set_zerocopy(p.c, 1));
	ERR(send(p.c, (void *)8, 1000, MSG_ZEROCOPY), EFAULT);
	send_text(p.c, "whole");
	recv_text(p.s, "whole");
}

TEST(ZEROCOPY_is_0_or_1)
{
	int fd = sock();

	OK(set_zerocopy(fd, 1));
	EQ(get_int(fd, SOL_SOCKET, SO_ZEROCOPY), 1);
	OK(set_zerocopy(fd, 0));
	EQ(get_int(fd, SOL_SOCKET, SO_ZEROCOPY), 0);
	ERR(set_zerocopy(fd, 2), EINVAL);
	ERR(set_zerocopy(fd, -1), EINVAL);
}

/* what goes with the SYN is copied, and the notice says so */
TEST(a_call_that_connects_gets_its_notice)
{
	struct sockaddr_in a = addr("127.0.0.1", 4000);
	socklen_t size;
	union address to = to_kernel(&a, &size);
	int l, i, c;

	knob("fastopen", 3);
	l = listener("127.0.0.1", 4000, 8);
	OK(set_int(l, tcp_level(), TTP_FASTOPEN, 5));
	for (i = 0; i < 2; i++) {
		c = sock();
		OK(set_zerocopy(c, 1));
		EQ(sendto(c, "hello", 5, MSG_FASTOPEN | MSG_ZEROCOPY, &to.any, size), 5);
		recv_text(OK(accept(l, NULL, NULL)), "hello");
		EQ(notice(c).ee_info, 0);
	}
}

/* ---- io_uring ---- */

struct ring {
	int fd;
	struct io_uring_params p;
	uint8_t *ring;
	struct io_uring_sqe *sqes;
};

static uint32_t *at(struct ring *r, uint32_t off)
{
	return (uint32_t *)(r->ring + off);
}

static struct ring ring_up(void)
{
	struct ring r = {};
	long fd = syscall(__NR_io_uring_setup, 4, &r.p);

	if (fd < 0)
		skip("no io_uring here");
	r.fd = fd;
	r.ring = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		      IORING_OFF_SQ_RING);
	r.sqes = mmap(NULL, 4 * sizeof(*r.sqes), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
	EXPECT(r.ring != MAP_FAILED && r.sqes != MAP_FAILED);
	return r;
}

static const struct io_uring_cqe *completion(struct ring *r)
{
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(r->ring + r->p.cq_off.cqes);
	uint32_t head = *at(r, r->p.cq_off.head);

	WAIT(__atomic_load_n(at(r, r->p.cq_off.tail), __ATOMIC_ACQUIRE) != head, 2000);
	__atomic_store_n(at(r, r->p.cq_off.head), head + 1, __ATOMIC_RELEASE);
	return &cqes[head & *at(r, r->p.cq_off.ring_mask)];	/* until all places were used again */
}

static void send_zc(struct ring *r, int fd, const void *data, size_t len)
{
	uint32_t tail = *at(r, r->p.sq_off.tail), i = tail & *at(r, r->p.sq_off.ring_mask);

	r->sqes[i] = (struct io_uring_sqe){
		.opcode = 47 /* IORING_OP_SEND_ZC */, .fd = fd,
		.addr = (uintptr_t)data, .len = len,
	};
	at(r, r->p.sq_off.array)[i] = i;
	__atomic_store_n(at(r, r->p.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	EQ(syscall(__NR_io_uring_enter, r->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0), 1);
}

/* by the end that connected, and by the one that was accepted */
TEST(SEND_ZC_sends_and_tells_when_the_pages_are_free)
{
	static char text[10000];
	struct pair p = connected();
	struct ring r = ring_up();
	const struct io_uring_cqe *cqe;
	int i, from, to;

	fill(text, sizeof(text), 0);
	for (i = 0; i < 2; i++) {
		from = i ? p.s : p.c;
		to = i ? p.c : p.s;
		send_zc(&r, from, text, sizeof(text));
		cqe = completion(&r);
		EQ(cqe->res, sizeof(text));
		EXPECT(cqe->flags & IORING_CQE_F_MORE);
		recv_bytes(to, sizeof(text), 0);
		cqe = completion(&r);
		EXPECT(cqe->flags & 8 /* IORING_CQE_F_NOTIF */);
	}
}
