# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The test VM is a machine as another: what the manual's examples and the README
# say works there.  Sourced by run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# each COMMAND...: starts iproute2's ip, not busybox's, which has no -V
starts_iproute2()
{
	[[ $("$@" 2>&1) == *iproute2* ]] || fail "expected iproute2's ip from '$*', came: $("$@" 2>&1 | head -n 1)"
}

commands_start_iproute2()
{
	starts_iproute2 sh -c 'ip -V'
	starts_iproute2 env ip -V
	starts_iproute2 timeout 5 ip -V
	starts_iproute2 nice ip -V
	starts_iproute2 setsid -w ip -V
	starts_iproute2 xargs ip -V
	starts_iproute2 find / -maxdepth 0 -exec ip -V ';'
}

# ttp(8)'s own example, with its quotes
ladder_of_a_shell()
{
	needs_tool
	two_hosts
	start listener B ttp listen -v -o /dev/null 5000
	wait_for 5 grep -q ^listening "$work/listener.err"
	ttp -n "${nspre}A" -n "${nspre}B" ladder -A -- \
		sh -c "ip netns exec ${nspre}A ttp connect -i /etc/hosts 10.0.0.2 5000" >"$work/ladder" 2>&1 ||
		fail "expected a ladder, came: $(tail -n 3 "$work/ladder")"
	grep -q 'SYN,ACK' "$work/ladder" || fail "expected a handshake, came: $(tail -n 3 "$work/ladder")"
}

names_resolve()
{
	local entry
	entry=$(getent ahosts localhost | head -n 1)
	[[ $entry == 127.0.0.1* ]] || fail "expected 127.0.0.1 for localhost, came '$entry'"
	entry=$(getent services http)
	[[ $entry == *80/tcp* ]] || fail "expected 80/tcp for http, came '$entry'"
}

# as a terminal's pager prints it: a letter twice is bold
manual()
{
	local page
	for page in 'ttp' '7 ttp' '8 ttp' ttp-tcp-bridge ttp-show ttp-fault; do
		# shellcheck disable=SC2086 # section and name
		man $page 2>&1 | sed $'s/.\b//g' >"$work/page"
		[[ $(head -n 1 "$work/page") == [Tt][Tt][Pp]*"Teaching Transport Protocol"* ]] ||
			fail "expected man $page, came: $(head -n 1 "$work/page")"
		grep -q '^SEE ALSO' "$work/page" || fail "expected man $page to its end, came: $(tail -n 1 "$work/page")"
	done
	[[ $(man 7 ttp | head -n 1) == 'TTP(7)'* ]] || fail "expected section 7, came: $(man 7 ttp | head -n 1)"
}

if grep -q ^ttp-vm /proc/sys/kernel/hostname; then
	it guest.commands_start_the_ip_of_iproute2 20 commands_start_iproute2
	it guest.names_resolve 10 names_resolve
	it guest.has_the_manual 20 manual
fi
it tool.ladder_follows_what_a_shell_starts 30 ladder_of_a_shell
