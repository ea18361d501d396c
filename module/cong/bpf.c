// SPDX-License-Identifier: GPL-2.0
/*
 * bpf.c - congestion control by BPF programs: a struct_ops type, ttp_cong_ops, whose functions
 * init, sample, acked and loss may be programs; acked and loss must be.
 *
 * A program may write cwnd, ssthresh, pacing_rate and the algorithm's own words but the first;
 * core/cong.c bounds what it writes, as it does with any algorithm.  When the programs go,
 * no new connection can choose their algorithm; those that have it go on by Reno's rules.
 *
 * Called by the BPF system call, and by core/cong.c through struct ttp_cong_ops.  A module of its
 * own, ttp_bpf.ko, and only for kernels that let modules register such a type (Kbuild).
 *
 * Next: bpf/aimd.c, an algorithm.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>

#include "ttp_cong.h"

/* An algorithm of programs.  It stays until this module goes, for connections may have it. */
struct slot {
	struct list_head node;
	struct ttp_cong_ops ops;	/* what the registry has */
	const struct ttp_cong_ops __rcu *programs;	/* NULL when they have gone */
};

static LIST_HEAD(slots);
static DEFINE_MUTEX(mutex);	/* guards slots */
static u32 cong_type;		/* BTF's number of struct ttp_cong, */
static const struct btf *cong_btf;	/* in this module's: others have the same numbers */

static const struct ttp_cong_ops *programs_of(const struct ttp_cong *cong)
{
	return rcu_dereference(container_of(cong->ops, struct slot, ops)->programs);
}

static void ttp_bpf_init(struct ttp_cong *cong)
{
	const struct ttp_cong_ops *programs;

	rcu_read_lock();
	programs = programs_of(cong);
	if (programs && programs->init)
		programs->init(cong);
	rcu_read_unlock();
}

static void ttp_bpf_sample(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	const struct ttp_cong_ops *programs;

	rcu_read_lock();
	programs = programs_of(cong);
	if (programs && programs->sample)
		programs->sample(cong, s);
	rcu_read_unlock();
}

static void ttp_bpf_acked(struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	const struct ttp_cong_ops *programs;

	rcu_read_lock();
	programs = programs_of(cong);
	if (programs)
		programs->acked(cong, s);
	else
		ttp_reno_acked(cong, s);
	rcu_read_unlock();
}

static void ttp_bpf_loss(struct ttp_cong *cong, u32 flight)
{
	const struct ttp_cong_ops *programs;

	rcu_read_lock();
	programs = programs_of(cong);
	if (programs)
		programs->loss(cong, flight);
	else
		ttp_reno_loss(cong, flight);
	rcu_read_unlock();
}

/* What can be a program; and what the registry gets. */
static const struct ttp_cong_ops hooks = {
	.owner = THIS_MODULE,
	.init = ttp_bpf_init,
	.sample = ttp_bpf_sample,
	.acked = ttp_bpf_acked,
	.loss = ttp_bpf_loss,
};

/* ---- what the verifier asks ---- */

static const struct bpf_func_proto *func_proto(enum bpf_func_id id, const struct bpf_prog *prog)
{
	return bpf_base_func_proto(id, prog);
}

#define inside(off, size, from, to) ((off) >= (int)offsetof(struct ttp_cong, from) && \
	(off) + (size) <= (int)offsetofend(struct ttp_cong, to))

/* May a program write there? */
static int may_write(struct bpf_verifier_log *log, const struct bpf_reg_state *reg, int off,
		     int size)
{
	if (reg->btf == READ_ONCE(cong_btf) && reg->btf_id == READ_ONCE(cong_type) &&
	    (inside(off, size, cwnd, ssthresh) || inside(off, size, pacing_rate, pacing_rate) ||
	     inside(off, size, priv[1], priv)))
		return 0;
	bpf_log(log, "only cwnd, ssthresh, pacing_rate and priv[1] to priv[%d] can be written\n",
		TTP_CONG_PRIV - 1);
	return -EACCES;
}

static const struct bpf_verifier_ops verifier_ops = {
	.get_func_proto = func_proto,
	.is_valid_access = bpf_tracing_btf_ctx_access,
	.btf_struct_access = may_write,
};

/* ---- struct_ops ---- */

static int init_type(struct btf *btf)
{
	return 0;
}

/* A program is about to be verified: its first argument points to a struct ttp_cong. */
static int check_member(const struct btf_type *t, const struct btf_member *member,
			const struct bpf_prog *prog)
{
	const struct btf *btf = prog->aux->attach_btf;
	const struct btf_type *type = btf_type_by_id(btf, member->type);

	if (prog->sleepable)
		return -EINVAL;		/* packets wait for it */
	type = btf_type_by_id(btf, type->type);
	type = btf_type_by_id(btf, btf_params(type)->type);
	WRITE_ONCE(cong_btf, btf);
	WRITE_ONCE(cong_type, type->type);
	return 0;
}

/* A member that is no function.  Return: 1 when it is taken, 0 when it must be 0. */
static int init_member(const struct btf_type *t, const struct btf_member *member, void *kdata,
		       const void *udata)
{
	const struct ttp_cong_ops *from = udata;
	struct ttp_cong_ops *ops = kdata;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct ttp_cong_ops, name):
		if (strscpy(ops->name, from->name, sizeof(ops->name)) <= 0)
			return -EINVAL;
		return 1;
	case offsetof(struct ttp_cong_ops, flags):
		if (from->flags & ~TTP_CONG_RESTRICTED)
			return -EINVAL;
		ops->flags = from->flags;
		return 1;
	}
	return 0;
}

static int validate(void *kdata)
{
	const struct ttp_cong_ops *ops = kdata;

	return ops->name[0] && ops->acked && ops->loss ? 0 : -EINVAL;
}

static int reg(void *kdata, struct bpf_link *link)
{
	const struct ttp_cong_ops *programs = kdata;
	struct slot *slot;
	int err = validate(kdata);

	if (err)
		return err;
	slot = kzalloc(sizeof(*slot), GFP_KERNEL);
	if (!slot)
		return -ENOMEM;
	slot->ops = hooks;
	slot->ops.flags = programs->flags;
	strscpy(slot->ops.name, programs->name, sizeof(slot->ops.name));
	RCU_INIT_POINTER(slot->programs, programs);
	err = ttp_cong_register(&slot->ops);
	if (err) {
		kfree(slot);
		return err;
	}
	mutex_lock(&mutex);
	list_add(&slot->node, &slots);
	mutex_unlock(&mutex);
	return 0;
}

static void unreg(void *kdata, struct bpf_link *link)
{
	struct slot *slot;

	mutex_lock(&mutex);
	list_for_each_entry(slot, &slots, node)
		if (rcu_access_pointer(slot->programs) == kdata) {
			ttp_cong_unregister(&slot->ops);
			RCU_INIT_POINTER(slot->programs, NULL);
		}
	mutex_unlock(&mutex);
	synchronize_rcu();	/* nobody runs them any more */
}

static struct bpf_struct_ops type = {
	.verifier_ops = &verifier_ops,
	.init = init_type,
	.check_member = check_member,
	.init_member = init_member,
	.reg = reg,
	.unreg = unreg,
	.validate = validate,
	.cfi_stubs = (void *)&hooks,
	.owner = THIS_MODULE,
	.name = "ttp_cong_ops",
};

static int __init enter_bpf(void)
{
	return register_bpf_struct_ops(&type, ttp_cong_ops);
}
module_init(enter_bpf);

/* No connection has one of the algorithms any more, and no programs are registered. */
static void __exit leave_bpf(void)
{
	struct slot *slot, *next;

	synchronize_rcu();	/* who lists connections may read what they had */
	list_for_each_entry_safe(slot, next, &slots, node)
		kfree(slot);
}
module_exit(leave_bpf);

MODULE_DESCRIPTION("TTP congestion control: algorithms of BPF programs");
MODULE_LICENSE("GPL");
