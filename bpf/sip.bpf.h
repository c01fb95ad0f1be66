/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip - the sensor's maps, and what a message is.
 *
 * Behind the verdict on its source only: what is banned never comes here.  The
 * functions are global, with plain numbers for arguments, so that the verifier
 * walks each of them once, however many ways lead to a message.
 */
#pragma once
#include "cursor.bpf.h"
#include "xdpban/sip_abi.h"

/* Who is not unknown.  Not LRU: a flood must not evict anybody.  Size: user space. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct sip_addr);
	__type(value, struct sip_source);
	__uint(max_entries, 1024);
} sip_sources SEC(".maps");

/* Might a source be in it?  Size: user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct front_line);
	__uint(max_entries, FRONT_LINES_MIN);
	__uint(map_flags, BPF_F_MMAPABLE);
} sip_front SEC(".maps");

/* Trusted networks. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix6);
	__type(value, __u32);
	__uint(max_entries, SIP_NETS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} sip_nets SEC(".maps");

/* Buckets of unknown sources.  Size: user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 1 << SIP_SKETCH_BITS_MIN);
} sip_sketch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct sip_signature);
	__uint(max_entries, SIP_SIGNATURES);
} sip_signatures SEC(".maps");

/* Who is limited most, sampled. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct sip_addr);
	__type(value, struct sip_heavy);
	__uint(max_entries, SIP_HEAVY_MAX);
} sip_heavy SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sip_cpu);
	__uint(max_entries, 1);
} sip_cpu SEC(".maps");

/* The message at hand, where it can be searched and shown from. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct sip_scratch);
	__uint(max_entries, 1);
} sip_scratch SEC(".maps");

/* To user space. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SIP_RING_BYTES);
} sip_events SEC(".maps");

struct sip_settings sip_settings SEC(".data.sip_settings");
struct sip_all sip_all SEC(".data.sip_all");
struct sip_reader sip_reader SEC(".data.sip_reader");

/* Where the two halves of eight bytes in memory are in a number. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FIRST_WORD	0
#define SECOND_WORD	32
#else
#define FIRST_WORD	32
#define SECOND_WORD	0
#endif

/*
 * Where a message is in its frame, as one number: the offsets of the IP header
 * and of the UDP or TCP header, and which they are.
 */
#define AT_IPV6		1
#define AT_TCP		2
#define AT_MASK		0x3fff

static __always_inline __u64 at_make(__u64 ip, __u64 l4, __u64 flags)
{
	return ip << 16 | l4 << 32 | flags;
}

enum { TCP_FLAGS_AT = 13, TCP_SYN = 0x02, TCP_SYN_ACK = 0x12 };

#define AT_IP(at)	((at) >> 16 & 0x3f)	/* behind two tags at most */
#define AT_L4(at)	((at) >> 32 & AT_MASK)

/* Of an IPv4 address, as the packet has it. */
static __always_inline void addr_map4(struct sip_addr *out, __be32 addr)
{
	__u64 half[2] = { 0, addr };

	/* By hand: a constant would be in a map of constants, which we do without. */
	half[1] = half[1] << SECOND_WORD | (__u64)bpf_htonl(0xffff) << FIRST_WORD;
	__builtin_memcpy(out, half, sizeof(half));
}

static __always_inline bool is_sip_port(__u16 port)
{
	return sip_settings.ports[port / 64] >> (port % 64) & 1;
}

/* ---- what it is --------------------------------------------------------------- */

/* The eight bytes of @s as a load from memory gives them, letters in lower case. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTE_AT(s, i)	((__u64)(__u8)(s)[i] << 8 * (i))
#define FIRST_BYTES(n)	((n) == 8 ? ~0ull : (1ull << 8 * (n)) - 1)
#else
#define BYTE_AT(s, i)	((__u64)(__u8)(s)[i] << 8 * (7 - (i)))
#define FIRST_BYTES(n)	(~0ull << 8 * (8 - (n)))
#endif
#define EIGHT(s) (BYTE_AT(s, 0) | BYTE_AT(s, 1) | BYTE_AT(s, 2) | BYTE_AT(s, 3) | \
		  BYTE_AT(s, 4) | BYTE_AT(s, 5) | BYTE_AT(s, 6) | BYTE_AT(s, 7))
#define LOWER	EIGHT("        ")		/* the bit that makes letters small */

#define BEGINS(word, s)	(((word) & FIRST_BYTES(sizeof(s) - 1)) == \
			 (EIGHT(s "\0\0\0\0\0\0\0\0") & FIRST_BYTES(sizeof(s) - 1)))

/*
 * A method counts in any case, although the RFC knows only capitals: servers
 * differ there, and a flood must not choose its limits by its spelling.  The
 * method's name is enough: nothing behind it must be where we expect it.
 */
static __always_inline enum sip_class class_of_word(__u64 word)
{
	word |= LOWER;
	if (BEGINS(word, "register"))
		return SIP_REGISTER;
	if (BEGINS(word, "sip/"))
		return SIP_RESPONSE;
	if (BEGINS(word, "invite"))
		return SIP_INVITE;
	if (BEGINS(word, "options"))
		return SIP_OPTIONS;
	if (BEGINS(word, "ack ") || BEGINS(word, "bye ") || BEGINS(word, "cancel") ||
	    BEGINS(word, "prack") || BEGINS(word, "update") || BEGINS(word, "info "))
		return SIP_DIALOG;
	if (BEGINS(word, "subscrib") || BEGINS(word, "message") || BEGINS(word, "publish") ||
	    BEGINS(word, "refer ") || BEGINS(word, "notify"))
		return SIP_INVITE;
	return SIP_OTHER;
}

/* STUN has two zero bits in front, and its cookie behind the length. */
static __always_inline bool is_stun(const __u8 *b)
{
	return !(b[0] & 0xc0) && b[4] == 0x21 && b[5] == 0x12 && b[6] == 0xa4 && b[7] == 0x42;
}

#define BLANKS_MAX	32	/* in front of a message; more are SIP_OTHER */

/*
 * A message that begins with blanks: empty lines in front of one are allowed,
 * and nothing but blanks or zeros keeps a NAT open.
 */
__noinline int sip_behind_blanks(struct xdp_md *ctx, __u32 from)
{
	struct cursor c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end };
	__u64 *word;

	if (!cur_take(&c, from & AT_MASK))
		return SIP_KEEPALIVE;
	for (int i = 0; i < BLANKS_MAX; i++) {
		__u8 *b = cur_take(&c, 1);

		if (!b)
			return SIP_KEEPALIVE;
		if (*b > ' ') {
			c.pos = b;
			word = cur_take(&c, sizeof(*word));
			return word ? class_of_word(*word) : SIP_OTHER;
		}
	}
	return SIP_OTHER;
}

/* @from: where the message begins in the frame. */
static __always_inline enum sip_class sip_class_of(struct xdp_md *ctx, __u32 from)
{
	struct cursor c = { (void *)(long)ctx->data, (void *)(long)ctx->data_end };
	__u8 *b;

	if (!cur_take(&c, from))
		return SIP_KEEPALIVE;
	b = cur_take(&c, sizeof(__u64));
	if (!b)
		return SIP_KEEPALIVE;
	if (b[0] > ' ')
		return class_of_word(*(__u64 *)b);
	return is_stun(b) ? SIP_KEEPALIVE : sip_behind_blanks(ctx, from);
}

/* ---- buckets -------------------------------------------------------------------- */

/* The bucket's next value if a message comes now, or 0: there is no room. */
static __always_inline __u64 bucket_next(__u64 paid, const struct sip_limit *l, __u64 now)
{
	__u64 next = (paid > now ? paid : now) + l->interval;

	return next - now <= l->slack || !l->interval ? next : 0;
}

static __always_inline bool bucket_take(__u64 *paid, const struct sip_limit *l, __u64 now)
{
	__u64 next = bucket_next(*paid, l, now);

	if (next)
		*paid = next;
	return next;
}

/*
 * Not atomic: of two messages that two CPUs have at the same nanoseconds, one
 * may cost nothing.  That is no way around a limit.
 */
static __always_inline enum sip_verdict take_unknown(__u64 hash, __u32 bucket, __u64 now)
{
	__u64 spread = sip_spread(&sip_settings.keys, hash, bucket), next, *a, *b;
	__u32 at_a = sip_cell(spread, sip_settings.sketch_bits);
	__u32 at_b = sip_other_cell(spread, sip_settings.sketch_bits);

	a = bpf_map_lookup_elem(&sip_sketch, &at_a);
	b = bpf_map_lookup_elem(&sip_sketch, &at_b);
	if (!a || !b)
		return SIP_PASS_UNKNOWN;
	bucket &= SIP_BUCKET_SLOTS - 1;
	next = bucket_next(*a < *b ? *a : *b, &sip_settings.unknown[bucket], now);
	if (!next)
		return SIP_DROP_SOURCE;
	if (!bucket_take(&sip_all.paid[bucket], &sip_settings.all[bucket], now))
		return SIP_DROP_ALL;
	/* Only raised: the fuller cell may be somebody else's too. */
	if (*a < next)
		*a = next;
	if (*b < next)
		*b = next;
	return SIP_PASS_UNKNOWN;
}
