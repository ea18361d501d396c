/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ttp.h - the structures of the module, and its public functions, grouped by file.  What a
 * network namespace has is in net.h; the functions of ip/ and see/ are in ip/ip.h and see/see.h.
 *
 * The route of a segment that arrives: input/early.c and input/recv.c (checksum,
 * demultiplexing, lock) -> conn/verdict.c -> core/ (what it means) -> conn/verdict.c
 * (what the core asks for) -> ip/xmit.c (what is to be sent).
 *
 * Locks, in the order in which they nest:
 *
 *	the socket's lock	the TCB and both queues
 *	ttp_mini.lock		a request, or a connection in TIME_WAIT: they have no socket
 *	  the lock of the child that a request becomes
 *	    ttp_listener.lock	accept queue and list of requests of a listener
 *	ttp_net.ports		its lock: ports, and who holds them
 *	ttp_net.listen_lock	listeners, and their groups
 *	ttp_datagrams.ports	its lock: datagram sockets, and their groups
 *	ttp_idle.lock		sockets that are in no table
 *	ttp_faults.lock		faults on purpose
 *	ttp_isn_lab.lock	net.ttp.isn
 *	ttp_net.history_lock	the last connections (see/history.c)
 *	ttp_net.watchers_lock	who has filters of events (see/watchers.c)
 *	ttp_net.watched_lock	who listens, as it was looked up last
 *	ttp_batch.lock		events that are to be sent in one message
 *
 * The connection table is a rhashtable: readers are under RCU, and what they
 * find stays valid as long as they hold a reference (ttp_demux_get()).
 *
 * Next: net.h, net.c, then main.c; compat.h for what differs between kernels.
 */
#ifndef _TTP_H
#define _TTP_H

#include <linux/ipv6.h>
#include <linux/list.h>
#include <linux/percpu_counter.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "uapi/linux/ttp.h"
#include "uapi/linux/ttp_netlink.h"

#include "core/core.h"
#include "cong/ttp_cong.h"
#include "net.h"

#define TTP_PORT_STEP		8	/* they grow by 1 to 8 */
#define TTP_HEADROOM		L1_CACHE_ALIGN(128 + MAX_HEADER) /* link, IP, TTP headers */

/* The 4-tuple of a connection: both addresses, both ports.  What is not used is zero. */
struct ttp_key {
	union ttp_addr local;
	union ttp_addr remote;
	__be16 lport;
	__be16 rport;
	u16 family;
	u16 zero;
};

struct icmphdr;
struct ttp_fine;
struct ttp_port;

/* An end point: what the connection table holds */
struct ttp_ep {
	struct rhash_head node;	/* in ttp_net.conns */
	struct ttp_key key;	/* 4-tuple; constant while it is in the table */
	struct ttp_net *tn;	/* its network namespace */
	struct ttp_conn *conn;	/* the core's view of it */
	/* enum ttp_kind: what this is part of; constant, for readers without locks */
	u8 kind;
	/* it is in the table, or about to be; guarded by what guards the end point, and
	 * read without it by whoever has found the end point
	 */
	bool hashed;
	bool dead;	/* of what has no socket: it is out of the table, and its timer ends */
	struct ttp_port *port;	/* the local port that it holds; guarded as ttp_net.ports are */
	struct hlist_node port_node;	/* in ttp_port.owners */
};

/* A place among the sockets that see/walk.c goes through */
struct ttp_place {
	struct hlist_node node;	/* sorted by number: the latest first */
	u64 number;
};

/* What a socket in LISTEN has beyond a TCB: from its first listen() on */
struct ttp_listener {
	struct ttp_sock *of;	/* the socket */
	struct ttp_place place;	/* in ttp_net.listeners; guarded by ttp_net.listen_lock */
	spinlock_t lock;	/* guards what follows */
	bool on;	/* the socket is in LISTEN */
	/* accept queue: children that wait for accept(), linked by ttp_sock.accept_node */
	struct list_head accept;
	struct list_head requests;	/* SYN queue: handshakes, linked by ttp_req.list */
	u32 nrequests;	/* how many */
	/* children whose handshake goes on (fastopen.c), and those that were reset lately */
	u32 early;
	u32 early_resets;
	unsigned long early_resets_end;	/* jiffies from which on they count no more */
	u32 cookies_sent;	/* when a SYN cookie was last sent, jiffies; a group has one */
};

/* TTP_SAVED_SYN */
struct ttp_saved_syn {
	u32 len;	/* bytes */
	u8 data[];	/* headers of the SYN that a child comes from */
};

/* What events have told of a socket (see/changes.c) */
struct ttp_told {
	u64 deadline[TTP_TM_MAX];
	u64 pacing_rate;
	u32 cwnd;
	u32 ssthresh;
	u8 ca;
};

/* A socket */
struct ttp_sock {
	struct inet_sock inet;	/* first: routing, netfilter and tc see an inet_sock */
	struct ttp_ep ep;	/* its place in the connection table */
	struct ttp_tcb tcb;	/* the protocol's state of it, guarded by the socket lock */
	u32 notsent_lowat;	/* TTP_NOTSENT_LOWAT; 0: none */
	bool fastopen_no_cookie;	/* TTP_FASTOPEN_NO_COOKIE */
	u8 defer;	/* TTP_DEFER_ACCEPT, as a number of SYN,ACK retransmissions */
	u8 save_syn;	/* TTP_SAVE_SYN */
	bool inq;	/* TTP_INQ */
	/* a listener's child has what is above; what is below, it has of its own (sock.c) */
	/* the deadline that sk_timer was set for: the earliest of tcb, or before it */
	u64 timer_us;
	struct ttp_fine *fine;	/* host/clock.c's; NULL: it was not needed yet */
	bool timer_deferred;	/* a timer fired while a process held the lock */
	bool send_deferred;	/* the same of tsq.c, which has room again */
	u8 abort_deferred;	/* the same of an abort by the administrator: the errno */
	bool gone;	/* ttp_sock_destroy() has run */
	u32 tsq_truesize;	/* of the last packet handed to IP */
	struct list_head tsq_node;	/* in a CPU's queue of tsq.c */
	u32 pmtu;	/* path MTU that the segment size was made for */
	u32 icmp_mtu;	/* path MTU of an ICMP message that came while the lock was held */
	struct sk_buff *txq_unsent;	/* first packet that was never sent */
	struct list_head txq_sent;	/* those sent, in the order in which they were (txq.c) */
	struct list_head txq_lost;	/* those of them that RACK has found lost */
	struct rb_root ofo;	/* reassembly: data out of order, by sequence number */
	u32 ofo_bytes;	/* bytes there */
	/* bytes that must arrive before collapse() runs again (rxq.c) */
	u32 collapse_after;
	struct ttp_listener *listener;	/* NULL: listen() was never called */
	/* in ttp_idle.socks, while it is in neither table; not sk_node: a SO_REUSEPORT program is
	 * refused to a socket that the kernel takes for hashed
	 */
	struct ttp_place idle;
	union {
		/* of a child that waits for accept(): in ttp_listener.accept of the parent */
		struct list_head accept_node;
		struct {	/* of all others, and of a child when it was accepted */
			/* data for the SYN, while sendmsg() connects; or NULL */
			struct msghdr *syn_msg;
			u32 syn_copied;	/* bytes of it that went with the SYN */
		};
	};
	u32 fastopen;	/* TTP_FASTOPEN: how many connections may begin by a SYN alone */
	bool fastopen_connect;	/* TTP_FASTOPEN_CONNECT */
	bool stamp_ids;	/* SOF_TIMESTAMPING_OPT_ID was set at the last write */
	u32 stamp_base;	/* where its numbers begin */
	struct ttp_fastopen_keys __rcu *fastopen_keys;	/* TTP_FASTOPEN_KEY, or NULL */
	/* of a child of Fast Open until its handshake ends: the listener, referenced */
	struct sock *early_of;
	struct ttp_saved_syn *saved_syn;	/* of a child, until it is read; or NULL */
	struct ttp_told *told;	/* NULL: nothing */
};

/* A socket of AF_INET6 */
struct ttp6_sock {
	struct ttp_sock ttp;
	struct ipv6_pinfo inet6;	/* last: inet6_create() looks for it there */
};

/* How a segment that belongs to no socket is sent */
struct ttp_path {
	/* the listener whose segments they are, referenced: its policies and its owner
	 * decide; or NULL
	 */
	struct sock *sk;
	int oif;	/* interface, or 0 */
	u32 mark;	/* SO_MARK */
	u32 priority;	/* SO_PRIORITY */
	u32 secid;	/* the flow's label of a security module */
	s16 ttl;	/* IP_TTL or IPV6_UNICAST_HOPS, or -1: the route's */
	u8 tos;	/* IP_TOS or IPV6_TCLASS */
	u8 flow_flags;	/* FLOWI_FLAG_ANYSRC: IP_TRANSPARENT was set */
	__be32 flowlabel;	/* of IPv6, or 0 */
	u8 protocol;	/* in the IP header; 0: TTP's */
	bool may_cut;	/* IP may cut it into fragments */
};

/* What has no socket, and is small: a request, or a connection in TIME_WAIT */
struct ttp_mini {
	struct ttp_ep ep;	/* its place in the connection table */
	refcount_t ref;	/* references */
	spinlock_t lock;	/* guards the protocol's state of it, ep.dead */
	union {
		struct timer_list timer;	/* retransmits the SYN,ACK; or 2 MSL */
		struct rcu_head rcu;	/* freed after a grace period; it does not run any more */
	};
	struct ttp_path path;	/* of the answers: as the listener has it, or the socket had it */
};

/* A request: a handshake in SYN_RCVD at a listener, whose path the child has, too */
struct ttp_req {
	struct ttp_mini mini;
	struct ttp_request req;	/* the protocol's state of it */
	struct list_head list;	/* in ttp_listener.requests */
	struct ttp_saved_syn *saved_syn;	/* for the child, or NULL */
};

/* A connection in TIME_WAIT, which still holds its port */
struct ttp_tw {
	struct ttp_mini mini;
	struct ttp_timewait tw;	/* the protocol's state of it */
	bool reuse;	/* SO_REUSEADDR was set */
	bool reuseport;	/* SO_REUSEPORT was set */
	kuid_t uid;	/* owner, for /proc and netlink */
};

/* bytes of data that a packet of the send queue holds, and that go to IP at once */
#define TTP_PACKET_MAX	65000U

/* What skb->cb holds while TTP has the packet */
struct ttp_cb {
	union {
		struct {
			struct ttp_txrec rec;	/* in the send queue */
			u32 stamp;	/* there: the byte to be timestamped (stamp.c) */
			bool stamp_ack;	/* a timestamp of its ACK, too */
		};
		struct {
			u32 seq;	/* in the receive queues: the first byte */
			u32 end;	/* in the receive queues: the byte after the last */
		};
	};
};

static inline struct ttp_cb *ttp_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct ttp_cb) > sizeof(skb->cb));
	return (struct ttp_cb *)skb->cb;
}

/* a packet of the send queue: bytes before rec.seq, acknowledged, that it still has */
static inline u32 ttp_cb_acked(const struct sk_buff *skb)
{
	return skb->len - (ttp_cb(skb)->rec.end - ttp_cb(skb)->rec.seq);
}

static inline struct ttp_sock *ttp_sk(const struct sock *sk)
{
	return (struct ttp_sock *)sk;
}

/* the rate at which a socket may send, bytes per second; ~0UL: any; @tcb is its own or a copy */
static inline unsigned long ttp_sk_pacing_rate(const struct sock *sk, const struct ttp_tcb *tcb)
{
	unsigned long most = READ_ONCE(sk->sk_max_pacing_rate);
	u64 rate = (tcb->flow ? tcb->flow->cong.pacing_rate : 0) ?: ttp_rate_pacing(tcb);

	return rate ? min_t(u64, rate, most) : most;
}

static inline struct ttp_sock *ttp_sk_of(const struct ttp_tcb *tcb)
{
	return container_of(tcb, struct ttp_sock, tcb);
}

static inline struct sock *ttp_sock_of(struct ttp_tcb *tcb)
{
	return (struct sock *)ttp_sk_of(tcb);
}

/* the socket that an end point is part of: of kind %TTP_KIND_SOCK */
static inline struct sock *ttp_ep_sock(struct ttp_ep *ep)
{
	return (struct sock *)container_of(ep, struct ttp_sock, ep);
}

/* the same of kind %TTP_KIND_REQUEST, of kind %TTP_KIND_TIMEWAIT, and of both */
static inline struct ttp_req *ttp_ep_req(struct ttp_ep *ep)
{
	return container_of(ep, struct ttp_req, mini.ep);
}

static inline struct ttp_tw *ttp_ep_tw(struct ttp_ep *ep)
{
	return container_of(ep, struct ttp_tw, mini.ep);
}

static inline struct ttp_mini *ttp_ep_mini(const struct ttp_ep *ep)
{
	return container_of((struct ttp_ep *)ep, struct ttp_mini, ep);
}

/* bytes of an address */
static inline u32 ttp_addr_len(u16 family)
{
	return family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(__be32);
}

/* The address and port to which a socket is bound, as a 4-tuple; with or without its lock. */
static inline void ttp_sk_bound(const struct sock *sk, struct ttp_key *key)
{
	memset(key, 0, sizeof(*key));
	key->family = sk->sk_family;
	key->lport = htons(READ_ONCE(inet_sk(sk)->inet_num));
	if (key->family == AF_INET)
		key->local.v4 = READ_ONCE(inet_sk(sk)->inet_rcv_saddr);
#if IS_ENABLED(CONFIG_IPV6)
	else	/* not locked: bind() may change it at this moment */
		data_race(key->local.v6 = sk->sk_v6_rcv_saddr);
#endif
}

/* Does a writer wait for room in the send buffer? */
static inline bool ttp_sk_no_room(const struct sock *sk)
{
	return sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
}

/* bytes that can be read now; @sk is locked if the answer is to stay true.  If it is not, who reads
 * meanwhile may seem to be ahead of what has come.
 */
static inline u32 ttp_sock_unread(const struct sock *sk)
{
	const struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	u32 nxt = READ_ONCE(tcb->rcv.nxt), read = READ_ONCE(tcb->rcv.read);
	u32 n = nxt - read;

	if ((s32)n <= 0)
		return 0;
	/* the peer's FIN has a sequence number too, but no data */
	if (READ_ONCE(tcb->rcv.fin_seen) && nxt == READ_ONCE(tcb->rcv.fin) + 1)
		n--;
	return n;
}

/* the core's microseconds of a time of ktime_get_ns() */
static inline u64 ttp_us(u64 ns)
{
	return div_u64(ns, NSEC_PER_USEC);
}

/* microseconds, on the clock of every deadline */
static inline u64 ttp_now(void)
{
	return ttp_us(ktime_get_ns());
}

/* tests/kunit, in ttp.ko of a kernel tree: its suites run when it is loaded */
#if defined(CONFIG_TTP_KUNIT_TEST) && defined(MODULE)
void ttp_kunit_init(void);
void ttp_kunit_exit(void);
#else
static inline void ttp_kunit_init(void) {}
static inline void ttp_kunit_exit(void) {}
#endif

/* net.c; net.h has ttp_net() */

/* The same of a TTP socket, which knows it: that needs no rcu_read_lock(). */
static inline struct ttp_net *ttp_sk_net(const struct sock *sk)
{
	return ttp_sk(sk)->ep.tn;
}

u64 ttp_net_new_id(void);

/* The connection has its number: fq sees by it that the socket's memory was another's before. */
static inline void ttp_sk_set_hash(struct sock *sk)
{
	sk->sk_hash = ttp_sk(sk)->tcb.conn.id;
}

/* socket/af_ttp.c */
extern struct proto ttp_prot;
extern int ttp_family;
int ttp_af_init(void);
void ttp_af_exit(void);

/* socket/af_ttp6.c */
extern struct proto ttp_prot6;
extern struct inet_protosw ttp_protosw6;
int ttp_af6_register(const struct proto_ops *ops);
void ttp_af6_unregister(void);
void ttp_af6_open(void);
void ttp_af6_close(void);

/* host/memory.c */

/* What all sockets have, of all namespaces together */
struct ttp_memory {
	atomic_long_t allocated;	/* pages, but for those in ttp_memory_reserve */
	unsigned long pressure;	/* since when memory is under pressure, jiffies; 0: it is not */
	struct percpu_counter sockets;	/* how many there are */
	long limits[3];	/* net.ttp.mem */
};

extern struct ttp_memory ttp_memory;
DECLARE_PER_CPU(int, ttp_memory_reserve);

int ttp_memory_init(void);
void ttp_memory_exit(void);
bool ttp_memory_flow(struct sock *sk);
void ttp_memory_flow_end(struct ttp_tcb *tcb);
void ttp_memory_flow_free(struct ttp_flow *flow);
long ttp_memory_pages(void);
void ttp_memory_enter_pressure(struct sock *sk);
void ttp_memory_leave_pressure(struct sock *sk);
void ttp_memory_force(struct sock *sk, u32 bytes);
u32 ttp_memory_write(struct sock *sk, u32 bytes);
void ttp_memory_read(struct sock *sk);
void ttp_memory_overrun(struct sock *sk);
void ttp_memory_written(struct sock *sk);
void ttp_memory_wake_writer(struct sock *sk);
int ttp_memory_rcvlowat(struct sock *sk, int val);
bool ttp_memory_orphan_ok(struct sock *sk);

/* conn/sock.c */
int ttp_sock_init(struct sock *sk);
void ttp_sock_uninit(struct sock *sk);
void ttp_sock_child_init(struct sock *sk);
void ttp_sock_done(struct sock *sk, int err);
void ttp_sock_destroy(struct sock *sk);
void ttp_sock_reset_tcb(struct sock *sk);
u8 ttp_sock_wscale(const struct sock *sk);

/* conn/verdict.c */
void ttp_verdict_clock(struct sock *sk);
void ttp_verdict_carry_out(struct sock *sk, struct ttp_verdict *v);
void ttp_verdict_abort(struct sock *sk, u8 kind, const char *what, int err);
bool ttp_verdict_limit_orphan(struct sock *sk);
void ttp_verdict_discard(struct sock *sk);
void ttp_verdict_refused(struct sock *sk, const struct sk_buff *skb, const struct ttp_seg *seg,
			 enum ttp_mib drop, const char *answer);
int ttp_verdict_segment(struct sock *sk, struct sk_buff *skb);
void ttp_verdict_first(struct sock *sk, struct sk_buff *skb);
void ttp_verdict_go_on(struct sock *sk);
void ttp_verdict_release_cb(struct sock *sk);
void ttp_verdict_timer_fired(struct timer_list *t);

/* socket/connect.c */
int ttp_connect(struct sock *sk, struct sockaddr_unsized *addr, int len);
int ttp_connect_disconnect(struct sock *sk, int flags);

/* socket/fastopen.c */
bool ttp_fastopen_open(struct sock *sk);
int ttp_fastopen_sendmsg(struct sock *sk, struct msghdr *msg);
int ttp_fastopen_set(struct sock *sk, int name, int val);
int ttp_fastopen_set_key(struct sock *sk, sockptr_t optval, unsigned int len);

/* socket/zerocopy.c */
int ttp_zerocopy_begin(struct sock *sk, struct msghdr *msg, size_t len, struct ubuf_info **uarg);
int ttp_zerocopy_write(struct sock *sk, struct sk_buff *skb, struct msghdr *msg, u32 len,
		       struct ubuf_info *uarg);

/* socket/close.c */
void ttp_close(struct sock *sk, long timeout);
void ttp_close_shutdown(struct sock *sk, int how);

/* socket/destroy.c */
int ttp_destroy_sock(struct sock *sk, int err);
int ttp_destroy(struct net *net, u64 id);

/* conn/child.c */
enum ttp_mib ttp_child_promote(struct ttp_req *req, struct sk_buff *skb);
bool ttp_child_make(struct ttp_req *req, struct sk_buff *skb, const struct ttp_cookie *cookie);

/* conn/fastopen.c */
int ttp_fastopen_set_keys(struct net *net, struct sock *sk, const u8 *key, const u8 *backup);
int ttp_fastopen_get_keys(struct net *net, struct sock *sk, u8 *buf);
void ttp_fastopen_listen(struct sock *sk, int most);
void ttp_fastopen_listen_all(struct sock *sk, int backlog);
bool ttp_fastopen_begin(struct ttp_req *req, struct sk_buff *skb, const struct ttp_seg *seg,
			const struct dst_entry *dst, struct ttp_cookie *cookie);
void ttp_fastopen_first(struct sock *lsk, struct sock *sk, struct sk_buff *skb,
			const struct ttp_cookie *cookie);
void ttp_fastopen_over(struct sock *sk, bool reset);
int ttp_fastopen_cookie(struct sock *sk, struct ttp_cookie *cookie, u16 *mss);
bool ttp_fastopen_client(const struct sock *sk);
void ttp_fastopen_remember(struct sock *sk);
void ttp_fastopen_pause(struct sock *sk);
int ttp_fastopen_init(struct ttp_net *tn);
void ttp_fastopen_exit(struct ttp_net *tn);

/* socket/sockopt.c */
int ttp_sockopt_set(struct sock *sk, int level, int name, sockptr_t val, unsigned int len);
int ttp_sockopt_get(struct sock *sk, int level, int name, char __user *val, int __user *len);
int ttp_sockopt_ioctl(struct sock *sk, int cmd, ttp_ioctl_arg arg);
void ttp_sockopt_keepalive(struct sock *sk, int on);

/* socket/stream.c */
int ttp_stream_sendmsg(struct sock *sk, struct msghdr *msg, size_t len);
int ttp_stream_write(struct sock *sk, struct msghdr *msg, struct ubuf_info *uarg);
int ttp_stream_recvmsg(struct sock *sk, struct msghdr *msg, size_t len, int flags);
ssize_t ttp_stream_splice_read(struct socket *sock, loff_t *pos,
			       struct pipe_inode_info *pipe, size_t len, unsigned int flags);
__poll_t ttp_stream_poll(struct file *file, struct socket *sock, poll_table *wait);
void ttp_stream_write_space(struct sock *sk);
bool ttp_stream_memory_free(const struct sock *sk, int wake);

/* host/stamp.c */
int ttp_stamp_flags(struct sock *sk, struct msghdr *msg, u32 *flags);
void ttp_stamp_write(struct sock *sk, u32 flags);
void ttp_stamp_split(struct sk_buff *skb, struct sk_buff *rest);
bool ttp_stamp_mergeable(const struct sk_buff *skb, const struct sk_buff *next);
void ttp_stamp_send(struct sk_buff *skb, const struct sk_buff *data, const struct ttp_seg *seg);
void ttp_stamp_acked(struct sock *sk, struct sk_buff *skb, u32 una);
void ttp_stamp_coalesce(struct sk_buff *to, struct sk_buff *skb);
void ttp_stamp_put(const struct sock *sk, struct msghdr *msg, ktime_t at, ktime_t hw);

/* conn/demux.c */
int ttp_demux_init(struct ttp_net *tn);
void ttp_demux_exit(struct ttp_net *tn);
struct ttp_ep *ttp_demux_find(struct ttp_net *tn, const struct ttp_key *key, int dif, int sdif);
struct ttp_ep *ttp_demux_find_sock(struct ttp_net *tn, const struct ttp_key *key, int dif,
				   int sdif);
struct ttp_ep *ttp_demux_find_same(const struct ttp_ep *ep);
struct sock *ttp_demux_listener(struct ttp_net *tn, const struct ttp_key *key, struct sk_buff *skb);
bool ttp_demux_get(struct ttp_ep *ep);
void ttp_demux_put(struct ttp_ep *ep);
int ttp_demux_dev(const struct ttp_ep *ep);
int ttp_demux_insert(struct ttp_ep *ep);
void ttp_demux_remove(struct ttp_ep *ep);
bool ttp_demux_replace(struct ttp_ep *old, struct ttp_ep *new);
int ttp_demux_listen(struct sock *sk);
void ttp_demux_unlisten(struct sock *sk);

/* conn/idle.c */
int ttp_idle_init(struct ttp_net *tn);
void ttp_idle_exit(struct ttp_net *tn);
void ttp_idle_add(struct sock *sk);
void ttp_idle_remove(struct sock *sk);

/* conn/local.c */

/* Which addresses of this host? */
struct ttp_local {
	struct in6_addr addr;	/* one of IPv4 is mapped */
	bool any;	/* not that one, but all */
	bool v4;	/* of IPv4 */
	bool v6;	/* of IPv6 */
};

void ttp_local_of_key(const struct ttp_key *key, struct ttp_local *local);
void ttp_local_of_sock(const struct sock *sk, struct ttp_local *local);
bool ttp_local_meet(const struct ttp_local *a, const struct ttp_local *b);
bool ttp_local_same(const struct ttp_local *a, const struct ttp_local *b);
u32 ttp_local_slot(const struct net *net, __be16 port, const struct ttp_local *local);

/* conn/port.c */
void ttp_port_init(struct ttp_net *tn);
struct ttp_port *ttp_port_get(struct xarray *ports, u16 num);
void ttp_port_tidy(struct xarray *ports, struct ttp_port *port);
u32 ttp_port_range(const struct sock *sk, u32 *first);
int ttp_port_bind(struct sock *sk, unsigned short port);
void ttp_port_put(struct sock *sk);
int ttp_port_connect(struct sock *sk, u32 *iss);
void ttp_port_share(struct ttp_ep *ep, struct ttp_ep *from);
void ttp_port_release(struct ttp_ep *ep);

/* conn/isn.c */
/* jiffies for which a SYN cookie is valid, at most */
#define TTP_ISN_COOKIE_LIFE	(128 * HZ)

u32 ttp_isn(const struct net *net, const struct ttp_key *key, u32 follows);
u32 ttp_isn_cookie(const struct ttp_key *key, u32 irs, u8 mss);
int ttp_isn_cookie_check(const struct ttp_key *key, u32 irs, u32 iss);
u32 ttp_isn_ts_offset(const struct ttp_key *key);
u64 ttp_isn_port_hash(const struct net *net, const struct ttp_key *key);
u32 ttp_isn_hash(const struct ttp_key *key);

/* conn/isn_lab.c */
#define TTP_ISN_LAB_TEXT	256	/* bytes for net.ttp.isn; what is longer is refused */

bool ttp_isn_lab(const struct net *net, u32 follows, u32 *isn);
int ttp_isn_lab_set(struct net *net, char *text);
void ttp_isn_lab_text(struct net *net, char *text, size_t size);

/* socket/listen.c */
int ttp_listen(struct socket *sock, int backlog);
void ttp_listen_stop(struct sock *sk);
struct sock *ttp_listen_accept(struct sock *sk, struct proto_accept_arg *arg);

/* A SYN has ended TIME_WAIT, and begins the next connection with the same 4-tuple. */
struct ttp_reopen {
	u32 iss;	/* where that one begins; 0: the SYN has ended no TIME_WAIT */
	u64 time_ns;	/* when the processing of the SYN began */
};

/* conn/mini.c */
extern struct kmem_cache *ttp_mini_requests;
extern struct kmem_cache *ttp_mini_timewaits;
int ttp_mini_init(void);
void ttp_mini_exit(void);
void ttp_mini_put(struct ttp_mini *mini);
void ttp_mini_kill(struct ttp_mini *mini);
bool ttp_mini_end(struct ttp_mini *mini, u8 kind, const char *what);
bool ttp_mini_passes(struct ttp_mini *mini, struct sk_buff *skb);
bool ttp_mini_rcv(struct ttp_mini *mini, struct sk_buff *skb, struct ttp_reopen *re);

/* conn/request.c */
void ttp_request_listener_rcv(struct sock *sk, struct sk_buff *skb, const struct ttp_reopen *re);
void ttp_request_icmp(struct ttp_req *req, u32 seq);
void ttp_request_unlink(struct ttp_req *req);
void ttp_request_stop(struct sock *lsk);

/* conn/timewait.c */
void ttp_timewait_enter(struct sock *sk);
u32 ttp_timewait_reuse(struct ttp_ep *ep, bool asked);
void ttp_timewait_restart(struct ttp_tw *tw);
void ttp_timewait_forget(struct ttp_tw *tw);
void ttp_timewait_end_all(struct net *net);

/* cong/registry.c */
void ttp_cong_sock_init(struct sock *sk);
void ttp_cong_sock_child(struct sock *sk);
void ttp_cong_sock_exit(struct sock *sk);
int ttp_cong_sock_set(struct sock *sk, const char *name);
void ttp_cong_sock_route(struct sock *sk, const struct dst_entry *dst);
int ttp_cong_net_set(struct net *net, const char *name);
void ttp_cong_net_init(struct net *net);
void ttp_cong_net_exit(struct net *net);
int ttp_cong_allow(char *names);
int ttp_cong_walk(int (*each)(const struct ttp_cong_ops *ops, bool allowed, void *data),
		  void *data);
int ttp_cong_init(void);
void ttp_cong_exit(void);

/* input/recv.c */
int ttp_recv_init(void);
void ttp_recv_exit(void);
void ttp_recv_take(struct net *net, struct sk_buff *skb);

/* input/faulty.c */
void ttp_faulty_take(struct net *net, struct sk_buff *skb);

/* input/early.c */
struct ttp_ep *ttp_early_found(struct sk_buff *skb);
int ttp_early_init(struct net *net);
void ttp_early_exit(struct net *net);

/* input/icmp.c */
int ttp_icmp_errno(const struct icmphdr *icmp);
void ttp_icmp_queue_error(struct sock *sk, struct sk_buff *skb, u32 headers, int err,
			  __be16 port, u32 info, bool v6);
int ttp_icmp_err(struct sk_buff *skb, u32 info);
int ttp_icmp_err6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code, int offset,
		  __be32 info);

/* host/txq.c */
struct sk_buff *ttp_txq_tail(struct sock *sk, u32 max);
struct sk_buff *ttp_txq_alloc(struct sock *sk, gfp_t gfp);
void ttp_txq_append(struct sock *sk, struct sk_buff *skb);
void ttp_txq_cancel(struct sock *sk, struct sk_buff *skb);
void ttp_txq_purge(struct sock *sk);
struct sk_buff *ttp_txq_skb(struct ttp_txrec *rec);

/* host/rxq.c */
void ttp_rxq_purge(struct sock *sk);
bool ttp_rxq_readable(const struct sock *sk);
u32 ttp_rxq_before_mark(const struct sock *sk);

/* host/clock.c */
void ttp_clock_update(struct sock *sk);
void ttp_clock_stop(struct sock *sk);

/* mib.c */
extern const char *const ttp_mib_names[TTP_MIB_MAX];
u64 ttp_mib_get(const struct ttp_net *tn, enum ttp_mib mib);
u64 ttp_mib_taken(const struct ttp_net *tn, unsigned int transition);

/* sysctl.c */
int ttp_sysctl_init(struct net *net);
void ttp_sysctl_exit(struct net *net);

/* They need what is above. */
#include "see/see.h"
#include "ip/ip.h"

#endif
