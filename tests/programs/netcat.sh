# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# OpenBSD's netcat.  Sourced by run.sh.

netcat_file()
{
	start nc B "${over[@]}" nc.openbsd "-$family" -l 5000
	local server=$started
	listening 5000
	input=$files/16M client send nc.openbsd -N "$B" 5000
	ends "$server"
	same "$work/nc" "$files/16M"
}

netcat_ports()
{
	serve nc nc.openbsd -l -k "$B" 5000
	local server=$started
	listening 5000
	client scan nc.openbsd -z -v -n -w 2 "$B" 4999-5001
	grep -v '^$' "$dir/scan.err" | sed 's/ ([^)]*)//' >"$dir/said"
	prints "$dir/said"
	client refused nc.openbsd "$B" 5001
	input=$files/small client source nc.openbsd -N -p 4000 -s "$(at 10.0.0.1)" "$B" 5000
	wait_for 5 grep -q small "$work/nc"
	stop "$server"
}

both netcat.a_file 60 netcat_file
both netcat.open_and_closed_ports 60 netcat_ports
