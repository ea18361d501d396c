// SPDX-License-Identifier: GPL-2.0
/*
 * One socket by its number in the lists: its queues, and its end from outside.
 */
#include <linux/filter.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "netlink.h"
#include "sock.h"
#include "tun.h"

/* ---- its queues ---- */

/* Return: 0 or an errno; in @buf what came */
static int get_one(uint64_t id, char *buf, size_t size)
{
	struct {
		struct nlattr head;
		uint64_t id;
	} __attribute__((packed)) attr = { { NLA_HDRLEN + 8, TTP_A_ID }, id };
	int family, fd = netlink_open(&family);
	const struct nlmsgerr *err = NLMSG_DATA(buf);

	ask(fd, family, TTP_CMD_SOCK_GET, 0, &attr, sizeof(attr));
	OK(recv(fd, buf, size, 0));
	close(fd);
	return ((struct nlmsghdr *)buf)->nlmsg_type == NLMSG_ERROR ? -err->error : 0;
}

TEST(one_socket_has_its_queues)
{
	static char buf[32768] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	struct tcp_info info, same;
	socklen_t len = sizeof(same);
	uint16_t port;
	struct pair p;
	uint64_t id;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	EQ(times(p.c, false), 1);
	id = found.id;
	EQ(get_one(id, buf, sizeof(buf)), 0);
	copy(nlh, TTP_A_SPORT, &port, sizeof(port));
	EQ(port, port_of(p.c));
	copy(nlh, TTP_A_TCP_INFO, &info, sizeof(info));
	OK(getsockopt(p.c, tcp_level(), TTP_INFO, &same, &len));
	EQ(info.tcpi_snd_cwnd, same.tcpi_snd_cwnd);
	EQ(info.tcpi_rto, same.tcpi_rto);
	find(nlh, TTP_A_SND_NXT);
	EXPECT(!has(nlh, TTP_A_SEND_QUEUE));
	EQ(get_one(0x7fffffff, buf, sizeof(buf)), ENOENT);
}

TEST(only_the_administrator_sees_what_a_queue_has)
{
	static char buf[32768] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	struct pair p;
	uint64_t id;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	EQ(times(p.c, false), 1);
	id = found.id;
	EQ(send(p.c, "x", 1, MSG_MORE), 1);	/* it is held back */
	EQ(get_one(id, buf, sizeof(buf)), 0);
	find(nlh, TTP_A_SEND_QUEUE);
	OK(setresuid(65534, 65534, 65534));
	EQ(get_one(id, buf, sizeof(buf)), 0);
	find(nlh, TTP_A_TCP_INFO);
	EXPECT(!has(nlh, TTP_A_SEND_QUEUE));
	EXPECT(!has(nlh, TTP_A_SND_NXT));
}

/* ---- an end from outside, as ss -K ---- */

/* Return: 0 or an errno */
static int destroy(uint64_t id)
{
	struct {
		struct nlattr head;
		uint64_t id;
	} __attribute__((packed)) attr = { { NLA_HDRLEN + 8, TTP_A_ID }, id };
	char buf[1000] __attribute__((aligned(8)));
	int family, fd = netlink_open(&family);
	struct nlmsgerr *err = NLMSG_DATA(buf);

	ask(fd, family, TTP_CMD_SOCK_DESTROY, NLM_F_ACK, &attr, sizeof(attr));
	OK(recv(fd, buf, sizeof(buf), 0));
	close(fd);
	EQ(((struct nlmsghdr *)buf)->nlmsg_type, NLMSG_ERROR);
	return -err->error;
}

static uint64_t id_of(int fd)
{
	EQ(times(fd, false), 1);
	return found.id;
}

TEST(the_administrator_can_abort_a_connection)
{
	struct pair p;
	uint64_t id;
	char c;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	id = id_of(p.c);
	EQ(destroy(id), 0);
	EQ(so_error(p.c), ECONNABORTED);
	EXPECT(state_is(p.c, "CLOSED"));
	EXPECT(poll_till(p.s, POLLIN) & POLLERR);
	ERR(read(p.s, &c, 1), ECONNRESET);
	EQ(destroy(id), ENOENT);
	EQ(destroy(~0ULL), ENOENT);
	EQ(destroy(0), ENOENT);
}

TEST(the_administrator_can_end_a_listener)
{
	struct pair p;
	int c, port;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	c = sock();
	port = port_of(p.l);
	OK(connect_to(c, ip_b, port));
	EQ(destroy(id_of(p.l)), 0);
	EXPECT(poll_till(c, POLLIN) & POLLERR);	/* nobody will accept it */
	EQ(so_error(p.l), ECONNABORTED);
	ERR(accept(p.l, NULL, NULL), EINVAL);
	ERR(connect_to(sock(), ip_b, port), ECONNREFUSED);
	send_text(p.c, "goes on");
	recv_text(p.s, "goes on");
}

TEST(the_administrator_can_end_TIME_WAIT)
{
	struct pair p;
	int port;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	port = port_of(p.c);
	OK(close(p.c));
	recv_eof(p.s);
	OK(close(p.s));
	WAIT(state_of_port(port) == TTP_STATE_TIME_WAIT, 2000);
	EQ(destroy(found.id), 0);
	EQ(state_of_port(port), 0);
}

static void take_request(const struct nlmsghdr *nlh)
{
	uint8_t state;

	copy(nlh, TTP_A_STATE, &state, sizeof(state));
	if (state != TTP_STATE_SYN_RCVD)
		return;
	found.times++;
	copy(nlh, TTP_A_ID, &found.id, sizeof(found.id));
}

TEST(the_administrator_can_end_a_handshake)
{
	int tun, i;

	if (!is_ttp())
		skip("TTP's lists");
	knob("syncookies", 0);
	tun = tun_up("10.0.0.1", 10);
	listener("10.0.0.1", 4253, 3);
	for (i = 1; i <= 3; i++)
		send_syn(tun, "10.0.0.2", i, "10.0.0.1", 4253);
	for (i = 3; i >= 0; i--) {
		do
			found.times = 0;
		while (!dump(NULL, 0, take_request));	/* the table has shrunk */
		EQ(found.times, i);
		if (i)
			EQ(destroy(found.id), 0);
	}
}

/* ---- a socket that a process has locked, and sleeps ---- */

static char *absent;	/* memory that this process brings when it is asked for */

/* Reading it sleeps until bring_memory().  Return: the descriptor that says so. */
static int memory_that_is_absent(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	long size = sysconf(_SC_PAGESIZE);
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 && errno == ENOSYS)
		skip("no userfaultfd here");
	OK(ioctl(OK(fd), UFFDIO_API, &api));
	absent = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(absent != MAP_FAILED);
	reg.range.start = (uintptr_t)absent;
	reg.range.len = size;
	OK(ioctl(fd, UFFDIO_REGISTER, &reg));
	return fd;
}

static void bring_memory(int fd)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)absent, .len = sysconf(_SC_PAGESIZE) },
	};

	OK(ioctl(fd, UFFDIO_ZEROPAGE, &zero));
}

static void *send_absent(void *fd)
{
	EQ(send(*(int *)fd, absent, 1, 0), 1);
	return NULL;
}

static void *filter_absent(void *fd)
{
	struct sock_fprog prog = { .len = 1, .filter = (void *)absent };

	ERR(setsockopt(*(int *)fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)), EINVAL);
	return NULL;
}

/* Who reads or ends a socket has a lock of all of generic netlink, and waits for no process. */
TEST(a_socket_that_a_process_has_locked_holds_up_nobody)
{
	static char buf[32768] __attribute__((aligned(8)));
	struct uffd_msg msg;
	uint64_t id, lid;
	struct pair p;
	pthread_t t;
	int port, fd;

	if (!is_ttp())
		skip("TTP's lists");
	fd = memory_that_is_absent();
	p = connected();
	id = id_of(p.c);
	lid = id_of(p.l);
	port = port_of(p.c);
	t = spawn(send_absent, &p.c);
	EQ(read(fd, &msg, sizeof(msg)), sizeof(msg));	/* it sleeps, and has the lock */
	EQ(get_one(id, buf, sizeof(buf)), EBUSY);
	EQ(destroy(id), 0);
	EQ(state_of_port(port), TTP_STATE_ESTABLISHED);
	bring_memory(fd);
	join(t);
	EXPECT(state_is(p.c, "CLOSED"));
	EQ(so_error(p.c), ECONNABORTED);
	EXPECT(poll_till(p.s, POLLIN) & POLLERR);
	close(fd);

	fd = memory_that_is_absent();
	t = spawn(filter_absent, &p.l);
	EQ(read(fd, &msg, sizeof(msg)), sizeof(msg));
	EQ(destroy(lid), EBUSY);
	bring_memory(fd);
	join(t);
	EXPECT(state_is(p.l, "LISTEN"));
	EQ(destroy(lid), 0);
	EXPECT(state_is(p.l, "CLOSED"));
}

/* In a child process. Return: what destroy() returned after @change */
static int destroy_after(int (*change)(void), uint64_t id)
{
	pid_t pid = OK(fork());
	int status;

	if (!pid)
		_exit(change() ? 255 : destroy(id));
	OK(waitpid(pid, &status, 0));
	EXPECT(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int be_nobody(void) { return setresuid(65534, 65534, 65534); }
static int leave_user_namespace(void) { return unshare(CLONE_NEWUSER); }

TEST(nobody_else_can_end_a_connection)
{
	struct pair p;
	uint64_t id;

	if (!is_ttp())
		skip("TTP's lists");
	p = connected();
	id = id_of(p.c);
	EQ(destroy_after(be_nobody, id), EPERM);
	EQ(destroy_after(leave_user_namespace, id), EPERM);
	EXPECT(state_is(p.c, "ESTABLISHED"));
}
