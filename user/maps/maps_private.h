/* SPDX-License-Identifier: GPL-2.0-or-later */
/* maps_private - what the files of this room share: bans as values, the two filters. */
#pragma once
#include "maps.h"

/* ---- maps.c ------------------------------------------------------------------ */

int maps_settings_write(struct maps *maps);

/* ---- ban.c ------------------------------------------------------------------- */

/* A ban as it should be in the maps: an address may be in both. */
struct ban_image {
	bool in_hash, in_trie;
	struct host_ban hash;
	struct net_ban trie;
};
void ban_encode(const struct enforce_ban *b, struct ban_image *out);
/* 0: IPv4, 1: IPv6; added to MAP_BANS4 and the like. */
int family_of(const struct ipaddr *who);
void prefix_make(const struct ipaddr *who, struct prefix6 *key);
void host_decode(int family, const void *key, const struct host_ban *v,
		 struct enforce_ban *out);
void net_decode(int family, const void *key, const struct net_ban *v,
		struct enforce_ban *out);

/* ---- front.c ----------------------------------------------------------------- */

/* Map the memory; without it (kernel before 5.5) there is no filter. */
void maps_front_open(struct maps *maps);
void maps_front_close(struct maps *maps);
/* False: @addr (in network order) is certainly not in the hash. */
bool maps_front_maybe(struct maps *maps, int family, const void *addr);
/*
 * From now on the filter lets @addr through to the hash.  False: it did not
 * before.
 */
bool maps_front_add(struct maps *maps, int family, const void *addr);
/* Are there so many more bans that a larger size would be better? */
bool maps_front_full(const struct maps *maps, int family);
/* Begin new filters: every address that is banned has to be added again. */
int maps_front_begin(struct maps *maps);
/* All that were in the hash before maps_front_begin() have been added. */
void maps_front_whole(struct maps *maps, int family);
/* Put the new one in the place of the old one, a portion; true when all is done. */
bool maps_front_finish(struct maps *maps, int family);
/* Forget the new ones; the old ones stay. */
void maps_front_abandon(struct maps *maps);

/* ---- near.c ------------------------------------------------------------------ */

void maps_near_open(struct maps *maps);		/* after maps_front_open() */
void maps_near_close(struct maps *maps);
/* From now on sources near @net are looked up.  False: they were not before. */
bool maps_near_add(struct maps *maps, const struct ipaddr *net);
/* As those of the front. */
int maps_near_begin(struct maps *maps);
int maps_near_finish(struct maps *maps);
void maps_near_abandon(struct maps *maps);
/*
 * From now on what maps->allow has is looked up; gives how many entries lacked that,
 * though the map was in use.  And, when nothing else is in the tries: only that is.
 */
uint64_t maps_near_allow(struct maps *maps);
int maps_near_allow_only(struct maps *maps);

/* ---- write.c ----------------------------------------------------------------- */

int maps_del(struct enforcer *e, const struct ipaddr *who, size_t n);
/* Write the allowlist again, and take out what is not on it; counts in *@repaired. */
int maps_allow_repair(struct maps *maps, uint64_t *repaired);
int maps_allow_count(struct maps *maps);
/* The count in @s that an entry of @m with this key is in. */
__u32 *maps_trie_count(struct settings *s, enum map_id m, const struct prefix6 *key);

/* ---- scope.c ----------------------------------------------------------------- */

int maps_scope_repair(struct maps *maps, uint64_t *repaired);

/* ---- sync.c ------------------------------------------------------------------ */

void maps_sync_stop(struct maps *maps);
