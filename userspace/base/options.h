/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A subcommand as a table: its options, what is read from each, and its help.
 * What is parsed, what --help says and what the shell completes cannot part,
 * because all three are made from this table.
 */
#ifndef TTP_OPTIONS_H
#define TTP_OPTIONS_H

#include <stdbool.h>

struct opt {
	char letter;			/* 0: none */
	const char *name;		/* NULL: no long form */
	/* What it takes, such as "FILE" or "auto|never"; NULL: nothing.  The
	 * shell completes by this word: see ttp.bash.
	 */
	const char *arg;
	const char *help;		/* NULL: neither in --help nor completed */
	/* Return: 0, -1 for a bad @text, or TTP_USAGE after saying what is wrong. */
	int (*parse)(const struct opt *opt, const char *text);
	void *to;
	const char *wants;		/* what @text should be; NULL: @arg says it */
	unsigned long min;		/* of a number */
	unsigned long max;
};

struct command {
	const char *name;
	const char *synopsis;		/* what follows the name; lines end with \n */
	const char *about;		/* below the synopsis */
	const struct opt *opts;		/* ends with OPT_END */
	const char *more;		/* below the options; NULL: nothing */
	const char *words;		/* the shell completes them; NULL: none */
	const char *no_option;		/* what to do instead, for who gives a wrong one */
};

/* Further members may follow, such as .wants = "a color". */
#define OPT(letter_, name_, arg_, parse_, to_, help_, ...) \
	{ .letter = letter_, .name = name_, .arg = arg_, .parse = parse_, \
	  .to = to_, .help = help_, __VA_ARGS__ }

#define OPT_SET(letter, name, to, help) \
	OPT(letter, name, NULL, option_set, to, help)
#define OPT_CLEAR(letter, name, to, help) \
	OPT(letter, name, NULL, option_clear, to, help)
#define OPT_WORD(letter, name, arg, to, help) \
	OPT(letter, name, arg, option_word, to, help)
#define OPT_SECONDS(letter, name, to, help) \
	OPT(letter, name, "SECONDS", option_seconds, to, help)
#define OPT_PORT(letter, name, to, help) \
	OPT(letter, name, "PORT", option_port, to, help)
#define OPT_NUMBER(letter, name, arg, to, min_, max_, help, ...) \
	OPT(letter, name, arg, option_number, to, help, .min = min_, .max = max_, __VA_ARGS__)
#define NETNS_WANTS	"the name of a network namespace"
/* Namespaces, to a struct netns_list; or one of them, to a const char *. */
#define OPT_NETNS(to) \
	OPT('N', "netns", "NETNS", option_netns, to, \
	    "of this network namespace; several may be given", .wants = NETNS_WANTS)
#define OPT_ONE_NETNS(letter, to) \
	OPT(letter, "netns", "NETNS", option_one_netns, to, "in this network namespace", \
	    .wants = NETNS_WANTS)
/* An option of a tool like this one that means nothing here: say so. */
#define OPT_NOT(letter, says) \
	OPT(letter, NULL, NULL, option_not, NULL, NULL, .wants = says)
#define OPT_END	{ .parse = NULL }

int option_set(const struct opt *opt, const char *text);
int option_clear(const struct opt *opt, const char *text);
int option_word(const struct opt *opt, const char *text);
int option_seconds(const struct opt *opt, const char *text);
int option_port(const struct opt *opt, const char *text);
int option_number(const struct opt *opt, const char *text);
int option_netns(const struct opt *opt, const char *text);
int option_one_netns(const struct opt *opt, const char *text);
int option_lang(const struct opt *opt, const char *text);
int option_not(const struct opt *opt, const char *text);

int options_parse(int argc, char **argv, const struct command *command);
int options_before_command(int argc, char **argv, const struct command *command);
bool options_ended_by_dashes(char **argv);
int options_no_more(int argc, char **argv, const struct command *command);

#endif
