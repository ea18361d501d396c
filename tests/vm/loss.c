// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes arrive all the same over a wire that loses, repeats, reorders and
 * corrupts.  The long run over netem is in netem.sh.
 */
#include "wire.h"

#define AMOUNT (1 << 20)

static void *sender(void *arg)
{
	int fd = *(int *)arg;

	send_bytes(fd, AMOUNT, 0);
	OK(shutdown(fd, SHUT_WR));
	return NULL;
}

static void transfer_through(const struct impair *i)
{
	struct pair p;

	wire_up();
	p = connected();
	wire_impair(i);
	transfer(&p, AMOUNT);
	OK(close(p.s));
	OK(close(p.c));
}

TEST_SECONDS(a_mebibyte_through_loss, 60)
{
	transfer_through(&(struct impair){ .loss = 5, .delay_low = 1,
					   .delay_high = 1 });
}

TEST_SECONDS(a_mebibyte_through_reordering, 30)
{
	transfer_through(&(struct impair){ .delay_low = 0, .delay_high = 10 });
}

TEST_SECONDS(a_mebibyte_through_duplication, 30)
{
	transfer_through(&(struct impair){ .duplicate = 30, .delay_high = 2 });
}

TEST_SECONDS(a_mebibyte_through_all_of_it, 60)
{
	transfer_through(&(struct impair){ .loss = 3, .duplicate = 3, .corrupt = 2,
					   .delay_low = 1, .delay_high = 5 });
}

/* MUST-3 */
TEST_SECONDS(corrupted_segments_are_dropped_and_counted, 60)
{
	long before = is_ttp() ? counter("InCsumErrors") : 0;

	transfer_through(&(struct impair){ .corrupt = 5, .delay_low = 1,
					   .delay_high = 1 });
	if (!is_ttp())
		return;
	EXPECT(before >= 0);
	EXPECT(counter("InCsumErrors") > before);
}

static enum verdict lose_third(const struct seg *s)
{
	static int n, lost;

	if (s->from == A && s->text && ++n == 3 && !lost++)
		return DROP;
	return PASS;
}

TEST(three_duplicate_ACKs_bring_a_lost_segment_before_the_timeout)
{
	struct pair p;
	pthread_t t;

	wire_up();
	p = connected();
	wire_filter(lose_third);
	t = spawn(sender, &p.c);
	recv_bytes(p.s, AMOUNT, 0);
	recv_eof(p.s);
	join(t);
	EXPECT(tcp_info_of(p.c).tcpi_total_retrans >= 1);
	EXPECT(!is_ttp() || !time_is_exact() || counter("Timeouts") == 0);
}

static enum verdict lose_all_data(const struct seg *s)
{
	return s->from == A && s->text ? DROP : PASS;
}

/* MUST-19 */
TEST_SECONDS(retransmissions_back_off, 20)
{
	struct tcp_info i;
	int64_t when[4] = { now_ms() };
	struct pair p;
	int n;

	wire_up();
	p = connected();
	wire_filter(lose_all_data);
	send_text(p.c, "x");
	for (n = 0; n < 4; n++) {
		WAIT(wire_data(A) > n, 10000);
		when[n] = now_ms();
	}
	/* 1 RTO (perhaps a probe before it), 2 RTO, 4 RTO */
	EXPECT(!time_is_exact() || when[3] - when[2] >= (when[2] - when[1]) * 3 / 2);
	i = tcp_info_of(p.c);
	EXPECT(i.tcpi_backoff >= 1);
	EXPECT(i.tcpi_retransmits >= 2);
	wire_filter(NULL);
	recv_text(p.s, "x");
}

static enum verdict swallow_large(const struct seg *s)
{
	return s->from == A && s->len > 1200 ? DROP : PASS;
}

/* RFC 2923 2.1: a router drops what is too large for it and does not say so */
TEST_SECONDS(a_black_hole_lets_smaller_segments_through, 60)
{
	struct pair p;
	pthread_t t;

	wire_up();
	wire_host(A);
	knob("mtu_probing", 1);
	p = connected();
	wire_filter(swallow_large);
	t = spawn(sender, &p.c);
	recv_bytes(p.s, AMOUNT, 0);
	recv_eof(p.s);
	join(t);
	EXPECT(!is_ttp() || counter("BlackHoles") == 1);
}

static enum verdict swallow_above_1300(const struct seg *s)
{
	return s->len > 1300 ? DROP : PASS;
}

/* RFC 4821: the MTU of the path is 1300, and nobody says so.  The search ends within 8 bytes
 * of the 1248 that are left for data, or 1228 by IPv6.
 */
TEST_SECONDS(the_size_that_a_path_takes_is_searched_for, 60)
{
	unsigned int room = 1268 - ip_len();
	struct pair p;
	pthread_t t;

	wire_up();
	wire_host(A);
	knob("mtu_probing", 2);
	p = connected();
	wire_filter(swallow_above_1300);
	t = spawn(sender, &p.c);
	recv_bytes(p.s, AMOUNT / 2, 0);
	WAIT(tcp_info_of(p.c).tcpi_snd_mss > room - 8, 5000);
	EXPECT(tcp_info_of(p.c).tcpi_snd_mss <= room);
	recv_bytes(p.s, AMOUNT - AMOUNT / 2, AMOUNT / 2);
	recv_eof(p.s);
	join(t);
	if (is_ttp()) {
		EXPECT(counter("MTUPSuccess") >= 2);
		EXPECT(counter("MTUPFail") >= 2);
		EXPECT(!time_is_exact() || counter("Timeouts") == 0);
	}
}
