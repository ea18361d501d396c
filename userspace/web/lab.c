// SPDX-License-Identifier: GPL-2.0
/*
 * The lab that is played on the page (--lab): ttp lab --page, in a process of its own.  What it
 * prints goes to the page among the events, and it gets what is typed there.  Called by web.c
 * and ask.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>
#include <linux/magic.h>

#include "base/base.h"
#include "read/event.h"
#include "web/web.h"

#define HOSTS_MS	20000	/* so long may it make its hosts */

static struct {
	pid_t pid;
	int out;		/* what it prints; -1: there is no lab, or it has ended */
	int in;
	size_t used;
	char text[4096];	/* not sent yet: the beginning of a letter */
} lab = { .out = -1, .in = -1 };

static void say(const char *text, int len)
{
	struct json_object *obj = json_object_new_object();
	const char *json;

	json_object_object_add(obj, "event", json_object_new_string("lab"));
	json_object_object_add(obj, "text", json_object_new_string_len(text, len));
	json = json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN);
	stream_add(json, strlen(json));
	json_object_put(obj);
	stream_wake();
}

/* What the lab has said is why. */
static int no_host(const char *name)
{
	ssize_t got = read(lab.out, lab.text, sizeof(lab.text));

	if (got > 0)
		fwrite(lab.text, 1, got, stderr);
	return fail("the lab has no host %s", name);
}

/* ip-netns(8) makes the file first, and then of it the namespace. */
static bool is_there(const char *name)
{
	char path[200];
	struct statfs fs;

	return !netns_path(name, path, sizeof(path)) && !statfs(path, &fs) && fs.f_type == NSFS_MAGIC;
}

/* The namespaces are the lab's hosts, which it makes first. */
static int wait_for_hosts(const struct web *web)
{
	struct timespec pause = { 0, 50000000 };

	for (int i = 0; i < web->ns.count; i++)
		for (int ms = 0; !is_there(web->ns.name[i]); ms += 50) {
			if (waitpid(lab.pid, NULL, WNOHANG) == lab.pid)
				lab.pid = 0;
			if (!lab.pid || ms > HOSTS_MS)
				return no_host(web->ns.name[i]);
			nanosleep(&pause, NULL);
		}
	return TTP_OK;
}

/* Return: TTP_OK when its hosts are there. */
int lab_start(const struct web *web, const char *name)
{
	const char *argv[] = { "ttp", "lab", "--page", "--anew", "--lang", web->lang, name, NULL };
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return fail("pipe: %s", strerror(errno));
	lab.pid = fork();
	if (!lab.pid)
		job_become(argv, in[0], out[1], out[1]);
	close(in[0]);
	close(out[1]);
	lab.in = in[1];
	lab.out = out[0];
	fcntl(lab.out, F_SETFL, O_NONBLOCK);
	fcntl(lab.in, F_SETFL, O_NONBLOCK);
	return lab.pid < 0 ? fail("fork: %s", strerror(errno)) : wait_for_hosts(web);
}

int lab_fd(void)
{
	return lab.out;
}

/* How many of the bytes are whole letters of UTF-8? */
static size_t whole(const char *text, size_t len)
{
	size_t at = len, wants;

	while (at && len - at < 3 && (text[at - 1] & 0xc0) == 0x80)
		at--;
	if (!at || !(text[at - 1] & 0x80))
		return len;
	wants = (text[at - 1] & 0xf0) == 0xf0 ? 4 : (text[at - 1] & 0xe0) == 0xe0 ? 3 : 2;
	return len - at + 1 < wants ? at - 1 : len;
}

/* What has it printed? */
void lab_look(void)
{
	ssize_t got = 0;
	size_t len;

	if (lab.out < 0)
		return;
	/* others are to be served, too, whatever it prints */
	for (int rounds = 0; rounds < 16; rounds++) {
		got = read(lab.out, lab.text + lab.used, sizeof(lab.text) - lab.used);
		if (got <= 0)
			break;
		lab.used += got;
		len = whole(lab.text, lab.used);
		say(lab.text, len);
		lab.used -= len;
		memmove(lab.text, lab.text + len, lab.used);
	}
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	close(lab.out);
	lab.out = -1;
}

/* The page shows what was typed, as a terminal does. */
ACT(act_lab)
{
	char line[LINE_MAX_BYTES + 2];
	int len = snprintf(line, sizeof(line), "%s\n", given->text[0]);

	if (lab.out < 0)
		return answer_line(answer, 409, "no lab is played");
	if (write(lab.in, line, len) != len)
		return answer_line(answer, 409, "the lab is busy");
	say(line, len);
	return 200;
}

/* Context: at the end.  It ends its hosts. */
void lab_end(void)
{
	if (lab.pid <= 0)
		return;
	kill(lab.pid, SIGTERM);
	close(lab.in);
	if (lab.out >= 0)	/* nobody reads it any more: who writes is not to wait */
		close(lab.out);
	while (waitpid(lab.pid, NULL, 0) < 0 && errno == EINTR)
		;
}
