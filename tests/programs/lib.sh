# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of programs share: client A, 10.0.0.1, and server B, 10.0.0.2 ($B, and
# $B_url in an address of the web), joined by a veth pair; by IPv6 fd00::10.0.0.1 and
# fd00::10.0.0.2; the program run there over one protocol and then over
# the other; the comparison of what it did.  Sourced, never run.
# shellcheck disable=SC2034 # used by those who source it

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../vm/lib.sh
. "$folder/../vm/lib.sh"

files=$work.files	# what is to be sent; $dir is where it is to arrive
mkdir -m 755 "$files"
over=()			# runs a program over the protocol in question

make_files()
{
	echo "a small file" >"$files/small"
	head -c 1048576 /dev/urandom >"$files/1M"
	head -c 16777216 /dev/urandom >"$files/16M"
}

# serve NAME COMMAND...: a server at B, in the background; sets $started
serve()
{
	local name=$1
	shift
	start "$name" B "${over[@]}" "$@"
}

# listening PORT [HOST]: waits for the server to be so far
listening()
{
	# what the server has to say, should the test fail here
	trap 'cat "$work"/*.err' EXIT
	wait_for 60 has_listener "$1" "${2:-B}"
	trap - EXIT
}

has_listener()
{
	if [ "$proto" = tcp ]; then
		in_ "$2" ss -Htln | grep -q ":$1 "
	else
		in_ "$2" grep -q "^LISTEN .*:$1 " /proc/net/ttp/sockets
	fi
}

# outcome TEXT: what has to be the same over both protocols
outcome() { echo "$*" >>"$dir/outcome"; }

# client NAME COMMAND...: at A; its exit status is an outcome, $dir/NAME is its output
client()
{
	local name=$1 status=0
	shift
	in_ A "${over[@]}" "$@" >"$dir/$name" 2>"$dir/$name.err" <"${input:-/dev/null}" || status=$?
	outcome "$name: exit status $status"
	sed "s/^/$proto: $name: /" "$dir/$name.err"
}

# same FILE AS: a checksum says whether it has arrived as it was
same()
{
	if [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]; then
		outcome "${1##*/}: arrived as it was"
	else
		outcome "${1##*/}: $(stat -c %s "$1") bytes that differ from the $(stat -c %s "$2") of ${2##*/}"
	fi
}

# prints FILE...: their text is an outcome
prints() { cat "$@" >>"$dir/outcome"; }

# stop PID [SIGNAL]: ends a server; its exit status is an outcome
stop()
{
	local status=0
	kill "-${2:-TERM}" "$1"
	wait "$1" || status=$?
	outcome "server: exit status $status"
}

# ends PID: the server ends by itself
ends()
{
	local status=0
	wait "$1" || status=$?
	outcome "server: exit status $status"
}

# counters PROTOCOL: "ACTIVE-OPENS PASSIVE-OPENS INSEGS OUTSEGS" of both hosts
counters()
{
	# TCP's are a line of names and a line of values, TTP's a line each
	awk -v wanted="$1" '
	$1 == "Tcp:" && wanted == "tcp" {
		if ($2 + 0) { for (i = 2; i <= NF; i++) sum[name[i]] += $i }
		else { for (i = 2; i <= NF; i++) name[i] = $i }
	}
	NF == 2 && wanted == "ttp" { sum[$1] += $2 }
	END { print sum["ActiveOpens"] + 0, sum["PassiveOpens"] + 0, sum["InSegs"] + 0, sum["OutSegs"] + 0 }
	' "$dir"/[AB].counters
}

# Which protocol was it?  The other one must not have had a segment.
prove()
{
	local host other=TCP passive
	[ "$proto" != tcp ] || other=TTP
	for host in A B; do
		in_ $host cat /proc/net/snmp /proc/net/ttp/stats >"$dir/$host.counters"
	done
	read -r active passive segments _ < <(counters "$proto")
	if [ "$active" = 0 ] || [ "$passive" = 0 ]; then
		fail "expected a connection of $proto, came $active active and $passive passive opens"
	fi
	[ "$(counters "${other,,}")" = "0 0 0 0" ] ||
		fail "expected no open and no segment of $other, came $(counters "${other,,}")"
}

once()
{
	local began=$SECONDS family=${TTP_TEST_FAMILY:-4} B B_url lo=127.0.0.1 any=0.0.0.0
	B=$(at 10.0.0.2) B_url=$(in_url 10.0.0.2)
	! by_v6 || lo='[::1]' any=::
	dir=$files/$proto
	asked=0	# connections of a test that asks again and again
	mkdir "$dir"
	two_hosts
	$body
	prove
	outcome "connections: $((active - asked))"
	seconds+=("$((SECONDS - began))")
	clear_up
}

twice()
{
	local seconds=()
	rm -rf "$files/tcp" "$files/ttp"
	proto=tcp
	once
	proto=ttp over=(ttp run --)
	once
	if ! diff -u "$files/tcp/outcome" "$files/ttp/outcome"; then
		fail "expected what TCP did, came: $(diff "$files/tcp/outcome" "$files/ttp/outcome" | sed -n 's/^> //p' | head -n 3)"
	fi
	note "$active connections, $segments segments, TCP took ${seconds[0]} s$(cat "$files/ttp/note" 2>/dev/null || :)"
}

# both NAME SECONDS FUNCTION: with TCP and with TTP
both()
{
	body=$3
	it "$1" $(($2 * TTP_TEST_SLOW)) twice
}
