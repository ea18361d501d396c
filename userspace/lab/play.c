// SPDX-License-Identifier: GPL-2.0
/*
 * Plays a lab.  Its file "lab" has one step a line; H is a host:
 *
 *	needs PROGRAM...	without which the lab says so and ends
 *	ipv4 WHY		it cannot be played by IPv6
 *	hosts H...		network namespaces, with net.ttp.offload and comp_sack_nr 0
 *	link H H [NETEM...]	a link between two, both ends with these words of tc's netem
 *	run H COMMAND		prepares something, without a word
 *	say ID			the text @ID
 *	record			from here on all is recorded
 *	step ID H COMMAND	the text @ID; the student runs the command, or one of his own
 *	look ID H COMMAND	the same, but it runs at once: what it shows would be gone
 *	wait H COMMAND		until it says yes
 *	stop			the recording ends; questions are of it
 *	ask ID KIND = FACT	the text @ID is a question; the answer is what FACT says
 *				(facts.c) of the recording.  @ID.hint helps, @ID.right explains.
 *				KIND: number, number~PERCENT, word, or words with | to choose from
 *	ask ID KIND = output H COMMAND
 *				the answer is the first word that the command prints there
 *	show COMMAND		$RECORDING in it is the file, $LAB the folder: a ladder, a plot
 *
 * Called by lab.c.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/base.h"
#include "lab/lab.h"

#define TRIES	3

static char line[LAB_LINE];
volatile sig_atomic_t lab_interrupted;

static void on_signal(int sig)
{
	lab_interrupted = sig;
}

/* It ends sigsuspend(). */
static void on_child(int sig)
{
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

/* Ctrl-C is an end like any other: nothing is left. */
static void watch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };	/* a read is interrupted */
	struct sigaction child = { .sa_handler = on_child, .sa_flags = SA_RESTART };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
	sigaction(SIGCHLD, &child, NULL);
}

/* They come where they are waited for: by sigsuspend() or ppoll(), or when @before is set again. */
void lab_hold_signals(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, before);
}

/* Of a new process, which they end */
void lab_default_signals(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		signal(signals[i], SIG_DFL);
}

/* What was done before the lab was stopped: lines of the file */
static struct {
	int done;	/* up to this line */
	int now;
} place;

static int split(char *text, char **words)
{
	char *word;
	int n = 0;

	for (word = strtok(text, " \t\n"); word && n < LAB_WORDS; word = strtok(NULL, " \t\n"))
		words[n++] = word;
	return n;
}

/* The line from its word number @skip on */
static const char *rest(const char *text, int skip)
{
	for (; skip; skip--) {
		text += strcspn(text, " \t");
		text += strspn(text, " \t");
	}
	return text;
}

static void say(const char *id)
{
	const char *text = text_of(id);

	printf("\n%s\n", text ? text : id);
}

/* Return: false when a signal has ended the lab. */
static bool wait_for_input(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	sigset_t before;
	int ready = 0;

	lab_hold_signals(&before);
	while (!lab_interrupted && ready <= 0)
		ready = ppoll(&in, 1, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready > 0;
}

/* What the student types.  Return: NULL at the end. */
static char *typed(void)
{
	static char answer[LAB_LINE];

	fflush(stdout);
	if (!wait_for_input() || !fgets(answer, sizeof(answer), stdin))
		return NULL;
	answer[strcspn(answer, "\n")] = '\0';
	return answer + strspn(answer, " \t");
}

/* ---- steps ---- */

/* The student runs the command, by Enter or by typing it; before it, whatever he wants to try. */
static int let_run(const struct lab *lab, const char *host, const char *command)
{
	char *words;

	printf("\n");
	printf(text_word(lab, lab->page ? "step-page" : "step"), host);
	printf("\n  %s$ %s\n", host, command);
	for (;;) {
		printf("  %s$ ", host);
		words = typed();
		if (!words || !strcmp(words, "q"))
			return LAB_ENDED;
		if (!*words || !strcmp(words, command) || lab->page)
			return TTP_OK;
		hosts_run(host, words, false);
		if (lab_interrupted == SIGINT)
			lab_interrupted = 0;	/* that was for the command */
	}
}

/* A student reads before he presses Enter: nothing may depend on a quick one. */
static void read_first(const struct lab *lab)
{
	unsigned int left = lab->pause;

	fflush(stdout);
	while (left && !lab_interrupted)
		left = sleep(left);	/* the end of a command interrupts it */
}

/* @waits: for the student; else it runs at once, as what it shows would be gone. */
static int do_step(struct lab *lab, const char *id, const char *host, const char *command, bool waits)
{
	say(id);
	if (waits && lab->player == LAB_STUDENT && let_run(lab, host, command))
		return LAB_ENDED;
	if (waits && lab->player != LAB_STUDENT)
		read_first(lab);
	if (!waits || lab->player != LAB_STUDENT)
		printf("\n  %s$ %s\n", host, command);
	hosts_run(host, command, false);
	return TTP_OK;
}

/* ---- questions ---- */

/* Behind the digits may be a unit: 74 %, 5개, 109㎳ */
static bool is_number(const char *text, double *value)
{
	char digits[FACT_SIZE], *to = digits, *end;

	for (; *text && to < digits + sizeof(digits) - 1; text++)
		if (*text != ',' && *text != ' ')
			*to++ = *text;
	*to = '\0';
	*value = strtod(digits, &end);
	return end > digits && !strpbrk(end, "0123456789");
}

/* Is the answer what the recording says?  Units, blanks and the case of words do not count. */
static bool is_right(const char *kind, const char *answer, const char *fact)
{
	double is, should, percent = 0;

	if (strncmp(kind, "number", 6))
		return same_words(answer, fact);
	if (kind[6] == '~')
		percent = strtod(kind + 7, NULL);
	if (!is_number(answer, &is) || !is_number(fact, &should))
		return false;
	return is >= should * (1 - percent / 100) && is <= should * (1 + percent / 100);
}

/* An answer that is not right, as a student could give it */
static void wrong_answer(const char *kind, const char *fact, char wrong[FACT_SIZE])
{
	const char *other = kind;
	double value;

	if (!strncmp(kind, "number", 6) && is_number(fact, &value)) {
		snprintf(wrong, FACT_SIZE, "%.0f", 2 * value + 1);
		return;
	}
	while (strchr(kind, '|') && !strncasecmp(other, fact, strlen(fact)) &&
	       (other[strlen(fact)] == '|' || !other[strlen(fact)]))
		other = strchr(other, '|') ? strchr(other, '|') + 1 : "?";
	snprintf(wrong, FACT_SIZE, "%.*s", strchr(kind, '|') ? (int)strcspn(other, "|") : 1,
		 strchr(kind, '|') ? other : "x");
}

static void explain(const char *id, const char *what)
{
	char key[FACT_SIZE + 8];
	const char *text;

	snprintf(key, sizeof(key), "%s.%s", id, what);
	text = text_of(key);
	if (text)
		printf("%s\n", text);
}

/* The question is put until it is answered; what counts is the first answer. */
static int put_question(struct lab *lab, const char *id, const char *kind, const char *fact)
{
	char *answer;

	for (int i = 0; i < TRIES; i++) {
		printf("%s", text_word(lab, i ? "again" : "prompt"));
		answer = typed();
		if (!answer || !strcmp(answer, "q"))
			return LAB_ENDED;
		if (i && !*answer)
			break;
		if (!*answer) {		/* one Enter too many is no answer */
			i--;
			continue;
		}
		if (!strcmp(answer, "?")) {
			explain(id, "hint");
			continue;
		}
		if (is_right(kind, answer, fact)) {
			lab->right += !i;
			printf("%s\n", text_word(lab, "right"));
			explain(id, "right");
			return TTP_OK;
		}
		printf("%s\n", text_word(lab, "wrong"));
		explain(id, "hint");
	}
	printf(text_word(lab, "answer"), fact);
	printf("\n");
	explain(id, "right");
	return TTP_OK;
}

static int play_question(struct lab *lab, const char *id, const char *kind, const char *fact)
{
	char wrong[FACT_SIZE];

	read_first(lab);
	wrong_answer(kind, fact, wrong);
	if (lab->player == LAB_WRONG) {
		printf("%s%s\n%s\n", text_word(lab, "prompt"), wrong, text_word(lab, "wrong"));
		explain(id, "hint");
		return is_right(kind, wrong, fact) ?
			fail("%s: the wrong answer %s is taken", id, wrong) : TTP_OK;
	}
	printf("%s%s\n%s\n", text_word(lab, "prompt"), fact, text_word(lab, "right"));
	explain(id, "right");
	lab->right++;
	return is_right(kind, fact, fact) ? TTP_OK : fail("%s: the right answer %s is not taken", id, fact);
}

/* What the question is about: the recording, or what a command says */
static int look_up(char **words, int n, char answer[FACT_SIZE])
{
	if (n > 2 && !strcmp(words[0], "output"))
		return hosts_output(words[1], rest(line + strspn(line, " \t"), 6), answer);
	return fact(words, n, answer);
}

static int ask(struct lab *lab, char **words, int n)
{
	char answer[FACT_SIZE];

	if (n < 6 || strcmp(words[3], "="))
		return fail("ask ID KIND = FACT");
	if (look_up(words + 4, n - 4, answer))
		return fail("there is no answer to @%s: was a step left out?", words[1]);
	say(words[1]);
	lab->asked++;
	return lab->player == LAB_STUDENT ? put_question(lab, words[1], words[2], answer) :
		play_question(lab, words[1], words[2], answer);
}

/* ---- lines ---- */

/* The name of a file of the Nth recording, which is what the lab leaves. */
const char *lab_file(const struct lab *lab, int recording, const char *suffix, char buf[LAB_FILE])
{
	char number[16] = "";

	if (recording > 1)
		snprintf(number, sizeof(number), "-%d", recording);
	snprintf(buf, LAB_FILE, "%s/%s%s%s", lab->state, lab->name, number, suffix);
	return buf;
}

static int show(const struct lab *lab, const char *command)
{
	char recording[LAB_FILE];

	/* the page has a ladder of its own */
	if (lab->page && !strncmp(command, "ttp ladder", strlen("ttp ladder")))
		return TTP_OK;
	setenv("RECORDING", lab_file(lab, lab->recordings, ".jsonl", recording), 1);
	setenv("LAB", lab->folder, 1);
	printf("\n");
	fflush(stdout);
	return system(command) ? fail("this failed: %s", command) : TTP_OK;
}

static int stop(const struct lab *lab, bool again)
{
	char recording[LAB_FILE];

	if (!again && hosts_stop())
		return TTP_FAILED;
	setenv("RECORDING", lab_file(lab, lab->recordings, ".jsonl", recording), 1);
	return facts_read(recording);
}

static bool is_there(const char *program)
{
	char command[LAB_LINE];

	snprintf(command, sizeof(command), "command -v '%s' >/dev/null", program);
	return !system(command);
}

/* What makes hosts, and the packages of Debian that have it */
static int needs_tools(void)
{
	static const char *const tools[][2] = {
		{ "ip", "iproute2" }, { "sysctl", "procps" }, { "ping", "iputils-ping" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!is_there(tools[i][0]))
			return fail("labs need %s: apt install %s", tools[i][0], tools[i][1]);
	return TTP_OK;
}

/* Programs that not every VM has */
static int needs(char **words, int n)
{
	for (int i = 0; i < n; i++)
		if (!is_there(words[i]))
			return fail("this lab needs %s: in the test VM, scripts/vm --programs has it", words[i]);
	return TTP_OK;
}

/* A line that was done before is not done again, but what it has prepared is needed. */
static int do_line(struct lab *lab, char **words, int n, bool again)
{
	const char *text = line + strspn(line, " \t");

	if (!strcmp(words[0], "needs"))
		return needs(words + 1, n - 1);
	if (!strcmp(words[0], "ipv4"))
		return lab->ipv6 ? fail("this lab is about IPv4 (%s): play it without -6", rest(text, 1)) : TTP_OK;
	if (!strcmp(words[0], "hosts"))
		return needs_tools() || hosts_make(words + 1, n - 1) ? TTP_FAILED : TTP_OK;
	if (!strcmp(words[0], "link"))
		return hosts_link(lab, words + 1, n - 1);
	if (!strcmp(words[0], "run") && n > 2)
		return hosts_run(words[1], rest(text, 2), false);
	if (!strcmp(words[0], "record"))
		return ++lab->recordings, again ? TTP_OK : hosts_record(lab);
	if (!strcmp(words[0], "stop"))
		return stop(lab, again);
	if (again)
		return TTP_OK;
	if (!strcmp(words[0], "say") && n == 2)
		return say(words[1]), TTP_OK;
	if ((!strcmp(words[0], "step") || !strcmp(words[0], "look")) && n > 3)
		return do_step(lab, words[1], words[2], rest(text, 3), !strcmp(words[0], "step"));
	if (!strcmp(words[0], "wait") && n > 2)
		return hosts_wait(words[1], rest(text, 2));
	if (!strcmp(words[0], "ask"))
		return ask(lab, words, n);
	if (!strcmp(words[0], "show") && n > 1)
		return show(lab, rest(text, 1));
	return fail("there is no such step: %s", words[0]);
}

/* ---- what is kept ---- */

static void place_file(const struct lab *lab, char *name, size_t size)
{
	snprintf(name, size, "%s/%s.place", lab->state, lab->name);
}

/* A lab goes on behind what was recorded and answered; within a recording it begins anew. */
static void place_read(struct lab *lab)
{
	char name[LAB_FILE];
	FILE *in;

	place_file(lab, name, sizeof(name));
	place.done = 0;
	in = lab->player == LAB_STUDENT ? fopen(name, "re") : NULL;
	if (!in)
		return;
	if (fscanf(in, "%d %d %d", &place.done, &lab->asked, &lab->right) != 3)
		place.done = lab->asked = lab->right = 0;
	fclose(in);
}

static int place_keep(const struct lab *lab, int done)
{
	char name[LAB_FILE];
	FILE *out;

	if (lab->player != LAB_STUDENT)
		return TTP_OK;
	place_file(lab, name, sizeof(name));
	out = fopen(name, "we");
	if (!out)
		return fail("%s: %s", name, strerror(errno));
	fprintf(out, "%d %d %d\n", done, lab->asked, lab->right);
	return fclose(out) ? fail("%s: %s", name, strerror(errno)) : TTP_OK;
}

static int play_lines(struct lab *lab, FILE *in)
{
	char *words[LAB_WORDS], copy[LAB_LINE];
	bool records = false;
	int status, n;

	for (place.now = 1; fgets(line, sizeof(line), in); place.now++) {
		line[strcspn(line, "#\n")] = '\0';
		if (lab->ipv6 && text_by_ipv6(line, sizeof(line)))
			return TTP_FAILED;
		strcpy(copy, line);
		n = split(copy, words);
		if (!n)
			continue;
		status = do_line(lab, words, n, place.now <= place.done);
		if (status == LAB_ENDED || lab_interrupted)
			return LAB_ENDED;
		if (status)
			return fail("%s/lab, line %d", lab->folder, place.now);
		records = !strcmp(words[0], "record") || (records && strcmp(words[0], "stop"));
		if (!records && place.now > place.done && place_keep(lab, place.now))
			return TTP_FAILED;
	}
	return ferror(in) ? fail("%s/lab: %s", lab->folder, strerror(errno)) : TTP_OK;
}

static void print_sum(const struct lab *lab)
{
	printf("\n");
	printf(text_word(lab, "sum"), lab->right, lab->asked);
	printf("\n");
	fflush(stdout);
}

/* A page of each recording, to keep */
static void report(const struct lab *lab)
{
	char recording[LAB_FILE], page[LAB_FILE], command[2 * LAB_FILE + 100];

	if (!lab->page)
		print_sum(lab);
	for (int i = 1; i <= lab->recordings; i++) {
		lab_file(lab, i, ".jsonl", recording);
		lab_file(lab, i, ".html", page);
		snprintf(command, sizeof(command), "ttp report --lang %s -r '%s' -o '%s' 2>/dev/null",
			 lab->lang, recording, page);
		if (system(command))	/* there is no D3 here: the recording is enough */
			continue;
		printf(text_word(lab, "kept"), recording, page);
		printf("\n");
	}
}

/* Commands find this tool, and the programs of labs, by their names. */
static void find_programs(const struct lab *lab)
{
	const char *path = getenv("PATH");
	char all[8192], here[PATH_MAX];

	snprintf(all, sizeof(all), "%s:%s/../bin:%s", beside_tool("", here) ? here : "/usr/sbin", lab->folder,
		 path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
	setenv("PATH", all, true);
}

/* Plays a lab, from its beginning or from where it was stopped.  Return: exit status. */
int lab_play(struct lab *lab)
{
	char name[LAB_FILE];
	int status;
	FILE *in;

	snprintf(name, sizeof(name), "%s/lab", lab->folder);
	in = fopen(name, "re");
	if (!in)
		return fail("%s: %s", name, strerror(errno));
	watch_signals();
	setvbuf(stdin, NULL, _IONBF, 0);	/* ppoll() does not see what was read ahead */
	find_programs(lab);
	place_read(lab);
	printf("== %s\n", text_of("title") ? text_of("title") : lab->name);
	if (place.done)
		printf("%s\n", text_word(lab, "goes-on"));
	status = play_lines(lab, in);
	fclose(in);
	if (lab->page && !status) {
		print_sum(lab);
		while (typed())	/* while the page is looked at, what it shows stays */
			;
	}
	hosts_end();
	if (status == LAB_ENDED) {
		printf("\n%s\n", text_word(lab, "stopped"));
		return TTP_OK;
	}
	if (status)
		return status;
	report(lab);
	return place_keep(lab, LAB_DONE);
}
