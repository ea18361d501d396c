// SPDX-License-Identifier: GPL-2.0
/*
 * registry.c - the congestion control algorithms that there are: modules register them,
 * sockets and network namespaces choose one by name.
 *
 * Each socket and each namespace holds a reference of its algorithm's module, so that it
 * cannot be unloaded while it is in use.  The list is written under a mutex and read
 * under RCU.
 *
 * Called by main.c, sysctl.c, conn/, socket/, see/, and by modules with algorithms.
 * Context: any, unless a function says otherwise.
 *
 * Next: core/cong.c for how an algorithm is called, cong/template.c to write another.
 */
#include <linux/capability.h>
#include <linux/jhash.h>
#include <linux/kmod.h>
#include <linux/module.h>
#include <net/tcp.h>

#include "ttp.h"

/* An algorithm that was registered */
struct entry {
	struct list_head node;
	const struct ttp_cong_ops *ops;
	bool allowed;
	struct rcu_head rcu;
};

static LIST_HEAD(list);
static DEFINE_MUTEX(mutex);	/* guards list; no other lock is held when it is taken */

static struct entry *find(const char *name)
{
	struct entry *e;

	list_for_each_entry_rcu(e, &list, node, lockdep_is_held(&mutex))
		if (!strcmp(e->ops->name, name))
			return e;
	return NULL;
}

/**
 * ttp_cong_register - register an algorithm
 * @ops: name, owner, acked and loss are set; it stays valid and constant until
 *	ttp_cong_unregister()
 *
 * Context: process, may sleep. Return: 0, -EINVAL when something is missing or the
 * name is not valid, -EEXIST when the name is taken, -ENOMEM.
 */
int ttp_cong_register(const struct ttp_cong_ops *ops)
{
	struct entry *e;
	int err = 0;

	if (!ops->name[0] || strnlen(ops->name, sizeof(ops->name)) == sizeof(ops->name) ||
	    strpbrk(ops->name, " \t\n") || !ops->acked || !ops->loss) {
		pr_err("%.16s: an algorithm needs a name, acked and loss\n", ops->name);
		return -EINVAL;
	}
	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	e->ops = ops;
	e->allowed = !(ops->flags & TTP_CONG_RESTRICTED);
	mutex_lock(&mutex);
	if (find(ops->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&e->node, &list);
	mutex_unlock(&mutex);
	if (err)
		kfree(e);
	return err;
}
EXPORT_SYMBOL_GPL(ttp_cong_register);

/**
 * ttp_cong_unregister - take an algorithm back
 * @ops: registered, or not
 *
 * Called from its module's exit, so nobody uses it; on return nobody reads it either.
 *
 * Context: process, may sleep.
 */
void ttp_cong_unregister(const struct ttp_cong_ops *ops)
{
	struct entry *e;

	mutex_lock(&mutex);
	e = find(ops->name);
	if (e && e->ops == ops) {
		list_del_rcu(&e->node);
		kfree_rcu(e, rcu);
	}
	mutex_unlock(&mutex);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(ttp_cong_unregister);

/* Load the module of an unknown algorithm. */
static void autoload(const char *name)
{
	bool there;

	rcu_read_lock();
	there = find(name);
	rcu_read_unlock();
	if (!there && capable(CAP_NET_ADMIN))
		request_module("ttp_cong_%s", name);
}

/* Find an algorithm and take a reference of its module.  Return: it, or an ERR_PTR(). */
static const struct ttp_cong_ops *get(const char *name, bool admin)
{
	const struct ttp_cong_ops *ops = ERR_PTR(-ENOENT);
	struct entry *e;

	autoload(name);
	rcu_read_lock();
	e = find(name);
	if (e && !READ_ONCE(e->allowed) && !admin)
		ops = ERR_PTR(-EPERM);
	else if (e)
		ops = try_module_get(e->ops->owner) ? e->ops : ERR_PTR(-EBUSY);
	rcu_read_unlock();
	return ops;
}

/* Give a new socket its namespace's algorithm; its TCB is initialized. */
void ttp_cong_sock_init(struct sock *sk)
{
	const struct ttp_cong_ops *ops;

	rcu_read_lock();
	ops = READ_ONCE(ttp_net(sock_net(sk))->cong);
	if (try_module_get(ops->owner))
		ttp_sk(sk)->tcb.cong_ops = ops;
	rcu_read_unlock();
}

/* Take a reference for a child, whose TCB has the listener's algorithm. */
void ttp_cong_sock_child(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	if (!try_module_get(tcb->cong_ops->owner))
		tcb->cong_ops = &ttp_reno;
}

/* A socket ends: it has Reno from now on, which needs no reference. */
void ttp_cong_sock_exit(struct sock *sk)
{
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	const struct ttp_cong_ops *old = tcb->cong_ops;

	if (tcb->flow)
		ttp_cong_end(&tcb->flow->cong);
	ttp_flow_change_cong(tcb, &ttp_reno);
	module_put(old->owner);
}

/* A route has a hash of a name, as tcp_register_congestion_control() makes it. */
static bool has_key(const struct entry *e, u32 key)
{
	char name[TCP_CA_NAME_MAX] = "";

	strscpy(name, e->ops->name, sizeof(name));
	return jhash(name, sizeof(name), strlen(name)) == key;
}

/**
 * ttp_cong_sock_route - the algorithm that a route asks for (ip-route(8), congctl), if it is
 * loaded
 * @sk: a connection begins; socket lock held, or new
 * @dst: its route, which has the name of one of TCP's algorithms
 *
 * Context: any.
 */
void ttp_cong_sock_route(struct sock *sk, const struct dst_entry *dst)
{
	u32 key = dst_metric(dst, RTAX_CC_ALGO);
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;
	const struct ttp_cong_ops *old = tcb->cong_ops;
	struct entry *e;

	if (key == TCP_CA_UNSPEC)
		return;
	rcu_read_lock();
	list_for_each_entry_rcu(e, &list, node) {
		if (!has_key(e, key))
			continue;
		if (e->ops != old && try_module_get(e->ops->owner)) {
			ttp_flow_change_cong(tcb, e->ops);
			module_put(old->owner);
		}
		break;
	}
	rcu_read_unlock();
}

/**
 * ttp_cong_sock_set - TTP_CONGESTION (MAY-18)
 * @sk: not locked; also in the middle of a connection
 * @name: the algorithm
 *
 * Context: process, may sleep: a module may have to be loaded.
 * Return: 0, -ENOENT when there is none, -EPERM when it is restricted, -EBUSY when
 * its module is being unloaded.
 */
int ttp_cong_sock_set(struct sock *sk, const char *name)
{
	bool admin = ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);
	const struct ttp_cong_ops *ops = get(name, admin), *old;
	struct ttp_tcb *tcb = &ttp_sk(sk)->tcb;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	lock_sock(sk);
	old = tcb->cong_ops;
	if (old != ops)
		ttp_flow_change_cong(tcb, ops);
	release_sock(sk);
	module_put(old->owner);
	return 0;
}

/**
 * ttp_cong_net_set - choose the algorithm of a namespace's new sockets
 * @net: the namespace
 * @name: the algorithm
 *
 * Context: process, may sleep. Return: 0, -ENOENT, -EPERM, -EBUSY.
 */
int ttp_cong_net_set(struct net *net, const char *name)
{
	const struct ttp_cong_ops *ops = get(name, net_eq(net, &init_net)), *old;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	old = xchg(&ttp_net(net)->cong, ops);
	synchronize_rcu();	/* readers of the old one may be about to take a reference */
	module_put(old->owner);
	return 0;
}

/* A namespace begins with the algorithm of the initial one. */
void ttp_cong_net_init(struct net *net)
{
	const struct ttp_cong_ops *ops = &ttp_reno;

	if (!net_eq(net, &init_net)) {
		rcu_read_lock();
		ops = READ_ONCE(ttp_net(&init_net)->cong);
		if (!try_module_get(ops->owner))
			ops = &ttp_reno;
		rcu_read_unlock();
	}
	ttp_net(net)->cong = ops;
}

/* A namespace ends. */
void ttp_cong_net_exit(struct net *net)
{
	module_put(ttp_net(net)->cong->owner);
}

/**
 * ttp_cong_allow - set the algorithms that may be chosen without CAP_NET_ADMIN
 * @names: all of them, with space between; changed
 *
 * Context: process, may sleep. Return: 0; -ENOENT when a name is unknown, and nothing
 * was changed; -ENOMEM.
 */
int ttp_cong_allow(char *names)
{
	char *copy = kstrdup(names, GFP_KERNEL), *rest = copy, *name;
	struct entry *e;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	mutex_lock(&mutex);
	while ((name = strsep(&rest, " \t\n")))
		if (*name && !find(name))
			err = -ENOENT;
	if (!err) {
		list_for_each_entry(e, &list, node)
			WRITE_ONCE(e->allowed, false);
		while ((name = strsep(&names, " \t\n")))
			if (*name)
				WRITE_ONCE(find(name)->allowed, true);
	}
	mutex_unlock(&mutex);
	kfree(copy);
	return err;
}

/**
 * ttp_cong_walk - look at all algorithms
 * @each: called for each, under RCU; a return value other than 0 ends the walk
 * @data: for @each
 *
 * Return: what @each returned last.
 */
int ttp_cong_walk(int (*each)(const struct ttp_cong_ops *ops, bool allowed, void *data), void *data)
{
	struct entry *e;
	int stop = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(e, &list, node) {
		stop = each(e->ops, READ_ONCE(e->allowed), data);
		if (stop)
			break;
	}
	rcu_read_unlock();
	return stop;
}

/* Reno is always registered.  Return: 0 or -ENOMEM. */
int __init ttp_cong_init(void)
{
	return ttp_cong_register(&ttp_reno);
}

/* All the others are unregistered: their modules need this one. */
void ttp_cong_exit(void)
{
	ttp_cong_unregister(&ttp_reno);
}

/* for algorithms in other modules; cong/reno.c exports the rest */
EXPORT_SYMBOL_GPL(ttp_cong_initial_window);
