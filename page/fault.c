// SPDX-License-Identifier: GPL-2.0
/*
 * fault.c - faults on purpose, in the words of ttp fault (ttp-fault(8)), so that a scenario does
 * the same in a kernel.  What each word means is there, and in module/see/fault.c.
 *
 * Called by wire.c, host.c and scenario.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

static const char *const flag_names[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr" };

bool play_flags(const char *words, u8 *flags)
{
	u32 i, n;

	*flags = 0;
	do {
		n = strcspn(words, ",");
		for (i = 0; i < ARRAY_SIZE(flag_names); i++)
			if (strlen(flag_names[i]) == n && !strncmp(words, flag_names[i], n))
				break;
		if (i == ARRAY_SIZE(flag_names))
			return false;
		*flags |= BIT(i);
		words += n;
	} while (*words++);
	return true;
}

static bool has_number(const struct play_fault *f, const struct ttp_seg *seg, u32 isn)
{
	u32 first = seg->seq - isn, last = first + max(ttp_seg_len(seg), 1U) - 1;

	return first <= f->last && last >= f->first;
}

static bool matches(const struct play_fault *f, bool out, const struct ttp_seg *seg,
		    const struct ttp_conn *conn)
{
	u32 isn = seg->flags & TTP_SYN ? seg->seq : out ? conn->iss : conn->irs;

	return f->out == out && !(~seg->flags & f->flags) && !(seg->flags & f->not_flags) &&
	       (f->data < 0 || f->data == !!seg->len) &&
	       (!f->states || f->states & BIT(conn->state)) &&
	       (!f->has_range || has_number(f, seg, isn));
}

/**
 * play_fault_find - which fault is to be done to a segment?
 * @h: the host
 * @out: the host sends it
 * @seg: the segment
 * @conn: its connection
 *
 * Return: the fault, which has counted it, or NULL.
 */
struct play_fault *play_fault_find(struct play_host *h, bool out, const struct ttp_seg *seg,
				   const struct ttp_conn *conn)
{
	struct play_fault *f, *found = NULL;

	for (f = h->fault; f < h->fault + PLAY_FAULTS; f++) {
		if (!f->used || !matches(f, out, seg, conn))
			continue;
		f->seen++;
		if (!found && f->seen >= f->nth && (!f->count || f->hits < f->count))
			found = f;
	}
	if (found)
		found->hits++;
	return found;
}

/**
 * play_fault_set - a field of the header gets another value
 * @f: the fault, which says what
 * @isn: the sender's
 * @peer_isn: the receiver's
 * @seg: the header
 */
void play_fault_set(const struct play_fault *f, u32 isn, u32 peer_isn, struct ttp_seg *seg)
{
	switch (f->field) {
	case PLAY_SEQ:
		seg->seq = f->value + isn;
		break;
	case PLAY_ACK:
		seg->ack = f->value + peer_isn;
		break;
	case PLAY_FLAGS:
		seg->flags = f->value;
		break;
	case PLAY_WIN:
		seg->wnd = f->value;
		break;
	}
}

const char *play_fault_words(const struct play_fault *f, char buf[PLAY_WORDS])
{
	static const char *const fields[] = { "seq", "ack", "flags", "win" };

	switch (f->action) {
	case PLAY_DROP:
		return "dropped";
	case PLAY_DELAY:
		snprintf(buf, PLAY_WORDS, "delayed %u ms", f->delay_ms);
		return buf;
	case PLAY_DUPLICATE:
		return "duplicated";
	case PLAY_CORRUPT:
		return "corrupted";
	case PLAY_REORDER:
		return "reordered";
	case PLAY_SET:
		snprintf(buf, PLAY_WORDS, "%s set to %u", fields[f->field], f->value);
		return buf;
	}
	return "?";
}

static bool state(const char *word, u32 *states)
{
	u8 i;

	for (i = 1; i < TTP_ST_MAX; i++)
		if (!strcmp(word, ttp_fsm_name(i))) {
			*states |= BIT(i);
			return true;
		}
	return false;
}

static bool number(const char *word, u32 *n)
{
	u64 value;

	if (!play_number(word, 0, U32_MAX, &value))
		return false;
	*n = value;
	return true;
}

/* N, or FIRST-LAST */
static bool range(char *word, struct play_fault *f)
{
	char *dash = strchr(word, '-');

	if (dash)
		*dash++ = '\0';
	f->has_range = true;
	return number(word, &f->first) && number(dash ? dash : word, &f->last);
}

/* 200ms or 2s */
static bool time_ms(char *word, u32 *ms)
{
	char *unit = word + strspn(word, "0123456789");
	u32 each = !strcmp(unit, "ms") ? 1 : !strcmp(unit, "s") ? 1000 : 0;

	*unit = '\0';
	if (!each || !number(word, ms) || *ms > 60000)
		return false;
	*ms *= each;
	return *ms <= 60000;
}

/* One word of WHICH, and what belongs to it.  Return: how many words; 0: it is none of these. */
static u32 which(struct play_fault *f, char **words, u32 n, bool not)
{
	u8 flags;

	if (!strcmp(words[0], "data")) {
		f->data = !not;
		return 1;
	}
	if (play_flags(words[0], &flags)) {
		*(not ? &f->not_flags : &f->flags) |= flags;
		return 1;
	}
	if (n < 2 || not)
		return 0;
	if (!strcmp(words[0], "state"))
		return state(words[1], &f->states) ? 2 : 0;
	if (!strcmp(words[0], "nth"))
		return number(words[1], &f->nth) ? 2 : 0;
	if (!strcmp(words[0], "seq"))
		return range(words[1], f) ? 2 : 0;
	return 0;
}

static bool set(struct play_fault *f, char *field, char *value)
{
	static const char *const names[] = { "seq", "ack", "flags", "win" };
	u8 flags;

	for (f->field = 0; f->field <= PLAY_WIN; f->field++)
		if (!strcmp(field, names[f->field]))
			break;
	if (f->field == PLAY_FLAGS && play_flags(value, &flags)) {
		f->value = flags;
		return true;
	}
	return f->field <= PLAY_WIN && number(value, &f->value);
}

/* The action, and how often.  Return: true if that is all. */
static bool action(struct play_fault *f, char **words, u32 n)
{
	static const char *const names[] = {
		"drop", "delay", "duplicate", "corrupt", "reorder", "set",
	};
	u32 more = 1;

	if (!n)
		return false;
	for (f->action = 0; f->action <= PLAY_SET; f->action++)
		if (!strcmp(words[0], names[f->action]))
			break;
	if (f->action > PLAY_SET)
		return false;
	if (f->action == PLAY_DELAY && (n < 2 || !time_ms(words[more++], &f->delay_ms)))
		return false;
	if (f->action == PLAY_SET && (n < 3 || !set(f, words[1], words[2])))
		return false;
	more += f->action == PLAY_SET ? 2 : 0;
	f->count = f->nth ? 1 : 0;
	if (more < n && !number(words[more++], &f->count))
		return false;
	return more == n;
}

static void keep(struct play_fault *f, char **words, u32 n)
{
	u32 i, len = 0;

	for (i = 0; i < n && len < sizeof(f->words); i++)
		len += snprintf(f->words + len, sizeof(f->words) - len, "%s%s", i ? " " : "",
				words[i]);
}

/**
 * play_fault_add - set a fault
 * @h: the host
 * @words: as ttp fault add has them; they are changed
 * @n: how many
 *
 * Return: NULL, or what is wrong.
 */
const char *play_fault_add(struct play_host *h, char **words, u32 n)
{
	struct play_fault f = { .used = true, .data = -1 }, *to = h->fault;
	u32 i = 1, more;

	if (!n || (strcmp(words[0], "out") && strcmp(words[0], "in")))
		return "fault out|in [WHICH]... ACTION [COUNT], as ttp fault add";
	keep(&f, words, n);
	f.out = !strcmp(words[0], "out");
	for (; i < n; i += more) {
		bool not = !strcmp(words[i], "not");

		i += not;
		more = i < n ? which(&f, words + i, n - i, not) : 0;
		if (!more && not)
			return "fault: what is \"not\"?";
		if (!more)
			break;
	}
	if (!action(&f, words + i, n - i))
		return "fault out|in [WHICH]... ACTION [COUNT], as ttp fault add";
	while (to < h->fault + PLAY_FAULTS && to->used)
		to++;
	if (to == h->fault + PLAY_FAULTS)
		return "too many faults";
	*to = f;
	return NULL;
}
