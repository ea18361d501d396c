// SPDX-License-Identifier: GPL-2.0
/*
 * The one table of what may be asked of ttp web.  What is not in it is not done; the page
 * makes its buttons of it.  Called by http.c.  Next: act.c.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "base/base.h"
#include "web/web.h"

#define WHERE		{ .name = "where", .kind = TAKE_NETNS }
#define NUMBER(name_, min_, max_, usual_) \
	{ .name = name_, .kind = TAKE_NUMBER, .min = min_, .max = max_, .usual = usual_ }
#define CHOICE(name_, choices_)	{ .name = name_, .kind = TAKE_CHOICE, .choices = choices_ }
#define SET(name_, choices_)	{ .name = name_, .kind = TAKE_SET, .choices = choices_ }

#define SYSCTL(name, ...) \
	{ "POST", "sysctl/" name, act_sysctl, { WHERE, __VA_ARGS__ }, true }
#define SYSCTL_NUMBER(name, min, max)	SYSCTL(name, NUMBER("value", min, max, min))

static const char *const arqs[] = { "selective-repeat", "go-back-n", "stop-and-wait", NULL };
static const char *const congestion[] = {
	"reno", "cubic", "bbr", "vegas", "dctcp", "aimd", "tahoe", "fixed", NULL
};

/* What is not of .live is for a recording, too. */
const struct ask asks[] = {
	{ "GET", "", act_page, { CHOICE("lang", act_langs) }, false },
	{ "GET", "events", act_events, { }, false },
	{ "GET", "now", act_now, { }, false },
	{ "POST", "listen", act_listen, { WHERE, NUMBER("port", 1, 65535, 5000) }, true },
	{ "POST", "connect", act_connect, {
		WHERE, { .name = "to", .kind = TAKE_ADDRESS }, NUMBER("port", 1, 65535, 5000),
		NUMBER("bytes", 0, 10000000, 20000), NUMBER("hold", 0, 600, 0) }, true },
	{ "POST", "stop", act_stop, { NUMBER("job", 1, 1000000, 1) }, true },
	{ "POST", "fault", act_fault, {
		WHERE, CHOICE("way", act_ways), CHOICE("which", act_which),
		SET("flags", act_flags), SET("not_flags", act_flags), CHOICE("data", act_data),
		NUMBER("port", 0, 65535, 0), NUMBER("seq_first", 0, UINT32_MAX, 0),
		NUMBER("seq_last", 0, UINT32_MAX, UINT32_MAX), NUMBER("nth", 1, 1000000, 1),
		CHOICE("action", act_actions), NUMBER("delay_ms", 1, 60000, 200),
		CHOICE("field", act_fields), NUMBER("set_to", 0, UINT32_MAX, 0),
		NUMBER("count", 1, 1000000, 1) }, true },
	{ "POST", "unfault", act_unfault, { WHERE, NUMBER("number", 0, UINT32_MAX, 0) }, true },
	{ "POST", "lab", act_lab, { { .name = "line", .kind = TAKE_LINE } }, true },
	SYSCTL("arq", CHOICE("value", arqs)),
	SYSCTL("congestion_control", CHOICE("value", congestion)),
	SYSCTL_NUMBER("msl_ms", 1, 240000),
	SYSCTL_NUMBER("rto_min_ms", 1, 120000),
	SYSCTL_NUMBER("retries2", 0, 255),
	SYSCTL_NUMBER("fin_timeout", 1, 3600),
	SYSCTL_NUMBER("delack_ms", 1, 490),
	SYSCTL_NUMBER("ack_every_second", 0, 1),
	SYSCTL_NUMBER("sack", 0, 1),
	SYSCTL_NUMBER("timestamps", 0, 1),
	SYSCTL_NUMBER("window_scaling", 0, 1),
	SYSCTL_NUMBER("ecn", 0, 2),
	SYSCTL_NUMBER("offload", 0, 1),
	{ }
};

/* One line for who asked.  Return: @status. */
int answer_line(struct answer *answer, int status, const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	free(answer->text);
	if (asprintf(&answer->text, "%s\n", line) < 0)
		answer->text = NULL;
	return status;
}

/* Return: NULL if there is none; @known: a method with which there is, or NULL. */
const struct ask *ask_find(const char *path, const char *method, const char **known)
{
	*known = NULL;
	for (const struct ask *ask = asks; ask->path; ask++) {
		if (strcmp(ask->path, path))
			continue;
		*known = ask->method;
		if (!strcmp(ask->method, method))
			return ask;
	}
	return NULL;
}

static long find_choice(const struct take *take, const char *word)
{
	for (long i = 0; take->choices[i]; i++)
		if (!strcmp(take->choices[i], word))
			return i;
	return -1;
}

static void choices_text(const struct take *take, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (int i = 0; take->choices[i] && used < size; i++)
		used += snprintf(buf + used, size - used, "%s%s", i ? ", " : "", take->choices[i]);
}

/* Return: NULL if @val is no string, or has a 0 in it. */
static const char *word_of(struct json_object *val)
{
	const char *word = json_object_is_type(val, json_type_string) ?
			   json_object_get_string(val) : NULL;

	return word && strlen(word) == (size_t)json_object_get_string_len(val) ? word : NULL;
}

/* Return: 0, or -1: a word is none of them, or is there twice. */
static int read_set(const struct take *take, struct json_object *list, long *value)
{
	const char *word;
	long bit;

	*value = 0;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		word = word_of(json_object_array_get_idx(list, i));
		bit = word ? find_choice(take, word) : -1;
		if (bit < 0 || *value >> bit & 1)
			return -1;
		*value |= 1L << bit;
	}
	return 0;
}

/* Return: 0, or -1: it has the wrong type or is out of its range. */
static int read_value(const struct web *web, const struct take *take, struct json_object *val,
		      long *value, char text[LINE_MAX_BYTES + 1])
{
	bool number = json_object_is_type(val, json_type_int);
	const char *word = word_of(val);
	struct in6_addr addr;

	*value = number ? json_object_get_int64(val) : -1;
	switch (take->kind) {
	case TAKE_NUMBER:
		return number && *value >= take->min && *value <= take->max ? 0 : -1;
	case TAKE_NETNS:
		return number && *value >= 0 && *value < netns_count(&web->ns) ? 0 : -1;
	case TAKE_CHOICE:
		*value = word ? find_choice(take, word) : -1;
		return *value < 0 ? -1 : 0;
	case TAKE_SET:
		return json_object_is_type(val, json_type_array) ? read_set(take, val, value) : -1;
	case TAKE_ADDRESS:
		if (!word || strlen(word) > LINE_MAX_BYTES ||
		    inet_pton(strchr(word, ':') ? AF_INET6 : AF_INET, word, &addr) != 1)
			return -1;
		strcpy(text, word);
		return 0;
	case TAKE_LINE:
		if (!word || strlen(word) > LINE_MAX_BYTES || strpbrk(word, "\r\n"))
			return -1;
		strcpy(text, word);
		return 0;
	case TAKE_END:
		break;
	}
	return -1;
}

static int wants(const struct web *web, const struct take *take, struct answer *answer)
{
	char words[300];

	switch (take->kind) {
	case TAKE_NUMBER:
		return answer_line(answer, 400, "%s wants a number from %ld to %ld", take->name,
				   take->min, take->max);
	case TAKE_NETNS:
		return answer_line(answer, 400, "%s wants a number from 0 to %d: which namespace",
				   take->name, netns_count(&web->ns) - 1);
	case TAKE_CHOICE:
	case TAKE_SET:
		choices_text(take, words, sizeof(words));
		return answer_line(answer, 400, "%s wants %s of %s", take->name,
				   take->kind == TAKE_SET ? "a list" : "one", words);
	case TAKE_LINE:
		return answer_line(answer, 400, "%s wants a line of at most %d bytes", take->name, LINE_MAX_BYTES);
	default:
		return answer_line(answer, 400, "%s wants an address of IPv4 or IPv6", take->name);
	}
}

static const struct take *find_take(const struct ask *ask, const char *name)
{
	for (int i = 0; i < TAKES_MAX && ask->takes[i].kind; i++)
		if (!strcmp(ask->takes[i].name, name))
			return &ask->takes[i];
	return NULL;
}

static int read_object(const struct web *web, const struct ask *ask, struct json_object *obj,
		       struct given *given, struct answer *answer)
{
	struct json_object *val;

	json_object_object_foreach(obj, key, unused) {
		(void)unused;
		if (!find_take(ask, key))
			return answer_line(answer, 400, "%s takes no such value", ask->path);
	}
	for (int i = 0; i < TAKES_MAX && ask->takes[i].kind; i++)
		if (!json_object_object_get_ex(obj, ask->takes[i].name, &val) ||
		    read_value(web, &ask->takes[i], val, &given->value[i], given->text[i]))
			return wants(web, &ask->takes[i], answer);
	return 200;
}

/*
 * What is in the JSON object @body, all that @ask takes and nothing else.
 * Return: 200, or 400 with the reason.
 */
int ask_read_body(const struct web *web, const struct ask *ask, const char *body,
		  struct given *given, struct answer *answer)
{
	struct json_tokener *tokener = json_tokener_new_ex(3);
	struct json_object *obj;
	int status;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	obj = json_tokener_parse_ex(tokener, body, strlen(body) + 1);
	if (json_object_is_type(obj, json_type_object))
		status = read_object(web, ask, obj, given, answer);
	else
		status = answer_line(answer, 400, "this is no JSON object");
	json_object_put(obj);
	json_tokener_free(tokener);
	return status;
}

/* What is behind "?": only words; another one is as none, which is -1. */
void ask_read_query(const struct ask *ask, const char *(*value)(void *arg, const char *name),
		    void *arg, struct given *given)
{
	for (int i = 0; i < TAKES_MAX && ask->takes[i].kind; i++) {
		const char *word = value(arg, ask->takes[i].name);

		given->value[i] = word && ask->takes[i].kind == TAKE_CHOICE ?
				  find_choice(&ask->takes[i], word) : -1;
	}
}

/* ---- the table for the page ---- */

static struct json_object *take_json(const struct web *web, const struct take *take)
{
	struct json_object *obj = json_object_new_object(), *list;

	json_object_object_add(obj, "name", json_object_new_string(take->name));
	if (take->kind == TAKE_NUMBER) {
		json_object_object_add(obj, "min", json_object_new_int64(take->min));
		json_object_object_add(obj, "max", json_object_new_int64(take->max));
		json_object_object_add(obj, "usual", json_object_new_int64(take->usual));
	}
	if (take->kind == TAKE_NUMBER || take->kind == TAKE_ADDRESS || take->kind == TAKE_LINE)
		return obj;
	list = json_object_new_array();
	for (int i = 0; take->kind != TAKE_NETNS && take->choices[i]; i++)
		json_object_array_add(list, json_object_new_string(take->choices[i]));
	for (int i = 0; take->kind == TAKE_NETNS && i < netns_count(&web->ns); i++)
		json_object_array_add(list, json_object_new_string(
			netns_name(&web->ns, i) ? netns_name(&web->ns, i) : ""));
	json_object_object_add(obj, take->kind == TAKE_NETNS ? "namespaces" :
				    take->kind == TAKE_SET ? "set" : "choices", list);
	return obj;
}

/* "<" within JSON is in a string, where it can be written in another way. */
static char *without_markup(const char *json)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		exit(fail("out of memory"));
	for (; *json; json++) {
		if (*json == '<')
			fputs("\\u003c", out);
		else
			putc(*json, out);
	}
	if (fclose(out))
		exit(fail("out of memory"));
	return text;
}

/*
 * What may be posted: the page puts it into a script element, and the name of a namespace
 * may be anything.
 * Return: to be freed.
 */
char *ask_table_json(const struct web *web)
{
	struct json_object *all = json_object_new_object();
	char *text;

	for (const struct ask *ask = asks; ask->path && !web->recording; ask++) {
		struct json_object *takes = json_object_new_array();

		for (int i = 0; i < TAKES_MAX && ask->takes[i].kind; i++)
			json_object_array_add(takes, take_json(web, &ask->takes[i]));
		if (ask->live && (web->lab || ask->act != act_lab))
			json_object_object_add(all, ask->path, takes);
		else
			json_object_put(takes);
	}
	text = without_markup(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN));
	json_object_put(all);
	return text;
}
