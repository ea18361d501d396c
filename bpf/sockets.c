// SPDX-License-Identifier: GPL-2.0
/*
 * sockets.c - whole containers use TTP: a BPF program that gives socket(AF_INET or AF_INET6,
 * SOCK_STREAM, 0 or IPPROTO_TCP) of chosen cgroups TTP instead of TCP.
 *
 * Beside ttp-run(8), whose shim reaches only programs that load the C library: this reaches
 * static programs and those in Go, too.  For kernels from 6.6 on, which have the function
 * update_socket_protocol() for such programs.
 *
 *	bpftool prog loadall bpf/bin/sockets.o /sys/fs/bpf/ttp autoattach pinmaps /sys/fs/bpf/ttp
 *	bpftool map update pinned /sys/fs/bpf/ttp/cgroups key 27 0 0 0 0 0 0 0 value 1
 *	rm -r /sys/fs/bpf/ttp		ends it: sockets that are open stay what they are
 *
 * The key is the cgroup's ID, the inode number of its folder (stat -c %i), as eight bytes with the
 * lowest first.  Cgroups inside of it are chosen with it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define AF_INET		2
#define AF_INET6	10
#define SOCK_STREAM	1
#define SOCK_TYPE_MASK	0xf
#define IPPROTO_TCP	6
#define IPPROTO_TTP	253
#define DEEPEST		16

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u8);
} cgroups SEC(".maps");

static int chosen(void)
{
	__u64 id;
	int level;

	for (level = 0; level < DEEPEST; level++) {
		id = bpf_get_current_ancestor_cgroup_id(level);
		if (!id)
			break;
		if (bpf_map_lookup_elem(&cgroups, &id))
			return 1;
	}
	return 0;
}

SEC("fmod_ret/update_socket_protocol")
int BPF_PROG(ttp_socket, int family, int type, int protocol)
{
	if ((family == AF_INET || family == AF_INET6) && (type & SOCK_TYPE_MASK) == SOCK_STREAM &&
	    (!protocol || protocol == IPPROTO_TCP) && chosen())
		return IPPROTO_TTP;
	return protocol;
}

char _license[] SEC("license") = "GPL";
