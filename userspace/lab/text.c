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
} families[] = {
	{ "ttp listen", "ttp listen -6" },
	{ "sock socket", "sock socket6" },
	{ "sock datagram", "sock datagram6" },
	{ "127.0.0.1", "::1" },
	{ "0.0.0.0", "::" },
};

/* 10.0.N.M, the Mth host of the Nth link, becomes fd00:N::M.  Return: bytes read, 0: it is no such address. */
static int put_address(const char *text, char *to, size_t size)
{
	unsigned int link, host;
	int len = 0, written;

	if (sscanf(text, "10.0.%u.%u%n", &link, &host, &len) != 2 || !len)
		return 0;
	written = link ? snprintf(to, size, "fd00:%x::%x", link, host) : snprintf(to, size, "fd00::%x", host);
	if (text[len] == ':' && (size_t)written + 2 < size) {	/* and a port */
		memmove(to + 1, to, written);
		*to = '[';
		strcpy(to + written + 1, "]");
	}
	return len;
}

/* Return: bytes read, and at least one is written. */
static int put_six(const char *text, char *to, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		size_t len = strlen(families[i].four);

		if (!strncmp(text, families[i].four, len) && strlen(families[i].six) < size)
			return strcpy(to, families[i].six), len;
	}
	return put_address(text, to, size);
}

/* What a lab says in words of IPv4, in words of IPv6.  Return: exit status. */
int text_by_ipv6(char *text, size_t size)
{
	char *copy = xrealloc(NULL, size, 1);
	size_t len = 0;

	for (const char *at = text; *at; len += strlen(copy + len)) {
		int read;

		if (len + 64 > size)
			return free(copy), fail("by IPv6 this is too long: %.60s", text);
		read = put_six(at, copy + len, size - len);
		if (!read)
			snprintf(copy + len, size - len, "%c", *at);
		at += read ? read : 1;
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
