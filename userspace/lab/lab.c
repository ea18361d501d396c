// SPDX-License-Identifier: GPL-2.0
/*
 * ttp lab: lists the labs and plays one.  Called by main().  Next: play.c.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "base/options.h"
#include "lab/lab.h"

#ifndef TTP_LABDIR
#define TTP_LABDIR	"/usr/local/share/ttp/labs"
#endif

/* Where the labs are: TTP_LABS, beside a tool that is not installed, or where they were installed. */
static const char *lab_folder(void)
{
	static char folder[PATH_MAX];
	const char *named = getenv("TTP_LABS");

	if (named && *named)
		return named;
	return beside_tool("../labs", folder) && !access(folder, R_OK) ? folder : TTP_LABDIR;
}

static int make_folders(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0777);
		*at = '/';
	}
	return mkdir(path, 0777) && errno != EEXIST ? fail("%s: %s", path, strerror(errno)) : TTP_OK;
}

/* What is kept is in TTP_LAB_STATE, or where such things belong. */
static int find_state(struct lab *lab)
{
	const char *named = getenv("TTP_LAB_STATE"), *home = getenv("HOME"), *xdg = getenv("XDG_STATE_HOME");

	if (named && *named)
		snprintf(lab->state, sizeof(lab->state), "%s", named);
	else if (xdg && *xdg)
		snprintf(lab->state, sizeof(lab->state), "%s/ttp/labs", xdg);
	else
		snprintf(lab->state, sizeof(lab->state), "%s/.local/state/ttp/labs", home ? home : "/root");
	return make_folders(lab->state);
}

static int is_lab(const struct dirent *entry)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s/%s/lab", lab_folder(), entry->d_name);
	return entry->d_name[0] != '.' && !access(name, R_OK);
}

static const char *progress(const struct lab *lab, const char *name)
{
	char file[PATH_MAX + NAME_MAX];
	int done = 0;
	FILE *in;

	snprintf(file, sizeof(file), "%s/%s.place", lab->state, name);
	in = fopen(file, "re");
	if (!in)
		return "";
	if (fscanf(in, "%d", &done) != 1)
		done = 0;
	fclose(in);
	return text_word(lab, done == LAB_DONE ? "done" : "begun");
}

/* Each lab by its number in the course */
static int list(struct lab *lab)
{
	struct dirent **entries;
	int n = scandir(lab_folder(), &entries, is_lab, alphasort);

	if (n < 0)
		return fail("%s: %s", lab_folder(), strerror(errno));
	for (int i = 0; i < n; i++) {
		char folder[PATH_MAX];
		const char *name = entries[i]->d_name, *title;

		snprintf(folder, sizeof(folder), "%s/%s", lab_folder(), name);
		lab->folder = folder;
		if (text_read(lab))
			return TTP_FAILED;
		title = text_of("title");
		printf("%-18s %s%*s %s\n", name, progress(lab, name),
		       8 - text_width(progress(lab, name)), "", title ? title : "");
	}
	return n ? TTP_OK : fail("%s has no labs", lab_folder());
}

/* The folder of a lab by its name, with or without the number before it */
static int find_lab(struct lab *lab, const char *name, char folder[PATH_MAX])
{
	struct dirent **entries;
	int n = scandir(lab_folder(), &entries, is_lab, alphasort);

	for (int i = 0; i < n; i++) {
		const char *is = entries[i]->d_name, *bare = is + strspn(is, "0123456789");

		if (strcmp(is, name) && strcmp(bare + (*bare == '-'), name))
			continue;
		snprintf(folder, PATH_MAX, "%s/%s", lab_folder(), is);
		lab->folder = folder;
		lab->name = is;
		return TTP_OK;
	}
	return usage("no lab '%s' (ttp lab lists them)", name);
}

/* The language of the locale, if it is one of ours */
const char *lab_lang(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strncmp(value, "ko", 2) ? "en" : "ko";
	}
	return "en";
}

static int option_auto(const struct opt *opt, const char *text)
{
	enum lab_player *player = opt->to;

	if (strcmp(text, "right") && strcmp(text, "wrong"))
		return -1;
	*player = strcmp(text, "wrong") ? LAB_RIGHT : LAB_WRONG;
	return 0;
}

/* For who writes a lab: what its question would have for an answer. */
static int print_fact(const char *recording, const char *text)
{
	char copy[LAB_LINE], answer[FACT_SIZE], *words[LAB_WORDS], *word;
	int n = 0;

	if (strlen(text) >= sizeof(copy))
		return usage("--fact '%.20s...' is too long", text);
	strcpy(copy, text);
	for (word = strtok(copy, " "); word && n < LAB_WORDS; word = strtok(NULL, " "))
		words[n++] = word;
	if (facts_read(recording))
		return TTP_FAILED;
	if (fact(words, n, answer))
		return fail("%s does not say '%s' (ttp-lab(8) lists the facts)", recording, text);
	puts(answer);
	return TTP_OK;
}

int lab_main(int argc, char **argv)
{
	struct lab lab = { .lang = lab_lang() };
	char folder[PATH_MAX], file[PATH_MAX + NAME_MAX];
	const char *recording = NULL, *asked = NULL, *machine = NULL;
	bool anew = false;
	const struct opt opts[] = {
		OPT('l', "lang", "en|ko", option_lang, &lab.lang, "in this language (default: the locale's)",
		    .wants = "en or ko"),
		OPT_SET('a', "anew", &anew, "from the beginning, though it was begun"),
		OPT(0, "auto", "right|wrong", option_auto, &lab.player,
		    "play the student, whose answers are all right, or wrong", .wants = "right or wrong"),
		OPT_NUMBER(0, "pause", "SECONDS", &lab.pause, 0, 3600, "with --auto: read so long before each step and answer"),
		OPT_SET('6', "ipv6", &lab.ipv6, "its hosts speak IPv6"),
		OPT_SET('p', "page", &lab.page, "as ttp web shows it: without commands of one's own"),
		OPT_WORD('m', "machine", "HOST=COMMAND", &machine,
			 "this host is on another machine, where COMMAND before a command runs it"),
		OPT_WORD('f', "fact", "WORDS", &asked, "print what the recording of -r says of this"),
		OPT_WORD('r', "read", "FILE", &recording, "a recording, for --fact"),
		OPT_END
	};
	const struct command command = {
		.name = "lab",
		.synopsis = "[OPTION]... [NAME]",
		.about = "Play a lab: a lesson on real connections that asks, and checks the answers by what they did.  "
			 "Without NAME list the labs, and which are done.",
		.opts = opts,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (optind + 1 < argc)
		return usage("lab wants one NAME, not '%s' too", argv[optind + 1]);
	if (!asked != !recording || (asked && optind < argc))
		return usage("lab wants --fact WORDS and -r FILE together, and no NAME then");
	if (asked)
		return print_fact(recording, asked);
	if (machine && hosts_machine(machine))
		return TTP_USAGE;
	if (find_state(&lab))
		return TTP_FAILED;
	if (optind == argc)
		return list(&lab);
	if (find_lab(&lab, argv[optind], folder))
		return TTP_USAGE;
	if (geteuid())
		return fail("a lab makes hosts and watches them: it takes root");
	snprintf(file, sizeof(file), "%s/%s.place", lab.state, lab.name);
	if (anew || !strcmp(progress(&lab, lab.name), text_word(&lab, "done")))
		unlink(file);
	status = text_read(&lab);
	return status ? status : lab_play(&lab);
}
