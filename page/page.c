// SPDX-License-Identifier: GPL-2.0
/*
 * page.c - what the page calls.  Text goes through one buffer each way.
 */
#include <stdlib.h>
#include <string.h>

#include "play.h"

#define EXPORT(name)	__attribute__((export_name(#name)))

static char text[PLAY_TEXT];

EXPORT(text) char *page_text(void)
{
	return text;
}

EXPORT(text_max) u32 page_text_max(void)
{
	return sizeof(text) - 1;
}

/* Begin a run of the scenario in text.  Return: the line that is wrong, or 0. */
EXPORT(begin) u32 page_begin(s32 wanted)
{
	where_want(wanted);
	return play_read(text) ? 0 : play.wrong_line;
}

/* One more line.  Return: false: it is wrong. */
EXPORT(add) u32 page_add(u32 line)
{
	return play_add_line(text, line);
}

/*
 * Go on until a time (microseconds since the beginning), or until so many events were told.
 * Return: the number of those told since the beginning.
 */
EXPORT(run) u32 page_run(double until_us, u32 events)
{
	u64 until = PLAY_START_US + (u64)until_us;

	while (tell_events() < events && play_step(until))
		;
	if (tell_events() < events && play.now < until && !play.ended)
		play.now = until;
	return tell_events();
}

/* Microseconds since the beginning */
EXPORT(now) double page_now(void)
{
	return play.now - PLAY_START_US;
}

/* When something happens next; -1: never */
EXPORT(next) double page_next(void)
{
	u64 at = play_next();

	return at == ~0ULL ? -1 : (double)(at - PLAY_START_US);
}

EXPORT(told) const char *page_told(void)
{
	return tell_text();
}

EXPORT(forget) void page_forget(void)
{
	tell_forget();
}

EXPORT(look) const char *page_look(void)
{
	tell_forget();
	tell_now();
	return tell_text();
}

EXPORT(wrong) const char *page_wrong(void)
{
	return play.wrong ?: "";
}

EXPORT(wrong_line) u32 page_wrong_line(void)
{
	return play.wrong_line;
}

static int line;

EXPORT(step_file) const char *page_step_file(u32 i)
{
	return where_each(i, &line) ?: "";
}

/* Of the step that step_file() was asked for; negative: the condition was false */
EXPORT(step_line) s32 page_step_line(void)
{
	return line;
}
