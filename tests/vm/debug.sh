#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs tests in a debugging kernel (scripts/check-debug), then asks that kernel what
# it saw: memory misused or leaked, locks in a wrong order, objects freed in use; or
# data races, if it is the kernel that watches for these.
#
#	debug.sh [-q] [-s SUITE] [PATTERN...]
#	debug.sh -f [PATTERN...]
#	debug.sh -k
#
#	-q		without the long tests
#	-s SUITE	tests of vm (which is the default), of conformance or of calls
#	PATTERN		those tests whose name contains one of them
#	-f		instead lets allocations of the module fail, each of them
#			at least once, and asks again
#	-k		loads ttp.ko with the tests of tests/kunit in it, which run then
#
# Each kind of complaint is a test.  $TTP_OUT (/out) gets the kernel's messages.
set -u
export TTP_TEST_SLOW=${TTP_TEST_SLOW:-20}
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

debugfs=/sys/kernel/debug
kmemleak=$debugfs/kmemleak kcsan=$debugfs/kcsan
out=${TTP_OUT:-/out}
TTP_KO=${TTP_KO:-$(realpath "$here/../../module/ttp.ko")}
arguments=() suite=vm phase_to_run=tests_phase

while [ $# -gt 0 ]; do
	case $1 in
	-q) arguments+=(-q) ;;
	-s) has_value "$@"; suite=$2; shift ;;
	-f) phase_to_run=faults_phase ;;
	-k) phase_to_run=kunit_phase ;;
	-h | --help) usage; exit 0 ;;
	-*) misused "no such option: $1" ;;
	*) arguments+=("$1") ;;
	esac
	shift
done

case $suite in
vm | conformance | calls) ;;
*) misused "no such suite: $suite: it knows vm, conformance and calls" ;;
esac
[ -e "$kmemleak" ] || [ -e "$kcsan" ] || { echo "debug.sh: not the debugging kernel: run scripts/check-debug" >&2; exit 2; }
mkdir -p "$out"

loaded() { [ -e /sys/module/ttp ]; }
messages() { dmesg | sed -n "/ttp debug: $phase\$/,\$p"; }

# begin PHASE: complaints and leaks are counted from here on
begin()
{
	phase=$1
	echo "ttp debug: $phase" >/dev/kmsg
	if [ -e "$kcsan" ]; then
		echo on >"$kcsan"
	else
		echo scan=off >"$kmemleak"	# only when it is asked: a scan takes a minute
		echo clear >"$kmemleak"
	fi
}

# A line of a stack trace: "[  25.028444]  ? ref_tracker_alloc+0x131/0x440"
frame='^\[[^]]*\] +(\? )?[^ ]+\+0x[0-9a-f]+/0x[0-9a-f]+( \[[a-z_]+\])?$'

# Complaints of one kind, with their traces
none_of()
{
	messages >"$work/messages"
	grep -vE "$frame" "$work/messages" | grep -qE "$1" || return 0
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

# Else what the kernel said first is not in its buffer any more.
messages_are_all_there()
{
	messages | grep -q . || fail "expected the messages since $phase began, they do not fit in the kernel's buffer"
}

# Data races with an access of the module's that is not marked (READ_ONCE() and so on): where
# its own is, the other one is the kernel's, such as bind() of any IPv4 socket.  A report ends
# with a line of =, an access is a line before the function that made it.
no_data_race()
{
	messages | sed 's/^\[[^]]*\] //' | awk '
		/^=====/ { if (race && ours) printf "%s", report; race = ours = plain = 0; report = ""; next }
		{ report = report $0 "\n" }
		/^BUG: KCSAN/ { race = 1 }
		plain && /\[ttp/ { ours = 1 }
		{ plain = /^(read|write|read-write) to 0x/ }' >"$out/$phase.races"
	[ ! -s "$out/$phase.races" ] || {
		grep '^BUG' "$out/$phase.races" | sort | uniq -c | sort -rn
		fail "$(grep -c '^BUG' "$out/$phase.races") reports, the first: $(grep -m 1 '^BUG' "$out/$phase.races")"
	}
}

# What the patterns above do not match.  jump_label_module_notify() says so when it gets
# no memory.
no_other_complaint()
{
	messages | grep -vE 'KASAN|KCSAN|UBSAN|possible|suspicious|debugobjects|refcount|list_debug|scheduling while|sleeping|using smp|jump_label_module_notify' |
		grep -E 'WARNING|BUG|Bad page|Bad rss' >"$work/other" || return 0
	none_of "$(head -n 1 "$work/other" | sed 's/^\[[^]]*\] //; s/[][().*+?\\^$|{}]/\\&/g')"
}

# Linux 6.1 itself leaks the name of a slab cache for which there is no room in sysfs.
leaks()
{
	awk '/^unreferenced object/ { if (!known) printf "%s", report; report = ""; known = 0 }
		/ sysfs_slab_add\+/ { known = 1 }
		{ report = report $0 "\n" }
		END { if (!known) printf "%s", report }' "$kmemleak"
}

nothing_leaked()
{
	echo scan >"$kmemleak"
	pause 6		# younger objects are not reported
	echo scan >"$kmemleak"
	leaks >>"$out/$phase.leaks"
	[ ! -s "$out/$phase.leaks" ] || {
		head -n 60 "$out/$phase.leaks"
		fail "$(grep -c '^unreferenced object' "$out/$phase.leaks") objects: $(head -n 2 "$out/$phase.leaks" | tr '\n' ' ')"
	}
}

# To ask rmmod each time costs this kernel more than the test that is over.
nobody_uses_it()
{
	local n
	read -r n </sys/module/ttp/refcnt
	[ "$n" = 0 ]
}

# Orphans and TIME_WAIT of the tests' namespaces go with these.
module_can_go()
{
	local ns
	loaded || return 0
	for ns in $(ip netns list | cut -d' ' -f1); do ip netns del "$ns"; done
	# TTP_TEST_SLOW is large here: for as long as an orphan retransmits, with a large RTO
	wait_for 60 nobody_uses_it
	wait_for 5 rmmod ttp
	! loaded || fail "expected the module to be gone"
}

# What is to be said after a phase
reckon()
{
	it "debug.$phase.messages_are_all_there" 60 messages_are_all_there
	if [ -e "$kcsan" ]; then
		it "debug.$phase.module_can_go" 1500 module_can_go
		it "debug.$phase.no_data_race" 60 no_data_race
		it "debug.$phase.no_other_complaint" 60 no_other_complaint
		messages >"$out/$phase.dmesg"
		return
	fi
	cp /proc/modules "$out/$phase.modules"	# whose are the addresses in a leak's trace
	it "debug.$phase.module_can_go" 1500 module_can_go
	# what was lost while the module was there is lost now, too
	it "debug.$phase.nothing_leaked" 300 nothing_leaked
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
	local line counts=''
	while IFS= read -r line; do
		echo "$line"
		counts=$line
	done < <(TTP_KO=$TTP_KO "$@" 2>&1)
	add_up "$counts" || result "not ok - debug.tests: $1 ended without a result"
	# else only what is asked at every end has run
	[ "$counts" != "1 passed, 0 failed" ] || result "not ok - debug.tests: no test of $suite has such a name"
}

tests_phase()
{
	begin tests
	counted "$here/../$suite/run.sh" ${arguments[@]+"${arguments[@]}"}
	reckon
}

. "$here/faults.sh"

faults_phase()
{
	begin faults
	loaded || insmod "$TTP_KO"
	patterns=(${arguments[@]+"${arguments[@]}"})
	all_faults
	patterns=()
	reckon
}

# What a module's tests said is in debugfs for as long as it is loaded: for each suite
# "ok 1 arrives", "not ok 1 arrives" or a line that ends with "# SKIP".
suites_pass()
{
	local suite last n=0 passed
	insmod "$here/../kunit/kunit.ko" enable=1
	insmod "$here/../kunit/ttp.ko"
	for suite in "$debugfs"/kunit/*/; do
		suite=${suite%/}
		# its size is 0 in debugfs
		cat "$suite/results" >"$out/kunit.${suite##*/}"
		last=$(tail -n 1 "$out/kunit.${suite##*/}")
		n=$((n + 1))
		[[ $last == "ok "* ]] || fail "expected ok of $suite, it says $last"
	done
	passed=$(awk -F '[: ]' '/^# Totals: pass:/ { n += $5 } END { print n + 0 }' "$out"/kunit.*)
	note "$passed tests in $n suites"
}

kunit_phase()
{
	begin kunit
	it debug.kunit.suites_pass_in_a_module 600 suites_pass
	reckon
}

"$phase_to_run"
cat "$out"/*.dmesg >"$out/dmesg"
verdict
