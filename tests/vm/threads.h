/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads that do the same again and again, until the test says stop.
 */
#ifndef THREADS_H
#define THREADS_H

#include "sock.h"

extern atomic_bool stop;
extern atomic_long rounds;	/* that the threads made, those that count them */

/* reads the kernel's list of sockets all the while */
void *observer(void *unused);

/* So long, and until there were some rounds: threads may get no turn for a while.
 * Then stop is true.
 */
void run_for(int ms, int least);
void join_all(const pthread_t *t, int n);

#endif
