// SPDX-License-Identifier: GPL-2.0
/*
 * fastopen.c - TCP Fast Open (RFC 7413) around the core: a server makes and checks cookies,
 * and limits how many connections begin by a SYN alone; a client remembers the cookies that
 * servers gave it, and stops for a while when a middlebox swallows its SYNs.
 *
 * Called by request.c, child.c, verdict.c and sock.c, socket/, sysctl.c and main.c.
 *
 * Context: any, unless a function says otherwise.
 *
 * Next: core/fastopen.c for what happens to a connection, child.c for the server's.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include TTP_UNALIGNED_H

#include "ttp.h"

/* bits of net.ttp.fastopen */
#define CLIENT			0x1
#define SERVER			0x2
#define CLIENT_NO_COOKIE	0x4
#define SERVER_NO_COOKIE	0x200
#define ALL_LISTENERS		0x400

#define COOKIE_LEN	8

static u32 knob(const struct net *net)
{
	return READ_ONCE(ttp_net(net)->cfg.fastopen);
}

static bool no_cookie(const struct sock *sk, const struct dst_entry *dst, u32 bit)
{
	return knob(sock_net(sk)) & bit || READ_ONCE(ttp_sk(sk)->fastopen_no_cookie) ||
	       (dst && dst_metric(dst, RTAX_FASTOPEN_NO_COOKIE));
}

/* ---- keys ---- */

/**
 * ttp_fastopen_set_keys - with which keys does a server make cookies?
 * @net: network namespace
 * @sk: a socket with keys of its own; or %NULL: for all others
 * @key: %TTP_FASTOPEN_KEY_LEN bytes: the key
 * @backup: one that still counts, though no new cookies are made with it; or %NULL
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int ttp_fastopen_set_keys(struct net *net, struct sock *sk, const u8 *key, const u8 *backup)
{
	struct ttp_fastopen_keys __rcu **at;
	struct ttp_fastopen_keys *keys = kzalloc(sizeof(*keys), GFP_KERNEL), *old;

	if (!keys)
		return -ENOMEM;
	keys->n = backup ? 2 : 1;
	memcpy(keys->bytes[0], key, TTP_FASTOPEN_KEY_LEN);
	if (backup)
		memcpy(keys->bytes[1], backup, TTP_FASTOPEN_KEY_LEN);
	at = sk ? &ttp_sk(sk)->fastopen_keys : &ttp_net(net)->fastopen_keys;
	old = unrcu_pointer(xchg(at, RCU_INITIALIZER(keys)));
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/**
 * ttp_fastopen_get_keys - which keys are they?
 * @net: network namespace
 * @sk: a socket that may have its own; or %NULL
 * @buf: room for two keys
 *
 * Return: how many there are: 0 to 2.
 */
int ttp_fastopen_get_keys(struct net *net, struct sock *sk, u8 *buf)
{
	const struct ttp_fastopen_keys *keys = NULL;
	int n = 0;

	rcu_read_lock();
	if (sk)
		keys = rcu_dereference(ttp_sk(sk)->fastopen_keys);
	if (!keys)
		keys = rcu_dereference(ttp_net(net)->fastopen_keys);
	if (keys) {
		n = keys->n;
		memcpy(buf, keys->bytes, sizeof(keys->bytes));
	}
	rcu_read_unlock();
	return n;
}

/* A namespace has a key of its own from the first time that a server needs one. */
static void first_key(struct net *net)
{
	u8 key[TTP_FASTOPEN_KEY_LEN];

	if (rcu_access_pointer(ttp_net(net)->fastopen_keys))
		return;
	get_random_bytes(key, sizeof(key));
	ttp_fastopen_set_keys(net, NULL, key, NULL);
}

/* The cookie of a client, as Linux's TCP makes it: machines that share a key, and an address,
 * take each other's.
 */
static struct ttp_cookie make(const struct ttp_key *key, const u8 *secret)
{
	struct ttp_cookie cookie = { .len = COOKIE_LEN };
	siphash_key_t k;
	__le64 val;

	k.key[0] = get_unaligned_le64(secret);
	k.key[1] = get_unaligned_le64(secret + 8);
	val = cpu_to_le64(ttp_ip_hosts_hash(key, &k));
	memcpy(cookie.val, &val, sizeof(val));
	return cookie;
}

static bool same(const struct ttp_cookie *a, const struct ttp_cookie *b)
{
	return a->len == b->len && !memcmp(a->val, b->val, a->len);
}

/* ---- server ---- */

/**
 * ttp_fastopen_listen - how many connections of a listener may begin by a SYN alone?
 * @sk: the socket lock is held
 * @most: 0: none
 *
 * Context: process.
 */
void ttp_fastopen_listen(struct sock *sk, int most)
{
	first_key(sock_net(sk));
	WRITE_ONCE(ttp_sk(sk)->fastopen,
		   min_t(u32, most, READ_ONCE(sock_net(sk)->core.sysctl_somaxconn)));
}

/* listen() was called: an administrator may want it for all listeners. */
void ttp_fastopen_listen_all(struct sock *sk, int backlog)
{
	if (!ttp_sk(sk)->fastopen && (knob(sock_net(sk)) & (ALL_LISTENERS | SERVER)) ==
				     (ALL_LISTENERS | SERVER))
		ttp_fastopen_listen(sk, backlog);
}

/* Is there room for one more?  One that was reset stays counted for a minute: a SYN with a
 * stolen cookie and a RST would cost an attacker nothing (RFC 7413 5.1).
 */
static bool room(struct sock *lsk)
{
	struct ttp_listener *l = ttp_sk(lsk)->listener;
	u32 most = READ_ONCE(ttp_sk(lsk)->fastopen);

	if (!most)
		return false;
	spin_lock(&l->lock);
	if (l->early >= most && time_after(jiffies, l->early_resets_end)) {
		l->early -= l->early_resets;
		l->early_resets = 0;
	}
	most = l->early < most;
	if (most)
		l->early++;
	spin_unlock(&l->lock);
	if (!most)
		ttp_mib_inc(ttp_sk_net(lsk), TTP_MIB_FASTOPEN_OVERFLOW);
	return most;
}

#define RESETS_COUNT	(60 * HZ)

static void leave(struct sock *lsk, bool reset)
{
	struct ttp_listener *l = ttp_sk(lsk)->listener;

	spin_lock_bh(&l->lock);
	if (reset) {
		l->early_resets++;
		l->early_resets_end = jiffies + RESETS_COUNT;
	} else {
		l->early--;
	}
	spin_unlock_bh(&l->lock);
}

/* Does the cookie prove who it is?  Return: the number of its key, or -EACCES. */
static int check(const u8 *keys, int n, const struct ttp_key *key, const struct ttp_cookie *cookie)
{
	struct ttp_cookie ours;
	int i;

	for (i = 0; i < n; i++) {
		ours = make(key, keys + i * TTP_FASTOPEN_KEY_LEN);
		if (same(&ours, cookie))
			return i;
	}
	return -EACCES;
}

/* Does the SYN's cookie prove who sends it?  @fresh becomes one that will: for who asks, or has
 * one that is wrong, or of the key before.
 */
static bool proven(const struct ttp_req *req, const struct ttp_seg *seg, struct ttp_cookie *fresh)
{
	struct net *net = req->mini.ep.tn->net;
	u8 keys[2 * TTP_FASTOPEN_KEY_LEN];
	int n = ttp_fastopen_get_keys(net, req->mini.path.sk, keys), which = -EACCES;

	if (!n || !seg->has_cookie)
		return false;
	if (seg->cookie.len)
		which = check(keys, n, &req->mini.ep.key, &seg->cookie);
	if (which)
		*fresh = make(&req->mini.ep.key, keys);
	if (which > 0)
		ttp_mib_inc(ttp_net(net), TTP_MIB_FASTOPEN_OLD_KEY);
	if (which < 0 && seg->cookie.len)
		ttp_mib_inc(ttp_net(net), TTP_MIB_FASTOPEN_PASSIVE_FAIL);
	return which >= 0;
}

/* May a connection begin by this SYN alone?  Then it is counted. */
static bool may_begin(struct ttp_req *req, const struct dst_entry *dst, const struct ttp_seg *seg,
		      struct ttp_cookie *cookie)
{
	struct net *net = req->mini.ep.tn->net;

	cookie->len = 0;
	if (seg->has_cookie && !seg->cookie.len)
		ttp_mib_inc(ttp_net(net), TTP_MIB_FASTOPEN_COOKIES);
	if (!(knob(net) & SERVER) || !(seg->len || seg->has_cookie) || !room(req->mini.path.sk))
		return false;
	if (no_cookie(req->mini.path.sk, dst, SERVER_NO_COOKIE) || proven(req, seg, cookie))
		return true;
	leave(req->mini.path.sk, false);
	return false;
}

/**
 * ttp_fastopen_begin - a request becomes a child at once, if its SYN says so and we may believe it
 * @req: its lock held; with its 4-tuple
 * @skb: the SYN, of whose data the child gets a clone
 * @seg: what is in it
 * @dst: the route of the answer
 * @cookie: filled in: for the SYN,ACK; may be empty
 *
 * Context: softirq. Return: false: the handshake goes on.
 */
bool ttp_fastopen_begin(struct ttp_req *req, struct sk_buff *skb, const struct ttp_seg *seg,
			const struct dst_entry *dst, struct ttp_cookie *cookie)
{
	struct sk_buff *syn;

	if (!may_begin(req, dst, seg, cookie))
		return false;
	syn = skb_clone(skb, GFP_ATOMIC);
	if (syn && ttp_child_make(req, syn, cookie))
		return true;
	consume_skb(syn);	/* the packet itself is with the request */
	ttp_mib_inc(req->mini.ep.tn, TTP_MIB_FASTOPEN_PASSIVE_FAIL);
	leave(req->mini.path.sk, false);
	return false;
}

/**
 * ttp_fastopen_first - the SYN with which a child begins
 * @lsk: the listener
 * @sk: the child, its lock held
 * @skb: the SYN, consumed
 * @cookie: for the SYN,ACK; may be empty
 */
void ttp_fastopen_first(struct sock *lsk, struct sock *sk, struct sk_buff *skb,
			const struct ttp_cookie *cookie)
{
	struct ttp_verdict v __uninitialized;
	struct ttp_seg seg __uninitialized;

	ttp_mib_inc(ttp_sk_net(lsk), TTP_MIB_FASTOPEN_PASSIVE);
	sock_hold(lsk);
	ttp_sk(sk)->early_of = lsk;
	ttp_verdict_init(&v);
	if (ttp_ip_parse(sock_net(sk), skb, &seg))
		ttp_fastopen_child(&ttp_sk(sk)->tcb, &seg, cookie, ttp_now(), &v);
	ttp_verdict_carry_out(sk, &v);
	if (!(v.todo & TTP_DO_TAKEN))
		consume_skb(skb);	/* a clone: the request has the packet */
}

/**
 * ttp_fastopen_over - the handshake of a child has ended, or the child
 * @sk: of ttp_fastopen_first(), or any other socket; its lock is held
 * @reset: by a RST
 */
void ttp_fastopen_over(struct sock *sk, bool reset)
{
	struct sock *lsk = ttp_sk(sk)->early_of;

	if (!lsk)
		return;
	ttp_sk(sk)->early_of = NULL;
	leave(lsk, reset);
	sock_put(lsk);
}

/* ---- client ---- */

static bool is_peer(const struct ttp_fastopen_peer *peer, const struct ttp_key *key)
{
	return !memcmp(&peer->local, &key->local, sizeof(key->local)) &&
	       !memcmp(&peer->remote, &key->remote, sizeof(key->remote));
}

static struct ttp_fastopen_peer *peer_of(struct ttp_net *tn, const struct ttp_key *key)
{
	/* a hash of the two addresses; of two pairs with the same one, the newer counts */
	return &tn->peers->slot[ttp_isn_ts_offset(key) % ARRAY_SIZE(tn->peers->slot)];
}

/* Did a middlebox swallow SYNs lately?  The pause doubles each time, six times. */
static bool pause(struct ttp_net *tn)
{
	u32 s = READ_ONCE(tn->cfg.fastopen_pause_s), times = READ_ONCE(tn->fastopen_pauses);

	return s && times && time_before64(get_jiffies_64(), READ_ONCE(tn->fastopen_paused) +
					   ((u64)s * HZ << min(times - 1, 6U)));
}

/**
 * ttp_fastopen_cookie - what is known of the server that a socket connects to?
 * @sk: its 4-tuple and route are known; the socket lock is held
 * @cookie: filled in; empty when there is none
 * @mss: what the server takes, as it said last time; 0: not known
 *
 * Return: can data go with the SYN? 1 with @cookie, 2 without, 0 no, -EAGAIN: nor may a
 * cookie be asked for.
 */
int ttp_fastopen_cookie(struct sock *sk, struct ttp_cookie *cookie, u16 *mss)
{
	struct ttp_net *tn = ttp_sk_net(sk);
	const struct ttp_key *key = &ttp_sk(sk)->ep.key;
	struct ttp_fastopen_peer *peer = peer_of(tn, key);

	cookie->len = 0;
	*mss = 0;
	spin_lock_bh(&tn->peers->lock);
	if (is_peer(peer, key)) {
		*cookie = peer->cookie;
		*mss = peer->mss;
	}
	spin_unlock_bh(&tn->peers->lock);
	if (pause(tn))
		return -EAGAIN;
	if (no_cookie(sk, __sk_dst_get(sk), CLIENT_NO_COOKIE))
		return 2;
	return cookie->len > 0;
}

/* May the program use Fast Open to connect (net.ttp.fastopen)? */
bool ttp_fastopen_client(const struct sock *sk)
{
	return knob(sock_net(sk)) & CLIENT;
}

/* %TTP_DO_COOKIE: remember what the server's SYN,ACK has brought. */
void ttp_fastopen_remember(struct sock *sk)
{
	struct ttp_net *tn = ttp_sk_net(sk);
	const struct ttp_key *key = &ttp_sk(sk)->ep.key;
	struct ttp_fastopen_peer *peer = peer_of(tn, key);
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	const struct dst_entry *dst = __sk_dst_get(sk);

	/* it works: the next pause is a short one again */
	if (tcb->fastopen.acked && dst && !(dst->dev->flags & IFF_LOOPBACK))
		WRITE_ONCE(tn->fastopen_pauses, 0);
	spin_lock_bh(&tn->peers->lock);
	if (!is_peer(peer, key)) {
		if (!tcb->flow->cookie.len)
			goto out;
		*peer = (struct ttp_fastopen_peer){ key->local, key->remote };
	}
	peer->mss = tcb->opt.mss;
	if (tcb->flow->cookie.len)
		peer->cookie = tcb->flow->cookie;
out:
	spin_unlock_bh(&tn->peers->lock);
}

/* %TTP_DO_NO_FASTOPEN: no Fast Open for a while, in the whole namespace. */
void ttp_fastopen_pause(struct sock *sk)
{
	struct ttp_net *tn = ttp_sk_net(sk);

	if (!READ_ONCE(tn->cfg.fastopen_pause_s))
		return;
	WRITE_ONCE(tn->fastopen_paused, get_jiffies_64());
	WRITE_ONCE(tn->fastopen_pauses, READ_ONCE(tn->fastopen_pauses) + 1);
	ttp_mib_inc(ttp_sk_net(sk), TTP_MIB_FASTOPEN_BLACK_HOLES);
}

/* A network namespace begins.  Return: 0 or -ENOMEM. */
int ttp_fastopen_init(struct ttp_net *tn)
{
	tn->peers = kzalloc(sizeof(*tn->peers), GFP_KERNEL);
	if (!tn->peers)
		return -ENOMEM;
	spin_lock_init(&tn->peers->lock);
	return 0;
}

void ttp_fastopen_exit(struct ttp_net *tn)
{
	kfree(rcu_dereference_protected(tn->fastopen_keys, true));
	kfree(tn->peers);
}
