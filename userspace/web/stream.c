// SPDX-License-Identifier: GPL-2.0
/*
 * The events, of which so many are kept, and those who look: each is sent what is kept and
 * then what comes, as server-sent events.  A stream that has been sent all is suspended;
 * one that reads too slowly misses what is kept no longer, and is told how many.  Called by
 * web.c and act.c.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "web/mhd.h"
#include "web/web.h"

#define BYTES_MAX	(64 << 20)	/* of all that is kept */

struct stream {
	struct stream *next;
	struct MHD_Connection *connection;
	uint64_t number;	/* of the event that is next for it */
	char *text;		/* the message that is being sent; NULL: none */
	size_t len;
	size_t sent;
	bool begun;
	bool beat;		/* a comment is to be sent: is it still there? */
	bool suspended;
};

/* The event with number n is in text[n % max]; numbers begin with 1. */
static struct {
	char **text;
	unsigned long max;
	uint64_t first;
	uint64_t next;
	size_t bytes;
} kept = { .first = 1, .next = 1 };

static struct stream *streams;

/* So many at most; before all else. */
void stream_keep(unsigned long max)
{
	kept.text = xrealloc(NULL, max, sizeof(*kept.text));
	memset(kept.text, 0, max * sizeof(*kept.text));
	kept.max = max;
}

static void forget_first(void)
{
	char **text = &kept.text[kept.first++ % kept.max];

	kept.bytes -= strlen(*text);
	free(*text);
	*text = NULL;
}

/* @json is one line without its end. */
void stream_add(const char *json, size_t len)
{
	while (kept.next - kept.first == kept.max ||
	       (kept.next > kept.first && kept.bytes + len > BYTES_MAX))
		forget_first();
	kept.text[kept.next % kept.max] = strndup(json, len);
	if (!kept.text[kept.next % kept.max])
		exit(fail("out of memory"));
	kept.bytes += strlen(kept.text[kept.next++ % kept.max]);
}

static void message(struct stream *s, const char *fmt, ...) __printf(2, 3);

static void message(struct stream *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	s->len = vasprintf(&s->text, fmt, args);
	va_end(args);
	if ((ssize_t)s->len < 0)
		exit(fail("out of memory"));
	s->sent = 0;
}

/* The next message, or none. */
static void fill(struct stream *s)
{
	if (!s->begun) {
		s->begun = true;
		message(s, "retry: 2000\n\n");
	} else if (s->number < kept.first) {
		message(s, "event: missed\ndata: %" PRIu64 "\n\n", kept.first - s->number);
		s->number = kept.first;
	} else if (s->number < kept.next) {
		message(s, "id: %" PRIu64 "\ndata: %s\n\n", s->number,
			kept.text[s->number % kept.max]);
		s->number++;
	} else if (s->beat) {
		message(s, ": \n\n");
	}
	s->beat = false;
}

static ssize_t send_some(void *arg, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = arg;
	size_t used = 0, len;

	while (used < max) {
		if (!s->text)
			fill(s);
		if (!s->text)
			break;
		len = s->len - s->sent < max - used ? s->len - s->sent : max - used;
		memcpy(buf + used, s->text + s->sent, len);
		used += len;
		s->sent += len;
		if (s->sent < s->len)
			break;
		free(s->text);
		s->text = NULL;
	}
	if (!used) {
		s->suspended = true;
		mhd.suspend_connection(s->connection);
	}
	return used;
}

static void end(void *arg)
{
	struct stream *s = arg, **at = &streams;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	free(s->text);
	free(s);
}

/* Are there as many as may be? */
bool stream_full(void)
{
	int count = 0;

	for (struct stream *s = streams; s; s = s->next)
		count++;
	return count >= STREAMS_MAX;
}

/*
 * All that is kept, or what came after the event @last_id, of which a browser says that it
 * was the last that it got; NULL: none.
 */
struct MHD_Response *stream_new(struct MHD_Connection *connection, const char *last_id)
{
	struct stream *s = xrealloc(NULL, 1, sizeof(*s));
	struct MHD_Response *response;
	unsigned long last = 0;

	if (last_id && (parse_number(last_id, INT64_MAX, &last) || last >= kept.next))
		last = 0;
	*s = (struct stream){ .next = streams, .connection = connection, .number = last + 1 };
	streams = s;
	response = mhd.create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, send_some, s, end);
	if (!response)
		end(s);
	return response;
}

/* Context: something is there for those that wait. */
void stream_wake(void)
{
	for (struct stream *s = streams; s; s = s->next) {
		if (!s->suspended)
			continue;
		s->suspended = false;
		mhd.resume_connection(s->connection);
	}
}

/* Each is sent a comment: who has gone is noticed only so. */
void stream_beat(void)
{
	for (struct stream *s = streams; s; s = s->next)
		s->beat = true;
	stream_wake();
}

/* At the end; no stream is there any more. */
void stream_forget(void)
{
	while (kept.first < kept.next)
		forget_first();
	free(kept.text);
}
