# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# ttp run with a program that is always there: bash, whose /dev/tcp/HOST/PORT is
# a stream socket.  tests/programs has more of them.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

program_for_TCP()
{
	local listener status=0
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	echo "from the listener" >"$work/text"
	start listener B ttp listen -v -i "$work/text" 5001
	listener=$started
	wait_for 5 grep -q ^listening "$work/listener.err"
	# shellcheck disable=SC2016 # for the bash there
	in_ A ttp run -d -- bash -c 'exec 3<>/dev/tcp/10.0.0.2/5001 && echo "from the program" >&3 &&
		cat <&3; exit 7' >"$work/program" 2>"$work/debug" || status=$?
	[ "$status" = 7 ] || fail "expected exit status 7, came $status: $(cat "$work/debug")"
	finish "$listener" listener
	[ "$(cat "$work/program" "$work/listener")" = $'from the listener\nfrom the program' ] ||
		fail "expected a line each way, came: $(cat "$work/program" "$work/listener")"
	grep -q "made TTP's" "$work/debug" || fail "expected -d to tell of the socket, came: $(cat "$work/debug")"
	is 1 counter A ActiveOpens || fail "expected one active open, came $(counter A ActiveOpens)"
}

program_that_is_static()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	local status=0
	ttp run busybox nc 127.0.0.1 5001 2>"$work/error" || status=$?
	[ $status = 126 ] || fail "expected exit status 126, came $status"
	grep -q 'is a static program' "$work/error" || fail "expected why, came: $(cat "$work/error")"
}

it tool.run_takes_a_program_for_TCP_over_TTP 30 program_for_TCP
it tool.run_refuses_a_static_program 10 program_that_is_static
