// SPDX-License-Identifier: GPL-2.0
/*
 * One socket's timers, queues and TCP_INFO, as lines and as JSON.  Called by show.c for
 * each socket that is listed.  Next: read/nl.c.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/tcp.h>
#include <linux/ttp_netlink.h>

#include "base/base.h"
#include "print/queues.h"
#include "read/event.h"
#include "read/nl.h"

#define RANGES	128	/* the kernel tells no more of a queue */

struct armed {
	uint8_t timer;		/* enum ttp_timer */
	uint64_t left_us;
};

struct range {
	uint32_t start;		/* counted from the initial sequence number */
	uint32_t end;
	uint32_t flags;		/* TTP_RANGE_* */
	bool was_sent;
	uint64_t age_us;
};

struct queue {
	uint32_t isn;
	size_t count;
	struct range range[RANGES];
};

static struct {
	struct armed timer[16];
	size_t timers;
	struct queue send;
	struct queue early;		/* out of order */
	struct queue sack;		/* what the next ACK says of them, the newest first */
	bool cut;
	bool has_info;
	struct tcp_info info;
} all;

/* The namespace that the last socket was in. */
static const char *ns;
static struct nl *nl;

static uint64_t number(const struct nlattr *attr)
{
	uint64_t value = 0;
	size_t len = mnl_attr_get_payload_len(attr);

	memcpy(&value, mnl_attr_get_payload(attr), len < sizeof(value) ? len : sizeof(value));
	return value;
}

static void take_timer(const struct nlattr *nest)
{
	struct armed *t = &all.timer[all.timers];
	const struct nlattr *attr;

	if (all.timers == ARRAY_SIZE(all.timer))
		return;
	all.timers++;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == TTP_A_ARMED_TIMER)
			t->timer = number(attr);
		if (mnl_attr_get_type(attr) == TTP_A_ARMED_LEFT_US)
			t->left_us = number(attr);
	}
}

static void take_range(struct queue *q, const struct nlattr *nest)
{
	struct range *r = &q->range[q->count];
	const struct nlattr *attr;

	if (q->count == RANGES)
		return;
	q->count++;
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case TTP_A_RANGE_START:
			r->start = number(attr) - q->isn;
			break;
		case TTP_A_RANGE_END:
			r->end = number(attr) - q->isn;
			break;
		case TTP_A_RANGE_FLAGS:
			r->flags = number(attr);
			break;
		case TTP_A_RANGE_AGE_US:
			r->was_sent = true;
			r->age_us = number(attr);
			break;
		}
	}
}

static void take_sack(const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);
	uint32_t edge[8];

	if (len > sizeof(edge))
		return;
	memcpy(edge, mnl_attr_get_payload(attr), len);
	for (all.sack.count = 0; all.sack.count < len / 8; all.sack.count++) {
		all.sack.range[all.sack.count].start = edge[2 * all.sack.count] - all.sack.isn;
		all.sack.range[all.sack.count].end = edge[2 * all.sack.count + 1] - all.sack.isn;
	}
}

static void take_info(const struct nlattr *attr)
{
	size_t len = mnl_attr_get_payload_len(attr);

	all.has_info = true;	/* a newer kernel's may be longer, an older one's shorter */
	memcpy(&all.info, mnl_attr_get_payload(attr), len < sizeof(all.info) ? len : sizeof(all.info));
}

static int on_socket(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case TTP_A_ARMED:
			take_timer(attr);
			break;
		case TTP_A_SEND_QUEUE:
			take_range(&all.send, attr);
			break;
		case TTP_A_OUT_OF_ORDER:
			take_range(&all.early, attr);
			break;
		case TTP_A_OPT_SACK:
			take_sack(attr);
			break;
		case TTP_A_TCP_INFO:
			take_info(attr);
			break;
		case TTP_A_CUT:
			all.cut = true;
			break;
		}
	}
	return 0;
}

/*
 * Ask the kernel for the socket @ev; one that is gone meanwhile has nothing.
 * Return: 0, or -1 after saying why.
 */
int queues_read(const struct event *ev)
{
	memset(&all, 0, sizeof(all));
	all.send.isn = ev->snd.iss;
	all.early.isn = ev->rcv.irs;
	all.sack.isn = ev->rcv.irs;
	if (nl && ns != ev->ns)
		queues_end();
	ns = ev->ns;
	if (!nl)
		nl = nl_open(ns);
	if (!nl)
		return -1;
	return ev->who.id && nl_sock(nl, ev->who.id, on_socket, NULL) ? -1 : 0;
}

void queues_end(void)
{
	if (nl)
		nl_close(nl);
	nl = NULL;
}

/* ---- lines ---- */

static char *begin, *to;
static size_t room;

static void add(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(to, room, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= room)
		len = room ? room - 1 : 0;
	to += len;
	room -= len;
}

static void add_state(const struct range *r)
{
	if (r->flags & TTP_RANGE_FIN)
		add(" FIN");
	if (!r->was_sent) {
		add(" not sent");
		return;
	}
	if (r->flags & TTP_RANGE_SACKED)
		add(" SACKed,");
	else if (r->flags & (TTP_RANGE_LOST | TTP_RANGE_RESENT))
		add(" lost,");
	add(" sent%s %.3fs ago",
	    r->flags & (TTP_RANGE_RESENT | TTP_RANGE_EVER_RESENT) ? " again" : "", r->age_us / 1e6);
}

static void add_queue(const char *name, const struct queue *q, bool states)
{
	if (!q->count)
		return;
	add("%s%s:", to == begin ? "" : "\n    ", name);
	for (size_t i = 0; i < q->count; i++) {
		add("%s %u:%u", i ? ";" : "", q->range[i].start, q->range[i].end);
		if (states)
			add_state(&q->range[i]);
	}
}

/* As lines, the second and later ones indented by four. */
void queues_text(char *text, size_t size)
{
	begin = to = text;
	room = size;
	*text = '\0';
	for (size_t i = 0; i < all.timers; i++)
		add("%s %s %.3fs", i ? "," : "timers:",
		    event_word(FIELD_TIMER, all.timer[i].timer), all.timer[i].left_us / 1e6);
	add_queue("send queue", &all.send, true);
	add_queue("out of order", &all.early, false);
	add_queue("to be SACKed", &all.sack, false);
	if (all.cut)
		add("\n    (only the first %d ranges of a queue)", RANGES);
}

/* ---- JSON ---- */

static const struct {
	const char *name;
	size_t offset;
	size_t size;
} info_fields[] = {
#define I(field) { #field, offsetof(struct tcp_info, tcpi_##field), \
		   sizeof(((struct tcp_info *)0)->tcpi_##field) }
	I(ca_state), I(retransmits), I(probes), I(backoff), I(options), I(rto), I(ato),
	I(snd_mss), I(rcv_mss), I(unacked), I(sacked), I(lost), I(retrans), I(last_data_sent),
	I(last_data_recv), I(last_ack_recv), I(pmtu), I(rcv_ssthresh), I(rtt), I(rttvar),
	I(snd_ssthresh), I(snd_cwnd), I(advmss), I(reordering), I(rcv_rtt), I(rcv_space),
	I(total_retrans), I(pacing_rate), I(max_pacing_rate), I(bytes_acked), I(bytes_received),
	I(segs_out), I(segs_in), I(notsent_bytes), I(min_rtt), I(data_segs_in), I(data_segs_out),
	I(delivery_rate), I(busy_time), I(rwnd_limited), I(sndbuf_limited), I(delivered),
	I(delivered_ce), I(bytes_sent), I(bytes_retrans), I(dsack_dups), I(reord_seen),
	I(rcv_ooopack), I(snd_wnd),
#undef I
};

static struct json_object *info_json(void)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(info_fields); i++) {
		uint64_t value = 0;

		memcpy(&value, (const char *)&all.info + info_fields[i].offset,
		       info_fields[i].size);
		json_object_object_add(obj, info_fields[i].name, json_object_new_uint64(value));
	}
	json_object_object_add(obj, "snd_wscale", json_object_new_int(all.info.tcpi_snd_wscale));
	json_object_object_add(obj, "rcv_wscale", json_object_new_int(all.info.tcpi_rcv_wscale));
	return obj;
}

static struct json_object *timers_json(void)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < all.timers; i++) {
		struct json_object *t = json_object_new_object();

		json_object_object_add(t, "timer", json_object_new_string(
				       event_word(FIELD_TIMER, all.timer[i].timer)));
		json_object_object_add(t, "left_us", json_object_new_uint64(all.timer[i].left_us));
		json_object_array_add(list, t);
	}
	return list;
}

static struct json_object *range_json(const struct range *r, bool states)
{
	static const char *const names[] = {	/* by the bits of TTP_RANGE_ */
		"sent", "sacked", "lost", "resent", "ever_resent", "fin",
	};
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "start", json_object_new_int64(r->start));
	json_object_object_add(obj, "end", json_object_new_int64(r->end));
	for (size_t i = 0; states && i < ARRAY_SIZE(names); i++)
		json_object_object_add(obj, names[i], json_object_new_boolean(r->flags >> i & 1));
	if (r->was_sent)
		json_object_object_add(obj, "age_us", json_object_new_uint64(r->age_us));
	return obj;
}

static void add_list(struct json_object *obj, const char *name, const struct queue *q, bool states)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < q->count; i++)
		json_object_array_add(list, range_json(&q->range[i], states));
	json_object_object_add(obj, name, list);
}

/* The same as fields of @obj; sequence numbers count from the initial ones here, too. */
void queues_json(struct json_object *obj)
{
	json_object_object_add(obj, "timers", timers_json());
	add_list(obj, "send_queue", &all.send, true);
	add_list(obj, "out_of_order", &all.early, false);
	add_list(obj, "sack", &all.sack, false);
	if (all.has_info)
		json_object_object_add(obj, "tcp_info", info_json());
	if (all.cut)
		json_object_object_add(obj, "cut", json_object_new_boolean(true));
}
