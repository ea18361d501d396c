# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The kernel's own netlink tool, tools/net/ynl/cli.py, which is told of TTP by
# netlink/ttp.yaml alone: it can ask all that ttp can, and hears the same.
# Sourced by run.sh.

ynl=$folder/../../ynl

needs_ynl()
{
	needs_tool
	command -v python3 >/dev/null || skip "no python3 here"
	python3 -c 'import yaml' 2>/dev/null || skip "no python3-yaml here"
	[ -e "$ynl/cli.py" ] || skip "no tools/net/ynl/cli.py here: scripts/ynl --fetch"
}

# cli.py as it is, but for the library's fast parser of YAML: the other takes 20 s in the VM; and a
# signal ends its sleep
cli=(python3 -c 'import os, runpy, signal, sys, time, yaml
yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
time.sleep = lambda seconds: signal.sigtimedwait([signal.SIGUSR1], seconds)
sys.path.insert(0, os.path.dirname(sys.argv[1]))
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
' "$ynl/cli.py" --spec "$ynl/ttp.yaml" --no-schema --output-json)

# ynl HOST OPTION...: what cli.py says there
ynl() { in_ "$1" "${cli[@]}" "${@:2}"; }

# same_as_ttp WHAT: $work/ynl and $work/ttp
same_as_ttp()
{
	python3 "$folder/ynl.py" "$1" "$work/ynl" "$work/ttp" 2>&1 | tee "$work/verdict"
	[ "${PIPESTATUS[0]}" = 0 ] || fail "$(tail -n 1 "$work/verdict")"
}

# A listener with a connection that has carried something, at B, and the other end at A.
a_connection_stays()
{
	two_hosts
	echo "a line" >"$work/text"
	start server B "$tool" listen -vk -i "$work/text" --no-shutdown 5001
	wait_for 10 grep -q ^listening "$work/server.err"
	start client A "$tool" connect -i "$work/text" --hold 1000 10.0.0.2 5001
	wait_for 10 is 1 sockets A ESTABLISHED
	wait_for 10 grep -q line "$work/client"
	wait_for 10 no_timer_runs A
	wait_for 10 no_timer_runs B
}

# Nothing changes there by itself, nor is an ACK still to come from there.
no_timer_runs()
{
	in_ "$1" "$tool" show -j >"$work/timers" && ! grep '"timer"' "$work/timers" | grep -qv '"none"'
}

sockets_are_dumped()
{
	local host
	needs_ynl
	a_connection_stays
	for host in A B; do
		ynl $host --dump sock-get >"$work/ynl"
		in_ $host "$tool" show -aj >"$work/ttp"
		same_as_ttp sockets
	done
	grep -q '"saddr": "10.0.0.2"' "$work/ynl" || fail "expected an address that can be read"
	ynl A --dump sock-get --json '{"parts": ["memory"], "unconnected": true}' >"$work/ynl"
	grep -q '"skmeminfo"' "$work/ynl" || fail "expected the memory, came $(cat "$work/ynl")"
	! grep -q '"cwnd"' "$work/ynl" || fail "expected only the memory, came $(cat "$work/ynl")"
}

counters_and_lists_are_told()
{
	needs_ynl
	a_connection_stays
	ynl B --do mib-get >"$work/ynl"
	in_ B "$tool" stats -aszj >"$work/ttp"
	same_as_ttp counters
	ynl B --dump states-get >"$work/ynl"
	in_ B "$tool" states -j >"$work/ttp"
	same_as_ttp states
	ynl B --dump congestion-get >"$work/ynl"
	in_ B "$tool" congestion -j >"$work/ttp"
	same_as_ttp algorithms
}

# refused WORDS OPTION...: cli.py says so
refused()
{
	local words=$1
	shift
	ynl "$@" >"$work/ynl" 2>&1 && fail "expected it to be refused: $*"
	grep -q -e "$words" "$work/ynl" || fail "expected '$words', came $(tail -n 3 "$work/ynl")"
}

faults_are_set()
{
	needs_ynl
	two_hosts
	ynl A --do fault-add --json '{"direction": "out", "flags": 1, "port": 5001, "count": 2, "action": "drop"}' >"$work/ynl"
	ynl A --do fault-add --json '{"number": 7, "direction": "in", "data": 1, "nth": 3, "action": "drop"}' >"$work/ynl"
	in_ A "$tool" fault list | tee "$work/list"
	grep -q '^ *1  *out  *fin port 5001  *drop 2 ' "$work/list" || fail "expected fault 1"
	grep -q '^ *7  *in  *data nth 3  *drop ' "$work/list" || fail "expected fault 7"
	ynl A --dump fault-get | tee "$work/ynl"
	[ "$(python3 -c 'import json, sys
for f in json.load(sys.stdin): print(f["number"], f["direction"], f["action"], f["hits"])' <"$work/ynl")" = \
		$'1 out drop 0\n7 in drop 0' ] || fail "expected two faults, came $(cat "$work/ynl")"
	refused 'File exists' A --do fault-add --json '{"number": 7, "direction": "in", "action": "drop"}'
	# the kernel names what is missing or wrong, and the tool finds its name in ttp.yaml
	refused "miss-type': 'direction'" A --do fault-add --json '{"action": "drop"}'
	refused "bad-attr': '.nth'" A --do fault-add --json '{"direction": "in", "action": "drop", "nth": 0}'
	ynl A --do fault-del --json '{"number": 7}' >"$work/ynl"
	refused 'No such file' A --do fault-del --json '{"number": 7}'
	ynl A --do fault-del >"$work/ynl"
	[ "$(ynl A --dump fault-get)" = '[]' ] || fail "expected none to be left"
}

a_connection_is_aborted()
{
	local id
	needs_ynl
	a_connection_stays
	id=$(ynl A --dump sock-get | sed 's/.*"id": \([0-9]*\).*/\1/')
	ynl A --do sock-destroy --json "{\"id\": $id}" >"$work/ynl"
	wait_for 10 is 0 sockets A
	refused 'No such file' A --do sock-destroy --json "{\"id\": $id}"
}

# a_group_is_heard GROUP: both listen to it, cli.py without a word until its sleep is over, when the
# connection has ended, but for TIME_WAIT
a_group_is_heard()
{
	local listener monitor
	needs_ynl
	two_hosts
	in_ A sysctl -qw net.ttp.msl_ms=240000	# so that TIME_WAIT outlasts both
	start monitor A "$tool" monitor -j "$1"
	monitor=$started
	start ynl A "${cli[@]}" --subscribe "$1" --sleep 1000
	listener=$started
	wait_for 60 is 2 members A
	start server B "$tool" listen -v -i /dev/null 5001
	wait_for 5 grep -q ^listening "$work/server.err"
	in_ A "$tool" connect -i /dev/null 10.0.0.2 5001
	wait_for 10 is 0 sockets B
	kill -USR1 "$listener"
	finish "$listener" ynl
	kill -INT "$monitor"
	finish "$monitor" monitor
	grep -e "\"event\": *\"$1\"" "$work/monitor" >"$work/ttp"
	same_as_ttp events
}

states_are_heard() { a_group_is_heard state; }
segments_are_heard() { a_group_is_heard segment; }

it ynl.sockets_are_dumped 600 sockets_are_dumped
it ynl.counters_and_lists_are_told 600 counters_and_lists_are_told
it ynl.faults_are_set 600 faults_are_set
it ynl.a_connection_is_aborted 600 a_connection_is_aborted
it ynl.states_are_heard 600 states_are_heard
it ynl.segments_are_heard 600 segments_are_heard
