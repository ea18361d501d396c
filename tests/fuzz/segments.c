// SPDX-License-Identifier: GPL-2.0
/*
 * segments.c - libFuzzer: a connection in any state, then segments, calls and
 * timers in any order.
 *
 * The peer may send anything; numbers are mostly near those that matter, or no
 * segment would get past the first step.  Nothing may crash, no transition be
 * illegal, no sum wrong, no wait without a timer, no octet read twice.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "build.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* no story: libFuzzer keeps the input */
void test_story(const char *fmt, ...)
{
}

void test_forget(void)
{
}

static const u8 *in, *in_end;

static u8 octet(void)
{
	return in < in_end ? *in++ : 0;
}

static u32 word(void)
{
	u32 v = (u32)octet() << 24;

	v |= octet() << 16;
	v |= octet() << 8;
	return v | octet();
}

static u32 near(u32 a, u32 b, u32 c)
{
	u8 how = octet();
	s32 delta = (how & 0x3f) - 0x20;

	if (how & 0x20)
		delta *= 100;
	switch (how >> 6) {
	case 0:
		return a + delta;
	case 1:
		return b + delta;
	case 2:
		return c + delta;
	}
	return (how & 0x38) ? a : word();
}

static void segment(struct ttp_tcb *tcb)
{
	u32 right = tcb->rcv.wup + tcb->rcv.wnd, i;
	struct ttp_verdict v;
	struct ttp_seg seg = {
		.sport = 7, .dport = 50000,
		.flags = octet(),
		.wnd = octet() << 8 | octet(),
		.len = octet() * (octet() & 15),
	};

	seg.seq = near(tcb->rcv.nxt, right, irs);
	seg.ack = near(tcb->snd.nxt, tcb->snd.una, iss);
	i = octet();
	if (i & 1) {
		seg.has_ts = true;
		seg.tsval = tcb->opt.ts_recent + (i & 2 ? 1 : i & 4 ? -1 : 0);
		seg.tsecr = i & 8 ? word() : ttp_rtt_tsval(&tcb->opt, now) - (i >> 4);
	}
	if (seg.flags & TTP_SYN) {
		seg.mss = i & 0x10 ? octet() : 1000;
		seg.sack_permitted = i & 0x20;
		seg.has_wscale = i & 0x40;
		seg.wscale = octet() % 15;
	} else {
		seg.nsack = (i >> 5) % (TTP_SACK_MAX + 1);
		for (i = 0; i < seg.nsack; i++) {
			seg.sack[i].left = near(tcb->snd.una, tcb->snd.nxt, iss);
			seg.sack[i].right = near(tcb->snd.nxt, tcb->snd.una, seg.sack[i].left);
		}
	}
	/* most segments have an ACK, few a SYN or RST */
	if (i & 3)
		seg.flags |= TTP_ACK;
	if (octet() & 3)
		seg.flags &= ~(TTP_SYN | TTP_RST);
	arrive(tcb, seg, &v);
}

static void call(struct ttp_tcb *tcb, u8 which)
{
	struct ttp_verdict v;
	u32 n;

	switch (which % 8) {
	case 0:
	case 1:
		n = 1 + octet() * (octet() & 31);
		if (!ttp_user_send(tcb) && tcb->snd.end - tcb->snd.una < 60000)
			port_write(tcb, n);
		break;
	case 2:
	case 3:
		if (port_read(tcb, 1 + octet() * 16) == ~0U)
			abort();
		ttp_user_read(tcb);
		break;
	case 4:
		ttp_user_shutdown(tcb, now);
		break;
	case 5:
		if (octet() & 1)
			ttp_user_close(tcb, octet() == 7, now, &v);
		break;
	case 6:
		if (octet() == 99) {
			ttp_verdict_init(&v);
			ttp_user_abort(tcb, TTP_BY_USER, "ABORT", ECONNABORTED, &v);
		}
		ttp_send_mss(tcb, 100 + octet() * 10);
		break;
	case 7:
		tcb->nodelay = octet() & 1;
		tcb->snd.more = octet() & 1;
		tcb->snd.burst = tcb->snd.mss * (1 + octet() % 8);
		break;
	}
}

static void check(struct ttp_tcb *tcb)
{
	bool fin = tcb->snd.fin_queued && tcb->snd.fin.flags & TTP_TX_SENT;
	bool waiting = ttp_txq_unsent(tcb) || (tcb->snd.fin_queued && !fin);

	if (tcb->conn.state == TTP_CLOSED || tcb->conn.state == TTP_TIME_WAIT)
		return;
	if (!sums_right(tcb) || seq_gt(tcb->snd.una, tcb->snd.nxt) ||
	    seq_gt(tcb->snd.nxt, tcb->snd.end + fin) ||
	    seq_gt(tcb->rcv.read, tcb->rcv.nxt))
		abort();
	if (tcb->snd.una != tcb->snd.nxt && !tcb->deadline[TTP_TM_RTX])
		abort();
	if (tcb->snd.una == tcb->snd.nxt && waiting &&
	    ttp_fsm_in(tcb->conn.state, TTP_SYNCHRONIZED) &&
	    !tcb->deadline[TTP_TM_RTX] && !tcb->deadline[TTP_TM_PERSIST] &&
	    !tcb->deadline[TTP_TM_RETRY])
		abort();
}

static struct ttp_tcb *promoted(void)
{
	struct ttp_request *req = request();
	struct ttp_tcb *tcb;
	struct ttp_verdict v;
	struct ttp_seg seg = {
		.seq = near(irs + 1, irs, irs + BUILD_WND), .flags = octet() | TTP_ACK,
		.ack = near(iss + 1, iss, iss), .len = octet(), .wnd = BUILD_WND,
	};

	ttp_passive_arrives(req, &seg, now, &v);
	if (!(v.todo & TTP_DO_PROMOTE))
		return NULL;
	tcb = closed_();
	ttp_passive_promote(req, tcb, now);
	arrive(tcb, seg, &v);
	if (tcb->conn.state == TTP_SYN_RCVD)
		abort();	/* it would stay there: no timer runs */
	return tcb;
}

static struct ttp_tcb *start(void)
{
	static struct ttp_tcb *(*const builders[])(void) = {
		syn_sent, syn_rcvd, established, established, fin_wait_1, fin_wait_2,
		close_wait, closing, last_ack, promoted,
	};

	return builders[octet() % ARRAY_SIZE(builders)]();
}

static void any_time_wait(void)
{
	struct ttp_timewait *tw = time_wait();
	struct ttp_verdict v;

	while (in < in_end && tw->conn.state == TTP_TIME_WAIT) {
		struct ttp_seg seg = {
			.seq = near(tw->rcv_nxt, irs, tw->rcv_nxt + tw->rcv_wnd),
			.ack = near(tw->snd_nxt, iss, tw->snd_nxt), .flags = octet(),
			.len = octet(), .has_ts = octet() & 1, .tsval = word(),
		};

		ttp_timewait_arrives(tw, &seg, now, &v);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ttp_tcb *tcb;
	struct ttp_verdict v;
	u8 mix;

	in = data;
	in_end = data + size;
	mix = octet();
	build_reset(mix & 1 ? 0xffffffff - octet() : word(), mix & 2 ? -octet() : word());
	cfg.sack = !!(mix & 4);
	cfg.timestamps = !!(mix & 8);
	if ((mix >> 4) == 5) {
		any_time_wait();
		return 0;
	}
	tcb = start();
	if (!tcb)
		return 0;
	while (in < in_end && tcb->conn.state != TTP_CLOSED &&
	       tcb->conn.state != TTP_TIME_WAIT) {
		u8 op = octet();

		switch (op & 3) {
		case 0:
		case 1:
			segment(tcb);
			break;
		case 2:
			call(tcb, op >> 2);
			break;
		case 3:
			now += (op >> 2) * 5000;
			if (op & 0x80)
				expire(tcb, &v);
			else
				ttp_timer_expired(tcb, now, &v);
			break;
		}
		if (tcb->conn.state == TTP_TIME_WAIT)
			break;
		if (send_all(tcb) >= 1000)
			abort();
		check(tcb);
	}
	return 0;
}
