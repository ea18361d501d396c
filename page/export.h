/* SPDX-License-Identifier: GPL-2.0 */
/*
 * export.h - what the page may call is declared by EXPORT(type, name, arguments).
 *
 * Next: page.c.
 */
#ifndef _TTP_PLAY_EXPORT_H
#define _TTP_PLAY_EXPORT_H

#define EXPORT(type, name, ...)							\
	type page_##name(__VA_ARGS__) __attribute__((export_name(#name)));	\
	type page_##name(__VA_ARGS__)

#endif
