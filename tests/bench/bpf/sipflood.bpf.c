// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sipflood - SIP requests from very many sources: run by BPF_PROG_TEST_RUN with
 * live frames, it writes the next source and a new random text (Call-ID, branch,
 * tag) into each frame and sends it into a veth device.  Frames are recycled, so
 * what is written must not depend on what was there.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "../lib/sources.h"

char LICENSE[] SEC("license") = "GPL";

#define IP_AT		14
#define FRAME_MAX	1514
#define HOLES		4

struct {
	/* Set by user space between runs. */
	__u32 ifindex;
	__u32 n;		/* sources 0 ... n - 1 */
	__u32 ip_sum;		/* checksum of the rest, not folded */
	__u32 at;		/* the next one */
	__u32 hole[HOLES];	/* eight random letters go there */
} sipflood;

static __always_inline __u32 next_source(void)
{
	__u32 at = sipflood.at;

	sipflood.at = at + 1 < sipflood.n ? at + 1 : 0;
	return sources_ipv4(at);
}

/* A letter from a to p for every four bits. */
static __always_inline __u64 letters(__u64 x)
{
	x = (x << 16 | x) & 0x0000ffff0000ffffull;
	x = (x << 8 | x) & 0x00ff00ff00ff00ffull;
	x = (x << 4 | x) & 0x0f0f0f0f0f0f0f0full;
	return x + 0x6161616161616161ull;
}

SEC("xdp")
int sipflood_ipv4(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 text = letters(bpf_get_prandom_u32());
	struct iphdr *ip = data + IP_AT;
	__u32 source, sum;

	if ((void *)(ip + 1) > end)
		return XDP_ABORTED;
	source = next_source();
	sum = sipflood.ip_sum + (source >> 16) + (source & 0xffff);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	ip->saddr = bpf_htonl(source);
	ip->check = bpf_htons(~sum & 0xffff);
	for (int i = 0; i < HOLES; i++) {
		__u32 at = sipflood.hole[i];

		if (at > FRAME_MAX || data + at + sizeof(text) > end)
			return XDP_ABORTED;
		__builtin_memcpy(data + at, &text, sizeof(text));
	}
	return bpf_redirect(sipflood.ifindex, 0);
}
