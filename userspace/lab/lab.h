/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ttp lab: a lesson that checks itself, on real connections.
 *
 *	lab.c		the options, the list of labs, and what is kept of them
 *	play.c		plays a lab: tells, lets do, asks
 *	hosts.c		its hosts: network namespaces, links, commands in them, the recording
 *	text.c		its texts, in one language
 *	facts.c		what a recording says: the right answers
 *	quiz.c		ttp quiz: a sheet with blanks
 *
 * A lab is a folder (docs/teaching.md): "lab" has a line for each step, "en" and "ko" the texts.
 */
#ifndef TTP_LAB_LAB_H
#define TTP_LAB_LAB_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAB_WORDS	32	/* of a line */
#define LAB_LINE	1024	/* bytes of it */
#define LAB_DONE	1000000	/* the line behind all lines */

#define LAB_ENDED	(-2)	/* the student has had enough for now */

/* Who plays */
enum lab_player {
	LAB_STUDENT,
	LAB_RIGHT,	/* --auto: each answer is right */
	LAB_WRONG,	/* --auto=wrong: each is wrong at first, which must be seen */
};

struct lab {
	const char *folder;
	const char *name;
	const char *lang;
	enum lab_player player;
	unsigned long pause;	/* of a student who is played: seconds before each step and answer */
	bool ipv6;		/* its hosts speak IPv6 */
	bool page;		/* on the page of ttp web: no commands of the student's own */
	char state[4096];	/* folder of what is kept: recording, answers, report */
	int asked, right;	/* questions, and those answered right at once */
	int recordings;		/* so far; the last one is asked and shown */
};

#define LAB_FILE	4200	/* bytes of a file's name */

struct event;

/* text.c */
int text_read(const struct lab *lab);
int text_by_ipv6(char *text, size_t size);
const char *text_of(const char *id);
const char *text_word(const struct lab *lab, const char *key);

#define FACT_SIZE	64	/* of an answer */

/* hosts.c */
int hosts_machine(const char *text);
int hosts_make(char **words, int n);
int hosts_link(const struct lab *lab, char **words, int n);
int hosts_run(const char *host, const char *command, bool quiet);
int hosts_output(const char *host, const char *command, char answer[FACT_SIZE]);
int hosts_wait(const char *host, const char *command);
int hosts_record(const struct lab *lab);
int hosts_stop(void);
void hosts_end(void);

/* facts.c */
int facts_read(const char *recording);
int fact(char **words, int n, char answer[FACT_SIZE]);
bool same_words(const char *a, const char *b);
const struct event *facts_event(size_t i);
const char *facts_end(const struct event *ev, char name[FACT_SIZE]);
void facts_isn(const struct event *ev, uint32_t *mine, uint32_t *other);

/* play.c */
const char *lab_file(const struct lab *lab, int recording, const char *suffix, char buf[LAB_FILE]);
extern volatile sig_atomic_t lab_interrupted;	/* by this signal; 0: not */
void lab_hold_signals(sigset_t *before);
void lab_default_signals(void);
int lab_play(struct lab *lab);

/* lab.c */
const char *lab_lang(void);
int lab_main(int argc, char **argv);

/* quiz.c */
int quiz_main(int argc, char **argv);

#endif
