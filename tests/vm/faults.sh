# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Lets allocations of the module fail, at random and then each that has not failed
# yet, in a kernel that leaves a trace of each.  Part of debug.sh, which asks that
# kernel afterwards what it saw.  scripts/allocations lists where memory is asked for.
#
# shellcheck disable=SC2154 # debugfs, out: of debug.sh

# Where modules are, on x86_64.  All of this kernel's own is built in: what is
# called from there is called by TTP.
modules_start=0xffffffffa0000000 modules_end=0xffffffffff000000

# knob NAME VALUE: of both kinds of failing allocations
knob()
{
	echo "$2" >"$debugfs/failslab/$1"
	echo "$2" >"$debugfs/fail_page_alloc/$1"
}

# let_fail PERCENT TIMES [START END]: allocations fail that a function of the module
# asks for, or one whose call returns to between START and END
let_fail()
{
	knob task-filter N
	knob ignore-gfp-wait N
	knob verbose 2
	knob stacktrace-depth 32
	knob require-start "${3:-$modules_start}"
	knob require-end "${4:-$modules_end}"
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

# used_up: have as many failed as may, where that is few?
used_up()
{
	local slabs pages
	read -r slabs <"$debugfs/failslab/times" && read -r pages <"$debugfs/fail_page_alloc/times" &&
		[[ $slabs = 0 || $pages = 0 ]]
}

over() { gone "$1" || used_up; }

# under_failure PROGRAM...: whether their tests pass does not matter here; no more of them are
# run when as many allocations have failed as may.
under_failure()
{
	local name program
	for name; do
		timeout -k 5 120 env TTP_TEST_SLOW=2 "$here/bin/$name" >>"$out/faults.log" 2>&1 &
		program=$!
		wait_for 150 over "$program"
		! used_up || { pause 1; kill "$program" 2>/dev/null; }
		wait "$program" || :
		! used_up || break
	done
}

programs_under_failure()
{
	local many=1000000
	let_fail 7 $many
	under_failure connect close io opts open backlog many stress icmp timewait reuseport
	let_fail 2 $many	# some allocations come only after many others
	under_failure stamps tcpopts memory loss header urgent
	end_failing
	note "$(how_many $many) allocations failed in the last ones, $(grep -c '^ok' "$out/faults.log") tests passed, $(grep -c '^not ok' "$out/faults.log") did not"
}

# Once there is a connection, no failure may end it or change its data.
transfer_under_failure()
{
	local receiver many=1000000
	two_hosts
	start receiver B "$here/bin/bulk" listen 10.0.0.2 5001
	receiver=$started
	wait_for 5 grep -q listening "$work/receiver"
	kill -STOP "$receiver"	# or the transfer is over before anything fails
	start sender A "$here/bin/bulk" send 10.0.0.2 5001 8192
	wait_for 5 is 1 sockets A ESTABLISHED
	wait_for 5 is 1 sockets B ESTABLISHED
	let_fail 3 $many
	kill -CONT "$receiver"
	finish "$started" sender
	finish "$receiver" receiver
	end_failing
	[ "$(sed 's/, in.*//' "$work/sender")" = "$(sed '1d; s/, in.*//' "$work/receiver")" ] ||
		fail "expected $(cat "$work/sender"), came $(sed 1d "$work/receiver")"
	note "$(how_many $many) allocations failed, $(cat "$work/sender")"
}

observe()
{
	local file
	for file in sockets stats states sockstat congestion; do in_ A cat /proc/net/ttp/$file; done
	command -v ttp && { in_ A ttp show -a; in_ A ttp stats -as; }
	in_ A sysctl -w net.ttp.allowed_congestion_control=reno
}

observers_under_failure()
{
	local i many=1000000
	host A
	start holder A "$here/bin/holder"
	wait_for 10 grep -q ready "$work/holder"
	command -v ttp && start monitor A ttp monitor
	let_fail 20 $many
	for i in 1 2 3 4 5; do observe; done >>"$out/faults.log" 2>&1 || :
	end_failing
	note "$(how_many $many) allocations failed"
}

# let_fail_in FUNCTION: each allocation that it asks for, or what it calls
let_fail_in()
{
	local start end
	read -r start end < <(grep -F '[ttp]' /proc/kallsyms | sort -u -k 1,1 |
		awk -v f="$1" 'at { print at, $1; exit } $3 == f { at = $1 }')
	[ -n "${end:-}" ] || fail "expected $1 in /proc/kallsyms"
	let_fail 100 1000000 "0x$start" "0x$end"
}

# lacking HOST DIRECTION COUNTER ACTION...: a fault without memory; what is told, counted and
# listed of it is the same; not done is said by FaultNoMemory
lacking()
{
	local acted told hits lacked monitor
	two_hosts
	rm -f "$work/ready"
	start monitor "$1" "$tool" monitor -j segment --ready "$work/ready"
	monitor=$started
	wait_for 5 test -e "$work/ready"
	in_ "$1" "$tool" fault add "$2" data nth 3 "${@:4}" 4
	let_fail_in "ttp_hold_ready_$2"
	carry 64
	end_failing
	kill -INT "$monitor"
	wait "$monitor" || :
	told=$(grep -c '"fault":' "$work/monitor" || :)
	hits=$(in_ "$1" "$tool" fault list | awk '$1 == 1 { print $NF }')
	acted=$(counter "$1" "$3") lacked=$(counter "$1" FaultNoMemory)
	echo "$*: $hits hits, $acted counted, $told told, $lacked without memory"
	[[ $hits = "$acted" && $told = "$acted" ]] ||
		fail "$*: expected as many hits as were counted and told, came $hits, $acted, $told"
	case $3 in
	FaultDelay | FaultReorder | FaultDuplicate)
		[[ $hits = 0 && $lacked -gt 4 ]] ||
			fail "$*: expected none done and more than 4 lacking, came $hits, $lacked"
		;;
	FaultSet) [ "$hits" = 4 ] || [ "$lacked" -gt 4 ] || fail "$*: expected 4 done, came $hits" ;;
	esac
	clear_up
}

faults_on_purpose_under_failure()
{
	local way
	needs_tool
	for way in "A out" "B in"; do
		# shellcheck disable=SC2086 # two words
		{
			lacking $way FaultDelay delay 5ms
			lacking $way FaultReorder reorder
			lacking $way FaultDuplicate duplicate
			lacking $way FaultCorrupt corrupt
			lacking $way FaultSet set up 1
		}
	done
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

# The first allocation of loading it fails, then the second, and so on to the last.
loading_under_failure()
{
	local n=0 status=0 loads=0
	wait_for 10 rmmod ttp
	knob verbose 2
	until [ "$status" = 2 ]; do
		n=$((n + 1)) status=0
		[ "$n" -lt 5000 ] || fail "expected an end of the allocations"
		"$here/bin/nth" $n "$TTP_KO" >>"$out/faults.log" 2>&1 || status=$?
		[ "$status" = 1 ] && continue
		# the kernel can do without this one
		loads=$((loads + 1))
		loaded || fail "expected it to be loaded: allocation $n failed and nobody said so"
		[ "$status" = 2 ] || wait_for 10 rmmod ttp
	done
	note "$((n - 1)) allocations failed, one in each try; $((loads - 1)) of these the kernel could do without"
}

# ---- each of them ----

# Which cannot fail here, and why: FUNCTION that is called, by which file or function.
exceptions()
{
	cat <<-END
		__pskb_pull_tail input/recv.c	only a packet whose header is not linear is copied
		__pskb_pull_tail input/early.c	likewise
		__pskb_pull_tail pskb_may_pull_reason	likewise, where the compiler makes a function of it
		__pskb_pull_tail input/faulty.c	likewise
		__pskb_pull_tail input/icmp.c	likewise
		__pskb_pull_tail ip/offload.c	likewise
		__pskb_pull_tail datagram/receive.c	likewise
		pskb_trim_rcsum_slow datagram/receive.c	as ___pskb_trim below
		___pskb_trim host/rxq.c	only a packet that IP has padded and someone else has, too
		__request_module cong/registry.c	there is no modprobe for it: it fails in any case
		__pskb_pull_tail host/rxq.c	only a packet whose data is not in pages is copied
		skb_splice_bits socket/stream.c	likewise
		rhashtable_insert_slow conn/demux.c	only where the table has filled up before it could grow
		rht_bucket_nested_insert conn/demux.c	only in a table that could not grow
		__percpu_counter_init host/memory.c	the kernel has set memory aside for what modules begin with
		ip_route_output_flow ttp_ipv4_connect_ports	the route is kept since the lookup before it
	END
}

# Where the allocations were asked for that failed: the innermost function of the
# module in each trace, MODULE:FUNCTION+OFFSET as in the list.
reached()
{
	messages | awk '
		/FAULT_INJECTION: forcing/ { traced = 1 }
		traced && !/ \? / && match($0, /[A-Za-z0-9_.]+\+0x[0-9a-f]+\/0x[0-9a-f]+ \[ttp[a-z_]*\]/) {
			split(substr($0, RSTART, RLENGTH), part, /[][ \/]+/)
			print part[3] ":" part[1]
			traced = 0
		}' | sort -u
}

# What is in the list, was not reached, and is no exception
unreached()
{
	local site callee line function
	reached >"$out/allocations.reached"
	sort "$here/allocations" | while read -r site callee line; do
		grep -qxF "$site" "$out/allocations.reached" "$out/allocations.hit" && continue
		function=${site#*:}
		exceptions | grep -qE "^$callee (${line%:*}|${function%+*})	" && continue
		echo "$site $callee $line"
	done
}

# Two who watch are told what a connection attempt does.
observe_events()
{
	in_ A timeout 3 ttp monitor all cong timer &
	in_ A timeout 3 ttp monitor all cong timer port 9 &
	in_ A timeout 1 ttp connect 127.0.0.1 9
	wait
}

# An algorithm goes and comes, and is made known to all.
change_algorithms()
{
	rmmod ttp_vegas
	insmod "${TTP_KO%/*}/ttp_vegas.ko"
	in_ A sysctl net.ttp
	in_ A sysctl -w net.ttp.allowed_congestion_control=reno
}

# Each action, both ways, of faults that are set without memory, too
stir_faults()
{
	local words way
	for words in "delay 5ms" reorder duplicate corrupt "set up 1"; do
		# shellcheck disable=SC2086
		for way in out in; do in_ A ttp fault add $way $words; done
		in_ A timeout 2 ttp connect 127.0.0.1 9
		in_ A ttp fault list
		in_ A ttp fault flush
	done
}

# What is likely to ask for memory in a file
stir()
{
	local i
	case $1 in
	cong/registry.c | sysctl.c)
		change_algorithms
		for i in 1 2 3 4 5; do unshare -n true; done
		;;
	main.c | see/procfs.c | conn/demux.c | conn/idle.c | host/memory.c | socket/af_ttp.c)
		for i in 1 2 3 4 5; do unshare -n true; done
		under_failure reuseport many
		;;
	see/netlink.c | see/events.c | see/changes.c | see/watchers.c | see/filter_netlink.c)
		observe
		observe_events
		;;
	see/fault*.c | ip/hold.c) stir_faults ;;
	input/icmp.c) under_failure icmp stamps ;;
	host/stamp.c) under_failure stamps ;;
	host/clock.c) under_failure readiness algorithms ;;
	conn/request.c | conn/child.c | socket/listen.c) under_failure tcpopts backlog fastopen ;;
	conn/fastopen.c) under_failure fastopen ;;
	socket/stream.c | socket/zerocopy.c) under_failure io zerocopy fastopen ;;
	conn/timewait.c) under_failure timewait ;;
	host/rxq.c) under_failure memory window ;;
	host/txq.c) under_failure loss arq ;;
	socket/connect.c | socket/sockopt.c | ip/ipv4.c) under_failure connect opts header routes ;;
	ip/ipv6.c) under_failure ipv6 headers6 ;;
	datagram/* | ip/datagram4.c) under_failure datagram datagram_lists datagram_wire datagram6 ;;
	ip/xmit.c) under_failure connect tcpopts header backlog ;;
	*) under_failure connect io bind ;;
	esac >>"$out/faults.log" 2>&1 || :
}

# Only what returns to this place fails, the first three times: for allocations that
# leave no trace (__GFP_NOWARN), and for those that are rare.
aim()
{
	local site=$1 function=${1#*:} line=$3 address addresses at
	function=${function%+*}
	mapfile -t addresses < <(awk -v f="$function" '$3 == f && /\[ttp/ { print $1 }' /proc/kallsyms)
	for address in ${addresses[@]+"${addresses[@]}"}; do
		at=$((16#$address + ${site##*+}))
		let_fail 100 3 "$(printf '0x%x' $at)" "$(printf '0x%x' $((at + 1)))"
		stir "${line%:*}"
		end_failing
		[ "$(how_many 3)" = 0 ] || { echo "$site" >>"$out/allocations.hit"; return; }
	done
}

each_has_failed()
{
	local site callee line
	[ -e "$here/allocations" ] || skip "no list of allocations here"
	: >"$out/allocations.hit"
	host A
	start holder A "$here/bin/holder"
	unreached >"$out/allocations.aimed"
	while read -r site callee line; do aim "$site" "$callee" "$line"; done <"$out/allocations.aimed"
	unreached >"$out/allocations.unreached"
	[ ! -s "$out/allocations.unreached" ] || {
		cat "$out/allocations.unreached"
		fail "$(wc -l <"$out/allocations.unreached") of $(wc -l <"$here/allocations") places were never reached"
	}
	note "$(wc -l <"$here/allocations") places, $(exceptions | wc -l) exceptions, $(wc -l <"$out/allocations.aimed") aimed at"
}

all_faults()
{
	it debug.faults.programs 2400 programs_under_failure
	end_failing
	it debug.faults.transfer 300 transfer_under_failure
	end_failing
	it debug.faults.observers 120 observers_under_failure
	end_failing
	it debug.faults.faults_on_purpose 300 faults_on_purpose_under_failure
	end_failing
	it debug.faults.namespaces 300 namespaces_under_failure
	it debug.faults.loading 900 loading_under_failure
	it debug.faults.each_allocation_has_failed 1800 each_has_failed
	end_failing
}
