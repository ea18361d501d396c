# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The example topology for Mininet (labs/bin/dumbbell.py): two flows share a slow line.
# Sourced by run.sh.

mininet_dumbbell()
{
	python3 "$folder/../../labs/bin/dumbbell.py" -t 10 -c reno -c cubic >"$work/flows"
	cat "$work/flows"
	# both came through, and neither had more than the line carries
	awk '/Mbit/ { flows += $(NF - 1) > 0.5 && $(NF - 1) < 10 } END { exit flows != 2 }' "$work/flows" ||
		fail "expected two flows on a line of 10 Mbit/s, came: $(xargs <"$work/flows")"
	note "$(xargs <"$work/flows")"
	[ -z "$(ip netns list)$(brctl show | sed 1d)" ] || fail "expected no bridge any more, came: $(brctl show)"
}

it mininet.two_flows_share_a_line 240 mininet_dumbbell
