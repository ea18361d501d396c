// SPDX-License-Identifier: GPL-2.0
/*
 * where.c - which lines of the core decided: each "if" of module/core and module/cong is noted
 * with its outcome (where.h).  It is kept for one event, which the page asks for: it plays the
 * scenario again up to there.
 */
#include <stdio.h>
#include <string.h>

#include "play.h"

#define STEPS_MAX	4096

static struct {
	s32 wanted;		/* the event; -1: none */
	u32 n;
	bool ended;
	struct {
		const char *file;
		u16 line;
		bool taken;
	} step[STEPS_MAX];
} where = { .wanted = -1 };

bool where_if(const char *file, int line, bool taken)
{
	if (where.wanted >= 0 && !where.ended && where.n < STEPS_MAX) {
		where.step[where.n].file = file;
		where.step[where.n].line = line;
		where.step[where.n++].taken = taken;
	}
	return taken;
}

/* Something begins: a segment arrives, a timer expires, the user calls. */
void where_begin(void)
{
	if (!where.ended)
		where.n = 0;
}

/* Event number @n was told.  What led to the next one is what follows. */
void where_event(u32 n)
{
	if (where.wanted >= 0 && n == (u32)where.wanted)
		where.ended = true;
}

void where_want(s32 n)
{
	where.wanted = n;
	where.ended = false;
	where.n = 0;
}

/**
 * where_each - the steps to the event that was wanted, in their order
 * @i: which step, from 0 on
 * @line: filled in: the line, negative if the condition was false
 *
 * Return: the file, such as "core/fsm.c"; NULL: there are no more.
 */
const char *where_each(u32 i, int *line)
{
	const char *file;

	if (i >= where.n || !where.ended)
		return NULL;
	*line = where.step[i].taken ? where.step[i].line : -where.step[i].line;
	file = strstr(where.step[i].file, "core/") ?: strstr(where.step[i].file, "cong/");
	return file ?: where.step[i].file;
}
