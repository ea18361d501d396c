// SPDX-License-Identifier: GPL-2.0
/*
 * All flags and all calls of a program in each state, see attacks_listener.c.
 */
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "hurl.h"

/* ---- any flags in any state (SYN+FIN) ---- */

static const struct {
	const char *name;
	void (*fn)(void);
} builders[] = {
	{ "CLOSED", closed }, { "LISTEN", listening }, { "SYN_SENT", syn_sent },
	{ "SYN_RCVD", syn_rcvd }, { "SYN_RCVD_of_both", syn_rcvd_active },
	{ "ESTABLISHED", established },
	{ "FIN_WAIT_1", fin_wait_1 }, { "FIN_WAIT_2", fin_wait_2 },
	{ "CLOSE_WAIT", close_wait }, { "CLOSING", closing }, { "LAST_ACK", last_ack },
	{ "TIME_WAIT", time_wait },
};

/* TEST_NAME/KIND_STATE: the builder of the state that the test's name ends in. */
static void build_state(const char *after)
{
	const char *name = strstr(test_name(), after) + strlen(after);
	size_t i;

	for (i = 0; i < sizeof(builders) / sizeof(builders[0]); i++)
		if (!strcmp(builders[i].name, name)) {
			builders[i].fn();
			return;
		}
	fail("no such state: %s", name);
}

/* In a process and a namespace of its own; what it finds is told through the runner's
 * memory.
 */
static void in_child(void (*fn)(const char *after, int n), const char *after, int n)
{
	int status;
	pid_t pid = OK(fork());

	if (!pid) {
		OK(unshare(CLONE_NEWNET));
		fn(after, n);
		_exit(0);
	}
	EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		_exit(WEXITSTATUS(status));
	if (!WIFEXITED(status))
		fail("killed by signal %d", WTERMSIG(status));
}

static int *next_flags;		/* shared with the child */

/* A segment that would be the next, but for its flags: at most two answers, and none but
 * an exact RST or a FIN with an ACK and without a SYN changes a synchronized state.
 */
static void one_combination(int flags)
{
	bool synchronized = conn.fd >= 0 && !in_state("TIME_WAIT") && !in_state("SYN_SENT") &&
			    !in_state("SYN_RCVD");
	bool exact = !(flags & (PSH | URG));

	drain();
	inject(flags, .seq = flags & RST && !exact ? RCV_NXT + 1 : RCV_NXT);
	EXPECT(drain() <= 2);
	if (synchronized && flags & RST)
		must_be_in(exact ? "CLOSED" : conn.state);
	else if (synchronized && (flags & SYN || !(flags & ACK)))
		must_be_in(conn.state);
}

/* All combinations from n on until one has changed the state. */
static void combinations(const char *after, int n)
{
	build_state(after);
	*next_flags = n;
	while (*next_flags < 64 && in_state(conn.state))
		one_combination((*next_flags)++);
}

/* Each call of a program, with arguments that are wrong or right */
static void harmless_calls(int fd)
{
	static const int requests[] = {
		FIONREAD, TIOCOUTQ, SIOCOUTQNSD, SIOCATMARK, SIOCGSTAMP_OLD, 0x1234,
	};
	static const int flags[] = {
		0, MSG_PEEK, MSG_OOB, MSG_OOB | MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_ERRQUEUE,
	};
	struct sockaddr_in a;
	char buf[100] = "", control[64] = "";
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	socklen_t len;
	int i, level, pipes[2];

	OK(pipe2(pipes, O_NONBLOCK));
	for (i = 0; i < 7; i++) {
		recv(fd, buf, sizeof(buf), flags[i] | MSG_DONTWAIT);
		send(fd, buf, sizeof(buf), flags[i] | MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	recvmsg(fd, &m, MSG_DONTWAIT);
	splice(fd, NULL, pipes[1], NULL, 100, SPLICE_F_NONBLOCK);
	OK(write(pipes[1], buf, sizeof(buf)));
	splice(pipes[0], NULL, fd, NULL, 100, SPLICE_F_NONBLOCK);
	for (i = 0; i < 6; i++)
		ioctl(fd, requests[i], buf);
	poll_for(fd, POLLIN | POLLOUT | POLLPRI, 0);
	len = sizeof(a);
	getsockname(fd, (struct sockaddr *)&a, &len);
	len = sizeof(a);
	getpeername(fd, (struct sockaddr *)&a, &len);
	for (i = 0; i < 100; i++) {
		for (level = 0; level < 3; level++) {
			const int levels[] = { tcp_level(), IPPROTO_IP, SOL_SOCKET };

			len = sizeof(buf);
			getsockopt(fd, levels[level], i, buf, &len);
			if (level == 0 && i == 19)
				continue;	/* TCP_REPAIR is meant to break things */
			setsockopt(fd, levels[level], i, buf, len % 8);
			set_int(fd, levels[level], i, -1);
			set_int(fd, levels[level], i, 1);
		}
	}
	nonblock(fd);
}

static void call(int fd, int which)
{
	switch (which) {
	case 0: harmless_calls(fd); break;
	case 1: shutdown(fd, SHUT_RD); break;
	case 2: shutdown(fd, SHUT_WR); break;
	case 3: shutdown(fd, SHUT_RDWR); break;
	case 4: disconnect(fd); break;
	case 5: connect_to(fd, PEER_IP, PEER_PORT + 1); break;
	case 6: listen(fd, 1); break;
	case 7: bind_to(fd, KERNEL_IP, KERNEL_PORT + 1); break;
	case 8: accept4(fd, NULL, NULL, SOCK_NONBLOCK); break;
	case 9: linger(fd, 0); break;
	}
}

#define CALLS	10

/* One call, with the peer's segments before and after; close */
static void one_call(const char *after, int which)
{
	int fd, i;

	build_state(after);
	if (conn.fd < 0 && conn.listener < 0)
		conn.fd = sock();
	fd = conn.fd >= 0 ? conn.fd : conn.listener;
	nonblock(fd);
	call(fd, which);
	hurl(ACK, .ack = SND_NXT + 1);
	hurl(SYN, .seq = 0, .mss = 1460);
	harmless_calls(fd);
	hurl(FIN | ACK, .len = 10);
	hurl(SYN | ACK, .seq = 0);
	call(fd, which);
	close(fd);
	for (i = 0; i < 3; i++)
		hurl(ACK, .seq = RCV_NXT + i, .ack = SND_NXT + i, .len = i);
	hurl(RST, .seq = RCV_NXT);
}

static void any_flags(void)
{
	next_flags = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	while (*next_flags < 64)
		in_child(combinations, "any_flags_in_", *next_flags);
}

/* CVE-2024-36905 was shutdown() in SYN_RCVD of a simultaneous open */
static void any_call(void)
{
	int n;

	for (n = 0; n < CALLS; n++)
		in_child(one_call, "any_call_in_", n);
}

__attribute__((constructor)) static void states_add(void)
{
	static struct test tests[2 * sizeof(builders) / sizeof(builders[0])];
	const size_t n = sizeof(builders) / sizeof(builders[0]);
	char *name;
	size_t i;

	for (i = 0; i < 2 * n; i++) {
		if (asprintf(&name, "%s_in_%s", i < n ? "any_flags" : "any_call",
			     builders[i % n].name) < 0)
			exit(1);
		tests[i] = (struct test){ .name = name, .fn = i < n ? any_flags : any_call,
					  .seconds = 60 };
		test_add(&tests[i]);
	}
}
