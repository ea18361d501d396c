/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `ttp run`: a program for TCP over TTP.
 */
#ifndef TTP_RUN_H
#define TTP_RUN_H

#include <limits.h>

int run_main(int argc, char **argv);

/* elf.c */
int elf_find(const char *name, char path[PATH_MAX]);
int elf_check(char file[PATH_MAX], const char **why);

/* program.c */
int program_find(const char *name, char path[PATH_MAX]);
int program_check(const char *name, const char *path);

#endif
