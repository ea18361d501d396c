// SPDX-License-Identifier: GPL-2.0
/*
 * segments.c - libFuzzer: a connection in any state, then segments, calls and
 * timers in any order.
 *
 * An input is a program: two bytes for the options, one for the state to start
 * in, then an operation and its operands again and again.  The peer may send
 * anything; so that inputs reach deep, some operations send what an honest peer
 * might, with one number wrong.  After each the invariants of the TCB must hold,
 * and what is sent must break no rule of the oracle, whatever the peer does.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "build.h"
#include "count.h"
#include "oracle.h"
#include "queue.h"

#define OLD	8	/* segments remembered, to come again */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
const char *__asan_default_options(void);

/* Records live for microseconds: where each was allocated is not worth a tenth
 * of the time.
 */
const char *__asan_default_options(void)
{
	return "malloc_context_size=2:quarantine_size_mb=16";
}

/* no story, unless one is asked for: libFuzzer keeps the input */
static bool loud;

void test_story(const char *fmt, ...)
{
	va_list ap;

	if (!loud)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void test_forget(void)
{
}

static const u8 *in, *in_end;
static struct oracle oracle;
static struct ttp_seg old[OLD];
static u32 nold;

static u8 byte(void)
{
	return in < in_end ? *in++ : 0;
}

static u32 word(void)
{
	u32 v = (u32)byte() << 24;

	v |= byte() << 16;
	v |= byte() << 8;
	return v | byte();
}

static void come(struct ttp_tcb *tcb, const struct ttp_seg *seg)
{
	struct ttp_verdict v;

	old[nold++ % OLD] = *seg;
	segments_played++;
	arrive(tcb, *seg, &v);
}

static u32 near(u32 a, u32 b, u32 c)
{
	u8 how = byte();
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

/* Anything, near the numbers that matter */
static void wild_segment(struct ttp_tcb *tcb)
{
	u32 right = tcb->rcv.wup + tcb->rcv.wnd, i;
	u8 mix = byte();
	struct ttp_seg seg = {
		.sport = 7, .dport = 50000,
		.flags = byte(),
		.wnd = byte() << 8 | byte(),
	};

	seg.len = byte() * (byte() & 15);
	seg.seq = near(tcb->rcv.nxt, right, irs);
	seg.ack = near(tcb->snd.nxt, tcb->snd.una, iss);
	seg.ce = mix & 2;
	if (mix & 1) {
		seg.has_ts = true;
		seg.tsval = tcb->opt.ts_recent + (mix & 2 ? 1 : mix & 4 ? -1 : 0);
		seg.tsecr = mix & 8 ? word() : ttp_rtt_tsval(&tcb->opt, now) - (mix >> 4);
	}
	if (mix & 0x20)
		seg.flags |= TTP_ACK;
	if (mix & 0xc0)
		seg.flags &= ~(TTP_SYN | TTP_RST);
	if (seg.flags & TTP_SYN) {
		seg.mss = mix & 0x10 ? byte() : 1000;
		seg.sack_permitted = mix & 4;
		seg.has_wscale = mix & 8;
		seg.wscale = byte() % 15;
	} else {
		seg.nsack = (mix >> 2) % (TTP_SACK_MAX + 1);
		for (i = 0; i < seg.nsack; i++) {
			seg.sack[i].left = near(tcb->snd.una, tcb->snd.nxt, iss);
			seg.sack[i].right = near(tcb->snd.nxt, tcb->snd.una, seg.sack[i].left);
		}
	}
	come(tcb, &seg);
}

/* What an honest peer might send now. */
static struct ttp_seg honest(struct ttp_tcb *tcb, u8 flags, u32 len)
{
	struct ttp_seg seg = from_peer(tcb, flags, len);

	if (tcb->conn.state == TTP_SYN_SENT) {
		seg.seq = irs;
		seg.flags |= TTP_SYN;
		seg.mss = BUILD_MSS;
	}
	seg.wnd = min(BUILD_WND >> tcb->opt.snd_wscale, 0xffffU);
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now);
	seg.tsval = tcb->opt.ts_recent + 1;
	return seg;
}

/* Data, in order or some segments ahead; perhaps a FIN, CWR, a mark */
static void honest_text(struct ttp_tcb *tcb, u8 how)
{
	struct ttp_seg seg = honest(tcb, TTP_ACK, 1 + byte() * 4);

	seg.seq += (how & 3) * BUILD_MSS;
	seg.ce = (how & 0x1c) == 4;
	seg.flags |= (how & 0x1c) == 8 ? TTP_CWR : 0;
	seg.flags |= (how & 0x1c) == 12 ? TTP_FIN : 0;
	seg.flags |= (how & 0x1c) == 16 ? TTP_ECE : 0;
	seg.flags |= TTP_PSH;
	come(tcb, &seg);
}

/* An ACK of all, of some, of nothing new with SACK, with some window */
static void honest_ack(struct ttp_tcb *tcb, u8 how)
{
	struct ttp_seg seg = honest(tcb, TTP_ACK, 0);
	u32 out = tcb->snd.nxt - tcb->snd.una, mss = max(tcb->snd.mss, 1U), i, b;

	if (how & 3)
		seg.ack = tcb->snd.una + min(((how & 3) - 1) * mss, out);
	if (how & 4)
		seg.wnd = byte() << (how & 8 ? 8 : 0);
	if (how & 16)
		seg.tsecr -= byte();
	for (i = 0; how & 32 && tcb->opt.sack_ok && i < 1 + (how >> 3) % 3; i++) {
		b = byte();
		seg.sack[i].left = tcb->snd.una + (b & 15) * mss;
		seg.sack[i].right = seg.sack[i].left + (1 + (b >> 4)) * mss;
		seg.sack[i].right = seq_min(seg.sack[i].right, tcb->snd.nxt);
		seg.nsack++;
	}
	come(tcb, &seg);
}

static void again(struct ttp_tcb *tcb, u8 how)
{
	struct ttp_seg seg;
	struct ttp_verdict v;

	if (!nold)
		return;
	seg = old[how % min_t(u32, nold, OLD)];
	if (how & 32)
		seg.len /= 2;
	segments_played++;
	arrive(tcb, seg, &v);
}

static void abort_or_mtu(struct ttp_tcb *tcb)
{
	struct ttp_verdict v;
	u32 how = byte(), was = tcb->snd.mss;

	if (how == 99) {
		ttp_verdict_init(&v);
		ttp_user_abort(tcb, TTP_BY_USER, "ABORT", ECONNABORTED, now, &v);
		return;
	}
	ttp_send_mss(tcb, 100 + how * 10);
	/* it may have risen before, unseen by the oracle */
	oracle.mss = 0;
	oracle.mss_changed = true;
	if (tcb->snd.mss < was)
		ttp_recovery_too_big(tcb);
}

static void write_some(struct ttp_tcb *tcb)
{
	u32 n = 1 + byte() * 16;

	if (!ttp_user_send(tcb) && tcb->snd.end - tcb->snd.una < 40000 && port_write(tcb, n))
		oracle.more = tcb->snd.more;
}

static void call(struct ttp_tcb *tcb, u8 which)
{
	struct ttp_verdict v;

	switch (which % 8) {
	case 0:
	case 1:
		write_some(tcb);
		break;
	case 2:
		if (port_read(tcb, 1 + byte() * 32) == ~0U)
			abort();
		ttp_user_read(tcb);
		break;
	case 3:
		ttp_user_shutdown(tcb, now);
		break;
	case 4:
		if (byte() & 1)
			ttp_user_close(tcb, byte() == 7, now, &v);
		break;
	case 5:
		abort_or_mtu(tcb);
		break;
	case 6:
		which = byte();
		tcb->asked.nodelay = which & 1;
		tcb->snd.more = which & 2;
		tcb->asked.cork = which & 4;
		tcb->snd.burst = tcb->snd.mss * (1 + (which >> 4));
		break;
	case 7:
		which = byte();
		tcb->asked.keep = (struct ttp_keep){ which & 1, 1 + (which >> 5), 1, 3, 0 };
		ttp_timer_keepalive(tcb, now);
		break;
	}
}

static void pass(struct ttp_tcb *tcb, u8 how)
{
	struct ttp_verdict v;

	if (how & 1) {
		expire(tcb, &v);
		return;
	}
	now += (how >> 1) * 4000;
	ttp_expire_timers(tcb, now, &v);
}

static void fail(const char *what)
{
	fflush(stdout);
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static struct host_work work;	/* when the last step was over */
static u64 walks;		/* how often there was a reason to walk until then */

/* A recovery was taken back, or the next lost record was looked for. */
static u64 reasons(const struct ttp_tcb *tcb)
{
	return host_counts[TTP_MIB_SPURIOUS] + tcb->total_retrans;
}

/* Looks at records that stay as they are are few, whatever comes (queue.h).  Only an
 * expired timer, a call, or reasons() may have it walk over the flight, once.
 */
static void check_work(struct ttp_tcb *tcb, bool may_walk)
{
	u64 looks = host_work.looks - work.looks, most = 40;
	struct ttp_txrec *rec;

	most += HOST_LOOKS * (host_work.changes - work.changes);
	may_walk |= reasons(tcb) != walks;
	for (rec = ttp_txq_first(tcb); may_walk && rec; rec = ttp_txq_next(tcb, rec))
		most += 2;
	if (looks > most)
		fail("too many records are looked at");
}

static void check(struct ttp_tcb *tcb, bool may_walk)
{
	const char *what;

	if (oracle.broken)
		fail(oracle.broken);
	if (tcb->conn.state == TTP_CLOSED || tcb->conn.state == TTP_TIME_WAIT)
		return;
	if (send_all(tcb) >= 1000)
		fail("ttp_send_next() never says no");
	check_work(tcb, may_walk);
	what = oracle_tcb(tcb) ?: host_order_wrong(tcb);
	if (what)
		fail(what);
	if (build_oracle)
		oracle_settled(&oracle, tcb, now);
	if (oracle.broken)
		fail(oracle.broken);
	work = host_work;
	walks = reasons(tcb);
}

static struct ttp_tcb *promoted(void)
{
	struct ttp_request *req = request();
	struct ttp_tcb *tcb;
	struct ttp_verdict v;
	struct ttp_seg seg = {
		.seq = near(irs + 1, irs, irs + BUILD_WND), .flags = byte() | TTP_ACK,
		.ack = near(iss + 1, iss, iss), .len = byte(), .wnd = BUILD_WND,
	}, copy = seg;

	segments_played++;
	ttp_passive_arrives(req, &seg, now, &v);
	if (!(v.todo & TTP_DO_PROMOTE))
		return NULL;
	tcb = closed_();
	ttp_passive_promote(req, tcb, now);
	arrive(tcb, copy, &v);
	if (tcb->conn.state == TTP_SYN_RCVD)
		fail("it would stay in SYN_RCVD: no timer runs");
	return tcb;
}

/* ESTABLISHED, with options that the input chooses */
static struct ttp_tcb *handshake(void)
{
	struct ttp_tcb *tcb = syn_sent();
	u8 how = byte();
	struct ttp_seg seg = {
		.seq = irs, .ack = iss + 1, .flags = TTP_SYN | TTP_ACK, .mss = BUILD_MSS,
		.wnd = byte() << 8 | 0xff, .sack_permitted = cfg.sack && how & 1,
		.has_ts = cfg.timestamps && how & 2, .tsval = 1000,
		.has_wscale = how & 4, .wscale = (how >> 4) % 15,
	};

	if (cfg.ecn && how & 8)
		seg.flags |= TTP_ECE;
	seg.tsecr = ttp_rtt_tsval(&tcb->opt, now);
	now += 10000;
	come(tcb, &seg);
	return tcb;
}

/* TCP Fast Open: what its oracle does not know of is only checked for consistency. */
static struct ttp_tcb *early(void)
{
	struct ttp_cookie cookie = { .len = byte() & 8 };
	struct ttp_verdict v;

	build_oracle = NULL;
	return early_child(byte() * 8, &cookie, &v);
}

static struct ttp_tcb *fast(void)
{
	struct ttp_cookie cookie = { .len = byte() & 8 };
	struct ttp_tcb *tcb = closed_();

	build_oracle = NULL;
	ttp_user_connect(tcb, iss, now);
	ttp_fastopen_connect(tcb, byte() & 1 ? NULL : &cookie, 48 + byte() * 8);
	port_write(tcb, 1 + byte() * 16);
	return tcb;
}

static struct ttp_tcb *start(void)
{
	static struct ttp_tcb *(*const builders[])(void) = {
		handshake, handshake, handshake, handshake, handshake, handshake,
		syn_sent, syn_rcvd, fin_wait_1, fin_wait_2, close_wait, closing, last_ack,
		promoted, early, fast, fast,
	};

	return builders[byte() % ARRAY_SIZE(builders)]();
}

static void any_time_wait(void)
{
	struct ttp_timewait *tw;
	struct ttp_verdict v;

	build_oracle = NULL;
	tw = time_wait();
	while (in < in_end && tw->conn.state == TTP_TIME_WAIT) {
		struct ttp_seg seg = {
			.seq = near(tw->rcv_nxt, irs, tw->rcv_nxt + tw->rcv_wnd),
			.ack = near(tw->snd_nxt, iss, tw->snd_nxt), .flags = byte(),
			.len = byte(), .has_ts = byte() & 1, .tsval = word(),
		};

		segments_played++;
		ttp_timewait_arrives(tw, &seg, now, &v);
		if (v.todo & (TTP_DO_REPLY | TTP_DO_RESET) && seg.flags & TTP_RST)
			fail("a RST is answered");
	}
}

/* Return: true if it is not a segment, which must not cost much. */
static bool operate(struct ttp_tcb *tcb)
{
	u8 op = byte();

	switch (op & 7) {
	case 0:
		wild_segment(tcb);
		break;
	case 1:
		honest_text(tcb, op >> 3);
		break;
	case 2:
	case 3:
		honest_ack(tcb, op >> 2);
		break;
	case 4:
		again(tcb, op >> 2);
		break;
	case 5:
		pass(tcb, op >> 3);
		break;
	case 6:
		call(tcb, op >> 3);
		break;
	case 7:
		write_some(tcb);
		break;
	}
	return (op & 7) == 5 || (op & 7) == 6;
}

static void begin(const u8 *data, size_t size)
{
	u8 mix, more;

	in = data;
	in_end = data + size;
	mix = byte();
	more = byte();
	build_reset(mix & 1 ? 0xffffffff - more * 16 : (u32)more << 24,
		    mix & 2 ? -more : 0x7fffffff - more * 8);
	cfg.sack = !!(mix & 4);
	cfg.timestamps = !!(mix & 8);
	cfg.ecn = !!(mix & 16);
	cfg.ack_every_second = more & 1;
	nold = 0;
	oracle_init(&oracle, &cfg);
	oracle.honest = false;
	oracle.late = true;
	build_oracle = &oracle;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ttp_tcb *tcb;

	loud = getenv("STORY");
	begin(data, size);
	if (size && data[0] >> 5 == 5) {
		any_time_wait();
		return 0;
	}
	tcb = start();
	if (!tcb)
		return 0;
	tcb->asked.user_timeout_ms = size > 2 && data[1] % 8 == 7 ? 2000 : 0;
	work = host_work;
	check(tcb, true);
	while (in < in_end && tcb->conn.state != TTP_CLOSED &&
	       tcb->conn.state != TTP_TIME_WAIT) {
		check(tcb, operate(tcb));
	}
	return 0;
}
