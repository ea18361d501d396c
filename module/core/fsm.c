// SPDX-License-Identifier: GPL-2.0
/*
 * fsm.c - the state machine of RFC 9293 figure 5: eleven states and the
 * transitions that are legal between them.
 *
 * The table says which transitions exist.  Which segment, call or timer takes one is decided
 * in arrives.c, user.c, expire.c and others.
 *
 * Called by all of them: ttp_fsm_set_state() is the only place that writes a state.  see/ reads the
 * table.
 *
 * Next: user.c and passive.c for how a connection begins, arrives.c for how it goes on.
 */
#include "core.h"

#define USER	BIT(TTP_BY_USER)
#define SEGMENT	BIT(TTP_BY_SEGMENT)
#define TIMER	BIT(TTP_BY_TIMER)
#define ICMP	BIT(TTP_BY_ICMP)
#define KERNEL	BIT(TTP_BY_KERNEL)
/* RST, ABORT, a peer that does not answer, an ICMP error, the end of the namespace */
#define GIVE_UP	(USER | SEGMENT | TIMER | ICMP | KERNEL)

/*
 * Not here: LISTEN to SYN_SENT (SEND on a passive OPEN), which the socket
 * interface has no call for; FIN_WAIT_1 to TIME_WAIT in one step, because the
 * ACK of our FIN is processed before the peer's FIN in the same segment.
 */
const struct ttp_transition ttp_transitions[] = {
	{ TTP_CLOSED, TTP_LISTEN, TTP_BY_USER, USER, "passive OPEN", "3.10.1" },
	{ TTP_CLOSED, TTP_SYN_SENT, TTP_BY_USER, USER, "active OPEN", "3.10.1" },
	{ TTP_LISTEN, TTP_SYN_RCVD, TTP_BY_SEGMENT, SEGMENT, "SYN", "3.10.7.2" },
	{ TTP_LISTEN, TTP_CLOSED, TTP_BY_USER, USER | KERNEL, "CLOSE", "3.10.4" },
	{ TTP_SYN_SENT, TTP_ESTABLISHED, TTP_BY_SEGMENT, SEGMENT, "SYN,ACK", "3.10.7.3" },
	{ TTP_SYN_SENT, TTP_SYN_RCVD, TTP_BY_SEGMENT, SEGMENT, "SYN", "3.10.7.3" },
	{ TTP_SYN_SENT, TTP_CLOSED, TTP_BY_SEGMENT, GIVE_UP, "CLOSE, RST, timeout", "3.10.4-8" },
	{ TTP_SYN_RCVD, TTP_ESTABLISHED, TTP_BY_SEGMENT, SEGMENT, "ACK of SYN", "3.10.7.4" },
	{ TTP_SYN_RCVD, TTP_LISTEN, TTP_BY_SEGMENT, SEGMENT, "RST", "3.10.7.4" },
	{ TTP_SYN_RCVD, TTP_FIN_WAIT_1, TTP_BY_USER, USER, "CLOSE", "3.10.4" },
	{ TTP_SYN_RCVD, TTP_CLOSED, TTP_BY_SEGMENT, GIVE_UP, "RST, timeout", "3.10.7-8" },
	{ TTP_ESTABLISHED, TTP_FIN_WAIT_1, TTP_BY_USER, USER, "CLOSE", "3.10.4" },
	{ TTP_ESTABLISHED, TTP_CLOSE_WAIT, TTP_BY_SEGMENT, SEGMENT, "FIN", "3.10.7.4" },
	{ TTP_ESTABLISHED, TTP_CLOSED, TTP_BY_SEGMENT, GIVE_UP, "ABORT, RST, timeout", "3.10.5-8" },
	{ TTP_FIN_WAIT_1, TTP_FIN_WAIT_2, TTP_BY_SEGMENT, SEGMENT, "ACK of FIN", "3.10.7.4" },
	{ TTP_FIN_WAIT_1, TTP_CLOSING, TTP_BY_SEGMENT, SEGMENT, "FIN", "3.10.7.4" },
	{ TTP_FIN_WAIT_1, TTP_CLOSED, TTP_BY_SEGMENT, GIVE_UP, "ABORT, RST, timeout", "3.10.5-8" },
	{ TTP_FIN_WAIT_2, TTP_TIME_WAIT, TTP_BY_SEGMENT, SEGMENT, "FIN", "3.10.7.4" },
	{ TTP_FIN_WAIT_2, TTP_CLOSED, TTP_BY_SEGMENT, GIVE_UP, "ABORT, RST, timeout", "3.10.5-8" },
	{ TTP_CLOSE_WAIT, TTP_LAST_ACK, TTP_BY_USER, USER, "CLOSE", "3.10.4" },
	{ TTP_CLOSE_WAIT, TTP_CLOSED, TTP_BY_SEGMENT, GIVE_UP, "ABORT, RST, timeout", "3.10.5-8" },
	{ TTP_CLOSING, TTP_TIME_WAIT, TTP_BY_SEGMENT, SEGMENT, "ACK of FIN", "3.10.7.4" },
	{ TTP_CLOSING, TTP_CLOSED, TTP_BY_SEGMENT, GIVE_UP, "ABORT, RST, timeout", "3.10.5-8" },
	{ TTP_LAST_ACK, TTP_CLOSED, TTP_BY_SEGMENT, GIVE_UP, "ACK of FIN", "3.10.7.4" },
	{ TTP_TIME_WAIT, TTP_CLOSED, TTP_BY_TIMER, SEGMENT | TIMER | KERNEL, "2 MSL", "3.10.8" },
};

const unsigned int ttp_ntransitions = ARRAY_SIZE(ttp_transitions);

static const char *const names[TTP_ST_MAX] = {
	[TTP_ESTABLISHED] = "ESTABLISHED",
	[TTP_SYN_SENT] = "SYN_SENT",
	[TTP_SYN_RCVD] = "SYN_RCVD",
	[TTP_FIN_WAIT_1] = "FIN_WAIT_1",
	[TTP_FIN_WAIT_2] = "FIN_WAIT_2",
	[TTP_TIME_WAIT] = "TIME_WAIT",
	[TTP_CLOSED] = "CLOSED",
	[TTP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TTP_LAST_ACK] = "LAST_ACK",
	[TTP_LISTEN] = "LISTEN",
	[TTP_CLOSING] = "CLOSING",
};

/**
 * ttp_fsm_name - a state's name in RFC 9293, with underscores
 * @state: enum ttp_st
 *
 * Return: a static string; "?" for a number that is no state.
 */
const char *ttp_fsm_name(u8 state)
{
	return state && state < TTP_ST_MAX ? names[state] : "?";
}

/**
 * ttp_fsm_find - look up a transition
 * @from: state before
 * @to: state after
 *
 * Return: its index in ttp_transitions[], or -1 if there is none.
 */
int ttp_fsm_find(u8 from, u8 to)
{
	static u8 known[TTP_ST_MAX][TTP_ST_MAX];	/* row + 1, once it was found */
	bool valid = from < TTP_ST_MAX && to < TTP_ST_MAX;
	u8 row = valid ? READ_ONCE(known[from][to]) : 0;
	unsigned int i;

	if (row)
		return row - 1;
	for (i = 0; i < ttp_ntransitions; i++) {
		if (ttp_transitions[i].from != from || ttp_transitions[i].to != to)
			continue;
		WRITE_ONCE(known[from][to], i + 1);
		return i;
	}
	return -1;
}

/**
 * ttp_fsm_section - where RFC 9293 says that a transition is taken
 * @from: state before
 * @to: state after
 * @kind: enum ttp_by: what took it
 *
 * Return: one section's number, or %NULL where the RFC has none.
 */
const char *ttp_fsm_section(u8 from, u8 to, u8 kind)
{
	int i = ttp_fsm_find(from, to);

	if (i >= 0 && ttp_transitions[i].by == BIT(kind))
		return ttp_transitions[i].section;
	switch ((enum ttp_by)kind) {
	case TTP_BY_USER:
		return from == TTP_SYN_SENT || from == TTP_LISTEN ? "3.10.4" : "3.10.5";
	case TTP_BY_SEGMENT:
		return from == TTP_SYN_SENT ? "3.10.7.3" : "3.10.7.4";
	case TTP_BY_TIMER:
		return "3.10.8";
	case TTP_BY_ICMP:
		return "3.9.2.2";
	case TTP_BY_KERNEL:
		break;
	}
	return NULL;
}

/**
 * ttp_fsm_set_state - take a connection from one state to another
 * @conn: the connection, in any of its three kinds
 * @to: the new state
 * @kind: enum ttp_by
 * @what: the cause in words
 * @seg: the segment that caused it, or %NULL
 *
 * An illegal transition is a bug of TTP: it warns, and is taken all the same.
 */
void ttp_fsm_set_state(struct ttp_conn *conn, u8 to, u8 kind, const char *what,
		       const struct ttp_seg *seg)
{
	u8 from = conn->state;
	struct ttp_cause cause = {
		.kind = kind, .what = what, .seg = seg, .row = ttp_fsm_find(from, to),
	};

	WARN_ON_ONCE(cause.row < 0 || !(ttp_transitions[cause.row].by & BIT(kind)));
	WRITE_ONCE(conn->state, to);	/* bind() of others and ICMP ask without its lock */

	if (to == TTP_CLOSED || to == TTP_LISTEN) {
		if (ttp_fsm_in(from, BIT(TTP_SYN_SENT) | BIT(TTP_SYN_RCVD)))
			ttp_count(conn, TTP_MIB_ATTEMPT_FAILS);
		if (ttp_fsm_in(from, BIT(TTP_ESTABLISHED) | BIT(TTP_CLOSE_WAIT)))
			ttp_count(conn, TTP_MIB_ESTAB_RESETS);
	}
	ttp_observe_state(conn, from, &cause);
}
