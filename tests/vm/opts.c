// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options, TTP_INFO, and what wrong arguments give.
 */
#include <net/if.h>
#include "wire.h"

TEST(SO_TYPE_is_SOCK_STREAM)
{
	EQ(get_int(sock(), SOL_SOCKET, SO_TYPE), SOCK_STREAM);
}

TEST(SO_PROTOCOL_and_SO_DOMAIN_name_the_protocol)
{
	const char *way = getenv("TTP_TEST_PROTO");
	int fd = sock();

	EQ(get_int(fd, SOL_SOCKET, SO_DOMAIN), is_v6() ? AF_INET6 : AF_INET);
	if (way && !strcmp(way, "tcp"))
		EQ(get_int(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TCP);
	else
		EQ(get_int(fd, SOL_SOCKET, SO_PROTOCOL), IPPROTO_TTP);
}

/* BPF's maps may have it for a key. */
TEST(SO_COOKIE_of_each_connection_is_its_own)
{
	int l = listener(ip_b, 0, 2), fd[3] = { l }, i;
	uint64_t cookie[3];
	socklen_t len = sizeof(cookie[0]);

	for (i = 0; i < 3; i++) {
		if (i) {
			OK(connect_to(sock(), ip_b, port_of(l)));
			fd[i] = OK(accept(l, NULL, NULL));
		}
		OK(getsockopt(fd[i], SOL_SOCKET, SO_COOKIE, &cookie[i], &len));
		EXPECT(cookie[i]);
	}
	EXPECT(cookie[0] != cookie[1] && cookie[0] != cookie[2] && cookie[1] != cookie[2]);
}

TEST(SO_ACCEPTCONN_tells_a_listener)
{
	int fd = sock();

	EQ(get_int(fd, SOL_SOCKET, SO_ACCEPTCONN), 0);
	OK(listen(fd, 1));
	EQ(get_int(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
}

TEST(SO_SNDBUF_and_SO_RCVBUF_are_doubled_and_inherited)
{
	int l = sock(), c = sock(), s;

	OK(set_int(l, SOL_SOCKET, SO_RCVBUF, 20000));
	OK(set_int(l, SOL_SOCKET, SO_SNDBUF, 30000));
	EQ(get_int(l, SOL_SOCKET, SO_RCVBUF), 40000);
	EQ(get_int(l, SOL_SOCKET, SO_SNDBUF), 60000);
	OK(listen(l, 1));
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	EQ(get_int(s, SOL_SOCKET, SO_RCVBUF), 40000);
	EQ(get_int(s, SOL_SOCKET, SO_SNDBUF), 60000);
}

TEST(default_buffers_are_those_of_the_sysctls)
{
	int low, mid = 0, high, fd = sock(), i;
	static const char * const names[] = { "rmem", "wmem" };
	int opts[] = { SO_RCVBUF, SO_SNDBUF };
	char path[80];
	FILE *f;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/%s%s",
			 is_ttp() ? "ttp/" : "ipv4/tcp_", names[i]);
		f = fopen(path, "r");
		EXPECT(f);
		EQ(fscanf(f, "%d %d %d", &low, &mid, &high), 3);
		EQ(get_int(fd, SOL_SOCKET, opts[i]), mid);
	}
}

TEST(small_receive_buffer_bounds_what_is_taken)
{
	struct pair p = connected_buffers(8192, 8192);
	size_t taken = fill_window(p.c);

	EXPECT(taken < 200000);
	recv_bytes(p.s, taken, 0);
}

TEST(SO_ERROR_of_a_good_socket_is_zero)
{
	struct pair p = connected();

	EQ(get_int(p.c, SOL_SOCKET, SO_ERROR), 0);
}

TEST(NODELAY_is_kept)
{
	int fd = sock();

	EQ(get_int(fd, tcp_level(), TTP_NODELAY), 0);
	OK(set_int(fd, tcp_level(), TTP_NODELAY, 1));
	EQ(get_int(fd, tcp_level(), TTP_NODELAY), 1);
	OK(set_int(fd, tcp_level(), TTP_NODELAY, 7));
	EQ(get_int(fd, tcp_level(), TTP_NODELAY), 1);
	OK(set_int(fd, tcp_level(), TTP_NODELAY, 0));
	EQ(get_int(fd, tcp_level(), TTP_NODELAY), 0);
}

TEST(CORK_holds_back_what_is_less_than_a_segment)
{
	struct pair p = connected();
	char c;

	OK(set_int(p.c, tcp_level(), TTP_CORK, 1));
	EQ(get_int(p.c, tcp_level(), TTP_CORK), 1);
	send_text(p.c, "a");
	ERR(recv(p.s, &c, 1, MSG_DONTWAIT), EAGAIN);
	OK(set_int(p.c, tcp_level(), TTP_CORK, 0));
	EQ(recv(p.s, &c, 1, 0), 1);
}

/* Else it would wait for the RTO. */
TEST(the_end_of_CORK_ends_MSG_MORE_too)
{
	struct pair p = connected();
	char c;

	OK(set_int(p.c, tcp_level(), TTP_CORK, 1));
	EQ(send(p.c, "a", 1, MSG_MORE), 1);
	ERR(recv(p.s, &c, 1, MSG_DONTWAIT), EAGAIN);
	OK(set_int(p.c, tcp_level(), TTP_CORK, 0));
	EQ(recv(p.s, &c, 1, MSG_DONTWAIT), 1);
}

/* MUST-27 */
TEST(keepalive_times_are_kept_within_limits)
{
	int fd = sock();

	OK(set_int(fd, tcp_level(), TTP_KEEPIDLE, 10));
	EQ(get_int(fd, tcp_level(), TTP_KEEPIDLE), 10);
	OK(set_int(fd, tcp_level(), TTP_KEEPINTVL, 11));
	EQ(get_int(fd, tcp_level(), TTP_KEEPINTVL), 11);
	OK(set_int(fd, tcp_level(), TTP_KEEPCNT, 12));
	EQ(get_int(fd, tcp_level(), TTP_KEEPCNT), 12);
	ERR(set_int(fd, tcp_level(), TTP_KEEPIDLE, 0), EINVAL);
	ERR(set_int(fd, tcp_level(), TTP_KEEPINTVL, 32768), EINVAL);
	ERR(set_int(fd, tcp_level(), TTP_KEEPCNT, 128), EINVAL);
	OK(set_int(fd, tcp_level(), TTP_USER_TIMEOUT, 1234));
	EQ(get_int(fd, tcp_level(), TTP_USER_TIMEOUT), 1234);
}

/* MUST-40 */
TEST(no_sysctl_delays_an_ACK_for_half_a_second)
{
	if (!is_ttp())
		skip("TCP's delay has no sysctl");
	knob("delack_ms", 490);
	EXPECT(!knob_try("delack_ms", 500));
}

TEST(level_of_TCP_is_accepted_too)
{
	int fd = sock();

	OK(set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1));
	EQ(get_int(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	EQ(get_int(fd, tcp_level(), TTP_NODELAY), 1);
}

/* MUST-28 */
TEST(keepalive_waits_for_two_hours_unless_told)
{
	EXPECT(get_int(sock(), tcp_level(), TTP_KEEPIDLE) >= 7200);
}

static atomic_int unacked_small, let_acks_pass;

static enum verdict hold_acks_of_b(const struct seg *s)
{
	static uint32_t last_seq;

	/* not those that are sent again */
	if (s->from == A && s->text &&
	    (!unacked_small || (int32_t)(ntohl(s->th->seq) - last_seq) > 0)) {
		last_seq = ntohl(s->th->seq);
		unacked_small++;
	}
	return s->from == B && !let_acks_pass ? HOLD : PASS;
}

static void three_small_writes(int nodelay, int want)
{
	struct pair p;

	wire_up();
	p = connected();
	OK(set_int(p.c, tcp_level(), TTP_NODELAY, nodelay));
	wire_filter(hold_acks_of_b);
	send_text(p.c, "a");
	send_text(p.c, "b");
	send_text(p.c, "c");
	WAIT(unacked_small >= want, 150);
	STAYS(unacked_small == want, 50);
	wire_filter(NULL);
	wire_release();
	recv_text(p.s, "abc");
}

/* SHLD-7 */
TEST(Nagle_sends_one_small_segment_at_a_time)
{
	three_small_writes(0, 1);
}

/* MUST-17 */
TEST(NODELAY_sends_each_small_write)
{
	three_small_writes(1, 3);
}

/* SHLD-27: three pushes, and no more than two segments of them */
TEST(writes_that_were_held_back_go_in_one_segment)
{
	struct pair p;

	wire_up();
	p = connected();
	wire_filter(hold_acks_of_b);
	send_text(p.c, "a");
	send_text(p.c, "b");
	send_text(p.c, "c");
	WAIT(unacked_small == 1, 1000);
	let_acks_pass = 1;
	wire_release();
	recv_text(p.s, "abc");
	EQ(unacked_small, 2);
}

/* Each waits for the ACK of the one before it, which is sent when the reader has read. */
TEST(short_writes_of_one_side_wait_for_no_delayed_ACK)
{
	struct pair p = connected();
	long delayed = counter("DelayedACKs");
	int i;

	for (i = 0; i < 50; i++) {
		send_text(p.c, "a");
		recv_text(p.s, "a");
	}
	EXPECT(counter("DelayedACKs") - delayed < 10);
}

static atomic_int longest;

static enum verdict measure(const struct seg *s)
{
	if ((int)s->text > longest)
		longest = s->text;
	return PASS;
}

TEST(MAXSEG_bounds_segments)
{
	int l, c, s;

	wire_up();
	wire_filter(measure);
	wire_host(B);
	l = listener(ip_b, 0, 1);
	wire_host(A);
	c = sock();
	OK(set_int(c, tcp_level(), TTP_MAXSEG, 600));
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	send_bytes(c, 20000, 0);
	recv_bytes(s, 20000, 0);
	send_bytes(s, 20000, 0);
	recv_bytes(c, 20000, 0);
	EXPECT(longest > 500 && longest <= 600);
	EXPECT(get_int(c, tcp_level(), TTP_MAXSEG) <= 600);
}

TEST(MAXSEG_follows_the_device)
{
	struct pair p;
	int mss;

	wire_up();
	wire_filter(measure);
	p = connected();
	send_bytes(p.c, 100000, 0);
	recv_bytes(p.s, 100000, 0);
	mss = get_int(p.c, tcp_level(), TTP_MAXSEG);
	EXPECT(mss == 1468 - ip_len() || mss == 1480 - ip_len());
	EQ(longest, mss);
}

static atomic_int mss_option[2];

static enum verdict note_mss(const struct seg *s)
{
	const uint8_t *option = (uint8_t *)(s->th + 1);

	/* it is the first */
	if (seg_flags(s) & SYN && s->th->doff > 5 && option[0] == 2)
		mss_option[s->from] = option[2] << 8 | option[3];
	return PASS;
}

/* MUST-67: what IP can receive less 20, that is the device's MTU less 40 */
TEST(the_MSS_option_says_what_the_device_takes)
{
	struct ifreq r = { .ifr_name = "wire0", .ifr_mtu = 1300 };

	wire_up();
	OK(ioctl(sock(), SIOCSIFMTU, &r));
	wire_filter(note_mss);
	connected();
	EQ(mss_option[A], 1280 - ip_len());
	EQ(mss_option[B], 1480 - ip_len());
}

TEST(MAXSEG_out_of_range_gives_EINVAL)
{
	ERR(set_int(sock(), tcp_level(), TTP_MAXSEG, 1), EINVAL);
	ERR(set_int(sock(), tcp_level(), TTP_MAXSEG, 100000), EINVAL);
}

TEST(INFO_tells_state_and_timing)
{
	struct pair p = connected();
	struct tcp_info i;

	send_bytes(p.c, 10000, 0);
	recv_bytes(p.s, 10000, 0);
	i = tcp_info_of(p.c);
	EQ(i.tcpi_state, TCP_ESTABLISHED);
	EXPECT(i.tcpi_snd_mss >= 536);
	EXPECT(i.tcpi_rto >= 100000 && i.tcpi_rto <= 3000000);
	EXPECT(i.tcpi_rtt > 0 && i.tcpi_rtt < 1000000);
	EXPECT(i.tcpi_snd_cwnd >= 1);
	EQ(i.tcpi_total_retrans, 0);
	EXPECT(i.tcpi_options & TCPI_OPT_TIMESTAMPS);
	EXPECT(i.tcpi_options & TCPI_OPT_SACK);
	EXPECT(i.tcpi_options & TCPI_OPT_WSCALE);
}

TEST(INFO_may_be_cut_short)
{
	uint8_t state[2] = { 0, 0xee };
	socklen_t len = 1;
	int fd = sock();

	OK(getsockopt(fd, tcp_level(), TTP_INFO, state, &len));
	EQ(len, 1);
	EQ(state[0], TCP_CLOSE);
	EQ(state[1], 0xee);
}

TEST(options_follow_the_sysctls)
{
	struct pair p;

	knob("window_scaling", 0);
	knob("sack", 0);
	knob("timestamps", 0);
	p = connected();
	EQ(tcp_info_of(p.c).tcpi_options & (TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK |
					    TCPI_OPT_WSCALE), 0);
	send_bytes(p.c, 100000, 0);
	recv_bytes(p.s, 100000, 0);
}

TEST(unknown_option_gives_ENOPROTOOPT)
{
	int fd = sock(), value;
	socklen_t len = sizeof(value);

	ERR(set_int(fd, tcp_level(), 200, 1), ENOPROTOOPT);
	ERR(getsockopt(fd, tcp_level(), 200, &value, &len), ENOPROTOOPT);
	ERR(set_int(fd, SOL_SOCKET, 10000, 1), ENOPROTOOPT);
	ERR(set_int(fd, IPPROTO_UDP, 1, 1), ENOPROTOOPT);
	ERR(getsockopt(fd, IPPROTO_UDP, 1, &value, &len), is_v6() ? ENOPROTOOPT : EOPNOTSUPP);
}

TEST(short_option_gives_EINVAL)
{
	int fd = sock();
	char c = 1;

	ERR(setsockopt(fd, tcp_level(), TTP_NODELAY, &c, 1), EINVAL);
	ERR(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &c, 1), EINVAL);
}

TEST(negative_length_gives_EINVAL)
{
	int fd = sock(), value;
	socklen_t len = -1;

	ERR(getsockopt(fd, tcp_level(), TTP_NODELAY, &value, &len), EINVAL);
	ERR(getsockopt(fd, tcp_level(), 200, &value, &len), EINVAL);
}

TEST(bad_pointer_gives_EFAULT)
{
	void *bad = (void *)16;
	int fd = sock(), value;

	ERR(setsockopt(fd, tcp_level(), TTP_NODELAY, bad, 4), EFAULT);
	ERR(getsockopt(fd, tcp_level(), TTP_NODELAY, &value, bad), EFAULT);
	ERR(connect(fd, bad, sizeof(struct sockaddr_in)), EFAULT);
	ERR(bind(fd, bad, sizeof(struct sockaddr_in)), EFAULT);
}

TEST(connect_twice_gives_EISCONN)
{
	struct pair p = connected();

	ERR(connect_to(p.c, ip_b, port_of(p.l)), EISCONN);
	ERR(connect_to(p.s, ip_b, port_of(p.l)), EISCONN);
}

TEST(connect_of_a_listener_gives_EISCONN)
{
	int l = listener(ip_b, 0, 1);

	ERR(connect_to(l, ip_b, port_of(l)), EISCONN);
}

TEST(connect_with_a_short_address_gives_EINVAL)
{
	struct sockaddr_in a = addr(ip_b, 7);

	ERR(connect(sock(), (struct sockaddr *)&a, 8), EINVAL);
	ERR(connect(sock(), (struct sockaddr *)&a, 1), EINVAL);
}

TEST(connect_with_a_foreign_family_gives_EAFNOSUPPORT)
{
	struct sockaddr_in a = addr(ip_b, 7);
	socklen_t len;
	union address k = to_kernel(&a, &len);

	k.any.sa_family = is_v6() ? AF_INET : AF_INET6;
	ERR(connect(sock(), &k.any, len), EAFNOSUPPORT);
}

TEST(connect_to_AF_UNSPEC_disconnects)
{
	struct pair p = connected();
	char c;

	OK(disconnect(p.c));
	ERR(recv(p.s, &c, 1, 0), ECONNRESET);
	EXPECT(state_is(p.c, "CLOSED"));
	ERR(recv(p.c, &c, 1, 0), ECONNRESET);
	ERR(recv(p.c, &c, 1, 0), ENOTCONN);
	OK(connect_to(p.c, ip_b, port_of(p.l)));
	send_text(p.c, "anew");
	recv_text(OK(accept(p.l, NULL, NULL)), "anew");
}

TEST(listen_of_a_connected_socket_gives_EINVAL)
{
	struct pair p = connected();

	ERR(listen(p.c, 1), EINVAL);
	ERR(listen(p.s, 1), EINVAL);
}

TEST(accept_of_no_listener_gives_EINVAL)
{
	struct pair p = connected();

	ERR(accept(sock(), NULL, NULL), EINVAL);
	ERR(accept(p.c, NULL, NULL), EINVAL);
}

TEST(socketpair_is_refused)
{
	int fds[2];

	ERR(socketpair(is_ttp() ? AF_TTP : AF_INET, SOCK_STREAM, 0, fds),
	    EOPNOTSUPP);
}

TEST(other_socket_types_are_refused)
{
	if (!is_ttp())
		skip("asks for PF_TTP");
	ERR(socket(AF_TTP, SOCK_RAW, 0), ESOCKTNOSUPPORT);
	ERR(socket(AF_TTP, SOCK_SEQPACKET, 0), ESOCKTNOSUPPORT);
	ERR(socket(AF_TTP, SOCK_STREAM, 77), EPROTONOSUPPORT);
}

TEST(SO_BINDTODEVICE_and_SO_MARK_are_taken)
{
	int fd = sock();

	OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	OK(set_int(fd, SOL_SOCKET, SO_MARK, 7));
	EQ(get_int(fd, SOL_SOCKET, SO_MARK), 7);
}

TEST(SO_MARK_is_inherited_and_SO_PRIORITY_is_not)
{
	int l = sock_peer(), c = sock(), s;

	OK(set_int(l, SOL_SOCKET, SO_PRIORITY, 5));
	OK(set_int(l, SOL_SOCKET, SO_MARK, 77));
	OK(bind_to(l, ip_b, 0));
	OK(listen(l, 1));
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	EQ(get_int(s, SOL_SOCKET, SO_PRIORITY), 0);
	EQ(get_int(s, SOL_SOCKET, SO_MARK), 77);
}

/* SO_MEMINFO, and what a device or CPU has to do with a socket */
TEST(options_of_the_kernel_at_large_answer)
{
	struct pair p = connected();
	uint32_t info[20];
	socklen_t len = sizeof(info);

	OK(getsockopt(p.c, SOL_SOCKET, 55 /* SO_MEMINFO */, info, &len));
	EXPECT(len >= 32 && (int)info[1] == get_int(p.c, SOL_SOCKET, SO_RCVBUF));
	EXPECT(get_int(p.s, SOL_SOCKET, SO_INCOMING_CPU) >= 0);
	EQ(get_int(p.s, SOL_SOCKET, SO_INCOMING_NAPI_ID), 0);
	OK(set_int(p.c, SOL_SOCKET, SO_BUSY_POLL, 10));
	EQ(get_int(p.c, SOL_SOCKET, SO_BUSY_POLL), 10);
	OK(set_int(p.c, SOL_SOCKET, 47 /* SO_MAX_PACING_RATE */, 12345678));
	EQ(get_int(p.c, SOL_SOCKET, 47), 12345678);
	send_text(p.c, "still");
	recv_text(p.s, "still");
}

/* of the ACK that ends its handshake */
TEST(IP_PKTOPTIONS_of_a_child_tell_of_its_peer)
{
	char control[200];
	struct msghdr m = { .msg_control = control };
	int l = listener(ip_b, 0, 1), c = sock(), s, ttl = 0, ifindex = 0;
	socklen_t len = sizeof(control);
	struct cmsghdr *h;

	OK(set_int(l, IPPROTO_IP, IP_PKTINFO, 1));
	OK(set_int(l, IPPROTO_IP, IP_RECVTTL, 1));
	OK(set_int(c, IPPROTO_IP, IP_TTL, 33));
	OK(connect_to(c, ip_b, port_of(l)));
	s = OK(accept(l, NULL, NULL));
	OK(getsockopt(s, IPPROTO_IP, IP_PKTOPTIONS, control, &len));
	m.msg_controllen = len;
	for (h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		if (h->cmsg_type == IP_TTL)
			memcpy(&ttl, CMSG_DATA(h), sizeof(ttl));
		if (h->cmsg_type == IP_PKTINFO)	/* its first field is the device's number */
			memcpy(&ifindex, CMSG_DATA(h), sizeof(ifindex));
	}
	EQ(ttl, 33);
	EQ(ifindex, 1);
}
