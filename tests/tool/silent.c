// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into the tool: a netlink family `ttp` that has the groups of
 * events and sends none.  So what watches can be tested without the module.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ttp_netlink.h>

struct mnl_socket {
	int fd[2];
	uint32_t seq;		/* of the last request */
	int answered;
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

int mnl_socket_setsockopt(const struct mnl_socket *s, int type, void *buf, socklen_t len)
{
	return 0;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *s, const void *req, size_t size)
{
	((struct mnl_socket *)s)->seq = ((const struct nlmsghdr *)req)->nlmsg_seq;
	return size;
}

static void put_group(struct nlmsghdr *nlh, uint16_t type, const char *name, uint32_t id)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME, name);
	mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, id);
	mnl_attr_nest_end(nlh, nest);
}

/* The one request is for the family: first what it has, then "no error". */
ssize_t mnl_socket_recvfrom(const struct mnl_socket *s, void *buf, size_t size)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *nest;

	nlh->nlmsg_seq = s->seq;
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
	nest = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);
	put_group(nlh, 1, TTP_MCGRP_STATE, 1);
	put_group(nlh, 2, TTP_MCGRP_SEGMENT, 2);
	mnl_attr_nest_end(nlh, nest);
	return nlh->nlmsg_len;
}

int mnl_socket_close(struct mnl_socket *s)
{
	close(s->fd[0]);
	close(s->fd[1]);
	s->answered = 0;
	return 0;
}
