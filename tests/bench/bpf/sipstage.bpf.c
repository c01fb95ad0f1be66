// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sipstage - the stage of the SIP benchmark, in the kernel.
 *
 * onepage: every frame that is not the flood's takes as much memory as one of
 * the flood's does: a page.  UDP's receive buffer counts memory, and a network
 * card gives all frames alike; without this, a phone's small buffers would
 * find room where the flood's pages do not, and no flood could hurt it.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "../lib/sources.h"

char LICENSE[] SEC("license") = "GPL";

#define TC_ACT_UNSPEC	-1
#define ETH_P_IP	0x0800
#define SOURCE_AT	26
#define PAGE_BUFFER	3000	/* with its head and tail, the kernel takes 4,096 */

SEC("tc")
int onepage(struct __sk_buff *skb)
{
	__u32 source, len = skb->len;

	if (skb->protocol != bpf_htons(ETH_P_IP) || len >= PAGE_BUFFER ||
	    bpf_skb_load_bytes(skb, SOURCE_AT, &source, sizeof(source)))
		return TC_ACT_UNSPEC;
	if (sources_has(bpf_ntohl(source)))
		return TC_ACT_UNSPEC;
	if (!bpf_skb_change_tail(skb, PAGE_BUFFER, 0))
		bpf_skb_change_tail(skb, len, 0);
	return TC_ACT_UNSPEC;
}

/* Nothing that protects against the flood can be faster. */
SEC("xdp")
int ideal(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__be32 *source = data + SOURCE_AT;
	struct ethhdr *eth = data;

	if ((void *)(source + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	return sources_has(bpf_ntohl(*source)) ? XDP_DROP : XDP_PASS;
}
