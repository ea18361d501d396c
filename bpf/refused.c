// SPDX-License-Identifier: GPL-2.0
/*
 * refused.c - a congestion control algorithm that writes what is not its own: the verifier
 * must refuse it, and tests/vm/bpf.sh sees whether it does.
 */
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct ttp_cong {
	__u32 mss;
} __attribute__((preserve_access_index));

struct ttp_cong_ops {
	char name[16];
	void (*acked)(struct ttp_cong *cong, const void *s);
	void (*loss)(struct ttp_cong *cong, __u32 flight);
};

SEC("struct_ops/acked")
void BPF_PROG(refused_acked, struct ttp_cong *cong, const void *s)
{
	cong->mss = 1;
}

SEC("struct_ops/loss")
void BPF_PROG(refused_loss, struct ttp_cong *cong, __u32 flight)
{
}

SEC(".struct_ops")
struct ttp_cong_ops refused = {
	.name = "bpf_refused",
	.acked = (void *)refused_acked,
	.loss = (void *)refused_loss,
};

char _license[] SEC("license") = "GPL";
