/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of a subcommand, as a table: what is given, how it is read, and
 * where it goes.
 */
#ifndef TTP_OPTIONS_H
#define TTP_OPTIONS_H

#include <stdbool.h>

struct opt {
	char letter;			/* 0: none */
	const char *name;		/* NULL ends the table */
	bool argument;
	/* Return: 0, -1 for a bad @text, or TTP_USAGE after saying what is wrong. */
	int (*parse)(const struct opt *opt, const char *text);
	void *to;
	const char *wants;		/* what @text should be, for the message */
	unsigned long min;		/* of a number */
	unsigned long max;
};

/* Further members may follow, such as .wants = "a color". */
#define OPT(letter_, name_, argument_, parse_, to_, ...) \
	{ .letter = letter_, .name = name_, .argument = argument_, \
	  .parse = parse_, .to = to_, __VA_ARGS__ }

#define OPT_NETNS(to)			OPT('n', "netns", true, option_netns, to)
#define OPT_SET(letter, name, to)	OPT(letter, name, false, option_set, to)
#define OPT_CLEAR(letter, name, to)	OPT(letter, name, false, option_clear, to)
#define OPT_WORD(letter, name, to)	OPT(letter, name, true, option_word, to)
#define OPT_SECONDS(letter, name, to) \
	OPT(letter, name, true, option_seconds, to, .wants = "seconds")
#define OPT_NUMBER(letter, name, to, wants_, min_, max_) \
	OPT(letter, name, true, option_number, to, .wants = wants_, \
	    .min = min_, .max = max_)

int option_set(const struct opt *opt, const char *text);
int option_clear(const struct opt *opt, const char *text);
int option_word(const struct opt *opt, const char *text);
int option_seconds(const struct opt *opt, const char *text);
int option_number(const struct opt *opt, const char *text);
int option_netns(const struct opt *opt, const char *text);

int options_parse(int argc, char **argv, const struct opt *opts, const char *help_text);
int options_before_command(int argc, char **argv, const struct opt *opts,
			   const char *help_text);
bool options_ended_by_dashes(char **argv);
int options_no_more(int argc, char **argv, const char *command);

#endif
