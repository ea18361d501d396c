// SPDX-License-Identifier: GPL-2.0
/*
 * The frame of a picture in SVG, and text in it.  librsvg knows neither CSS
 * variables nor @media: what is outside of @media is black on white, for it and
 * for printers.
 *
 * Called by ladder_svg.c and plot_svg.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "draw/ladder.h"
#include "draw/svg.h"

/* U+FFFE and U+FFFF are the only two in UTF-8 that XML does not have; names have no
 * control characters.
 */
static bool is_no_xml(const char *text)
{
	return !strncmp(text, "\xef\xbf\xbe", 3) || !strncmp(text, "\xef\xbf\xbf", 3);
}

/* @text as content, or as the value of an attribute in double quotes. */
void svg_escape(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (is_no_xml(text)) {
			fputc('?', out);
			text += 2;
			continue;
		}
		if (*text == TEXT_SECTION)
			fputs("§", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fputc(*text, out);
	}
}

/* @dark is CSS for a dark page, where @style is for a light one and for paper. */
void svg_begin(FILE *out, int width, int height, const char *style, const char *dark)
{
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ttp\" role=\"img\" "
		"width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n<style>\n"
		".ttp{max-width:100%%;height:auto}\n"
		".ttp text{font:12px monospace;fill:#000}\n"
		".ttp .bg{fill:#fff}\n"
		".ttp .halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}\n"
		"%s"
		"@media screen and (prefers-color-scheme:dark){\n"
		".ttp text{fill:#eee}\n"
		".ttp .bg{fill:#161616}\n"
		".ttp .halo{stroke:#161616}\n"
		"%s}\n</style>\n", width, height, width, height, style, dark);
}

void svg_title(FILE *out, const char *title)
{
	fputs("<title>", out);
	svg_escape(title, out);
	fputs("</title>\n", out);
}

void svg_end(FILE *out)
{
	fputs("</svg>\n", out);
}

/* A part of the picture that is written before what is above it is known. */
FILE *svg_buffer(char **text, size_t *len)
{
	FILE *buffer = open_memstream(text, len);

	if (!buffer)
		exit(fail("out of memory"));
	return buffer;
}

/* The part goes to @out, and is freed. */
void svg_append(FILE *out, FILE *buffer, char **text, const size_t *len)
{
	if (fclose(buffer))
		exit(fail("out of memory"));
	fwrite(*text, 1, *len, out);
	free(*text);
}
