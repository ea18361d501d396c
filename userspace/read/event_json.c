// SPDX-License-Identifier: GPL-2.0
/*
 * struct event <-> one JSON object, which is one line of a recording.
 *
 * Words stand for what has a name (states, flags, causes), numbers for the
 * rest, and a field that the kernel did not send is not there.  A recording
 * may come from anywhere, so every value is checked when it is read.  Called by
 * whoever prints events, and by feed.c.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>
#include <linux/sock_diag.h>

#include "base/base.h"
#include "base/netns.h"
#include "read/event.h"

static const char *const kind_words[] = {
	[EVENT_STATE] = "state",
	[EVENT_SEGMENT] = "segment",
	[EVENT_CONG] = "cong",
	[EVENT_TIMER] = "timer",
	[EVENT_DATAGRAM] = "datagram",
	[EVENT_SOCKET] = "socket",
	[EVENT_TRANSITION] = "transition",
	[EVENT_ALGORITHM] = "algorithm",
	[EVENT_LOST] = "lost",
	[EVENT_RECORDING] = "recording",
};

static uint64_t load(const void *from, size_t size)
{
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (size) {
	case 8:
		memcpy(&v64, from, 8);
		return v64;
	case 4:
		memcpy(&v32, from, 4);
		return v32;
	case 2:
		memcpy(&v16, from, 2);
		return v16;
	}
	return *(const uint8_t *)from;
}

static void store(void *to, size_t size, uint64_t value)
{
	uint32_t v32 = value;
	uint16_t v16 = value;

	switch (size) {
	case 8:
		memcpy(to, &value, 8);
		break;
	case 4:
		memcpy(to, &v32, 4);
		break;
	case 2:
		memcpy(to, &v16, 2);
		break;
	default:
		*(uint8_t *)to = value;
	}
}

static struct json_object *sack_to_json(const struct sack_list *sack)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < sack->count; i++) {
		struct json_object *pair = json_object_new_array();

		json_object_array_add(pair, json_object_new_int64(sack->block[i].left));
		json_object_array_add(pair, json_object_new_int64(sack->block[i].right));
		json_object_array_add(list, pair);
	}
	return list;
}

static const char *const meminfo_names[] = {
	[SK_MEMINFO_RMEM_ALLOC] = "rmem_alloc", [SK_MEMINFO_RCVBUF] = "rcvbuf",
	[SK_MEMINFO_WMEM_ALLOC] = "wmem_alloc", [SK_MEMINFO_SNDBUF] = "sndbuf",
	[SK_MEMINFO_FWD_ALLOC] = "fwd_alloc", [SK_MEMINFO_WMEM_QUEUED] = "wmem_queued",
	[SK_MEMINFO_OPTMEM] = "optmem", [SK_MEMINFO_BACKLOG] = "backlog",
	[SK_MEMINFO_DROPS] = "drops",
};

static struct json_object *meminfo_to_json(const uint32_t *meminfo)
{
	struct json_object *obj = json_object_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(meminfo_names); i++)
		json_object_object_add(obj, meminfo_names[i],
				       json_object_new_int64(meminfo[i]));
	return obj;
}

static struct json_object *field_to_json(const struct event *ev,
					 const struct field *f)
{
	const void *from = (const char *)ev + f->offset;
	char buf[64];

	switch (f->kind) {
	case FIELD_SET:
		return json_object_new_boolean(1);
	case FIELD_STRING:
	case FIELD_CONGESTION_INFO:
		return json_object_new_string(from);
	case FIELD_ADDRESS:
		return json_object_new_string(event_address(from, buf));
	case FIELD_SACK:
		return sack_to_json(from);
	case FIELD_MEMINFO:
		return meminfo_to_json(from);
	case FIELD_FLAGS:
		return json_object_new_string(event_flags(load(from, 1), buf));
	case FIELD_FAMILY:
	case FIELD_STATE:
	case FIELD_CAUSE_KIND:
	case FIELD_DIRECTION:
	case FIELD_TIMER:
	case FIELD_PURPOSE:
	case FIELD_CONG_REASON:
	case FIELD_RECOVERY:
	case FIELD_TIMER_CHANGE:
		return json_object_new_string(event_word(f->kind,
							 load(from, 1)));
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
		break;
	}
	return json_object_new_uint64(load(from, f->size));
}

struct json_object *event_to_json(const struct event *ev)
{
	struct json_object *obj = json_object_new_object();

	/* a row of a dump is no event */
	if (ev->kind != EVENT_SOCKET && ev->kind != EVENT_TRANSITION &&
	    ev->kind != EVENT_ALGORITHM)
		json_object_object_add(obj, "event",
				       json_object_new_string(kind_words[ev->kind]));
	if (ev->ns)
		json_object_object_add(obj, "ns",
				       json_object_new_string(ev->ns));
	if (ev->kind == EVENT_RECORDING) {
		json_object_object_add(obj, "namespaces",
				       json_object_new_int(ev->namespaces));
		json_object_object_add(obj, "wall_ns", json_object_new_uint64(ev->wall_ns));
	}
	for (size_t i = 0; i < event_fields_count; i++)
		if (event_has(ev, event_fields[i].attr))
			json_object_object_add(obj, event_fields[i].name,
					       field_to_json(ev, &event_fields[i]));
	return obj;
}

/* One line of a recording. */
void event_print_json(const struct event *ev, FILE *out)
{
	struct json_object *obj = event_to_json(ev);

	fprintf(out, "%s\n", json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN));
	json_object_put(obj);
}

static int address_from_word(struct address *addr, const char *word)
{
	if (inet_pton(AF_INET, word, addr->bytes) == 1)
		addr->len = 4;
	else if (inet_pton(AF_INET6, word, addr->bytes) == 1)
		addr->len = 16;
	else
		return -1;
	return 0;
}

static int number_from_json(struct json_object *val, uint64_t max,
			    uint64_t *number)
{
	if (!json_object_is_type(val, json_type_int) ||
	    json_object_get_int64(val) < 0)
		return -1;
	*number = json_object_get_uint64(val);
	return *number > max ? -1 : 0;
}

static int sack_from_json(struct sack_list *sack, struct json_object *val)
{
	size_t count;

	if (!json_object_is_type(val, json_type_array))
		return -1;
	count = json_object_array_length(val);
	if (count > ARRAY_SIZE(sack->block))
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_object *pair = json_object_array_get_idx(val, i);
		uint64_t left, right;

		if (!json_object_is_type(pair, json_type_array) ||
		    json_object_array_length(pair) != 2 ||
		    number_from_json(json_object_array_get_idx(pair, 0),
				     UINT32_MAX, &left) ||
		    number_from_json(json_object_array_get_idx(pair, 1),
				     UINT32_MAX, &right))
			return -1;
		sack->block[i].left = left;
		sack->block[i].right = right;
	}
	sack->count = count;
	return 0;
}

static int meminfo_from_json(uint32_t *meminfo, struct json_object *val)
{
	struct json_object *one;
	uint64_t number;

	for (size_t i = 0; i < ARRAY_SIZE(meminfo_names); i++) {
		if (!json_object_object_get_ex(val, meminfo_names[i], &one) ||
		    number_from_json(one, UINT32_MAX, &number))
			return -1;
		meminfo[i] = number;
	}
	return 0;
}

static int word_from_json(struct event *ev, const struct field *f,
			  const char *word)
{
	void *to = (char *)ev + f->offset;
	int value;

	switch (f->kind) {
	case FIELD_STRING:
	case FIELD_CONGESTION_INFO:
		snprintf(to, f->size, "%s", word);
		event_clean_string(to);
		return 0;
	case FIELD_ADDRESS:
		return address_from_word(to, word);
	case FIELD_FLAGS:
		value = event_flags_value(word);
		break;
	case FIELD_FAMILY:
	case FIELD_STATE:
	case FIELD_CAUSE_KIND:
	case FIELD_DIRECTION:
	case FIELD_TIMER:
	case FIELD_PURPOSE:
	case FIELD_CONG_REASON:
	case FIELD_RECOVERY:
	case FIELD_TIMER_CHANGE:
		value = event_word_value(f->kind, word);
		break;
	default:
		return -1;
	}
	if (value < 0)
		return -1;
	store(to, 1, value);
	return 0;
}

static int field_from_json(struct event *ev, const struct field *f,
			   struct json_object *val)
{
	void *to = (char *)ev + f->offset;
	uint64_t max, number;

	switch (f->kind) {
	case FIELD_SET:
		if (!json_object_is_type(val, json_type_boolean))
			return -1;
		if (!json_object_get_boolean(val))
			return 0;
		break;
	case FIELD_SACK:
		if (sack_from_json(to, val))
			return -1;
		break;
	case FIELD_MEMINFO:
		if (meminfo_from_json(to, val))
			return -1;
		break;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
		max = UINT64_MAX >> (64 - 8 * f->size);
		if (number_from_json(val, max, &number))
			return -1;
		store(to, f->size, number);
		break;
	default:
		if (!json_object_is_type(val, json_type_string) ||
		    word_from_json(ev, f, json_object_get_string(val)))
			return -1;
	}
	event_set(ev, f->attr);
	return 0;
}

/*
 * Nearly always keys come in the order of the table.
 * Return: NULL when the key is unknown.
 */
static const struct field *find_field(const char *key, size_t *next)
{
	for (size_t i = 0; i < event_fields_count; i++) {
		const struct field *f = &event_fields[(*next + i) % event_fields_count];

		if (strcmp(f->name, key))
			continue;
		*next = f - event_fields + 1;
		return f;
	}
	return NULL;
}

static int fields_from_json(struct event *ev, struct json_object *obj, char *reason, size_t size)
{
	size_t next = 0;

	json_object_object_foreach(obj, key, val) {
		const struct field *f;

		if (!strcmp(key, "event") || !strcmp(key, "ns"))
			continue;
		f = find_field(key, &next);
		if (f && field_from_json(ev, f, val)) {
			snprintf(reason, size, "\"%s\" has a bad value", f->name);
			return -1;
		}
	}
	return 0;
}

static int head_from_json(struct event *ev, struct json_object *obj)
{
	struct json_object *val;
	uint64_t number;
	size_t i;

	if (!json_object_object_get_ex(obj, "event", &val) ||
	    !json_object_is_type(val, json_type_string))
		return -1;
	for (i = 0; i < ARRAY_SIZE(kind_words); i++)
		if (!strcmp(kind_words[i], json_object_get_string(val)))
			break;
	if (i == ARRAY_SIZE(kind_words))
		return -1;
	ev->kind = i;
	if (json_object_object_get_ex(obj, "ns", &val) &&
	    json_object_is_type(val, json_type_string)) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%s", json_object_get_string(val));
		clean_name(name);
		ev->ns = intern(name);
	}
	if (json_object_object_get_ex(obj, "namespaces", &val) &&
	    !number_from_json(val, NETNS_MAX, &number))
		ev->namespaces = number;
	if (json_object_object_get_ex(obj, "wall_ns", &val) &&
	    !number_from_json(val, INT64_MAX, &number))
		ev->wall_ns = number;
	return 0;
}

/*
 * What the rest of the tool takes for granted in each kind of event.  A state
 * number outside the table cannot occur: states are read as words.
 */
static bool is_complete(const struct event *ev)
{
	switch (ev->kind) {
	case EVENT_SEGMENT:
		return event_has(ev, TTP_A_TIME_NS) &&
		       event_has(ev, TTP_A_DIRECTION) &&
		       event_has(ev, TTP_A_FLAGS) && event_has(ev, TTP_A_SEQ) &&
		       event_has(ev, TTP_A_SADDR) && event_has(ev, TTP_A_SPORT);
	case EVENT_STATE:
		return event_has(ev, TTP_A_TIME_NS) &&
		       event_has(ev, TTP_A_FROM) &&
		       event_has(ev, TTP_A_STATE) &&
		       event_has(ev, TTP_A_SADDR) && event_has(ev, TTP_A_SPORT);
	case EVENT_CONG:
		return event_has(ev, TTP_A_TIME_NS) && event_has(ev, TTP_A_CWND) &&
		       event_has(ev, TTP_A_SADDR) && event_has(ev, TTP_A_SPORT);
	case EVENT_TIMER:
		return event_has(ev, TTP_A_TIME_NS) && event_has(ev, TTP_A_TIMER) &&
		       event_has(ev, TTP_A_SADDR) && event_has(ev, TTP_A_SPORT);
	case EVENT_DATAGRAM:
		return event_has(ev, TTP_A_TIME_NS) && event_has(ev, TTP_A_DIRECTION) &&
		       event_has(ev, TTP_A_SADDR) && event_has(ev, TTP_A_SPORT);
	default:
		return true;
	}
}

/*
 * Return: 0; EVENT_CUT when the line ends within its object; or -1.  Both have
 * the reason in @error: a string that stays valid until the next call.
 */
int event_from_json(struct event *ev, const char *line, const char **error)
{
	static struct json_tokener *tokener;
	struct json_object *obj;
	static char reason[80];
	int ret = -1;

	if (!tokener)
		tokener = json_tokener_new();
	if (!tokener)
		exit(fail("out of memory"));
	memset(ev, 0, sizeof(*ev));
	json_tokener_reset(tokener);
	obj = json_tokener_parse_ex(tokener, line, -1);
	*error = "not a JSON object";
	if (json_tokener_get_error(tokener) == json_tokener_error_parse_eof)
		ret = EVENT_CUT;
	if (!json_object_is_type(obj, json_type_object))
		goto out;
	line += json_tokener_get_parse_end(tokener);
	*error = "something follows the JSON object";
	if (line[strspn(line, " \t\r\n")])
		goto out;
	*error = "\"event\" is missing or unknown";
	if (head_from_json(ev, obj))
		goto out;
	*error = reason;
	if (fields_from_json(ev, obj, reason, sizeof(reason)))
		goto out;
	*error = "the event lacks its time, address, port, states or segment";
	if (is_complete(ev))
		ret = 0;
out:
	json_object_put(obj);
	return ret;
}
