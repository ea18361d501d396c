# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# BPF programs of bpf/: an algorithm of congestion control, and TTP for a cgroup.  Sourced by
# run.sh.
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bpf_bin=$here/../../bpf/bin

# needs_bpf PROGRAMS FUNCTION: kernels that know no FUNCTION are too old
needs_bpf()
{
	grep -qw "$2" /proc/kallsyms || skip "this kernel is too old: it has no $2()"
	[ -e "$bpf_bin/$1" ] || skip "no $bpf_bin/$1: scripts/setup bpf, make programs"
	command -v bpftool >/dev/null || skip "no bpftool: scripts/setup bpf"
}

registered() { grep -q "^$1 " /proc/net/ttp/congestion; }

# bpftool 7.5 registers and unregisters, and crashes then, for it looks for the type's name in the
# kernel's BTF, and not in the module's: what it has done is what counts.
struct_ops() { bpftool struct_ops "$@" >"$work/bpftool" 2>&1 || :; }

an_algorithm()
{
	needs_bpf aimd.o __register_bpf_struct_ops
	three_hosts
	netem delay 2ms loss 1%
	insmod "$(dirname "$TTP_KO")/ttp_bpf.ko"
	struct_ops register "$bpf_bin/aimd.o"
	registered bpf_aimd || fail "expected bpf_aimd to be registered, came $(cat "$work/bpftool")"
	struct_ops register "$bpf_bin/aimd.o"
	is 1 grep -c '^bpf_aimd ' /proc/net/ttp/congestion || fail "expected a name that is taken to be refused"
	sysctl -qw net.ttp.allowed_congestion_control="reno bpf_aimd"
	in_ A sysctl -qw net.ttp.congestion_control=bpf_aimd
	carry 1024
	[ "$(counter A SackRecovery)" != 0 ] || fail "expected losses"
	! rmmod ttp_bpf 2>/dev/null || fail "expected rmmod to be refused"
	struct_ops unregister name aimd
	not registered bpf_aimd || fail "expected bpf_aimd to be gone, came $(cat "$work/bpftool")"
	# new sockets of that namespace still have it, by Reno's rules
	carry 1024
	in_ A sysctl -qw net.ttp.congestion_control=reno
	wait_for 15 rmmod ttp_bpf
}

a_foreign_word()
{
	needs_bpf refused.o __register_bpf_struct_ops
	insmod "$(dirname "$TTP_KO")/ttp_bpf.ko"
	struct_ops register "$bpf_bin/refused.o"
	not registered bpf_refused || fail "expected it to be refused"
	grep -q 'only cwnd, ssthresh, pacing_rate and priv' "$work/bpftool" ||
		fail "expected the verifier to say why, came $(tail -n 3 "$work/bpftool")"
	rmmod ttp_bpf
}

# bulk is linked statically, and asks for TCP's sockets
a_cgroup()
{
	needs_bpf sockets.o update_socket_protocol
	local id byte bytes=()
	two_hosts
	local cgroups=/run/ttp-cgroups fs=/run/ttp-bpf
	mkdir -p $cgroups $fs
	# shellcheck disable=SC2064 # as they are now
	trap "rm -rf $fs/ttp; umount -l $fs $cgroups" EXIT
	mount -t cgroup2 none $cgroups
	mount -t bpf none $fs
	mkdir -p "$cgroups/ttp/inside"
	bpftool prog loadall "$bpf_bin/sockets.o" $fs/ttp autoattach pinmaps $fs/ttp
	id=$(stat -c %i "$cgroups/ttp")
	for byte in 0 8 16 24 32 40 48 56; do bytes+=($((id >> byte & 255))); done
	bpftool map update pinned $fs/ttp/cgroups key "${bytes[@]}" value 1
	export TTP_TEST_PROTO=tcp
	carry 64
	is 0 counter A ActiveOpens || fail "expected TCP outside of the cgroup"
	echo "$BASHPID" >"$cgroups/ttp/inside/cgroup.procs"
	carry 64
	is 1 counter A ActiveOpens || fail "expected TTP in the cgroup, came $(counter A ActiveOpens)"
	rm -r $fs/ttp
	wait_for 5 not bpftool prog show name ttp_socket	# the kernel takes its time
	carry 64
	is 1 counter A ActiveOpens || fail "expected TCP after the program was taken away"
}

it bpf.an_algorithm_of_programs_carries_data_and_goes 90 an_algorithm
it bpf.a_program_writes_only_what_is_the_algorithms 30 a_foreign_word
it bpf.a_cgroup_uses_TTP_in_static_programs_too 60 a_cgroup
