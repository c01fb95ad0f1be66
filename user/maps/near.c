// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * near - keeps the map of neighbourhoods that banned networks touch, which
 * bpf_abi.h describes, as maps_front.c keeps the filter of single addresses: bits
 * are set before a network is written, and cleared when a comparison of all bans
 * has made a whole new map.  That of the allowlist, which is always written as a
 * whole, is made anew each time.
 */
#include "maps_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HALF_WORDS	(2 * NEAR_WORDS)	/* of the networks, or the allowlist */
#define HALF_SIZE	(HALF_WORDS * sizeof(uint64_t))
#define SIZE		(2 * HALF_SIZE)

void maps_near_open(struct maps *maps)
{
	maps->near.live = maps->shared ? map_memory(maps->fd[MAP_NEAR], SIZE) : NULL;
}

void maps_near_close(struct maps *maps)
{
	maps_near_abandon(maps);
	if (maps->near.live)
		munmap(maps->near.live, SIZE);
}

/* The neighbourhoods that @net touches, first and last. */
static void touched(const struct maps *maps, const struct ipaddr *net, uint32_t *first,
		    uint32_t *last)
{
	bool v6 = family_of(net);
	uint32_t top;

	if (net->prefix < (v6 ? NEAR_LEN6 : NEAR_LEN4)) {
		*first = v6 ? NEAR_BITS : near_at4(net->bytes);
		*last = *first + (v6 ? NEAR_BITS : NEAR_BITS >> net->prefix) - 1;
		return;
	}
	memcpy(&top, net->bytes, sizeof(top));
	*first = *last = v6 ? near_at6(&maps->settings.keys, top) : near_at4(net->bytes);
}

static bool has(const uint64_t *words, uint32_t at)
{
	return words[at / 64] >> at % 64 & 1;
}

static void set(uint64_t *words, uint32_t at)
{
	__atomic_fetch_or(&words[at / 64], 1ull << at % 64, __ATOMIC_SEQ_CST);
}

bool maps_near_add(struct maps *maps, const struct ipaddr *net)
{
	struct maps_near *n = &maps->near;
	bool in_use = n->live && maps->settings.near, had = true;
	uint32_t first, last;

	touched(maps, net, &first, &last);
	for (uint32_t at = first; at <= last; at++) {
		had = had && (!in_use || has(n->live, at));
		if (in_use)
			set(n->live, at);
		if (n->next)
			set(n->next, at);
	}
	return had;
}

int maps_near_begin(struct maps *maps)
{
	maps_near_abandon(maps);
	maps->near.next = maps->near.live ? calloc(1, HALF_SIZE) : NULL;
	return maps->near.live && !maps->near.next ? -ENOMEM : 0;
}

static void put_in_place(uint64_t *live, const uint64_t *next)
{
	for (uint32_t i = 0; i < HALF_WORDS; i++)
		__atomic_store_n(&live[i], next[i], __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static int announce(struct maps *maps, __u32 *setting)
{
	if (*setting)
		return 0;
	*setting = 1;
	return maps_settings_write(maps);
}

int maps_near_finish(struct maps *maps)
{
	struct maps_near *n = &maps->near;

	if (!n->next)
		return 0;
	put_in_place(n->live, n->next);
	maps_near_abandon(maps);
	return announce(maps, &maps->settings.near);
}

void maps_near_abandon(struct maps *maps)
{
	free(maps->near.next);
	maps->near.next = NULL;
}

/* ---- the allowlist ----------------------------------------------------------- */

/* Sets the bits of all of it in @words; gives how many entries had not all of theirs. */
static uint64_t add_allowed(const struct maps *maps, uint64_t *words)
{
	uint64_t lacked = 0;

	for (size_t i = 0; i < maps->allowed.n; i++) {
		uint32_t first, last;
		bool had = true;

		touched(maps, &maps->allowed.list[i], &first, &last);
		for (uint32_t at = first; at <= last; at++) {
			had = had && has(words, at);
			set(words, at);
		}
		lacked += !had;
	}
	return lacked;
}

uint64_t maps_near_allow(struct maps *maps)
{
	uint64_t lacked = maps->near.live ? add_allowed(maps, maps->near.live + HALF_WORDS) : 0;

	return maps->settings.near_allow ? lacked : 0;
}

int maps_near_allow_only(struct maps *maps)
{
	uint64_t *next;

	if (!maps->near.live)
		return 0;
	next = calloc(1, HALF_SIZE);
	if (!next)
		return -ENOMEM;
	add_allowed(maps, next);
	put_in_place(maps->near.live + HALF_WORDS, next);
	free(next);
	return announce(maps, &maps->settings.near_allow);
}
