// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt(), getsockopt() and ioctl().
 */
#include <linux/filter.h>
#include <linux/sockios.h>
#include "calls.h"

#define TCP_LEVEL	(-1)	/* SOL_TTP or IPPROTO_TCP */

#define SO(name) { #name, SOL_SOCKET, name }
#define IP(name) { #name, IPPROTO_IP, name }
#define IP6(name) { #name, IPPROTO_IPV6, name }
#define TCP(name) { #name, TCP_LEVEL, name }

/*
 * Without those whose value is another by its nature (SO_PROTOCOL, SO_COOKIE,
 * SO_MEMINFO, SO_INCOMING_CPU, SO_INCOMING_NAPI_ID, SO_PEERCRED, TCP_TIMESTAMP), and
 * without SO_RCVTIMEO and SO_SNDTIMEO, which bound each call.
 */
const struct option options[] = {
	SO(SO_DEBUG), SO(SO_REUSEADDR), SO(SO_TYPE), SO(SO_ERROR), SO(SO_DONTROUTE),
	SO(SO_BROADCAST), SO(SO_SNDBUF), SO(SO_RCVBUF), SO(SO_KEEPALIVE), SO(SO_OOBINLINE),
	SO(SO_NO_CHECK), SO(SO_PRIORITY), SO(SO_LINGER), SO(SO_REUSEPORT), SO(SO_PASSCRED),
	SO(SO_RCVLOWAT), SO(SO_SNDLOWAT), SO(SO_BINDTODEVICE), SO(SO_DETACH_FILTER),
	SO(SO_PEERNAME), SO(SO_TIMESTAMP), SO(SO_ACCEPTCONN), SO(SO_PASSSEC), SO(SO_SNDBUFFORCE),
	SO(SO_RCVBUFFORCE), SO(SO_MARK), SO(SO_TIMESTAMPING), SO(SO_TIMESTAMPNS), SO(SO_DOMAIN),
	SO(SO_RXQ_OVFL), SO(SO_WIFI_STATUS), SO(SO_PEEK_OFF), SO(SO_NOFCS), SO(SO_LOCK_FILTER),
	SO(SO_SELECT_ERR_QUEUE), SO(SO_BUSY_POLL), SO(SO_ATTACH_BPF), SO(SO_CNX_ADVICE),
	SO(SO_PREFER_BUSY_POLL), SO(SO_BUF_LOCK), SO(SO_RESERVE_MEM),
	SO(SO_TXREHASH), { "SO_none", SOL_SOCKET, 999 },
	IP(IP_TOS), IP(IP_TTL), IP(IP_HDRINCL), IP(IP_OPTIONS), IP(IP_RECVOPTS), IP(IP_RETOPTS),
	IP(IP_PKTINFO), IP(IP_MTU_DISCOVER), IP(IP_RECVERR), IP(IP_RECVTTL), IP(IP_RECVTOS),
	IP(IP_MTU), IP(IP_FREEBIND), IP(IP_TRANSPARENT), IP(IP_RECVORIGDSTADDR), IP(IP_MINTTL),
	IP(IP_NODEFRAG), IP(IP_CHECKSUM), IP(IP_BIND_ADDRESS_NO_PORT),
	IP(IP_MULTICAST_LOOP), IP(IP_MULTICAST_IF), IP(IP_UNICAST_IF), IP(IP_ROUTER_ALERT),
	IP(IP_PASSSEC), IP(IP_MULTICAST_ALL), { "IP_none", IPPROTO_IP, 99 },
	TCP(TCP_NODELAY), TCP(TCP_MAXSEG), TCP(TCP_CORK), TCP(TCP_KEEPIDLE), TCP(TCP_KEEPINTVL),
	TCP(TCP_KEEPCNT), TCP(TCP_SYNCNT), TCP(TCP_LINGER2), TCP(TCP_DEFER_ACCEPT),
	TCP(TCP_WINDOW_CLAMP), TCP(TCP_INFO), TCP(TCP_QUICKACK), TCP(TCP_CONGESTION),
	TCP(TCP_USER_TIMEOUT), TCP(TCP_NOTSENT_LOWAT), TCP(TCP_CC_INFO), TCP(TCP_SAVE_SYN),
	TCP(TCP_SAVED_SYN), TCP(TCP_ULP), TCP(TCP_INQ), { "TCP_none", TCP_LEVEL, 63 },
	{ "level_none", 200, 1 }, { "UDP_CORK", IPPROTO_UDP, 1 }, { "RAW_none", SOL_RAW, 1 },
	/* by IPv6 only; without IPV6_ADDRFORM and IPV6_2292PKTOPTIONS, see docs/differences.md */
	IP6(IPV6_V6ONLY), IP6(IPV6_TCLASS), IP6(IPV6_UNICAST_HOPS), IP6(IPV6_MTU_DISCOVER), IP6(IPV6_MTU),
	IP6(IPV6_RECVPKTINFO), IP6(IPV6_PKTINFO), IP6(IPV6_RECVHOPLIMIT), IP6(IPV6_RECVTCLASS), IP6(IPV6_RECVERR),
	IP6(IPV6_FREEBIND), IP6(IPV6_TRANSPARENT), IP6(IPV6_RECVORIGDSTADDR), IP6(IPV6_MINHOPCOUNT),
	IP6(IPV6_MULTICAST_HOPS), IP6(IPV6_MULTICAST_LOOP), IP6(IPV6_MULTICAST_IF), IP6(IPV6_MULTICAST_ALL),
	IP6(IPV6_UNICAST_IF), IP6(IPV6_CHECKSUM), IP6(IPV6_AUTOFLOWLABEL), IP6(IPV6_DONTFRAG), IP6(IPV6_RECVHOPOPTS),
	IP6(IPV6_RECVRTHDR), IP6(IPV6_RECVDSTOPTS), IP6(IPV6_HOPOPTS), IP6(IPV6_RTHDR), IP6(IPV6_DSTOPTS),
	IP6(IPV6_ADDR_PREFERENCES), IP6(IPV6_ROUTER_ALERT), IP6(IPV6_RECVFRAGSIZE), IP6(IPV6_PATHMTU),
	IP6(IPV6_RECVPATHMTU), IP6(IPV6_NEXTHOP), { "IPV6_FLOWINFO", IPPROTO_IPV6, 11 },
	{ "IPV6_FLOWINFO_SEND", IPPROTO_IPV6, 33 }, { "IPV6_RECVERR_RFC4884", IPPROTO_IPV6, 31 },
	{ "IPV6_none", IPPROTO_IPV6, 199 },
};

int options_count(void)
{
	int n = 0;

	while (n < (int)ARRAY_SIZE(options) && (over_v6 || options[n].level != IPPROTO_IPV6))
		n++;
	return n;
}

/* Programs for TCP may keep its level. */
int option_level(const struct option *opt)
{
	if (opt->level != TCP_LEVEL)
		return opt->level;
	return over_ttp && running_seed % 2 ? SOL_TTP : IPPROTO_TCP;
}

static bool is(const struct option *opt, int level, int number)
{
	return opt->level == level && opt->number == number;
}

/* What some options take instead of a number; 0: a number */
static size_t words(const struct option *opt, int value, void *to, size_t room)
{
	static const char *const algorithms[] = { "reno", "none such", "ren", "" };
	struct linger linger = { .l_onoff = value & 1, .l_linger = value & 2 ? 0 : 1 };
	struct sock_fprog filter = { 0 };
	const char *text = NULL;

	if (is(opt, SOL_SOCKET, SO_LINGER)) {
		memcpy(to, &linger, sizeof(linger));
		return sizeof(linger);
	}
	if (is(opt, SOL_SOCKET, SO_ATTACH_FILTER)) {
		memcpy(to, &filter, sizeof(filter));
		return sizeof(filter);
	}
	if (is(opt, SOL_SOCKET, SO_BINDTODEVICE))
		text = value & 1 ? "lo" : value & 2 ? "none" : "";
	if (is(opt, TCP_LEVEL, TCP_CONGESTION))
		text = algorithms[value & 3];
	if (is(opt, TCP_LEVEL, TCP_ULP))
		text = "none such";
	if (!text)
		return 0;
	snprintf(to, room, "%s", text);
	return strlen(text);
}

/* A length of 4 means: as long as the value is. */
void run_setsockopt(const struct step *s, struct outcome *o)
{
	const struct option *opt = &options[s->arg[1]];
	char value[64] = "";
	int number = s->arg[2];
	size_t len;

	/* how much fits into small buffers is not compared */
	if ((is(opt, SOL_SOCKET, SO_RCVBUF) || is(opt, SOL_SOCKET, SO_SNDBUF) ||
	     is(opt, SOL_SOCKET, SO_RCVBUFFORCE) || is(opt, SOL_SOCKET, SO_SNDBUFFORCE) ||
	     is(opt, TCP_LEVEL, TCP_WINDOW_CLAMP)) && number >= 0 && number < 65536)
		number = 65536;

	memcpy(value, &number, sizeof(number));
	len = words(opt, s->arg[2], value, sizeof(value));
	returned(o, setsockopt(slot[s->arg[0]], option_level(opt), opt->number, value,
			       s->arg[3] == 4 && len ? len : (size_t)s->arg[3]));
}

/* tcp_info is about times and counts: only what was asked for is the same. */
static bool not_compared(const struct option *opt)
{
	return is(opt, TCP_LEVEL, TCP_INFO) || is(opt, TCP_LEVEL, TCP_CC_INFO) ||
	       is(opt, TCP_LEVEL, TCP_SAVED_SYN);
}

void run_getsockopt(const struct step *s, struct outcome *o)
{
	const struct option *opt = &options[s->arg[1]];
	socklen_t len = s->arg[2];
	char value[256] = "";
	int ret = getsockopt(slot[s->arg[0]], option_level(opt), opt->number, value, &len);
	int number;

	memcpy(&number, value, sizeof(number));
	if (ret)
		returned_with(o, ret, "len %d", (int)len);
	else if (not_compared(opt))
		returned_with(o, ret, "len %d", len > 0);
	else if (len == sizeof(number))
		returned_with(o, ret, "value %d", number);
	else
		returned_with(o, ret, "len %d value %#x sum %08x", (int)len, number,
			      sum(value, sizeof(value)));
}

void run_ioctl(const struct step *s, struct outcome *o)
{
	int value[16] = { 0 };
	int ret = ioctl(slot[s->arg[0]], s->arg[1], value);

	if (s->arg[1] == FIOGETOWN || s->arg[1] == SIOCGPGRP)
		value[0] = value[0] == getpid();
	if (ret || s->arg[1] == SIOCGSTAMP)
		returned(o, ret);
	else
		returned_with(o, ret, "value %d", value[0] > 16384 ? 16384 : value[0]);
}
