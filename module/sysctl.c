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
 *	max_syn_backlog		limits handshakes, where with TCP the backlog of listen() does
 *	mtu_probing		is 1 by default
 *	timestamps		has no 2
 *	orphan_retries		is 8, where TCP says 0 and means 8; 0 is none
 *	retries1, retries2, orphan_retries
 *				count; TCP makes a time of them, for a first timeout of 200 ms
 *	max_orphans		is of a namespace
 *	comp_sack_delay_ns	does without comp_sack_slack_ns
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
	NUMBERS(name, cfg.field, &ranges[RANGE_OF_##field][0], &ranges[RANGE_OF_##field][1]),

static const int ranges[][2] = { TTP_CONFIG_LIST(RANGE) };
enum { TTP_CONFIG_LIST(INDEX) };

/* A sysctl that is a text of its own: get() writes it, set() takes what an administrator wrote;
 * @tn is that of the namespace, %NULL for what all have in common; @size the room.
 */
#define TEXT(name, size, rights, getter, setter) {			\
	.procname = name,						\
	.maxlen = (size),						\
	.mode = (rights),						\
	.proc_handler = do_text,					\
	.extra1 = (getter),						\
	.extra2 = (setter),						\
}

static int do_text(TTP_CTL_TABLE *t, int write, void *buf, size_t *len, loff_t *pos)
{
	void (*get)(struct ttp_net *tn, char *text, size_t size) = t->extra1;
	int (*set)(struct ttp_net *tn, char *text, size_t size) = t->extra2;
	struct ctl_table copy = { .maxlen = t->maxlen };
	int err;

	copy.data = kzalloc(t->maxlen, GFP_KERNEL);
	if (!copy.data)
		return -ENOMEM;
	get(t->data, copy.data, t->maxlen);
	err = proc_dostring(&copy, write, buf, len, pos);
	if (!err && write)
		err = set(t->data, copy.data, t->maxlen);
	kfree(copy.data);
	return err;
}

/* Two numbers that make a range, of ports that any program may have */
static int do_port_range(TTP_CTL_TABLE *t, int write, void *buf, size_t *len, loff_t *pos)
{
	struct ttp_net *tn = container_of(t->data, struct ttp_net, port_range);
	int range[2] = { READ_ONCE(tn->port_range[0]), READ_ONCE(tn->port_range[1]) };
	struct ctl_table copy = {
		.data = range, .maxlen = sizeof(range), .extra1 = t->extra1, .extra2 = t->extra2,
	};
	int err = proc_dointvec_minmax(&copy, write, buf, len, pos);

	if (err || !write)
		return err;
	if (range[0] > range[1] || inet_port_requires_bind_service(tn->net, range[0]))
		return -EINVAL;
	WRITE_ONCE(tn->port_range[0], range[0]);
	WRITE_ONCE(tn->port_range[1], range[1]);
	return 0;
}

static void get_arq(struct ttp_net *tn, char *text, size_t size)
{
	strscpy(text, ttp_arq_names[READ_ONCE(tn->cfg.arq)], size);
}

static int set_arq(struct ttp_net *tn, char *text, size_t size)
{
	int arq = ttp_arq_find(strim(text));

	if (arq < 0)
		return -EINVAL;
	WRITE_ONCE(tn->cfg.arq, arq);
	return 0;
}

static void get_arqs(struct ttp_net *tn, char *text, size_t size)
{
	int i, used = 0;

	for (i = 0; i < TTP_ARQ_MAX; i++)
		used += scnprintf(text + used, size - used, "%s%s", i ? " " : "", ttp_arq_names[i]);
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

/* One key of Fast Open, or two with a comma between them */
static void get_keys(struct ttp_net *tn, char *text, size_t size)
{
	u8 keys[2 * TTP_FASTOPEN_KEY_LEN] = {}, *k;
	int n = ttp_fastopen_get_keys(tn->net, NULL, keys), i, used = 0;

	for (i = 0; i < max(n, 1); i++) {
		k = keys + i * TTP_FASTOPEN_KEY_LEN;
		used += scnprintf(text + used, size - used, "%s" KEY_FORMAT, i ? "," : "",
				  get_unaligned_le32(k), get_unaligned_le32(k + 4),
				  get_unaligned_le32(k + 8), get_unaligned_le32(k + 12));
	}
}

static int set_keys(struct ttp_net *tn, char *text, size_t size)
{
	u8 key[TTP_FASTOPEN_KEY_LEN], second[TTP_FASTOPEN_KEY_LEN];
	char *comma = strchr(text, ',');

	if (key_of(text, key) || (comma && key_of(comma + 1, second)))
		return -EINVAL;
	return ttp_fastopen_set_keys(tn->net, NULL, key, comma ? second : NULL);
}

static void get_isn(struct ttp_net *tn, char *text, size_t size)
{
	ttp_isn_lab_text(tn->net, text, size);
}

static int set_isn(struct ttp_net *tn, char *text, size_t size)
{
	/* what is longer was cut off */
	return strlen(text) == size - 1 ? -EINVAL : ttp_isn_lab_set(tn->net, text);
}

/* room for the names of all algorithms */
#define CONG_NAMES	(64 * TTP_CONG_NAME_MAX)

static void get_cong(struct ttp_net *tn, char *text, size_t size)
{
	rcu_read_lock();
	strscpy(text, READ_ONCE(tn->cong)->name, size);
	rcu_read_unlock();
}

static int set_cong(struct ttp_net *tn, char *text, size_t size)
{
	return ttp_cong_net_set(tn->net, strim(text));
}

static int add_name(const struct ttp_cong_ops *ops, bool allowed, void *data)
{
	size_t used = strlen(data);

	snprintf(data + used, CONG_NAMES - used, "%s%s", used ? " " : "", ops->name);
	return 0;
}

static int add_allowed(const struct ttp_cong_ops *ops, bool allowed, void *data)
{
	return allowed ? add_name(ops, allowed, data) : 0;
}

static void get_available(struct ttp_net *tn, char *text, size_t size)
{
	ttp_cong_walk(add_name, text);
}

static void get_allowed(struct ttp_net *tn, char *text, size_t size)
{
	ttp_cong_walk(add_allowed, text);
}

static int set_allowed(struct ttp_net *tn, char *text, size_t size)
{
	return ttp_cong_allow(text);
}

static const struct ctl_table template[] = {
	TEXT("congestion_control", TTP_CONG_NAME_MAX, 0644, get_cong, set_cong),
	TEXT("available_congestion_control", CONG_NAMES, 0444, get_available, NULL),
	TTP_CONFIG_LIST(OF_CONFIG)
	TEXT("fastopen_key", 2 * KEY_TEXT, 0600, get_keys, set_keys),
	TEXT("arq", TTP_ARQ_NAME_MAX, 0644, get_arq, set_arq),
	TEXT("available_arq", TTP_ARQ_MAX * TTP_ARQ_NAME_MAX, 0444, get_arqs, NULL),
	TEXT("isn", TTP_ISN_LAB_TEXT, 0644, get_isn, set_isn),
	NUMBERS("l3mdev_accept", l3mdev_accept, SYSCTL_ZERO, SYSCTL_ONE),
	NUMBERS("fwmark_accept", fwmark_accept, SYSCTL_ZERO, SYSCTL_ONE),
	{
		.procname = "local_port_range",
		.data = FIELD(port_range),
		.maxlen = sizeof_field(struct ttp_net, port_range),
		.mode = 0644,
		.proc_handler = do_port_range,
		.extra1 = (void *)&one,
		.extra2 = (void *)&port_max,
	},
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
	},
	TEXT("allowed_congestion_control", CONG_NAMES, 0644, get_allowed, set_allowed),
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
	for (t = tn->sysctl_table; t->procname; t++)
		t->data = (char *)tn + (unsigned long)t->data;
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
