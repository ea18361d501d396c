// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a sequence: over TCP and over TTP at the same time, each in a process with a
 * network namespace of its own.
 *
 * After each step it waits until all that it leads to has happened: on the loopback
 * device that is at once, but for delayed ACKs and what waits for more.
 */
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include "calls.h"

#define LONGEST_MS 120000	/* of a sequence */
#define NEAR (1 << 17)		/* memory before far_away that can be used */

bool over_ttp, over_v6;
int slot[SLOTS];
uint64_t running_seed;
char *far_away;

static volatile sig_atomic_t pipes, urgents, ios;

void say(struct outcome *o, const char *what, const char *fmt, ...)
{
	struct field *f = &o->field[o->n < MAX_FIELDS ? o->n++ : MAX_FIELDS - 1];
	va_list ap;

	snprintf(f->what, sizeof(f->what), "%s", what);
	va_start(ap, fmt);
	vsnprintf(f->value, sizeof(f->value), fmt, ap);
	va_end(ap);
}

const char *error_name(int err)
{
	return strerrorname_np(err) ?: "?";
}

void returned(struct outcome *o, long ret)
{
	if (ret < 0)
		say(o, "result", "%s", error_name(errno));
	else
		say(o, "result", "%ld", ret);
}

void returned_with(struct outcome *o, long ret, const char *fmt, ...)
{
	int err = errno;
	char text[90];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (ret < 0)
		say(o, "result", "%s %s", error_name(err), text);
	else
		say(o, "result", "%ld %s", ret, text);
}

static void pause_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000l };

	nanosleep(&t, NULL);
}

/* A step in a thread of its own */
struct behind {
	const struct step *step;
	pthread_t thread;
	struct outcome outcome;
	struct results *results;
	int number;
};

static void take(const struct step *s, struct outcome *o)
{
	calls[s->call].run(s, o);
}

static void *run_behind(void *arg)
{
	struct behind *b = arg;
	sigset_t all;

	sigfillset(&all);
	sigdelset(&all, SIGPIPE);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	take(b->step, &b->outcome);
	return NULL;
}

static void finish(struct behind *b)
{
	struct outcome *o = &b->results->step[b->number];

	if (!b->step)
		return;
	pthread_join(b->thread, NULL);
	if (b->outcome.n)
		say(o, "result", "%s", b->outcome.field[0].value);
	memset(b, 0, sizeof(*b));
}

/* which signals came, not how many: two at once are one */
static void say_signals(struct outcome *o)
{
	if (pipes | urgents | ios)
		say(o, "signals", "%s%s%s", pipes ? "PIPE " : "", urgents ? "URG " : "",
		    ios ? "IO " : "");
	pipes = 0;
	urgents = 0;
	ios = 0;
}

static void on_signal(int sig)
{
	*(sig == SIGPIPE ? &pipes : sig == SIGURG ? &urgents : &ios) = 1;
}

static void run_steps(const struct sequence *q, struct results *r)
{
	struct behind behind = { 0 }, before;
	int i;

	for (i = 0; i < q->n; i++) {
		before = behind;
		memset(&behind, 0, sizeof(behind));
		/* only one at a time */
		if (q->step[i].behind && !before.step) {
			behind = (struct behind){ &q->step[i], .results = r, .number = i };
			if (pthread_create(&behind.thread, NULL, run_behind, &behind))
				_exit(1);
		} else {
			take(&q->step[i], &r->step[i]);
		}
		pause_ms(SETTLE_MS);
		finish(&before);
		say_signals(&r->step[i]);
		observe(&r->step[i]);
		r->done = i + 1;
	}
	finish(&behind);
}

static void loopback_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r))
		_exit(3);
	close(fd);
}

/* TTP's default */
static void default_congestion_control(void)
{
	int fd = open("/proc/sys/net/ipv4/tcp_congestion_control", O_WRONLY);

	if (fd < 0 || write(fd, "reno", 4) != 4)
		_exit(3);
	close(fd);
}

static void __attribute__((noreturn)) child(const struct sequence *q, struct results *r, bool ttp)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	int i;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < SLOTS; i++)
		slot[i] = -1;
	over_ttp = ttp;
	running_seed = q->seed;
	sigaction(SIGPIPE, &act, NULL);
	sigaction(SIGURG, &act, NULL);
	sigaction(SIGIO, &act, NULL);
	far_away = mmap(NULL, 2 * NEAR, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	far_away += NEAR;
	mprotect(far_away, NEAR, PROT_NONE);
	if (unshare(CLONE_NEWNET))
		_exit(3);
	loopback_up();
	default_congestion_control();
	addresses_come();
	watch_init();
	run_steps(q, r);
	_exit(0);
}

struct results *results_new(void)
{
	struct results *r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (r == MAP_FAILED)
		exit(3);
	return r;
}

static pid_t start(const struct sequence *q, struct results *r, bool ttp)
{
	pid_t pid;

	memset(r, 0, sizeof(*r));
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(q, r, ttp);
	return pid;
}

static void await(pid_t pid, struct results *r)
{
	struct pollfd p = { syscall(SYS_pidfd_open, pid, 0), POLLIN };
	int status = 0;

	if (poll(&p, 1, LONGEST_MS) != 1) {
		snprintf(r->end, sizeof(r->end), "hangs");
		kill(-pid, SIGKILL);
	}
	close(p.fd);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);	/* its children */
	if (!r->end[0] && status)
		snprintf(r->end, sizeof(r->end), "died: %#x", status);
}

void run_both(const struct sequence *q, struct results *tcp, struct results *ttp)
{
	pid_t a = start(q, tcp, false), b = start(q, ttp, true);

	await(a, tcp);
	await(b, ttp);
}
