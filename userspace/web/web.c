// SPDX-License-Identifier: GPL-2.0
/*
 * ttp web: the page of ttp report, live.  A process of its own reads the events, of the
 * namespaces or of a recording, and writes them to a pipe; this one serves them, and does
 * what the page's buttons ask for.  Called by main().  Next: http.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/options.h"
#include "read/feed.h"
#include "report/report.h"
#include "web/web.h"

#define EVENTS_MAX	100000
#define LINE_SIZE	65536	/* of an event as JSON */
#define TICK_MS		500
#define BEAT_NS		(5 * 1000000000ULL)

/* The process that reads the events. */
struct reader {
	pid_t pid;
	int fd;			/* what it writes; -1: it has ended */
	bool ready;
	size_t used;
	char line[LINE_SIZE];
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int sig)
{
	stop_signal = sig;
}

/* ---- the process that reads ---- */

static int on_event(const struct event *ev, void *arg)
{
	FILE *out = arg;

	if (ev->kind == EVENT_STATE || ev->kind == EVENT_SEGMENT || ev->kind == EVENT_LOST)
		event_print_json(ev, out);
	else if (ev->kind == EVENT_RECORDING)
		fputc('\n', out);
	return fflush(out) || ferror(out);
}

static void read_events(struct feed_opts *opts, int fd)
{
	FILE *out = fdopen(fd, "w");

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (!out)
		_exit(fail("out of memory"));
	_exit(feed_run(opts, on_event, out));
}

static int reader_start(struct reader *reader, struct feed_opts *opts)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC))
		return fail("pipe: %s", strerror(errno));
	reader->pid = fork();
	if (reader->pid < 0)
		return fail("fork: %s", strerror(errno));
	if (!reader->pid) {
		close(fd[0]);
		read_events(opts, fd[1]);
	}
	close(fd[1]);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	reader->fd = fd[0];
	return TTP_OK;
}

/* Return: the exit status of the process that reads. */
static int reader_end(struct reader *reader)
{
	int status = 0;

	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
	if (reader->pid > 0 && waitpid(reader->pid, &status, 0) < 0)
		status = 0;
	reader->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : TTP_FAILED;
}

static void take_lines(struct reader *reader)
{
	char *line = reader->line, *end;
	size_t left = reader->used;

	while ((end = memchr(line, '\n', left))) {
		if (end > line)
			stream_add(line, end - line);
		reader->ready = true;
		left -= end + 1 - line;
		line = end + 1;
	}
	if (left == sizeof(reader->line))
		left = 0;
	memmove(reader->line, line, left);
	reader->used = left;
}

/* Context: in rounds, so that who asks waits no longer than some of them. */
static void reader_look(struct reader *reader)
{
	ssize_t got;

	for (int round = 0; round < 16; round++) {
		got = read(reader->fd, reader->line + reader->used,
			   sizeof(reader->line) - reader->used);
		if (got <= 0)
			break;
		reader->used += got;
		take_lines(reader);
		stream_wake();
	}
	if (!got || (got < 0 && errno != EAGAIN && errno != EINTR)) {
		close(reader->fd);
		reader->fd = -1;
	}
}

/* ---- the address ---- */

static int make_token(char token[TOKEN_SIZE])
{
	uint8_t bytes[TOKEN_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return fail("getrandom: %s", strerror(errno));
	for (int i = 0; i < TOKEN_BYTES; i++)
		sprintf(token + 2 * i, "%02x", bytes[i]);
	return TTP_OK;
}

/* Return: what @address says in digits, NULL if it does not; for freeaddrinfo(). */
static struct addrinfo *resolve(const char *address, unsigned long port)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *ai;
	char text[8];

	snprintf(text, sizeof(text), "%lu", port);
	return getaddrinfo(address, text, &hints, &ai) ? NULL : ai;
}

static bool is_any(const struct sockaddr *sa)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

	return sa->sa_family == AF_INET ? !in4->sin_addr.s_addr :
					  IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
}

/* Not 0.0.0.0: who asks has to name the address that he asks, and there it is unknown. */
static int option_address(const struct opt *opt, const char *text)
{
	struct addrinfo *ai = resolve(text, 0);
	bool good = ai && !is_any(ai->ai_addr);

	if (ai)
		freeaddrinfo(ai);
	*(const char **)opt->to = text;
	return good ? 0 : -1;
}

static bool is_loopback(const struct addrinfo *ai)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)ai->ai_addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ai->ai_addr;

	return ai->ai_family == AF_INET ? ntohl(in4->sin_addr.s_addr) >> 24 == 127 :
					  IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* As everybody writes them: --listen may have said fd00:0:0::5. */
static int find_address(struct web *web, int fd)
{
	static char address[NI_MAXHOST];
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	char port[8];

	if (getsockname(fd, (struct sockaddr *)&addr, &len) ||
	    getnameinfo((struct sockaddr *)&addr, len, address, sizeof(address), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return fail("the address of the server is not known");
	web->address = address;
	web->port = strtoul(port, NULL, 10);
	return TTP_OK;
}

/* Return: a socket that listens, or -1 after saying why not. */
static int open_listener(struct web *web, const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0) {
		fail("socket: %s", strerror(errno));
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, CLIENTS_MAX)) {
		fail("listen on %s port %lu: %s%s", web->address, web->port, strerror(errno),
		     errno == EADDRINUSE ? " (--port takes another)" : "");
		close(fd);
		return -1;
	}
	if (find_address(web, fd)) {
		close(fd);
		return -1;
	}
	if (!is_loopback(ai))
		fputs("ttp: other machines reach this address, and what goes to it is not encrypted\n",
		      stderr);
	return fd;
}

static int listen_on(struct web *web)
{
	struct addrinfo *ai = resolve(web->address, web->port);
	int fd = ai ? open_listener(web, ai) : -1;

	if (ai)
		freeaddrinfo(ai);
	return fd;
}

static void say_address(const struct web *web)
{
	printf(strchr(web->address, ':') ? "http://[%s]:%lu/%s/\n" : "http://%s:%lu/%s/\n",
	       web->address, web->port, web->token);
	fflush(stdout);
}

/* ---- together ---- */

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static void wait_for_something(const struct reader *reader)
{
	struct pollfd pfd[] = {
		{ .fd = http_fd(), .events = POLLIN },
		{ .fd = reader->fd, .events = POLLIN },
		{ .fd = lab_fd(), .events = POLLIN },
	};

	poll(pfd, ARRAY_SIZE(pfd), http_timeout(TICK_MS));
}

/* Return: exit status. */
static int serve(struct web *web, struct reader *reader)
{
	uint64_t beat = now_ns();
	bool said = false;

	while (!stop_signal) {
		wait_for_something(reader);
		if (reader->fd >= 0)
			reader_look(reader);
		if (reader->ready && !said) {
			said = true;
			say_address(web);
		}
		if (reader->fd < 0 && !stop_signal && !(web->recording && said))
			return reader_end(reader) ? TTP_FAILED : fail("no more events come");
		if (reader->fd < 0 && reader->pid > 0 && !stop_signal && reader_end(reader))
			return TTP_FAILED;	/* the recording is broken, as was said */
		if (now_ns() - beat > BEAT_NS) {
			beat = now_ns();
			stream_beat();
		}
		lab_look();
		http_run();
		client_look();
		job_look(web);
	}
	return TTP_OK;
}

static int run(struct web *web, struct feed_opts *feed, unsigned long max)
{
	static struct reader reader = { .fd = -1 };
	int listener, status;

	if (http_load() || make_token(web->token))
		return TTP_FAILED;
	listener = listen_on(web);
	if (listener < 0)
		return TTP_FAILED;
	stream_keep(max);
	status = web->lab ? lab_start(web, web->lab) : TTP_OK;
	if (!status)
		status = reader_start(&reader, feed);
	if (!status) {
		catch_signals();
		status = http_start(web, listener);
	}
	if (!status) {
		status = serve(web, &reader);
		http_stop();
	}
	if (reader.pid > 0)
		kill(reader.pid, SIGTERM);
	reader_end(&reader);
	job_stop_all(web);
	lab_end();
	stream_forget();
	return status;
}

int web_main(int argc, char **argv)
{
	struct feed_opts feed = { .groups = FEED_STATE | FEED_SEGMENT };
	struct web web = { .lang = "en", .address = "127.0.0.1", .port = 8253 };
	unsigned long max = 20000;
	const struct opt opts[] = {
		OPT_NETNS(&feed.ns),
		OPT(0, "listen", "ADDRESS", option_address, &web.address,
		    "at this address of this machine (127.0.0.1)",
		    .wants = "one address of this machine, in digits"),
		OPT_NUMBER('p', "port", "NUMBER", &web.port, 0, 65535,
			   "at this port of it (8253); 0: at any that is free",
			   .wants = "a number up to 65535"),
		OPT('l', "lang", "en|ko", option_lang, &web.lang,
		    "in English (default) or in Korean", .wants = "en or ko"),
		OPT_NUMBER('m', "max", "EVENTS", &max, 1, EVENTS_MAX,
			   "keep only the last so many events (20000)", .wants = "1 to 100000"),
		OPT_WORD('L', "lab", "NAME", &web.lab,
			 "play this lab on the page; the namespaces are its hosts"),
		OPT_WORD('r', "read", "FILE", &feed.recording,
			 "show a recording, without buttons; - is standard input"),
		OPT_END
	};
	const struct command command = {
		.name = "web",
		.synopsis = "[OPTION]...",
		.about = "Serve the page of ttp report, live, for a browser: connections are drawn "
			 "as they happen.  Its buttons start and stop connections and set faults and "
			 "sysctls.  It prints the page's address, and ends with Ctrl-C.",
		.opts = opts,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (options_no_more(argc, argv, &command))
		return TTP_USAGE;
	if (feed.recording && feed.ns.count)
		return usage("-r goes without a namespace");
	if (web.lab && !feed.ns.count)
		return usage("--lab goes with the names of the lab's hosts: -n A -n B");
	web.ns = feed.ns;
	web.recording = feed.recording;
	web.d3 = page_library();
	if (!web.d3)
		return TTP_FAILED;
	status = run(&web, &feed, max);
	free(web.d3);
	return status;
}
