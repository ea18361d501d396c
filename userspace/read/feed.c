// SPDX-License-Identifier: GPL-2.0
/*
 * Where events come from: live from one or several network namespaces, merged
 * by time, or from recording.c.  `ttp monitor` and `ttp ladder` read here.
 *
 * A command can be run once the subscription is there, so that a script needs
 * no sleep to be sure that nothing is missed.  Next: nl.c, order.c, recording.c.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "base/base.h"
#include "read/event.h"
#include "read/feed.h"
#include "read/nl.h"
#include "read/order.h"

/*
 * How long an event waits for an earlier one from another namespace.  The
 * kernel sends an event when it happens; only our reading has an order.
 */
#define WINDOW_NS	(20 * 1000000ULL)
/* After the last connection is CLOSED: its other end's last events. */
#define SETTLE_NS	(100 * 1000000ULL)
#define TICK_MS		20

#define GROUPS	5

static volatile sig_atomic_t stop_signal;

/* What the next event of a group has for a number. */
struct numbering {
	bool known;
	uint64_t next;
};

/* A connection that was seen and is not CLOSED.  Listeners don't count. */
struct life {
	uint64_t netns;
	uint64_t id;
};

struct live {
	const struct feed_opts *opts;
	feed_fn fn;
	void *arg;
	struct order *order;
	struct nl *nl[NETNS_MAX];
	int count;
	struct life *lives;
	size_t n_lives;
	uint64_t all_closed_ns;	/* since when there is none any more, 0 if there is */
	struct numbering numbering[NETNS_MAX][GROUPS];
	int reading;		/* which namespace's messages are read */
	const char *reading_ns;	/* its name */
	uint64_t received_ns;	/* when it came */
	uint64_t newest_ns;	/* what was read of it so far goes up to this time */
	pid_t child;		/* 0 when it has ended or there is none */
	uint64_t child_end_ns;
	int child_status;
	bool unknown;		/* there was an event that is not understood */
	bool done;		/* fn() wants no more */
	int done_errno;		/* its errno then, which may say why it could not write */
};

static const struct {
	enum event_kind kind;
	unsigned int bit;	/* FEED_* */
	const char *name;	/* of the kernel's group of listeners */
} groups[GROUPS] = {
	{ EVENT_STATE, FEED_STATE, TTP_MCGRP_STATE },
	{ EVENT_SEGMENT, FEED_SEGMENT, TTP_MCGRP_SEGMENT },
	{ EVENT_CONG, FEED_CONG, TTP_MCGRP_CONG },
	{ EVENT_TIMER, FEED_TIMER, TTP_MCGRP_TIMER },
	{ EVENT_DATAGRAM, FEED_DATAGRAM, TTP_MCGRP_DATAGRAM },
};

/* Return: GROUPS when an event is none of the kernel's. */
static size_t group_of(enum event_kind kind)
{
	size_t g = 0;

	while (g < GROUPS && groups[g].kind != kind)
		g++;
	return g;
}

/* Return: FEED_* of an event, or 0 when it is none of the kernel's. */
unsigned int feed_group(enum event_kind kind)
{
	size_t g = group_of(kind);

	return g < GROUPS ? groups[g].bit : 0;
}

/* The kernel has the same bits for a filter. */
static_assert(FEED_STATE == TTP_EVENT_GROUP_STATE && FEED_SEGMENT == TTP_EVENT_GROUP_SEGMENT &&
	      FEED_CONG == TTP_EVENT_GROUP_CONG && FEED_TIMER == TTP_EVENT_GROUP_TIMER &&
	      FEED_DATAGRAM == TTP_EVENT_GROUP_DATAGRAM,
	      "FEED_ are the kernel's groups");

static void on_signal(int sig)
{
	stop_signal = sig;
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	/* what is being written is written to its end; the second one kills, should we hang */
	sa.sa_flags = SA_RESTART | SA_RESETHAND;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static void track_life(struct live *live, const struct event *ev)
{
	bool open = ev->state.now != TTP_STATE_CLOSED;
	size_t at = live->n_lives;	/* behind it */

	if (!live->opts->until_closed || ev->kind != EVENT_STATE || ev->state.now == TTP_STATE_LISTEN ||
	    (ev->state.from == TTP_STATE_LISTEN && !open))
		return;
	while (at && (live->lives[at - 1].id != ev->who.id || live->lives[at - 1].netns != ev->who.netns))
		at--;
	if (open && !at) {
		live->lives = grow(live->lives, live->n_lives, sizeof(*live->lives));
		live->lives[live->n_lives++] = (struct life){ ev->who.netns, ev->who.id };
	} else if (!open && at) {
		live->lives[at - 1] = live->lives[--live->n_lives];
	}
	live->all_closed_ns = live->n_lives ? 0 : now_ns();
}

static void give(struct live *live, const struct event *ev)
{
	if (live->done)
		return;
	track_life(live, ev);
	if (live->fn(ev, live->arg)) {
		live->done = true;
		live->done_errno = errno;
	}
}

static void give_until(struct live *live, uint64_t received_before)
{
	const struct event *ev;

	while (!live->done && (ev = order_take(live->order, received_before)))
		give(live, ev);
}

/* A gap in the numbers says how many are missing, whatever became of them. */
static void note_gap(struct live *live, struct event *ev)
{
	struct numbering *n = &live->numbering[live->reading][group_of(ev->kind)];

	if (n->known && ev->number > n->next) {
		ev->lost_events = ev->number - n->next;
		event_set(ev, TTP_A_LOST_EVENTS);
	}
	n->known = true;
	n->next = ev->number + 1;
}

/* The kernel sends each group of a namespace in order. */
static void put_in_order(struct live *live, struct event *ev)
{
	ev->ns = live->reading_ns;
	order_add(live->order, live->reading * (GROUPS + 1) + group_of(ev->kind), ev);
}

static void on_event(struct event *ev, void *arg)
{
	struct live *live = arg;

	if (!feed_group(ev->kind))
		return;
	if (event_has(ev, TTP_A_EVENT_SEQ))
		note_gap(live, ev);
	ev->received_ns = live->received_ns;
	live->newest_ns = ev->time_ns;
	put_in_order(live, ev);
}

/* All that has come was given out. */
static void pause_feed(struct live *live)
{
	if (!live->done && live->opts->pause && live->opts->pause(live->arg))
		live->done = true;
}

/* Once: as a rule all others of the kind are not understood either. */
static void note_unknown(struct live *live, uint8_t cmd, int attr)
{
	if (live->unknown || cmd == TTP_CMD_MIB_GET)	/* the answer to nl_flush() */
		return;
	live->unknown = true;
	if (attr < 0)
		fprintf(stderr, "ttp: events of an unknown kind, %u, are left out", cmd);
	else
		fprintf(stderr, "ttp: events whose %s is unknown are left out",
			event_attr_name(attr));
	fprintf(stderr, ": module and tool are of two versions: install both from the same sources\n");
}

static int on_message(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct live *live = arg;
	int wrong;

	live->received_ns = now_ns();
	wrong = events_from_netlink(nlh, on_event, live);
	if (!wrong)
		return 0;
	live->newest_ns = live->received_ns;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*genl))
		note_unknown(live, genl->cmd, wrong);
	return 0;
}

/* Some fell out of the socket's buffer: how many, the next ones of their groups say. */
static void note_overrun(struct live *live)
{
	struct event ev = { .kind = EVENT_LOST };

	ev.received_ns = now_ns();
	ev.time_ns = ev.received_ns;
	event_set(&ev, TTP_A_TIME_NS);
	put_in_order(live, &ev);
}

/* What is read now is of this namespace. */
static void read_from(struct live *live, int i)
{
	live->reading = i;
	live->reading_ns = netns_name(&live->opts->ns, i);
	if (live->reading_ns)
		live->reading_ns = intern(live->reading_ns);
}

/*
 * Reads what happened until then.  More may happen meanwhile than is read: who waited for a
 * moment without events would never draw one, nor see Ctrl-C.
 */
static int read_until(struct live *live, uint64_t time_ns)
{
	for (int i = 0; i < live->count; i++) {
		bool overrun = false;
		int ret = 1;

		read_from(live, i);
		live->newest_ns = 0;
		while (ret > 0 && live->newest_ns < time_ns)
			ret = nl_receive(live->nl[i], on_message, live, &overrun);
		if (ret < 0)
			return fail("reading events: %s", strerror(errno));
		if (overrun)
			note_overrun(live);
	}
	return TTP_OK;
}

/* Return: exit status, or -1 when the kernel does not filter. */
static int set_filter(struct live *live, struct nl *nl)
{
	const struct feed_opts *opts = live->opts;
	struct nl_filter filter = { .groups = opts->groups, .ports = opts->ports, .n = opts->n_ports };

	if (!opts->n_ports)
		return -1;
	for (size_t g = 0; g < GROUPS; g++)
		live->numbering[live->reading][g] = (struct numbering){ .known = true };
	return nl_filter(nl, &filter, on_message, live);
}

static int join_groups(struct live *live, struct nl *nl)
{
	struct numbering *numbering = live->numbering[live->reading];

	for (size_t g = 0; g < GROUPS; g++) {
		numbering[g].known = false;
		if (live->opts->groups & groups[g].bit && nl_subscribe(nl, groups[g].name))
			return TTP_FAILED;
	}
	return TTP_OK;
}

static int subscribe(struct live *live)
{
	const struct feed_opts *opts = live->opts;

	for (int i = 0; i < netns_count(&opts->ns); i++) {
		struct nl *nl = nl_open(netns_name(&opts->ns, i));
		int status;

		if (!nl)
			return TTP_FAILED;
		live->nl[live->count++] = nl;
		read_from(live, i);
		status = set_filter(live, nl);
		if (status < 0)
			status = join_groups(live, nl);
		if (status)
			return status;
		nl_flush(nl);	/* with the request the module sees that we listen */
	}
	return TTP_OK;
}

static int announce(struct live *live)
{
	const char *name = live->opts->ready;
	struct event ev = { .kind = EVENT_RECORDING, .time_ns = now_ns() };
	int fd;

	event_set(&ev, TTP_A_TIME_NS);
	ev.namespaces = live->count;
	ev.wall_ns = wall_ns();
	give(live, &ev);
	pause_feed(live);
	if (!name)
		return TTP_OK;
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return fail("%s: %s", name, strerror(errno));
	close(fd);
	return TTP_OK;
}

static int start_command(struct live *live)
{
	char **command = live->opts->command;

	if (!command)
		return TTP_OK;
	fflush(stdout);
	live->child = fork();
	if (live->child < 0)
		return fail("fork: %s", strerror(errno));
	if (!live->child) {
		signal(SIGPIPE, SIG_DFL);
		execvp(command[0], command);
		fail("%s: %s", command[0], strerror(errno));
		_exit(127);
	}
	return TTP_OK;
}

static void look_at_command(struct live *live)
{
	int status;

	if (!live->child || waitpid(live->child, &status, WNOHANG) <= 0)
		return;
	live->child = 0;
	live->child_end_ns = now_ns();
	live->child_status = WIFEXITED(status) ? WEXITSTATUS(status) :
						 128 + WTERMSIG(status);
}

static bool is_over(const struct live *live)
{
	const struct feed_opts *opts = live->opts;
	uint64_t now = now_ns();
	bool closed = opts->until_closed && live->all_closed_ns &&
		      now - live->all_closed_ns > SETTLE_NS;

	if (live->done || stop_signal)
		return true;
	if (opts->command && live->child)
		return false;
	if (opts->command)
		return closed ||
		       now - live->child_end_ns > opts->after_s * 1e9;
	return closed;
}

static int loop(struct live *live)
{
	struct pollfd pfd[NETNS_MAX];

	for (int i = 0; i < live->count; i++) {
		pfd[i].fd = nl_fd(live->nl[i]);
		pfd[i].events = POLLIN;
	}
	while (!is_over(live)) {
		bool ticks = !order_is_empty(live->order) ||
			     live->opts->command || live->all_closed_ns;
		uint64_t now;

		if (poll(pfd, live->count, ticks ? TICK_MS : 1000) < 0 &&
		    errno != EINTR)
			return fail("poll: %s", strerror(errno));
		now = now_ns();
		if (read_until(live, now))
			return TTP_FAILED;
		give_until(live, now - WINDOW_NS);
		pause_feed(live);
		look_at_command(live);
	}
	for (int i = 0; i < live->count; i++)
		nl_flush(live->nl[i]);
	if (read_until(live, now_ns()))
		return TTP_FAILED;
	give_until(live, UINT64_MAX);
	return TTP_OK;
}

static int run_live(const struct feed_opts *opts, feed_fn fn, void *arg)
{
	struct live live = { .opts = opts, .fn = fn, .arg = arg };
	int status;

	live.order = order_new(netns_count(&opts->ns) * (GROUPS + 1));
	status = subscribe(&live);
	if (!status) {
		catch_signals();
		status = announce(&live);
	}
	if (!status)
		status = start_command(&live);
	if (!status)
		status = loop(&live);
	if (live.child > 0)
		kill(live.child, SIGTERM);
	for (int i = 0; i < live.count; i++)
		nl_close(live.nl[i]);
	order_free(live.order);
	free(live.lives);
	if (live.done_errno)
		errno = live.done_errno;
	return status ? status : live.child_status;
}

/*
 * A file to draw a picture into, not the recording or capture that is read, which is there.  What the file
 * had stays until feed_picture_begin().
 * Return: NULL after saying why not.
 */
FILE *feed_picture(const struct feed_opts *opts, const char *name)
{
	bool is_recording, is_capture;
	int fd;

	if (opts->recording && strcmp(opts->recording, "-") && access(opts->recording, R_OK)) {
		fail("%s: %s", opts->recording, strerror(errno));
		return NULL;
	}
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0) {
		fail("%s: %s", name, strerror(errno));
		return NULL;
	}
	is_recording = opts->recording &&
		       is_file(fd, strcmp(opts->recording, "-") ? opts->recording : "/dev/stdin");
	is_capture = opts->capture && is_file(fd, opts->capture);
	if (is_recording || is_capture) {
		fail("%s is the %s that is read: write to another file", name,
		     is_recording ? "recording" : "capture");
		close(fd);
		return NULL;
	}
	return fdopen(fd, "w");
}

/* Return: exit status. */
static int make_empty(FILE *out, const char *name)
{
	struct stat st;

	if (fstat(fileno(out), &st) || (S_ISREG(st.st_mode) && ftruncate(fileno(out), 0)))
		return fail("%s: %s", name, strerror(errno));
	return TTP_OK;
}

/* What is printed goes into the picture @out from now on.  Return: exit status. */
int feed_picture_begin(FILE *out, const char *name)
{
	fflush(stdout);
	if (make_empty(out, name))
		return TTP_FAILED;
	return dup2(fileno(out), STDOUT_FILENO) < 0 ? fail("%s: %s", name, strerror(errno)) : TTP_OK;
}

/*
 * A file to write a recording to; not the one that is read.  It is empty.
 * Return: NULL after saying why not.
 */
FILE *feed_output(const struct feed_opts *opts, const char *name)
{
	FILE *out = feed_picture(opts, name);

	if (!out || !make_empty(out, name))
		return out;
	fclose(out);
	return NULL;
}

void feed_count_lost(struct feed_lost *lost, const struct event *ev)
{
	if (event_has(ev, TTP_A_LOST_EVENTS))
		lost->count += ev->lost_events;
	if (ev->kind == EVENT_LOST)
		lost->more = true;
}

void feed_report_lost(const struct feed_lost *lost, const char *what_follows)
{
	if (lost->count || lost->more)
		fprintf(stderr, "ttp: %" PRIu64 "%s events were lost%s\n", lost->count,
			lost->more ? " or more" : "", what_follows);
}

/*
 * Calls @fn for each event in the order of their times, the first being an
 * EVENT_RECORDING.
 * Context: errno is as @fn left it, if it ended the feed.
 * Return: exit status; that of the command if one was run.
 */
int feed_run(const struct feed_opts *opts, feed_fn fn, void *arg)
{
	if (opts->recording)
		return recording_run(opts->recording, fn, arg);
	return run_live(opts, fn, arg);
}
