// SPDX-License-Identifier: GPL-2.0
/*
 * Frames -> connections, and what both captures of a connection say together:
 * which of its ends each was made at, and how far their clocks are apart.
 *
 * Time says whose a capture is.  Between a segment that an end has sent and one
 * that it got lies a round trip more at that end than at the other: so the end
 * that sent the SYN has the longer gap between SYN and SYN,ACK.
 *
 * The clocks are compared as NTP does it.  The SYN says the offset plus the time
 * that it took, the SYN,ACK the offset less the time that it took: the offset is
 * taken to be in the middle.  No segment arrives before it was sent, which bounds
 * it from both sides.
 *
 * Called by join.c.  Next: infer.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "capture/join.h"

#define BUCKETS		16384
#define FLOW_TALKS	1024	/* connections of one 4-tuple: all are looked at for each SYN */

/* A segment in a capture, so that it can be found in the other. */
struct record {
	uint64_t key;			/* of what it says; equal ones have the same */
	int64_t time_ns;
	uint32_t talk;
	uint8_t capture;
	uint8_t from;
	bool syn;
};

/* An address, and how many connections say that it is of each capture's host. */
struct host {
	struct host *next;
	struct address addr;
	unsigned int votes[CAPTURES];
};

struct talks {
	int captures;
	struct flow *flows[BUCKETS];
	struct host *hosts[BUCKETS];
	struct talk **talk;		/* by its number */
	size_t n_talks;
	struct record *record;
	size_t n_records;
	size_t guessed;
};

struct talks *talks_new(int captures)
{
	struct talks *t = xrealloc(NULL, 1, sizeof(*t));

	memset(t, 0, sizeof(*t));
	t->captures = captures;
	return t;
}

void talks_free(struct talks *t)
{
	for (size_t i = 0; i < t->n_talks; i++)
		free(t->talk[i]);
	for (size_t i = 0; i < BUCKETS; i++) {
		while (t->flows[i]) {
			struct flow *flow = t->flows[i];

			t->flows[i] = flow->next;
			free(flow);
		}
		while (t->hosts[i]) {
			struct host *host = t->hosts[i];

			t->hosts[i] = host->next;
			free(host);
		}
	}
	free(t->talk);
	free(t->record);
	free(t);
}

static bool is_end(const struct flow *flow, int e, const struct address *addr, uint16_t port)
{
	return flow->port[e] == port && same_address(&flow->addr[e], addr);
}

static struct flow *find_flow(struct talks *t, const struct frame *frame, int *from)
{
	struct flow name = {
		.addr = { frame->from, frame->to }, .port = { frame->from_port, frame->to_port },
	};
	struct flow **bucket = &t->flows[event_ends_hash(&frame->from, frame->from_port, &frame->to, frame->to_port) % BUCKETS];
	struct flow *flow;

	for (flow = *bucket; flow; flow = flow->next)
		for (*from = 0; *from < 2; ++*from)
			if (is_end(flow, *from, &frame->from, frame->from_port) &&
			    is_end(flow, !*from, &frame->to, frame->to_port))
				return flow;
	*from = 0;
	flow = xrealloc(NULL, 1, sizeof(*flow));
	*flow = name;
	flow->next = *bucket;
	*bucket = flow;
	return flow;
}

static struct talk *new_talk(struct talks *t, struct flow *flow, int client)
{
	struct talk *talk = xrealloc(NULL, 1, sizeof(*talk));

	memset(talk, 0, sizeof(*talk));
	talk->flow = flow;
	talk->client = client;
	talk->local = -1;
	talk->left_out = true;	/* until talks_decide() has seen it */
	talk->number = t->n_talks;
	talk->next = flow->talk;
	flow->talk = talk;
	flow->n_talks++;
	t->talk = grow(t->talk, t->n_talks, sizeof(*t->talk));
	t->talk[t->n_talks++] = talk;
	return talk;
}

static struct talk *with_isn(const struct flow *flow, int end, uint32_t isn)
{
	struct talk *talk = flow->talk;

	while (talk && !(talk->has_isn[end] && talk->isn[end] == isn))
		talk = talk->next;
	return talk;
}

static struct talk *oldest(const struct flow *flow)
{
	struct talk *talk = flow->talk;

	while (talk && talk->next)
		talk = talk->next;
	return talk;
}

/* A SYN with another number begins another connection. */
static struct talk *of_syn(struct talks *t, int capture, struct flow *flow, struct talk *now,
			   int from, uint32_t seq)
{
	struct talk *talk = with_isn(flow, from, seq);

	if (talk)
		return talk;
	/* the other capture may have begun later */
	talk = oldest(flow);
	if (talk && !talk->has_isn[0] && !talk->has_isn[1] && !talk->seen[capture])
		return talk;
	if (flow->n_talks == FLOW_TALKS) {
		flow->talk->crowded = true;	/* this and all that follow are left out */
		return flow->talk;
	}
	/* or both ends do the active OPEN at the same time */
	if (now && now->has_isn[!from] && !now->has_isn[from])
		return now;
	return new_talk(t, flow, from);
}

static void note_isn(struct talk *talk, int end, uint32_t isn)
{
	if (talk->has_isn[end])
		return;
	talk->has_isn[end] = true;
	talk->isn[end] = isn;
}

/*
 * The connection of a segment in a capture; it is made if there is none.
 * @from: set to the end that sent it
 */
struct talk *talks_find(struct talks *t, int capture, const struct frame *frame, int *from)
{
	struct flow *flow = find_flow(t, frame, from);
	uint8_t flags = frame->ev.seg.flags & (SEG_SYN | SEG_ACK);
	struct talk *talk = flow->current[capture], *other;

	if (flags == SEG_SYN) {
		talk = of_syn(t, capture, flow, talk, *from, frame->ev.seg.seq);
	} else if (flags == (SEG_SYN | SEG_ACK)) {
		other = with_isn(flow, !*from, frame->ev.seg.ack - 1);
		if (other)
			talk = other;
	}
	if (!talk)
		talk = oldest(flow);
	if (!talk)
		talk = new_talk(t, flow, *from);
	flow->current[capture] = talk;
	if (flags & SEG_SYN)
		note_isn(talk, *from, frame->ev.seg.seq);
	if (flags == (SEG_SYN | SEG_ACK))
		note_isn(talk, !*from, frame->ev.seg.ack - 1);
	return talk;
}

/* Before the captures are read once more. */
void talks_rewind(struct talks *t)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct flow *flow = t->flows[i]; flow; flow = flow->next)
			memset(flow->current, 0, sizeof(flow->current));
}

static uint64_t key_of(const struct talk *talk, int from, const struct event *ev)
{
	const uint32_t values[] = {
		talk->number, from, ev->seg.seq, ev->seg.ack, ev->seg.flags, ev->seg.len,
		ev->seg.wnd, ev->seg.opt.tsval, ev->seg.opt.tsecr,
		ev->seg.opt.sack.block[0].left, ev->seg.opt.sack.block[0].right,
	};

	return hash_bytes(HASH_BEGIN, values, sizeof(values));
}

static void note_handshake(struct talk *talk, int capture, int from, const struct frame *frame)
{
	uint64_t *ns = talk->handshake_ns[capture];
	uint8_t flags = frame->ev.seg.flags & (SEG_SYN | SEG_ACK);

	if (flags == (SEG_SYN | SEG_ACK))
		talk->answered[from] = true;
	if (flags == SEG_SYN && from == talk->client && !ns[0])
		ns[0] = frame->time_ns;
	if (flags == (SEG_SYN | SEG_ACK) && from != talk->client && ns[0] && !ns[1])
		ns[1] = frame->time_ns;
	if (flags == SEG_ACK && from == talk->client && ns[1] && !ns[2])
		ns[2] = frame->time_ns;
}

/* The first time that a capture is read: what is to be known of all before the second. */
void talks_learn(struct talks *t, int capture, const struct frame *frame)
{
	struct record *record;
	struct talk *talk;
	int from;

	talk = talks_find(t, capture, frame, &from);
	talk->seen[capture] = true;
	if (frame->origin == ORIGIN_HERE)
		talk->here[capture][from]++;
	note_handshake(talk, capture, from, frame);
	t->record = grow(t->record, t->n_records, sizeof(*t->record));
	record = &t->record[t->n_records++];
	record->key = key_of(talk, from, &frame->ev);
	record->time_ns = frame->time_ns;
	record->talk = talk->number;
	record->capture = capture;
	record->from = from;
	record->syn = frame->ev.seg.flags & SEG_SYN;
}

static int compare_records(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->capture - y->capture;
}

static void note_match(struct talks *t, const struct record *first, const struct record *second,
		       int64_t base)
{
	struct talk *talk = t->talk[first->talk];
	int64_t diff = second->time_ns - first->time_ns;
	int from = first->from;

	if (!talk->match[from].count++) {
		talk->match[from].least = diff;
		talk->match[from].most = diff;
	}
	talk->match[from].sum += diff - base;
	if (diff < talk->match[from].least)
		talk->match[from].least = diff;
	if (diff > talk->match[from].most)
		talk->match[from].most = diff;
	if (first->syn && !talk->match[from].has_syn) {
		talk->match[from].has_syn = true;
		talk->match[from].syn = diff;
	}
}

/* Segments that are once in each capture: no copy of another, such as a retransmission. */
static void match_records(struct talks *t)
{
	const struct record *r = t->record;
	bool has_base = false;
	int64_t base = 0;
	size_t end;

	for (size_t i = 0; i < t->n_records; i = end) {
		for (end = i + 1; end < t->n_records && r[end].key == r[i].key;)
			end++;
		if (end - i != 2 || r[i].capture == r[i + 1].capture)
			continue;
		if (!has_base)
			base = r[i + 1].time_ns - r[i].time_ns;
		has_base = true;
		note_match(t, &r[i], &r[i + 1], base);
	}
}

static struct host *find_host(struct talks *t, const struct address *addr)
{
	struct host **bucket = &t->hosts[(hash_bytes(HASH_BEGIN, addr->bytes, addr->len) >> 20) % BUCKETS];
	struct host *host;

	for (host = *bucket; host; host = host->next)
		if (same_address(&host->addr, addr))
			return host;
	host = xrealloc(NULL, 1, sizeof(*host));
	memset(host, 0, sizeof(*host));
	host->addr = *addr;
	host->next = *bucket;
	*bucket = host;
	return host;
}

static bool is_local(const struct talk *talk)
{
	return same_address(&talk->flow->addr[0], &talk->flow->addr[1]);
}

/* What the link layer and the clocks say.  Return: the end, or -1. */
static int by_itself(const struct talk *talk)
{
	int client = talk->client;

	for (int c = 0; c < CAPTURES; c++)
		if (talk->here[c][0] != talk->here[c][1])
			return (talk->here[c][1] > talk->here[c][0]) ^ c;
	if (talk->match[client].has_syn && talk->match[!client].has_syn)
		return talk->match[client].syn >= talk->match[!client].syn ? client : !client;
	if (!talk->match[0].count || !talk->match[1].count)
		return -1;
	return talk->match[0].sum / talk->match[0].count <
	       talk->match[1].sum / talk->match[1].count;
}

/* What other connections say of its addresses. */
static int by_hosts(struct talks *t, const struct talk *talk)
{
	if (is_local(talk))
		return -1;
	for (int e = 0; e < 2; e++) {
		const struct host *host = find_host(t, &talk->flow->addr[e]);

		if (host->votes[0] != host->votes[1])
			return host->votes[0] > host->votes[1] ? e : !e;
	}
	return -1;
}

/* One capture alone: who connects waits longer for the SYN,ACK than the other for the ACK. */
static int by_handshake(const struct talk *talk)
{
	for (int c = 0; c < CAPTURES; c++) {
		const uint64_t *ns = talk->handshake_ns[c];
		bool client;

		if (!ns[2])
			continue;
		client = ns[1] - ns[0] >= ns[2] - ns[1];
		return (client ? talk->client : !talk->client) ^ c;
	}
	return -1;
}

static void vote(struct talks *t, const struct talk *talk)
{
	if (talk->local < 0 || is_local(talk))
		return;
	find_host(t, &talk->flow->addr[talk->local])->votes[0]++;
	if (t->captures == CAPTURES)
		find_host(t, &talk->flow->addr[!talk->local])->votes[1]++;
}

/* In one of two captures only, and its other end is not known to be the other's. */
static bool is_another_hosts(struct talks *t, const struct talk *talk)
{
	int c = talk->seen[1];
	const struct host *peer;

	if (t->captures < CAPTURES || (talk->seen[0] && talk->seen[1]))
		return false;
	peer = find_host(t, &talk->flow->addr[c ? talk->local : !talk->local]);
	return !peer->votes[!c];
}

/* Of all connections: which end is whose? */
void talks_decide(struct talks *t)
{
	if (t->n_records)
		qsort(t->record, t->n_records, sizeof(*t->record), compare_records);
	match_records(t);
	for (size_t i = 0; i < t->n_talks; i++) {
		t->talk[i]->local = by_itself(t->talk[i]);
		if (t->captures < CAPTURES || (t->talk[i]->seen[0] && t->talk[i]->seen[1]))
			vote(t, t->talk[i]);
	}
	for (size_t i = 0; i < t->n_talks; i++) {
		struct talk *talk = t->talk[i];

		if (talk->local < 0)
			talk->local = by_hosts(t, talk);
		if (talk->local < 0)
			talk->local = by_handshake(talk);
		if (talk->local < 0) {
			talk->local = talk->client;
			talk->left_out = is_another_hosts(t, talk);
			t->guessed += !talk->left_out;
		} else {
			talk->left_out = is_another_hosts(t, talk);
		}
		talk->left_out |= talk->crowded;
	}
}

/*
 * @left_out: set to how many are in one of two captures only
 * @guessed: set to how many of the others have their ends in the order given
 * Return: how many there are.
 */
size_t talks_count(const struct talks *t, size_t *left_out, size_t *guessed)
{
	*left_out = 0;
	for (size_t i = 0; i < t->n_talks; i++)
		*left_out += t->talk[i]->left_out;
	*guessed = t->guessed;
	return t->n_talks;
}

/*
 * @offset: set to the second capture's clock less the first's
 * @drift: set to how much earlier than sent something would have arrived, at least,
 *	because one clock is faster
 * Return: whether that is known.
 */
bool talks_clocks(const struct talks *t, int64_t *offset, int64_t *drift)
{
	int64_t least = INT64_MIN, most = INT64_MAX, best = INT64_MAX, middle = 0;

	for (size_t i = 0; i < t->n_talks; i++) {
		const struct talk *talk = t->talk[i];
		int a = talk->local;
		int64_t round_trip;

		if (talk->match[a].count && talk->match[a].least < most)
			most = talk->match[a].least;
		if (talk->match[!a].count && talk->match[!a].most > least)
			least = talk->match[!a].most;
		if (!talk->match[a].has_syn || !talk->match[!a].has_syn)
			continue;
		round_trip = talk->match[a].syn - talk->match[!a].syn;
		if (round_trip >= best)
			continue;
		best = round_trip;
		middle = talk->match[!a].syn + round_trip / 2;
	}
	*drift = 0;
	*offset = middle;
	if (least != INT64_MIN && most != INT64_MAX) {
		if (least > most)
			*drift = least - most;
		if (best == INT64_MAX)
			*offset = least + (most - least) / 2;
		else if (*drift == 0)
			*offset = middle < least ? least : middle > most ? most : middle;
		return true;
	}
	if (best == INT64_MAX)
		*offset = least != INT64_MIN ? least : most != INT64_MAX ? most : 0;
	return best != INT64_MAX || least != INT64_MIN || most != INT64_MAX;
}

/* Return: when the first segment was there, by the first capture's clock. */
uint64_t talks_start(const struct talks *t, int64_t offset)
{
	int64_t start = INT64_MAX;

	for (size_t i = 0; i < t->n_records; i++) {
		int64_t time_ns = t->record[i].time_ns - (t->record[i].capture ? offset : 0);

		if (!t->talk[t->record[i].talk]->left_out && time_ns < start)
			start = time_ns;
	}
	return start;
}
