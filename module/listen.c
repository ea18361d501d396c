// SPDX-License-Identifier: GPL-2.0
/*
 * listen.c - a socket in LISTEN: requests, the children that they become, and
 * the queue in which children wait for accept().
 *
 * A listener's segments are processed without its socket lock: what it has is
 * guarded by ttp_listener.lock, a request by its own.
 *
 * Next: core/passive.c for what the segments mean.
 */
#include <net/inet_common.h>
#include <net/route.h>

#include "ttp.h"

/**
 * ttp_listen_init - before listen()
 * @tsk: a new socket
 */
void ttp_listen_init(struct ttp_sock *tsk)
{
	spin_lock_init(&tsk->listener.lock);
	tsk->listener.on = false;
	INIT_LIST_HEAD(&tsk->listener.accept);
	INIT_LIST_HEAD(&tsk->listener.requests);
	tsk->listener.nrequests = 0;
	tsk->listener.cookies_until = jiffies;
}

static void switch_on(struct ttp_listener *l, bool on)
{
	spin_lock_bh(&l->lock);
	l->on = on;
	spin_unlock_bh(&l->lock);
}

static int start(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct inet_sock *inet = inet_sk(sk);
	int err = 0;

	if (!inet->inet_num)
		err = ttp_port_bind(sk, 0);
	if (err)
		return err;
	inet->inet_sport = htons(inet->inet_num);
	tsk->tcb.sport = inet->inet_num;
	ttp_demux_key(&tsk->ep.key, inet->inet_rcv_saddr, inet->inet_sport, 0, 0);
	ttp_user_listen(&tsk->tcb);
	/* Only now, seen to listen, may it find out whether its port is shared:
	 * of two that try at once, one must see the other (MUST-41).
	 */
	err = ttp_port_bind(sk, inet->inet_num);
	if (!err) {
		switch_on(&tsk->listener, true);
		err = ttp_demux_listen(sk);
	}
	if (err) {
		switch_on(&tsk->listener, false);
		ttp_fsm_set_state(&tsk->tcb.conn, TTP_CLOSED, TTP_BY_USER,
				  "port in use", NULL);
		inet_sk_set_state(sk, TTP_CLOSED);
		return err;
	}
	sk_dst_reset(sk);
	return 0;
}

/**
 * ttp_listen - passive OPEN (struct proto_ops' listen)
 * @sock: bound or not
 * @backlog: how many connections may wait for accept()
 *
 * Context: process. Return: 0, -EINVAL when connected, -EADDRINUSE.
 */
int ttp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	u8 state;
	int err = -EINVAL;

	lock_sock(sk);
	state = ttp_sk(sk)->tcb.conn.state;
	if (sock->state != SS_UNCONNECTED)
		goto out;
	if (state != TTP_CLOSED && state != TTP_LISTEN)
		goto out;
	err = 0;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	if (state == TTP_CLOSED) {
		ttp_sk(sk)->tcb.conn.id = ttp_main_new_id();
		sk->sk_ack_backlog = 0;
		err = start(sk);
	}
out:
	release_sock(sk);
	return err;
}

/* ---- requests ---- */

static void req_free(struct rcu_head *head)
{
	struct ttp_req *req = container_of(head, struct ttp_req, rcu);

	kfree(req->saved_syn);
	kfree(req);
}

/**
 * ttp_listen_req_put - give a reference back
 * @req: the request
 */
void ttp_listen_req_put(struct ttp_req *req)
{
	if (!refcount_dec_and_test(&req->ref))
		return;
	sock_put(req->lsk);
	call_rcu(&req->rcu, req_free);
}

/* Take a request out of the listener's list; the list's reference goes. */
static void req_unlink(struct ttp_req *req)
{
	struct ttp_listener *l = &ttp_sk(req->lsk)->listener;
	bool linked;

	spin_lock(&l->lock);
	linked = !list_empty(&req->list);
	if (linked) {
		list_del_init(&req->list);
		l->nrequests--;
	}
	spin_unlock(&l->lock);
	if (linked)
		ttp_listen_req_put(req);
}

/* No segment and no timer finds it any more.  Lock held, and a reference. */
static void req_kill(struct ttp_req *req)
{
	if (req->dead)
		return;
	req->dead = true;
	ttp_demux_remove(&req->ep);
	if (del_timer(&req->timer))
		ttp_listen_req_put(req);
	req_unlink(req);
}

static void req_reply(struct ttp_req *req, const struct ttp_seg *seg)
{
	bool again = seg->flags & TTP_SYN;

	ttp_xmit_ep(&req->ep, seg, again, &req->way);
}

static void req_arm(struct ttp_req *req)
{
	if (!mod_timer(&req->timer, jiffies +
		       usecs_to_jiffies(ttp_timer_synack_us(&req->req))))
		refcount_inc(&req->ref);
}

static u8 synack_retries(const struct ttp_req *req)
{
	return READ_ONCE(ttp_sk(req->lsk)->tcb.asked.syn_retries) ?:
	       READ_ONCE(ttp_net(req->ep.net)->cfg.synack_retries);
}

static void req_expired(struct timer_list *t)
{
	struct ttp_req *req = from_timer(req, t, timer);
	struct ttp_seg synack;

	spin_lock(&req->lock);
	if (req->dead)
		goto out;
	if (req->req.retransmits >= synack_retries(req)) {
		ttp_fsm_set_state(&req->req.conn, TTP_CLOSED, TTP_BY_TIMER,
				  "SYN,ACK timeout", NULL);
		req_kill(req);
		goto out;
	}
	req->req.retransmits++;
	req->req.sent_us = 0;
	/* who only waits for text need not be asked, but for the last time */
	if (!req->req.acked || req->req.retransmits >= req->req.defer) {
		ttp_mib_inc(req->ep.net, TTP_MIB_SYNACK_RETRANS);
		ttp_passive_synack(&req->req, ttp_now(), &synack);
		req_reply(req, &synack);
	}
	req_arm(req);
out:
	spin_unlock(&req->lock);
	ttp_listen_req_put(req);
}

/* Enter a request into the table and the listener's list. */
static int req_publish(struct ttp_req *req)
{
	struct ttp_listener *l = &ttp_sk(req->lsk)->listener;
	int err;

	spin_lock(&l->lock);
	err = l->on ? ttp_demux_insert(&req->ep) : -EINVAL;
	if (!err) {
		refcount_inc(&req->ref);
		list_add_tail(&req->list, &l->requests);
		l->nrequests++;
	}
	spin_unlock(&l->lock);
	return err;
}

static struct ttp_req *req_alloc(struct sock *lsk, struct sk_buff *skb)
{
	struct ttp_req *req = kzalloc(sizeof(*req), GFP_ATOMIC);

	if (!req)
		return NULL;
	refcount_set(&req->ref, 1);
	spin_lock_init(&req->lock);
	INIT_LIST_HEAD(&req->list);
	timer_setup(&req->timer, req_expired, 0);
	INIT_HLIST_NODE(&req->ep.port_node);
	req->ep.net = sock_net(lsk);
	req->ep.conn = &req->req.conn;
	req->ep.kind = TTP_KIND_REQUEST;
	req->req.conn.kind = TTP_KIND_REQUEST;
	req->way = ttp_xmit_way(lsk);
	req->way.mark = IP4_REPLY_MARK(sock_net(lsk), skb->mark) ?: req->way.mark;
	sock_hold(lsk);
	req->lsk = lsk;
	ttp_recv_key(skb, &req->ep.key);
	return req;
}

/* A request with all that does not depend on the segment's options.
 * Return: %NULL, and counted, without memory or a route.
 */
static struct ttp_req *req_prepare(struct sock *lsk, struct sk_buff *skb)
{
	const struct ttp_tcb *ltcb = &ttp_sk(lsk)->tcb;
	struct net *net = sock_net(lsk);
	struct ttp_req *req;
	struct rtable *rt;
	struct flowi4 fl4;

	req = req_alloc(lsk, skb);
	if (!req)
		goto drop;
	rt = ttp_xmit_route(net, &req->ep.key, &fl4, &req->way);
	if (IS_ERR(rt))
		goto free;
	req->req.mss_route = ttp_sock_mss(&rt->dst);
	/* MUST-63: nor one whose source is a network's broadcast address */
	if (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) {
		ip_rt_put(rt);
		goto free;
	}
	ip_rt_put(rt);
	if (ltcb->mss_user)
		req->req.mss_route = min(req->req.mss_route, ltcb->mss_user);
	/* of a module that RCU keeps */
	req->req.cong_flags = READ_ONCE(ltcb->cong.ops)->flags;
	req->req.conn.id = ttp_main_new_id();
	req->req.arq = READ_ONCE(ltcb->asked.arq);
	req->req.opt.ts_off = ttp_isn_ts_offset(&req->ep.key);
	req->req.opt.rcv_wscale = ttp_sock_wscale(lsk);
	req->req.rcv_wnd = min_t(u32, READ_ONCE(lsk->sk_rcvbuf) / 2, 0xffff);
	if (ltcb->asked.window_clamp)
		req->req.rcv_wnd = min(req->req.rcv_wnd, ltcb->asked.window_clamp);
	req->req.defer = READ_ONCE(ttp_sk(lsk)->defer);
	return req;
free:
	ttp_listen_req_put(req);
drop:
	ttp_mib_inc(net, TTP_MIB_LISTEN_DROPS);
	return NULL;
}

/* Without memory there is nothing to read later. */
static void save_syn(struct ttp_req *req, const struct sk_buff *skb)
{
	bool link = READ_ONCE(ttp_sk(req->lsk)->save_syn) == 2;
	const u8 *from = link ? skb_mac_header(skb) : skb_network_header(skb);
	u32 len = skb->data - from + ttp_wire_hdrlen(skb->data, skb->len);
	struct ttp_saved_syn *saved = kmalloc(struct_size(saved, data, len), GFP_ATOMIC);

	if (!saved)
		return;
	saved->len = len;
	memcpy(saved->data, from, len);
	req->saved_syn = saved;
}

/* A SYN that a listener takes: LISTEN to SYN_RCVD. */
static void take_syn(struct sock *lsk, struct sk_buff *skb, const struct ttp_seg *seg,
		     u32 iss)
{
	struct ttp_req *req = req_prepare(lsk, skb);
	struct net *net = sock_net(lsk);
	struct ttp_seg synack;

	if (!req)
		return;
	req->req.conn.iss = iss ?: ttp_isn(&req->ep.key);
	if (READ_ONCE(ttp_sk(lsk)->save_syn))
		save_syn(req, skb);
	spin_lock(&req->lock);
	if (req_publish(req)) {
		ttp_mib_inc(net, TTP_MIB_LISTEN_DROPS);
		goto out;
	}
	ttp_passive_open(&req->req, seg, &ttp_net(net)->cfg);
	ttp_netlink_segment(&req->ep, seg, true, false, TTP_MIB_NONE);
	req->req.sent_us = ttp_now();
	ttp_passive_synack(&req->req, req->req.sent_us, &synack);
	ttp_xmit_ep(&req->ep, &synack, false, &req->way);
	req_arm(req);
out:
	spin_unlock(&req->lock);
	ttp_listen_req_put(req);
}

/* A SYN for which there is no room: the answer remembers it (RFC 4987 3.6). */
static void send_cookie(struct sock *lsk, struct sk_buff *skb, const struct ttp_seg *seg)
{
	struct ttp_req *req = req_prepare(lsk, skb);
	struct net *net = sock_net(lsk);
	struct ttp_seg synack;

	if (!req)
		return;
	ttp_passive_offer(&req->req, seg, &ttp_net(net)->cfg);
	req->req.conn.iss = ttp_isn_cookie(&req->ep.key, seg->seq,
					   ttp_passive_cookie_mss(req->req.opt.mss));
	ttp_passive_synack(&req->req, ttp_now(), &synack);
	ttp_passive_cookie(&req->req.opt, &synack);
	WRITE_ONCE(ttp_sk(lsk)->listener.cookies_until, jiffies + TTP_ISN_COOKIE_LIFE);
	ttp_mib_inc(net, TTP_MIB_SYNCOOKIES_SENT);
	ttp_netlink_segment(&req->ep, seg, true, false, TTP_MIB_NONE);
	req_reply(req, &synack);
	ttp_listen_req_put(req);
}

/* An ACK that may bring a cookie back.
 * Return: true when it did, and @skb was consumed.
 */
static bool take_cookie(struct sock *lsk, struct sk_buff *skb, const struct ttp_seg *seg)
{
	struct net *net = sock_net(lsk);
	struct ttp_req *req;
	struct ttp_key key;
	bool done = false;
	int mss;

	if ((seg->flags & (TTP_SYN | TTP_ACK | TTP_RST)) != TTP_ACK ||
	    time_after(jiffies, READ_ONCE(ttp_sk(lsk)->listener.cookies_until)))
		return false;
	ttp_recv_key(skb, &key);
	mss = ttp_isn_cookie_check(&key, seg->seq - 1, seg->ack - 1);
	if (mss < 0) {
		ttp_mib_inc(net, TTP_MIB_SYNCOOKIES_FAILED);
		return false;
	}
	req = req_prepare(lsk, skb);
	if (!req)
		return false;
	spin_lock(&req->lock);
	done = !req_publish(req);
	if (done) {
		ttp_mib_inc(net, TTP_MIB_SYNCOOKIES_RECV);
		ttp_passive_cookie_open(&req->req, seg, mss);
		req_arm(req);
	}
	spin_unlock(&req->lock);
	/* from here on it is a request like any other */
	done = done && ttp_listen_rcv_req(req, skb);
	ttp_listen_req_put(req);
	return done;
}

static bool requests_full(struct sock *lsk)
{
	return READ_ONCE(ttp_sk(lsk)->listener.nrequests) >=
	       READ_ONCE(ttp_net(sock_net(lsk))->cfg.max_syn_backlog);
}

/* A SYN, and nothing is wrong with it.  Return: what dropped it. */
static enum ttp_mib take(struct sock *lsk, struct sk_buff *skb,
			 const struct ttp_seg *seg, u32 iss)
{
	struct net *net = sock_net(lsk);
	u32 cookies = READ_ONCE(ttp_net(net)->cfg.syncookies);

	if (sk_acceptq_is_full(lsk)) {
		ttp_mib_inc(net, TTP_MIB_LISTEN_OVERFLOWS);
		return TTP_MIB_LISTEN_DROPS;
	}
	/* nor can a cookie say where to begin */
	if ((!cookies || iss) && requests_full(lsk))
		return TTP_MIB_LISTEN_DROPS;
	if ((cookies == 2 && !iss) || requests_full(lsk))
		send_cookie(lsk, skb, seg);
	else
		take_syn(lsk, skb, seg, iss);
	return TTP_MIB_NONE;
}

/**
 * ttp_listen_rcv - a segment arrives for a socket in LISTEN
 * @sk: the listener, not locked; a reference is held
 * @skb: consumed if the answer is true
 * @iss: where to begin after a connection in TIME_WAIT, or 0
 */
bool ttp_listen_rcv(struct sock *sk, struct sk_buff *skb, u32 iss)
{
	struct net *net = sock_net(sk);
	struct ttp_verdict v;
	struct ttp_seg seg;

	if (!ttp_recv_parse(net, skb, &seg))
		return false;
	if (take_cookie(sk, skb, &seg))
		return true;
	ttp_passive_listen(&seg, &v);
	if (v.todo & TTP_DO_RESET)
		ttp_xmit_answer(net, skb, &v.reply);
	if (v.drop == TTP_MIB_NONE)
		v.drop = take(sk, skb, &seg, iss);
	if (v.drop != TTP_MIB_NONE) {
		ttp_mib_inc(net, v.drop);
		ttp_netlink_segment(&ttp_sk(sk)->ep, &seg, true, false, v.drop);
	}
	return false;
}

/* ---- children ---- */

/* Copy the connection's name into a new socket, and its route: what the peer's
 * SYN was sent to is our address from now on (MUST-45).
 */
static int child_name(struct sock *sk, struct ttp_req *req)
{
	const struct ttp_key *key = &req->ep.key;
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	struct rtable *rt;

	inet->inet_rcv_saddr = key->local.v4;
	inet->inet_saddr = key->local.v4;
	inet->inet_daddr = key->remote.v4;
	inet->inet_num = ntohs(key->lport);
	inet->inet_sport = key->lport;
	inet->inet_dport = key->rport;
	sk->sk_mark = req->way.mark;
	ttp_sk(sk)->ep.key = *key;
	rt = ttp_xmit_route(sock_net(sk), key, fl4, &req->way);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	sk_set_txhash(sk);
	sk_setup_caps(sk, &rt->dst);
	return 0;
}

/* A copy of the listener takes the request's place, in SYN_RCVD.
 * Return: false when that could not be, and the request lives on.
 */
static bool child_begin(struct sock *sk, struct ttp_req *req)
{
	sk->sk_state = TTP_CLOSED;	/* the listener's came with the copy */
	ttp_sock_child_init(sk);
	if (child_name(sk, req) || !ttp_demux_replace(&req->ep, &ttp_sk(sk)->ep))
		return false;
	swap(ttp_sk(sk)->saved_syn, req->saved_syn);
	ttp_passive_promote(&req->req, &ttp_sk(sk)->tcb, ttp_now());
	inet_sk_set_state(sk, TTP_SYN_RCVD);
	ttp_port_share(&ttp_sk(sk)->ep, &ttp_sk(req->lsk)->ep);
	req_kill(req);
	return true;
}

/* The handshake has ended: queue the child for accept(). */
static bool child_queue(struct sock *lsk, struct sock *sk)
{
	struct ttp_listener *l = &ttp_sk(lsk)->listener;
	bool on;

	spin_lock(&l->lock);
	on = l->on;
	if (on) {
		list_add_tail(&ttp_sk(sk)->accept_node, &l->accept);
		sk_acceptq_added(lsk);
	}
	spin_unlock(&l->lock);
	return on;
}

/* The ACK that ends the handshake.  Return: true when @skb was consumed. */
static bool promote(struct ttp_req *req, struct sk_buff *skb)
{
	struct sock *lsk = req->lsk, *sk;
	bool begun, queued = false;

	if (sk_acceptq_is_full(lsk)) {
		/* like Linux: as if the ACK was lost, until there is room */
		ttp_mib_inc(sock_net(lsk), TTP_MIB_LISTEN_OVERFLOWS);
		ttp_passive_wait(&req->req);
		return false;
	}
	sk = sk_clone_lock(lsk, GFP_ATOMIC);
	if (!sk) {
		ttp_mib_inc(sock_net(lsk), TTP_MIB_LISTEN_DROPS);
		return false;
	}
	__acquire(&sk->sk_lock.slock);	/* says sparse what sk_clone_lock() did */
	begun = child_begin(sk, req);
	if (begun) {
		ttp_recv_sock(sk, skb);
		queued = child_queue(lsk, sk);
	}
	if (!queued)
		ttp_sock_discard(sk);
	bh_unlock_sock(sk);
	if (queued)
		lsk->sk_data_ready(lsk);
	if (!begun)
		ttp_mib_inc(sock_net(lsk), TTP_MIB_LISTEN_DROPS);
	sock_put(sk);
	return begun;
}

/**
 * ttp_listen_rcv_req - a segment arrives for a request
 * @req: a reference is held
 * @skb: consumed if the answer is true
 *
 * Return: false when the request is gone, and the search must begin anew.
 */
bool ttp_listen_rcv_req(struct ttp_req *req, struct sk_buff *skb)
{
	struct ttp_verdict v;
	struct ttp_seg seg;

	if (!ttp_recv_filter(req->lsk, skb)) {
		kfree_skb(skb);
		return true;
	}
	spin_lock(&req->lock);
	if (req->dead) {
		spin_unlock(&req->lock);
		return false;
	}
	if (!ttp_recv_parse(req->ep.net, skb, &seg))
		goto drop;
	ttp_passive_arrives(&req->req, &seg, ttp_now(), &v);
	if (v.todo & TTP_DO_PROMOTE) {
		if (promote(req, skb)) {
			spin_unlock(&req->lock);
			return true;
		}
		goto drop;
	}
	if (v.drop != TTP_MIB_NONE)
		ttp_mib_inc(req->ep.net, v.drop);
	ttp_netlink_segment(&req->ep, &seg, true, false, v.drop);
	if (v.todo & (TTP_DO_REPLY | TTP_DO_RESET))
		req_reply(req, &v.reply);
	if (v.todo & TTP_DO_REFUSE)
		req_kill(req);
drop:
	spin_unlock(&req->lock);
	kfree_skb(skb);
	return true;
}

/**
 * ttp_listen_icmp - the peer of a request cannot be reached
 * @req: a reference is held
 * @seq: of the segment that the ICMP message is about
 *
 * Context: softirq.
 */
void ttp_listen_icmp(struct ttp_req *req, u32 seq)
{
	spin_lock(&req->lock);
	if (req->dead || seq != req->req.conn.iss) {
		ttp_mib_inc(req->ep.net, TTP_MIB_BAD_ICMP);
	} else {
		ttp_fsm_set_state(&req->req.conn, TTP_CLOSED, TTP_BY_ICMP, "ICMP error", NULL);
		req_kill(req);
	}
	spin_unlock(&req->lock);
}

/* ---- accept() and the end ---- */

static struct sock *dequeue(struct sock *lsk)
{
	struct ttp_listener *l = &ttp_sk(lsk)->listener;
	struct ttp_sock *tsk;

	spin_lock_bh(&l->lock);
	tsk = list_first_entry_or_null(&l->accept, struct ttp_sock, accept_node);
	if (tsk) {
		list_del_init(&tsk->accept_node);
		sk_acceptq_removed(lsk);
	}
	spin_unlock_bh(&l->lock);
	return (struct sock *)tsk;
}

static int wait_for_child(struct sock *sk, long timeo, struct sock **child)
{
	DEFINE_WAIT(wait);
	int err = 0;

	for (;;) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
		*child = dequeue(sk);
		if (*child)
			break;
		err = -EINVAL;
		if (ttp_sk(sk)->tcb.conn.state != TTP_LISTEN)
			break;
		err = sock_intr_errno(timeo);
		if (signal_pending(current))
			break;
		err = -EAGAIN;
		if (!timeo)
			break;
		err = 0;
		release_sock(sk);
		timeo = schedule_timeout(timeo);
		lock_sock(sk);
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * ttp_listen_accept - take a connection from the queue (struct proto's accept)
 * @sk: in LISTEN
 * @flags: O_NONBLOCK
 * @err: set when there is none
 * @kern: not used
 *
 * Context: process. Return: a socket without a struct socket, or %NULL.
 */
struct sock *ttp_listen_accept(struct sock *sk, int flags, int *err, bool kern)
{
	struct sock *child = NULL;

	lock_sock(sk);
	*err = -EINVAL;
	if (ttp_sk(sk)->tcb.conn.state == TTP_LISTEN)
		*err = wait_for_child(sk, sock_rcvtimeo(sk, flags & O_NONBLOCK), &child);
	release_sock(sk);
	return child;
}

static struct ttp_req *first_request(struct ttp_listener *l)
{
	struct ttp_req *req;

	spin_lock_bh(&l->lock);
	req = list_first_entry_or_null(&l->requests, struct ttp_req, list);
	if (req)
		refcount_inc(&req->ref);
	spin_unlock_bh(&l->lock);
	return req;
}

/**
 * ttp_listen_stop - LISTEN to CLOSED (RFC 9293 3.10.4)
 * @sk: socket lock held
 *
 * Requests are dropped; connections that nobody accepted are reset.
 */
void ttp_listen_stop(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_listener *l = &tsk->listener;
	struct ttp_req *req;
	struct sock *child;

	ttp_demux_unlisten(sk);
	switch_on(l, false);
	ttp_fsm_set_state(&tsk->tcb.conn, TTP_CLOSED, TTP_BY_USER, "CLOSE", NULL);
	inet_sk_set_state(sk, TTP_CLOSED);

	while ((req = first_request(l)) != NULL) {
		spin_lock_bh(&req->lock);
		if (!req->dead)
			ttp_fsm_set_state(&req->req.conn, TTP_CLOSED, TTP_BY_USER,
					  "listener closed", NULL);
		req_kill(req);
		spin_unlock_bh(&req->lock);
		ttp_listen_req_put(req);
	}
	while ((child = dequeue(sk)) != NULL) {
		sock_hold(child);
		local_bh_disable();
		bh_lock_sock(child);
		ttp_sock_discard(child);
		bh_unlock_sock(child);
		local_bh_enable();
		sock_put(child);
	}
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		ttp_port_release(&tsk->ep);
}
