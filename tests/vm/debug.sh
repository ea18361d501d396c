#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs tests in the debugging kernel (scripts/check-debug), then asks that kernel
# what it saw: memory misused or leaked, locks in a wrong order, objects freed in
# use.  Afterwards lets allocations of the module fail, and asks again.
#
#	debug.sh [-q] [-n] [-f] [PATTERN...]
#
#	-q		without the long tests
#	-n		no failing allocations
#	-f		failing allocations only
#	PATTERN		those tests whose name contains one of them
#
# Each kind of complaint is a test.  $TTP_OUT (/out) gets the kernel's messages.
set -u
export TTP_TEST_SLOW=${TTP_TEST_SLOW:-20}
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

debugfs=/sys/kernel/debug kmemleak=/sys/kernel/debug/kmemleak
out=${TTP_OUT:-/out}
TTP_KO=${TTP_KO:-$(realpath "$here/../../module/ttp.ko")}
arguments=() tests=1 faults=1

while [ $# -gt 0 ]; do
	case $1 in
	-q) arguments+=(-q) ;;
	-n) faults='' ;;
	-f) tests='' ;;
	-h | --help) sed -n '4,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
	-*) echo "debug.sh: no such option: $1" >&2; exit 2 ;;
	*) arguments+=("$1") ;;
	esac
	shift
done

[ -e "$kmemleak" ] || { echo "debug.sh: not the debugging kernel: run scripts/check-debug" >&2; exit 2; }
mkdir -p "$out"

loaded() { [ -e /sys/module/ttp ]; }
messages() { dmesg | sed -n "/ttp debug: $phase\$/,\$p"; }

# begin PHASE: complaints and leaks are counted from here on
begin()
{
	phase=$1
	echo "ttp debug: $phase" >/dev/kmsg
	echo clear >"$kmemleak"
}

# Complaints of one kind, with their traces
none_of()
{
	messages >"$work/messages"
	grep -qE "$1" "$work/messages" || return 0
	echo "$(grep -cE "$1" "$work/messages") in all; the first ones:" >&2
	grep -E -A 45 -m 3 "$1" "$work/messages" >"$out/$phase.complaint.$RANDOM"
	fail "$(grep -E -m 1 "$1" "$work/messages")"
}

memory_is_used_well() { none_of 'KASAN|UBSAN|list_(add|del) corruption|detected buffer|usercopy:|stack guard page|general protection|Oops|BUG: (unable|kernel NULL)'; }
lock_order_is_kept() { none_of 'possible (circular|recursive|irq lock)|inconsistent lock state|lock order|held lock freed|still held|bad unlock balance|bad contention|BUG: (spinlock|rwlock)|BUG: MAX_LOCK|DEBUG_LOCKS_WARN_ON|HARDIRQ-safe|SOFTIRQ-safe'; }
# it switches itself off after a complaint, and when it is full
lockdep_is_on()
{
	grep -q 'debug_locks: *1' /proc/lockdep_stats ||
		fail "expected lockdep to be on, it has switched itself off"
}

locks_are_in_order() { lock_order_is_kept; lockdep_is_on; }
RCU_is_respected() { none_of 'suspicious RCU|rcu.*(stall|detected|self-detected)|RCU nest|Voluntary context switch'; }
contexts_are_right() { none_of 'sleeping function|scheduling while atomic|using (smp_processor_id|__this_cpu)|blocked for more than|soft lockup|NOHZ.*handler|workqueue.*leaked|softirq.*preempt_count'; }
objects_end_in_order() { none_of 'ODEBUG|refcount_t|Objects remaining|still has objects|Attempt to release|unregister_netdevice: waiting|ref_tracker|leaked reference|percpu ref.*<= 0'; }

# What the patterns above do not match
no_other_complaint()
{
	messages | grep -vE 'KASAN|UBSAN|possible|suspicious|debugobjects|refcount|list_debug|scheduling while|sleeping|using smp' |
		grep -E 'WARNING|BUG|Bad page|Bad rss' >"$work/other" || return 0
	none_of "$(head -n 1 "$work/other" | sed 's/^\[[^]]*\] //; s/[][().*+?\\^$|{}]/\\&/g')"
}

nothing_leaked()
{
	echo scan >"$kmemleak"
	pause 6		# younger objects are not reported
	echo scan >"$kmemleak"
	cat "$kmemleak" >>"$out/$phase.leaks"
	[ ! -s "$out/$phase.leaks" ] || {
		head -n 60 "$out/$phase.leaks"
		fail "$(grep -c '^unreferenced object' "$out/$phase.leaks") objects: $(head -n 2 "$out/$phase.leaks" | tr '\n' ' ')"
	}
}

# Orphans and TIME_WAIT of the tests' namespaces go with these.
module_can_go()
{
	local ns
	loaded || return 0
	for ns in $(ip netns list | cut -d' ' -f1); do ip netns del "$ns"; done
	# TTP_TEST_SLOW is large here: minutes
	wait_for 10 rmmod ttp
	! loaded || fail "expected the module to be gone"
}

# What is to be said after a phase
reckon()
{
	it "debug.$phase.leaks_nothing_while_loaded" 300 nothing_leaked
	it "debug.$phase.module_can_go" 400 module_can_go
	it "debug.$phase.leaks_nothing_when_unloaded" 300 nothing_leaked
	it "debug.$phase.memory_is_used_well" 60 memory_is_used_well
	it "debug.$phase.locks_are_in_order" 60 locks_are_in_order
	it "debug.$phase.RCU_is_respected" 60 RCU_is_respected
	it "debug.$phase.contexts_are_right" 60 contexts_are_right
	it "debug.$phase.objects_end_in_order" 60 objects_end_in_order
	it "debug.$phase.no_other_complaint" 60 no_other_complaint
	messages >"$out/$phase.dmesg"
}

# counted SUITE ARGUMENT...: its counts are added to ours
counted()
{
	local line counts
	while IFS= read -r line; do
		echo "$line"
		counts=$line
	done < <(TTP_KO=$TTP_KO "$@" 2>&1)
	if [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + BASH_REMATCH[3]))
	else
		echo "not ok - debug.tests: $1 ended without a result"
		failed=$((failed + 1))
	fi
}

tests_phase()
{
	begin tests
	counted "$here/run.sh" ${arguments[@]+"${arguments[@]}"}
	[ ${#arguments[@]} -gt 0 ] || counted "$here/../conformance/run.sh"
	reckon
}

# Where modules are, on x86_64.  All of this kernel's own is built in: what is
# called from there is called by TTP.
modules_start=0xffffffffa0000000 modules_end=0xffffffffff000000

# knob NAME VALUE: of both kinds of failing allocations
knob()
{
	echo "$2" >"$debugfs/failslab/$1"
	echo "$2" >"$debugfs/fail_page_alloc/$1"
}

# let_fail PERCENT TIMES: allocations fail that a function of the module asks for
let_fail()
{
	knob task-filter N
	knob ignore-gfp-wait N
	knob verbose 0
	knob stacktrace-depth 32
	knob require-start "$modules_start"
	knob require-end "$modules_end"
	echo 0 >"$debugfs/fail_page_alloc/min-order"
	knob times "$2"
	knob probability "$1"
}

end_failing() { knob probability 0; }

# how_many TIMES: have failed of them
how_many()
{
	echo $((2 * $1 - $(cat "$debugfs/failslab/times") - $(cat "$debugfs/fail_page_alloc/times")))
}

# Whether the tests pass does not matter here.
programs_under_failure()
{
	local name many=1000000
	let_fail 7 $many
	for name in connect close io opts open backlog many stress; do
		timeout -k 5 120 env TTP_TEST_SLOW=2 "$here/bin/$name" >>"$out/faults.log" 2>&1 || :
	done
	end_failing
	note "$(how_many $many) allocations failed, $(grep -c '^ok' "$out/faults.log") tests passed, $(grep -c '^not ok' "$out/faults.log") did not"
}

# Once there is a connection, no failure may end it or change its text.
transfer_under_failure()
{
	local receiver many=1000000
	two_hosts
	start receiver B "$here/bin/bulk" listen 10.0.0.2 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	start sender A "$here/bin/bulk" send 10.0.0.2 5001 8192
	wait_for 5 is 1 sockets A ESTABLISHED
	wait_for 5 is 1 sockets B ESTABLISHED
	let_fail 3 $many
	finish "$started" sender
	finish "$receiver" receiver
	end_failing
	[ "$(sed 's/, in.*//' "$work/sender")" = "$(sed '1d; s/, in.*//' "$work/receiver")" ] ||
		fail "expected $(cat "$work/sender"), came $(sed 1d "$work/receiver")"
	note "$(how_many $many) allocations failed, $(cat "$work/sender")"
}

observers_under_failure()
{
	local i file many=1000000
	host A
	start holder A "$here/bin/holder"
	wait_for 10 grep -q ready "$work/holder"
	let_fail 20 $many
	for i in 1 2 3 4 5; do
		for file in sockets stats states; do in_ A cat /proc/net/ttp/$file; done
		command -v ttp && { in_ A ttp show -a; in_ A ttp stats; }
	done >>"$out/faults.log" 2>&1 || :
	end_failing
	note "$(how_many $many) allocations failed"
}

namespaces_under_failure()
{
	local i made=0
	let_fail 5 1000000
	for ((i = 0; i < 60; i++)); do
		unshare -n true 2>>"$out/faults.log" && made=$((made + 1))
	done
	end_failing
	note "$made of 60 could be made"
}

loading_under_failure()
{
	local i loads=0
	wait_for 10 rmmod ttp
	for ((i = 0; i < 40; i++)); do
		let_fail 15 1
		if insmod "$TTP_KO" 2>>"$out/faults.log"; then
			loads=$((loads + 1))
			end_failing
			rmmod ttp
		fi
		end_failing
		! loaded || fail "expected no module after an insmod that failed"
	done
	insmod "$TTP_KO"
	note "$loads of 40 succeeded"
}

faults_phase()
{
	begin faults
	loaded || insmod "$TTP_KO"
	it debug.faults.programs 1200 programs_under_failure
	it debug.faults.transfer 300 transfer_under_failure
	end_failing
	it debug.faults.observers 120 observers_under_failure
	it debug.faults.namespaces 300 namespaces_under_failure
	it debug.faults.loading 300 loading_under_failure
	reckon
}

trap 'clear_up; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
[ -z "$tests" ] || tests_phase
[ -z "$faults" ] || faults_phase
cat "$out"/*.dmesg >"$out/dmesg"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
