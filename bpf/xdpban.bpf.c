// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdpban - the verdict on one packet.
 *
 * Only the source address decides, and it is looked up before anything behind
 * it is parsed: no tunnel, fragment or extension header hides a banned source.
 * A ban may be limited to ports; only for those sources do we look further.
 * What cannot be parsed passes: we drop the banned, we do not judge packets.
 * Nothing here knows jails or policy; a ban's end is in its value, and it ends
 * on time whether or not anybody in user space is alive.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "cursor.bpf.h"
#include "maps.bpf.h"
#include "l4.bpf.h"

#define VLAN_MAX	2
#define ETH_P_IP	0x0800
#define ETH_P_IPV6	0x86DD
#define ETH_P_8021Q	0x8100
#define ETH_P_8021AD	0x88A8

char LICENSE[] SEC("license") = "GPL";

/* One frame on its way to a verdict. */
struct frame {
	struct cursor c;		/* behind the fixed IP header */
	__u64 len;
	struct cpu *cpu;
	struct settings *settings;
	struct iphdr *ip;		/* NULL: IPv6 */
	__u8 next;			/* IPv6: type of what follows */
	__u32 l4;			/* l4.bpf.h; only if anybody asks */
	struct prefix6 source;		/* the key of every look-up */
};

/* Every verdict leaves through here. */
static __always_inline int count(struct frame *f, __u32 why)
{
	struct total *t = &f->cpu->totals[why & (REASON_SLOTS - 1)];

	t->frames++;
	t->bytes += f->len;
	return why >= DROP_HOST ? XDP_DROP : XDP_PASS;
}

/*
 * The boot clock, which costs more to read than a ban to look up: so read once
 * for each tick (at most 10 ms) and CPU.  A ban may end that much late.
 */
static __always_inline void read_clock(struct cpu *cpu)
{
	__u64 tick = bpf_jiffies64();

	if (cpu->tick != tick) {
		cpu->boot_ns = bpf_ktime_get_boot_ns();
		cpu->tick = tick;
	}
}

/*
 * Atomic, because frames of one source may arrive on several CPUs.  The time of
 * the last hit is moved on by its distance, in the same addition; should two
 * CPUs both move it, the next hit measures the distance from there and puts it
 * right.
 */
static __always_inline void hit(struct frame *f, struct hits *h)
{
	__u64 seen = f->cpu->boot_ns >> HITS_SEEN_SHIFT;
	__u64 moved = seen - (h->frames >> HITS_FRAMES_BITS);

	__sync_fetch_and_add(&h->frames, (moved << HITS_FRAMES_BITS) + 1);
	__sync_fetch_and_add(&h->bytes, f->len);
}

/*
 * What one end says about a frame: DROP_HOST, DROP_UNDECIDED or why it passes.
 * A global function of plain numbers: the verifier walks it once, not once for
 * each of the 64 ends that can be asked.
 */
__noinline int ask_end(__u64 end, __u64 now, __u32 l4)
{
	enum cover cover;

	if (end <= now)
		return PASS_EXPIRED;
	if (end_scope(end) == SCOPE_ALL)
		return DROP_HOST;
	cover = scope_covers(end_scope(end), l4);
	return cover == COVERED ? DROP_HOST :
	       cover == UNDECIDED ? DROP_UNDECIDED : PASS_OUT_OF_SCOPE;
}

static __always_inline int ask_net(struct frame *f, struct net_ban *n)
{
	int why = PASS_EXPIRED;

	for (__u32 i = 0; i < NET_ENDS && i < n->n_ends; i++) {
		int r = ask_end(n->ends[i], f->cpu->boot_ns, f->l4);

		if (r >= DROP_HOST)
			return r;
		if (r > why)
			why = r;
	}
	return why;
}

/*
 * Ask @n, the longest banned network that holds the source; when it has ended
 * or does not cover the frame, the next wider one: a short ban of a /24 must
 * not hide a long one of its /16.  The one that drops is charged in *@hits.
 */
static __always_inline int ask_nets(struct frame *f, void *nets, struct net_ban *n,
				    __u32 full, struct hits **hits)
{
	int why = PASS_NOT_BANNED;

	for (int i = 0; i < NET_DEPTH && n; i++) {
		why = ask_net(f, n);
		if (why >= DROP_HOST) {
			*hits = &n->hits;
			return why == DROP_HOST && n->prefixlen != full ?
			       DROP_NET : why;
		}
		if (!n->prefixlen)
			break;
		f->source.len = n->prefixlen - 1;
		n = bpf_map_lookup_elem(nets, &f->source);
	}
	return why;
}

/* For whoever is not simply banned on all ports: look behind the IP header. */
static __always_inline int judge_further(struct frame *f, struct host_ban *ban, void *nets,
					 bool any_nets, __u32 full, struct hits **hits)
{
	struct net_ban *n = any_nets ? bpf_map_lookup_elem(nets, &f->source) : NULL;
	int why = PASS_NOT_BANNED;

	if (!ban && !n)
		return why;
	f->l4 = f->ip ? l4_of_ipv4(&f->c, f->ip) : l4_of_ipv6(&f->c, f->next);
	if (ban) {
		*hits = &ban->hits;
		why = ask_end(ban->end, f->cpu->boot_ns, f->l4);
	}
	return n && why < DROP_HOST ? ask_nets(f, nets, n, full, hits) : why;
}

static __always_inline int judge(struct frame *f, void *bans, void *nets, void *allow,
				 __u32 full, bool any_nets, bool any_allow)
{
	struct host_ban *ban = bpf_map_lookup_elem(bans, f->source.addr);
	struct hits *hits = NULL;
	int why = DROP_HOST;

	if (!ban && !any_nets)
		return count(f, PASS_NOT_BANNED);
	read_clock(f->cpu);
	f->source.len = full;
	if (ban && end_scope(ban->end) == SCOPE_ALL && ban->end > f->cpu->boot_ns)
		hits = &ban->hits;
	else
		why = judge_further(f, ban, nets, any_nets, full, &hits);
	if (why < DROP_HOST || !hits)
		return count(f, why);
	/* Asked last, so that only the banned pay for the allowlist. */
	f->source.len = full;
	if (any_allow && bpf_map_lookup_elem(allow, &f->source))
		return count(f, PASS_ALLOWED);
	hit(f, hits);
	return count(f, why);
}

static __always_inline int judge_ipv4(struct frame *f)
{
	struct iphdr *ip = cur_take(&f->c, sizeof(*ip));

	if (!ip || ip->version != 4)
		return count(f, PASS_TRUNCATED);
	f->ip = ip;
	__builtin_memcpy(f->source.addr, &ip->saddr, sizeof(ip->saddr));
	return judge(f, &bans4, &nets4, &allow4, 32, f->settings->nets4,
		     f->settings->allow4);
}

static __always_inline int judge_ipv6(struct frame *f)
{
	struct ipv6hdr *ip = cur_take(&f->c, sizeof(*ip));

	if (!ip || ip->version != 6)
		return count(f, PASS_TRUNCATED);
	f->next = ip->nexthdr;
	__builtin_memcpy(f->source.addr, &ip->saddr, sizeof(ip->saddr));
	return judge(f, &bans6, &nets6, &allow6, 128, f->settings->nets6,
		     f->settings->allow6);
}

static __always_inline bool is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

static __always_inline int judge_frame(struct frame *f)
{
	struct ethhdr *eth = cur_take(&f->c, sizeof(*eth));
	__be16 type;

	if (!eth)
		return count(f, PASS_TRUNCATED);
	type = eth->h_proto;
	for (int i = 0; i < VLAN_MAX && is_vlan(type); i++) {
		struct vlan_hdr *vlan = cur_take(&f->c, sizeof(*vlan));

		if (!vlan)
			return count(f, PASS_TRUNCATED);
		type = vlan->h_vlan_encapsulated_proto;
	}
	if (type == bpf_htons(ETH_P_IP))
		return judge_ipv4(f);
	if (type == bpf_htons(ETH_P_IPV6))
		return judge_ipv6(f);
	return count(f, is_vlan(type) ? PASS_VLAN_TOO_DEEP : PASS_NOT_IP);
}

static __always_inline int begin(struct xdp_md *ctx, __u64 len)
{
	__u32 zero = 0;
	struct frame f = {
		.c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end },
		.len = len,
		.cpu = bpf_map_lookup_elem(&cpu, &zero),
		.settings = bpf_map_lookup_elem(&settings, &zero),
	};

	/* Arrays always have their first entry; the verifier wants it said. */
	if (!f.cpu || !f.settings)
		return XDP_PASS;
	return judge_frame(&f);
}

SEC("xdp")
int xdpban(struct xdp_md *ctx)
{
	return begin(ctx, ctx->data_end - ctx->data);
}

/* The same for frames in several buffers (jumbo frames; kernel 5.18). */
SEC("xdp.frags")
int xdpban_frags(struct xdp_md *ctx)
{
	return begin(ctx, bpf_xdp_get_buff_len(ctx));
}
