// SPDX-License-Identifier: GPL-2.0
/*
 * Which packet of a capture carries which comment.
 *
 * A change of state that a segment caused belongs to the packet that arrived last at
 * that end; one after an ICMP error, to the end's last packet; one that a call or a
 * timer caused, to the next that the end sends, or if there is none, to its last.  A capture has each segment once, so what arrives is
 * looked for among what the other end has sent.  Called by pcap.c.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "capture/capture.h"

/* A remark says how far from its packet it is, if that is not at once. */
#define AT_ONCE_NS	1000000

static __printf(1, 2) char *text_of(const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		exit(fail("out of memory"));
	return text;
}

static struct end *find_end(struct remarks *r, const struct address *addr, uint16_t port,
			    const struct address *peer_addr, uint16_t peer_port)
{
	struct end **bucket = &r->ends[event_ends_hash(addr, port, peer_addr, peer_port) % END_BUCKETS];
	struct end *end;

	for (end = *bucket; end; end = end->next)
		if (end->port == port && end->peer_port == peer_port &&
		    same_address(&end->addr, addr) && same_address(&end->peer_addr, peer_addr))
			return end;
	end = xrealloc(NULL, 1, sizeof(*end));
	memset(end, 0, sizeof(*end));
	end->addr = *addr;
	end->port = port;
	end->peer_addr = *peer_addr;
	end->peer_port = peer_port;
	end->packet = NO_PACKET;
	end->arrived = NO_PACKET;
	end->next = *bucket;
	*bucket = end;
	return end;
}

/* The end at which @ev happened. */
struct end *remark_end(struct remarks *r, const struct event *ev)
{
	return find_end(r, &ev->who.saddr, ev->who.sport, &ev->who.daddr, ev->who.dport);
}

/* The other one. */
struct end *remark_peer(struct remarks *r, const struct event *ev)
{
	return find_end(r, &ev->who.daddr, ev->who.dport, &ev->who.saddr, ev->who.sport);
}

static void add(struct remarks *r, uint64_t packet, char *text)
{
	r->remark = grow(r->remark, r->count, sizeof(*r->remark));
	r->remark[r->count] = (struct remark){ packet, r->count, text };
	r->count++;
}

/* Who says it: a namespace's name, or the end's address. */
static const char *speaker(const struct remarks *r, const struct event *ev, char buf[64])
{
	if (r->named && ev->ns)
		return ev->ns;
	return event_endpoint(&ev->who.saddr, ev->who.sport, buf);
}

/* @text, which the end of @ev says of a packet. */
void remark_add(struct remarks *r, uint64_t packet, const struct event *ev, const char *text)
{
	const char *state = event_has(ev, TTP_A_STATE) ? event_word(FIELD_STATE, ev->state.now) : "";
	char buf[64];

	add(r, packet, text_of("%s%s%s: %s", speaker(r, ev, buf), *state ? " in " : "", state, text));
}

/* @after_ns: how long after the packet that was which @text tells. */
static void add_with_time(struct remarks *r, uint64_t packet, char *text, int64_t after_ns)
{
	if (after_ns > -AT_ONCE_NS && after_ns < AT_ONCE_NS) {
		add(r, packet, text);
		return;
	}
	add(r, packet, text_of("%s (%.3f ms %s)", text, (after_ns < 0 ? -after_ns : after_ns) / 1e6,
			       after_ns < 0 ? "before" : "later"));
	free(text);
}

/* What waits for a packet gets the end's last one. */
static void settle(struct remarks *r, struct end *end)
{
	for (size_t i = 0; i < end->n_pending; i++) {
		if (end->packet != NO_PACKET)
			add_with_time(r, end->packet, end->pending[i].text,
				      end->pending[i].time_ns - end->packet_ns);
		else
			free(end->pending[i].text);
	}
	end->n_pending = 0;
}

static void wait_for_packet(struct end *end, char *text, uint64_t time_ns)
{
	end->pending = grow(end->pending, end->n_pending, sizeof(*end->pending));
	end->pending[end->n_pending++] = (struct pending_remark){ time_ns, text };
}

void remark_state(struct remarks *r, const struct event *ev)
{
	struct end *end = remark_end(r, ev);
	char *text, buf[64];

	if (end->seen && end->id && end->id != ev->who.id)
		settle(r, end);		/* another connection of the same 4-tuple begins */
	end->seen = true;
	end->id = ev->who.id;
	text = text_of("%s: %s -> %s: %s %s%s%s", speaker(r, ev, buf),
		       event_word(FIELD_STATE, ev->state.from), event_word(FIELD_STATE, ev->state.now),
		       event_word(FIELD_CAUSE_KIND, ev->state.cause_kind), ev->state.cause,
		       *ev->state.section ? ", RFC 9293 " : "", ev->state.section);
	if (ev->state.cause_kind == TTP_CAUSE_KIND_SEGMENT && end->arrived != NO_PACKET)
		add_with_time(r, end->arrived, text, ev->time_ns - end->arrived_ns);
	else if (ev->state.cause_kind == TTP_CAUSE_KIND_ICMP && end->packet != NO_PACKET)
		add_with_time(r, end->packet, text, ev->time_ns - end->packet_ns);
	else
		wait_for_packet(end, text, ev->time_ns);
}

static void note_sent(struct end *end, const struct event *ev, uint64_t packet)
{
	struct sent *sent;

	if (end->n_sent < SENT_MAX)
		end->sent = grow(end->sent, end->n_sent, sizeof(*end->sent));
	sent = &end->sent[end->n_sent++ % SENT_MAX];
	sent->packet = packet;
	sent->seq = ev->seg.seq;
	sent->ack = ev->seg.ack;
	sent->len = ev->seg.len;
	sent->tsval = ev->seg.opt.tsval;
	sent->flags = ev->seg.flags;
}

void remark_sent(struct remarks *r, const struct event *ev, uint64_t packet)
{
	struct end *end = remark_end(r, ev);

	end->seen = true;
	end->packet = packet;
	end->packet_ns = ev->time_ns;
	settle(r, end);
	note_sent(end, ev, packet);
}

void remark_arrived(struct remarks *r, const struct event *ev, uint64_t packet)
{
	struct end *end = remark_end(r, ev);

	end->seen = true;
	end->packet = packet;
	end->packet_ns = ev->time_ns;
	end->arrived = packet;
	end->arrived_ns = ev->time_ns;
}

static bool is_it(const struct sent *sent, const struct event *ev)
{
	return sent->seq == ev->seg.seq && sent->len == ev->seg.len && sent->ack == ev->seg.ack &&
	       sent->flags == ev->seg.flags && sent->tsval == ev->seg.opt.tsval;
}

/* A packet of offload may arrive in parts, or with others in one. */
static bool is_part(const struct sent *sent, const struct event *ev)
{
	uint32_t after = ev->seg.seq - sent->seq, before = sent->seq - ev->seg.seq;

	return sent->len && ev->seg.len && (after < sent->len || before < ev->seg.len) &&
	       !((sent->flags ^ ev->seg.flags) & (SEG_SYN | SEG_RST));
}

/*
 * Which packet of @peer is it that arrived, by @ev?
 * Return: its number, or NO_PACKET if @peer was not seen to send it.
 */
uint64_t remark_find(const struct end *peer, const struct event *ev)
{
	size_t oldest = peer->n_sent > SENT_MAX ? peer->n_sent - SENT_MAX : 0;

	for (size_t i = peer->n_sent; i-- > oldest;)
		if (is_it(&peer->sent[i % SENT_MAX], ev))
			return peer->sent[i % SENT_MAX].packet;
	for (size_t i = peer->n_sent; i-- > oldest;)
		if (is_part(&peer->sent[i % SENT_MAX], ev))
			return peer->sent[i % SENT_MAX].packet;
	return NO_PACKET;
}

static int compare(const void *a, const void *b)
{
	const struct remark *x = a, *y = b;

	if (x->packet != y->packet)
		return x->packet < y->packet ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* After the last event: the remarks are there, in the order of their packets. */
void remark_settle(struct remarks *r)
{
	for (size_t i = 0; i < END_BUCKETS; i++)
		for (struct end *end = r->ends[i]; end; end = end->next)
			settle(r, end);
	if (r->count)
		qsort(r->remark, r->count, sizeof(*r->remark), compare);
}

void remark_free(struct remarks *r)
{
	for (size_t i = 0; i < END_BUCKETS; i++) {
		struct end *next;

		for (struct end *end = r->ends[i]; end; end = next) {
			next = end->next;
			free(end->pending);
			free(end->sent);
			free(end);
		}
	}
	for (size_t i = 0; i < r->count; i++)
		free(r->remark[i].text);
	free(r->remark);
}
