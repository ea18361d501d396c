/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all pictures in SVG have in common: a frame, text that is escaped, and
 * colors for a light and a dark page.  No ids and no links: several pictures can
 * be in one HTML page.
 */
#ifndef TTP_SVG_H
#define TTP_SVG_H

#include <stdio.h>

/* svg.c */
void svg_escape(const char *text, FILE *out);
void svg_begin(FILE *out, int width, int height, const char *style, const char *dark);
void svg_title(FILE *out, const char *title);
void svg_end(FILE *out);
FILE *svg_buffer(char **text, size_t *len);
void svg_append(FILE *out, FILE *buffer, char **text, const size_t *len);

#endif
