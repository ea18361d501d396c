// SPDX-License-Identifier: GPL-2.0
/*
 * sysctl.c - /proc/sys/net/ttp, per network namespace.
 *
 * docs/man/ttp.7 explains each, and scripts/lint checks that it leaves none out; the
 * defaults and ranges are in core/config.h.
 *
 * net.ttp.X means what net.ipv4.tcp_X means, where TCP has it, with these differences:
 *
 *	local_port_range	is net.ipv4.ip_local_port_range, with another default
 *	mtu_probing		is 1 by default
 *	timestamps		has no 2
 *	orphan_retries		is 8, where TCP says 0 and means 8; 0 is none
 *	max_orphans		is of a namespace
 *
 * TCP has no msl_ms, delack_ms, ack_every_second, arq, isn, history, offload; its rto_min is a
 * property of a route.
 *
 * mem and allowed_congestion_control are for all namespaces, so only the initial one has
 * them.  The first number of rmem and wmem is the initial namespace's for all.
 *
 * Called by main.c, and by the kernel when a file is read or written. Context: process.
 *
 * Next: core/config.h, then mib.c.
 */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include TTP_UNALIGNED_H

#include "ttp.h"

static const int one = 1;
static const int port_max = 65535;
static const int buf_min = 4096;
static const int buf_max = INT_MAX / 4;	/* a sum of several must not overflow */

/* .data is an offset into struct ttp_net until a namespace has its copy */
#define FIELD(member)	((void *)offsetof(struct ttp_net, member))

#define NUMBER(name, member, low, high) {				\
	.procname = name,						\
	.data = FIELD(member),						\
	.maxlen = sizeof(u32),						\
	.mode = 0644,							\
	.proc_handler = proc_dointvec_minmax,				\
	.extra1 = (void *)(low),					\
	.extra2 = (void *)(high),					\
}

#define NUMBERS(name, member, low, high) {				\
	.procname = name,						\
	.data = FIELD(member),						\
	.maxlen = sizeof_field(struct ttp_net, member),			\
	.mode = 0644,							\
	.proc_handler = proc_dointvec_minmax,				\
	.extra1 = (void *)(low),					\
	.extra2 = (void *)(high),					\
}

/* Of core/config.h's list: the ranges, and where each is */
#define RANGE(field, name, value, least, greatest)	{ least, greatest },
#define INDEX(field, name, value, least, greatest)	RANGE_OF_##field,
#define OF_CONFIG(field, name, value, least, greatest)			\
	NUMBER(name, cfg.field, &ranges[RANGE_OF_##field][0], &ranges[RANGE_OF_##field][1]),

static const int ranges[][2] = { TTP_CONFIG_LIST(RANGE) };
enum { TTP_CONFIG_LIST(INDEX) };

static int arq(TTP_CTL_TABLE *t, int write, void *buf, size_t *len, loff_t *pos)
{
	char name[TTP_ARQ_NAME_MAX];
	struct ctl_table copy = { .data = name, .maxlen = sizeof(name) };
	u32 *which = t->data;
	int err;

	strscpy(name, ttp_arq_names[READ_ONCE(*which)], sizeof(name));
	err = proc_dostring(&copy, write, buf, len, pos);
	if (err || !write)
		return err;
	err = ttp_arq_find(strim(name));
	if (err < 0)
		return -EINVAL;
	WRITE_ONCE(*which, err);
	return 0;
}

static int available_arq(TTP_CTL_TABLE *t, int write, void *buf, size_t *len, loff_t *pos)
{
	char names[TTP_ARQ_MAX * TTP_ARQ_NAME_MAX];
	struct ctl_table copy = { .data = names, .maxlen = sizeof(names) };
	int i, used = 0;

	for (i = 0; i < TTP_ARQ_MAX; i++)
		used += scnprintf(names + used, sizeof(names) - used, "%s%s", i ? " " : "",
				  ttp_arq_names[i]);
	return proc_dostring(&copy, write, buf, len, pos);
}

#define KEY_FORMAT	"%08x-%08x-%08x-%08x"
#define KEY_TEXT	36	/* with what follows it */

static int key_of(const char *text, u8 *key)
{
	u32 w[4];
	int i;

	if (sscanf(text, "%x-%x-%x-%x", &w[0], &w[1], &w[2], &w[3]) != 4)
		return -EINVAL;
	for (i = 0; i < 4; i++)
		put_unaligned_le32(w[i], key + 4 * i);
	return 0;
}

/* One key of Fast Open, or two with a comma between them; extra1: the namespace. */
static int fastopen_key(TTP_CTL_TABLE *t, int write, void *buf, size_t *len, loff_t *pos)
{
	u8 key[2 * TTP_FASTOPEN_KEY_LEN] = {}, *second = key + TTP_FASTOPEN_KEY_LEN, *k;
	struct net *net = t->extra1;
	char text[2 * KEY_TEXT], *comma;
	struct ctl_table copy = { .data = text, .maxlen = sizeof(text) };
	int n = ttp_fastopen_get_keys(net, NULL, key), i, used = 0, err;

	for (i = 0; i < max(n, 1); i++) {
		k = key + i * TTP_FASTOPEN_KEY_LEN;
		used += scnprintf(text + used, sizeof(text) - used, "%s" KEY_FORMAT,
				  i ? "," : "", get_unaligned_le32(k),
				  get_unaligned_le32(k + 4), get_unaligned_le32(k + 8),
				  get_unaligned_le32(k + 12));
	}
	err = proc_dostring(&copy, write, buf, len, pos);
	if (err || !write)
		return err;
	comma = strchr(text, ',');
	if (key_of(text, key) || (comma && key_of(comma + 1, second)))
		return -EINVAL;
	return ttp_fastopen_set_keys(net, NULL, key, comma ? second : NULL);
}

/* extra1: the namespace */
static int isn(TTP_CTL_TABLE *t, int write, void *buf, size_t *len, loff_t *pos)
{
	char text[TTP_ISN_LAB_TEXT];
	struct ctl_table copy = { .data = text, .maxlen = sizeof(text) };
	int err;

	ttp_isn_lab_text(t->extra1, text, sizeof(text));
	err = proc_dostring(&copy, write, buf, len, pos);
	if (err || !write)
		return err;
	/* what is longer was cut off */
	return strlen(text) == sizeof(text) - 1 ? -EINVAL : ttp_isn_lab_set(t->extra1, text);
}

/* room for the names of all algorithms */
#define CONG_NAMES	(64 * TTP_CONG_NAME_MAX)

/* extra1: the namespace */
static int congestion_control(TTP_CTL_TABLE *t, int write, void *buf, size_t *len, loff_t *pos)
{
	struct net *net = t->extra1;
	char name[TTP_CONG_NAME_MAX];
	struct ctl_table copy = { .data = name, .maxlen = sizeof(name) };
	int err;

	rcu_read_lock();
	strscpy(name, READ_ONCE(ttp_net(net)->cong)->name, sizeof(name));
	rcu_read_unlock();
	err = proc_dostring(&copy, write, buf, len, pos);
	return err || !write ? err : ttp_cong_net_set(net, strim(name));
}

static int add_name(const struct ttp_cong_ops *ops, bool allowed, void *data)
{
	struct ctl_table *t = data;
	char *names = t->data;
	size_t used = strlen(names);

	if (t->extra1 && !allowed)
		return 0;
	snprintf(names + used, t->maxlen - used, "%s%s", used ? " " : "", ops->name);
	return 0;
}

/* With extra1: only those that are allowed; only these can be written. */
static int congestion_controls(TTP_CTL_TABLE *t, int write, void *buf, size_t *len, loff_t *pos)
{
	struct ctl_table copy = { .maxlen = CONG_NAMES, .extra1 = t->extra1 };
	int err;

	copy.data = kzalloc(CONG_NAMES, GFP_KERNEL);
	if (!copy.data)
		return -ENOMEM;
	if (!write)
		ttp_cong_walk(add_name, &copy);
	err = proc_dostring(&copy, write, buf, len, pos);
	if (!err && write)
		err = ttp_cong_allow(copy.data);
	kfree(copy.data);
	return err;
}

static const struct ctl_table template[] = {
	{
		.procname = "congestion_control",
		.maxlen = TTP_CONG_NAME_MAX,
		.mode = 0644,
		.proc_handler = congestion_control,
	}, {
		.procname = "available_congestion_control",
		.maxlen = CONG_NAMES,
		.mode = 0444,
		.proc_handler = congestion_controls,
	},
	TTP_CONFIG_LIST(OF_CONFIG)
	{
		.procname = "fastopen_key",
		.maxlen = 2 * KEY_TEXT,
		.mode = 0600,
		.proc_handler = fastopen_key,
	}, {
		.procname = "arq",
		.data = FIELD(cfg.arq),
		.maxlen = TTP_ARQ_NAME_MAX,
		.mode = 0644,
		.proc_handler = arq,
	}, {
		.procname = "isn",
		.maxlen = TTP_ISN_LAB_TEXT,
		.mode = 0644,
		.proc_handler = isn,
	}, {
		.procname = "available_arq",
		.maxlen = TTP_ARQ_MAX * TTP_ARQ_NAME_MAX,
		.mode = 0444,
		.proc_handler = available_arq,
	},
	NUMBER("l3mdev_accept", l3mdev_accept, SYSCTL_ZERO, SYSCTL_ONE),
	NUMBER("fwmark_accept", fwmark_accept, SYSCTL_ZERO, SYSCTL_ONE),
	NUMBERS("local_port_range", port_range, &one, &port_max),
	NUMBERS("rmem", rmem, &buf_min, &buf_max),
	NUMBERS("wmem", wmem, &buf_min, &buf_max),
	{ }
};

/* for all namespaces together, so in the initial one only */
static struct ctl_table global[] = {
	{
		.procname = "mem",
		.data = &ttp_memory.limits,
		.maxlen = sizeof(ttp_memory.limits),
		.mode = 0644,
		.proc_handler = proc_doulongvec_minmax,
	}, {
		.procname = "allowed_congestion_control",
		.maxlen = CONG_NAMES,
		.mode = 0644,
		.proc_handler = congestion_controls,
		.extra1 = (void *)&one,
	},
	{ }
};

static struct ctl_table_header *global_header;

/* A network namespace begins.  Return: 0 or -ENOMEM. */
int ttp_sysctl_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	struct ctl_table *t;

	tn->sysctl_table = kmemdup(template, sizeof(template), GFP_KERNEL);
	if (!tn->sysctl_table)
		return -ENOMEM;
	for (t = tn->sysctl_table; t->procname; t++) {
		t->data = (char *)tn + (unsigned long)t->data;
		if (t->proc_handler == congestion_control || t->proc_handler == fastopen_key ||
		    t->proc_handler == isn)
			t->extra1 = net;
	}
	tn->sysctl = register_net_sysctl_sz(net, "net/ttp", tn->sysctl_table,
					    ARRAY_SIZE(template) - 1);
	if (!tn->sysctl)
		goto free;
	if (!net_eq(net, &init_net))
		return 0;
	global_header = register_net_sysctl_sz(net, "net/ttp", global, ARRAY_SIZE(global) - 1);
	if (global_header)
		return 0;
	unregister_net_sysctl_table(tn->sysctl);
free:
	kfree(tn->sysctl_table);
	return -ENOMEM;
}

void ttp_sysctl_exit(struct net *net)
{
	if (net_eq(net, &init_net))
		unregister_net_sysctl_table(global_header);
	unregister_net_sysctl_table(ttp_net(net)->sysctl);
	kfree(ttp_net(net)->sysctl_table);
}
