/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The whole terminal: lines of text, and keys.
 */
#ifndef TTP_SCREEN_H
#define TTP_SCREEN_H

#include <stdbool.h>

/* What screen_key() returns besides characters. */
enum {
	SCREEN_NOTHING = -1,
	SCREEN_UP = 0x110000,	/* all below are characters */
	SCREEN_DOWN, SCREEN_PAGE_UP, SCREEN_PAGE_DOWN, SCREEN_HOME, SCREEN_END, SCREEN_LEFT,
	SCREEN_RIGHT, SCREEN_ENTER, SCREEN_ESCAPE, SCREEN_ERASE, SCREEN_RESIZED, SCREEN_OTHER
};

enum screen_look { SCREEN_PLAIN, SCREEN_REVERSE, SCREEN_BOLD };

int screen_begin(void);
void screen_end(void);
int screen_rows(void);
int screen_columns(void);
void screen_line(int row, const char *text, enum screen_look look);
int screen_key(int ms);
bool screen_is_quit(int key);

#endif
