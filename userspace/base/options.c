// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the options of a subcommand by its table, with getopt_long(3), and
 * prints the table as help.  Each subcommand's main function calls
 * options_parse(), then looks from optind on.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/netns.h"
#include "base/options.h"
#include "base/port.h"

#define OPTIONS_MAX	40
#define NO_LETTER	256	/* and above: the index of an option without one */
#define HELP		(NO_LETTER + OPTIONS_MAX)

#define HELP_WIDTH	80
#define HELP_COLUMN	26	/* where an option's help begins, at most */

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
	return *text ? 0 : -1;
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

/* To an unsigned long. */
int option_port(const struct opt *opt, const char *text)
{
	return port_parse(text, opt->to);
}

int option_netns(const struct opt *opt, const char *text)
{
	return netns_add(opt->to, text);
}

int option_one_netns(const struct opt *opt, const char *text)
{
	const char **to = opt->to;

	if (*to)
		return usage("one namespace, not both '%s' and '%s'", *to, text);
	*to = text;
	return *text ? 0 : -1;
}

/* The language of a page, a lab or a quiz, to a const char *. */
int option_lang(const struct opt *opt, const char *text)
{
	if (strcmp(text, "en") && strcmp(text, "ko"))
		return -1;
	*(const char **)opt->to = text;
	return 0;
}

int option_not(const struct opt *opt, const char *text)
{
	return usage("-%c: %s", opt->letter, opt->wants);
}

static bool is_end(const struct opt *opt)
{
	return !opt->parse;
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
	const char *wants = opt->wants ? opt->wants : opt->arg;
	int status = opt->parse(opt, text);

	if (status >= 0)
		return status;
	if (opt->letter)
		return usage("-%c wants %s, not '%s'", opt->letter, wants, text);
	return usage("--%s wants %s, not '%s'", opt->name, wants, text);
}

/* Which of the long options begins like @text, up to its end or "="? */
static int count_long(const struct option *longs, const char *text)
{
	size_t len = strcspn(text, "=");
	int count = 0;

	for (; longs->name; longs++)
		count += !strncmp(longs->name, text, len);
	return count;
}

/*
 * getopt_long() met what is no option of the command's: the word before optind if it is a
 * long one, else the letter in optopt.  Of a letter that is not ASCII that is the first byte
 * only, with which the word has not ended.
 */
static int wrong_option(const struct command *command, const struct option *longs, char **argv)
{
	const char *name = command->name, *word = argv[optind - 1];

	if (optopt < NO_LETTER && !isascii(optopt) && argv[optind])
		return usage("%s has no option '%s' (ttp %s --help)", name, argv[optind], name);
	if (!optopt || optopt >= NO_LETTER) {
		const char *text = word + 2;

		if (count_long(longs, text) > 1 && optopt < NO_LETTER && !strchr(text, '='))
			return usage("'%s' may be several options (ttp %s --help)", word, name);
		if (count_long(longs, text) && strchr(text, '='))
			return usage("--%.*s takes no value", (int)strcspn(text, "="), text);
		return usage("%s has no option '%s' (ttp %s --help)", name, word, name);
	}
	if (optopt == 'n')
		return usage("%s has no option -n: a network namespace is ttp -n NAME %s",
			     name, name);
	return usage("%s has no option '-%c'%s%s (ttp %s --help)", name, optopt,
		     command->no_option ? ": " : "",
		     command->no_option ? command->no_option : "", name);
}

static int no_argument_given(const struct opt *opt)
{
	if (opt->letter)
		return usage("-%c wants %s", opt->letter, opt->wants ? opt->wants : opt->arg);
	return usage("--%s wants %s", opt->name, opt->wants ? opt->wants : opt->arg);
}

/* @text in lines of at most HELP_WIDTH, all but the first after @indent blanks. */
static void print_wrapped(const char *text, int column, int indent)
{
	bool first = true;

	while (*text) {
		int len = strcspn(text, " ");

		if (!first && column + 1 + len > HELP_WIDTH) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			putchar(' ');
			column++;
		}
		printf("%.*s", len, text);
		column += len;
		first = false;
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static int option_text(const struct opt *opt, char *buf, size_t size)
{
	char letter[8] = "    ";

	if (opt->letter)
		snprintf(letter, sizeof(letter), "-%c%s", opt->letter, opt->name ? ", " : "");
	return snprintf(buf, size, "  %s%s%s%s%s", letter, opt->name ? "--" : "",
			opt->name ? opt->name : "", opt->arg ? " " : "",
			opt->arg ? opt->arg : "");
}

static void print_option(const struct opt *opt, int column)
{
	char text[80];
	int len = option_text(opt, text, sizeof(text));

	if (!opt->help)
		return;
	if (len + 2 > column)
		printf("%s\n%*s", text, column, "");
	else
		printf("%-*s", column, text);
	print_wrapped(opt->help, column, column);
}

static const struct opt help_option = { .letter = 'h', .name = "help", .help = "this" };

static void print_synopsis(const struct command *command)
{
	const char *line = command->synopsis;
	const char *begin = "usage:";

	while (*line) {
		int len = strcspn(line, "\n");

		printf("%s ttp %s %.*s\n", begin, command->name, len, line);
		line += len;
		line += *line == '\n';
		begin = "      ";
	}
}

static int print_help(const struct command *command)
{
	int column = 0;

	for (const struct opt *opt = command->opts; !is_end(opt); opt++) {
		char text[80];
		int len = option_text(opt, text, sizeof(text)) + 2;

		if (opt->help && len > column && len <= HELP_COLUMN)
			column = len;
	}
	print_synopsis(command);
	print_wrapped(command->about, 0, 0);
	putchar('\n');
	for (const struct opt *opt = command->opts; !is_end(opt); opt++)
		print_option(opt, column);
	print_option(&help_option, column);
	if (command->more)
		printf("\n%s", command->more);
	return TTP_OK;
}

/*
 * For ttp.bash: a line for each option, with what it takes after it, then one with
 * the other words.
 */
static int print_list(const struct command *command)
{
	for (const struct opt *opt = command->opts; !is_end(opt); opt++) {
		if (!opt->help)
			continue;
		if (opt->letter)
			printf("-%c %s\n", opt->letter, opt->arg ? opt->arg : "");
		if (opt->name)
			printf("--%s %s\n", opt->name, opt->arg ? opt->arg : "");
	}
	printf("--help \n= %s\n", command->words ? command->words : "");
	return TTP_OK;
}

/* What is before the command: ttp -n NAME COMMAND */
static int take_netns(const struct command *command)
{
	const struct opt *opt = command->opts;
	int status = TTP_OK;

	while (!is_end(opt) && opt->parse != option_netns && opt->parse != option_one_netns)
		opt++;
	if (is_end(opt) && netns_before_command.count)
		return usage("%s goes without a namespace", command->name);
	for (int i = 0; i < netns_before_command.count && !status; i++)
		status = take(opt, netns_before_command.name[i]);
	return status;
}

static int parse(int argc, char **argv, const struct command *command, const char *how)
{
	const struct opt *opts = command->opts;
	struct option longs[OPTIONS_MAX + 3] = { 0 };
	char shorts[2 * OPTIONS_MAX + 8];
	int c, n, i = 0, len = sprintf(shorts, "%s:h", how);

	for (n = 0; !is_end(&opts[n]); n++) {
		if (opts[n].letter)
			len += sprintf(shorts + len, "%c%s", opts[n].letter,
				       opts[n].arg ? ":" : "");
		if (!opts[n].name)
			continue;
		longs[i].name = opts[n].name;
		longs[i].has_arg = opts[n].arg != NULL;
		longs[i++].val = NO_LETTER + n;
	}
	longs[i] = (struct option){ .name = "help", .val = HELP };
	if (argc > 1 && !strcmp(argv[1], "--list-options"))
		return print_list(command);
	if (take_netns(command))
		return TTP_USAGE;
	opterr = 0;
	for (;;) {
		c = getopt_long(argc, argv, shorts, longs, NULL);
		if (c == -1)
			return -1;
		if (c == 'h' || c == HELP)
			return print_help(command);
		if (c == ':')
			return no_argument_given(find(opts, optopt));
		if (c == '?')
			return wrong_option(command, longs, argv);
		if (take(find(opts, c), optarg))
			return TTP_USAGE;
	}
}

/* Return: as main(), or -1 to go on. */
int options_parse(int argc, char **argv, const struct command *command)
{
	return parse(argc, argv, command, "");
}

/* The same, but what follows the first word is not ours: a command's options. */
int options_before_command(int argc, char **argv, const struct command *command)
{
	return parse(argc, argv, command, "+");
}

/* Was there a "--" before argv[optind]? */
bool options_ended_by_dashes(char **argv)
{
	return optind > 1 && !strcmp(argv[optind - 1], "--");
}

/* Return: TTP_OK, or TTP_USAGE when something follows the options. */
int options_no_more(int argc, char **argv, const struct command *command)
{
	if (optind == argc)
		return TTP_OK;
	return usage("%s wants no '%s' (ttp %s --help)", command->name, argv[optind],
		     command->name);
}
