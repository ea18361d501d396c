/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config.h - what an administrator may set, per network namespace: one list of names,
 * defaults and ranges, of which struct ttp_config, the defaults and the sysctls are made.
 *
 * The names are those of /proc/sys/net/ttp, which mean what they mean for TCP (but see
 * sysctl.c).  Read without locks: no value depends on another.
 *
 * Next: sysctl.c.
 */
#ifndef _TTP_CORE_CONFIG_H
#define _TTP_CORE_CONFIG_H

#define TTP_CONFIG_MAX	2147483647	/* of an int, which sysctls are */

/* X(field, sysctl, default, least, greatest) */
#define TTP_CONFIG_LIST(X)								\
	/* R2 of a SYN; deviation from MUST-23: given up after 127 s, as by Linux */	\
	X(syn_retries, "syn_retries", 6, 0, 255)					\
	X(synack_retries, "synack_retries", 5, 0, 255)					\
	/* before IP is told, and a black hole suspected: R1 */				\
	X(retries1, "retries1", 3, 0, 255)						\
	/* retransmissions before ETIMEDOUT: R2, a quarter of an hour (SHLD-11) */	\
	X(retries2, "retries2", 15, 0, 255)						\
	/* the same when no program has the socket */					\
	X(orphan_retries, "orphan_retries", 8, 0, 255)					\
	/* handshakes that one listener holds */					\
	X(max_syn_backlog, "max_syn_backlog", 512, 0, TTP_CONFIG_MAX)			\
	/* 0 never, 1 when there are that many handshakes, 2 always */			\
	X(syncookies, "syncookies", 1, 0, 2)						\
	X(max_orphans, "max_orphans", 8192, 0, TTP_CONFIG_MAX)				\
	/* connections in TIME_WAIT */							\
	X(max_tw_buckets, "max_tw_buckets", 32768, 0, TTP_CONFIG_MAX)			\
	/* connect() may end TIME_WAIT: 0 never, 1 always, 2 on loopback */		\
	X(reuse_timewait, "tw_reuse", 2, 0, 2)						\
	/* seconds that an orphan stays in FIN_WAIT_2 */					\
	X(fin_timeout, "fin_timeout", 60, 1, 3600)					\
	/* maximum segment lifetime; at most RFC 9293's two minutes, doubled */		\
	X(msl_ms, "msl_ms", 30000, 1, 240000)						\
	/* longest delay of an ACK (RFC 9293 3.8.6.3, MUST-40: timers are late) */	\
	X(delack_ms, "delack_ms", 40, 1, 490)						\
	/* 1: two segments are acknowledged at once, even if nobody reads (SHLD-19) */	\
	X(ack_every_second, "ack_every_second", 0, 0, 1)				\
	/* so many ACKs of data out of order may become one, 0: none; and wait so many ns */	\
	X(comp_sack_nr, "comp_sack_nr", 44, 0, 255)					\
	X(comp_sack_delay_ns, "comp_sack_delay_ns", 1000000, 0, TTP_CONFIG_MAX)		\
	X(rto_min_ms, "rto_min_ms", 200, 1, 120000)					\
	/* seconds for which the least round trip counts */				\
	X(min_rtt_wlen, "min_rtt_wlen", 300, 0, 86400)					\
	/* seconds of silence before the first probe (MUST-28) */			\
	X(keepalive_time, "keepalive_time", 7200, 1, 32767)				\
	/* seconds between probes */							\
	X(keepalive_intvl, "keepalive_intvl", 75, 1, 32767)				\
	/* probes before the peer counts as gone */					\
	X(keepalive_probes, "keepalive_probes", 9, 1, 255)				\
	/* ms between two ACKs of a connection that answer no data */			\
	X(invalid_ratelimit, "invalid_ratelimit", 500, 0, 120000)			\
	X(window_scaling, "window_scaling", 1, 0, 1)					\
	X(sack, "sack", 1, 0, 1)							\
	X(timestamps, "timestamps", 1, 0, 1)						\
	/* 1: smaller segments where large ones vanish; 2: small first, and tried out */	\
	X(mtu_probing, "mtu_probing", 1, 0, 2)						\
	/* their size then, bytes */							\
	X(base_mss, "base_mss", 1024, 48, 65535)					\
	/* the least that they become, bytes */						\
	X(mtu_probe_floor, "mtu_probe_floor", 48, 48, 65535)				\
	/* so near the search ends, bytes; and how soon it begins again, s */		\
	X(probe_threshold, "probe_threshold", 8, 0, 65535)				\
	X(probe_interval, "probe_interval", 600, 0, 86400)				\
	/* or an attacker's tiny MSS would make us send almost only headers */		\
	X(min_snd_mss, "min_snd_mss", 48, 48, 65535)					\
	/* DupThresh: data that so many segments have overtaken counts as lost */	\
	X(reordering, "reordering", 3, 1, 300)						\
	/* after idle time the congestion window is the initial one (RFC 5681 4.1) */	\
	X(slow_start_after_idle, "slow_start_after_idle", 1, 0, 1)			\
	/* bytes not sent yet that stop a writer who has not set TTP_NOTSENT_LOWAT */	\
	X(notsent_lowat, "notsent_lowat", TTP_CONFIG_MAX, 0, TTP_CONFIG_MAX)		\
	/* percent of the present rate at which fq may send: slow start, then after it */	\
	X(pacing_ss_ratio, "pacing_ss_ratio", 200, 0, 1000)				\
	X(pacing_ca_ratio, "pacing_ca_ratio", 120, 0, 1000)				\
	/* 0 never, 1 also ask for it, 2 only when asked */				\
	X(ecn, "ecn", 2, 0, 2)								\
	/* TCP Fast Open, a sum of bits: 1 client, 2 server, 4 client needs no cookie, */	\
	/* 0x200 server needs none, 0x400 all listeners */				\
	X(fastopen, "fastopen", 1, 0, 0x7ff)						\
	/* seconds without Fast Open after a black hole; 0: it is not looked for */	\
	X(fastopen_pause_s, "fastopen_blackhole_timeout_sec", 0, 0, TTP_CONFIG_MAX)	\
	/* receive buffers grow as needed */						\
	X(moderate_rcvbuf, "moderate_rcvbuf", 1, 0, 1)					\
	/* one packet may be many segments (GSO, GRO) */				\
	X(offload, "offload", 1, 0, 1)							\
	/* so many connections are remembered with their transitions */			\
	X(history, "history", 0, 0, 256)

#define TTP_CONFIG_FIELD(field, name, value, least, greatest)	field,
#define TTP_CONFIG_DEFAULT(field, name, value, least, greatest)	.field = (value),

struct ttp_config {
	u32 TTP_CONFIG_LIST(TTP_CONFIG_FIELD)
	    arq;	/* enum ttp_arq, by its name */
};

#endif
