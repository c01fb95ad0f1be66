/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hmap - a hash map whose nodes live inside the things they map.
 * Keys come from attackers, so the hash is SipHash-1-3 with a key drawn for
 * each map (getrandom(2)): nobody can choose addresses that collide.
 * The map never allocates for a node and never frees one.
 */
#pragma once
#include "util.h"

struct ipaddr;

struct hmap_node {
	struct hmap_node *next;
	uint64_t hash;
};

struct hmap {
	struct hmap_node **buckets;	/* owns the array */
	size_t n, mask;			/* mask + 1 buckets, a power of two */
	uint64_t key[2];
};

int hmap_init(struct hmap *m);		/* 0 or -ENOMEM */
void hmap_fini(struct hmap *m);		/* the nodes stay the caller's */

uint64_t hmap_hash(const struct hmap *m, const void *key, size_t len);
/* The hash alone, for tables of another shape; the seed is drawn once for each. */
void hmap_draw_seed(uint64_t seed[static 2]);
uint64_t hmap_hash_seeded(const uint64_t seed[static 2], const void *key, size_t len);
/* The same for addresses, of which every failure has one: faster, other values. */
uint64_t hmap_hash_addr(const uint64_t seed[static 2], const struct ipaddr *addr);
/* Grows when full; if that fails for lack of memory it only gets slower. */
void hmap_insert(struct hmap *m, struct hmap_node *node, uint64_t hash);
/* @node must be in the map. */
void hmap_remove(struct hmap *m, struct hmap_node *node);

/* First node with @hash, then the next one; the caller compares the keys. */
struct hmap_node *hmap_first(const struct hmap *m, uint64_t hash);
struct hmap_node *hmap_next(const struct hmap_node *node);
/*
 * All of these are about to be looked for: in a map larger than the caches, have
 * main memory fetch them at the same time instead of one after the other.  Changes
 * nothing.  At most HMAP_BATCH.
 */
#define HMAP_BATCH	32
void hmap_expect(const struct hmap *m, const uint64_t *hashes, size_t n);

/*
 * Walk all nodes: start with a zeroed cursor; NULL at the end.  The node just
 * returned may be removed; nothing may be inserted meanwhile.
 */
struct hmap_cursor { size_t bucket; struct hmap_node *next; bool started; };
struct hmap_node *hmap_each(const struct hmap *m, struct hmap_cursor *c);
