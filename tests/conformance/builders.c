// SPDX-License-Identifier: GPL-2.0
/*
 * How to get into each state, see peer.h: the shortest way, with each answer
 * checked.  The program shuts its socket down where others close it, so that
 * it can still be asked.
 */
#include <sys/utsname.h>
#include "peer.h"

static int room;

void receive_buffer(int bytes)
{
	room = bytes;
}

static void buffers(int fd)
{
	if (room)
		OK(set_int(fd, SOL_SOCKET, SO_RCVBUF, room));
}

/* A child has its listener's state's name in /proc, but not its ports. */
bool in_state(const char *name)
{
	if (!strcmp(name, "CLOSED"))
		return count_sockets(KERNEL_PORT, PEER_PORT, NULL) == 0;
	if (!strcmp(name, "LISTEN"))
		return count_sockets(KERNEL_PORT, 0, "LISTEN") == 1 &&
		       count_sockets(KERNEL_PORT, PEER_PORT, NULL) == 0;
	return count_sockets(KERNEL_PORT, PEER_PORT, name) == 1;
}

void must_be_in(const char *name)
{
	static const char *const names[] = {
		"LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1",
		"FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT",
		"CLOSED", "none",
	};
	int i = 0;

	if (in_state(name))
		return;
	while (i < 11 && !in_state(names[i]))
		i++;
	fail("expected the connection in %s, is %s", name, names[i]);
}

static void reached(const char *name)
{
	conn.state = name;
	must_be_in(name);
}

void knob_of_tcp(const char *name, long value)
{
	if (!is_ttp())
		knob_try(name, value);	/* some are newer than others */
}

void knob_of_ttp(const char *name, long value)
{
	if (is_ttp())
		knob(name, value);
}

/* RFC 5681, whatever this machine's default is */
void reno(void)
{
	int fd = is_ttp() ? -1 : open("/proc/sys/net/ipv4/tcp_congestion_control", O_WRONLY);

	if (fd < 0)
		return;
	EQ(write(fd, "reno", 4), 4);
	close(fd);
}

void no_limits(void)
{
	knob("invalid_ratelimit", 0);
}

void one_answer_a_minute(void)
{
	knob("invalid_ratelimit", 60000);
}

void plain(void)
{
	peer_up();
	knob("sack", 0);
	knob("timestamps", 0);
	knob("window_scaling", 0);
}

void closed(void)
{
	peer_up();
	conn.rcv_nxt = 1;
	conn.snd_nxt = 1;
	reached("CLOSED");
}

void listening(void)
{
	peer_up();
	conn.listener = sock_peer();
	buffers(conn.listener);
	OK(set_int(conn.listener, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(conn.listener, "0.0.0.0", KERNEL_PORT));
	OK(listen(conn.listener, 8));
	reached("LISTEN");
}

void connecting(void)
{
	peer_up();
	conn.fd = sock();
	buffers(conn.fd);
	nonblock(conn.fd);
	OK(set_int(conn.fd, SOL_SOCKET, SO_REUSEADDR, 1));
	OK(bind_to(conn.fd, KERNEL_IP, KERNEL_PORT));
	ERR(connect_to(conn.fd, PEER_IP, PEER_PORT), EINPROGRESS);
}

void syn_sent(void)
{
	connecting();
	expect(SYN, .seq = 0);
	reached("SYN_SENT");
}

static void handshake(const struct segment *syn)
{
	if (conn.listener < 0)
		listening();
	inject_segment(syn);
	RCV_NXT = 1;
	SND_NXT = 0;
	expect(SYN | ACK, .seq = 0);
	SND_UNA = 0;
	conn.ts = last.ts;
	if (last.wscale >= 0)
		conn.shift = last.wscale;
}

void syn_rcvd(void)
{
	peer_up();
	handshake(&SEGMENT(SYN, .seq = 0, .mss = 1460));
	reached("SYN_RCVD");
}

void syn_rcvd_active(void)
{
	syn_sent();
	send_syn(.mss = 1460);
	RCV_NXT = 1;
	expect(SYN | ACK, .seq = 0);
	reached("SYN_RCVD");
}

void established_as(const struct segment *syn)
{
	struct segment s = *syn;

	peer_up();
	s.wnd = conn.wnd;	/* what SEGMENT() saw was before peer_up() */
	s.seq = 0;
	s.tsval = conn.tsval;
	handshake(&s);
	acknowledge();
	WAIT(poll_for(conn.listener, POLLIN, 0) & POLLIN, 1000);
	conn.fd = OK(accept(conn.listener, NULL, NULL));
	nonblock(conn.fd);
	reached("ESTABLISHED");
	expect_nothing();
}

void established(void)
{
	peer_up();
	established_with();
}

void established_sack(void)
{
	peer_up();
	established_with(.sack_ok = true);
}

void established_ts(void)
{
	peer_up();
	established_with(.ts = true);
}

void established_active(void)
{
	syn_sent();
	inject(SYN | ACK, .seq = 0, .mss = 1460);
	RCV_NXT = 1;
	expect(ACK);
	EQ(so_error(conn.fd), 0);
	reached("ESTABLISHED");
}

void fin_wait_1(void)
{
	established();
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK);
	reached("FIN_WAIT_1");
}

void fin_wait_2(void)
{
	fin_wait_1();
	acknowledge();
	reached("FIN_WAIT_2");
}

void orphaned(void)
{
	established();
	OK(close(conn.fd));
	conn.fd = -1;
	expect(FIN | ACK);
	acknowledge();
	reached("FIN_WAIT_2");
}

void close_wait(void)
{
	established();
	say_fin();
	expect(ACK);
	reached("CLOSE_WAIT");
}

void last_ack(void)
{
	close_wait();
	OK(shutdown(conn.fd, SHUT_WR));
	expect(FIN | ACK);
	reached("LAST_ACK");
}

void closing(void)
{
	fin_wait_1();
	inject(FIN | ACK, .ack = SND_UNA);
	RCV_NXT++;
	expect(ACK);
	reached("CLOSING");
}

void time_wait(void)
{
	fin_wait_2();
	say_fin();
	expect(ACK);
	reached("TIME_WAIT");
}

bool old_kernel(void)
{
	int major = 0, minor = 0;
	struct utsname u;

	uname(&u);
	if (sscanf(u.release, "%d.%d", &major, &minor) != 2)
		return true;
	return major < 6 || (major == 6 && minor < 12);
}

int errno_of_reading(void)
{
	char c;
	ssize_t n = recv(conn.fd, &c, 1, MSG_DONTWAIT);

	return n > 0 ? -1 : n < 0 ? errno : 0;
}
