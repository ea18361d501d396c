// SPDX-License-Identifier: GPL-2.0
/*
 * TTP_INFO: each field of TCP_INFO that applies, as TCP fills it.
 */
#include "wire.h"

/* struct tcp_info as <linux/tcp.h> has it; the C library's ends earlier */
struct info {
	struct tcp_info i;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
	uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd;
};

static struct info info_of(int fd)
{
	struct info i;
	socklen_t len = sizeof(i);

	memset(&i, 0xee, sizeof(i));
	OK(getsockopt(fd, tcp_level(), TTP_INFO, &i, &len));
	EXPECT(len >= 232);
	return i;
}

TEST(a_new_socket_has_nothing_to_tell)
{
	struct info i = info_of(sock());

	EQ(i.i.tcpi_state, TCP_CLOSE);
	EQ(i.min_rtt, 0xffffffff);
	EQ(i.pacing_rate, -1);
	EQ(i.max_pacing_rate, -1);
	EQ(i.segs_in, 0);
	EQ(i.delivered, 0);
	EQ(i.busy_time, 0);
	EQ(i.bytes_retrans, 0);
	EQ(i.snd_wnd, 0);
	EXPECT(i.i.tcpi_snd_cwnd >= 2);
	EQ(i.i.tcpi_reordering, 3);
}

TEST(a_listener_tells_its_queue)
{
	int l = listener(ip_b, 0, 7);
	struct info i;

	OK(connect_to(sock(), ip_b, port_of(l)));
	WAIT(waiting(l), 1000);
	i = info_of(l);
	EQ(i.i.tcpi_state, TCP_LISTEN);
	EQ(i.i.tcpi_unacked, 1);
	EQ(i.i.tcpi_sacked, 7);
	EQ(i.max_pacing_rate, -1);
}

TEST(bytes_and_segments_are_counted)
{
	struct pair p;
	struct info i;

	wire_up();
	p = connected();
	send_bytes(p.c, 10000, 0);
	recv_bytes(p.s, 10000, 0);
	send_bytes(p.s, 100, 0);
	recv_bytes(p.c, 100, 0);
	WAIT(info_of(p.c).bytes_acked >= 10000, 1000);
	i = info_of(p.c);
	/* TCP counts its SYN */
	EXPECT(i.bytes_acked == 10000 || i.bytes_acked == 10001);
	EQ(i.bytes_sent, 10000 + i.bytes_retrans);
	EQ(i.bytes_received, 100);
	EXPECT(i.data_segs_out >= 7 && i.data_segs_out <= 12 + i.i.tcpi_total_retrans);
	EXPECT(i.data_segs_in == 1 || (!time_is_exact() && i.data_segs_in > 1));
	EXPECT(i.segs_out > i.data_segs_out && i.segs_in >= 3);
	EQ(i.notsent_bytes, 0);
	EXPECT(i.snd_wnd > 10000);
	EXPECT(i.min_rtt > 0 && i.min_rtt <= i.i.tcpi_rtt + 1000);
	EXPECT(i.busy_time < 2000000);
	EXPECT(i.delivery_rate > 0);
	if (!i.bytes_retrans) {		/* a tail loss probe, on a slow machine */
		EQ(i.delivered, i.data_segs_out + 1);
		EQ(i.dsack_dups + i.reord_seen + i.delivered_ce, 0);
	}
	i = info_of(p.s);
	EXPECT(i.data_segs_in >= 7);
	EXPECT(i.data_segs_out == 1 || (!time_is_exact() && i.data_segs_out > 1));
	EQ(i.rcv_ooopack, 0);
}

static enum verdict lose_one(const struct seg *s)
{
	static int n;

	return s->from == A && s->text && n++ == 2 ? DROP : PASS;
}

TEST(what_is_lost_is_counted_at_both_ends)
{
	unsigned int mss = 1468 - ip_len();
	struct pair p;
	struct info i;

	wire_up();
	wire_filter(lose_one);
	p = connected();
	send_bytes(p.c, 10 * mss, 0);
	recv_bytes(p.s, 10 * mss, 0);
	WAIT(info_of(p.c).i.tcpi_unacked == 0, 2000);
	i = info_of(p.c);
	/* on a busy machine a late ACK looks like a loss */
	EXPECT(time_is_exact() ? i.bytes_retrans == mss : i.bytes_retrans >= mss);
	EQ(i.bytes_sent, 10 * mss + i.bytes_retrans);
	EQ(i.i.tcpi_total_retrans, i.bytes_retrans / mss);
	EXPECT(info_of(p.s).rcv_ooopack >= 5);
}

/* what fq would pace by: so many percent of a window in a round trip */
static void rate_is(int fd, int percent)
{
	struct info i = info_of(fd);
	uint64_t window = (uint64_t)i.i.tcpi_snd_cwnd * i.i.tcpi_snd_mss;
	uint64_t rate = window * percent * 10000 / i.i.tcpi_rtt;

	if (i.pacing_rate < rate * 9 / 10 || i.pacing_rate > rate * 11 / 10)
		fail("%d percent are %llu bytes per second, not %llu", percent,
		     (unsigned long long)rate, (unsigned long long)i.pacing_rate);
}

TEST(the_pacing_rate_is_of_the_window_and_the_round_trip)
{
	struct pair p;

	if (!time_is_exact())
		skip("each round trip is another on a busy machine");
	wire_up();
	EQ(knob_get("pacing_ss_ratio"), 200);
	EQ(knob_get("pacing_ca_ratio"), 120);
	knob("pacing_ca_ratio", 200);	/* HyStart may have ended slow start */
	p = connected();
	send_bytes(p.c, 14480, 0);
	recv_bytes(p.s, 14480, 0);
	WAIT(info_of(p.c).i.tcpi_unacked == 0, 2000);
	rate_is(p.c, 200);
	knob("pacing_ss_ratio", 50);
	knob("pacing_ca_ratio", 50);
	send_bytes(p.c, 100, 14480);
	recv_bytes(p.s, 100, 14480);
	WAIT(info_of(p.c).i.tcpi_unacked == 0, 2000);
	rate_is(p.c, 50);
}

TEST(time_behind_a_shut_window_is_told)
{
	struct pair p = connected();
	uint64_t was;

	fill_window(p.c);
	pause_ms(50);
	was = info_of(p.c).rwnd_limited;
	pause_ms(100);
	EXPECT(info_of(p.c).rwnd_limited >= was + 50000);
	EXPECT(info_of(p.c).busy_time >= info_of(p.c).rwnd_limited);
}

TEST(time_without_data_is_told)
{
	struct pair p = connected();
	struct info i;

	send_text(p.c, "x");
	recv_text(p.s, "x");
	WAIT(info_of(p.c).i.tcpi_unacked == 0, 1000);
	pause_ms(120);
	i = info_of(p.c);
	EXPECT(i.i.tcpi_last_data_sent >= 100 && i.i.tcpi_last_data_sent < 3000);
	EXPECT(i.i.tcpi_last_ack_recv >= 100 && i.i.tcpi_last_ack_recv < 3000);
	EXPECT(info_of(p.s).i.tcpi_last_data_recv >= 100);
}

TEST(before_any_data_times_count_from_the_handshake)
{
	struct pair p = connected();
	struct info i[2];
	int k;

	pause_ms(120);
	i[0] = info_of(p.c);
	i[1] = info_of(p.s);
	for (k = 0; k < 2; k++) {
		EXPECT(i[k].i.tcpi_last_data_sent >= 100 && i[k].i.tcpi_last_data_sent < 3000);
		EXPECT(i[k].i.tcpi_last_data_recv >= 100 && i[k].i.tcpi_last_data_recv < 3000);
		EQ(i[k].i.tcpi_snd_ssthresh, 0x7fffffff);
	}
}

TEST(TTP_MAXSEG_of_an_active_open_is_what_it_advertises)
{
	int l = listener(ip_b, 0, 1), c = sock();

	OK(set_int(c, tcp_level(), TTP_MAXSEG, 700));
	OK(connect_to(c, ip_b, port_of(l)));
	/* TCP takes the timestamps of each segment off */
	EXPECT(info_of(c).i.tcpi_advmss == 700 || info_of(c).i.tcpi_advmss == 688);
}
