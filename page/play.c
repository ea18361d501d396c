// SPDX-License-Identifier: GPL-2.0
/*
 * play.c - the run: whatever comes next happens, in virtual time.
 *
 * Of what is for the same time a line of the scenario comes first, then packets in the order in
 * which they were sent, then programs that these have woken, then timers.  A program waits while
 * one packet comes behind the other, as a kernel has it.
 *
 * Called by main.c and page.c.  Next: host.c.
 */
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "queue.h"

#define BEHIND_US	10	/* a packet comes behind another */

struct play play;

/* xorshift64*: the same on every machine */
u32 play_chance(u32 of)
{
	play.seed ^= play.seed >> 12;
	play.seed ^= play.seed << 25;
	play.seed ^= play.seed >> 27;
	return (u32)((play.seed * 2685821657736338717ULL) >> 32) % of;
}

/* Begin anew, with nothing. */
void play_reset(void)
{
	static const struct ttp_config defaults = { TTP_CONFIG_LIST(TTP_CONFIG_DEFAULT) };
	struct play_packet *p;
	struct play_end *e;
	u32 i;

	for (e = play.end; e < play.end + play.nend; e++)
		play_forget(e);
	for (p = play.packet; p < play.packet + play.npacket; p++)
		play_packet_free(p);
	for (i = 0; i < play.ninput; i++)
		free(play.input[i].words);
	memset(&play, 0, sizeof(play));
	play.now = PLAY_START_US;
	play.seed = 1;
	host_any_data = true;	/* what is forged, or what a fault puts elsewhere */
	for (i = 0; i < PLAY_HOSTS; i++) {
		play.host[i] = (struct play_host){
			.cfg = defaults, .mss = 1460, .rcvbuf = 65535, .sndbuf = 65536,
			.port = i ? PLAY_PORT : 50000, .reads = true, .cong = &ttp_reno,
			.line.delay_us = 10000,
		};
		/* each packet is one segment, and each is seen; so is each ACK */
		play.host[i].cfg.offload = 0;
		play.host[i].cfg.comp_sack_nr = 0;
	}
	tell_begin();
}

static struct play_packet *next_packet(void)
{
	struct play_packet *p, *first = NULL;

	for (p = play.packet; p < play.packet + play.npacket; p++)
		if (p->at && (!first || p->at < first->at ||
			      (p->at == first->at && p->nth < first->nth)))
			first = p;
	return first;
}

static struct play_end *next_timer(void)
{
	struct play_end *e, *first = NULL;
	u64 at, best = ~0ULL;

	for (e = play.end; e < play.end + play.nend; e++) {
		at = play_end_at(e);
		if (at && at < best) {
			best = at;
			first = e;
		}
	}
	return first;
}

/* @p: the next packet, or NULL.  Return: whose program runs next, or NULL */
static struct play_end *next_program(const struct play_packet *p)
{
	struct play_end *e = play.end;

	if (p && p->at <= play.now + BEHIND_US)
		return NULL;
	while (e < play.end + play.nend && !e->wakes)
		e++;
	return e < play.end + play.nend ? e : NULL;
}

/* When something happens next, microseconds; ~0: never. */
u64 play_next(void)
{
	struct play_packet *p = next_packet();
	struct play_end *e = next_timer();
	u64 acts = play.next_input < play.ninput ? play.input[play.next_input].at : ~0ULL;

	if (next_program(p) && !play.ended)
		return play.now;
	return play.ended ? ~0ULL : min(acts, min(p ? p->at : ~0ULL, e ? play_end_at(e) : ~0ULL));
}

/**
 * play_step - what comes next happens
 * @until: but not if it is later than this, microseconds
 *
 * Return: false if nothing has happened.
 */
bool play_step(u64 until)
{
	struct play_packet *p = next_packet();
	struct play_end *e = next_timer(), *runs = next_program(p);
	u64 at = play_next();

	if (at == ~0ULL || at > until)
		return false;
	play.now = max(play.now, at);
	where_begin();
	if (play.next_input < play.ninput && play.input[play.next_input].at <= at) {
		play_input();
	} else if (p && p->at <= at) {
		play_arrives(p);
		play_packet_free(p);
	} else if (runs) {
		play_program(runs);
	} else {
		play_timer(e);
	}
	return true;
}
