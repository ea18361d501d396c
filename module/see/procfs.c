// SPDX-License-Identifier: GPL-2.0
/*
 * procfs.c - /proc/net/ttp, per network namespace; ttp(7) explains the columns.
 *
 *	sockets		every listener, connection, request and TIME_WAIT, a line each
 *	datagrams	every datagram socket that has a port (datagrams.c)
 *	stats		the counters of core/mib.h
 *	states		the state machine, and how often each transition was taken
 *	sockstat	how many sockets there are, and the pages of memory that they have
 *	congestion	the algorithms, who may choose each, and which one new sockets get
 *	history		the last connections, a line for each of their transitions
 *
 * Called by main.c, and by the kernel when a file is read. Context: process.
 *
 * Next: netlink.c, which has the same for programs.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/ipv6.h>

#include "ttp.h"
#include "see/datagrams.h"
#include "see/history.h"

/* A reader of /proc/net/ttp/sockets */
struct reader {
	struct net *net;	/* the namespace; it outlives the file */
	struct ttp_walk walk;	/* where it is */
	loff_t pos;	/* the line at which the walk stopped; the header is line 0 */
	struct ttp_ep *first;	/* the line after the header */
};

/* lseek(): begin the walk again and go on to line @pos. */
static struct ttp_ep *seek(struct reader *r, loff_t pos) __acquires(RCU)
{
	struct ttp_ep *ep;

	ttp_walk_end(&r->walk);
	ttp_walk_begin(r->net, &r->walk);
	ep = ttp_walk_start(&r->walk);
	for (r->pos = 1; ep && r->pos < pos; r->pos++)
		ep = ttp_walk_next(&r->walk);
	r->pos = pos;
	return ep;
}

static void *sockets_start(struct seq_file *seq, loff_t *pos) __acquires(RCU)
{
	struct reader *r = seq->private;

	if (*pos && *pos == r->pos)
		return ttp_walk_start(&r->walk);
	r->first = seek(r, *pos ?: 1);
	return *pos ? r->first : SEQ_START_TOKEN;
}

static void *sockets_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct reader *r = seq->private;

	r->pos = ++*pos;
	return v == SEQ_START_TOKEN ? r->first : ttp_walk_next(&r->walk);
}

static void sockets_stop(struct seq_file *seq, void *v) __releases(RCU)
{
	struct reader *r = seq->private;

	ttp_walk_stop(&r->walk);
}

static const char *const timer_names[] = {
	[TTP_TIMER_NONE] = "-",
	[TTP_TIMER_RETRANSMISSION] = "retransmission",
	[TTP_TIMER_PERSIST] = "persist",
	[TTP_TIMER_DELAYED_ACK] = "delayed-ack",
	[TTP_TIMER_FIN_WAIT_2] = "fin-wait-2",
	[TTP_TIMER_TIME_WAIT] = "time-wait",
	[TTP_TIMER_KEEPALIVE] = "keepalive",
	[TTP_TIMER_LOSS_PROBE] = "loss-probe",
	[TTP_TIMER_REORDERING] = "reordering",
	[TTP_TIMER_PACING] = "pacing",
	[TTP_TIMER_USER_TIMEOUT] = "user-timeout",
};

static void put_end(struct seq_file *seq, u16 family, const union ttp_addr *addr, __be16 port)
{
	char name[64];

	if (family == AF_INET6)
		snprintf(name, sizeof(name), "[%pI6c]:%u", &addr->v6, ntohs(port));
	else
		snprintf(name, sizeof(name), "%pI4:%u", &addr->v4, ntohs(port));
	seq_printf(seq, " %-21s", name);
}

/* Both ends of a connection, in columns */
void ttp_procfs_put_ends(struct seq_file *seq, const struct ttp_key *key)
{
	put_end(seq, key->family, &key->local, key->lport);
	put_end(seq, key->family, &key->remote, key->rport);
}

static void show_line(struct seq_file *seq, const struct ttp_snapshot *snap)
{
	const struct ttp_tcb *tcb = snap->tcb;

	seq_printf(seq, "%-12s", ttp_fsm_name(snap->conn.state));
	ttp_procfs_put_ends(seq, &snap->key);
	seq_printf(seq, " %7u %7u", snap->rqueue, snap->wqueue);
	seq_printf(seq, " %-14s %10u", timer_names[ttp_snapshot_timer(snap)], snap->timer_ms);
	seq_printf(seq, " %7u", snap->retransmits);
	if (tcb && snap->conn.state != TTP_LISTEN) {
		seq_printf(seq, " %8u %10u", ttp_flow_cwnd(tcb), ttp_flow_ssthresh(tcb));
		seq_printf(seq, " %8u %8u", tcb->srtt_us, ttp_rtt_rto(tcb));
		seq_printf(seq, " %8u %8u", tcb->snd.wnd, tcb->rcv.wnd);
	} else {
		seq_puts(seq, "        -          -        -        -        -        -");
	}
	seq_printf(seq, " %5u %8u %llu\n", from_kuid_munged(seq_user_ns(seq), snap->uid),
		   snap->inode, snap->conn.id);
}

static int sockets_show(struct seq_file *seq, void *v)
{
	struct ttp_snapshot snap;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "state        local                 remote                 recv-q  send-q timer          expires-ms retrans     cwnd   ssthresh  srtt-us   rto-us  snd-wnd  rcv-wnd   uid    inode id\n");
		return 0;
	}
	ttp_snapshot_ep(v, &snap);
	show_line(seq, &snap);
	return 0;
}

static const struct seq_operations sockets_ops = {
	.start = sockets_start,
	.next = sockets_next,
	.stop = sockets_stop,
	.show = sockets_show,
};

static int sockets_open(struct inode *inode, struct file *file)
{
	struct reader *r = __seq_open_private(file, &sockets_ops, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->net = pde_data(inode);
	ttp_walk_begin(r->net, &r->walk);
	return 0;
}

static int sockets_release(struct inode *inode, struct file *file)
{
	struct reader *r = ((struct seq_file *)file->private_data)->private;

	ttp_walk_end(&r->walk);
	return seq_release_private(inode, file);
}

/* proc_create_net() has no release function, which must end the walk */
static const struct proc_ops sockets_proc_ops = {
	.proc_open = sockets_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = sockets_release,
};

static int stats_show(struct seq_file *seq, void *v)
{
	struct ttp_net *tn = ttp_net(seq_file_single_net(seq));
	unsigned int i;

	for (i = 0; i < TTP_MIB_MAX; i++)
		seq_printf(seq, "%-24s %llu\n", ttp_mib_names[i], ttp_mib_get(tn, i));
	return 0;
}

/* Sockets of both families that are in a table */
static int in_use(struct net *net)
{
	int n = sock_prot_inuse_get(net, &ttp_prot);

#if IS_ENABLED(CONFIG_IPV6)
	if (ipv6_mod_enabled())
		n += sock_prot_inuse_get(net, &ttp_prot6);
#endif
	return n;
}

/* In the format of /proc/net/sockstat. */
static int sockstat_show(struct seq_file *seq, void *v)
{
	struct ttp_net *tn = ttp_net(seq_file_single_net(seq));

	seq_printf(seq, "TTP: inuse %d orphan %d tw %d alloc %lld mem %ld held %u\n",
		   in_use(seq_file_single_net(seq)),
		   atomic_read(&tn->orphans), atomic_read(&tn->timewaits),
		   percpu_counter_sum_positive(&ttp_memory.sockets), ttp_memory_pages(),
		   READ_ONCE(tn->faults.held.n));
	return 0;
}

static int states_show(struct seq_file *seq, void *v)
{
	struct ttp_net *tn = ttp_net(seq_file_single_net(seq));
	const struct ttp_transition *t;
	unsigned int i;

	seq_puts(seq, "from         to                count section                      event\n");
	for (i = 0; i < ttp_ntransitions; i++) {
		t = &ttp_transitions[i];
		seq_printf(seq, "%-12s %-12s", ttp_fsm_name(t->from), ttp_fsm_name(t->to));
		seq_printf(seq, " %10llu %-28s %s\n", ttp_mib_taken(tn, i), t->section, t->what);
	}
	return 0;
}

static int congestion_line(const struct ttp_cong_ops *ops, bool allowed, void *data)
{
	struct seq_file *seq = data;
	struct ttp_net *tn = ttp_net(seq_file_single_net(seq));

	seq_printf(seq, "%-16s %-10s %s\n", ops->name, allowed ? "all" : "net-admin",
		   READ_ONCE(tn->cong) == ops ? "default" : "-");
	return 0;
}

static int congestion_show(struct seq_file *seq, void *v)
{
	seq_printf(seq, "%-16s %-10s %s\n", "name", "for", "use");
	return ttp_cong_walk(congestion_line, seq);
}

/* The place in the list is a number, so that what begins meanwhile, and drives out the oldest,
 * moves nothing.
 */
static struct ttp_history *history_from(struct ttp_net *tn, u64 number)
{
	struct ttp_history *h;

	list_for_each_entry_rcu(h, &tn->history, list)
		if (h->number >= number)
			return h;
	return NULL;
}

static void *history_start(struct seq_file *seq, loff_t *pos) __acquires(RCU)
{
	struct ttp_net *tn = ttp_net(seq_file_net(seq));

	rcu_read_lock();
	return *pos ? history_from(tn, *pos) : SEQ_START_TOKEN;
}

static void *history_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct ttp_net *tn = ttp_net(seq_file_net(seq));
	struct ttp_history *h = v, *next;

	if (v == SEQ_START_TOKEN) {
		next = history_from(tn, 1);
	} else {
		*pos = h->number;	/* start() may have had to go on behind the place */
		next = list_next_or_null_rcu(&tn->history, &h->list, struct ttp_history, list);
	}
	*pos = next ? next->number : *pos + 1;
	return next;
}

static void history_stop(struct seq_file *seq, void *v) __releases(RCU)
{
	rcu_read_unlock();
}

static void show_step(struct seq_file *seq, const struct ttp_history *h, const struct ttp_step *s)
{
	static const char *const kinds[] = {
		[TTP_BY_USER] = "user", [TTP_BY_SEGMENT] = "segment", [TTP_BY_TIMER] = "timer",
		[TTP_BY_ICMP] = "icmp", [TTP_BY_KERNEL] = "kernel",
	};
	u64 us = div_u64(s->time_ns, NSEC_PER_USEC);
	u32 rest;
	u64 sec = div_u64_rem(us, USEC_PER_SEC, &rest);

	seq_printf(seq, "%-6llu", h->id);
	ttp_procfs_put_ends(seq, &h->key);
	seq_printf(seq, " %7llu.%06u %-12s %-12s", sec, rest, ttp_fsm_name(s->from),
		   ttp_fsm_name(s->to));
	seq_printf(seq, " %-8s %-8s %s\n", ttp_fsm_section(s->from, s->to, s->kind) ?: "-",
		   kinds[s->kind], s->what);
}

static int history_show(struct seq_file *seq, void *v)
{
	struct ttp_net *tn = ttp_net(seq_file_net(seq));
	struct ttp_history h;
	u32 i;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "id     local                 remote                 time-s         from         to           section  by       cause\n");
		return 0;
	}
	ttp_history_copy(tn, v, &h);
	for (i = 0; i < h.nsteps; i++)
		show_step(seq, &h, &h.steps[i]);
	return 0;
}

static const struct seq_operations history_ops = {
	.start = history_start,
	.next = history_next,
	.stop = history_stop,
	.show = history_show,
};

/* A network namespace begins.  Return: 0 or -ENOMEM. */
int ttp_procfs_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);

	tn->proc = proc_net_mkdir(net, "ttp", net->proc_net);
	if (!tn->proc)
		return -ENOMEM;
	if (proc_create_data("sockets", 0444, tn->proc, &sockets_proc_ops, net) &&
	    proc_create_net_single("stats", 0444, tn->proc, stats_show, NULL) &&
	    proc_create_net_single("sockstat", 0444, tn->proc, sockstat_show, NULL) &&
	    proc_create_net_single("congestion", 0444, tn->proc, congestion_show, NULL) &&
	    proc_create_net_single("states", 0444, tn->proc, states_show, NULL) &&
	    proc_create_net("datagrams", 0444, tn->proc, &ttp_datagrams_seq_ops,
			    sizeof(struct ttp_datagrams_reader)) &&
	    proc_create_net("history", 0444, tn->proc, &history_ops,
			    sizeof(struct seq_net_private)))
		return 0;
	ttp_procfs_exit(net);
	return -ENOMEM;
}

/* A network namespace ends. */
void ttp_procfs_exit(struct net *net)
{
	proc_remove(ttp_net(net)->proc);
}
