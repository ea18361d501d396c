// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the tests of one program: each in a child process with a network
 * namespace of its own (unless TTP_TEST_HERE is set), so that nothing of one
 * test reaches the next, and prints a line for each.  A failure says where, what was expected, what came,
 * and tells the story: the sockets as the kernel lists them, the last segments
 * on the wire.
 *
 * Read next: sock.c.
 */
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "sock.h"

enum { PASSED, FAILED, SKIPPED, OUTCOMES };

struct place {
	const char *file, *what;
	int line;
};

/* the child's last words, in memory shared with the runner */
struct words {
	struct place place;	/* of the main thread */
	char text[1024];
	char story[8192];
};

static struct words *words;
static __thread struct place place;
static pthread_t main_thread;
static struct test *tests, **last = &tests;
static const char *(*teller)(void);
static void (*ender)(void);
static char *program, name[200];

void test_add(struct test *t)
{
	*last = t;
	last = &t->next;
}

void story_add(const char *(*tell)(void))
{
	teller = tell;
}

void at_end(void (*fn)(void))
{
	ender = fn;
}

const char *test_name(void)
{
	return name;
}

void here(const char *file, int line, const char *what)
{
	place = (struct place){ file, what, line };
	if (pthread_equal(pthread_self(), main_thread))
		words->place = place;
}

/* The sockets of the namespace that this thread is in. */
static size_t story_sockets(char *to, size_t room)
{
	int fd = open(is_ttp() ? "/proc/thread-self/net/ttp/sockets" :
		      "/proc/thread-self/net/tcp", O_RDONLY);
	ssize_t len = fd < 0 ? 0 : read(fd, to, room - 1);

	if (len < 0)
		len = 0;
	to[len] = 0;
	return len;
}

static void story_tell(void)
{
	size_t len = story_sockets(words->story, sizeof(words->story) / 2);

	if (teller)
		snprintf(words->story + len, sizeof(words->story) - len,
			 "%s", teller());
}

static void __attribute__((noreturn)) last_words(const char *text)
{
	snprintf(words->text, sizeof(words->text), "%s:%d: %s: %s",
		 place.file ? place.file : program, place.line,
		 place.what ? place.what : "start", text);
	story_tell();
	_exit(FAILED);
}

void fail(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	last_words(text);
}

void skip(const char *why)
{
	snprintf(words->text, sizeof(words->text), "%s", why);
	_exit(SKIPPED);
}

static void time_is_up(int sig)
{
	last_words(sig == SIGALRM ? "still waiting when time was up" :
		   "killed by a signal");
}

/* fd00::127.0.0.2 to .9: what is of IPv4's lo by itself */
static void loopback_addresses(void)
{
	char ip[] = "127.0.0.2";

	for (; ip[8] <= '9'; ip[8]++)
		device_address("lo", ip, 128);
}

void loopback_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	OK(ioctl(fd, SIOCSIFFLAGS, &r));
	close(fd);
	if (is_v6())
		loopback_addresses();
}

static void __attribute__((noreturn)) child(struct test *t)
{
	setpgid(0, 0);
	main_thread = pthread_self();
	signal(SIGALRM, time_is_up);
	signal(SIGSEGV, time_is_up);
	if (!getenv("TTP_TEST_HERE")) {
		OK(unshare(CLONE_NEWNET));
		loopback_up();
	}
	alarm(t->seconds * test_slowness());
	snprintf(name, sizeof(name), "%s.%s", program, t->name);
	t->fn();
	if (ender)
		ender();
	_exit(PASSED);
}

/* The child's wait status; one that cannot be killed is left behind. */
static int await(pid_t pid, int seconds)
{
	int fd = syscall(SYS_pidfd_open, pid, 0), status = -1;

	if (!poll_for(fd, POLLIN, seconds * 1000)) {
		kill(-pid, SIGKILL);
		poll_for(fd, POLLIN, 5000);
	}
	close(fd);
	if (waitpid(pid, &status, WNOHANG) > 0)
		kill(-pid, SIGKILL);
	return status;
}

static void print_story(void)
{
	char *line, *rest = words->story;

	while ((line = strsep(&rest, "\n")))
		if (*line)
			printf("#   %s\n", line);
}

static int run(struct test *t)
{
	int64_t start = now_ms();
	int status;
	pid_t pid;

	memset(words, 0, sizeof(*words));
	fflush(stdout);
	pid = fork();
	if (!pid)
		child(t);
	status = await(pid, t->seconds * test_slowness() + 5);
	if (status >= 0 && WIFEXITED(status) && !WEXITSTATUS(status)) {
		printf("ok - %s.%s (%d ms)\n", program, t->name,
		       (int)(now_ms() - start));
		return PASSED;
	}
	if (status >= 0 && WIFEXITED(status) &&
	    WEXITSTATUS(status) == SKIPPED) {
		printf("skip - %s.%s: %s\n", program, t->name, words->text);
		return SKIPPED;
	}
	if (!words->text[0])
		snprintf(words->text, sizeof(words->text),
			 "%s (status %#x), last seen at %s:%d",
			 status < 0 ? "cannot be killed" : "died", status,
			 words->place.file ? words->place.file : "?",
			 words->place.line);
	printf("not ok - %s.%s: %s\n", program, t->name, words->text);
	print_story();
	return FAILED;
}

static bool selected(const struct test *t, int argc, char **argv)
{
	bool any = false, found = false;
	int i;

	snprintf(name, sizeof(name), "%s.%s", program, t->name);
	for (i = 1; i < argc; i++) {
		if (argv[i][0] == '!' && strstr(name, argv[i] + 1))
			return false;
		any |= argv[i][0] != '!';
		found |= argv[i][0] != '!' && strstr(name, argv[i]);
	}
	return found || !any;
}

/* TTP_TEST_LABEL tells apart the runs of one program in which sockets are opened in other ways. */
static void label_program(const char *path)
{
	const char *label = getenv("TTP_TEST_LABEL");

	program = basename(path);
	if (label && *label && asprintf(&program, "%s:%s", program, label) < 0)
		exit(1);
}

/* prog [-l] [PATTERN...]: the tests whose "prog.name" contains a PATTERN, and
 * not what stands behind the ! of another
 */
int main(int argc, char **argv)
{
	bool list = argc > 1 && !strcmp(argv[1], "-l");
	int outcome[OUTCOMES] = { 0 };
	struct test *t;

	label_program(argv[0]);
	signal(SIGPIPE, SIG_IGN);
	words = mmap(NULL, sizeof(*words), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (t = tests; t; t = t->next) {
		if (list)
			printf("%s.%s\n", program, t->name);
		else if (selected(t, argc, argv))
			outcome[run(t)]++;
	}
	if (!list)
		printf("%d passed, %d failed, %d skipped\n", outcome[PASSED],
		       outcome[FAILED], outcome[SKIPPED]);
	return outcome[FAILED] > 0;
}
