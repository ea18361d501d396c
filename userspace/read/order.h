/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A short queue that puts events into the order of their times.
 */
#ifndef TTP_ORDER_H
#define TTP_ORDER_H

#include "read/event.h"

struct order;

struct order *order_new(int sources);
void order_add(struct order *o, int source, const struct event *ev);
const struct event *order_take(struct order *o, uint64_t received_before);
bool order_is_empty(const struct order *o);
void order_free(struct order *o);

#endif
