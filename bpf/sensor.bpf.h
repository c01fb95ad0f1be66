/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sensor - the verdict on one SIP message, by who sent it.
 *
 * Trusted sources and known ones have a look-up and a bucket; all others share
 * buckets that no number of forged sources can thrash (take_unknown()).  What an
 * unknown source sends and what passes of it is shown to user space, which
 * decides about standing; so what is shown is bounded by the buckets.
 */
#pragma once
#include "l4.bpf.h"
#include "signature.bpf.h"

/* One message on its way to a verdict. */
struct message {
	__u64 now;
	__u32 from;		/* where it begins in the frame */
	__u32 bytes;		/* of it, as its datagram says */
	enum sip_class class;
	enum sip_standing standing;
	__u32 len;		/* copied so far */
	__u32 signature;
	__u64 hash;		/* of the source; of an unknown one, its bucket's */
};

/* The source, in the form of keys; false: the frame is not what @at says. */
static __always_inline bool source_of(struct xdp_md *ctx, __u64 at, struct sip_addr *out)
{
	struct cursor c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end };

	if (!cur_take(&c, AT_IP(at)))
		return false;
	if (at & AT_IPV6) {
		struct ipv6hdr *ip = cur_take(&c, sizeof(*ip));

		if (!ip)
			return false;
		__builtin_memcpy(out, &ip->saddr, sizeof(*out));
	} else {
		struct iphdr *ip = cur_take(&c, sizeof(*ip));

		if (!ip)
			return false;
		addr_map4(out, ip->saddr);
	}
	return true;
}

static __always_inline bool in_trusted_net(const struct sip_addr *who)
{
	struct prefix6 key = { .len = 128 };

	if (!sip_settings.nets)
		return false;
	__builtin_memcpy(key.addr, who, sizeof(*who));
	return bpf_map_lookup_elem(&sip_nets, &key);
}

/* Who gets a no has no entry; who gets a yes may have none either. */
static __always_inline bool maybe_listed(__u64 hash)
{
	__u64 shape = sip_settings.front;
	__u32 at = front_at(shape, hash);
	struct front_line *line;

	if (!shape)
		return true;
	line = bpf_map_lookup_elem(&sip_front, &at);
	return !line || front_has(line, hash);
}

/* The entry of @who that is in force, or NULL; @hash: sip_hash() of it. */
static __always_inline struct sip_source *find_source(const struct sip_addr *who, __u64 hash,
						      __u64 now)
{
	struct sip_source *src;

	if (!maybe_listed(hash))
		return NULL;
	src = bpf_map_lookup_elem(&sip_sources, who);
	return src && src->until > now ? src : NULL;
}

/* ---- where the message is ---------------------------------------------------------- */

/* A TCP segment that asks for a connection; @c stands behind its ports. */
static __always_inline bool is_attempt(struct cursor *c)
{
	__u8 *rest = cur_take(c, TCP_FLAGS_AT + 1 - sizeof(struct ports));

	return rest && (rest[TCP_FLAGS_AT - sizeof(struct ports)] & TCP_SYN_ACK) == TCP_SYN;
}

/*
 * @at with the offset of the UDP or TCP header, if the frame is for one of the SIP
 * ports; else 0.  Whatever hides its ports is not: later fragments, which are
 * nothing without the first one, and what cannot be followed.  But more extension
 * headers than we follow are no way around a limit: servers follow any number, and
 * nobody who means well sends so many.
 */
__noinline __u64 sip_locate(struct xdp_md *ctx, __u64 at)
{
	struct cursor c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end };
	__u32 l4 = L4_UNKNOWN, protocol;

	if (!cur_take(&c, AT_IP(at)))
		return 0;
	if (at & AT_IPV6) {
		struct ipv6hdr *ip = cur_take(&c, sizeof(*ip));

		if (ip)
			l4 = l4_of_ipv6(&c, ip->nexthdr);
	} else {
		struct iphdr *ip = cur_take(&c, sizeof(*ip));

		if (ip)
			l4 = l4_of_ipv4(&c, ip);
	}
	/* It could be a message; how many there are is limited like attempts to connect. */
	if (l4 & L4_TOO_DEEP)
		return at | AT_TCP;
	if (l4 & (L4_NO_PORT | L4_UNKNOWN) || !is_sip_port(l4 & 0xffff))
		return 0;
	at |= at_make(0, c.pos - (void *)(long)ctx->data - sizeof(struct ports), 0);
	protocol = l4 >> 16;
	if (protocol == PROTO_TCP)
		return is_attempt(&c) ? at | AT_TCP : 0;
	return protocol == PROTO_UDP ? at : 0;
}

/* ---- sources with a standing ---------------------------------------------------- */

static __always_inline enum sip_verdict judge_source(struct sip_source *src, __u64 now)
{
	bool known = src->standing == SIP_KNOWN;

	if (src->standing == SIP_PENALTY && sip_settings.siege_until > now) {
		src->limited++;
		return SIP_DROP_SIEGE;
	}
	if (src->standing != SIP_TRUSTED &&
	    !bucket_take(&src->paid, known ? &sip_settings.known : &sip_settings.penalty, now)) {
		src->limited++;
		return known ? SIP_DROP_KNOWN : SIP_DROP_PENALTY;
	}
	src->passed++;
	return src->standing == SIP_TRUSTED ? SIP_PASS_TRUSTED :
	       known ? SIP_PASS_KNOWN : SIP_PASS_PENALTY;
}

/* ---- unknown sources --------------------------------------------------------------- */

static __always_inline void copy_once(struct xdp_md *ctx, struct message *m)
{
	if (!m->len)
		m->len = sip_copy(ctx, m->from);
	if (m->len > m->bytes)
		m->len = m->bytes;	/* the frame is padded */
}

/* No room: but perhaps it answers a challenge. */
static __always_inline bool may_answer(struct message *m, struct sip_cpu *cpu)
{
	if (m->class != SIP_REGISTER && m->class != SIP_INVITE)
		return false;
	if (cpu->looked_tick != m->now) {
		cpu->looked_tick = m->now;
		cpu->looked = 0;
	}
	return cpu->looked++ < SIP_LOOKS;
}

static __always_inline enum sip_verdict judge_unknown(struct xdp_md *ctx, __u64 at,
						      struct message *m,
						      const struct sip_addr *who,
						      struct sip_cpu *cpu)
{
	enum sip_verdict why;

	if (sip_settings.siege_until > m->now)
		return SIP_DROP_SIEGE;
	/* Whoever has one address of a /64 usually has all of them. */
	if (at & AT_IPV6) {
		__u64 net;

		__builtin_memcpy(&net, who, sizeof(net));
		m->hash = front_hash(&sip_settings.keys, net, ~0ull);
	}
	why = take_unknown(m->hash, m->class, m->now);
	if (why == SIP_PASS_UNKNOWN || !may_answer(m, cpu))
		return why;
	copy_once(ctx, m);
	if (!sip_has_credentials(m->len))
		return why;
	return take_unknown(m->hash, SIP_BUCKET_ANSWER, m->now) == SIP_PASS_UNKNOWN ?
	       SIP_PASS_ANSWER : why;
}

/* What passes may yet have a signature. */
static __always_inline enum sip_verdict judge_signature(struct xdp_md *ctx, struct message *m,
							enum sip_verdict why)
{
	struct sip_signature *g;
	__u32 which;

	copy_once(ctx, m);
	m->signature = sip_signature_of(m->len);
	which = m->signature - 1;
	g = bpf_map_lookup_elem(&sip_signatures, &which);
	if (!m->signature || !g || g->action == SIP_COUNT)
		return why;
	if (g->action == SIP_SLOW &&
	    take_unknown(m->hash, SIP_BUCKET_SUSPECT, m->now) == SIP_PASS_UNKNOWN)
		return why;
	return SIP_DROP_SIGNATURE;
}

/* ---- telling -------------------------------------------------------------------------- */

/*
 * Nobody is woken up who will look anyway; who did not promise that is, even if he
 * has not read what was there before: he may have looked just too early for it.
 */
static __always_inline __u64 whether_to_wake(void)
{
	return bpf_ktime_get_boot_ns() < sip_reader.reads_at ? BPF_RB_NO_WAKEUP :
							       BPF_RB_FORCE_WAKEUP;
}

/* Give the message in the scratch area to user space. */
__noinline int sip_give(__u64 len)
{
	struct sip_scratch *s = scratch();
	__u32 zero = 0;
	struct sip_cpu *cpu = bpf_map_lookup_elem(&sip_cpu, &zero);

	if (!s || !cpu || len > SIP_TEXT_MAX)
		return 0;
	s->ev.len = len;
	if (bpf_ringbuf_output(&sip_events, &s->ev, SIP_EVENT_HEAD + len, whether_to_wake()))
		cpu->events_lost++;
	else
		cpu->events++;
	return 0;
}

static __always_inline void show(struct xdp_md *ctx, __u64 at, struct message *m,
				 const struct sip_addr *peer, enum sip_verdict why)
{
	struct cursor c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end };
	struct sip_scratch *s = scratch();
	__be16 *ports;

	if (!s || !cur_take(&c, AT_L4(at)))
		return;
	ports = cur_take(&c, 2 * sizeof(*ports));
	if (!ports)
		return;
	copy_once(ctx, m);
	s->ev.when = m->now;
	s->ev.peer = *peer;
	s->ev.peer_port = bpf_ntohs(ports[0]);
	s->ev.our_port = bpf_ntohs(ports[1]);
	s->ev.protocol = PROTO_UDP;
	s->ev.out = 0;
	s->ev.class = m->class;
	s->ev.verdict = why;
	s->ev.standing = m->standing;
	s->ev.signature = m->signature;
	s->ev.status = 0;
	s->ev.wire_len = m->bytes;
	sip_give(m->len);
}

static __always_inline void note_dropped(const struct sip_addr *who, __u32 bytes, __u64 now,
					 struct sip_cpu *cpu)
{
	struct sip_heavy fresh = { SIP_HEAVY_SAMPLE, SIP_HEAVY_SAMPLE * (__u64)bytes, now };
	struct sip_heavy *h;

	cpu->dropped_bytes += bytes;
	if (++cpu->dropped % SIP_HEAVY_SAMPLE)
		return;
	h = bpf_map_lookup_elem(&sip_heavy, who);
	if (!h) {
		bpf_map_update_elem(&sip_heavy, who, &fresh, BPF_ANY);
		return;
	}
	h->messages += fresh.messages;
	h->bytes += fresh.bytes;
	h->last = now;
}

/* ---- the verdict ------------------------------------------------------------------------ */

static __always_inline int reason_of(enum sip_verdict why)
{
	return why < SIP_DROP_KNOWN ? PASS_NOT_BANNED :
	       why == SIP_DROP_ALL ? DROP_SIP_ALL :
	       why == SIP_DROP_SIEGE ? DROP_SIP_SIEGE :
	       why == SIP_DROP_SIGNATURE ? DROP_SIP_SIGNATURE : DROP_SIP_LIMITED;
}

static __always_inline bool is_shown(enum sip_class class)
{
	return class != SIP_KEEPALIVE && class != SIP_CONNECT;
}

/* What the datagram says its message has, and where it begins. */
static __always_inline bool find_message(struct xdp_md *ctx, __u64 at, struct message *m)
{
	struct cursor c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end };
	__be16 *udp;

	m->class = SIP_CONNECT;
	if (at & AT_TCP)
		return true;
	if (!cur_take(&c, AT_L4(at)))
		return false;
	udp = cur_take(&c, 8);
	if (!udp)
		return false;
	m->from = AT_L4(at) + 8;
	m->bytes = bpf_ntohs(udp[2]);
	m->bytes = m->bytes > 8 ? m->bytes - 8 : 0;
	m->class = sip_class_of(ctx, m->from) & (SIP_CLASSES - 1);
	return true;
}

/*
 * A message to one of the SIP ports, at @at, of a source that is not banned: 0,
 * or the reason why it is dropped.
 */
__noinline int sip_judge(struct xdp_md *ctx, __u64 at, __u64 boot_ns)
{
	struct message m = { .now = boot_ns + sip_settings.ahead };
	struct sip_source *src;
	enum sip_verdict why;
	struct sip_addr who;
	struct sip_cpu *cpu;
	__u32 zero = 0;

	cpu = bpf_map_lookup_elem(&sip_cpu, &zero);
	if (!cpu || !source_of(ctx, at, &who) || !find_message(ctx, at, &m))
		return PASS_NOT_BANNED;
	m.hash = sip_hash(&sip_settings.keys, &who);
	src = find_source(&who, m.hash, m.now);
	if (src) {
		m.standing = src->standing;
		why = judge_source(src, m.now);
	} else if (in_trusted_net(&who)) {
		m.standing = SIP_TRUSTED;
		why = SIP_PASS_TRUSTED;
	} else {
		why = judge_unknown(ctx, at, &m, &who, cpu);
		if (why < SIP_DROP_KNOWN && sip_settings.n_signatures && is_shown(m.class))
			why = judge_signature(ctx, &m, why);
	}
	cpu->messages[m.class & (SIP_CLASSES - 1)][why & (SIP_VERDICT_SLOTS - 1)]++;
	if (why >= SIP_DROP_KNOWN)
		note_dropped(&who, m.bytes, m.now, cpu);
	else if (m.standing != SIP_TRUSTED && is_shown(m.class) &&
		 !(m.standing == SIP_KNOWN && src && src->quiet_until > m.now))
		show(ctx, at, &m, &who, why);
	return reason_of(why);
}
