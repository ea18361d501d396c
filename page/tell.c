// SPDX-License-Identifier: GPL-2.0
/*
 * tell.c - what happens, as ttp record writes it: one JSON object a line (ttp-record(8)).  So the
 * page of ttp report draws it, and ttp ladder -r and the rest read it.  And how things
 * are now, for the page's hosts and timers.
 *
 * Called by the core, through core/queue.h, and by the other files here.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "play.h"

static struct {
	char *text;
	size_t len, room;
	u32 events;
} told;

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	va_list args;
	int n;

	if (told.room - told.len < 1024) {
		told.room = 2 * told.room + 65536;
		told.text = realloc(told.text, told.room);
		if (!told.text)
			abort();
	}
	va_start(args, fmt);
	n = vsnprintf(told.text + told.len, told.room - told.len, fmt, args);
	va_end(args);
	told.len += n;
}

const char *tell_text(void)
{
	return told.text ?: "";
}

u32 tell_events(void)
{
	return told.events;
}

/* What was told has been read. */
void tell_forget(void)
{
	told.len = 0;
	if (told.text)
		told.text[0] = '\0';
}

void tell_begin(void)
{
	tell_forget();
	told.events = 0;
	say("{\"event\":\"recording\",\"namespaces\":%u,\"time_ns\":%llu}\n", PLAY_HOSTS,
	    PLAY_START_US * 1000ULL);
}

static void address(const char *which, u8 host)
{
	say("\"%saddr\":\"10.0.0.%u\",", which, host + 1);
}

static void who(const struct play_end *e, const struct ttp_conn *conn, const char *event)
{
	say("{\"event\":\"%s\",\"ns\":\"%c\",\"time_ns\":%llu,", event, 'A' + e->host,
	    (unsigned long long)play.now * 1000);
	if (conn && conn->id)
		say("\"id\":%llu,", (unsigned long long)conn->id);
	say("\"netns\":%u,\"family\":\"inet\",", e->host + 1);
	if (e->is == LISTENER)
		say("\"saddr\":\"0.0.0.0\",");
	else
		address("s", e->host);
	say("\"sport\":%u,", e->port);
	if (e->is == LISTENER)
		say("\"daddr\":\"0.0.0.0\",");
	else
		address("d", e->peer);
	say("\"dport\":%u", e->peer_port);
}

static void flags(u8 flags)
{
	static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR" };
	static const u8 order[] = { 1, 0, 2, 3, 4, 5, 6, 7 };
	const char *comma = "";
	u32 i;

	say(",\"flags\":\"");
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (!(flags & BIT(order[i])))
			continue;
		say("%s%s", comma, names[order[i]]);
		comma = ",";
	}
	say("\"");
}

static void header(const struct ttp_seg *seg)
{
	flags(seg->flags);
	say(",\"seq\":%u", seg->seq);
	if (seg->flags & TTP_ACK)
		say(",\"ack\":%u", seg->ack);
	say(",\"seg_len\":%u,\"seg_wnd\":%u", seg->len, seg->wnd);
}

static void options(const struct ttp_seg *seg)
{
	u32 i;

	if (seg->flags & TTP_URG)
		say(",\"seg_up\":%u", seg->up);
	if (seg->mss)
		say(",\"opt_mss\":%u", seg->mss);
	if (seg->has_wscale)
		say(",\"opt_wscale\":%u", seg->wscale);
	if (seg->sack_permitted)
		say(",\"opt_sack_permitted\":true");
	if (seg->has_ts)
		say(",\"opt_tsval\":%u,\"opt_tsecr\":%u", seg->tsval, seg->tsecr);
	if (!seg->nsack)
		return;
	say(",\"opt_sack\":[");
	for (i = 0; i < seg->nsack; i++)
		say("%s[%u,%u]", i ? "," : "", seg->sack[i].left, seg->sack[i].right);
	say("]");
}

static void block(const struct ttp_tcb *tcb)
{
	say(",\"iss\":%u,\"irs\":%u,\"snd_una\":%u,\"snd_nxt\":%u,\"snd_wnd\":%u,\"rcv_nxt\":%u,"
	    "\"rcv_wnd\":%u,\"cwnd\":%u,\"ssthresh\":%u,\"in_flight\":%u,\"srtt_us\":%u,"
	    "\"rto_us\":%u", tcb->conn.iss, tcb->conn.irs, tcb->snd.una, tcb->snd.nxt,
	    tcb->snd.wnd, tcb->rcv.nxt, ttp_tcb_rcv_window(tcb), ttp_flow_cwnd(tcb),
	    ttp_flow_ssthresh(tcb), ttp_send_in_flight(tcb), tcb->srtt_us, ttp_rtt_rto(tcb));
}

static const char *purpose(const struct ttp_seg *seg)
{
	static const char *const words[] = {
		[TTP_WHY_RTO] = "RTO",
		[TTP_WHY_FAST_RETRANSMIT] = "fast retransmit",
		[TTP_WHY_LOSS_PROBE] = "tail loss probe",
		[TTP_WHY_ZERO_WINDOW_PROBE] = "zero window probe",
		[TTP_WHY_KEEPALIVE] = "keepalive",
		[TTP_WHY_DUPLICATE_ACK] = "duplicate ACK",
		[TTP_WHY_WINDOW_UPDATE] = "window update",
		[TTP_WHY_CHALLENGE_ACK] = "challenge ACK",
		[TTP_WHY_MTU_PROBE] = "MTU probe",
	};

	return words[seg->why];
}

static const char *mib_name(enum ttp_mib mib)
{
#define NAME(id, name) [TTP_MIB_##id] = name,
	static const char *const names[] = { TTP_MIB_LIST(NAME) };
#undef NAME

	return names[mib];
}

/**
 * tell_segment - a segment leaves, or has arrived
 * @e: the end
 * @conn: its connection; NULL: it has none
 * @out: it leaves
 * @seg: its header
 * @again: it was sent before
 * @fault: what is done to it on purpose, or NULL
 * @v: what became of one that has arrived, or NULL
 */
void tell_segment(const struct play_end *e, const struct ttp_conn *conn, bool out,
		  const struct ttp_seg *seg, bool again, const char *fault,
		  const struct ttp_verdict *v)
{
	who(e, conn, "segment");
	say(",\"state\":\"%s\",\"direction\":\"%s\"",
	    conn ? ttp_fsm_name(conn->state) : e->is == LISTENER ? "LISTEN" : "CLOSED",
	    out ? "out" : "in");
	header(seg);
	options(seg);
	if (again)
		say(",\"retransmission\":true");
	if (out && seg->why)
		say(",\"purpose\":\"%s\"", purpose(seg));
	/* what is answered is not said to be dropped (see/events.c) */
	if (v && v->drop != TTP_MIB_NONE && !v->answer)
		say(",\"drop\":\"%s\"", mib_name(v->drop));
	if (v && v->answer)
		say(",\"answer\":\"%s\"", v->answer);
	if (fault)
		say(",\"fault\":\"%s\"", fault);
	if (e->tcb)
		block(e->tcb);
	say("}\n");
	where_event(told.events++);
}

static struct play_end *end_of(const struct ttp_conn *conn)
{
	struct play_end *e;

	for (e = play.end; e < play.end + play.nend; e++)
		if (e->is != FREE && e->conn == conn)
			return e;
	return NULL;
}

/* The core reports a change of state. */
void ttp_observe_state(struct ttp_conn *conn, u8 from, const struct ttp_cause *cause)
{
	static const char *const kinds[] = {
		[TTP_BY_USER] = "user", [TTP_BY_SEGMENT] = "segment", [TTP_BY_TIMER] = "timer",
		[TTP_BY_ICMP] = "icmp", [TTP_BY_KERNEL] = "kernel",
	};
	const char *section = ttp_fsm_section(from, conn->state, cause->kind);
	struct play_end *e = end_of(conn);

	if (!e)
		return;
	who(e, conn, "state");
	say(",\"from\":\"%s\",\"state\":\"%s\",\"cause_kind\":\"%s\",\"cause\":\"%s\"",
	    ttp_fsm_name(from), ttp_fsm_name(conn->state), kinds[cause->kind], cause->what);
	if (section)
		say(",\"section\":\"%s\"", section);
	if (cause->seg)
		header(cause->seg);
	say("}\n");
	where_event(told.events++);
}

void ttp_count(struct ttp_conn *conn, enum ttp_mib mib)
{
	struct play_end *e = end_of(conn);

	if (e)
		play_host(e)->count[mib]++;
}

/* ---- how things are ---- */

static void timers(const struct play_end *e)
{
	static const char *const names[] = {
		[TTP_TM_RTX] = "retransmission", [TTP_TM_PERSIST] = "zero-window-probe",
		[TTP_TM_DELACK] = "delayed-ack", [TTP_TM_FIN_WAIT_2] = "FIN_WAIT_2",
		[TTP_TM_REORDER] = "reorder", [TTP_TM_PROBE] = "loss-probe",
		[TTP_TM_KEEPALIVE] = "keepalive", [TTP_TM_RETRY] = "retry", [TTP_TM_PACE] = "pacing",
		[TTP_TM_USER] = "user-timeout",
	};
	const char *comma = "";
	u32 i;

	say(",\"timers\":{");
	for (i = 0; e->tcb && i < TTP_TM_MAX; i++) {
		if (!e->tcb->deadline[i])
			continue;
		say("%s\"%s\":%llu", comma, names[i], (unsigned long long)e->tcb->deadline[i]);
		comma = ",";
	}
	if (!e->tcb && e->at)
		say("\"%s\":%llu", e->is == TIME_WAIT ? "TIME_WAIT" : "retransmission",
		    (unsigned long long)e->at);
	say("}");
}

static void end_now(const struct play_end *e)
{
	who(e, e->conn, "socket");
	say(",\"state\":\"%s\"", ttp_fsm_name(e->conn->state));
	if (e->tcb) {
		block(e->tcb);
		say(",\"wqueue\":%u,\"rqueue\":%u,\"to_write\":%u,\"congestion\":\"%s\"",
		    seq_lt(e->tcb->snd.una, e->tcb->snd.end) ? e->tcb->snd.end - e->tcb->snd.una : 0,
		    e->tcb->rcv.nxt - e->tcb->rcv.read - (e->tcb->rcv.nxt == e->tcb->rcv.fin + 1 &&
							  e->tcb->rcv.fin_seen),
		    e->to_write, e->tcb->cong_ops->name);
	}
	say(",\"user\":%s", e->user ? "true" : "false");
	timers(e);
	say("}");
}

static void packet_now(const struct play_packet *p)
{
	struct ttp_seg seg;

	if (ttp_wire_parse(p->hdr, p->hdrlen, p->hdrlen + p->len, &seg))
		return;
	say("{\"from\":%u,\"to\":%u,\"sent\":%llu,\"at\":%llu", p->from, p->to,
	    (unsigned long long)p->sent, (unsigned long long)p->at);
	header(&seg);
	say("}");
}

static void host_now(const struct play_host *h)
{
	u32 i, n = 0;

	say("{\"queue\":%u,\"faults\":[", play_queue(h - play.host));
	for (i = 0; i < PLAY_FAULTS; i++) {
		const struct play_fault *f = &h->fault[i];

		if (f->used)
			say("%s{\"number\":%u,\"words\":\"%s\",\"hits\":%u}", n++ ? "," : "",
			    i + 1, f->words, f->hits);
	}
	say("],\"stats\":{");
	for (i = n = 0; i < TTP_MIB_MAX; i++)
		if (h->count[i])
			say("%s\"%s\":%u", n++ ? "," : "", mib_name(i), h->count[i]);
	say("}}");
}

/* How the ends, the wire and the hosts are; a page asks for it, so it is one object. */
void tell_now(void)
{
	const struct play_packet *p;
	const struct play_end *e;
	u32 n = 0, i;

	say("{\"now\":%llu,\"ends\":[", (unsigned long long)play.now);
	for (e = play.end; e < play.end + play.nend && n < PLAY_SHOWN; e++) {
		if (e->is == FREE)
			continue;
		say("%s", n++ ? "," : "");
		end_now(e);
	}
	say("],\"packets\":[");
	n = 0;
	for (p = play.packet; p < play.packet + play.npacket && n < PLAY_SHOWN; p++) {
		if (!p->at)
			continue;
		say("%s", n++ ? "," : "");
		packet_now(p);
	}
	say("],\"hosts\":[");
	for (i = 0; i < PLAY_HOSTS; i++) {
		say("%s", i ? "," : "");
		host_now(&play.host[i]);
	}
	say("]}\n");
}
