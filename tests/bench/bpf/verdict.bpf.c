// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * verdict - what the benchmark compares xdpban with, and xdpban itself with
 * another last step: a frame that it lets pass is dropped at once, so that its
 * way into the stack, which costs ten times as much, is not in the figure.
 */
#include "../../../bpf/xdpban.bpf.c"

/* The floor: nothing that drops a frame can be faster. */
SEC("xdp")
int just_drop(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_DROP;
}

/* The same with the sensor. */
SEC("xdp.frags")
int sip_pass_dropped(struct xdp_md *ctx)
{
	int verdict = begin(ctx, bpf_xdp_get_buff_len(ctx), true);

	return verdict == XDP_PASS ? XDP_DROP : XDP_ABORTED;
}

SEC("xdp.frags")
int pass_dropped(struct xdp_md *ctx)
{
	int verdict = begin(ctx, bpf_xdp_get_buff_len(ctx), false);

	return verdict == XDP_PASS ? XDP_DROP : XDP_ABORTED;
}

/*
 * What anybody would write first: one look-up in an LRU hash for every frame, the
 * clock read and compared, and an atomic counter.  No filter, IPv4 only.
 */
struct plain_ban {
	__u64 until, frames;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __be32);
	__type(value, struct plain_ban);
	__uint(max_entries, 1024);
} plain SEC(".maps");

static __always_inline bool plain_has(struct xdp_md *ctx)
{
	struct cursor c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end };
	struct ethhdr *eth = cur_take(&c, sizeof(*eth));
	struct plain_ban *ban;
	struct iphdr *ip;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return false;
	ip = cur_take(&c, sizeof(*ip));
	if (!ip)
		return false;
	ban = bpf_map_lookup_elem(&plain, &ip->saddr);
	if (!ban || ban->until <= bpf_ktime_get_boot_ns())
		return false;
	__sync_fetch_and_add(&ban->frames, 1);
	return true;
}

SEC("xdp")
int plain_banned(struct xdp_md *ctx)
{
	return plain_has(ctx) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int plain_others(struct xdp_md *ctx)
{
	return plain_has(ctx) ? XDP_ABORTED : XDP_DROP;
}
