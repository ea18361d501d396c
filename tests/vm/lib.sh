# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the shell tests share: hosts as network namespaces joined by veth,
# waiting for an event, a runner for one test, and clearing up behind it.
# Sourced, never run.
# shellcheck disable=SC2034 # used by those who source it

[ -z "${work:-}" ] || return 0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../scripts/lib.sh
. "$here/../../scripts/lib.sh"
proto=${TTP_TEST_PROTO:-ttp}
export TTP_TEST_PROTO=$proto TTP_TEST_SLOW=${TTP_TEST_SLOW:-4}
work=$(mktemp -d)
trap 'clear_up; rm -rf "$work" "$work".*' EXIT
trap 'exit 130' INT TERM
nspre=t$$

# Ends a test: fail "expected X, came Y"; skip "no nft here", for what a machine may lack.  The VM's
# kernels have what debug.config has: without that a test fails.
fail() { echo "$*" >"$work/reason"; exit 1; }
# No command ends with 77; ip and tc end with 2 when they fail.
skip() { echo "$*" >"$work/reason"; exit 77; }

tool=$(PATH=$PATH:$here/../../userspace command -v ttp || :)

needs_tool() { [ -n "$tool" ] || skip "no tool ttp here"; }

loaded() { [ -e /proc/net/ttp ]; }

load()
{
	local ko
	[ "$proto" != tcp ] || return 0
	for ko in "${TTP_KO:-}" /lib/ttp/ttp.ko "$here/../../module/ttp.ko"; do
		[ -n "$ko" ] && [ -e "$ko" ] && TTP_KO=$(realpath "$ko") && break
	done
	export TTP_KO
	loaded && return
	if [ -n "${TTP_KO:-}" ]; then
		insmod "$TTP_KO"
	else
		modprobe ttp
	fi
	loaded || { echo "run.sh: the module could not be loaded" >&2; exit 2; }
}

# mark_log: what the kernel says from here on is what log_since prints
mark_log() { mark="ttp test $BASHPID.$RANDOM"; echo "$mark" >/dev/kmsg; }
log_since() { dmesg | sed "1,/$mark\$/d"; }

# What the kernel says when something is broken, since the tests began.
kernel_complaints()
{
	dmesg | sed -n "/ttp tests begin $$\$/,\$p" |
		grep -E 'WARNING|BUG:|Oops|general protection|refcount_t|rcu.*(stall|detected)|possible (circular|recursive)|suspicious RCU|unregister_netdevice: waiting|soft lockup|blocked for more than|Objects remaining|still has objects|Attempt to release (alive|TCP|TTP)|scheduling while atomic|sleeping function|leaked|UBSAN|KASAN|Call Trace' |
		grep -v 'BUG: KCSAN'	# debug.sh looks whose data race it is
}

kernel_is_content()
{
	# else what it said first is not in its buffer any more
	dmesg | grep -q "ttp tests begin $$\$" || fail "expected the messages since the tests began"
	if kernel_complaints >"$work/complaints"; then
		dmesg | grep -A 30 -m 1 -F "$(head -n 1 "$work/complaints" | sed 's/^\[[^]]*\] //')"
		fail "expected no complaint of the kernel, came: $(head -n 1 "$work/complaints")"
	fi
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
	local end=$((SECONDS + $1 * TTP_TEST_SLOW + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || fail "waited in vain for: $*"
		pause 0.05
	done
}

# From a pipe that nobody writes to and that does not end: no process is made.
exec {never}<> <(:)
pause() { read -rt "$1" -u "$never" || :; }
not() { ! "$@"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
is() { [ "$("${@:2}")" = "$1" ]; }

# start NAME HOST COMMAND...: in the background, its output in $work/NAME, its
# process in $started; ended at the end of the test.
start()
{
	local name=$1 ns=$nspre$2
	shift 2
	: >"$work/$name"	# who waits for what it says must not find what another said
	# ip becomes the command, so that $! is the command's
	ip netns exec "$ns" "$@" >"$work/$name" 2>"$work/$name.err" </dev/null &
	started=$!
	echo $started >>"$work/pids"
}

# finish PID WHAT: waits for its end and wants success.
finish()
{
	local status=0
	wait "$1" || status=$?
	[ "$status" = 0 ] || fail "$2: expected exit status 0, came $status: $(tail -n 3 "$work/$2.err" 2>/dev/null)"
}

# Hosts.  host A makes a namespace, in A CMD runs there.
host()
{
	ip netns add "$nspre$1"
	echo "$nspre$1" >>"$work/hosts"
	ip -n "$nspre$1" link set lo up
}

in_() { local ns=$nspre$1; shift; ip netns exec "$ns" "$@"; }

by_v6() { [ "${TTP_TEST_FAMILY:-4}" = 6 ]; }
# What a test's address of IPv4 is by the family under test; in an address of the web
at() { ! by_v6 || printf fd00::; echo "$1"; }
in_url() { if by_v6; then echo "[fd00::$1]"; else echo "$1"; fi; }

# cable A ADDRESS B ADDRESS: a veth pair; the device in A is named toB.  With TTP_TEST_FAMILY=6 the
# ends have fd00::ADDRESS, too (sock.c).
cable()
{
	ip link add "to$3" netns "$nspre$1" type veth peer name "to$1" netns "$nspre$3"
	ip -n "$nspre$1" addr add "$2/24" dev "to$3"
	ip -n "$nspre$3" addr add "$4/24" dev "to$1"
	ip -n "$nspre$1" link set "to$3" up
	ip -n "$nspre$3" link set "to$1" up
	by_v6 || return 0
	ip -n "$nspre$1" addr add "fd00::$2/120" dev "to$3" nodad
	ip -n "$nspre$3" addr add "fd00::$4/120" dev "to$1" nodad
}

# netem_at HOST toPEER ARGUMENTS...: netem on the device, in place of what was there.  It
# may lose each of ARP's three questions, too: both ends know each other before.
netem_at()
{
	local host=$1 peer=${2#to}
	neighbour "$host" "$peer"
	neighbour "$peer" "$host"
	in_ "$host" tc qdisc replace dev "$2" root netem "${@:3}"
}

# neighbour HOST PEER: HOST knows the device of PEER for ever, by each of its addresses
neighbour()
{
	local address device
	device=$(in_ "$2" cat "/sys/class/net/to$1/address")
	for address in $(ip -n "$nspre$2" -o addr show dev "to$1" | awk '{ sub("/.*", "", $4); print $4 }'); do
		ip -n "$nspre$1" neigh replace "$address" dev "to$2" nud permanent lladdr "$device"
	done
}

# Each segment on the cable is one packet with a complete checksum.
# The kernel makes packets of many segments, and cuts them, whatever ethtool says: only the
# device can forbid it.
no_offload()
{
	in_ "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
	ip -n "$nspre$1" link set "$2" gso_max_segs 1
}

# carry KIB [PROTO]: from A to B, in one connection that A closes first; equal checksums.  PROTO:
# the receiver's, as TTP_TEST_PROTO
carry()
{
	local receiver
	start receiver B env ${2:+TTP_TEST_PROTO="$2"} "$here/bin/bulk" listen "$to_B" 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	start sender A "$here/bin/bulk" send "$to_B" 5001 "$1"
	finish "$started" sender
	finish "$receiver" receiver
	note "$(cat "$work/sender")"
	[ "$(sed 's/, in.*//' "$work/sender")" = "$(sed '1d; s/, in.*//' "$work/receiver")" ] ||
		fail "expected $(cat "$work/sender"), came $(sed 1d "$work/receiver")"
}

# A 10.0.0.1 - 10.0.0.2 B
two_hosts()
{
	to_B=10.0.0.2
	host A
	host B
	cable A 10.0.0.1 B 10.0.0.2
}

# A 10.0.1.1 - 10.0.1.9 R 10.0.2.9 - 10.0.2.2 B
three_hosts()
{
	to_B=10.0.2.2
	host A
	host R
	host B
	cable A 10.0.1.1 R 10.0.1.9
	cable R 10.0.2.9 B 10.0.2.2
	in_ R sysctl -qw net.ipv4.ip_forward=1
	ip -n "${nspre}A" route add default via 10.0.1.9
	ip -n "${nspre}B" route add default via 10.0.2.9
	if by_v6; then
		in_ R sysctl -qw net.ipv6.conf.all.forwarding=1
		ip -n "${nspre}A" route add default via fd00::10.0.1.9
		ip -n "${nspre}B" route add default via fd00::10.0.2.9
	fi
	local end
	for end in A:toR R:toA R:toB B:toR; do
		no_offload "${end%:*}" "${end#*:}"
	done
}

# sockets HOST [STATE]: how many there are
sockets()
{
	if [ "$proto" = tcp ]; then
		in_ "$1" ss -Htan ${2:+state "$2"} | wc -l
	else
		in_ "$1" sed 1d /proc/net/ttp/sockets | grep -c ${2:+-w} -e "${2:-.}" || :
	fi
}

# How many sockets are in a group of generic netlink there.
# shellcheck disable=SC2016 # for awk
members() { in_ "$1" awk '$2 == 16 && $4 != "00000000"' /proc/net/netlink | wc -l; }

# counter HOST NAME
counter() { in_ "$1" sed -n "s/^$2[ :]*//p" /proc/net/ttp/stats | grep . || echo 0; }

end_processes()
{
	local pid
	[ -e "$work/pids" ] || return 0
	while read -r pid; do
		kill -KILL "$pid" 2>/dev/null || :
	done <"$work/pids"
	rm -f "$work/pids"
}

clear_up()
{
	local ns
	end_processes
	[ -e "$work/hosts" ] || return 0
	while read -r ns; do
		ip netns del "$ns" 2>/dev/null || :
	done <"$work/hosts"
	rm -f "$work/hosts"
}

# Ends the test's shell when its time is up.  $1: seconds, longer where all is
# slower than usual; $2: its process.
watch_time()
{
	local end=$((SECONDS + $1 * (TTP_TEST_SLOW > 4 ? TTP_TEST_SLOW : 4) / 4))
	while ! gone "$2"; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "still running after $1 s" >"$work/reason"
			kill -KILL "$2"
			return
		fi
		pause 0.1
	done
}

unexpected() { [ -s "$work/reason" ] || echo "failed: $1" >"$work/reason"; }

# it NAME SECONDS FUNCTION: runs one test in a shell of its own.  By IPv6, area.property is
# area:v6.property.
it()
{
	local status=0 pid watcher began=$SECONDS name=$1
	! by_v6 || name=${1/./:v6.}
	selected "$name" || return 0
	rm -f "$work"/*
	(set -eE; trap 'unexpected "$BASH_COMMAND"' ERR; "${@:3}") >"$work/log" 2>&1 &
	pid=$!
	watch_time "$2" "$pid" &
	watcher=$!
	wait "$pid" 2>/dev/null || status=$?
	wait "$watcher" 2>/dev/null || :
	case $status in
	0)
		result "ok - $name ($((SECONDS - began)) s)$(cat "$work/note" 2>/dev/null || :)"
		;;
	77)
		result "skip - $name: $(cat "$work/reason")"
		;;
	*)
		result "not ok - $name: $(cat "$work/reason" 2>/dev/null || echo "exit status $status")"
		tail -n 15 "$work/log" | sed 's/^/#   /'
		;;
	esac
	clear_up
}

# note TEXT: goes behind the line of a test that passes
note() { echo ", $*" >"$work/note"; }

# results_of NAME: what a program with tests prints, counted
results_of()
{
	local line ended=''
	while IFS= read -r line; do
		case $line in
		[0-9]*" passed, "*) ended=1 ;;
		*) result "$line" ;;
		esac
	done
	[ -n "$ended" ] || result "not ok - $1: died without a result"
}

# begin_tests MODULE...: before the first one; what is no module here is in the kernel
begin_tests()
{
	echo "ttp tests begin $$" >/dev/kmsg
	modprobe -qa "$@" 2>/dev/null
	load
}

# end_tests: after the last one; the script's end
end_tests()
{
	patterns=()
	it kernel.says_nothing_of_errors 10 kernel_is_content
	verdict
}
