// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - init and exit: of the module, and of each network namespace.
 *
 * Everything is set up in one order and taken down in the reverse.
 *
 * Called by the kernel. Context: process.
 *
 * Next: sysctl.c for what an administrator sets, mib.c for what is counted;
 * socket/af_ttp.c for what a program calls, input/early.c for what the network brings.
 */
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/inet_common.h>

#include "datagram/datagram.h"
#include "see/history.h"

static void default_config(struct ttp_net *tn)
{
	tn->cfg = (struct ttp_config){ TTP_CONFIG_LIST(TTP_CONFIG_DEFAULT) };
	/* RFC 6335's dynamic ports, as RFC 6056 3.2 has it; not Linux's */
	tn->port_range[0] = 49152;
	tn->port_range[1] = 65535;
	tn->rmem[0] = 4096;
	tn->rmem[1] = 131072;
	tn->rmem[2] = 6291456;
	tn->wmem[0] = 4096;
	tn->wmem[1] = 16384;
	tn->wmem[2] = 4194304;
}

static int __net_init net_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	int err = -ENOMEM;

	default_config(tn);
	spin_lock_init(&tn->isn_lab.lock);
	ttp_history_init(tn);
	ttp_fault_init(tn);
	ttp_netlink_net_init(net);
	ttp_hold_init_net(net);
	ttp_cong_net_init(net);
	tn->mib = alloc_percpu(struct ttp_counters);
	if (!tn->mib)
		goto exit_cong;
	tn->taken = alloc_percpu(struct ttp_taken);
	if (!tn->taken)
		goto free_mib;
	err = ttp_demux_init(tn);
	if (err)
		goto free_taken;
	err = ttp_datagram_net_init(tn);
	if (err)
		goto exit_demux;
	err = ttp_fastopen_init(tn);
	if (err)
		goto exit_datagram;
	err = inet_ctl_sock_create(&tn->ctl, PF_INET, SOCK_RAW, IPPROTO_TTP, net);
	if (err)
		goto exit_fastopen;
	err = ttp_sysctl_init(net);
	if (err)
		goto free_ctl;
	err = ttp_procfs_init(net);
	if (err)
		goto exit_sysctl;
	return 0;

exit_sysctl:
	ttp_sysctl_exit(net);
free_ctl:
	inet_ctl_sock_destroy(tn->ctl);
exit_fastopen:
	ttp_fastopen_exit(tn);
exit_datagram:
	ttp_datagram_net_exit(tn);
exit_demux:
	ttp_demux_exit(tn);
free_taken:
	free_percpu(tn->taken);
free_mib:
	free_percpu(tn->mib);
exit_cong:
	ttp_cong_net_exit(net);
	return err;
}

/* The tables are empty: each socket holds the namespace, and conns_exit() has run. */
static void __net_exit net_exit(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);

	ttp_procfs_exit(net);
	ttp_history_exit(tn);
	ttp_sysctl_exit(net);
	ttp_fault_exit(tn);
	ttp_datagram_net_exit(tn);
	ttp_demux_exit(tn);
	inet_ctl_sock_destroy(tn->ctl);
	ttp_fastopen_exit(tn);
	free_percpu(tn->taken);
	free_percpu(tn->mib);
	ttp_cong_net_exit(net);
	ttp_netlink_net_exit(net);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.exit = net_exit,
	.id = &ttp_net_id,
	.size = sizeof(struct ttp_net),
};

/* No packet is looked up any more, but those that faults hold back until here.  Connections
 * in TIME_WAIT may be left.
 */
static void __net_exit conns_exit(struct net *net)
{
	ttp_hold_exit_net(net);
	ttp_early_exit(net);
	ttp_timewait_end_all(net);
	ttp_netlink_flush(net);
}

/* A second one, because conns_exit() must run while netlink can still report
 * transitions, and netlink needs what net_ops has.
 */
static struct pernet_operations conns_ops = {
	.init = ttp_early_init,
	.exit = conns_exit,
};

static int __init ttp_init(void)
{
	int err;

	err = ttp_memory_init();	/* /proc reads it */
	if (err)
		return err;
	err = ttp_mini_init();
	if (err)
		goto exit_memory;
	err = ttp_cong_init();
	if (err)
		goto exit_mini;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto exit_cong;
	err = ttp_netlink_init(ttp_destroy);
	if (err)
		goto exit_net;
	err = register_pernet_subsys(&conns_ops);
	if (err)
		goto exit_netlink;
	ttp_tsq_init(ttp_verdict_go_on);
	err = ttp_recv_init();
	if (err)
		goto exit_conns;
	err = ttp_offload_init();
	if (err)
		goto exit_recv;
	err = ttp_datagram_init();
	if (err)
		goto exit_offload;
	err = ttp_af_init();
	if (err)
		goto exit_datagram;
	ttp_kunit_init();
	return 0;

exit_datagram:
	ttp_datagram_exit();
exit_offload:
	ttp_offload_exit();
exit_recv:
	ttp_recv_exit();
exit_conns:
	unregister_pernet_subsys(&conns_ops);
exit_netlink:
	ttp_netlink_exit();
exit_net:
	unregister_pernet_subsys(&net_ops);
	rcu_barrier();
exit_cong:
	ttp_cong_exit();
exit_mini:
	ttp_mini_exit();
exit_memory:
	ttp_memory_exit();
	return err;
}

/* Runs only when no socket is left: each holds the module. */
static void __exit ttp_exit(void)
{
	ttp_kunit_exit();
	ttp_af_exit();
	ttp_datagram_exit();
	ttp_offload_exit();
	ttp_recv_exit();
	unregister_pernet_subsys(&conns_ops);
	ttp_netlink_exit();
	unregister_pernet_subsys(&net_ops);
	ttp_cong_exit();
	ttp_tsq_exit();
	rcu_barrier();		/* requests, TIME_WAITs and flows are freed by RCU */
	ttp_mini_exit();
	ttp_memory_exit();
}

module_init(ttp_init);
module_exit(ttp_exit);

MODULE_AUTHOR("The TTP developers");
MODULE_DESCRIPTION("Teaching Transport Protocol: a TCP to be read and watched");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
MODULE_ALIAS_NETPROTO(AF_TTP);
/* AF_INET and AF_INET6, protocol 253, SOCK_STREAM; the last must be a number, not a name */
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET, 253, 1);
MODULE_ALIAS_NET_PF_PROTO(PF_INET, 253);
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET, 254, 2);
MODULE_ALIAS_NET_PF_PROTO(PF_INET, 254);
#if IS_ENABLED(CONFIG_IPV6)
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET6, 253, 1);
MODULE_ALIAS_NET_PF_PROTO(PF_INET6, 253);
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_INET6, 254, 2);
MODULE_ALIAS_NET_PF_PROTO(PF_INET6, 254);
#endif
MODULE_ALIAS_GENL_FAMILY("ttp");
