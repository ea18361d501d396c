// SPDX-License-Identifier: GPL-2.0
/*
 * Events, as who listens gets them: their numbers, and filters in the kernel.
 */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/ttp_netlink.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include "threads.h"

#define ALL	(TTP_EVENT_GROUP_STATE | TTP_EVENT_GROUP_SEGMENT | TTP_EVENT_GROUP_CONG | \
		 TTP_EVENT_GROUP_TIMER)

/* ---- a request ---- */

struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	char attrs[512];
};

static __thread char buf[65536] __attribute__((aligned(8)));

static const struct nlattr *next_attr(const struct nlattr *a)
{
	return (const struct nlattr *)((const char *)a + NLA_ALIGN(a->nla_len));
}

static const struct nlattr *first_attr(const struct nlmsghdr *nlh)
{
	return (const struct nlattr *)((const char *)nlh + NLMSG_HDRLEN + GENL_HDRLEN);
}

static bool attr_in(const struct nlattr *a, const void *end)
{
	return (const char *)a + NLA_HDRLEN <= (const char *)end;
}

static const void *end_of(const struct nlmsghdr *nlh)
{
	return (const char *)nlh + nlh->nlmsg_len;
}

static const void *payload(const struct nlattr *a) { return (const char *)a + NLA_HDRLEN; }
static int type_of(const struct nlattr *a) { return a->nla_type & NLA_TYPE_MASK; }

static const struct nlattr *find(const struct nlattr *a, const void *end, int type)
{
	for (; attr_in(a, end); a = next_attr(a))
		if (type_of(a) == type)
			return a;
	return NULL;
}

static struct nlattr *put(struct request *r, int type, const void *value, int len)
{
	struct nlattr *a = (struct nlattr *)((char *)r + NLMSG_ALIGN(r->nlh.nlmsg_len));

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy((char *)a + NLA_HDRLEN, value, len);
	r->nlh.nlmsg_len = (char *)next_attr(a) - (char *)r;
	return a;
}

static struct request request(int family, int cmd, int flags)
{
	return (struct request){
		.nlh = { NLMSG_HDRLEN + GENL_HDRLEN, family, NLM_F_REQUEST | flags },
		.genl = { cmd, 1 },
	};
}

/* Without an address it would get no events of groups. */
static int open_netlink(void)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC));

	OK(bind(fd, (struct sockaddr *)&any, sizeof(any)));
	return fd;
}

static uint16_t family;
static uint32_t group_ids[4];

static void take_group(const struct nlattr *nest)
{
	static const char *const names[] = { "state", "segment", "cong", "timer" };
	const void *end = (const char *)nest + nest->nla_len;
	const struct nlattr *name = find(payload(nest), end, CTRL_ATTR_MCAST_GRP_NAME);
	const struct nlattr *id = find(payload(nest), end, CTRL_ATTR_MCAST_GRP_ID);
	int i;

	for (i = 0; i < 4; i++)
		if (!strcmp(payload(name), names[i]))
			memcpy(&group_ids[i], payload(id), sizeof(group_ids[i]));
}

static void find_family(void)
{
	struct request r = request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	const struct nlattr *a, *groups;
	int fd = open_netlink();

	put(&r, CTRL_ATTR_FAMILY_NAME, "ttp", 4);
	OK(send(fd, &r, r.nlh.nlmsg_len, 0));
	OK(recv(fd, buf, sizeof(buf), 0));
	a = find(first_attr(nlh), end_of(nlh), CTRL_ATTR_FAMILY_ID);
	memcpy(&family, payload(a), sizeof(family));
	groups = find(first_attr(nlh), end_of(nlh), CTRL_ATTR_MCAST_GROUPS);
	for (a = payload(groups); attr_in(a, (const char *)groups + groups->nla_len); a = next_attr(a))
		take_group(a);
	close(fd);
}

/* All events that were made are sent, and who listens by now is seen. */
static void flush(void)
{
	struct request r = request(family, TTP_CMD_MIB_GET, 0);
	int fd = open_netlink();

	OK(send(fd, &r, r.nlh.nlmsg_len, 0));
	OK(recv(fd, buf, sizeof(buf), 0));
	close(fd);
}

static int join_groups(void)
{
	int fd = open_netlink(), i;

	for (i = 0; i < 4; i++)
		OK(setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group_ids[i],
			      sizeof(group_ids[i])));
	flush();
	return fd;
}

/* Return: what is answered, 0 or an errno */
static int ask_for(int fd, const struct request *r)
{
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	ssize_t n;

	OK(send(fd, r, r->nlh.nlmsg_len, 0));
	do {	/* events may come before the answer, or have been too many */
		n = recv(fd, buf, sizeof(buf), 0);
		EXPECT(n > 0 || errno == ENOBUFS);
	} while (n < 0 || nlh->nlmsg_type != NLMSG_ERROR);
	return -((struct nlmsgerr *)NLMSG_DATA(nlh))->error;
}

/* So many ranges of ports, of one port each, from @port on.  Return: 0 or an errno */
static int set_filter(int fd, uint32_t groups, uint16_t port, int n)
{
	struct request r = request(family, TTP_CMD_FILTER_SET, NLM_F_ACK);
	struct {
		struct nlattr head;
		uint16_t port[2];
	} first = { { NLA_HDRLEN + 2, TTP_A_PORTS_FIRST }, {} };
	int i;

	put(&r, TTP_A_GROUPS, &groups, sizeof(groups));
	for (i = 0; i < n; i++) {
		first.port[0] = port + i;
		put(&r, NLA_F_NESTED | TTP_A_PORTS, &first, sizeof(first));
	}
	return ask_for(fd, &r);
}

/* ---- what comes ---- */

static struct {
	long events;
	long missing;	/* by the gaps */
	uint64_t next;	/* number */
} groups[4];	/* as their bits */
static int overruns;
static long foreign;	/* events without the port */
static uint16_t wanted;

static int group_of(const struct nlmsghdr *nlh)
{
	switch (((const struct genlmsghdr *)NLMSG_DATA(nlh))->cmd) {
	case TTP_CMD_STATE_NTF:
		return 0;
	case TTP_CMD_SEGMENT_NTF:
		return 1;
	case TTP_CMD_CONG_NTF:
		return 2;
	case TTP_CMD_TIMER_NTF:
		return 3;
	}
	fail("an event of no group");
}

static uint16_t u16_of(const struct nlattr *a)
{
	uint16_t value;

	EXPECT(a);
	memcpy(&value, payload(a), sizeof(value));
	return value;
}

static void look_at_ports(const struct nlattr *a, const void *end)
{
	const struct nlattr *segment = find(a, end, TTP_A_SEGMENT);
	const struct ttp_segment *s = segment ? payload(segment) : NULL;
	uint16_t sport = s ? s->sport : u16_of(find(a, end, TTP_A_SPORT));
	uint16_t dport = s ? s->dport : u16_of(find(a, end, TTP_A_DPORT));

	foreign += sport != wanted && dport != wanted;
}

static int events_in(const struct nlmsghdr *nlh)
{
	const struct nlattr *a;
	int n = 0;

	if (!group_of(nlh)) {
		look_at_ports(first_attr(nlh), end_of(nlh));
		return 1;
	}
	for (a = first_attr(nlh); attr_in(a, end_of(nlh)); a = next_attr(a)) {
		if (type_of(a) != TTP_A_EVENT)
			continue;
		look_at_ports(payload(a), (const char *)a + a->nla_len);
		n++;
	}
	EXPECT(n);
	return n;
}

static void take(const struct nlmsghdr *nlh)
{
	const struct nlattr *seq;
	int g = group_of(nlh), n;
	uint64_t number;

	EQ(nlh->nlmsg_type, family);
	seq = find(first_attr(nlh), end_of(nlh), TTP_A_EVENT_SEQ);
	EXPECT(seq);
	memcpy(&number, payload(seq), sizeof(number));
	n = events_in(nlh);
	EXPECT(number >= groups[g].next);
	groups[g].missing += number - groups[g].next;
	groups[g].next = number + n;
	groups[g].events += n;
}

/* All that has come */
static void read_events(int fd)
{
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	ssize_t len;

	flush();
	for (;;) {
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0 && errno == ENOBUFS) {
			overruns++;
			continue;
		}
		if (len < 0 && errno == EAGAIN)
			return;
		OK(len);
		take(nlh);
	}
}

static void begin(void)
{
	if (!is_ttp())
		skip("TTP's events");
	find_family();
}

/* ---- tests ---- */

TEST(events_are_numbered_without_a_gap)
{
	struct pair p;
	int fd, g;

	begin();
	fd = join_groups();
	p = connected();
	wanted = port_of(p.l);
	transfer(&p, 100000);
	read_events(fd);
	for (g = 0; g < 4; g++) {
		EXPECT(groups[g].events > 0);
		EQ(groups[g].missing, 0);
	}
	EQ(overruns, 0);
}

TEST(numbers_say_how_many_a_slow_reader_has_missed)
{
	struct pair p;
	int fd, g, i;

	begin();
	fd = join_groups();
	OK(set_int(fd, SOL_SOCKET, SO_RCVBUF, 1));
	p = connected();
	wanted = port_of(p.l);
	send_bytes(p.c, 100000, 0);
	recv_bytes(p.s, 100000, 0);
	flush();
	/* room again, and no more events are lost */
	OK(set_int(fd, SOL_SOCKET, SO_RCVBUF, 1 << 20));
	read_events(fd);
	EXPECT(overruns);
	for (i = 0; i < 3; i++) {
		send_bytes(p.c, 10000, 0);
		recv_bytes(p.s, 10000, 0);
	}
	close(p.c);
	recv_eof(p.s);
	read_events(fd);
	for (g = 0; g < 2; g++) {
		EXPECT(groups[g].missing > 0);
		EQ(groups[g].events + groups[g].missing, groups[g].next);
	}
}

/* A socket that is full looks like one that is not there. */
TEST(a_reader_that_was_slow_for_a_moment_is_not_forgotten)
{
	struct pair p;
	int slow, fd, i;
	long made;

	begin();
	p = connected();
	wanted = port_of(p.l);
	slow = join_groups();
	fd = open_netlink();
	EQ(set_filter(fd, TTP_EVENT_GROUP_SEGMENT, wanted, 1), 0);
	OK(set_int(slow, SOL_SOCKET, SO_RCVBUF, 1));
	WAIT(({
		send_bytes(p.c, 10000, 0);
		recv_bytes(p.s, 10000, 0);
		poll_for(slow, POLLIN, 0) & POLLERR;
	}), 2000);
	while (recv(slow, buf, sizeof(buf), MSG_DONTWAIT) > 0 || errno != EAGAIN)
		;
	OK(set_int(slow, SOL_SOCKET, SO_RCVBUF, 1 << 20));
	for (i = 0; i < 3; i++) {
		send_bytes(p.c, 10000, 0);
		recv_bytes(p.s, 10000, 0);
	}
	WAIT(({ OK(ioctl(p.c, SIOCOUTQ, &i)); i == 0; }), 2000);	/* no ACK is to come */
	read_events(fd);
	EQ(groups[1].missing, 0);
	made = groups[1].events;
	memset(groups, 0, sizeof(groups));
	read_events(slow);
	EQ(groups[1].events + groups[1].missing, made);
}

/* Its numbers have no gap: the others were not made for it. */
TEST(a_filter_lets_its_ports_pass)
{
	struct pair p, q;
	int fd, all, g;

	begin();
	p = connected();
	q = connected();
	all = join_groups();
	fd = open_netlink();
	wanted = port_of(p.c);
	EQ(set_filter(fd, ALL, wanted, 1), 0);
	send_bytes(p.c, 20000, 0);
	recv_bytes(p.s, 20000, 0);
	transfer(&q, 20000);
	close(p.c);
	recv_eof(p.s);
	close(p.s);
	read_events(fd);
	EQ(foreign, 0);
	for (g = 0; g < 4; g++) {
		EXPECT(groups[g].events > 0);
		EQ(groups[g].missing, 0);
	}
	memset(groups, 0, sizeof(groups));
	read_events(all);	/* who has joined gets all */
	EXPECT(foreign > 0);
	for (g = 0; g < 4; g++)
		EQ(groups[g].missing, 0);
}

TEST(a_filter_has_the_groups_that_are_asked_for)
{
	struct pair p;
	int fd;

	begin();
	p = connected();
	fd = open_netlink();
	EQ(set_filter(fd, TTP_EVENT_GROUP_CONG, 1, 0), 0);
	wanted = port_of(p.l);
	send_bytes(p.c, 20000, 0);
	recv_bytes(p.s, 20000, 0);
	WAIT((read_events(fd), groups[2].events > 0), 2000);	/* an ACK may be late */
	EQ(groups[0].events + groups[1].events + groups[3].events, 0);
	/* another one in its place */
	EQ(set_filter(fd, TTP_EVENT_GROUP_SEGMENT, wanted, 1), 0);
	memset(groups, 0, sizeof(groups));
	send_bytes(p.c, 20000, 0);
	recv_bytes(p.s, 20000, 0);
	read_events(fd);
	EXPECT(groups[1].events > 0);
	EQ(groups[1].missing, 0);
	EQ(groups[2].events, 0);
	/* and none */
	EQ(set_filter(fd, 0, 0, 0), 0);
	memset(groups, 0, sizeof(groups));
	send_bytes(p.c, 20000, 0);
	recv_bytes(p.s, 20000, 0);
	read_events(fd);
	EQ(groups[1].events, 0);
}

TEST(filters_are_bounded_and_end_with_their_sockets)
{
	int fd[17], i;

	begin();
	for (i = 0; i < 17; i++)
		fd[i] = open_netlink();
	for (i = 0; i < 16; i++)
		EQ(set_filter(fd[i], ALL, 80 + i, 1), 0);
	EQ(set_filter(fd[16], ALL, 80, 1), ENOSPC);
	EQ(set_filter(fd[3], ALL, 80, 8), 0);
	EQ(set_filter(fd[3], ALL, 80, 9), EINVAL);
	close(fd[7]);
	EQ(set_filter(fd[16], ALL, 80, 1), 0);
	/* the others end with the namespace */
}

/* Takes a portid as soon as it is free.  Return: 0; 200 when something comes to it; an errno */
static int hear_as_nobody(struct sockaddr_nl *at, int closed)
{
	struct timeval patience = { .tv_usec = 50000 };
	int fd;

	close(closed);
	if (setresuid(65534, 65534, 65534))
		return 255;
	fd = OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC));
	OK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)));
	while (bind(fd, (struct sockaddr *)at, sizeof(*at)))
		/* until it is closed; while netlink's table is being resized */
		if (errno != EADDRINUSE && errno != EOVERFLOW)
			return errno;
	return recv(fd, buf, sizeof(buf), 0) > 0 ? 200 : 0;
}

TEST_SECONDS(who_takes_the_portid_of_a_filter_gets_none_of_its_events, 30)
{
	struct sockaddr_nl at;
	socklen_t len = sizeof(at);
	struct pair p;
	int fd, i, status;
	pid_t pid;

	begin();
	p = connected();
	for (i = 0; i < 20; i++) {
		fd = open_netlink();
		OK(getsockname(fd, (struct sockaddr *)&at, &len));
		EQ(set_filter(fd, TTP_EVENT_GROUP_SEGMENT, port_of(p.c), 1), 0);
		pid = OK(fork());
		if (!pid)
			_exit(hear_as_nobody(&at, fd));
		send_text(p.c, "secret");
		close(fd);
		OK(waitpid(pid, &status, 0));
		EXPECT(WIFEXITED(status));
		EQ(WEXITSTATUS(status), 0);
		recv_text(p.s, "secret");
	}
}

static int set_filter_as_nobody(void)
{
	pid_t pid = OK(fork());
	int status;

	if (!pid)
		_exit(setresuid(65534, 65534, 65534) ? 255 :
		      set_filter(open_netlink(), ALL, 80, 1));
	OK(waitpid(pid, &status, 0));
	EXPECT(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(filters_are_for_the_administrator)
{
	begin();
	EQ(set_filter_as_nobody(), EPERM);
}

/* ---- all of it changes while segments flow ---- */

static void *filterer(void *unused)
{
	int fd;

	while (!stop) {
		fd = open_netlink();
		EQ(set_filter(fd, ALL, 0, 0), 0);
		recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		EQ(set_filter(fd, TTP_EVENT_GROUP_SEGMENT, 80, 1), 0);
		close(fd);
		rounds++;
	}
	return unused;
}

static void *joiner(void *unused)
{
	int fd;

	while (!stop) {
		fd = join_groups();
		recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		number_after("/proc/thread-self/net/ttp/history", "what none has: all is read");
		close(fd);
	}
	return unused;
}

/* for one segment, each third */
static int add_fault(int fd, uint8_t direction, uint8_t action)
{
	struct request r = request(family, TTP_CMD_FAULT_ADD, NLM_F_ACK);
	const uint32_t nth = 3, count = 1, ms = 2, value = 7;
	const uint8_t field = TTP_FAULT_FIELD_WIN;

	put(&r, TTP_A_FAULT_DIRECTION, &direction, sizeof(direction));
	put(&r, TTP_A_FAULT_ACTION, &action, sizeof(action));
	put(&r, TTP_A_FAULT_NTH, &nth, sizeof(nth));
	put(&r, TTP_A_FAULT_COUNT, &count, sizeof(count));
	put(&r, TTP_A_FAULT_DELAY_MS, &ms, sizeof(ms));
	put(&r, TTP_A_FAULT_FIELD, &field, sizeof(field));
	put(&r, TTP_A_FAULT_VALUE, &value, sizeof(value));
	return ask_for(fd, &r);
}

static void *faulter(void *unused)
{
	struct request none = request(family, TTP_CMD_FAULT_DEL, NLM_F_ACK);
	int fd = open_netlink(), action;

	while (!stop) {
		for (action = TTP_FAULT_ACTION_DROP; action <= TTP_FAULT_ACTION_SET; action++) {
			EQ(add_fault(fd, TTP_DIRECTION_OUT, action), 0);
			EQ(add_fault(fd, TTP_DIRECTION_IN, action), 0);
		}
		pause_ms(20);
		EQ(ask_for(fd, &none), 0);
	}
	close(fd);
	return unused;
}

static void *client(void *unused)
{
	struct pair p;

	while (!stop) {
		p = connected();
		transfer(&p, 20000);
		close(p.c);
		close(p.s);
		close(p.l);
	}
	return unused;
}

/* What is asked: bytes in order, no crash, nothing is left. */
TEST_SECONDS(filters_and_faults_change_while_segments_flow, 40)
{
	void *(*const fns[])(void *) = { client, client, client, filterer, filterer, joiner,
					 faulter, observer };
	pthread_t t[8];
	int i;

	begin();
	knob("history", 10);
	for (i = 0; i < 8; i++)
		t[i] = spawn(fns[i], NULL);
	WAIT(counter("FaultDrop") > 0 && counter("FaultDelay") > 0 &&
	     counter("FaultDuplicate") > 0, 20000);
	run_for(4000, 10);
	join_all(t, 8);
	WAIT(number_after("/proc/thread-self/net/ttp/sockstat", "held") == 0, 5000);
}
