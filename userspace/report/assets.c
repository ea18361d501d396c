// SPDX-License-Identifier: GPL-2.0
/*
 * The parts of the page, which are files beside this one, as the assembler reads
 * them: whoever has the tool has the page.  The Makefile says in which folder they
 * are.  Called by page.c.
 */
#include "report/report.h"

#ifndef TTP_REPORT_DIR
#define TTP_REPORT_DIR	"report"
#endif

#define ASSET(name, file)						\
	asm(".pushsection .rodata\n"					\
	    "asset_" #name "_begin: .incbin \"" TTP_REPORT_DIR "/" file "\"\n" \
	    "asset_" #name "_end: .byte 0\n"				\
	    ".popsection\n");						\
	extern const char asset_##name##_begin[], asset_##name##_end[];	\
	const struct asset asset_##name = { asset_##name##_begin, asset_##name##_end }

ASSET(html, "page.html");
ASSET(css, "page.css");
ASSET(js, "page.js");
ASSET(en, "en.json");
ASSET(ko, "ko.json");
