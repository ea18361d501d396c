// SPDX-License-Identifier: GPL-2.0
/*
 * datagrams.c - what there is to see of datagrams: the sockets (/proc/net/ttp/datagrams, and
 * netlink's datagram-get), and an event for each datagram (netlink's group datagram).
 *
 * A list is read in parts; between two, its place is a slot of the table and the number of the
 * last socket.  The sockets of a slot are sorted by number, so each one is shown once.
 *
 * Called by procfs.c and netlink.c (process), and by whatever sends or receives a datagram.
 *
 * Next: datagram/table.c.
 */
#include <linux/sock_diag.h>
#include <net/genetlink.h>

#include "datagram/datagram.h"
#include "see/datagrams.h"
#include "see/netlink.h"

/* ---- the walk ---- */

static const struct ttp_datagrams_place beginning = { .before = U64_MAX };

static struct hlist_node *first(struct ttp_net *tn, u32 slot)
{
	return rcu_dereference(hlist_first_rcu(&tn->datagrams.slots[slot]));
}

/* The next socket that was not shown, at @node or after it. */
static struct sock *from(struct ttp_net *tn, struct ttp_datagrams_place *p, struct hlist_node *node)
{
	struct ttp_datagram_sock *dsk;

	while (p->slot < TTP_BOUND_SLOTS) {
		for (; node; node = rcu_dereference(hlist_next_rcu(node))) {
			dsk = hlist_entry(node, struct ttp_datagram_sock, node);
			p->id = READ_ONCE(dsk->id);
			if (p->id < p->before)
				return &dsk->inet.sk;
		}
		p->before = U64_MAX;
		if (++p->slot < TTP_BOUND_SLOTS)
			node = first(tn, p->slot);
	}
	return NULL;
}

/* The socket at the place.  Context: under RCU. */
static struct sock *look(struct ttp_net *tn, struct ttp_datagrams_place *p)
{
	return p->slot < TTP_BOUND_SLOTS ? from(tn, p, first(tn, p->slot)) : NULL;
}

/* The one behind @sk, which came last.  Context: under RCU since then. */
static struct sock *behind(struct ttp_net *tn, struct ttp_datagrams_place *p, struct sock *sk)
{
	struct ttp_datagram_sock *dsk = ttp_datagram_sk(sk);
	struct hlist_node *node = rcu_dereference(hlist_next_rcu(&dsk->node));

	p->before = p->id;
	smp_rmb();	/* pairs with bind(): it may have another port, and be in another slot */
	return READ_ONCE(dsk->id) == p->id ? from(tn, p, node) : look(tn, p);
}

/* ---- /proc ---- */

static void *seq_start(struct seq_file *seq, loff_t *pos) __acquires(RCU)
{
	struct ttp_net *tn = ttp_net(seq_file_net(seq));
	struct ttp_datagrams_reader *r = seq->private;
	struct sock *sk;
	loff_t line;

	rcu_read_lock();
	if (!*pos || *pos != r->pos)
		r->place = beginning;
	sk = *pos ? look(tn, &r->place) : SEQ_START_TOKEN;
	if (*pos != r->pos)
		for (line = 1; sk && line < *pos; line++)
			sk = behind(tn, &r->place, sk);
	r->pos = *pos;
	return sk;
}

static void *seq_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct ttp_net *tn = ttp_net(seq_file_net(seq));
	struct ttp_datagrams_reader *r = seq->private;

	r->pos = ++*pos;
	return v == SEQ_START_TOKEN ? look(tn, &r->place) : behind(tn, &r->place, v);
}

static void seq_stop(struct seq_file *seq, void *v) __releases(RCU)
{
	rcu_read_unlock();
}

/* Both ends.  One with an IPv4-mapped address is one of IPv4. */
static void key_of(const struct sock *sk, struct ttp_key *key)
{
	const struct inet_sock *inet = inet_sk(sk);

	*key = (struct ttp_key){
		.family = sk->sk_family,
		.lport = htons(READ_ONCE(inet->inet_num)),
		.rport = READ_ONCE(inet->inet_dport),
	};
#if IS_ENABLED(CONFIG_IPV6)
	if (key->family == AF_INET6) {
		/* not locked: bind() may change it at this moment */
		data_race(key->local.v6 = sk->sk_v6_rcv_saddr);
		/* and so may connect() */
		data_race(key->remote.v6 = sk->sk_v6_daddr);
		if (!ipv6_addr_v4mapped(&key->local.v6) && !ipv6_addr_v4mapped(&key->remote.v6))
			return;
		key->family = AF_INET;
		memset(&key->local, 0, sizeof(key->local));
		memset(&key->remote, 0, sizeof(key->remote));
	}
#endif
	key->local.v4 = READ_ONCE(inet->inet_rcv_saddr);
	key->remote.v4 = READ_ONCE(inet->inet_daddr);
}

static int seq_show(struct seq_file *seq, void *v)
{
	const char *state = "UNCONNECTED";
	struct sock *sk = v;
	struct ttp_key key;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "state        local                 remote                 recv-q  send-q   drops   uid    inode id\n");
		return 0;
	}
	key_of(sk, &key);
	if (READ_ONCE(sk->sk_state) == TCP_ESTABLISHED)
		state = "CONNECTED";
	seq_printf(seq, "%-12s", state);
	ttp_procfs_put_ends(seq, &key);
	seq_printf(seq, " %7u %7u", sk_rmem_alloc_get(sk), sk_wmem_alloc_get(sk));
	seq_printf(seq, " %7u %5u %8lu %llu\n", atomic_read(&sk->sk_drops),
		   from_kuid_munged(seq_user_ns(seq), sock_i_uid(sk)),
		   (unsigned long)sock_i_ino(sk), READ_ONCE(ttp_datagram_sk(sk)->id));
	return 0;
}

/* Of a struct ttp_datagrams_reader */
const struct seq_operations ttp_datagrams_seq_ops = {
	.start = seq_start,
	.next = seq_next,
	.stop = seq_stop,
	.show = seq_show,
};

/* ---- netlink ---- */

static int put_sock(struct sk_buff *msg, struct netlink_callback *cb, struct sock *sk)
{
	const struct ttp_conn conn = {
		.id = READ_ONCE(ttp_datagram_sk(sk)->id),
		.state = READ_ONCE(sk->sk_state) == TCP_ESTABLISHED ? TTP_ESTABLISHED : TTP_CLOSED,
	};
	struct user_namespace *user = sk_user_ns(NETLINK_CB(cb->skb).sk);
	struct ttp_key key;
	void *head = ttp_netlink_begin(msg, cb, TTP_CMD_DATAGRAM_GET);
	bool full;

	key_of(sk, &key);
	full = !head || ttp_netlink_put_tuple(msg, sock_net(sk), &key, &conn) ||
	       nla_put_u32(msg, TTP_A_UID, from_kuid_munged(user, sock_i_uid(sk))) ||
	       nla_put_u32(msg, TTP_A_INODE, sock_i_ino(sk)) ||
	       sock_diag_put_meminfo(sk, msg, TTP_A_SKMEMINFO);
	return ttp_netlink_end(msg, head, full);
}

/* %TTP_CMD_DATAGRAM_GET.  Return: bytes in @msg, 0 at the end. */
int ttp_datagrams_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct ttp_net *tn = ttp_net(sock_net(cb->skb->sk));
	struct ttp_datagrams_place *p = (struct ttp_datagrams_place *)cb->ctx;
	struct sock *sk;

	BUILD_BUG_ON(sizeof(*p) > sizeof(cb->ctx));
	if (!p->before)
		*p = beginning;
	rcu_read_lock();
	sk = look(tn, p);
	while (sk && !put_sock(msg, cb, sk))
		sk = behind(tn, p, sk);
	rcu_read_unlock();
	return msg->len;
}

struct event {
	struct net *net;
	u64 time_ns;
	const struct ttp_key *key;
	const struct ttp_datagram_event *what;
};

static int put_datagram(struct sk_buff *msg, const void *event)
{
	const struct event *e = event;
	const struct ttp_conn conn = { .id = e->what->id, .state = TTP_CLOSED };
	enum ttp_mib drop = e->what->drop;

	return put_u64(msg, TTP_A_TIME_NS, e->time_ns) ||
	       ttp_netlink_put_tuple(msg, e->net, e->key, &conn) ||
	       nla_put_u8(msg, TTP_A_DIRECTION, e->what->direction) ||
	       nla_put_u32(msg, TTP_A_SEG_LEN, e->what->len) ||
	       (drop != TTP_MIB_NONE && nla_put_string(msg, TTP_A_DROP, ttp_mib_names[drop]));
}

/**
 * ttp_datagrams_tell - event: a datagram is sent, or has arrived
 * @net: the namespace
 * @key: both ends
 * @what: what happened
 *
 * Context: any.
 */
void ttp_datagrams_tell(struct net *net, const struct ttp_key *key,
			const struct ttp_datagram_event *what)
{
	struct event e = { .net = net, .key = key, .what = what };

	if (!(ttp_netlink_watched(ttp_net(net)) & BIT(TTP_GROUP_DATAGRAM)))
		return;
	e.time_ns = ktime_get_ns();
	ttp_watchers_event(net, TTP_GROUP_DATAGRAM, key, put_datagram, &e);
}

/* The same for one of @len bytes that is about to be sent */
void ttp_datagrams_sent(const struct sock *sk, const struct ttp_key *key, u32 len)
{
	const struct ttp_datagram_event event = {
		.id = READ_ONCE(ttp_datagram_sk(sk)->id), .direction = TTP_DIRECTION_OUT,
		.len = len, .drop = TTP_MIB_NONE,
	};

	ttp_datagrams_tell(sock_net(sk), key, &event);
}
