// SPDX-License-Identifier: GPL-2.0
/*
 * A fault on purpose <-> words: out fin drop 1.  First the direction, then what must be
 * true of a segment, then what is done to it, and to how many.  What is printed can be
 * given again.  Called by fault.c.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "base/port.h"
#include "print/fault.h"
#include "read/event.h"

const char fault_words[] =
	"add list del flush out in syn fin rst psh ack urg ece cwr data not port nth seq option "
	"state number drop delay duplicate corrupt reorder set "
	"mss wscale sackok sack ts fastopen flags win up sport dport";

struct name {
	const char *name;
	uint32_t value;
};

static const struct name flags[] = {
	{ "syn", SEG_SYN }, { "fin", SEG_FIN }, { "rst", SEG_RST }, { "psh", SEG_PSH },
	{ "ack", SEG_ACK }, { "urg", SEG_URG }, { "ece", SEG_ECE }, { "cwr", SEG_CWR },
	{ 0 }
};

/* bits by their kind; the last one's is 34 */
static const struct name options[] = {
	{ "mss", 1 << 2 }, { "wscale", 1 << 3 }, { "sackok", 1 << 4 }, { "sack", 1 << 5 },
	{ "ts", 1 << 8 }, { "fastopen", 1u << 31 },
	{ 0 }
};

static const struct name actions[] = {
	{ "drop", TTP_FAULT_ACTION_DROP }, { "delay", TTP_FAULT_ACTION_DELAY },
	{ "duplicate", TTP_FAULT_ACTION_DUPLICATE }, { "corrupt", TTP_FAULT_ACTION_CORRUPT },
	{ "reorder", TTP_FAULT_ACTION_REORDER }, { "set", TTP_FAULT_ACTION_SET },
	{ 0 }
};

/* What set may set, and up to which value */
static const struct {
	const char *name;
	uint32_t most;
} fields[] = {
	[TTP_FAULT_FIELD_SEQ] = { "seq", UINT32_MAX },
	[TTP_FAULT_FIELD_ACK] = { "ack", UINT32_MAX },
	[TTP_FAULT_FIELD_FLAGS] = { "flags", 255 },
	[TTP_FAULT_FIELD_WIN] = { "win", 65535 },
	[TTP_FAULT_FIELD_UP] = { "up", 65535 },
	[TTP_FAULT_FIELD_SPORT] = { "sport", 65535 },
	[TTP_FAULT_FIELD_DPORT] = { "dport", 65535 },
};

#define DELAY_MAX	60000	/* ms */
#define DELAY_IS	"a time such as 200ms or 2s, up to 60s"

/* Return: the value behind @word; 0 if there is none, or no word. */
static uint32_t find(const struct name *names, const char *word)
{
	for (; word && names->name; names++)
		if (!strcasecmp(names->name, word))
			return names->value;
	return 0;
}

/* The words that are still to be read */
struct words {
	char **next;
	char **end;
};

static const char *take(struct words *w)
{
	return w->next < w->end ? *w->next++ : NULL;
}

static int parse_u32(const char *text, uint32_t least, uint32_t *to)
{
	unsigned long n;

	if (!text || parse_number(text, UINT32_MAX, &n) || n < least)
		return -1;
	*to = n;
	return 0;
}

static int wants(const char *word, const char *what, const char *got)
{
	if (got)
		return usage("fault: %s wants %s, not '%s'", word, what, got);
	return usage("fault: %s wants %s", word, what);
}

static int take_number(struct words *w, const char *word, uint32_t *to)
{
	const char *text = take(w);

	return parse_u32(text, 1, to) ? wants(word, "a number from 1", text) : TTP_OK;
}

static int take_port(struct words *w, struct fault *f)
{
	const char *text = take(w);
	unsigned long port;

	if (!text || port_parse(text, &port))
		return wants("port", "a port", text);
	f->port = port;
	return TTP_OK;
}

/* A number, or two with a '-' between them */
static int take_range(struct words *w, struct fault *f)
{
	const char *text = take(w);
	char first[32];
	size_t len;

	if (!text)
		return wants("seq", "a number or FIRST-LAST", NULL);
	len = strcspn(text, "-");
	snprintf(first, sizeof(first), "%.*s", (int)len, text);
	if (len >= sizeof(first) || parse_u32(first, 0, &f->seq_first) ||
	    parse_u32(text[len] ? text + len + 1 : first, 0, &f->seq_last) ||
	    f->seq_first > f->seq_last)
		return wants("seq", "a number or FIRST-LAST", text);
	f->has_range = true;
	return TTP_OK;
}

static int take_option(struct words *w, struct fault *f)
{
	const char *text = take(w);
	uint32_t bit = find(options, text);

	if (!bit)
		return wants("option", "mss, wscale, sackok, sack, ts or fastopen", text);
	f->options |= bit;
	return TTP_OK;
}

static int take_state(struct words *w, struct fault *f)
{
	const char *text = take(w);
	int state = text ? event_word_value(FIELD_STATE, text) : -1;

	if (state < 0)
		return wants("state", "a state, such as TIME_WAIT", text);
	f->states |= 1 << state;
	return TTP_OK;
}

/* syn, or syn,ack.  Return: 0 for another word. */
static uint32_t flags_of(const char *word)
{
	char copy[40], *at = copy, *one;
	uint32_t bit, all = 0;

	if (snprintf(copy, sizeof(copy), "%s", word) >= (int)sizeof(copy))
		return 0;
	while ((one = strsep(&at, ","))) {
		bit = find(flags, one);
		if (!bit)
			return 0;
		all |= bit;
	}
	return all;
}

/* Return: -1 if @word is no flag. */
static int take_flags(struct fault *f, const char *word, bool not)
{
	uint32_t all = flags_of(word);

	if (!all)
		return -1;
	*(not ? &f->not_flags : &f->flags) |= all;
	if (f->flags & f->not_flags)
		return usage("fault: both '%s' and not '%s'", word, word);
	return TTP_OK;
}

static int take_flag_or_data(struct fault *f, const char *word, bool not)
{
	if (strcasecmp(word, "data"))
		return take_flags(f, word, not);
	if (f->data == not)
		return usage("fault: both data and not data");
	f->data = !not;
	return TTP_OK;
}

static int take_not(struct words *w, struct fault *f)
{
	const char *word = take(w);
	int status = word ? take_flag_or_data(f, word, true) : -1;

	return status < 0 ? wants("not", "a flag or data", word) : status;
}

/* Return: -1 if @word does not begin a condition. */
static int take_condition(struct words *w, struct fault *f, const char *word)
{
	if (!strcmp(word, "not"))
		return take_not(w, f);
	if (!strcmp(word, "port"))
		return take_port(w, f);
	if (!strcmp(word, "seq"))
		return take_range(w, f);
	if (!strcmp(word, "option"))
		return take_option(w, f);
	if (!strcmp(word, "state"))
		return take_state(w, f);
	if (!strcmp(word, "nth"))
		return take_number(w, word, &f->nth);
	if (!strcmp(word, "number"))
		return take_number(w, word, &f->number);
	return take_flag_or_data(f, word, false);
}

static int take_count(struct words *w, struct fault *f)
{
	const char *text = take(w);

	/* "the third one" is one, and so is the first */
	f->count = f->nth > 0;
	if (!f->nth)
		f->nth = 1;
	if (!text)
		return TTP_OK;
	if (parse_u32(text, 1, &f->count))
		return usage("fault: how many is a number from 1, not '%s'", text);
	text = take(w);
	return text ? usage("fault: nothing follows how many, so not '%s'", text) : TTP_OK;
}

/* 200ms or 2s */
static int take_delay(struct words *w, struct fault *f)
{
	const char *text = take(w);

	char number[32];
	size_t len;

	if (!text)
		return wants("delay", DELAY_IS, NULL);
	len = strspn(text, "0123456789");
	snprintf(number, sizeof(number), "%.*s", (int)len, text);
	if (len >= sizeof(number) || parse_u32(number, 1, &f->delay_ms))
		return wants("delay", DELAY_IS, text);
	if (!strcmp(text + len, "s") && f->delay_ms <= DELAY_MAX / 1000)
		f->delay_ms *= 1000;
	else if (strcmp(text + len, "ms") || f->delay_ms > DELAY_MAX)
		return wants("delay", DELAY_IS, text);
	return TTP_OK;
}

/* Of flags, names or a number */
static int take_value(struct words *w, struct fault *f)
{
	const char *text = take(w);
	char what[40];

	if (text && f->field == TTP_FAULT_FIELD_FLAGS && flags_of(text)) {
		f->value = flags_of(text);
		return TTP_OK;
	}
	if (!parse_u32(text, 0, &f->value) && f->value <= fields[f->field].most)
		return TTP_OK;
	snprintf(what, sizeof(what), "a number up to %" PRIu32, fields[f->field].most);
	return wants(fields[f->field].name, what, text);
}

static int take_field(struct words *w, struct fault *f)
{
	const char *text = take(w);

	for (size_t i = 0; text && i < ARRAY_SIZE(fields); i++) {
		if (strcasecmp(fields[i].name, text))
			continue;
		f->field = i;
		return take_value(w, f);
	}
	return wants("set", "seq, ack, flags, win, up, sport or dport", text);
}

/* What follows the action's word: its own, then how many */
static int take_rest(struct words *w, struct fault *f)
{
	int status = TTP_OK;

	if (f->action == TTP_FAULT_ACTION_DELAY)
		status = take_delay(w, f);
	if (f->action == TTP_FAULT_ACTION_SET)
		status = take_field(w, f);
	return status ? status : take_count(w, f);
}

static int take_direction(struct words *w, struct fault *f)
{
	const char *text = take(w);
	int direction = text ? event_word_value(FIELD_DIRECTION, text) : -1;

	if (direction < 0)
		return wants("add", "out or in first", text);
	f->direction = direction;
	return TTP_OK;
}

/*
 * The words behind "add".
 * Return: TTP_OK, or TTP_USAGE after saying what is wrong.
 */
int fault_parse(struct fault *f, int argc, char **argv)
{
	struct words w = { argv, argv + argc };
	const char *word;
	int status;

	*f = (struct fault){ .data = -1 };
	status = take_direction(&w, f);
	while (!status && (word = take(&w))) {
		f->action = find(actions, word);
		if (f->action)
			return take_rest(&w, f);
		status = take_condition(&w, f, word);
		if (status < 0)
			return usage("fault: no word '%s' (ttp fault --help)", word);
	}
	return status ? status : usage("fault: what is to be done to them? (ttp fault --help)");
}

static void add(char buf[FAULT_TEXT], const char *fmt, ...) __printf(2, 3);

static void add(char buf[FAULT_TEXT], const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list args;

	if (len)
		snprintf(buf + len, FAULT_TEXT - len, " ");
	len = strlen(buf);
	va_start(args, fmt);
	vsnprintf(buf + len, FAULT_TEXT - len, fmt, args);
	va_end(args);
}

static void add_names(char buf[FAULT_TEXT], const char *before, const struct name *names,
		      uint32_t bits)
{
	for (; names->name; names++)
		if (bits & names->value)
			add(buf, "%s%s", before, names->name);
}

/* Which segments, without the direction */
const char *fault_match_text(const struct fault *f, char buf[FAULT_TEXT])
{
	buf[0] = '\0';
	add_names(buf, "", flags, f->flags);
	add_names(buf, "not ", flags, f->not_flags);
	if (f->data >= 0)
		add(buf, "%sdata", f->data ? "" : "not ");
	if (f->port)
		add(buf, "port %u", f->port);
	if (f->has_range)
		add(buf, "seq %" PRIu32 "-%" PRIu32, f->seq_first, f->seq_last);
	add_names(buf, "option ", options, f->options);
	for (unsigned int i = 1; i < 16; i++)
		if (f->states >> i & 1)
			add(buf, "state %s", event_word(FIELD_STATE, i));
	if (f->nth > 1)
		add(buf, "nth %" PRIu32, f->nth);
	return buf;
}

static void add_value(char buf[FAULT_TEXT], const struct fault *f)
{
	const char *comma = " ";

	if (f->field != TTP_FAULT_FIELD_FLAGS || !f->value) {
		add(buf, "%" PRIu32, f->value);
		return;
	}
	for (const struct name *n = flags; n->name; n++) {
		size_t len = strlen(buf);

		if (!(f->value & n->value))
			continue;
		snprintf(buf + len, FAULT_TEXT - len, "%s%s", comma, n->name);
		comma = ",";
	}
}

/* What is done, and how often */
const char *fault_action_text(const struct fault *f, char buf[FAULT_TEXT])
{
	const char *name = "?";

	for (const struct name *n = actions; n->name; n++)
		if (n->value == f->action)
			name = n->name;
	buf[0] = '\0';
	add(buf, "%s", name);
	if (f->action == TTP_FAULT_ACTION_DELAY)
		add(buf, "%" PRIu32 "ms", f->delay_ms);
	if (f->action == TTP_FAULT_ACTION_SET && f->field < ARRAY_SIZE(fields)) {
		add(buf, "%s", fields[f->field].name);
		add_value(buf, f);
	}
	if (f->count)
		add(buf, "%" PRIu32, f->count);
	return buf;
}
