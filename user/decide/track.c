// SPDX-License-Identifier: GPL-2.0-or-later
#include "track.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hmap.h"

/*
 * The list of the changed ones lives beside the slots, one place for each, so
 * that marking a track never needs memory.
 */
struct track_chunk {
	struct track tracks[TRACK_CHUNK];
	uint32_t dirty[TRACK_CHUNK];
};

_Static_assert(sizeof(struct track) == 64, "a million tracks must stay small");

enum { FIRST_BUCKETS = 64 };

static int reset(struct track_table *t)
{
	t->buckets = calloc(FIRST_BUCKETS, sizeof(*t->buckets));
	if (!t->buckets)
		return -ENOMEM;
	t->mask = FIRST_BUCKETS - 1;
	t->free = TRACK_NONE;
	t->used = 1;
	return 0;
}

int track_table_init(struct track_table *t)
{
	*t = (struct track_table){ 0 };
	hmap_draw_seed(t->seed);
	return reset(t);
}

static void free_chunks(struct track_table *t)
{
	for (uint32_t i = 0; i < t->n_chunks; i++)
		free(t->chunks[i]);
	free(t->chunks);
	t->chunks = NULL;
	t->n_chunks = t->chunk_room = 0;
}

/* Slots of both kinds that are in the hash: live ones and notes to delete. */
static bool in_use(const struct track *k)
{
	return k->flags != 0;
}

void track_table_fini(struct track_table *t)
{
	for (uint32_t i = 1; i < t->used; i++) {
		struct track *k = track_at(t, i);

		if (in_use(k) && !k->family)
			free(k->text);
	}
	free_chunks(t);
	free(t->buckets);
	*t = (struct track_table){ 0 };
}

struct track *track_at(const struct track_table *t, uint32_t slot)
{
	return &t->chunks[slot / TRACK_CHUNK]->tracks[slot % TRACK_CHUNK];
}

static uint32_t *dirty_place(const struct track_table *t, uint32_t at)
{
	return &t->chunks[at / TRACK_CHUNK]->dirty[at % TRACK_CHUNK];
}

struct window_id track_id(const struct track *k)
{
	struct window_id id = { .addr = { .family = k->family, .prefix = k->prefix } };

	if (k->family) {
		memcpy(id.addr.bytes, k->bytes, sizeof(k->bytes));
	} else {
		id.text = k->text;
		id.len = k->len;
	}
	return id;
}

/* ---- find ----------------------------------------------------------------- */

static inline bool is_address(const struct track_known *k, const struct ipaddr *addr)
{
	return !memcmp(&k->addr, addr, sizeof(*addr));
}

static uint32_t hash_of(const struct track_table *t, const struct window_id *id)
{
	/* The whole address, prefix and family included: all of it is canonical. */
	if (id->addr.family)
		return (uint32_t)hmap_hash_addr(t->seed, &id->addr);
	return (uint32_t)hmap_hash_seeded(t->seed, id->text, id->len);
}

static uint32_t bucket_of(const struct track_table *t, const struct window_id *id)
{
	bool known = id->addr.family && t->at < t->n_known &&
		     is_address(&t->known[t->at], &id->addr);

	return (known ? t->known[t->at].hash : hash_of(t, id)) & t->mask;
}

void track_begin(struct track_table *t, const struct window_id *id)
{
	while (t->at < t->n_known && !is_address(&t->known[t->at], &id->addr))
		t->at++;
	if (t->at < t->n_known || !id->addr.family)
		return;
	t->known[0] = (struct track_known){ id->addr, hash_of(t, id) };
	t->at = 0;
	t->n_known = 1;
}

static bool is_id(const struct track *k, const struct window_id *id)
{
	if (k->family != id->addr.family)
		return false;
	if (!k->family)
		return k->len == id->len && !memcmp(k->text, id->text, id->len);
	return k->prefix == id->addr.prefix &&
	       !memcmp(k->bytes, id->addr.bytes, sizeof(k->bytes));
}

uint32_t track_find(const struct track_table *t, const struct window_id *id)
{
	uint32_t slot = t->buckets[bucket_of(t, id)];

	while (slot != TRACK_NONE && !is_id(track_at(t, slot), id))
		slot = track_at(t, slot)->chain;
	return slot;
}

/* A function that does nothing else is pure for gcc, which leaves out its calls. */
#define FETCHING static inline __attribute__((always_inline))

FETCHING void expect_neighbours(const struct track_table *t, const struct track *k)
{
	__builtin_prefetch(k->back, 1);
	if (k->older)
		__builtin_prefetch(track_at(t, k->older), 1);
	if (k->newer)
		__builtin_prefetch(track_at(t, k->newer), 1);
}

FETCHING void expect_track(const struct track_table *t, uint32_t slot)
{
	if (slot != TRACK_NONE)
		__builtin_prefetch(track_at(t, slot), 1);
}

/* Each step needs what the one before has fetched. */
void track_expect(struct track_table *t, const struct window_id *ids, size_t n)
{
	uint32_t at[TRACK_BATCH];

	t->at = 0;
	t->n_known = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		t->known[i] = (struct track_known){ ids[i].addr, hash_of(t, &ids[i]) };
		at[i] = t->known[i].hash & t->mask;
		__builtin_prefetch(&t->buckets[at[i]]);
	}
	for (size_t i = 0; i < n; i++) {
		at[i] = t->buckets[at[i]];
		expect_track(t, at[i]);
	}
	/* One in four is not the first in its bucket. */
	for (size_t i = 0; i < n; i++) {
		if (at[i] == TRACK_NONE || is_id(track_at(t, at[i]), &ids[i]))
			continue;
		at[i] = track_at(t, at[i])->chain;
		expect_track(t, at[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (at[i] != TRACK_NONE)
			expect_neighbours(t, track_at(t, at[i]));
}

static void chain_in(struct track_table *t, uint32_t slot)
{
	struct track *k = track_at(t, slot);
	struct window_id id = track_id(k);
	uint32_t *bucket = &t->buckets[bucket_of(t, &id)];

	k->chain = *bucket;
	*bucket = slot;
}

static void chain_out(struct track_table *t, uint32_t slot)
{
	struct window_id id = track_id(track_at(t, slot));
	uint32_t *p = &t->buckets[bucket_of(t, &id)];

	while (*p != slot)
		p = &track_at(t, *p)->chain;
	*p = track_at(t, slot)->chain;
}

/*
 * Double the buckets.  No hash is stored, but walking the slots in order makes
 * computing it again cheap: about 15 ms for half a million.
 */
static void grow_buckets(struct track_table *t)
{
	uint32_t mask = t->mask * 2 + 1;
	uint32_t *buckets = calloc((size_t)mask + 1, sizeof(*buckets));

	if (!buckets)
		return;		/* slower, not wrong */
	free(t->buckets);
	t->buckets = buckets;
	t->mask = mask;
	for (uint32_t slot = 1; slot < t->used; slot++)
		if (in_use(track_at(t, slot)))
			chain_in(t, slot);
}

/* ---- add and remove ------------------------------------------------------- */

static int add_chunk(struct track_table *t)
{
	uint32_t room = t->chunk_room ? t->chunk_room * 2 : 16;
	struct track_chunk **p, *chunk;

	if (t->n_chunks == t->chunk_room) {
		p = realloc(t->chunks, room * sizeof(*p));
		if (!p)
			return -ENOMEM;
		t->chunks = p;
		t->chunk_room = room;
	}
	/* Each track has one cache line to itself. */
	chunk = aligned_alloc(sizeof(struct track), sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	memset(chunk, 0, sizeof(*chunk));
	t->chunks[t->n_chunks++] = chunk;
	return 0;
}

static uint32_t take_slot(struct track_table *t)
{
	uint32_t slot = t->free;

	if (slot != TRACK_NONE) {
		t->free = track_at(t, slot)->chain;
		return slot;
	}
	if (t->used >= t->n_chunks * TRACK_CHUNK && add_chunk(t))
		return TRACK_NONE;
	return t->used++;
}

static void free_slot(struct track_table *t, uint32_t slot)
{
	struct track *k = track_at(t, slot);

	if (!k->family)
		free(k->text);
	*k = (struct track){ .chain = t->free };
	t->free = slot;
}

static int set_id(struct track *k, const struct window_id *id)
{
	k->family = id->addr.family;
	k->prefix = id->addr.prefix;
	if (k->family) {
		memcpy(k->bytes, id->addr.bytes, sizeof(k->bytes));
		return 0;
	}
	k->text = malloc(id->len + 1);
	if (!k->text)
		return -ENOMEM;
	memcpy(k->text, id->text, id->len);
	k->len = (uint32_t)id->len;
	return 0;
}

uint32_t track_add(struct track_table *t, const struct window_id *id)
{
	uint32_t slot = take_slot(t);

	if (slot == TRACK_NONE)
		return TRACK_NONE;
	*track_at(t, slot) = (struct track){ 0 };
	if (set_id(track_at(t, slot), id)) {
		free_slot(t, slot);
		return TRACK_NONE;
	}
	if (t->n > t->mask)
		grow_buckets(t);
	chain_in(t, slot);
	t->n++;
	track_mark(t, slot);
	return slot;
}

/* ---- the changed ones ----------------------------------------------------- */

void track_mark(struct track_table *t, uint32_t slot)
{
	struct track *k = track_at(t, slot);

	if (k->flags & TRACK_DIRTY)
		return;
	k->flags |= TRACK_DIRTY;
	k->dirty_at = t->dirty;
	*dirty_place(t, t->dirty++) = slot;
}

static void move_place(struct track_table *t, uint32_t from, uint32_t to)
{
	uint32_t slot = *dirty_place(t, from);

	*dirty_place(t, to) = slot;
	track_at(t, slot)->dirty_at = to;
}

/* The last frozen one takes its place, and the last one of all takes that one's. */
static void unmark(struct track_table *t, struct track *k)
{
	uint32_t hole = k->dirty_at;

	if (hole < t->frozen) {
		move_place(t, --t->frozen, hole);
		hole = t->frozen;
	}
	/* Nobody may stand behind the frozen ones: their last place is free then. */
	if (--t->dirty > hole)
		move_place(t, t->dirty, hole);
	k->flags &= (uint8_t)~TRACK_DIRTY;
}

void track_freeze(struct track_table *t)
{
	t->frozen = t->dirty;
}

bool track_is_frozen(const struct track_table *t, uint32_t slot)
{
	const struct track *k = track_at(t, slot);

	return k->flags & TRACK_DIRTY && k->dirty_at < t->frozen;
}

uint32_t track_next_frozen(const struct track_table *t)
{
	return t->frozen ? *dirty_place(t, t->frozen - 1) : TRACK_NONE;
}

static void forget(struct track_table *t, uint32_t slot)
{
	struct track *k = track_at(t, slot);

	if (k->flags & TRACK_DIRTY)
		unmark(t, k);
	chain_out(t, slot);
	free_slot(t, slot);
	t->n--;
}

void track_saved(struct track_table *t, uint32_t slot)
{
	struct track *k = track_at(t, slot);

	if (!(k->flags & TRACK_LIVE)) {
		forget(t, slot);
		return;
	}
	if (k->flags & TRACK_DIRTY)
		unmark(t, k);
	k->flags |= TRACK_SAVED;
}

/* ---- the order of suspicion ----------------------------------------------- */

static void list_out(struct track_table *t, struct track *k)
{
	*(k->older ? &track_at(t, k->older)->newer : &t->levels[k->level].oldest) = k->newer;
	*(k->newer ? &track_at(t, k->newer)->older : &t->levels[k->level].newest) = k->older;
}

void track_touch(struct track_table *t, uint32_t slot, uint32_t level)
{
	struct track *k = track_at(t, slot);
	uint32_t newest;

	if (level >= TRACK_LEVELS)
		level = TRACK_LEVELS - 1;
	if (k->flags & TRACK_LIVE)
		list_out(t, k);
	else
		t->live++;
	k->flags |= TRACK_LIVE;
	k->level = (uint8_t)level;
	newest = t->levels[level].newest;
	k->older = newest;
	k->newer = TRACK_NONE;
	*(newest ? &track_at(t, newest)->newer : &t->levels[level].oldest) = slot;
	t->levels[level].newest = slot;
}

void track_end(struct track_table *t, uint32_t slot)
{
	struct track *k = track_at(t, slot);

	if (k->flags & TRACK_LIVE) {
		list_out(t, k);
		k->flags &= (uint8_t)~TRACK_LIVE;
		t->live--;
	}
	if (k->flags & TRACK_SAVED)
		track_mark(t, slot);
	else
		forget(t, slot);
}

uint32_t track_least(const struct track_table *t, uint32_t level)
{
	for (; level < TRACK_LEVELS; level++)
		if (t->levels[level].oldest)
			return t->levels[level].oldest;
	return TRACK_NONE;
}

uint32_t track_next(const struct track_table *t, uint32_t slot)
{
	while (++slot < t->used)
		if (track_at(t, slot)->flags & TRACK_LIVE)
			return slot;
	return TRACK_NONE;
}

/* ---- memory --------------------------------------------------------------- */

void track_trim(struct track_table *t)
{
	uint32_t *old = t->buckets;

	/* A table that fits the first chunk is not worth the trouble. */
	if (t->n || t->n_chunks <= 1 || reset(t))
		return;
	free(old);
	free_chunks(t);
}

size_t track_bytes(const struct track_table *t)
{
	return t->n_chunks * sizeof(struct track_chunk) +
	       ((size_t)t->mask + 1) * sizeof(*t->buckets);
}
