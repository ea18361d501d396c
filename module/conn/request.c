// SPDX-License-Identifier: GPL-2.0
/*
 * request.c - the three-way handshake at a listener: a connection in SYN_RCVD is a small
 * structure, a request, from the SYN to the ACK that makes a socket of it.  A listener's
 * requests are its SYN queue.  When a SYN flood has filled it, not even a request is kept: a SYN
 * cookie is sent (RFC 4987 3.6).
 *
 * Called by input/recv.c, input/icmp.c, mini.c and socket/listen.c, and by the timer of a request.
 *
 * Context: softirq.  A request has a lock of its own, which is taken before
 * ttp_listener.lock.
 *
 * Next: mini.c, which takes the segments of a request; core/passive.c for what they mean, child.c
 * for the end of the handshake.
 */
#include <net/l3mdev.h>
#include <net/sock_reuseport.h>

#include "see/trace.h"
#include "ttp.h"

/* Take a request out of the listener's list; the list's reference goes. */
void ttp_request_unlink(struct ttp_req *req)
{
	struct ttp_listener *l = ttp_sk(req->mini.path.sk)->listener;
	bool linked;

	spin_lock(&l->lock);
	linked = !list_empty(&req->list);
	if (linked) {
		list_del_init(&req->list);
		WRITE_ONCE(l->nrequests, l->nrequests - 1);
	}
	spin_unlock(&l->lock);
	if (linked)
		ttp_mini_put(&req->mini);
}

static void arm(struct ttp_req *req)
{
	if (!mod_timer(&req->mini.timer, jiffies +
		       usecs_to_jiffies(ttp_timer_synack_us(req->req.retransmits))))
		refcount_inc(&req->mini.ref);
}

static u8 synack_retries(const struct ttp_req *req)
{
	return READ_ONCE(ttp_sk(req->mini.path.sk)->tcb.asked.syn_retries) ?:
	       READ_ONCE(req->mini.ep.tn->cfg.synack_retries);
}

static void expired(struct timer_list *t)
{
	struct ttp_req *req = timer_container_of(req, t, mini.timer);
	struct ttp_seg synack;
	bool waits;	/* TTP_DEFER_ACCEPT: the handshake has ended, but data has not come */

	spin_lock(&req->mini.lock);
	if (req->mini.ep.dead)
		goto out;
	waits = req->req.acked && req->req.retransmits < req->req.defer;
	if (req->req.retransmits >= synack_retries(req) && !waits) {
		ttp_fsm_set_state(&req->req.conn, TTP_CLOSED, TTP_BY_TIMER,
				  "SYN,ACK timeout", NULL);
		ttp_mini_kill(&req->mini);
		goto out;
	}
	req->req.retransmits++;
	req->req.sent_us = 0;
	/* TTP_DEFER_ACCEPT: who only waits for data is not asked, but for the last time */
	if (!req->req.acked || req->req.retransmits >= req->req.defer) {
		ttp_mib_inc(req->mini.ep.tn, TTP_MIB_SYNACK_RETRANS);
		ttp_passive_synack(&req->req, ttp_now(), &synack);
		synack.why = TTP_WHY_RTO;
		ttp_xmit_ep(&req->mini.ep, &synack, true, &req->mini.path, NULL);
	}
	arm(req);
out:
	spin_unlock(&req->mini.lock);
	ttp_mini_put(&req->mini);
}

/* Enter a request into the table and the listener's list. */
static int publish(struct ttp_req *req)
{
	struct ttp_listener *l = ttp_sk(req->mini.path.sk)->listener;
	int err;

	spin_lock(&l->lock);
	err = l->on ? ttp_demux_insert(&req->mini.ep) : -EINVAL;
	if (!err) {
		refcount_inc(&req->mini.ref);
		list_add_tail(&req->list, &l->requests);
		WRITE_ONCE(l->nrequests, l->nrequests + 1);
	}
	spin_unlock(&l->lock);
	return err;
}

/* What the listener, and the addresses of the segment, say of a request.  Of a listener without
 * a mark of its own, or one that takes SYNs of all VRFs, a child has the SYN's.
 */
static void describe(struct ttp_req *req, struct sock *lsk, struct sk_buff *skb)
{
	struct ttp_net *tn = ttp_sk_net(lsk);

	req->mini.ep.tn = tn;
	req->mini.ep.conn = &req->req.conn;
	req->mini.ep.kind = TTP_KIND_REQUEST;
	ttp_ip_key(skb, &req->mini.ep.key);
	req->mini.path = ttp_ip_request_path(lsk, skb);
	req->mini.path.sk = lsk;
	if (!req->mini.path.oif && READ_ONCE(tn->l3mdev_accept))
		req->mini.path.oif = l3mdev_master_ifindex_by_index(tn->net, skb->skb_iif);
	if (!req->mini.path.mark && READ_ONCE(tn->fwmark_accept))
		req->mini.path.mark = skb->mark;
}

/* The route to who asks; none where no answer may go. */
static struct dst_entry *route(const struct ttp_req *req, struct sk_buff *skb)
{
	struct dst_entry *dst;

	if (!ttp_ip_answerable(skb))
		return NULL;
	dst = ttp_ip_route(req->mini.ep.tn->net, &req->mini.ep.key, &req->mini.path);
	if (IS_ERR(dst))
		return NULL;
	if (ttp_ip_to_one(dst))
		return dst;
	dst_release(dst);
	return NULL;
}

/* All of a request that does not depend on what the segment's options say.
 * @req: zeroed, but for what create() has done; for a cookie it is on the stack.
 * Return: the route of the answer, or %NULL when there can be none.
 */
static struct dst_entry *prepare(struct ttp_req *req, struct sock *lsk, struct sk_buff *skb,
				 const struct ttp_seg *seg)
{
	const struct ttp_tcb *ltcb = &ttp_sk(lsk)->tcb;
	struct ttp_request *r = &req->req;
	struct dst_entry *dst;

	describe(req, lsk, skb);
	dst = route(req, skb);
	if (!dst)
		return NULL;
	r->route = ttp_ip_metrics(dst);
	r->route.advmss = min_not_zero(r->route.advmss, READ_ONCE(ltcb->asked.mss_user));
	/* of a module that RCU keeps */
	r->cong_flags = READ_ONCE(ltcb->cong_ops)->flags;
	r->conn.id = ttp_net_new_id();
	r->arq = READ_ONCE(ltcb->asked.arq);
	if (seg->has_ts)
		r->opt.ts_off = ttp_isn_ts_offset(&req->mini.ep.key);
	r->opt.rcv_wscale = ttp_sock_wscale(lsk);
	r->rcv_wnd = min_t(u32, READ_ONCE(lsk->sk_rcvbuf) / 2, 0xffff);
	r->rcv_wnd = min_not_zero(r->rcv_wnd, (u32)r->route.init_rwnd * r->route.advmss);
	r->rcv_wnd = min_not_zero(r->rcv_wnd, READ_ONCE(ltcb->asked.window_clamp) ?:
					      r->route.window);
	r->defer = READ_ONCE(ttp_sk(lsk)->defer);
	return dst;
}

/* A request with all but what the segment's options say, and the route of the answer in @dst.
 * Return: %NULL when there can be none.
 */
static struct ttp_req *create(struct sock *lsk, struct sk_buff *skb, const struct ttp_seg *seg,
			      struct dst_entry **dst)
{
	struct ttp_req *req = kmem_cache_zalloc(ttp_mini_requests, GFP_ATOMIC);

	if (!req)
		return NULL;
	refcount_set(&req->mini.ref, 1);
	spin_lock_init(&req->mini.lock);
	INIT_LIST_HEAD(&req->list);
	timer_setup(&req->mini.timer, expired, 0);
	INIT_HLIST_NODE(&req->mini.ep.port_node);
	sock_hold(lsk);
	*dst = prepare(req, lsk, skb, seg);
	if (*dst)
		return req;
	ttp_mini_put(&req->mini);
	return NULL;
}

/* TTP_SAVE_SYN.  Without memory the program gets nothing. */
static void save_syn(struct ttp_req *req, const struct sk_buff *skb)
{
	bool link = READ_ONCE(ttp_sk(req->mini.path.sk)->save_syn) == 2;
	const u8 *from = link ? skb_mac_header(skb) : skb_network_header(skb);
	u32 len = skb->data - from + ttp_wire_hdrlen(skb->data, skb->len);
	struct ttp_saved_syn *saved = kmalloc(struct_size(saved, data, len), GFP_ATOMIC);

	if (!saved)
		return;
	saved->len = len;
	memcpy(saved->data, from, len);
	req->saved_syn = saved;
}

/* A SYN that a listener takes: LISTEN to SYN_RCVD.  Return: as take(). */
static enum ttp_mib take_syn(struct sock *lsk, struct sk_buff *skb,
			     const struct ttp_seg *seg, const struct ttp_reopen *re)
{
	enum ttp_mib drop = TTP_MIB_LISTEN_DROPS;
	struct ttp_cookie cookie;
	struct ttp_seg synack;
	struct dst_entry *dst;
	struct ttp_req *req = create(lsk, skb, seg, &dst);
	u64 time_ns;

	if (!req)
		return drop;
	req->req.conn.iss = ttp_isn(sock_net(lsk), &req->mini.ep.key, re->iss);
	if (READ_ONCE(ttp_sk(lsk)->save_syn))
		save_syn(req, skb);
	spin_lock(&req->mini.lock);
	if (publish(req)) {
		dst_release(dst);
		goto out;
	}
	drop = TTP_MIB_NONE;
	time_ns = ktime_get_ns();
	ttp_passive_open(&req->req, seg, &req->mini.ep.tn->cfg);
	ttp_netlink_arrived(&req->mini.ep, seg, re->iss ? re->time_ns : time_ns, TTP_MIB_NONE,
			    NULL);
	req->req.sent_us = ttp_us(time_ns);
	if (ttp_fastopen_begin(req, skb, seg, dst, &cookie)) {
		dst_release(dst);
		goto out;
	}
	ttp_passive_synack(&req->req, req->req.sent_us, &synack);
	synack.has_cookie = cookie.len;
	synack.cookie = cookie;
	ttp_xmit_ep(&req->mini.ep, &synack, false, &req->mini.path, dst);
	arm(req);
out:
	spin_unlock(&req->mini.lock);
	ttp_mini_put(&req->mini);
	return drop;
}

/* When cookies were last sent.  Of a group that shares the port any member may get the answers:
 * the kernel has a place for this in the group.  Context: under RCU.
 */
static u32 *cookies_sent(struct sock *lsk)
{
	struct sock_reuseport *group = rcu_dereference(lsk->sk_reuseport_cb);

	return group ? &group->synq_overflow_ts : &ttp_sk(lsk)->listener->cookies_sent;
}

/* May an ACK of a SYN cookie come yet? */
static bool expects_cookies(struct sock *lsk)
{
	u32 sent = READ_ONCE(*cookies_sent(lsk));

	return time_between32(jiffies, sent, sent + TTP_ISN_COOKIE_LIFE);
}

/* SYN cookie, for a SYN for which there is no room (a SYN flood?): the sequence number of
 * the SYN,ACK holds what must be remembered (RFC 4987 3.6).  Nothing is kept here, and
 * nothing is allocated but the SYN,ACK.  Return: as take().
 */
static enum ttp_mib send_cookie(struct sock *lsk, struct sk_buff *skb, const struct ttp_seg *seg)
{
	struct ttp_req req = {};
	struct ttp_seg synack;
	struct dst_entry *dst = prepare(&req, lsk, skb, seg);

	if (!dst)
		return TTP_MIB_LISTEN_DROPS;
	ttp_passive_offer(&req.req, seg, &req.mini.ep.tn->cfg);
	req.req.conn.iss = ttp_isn_cookie(&req.mini.ep.key, seg->seq,
					  ttp_passive_cookie_mss(req.req.opt.mss));
	ttp_passive_synack(&req.req, ttp_now(), &synack);
	ttp_passive_cookie(&req.req.opt, &synack);
	WRITE_ONCE(*cookies_sent(lsk), jiffies);
	ttp_mib_inc(req.mini.ep.tn, TTP_MIB_SYNCOOKIES_SENT);
	ttp_netlink_arrived(&req.mini.ep, seg, 0, TTP_MIB_NONE, NULL);
	ttp_xmit_ep(&req.mini.ep, &synack, false, &req.mini.path, dst);
	return TTP_MIB_NONE;
}

/* The tracepoint of a segment for a listener, of whose peer the segment tells. */
static void trace_in(struct sock *lsk, const struct sk_buff *skb, const struct ttp_seg *seg)
{
	struct ttp_ep ep = { .tn = ttp_sk_net(lsk), .conn = ttp_sk(lsk)->ep.conn };

	if (!trace_segment_in_enabled())
		return;
	ttp_ip_key(skb, &ep.key);
	trace_segment_in(&ep, seg);
}

/* An ACK that may bring a cookie back.  Return: true when it did, and @skb was consumed, if only
 * because there was no room.
 */
static bool take_cookie(struct sock *lsk, struct sk_buff *skb, const struct ttp_seg *seg)
{
	struct ttp_net *tn = ttp_sk_net(lsk);
	struct ttp_req *req;
	struct dst_entry *dst;
	struct ttp_key key;
	bool published;
	int mss;

	if ((seg->flags & (TTP_SYN | TTP_ACK | TTP_RST)) != TTP_ACK || !expects_cookies(lsk))
		return false;
	ttp_ip_key(skb, &key);
	mss = ttp_isn_cookie_check(&key, seg->seq - 1, seg->ack - 1);
	if (mss < 0) {
		ttp_mib_inc(tn, TTP_MIB_SYNCOOKIES_FAILED);
		return false;
	}
	if (sk_acceptq_is_full(lsk)) {
		ttp_mib_inc(tn, TTP_MIB_LISTEN_OVERFLOWS);
		goto drop;	/* its data will be retransmitted */
	}
	req = create(lsk, skb, seg, &dst);
	if (!req)
		goto drop;
	dst_release(dst);
	spin_lock(&req->mini.lock);
	published = !publish(req);
	if (published) {
		ttp_mib_inc(tn, TTP_MIB_SYNCOOKIES_RECV);
		ttp_passive_cookie_open(&req->req, seg, mss, &tn->cfg);
		arm(req);
	}
	spin_unlock(&req->mini.lock);
	/* from here on it is a request like any other */
	published = published && ttp_mini_rcv(&req->mini, skb, NULL);
	ttp_mini_put(&req->mini);
	if (published)
		return true;
	/* another segment has made a connection of it meanwhile */
drop:
	atomic_inc(&lsk->sk_drops);
	ttp_mib_inc(tn, TTP_MIB_LISTEN_DROPS);
	ttp_verdict_refused(lsk, skb, seg, TTP_MIB_LISTEN_DROPS, NULL);
	trace_in(lsk, skb, seg);
	ttp_trace_done(tn->net, skb, TTP_MIB_LISTEN_DROPS);
	return true;
}

static bool requests_full(struct sock *lsk)
{
	return READ_ONCE(ttp_sk(lsk)->listener->nrequests) >=
	       READ_ONCE(ttp_sk_net(lsk)->cfg.max_syn_backlog);
}

/* A SYN, and nothing is wrong with it.  Return: what dropped it, or %TTP_MIB_NONE. */
static enum ttp_mib take(struct sock *lsk, struct sk_buff *skb, const struct ttp_seg *seg,
			 const struct ttp_reopen *re)
{
	struct ttp_net *tn = ttp_sk_net(lsk);
	u32 cookies = READ_ONCE(tn->cfg.syncookies);

	if (sk_acceptq_is_full(lsk)) {
		ttp_mib_inc(tn, TTP_MIB_LISTEN_OVERFLOWS);
		return TTP_MIB_LISTEN_DROPS;
	}
	/* nor can a cookie say where to begin */
	if ((!cookies || re->iss) && requests_full(lsk))
		return TTP_MIB_LISTEN_DROPS;
	if ((cookies == 2 && !re->iss) || requests_full(lsk))
		return send_cookie(lsk, skb, seg);
	return take_syn(lsk, skb, seg, re);
}

static struct ttp_req *first_request(struct ttp_listener *l)
{
	struct ttp_req *req;

	spin_lock_bh(&l->lock);
	req = list_first_entry_or_null(&l->requests, struct ttp_req, list);
	if (req)
		refcount_inc(&req->mini.ref);
	spin_unlock_bh(&l->lock);
	return req;
}

/**
 * ttp_request_icmp - the peer of a request cannot be reached
 * @req: a reference is held
 * @seq: of the segment that the ICMP message is about
 *
 * Context: softirq.
 */
void ttp_request_icmp(struct ttp_req *req, u32 seq)
{
	/* not locked: a cookie's is set when the request can be found already */
	if (seq != READ_ONCE(req->req.conn.iss) ||
	    !ttp_mini_end(&req->mini, TTP_BY_ICMP, "ICMP error"))
		ttp_mib_inc(req->mini.ep.tn, TTP_MIB_BAD_ICMP);
}

/**
 * ttp_request_stop - a listener ends: so do its requests
 * @lsk: the listener, which takes no more
 *
 * Context: process.
 */
void ttp_request_stop(struct sock *lsk)
{
	struct ttp_listener *l = ttp_sk(lsk)->listener;
	struct ttp_req *req;

	while ((req = first_request(l)) != NULL) {
		ttp_mini_end(&req->mini, TTP_BY_USER, "listener closed");
		ttp_mini_put(&req->mini);
		cond_resched();
	}
}

/**
 * ttp_request_listener_rcv - a segment arrives for a socket in LISTEN
 * @sk: the listener, not locked; a reference is held
 * @skb: consumed
 * @re: the connection in TIME_WAIT that it has ended, if it has
 */
void ttp_request_listener_rcv(struct sock *sk, struct sk_buff *skb, const struct ttp_reopen *re)
{
	struct net *net = sock_net(sk);
	struct ttp_verdict v __uninitialized;
	struct ttp_seg seg __uninitialized;
	bool answers;

	if (!ttp_ip_parse(net, skb, &seg)) {
		ttp_trace_done(net, skb, TTP_MIB_BAD_OPTIONS);
		return;
	}
	if (take_cookie(sk, skb, &seg))
		return;
	if (!re->iss)	/* else TIME_WAIT has told of it */
		trace_in(sk, skb, &seg);
	ttp_passive_listen(&seg, &v);
	if (v.drop == TTP_MIB_NONE) {
		v.drop = take(sk, skb, &seg, re);
		if (v.drop != TTP_MIB_NONE)
			atomic_inc(&sk->sk_drops);	/* as with TCP, only of SYNs */
	}
	/* no RST to what was sent to many hosts */
	answers = v.todo & TTP_DO_RESET && ttp_ip_to_us(skb);
	if (v.drop != TTP_MIB_NONE) {
		ttp_mib_inc(ttp_sk_net(sk), v.drop);
		ttp_verdict_refused(sk, skb, &seg, v.drop, answers ? v.answer : NULL);
	}
	if (answers)
		ttp_xmit_answer(net, sk, skb, &v.reply);
	ttp_trace_done(net, skb, v.drop);
}
