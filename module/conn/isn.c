// SPDX-License-Identifier: GPL-2.0
/*
 * isn.c - numbers that an attacker who does not see the packets must not guess: initial
 * sequence numbers (RFC 6528), SYN cookies (RFC 4987), timestamp offsets (RFC 7323 5.4),
 * where the search for an ephemeral port begins (RFC 6056).
 *
 * Called by whatever opens a connection, and by demux.c. Context: any.
 *
 * Next: sock.c for what a socket is made of, request.c for how cookies are used, isn_lab.c for
 * numbers that an administrator chooses.
 */
#include <linux/once.h>
#include <linux/random.h>
#include <linux/siphash.h>

#include "ttp.h"

static siphash_aligned_key_t secret;

/* net_get_random_once() makes one secret for each place that calls it, so only this one does. */
static const siphash_aligned_key_t *ready_secret(void)
{
	net_get_random_once(&secret, sizeof(secret));
	return &secret;
}

static u64 hash_of(const void *what, size_t len)
{
	return siphash(what, len, ready_secret());
}

static u64 hash(const struct ttp_key *key)
{
	return key->family == AF_INET ? ttp_ipv4_hash(key, ready_secret()) :
					hash_of(key, sizeof(*key));
}

/**
 * ttp_isn - initial sequence number of a connection
 * @net: network namespace
 * @key: its 4-tuple
 * @follows: ttp_timewait_iss(), if it follows a connection in TIME_WAIT; else 0
 *
 * ISN = M + F(localip, localport, remoteip, remoteport, secretkey); M is a clock that
 * ticks every 64 ns: the RFC's 4 us are too slow for today's links.
 *
 * Source: RFC 6528 3, RFC 9293 3.4.1 (SHLD-1, MUST-8, MUST-9).
 */
u32 ttp_isn(const struct net *net, const struct ttp_key *key, u32 follows)
{
	u32 isn;

	if (ttp_isn_lab(net, follows, &isn))
		return isn;
	return follows ?: (u32)hash(key) + (u32)(ktime_get_real_ns() >> 6);
}

#define COOKIE_AGE	2	/* periods for which a cookie is valid */
#define COOKIE_PERIOD	(TTP_ISN_COOKIE_LIFE / HZ / COOKIE_AGE)	/* seconds */
#define COOKIE_HASH	0xffffff

/* 5 bits of time, 3 for the MSS, 24 of a hash that nobody can guess */
static u32 cookie(const struct ttp_key *key, u32 irs, u32 period, u8 mss)
{
	struct {
		struct ttp_key key;
		u32 irs, period, mss, zero;
	} all = { .key = *key, .irs = irs, .period = period, .mss = mss };

	return (period & 31) << 27 | (u32)mss << 24 | (hash_of(&all, sizeof(all)) & COOKIE_HASH);
}

static u32 cookie_period(void)
{
	return ktime_get_seconds() / COOKIE_PERIOD;
}

/**
 * ttp_isn_cookie - SYN cookie: an initial sequence number that encodes the SYN
 * @key: the connection's 4-tuple
 * @irs: the SYN's sequence number
 * @mss: 0 to 7, of ttp_passive_cookie_mss()
 *
 * Source: RFC 4987 3.6.
 */
u32 ttp_isn_cookie(const struct ttp_key *key, u32 irs, u8 mss)
{
	return (u32)hash(key) + cookie(key, irs, cookie_period(), mss);
}

/**
 * ttp_isn_cookie_check - is this SYN cookie one of ours, and not too old?
 * @key: the connection's 4-tuple
 * @irs: the SYN's sequence number
 * @iss: the cookie
 *
 * Return: the MSS that ttp_isn_cookie() was given, 0 to 7; or -EINVAL.
 */
int ttp_isn_cookie_check(const struct ttp_key *key, u32 irs, u32 iss)
{
	u32 said = iss - (u32)hash(key), now = cookie_period();
	u32 age = (now - (said >> 27)) & 31;
	u8 mss = said >> 24 & 7;

	if (age >= COOKIE_AGE || cookie(key, irs, now - age, mss) != said)
		return -EINVAL;
	return mss;
}

/* Timestamp offset: what is added to the clock of a connection's timestamps.  Ports do not
 * count, so that between two hosts the timestamps of the next connection go on where those
 * of the last one ended (RFC 6191).
 */
u32 ttp_isn_ts_offset(const struct ttp_key *key)
{
	struct ttp_key hosts = *key;

	hosts.lport = 0;
	hosts.rport = 0;
	return hash(&hosts) >> 32;
}

/**
 * ttp_isn_port_hash - where does the search for an ephemeral port begin?
 * @net: network namespace
 * @key: the connection's 4-tuple; the local port is 0
 *
 * It is another one every ten seconds, so that nobody has the time to find out which destinations
 * share a counter (CVE-2022-1012).
 *
 * Return: two numbers of 32 bits: F and G of RFC 6056 3.3.4.
 */
u64 ttp_isn_port_hash(const struct net *net, const struct ttp_key *key)
{
	struct {
		struct ttp_key key;
		u64 salt;
	} all = { .key = *key, .salt = net->net_cookie ^ (u64)(jiffies / (10 * HZ)) << 32 };

	return hash_of(&all, sizeof(all));
}

/* A hash of a 4-tuple that nobody can guess: bits of it that ttp_isn() does not send. */
u32 ttp_isn_hash(const struct ttp_key *key)
{
	return hash(key) >> 32;
}
