// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to TTP by netlink, see netlink.h.
 */
#include <sys/stat.h>
#include "netlink.h"
#include "sock.h"

void ask(int fd, int family, int cmd, int flags, const void *attr, int len)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		char attr[64];
	} m = { .nlh.nlmsg_type = family, .nlh.nlmsg_flags = NLM_F_REQUEST | flags,
		.genl.cmd = cmd, .genl.version = 1 };

	m.nlh.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + len;
	memcpy(m.attr, attr, len);
	OK(send(fd, &m, m.nlh.nlmsg_len, 0));
}

const struct nlattr *has(const struct nlmsghdr *nlh, int type)
{
	const char *p = (const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN;
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const struct nlattr *a;

	for (; p < end; p += NLA_ALIGN(a->nla_len)) {
		a = (const struct nlattr *)p;
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
	}
	return NULL;
}

const struct nlattr *find(const struct nlmsghdr *nlh, int type)
{
	const struct nlattr *a = has(nlh, type);

	if (!a)
		fail("netlink: no attribute %d", type);
	return a;
}

void copy(const struct nlmsghdr *nlh, int type, void *to, size_t len)
{
	memcpy(to, (const char *)find(nlh, type) + NLA_HDRLEN, len);
}

static int family_id(int fd)
{
	struct {
		struct nlattr head;
		char name[8];
	} name = { { NLA_HDRLEN + 4, CTRL_ATTR_FAMILY_NAME }, "ttp" };
	static char buf[8192];
	uint16_t id;

	ask(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, &name, NLA_HDRLEN + 4);
	OK(recv(fd, buf, sizeof(buf), 0));
	copy((struct nlmsghdr *)buf, CTRL_ATTR_FAMILY_ID, &id, sizeof(id));
	return id;
}

static bool interrupted;	/* the list is not of one piece */

/* One message of a dump; false: it was the last one */
static bool take(const struct nlmsghdr *nlh, void (*row)(const struct nlmsghdr *nlh))
{
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		interrupted = true;
	if (nlh->nlmsg_type == NLMSG_DONE)
		return false;
	EXPECT(nlh->nlmsg_type != NLMSG_ERROR);
	row(nlh);
	return true;
}

int netlink_open(int *family)
{
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC));

	*family = family_id(fd);
	return fd;
}

bool dump_of(int cmd, const void *attr, int attr_len, void (*row)(const struct nlmsghdr *nlh))
{
	static char buf[32768] __attribute__((aligned(8)));
	int family, fd = netlink_open(&family), len;
	const struct nlmsghdr *nlh;
	bool more = true;

	interrupted = false;
	ask(fd, family, cmd, NLM_F_DUMP, attr, attr_len);
	while (more) {
		len = OK(recv(fd, buf, sizeof(buf), 0));
		for (nlh = (struct nlmsghdr *)buf; more && NLMSG_OK(nlh, len);
		     nlh = NLMSG_NEXT(nlh, len))
			more = take(nlh, row);
	}
	close(fd);
	return !interrupted;
}

bool dump(const void *attr, int attr_len, void (*row)(const struct nlmsghdr *nlh))
{
	return dump_of(TTP_CMD_SOCK_GET, attr, attr_len, row);
}

static int wanted_port;
static uint32_t wanted_inode;
struct found found;

static void find_socket(const struct nlmsghdr *nlh)
{
	uint32_t inode;
	uint16_t port;
	uint8_t state;

	copy(nlh, TTP_A_INODE, &inode, sizeof(inode));
	copy(nlh, TTP_A_SPORT, &port, sizeof(port));
	if (wanted_inode ? inode != wanted_inode : port != wanted_port)
		return;
	found.times++;
	found.port = port;
	copy(nlh, TTP_A_STATE, &state, sizeof(state));
	copy(nlh, TTP_A_UID, &found.uid, sizeof(found.uid));
	copy(nlh, TTP_A_ID, &found.id, sizeof(found.id));
	found.state = state;
}

const struct nlattr unconnected = { NLA_HDRLEN, TTP_A_UNCONNECTED };

int times(int fd, bool all)
{
	struct stat st;

	OK(fstat(fd, &st));
	wanted_inode = st.st_ino;
	do
		found.times = 0;
	while (!dump(&unconnected, all ? NLA_HDRLEN : 0, find_socket));	/* the table has shrunk */
	return found.times;
}

int state_of_port(int port)
{
	wanted_inode = 0;
	wanted_port = port;
	found.times = 0;
	dump(NULL, 0, find_socket);
	return found.times ? found.state : 0;
}
