/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_store_private - what ban_store.c (bans come and go) and ban_lookup.c (who
 * asks for them) share.
 */
#pragma once
#include "ban_names.h"
#include "ban_store.h"
#include "ban_text.h"
#include "base/heap.h"
#include "base/hmap.h"

/*
 * One ban: 80 bytes, in chunks that never move, so that nodes of the map and
 * the heap can live inside and a cursor is a slot number.
 */
struct node {
	struct hmap_node by_who;
	struct heap_node by_end;	/* its key is the end, in boot ns */
	struct ipaddr who;
	uint16_t jail;			/* index into jails */
	uint16_t scope;
	bool used : 1;
	bool leads : 1;			/* stands for its address in walks */
	bool marked : 1;		/* ban_store_mark() */
	wall_t since;
	uint32_t failures, earlier;
	union {
		struct ban_text *text;	/* owns; NULL: none (any more) */
		struct node *next_free;
	};
};

_Static_assert(sizeof(struct node) <= 80, "a million bans must stay small");

enum { CHUNK = 512 };

struct jail_count {
	size_t bans;
	uint64_t total;
};

struct ban_store {
	struct ban_store_params params;
	struct node **chunks;		/* owns */
	size_t n_chunks, chunk_room;
	struct node *free;
	struct hmap by_who;		/* several jails: several nodes of one address */
	struct heap by_end;
	struct ban_names jails;
	struct jail_count *counts;	/* owns; one for each jail */
	size_t addresses;
	size_t by_prefix[2][129];	/* bans by length, IPv4 and IPv6 */
	struct ban_texts texts;
	struct ban_store_stats stats;
};

static inline struct node *ban_node_at(const struct ban_store *s, size_t slot)
{
	return &s->chunks[slot / CHUNK][slot % CHUNK];
}

/* The bans of exactly @who, one after the other; @hash is that of the map. */
struct node *ban_node_hashed(const struct ban_store *s, const struct ipaddr *who,
			     uint64_t hash);
struct node *ban_node_first(const struct ban_store *s, const struct ipaddr *who);
struct node *ban_node_next(const struct node *n);
/* The one of the jail with this index, or NULL. */
struct node *ban_node_find(const struct ban_store *s, const struct ipaddr *who, int jail);
struct ban ban_node_value(const struct ban_store *s, const struct node *n);
