# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A minimal Debian 12 in a folder, entered by chroot: what check-fresh, tests/packages and
# scripts/image share.  Sourced after lib.sh, never run.  Who sources it sets $out, the folder for what
# is printed, and $root, the machine's.
#
# Packages are fetched from where this machine gets its own, and kept for next time.
# shellcheck disable=SC2154 # set by those who source it

machine_packages=$TTP_CACHE/fresh-packages

# machine_begin [ARGUMENT]...: the script goes on as root, in a namespace of its own: what it
# mounts is seen by nobody else, and gone with it.
machine_begin()
{
	[ -z "${TTP_MACHINE_INSIDE:-}" ] || return 0
	PATH=$PATH:/usr/sbin:/sbin command -v debootstrap >/dev/null ||
		die "no debootstrap: run scripts/setup fresh"
	[ "$(id -u)" = 0 ] || [ -t 0 ] || sudo -n true || die "sudo asks for a password: run $0 by itself"
	mkdir -p "$TTP_CACHE" "$out"	# the user's, not root's
	as_root env TTP_MACHINE_INSIDE=1 TTP_CACHE="$TTP_CACHE" KDIR="${KDIR:-}" \
		unshare --mount --pid --fork --kill-child "$TTP_SCRIPT" "$@"
	exit
}

machine_sources() { debian_sources | grep ' bookworm'; }

# Runs in an empty folder.
machine_base()
{
	local mirror
	mirror=$(machine_sources | sed -n 's/ bookworm$//p' | head -n 1)
	[ -n "$mirror" ] || die "apt knows no bookworm here: is this Debian 12, and was apt update run?"
	say "making a minimal Debian 12"
	long_work "$out/debootstrap.log" debootstrap --variant=minbase bookworm . "$mirror" ||
		{ tail -n 20 "$out/debootstrap.log" >&2; die "debootstrap failed"; }
	rm -f var/cache/apt/archives/*.deb
}

# The machine as its owner got it: with this machine's way to the network.
machine_fill()
{
	rm -rf "$root"
	cp -a --reflink=auto "$TTP_CACHE/fresh-bookworm" "$root"
	mount --bind "$machine_packages" "$root/var/cache/apt/archives"
	mount -t proc proc "$root/proc"
	mount -t sysfs sysfs "$root/sys"
	mount --rbind /dev "$root/dev"
	cp /etc/resolv.conf "$root/etc"
	echo '127.0.0.1 localhost' >"$root/etc/hosts"
	machine_sources | sed 's/.*/deb & main/' >"$root/etc/apt/sources.list"
	{
		apt-config dump | grep -i '^Acquire::https\?::' || :
		[ -z "${http_proxy:-}" ] || echo "Acquire::http::Proxy \"$http_proxy\";"
		echo 'APT::Keep-Downloaded-Packages "true";'
		echo 'Binary::apt::APT::Keep-Downloaded-Packages "true";'
	} >"$root/etc/apt/apt.conf.d/99host"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/host"	# quicker; nothing else
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"	# start no daemon
	chmod +x "$root/usr/sbin/policy-rc.d"
	inside root 'apt-get update'
}

# machine_make: makes $root, which is nobody else's until the script ends.
machine_make()
{
	local began
	mkdir -p "$out" "$machine_packages"
	cache_lock fresh
	cache_hold "$machine_packages"
	cache_folder fresh bookworm machine_base
	began=$SECONDS
	machine_fill >"$out/machine.log" 2>&1 ||
		{ cat "$out/machine.log" >&2; die "the new machine could not be made"; }
	say "a new machine: $root ($((SECONDS - began)) s)"
}

machine_unmount() { umount -l "$root"/{var/cache/apt/archives,proc,sys,dev}; }

# inside USER COMMAND: as after a login there
inside() { chroot "$root" su - "$1" -c "$2" </dev/null; }
