/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The Teaching Transport Protocol, as a program sees it.
 *
 * There are two ways to open a socket of the same protocol:
 *
 *	socket(PF_TTP, SOCK_STREAM, TTPPROTO_IP)	or TTPPROTO_IPV6
 *	socket(AF_INET, SOCK_STREAM, IPPROTO_TTP)	or AF_INET6
 *
 * With SOCK_DGRAM, the socket sends datagrams as UDP's, which may be lost.
 *
 * Addresses are struct sockaddr_in in both, or struct sockaddr_in6.  Everything else is as with
 * TCP; TTP_INFO and the other options below TTP_OWN_OPTIONS take the structs
 * that <linux/tcp.h> defines for TCP's options of the same number.  ttp(7)
 * explains each.
 */
#ifndef _UAPI_LINUX_TTP_H
#define _UAPI_LINUX_TTP_H

#include <linux/types.h>

#define AF_TTP		22	/* AF_SNA's number; module parameter family= */
#define PF_TTP		AF_TTP

/* third argument of socket(PF_TTP, ...) */
#define TTPPROTO_IP	0
#define TTPPROTO_IPV6	1

/* third argument of socket(AF_INET or AF_INET6, ...), and the protocol number in IP */
#define IPPROTO_TTP	253	/* RFC 3692: for experiments */

/* the same for datagrams: socket(AF_INET or AF_INET6, SOCK_DGRAM, IPPROTO_TTP_DATAGRAM) */
#define IPPROTO_TTP_DATAGRAM	254	/* RFC 3692 */

/* second argument of setsockopt(); IPPROTO_TCP is accepted as well */
#define SOL_TTP		253

#define TTP_NODELAY		1	/* int: no Nagle delay */
#define TTP_MAXSEG		2	/* int: most data in a segment */
#define TTP_CORK		3	/* int: hold back what is less than a segment */
#define TTP_KEEPIDLE		4	/* int: seconds of silence before the first probe */
#define TTP_KEEPINTVL		5	/* int: seconds between probes */
#define TTP_KEEPCNT		6	/* int: probes before the peer counts as gone */
#define TTP_SYNCNT		7	/* int: SYNs, or a listener's SYN,ACKs, sent again */
#define TTP_LINGER2		8	/* int: seconds in FIN_WAIT_2 after close(); -1: none */
#define TTP_DEFER_ACCEPT	9	/* int: seconds to wait for data before accept() */
#define TTP_WINDOW_CLAMP	10	/* int: largest window to offer */
#define TTP_INFO		11	/* struct tcp_info, read only */
#define TTP_QUICKACK		12	/* int: no delay of ACKs for now */
#define TTP_CONGESTION		13	/* string: congestion control */
#define TTP_USER_TIMEOUT	18	/* unsigned int: ms that data may be unacknowledged */
#define TTP_FASTOPEN		23	/* int: connections that may begin by a SYN alone */
#define TTP_TIMESTAMP		24	/* int: the timestamp clock, read only */
#define TTP_NOTSENT_LOWAT	25	/* unsigned int: bytes not sent that stop a writer */
#define TTP_CC_INFO		26	/* union tcp_cc_info, read only; as the algorithm has it */
#define TTP_SAVE_SYN		27	/* int: 1 keeps SYNs' headers, 2 the link's too */
#define TTP_SAVED_SYN		28	/* bytes: of a child, to be read once */
#define TTP_FASTOPEN_CONNECT	30	/* int: the SYN waits for the first write */
#define TTP_ULP			31	/* char[]: ENOENT: there is no upper layer protocol */
#define TTP_FASTOPEN_KEY	33	/* bytes: 16 or 32, one key or two */
#define TTP_FASTOPEN_NO_COOKIE	34	/* int: Fast Open without cookies */
#define TTP_INQ			36	/* int: recvmsg() says what is left: TCP_CM_INQ */

#define TTP_OWN_OPTIONS		64	/* from here on TCP has no namesake */
/*
 * string: selective-repeat, go-back-n or stop-and-wait, else ENOENT.  Before
 * connect() and, for the connections to come, of a listener; then it is EISCONN.
 */
#define TTP_ARQ			64
#define TTP_ZEROCOPY		65	/* int: as SO_ZEROCOPY: MSG_ZEROCOPY counts */

/* Netlink's attribute segment; netlink/ttp.yaml says what the fields mean. */
struct ttp_segment {
	__u64 id;
	__u64 time_ns;
	__u8 saddr[16];
	__u8 daddr[16];
	__u16 sport;
	__u16 dport;
	__u8 family;
	__u8 state;
	__u8 direction;
	__u8 flags;
	__u32 seq;
	__u32 ack;
	__u32 len;
	__u16 wnd;
	__u16 segs;
	__u32 tsval;
	__u32 tsecr;
	__u32 iss;
	__u32 irs;
	__u32 snd_una;
	__u32 snd_nxt;
	__u32 snd_wnd;
	__u32 rcv_nxt;
	__u32 rcv_wnd;
	__u32 cwnd;
	__u32 ssthresh;
	__u32 in_flight;
	__u32 srtt_us;
	__u32 rto_us;
	__u32 has;	/* TTP_SEGMENT_HAS_* */
	__u32 reserved;	/* 0 */
};

#endif
