// SPDX-License-Identifier: GPL-2.0-or-later
/* size - how many entries a map needs for so many bans. */
#include "maps.h"

/*
 * A full LRU map evicts 128 entries at once and does not say so.  When does it
 * count as full?  Its free entries are in one common list, from which each CPU
 * takes 128 into a list of its own whenever that is empty; when fewer than 128
 * are left there, it evicts.  So up to 128 free entries of each CPU are out of
 * reach, and so are the 128 that must stay: (CPUs + 1) * 128 entries, and one
 * for an update in flight on each CPU, since a new value gets a new entry before
 * the old one is freed.  We add twice that; and a thirty-second of the capacity
 * for entries that are there for a moment more than the store counts: ended
 * bans that nobody has cleared away yet, entries that somebody else added.
 * More (the usual advice is a quarter) would buy nothing but memory: tests/bpf/
 * lru_test.c fills a map to its capacity, churns on all CPUs and counts.
 */
static uint32_t lru_reserve(unsigned int cpus)
{
	return 256 * (cpus + 1);
}

/*
 * The hash has as many buckets as the next power of two is entries, so that just
 * below a power almost every bucket has one, and a look-up often passes another
 * entry on its way: another cache miss.  A few more entries double the buckets
 * (a million bans: 187 ns instead of 238 for a look-up that misses the caches).
 */
static uint32_t over_the_edge(uint32_t entries)
{
	uint32_t power = 1u << 31;

	while (power / 2 >= entries)
		power /= 2;
	return power - entries < entries / 32 ? power + 1 : entries;
}

uint32_t maps_lru_entries(uint32_t capacity, unsigned int cpus)
{
	uint32_t part = capacity / 32, reserve = lru_reserve(cpus);

	return over_the_edge(capacity + (part > reserve ? part : reserve));
}

uint32_t maps_lru_capacity(uint32_t entries, unsigned int cpus)
{
	uint32_t reserve = lru_reserve(cpus), part = (uint64_t)entries * 32 / 33;

	if (entries <= reserve)
		return 0;
	return part < entries - reserve ? part : entries - reserve;
}
