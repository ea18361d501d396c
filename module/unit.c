// SPDX-License-Identifier: GPL-2.0
/*
 * unit.c - what runs for each segment, in one piece for the compiler: it may then put a
 * small function into its caller, though the two are in different files.
 *
 * There is nothing to read here: begin at core/arrives.c.
 */
#include "core/wire.c"
#include "core/fsm.c"
#include "core/scoreboard.c"
#include "core/rtt.c"
#include "core/rate.c"
#include "core/arq.c"
#include "core/cong.c"
#include "core/stats.c"
#include "core/flow.c"
#include "core/autotune.c"
#include "core/urgent.c"
#include "core/mtu.c"
#include "core/ecn.c"
#include "core/cwv.c"
#include "core/timer.c"
#include "core/rack.c"
#include "core/recovery.c"
#include "core/send.c"
#include "core/ack.c"
#include "core/arrives.c"
#include "host/clock.c"
#include "host/rxq.c"
#include "ip/family.c"
#include "ip/common.c"
#include "ip/ipv4.c"
#include "ip/xmit.c"
#include "conn/demux.c"
#include "conn/verdict.c"
#include "input/early.c"
#include "input/recv.c"
