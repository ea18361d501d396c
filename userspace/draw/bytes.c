// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes of a ladder's segments, which a capture has.  Called by draw.c and ladder_json.c.
 */
#include "capture/payload.h"
#include "draw/ladder.h"

static struct payload_key key_of(const struct conn *conn, const struct look *look,
				 const struct segment *seg)
{
	const struct side *from = &conn->side[seg->from], *to = &conn->side[!seg->from];
	const struct brief *ev = segment_event(seg);

	return (struct payload_key){
		.from = from->addr, .to = to->addr, .from_port = from->port, .to_port = to->port,
		.seq = ev->seg.seq, .len = ev->seg.len, .flags = ev->seg.flags,
		.wall_ns = look->wall_ns ? ev->time_ns + look->wall_ns : 0,
	};
}

/*
 * The first bytes of a segment's data, at most @most, into @data.
 * Context: with -x.
 * Return: false when the capture does not have it.
 */
bool bytes_find(const struct conn *conn, const struct look *look, const struct segment *seg,
		struct payload_found *found, uint8_t *data, uint32_t most)
{
	const struct payload_key key = key_of(conn, look, seg);

	return payload_find(look->payload, &key, found, data, most);
}
