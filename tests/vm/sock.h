/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every test program shares: one test is one property, has a process and
 * a network namespace of its own, and ends within its time.
 *
 * TTP_TEST_PROTO says which protocol: tcp (the oracle: what the kernel's own
 * TCP does is what is expected of TTP), ttp (PF_TTP) or inet (AF_INET with
 * IPPROTO_TTP).  TTP_TEST_PEER is the same for the end that listens.
 * With TTP_TEST_FAMILY=6 sockets and addresses are those of IPv6: a test says 127.0.0.1 and
 * means ::1 then.  TTP_TEST_SLOW multiplies all time limits.
 *
 * Read sock.c for the runner, wire.h for two hosts with a wire between them.
 */
#ifndef SOCK_H
#define SOCK_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/ttp.h>

struct test {
	const char *name;
	void (*fn)(void);
	int seconds;
	struct test *next;
};

void test_add(struct test *t);

#define TEST_SECONDS(property, limit)					\
	static void property(void);					\
	static struct test property##_test = {				\
		.name = #property, .fn = property, .seconds = (limit),	\
	};								\
	__attribute__((constructor)) static void property##_add(void)	\
	{								\
		test_add(&property##_test);				\
	}								\
	static void property(void)
#define TEST(property)	TEST_SECONDS(property, 5)

/* so many milliseconds went by between two times in microseconds, or what a kernel
 * timer may be late, which is an eighth; checked only where time is exact
 */
#define TOOK(from, to, ms)						\
	do {								\
		HERE("from " #from " to " #to);				\
		check_took((to) - (from), ms);				\
	} while (0)

/* outcomes; none returns */
void fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void skip(const char *why) __attribute__((noreturn));

/* where the test is, for the message when its time is up */
void here(const char *file, int line, const char *what);
long check_ok(long got);
void check_errno(long got, int want);
void check_equal(long got, long want);
void check_took(int64_t us, int ms);

#define HERE(what)	here(__FILE__, __LINE__, what)
/* run the call, which may itself say where it is, and hand on to the check */
#define CHECKED(call, check, ...)					\
	({								\
		HERE(#call);						\
		errno = 0;						\
		long got_ = (call);					\
		HERE(#call);						\
		check(got_, ##__VA_ARGS__);				\
	})
/* the call succeeds; its value */
#define OK(call)	CHECKED(call, check_ok)
/* the call returns -1 with this errno */
#define ERR(call, want)	CHECKED(call, check_errno, want)
/* the expression has this value */
#define EQ(expr, want)	CHECKED(expr, check_equal, want)
#define EXPECT(cond)							\
	do {								\
		HERE(#cond);						\
		errno = 0;						\
		if (!(cond)) {						\
			HERE(#cond);					\
			fail("expected to be true, was not");		\
		}							\
	} while (0)
/* the condition becomes true within so many milliseconds */
#define WAIT(cond, ms)							\
	do {								\
		int64_t end_ = deadline(ms);				\
		HERE(#cond);						\
		while (!(cond)) {					\
			if (now_ms() > end_)				\
				fail("not within %d ms", (int)(ms));	\
			pause_ms(2);					\
		}							\
	} while (0)
/* the condition stays true for so many milliseconds */
#define STAYS(cond, ms)							\
	do {								\
		int64_t end_ = now_ms() + (ms);				\
		HERE(#cond);						\
		do {							\
			if (!(cond))					\
				fail("was not so for %d ms", (int)(ms)); \
			pause_ms(2);					\
		} while (now_ms() < end_);				\
	} while (0)

int test_slowness(void);	/* TTP_TEST_SLOW */
bool time_is_exact(void);	/* TTP_TEST_EXACT: whatever else the machine does */
int64_t now_ms(void);
int64_t now_us(void);
int64_t deadline(int ms);	/* now_ms() + ms, more on a slow machine */
void pause_ms(int ms);		/* between two looks at a condition */

/* the protocol under test */
bool is_ttp(void);
bool is_v6(void);		/* TTP_TEST_FAMILY=6 */
int ip_len(void);		/* bytes of its header */
int ip_level(void);			/* SOL_IP or SOL_IPV6 */
int ip_option(int name);		/* what the family has for an option of SOL_IP's */
int tcp_level(void);		/* SOL_TTP or IPPROTO_TCP */
int ip_protocol(void);		/* IPPROTO_TTP or IPPROTO_TCP */
int sock(void);			/* a new socket, for an end that connects */
int sock_peer(void);		/* the same, for an end that listens */
void loopback_up(void);		/* in a namespace made by the test itself */
void knob(const char *name, long value);	/* sysctl net.ttp.NAME or tcp_NAME */
bool knob_try(const char *name, long value);	/* false: no such sysctl */
long knob_get(const char *name);

/* addresses; connect_to() and bind_to() return what the call returned */
struct sockaddr_in addr(const char *ip, int port);
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

union address to_kernel(const struct sockaddr_in *a, socklen_t *len);
struct sockaddr_in from_kernel(const union address *k, socklen_t len);
void add_address6(const char *device, const struct in6_addr *address, int prefix);
void device_address(const char *device, const char *ip, int prefix);	/* is_v6() */
void device_mtu(const char *device, int bytes);
int bind_to(int fd, const char *ip, int port);
int accept_from(int fd, struct sockaddr_in *from);	/* as accept() */
int connect_to(int fd, const char *ip, int port);
int port_of(int fd);
int peer_port_of(int fd);
int listener(const char *ip, int port, int backlog);
struct sockaddr_in address_of(int fd);
struct sockaddr_in peer_address_of(int fd);
void nonblock(int fd);
void close_hard(int fd);	/* with a RST */
int disconnect(int fd);		/* what connect() to nowhere returned */

/* two connected ends: c connected, s was accepted from the listener l */
struct pair {
	int c, s, l;
};

struct pair connected(void);
struct pair connected_buffers(int sndbuf, int rcvbuf);	/* c's and s's; 0: as they are */
extern const char *ip_a, *ip_b;	/* where connected() connects from and to */

/* transfer of bytes that can be told apart, from offset on */
void fill(void *buf, size_t len, uint64_t offset);
void verify(const void *buf, size_t len, uint64_t offset);
void send_bytes(int fd, size_t len, uint64_t offset);
void recv_bytes(int fd, size_t len, uint64_t offset);
void send_text(int fd, const char *text);
void recv_text(int fd, const char *text);
void recv_eof(int fd);
void transfer(const struct pair *p, size_t len);	/* from c to s, to its end */
size_t fill_window(int fd);	/* writes till EAGAIN; how much it took */
short poll_for(int fd, short events, int ms);	/* revents, 0 if none in time */
short poll_till(int fd, short events);	/* the same, and they come before long */
int get_int(int fd, int level, int name);	/* of getsockopt() */
int set_int(int fd, int level, int name, int value);	/* as setsockopt() */
int set_timeout(int fd, int name, int ms);	/* likewise: SO_RCVTIMEO, SO_SNDTIMEO */
int linger(int fd, int seconds);		/* likewise: SO_LINGER */
int so_error(int fd);
void gets_error(int fd, int error);	/* SO_ERROR, and it comes before long */

/* what the kernel says of its sockets */
struct tcp_info tcp_info_of(int fd);	/* TTP_INFO */
bool state_is(int fd, const char *name);	/* likewise */
int count_sockets(int local_port, int remote_port, const char *state);
int waiting(int listener);		/* connections that accept() would give */
long drops_of(int fd);			/* packets that were dropped for this socket */
long counter(const char *name);		/* /proc/net/ttp/stats, -1: no such */
long transitions(const char *from, const char *to);	/* likewise states */
long number_after(const char *path, const char *words);	/* the first one, -1: none */
bool is_local6(const struct in6_addr *address);	/* are packets to it for this host? */
void first_cpu_only(void);	/* for a probe of CPU 0 */
int probe(const char *function, pid_t tid, int cpu);	/* counts calls of the kernel's */
long probe_count(int probe);		/* of this thread (0, -1) or CPU (-1, cpu) */
long slab_bytes(void);			/* of all objects that slab caches have given out */

/* threads; a sleeping thread waits in the system call it last made */
pthread_t spawn(void *(*fn)(void *), void *arg);
void join(pthread_t t);
pid_t my_tid(void);
bool asleep(pid_t tid);

/* What the system call @nr gives another process that has a signal pending, without a handler's
 * having run; as the kernel says it: -EAGAIN, -ERESTARTSYS (-512).
 */
long with_a_signal_pending(long nr, long a, long b, long c, long d);

void story_add(const char *(*tell)(void));	/* printed after a failure */
void at_end(void (*fn)(void));			/* called when a test has passed */
const char *test_name(void);			/* "program.property" */

#endif
