// SPDX-License-Identifier: GPL-2.0
/*
 * Who else may hold a socket: a child, a message that nobody has read yet; and an
 * address that goes.
 */
#include <net/if.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "calls.h"

static pid_t child;
static int mail[2] = { -1, -1 };

/* It holds all that is open, until end_child, or until the run ends. */
void run_fork(const struct step *s, struct outcome *o)
{
	if (child) {
		say(o, "result", "there is one");
		return;
	}
	child = fork();
	if (!child) {
		for (;;)
			pause();
	}
	returned(o, 0);
}

void run_end_child(const struct step *s, struct outcome *o)
{
	if (!child) {
		say(o, "result", "there is none");
		return;
	}
	kill(child, SIGKILL);
	returned(o, waitpid(child, NULL, 0) == child ? 0 : -1);
	child = 0;
}

/* The socket is in a message, and nowhere else. */
void run_pass(const struct step *s, struct outcome *o)
{
	char ctl[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec v = { "", 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(ctl),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	long ret;

	if (mail[0] < 0 && socketpair(AF_UNIX, SOCK_DGRAM, 0, mail))
		return;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &slot[s->arg[0]], sizeof(int));
	ret = sendmsg(mail[0], &m, MSG_DONTWAIT);
	returned(o, ret);
	if (ret > 0)
		put_slot(s->arg[0], -1);
}

void run_take(const struct step *s, struct outcome *o)
{
	char ctl[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))), byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(ctl),
	};
	struct cmsghdr *c;
	long ret = recvmsg(mail[1], &m, MSG_DONTWAIT);
	int fd;

	returned(o, ret);
	c = ret > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	put_slot(s->arg[0], fd);
}

/* of lo: 10.9.9.9, fd00::9, fd00::3 */
enum { GOES, GOES6, STAYS6 };

static int change_address(int type, int flags, int which)
{
	struct {
		struct nlmsghdr h;
		struct ifaddrmsg a;
		struct rtattr attr;
		uint8_t addr[16];
		char answer[512];
	} m = {
		.h = {
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
		},
		.a = { .ifa_family = which == GOES ? AF_INET : AF_INET6,
		       .ifa_flags = IFA_F_NODAD, .ifa_index = 1 },
		.attr = { .rta_type = IFA_LOCAL },
	};
	size_t len = which == GOES ? 4 : 16;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), err = EIO;

	inet_pton(m.a.ifa_family, which == GOES ? "10.9.9.9" : which == GOES6 ? "fd00::9" : "fd00::3", m.addr);
	m.a.ifa_prefixlen = 8 * len;
	m.attr.rta_len = RTA_LENGTH(len);
	m.h.nlmsg_len = NLMSG_LENGTH(sizeof(m.a)) + RTA_LENGTH(len);
	if (send(fd, &m, m.h.nlmsg_len, 0) > 0 && recv(fd, &m, sizeof(m), 0) > 0)
		err = -((struct nlmsgerr *)NLMSG_DATA(&m.h))->error;
	close(fd);
	errno = err;
	return err ? -1 : 0;
}

void run_address_goes(const struct step *s, struct outcome *o)
{
	returned(o, change_address(RTM_DELADDR, 0, over_v6 ? GOES6 : GOES));
}

static int come(int which)
{
	return change_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, which);
}

void run_address_comes(const struct step *s, struct outcome *o)
{
	returned(o, come(over_v6 ? GOES6 : GOES));
}

void addresses_come(void)
{
	if (come(over_v6 ? GOES6 : GOES) || (over_v6 && come(STAYS6)))
		_exit(3);
}
