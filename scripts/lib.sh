# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts in this folder share.  Sourced, never run.
# shellcheck disable=SC2034 # used by those who source it

TTP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TTP_CACHE=${TTP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ttp}

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# Creates the cache folder $1 by running the rest of the arguments in an empty
# folder that gets its name when, and only when, they succeed.
cache_folder()
{
	local dir=$TTP_CACHE/$1
	shift
	[ -d "$dir" ] && return
	rm -rf "$dir.new"
	mkdir -p "$dir.new"
	(cd "$dir.new" && "$@") || die "could not fill $dir: see the messages above"
	mv "$dir.new" "$dir"
	say "kept in $dir for next time"
}

# Serialises what works in the cache: two clones may share it.
cache_lock()
{
	mkdir -p "$TTP_CACHE"
	exec 9>"$TTP_CACHE/$1.lock"
	flock -n 9 || { say "waiting for another run to leave $TTP_CACHE/$1"; flock 9; }
}

# Fetches the package $1 into the present folder as $1.deb, without installing it.
fetch_deb()
{
	apt-get -qq -o APT::Sandbox::User=root download "$1" && mv "$1"_*.deb "$1.deb"
}

# The folder with the build files of the kernel that the module is for: KDIR if
# set, else the newest Debian cloud kernel's (small, quick to boot), else the
# newest of any.
kernel_build()
{
	local dirs
	if [ -n "${KDIR:-}" ]; then
		echo "$KDIR"
		return
	fi
	dirs=$(find /lib/modules -mindepth 2 -maxdepth 2 -name build -printf '%p\n' 2>/dev/null | sort -V)
	grep -e '-cloud-[^/]*/build$' <<<"$dirs" | tail -n 1 | grep . || tail -n 1 <<<"$dirs"
}

# The release (what uname -r says) of the kernel of build folder $1.
kernel_release()
{
	local header=$1/include/generated/utsrelease.h
	[ -r "$header" ] || return 1
	sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' "$header"
}

# Unpacks Debian's kernel source into the cache folder, once.  Sets source_tree
# to where it is and source_version to the package's version.
kernel_source()
{
	local tarball package
	tarball=$(find /usr/src -name 'linux-source-*.tar.xz' 2>/dev/null | sort -V | head -n 1)
	[ -n "$tarball" ] || die "no kernel source: run scripts/setup kunit"
	package=$(basename "$tarball" .tar.xz)
	source_version=$(dpkg-query -W -f '${Version}' "$package")
	source_tree=$TTP_CACHE/${package}_$source_version
	[ -d "$source_tree" ] || say "unpacking $tarball into the cache folder"
	cache_folder "$(basename "$source_tree")" tar -xf "$tarball" --strip-components=1
}

# What suite programs runs: packages of Debian, and what is left out of what they
# depend on, as nothing is configured in the VM.
vm_programs="iperf3 nginx-light curl openssh-server openssh-client rsync python3-minimal
	libpython3.11-stdlib|libpython3-stdlib redis-server redis-tools socat netcat-openbsd"
vm_programs_without='perl.*|lib.*perl.*|debconf|dpkg|tar|ucf|adduser|passwd|usrmerge|init-system-helpers|.*-base|iproute2|libsystemd-shared'

# Prints each package that the VM gets for them as NAME=VERSION, whatever is
# installed here.  apt takes seconds for it: kept until its lists change.
vm_programs_packages()
{
	local kept
	kept=$({ declare -p vm_programs vm_programs_without; stat -c '%n %s %Y' /var/lib/apt/lists/*; } 2>&1 |
		sha256sum | cut -c 1-12)
	kept=$TTP_CACHE/programs-$kept.list
	if [ ! -s "$kept" ]; then
		mkdir -p "$TTP_CACHE"
		vm_programs_resolve >"$kept.$$" || { rm -f "$kept.$$"; return 1; }
		mv "$kept.$$" "$kept"
	fi
	cat "$kept"
}

vm_programs_resolve()
{
	local name names=() list
	for name in $vm_programs; do
		apt-cache show "${name%|*}" >/dev/null 2>&1 && name=${name%|*} || name=${name#*|}
		names+=("$name")
	done
	list=$(apt-get -qq -s -o Dir::State::status=/dev/null -o APT::Install-Recommends=false \
		install "${names[@]}" 2>/dev/null) || return
	sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' <<<"$list" |
		grep -vE "^($vm_programs_without)=" | sort
}

# The cache folder of the packages on standard input.
vm_programs_folder() { echo "programs-$(sha256sum | cut -c 1-12)"; }

# Names the sources as they are now, of the module and of all that tests it: what
# was found about them is kept under this name.  Without git there is no name that
# comes again.
sources_key()
{
	(cd "$TTP_ROOT" || exit
	git rev-parse --git-dir >/dev/null 2>&1 || { echo "none-$$"; exit; }
	git ls-files -z -co --exclude-standard Kbuild Makefile module netlink scripts tests userspace |
		xargs -0 sha256sum 2>/dev/null | sha256sum | cut -c 1-16)
}

# part NAME KERNEL COMMAND...: runs a part of a slow suite.  What it prints is kept
# if it passes, and printed from there if the same sources are to be tested with the
# same kernel again: so a suite that was interrupted goes on where it stopped.
# `make clean` forgets it all.
part()
{
	local kept
	sources=${sources:-$(sources_key)}	# what they were at the start counts
	kept=$TTP_ROOT/build/parts/$sources/$1-$2
	if [ -s "$kept" ]; then
		say "$1 has passed with these sources: see $kept"
		cat "$kept"
		return
	fi
	mkdir -p "${kept%/*}"
	"${@:3}" 2>&1 | tee "$kept.new"
	[ "${PIPESTATUS[0]}" = 0 ] && mv "$kept.new" "$kept"
}
