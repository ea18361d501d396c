// SPDX-License-Identifier: GPL-2.0
/*
 * The whole terminal by ncurses: what is drawn is lines of text in the locale's
 * encoding, with the colors that ttp ladder gives them.
 */
#define LOOK_MS		300
#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/base.h"
#include "base/screen.h"

#define CTRL_C		3
#define CTRL_D		4
#define CTRL_L		12
#define ESCAPE		27
#define DELETE		127

static SCREEN *screen;

/* Return: TTP_OK, or TTP_FAILED after saying why. */
int screen_begin(void)
{
	const char *type = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return fail("this needs a terminal");
	fflush(stdout);
	/* ncurses, which leaves the terminal as it was, takes no signal that another handler has */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return fail("TERM=%s is no terminal that ncurses knows", type ? type : "");
	raw();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	if (has_colors() && !no_color()) {
		start_color();
		use_default_colors();
		for (int color = 1; color < 8; color++)
			init_pair(color, color, -1);
	}
	return TTP_OK;
}

/* The terminal as it was. */
void screen_end(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
}

int screen_rows(void)
{
	return LINES;
}

int screen_columns(void)
{
	return COLS;
}

/* @text is behind "\033["; return: behind the "m". */
static const char *take_color(const char *text, attr_t *attr, short *pair)
{
	for (;;) {
		char *end;
		long code = strtol(text, &end, 10);

		if (code == 0) {
			*attr = A_NORMAL;
			*pair = 0;
		} else if (code == 1) {
			*attr |= A_BOLD;
		} else if (code == 2) {
			*attr |= A_DIM;
		} else if (code > 30 && code < 38 && has_colors() && !no_color()) {
			*pair = code - 30;
		}
		text = end;
		if (*text != ';')
			return *text == 'm' ? text + 1 : text;
		text++;
	}
}

static attr_t attribute(enum screen_look look)
{
	return look == SCREEN_REVERSE ? A_REVERSE : look == SCREEN_BOLD ? A_BOLD : A_NORMAL;
}

/* As much of @text as there is room for, and blanks behind it. */
void screen_line(int row, const char *text, enum screen_look look)
{
	attr_t attr = A_NORMAL;
	mbstate_t state = { 0 };
	int column = 0, width;
	short pair = 0;

	move(row, 0);
	while (*text) {
		wchar_t wc[2] = { 0 };
		cchar_t cell;
		size_t len;

		if (text[0] == ESCAPE && text[1] == '[') {
			text = take_color(text + 2, &attr, &pair);
			continue;
		}
		len = mbrtowc(wc, text, MB_LEN_MAX, &state);
		if (len == 0 || len > MB_LEN_MAX) {
			memset(&state, 0, sizeof(state));
			wc[0] = L'?';
			len = 1;
		}
		width = wcwidth(wc[0]);
		if (width < 0) {
			wc[0] = L'?';
			width = 1;
		}
		if (column + width > COLS)
			break;
		setcchar(&cell, wc, attr | attribute(look), pair, NULL);
		mvadd_wch(row, column, &cell);
		column += width;
		text += len;
	}
	attrset(attribute(look));
	for (; column < COLS; column++)
		mvaddch(row, column, ' ');
	attrset(A_NORMAL);
}

static int named_key(wint_t key)
{
	switch (key) {
	case KEY_UP: return SCREEN_UP;
	case KEY_DOWN: return SCREEN_DOWN;
	case KEY_PPAGE: return SCREEN_PAGE_UP;
	case KEY_NPAGE: return SCREEN_PAGE_DOWN;
	case KEY_HOME: return SCREEN_HOME;
	case KEY_END: return SCREEN_END;
	case KEY_LEFT: return SCREEN_LEFT;
	case KEY_RIGHT: return SCREEN_RIGHT;
	case KEY_ENTER: return SCREEN_ENTER;
	case KEY_BACKSPACE:
	case KEY_DC: return SCREEN_ERASE;
	case KEY_RESIZE:
		clearok(stdscr, TRUE);	/* what was under way was for the other size */
		return SCREEN_RESIZED;
	}
	return SCREEN_OTHER;
}

/*
 * Shows what was drawn, and waits for a key, at most @ms (-1: for ever).
 * Return: a character, one of the enum, or SCREEN_NOTHING.
 */
int screen_key(int ms)
{
	wint_t key;
	int kind;

	refresh();
	timeout(ms < 0 ? LOOK_MS : ms);
	/* SIGWINCH may come between ncurses' look for it and its wait */
	do
		kind = get_wch(&key);
	while (kind == ERR && ms < 0 && isatty(STDIN_FILENO));
	if (kind == ERR)
		return isatty(STDIN_FILENO) ? SCREEN_NOTHING : CTRL_C;
	if (kind == KEY_CODE_YES)
		return named_key(key);
	switch (key) {
	case '\n':
	case '\r': return SCREEN_ENTER;
	case '\b':
	case DELETE: return SCREEN_ERASE;
	case ESCAPE: return SCREEN_ESCAPE;
	case CTRL_L:
		clearok(stdscr, TRUE);
		return SCREEN_RESIZED;
	}
	return key;
}

bool screen_is_quit(int key)
{
	return key == 'q' || key == 'Q' || key == CTRL_C || key == CTRL_D;
}
