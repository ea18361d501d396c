/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ttp_cong.h - what a congestion control algorithm includes: as a module of its own, and on
 * the host, where tests and the simulator (tests/host/cong) compile it.
 *
 * Next: core/cong.h for its hooks, template.c to begin with, info.h for what it tells of itself.
 */
#ifndef _TTP_CONG_H
#define _TTP_CONG_H

#include "core/cong.h"

#ifdef __KERNEL__
#include <linux/module.h>

int ttp_cong_register(const struct ttp_cong_ops *ops);
void ttp_cong_unregister(const struct ttp_cong_ops *ops);

/**
 * module_ttp_cong - make a module of an algorithm
 * @ops: its struct ttp_cong_ops, with .owner = THIS_MODULE
 * @name: the name in @ops without quotes, at most 15 characters, for loading it when
 *	it is chosen; a struct of that name is what ttp_cong_priv() points to, and
 *	cong/NAME.c the file
 */
#define module_ttp_cong(ops, name)					\
	static int __init enter_##name(void)				\
	{								\
		BUILD_BUG_ON(sizeof(struct name) > TTP_CONG_PRIV * 8);	\
		return ttp_cong_register(&(ops));			\
	}								\
	module_init(enter_##name);					\
	static void __exit leave_##name(void)				\
	{								\
		ttp_cong_unregister(&(ops));				\
	}								\
	module_exit(leave_##name);					\
	MODULE_ALIAS("ttp_cong_" #name);				\
	MODULE_LICENSE("GPL")

#else
#include <assert.h>

/*
 * On the host an algorithm and its parameters enter these lists before main() begins:
 * ttp_cong_host, ttp_cong_host_params.
 */
struct ttp_cong_host {
	const struct ttp_cong_ops *ops;
	struct ttp_cong_host *next;
};

struct ttp_cong_host_param {
	const char *file;	/* __FILE__ */
	const char *name;
	void *value;		/* u32 or bool, as size says */
	size_t size;
	struct ttp_cong_host_param *next;
};

#pragma weak ttp_cong_host
#pragma weak ttp_cong_host_params
struct ttp_cong_host *ttp_cong_host;
struct ttp_cong_host_param *ttp_cong_host_params;

/* what only a kernel needs */
#define ttp_cong_nothing(...)		static_assert(1, "")
#define THIS_MODULE			NULL
#define EXPORT_SYMBOL_GPL		ttp_cong_nothing
#define MODULE_DESCRIPTION		ttp_cong_nothing
#define MODULE_PARM_DESC		ttp_cong_nothing
#define module_param(name, type, mode)	module_param_named(name, name, type, mode)

#define module_param_named(param, var, type, mode)			\
	static void __attribute__((constructor)) param_##param(void)	\
	{								\
		static struct ttp_cong_host_param p = {			\
			__FILE__, #param, &(var), sizeof(var), NULL,	\
		};							\
									\
		p.next = ttp_cong_host_params;				\
		ttp_cong_host_params = &p;				\
	}								\
	static_assert(1, #param)

#define module_ttp_cong(ops, name)					\
	static_assert(sizeof(struct name) <= TTP_CONG_PRIV * 8, #name);	\
	static void __attribute__((constructor)) enter_##name(void)	\
	{								\
		static struct ttp_cong_host h = { &(ops), NULL };	\
									\
		h.next = ttp_cong_host;					\
		ttp_cong_host = &h;					\
	}								\
	static_assert(1, #name)

#endif

#endif
