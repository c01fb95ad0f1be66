// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flood - the generator: run by BPF_PROG_TEST_RUN with live frames, it gives
 * each frame the next source address and sends it into a veth device.  Frames
 * are recycled, so what is written must not depend on what was there.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "../lib/slices.h"
#include "../lib/sources.h"

char LICENSE[] SEC("license") = "GPL";

#define IP_AT	14

struct {
	/* Set by user space between runs. */
	__u32 ifindex;
	__u32 first, n;		/* sources first ... first + n - 1 */
	__u32 stride;		/* from one to the next */
	__u32 ip_sum;		/* IPv4: checksum of the rest, not folded */
	__u32 at;		/* the next one is first + at */
	__u32 frame;		/* its number, from 0 */
	__u64 began[SLICES];	/* when each slice did, on the monotonic clock */
} flood;

static __always_inline __u32 next_source(void)
{
	__u32 at = flood.at, frame = flood.frame++;

	if (!(frame % SLICE_FRAMES))
		flood.began[frame / SLICE_FRAMES % SLICES] = bpf_ktime_get_ns();
	flood.at = at + flood.stride;
	if (flood.at >= flood.n)
		flood.at -= flood.n;
	return flood.first + at;
}

SEC("xdp")
int flood_ipv4(struct xdp_md *ctx)
{
	struct iphdr *ip = (void *)(long)ctx->data + IP_AT;
	__u32 source, sum;

	if ((void *)(ip + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	source = sources_ipv4(next_source());
	sum = flood.ip_sum + (source >> 16) + (source & 0xffff);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	ip->saddr = bpf_htonl(source);
	ip->check = bpf_htons(~sum & 0xffff);
	return bpf_redirect(flood.ifindex, 0);
}

SEC("xdp")
int flood_ipv6(struct xdp_md *ctx)
{
	struct ipv6hdr *ip = (void *)(long)ctx->data + IP_AT;
	__u32 source[4];

	if ((void *)(ip + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	sources_ipv6(next_source(), source);
	for (int i = 0; i < 4; i++)
		ip->saddr.in6_u.u6_addr32[i] = bpf_htonl(source[i]);
	return bpf_redirect(flood.ifindex, 0);
}
