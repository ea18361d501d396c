// SPDX-License-Identifier: GPL-2.0
/*
 * One line of the ladder before it is printed: a glyph and a color in each
 * column.  Text is ASCII; what is drawn has a UTF-8 and an ASCII form.  Called
 * by draw.c.
 */
#include <stdio.h>
#include <string.h>

#include "draw/ladder.h"

static const struct {
	const char *utf8;
	char ascii;
} glyphs[] = {
	[G_BAR - 0x80] = { "│", '|' },
	[G_FOLD - 0x80] = { "┊", ':' },
	[G_LINE - 0x80] = { "─", '-' },
	[G_DOTS - 0x80] = { "╌", '.' },
	[G_RIGHT - 0x80] = { "▶", '>' },
	[G_LEFT - 0x80] = { "◀", '<' },
	[G_LOST - 0x80] = { "✗", 'X' },
	[G_TEE_RIGHT - 0x80] = { "├", '|' },
	[G_TEE_LEFT - 0x80] = { "┤", '|' },
	[G_SECTION - 0x80] = { "§", ' ' },
	[G_ARROW - 0x80] = { "→", '>' },
};

static const char *const paints[] = {
	[C_PLAIN] = "0", [C_DIM] = "2", [C_BOLD] = "1", [C_RED] = "1;31",
	[C_GREEN] = "32", [C_YELLOW] = "33", [C_MAGENTA] = "35",
	[C_CYAN] = "36",
};

void canvas_clear(struct canvas *c)
{
	memset(c->glyph, ' ', sizeof(c->glyph));
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

void canvas_text(struct canvas *c, int col, const char *text,
		 enum color color)
{
	for (; *text; text++)
		canvas_put(c, col++, (uint8_t)*text, color);
}

void canvas_print(const struct canvas *c, FILE *out)
{
	int end = c->width, paint = C_PLAIN;

	while (end && c->glyph[end - 1] == ' ')
		end--;
	for (int col = 0; col < end; col++) {
		int glyph = c->glyph[col];

		if (c->color && c->paint[col] != paint && glyph != ' ') {
			paint = c->paint[col];
			fprintf(out, "\033[0;%sm", paints[paint]);
		}
		if (glyph < 0x80)
			fputc(glyph, out);
		else if (c->ascii)
			fputc(glyphs[glyph - 0x80].ascii, out);
		else
			fputs(glyphs[glyph - 0x80].utf8, out);
	}
	if (paint != C_PLAIN)
		fputs("\033[0m", out);
	fputc('\n', out);
}
