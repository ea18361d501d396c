// SPDX-License-Identifier: GPL-2.0
/*
 * ttp quiz: makes of a recording a sheet of paper with blanks, or with its rows shuffled, and
 * checks what was written into it.  The right answers are in the recording; the sheet needs
 * only its seed to be made again.
 *
 * Called by main().
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/options.h"
#include "lab/lab.h"
#include "read/feed.h"

#define ROWS_MAX	60
#define BLANK		"______"

enum what { FLAGS, SEQ, ACK, LEN, STATE, CAUSE, WHATS };

/* What a blank asks for, and a word for who has it wrong */
static const struct {
	const char *en, *ko, *why_en, *why_ko;
} whats[] = {
	[FLAGS] = { "control bits", "제어 비트",
		    "all after the first SYN have ACK; a SYN,ACK is one segment",
		    "첫 SYN 다음에는 모두 ACK가 있고, SYN,ACK는 세그먼트 하나입니다" },
	[SEQ] = { "sequence number", "순서 번호",
		  "that of the first byte; SYN and FIN take one number each",
		  "첫 바이트의 번호입니다. SYN과 FIN도 하나씩 차지합니다" },
	[ACK] = { "acknowledgment number", "확인 응답 번호",
		  "the next byte that is expected; only SYN and FIN count as one more",
		  "다음에 기대하는 바이트입니다. SYN과 FIN만 하나를 더 셉니다" },
	[LEN] = { "bytes of data", "데이터 바이트 수",
		  "the sequence number that follows is larger by so many",
		  "다음 순서 번호가 그만큼 큽니다" },
	[STATE] = { "new state", "다음 상태",
		    "follow the arrow in RFC 9293, figure 5", "RFC 9293 그림 5의 화살표를 따라가세요" },
	[CAUSE] = { "cause", "원인", "a call of the user, a segment, or a timer",
		    "사용자의 호출, 세그먼트, 타이머 가운데 하나입니다" },
};

struct row {
	const struct event *ev;
	int blank;		/* enum what, or -1 */
	int number;		/* of the blank, or of the row on a shuffled sheet */
	bool counted;		/* as right, which it is once */
};

struct quiz {
	const char *recording, *check, *lang;
	unsigned long seed, blanks;
	bool shuffle;
	struct row rows[ROWS_MAX];
	int count;
	int width;		/* columns of the longest host's name, 8 at least */
	uint64_t chance;
};

/* xorshift64*: the same sheet on each machine */
static unsigned int chance(struct quiz *q, unsigned int of)
{
	q->chance ^= q->chance >> 12;
	q->chance ^= q->chance << 25;
	q->chance ^= q->chance >> 27;
	return (unsigned int)((q->chance * 2685821657736338717ULL) >> 33) % of;
}

static bool ko(const struct quiz *q)
{
	return !strcmp(q->lang, "ko");
}

/* What is in a field of a row */
static void value(const struct event *ev, enum what what, char text[FACT_SIZE])
{
	uint32_t mine = 0, other = 0;
	char buf[40];

	facts_isn(ev, &mine, &other);
	switch (what) {
	case FLAGS:
		snprintf(text, FACT_SIZE, "%s", event_flags(ev->seg.flags, buf));
		break;
	case SEQ:
		snprintf(text, FACT_SIZE, "%" PRIu32, ev->seg.seq - mine);
		break;
	case ACK:
		snprintf(text, FACT_SIZE, "%" PRIu32, ev->seg.ack - other);
		break;
	case LEN:
		snprintf(text, FACT_SIZE, "%" PRIu32, ev->seg.len);
		break;
	case STATE:
		snprintf(text, FACT_SIZE, "%s", event_word(FIELD_STATE, ev->state.now));
		break;
	case CAUSE:
		snprintf(text, FACT_SIZE, "%s", ev->state.cause);
		break;
	case WHATS:
		break;
	}
}

static bool has(const struct event *ev, enum what what)
{
	if (ev->kind == EVENT_STATE)
		return what == STATE || (what == CAUSE && *ev->state.cause);
	if (what == STATE || what == CAUSE)
		return false;
	return what != ACK || ev->seg.flags & SEG_ACK;
}

/* Segments as they leave, and changes of state: the rows of the sheet */
static void take_rows(struct quiz *q)
{
	const struct event *ev;

	for (size_t i = 0; (ev = facts_event(i)) && q->count < ROWS_MAX; i++)
		if (ev->kind == EVENT_STATE || ev->seg.direction == TTP_DIRECTION_OUT)
			q->rows[q->count++] = (struct row){ .ev = ev, .blank = -1 };
}

static const char *host_of(const struct row *row, char name[NAME_SIZE])
{
	char end[FACT_SIZE];

	return printable(facts_end(row->ev, end), false, name);
}

static int widest_host(const struct quiz *q)
{
	char name[NAME_SIZE];
	int width = 8;

	for (int i = 0; i < q->count; i++)
		if (text_width(host_of(&q->rows[i], name)) > width)
			width = text_width(name);
	return width;
}

static void make_blanks(struct quiz *q)
{
	int number = 0;
	unsigned long left = q->blanks;

	for (unsigned int tries = 0; left && tries < 20 * ROWS_MAX && q->count; tries++) {
		struct row *row = &q->rows[chance(q, q->count)];
		enum what what = chance(q, WHATS);

		if (row->blank >= 0 || !has(row->ev, what))
			continue;
		row->blank = what;
		left--;
	}
	for (int i = 0; i < q->count; i++)
		if (q->rows[i].blank >= 0)
			q->rows[i].number = ++number;
}

static void shuffle(struct quiz *q)
{
	for (int i = 0; i < q->count; i++)
		q->rows[i].number = i + 1;
	for (int i = q->count - 1; i > 0; i--) {
		int k = chance(q, i + 1);
		struct row other = q->rows[i];

		q->rows[i] = q->rows[k];
		q->rows[k] = other;
	}
}

static const char *shown(const struct row *row, enum what what, char text[FACT_SIZE])
{
	if (row->blank == (int)what)
		snprintf(text, FACT_SIZE, "[%d]" BLANK, row->number);
	else if (has(row->ev, what))
		value(row->ev, what, text);
	else
		strcpy(text, "-");
	return text;
}

static void print_row(const struct quiz *q, const struct row *row)
{
	const struct event *ev = row->ev;
	char one[FACT_SIZE], two[FACT_SIZE], three[FACT_SIZE], four[FACT_SIZE], name[NAME_SIZE];
	const char *host = host_of(row, name);

	printf("%s%*s ", host, q->width - text_width(host), "");
	if (ev->kind == EVENT_STATE) {
		printf("%s -> %s  (%s)\n", event_word(FIELD_STATE, ev->state.from),
		       shown(row, STATE, one), shown(row, CAUSE, two));
		return;
	}
	printf("%-16s seq=%-10s ack=%-10s len=%s\n", shown(row, FLAGS, one), shown(row, SEQ, two),
	       shown(row, ACK, three), shown(row, LEN, four));
}

static void print_sheet(const struct quiz *q)
{
	printf("# ttp quiz --seed %lu%s\n", q->seed, q->shuffle ? " --shuffle" : "");
	printf("# %s\n\n", ko(q) ? "번호는 ISN부터 셉니다." : "Numbers count from the ISN.");
	for (int i = 0; i < q->count; i++) {
		if (q->shuffle)
			printf("%c%c  ", 'a' + i / 26, 'a' + i % 26);
		print_row(q, &q->rows[i]);
	}
	printf("\n");
	if (q->shuffle) {
		printf("%s:\n", ko(q) ? "올바른 순서" : "order");
		return;
	}
	for (int i = 0; i < q->count; i++)
		if (q->rows[i].blank >= 0)
			printf("[%d] (%s):\n", q->rows[i].number, ko(q) ?
			       whats[q->rows[i].blank].ko : whats[q->rows[i].blank].en);
}

/* ---- what was written into it ---- */

static int count_once(struct row *row)
{
	int first = !row->counted;

	row->counted = true;
	return first;
}

static int check_blank(struct quiz *q, int number, const char *answer)
{
	char right[FACT_SIZE];

	for (int i = 0; i < q->count; i++) {
		struct row *row = &q->rows[i];

		if (row->blank < 0 || row->number != number)
			continue;
		value(row->ev, row->blank, right);
		if (same_words(answer, right))
			return count_once(row);
		printf("[%d] %s: %s\n", number, ko(q) ? "아닙니다" : "no",
		       ko(q) ? whats[row->blank].why_ko : whats[row->blank].why_en);
		return 0;
	}
	printf("[%d]: %s\n", number, ko(q) ? "그런 빈칸은 없습니다" : "there is no such blank");
	return 0;
}

/* "order: ab aa ac": two rows that follow each other are right if they do in the recording. */
static int check_order(struct quiz *q, char *answer)
{
	int right = 0, last = 0;

	for (char *word = strtok(answer, " ,\t\n"); word; word = strtok(NULL, " ,\t\n")) {
		int i = strlen(word) == 2 ? (word[0] - 'a') * 26 + word[1] - 'a' : -1;

		if (i < 0 || i >= q->count) {
			printf("%s: %s\n", word, ko(q) ? "그런 줄은 없습니다" : "there is no such row");
			continue;
		}
		if (q->rows[i].number == last + 1)
			right += count_once(&q->rows[i]);
		else
			printf("%s: %s\n", word, ko(q) ? "여기가 아닙니다" : "not here");
		last = q->rows[i].number;
	}
	return right;
}

static int check(struct quiz *q)
{
	FILE *in = fopen(q->check, "re");
	char line[LAB_LINE], *colon;
	int right = 0, of = 0, number;
	bool failed;

	if (!in)
		return fail("%s: %s", q->check, strerror(errno));
	for (int i = 0; i < q->count; i++)
		of += q->shuffle || q->rows[i].blank >= 0;
	while (fgets(line, sizeof(line), in)) {
		colon = strrchr(line, ':');
		if (!colon)
			continue;
		if (q->shuffle && *line != '#')
			right += check_order(q, colon + 1);
		else if (sscanf(line, "[%d]", &number) == 1)
			right += check_blank(q, number, colon + 1);
	}
	failed = ferror(in);
	fclose(in);
	if (failed)
		return fail("%s: %s", q->check, strerror(errno));
	printf(ko(q) ? "%2$d개 가운데 %1$d개가 맞습니다.\n" : "%d of %d right.\n", right, of);
	return right == of ? TTP_OK : TTP_FAILED;
}

int quiz_main(int argc, char **argv)
{
	struct quiz q = { .seed = 1, .blanks = 8, .lang = lab_lang() };
	const struct opt opts[] = {
		OPT_WORD('r', "read", "FILE", &q.recording, "of this recording"),
		OPT_NUMBER('s', "seed", "NUMBER", &q.seed, 1, 1000000000,
			   "another number, another sheet (1)"),
		OPT_NUMBER('b', "blanks", "N", &q.blanks, 1, ROWS_MAX, "so many blanks (8)"),
		OPT_SET('S', "shuffle", &q.shuffle, "no blanks: the rows are to be put in order"),
		OPT_WORD('c', "check", "FILE", &q.check, "check the sheet that was filled in"),
		OPT('l', "lang", "en|ko", option_lang, &q.lang, "in this language (default: the locale's)",
		    .wants = "en or ko"),
		OPT_END
	};
	const struct command command = {
		.name = "quiz",
		.synopsis = "[OPTION]... -r FILE",
		.about = "Make of a recording a sheet with blanks, or shuffled, and check it when it is filled in: "
			 "with --check, and the same options as when it was made.",
		.opts = opts,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (optind < argc)
		return usage("quiz wants no '%s'", argv[optind]);
	if (!q.recording)
		return usage("quiz wants a recording: -r FILE");
	if (facts_read(q.recording))
		return TTP_FAILED;
	q.chance = q.seed * 2 + 1;
	take_rows(&q);
	if (!q.count)
		return fail("%s has no connection", q.recording);
	q.width = widest_host(&q);
	if (q.shuffle)
		shuffle(&q);
	else
		make_blanks(&q);
	if (q.check)
		return check(&q);
	print_sheet(&q);
	return TTP_OK;
}
