// SPDX-License-Identifier: GPL-2.0
/*
 * wire.c - libFuzzer: any bytes as a segment.  What is read and written again
 * must be read the same.
 */
#include <stdlib.h>

#include "core/core.h"
#include "count.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ttp_seg seg, back;
	u8 *copy, hdr[TTP_HDR_MAX];
	int len;

	if (size < TTP_HDR_LEN)
		return 0;
	len = ttp_wire_hdrlen(data, size);
	if (len < 0)
		return 0;
	/* of its own, so that ASan sees a read beyond the header */
	segments_played++;
	copy = malloc(len);
	memcpy(copy, data, len);
	if (!ttp_wire_parse(copy, len, size, &seg)) {
		if (seg.off + seg.len != size || seg.nsack > TTP_SACK_MAX ||
		    seg.wscale > TTP_WSCALE_MAX)
			abort();
		/* options that no one header can hold together are not ours */
		if (ttp_wire_size(&seg) <= TTP_HDR_MAX) {
			u32 n = ttp_wire_write(&seg, hdr);

			if (n != ttp_wire_size(&seg) || ttp_wire_hdrlen(hdr, n) != (int)n ||
			    ttp_wire_parse(hdr, n, n + seg.len, &back))
				abort();
			if (back.seq != seg.seq || back.flags != seg.flags ||
			    back.mss != seg.mss || back.nsack != seg.nsack ||
			    back.has_ts != seg.has_ts || back.tsval != seg.tsval ||
			    back.has_wscale != seg.has_wscale || back.len != seg.len ||
			    memcmp(back.sack, seg.sack, seg.nsack * sizeof(seg.sack[0])))
				abort();
		}
	}
	free(copy);
	return 0;
}
