// SPDX-License-Identifier: GPL-2.0
/*
 * wire.c - what lies between the hosts: each sends over a line of its own, with a rate and a
 * queue before it, after which a packet travels for the line's delay.
 *
 * Called by host.c and scenario.c.  Next: fault.c for what is done on purpose.
 */
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "port.h"

#define HEADER_IP	20	/* bytes of a packet beside the segment */

static struct play_packet *new_packet(void)
{
	struct play_packet *p = play.packet;

	while (p < play.packet + play.npacket && p->at)
		p++;
	if (p == play.packet + PLAY_PACKETS)
		return NULL;
	if (p == play.packet + play.npacket)
		play.npacket++;
	memset(p, 0, sizeof(*p));
	return p;
}

void play_packet_free(struct play_packet *p)
{
	free(p->data);
	p->data = NULL;
	p->at = 0;
}

/* Packets that wait for the line now, and the one on it */
u32 play_queue(u8 from)
{
	struct play_packet *p;
	u32 n = 0;

	for (p = play.packet; p < play.packet + play.npacket; p++)
		n += p->at && p->from == from && p->leaves > play.now;
	return n;
}

/* How long the line needs for so many bytes, microseconds */
static u64 line_us(const struct play_line *line, u32 bytes)
{
	return line->rate_kbit ? div_u64(bytes * 8000ULL, line->rate_kbit) : 0;
}

/* The line takes a packet into its queue.  Return: false: it is full, or the packet is lost. */
static bool enter(struct play_line *line, struct play_packet *p)
{
	u32 queue = line->rate_kbit ? play_queue(p->from) : 0;

	if (line->loss_ppm && play_chance(1000000) < line->loss_ppm)
		return false;
	if (line->queue && queue > line->queue)
		return false;
	p->ce = line->mark && p->ect && queue >= line->mark;
	p->leaves = max(play.now, line->free_us) + line_us(line, HEADER_IP + p->hdrlen + p->len);
	line->free_us = p->leaves;
	p->at = p->leaves + line->delay_us;
	return true;
}

/**
 * play_put - a packet enters the wire
 * @from: host number of the sender
 * @to: of the receiver; one that is no host gets nothing
 * @seg: its header
 * @data: its data
 * @hold_us: it leaves so much later, and by no line: a fault has held it back
 *
 * Return: the packet, or NULL if it is lost.
 */
struct play_packet *play_put(u8 from, u8 to, const struct ttp_seg *seg, const u8 *data, u64 hold_us)
{
	struct play_packet *p = to < PLAY_HOSTS ? new_packet() : NULL;

	if (!p)
		return NULL;
	p->nth = ++play.nth;
	p->from = from;
	p->to = to;
	p->ect = seg->ect;
	p->sent = play.now;
	p->hdrlen = ttp_wire_write(seg, p->hdr);
	p->len = seg->len;
	if (from >= PLAY_HOSTS || hold_us)
		p->at = play.now + hold_us + play.host[!to].line.delay_us;
	else if (!enter(&play.host[from].line, p))
		return NULL;
	if (seg->len) {
		p->data = port_alloc(seg->len);
		memcpy(p->data, data, seg->len);
	}
	return p;
}

/* What a fault does to a packet that its host sends.  Return: it, or what else is sent. */
static struct play_packet *faulty(struct play_end *e, const struct ttp_conn *conn,
				  const struct ttp_seg *seg, const u8 *data,
				  const struct play_fault *f)
{
	struct play_packet *p;
	struct ttp_seg set = *seg;

	if (f->action == PLAY_DROP)
		return NULL;
	if (f->action == PLAY_SET)
		play_fault_set(f, conn->iss, conn->irs, &set);
	p = play_put(e->host, e->peer, &set, data,
		     f->action == PLAY_DELAY ? f->delay_ms * 1000ULL : 0);
	if (p && f->action == PLAY_DUPLICATE)
		play_put(e->host, e->peer, seg, data, 0);
	if (p && f->action == PLAY_CORRUPT)
		p->corrupt = true;
	if (p && f->action == PLAY_REORDER) {
		p->at += PLAY_REORDER_US;
		play.host[e->host].held = p;
	}
	return p;
}

/**
 * play_send - a host sends a segment
 * @e: the end that sends it
 * @conn: its connection, or NULL
 * @seg: the header, without the ports
 * @data: the data
 * @again: it was sent before
 */
void play_send(struct play_end *e, const struct ttp_conn *conn, const struct ttp_seg *seg,
	       const u8 *data, bool again)
{
	static const struct ttp_conn nobody = { .state = TTP_CLOSED };
	struct play_host *h = play_host(e);
	struct play_packet *held = h->held, *p;
	struct ttp_seg out = *seg;
	struct play_fault *f;
	char buf[PLAY_WORDS];

	out.sport = e->port;
	out.dport = e->peer_port;
	f = play_fault_find(h, true, &out, conn ?: &nobody);
	tell_segment(e, conn, true, &out, again, f ? play_fault_words(f, buf) : NULL, NULL);
	p = f ? faulty(e, conn ?: &nobody, &out, data, f) :
		play_put(e->host, e->peer, &out, data, 0);
	if (p && held) {
		if (h->held == held)
			h->held = NULL;
		held->at = p->at + 1;
	}
}
