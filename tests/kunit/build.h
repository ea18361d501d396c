/* SPDX-License-Identifier: GPL-2.0 */
/*
 * build.h - a connection in any state, in one line.
 *
 * Each builder walks there by calls and segments, never by writing the state;
 * whatever was to be sent on the way is sent, and forgotten.  The result is
 * the test's one connection: build_reset() frees it.
 */
#ifndef _TTP_BUILD_H
#define _TTP_BUILD_H

#include "check.h"
#include "oracle.h"
#include "port.h"

#define BUILD_WND	8000U	/* what either side advertises, about */
#define BUILD_MSS	1000U

extern struct ttp_config cfg;	/* set to defaults by build_reset() */
extern u64 now;			/* the tests' clock */
extern u32 iss, irs;		/* of the next connection built */
extern struct oracle *build_oracle;	/* judges what is sent, unless NULL */

void build_reset(u32 our_iss, u32 peer_iss);

struct ttp_tcb *closed_(void);
struct ttp_tcb *closed_with(u32 rcvbuf);	/* bytes of data */
struct ttp_tcb *syn_sent(void);
struct ttp_tcb *syn_rcvd(void);
struct ttp_tcb *established(void);
struct ttp_tcb *no_probes(struct ttp_tcb *tcb);	/* as of a peer without SACK */
struct ttp_tcb *fin_wait_1(void);
struct ttp_tcb *fin_wait_2(void);
struct ttp_tcb *close_wait(void);
struct ttp_tcb *closing(void);
struct ttp_tcb *last_ack(void);
struct ttp_request *request(void);
struct ttp_timewait *time_wait(void);
/* A child that begins by a SYN alone (TCP Fast Open), which has so much data; in SYN_RCVD. */
struct ttp_tcb *early_child(u32 len, const struct ttp_cookie *cookie, struct ttp_verdict *v);

/* A segment from the peer arrives, with data when seg.len is set. */
void arrive(struct ttp_tcb *tcb, struct ttp_seg seg, struct ttp_verdict *v);
/* What the peer would send now: next in order, acknowledging all. */
struct ttp_seg from_peer(const struct ttp_tcb *tcb, u8 flags, u32 len);
/* Send the next segment; false when there is none. */
bool send_one(struct ttp_tcb *tcb, struct ttp_out *out);
/* Send all there is.  Return: how many segments. */
u32 send_all(struct ttp_tcb *tcb);
/* Let the first timer expire.  Return: which, or TTP_TM_MAX. */
enum ttp_tm expire(struct ttp_tcb *tcb, struct ttp_verdict *v);
/* Are the scoreboard's sums what a count of the records gives? */
bool sums_right(struct ttp_tcb *tcb);

#endif
