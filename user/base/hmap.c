// SPDX-License-Identifier: GPL-2.0-or-later
#include "hmap.h"

#include "ipaddr.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
	FIRST_BUCKETS	= 16,
	AHEAD		= 16,		/* buckets whose nodes are fetched beforehand */
};

int hmap_init(struct hmap *m)
{
	*m = (struct hmap){ .mask = FIRST_BUCKETS - 1 };
	m->buckets = calloc(FIRST_BUCKETS, sizeof(*m->buckets));
	if (!m->buckets)
		return -ENOMEM;
	hmap_draw_seed(m->key);
	return 0;
}

void hmap_draw_seed(uint64_t seed[static 2])
{
	/* 16 bytes never come short (getrandom(2)); before the pool is ready it
	 * waits, which at worst delays an early boot. */
	if (getrandom(seed, 16, 0) != 16)
		seed[0] = (uintptr_t)seed;
}

void hmap_fini(struct hmap *m)
{
	free(m->buckets);
	*m = (struct hmap){ 0 };
}

/*
 * SipHash-1-3: Aumasson and Bernstein, "SipHash: a fast short-input PRF".
 * Inline, so that the four words stay in registers: every failure is hashed.
 */
struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static inline struct sip sip_round(struct sip s)
{
	s.v0 += s.v1; s.v1 = rotl(s.v1, 13); s.v1 ^= s.v0; s.v0 = rotl(s.v0, 32);
	s.v2 += s.v3; s.v3 = rotl(s.v3, 16); s.v3 ^= s.v2;
	s.v0 += s.v3; s.v3 = rotl(s.v3, 21); s.v3 ^= s.v0;
	s.v2 += s.v1; s.v1 = rotl(s.v1, 17); s.v1 ^= s.v2; s.v2 = rotl(s.v2, 32);
	return s;
}

static inline struct sip sip_word(struct sip s, uint64_t word)
{
	s.v3 ^= word;
	s = sip_round(s);
	s.v0 ^= word;
	return s;
}

/* In pieces as they were written, or the processor waits for its own stores. */
static inline uint64_t last_word(const uint8_t *p, size_t left)
{
	uint64_t word = 0;
	uint32_t four;
	uint16_t two;

	if (left & 1)
		word = p[left - 1];
	if (left & 2) {
		memcpy(&two, p + (left & 4), 2);
		word = word << 16 | two;
	}
	if (left & 4) {
		memcpy(&four, p, 4);
		word = word << 32 | four;
	}
	return word;
}

uint64_t hmap_hash(const struct hmap *m, const void *key, size_t len)
{
	return hmap_hash_seeded(m->key, key, len);
}

static inline struct sip sip_begin(const uint64_t seed[static 2])
{
	return (struct sip){
		seed[0] ^ 0x736f6d6570736575ull, seed[1] ^ 0x646f72616e646f6dull,
		seed[0] ^ 0x6c7967656e657261ull, seed[1] ^ 0x7465646279746573ull,
	};
}

static inline uint64_t sip_end(struct sip s)
{
	s.v2 ^= 0xff;
	s = sip_round(sip_round(sip_round(s)));
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* The order of bytes in a word does not matter: hashes never leave the process. */
uint64_t hmap_hash_seeded(const uint64_t seed[static 2], const void *key, size_t len)
{
	struct sip s = sip_begin(seed);
	const uint8_t *p = key;
	uint64_t word;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		s = sip_word(s, word);
	}
	return sip_end(sip_word(s, last_word(p, left) | (uint64_t)len << 56));
}

/* One word for IPv4, three for IPv6; the last tells how many there are. */
uint64_t hmap_hash_addr(const uint64_t seed[static 2], const struct ipaddr *addr)
{
	uint64_t last = (uint64_t)addr->family << 32 | (uint64_t)addr->prefix << 40;
	struct sip s = sip_begin(seed);
	uint64_t words[2];
	uint32_t v4;

	if (addr->family == 4) {
		memcpy(&v4, addr->bytes, sizeof(v4));
		return sip_end(sip_word(s, last | v4));
	}
	memcpy(words, addr->bytes, sizeof(words));
	return sip_end(sip_word(sip_word(sip_word(s, words[0]), words[1]), last));
}

static void grow(struct hmap *m)
{
	size_t mask = m->mask * 2 + 1;
	struct hmap_node **buckets = calloc(mask + 1, sizeof(*buckets));

	if (!buckets)
		return;
	for (size_t i = 0; i <= m->mask; i++) {
		struct hmap_node *node = m->buckets[i], *next;

		__builtin_prefetch(m->buckets[(i + AHEAD) & m->mask]);
		for (; node; node = next) {
			next = node->next;
			node->next = buckets[node->hash & mask];
			buckets[node->hash & mask] = node;
		}
	}
	free(m->buckets);
	m->buckets = buckets;
	m->mask = mask;
}

void hmap_insert(struct hmap *m, struct hmap_node *node, uint64_t hash)
{
	if (m->n > m->mask)
		grow(m);
	node->hash = hash;
	node->next = m->buckets[hash & m->mask];
	m->buckets[hash & m->mask] = node;
	m->n++;
}

void hmap_remove(struct hmap *m, struct hmap_node *node)
{
	struct hmap_node **p = &m->buckets[node->hash & m->mask];

	while (*p != node)
		p = &(*p)->next;
	*p = node->next;
	node->next = NULL;
	m->n--;
}

struct hmap_node *hmap_first(const struct hmap *m, uint64_t hash)
{
	struct hmap_node *node = m->buckets[hash & m->mask];

	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct hmap_node *hmap_next(const struct hmap_node *node)
{
	uint64_t hash = node->hash;

	do {
		node = node->next;
	} while (node && node->hash != hash);
	return (struct hmap_node *)node;
}

/*
 * Each loop needs what the one before has fetched.  One bucket in four has more
 * than one node; those behind the second are waited for.  The assembly, which says
 * nothing, keeps gcc from leaving out calls of a function that changes nothing.
 */
void hmap_expect(const struct hmap *m, const uint64_t *hashes, size_t n)
{
	const struct hmap_node *nodes[HMAP_BATCH];

	__asm__ volatile("");
	n = n < HMAP_BATCH ? n : HMAP_BATCH;
	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(&m->buckets[hashes[i] & m->mask]);
	for (size_t i = 0; i < n; i++) {
		nodes[i] = m->buckets[hashes[i] & m->mask];
		__builtin_prefetch(nodes[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (nodes[i] && nodes[i]->hash != hashes[i])
			__builtin_prefetch(nodes[i]->next);
}

struct hmap_node *hmap_each(const struct hmap *m, struct hmap_cursor *c)
{
	struct hmap_node *node;

	if (!c->started) {
		c->started = true;
		c->next = m->buckets[0];
	}
	while (!c->next && c->bucket < m->mask)
		c->next = m->buckets[++c->bucket];
	node = c->next;
	if (node)
		c->next = node->next;
	return node;
}
