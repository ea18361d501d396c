# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The tool with the module: what it shows of real sockets and counters, and ttp run
# with a program that is always there: bash, whose /dev/tcp/HOST/PORT is a stream
# socket.  tests/programs has more of them.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

address_of_A=10.0.0.1 address_of_B=10.0.0.2 six=

# COMMAND...: by IPv6
with_ipv6()
{
	local address_of_A=fd00::a00:1 address_of_B=fd00::a00:2 six=-6
	TTP_TEST_FAMILY=6 "$@"
}

program_for_TCP()
{
	local listener status=0
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	echo "from the listener" >"$work/text"
	# shellcheck disable=SC2086 # no word where there is none
	start listener B ttp listen $six -v -i "$work/text" 5001
	listener=$started
	wait_for 5 grep -q ^listening "$work/listener.err"
	# shellcheck disable=SC2016 # for the bash there
	in_ A ttp run -d -- bash -c 'exec 3<>/dev/tcp/$1/5001 && echo "from the program" >&3 &&
		cat <&3; exit 7' bash "$address_of_B" >"$work/program" 2>"$work/debug" || status=$?
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

# one connection from A to B's port $1 that stays, with ttp at both ends
held()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	start server B ttp listen --no-shutdown "$1"
	wait_for 5 shows 1 -N "${nspre}B" -l
	start client A ttp connect --hold 1000 10.0.0.2 "$1"
	client=$started
	wait_for 5 shows 1 -N "${nspre}A" state established
}

# shows LINES ARGUMENT...: ttp show prints so many, without the first
shows()
{
	local lines=$1
	shift
	[ "$(ttp show -Hn "$@" | wc -l)" = "$lines" ]
}

show_has_the_letters_of_ss()
{
	held 80
	ttp show -ap -N "${nspre}A" | tee "$work/show"
	grep -q "^ESTAB.*10.0.0.2:http .*users:((\"ttp\",pid=$client,fd=3))" "$work/show" ||
		fail "expected the process and the service's name"
	in_ A sysctl -qw net.ipv4.ip_unprivileged_port_start=80 net.ipv4.ip_local_port_range='80 81'
	in_ A ttp show | grep 10.0.0.2:http || fail "expected the name, though TCP chooses among these ports"
	in_ A sysctl -qw net.ttp.local_port_range='80 81'
	ttp show -N "${nspre}A" | grep 10.0.0.2:80 || fail "expected no name, as TTP chooses among these ports"
	ttp show -N "${nspre}A" -N "${nspre}B" | grep 10.0.0.2:http || fail "expected the name in the other namespace"
	ttp -n "${nspre}B" show -an | tee "$work/show"
	grep -q '^LISTEN.*0.0.0.0:80 ' "$work/show" && fail "expected that listen without -k has closed its listener"
	grep -q '10.0.0.2:80 ' "$work/show" || fail "expected the port's number"
	ttp -n "${nspre}A" -n "${nspre}B" show -s | tee "$work/show"
	grep -q '^Total: 2$' "$work/show" || fail "expected two sockets"
	grep -q 'ESTABLISHED  2$' "$work/show" || fail "expected both in ESTABLISHED"
	ttp -n "${nspre}A" show -m | grep -q '^    skmem:(r[0-9]*,rb[1-9][0-9]*,t[0-9]*,tb[1-9][0-9]*,f' ||
		fail "expected skmem, came $(ttp -n "${nspre}A" show -m)"
	[ "$(ttp -n "${nspre}A" show -miOH | wc -l)" = 1 ] || fail "expected one line with -O"
	ttp -n "${nspre}A" show -i | grep -q 'ssthresh:inf' || fail "expected ssthresh:inf, came $(ttp -n "${nspre}A" show -i)"
}

# a socket that was just made, and one that has a port
show_has_sockets_that_are_not_connected()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	start holder A "$here/bin/holder"
	wait_for 10 grep -q ready "$work/holder"
	ttp show -aH -N "${nspre}A" >"$work/show"
	! grep CLOSED "$work/show" || fail "expected -a to leave them out, as ss does"
	ttp show -Bnp -N "${nspre}A" | tee "$work/show"
	grep -q '^CLOSED  *0  *0  *0.0.0.0:\*  *0.0.0.0:\*  *users:(("holder",pid='"$started" "$work/show" ||
		fail "expected one that has no port"
	grep -q '^CLOSED  *0  *0  *[0-9.]*:[1-9][0-9]*  *0.0.0.0:\*  *users:(("holder"' "$work/show" ||
		fail "expected one that has a port"
	ttp show -n -N "${nspre}A" state all sport :1-65535 >"$work/show"
	grep -q CLOSED "$work/show" || fail "expected a filter to find it"
	grep -q ESTABLISHED "$work/show" || fail "expected state all to have all"
}

show_ends_what_it_shows()
{
	held 5001
	! ttp show -K -N "${nspre}A" sport = :5001 | grep ESTAB || fail "expected nothing to match"
	shows 1 -N "${nspre}A" || fail "expected the connection to be there"
	ttp -n "${nspre}A" show -K dport = :5001 | tee "$work/show"
	grep -q '^ESTABLISHED' "$work/show" || fail "expected what is ended to be shown"
	wait_for 5 gone "$client"
	grep -q 'Software caused connection abort' "$work/client.err" ||
		fail "expected ECONNABORTED, came: $(cat "$work/client.err")"
	shows 0 -a -N "${nspre}A" -N "${nspre}B" || fail "expected both ends to be gone"
}

# a Korean letter is two columns wide
# says HOST PATTERN...: each is in a line of ttp show -q
says()
{
	local pattern
	ttp show -qN "$nspre$1" >"$work/show"
	for pattern in "${@:2}"; do
		grep -qE "$pattern" "$work/show" || return 1
	done
}

# Five segments of which the second and the third are lost, and what is sent again is held: so it stays,
# and one queue has all that there is.
show_has_the_queues()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	no_offload A toB
	in_ A sysctl -qw net.ttp.rto_min_ms=60000
	start listener B ttp listen 5001
	wait_for 5 shows 1 -N "${nspre}B" -l
	in_ A ttp fault add out data seq 1449 nth 2 delay 60s
	in_ A ttp fault add out data nth 2 drop 2
	head -c 7240 /dev/zero >"$work/input"
	start sender A ttp connect --hold 1000 -i "$work/input" 10.0.0.2 5001
	wait_for 5 says A '^ +timers: .*retransmission [0-9.]+s' \
		'^ +send queue: 1449:2897 lost, sent again [0-9.]+s ago; 2897:4345 lost, sent [0-9.]+s ago; 4345:7241 SACKed, sent [0-9.]+s ago'
	says B '^ +out of order: 4345:7241$' '^ +to be SACKed: 4345:7241$' ||
		fail "expected what is out of order at B, came $(cat "$work/show")"
	ttp show -qjN "${nspre}A" >"$work/json"
	grep -q '"lost": true' "$work/json" || fail "expected a range that is lost, came $(cat "$work/json")"
	grep -q '"rcv_ooopack"' "$work/json" || fail "expected tcp_info, came $(cat "$work/json")"
}

names_are_as_wide_as_they_look()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	local ns
	[ "$(LC_ALL=C.UTF-8 bash -c 'x=서버; echo ${#x}')" = 2 ] || skip "no C.UTF-8 here"
	ip netns add 학생
	ip netns add 서버이름
	for ns in 학생 서버이름; do
		ip -n "$ns" link set lo up
		ip netns exec "$ns" ttp listen -k 5001 >/dev/null </dev/null &
		echo $! >>"$work/pids"
		wait_for 5 shows 1 -l -N "$ns"
	done
	LC_ALL=C.UTF-8 ttp -n 학생 -n 서버이름 show -lHn >"$work/wide"
	LC_ALL=C ttp -n 학생 -n 서버이름 show -lHn >"$work/narrow"
	LC_ALL=C.UTF-8 ttp -n 학생 -n 서버이름 stats -as >"$work/stats"
	end_processes
	ip netns del 학생
	ip netns del 서버이름
	grep -q '^학생      LISTEN' "$work/wide" || fail "expected eight columns, came: $(cat "$work/wide")"
	grep -q '^서버이름  LISTEN' "$work/wide" || fail "expected eight columns, came: $(cat "$work/wide")"
	grep -q '^??????  *LISTEN' "$work/narrow" || fail "expected what C can show, came: $(cat "$work/narrow")"
	grep -q '^# 서버이름$' "$work/stats" || fail "expected the name whole, came: $(cat "$work/stats")"
}

show_has_the_filters_of_ss()
{
	local of=(-N "${nspre}A")
	held 5001
	shows 1 "${of[@]}" dport = :5001 || fail "expected dport = :5001 to match"
	shows 0 "${of[@]}" sport = :5001 || fail "expected sport = :5001 not to match"
	shows 1 "${of[@]}" '( dport = :5001 or dport = :5002 )' || fail "expected or"
	shows 1 "${of[@]}" dst 10.0.0.0/30 and not dport :5002 || fail "expected and, not, a prefix"
	shows 0 "${of[@]}" dst 10.0.0.2:5002 || fail "expected an address with another port not to match"
	shows 1 "${of[@]}" state established dport gt :5000 || fail "expected a state and a comparison"
	shows 0 "${of[@]}" exclude established || fail "expected exclude"
	shows 2 -N "${nspre}A" -N "${nspre}B" port 5001 || fail "expected both ends"
}

stats_say_what_was_added()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	local of=(-N "${nspre}A")
	two_hosts
	export TTP_STATS_HISTORY=$work/history
	ttp stats "${of[@]}" >/dev/null
	[ -z "$(ttp stats "${of[@]}")" ] || fail "expected nothing to be added"
	in_ A ttp connect 127.0.0.1 9 2>/dev/null && fail "expected nobody to listen"
	ttp stats -s "${of[@]}" | tee "$work/stats"
	grep -q '^ActiveOpens  *1$' "$work/stats" || fail "expected an active open"
	[ "$(ttp stats "${of[@]}" ActiveOpens | tr -s ' ')" = "ActiveOpens 1" ] || fail "expected -s to keep the history"
	[ "$(ttp stats "${of[@]}" ActiveOpens | tr -s ' ')" = "ActiveOpens 0" ] || fail "expected none since then"
	in_ A ttp connect 127.0.0.1 9 2>/dev/null && fail "expected nobody to listen"
	[ -z "$(ttp stats -n "${of[@]}")" ] || fail "expected -n to print nothing"
	[ -z "$(ttp stats "${of[@]}")" ] || fail "expected -n to keep the history"
	[ "$(ttp stats -a "${of[@]}" ActiveOpens | tr -s ' ')" = "ActiveOpens 2" ] || fail "expected -a to say all"
	[ "$(ttp stats -r "${of[@]}" ActiveOpens | tr -s ' ')" = "ActiveOpens 2" ] || fail "expected -r to say all"
	ttp stats -z "${of[@]}" | grep -q '^PassiveOpens  *0$' || fail "expected -z to have zeros"
	[ "$(ttp stats -N "${nspre}B" -j | tr -d ' \n' | grep -c ActiveOpens)" = 0 ] || fail "expected B to have its own history"
	in_ A ttp connect 127.0.0.1 9 2>/dev/null && fail "expected nobody to listen"
	! ttp stats "${of[@]}" >/dev/full 2>"$work/error" || fail "expected an error, the device is full"
	[ "$(ttp stats "${of[@]}" ActiveOpens | tr -s ' ')" = "ActiveOpens 1" ] || fail "expected what could not be written to be kept"
	ln -sf /etc/passwd "$work/link"
	! TTP_STATS_HISTORY=$work/link ttp stats 2>"$work/error" || fail "expected no history through a link"
	grep -q 'root:' /etc/passwd || fail "the link was followed"
	echo "my notes" >"$work/notes"
	! TTP_STATS_HISTORY=$work/notes ttp stats 2>"$work/error" || fail "expected a file that is none to be refused"
	[ "$(cat "$work/notes")" = "my notes" ] || fail "expected it to be as it was"
	! ttp stats "${of[@]}" Nosuch 2>"$work/error" || fail "expected that a counter that is not there is an error"
	grep -q "no counter 'Nosuch'" "$work/error" || fail "expected its name, came: $(cat "$work/error")"
}

# what has one line, and cannot be seen without the module
mistakes_with_the_module()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	# shellcheck disable=SC2016 # for the shell there
	while IFS='|' read -r words command; do
		! in_ A sh -c "$command" >"$work/out" 2>"$work/error" </dev/null || fail "expected to fail: $command"
		if [ "$(wc -l <"$work/error")" != 1 ] || ! grep -qF "$words" "$work/error"; then
			fail "expected one line with '$words' of $command, came: $(cat "$work/out" "$work/error")"
		fi
	done <<-EOF
		it is not loaded: ttp congestion lists|ttp connect -C nosuch 10.0.0.2 9
		Connection refused|ttp connect 10.0.0.2 9
		Network is unreachable|ttp connect 10.1.0.2 9
		Cannot assign requested address|ttp connect -s 10.7.7.7 10.0.0.2 9
		Cannot assign requested address|ttp listen -a 10.7.7.7 9
		No space left on device|ttp show -a >/dev/full
		No space left on device|ttp stats -az >/dev/full
		No space left on device|ttp states >/dev/full
		No space left on device|ttp congestion >/dev/full
		no counter 'client'|ttp stats -s client
	EOF
}

# what is recorded is drawn and becomes a capture, in which each segment is there that left
record_is_read_by_the_viewers()
{
	local status=0 segments data
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	head -c 50000 /dev/zero >"$work/data"
	cat >"$work/talk" <<-EOF
		ttp -n ${nspre}B listen $six --no-shutdown -v 5001 </dev/null >$work/received 2>$work/listener &
		until grep -q ^listening $work/listener; do sleep 0.05; done
		ttp -n ${nspre}A connect -i $work/data $address_of_B 5001
		wait
		exit 3
	EOF
	ttp -n "${nspre}A" -n "${nspre}B" record --after 10 "$work/recording" -- sh "$work/talk" \
		2>"$work/error" >/dev/null || status=$?
	[ "$status" = 3 ] || fail "expected the command's exit status 3, came $status: $(cat "$work/error")"
	ttp ladder -r "$work/recording" >"$work/ladder" || fail "expected a ladder"
	grep -q 'LAST_ACK' "$work/ladder" || fail "expected both ends in it, came: $(cat "$work/ladder")"
	ttp monitor -r "$work/recording" state | grep -q 'FIN_WAIT_1 -> FIN_WAIT_2' ||
		fail "expected the changes of state, came: $(ttp monitor -r "$work/recording" state)"
	ttp pcap -r "$work/recording" -o "$work/capture" || fail "expected a capture"
	cp "$work/recording" "$work/capture" "${TTP_OUT:-/out}" 2>/dev/null || :
	tcpdump -nr "$work/capture" >"$work/packets" 2>"$work/error" ||
		fail "expected tcpdump to read it, came: $(tail -n 3 "$work/error")"
	segments=$(grep -c '"direction":"out"' "$work/recording")
	[ "$(wc -l <"$work/packets")" = "$segments" ] ||
		fail "expected $segments packets, came $(wc -l <"$work/packets")"
	data=$(awk -v from=" $address_of_A\.[0-9]+ > " '$0 ~ from { n += $NF } END { print n }' "$work/packets")
	[ "$data" = 50000 ] || fail "expected 50000 bytes in their lengths, came $data"
}

families_apart()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	start six B ttp listen -6 -k --no-shutdown 5001
	start four B ttp listen -k 5002
	wait_for 5 shows 2 -N "${nspre}B" -l
	start client A ttp connect --hold 1000 fd00::a00:2 5001
	wait_for 5 shows 1 -N "${nspre}A" state established
	shows 1 -N "${nspre}B" -l -6 || fail "expected a listener of IPv6"
	shows 1 -N "${nspre}B" -l -4 || fail "expected one of IPv4"
	shows 1 -N "${nspre}A" dst fd00::a00:2 || fail "expected what is connected to it"
	shows 1 -N "${nspre}A" dst '[fd00::]/64:5001' || fail "expected what is connected to its network"
	shows 0 -N "${nspre}A" dst fd00::a00:3 || fail "expected nothing"
	shows 0 -N "${nspre}A" dst 10.0.0.2 || fail "expected nothing of IPv4"
	ttp show -Hn -N "${nspre}A" | grep -q '\[fd00::a00:2\]:5001' || fail "expected the address in brackets"
	in_ A cat /proc/net/ttp/sockets | grep -q '\[fd00::a00:2\]:5001' ||
		fail "expected it in /proc, came $(in_ A cat /proc/net/ttp/sockets)"
	kill "$started"
}

completion_knows_namespaces()
{
	command -v ttp >/dev/null || skip "the tool is not here"
	two_hosts
	# shellcheck disable=SC2016 # for the bash there
	bash -c '. /ttp/userspace/ttp.bash; COMP_WORDS=(ttp -n "$1"); COMP_CWORD=2; _ttp; echo "${COMPREPLY[*]}"' \
		bash "${nspre}A" | grep -qx "${nspre}A" || fail "expected the namespace to be completed"
}

it tool.show_has_the_letters_of_ss 30 show_has_the_letters_of_ss
it tool.show_has_sockets_that_are_not_connected 30 show_has_sockets_that_are_not_connected
it tool.show_ends_what_it_shows 30 show_ends_what_it_shows
it tool.show_has_the_queues 30 show_has_the_queues
it tool.names_are_as_wide_as_they_look 30 names_are_as_wide_as_they_look
it tool.show_has_the_filters_of_ss 30 show_has_the_filters_of_ss
it tool.stats_say_what_was_added 30 stats_say_what_was_added
it tool.mistakes_with_the_module 30 mistakes_with_the_module
it tool.record_is_read_by_the_viewers 60 record_is_read_by_the_viewers
it tool.completion_knows_namespaces 10 completion_knows_namespaces
it tool.run_takes_a_program_for_TCP_over_TTP 30 program_for_TCP
with_ipv6 it tool.run_takes_a_program_for_TCP_over_TTP 30 program_for_TCP
with_ipv6 it tool.record_is_read_by_the_viewers 60 record_is_read_by_the_viewers
TTP_TEST_FAMILY=6 it tool.show_tells_the_families_apart 30 families_apart
it tool.run_refuses_a_static_program 10 program_that_is_static
