// SPDX-License-Identifier: GPL-2.0
/*
 * aimd.c - additive increase, multiplicative decrease (AIMD) as BPF programs: congestion control
 * of TTP without a kernel module of one's own, checked by the verifier when it is loaded.  For
 * kernels from 6.12 on.
 *
 *	insmod module/ttp_bpf.ko
 *	bpftool struct_ops register bpf/bin/aimd.o
 *	sysctl -w net.ttp.congestion_control=bpf_aimd
 *	bpftool struct_ops unregister name aimd
 *
 * The structures here have those members of module/core/cong.h that are used: where they are, the
 * loader finds by the module's BTF.
 *
 * Next: docs/congestion-control.md.
 */
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define near __attribute__((preserve_access_index))

struct ttp_cong {
	__u32 cwnd;
	__u32 ssthresh;
	__u32 mss;
	__u64 priv[15];		/* the first is not ours */
} near;

struct ttp_ack_sample {
	__u32 acked;
	_Bool cwnd_limited;
} near;

struct ttp_cong_ops {
	char name[16];
	__u32 flags;
	void (*acked)(struct ttp_cong *cong, const struct ttp_ack_sample *s);
	void (*loss)(struct ttp_cong *cong, __u32 flight);
};

/* For each window of data that was acknowledged a segment more */
SEC("struct_ops/acked")
void BPF_PROG(aimd_acked, struct ttp_cong *cong, const struct ttp_ack_sample *s)
{
	__u64 credit = cong->priv[1] + s->acked;

	if (!s->cwnd_limited)
		return;
	if (credit >= cong->cwnd) {
		credit -= cong->cwnd;
		cong->cwnd += cong->mss;
	}
	cong->priv[1] = credit;
}

SEC("struct_ops/loss")
void BPF_PROG(aimd_loss, struct ttp_cong *cong, __u32 flight)
{
	__u32 half = cong->cwnd / 2;

	cong->ssthresh = half > 2 * cong->mss ? half : 2 * cong->mss;
	cong->cwnd = cong->ssthresh;
	cong->priv[1] = 0;
}

SEC(".struct_ops")
struct ttp_cong_ops aimd = {
	.name = "bpf_aimd",
	.acked = (void *)aimd_acked,
	.loss = (void *)aimd_loss,
};

char _license[] SEC("license") = "GPL";
