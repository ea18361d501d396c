// SPDX-License-Identifier: GPL-2.0
/*
 * One line of the ladder before it is printed: a glyph and a color in each
 * column.  Text is what the locale can show; what is drawn has a UTF-8 and an
 * ASCII form.  Called by draw.c.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "draw/ladder.h"

static const struct {
	const char *utf8;
	char ascii;
} glyphs[] = {
	[G_BAR - G_BAR] = { "│", '|' },
	[G_FOLD - G_BAR] = { "┊", ':' },
	[G_LINE - G_BAR] = { "─", '-' },
	[G_DOTS - G_BAR] = { "╌", '.' },
	[G_RIGHT - G_BAR] = { "▶", '>' },
	[G_LEFT - G_BAR] = { "◀", '<' },
	[G_LOST - G_BAR] = { "✗", 'X' },
	[G_TEE_RIGHT - G_BAR] = { "├", '|' },
	[G_TEE_LEFT - G_BAR] = { "┤", '|' },
	[G_SECTION - G_BAR] = { "§", ' ' },
	[G_ARROW - G_BAR] = { "→", '>' },
};

static const char *const paints[] = {
	[C_PLAIN] = "0", [C_DIM] = "2", [C_BOLD] = "1", [C_RED] = "1;31",
	[C_GREEN] = "32", [C_YELLOW] = "33", [C_MAGENTA] = "35",
	[C_CYAN] = "36",
};

void canvas_clear(struct canvas *c)
{
	for (int col = 0; col < CANVAS_MAX; col++)
		c->glyph[col] = ' ';
	memset(c->paint, C_PLAIN, sizeof(c->paint));
}

void canvas_put(struct canvas *c, int col, int glyph, enum color color)
{
	if (col < 0 || col >= c->width)
		return;
	c->glyph[col] = glyph;
	c->paint[col] = color;
}

/* Columns @from up to but not @to. */
void canvas_fill(struct canvas *c, int from, int to, int glyph,
		 enum color color)
{
	for (int col = from; col < to; col++)
		canvas_put(c, col, glyph, color);
}

/* One that needs two columns and has only one left is left out. */
static int put_character(struct canvas *c, int col, wchar_t wc, enum color color)
{
	int width = wcwidth(wc) == 2 ? 2 : wcwidth(wc) == 1;

	if (!width || col + width > c->width)
		return width;
	canvas_put(c, col, wc, color);
	if (width == 2)
		canvas_put(c, col + 1, 0, color);
	return width;
}

void canvas_text(struct canvas *c, int col, const char *text,
		 enum color color)
{
	mbstate_t state = { 0 };

	while (*text) {
		wchar_t wc;
		size_t len = mbrtowc(&wc, text, strlen(text), &state);

		if (*text == TEXT_SECTION) {
			canvas_put(c, col++, G_SECTION, color);
			text++;
			continue;
		}
		if (len == 0 || len > strlen(text))
			return;		/* printable() has left none such */
		col += put_character(c, col, wc, color);
		text += len;
	}
}

static void put_glyph(const struct canvas *c, uint32_t glyph, FILE *out)
{
	char buf[MB_LEN_MAX];
	mbstate_t state = { 0 };
	size_t len;

	if (glyph >= G_BAR && c->ascii) {
		fputc(glyphs[glyph - G_BAR].ascii, out);
	} else if (glyph >= G_BAR) {
		fputs(glyphs[glyph - G_BAR].utf8, out);
	} else if (glyph < 0x80 && glyph) {
		fputc(glyph, out);
	} else if (glyph) {
		len = wcrtomb(buf, glyph, &state);
		fwrite(buf, 1, len == (size_t)-1 ? 0 : len, out);
	}
}

void canvas_print(const struct canvas *c, FILE *out)
{
	int end = c->width, paint = C_PLAIN;

	while (end && c->glyph[end - 1] == ' ')
		end--;
	for (int col = 0; col < end; col++) {
		uint32_t glyph = c->glyph[col];

		if (c->color && c->paint[col] != paint && glyph != ' ') {
			paint = c->paint[col];
			fprintf(out, "\033[0;%sm", paints[paint]);
		}
		put_glyph(c, glyph, out);
	}
	if (paint != C_PLAIN)
		fputs("\033[0m", out);
	fputc('\n', out);
}
