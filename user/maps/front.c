// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * front - keeps the filter in front of the hash, which bpf_abi.h describes.
 * We write it where the kernel reads it, in shared memory.
 *
 * Bits of a new ban are set before the ban is written.  Bits of a lifted one
 * stay, and cost its former address a look-up, until the next comparison of all
 * bans (sync.c) has made a new filter: of every entry that it saw in the
 * hash, and of every ban written meanwhile.  So a filter that takes the place of
 * another has the bits of every ban there is, and it does not matter that the
 * kernel reads a bit of both for a moment.  No counters have to be kept, and
 * none can be wrong.
 */
#include "maps_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/log.h"

/* ---- sizes ------------------------------------------------------------------ */

#define LINE_BITS	(64ull * FRONT_WORDS)

/* Lines of the largest filter, so that every smaller size is a whole number too. */
static uint32_t lines_for(uint32_t bans)
{
	uint64_t lines = ((uint64_t)bans * FRONT_BITS + LINE_BITS - 1) / LINE_BITS;

	return (uint32_t)(lines / FRONT_LINES_MIN + 1) * FRONT_LINES_MIN;
}

/* All sizes of a filter whose largest one has @lines. */
static uint32_t all_levels(uint32_t lines)
{
	uint32_t sum = 0;

	for (int l = 0; l < FRONT_LEVELS && lines >= FRONT_LINES_MIN; l++) {
		sum += lines;
		lines /= FRONT_SHRINK;
	}
	return sum;
}

uint32_t maps_front_entries(uint32_t capacity)
{
	return all_levels(lines_for(capacity));
}

/* The largest size that a map of so many entries has room for; 0: none. */
static uint32_t largest(uint32_t entries)
{
	uint32_t lines = entries / FRONT_LINES_MIN * FRONT_LINES_MIN;

	while (lines && all_levels(lines) > entries)
		lines -= FRONT_LINES_MIN;
	return lines;
}

static uint64_t *shape_of(struct settings *s, int family)
{
	return (uint64_t *)(family ? &s->front6 : &s->front4);
}

/* ---- life ------------------------------------------------------------------- */

void front_keys_draw(struct front_keys *keys)
{
	/* Without random numbers the filter works as well, only not in secret. */
	*keys = (struct front_keys){ 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93,
				     0xff51afd7ed558ccd };
	if (getrandom(keys, sizeof(*keys), 0) != sizeof(*keys))
		log_debug("xdp: no random numbers");
	keys->low |= 1;
	keys->high |= 1;
	keys->mix |= 1;
}

void maps_front_open(struct maps *maps)
{
	maps->shared = map_memory(maps->fd[MAP_SETTINGS], sizeof(*maps->shared));
	for (int family = 0; family < 2; family++) {
		struct maps_front *f = &maps->front[family];
		size_t size = f->entries * sizeof(*f->live);

		f->lines = largest(f->entries);
		f->live = f->lines && maps->shared ?
			  map_memory(maps->fd[MAP_FRONT4 + family], size) : NULL;
	}
	if (!maps->front[0].live || !maps->front[1].live)
		log_info("xdp: this kernel does not share maps with us (before 5.5): "
			 "every frame costs a look-up");
}

void maps_front_close(struct maps *maps)
{
	maps_front_abandon(maps);
	for (int family = 0; family < 2; family++) {
		struct maps_front *f = &maps->front[family];

		if (f->live)
			munmap(f->live, f->entries * sizeof(*f->live));
	}
	if (maps->shared)
		munmap(maps->shared, sizeof(*maps->shared));
}

/* ---- bits ------------------------------------------------------------------- */

static uint64_t hash_of(const struct maps *maps, int family, const void *addr)
{
	uint64_t half[2] = { 0 };
	uint32_t whole;

	if (family) {
		memcpy(half, addr, sizeof(half));
	} else {
		memcpy(&whole, addr, sizeof(whole));
		half[0] = whole;
	}
	return front_hash(&maps->settings.keys, half[0], half[1]);
}

static void set_bits(struct front_line *lines, uint64_t shape, uint64_t hash)
{
	struct front_line *l = &lines[front_at(shape, hash)];

	for (int i = 0; i < FRONT_WORDS; i++)
		__atomic_fetch_or(&l->words[i], front_bit(hash, i), __ATOMIC_SEQ_CST);
}

static bool has_bits(const struct front_line *lines, uint64_t shape, uint64_t hash)
{
	return front_has(&lines[front_at(shape, hash)], hash);
}

static uint64_t live_shape(struct maps *maps, int family)
{
	return maps->front[family].live ? *shape_of(&maps->settings, family) : 0;
}

bool maps_front_maybe(struct maps *maps, int family, const void *addr)
{
	struct maps_front *f = &maps->front[family];
	uint64_t hash = hash_of(maps, family, addr), shape = live_shape(maps, family);

	/* The next one is of the largest size, and never too small. */
	if (f->next && f->whole)
		return has_bits(f->next, front_shape(0, f->lines), hash);
	return !shape || has_bits(f->live, shape, hash);
}

bool maps_front_add(struct maps *maps, int family, const void *addr)
{
	struct maps_front *f = &maps->front[family];
	uint64_t hash = hash_of(maps, family, addr), shape = live_shape(maps, family);
	bool had = !shape || has_bits(f->live, shape, hash);

	if (!had)
		set_bits(f->live, shape, hash);
	if (f->next) {
		set_bits(f->next, front_shape(0, f->lines), hash);
		f->n++;
	}
	if (f->target)
		set_bits(f->live, f->target, hash);
	return had;
}

bool maps_front_full(const struct maps *maps, int family)
{
	const struct maps_front *f = &maps->front[family];
	uint32_t lines = front_lines(family ? maps->settings.front6 : maps->settings.front4);

	return f->live && lines && lines < f->lines &&
	       lines * LINE_BITS < FRONT_BITS * maps->hosts[family];
}

/* ---- a new filter ----------------------------------------------------------- */

#define PORTION	(1u << 11)	/* lines put in place at once: 64 KiB */

static void forget(struct maps_front *f)
{
	free(f->next);
	f->next = NULL;
	f->target = 0;
	f->copied = 0;
}

int maps_front_begin(struct maps *maps)
{
	maps_front_abandon(maps);
	for (int family = 0; family < 2; family++) {
		struct maps_front *f = &maps->front[family];

		f->n = 0;
		f->whole = false;
		f->next = f->live ? calloc(f->lines, sizeof(*f->next)) : NULL;
		if (f->live && !f->next)
			return -ENOMEM;
	}
	return 0;
}

void maps_front_whole(struct maps *maps, int family)
{
	maps->front[family].whole = true;
}

/* The smallest size with enough bits for @n bans and a quarter more to come. */
static uint64_t shape_for(const struct maps_front *f, uint64_t n)
{
	uint32_t begin = 0, lines = f->lines;

	for (int l = 1; l < FRONT_LEVELS; l++) {
		uint32_t smaller = lines / FRONT_SHRINK;

		if (smaller < FRONT_LINES_MIN ||
		    smaller * LINE_BITS < FRONT_BITS * (n + n / 4))
			break;
		begin += lines;
		lines = smaller;
	}
	return front_shape(begin, lines);
}

/* A line of the smaller size has the bits of all lines that fall to its place. */
static void put_folded(struct maps_front *f, uint64_t shape, uint32_t at)
{
	uint32_t each = f->lines / front_lines(shape);
	struct front_line *to = &f->live[front_begin(shape) + at];

	for (int w = 0; w < FRONT_WORDS; w++) {
		uint64_t bits = 0;

		for (uint32_t i = at * each; i < (at + 1) * each; i++)
			bits |= f->next[i].words[w];
		__atomic_store_n(&to->words[w], bits, __ATOMIC_RELAXED);
	}
}

/*
 * Sizes do not overlap.  So either nobody reads where the new filter goes, or it
 * has the place of the old one, and each of its words is right by itself.
 * Whoever is banned between two portions gets his bits in both.
 */
bool maps_front_finish(struct maps *maps, int family)
{
	struct maps_front *f = &maps->front[family];
	uint32_t lines, end;

	if (!f->next)
		return true;
	if (!f->target)
		f->target = shape_for(f, f->n);
	lines = front_lines(f->target);
	end = lines - f->copied > PORTION ? f->copied + PORTION : lines;
	for (; f->copied < end; f->copied++)
		put_folded(f, f->target, f->copied);
	if (end < lines)
		return false;
	*shape_of(&maps->settings, family) = f->target;
	__atomic_store_n(shape_of(maps->shared, family), f->target, __ATOMIC_RELEASE);
	forget(f);
	return true;
}

void maps_front_abandon(struct maps *maps)
{
	for (int family = 0; family < 2; family++)
		forget(&maps->front[family]);
}
