// SPDX-License-Identifier: GPL-2.0
/*
 * isn.c - numbers that an outsider must not guess: initial sequence numbers
 * (RFC 6528), timestamp offsets (RFC 7323 5.4), ephemeral ports (RFC 6056).
 */
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>

#include "ttp.h"

static siphash_aligned_key_t secret;

static u64 hash(const struct ttp_key *key)
{
	net_get_random_once(&secret, sizeof(secret));
	return siphash(key, sizeof(*key), &secret);
}

/**
 * ttp_isn - the initial sequence number of a connection
 * @key: its name
 *
 * ISN = M + F(localip, localport, remoteip, remoteport, secretkey), M being a
 * clock that ticks every 64 ns; the RFC's 4 us are too slow for today's links.
 *
 * Context: any. Source: RFC 6528 3, RFC 9293 3.4.1 (SHLD-1, MUST-8, MUST-9).
 */
u32 ttp_isn(const struct ttp_key *key)
{
	return (u32)hash(key) + (u32)(ktime_get_real_ns() >> 6);
}

/**
 * ttp_isn_ts_offset - what is added to a connection's timestamp clock
 * @key: its name; the ports do not count, so that one connection's timestamps
 *	go on where the last one's between the same hosts ended (RFC 6191)
 */
u32 ttp_isn_ts_offset(const struct ttp_key *key)
{
	struct ttp_key hosts = *key;

	hosts.lport = 0;
	hosts.rport = 0;
	return hash(&hosts) >> 32;
}

/**
 * ttp_isn_port_offset - where to begin the search for an ephemeral port
 * @key: the connection's name but for the local port, which is 0
 *
 * Source: RFC 6056 3.3.3, algorithm 3.
 */
u32 ttp_isn_port_offset(const struct ttp_key *key)
{
	return hash(key) >> 16;
}
