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
#include "eth.bpf.h"
#include "egress.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/*
 * One frame on its way to a verdict.  The compiler keeps it in registers, as long
 * as no helper gets a pointer into it: the key of look-ups is apart.
 */
struct frame {
	struct cursor c;		/* behind the fixed IP header */
	__u64 len;
	struct cpu *cpu;
	struct xdp_md *sensor;		/* look at SIP, too; NULL: do not */
	struct iphdr *ip;		/* NULL: IPv6 */
	__u8 next;			/* IPv6: type of what follows */
	__u32 l4;			/* l4.bpf.h; only if anybody asks */
	void *data;			/* where it begins */
};

/* Where to look for sources of one family, and how much is there: settings. */
struct tables {
	void *front, *bans, *nets, *allow;
	const __u64 *shape;
	const __u32 *n_nets, *n_more, *n_allow;
	__u32 full;			/* length of a whole address */
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
 * Not atomic, which would cost more than all the rest of counting: of two
 * frames of one source that two CPUs drop in the same nanoseconds, one may not
 * be counted for its ban.  It is in the totals, which each CPU has for itself.
 */
static __always_inline void hit(struct frame *f, struct hits *h)
{
	__u64 seen = f->cpu->boot_ns >> HITS_SEEN_SHIFT;
	__u64 moved = seen - (h->frames >> HITS_FRAMES_BITS);

	h->frames += (moved << HITS_FRAMES_BITS) + 1;
	h->bytes += f->len;
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
static __always_inline int ask_nets(struct frame *f, const struct tables *t,
				    struct prefix6 *source, struct net_ban *n,
				    struct hits **hits)
{
	int why = PASS_NOT_BANNED;

	for (int i = 0; i < NET_DEPTH && n; i++) {
		why = ask_net(f, n);
		if (why >= DROP_HOST) {
			*hits = &n->hits;
			return why == DROP_HOST && n->prefixlen != t->full ?
			       DROP_NET : why;
		}
		if (!n->prefixlen)
			break;
		source->len = n->prefixlen - 1;
		n = bpf_map_lookup_elem(t->nets, source);
	}
	return why;
}

/* The key of the hash as a key of the tries: the whole address. */
static __always_inline struct prefix6 whole_source(const struct tables *t, const __u64 *who)
{
	struct prefix6 source = { .len = t->full };

	__builtin_memcpy(source.addr, who, t->full / 8);
	return source;
}

/* The bit of a source in the map of neighbourhoods. */
static __always_inline __u32 near_bit(const struct tables *t, const __u64 *who)
{
	return t->full == 32 ? near_at4((const __u8 *)who) :
	       near_at6(&settings.keys, *(const __u32 *)who);
}

/*
 * Might there be an entry for a source in a trie that has @n of them?  @known: its
 * map of neighbourhoods, which begins at bit @begin, is right.
 */
static __always_inline bool maybe_near(__u32 n, __u32 known, __u32 begin,
				       const struct tables *t, const __u64 *who)
{
	__u32 bit, at;
	__u64 *word;

	if (!n)
		return false;
	if (!known)
		return true;
	bit = begin + near_bit(t, who);
	at = bit / 64;
	word = bpf_map_lookup_elem(&near, &at);
	return !word || *word >> (bit & 63) & 1;
}

/* Asked last, so that only the banned pay for the allowlist. */
static __always_inline int drop(struct frame *f, const struct tables *t, const __u64 *who,
				struct hits *hits, int why)
{
	if (maybe_near(*t->n_allow, settings.near_allow, NEAR_ALLOW, t, who)) {
		struct prefix6 source = whole_source(t, who);

		if (bpf_map_lookup_elem(t->allow, &source))
			return PASS_ALLOWED;
	}
	hit(f, hits);
	return why;
}

/* For whoever is not simply banned on all ports: look behind the IP header. */
static __always_inline int judge_further(struct frame *f, const struct tables *t,
					 const __u64 *who, struct host_ban *ban,
					 bool in_nets)
{
	struct prefix6 source = whole_source(t, who);
	struct net_ban *n = in_nets ? bpf_map_lookup_elem(t->nets, &source) : NULL;
	struct hits *hits = NULL;
	int why = PASS_NOT_BANNED;

	if (!ban && !n)
		return why;
	f->l4 = f->ip ? l4_of_ipv4(&f->c, f->ip) : l4_of_ipv6(&f->c, f->next);
	read_clock(f->cpu);
	if (ban) {
		hits = &ban->hits;
		why = ask_end(ban->end, f->cpu->boot_ns, f->l4);
	}
	if (n && why < DROP_HOST)
		why = ask_nets(f, t, &source, n, &hits);
	return why >= DROP_HOST && hits ? drop(f, t, who, hits, why) : why;
}

/* Who gets a no has no entry in the hash; who gets a yes may have none either. */
static __always_inline bool maybe_banned(const struct tables *t, __u64 hash)
{
	__u64 shape = *t->shape;
	__u32 at = front_at(shape, hash);
	struct front_line *line;

	if (!shape)
		return true;
	line = bpf_map_lookup_elem(t->front, &at);
	return !line || front_has(line, hash);
}

/*
 * @who: the source as the key of the hash.  Nearly every frame is one of the first
 * two kinds: of somebody banned on all ports, or of nobody we know.
 */
static __always_inline int judge(struct frame *f, const struct tables *t,
				 const __u64 *who, __u64 hash)
{
	struct host_ban *ban = NULL;
	bool in_nets;

	if (maybe_banned(t, hash)) {
		ban = bpf_map_lookup_elem(t->bans, who);
		if (ban && end_scope(ban->end) == SCOPE_ALL) {
			read_clock(f->cpu);
			if (ban->end > f->cpu->boot_ns)
				return drop(f, t, who, &ban->hits, DROP_HOST);
		}
	}
	in_nets = maybe_near(*t->n_nets, settings.near, 0, t, who);
	if (!ban && !in_nets)
		return PASS_NOT_BANNED;
	return judge_further(f, t, who, ban, in_nets || *t->n_more);
}

/* sip_locate(), and for nearly every frame without the call. */
static __always_inline __u64 locate(struct frame *f, void *ip)
{
	__u64 at = at_make(ip - f->data, 0, f->ip ? 0 : AT_IPV6);
	struct cursor c = { ip + sizeof(struct iphdr), f->c.end };
	struct ports *ports;

	if (!f->ip || f->ip->ihl != 5 || f->ip->protocol != PROTO_UDP ||
	    f->ip->frag_off & bpf_htons(0x1fff))
		return sip_locate(f->sensor, at);
	ports = cur_take(&c, sizeof(*ports));
	if (!ports || !is_sip_port(bpf_ntohs(ports->dest)))
		return 0;
	return at_make(AT_IP(at), AT_IP(at) + sizeof(struct iphdr), 0);
}

/* Who is not banned may still send too much SIP.  @ip: the IP header. */
static __always_inline int ask_sensor(struct frame *f, void *ip, int why)
{
	__u64 at = locate(f, ip);
	int drop;

	if (!at)
		return why;
	read_clock(f->cpu);
	drop = sip_judge(f->sensor, at, f->cpu->boot_ns);
	return drop ? drop : why;
}

/* All that have a source come here, with the verdict on it. */
static __always_inline int finish(struct frame *f, void *ip, int why)
{
	if (f->sensor && why < DROP_HOST && why != PASS_ALLOWED)
		why = ask_sensor(f, ip, why);
	return count(f, why);
}

static __always_inline int judge_ipv4(struct frame *f)
{
	const struct tables t = {
		&front4, &bans4, &nets4, &allow4, &settings.front4,
		&settings.nets4, &settings.more4, &settings.allow4, 32,
	};
	struct iphdr *ip = cur_take(&f->c, sizeof(*ip));
	__u64 who;
	int why;

	if (!ip || ip->version != 4)
		return count(f, PASS_TRUNCATED);
	f->ip = ip;
	who = ban_key4(ip->saddr);
	why = judge(f, &t, &who, front_hash(&settings.keys, ip->saddr, 0));
	return finish(f, ip, why);
}

static __always_inline int judge_ipv6(struct frame *f)
{
	const struct tables t = {
		&front6, &bans6, &nets6, &allow6, &settings.front6,
		&settings.nets6, &settings.more6, &settings.allow6, 128,
	};
	struct ipv6hdr *ip = cur_take(&f->c, sizeof(*ip));
	__u64 who[2];
	int why;

	if (!ip || ip->version != 6)
		return count(f, PASS_TRUNCATED);
	f->next = ip->nexthdr;
	__builtin_memcpy(who, &ip->saddr, sizeof(who));
	why = judge(f, &t, who, front_hash(&settings.keys, who[0], who[1]));
	return finish(f, ip, why);
}

static __always_inline int judge_frame(struct frame *f)
{
	struct ethhdr *eth = cur_take(&f->c, sizeof(*eth));
	__be16 type;

	if (!eth)
		return count(f, PASS_TRUNCATED);
	type = eth->h_proto;
	/* Nearly every frame: it need not be compared with what others are. */
	if (type == bpf_htons(ETH_P_IP))
		goto ipv4;
	for (int i = 0; i < VLAN_MAX && is_vlan(type); i++) {
		struct vlan_hdr *vlan = cur_take(&f->c, sizeof(*vlan));

		if (!vlan)
			return count(f, PASS_TRUNCATED);
		type = vlan->h_vlan_encapsulated_proto;
	}
	if (type == bpf_htons(ETH_P_IPV6))
		return judge_ipv6(f);
	if (type != bpf_htons(ETH_P_IP))
		return count(f, is_vlan(type) ? PASS_VLAN_TOO_DEEP : PASS_NOT_IP);
ipv4:
	return judge_ipv4(f);
}

static __always_inline int begin(struct xdp_md *ctx, __u64 len, bool sensor)
{
	__u32 zero = 0;
	struct frame f = {
		.c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end },
		.len = len,
		.data = (void *)(long)ctx->data,
		.sensor = sensor ? ctx : NULL,
		.cpu = bpf_map_lookup_elem(&cpu, &zero),
	};

	/* Arrays always have their first entry; the verifier wants it said. */
	if (!f.cpu)
		return XDP_PASS;
	return judge_frame(&f);
}

SEC("xdp")
int xdpban(struct xdp_md *ctx)
{
	return begin(ctx, ctx->data_end - ctx->data, false);
}

/* The same for frames in several buffers (jumbo frames; kernel 5.18). */
SEC("xdp.frags")
int xdpban_frags(struct xdp_md *ctx)
{
	return begin(ctx, bpf_xdp_get_buff_len(ctx), false);
}

/* The same two with the sensor; who has none of it loads those above. */
SEC("xdp")
int xdpban_sip(struct xdp_md *ctx)
{
	return begin(ctx, ctx->data_end - ctx->data, true);
}

SEC("xdp.frags")
int xdpban_sip_frags(struct xdp_md *ctx)
{
	return begin(ctx, bpf_xdp_get_buff_len(ctx), true);
}
