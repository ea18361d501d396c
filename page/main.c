// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - build/play: plays a scenario without a page, and prints the recording.
 *
 *	build/play page/scenarios/last-ack.txt > last-ack.jsonl
 *	ttp ladder -r last-ack.jsonl
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

#define EVENTS_MAX	1000000

static int fail(const char *file, u32 line, const char *what)
{
	if (line)
		fprintf(stderr, "%s:%u: %s\n", file, line, what);
	else
		fprintf(stderr, "%s: %s\n", file, what);
	return 1;
}

static void flush(void)
{
	fputs(tell_text(), stdout);
	tell_forget();
}

static void print_steps(void)
{
	const char *file;
	int line;
	u32 i;

	for (i = 0; (file = where_each(i, &line)); i++)
		printf("%s:%d %s\n", file, abs(line), line > 0 ? "yes" : "no");
}

int main(int argc, char **argv)
{
	static char text[PLAY_TEXT];
	s32 wanted = argc == 3 ? atoi(argv[2]) : -1;
	u64 end = PLAY_START_US + PLAY_LONGEST * 1000ULL;
	FILE *in;

	if (argc < 2 || argc > 3 || argv[1][0] == '-') {
		printf("play SCENARIO [EVENT]: print its recording, or the lines that decided\n");
		return argc < 2 || strcmp(argv[1], "-h");
	}
	in = fopen(argv[1], "r");
	if (!in)
		return fail(argv[1], 0, "cannot be read");
	if (fread(text, 1, sizeof(text), in) == sizeof(text))
		return fail(argv[1], 0, "is too long");
	fclose(in);
	text[sizeof(text) - 1] = '\0';
	where_want(wanted);
	if (play_read(text))
		while (tell_events() < EVENTS_MAX && play_step(end))
			if (wanted < 0)
				flush();
	if (wanted >= 0)
		print_steps();
	if (play.wrong)
		return fail(argv[1], play.wrong_line, play.wrong);
	return fflush(stdout) ? fail(argv[1], 0, "the recording cannot be written") : 0;
}
