/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps - what the packet program shares with us: bans and allowed addresses into
 * its maps and out of them, the filters before them, and all of it put right.
 * Whoever loads the program makes the maps, hands them over, and is the enforcer that
 * others see.  Knows descriptors; not where they are pinned, nor on which interface
 * the program runs.  Functions give 0 or -errno; those of an enforcer log.
 */
#pragma once
#include "enforce/allowed.h"
#include "enforce/backend.h"
#include "xdpban/bpf_abi.h"

enum map_id {
	MAP_BANS4, MAP_BANS6, MAP_NETS4, MAP_NETS6, MAP_ALLOW4, MAP_ALLOW6,
	MAP_FRONT4, MAP_FRONT6, MAP_NEAR, MAP_SCOPES, MAP_SETTINGS, MAP_CPU,
	MAP_SENSOR,		/* from here on only with the SIP sensor */
	MAP_SIP_SOURCES = MAP_SENSOR, MAP_SIP_NETS, MAP_SIP_SKETCH, MAP_SIP_SIGNATURES,
	MAP_SIP_HEAVY, MAP_SIP_CPU, MAP_SIP_SCRATCH, MAP_SIP_EVENTS, MAP_SIP_SETTINGS,
	MAP_SIP_ALL, MAP_SIP_FRONT, MAP_SIP_READER, MAP_N
};
extern const char *const map_names[MAP_N];

static inline bool map_is_bans(int m)
{
	return m == MAP_BANS4 || m == MAP_BANS6;
}

static inline bool map_is_front(int m)
{
	return m == MAP_FRONT4 || m == MAP_FRONT6;
}

/* The filter of one family; front.c. */
struct maps_front {
	uint32_t entries;		/* of the map: all sizes of the filter */
	uint32_t lines;			/* of the largest size */
	struct front_line *live;	/* owns; the map's memory, or NULL */
	struct front_line *next;	/* owns; in the making, in the largest size */
	uint64_t n;			/* addresses in @next, some perhaps twice */
	bool whole;			/* @next has all that are in the hash */
	uint64_t target;		/* shape that @next is being put into place in, or 0 */
	uint32_t copied;		/* lines of it */
};

/* The map of neighbourhoods; near.c. */
struct maps_near {
	uint64_t *live;			/* owns; the map's memory, or NULL */
	uint64_t *next;			/* owns; in the making, without the allowlist */
};

struct maps {
	struct enforcer e;		/* first: an enforcer's functions get this */
	int fd[MAP_N];			/* owns; -1: none */
	bool sensor;			/* with the SIP sensor */
	uint32_t max_bans[2];		/* IPv4, IPv6 */
	struct settings settings;	/* as in the map */
	struct settings *shared;	/* owns; the map's memory, or NULL */
	struct maps_front front[2];	/* IPv4, IPv6 */
	struct maps_near near;
	struct maps_sync *sync;		/* owns; a comparison under way, or NULL */
	uint64_t hosts[2];		/* about how many are in the hashes */
	uint64_t tries_changed;		/* how often we changed their entries */
	uint64_t writes;		/* bans written or lifted */
	struct scope scopes[SCOPE_MAX];	/* what we asked for: .used is set */
	struct allowed allowed;		/* owns */
	/*
	 * What else a comparison puts right, which is the owner's: adds to *@repaired
	 * how many things were wrong.  NULL: nothing.
	 */
	int (*repair_else)(struct maps *maps, uint64_t *repaired);
};

/* ---- their life -------------------------------------------------------------- */

void maps_init(struct maps *maps);
/* Close what there is of them; what is in them stays. */
void maps_fini(struct maps *maps);
/* How many of enum map_id there are. */
int maps_n(const struct maps *maps);
/* @fd, which becomes theirs, is @m. */
int maps_take(struct maps *maps, enum map_id m, int fd);
/*
 * All have been taken: settings that belong to them as they are now.  @made: those
 * that are new.  @count: nobody else writes, so what the tries hold can be counted.
 */
int maps_settle(struct maps *maps, const bool made[MAP_N], bool count);
/* Entries were copied into the tries: count them. */
int maps_count(struct maps *maps);
/* Use the memory that the kernel shares: from now on the filters are kept. */
void maps_share(struct maps *maps);

/*
 * Entries an LRU map needs so that @capacity of them are never evicted, and the
 * other way round.
 */
uint32_t maps_lru_entries(uint32_t capacity, unsigned int cpus);
uint32_t maps_lru_capacity(uint32_t entries, unsigned int cpus);
/* Entries that the map of a filter for @capacity bans needs. */
uint32_t maps_front_entries(uint32_t capacity);

/* ---- as an enforcer: enforce/backend.h --------------------------------------- */

int maps_add(struct enforcer *e, const struct enforce_ban *bans, size_t n);
int maps_allow(struct enforcer *e, const struct ipaddr *who, size_t n);
int maps_scope(struct enforcer *e, const struct enforce_scope *s);
int maps_scope_get(struct enforcer *e, uint16_t scope, struct enforce_scope *out);
int maps_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
	      struct enforce_hits *out);
int maps_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx);
int maps_stats(struct enforcer *e, struct enforce_stats *out);
int maps_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		     struct enforce_repairs *out);
void maps_resync_stop(struct enforcer *e);
bool maps_wants_resync(const struct enforcer *e);

/* ---- any map ------------------------------------------------------------------ */

/* The memory that the kernel shares of @fd, for munmap(2); NULL: it does not. */
void *map_memory(int fd, size_t size);
/* Numbers that nobody else knows, for the filters. */
void front_keys_draw(struct front_keys *keys);
