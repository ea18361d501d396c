// SPDX-License-Identifier: GPL-2.0
/*
 * What a recording says: the answers to the questions of a lab.  A fact is some words; H is a
 * host, a name of a network namespace, or an end's local address and port:
 *
 *	isn H			the initial sequence number
 *	seq|ack|len|win H WHICH [N]	of the Nth segment that H sent of this kind (1)
 *	rseq|rack H WHICH [N]	the same, counted from the ISN of whom it is
 *	flags H WHICH [N]	its control bits, such as SYN,ACK
 *	cwnd|... H WHICH [N]	a value of the TCB when it was sent; its names are those of max
 *	grows H WHICH		the sequence number of the 2nd of them less that of the 1st
 *	sport|dport H WHICH [N]	its ports
 *	transit H WHICH [N]	for how many ms it was under way to the other end
 *	count H WHICH		how many it sent
 *	has H WHICH		yes, or no: did it send one?
 *	ms H WHICH [N]		when, in ms since the recording's first segment
 *	bytes H			bytes of data that it sent, each once
 *	response H [N]		ms from the SYN of its Nth connection until the first data came
 *	rate H [N]		kbit/s of data of that connection, from H's first data to
 *				the last that came to the other end
 *	drops H			segments that arrived there and were dropped
 *	refused H		those, and those that were not taken, but answered
 *	state H			the last state
 *	first WHICH		which host sent the first segment of this kind
 *	who STATE		the first host that came to this state
 *	entered H STATE		yes, or no
 *	cause H STATE		why it came there
 *	after H STATE		the state that follows
 *	stays H STATE		for how many ms it was there
 *	max|min|last H cwnd|ssthresh|snd_wnd|rcv_wnd|srtt_us|rto_us|in_flight
 *
 * WHICH is flags with commas (syn, fin,ack), data, ack (nothing but one), again (a
 * retransmission), rto, fast (such as the timer, or ACKs, have caused), zero (a window of
 * 0), probe (of such a window), sack (one that says what came out of order), lost (what
 * the other end never got) or any.
 *
 * Called by play.c and quiz.c.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "lab/lab.h"
#include "read/feed.h"

static struct {
	struct event *list;
	size_t count;
} events;

static int keep(const struct event *ev, void *arg)
{
	if ((ev->kind != EVENT_STATE && ev->kind != EVENT_SEGMENT) || !ev->who.dport)
		return 0;
	events.list = grow(events.list, events.count, sizeof(*events.list));
	events.list[events.count++] = *ev;
	return 0;
}

/* Return: exit status. */
int facts_read(const char *recording)
{
	free(events.list);
	events.list = NULL;
	events.count = 0;
	return recording_run(recording, keep, NULL);
}

/* Return: the events of connections, one after the other; NULL behind the last. */
const struct event *facts_event(size_t i)
{
	return i < events.count ? &events.list[i] : NULL;
}

static bool is_at(const struct event *ev, const char *endpoint)
{
	char buf[FACT_SIZE];

	return !strcmp(event_endpoint(&ev->who.saddr, ev->who.sport, buf), endpoint);
}

static bool is_of(const struct event *ev, const char *host)
{
	return (ev->ns && !strcmp(ev->ns, host)) || (strchr(host, ':') && is_at(ev, host));
}

/* Are both of one end, or of two that have the same address and port? */
static bool same_end(const struct event *a, const struct event *b)
{
	return a->ns == b->ns && a->who.sport == b->who.sport && same_address(&a->who.saddr, &b->who.saddr);
}

/* Return: a name that tells the end of @ev from its peer. */
const char *facts_end(const struct event *ev, char name[FACT_SIZE])
{
	const struct event *other;

	for (other = events.list; ev->ns && other < events.list + events.count; other++)
		if (other->ns == ev->ns && other->who.sport == ev->who.dport &&
		    other->who.dport == ev->who.sport && !same_end(other, ev))
			break;
	if (!ev->ns || other < events.list + events.count)
		return event_endpoint(&ev->who.saddr, ev->who.sport, name);
	return ev->ns;
}

static bool is_host(const char *name)
{
	const struct event *ev;

	for (ev = events.list; ev < events.list + events.count; ev++)
		if (is_of(ev, name))
			return true;
	return false;
}

static bool is_out(const struct event *ev)
{
	return ev->kind == EVENT_SEGMENT && ev->seg.direction == TTP_DIRECTION_OUT;
}

/* Did an end that is watched get it?  As often as it was sent, or not. */
static bool is_lost(const struct event *out)
{
	const struct event *ev;
	int sent = 0, came = 0;

	for (ev = events.list; ev < events.list + events.count; ev++) {
		if (ev->kind != EVENT_SEGMENT || ev->seg.seq != out->seg.seq ||
		    ev->seg.len != out->seg.len || ev->seg.flags != out->seg.flags ||
		    ev->seg.ack != out->seg.ack || ev->seg.opt.tsval != out->seg.opt.tsval)
			continue;
		if (same_end(ev, out))
			sent += ev->seg.direction == TTP_DIRECTION_OUT && ev <= out;
		else
			came += ev->seg.direction == TTP_DIRECTION_IN;
	}
	return sent > came;
}

static bool is_sent_as(const struct event *ev, unsigned int purpose)
{
	return event_has(ev, TTP_A_PURPOSE) && ev->seg.purpose == purpose;
}

static const char kinds[] = " any data ack again sack zero probe rto fast lost ";

static bool is_one_of(const char *word, const char *list)
{
	char padded[FACT_SIZE];

	snprintf(padded, sizeof(padded), " %s ", word);
	return strstr(list, padded);
}

static bool is_kind(const char *which)
{
	return is_one_of(which, kinds) || event_flags_value(which) > 0;
}

/* @which is one of the kinds, or flags */
static bool is_which(const struct event *ev, const char *which)
{
	uint8_t flags;

	if (!strcmp(which, "any"))
		return true;
	if (!strcmp(which, "data"))
		return ev->seg.len > 0;
	if (!strcmp(which, "ack"))
		return !ev->seg.len && ev->seg.flags == SEG_ACK;
	if (!strcmp(which, "again"))
		return event_has(ev, TTP_A_RETRANSMISSION);
	if (!strcmp(which, "sack"))
		return event_has(ev, TTP_A_OPT_SACK);
	if (!strcmp(which, "zero"))
		return !ev->seg.wnd && !(ev->seg.flags & (SEG_SYN | SEG_RST));
	if (!strcmp(which, "probe"))
		return is_sent_as(ev, TTP_PURPOSE_ZERO_WINDOW_PROBE);
	if (!strcmp(which, "rto"))
		return is_sent_as(ev, TTP_PURPOSE_RTO);
	if (!strcmp(which, "fast"))
		return is_sent_as(ev, TTP_PURPOSE_FAST_RETRANSMIT);
	if (!strcmp(which, "lost"))
		return is_lost(ev);
	flags = event_flags_value(which);
	return (ev->seg.flags & flags) == flags;
}

/* The Nth segment of a kind that the host sent.  Return: NULL if there is none. */
static const struct event *segment(const char *host, const char *which, unsigned long nth)
{
	const struct event *ev;

	for (ev = events.list; ev < events.list + events.count; ev++)
		if (is_out(ev) && is_of(ev, host) && is_which(ev, which) && !--nth)
			return ev;
	return NULL;
}

static const struct event *entered(const char *host, const char *state)
{
	int wanted = event_word_value(FIELD_STATE, state);
	const struct event *ev;

	for (ev = events.list; ev < events.list + events.count; ev++)
		if (ev->kind == EVENT_STATE && ev->state.now == wanted && (!host || is_of(ev, host)))
			return ev;
	return NULL;
}

/* The next change of state of the connection that @from changed. */
static const struct event *following(const struct event *from)
{
	const struct event *ev;

	for (ev = from + 1; ev < events.list + events.count; ev++)
		if (ev->kind == EVENT_STATE && ev->ns == from->ns && ev->who.id == from->who.id)
			return ev;
	return NULL;
}

/* The ISN of the end that has port @from, by its SYN: as it left, or as it came */
static bool isn_between(uint16_t from, uint16_t to, uint32_t *isn)
{
	const struct event *syn;

	for (syn = events.list; syn < events.list + events.count; syn++) {
		bool out = is_out(syn);

		if (syn->kind == EVENT_SEGMENT && syn->seg.flags & SEG_SYN &&
		    (out ? syn->who.sport : syn->who.dport) == from &&
		    (out ? syn->who.dport : syn->who.sport) == to) {
			*isn = syn->seg.seq;
			return true;
		}
	}
	return false;
}

/* The ISNs of the end that an event is of, and of its peer; 0 where they are not known */
void facts_isn(const struct event *ev, uint32_t *mine, uint32_t *other)
{
	*mine = *other = 0;
	isn_between(ev->who.sport, ev->who.dport, mine);
	isn_between(ev->who.dport, ev->who.sport, other);
}

static int put(char answer[FACT_SIZE], uint64_t value)
{
	snprintf(answer, FACT_SIZE, "%" PRIu64, value);
	return 0;
}

static int put_end(char answer[FACT_SIZE], const struct event *ev)
{
	char name[FACT_SIZE];

	snprintf(answer, FACT_SIZE, "%s", facts_end(ev, name));
	return 0;
}

/* The Nth connection that the host opened, by its SYN */
static const struct event *connection(const char *host, unsigned long nth)
{
	const struct event *ev;

	for (ev = events.list; ev < events.list + events.count; ev++)
		if (is_out(ev) && is_of(ev, host) && (ev->seg.flags & (SEG_SYN | SEG_ACK)) == SEG_SYN &&
		    !event_has(ev, TTP_A_RETRANSMISSION) && !--nth)
			return ev;
	return NULL;
}

static bool is_in(const struct event *ev)
{
	return ev->kind == EVENT_SEGMENT && ev->seg.direction == TTP_DIRECTION_IN;
}

/* Is @in at the other end of the connection of @end? */
static bool at_other_end(const struct event *in, const struct event *end)
{
	return is_in(in) && !same_end(in, end) && in->who.sport == end->who.dport &&
		in->who.dport == end->who.sport;
}

static int put_ms(char answer[FACT_SIZE], uint64_t ns)
{
	snprintf(answer, FACT_SIZE, "%.1f", ns / 1e6);
	return 0;
}

static int transit(const struct event *out, char answer[FACT_SIZE])
{
	const struct event *ev;

	for (ev = out; out && ev < events.list + events.count; ev++)
		if (at_other_end(ev, out) && ev->seg.seq == out->seg.seq && ev->seg.len == out->seg.len &&
		    ev->seg.flags == out->seg.flags && ev->seg.ack == out->seg.ack)
			return put_ms(answer, ev->time_ns - out->time_ns);
	return -1;
}

static int response(const struct event *syn, char answer[FACT_SIZE])
{
	const struct event *ev;

	for (ev = syn; syn && ev < events.list + events.count; ev++)
		if (is_in(ev) && same_end(ev, syn) && ev->seg.len && ev->who.dport == syn->who.dport)
			return put(answer, (ev->time_ns - syn->time_ns) / 1000000);
	return -1;
}

static int rate(const struct event *syn, char answer[FACT_SIZE])
{
	const struct event *ev, *first = NULL;
	uint64_t last_ns = 0;
	uint32_t most = 0;

	for (ev = syn; syn && ev < events.list + events.count; ev++) {
		if (!first && is_out(ev) && same_end(ev, syn) && ev->seg.len)
			first = ev;
		if (!at_other_end(ev, syn) || !ev->seg.len)
			continue;
		last_ns = ev->time_ns;
		if (ev->seg.seq + ev->seg.len - syn->seg.seq - 1 > most)
			most = ev->seg.seq + ev->seg.len - syn->seg.seq - 1;
	}
	if (!first || last_ns <= first->time_ns)
		return -1;
	return put(answer, most * 8000000ULL / (last_ns - first->time_ns));
}

static uint64_t first_segment_ns(void)
{
	const struct event *ev = events.list;

	while (ev->kind != EVENT_SEGMENT)
		ev++;
	return ev->time_ns;
}

static int of_segment(const char *what, const struct event *ev, char answer[FACT_SIZE])
{
	uint32_t isn;
	char buf[40];

	if (!ev)
		return -1;
	if (!strcmp(what, "seq"))
		return put(answer, ev->seg.seq);
	if (!strcmp(what, "ack"))
		return put(answer, ev->seg.ack);
	if (!strcmp(what, "len"))
		return put(answer, ev->seg.len);
	if (!strcmp(what, "win"))
		return put(answer, ev->seg.wnd);
	if (!strcmp(what, "sport"))
		return put(answer, ev->who.sport);
	if (!strcmp(what, "dport"))
		return put(answer, ev->who.dport);
	if (!strcmp(what, "transit"))
		return transit(ev, answer);
	if (!strcmp(what, "ms"))
		return put(answer, (ev->time_ns - first_segment_ns()) / 1000000);
	if (!strcmp(what, "rseq"))
		return isn_between(ev->who.sport, ev->who.dport, &isn) ? put(answer, ev->seg.seq - isn) : -1;
	if (!strcmp(what, "rack"))
		return isn_between(ev->who.dport, ev->who.sport, &isn) ? put(answer, ev->seg.ack - isn) : -1;
	snprintf(answer, FACT_SIZE, "%s", event_flags(ev->seg.flags, buf));
	return 0;
}

static uint64_t count(const char *host, const char *which)
{
	const struct event *ev;
	uint64_t n = 0;

	for (ev = events.list; ev < events.list + events.count; ev++)
		n += is_out(ev) && is_of(ev, host) && is_which(ev, which);
	return n;
}

static int grows(const struct event *one, const struct event *two, char answer[FACT_SIZE])
{
	return one && two ? put(answer, (uint32_t)(two->seg.seq - one->seg.seq)) : -1;
}

static int first(const char *which, char answer[FACT_SIZE])
{
	const struct event *ev;

	for (ev = events.list; ev < events.list + events.count; ev++)
		if (is_out(ev) && is_which(ev, which))
			return put_end(answer, ev);
	return -1;
}

/* The most of one connection.  Of data that was sent twice each byte counts once. */
static int bytes(const char *host, char answer[FACT_SIZE])
{
	const struct event *ev;
	uint32_t isn, most = 0;

	if (!segment(host, "syn", 1))
		return -1;
	for (ev = events.list; ev < events.list + events.count; ev++)
		if (is_out(ev) && is_of(ev, host) && ev->seg.len &&
		    isn_between(ev->who.sport, ev->who.dport, &isn) && ev->seg.seq + ev->seg.len - isn - 1 > most)
			most = ev->seg.seq + ev->seg.len - isn - 1;
	return put(answer, most);
}

static uint64_t refused(const char *host, bool answered)
{
	const struct event *ev;
	uint64_t n = 0;

	for (ev = events.list; ev < events.list + events.count; ev++)
		n += ev->kind == EVENT_SEGMENT && is_of(ev, host) &&
			(event_has(ev, TTP_A_DROP) || (answered && event_has(ev, TTP_A_ANSWER)));
	return n;
}

static int last_state(const char *host, char answer[FACT_SIZE])
{
	for (size_t i = events.count; i-- > 0;)
		if (events.list[i].kind == EVENT_STATE && is_of(&events.list[i], host)) {
			snprintf(answer, FACT_SIZE, "%s",
				 event_word(FIELD_STATE, events.list[i].state.now));
			return 0;
		}
	return -1;
}

static int of_state(const char *what, const struct event *ev, char answer[FACT_SIZE])
{
	const struct event *next;

	if (!strcmp(what, "entered")) {
		snprintf(answer, FACT_SIZE, "%s", ev ? "yes" : "no");
		return 0;
	}
	if (!ev)
		return -1;
	if (!strcmp(what, "cause")) {
		snprintf(answer, FACT_SIZE, "%s", ev->state.cause);
		return 0;
	}
	next = following(ev);
	if (!next)
		return -1;
	if (!strcmp(what, "stays"))
		return put(answer, (next->time_ns - ev->time_ns) / 1000000);
	snprintf(answer, FACT_SIZE, "%s", event_word(FIELD_STATE, next->state.now));
	return 0;
}

static const struct field *field_of(const char *name)
{
	const struct field *f = event_fields;

	while (f < event_fields + event_fields_count && strcmp(f->name, name))
		f++;
	return f < event_fields + event_fields_count && f->kind == FIELD_U32 ? f : NULL;
}

static bool value_of(const struct event *ev, const struct field *f, uint32_t *value)
{
	if (!event_has(ev, f->attr))
		return false;
	memcpy(value, (const char *)ev + f->offset, sizeof(*value));
	return *value != SSTHRESH_INFINITE;
}

/* A value of the TCB, as the events of the host have it */
static int of_tcb(const char *what, const char *host, const char *name, char answer[FACT_SIZE])
{
	const struct field *f = field_of(name);
	const struct event *ev;
	uint32_t value, found = 0;
	bool any = false;

	for (ev = events.list; f && ev < events.list + events.count; ev++) {
		if (!is_of(ev, host) || !value_of(ev, f, &value))
			continue;
		if (!any || !strcmp(what, "last") || (value > found) == !strcmp(what, "max"))
			found = value;
		any = true;
	}
	return any ? put(answer, found) : -1;
}

/* The same when a segment was sent */
static int at_segment(const char *name, const struct event *ev, char answer[FACT_SIZE])
{
	const struct field *f = field_of(name);
	uint32_t value;

	return f && ev && value_of(ev, f, &value) ? put(answer, value) : -1;
}

/* Of one host, or one of its connections.  Return: 1: it is another fact. */
static int of_host(char **words, unsigned long nth, char answer[FACT_SIZE])
{
	if (!strcmp(words[0], "response"))
		return response(connection(words[1], nth), answer);
	if (!strcmp(words[0], "rate"))
		return rate(connection(words[1], nth), answer);
	if (!strcmp(words[0], "isn"))
		return of_segment("seq", segment(words[1], "syn", 1), answer);
	if (!strcmp(words[0], "bytes"))
		return bytes(words[1], answer);
	if (!strcmp(words[0], "drops"))
		return put(answer, refused(words[1], false));
	if (!strcmp(words[0], "refused"))
		return put(answer, refused(words[1], true));
	if (!strcmp(words[0], "state"))
		return last_state(words[1], answer);
	return 1;
}

/* Of its segments of one kind */
static int of_kind(char **words, unsigned long nth, char answer[FACT_SIZE])
{
	const struct event *ev = segment(words[1], words[2], nth);

	if (!strcmp(words[0], "grows"))
		return grows(segment(words[1], words[2], 1), segment(words[1], words[2], 2), answer);
	if (!strcmp(words[0], "has")) {
		snprintf(answer, FACT_SIZE, "%s", ev ? "yes" : "no");
		return 0;
	}
	if (!strcmp(words[0], "count"))
		return put(answer, count(words[1], words[2]));
	if (is_one_of(words[0], " seq ack len win rseq rack flags sport dport transit ms "))
		return of_segment(words[0], ev, answer);
	return at_segment(words[0], ev, answer);
}

/*
 * Looks up a fact of the recording that facts_read() has read.
 * Return: 0; -1: the words are no fact, or the recording does not say it.
 */
int fact(char **words, int n, char answer[FACT_SIZE])
{
	bool of_which = n < 2 || !is_one_of(words[0], " response rate ");
	unsigned long nth = 1;
	int status;

	if (n < 2)
		return -1;
	if (n > 2 + of_which && (parse_number(words[2 + of_which], 1000000, &nth) || !nth))
		return -1;
	if (!strcmp(words[0], "who")) {
		const struct event *ev = entered(NULL, words[1]);

		return ev ? put_end(answer, ev) : -1;
	}
	if (!strcmp(words[0], "first"))
		return is_kind(words[1]) ? first(words[1], answer) : -1;
	if (!is_host(words[1]))
		return -1;
	status = of_host(words, nth, answer);
	if (status <= 0)
		return status;
	if (n < 3)
		return -1;
	if (is_one_of(words[0], " entered cause after stays "))
		return event_word_value(FIELD_STATE, words[2]) < 0 ? -1 :
			of_state(words[0], entered(words[1], words[2]), answer);
	if (is_one_of(words[0], " max min last "))
		return of_tcb(words[0], words[1], words[2], answer);
	return is_kind(words[2]) ? of_kind(words, nth, answer) : -1;
}

/* Are they the same, but for blanks and case? */
bool same_words(const char *a, const char *b)
{
	do {
		while (isspace((unsigned char)*a))
			a++;
		while (isspace((unsigned char)*b))
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b++))
			return false;
	} while (*a++);
	return true;
}
