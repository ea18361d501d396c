/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is printed for reading: a table, whose columns are as wide as their
 * widest cell, or JSON.
 */
#ifndef TTP_TABLE_H
#define TTP_TABLE_H

#include <stdio.h>

struct json_object;
struct table;

struct table *table_new(const char *align);
void table_row(struct table *t, ...);	/* strings, then NULL */
void table_note(struct table *t, const char *text);
void table_print(struct table *t, FILE *out);
void table_free(struct table *t);
void print_json(struct json_object *obj);

#endif
