/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lab mode: what is to be told of it.
 */
#ifndef TTP_PRINT_LAB_H
#define TTP_PRINT_LAB_H

#include "base/netns.h"

void lab_warn(const struct netns_list *list);

#endif
