// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink message -> event -> JSON -> event: what goes in must come out, and
 * no message, however broken, may do harm (run it under ASan).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <json-c/json.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/inet_diag.h>
#include <linux/ttp.h>

#include "base/base.h"
#include "read/event.h"

static uint64_t random_number(const struct field *f)
{
	switch (f->kind) {
	case FIELD_STATE:
		return 1 + rand() % 11;
	case FIELD_CAUSE_KIND:
		return rand() % 5;
	case FIELD_DIRECTION:
		return rand() % 2;
	case FIELD_TIMER:
		return rand() % 10;
	case FIELD_PURPOSE:
		return 1 + rand() % 9;
	case FIELD_CONG_REASON:
		return 1 + rand() % 12;
	case FIELD_RECOVERY:
	case FIELD_TIMER_CHANGE:
		return rand() % 3;
	case FIELD_FAMILY:
		return rand() % 2 ? AF_INET : AF_INET6;
	default:
		/* all of its bytes */
		return (uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ rand();
	}
}

static void put_field(struct nlmsghdr *nlh, const struct field *f)
{
	uint64_t number = random_number(f);
	uint8_t bytes[32];
	char text[64];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = rand();
	switch (f->kind) {
	case FIELD_SET:
		mnl_attr_put(nlh, f->attr, 0, NULL);
		break;
	case FIELD_STRING:
		snprintf(text, sizeof(text), "word%d \"quoted\"", rand() % 100);
		text[f->size - 1] = '\0';
		mnl_attr_put_strz(nlh, f->attr, text);
		break;
	case FIELD_ADDRESS:
		mnl_attr_put(nlh, f->attr, rand() % 2 ? 4 : 16, bytes);
		break;
	case FIELD_CONGESTION_INFO:
		mnl_attr_put(nlh, f->attr, rand() % (sizeof(union tcp_cc_info) + 1), bytes);
		break;
	case FIELD_MEMINFO:	/* those that there are, or more */
		memset(bytes, 0, sizeof(bytes));
		mnl_attr_put(nlh, f->attr, 4 * (rand() % 9), bytes);
		break;
	case FIELD_SACK:
		mnl_attr_put(nlh, f->attr, 8 * (rand() % 5), bytes);
		break;
	default:
		/* little endian only, as is every host of ours so far */
		mnl_attr_put(nlh, f->attr, f->size, &number);
	}
}

static struct nlmsghdr *build(char *buf, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	for (size_t i = 0; i < event_fields_count; i++)
		put_field(nlh, &event_fields[i]);
	return nlh;
}

static int round_trip(void)
{
	char buf[4096] __attribute__((aligned(8))) = { 0 };
	static const uint8_t cmds[] = {
		TTP_CMD_STATE_NTF, TTP_CMD_SEGMENT_NTF, TTP_CMD_CONG_NTF, TTP_CMD_TIMER_NTF,
	};
	uint8_t cmd = cmds[rand() % ARRAY_SIZE(cmds)];
	struct event before, after;
	struct json_object *obj;
	const char *error;
	int ret;

	if (event_from_netlink(&before, build(buf, cmd))) {
		puts("a good message is refused");
		return 1;
	}
	obj = event_to_json(&before);
	ret = event_from_json(&after, json_object_to_json_string(obj), &error);
	if (ret || memcmp(&before, &after, sizeof(before))) {
		printf("%s: %s\n", ret ? error : "differs",
		       json_object_to_json_string(obj));
		ret = 1;
	}
	json_object_put(obj);
	return ret;
}

/* Segments, of which one in three has options. */
static void put_events(struct nlmsghdr *nlh, int n)
{
	struct ttp_segment s = { .family = AF_INET, .has = TTP_SEGMENT_HAS_TIMESTAMPS };
	struct nlattr *nest;

	mnl_attr_put_u32(nlh, TTP_A_LOST_EVENTS, 7);
	for (int i = 0; i < n; i++) {
		nest = mnl_attr_nest_start(nlh, TTP_A_EVENT);
		s.seq = 1000 + i;
		s.flags = i % 2 ? SEG_ACK : 0;
		mnl_attr_put(nlh, TTP_A_SEGMENT, sizeof(s), &s);
		if (i % 3 == 0)
			mnl_attr_put_u16(nlh, TTP_A_OPT_MSS, 1460);
		mnl_attr_nest_end(nlh, nest);
	}
}

static int came, wrong;

static void count_event(struct event *ev, void *arg)
{
	wrong += ev->seg.seq != 1000U + came ||
		 event_has(ev, TTP_A_ACK) != (bool)(came % 2) ||
		 event_has(ev, TTP_A_OPT_MSS) != (came % 3 == 0) ||
		 event_has(ev, TTP_A_LOST_EVENTS) != (came == 0) ||
		 event_has(ev, TTP_A_CWND) || !event_has(ev, TTP_A_OPT_TSVAL) ||
		 ev->who.saddr.len != 4;
	came++;
}

static int several(void)
{
	char buf[4096] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	genl->cmd = TTP_CMD_SEGMENT_NTF;
	put_events(nlh, 20);
	if (!events_from_netlink(nlh, count_event, NULL) && came == 20 && !wrong)
		return 0;
	printf("of 20 segments came %d, %d of them wrong\n", came, wrong);
	return 1;
}

static void count_windows(struct event *ev, void *arg)
{
	wrong += ev->kind != EVENT_CONG || ev->cong.cwnd != 1000U + came ||
		 event_has(ev, TTP_A_PACING_RATE) != (bool)(came % 2) ||
		 ev->time_ns != 5 || ev->cong.reason != TTP_CONG_REASON_LOSS;
	came++;
}

/* Changes of a window, of which each second has a rate */
static int several_windows(void)
{
	char buf[4096] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	struct nlattr *nest;

	genl->cmd = TTP_CMD_CONG_NTF;
	came = 0;
	for (int i = 0; i < 6; i++) {
		nest = mnl_attr_nest_start(nlh, TTP_A_EVENT);
		mnl_attr_put_u64(nlh, TTP_A_TIME_NS, 5);
		mnl_attr_put_u8(nlh, TTP_A_CONG_REASON, TTP_CONG_REASON_LOSS);
		mnl_attr_put_u32(nlh, TTP_A_CWND, 1000 + i);
		if (i % 2)
			mnl_attr_put_u64(nlh, TTP_A_PACING_RATE, 7);
		mnl_attr_nest_end(nlh, nest);
	}
	if (!events_from_netlink(nlh, count_windows, NULL) && came == 6 && !wrong)
		return 0;
	printf("of 6 windows came %d, %d of them wrong\n", came, wrong);
	return 1;
}

/* The message is at the end of an allocation: ASan sees one byte more. */
static void broken(void)
{
	char buf[4096] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *nlh = build(buf, 1 + rand() % 6);
	struct event ev;
	size_t len;
	char *copy;

	if (rand() % 2)
		put_events(nlh, 3);
	len = nlh->nlmsg_len;
	for (int i = rand() % 8; i > 0; i--)
		buf[sizeof(*nlh) + rand() % (len - sizeof(*nlh))] = rand();
	len = sizeof(*nlh) + rand() % (len - sizeof(*nlh));
	nlh->nlmsg_len = len;
	copy = malloc(len);
	if (!copy)
		abort();
	memcpy(copy, buf, len);
	if (!event_from_netlink(&ev, (struct nlmsghdr *)copy))
		json_object_put(event_to_json(&ev));
	events_from_netlink((struct nlmsghdr *)copy, count_event, NULL);
	free(copy);
}

/* The longest that there is fits into what callers give */
static int longest(void)
{
	struct address addr = { .len = 16 };
	char *text = malloc(64);
	int differs;

	if (!text)
		abort();
	memset(addr.bytes, 0xab, sizeof(addr.bytes));
	event_endpoint(&addr, 65535, text);
	differs = strcmp(text, "[abab:abab:abab:abab:abab:abab:abab:abab]:65535");
	if (differs)
		printf("an end is called %s\n", text);
	free(text);
	return differs;
}

int main(void)
{
	srand(253);
	if (longest() || several() || several_windows())
		return 1;
	for (int i = 0; i < 2000; i++)
		if (round_trip())
			return 1;
	for (int i = 0; i < 100000; i++)
		broken();
	return 0;
}
