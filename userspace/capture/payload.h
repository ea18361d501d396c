/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes of segments: a recording has what TTP says of each, a capture of the same time
 * has its bytes.
 *
 *	sniff.c		captures while something is recorded
 *	payload.c	a capture -> an index, in which the segments of a recording are found
 */
#ifndef TTP_PAYLOAD_H
#define TTP_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/netns.h"
#include "read/event.h"

/* sniff.c */
struct sniff;

struct sniff *sniff_start(const struct netns_list *ns, int fd, const char *name, uint64_t most);
int sniff_stop(struct sniff *s);

/* payload.c */
struct payload;

/* Which segment: as it was sent, and when. */
struct payload_key {
	struct address from, to;
	uint16_t from_port, to_port;
	uint32_t seq, len;
	uint8_t flags;
	uint64_t wall_ns;	/* by the wall clock; 0: nobody knows */
};

/* What the capture has of it. */
struct payload_found {
	const uint8_t *header;	/* of IP and TCP, of the packet that its data begin in */
	uint32_t n_header;
	uint32_t offset;	/* there, in the packet's data, of which there are */
	uint32_t packet_len;
	uint32_t n_data;	/* so many bytes of its data */
};

struct payload *payload_read(const char *name);
void payload_free(struct payload *p);
bool payload_is_empty(const struct payload *p);
bool payload_find(struct payload *p, const struct payload_key *key, struct payload_found *found,
		  uint8_t *data, uint32_t most);
void payload_say_missing(const struct payload *p, const char *name);
size_t payload_text(const uint8_t *data, size_t len, char *text, size_t size);

#endif
