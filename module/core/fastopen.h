/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fastopen.h - TCP Fast Open (RFC 7413): what a TCB has of it, and the functions of fastopen.c.
 *
 * Next: fastopen.c.
 */
#ifndef _TTP_CORE_FASTOPEN_H
#define _TTP_CORE_FASTOPEN_H

#include "shim.h"

struct ttp_out;
struct ttp_seg;
struct ttp_tcb;
struct ttp_verdict;

#define TTP_COOKIE_MIN	4	/* bytes of a Fast Open cookie (RFC 7413 4.1.1) */
#define TTP_COOKIE_MAX	16

/* A cookie of TCP Fast Open, opaque to who carries it */
struct ttp_cookie {
	u8 len;		/* 0: none; in a SYN, the client asks for one */
	u8 val[TTP_COOKIE_MAX];
};

/* Why data did not go with the SYN; numbers of enum tcp_fastopen_client_fail. */
enum ttp_fastopen_fail {
	TTP_FASTOPEN_NO_FAIL,
	TTP_FASTOPEN_NO_COOKIE_YET,
	TTP_FASTOPEN_DATA_NOT_ACKED,
	TTP_FASTOPEN_SYN_AGAIN,		/* the SYN was lost */
};

/* TCP Fast Open (RFC 7413), see fastopen.c. */
struct ttp_fastopen {
	bool asked;	/* our SYN has a cookie, or asks for one */
	bool without;	/* our SYN has data and needs no cookie */
	bool data;	/* our SYN had data */
	bool acked;	/* .. which the SYN,ACK acknowledged; or, in a child, was taken */
	bool child;	/* we are the server, and believed the SYN */
	u8 fail;	/* enum ttp_fastopen_fail */
};

void ttp_fastopen_connect(struct ttp_tcb *tcb, const struct ttp_cookie *cookie, u16 mss);
u32 ttp_fastopen_room(const struct ttp_tcb *tcb);
void ttp_fastopen_syn(struct ttp_tcb *tcb, struct ttp_out *out);
void ttp_fastopen_synack(struct ttp_tcb *tcb, const struct ttp_seg *seg, struct ttp_verdict *v);
void ttp_fastopen_timeout(const struct ttp_tcb *tcb, bool last, struct ttp_verdict *v);
void ttp_fastopen_child(struct ttp_tcb *tcb, struct ttp_seg *seg,
			const struct ttp_cookie *cookie, u64 now, struct ttp_verdict *v);
bool ttp_fastopen_again(struct ttp_tcb *tcb, const struct ttp_seg *seg, u64 now,
			struct ttp_verdict *v);

#endif
