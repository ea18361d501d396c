#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Plays scenarios of the page with the kernel, in the test VM:
#
#	play.sh LIST
#
# LIST has a line for each, NAME MS: the scenario /ttp/scenarios/NAME.txt, and for how
# long.  /out/kernel/NAME.jsonl becomes the recording of both hosts.
set -u
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
no_options "$@"
# shellcheck source=../vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
program=$(realpath "$(dirname "$0")/bin/scenario")
out=${TTP_OUT:-/out}/kernel

# A 10.0.0.1 - 10.0.0.2 B, who know each other, and send what is for anybody else to each
# other.  Each scenario has hosts of its own, and a VM takes long to start programs: few.
hosts()
{
	host A
	host B
	ip link add toB netns "${nspre}A" address 02:00:00:00:00:01 type veth \
		peer name toA netns "${nspre}B" address 02:00:00:00:00:02
	join A 10.0.0.1 toB 10.0.0.2 02:00:00:00:00:02
	join B 10.0.0.2 toA 10.0.0.1 02:00:00:00:00:01
}

# join HOST ADDRESS DEVICE PEER ITS-DEVICE
join()
{
	ip -n "$nspre$1" -batch - <<-END
		link set $3 addrgenmode none
		addr add $2 peer $4 dev $3
		link set $3 up
		neigh add $4 dev $3 nud permanent lladdr $5
		route add default via $4
	END
}

play()
{
	local recorder said=''
	hosts
	start recorder A ttp -n "${nspre}A" -n "${nspre}B" record --ready "$work/ready" "$out/$name.jsonl"
	recorder=$started
	wait_for 5 test -e "$work/ready"
	exec 3< <(exec "$program" "/ttp/scenarios/$name.txt" "${nspre}A" "${nspre}B" "$ms" 2>&1)
	echo $! >>"$work/pids"
	read -r said <&3 || :
	[ "$said" = "done" ] || fail "$said"
	kill -INT "$recorder"
	finish "$recorder" recorder
}

# in a shell of its own: what fails ends that
one()
{
	rm -f "$work"/*
	(set -eE; trap 'unexpected "$BASH_COMMAND"' ERR; play) &
	wait $! || { status=1; echo "$name: $(cat "$work/reason")"; }
	clear_up
}

begin_tests veth sch_netem
insmod "${TTP_KO%/*}/ttp_cubic.ko"
mkdir -p "$out"
status=0
while read -r name ms <&4; do
	one
done 4<"$1"
! kernel_complaints || status=1
exit $status
