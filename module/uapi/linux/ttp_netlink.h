/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	netlink/ttp.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_TTP_NETLINK_H
#define _UAPI_LINUX_TTP_NETLINK_H

#define TTP_FAMILY_NAME		"ttp"
#define TTP_FAMILY_VERSION	1

/**
 * enum ttp_state - The connection's state (RFC 9293 3.3.2), with the numbers
 *   that Linux's TCP gives them.
 */
enum ttp_state {
	TTP_STATE_ESTABLISHED = 1,
	TTP_STATE_SYN_SENT,
	TTP_STATE_SYN_RCVD,
	TTP_STATE_FIN_WAIT_1,
	TTP_STATE_FIN_WAIT_2,
	TTP_STATE_TIME_WAIT,
	TTP_STATE_CLOSED,
	TTP_STATE_CLOSE_WAIT,
	TTP_STATE_LAST_ACK,
	TTP_STATE_LISTEN,
	TTP_STATE_CLOSING,
};

/**
 * enum ttp_cause_kind - What kind of event took a connection from one state to
 *   another.
 * @TTP_CAUSE_KIND_USER: A call of the local user (RFC 9293 3.10.1-6).
 * @TTP_CAUSE_KIND_SEGMENT: A segment arrived (RFC 9293 3.10.7).
 * @TTP_CAUSE_KIND_TIMER: A timeout (RFC 9293 3.10.8).
 * @TTP_CAUSE_KIND_ICMP: An ICMP error arrived.
 * @TTP_CAUSE_KIND_KERNEL: The kernel needed it gone (no memory, too many, its
 *   4-tuple or namespace), or sock-destroy ended TIME_WAIT.
 */
enum ttp_cause_kind {
	TTP_CAUSE_KIND_USER,
	TTP_CAUSE_KIND_SEGMENT,
	TTP_CAUSE_KIND_TIMER,
	TTP_CAUSE_KIND_ICMP,
	TTP_CAUSE_KIND_KERNEL,
};

enum ttp_direction {
	TTP_DIRECTION_OUT,
	TTP_DIRECTION_IN,
};

/**
 * enum ttp_timer - The timer that expires next.
 */
enum ttp_timer {
	TTP_TIMER_NONE,
	TTP_TIMER_RETRANSMISSION,
	TTP_TIMER_PERSIST,
	TTP_TIMER_DELAYED_ACK,
	TTP_TIMER_KEEPALIVE,
	TTP_TIMER_FIN_WAIT_2,
	TTP_TIMER_TIME_WAIT,
	TTP_TIMER_LOSS_PROBE,
	TTP_TIMER_REORDERING,
	TTP_TIMER_PACING,
	TTP_TIMER_USER_TIMEOUT,
};

/**
 * enum ttp_purpose - Why a segment is sent, if it is no ordinary one.
 * @TTP_PURPOSE_RTO: Retransmission timeout (RFC 6298).
 * @TTP_PURPOSE_FAST_RETRANSMIT: ACKs say that it was lost (RFC 5681, RFC 6675,
 *   RFC 8985).
 * @TTP_PURPOSE_LOSS_PROBE: Tail loss probe (RFC 8985 7), new data or a
 *   retransmission.
 * @TTP_PURPOSE_ZERO_WINDOW_PROBE: The peer's window is zero (RFC 9293
 *   3.8.6.1).
 * @TTP_PURPOSE_KEEPALIVE: Is the peer still there (RFC 9293 3.8.4)?
 * @TTP_PURPOSE_DUPLICATE_ACK: The ACK before again, for what came was not what
 *   is next (RFC 5681 4.2).
 * @TTP_PURPOSE_WINDOW_UPDATE: The user has read, and there is room again (RFC
 *   9293 3.8.6.2.2).
 * @TTP_PURPOSE_CHALLENGE_ACK: Who sent that may be an attacker (RFC 5961).
 * @TTP_PURPOSE_MTU_PROBE: Does the path take a segment as large as this (RFC
 *   4821)?
 */
enum ttp_purpose {
	TTP_PURPOSE_RTO = 1,
	TTP_PURPOSE_FAST_RETRANSMIT,
	TTP_PURPOSE_LOSS_PROBE,
	TTP_PURPOSE_ZERO_WINDOW_PROBE,
	TTP_PURPOSE_KEEPALIVE,
	TTP_PURPOSE_DUPLICATE_ACK,
	TTP_PURPOSE_WINDOW_UPDATE,
	TTP_PURPOSE_CHALLENGE_ACK,
	TTP_PURPOSE_MTU_PROBE,
};

/**
 * enum ttp_fault_action - What is done to a segment on purpose.
 * @TTP_FAULT_ACTION_DROP: It is lost.
 * @TTP_FAULT_ACTION_DELAY: It goes on after delay-ms.
 * @TTP_FAULT_ACTION_DUPLICATE: It goes on twice.
 * @TTP_FAULT_ACTION_CORRUPT: A bit is inverted, so that its checksum is wrong.
 * @TTP_FAULT_ACTION_REORDER: It goes behind the next one of its connection, or
 *   after a second.
 * @TTP_FAULT_ACTION_SET: A field of its header has another value, for which
 *   the checksum is right.
 */
enum ttp_fault_action {
	TTP_FAULT_ACTION_DROP = 1,
	TTP_FAULT_ACTION_DELAY,
	TTP_FAULT_ACTION_DUPLICATE,
	TTP_FAULT_ACTION_CORRUPT,
	TTP_FAULT_ACTION_REORDER,
	TTP_FAULT_ACTION_SET,
};

/**
 * enum ttp_fault_field - A field of the header.
 * @TTP_FAULT_FIELD_SEQ: Counted from the sender's ISN.
 * @TTP_FAULT_FIELD_ACK: Counted from the receiver's ISN.
 * @TTP_FAULT_FIELD_FLAGS: The control bits.
 * @TTP_FAULT_FIELD_WIN: The window, not scaled.
 * @TTP_FAULT_FIELD_UP: The urgent pointer.
 * @TTP_FAULT_FIELD_SPORT: The sender's port.
 * @TTP_FAULT_FIELD_DPORT: The receiver's port.
 */
enum ttp_fault_field {
	TTP_FAULT_FIELD_SEQ,
	TTP_FAULT_FIELD_ACK,
	TTP_FAULT_FIELD_FLAGS,
	TTP_FAULT_FIELD_WIN,
	TTP_FAULT_FIELD_UP,
	TTP_FAULT_FIELD_SPORT,
	TTP_FAULT_FIELD_DPORT,
};

/**
 * enum ttp_recovery - The phase of loss recovery.
 * @TTP_RECOVERY_OPEN: Nothing is missing.
 * @TTP_RECOVERY_FAST: Fast recovery (RFC 6582, RFC 6675).
 * @TTP_RECOVERY_LOSS: After a retransmission timeout (RFC 6298 5), or the path
 *   takes only smaller segments.
 */
enum ttp_recovery {
	TTP_RECOVERY_OPEN,
	TTP_RECOVERY_FAST,
	TTP_RECOVERY_LOSS,
};

/**
 * enum ttp_cong_reason - Why the congestion window, or another variable of
 *   congestion control, has changed.
 * @TTP_CONG_REASON_BEGIN: The connection begins (RFC 6928).
 * @TTP_CONG_REASON_ACK: Data was delivered (RFC 5681 3.1).
 * @TTP_CONG_REASON_LOSS: Data was lost, and fast recovery begins (RFC 5681
 *   3.2).
 * @TTP_CONG_REASON_PRR: Fast recovery goes on, proportional rate reduction
 *   (RFC 6937).
 * @TTP_CONG_REASON_RECOVERED: All that was outstanding when recovery began has
 *   arrived.
 * @TTP_CONG_REASON_TIMEOUT: Retransmission timeout (RFC 5681 3.1).
 * @TTP_CONG_REASON_LOSS_PROBE: A tail loss probe has repaired a loss (RFC 8985
 *   7.4).
 * @TTP_CONG_REASON_ECN: Routers have marked data (RFC 3168).
 * @TTP_CONG_REASON_UNDO: Nothing was lost after all (RFC 3522).
 * @TTP_CONG_REASON_IDLE: Nothing was sent for a timeout (RFC 5681 4.1).
 * @TTP_CONG_REASON_MSS: The path takes other segments than before.
 * @TTP_CONG_REASON_ALGORITHM: Another algorithm goes on.
 */
enum ttp_cong_reason {
	TTP_CONG_REASON_BEGIN = 1,
	TTP_CONG_REASON_ACK,
	TTP_CONG_REASON_LOSS,
	TTP_CONG_REASON_PRR,
	TTP_CONG_REASON_RECOVERED,
	TTP_CONG_REASON_TIMEOUT,
	TTP_CONG_REASON_LOSS_PROBE,
	TTP_CONG_REASON_ECN,
	TTP_CONG_REASON_UNDO,
	TTP_CONG_REASON_IDLE,
	TTP_CONG_REASON_MSS,
	TTP_CONG_REASON_ALGORITHM,
};

/**
 * enum ttp_timer_change - What happened to a timer.
 * @TTP_TIMER_CHANGE_ARMED: It is due at a time, or at another than before.
 * @TTP_TIMER_CHANGE_FIRED: It was due.
 */
enum ttp_timer_change {
	TTP_TIMER_CHANGE_ARMED,
	TTP_TIMER_CHANGE_FIRED,
	TTP_TIMER_CHANGE_STOPPED,
};

/**
 * enum ttp_event_group - The groups of events, as those of a filter.
 */
enum ttp_event_group {
	TTP_EVENT_GROUP_STATE = 1,
	TTP_EVENT_GROUP_SEGMENT = 2,
	TTP_EVENT_GROUP_CONG = 4,
	TTP_EVENT_GROUP_TIMER = 8,
	TTP_EVENT_GROUP_DATAGRAM = 16,
};

/**
 * enum ttp_part - What a dump of sockets says of each, beside who and where it
 *   is, its timer and its queues.
 * @TTP_PART_TCB: The transmission control block, from sequence numbers to
 *   congestion control.
 * @TTP_PART_MEMORY: What memory it takes.
 */
enum ttp_part {
	TTP_PART_TCB = 1,
	TTP_PART_MEMORY = 2,
};

/**
 * enum ttp_range - What is known of bytes that the user has written and that
 *   are not acknowledged.
 * @TTP_RANGE_SENT: They were sent at least once.
 * @TTP_RANGE_SACKED: The peer has them, says SACK.
 * @TTP_RANGE_LOST: They are believed lost.
 * @TTP_RANGE_RESENT: They were retransmitted since they were believed lost.
 * @TTP_RANGE_EVER_RESENT: They were retransmitted at some time.
 * @TTP_RANGE_FIN: It is the FIN, which has a sequence number, too.
 */
enum ttp_range {
	TTP_RANGE_SENT = 1,
	TTP_RANGE_SACKED = 2,
	TTP_RANGE_LOST = 4,
	TTP_RANGE_RESENT = 8,
	TTP_RANGE_EVER_RESENT = 16,
	TTP_RANGE_FIN = 32,
};

/**
 * enum ttp_segment_has - Which fields of struct segment are known.
 * @TTP_SEGMENT_HAS_TIMESTAMPS: The segment has the option, tsval and tsecr.
 * @TTP_SEGMENT_HAS_VARIABLES: From snd-una to rto-us; only a socket has them,
 *   no handshake and no TIME_WAIT.
 */
enum ttp_segment_has {
	TTP_SEGMENT_HAS_TIMESTAMPS = 1,
	TTP_SEGMENT_HAS_ISS = 2,
	TTP_SEGMENT_HAS_IRS = 4,
	TTP_SEGMENT_HAS_VARIABLES = 8,
};

enum {
	TTP_A_ARMED_PAD = 1,
	TTP_A_ARMED_TIMER,
	TTP_A_ARMED_LEFT_US,

	__TTP_A_ARMED_MAX,
	TTP_A_ARMED_MAX = (__TTP_A_ARMED_MAX - 1)
};

enum {
	TTP_A_RANGE_PAD = 1,
	TTP_A_RANGE_START,
	TTP_A_RANGE_END,
	TTP_A_RANGE_FLAGS,
	TTP_A_RANGE_AGE_US,

	__TTP_A_RANGE_MAX,
	TTP_A_RANGE_MAX = (__TTP_A_RANGE_MAX - 1)
};

enum {
	TTP_A_PORTS_FIRST = 1,
	TTP_A_PORTS_LAST,

	__TTP_A_PORTS_MAX,
	TTP_A_PORTS_MAX = (__TTP_A_PORTS_MAX - 1)
};

enum {
	TTP_A_MIB_NAME = 1,
	TTP_A_MIB_VALUE,
	TTP_A_MIB_PAD,

	__TTP_A_MIB_MAX,
	TTP_A_MIB_MAX = (__TTP_A_MIB_MAX - 1)
};

enum {
	TTP_A_PAD = 1,
	TTP_A_ID,
	TTP_A_TIME_NS,
	TTP_A_NETNS,
	TTP_A_FAMILY,
	TTP_A_SADDR,
	TTP_A_DADDR,
	TTP_A_SPORT,
	TTP_A_DPORT,
	TTP_A_STATE,
	TTP_A_FROM,
	TTP_A_CAUSE_KIND,
	TTP_A_CAUSE,
	TTP_A_SECTION,
	TTP_A_COUNT,
	TTP_A_DIRECTION,
	TTP_A_FLAGS,
	TTP_A_SEQ,
	TTP_A_ACK,
	TTP_A_SEG_WND,
	TTP_A_SEG_LEN,
	TTP_A_SEG_UP,
	TTP_A_OPT_MSS,
	TTP_A_OPT_WSCALE,
	TTP_A_OPT_SACK_PERMITTED,
	TTP_A_OPT_TSVAL,
	TTP_A_OPT_TSECR,
	TTP_A_OPT_SACK,
	TTP_A_RETRANSMISSION,
	TTP_A_DROP,
	TTP_A_ISS,
	TTP_A_IRS,
	TTP_A_SND_UNA,
	TTP_A_SND_NXT,
	TTP_A_SND_WND,
	TTP_A_RCV_NXT,
	TTP_A_RCV_WND,
	TTP_A_SND_WSCALE,
	TTP_A_RCV_WSCALE,
	TTP_A_OPTIONS,
	TTP_A_MSS,
	TTP_A_CWND,
	TTP_A_SSTHRESH,
	TTP_A_IN_FLIGHT,
	TTP_A_SRTT_US,
	TTP_A_RTTVAR_US,
	TTP_A_RTO_US,
	TTP_A_BACKOFF,
	TTP_A_RETRANSMITS,
	TTP_A_TOTAL_RETRANS,
	TTP_A_TIMER,
	TTP_A_TIMER_MS,
	TTP_A_RQUEUE,
	TTP_A_WQUEUE,
	TTP_A_OFO_QUEUE,
	TTP_A_SYNQ,
	TTP_A_BYTES_SENT,
	TTP_A_BYTES_ACKED,
	TTP_A_BYTES_RECEIVED,
	TTP_A_SEGS_OUT,
	TTP_A_SEGS_IN,
	TTP_A_CONGESTION,
	TTP_A_UID,
	TTP_A_INODE,
	TTP_A_MIB,
	TTP_A_LOST_EVENTS,
	TTP_A_RESTRICTED,
	TTP_A_DEFAULT,
	TTP_A_ARQ,
	TTP_A_CONGESTION_INFO,
	TTP_A_PACING_RATE,
	TTP_A_ANSWER,
	TTP_A_PURPOSE,
	TTP_A_UNCONNECTED,
	TTP_A_SKMEMINFO,
	TTP_A_SEGS,
	TTP_A_PARTS,
	TTP_A_FAULT,
	TTP_A_STATES,
	TTP_A_TCP_INFO,
	TTP_A_ARMED,
	TTP_A_SEND_QUEUE,
	TTP_A_OUT_OF_ORDER,
	TTP_A_CUT,
	TTP_A_SEGMENT,
	TTP_A_EVENT,
	TTP_A_RECOVERY,
	TTP_A_CONG_REASON,
	TTP_A_TIMER_CHANGE,
	TTP_A_TIMER_US,
	TTP_A_EVENT_SEQ,
	TTP_A_GROUPS,
	TTP_A_PORTS,

	__TTP_A_MAX,
	TTP_A_MAX = (__TTP_A_MAX - 1)
};

enum {
	TTP_A_FAULT_NUMBER = 1,
	TTP_A_FAULT_DIRECTION,
	TTP_A_FAULT_FLAGS,
	TTP_A_FAULT_NOT_FLAGS,
	TTP_A_FAULT_DATA,
	TTP_A_FAULT_PORT,
	TTP_A_FAULT_SEQ_FIRST,
	TTP_A_FAULT_SEQ_LAST,
	TTP_A_FAULT_OPTIONS,
	TTP_A_FAULT_STATES,
	TTP_A_FAULT_NTH,
	TTP_A_FAULT_COUNT,
	TTP_A_FAULT_ACTION,
	TTP_A_FAULT_DELAY_MS,
	TTP_A_FAULT_FIELD,
	TTP_A_FAULT_VALUE,
	TTP_A_FAULT_SEEN,
	TTP_A_FAULT_HITS,

	__TTP_A_FAULT_MAX,
	TTP_A_FAULT_MAX = (__TTP_A_FAULT_MAX - 1)
};

enum {
	TTP_CMD_SOCK_GET = 1,
	TTP_CMD_MIB_GET,
	TTP_CMD_STATES_GET,
	TTP_CMD_CONGESTION_GET,
	TTP_CMD_STATE_NTF,
	TTP_CMD_SEGMENT_NTF,
	TTP_CMD_SOCK_DESTROY,
	TTP_CMD_FAULT_ADD,
	TTP_CMD_FAULT_DEL,
	TTP_CMD_FAULT_GET,
	TTP_CMD_CONG_NTF,
	TTP_CMD_TIMER_NTF,
	TTP_CMD_FILTER_SET,
	TTP_CMD_DATAGRAM_GET,
	TTP_CMD_DATAGRAM_NTF,

	__TTP_CMD_MAX,
	TTP_CMD_MAX = (__TTP_CMD_MAX - 1)
};

#define TTP_MCGRP_STATE		"state"
#define TTP_MCGRP_SEGMENT	"segment"
#define TTP_MCGRP_CONG		"cong"
#define TTP_MCGRP_TIMER		"timer"
#define TTP_MCGRP_DATAGRAM	"datagram"

#endif /* _UAPI_LINUX_TTP_NETLINK_H */
