// SPDX-License-Identifier: GPL-2.0-or-later
#include "hmap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

enum { FIRST_BUCKETS = 16 };

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

/* SipHash-1-3: Aumasson and Bernstein, "SipHash: a fast short-input PRF". */
static uint64_t rotl(uint64_t x, unsigned int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1]; v[1] = rotl(v[1], 13); v[1] ^= v[0]; v[0] = rotl(v[0], 32);
	v[2] += v[3]; v[3] = rotl(v[3], 16); v[3] ^= v[2];
	v[0] += v[3]; v[3] = rotl(v[3], 21); v[3] ^= v[0];
	v[2] += v[1]; v[1] = rotl(v[1], 17); v[1] ^= v[2]; v[2] = rotl(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t hmap_hash(const struct hmap *m, const void *key, size_t len)
{
	return hmap_hash_seeded(m->key, key, len);
}

uint64_t hmap_hash_seeded(const uint64_t seed[static 2], const void *key, size_t len)
{
	uint64_t v[4] = {
		seed[0] ^ 0x736f6d6570736575ull, seed[1] ^ 0x646f72616e646f6dull,
		seed[0] ^ 0x6c7967656e657261ull, seed[1] ^ 0x7465646279746573ull,
	};
	const uint8_t *p = key;
	uint64_t word, last = (uint64_t)len << 56;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		sip_word(v, word);
	}
	for (size_t i = 0; i < left; i++)
		last |= (uint64_t)p[i] << 8 * i;
	sip_word(v, last);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void grow(struct hmap *m)
{
	size_t mask = m->mask * 2 + 1;
	struct hmap_node **buckets = calloc(mask + 1, sizeof(*buckets));

	if (!buckets)
		return;
	for (size_t i = 0; i <= m->mask; i++) {
		struct hmap_node *node = m->buckets[i], *next;

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
