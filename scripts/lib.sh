# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts in this folder share.  Sourced, never run.
# shellcheck disable=SC2034 # used by those who source it

TTP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TTP_SCRIPT=$(realpath "$0")
TTP_CACHE=${TTP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ttp}
[[ $TTP_CACHE = /* ]] || TTP_CACHE=$PWD/$TTP_CACHE	# scripts go to other folders

# What programs print is read here and there: in English, and in UTF-8, which is
# what the sources are written in.
export LC_ALL=C.UTF-8
unset LANGUAGE

# scripts/cross sets TTP_ARCH, in Debian's words, for another architecture than this machine's:
# what is built is for it, and so are the test VM and all that runs there.
arch() { echo "${TTP_ARCH:-$(dpkg --print-architecture)}"; }

# apt knows that one's packages by options and lists of its own: nothing here is told of it.
apt_options=(-o APT::Sandbox::User=root) apt_lists=/var/lib/apt/lists
if [ -n "${TTP_ARCH:-}" ]; then
	apt_options+=(-o "APT::Architecture=$TTP_ARCH" -o "APT::Architectures::=$TTP_ARCH"
		-o "Dir::State=$TTP_CACHE/apt-$TTP_ARCH" -o Dir::State::status=/dev/null
		-o "Dir::Cache=$TTP_CACHE/apt-$TTP_ARCH")
	apt_lists=$TTP_CACHE/apt-$TTP_ARCH/lists
fi

# Wireshark's filter for a segment with a wrong checksum.  The kernel writes 0xffff for 0, as it
# must for UDP; both are right for a receiver, but Wireshark calls it bad (RFC 1624).
TTP_BAD_CHECKSUM='tcp.checksum.status != 1 && !tcp.checksum.ffff'

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 1; }

# What --help prints: the comment that the script begins with, from line 4 on.
usage() { sed -n '4,$ { /^#/!q; s/^# \{0,1\}//p }' "$TTP_SCRIPT"; }

# misused WHAT: ends a script that was called with wrong arguments.
misused() { say "$* (try --help)"; exit 2; }

# has_value OPTION [VALUE]...: ends the script when the option is the last word.
has_value() { [ $# -gt 1 ] || misused "$1 needs a value"; }

# no_options [WORD]...: for a script without options but --help.
no_options()
{
	case ${1:-} in
	-h | --help) usage; exit 0 ;;
	-*) misused "no such option: $1" ;;
	esac
}

# no_arguments [WORD]...: the same for one that takes no arguments either.
no_arguments()
{
	no_options "$@"
	[ $# = 0 ] || misused "it takes no arguments: $1"
}

# test_options LETTERS [WORD]...: for a script of tests: -LETTER is given, any other word is
# a pattern.
test_options()
{
	local word
	for word in "${@:2}"; do
		case $word in
		-h | --help) usage; exit 0 ;;
		-["$1"]) given+=${word#-} ;;
		-*) misused "no such option: $word" ;;
		*) patterns+=("$word") ;;
		esac
	done
}

given='' patterns=()
given() { [[ $given == *$1* ]]; }

# selected NAME: contains one of the patterns, if there are any, and of those after a !
# none.
selected()
{
	local p any='' found=''
	for p in ${patterns[@]+"${patterns[@]}"}; do
		[[ $p != !* || $1 != *"${p#!}"* ]] || return
		[[ $p == !* ]] || any=1
		[[ $p == !* || $1 != *"$p"* ]] || found=1
	done
	[ -n "$found" ] || [ -z "$any" ]
}

# What tests have said so far, and those by IPv6 among them.
passed=0 failed=0 skipped=0
passed6=0 failed6=0 skipped6=0

# result LINE: says it, and counts it if it is that of a test.
result()
{
	local by6=0
	echo "$1"
	[[ ! $1 =~ ^[a-z\ ]+\ -\ (ipv6|datagram6|[^\ .]*:(v6|inet6))\. ]] || by6=1
	case $1 in
	"ok - "*) passed=$((passed + 1)) passed6=$((passed6 + by6)) ;;
	"not ok - "*) failed=$((failed + 1)) failed6=$((failed6 + by6)) ;;
	"skip - "*) skipped=$((skipped + 1)) skipped6=$((skipped6 + by6)) ;;
	esac
}

# The counts of both families side by side, if there were tests of IPv6: a line that is
# no test's and no verdict, but of which tests/run makes a table.
families()
{
	[ $((passed6 + failed6 + skipped6)) = 0 ] ||
		echo "# by IPv4: $((passed - passed6)) passed, $((failed - failed6)) failed, $((skipped - skipped6)) skipped;" \
			"by IPv6: $passed6 passed, $failed6 failed, $skipped6 skipped"
}

# add_up LINE: counts what other tests' verdict is; false if the line is none.
add_up()
{
	[[ $1 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]] || return
	passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
	skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
}

# The last line of a script of tests, whose exit status is this one's.
verdict()
{
	families
	echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
	[ "$failed" = 0 ]
}

# fewer_jobs MOST: waits until there is room for one more in the background.
fewer_jobs() { while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do wait -n; done; }

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "not root and no sudo: run as root: $*"
	fi
}

# attempt COMMAND...: its exit status is in $status.  A function ends at its first error, but only if
# this is not called in a condition: bash has no -e there.
attempt()
{
	local -
	set +e
	(set -e; "$@")
	status=$?
}

# What runs in the background ends.
end_jobs()
{
	local job
	for job in $(jobs -p); do kill "$job" 2>/dev/null || :; done
	wait
}

# interruptible COMMAND...: runs it; a signal that ends this script ends it, too.  bash sees a signal
# only when what runs in the foreground has ended.
interruptible()
{
	trap end_jobs EXIT
	trap 'exit 143' TERM HUP
	"$@" <&0 &
	wait $!
}

# long_work LOG COMMAND...: runs the command with its output in LOG, and says every
# ten seconds (tick_s) what the last line there is.
long_work()
{
	local log=$1 ticker status
	shift
	: >"$log"
	tick "$log" &
	ticker=$!
	attempt "$@" >"$log" 2>&1
	kill "$ticker"
	wait "$ticker" 2>/dev/null || :
	return "$status"
}

# Until the script ends, by Ctrl-C, too.  It waits by read: a sleep would outlive it,
# and hold the output open.
tick()
{
	local began=$SECONDS
	while :; do
		read -rt "${tick_s:-10}" <> <(:) || :
		kill -0 $$ 2>/dev/null || exit
		say "  $((SECONDS - began)) s: $(tail -n 1 "$1" | tr '\r' '\n' | tail -n 1 | tr -s '[:blank:]' ' ' | cut -c 1-70)"
	done
}

# The cache folder holds folders named KIND-KEY: of each kind there may be some,
# for other kernels, other packages, other sources.

# cache_hold FOLDER: it is used now, and by this script until it ends.
cache_hold()
{
	local fd
	touch -c "$1"
	exec {fd}<"$1"
	flock -s "$fd"
	# whoever found it old may have been quicker
	[ "$1" -ef "/dev/fd/$fd" ] || die "$1 has just been deleted: once more, please"
}

# cache_use KIND KEY: cache_hold for it, and deletes what else there is of that
# kind if it was not used for 14 days and nobody holds it.
cache_use()
{
	local old fd
	cache_hold "$TTP_CACHE/$1-$2"
	while read -r -d '' old; do
		exec {fd}<"$old"
		if flock -n "$fd"; then
			say "deleting $old: not used for 14 days"
			# what is interrupted leaves no part of it under its name
			[[ $old == *.old ]] || mv -T "$old" "$old.old"
			rm -rf "${old%.old}.old"
		fi
		exec {fd}<&-
	done < <(find "$TTP_CACHE" -mindepth 1 -maxdepth 1 -name "$1-*" ! -name '*.lock' ! -name '*.list' -mtime +13 -print0)
}

in_folder() { cd "$1"; "${@:2}"; }

# cache_folder KIND KEY COMMAND...: creates KIND-KEY by running the command in an
# empty folder that gets its name when, and only when, it succeeds; uses it.  Not to be called in a
# condition: see attempt.
cache_folder()
{
	local kind=$1 key=$2 dir=$TTP_CACHE/$1-$2 status
	shift 2
	if [ ! -d "$dir" ]; then
		rm -rf "$dir.new"
		mkdir -p "$dir.new"
		attempt in_folder "$dir.new" "$@"
		[ "$status" = 0 ] || die "could not fill $dir: see the messages above"
		sync -f "$dir.new"	# a name that is there after a power cut says that all of it is
		mv -T "$dir.new" "$dir"
		say "kept in $dir for next time"
	fi
	cache_use "$kind" "$key"
}

# Serialises what works in the cache: two clones may share it.
cache_lock()
{
	mkdir -p "$TTP_CACHE"
	exec 9>"$TTP_CACHE/$1.lock"
	flock -n 9 || { say "waiting for another run to leave $TTP_CACHE/$1"; flock 9; }
}

# Where apt gets Debian here: a URI and a suite on each line.
debian_sources()
{
	# shellcheck disable=SC2016 # for apt
	apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' 'Created-By: Packages' |
		sed -n 's/^\([^ ]* [^ ]*\) Debian$/\1/p' | sort -u
}

# From now on apt is asked for all suites of Debian 12 and 13 that have kernels, from the mirror that
# this machine uses.  Their lists are in the cache folder, and fetched anew after a day.
more_suites()
{
	local at main security
	at=$TTP_CACHE/suites-$(arch)
	main=$(debian_sources | sed -n 's/ [a-z]*$//p' | head -n 1)
	security=$(debian_sources | sed -n 's/ [a-z]*-security$//p' | head -n 1)
	[[ -n $main && -n $security ]] || die "apt knows no Debian here: run apt-get update"
	apt_options+=(-o "Dir::Etc::sourcelist=$at/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State=$at"
		-o "Dir::State::status=$at/status" -o "Dir::Cache=$at" -o APT::Install-Recommends=false
		-o Acquire::Languages=none)
	cache_lock suites
	cache_folder suites "$(arch)" mkdir -p archives/partial lists/partial
	if [ -z "$(find "$at" -name updated -mtime -1)" ]; then
		printf "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n" \
			"$main" bookworm "$main" bookworm-updates "$main" bookworm-backports "$security" bookworm-security \
			"$main" trixie "$main" trixie-updates "$main" trixie-backports "$security" trixie-security >"$at/sources.list"
		say "apt fetches the lists of Debian 12 and 13"
		: >"$at/status"
		apt-get -qq "${apt_options[@]}" update >&2 || die "apt-get update failed: see above"
		touch "$at/updated"	# and not before, as it may be interrupted
	fi
	exec 9>&-
}

# Does apt know the package $1?
known() { apt-cache "${apt_options[@]}" show "$1" >/dev/null 2>&1; }

# Fetches the package $1 into the present folder as $1.deb, without installing it.
fetch_deb()
{
	apt-get -qq "${apt_options[@]}" download "$1" && mv "$1"_*.deb "$1.deb"
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
	local tarball package unpack
	tarball=$(find /usr/src -name 'linux-source-*.tar.xz' 2>/dev/null | sort -V | head -n 1)
	[ -n "$tarball" ] || die "no kernel source: run scripts/setup kunit"
	package=$(basename "$tarball" .tar.xz)
	source_version=$(dpkg-query -W -f '${Version}' "$package")
	source_tree=$TTP_CACHE/${package}_$source_version
	unpack=(cache_folder "${package%-*}" "${package##*-}_$source_version" tar -xf "$tarball" --strip-components=1)
	if [ ! -d "$source_tree" ]; then
		say "unpacking $tarball into the cache folder"
		(cache_lock kernel-source && "${unpack[@]}") || exit
	fi
	"${unpack[@]}"
}

# What suite programs and make bench-all run: packages of Debian, and what is left out of
# what they depend on, as nothing is configured in the VM.
vm_programs="iperf3 nginx-light curl openssh-server openssh-client rsync python3-minimal
	libpython3.11-stdlib|libpython3-stdlib python3-yaml redis-server redis-tools socat netcat-openbsd apache2-utils
	mininet bridge-utils"
vm_programs_without='perl.*|lib.*perl.*|debconf|dpkg|tar|ucf|adduser|passwd|usrmerge|init-system-helpers|.*-base|iproute2|libsystemd-shared'

# A Java VM is as large as all of these, so it is a part of its own; its libraries are theirs.
vm_java="openjdk-17-jre-headless|default-jre-headless"

# What the tool is built with, and what the VM has of this machine's programs.  For another
# architecture both are in a folder of the cache, as they would be below /.
build_libraries="libmnl-dev libjson-c-dev libmd-dev libpcap-dev libncurses-dev libmicrohttpd-dev"
vm_base="bash dash coreutils findutils util-linux libc-bin procps busybox-static kmod iproute2 tcpdump ethtool
	nftables netbase mandoc strace iperf3 socat trace-cmd"

# Prints where it is, once scripts/setup has fetched it; nothing for this machine's own.
foreign_root()
{
	local list
	[ -n "${TTP_ARCH:-}" ] || return 0
	list=$(vm_programs_packages foreign) || die "apt does not know the programs: run scripts/setup build"
	echo "$TTP_CACHE/foreign-$(vm_programs_key <<<"$list")/root"
}

# Prints each package that the VM gets for them, or for Java (vm_programs_packages java), or those
# of foreign_root (foreign), as NAME=VERSION, whatever is installed here.  apt takes seconds for it: kept until its lists change.
vm_programs_packages()
{
	local what=${1:-programs} kept
	kept=$({ declare -p "${!vm_@}" "${!apt_@}" build_libraries; stat -c '%n %s %Y' "$apt_lists"/*; } 2>&1 |
		sha256sum | cut -c 1-12)
	kept=$TTP_CACHE/$what-$kept.list
	if [ ! -s "$kept" ]; then
		mkdir -p "$TTP_CACHE"
		vm_programs_resolve "$what" >"$kept.$$" || { rm -f "$kept.$$"; return 1; }
		mv "$kept.$$" "$kept"
	fi
	cat "$kept"
}

vm_programs_resolve()
{
	local name debs=() list wanted=$vm_programs only=. without=$vm_programs_without
	case $1 in
	java) wanted=$vm_java only='^openjdk-' ;;
	foreign) wanted="$build_libraries $vm_base" without='perl.*|debconf|dpkg' ;;
	esac
	for name in $wanted; do
		apt-cache "${apt_options[@]}" show "${name%|*}" >/dev/null 2>&1 && name=${name%|*} || name=${name#*|}
		debs+=("$name")
	done
	list=$(apt-get -qq -s "${apt_options[@]}" -o Dir::State::status=/dev/null -o APT::Install-Recommends=false \
		install "${debs[@]}" 2>/dev/null) || return
	sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' <<<"$list" |
		grep -vE "^($without)=" | grep "$only" | sort
}

# The key, in the cache folder, of the packages on standard input.
vm_programs_key() { { printf %s "${TTP_ARCH:-}"; cat; } | sha256sum | cut -c 1-12; }

# sources_key [PATH...]: names the sources as they are now, those of the module and of
# all that tests it, or those: what was found about them is kept under this name.
# Without git there is no name that comes again.
sources_key()
{
	[ $# -gt 0 ] || set -- Kbuild Makefile debian exercises labs module bpf netlink page scripts tests userspace \
		docs/man docs/differences.md docs/page.md
	(cd "$TTP_ROOT" || exit
	git rev-parse --git-dir >/dev/null 2>&1 || { echo "none-$$"; exit; }
	git ls-files -z -co --exclude-standard "$@" |
		xargs -0 sha256sum 2>/dev/null | sha256sum | cut -c 1-16)
}

# module_files FOLDER: what the module there is built of, a line each, sorted
module_files() { (cd "$1" && find Kbuild module \( -name Kbuild -o -name '*.[ch]' ! -name '*.mod.c' \) | sort); }

# copy_tree FOLDER: puts the files that git knows there, as they are now, and takes away what it put
# there before and knows no more; a script that runs there goes on as it was.  A copy has copies, too.
copy_tree()
{
	local clone
	clone=$(git -C "$TTP_ROOT" rev-parse --show-toplevel 2>/dev/null) || die "$TTP_ROOT is no clone of git's"
	mkdir -p "$1"
	(cd "$TTP_ROOT" && git -C "$clone" ls-files -z | xargs -0 cp --parents --preserve=timestamps --remove-destination -t "$1")
	git -C "$clone" ls-files -z | LC_ALL=C sort -z >"$1.files.new"
	[ ! -e "$1.files" ] || LC_ALL=C comm -z -23 "$1.files" "$1.files.new" | (cd "$1" && xargs -0 -r rm -f)
	mv "$1.files.new" "$1.files"
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
	[ "${PIPESTATUS[0]}" = 0 ] || return
	# what could not run here, for want of a program, is tried again
	tail -n 1 "$kept.new" | grep -q '^0 passed' || mv "$kept.new" "$kept"
}

# Any port of this machine that is free
free_port()
{
	python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}
