# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A minimal Debian in a folder, entered by chroot: what check-fresh, tests/packages and
# scripts/image share.  Sourced after lib.sh, never run.  Who sources it sets $out, the folder for what
# is printed, $root, the machine's, and, if it is not Debian 12, machine_release.
#
# Packages are fetched from where this machine gets its own, and kept for next time.
# shellcheck disable=SC2154 # set by those who source it

machine_packages=$TTP_CACHE/fresh-packages
machine_release=bookworm
machine_native=''

# machine_begin [ARGUMENT]...: the script goes on as root, in a namespace of its own: what it
# mounts is seen by nobody else, and gone with it.
machine_begin()
{
	[ -z "${TTP_MACHINE_INSIDE:-}" ] || return 0
	PATH=$PATH:/usr/sbin:/sbin command -v debootstrap >/dev/null ||
		die "no debootstrap: run scripts/setup fresh"
	[ "$(id -u)" = 0 ] || [ -t 0 ] || sudo -n true || die "sudo asks for a password: run $0 by itself"
	mkdir -p "$TTP_CACHE" "$out"	# the user's, not root's
	as_root env TTP_MACHINE_INSIDE=1 TTP_CACHE="$TTP_CACHE" KDIR="${KDIR:-}" TTP_ARCH="${TTP_ARCH:-}" \
		unshare --mount --pid --fork --kill-child "$TTP_SCRIPT" "$@"
	exit
}

# From the mirror that this machine uses, whatever Debian this is
machine_sources() { debian_sources | sed -En "s/ [a-z]*(|-updates|-security)$/ $machine_release\1/p" | sort -u; }

# Programs of another architecture run here, too: by QEMU, if the kernel is told so.
machine_emulate()
{
	local known=/proc/sys/fs/binfmt_misc
	case ${TTP_ARCH:-} in
	arm64)
		[ -e $known/register ] || mount -t binfmt_misc binfmt_misc $known
		[ -e $known/qemu-aarch64 ] || cat /usr/lib/binfmt.d/qemu-aarch64.conf >$known/register
		machine_native=/usr/local/native
		;;
	esac
}

# What takes an emulated machine longest, compilers and decompression, are this machine's programs
# there, with their libraries: a cross compiler is the same Debian's compiler, by the same name.
machine_lend()
{
	local program own=$root$machine_native
	mkdir -p "$own"
	mount --bind / "$root/mnt"
	mount -o remount,bind,ro "$root/mnt"
	ln -s mnt/usr/lib64 "$root/lib64"
	ln -s /mnt/usr/lib/x86_64-linux-gnu "$root/usr/lib"
	ln -s /mnt/usr/aarch64-linux-gnu "$root/usr"
	ln -s /mnt/usr/bin/{dpkg-deb,make} "$own"
	for program in /usr/bin/aarch64-linux-gnu-*; do
		ln -s "/mnt$program" "$own"
		ln -s "/mnt$program" "$own/${program#*-gnu-}"
	done
	ln -s gcc "$own/cc"
	echo "DPkg::Path \"$machine_native:/usr/sbin:/usr/bin\";" >"$root/etc/apt/apt.conf.d/99native"
}

# For who hands the machine out
machine_take_back()
{
	umount "$root/mnt"
	(cd "$root" && rm -r ".$machine_native" lib64 usr/lib/x86_64-linux-gnu usr/aarch64-linux-gnu etc/apt/apt.conf.d/99native)
}

# Runs in an empty folder.
machine_base()
{
	local mirror
	mirror=$(machine_sources | sed -n "s/ $machine_release$//p" | head -n 1)
	[ -n "$mirror" ] || die "apt knows no Debian here: was apt update run?"
	say "making a minimal Debian, $machine_release for $(arch)"
	long_work "$out/debootstrap.log" debootstrap --variant=minbase --arch="$(arch)" "$machine_release" . "$mirror" ||
		{ tail -n 20 "$out/debootstrap.log" >&2; die "debootstrap failed"; }
	rm -f var/cache/apt/archives/*.deb
}

# The machine as its owner got it: with this machine's way to the network.
machine_fill()
{
	rm -rf "$root"
	cp -a --reflink=auto "$TTP_CACHE/fresh-$machine_release-$(arch)" "$root"
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
	[ -z "$machine_native" ] || machine_lend
	inside root 'apt-get update'
}

# machine_make: makes $root, which is nobody else's until the script ends.
machine_make()
{
	local began status
	mkdir -p "$out" "$machine_packages"
	cache_lock fresh
	cache_hold "$machine_packages"
	machine_emulate
	cache_folder fresh "$machine_release-$(arch)" machine_base
	began=$SECONDS
	attempt machine_fill >"$out/machine.log" 2>&1
	[ "$status" = 0 ] || { cat "$out/machine.log" >&2; die "the new machine could not be made"; }
	say "a new machine: $root ($((SECONDS - began)) s)"
}

machine_unmount() { umount -l "$root"/{var/cache/apt/archives,proc,sys,dev}; }

# inside USER COMMAND: as after a login there
inside() { chroot "$root" su - "$1" -c "${machine_native:+PATH=$machine_native:\$PATH; }$2" </dev/null; }
