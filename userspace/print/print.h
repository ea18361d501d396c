/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands that print what the module says.
 */
#ifndef TTP_PRINT_H
#define TTP_PRINT_H

int show_main(int argc, char **argv);
int top_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int states_main(int argc, char **argv);
int congestion_main(int argc, char **argv);
int fault_main(int argc, char **argv);
int monitor_main(int argc, char **argv);
int doctor_main(int argc, char **argv);

#endif
