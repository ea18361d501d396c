# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2016
#
# What takes the whole terminal: ttp ladder --pick, ttp top, ttp states --follow.
# Sourced by run.

# terminal NAME SIZE COMMAND...: does as standard input says
terminal()
{
	name=$1 size=$2
	shift 2
	if python3 "$here/terminal.py" "$size" "$@" >out 2>err; then
		ok "$name"
	else
		not_ok "$name" "$(cat out err)"
	fi
}

# many: a recording of connections from the ports 49152 to 49176, in order
many()
{
	i=0
	while [ $i -lt 25 ]; do
		sed "s/49152/$((49152 + i))/g" "$here/ladder/walk.jsonl"
		i=$((i + 1))
	done
}

test_pick()
{
	if ! command -v python3 >/dev/null; then
		skip 'ttp ladder --pick' 'no python3'
		return
	fi
	many | sed 's/"client"/"학생"/' >recorded
	terminal 'pick: moves, draws, goes back' 12x110 "$TTP" ladder --pick -r recorded <<-EOF
		see Segments
		see 1  0.000  학생 10.99.0.1:49152  server 10.99.0.2:7000        11     18  CLOSED  CLOSED
		see q end
		no 49162
		key j
		key <down>
		key k
		key <enter>
		see SYN_SENT
		see 10.99.0.1:49153
		no FIN_WAIT_1
		key G
		see 12 bytes
		no SYN_SENT
		key g
		see SYN_SENT
		key q
		see Segments
		key G
		see 49176
		no 49153
		key q
		end 0
	EOF
	terminal 'pick: search' 12x110 "$TTP" ladder --pick -r recorded <<-EOF
		see 49152
		key /
		see /_
		key 491x
		key <erase>
		key 70
		see /49170_
		key <enter>
		see 49170
		key <enter>
		see 10.99.0.1:49170
		key /fin_wait
		key <enter>
		see FIN_WAIT_1
		key n
		see FIN_WAIT_2
		key /nothing
		key <enter>
		see /nothing: not found
		key <escape>
		see Segments
		key /학생
		key <enter>
		see 49171
		key <interrupt>
		end 0
	EOF
	terminal 'pick: another size' 12x110 "$TTP" ladder --pick -r recorded <<-EOF
		see q end
		size 30x100
		line 1 Start  From                  To                     Segments  Bytes  States at last
		see 49176
		key <enter>
		see q back
		size 60x130
		see 12 bytes in 5 segments
		size 5x20
		see q back
		key q
		key q
		end 0
	EOF
	terminal 'pick: one is drawn at once' 12x110 "$TTP" ladder --pick -p 49155 -r recorded <<-EOF
		see SYN_SENT
		key q
		end 0
	EOF
	terminal 'pick: none' 12x110 "$TTP" ladder --pick -p 9 -r recorded <<-EOF
		see no such connection
		end 1
	EOF
	terminal 'pick: live, ended by a signal: the terminal is as it was' 24x110 \
		env EVENTS=1 sh -c 'trap : TERM; LD_PRELOAD="$1" "$0" ladder --pick -- true; stty -a' \
		"$TTP" "$tmp/silent.so" <<-EOF
		see q back
		signal TERM
		see isig icanon
		no -isig
		end 0
	EOF
	terminal 'pick: a terminal that ncurses does not know' 12x110 \
		sh -c 'TERM=nonesuch exec "$0" ladder --pick -r recorded' "$TTP" <<-EOF
		see TERM=nonesuch is no terminal
		end 1
	EOF
}

# connections COUNT COMMAND...: the tool with a module that has so many
connections()
{
	n=$1
	shift
	$limit env SOCKETS="$n" LD_PRELOAD="$tmp/silent.so" "$TTP" "$@"
}

test_top()
{
	connections 3 top -b -n 3 -d 0.05 >got 2>err
	check 'top -b: so many frames' [ "$(grep -c ' 3 sockets, 3 ESTABLISHED; out ' got)" = 3 ]
	check 'no rates at first' [ "$(grep -c 'ESTABLISHED  *10.0.0.1:5000[1-3] .* - .* - ' got)" = 3 ]
	tail -n 3 got | awk '{ print $2 }' | cut -d: -f2 >order
	check 'the greatest first' [ "$(xargs <order)" = '50003 50002 50001' ]
	connections 3 top -b -n 2 -d 0.05 --sort rtt | tail -n 3 | awk '{ print $2 }' | cut -d: -f2 >order
	check 'or by another column' [ "$(xargs <order)" = '50001 50002 50003' ]
	check 'a filter' [ "$(connections 3 top -b -n 1 sport 50002 | grep -c ESTABLISHED)" = 2 ]
	connections 3 top -b -n 1 state time-wait >got
	check 'none' sh -c "grep -q ' 0 sockets' got && ! grep -q 10.0.0.1: got"
	check 'sockets that move meanwhile: the list is whole' \
		[ "$(export MOVES=yes; connections 3 top -b -n 1 | grep -c 'ESTABLISHED  *10')" = 3 ]
	connections 3 top -j -n 2 -d 0.5 >got 2>err
	if command -v python3 >/dev/null; then
		check 'top -j: a rate is what was added in that time' python3 -c 'import json, sys
first, second = map(json.loads, sys.stdin)
for s in second["sockets"]:
    bits = 8000 * (s["sport"] - 50000) / ((second["time_ns"] - first["time_ns"]) / 1e9)
    assert abs(s["out_bps"] - bits) < bits / 100 and s["in_bps"] == 0, (s, bits)' <got
	else
		skip 'ttp top in a terminal' 'no python3'
		return
	fi
	ends 'top: a pipe that is closed is no failure' 0 '' sh -c \
		'{ SOCKETS=9 LD_PRELOAD="$1" "$0" top -b -d 0.01; echo $? >status; } | head -n 1' \
		"$TTP" "$tmp/silent.so"
	check 'nor has it another exit status' [ "$(cat status)" = 0 ]
	ends 'top: a terminal that is not known' 1 'nonesuch' env TERM=nonesuch SOCKETS=9 \
		LD_PRELOAD="$tmp/silent.so" script -qec "$TTP top" /dev/null
	check 'top: what is wrong is said once' [ "$(script -qec "'$TTP' -n no-such-name top" /dev/null </dev/null |
		grep -c "namespace 'no-such-name'")" = 1 ]
	terminal 'top in a terminal' 10x120 env SOCKETS=30 LD_PRELOAD="$tmp/silent.so" \
		"$TTP" top -d 0.2 <<-EOF
		see 30 sockets, 30 ESTABLISHED
		see sorted by out
		see 10.0.0.1:50030
		no 10.0.0.1:50001
		see k  
		key r
		see sorted by rtt
		see 10.0.0.1:50001
		no 10.0.0.1:50030
		key j
		no 10.0.0.1:50001
		key k
		see 10.0.0.1:50001
		size 40x120
		see 10.0.0.1:50030
		key q
		end 0
	EOF
}

test_states()
{
	f=$here/ladder/walk.jsonl
	"$TTP" states -r "$f" >got 2>err
	check 'states -r: what was taken' [ "$(sed 1d got | awk '{ print $1 ">" $2, $NF }' | xargs)" = \
		"$(grep '"event":"state"' "$f" | sed 's/.*"from":"\([^"]*\)".*/\1/' >from
		grep '"event":"state"' "$f" | sed 's/.*"state":"\([^"]*\)".*/\1 1/' | paste -d'>' from - | xargs)" ]
	ends 'states -r --dot' 0 'SYN_SENT -> ESTABLISHED' "$TTP" states -r "$f" --dot
	"$TTP" states -r "$f" -j >json
	check 'states -r -j' [ "$(grep -c '"count": *1' json)" = "$(sed 1d got | wc -l)" ]
	"$TTP" states -f -r "$f" >got 2>err
	check 'follow: a drawing for each change' [ "$(grep -c '\[A' got)$(grep -c 'B\]' got)" = 1112 ]
	check 'both are where they are' sh -c 'tail -n 17 got | grep -q "\[A CLOSED      B\]"'
	check 'and were' sh -c 'grep -A 9 "^A .*FIN_WAIT_1" got | head -n 10 | grep -q "B\]-- \|FIN_WAIT_1"'
	sed 's/"10.99.0.2"/"10.99.0.3"/g; s/"10.99.0.1"/"10.99.0.2"/g; s/"10.99.0.3"/"10.99.0.1"/g
		s/:7000/:70000/g; s/:49152/:7000/g; s/:70000/:49152/g; s/_ns":/&9/' "$f" >turned
	cat "$f" turned | "$TTP" states -f -r - >got 2>err
	check 'follow: the 4-tuple, opened by the other end' [ "$(grep -c '^A .*10.99.0.1:49152  SYN_SENT' got)$(grep -c \
		'^A .*10.99.0.2:7000  SYN_SENT' got)" = 22 ]
	ends 'of another port nothing' 1 'no change of state was seen' "$TTP" states -f -p 9 -r "$f"
	if ! command -v python3 >/dev/null; then
		skip 'ttp states --follow in a terminal' 'no python3'
		return
	fi
	terminal 'follow: keys' 24x80 "$TTP" states --follow -r "$f" <<-EOF
		see 1 of 12
		see [  LISTEN      B]
		key j
		see [A SYN_SENT     ]
		see 2 of 12
		key G
		see 12 of 12
		see [A CLOSED      B]
		see TIME_WAIT -> CLOSED  2 MSL
		key b
		key k
		see [A TIME_WAIT    ]
		see [  LAST_ACK    B]
		key q
		end 0
	EOF
	terminal 'follow: live' 24x80 env LD_PRELOAD="$tmp/silent.so" "$TTP" states --follow <<-EOF
		see watching
		key <interrupt>
		see no change of state
		end 1
	EOF
}

# patient: a root where all is well, but for what a test then changes in it
patient()
{
	rm -rf patient
	mkdir -p patient/proc/sys/kernel patient/proc/sys/net/ttp patient/proc/self patient/proc/net/ttp \
		patient/proc/sys/net/ipv6/conf/all \
		patient/sys/kernel/security patient/sys/class/net/lo patient/sys/module/module/parameters \
		patient/sys/module/ttp patient/lib/modules/6.1.0-9/build patient/lib/modules/6.1.0-9/extra
	echo 6.1.0-9 >patient/proc/sys/kernel/osrelease
	echo 0 >patient/proc/sys/kernel/tainted
	echo 0 >patient/proc/sys/net/ipv6/conf/all/disable_ipv6
	: >patient/proc/net/if_inet6
	echo 'ttp 300000 2 - Live 0x0000000000000000 (OE)' >patient/proc/modules
	for f in congestion_control arq rmem offload history; do : >patient/proc/sys/net/ttp/$f; done
	printf 'Name:\tttp\nCapEff:\t000001ffffffffff\n' >patient/proc/self/status
	echo '[none] integrity confidentiality' >patient/sys/kernel/security/lockdown
	echo 0x9 >patient/sys/class/net/lo/flags
	echo N >patient/sys/module/module/parameters/sig_enforce
	printf '\177ELF\0license=GPL\0vermagic=6.1.0-9 SMP mod_unload \0' >patient/lib/modules/6.1.0-9/extra/ttp.ko
}

# unloaded: the patient before insmod
unloaded()
{
	patient
	echo 'veth 30000 0 - Live 0x0000000000000000' >patient/proc/modules
	rm -r patient/proc/net/ttp patient/proc/sys/net/ttp
}

doctor() { env OPS="${ops:-all}" LD_PRELOAD="$tmp/silent.so" "$TTP" doctor --root patient "$@"; }

# diagnosis NAME CHECK TEXT: of all checks only this is wrong, and says TEXT
diagnosis()
{
	name=$1
	doctor >got 2>err
	got=$?
	if [ $got = 1 ] && [ "$(grep -c '^WRONG' got)" = 1 ] && grep "^WRONG *$2 " got | grep -qF -e "$3"; then
		ok "doctor: $name"
	else
		not_ok "doctor: $name" "exit $got, wanted $2: $3" "$(cat got err)"
	fi
}

test_doctor()
{
	patient
	check 'doctor: all is well' doctor
	check 'in nine lines' [ "$(doctor | grep -c '^ok ')" = 9 ]
	echo 1 >patient/proc/sys/net/ipv6/conf/all/disable_ipv6
	doctor >got
	check 'doctor: no address of IPv6' grep -q '^- *ipv6 .*no device has an address' got
	rm patient/proc/net/if_inet6
	doctor >got
	check 'doctor: no IPv6' grep -q '^- *ipv6 .*EAFNOSUPPORT' got
	patient
	rm -r patient/lib/modules
	check 'without headers and file it is, too, once it is loaded' doctor
	unloaded
	diagnosis 'not loaded' loaded 'the module is not loaded: insmod patient/lib/modules/6.1.0-9/extra/ttp.ko'
	for folder in extra updates; do		# of make modules_install, by older and newer kernels
		unloaded
		mkdir -p patient/lib/modules/6.1.0-9/$folder/module
		mv patient/lib/modules/6.1.0-9/extra/ttp.ko patient/lib/modules/6.1.0-9/$folder/module
		diagnosis "installed in $folder/module" loaded "insmod patient/lib/modules/6.1.0-9/$folder/module/ttp.ko"
	done
	patient
	printf 'vermagic=6.1.0-8 SMP \0' >patient/lib/modules/6.1.0-9/extra/ttp.ko
	diagnosis 'of another kernel' module 'is built for kernel 6.1.0-8, this is 6.1.0-9: make clean all'
	echo text >patient/lib/modules/6.1.0-9/extra/ttp.ko
	diagnosis 'no module' module 'is no kernel module'
	ends 'doctor: another file' 1 'nowhere: ttp.ko is not there' env LD_PRELOAD="$tmp/silent.so" "$TTP" \
		doctor --root patient -m nowhere
	unloaded
	echo 'ttp 300000 2 - Live 0x0000000000000000 (OE)' >>patient/proc/modules
	diagnosis 'no sysctls' sysctl 'net.ttp.congestion_control is missing: mount -t proc'
	patient
	rm patient/proc/sys/net/ttp/history
	diagnosis 'an older module' sysctl 'net.ttp.history is missing: rmmod ttp'
	patient
	echo 'ttp 300000 2 - Live 0x0000000000000000 (FOE)' >patient/proc/modules
	diagnosis 'forced in' loaded 'it taints the kernel (FOE)'
	patient
	echo 128 >patient/proc/sys/kernel/tainted
	diagnosis 'an oops' loaded 'the kernel has had an oops: see dmesg'
	patient
	echo 0x8 >patient/sys/class/net/lo/flags
	diagnosis 'lo is down' netns 'ip link set lo up'
	patient
	printf 'Name:\tttp\nCapEff:\t0000000000000000\n' >patient/proc/self/status
	diagnosis 'no capability' capability 'run it with sudo'
	ops=old
	patient
	diagnosis 'an old module' netlink 'the module is older than the tool: it has no request'
	ops=new
	diagnosis 'an old tool' netlink 'the tool is older than the module'
	ops=version
	diagnosis 'another version' netlink 'the module speaks version 9, the tool 1'
	ops=
	ends 'doctor -N of what is not there' 1 'network namespace nowhere cannot be entered' \
		env LD_PRELOAD="$tmp/silent.so" "$TTP" doctor --root patient -N nowhere
	doctor -j >json
	check 'doctor -j' [ "$(grep -c '"ok": *true' json)" = 9 ]
	echo AAAA >patient/sys/module/ttp/srcversion
	printf 'srcversion=AAAA\0vermagic=6.1.0-9 SMP \0' >patient/lib/modules/6.1.0-9/extra/ttp.ko
	check 'doctor: the module of the file is loaded' doctor
	echo BBBB >patient/sys/module/ttp/srcversion
	diagnosis 'an upgrade' loaded 'is not that of patient/lib/modules/6.1.0-9/extra/ttp.ko: rmmod ttp'
	doctor_refusals
	doctor_dkms
}

# with the module still to be loaded, what the kernel refuses is wrong, too
doctor_refusals()
{
	for why in lockdown sig_enforce disabled headers; do
		unloaded
		case $why in
		lockdown) echo 'none [integrity] confidentiality' >patient/sys/kernel/security/lockdown
			text='locked down: unsigned modules are refused' ;;
		sig_enforce) echo Y >patient/sys/module/module/parameters/sig_enforce
			text='module.sig_enforce is on' ;;
		disabled) echo 1 >patient/proc/sys/kernel/modules_disabled
			text='no module can be loaded any more: reboot' ;;
		headers) rmdir patient/lib/modules/6.1.0-9/build
			text='apt install linux-headers-6.1.0-9' ;;
		esac
		doctor >got 2>err
		check "doctor: $why" grep -qF "$text" got
		check 'and that it is not loaded' [ "$(grep -c ^WRONG got)" = 2 ]
	done
}

# with_dkms: ttp-dkms is installed, but there is no module for this kernel
with_dkms()
{
	unloaded
	rm patient/lib/modules/6.1.0-9/extra/ttp.ko
	mkdir -p patient/usr/src/ttp-0.1 patient/var/lib/dkms/ttp/0.1
	: >patient/usr/src/ttp-0.1/dkms.conf
}

# signed: DKMS has built it, and signed it with a key of its own; the kernel is locked down
signed()
{
	with_dkms
	mkdir -p patient/var/lib/dkms/ttp/0.1/6.1.0-9/x86_64/module patient/lib/modules/6.1.0-9/updates/dkms \
		patient/sys/firmware/efi/efivars
	printf 'vermagic=6.1.0-9 SMP \0' >patient/lib/modules/6.1.0-9/updates/dkms/ttp.ko
	echo a certificate >patient/var/lib/dkms/mok.pub
	echo 'none [integrity] confidentiality' >patient/sys/kernel/security/lockdown
}

failed_for()
{
	mkdir patient/var/lib/dkms/ttp/0.1/build
	echo "DKMS make.log for ttp-0.1 for kernel $1 (x86_64)" >patient/var/lib/dkms/ttp/0.1/build/make.log
}

doctor_dkms()
{
	for why in 'no headers' 'not built' 'another kernel' 'failed' 'failed elsewhere' 'not installed' 'not enrolled'; do
		with_dkms
		case $why in
		'no headers') rmdir patient/lib/modules/6.1.0-9/build
			text='DKMS cannot build it without headers: apt install linux-headers-6.1.0-9; then' ;;
		'not built') text='ttp-dkms 0.1 is installed, but DKMS has not built it: dkms install ttp/0.1 -k 6.1.0-9' ;;
		'another kernel') mkdir -p patient/var/lib/dkms/ttp/0.1/6.1.0-8/x86_64/module
			text='DKMS has built it for kernel 6.1.0-8, but not for this, 6.1.0-9: dkms install' ;;
		failed) failed_for 6.1.0-9
			text='could not build it for this kernel, 6.1.0-9: patient/var/lib/dkms/ttp/0.1/build/make.log says' ;;
		'failed elsewhere') failed_for 6.1.0-8
			text='DKMS has not built it' ;;
		'not installed') mkdir -p patient/var/lib/dkms/ttp/0.1/6.1.0-9/x86_64/module
			text='DKMS has built it for this kernel, but not installed it: dkms install ttp/0.1' ;;
		'not enrolled') signed
			text='the key that DKMS signs with is enrolled: mokutil --import patient/var/lib/dkms/mok.pub, reboot' ;;
		esac
		doctor >got 2>err
		check "doctor: DKMS: $why" grep -qF "$text" got
		check 'and modprobe loads it' grep -q '^WRONG *loaded .*: modprobe ttp$' got
	done
	signed
	{ echo other keys; cat patient/var/lib/dkms/mok.pub; } \
		>patient/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23
	diagnosis 'its key is enrolled, so it is only not loaded' loaded 'modprobe ttp'
	mv patient/lib/modules/6.1.0-9/updates/dkms/ttp.ko patient/lib/modules/6.1.0-9/updates/dkms/ttp.ko.xz
	diagnosis 'the same, compressed' loaded 'modprobe ttp'
}
