// SPDX-License-Identifier: GPL-2.0
/*
 * The same segments for TTP and for Linux's TCP: from each state a few steps by
 * chance, each a segment with odd flags and numbers or a call of the program.
 * Nothing is expected; what comes goes into the trace (trace.sh), and
 * differ compares the traces of the two.  The chance is the same each time.
 */
#include "../conformance/peer.h"

#define STEPS		8
#define SEEDS		10
#define DELACK_MS	70	/* longer than either delays an ACK */

static uint64_t seed;

static unsigned int chance(unsigned int n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 33) % n;
}

#define PICK(array) ((array)[chance(sizeof(array) / sizeof((array)[0]))])

/* a number, and its name in the trace */
struct number {
	const char *name;
	uint32_t n;
};

static struct number pick_seq(int len)
{
	const struct number all[] = {
		{ "nxt", RCV_NXT }, { "nxt", RCV_NXT }, { "nxt", RCV_NXT },
		{ "nxt", RCV_NXT }, { "nxt", RCV_NXT }, { "nxt", RCV_NXT },
		{ "nxt-1", RCV_NXT - 1 }, { "nxt+1", RCV_NXT + 1 },
		{ "nxt-len", RCV_NXT - len }, { "nxt-5", RCV_NXT - 5 },
		{ "nxt+100", RCV_NXT + 100 }, { "edge-1", conn.right - 1 },
		{ "edge", conn.right }, { "edge+1", conn.right + 1 },
		{ "nxt+half", RCV_NXT + 0x80000000 },
	};

	return PICK(all);
}

static struct number pick_ack(void)
{
	const struct number all[] = {
		{ "nxt", SND_NXT }, { "nxt", SND_NXT }, { "nxt", SND_NXT },
		{ "nxt", SND_NXT }, { "nxt", SND_NXT }, { "nxt", SND_NXT },
		{ "una", SND_UNA }, { "una", SND_UNA }, { "nxt-1", SND_NXT - 1 },
		{ "una-1", SND_UNA - 1 }, { "nxt+1", SND_NXT + 1 },
		{ "una-100000", SND_UNA - 100000 },
	};

	return PICK(all);
}

static const char *names_of(int flags)
{
	static char text[9];
	int i;

	for (i = 0; i < 8; i++)
		text[i] = flags & 1 << i ? "FSRPAUEC"[i] : '.';
	return text;
}

static void step_segment(void)
{
	static const int flag_sets[] = {
		ACK, ACK, ACK, ACK, ACK, ACK | PSH, ACK | PSH, FIN | ACK, FIN | ACK,
		RST, RST | ACK, SYN, SYN | ACK, 0, FIN, SYN | FIN, SYN | RST,
		URG | ACK, FIN | PSH | URG | ACK, ECE | ACK, CWR | ACK, SYN | ECE | CWR,
	};
	static const int lens[] = { 0, 0, 0, 0, 1, 10, 10, 10, 536, 1460 };
	static const int wnds[] = { 30000, 30000, 30000, 30000, 0, 1, 500, 65535 };
	int flags = PICK(flag_sets), len = PICK(lens), wnd = PICK(wnds);
	struct number seq = pick_seq(len), ack = pick_ack();

	trace_line("step %s seq=%s ack=%s len=%d wnd=%d\n", names_of(flags), seq.name,
		   flags & ACK ? ack.name : "-", len, wnd);
	inject(flags, .seq = seq.n, .ack = ack.n, .len = len, .wnd = wnd);
}

/* what comes next as it should, so that scripts come somewhere */
static void step_proper(void)
{
	int len = chance(3) * 100, flags = ACK;

	if (!chance(8))
		flags |= FIN;
	trace_line("step proper %s len=%d\n", names_of(flags), len);
	inject(flags, .len = len);
}

static void result(const char *call, long n)
{
	trace_line("step %s: %s %ld\n", call, n < 0 ? strerrorname_np(errno) : "ok", n);
}

static void step_call(void)
{
	static char buf[65536];
	static uint64_t sent;
	static const int on = 1;
	long n;

	if (conn.fd < 0 && conn.listener >= 0) {
		nonblock(conn.listener);
		conn.fd = accept4(conn.listener, NULL, NULL, SOCK_NONBLOCK);
		result("accept", conn.fd < 0 ? -1 : 0);
	} else if (conn.fd < 0) {
		step_proper();
	} else if (!chance(6)) {
		result("shutdown", shutdown(conn.fd, SHUT_WR));
	} else if (chance(2)) {
		/* what Nagle holds back is for a tail loss probe, some time */
		set_int(conn.fd, tcp_level(), TCP_NODELAY, on);
		n = 1 + chance(2) * 700;
		fill(buf, n, sent);
		n = send(conn.fd, buf, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		result("send", n);
		sent += n > 0 ? n : 0;
	} else {
		result("recv", recv(conn.fd, buf, sizeof(buf), MSG_DONTWAIT));
	}
}

/* The answer, then what comes late. */
static void answers(void)
{
	forget();
	trace_line("later\n");
	pause_ms(DELACK_MS);
	forget();
	if (last.flags & ACK && !(last.flags & RST))
		RCV_NXT = last.ack;
	trace_line("\n");
}

static void script(void)
{
	int i;

	for (i = 0; i < STEPS; i++) {
		switch (chance(4)) {
		case 0: step_proper(); break;
		case 1: step_call(); break;
		default: step_segment();
		}
		answers();
	}
}

static void open_with_sack_and_ts(void)
{
	peer_up();
	established_with(.sack_ok = true, .ts = true, .wscale = 3);
}

/* Linux scales its window here, though the peer did not agree to that */
static void both_open(void)
{
	peer_up();
	knob("window_scaling", 0);
	syn_rcvd_active();
}

static const struct {
	const char *name;
	void (*fn)(void);
} builders[] = {
	{ "closed", closed }, { "listen", listening }, { "syn_sent", syn_sent },
	{ "syn_rcvd", syn_rcvd }, { "syn_rcvd_active", both_open },
	{ "established", established }, { "established_ts", established_ts },
	{ "established_sack", established_sack }, { "established_all", open_with_sack_and_ts },
	{ "established_active", established_active },
	{ "fin_wait_1", fin_wait_1 }, { "fin_wait_2", fin_wait_2 }, { "orphaned", orphaned },
	{ "close_wait", close_wait }, { "closing", closing }, { "last_ack", last_ack },
	{ "time_wait", time_wait },
};

#define BUILDERS (sizeof(builders) / sizeof(builders[0]))

/* The test's name says which: STATE_NUMBER. */
static void run_script(void)
{
	const char *name = strchr(test_name(), '.') + 1, *number = strrchr(name, '_') + 1;
	size_t i;

	seed = 0;
	for (i = 0; name[i]; i++)
		seed = seed * 31 + name[i];
	peer_up();
	/* a retransmission is no answer */
	knob_of_ttp("rto_min_ms", 5000);
	knob_of_tcp("early_retrans", 0);
	knob_of_tcp("rfc1337", 1);
	for (i = 0; i < BUILDERS; i++)
		if (strlen(builders[i].name) == (size_t)(number - 1 - name) &&
		    !strncmp(builders[i].name, name, number - 1 - name))
			builders[i].fn();
	script();
}

__attribute__((constructor)) static void scripts_add(void)
{
	static struct test tests[BUILDERS * SEEDS];
	char *name;
	size_t i;

	for (i = 0; i < BUILDERS * SEEDS; i++) {
		if (asprintf(&name, "%s_%zu", builders[i / SEEDS].name, i % SEEDS + 1) < 0)
			exit(1);
		tests[i] = (struct test){ .name = name, .fn = run_script, .seconds = 15 };
		test_add(&tests[i]);
	}
}
