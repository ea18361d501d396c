// SPDX-License-Identifier: GPL-2.0
/*
 * observe.c - what the core reports to its host: transitions and counts.
 *
 * A transition sets sk->sk_state, which fires the kernel's tracepoint
 * sock:inet_sock_set_state; it is counted for /proc/net/ttp/states, and noted for
 * /proc/net/ttp/history; and it is an event of netlink's group "state", and the tracepoint
 * ttp:state.
 *
 * Called by the core, as core/queue.h says.
 * Context: whatever guards the connection is held.
 *
 * Next: events.c for events, history.c, trace.h for tracepoints, walk.c for a look at all
 * connections.
 */
#include <net/snmp.h>

#include "ttp.h"
#include "see/history.h"
#include "see/trace.h"

static struct ttp_ep *ep_of(struct ttp_conn *conn)
{
	switch ((enum ttp_kind)conn->kind) {
	case TTP_KIND_SOCK:
		return &ttp_sk_of(ttp_tcb_of(conn))->ep;
	case TTP_KIND_REQUEST:
		return &container_of(conn, struct ttp_req, req.conn)->mini.ep;
	case TTP_KIND_TIMEWAIT:
		return &container_of(conn, struct ttp_tw, tw.conn)->mini.ep;
	case TTP_KIND_NONE:
		break;
	}
	return NULL;
}

void ttp_observe_state(struct ttp_conn *conn, u8 from, const struct ttp_cause *cause)
{
	struct ttp_ep *ep = ep_of(conn);
	struct ttp_net *tn;

	BUILD_BUG_ON(TTP_ESTABLISHED != (int)TCP_ESTABLISHED || TTP_CLOSING != (int)TCP_CLOSING);
	if (!ep)
		return;
	/* ttp_sock_done() sets CLOSED, after the error of which CLOSED tells the user.
	 * TIME_WAIT is never set: to the kernel's network code a sock in that
	 * state is a struct inet_timewait_sock.
	 */
	if (conn->kind == TTP_KIND_SOCK &&
	    !ttp_fsm_in(conn->state, BIT(TTP_CLOSED) | BIT(TTP_TIME_WAIT)))
		inet_sk_set_state(ttp_ep_sock(ep), conn->state);
	tn = ep->tn;
	if (cause->row >= 0 && cause->row < TTP_TRANSITIONS_MAX)
		SNMP_INC_STATS(tn->taken, cause->row);
	if (unlikely(READ_ONCE(tn->cfg.history)))
		ttp_history_note(tn, ep, from, cause);
	trace_state(ep, from, cause);
	if (unlikely(ttp_netlink_watched(tn) & BIT(TTP_GROUP_STATE)))
		ttp_netlink_state(ep, from, cause);
}

void ttp_count(struct ttp_conn *conn, enum ttp_mib mib)
{
	struct ttp_ep *ep = ep_of(conn);

	if (ep)
		ttp_mib_inc(ep->tn, mib);
}
