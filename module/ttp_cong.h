/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ttp_cong.h - what a congestion control algorithm includes, as a module of its
 * own, and compiled on the host by tests and by the simulator (tests/host/cong).
 *
 * Next: core/cong.h for its hooks, cong_template.c to begin with.
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
 * @name: its name without quotes, for loading it when it is chosen
 */
#define module_ttp_cong(ops, name)					\
	static int __init name##_init(void)				\
	{								\
		BUILD_BUG_ON(sizeof(struct name) > TTP_CONG_PRIV * 8);	\
		return ttp_cong_register(&(ops));			\
	}								\
	module_init(name##_init);					\
	static void __exit name##_exit(void)				\
	{								\
		ttp_cong_unregister(&(ops));				\
	}								\
	module_exit(name##_exit);					\
	MODULE_ALIAS("ttp_cong_" #name);				\
	MODULE_LICENSE("GPL")

#else

#define THIS_MODULE			NULL
#define MODULE_DESCRIPTION(text)	_Static_assert(1, text)
#define MODULE_PARM_DESC(name, text)	_Static_assert(1, text)
#define module_param(name, type, mode)	_Static_assert(1, #name)

/* on the host an algorithm is a pointer that whoever wants it declares */
#define module_ttp_cong(ops, name)					\
	_Static_assert(sizeof(struct name) <= TTP_CONG_PRIV * 8, #name);	\
	const struct ttp_cong_ops *const ttp_cong_##name = &(ops)

#endif

#endif
