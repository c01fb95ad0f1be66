/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip_abi - what the SIP sensor in the packet program and user space say to
 * each other.  Included by both sides; bpf_abi.h's rules hold here too, and so
 * does its ABI_VERSION.
 *
 *   map            type           key             value
 *   sip_sources    hash           struct sip_addr struct sip_source
 *   sip_front      array          front_at()      struct front_line, of the filter
 *   sip_nets       LPM trie       struct prefix6  __u32, the key's len
 *   sip_sketch     array          sip_cell()      __u64, end of a bucket's debt
 *   sip_settings   array          0               struct sip_settings
 *   sip_all        array          0               struct sip_all
 *   sip_reader     array          0               struct sip_reader
 *   sip_cpu        per-CPU array  0               struct sip_cpu
 *   sip_scratch    per-CPU array  0               struct sip_scratch
 *   sip_signatures array          its number      struct sip_signature
 *   sip_heavy      LRU hash       struct sip_addr struct sip_heavy
 *   sip_events     ring buffer                    struct sip_event
 *
 * One form of address for both families: IPv4 is ::ffff:a.b.c.d, so a network
 * of IPv4 has 96 bits more.  All times are nanoseconds on the boot clock.
 */
#pragma once
#include "xdpban/bpf_abi.h"

struct sip_addr {
	__u8 bytes[16];
};

/* ---- kinds of message ------------------------------------------------------- */

/*
 * What a message is, by its first word alone.  What is not recognized is
 * SIP_OTHER, whose limits are loose: in doubt it passes.
 */
enum sip_class {
	SIP_REGISTER,
	SIP_INVITE,		/* INVITE, SUBSCRIBE, MESSAGE, PUBLISH, REFER, NOTIFY */
	SIP_OPTIONS,
	SIP_DIALOG,		/* ACK, BYE, CANCEL, PRACK, UPDATE, INFO */
	SIP_RESPONSE,
	SIP_KEEPALIVE,		/* nothing, blanks or zeros, fewer than 8 bytes, STUN */
	SIP_OTHER,		/* methods we do not know, and what is not SIP */
	SIP_CONNECT,		/* a TCP connection attempt */
	SIP_CLASSES,
};

/* ---- limits ------------------------------------------------------------------- */

/*
 * A bucket is one number, the time when all that passed is paid for (GCRA, the
 * "theoretical arrival time"): each message adds @interval to it, and passes if
 * that does not put it further than @slack ahead of now.  An interval of 0 is
 * no limit at all.
 */
struct sip_limit {
	__u64 interval;		/* 1 / rate */
	__u64 slack;		/* burst * interval, and half a one */
};

/*
 * Each unknown source has a bucket for each class, and two more.  An office
 * whose address is new has many phones: what they send first empties its bucket
 * before the first of them could answer our server's challenge.  So a REGISTER
 * or INVITE for which there is no room is looked into, and if it carries
 * credentials, it has a bucket of its own.  It takes one that succeeds to make
 * the office known.
 */
enum sip_bucket {
	SIP_BUCKET_ANSWER = SIP_CLASSES,	/* carries credentials */
	SIP_BUCKET_SUSPECT,			/* has a signature of action SIP_SLOW */
	SIP_BUCKETS,
};
#define SIP_BUCKET_SLOTS 16	/* room to append */

/* How many messages each CPU looks into for credentials, in a tick of its clock. */
#define SIP_LOOKS	64

/* For all unknown sources together, a bucket for each class. */
struct sip_all {
	__u64 paid[SIP_BUCKET_SLOTS];
};

/*
 * Buckets of unknown sources are in a sketch: a source has two cells in each class,
 * which it may share with others, and is limited only if both say so.  Both are in
 * one cache line, since a flood from many sources costs little else than the caches
 * it misses; with 10,000 sources over their limits at a time, one stranger in a
 * hundred shares both of his.  What is limited changes nothing, and neither does
 * what the limit of all unknowns rejects: so however many sources a flood pretends
 * to have, it fills the sketch no faster than that limit lets it.  IPv6 counts by
 * /64.
 */
#define SIP_LINE_BITS	3	/* cells of 8 bytes in a cache line of 64 */
#define SIP_SKETCH_BITS_MIN 10	/* of how many cells there are */

/* @hash: front_hash() of the address; @bucket: a class or sip_bucket. */
static inline __u64 sip_spread(const struct front_keys *k, __u64 hash, __u32 bucket)
{
	hash += (bucket + 1) * 0x9e3779b97f4a7c15ull;
	return (hash ^ hash >> 29) * k->mix;
}

/* The first index in sip_sketch; @bits: of the number of cells. */
static inline __u32 sip_cell(__u64 spread, __u32 bits)
{
	return (__u32)(spread >> (64 - bits));
}

/* The other one, in the same line. */
static inline __u32 sip_other_cell(__u64 spread, __u32 bits)
{
	__u32 differs = spread >> (64 - SIP_LINE_BITS - bits) & ((1 << SIP_LINE_BITS) - 1);

	return sip_cell(spread, bits) ^ (differs ? differs : 1);
}

/* ---- who sends ------------------------------------------------------------------ */

/* Sources that are in no map are unknown. */
enum sip_standing {
	SIP_UNKNOWN,
	SIP_TRUSTED,		/* never limited */
	SIP_KNOWN,		/* has authenticated: limited far above any office */
	SIP_PENALTY,		/* limited tightly, for SIP only */
};

#define SIP_NETS_MAX	16384

/* Written by user space; the program counts, and moves the bucket. */
struct sip_source {
	__u64 until;		/* then it is unknown again; ~0: never */
	/*
	 * Until then nothing that it sends or is answered is reported, if it is
	 * known: so that a busy office costs user space nothing.
	 */
	__u64 quiet_until;
	__u64 paid;		/* its bucket, one for all classes */
	__u64 passed, limited;	/* messages */
	__u32 standing;
	__u32 unused;
};

/*
 * In front of sip_sources, so that a flood of strangers does not cost a look-up in
 * a table each: a filter as bpf_abi.h describes it, but of one size.  User space
 * sets the bits of an address before it is in the table, and makes the filter anew
 * when it clears the table of what has ended.
 */
static inline __u64 sip_hash(const struct front_keys *k, const struct sip_addr *a)
{
	__u64 half[2];

	__builtin_memcpy(half, a, sizeof(half));
	return front_hash(k, half[0], half[1]);
}

/* Who is limited most: found by looking at one in SIP_HEAVY_SAMPLE. */
struct sip_heavy {
	__u64 messages, bytes;	/* about; multiples of SIP_HEAVY_SAMPLE */
	__u64 last;		/* boot clock */
};
#define SIP_HEAVY_SAMPLE 256
#define SIP_HEAVY_MAX	4096

/* ---- what became of a message ---------------------------------------------------- */

/* One for each; the order is part of the interface: append, before SIP_VERDICTS. */
enum sip_verdict {
	SIP_PASS_TRUSTED,
	SIP_PASS_KNOWN,
	SIP_PASS_PENALTY,	/* there was room in its bucket */
	SIP_PASS_UNKNOWN,
	SIP_PASS_ANSWER,	/* no room in the class's bucket, but credentials */
	SIP_DROP_KNOWN,		/* too many */
	SIP_DROP_PENALTY,
	SIP_DROP_SOURCE,	/* an unknown source's own bucket */
	SIP_DROP_ALL,		/* the bucket of all unknown sources */
	SIP_DROP_SIEGE,
	SIP_DROP_SIGNATURE,
	SIP_VERDICTS,
};
#define SIP_VERDICT_SLOTS 16	/* room to append */

struct sip_cpu {
	__u64 messages[SIP_CLASSES][SIP_VERDICT_SLOTS];
	__u64 dropped, dropped_bytes;
	__u64 events, events_lost;	/* given to the ring; had no room there */
	__u64 answers;			/* of ours that the program on the way out saw */
	__u64 looked_tick;		/* SIP_LOOKS */
	__u64 looked;
};

/* ---- signatures ------------------------------------------------------------------- */

#define SIP_SIGNATURES	32
#define SIP_SIGNATURE_LEN 32
/* So much of a message is searched for a signature. */
#define SIP_SEARCHED	600

enum sip_where { SIP_FIRST_LINE, SIP_USER_AGENT };
enum sip_action { SIP_COUNT, SIP_SLOW, SIP_DROP };

/*
 * Bytes that occur in the first line or in the value of User-Agent, letters in
 * any case.  As eight bytes at a time: (bytes | fold) & mask == text, of which
 * @text is folded too.  Of a signature shorter than SIP_SIGNATURE_LEN the rest
 * of @mask is 0.  What counts most comes first: one message has one signature.
 */
#define SIP_SIGNATURE_WORDS (SIP_SIGNATURE_LEN / 8)
struct sip_signature {
	__u64 text[SIP_SIGNATURE_WORDS];
	__u64 fold[SIP_SIGNATURE_WORDS];
	__u64 mask[SIP_SIGNATURE_WORDS];
	__u8 where, action, len, unused[5];
	__u64 found;		/* messages, about */
};

/* ---- settings ----------------------------------------------------------------------- */

#define SIP_PORT_WORDS	(65536 / 64)

struct sip_settings {
	__u64 siege_until;	/* until then unknown sources speak no SIP */
	__u64 ahead;		/* tests only: added to the clock */
	struct front_keys keys;
	__u32 sketch_bits;
	__u32 n_signatures;
	__u32 nets;		/* entries of sip_nets */
	__u32 unused;
	__u64 front;		/* front_shape(); 0: no filter */
	struct sip_limit known, penalty;
	struct sip_limit unknown[SIP_BUCKET_SLOTS];
	struct sip_limit all[SIP_BUCKET_SLOTS];
	__u64 ports[SIP_PORT_WORDS];	/* bit port % 64 of word port / 64 */
};

/* ---- what user space is shown --------------------------------------------------------- */

/*
 * A message of a source that is neither trusted nor quiet: what came in and
 * passed (but no keep-alives nor connection attempts), or what the server sent
 * to one: its 200, 401, 403, 404, 407, 484, and its own INVITE, REGISTER and
 * OPTIONS, whose far end is one that we talk to.
 */
#define SIP_TEXT_MAX	1024

struct sip_event {
	__u64 when;
	struct sip_addr peer;	/* the source, or where it goes */
	__u16 peer_port, our_port;
	__u8 protocol;		/* 6, 17 */
	__u8 out;		/* 1: sent by the server */
	__u8 class;		/* enum sip_class */
	__u8 verdict;		/* enum sip_verdict; of what came in */
	__u8 standing;		/* enum sip_standing; of the peer */
	__u8 signature;		/* 1 + number of the one it has, or 0 */
	__u16 status;		/* of a response; or 0 */
	__u32 wire_len;		/* of the message, as its datagram says */
	__u32 len;		/* of text; less if it was cut off */
	__u32 unused;
	__u8 text[SIP_TEXT_MAX];
};
/*
 * Until then user space reads the ring without being woken up: a wake-up for each
 * message would cost the server more than all else that is done with it.  A time
 * that has gone, as after the end of user space, promises nothing.
 */
struct sip_reader {
	__u64 reads_at;
};

#define SIP_EVENT_HEAD	__builtin_offsetof(struct sip_event, text)
#define SIP_RING_BYTES	(2u << 20)

/* A search that begins within the text may go as far again, says the verifier. */
struct sip_scratch {
	struct sip_event ev;
	__u8 behind[SIP_TEXT_MAX + 8];
};
