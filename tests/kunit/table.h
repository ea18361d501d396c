/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - SEGMENT ARRIVES (RFC 9293 3.10.7) as a table: what every kind of
 * segment does in every state.  t_arrives.c runs it.
 */
#ifndef _TTP_TABLE_H
#define _TTP_TABLE_H

#include "check.h"

/* The eleven states; SYN_RCVD comes in two, with a TCB (after SYN_SENT) and
 * without (after LISTEN).
 */
enum {
	CLOSED_ = BIT(0), LISTEN = BIT(1), SYN_SENT = BIT(2), PASSIVE = BIT(3),
	SYN_RCVD = BIT(4), ESTABLISHED = BIT(5), FIN_WAIT_1 = BIT(6),
	FIN_WAIT_2 = BIT(7), CLOSE_WAIT = BIT(8), CLOSING = BIT(9),
	LAST_ACK = BIT(10), TIME_WAIT = BIT(11),
	NSTATES = 12
};

/* Segments: what is not said is right.  nxt is RCV.NXT, "good" is SND.NXT; in
 * LISTEN and CLOSED, where there are no such numbers, any will do.  Where
 * nothing is said of the ACK, a segment acknowledges our SYN, not our FIN.
 */
#define KINDS(X)							\
	X(NO_FLAGS)		/* at nxt */				\
	X(ACK_ALL)		/* at nxt, ack good: of our FIN if there is one */ \
	X(ACK_OLD)		/* ack SND.UNA */			\
	X(ACK_TOO_OLD)		/* ack below SND.UNA - MAX.SND.WND */	\
	X(ACK_TOO_NEW)		/* ack good + 1 */			\
	X(ACK_BELOW)		/* at nxt - 1: keepalive or window probe */ \
	X(ACK_BEYOND)		/* beyond the window's right edge */	\
	X(SYN)			/* the first SYN again */		\
	X(SYN_ECN)		/* the same, asking for ECN: ECE and CWR */ \
	X(SYN_AT_NXT)		/* in the window */			\
	X(SYN_ABOVE)		/* at nxt + 1000 */			\
	X(SYN_FAR)		/* beyond the window */			\
	X(SYN_TEXT)		/* the SYN, with data that passes nxt */ \
	X(SYN_FIN)		/* the SYN with a FIN */		\
	X(SYN_ACK)		/* at the peer's ISS, ack good */	\
	X(SYN_ACK_BAD)		/* the same, ack our ISS */		\
	X(SYN_ACK_TEXT)		/* with data */				\
	X(SYN_ACK_FIN)		/* with data and FIN */			\
	X(RESET)		/* at nxt, no ACK */			\
	X(RESET_ACK)		/* at nxt, ack good */			\
	X(RESET_BAD_ACK)	/* at nxt, ack good + 1 */		\
	X(RESET_IN_WINDOW)	/* at nxt + 1 */			\
	X(RESET_OUTSIDE)	/* beyond the window */			\
	X(RESET_BELOW)		/* at nxt - 1 */			\
	X(RESET_ACROSS)		/* data from below nxt to above it */	\
	X(TEXT)			/* at nxt */				\
	X(TEXT_NO_ACK)							\
	X(TEXT_BAD_ACK)		/* ack good + 1 */			\
	X(TEXT_GAP)		/* above nxt */				\
	X(TEXT_OVERLAP)		/* from below nxt to above it */	\
	X(TEXT_BELOW)		/* ends at nxt */			\
	X(TEXT_BEYOND)		/* begins at the window's right edge */	\
	X(TEXT_EDGE)		/* reaches over the right edge */	\
	X(FIN)			/* at nxt */				\
	X(FIN_ACK_ALL)		/* at nxt, ack good */			\
	X(FIN_NO_ACK)							\
	X(FIN_AGAIN)		/* at nxt - 1 */			\
	X(FIN_GAP)		/* above nxt */				\
	X(FIN_BEYOND)		/* beyond the window's right edge */	\
	X(FIN_TEXT)		/* at nxt, after data */		\
	X(FIN_TEXT_GAP)		/* after data above nxt */

enum kind {
#define X(k) K_##k,
	KINDS(X)
#undef X
	NKINDS
};

/* What is sent in answer. */
enum answer {
	NOTHING,
	ACK,		/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
	SYNACK,		/* <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK> */
	RST,		/* 3.10.7.1: in the window of whoever sent it */
};

#define SAME	0	/* the state does not change */

/**
 * struct row - one or several cells of the table
 * @kind: which segment
 * @states: where
 * @to: the state after it, or %SAME
 * @answer: what is sent
 * @todo: of TTP_DO_*, what goes beyond sending
 * @drop: the counter of the rule that dropped it
 * @err: what the user is told
 */
struct row {
	u8 kind;
	u16 states;
	u8 to;
	u8 answer;
	u32 todo;
	enum ttp_mib drop;
	int err;
};

extern const struct row table[];
extern const unsigned int nrows;

#endif
