// SPDX-License-Identifier: GPL-2.0
/*
 * Events of two sources, the second of which is read when the first has been: given out in the
 * order of their times, in a time that does not grow with the square of their number.
 */
#include "base/base.h"
#include "read/order.h"

#define EVENTS	40000	/* of each source */

int main(void)
{
	struct order *o = order_new(2);
	const struct event *ev;
	uint64_t time_ns = 0;

	for (int source = 0; source < 2; source++)
		for (int i = 0; i < EVENTS; i++) {
			struct event one = { .time_ns = 10 * i + source, .received_ns = 1 };

			/* each tenth is somewhat late */
			one.time_ns -= i % 10 || i < 10 ? 0 : 45;
			order_add(o, source, &one);
		}
	for (int i = 0; i < 2 * EVENTS; i++) {
		ev = order_take(o, 2);
		if (!ev || ev->time_ns < time_ns) {
			printf("%s at %d\n", ev ? "an earlier one" : "none", i);
			return 1;
		}
		time_ns = ev->time_ns;
	}
	return !order_is_empty(o);
}
