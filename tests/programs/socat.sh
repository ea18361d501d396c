# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# socat: one way, echo with half-close, a relay.  Sourced by run.sh.

socat_one_way()
{
	serve socat socat -u "TCP$family-LISTEN":5000,reuseaddr OPEN:"$dir/16M",create
	local server=$started
	listening 5000
	client send socat -u FILE:"$files/16M" "TCP$family:$B_url":5000
	ends "$server"
	same "$dir/16M" "$files/16M"
}

socat_echo()
{
	serve socat socat "TCP$family-LISTEN":5000,reuseaddr,fork,nodelay,keepalive EXEC:cat
	local server=$started
	listening 5000
	input=$files/1M client echo socat -t 10 - "TCP$family:$B_url":5000,nodelay
	same "$dir/echo" "$files/1M"
	input=$files/small client port socat -t 10 - "TCP$family:$B_url":5000,sourceport=4000,reuseaddr
	same "$dir/port" "$files/small"
	client refused socat - "TCP$family:$B_url":5001
	stop "$server"
}

# in - B:5001 - B:5000 - out: two connections, one of them on lo
socat_relay()
{
	serve end socat -u "TCP$family-LISTEN":5000 OPEN:"$dir/1M",create
	local end=$started
	serve relay socat "TCP$family-LISTEN":5001 "TCP$family:$lo":5000
	local relay=$started
	listening 5000
	listening 5001
	client send socat -u FILE:"$files/1M" "TCP$family:$B_url":5001
	ends "$relay"
	ends "$end"
	same "$dir/1M" "$files/1M"
}

both socat.one_way 60 socat_one_way
both socat.echo_and_half_close 60 socat_echo
both socat.a_relay 60 socat_relay
