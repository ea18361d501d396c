// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink message -> struct event, by one table.
 *
 * An attribute's length is checked against its type, and control characters in
 * strings are replaced, so that none reaches the terminal.  Unknown attributes
 * are skipped, so that an older tool understands a newer module.
 *
 * Called by ../print/dump.c and feed.c.  Next: event_json.c.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/inet_diag.h>
#include <linux/ttp.h>

#include "base/base.h"
#include "read/event.h"

#define F(name, attr, member, kind) \
	{ name, TTP_A_##attr, offsetof(struct event, member), \
	  sizeof(((struct event *)0)->member), FIELD_##kind }
#define F_SET(name, attr) { name, TTP_A_##attr, 0, 0, FIELD_SET }

const struct field event_fields[] = {
	F("time_ns", TIME_NS, time_ns, U64),
	F("id", ID, who.id, U64),
	F("netns", NETNS, who.netns, U64),
	F("family", FAMILY, who.family, FAMILY),
	F("saddr", SADDR, who.saddr, ADDRESS),
	F("sport", SPORT, who.sport, U16),
	F("daddr", DADDR, who.daddr, ADDRESS),
	F("dport", DPORT, who.dport, U16),
	F("from", FROM, state.from, STATE),
	F("state", STATE, state.now, STATE),
	F("cause_kind", CAUSE_KIND, state.cause_kind, CAUSE_KIND),
	F("cause", CAUSE, state.cause, STRING),
	F("section", SECTION, state.section, STRING),
	F("count", COUNT, state.count, U64),
	F("direction", DIRECTION, seg.direction, DIRECTION),
	F("flags", FLAGS, seg.flags, FLAGS),
	F("seq", SEQ, seg.seq, U32),
	F("ack", ACK, seg.ack, U32),
	F("seg_len", SEG_LEN, seg.len, U32),
	F("segs", SEGS, seg.segs, U16),
	F("seg_wnd", SEG_WND, seg.wnd, U16),
	F("seg_up", SEG_UP, seg.up, U16),
	F("opt_mss", OPT_MSS, seg.opt.mss, U16),
	F("opt_wscale", OPT_WSCALE, seg.opt.wscale, U8),
	F_SET("opt_sack_permitted", OPT_SACK_PERMITTED),
	F("opt_tsval", OPT_TSVAL, seg.opt.tsval, U32),
	F("opt_tsecr", OPT_TSECR, seg.opt.tsecr, U32),
	F("opt_sack", OPT_SACK, seg.opt.sack, SACK),
	F_SET("retransmission", RETRANSMISSION),
	F("purpose", PURPOSE, seg.purpose, PURPOSE),
	F("drop", DROP, seg.drop, STRING),
	F("answer", ANSWER, seg.answer, STRING),
	F("fault", FAULT, seg.fault, STRING),
	F("iss", ISS, snd.iss, U32),
	F("irs", IRS, rcv.irs, U32),
	F("snd_una", SND_UNA, snd.una, U32),
	F("snd_nxt", SND_NXT, snd.nxt, U32),
	F("snd_wnd", SND_WND, snd.wnd, U32),
	F("rcv_nxt", RCV_NXT, rcv.nxt, U32),
	F("rcv_wnd", RCV_WND, rcv.wnd, U32),
	F("snd_wscale", SND_WSCALE, snd.wscale, U8),
	F("rcv_wscale", RCV_WSCALE, rcv.wscale, U8),
	F("options", OPTIONS, options, U8),
	F("mss", MSS, snd.mss, U32),
	F("cong_reason", CONG_REASON, cong.reason, CONG_REASON),
	F("recovery", RECOVERY, cong.recovery, RECOVERY),
	F("cwnd", CWND, cong.cwnd, U32),
	F("ssthresh", SSTHRESH, cong.ssthresh, U32),
	F("in_flight", IN_FLIGHT, cong.in_flight, U32),
	F("srtt_us", SRTT_US, rtt.srtt_us, U32),
	F("rttvar_us", RTTVAR_US, rtt.rttvar_us, U32),
	F("rto_us", RTO_US, rtt.rto_us, U32),
	F("backoff", BACKOFF, loss.backoff, U8),
	F("retransmits", RETRANSMITS, loss.retransmits, U8),
	F("total_retrans", TOTAL_RETRANS, loss.total, U32),
	F("timer", TIMER, timer.kind, TIMER),
	F("timer_ms", TIMER_MS, timer.ms, U32),
	F("timer_change", TIMER_CHANGE, timer.change, TIMER_CHANGE),
	F("timer_us", TIMER_US, timer.us, U64),
	F("rqueue", RQUEUE, queue.receive, U32),
	F("wqueue", WQUEUE, queue.send, U32),
	F("ofo_queue", OFO_QUEUE, queue.out_of_order, U32),
	F("synq", SYNQ, queue.handshakes, U32),
	F("bytes_sent", BYTES_SENT, total.bytes_sent, U64),
	F("bytes_acked", BYTES_ACKED, total.bytes_acked, U64),
	F("bytes_received", BYTES_RECEIVED, total.bytes_received, U64),
	F("segs_out", SEGS_OUT, total.segs_out, U32),
	F("segs_in", SEGS_IN, total.segs_in, U32),
	F("congestion", CONGESTION, cong.name, STRING),
	F("congestion_info", CONGESTION_INFO, cong.info, CONGESTION_INFO),
	F("pacing_rate", PACING_RATE, cong.pacing_rate, U64),
	F("arq", ARQ, loss.arq, STRING),
	F_SET("restricted", RESTRICTED),
	F_SET("default", DEFAULT),
	F("skmeminfo", SKMEMINFO, memory.meminfo, MEMINFO),
	F("uid", UID, who.uid, U32),
	F("inode", INODE, who.inode, U32),
	F("lost_events", LOST_EVENTS, lost_events, U32),
	F("event_seq", EVENT_SEQ, number, U64),
};

const size_t event_fields_count = ARRAY_SIZE(event_fields);

static const char *const state_words[] = {
	[TTP_STATE_ESTABLISHED] = "ESTABLISHED",
	[TTP_STATE_SYN_SENT] = "SYN_SENT",
	[TTP_STATE_SYN_RCVD] = "SYN_RCVD",
	[TTP_STATE_FIN_WAIT_1] = "FIN_WAIT_1",
	[TTP_STATE_FIN_WAIT_2] = "FIN_WAIT_2",
	[TTP_STATE_TIME_WAIT] = "TIME_WAIT",
	[TTP_STATE_CLOSED] = "CLOSED",
	[TTP_STATE_CLOSE_WAIT] = "CLOSE_WAIT",
	[TTP_STATE_LAST_ACK] = "LAST_ACK",
	[TTP_STATE_LISTEN] = "LISTEN",
	[TTP_STATE_CLOSING] = "CLOSING",
};

static const char *const cause_kind_words[] = {
	[TTP_CAUSE_KIND_USER] = "user",
	[TTP_CAUSE_KIND_SEGMENT] = "segment",
	[TTP_CAUSE_KIND_TIMER] = "timer",
	[TTP_CAUSE_KIND_ICMP] = "icmp",
	[TTP_CAUSE_KIND_KERNEL] = "kernel",
};

static const char *const direction_words[] = {
	[TTP_DIRECTION_OUT] = "out",
	[TTP_DIRECTION_IN] = "in",
};

static const char *const timer_words[] = {
	[TTP_TIMER_NONE] = "none",
	[TTP_TIMER_RETRANSMISSION] = "retransmission",
	[TTP_TIMER_PERSIST] = "persist",
	[TTP_TIMER_DELAYED_ACK] = "delayed-ack",
	[TTP_TIMER_KEEPALIVE] = "keepalive",
	[TTP_TIMER_FIN_WAIT_2] = "fin-wait-2",
	[TTP_TIMER_TIME_WAIT] = "time-wait",
	[TTP_TIMER_LOSS_PROBE] = "loss-probe",
	[TTP_TIMER_REORDERING] = "reordering",
	[TTP_TIMER_PACING] = "pacing",
	[TTP_TIMER_USER_TIMEOUT] = "user-timeout",
};

static const char *const purpose_words[] = {
	[TTP_PURPOSE_RTO] = "RTO",
	[TTP_PURPOSE_FAST_RETRANSMIT] = "fast retransmit",
	[TTP_PURPOSE_LOSS_PROBE] = "tail loss probe",
	[TTP_PURPOSE_ZERO_WINDOW_PROBE] = "zero window probe",
	[TTP_PURPOSE_KEEPALIVE] = "keepalive",
	[TTP_PURPOSE_DUPLICATE_ACK] = "duplicate ACK",
	[TTP_PURPOSE_WINDOW_UPDATE] = "window update",
	[TTP_PURPOSE_CHALLENGE_ACK] = "challenge ACK",
	[TTP_PURPOSE_MTU_PROBE] = "MTU probe",
};

static const char *const cong_reason_words[] = {
	[TTP_CONG_REASON_BEGIN] = "begin",
	[TTP_CONG_REASON_ACK] = "ACK",
	[TTP_CONG_REASON_LOSS] = "loss",
	[TTP_CONG_REASON_PRR] = "PRR",
	[TTP_CONG_REASON_RECOVERED] = "recovered",
	[TTP_CONG_REASON_TIMEOUT] = "RTO",
	[TTP_CONG_REASON_LOSS_PROBE] = "tail loss probe",
	[TTP_CONG_REASON_ECN] = "ECN",
	[TTP_CONG_REASON_UNDO] = "undo",
	[TTP_CONG_REASON_IDLE] = "idle",
	[TTP_CONG_REASON_MSS] = "MSS",
	[TTP_CONG_REASON_ALGORITHM] = "algorithm",
};

static const char *const recovery_words[] = {
	[TTP_RECOVERY_OPEN] = "open",
	[TTP_RECOVERY_FAST] = "fast recovery",
	[TTP_RECOVERY_LOSS] = "loss recovery",
};

static const char *const timer_change_words[] = {
	[TTP_TIMER_CHANGE_ARMED] = "armed",
	[TTP_TIMER_CHANGE_FIRED] = "fired",
	[TTP_TIMER_CHANGE_STOPPED] = "stopped",
};

static const char *const family_words[] = {
	[AF_INET] = "inet",
	[AF_INET6] = "inet6",
};

static const struct {
	const char *const *words;
	size_t count;
} vocabulary[] = {
	[FIELD_STATE] = { state_words, ARRAY_SIZE(state_words) },
	[FIELD_CAUSE_KIND] = { cause_kind_words, ARRAY_SIZE(cause_kind_words) },
	[FIELD_DIRECTION] = { direction_words, ARRAY_SIZE(direction_words) },
	[FIELD_TIMER] = { timer_words, ARRAY_SIZE(timer_words) },
	[FIELD_PURPOSE] = { purpose_words, ARRAY_SIZE(purpose_words) },
	[FIELD_CONG_REASON] = { cong_reason_words, ARRAY_SIZE(cong_reason_words) },
	[FIELD_RECOVERY] = { recovery_words, ARRAY_SIZE(recovery_words) },
	[FIELD_TIMER_CHANGE] = { timer_change_words, ARRAY_SIZE(timer_change_words) },
	[FIELD_FAMILY] = { family_words, ARRAY_SIZE(family_words) },
};

const char *event_word(enum field_kind kind, unsigned int value)
{
	if (value < vocabulary[kind].count && vocabulary[kind].words[value])
		return vocabulary[kind].words[value];
	return "?";
}

/* Return: the number behind WORD, or -1. */
int event_word_value(enum field_kind kind, const char *word)
{
	for (size_t i = 0; i < vocabulary[kind].count; i++)
		if (vocabulary[kind].words[i] &&
		    !strcasecmp(vocabulary[kind].words[i], word))
			return i;
	return -1;
}

/* In the order in which people say them: SYN,ACK and PSH,ACK. */
static const struct {
	uint8_t bit;
	const char *name;
} flag_names[] = {
	{ SEG_SYN, "SYN" }, { SEG_FIN, "FIN" }, { SEG_RST, "RST" }, { SEG_PSH, "PSH" },
	{ SEG_URG, "URG" }, { SEG_ACK, "ACK" }, { SEG_ECE, "ECE" }, { SEG_CWR, "CWR" },
};

const char *event_flags(uint8_t flags, char buf[40])
{
	char *to = buf;

	*to = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (!(flags & flag_names[i].bit))
			continue;
		if (to > buf)
			*to++ = ',';
		to = stpcpy(to, flag_names[i].name);
	}
	return buf;
}

/* "SYN,ACK" or "syn,ack".  Return: the bits, 0 for no word; -1: one of them is no flag. */
int event_flags_value(const char *words)
{
	int flags = 0;

	while (*words) {
		size_t n = strcspn(words, ","), i = 0;

		while (i < ARRAY_SIZE(flag_names) && (strlen(flag_names[i].name) != n ||
						      strncasecmp(words, flag_names[i].name, n)))
			i++;
		if (n && i == ARRAY_SIZE(flag_names))
			return -1;
		flags |= n ? flag_names[i].bit : 0;
		words += n + (words[n] == ',');
	}
	return flags;
}

/* Return: where the 0 behind the text is. */
static char *put_address(const struct address *addr, char buf[48])
{
	char *to = buf;

	if (addr->len == 16)
		return strchr(inet_ntop(AF_INET6, addr->bytes, buf, 48), '\0');
	if (addr->len != 4)
		return stpcpy(buf, "?");
	for (int i = 0; i < 4; i++) {
		to = put_decimal(to, addr->bytes[i]);
		*to++ = '.';
	}
	*--to = '\0';
	return to;
}

bool same_address(const struct address *a, const struct address *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/* FNV-1a; @hash: HASH_BEGIN, or the hash of what is before. */
uint64_t hash_bytes(uint64_t hash, const void *data, size_t len)
{
	for (const uint8_t *p = data; len--; p++)
		hash = (hash ^ *p) * 0x100000001b3;
	return hash;
}

/* Of a 4-tuple, whichever end is named first. */
uint32_t event_ends_hash(const struct address *a, uint16_t a_port, const struct address *b,
			 uint16_t b_port)
{
	uint64_t of_a = hash_bytes(HASH_BEGIN, a->bytes, a->len);
	uint64_t of_b = hash_bytes(HASH_BEGIN, b->bytes, b->len);

	return (hash_bytes(of_a, &a_port, sizeof(a_port)) + hash_bytes(of_b, &b_port, sizeof(b_port))) >> 20;
}

const char *event_address(const struct address *addr, char buf[48])
{
	put_address(addr, buf);
	return buf;
}

/* Port 0 is printed as *: a listener's peer is any. */
const char *event_endpoint(const struct address *addr, unsigned int port,
			   char buf[64])
{
	char number[DECIMAL_SIZE] = "*", *to = buf;
	bool brackets = addr->len == 16;

	if (brackets)
		*to++ = '[';
	to = put_address(addr, to);
	if (brackets)
		*to++ = ']';
	*to++ = ':';
	if (port)	/* not into @buf, which has no room for DECIMAL_SIZE more */
		put_decimal(number, port);
	strcpy(to, number);
	return buf;
}

void event_clean_string(char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			*s = '?';
}

static int get_sack(struct sack_list *sack, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len % sizeof(sack->block[0]) || len > sizeof(sack->block))
		return -1;
	memcpy(sack->block, mnl_attr_get_payload(attr), len);
	sack->count = len / sizeof(sack->block[0]);
	return 0;
}

static int get_address(struct address *addr, const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	if (len != 4 && len != 16)
		return -1;
	memcpy(addr->bytes, mnl_attr_get_payload(attr), len);
	addr->len = len;
	return 0;
}

/* As iproute2's ss has it; after the algorithm's name, which comes first. */
static int get_congestion_info(struct event *ev, const struct nlattr *attr)
{
	char *to = ev->cong.info;
	size_t size = sizeof(ev->cong.info);
	union tcp_cc_info i = { 0 };

	if (mnl_attr_get_payload_len(attr) > sizeof(i))
		return -1;
	memcpy(&i, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	if (!strcmp(ev->cong.name, "bbr"))
		snprintf(to, size, "bw:%.0fbps,mrtt:%.3fms,pacing_gain:%.3f,cwnd_gain:%.3f",
			 8.0 * ((uint64_t)i.bbr.bbr_bw_hi << 32 | i.bbr.bbr_bw_lo),
			 i.bbr.bbr_min_rtt / 1e3, i.bbr.bbr_pacing_gain / 256.0,
			 i.bbr.bbr_cwnd_gain / 256.0);
	else if (!strcmp(ev->cong.name, "dctcp"))
		snprintf(to, size, "alpha:%.3f,ab_ecn:%u,ab_tot:%u", i.dctcp.dctcp_alpha / 1024.0,
			 i.dctcp.dctcp_ab_ecn, i.dctcp.dctcp_ab_tot);
	else if (!strcmp(ev->cong.name, "vegas"))
		snprintf(to, size, "rtt:%.3fms,minrtt:%.3fms,rttcnt:%u", i.vegas.tcpv_rtt / 1e3,
			 i.vegas.tcpv_minrtt / 1e3, i.vegas.tcpv_rttcnt);
	else
		snprintf(to, size, "?");
	return 0;
}

static int get_field(struct event *ev, const struct field *f,
		     const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);
	void *to = (char *)ev + f->offset;

	switch (f->kind) {
	case FIELD_SET:
		break;
	case FIELD_STRING:
		if (len >= f->size)
			len = f->size - 1;
		memcpy(to, mnl_attr_get_payload(attr), len);
		((char *)to)[len] = '\0';
		event_clean_string(to);
		break;
	case FIELD_ADDRESS:
		if (get_address(to, attr))
			return -1;
		break;
	case FIELD_SACK:
		if (get_sack(to, attr))
			return -1;
		break;
	case FIELD_MEMINFO:	/* a newer kernel may have more of them */
		memcpy(to, mnl_attr_get_payload(attr), len < f->size ? len : f->size);
		break;
	case FIELD_CONGESTION_INFO:
		if (get_congestion_info(ev, attr))
			return -1;
		break;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_FAMILY:
	case FIELD_STATE:
	case FIELD_CAUSE_KIND:
	case FIELD_DIRECTION:
	case FIELD_TIMER:
	case FIELD_PURPOSE:
	case FIELD_CONG_REASON:
	case FIELD_RECOVERY:
	case FIELD_TIMER_CHANGE:
	case FIELD_FLAGS:
		if (len != f->size)
			return -1;
		memcpy(to, mnl_attr_get_payload(attr), len);
		break;
	}
	event_set(ev, f->attr);
	return 0;
}

/* Return: NULL when there is no such field. */
static const struct field *field_of(unsigned int attr)
{
	static const struct field *fields[TTP_A_MAX + 1];

	if (!fields[TTP_A_ID])
		for (size_t i = 0; i < ARRAY_SIZE(event_fields); i++)
			fields[event_fields[i].attr] = &event_fields[i];
	return attr < ARRAY_SIZE(fields) ? fields[attr] : NULL;
}

const char *event_attr_name(unsigned int attr)
{
	const struct field *f = field_of(attr);

	return f ? f->name : "segment";
}

static int kind_of(uint8_t cmd)
{
	switch (cmd) {
	case TTP_CMD_SOCK_GET:
	case TTP_CMD_DATAGRAM_GET:
		return EVENT_SOCKET;
	case TTP_CMD_STATES_GET:
		return EVENT_TRANSITION;
	case TTP_CMD_CONGESTION_GET:
		return EVENT_ALGORITHM;
	case TTP_CMD_STATE_NTF:
		return EVENT_STATE;
	case TTP_CMD_SEGMENT_NTF:
		return EVENT_SEGMENT;
	case TTP_CMD_CONG_NTF:
		return EVENT_CONG;
	case TTP_CMD_TIMER_NTF:
		return EVENT_TIMER;
	case TTP_CMD_DATAGRAM_NTF:
		return EVENT_DATAGRAM;
	}
	return -1;
}

/*
 * Return: 0; -1 when the message is not one of ours; or the attribute that is not as it should be.
 */
int event_from_netlink(struct event *ev, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const struct nlattr *attr;

	memset(ev, 0, sizeof(*ev));
	if (nlh->nlmsg_len < mnl_nlmsg_size(sizeof(*genl)) ||
	    kind_of(genl->cmd) < 0)
		return -1;
	len -= sizeof(*genl);
	ev->kind = kind_of(genl->cmd);
	/* mnl_attr_for_each() would go up to the aligned end: too far */
	mnl_attr_for_each_payload((const void *)(genl + 1), len) {
		const struct field *f = field_of(mnl_attr_get_type(attr));

		if (f && get_field(ev, f, attr))
			return f->attr;
	}
	return 0;
}

static void get_address_of(struct address *addr, const uint8_t *bytes, uint8_t family)
{
	addr->len = family == AF_INET ? 4 : 16;
	memcpy(addr->bytes, bytes, addr->len);
}

static void get_connection(struct event *ev, const struct ttp_segment *s)
{
	ev->who.id = s->id;
	ev->time_ns = s->time_ns;
	ev->who.family = s->family;
	get_address_of(&ev->who.saddr, s->saddr, s->family);
	get_address_of(&ev->who.daddr, s->daddr, s->family);
	ev->who.sport = s->sport;
	ev->who.dport = s->dport;
	ev->state.now = s->state;
	ev->snd.iss = s->iss;
	ev->rcv.irs = s->irs;
	event_set(ev, TTP_A_ID);
	event_set(ev, TTP_A_TIME_NS);
	event_set(ev, TTP_A_FAMILY);
	event_set(ev, TTP_A_SADDR);
	event_set(ev, TTP_A_DADDR);
	event_set(ev, TTP_A_SPORT);
	event_set(ev, TTP_A_DPORT);
	event_set(ev, TTP_A_STATE);
	if (s->has & TTP_SEGMENT_HAS_ISS)
		event_set(ev, TTP_A_ISS);
	if (s->has & TTP_SEGMENT_HAS_IRS)
		event_set(ev, TTP_A_IRS);
}

static void get_variables(struct event *ev, const struct ttp_segment *s)
{
	ev->snd.una = s->snd_una;
	ev->snd.nxt = s->snd_nxt;
	ev->snd.wnd = s->snd_wnd;
	ev->rcv.nxt = s->rcv_nxt;
	ev->rcv.wnd = s->rcv_wnd;
	ev->cong.cwnd = s->cwnd;
	ev->cong.ssthresh = s->ssthresh;
	ev->cong.in_flight = s->in_flight;
	ev->rtt.srtt_us = s->srtt_us;
	ev->rtt.rto_us = s->rto_us;
	event_set(ev, TTP_A_SND_UNA);
	event_set(ev, TTP_A_SND_NXT);
	event_set(ev, TTP_A_SND_WND);
	event_set(ev, TTP_A_RCV_NXT);
	event_set(ev, TTP_A_RCV_WND);
	event_set(ev, TTP_A_CWND);
	event_set(ev, TTP_A_SSTHRESH);
	event_set(ev, TTP_A_IN_FLIGHT);
	event_set(ev, TTP_A_SRTT_US);
	event_set(ev, TTP_A_RTO_US);
}

static int get_segment(struct event *ev, const struct nlattr *attr)
{
	struct ttp_segment s;

	/* a newer kernel may have more of it */
	if (mnl_attr_get_payload_len(attr) < sizeof(s))
		return -1;
	memcpy(&s, mnl_attr_get_payload(attr), sizeof(s));
	get_connection(ev, &s);
	ev->seg.direction = s.direction;
	ev->seg.flags = s.flags;
	ev->seg.seq = s.seq;
	ev->seg.len = s.len;
	ev->seg.wnd = s.wnd;
	event_set(ev, TTP_A_DIRECTION);
	event_set(ev, TTP_A_FLAGS);
	event_set(ev, TTP_A_SEQ);
	event_set(ev, TTP_A_SEG_LEN);
	event_set(ev, TTP_A_SEG_WND);
	if (s.flags & SEG_ACK) {
		ev->seg.ack = s.ack;
		event_set(ev, TTP_A_ACK);
	}
	if (s.segs > 1) {
		ev->seg.segs = s.segs;
		event_set(ev, TTP_A_SEGS);
	}
	if (s.has & TTP_SEGMENT_HAS_TIMESTAMPS) {
		ev->seg.opt.tsval = s.tsval;
		ev->seg.opt.tsecr = s.tsecr;
		event_set(ev, TTP_A_OPT_TSVAL);
		event_set(ev, TTP_A_OPT_TSECR);
	}
	if (s.has & TTP_SEGMENT_HAS_VARIABLES)
		get_variables(ev, &s);
	return 0;
}

/* Return: 0, or the attribute that is missing, or not as it should be. */
static int get_event(struct event *ev, const struct nlattr *nest)
{
	const struct nlattr *attr;

	mnl_attr_for_each_payload(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest)) {
		const struct field *f = field_of(mnl_attr_get_type(attr));

		if (mnl_attr_get_type(attr) == TTP_A_SEGMENT && get_segment(ev, attr))
			return TTP_A_SEGMENT;
		if (f && get_field(ev, f, attr))
			return f->attr;
	}
	return event_has(ev, TTP_A_TIME_NS) ? 0 : TTP_A_TIME_NS;
}

/*
 * Calls @fn for each event of the message, which are several but for a transition.
 * Return: as event_from_netlink(); what follows the malformed one is left out.
 */
int events_from_netlink(const struct nlmsghdr *nlh,
			void (*fn)(struct event *ev, void *arg), void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	struct event all, ev;
	int wrong = event_from_netlink(&all, nlh);

	if (wrong)
		return wrong;
	ev = all;
	if (all.kind != EVENT_SEGMENT && all.kind != EVENT_CONG && all.kind != EVENT_TIMER &&
	    all.kind != EVENT_DATAGRAM) {
		fn(&all, arg);
		return 0;
	}
	mnl_attr_for_each_payload((const void *)(genl + 1),
				  mnl_nlmsg_get_payload_len(nlh) - sizeof(*genl)) {
		if (mnl_attr_get_type(attr) != TTP_A_EVENT)
			continue;
		/* what lies behind it is the same in all, or set where it is said to be there */
		memcpy(&ev, &all, offsetof(struct event, options));
		wrong = get_event(&ev, attr);
		if (wrong)
			return wrong;
		fn(&ev, arg);
		/* the first one tells how many are missing before it */
		all.has[TTP_A_LOST_EVENTS / 64] &= ~(1ULL << TTP_A_LOST_EVENTS % 64);
		all.lost_events = 0;
		all.number++;
	}
	return 0;
}
