// SPDX-License-Identifier: GPL-2.0
/*
 * What an end of a connection has sent and got -> events, with the states of RFC
 * 9293's machine that follow from it.
 *
 * A call is seen by what it sends: a SYN is the active OPEN, a FIN is CLOSE.  What
 * sends nothing is not seen: when TIME_WAIT ended, or that a program gave up.  Of a
 * connection that was there before its capture, the state is not known before both
 * its ends have sent data.
 *
 * Called by join.c.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/base.h"
#include "capture/join.h"

struct step {
	struct track *track;
	const struct event *seg;	/* the segment, as the event of this end */
	infer_fn fn;
	void *arg;
	struct event late[4];		/* changes that follow the segment's event */
	int n_late;
};

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Only what says whose event it is. */
static void keep_whose(struct event *ev)
{
	static const uint16_t attrs[] = {
		TTP_A_TIME_NS, TTP_A_ID, TTP_A_NETNS, TTP_A_FAMILY, TTP_A_SADDR, TTP_A_DADDR,
		TTP_A_SPORT, TTP_A_DPORT
	};

	memset(ev->has, 0, sizeof(ev->has));
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		event_set(ev, attrs[i]);
}

static void set_cause_segment(struct event *ev)
{
	static const uint16_t attrs[] = {
		TTP_A_FLAGS, TTP_A_SEQ, TTP_A_SEG_LEN, TTP_A_SEG_WND
	};

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		event_set(ev, attrs[i]);
	if (ev->seg.flags & SEG_ACK)
		event_set(ev, TTP_A_ACK);
}

/*
 * A change of state.  What an arrival causes follows it; all else precedes what is
 * sent.
 */
static void change(struct step *s, uint8_t to, uint8_t kind, const char *cause,
		   const char *section)
{
	bool arrival = s->seg->seg.direction == TTP_DIRECTION_IN;
	struct event ev = *s->seg;

	ev.kind = EVENT_STATE;
	keep_whose(&ev);
	if (arrival)
		set_cause_segment(&ev);
	ev.state.from = s->track->state;
	ev.state.now = to;
	ev.state.cause_kind = kind;
	event_set(&ev, TTP_A_FROM);
	event_set(&ev, TTP_A_STATE);
	event_set(&ev, TTP_A_CAUSE_KIND);
	snprintf(ev.state.cause, sizeof(ev.state.cause), "%s", cause);
	event_set(&ev, TTP_A_CAUSE);
	snprintf(ev.state.section, sizeof(ev.state.section), "%s", section);
	event_set(&ev, TTP_A_SECTION);
	s->track->state = to;
	if (!arrival)
		s->fn(&ev, s->arg);
	else if (s->n_late < (int)ARRAY_SIZE(s->late))
		s->late[s->n_late++] = ev;
}

static void by_user(struct step *s, uint8_t to, const char *cause, const char *section)
{
	change(s, to, TTP_CAUSE_KIND_USER, cause, section);
}

static void by_segment(struct step *s, uint8_t to, const char *cause, const char *section)
{
	change(s, to, TTP_CAUSE_KIND_SEGMENT, cause, section);
}

/* The peer's FIN is the next that was expected. */
static void take_fin(struct step *s)
{
	struct track *t = s->track;

	if (!t->fin_heard || t->fin_taken || before(t->rcv_nxt, t->peer_fin))
		return;
	t->fin_taken = true;
	if (t->state == TTP_STATE_ESTABLISHED)
		by_segment(s, TTP_STATE_CLOSE_WAIT, "FIN", "3.10.7.4");
	else if (t->state == TTP_STATE_FIN_WAIT_1)
		by_segment(s, TTP_STATE_CLOSING, "FIN", "3.10.7.4");
	else if (t->state == TTP_STATE_FIN_WAIT_2)
		by_segment(s, TTP_STATE_TIME_WAIT, "FIN", "3.10.7.4");
}

static void note_options(struct syn_options *to, const struct event *syn)
{
	to->has_wscale = event_has(syn, TTP_A_OPT_WSCALE);
	to->wscale = syn->seg.opt.wscale > 14 ? 14 : syn->seg.opt.wscale;
	to->mss = syn->seg.opt.mss;
}

static void send_syn(struct step *s)
{
	struct track *t = s->track;

	if (!t->has_iss) {
		t->has_iss = true;
		t->iss = s->seg->seg.seq;
		t->una = t->iss;
		t->nxt = t->iss;
		t->sent = true;
	}
	note_options(&t->own, s->seg);
	if (t->state)
		return;
	if (s->seg->seg.flags & SEG_ACK) {
		t->state = TTP_STATE_SYN_RCVD;	/* the SYN was not captured */
		return;
	}
	t->state = TTP_STATE_CLOSED;
	by_user(s, TTP_STATE_SYN_SENT, "active OPEN", "3.10.1");
}

static void send_fin(struct step *s, uint32_t fin)
{
	struct track *t = s->track;

	if (t->fin_sent)
		return;
	t->fin_sent = true;
	t->fin = fin;
	if (t->state == TTP_STATE_ESTABLISHED || t->state == TTP_STATE_SYN_RCVD)
		by_user(s, TTP_STATE_FIN_WAIT_1, "CLOSE", "3.10.4");
	else if (t->state == TTP_STATE_CLOSE_WAIT)
		by_user(s, TTP_STATE_LAST_ACK, "CLOSE", "3.10.4");
}

/* One that answers what cannot be taken changes nothing; it has the number that was asked for. */
static void send_rst(struct step *s)
{
	struct track *t = s->track;
	uint32_t seq = s->seg->seg.seq;

	if (!t->state || t->state == TTP_STATE_CLOSED || t->state == TTP_STATE_TIME_WAIT ||
	    t->state == TTP_STATE_SYN_SENT || !t->sent || before(seq, t->una) ||
	    before(t->nxt, seq))
		return;
	by_user(s, TTP_STATE_CLOSED, "ABORT", "3.10.5");
}

/* Both have data to send: neither has sent its FIN, or the capture had it. */
static void note_data(struct track *t)
{
	if (!t->state && t->data_sent && t->data_heard && !t->fin_sent && !t->fin_heard)
		t->state = TTP_STATE_ESTABLISHED;
}

/* One byte before what is to be sent next, so that the peer answers. */
static bool is_probe(const struct track *t, const struct event *ev)
{
	return t->sent && ev->seg.len <= 1 && !(ev->seg.flags & (SEG_SYN | SEG_FIN | SEG_RST)) &&
	       ev->seg.seq == t->nxt - 1 && t->una == t->nxt;
}

static void note_sent(struct track *t, struct event *ev, uint32_t end)
{
	uint32_t seq = ev->seg.seq;

	if (is_probe(t, ev)) {
		ev->seg.purpose = t->has_wnd && !t->wnd ? TTP_PURPOSE_ZERO_WINDOW_PROBE :
							  TTP_PURPOSE_KEEPALIVE;
		event_set(ev, TTP_A_PURPOSE);
		return;
	}
	if (t->sent && end != seq && before(seq, t->nxt))
		event_set(ev, TTP_A_RETRANSMISSION);
	if (!t->sent) {
		t->sent = true;
		t->una = seq;
		t->nxt = seq;
	}
	if (before(t->nxt, end))
		t->nxt = end;
}

static uint32_t behind(const struct event *ev)
{
	return ev->seg.seq + ev->seg.len + !!(ev->seg.flags & SEG_SYN) +
	       !!(ev->seg.flags & SEG_FIN);
}

static void on_sent(struct step *s, struct event *ev)
{
	struct track *t = s->track;

	if (ev->seg.flags & SEG_RST) {
		send_rst(s);
		return;
	}
	/* what it acknowledges it has taken, whatever became of that here */
	if (ev->seg.flags & SEG_ACK && (!t->heard || before(t->rcv_nxt, ev->seg.ack))) {
		t->heard = true;
		t->rcv_nxt = ev->seg.ack;
		take_fin(s);
	}
	if (ev->seg.flags & SEG_SYN)
		send_syn(s);
	if (ev->seg.flags & SEG_FIN)
		send_fin(s, behind(ev));
	note_sent(t, ev, behind(ev));
	if (ev->seg.len)
		t->data_sent = true;
	note_data(t);
}

static void get_rst(struct step *s)
{
	const struct event *ev = s->seg;
	struct track *t = s->track;

	if (t->state == TTP_STATE_SYN_SENT) {
		if (ev->seg.flags & SEG_ACK && before(t->una, ev->seg.ack) &&
		    !before(t->nxt, ev->seg.ack))
			by_segment(s, TTP_STATE_CLOSED, "RST", "3.10.7.3");
		return;
	}
	if (!t->state || t->state == TTP_STATE_CLOSED || t->state == TTP_STATE_TIME_WAIT ||
	    (t->heard && ev->seg.seq != t->rcv_nxt))
		return;
	if (t->state == TTP_STATE_SYN_RCVD && t->passive)
		by_segment(s, TTP_STATE_LISTEN, "RST", "3.10.7.4");
	else
		by_segment(s, TTP_STATE_CLOSED, "RST", "3.10.7.4");
}

/* @answered: this end has sent a SYN,ACK, so that it was in LISTEN */
static void get_syn(struct step *s, bool answered)
{
	const struct event *ev = s->seg;
	struct track *t = s->track;

	if (t->has_irs)
		return;
	note_options(&t->peer, ev);
	t->has_irs = true;
	t->irs = ev->seg.seq;
	t->rcv_nxt = t->irs + 1;
	t->heard = true;
	if (ev->seg.flags & SEG_ACK)
		return;
	if (!t->state && answered) {
		t->passive = true;
		t->state = TTP_STATE_LISTEN;
		by_segment(s, TTP_STATE_SYN_RCVD, "SYN", "3.10.7.2");
	} else if (t->state == TTP_STATE_SYN_SENT) {
		by_segment(s, TTP_STATE_SYN_RCVD, "SYN", "3.10.7.3");
	}
}

static void get_ack(struct step *s)
{
	const struct event *ev = s->seg;
	struct track *t = s->track;

	if (!t->sent) {
		t->sent = true;
		t->una = ev->seg.ack;
		t->nxt = ev->seg.ack;
	}
	if (before(t->nxt, ev->seg.ack))
		return;
	if (before(t->una, ev->seg.ack))
		t->una = ev->seg.ack;
	if (t->state == TTP_STATE_SYN_SENT && ev->seg.flags & SEG_SYN && before(t->iss, t->una))
		by_segment(s, TTP_STATE_ESTABLISHED, "SYN,ACK", "3.10.7.3");
	if (t->state == TTP_STATE_SYN_RCVD && t->has_iss && before(t->iss, t->una))
		by_segment(s, TTP_STATE_ESTABLISHED, "ACK of SYN", "3.10.7.4");
	if (!t->fin_sent || before(t->una, t->fin))
		return;
	if (t->state == TTP_STATE_FIN_WAIT_1)
		by_segment(s, TTP_STATE_FIN_WAIT_2, "ACK of FIN", "3.10.7.4");
	else if (t->state == TTP_STATE_CLOSING)
		by_segment(s, TTP_STATE_TIME_WAIT, "ACK of FIN", "3.10.7.4");
	else if (t->state == TTP_STATE_LAST_ACK)
		by_segment(s, TTP_STATE_CLOSED, "ACK of FIN", "3.10.7.4");
}

/* What does not fit is forgotten: the end's own ACK will say that it was taken. */
static void add_range(struct track *t, uint32_t begin, uint32_t end)
{
	int i = 0;

	while (i < t->n_ranges && before(t->range[i].begin, begin))
		i++;
	if (t->n_ranges == RANGES_MAX)
		return;
	memmove(&t->range[i + 1], &t->range[i], (t->n_ranges - i) * sizeof(t->range[0]));
	t->range[i].begin = begin;
	t->range[i].end = end;
	t->n_ranges++;
}

/* Ranges that begin where RCV.NXT is, or before, move it. */
static void take_ranges(struct track *t)
{
	int n = 0;

	while (n < t->n_ranges && !before(t->rcv_nxt, t->range[n].begin)) {
		if (before(t->rcv_nxt, t->range[n].end))
			t->rcv_nxt = t->range[n].end;
		n++;
	}
	t->n_ranges -= n;
	memmove(t->range, t->range + n, t->n_ranges * sizeof(t->range[0]));
}

static void get_data(struct step *s)
{
	const struct event *ev = s->seg;
	struct track *t = s->track;
	uint32_t begin = ev->seg.seq + !!(ev->seg.flags & SEG_SYN);

	if (!t->heard) {
		t->heard = true;
		t->rcv_nxt = begin;
	}
	if (ev->seg.flags & SEG_FIN && !t->fin_heard) {
		t->fin_heard = true;
		t->peer_fin = behind(ev);
	}
	if (ev->seg.flags & SEG_SYN || begin == behind(ev))
		return;
	add_range(t, begin, behind(ev));
	take_ranges(t);
	take_fin(s);
}

static void on_arrival(struct step *s, bool answered)
{
	const struct event *ev = s->seg;
	struct track *t = s->track;

	if (ev->seg.flags & SEG_RST) {
		get_rst(s);
		return;
	}
	if (ev->seg.flags & SEG_SYN)
		get_syn(s, answered);
	if (ev->seg.flags & SEG_ACK)
		get_ack(s);
	get_data(s);
	if (ev->seg.len)
		t->data_heard = true;
	note_data(t);
}

static void set_whose(struct event *ev, const struct talk *talk, int end)
{
	static const uint16_t attrs[] = {
		TTP_A_TIME_NS, TTP_A_ID, TTP_A_NETNS, TTP_A_FAMILY, TTP_A_SADDR, TTP_A_DADDR,
		TTP_A_SPORT, TTP_A_DPORT, TTP_A_DIRECTION
	};
	const struct flow *flow = talk->flow;

	ev->who.id = 2 * talk->number + end + 1;
	ev->who.netns = end == talk->local ? 1 : 2;
	ev->who.family = flow->addr[end].len == 16 ? AF_INET6 : AF_INET;
	ev->who.saddr = flow->addr[end];
	ev->who.daddr = flow->addr[!end];
	ev->who.sport = flow->port[end];
	ev->who.dport = flow->port[!end];
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		event_set(ev, attrs[i]);
}

/* Offload: a packet that is larger than what goes into one segment. */
static void set_segments(struct event *ev, uint16_t mss)
{
	uint32_t most = mss;

	if (event_has(ev, TTP_A_OPT_TSVAL))
		most = most > 12 ? most - 12 : 0;
	if (!most || ev->seg.len <= most || ev->seg.len / most >= UINT16_MAX)
		return;
	ev->seg.segs = (ev->seg.len + most - 1) / most;
	event_set(ev, TTP_A_SEGS);
}

static bool is_scaled(const struct track *t)
{
	return t->own.has_wscale && t->peer.has_wscale;
}

static void set_window(struct track *t, const struct event *ev)
{
	bool scaled = is_scaled(t) && !(ev->seg.flags & SEG_SYN);

	if (ev->seg.flags & SEG_RST)
		return;
	t->has_wnd = true;
	t->wnd = (uint32_t)ev->seg.wnd << (scaled ? t->peer.wscale : 0);
}

/* What is known of SND and RCV. */
static void set_variables(struct event *ev, const struct track *t)
{
	if (t->has_iss) {
		ev->snd.iss = t->iss;
		event_set(ev, TTP_A_ISS);
	}
	if (t->has_irs) {
		ev->rcv.irs = t->irs;
		event_set(ev, TTP_A_IRS);
	}
	if (t->sent) {
		ev->snd.una = t->una;
		ev->snd.nxt = t->nxt;
		event_set(ev, TTP_A_SND_UNA);
		event_set(ev, TTP_A_SND_NXT);
	}
	if (t->heard) {
		ev->rcv.nxt = t->rcv_nxt;
		event_set(ev, TTP_A_RCV_NXT);
	}
	if (t->has_wnd) {
		ev->snd.wnd = t->wnd;
		event_set(ev, TTP_A_SND_WND);
	}
	if (is_scaled(t)) {
		ev->snd.wscale = t->peer.wscale;
		ev->rcv.wscale = t->own.wscale;
		event_set(ev, TTP_A_SND_WSCALE);
		event_set(ev, TTP_A_RCV_WSCALE);
	}
	if (t->state) {
		ev->state.now = t->state;
		event_set(ev, TTP_A_STATE);
	}
}

/*
 * A segment that an end has sent, or got.  Segments of an end come in the order of
 * their times.
 * @frame: with its time as the recording is to have it, and the namespace's name
 * @fn: is called for each event
 */
void infer_segment(struct talk *talk, int end, bool sent, const struct frame *frame, infer_fn fn,
		   void *arg)
{
	struct track *t = &talk->track[end];
	struct event ev = frame->ev;
	struct step s = { .track = t, .seg = &ev, .fn = fn, .arg = arg };

	ev.time_ns = frame->time_ns;
	ev.seg.direction = sent ? TTP_DIRECTION_OUT : TTP_DIRECTION_IN;
	set_whose(&ev, talk, end);
	if (sent) {
		on_sent(&s, &ev);
		set_segments(&ev, t->peer.mss);
	} else {
		on_arrival(&s, talk->answered[end]);
		set_window(t, &ev);
		set_segments(&ev, t->own.mss);
	}
	set_variables(&ev, t);
	fn(&ev, arg);
	for (int i = 0; i < s.n_late; i++)
		fn(&s.late[i], arg);
}
