/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer made by hand.  The kernel under test has 10.0.0.1 and real sockets;
 * the test is 10.0.0.2 at the other end of a tun device: it writes segments
 * byte by byte and reads the answers.  With TTP_TEST_FAMILY=6 they are fd00::10.0.0.1 and
 * fd00::10.0.0.2, and the device's MTU has room for IPv6's longer header.
 *
 * Numbers are relative, as tcpdump shows them: each side's SYN is 0, its first
 * byte of data 1.  The names in capitals are RFC 9293's and belong to the
 * kernel's end: RCV_NXT is what the peer sends next.
 *
 *	established();
 *	inject(RST | ACK, .seq = RCV_NXT + 1);
 *	expect(ACK);
 *
 * injects what would come next but for the fields that are given, and expects
 * an answer that acknowledges all that was sent, and so on.  A packet written
 * to the tun device has been processed when the write returns, so that "no
 * answer" needs no waiting: expect_nothing() pings, and what precedes the
 * pong was the answer.
 *
 * Read peer.c for packets, builders.c for the states.
 */
#ifndef PEER_H
#define PEER_H

#include "../vm/sock.h"

#define KERNEL_IP	"10.0.0.1"
#define PEER_IP		"10.0.0.2"
#define KERNEL_PORT	4000
#define PEER_PORT	40000

enum {
	FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32, ECE = 64, CWR = 128,
};

struct block {
	uint32_t left, right;
};

struct segment {
	int flags;
	uint32_t seq, ack;		/* relative */
	int wnd;			/* as on the wire, not scaled */
	int len;			/* bytes of data */
	int mss, wscale;		/* options of a SYN; 0 and -1 are none */
	bool sack_ok;
	bool ts;
	uint32_t tsval, tsecr;
	int nsack;
	struct block sack[4];		/* relative */

	/* to inject only */
	const void *options;		/* in the place of all others, .. */
	int optlen;			/* .. padded with zeroes to a multiple of 4 */
	int urg;			/* urgent pointer */
	int reserved;			/* the three bits after the data offset */
	int doff;			/* a lie about the header's length, in bytes */
	int cut;			/* so many bytes off the packet's end */
	bool bad_checksum;
	bool junk;			/* data that is not what belongs there */
	const char *src, *dst;		/* other addresses */
	int sport, dport;		/* other ports */
	int tos;			/* 3: congestion experienced */

	/* of what came */
	int64_t at_us;			/* when */
	int ttl;
	bool df;			/* IP must not fragment it; IPv6's routers never do */
	int cookie;			/* bytes of a Fast Open cookie; -1: no such option */
	uint8_t cookie_val[16];
};

/* What is expected of a segment; a field that says ANY is not looked at. */
#define ANY	INT64_MIN

struct want {
	int flags;
	int64_t seq, ack, wnd, len, psh, mss, wscale, sack_ok, ts, tsval, tsecr;
	int64_t urg, reserved, tos;
	int64_t nsack;
	struct block sack[4];
	int ms;				/* how long to wait */
};

/* The connection, with the kernel's end as "ours". */
struct connection {
	int fd;				/* the program's socket, -1: none */
	int listener;
	uint32_t isn;			/* the peer's, absolute */
	uint32_t irs;			/* the kernel's, absolute */
	uint32_t rcv_nxt;		/* relative from here on */
	uint32_t snd_nxt, snd_una;
	uint32_t right;			/* edge of the window that the kernel gave */
	int shift;			/* of that window */
	int wnd;			/* that the peer gives */
	bool ts;			/* timestamps were agreed on */
	uint32_t tsval, tsecr;
	const char *state;
};

extern struct connection conn;
extern struct segment last;		/* that came */

#define RCV_NXT	conn.rcv_nxt
#define RCV_WND	(conn.right - conn.rcv_nxt)
#define SND_NXT	conn.snd_nxt
#define SND_UNA	conn.snd_una
/* an absolute number of the kernel's, relative */
#define ABSOLUTE(n) ((uint32_t)((n) - conn.irs))

/* A segment that is the next in order, but for what is given. */
#define SEGMENT(what, ...)						\
	((struct segment){						\
		.flags = (what), .seq = RCV_NXT, .ack = SND_NXT,	\
		.wnd = conn.wnd, .wscale = -1, .ts = conn.ts,		\
		.tsval = conn.tsval, .tsecr = conn.tsecr, __VA_ARGS__	\
	})
#define inject(what, ...)						\
	do {								\
		HERE("inject(" #what " " #__VA_ARGS__ ")");		\
		inject_segment(&SEGMENT(what, __VA_ARGS__));		\
	} while (0)

/* The next segment that comes has exactly these flags, PSH aside, and is the
 * next in order and acknowledges all that say() said, but for what is given.
 */
#define expect(what, ...)						\
	do {								\
		HERE("expect(" #what " " #__VA_ARGS__ ")");		\
		expect_segment(&(struct want){				\
			.flags = (what), .seq = SND_NXT,		\
			.ack = (what) & ACK ? RCV_NXT : ANY,		\
			.wnd = ANY, .len = 0, .psh = ANY, .mss = ANY,	\
			.wscale = ANY, .sack_ok = ANY, .ts = ANY,	\
			.tsval = ANY, .tsecr = ANY, .nsack = ANY,	\
			.urg = ANY, .reserved = ANY, .tos = ANY,	\
			.ms = 3000, __VA_ARGS__				\
		});							\
	} while (0)

/* the RST that answers a segment with an ACK, and one without (3.10.7.1) */
#define expect_RST_of_ACK(number)	expect(RST, .seq = (number))
#define expect_RST_of_end(number)					\
	expect(RST | ACK, .seq = ABSOLUTE(0), .ack = (number))

/* a RST with an acceptable number, whether it has an ACK or not */
#define expect_reset()							\
	do {								\
		HERE("expect_reset()");					\
		reset_came();						\
	} while (0)

/* No segment has come; none comes for so long. */
#define expect_nothing()						\
	do {								\
		HERE("expect_nothing()");				\
		nothing_came();						\
	} while (0)
#define quiet(ms)							\
	do {								\
		HERE("quiet(" #ms ")");					\
		quiet_for(ms);						\
	} while (0)

void inject_segment(const struct segment *s);
void expect_segment(const struct want *w);
bool next_segment(int ms);		/* into last; false: none came */
bool one_came(void);			/* likewise, but one should, before long */
void reset_came(void);
void nothing_came(void);
void quiet_for(int ms);
void resent(uint32_t seq);		/* at once, whatever else comes */
void forget(void);			/* all that came and was not looked at */

/* into the trace, if one is made: see tests/interop/trace.sh */
void trace_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* in order, and the numbers move on */
void say(int len);			/* data */
void say_fin(void);
void acknowledge(void);			/* all that the kernel sent */

/* an ICMP error about the segment that begins at seq */
void inject_icmp(int type, int code, int mtu, uint32_t seq);

/* For whoever sends by the thousand (hurl.h): the packet's bytes, to be written to the
 * tun device later.  Return: its length.
 */
int build_segment(uint8_t *packet, const struct segment *s);
#define ICMP_ROOM	96
int build_icmp(uint8_t *packet, int type, int code, int mtu, uint32_t seq);
int peer_tun(void);
bool is_segment(const uint8_t *packet, ssize_t len);	/* of the protocol and family under test */

/* builders: bring a connection to the state */
void peer_up(void);			/* the device; done by each of them */
void listening(void);
void connecting(void);			/* its SYN is to be expected */
void syn_sent(void);
void syn_rcvd(void);
void established(void);
void fin_wait_1(void);
void fin_wait_2(void);
void close_wait(void);
void closing(void);
void last_ack(void);
void time_wait(void);
void closed(void);			/* no socket has the port */

/* variations */
void established_active(void);		/* the kernel's end called connect() */
void syn_rcvd_active(void);		/* simultaneous open */
void established_as(const struct segment *syn);	/* passive, with these options */
void established_sack(void);
void established_ts(void);
void orphaned(void);			/* the program has closed: FIN_WAIT_2 */
#define established_with(...)	established_as(&SEGMENT(SYN, .mss = 1460, __VA_ARGS__))
#define send_syn(...)		inject(SYN, .seq = 0, __VA_ARGS__)

/* without SACK, timestamps, window scaling; options that only one of them has */
void plain(void);
void knob_of_tcp(const char *name, long value);
void knob_of_ttp(const char *name, long value);
void no_limits(void);			/* on challenge ACKs */
void one_answer_a_minute(void);		/* however long the test takes beside others */
void reno(void);			/* congestion control */
void receive_buffer(int bytes);	/* of sockets to come */

bool in_state(const char *name);	/* "CLOSED": there is none */
/* the connection is in this state; is where the builder has left it */
#define expect_state(name)						\
	do {								\
		HERE("expect_state(" name ")");				\
		must_be_in(name);					\
	} while (0)
#define expect_unchanged()						\
	do {								\
		HERE("expect_unchanged()");				\
		must_be_in(conn.state);					\
	} while (0)
#define expect_closed()	expect_state("CLOSED")
void must_be_in(const char *name);

int errno_of_reading(void);		/* what recv() says: 0, errno, -1: data */

/* TCP is let off a test: the difference, and who says so. */
#define NOT_TCP(why)							\
	do {								\
		if (!is_ttp())						\
			skip(why);					\
	} while (0)

/* Likewise a kernel older than 6.12, which this machine may have or not. */
#define NOT_OLD_TCP(why)						\
	do {								\
		if (!is_ttp() && old_kernel())				\
			skip(why);					\
	} while (0)
bool old_kernel(void);

/* What IPv6 has not, or has in another place: which. */
#define ONLY_IPV4(why)							\
	do {								\
		if (is_v6())						\
			skip("IPv4 only: " why);			\
	} while (0)

/* One test for each state. */
#define IN(property, builder)						\
	TEST_SECONDS(property##_in_##builder, 10)			\
	{								\
		builder();						\
		property();						\
	}
#define IN_TEXT_STATES(property)	/* where data is received */	\
	IN(property, established) IN(property, fin_wait_1)		\
	IN(property, fin_wait_2)
#define AFTER_FIN(property)		/* the peer's */		\
	IN(property, close_wait) IN(property, closing)			\
	IN(property, last_ack)
#define TEST_IN_DATA_STATES(property)					\
	static void property(void);					\
	IN_TEXT_STATES(property)					\
	static void property(void)
#define TEST_AFTER_FIN(property)					\
	static void property(void);					\
	AFTER_FIN(property)						\
	static void property(void)
/* all synchronized states but TIME_WAIT */
#define TEST_SYNCHRONIZED(property)					\
	static void property(void);					\
	IN_TEXT_STATES(property) AFTER_FIN(property)			\
	static void property(void)

#endif
