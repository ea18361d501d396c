// SPDX-License-Identifier: GPL-2.0
/*
 * t_wire.c - header and options on the wire (RFC 9293 3.1, 3.2; RFC 7323 2, 3;
 * RFC 2018 2, 3), compared byte by byte with what Linux's TCP sends.
 */
#include "check.h"

#define HDR	TTP_HDR_LEN

static void write_then_check(const struct ttp_seg *seg, const u8 *want, u32 n)
{
	u8 hdr[TTP_HDR_MAX + 8] = { 0 };
	u32 i;

	CHECK_EQ(ttp_wire_size(seg), n);
	CHECK_EQ(ttp_wire_write(seg, hdr), n);
	for (i = 0; i < n; i++)
		CHECK_EQ(hdr[i], want[i]);
	for (; i < sizeof(hdr); i++)
		CHECK_EQ(hdr[i], 0);
}

/* MUST-68 and MUST-69 too: lengths, and a header that the options fill */
static void a_syn_is_what_linux_writes(void)
{
	static const u8 want[] = {
		0xc3, 0x50, 0x00, 0x50,  0xff, 0xff, 0xff, 0xfe,
		0x00, 0x00, 0x00, 0x00,  0xa0, 0x02, 0xfa, 0xf0,
		0x00, 0x00, 0x00, 0x00,
		0x02, 0x04, 0x05, 0xb4,			/* MSS 1460 */
		0x04, 0x02,				/* SACK permitted */
		0x08, 0x0a, 0x01, 0x02, 0x03, 0x04, 0x00, 0x00, 0x00, 0x00,
		0x01, 0x03, 0x03, 0x07,			/* NOP, shift 7 */
	};
	struct ttp_seg seg = {
		.sport = 50000, .dport = 80, .seq = 0xfffffffe, .ack = 99,
		.flags = TTP_SYN, .wnd = 64240, .mss = 1460, .sack_permitted = true,
		.has_ts = true, .tsval = 0x01020304, .has_wscale = true, .wscale = 7,
	};

	write_then_check(&seg, want, sizeof(want));
}

static void a_segment_of_a_connection_is_what_linux_writes(void)
{
	static const u8 want[] = {
		0x00, 0x50, 0xc3, 0x50,  0x00, 0x00, 0x00, 0x01,
		0x80, 0x00, 0x00, 0x00,  0x80, 0x18, 0x01, 0xf5,
		0x00, 0x00, 0x00, 0x00,
		0x01, 0x01, 0x08, 0x0a, 0xa1, 0xa2, 0xa3, 0xa4, 0xb1, 0xb2, 0xb3, 0xb4,
	};
	struct ttp_seg seg = {
		.sport = 80, .dport = 50000, .seq = 1, .ack = 0x80000000,
		.flags = TTP_ACK | TTP_PSH, .wnd = 501, .len = 100,
		.has_ts = true, .tsval = 0xa1a2a3a4, .tsecr = 0xb1b2b3b4,
	};

	write_then_check(&seg, want, sizeof(want));
}

static void sack_blocks_are_what_linux_writes(void)
{
	static const u8 want[] = {
		0x00, 0x50, 0xc3, 0x50,  0x00, 0x00, 0x00, 0x01,
		0x00, 0x00, 0x00, 0x02,  0xd0, 0x10, 0x01, 0xf5,
		0x00, 0x00, 0x00, 0x00,
		0x01, 0x01, 0x08, 0x0a, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x08,
		0x01, 0x01, 0x05, 0x12,
		0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x09,
		0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x20,
	};
	struct ttp_seg seg = {
		.sport = 80, .dport = 50000, .seq = 1, .ack = 2,
		.flags = TTP_ACK, .wnd = 501, .has_ts = true, .tsval = 7, .tsecr = 8,
		.nsack = 2, .sack = { { 0xffffffff, 9 }, { 16, 32 } },
	};

	write_then_check(&seg, want, sizeof(want));
}

static void without_timestamps_sack_permitted_is_padded(void)
{
	static const u8 want[] = {
		0x00, 0x01, 0x00, 0x02,  0x00, 0x00, 0x00, 0x03,
		0x00, 0x00, 0x00, 0x04,  0x70, 0x12, 0x00, 0x05,
		0x00, 0x00, 0x00, 0x00,
		0x02, 0x04, 0x02, 0x18,
		0x01, 0x01, 0x04, 0x02,
	};
	struct ttp_seg seg = {
		.sport = 1, .dport = 2, .seq = 3, .ack = 4, .wnd = 5,
		.flags = TTP_SYN | TTP_ACK, .mss = 536, .sack_permitted = true,
	};

	write_then_check(&seg, want, sizeof(want));
}

static bool same(const struct ttp_seg *a, const struct ttp_seg *b)
{
	u32 i;

	for (i = 0; i < b->nsack; i++)
		if (a->sack[i].left != b->sack[i].left || a->sack[i].right != b->sack[i].right)
			return false;
	return a->seq == b->seq && a->ack == b->ack && a->len == b->len &&
	       a->sport == b->sport && a->dport == b->dport &&
	       a->wnd == b->wnd && a->up == b->up && a->flags == b->flags &&
	       a->mss == b->mss && a->has_ts == b->has_ts &&
	       a->tsval == b->tsval && a->tsecr == b->tsecr &&
	       a->has_wscale == b->has_wscale && a->wscale == b->wscale &&
	       a->sack_permitted == b->sack_permitted && a->nsack == b->nsack;
}

/* Bits of @mix choose options; the three of SYNs only with a SYN. */
static struct ttp_seg mixed(u32 mix, u8 flags, u32 nsack)
{
	struct ttp_seg seg = {
		.seq = 0xfffffff0, .ack = 0x80000001, .len = 77, .sport = 65535,
		.dport = 1, .wnd = 0xabcd, .flags = flags,
		.up = flags & TTP_URG ? 12 : 0, .nsack = nsack,
		.sack = { { 1, 2 }, { 0xffffffff, 5 }, { 7, 8 }, { 9, 0x80000000 } },
	};

	if (mix & 1)
		seg.mss = 1460;
	if (mix & 2)
		seg.sack_permitted = true;
	if (mix & 4) {
		seg.has_ts = true;
		seg.tsval = 0xdeadbeef;
		seg.tsecr = 0x01020304;
	}
	if (mix & 8) {
		seg.has_wscale = true;
		seg.wscale = 14;
	}
	return seg;
}

/* MUST-5: options come with a FIN and a RST as well */
static void what_is_written_is_read_again(void)
{
	static const u8 flags[] = {
		TTP_ACK, TTP_SYN | TTP_ACK, TTP_ACK | TTP_FIN | TTP_PSH,
		TTP_ACK | TTP_RST, TTP_ACK | TTP_URG, TTP_ACK | TTP_ECE | TTP_CWR,
	};
	struct ttp_seg seg, back;
	u8 hdr[TTP_HDR_MAX];
	u32 mix, i, n, size;

	for (mix = 0; mix < 16; mix++)
		for (i = 0; i < ARRAY_SIZE(flags); i++)
			for (n = 0; n <= TTP_SACK_MAX; n++) {
				bool syn = flags[i] & TTP_SYN;

				/* what no segment can hold, or no SYN has */
				if ((!syn && mix & 11) || (syn && n) ||
				    (mix & 4 && n > 3))
					continue;
				seg = mixed(mix, flags[i], n);
				size = ttp_wire_write(&seg, hdr);
				CHECK_EQ(size, ttp_wire_size(&seg));
				CHECK_EQ(ttp_wire_hdrlen(hdr, size + 77), size);
				CHECK_EQ(ttp_wire_parse(hdr, size, size + 77, &back), 0);
				CHECK_EQ(back.off, size);
				CHECK(same(&back, &seg));
			}
}

/* RFC 7413 4.1.1 */
static void a_cookie_is_written_and_read_again(void)
{
	struct ttp_seg seg = {
		.flags = TTP_SYN, .mss = 1460, .has_ts = true, .sack_permitted = true,
		.has_wscale = true, .wscale = 7, .has_cookie = true,
		.cookie.val = "0123456789abcdef",
	}, back;
	u8 hdr[TTP_HDR_MAX];
	u32 size;

	for (seg.cookie.len = 0; seg.cookie.len <= TTP_COOKIE_MAX; seg.cookie.len++) {
		size = ttp_wire_write(&seg, hdr);
		CHECK_EQ(size, ttp_wire_size(&seg));
		CHECK(size <= TTP_HDR_MAX);
		CHECK_EQ(ttp_wire_parse(hdr, size, size, &back), 0);
		/* an impossible length is ignored */
		CHECK_EQ(back.has_cookie, !seg.cookie.len ||
			 (seg.cookie.len >= TTP_COOKIE_MIN && seg.cookie.len % 2 == 0));
		CHECK_EQ(back.wscale, 7);
		if (back.has_cookie)
			CHECK(!memcmp(back.cookie.val, seg.cookie.val, seg.cookie.len));
	}
	seg.flags = TTP_ACK;
	size = ttp_wire_write(&seg, hdr);
	CHECK_EQ(ttp_wire_parse(hdr, size, size, &back), 0);
	CHECK(!back.has_cookie);
}

/* RFC 9293 3.1: Data Offset */
static void every_data_offset_that_lies_is_refused(void)
{
	u8 hdr[TTP_HDR_MAX] = { 0 };
	u32 words, total;

	for (words = 0; words < 16; words++)
		for (total = HDR; total <= 64; total++) {
			hdr[12] = words << 4 | 0xf;
			if (words < 5 || words * 4 > total)
				CHECK(ttp_wire_hdrlen(hdr, total) < 0);
			else
				CHECK_EQ(ttp_wire_hdrlen(hdr, total), words * 4);
		}
}

static int parse(const u8 *opts, u32 n, u8 flags, struct ttp_seg *seg)
{
	u8 hdr[TTP_HDR_MAX] = { 0 };

	hdr[13] = flags;
	memcpy(hdr + HDR, opts, n);
	return ttp_wire_parse(hdr, HDR + n, HDR + n, seg);
}

/* MUST-7: "TCP implementations MUST be prepared to handle an illegal option
 * length".  For each known kind, each length, with each number of bytes left.
 */
static void every_option_length_that_lies_is_refused(void)
{
	static const struct {
		u8 kind;
		u8 len[5];
	} known[] = {
		{ 2, { 4 } }, { 3, { 3 } }, { 4, { 2 } },
		{ 5, { 10, 18, 26, 34 } }, { 8, { 10 } },
	};
	struct ttp_seg seg;
	u32 k, i, len, left;
	u8 opts[40];

	for (k = 0; k < ARRAY_SIZE(known); k++)
		for (len = 0; len < 256; len++)
			for (left = 1; left <= 40; left++) {
				bool good = false;

				memset(opts, 0, sizeof(opts));
				opts[0] = known[k].kind;
				if (left > 1)
					opts[1] = len;
				for (i = 0; known[k].len[i]; i++)
					good |= left > 1 && len <= left && len == known[k].len[i];
				CHECK_EQ(parse(opts, left, TTP_SYN, &seg) == 0, good);
			}
}

/* MUST-6: "TCP implementations MUST ignore without error any TCP option it
 * does not implement, assuming that the option has a length field", which all
 * but two have (MUST-68); what follows it begins anywhere (MUST-64).
 */
static void an_unknown_option_is_skipped_but_its_length_must_not_lie(void)
{
	static const u8 skip[] = { 254, 6, 1, 2, 3, 4, 2, 4, 5, 0xb4, 0, 99 };
	static const u8 zero[] = { 254, 0, 0, 0 }, one[] = { 254, 1, 0, 0 };
	static const u8 far[] = { 254, 5, 0, 0 }, none[] = { 1, 1, 1, 254 };
	struct ttp_seg seg;

	CHECK_EQ(parse(skip, sizeof(skip), TTP_SYN, &seg), 0);
	CHECK_EQ(seg.mss, 1460);
	CHECK(parse(zero, 4, TTP_SYN, &seg) < 0);
	CHECK(parse(one, 4, TTP_SYN, &seg) < 0);
	CHECK(parse(far, 4, TTP_SYN, &seg) < 0);
	CHECK(parse(none, 4, TTP_SYN, &seg) < 0);
}

/* MUST-4: no-operation and end; for MSS see the test before */
static void what_follows_the_end_of_options_is_not_read(void)
{
	static const u8 opts[] = { 1, 0, 2, 99, 3, 0, 8, 1 };
	struct ttp_seg seg;

	CHECK_EQ(parse(opts, sizeof(opts), TTP_SYN, &seg), 0);
	CHECK_EQ(seg.mss, 0);
	CHECK(!seg.has_wscale && !seg.has_ts);
}

static void options_of_a_syn_are_ignored_elsewhere(void)
{
	static const u8 opts[] = { 2, 4, 5, 0xb4, 3, 3, 7, 4, 2, 0, 0, 0 };
	struct ttp_seg seg;

	CHECK_EQ(parse(opts, sizeof(opts), TTP_ACK, &seg), 0);
	CHECK(!seg.mss && !seg.has_wscale && !seg.sack_permitted);
}

/* RFC 7323 2.3: "If a Window Scale option is received with a shift.cnt value
 * larger than 14, the TCP SHOULD log the error but MUST use 14"
 */
static void a_shift_above_14_counts_as_14(void)
{
	u8 opts[] = { 3, 3, 0, 0 };
	struct ttp_seg seg;
	u32 shift;

	for (shift = 0; shift < 256; shift++) {
		opts[2] = shift;
		CHECK_EQ(parse(opts, 4, TTP_SYN, &seg), 0);
		CHECK_EQ(seg.wscale, min(shift, 14U));
	}
}

/* 3.3.1: SYN and FIN count */
static void syn_and_fin_occupy_sequence_space(void)
{
	struct ttp_seg seg = { .seq = 0xffffffff, .len = 5 };

	CHECK_EQ(ttp_seg_len(&seg), 5);
	seg.flags = TTP_FIN | TTP_ACK | TTP_RST | TTP_PSH | TTP_URG;
	CHECK_EQ(ttp_seg_len(&seg), 6);
	seg.flags |= TTP_SYN;
	CHECK_EQ(ttp_seg_len(&seg), 7);
	CHECK_EQ(ttp_seg_end(&seg), 6);
}

static const struct test tests[] = {
	TEST(a_syn_is_what_linux_writes),
	TEST(a_segment_of_a_connection_is_what_linux_writes),
	TEST(sack_blocks_are_what_linux_writes),
	TEST(without_timestamps_sack_permitted_is_padded),
	TEST(what_is_written_is_read_again),
	TEST(a_cookie_is_written_and_read_again),
	TEST(every_data_offset_that_lies_is_refused),
	TEST(every_option_length_that_lies_is_refused),
	TEST(an_unknown_option_is_skipped_but_its_length_must_not_lie),
	TEST(what_follows_the_end_of_options_is_not_read),
	TEST(options_of_a_syn_are_ignored_elsewhere),
	TEST(a_shift_above_14_counts_as_14),
	TEST(syn_and_fin_occupy_sequence_space),
	{ }
};

const struct suite suite_wire = { "wire", tests };
