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
