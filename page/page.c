// SPDX-License-Identifier: GPL-2.0
/*
 * page.c - what the page calls (engine.js).  Text comes through one buffer.
 */
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "play.h"

static char text[PLAY_TEXT];

EXPORT(char *, text, void)
{
	return text;
}

EXPORT(u32, text_max, void)
{
	return sizeof(text) - 1;
}

/* Begin a run of the scenario in text.  Return: the line that is wrong, or 0. */
EXPORT(u32, begin, s32 wanted)
{
	where_want(wanted);
	return play_read(text) ? 0 : play.wrong_line;
}

/* One more line.  Return: false: it is wrong. */
EXPORT(u32, add, u32 line)
{
	return play_add_line(text, line);
}

/*
 * Go on until a time (microseconds since the beginning), or until so many events were told.
 * Return: the number of those told since the beginning.
 */
EXPORT(u32, run, double until_us, u32 events)
{
	u64 until = PLAY_START_US + (u64)until_us;

	while (tell_events() < events && play_step(until))
		;
	if (tell_events() < events && play.now < until && !play.ended)
		play.now = until;
	return tell_events();
}

/* Microseconds since the beginning */
EXPORT(double, now, void)
{
	return play.now - PLAY_START_US;
}

/* When something happens next; -1: never */
EXPORT(double, next, void)
{
	u64 at = play_next();

	return at == ~0ULL ? -1 : (double)(at - PLAY_START_US);
}

EXPORT(const char *, told, void)
{
	return tell_text();
}

EXPORT(void, forget, void)
{
	tell_forget();
}

EXPORT(const char *, look, void)
{
	tell_forget();
	tell_now();
	return tell_text();
}

EXPORT(const char *, wrong, void)
{
	return play.wrong ?: "";
}

EXPORT(u32, wrong_line, void)
{
	return play.wrong_line;
}

static int line;

EXPORT(const char *, step_file, u32 i)
{
	return where_each(i, &line) ?: "";
}

/* Of the step that step_file() was asked for; negative: the condition was false */
EXPORT(s32, step_line, void)
{
	return line;
}
