// SPDX-License-Identifier: GPL-2.0
/*
 * unit.c - what runs for each segment, in one piece for the compiler: it may then put a
 * small function into its caller, though the two are in different files of core/.
 *
 * There is nothing to read here: begin at arrives.c.
 */
#include "wire.c"
#include "fsm.c"
#include "scoreboard.c"
#include "rtt.c"
#include "rate.c"
#include "arq.c"
#include "cong.c"
#include "stats.c"
#include "autotune.c"
#include "urgent.c"
#include "mtu.c"
#include "ecn.c"
#include "cwv.c"
#include "timer.c"
#include "rack.c"
#include "recovery.c"
#include "send.c"
#include "ack.c"
#include "arrives.c"
