/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event, or a socket, or a transition: whatever one message of the netlink
 * family `ttp` says, and one line of a recording.  One table in event.c maps
 * each attribute to its field and to its name in JSON.
 */
#ifndef TTP_EVENT_H
#define TTP_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/ttp_netlink.h>

/* the control bits, as on the wire */
#define SEG_FIN	0x01
#define SEG_SYN	0x02
#define SEG_RST	0x04
#define SEG_PSH	0x08
#define SEG_ACK	0x10
#define SEG_URG	0x20
#define SEG_ECE	0x40
#define SEG_CWR	0x80

#define SSTHRESH_INFINITE	0x7fffffff	/* nothing was lost so far */

enum event_kind {
	EVENT_STATE,		/* a connection changed its state */
	EVENT_SEGMENT,		/* a segment was sent or arrived */
	EVENT_CONG,		/* congestion control has other windows */
	EVENT_TIMER,		/* a timer was armed, fired or was stopped */
	EVENT_DATAGRAM,		/* a datagram was sent or arrived */
	EVENT_SOCKET,		/* a row of the socket dump */
	EVENT_TRANSITION,	/* a row of the state machine */
	EVENT_ALGORITHM,	/* a row of the congestion control algorithms */
	EVENT_LOST,		/* lost_events of them are missing here */
	EVENT_RECORDING,	/* a recording's first line */
};

struct address {
	uint8_t len;		/* 4, 16, or 0 when unknown */
	uint8_t bytes[16];
};

struct sack_list {
	uint8_t count;
	struct {
		uint32_t left;
		uint32_t right;
	} block[4];
};

/*
 * What one message says.  The groups are what belongs together; which of the
 * fields are set is in @has, by their netlink attributes.
 */
struct event {
	enum event_kind kind;
	uint64_t has[2];		/* bit per TTP_A_*: the field is set */
	uint64_t time_ns;		/* when it happened */
	uint32_t lost_events;		/* so many before it are missing */
	uint64_t number;		/* which one it is, of its group and namespace */

	/* what the kernel does not say, but the tool knows */
	const char *ns;			/* interned name of the namespace, or NULL */
	uint64_t received_ns;		/* when the tool got it */
	int namespaces;			/* EVENT_RECORDING: how many were watched */
	uint64_t wall_ns;		/* EVENT_RECORDING: its time by the wall clock */

	struct {			/* whose event: the connection or socket */
		uint64_t id;
		uint64_t netns;		/* cookie */
		uint8_t family;
		struct address saddr;	/* local */
		struct address daddr;	/* remote */
		uint16_t sport;
		uint16_t dport;
		uint32_t uid;
		uint32_t inode;
	} who;

	struct {			/* of RFC 9293 3.3.2, and the transition to it */
		uint8_t now;
		uint8_t from;
		uint8_t cause_kind;
		char cause[40];
		char section[48];	/* of RFC 9293 */
		uint64_t count;		/* how often the transition was taken */
	} state;

	struct {			/* the segment: SEG.SEQ, SEG.ACK and so on */
		uint8_t direction;
		uint8_t flags;		/* SEG_* */
		uint32_t seq;
		uint32_t ack;
		uint16_t wnd;		/* as on the wire, not scaled */
		uint32_t len;		/* bytes of data; SYN and FIN not counted */
		uint16_t segs;		/* that the packet carried, if more than one */
		uint16_t up;
		struct {
			uint16_t mss;
			uint8_t wscale;
			uint32_t tsval;
			uint32_t tsecr;
			struct sack_list sack;
		} opt;
		uint8_t purpose;	/* why it was sent */
		char drop[40];		/* the counter of the rule that dropped it */
		char answer[40];	/* what it was, and what was sent in answer */
		char fault[40];		/* what was done to it on purpose */
	} seg;

	struct {			/* send sequence variables: SND.UNA and so on */
		uint32_t iss;
		uint32_t una;
		uint32_t nxt;
		uint32_t wnd;
		uint8_t wscale;
		uint32_t mss;		/* most data in one segment, bytes */
	} snd;

	struct {			/* receive sequence variables: RCV.NXT and so on */
		uint32_t irs;
		uint32_t nxt;
		uint32_t wnd;
		uint8_t wscale;
	} rcv;

	uint8_t options;		/* that both ends have agreed on: TCPI_OPT_* */

	struct {			/* congestion control */
		char name[16];
		char info[80];		/* what only this algorithm has */
		uint32_t cwnd;		/* bytes, as the next two */
		uint32_t ssthresh;
		uint32_t in_flight;
		uint64_t pacing_rate;	/* bytes a second */
		uint8_t reason;		/* why they have changed */
		uint8_t recovery;	/* the phase of loss recovery */
	} cong;

	struct {			/* round-trip time (RFC 6298) */
		uint32_t srtt_us;
		uint32_t rttvar_us;
		uint32_t rto_us;
	} rtt;

	struct {			/* loss and retransmission */
		char arq[24];		/* selective-repeat and so on */
		uint8_t backoff;	/* how often RTO was doubled */
		uint8_t retransmits;	/* of the segment now outstanding */
		uint32_t total;		/* segments retransmitted since the start */
	} loss;

	struct {			/* the timer that expires next, or of the event */
		uint8_t kind;
		uint8_t change;		/* what happened to it */
		uint64_t us;		/* until then, of an event */
		uint32_t ms;		/* until then */
	} timer;

	struct {			/* bytes; of a listener connections */
		uint32_t receive;
		uint32_t send;		/* of a listener: the backlog's limit */
		uint32_t out_of_order;
		uint32_t handshakes;	/* of a listener only */
	} queue;

	struct {			/* of a socket, as sock_diag has it */
		uint32_t meminfo[9];	/* by SK_MEMINFO_* of linux/sock_diag.h */
	} memory;

	struct {			/* since the start */
		uint64_t bytes_sent;
		uint64_t bytes_acked;
		uint64_t bytes_received;
		uint32_t segs_out;
		uint32_t segs_in;
	} total;
};

enum field_kind {
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_SET,		/* no value: it is there or not */
	FIELD_STRING,
	FIELD_ADDRESS,
	FIELD_FAMILY,		/* u8, in JSON a word, as are the next nine */
	FIELD_STATE,
	FIELD_CAUSE_KIND,
	FIELD_DIRECTION,
	FIELD_TIMER,
	FIELD_PURPOSE,
	FIELD_CONG_REASON,
	FIELD_RECOVERY,
	FIELD_TIMER_CHANGE,
	FIELD_FLAGS,
	FIELD_SACK,
	FIELD_CONGESTION_INFO,
	FIELD_MEMINFO,
};

struct field {
	const char *name;
	uint16_t attr;
	uint16_t offset;
	uint16_t size;
	enum field_kind kind;
};

/* Of a struct event, or of what else has a member @has such as its. */
#define event_has(ev, attr)	((bool)((ev)->has[(attr) / 64] >> ((attr) % 64) & 1))

static inline void event_set(struct event *ev, unsigned int attr)
{
	ev->has[attr / 64] |= 1ULL << (attr % 64);
}

/* event.c */
extern const struct field event_fields[];
extern const size_t event_fields_count;

struct nlmsghdr;
const char *event_attr_name(unsigned int attr);
int event_from_netlink(struct event *ev, const struct nlmsghdr *nlh);
int events_from_netlink(const struct nlmsghdr *nlh,
			void (*fn)(struct event *ev, void *arg), void *arg);
const char *event_word(enum field_kind kind, unsigned int value);
int event_word_value(enum field_kind kind, const char *word);
const char *event_flags(uint8_t flags, char buf[40]);
int event_flags_value(const char *words);
const char *event_address(const struct address *addr, char buf[48]);
const char *event_endpoint(const struct address *addr, unsigned int port,
			   char buf[64]);
void event_clean_string(char *s);
bool same_address(const struct address *a, const struct address *b);
#define HASH_BEGIN	0xcbf29ce484222325
uint64_t hash_bytes(uint64_t hash, const void *data, size_t len);
uint32_t event_ends_hash(const struct address *a, uint16_t a_port, const struct address *b,
			 uint16_t b_port);

/* event_json.c */
struct json_object;
struct json_object *event_to_json(const struct event *ev);
void event_print_json(const struct event *ev, FILE *out);
#define EVENT_CUT	1
int event_from_json(struct event *ev, const char *line, const char **error);

#endif
