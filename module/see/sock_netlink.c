// SPDX-License-Identifier: GPL-2.0
/*
 * sock_netlink.c - sockets, as requests of the netlink family: a dump of all that match; one
 * of them, with its timers and its queues; the end of one.
 *
 * A dump takes no socket's lock: what it says of one is of about one moment.  One that is
 * asked for is read under its lock.
 *
 * Called by netlink.c's family.  Context: process.
 *
 * Next: walk.c, snapshot.c; info.c for TCP_INFO.
 */
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <net/genetlink.h>

#include "ttp.h"
#include "see/netlink.h"

#define RANGES		128	/* of a queue, that are told */
#define RANGE_SIZE	64	/* bytes of a range in a message, at most */

static int address_ok(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	if (nla_len(attr) == ttp_addr_len(AF_INET) || nla_len(attr) == ttp_addr_len(AF_INET6))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "an address has 4 or 16 bytes");
	return -ERANGE;
}

#define ADDRESS		NLA_POLICY_VALIDATE_FN(NLA_BINARY, address_ok, sizeof(struct in6_addr))

const struct nla_policy ttp_sock_get_policy[TTP_A_MAX + 1] = {
	[TTP_A_ID] = { .type = NLA_U64 },
	[TTP_A_SADDR] = ADDRESS,
	[TTP_A_DADDR] = ADDRESS,
	[TTP_A_SPORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[TTP_A_DPORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[TTP_A_UID] = { .type = NLA_U32 },
	[TTP_A_STATES] = NLA_POLICY_RANGE(NLA_U16, 1, BIT(TTP_STATE_CLOSING + 1) - 1),
	[TTP_A_UNCONNECTED] = { .type = NLA_FLAG },
	[TTP_A_PARTS] = NLA_POLICY_MASK(NLA_U32, TTP_PART_TCB | TTP_PART_MEMORY),
};

const struct nla_policy ttp_sock_destroy_policy[TTP_A_MAX + 1] = {
	[TTP_A_ID] = { .type = NLA_U64 },
};

int (*ttp_sock_destroy_id)(struct net *net, u64 id) __ro_after_init;

static int put_negotiated(struct sk_buff *msg, const struct ttp_options *opt)
{
	return nla_put_u8(msg, TTP_A_OPTIONS, ttp_info_options(opt)) ||
	       nla_put_u8(msg, TTP_A_SND_WSCALE, opt->snd_wscale) ||
	       nla_put_u8(msg, TTP_A_RCV_WSCALE, opt->rcv_wscale);
}

static int put_congestion_of(struct sk_buff *msg, const struct ttp_snapshot *snap)
{
	const struct ttp_cong_ops *ops = snap->tcb->cong_ops;
	const struct ttp_flow *flow = snap->tcb->flow;
	unsigned long rate = snap->pacing_rate;
	union tcp_cc_info info;
	u32 len = ops->info && flow ? ops->info(&flow->cong, &info) : 0;

	return nla_put_string(msg, TTP_A_CONGESTION, ops->name) ||
	       (len && nla_put(msg, TTP_A_CONGESTION_INFO, len, &info)) ||
	       (rate != ~0UL && put_u64(msg, TTP_A_PACING_RATE, rate));
}

static int put_windows(struct sk_buff *msg, const struct ttp_tcb *tcb)
{
	return nla_put_u32(msg, TTP_A_SND_WND, tcb->snd.wnd) ||
	       nla_put_u32(msg, TTP_A_RCV_WND, tcb->rcv.wnd) ||
	       nla_put_u32(msg, TTP_A_CWND, ttp_flow_cwnd(tcb)) ||
	       nla_put_u32(msg, TTP_A_SSTHRESH, ttp_flow_ssthresh(tcb));
}

static int put_tcb(struct sk_buff *msg, const struct ttp_snapshot *snap)
{
	const struct ttp_tcb *tcb = snap->tcb;

	return put_windows(msg, tcb) ||
	       put_negotiated(msg, &tcb->opt) ||
	       nla_put_u32(msg, TTP_A_MSS, tcb->snd.mss) ||
	       nla_put_u32(msg, TTP_A_IN_FLIGHT, ttp_send_in_flight(tcb)) ||
	       nla_put_u32(msg, TTP_A_SRTT_US, tcb->srtt_us) ||
	       nla_put_u32(msg, TTP_A_RTTVAR_US, tcb->rttvar_us) ||
	       nla_put_u32(msg, TTP_A_RTO_US, ttp_rtt_rto(tcb)) ||
	       nla_put_u8(msg, TTP_A_BACKOFF, tcb->backoff) ||
	       nla_put_u32(msg, TTP_A_TOTAL_RETRANS, tcb->total_retrans) ||
	       put_u64(msg, TTP_A_BYTES_SENT, tcb->bytes_sent) ||
	       put_u64(msg, TTP_A_BYTES_ACKED, tcb->bytes_acked) ||
	       put_u64(msg, TTP_A_BYTES_RECEIVED, tcb->bytes_received) ||
	       nla_put_u32(msg, TTP_A_SEGS_OUT, tcb->segs_out) ||
	       nla_put_u32(msg, TTP_A_SEGS_IN, tcb->segs_in) ||
	       put_congestion_of(msg, snap) ||
	       nla_put_string(msg, TTP_A_ARQ, ttp_arq_names[tcb->asked.arq]);
}

/* Blind attacks: who knows the sequence numbers can inject data.  Only the network's
 * administrator gets them, in dumps as in events.
 */
static int put_numbers(struct sk_buff *msg, struct sk_buff *for_whom,
		       const struct net *net, const struct ttp_snapshot *snap)
{
	if (!netlink_ns_capable(for_whom, net->user_ns, CAP_NET_ADMIN))
		return 0;
	if (ttp_netlink_put_initial(msg, &snap->conn))
		return -EMSGSIZE;
	if (snap->tcb)
		return nla_put_u32(msg, TTP_A_SND_UNA, snap->tcb->snd.una) ||
		       nla_put_u32(msg, TTP_A_SND_NXT, snap->tcb->snd.nxt) ||
		       nla_put_u32(msg, TTP_A_RCV_NXT, snap->tcb->rcv.nxt);
	return nla_put_u32(msg, TTP_A_SND_NXT, snap->snd_nxt) ||
	       nla_put_u32(msg, TTP_A_RCV_NXT, snap->rcv_nxt);
}

/* What every list has: who and where, timer and queues. */
static int put_head(struct sk_buff *msg, struct sk_buff *for_whom,
		    const struct net *net, const struct ttp_snapshot *snap)
{
	uid_t uid = from_kuid_munged(sk_user_ns(NETLINK_CB(for_whom).sk), snap->uid);

	return ttp_netlink_put_tuple(msg, net, &snap->key, &snap->conn) ||
	       nla_put_u8(msg, TTP_A_TIMER, ttp_snapshot_timer(snap)) ||
	       nla_put_u32(msg, TTP_A_TIMER_MS, snap->timer_ms) ||
	       nla_put_u8(msg, TTP_A_RETRANSMITS, snap->retransmits) ||
	       nla_put_u32(msg, TTP_A_RQUEUE, snap->rqueue) ||
	       nla_put_u32(msg, TTP_A_WQUEUE, snap->wqueue) ||
	       nla_put_u32(msg, TTP_A_UID, uid) ||
	       nla_put_u32(msg, TTP_A_INODE, snap->inode);
}

/* %TTP_PART_TCB: of a connection, or of a listener what it has instead. */
static int put_rest(struct sk_buff *msg, struct sk_buff *for_whom,
		    const struct net *net, const struct ttp_snapshot *snap)
{
	if (snap->conn.state == TTP_LISTEN)
		return nla_put_u32(msg, TTP_A_SYNQ, snap->synq);
	if (nla_put_u32(msg, TTP_A_OFO_QUEUE, snap->ofo) || put_numbers(msg, for_whom, net, snap))
		return -EMSGSIZE;
	return snap->tcb ? put_tcb(msg, snap) : 0;
}

/* ---- which sockets ---- */

/* What is asked for: all that is given is true of it. */
struct choice {
	u64 id;			/* 0: any */
	u16 states;		/* bits; 0: any */
	u8 local, remote;	/* bytes of an address; 0: any */
	bool owner;		/* a user is */
	struct ttp_key key;	/* the addresses, and ports; port 0: any */
	kuid_t uid;
};

static void choice_of(struct choice *c, struct nlattr **attrs, struct sk_buff *asked)
{
	memset(c, 0, sizeof(*c));
	if (attrs[TTP_A_ID])
		c->id = nla_get_u64(attrs[TTP_A_ID]);
	if (attrs[TTP_A_STATES])
		c->states = nla_get_u16(attrs[TTP_A_STATES]);
	if (attrs[TTP_A_SADDR])
		c->local = nla_memcpy(&c->key.local, attrs[TTP_A_SADDR], sizeof(c->key.local));
	if (attrs[TTP_A_DADDR])
		c->remote = nla_memcpy(&c->key.remote, attrs[TTP_A_DADDR], sizeof(c->key.remote));
	if (attrs[TTP_A_SPORT])
		c->key.lport = htons(nla_get_u16(attrs[TTP_A_SPORT]));
	if (attrs[TTP_A_DPORT])
		c->key.rport = htons(nla_get_u16(attrs[TTP_A_DPORT]));
	c->owner = attrs[TTP_A_UID];
	if (c->owner)
		c->uid = make_kuid(sk_user_ns(NETLINK_CB(asked).sk), nla_get_u32(attrs[TTP_A_UID]));
}

/* @len: bytes of @wanted; 0: any will do */
static bool same_addr(const union ttp_addr *wanted, u8 len, const union ttp_addr *addr, u16 family)
{
	return !len || (len == ttp_addr_len(family) && !memcmp(wanted, addr, len));
}

static bool chosen(const struct choice *c, const struct ttp_snapshot *snap)
{
	return (!c->id || c->id == snap->conn.id) &&
	       (!c->states || ttp_fsm_in(snap->conn.state, c->states)) &&
	       same_addr(&c->key.local, c->local, &snap->key.local, snap->key.family) &&
	       same_addr(&c->key.remote, c->remote, &snap->key.remote, snap->key.family) &&
	       (!c->key.lport || c->key.lport == snap->key.lport) &&
	       (!c->key.rport || c->key.rport == snap->key.rport) &&
	       (!c->owner || uid_eq(c->uid, snap->uid));
}

/* ---- a dump ---- */

/* Between its messages */
struct sock_dump {
	struct ttp_walk walk;
	struct choice choice;
	u32 parts;	/* that are wanted: %TTP_PART_ */
};

static struct sock_dump *dump_of(struct netlink_callback *cb)
{
	return (struct sock_dump *)cb->args[0];
}

static int put_sock(struct sk_buff *msg, struct netlink_callback *cb, struct ttp_ep *ep)
{
	const struct net *net = sock_net(cb->skb->sk);
	u32 parts = dump_of(cb)->parts;
	struct ttp_snapshot snap;
	void *head;
	bool full;

	ttp_snapshot_ep(ep, &snap);
	if (!chosen(&dump_of(cb)->choice, &snap))
		return 0;
	head = ttp_netlink_begin(msg, cb, TTP_CMD_SOCK_GET);
	if (!head)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, head);
	full = put_head(msg, cb->skb, net, &snap) ||
	       (parts & TTP_PART_TCB && put_rest(msg, cb->skb, net, &snap)) ||
	       (parts & TTP_PART_MEMORY && ep->kind == TTP_KIND_SOCK &&
		sock_diag_put_meminfo(ttp_ep_sock(ep), msg, TTP_A_SKMEMINFO));
	return ttp_netlink_end(msg, head, full);
}

int ttp_sock_dump_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = ttp_genl_dump_attrs(cb);
	struct sock_dump *dump = kmalloc(sizeof(*dump), GFP_KERNEL);

	if (!dump)
		return -ENOMEM;
	ttp_netlink_flush(sock_net(cb->skb->sk));
	ttp_walk_begin(sock_net(cb->skb->sk), &dump->walk);
	if (attrs[TTP_A_UNCONNECTED])
		ttp_walk_idle_too(&dump->walk);
	choice_of(&dump->choice, attrs, cb->skb);
	dump->parts = attrs[TTP_A_PARTS] ? nla_get_u32(attrs[TTP_A_PARTS]) : ~0;
	cb->args[0] = (long)dump;
	return 0;
}

int ttp_sock_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct ttp_walk *walk = &dump_of(cb)->walk;
	struct ttp_ep *ep = ttp_walk_start(walk);

	/* not 0; a later message with another value has NLM_F_DUMP_INTR */
	cb->seq = walk->rewinds + 1;
	while (ep && !put_sock(msg, cb, ep))
		ep = ttp_walk_next(walk);
	ttp_walk_stop(walk);
	return msg->len;
}

int ttp_sock_dump_done(struct netlink_callback *cb)
{
	ttp_walk_end(&dump_of(cb)->walk);
	kfree(dump_of(cb));
	return 0;
}

/* ---- one of them ---- */

/* Every timer that runs, and when it expires. */
static int put_timers(struct sk_buff *msg, const struct ttp_tcb *tcb)
{
	struct nlattr *nest;
	s64 left;
	int i;

	for (i = 0; i < TTP_TM_MAX; i++) {
		if (!tcb->deadline[i])
			continue;
		left = max_t(s64, tcb->deadline[i] - ttp_now(), 0);
		nest = nla_nest_start(msg, TTP_A_ARMED);
		if (!nest || nla_put_u8(msg, TTP_A_ARMED_TIMER, ttp_snapshot_timers[i]) ||
		    nla_put_u64_64bit(msg, TTP_A_ARMED_LEFT_US, left, TTP_A_ARMED_PAD))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

/* Bytes of a queue that have the same said of them */
struct piece {
	u32 start, end;
	u32 flags;	/* %TTP_RANGE_ */
	u64 sent_us;	/* when, last; 0 never */
};

static int put_range(struct sk_buff *msg, int type, const struct piece *r)
{
	struct nlattr *nest = nla_nest_start(msg, type);
	u64 now = ttp_now();

	if (!nest || nla_put_u32(msg, TTP_A_RANGE_START, r->start) ||
	    nla_put_u32(msg, TTP_A_RANGE_END, r->end) ||
	    nla_put_u32(msg, TTP_A_RANGE_FLAGS, r->flags) ||
	    (r->sent_us && nla_put_u64_64bit(msg, TTP_A_RANGE_AGE_US, now - r->sent_us,
					     TTP_A_RANGE_PAD)))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static u32 range_flags(const struct ttp_txrec *rec)
{
	return (rec->flags & TTP_TX_SENT ? TTP_RANGE_SENT : 0) |
	       (rec->flags & TTP_TX_SACKED ? TTP_RANGE_SACKED : 0) |
	       (rec->flags & TTP_TX_LOST ? TTP_RANGE_LOST : 0) |
	       (rec->flags & TTP_TX_RESENT ? TTP_RANGE_RESENT : 0) |
	       (rec->flags & TTP_TX_EVER_RESENT ? TTP_RANGE_EVER_RESENT : 0);
}

static struct piece range_of(const struct ttp_tcb *tcb, const struct ttp_txrec *rec, u32 more)
{
	u32 flags = range_flags(rec) | more;

	return (struct piece) {
		.start = seq_max(rec->seq, tcb->snd.una), .end = rec->end, .flags = flags,
		.sent_us = flags & TTP_RANGE_SENT ? rec->sent_us : 0,
	};
}

/* The queues of what is sent and of what is out of order, at most %RANGES of each. */
struct pieces {
	struct sk_buff *msg;
	int type;
	u32 n;
	struct piece last;	/* not put yet */
};

static int ranges_flush(struct pieces *rs)
{
	if (rs->last.start == rs->last.end)
		return 0;
	if (rs->n++ == RANGES)
		return nla_put_flag(rs->msg, TTP_A_CUT);
	return rs->n > RANGES ? 0 : put_range(rs->msg, rs->type, &rs->last);
}

/* @r, after those before it; one of which the same is said is joined to the last. */
static int ranges_add(struct pieces *rs, const struct piece *r)
{
	if (rs->last.end == r->start && rs->last.flags == r->flags &&
	    rs->last.start != rs->last.end) {
		rs->last.end = r->end;
		return 0;
	}
	if (ranges_flush(rs))
		return -EMSGSIZE;
	rs->last = *r;
	return 0;
}

static int put_send_queue(struct sk_buff *msg, struct ttp_tcb *tcb)
{
	struct pieces rs = { .msg = msg, .type = TTP_A_SEND_QUEUE };
	struct ttp_txrec *rec;
	struct piece r;

	for (rec = ttp_txq_first(tcb); rec && rs.n <= RANGES; rec = ttp_txq_next(tcb, rec)) {
		r = range_of(tcb, rec, 0);
		if (seq_gt(r.end, r.start) && ranges_add(&rs, &r))
			return -EMSGSIZE;
	}
	if (tcb->snd.fin_queued && seq_gt(tcb->flow->fin.end, tcb->snd.una)) {
		r = range_of(tcb, &tcb->flow->fin, TTP_RANGE_FIN);
		if (ranges_add(&rs, &r))
			return -EMSGSIZE;
	}
	return ranges_flush(&rs);
}

static int put_early(struct sk_buff *msg, struct ttp_sock *tsk)
{
	struct pieces rs = { .msg = msg, .type = TTP_A_OUT_OF_ORDER };
	struct sk_buff *skb;

	for (skb = skb_rb_first(&tsk->ofo); skb && rs.n <= RANGES; skb = skb_rb_next(skb)) {
		struct piece r = {
			.start = ttp_cb(skb)->seq, .end = ttp_cb(skb)->seq + skb->len,
		};

		if (ranges_add(&rs, &r))
			return -EMSGSIZE;
	}
	return ranges_flush(&rs);
}

/* Who knows the numbers can inject data, see put_numbers(). */
static int put_queues(struct sk_buff *msg, struct sk_buff *for_whom, struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	if (!netlink_ns_capable(for_whom, sock_net(sk)->user_ns, CAP_NET_ADMIN))
		return 0;
	return put_send_queue(msg, tcb) || put_early(msg, ttp_sk(sk)) ||
	       (tcb->rcv.nsack && nla_put(msg, TTP_A_OPT_SACK,
					  tcb->rcv.nsack * sizeof(tcb->flow->sack[0]),
					  tcb->flow->sack));
}

/* What only a socket has. */
static int put_locked(struct sk_buff *msg, struct sk_buff *for_whom, struct sock *sk)
{
	struct tcp_info info;

	ttp_info(sk, &info);
	if (nla_put_64bit(msg, TTP_A_TCP_INFO, sizeof(info), &info, TTP_A_PAD) ||
	    sock_diag_put_meminfo(sk, msg, TTP_A_SKMEMINFO))
		return -EMSGSIZE;
	if (sk->sk_state == TTP_LISTEN)
		return 0;
	return put_timers(msg, &ttp_sk(sk)->tcb) || put_queues(msg, for_whom, sk);
}

/* One socket that is asked for, and what is found. */
struct one {
	struct choice choice;
	struct ttp_snapshot snap;
	struct sock *sk;	/* held; NULL of what is no socket */
};

static bool is_one(struct ttp_ep *ep, void *arg)
{
	struct one *one = arg;

	ttp_snapshot_ep(ep, &one->snap);
	if (!chosen(&one->choice, &one->snap))
		return false;
	one->sk = ep->kind == TTP_KIND_SOCK ? ttp_ep_sock(ep) : NULL;
	return !one->sk || refcount_inc_not_zero(&one->sk->sk_refcnt);
}

static int put_one(struct sk_buff *msg, struct genl_info *info, struct sk_buff *for_whom,
		   const struct ttp_snapshot *snap, struct sock *sk)
{
	struct net *net = genl_info_net(info);
	void *head = genlmsg_put_reply(msg, info, &ttp_netlink_family, 0, TTP_CMD_SOCK_GET);

	if (!head || put_head(msg, for_whom, net, snap) || put_rest(msg, for_whom, net, snap) ||
	    (sk && put_locked(msg, for_whom, sk)))
		return -EMSGSIZE;
	genlmsg_end(msg, head);
	return 0;
}

/* A socket is read while no process has it locked.  One that has may sleep, on memory of its own,
 * and all of generic netlink would wait for it: so we wait only as long as a system call takes.
 */
static int put_sock_locked(struct sk_buff *msg, struct genl_info *info, struct sk_buff *for_whom,
			   struct ttp_snapshot *snap, struct sock *sk)
{
	int tries, err;

	for (tries = 0; tries < 100; tries++) {
		spin_lock_bh(&sk->sk_lock.slock);
		if (!sock_owned_by_user(sk)) {
			ttp_snapshot_ep(&ttp_sk(sk)->ep, snap);	/* as all below */
			err = put_one(msg, info, for_whom, snap, sk);
			spin_unlock_bh(&sk->sk_lock.slock);
			return err;
		}
		spin_unlock_bh(&sk->sk_lock.slock);
		usleep_range(100, 200);
	}
	return -EBUSY;
}

/* One socket, the first that is found: what a dump has of it, and TCP_INFO, every timer, the
 * queues.  -EBUSY: a process keeps it locked.
 */
int ttp_sock_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE + 2 * RANGES * RANGE_SIZE, GFP_KERNEL);
	struct one one;
	int err = -ENOENT;

	if (!msg)
		return -ENOMEM;
	choice_of(&one.choice, info->attrs, skb);
	ttp_netlink_flush(genl_info_net(info));
	if (ttp_walk_find(genl_info_net(info), is_one, &one)) {
		err = one.sk ? put_sock_locked(msg, info, skb, &one.snap, one.sk) :
		      put_one(msg, info, skb, &one.snap, NULL);
		if (one.sk)
			sock_put(one.sk);
	}
	if (!err)
		return genlmsg_reply(msg, info);
	nlmsg_free(msg);
	return err;
}

/* End one. */
int ttp_sock_destroy_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (!info->attrs[TTP_A_ID])
		return -EINVAL;
	return ttp_sock_destroy_id(genl_info_net(info), nla_get_u64(info->attrs[TTP_A_ID]));
}
