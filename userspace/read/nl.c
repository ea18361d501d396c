// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family `ttp`, by libmnl: find the family and its
 * multicast groups, dump, subscribe.  One struct nl is one socket in one
 * network namespace; it stays there whatever namespace we move to.  Called by
 * feed.c and by what prints dumps and counters.  Next: event.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "base/base.h"
#include "read/event.h"
#include "read/nl.h"

/* A burst of some ten thousand segments must fit while we draw one. */
#define RECEIVE_BUFFER	(16 << 20)
#define MESSAGE_MAX	65536
#define GROUPS_MAX	16

struct nl {
	struct mnl_socket *sock;
	unsigned int portid;
	uint32_t seq;
	uint16_t family;
	struct nl_family about;
	int groups;
	struct {
		char name[GENL_NAMSIZ];
		uint32_t id;
	} group[GROUPS_MAX];
	char ext_ack[128];	/* the kernel's message about an error */
	char buf[MESSAGE_MAX];
};

static int nl_error(struct nl *nl, const char *what)
{
	if (nl->ext_ack[0])
		return fail("%s: %s", what, nl->ext_ack);
	if (errno == EPERM || errno == EACCES)
		return fail("%s: no permission: run it with sudo", what);
	return fail("%s: %s", what, strerror(errno));
}

static int is_error_attr(const struct nlattr *attr, void *arg)
{
	struct nl *nl = arg;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG) {
		snprintf(nl->ext_ack, sizeof(nl->ext_ack), "%.*s",
			 (int)mnl_attr_get_payload_len(attr),
			 (const char *)mnl_attr_get_payload(attr));
		event_clean_string(nl->ext_ack);
	}
	return MNL_CB_OK;
}

/* NLMSG_ERROR, whose error 0 is an acknowledgment. */
static int on_error(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	struct nl *nl = arg;
	size_t skip = sizeof(*err);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	if (!err->error)
		return MNL_CB_STOP;
	errno = err->error < 0 ? -err->error : err->error;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) &&
	    err->msg.nlmsg_len > sizeof(err->msg))
		skip += err->msg.nlmsg_len - sizeof(err->msg);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS &&
	    mnl_nlmsg_get_payload_len(nlh) > skip) {
		int saved = errno;

		mnl_attr_parse(nlh, skip, is_error_attr, nl);
		errno = saved;
	}
	return MNL_CB_ERROR;
}

/* mnl_cb_run2() hands one argument to both kinds of callback. */
struct request {
	struct nl *nl;
	nl_fn fn;
	void *arg;
};

static int on_error_request(const struct nlmsghdr *nlh, void *arg)
{
	struct request *req = arg;

	return on_error(nlh, req->nl);
}

static int on_data(const struct nlmsghdr *nlh, void *arg)
{
	struct request *req = arg;

	return req->fn(nlh, req->arg) ? MNL_CB_ERROR : MNL_CB_OK;
}

/* no longer than it must be: libmnl's own serve what lies beyond, NLMSG_DONE */
static mnl_cb_t control[NLMSG_ERROR + 1] = {
	[NLMSG_ERROR] = on_error_request,
};

/*
 * NLM_F_DUMP_INTR says that things moved meanwhile.  The dump goes on, but at this flag
 * mnl_cb_run2() would leave the rest of the packet unread, NLMSG_DONE among it.
 */
static void forget_moves(void *buf, int len)
{
	for (struct nlmsghdr *nlh = buf; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		nlh->nlmsg_flags &= ~NLM_F_DUMP_INTR;
}

static int answers(struct nl *nl, nl_fn fn, void *arg)
{
	struct request req = { nl, fn, arg };
	int ret = MNL_CB_OK;
	ssize_t len;

	while (ret > MNL_CB_STOP) {
		len = mnl_socket_recvfrom(nl->sock, nl->buf, sizeof(nl->buf));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -1;
		forget_moves(nl->buf, len);
		ret = mnl_cb_run2(nl->buf, len, nl->seq, nl->portid, on_data,
				  &req, control, ARRAY_SIZE(control));
	}
	return ret == MNL_CB_ERROR ? -1 : 0;
}

/* What goes with a request, besides its command. */
struct ask {
	uint16_t family;
	uint8_t cmd;
	uint16_t flags;			/* NLM_F_* */
	const char *family_name;	/* NULL: none */
	struct nl_dump dump;
	uint64_t id;			/* of a connection; 0: none */
	/* puts further attributes; NULL: none */
	void (*put)(struct nlmsghdr *nlh, const void *arg);
	const void *put_arg;
};

static int request(struct nl *nl, const struct ask *ask, nl_fn fn, void *arg)
{
	char buf[256] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = ask->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | ask->flags;
	nlh->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = ask->cmd;
	genl->version = 1;
	if (ask->family_name)
		mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, ask->family_name);
	if (ask->dump.flag)
		mnl_attr_put(nlh, ask->dump.flag, 0, NULL);
	if (ask->dump.parts)
		mnl_attr_put_u32(nlh, TTP_A_PARTS, *ask->dump.parts);
	if (ask->id)
		mnl_attr_put_u64(nlh, TTP_A_ID, ask->id);
	if (ask->put)
		ask->put(nlh, ask->put_arg);
	nl->ext_ack[0] = '\0';
	errno = 0;
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		return -1;
	return answers(nl, fn, arg);
}

static void get_group(struct nl *nl, const struct nlattr *nest)
{
	const struct nlattr *attr, *name = NULL, *id = NULL;
	int i = nl->groups;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			name = attr;
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			id = attr;
	}
	if (!name || !id || i == GROUPS_MAX)
		return;
	snprintf(nl->group[i].name, sizeof(nl->group[i].name), "%s",
		 mnl_attr_get_str(name));
	nl->group[i].id = mnl_attr_get_u32(id);
	nl->groups++;
}

/* One of CTRL_ATTR_OPS. */
static void get_op(struct nl *nl, const struct nlattr *op)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, op)
		if (mnl_attr_get_type(attr) == CTRL_ATTR_OP_ID &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0 && mnl_attr_get_u32(attr) < 64)
			nl->about.ops |= 1ULL << mnl_attr_get_u32(attr);
}

static int on_family(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr, *nest;
	struct nl *nl = arg;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			if (mnl_attr_validate(attr, MNL_TYPE_U16) >= 0)
				nl->family = mnl_attr_get_u16(attr);
			break;
		case CTRL_ATTR_VERSION:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
				nl->about.version = mnl_attr_get_u32(attr);
			break;
		case CTRL_ATTR_OPS:
			mnl_attr_for_each_nested(nest, attr)
				get_op(nl, nest);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			mnl_attr_for_each_nested(nest, attr)
				get_group(nl, nest);
			break;
		}
	}
	return 0;
}

static int find_family(struct nl *nl)
{
	const struct ask ask = {
		.family = GENL_ID_CTRL, .cmd = CTRL_CMD_GETFAMILY, .flags = NLM_F_ACK,
		.family_name = TTP_FAMILY_NAME,
	};

	if (!request(nl, &ask, on_family, nl) && nl->family)
		return TTP_OK;
	if (errno == ENOENT || !errno)
		return fail("the ttp module is not loaded: modprobe ttp, or make load in its sources");
	return nl_error(nl, "netlink");
}

/*
 * Open a socket in the network namespace @ns, or in ours when NULL.
 * Return: NULL after saying why.
 */
struct nl *nl_open(const char *ns)
{
	struct nl *nl = xrealloc(NULL, 1, sizeof(*nl));
	int back, on = 1;

	memset(nl, 0, sizeof(*nl));
	if (ns && netns_visit(ns, &back))
		goto err_free;
	nl->sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!nl->sock)
		fail("netlink socket: %s", strerror(errno));
	if (ns && netns_return(back))
		goto err_close;
	if (!nl->sock)
		goto err_free;
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		fail("netlink socket: %s", strerror(errno));
		goto err_close;
	}
	nl->portid = mnl_socket_get_portid(nl->sock);
	nl->seq = now_ns() / 1000000000;
	/* older kernels do without the two; errors then have fewer words */
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	if (!find_family(nl))
		return nl;
err_close:
	if (nl->sock)
		mnl_socket_close(nl->sock);
err_free:
	free(nl);
	return NULL;
}

/*
 * Dump in each of the namespaces.  While @fn is called, *@reading is the name of
 * the namespace, or NULL for the one that we are in.
 * Return: exit status.
 */
int nl_dump_each(const struct netns_list *ns, const char **reading,
		 const struct nl_dump *dump, nl_fn fn, void *arg)
{
	int status = TTP_OK;

	for (int i = 0; i < netns_count(ns) && !status; i++) {
		struct ask ask;
		struct nl *nl;

		*reading = netns_name(ns, i);
		nl = nl_open(*reading);
		if (!nl)
			return TTP_FAILED;
		ask = (struct ask){
			.family = nl->family, .cmd = dump->cmd, .flags = NLM_F_DUMP, .dump = *dump,
		};
		if (request(nl, &ask, fn, arg))
			status = nl_error(nl, "netlink dump");
		nl_close(nl);
	}
	return status;
}

int nl_get(struct nl *nl, uint8_t cmd, nl_fn fn, void *arg)
{
	const struct ask ask = { .family = nl->family, .cmd = cmd, .flags = NLM_F_ACK };

	if (request(nl, &ask, fn, arg))
		return nl_error(nl, "netlink request");
	return TTP_OK;
}

/*
 * A request whose attributes @put puts, 200 bytes of them at most.
 * Return: 0, or -1 and errno.
 */
int nl_do(struct nl *nl, uint8_t cmd,
	  void (*put)(struct nlmsghdr *nlh, const void *arg), const void *arg)
{
	const struct ask ask = {
		.family = nl->family, .cmd = cmd, .flags = NLM_F_ACK, .put = put, .put_arg = arg,
	};

	return request(nl, &ask, NULL, NULL);
}

/*
 * All that there is of the socket with this id; @fn is not called for one that is gone.
 * Return: exit status.
 */
int nl_sock(struct nl *nl, uint64_t id, nl_fn fn, void *arg)
{
	const struct ask ask = {
		.family = nl->family, .cmd = TTP_CMD_SOCK_GET, .flags = NLM_F_ACK, .id = id,
	};

	if (request(nl, &ask, fn, arg) && errno != ENOENT)
		return nl_error(nl, "reading a socket");
	return TTP_OK;
}

/*
 * Abort the connection, or end the listener, with this id.  One that is gone
 * already is no error.
 * Return: exit status.
 */
int nl_destroy(struct nl *nl, uint64_t id)
{
	const struct ask ask = {
		.family = nl->family, .cmd = TTP_CMD_SOCK_DESTROY, .flags = NLM_F_ACK, .id = id,
	};

	if (request(nl, &ask, NULL, NULL) && errno != ENOENT)
		return nl_error(nl, "closing a socket");
	return TTP_OK;
}

static void make_room(struct nl *nl)
{
	int size = RECEIVE_BUFFER, fd = mnl_socket_get_fd(nl->sock);

	/* only the first is free of net.core.rmem_max, but it needs root */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static void put_filter(struct nlmsghdr *nlh, const void *arg)
{
	const struct nl_filter *filter = arg;
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, TTP_A_GROUPS, filter->groups);
	for (unsigned int i = 0; i < filter->n; i++) {
		nest = mnl_attr_nest_start(nlh, TTP_A_PORTS);
		mnl_attr_put_u16(nlh, TTP_A_PORTS_FIRST, filter->ports[i].first);
		mnl_attr_put_u16(nlh, TTP_A_PORTS_LAST, filter->ports[i].last);
		mnl_attr_nest_end(nlh, nest);
	}
}

/*
 * Have the kernel send only events of some ports.  @fn is called with those that come
 * before its answer.
 * Return: exit status; or -1 when it cannot, and the groups are to be joined: the module
 * is older, or too many have a filter.
 */
int nl_filter(struct nl *nl, const struct nl_filter *filter, nl_fn fn, void *arg)
{
	const struct ask ask = {
		.family = nl->family, .cmd = TTP_CMD_FILTER_SET, .flags = NLM_F_ACK,
		.put = put_filter, .put_arg = filter,
	};

	make_room(nl);
	if (!request(nl, &ask, fn, arg))
		return TTP_OK;
	if (errno == EOPNOTSUPP || errno == ENOSPC)
		return -1;
	return nl_error(nl, "subscribing to events");
}

int nl_subscribe(struct nl *nl, const char *group)
{
	make_room(nl);
	for (int i = 0; i < nl->groups; i++) {
		if (strcmp(nl->group[i].name, group))
			continue;
		if (!mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP,
					   &nl->group[i].id,
					   sizeof(nl->group[i].id)))
			return TTP_OK;
		nl->ext_ack[0] = '\0';
		return nl_error(nl, "subscribing to events");
	}
	return fail("this ttp module has no event group '%s': is it older than the tool?",
		    group);
}

/*
 * The kernel holds events back for some milliseconds: have it send them now, so
 * that the next nl_receive() has them.  It does so before it answers a request, and
 * a request is done when it is sent.  The answer is read as a packet without events.
 */
void nl_flush(struct nl *nl)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
	} ask = {
		{ sizeof(ask), nl->family, NLM_F_REQUEST, ++nl->seq, 0 },
		{ .cmd = TTP_CMD_MIB_GET, .version = 1 },
	};

	/* without it, events of the last milliseconds may be missing at the end */
	mnl_socket_sendto(nl->sock, &ask, sizeof(ask));
}

int nl_fd(const struct nl *nl)
{
	return mnl_socket_get_fd(nl->sock);
}

/*
 * Read one packet of events, if one is there.  @overrun is set when the
 * kernel had to leave out events because we read too slowly.
 * Return: 1 when a packet was read, 0 when none was there, -1 on error.
 */
int nl_receive(struct nl *nl, nl_fn fn, void *arg, bool *overrun)
{
	struct request req = { nl, fn, arg };
	ssize_t len;

	len = recv(nl_fd(nl), nl->buf, sizeof(nl->buf), MSG_DONTWAIT);
	if (len < 0 && errno == ENOBUFS) {
		*overrun = true;
		return 1;
	}
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	mnl_cb_run2(nl->buf, len, 0, 0, on_data, &req, control,
		    ARRAY_SIZE(control));
	return 1;
}

void nl_close(struct nl *nl)
{
	mnl_socket_close(nl->sock);
	free(nl);
}

/* Asks the kernel for the family, here.  Return: false if it has none, which is not said. */
bool nl_family(struct nl_family *family)
{
	struct nl nl = { .sock = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC) };
	const struct ask ask = {
		.family = GENL_ID_CTRL, .cmd = CTRL_CMD_GETFAMILY, .flags = NLM_F_ACK,
		.family_name = TTP_FAMILY_NAME,
	};
	bool found;

	if (!nl.sock)
		return false;
	found = mnl_socket_bind(nl.sock, 0, MNL_SOCKET_AUTOPID) >= 0;
	nl.portid = mnl_socket_get_portid(nl.sock);
	found = found && !request(&nl, &ask, on_family, &nl) && nl.family;
	mnl_socket_close(nl.sock);
	*family = nl.about;
	return found;
}
