// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the options of a subcommand by its table, with getopt_long(3).  Each
 * subcommand's main function calls options_parse(), then looks from optind on.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/netns.h"
#include "base/options.h"

#define OPTIONS_MAX	24
#define NO_LETTER	256	/* and above: the index of an option without one */

int option_set(const struct opt *opt, const char *text)
{
	*(bool *)opt->to = true;
	return 0;
}

int option_clear(const struct opt *opt, const char *text)
{
	*(bool *)opt->to = false;
	return 0;
}

int option_word(const struct opt *opt, const char *text)
{
	*(const char **)opt->to = text;
	return 0;
}

int option_seconds(const struct opt *opt, const char *text)
{
	return parse_seconds(text, opt->to);
}

/* To an unsigned long. */
int option_number(const struct opt *opt, const char *text)
{
	unsigned long *number = opt->to;

	return parse_number(text, opt->max, number) || *number < opt->min ? -1 : 0;
}

int option_netns(const struct opt *opt, const char *text)
{
	return netns_add(opt->to, text);
}

static const struct opt *find(const struct opt *opts, int c)
{
	if (c >= NO_LETTER)
		return &opts[c - NO_LETTER];
	while (opts->letter != c)
		opts++;
	return opts;
}

/* Return: TTP_OK, or TTP_USAGE after saying what is wrong. */
static int take(const struct opt *opt, const char *text)
{
	int status = opt->parse(opt, text);

	if (status >= 0)
		return status;
	if (opt->letter)
		return usage("-%c wants %s, not '%s'", opt->letter, opt->wants, text);
	return usage("--%s wants %s, not '%s'", opt->name, opt->wants, text);
}

static int parse(int argc, char **argv, const struct opt *opts, const char *how,
		 const char *help_text)
{
	struct option longs[OPTIONS_MAX + 2] = { 0 };
	char shorts[2 * OPTIONS_MAX + 4];
	int c, n, len = sprintf(shorts, "%sh", how);

	for (n = 0; opts[n].name && n < OPTIONS_MAX; n++) {
		longs[n].name = opts[n].name;
		longs[n].has_arg = opts[n].argument;
		longs[n].val = opts[n].letter ? opts[n].letter : NO_LETTER + n;
		if (opts[n].letter)
			len += sprintf(shorts + len, "%c%s", opts[n].letter,
				       opts[n].argument ? ":" : "");
	}
	longs[n].name = "help";
	longs[n].val = 'h';
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h')
			return help(help_text);
		if (c == '?' || take(find(opts, c), optarg))
			return TTP_USAGE;
	}
	return -1;
}

/* Return: as main(), or -1 to go on. */
int options_parse(int argc, char **argv, const struct opt *opts, const char *help_text)
{
	return parse(argc, argv, opts, "", help_text);
}

/* The same, but what follows the first word is not ours: a command's options. */
int options_before_command(int argc, char **argv, const struct opt *opts,
			   const char *help_text)
{
	return parse(argc, argv, opts, "+", help_text);
}

/* Was there a "--" before argv[optind]? */
bool options_ended_by_dashes(char **argv)
{
	return optind > 1 && !strcmp(argv[optind - 1], "--");
}

/* Return: TTP_OK, or TTP_USAGE when something follows the options. */
int options_no_more(int argc, char **argv, const char *command)
{
	if (optind == argc)
		return TTP_OK;
	return usage("%s wants no '%s' (ttp %s --help)", command, argv[optind], command);
}
