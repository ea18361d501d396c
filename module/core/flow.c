// SPDX-License-Identifier: GPL-2.0
/*
 * flow.c - struct ttp_flow: what a connection has once data or a FIN goes, in either direction.
 * One that is open and silent, as most of a busy server's are, does without it.
 *
 * It is there before data or a FIN is sent, or data is received.  So what works with data finds
 * it; what sees other segments, too (ack.c, send.c), asks whether it is there: if not, nothing
 * was ever sent but a SYN, and ACKs.
 *
 * Called by user.c, arrives.c and fastopen.c, cong/registry.c, and by host/memory.c before the
 * user's first data.
 * Next: cong.c, rack.c, rate.c, autotune.c, mtu.c for what is in it.
 */
#include "core.h"

/* Both SYNs are known, so the handshake is over, or nearly: what was negotiated is known. */
void ttp_flow_start(struct ttp_tcb *tcb, u64 now)
{
	if (!tcb->flow)
		return;
	ttp_mtu_begin(tcb, now);
	ttp_cong_begin(&tcb->flow->cong, tcb->snd.mss, tcb->route.init_cwnd);
	if (tcb->snd.syn_lost)
		tcb->flow->cong.cwnd = tcb->snd.mss;
}

/**
 * ttp_flow_begin - data is to go for the first time
 * @tcb: any state, without a flow
 * @flow: zeroed; the TCB's from now on
 * @now: microseconds
 */
void ttp_flow_begin(struct ttp_tcb *tcb, struct ttp_flow *flow, u64 now)
{
	flow->cong.ops = tcb->cong_ops;
	flow->cong.mss = tcb->snd.mss;
	flow->cong.cwnd = ttp_flow_cwnd(tcb);
	flow->cong.ssthresh = TTP_SSTHRESH_INFINITE;
	ttp_rack_init(&flow->rack, tcb->snd.una);
	if (tcb->srtt_us)	/* the handshake's */
		ttp_rtt_least(&flow->rack, tcb->srtt_us, tcb->last_data_us ?: now, tcb->cfg);
	smp_store_release(&tcb->flow, flow);	/* others read it without a lock */
	if (!ttp_fsm_in(tcb->conn.state, BIT(TTP_CLOSED) | BIT(TTP_LISTEN) | BIT(TTP_SYN_SENT)))
		ttp_flow_start(tcb, now);
}

/**
 * ttp_flow_need - data or a FIN is to go
 * @tcb: any state
 * @now: microseconds
 * @must: the user waits, and there will be memory
 *
 * Context: with @must, process: it may sleep.
 * Return: false when there is no memory for it.
 */
bool ttp_flow_need(struct ttp_tcb *tcb, u64 now, bool must)
{
	struct ttp_flow *flow;

	if (tcb->flow)
		return true;
	flow = ttp_flow_alloc(must);
	if (!flow)
		return false;
	ttp_flow_begin(tcb, flow, now);
	return true;
}

/* The congestion control algorithm is another from now on. */
void ttp_flow_change_cong(struct ttp_tcb *tcb, const struct ttp_cong_ops *ops)
{
	if (tcb->flow)
		ttp_cong_change(&tcb->flow->cong, ops);
	tcb->cong_ops = ops;
}

/**
 * ttp_flow_cwnd - the congestion window
 * @tcb: any state
 *
 * Return: bytes; the initial window while nothing was sent.
 */
u32 ttp_flow_cwnd(const struct ttp_tcb *tcb)
{
	if (tcb->flow)
		return tcb->flow->cong.cwnd;
	return tcb->snd.syn_lost ? tcb->snd.mss :
				   ttp_cong_window(tcb->snd.mss, tcb->route.init_cwnd);
}
