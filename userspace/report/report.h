/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ttp report: a page for a browser, which has all that it needs in itself.  ttp web
 * serves the same page, live.
 *
 *	report.c	the options, and which events go into the page
 *	page.c		writes the page: its parts, and what it may load
 *	assets.c	the files page.html, page.css, page.js, en.json, ko.json
 */
#ifndef TTP_REPORT_H
#define TTP_REPORT_H

#include <stdio.h>

/* A file that is compiled in. */
struct asset {
	const char *begin;
	const char *end;
};

/* assets.c */
extern const struct asset asset_html, asset_css, asset_js, asset_en, asset_ko;

/* page.c */
struct page {
	const char *lang;	/* "en" or "ko" */
	const char *events;	/* JSON objects with commas between */
	unsigned long shown;	/* so many events are in it */
	unsigned long total;	/* of so many that were wanted */
	unsigned long lost;	/* that the recording lacks */
	const char *live;	/* ttp web: JSON of what may be asked of it; else NULL */
};

char *page_library(void);
char *page_policy(const struct page *page, const char *library);
int page_write(const struct page *page, const char *library, FILE *out);

/* report.c */
int report_main(int argc, char **argv);

#endif
