#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the test VM, called by run: the packages on a Debian 12 that is the VM's disk, with the
# running kernel.
#
#	in-vm.sh OLD NEW [VARIABLE=VALUE]...	versions of the packages, environment
set -u
# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"

old=$1 new=$2
if [ "$3" != inside ]; then
	modprobe -a virtio_blk ext4
	wait_for 10 test -b /dev/vda
	mkdir /mnt
	mount -t ext4 /dev/vda /mnt
	for name in proc sys dev run tmp ttp; do
		mkdir -p "/mnt/$name"
		mount -o rbind "/$name" "/mnt/$name"
	done
	# what the kernel runs when it wants a module begins at the VM's own root
	printf '#!/bin/sh\nexec chroot /mnt modprobe "$@"\n' >/run/modprobe
	chmod +x /run/modprobe
	echo /run/modprobe >/proc/sys/kernel/modprobe
	exec env -u LANG "${@:3}" PATH="/usr/lib/ccache:$PATH" DEBIAN_FRONTEND=noninteractive \
		chroot /mnt bash "$0" "$old" "$new" inside
fi

release=$(uname -r)
dkms_deb() { echo "/srv/ttp-dkms_$1_all.deb"; }
loaded_version() { cat /sys/module/ttp/version; }
installed() { [ "$(dkms status)" = "ttp/$1, $release, $(uname -m): installed" ] || fail "expected $1 installed, came: $(dkms status)"; }
no_sockets() { [ "$(ttp show -Ha | wc -l)" = 0 ]; }

# listener PORT TEXT: ttp listen, which says TEXT to who connects, and ends after that
listener()
{
	echo "$2" | ttp listen "$1" >"$work/received" 2>"$work/listener.err" &
	echo $! >>"$work/pids"
	wait_for 10 eval "ttp show -lHn | grep -q :$1"
}

says() { [ "$(ttp connect -w 30 127.0.0.1 "$1" </dev/null)" = "$2" ] || fail "expected '$2' by port $1"; }

dpkg_builds_it_for_the_running_kernel()
{
	dpkg -i "$(dkms_deb "$old")" "/srv/ttp_${old}_$(dpkg --print-architecture).deb"
	installed "$old"
	[ "$(modinfo -F version ttp)" = "$old" ] || fail "expected version $old, came $(modinfo -F version ttp)"
	! ttp doctor >"$work/doctor" || fail "expected that it is not loaded"
	[[ $(grep ^WRONG "$work/doctor") =~ ^WRONG\ *loaded\ .*not\ loaded:\ modprobe\ ttp$ ]] ||
		fail "expected modprobe ttp, came: $(grep ^WRONG "$work/doctor")"
}

modprobe_and_a_connection()
{
	modprobe ttp
	[ "$(loaded_version)" = "$old" ] || fail "expected version $old, came $(loaded_version)"
	listener 5000 hello
	says 5000 hello
	ttp doctor || fail "expected that all is well"
}

the_kernel_loads_it_when_it_is_asked_for()
{
	wait_for 100 no_sockets
	rmmod ttp
	listener 5001 again
	says 5001 again
	echo vegas >/proc/sys/net/ttp/congestion_control
	[ -d /sys/module/ttp_vegas ] || fail "expected ttp_vegas loaded"
	echo reno >/proc/sys/net/ttp/congestion_control
}

ttp_run_finds_its_library()
{
	listener 5002 preloaded
	# shellcheck disable=SC2016 # for the other shell
	[ "$(ttp run -- bash -c 'cat </dev/tcp/127.0.0.1/5002')" = preloaded ] || fail "expected bash to connect over TTP"
}

report_web_and_lab_find_what_they_need()
{
	listener 5003 seen
	ttp record "$work/talk.jsonl" -- ttp connect -w 30 127.0.0.1 5003 </dev/null
	ttp report -r "$work/talk.jsonl" -o "$work/talk.html"
	grep -q d3js "$work/talk.html" || fail "expected D3 in the page"
	ttp web -p 8000 >"$work/web" 2>&1 &
	echo $! >>"$work/pids"
	wait_for 30 grep -q http:// "$work/web"
	[ "$(ttp lab | grep -c '^[0-9]')" -ge 16 ] || fail "expected 16 labs, came: $(ttp lab)"
}

# What is loaded stays, with its connections, until somebody loads the new one.
an_upgrade_disturbs_nobody()
{
	mkfifo "$work/words"
	ttp listen 5004 <"$work/words" >"$work/received" &
	exec 7>"$work/words"
	wait_for 10 eval 'ttp show -lHn | grep -q :5004'
	ttp connect 127.0.0.1 5004 </dev/null >"$work/sent" 7>&- &
	echo before >&7
	wait_for 30 grep -q before "$work/sent"
	dpkg -i "$(dkms_deb "$new")" "/srv/ttp_${new}_$(dpkg --print-architecture).deb"
	installed "$new"
	echo after >&7
	wait_for 30 grep -q after "$work/sent"
	[ "$(loaded_version)" = "$old" ] || fail "expected $old still loaded"
	! ttp doctor >"$work/doctor" || fail "expected that the old one is loaded"
	grep -q '^WRONG *loaded .*is not that of' "$work/doctor" || fail "came: $(cat "$work/doctor")"
	exec 7>&-
	wait
	wait_for 100 no_sockets
	rmmod ttp_vegas ttp
	modprobe ttp
	[ "$(loaded_version)" = "$new" ] || fail "expected $new loaded, came $(loaded_version)"
	ttp doctor || fail "expected that all is well"
}

# A socket keeps the module, and removal says so.
removal_while_it_is_in_use()
{
	modprobe -a ttp ttp_cubic
	echo cubic >/proc/sys/net/ttp/congestion_control
	listener 5005 bye
	dpkg -r ttp-dkms 2>"$work/err"
	grep -q 'in use and stays loaded until: rmmod ttp' "$work/err" || fail "came: $(cat "$work/err")"
	[ ! -e "/lib/modules/$release/updates/dkms" ] || fail "expected no module installed any more"
	says 5005 bye
	wait_for 100 no_sockets
}

# Not built this time: what is loaded is that of before.
removal_unloads_it()
{
	touch /etc/dkms/no-autoinstall
	dpkg -i "$(dkms_deb "$new")"
	rm /etc/dkms/no-autoinstall
	echo cubic >/proc/sys/net/ttp/congestion_control
	dpkg -r ttp-dkms
	[ ! -d /sys/module/ttp ] || fail "expected the module unloaded, came: $(grep ttp /proc/modules)"
}

purge_leaves_nothing()
{
	dpkg -P ttp-dkms ttp
	! dpkg-query -W 'ttp*' | grep . || fail "expected that dpkg knows no ttp"
	find / -xdev -path /srv -prune -o -print | grep -E '/(lib/modules/.*/ttp|dkms/.*ttp|src/ttp|ttp[-._])' >"$work/left" &&
		fail "expected nothing left, came: $(head -n 3 "$work/left")"
	[ ! -e "/lib/modules/$release/updates" ] || fail "expected no folder updates any more"
	! modinfo ttp 2>/dev/null || fail "expected that modinfo knows no ttp"
}

echo "ttp tests begin $$" >/dev/kmsg
for name in dpkg_builds_it_for_the_running_kernel modprobe_and_a_connection the_kernel_loads_it_when_it_is_asked_for \
	ttp_run_finds_its_library report_web_and_lab_find_what_they_need an_upgrade_disturbs_nobody \
	removal_while_it_is_in_use removal_unloads_it purge_leaves_nothing; do
	it "packages.vm.$name" 600 "$name"
done
end_tests
