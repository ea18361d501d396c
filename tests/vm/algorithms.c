// SPDX-License-Identifier: GPL-2.0
/*
 * Algorithms are loaded, chosen, changed and unloaded under fifty connections that
 * send all the while over a wire that loses; others come and go.  What is asked: all
 * bytes arrive, a module that is in use stays, and one that is not goes.
 *
 * congestion.sh has them one by one.
 */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/inet_diag.h>
#include <sys/syscall.h>
#include "wire.h"

#define FLOWS	50
#define AHEAD	4000	/* bytes */

static const char *const names[] = {
	"cubic", "vegas", "bbr", "dctcp", "fixed", "aimd", "tahoe",
};

#define NAMES	((int)(sizeof(names) / sizeof(names[0])))

static struct pair flow[FLOWS];
static uint64_t sent[FLOWS], came[FLOWS];
static atomic_int leaving;	/* of names: nobody chooses it; -1: none */
static atomic_bool stop;
static atomic_long changes, visitors;

static int choose(int fd, const char *name)
{
	return setsockopt(fd, SOL_TTP, TTP_CONGESTION, name, strlen(name));
}

static bool load(const char *name)
{
	char ko[PATH_MAX], path[PATH_MAX];
	int fd;

	snprintf(ko, sizeof(ko), "%s", getenv("TTP_KO") ?: "");
	if (!*ko)
		skip("the module's file is not known (set TTP_KO)");
	snprintf(path, sizeof(path), "%s/ttp_%s.ko", dirname(ko), name);
	fd = OK(open(path, O_RDONLY));
	OK(syscall(SYS_finit_module, fd, "", 0));
	return !close(fd);
}

static bool unload(const char *name)
{
	char module[64];

	snprintf(module, sizeof(module), "ttp_%s", name);
	return !syscall(SYS_delete_module, module, O_NONBLOCK);
}

/* all flows, a bit of each in turn, and not so much that the wire is all queue */
static void *pump(void *unused)
{
	char buf[2000];
	ssize_t n;
	int i;

	while (!stop) {
		for (i = 0; i < FLOWS; i++) {
			fill(buf, sizeof(buf), sent[i]);
			n = 0;
			if (sent[i] - came[i] < AHEAD)
				n = send(flow[i].c, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n > 0)
				sent[i] += n;
			n = recv(flow[i].s, buf, sizeof(buf), MSG_DONTWAIT);
			if (n > 0) {
				verify(buf, n, came[i]);
				came[i] += n;
			}
		}
		pause_ms(1);
	}
	return unused;
}

/* either end of any flow takes any other algorithm, if it is there */
static void *changer(void *unused)
{
	unsigned int seed = 1;
	int i, which;

	while (!stop) {
		i = rand_r(&seed) % FLOWS;
		which = rand_r(&seed) % NAMES;
		if (which == leaving)
			continue;
		if (!choose(rand_r(&seed) % 4 ? flow[i].c : flow[i].s, names[which]))
			changes++;
		else if (errno != ENOENT && errno != EBUSY)
			fail("%s: %s", names[which], strerror(errno));
	}
	return unused;
}

/* connections whose algorithm is the listener's */
static void *visitor(void *unused)
{
	int i = 0, c, s;

	wire_host(A);
	while (!stop) {
		i = (i + 1) % FLOWS;
		c = sock();
		OK(connect_to(c, ip_b, port_of(flow[i].l)));
		s = OK(accept(flow[i].l, NULL, NULL));
		send_bytes(c, 3000, i);
		recv_bytes(s, 3000, i);
		OK(close(c));
		OK(close(s));
		visitors++;
	}
	return unused;
}

static void all_take(const char *name)
{
	int i;

	for (i = 0; i < FLOWS; i++) {
		OK(choose(flow[i].c, name));
		OK(choose(flow[i].s, name));
		OK(choose(flow[i].l, name));
	}
}

/* Someone who had chosen it before nobody should may have it still. */
static bool gone(const char *name)
{
	all_take("reno");
	return unload(name);
}

TEST_SECONDS(come_and_go_under_fifty_connections, 90)
{
	pthread_t t[3];
	int i;

	if (!is_ttp())
		skip("TCP's are not ours to load");
	wire_up();
	leaving = -1;
	for (i = 0; i < FLOWS; i++)
		flow[i] = connected();
	wire_impair(&(struct impair){ .loss = 1, .delay_low = 1, .delay_high = 3 });
	t[0] = spawn(pump, NULL);
	t[1] = spawn(changer, NULL);
	t[2] = spawn(visitor, NULL);
	for (i = 0; i < NAMES; i++) {
		load(names[i]);
		all_take(names[i]);
		pause_ms(300);
		EXPECT(!unload(names[i]) && errno == EAGAIN);
	}
	for (i = 0; i < 2 * NAMES; i++) {
		leaving = i % NAMES;
		WAIT(gone(names[leaving]), 20000);
		pause_ms(50);
		if (i < NAMES)
			load(names[leaving]);
		leaving = i < NAMES ? -1 : leaving;
	}
	WAIT(changes > 100 && visitors > 3, 20000);
	stop = true;
	for (i = 0; i < 3; i++)
		join(t[i]);
	for (i = 0; i < FLOWS; i++) {
		EXPECT(came[i] > AHEAD);
		OK(shutdown(flow[i].c, SHUT_WR));
		OK(fcntl(flow[i].s, F_SETFL, 0));
		recv_bytes(flow[i].s, sent[i] - came[i], came[i]);
		recv_eof(flow[i].s);
	}
}

static bool says(int fd, union tcp_cc_info *info, size_t want)
{
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	OK(getsockopt(fd, SOL_TTP, TTP_CC_INFO, info, &len));
	EQ(len, want);
	return true;
}

/* The wire counts milliseconds: a round trip takes two at most, and some work. */
TEST_SECONDS(CC_INFO_is_what_Linux_has_for_the_algorithm, 20)
{
	static const char *const talkers[] = { "vegas", "dctcp", "bbr" };
	union tcp_cc_info info;
	struct pair p;
	int i;

	if (!is_ttp())
		skip("TCP's are not ours to load");
	wire_up();
	p = connected();
	wire_impair(&(struct impair){ .delay_low = 1, .delay_high = 1 });
	for (i = 0; i < 3; i++)
		load(talkers[i]);
	OK(choose(p.c, "bbr"));
	send_bytes(p.c, 30000, 0);
	recv_bytes(p.s, 30000, 0);
	WAIT(says(p.c, &info, sizeof(info.bbr)) && info.bbr.bbr_min_rtt > 0, 2000);
	EXPECT(info.bbr.bbr_bw_lo > 10000);
	EXPECT(info.bbr.bbr_min_rtt < 1000000);
	/* from Drain's to Startup's, 2 / ln 2, in 1/256 */
	EXPECT(info.bbr.bbr_pacing_gain >= 88 && info.bbr.bbr_pacing_gain <= 739);
	OK(choose(p.c, "vegas"));
	send_bytes(p.c, 30000, 0);
	recv_bytes(p.s, 30000, 0);
	WAIT(says(p.c, &info, sizeof(info.vegas)) && info.vegas.tcpv_minrtt > 0, 2000);
	EQ(info.vegas.tcpv_enabled, 1);
	OK(choose(p.c, "dctcp"));
	says(p.c, &info, sizeof(info.dctcp));
	EQ(info.dctcp.dctcp_enabled, 1);
	/* 1, or less by a sixteenth for an ACK that was under way */
	EXPECT(info.dctcp.dctcp_alpha >= 960 && info.dctcp.dctcp_alpha <= 1024);
	OK(choose(p.c, "reno"));
	for (i = 0; i < 3; i++)
		WAIT(unload(talkers[i]), 5000);
}
