#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Measures what hostile packets cost TTP, and beside it TCP, in the test VM under
# -icount (`make bench-attack` on the host; attack.py makes the table of it).
#
#	attack.sh [-q] [PATTERN...]
#
#	-q		a tenth of the connections
#	PATTERN		the rows whose name contains one of them (all)
#
# /out/attack/rows gets a line for each row and protocol, and below it what was
# counted in the protocol's counters.
set -u
# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

attack=$(dirname "$0")/bin/attack
out=${TTP_OUT:-/out}/attack
export ATTACK_OUT=$out/rows ATTACK_CONNECTIONS=100000
test_options q "$@"
! given q || ATTACK_CONNECTIONS=10000
mkdir -p "$out"
: >"$ATTACK_OUT"

# Sockets of all namespaces: "alloc" is not counted for each.
all_sockets()
{
	sed -n 's/^T[CT]P: .* alloc \([0-9]*\) .*/\1/p' /proc/net/sockstat /proc/net/ttp/sockstat
}

# What the row before has left is gone: its orphans hold their namespace, which is taken down after
# them.  /proc/stat has idle time in its fourth column, in hundredths of a second.
is_quiet()
{
	local before now
	read -ra before </proc/stat
	pause 1
	read -ra now </proc/stat
	[ $((now[4] - before[4])) -ge 95 ] && [ "$(all_sockets)" = "$at_first" ]
}

begin_tests tun
at_first=$(all_sockets)
mapfile -t rows < <("$attack" -l)
for row in "${rows[@]}"; do
	selected "$row" || continue
	for one in ttp tcp; do
		wait_for 3600 is_quiet
		TTP_TEST_PROTO=$one "$attack" "$row" >"$work/result" && continue
		failed=$((failed + 1))
		sed "s/^/$one: /" "$work/result"
	done
	tail -n 4 "$ATTACK_OUT" | grep "^${row#*.} "
done
[ $failed = 0 ]
