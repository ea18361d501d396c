// SPDX-License-Identifier: GPL-2.0
/*
 * What the arguments of a call may be, and how they are printed.
 */
#include <linux/sockios.h>
#include <sys/epoll.h>
#include "calls.h"

#define PICK(list) ((list)[pick(ARRAY_SIZE(list))])

struct name {
	int value;
	const char *name;
};

#define N(prefix, name) { prefix##name, #name }

static const struct name send_flags[] = {
	N(MSG_, OOB), N(MSG_, DONTWAIT), N(MSG_, NOSIGNAL), N(MSG_, MORE), N(MSG_, EOR),
	N(MSG_, PEEK), N(MSG_, TRUNC), N(MSG_, DONTROUTE), N(MSG_, CONFIRM), N(MSG_, WAITALL),
	N(MSG_, ERRQUEUE), N(MSG_, FIN), N(MSG_, RST), N(MSG_, SYN), N(MSG_, CTRUNC),
}, recv_flags[] = {
	N(MSG_, PEEK), N(MSG_, OOB), N(MSG_, DONTWAIT), N(MSG_, WAITALL), N(MSG_, TRUNC),
	N(MSG_, ERRQUEUE), N(MSG_, CTRUNC), N(MSG_, NOSIGNAL), N(MSG_, EOR), N(MSG_, CMSG_CLOEXEC),
}, events[] = {
	N(POLL, IN), N(POLL, OUT), N(POLL, PRI), N(POLL, RDHUP), N(POLL, RDNORM),
	N(POLL, WRNORM), N(POLL, RDBAND), N(POLL, WRBAND), N(POLL, ERR), N(POLL, HUP),
	N(POLL, NVAL), N(POLL, MSG),
}, hows[] = {
	N(SHUT_, RD), N(SHUT_, WR), N(SHUT_, RDWR), { 3, "3" }, { -1, "-1" },
}, ioctls[] = {
	{ FIONREAD, "FIONREAD" }, { SIOCOUTQ, "SIOCOUTQ" }, { SIOCOUTQNSD, "SIOCOUTQNSD" },
	{ SIOCATMARK, "SIOCATMARK" }, { FIOGETOWN, "FIOGETOWN" }, { SIOCGPGRP, "SIOCGPGRP" },
	{ SIOCGSTAMP, "SIOCGSTAMP" }, { TIOCINQ + 0x70, "0x548b" }, { SIOCGIFCONF, "SIOCGIFCONF" },
}, sock_flags[] = {
	{ 0, "0" }, { SOCK_NONBLOCK, "NONBLOCK" }, { SOCK_CLOEXEC, "CLOEXEC" }, { 8, "8" },
}, controls[] = {
	{ 0, "-" }, { 1, "room" }, { 2, "little" }, { 3, "IP_TTL" }, { 4, "SO_MARK" },
	{ 5, "broken" }, { 6, "IP_TOS" }, { 7, "none_such" },
}, buffers[] = {
	{ 0, "-" }, { 1, "EFAULT" }, { 2, "half" },
}, splice_flags[] = {
	{ 0, "0" }, { SPLICE_F_MORE, "MORE" }, { SPLICE_F_NONBLOCK, "NONBLOCK" },
};

static const char *const places[] = { "any", "lo1", "lo2", "lo3", "goes", "nowhere" };
static const char *const hosts[] = {
	"0.0.0.0", "127.0.0.1", "127.0.0.2", "127.0.0.3", "10.9.9.9", "10.77.7.7",
};
/* lo2 is reached by IPv4 */
static const char *const hosts6[] = {
	"::", "::1", "::ffff:127.0.0.2", "fd00::3", "fd00::9", "fd77::7",
};

#define PLACES ((int)ARRAY_SIZE(places))

static int port_of(int addr)
{
	int port = addr / PLACES % 4;

	return port == 3 ? 0 : 1000 + port;
}

/* An address and a port of few, so that sockets meet; the last port is 0. */
union address address(int addr)
{
	const char *const *names = over_v6 ? hosts6 : hosts;
	union address to = { 0 };
	int family = over_v6 ? AF_INET6 : AF_INET;

	to.v4.sin_port = htons(port_of(addr));
	inet_pton(family, names[addr % PLACES],
		  over_v6 ? (void *)&to.v6.sin6_addr : &to.v4.sin_addr);
	to.any.sa_family = family;
	if (addr / PLACES == 4)		/* the other one */
		to.any.sa_family = AF_INET + AF_INET6 - family;
	if (addr / PLACES == 5)
		to.any.sa_family = AF_UNSPEC;
	return to;
}

socklen_t address_len(void)
{
	return over_v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

socklen_t asked_len(int opt_len)
{
	return opt_len == sizeof(struct sockaddr_in) ? address_len() : (socklen_t)opt_len;
}

static int tell_addr(int addr, char *to, size_t room)
{
	const char *const families[] = { over_v6 ? ":inet" : ":inet6", ":unspec" };
	int which = addr / PLACES;

	return snprintf(to, room, "%s:%d%s", places[addr % PLACES],
			port_of(addr), which < 4 ? "" : families[which - 4]);
}

static int tell_name(const struct name *names, size_t n, int value, char *to, size_t room)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (names[i].value == value)
			return snprintf(to, room, "%s", names[i].name);
	return snprintf(to, room, "%d", value);
}

static int tell_bits(const struct name *names, size_t count, int value, char *to, size_t room)
{
	size_t i, n = 0;

	for (i = 0; i < count && n < room; i++)
		if (names[i].value & value)
			n += snprintf(to + n, room - n, "%s%s", n ? "|" : "", names[i].name);
	return n ?: (size_t)snprintf(to, room, "0");
}

const char *events_name(int value)
{
	static __thread char text[2][100];
	static __thread int turn;

	turn = !turn;
	tell_bits(events, ARRAY_SIZE(events), value, text[turn], sizeof(text[turn]));
	return text[turn];
}

/* Most have none or one, some have more. */
static int pick_bits(const struct name *names, size_t n, int common)
{
	int value = 0;

	if (pick(3) == 0)
		return 0;
	do {
		value |= names[pick(pick(2) ? n : (uint32_t)common)].value;
	} while (!pick(3));
	return value;
}

static int pick_slot(const bool *used)
{
	int n = pick(SLOTS), i;

	if (!pick(25))
		return n;
	for (i = 0; i < SLOTS && !used[n]; i++)
		n = (n + 1) % SLOTS;
	return n;
}

static int pick_free(const bool *used)
{
	int n = 0;

	if (!pick(10))
		return pick(SLOTS);
	while (n < SLOTS - 1 && used[n])
		n++;
	return n;
}

static int pick_addr(void)
{
	int place = pick(8), port = pick(10);

	if (place >= PLACES)
		place = 1;
	if (port > 5)
		port = 0;
	if (port > 3 && pick(4))
		port = 1;
	return place + PLACES * port;
}

int kind_pick(enum kind kind, const bool *used)
{
	static const int lens[] = { 0, 1, 1, 2, 3, 5, 10, 10, 100, 1000, 1460, 5000, 20000, 30000 };
	static const int values[] = { 0, 0, 1, 1, 1, 2, 3, 5, 10, 100, 1000, 5000, 65536, -1,
				      100000, 0x7fffffff };
	static const int opt_lens[] = { 4, 4, 4, 4, 4, 16, 16, 8, 0, 1, 2, 3, 64, -1 };

	switch (kind) {
	case SLOT:
		return pick_slot(used);
	case FREE:
		return pick_free(used);
	case ADDR:
		return pick_addr();
	case LEN:
		return PICK(lens);
	case SEND_FLAGS:
		return pick_bits(send_flags, ARRAY_SIZE(send_flags), 5);
	case RECV_FLAGS:
		return pick_bits(recv_flags, ARRAY_SIZE(recv_flags), 5);
	case PARTS:
		return pick(4);
	case CONTROL:
		return pick(2) ? 0 : (int)pick(ARRAY_SIZE(controls));
	case BUFFER:
		return pick(12) ? 0 : 1 + pick(2);
	case HOW:
		return hows[pick(pick(4) ? 3 : ARRAY_SIZE(hows))].value;
	case BACKLOG:
		return (int)pick(5) - 1;
	case SOCK_FLAGS:
		return sock_flags[pick(4) ? 0 : pick(ARRAY_SIZE(sock_flags))].value;
	case SET_OPT:
	case GET_OPT:
		return pick(options_count());
	case OPT_LEN:
		return PICK(opt_lens);
	case VALUE:
		return PICK(values);
	case IOCTL:
		return PICK(ioctls).value;
	case SWITCH:
		return pick(2);
	case EVENTS:
		return pick(2) ? POLLIN | POLLOUT | POLLPRI | POLLRDHUP :
		       pick_bits(events, ARRAY_SIZE(events), 4);
	case SPLICE_FLAGS:
		return PICK(splice_flags).value;
	case NOTHING:
	case KINDS:
		break;
	}
	return 0;
}

#define TELL(how, names) how(names, ARRAY_SIZE(names), value, to, room)

int kind_tell(enum kind kind, int value, char *to, size_t room)
{
	switch (kind) {
	case SLOT:
	case FREE:
		return snprintf(to, room, "s%d", value);
	case ADDR:
		return tell_addr(value, to, room);
	case SEND_FLAGS:
		return TELL(tell_bits, send_flags);
	case RECV_FLAGS:
		return TELL(tell_bits, recv_flags);
	case CONTROL:
		return TELL(tell_name, controls);
	case BUFFER:
		return TELL(tell_name, buffers);
	case HOW:
		return TELL(tell_name, hows);
	case SOCK_FLAGS:
		return TELL(tell_name, sock_flags);
	case SET_OPT:
	case GET_OPT:
		return snprintf(to, room, "%s", options[value].name);
	case IOCTL:
		return TELL(tell_name, ioctls);
	case EVENTS:
		return TELL(tell_bits, events);
	case SPLICE_FLAGS:
		return TELL(tell_name, splice_flags);
	case SWITCH:
		return snprintf(to, room, "%s", value ? "on" : "off");
	case NOTHING:
		return 0;
	case LEN:
	case PARTS:
	case BACKLOG:
	case OPT_LEN:
	case VALUE:
	case KINDS:
		break;
	}
	return snprintf(to, room, "%d", value);
}
