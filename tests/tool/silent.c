// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into the tool: a netlink family `ttp` that has the groups of
 * events and sends none, or with EVENTS in the environment so many: a connection is
 * ESTABLISHED, then CLOSED.  With FLOOD there is always one more.  STRANGE makes them those of
 * another version: kind, time or attribute.  So what watches can be tested without the module.
 * SOCKETS in the environment says how many sockets it has: from port 50001 on,
 * each of which sends its number times 1000 bytes from dump to dump; with MOVES they
 * move meanwhile.  OPS says which requests the family has: old, new, version (a family
 * of another one) or all.  With ALONE no process can be started, and a signal to all of
 * them ends this one.  With LATE=N comes SIGTERM in the instant before the Nth process is
 * waited for.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ttp_netlink.h>

struct mnl_socket {
	int fd[2];
	uint32_t seq;		/* of the last request */
	int answered;
	int dumps;		/* the request is for sockets; 2: they were sent */
};

static struct mnl_socket sockets[16];
static int count;

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *s = &sockets[count++ % 16];

	return socketpair(AF_UNIX, SOCK_DGRAM | flags, 0, s->fd) ? NULL : s;
}

int mnl_socket_bind(struct mnl_socket *s, unsigned int groups, pid_t pid)
{
	return 0;
}

unsigned int mnl_socket_get_portid(const struct mnl_socket *s)
{
	return 0;
}

int mnl_socket_get_fd(const struct mnl_socket *s)
{
	return s->fd[0];
}

/* Return: its length. */
static size_t put_event(char *buf, uint8_t from, uint8_t state)
{
	const char *strange = getenv("STRANGE") ? getenv("STRANGE") : "";
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	nlh->nlmsg_type = 99;
	genl->cmd = strcmp(strange, "kind") ? TTP_CMD_STATE_NTF : TTP_CMD_MAX + 1;
	if (!strcmp(strange, "time")) {
		genl->cmd = TTP_CMD_TIMER_NTF;
		mnl_attr_nest_end(nlh, mnl_attr_nest_start(nlh, TTP_A_EVENT));
		return nlh->nlmsg_len;
	}
	if (!strcmp(strange, "attribute"))
		mnl_attr_put_u16(nlh, TTP_A_CAUSE_KIND, 1);
	mnl_attr_put_u64(nlh, TTP_A_TIME_NS, now.tv_sec * 1000000000ULL + now.tv_nsec);
	mnl_attr_put_u64(nlh, TTP_A_ID, 1001);
	mnl_attr_put_u8(nlh, TTP_A_FROM, from);
	mnl_attr_put_u8(nlh, TTP_A_STATE, state);
	mnl_attr_put_u32(nlh, TTP_A_SADDR, htonl(0x0a000001));
	mnl_attr_put_u32(nlh, TTP_A_DADDR, htonl(0x0a000002));
	mnl_attr_put_u16(nlh, TTP_A_SPORT, 50001);
	mnl_attr_put_u16(nlh, TTP_A_DPORT, 80);
	return nlh->nlmsg_len;
}

static void send_event(const struct mnl_socket *s, uint8_t from, uint8_t state)
{
	char buf[512] __attribute__((aligned(8))) = { 0 };

	send(s->fd[1], buf, put_event(buf, from, state), 0);
}

ssize_t recv(int fd, void *buf, size_t size, int flags)
{
	if (getenv("FLOOD"))
		return put_event(buf, TTP_STATE_SYN_SENT, TTP_STATE_ESTABLISHED);
	return recvfrom(fd, buf, size, flags, NULL, NULL);
}

int mnl_socket_setsockopt(const struct mnl_socket *s, int type, void *buf, socklen_t len)
{
	static int sent;
	int events = getenv("EVENTS") ? atoi(getenv("EVENTS")) : 0;

	if (type == NETLINK_ADD_MEMBERSHIP && sent < events && !sent++)
		send_event(s, TTP_STATE_SYN_SENT, TTP_STATE_ESTABLISHED);
	if (type == NETLINK_ADD_MEMBERSHIP && sent < events && sent++)
		send_event(s, TTP_STATE_ESTABLISHED, TTP_STATE_CLOSED);
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *s, const void *req, size_t size)
{
	const struct nlmsghdr *nlh = req;
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	((struct mnl_socket *)s)->seq = nlh->nlmsg_seq;
	((struct mnl_socket *)s)->dumps = nlh->nlmsg_type == 99 && genl->cmd == TTP_CMD_SOCK_GET;
	return size;
}

static uint16_t dump_flags(void)
{
	return NLM_F_MULTI | (getenv("MOVES") ? NLM_F_DUMP_INTR : 0);
}

/* One of the dump.  Return: its length. */
static size_t put_socket(struct mnl_socket *s, char *buf, int i, uint64_t bytes)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	nlh->nlmsg_type = 99;
	nlh->nlmsg_flags = dump_flags();
	nlh->nlmsg_seq = s->seq;
	genl->cmd = TTP_CMD_SOCK_GET;
	mnl_attr_put_u64(nlh, TTP_A_ID, 1000 + i);
	mnl_attr_put_u8(nlh, TTP_A_STATE, TTP_STATE_ESTABLISHED);
	mnl_attr_put_u32(nlh, TTP_A_SADDR, htonl(0x0a000001));
	mnl_attr_put_u32(nlh, TTP_A_DADDR, htonl(0x0a000002));
	mnl_attr_put_u16(nlh, TTP_A_SPORT, 50000 + i);
	mnl_attr_put_u16(nlh, TTP_A_DPORT, 80);
	mnl_attr_put_u64(nlh, TTP_A_BYTES_SENT, bytes);
	mnl_attr_put_u64(nlh, TTP_A_BYTES_RECEIVED, 7);
	mnl_attr_put_u32(nlh, TTP_A_SRTT_US, 1000 * (100 - i));
	return nlh->nlmsg_len;
}

static ssize_t put_sockets(struct mnl_socket *s, char *buf)
{
	const char *n = getenv("SOCKETS");
	static uint64_t times;
	struct nlmsghdr *nlh;
	size_t len = 0;

	times++;
	for (int i = 1; i <= (n ? atoi(n) : 0); i++)
		len += put_socket(s, buf + len, i, times * i * 1000);
	nlh = mnl_nlmsg_put_header(buf + len);
	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_flags = dump_flags();
	nlh->nlmsg_seq = s->seq;
	mnl_nlmsg_put_extra_header(nlh, sizeof(int));
	return len + nlh->nlmsg_len;
}

static void put_group(struct nlmsghdr *nlh, uint16_t type, const char *name, uint32_t id)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME, name);
	mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, id);
	mnl_attr_nest_end(nlh, nest);
}

static void put_ops(struct nlmsghdr *nlh)
{
	const char *ops = getenv("OPS");
	bool old = ops && !strcmp(ops, "old"), new = ops && !strcmp(ops, "new");
	uint32_t last = old ? TTP_CMD_STATES_GET : new ? TTP_CMD_MAX + 3 : TTP_CMD_MAX;
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTRL_ATTR_OPS);

	for (uint32_t op = 1; op <= last; op++) {
		struct nlattr *one = mnl_attr_nest_start(nlh, op);

		mnl_attr_put_u32(nlh, CTRL_ATTR_OP_ID, op);
		mnl_attr_nest_end(nlh, one);
	}
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_put_u32(nlh, CTRL_ATTR_VERSION,
			 ops && !strcmp(ops, "version") ? 9 : TTP_FAMILY_VERSION);
}

/* The one request is for the family: first what it has, then "no error". */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *s, void *buf, size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *nest;

	nlh->nlmsg_seq = s->seq;
	if (s->dumps == 2) {	/* a kernel would be silent, for ever */
		errno = ENOMSG;
		return -1;
	}
	if (s->dumps) {
		((struct mnl_socket *)s)->dumps = 2;
		return put_sockets((struct mnl_socket *)s, buf);
	}
	if (s->answered) {
		struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

		nlh->nlmsg_type = NLMSG_ERROR;
		err->error = 0;
		return nlh->nlmsg_len;
	}
	((struct mnl_socket *)s)->answered = 1;
	nlh->nlmsg_type = GENL_ID_CTRL;
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, 99);
	put_ops(nlh);
	nest = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);
	put_group(nlh, 1, TTP_MCGRP_STATE, 1);
	put_group(nlh, 2, TTP_MCGRP_SEGMENT, 2);
	put_group(nlh, 3, TTP_MCGRP_DATAGRAM, 3);
	mnl_attr_nest_end(nlh, nest);
	return nlh->nlmsg_len;
}

static pid_t late;

pid_t fork(void)
{
	static int forks;
	pid_t pid;

	if (getenv("ALONE")) {
		errno = EAGAIN;
		return -1;
	}
	pid = ((pid_t (*)(void))dlsym(RTLD_NEXT, "fork"))();
	if (getenv("LATE") && ++forks == atoi(getenv("LATE")))
		late = pid;
	return pid;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	if (late && pid == late) {
		late = 0;
		raise(SIGTERM);
	}
	return ((pid_t (*)(pid_t, int *, int))dlsym(RTLD_NEXT, "waitpid"))(pid, status, options);
}

int kill(pid_t pid, int sig)
{
	if (pid == -1 && getenv("ALONE"))
		_exit(99);
	return syscall(SYS_kill, pid, sig);
}

int mnl_socket_close(struct mnl_socket *s)
{
	close(s->fd[0]);
	close(s->fd[1]);
	s->answered = 0;
	s->dumps = 0;
	return 0;
}
