/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mib.h - what is counted, per network namespace: /proc/net/ttp/stats.
 *
 * ttp_count() counts; a rule that drops a segment has its counter in ttp_verdict.drop.
 * Where Linux's TCP counts the same thing the name is its name in nstat,
 * without the leading Tcp, TcpExt, TcpExtTCP, IpExt or Udp.
 *
 * Next: mib.c.
 */
#ifndef _TTP_CORE_MIB_H
#define _TTP_CORE_MIB_H

#define TTP_MIB_LIST(X)							\
	/* connections */						\
	X(ACTIVE_OPENS, "ActiveOpens")		/* CLOSED to SYN_SENT */	\
	X(PASSIVE_OPENS, "PassiveOpens")	/* LISTEN to SYN_RCVD */	\
	X(ATTEMPT_FAILS, "AttemptFails")	/* SYN_* to CLOSED or LISTEN */	\
	X(ESTAB_RESETS, "EstabResets")		/* ESTABLISHED, CLOSE_WAIT to CLOSED */ \
	X(LISTEN_OVERFLOWS, "ListenOverflows")	/* accept queue full */	\
	X(LISTEN_DROPS, "ListenDrops")		/* SYNs a listener dropped */	\
	X(SYNCOOKIES_SENT, "SyncookiesSent")	/* as there was no room for requests */ \
	X(SYNCOOKIES_RECV, "SyncookiesRecv")	/* that came back */		\
	X(SYNCOOKIES_FAILED, "SyncookiesFailed") /* ACKs that are none of ours */ \
	X(ABORT_ON_DATA, "AbortOnData")		/* data after close() */	\
	X(ABORT_ON_CLOSE, "AbortOnClose")	/* closed with data unread */	\
	X(ABORT_ON_LINGER, "AbortOnLinger")	/* closed by SO_LINGER 0 */	\
	X(ABORT_ON_TIMEOUT, "AbortOnTimeout")	/* peer did not answer */	\
	X(ABORT_ON_MEMORY, "AbortOnMemory")	/* too many orphans, no memory */ \
	X(TIME_WAITS, "TW")			/* TIME_WAIT ended by 2 MSL */	\
	X(TIME_WAIT_RECYCLED, "TWRecycled")	/* by a new SYN, or connect() */	\
	X(TIME_WAIT_OVERFLOW, "TimeWaitOverflow") /* no memory, or max_tw_buckets */ \
	/* TCP Fast Open (RFC 7413) */					\
	X(FASTOPEN_ACTIVE, "FastOpenActive")	/* SYN data that was acknowledged */ \
	X(FASTOPEN_ACTIVE_FAIL, "FastOpenActiveFail") /* and that was not */ \
	X(FASTOPEN_PASSIVE, "FastOpenPassive")	/* connections begun by a SYN alone */ \
	X(FASTOPEN_PASSIVE_FAIL, "FastOpenPassiveFail") /* wrong cookies, no memory */ \
	X(FASTOPEN_OLD_KEY, "FastOpenPassiveAltKey") /* cookies of the second key */ \
	X(FASTOPEN_OVERFLOW, "FastOpenListenOverflow") /* more than TTP_FASTOPEN says */ \
	X(FASTOPEN_COOKIES, "FastOpenCookieReqd") /* SYNs that asked for a cookie */ \
	X(FASTOPEN_BLACK_HOLES, "FastOpenBlackhole") /* Fast Open given up for a while */ \
	/* segments */							\
	X(IN_SEGS, "InSegs")						\
	X(OUT_SEGS, "OutSegs")			/* without retransmissions */	\
	X(RETRANS_SEGS, "RetransSegs")					\
	X(OUT_RSTS, "OutRsts")						\
	X(IN_ERRS, "InErrs")			/* header too short, or with a wrong length */	\
	X(IN_CSUM_ERRORS, "InCsumErrors")				\
	X(BAD_OPTIONS, "BadOptions")		/* impossible option length */	\
	X(NO_SOCKET, "NoSocket")		/* no connection with that 4-tuple */ \
	X(OUT_ERRORS, "OutErrors")		/* IP refused it */	\
	X(BACKLOG_DROP, "BacklogDrop")		/* socket busy, backlog full */	\
	X(MIN_TTL_DROP, "MinTTLDrop")		/* IP_MINTTL (RFC 5082) */	\
	X(BAD_ICMP, "OutOfWindowIcmps")		/* ICMP about no segment in flight */ \
	/* segments that changed nothing, by the rule that dropped them */ \
	X(OUT_OF_WINDOW, "OutOfWindow")		/* RFC 9293 3.10.7.4, first */	\
	X(PAWS, "PAWSEstab")			/* RFC 7323 5.2 */		\
	X(CHALLENGE_ACK, "ChallengeACK")	/* RFC 5961: sent */		\
	X(CHALLENGE_ACK_SKIPPED, "ACKSkippedChallenge")	/* and not: over the limit */	\
	X(ACK_SKIPPED_SYN_RCVD, "ACKSkippedSynRecv") /* in a passive SYN_RCVD */ \
	X(ACK_SKIPPED_TIME_WAIT, "ACKSkippedTimeWait")			\
	X(SYN_CHALLENGE, "SYNChallenge")	/* RFC 5961 4 */		\
	X(DEFER_ACCEPT_DROP, "DeferAcceptDrop")	/* ACKs that brought no data */ \
	X(NO_ACK, "NoAck")			/* ACK bit off */		\
	X(BAD_ACK, "BadAck")			/* RFC 5961 5 */		\
	X(RST_IGNORED, "RstIgnored")		/* RST that ended nothing */	\
	/* receiving */							\
	X(DELAYED_ACKS, "DelayedACKs")					\
	X(ACKS_COMPRESSED, "AckCompressed")	/* that others made needless (sack.c) */ \
	X(OFO_QUEUE, "OFOQueue")		/* data queued out of order */	\
	X(DUP_TEXT, "DupText")			/* data received before */	\
	X(PRUNE_CALLED, "PruneCalled")		/* no room in a receive buffer */ \
	X(RCV_COLLAPSED, "RcvCollapsed")	/* packets put together for room */ \
	X(OFO_PRUNED, "OfoPruned")		/* out-of-order data given up */ \
	X(RCVQ_DROP, "RcvQDrop")		/* data in order refused: no memory */ \
	X(OFO_DROP, "OFODrop")			/* data out of order refused */	\
	X(MEMORY_PRESSURES, "MemoryPressures")	/* net.ttp.mem's second was passed */ \
	X(MEMORY_PRESSURE_MS, "MemoryPressuresChrono") /* for so many ms in all */ \
	X(WQUEUE_TOO_BIG, "WqueueTooBig")	/* a packet was in too many pieces */ \
	X(URGENT, "UrgentRecv")			/* urgent pointers that moved RCV.UP */ \
	X(WINDOW_PROBES, "WinProbe")		/* zero window probes sent */	\
	X(KEEPALIVES, "KeepAlive")		/* keepalive probes sent */	\
	/* loss recovery */						\
	X(TIMEOUTS, "Timeouts")			/* retransmission timer expired */ \
	X(BLACK_HOLES, "BlackHoles")		/* segments made smaller, for no ACKs came */ \
	X(PROBE_SUCCESS, "MTUPSuccess")		/* larger segments that arrived */ \
	X(PROBE_FAIL, "MTUPFail")		/* and that did not */		\
	X(SYN_RETRANS, "SynRetrans")					\
	X(SYNACK_RETRANS, "SynAckRetrans")				\
	X(FAST_RETRANS, "FastRetrans")		/* segments, in fast recovery */ \
	X(RENO_RECOVERY, "RenoRecovery")	/* entered by duplicate ACKs */	\
	X(SACK_RECOVERY, "SackRecovery")	/* entered by SACK */		\
	X(DUP_ACKS, "DupAcks")						\
	X(DSACKS, "DSACKRecv")			/* D-SACK blocks received */	\
	X(DSACKS_SENT, "DSACKOldSent")		/* and sent */			\
	X(LOSS_PROBES, "LossProbes")		/* RFC 8985 7 */		\
	X(LOSS_PROBE_RECOVERY, "LossProbeRecovery") /* they repaired a loss */	\
	X(CE_RECEIVED, "InCEPkts")		/* data that came marked */	\
	X(ECN_REDUCTIONS, "ECNReductions")	/* windows reduced for ECE */	\
	X(SPURIOUS, "SpuriousRtx")		/* recoveries undone (RFC 3522) */ \
	X(SACK_IGNORED, "SackIgnored")		/* block that is impossible */	\
	/* datagrams (RFC 4113) */					\
	X(IN_DATAGRAMS, "InDatagrams")					\
	X(OUT_DATAGRAMS, "OutDatagrams")				\
	X(NO_PORTS, "NoPorts")			/* that nobody waited for */	\
	X(DATAGRAM_IN_ERRORS, "DatagramInErrors") /* lost here, for any other reason */ \
	X(DATAGRAM_CSUM_ERRORS, "DatagramCsumErrors")			\
	X(DATAGRAM_RCVBUF_ERRORS, "RcvbufErrors") /* no room, or no memory */ \
	X(DATAGRAM_SNDBUF_ERRORS, "SndbufErrors") /* the device's queue was full */ \
	/* faults on purpose, in the order of enum ttp_fault_action */	\
	X(FAULT_DROP, "FaultDrop")		/* segments that were dropped */ \
	X(FAULT_DELAY, "FaultDelay")					\
	X(FAULT_DUPLICATE, "FaultDuplicate")				\
	X(FAULT_CORRUPT, "FaultCorrupt")				\
	X(FAULT_REORDER, "FaultReorder")				\
	X(FAULT_SET, "FaultSet")					\
	X(FAULT_NO_ROOM, "FaultNoRoom")		/* not held back: there are too many */ \
	X(FAULT_NO_MEMORY, "FaultNoMemory")	/* not done: there was no memory */

enum ttp_mib {
#define TTP_MIB_ENUM(id, name) TTP_MIB_##id,
	TTP_MIB_LIST(TTP_MIB_ENUM)
#undef TTP_MIB_ENUM
	TTP_MIB_MAX
};

/* "nothing was dropped" where a counter is asked for */
#define TTP_MIB_NONE TTP_MIB_MAX

#endif
