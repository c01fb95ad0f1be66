/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bpf_abi - what the packet program and user space say to each other: the keys
 * and values of the maps, and what each counter means.
 * Included by both sides.  A change that old pinned maps would misread needs a
 * new ABI_VERSION, which is part of the pin path: pinned data never changes its
 * meaning.
 *
 * Addresses and ports of packets are in network byte order, all other numbers
 * in the machine's own.  All padding is spelled out and zero.
 *
 *   map            type          key            value
 *   bans4          LRU hash      ban_key4()     struct host_ban
 *   bans6          LRU hash      the address    struct host_ban
 *   nets4, nets6   LPM trie      struct prefixN struct net_ban
 *   allow4, allow6 LPM trie      struct prefixN __u32, the key's len
 *   front4, front6 array         front_at()     struct front_line, of the filter
 *   near           array         near_at() / 64 __u64, bits of the map of networks
 *   scopes         array         scope id       struct scope
 *   settings       array         0              struct settings
 *   cpu            per-CPU array 0              struct cpu
 *
 * Why bans of hosts are not in the trie: a hash costs the same with a million
 * bans as with ten.  Why networks are not in the hash: any length fits a trie,
 * and there are few of them.
 *
 * Several jails may ban one address, each with ports and an end of its own.
 * The hash value has room for one of these (scope, end) pairs, because almost
 * every ban has just one and a million of them must stay small (24 bytes each).
 * The others are kept in the trie under the address as a network of full
 * length, where a value has NET_ENDS of them; the program asks the trie
 * whenever the hash did not decide.  So each pair ends on its own, also with
 * the daemon dead.
 */
#pragma once
#ifndef __bpf__
#include <linux/types.h>
#endif

#define ABI_VERSION	4

/*
 * When a ban ends, and what it covers, in one word: nanoseconds on the boot
 * clock, whose last 12 bits (4 microseconds) are the scope id instead.
 * All ones above them: never.  Scope 0 is everything, and needs no entry.
 */
#define END_SCOPE_BITS	12
#define END_SCOPE_MASK	((1ull << END_SCOPE_BITS) - 1)
#define SCOPE_ALL	0

static inline __u64 end_make(__u64 boot_ns, __u32 scope)
{
	return (boot_ns & ~END_SCOPE_MASK) | scope;
}

static inline __u32 end_scope(__u64 end)
{
	return end & END_SCOPE_MASK;
}

/* The end on the boot clock; UINT64_MAX for a ban without one. */
static inline __u64 end_boot_ns(__u64 end)
{
	end &= ~END_SCOPE_MASK;
	return end == ~END_SCOPE_MASK ? ~0ull : end;
}

/*
 * How often a ban was applied, in 16 bytes.  @frames has the number of frames
 * in its low 40 bits (10^12: twelve days of a million a second), and in the 24
 * above them when the last one came, on the boot clock in units of 2^32 ns
 * (4.3 s; wraps after two years): so one atomic addition updates both.
 * It is in the value that the look-up has just brought into the cache, where it
 * costs nothing that could be measured; a map of its own would cost a second
 * look-up and more memory than the ban.
 */
struct hits {
	__u64 frames;		/* hits_frames(), hits_last_seen() */
	__u64 bytes;		/* of these frames, with their headers */
};
#define HITS_FRAMES_BITS 40
#define HITS_SEEN_SHIFT	32	/* of the boot clock */

static inline __u64 hits_frames(const struct hits *h)
{
	return h->frames & ((1ull << HITS_FRAMES_BITS) - 1);
}

/*
 * Start of the 4.3 seconds on the boot clock in which the last hit was; 0: none.
 * Right for the two years before @now_ns.
 */
static inline __u64 hits_last_seen(const struct hits *h, __u64 now_ns)
{
	__u64 mask = (1ull << (64 - HITS_FRAMES_BITS)) - 1;
	__u64 now = now_ns >> HITS_SEEN_SHIFT;
	__u64 ago = (now - (h->frames >> HITS_FRAMES_BITS)) & mask;

	if (!hits_frames(h) || ago > now)
		return 0;
	return (now - ago) << HITS_SEEN_SHIFT;
}

/*
 * IPv4 addresses in the hash have four zeros behind them.  They cost no memory,
 * since the kernel pads keys to eight bytes; and it compares these at once, but
 * four one by one: 2 to 3 ns of 28.
 * @addr: as it is in memory.
 */
static inline __u64 ban_key4(__u32 addr)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return (__u64)addr << 32;
#else
	return addr;
#endif
}

struct host_ban {
	__u64 end;		/* end_make() */
	struct hits hits;
};

#define NET_ENDS	8
/* How many bans of wider and wider networks are asked about one address. */
#define NET_DEPTH	8

struct net_ban {
	__u32 prefixlen;	/* the key's own: where to look for a wider one */
	__u32 n_ends;		/* at most NET_ENDS */
	struct hits hits;
	__u64 ends[NET_ENDS];
};

/* Keys of the tries; the first is the beginning of the second. */
struct prefix4 {
	__u32 len;
	__u8 addr[4];
};

struct prefix6 {
	__u32 len;
	__u8 addr[16];
};

/*
 * What a ban covers: IP protocols, and destination ports of those that have
 * ports (has_ports()); n_ports 0 is all of them.  The other protocols in the
 * set are covered as a whole.  An id is given a meaning before a ban names it,
 * and a new one only when no ban does.
 */
#define SCOPE_MAX	512
#define SCOPE_PORTS	16
#define SCOPE_WORDS	4

struct port_range {
	__u16 first, last;	/* the machine's byte order, both included */
};

struct scope {
	__u64 protocols[SCOPE_WORDS];	/* bit p % 64 of word p / 64: IP protocol p */
	__u32 n_ports;
	__u32 used;			/* 1: this id has a meaning */
	struct port_range ports[SCOPE_PORTS];
};

/* DCCP, SCTP and UDP-Lite put their ports where TCP and UDP have them. */
static inline int has_ports(__u8 protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 33 ||
	       protocol == 132 || protocol == 136;
}

/*
 * The front: a Bloom filter of the banned addresses, so that a frame of anybody
 * else, which is nearly every frame on a good day, costs a look at one place and
 * not a cache miss in a table of a hundred megabytes.  It never overlooks an
 * address that is in the hash; if it takes another one for banned, the hash is
 * asked, and knows.  Each address has four bits, one in each word of a line: with
 * the least, FRONT_BITS bits for each ban, that is one mistake in 128.  Were all
 * four in one word, it would be one in 88, as some words have many more bans than
 * others; the other three words are in the same cache line, and cost nothing.
 *
 * One array has room for filters of several sizes, each an eighth of the one
 * before; the one in use is as small as the bans allow, because only what is in
 * the cache is free.  The bits of an address in a smaller filter are those of
 * the larger one, moved to an eighth of their place.
 *
 * Only user space writes it: bits are set before the ban is in the hash, and
 * cleared when a whole filter is made anew.  A shape of 0 means that there is
 * no filter, and the hash is always asked.
 */
#define FRONT_BITS	12
#define FRONT_LEVELS	4	/* sizes, at most */
#define FRONT_SHRINK	8	/* each is this much smaller than the one before */
#define FRONT_LINES_MIN	128	/* no smaller ones: 4 KiB are in the cache */
#define FRONT_WORDS	4	/* of a line: half a cache line */

struct front_line {
	__u64 words[FRONT_WORDS];
};

/*
 * How many lines the filter in use has, and where it begins: in this order, for
 * which front_at() needs the fewest instructions.
 */
static inline __u64 front_shape(__u32 begin, __u32 lines)
{
	return (__u64)lines << 32 | begin;
}

static inline __u32 front_begin(__u64 shape)
{
	return (__u32)shape;
}

static inline __u32 front_lines(__u64 shape)
{
	return shape >> 32;
}

/*
 * Multiplying with secret odd numbers: nobody can choose what collides.  What is
 * multiplied moves up only, so the upper halves come down first: neighbours in a
 * network, which differ in their last byte, must differ in all bits of the hash.
 */
struct front_keys {
	__u64 low, high, mix;
};

static inline __u64 front_hash(const struct front_keys *k, __u64 low, __u64 high)
{
	__u64 h = (low ^ low >> 32) * k->low + (high ^ high >> 32) * k->high;

	return (h ^ h >> 32) * k->mix;
}

static inline __u32 front_at(__u64 shape, __u64 hash)
{
	return (__u32)(shape + ((hash >> 32) * front_lines(shape) >> 32));
}

/*
 * @word shifted by the last six bits of @n, as BPF does it: the compiler, which
 * knows only C, would want four more instructions for a frame.
 */
static inline __u64 front_shifted(__u64 word, __u64 n)
{
#ifdef __bpf__
	asm("%0 >>= %1" : "+r"(word) : "r"(n));
	return word;
#else
	return word >> (n & 63);
#endif
}

/* Not 0: all bits of @hash are in its line. */
static inline int front_has(const struct front_line *l, __u64 hash)
{
	return front_shifted(l->words[0], hash) & front_shifted(l->words[1], hash >> 6) &
	       front_shifted(l->words[2], hash >> 12) & front_shifted(l->words[3], hash >> 18) & 1;
}

/* The bit of @hash in word @i of its line. */
static inline __u64 front_bit(__u64 hash, int i)
{
	return 1ull << (hash >> 6 * i & 63);
}

/*
 * The same for networks, which are few, but a look-up in a trie costs more than
 * one in a hash: a bit for each of 65,536 neighbourhoods says whether a banned
 * network touches it.  For IPv4 these are the /16; for IPv6, those /32 that have
 * the same hash.  First those of IPv4, then those of IPv6; behind them, the same
 * for the allowlist, which the banned would pay for: 38 ns with 100 entries.
 */
#define NEAR_BITS	65536
#define NEAR_WORDS	(NEAR_BITS / 64)	/* for each family */
#define NEAR_ALLOW	(2 * NEAR_BITS)		/* where those of the allowlist begin */
#define NEAR_LEN4	16
#define NEAR_LEN6	32

static inline __u32 near_at4(const __u8 *addr)
{
	return (__u32)addr[0] << 8 | addr[1];
}

/* @top: the first 32 bits of the address, as they are in memory. */
static inline __u32 near_at6(const struct front_keys *k, __u32 top)
{
	return NEAR_BITS + (__u32)(top * k->mix >> 48);
}

/*
 * What saves a look-up when there is nothing to find.  A count is raised before
 * the first entry is added and lowered after it is gone.  The second scopes of
 * single addresses, which are in the tries too, count apart: they are asked for
 * only when the hash has the address.
 */
struct settings {
	__u64 front4, front6;	/* shapes */
	struct front_keys keys;
	__u32 nets4, nets6;	/* networks in the tries */
	__u32 near;		/* 1: the map of neighbourhoods is right */
	__u32 near_allow;	/* the same for the allowlist */
	__u32 more4, more6;	/* single addresses in the tries */
	__u32 allow4, allow6;
};

/*
 * Why a frame passed or was dropped: one reason for each, so that the frames
 * of all reasons are all the frames.  Kept for each CPU; the sums are the
 * totals.  The order is part of the interface: append, before REASON_N.
 */
enum reason {
	PASS_NOT_BANNED,	/* the usual case */
	PASS_NOT_IP,		/* ARP and everything else that is not IP */
	PASS_TRUNCATED,		/* too short to have a source address, or not IP's form */
	PASS_VLAN_TOO_DEEP,	/* more than VLAN_MAX tags */
	PASS_EXPIRED,		/* a ban, but it has ended */
	PASS_OUT_OF_SCOPE,	/* a ban, but of other ports or protocols */
	PASS_ALLOWED,		/* a ban, but the allowlist overrides it */
	DROP_HOST,		/* the address is banned */
	DROP_NET,		/* a network that it is in is banned */
	DROP_UNDECIDED,		/* banned on some ports, and the frame hides its own:
				 * a later fragment, cut short, a chain of headers
				 * too long to follow */
	DROP_SIP_LIMITED,	/* the sensor (sip_abi.h): too much of one source, */
	DROP_SIP_ALL,		/* or of all unknown ones together */
	DROP_SIP_SIEGE,		/* unknown sources speak no SIP now */
	DROP_SIP_SIGNATURE,	/* it has one that is dropped */
	REASON_N,
};
#define REASON_SLOTS	16	/* room to append */

struct total {
	__u64 frames, bytes;
};

struct cpu {
	struct total totals[REASON_SLOTS];
	__u64 tick;		/* when boot_ns was read, in jiffies */
	__u64 boot_ns;
};
