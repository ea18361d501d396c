/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fault on purpose: as words, and as netlink's attributes.
 */
#ifndef TTP_PRINT_FAULT_H
#define TTP_PRINT_FAULT_H

#include <stdbool.h>
#include <stdint.h>

struct json_object;
struct netns_list;
struct nlmsghdr;

struct fault {
	uint32_t number;	/* 0: the kernel chooses */
	uint8_t direction;
	uint8_t flags;		/* SEG_* that are set */
	uint8_t not_flags;	/* SEG_* that are not */
	int data;		/* 1 with, 0 without, -1 either */
	uint16_t port;		/* 0: any */
	bool has_range;
	uint32_t seq_first;
	uint32_t seq_last;
	uint32_t options;	/* 1 << kind */
	uint16_t states;	/* 1 << state; 0: any */
	uint32_t nth;		/* from 1 */
	uint32_t count;		/* 0: without an end */
	uint8_t action;		/* enum ttp_fault_action */
	uint32_t delay_ms;	/* of delay */
	uint8_t field;		/* of set: enum ttp_fault_field */
	uint32_t value;		/* of set */
	uint32_t seen;
	uint32_t hits;
};

#define FAULT_TEXT	400

int fault_list_json(const struct netns_list *ns, struct json_object *to);
int fault_parse(struct fault *f, int argc, char **argv);
const char *fault_match_text(const struct fault *f, char buf[FAULT_TEXT]);
const char *fault_action_text(const struct fault *f, char buf[FAULT_TEXT]);
extern const char fault_words[];	/* all of them, for the shell */

#endif
