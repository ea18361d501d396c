# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What changes within a connection: the congestion window and why, and the timers.
# Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=fault.sh
[ "$(type -t fault)" = function ] || . "$here/fault.sh"

# watch GROUP...: what A tells of them, in $work/changes
watch()
{
	needs_tool
	two_hosts
	in_ A sysctl -qw net.ttp.congestion_control=reno
	"$tool" monitor "$@" -N "${nspre}A" --ready "$work/ready" >"$work/changes" 2>"$work/watch.err" </dev/null &
	watcher=$!
	echo $watcher >>"$work/pids"
	wait_for 5 test -e "$work/ready"
}

watched()
{
	wait_for 5 is 0 sockets A SYN_SENT
	kill -INT "$watcher"
	wait "$watcher" || :
	cat "$work/changes"
	! grep lost "$work/watch.err" || fail "expected all events, came $(cat "$work/watch.err")"
}

# number WORD: what stands behind it in the line
number() { sed -E "s/.* $1 ([0-9]+) .*/\1/"; }

# line PATTERN: the first that has it
line() { grep -m 1 -e "$1" "$work/changes" || fail "expected '$1' in $(cat "$work/changes")"; }

# The window is halved once, falls to ssthresh by PRR, and is ssthresh at the end.
a_loss_halves_the_window()
{
	local before ssthresh
	[ "${TTP_TEST_EXACT:-0}" = 1 ] || skip "a slow machine lets the window run out before"
	watch cong
	# the whole window is out when the loss is seen
	in_ B tc qdisc add dev toA root netem delay $((10 * TTP_TEST_SLOW))ms
	fault A add out data nth 40 drop 1
	carry 256
	watched
	line 'open: begin' | grep -q 'ssthresh infinite' || fail "expected no threshold at first"
	line 'open: ACK' >/dev/null
	ssthresh=$(line 'fast recovery: loss' | number ssthresh)
	before=$(grep -B 1 'fast recovery: loss' "$work/changes" | head -n 1 | number cwnd)
	[[ $ssthresh -ge $((before / 2 - 4 * 1448)) && $ssthresh -le $((before / 2 + 2 * 1448)) ]] ||
		fail "expected half of $before, came $ssthresh"
	line 'fast recovery: PRR' >/dev/null
	is "$ssthresh" eval 'line "open: recovered" | number cwnd' ||
		fail "expected $ssthresh again, came $(line 'open: recovered')"
}

# A segment, and what is sent for it after three duplicate ACKs and for the first timeout
a_timeout_is_told()
{
	watch cong timer
	fault A add out data seq 7000 drop 3
	carry 16
	watched
	line 'retransmission timer armed, due in [0-9]' >/dev/null
	line 'retransmission timer fired' >/dev/null
	is 1448 eval 'line "loss recovery: RTO" | number cwnd' ||
		fail "expected a window of one segment, came $(line 'loss recovery: RTO')"
	line 'open: recovered' >/dev/null
	# it fires before it is armed for twice the time
	sed '1,/retransmission timer fired/d' "$work/changes" | grep -m 1 retransmission |
		grep -q armed || fail "expected it armed again"
	[ "$(grep 'retransmission timer' "$work/changes" | tail -n 1 | sed 's/.* //')" = stopped ] ||
		fail "expected it stopped at the end"
}

# One listens while the other group has nobody; a connection of before is told, too.
a_listener_may_come_late()
{
	local sender
	needs_tool
	two_hosts
	start receiver B "$tool" listen -v -o "$work/output" 5000
	wait_for 5 grep -q ^listening "$work/receiver.err"
	mkfifo "$work/input"
	start sender A "$tool" connect -i "$work/input" 10.0.0.2 5000
	sender=$started
	exec 8<>"$work/input"
	echo first >&8
	wait_for 5 grep -q first "$work/output"
	"$tool" monitor timer -N "${nspre}A" --ready "$work/ready" >"$work/changes" 2>"$work/watch.err" </dev/null 8>&- &
	watcher=$!
	echo $watcher >>"$work/pids"
	wait_for 5 test -e "$work/ready"
	echo second >&8
	wait_for 5 grep -q second "$work/output"
	exec 8>&-
	finish "$sender" sender
	watched
	line 'retransmission timer armed' >/dev/null
	! grep -q cwnd "$work/changes" || fail "expected nothing of the window"
}

it changes.a_loss_halves_the_window 60 a_loss_halves_the_window
it changes.a_timeout_is_told 60 a_timeout_is_told
it changes.a_listener_may_come_late 60 a_listener_may_come_late
