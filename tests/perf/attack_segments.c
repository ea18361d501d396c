// SPDX-License-Identifier: GPL-2.0
/*
 * What hostile segments cost one connection, or none, in each state, see flood.h.
 */
#include <netinet/ip_icmp.h>
#include "flood.h"

/* ---- ACK ---- */

ROW(ACKs_to_a_closed_port)
{
	peer_up();
	flood_begin();
	closed();
	repeat(ACK, 1000, 1000, 0);
	flood("OutRsts", "OutRsts", 99);
}

ROW(ACKs_to_a_listener)
{
	peer_up();
	flood_begin();
	listening();
	repeat(ACK, 1000, 1000, 0);
	flood("OutRsts", "OutRsts", 99);
}

static void idle_connection(void)
{
	peer_up();
	flood_begin();
	established_with(.sack_ok = true, .wscale = 7);
}

ROW(ACKs_that_say_nothing_new)
{
	idle_connection();
	repeat(ACK, RCV_NXT, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_of_what_was_not_sent)
{
	idle_connection();
	repeat(ACK, RCV_NXT, SND_NXT + 1, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_that_are_too_old)
{
	idle_connection();
	repeat(ACK, RCV_NXT, SND_NXT - 1000000, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(SYNs_in_the_window)
{
	idle_connection();
	repeat(SYN, RCV_NXT + 10, 0, 0);
	flood("SYNChallenge", "TCPSYNChallenge", 99);
}

/* ---- RST ---- */

ROW(RSTs_to_a_closed_port)
{
	peer_up();
	flood_begin();
	closed();
	repeat(RST, 1000, 0, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(RSTs_to_a_listener)
{
	peer_up();
	flood_begin();
	listening();
	repeat(RST, 1000, 0, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(RSTs_in_the_window)
{
	idle_connection();
	repeat(RST, RCV_NXT + 10, 0, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(RSTs_out_of_the_window)
{
	idle_connection();
	repeat(RST, RCV_NXT - 10, 0, 0);
	flood("InSegs", "InSegs", 99);
}

/* ---- out of the window ---- */

ROW(empty_segments_beyond_the_window)
{
	idle_connection();
	repeat(ACK, conn.right + 1000, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(data_beyond_the_window)
{
	idle_connection();
	repeat(ACK, conn.right + 1000, SND_NXT, 1);
	flood("OutSegs", "OutSegs", 99);
}

ROW(data_that_came_before)
{
	idle_connection();
	say(1000);
	forget();
	repeat(ACK, RCV_NXT - 10, SND_NXT, 1);
	flood("OutSegs", "OutSegs", 99);
}

ROW(data_with_an_old_timestamp)
{
	int i;

	peer_up();
	flood_begin();
	established_ts();
	for (i = 0; i < FLOOD; i++)
		add(ACK, .len = 1, .tsval = conn.tsval - 1000);
	flood("PAWSEstab", "PAWSEstab", 99);
}

/* ---- TIME_WAIT ---- */

static void time_wait_connection(void)
{
	peer_up();
	flood_begin();
	time_wait();
	close(conn.fd);
}

ROW(ACKs_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(ACK, RCV_NXT, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(ACKs_out_of_window_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(ACK, RCV_NXT - 1000, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(data_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(ACK, RCV_NXT - 10, SND_NXT, 1);
	flood("InSegs", "InSegs", 99);
}

ROW(FINs_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(FIN | ACK, RCV_NXT - 1, SND_NXT, 0);
	flood("InSegs", "InSegs", 99);
}

ROW(old_SYNs_to_TIME_WAIT)
{
	time_wait_connection();
	repeat(SYN, RCV_NXT - 1000, 0, 0);
	flood("InSegs", "InSegs", 99);
}

/* ---- urgent ---- */

ROW(urgent_pointers_that_move_on)
{
	int i;

	idle_connection();
	for (i = 0; i < FLOOD; i++)
		add(ACK | URG, .urg = i + 1);
	flood("InSegs", "InSegs", 99);
}

ROW(urgent_data_in_order)
{
	int i;

	idle_connection();
	for (i = 0; i < FLOOD; i++)
		add(ACK | URG, .seq = RCV_NXT + i, .len = 1, .urg = 1);
	flood("InSegs", "InSegs", 99);
}

ROW(urgent_data_out_of_order)
{
	int i;

	idle_connection();
	for (i = 0; i < 4000; i++)
		add(ACK | URG, .seq = RCV_NXT + 1 + 2 * i, .len = 1, .urg = 60000 - i);
	flood("OFOQueue", "TCPOFOQueue", 99);
}

/* ---- ICMP ---- */

static void data_in_flight(void)
{
	idle_connection();
	send_bytes(conn.fd, 10000, 0);
	SND_NXT = SND_UNA + 10000;
	drain();
}

static void icmp_flood(int code, uint32_t seq, const char *counter)
{
	int i;

	for (i = 0; i < FLOOD; i++)
		add_icmp(ICMP_DEST_UNREACH, code, 1000, seq);
	flood(counter, counter, 99);
}

ROW(ICMP_unreachable_about_data_in_flight)
{
	data_in_flight();
	icmp_flood(ICMP_HOST_UNREACH, SND_UNA, "InDestUnreachs");
}

ROW(ICMP_unreachable_about_another_number)
{
	data_in_flight();
	icmp_flood(ICMP_HOST_UNREACH, SND_UNA + 1000000, "OutOfWindowIcmps");
}

ROW(ICMP_unreachable_about_no_connection)
{
	peer_up();
	flood_begin();
	closed();
	icmp_flood(ICMP_HOST_UNREACH, 1000, "InDestUnreachs");
}

ROW(ICMP_unreachable_about_TIME_WAIT)
{
	time_wait_connection();
	icmp_flood(ICMP_HOST_UNREACH, SND_UNA, "InDestUnreachs");
}

ROW(ICMP_too_big_the_same_again)
{
	data_in_flight();
	icmp_flood(ICMP_FRAG_NEEDED, SND_UNA, "InDestUnreachs");
}

ROW(ICMP_too_big_with_random_MTUs)
{
	int i;

	data_in_flight();
	for (i = 0; i < FLOOD; i++)
		add_icmp(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 68 + chance(1432), SND_UNA);
	flood("InDestUnreachs", "InDestUnreachs", 99);
}

ROW(ICMP_too_big_about_another_number)
{
	data_in_flight();
	icmp_flood(ICMP_FRAG_NEEDED, SND_UNA + 1000000, "OutOfWindowIcmps");
}
