/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel says of one socket that it is asked for: every timer that runs, the
 * queues as ranges of sequence numbers, TCP_INFO.
 */
#ifndef TTP_QUEUES_H
#define TTP_QUEUES_H

#include <stddef.h>

struct event;
struct json_object;

int queues_read(const struct event *ev);
void queues_text(char *text, size_t size);
void queues_json(struct json_object *obj);
void queues_end(void);

#endif
