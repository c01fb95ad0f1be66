// SPDX-License-Identifier: GPL-2.0-or-later
#include "standing.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/heap.h"
#include "base/hmap.h"

/*
 * Key:   1 (the kind), the family (4, 6), 4 or 16 bytes of the address.
 * Value: a version, the end in microseconds since 1970, eight bytes, least
 *        significant first.
 */
enum { KIND = 1, VERSION = 1, KEY_MAX = 2 + 16, VALUE_LEN = 9 };

/* Others hear of an end when it has moved by this part of the whole time. */
enum { TELL_PART = 64 };

struct known {
	struct hmap_node node;
	struct heap_node fading;	/* by the end; not in the heap: gone */
	TAILQ_ENTRY(known) change;	/* while it is dirty */
	struct ipaddr who;
	wall_t until, told;
	bool alive, dirty, saved;
};

TAILQ_HEAD(known_list, known);

struct standing {
	struct hmap by_addr;		/* owns */
	struct heap by_end;		/* borrows: those alive */
	struct known_list changed;
	size_t max;
	uint64_t evicted;
};

struct standing *standing_new(size_t max)
{
	struct standing *s = calloc(1, sizeof(*s));

	if (!s || hmap_init(&s->by_addr)) {
		free(s);
		return NULL;
	}
	TAILQ_INIT(&s->changed);
	s->max = max;
	return s;
}

void standing_free(struct standing *s)
{
	struct hmap_cursor c = { 0 };
	struct hmap_node *n;

	if (!s)
		return;
	while ((n = hmap_each(&s->by_addr, &c)))
		free(container_of(n, struct known, node));
	hmap_fini(&s->by_addr);
	heap_fini(&s->by_end);
	free(s);
}

static uint64_t hash_of(const struct standing *s, const struct ipaddr *who)
{
	return hmap_hash(&s->by_addr, who, sizeof(*who));
}

static struct known *find(const struct standing *s, const struct ipaddr *who)
{
	struct hmap_node *n = hmap_first(&s->by_addr, hash_of(s, who));

	for (; n; n = hmap_next(n)) {
		struct known *k = container_of(n, struct known, node);

		if (ipaddr_equal(&k->who, who))
			return k;
	}
	return NULL;
}

static void mark(struct standing *s, struct known *k)
{
	if (!k->dirty)
		TAILQ_INSERT_TAIL(&s->changed, k, change);
	k->dirty = true;
}

/* For good: the database has nothing of it. */
static void drop(struct standing *s, struct known *k)
{
	if (k->dirty)
		TAILQ_REMOVE(&s->changed, k, change);
	hmap_remove(&s->by_addr, &k->node);
	free(k);
}

/* If the database has it, what is left is a note to delete it there. */
static void end(struct standing *s, struct known *k)
{
	heap_remove(&s->by_end, &k->fading);
	k->alive = false;
	if (k->saved)
		mark(s, k);
	else
		drop(s, k);
}

static struct known *known_of(const struct heap_node *n)
{
	return container_of(n, struct known, fading);
}

static struct known *make(struct standing *s, const struct ipaddr *who)
{
	struct known *k = find(s, who);

	if (k)
		return k;
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->who = *who;
	hmap_insert(&s->by_addr, &k->node, hash_of(s, who));
	return k;
}

static int begin(struct standing *s, struct known *k, wall_t until)
{
	int err;

	if (s->by_end.n >= s->max) {
		s->evicted++;
		end(s, known_of(heap_top(&s->by_end)));
	}
	err = heap_insert(&s->by_end, &k->fading, (uint64_t)until.us);
	k->alive = !err;
	return err;
}

/* Known until @until, which is after 1970.  1: new; 0: before, too. */
static int set_until(struct standing *s, const struct ipaddr *who, wall_t until,
		     struct known **out)
{
	struct known *k = make(s, who);
	bool alive;
	int err = 0;

	if (!k)
		return -ENOMEM;
	alive = k->alive;
	if (alive)
		heap_move(&s->by_end, &k->fading, (uint64_t)until.us);
	else
		err = begin(s, k, until);
	if (err) {
		drop(s, k);
		return err;
	}
	k->until = until;
	*out = k;
	return !alive;
}

int standing_note(struct standing *s, const struct ipaddr *who, wall_t now, int64_t age_us)
{
	wall_t until = { now.us + age_us };
	struct known *k;
	int made = set_until(s, who, until, &k);

	if (made < 0)
		return made;
	if (!made && k->told.us + age_us / TELL_PART > until.us && k->told.us <= until.us)
		return 0;
	k->told = until;
	mark(s, k);
	return 1;
}

wall_t standing_until(const struct standing *s, const struct ipaddr *who)
{
	const struct known *k = find(s, who);

	return k && k->alive ? k->until : (wall_t){ 0 };
}

size_t standing_fade(struct standing *s, wall_t now)
{
	struct heap_node *n;
	size_t gone = 0;

	for (; (n = heap_top(&s->by_end)) && known_of(n)->until.us <= now.us; gone++)
		end(s, known_of(n));
	return gone;
}

size_t standing_count(const struct standing *s)
{
	return s->by_end.n;
}

uint64_t standing_evicted(const struct standing *s)
{
	return s->evicted;
}

void standing_each(const struct standing *s, standing_fn *fn, void *ctx)
{
	for (size_t i = 0; i < s->by_end.n; i++) {
		const struct known *k = known_of(s->by_end.nodes[i]);

		fn(ctx, &k->who, k->until);
	}
}

/* ---- the database ---------------------------------------------------------------- */

static size_t put_key(const struct ipaddr *who, uint8_t key[static KEY_MAX])
{
	size_t len = who->family == 4 ? 4 : 16;

	key[0] = KIND;
	key[1] = who->family;
	memcpy(key + 2, who->bytes, len);
	return 2 + len;
}

void standing_export(struct standing *s, standing_export_fn *fn, void *ctx)
{
	struct known *k;

	while ((k = TAILQ_FIRST(&s->changed))) {
		uint8_t key[KEY_MAX], value[VALUE_LEN] = { VERSION };
		size_t len = put_key(&k->who, key);

		TAILQ_REMOVE(&s->changed, k, change);
		k->dirty = false;
		for (int i = 0; i < 8; i++)
			value[1 + i] = (uint8_t)((uint64_t)k->until.us >> 8 * i);
		fn(ctx, key, len, k->alive ? value : NULL, k->alive ? sizeof(value) : 0);
		k->saved = k->alive;
		if (!k->alive)
			drop(s, k);
	}
}

void standing_touch(struct standing *s)
{
	for (size_t i = 0; i < s->by_end.n; i++)
		mark(s, known_of(s->by_end.nodes[i]));
}

static int get_key(const uint8_t *key, size_t len, struct ipaddr *who)
{
	*who = (struct ipaddr){ 0 };
	if (len < 2 || key[0] != KIND || (key[1] != 4 && key[1] != 6) ||
	    len != (key[1] == 4 ? 6u : 18u))
		return -EINVAL;
	who->family = key[1];
	who->prefix = key[1] == 4 ? 32 : 128;
	memcpy(who->bytes, key + 2, len - 2);
	return 0;
}

int standing_import(struct standing *s, const void *key, size_t key_len,
		    const void *value, size_t value_len)
{
	const uint8_t *v = value;
	uint64_t until = 0;
	struct ipaddr who;
	struct known *k;
	int err = get_key(key, key_len, &who);

	if (err || value_len != VALUE_LEN || v[0] != VERSION)
		return -EINVAL;
	for (int i = 0; i < 8; i++)
		until |= (uint64_t)v[1 + i] << 8 * i;
	/* Three centuries from 1970: sums and differences do not overflow. */
	if (until > INT64_MAX / 1024)
		return -EINVAL;
	err = set_until(s, &who, (wall_t){ (int64_t)until }, &k);
	if (err < 0)
		return err;
	k->told = k->until;
	k->saved = true;
	return 0;
}
