// SPDX-License-Identifier: GPL-2.0
/*
 * poll(), epoll, and what is looked at after each step.
 */
#include <linux/sockios.h>
#include <sys/epoll.h>
#include "calls.h"

static int epolls[2] = { -1, -1 };	/* level-triggered, edge-triggered */

void watch_init(void)
{
	epolls[0] = epoll_create1(0);
	epolls[1] = epoll_create1(0);
}

void run_poll(const struct step *s, struct outcome *o)
{
	struct pollfd p = { slot[s->arg[0]], s->arg[1], 0 };
	int ret = poll(&p, 1, BLOCK_MS / 2);

	returned_with(o, ret, "%s", events_name(p.revents));
}

void run_epoll_add(const struct step *s, struct outcome *o)
{
	struct epoll_event e = {
		.events = s->arg[1] | (s->arg[2] ? EPOLLET : 0),
		.data.u32 = s->arg[0],
	};

	returned(o, epoll_ctl(epolls[s->arg[2]], EPOLL_CTL_ADD, slot[s->arg[0]], &e));
}

static int by_slot(const void *a, const void *b)
{
	return (int)((struct epoll_event *)a)->data.u32 - (int)((struct epoll_event *)b)->data.u32;
}

void run_epoll_wait(const struct step *s, struct outcome *o)
{
	struct epoll_event e[2 * SLOTS];
	int n = epoll_wait(epolls[s->arg[0]], e, 2 * SLOTS, 0), i;
	char text[100] = "";
	size_t len = 0;

	qsort(e, n < 0 ? 0 : n, sizeof(e[0]), by_slot);
	for (i = 0; i < n && len < sizeof(text); i++)
		len += snprintf(text + len, sizeof(text) - len, " s%u:%s", e[i].data.u32,
				events_name(e[i].events));
	returned_with(o, n, "%s", text);
}

static const char *state_of(int fd)
{
	static const char *const names[] = {
		"-", "ESTABLISHED", "SYN_SENT", "SYN_RCVD", "FIN_WAIT_1", "FIN_WAIT_2",
		"TIME_WAIT", "CLOSED", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
	};
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return "none";
	return info.tcpi_state < ARRAY_SIZE(names) ? names[info.tcpi_state] : "?";
}

/* How much there is, as long as it does not depend on the size of buffers. */
static void say_amount(struct outcome *o, const char *what, int n, int fd, int cmd)
{
	char name[24];
	int value;

	snprintf(name, sizeof(name), "s%d %s", n, what);
	if (ioctl(fd, cmd, &value))
		say(o, name, "%s", error_name(errno));
	else
		say(o, name, "%d", value > 16384 ? 16384 : value);
}

/* What each socket is in, and what is ready. */
void observe(struct outcome *o)
{
	const char *state;
	char name[24];
	int i;

	for (i = 0; i < SLOTS; i++) {
		struct pollfd p = { slot[i], 0x3fff & ~POLLNVAL, 0 };

		if (slot[i] < 0)
			continue;
		snprintf(name, sizeof(name), "s%d state", i);
		state = state_of(slot[i]);
		say(o, name, "%s", state);
		poll(&p, 1, 0);
		snprintf(name, sizeof(name), "s%d revents", i);
		say(o, name, "%s", events_name(p.revents));
		say_amount(o, "inq", i, slot[i], SIOCINQ);
		/* TCP's numbers are what the next connection begins with */
		if (strcmp(state, "CLOSED"))
			say_amount(o, "outq", i, slot[i], SIOCOUTQ);
		say_amount(o, "mark", i, slot[i], SIOCATMARK);
	}
}
