// SPDX-License-Identifier: GPL-2.0
/*
 * The texts of a lab, in one language: a file of sections, each of which begins with a line
 * @NAME.  What ttp lab itself says is here, too.
 *
 * Called by play.c and lab.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "lab/lab.h"

#define SECTIONS_MAX	128
#define TEXT_MAX	(256 * 1024)

static struct {
	const char *id;
	const char *text;
} sections[SECTIONS_MAX];
static int count;

/* What a text or a line of a lab says otherwise by IPv6 */
static const struct {
	const char *four, *six;
	bool address;
} families[] = {
	{ "ttp listen", "ttp listen -6", false },
	{ "sock socket", "sock socket6", false },
	{ "sock datagram", "sock datagram6", false },
	{ "127.0.0.1", "::1", true },
	{ "0.0.0.0", "::", true },
};

#define SIX_MAX	32	/* bytes of what takes the place of a word */

/* 10.0.N.M, the Mth host of the Nth link, is fd00:N::M.  Return: bytes read; 0: it is no such address. */
static int read_address(const char *text, char six[SIX_MAX])
{
	unsigned int link, host;
	int len = 0;

	if (sscanf(text, "10.0.%u.%u%n", &link, &host, &len) != 2 || !len)
		return 0;
	if (link)
		snprintf(six, SIX_MAX, "fd00:%x::%x", link, host);
	else
		snprintf(six, SIX_MAX, "fd00::%x", host);
	return len;
}

/* Return: bytes read; at least one is written, and less than SIX_MAX + 2. */
static int put_six(const char *text, char *to)
{
	bool address = true;
	char six[SIX_MAX];
	int len = read_address(text, six);

	for (size_t i = 0; i < ARRAY_SIZE(families) && !len; i++) {
		if (strncmp(text, families[i].four, strlen(families[i].four)))
			continue;
		len = strlen(families[i].four);
		address = families[i].address;
		strcpy(six, families[i].six);
	}
	if (!len) {
		to[0] = *text;
		to[1] = '\0';
		return 1;
	}
	sprintf(to, address && text[len] == ':' ? "[%s]" : "%s", six);	/* a port follows */
	return len;
}

/* What a lab says in words of IPv4, in words of IPv6.  Return: exit status. */
int text_by_ipv6(char *text, size_t size)
{
	char *copy = xrealloc(NULL, size, 1);
	size_t len = 0;

	for (const char *at = text; *at; len += strlen(copy + len)) {
		if (len + SIX_MAX + 2 > size)
			return free(copy), fail("by IPv6 this is too long: %.60s", text);
		at += put_six(at, copy + len);
	}
	copy[len] = '\0';
	strcpy(text, copy);
	free(copy);
	return TTP_OK;
}

/* The section ends where the next begins, without the empty lines before that. */
static void end_text(char *end)
{
	while (end[-1] == '\n')
		end--;
	*end = '\0';
}

static int split(const char *file, char *text)
{
	char *line = text, *next;

	count = 0;
	for (; line && *line; line = next) {
		next = strchr(line, '\n');
		next = next ? next + 1 : NULL;
		if (*line != '@')
			continue;
		if (count == SECTIONS_MAX || !next)
			return fail("%s has too many sections, or ends in the name of one", file);
		if (count && line > sections[count - 1].text)
			end_text(line);
		next[-1] = '\0';
		sections[count].id = line + 1;
		sections[count++].text = next;
	}
	if (count)
		end_text(text + strlen(text));
	return count ? TTP_OK : fail("%s has no sections", file);
}

/* Return: exit status. */
int text_read(const struct lab *lab)
{
	char file[LAB_FILE], *text = xrealloc(NULL, TEXT_MAX, 1);
	size_t len;
	FILE *in;

	snprintf(file, sizeof(file), "%s/%s", lab->folder, lab->lang);
	in = fopen(file, "re");
	if (!in)
		return fail("%s: %s", file, strerror(errno));
	len = fread(text, 1, TEXT_MAX - 1, in);
	fclose(in);
	text[len] = '\0';
	return lab->ipv6 && text_by_ipv6(text, TEXT_MAX) ? TTP_FAILED : split(file, text);
}

/* Return: the section's text, or NULL. */
const char *text_of(const char *id)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(sections[i].id, id))
			return sections[i].text;
	return NULL;
}

/* What ttp lab says by itself */
const char *text_word(const struct lab *lab, const char *key)
{
	static const struct {
		const char *key, *en, *ko;
	} words[] = {
		{ "step", "On %s, Enter runs this (or type another command; q ends):",
		  "%s에서 Enter를 누르면 실행합니다 (다른 명령을 입력해도 됩니다. q: 끝내기):" },
		{ "step-page", "On %s, Enter runs this:", "%s에서 Enter를 누르면 실행합니다:" },
		{ "right", "Right.", "맞습니다." },
		{ "wrong", "No: not what your connection did.", "아닙니다. 방금 연결에서 일어난 일과 다릅니다." },
		{ "answer", "It is %s.", "답은 %s입니다." },
		{ "again", "Once more (? shows a hint, Enter the answer): ", "다시 한 번 (?: 도움말, Enter: 답 보기): " },
		{ "prompt", "Your answer: ", "답: " },
		{ "kept", "Kept: the recording %s\nand a page to open in a browser: %s",
		  "저장했습니다: 기록 %s\n브라우저로 볼 페이지: %s" },
		{ "sum", "%d of %d questions right at the first attempt.", "질문 %2$d개 가운데 %1$d개를 한 번에 맞혔습니다." },
		{ "stopped", "Stopped. The same command goes on here.", "멈췄습니다. 같은 명령으로 이어서 할 수 있습니다." },
		{ "goes-on", "(It goes on where it stopped.)", "(멈춘 곳에서 이어집니다.)" },
		{ "done", "done", "완료" },
		{ "begun", "begun", "진행 중" },
	};
	bool ko = !strcmp(lab->lang, "ko");

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].key, key))
			return ko ? words[i].ko : words[i].en;
	return key;
}
